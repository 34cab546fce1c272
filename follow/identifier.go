package follow

import (
	"html"
	"strings"
)

// FoldID brings an identifier (identificativo, msgid, Message-ID) to the form in
// which two are compared: without white space, angle brackets, the entity escapes
// that some providers leave in (&lt;…&gt;, even escaped twice), and with U+FFFD
// for characters that XML forbids. Case matters in identifiers.
func FoldID(s string) string {
	for range 3 {
		t := html.UnescapeString(s)
		if t == s {
			break
		}
		s = t
	}
	s = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == '\ufffe' || r == '\uffff' {
			return '\ufffd'
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), "")
	for len(s) > 1 && s[0] == '<' && s[len(s)-1] == '>' {
		s = s[1 : len(s)-1]
	}
	return strings.Clone(strings.TrimSuffix(strings.TrimPrefix(s, "<"), ">"))
}

// foldAddress lowers the letters A to Z and no others, as the rest of the module
// does: the long s is no s.
func foldAddress(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, strings.TrimSpace(s))
}
