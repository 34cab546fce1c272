package daticert

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"
)

// startTag reads a start tag or an empty-element tag.
func (s *scanner) startTag() error {
	start := s.pos
	if err := s.counted(); err != nil {
		return err
	}
	s.pos++
	name, err := s.name()
	if err != nil {
		return err
	}
	switch {
	case s.depth == maxDepth:
		line, _ := s.doc.locate(start)
		return &DepthError{Line: line, Max: maxDepth}
	case s.depth == 0 && s.root:
		return s.fail(start, errors.New("a second root element"))
	case s.depth == 0 && string(name) != elPostacert.String():
		return s.fail(start, fmt.Errorf("the root element is %s, not postacert", quote(name)))
	}
	s.root = true
	s.starts = append(s.starts, start)
	index := 0
	if s.tree != nil {
		index = s.tree.add(node{name: s.source[start+1 : s.pos], at: start}, s.parent())
	}
	s.stack[s.depth] = openElement{name: name, foreign: s.writtenByOthers(name), place: place{node: index}}
	s.depth++
	if s.tree == nil {
		return s.attributes()
	}
	before := len(s.tree.attributes)
	err = s.attributes()
	s.tree.nodes[index].attributes = s.tree.attributes[before:]
	return err
}

// writtenByOthers reports whether an element at this place holds what the
// provider took over from a message: only there a forbidden character does not
// break the document.
//
// QUIRK: Register.it writes control characters of a subject as they are, Cedacri
// as references (genuine messages, 0x16 and &#18;).
func (s *scanner) writtenByOthers(name []byte) bool {
	if s.depth != 2 {
		return false
	}
	switch string(s.stack[1].name) {
	case "intestazione":
		return string(name) == "oggetto" || string(name) == "risposte"
	case "dati":
		return string(name) == "msgid" || string(name) == "errore-esteso"
	}
	return false
}

// attributes reads the rest of a start tag.
func (s *scanner) attributes() error {
	var room [8][]byte
	names := room[:0]
	var seen map[string]bool // instead of names when those become many
	for {
		blank := s.space()
		switch c := s.peek(); {
		case c == '>':
			s.pos++
			return nil
		case c == '/':
			s.pos++
			if s.peek() != '>' {
				return s.failf(`"/" without ">" in a tag`)
			}
			s.pos++
			s.depth--
			return nil
		case s.pos == len(s.text):
			return s.fail(s.pos, errTruncated)
		case !blank:
			return s.failf("no space before an attribute")
		}
		if err := s.counted(); err != nil {
			return err
		}
		start := s.pos
		name, err := s.attribute()
		if err != nil {
			return err
		}
		if seen == nil && len(names) == cap(names) {
			seen = make(map[string]bool)
			for _, n := range names {
				seen[string(n)] = true
			}
		}
		if seen[string(name)] || seen == nil && slices.ContainsFunc(names, func(n []byte) bool { return bytes.Equal(n, name) }) {
			return s.fail(start, fmt.Errorf("attribute %s twice in one tag", quote(name)))
		}
		if seen != nil {
			seen[string(name)] = true
		} else {
			names = append(names, name)
		}
	}
}

