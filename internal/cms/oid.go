package cms

import (
	"crypto/x509"
	"encoding/asn1"
	"strconv"
)

// Object identifiers are compared as the contents octets of their DER form.
const (
	oidData       = "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01" // 1.2.840.113549.1.7.1
	oidSignedData = "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02" // 1.2.840.113549.1.7.2

	oidContentType          = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03"         // 1.2.840.113549.1.9.3
	oidMessageDigest        = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04"         // 1.2.840.113549.1.9.4
	oidSigningTime          = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x05"         // 1.2.840.113549.1.9.5
	oidAlgorithmProtection  = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x34"         // 1.2.840.113549.1.9.52
	oidSigningCertificate   = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x0c" // 1.2.840.113549.1.9.16.2.12
	oidSigningCertificateV2 = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x2f" // 1.2.840.113549.1.9.16.2.47

	oidMD2    = "\x2a\x86\x48\x86\xf7\x0d\x02\x02"     // 1.2.840.113549.2.2
	oidMD4    = "\x2a\x86\x48\x86\xf7\x0d\x02\x04"     // 1.2.840.113549.2.4
	oidMD5    = "\x2a\x86\x48\x86\xf7\x0d\x02\x05"     // 1.2.840.113549.2.5
	oidSHA1   = "\x2b\x0e\x03\x02\x1a"                 // 1.3.14.3.2.26
	oidSHA256 = "\x60\x86\x48\x01\x65\x03\x04\x02\x01" // 2.16.840.1.101.3.4.2.1
	oidSHA384 = "\x60\x86\x48\x01\x65\x03\x04\x02\x02" // 2.16.840.1.101.3.4.2.2
	oidSHA512 = "\x60\x86\x48\x01\x65\x03\x04\x02\x03" // 2.16.840.1.101.3.4.2.3
	oidSHA224 = "\x60\x86\x48\x01\x65\x03\x04\x02\x04" // 2.16.840.1.101.3.4.2.4

	oidRSA           = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01" // 1.2.840.113549.1.1.1
	oidMD2WithRSA    = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x02" // 1.2.840.113549.1.1.2
	oidMD4WithRSA    = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x03" // 1.2.840.113549.1.1.3
	oidMD5WithRSA    = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x04" // 1.2.840.113549.1.1.4
	oidSHA1WithRSA   = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05" // 1.2.840.113549.1.1.5
	oidMGF1          = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08" // 1.2.840.113549.1.1.8
	oidPSS           = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a" // 1.2.840.113549.1.1.10
	oidSHA256WithRSA = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b" // 1.2.840.113549.1.1.11
	oidSHA384WithRSA = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c" // 1.2.840.113549.1.1.12
	oidSHA512WithRSA = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d" // 1.2.840.113549.1.1.13
	oidSHA224WithRSA = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0e" // 1.2.840.113549.1.1.14

	oidECPublicKey     = "\x2a\x86\x48\xce\x3d\x02\x01"     // 1.2.840.10045.2.1
	oidECDSAWithSHA1   = "\x2a\x86\x48\xce\x3d\x04\x01"     // 1.2.840.10045.4.1
	oidECDSAWithSHA224 = "\x2a\x86\x48\xce\x3d\x04\x03\x01" // 1.2.840.10045.4.3.1
	oidECDSAWithSHA256 = "\x2a\x86\x48\xce\x3d\x04\x03\x02" // 1.2.840.10045.4.3.2
	oidECDSAWithSHA384 = "\x2a\x86\x48\xce\x3d\x04\x03\x03" // 1.2.840.10045.4.3.3
	oidECDSAWithSHA512 = "\x2a\x86\x48\xce\x3d\x04\x03\x04" // 1.2.840.10045.4.3.4
	oidEd25519         = "\x2b\x65\x70"                     // 1.3.101.112
)

// maxOID bounds an object identifier, in octets of its contents. Writing one
// in dots costs more than its length in proportion; the longest in use have
// about 20.
const maxOID = 128

// validOID reports whether b is the contents of an object identifier.
//
// spec: X.690 §8.19
func validOID(b []byte) bool {
	if len(b) == 0 || len(b) > maxOID || b[len(b)-1] >= 0x80 {
		return false
	}
	start := true
	for _, o := range b {
		if start && o == 0x80 {
			return false
		}
		start = o < 0x80
	}
	return true
}

// dotted writes the contents of an object identifier in dots.
func dotted(b []byte) string {
	var o x509.OID
	if o.UnmarshalBinary(b) != nil {
		return strconv.Quote(string(b[:min(len(b), maxOID)]))
	}
	return o.String()
}

// contentsOf returns the contents octets of an object identifier. That of the
// profiles is known already.
func contentsOf(o asn1.ObjectIdentifier) string {
	if o.Equal(idData) {
		return oidData
	}
	der, err := asn1.Marshal(o)
	if err != nil || len(der) < 2 || len(der) > 2+127 {
		return ""
	}
	return string(der[2:])
}

var (
	idData    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	idTSTInfo = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
)
