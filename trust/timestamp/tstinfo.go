package timestamp

import (
	"bytes"
	"crypto"
	"crypto/x509/pkix"
	encoding "encoding/asn1"
	"math/big"
	"strings"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// imprints are the digest algorithms that an imprint may have.
var imprints = map[string]struct {
	hash crypto.Hash
	name string
}{
	"\x2b\x0e\x03\x02\x1a":                 {crypto.SHA1, "SHA-1"},
	"\x60\x86\x48\x01\x65\x03\x04\x02\x04": {crypto.SHA224, "SHA-224"},
	"\x60\x86\x48\x01\x65\x03\x04\x02\x01": {crypto.SHA256, "SHA-256"},
	"\x60\x86\x48\x01\x65\x03\x04\x02\x02": {crypto.SHA384, "SHA-384"},
	"\x60\x86\x48\x01\x65\x03\x04\x02\x03": {crypto.SHA512, "SHA-512"},
}

func explicit(n uint8) asn1.Tag { return asn1.Tag(n).ContextSpecific().Constructed() }

// readInfo reads the TSTInfo.
//
// spec: RFC 3161 §2.4.2
func (s *Stamp) readInfo(r reader) error {
	in := cryptobyte.String(s.content)
	var seq, policy, serial, when cryptobyte.String
	var version int64
	malformed := func(what string) error { return r.syntax("the stamp's " + what + " is malformed") }
	switch {
	case !in.ReadASN1(&seq, asn1.SEQUENCE) || !in.Empty():
		return malformed("content")
	case !seq.ReadASN1Integer(&version) || version != 1:
		return r.syntax("the stamp is not of version 1")
	case !seq.ReadASN1(&policy, asn1.OBJECT_IDENTIFIER) || dotted(policy) == "malformed":
		return malformed("policy")
	case !s.readImprint(&seq):
		return malformed("imprint")
	case !seq.ReadASN1(&serial, asn1.INTEGER) || len(serial) == 0:
		return malformed("serial number")
	case len(serial) > MaxInteger:
		return r.limit("integer", MaxInteger)
	case !seq.ReadASN1(&when, asn1.GeneralizedTime):
		return malformed("time")
	}
	s.Policy = dotted(policy)
	s.Serial = integer(serial)
	var ok bool
	if s.Time, ok = parseTime(when); !ok {
		return malformed("time")
	}
	return s.readOptional(r, seq)
}

// readOptional reads what follows genTime.
func (s *Stamp) readOptional(r reader, seq cryptobyte.String) error {
	var accuracy, nonce, tsa, extensions cryptobyte.String
	var hasNonce, hasTSA, hasExtensions bool
	if !seq.ReadOptionalASN1(&accuracy, &s.AccuracyStated, asn1.SEQUENCE) || s.AccuracyStated && !s.readAccuracy(accuracy) {
		return r.syntax("the stamp's accuracy is malformed")
	}
	if seq.PeekASN1Tag(asn1.BOOLEAN) && !seq.ReadASN1Boolean(&s.Ordering) {
		return r.syntax("the stamp's ordering is malformed")
	}
	if !seq.ReadOptionalASN1(&nonce, &hasNonce, asn1.INTEGER) || hasNonce && len(nonce) == 0 {
		return r.syntax("the stamp's nonce is malformed")
	}
	if len(nonce) > MaxInteger {
		return r.limit("integer", MaxInteger)
	}
	if hasNonce {
		s.Nonce = integer(nonce)
	}
	if !seq.ReadOptionalASN1(&tsa, &hasTSA, explicit(0)) || hasTSA && !s.readTSA(tsa) {
		return r.syntax("the stamp's name of its authority is malformed")
	}
	if !seq.ReadOptionalASN1(&extensions, &hasExtensions, explicit(1)) || !s.readExtensions(extensions) || !seq.Empty() {
		return r.syntax("the stamp's extensions are malformed")
	}
	return nil
}

func (s *Stamp) readImprint(seq *cryptobyte.String) bool {
	var imprint, id, oid, digest cryptobyte.String
	if !seq.ReadASN1(&imprint, asn1.SEQUENCE) || !imprint.ReadASN1(&id, asn1.SEQUENCE) ||
		!id.ReadASN1(&oid, asn1.OBJECT_IDENTIFIER) ||
		!(id.Empty() || bytes.Equal(id, []byte{5, 0})) ||
		!imprint.ReadASN1(&digest, asn1.OCTET_STRING) || !imprint.Empty() {
		return false
	}
	a, known := imprints[string(oid)]
	if !known {
		a.name = dotted(oid)
	} else if len(digest) != a.hash.Size() {
		return false
	}
	s.Imprint = Imprint{Algorithm: a.hash, Name: a.name, Digest: digest}
	return true
}

// maxSeconds bounds a stated accuracy: 30 years, beyond which it says nothing.
const maxSeconds = 30 * 366 * 24 * 3600

// readAccuracy reads seconds, milliseconds and microseconds.
func (s *Stamp) readAccuracy(in cryptobyte.String) bool {
	var total time.Duration
	for i, unit := range []time.Duration{time.Second, time.Millisecond, time.Microsecond} {
		tag, max := asn1.INTEGER, int64(maxSeconds)
		if i > 0 {
			tag, max = asn1.Tag(i-1).ContextSpecific(), 999
		}
		var n int64
		if !in.PeekASN1Tag(tag) {
			continue
		}
		// QUIRK: RFC 3161 wants 1 to 999; OpenSSL writes a 0 that was asked for.
		if !in.ReadASN1Int64WithTag(&n, tag) || n < 0 || n > max {
			return false
		}
		total += time.Duration(n) * unit
	}
	s.Accuracy = total
	return in.Empty()
}

// readTSA reads the GeneralName of the authority.
func (s *Stamp) readTSA(in cryptobyte.String) bool {
	var value cryptobyte.String
	var tag asn1.Tag
	if !in.ReadAnyASN1(&value, &tag) || !in.Empty() {
		return false
	}
	switch tag {
	case explicit(4):
		var names pkix.RDNSequence
		if rest, err := encoding.Unmarshal(value, &names); err != nil || len(rest) > 0 {
			return false
		}
		s.tsa, s.TSA = value, names.String()
	case asn1.Tag(1).ContextSpecific(), asn1.Tag(2).ContextSpecific(), asn1.Tag(6).ContextSpecific():
		s.TSA = strings.ToValidUTF8(string(value), "\ufffd") // mail address, host name, URI
	}
	return true
}

// readExtensions looks for one that is critical: none is understood here.
func (s *Stamp) readExtensions(in cryptobyte.String) bool {
	for !in.Empty() {
		var one, oid, value cryptobyte.String
		critical := false
		if !in.ReadASN1(&one, asn1.SEQUENCE) || !one.ReadASN1(&oid, asn1.OBJECT_IDENTIFIER) ||
			one.PeekASN1Tag(asn1.BOOLEAN) && !one.ReadASN1Boolean(&critical) ||
			!one.ReadASN1(&value, asn1.OCTET_STRING) || !one.Empty() {
			return false
		}
		if critical && s.critical == "" {
			s.critical = dotted(oid)
		}
	}
	return true
}

// integer reads the contents of an INTEGER.
func integer(contents []byte) *big.Int {
	n := new(big.Int).SetBytes(contents)
	if contents[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(contents))))
	}
	return n
}

// parseTime reads a GeneralizedTime with a fraction of up to nine digits, in UTC.
//
// QUIRK: a fraction may end in zeros, which DER forbids and authorities write.
//
// spec: RFC 3161 §2.4.2
func parseTime(text []byte) (time.Time, bool) {
	const whole = "20060102150405"
	if len(text) < len(whole)+1 || text[len(text)-1] != 'Z' {
		return time.Time{}, false
	}
	fraction := text[len(whole) : len(text)-1]
	for i, c := range text[:len(text)-1] {
		if i == len(whole) {
			continue // the point, below
		}
		if c < '0' || c > '9' {
			return time.Time{}, false
		}
	}
	t, err := time.Parse(whole, string(text[:len(whole)]))
	switch {
	case err != nil || len(fraction) == 1 || len(fraction) > 10:
		return time.Time{}, false
	case len(fraction) == 0:
		return t, true
	case fraction[0] != '.':
		return time.Time{}, false
	}
	nanoseconds := 0
	for i := range 9 {
		nanoseconds *= 10
		if i+1 < len(fraction) {
			nanoseconds += int(fraction[i+1] - '0')
		}
	}
	return t.Add(time.Duration(nanoseconds)), true
}
