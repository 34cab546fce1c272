package revocation

import (
	"crypto"
	"errors"
	"slices"

	"golang.org/x/crypto/ocsp"

	"github.com/gopec/gopec/trust"
)

// maxSources bounds the addresses of each kind that one certificate gives.
const maxSources = 8

// Sources lists where the certificate of a verified link says that revocation
// lists (distribution points) and a status responder (authority information
// access) are to be found: URLs as they stand there, each once, at most eight of
// a kind. They are outside text; the scheme may be any. What is fetched from
// there is given to AddCRL and AddOCSP.
//
// spec: RFC 5280 §4.2.1.13, §4.2.2.1
func Sources(l trust.Link) (lists, responders []string) {
	once := func(all []string) []string {
		var out []string
		for _, s := range all {
			if len(out) < maxSources && !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
		return out
	}
	return once(l.Certificate.CRLDistributionPoints), once(l.Certificate.OCSPServer)
}

// Request returns the question for a status responder about the certificate of
// a link, in DER, with the issuer named by SHA-1 (0, what every responder knows)
// or SHA-256. It has no nonce, so that the answer can be one made beforehand.
// The error is for other hashes.
//
// spec: RFC 6960 §4.1.1, RFC 5019 §2.1
func Request(l trust.Link, h crypto.Hash) ([]byte, error) {
	switch h {
	case 0:
		h = crypto.SHA1
	case crypto.SHA1, crypto.SHA256:
	default:
		return nil, errors.New("revocation: a request names its issuer by SHA-1 or SHA-256")
	}
	bits := keyBits(l.IssuerSPKI)
	if bits == nil {
		return nil, errors.New("revocation: the link has no key of an issuer")
	}
	r := ocsp.Request{HashAlgorithm: h, IssuerNameHash: digest(h, l.IssuerName), IssuerKeyHash: digest(h, bits), SerialNumber: l.Certificate.SerialNumber}
	return r.Marshal()
}
