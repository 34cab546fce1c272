package ipa

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// jsonRows reads the JSON dump of CKAN, an object with "fields" (the columns)
// and then "records" (the rows, as arrays in the order of the columns).
type jsonRows struct {
	in     *countedReader
	dec    *json.Decoder
	fields []string
	values []string
	start  int // line on which the row begins
}

// newJSONRows reads up to the first row. The column names are in fields.
func newJSONRows(r io.Reader) (*jsonRows, error) {
	in := &countedReader{r: r, quota: maxRow}
	j := &jsonRows{in: in, dec: json.NewDecoder(in)}
	j.dec.UseNumber()
	if err := j.expect(json.Delim('{')); err != nil {
		return nil, err
	}
	for j.dec.More() {
		key, err := j.token()
		if err != nil {
			return nil, err
		}
		switch key {
		case "records":
			if j.fields == nil {
				return nil, j.fail(ErrJSON, `"records" before "fields"`)
			}
			return j, j.expect(json.Delim('['))
		case "fields":
			var columns []struct{ ID string }
			if err := j.dec.Decode(&columns); err != nil {
				return nil, j.failure(err)
			}
			j.fields = make([]string, len(columns))
			for i, c := range columns {
				j.fields[i] = c.ID
			}
		default:
			var skipped json.RawMessage
			if err := j.dec.Decode(&skipped); err != nil {
				return nil, j.failure(err)
			}
		}
	}
	if _, err := j.token(); err != nil { // the object's end, or what is wrong in its place
		return nil, err
	}
	return nil, j.fail(ErrJSON, `no "records"`)
}

func (j *jsonRows) line() int { return j.start }

func (j *jsonRows) next() ([]string, error) {
	j.in.quota = maxRow
	if !j.dec.More() {
		return nil, j.finish()
	}
	if err := j.expect(json.Delim('[')); err != nil {
		return nil, err
	}
	j.start = j.in.lineAt(j.dec.InputOffset())
	j.values = j.values[:0]
	for j.dec.More() {
		token, err := j.token()
		if err != nil {
			return nil, err
		}
		text := ""
		switch v := token.(type) {
		case nil:
		case string:
			text = v
		case json.Number:
			text = v.String()
		case bool:
			text = fmt.Sprint(v)
		default:
			return nil, j.failColumn(ErrJSON, "a value is neither text nor number")
		}
		if len(text) > maxValue {
			return nil, j.failColumn(ErrTooLong, "")
		}
		if strings.IndexByte(text, 0) >= 0 {
			return nil, j.failColumn(ErrNUL, "")
		}
		j.values = append(j.values, trimBlanks(text))
	}
	if err := j.expect(json.Delim(']')); err != nil {
		return nil, err
	}
	return j.values, nil
}

// finish reads what follows the rows and returns io.EOF if it is as it should
// be: a dump that was cut off is noticed here.
func (j *jsonRows) finish() error {
	if err := j.expect(json.Delim(']')); err != nil {
		return err
	}
	for j.dec.More() {
		var skipped json.RawMessage
		if _, err := j.token(); err != nil {
			return err
		}
		if err := j.dec.Decode(&skipped); err != nil {
			return j.failure(err)
		}
	}
	if err := j.expect(json.Delim('}')); err != nil {
		return err
	}
	j.in.quota = maxRow
	switch _, err := j.dec.Token(); err {
	case nil:
		return j.fail(ErrJSON, "something follows the dump")
	case io.EOF:
		return io.EOF
	default: // also the reader's own
		return j.failure(err)
	}
}

func (j *jsonRows) token() (json.Token, error) {
	t, err := j.dec.Token()
	if err != nil {
		return nil, j.failure(err)
	}
	return t, nil
}

func (j *jsonRows) expect(want json.Delim) error {
	t, err := j.token()
	if err != nil {
		return err
	}
	if t != want {
		return j.fail(ErrJSON, fmt.Sprintf("%s expected", want))
	}
	return nil
}

// failure translates an error of the decoder.
func (j *jsonRows) failure(err error) error {
	if errors.Is(err, ErrTooLong) {
		return j.failColumn(ErrTooLong, "")
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return j.fail(ErrJSON, "the file is cut off")
	}
	if _, ok := errors.AsType[*json.SyntaxError](err); ok {
		return j.fail(ErrJSON, err.Error())
	}
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return j.fail(ErrJSON, err.Error())
	}
	return j.fail(err, "")
}

func (j *jsonRows) fail(err error, detail string) error {
	return &SyntaxError{Line: j.in.lineAt(j.dec.InputOffset()), Detail: detail, Err: err}
}

func (j *jsonRows) failColumn(err error, detail string) error {
	return &SyntaxError{Line: j.in.lineAt(j.dec.InputOffset()), Column: len(j.values) + 1, Detail: detail, Err: err}
}

// countedReader bounds how much is read for one row, since the decoder itself
// would buffer a value of any length, and knows on which line an offset lies.
type countedReader struct {
	r        io.Reader
	quota    int // bytes that may still be read for this row
	offset   int64
	newlines []int64 // offsets of line ends not yet passed
	passed   int     // line ends passed
}

func (c *countedReader) Read(p []byte) (int, error) {
	if c.quota <= 0 {
		return 0, ErrTooLong
	}
	if len(p) > c.quota {
		p = p[:c.quota]
	}
	n, err := c.r.Read(p)
	c.quota -= n
	for i := 0; i < n; i++ {
		next := bytes.IndexByte(p[i:n], '\n')
		if next < 0 {
			break
		}
		i += next
		c.newlines = append(c.newlines, c.offset+int64(i))
	}
	c.offset += int64(n)
	return n, err
}

// lineAt returns the line of an offset, which must not fall between calls.
func (c *countedReader) lineAt(offset int64) int {
	n := 0
	for n < len(c.newlines) && c.newlines[n] < offset {
		n++
	}
	c.passed += n
	c.newlines = append(c.newlines[:0], c.newlines[n:]...)
	return c.passed + 1
}
