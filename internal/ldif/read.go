package ldif

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
)

// Records yields the records of an input in order. It can be used once. An
// error ends it and comes with a nil record: a [*LimitError], a
// [*VersionError], or the reader's own.
//
// spec: RFC 2849, content records
func Records(r io.Reader, l Limits) iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		p := &parser{limits: l.withDefaults(), in: bufio.NewReaderSize(r, 64<<10), yield: yield}
		if err := p.run(); err != nil && err != errStopped {
			yield(nil, err)
		}
	}
}

// errStopped says that the caller wants no more records.
var errStopped = errors.New("stopped")

type parser struct {
	limits Limits
	in     *bufio.Reader
	yield  func(*Record, error) bool

	size    int64
	number  int    // of the physical line read last
	start   int    // of the line in hand
	line    []byte // joined
	record  *Record
	records int
	begun   bool // something other than comments was read
	mark    bool // the input began with a byte-order mark

	description string   // of the last attribute
	parts       []string // name and options in it
}

func (p *parser) run() error {
	for {
		err := p.next()
		if err == io.EOF {
			return p.flush()
		}
		if err == nil {
			err = p.take()
		}
		if err != nil {
			return err
		}
	}
}

// next reads one line with those that continue it. A line that begins with a
// space continues the one before, a comment too.
//
// spec: RFC 2849, notes on LDIF syntax 2
func (p *parser) next() error {
	p.line = p.line[:0]
	if err := p.physical(); err != nil {
		return err
	}
	p.start = p.number
	if len(p.line) == 0 { // a blank line; whatever continues it continues nothing
		return nil
	}
	for {
		b, err := p.in.Peek(1)
		if err == io.EOF || err == nil && b[0] != ' ' {
			return nil
		}
		if err != nil {
			return err
		}
		end := len(p.line)
		if err := p.physical(); err != nil {
			return err
		}
		p.line = append(p.line[:end], p.line[end+1:]...)
	}
}

// physical appends one line of the input without its end.
func (p *parser) physical() error {
	before := len(p.line)
	p.number++
	for {
		part, err := p.in.ReadSlice('\n')
		p.size += int64(len(part))
		if p.size > p.limits.Size {
			return &LimitError{LimitSize, p.limits.Size, p.number}
		}
		p.line = append(p.line, part...)
		if len(p.line) > p.limits.Line+len("\r\n ") {
			return p.tooLong()
		}
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err == io.EOF && len(p.line) == before && len(part) == 0:
			return io.EOF
		case err != nil && err != io.EOF:
			return fmt.Errorf("ldif: %w", err)
		}
		break
	}
	if p.number == 1 && bytes.HasPrefix(p.line, []byte("\xef\xbb\xbf")) {
		p.line, p.mark = p.line[3:], true
	}
	if end := len(p.line); end > before && p.line[end-1] == '\n' {
		p.line = p.line[:end-1]
		if end -= 1; end > before && p.line[end-1] == '\r' {
			p.line = p.line[:end-1]
		}
	}
	folded := 0
	if before > 0 {
		folded = 1 // the space goes away
	}
	if len(p.line)-folded > p.limits.Line {
		return p.tooLong()
	}
	return nil
}

func (p *parser) tooLong() error { return &LimitError{LimitLine, int64(p.limits.Line), p.number} }

// take handles one joined line.
func (p *parser) take() error {
	switch {
	case len(p.line) == 0:
		return p.flush()
	case p.line[0] == '#':
		return nil
	}
	first := !p.begun
	p.begun = true
	name, value, ok := bytes.Cut(p.line, []byte(":"))
	label := string(name[:min(len(name), 100)])
	isDN := ok && equalASCII(label, "dn")
	if p.record != nil && p.record.Change && !isDN {
		return nil
	}
	switch {
	case first && ok && equalASCII(label, "version"):
		return version(value)
	case isDN && p.record != nil:
		if err := p.flush(); err != nil {
			return err
		}
		if err := p.open(); err != nil {
			return err
		}
		p.record.defect(DNInside, p.start, "")
	case p.record == nil:
		if err := p.open(); err != nil {
			return err
		}
	}
	if isDN {
		p.dn(value)
		return nil
	}
	if p.record.Line == p.start && !isDN {
		p.record.defect(NoDN, p.start, "")
	}
	switch {
	case p.line[0] == ' ':
		p.record.defect(StrayFold, p.start, "")
	case !ok:
		p.record.defect(NoColon, p.start, string(p.line[:min(len(p.line), 100)]))
	case equalASCII(label, "changetype") || equalASCII(label, "control"):
		p.record.Attributes, p.record.Change = nil, true
		p.record.defect(Change, p.start, "")
	case equalASCII(label, "version"):
		p.record.defect(VersionPlace, p.start, "")
	default:
		return p.attribute(name, value)
	}
	return nil
}

