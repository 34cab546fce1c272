package directory

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// FoldDomain brings a domain to the form in which domains are compared: lower
// case, no dot at the end, letters outside ASCII as IDNA writes them (xn--…);
// ok is false for what is no domain. Nothing is guessed: a domain above or below
// another is another domain. Letters are lowered one by one and not normalised
// further, so a name with combining marks is refused.
//
// spec: RFC 1034 §3.5, RFC 5890 §2.3.2.1, RFC 3492
func FoldDomain(s string) (folded string, ok bool) {
	s = strings.TrimSuffix(s, ".")
	if s == "" || len(s) > 4*maxDomain || !utf8.ValidString(s) {
		return "", false
	}
	labels := strings.Split(s, ".")
	for i, l := range labels {
		if l, ok = foldLabel(l); !ok {
			return "", false
		}
		labels[i] = l
	}
	folded = strings.Join(labels, ".")
	return folded, len(folded) <= maxDomain
}

// The longest domain and label, in bytes.
const (
	maxDomain = 253
	maxLabel  = 63
)

// foldLabel folds one label. An underscore is no character of a host's name, and
// mail domains with one exist.
func foldLabel(l string) (string, bool) {
	if strings.ContainsRune(l, '\u0130') {
		return "", false // a capital I with a dot is an i and a mark in IDNA
	}
	l = strings.Map(func(r rune) rune {
		if r < 0x80 && (r < 'A' || r > 'Z') {
			return r
		}
		return unicode.ToLower(r) // the Kelvin sign is a k in IDNA, too
	}, l)
	ascii := true
	for _, r := range l {
		letter := r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || r >= 0x80 && unicode.IsLetter(r)
		if !letter {
			return "", false
		}
		ascii = ascii && r < 0x80
	}
	if !ascii {
		if utf8.RuneCountInString(l) > maxLabel { // encoding is quadratic, and adds to the length
			return "", false
		}
		l = "xn--" + punycode(l)
	}
	return l, l != "" && len(l) <= maxLabel && l[0] != '-' && l[len(l)-1] != '-'
}

// punycode encodes a label.
//
// spec: RFC 3492 §6.3
func punycode(label string) string {
	const base, tMin, tMax, skew, damp, initialBias = 36, 1, 26, 38, 700, 72
	runes := []rune(label)
	out := make([]byte, 0, 2*len(runes))
	for _, r := range runes {
		if r < 0x80 {
			out = append(out, byte(r))
		}
	}
	basic := len(out)
	if basic > 0 {
		out = append(out, '-')
	}
	n, delta, bias := rune(0x80), 0, initialBias
	for handled := basic; handled < len(runes); {
		next := rune(utf8.MaxRune)
		for _, r := range runes {
			if r >= n && r < next {
				next = r
			}
		}
		delta += int(next-n) * (handled + 1)
		n = next
		for _, r := range runes {
			if r < n {
				delta++
			}
			if r != n {
				continue
			}
			q := delta
			for k := base; ; k += base {
				t := min(max(k-bias, tMin), tMax)
				if q < t {
					break
				}
				out = append(out, digit(t+(q-t)%(base-t)))
				q = (q - t) / (base - t)
			}
			out = append(out, digit(q))
			if handled == basic {
				delta /= damp
			} else {
				delta /= 2
			}
			delta += delta / (handled + 1)
			k := 0
			for ; delta > (base-tMin)*tMax/2; k += base {
				delta /= base - tMin
			}
			bias = k + (base-tMin+1)*delta/(delta+skew)
			delta = 0
			handled++
		}
		delta++
		n++
	}
	return string(out)
}

// digit is a digit of punycode: a to z, 0 to 9.
func digit(d int) byte {
	if d < 26 {
		return byte('a' + d)
	}
	return byte('0' + d - 26)
}

// domainOf returns the folded domain of an address.
func domainOf(address string) (string, bool) {
	i := strings.LastIndexByte(address, '@')
	if i < 1 {
		return "", false
	}
	return FoldDomain(strings.TrimSpace(address[i+1:]))
}
