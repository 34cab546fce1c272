package mime

import (
	"errors"
	"hash/maphash"
	"io"
	"sync"
)

// blockSize is the unit in which a pinned source is hashed and checked.
const blockSize = 64 << 10

// ErrChanged says that the bytes behind an io.ReaderAt are not those that
// were scanned.
var ErrChanged = errors.New("mime: the message changed while it was in use")

// Source is the bytes of one message. Every read after the scan returns the
// bytes that were scanned, or [ErrChanged]. After the scan it may be read from
// several goroutines.
type Source struct {
	r    io.ReaderAt
	data []byte // set when the bytes are in memory
	size int64
	pin  bool

	// Written by the scan, then only read.
	seed   maphash.Seed
	sums   []uint64
	sealed bool
	longer bool // r has bytes after size

	mu    sync.Mutex // guards the cache
	cache [2]cached
	next  int
}

type cached struct {
	block int64
	b     []byte  // the block, at the front of buf
	buf   *buffer // nil if nothing is held
}

// NewSource gives access to size bytes of r. If pin is set, r may change
// behind our back (a file): a hash of each block is kept by the scan and
// checked at each later read.
func NewSource(r io.ReaderAt, size int64, pin bool) *Source {
	return &Source{r: r, size: max(size, 0), pin: pin}
}

// NewBytes gives access to b, which must not change afterwards.
func NewBytes(b []byte) *Source {
	if b == nil {
		b = []byte{}
	}
	return &Source{data: b, size: int64(len(b))}
}

// Size returns the number of bytes.
func (s *Source) Size() int64 { return s.size }

// Release lets go of the blocks that are held to make small reads cheap, up to
// 128 KiB. The next read reads and checks them again.
func (s *Source) Release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.cache {
		s.cache[i].buf.free()
	}
	s.cache = [2]cached{}
}

// blocks is shared by readers and scans; a mailbox of small messages would
// otherwise allocate one for each section read.
var blocks = sync.Pool{New: func() any { return new([blockSize]byte) }}

func (s *Source) blockLen(n int64) int { return int(min(blockSize, s.size-n*blockSize)) }

// scanBlock reads block n, in order, and keeps its hash if the source is
// pinned. A second scan checks instead.
func (s *Source) scanBlock(n int64, buf []byte) ([]byte, error) {
	b := buf[:s.blockLen(n)]
	if !s.pin || s.sealed {
		return b, s.readBlock(n, b)
	}
	if n == 0 {
		s.seed = maphash.MakeSeed()
		s.sums = make([]uint64, 0, (s.size+blockSize-1)/blockSize)
	}
	if err := s.readFull(b, n*blockSize); err != nil {
		return nil, err
	}
	s.sums = append(s.sums, maphash.Bytes(s.seed, b))
	return b, nil
}

// seal ends the scan: from now on blocks are checked.
func (s *Source) seal() error {
	if !s.pin || s.sealed {
		return nil
	}
	longer, err := s.hasMore()
	if err != nil {
		return err
	}
	s.longer, s.sealed = longer, true
	return nil
}

// readBlock reads the whole of block n into b and checks it.
func (s *Source) readBlock(n int64, b []byte) error {
	if err := s.readFull(b, n*blockSize); err != nil {
		return err
	}
	if !s.sealed {
		return nil
	}
	if maphash.Bytes(s.seed, b) != s.sums[n] {
		return ErrChanged
	}
	if n == int64(len(s.sums))-1 { // a file that grew shows at its last block
		longer, err := s.hasMore()
		if err != nil {
			return err
		}
		if longer != s.longer {
			return ErrChanged
		}
	}
	return nil
}

// hasMore reports whether r has a byte after size.
func (s *Source) hasMore() (bool, error) {
	var one [1]byte
	n, err := s.r.ReadAt(one[:], s.size)
	if n == 1 || err == nil || errors.Is(err, io.EOF) {
		return n == 1, nil
	}
	return false, err
}

func (s *Source) readFull(b []byte, off int64) error {
	n, err := s.r.ReadAt(b, off)
	if n == len(b) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		if s.pin {
			return ErrChanged
		}
		return io.ErrUnexpectedEOF
	}
	return err
}

// readAt fills p from off; the range lies inside the source. Whole blocks go
// straight into p; the rest goes through two cached blocks, so that many small
// reads cost one.
func (s *Source) readAt(p []byte, off int64) error {
	if s.data != nil {
		copy(p, s.data[off:])
		return nil
	}
	if !s.sealed {
		return s.readFull(p, off)
	}
	if s.isSmall() {
		_, err := s.readCached(0, p, int(off))
		return err
	}
	for len(p) > 0 {
		n, skip := off/blockSize, int(off%blockSize)
		size := s.blockLen(n)
		var done int
		if skip == 0 && len(p) >= size {
			if err := s.readBlock(n, p[:size]); err != nil {
				return err
			}
			done = size
		} else {
			var err error
			if done, err = s.readCached(n, p, skip); err != nil {
				return err
			}
		}
		p, off = p[done:], off+int64(done)
	}
	return nil
}

func (s *Source) readCached(n int64, p []byte, skip int) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.cache {
		if c := &s.cache[i]; c.buf != nil && c.block == n {
			s.next = 1 - i
			return copy(p, c.b[skip:]), nil
		}
	}
	c := &s.cache[s.next]
	room := c.buf
	*c = cached{} // nothing is held if reading fails
	buf, b, err := s.load(n, room)
	if err != nil {
		return 0, err
	}
	*c = cached{block: n, b: b, buf: buf}
	s.next = 1 - s.next
	return copy(p, b[skip:]), nil
}

// load reads block n of a sealed source into a buffer, the one given if it is
// large enough.
func (s *Source) load(n int64, buf *buffer) (*buffer, []byte, error) {
	size := s.blockLen(n)
	if s.isSmall() {
		size = int(s.size) + 1
	}
	if buf == nil || len(buf.b) < size {
		buf.free()
		buf = newBuffer(size)
	}
	if s.isSmall() {
		b, longer, err := s.readSmall(buf.b)
		if err == nil && (maphash.Bytes(s.seed, b) != s.sums[0] || longer != s.longer) {
			err = ErrChanged
		}
		if err == nil {
			return buf, b, nil
		}
		buf.free()
		return nil, nil, err
	}
	b := buf.b[:s.blockLen(n)]
	if err := s.readBlock(n, b); err != nil {
		buf.free()
		return nil, nil, err
	}
	return buf, b, nil
}
