package mailbox_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/mailbox"
)

func TestArchiveLimits(t *testing.T) {
	t.Parallel()
	t.Run("size in memory", func(t *testing.T) {
		t.Parallel()
		o := &mailbox.Options{MaxSize: 1000}
		noise := strings.Repeat("0123456789", 100)
		file := writeZip(t, zipOf(t,
			entry{name: "a.eml", content: noise}, entry{name: "b.eml", content: noise + "x"},
			entry{name: "c.eml", content: noise, stored: true}, entry{name: "d.eml", content: noise + "x", stored: true},
		))
		got, _ := walk(t, file, o)
		require.Equal(t, []found{
			ok(file+"!/a.eml", noise), bad(file+"!/b.eml", mailbox.CodeLimit, mailbox.ReasonSize),
			ok(file+"!/c.eml", noise), bad(file+"!/d.eml", mailbox.CodeLimit, mailbox.ReasonSize),
		}, got)
	})
	t.Run("expansion", func(t *testing.T) {
		t.Parallel()
		// Deflate's stored blocks can be padded: the compressed size is chosen,
		// so that the content is just 200 times larger, and one byte more.
		content := strings.Repeat("x", 400_000)
		padded := func(size int) []byte {
			data := deflate(t, []byte(content))
			require.Less(t, len(data), 2000)
			for len(data)+5 <= size {
				data = append([]byte{0, 0, 0, 0xff, 0xff}, data...) // an empty block in front
			}
			return data
		}
		data := padded(2000)
		content = strings.Repeat("x", len(data)*200)
		data = padded(len(data))
		require.Equal(t, len(content), len(data)*200, "the padding holds")
		make := func(extra string) string {
			var out bytes.Buffer
			w := zip.NewWriter(&out)
			content, data := content+extra, data
			if extra != "" { // the same compressed length for one byte more
				content = strings.Repeat("x", len(data)*200+1)
				d := deflate(t, []byte(content))
				for len(d)+5 <= len(data) {
					d = append([]byte{0, 0, 0, 0xff, 0xff}, d...)
				}
				require.Len(t, d, len(data))
				data = d
			}
			f, err := w.CreateRaw(&zip.FileHeader{Name: "a.eml", Method: zip.Deflate, CRC32: crc32.ChecksumIEEE([]byte(content)),
				CompressedSize64: uint64(len(data)), UncompressedSize64: uint64(len(content))})
			require.NoError(t, err)
			_, err = f.Write(data)
			require.NoError(t, err)
			require.NoError(t, w.Close())
			return writeZip(t, out.Bytes())
		}
		file := make("")
		got, _ := walk(t, file, nil)
		require.Equal(t, []found{ok(file+"!/a.eml", content)}, got)
		file = make("x")
		got, _ = walk(t, file, nil)
		require.Equal(t, []found{bad(file+"!/a.eml", mailbox.CodeLimit, mailbox.ReasonExpansion)}, got)
	})
	t.Run("a bomb is not expanded", func(t *testing.T) {
		t.Parallel()
		bomb := strings.Repeat("\x00", 60<<20)
		data := zipOf(t, entry{name: "a.eml", content: bomb}, entry{name: "b", content: mail + bomb}, entry{name: "c.eml", content: mail},
			entry{name: "lying.eml", content: bomb, change: func(h *zip.FileHeader) { h.UncompressedSize64 = 1000 }})
		file := writeZip(t, data)
		got, _ := walk(t, file, nil)
		require.Equal(t, []found{
			bad(file+"!/a.eml", mailbox.CodeLimit, mailbox.ReasonExpansion),
			bad(file+"!/b", mailbox.CodeLimit, mailbox.ReasonExpansion),
			ok(file+"!/c.eml", mail),
			bad(file+"!/lying.eml", mailbox.CodeUnreadable, mailbox.ReasonDamaged),
		}, got)
	})
	t.Run("entries that share their bytes", func(t *testing.T) {
		t.Parallel()
		file := writeZip(t, overlapping(t, strings.Repeat(mail, 100), 3))
		got, _ := walk(t, file, nil)
		require.Equal(t, []found{bad(file, mailbox.CodeLimit, mailbox.ReasonOverlap)}, got)
		file = writeZip(t, overlapping(t, strings.Repeat(mail, 100), 1))
		got, _ = walk(t, file, nil)
		require.Len(t, got, 1)
		require.Empty(t, got[0].Code)
	})
	t.Run("entries", func(t *testing.T) {
		t.Parallel()
		file := writeZip(t, emptyEntries(100_000))
		n := 0
		for it := range mailbox.New(file, nil).Items(t.Context()) {
			require.NoError(t, it.Close())
			n++
		}
		require.Equal(t, 100_000, n)
		for _, entries := range []int{100_001, 165_536} { // the second is 100,000 in the record's 16 bits
			file = writeZip(t, emptyEntries(entries))
			got, _ := walk(t, file, nil)
			require.Equal(t, []found{bad(file, mailbox.CodeLimit, mailbox.ReasonEntries)}, got)
		}
	})
}

// overlapping returns an archive whose directory has one entry n times.
func overlapping(t testing.TB, content string, n int) []byte {
	data := zipOf(t, entry{name: "a.eml", content: content, stored: true})
	end := data[len(data)-22:]
	offset := binary.LittleEndian.Uint32(end[16:])
	one := data[offset : len(data)-22]
	out := append([]byte{}, data[:offset]...)
	for range n {
		out = append(out, one...)
	}
	end = append([]byte{}, end...)
	binary.LittleEndian.PutUint32(end[12:], uint32(len(one)*n))
	binary.LittleEndian.PutUint16(end[8:], uint16(n))
	binary.LittleEndian.PutUint16(end[10:], uint16(n))
	return append(out, end...)
}

// emptyEntries returns an archive of n empty messages, with the number of
// entries cut to 16 bits in its end record and no zip64 record.
func emptyEntries(n int) []byte {
	le := binary.LittleEndian
	var out, dir []byte
	for range n {
		entry := make([]byte, 46, 51)
		copy(entry, "PK\x01\x02")
		le.PutUint16(entry[28:], 5)
		le.PutUint32(entry[42:], uint32(len(out)))
		dir = append(dir, append(entry, "a.eml"...)...)
		local := make([]byte, 30, 35)
		copy(local, "PK\x03\x04")
		le.PutUint16(local[26:], 5)
		out = append(out, append(local, "a.eml"...)...)
	}
	end := make([]byte, 22)
	copy(end, "PK\x05\x06")
	le.PutUint16(end[8:], uint16(n))
	le.PutUint16(end[10:], uint16(n))
	le.PutUint32(end[12:], uint32(len(dir)))
	le.PutUint32(end[16:], uint32(len(out)))
	return append(append(out, dir...), end...)
}
