package daticert

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// encoding is a character encoding that Parse reads.
type encoding uint8

const (
	encUTF8 encoding = iota
	encASCII
	encLatin1
	encWindows1252
	encUTF16BE
	encUTF16LE
)

func (e encoding) String() string {
	return [...]string{"UTF-8", "US-ASCII", "ISO-8859-1", "windows-1252", "UTF-16BE", "UTF-16LE"}[e]
}

// encodingNames are the names under which IANA registers the encodings and
// that are in use, in lower case.
var encodingNames = map[string]encoding{
	"utf-8":        encUTF8,
	"utf8":         encUTF8,
	"us-ascii":     encASCII,
	"ascii":        encASCII,
	"iso-8859-1":   encLatin1,
	"iso_8859-1":   encLatin1,
	"latin1":       encLatin1,
	"windows-1252": encWindows1252,
	"cp1252":       encWindows1252,
}

// notText stands in converted text for what the encoding gives no character.
// It is never part of UTF-8, so what reads the text next finds it.
const notText = 0xff

// document is what Parse was given, and the same in UTF-8.
type document struct {
	raw  []byte
	text []byte // in UTF-8, without the byte order mark
	enc  encoding
	bom  int // length of the byte order mark in raw

	// The place found last, from which the next one is counted.
	at, line, offset int
}

var (
	bomUTF8    = []byte("\xef\xbb\xbf")
	bomUTF16BE = []byte("\xfe\xff")
	bomUTF16LE = []byte("\xff\xfe")
)

// open reads the byte order mark, or the first bytes where a mark should be.
// Text in UTF-16 is converted here; any other waits for [document.settle],
// which comes after the XML declaration was read: that is in ASCII in all of
// the other encodings.
//
// spec: XML 1.0 appendix F
func (d *document) open(raw []byte) {
	d.raw, d.text, d.line = raw, raw, 1
	switch {
	case bytes.HasPrefix(raw, bomUTF8):
		d.bom = len(bomUTF8)
		d.text = raw[d.bom:]
	case bytes.HasPrefix(raw, bomUTF16BE):
		d.enc, d.bom = encUTF16BE, len(bomUTF16BE)
	case bytes.HasPrefix(raw, bomUTF16LE):
		d.enc, d.bom = encUTF16LE, len(bomUTF16LE)
	case bytes.HasPrefix(raw, []byte("\x00<\x00?")):
		d.enc = encUTF16BE
	case bytes.HasPrefix(raw, []byte("<\x00?\x00")):
		d.enc = encUTF16LE
	}
	d.offset = d.bom
	if d.wide() {
		d.text = fromUTF16(raw[d.bom:], d.enc == encUTF16BE)
	}
}

func (d *document) wide() bool { return d.enc == encUTF16BE || d.enc == encUTF16LE }

// settle brings the text into UTF-8 from the declared encoding, "" for none.
// A declaration that contradicts the first bytes is an error: readers would
// choose differently.
func (d *document) settle(declared string) error {
	name := strings.ToLower(declared)
	if d.wide() {
		ok := name == "" && d.bom > 0 || name == "utf-16" || name == strings.ToLower(d.enc.String())
		if !ok {
			return fmt.Errorf("encoding %s declared in a document in %s", quote(declared), d.enc)
		}
		return nil
	}
	if name == "" {
		return nil
	}
	enc, ok := encodingNames[name]
	if !ok {
		return fmt.Errorf("encoding %s is not supported here", quote(declared))
	}
	if d.bom > 0 && enc != encUTF8 {
		return fmt.Errorf("encoding %s declared after a byte order mark of UTF-8", quote(declared))
	}
	if d.enc = enc; enc != encUTF8 {
		d.text = fromBytes(d.text, enc)
	}
	return nil
}

// windows1252 gives the characters of 0x80 to 0x9f; 0 where there is none.
var windows1252 = [32]rune{
	'€', 0, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0, 'Ž', 0,
	0, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0, 'ž', 'Ÿ',
}

// fromBytes converts text with one byte a character.
func fromBytes(b []byte, enc encoding) []byte {
	out := make([]byte, 0, len(b)+len(b)/8)
	for _, c := range b {
		switch {
		case c < 0x80:
			out = append(out, c)
		case enc == encASCII:
			out = append(out, notText)
		case enc == encWindows1252 && c < 0xa0:
			if r := windows1252[c-0x80]; r != 0 {
				out = utf8.AppendRune(out, r)
			} else {
				out = append(out, notText)
			}
		default:
			out = utf8.AppendRune(out, rune(c))
		}
	}
	return out
}

// fromUTF16 converts UTF-16. A surrogate without its other half and an odd
// byte at the end become notText.
func fromUTF16(b []byte, bigEndian bool) []byte {
	unit := func(i int) rune {
		if i+1 >= len(b) {
			return -1
		}
		if bigEndian {
			return rune(b[i])<<8 | rune(b[i+1])
		}
		return rune(b[i+1])<<8 | rune(b[i])
	}
	out := make([]byte, 0, len(b)/2+len(b)/16)
	for i := 0; i < len(b); i += 2 {
		r := unit(i)
		if utf16.IsSurrogate(r) {
			r = utf16.DecodeRune(r, unit(i+2))
			if r == utf8.RuneError {
				r = -1
			} else {
				i += 2
			}
		}
		if r < 0 {
			out = append(out, notText)
		} else {
			out = utf8.AppendRune(out, r)
		}
	}
	return out
}

// locate returns the line of a position in text and its byte offset in raw.
// Positions mostly come in rising order; then the whole document is counted
// through only once.
func (d *document) locate(pos int) (line, offset int) {
	if pos < d.at {
		d.at, d.line, d.offset = 0, 1, d.bom
	}
	passed := d.text[d.at:pos]
	d.line += bytes.Count(passed, []byte{'\n'})
	d.offset += d.rawLen(passed)
	d.at = pos
	return d.line, d.offset
}

// rawLen returns how many bytes of raw a part of text was made from.
func (d *document) rawLen(text []byte) int {
	if d.enc == encUTF8 {
		return len(text)
	}
	n := 0
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		text = text[size:]
		switch {
		case !d.wide():
			n++
		case r > 0xffff:
			n += 4
		default:
			n += 2
		}
	}
	return n
}

// describe names the character at a position of text, for a message.
func (d *document) describe(pos int) string {
	r, size := utf8.DecodeRune(d.text[pos:])
	if r != utf8.RuneError || size > 1 {
		return fmt.Sprintf("character %U, which XML 1.0 forbids", r)
	}
	_, offset := d.locate(pos)
	if d.wide() {
		return "half of a UTF-16 surrogate pair"
	}
	return fmt.Sprintf("byte 0x%02X, which is not %s", d.raw[offset], d.enc)
}
