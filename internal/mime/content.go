package mime

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-message"
)

// Open returns the content of a leaf: transfer encoding taken off, character
// set left alone. What cannot be decoded ends in an error. Of a multipart or an
// unencoded message it is the body as it stands. It holds a fixed amount of
// memory; the content is never longer than the body in that form.
//
// Base64 may have characters outside its alphabet and no padding, and
// quoted-printable control characters and long lines, as clients allow; base64
// that goes on after its padding is an error.
//
// spec: RFC 2045 §6
func (e *Entity) Open(f Form) io.Reader {
	body := e.Reader(e.Body, f)
	if len(e.Parts) > 0 || strings.HasPrefix(e.MediaType, "multipart/") || identity(e.Encoding) {
		return body
	}
	switch e.Encoding {
	case "base64":
		body = &base64Reader{r: body}
	case "quoted-printable":
		body = &qpReader{r: body}
	}
	var h message.Header
	h.Set("Content-Transfer-Encoding", e.Encoding)
	decoded, err := message.New(h, body)
	if err != nil {
		return failing{fmt.Errorf("mime: part %q: %w", e.Path, err)}
	}
	return decoded.Body
}

// failing is a reader of what cannot be read.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// Text returns the content of a text part in UTF-8, at most max bytes of it.
// Characters that cannot be converted become U+FFFD; with an unknown character
// set that is all but ASCII. The error is Open's; the text before it is
// returned too.
func (e *Entity) Text(f Form, max int64) (string, error) {
	charset := e.Params.Get("charset")
	limit := max + utf8.UTFMax
	var text string
	var err error
	if builtIn(charset) {
		e.Lend(f, limit-1, func(raw []byte, failed error) { text, err = textOf(charset, raw, max), failed })
		return text, err
	}
	r := e.Open(f)
	if converted := charsetReader(charset, r); converted != nil {
		r, charset = converted, "utf-8"
	}
	raw, err := io.ReadAll(io.LimitReader(r, limit))
	return textOf(charset, raw, max), err
}

// textOf converts a text that was cut at max bytes and a character, to at most max
// bytes.
func textOf(charset string, raw []byte, max int64) string {
	if int64(len(raw)) == max+utf8.UTFMax && isUTF8(charset) {
		raw = cutRune(raw) // else the cut would make a U+FFFD
	}
	text := decodeCharset(charset, raw)
	if int64(len(text)) > max {
		n := int(max)
		for n > 0 && !utf8.RuneStart(text[n]) {
			n--
		}
		text = text[:n]
	}
	return text
}

// cutRune takes off a character that is not complete.
func cutRune(b []byte) []byte {
	for i := 1; i < utf8.UTFMax && i <= len(b); i++ {
		if c := b[len(b)-i]; utf8.RuneStart(c) {
			if !utf8.FullRune(b[len(b)-i:]) {
				return b[:len(b)-i]
			}
			break
		}
	}
	return b
}

// Filename returns the part's name: parameter filename of Content-Disposition,
// else name of Content-Type, decoded (RFC 2231, and RFC 2047 where it does not
// belong but is common). It is outside text: no path may be made of it as it is.
//
// spec: RFC 2183 §2.3
func (e *Entity) Filename() string { return e.filename }

// readFilename finds it, once.
func (e *Entity) readFilename() string {
	name := ""
	var room [4]param
	if list := cutParams(e.Header.Get("Content-Disposition"), room[:0]); len(list) == 1 && list[0].name == "filename" {
		name = list[0].value
	} else if len(list) > 0 {
		name = mergeParams(list).Get("filename")
	}
	if name == "" {
		name = e.Params.Get("name")
	}
	return strings.ToValidUTF8(DecodeWords(name), "\ufffd")
}

// Message returns the message inside a message/rfc822 part, or inside another
// part whose content is known to be a mail. One that is in a message/rfc822
// without transfer encoding is part of the tree, and its sections are read in
// the form of everything around it. Any other is decoded into memory, up to
// Limits.Inner, with f already applied: it has a [Source] of its own and is
// read as it stands.
//
// The error is a *LimitError, or Open's.
func (e *Entity) Message(f Form, lim *Limits) (*Entity, error) {
	if e.isMessage() && len(e.Parts) == 1 {
		return e.Parts[0], nil
	}
	l := lim.withDefaults()
	content, err := readBounded(e.Open(f), l.Inner, e.Body.Length)
	if err != nil {
		return nil, err
	}
	if int64(len(content)) > l.Inner {
		return nil, &LimitError{Limit: "inner", Max: l.Inner, Path: e.Path}
	}
	root := &Entity{Path: string(e.appendChildPath(nil, 1)), src: NewBytes(content), depth: e.depth}
	l.Message = l.Inner
	s := newScanner(root.src, l, root)
	defer s.free()
	if err := s.nest(root); err != nil {
		return nil, err
	}
	return s.scan()
}

// readBounded reads up to limit+1 bytes. The content is no longer than its
// encoded form, which says how much memory to ask for.
func readBounded(r io.Reader, limit, encoded int64) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(int(min(limit+1, encoded)) + bytes.MinRead)
	_, err := b.ReadFrom(io.LimitReader(r, limit+1))
	return b.Bytes(), err
}

// appendChildPath appends the path of the nth part.
func (e *Entity) appendChildPath(b []byte, n int) []byte {
	if b = append(b, e.Path...); e.Path != "" {
		b = append(b, '.')
	}
	return strconv.AppendInt(b, int64(n), 10)
}
