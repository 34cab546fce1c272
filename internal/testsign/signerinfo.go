package testsign

import (
	"crypto"
	"crypto/ed25519"
	"encoding/asn1"
	"slices"
)

func (s *SignerInfo) setDefaults() {
	if s.Key == nil {
		s.Key = s.By.Key
	}
	if s.Hash == 0 {
		s.Hash = crypto.SHA256
		if _, ok := s.Key.Public().(ed25519.PublicKey); ok {
			s.Hash = crypto.SHA512 // spec: RFC 8419 §3.1
		}
	}
	if s.Time.IsZero() {
		s.Time = Instant
	}
	if s.Version == 0 {
		s.Version = 1
		if s.SKI {
			s.Version = 3
		}
	}
	if s.DigestAlgorithm == nil {
		a := digestAlgorithm(s.Hash)
		s.DigestAlgorithm = &a
	}
	if s.SignatureAlgorithm == nil {
		a := signatureAlgorithm(s.Key, s.Hash, s.Scheme)
		s.SignatureAlgorithm = &a
	}
	if s.SID == nil {
		s.SID = sequence(s.By.issuerName, s.By.serial)
		if s.SKI {
			s.SID = implicit(0, s.By.keyID)
		}
	}
}

// write writes one SignerInfo. spec: RFC 5652 §5.3, §5.4
func (s *SignerInfo) write(contentType asn1.ObjectIdentifier, content []byte) []byte {
	var attributes []byte
	signed := content
	switch {
	case s.NoAttributes:
	case s.EmptyAttributes:
		attributes = explicit(0)
	default:
		onWire, underSignature := s.attributes(contentType, content)
		attributes, signed = explicit(0, onWire...), set(underSignature...)
	}
	signature := s.Signature
	if signature == nil {
		signature = signBytes(s.Key, s.Hash, s.Scheme == SchemePSS, signed)
	}
	if s.WrongSignature {
		signature = slices.Clone(signature)
		signature[len(signature)-1] ^= 1
	}
	return sequence(
		smallInteger(s.Version), s.SID, s.DigestAlgorithm.der(), attributes,
		s.SignatureAlgorithm.der(), octets(signature), s.unsigned(signature), s.Trailing,
	)
}

// attributes returns the signed attributes as they stand in the message, and
// as they are hashed.
func (s *SignerInfo) attributes(contentType asn1.ObjectIdentifier, content []byte) (onWire, underSignature [][]byte) {
	digest := s.Digest
	if digest == nil {
		h := s.Hash.New()
		h.Write(content)
		digest = h.Sum(nil)
	}
	list := []CMSAttribute{
		ContentTypeAttribute(contentType), SigningTimeAttribute(s.Time), MessageDigestAttribute(digest),
	}
	list = slices.DeleteFunc(list, func(a CMSAttribute) bool { return containsOID(s.Omit, a.OID) })
	for i, a := range list {
		for _, r := range s.Replace {
			if r.OID.Equal(a.OID) {
				list[i] = r
			}
		}
	}
	var sorted [][]byte
	for _, a := range append(list, s.Add...) {
		sorted = append(sorted, a.der())
	}
	slices.SortFunc(sorted, slices.Compare)
	reversed := slices.Clone(sorted)
	slices.Reverse(reversed)
	switch s.Order {
	case UnsortedBoth:
		return reversed, reversed
	case UnsortedWireOnly:
		return reversed, sorted
	default:
		return sorted, sorted
	}
}

// unsigned writes the unsigned attributes, nil if there are none.
func (s *SignerInfo) unsigned(signature []byte) []byte {
	list := slices.Clone(s.Unsigned)
	if id := s.CounterSignedBy; id != nil {
		counter := SignerInfo{By: id, Omit: []asn1.ObjectIdentifier{OIDContentType}} // spec: RFC 5652 §11.4
		counter.setDefaults()
		list = append(list, CMSAttribute{OIDCounterSignature, [][]byte{counter.write(OIDData, signature)}})
	}
	if id := s.TimeStampedBy; id != nil {
		list = append(list, CMSAttribute{OIDTimeStampToken, [][]byte{TimeStampToken(id, signature, s.Time)}})
	}
	if len(list) == 0 {
		return nil
	}
	var all [][]byte
	for _, a := range list {
		all = append(all, a.der())
	}
	slices.SortFunc(all, slices.Compare)
	return explicit(1, all...)
}

// StripAttributes takes the signed attributes out of a DER signature with one
// signer and returns it with the content that its signature value, untouched,
// is now a signature of: the attributes themselves. Whoever accepts it takes
// bytes for a message that the signer never signed as one.
func StripAttributes(signature []byte) (stripped, content []byte) {
	contentInfo, _ := element(signature)
	fields := elements(contentInfo.Bytes)
	signedData := elements(fields[1].Bytes)[0]
	data := elements(signedData.Bytes)
	infos := data[len(data)-1]
	info := elements(infos.Bytes)[0]
	var kept [][]byte
	for _, f := range elements(info.Bytes) {
		if f.Class == asn1.ClassContextSpecific && f.Tag == 0 && f.IsCompound {
			content = set(f.Bytes)
			continue
		}
		kept = append(kept, f.FullBytes)
	}
	var rest [][]byte
	for _, f := range data[:len(data)-1] {
		rest = append(rest, f.FullBytes)
	}
	rest = append(rest, set(sequence(kept...)))
	return sequence(fields[0].FullBytes, explicit(0, sequence(rest...))), content
}
