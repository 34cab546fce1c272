package cms

import (
	"bytes"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// signedAttributes writes the attributes as the SET that is signed, in DER.
//
// spec: RFC 5652 §5.3, §11.1 to §11.3
func (s *Signing) signedAttributes(digest []byte) ([]byte, error) {
	var attributes [][]byte
	var failed error
	add := func(oid string, value func(b *cryptobyte.Builder)) {
		var b cryptobyte.Builder
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			addOID(b, oid)
			b.AddASN1(asn1.SET, value)
		})
		der, err := b.Bytes()
		if err != nil && failed == nil {
			failed = err
		}
		attributes = append(attributes, der)
	}
	add(oidContentType, func(b *cryptobyte.Builder) { addOID(b, oidData) })
	add(oidSigningTime, s.addTime)
	add(oidMessageDigest, func(b *cryptobyte.Builder) { b.AddASN1OctetString(digest) })
	slices.SortFunc(attributes, bytes.Compare) // X.690 §11.6
	var b cryptobyte.Builder
	b.AddASN1(asn1.SET, func(b *cryptobyte.Builder) {
		for _, a := range attributes {
			b.AddBytes(a)
		}
	})
	if failed != nil {
		return nil, failed
	}
	return b.Bytes()
}

// addTime writes signingTime: UTCTime until 2049, GeneralizedTime after it.
//
// spec: RFC 5652 §11.3
func (s *Signing) addTime(b *cryptobyte.Builder) {
	t := s.Time.UTC()
	if t.Year() < 2050 {
		b.AddASN1UTCTime(t)
	} else {
		b.AddASN1GeneralizedTime(t)
	}
}

// signedData writes ContentInfo and SignedData.
//
// spec: RFC 5652 §3, §5.1
func (s *Signing) signedData(a signingAlgorithm, attributes, value []byte) ([]byte, error) {
	var digests, signers cryptobyte.Builder
	digests.AddASN1(asn1.SET, func(b *cryptobyte.Builder) { addAlgorithm(b, a.digest, false) })
	signers.AddASN1(asn1.SET, func(b *cryptobyte.Builder) { s.addSigner(b, a, attributes, value) })
	announced, err := digests.Bytes()
	if err != nil {
		return nil, err
	}
	infos, err := signers.Bytes()
	if err != nil {
		return nil, err
	}
	wrap := definite
	if s.BER {
		wrap = indefinite
	}
	sequence, set := byte(asn1.SEQUENCE), byte(explicit(0))
	return wrap(sequence, oidElement(oidSignedData), wrap(set, wrap(sequence,
		[]byte{2, 1, 1}, // version 1
		announced,
		wrap(sequence, s.content(wrap)...),
		wrap(set, s.certificates()...),
		infos,
	))), nil
}

// content writes EncapsulatedContentInfo, without content unless there is some.
func (s *Signing) content(wrap func(byte, ...[]byte) []byte) [][]byte {
	out := [][]byte{oidElement(oidData)}
	if s.Content != nil {
		out = append(out, wrap(byte(explicit(0)), definite(byte(asn1.OCTET_STRING), s.Content)))
	}
	return out
}

// certificates returns the signer's certificate and the others, once each and
// in the order of a SET in DER.
func (s *Signing) certificates() [][]byte {
	all := [][]byte{s.Certificate.Raw}
	for _, c := range s.Include {
		all = append(all, c.Raw)
	}
	slices.SortFunc(all, bytes.Compare)
	return slices.CompactFunc(all, bytes.Equal)
}

// addSigner writes SignerInfo. The attributes get the tag [0] in the place of
// that of a SET.
//
// spec: RFC 5652 §5.3
func (s *Signing) addSigner(b *cryptobyte.Builder, a signingAlgorithm, attributes, value []byte) {
	f, ok := readCertificateFields(s.Certificate.Raw)
	if !ok {
		b.SetError(&SigningError{Field: "Certificate", Err: errNotCertificate})
		return
	}
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddBytes(f.issuer)
			b.AddASN1(asn1.INTEGER, func(b *cryptobyte.Builder) { b.AddBytes(f.serial) })
		})
		addAlgorithm(b, a.digest, false)
		b.AddUint8(uint8(explicit(0)))
		b.AddBytes(attributes[1:])
		a.addValueAlgorithm(b, s.hash().Size())
		b.AddASN1OctetString(value)
	})
}

// addValueAlgorithm writes signatureAlgorithm. For RSA PKCS#1 v1.5 it is
// rsaEncryption, which every reader knows (RFC 3370 §3.2).
//
// spec: RFC 3370 §3.2, RFC 4055 §3.1, RFC 5754 §3.3, RFC 8419 §3.1
func (a signingAlgorithm) addValueAlgorithm(b *cryptobyte.Builder, salt int) {
	if a.scheme != schemePSS {
		addAlgorithm(b, a.value, a.scheme == schemePKCS1)
		return
	}
	hash := func(b *cryptobyte.Builder) { addAlgorithm(b, a.digest, false) }
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		addOID(b, a.value)
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			if a.digest != oidSHA1 { // a default is not written in DER
				b.AddASN1(explicit(0), hash)
				b.AddASN1(explicit(1), func(b *cryptobyte.Builder) {
					b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
						addOID(b, oidMGF1)
						hash(b)
					})
				})
			}
			if salt != 20 {
				b.AddASN1(explicit(2), func(b *cryptobyte.Builder) { b.AddASN1Int64(int64(salt)) })
			}
		})
	})
}

// addAlgorithm writes an AlgorithmIdentifier without parameters, or with NULL.
func addAlgorithm(b *cryptobyte.Builder, oid string, null bool) {
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		addOID(b, oid)
		if null {
			b.AddASN1NULL()
		}
	})
}

func addOID(b *cryptobyte.Builder, oid string) { b.AddBytes(oidElement(oid)) }

func oidElement(oid string) []byte {
	return append([]byte{byte(asn1.OBJECT_IDENTIFIER), byte(len(oid))}, oid...)
}

// definite writes an element in DER.
func definite(tag byte, contents ...[]byte) []byte {
	body := bytes.Join(contents, nil)
	out := []byte{tag}
	switch n := len(body); {
	case n < 0x80:
		out = append(out, byte(n))
	case n < 0x100:
		out = append(out, 0x81, byte(n))
	case n < 0x10000:
		out = append(out, 0x82, byte(n>>8), byte(n))
	case n < 0x1000000:
		out = append(out, 0x83, byte(n>>16), byte(n>>8), byte(n))
	default:
		// Only with content enclosed; Parse says whether it is too much.
		out = append(out, 0x84, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
	return append(out, body...)
}

// indefinite writes an element of indefinite length.
//
// spec: X.690 §8.1.3.6
func indefinite(tag byte, contents ...[]byte) []byte {
	return slices.Concat([]byte{tag, 0x80}, bytes.Join(contents, nil), []byte{0, 0})
}
