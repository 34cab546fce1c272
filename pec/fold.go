package pec

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// sameAddress compares two addresses without regard to case.
//
// spec: RFC 6109 §2.2.1 (domains compare without case; providers fold the
// whole address)
func sameAddress(a, b string) bool {
	return foldCase(strings.TrimSpace(a)) == foldCase(strings.TrimSpace(b))
}

// foldCase lowers the letters A to Z and no others: by Unicode's rules the
// Kelvin sign is a k and the long s an s, and in an address they are not.
func foldCase(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return 'A' <= r && r <= 'Z' }) {
		return s
	}
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// addressesIn finds what reads as an address in a display name: every run of
// characters that may stand in one, with one of the signs that pass for @
// inside it.
func addressesIn(s string) []string {
	if !strings.ContainsAny(s, signs) {
		return nil
	}
	var found []string
	for run := range strings.FieldsFuncSeq(s, endsAddress) {
		_, first := utf8.DecodeRuneInString(run)
		_, last := utf8.DecodeLastRuneInString(run)
		if len(run) > first+last && strings.ContainsAny(run[first:len(run)-last], signs) {
			found = append(found, run)
		}
	}
	return found
}

// signs are the at sign and those that pass for it.
const signs = "@＠﹫"

// endsAddress reports what stands around an address and never in it.
func endsAddress(r rune) bool {
	switch r {
	case '\t', '\n', '\f', '\r', ' ', '<', '>', '(', ')', '[', ']', '"', ',', ';', ':', '\\':
		return true
	}
	return false
}

// foldID makes two spellings of one Message-ID equal: white space from
// folding, angle brackets, the entity escapes that some providers leave in
// (&lt;…&gt;, even escaped twice), and characters that XML forbids, which are
// read as U+FFFD in daticert.xml and stand in a header as they are.
func foldID(s string) string {
	if strings.IndexFunc(s, isOddInID) < 0 {
		return strings.TrimSuffix(strings.TrimPrefix(s, "<"), ">")
	}
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
		return r // that of a byte that is not UTF-8 is U+FFFD too
	}, s)
	s = strings.Join(strings.Fields(s), "")
	return strings.TrimSuffix(strings.TrimPrefix(s, "<"), ">")
}

// isOddInID reports the characters on account of which an identifier has to be
// folded.
func isOddInID(r rune) bool { return r <= ' ' || r == '&' || r >= 0x7f }

// foldSpace makes one space of every run of white space and takes it off the
// ends.
func foldSpace(s string) string {
	before := ' '
	for _, r := range s {
		if unicode.IsSpace(r) && (r != ' ' || before == ' ') {
			return strings.Join(strings.Fields(s), " ")
		}
		before = r
	}
	return strings.TrimSuffix(s, " ")
}

// isFolded reports whether a string of visible ASCII needs no folding.
func isFolded(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ' || c >= 0x7f:
			return false
		case c == ' ' && (i == 0 || i == len(s)-1 || s[i-1] == ' '):
			return false
		}
	}
	return true
}
