package revocation

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"
	"sync"
	"time"

	"github.com/gopec/gopec/internal/certsig"
	"github.com/gopec/gopec/trust"
)

// document is what lists and responses have in common.
type document struct {
	kind   Kind
	name   string
	der    []byte
	sum    [sha256.Size]byte
	signed certsig.Signed

	mu       sync.Mutex
	verified map[[sha256.Size]byte]bool // by the hash of the key
}

// maxVerified bounds the keys of which a document remembers whether its
// signature verifies under them.
const maxVerified = 64

// verifies reports whether a document is signed with a key. The outcome is
// remembered: a list can be megabytes, and is asked about for every message.
func (d *document) verifies(key crypto.PublicKey, spki []byte) bool {
	if certsig.CheckKey(key) != certsig.KeyGood {
		return false
	}
	h := sha256.Sum256(spki)
	d.mu.Lock()
	defer d.mu.Unlock()
	if ok, known := d.verified[h]; known {
		return ok
	}
	ok := d.signed.Verify(key)
	if d.verified == nil || len(d.verified) >= maxVerified {
		d.verified = make(map[[sha256.Size]byte]bool)
	}
	d.verified[h] = ok
	return ok
}

// signer is whoever signed a document.
type signer struct {
	certificate *x509.Certificate // nil: the issuer's own key
	weak        bool
	noCheck     bool // its issuer says that its own revocation need not be asked about
}

// refusal is why a document cannot be used: a code and its facts.
type refusal struct {
	code  string
	facts []string
}

func refuse(code string, facts ...string) *refusal { return &refusal{code, facts} }

// authenticateList finds out who signed a list: the issuer of the certificate,
// or a certificate of the same name that the issuer made for signing lists.
//
// spec: RFC 5280 §6.3.3 (f) and (g)
func (l *list) authenticate(k trust.Link) (*signer, *refusal) {
	if r := l.arithmetic(); r != nil {
		return nil, r
	}
	if l.verifies(k.IssuerKey, k.IssuerSPKI) {
		if c := k.IssuerCertificate; c != nil && hasKeyUsage(c) && c.KeyUsage&x509.KeyUsageCRLSign == 0 {
			return nil, refuse(CodeSignerUsage, l.name, k.Issuer)
		}
		return l.signer(nil, k.IssuerKey), nil
	}
	for _, c := range l.certificates {
		if !l.verifies(c.PublicKey, c.RawSubjectPublicKeyInfo) {
			continue
		}
		if !trust.EqualNames(c.RawSubject, l.issuer) {
			return nil, refuse(CodeSignerIssuer, l.name, k.Issuer)
		}
		if r := appointed(&l.document, c, k, l.thisUpdate); r != nil {
			return nil, r
		}
		if !hasKeyUsage(c) || c.KeyUsage&x509.KeyUsageCRLSign == 0 {
			return nil, refuse(CodeSignerUsage, l.name, c.Subject.CommonName)
		}
		return l.signer(c, c.PublicKey), nil
	}
	return nil, refuse(CodeSignature, l.name, k.Issuer)
}

// authenticate finds out who signed a response: the issuer of the certificate,
// or a responder whose certificate the issuer itself made for that.
//
// spec: RFC 6960 §4.2.2.2
func (r *response) authenticate(k trust.Link) (*signer, *refusal) {
	if f := r.arithmetic(); f != nil {
		return nil, f
	}
	if r.responder.is(k.IssuerName, k.IssuerSPKI) && r.verifies(k.IssuerKey, k.IssuerSPKI) {
		return r.signer(nil, k.IssuerKey), nil
	}
	for _, c := range r.certificates {
		if !r.responder.is(c.RawSubject, c.RawSubjectPublicKeyInfo) || !r.verifies(c.PublicKey, c.RawSubjectPublicKeyInfo) {
			continue
		}
		if bytes.Equal(c.RawSubjectPublicKeyInfo, k.IssuerSPKI) {
			return r.signer(nil, k.IssuerKey), nil // the issuer's own certificate
		}
		if f := appointed(&r.document, c, k, r.producedAt); f != nil {
			return nil, f
		}
		usage := x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
		if !slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning) || hasKeyUsage(c) && c.KeyUsage&usage == 0 {
			return nil, refuse(CodeSignerUsage, r.name, c.Subject.CommonName)
		}
		return r.signer(c, c.PublicKey), nil
	}
	return nil, refuse(CodeSignature, r.name, k.Issuer)
}

// is reports whether an identifier names somebody.
func (id responderID) is(name, spki []byte) bool {
	if id.name != nil {
		return trust.EqualNames(id.name, name)
	}
	return bytes.Equal(id.key, digest(crypto.SHA1, keyBits(spki)))
}

// arithmetic refuses signatures that are never computed.
func (d *document) arithmetic() *refusal {
	switch a := d.signed.Algorithm; a.Scheme {
	case certsig.Never, certsig.Unknown:
		return refuse(CodeAlgorithm, d.name, a.Name)
	}
	return nil
}

func (d *document) signer(c *x509.Certificate, key crypto.PublicKey) *signer {
	s := &signer{certificate: c, weak: d.signed.Algorithm.IsSHA1() || certsig.IsOldRSA(key)}
	if c == nil {
		return s
	}
	if outer, err := certsig.Read(c.Raw); err != nil || outer.Algorithm.IsSHA1() {
		s.weak = true
	}
	for _, e := range c.Extensions {
		s.noCheck = s.noCheck || e.Id.Equal(oidNoCheck)
	}
	return s
}

var (
	oidNoCheck  = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}
	oidKeyUsage = asn1.ObjectIdentifier{2, 5, 29, 15}

	// signerCritical are the critical extensions of a signer's certificate that
	// are understood: crypto/x509 reads them, and they are judged here or say
	// nothing about signing lists and responses.
	signerCritical = []asn1.ObjectIdentifier{
		oidKeyUsage, {2, 5, 29, 14}, {2, 5, 29, 17}, {2, 5, 29, 19}, {2, 5, 29, 32}, {2, 5, 29, 35}, {2, 5, 29, 37}, oidNoCheck,
	}
)

func hasKeyUsage(c *x509.Certificate) bool {
	return slices.ContainsFunc(c.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(oidKeyUsage) })
}

// appointed asks whether the issuer at hand made a signer's certificate, and
// whether it was valid when the document was made. Only the issuer itself may
// appoint one: a path over others is not followed.
func appointed(d *document, c *x509.Certificate, k trust.Link, at time.Time) *refusal {
	name := c.Subject.CommonName
	outer, err := certsig.Read(c.Raw)
	if err != nil || !trust.EqualNames(c.RawIssuer, k.IssuerName) || certsig.CheckKey(k.IssuerKey) != certsig.KeyGood || !outer.Verify(k.IssuerKey) {
		return refuse(CodeSignerIssuer, d.name, k.Issuer)
	}
	if at.Before(c.NotBefore) || at.After(c.NotAfter) {
		return refuse(CodeSignerValidity, d.name, name, stamp(c.NotBefore), stamp(c.NotAfter), stamp(at))
	}
	for _, e := range c.Extensions {
		if e.Critical && !slices.ContainsFunc(signerCritical, e.Id.Equal) {
			return refuse(CodeCritical, d.name, e.Id.String())
		}
	}
	return nil
}
