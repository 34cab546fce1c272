package mailbox

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"math"
	"strings"
)

// Methods of compression.
const (
	methodStored  = 0
	methodDeflate = 8
)

// folder reports whether the entry only names a folder.
func (e *zipEntry) folder() bool {
	return strings.HasSuffix(e.name, "/") || strings.HasSuffix(e.name, `\`) && e.size == 0
}

// regular reports whether the entry is a file, as far as its attributes tell:
// an archive made on Unix can hold symbolic links.
func (e *zipEntry) regular() bool {
	const unix, darwin, typeMask, typeRegular = 3, 19, 0o170000, 0o100000
	if system := e.made >> 8; system != unix && system != darwin {
		return true
	}
	t := e.attributes >> 16 & typeMask
	return t == 0 || t == typeRegular
}

// encrypted reports whether a password is needed.
func (e *zipEntry) encrypted() bool {
	const encrypted, strong, masked = 1, 1 << 6, 1 << 13
	return e.flags&(encrypted|strong|masked) != 0
}

// data finds the entry's bytes in the archive.
func (e *zipEntry) data(src *source) (*io.SectionReader, error) {
	if e.offset > math.MaxInt64 || e.compressed > uint64(src.size) {
		return nil, truncated(nil)
	}
	var local [localSize]byte
	if err := readFull(src, local[:], int64(e.offset)); err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(local[:], []byte(localSignature)) {
		return nil, truncated(nil)
	}
	le := binary.LittleEndian
	start := e.offset + localSize + uint64(le.Uint16(local[26:])) + uint64(le.Uint16(local[28:]))
	if start > uint64(src.size) || e.compressed > uint64(src.size)-start {
		return nil, truncated(nil)
	}
	return io.NewSectionReader(src, int64(start), int64(e.compressed)), nil
}

// content returns a reader of the entry's content, however long it gets.
func (e *zipEntry) content(src *source) (io.Reader, error) {
	data, err := e.data(src)
	if err != nil {
		return nil, err
	}
	switch e.method {
	case methodStored:
		return data, nil
	case methodDeflate:
		return flate.NewReader(data), nil
	}
	return nil, &Error{Code: CodeUnreadable, Reason: ReasonMethod, Max: int64(e.method)}
}

// head returns the first bytes of the content.
func (e *zipEntry) head(src *source) ([]byte, error) {
	r, err := e.content(src)
	if err != nil {
		return nil, err
	}
	head := make([]byte, min(headSize, e.size))
	n, err := io.ReadFull(r, head)
	if err != nil && n == 0 && len(head) > 0 {
		return nil, entryError(err)
	}
	return head[:n], nil
}

// open returns the content: in place if it is stored, else in memory. Its
// length and checksum are those that the directory gives, or it is an error.
func (e *zipEntry) open(ctx context.Context, src *source, maxMemory int64) (*source, error) {
	r, err := e.content(src)
	if err != nil {
		return nil, err
	}
	if e.method == methodStored {
		return e.inPlace(ctx, src, r.(*io.SectionReader))
	}
	if e.size/maxExpansion > e.compressed || e.size > e.compressed*maxExpansion {
		return nil, passed(ReasonExpansion, maxExpansion)
	}
	if e.size > uint64(maxMemory) {
		return nil, passed(ReasonSize, maxMemory)
	}
	content := make([]byte, e.size)
	if _, err := io.ReadFull(contextReader{ctx, r}, content); err != nil {
		return nil, entryError(err)
	}
	// One more byte would be more than was said.
	if n, err := io.ReadFull(r, make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
		return nil, unreadable(ReasonDamaged)
	}
	if crc32.ChecksumIEEE(content) != e.crc {
		return nil, unreadable(ReasonDamaged)
	}
	return inMemory(content), nil
}

// inPlace checks a stored entry and returns it without a copy. How large it
// may be depends on whether it is a message or an mbox, and is not asked here.
func (e *zipEntry) inPlace(ctx context.Context, src *source, r *io.SectionReader) (*source, error) {
	if e.size != e.compressed {
		return nil, unreadable(ReasonDamaged)
	}
	sum := crc32.NewIEEE()
	if _, err := io.Copy(sum, contextReader{ctx, r}); err != nil {
		return nil, entryError(err)
	}
	if sum.Sum32() != e.crc {
		return nil, unreadable(ReasonDamaged)
	}
	_, offset, length := r.Outer()
	return src.section(offset, length), nil
}

// entryError tells a cut entry from one that is not what it says.
func entryError(err error) error {
	if _, ok := errors.AsType[*Error](err); ok {
		return err
	}
	if _, ok := errors.AsType[flate.CorruptInputError](err); ok {
		return unreadable(ReasonDamaged)
	}
	return directoryError(err)
}
