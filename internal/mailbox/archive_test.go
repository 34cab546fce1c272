package mailbox_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/mailbox"
)

// entry is one entry of an archive made for a test.
type entry struct {
	name, content string
	stored        bool
	flags         uint16
	mode          os.FileMode
	change        func(h *zip.FileHeader) // of what the directory says
}

// zipOf returns an archive with exactly these entries.
func zipOf(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate, Flags: e.flags}
		if e.stored {
			h.Method = zip.Store
		}
		if e.mode != 0 {
			h.SetMode(e.mode)
		}
		data := []byte(e.content)
		if !e.stored {
			data = deflate(t, data)
		}
		h.CRC32 = crc32.ChecksumIEEE([]byte(e.content))
		h.CompressedSize64, h.UncompressedSize64 = uint64(len(data)), uint64(len(e.content))
		if e.change != nil {
			e.change(h)
		}
		f, err := w.CreateRaw(h)
		require.NoError(t, err)
		if !e.mode.IsDir() {
			_, err = f.Write(data)
			require.NoError(t, err)
		}
	}
	require.NoError(t, w.Close())
	return out.Bytes()
}

func deflate(t testing.TB, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestCompression)
	require.NoError(t, err)
	_, err = w.Write(data)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

func writeZip(t testing.TB, data []byte) string {
	t.Helper()
	return write(t, filepath.Join(t.TempDir(), "a.zip"), string(data))
}

func TestArchive(t *testing.T) {
	t.Parallel()
	nested := string(zipOf(t, entry{name: "inner.eml", content: mail}))
	file := writeZip(t, zipOf(t,
		entry{name: "z.eml", content: mail},
		entry{name: "posta/", mode: os.ModeDir | 0o755},
		entry{name: "posta/a.eml", content: "junk all the same", stored: true},
		entry{name: "b.mbox", content: "From a\n" + mail + "\nFrom b\n" + mail},
		entry{name: "stored.mbox", content: "From a\n" + mail + "\nFrom b\n" + mail, stored: true},
		entry{name: "saved", content: mail},
		entry{name: "Maildir/cur/1704099600.M1.host:2,S", content: "a name is enough"},
		entry{name: "Maildir/tmp/1704099600.M1.host", content: mail},
		entry{name: "readme.txt", content: "hello"},
		entry{name: "print.pdf", content: "%PDF-1.4"},
		entry{name: "print.eml", content: "%PDF-1.4"},
		entry{name: "nested.zip", content: nested},
		entry{name: "__MACOSX/._z.eml", content: "\x00\x05\x16\x07"},
		entry{name: ".hidden/z.eml", content: mail},
		entry{name: "link.eml", content: "/etc/passwd", mode: os.ModeSymlink | 0o777},
		entry{name: "z.eml", content: "a second one of that name"},
		entry{name: "empty.eml"},
	))
	got, others := walk(t, file, nil)
	require.Equal(t, []found{
		ok(file+"!/z.eml", mail),
		ok(file+"!/posta/a.eml", "junk all the same"),
		ok(file+"!/b.mbox#1", mail),
		ok(file+"!/b.mbox#2", mail),
		ok(file+"!/stored.mbox#1", mail),
		ok(file+"!/stored.mbox#2", mail),
		ok(file+"!/saved", mail),
		ok(file+"!/Maildir/cur/1704099600.M1.host:2,S", "a name is enough"),
		bad(file+"!/print.eml", mailbox.CodeUnreadable, mailbox.ReasonFormat),
		ok(file+"!/z.eml", "a second one of that name"),
		ok(file+"!/empty.eml", ""),
	}, got)
	require.Equal(t, mailbox.Others{Count: 6, Formats: map[mailbox.Format]int{mailbox.FormatPDF: 1}}, others)
}

