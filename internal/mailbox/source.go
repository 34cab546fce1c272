package mailbox

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"sync/atomic"
)

// source is bytes that several items can read from, closed with the last of
// them.
type source struct {
	io.ReaderAt
	size  int64
	data  []byte // what is held in memory; its size has been checked
	close func() error
	refs  atomic.Int64
}

// newSource returns a source that reads in place, held once.
func newSource(r io.ReaderAt, size int64, close func() error) *source {
	s := &source{ReaderAt: r, size: size, close: close}
	s.refs.Store(1)
	return s
}

// inMemory returns a source of bytes that nobody changes, held once. Its
// reader is a *bytes.Reader, so that those who read it can tell.
func inMemory(data []byte) *source {
	s := newSource(bytes.NewReader(data), int64(len(data)), nil)
	s.data = data
	return s
}

func (s *source) memory() bool { return s.data != nil }

// retain holds s once more. Like release it does nothing to nil.
func (s *source) retain() *source {
	if s != nil {
		s.refs.Add(1)
	}
	return s
}

func (s *source) release() error {
	if s == nil || s.refs.Add(-1) != 0 || s.close == nil {
		return nil
	}
	return s.close()
}

// section returns a part of s as a source of its own, which holds s.
func (s *source) section(offset, length int64) *source {
	if s.memory() {
		return inMemory(s.data[offset : offset+length])
	}
	s.retain()
	return newSource(io.NewSectionReader(s.ReaderAt, offset, length), length, s.release)
}

// head returns the first bytes.
func (s *source) head() ([]byte, error) {
	head := make([]byte, min(headSize, s.size))
	if _, err := s.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return head, nil
}

// openFile opens a regular file for reading in place. Symbolic links are
// followed only where follow is set. A pipe or device is an error and not
// waited for.
func openFile(path string, follow bool) (*source, error) {
	stat := os.Lstat
	if follow {
		stat = os.Stat
	}
	before, err := stat(path)
	if err != nil {
		return nil, err
	}
	if !before.Mode().IsRegular() {
		return nil, unreadable(ReasonNotRegular)
	}
	f, err := os.OpenFile(path, os.O_RDONLY|openNonblock, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !os.SameFile(before, info) {
		err = unreadable(ReasonChanged) // swapped for another, perhaps for a link
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return newSource(f, info.Size(), f.Close), nil
}

// openStdin returns standard input: in place if it is a regular file, else
// read into memory.
func (w *walk) openStdin(ctx context.Context) (*source, error) {
	in := w.opts.stdin()
	if f, ok := in.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			// A shell may have read some of it: what is left is the input.
			offset, err := f.Seek(0, io.SeekCurrent)
			if err != nil {
				return nil, err
			}
			length := max(0, info.Size()-offset)
			return newSource(io.NewSectionReader(f, offset, length), length, nil), nil
		}
	}
	type result struct {
		data []byte
		err  error
	}
	max := w.opts.maxMemory()
	done := make(chan result, 1)
	// A read of a terminal or pipe cannot be interrupted; when ctx is canceled
	// first, this goroutine stays behind until the read ends.
	go func() {
		data, err := io.ReadAll(io.LimitReader(in, max+1))
		done <- result{data, err}
	}()
	select {
	case <-ctx.Done():
		return nil, canceled(ctx)
	case r := <-done:
		if r.err != nil {
			return nil, r.err
		}
		if int64(len(r.data)) > max {
			return nil, passed(ReasonSize, max)
		}
		return inMemory(r.data), nil
	}
}
