package envelope

import (
	"fmt"
	"io"
	"strings"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/compose"
	"github.com/gopec/gopec/internal/mime"
)

// Facts reads from a submitted message what envelope and receipts say of it.
// Sender and recipients are those of the SMTP envelope, which alone are
// certified; id is the PEC identifier that the provider gives the message,
// string@host without angle brackets. From the header come the subject, the
// client's Message-ID (as it stands, "" if there is none), the addresses of
// Reply-To or else of From, and the kind of receipt asked for in X-TipoRicevuta.
//
// The subject is decoded and kept in one line: tabs and line ends in it become
// spaces, other control characters and what XML cannot carry U+FFFD. Characters
// of Message-ID that are not printable ASCII become question marks.
//
// The message itself is not judged: the formal checks of §3.1.1 are the access
// point's. The error is a [*FieldError], for an unknown X-TipoRicevuta too.
//
// spec: RFC 6109 §2.1, §2.2.1, §3.3.2.1
func Facts(original *io.SectionReader, sender string, recipients []daticert.Recipient, id string) (*daticert.Data, error) {
	c, err := compose.NewCopy(original)
	if err != nil {
		return nil, &FieldError{Field: "original", Err: err}
	}
	header := c.Root.Header
	d := &daticert.Data{
		Type: daticert.TypeTransport, Sender: sender, Recipients: recipients, ID: id,
		Subject:   subjectOf(header),
		MessageID: messageIDOf(header),
		ReplyTo:   strings.Join(addressesOf(header, "Reply-To"), ", "),
		Receipt:   daticert.ReceiptComplete,
	}
	if d.ReplyTo == "" {
		d.ReplyTo = strings.Join(addressesOf(header, "From"), ", ")
	}
	if d.ReplyTo == "" {
		d.ReplyTo = sender
	}
	if asked := header.Get("X-TipoRicevuta"); asked != "" {
		d.Receipt = daticert.ReceiptType(strings.ToLower(asked))
		if !d.Receipt.Known() {
			return nil, &FieldError{Field: "X-TipoRicevuta", Err: fmt.Errorf("%q is no type of receipt", asked)}
		}
	}
	if err := compose.Check(d); err != nil {
		return nil, public(err)
	}
	return d, nil
}

// Facts returns what receipts and notices about the envelope say of it, made fit
// to be written anew: a subject of more than one line becomes one, as the
// function Facts does it. It is what a receiving provider starts from.
func (t *Transport) Facts() *daticert.Data {
	d := *compose.About(t.Data)
	d.Type, d.Receipt = daticert.TypeTransport, t.Receipt()
	d.Subject, d.ReplyTo = clean(d.Subject), clean(d.ReplyTo)
	d.MessageID = cleanID(d.MessageID)
	return &d
}

func subjectOf(h mime.Header) string { return clean(mime.DecodeWords(h.Get("Subject"))) }

// clean makes one line of a text that XML can carry.
//
// spec: XML 1.0 §2.2
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\t', r == '\n', r == '\r':
			return ' '
		case r < ' ', r == 0x7f, r == 0xfffe, r == 0xffff:
			return '\ufffd'
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	return strings.Trim(s, " ")
}

func messageIDOf(h mime.Header) string { return cleanID(h.Get("Message-ID")) }

// cleanID makes an identifier that a header can hold.
func cleanID(id string) string {
	id = strings.Map(func(r rune) rune {
		switch {
		case r == '\t', r == '\n', r == '\r':
			return ' '
		case r < ' ', r > '~':
			return '?'
		}
		return r
	}, id)
	return strings.Join(strings.Fields(id), " ")
}

// addressesOf returns the addresses of a field that can be certified.
func addressesOf(h mime.Header, name string) []string {
	var out []string
	for _, value := range h.Values(name) {
		found, _ := mime.Addresses(value) // what cannot be read is not one
		for _, a := range found {
			if compose.CheckAddress(a.Addr) == nil {
				out = append(out, a.Addr)
			}
		}
	}
	return out
}
