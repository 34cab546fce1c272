package mailstore

import (
	"bytes"
	"net/mail"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"

	"github.com/gopec/gopec/internal/mime"
)

// Fetch implements imapserver.Session.
func (s *session) Fetch(w *imapserver.FetchWriter, set imap.NumSet, o *imap.FetchOptions) error {
	if len(o.BinarySection)+len(o.BinarySectionSize) > 0 {
		return &imap.Error{Type: imap.StatusResponseTypeBad, Code: imap.ResponseCodeClientBug, Text: "BINARY is not supported"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.view
	for _, n := range v.chosen(set) {
		if err := v.fetch(w, n, o); err != nil {
			return err
		}
	}
	return nil
}

func (v *view) fetch(w *imapserver.FetchWriter, n uint32, o *imap.FetchOptions) error {
	i := v.items[n-1]
	mail, err := i.open(o)
	if err != nil {
		return err
	}
	seen := false
	for _, b := range o.BodySection {
		seen = seen || !b.Peek
	}
	if seen = seen && !v.readOnly; seen {
		v.setFlags(i, imap.StoreFlagsAdd, []imap.Flag{imap.FlagSeen})
	}
	r := w.CreateMessage(n)
	defer r.Close() // a second Close does nothing
	r.WriteUID(i.uid)
	if o.Flags || seen {
		r.WriteFlags(v.folder.flagsOf(i))
	}
	if o.InternalDate {
		r.WriteInternalDate(i.date)
	}
	if o.RFC822Size {
		r.WriteRFC822Size(int64(len(i.raw)))
	}
	if o.Envelope {
		r.WriteEnvelope(envelope(mail.Header))
	}
	if o.BodyStructure != nil {
		r.WriteBodyStructure(structure(mail, i.raw))
	}
	for _, b := range o.BodySection {
		part := cut(section(mail, i.raw, b), b.Partial)
		to := r.WriteBodySection(b, int64(len(part)))
		if _, err := to.Write(part); err != nil {
			return err
		}
		if err := to.Close(); err != nil {
			return err
		}
	}
	return r.Close()
}

// open reads as much of a message's structure as an answer needs: nothing, its
// header, all of it.
func (i *item) open(o *imap.FetchOptions) (*mime.Entity, error) {
	header, all := o.Envelope, o.BodyStructure != nil
	for _, b := range o.BodySection {
		header = header || b.Specifier != imap.PartSpecifierNone
		all = all || len(b.Part) > 0 || b.Specifier == imap.PartSpecifierText
	}
	switch {
	case all:
		return scan(i.raw)
	case header:
		return scan(head(i.raw))
	}
	return &mime.Entity{}, nil
}

func scan(raw []byte) (*mime.Entity, error) {
	e, err := mime.Scan(mime.NewBytes(raw), nil)
	if err != nil { // what passes a limit never gets into the store
		return nil, no(imap.ResponseCodeServerBug, err.Error())
	}
	return e, nil
}

// head is a message up to its first empty line.
func head(raw []byte) []byte {
	if n := bytes.Index(raw, []byte("\r\n\r\n")); n >= 0 {
		return raw[:n+4]
	}
	return raw
}

// cut returns the bytes that a client wants of a section.
func cut(b []byte, p *imap.SectionPartial) []byte {
	if p == nil {
		return b
	}
	from := min(p.Offset, int64(len(b)))
	return b[from : from+min(p.Size, int64(len(b))-from)]
}

// envelope is the fields of a header that clients list.
//
// spec: RFC 3501 §7.4.2
func envelope(h mime.Header) *imap.Envelope {
	e := &imap.Envelope{
		Subject: mime.DecodeWords(h.Get("Subject")), MessageID: strings.Trim(h.Get("Message-ID"), "<> \t"),
		From: addresses(h, "From"), Sender: addresses(h, "Sender"), ReplyTo: addresses(h, "Reply-To"),
		To: addresses(h, "To"), Cc: addresses(h, "Cc"), Bcc: addresses(h, "Bcc"),
	}
	e.Date, _ = mail.ParseDate(h.Get("Date"))
	for _, id := range strings.Fields(h.Get("In-Reply-To")) {
		if id = strings.Trim(id, "<>"); id != "" {
			e.InReplyTo = append(e.InReplyTo, id)
		}
	}
	return e
}

func addresses(h mime.Header, name string) []imap.Address {
	var out []imap.Address
	for _, value := range h.Values(name) {
		list, _ := mime.Addresses(value) // what can be read of it
		for _, a := range list {
			if at := strings.LastIndexByte(a.Addr, '@'); at > 0 {
				out = append(out, imap.Address{Name: a.Name, Mailbox: a.Addr[:at], Host: a.Addr[at+1:]})
			}
		}
	}
	return out
}
