package smime

import (
	"io"
	"strings"

	"github.com/gopec/gopec/internal/mime"
)

// Part is one part of a mail with its content decoded, read in the form of the
// bytes that has the signed digest. It is a view: contents are read from the
// message each time, so the message's io.ReaderAt must still be open.
//
// A Part says nothing about whether its bytes are signed; where it came from
// does.
type Part struct {
	entity *mime.Entity
	form   mime.Form
}

// NewPart returns a view of an entity. It is the door for this module's own
// packages.
func NewPart(e *mime.Entity, f mime.Form) *Part {
	if e == nil {
		return nil
	}
	return &Part{entity: e, form: f}
}

// Path is the part's position in the message, such as "1.3".
func (p *Part) Path() string { return p.entity.Path }

// Name is the file name that the part gives itself, decoded, "" if none. It is
// outside text: it may hold anything, path separators too.
func (p *Part) Name() string { return p.entity.Filename() }

// MediaType is the part's type in lower case, such as "message/rfc822".
func (p *Part) MediaType() string { return p.entity.MediaType }

// Open returns the content with the transfer encoding taken off. Reading ends
// in an error if it cannot be decoded or the message has changed.
func (p *Part) Open() io.Reader { return p.entity.Open(p.form) }

// Raw returns the part as it stands in the signed bytes, header and encoding
// included: what a brief receipt's hash may be over (RFC 6109 §3.3.2.2).
func (p *Part) Raw() io.Reader { return p.entity.Reader(p.entity.Raw, p.form) }

// Text returns the content of a text part in UTF-8, at most max bytes.
func (p *Part) Text(max int64) (string, error) { return p.entity.Text(p.form, max) }

// Original is an enclosed mail: part postacert.eml of an envelope or receipt,
// or the message inside an anomaly envelope.
type Original struct {
	Part
	message *mime.Entity // the mail inside; nil if it cannot be read
	inner   mime.Form    // in which the parts of message are read
	err     error
}

// NewOriginal opens the mail inside a part. It is the door for this module's
// own packages.
func NewOriginal(e *mime.Entity, f mime.Form, lim *mime.Limits) *Original {
	o := &Original{Part: Part{entity: e, form: f}, inner: f}
	o.message, o.err = e.Message(f, lim)
	if o.message != nil && o.message.Source() != e.Source() {
		o.inner = mime.Form{} // it was decoded, and the form is off already
	}
	return o
}

// Err says why the enclosed mail could not be opened: it is encoded and over
// the limit for that, or cannot be decoded. Its bytes can still be had from
// Open.
func (o *Original) Err() error { return o.err }

// Header returns the values of one of the enclosed mail's header fields.
func (o *Original) Header(name string) []string {
	if o.message == nil {
		return nil
	}
	return o.message.Header.Values(name)
}

// Message returns the enclosed mail for this module's own packages.
func (o *Original) Message() *mime.Entity { return o.message }

// Attachments returns the leaves of the enclosed mail that have a file name
// or are not shown as text, in order. Mails inside it are one leaf each.
func (o *Original) Attachments() []*Part {
	if o.message == nil {
		return nil
	}
	var parts []*Part
	for e := range leaves(o.message) {
		if isText(e) && e.Filename() == "" && e != o.message {
			continue
		}
		if e == o.message && isText(e) {
			continue // a mail that is one text has no attachment
		}
		parts = append(parts, NewPart(e, o.inner))
	}
	return parts
}

func isText(e *mime.Entity) bool {
	return strings.HasPrefix(e.MediaType, "text/") &&
		!strings.HasPrefix(strings.ToLower(e.Header.Get("Content-Disposition")), "attachment")
}

// leaves yields the entities below e that have content of their own.
func leaves(e *mime.Entity) func(yield func(*mime.Entity) bool) {
	return func(yield func(*mime.Entity) bool) { walkLeaves(e, e, yield) }
}

func walkLeaves(top, e *mime.Entity, yield func(*mime.Entity) bool) bool {
	isMail := (e.MediaType == "message/rfc822" || e.MediaType == "message/global") && e != top
	if isMail || len(e.Parts) == 0 {
		return yield(e)
	}
	for _, c := range e.Parts {
		if !walkLeaves(top, c, yield) {
			return false
		}
	}
	return true
}