func TestArchiveNamesAreLabels(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ reason, name, want string }{
		{"climbing out", "../../etc/passwd.eml", "../../etc/passwd.eml"},
		{"absolute", "/etc/a.eml", "/etc/a.eml"},
		{"Windows", `C:\posta\a.eml`, `C:\posta\a.eml`},
		{"line feed and escape", "a\n\x1b[2J.eml", "a\n\x1b[2J.eml"},
		{"bidi", "a\u202elme.eml", "a\u202elme.eml"},
		{"not UTF-8", "citt\x85.eml", `citt\x85.eml`},
		{"NUL", "a\x00.eml", "a\x00.eml"},
		{"long", strings.Repeat("a", 60000) + ".eml", strings.Repeat("a", 60000) + ".eml"},
	} {
		file := writeZip(t, zipOf(t, entry{name: c.name, content: mail}))
		got, _ := walk(t, file, nil)
		require.Equal(t, []found{ok(file+"!/"+c.want, mail)}, got, c.reason)
	}
	file := writeZip(t, zipOf(t, entry{name: "", content: mail}))
	got, _ := walk(t, file, nil)
	require.Equal(t, []found{ok(file+"!/", mail)}, got, "no name at all")
}

// brokenEntryCase is one of brokenEntries.
type brokenEntryCase struct {
	reason string
	entry  entry
	code   mailbox.Code
	why    mailbox.Reason
}

// brokenEntries are entries of an archive, and why they cannot be read.
func brokenEntries() []brokenEntryCase {
	return []brokenEntryCase{
		{"encrypted", entry{name: "a.eml", content: mail, flags: 1}, mailbox.CodeUnreadable, mailbox.ReasonEncrypted},
		{"encrypted, of a name that says nothing", entry{name: "x", content: mail, flags: 1}, mailbox.CodeUnreadable, mailbox.ReasonEncrypted},
		{"strong encryption", entry{name: "a.eml", content: mail, flags: 1 << 6}, mailbox.CodeUnreadable, mailbox.ReasonEncrypted},
		{"LZMA", entry{name: "a.eml", content: mail, change: func(h *zip.FileHeader) { h.Method = 14 }}, mailbox.CodeUnreadable, mailbox.ReasonMethod},
		{"LZMA, of a name that says nothing", entry{name: "x", content: mail, change: func(h *zip.FileHeader) { h.Method = 14 }}, mailbox.CodeUnreadable, mailbox.ReasonMethod},
		{"wrong checksum", entry{name: "a.eml", content: mail, change: func(h *zip.FileHeader) { h.CRC32++ }}, mailbox.CodeUnreadable, mailbox.ReasonDamaged},
		{"wrong checksum, stored", entry{name: "a.eml", content: mail, stored: true, change: func(h *zip.FileHeader) { h.CRC32++ }}, mailbox.CodeUnreadable, mailbox.ReasonDamaged},
		{"longer than it says", entry{name: "a.eml", content: mail, change: func(h *zip.FileHeader) { h.UncompressedSize64-- }}, mailbox.CodeUnreadable, mailbox.ReasonDamaged},
		{"shorter than it says", entry{name: "a.eml", content: mail, change: func(h *zip.FileHeader) { h.UncompressedSize64++ }}, mailbox.CodeTruncatedArchive, mailbox.ReasonTruncated},
		{"stored with two sizes", entry{name: "a.eml", content: mail, stored: true, change: func(h *zip.FileHeader) { h.UncompressedSize64++ }}, mailbox.CodeUnreadable, mailbox.ReasonDamaged},
		{"not deflate at all", entry{name: "a.eml", content: "\xff\xff\xff\xff", stored: true, change: func(h *zip.FileHeader) { h.Method = 8 }}, mailbox.CodeUnreadable, mailbox.ReasonDamaged},
	}
}

func TestArchiveEntryThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, c := range brokenEntries() {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			file := writeZip(t, zipOf(t, c.entry, entry{name: "b.eml", content: mail}))
			got, _ := walk(t, file, nil)
			require.Equal(t, []found{bad(file+"!/"+c.entry.name, c.code, c.why), ok(file+"!/b.eml", mail)}, got, "the rest is read all the same")
		})
	}
}

func TestArchiveTruncated(t *testing.T) {
	t.Parallel()
	data := zipOf(t, entry{name: "a.eml", content: mail}, entry{name: "b.eml", content: mail})
	for n := range len(data) {
		file := writeZip(t, data[:n])
		got, _ := walk(t, file, nil)
		require.Equal(t, []found{bad(file, mailbox.CodeTruncatedArchive, mailbox.ReasonTruncated)}, got, "%d bytes of %d", n, len(data))
	}
	file := writeZip(t, data[60:])
	got, _ := walk(t, file, nil)
	require.Equal(t, []found{bad(file, mailbox.CodeTruncatedArchive, mailbox.ReasonTruncated)}, got, "cut at the front")
}

