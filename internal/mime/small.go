package mime

import (
	"errors"
	"hash/maphash"
	"io"
	"math/bits"
	"sync"
)

// Most mail is smaller than two blocks. Such a message is read in one go, by the
// scan and once more after each Release, instead of block by block and then a
// byte to see whether it ends there; it has one hash; and the buffers go round, so
// that a mailbox of small messages leaves the garbage collector nothing to do.

const smallSize = 2 * blockSize

// isSmall reports whether the message and the byte after it are read in one go.
func (s *Source) isSmall() bool { return s.pin && s.size < smallSize }

// readSmall reads the whole of a small source into the front of buf, which has
// room for one byte more, and reports whether r goes on behind it.
func (s *Source) readSmall(buf []byte) (b []byte, longer bool, err error) {
	size := int(s.size)
	n, err := s.r.ReadAt(buf[:size+1], 0)
	switch {
	case n > size:
		return buf[:size], true, nil
	case n == size && (err == nil || errors.Is(err, io.EOF)):
		return buf[:size], false, nil
	case err != nil && !errors.Is(err, io.EOF):
		return nil, false, err
	}
	return nil, false, ErrChanged
}

// Held reports whether the whole message is held, so that nothing needs to be
// read again until Release.
func (s *Source) Held() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.isSmall() && s.cache[0].buf != nil
}

// scanSmall returns the message to a scan, which gives the buffer back. The first
// scan has none to give back: the message is kept for the reads that follow, until
// Release. Nobody else has the source then, so nobody can release it.
func (s *Source) scanSmall() ([]byte, *buffer, error) {
	if s.sealed {
		buf, b, err := s.load(0, nil)
		return b, buf, err
	}
	buf := newBuffer(int(s.size) + 1)
	b, longer, err := s.readSmall(buf.b)
	if err != nil {
		buf.free()
		return nil, nil, err
	}
	s.seed = maphash.MakeSeed()
	s.sums = []uint64{maphash.Bytes(s.seed, b)}
	s.longer, s.sealed = longer, true
	s.cache[0] = cached{block: 0, b: b, buf: buf}
	s.next = 1
	return b, nil, nil
}

// buffer is a piece of memory that is used again.
type buffer struct {
	b     []byte
	class int
}

// Buffers come in sizes from 4 KiB to a small message.
const (
	smallestBuffer = 12 // as a power of 2
	largestBuffer  = 17
)

var buffers [largestBuffer - smallestBuffer + 1]sync.Pool

// newBuffer returns a buffer of at least size bytes, at most smallSize.
func newBuffer(size int) *buffer {
	class := max(bits.Len(uint(size-1)), smallestBuffer) - smallestBuffer
	if buf, ok := buffers[class].Get().(*buffer); ok {
		return buf
	}
	return &buffer{b: make([]byte, 1<<(class+smallestBuffer)), class: class}
}

// free gives the buffer to whoever needs one next. Nothing may refer to it any
// more.
func (buf *buffer) free() {
	if buf != nil {
		buffers[buf.class].Put(buf)
	}
}
