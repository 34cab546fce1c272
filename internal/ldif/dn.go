package ldif

import (
	"errors"
	"strings"
)

// RDN is one level of a distinguished name, nearly always one pair.
type RDN []Pair

// Pair is one attribute and its value in a distinguished name.
type Pair struct{ Name, Value string }

// Is compares with a name and a value as directories do: case and runs of
// spaces do not matter.
func (p Pair) Is(name, value string) bool {
	return equalASCII(p.Name, name) && Fold(p.Value) == Fold(value)
}

// Fold brings a text to the form in which directories compare it: lower case,
// spaces at the ends and runs of them away.
//
// spec: RFC 4517 §4.2.11, RFC 4518 §2 (their part for European letters)
func Fold(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

// Bounds of a distinguished name.
const (
	maxLevels = 32
	maxPairs  = 8 // of one level
)

var errDN = errors.New("ldif: not a distinguished name")

// ParseDN takes a distinguished name apart, its own level first. Spaces around
// the separators are allowed, as in older forms, and so are values in
// quotation marks; a value in hex ("#04…") stays as it is written.
//
// spec: RFC 4514 §3, RFC 2253 §4
func ParseDN(s string) ([]RDN, error) {
	if strings.Trim(s, " ") == "" {
		return nil, nil
	}
	var dn []RDN
	rdn := RDN{}
	for {
		name, rest, ok := strings.Cut(s, "=")
		name = strings.Trim(name, " ")
		if !ok || !validType(name) {
			return nil, errDN
		}
		value, separator, rest, err := dnValue(strings.TrimLeft(rest, " "))
		if err != nil {
			return nil, err
		}
		rdn = append(rdn, Pair{name, value})
		if len(rdn) > maxPairs || len(dn) >= maxLevels {
			return nil, errDN
		}
		if separator != '+' {
			dn, rdn = append(dn, rdn), RDN{}
		}
		if separator == 0 {
			return dn, nil
		}
		s = rest
	}
}

// dnValue reads a value up to its separator: one of ",;+", or 0 at the end.
func dnValue(s string) (value string, separator byte, rest string, err error) {
	var b strings.Builder
	quoted := strings.HasPrefix(s, `"`)
	i := 0
	if quoted {
		i = 1
	}
	kept := 0 // length without the spaces at the end that are not escaped
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			char, n := escaped(s[i+1:])
			if n == 0 {
				return "", 0, "", errDN
			}
			b.WriteByte(char)
			kept = b.Len()
			i += n
		case quoted && c == '"':
			rest := strings.TrimLeft(s[i+1:], " ")
			if rest == "" {
				return b.String(), 0, "", nil
			}
			if !strings.ContainsRune(",;+", rune(rest[0])) {
				return "", 0, "", errDN
			}
			return b.String(), rest[0], rest[1:], nil
		case !quoted && (c == ',' || c == ';' || c == '+'):
			return b.String()[:kept], c, s[i+1:], nil
		case c == 0, !quoted && c == '"':
			return "", 0, "", errDN
		default:
			b.WriteByte(c)
			if quoted || c != ' ' {
				kept = b.Len()
			}
		}
	}
	if quoted {
		return "", 0, "", errDN
	}
	return b.String()[:kept], 0, "", nil
}

// escaped reads what follows a backslash: a special character, or two hex
// digits.
func escaped(s string) (char byte, n int) {
	if s == "" {
		return 0, 0
	}
	if strings.IndexByte(` "#+,;<=>\`, s[0]) >= 0 {
		return s[0], 1
	}
	if len(s) >= 2 {
		high, low := hexDigit(s[0]), hexDigit(s[1])
		if high >= 0 && low >= 0 {
			return byte(high<<4 | low), 2
		}
	}
	return 0, 0
}

func hexDigit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// String writes a distinguished name.
//
// spec: RFC 4514 §2
func String(dn []RDN) string {
	var b strings.Builder
	for i, rdn := range dn {
		if i > 0 {
			b.WriteByte(',')
		}
		for j, p := range rdn {
			if j > 0 {
				b.WriteByte('+')
			}
			b.WriteString(p.Name + "=")
			escapeInto(&b, p.Value)
		}
	}
	return b.String()
}

func escapeInto(b *strings.Builder, value string) {
	for i := range len(value) {
		c := value[i]
		switch {
		case c == 0:
			b.WriteString(`\00`)
			continue
		case strings.IndexByte(`"+,;<>\`, c) >= 0,
			i == 0 && (c == ' ' || c == '#'),
			i == len(value)-1 && c == ' ':
			b.WriteByte('\\')
		}
		b.WriteByte(c)
	}
}
