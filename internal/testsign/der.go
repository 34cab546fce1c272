package testsign

import (
	"bytes"
	"encoding/asn1"
	"math/big"
	"slices"
	"time"
)

// ASN.1 is written here octet by octet, because a library writes only what is
// right. Every function returns one whole value.

// Tags of the universal types in use.
const (
	tagBoolean     = 0x01
	tagInteger     = 0x02
	tagBitString   = 0x03
	tagOctetString = 0x04
	tagEnumerated  = 0x0a
	tagUTF8        = 0x0c
	tagPrintable   = 0x13
	tagIA5         = 0x16
	tagUTCTime     = 0x17
	tagGeneralized = 0x18
	tagBMP         = 0x1e
	tagSequence    = 0x30
	tagSet         = 0x31
	tagConstructed = 0x20
	tagContext     = 0x80 // primitive [0]
	tagExplicit    = 0xa0 // constructed [0]
)

func tlv(tag byte, contents ...[]byte) []byte {
	body := slices.Concat(contents...)
	return slices.Concat([]byte{tag}, length(len(body)), body)
}

// indefinite is tlv with the BER form of the length that has an end mark.
func indefinite(tag byte, contents ...[]byte) []byte {
	return slices.Concat([]byte{tag, 0x80}, slices.Concat(contents...), []byte{0, 0})
}

func length(n int) []byte {
	if n < 0x80 {
		return []byte{byte(n)}
	}
	b := big.NewInt(int64(n)).Bytes()
	return append([]byte{0x80 | byte(len(b))}, b...)
}

// nonMinimal rewrites the outermost length of a DER value with one leading
// zero octet.
func nonMinimal(der []byte) []byte {
	v, _ := element(der)
	b := big.NewInt(int64(len(v.Bytes))).Bytes()
	return slices.Concat([]byte{der[0], 0x80 | byte(len(b)+1), 0}, b, v.Bytes)
}

// allIndefinite rewrites a DER value with an indefinite length wherever
// something is constructed.
func allIndefinite(der []byte) []byte {
	v, rest := element(der)
	if len(rest) > 0 {
		panic("testsign: bytes after a value")
	}
	if !v.IsCompound {
		return der
	}
	var inner [][]byte
	for _, c := range elements(v.Bytes) {
		inner = append(inner, allIndefinite(c.FullBytes))
	}
	return indefinite(der[0], inner...)
}

func sequence(contents ...[]byte) []byte { return tlv(tagSequence, contents...) }

// set writes the elements in the order given; setOf sorts them as DER asks.
func set(contents ...[]byte) []byte { return tlv(tagSet, contents...) }

func setOf(contents ...[]byte) []byte {
	sorted := slices.Clone(contents)
	slices.SortFunc(sorted, bytes.Compare)
	return set(sorted...)
}

func oid(id asn1.ObjectIdentifier) []byte { return must(asn1.Marshal(id)) }

func integer(n *big.Int) []byte { return must(asn1.Marshal(n)) }

func smallInteger(n int) []byte { return integer(big.NewInt(int64(n))) }

func boolean(v bool) []byte { return must(asn1.Marshal(v)) }

func octets(b []byte) []byte { return tlv(tagOctetString, b) }

func bits(b []byte) []byte { return tlv(tagBitString, []byte{0}, b) }

func null() []byte { return []byte{0x05, 0x00} }

func explicit(n byte, contents ...[]byte) []byte { return tlv(tagExplicit|n, contents...) }

func implicit(n byte, contents ...[]byte) []byte { return tlv(tagContext|n, contents...) }

// timeValue writes UTCTime up to 2049 and GeneralizedTime after it.
// spec: RFC 5280 §4.1.2.5
func timeValue(t time.Time) []byte {
	t = t.UTC()
	if y := t.Year(); y >= 1950 && y < 2050 {
		return tlv(tagUTCTime, []byte(t.Format("060102150405Z")))
	}
	return generalizedTime(t)
}

func generalizedTime(t time.Time) []byte {
	return tlv(tagGeneralized, []byte(t.UTC().Format("20060102150405Z")))
}

// element reads the first value of b.
func element(b []byte) (v asn1.RawValue, rest []byte) {
	rest = must(asn1.Unmarshal(b, &v))
	return v, rest
}

func elements(b []byte) []asn1.RawValue {
	var all []asn1.RawValue
	for len(b) > 0 {
		var v asn1.RawValue
		v, b = element(b)
		all = append(all, v)
	}
	return all
}

func must[T any](v T, err error) T {
	if err != nil {
		panic("testsign: " + err.Error())
	}
	return v
}
