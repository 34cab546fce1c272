package mime

import (
	"bytes"
	"strconv"
	"strings"
)

// state says what the next line of an open entity belongs to.
type state uint8

const (
	inHeader   state = iota
	inLeaf           // content
	inMessage        // the message inside a message/rfc822, which is above on the stack
	inPreamble       // of a multipart, before the first delimiter
	inPart           // a part, which is above on the stack
	inEpilogue       // after the closing delimiter
)

// frame is an entity that is open at the scanner's position.
type frame struct {
	e      *Entity
	state  state
	start  int64    // of Raw
	before LineEnds // counted before Raw

	bodyStart int64
	atBody    LineEnds // counted before the body

	delim    []byte // "--" and the boundary of a multipart: a piece of delims
	epilogue int64  // where it starts
	digest   bool   // parts are message/rfc822 if they do not say otherwise
	fallback string // media type without Content-Type
}

// binary reports whether NUL and bare CR are content and no defect here.
func (f *frame) binary() bool {
	if f.state != inLeaf {
		return false
	}
	return f.e.Encoding == "binary" || f.e.Encoding == "8bit" && !strings.HasPrefix(f.e.MediaType, "text/")
}

func (s *scanner) top() *frame { return &s.stack[len(s.stack)-1] }

// open starts an entity at the current position.
func (s *scanner) open(e *Entity) error {
	if s.entities++; s.entities > s.lim.Parts {
		return &LimitError{Limit: "parts", Max: int64(s.lim.Parts), Path: e.Path}
	}
	s.header = s.header[:0]
	s.stack = append(s.stack, frame{e: e, start: s.here(), before: s.total, fallback: "text/plain"})
	return nil
}

// usualParts is how many parts a multipart of PEC has: text, daticert.xml and
// postacert.eml, or the signed part and the signature.
const usualParts = 3

// openChild starts the next part of the top entity, or the message inside it.
func (s *scanner) openChild() error {
	f := s.top()
	child := s.newEntity()
	var room [64]byte
	child.Path = s.newString(f.e.appendChildPath(room[:0], len(f.e.Parts)+1))
	child.src, child.depth = s.src, f.e.depth
	if f.e.Parts == nil {
		f.e.Parts = make([]*Entity, 0, usualParts)
	}
	f.e.Parts = append(f.e.Parts, child)
	digest := f.digest
	if err := s.open(child); err != nil {
		return err
	}
	if digest {
		s.top().fallback = "message/rfc822" // spec: RFC 2046 §5.1.5
	}
	return nil
}

// endHeader reads the header of the top entity and decides what the body is,
// which starts at the given offset, before which count was counted.
func (s *scanner) endHeader(body int64, count LineEnds) error {
	f := s.top()
	e := f.e
	s.headers += len(s.header)
	if len(s.header) > 0 {
		s.parseHeader(e, s.header, f.start)
	}
	s.header = s.header[:0]
	f.bodyStart, f.atBody = body, count
	e.readContentType(f.fallback, f.start, &s.slabs)
	e.filename = e.readFilename()
	f.state = inLeaf
	switch {
	case strings.HasPrefix(e.MediaType, "multipart/"):
		return s.startMultipart(f)
	case e.isMessage() && identity(e.Encoding):
		if err := s.nest(e); err != nil {
			return err
		}
		f.state = inMessage
		return s.openChild()
	}
	return nil
}

// nest counts one level of multipart or message/rfc822.
func (s *scanner) nest(e *Entity) error {
	if e.depth++; int(e.depth) > s.lim.Nesting {
		return &LimitError{Limit: "nesting", Max: int64(s.lim.Nesting), Path: e.Path}
	}
	return nil
}

func (s *scanner) startMultipart(f *frame) error {
	boundary := f.e.boundary(f.start)
	if boundary == "" {
		return nil // a leaf: nobody can say where its parts are
	}
	if err := s.nest(f.e); err != nil {
		return err
	}
	from := len(s.delims)
	s.delims = append(append(s.delims, dashes...), boundary...)
	f.delim = s.delims[from:len(s.delims):len(s.delims)]
	for i := range len(s.stack) - 1 {
		if bytes.Equal(s.stack[i].delim, f.delim) {
			f.e.note("boundary-repeated", f.start, "that of part "+strconv.Quote(s.stack[i].e.Path))
		}
	}
	f.state = inPreamble
	f.digest = f.e.MediaType == "multipart/digest"
	return nil
}

