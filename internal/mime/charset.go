package mime

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-message"
)

// The character sets of Italian mail are built in. For others the program may
// import github.com/emersion/go-message/charset, which registers all of them
// with go-message and adds 1 MiB of tables to the program.

// windows1252 gives 0x80 to 0x9F; the rest is that of ISO-8859-1. Clients read
// ISO-8859-1 this way too.
var windows1252 = [32]rune{
	'€', utf8.RuneError, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', utf8.RuneError, 'Ž', utf8.RuneError,
	utf8.RuneError, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', utf8.RuneError, 'ž', 'Ÿ',
}

// latin9 is where ISO-8859-15 differs from ISO-8859-1.
var latin9 = map[byte]rune{
	0xa4: '€', 0xa6: 'Š', 0xa8: 'š', 0xb4: 'Ž', 0xb8: 'ž', 0xbc: 'Œ', 0xbd: 'œ', 0xbe: 'Ÿ',
}

// charsetReader returns a reader that converts to UTF-8, or nil if the
// character set is built in or unknown.
func charsetReader(charset string, r io.Reader) io.Reader {
	if message.CharsetReader == nil || builtIn(charset) {
		return nil
	}
	converted, err := message.CharsetReader(strings.ToLower(charset), r)
	if err != nil {
		return nil
	}
	return converted
}

func builtIn(charset string) bool {
	_, ok := singleByte(charset)
	return ok || isUTF8(charset)
}

// isUTF8 reports whether bytes are to be read as UTF-8. A text that names no
// character set, or US-ASCII, and is not ASCII is UTF-8 if anything.
func isUTF8(charset string) bool {
	switch strings.ToLower(charset) {
	case "", "utf-8", "utf8", "us-ascii", "ascii":
		return true
	}
	return false
}

// singleByte returns the character of each byte from 0x80 on.
func singleByte(charset string) (func(byte) rune, bool) {
	latin1 := func(c byte) rune {
		if c < 0xa0 {
			return windows1252[c-0x80]
		}
		return rune(c)
	}
	switch strings.ToLower(charset) {
	case "iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "windows-1252", "cp1252":
		return latin1, true
	case "iso-8859-15", "iso8859-15", "iso_8859-15", "latin9":
		return func(c byte) rune {
			if r, ok := latin9[c]; ok {
				return r
			}
			return latin1(c)
		}, true
	}
	return nil, false
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// known reports whether a character set can be converted.
func known(charset string) bool {
	return builtIn(charset) || charsetReader(charset, bytes.NewReader(nil)) != nil
}

// decodeCharset converts to UTF-8. What cannot be converted, and of an unknown
// character set everything that is not ASCII, becomes U+FFFD.
func decodeCharset(charset string, b []byte) string {
	if isASCII(b) && builtIn(charset) {
		return string(b)
	}
	if isUTF8(charset) {
		return strings.ToValidUTF8(string(b), "\ufffd")
	}
	char, ok := singleByte(charset)
	if !ok {
		if r := charsetReader(charset, bytes.NewReader(b)); r != nil {
			if out, err := io.ReadAll(r); err == nil {
				return strings.ToValidUTF8(string(out), "\ufffd")
			}
		}
		char = func(byte) rune { return utf8.RuneError }
	}
	var out strings.Builder
	out.Grow(len(b))
	for _, c := range b {
		if c < utf8.RuneSelf {
			out.WriteByte(c)
		} else {
			out.WriteRune(char(c))
		}
	}
	return out.String()
}
