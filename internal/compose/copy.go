package compose

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/mime"
)

// Copy is a copy of a mail with some of its parts replaced. It is read from the
// source each time it is written; a source that changes meanwhile is an error.
// A line that ends in LF ends in CRLF in the copy, because that is the form in
// which it is signed (RFC 8551 §3.1.1); no other byte changes.
type Copy struct {
	Root *mime.Entity

	header   []byte // instead of that of the source; nil for none
	edits    []edit
	encoding string // "" for 7bit, "8bit" or "binary"
	sum      [sha256.Size]byte
}

// edit replaces a section of the source.
type edit struct {
	section mime.Section
	with    []byte
}

// limits leave room for what is put around a copy: it must be readable there.
// The three levels are multipart/signed, multipart/mixed and message/rfc822.
var limits = &mime.Limits{Nesting: 20 - 3, Parts: 10_000 - 16, Header: 1<<20 - 64<<10}

// NewCopy scans a mail. The error is a limit passed, or the reader's own.
func NewCopy(r *io.SectionReader) (*Copy, error) {
	if r == nil {
		return nil, errors.New("there is none")
	}
	root, err := mime.Scan(mime.NewSource(r, r.Size(), true), limits)
	if err != nil {
		return nil, err
	}
	return &Copy{Root: root}, nil
}

// Replace puts other bytes, with CRLF, in the place of a section of the source.
// Sections must not overlap.
func (c *Copy) Replace(s mime.Section, with []byte) {
	c.edits = append(c.edits, edit{s, with})
}

// Finish reads the copy once, after which it can be written.
func (c *Copy) Finish() error {
	if c.header != nil {
		c.Replace(c.headerSection(), c.header)
		c.header = nil
	}
	slices.SortFunc(c.edits, func(a, b edit) int { return cmp.Compare(a.section.Offset, b.section.Offset) })
	var k class
	h := sha256.New()
	if err := c.write(io.MultiWriter(h, &k)); err != nil {
		return err
	}
	c.encoding = k.encoding()
	h.Sum(c.sum[:0])
	return nil
}

func (c *Copy) write(w io.Writer) error {
	at := c.Root.Raw.Offset
	for _, e := range c.edits {
		if err := c.section(w, at, e.section.Offset); err != nil {
			return err
		}
		if _, err := w.Write(e.with); err != nil {
			return err
		}
		at = e.section.End()
	}
	return c.section(w, at, c.Root.Raw.End())
}

func (c *Copy) section(w io.Writer, from, to int64) error {
	form := mime.Form{Canonical: c.Root.Lines.LF > 0}
	r := c.Root.Reader(mime.Section{Offset: from, Length: to - from}, form)
	_, err := io.Copy(w, r)
	return err
}

// Header returns the header block of the mail with its blank line, with CRLF.
func (c *Copy) Header() ([]byte, error) {
	if c.header != nil {
		return c.header, nil
	}
	b, err := io.ReadAll(c.Root.Reader(c.headerSection(), mime.Form{Canonical: true}))
	if err != nil {
		return nil, err
	}
	if len(b) > 0 && !bytes.HasSuffix(b, []byte("\r\n")) {
		b = append(b, "\r\n"...) // a mail that ends inside its header
	}
	return b, nil
}

func (c *Copy) headerSection() mime.Section {
	return mime.Section{Offset: c.Root.Raw.Offset, Length: c.Root.Body.Offset - c.Root.Raw.Offset}
}

const (
	fieldID        = "Message-ID"
	fieldReference = "X-Riferimento-Message-ID"
)

// Identify gives a header block the PEC identifier: Message-ID becomes <id>, in
// the place of the client's, and X-Riferimento-Message-ID keeps the client's,
// "" for a client that wrote none. A block that says so already stays as it is,
// byte for byte.
//
// spec: RFC 6109 §2.2.1
func Identify(block []byte, id, reference string) []byte {
	var ids, references []string
	for f := range fields(block) {
		switch {
		case fold(f.name) == fold(fieldID):
			ids = append(ids, f.value())
		case fold(f.name) == fold(fieldReference):
			references = append(references, f.value())
		}
	}
	want := []string{reference}
	if reference == "" {
		want = nil
	}
	if slices.Equal(ids, []string{"<" + id + ">"}) && slices.Equal(references, want) {
		return block
	}
	own := fieldID + ": <" + id + ">\r\n"
	if reference != "" {
		own += fieldReference + ": " + reference + "\r\n"
	}
	var out []byte
	done := false
	put := func() {
		if !done {
			out, done = append(out, own...), true
		}
	}
	for f := range fields(block) {
		switch {
		case fold(f.name) == fold(fieldID):
			put()
		case fold(f.name) == fold(fieldReference): // the client has no say in it
		case string(f.raw) == "\r\n":
			put()
			out = append(out, f.raw...)
		default:
			out = append(out, f.raw...)
		}
	}
	put()
	return out
}

