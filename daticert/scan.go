package daticert

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxDepth is the nesting of elements that is read. The DTD needs 4.
const maxDepth = 16

// scanner goes once through the text, for what encoding/xml, on which etree
// stands, does not do: it refuses duplicate attributes, a second root, text
// around it, stray XML declarations, forbidden characters in comments and
// references to them; it enforces the limits before anything is built; and
// where text that others wrote holds what XML forbids it makes a copy that can
// be read. What it accepts, encoding/xml accepts with the same elements open at
// every place, and of a document with elements, attributes and text only it
// makes the tree that etree makes; fuzzing checks both.
type scanner struct {
	doc    *document
	text   []byte
	pos    int
	body   int // where the text for etree begins: behind the XML declaration
	stack  [maxDepth]openElement
	depth  int
	root   bool  // the root was opened
	starts []int // where each element begins, in document order

	tree   *tree  // of what was read, as long as there is nothing but elements and text
	raw    string // the document, for whoever wants it
	source string // the text once more: names and values are pieces of it

	markup    int // elements, attributes and other markup so far
	maxMarkup int
	doctype   int // where the DOCTYPE begins, -1 without one

	repaired []byte // the copy for etree, up to copied; nil if none is needed
	copied   int
	bad      []badCharacter // what was repaired, the first maxDefects
	badCount int
}

// openElement is an element whose end was not seen yet.
type openElement struct {
	name    []byte
	foreign bool // its text was written by others: see DefectCharacter
	place
}

// badCharacter is something that XML forbids in text written by others.
type badCharacter struct {
	pos, end  int
	path      string
	reference bool
}

// scan goes through the document from the XML declaration to the end.
func (s *scanner) scan() error {
	s.text, s.doctype = s.doc.text, -1
	declared, err := s.declaration()
	if err != nil {
		return err
	}
	if err := s.doc.settle(declared); err != nil {
		return s.fail(0, err)
	}
	s.text = s.doc.text
	s.tree, s.raw = trees.Get().(*tree), string(s.doc.raw)
	if s.doc.enc == encUTF8 {
		s.source = s.raw[s.doc.bom:]
	} else {
		s.source = string(s.text)
	}
	for s.pos < len(s.text) {
		if s.text[s.pos] == '<' {
			err = s.tag()
		} else {
			err = s.characters()
		}
		if err != nil {
			return err
		}
	}
	if s.depth > 0 {
		return s.failf("document ends before </%s>", shortName(string(s.stack[s.depth-1].name)))
	}
	if !s.root {
		return s.failf("document without a root element")
	}
	return nil
}

// result returns the tree of a document that was accepted.
func (s *scanner) result() (*tree, error) {
	if s.tree != nil {
		return s.tree, nil
	}
	return readTree(s.readable(), s.text, s.starts)
}

// leave tells that there is more than elements and text in the document.
func (s *scanner) leave() {
	if s.tree != nil {
		s.tree.free()
		s.tree = nil
	}
}

// parent returns where the node read next belongs, nil for the root.
func (s *scanner) parent() *place {
	if s.depth == 0 {
		return nil
	}
	return &s.stack[s.depth-1].place
}

// readable returns the text for etree.
func (s *scanner) readable() []byte {
	if s.repaired == nil {
		return s.text[s.body:]
	}
	return append(s.repaired, s.text[s.copied:]...)
}

// replace puts with in place of a part of the text, in the copy for etree.
func (s *scanner) replace(from, to int, with string) {
	s.leave()
	if s.repaired == nil {
		s.repaired = make([]byte, 0, len(s.text)+64)
		s.copied = s.body
	}
	s.repaired = append(s.repaired, s.text[s.copied:from]...)
	s.repaired = append(s.repaired, with...)
	s.copied = to
}

// tag reads whatever begins with "<".
func (s *scanner) tag() error {
	rest := s.text[s.pos:]
	switch {
	case bytes.HasPrefix(rest, []byte("</")):
		return s.endTag()
	case bytes.HasPrefix(rest, []byte("<?")):
		s.leave()
		return s.instruction()
	case bytes.HasPrefix(rest, []byte("<!--")):
		s.leave()
		return s.comment()
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		s.leave()
		return s.cdata()
	case bytes.HasPrefix(rest, []byte("<!DOCTYPE")):
		return s.doctypeDeclaration()
	case bytes.HasPrefix(rest, []byte("<!")):
		return s.failf("unknown markup %s", quote(rest[:min(len(rest), 12)]))
	}
	return s.startTag()
}

