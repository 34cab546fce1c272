package mime

import (
	"bytes"
	"io"
)

// Form says in which form the bytes of a section are read.
type Form struct {
	Canonical bool // LF without CR before it is read as CRLF
	Unquote   Unquote
}

// Unquote says which mbox quoting is taken off.
type Unquote uint8

const (
	AsQuoted    Unquote = iota // nothing
	UnquoteAll                 // one ">" from every line of the form ">…>From " (mboxrd)
	UnquoteFrom                // ">" from lines starting ">From " only (mboxo)
)

// Reader returns the bytes of a section of the entity's message in a form. The
// section must be one of the entity's message. The reader is an io.WriterTo;
// reading that way is fastest.
func (e *Entity) Reader(s Section, f Form) io.Reader {
	raw := sectionReader{src: e.src, off: s.Offset, end: s.End()}
	if f == (Form{}) {
		return &raw
	}
	return &formReader{raw: raw, rw: rewriter{form: f}}
}

// sectionReader reads a range of a source as it stands.
type sectionReader struct {
	src      *Source
	off, end int64
}

func (r *sectionReader) Read(p []byte) (int, error) {
	if r.off >= r.end {
		return 0, io.EOF
	}
	n := int(min(int64(len(p)), r.end-r.off))
	if err := r.src.readAt(p[:n], r.off); err != nil {
		return 0, err
	}
	r.off += int64(n)
	return n, nil
}

// next returns the bytes up to the next block border, in buf or in place.
func (r *sectionReader) next(buf *[blockSize]byte) ([]byte, error) {
	if r.off >= r.end {
		return nil, io.EOF
	}
	n := min(blockSize-r.off%blockSize, r.end-r.off)
	if r.src.data != nil {
		b := r.src.data[r.off : r.off+n]
		r.off += n
		return b, nil
	}
	b := buf[:n]
	if err := r.src.readAt(b, r.off); err != nil {
		return nil, err
	}
	r.off += n
	return b, nil
}

func (r *sectionReader) WriteTo(w io.Writer) (int64, error) {
	if r.src.data != nil {
		n, err := w.Write(r.src.data[r.off:r.end])
		r.off += int64(n)
		return int64(n), err
	}
	buf := blocks.Get().(*[blockSize]byte)
	defer blocks.Put(buf)
	var done int64
	for {
		b, err := r.next(buf)
		if err == io.EOF {
			return done, nil
		}
		if err != nil {
			return done, err
		}
		n, err := w.Write(b)
		done += int64(n)
		if err != nil {
			return done, err
		}
	}
}

// formReader reads a range in another form than it stands in.
type formReader struct {
	raw sectionReader
	rw  rewriter
	out []byte // rewritten
	pos int    // of out, returned up to here
	err error
}

func (r *formReader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for r.pos == len(r.out) {
		if r.err != nil {
			return 0, r.err
		}
		buf := blocks.Get().(*[blockSize]byte)
		r.fill(buf)
		blocks.Put(buf)
	}
	n := copy(p, r.out[r.pos:])
	r.pos += n
	return n, nil
}

// rewritePiece is how much is rewritten at a time: it at most doubles, and a few
// bytes were held back before it, so that the result fits into a block.
const rewritePiece = blockSize/2 - 64

func (r *formReader) WriteTo(w io.Writer) (int64, error) {
	in, out := blocks.Get().(*[blockSize]byte), blocks.Get().(*[blockSize]byte)
	defer blocks.Put(in)
	defer blocks.Put(out)
	n, err := w.Write(r.out[r.pos:])
	r.pos += n
	done := int64(n)
	for err == nil && r.err == nil {
		var b []byte
		if b, r.err = r.raw.next(in); r.err == io.EOF {
			n, err = w.Write(r.rw.flush(out[:0]))
			done += int64(n)
		}
		for len(b) > 0 && err == nil {
			piece := b[:min(len(b), rewritePiece)]
			b = b[len(piece):]
			n, err = w.Write(r.rw.append(out[:0], piece))
			done += int64(n)
		}
	}
	if err == nil && r.err != io.EOF {
		err = r.err
	}
	return done, err
}

// fill rewrites the next block.
func (r *formReader) fill(buf *[blockSize]byte) {
	r.out, r.pos = r.out[:0], 0
	b, err := r.raw.next(buf)
	if err != nil {
		r.err = err
		if err == io.EOF {
			r.out = r.rw.flush(r.out)
		}
		return
	}
	if r.out == nil {
		r.out = make([]byte, 0, len(b)+len(b)/16)
	}
	r.out = r.rw.append(r.out, b)
}

// rewriter changes line ends and takes off mbox quoting. It is fed a section in
// pieces cut anywhere.
type rewriter struct {
	form Form
	cr   bool // the byte before is a CR

	// At the start of a line, when unquoting: the ">" seen, of which the last is
	// held back, and the bytes of "From " seen after them, held back too.
	line   lineState
	quotes int
	from   int
}

type lineState uint8

const (
	lineStart lineState = iota
	lineRest            // nothing to look for before the next line
)

func (w *rewriter) append(dst, p []byte) []byte {
	for len(p) > 0 {
		if w.form.Unquote != AsQuoted && w.line == lineStart {
			dst, p = w.unquote(dst, p)
			continue
		}
		n := bytes.IndexByte(p, '\n')
		if n < 0 {
			w.cr = p[len(p)-1] == '\r'
			return append(dst, p...)
		}
		if bare := n == 0 && !w.cr || n > 0 && p[n-1] != '\r'; bare && w.form.Canonical {
			dst = append(append(dst, p[:n]...), "\r\n"...)
		} else {
			dst = append(dst, p[:n+1]...)
		}
		w.cr, w.line = false, lineStart
		p = p[n+1:]
	}
	return dst
}

// unquote consumes ">…>From " at the start of a line, as far as p has it.
func (w *rewriter) unquote(dst, p []byte) (out, rest []byte) {
	for i, c := range p {
		switch {
		case c == '>' && w.from == 0 && (w.quotes == 0 || w.form.Unquote == UnquoteAll):
			if w.quotes++; w.quotes > 1 {
				dst = append(dst, '>')
			}
		case w.quotes > 0 && c == mboxFrom[w.from]:
			if w.from++; w.from == len(mboxFrom) {
				dst = append(dst, mboxFrom...)
				w.endQuote()
				return dst, p[i+1:]
			}
		default:
			return w.flush(dst), p[i:]
		}
	}
	return dst, nil
}

// flush gives out what is held back: it was no quoted line.
func (w *rewriter) flush(dst []byte) []byte {
	if w.quotes > 0 {
		dst = append(dst, '>')
		dst = append(dst, mboxFrom[:w.from]...)
	}
	w.endQuote()
	return dst
}

func (w *rewriter) endQuote() {
	if w.quotes > 0 {
		w.cr = false
	}
	w.quotes, w.from, w.line = 0, 0, lineRest
}
