package trust

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// tlv writes a DER value; contents of at most 127 bytes.
func tlv(tag byte, contents ...string) string {
	body := strings.Join(contents, "")
	if len(body) > 127 {
		panic("long form not needed here")
	}
	return string([]byte{tag, byte(len(body))}) + body
}

func pair(oid string, tag byte, value string) string {
	return tlv(0x30, tlv(6, oid), tlv(tag, value))
}

const (
	utf8String, printableString, ia5String, t61String, bmpString, universalString = 12, 19, 22, 20, 30, 28
)

// nameCase is two names in DER, without the sequence around.
type nameCase struct {
	name   string
	a, b   string
	equal  bool
	maybe  bool // equal as far as an excluded subtree is concerned
	reason string
}

func nameCases() []nameCase {
	cn, o := oidCommonName, oidOrganization
	one := func(tag byte, value string) string { return tlv(0x31, pair(cn, tag, value)) }
	both := tlv(0x31, pair(o, utf8String, "Gestore"), pair(cn, utf8String, "Posta"))
	turned := tlv(0x31, pair(cn, utf8String, "Posta"), pair(o, utf8String, "Gestore"))
	return []nameCase{
		{"same", one(utf8String, "Posta"), one(utf8String, "Posta"), true, true, "bytes"},
		{"two encodings", one(utf8String, "Posta"), one(printableString, "Posta"), true, true, "RFC 5280 §7.1"},
		{"UniversalString", one(universalString, "\x00\x00\x00P\x00\x00\x00C"), one(utf8String, "PC"), true, true, "four bytes to a letter"},
		{"BMPString", one(bmpString, "\x00P\x00C"), one(utf8String, "pc"), true, true, "two bytes to a letter"},
		{"IA5String", one(ia5String, "Posta"), one(utf8String, "POSTA"), true, true, "case is folded"},
		{"Kelvin sign", one(utf8String, "\u212Am"), one(utf8String, "km"), true, true, "case folding reaches ASCII from outside"},
		{"no-break space", one(utf8String, "a\u00a0b"), one(utf8String, "a b"), true, true, "RFC 4518 §2.2 maps it to space"},
		{"outer spaces", one(utf8String, "  a b "), one(utf8String, "a  b"), true, true, "RFC 4518 §2.6.1"},
		{"only spaces", one(utf8String, "   "), one(utf8String, ""), true, true, "nothing is left"},
		{"soft hyphen", one(utf8String, "po\u00adsta"), one(utf8String, "posta"), true, true, "RFC 4518 §2.2 takes it out"},
		{"set in any order", both, turned, true, true, "a set has none"},
		{"set against sequence", both, tlv(0x31, pair(o, utf8String, "Gestore")) + tlv(0x31, pair(cn, utf8String, "Posta")), false, false, "one name of two parts is not two"},
		{"one more value", both, tlv(0x31, pair(cn, utf8String, "Posta")), false, false, "sets are compared whole"},
		{"other type", one(utf8String, "Posta"), tlv(0x31, pair(o, utf8String, "Posta")), false, false, "O is not CN"},
		{"other text", one(utf8String, "Posta"), one(utf8String, "Poste"), false, false, "another letter"},
		{"composed", one(utf8String, "citt\u00e0"), one(utf8String, "citta\u0300"), false, true, "nobody composes here, so exclusion is careful"},
		{"full width", one(utf8String, "\uff30osta"), one(utf8String, "Posta"), false, true, "a compatibility letter"},
		{"ill-formed UTF-8", one(utf8String, "Post\xff"), one(utf8String, "Posta"), false, true, "what cannot be read could be anything"},
		{"ill-formed BMPString", one(bmpString, "\x00"), one(utf8String, "Posta"), false, true, "what cannot be read could be anything"},
		{"ill-formed, same", one(utf8String, "\xff"), one(utf8String, "\xff"), true, true, "the same bytes"},
		{"text that spells DER", one(utf8String, "\xff"), one(utf8String, "\x0c\x01\xff"), false, false, "raw and text are never mixed up"},
		{"text that spells a sequence", one(0x30, strings.Repeat("a", 32)), one(utf8String, "0 "+strings.Repeat("a", 32)), false, true, "raw and text are never mixed up"},
		{"bit string", one(3, "\x00a"), one(3, "\x00a"), true, true, "other types by their bytes"},
		{"other bit string", one(3, "\x00a"), one(3, "\x00A"), false, false, "other types by their bytes"},
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for _, tt := range nameCases() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a, err := parseName([]byte(tlv(0x30, tt.a)))
			require.NoError(t, err)
			b, err := parseName([]byte(tlv(0x30, tt.b)))
			require.NoError(t, err)
			require.Equal(t, tt.equal, a.equal(b), tt.reason)
			require.Equal(t, tt.equal, b.equal(a), "both ways")
			require.Equal(t, tt.maybe, a.mayBeWithin(b), tt.reason)
			require.Equal(t, tt.maybe, b.mayBeWithin(a), "both ways")
		})
	}
}

