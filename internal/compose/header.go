package compose

import (
	"encoding/base64"
	"strconv"
	"strings"
	"unicode/utf8"
)

// header collects header fields.
type header struct{ b []byte }

func (h *header) raw(fields []byte) { h.b = append(h.b, fields...) }

// field writes a field whose value the caller has checked.
func (h *header) field(name, value string) {
	h.b = append(h.b, (name + ": " + value + "\r\n")...)
}

// Lengths of lines without their CRLF.
//
// spec: RFC 5322 §2.1.1, RFC 2047 §2
const (
	maxLine = 76
	maxWord = 75 // of an encoded word
)

// text writes an unstructured field: as it stands where it can be, folded at
// its spaces; else the words before the first colon (the prefix of a PEC
// subject, which people and filters look for) as they stand and the rest in
// encoded words.
func (h *header) text(name, value string) {
	if plain(value) {
		h.fold(name+":", strings.Split(value, " "))
		return
	}
	prefix, rest, found := strings.Cut(value, ": ")
	words := strings.Split(prefix+":", " ")
	if !found || !plain(prefix+":") {
		words, rest = nil, value
	}
	h.fold(name+":", append(words, encodedWords(rest)...))
}

// fold writes words with one space or one fold between them.
func (h *header) fold(line string, words []string) {
	for _, w := range words {
		if len(line)+1+len(w) > maxLine && strings.Trim(line, " \t") != "" {
			h.b = append(h.b, (line + "\r\n")...)
			line = ""
		}
		line += " " + w
	}
	h.b = append(h.b, (strings.TrimRight(line, " ") + "\r\n")...)
}

// plain reports a text that reads the same from a header as it was written:
// printable ASCII characters in words that fit a line, single spaces, nothing
// that looks like an encoded word.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	for w := range strings.SplitSeq(s, " ") {
		if len(w) >= maxLine {
			return false
		}
	}
	return s == strings.TrimSpace(s) && !strings.Contains(s, "  ") && !strings.Contains(s, "=?")
}

// encodedWords writes a text in words of UTF-8 and base64, none of which cuts a
// character.
//
// spec: RFC 2047 §2, §4.1, §5
func encodedWords(s string) []string {
	const around = len("=?UTF-8?B?") + len("?=")
	const room = (maxWord - around) / 4 * 3
	var words []string
	for s != "" {
		n := min(room, len(s))
		for n < len(s) && n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		words = append(words, "=?UTF-8?B?"+base64.StdEncoding.EncodeToString([]byte(s[:n]))+"?=")
		s = s[n:]
	}
	return words
}

// address writes a field with one address and, before it, a name in quotes or,
// if it needs them, in encoded words.
//
// spec: RFC 5322 §3.4, RFC 2047 §5
func (h *header) address(field, name, address string) {
	switch {
	case name == "":
		h.field(field, address)
	case printable(name) && len(name) <= 400:
		quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name)
		h.field(field, `"`+quoted+"\"\r\n\t<"+address+">")
	default:
		h.fold(field+":", append(encodedWords(name), "<"+address+">"))
	}
}

func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

// Parameter returns a parameter of Content-Type or Content-Disposition, with
// its semicolon and fold before it. Text that does not fit between quotes in
// one line is written in pieces, percent-encoded.
//
// spec: RFC 2045 §5.1, RFC 2231 §3, §4
func Parameter(name, value string) string {
	if printable(value) && len(value) <= 60 && !strings.ContainsAny(value, `"\`) {
		return ";\r\n\t" + name + `="` + value + `"`
	}
	const hexDigits = "0123456789ABCDEF"
	var out strings.Builder
	piece := "UTF-8''"
	n := 0
	flush := func() {
		out.WriteString(";\r\n\t" + name + "*" + strconv.Itoa(n) + "*=" + piece)
		piece = ""
		n++
	}
	for i := range len(value) {
		c := value[i]
		if attributeChar(c) {
			piece += string(rune(c))
		} else {
			piece += "%" + string(rune(hexDigits[c>>4])) + string(rune(hexDigits[c&15]))
		}
		if len(piece) >= 54 {
			flush()
		}
	}
	if piece != "" {
		flush()
	}
	return out.String()
}

// attributeChar: what stands for itself. spec: RFC 2231 §7
func attributeChar(c byte) bool {
	switch {
	case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z':
		return true
	}
	return strings.IndexByte("!#$&+-.^_`{|}~", c) >= 0
}
