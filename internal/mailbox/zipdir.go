package mailbox

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"iter"
)

// The directory of a zip archive is read here and not by archive/zip, which
// takes the number of entries on trust, makes room for it, and holds an object
// for each: a few bytes can ask for all memory. Here the directory is read
// twice through a small buffer, first to check it whole, then to walk it.
//
// spec: APPNOTE.TXT 6.3.10 §4.3.12 to §4.3.16, §4.5.3

const (
	// maxEntries is how many entries an archive can have.
	maxEntries = 100_000
	// maxExpansion is how many times larger than in the archive an entry can be.
	maxExpansion = 200
)

const (
	endSignature       = "PK\x05\x06"
	end64Locator       = "PK\x06\x07"
	end64Signature     = "PK\x06\x06"
	directorySignature = "PK\x01\x02"
	localSignature     = "PK\x03\x04"

	endSize       = 22
	end64LocSize  = 20
	end64Size     = 56
	directorySize = 46
	localSize     = 30
)

// directory is the central directory of an archive.
type directory struct {
	r    io.ReaderAt
	at   section // where it stands
	base int64   // what stands before the archive: offsets count from here
}

// zipEntry is one entry of the directory.
type zipEntry struct {
	name       string // bytes as they are
	flags      uint16
	method     uint16
	crc        uint32
	compressed uint64
	size       uint64
	offset     uint64 // of the local header, from the start of the file
	made       uint16 // by which system
	attributes uint32
}

// readDirectory finds the directory, and checks that it can be walked: every
// entry is whole, they are not too many, and they do not share bytes.
func readDirectory(ctx context.Context, r io.ReaderAt, size int64) (*directory, error) {
	d, err := findDirectory(r, size)
	if err != nil {
		return nil, err
	}
	n, room := 0, uint64(size)
	for e, err := range d.entries(ctx) {
		if err != nil {
			return nil, err
		}
		if n++; n > maxEntries {
			return nil, passed(ReasonEntries, maxEntries)
		}
		// Entries that add up to more than the archive use bytes twice: that is
		// how a small archive comes to expand without end.
		if e.compressed > room || room-e.compressed < localSize {
			return nil, passed(ReasonOverlap, 0)
		}
		room -= e.compressed + localSize
	}
	return d, nil
}

// findDirectory reads the records at the end of the archive.
func findDirectory(r io.ReaderAt, size int64) (*directory, error) {
	end, at, err := findEnd(r, size)
	if err != nil {
		return nil, err
	}
	le := binary.LittleEndian
	disk, entries := le.Uint16(end[4:]), uint64(le.Uint16(end[10:]))
	length, offset := uint64(le.Uint32(end[12:])), uint64(le.Uint32(end[16:]))
	if disk == 0xffff || entries == 0xffff || length == 0xffffffff || offset == 0xffffffff {
		big, bigAt, err := findEnd64(r, at)
		if err != nil {
			return nil, err
		}
		if big != nil {
			at, disk = bigAt, uint16(min(le.Uint32(big[16:]), 0xffff))
			length, offset = le.Uint64(big[40:]), le.Uint64(big[48:])
		}
	}
	if disk != 0 || length > uint64(at) || offset > uint64(at)-length {
		return nil, truncated(nil)
	}
	start := at - int64(length)
	base := start - int64(offset)
	if base > 0 && hasEntry(r, int64(offset)) && !hasEntry(r, start) {
		start, base = int64(offset), 0 // something stands behind the directory, not before the archive
	}
	return &directory{r: r, at: section{start, int64(length)}, base: base}, nil
}

// hasEntry reports whether an entry of the directory stands at an offset.
func hasEntry(r io.ReaderAt, offset int64) bool {
	var b [len(directorySignature)]byte
	return readFull(r, b[:], offset) == nil && string(b[:]) == directorySignature
}

// findEnd finds the end record: the last one whose comment fits the file.
func findEnd(r io.ReaderAt, size int64) (record []byte, at int64, err error) {
	tail := make([]byte, min(size, endSize+0xffff))
	start := size - int64(len(tail))
	if err := readFull(r, tail, start); err != nil {
		return nil, 0, err
	}
	for i := len(tail) - endSize; i >= 0; i-- {
		if !bytes.HasPrefix(tail[i:], []byte(endSignature)) {
			continue
		}
		if comment := int(binary.LittleEndian.Uint16(tail[i+20:])); i+endSize+comment <= len(tail) {
			return tail[i : i+endSize], start + int64(i), nil
		}
	}
	return nil, 0, truncated(nil)
}

