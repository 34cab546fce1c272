package cms

import (
	"bytes"
	"crypto/x509"
	"errors"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// ParseCertificate reads a certificate as crypto/x509 does, and also those
// that crypto/x509 refuses for their serial number (negative, or written with
// needless leading octets), which old authorities issued. Raw,
// RawTBSCertificate and SerialNumber are those of der; the certificate refers
// to der or to a copy of it.
//
// QUIRK: RFC 5280 §4.1.2.2 demands a positive number of at most 20 octets, and
// that certificates that break the rule are read all the same.
func ParseCertificate(der []byte) (*x509.Certificate, error) {
	c, err := x509.ParseCertificate(der)
	if err == nil {
		return c, nil
	}
	f, ok := readCertificateFields(der)
	if !ok || len(f.serial) == 0 || ordinary(f.serial) {
		return nil, err
	}
	// Same length, so that no length around it changes: a first octet of 1 makes
	// any number positive and shortest.
	patched := bytes.Clone(der)
	patched[cap(der)-cap(f.serial)] = 1
	c, err = x509.ParseCertificate(patched)
	if err != nil {
		return nil, err
	}
	c.Raw, c.RawTBSCertificate = der, f.tbs
	c.SerialNumber = signedInteger(f.serial)
	return c, nil
}

// ordinary reports an INTEGER that crypto/x509 reads: not negative and as
// short as DER wants it.
func ordinary(contents []byte) bool {
	return contents[0] < 0x80 && !(len(contents) > 1 && contents[0] == 0 && contents[1] < 0x80)
}

// signedInteger reads the contents of an INTEGER.
func signedInteger(contents []byte) *big.Int {
	n := new(big.Int).SetBytes(contents)
	if contents[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(contents))))
	}
	return n
}

// certificateFields are the parts of a certificate by which it is chosen,
// before it costs a full parse.
type certificateFields struct {
	tbs    []byte // with header
	serial []byte // contents
	issuer []byte // with header
	key    []byte // SubjectPublicKeyInfo, with header
}

// readCertificateFields reads them.
//
// spec: RFC 5280 §4.1
func readCertificateFields(der []byte) (f certificateFields, ok bool) {
	in := cryptobyte.String(der)
	var outer, element, tbs, serial, issuer, key cryptobyte.String
	if !in.ReadASN1(&outer, asn1.SEQUENCE) || !in.Empty() || !outer.ReadASN1Element(&element, asn1.SEQUENCE) {
		return f, false
	}
	f.tbs = element
	if !element.ReadASN1(&tbs, asn1.SEQUENCE) ||
		!tbs.SkipOptionalASN1(explicit(0)) || // version
		!tbs.ReadASN1(&serial, asn1.INTEGER) ||
		!tbs.SkipASN1(asn1.SEQUENCE) || // signature algorithm
		!tbs.ReadASN1Element(&issuer, asn1.SEQUENCE) ||
		!tbs.SkipASN1(asn1.SEQUENCE) || // validity
		!tbs.SkipASN1(asn1.SEQUENCE) || // subject
		!tbs.ReadASN1Element(&key, asn1.SEQUENCE) {
		return f, false
	}
	f.serial, f.issuer, f.key = serial, issuer, key
	return f, true
}

var errNotCertificate = errors.New("not a certificate")
