package testsign

import (
	"crypto/x509"
	"encoding/asn1"
	"slices"
	"strings"
	"unicode/utf16"
)

// Attribute is one attribute of a distinguished name.
type Attribute struct {
	OID   asn1.ObjectIdentifier
	Value string
	// Tag is the ASN.1 string type, such as asn1.TagBMPString. 0 means
	// IA5String for emailAddress, else PrintableString if that can hold the
	// value, else UTF8String.
	Tag int
}

// Name is a distinguished name, one attribute to an RDN.
type Name []Attribute

// NewName returns C=IT, O=organization, CN=commonName; an empty argument
// leaves its attribute out.
func NewName(organization, commonName string) Name {
	n := Name{{OID: OIDCountry, Value: "IT"}}
	if organization != "" {
		n = append(n, Attribute{OID: OIDOrganization, Value: organization})
	}
	if commonName != "" {
		n = append(n, Attribute{OID: OIDCommonName, Value: commonName})
	}
	return n
}

// get returns the first value of that attribute, "" without one.
func (n Name) get(id asn1.ObjectIdentifier) string {
	for _, a := range n {
		if a.OID.Equal(id) {
			return a.Value
		}
	}
	return ""
}

func (n Name) der() []byte {
	var rdns [][]byte
	for _, a := range n {
		rdns = append(rdns, set(sequence(oid(a.OID), a.value())))
	}
	return sequence(rdns...)
}

func (a Attribute) value() []byte {
	tag := a.Tag
	switch {
	case tag != 0:
	case a.OID.Equal(OIDEmailAddress):
		tag = tagIA5
	case isPrintable(a.Value):
		tag = tagPrintable
	default:
		tag = tagUTF8
	}
	if tag == tagBMP {
		var b []byte
		for _, u := range utf16.Encode([]rune(a.Value)) {
			b = append(b, byte(u>>8), byte(u))
		}
		return tlv(tagBMP, b)
	}
	return tlv(byte(tag), []byte(a.Value))
}

// isPrintable: the characters of PrintableString.
func isPrintable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		return !letter && !strings.ContainsRune(" '()+,-./:=?", r)
	})
}

// Extension is one extension of a certificate; Value is the DER inside the
// OCTET STRING.
type Extension struct {
	OID      asn1.ObjectIdentifier
	Critical bool
	Value    []byte
}

func (e Extension) der() []byte {
	if e.Critical {
		return sequence(oid(e.OID), boolean(true), octets(e.Value))
	}
	return sequence(oid(e.OID), octets(e.Value))
}

// BasicConstraints is the extension of that name.
type BasicConstraints struct {
	CA          bool
	PathLen     *int // nil: absent
	NotCritical bool
}

func (b BasicConstraints) value() []byte {
	var fields [][]byte
	if b.CA {
		fields = append(fields, boolean(true))
	}
	if b.PathLen != nil {
		fields = append(fields, smallInteger(*b.PathLen))
	}
	return sequence(fields...)
}

// Subtree is one GeneralSubtree of a name constraint: exactly one field is set.
type Subtree struct {
	Email     string // rfc822Name: mailbox, host, or .domain
	Directory Name   // directoryName
	DNS       string
	Raw       []byte // any GeneralName, as DER
}

func (s Subtree) der() []byte {
	switch {
	case s.Raw != nil:
		return sequence(s.Raw)
	case s.Directory != nil:
		return sequence(explicit(4, s.Directory.der()))
	case s.DNS != "":
		return sequence(implicit(2, []byte(s.DNS)))
	default:
		return sequence(implicit(1, []byte(s.Email)))
	}
}

// NameConstraints is the extension of that name.
type NameConstraints struct {
	Permitted, Excluded []Subtree
	Critical            bool
}

func (n NameConstraints) value() []byte {
	var fields [][]byte
	for i, list := range [][]Subtree{n.Permitted, n.Excluded} {
		var trees [][]byte
		for _, s := range list {
			trees = append(trees, s.der())
		}
		if len(trees) > 0 {
			fields = append(fields, explicit(byte(i), trees...)) // [0] and [1] IMPLICIT of a SEQUENCE OF look the same
		}
	}
	return sequence(fields...)
}

// keyUsageValue writes a named bit list, without trailing zero bits.
// spec: RFC 5280 §4.2.1.3, X.690 §11.2
func keyUsageValue(u x509.KeyUsage) []byte {
	var b [2]byte
	last := -1
	for i := range 16 {
		if u&(1<<i) != 0 {
			b[i/8] |= 0x80 >> (i % 8)
			last = i
		}
	}
	n := (last + 8) / 8
	unused := byte(n*8 - 1 - last)
	return tlv(tagBitString, []byte{unused}, b[:n])
}

func oidList(ids []asn1.ObjectIdentifier, each func(asn1.ObjectIdentifier) []byte) []byte {
	var all [][]byte
	for _, id := range ids {
		all = append(all, each(id))
	}
	return sequence(all...)
}

func containsOID(list []asn1.ObjectIdentifier, id asn1.ObjectIdentifier) bool {
	return slices.ContainsFunc(list, id.Equal)
}
