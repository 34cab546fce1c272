package smime

import (
	"bytes"
	"fmt"
	"io"

	"github.com/gopec/gopec/internal/mime"
)

// maxUnquoted bounds an enclosed mail that has to be held because mbox quoting
// has to be taken off it: what an encoded one may take, too.
const maxUnquoted = 16 << 20

// Section returns the enclosed mail's bytes, to be read anywhere and any number
// of times: what a provider needs of a transport envelope to issue the
// delivery receipt. They are read from the message, whose io.ReaderAt must
// still be open, and line ends are as they stand there. A mail that was encoded
// or quoted is in memory, at most 16 MiB of it.
//
// The error is that of [Original.Err], or the reader's own.
func (o *Original) Section() (*io.SectionReader, error) {
	if o.message == nil {
		return nil, o.err
	}
	e := o.message
	decoded := e.Source() != o.entity.Source() // its form is taken off already
	if decoded || o.form.Unquote == mime.AsQuoted {
		// Line ends need no change: who writes the mail anew sees to them.
		r := &rangeReader{entity: e, base: e.Raw.Offset}
		return io.NewSectionReader(r, 0, e.Raw.Length), nil
	}
	var b bytes.Buffer
	if _, err := b.ReadFrom(io.LimitReader(e.Reader(e.Raw, o.form), maxUnquoted+1)); err != nil {
		return nil, err
	}
	if b.Len() > maxUnquoted {
		return nil, fmt.Errorf("smime: %w", &mime.LimitError{Limit: "inner", Max: maxUnquoted, Path: e.Path})
	}
	return io.NewSectionReader(bytes.NewReader(b.Bytes()), 0, int64(b.Len())), nil
}

// rangeReader reads an entity's bytes as they stand at any offset.
type rangeReader struct {
	entity *mime.Entity
	base   int64
}

// ReadAt implements io.ReaderAt.
func (r *rangeReader) ReadAt(p []byte, off int64) (int, error) {
	left := r.entity.Raw.Length - off
	if off < 0 || left <= 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), left)
	got, err := io.ReadFull(r.entity.Reader(mime.Section{Offset: r.base + off, Length: n}, mime.Form{}), p[:n])
	if err == nil && n < int64(len(p)) {
		err = io.EOF
	}
	return got, err
}
