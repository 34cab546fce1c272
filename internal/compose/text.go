package compose

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"mime/quotedprintable"
	"strings"
)

// typographic has the characters outside ISO-8859-1 that mail programs put into
// subjects by themselves, with what people write for them on a keyboard.
var typographic = map[rune]string{
	'‘': "'", '’': "'", '‚': "'", '‛': "'", '“': `"`, '”': `"`, '„': `"`,
	'‐': "-", '‑': "-", '–': "-", '—': "-", '…': "...", '•': "*", '€': "EUR", '\u202f': " ", '\u2009': " ",
}

// latin1 writes a text in ISO-8859-1, the character set of the readable text.
// What it does not have is written so that it can still be told what stood
// there: a few typographic characters as they are typed, any other as its
// number, {U+4E2D}. A question mark, which many providers put there, tells
// nothing.
//
// spec: RFC 6109 §4.3.1
func latin1(s string) []byte {
	var b []byte
	for _, r := range s {
		switch {
		case inLatin1(r):
			b = append(b, byte(r))
		case typographic[r] != "":
			b = append(b, typographic[r]...)
		default:
			b = fmt.Appendf(b, "{U+%04X}", r)
		}
	}
	return b
}

// inLatin1: 0x80 to 0x9f are control characters there, and readers take them
// for those of windows-1252.
func inLatin1(r rune) bool {
	return r == '\n' || r >= ' ' && r < 0x7f || r >= 0xa0 && r <= 0xff
}

// latin1HTML writes a text as HTML in ISO-8859-1, in which every character has a
// place.
func latin1HTML(s string) []byte {
	var b []byte
	for _, r := range html.EscapeString(s) {
		switch {
		case inLatin1(r):
			b = append(b, byte(r))
		case r < 0xa0: // a reference to these means another character
			b = fmt.Appendf(b, "{U+%04X}", r)
		default:
			b = fmt.Appendf(b, "&#%d;", r)
		}
	}
	return b
}

// page writes the same text in HTML, without reference to anything else.
//
// spec: RFC 6109 §4.3.1
func (d *Draft) page() []byte {
	title := latin1HTML(d.Title)
	var b bytes.Buffer
	fmt.Fprintf(&b, "<html>\n<head><title>%s</title></head>\n<body>\n<h3>%s</h3>\n<hr>\n", title, title)
	for line := range strings.SplitSeq(strings.TrimSuffix(d.Text, "\n"), "\n") {
		b.Write(latin1HTML(line))
		b.WriteString("<br>\n")
	}
	b.WriteString("</body>\n</html>\n")
	return b.Bytes()
}

// part writes one part: its header, a blank line and its body.
type part func(w io.Writer) error

// textPart is the first part.
func (d *Draft) textPart() part {
	text := textEntity("plain", latin1(d.Title+"\n\n"+d.Text))
	if !d.Layout.TextOnly {
		boundary := d.boundary("alternative")
		text = bytes.Join([][]byte{
			[]byte("Content-Type: multipart/alternative;\r\n\tboundary=\"" + boundary + "\"\r\n\r\n"),
			[]byte("--" + boundary + "\r\n"), text, []byte("\r\n"),
			[]byte("--" + boundary + "\r\n"), textEntity("html", d.page()), []byte("\r\n"),
			[]byte("--" + boundary + "--\r\n"),
		}, nil)
	}
	return func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	}
}

// textEntity writes text with LF in quoted-printable.
func textEntity(subtype string, text []byte) []byte {
	header := "Content-Type: text/" + subtype + "; charset=\"iso-8859-1\"\r\n" +
		"Content-Transfer-Encoding: quoted-printable\r\n" +
		"Content-Disposition: inline\r\n\r\n"
	return append([]byte(header), quotedPrintable(text)...)
}

// quotedPrintable encodes lines that end in LF; they end in CRLF afterwards.
func quotedPrintable(text []byte) []byte {
	var b bytes.Buffer
	w := quotedprintable.NewWriter(&b)
	w.Write(bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))) // into memory: no error
	w.Close()
	return b.Bytes()
}