// version takes "version: 1".
func version(value []byte) error {
	if v := string(bytes.Trim(value, " ")); v != "1" {
		return &VersionError{v}
	}
	return nil
}

// open begins a record.
func (p *parser) open() error {
	if p.records++; p.records > p.limits.Records {
		return &LimitError{LimitRecords, int64(p.limits.Records), p.start}
	}
	p.record = &Record{Line: p.start}
	if p.mark {
		p.mark = false
		p.record.defect(ByteMark, 1, "")
	}
	return nil
}

// flush ends the record in hand.
func (p *parser) flush() error {
	r := p.record
	p.record = nil
	if r != nil && !p.yield(r, nil) {
		return errStopped
	}
	return nil
}

// dn takes the distinguished name. One that cannot be read leaves it empty.
func (p *parser) dn(rest []byte) {
	value, code := p.value(rest)
	if code != "" {
		p.record.defect(code, p.start, "dn")
		if code != NotASCII {
			p.record.defect(NoDN, p.start, "")
			return
		}
	}
	p.record.DN = string(value)
}

func (p *parser) attribute(description, rest []byte) error {
	if p.parts == nil || string(description) != p.description { // values of one attribute stand together, and share their name
		parts := strings.Split(string(description[:min(len(description), maxDescription)]), ";")
		if len(description) > maxDescription || !validType(parts[0]) || !validOptions(parts[1:]) {
			p.record.defect(BadName, p.start, string(description[:min(len(description), 100)]))
			return nil
		}
		p.description, p.parts = string(description), parts
	}
	parts := p.parts
	value, code := p.value(rest)
	if code != "" {
		p.record.defect(code, p.start, parts[0])
		if code != NotASCII {
			return nil
		}
	}
	if len(p.record.Attributes) >= p.limits.Values {
		return &LimitError{LimitValues, int64(p.limits.Values), p.start}
	}
	p.record.Attributes = append(p.record.Attributes, Attribute{Name: parts[0], Options: parts[1:len(parts):len(parts)], Value: value, Line: p.start})
	return nil
}

// maxDescription is more than any name with its options takes.
const maxDescription = 1000

// value reads what follows the first colon: plain, ": base64", or "< URL". The
// code is "" unless there is a defect; with NotASCII there is a value, too.
//
// spec: RFC 2849, value-spec
func (p *parser) value(rest []byte) ([]byte, Code) {
	form := byte(0)
	if len(rest) > 0 && (rest[0] == ':' || rest[0] == '<') {
		form, rest = rest[0], rest[1:]
	}
	rest = bytes.TrimLeft(rest, " ")
	switch form {
	case '<':
		return nil, URLValue
	case ':':
		// Strict refuses line breaks inside, which the joining took away, and
		// bits that no value has.
		out := make([]byte, base64.StdEncoding.DecodedLen(len(rest)))
		n, err := base64.StdEncoding.Strict().Decode(out, bytes.TrimRight(rest, " "))
		if err != nil {
			return nil, BadBase64
		}
		return out[:n:n], ""
	}
	value := bytes.Clone(rest)
	if value == nil {
		value = []byte{}
	}
	for _, b := range value {
		if b == 0 || b >= 0x80 || b == '\r' {
			return value, NotASCII
		}
	}
	return value, ""
}

// validType reports an attribute type: a name, or an OID in dots.
//
// spec: RFC 2849, AttributeType; RFC 4512 §1.4
func validType(s string) bool {
	if s == "" {
		return false
	}
	if '0' <= s[0] && s[0] <= '9' {
		return strings.Trim(s, "0123456789.") == "" && !strings.Contains(s, "..") && !strings.HasSuffix(s, ".")
	}
	return isLetter(s[0]) && validChars(s)
}

func validOptions(options []string) bool {
	for _, o := range options {
		if o == "" || !validChars(o) {
			return false
		}
	}
	return true
}

func validChars(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isLetter(c) && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