// attribute reads one attribute and returns its name.
func (s *scanner) attribute() ([]byte, error) {
	start := s.pos
	name, err := s.name()
	if err != nil {
		return nil, err
	}
	s.space()
	if s.peek() != '=' {
		return nil, s.failf(`attribute %s without "="`, quote(name))
	}
	s.pos++
	s.space()
	delimiter := s.peek()
	if delimiter != '"' && delimiter != '\'' {
		return nil, s.failf("attribute %s without quotes", quote(name))
	}
	s.pos++
	begin := s.pos
	for s.pos < len(s.text) {
		switch c := s.text[s.pos]; {
		case isOrdinary[c]:
			s.pos++
		case c == delimiter:
			if s.tree != nil {
				s.tree.attributes = append(s.tree.attributes, attribute{s.source[start : start+len(name)], decode(s.source[begin:s.pos])})
			}
			s.pos++
			return name, nil
		case c == '<':
			return nil, s.failf(`"<" in the value of attribute %s`, quote(name))
		case c == '&':
			err = s.reference(false)
		case isPlain(c):
			s.pos++
		default:
			err = s.character(false)
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, s.fail(s.pos, errTruncated)
}

// endTag reads an end tag.
func (s *scanner) endTag() error {
	start := s.pos
	s.pos += len("</")
	name, err := s.name()
	if err != nil {
		return err
	}
	s.space()
	if s.peek() != '>' {
		return s.failf(`end tag of %s without ">"`, quote(name))
	}
	s.pos++
	if s.depth == 0 {
		return s.fail(start, fmt.Errorf("end tag of %s, which is not open", quote(name)))
	}
	if open := s.stack[s.depth-1].name; !bytes.Equal(name, open) {
		return s.fail(start, fmt.Errorf("end tag of %s, but %s is open", quote(name), quote(open)))
	}
	s.depth--
	return nil
}

// comment reads a comment.
func (s *scanner) comment() error {
	if err := s.counted(); err != nil {
		return err
	}
	begin := s.pos + len("<!--")
	n := bytes.Index(s.text[begin:], []byte("--"))
	if n < 0 {
		return s.fail(s.pos, errTruncated)
	}
	end := begin + n + len("--")
	if end == len(s.text) || s.text[end] != '>' {
		return s.fail(begin+n, errors.New(`"--" in a comment`))
	}
	s.pos = begin
	if err := s.allAllowed(begin+n, false); err != nil {
		return err
	}
	s.pos = end + 1
	return nil
}

// cdata reads a CDATA section, which is text.
func (s *scanner) cdata() error {
	if err := s.counted(); err != nil {
		return err
	}
	if s.depth == 0 {
		return s.failf("text outside the root element")
	}
	begin := s.pos + len("<![CDATA[")
	n := bytes.Index(s.text[begin:], []byte("]]>"))
	if n < 0 {
		return s.fail(s.pos, errTruncated)
	}
	s.pos = begin
	if err := s.allAllowed(begin+n, s.stack[s.depth-1].foreign); err != nil {
		return err
	}
	s.pos = begin + n + len("]]>")
	return nil
}

// instruction reads a processing instruction.
func (s *scanner) instruction() error {
	if err := s.counted(); err != nil {
		return err
	}
	start := s.pos
	s.pos += len("<?")
	target, err := s.name()
	if err != nil {
		return err
	}
	if bytes.EqualFold(target, []byte("xml")) {
		return s.fail(start, errors.New("an XML declaration that is not at the beginning or is malformed"))
	}
	if !s.space() && !bytes.HasPrefix(s.text[s.pos:], []byte("?>")) {
		return s.failf("processing instruction without space after %s", quote(target))
	}
	n := bytes.Index(s.text[s.pos:], []byte("?>"))
	if n < 0 {
		return s.fail(start, errTruncated)
	}
	end := s.pos + n
	if err := s.allAllowed(end, false); err != nil {
		return err
	}
	s.pos = end + len("?>")
	return nil
}

// allAllowed reads text without markup up to a position.
func (s *scanner) allAllowed(end int, foreign bool) error {
	for s.pos < end {
		if isPlain(s.text[s.pos]) {
			s.pos++
		} else if err := s.character(foreign); err != nil {
			return err
		}
	}
	return nil
}

// name reads a name.
func (s *scanner) name() ([]byte, error) {
	begin, ascii := s.pos, true
	for s.pos < len(s.text) {
		c := s.text[s.pos]
		if c >= utf8.RuneSelf {
			ascii = false
		} else if !nameByte[c] {
			break
		}
		s.pos++
	}
	name := s.text[begin:s.pos]
	switch {
	case len(name) == 0:
		return nil, s.fail(begin, errors.New("no name where markup needs one"))
	case s.pos == len(s.text):
		return nil, s.fail(s.pos, errTruncated)
	case name[0] == '-' || name[0] == '.' || name[0] >= '0' && name[0] <= '9',
		bytes.IndexByte(name, ':') != bytes.LastIndexByte(name, ':'),
		!ascii && !isForeignName(name):
		return nil, s.fail(begin, fmt.Errorf("%s is no XML name", quote(name)))
	}
	return name, nil
}

func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
		c == '_' || c == ':' || c == '.' || c == '-'
}

var nameByte = func() (set [256]bool) {
	for c := range set {
		set[c] = isNameByte(byte(c))
	}
	return set
}()

// isForeignName asks encoding/xml whether a name with letters outside ASCII is
// one: no name of the DTD is, and its tables are not exported.
func isForeignName(name []byte) bool {
	tag := append(append([]byte("<"), name...), "/>"...)
	_, err := xml.NewDecoder(bytes.NewReader(tag)).RawToken()
	return err == nil
}

// counted counts one more piece of markup.
func (s *scanner) counted() error {
	s.markup++
	if s.markup > s.maxMarkup {
		line, _ := s.doc.locate(s.pos)
		return &MarkupError{Line: line, Max: s.maxMarkup}
	}
	return nil
}

// space skips white space and reports whether there was some.
func (s *scanner) space() bool {
	begin := s.pos
	for s.pos < len(s.text) && isSpace(s.text[s.pos]) {
		s.pos++
	}
	return s.pos > begin
}

// peek returns the next byte, 0 at the end.
func (s *scanner) peek() byte {
	if s.pos == len(s.text) {
		return 0
	}
	return s.text[s.pos]
}
