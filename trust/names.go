package trust

import (
	"cmp"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// name is a distinguished name, prepared for comparison.
//
// spec: RFC 5280 §7.1
type name []rdn

// rdn is one relative distinguished name: a set, so kept sorted.
type rdn []attribute

// attribute is one type and value.
type attribute struct {
	oid   string // contents octets of the OBJECT IDENTIFIER
	shown string // the value as text, for people
	// value is what is compared: for strings the folded text, so that a
	// PrintableString equals a UTF8String; for anything else, and for strings
	// that are not well formed, the DER, which equals only itself.
	value string
	text  bool
}

var errName = errors.New("trust: malformed distinguished name")

// parseName reads an RDNSequence.
func parseName(der []byte) (name, error) {
	in := cryptobyte.String(der)
	var seq cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() {
		return nil, errName
	}
	return parseRDNs(seq)
}

func parseRDNs(seq cryptobyte.String) (name, error) {
	var n name
	for !seq.Empty() {
		var set cryptobyte.String
		if !seq.ReadASN1(&set, cbasn1.SET) || set.Empty() {
			return nil, errName
		}
		var r rdn
		for !set.Empty() {
			a, ok := parseAttribute(&set)
			if !ok {
				return nil, errName
			}
			r = append(r, a)
		}
		if len(r) > 1 {
			slices.SortFunc(r, attribute.compare)
		}
		n = append(n, r)
	}
	return n, nil
}

func (a attribute) compare(b attribute) int {
	return cmp.Or(strings.Compare(a.oid, b.oid), strings.Compare(a.value, b.value))
}

func parseAttribute(in *cryptobyte.String) (a attribute, ok bool) {
	var pair, oid, value cryptobyte.String
	var tag cbasn1.Tag
	var element cryptobyte.String
	if !in.ReadASN1(&pair, cbasn1.SEQUENCE) ||
		!pair.ReadASN1(&oid, cbasn1.OBJECT_IDENTIFIER) ||
		!pair.ReadAnyASN1Element(&element, &tag) || !pair.Empty() {
		return a, false
	}
	whole := element
	if !element.ReadAnyASN1(&value, &tag) {
		return a, false
	}
	s, text := decodeString(tag, value)
	if !text {
		whole := string(whole)
		return attribute{oid: string(oid), shown: "#" + hex.EncodeToString([]byte(whole)), value: whole}, true
	}
	return attribute{oid: string(oid), shown: s, value: foldText(s), text: true}, true
}

// decodeString returns the text of a DirectoryString or IA5String; ok is false
// for other types and for strings that are not well formed.
func decodeString(tag cbasn1.Tag, b []byte) (s string, ok bool) {
	switch tag {
	case cbasn1.UTF8String:
		return string(b), utf8.Valid(b)
	case cbasn1.PrintableString, cbasn1.IA5String, cbasn1.Tag(asn1.TagNumericString):
		for _, c := range b {
			if c >= utf8.RuneSelf {
				return "", false
			}
		}
		return string(b), true
	case cbasn1.T61String:
		// QUIRK: in certificates a TeletexString holds Latin-1, whatever T.61 says.
		r := make([]rune, len(b))
		for i, c := range b {
			r[i] = rune(c)
		}
		return string(r), true
	case cbasn1.Tag(asn1.TagBMPString):
		if len(b)%2 != 0 {
			return "", false
		}
		u := make([]uint16, len(b)/2)
		for i := range u {
			u[i] = uint16(b[2*i])<<8 | uint16(b[2*i+1])
		}
		return string(utf16.Decode(u)), true
	case cbasn1.Tag(28): // UniversalString
		if len(b)%4 != 0 {
			return "", false
		}
		var out strings.Builder
		for i := 0; i < len(b); i += 4 {
			out.WriteRune(rune(b[i])<<24 | rune(b[i+1])<<16 | rune(b[i+2])<<8 | rune(b[i+3]))
		}
		return out.String(), true
	}
	return "", false
}

// foldText prepares a string for comparison: case folded, characters without
// width taken out, white space at the ends taken off and inside made one space.
// Unicode composition is left alone (the tables are not in the standard
// library), which can only make names differ that are equal; where that would
// be the dangerous side, mayEqual is asked.
//
// spec: RFC 5280 §7.1, RFC 4518 §2
func foldText(s string) string {
	if folded, ok := foldPlain(s); ok {
		return folded
	}
	var out strings.Builder
	out.Grow(len(s))
	space := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r) || unicode.Is(unicode.Z, r):
			space = out.Len() > 0
			continue
		case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Variation_Selector, r), r == 0x034F, r == 0x1806:
			continue
		}
		if space {
			out.WriteByte(' ')
			space = false
		}
		out.WriteRune(foldRune(r))
	}
	return out.String()
}

// foldPlain is foldText for the common case: ASCII without control characters
// and without spaces to fold.
func foldPlain(s string) (string, bool) {
	capitals := false
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ' || c >= 0x7F:
			return "", false
		case c == ' ' && (i == 0 || i == len(s)-1 || s[i-1] == ' '):
			return "", false
		case 'A' <= c && c <= 'Z':
			capitals = true
		}
	}
	if capitals {
		return strings.ToLower(s), true
	}
	return s, true
}

