package mime_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/mime"
)

// failingAt is a changing file of which one read fails.
type failingAt struct {
	changing
	at int // the read that fails, from 1; 0 for none
}

var errFuzzDisk = errors.New("the disk does not answer")

func (f *failingAt) ReadAt(p []byte, off int64) (int, error) {
	if f.reads+1 == f.at {
		f.reads++
		return 0, errFuzzDisk
	}
	return f.changing.ReadAt(p, off)
}

// What FuzzSource does besides.
const release, scanAgain, twoWays = 1, 2, 4

// FuzzSource reads a file that may change or fail, of a size on either side of
// every buffer: what comes out are the bytes that were scanned, in the form asked
// for, or the error is the disk's or says that the file changed.
func FuzzSource(f *testing.F) {
	message := "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n>From x\n"
	for _, size := range around {
		for change := range byte(5) {
			f.Add([]byte(message), uint16(size/62), uint32(size/2), uint32(size), change, uint32(size/3), byte(0), byte(change), byte(size%8))
		}
		for fails := byte(1); fails < 8; fails++ {
			f.Add([]byte(message), uint16(size/62), uint32(10), uint32(100), byte(0), uint32(0), fails, byte(0), fails)
		}
	}
	long := strings.Repeat("x", 70_000) // a line that no buffer holds
	for _, head := range []string{"Subject: " + long + "\r\n\r\n" + long, "A: b\n\n" + long + "\r", "--" + long, "From " + long, "A: b\n\n>" + long} {
		f.Add([]byte(head), uint16(0), uint32(5), uint32(100_000), byte(0), uint32(0), byte(0), byte(1), byte(0))
		f.Add([]byte(head), uint16(2200), uint32(5), uint32(200_000), byte(3), uint32(0), byte(0), byte(2), byte(release))
	}
	for form := range byte(6) { // a ">" that may be a quoting one when the range ends
		f.Add([]byte("A: b\n\n>From x\n>>From\n>F"), uint16(0), uint32(0), uint32(30), byte(0), uint32(0), byte(0), form, byte(form&1)*twoWays)
		f.Add([]byte("A: b\n\n>From x\n>>From\n>F"), uint16(0), uint32(6), uint32(9), byte(0), uint32(0), byte(0), form, byte(form&1)*twoWays)
	}
	f.Add([]byte("x"), uint16(0), uint32(0), uint32(1), byte(0), uint32(0), byte(0), byte(0), byte(7))
	f.Fuzz(func(t *testing.T, head []byte, lines uint16, from, length uint32, change byte, where uint32, fails, form, how byte) {
		original := append(bytes.Clone(head), strings.Repeat("0123456789abcdef0123456789abcdef0123456789abcdef0123456789ab\r\n", int(lines%5000))...)
		size := int64(len(original))
		section := mime.Section{Offset: int64(from) % (size + 1)}
		section.Length = int64(length) % (size - section.Offset + 1)
		file := &failingAt{changing: changing{b: bytes.Clone(original)}, at: int(fails)}
		src := mime.NewSource(file, size, true)
		require.Equal(t, size, src.Size())
		e, err := mime.Scan(src, nil)
		if _, limit := errors.AsType[*mime.LimitError](err); limit {
			return
		}
		if err != nil {
			require.ErrorIs(t, err, errFuzzDisk)
			require.Equal(t, file.reads, file.at, "nothing is read after a failure")
			return
		}
		whole, err := mime.Scan(mime.NewBytes(original), nil)
		require.NoError(t, err)
		require.Equal(t, dump(t, whole), dump(t, e))
		if how&release != 0 {
			src.Release()
			require.False(t, src.Held())
		}
		changed := false
		if size > 0 {
			switch where := int64(where) % size; change {
			case 1:
				file.b[where] ^= 1
				changed = section.Length > 0 && where >= section.Offset && where < section.End()
			case 2:
				file.b = file.b[:where]
				changed = where < section.End() && section.Length > 0
			case 3:
				file.b = append(file.b, 'x')
			}
		}
		if how&scanAgain != 0 {
			if again, err := mime.Scan(src, nil); err == nil {
				require.Equal(t, dump(t, e), dump(t, again))
			} else {
				require.True(t, errors.Is(err, mime.ErrChanged) || errors.Is(err, errFuzzDisk), "%v", err)
			}
		}
		held := src.Held()
		asForm := allForms[int(form)%len(allForms)]
		var read bytes.Buffer
		r := e.Reader(section, asForm)
		if how&twoWays != 0 {
			r = onlyReader{r}
		}
		_, err = io.Copy(&read, r)
		got := read.Bytes()
		switch {
		case err != nil:
			require.True(t, errors.Is(err, mime.ErrChanged) || errors.Is(err, errFuzzDisk), "%v", err)
			require.False(t, held, "what is held needs no reading")
		default:
			require.False(t, changed && !held, "other bytes than were scanned")
			require.Equal(t, slowForm(string(original[section.Offset:section.End()]), asForm), string(got))
		}
		if file.at == 0 && change == 0 {
			require.NoError(t, err)
			all, err := io.ReadAll(src.Reader())
			require.NoError(t, err)
			require.True(t, bytes.Equal(original, all))
		}
	})
}

