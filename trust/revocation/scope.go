package revocation

import (
	"bytes"
	"crypto/x509"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Extensions of lists and entries, as contents octets.
var (
	oidCRLNumber         = octets(2, 5, 29, 20)
	oidReasonCode        = octets(2, 5, 29, 21)
	oidInvalidityDate    = octets(2, 5, 29, 24)
	oidDeltaCRL          = octets(2, 5, 29, 27)
	oidIssuingPoint      = octets(2, 5, 29, 28)
	oidCertificateIssuer = octets(2, 5, 29, 29)
	oidAuthorityKeyID    = octets(2, 5, 29, 35)
	oidExpiredCertsOnCRL = octets(2, 5, 29, 60)
)

// scope is what a list says it is about, of IssuingDistributionPoint.
//
// spec: RFC 5280 §5.2.5
type scope struct {
	users, authorities, attributes, someReasons bool

	// points are the names of the distribution point, as GeneralName in DER; nil
	// without a name. relative: it has a name that is not compared.
	points   [][]byte
	relative bool
}

// readExtensions reads the extensions of a list, the last field.
func (l *list) readExtensions(seq cryptobyte.String) error {
	if seq.Empty() {
		return nil
	}
	var field, extensions cryptobyte.String
	if !seq.ReadASN1(&field, contextual(0)) || !seq.Empty() || !field.ReadASN1(&extensions, cbasn1.SEQUENCE) || !field.Empty() {
		return malformedCRL("its extensions")
	}
	ok := eachExtension(extensions, func(oid []byte, critical bool, value []byte) bool {
		switch string(oid) {
		case oidDeltaCRL:
			l.delta = true
		case oidIssuingPoint:
			return l.readScope(value)
		case oidExpiredCertsOnCRL:
			in := cryptobyte.String(value)
			return in.ReadASN1GeneralizedTime(&l.expired) && in.Empty()
		case oidCRLNumber, oidAuthorityKeyID:
			// The number orders lists of one scope; thisUpdate does that here. The
			// key is the one under which the signature verifies.
		default:
			if critical && l.critical == "" {
				l.critical = oidText(oid)
			}
		}
		return true
	})
	if !ok {
		return malformedCRL("its extensions")
	}
	return nil
}

// readScope reads IssuingDistributionPoint.
func (l *list) readScope(value cryptobyte.String) bool {
	var seq, point cryptobyte.String
	var named bool
	if !value.ReadASN1(&seq, cbasn1.SEQUENCE) || !value.Empty() || !seq.ReadOptionalASN1(&point, &named, contextual(0)) {
		return false
	}
	if named && !l.readPointName(point) {
		return false
	}
	flag := func(n uint8, v *bool) bool {
		var field cryptobyte.String
		var there bool
		if !seq.ReadOptionalASN1(&field, &there, cbasn1.Tag(n).ContextSpecific()) || there && len(field) != 1 {
			return false
		}
		*v = there && field[0] != 0
		return true
	}
	var reasons cryptobyte.String
	var indirect bool
	if !flag(1, &l.users) || !flag(2, &l.authorities) ||
		!seq.ReadOptionalASN1(&reasons, &l.someReasons, cbasn1.Tag(3).ContextSpecific()) ||
		!flag(4, &indirect) || !flag(5, &l.attributes) || !seq.Empty() {
		return false
	}
	l.indirect = l.indirect || indirect
	return true
}

func (l *list) readPointName(point cryptobyte.String) bool {
	names, relative, ok := pointNames(point)
	l.points, l.relative = names, relative
	return ok && (relative || len(names) > 0)
}

// pointNames reads the contents of a distributionPoint field.
func pointNames(point cryptobyte.String) (names [][]byte, relative, ok bool) {
	var full cryptobyte.String
	var there bool
	if !point.ReadOptionalASN1(&full, &there, contextual(0)) {
		return nil, false, false
	}
	if !there {
		return nil, true, !point.Empty()
	}
	for !full.Empty() {
		var name cryptobyte.String
		var tag cbasn1.Tag
		if !full.ReadAnyASN1Element(&name, &tag) {
			return nil, false, false
		}
		names = append(names, name)
	}
	return names, false, point.Empty()
}

// covers reports whether a certificate that is not on the list would be, if it
// were revoked; otherwise code says why it need not.
//
// spec: RFC 5280 §6.3.3 (b)
func (s *scope) covers(c *x509.Certificate) (code string) {
	switch {
	case s.attributes, s.users && c.IsCA, s.authorities && !c.IsCA:
		return CodeCRLScope
	case s.someReasons:
		return CodeCRLSomeReasons
	case s.relative:
		return CodeCRLPoint
	case len(s.points) > 0 && !s.pointOf(c):
		return CodeCRLPoint
	}
	return ""
}

// pointOf reports whether a certificate names the list's distribution point.
//
// spec: RFC 5280 §4.2.1.13, §6.3.3 (b) (2) (i)
func (s *scope) pointOf(c *x509.Certificate) bool {
	for _, e := range c.Extensions {
		if e.Id.String() != "2.5.29.31" {
			continue
		}
		in := cryptobyte.String(e.Value)
		var seq cryptobyte.String
		if !in.ReadASN1(&seq, cbasn1.SEQUENCE) {
			return false
		}
		for !seq.Empty() {
			var one, point cryptobyte.String
			var there bool
			if !seq.ReadASN1(&one, cbasn1.SEQUENCE) || !one.ReadOptionalASN1(&point, &there, contextual(0)) {
				return false
			}
			names, _, ok := pointNames(point)
			if there && ok && s.has(names) {
				return true
			}
		}
	}
	return false
}

func (s *scope) has(names [][]byte) bool {
	for _, n := range names {
		for _, p := range s.points {
			if bytes.Equal(n, p) {
				return true
			}
		}
	}
	return false
}

// readInvalidityDate reads the extension of that name.
//
// spec: RFC 5280 §5.3.2
func readInvalidityDate(value cryptobyte.String, t *time.Time) bool {
	return value.ReadASN1GeneralizedTime(t) && value.Empty()
}
