package testsign_test

import (
	"crypto"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mozilla.org/pkcs7"

	"github.com/gopec/gopec/internal/testsign"
)

var content = []byte("Content-Type: text/plain\r\n\r\nProva di firma.\r\n")

// leaf returns a signer with a key of that type under the authority of the
// circuit, within its constraints.
func leaf(t testsign.KeyType) *testsign.Identity {
	return testsign.Certificate{
		KeyType: t, Subject: testsign.NewName("Gestore Uno S.p.A.", "Firmatario "+string(t)),
	}.IssuedBy(testsign.NewCircle().Root)
}

// TestGoodSignatures: what the writer says is good, other programs find good.
func TestGoodSignatures(t *testing.T) {
	t.Parallel()
	rsa := testsign.NewCircle().One
	tests := []struct {
		name     string
		id       *testsign.Identity
		data     testsign.SignedData
		openssl  bool // OpenSSL 3.0 reads the shape
		mozilla  bool // go.mozilla.org/pkcs7 reads it
		detached bool
		reason   string
	}{
		{"zero value", rsa, testsign.SignedData{}, true, true, true, "the default is the usual PEC signature"},
		{"SHA-1", rsa, testsign.SignedData{Signer: testsign.SignerInfo{Hash: crypto.SHA1}}, true, true, true, "providers signed so until 2024"},
		{"SHA-224", rsa, testsign.SignedData{Signer: testsign.SignerInfo{Hash: crypto.SHA224}}, true, false, true, "unusual, allowed"},
		{"SHA-512", rsa, testsign.SignedData{Signer: testsign.SignerInfo{Hash: crypto.SHA512}}, true, true, true, "other digests go through the same path"},
		{"sha256WithRSA", rsa, testsign.SignedData{Signer: testsign.SignerInfo{Scheme: testsign.SchemeHashRSA}}, true, true, true, "the other name of PKCS#1 v1.5"},
		{"PSS", rsa, testsign.SignedData{Signer: testsign.SignerInfo{Scheme: testsign.SchemePSS}}, true, false, true, "salt and parameters have to fit"},
		{"ECDSA", leaf(testsign.P256), testsign.SignedData{}, true, true, true, "another type of key"},
		{"ECDSA P-384", leaf(testsign.P384), testsign.SignedData{Signer: testsign.SignerInfo{Hash: crypto.SHA384}}, true, true, true, "another curve"},
		{"RSA-1024", leaf(testsign.RSA1024), testsign.SignedData{}, true, true, true, "providers' keys until 2017"},
		{"RSA-512", leaf(testsign.RSA512), testsign.SignedData{}, true, false, true, "our own arithmetic; crypto/rsa refuses so short a key"},
		{"subjectKeyIdentifier", rsa, testsign.SignedData{Signer: testsign.SignerInfo{SKI: true}}, true, false, true, "version 3 and the identifier of the extension"},
		{"BER outside", rsa, testsign.SignedData{Encoding: testsign.BEROuter}, true, true, true, "as Bouncy Castle writes"},
		{"BER everywhere", rsa, testsign.SignedData{Encoding: testsign.BERAll}, true, true, true, "the digest stays over DER"},
		{"opaque", rsa, testsign.SignedData{Opaque: true}, true, true, false, "the content is inside"},
		{"opaque BER", rsa, testsign.SignedData{Opaque: true, Encoding: testsign.BEROuter}, true, true, false, "one piece in a constructed string"},
		{"opaque in pieces", rsa, testsign.SignedData{Chunks: 3}, true, false, false, "legal BER"},
		{"algorithm protection", rsa, testsign.SignedData{Signer: testsign.SignerInfo{Add: []testsign.CMSAttribute{
			testsign.AlgorithmProtection(testsign.AlgorithmIdentifier{OID: testsign.OIDSHA256}, testsign.AlgorithmIdentifier{OID: testsign.OIDRSA, Parameters: []byte{5, 0}}),
			testsign.SMIMECapabilities(),
		}}}, true, true, true, "attributes that providers add"},
		{"unsigned attributes", rsa, testsign.SignedData{Signer: testsign.SignerInfo{
			CounterSignedBy: testsign.NewCircle().Two, TimeStampedBy: testsign.NewCircle().Two,
		}}, true, true, true, "a counter-signature and a time-stamp change nothing"},
		{"two signers", rsa, testsign.SignedData{Others: []testsign.SignerInfo{{By: testsign.NewCircle().Two}}}, true, true, true, "both verify"},
		{"CRL", rsa, testsign.SignedData{CRLs: [][]byte{testsign.NewCircle().Root.CRL(1, testsign.Instant, testsign.Instant.AddDate(0, 1, 0))}}, true, true, true, "a list of revocations travels along"},
		{"OCSP", rsa, testsign.SignedData{CRLs: [][]byte{testsign.OCSPEntry()}}, true, false, true, "another format of revocation data"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			signature := test.data.Sign(test.id, content)
			require.Equal(t, signature, test.data.Sign(test.id, content), "the writer is deterministic")
			detached := content
			if !test.detached {
				detached = nil
			}
			p, err := pkcs7.Parse(signature)
			if err == nil {
				if test.detached {
					p.Content = content
				}
				err = p.Verify()
			}
			require.Equal(t, test.mozilla, err == nil, "pkcs7: %v; %s", err, test.reason)
			shown, err := opensslCMS(t, testsign.NewCircle().Root, signature, detached)
			require.Equal(t, test.openssl, err == nil, test.reason)
			if test.openssl {
				require.Equal(t, content, shown)
			}
		})
	}
}