// FuzzLimits: a message is within the limits, or the error names the one that it
// passed.
func FuzzLimits(f *testing.F) {
	for _, c := range treeCases {
		f.Add([]byte(c.msg), uint16(40), byte(2), byte(1), uint16(30), uint16(20))
		f.Add([]byte(c.msg), uint16(2000), byte(50), byte(10), uint16(2000), uint16(2000))
	}
	for _, c := range []struct {
		msg                          string
		message, parts, nest, header int
	}{
		{"A: b\n\n" + strings.Repeat("x", 50), 20, 0, 0, 0},
		{"Content-Type: multipart/mixed; boundary=b\n\n--b\n\n--b\n\n--b--\n", 0, 2, 0, 0},
		{"Content-Type: message/rfc822\n\nContent-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=b\n\n--b\n", 0, 0, 2, 0},
		{"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nA: b\n\n", 0, 2, 0, 0},
		{"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n", 0, 0, 1, 0},
		{"Content-Type: multipart/mixed; boundary=b\n\n--b\nA: " + strings.Repeat("x", 100) + "\n\n", 0, 0, 0, 60},
		{"A: " + strings.Repeat("x", 5000) + "\n\n", 0, 0, 0, 4500},
		{"Content-Type: message/rfc822\n\nContent-Type: message/rfc822\n", 0, 0, 1, 0}, // ends in a header
	} {
		f.Add([]byte(c.msg), uint16(c.message), byte(c.parts), byte(c.nest), uint16(c.header), uint16(0))
	}
	inner := "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nQTogYg0KDQo="
	f.Add([]byte(inner), uint16(100), byte(5), byte(1), uint16(100), uint16(5))
	f.Add([]byte(inner), uint16(100), byte(5), byte(0), uint16(100), uint16(100))
	f.Fuzz(func(t *testing.T, b []byte, message uint16, parts, nesting byte, header, inner uint16) {
		lim := &mime.Limits{Message: int64(message), Parts: int(parts), Nesting: int(nesting), Header: int(header), Inner: int64(inner)}
		passed := func(err error) {
			le, ok := errors.AsType[*mime.LimitError](err)
			require.True(t, ok, "%v", err)
			maxima := map[string]int64{"message": lim.Message, "parts": int64(parts), "nesting": int64(nesting), "header": int64(header), "inner": int64(inner)}
			require.Contains(t, maxima, le.Limit)
			if given := maxima[le.Limit]; given != 0 { // 0 means the default
				require.Equal(t, given, le.Max)
			}
			require.ErrorContains(t, err, le.Limit)
		}
		e, err := mime.Scan(mime.NewBytes(b), lim)
		if err != nil {
			passed(err)
			return
		}
		require.True(t, message == 0 || len(b) <= int(message))
		n := 0
		for p := range e.All {
			n++
			require.True(t, header == 0 || p.Body.Offset-p.Raw.Offset <= int64(header)+2, "a header block and its blank line")
			if p.Encoding == "base64" || p.Encoding == "quoted-printable" {
				m, err := p.Message(mime.Form{}, lim)
				if _, limit := errors.AsType[*mime.LimitError](err); limit {
					passed(err)
				} else if err == nil {
					require.True(t, inner == 0 || m.Source().Size() <= int64(inner))
				}
			}
		}
		require.True(t, parts == 0 || n <= int(parts))
		stopped := 0
		for range e.All {
			if stopped++; stopped == 2 {
				break
			}
		}
		require.Equal(t, min(2, n), stopped)
	})
}
