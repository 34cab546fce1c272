package mime

import (
	"bytes"
	"strings"
)

// Field is one header field as it stands in the message.
type Field struct {
	Name string // as written, without the colon
	Raw  string // the whole field with folding and line ends
}

// Value returns the field's body, unfolded, without white space around it.
// Every line end is taken out; the white space of a folded line stays.
//
// spec: RFC 5322 §2.2.3
func (f Field) Value() string {
	_, body, _ := strings.Cut(f.Raw, ":")
	body = trimSpace(body)
	if strings.IndexByte(body, '\n') < 0 {
		return body
	}
	var out strings.Builder
	out.Grow(len(body))
	for len(body) > 0 {
		line, rest, ended := strings.Cut(body, "\n")
		if ended {
			line = strings.TrimSuffix(line, "\r")
		}
		out.WriteString(line)
		body = rest
	}
	return out.String()
}

// trimSpace takes white space and line ends off both ends. It is called for every
// field that is looked at.
func trimSpace(s string) string {
	for s != "" && isSpace(s[0]) {
		s = s[1:]
	}
	for s != "" && isSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// isName compares field names, which are ASCII, without regard to case.
func isName(a, b string) bool { return len(a) == len(b) && strings.EqualFold(a, b) }

// Header is a header block, in order.
type Header []Field

// Get returns the value of the first field of that name, in any case; "" if
// there is none. Values and Has see all of them.
func (h Header) Get(name string) string {
	for i := range h {
		if isName(h[i].Name, name) {
			return h[i].Value()
		}
	}
	return ""
}

// Values returns the value of every field of that name, in order.
func (h Header) Values(name string) []string {
	n := 0
	for i := range h {
		if isName(h[i].Name, name) {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	out := make([]string, 0, n)
	for i := range h {
		if isName(h[i].Name, name) {
			out = append(out, h[i].Value())
		}
	}
	return out
}

// First returns the value of the first field of that name, how many there are,
// and whether another one has another value.
func (h Header) First(name string) (value string, count int, differ bool) {
	for i := range h {
		if !isName(h[i].Name, name) {
			continue
		}
		if count++; count == 1 {
			value = h[i].Value()
		} else if !differ {
			differ = h[i].Value() != value
		}
	}
	return value, count, differ
}

// Has reports whether there is a field of that name.
func (h Header) Has(name string) bool {
	for i := range h {
		if isName(h[i].Name, name) {
			return true
		}
	}
	return false
}

// parseHeader reads the fields of e from a header block without its blank
// line, which starts at offset base. The fields keep a copy of it.
//
// A line that is neither a field nor a continuation is skipped, with the
// continuation lines after it: mail gateways leave such lines behind, and
// JavaMail, Dovecot and Thunderbird go on too. (Python and mutt end the header
// there.)
func (s *slabs) parseHeader(e *Entity, block []byte, base int64) {
	text := s.newString(block) // names, values and fields are pieces of it
	e.Header = s.newHeader(fieldLines(block))
	start, field := 0, -1
	for pos := 0; pos < len(block); {
		line, _ := cutLine(block[pos:])
		if !isBlank(line[0]) {
			start = pos
			name, spaced := fieldName(line)
			if name == 0 {
				e.note("header-line", base+int64(pos), "neither a field nor a continuation")
				field = -1
			} else {
				if spaced {
					e.note("header-space", base+int64(pos), text[pos:pos+name])
				}
				e.Header = append(e.Header, Field{Name: text[pos : pos+name]})
				field = len(e.Header) - 1
			}
		}
		pos += len(line)
		if field >= 0 {
			e.Header[field].Raw = text[start:pos]
		}
	}
}

// fieldLines counts the lines that are no continuation. A header of a million
// fields is then held once, not in every size that append goes through.
func fieldLines(block []byte) int {
	n := 0
	for line, rest := cutLine(block); len(line) > 0; line, rest = cutLine(rest) {
		if !isBlank(line[0]) {
			n++
		}
	}
	return n
}

// fieldName returns the length of the field name that a line starts with, 0 if
// it is no field, and whether white space stands before the colon.
//
// spec: RFC 5322 §2.2, §4.5.8
func fieldName(line []byte) (name int, spaced bool) {
	for name < len(line) && line[name] > ' ' && line[name] < 0x7f && line[name] != ':' {
		name++
	}
	i := name
	for i < len(line) && isBlank(line[i]) {
		i++
	}
	if name == 0 || i == len(line) || line[i] != ':' {
		return 0, false
	}
	return name, i > name
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// cutLine returns the first line with its line end, and the rest.
func cutLine(b []byte) (line, rest []byte) {
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		return b[:i+1], b[i+1:]
	}
	return b, nil
}

// trimLineEnd takes off the line end: CRLF or LF.
func trimLineEnd(line []byte) []byte {
	n := len(line)
	if n == 0 || line[n-1] != '\n' {
		return line
	}
	if n > 1 && line[n-2] == '\r' {
		return line[:n-2]
	}
	return line[:n-1]
}
