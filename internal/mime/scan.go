package mime

import (
	"bytes"
	"sync"
)

// longLine is the number of bytes of a line that decide what the line is. No
// delimiter, field name or mbox quoting is looked for beyond it, so that a line
// of any length needs no memory.
const longLine = 4096

// scanner holds one pass over the message: a chunk of bytes, the position in
// it, and the stack of entities that are open there.
type scanner struct {
	src   *Source
	lim   Limits
	root  *Entity
	stack []frame

	chunk []byte
	base  int64 // offset of chunk[0] in the source
	pos   int   // consumed up to here

	// Line ends are counted line by line, NUL and CR looked for in one go over whole
	// runs: chunk[tallied:pos] is not in total yet.
	total   LineEnds
	tallied int
	run     LineEnds // CRLF and LF of that run
	lineEnd int      // length of the line end just before pos: 0, 1 or 2

	uneven   int  // times that equalLines looked for nothing
	midLine  bool // pos is inside a long line whose start was handled
	entities int
	header   []byte // the header block being collected
	headers  int    // bytes of all header blocks before it
	delims   []byte // delimiters of all multiparts so far

	slabs
}

// Scan reads the message once and returns its tree. The error is a
// *LimitError, ErrChanged or the reader's own; everything else is a Defect. An
// empty message, or one that is no mail at all, is an Entity without header.
// It uses a fixed buffer, and keeps the header blocks.
func Scan(src *Source, lim *Limits) (*Entity, error) {
	s := newScanner(src, lim.withDefaults(), nil)
	s.root = s.newEntity()
	s.root.src = src
	defer s.free()
	return s.scan()
}

// scanners go round, with the room for a header, for delimiters and for open
// entities that they have made.
var scanners = sync.Pool{New: func() any { return new(scanner) }}

func newScanner(src *Source, lim Limits, root *Entity) *scanner {
	s := scanners.Get().(*scanner)
	s.src, s.lim, s.root = src, lim, root
	return s
}

// maxKept is the largest room for a header, or for delimiters, that goes round.
const maxKept = 64 << 10

func (s *scanner) free() {
	if cap(s.header) > maxKept {
		s.header = nil
	}
	if cap(s.delims) > maxKept {
		s.delims = nil
	}
	clear(s.stack[:cap(s.stack)])
	*s = scanner{header: s.header[:0], delims: s.delims[:0], stack: s.stack[:0]}
	scanners.Put(s)
}

func (s *scanner) scan() (*Entity, error) {
	if s.src.size > s.lim.Message {
		return nil, &LimitError{Limit: "message", Max: s.lim.Message, Path: s.root.Path}
	}
	if err := s.open(s.root); err != nil {
		return nil, err
	}
	if err := s.read(); err != nil {
		return nil, err
	}
	if err := s.src.seal(); err != nil {
		return nil, err
	}
	return s.root, nil
}

var scanBuffers = sync.Pool{New: func() any { return new([longLine + 1 + blockSize]byte) }}

// read feeds the whole source, in chunks that end where a line ends or inside
// a long line.
func (s *scanner) read() error {
	if s.src.data != nil {
		s.chunk = s.src.data
		return s.feed(len(s.chunk), true)
	}
	if s.src.isSmall() {
		b, buf, err := s.src.scanSmall()
		if err != nil {
			return err
		}
		defer buf.free()
		s.chunk = b
		return s.feed(len(b), true)
	}
	array := scanBuffers.Get().(*[longLine + 1 + blockSize]byte)
	defer scanBuffers.Put(array)
	buf := array[:]
	kept := 0 // bytes of an unfinished line at the front of buf
	for n := int64(0); n == 0 || n*blockSize < s.src.size; n++ {
		b, err := s.src.scanBlock(n, buf[kept:kept+blockSize])
		if err != nil {
			return err
		}
		s.chunk = buf[:kept+len(b)]
		s.base, s.pos, s.tallied = n*blockSize-int64(kept), 0, 0
		if err := s.feed(s.wholeLines(), (n+1)*blockSize >= s.src.size); err != nil {
			return err
		}
		kept = copy(buf, s.chunk[s.pos:])
	}
	return nil
}

