package mailstore

import (
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"

	"github.com/gopec/gopec/internal/mime"
)

// section returns a section of a message as its bytes stand there; nil for one that
// does not exist. Only of a selection of header fields are they put together.
//
// spec: RFC 3501 §6.4.5
func section(e *mime.Entity, raw []byte, s *imap.FetchItemBodySection) []byte {
	if len(s.Part) == 0 && s.Specifier == imap.PartSpecifierNone {
		return raw
	}
	e = find(e, s.Part)
	if e != nil && len(s.Part) > 0 && (s.Specifier == imap.PartSpecifierHeader || s.Specifier == imap.PartSpecifierText) {
		e = inner(e)
	}
	if e == nil {
		return nil
	}
	header := raw[e.Raw.Offset:e.Body.Offset]
	switch s.Specifier {
	case imap.PartSpecifierMIME:
		return header
	case imap.PartSpecifierHeader:
		if len(s.HeaderFields)+len(s.HeaderFieldsNot) == 0 {
			return header
		}
		return fields(e.Header, s)
	}
	return raw[e.Body.Offset:e.Body.End()]
}

// find follows part numbers.
func find(e *mime.Entity, path []int) *mime.Entity {
	for depth, n := range path {
		if depth > 0 && inner(e) != nil {
			e = inner(e)
		}
		switch {
		case isMultipart(e) && n >= 1 && n <= len(e.Parts):
			e = e.Parts[n-1]
		case isMultipart(e) || n != 1: // what has no parts is its own first
			return nil
		}
	}
	return e
}

func isMultipart(e *mime.Entity) bool {
	return strings.HasPrefix(e.MediaType, "multipart/") && len(e.Parts) > 0
}

// inner is the message in a message/rfc822, nil if it is encoded or no such part.
func inner(e *mime.Entity) *mime.Entity {
	if isMultipart(e) || len(e.Parts) != 1 {
		return nil
	}
	return e.Parts[0]
}

// fields is the header fields that a client names, or the others, and an empty line.
func fields(h mime.Header, s *imap.FetchItemBodySection) []byte {
	named := func(list []string, name string) bool {
		return slices.ContainsFunc(list, func(n string) bool { return strings.EqualFold(n, name) })
	}
	var out []byte
	for _, f := range h {
		if len(s.HeaderFields) > 0 && named(s.HeaderFields, f.Name) || len(s.HeaderFields) == 0 && !named(s.HeaderFieldsNot, f.Name) {
			out = append(out, f.Raw...)
		}
	}
	return append(out, "\r\n"...)
}
