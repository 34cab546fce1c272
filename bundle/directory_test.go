package bundle_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/bundle"
	"github.com/gopec/gopec/pec"
)

// A bundle that other programs unpack to something else than what is verified is
// refused: whoever reads the unpacked file would read another message under the name
// of the one that was found authentic.
func TestOtherDirectory(t *testing.T) {
	t.Parallel()
	k := keep(t, pec.PolicyDefault)
	for _, c := range otherDirectories(t, k) {
		require.NotEqual(t, k.zip, c.zip, c.reason)
		_, err := bundle.Open(bytes.NewReader(c.zip), int64(len(c.zip)))
		var format *bundle.FormatError
		require.ErrorAs(t, err, &format, c.reason)
		require.ErrorContains(t, err, c.says, c.reason)
	}
}

// directoryCase is a bundle that other programs read otherwise.
type directoryCase struct {
	reason string
	zip    []byte
	says   string // part of the error
}

func otherDirectories(t testing.TB, k kept) []directoryCase {
	t.Helper()
	other := func(write func(*zip.Writer)) []byte {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		write(w)
		require.NoError(t, w.Close())
		return b.Bytes()
	}
	another := other(func(w *zip.Writer) {
		o, err := w.Create("messages/0001.eml")
		require.NoError(t, err)
		_, err = o.Write([]byte("Subject: un altro messaggio\r\n\r\n"))
		require.NoError(t, err)
	})
	directory := bytes.Index(k.zip, []byte("PK\x01\x02"))
	end := bytes.LastIndex(k.zip, []byte("PK\x05\x06"))
	message := directory + bytes.Index(k.zip[directory:], []byte("messages/0001.eml")) - 46
	edit := func(at int, with ...byte) []byte {
		b := bytes.Clone(k.zip)
		copy(b[at:], with)
		return b
	}
	insert := func(at int, with string) []byte {
		return append(append(bytes.Clone(k.zip[:at]), with...), k.zip[at:]...)
	}
	// The same field in the directory alone: an Info-ZIP Unicode path.
	field := "\x75\x70\x01\x00x"
	b := insert(message+46+len("messages/0001.eml"), field)
	b[message+30] = byte(len(field))
	binary.LittleEndian.PutUint32(b[end+len(field)+12:], uint32(end-directory+len(field)))
	return []directoryCase{
		{"a second archive behind it, which other programs open", append(bytes.Clone(k.zip), another...), ""},
		{"a byte behind it", append(bytes.Clone(k.zip), 0), ""},
		{"a byte before the directory", insert(directory, "x"), ""},
		{"a whole archive before the directory", insert(directory, string(another)), ""},
		{"another name in the directory", edit(message+46, []byte("messages/0009")...), ""},
		{"another place in the directory", edit(message+42, 0), ""},
		{"another size in the directory", edit(message+24, 1), ""},
		{"another packed size in the directory", edit(message+20, 1), ""},
		{"a method of packing in the directory", edit(message+10, 8), ""},
		{"a flag in the directory, such as that of encryption", edit(message+8, 1), ""},
		{"a comment of an entry, in which anything can stand", edit(message+32, 1), ""},
		{"fewer entries", edit(end+8, 1), ""},
		{"fewer entries in all", edit(end+10, 1), ""},
		{"a directory that begins elsewhere", edit(end+16, 0), ""},
		{"a shorter directory", edit(end+12, 0), ""},
		{"on another disk", edit(end+4, 1), ""},
		{"a comment of the archive, in which another end can stand", edit(end+20, 1), ""},
		{"no directory", k.zip[:directory], ""},
		{"half of the directory", k.zip[:message+20], ""},
		{"no end", k.zip[:end], ""},
		{"a field beside the name in front of a file, which can give it another one", edit(28, 4), ""},
		{"a field beside the name in the directory alone", b, "directory"},
	}
}

// What is large has other records at the end, in the form that archive/zip writes.
func TestLargeDirectory(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		reason string
		count  int
		size   int64
	}{
		{"one less than what one record can count", 1<<16 - 3, 0},
		{"more entries than one record can count", 1<<16 - 2, 0},
		{"an entry beyond 4 GiB", 3, bundle.MaxEntry},
	} {
		a := &sparse{}
		m := bundle.Manifest{Schema: bundle.Schema, Messages: []bundle.Entry{}, Timestamps: []string{}}
		for i := range c.count {
			m.Files = append(m.Files, bundle.File{Path: fmt.Sprintf("messages/%d.eml", i), Role: bundle.RoleMessage, Size: c.size})
		}
		manifest, err := json.Marshal(m)
		require.NoError(t, err)
		w := zip.NewWriter(a)
		add := func(name string, size int64) io.Writer {
			o, err := w.CreateRaw(&zip.FileHeader{Name: name, CompressedSize64: uint64(size), UncompressedSize64: uint64(size)})
			require.NoError(t, err)
			return o
		}
		_, err = add(bundle.ManifestName, int64(len(manifest))).Write(manifest)
		require.NoError(t, err)
		zeros := make([]byte, hole)
		for _, f := range m.Files {
			o := add(f.Path, f.Size)
			for left := f.Size; left > 0; left -= hole {
				_, err = o.Write(zeros[:min(left, hole)])
				require.NoError(t, err)
			}
		}
		require.NoError(t, w.Close())
		_, err = zip.NewReader(a, a.size)
		require.NoError(t, err, "the way of making the cases is sound")
		b, err := bundle.Open(a, a.size)
		require.NoError(t, err, c.reason)
		require.Len(t, b.Manifest.Files, c.count)
		last := a.pieces[len(a.pieces)-1]
		if c.size > 0 {
			for _, at := range []int{0, 4, 16, 24, 32, 40, 48, 56, 60, 64, 72} {
				i := bytes.LastIndex(last.b, []byte("PK\x06\x06")) + at
				last.b[i] ^= 1
				_, err = bundle.Open(a, a.size)
				require.Error(t, err, "the large records are compared: byte %d", at)
				last.b[i] ^= 1
			}
		}
	}
}

// sparse is an archive whose files are zeros, which are not kept.
type sparse struct {
	pieces []piece
	size   int64
}

type piece struct {
	at int64
	b  []byte
}

const hole = 1 << 20

func (s *sparse) Write(b []byte) (int, error) {
	if len(b) != hole {
		if n := len(s.pieces); n > 0 && s.pieces[n-1].at+int64(len(s.pieces[n-1].b)) == s.size {
			s.pieces[n-1].b = append(s.pieces[n-1].b, b...)
		} else {
			s.pieces = append(s.pieces, piece{s.size, bytes.Clone(b)})
		}
	}
	s.size += int64(len(b))
	return len(b), nil
}

func (s *sparse) ReadAt(b []byte, at int64) (int, error) {
	n := int(max(0, min(int64(len(b)), s.size-at)))
	clear(b[:n])
	for _, p := range s.pieces {
		from, to := max(at, p.at), min(at+int64(n), p.at+int64(len(p.b)))
		if from < to {
			copy(b[from-at:], p.b[from-p.at:to-p.at])
		}
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}
