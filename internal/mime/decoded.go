package mime

import (
	"encoding/base64"
	"io"
	"strings"
)

// Content returns the content of a leaf as [Entity.Open] gives it, at most
// limit+1 bytes: one more than the limit says that there is more. What was read
// before an error is returned with it.
func (e *Entity) Content(f Form, limit int64) ([]byte, error) {
	if decode, size := e.decoder(f); decode != nil {
		if b, ok, err := e.decodeAtOnce(make([]byte, size), f, decode); ok || err != nil {
			return b[:min(int64(len(b)), limit+1)], err
		}
	}
	return e.readContent(f, limit)
}

// readContent is Content for a body that is not decoded in one go.
func (e *Entity) readContent(f Form, limit int64) ([]byte, error) {
	if f == (Form{}) && (!e.isLeaf() || identity(e.Encoding)) {
		b := make([]byte, min(e.Body.Length, limit+1))
		n, err := io.ReadFull(e.Reader(e.Body, f), b)
		if err == io.EOF {
			err = nil // of no bytes
		}
		return b[:n], err
	}
	return readBounded(e.Open(f), limit, e.Body.Length)
}

// Lend gives use what Content returns, in memory that is used again where that is
// possible: the content is gone when use returns. It is wiped, so that whoever
// keeps a piece of it against this rule keeps zeros and not another message.
func (e *Entity) Lend(f Form, limit int64, use func(content []byte, err error)) {
	if decode, size := e.decoder(f); decode != nil {
		buf := newBuffer(max(size, 1)) // too little for a group of base64 decodes to nothing
		defer buf.free()
		b, ok, err := e.decodeAtOnce(buf.b[:size], f, decode)
		defer clear(b)
		if ok || err != nil {
			use(b[:min(int64(len(b)), limit+1)], err)
			return
		}
	}
	use(e.readContent(f, limit))
}

// isLeaf reports whether the entity has content of its own.
func (e *Entity) isLeaf() bool {
	return len(e.Parts) == 0 && !strings.HasPrefix(e.MediaType, "multipart/")
}

// decodeFunc decodes a whole body and returns how much came out of it; false if it
// could be taken in more than one way.
type decodeFunc func(dst, raw []byte) (int, bool)

// decoder returns what decodes a small body in one go, and the most bytes that can
// come out of it; nil if it has to be read by [Entity.Open].
func (e *Entity) decoder(f Form) (decodeFunc, int) {
	size := int(e.Body.Length)
	switch {
	case e.Body.Length <= 0 || e.Body.Length > blockSize || !e.isLeaf():
	case e.Encoding == "base64": // whatever the line ends are
		return plainBase64, base64.StdEncoding.DecodedLen(size)
	case e.Encoding == "quoted-printable":
		return plainQP, f.most(size)
	case identity(e.Encoding):
		return func(dst, raw []byte) (int, bool) { return copy(dst, raw), true }, f.most(size)
	}
	return nil, 0
}

// most is the most bytes that size of them have in that form: each may be an LF.
func (f Form) most(size int) int {
	if f.Canonical {
		size *= 2
	}
	return size
}

// decodeAtOnce decodes a body that has nothing in it that a decoder could take
// in more than one way, which is what nearly all have. ok is false for any
// other, which has to be read by [Entity.Open].
func (e *Entity) decodeAtOnce(dst []byte, f Form, decode decodeFunc) (content []byte, ok bool, err error) {
	buf := newBuffer(int(e.Body.Length))
	defer buf.free()
	raw := buf.b[:e.Body.Length]
	if err := e.src.readAt(raw, e.Body.Offset); err != nil {
		return nil, false, err
	}
	if f != (Form{}) && e.Encoding != "base64" {
		form := newBuffer(f.most(len(raw)))
		defer form.free()
		rw := rewriter{form: f}
		raw = rw.flush(rw.append(form.b[:0], raw))
	}
	n, ok := decode(dst, raw)
	return dst[:n], ok, nil
}

// plainBase64 accepts nothing but base64, its padding and line ends: the strict
// decoder takes it as it stands.
func plainBase64(dst, raw []byte) (int, bool) {
	done, n := wholeQuads(dst, raw)
	// What is left is padding, or a line of another length than a multiple of
	// four characters, or an error.
	last, err := base64.StdEncoding.Decode(dst[n:], raw[done:])
	return n + last, err == nil
}

// wholeQuads decodes groups of four characters and passes over the line ends
// between them. It stops at the first other thing, having read done bytes and
// written n; the decoder goes on from there as if it had read them.
func wholeQuads(dst, raw []byte) (done, n int) {
	for done+4 <= len(raw) && n+3 <= len(dst) {
		in := raw[done : done+4 : done+4]
		v := base64Bits[0][in[0]] | base64Bits[1][in[1]] | base64Bits[2][in[2]] | base64Bits[3][in[3]]
		switch {
		case v < notBase64:
			out := dst[n : n+3 : n+3]
			out[0], out[1], out[2] = byte(v>>16), byte(v>>8), byte(v)
			done, n = done+4, n+3
		case in[0] == '\n':
			done++
		case in[0] == '\r' && in[1] == '\n':
			done += 2
		default:
			return done, n
		}
	}
	return done, n
}

// base64Bits are the bits that a character stands for in each of the four places
// of a group, or notBase64.
var base64Bits = func() (bits [4][256]uint32) {
	for place := range bits {
		for c := range bits[place] {
			bits[place][c] = notBase64
		}
		for value, c := range []byte(base64Characters) {
			bits[place][c] = uint32(value) << (18 - 6*place)
		}
	}
	return bits
}()

const notBase64 = 1 << 24

// plainQP accepts lines of visible ASCII, blanks and escapes, none of them so
// long that the decoder would break it, and no blanks before a line end.
func plainQP(dst, raw []byte) (int, bool) {
	n, line := 0, 0
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		if line++; line > maxQPLine {
			return 0, false
		}
		switch {
		case c > ' ' && c < 0x7f && c != '=':
		case isBlank(c):
			if i+1 == len(raw) || raw[i+1] == '\r' || raw[i+1] == '\n' || isBlank(raw[i+1]) {
				return 0, false
			}
		case c == '\r' && i+1 < len(raw) && raw[i+1] == '\n':
		case c == '\n':
			line = 0
		case c == '=' && i+2 < len(raw):
			if raw[i+1] == '\r' && raw[i+2] == '\n' {
				i, line = i+2, 0
				continue
			}
			high, low := hexDigit(raw[i+1]), hexDigit(raw[i+2])
			if high < 0 || low < 0 {
				return 0, false
			}
			c = byte(high<<4 | low)
			i += 2
		default:
			return 0, false
		}
		dst[n] = c
		n++
	}
	return n, true
}

// hexDigit returns the value of a digit in capitals, -1 if it is none.
func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
