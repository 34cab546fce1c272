package ipa

import (
	"bytes"
	"io"
	"strings"
)

// quotedRows reads values separated by commas or tabs with quotes where they
// are needed (RFC 4180), as CKAN writes them. encoding/csv is not used because
// it neither bounds a value nor, with LazyQuotes, notices a quote that is never
// closed; without LazyQuotes it refuses the blanks around quoted values that
// the registry's files have.
type quotedRows struct {
	lines     *lines
	separator byte
	start     int    // line on which the row begins
	buf       []byte // the values of the row, one after the other
	ends      []int
	values    []string
}

func (c *quotedRows) line() int { return c.start }

func (c *quotedRows) next() ([]string, error) {
	var line []byte
	for len(bytes.TrimSpace(line)) == 0 {
		var err error
		if line, err = c.lines.read(c.separator); err != nil {
			return nil, err
		}
	}
	c.start = c.lines.n
	c.buf, c.ends = c.buf[:0], c.ends[:0]
	for more := true; more; {
		var err error
		if line, more, err = c.value(line); err != nil {
			return nil, err
		}
		c.ends = append(c.ends, len(c.buf))
		if len(c.buf) > maxRow {
			return nil, c.fail(ErrTooLong)
		}
	}
	text := string(c.buf)
	c.values = c.values[:0]
	from := 0
	for _, end := range c.ends {
		c.values = append(c.values, trimBlanks(text[from:end]))
		from = end
	}
	return c.values, nil
}

// value reads one value into buf and returns the rest of the line, and whether
// another value follows.
func (c *quotedRows) value(line []byte) (rest []byte, more bool, err error) {
	if quoted := c.skipBlanks(line); len(quoted) > 0 && quoted[0] == '"' {
		return c.quoted(quoted[1:])
	}
	end := bytes.IndexByte(line, c.separator)
	if end < 0 {
		end = len(line)
	}
	if end > maxValue {
		return nil, false, c.fail(ErrTooLong)
	}
	c.buf = append(c.buf, line[:end]...)
	if end == len(line) {
		return nil, false, nil
	}
	return line[end+1:], true, nil
}

// quoted reads a value after its opening quote, over several lines if need be.
func (c *quotedRows) quoted(line []byte) (rest []byte, more bool, err error) {
	opened, from := c.lines.n, len(c.buf)
	at := func(err error) error {
		return &SyntaxError{Line: opened, Column: len(c.ends) + 1, Err: err}
	}
	for {
		end := bytes.IndexByte(line, '"')
		if end < 0 {
			c.buf = append(append(c.buf, line...), '\n')
			if len(c.buf)-from > maxValue {
				return nil, false, at(ErrTooLong)
			}
			if line, err = c.lines.read(c.separator); err == io.EOF {
				return nil, false, at(ErrQuote)
			} else if err != nil {
				return nil, false, err
			}
			continue
		}
		c.buf = append(c.buf, line[:end]...)
		if len(c.buf)-from > maxValue {
			return nil, false, at(ErrTooLong)
		}
		line = line[end+1:]
		if len(line) > 0 && line[0] == '"' {
			c.buf, line = append(c.buf, '"'), line[1:]
			continue
		}
		switch line = c.skipBlanks(line); {
		case len(line) == 0:
			return nil, false, nil
		case line[0] == c.separator:
			return line[1:], true, nil
		}
		return nil, false, &SyntaxError{Line: c.lines.n, Column: len(c.ends) + 1, Err: ErrAfterQuote}
	}
}

// QUIRK: some writers put a blank between the comma and the quote.
func (c *quotedRows) skipBlanks(line []byte) []byte {
	for len(line) > 0 && (line[0] == ' ' || line[0] == '\t' && c.separator != '\t') {
		line = line[1:]
	}
	return line
}

func (c *quotedRows) fail(err error) error {
	return &SyntaxError{Line: c.lines.n, Column: len(c.ends) + 1, Err: err}
}

// trimBlanks takes white space off both ends, no-break spaces included.
func trimBlanks(s string) string { return strings.TrimSpace(s) }
