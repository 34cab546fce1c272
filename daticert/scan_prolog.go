package daticert

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// declaration reads the XML declaration, if there is one, and returns the
// encoding that it names, "" for none.
//
// spec: XML 1.0 §2.8 XMLDecl
func (s *scanner) declaration() (string, error) {
	const open = "<?xml"
	if !bytes.HasPrefix(s.text, []byte(open)) || len(s.text) == len(open) || !isSpace(s.text[len(open)]) {
		return "", nil
	}
	malformed := func(what string) (string, error) {
		return "", s.failf("XML declaration: %s", what)
	}
	s.pos = len(open)
	version, ok := s.pseudoAttribute("version", "0123456789.")
	if !ok || version != "1.0" {
		return malformed(`want version="1.0"`)
	}
	encoding, _ := s.pseudoAttribute("encoding", letters+digits+"._-")
	if standalone, ok := s.pseudoAttribute("standalone", letters); ok && standalone != "yes" && standalone != "no" {
		return malformed("standalone is neither yes nor no")
	}
	s.space()
	if !bytes.HasPrefix(s.text[s.pos:], []byte("?>")) {
		return malformed(`want version, encoding and standalone, then "?>"`)
	}
	s.pos += len("?>")
	s.body = s.pos
	return encoding, nil
}

const (
	letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits  = "0123456789"
)

// pseudoAttribute reads a part of the XML declaration that consists of at
// least one of the characters given. It moves only if there is one.
func (s *scanner) pseudoAttribute(name, characters string) (string, bool) {
	begin := s.pos
	undo := func() (string, bool) { s.pos = begin; return "", false }
	if !s.space() || !bytes.HasPrefix(s.text[s.pos:], []byte(name)) {
		return undo()
	}
	s.pos += len(name)
	s.space()
	if s.peek() != '=' {
		return undo()
	}
	s.pos++
	s.space()
	delimiter := s.peek()
	if delimiter != '"' && delimiter != '\'' {
		return undo()
	}
	s.pos++
	n := bytes.IndexByte(s.text[s.pos:], delimiter)
	if n < 1 {
		return undo()
	}
	value := string(s.text[s.pos : s.pos+n])
	if strings.Trim(value, characters) != "" {
		return undo()
	}
	s.pos += n + 1
	return value, true
}

// doctypeDeclaration reads a document type declaration to find its end, and
// takes it out of what etree reads: encoding/xml finds another end where a
// processing instruction in the internal subset holds a quote.
//
// spec: XML 1.0 §2.8 doctypedecl
func (s *scanner) doctypeDeclaration() error {
	if err := s.counted(); err != nil {
		return err
	}
	if s.root || s.doctype >= 0 {
		return s.failf("DOCTYPE at a place where none may be")
	}
	s.doctype = s.pos
	s.pos += len("<!DOCTYPE")
	if !s.space() {
		return s.failf("no space after DOCTYPE")
	}
	if _, err := s.name(); err != nil {
		return err
	}
	for s.pos < len(s.text) {
		var err error
		switch c := s.text[s.pos]; {
		case c == '>':
			s.pos++
			s.replace(s.doctype, s.pos, "")
			return nil
		case c == '[':
			err = s.internalSubset()
		case c == '"' || c == '\'':
			err = s.literal()
		case isSpace(c) || isNameByte(c):
			s.pos++
		default:
			err = s.failf("character %s in a DOCTYPE", quote(s.text[s.pos:s.pos+1]))
		}
		if err != nil {
			return err
		}
	}
	return s.fail(s.pos, errTruncated)
}

// internalSubset reads the part of a DOCTYPE in brackets. Its declarations
// mean nothing here.
func (s *scanner) internalSubset() error {
	s.pos++
	for s.pos < len(s.text) {
		rest := s.text[s.pos:]
		var err error
		switch c := rest[0]; {
		case c == ']':
			s.pos++
			return nil
		case bytes.HasPrefix(rest, []byte("<!--")):
			err = s.comment()
		case bytes.HasPrefix(rest, []byte("<?")):
			err = s.instruction()
		case bytes.HasPrefix(rest, []byte("<!")):
			err = s.markupDeclaration()
		case isSpace(c) || c == '%' || c == ';' || isNameByte(c): // a parameter entity reference
			s.pos++
		default:
			err = s.failf("character %s in a DOCTYPE", quote(rest[:1]))
		}
		if err != nil {
			return err
		}
	}
	return s.fail(s.pos, errTruncated)
}

// markupDeclaration reads one declaration of an internal subset.
func (s *scanner) markupDeclaration() error {
	if err := s.counted(); err != nil {
		return err
	}
	s.pos += len("<!")
	for s.pos < len(s.text) {
		var err error
		switch c := s.text[s.pos]; {
		case c == '>':
			s.pos++
			return nil
		case c == '<':
			err = errors.New(`"<" in a declaration`)
			return s.fail(s.pos, err)
		case c == '"' || c == '\'':
			err = s.literal()
		case isPlain(c):
			s.pos++
		default:
			err = s.character(false)
		}
		if err != nil {
			return err
		}
	}
	return s.fail(s.pos, errTruncated)
}

// literal reads a quoted string of a DOCTYPE.
func (s *scanner) literal() error {
	begin := s.pos
	s.pos++
	n := bytes.IndexByte(s.text[s.pos:], s.text[begin])
	if n < 0 {
		return s.fail(begin, fmt.Errorf("quoted string without end: %w", errTruncated))
	}
	if err := s.allAllowed(s.pos+n, false); err != nil {
		return err
	}
	s.pos++
	return nil
}