// foldRune returns the least of the runes that differ in case only.
func foldRune(r rune) rune {
	if r < utf8.RuneSelf {
		// The two ASCII letters with a further case variant (k and the Kelvin
		// sign, s and the long s) fold to themselves in lower case as well.
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	if least < utf8.RuneSelf {
		return foldRune(least)
	}
	return least
}

// equal compares two names.
func (n name) equal(o name) bool {
	return len(n) == len(o) && n.within(o)
}

// within reports whether n lies in the subtree under base: base is the
// beginning of n.
//
// spec: RFC 5280 §4.2.1.10, §7.1
func (n name) within(base name) bool {
	return n.matches(base, func(a, b attribute) bool { return a.value == b.value && a.text == b.text })
}

// mayBeWithin is within for excluded subtrees: what cannot be told apart for
// certain counts as inside.
func (n name) mayBeWithin(base name) bool {
	return n.matches(base, attribute.mayEqual)
}

func (n name) matches(base name, equal func(a, b attribute) bool) bool {
	if len(base) > len(n) {
		return false
	}
	for i, r := range base {
		if len(r) != len(n[i]) {
			return false
		}
		for j, a := range r {
			if a.oid != n[i][j].oid || !equal(n[i][j], a) {
				return false
			}
		}
	}
	return true
}

// mayEqual reports whether two values of one type could be the same text to
// somebody who composes characters (RFC 4518 §2.3): combining marks are left
// out, and a letter outside ASCII stands for any letter.
func (a attribute) mayEqual(b attribute) bool {
	if a.value == b.value {
		return true
	}
	if !a.text || !b.text {
		return a.text != b.text // one is text and the other cannot be read
	}
	if isASCII(a.value) && isASCII(b.value) {
		return false
	}
	ra, rb := unmarked(a.value), unmarked(b.value)
	if len(ra) != len(rb) {
		return false
	}
	for i := range ra {
		if ra[i] != rb[i] && ra[i] < utf8.RuneSelf && rb[i] < utf8.RuneSelf {
			return false
		}
	}
	return true
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

func unmarked(s string) []rune {
	return slices.DeleteFunc([]rune(s), func(r rune) bool { return unicode.Is(unicode.M, r) })
}

// values returns every attribute of a type, as written; one that is no
// readable string as "#" and its DER in hex.
func (n name) values(oid string) []string {
	var out []string
	for _, r := range n {
		for _, a := range r {
			if a.oid == oid {
				out = append(out, a.shown)
			}
		}
	}
	return out
}

// maxShown bounds a name in a sentence, in bytes. Names that providers use
// have about a hundred.
const maxShown = 400

// String writes the name for people, the most specific part first.
func (n name) String() string {
	var out strings.Builder
	for i := len(n) - 1; i >= 0; i-- {
		for j, a := range n[i] {
			switch {
			case j > 0:
				out.WriteByte('+')
			case out.Len() > 0:
				out.WriteString(", ")
			}
			out.WriteString(shortName(a.oid))
			out.WriteByte('=')
			out.WriteString(cut(a.shown, maxShown))
			if out.Len() > maxShown {
				return cut(out.String(), maxShown)
			}
		}
	}
	return out.String()
}

// commonName returns the CN, or the whole name if there is none.
func (n name) commonName() string {
	if v := n.values(oidCommonName); len(v) > 0 {
		return cut(v[0], maxShown)
	}
	return n.String()
}

func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit] + "…"
}

// Attribute types, as contents octets.
var (
	oidCommonName   = octets(2, 5, 4, 3)
	oidCountry      = octets(2, 5, 4, 6)
	oidLocality     = octets(2, 5, 4, 7)
	oidProvince     = octets(2, 5, 4, 8)
	oidOrganization = octets(2, 5, 4, 10)
	oidUnit         = octets(2, 5, 4, 11)
	oidEmailAddress = octets(1, 2, 840, 113549, 1, 9, 1)
)

// octets returns the contents octets of an object identifier.
func octets(arcs ...int) string {
	der, err := asn1.Marshal(asn1.ObjectIdentifier(arcs))
	if err != nil {
		panic(err) // only ever called with constants
	}
	return string(der[2:])
}

var shortNames = map[string]string{
	oidCommonName: "CN", oidCountry: "C", oidLocality: "L", oidProvince: "ST",
	oidOrganization: "O", oidUnit: "OU", oidEmailAddress: "emailAddress",
}

func shortName(oid string) string {
	if s, ok := shortNames[oid]; ok {
		return s
	}
	if len(oid) > 64 {
		return "OID"
	}
	var id asn1.ObjectIdentifier
	if _, err := asn1.Unmarshal(append([]byte{0x06, byte(len(oid))}, oid...), &id); err != nil {
		return "OID"
	}
	return id.String()
}

// newName builds a name from pairs of attribute type and value, one to an RDN.
func newName(pairs ...string) name {
	var n name
	for i := 0; i < len(pairs); i += 2 {
		n = append(n, rdn{{oid: pairs[i], shown: pairs[i+1], value: foldText(pairs[i+1]), text: true}})
	}
	return n
}
