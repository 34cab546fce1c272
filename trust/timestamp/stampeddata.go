package timestamp

import (
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// stampedData reads what follows the content type of a TimeStampedData. The first
// token is the stamp, those after it are its renewals. A file whose evidence is of
// another kind is refused: an evidence record of RFC 4998 is a different proof.
//
// spec: RFC 5544 §2.1
func (r reader) stampedData(in cryptobyte.String) (*Stamp, error) {
	var wrapped, data, metadata, content, evidence cryptobyte.String
	var version int64
	var hasMetadata, hasContent bool
	if !in.ReadASN1(&wrapped, explicit(0)) || !in.Empty() ||
		!wrapped.ReadASN1(&data, asn1.SEQUENCE) || !wrapped.Empty() ||
		!data.ReadASN1Integer(&version) || version != 1 ||
		!data.SkipOptionalASN1(asn1.IA5String) { // dataUri: where the content may be found
		return nil, r.syntax("the time-stamped data are malformed")
	}
	if hasMetadata = data.PeekASN1Tag(asn1.SEQUENCE); hasMetadata && !data.ReadASN1Element(&metadata, asn1.SEQUENCE) {
		return nil, r.syntax("the time-stamped data are malformed")
	}
	if !data.ReadOptionalASN1(&content, &hasContent, asn1.OCTET_STRING) {
		return nil, r.syntax("the time-stamped data are malformed")
	}
	switch {
	case data.PeekASN1Tag(explicit(1)):
		return nil, r.syntax("the evidence is an evidence record of RFC 4998, which is not read here")
	case data.PeekASN1Tag(explicit(2)):
		return nil, r.syntax("the evidence is of a kind that is not read here")
	case !data.ReadASN1(&evidence, explicit(0)) || !data.Empty():
		return nil, r.syntax("the time-stamped data hold no evidence")
	}
	all, err := r.evidence(evidence)
	if err != nil {
		return nil, err
	}
	s := all[0]
	s.HasContent, s.Renewals = hasContent, all[1:]
	if hasMetadata {
		if s.Metadata = readMetadata(metadata); s.Metadata == nil {
			return nil, r.syntax("the metadata of the time-stamped data are malformed")
		}
		if s.Metadata.Protected {
			s.prefix = metadata
		}
	}
	return s, nil
}

// evidence reads the tokens of a TimeStampTokenEvidence.
func (r reader) evidence(in cryptobyte.String) (all []*Stamp, _ error) {
	for !in.Empty() {
		var element, one, token cryptobyte.String
		if len(all) == MaxEvidence {
			return nil, r.limit("evidence", MaxEvidence)
		}
		if !in.ReadASN1Element(&element, asn1.SEQUENCE) {
			return nil, r.syntax("the evidence is malformed")
		}
		inner := element
		if !inner.ReadASN1(&one, asn1.SEQUENCE) || !one.ReadASN1Element(&token, asn1.SEQUENCE) ||
			!one.SkipOptionalASN1(asn1.SEQUENCE) || !one.Empty() { // crl: not read
			return nil, r.syntax("the evidence is malformed")
		}
		s, err := r.token(token, StampedData)
		if err != nil {
			return nil, err
		}
		s.evidence = element
		all = append(all, s)
	}
	if len(all) == 0 {
		return nil, r.syntax("the time-stamped data hold no evidence")
	}
	return all, nil
}

// readMetadata returns nil for what is malformed.
//
// spec: RFC 5544 §2.1
func readMetadata(element cryptobyte.String) *Metadata {
	var seq, name, kind cryptobyte.String
	var m Metadata
	if !element.ReadASN1(&seq, asn1.SEQUENCE) || !seq.ReadASN1Boolean(&m.Protected) ||
		!seq.ReadOptionalASN1(&name, new(bool), asn1.UTF8String) ||
		!seq.ReadOptionalASN1(&kind, new(bool), asn1.IA5String) ||
		!seq.SkipOptionalASN1(asn1.SET) || !seq.Empty() { // otherMetaData
		return nil
	}
	m.FileName, m.MediaType = string(name), string(kind)
	return &m
}
