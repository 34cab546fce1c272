package ipa

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"unicode/utf8"
)

// The limits of reading.
const (
	maxValue   = 64 << 10  // bytes of one value
	maxRow     = 1 << 20   // bytes of one row
	maxDataset = 128 << 20 // bytes of one dataset
	maxRows    = 2_000_000 // rows of one dataset
)

// rows gives the rows of a table one by one. Errors are io.EOF and
// *SyntaxError, without the name of the file.
type rows interface {
	// next returns the values of the next row, without blanks around them.
	// The slice is valid until the following call.
	next() ([]string, error)
	// line returns the line on which the row last returned begins.
	line() int
}

// lines reads lines of bounded length.
type lines struct {
	r        *bufio.Reader
	n        int // number of the line last read
	long     []byte
	repaired int // lines with bytes that are not UTF-8
}

func newLines(r *bufio.Reader) *lines { return &lines{r: r} }

// read returns the next line without its end, valid until the following call.
// The separator serves to say in which column a line is too long.
func (l *lines) read(separator byte) ([]byte, error) {
	l.long = l.long[:0]
	for {
		part, err := l.r.ReadSlice('\n')
		if len(part) > 0 && len(l.long) == 0 {
			l.n++
		}
		if err == nil && len(l.long) == 0 {
			return l.checked(part)
		}
		l.long = append(l.long, part...)
		switch {
		case len(l.long) > maxRow:
			return nil, &SyntaxError{Line: l.n, Column: bytes.Count(l.long, []byte{separator}) + 1, Err: ErrTooLong}
		case err == nil, errors.Is(err, io.EOF) && len(l.long) > 0:
			return l.checked(l.long)
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF):
			return nil, io.EOF
		default:
			return nil, &SyntaxError{Line: l.n + 1, Err: err}
		}
	}
}

// checked takes the line end off, refuses NUL and repairs what is not UTF-8.
func (l *lines) checked(line []byte) ([]byte, error) {
	line = bytes.TrimSuffix(line, []byte("\n"))
	line = bytes.TrimSuffix(line, []byte("\r"))
	if bytes.IndexByte(line, 0) >= 0 {
		return nil, &SyntaxError{Line: l.n, Err: ErrNUL}
	}
	if !utf8.Valid(line) {
		l.repaired++
		line = bytes.ToValidUTF8(line, []byte("\ufffd"))
	}
	return line, nil
}

// tabbedRows reads the older files: values separated by tabs, no quoting.
type tabbedRows struct {
	lines  *lines
	values []string
}

func (t *tabbedRows) line() int { return t.lines.n }

func (t *tabbedRows) next() ([]string, error) {
	for {
		line, err := t.lines.read('\t')
		if err != nil {
			return nil, err
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		t.values = t.values[:0]
		text := string(line)
		for start := 0; start <= len(text); {
			end := indexByteFrom(text, '\t', start)
			if end-start > maxValue {
				return nil, &SyntaxError{Line: t.lines.n, Column: len(t.values) + 1, Err: ErrTooLong}
			}
			t.values = append(t.values, trimBlanks(text[start:end]))
			start = end + 1
		}
		return t.values, nil
	}
}

// indexByteFrom returns the place of c in s from start on, or len(s).
func indexByteFrom(s string, c byte, start int) int {
	for i := start; i < len(s); i++ {
		if s[i] == c {
			return i
		}
	}
	return len(s)
}
