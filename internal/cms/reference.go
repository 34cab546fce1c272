package cms

import (
	"bytes"
	"crypto"
	"crypto/fips140"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// reference is the first certificate that signingCertificate or
// signingCertificateV2 names: the signer's.
type reference struct {
	name   string // of the attribute
	at     []byte
	hash   crypto.Hash
	sum    []byte
	issuer []byte // with header; nil without issuerSerial
	serial []byte // contents
}

// readReference reads one of the two attributes. A reference that cannot be
// judged is a Problem, because it was put there to be judged.
//
// spec: RFC 2634 §5.4, RFC 5035 §3, §4
func (s *SignedData) readReference(value cryptobyte.String, name string, v2 bool) {
	if value == nil {
		return
	}
	at := value
	var seq, certificates, first cryptobyte.String
	r := reference{name: name, at: at, hash: crypto.SHA1}
	if !value.ReadASN1(&seq, asn1.SEQUENCE) || !seq.ReadASN1(&certificates, asn1.SEQUENCE) ||
		!certificates.ReadASN1(&first, asn1.SEQUENCE) ||
		!seq.SkipOptionalASN1(asn1.SEQUENCE) || !seq.Empty() { // policies: RFC 5035 §5.4.1 says nothing that binds a verifier
		s.add(CodeReferenceMalformed, at, name)
		return
	}
	if v2 {
		r.hash = crypto.SHA256
		if first.PeekASN1Tag(asn1.SEQUENCE) {
			a, ok := readAlgorithm(&first)
			if !ok {
				s.add(CodeReferenceMalformed, at, name)
				return
			}
			if r.hash = digestAlgorithms[string(a.oid)].hash; r.hash == 0 || !a.plain() {
				s.add(CodeReferenceHash, at, name, a.digestName())
				return
			}
		}
	}
	if !r.readNames(first) {
		s.add(CodeReferenceMalformed, at, name)
		return
	}
	if r.hash == crypto.SHA1 && fips140.Enforced() {
		s.blockSigners(s.add(CodeFIPSReference, at, name))
		return
	}
	s.references = append(s.references, r)
}

// readNames reads certHash and issuerSerial.
func (r *reference) readNames(in cryptobyte.String) bool {
	var sum, issuerSerial, names, wrapped, issuer, serial cryptobyte.String
	if !in.ReadASN1(&sum, asn1.OCTET_STRING) {
		return false
	}
	r.sum = sum
	if in.Empty() {
		return true
	}
	if !in.ReadASN1(&issuerSerial, asn1.SEQUENCE) || !in.Empty() ||
		!issuerSerial.ReadASN1(&names, asn1.SEQUENCE) ||
		!issuerSerial.ReadASN1(&serial, asn1.INTEGER) || !issuerSerial.Empty() {
		return false
	}
	// GeneralNames with exactly one directoryName (RFC 5035 §4).
	if !names.ReadASN1(&wrapped, explicit(4)) || !names.Empty() ||
		!wrapped.ReadASN1Element(&issuer, asn1.SEQUENCE) || !wrapped.Empty() {
		return false
	}
	r.issuer, r.serial = issuer, serial
	return true
}

// allows reports whether e is the certificate named.
func (r *reference) allows(e *bagEntry) bool {
	h := r.hash.New()
	h.Write(e.raw)
	if !bytes.Equal(h.Sum(nil), r.sum) {
		return false
	}
	return r.issuer == nil || bytes.Equal(r.serial, e.fields.serial) && sameName(r.issuer, e.fields.issuer)
}
