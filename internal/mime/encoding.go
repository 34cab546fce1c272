package mime

import (
	"fmt"
	"io"
)

// base64Reader makes base64 as it comes in mail fit for a strict decoder:
// characters outside the alphabet are skipped, as RFC 2045 §6.8 demands, and
// padding that is missing at the end is added. Data after padding is an error:
// decoders differ in what they make of it.
type base64Reader struct {
	r      io.Reader
	n      int // characters given out, padding included
	padded bool
	err    error
}

func (b *base64Reader) Read(p []byte) (int, error) {
	for len(p) > 0 {
		if b.err != nil {
			return 0, b.err
		}
		n, err := b.r.Read(p)
		n = b.filter(p[:n])
		if b.err == nil && err == io.EOF {
			if n == len(p) {
				return n, nil // no room for padding: the next read finds the end again
			}
			n += b.finish(p[n:])
		} else if b.err == nil {
			b.err = err
		}
		if n > 0 {
			return n, nil
		}
	}
	return 0, nil
}

// filter keeps what the decoder is to see, at the front of p.
func (b *base64Reader) filter(p []byte) int {
	out := 0
	for _, c := range p {
		switch {
		case c == '=':
			b.padded = true
			if b.n%4 < 2 {
				continue // more of it than is needed
			}
		case base64Alphabet[c]:
			if b.padded {
				b.err = fmt.Errorf("mime: base64: data after padding")
				return out
			}
		default:
			continue
		}
		p[out] = c
		out++
		b.n++
	}
	return out
}

// finish ends the data and returns how much padding it put into p, one at a
// time if there is little room.
func (b *base64Reader) finish(p []byte) int {
	n := 0
	for ; n < len(p) && b.n%4 >= 2; n++ {
		p[n] = '='
		b.n++
	}
	switch {
	case b.n%4 == 0:
		b.err = io.EOF
	case b.n%4 == 1:
		b.err = fmt.Errorf("mime: base64: %w", io.ErrUnexpectedEOF)
	}
	return n
}

const base64Characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

var base64Alphabet = func() (set [256]bool) {
	for _, c := range base64Characters {
		set[c] = true
	}
	return set
}()

// qpReader makes quoted-printable as it comes in mail fit for the standard
// library's decoder, which refuses control characters and lines over 4 KiB:
// the former are encoded, the latter get soft line breaks.
type qpReader struct {
	r     io.Reader
	in    [2048]byte
	out   []byte // to be returned
	buf   []byte
	line  int  // bytes since the last line end
	after int  // bytes that may still belong to the escape of the last "="
	last  byte // byte before
	err   error
}

// maxQPLine leaves room in the decoder's buffer of 4 KiB for a run of blanks,
// in which no line break can be put.
const maxQPLine = 1024

func (q *qpReader) Read(p []byte) (int, error) {
	for len(q.out) == 0 {
		if q.err != nil {
			return 0, q.err
		}
		n, err := q.r.Read(q.in[:])
		q.err = err
		q.buf = q.buf[:0]
		for _, c := range q.in[:n] {
			q.put(c)
		}
		if err == io.EOF && q.last == '=' {
			q.buf = append(q.buf, '\n') // a soft line break that ends the part
		}
		q.out = q.buf
	}
	n := copy(p, q.out)
	q.out = q.out[n:]
	return n, nil
}

func (q *qpReader) put(c byte) {
	if q.line >= maxQPLine && q.after == 0 && c > ' ' && !isBlank(q.last) {
		q.buf = append(q.buf, "=\n"...)
		q.line = 0
	}
	switch {
	case c == '\n':
		q.line, q.after = 0, 0
	case c == '=':
		q.after = 2
	case q.after > 0:
		q.after--
	}
	if c < ' ' && c != '\t' && c != '\r' && c != '\n' || c == 0x7f {
		q.buf = fmt.Appendf(q.buf, "=%02X", c)
		q.line += 3
	} else {
		q.buf = append(q.buf, c)
		if c != '\n' {
			q.line++
		}
	}
	q.last = c
}