func TestArchiveThatIsNone(t *testing.T) {
	t.Parallel()
	file := writeZip(t, []byte(mail))
	got, _ := walk(t, file, nil)
	require.Equal(t, []found{ok(file, mail)}, got, "a mail with the wrong name is a mail")

	file = writeZip(t, []byte("Rar!\x1a\x07\x00"))
	got, _ = walk(t, file, nil)
	require.Equal(t, []found{bad(file, mailbox.CodeUnreadable, mailbox.ReasonFormat)}, got)

	file = writeZip(t, zipOf(t))
	got, _ = walk(t, file, nil)
	require.Equal(t, []found{bad(file, mailbox.CodeNotFound, mailbox.ReasonNothingFound)}, got, "an archive without entries")

	file = writeZip(t, zipOf(t, entry{name: "word/document.xml", content: "<w/>"}))
	got, others := walk(t, file, nil)
	require.Equal(t, []found{bad(file, mailbox.CodeNotFound, mailbox.ReasonNothingFound)}, got)
	require.Equal(t, 1, others.Count)
}

func TestArchiveShapes(t *testing.T) {
	t.Parallel()
	data := zipOf(t, entry{name: "a.eml", content: mail})
	want := func(file string) []found { return []found{ok(file+"!/a.eml", mail)} }

	file := writeZip(t, append([]byte("#!/bin/sh\nexit\n"), data...))
	got, _ := walk(t, file, nil)
	require.Equal(t, want(file), got, "something in front of it, as in a self-extracting archive")

	commented := append(append([]byte{}, data...), "PK\x05\x06 a comment that starts like the end"...)
	binary.LittleEndian.PutUint16(commented[len(data)-2:], uint16(len(commented)-len(data)))
	file = writeZip(t, commented)
	got, _ = walk(t, file, nil)
	require.Equal(t, want(file), got, "a comment")

	behind := append([]byte{}, data[:len(data)-22]...)
	behind = append(behind, "PK\x05\x05\x00\x00"...)
	file = writeZip(t, append(behind, data[len(data)-22:]...))
	got, _ = walk(t, file, nil)
	require.Equal(t, want(file), got, "a digital signature behind the directory")

	var out bytes.Buffer
	w := zip.NewWriter(&out)
	f, err := w.Create("a.eml")
	require.NoError(t, err)
	_, err = io.WriteString(f, mail)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	file = writeZip(t, out.Bytes())
	got, _ = walk(t, file, nil)
	require.Equal(t, want(file), got, "written as a stream, sizes behind the data")
}

