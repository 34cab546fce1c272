package pec

import (
	"strings"

	"github.com/gopec/gopec/internal/mime"
	"github.com/gopec/gopec/smime"
)

// maxLayers bounds the layers inside one another. The scan bounds nesting in
// the bytes; this bounds messages in encoded parts, which the scan does not
// see into.
const maxLayers = 20

// inside finds the PEC messages below an entity: enclosed messages that are
// PEC or call themselves so, and signed PEC content that stands as a bare part
// because something wrapped the message around it.
func (b *builder) inside(e *mime.Entity, form mime.Form, depth int) []*Message {
	if depth > maxLayers {
		return nil
	}
	if isMail(e) { // the whole of a mail is another; its header is that of a mail
		return b.enclosed(e, form, depth)
	}
	var found []*Message
	for _, part := range e.Parts {
		found = append(found, b.part(part, form, depth)...)
	}
	return found
}

func (b *builder) part(e *mime.Entity, form mime.Form, depth int) []*Message {
	if isMail(e) {
		return b.enclosed(e, form, depth)
	}
	if s := smime.Of(e); s != nil && findParts(s.Content()).daticert != nil {
		return []*Message{b.layer(e, false, depth)}
	}
	return b.inside(e, form, depth+1)
}

// enclosed looks at one enclosed message: a layer if it is PEC or claims to
// be, and otherwise something to look into.
func (b *builder) enclosed(e *mime.Entity, form mime.Form, depth int) []*Message {
	msg, err := e.Message(form, b.innerLimits())
	if err != nil {
		if le := limitError(err); le != nil {
			// Not a PEC message that we know of, and not a reason to say
			// nothing of the one around it; but it is not passed over in
			// silence either.
			le.Path = e.Path
			return []*Message{{Kind: KindUnknown, Path: e.Path, entity: e, limits: b.limits, limit: le}}
		}
		return nil
	}
	b.spend(e, msg)
	if msg.Source() != e.Source() {
		form = mime.Form{} // it was decoded, and the form is off already
	}
	if isPEC(msg) {
		return []*Message{b.layer(msg, true, depth)}
	}
	return b.inside(msg, form, depth+1)
}

// isPEC reports whether an enclosed message is PEC or claims to be.
func isPEC(msg *mime.Entity) bool {
	if claimsOf(msg.Header).IsPEC() {
		return true
	}
	s := smime.Of(msg)
	return s != nil && findParts(s.Content()).daticert != nil
}

// isMail reports whether a part is an enclosed message.
//
// QUIRK: some clients attach messages as application/octet-stream with a name
// that ends in .eml.
func isMail(e *mime.Entity) bool {
	if e.MediaType == "message/rfc822" || e.MediaType == "message/global" {
		return true
	}
	return e.MediaType == "application/octet-stream" && strings.HasSuffix(strings.ToLower(e.Filename()), ".eml")
}
