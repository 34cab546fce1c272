package rest

import (
	"regexp"
	"strings"
	"unicode"
)

const maxDetail = 200

// personal matches a mail address, a token, the word that a fiscal code stands
// in, alone or between other letters, and one that may be a damaged code.
var personal = regexp.MustCompile(`[^\s"'<>(),;:]+@[^\s"'<>(),;:]+|eyJ[A-Za-z0-9_.-]{8,}|` +
	`(?i)\w*[a-z]{6}[0-9l-np-v]{2}[a-z][0-9l-np-v]{2}[a-z][0-9l-np-v]{3}[a-z]\w*|\w*[0-9]{11}\w*|\b[a-z]{6}[a-z0-9]{10}\b`)

// Redact returns what a service says about an error as one line of at most 200
// characters that can go into a log: codes, addresses and tokens masked, nothing
// that a terminal would obey.
func Redact(s string) string {
	if len(s) > 16*maxDetail { // and not in the middle of a code, which would not be known for one
		s = strings.TrimRightFunc(s[:16*maxDetail], func(r rune) bool { return r != ' ' })
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case r == unicode.ReplacementChar || !unicode.IsPrint(r):
			return -1
		}
		return r
	}, s)
	s = personal.ReplaceAllStringFunc(s, Mask)
	if r := []rune(s); len(r) > maxDetail {
		s = string(r[:maxDetail]) + "…"
	}
	return s
}

// Mask hides the middle of a fiscal code and all of an address but its domain.
// What is neither is hidden altogether.
func Mask(s string) string {
	if at := strings.LastIndexByte(s, '@'); at >= 0 {
		domain := Printable(s[at+1:])
		if personal.MatchString(domain) { // a code glued to an @
			domain = "***"
		}
		return "***@" + domain
	}
	return MaskCode(s)
}

// MaskCode hides the middle of what was given for a fiscal code, whatever it is.
func MaskCode(s string) string {
	if len(s) == 16 || len(s) == 11 {
		return Printable(s[:3] + strings.Repeat("*", len(s)-6) + s[len(s)-3:])
	}
	return "***"
}

// Printable drops what is not printable ASCII.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
}
