// Package compose puts the mail together that a PEC provider signs: the header
// of an envelope or a notice, and multipart/mixed with the text for people, the
// certification data and a copy of the original message.
//
// It knows the form, and what may be written into it without breaking it; what
// texts and data say is the matter of packages envelope and receipt. The
// original is copied from its source each time the mail is written, so that a
// mail of any size costs a fixed amount of memory; boundaries are hashes of what
// they enclose, so that nobody can write a message that breaks out of its part.
//
// spec: RFC 6109 §4.3
package compose

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"
	"time"
)

// Field is one header field with a value of printable ASCII characters.
type Field struct{ Name, Value string }

// Draft is a mail before it is signed.
type Draft struct {
	// The header, in the order in which it is written. Raw fields are whole
	// fields, taken over from the original by Inherit.
	Trace      []byte // raw Return-Path and Received
	Subject    string // in UTF-8, prefix included
	Reference  string // X-Riferimento-Message-ID, "" for none
	Date       time.Time
	ReplyTo    []byte // raw; nil for none
	MessageID  string // with angle brackets
	RawID      []byte // raw Message-ID instead of MessageID
	Addressees []byte // raw To and Cc
	To         string // one address, instead of Addressees
	Tokens     []Field
	FromName   string // display name of From in UTF-8, "" for none
	From       string // address

	// Title and Text are the text for people, in UTF-8 with LF. Title is one
	// line.
	Title, Text string
	XML         []byte // daticert.xml; nil for none
	Original    *Copy  // postacert.eml; nil for none
	Layout      Layout
}

// Layout is how the parts are arranged and encoded.
type Layout struct {
	TextOnly      bool // no HTML beside the text
	OriginalFirst bool // postacert.eml before daticert.xml
	PlainXML      bool // daticert.xml in 7bit or quoted-printable instead of base64
}

// dateFormat is that of RFC 5322 §3.3.
const dateFormat = "Mon, 02 Jan 2006 15:04:05 -0700"

// Header returns the header of the mail without the fields of MIME.
//
// The order of the fields is the one most providers use.
func (d *Draft) Header() []byte {
	var h header
	h.raw(d.Trace)
	h.text("Subject", d.Subject)
	if d.Reference != "" {
		h.field("X-Riferimento-Message-ID", d.Reference)
	}
	h.field("Date", d.Date.Format(dateFormat))
	h.raw(d.ReplyTo)
	if d.RawID != nil {
		h.raw(d.RawID)
	} else {
		h.field("Message-ID", d.MessageID)
	}
	if d.To != "" {
		h.field("To", d.To)
	}
	h.raw(d.Addressees)
	for _, f := range d.Tokens {
		h.field(f.Name, f.Value)
	}
	h.address("From", d.FromName, d.From)
	return h.b
}

// Content returns a function that writes multipart/mixed, and the transfer
// encoding that it needs as a whole: "" for 7bit, "8bit" or "binary".
//
// spec: RFC 6109 §4.3
func (d *Draft) Content() (write func(io.Writer) error, encoding string) {
	parts := []part{d.textPart(), xmlPart(d.XML, d.Layout.PlainXML), originalPart(d.Original)}
	if d.Layout.OriginalFirst {
		parts[1], parts[2] = parts[2], parts[1]
	}
	if d.Original != nil {
		encoding = d.Original.encoding
	}
	boundary := d.boundary("mixed")
	var head strings.Builder
	head.WriteString("Content-Type: multipart/mixed;\r\n\tboundary=\"" + boundary + "\"\r\n")
	if encoding != "" {
		head.WriteString("Content-Transfer-Encoding: " + encoding + "\r\n")
	}
	head.WriteString("\r\n")
	return func(w io.Writer) error {
		if _, err := io.WriteString(w, head.String()); err != nil {
			return err
		}
		for _, p := range parts {
			if p == nil {
				continue
			}
			if _, err := io.WriteString(w, "--"+boundary+"\r\n"); err != nil {
				return err
			}
			if err := p(w); err != nil {
				return err
			}
			if _, err := io.WriteString(w, "\r\n"); err != nil {
				return err
			}
		}
		_, err := io.WriteString(w, "--"+boundary+"--\r\n")
		return err
	}, encoding
}

// boundary returns a boundary that depends on everything inside the mail. Who
// wants to write a line of it into a subject or an original has to find a text
// that holds its own hash.
//
// spec: RFC 2046 §5.1.1
func (d *Draft) boundary(level string) string {
	h := sha256.New()
	for _, s := range []string{level, d.Title, d.Text, string(d.XML)} {
		sum := sha256.Sum256([]byte(s))
		h.Write(sum[:])
	}
	if d.Original != nil {
		h.Write(d.Original.sum[:])
	}
	return "----=_" + level + "_" + strings.ToUpper(hex.EncodeToString(h.Sum(nil)[:16]))
}