// wholeLines returns how much of the chunk to consume now: up to the last line
// end, or everything but a final CR if a long line is open there.
func (s *scanner) wholeLines() int {
	end := bytes.LastIndexByte(s.chunk, '\n') + 1
	if n := len(s.chunk); n-end > longLine+1 || s.midLine && end == 0 && n > 0 {
		end = n
		if s.chunk[n-1] == '\r' {
			end--
		}
	}
	return end
}

// feed consumes chunk[:end]; if last, all of the chunk, and closes everything.
func (s *scanner) feed(end int, last bool) error {
	if last {
		end = len(s.chunk)
	}
	if s.base == 0 && s.pos == 0 {
		s.skipEnvelope(end)
	}
	for s.pos < end {
		var err error
		switch {
		case s.midLine:
			err = s.restOfLine(end)
		case s.top().state == inHeader:
			err = s.headerLine(end)
		default:
			err = s.bodyLines(end)
		}
		if err != nil {
			return err
		}
	}
	s.tally()
	if last {
		return s.closeTo(0, s.here(), s.total)
	}
	return nil
}

// here is the offset of the next byte to consume.
func (s *scanner) here() int64 { return s.base + int64(s.pos) }

// skipEnvelope moves the start of the message behind a byte order mark and an
// mbox separator line.
//
// spec: RFC 4155 appendix A
func (s *scanner) skipEnvelope(end int) {
	if bytes.HasPrefix(s.chunk[:end], bom) {
		s.root.note("bom", 0, "")
		s.pos += len(bom)
	}
	if line := s.nextLine(end); bytes.HasPrefix(line, mboxFrom) && len(line) <= longLine {
		s.root.note("mbox-from", s.here(), "")
		s.consume(line)
		s.midLine = false
	}
	s.tally()
	f := s.top()
	f.start, f.before = s.here(), s.total
}

var (
	bom      = []byte("\xef\xbb\xbf")
	mboxFrom = []byte("From ")
)

// nextLine returns the line at pos, with its line end if it has one.
func (s *scanner) nextLine(end int) []byte {
	line, _ := cutLine(s.chunk[s.pos:end])
	return line
}

// consume moves behind a line or the start of a long one.
func (s *scanner) consume(line []byte) {
	s.pos += len(line)
	s.lineEnd = len(line) - len(trimLineEnd(line))
	switch s.lineEnd {
	case 2:
		s.run.CRLF++
	case 1:
		s.run.LF++
	}
	s.midLine = s.lineEnd == 0
}

// restOfLine consumes more of a line whose start has been handled.
func (s *scanner) restOfLine(end int) error {
	line := s.nextLine(end)
	if s.top().state == inHeader {
		if err := s.collect(line); err != nil {
			return err
		}
	}
	s.consume(line)
	return nil
}

// bodyLines consumes lines up to the end or to an entity's end. Lines that
// start with neither "--" nor ">" need no look at all; this loop is what a
// large message spends its time in.
func (s *scanner) bodyLines(end int) error {
	b := s.chunk[:end]
	pos := s.pos
	crlf, lf := 0, 0
	last := 0 // length of the line before; 0 if it does not count
	for pos < len(b) {
		if c := b[pos]; c == '-' || c == '>' {
			break
		}
		n := bytes.IndexByte(b[pos:], '\n')
		if n < 0 {
			break
		}
		if n > 0 && b[pos+n-1] == '\r' {
			crlf++
			s.lineEnd = 2
		} else {
			lf++
			s.lineEnd = 1
		}
		pos += n + 1
		switch length := n + 1; {
		case length == last && s.uneven < maxUneven:
			// Two of one length are base64, and more will follow.
			lines, ok := equalLines(b[pos:], length, s.lineEnd == 2)
			if pos += lines * length; s.lineEnd == 2 {
				crlf += lines
			} else {
				lf += lines
			}
			if last = 0; !ok {
				s.uneven++
			}
		default:
			last = length
		}
	}
	s.run.CRLF += crlf
	s.run.LF += lf
	s.pos = pos
	if pos == len(b) {
		return nil
	}
	line := s.nextLine(end)
	if line[0] == '-' {
		if found, err := s.delimiter(line); found || err != nil {
			return err
		}
	}
	s.noteQuotedFrom(line)
	s.consume(line)
	return nil
}