// TestEd25519 is apart because OpenSSL reads it only from 3.2 on, and then
// prescribes nothing that the writer does differently.
func TestEd25519(t *testing.T) {
	t.Parallel()
	id := leaf(testsign.Ed25519)
	signature := testsign.SignedData{}.Sign(id, content)
	_, err := opensslCMS(t, testsign.NewCircle().Root, signature, content)
	if err != nil {
		t.Skip("this OpenSSL does not verify Ed25519 in CMS")
	}
}

func TestStripAttributes(t *testing.T) {
	t.Parallel()
	c := testsign.NewCircle()
	stripped, attributes := testsign.StripAttributes(testsign.SignedData{}.Sign(c.One, content))
	shown, err := opensslCMS(t, c.Root, stripped, attributes)
	require.NoError(t, err, "the attack is real: OpenSSL takes the attributes for a signed message")
	require.Equal(t, attributes, shown)
	_, err = opensslCMS(t, c.Root, stripped, content)
	require.Error(t, err, "it is no longer a signature of the message")
}

// TestBadSignatures: knobs that make a signature wrong make it wrong for a
// strict reader too. The shapes that tools wrongly accept are in the matrix of
// package cms.
func TestBadSignatures(t *testing.T) {
	t.Parallel()
	c := testsign.NewCircle()
	tests := []struct {
		name   string
		data   testsign.SignedData
		reason string
	}{
		{"wrong signature", testsign.SignedData{Signer: testsign.SignerInfo{WrongSignature: true}}, "one bit differs"},
		{"wrong digest", testsign.SignedData{Signer: testsign.SignerInfo{Digest: make([]byte, 32)}}, "another content was signed"},
		{"other key", testsign.SignedData{Signer: testsign.SignerInfo{Key: c.Two.Key}}, "the certificate is of another key"},
		{"no signer", testsign.SignedData{NoSigner: true}, "nobody signed"},
		{"no certificates", testsign.SignedData{NoCertificates: true}, "nobody can tell the key"},
		{"no messageDigest", testsign.SignedData{Signer: testsign.SignerInfo{Omit: oids(testsign.OIDMessageDigest)}}, "nothing binds the content"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := opensslCMS(t, c.Root, test.data.Sign(c.One, content), content)
			require.Error(t, err, test.reason)
		})
	}
}