// delimiter looks whether a line that starts with "-" is a delimiter of an open
// multipart, innermost first. If so it closes what ends there and consumes the
// line.
//
// RFC 2046 §5.1.1 lets a receiver take any line that starts with the boundary
// for a delimiter; nearly all compare the whole line. A line on which the two
// differ is a defect.
//
// spec: RFC 2046 §5.1.1, §5.1.2
func (s *scanner) delimiter(line []byte) (bool, error) {
	if len(line) < 2 || line[1] != '-' {
		return false, nil
	}
	for i := len(s.stack) - 1; i >= 0; i-- {
		f := &s.stack[i]
		if f.delim == nil || !bytes.HasPrefix(line, f.delim) {
			continue
		}
		rest := trimLineEnd(line[len(f.delim):])
		opening := allBlank(rest)
		closing := !opening && bytes.HasPrefix(rest, dashes) && allBlank(rest[2:])
		switch {
		case len(line) > longLine || !opening && !closing:
			f.e.note("boundary-prefix", s.here(), "")
		case f.state == inEpilogue:
			f.e.note("delimiter-after-close", s.here(), "")
		default:
			return true, s.crossDelimiter(i, line, closing)
		}
	}
	return false, nil
}

var dashes = []byte("--")

func allBlank(b []byte) bool {
	for _, c := range b {
		if !isBlank(c) {
			return false
		}
	}
	return true
}

// crossDelimiter closes what is open inside frame i, before the line end that
// precedes the delimiter, and opens the next part or the epilogue.
func (s *scanner) crossDelimiter(i int, line []byte, closing bool) error {
	s.tally()
	end, count := s.here()-int64(s.lineEnd), s.total
	switch s.lineEnd {
	case 2:
		count.CRLF--
	case 1:
		count.LF--
	}
	if err := s.closeTo(i+1, end, count); err != nil {
		return err
	}
	f := s.top()
	if f.state == inPreamble {
		f.e.preamble = max(0, end-f.bodyStart)
	}
	s.consume(line)
	s.midLine = false // a delimiter cut off by the end of the message is one
	s.tally()
	if closing {
		f.state, f.epilogue, f.e.Closed = inEpilogue, s.here(), true
		return nil
	}
	f.state = inPart
	return s.openChild()
}

// closeTo closes entities, the innermost first, until depth are left. They
// end at the given offset, before which count was counted.
func (s *scanner) closeTo(depth int, end int64, count LineEnds) error {
	for len(s.stack) > depth {
		f := s.top()
		if f.state == inHeader {
			// The last line end of the header, or the blank line, may be that of
			// the delimiter.
			s.header = s.header[:min(int64(len(s.header)), max(0, end-f.start))]
			if err := s.endHeader(end, count); err != nil {
				return err
			}
			continue // it may have opened a message of no bytes
		}
		f.close(end, count)
		s.stack = s.stack[:len(s.stack)-1]
	}
	return nil
}

func (f *frame) close(end int64, count LineEnds) {
	e := f.e
	e.Raw = section(f.start, end)
	e.Body = section(f.bodyStart, end)
	if f.start <= end {
		e.Lines = count.minus(f.before)
		e.HeaderLines = e.Lines
		if f.bodyStart <= end {
			e.HeaderLines = f.atBody.minus(f.before)
		}
	}
	switch f.state {
	case inPreamble:
		e.preamble = e.Body.Length
		e.note("no-delimiter", e.Raw.Offset, "")
	case inEpilogue:
		e.epilogue = section(f.epilogue, end).Length
	}
	if f.state == inPart {
		e.note("no-closing-delimiter", end, "")
	}
	e.sortDefects()
}

// section is the range from start to end. A range that would start after its
// end, because the line end before it belongs to the delimiter after it, is
// empty.
func section(start, end int64) Section {
	start = min(start, end)
	return Section{Offset: start, Length: end - start}
}