func TestArchiveZip64(t *testing.T) {
	t.Parallel()
	// 65,536 entries and more need the zip64 end record; archive/zip writes it.
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	const entries = 66_000
	for range entries {
		_, err := w.CreateRaw(&zip.FileHeader{Name: "a.eml"})
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	require.Contains(t, out.String(), "PK\x06\x06")
	for _, data := range [][]byte{out.Bytes(), append([]byte("in front"), out.Bytes()...)} {
		n := 0
		for it := range mailbox.New(writeZip(t, data), nil).Items(t.Context()) {
			require.Contains(t, it.File, "a.zip!/a.eml")
			require.NoError(t, it.Close())
			n++
		}
		require.Equal(t, entries, n)
	}
}

func TestArchiveBeyondFourGigabytes(t *testing.T) {
	t.Parallel()
	// A sparse file: 5 GiB of a stored entry that is no message, then a mail.
	file := filepath.Join(t.TempDir(), "a.zip")
	f, err := os.Create(file)
	require.NoError(t, err)
	defer f.Close()
	const hole = 5 << 30
	le := binary.LittleEndian
	local := make([]byte, 30)
	copy(local, "PK\x03\x04")
	le.PutUint16(local[26:], 1)
	_, err = f.WriteAt(append(local, 'x'), 0)
	require.NoError(t, err)
	le.PutUint16(local[26:], 5)
	at := int64(31 + hole)
	tail := append(append(append([]byte{}, local...), "a.eml"...), mail...)
	dirAt := at + int64(len(tail))
	big := func(name string, extra []uint64) []byte {
		e := make([]byte, 46)
		copy(e, "PK\x01\x02")
		le.PutUint16(e[28:], uint16(len(name)))
		le.PutUint16(e[30:], uint16(4+8*len(extra)))
		e = append(e, name...)
		e = le.AppendUint16(e, 1)
		e = le.AppendUint16(e, uint16(8*len(extra)))
		for _, v := range extra {
			e = le.AppendUint64(e, v)
		}
		return e
	}
	first := big("x", []uint64{hole, hole})
	le.PutUint32(first[20:], 0xffffffff)
	le.PutUint32(first[24:], 0xffffffff)
	second := big("a.eml", []uint64{uint64(at)})
	le.PutUint32(second[16:], crc32.ChecksumIEEE([]byte(mail)))
	le.PutUint32(second[20:], uint32(len(mail)))
	le.PutUint32(second[24:], uint32(len(mail)))
	le.PutUint32(second[42:], 0xffffffff)
	dir := append(first, second...)
	end64 := make([]byte, 56)
	copy(end64, "PK\x06\x06")
	le.PutUint64(end64[4:], 44)
	le.PutUint64(end64[24:], 2)
	le.PutUint64(end64[32:], 2)
	le.PutUint64(end64[40:], uint64(len(dir)))
	le.PutUint64(end64[48:], uint64(dirAt))
	locator := make([]byte, 20)
	copy(locator, "PK\x06\x07")
	le.PutUint64(locator[8:], uint64(dirAt)+uint64(len(dir)))
	end := append([]byte("PK\x05\x06\x00\x00\x00\x00"), bytes.Repeat([]byte{0xff}, 12)...)
	end = append(end, 0, 0)
	tail = append(append(append(append(tail, dir...), end64...), locator...), end...)
	if _, err = f.WriteAt(tail, at); err != nil {
		t.Skip("no sparse file of 5 GiB here: ", err)
	}
	got, others := walk(t, file, nil)
	require.Equal(t, []found{ok(file+"!/a.eml", mail)}, got)
	require.Equal(t, 1, others.Count)
}

// FuzzArchive checks that no bytes make the walk panic or give a content that
// archive/zip does not give.
func FuzzArchive(f *testing.F) {
	seeds := [][]byte{
		zipOf(f), zipOf(f, entry{name: "a.eml", content: mail}), zipOf(f, entry{name: "a.eml", content: mail, stored: true}),
		zipOf(f, entry{name: "a.mbox", content: "From a\n" + mail + "\nFrom b\n" + mail}, entry{name: "b", content: "x"}),
		overlapping(f, mail, 2), emptyEntries(3), []byte("PK\x03\x04"), []byte("PK\x05\x06"),
	}
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if !bytes.HasPrefix(data, []byte("PK")) {
			return
		}
		ours := make(map[string]bool)
		got, _ := walk(t, "-", &mailbox.Options{Stdin: bytes.NewReader(data), MaxSize: 1 << 20})
		for _, g := range got {
			if name, is := strings.CutPrefix(g.File, "-!/"); is && g.Code == "" && !strings.Contains(name, "#") {
				ours[g.Text] = true
			}
		}
		z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		theirs := make(map[string]bool)
		for _, e := range z.File {
			if r, err := e.Open(); err == nil {
				text, err := io.ReadAll(io.LimitReader(r, 1<<20))
				// The sum counts that the directory has; archive/zip compares the
				// copy behind the content too, if there is one.
				const copyBehind = 8
				if err == zip.ErrChecksum && e.Flags&copyBehind != 0 && crc32.ChecksumIEEE(text) == e.CRC32 {
					err = nil
				}
				if err == nil {
					theirs[string(text)] = true
					if bytes.HasPrefix(text, []byte("From ")) {
						_, rest, _ := bytes.Cut(text, []byte("\n"))
						theirs[string(rest)] = true
					}
				}
			}
		}
		for text := range ours {
			require.True(t, theirs[text], "%q is not in the archive for archive/zip", text)
		}
	})
}