func TestNameWithin(t *testing.T) {
	t.Parallel()
	short := newName(oidCountry, "IT", oidOrganization, "Gestore")
	long := newName(oidCountry, "it", oidOrganization, "gestore", oidCommonName, "Posta")
	require.True(t, long.within(short))
	require.False(t, short.within(long))
	require.False(t, long.equal(short), "a name is not the one above it")
	require.False(t, short.equal(long))
	require.True(t, long.within(nil), "every name begins with nothing")
}

// malformedNames are no names, by what is wrong.
var malformedNames = map[string]string{
	"empty input":         "",
	"not a sequence":      tlv(0x31),
	"bytes behind":        tlv(0x30) + "\x00",
	"sequence inside":     tlv(0x30, tlv(0x30)),
	"empty set":           tlv(0x30, tlv(0x31)),
	"value missing":       tlv(0x30, tlv(0x31, tlv(0x30, tlv(6, oidCommonName)))),
	"value doubled":       tlv(0x30, tlv(0x31, tlv(0x30, tlv(6, oidCommonName), tlv(12, "a"), tlv(12, "b")))),
	"type is no OID":      tlv(0x30, tlv(0x31, tlv(0x30, tlv(12, "a"), tlv(12, "b")))),
	"length past the end": "\x30\x05\x31",
}

func TestMalformedNames(t *testing.T) {
	t.Parallel()
	for name, in := range malformedNames {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := parseName([]byte(in))
			require.ErrorIs(t, err, errName)
		})
	}
}

func TestNameIsShownShort(t *testing.T) {
	t.Parallel()
	n := newName(oidCountry, "IT", octets(2, 5, 4, 97), "VATIT-1", oidCommonName, strings.Repeat("à", 1000))
	require.LessOrEqual(t, len(n.String()), maxShown+len("…"))
	require.True(t, strings.HasPrefix(n.String(), "CN=àà"))
	require.Equal(t, "2.5.4.97=VATIT-1, C=IT", n[:2].String())
	two := rdn{{oid: oidCommonName, shown: "a"}, {oid: oidOrganization, shown: "b"}}
	require.Equal(t, "CN=a+O=b", name{two}.String())
	require.Equal(t, "OID", shortName(strings.Repeat("\x88", 65)))
	require.Equal(t, "OID", shortName("\x88"))
}

// A name of many small parts costs time in proportion to its length.
func TestLongNameIsCheap(t *testing.T) { // not parallel: it counts allocations
	n := make(name, 20_000)
	for i := range n {
		n[i] = rdn{{oid: oidOrganization, shown: "a", value: "a", text: true}}
	}
	require.LessOrEqual(t, testing.AllocsPerRun(1, func() { _ = n.String() }), 20.0)
}

// FuzzNames: names compare in both directions, what is the same may be within what is
// excluded, and a name is shown short.
func FuzzNames(f *testing.F) {
	for _, tt := range nameCases() {
		f.Add([]byte(tlv(0x30, tt.a)), []byte(tlv(0x30, tt.b)))
	}
	for _, in := range malformedNames {
		f.Add([]byte(in), []byte(tlv(0x30)))
	}
	long := newName(oidCountry, "IT", octets(2, 5, 4, 97), "VATIT-1", oidOrganization, "Gestore")
	var b []byte
	for _, r := range long {
		b = append(b, tlv(0x31, pair(r[0].oid, utf8String, r[0].shown))...)
	}
	f.Add([]byte(tlv(0x30, string(b))), []byte(tlv(0x30, string(b[:len(b)-5]))))
	for _, last := range []string{"x", "xy"} { // shown in more bytes than are shown, cut inside a letter
		parts := strings.Repeat(tlv(0x31, pair(oidOrganization, t61String, strings.Repeat("\xe0", 90))), 3) + tlv(0x31, pair(oidOrganization, utf8String, last))
		f.Add([]byte("\x30\x82\x01"+string([]byte{byte(len(parts) - 256)})+parts), []byte(tlv(0x30, tlv(0x31, pair("\x88", utf8String, "x")))))
	}
	f.Add([]byte(tlv(0x30, tlv(0x31, pair(strings.Repeat("\x88", 65), utf8String, "x")))), []byte(tlv(0x30)))
	f.Fuzz(func(t *testing.T, left, right []byte) {
		a, err := parseName(left)
		b, other := parseName(right)
		for _, e := range []error{err, other} {
			require.True(t, e == nil || e == errName)
		}
		if err != nil {
			require.Nil(t, a)
			require.Empty(t, NameText(left))
			require.False(t, EqualNames(left, left))
			return
		}
		for _, n := range []name{a, b} {
			require.LessOrEqual(t, len(n.String()), maxShown+len("…"))
		}
		require.Equal(t, a.commonName(), NameText(left))
		require.True(t, a.equal(a) && a.within(nil) && a.mayBeWithin(a))
		if other != nil {
			require.False(t, EqualNames(left, right))
			return
		}
		equal := a.equal(b)
		require.Equal(t, equal, b.equal(a))
		require.Equal(t, equal, EqualNames(left, right))
		require.Equal(t, equal, a.within(b) && b.within(a))
		maybe := a.mayBeWithin(b)
		require.True(t, !a.within(b) || maybe, "what is excluded is excluded carefully")
		require.True(t, len(a) != len(b) || maybe == b.mayBeWithin(a))
	})
}
