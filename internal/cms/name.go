package cms

import (
	"bytes"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// sameName compares two Names, with their headers, as RFC 5280 §7.1 does for
// ASCII: string types do not matter, nor case, nor how many spaces stand
// between words. It is used where a name only points to a certificate and
// nothing is believed because of it.
func sameName(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	x, y := cryptobyte.String(a), cryptobyte.String(b)
	var namesX, namesY cryptobyte.String
	if !x.ReadASN1(&namesX, asn1.SEQUENCE) || !y.ReadASN1(&namesY, asn1.SEQUENCE) {
		return false
	}
	return sameElements(namesX, namesY, asn1.SET, sameRDN)
}

// SameName is sameName, for the same use.
func SameName(a, b []byte) bool { return sameName(a, b) }

func sameRDN(a, b cryptobyte.String) bool {
	return sameElements(a, b, asn1.SEQUENCE, sameAttribute)
}

func sameAttribute(a, b cryptobyte.String) bool {
	var typeA, typeB, valueA, valueB cryptobyte.String
	var tagA, tagB asn1.Tag
	if !a.ReadASN1(&typeA, asn1.OBJECT_IDENTIFIER) || !b.ReadASN1(&typeB, asn1.OBJECT_IDENTIFIER) ||
		!bytes.Equal(typeA, typeB) ||
		!a.ReadAnyASN1(&valueA, &tagA) || !b.ReadAnyASN1(&valueB, &tagB) {
		return false
	}
	if !directoryString(tagA) || !directoryString(tagB) {
		return tagA == tagB && bytes.Equal(valueA, valueB)
	}
	return bytes.Equal(folded(valueA), folded(valueB))
}

// sameElements compares two lists of elements with the same tag, in order.
func sameElements(a, b cryptobyte.String, tag asn1.Tag, same func(a, b cryptobyte.String) bool) bool {
	for !a.Empty() && !b.Empty() {
		var x, y cryptobyte.String
		if !a.ReadASN1(&x, tag) || !b.ReadASN1(&y, tag) || !same(x, y) {
			return false
		}
	}
	return a.Empty() && b.Empty()
}

// directoryString reports the string types that hold octets of ASCII or UTF-8.
func directoryString(t asn1.Tag) bool {
	return t == asn1.PrintableString || t == asn1.UTF8String || t == asn1.IA5String || t == asn1.T61String
}

func folded(b []byte) []byte {
	return bytes.Join(bytes.Fields(bytes.ToLower(b)), []byte{' '})
}
