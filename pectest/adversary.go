package pectest

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"

	"github.com/gopec/gopec/envelope"
)

// vary gives a provider habits by chance for one message: those of the options of
// a provider, within what norm and practice allow. SHA-1 is not among them, since
// a reader may refuse it with good reason.
func (c *Circuit) vary(p *Provider) *envelope.Provider {
	chance := func() bool { return c.free.IntN(2) == 0 }
	out := p.issuer
	signer := *p.issuer.Signer
	signer.BER, signer.NoPreamble = chance(), chance()
	signer.SignatureType = c.oneOf("application/pkcs7-signature", "application/x-pkcs7-signature")
	signer.Protocol = c.oneOf("application/pkcs7-signature", "application/x-pkcs7-signature")
	if _, ok := signer.Key.Public().(*rsa.PublicKey); ok && !signer.SHA1ForTestsOfOldHabits {
		signer.Hash = crypto.SHA256
		signer.Micalg = c.oneOf("sha-256", "sha256", "SHA256")
		if c.free.IntN(4) == 0 {
			signer.Hash = crypto.SHA512
			signer.Micalg = c.oneOf("sha-512", "sha512")
		}
	}
	signer.Chain = nil
	if chance() {
		signer.Chain = []*x509.Certificate{c.authority}
	}
	out.Signer = &signer
	out.Habits.TextOnly, out.Habits.OriginalFirst, out.Habits.PlainXML = chance(), chance(), chance()
	out.Habits.GenericError, out.Habits.BriefDecoded = chance(), chance()
	out.Habits.BriefHash = crypto.SHA1
	if chance() {
		out.Habits.BriefHash = crypto.SHA256
	}
	return &out
}

func (c *Circuit) oneOf(list ...string) string { return list[c.free.IntN(len(list))] }
