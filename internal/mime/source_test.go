package mime_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/mime"
)

// changing is an io.ReaderAt that can be changed, and counts its reads.
type changing struct {
	b     []byte
	reads int
}

func (c *changing) ReadAt(p []byte, off int64) (int, error) {
	c.reads++
	return bytes.NewReader(c.b).ReadAt(p, off)
}

func bigMessage(body int) string {
	return "Subject: x\r\n\r\n" + strings.Repeat("0123456789abcdef0123456789abcdef0123456789abcdef0123456789ab\r\n", body/62+1)
}

func TestPinnedSourceChanges(t *testing.T) {
	t.Parallel()
	const size = 300_000
	cases := []struct {
		name, reason string
		change       func(*changing)
		section      mime.Section
		unchanged    bool
	}{
		{"a byte", "what is read is what was scanned", func(c *changing) { c.b[150_000] ^= 1 }, mime.Section{Offset: 149_000, Length: 2000}, false},
		{"elsewhere in the block", "blocks are checked as a whole", func(c *changing) { c.b[65_536] ^= 1 }, mime.Section{Offset: 100_000, Length: 10}, false},
		{"another block", "what is not read is not looked at", func(c *changing) { c.b[0] ^= 1 }, mime.Section{Offset: 100_000, Length: 10}, true},
		{"first byte", "", func(c *changing) { c.b[0] ^= 1 }, mime.Section{Length: size}, false},
		{"last byte", "", func(c *changing) { c.b[len(c.b)-1] ^= 1 }, mime.Section{Length: size}, false},
		{"two bytes swapped", "a sum would not see it", func(c *changing) { c.b[1000], c.b[1001] = c.b[1001], c.b[1000] }, mime.Section{Length: 10}, false},
		{"shorter", "the file was cut", func(c *changing) { c.b = c.b[:len(c.b)-1] }, mime.Section{Offset: size - 10, Length: 10}, false},
		{"longer", "the file grew", func(c *changing) { c.b = append(c.b, 'x') }, mime.Section{Offset: size - 10, Length: 10}, false},
		{"nothing", "", func(*changing) {}, mime.Section{Length: size}, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, f := range allForms {
				original := []byte(bigMessage(size))[:size]
				file := &changing{b: bytes.Clone(original)}
				e, err := mime.Scan(mime.NewSource(file, size, true), nil)
				require.NoError(t, err)
				c.change(file)
				for _, r := range []io.Reader{e.Reader(c.section, f), onlyReader{e.Reader(c.section, f)}} {
					var got bytes.Buffer
					_, err = io.Copy(&got, r)
					if c.unchanged {
						require.NoError(t, err, c.reason)
						require.Equal(t, slowForm(string(original[c.section.Offset:c.section.End()]), f), got.String())
					} else {
						require.ErrorIs(t, err, mime.ErrChanged, c.reason)
					}
				}
			}
		})
	}
}

// onlyReader hides WriteTo.
type onlyReader struct{ io.Reader }

func TestPinnedSourceIsTheRestOfTheFile(t *testing.T) {
	t.Parallel()
	file := &changing{b: []byte("Subject: x\r\n\r\ntext and more")}
	e, err := mime.Scan(mime.NewSource(file, 18, true), nil)
	require.NoError(t, err)
	require.Equal(t, "text", read(t, e, e.Body), "bytes after size do not matter while they stay")
	file.b = file.b[:18]
	e.Source().Release()
	_, err = io.ReadAll(e.Reader(e.Body, mime.Form{}))
	require.ErrorIs(t, err, mime.ErrChanged)
}

func TestPinnedSourceCache(t *testing.T) {
	t.Parallel()
	file := &changing{b: []byte(bigMessage(1000))}
	e, err := mime.Scan(mime.NewSource(file, int64(len(file.b)), true), nil)
	require.NoError(t, err)
	reads := file.reads
	for range 100 {
		require.Equal(t, "Subject", read(t, e, mime.Section{Length: 7}))
	}
	require.LessOrEqual(t, file.reads-reads, 2, "small reads of one block read it once")
	file.b[500] ^= 1
	require.Equal(t, "Subject", read(t, e, mime.Section{Length: 7}), "what is held was scanned")
	e.Source().Release()
	_, err = io.ReadAll(e.Reader(mime.Section{Length: 7}, mime.Form{}))
	require.ErrorIs(t, err, mime.ErrChanged, "after Release it is read again")
}

