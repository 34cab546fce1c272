package rest

import (
	"regexp"
	"strings"
	"unicode"
)

const maxDetail = 200

// personal matches what may be a fiscal code, also a damaged one, a token, or
// a mail address.
var personal = regexp.MustCompile(`[^\s"'<>(),;:]+@[^\s"'<>(),;:]+|eyJ[A-Za-z0-9_.-]{8,}|\b[A-Za-z]{6}[A-Za-z0-9]{10}\b|\b[0-9]{11}\b`)

// Redact returns what a service says about an error as one line of at most 200
// characters that can go into a log: codes, addresses and tokens masked, nothing
// that a terminal would obey.
func Redact(s string) string {
	if len(s) > 16*maxDetail {
		s = s[:16*maxDetail]
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
		return "***" + Printable(s[at:])
	}
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
