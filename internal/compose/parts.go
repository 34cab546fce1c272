package compose

import (
	"bytes"
	"encoding/base64"
	"io"
)

// xmlPart is daticert.xml.
//
// QUIRK: RFC 6109 §4.3.3 calls it certdata.xml; every provider follows the
// Italian rules and writes daticert.xml.
//
// spec: RFC 6109 §4.3.3
func xmlPart(xml []byte, asText bool) part {
	if xml == nil {
		return nil
	}
	encoding, body := "base64", base64Lines(xml)
	if asText {
		encoding, body = "quoted-printable", quotedPrintable(xml)
		if shortASCII(xml) {
			encoding, body = "7bit", bytes.ReplaceAll(xml, []byte("\n"), []byte("\r\n"))
		}
	}
	head := "Content-Type: application/xml; name=\"daticert.xml\"\r\n" +
		"Content-Transfer-Encoding: " + encoding + "\r\n" +
		"Content-Disposition: inline; filename=\"daticert.xml\"\r\n\r\n"
	return func(w io.Writer) error {
		if _, err := io.WriteString(w, head); err != nil {
			return err
		}
		_, err := w.Write(body)
		return err
	}
}

// shortASCII reports a text that may stand as it is.
func shortASCII(text []byte) bool {
	var c class
	c.Write(text)
	return c.encoding() == ""
}

// base64Lines writes lines of 64 characters, without a line end after the last.
func base64Lines(b []byte) []byte {
	text := []byte(base64.StdEncoding.EncodeToString(b))
	var out []byte
	for len(text) > 64 {
		out = append(append(out, text[:64]...), "\r\n"...)
		text = text[64:]
	}
	return append(out, text...)
}

// originalPart is postacert.eml. A message/rfc822 takes no transfer encoding
// (RFC 2046 §5.2.1), so what it holds is said and not changed.
//
// spec: RFC 6109 §4.3.2
func originalPart(c *Copy) part {
	if c == nil {
		return nil
	}
	encoding := c.encoding
	if encoding == "" {
		encoding = "7bit"
	}
	head := "Content-Type: message/rfc822; name=\"postacert.eml\"\r\n" +
		"Content-Transfer-Encoding: " + encoding + "\r\n" +
		"Content-Disposition: inline; filename=\"postacert.eml\"\r\n\r\n"
	return func(w io.Writer) error {
		if _, err := io.WriteString(w, head); err != nil {
			return err
		}
		return c.write(w)
	}
}