// SetHeader replaces the header block, before Finish.
func (c *Copy) SetHeader(block []byte) { c.header = block }

// Enclose puts a copy of the original into a draft, with the PEC identifier as
// its Message-ID.
//
// spec: RFC 6109 §2.2.1
func (d *Draft) Enclose(c *Copy, data *daticert.Data) error {
	block, err := c.Header()
	if err != nil {
		return At("original", err)
	}
	c.SetHeader(Identify(block, data.ID, data.MessageID))
	d.Original = c
	return At("original", c.Finish())
}

// Fields yields name and bytes of every field of a header block with CRLF, and
// its blank line without a name.
func Fields(block []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for f := range fields(block) {
			if !yield(f.name, f.raw) {
				return
			}
		}
	}
}

// field is one field of a header block with CRLF: raw is all of it. A line that
// is no field has no name.
type field struct {
	name string
	raw  []byte
}

func (f field) value() string {
	_, v, _ := strings.Cut(string(f.raw), ":")
	return strings.Join(strings.Fields(v), " ")
}

// fields yields the fields of a header block, each with its continuations, and
// the blank line at its end.
func fields(block []byte) func(yield func(field) bool) {
	return func(yield func(field) bool) {
		for len(block) > 0 {
			n := lineLength(block)
			for n > 2 && n < len(block) && (block[n] == ' ' || block[n] == '\t') {
				n += lineLength(block[n:])
			}
			f := field{raw: block[:n:n]}
			if name, _, ok := bytes.Cut(f.raw, []byte{':'}); ok {
				f.name = strings.TrimRight(string(name), " \t")
			}
			if !yield(f) {
				return
			}
			block = block[n:]
		}
	}
}

func lineLength(b []byte) int {
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		return i + 1
	}
	return len(b)
}

// Inherit returns the fields of those names as they stand in the mail, in
// order: names, values and folding. Only what could be read in two ways goes:
// white space between name and colon, and continuation lines that are blank.
//
// A NUL or a CR that ends no line, which some programs take for the end of a
// field, is an error, or a space if the mail is to be passed on whatever it is.
//
// spec: RFC 6109 §2.1.1.2, §3.1.5, §3.2.2
func Inherit(block []byte, tolerant bool, names ...string) ([]byte, error) {
	var out []byte
	for f := range fields(block) {
		if !slices.ContainsFunc(names, func(n string) bool { return fold(n) == fold(f.name) }) {
			continue
		}
		_, body, _ := strings.Cut(string(f.raw), ":")
		var lines []string
		for i, line := range strings.Split(strings.TrimSuffix(body, "\r\n"), "\r\n") {
			if strings.ContainsAny(line, "\r\n\x00") {
				if !tolerant {
					return nil, fmt.Errorf("field %s holds a control character", f.name)
				}
				line = strings.NewReplacer("\r", " ", "\n", " ", "\x00", " ").Replace(line)
			}
			if i == 0 || strings.Trim(line, " \t") != "" {
				lines = append(lines, line)
			}
		}
		out = append(out, (f.name + ":" + strings.Join(lines, "\r\n") + "\r\n")...)
	}
	return out, nil
}

// class tells what transfer encoding bytes need if they are not to be changed.
//
// spec: RFC 2045 §2.7, §2.8, §6.2
type class struct {
	eight, binary bool
	line          int
	cr            bool
}

// maxOctets is the longest line that 7bit and 8bit allow.
const maxOctets = 998

// Write implements io.Writer.
func (c *class) Write(p []byte) (int, error) {
	for _, b := range p {
		switch {
		case b == '\n':
			c.line, c.cr = 0, false
			continue
		case c.cr, b == 0: // a CR without LF after it
			c.binary = true
		case b >= 0x80:
			c.eight = true
		}
		c.cr = b == '\r'
		if c.line++; c.line > maxOctets+1 || c.line > maxOctets && !c.cr {
			c.binary = true
		}
	}
	return len(p), nil
}

func (c *class) encoding() string {
	switch {
	case c.binary || c.cr:
		return "binary"
	case c.eight:
		return "8bit"
	}
	return ""
}
