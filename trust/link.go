package trust

import (
	"bytes"
	"crypto"
	"crypto/x509"
)

// Link is one certificate of a verified path with what issued it: all that is
// needed to judge what the issuer says of the certificate later. Its signature
// has been verified under IssuerKey.
type Link struct {
	Certificate *x509.Certificate
	Issuer      string           // name of the issuer, for people
	IssuerName  []byte           // distinguished name, DER, as the certificate has it
	IssuerKey   crypto.PublicKey // its size has been looked at
	IssuerSPKI  []byte           // subjectPublicKeyInfo of IssuerKey, DER
	// IssuerCertificate is nil if the issuer is a built-in key and no
	// certificate of it that is believed came along.
	IssuerCertificate *x509.Certificate
	// BuiltIn: the anchor of the path is AgID's, not the caller's.
	BuiltIn bool
}

// links lists the certificates of a path that somebody in it, or the anchor,
// issued.
func links(p path, along *carried) []Link {
	var out []Link
	for i, n := range p.nodes {
		l := Link{Certificate: n.Certificate, IssuerName: n.RawIssuer, BuiltIn: p.anchor.authority != nil}
		switch {
		case i+1 < len(p.nodes):
			above := p.nodes[i+1]
			l.Issuer, l.IssuerCertificate = above.subject.commonName(), above.Certificate
		case p.anchor.certificate != nil && p.anchor.hash == n.hash:
			return out // the anchor itself
		default:
			l.Issuer, l.IssuerKey, l.IssuerCertificate = p.anchor.title, p.anchor.key, p.anchor.certificate
			if along != nil {
				l.IssuerCertificate = along.Certificate
			}
		}
		if l.IssuerCertificate != nil {
			l.IssuerKey, l.IssuerSPKI = l.IssuerCertificate.PublicKey, l.IssuerCertificate.RawSubjectPublicKeyInfo
		} else {
			l.IssuerSPKI, _ = x509.MarshalPKIXPublicKey(l.IssuerKey) // a built-in key always has a form
		}
		out = append(out, l)
	}
	return out
}

// EqualNames reports whether two distinguished names in DER are the same. Names
// that cannot be read equal nothing.
//
// spec: RFC 5280 §7.1
func EqualNames(a, b []byte) bool {
	x, err := parseName(a)
	if err != nil || bytes.Equal(a, b) {
		return err == nil
	}
	y, err := parseName(b)
	return err == nil && x.equal(y)
}

// NameText writes a distinguished name in DER for people: the common name, or
// all of it without one. It is outside text: make it printable before showing it.
func NameText(der []byte) string {
	n, err := parseName(der)
	if err != nil {
		return ""
	}
	return n.commonName()
}
