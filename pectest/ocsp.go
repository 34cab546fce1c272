package pectest

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	encoding "encoding/asn1"
	"fmt"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/gopec/gopec/trust/revocation"
)

// statusResponse is a response about one certificate. x/crypto/ocsp writes such,
// too, but always of the process's time and without extensions of the response.
type statusResponse struct {
	options EvidenceOptions
	serial  *big.Int
	unknown bool
	revoked *Revocation       // nil: good
	issuer  *x509.Certificate // of the certificate it is about
	signer  *authority
	along   *x509.Certificate // nil: none
}

// Object identifiers of responses.
var (
	idSHA1          = encoding.ObjectIdentifier{1, 3, 14, 3, 2, 26}
	idSHA256Digest  = encoding.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	idOCSPBasic     = encoding.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 1}
	idOCSPNonce     = encoding.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 2}
	idArchiveCutoff = encoding.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 6}
	idInvalidity    = encoding.ObjectIdentifier{2, 5, 29, 24}
	idSHA256RSA     = encoding.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}
	idSHA256ECDSA   = encoding.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
)

func field(n uint8) asn1.Tag { return asn1.Tag(n).ContextSpecific().Constructed() }

func generalizedTime(t time.Time) []byte {
	var b cryptobyte.Builder
	b.AddASN1GeneralizedTime(t.UTC())
	return b.BytesOrPanic()
}

func addExtension(b *cryptobyte.Builder, id encoding.ObjectIdentifier, value []byte) {
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(id)
		b.AddASN1OctetString(value)
	})
}

// der writes and signs it, with SHA-256.
func (s *statusResponse) der() ([]byte, error) {
	var data cryptobyte.Builder
	data.AddASN1(asn1.SEQUENCE, s.addData)
	tbs := data.BytesOrPanic()
	digest := sha256.Sum256(tbs)
	signature, err := s.signer.key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("pectest: signing a status response: %w", err)
	}
	var basic cryptobyte.Builder
	basic.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(tbs)
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			if s.signer.certificate.PublicKeyAlgorithm == x509.RSA {
				b.AddASN1ObjectIdentifier(idSHA256RSA)
				b.AddASN1NULL()
				return
			}
			b.AddASN1ObjectIdentifier(idSHA256ECDSA)
		})
		b.AddASN1BitString(signature)
		if s.along != nil {
			b.AddASN1(field(0), func(b *cryptobyte.Builder) {
				b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddBytes(s.along.Raw) })
			})
		}
	})
	var out cryptobyte.Builder
	out.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Enum(0)
		b.AddASN1(field(0), func(b *cryptobyte.Builder) {
			b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(idOCSPBasic)
				b.AddASN1OctetString(basic.BytesOrPanic())
			})
		})
	})
	return out.Bytes()
}

// addData writes the contents of ResponseData.
func (s *statusResponse) addData(b *cryptobyte.Builder) {
	b.AddASN1(field(2), func(b *cryptobyte.Builder) {
		b.AddASN1OctetString(digestOf(crypto.SHA1, spkiBits(s.signer.certificate)))
	})
	b.AddASN1GeneralizedTime(s.options.At)
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1(asn1.SEQUENCE, s.addStatus) })
	if s.options.Nonce != nil {
		b.AddASN1(field(1), func(b *cryptobyte.Builder) {
			b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
				var nonce cryptobyte.Builder
				nonce.AddASN1OctetString(s.options.Nonce)
				addExtension(b, idOCSPNonce, nonce.BytesOrPanic())
			})
		})
	}
}

// addStatus writes the contents of SingleResponse.
func (s *statusResponse) addStatus(b *cryptobyte.Builder) {
	h, id := crypto.SHA1, idSHA1
	if s.options.SHA256 {
		h, id = crypto.SHA256, idSHA256Digest
	}
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(id)
			b.AddASN1NULL()
		})
		b.AddASN1OctetString(digestOf(h, s.issuer.RawSubject))
		b.AddASN1OctetString(digestOf(h, spkiBits(s.issuer)))
		b.AddASN1BigInt(s.serial)
	})
	switch {
	case s.unknown:
		b.AddASN1(asn1.Tag(2).ContextSpecific(), func(*cryptobyte.Builder) {})
	case s.revoked == nil:
		b.AddASN1(asn1.Tag(0).ContextSpecific(), func(*cryptobyte.Builder) {})
	default:
		b.AddASN1(field(1), func(b *cryptobyte.Builder) {
			b.AddASN1GeneralizedTime(s.revoked.Time.UTC())
			if s.revoked.Reason != revocation.ReasonUnspecified {
				b.AddASN1(field(0), func(b *cryptobyte.Builder) { b.AddASN1Enum(int64(s.revoked.Reason)) })
			}
		})
	}
	b.AddASN1GeneralizedTime(s.options.At)
	b.AddASN1(field(0), func(b *cryptobyte.Builder) { b.AddASN1GeneralizedTime(s.options.At.Add(s.options.Valid)) })
	invalid := s.revoked != nil && !s.revoked.InvalidityDate.IsZero()
	if !invalid && !s.options.KeepsExpired {
		return
	}
	b.AddASN1(field(1), func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			if invalid {
				addExtension(b, idInvalidity, generalizedTime(s.revoked.InvalidityDate))
			}
			if s.options.KeepsExpired {
				addExtension(b, idArchiveCutoff, generalizedTime(s.issuer.NotBefore))
			}
		})
	})
}
