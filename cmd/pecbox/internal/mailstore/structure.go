package mailstore

import (
	"bytes"
	stdmime "mime"
	"strings"

	"github.com/emersion/go-imap/v2"

	"github.com/gopec/gopec/internal/mime"
)

// structure describes the parts of a message.
//
// spec: RFC 3501 §7.4.2
func structure(e *mime.Entity, raw []byte) imap.BodyStructure {
	kind, sub, _ := strings.Cut(e.MediaType, "/")
	if isMultipart(e) {
		m := &imap.BodyStructureMultiPart{Subtype: sub, Extended: &imap.BodyStructureMultiPartExt{
			Params: e.Params.Map(), Disposition: disposition(e), Location: e.Header.Get("Content-Location"),
		}}
		for _, p := range e.Parts {
			m.Children = append(m.Children, structure(p, raw))
		}
		return m
	}
	body := raw[e.Body.Offset:e.Body.End()]
	lines := int64(bytes.Count(body, []byte("\n")))
	if kind == "multipart" { // in which no part was found: shown as the text it is
		kind, sub = "text", "plain"
	}
	p := &imap.BodyStructureSinglePart{
		Type: kind, Subtype: sub, Params: e.Params.Map(), Size: uint32(len(body)), Encoding: e.Encoding,
		ID: e.Header.Get("Content-Id"), Description: e.Header.Get("Content-Description"),
		Extended: &imap.BodyStructureSinglePartExt{Disposition: disposition(e), Location: e.Header.Get("Content-Location")},
	}
	switch {
	case e.MediaType == "message/rfc822":
		p.MessageRFC822 = &imap.BodyStructureMessageRFC822{NumLines: lines, Envelope: &imap.Envelope{}}
		if m := inner(e); m != nil {
			p.MessageRFC822.Envelope, p.MessageRFC822.BodyStructure = envelope(m.Header), structure(m, raw)
			break
		}
		// The message in an encoded part has no section of its own that could be fetched.
		p.MessageRFC822.BodyStructure = &imap.BodyStructureSinglePart{
			Type: "text", Subtype: "plain", Size: p.Size, Encoding: e.Encoding,
			Text: &imap.BodyStructureText{NumLines: lines}, Extended: &imap.BodyStructureSinglePartExt{},
		}
	case kind == "text":
		p.Text = &imap.BodyStructureText{NumLines: lines}
	}
	return p
}

func disposition(e *mime.Entity) *imap.BodyStructureDisposition {
	value, params, err := stdmime.ParseMediaType(e.Header.Get("Content-Disposition"))
	if err != nil {
		return nil
	}
	return &imap.BodyStructureDisposition{Value: value, Params: params}
}
