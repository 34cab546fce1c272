package bundle

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"math"
)

// The archive is read from its beginning, entry by entry; other programs begin
// at its end, with the directory of the archive. Where the two say different
// things, a person who unpacks the bundle gets another message than the one
// that was verified, under the same name. So the directory must list what was
// walked, with nothing between, beside or behind it.

// directoryEntry is what the directory of the archive has to say of a file.
type directoryEntry struct {
	name   string
	size   int64
	offset int64 // of the header in front of the file
}

var errDirectory = &FormatError{"", "its directory at the end is not of the files at the beginning; it was changed after it was made"}

// checkDirectory reads the directory of the archive, which begins at start, to the
// end of the archive.
//
// spec: APPNOTE.TXT 6.3.10 §4.3.12, §4.3.14, §4.3.15, §4.3.16
func checkDirectory(r io.ReaderAt, start, size int64, entries []directoryEntry) error {
	d := &directoryReader{r: bufio.NewReader(io.NewSectionReader(r, start, max(0, size-start)))}
	for _, e := range entries {
		d.entry(e)
	}
	d.end(start, uint64(len(entries)))
	if d.err == nil && start+d.read != size {
		return errDirectory
	}
	if errors.Is(d.err, io.EOF) || errors.Is(d.err, io.ErrUnexpectedEOF) {
		return &FormatError{"", "cut off"}
	}
	return d.err
}

// directoryReader reads fields. After the first error it reads nothing.
type directoryReader struct {
	r    *bufio.Reader
	read int64
	err  error
}

// next returns n bytes, all zero after an error.
func (d *directoryReader) next(n int) []byte {
	b := make([]byte, n)
	if d.err == nil {
		_, d.err = io.ReadFull(d.r, b)
		d.read += int64(n)
	}
	return b
}

func (d *directoryReader) want(ok bool) {
	if d.err == nil && !ok {
		d.err = errDirectory
	}
}

// entry reads the record of one file.
func (d *directoryReader) entry(e directoryEntry) {
	le, b := binary.LittleEndian, d.next(46)
	packed, size, offset := uint64(le.Uint32(b[20:])), uint64(le.Uint32(b[24:])), uint64(le.Uint32(b[42:]))
	nameLength, extraLength, commentLength := le.Uint16(b[28:]), le.Uint16(b[30:]), le.Uint16(b[32:])
	d.want(string(b[:4]) == "PK\x01\x02" && le.Uint16(b[8:])&^0x800 == 0 && le.Uint16(b[10:]) == 0 &&
		int(nameLength) == len(e.name) && commentLength == 0 && (extraLength == 0 || extraLength == 28))
	if d.err != nil {
		return
	}
	d.want(string(d.next(int(nameLength))) == e.name)
	if extraLength > 0 { // an archive above 4 GiB, and nothing else: other fields can give the file another name
		x := d.next(28)
		d.want(le.Uint16(x) == 1 && le.Uint16(x[2:]) == 24 && packed == math.MaxUint32 && size == math.MaxUint32 && offset == math.MaxUint32)
		size, packed, offset = le.Uint64(x[4:]), le.Uint64(x[12:]), le.Uint64(x[20:])
	}
	d.want(packed == uint64(e.size) && size == uint64(e.size) && offset == uint64(e.offset))
}

// end reads the records behind those of the files: one, and two more for what is
// large.
func (d *directoryReader) end(start int64, count uint64) {
	le, length := binary.LittleEndian, uint64(d.read)
	counts, lengths, starts := count, length, uint64(start)
	if count >= math.MaxUint16 || length >= math.MaxUint32 || start >= math.MaxUint32 {
		b := d.next(56 + 20)
		d.want(string(b[:4]) == "PK\x06\x06" && le.Uint64(b[4:]) == 44 && le.Uint64(b[16:]) == 0 &&
			le.Uint64(b[24:]) == count && le.Uint64(b[32:]) == count && le.Uint64(b[40:]) == length && le.Uint64(b[48:]) == uint64(start) &&
			string(b[56:60]) == "PK\x06\x07" && le.Uint32(b[60:]) == 0 && le.Uint64(b[64:]) == uint64(start)+length && le.Uint32(b[72:]) == 1)
		counts, lengths, starts = math.MaxUint16, math.MaxUint32, math.MaxUint32
	}
	b := d.next(22)
	d.want(string(b[:4]) == "PK\x05\x06" && le.Uint32(b[4:]) == 0 && uint64(le.Uint16(b[8:])) == counts && uint64(le.Uint16(b[10:])) == counts &&
		uint64(le.Uint32(b[12:])) == lengths && uint64(le.Uint32(b[16:])) == starts && le.Uint16(b[20:]) == 0)
}