// around are sizes on both sides of where a message is read in another way: a
// block, and two blocks.
var around = []int{1000, 65_535, 65_536, 65_537, 100_000, 131_070, 131_071, 131_072, 131_073, 200_000}

func TestScanTwice(t *testing.T) {
	t.Parallel()
	for _, size := range around {
		file := &changing{b: []byte(bigMessage(size))[:size]}
		src := mime.NewSource(file, int64(size), true)
		first, err := mime.Scan(src, nil)
		require.NoError(t, err)
		second, err := mime.Scan(src, nil)
		require.NoError(t, err)
		require.Equal(t, dump(t, first), dump(t, second))
		file.b[size/2] ^= 1
		_, err = mime.Scan(src, nil)
		require.ErrorIs(t, err, mime.ErrChanged, size)
	}
}

func TestPinnedSourceOfAnySizeChanges(t *testing.T) {
	t.Parallel()
	for _, size := range around {
		for what, change := range map[string]func(*changing){
			"first byte": func(c *changing) { c.b[0] ^= 1 },
			"last byte":  func(c *changing) { c.b[len(c.b)-1] ^= 1 },
			"shorter":    func(c *changing) { c.b = c.b[:len(c.b)-1] },
			"longer":     func(c *changing) { c.b = append(c.b, 'x') },
		} {
			original := []byte(bigMessage(size))[:size]
			file := &changing{b: bytes.Clone(original)}
			e, err := mime.Scan(mime.NewSource(file, int64(size), true), nil)
			require.NoError(t, err)
			for range 2 { // as held or read again, and once more
				require.Equal(t, string(original), read(t, e, mime.Section{Length: int64(size)}))
				e.Source().Release()
			}
			change(file)
			_, err = io.Copy(io.Discard, e.Reader(mime.Section{Length: int64(size)}, mime.Form{}))
			require.ErrorIs(t, err, mime.ErrChanged, "%d: %s", size, what)
		}
	}
}

func TestScanShortSource(t *testing.T) {
	t.Parallel()
	_, err := mime.Scan(mime.NewSource(strings.NewReader("Subject: x\r\n"), 100, true), nil)
	require.ErrorIs(t, err, mime.ErrChanged)
	_, err = mime.Scan(mime.NewSource(strings.NewReader("Subject: x\r\n"), 100, false), nil)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	e, err := mime.Scan(mime.NewSource(strings.NewReader(""), -1, true), nil)
	require.NoError(t, err)
	require.Equal(t, mime.Section{}, e.Raw)
}

type broken struct{ err error }

func (b broken) ReadAt([]byte, int64) (int, error) { return 0, b.err }

func TestScanReturnsTheReadersError(t *testing.T) {
	t.Parallel()
	want := errors.New("disk on fire")
	for _, pin := range []bool{true, false} {
		_, err := mime.Scan(mime.NewSource(broken{want}, 10, pin), nil)
		require.ErrorIs(t, err, want)
	}
}

func TestPinnedFileReadByMany(t *testing.T) {
	t.Parallel()
	msg := bigMessage(1 << 20)
	path := filepath.Join(t.TempDir(), "m.eml")
	require.NoError(t, os.WriteFile(path, []byte(msg), 0o600))
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	e, err := mime.Scan(mime.NewSource(f, int64(len(msg)), true), nil)
	require.NoError(t, err)
	var group sync.WaitGroup
	for i := range 8 {
		form := allForms[i%len(allForms)]
		section := mime.Section{Offset: int64(i * 12_345), Length: 500_000}
		want := sha256.Sum256([]byte(slowForm(cut(msg, section), form)))
		group.Go(func() {
			for range 5 {
				h := sha256.New()
				r := e.Reader(section, form)
				if i%2 == 1 {
					r = &smallReads{r}
				}
				if _, err := io.Copy(h, r); err != nil {
					t.Error(err)
				}
				if [32]byte(h.Sum(nil)) != want {
					t.Error("other bytes than were scanned")
				}
			}
		})
	}
	group.Wait()
}
