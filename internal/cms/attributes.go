package cms

import (
	"bytes"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// attribute is what the signed attributes hold of one known type.
type attribute struct {
	oid, name string
	count     int
	at        []byte            // the first one
	value     cryptobyte.String // its single value, with header
	single    bool              // it has exactly one value
}

// readAttributes is checks C4 and C5. element is the field as it stands.
//
// spec: RFC 5652 §5.3, §11.1 to §11.3
func (s *SignedData) readAttributes(element cryptobyte.String, digest, value algorithm) *Problem {
	s.attributes = element
	var set cryptobyte.String
	in := element
	if !in.ReadASN1(&set, explicit(0)) {
		return s.malformed(element, "SignedAttributes")
	}
	if set.Empty() {
		s.blockAll(s.add(CodeEmptyAttributes, element))
		return nil
	}
	known := [...]attribute{
		{oid: oidContentType, name: "contentType"},
		{oid: oidMessageDigest, name: "messageDigest"},
		{oid: oidSigningTime, name: "signingTime"},
		{oid: oidAlgorithmProtection, name: "CMSAlgorithmProtection"},
		{oid: oidSigningCertificate, name: "signingCertificate"},
		{oid: oidSigningCertificateV2, name: "signingCertificateV2"},
	}
	sorted, ok := walkAttributes(set, known[:])
	if !ok {
		return s.malformed(element, "SignedAttributes")
	}
	if !sorted {
		s.sorted = sortedAttributes(element, set)
	}
	s.checkContentType(s.take(&known[0]))
	s.checkMessageDigest(s.take(&known[1]))
	s.checkSigningTime(s.take(&known[2]))
	s.checkProtection(s.take(&known[3]), digest, value)
	s.readReference(s.take(&known[4]), known[4].name, false)
	s.readReference(s.take(&known[5]), known[5].name, true)
	for i, required := range known[:2] {
		if required.count == 0 {
			p := s.add(CodeAttributeMissing, element, required.name)
			if i == 1 {
				s.blockDigest(p)
			}
		}
	}
	if s.profile.Reference && known[4].count+known[5].count == 0 {
		s.blockSigners(s.add(CodeReferenceMissing, element))
	}
	return nil
}

// walkAttributes reads every attribute, fills in the known ones and reports
// whether they stand in DER order.
func walkAttributes(set cryptobyte.String, known []attribute) (sorted, ok bool) {
	var last cryptobyte.String
	sorted = true
	for !set.Empty() {
		var element, seq, oid, values cryptobyte.String
		if !set.ReadASN1Element(&element, asn1.SEQUENCE) {
			return false, false
		}
		in := element
		if !in.ReadASN1(&seq, asn1.SEQUENCE) ||
			!seq.ReadASN1(&oid, asn1.OBJECT_IDENTIFIER) || !validOID(oid) ||
			!seq.ReadASN1(&values, asn1.SET) || !seq.Empty() {
			return false, false
		}
		sorted = sorted && bytes.Compare(last, element) <= 0
		last = element
		for i := range known {
			if known[i].oid == string(oid) {
				known[i].found(element, values)
			}
		}
	}
	return sorted, true
}

func (a *attribute) found(element, values cryptobyte.String) {
	if a.count++; a.count > 1 {
		return
	}
	a.at = element
	a.single = values.ReadAnyASN1Element(&a.value, nil) && values.Empty()
}

// take returns the value of an attribute that is there once with one value.
// Of two that differ neither is believed.
func (s *SignedData) take(a *attribute) cryptobyte.String {
	var p *Problem
	switch {
	case a.count > 1:
		p = s.add(CodeAttributeRepeated, a.at, a.name)
	case a.count == 1 && !a.single:
		p = s.add(CodeAttributeValues, a.at, a.name)
	default:
		return a.value
	}
	if a.oid == oidMessageDigest {
		s.blockDigest(p)
	}
	return nil
}

func (s *SignedData) checkContentType(value cryptobyte.String) {
	if value == nil {
		return
	}
	at := value
	var oid cryptobyte.String
	if !value.ReadASN1(&oid, asn1.OBJECT_IDENTIFIER) || !validOID(oid) {
		s.add(CodeAttributeMalformed, at, "contentType")
	} else if string(oid) != s.contentType {
		s.add(CodeAttributeContentType, at, dotted(oid), dotted([]byte(s.contentType)))
	}
}

func (s *SignedData) checkMessageDigest(value cryptobyte.String) {
	if value == nil {
		return
	}
	at := value
	var octets cryptobyte.String
	if !value.ReadASN1(&octets, asn1.OCTET_STRING) {
		s.blockDigest(s.add(CodeAttributeMalformed, at, "messageDigest"))
		return
	}
	s.messageDigest = octets
}

func (s *SignedData) checkSigningTime(value cryptobyte.String) {
	if value == nil {
		return
	}
	at := value
	var text cryptobyte.String
	var tag asn1.Tag
	ok := value.ReadAnyASN1(&text, &tag)
	if ok {
		s.SigningTime, ok = parseTime(tag, text)
	}
	if !ok {
		s.add(CodeSigningTime, at)
	}
}

// parseTime reads the two forms of RFC 5652 §11.3: UTCTime with seconds and
// GeneralizedTime without fractions, both in UTC and ending in Z. That a year
// before 2050 must be a UTCTime is not insisted on: the instant is the same.
func parseTime(tag asn1.Tag, text []byte) (time.Time, bool) {
	var year int
	var ok bool
	switch {
	case tag == asn1.UTCTime && len(text) == len("YYMMDDHHMMSSZ"):
		year, ok = digits(text[:2])
		if year += 2000; year >= 2050 {
			year -= 100
		}
		text = text[2:]
	case tag == asn1.GeneralizedTime && len(text) == len("YYYYMMDDHHMMSSZ"):
		year, ok = digits(text[:4])
		text = text[4:]
	}
	if !ok || text[10] != 'Z' {
		return time.Time{}, false
	}
	var field [5]int
	for i := range field {
		if field[i], ok = digits(text[2*i : 2*i+2]); !ok {
			return time.Time{}, false
		}
	}
	t := time.Date(year, time.Month(field[0]), field[1], field[2], field[3], field[4], 0, time.UTC)
	// time.Date carries over what is out of range, and then the fields differ.
	if t.Month() != time.Month(field[0]) || t.Day() != field[1] || t.Hour() != field[2] ||
		t.Minute() != field[3] || t.Second() != field[4] {
		return time.Time{}, false
	}
	return t, true
}

func digits(b []byte) (n int, ok bool) {
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// checkProtection compares CMSAlgorithmProtection with the algorithms used.
//
// spec: RFC 6211 §2
func (s *SignedData) checkProtection(value cryptobyte.String, digest, signature algorithm) {
	if value == nil {
		return
	}
	at := value
	var seq cryptobyte.String
	ok := value.ReadASN1(&seq, asn1.SEQUENCE)
	d, okDigest := readAlgorithm(&seq)
	v, okValue := readAlgorithmTagged(&seq, explicit(1))
	switch {
	case !ok, !okDigest, !okValue, !seq.Empty(), !d.same(digest), !v.same(signature):
		s.add(CodeAlgorithmProtection, at)
	}
}

// sortedAttributes writes the attributes in DER order.
//
// spec: X.690 §11.6
func sortedAttributes(element, set cryptobyte.String) []byte {
	out := bytes.Clone(element[:len(element)-len(set)])
	var parts [][]byte
	for !set.Empty() {
		var part cryptobyte.String
		if !set.ReadASN1Element(&part, asn1.SEQUENCE) {
			return nil // walkAttributes has read the same
		}
		parts = append(parts, part)
	}
	slices.SortFunc(parts, bytes.Compare)
	for _, part := range parts {
		out = append(out, part...)
	}
	return out
}

// derOrder returns the attributes in DER order, with tag [0].
func (s *SignedData) derOrder() []byte {
	if s.sorted != nil {
		return s.sorted
	}
	return s.attributes
}