// characters reads text up to the next markup.
func (s *scanner) characters() error {
	begin, foreign := s.pos, s.depth > 0 && s.stack[s.depth-1].foreign
	for s.pos < len(s.text) {
		c := s.text[s.pos]
		switch {
		case s.depth > 0 && isOrdinary[c]:
			s.pos++
			for s.pos < len(s.text) && isOrdinary[s.text[s.pos]] {
				s.pos++
			}
		case c == '<':
			if s.tree != nil && s.depth > 0 {
				s.tree.add(node{text: decode(s.source[begin:s.pos])}, s.parent())
			}
			return nil
		case s.depth == 0 && !isSpace(c):
			return s.failf("text outside the root element")
		case c == '&':
			if err := s.reference(foreign); err != nil {
				return err
			}
		case c == ']' && bytes.HasPrefix(s.text[s.pos:], []byte("]]>")):
			return s.failf(`"]]>" in text`)
		case isPlain(c):
			s.pos++
		default:
			if err := s.character(foreign); err != nil {
				return err
			}
		}
	}
	return nil
}

// character reads one character that is not plain ASCII.
func (s *scanner) character(foreign bool) error {
	r, size := utf8.DecodeRune(s.text[s.pos:])
	if allowed(r) && (r != utf8.RuneError || size > 1) {
		s.pos += size
		return nil
	}
	if !foreign {
		return s.failf("%s", s.doc.describe(s.pos))
	}
	s.repair(s.pos+size, false)
	return nil
}

// repair reads what stands from here to end as U+FFFD.
func (s *scanner) repair(end int, reference bool) {
	s.badCount++
	if len(s.bad) < maxDefects {
		s.bad = append(s.bad, badCharacter{pos: s.pos, end: end, path: s.path(), reference: reference})
	}
	s.replace(s.pos, end, "\uFFFD")
	s.pos = end
}

// reference reads a character reference or one of XML's five entities.
func (s *scanner) reference(foreign bool) error {
	rest := s.text[s.pos:]
	if !bytes.HasPrefix(rest, []byte("&#")) {
		for _, name := range []string{"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"} {
			if bytes.HasPrefix(rest, []byte(name)) {
				s.pos += len(name)
				return nil
			}
		}
		end := bytes.IndexByte(rest, ';') + 1
		if end == 0 || end > maxQuoted {
			end = min(len(rest), 12)
		}
		return s.failf("%s is neither a character reference nor one of XML's own entities", quote(rest[:end]))
	}
	digits, base, i := "0123456789", 10, 2
	if i < len(rest) && rest[i] == 'x' {
		digits, base, i = "0123456789abcdefABCDEF", 16, 3
	}
	value, first := 0, i
	for ; i < len(rest) && strings.IndexByte(digits, rest[i]) >= 0; i++ {
		digit, _ := strconv.ParseUint(string(rest[i]), 16, 8)
		value = min(value*base+int(digit), utf8.MaxRune+1)
	}
	if i == first || i == len(rest) || rest[i] != ';' {
		return s.failf("malformed character reference %s", quote(rest[:min(i+1, len(rest))]))
	}
	i++
	switch {
	case value > utf8.MaxRune:
		return s.failf("character reference %s to no character", quote(rest[:i]))
	case allowed(rune(value)):
		s.pos += i
	case foreign:
		s.repair(s.pos+i, true)
	default:
		return s.failf("reference %s to a character that XML 1.0 forbids", quote(rest[:i]))
	}
	return nil
}

// isOrdinary is true for the plain characters that mean nothing in text or in
// an attribute's value, which is most of any document.
var isOrdinary = func() (set [256]bool) {
	for c := range set {
		set[c] = isPlain(byte(c)) && strings.IndexByte("<&]\"'", byte(c)) < 0
	}
	return set
}()

// isPlain reports whether c is an allowed character of its own in UTF-8.
func isPlain(c byte) bool { return c >= 0x20 && c < 0x80 || c == '\n' || c == '\t' || c == '\r' }

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// allowed reports whether XML allows the character.
//
// spec: XML 1.0 §2.2 Char
func allowed(r rune) bool {
	return r >= 0x20 && r <= 0xd7ff || r == '\n' || r == '\t' || r == '\r' ||
		r >= 0xe000 && r <= 0xfffd || r >= 0x10000 && r <= utf8.MaxRune
}

// path returns the open elements.
func (s *scanner) path() string {
	var b strings.Builder
	for _, e := range s.stack[:s.depth] {
		b.WriteByte('/')
		b.WriteString(shortName(string(e.name)))
	}
	return b.String()
}

func (s *scanner) fail(pos int, err error) error {
	line, _ := s.doc.locate(min(pos, len(s.doc.text)))
	return &SyntaxError{Line: line, Path: s.path(), Err: err}
}

func (s *scanner) failf(format string, args ...any) error {
	return s.fail(s.pos, fmt.Errorf(format, args...))
}

var errTruncated = errors.New("document ends inside markup")
