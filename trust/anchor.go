package trust

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrNoAnchors is returned for a Store that would believe nobody.
var ErrNoAnchors = errors.New("trust: no anchors")

// AnchorError says why a certificate cannot be an anchor.
type AnchorError struct {
	Subject string // its subject, or as much of it as could be read
	Reason  string
}

func (e *AnchorError) Error() string {
	return fmt.Sprintf("trust: %s cannot be an anchor: %s", e.Subject, e.Reason)
}

// anchor is a key that is believed, with the name it goes by. A built-in one
// has an authority and no certificate, a caller's a certificate.
type anchor struct {
	title   string
	subject name
	key     crypto.PublicKey
	keyHash hash

	authority *authority

	certificate *x509.Certificate
	hash        hash // of the certificate
	constraints *constraints
	pathLen     int // intermediates allowed below it; -1 means any number
}

func builtIn(a *authority) *anchor {
	return &anchor{title: a.title, subject: a.subject, key: a.key, keyHash: a.keyHash, authority: a}
}

// newAnchor takes a caller's certificate as an anchor.
func newAnchor(c *x509.Certificate, purpose x509.ExtKeyUsage) (*anchor, error) {
	if c == nil || len(c.Raw) == 0 {
		return nil, &AnchorError{Subject: "a certificate without content", Reason: "it was never read"}
	}
	subject, err := parseName(c.RawSubject)
	if err != nil {
		return nil, &AnchorError{Subject: "a certificate", Reason: err.Error()}
	}
	refuse := func(format string, args ...any) (*anchor, error) {
		return nil, &AnchorError{Subject: subject.String(), Reason: fmt.Sprintf(format, args...)}
	}
	limits, err := constraintsOf(c)
	switch code, facts := keyProblem(c.PublicKey); {
	case err != nil:
		return refuse("%v", err)
	case len(subject) == 0:
		return refuse("it has no subject")
	case code != "":
		return refuse("%s", Sentence(code, facts))
	}
	if limits != nil {
		if f, ok := limits.understood(); !ok {
			return refuse("%s", f.Detail)
		}
	}
	if code, facts := issuerProblem(c, purpose); code != "" {
		return refuse("%s", Sentence(code, append([]string{subject.commonName()}, facts...)))
	}
	return &anchor{
		title:       subject.commonName(),
		subject:     subject,
		key:         c.PublicKey,
		keyHash:     sha256.Sum256(c.RawSubjectPublicKeyInfo),
		certificate: c,
		hash:        sha256.Sum256(c.Raw),
		constraints: limits,
		pathLen:     pathLenOf(c),
	}, nil
}

// pathLenOf returns pathLenConstraint, -1 without one.
func pathLenOf(c *x509.Certificate) int {
	if c.MaxPathLen > 0 || c.MaxPathLenZero {
		return c.MaxPathLen
	}
	return -1
}

// issuerCritical are the critical extensions of an authority's certificate
// that this package honours. Policies are not followed along a path, so a
// critical constraint on them is one that is not understood.
var issuerCritical = []asn1.ObjectIdentifier{
	oidBasicConstraints, oidKeyUsage, oidNameConstraints, oidExtendedKeyUsage,
	oidCertificatePolicy, oidSubjectAltName, oidSubjectKeyID, oidAuthorityKeyID,
}

// issuerProblem returns why a certificate may not issue one for a purpose, as a
// code and the facts after the certificate's name; code is "" if it may.
//
// spec: RFC 5280 §6.1.4
func issuerProblem(c *x509.Certificate, purpose x509.ExtKeyUsage) (code string, facts []string) {
	switch {
	case !c.BasicConstraintsValid || !c.IsCA:
		// Version 1 has no way to say it; such certificates are refused.
		return CodePathNotCA, nil
	case extension(c, oidKeyUsage) != nil && c.KeyUsage&x509.KeyUsageCertSign == 0:
		return CodePathKeyUsage, nil
	case extension(c, oidExtendedKeyUsage) != nil &&
		!slices.Contains(c.ExtKeyUsage, purpose) && !slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageAny):
		if purpose == x509.ExtKeyUsageTimeStamping {
			return CodePathPurposeTimestamp, nil
		}
		return CodePathPurpose, nil
	}
	for _, e := range c.Extensions {
		if e.Critical && !slices.ContainsFunc(issuerCritical, e.Id.Equal) {
			return CodePathCritical, []string{e.Id.String()}
		}
	}
	return "", nil
}

// validity returns when the anchor may be used, and what of that is known of
// the certificates of the authority that came along.
func (a *anchor) validAt(at time.Time) (code string, date time.Time) {
	if a.authority == nil {
		return outside(a.certificate.NotBefore, a.certificate.NotAfter, at)
	}
	// One key in several certificates: the union of their validity. They
	// overlap, so the first beginning and the last end say it all.
	g := a.authority.generations
	last := g[0].notAfter
	for _, one := range g {
		last = later(last, one.notAfter)
	}
	return outside(g[0].notBefore, last, at)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// outside returns CodeNotYetValid or CodeExpired with the date that was
// missed, or "". Both dates belong to the validity.
func outside(notBefore, notAfter, at time.Time) (code string, date time.Time) {
	switch {
	case at.Before(notBefore):
		return CodeNotYetValid, notBefore
	case at.After(notAfter):
		return CodeExpired, notAfter
	}
	return "", time.Time{}
}
