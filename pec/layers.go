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
	if depth > maxLayers && (isMail(e) || len(e.Parts) > 0) {
		// Only reached with Limits.Nesting above its default, or through
		// messages in encoded parts. A leaf at that depth hides nothing.
		return b.unread(e, &LimitError{Limit: "nesting", Max: maxLayers, Path: e.Path})
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
		return b.found(e, false, depth)
	}
	return b.inside(e, form, depth+1)
}

// enclosed looks at one enclosed message: a layer if it is PEC or claims to
// be, and otherwise something to look into.
func (b *builder) enclosed(e *mime.Entity, form mime.Form, depth int) []*Message {
	msg, err := b.open(e, form)
	if le := limitError(err); le != nil {
		// Not a PEC message that we know of, and not a reason to say nothing
		// of the one around it; but it is not passed over in silence either.
		le.Path = e.Path
		return b.unread(e, le)
	}
	if err != nil {
		return nil
	}
	if msg.Source() != e.Source() {
		form = mime.Form{} // it was decoded, and the form is off already
	}
	if isPEC(msg) {
		return b.found(msg, true, depth)
	}
	return b.inside(msg, form, depth+1)
}

// open opens an enclosed message, unless it was opened as the original of the
// layer around it: what it takes of memory it takes once.
func (b *builder) open(e *mime.Entity, form mime.Form) (*mime.Entity, error) {
	if o := b.originals[e]; o != nil {
		return o.Message(), o.Err()
	}
	msg, err := e.Message(form, b.innerLimits())
	b.spend(e, msg)
	return msg, err
}

// found returns a layer, if it is not one too many.
func (b *builder) found(e *mime.Entity, hasHeader bool, depth int) []*Message {
	if b.layers >= MaxLayers {
		return b.unread(e, &LimitError{Limit: "layers", Max: MaxLayers, Path: e.Path})
	}
	b.layers++
	return []*Message{b.layer(e, hasHeader, depth)}
}

// unread returns a layer of which nothing is known but the limit that it
// passed. After the first one that is too many there are none.
func (b *builder) unread(e *mime.Entity, le *LimitError) []*Message {
	if b.layers > MaxLayers {
		return nil
	}
	if b.layers++; b.layers > MaxLayers {
		le = &LimitError{Limit: "layers", Max: MaxLayers, Path: e.Path}
	}
	return []*Message{{Kind: KindUnknown, Path: e.Path, entity: e, limits: b.limits, limit: le}}
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
