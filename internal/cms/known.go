package cms

import (
	"bytes"
	"crypto/x509"

	"github.com/gopec/gopec/internal/recent"
)

// Parsing a certificate costs as much as checking a signature, and a mailbox
// has the same few again and again. Those of which somebody above has found
// that they lead to an anchor are kept: nobody can fill this memory, or push
// out of it what is in use, who cannot get certificates from an authority.
// Nothing is remembered but what the bytes say; that a certificate is kept does
// not make it valid, and every message is judged anew.
//
// known has its keys in the whole DER.
var known recent.Cache[*x509.Certificate]

// maxKnownSize bounds one certificate that is kept, in bytes; providers' have
// 2,000.
const maxKnownSize = 16 << 10

// Remember keeps certificates of a path that was verified, so that the next
// signature with the same bytes need not parse them. It is safe for concurrent
// use. A certificate that is handed out is handed out again: it must not be
// changed, as crypto/x509 asks of everybody.
func Remember(chain []*x509.Certificate) {
	for _, c := range chain {
		remember(&known, c)
	}
}

func remember(known *recent.Cache[*x509.Certificate], c *x509.Certificate) {
	if _, ok := known.Get(c.Raw); ok || len(c.Raw) > maxKnownSize {
		return
	}
	// Of bytes of its own: the certificate refers to those of its signature.
	// And parsed again, so that what is kept under these bytes is about them.
	if own, err := ParseCertificate(bytes.Clone(c.Raw)); err == nil {
		known.Put(own.Raw, own)
	}
}
