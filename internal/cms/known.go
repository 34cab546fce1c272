package cms

import (
	"bytes"
	"crypto/x509"
	"sync"
)

// Parsing a certificate costs as much as checking a signature, and a mailbox
// has the same few again and again. Those of which somebody above has found
// that they lead to an anchor are kept: nobody can fill this memory, or push
// out of it what is in use, who cannot get certificates from an authority.
// Nothing is remembered but what the bytes say; that a certificate is kept does
// not make it valid, and every message is judged anew.
const (
	maxKnown     = 256      // certificates in one of the two halves
	maxKnownSize = 16 << 10 // bytes of one; providers' have 2,000
)

// knownCertificates has two halves, so that nothing has to be ordered: what is
// found in the old one moves to the new one, and when that is full the old one
// is dropped. Keys are the whole DER.
type knownCertificates struct {
	mu       sync.Mutex
	now, old map[string]*x509.Certificate
}

var known knownCertificates

// Remember keeps certificates of a path that was verified, so that the next
// signature with the same bytes need not parse them. It is safe for concurrent
// use. A certificate that is handed out is handed out again: it must not be
// changed, as crypto/x509 asks of everybody.
func Remember(chain []*x509.Certificate) {
	for _, c := range chain {
		known.add(c)
	}
}

func (k *knownCertificates) get(der []byte) *x509.Certificate {
	k.mu.Lock()
	defer k.mu.Unlock()
	if c, ok := k.now[string(der)]; ok {
		return c
	}
	c, ok := k.old[string(der)]
	if ok {
		k.put(c)
	}
	return c
}

func (k *knownCertificates) add(c *x509.Certificate) {
	if len(c.Raw) > maxKnownSize || k.get(c.Raw) != nil {
		return
	}
	// Of bytes of its own: the certificate refers to those of its signature.
	// And parsed again, so that what is kept under these bytes is about them.
	own, err := ParseCertificate(bytes.Clone(c.Raw))
	if err != nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.put(own)
}

func (k *knownCertificates) put(c *x509.Certificate) {
	if k.now == nil || len(k.now) >= maxKnown {
		k.old, k.now = k.now, make(map[string]*x509.Certificate)
	}
	k.now[string(c.Raw)] = c
}

func (k *knownCertificates) size() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.now) + len(k.old)
}
