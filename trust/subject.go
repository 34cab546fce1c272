package trust

import (
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// maxNames bounds the names of one certificate that are compared with
// constraints. A PEC signer has two: its subject and its address.
const maxNames = 16

// subjectNames are the names that a certificate gives its subject, as far as
// this package judges them.
type subjectNames struct {
	subject     name
	addresses   []string // rfc822Name of subjectAltName
	directories []name   // directoryName of subjectAltName
	alternative bool     // subjectAltName is there
}

var errAlternative = errors.New("trust: malformed subjectAltName")

// namesOf reads the names of a certificate, whose subject has been read.
func namesOf(c *x509.Certificate, subject name) (n subjectNames, err error) {
	n.subject = subject
	ext := extension(c, oidSubjectAltName)
	if ext == nil {
		return n, nil
	}
	n.alternative = true
	in := cryptobyte.String(ext)
	var seq cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() {
		return n, errAlternative
	}
	for !seq.Empty() {
		var value cryptobyte.String
		var tag cbasn1.Tag
		if !seq.ReadAnyASN1(&value, &tag) {
			return n, errAlternative
		}
		switch tag {
		case tagMail:
			n.addresses = append(n.addresses, string(value))
		case tagDirectory:
			dn, err := parseName(value)
			if err != nil {
				return n, err
			}
			n.directories = append(n.directories, dn)
		}
	}
	return n, nil
}

// constrained returns the addresses to which rfc822Name constraints apply:
// those of subjectAltName, or without that extension those in the subject.
//
// spec: RFC 5280 §4.2.1.10
func (n subjectNames) constrained() []string {
	if n.alternative {
		return n.addresses
	}
	return n.subject.values(oidEmailAddress)
}

// Address returns the one rfc822Name of a certificate's subjectAltName, as it
// is written there; "" if there is not exactly one.
//
// spec: RFC 6109 §5.5.2
func Address(c *x509.Certificate) string {
	if c == nil {
		return ""
	}
	n, err := namesOf(c, nil)
	if err != nil || len(n.addresses) != 1 {
		return ""
	}
	return n.addresses[0]
}

// splitAddress cuts an address at its last "@". ok is false if one side is
// empty or the address has characters that no address has.
func splitAddress(s string) (local, host string, ok bool) {
	i := strings.LastIndexByte(s, '@')
	if i <= 0 || i == len(s)-1 {
		return "", "", false
	}
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7F {
			return "", "", false
		}
	}
	return s[:i], s[i+1:], true
}

// foldASCII is lower case for ASCII only: in addresses no other letter has a
// case, and Unicode folding would make the long s equal to s.
func foldASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + ('a' - 'A')
		}
		return r
	}, s)
}

// extension returns the value of an extension, nil if it is not there.
// crypto/x509 refuses certificates that have one twice.
func extension(c *x509.Certificate, oid asn1.ObjectIdentifier) []byte {
	for i := range c.Extensions {
		if c.Extensions[i].Id.Equal(oid) {
			return c.Extensions[i].Value
		}
	}
	return nil
}

func isCritical(c *x509.Certificate, oid asn1.ObjectIdentifier) bool {
	for i := range c.Extensions {
		if c.Extensions[i].Id.Equal(oid) {
			return c.Extensions[i].Critical
		}
	}
	return false
}

// Extensions by their object identifiers.
var (
	oidSubjectKeyID      = asn1.ObjectIdentifier{2, 5, 29, 14}
	oidKeyUsage          = asn1.ObjectIdentifier{2, 5, 29, 15}
	oidSubjectAltName    = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidBasicConstraints  = asn1.ObjectIdentifier{2, 5, 29, 19}
	oidNameConstraints   = asn1.ObjectIdentifier{2, 5, 29, 30}
	oidCertificatePolicy = asn1.ObjectIdentifier{2, 5, 29, 32}
	oidAuthorityKeyID    = asn1.ObjectIdentifier{2, 5, 29, 35}
	oidExtendedKeyUsage  = asn1.ObjectIdentifier{2, 5, 29, 37}
	oidPECSignerPolicy   = asn1.ObjectIdentifier{1, 3, 76, 16, 3, 1, 1}
	tagMail              = cbasn1.Tag(1).ContextSpecific()
	tagDirectory         = cbasn1.Tag(4).ContextSpecific().Constructed()
)