// maxUneven is how often a message may look like lines of one length and be
// none: what is looked at for nothing is bounded, whoever wrote it.
const maxUneven = 16

// equalLines counts the lines of one length, each ended by CRLF or each by LF
// alone and none to be looked at closer, that b starts with. ok is false if
// there is a line end inside one of them: then it counts none.
func equalLines(b []byte, length int, crlf bool) (lines int, ok bool) {
	end := 0
	for end+length <= len(b) && b[end+length-1] == '\n' && (length > 1 && b[end+length-2] == '\r') == crlf && b[end] != '-' && b[end] != '>' {
		end += length
		lines++
	}
	if bytes.Count(b[:end], newline) != lines {
		return 0, false
	}
	return lines, true
}

// noteQuotedFrom marks the open entities if the line starts with ">…>From ".
func (s *scanner) noteQuotedFrom(line []byte) {
	if line[0] != '>' || s.top().e.quoted {
		return
	}
	line = line[:min(len(line), longLine)]
	if bytes.HasPrefix(bytes.TrimLeft(line, ">"), mboxFrom) {
		for i := range s.stack {
			s.stack[i].e.quoted = true
		}
	}
}

// headerLine handles one line, or the start of a long one, of a header block.
func (s *scanner) headerLine(end int) error {
	line := s.nextLine(end)
	if line[0] == '-' {
		if found, err := s.delimiter(line); found || err != nil {
			return err
		}
	}
	if len(trimLineEnd(line)) == 0 {
		s.consume(line)
		s.tally()
		return s.endHeader(s.here(), s.total)
	}
	if len(s.header) == 0 {
		// What starts with something else than a field has no header. The line
		// is left where it is: it is the first of the body.
		if name, _ := fieldName(line[:min(len(line), longLine)]); name == 0 {
			s.top().e.note("no-header", s.here(), "")
			return s.endHeader(s.here(), s.total)
		}
	}
	s.noteQuotedFrom(line)
	if err := s.collect(line); err != nil {
		return err
	}
	s.consume(line)
	return nil
}

// collect adds a line to the header block.
func (s *scanner) collect(line []byte) error {
	n := len(s.header) + len(line)
	if n > s.lim.Header || s.headers+n > totalHeaders*s.lim.Header {
		return &LimitError{Limit: "header", Max: int64(s.lim.Header), Path: s.top().e.Path}
	}
	s.header = append(s.header, line...)
	return nil
}

var (
	newline = []byte{'\n'}
	cr      = []byte{'\r'}
)

// tally looks for NUL and for CR by itself in what was consumed since the last
// call, all of it inside one entity, and adds the run to the total. A CRLF is never
// split between runs.
func (s *scanner) tally() {
	run := s.chunk[s.tallied:s.pos]
	if len(run) == 0 {
		return
	}
	nul, bareCR := bytes.IndexByte(run, 0), bytes.Count(run, cr) > s.run.CRLF
	if (nul >= 0 || bareCR) && !s.top().binary() {
		e, at := s.top().e, s.base+int64(s.tallied)
		if nul >= 0 {
			e.note("nul", at+int64(nul), "")
		}
		if bareCR {
			e.note("bare-cr", at+int64(indexBareCR(run)), "")
		}
	}
	s.total.CRLF += s.run.CRLF
	s.total.LF += s.run.LF
	s.run = LineEnds{}
	s.tallied = s.pos
}

// indexBareCR returns the index of the first CR that no LF follows.
func indexBareCR(b []byte) int {
	for i := 0; ; i++ {
		n := bytes.IndexByte(b[i:], '\r')
		if n < 0 {
			return -1
		}
		if i += n; i+1 == len(b) || b[i+1] != '\n' {
			return i
		}
	}
}
