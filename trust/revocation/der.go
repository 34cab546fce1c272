package revocation

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/gopec/gopec/internal/cms"
)

// octets returns the contents octets of an object identifier.
func octets(arcs ...int) string {
	der, err := asn1.Marshal(asn1.ObjectIdentifier(arcs))
	if err != nil {
		panic(err) // only ever called with constants
	}
	return string(der[2:])
}

// oidText writes an object identifier with dots.
func oidText(oid []byte) string {
	var id asn1.ObjectIdentifier
	if len(oid) > 64 || !readOID(oid, &id) {
		return "OID"
	}
	return id.String()
}

func readOID(contents []byte, id *asn1.ObjectIdentifier) bool {
	rest, err := asn1.Unmarshal(append([]byte{6, byte(len(contents))}, contents...), id)
	return err == nil && len(rest) == 0
}

// contextual is the tag of a constructed context-specific field.
func contextual(n uint8) cbasn1.Tag { return cbasn1.Tag(n).ContextSpecific().Constructed() }

// readTime reads Time: UTCTime or GeneralizedTime.
func readTime(in *cryptobyte.String, t *time.Time) bool {
	if in.PeekASN1Tag(cbasn1.UTCTime) {
		return in.ReadASN1UTCTime(t)
	}
	return in.ReadASN1GeneralizedTime(t)
}

// maxExtensions bounds the extensions of one list, entry or response.
const maxExtensions = 32

// eachExtension reads the contents of Extensions. It is false if they are
// malformed, if one is there twice, or if use is false for one.
func eachExtension(in cryptobyte.String, use func(oid []byte, critical bool, value []byte) bool) bool {
	var seen [maxExtensions]cryptobyte.String
	for n := 0; !in.Empty(); n++ {
		var one, oid, value cryptobyte.String
		critical := false
		if n == maxExtensions || !in.ReadASN1(&one, cbasn1.SEQUENCE) || !one.ReadASN1(&oid, cbasn1.OBJECT_IDENTIFIER) {
			return false
		}
		if one.PeekASN1Tag(cbasn1.BOOLEAN) && !one.ReadASN1Boolean(&critical) {
			return false
		}
		if !one.ReadASN1(&value, cbasn1.OCTET_STRING) || !one.Empty() {
			return false
		}
		for _, s := range seen[:n] {
			if bytes.Equal(s, oid) {
				return false
			}
		}
		seen[n] = oid
		if !use(oid, critical, value) {
			return false
		}
	}
	return true
}

// shortest takes needless leading octets off the contents of an INTEGER, so that
// equal numbers have equal octets.
//
// QUIRK: old authorities write serial numbers with them.
func shortest(contents []byte) []byte {
	for len(contents) > 1 && (contents[0] == 0 && contents[1] < 0x80 || contents[0] == 0xFF && contents[1] >= 0x80) {
		contents = contents[1:]
	}
	return contents
}

// serialOf returns the shortest contents of a certificate's serial number.
func serialOf(n *big.Int) []byte {
	var b cryptobyte.Builder
	b.AddASN1BigInt(n)
	der := cryptobyte.String(b.BytesOrPanic())
	var contents cryptobyte.String
	der.ReadASN1(&contents, cbasn1.INTEGER)
	return contents
}

// keyBits returns the bits of a subjectPublicKeyInfo, nil if it is none.
func keyBits(spki []byte) []byte {
	in := cryptobyte.String(spki)
	var seq cryptobyte.String
	var bits []byte
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !seq.SkipASN1(cbasn1.SEQUENCE) || !seq.ReadASN1BitStringAsBytes(&bits) {
		return nil
	}
	return bits
}

// maxCertificate bounds a certificate that comes along, in bytes.
const maxCertificate = 64 << 10

func parseCertificate(der []byte) (*x509.Certificate, error) {
	if len(der) > maxCertificate {
		return nil, ErrMalformed
	}
	return cms.ParseCertificate(der)
}
