package testsign

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"mime"
	"mime/quotedprintable"
	"strings"
)

// Field is one header field. Value may hold folding; a line end in it that is
// not followed by white space makes two fields of it.
type Field struct{ Name, Value string }

func headerBlock(fields []Field) []byte {
	var b bytes.Buffer
	for _, f := range fields {
		fmt.Fprintf(&b, "%s: %s\r\n", f.Name, f.Value)
	}
	b.WriteString("\r\n")
	return b.Bytes()
}

// splitPart returns the header fields of a part written here, and its body.
func splitPart(part []byte) (fields []Field, body []byte) {
	header, body, _ := bytes.Cut(part, []byte("\r\n\r\n"))
	for line := range strings.SplitSeq(string(header), "\r\n") {
		name, value, _ := strings.Cut(line, ": ")
		fields = append(fields, Field{name, value})
	}
	return fields, body
}

// or returns p with the empty fields taken from q.
func (p Part) or(q Part) Part {
	p.Type = orElse(p.Type, q.Type)
	p.Name = orElse(p.Name, q.Name)
	p.Encoding = orElse(p.Encoding, q.Encoding)
	p.Disposition = orElse(p.Disposition, q.Disposition)
	if p.Body == nil {
		p.Body = q.Body
	}
	return p
}

// bytes writes the part, without the CRLF of the delimiter after it.
func (p Part) bytes() []byte {
	if p.Raw != nil {
		return p.Raw
	}
	named := func(value, parameter string) string {
		if p.Name == "" || p.Name == "-" {
			return value
		}
		return fmt.Sprintf(`%s; %s="%s"`, value, parameter, p.Name)
	}
	var fields []Field
	if p.Type != "" && p.Type != "-" {
		fields = append(fields, Field{"Content-Type", named(p.Type, "name")})
	}
	if p.Encoding != "" && p.Encoding != "-" {
		fields = append(fields, Field{"Content-Transfer-Encoding", p.Encoding})
	}
	if p.Disposition != "" && p.Disposition != "-" {
		fields = append(fields, Field{"Content-Disposition", named(p.Disposition, "filename")})
	}
	return append(headerBlock(fields), encode(p.Body, p.Encoding)...)
}

// encode applies a transfer encoding. In 7bit and 8bit every LF becomes CRLF, as
// lines have to end so; binary, and encodings that are not known, leave all.
func encode(b []byte, encoding string) []byte {
	switch strings.ToLower(encoding) {
	case "base64":
		return base64Lines(b)
	case "quoted-printable":
		var out bytes.Buffer
		w := quotedprintable.NewWriter(&out)
		w.Write(b) // to a buffer: no error
		w.Close()
		return out.Bytes()
	case "7bit", "8bit":
		unix := bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
		return bytes.ReplaceAll(unix, []byte("\n"), []byte("\r\n"))
	default:
		return b
	}
}

// base64Lines writes lines of 64 characters, without a line end after the last.
func base64Lines(b []byte) []byte {
	text := base64.StdEncoding.EncodeToString(b)
	var lines []string
	for len(text) > 64 {
		lines = append(lines, text[:64])
		text = text[64:]
	}
	return []byte(strings.Join(append(lines, text), "\r\n"))
}

// multipart writes a whole multipart part, header block included. It ends with
// the closing delimiter and its CRLF.
func multipart(subtype, boundary string, parts ...[]byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "Content-Type: multipart/%s; boundary=%q\r\n\r\n", subtype, boundary)
	for _, p := range parts {
		b.WriteString("--" + boundary + "\r\n")
		b.Write(p)
		b.WriteString("\r\n")
	}
	b.WriteString("--" + boundary + "--\r\n")
	return b.Bytes()
}

// latin1 encodes as ISO-8859-1; what that does not have becomes a question
// mark, as providers do.
func latin1(s string) []byte {
	var b []byte
	for _, r := range s {
		if r > 0xff {
			r = '?'
		}
		b = append(b, byte(r))
	}
	return b
}

// textPart writes text (with LF) as text/plain, or with an HTML alternative.
func textPart(text, boundary string, withHTML bool) []byte {
	part := func(subtype, body string) []byte {
		return Part{
			Type: "text/" + subtype + "; charset=iso-8859-1", Encoding: "quoted-printable",
			Body: latin1(strings.ReplaceAll(body, "\n", "\r\n")),
		}.bytes()
	}
	plain := part("plain", text)
	if !withHTML {
		return plain
	}
	title, rest, _ := strings.Cut(text, "\n")
	page := "<html>\n<head><title>" + html.EscapeString(title) + "</title></head>\n<body>\n<h3>" + html.EscapeString(title) +
		"</h3>\n<hr>\n" + strings.ReplaceAll(html.EscapeString(strings.TrimSpace(rest)), "\n", "<br>\n") + "\n</body>\n</html>\n"
	return multipart("alternative", boundary, plain, part("html", page))
}

// encodedWord writes a header text, as RFC 2047 says if it is not ASCII.
func encodedWord(s string) string {
	return strings.ReplaceAll(mime.QEncoding.Encode("utf-8", s), "?= =?", "?=\r\n =?")
}