// findEnd64 finds the zip64 end record that belongs to the end record at the
// given offset. Without one the result is nil: some writers fill a field with
// ones and mean it.
func findEnd64(r io.ReaderAt, at int64) (record []byte, pos int64, err error) {
	if at < end64LocSize+end64Size {
		return nil, 0, nil
	}
	locator := make([]byte, end64LocSize)
	if err := readFull(r, locator, at-end64LocSize); err != nil {
		return nil, 0, err
	}
	if !bytes.HasPrefix(locator, []byte(end64Locator)) {
		return nil, 0, nil
	}
	said := binary.LittleEndian.Uint64(locator[8:])
	record = make([]byte, end64Size)
	// Its place is counted from the start of the archive, which something may
	// stand before; without extensions it stands right before the locator.
	for _, pos := range []uint64{said, uint64(at - end64LocSize - end64Size)} {
		if pos > uint64(at-end64LocSize-end64Size) {
			continue
		}
		if err := readFull(r, record, int64(pos)); err != nil {
			return nil, 0, err
		}
		if bytes.HasPrefix(record, []byte(end64Signature)) {
			return record, int64(pos), nil
		}
	}
	return nil, 0, truncated(nil)
}

// entries yields the entries in order. An error ends the sequence.
func (d *directory) entries(ctx context.Context) iter.Seq2[zipEntry, error] {
	return func(yield func(zipEntry, error) bool) {
		in := bufio.NewReaderSize(io.NewSectionReader(d.r, d.at.offset, d.at.length), 16<<10)
		for left := d.at.length; left > 0; {
			if ctx.Err() != nil {
				yield(zipEntry{}, canceled(ctx))
				return
			}
			e, n, err := readEntry(in)
			if err != nil {
				yield(zipEntry{}, directoryError(err))
				return
			}
			left -= n
			if e.offset > uint64(d.at.offset-d.base) {
				yield(zipEntry{}, truncated(nil))
				return
			}
			e.offset += uint64(d.base)
			if !yield(e, nil) {
				return
			}
		}
	}
}

// readEntry reads one entry and returns its length.
func readEntry(in io.Reader) (e zipEntry, n int64, err error) {
	var fixed [directorySize]byte
	if _, err := io.ReadFull(in, fixed[:]); err != nil {
		return e, 0, err
	}
	if !bytes.HasPrefix(fixed[:], []byte(directorySignature)) {
		return e, 0, io.ErrUnexpectedEOF
	}
	le := binary.LittleEndian
	name, extra, comment := int(le.Uint16(fixed[28:])), int(le.Uint16(fixed[30:])), int(le.Uint16(fixed[32:]))
	rest := make([]byte, name+extra+comment)
	if _, err := io.ReadFull(in, rest); err != nil {
		return e, 0, err
	}
	e = zipEntry{
		name:       string(rest[:name]),
		made:       le.Uint16(fixed[4:]),
		flags:      le.Uint16(fixed[8:]),
		method:     le.Uint16(fixed[10:]),
		crc:        le.Uint32(fixed[16:]),
		compressed: uint64(le.Uint32(fixed[20:])),
		size:       uint64(le.Uint32(fixed[24:])),
		attributes: le.Uint32(fixed[38:]),
		offset:     uint64(le.Uint32(fixed[42:])),
	}
	e.zip64(rest[name : name+extra])
	return e, int64(len(fixed) + len(rest)), nil
}

// zip64 takes the fields that did not fit from the extra data.
func (e *zipEntry) zip64(extra []byte) {
	le := binary.LittleEndian
	for len(extra) >= 4 {
		id, n := le.Uint16(extra), int(le.Uint16(extra[2:]))
		if n > len(extra)-4 {
			return
		}
		field := extra[4 : 4+n]
		extra = extra[4+n:]
		if id != 1 {
			continue
		}
		for _, v := range []*uint64{&e.size, &e.compressed, &e.offset} {
			if *v == 0xffffffff && len(field) >= 8 {
				*v, field = le.Uint64(field), field[8:]
			}
		}
		return
	}
}

func directoryError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return truncated(nil)
	}
	return err
}

// readFull fills b from an offset. A file that ends before is a truncated
// archive.
func readFull(r io.ReaderAt, b []byte, offset int64) error {
	n, err := r.ReadAt(b, offset)
	if n == len(b) {
		return nil
	}
	return directoryError(err)
}
