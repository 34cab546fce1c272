package mime_test

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/mime"
)

// synthetic is a message with one large base64 part, made as it is read.
type synthetic struct {
	head, line, tail string
	lines            int64
}

func newSynthetic(size int64, eol string) *synthetic {
	line := base64.StdEncoding.EncodeToString([]byte("fifty-seven bytes of an attachment that nobody will open!")) + eol
	head := "Subject: x" + eol + "Content-Type: multipart/mixed; boundary=b" + eol + eol + "--b" + eol + eol + "text" + eol + "--b" + eol +
		"Content-Type: application/pdf" + eol + "Content-Transfer-Encoding: base64" + eol + eol
	return &synthetic{head: head, line: line, tail: "--b--" + eol, lines: size / int64(len(line))}
}

func (s *synthetic) size() int64 {
	return int64(len(s.head)) + s.lines*int64(len(s.line)) + int64(len(s.tail))
}

func (s *synthetic) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	for n < len(p) && off < s.size() {
		var c int
		body := off - int64(len(s.head))
		switch end := s.lines * int64(len(s.line)); {
		case body < 0:
			c = copy(p[n:], s.head[off:])
		case body < end:
			c = copy(p[n:], s.line[body%int64(len(s.line)):])
		default:
			c = copy(p[n:], s.tail[body-end:])
		}
		n += c
		off += int64(c)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Not parallel: TotalAlloc counts what other tests allocate too.
func TestLargeMessageNeedsNoMemory(t *testing.T) {
	const size = 100 << 20
	allocated := func(f func()) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	for _, eol := range []string{"\r\n", "\n"} {
		msg := newSynthetic(size, eol)
		var e *mime.Entity
		n := allocated(func() {
			var err error
			e, err = mime.Scan(mime.NewSource(msg, msg.size(), true), nil)
			require.NoError(t, err)
		})
		require.Len(t, e.Parts, 2)
		require.True(t, e.Closed)
		t.Logf("scan: %d bytes allocated", n)
		require.Less(t, n, uint64(1<<20), "scan")
		for _, f := range []mime.Form{{}, {Canonical: true, Unquote: mime.UnquoteAll}} {
			n := allocated(func() {
				_, err := io.Copy(sha1.New(), e.Reader(e.Raw, f))
				require.NoError(t, err)
			})
			require.Less(t, n, uint64(1<<20), "%+v", f)
		}
		n = allocated(func() {
			got, err := io.Copy(io.Discard, e.Parts[1].Open(mime.Form{}))
			require.NoError(t, err)
			require.Equal(t, msg.lines*57, got)
		})
		require.Less(t, n, uint64(1<<20), "decoding")
	}
	line := "Subject: x\r\n\r\n" + strings.Repeat("x", 30<<20)
	r := strings.NewReader(line)
	n := allocated(func() {
		_, err := mime.Scan(mime.NewSource(r, int64(len(line)), true), nil)
		require.NoError(t, err)
	})
	require.Less(t, n, uint64(1<<20), "one line of 30 MB")
}

// A header costs at most what its fields cost: 40 bytes each, of which the
// shortest has 3.
//
// Not parallel: see above.
func TestHeaderNeedsMemoryInProportion(t *testing.T) {
	for _, line := range []string{"A:\n", " \n", "x\n", "Content-Type: text/plain;a=b;c=d\n"} {
		msg := []byte("A:\n" + strings.Repeat(line, (1<<20-3)/len(line)))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := mime.Scan(mime.NewBytes(msg), nil)
		require.NoError(t, err)
		runtime.ReadMemStats(&after)
		t.Logf("1 MiB of %q: %d bytes allocated", line, after.TotalAlloc-before.TotalAlloc)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(40<<20))
	}
}

func benchmarkMessage(b *testing.B, eol string) ([]byte, *mime.Entity, *mime.Entity) {
	b.Helper()
	s := newSynthetic(34<<20, eol)
	msg := make([]byte, s.size())
	_, err := s.ReadAt(msg, 0)
	require.NoError(b, err)
	pinned, err := mime.Scan(mime.NewSource(bytes.NewReader(msg), int64(len(msg)), true), nil)
	require.NoError(b, err)
	inMemory, err := mime.Scan(mime.NewBytes(msg), nil)
	require.NoError(b, err)
	b.SetBytes(int64(len(msg)))
	return msg, pinned, inMemory
}

// The floor of a scan is to read blocks and find each line end; that of a
// verification is to hash.
func BenchmarkLargeMessage(b *testing.B) {
	b.Run("floor/lines", func(b *testing.B) {
		msg, _, _ := benchmarkMessage(b, "\r\n")
		r := bytes.NewReader(msg)
		buf := make([]byte, 64<<10)
		for b.Loop() {
			for off := int64(0); off < int64(len(msg)); off += int64(len(buf)) {
				n, _ := r.ReadAt(buf, off)
				for line := buf[:n]; len(line) > 0; {
					i := bytes.IndexByte(line, '\n')
					if i < 0 {
						break
					}
					line = line[i+1:]
				}
			}
		}
	})
	b.Run("floor/sha1", func(b *testing.B) {
		msg, _, _ := benchmarkMessage(b, "\r\n")
		for b.Loop() {
			sha1.Sum(msg)
		}
	})
	b.Run("floor/sha256", func(b *testing.B) {
		msg, _, _ := benchmarkMessage(b, "\r\n")
		for b.Loop() {
			sha256.Sum256(msg)
		}
	})
	b.Run("scan/pinned", func(b *testing.B) {
		msg, _, _ := benchmarkMessage(b, "\r\n")
		b.ReportAllocs()
		for b.Loop() {
			mime.Scan(mime.NewSource(bytes.NewReader(msg), int64(len(msg)), true), nil)
		}
	})
	b.Run("scan/memory", func(b *testing.B) {
		msg, _, _ := benchmarkMessage(b, "\r\n")
		b.ReportAllocs()
		for b.Loop() {
			mime.Scan(mime.NewBytes(msg), nil)
		}
	})
	for _, c := range []struct {
		name, eol string
		form      mime.Form
	}{
		{"as it stands", "\r\n", mime.Form{}},
		{"canonical, from CRLF", "\r\n", mime.Form{Canonical: true}},
		{"canonical, from LF", "\n", mime.Form{Canonical: true}},
		{"canonical and unquoted, from LF", "\n", mime.Form{Canonical: true, Unquote: mime.UnquoteAll}},
	} {
		b.Run("read/"+c.name, func(b *testing.B) {
			_, e, _ := benchmarkMessage(b, c.eol)
			for b.Loop() {
				io.Copy(io.Discard, struct{ io.Reader }{e.Reader(e.Raw, c.form)})
			}
		})
		b.Run("sha256/"+c.name, func(b *testing.B) {
			_, e, _ := benchmarkMessage(b, c.eol)
			for b.Loop() {
				io.Copy(sha256.New(), e.Reader(e.Raw, c.form))
			}
		})
	}
	b.Run("decode base64", func(b *testing.B) {
		_, e, _ := benchmarkMessage(b, "\r\n")
		for b.Loop() {
			io.Copy(io.Discard, e.Parts[1].Open(mime.Form{}))
		}
	})
}

func BenchmarkSmallMessage(b *testing.B) {
	msg := []byte(nested(4, true) + strings.Repeat("0123456789abcdef0123456789abcdef0123456789abcdef\r\n", 460))
	b.SetBytes(int64(len(msg)))
	b.ReportAllocs()
	for b.Loop() {
		mime.Scan(mime.NewSource(bytes.NewReader(msg), int64(len(msg)), true), nil)
	}
}
