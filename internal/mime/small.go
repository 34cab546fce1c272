package mime

import (
	"errors"
	"hash/maphash"
	"io"
	"math/bits"
	"sync"
)

// Most mail is smaller than a block. Such a message is read in one go, by the
// scan and once more after each Release, instead of a block and then a byte to
// see whether it ends there; and the buffers go round, so that a mailbox of
// small messages leaves the garbage collector nothing to do.

// isSmall reports whether the message and the byte after it fit into one block.
func (s *Source) isSmall() bool { return s.size < blockSize }

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
	return s.pin && s.isSmall() && s.cache[0].buf != nil
}

// scanSmall is the first scan of a small source that is pinned: it returns the
// message and keeps it for the reads that follow, until Release.
func (s *Source) scanSmall() ([]byte, error) {
	buf := newBuffer(int(s.size) + 1)
	b, longer, err := s.readSmall(buf.b)
	if err != nil {
		buf.free()
		return nil, err
	}
	s.seed = maphash.MakeSeed()
	s.sums = []uint64{maphash.Bytes(s.seed, b)}
	s.longer, s.sealed = longer, true
	s.cache[0] = cached{block: 0, b: b, buf: buf}
	s.next = 1
	return b, nil
}

// buffer is a piece of memory that is used again.
type buffer struct {
	b     []byte
	class int
}

// Buffers come in five sizes, from 4 KiB to a block, and one that holds a byte
// more than a block.
const (
	smallestBuffer = 12 // as a power of 2
	largestBuffer  = 16
)

var buffers [largestBuffer - smallestBuffer + 2]sync.Pool

// newBuffer returns a buffer of at least size bytes, at most blockSize+1.
func newBuffer(size int) *buffer {
	class := max(bits.Len(uint(size-1)), smallestBuffer) - smallestBuffer
	if buf, ok := buffers[class].Get().(*buffer); ok {
		return buf
	}
	length := 1 << (class + smallestBuffer)
	if class == len(buffers)-1 {
		length = blockSize + 1
	}
	return &buffer{b: make([]byte, length), class: class}
}

// free gives the buffer to whoever needs one next. Nothing may refer to it any
// more.
func (buf *buffer) free() {
	if buf != nil {
		buffers[buf.class].Put(buf)
	}
}
