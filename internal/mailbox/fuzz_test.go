package mailbox_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/mailbox"
)

// errBroken is what a file gives that cannot be read.
var errBroken = errors.New("broken")

// requireError: an error has the code of its reason, and words in both
// languages.
func requireError(t *testing.T, err error) *mailbox.Error {
	t.Helper()
	e, is := errors.AsType[*mailbox.Error](err)
	require.True(t, is, "%T: %v", err, err)
	code := mailbox.CodeUnreadable
	switch e.Reason {
	case mailbox.ReasonNoSuchFile, mailbox.ReasonNothingFound:
		code = mailbox.CodeNotFound
	case mailbox.ReasonSize, mailbox.ReasonDepth, mailbox.ReasonEntries, mailbox.ReasonExpansion, mailbox.ReasonOverlap:
		code = mailbox.CodeLimit
	case mailbox.ReasonTruncated:
		code = mailbox.CodeTruncatedArchive
	case mailbox.ReasonCanceled:
		code = mailbox.CodeCanceled
	}
	require.Equal(t, code, e.Code)
	require.Equal(t, e.Reason == mailbox.ReasonFormat, e.Format != mailbox.FormatNone)
	require.Equal(t, e.Text("en"), e.Error())
	require.NotEqual(t, e.Text("en"), e.Text("it"))
	require.NotContains(t, e.Text("en")+e.Text("it"), "%!")
	require.True(t, utf8.ValidString(e.Text("en")+e.Text("it")))
	require.True(t, e.Err == nil || errors.Is(err, e.Err))
	require.True(t, e.Reason != mailbox.ReasonIO || e.Err != nil)
	return e
}

// fileSeed is a file for FuzzOpened.
type fileSeed struct {
	name string
	data []byte
}

// fileSeeds are files of every shape that the tests have.
func fileSeeds(t testing.TB) []fileSeed {
	t.Helper()
	list := []fileSeed{{"a.eml", []byte(mail)}, {"-", nil}, {"a.zip", []byte(mail)}, {"a.zip", []byte("Rar!\x1a\x07\x00")}, {"a.zip", nil},
		{"a.eml", []byte("From a\n" + mail)}, {"x", []byte("From a\n" + mail + "\nFrom b\n" + mail)}, {"a.mbox", []byte("no From line")}}
	for _, c := range mboxFiles() {
		if len(c.content) < 10_000 {
			list = append(list, fileSeed{"a.mbox", []byte(c.content)}, fileSeed{"a.eml", []byte(c.content)})
		}
	}
	for _, c := range formatHeads() {
		list = append(list, fileSeed{"a", []byte(c.head)})
	}
	for _, c := range brokenEntries() {
		list = append(list, fileSeed{"a.zip", zipOf(t, c.entry, entry{name: "b.eml", content: mail})})
	}
	two := "From a\n" + mail + "\nFrom b\n" + mail
	whole := zipOf(t, entry{name: "a.eml", content: mail}, entry{name: "posta/", mode: fs.ModeDir | 0o755},
		entry{name: "posta/a.mbox", content: two}, entry{name: "s.mbox", content: two, stored: true}, entry{name: "saved", content: mail},
		entry{name: "Maildir/cur/1704099600.M1.host:2,S", content: "x"}, entry{name: "Maildir/tmp/1704099600.M1.host", content: mail},
		entry{name: "readme.txt", content: "hello"}, entry{name: "print.pdf", content: "%PDF-1.4"}, entry{name: ".hidden/z.eml", content: mail},
		entry{name: "link.eml", content: "/etc/passwd", mode: fs.ModeSymlink | 0o777}, entry{name: "\x1b\xe0.eml", stored: true},
		entry{name: "bomb.eml", content: strings.Repeat("\x00", 100_000)}, entry{name: "print.eml", content: "%PDF-1.4"},
		entry{name: "torn", content: "\xff\xff\xff\xff", stored: true, change: func(h *zip.FileHeader) { h.Method = 8 }})
	small := zipOf(t, entry{name: "a.eml", content: mail}, entry{name: "b", content: mail, stored: true})
	commented := append(bytes.Clone(small), "PK\x05\x06 a comment that starts like the end"...)
	binary.LittleEndian.PutUint16(commented[len(small)-2:], uint16(len(commented)-len(small)))
	end := len(small) - 22
	behind := append(append(bytes.Clone(small[:end]), "PK\x05\x05\x00\x00"...), small[end:]...)
	long := zipOf(t, entry{name: "long.eml", content: mail, change: func(h *zip.FileHeader) { h.UncompressedSize64 = 1 << 33 }})
	for _, b := range [][]byte{whole, small, commented, behind, long, append([]byte("#!/bin/sh\nexit\n"), small...), overlapping(t, mail, 3), emptyEntries(3),
		small[60:], small[:len(small)-1], small[:len(small)/2], zipOf(t), zipOf(t, entry{name: "word/document.xml", content: "<w/>"})} {
		list = append(list, fileSeed{"a.zip", b})
	}
	list = append(list, fileSeed{"a.zip", bytes.Replace(small, []byte("PK\x03\x04"), []byte("PK\x03\x05"), -1)})
	for _, said := range []uint64{0, 1 << 40, uint64(end)} {
		big := zip64Of(small, said, 0)
		list = append(list, fileSeed{"a.zip", big}, fileSeed{"a.zip", append([]byte("in front"), big...)})
	}
	list = append(list, fileSeed{"a.zip", zip64Of(small, uint64(end), 1)}, fileSeed{"a.zip", bytes.Replace(zip64Of(small, 0, 0), []byte("PK\x06\x06"), []byte("PK\x06\x00"), 1)},
		fileSeed{"a.zip", bytes.Replace(zip64Of(small, 0, 0), []byte("PK\x06\x07"), []byte("PK\x06\x00"), 1)},
		fileSeed{"a.zip", append([]byte("PK\x05\x06\x00\x00\x00\x00"), bytes.Repeat([]byte{0xff}, 14)...)})
	extra := func(h *zip.FileHeader) { h.Extra = []byte("\x02\x00\x01\x00x\x01\x00\xff\x00") }
	return append(list, fileSeed{"a.zip", zipOf(t, entry{name: "a.eml", content: mail, change: extra}, entry{name: "b.eml", content: mail})})
}

// zip64Of gives an archive a zip64 end record, said to stand at a place and on a
// disk.
func zip64Of(small []byte, said uint64, disk uint32) []byte {
	le := binary.LittleEndian
	at := len(small) - 22
	end := bytes.Clone(small[at:])
	big := make([]byte, 56)
	copy(big, "PK\x06\x06")
	le.PutUint64(big[4:], 44)
	le.PutUint32(big[16:], disk)
	le.PutUint64(big[40:], uint64(le.Uint32(end[12:])))
	le.PutUint64(big[48:], uint64(le.Uint32(end[16:])))
	locator := make([]byte, 20)
	copy(locator, "PK\x06\x07")
	le.PutUint64(locator[8:], said)
	copy(end[8:20], bytes.Repeat([]byte{0xff}, 12))
	return append(append(append(bytes.Clone(small[:at]), big...), locator...), end...)
}

// FuzzOpened: whatever a file holds, every item has its content or an error
// with a code, the file's bytes are what the messages are made of, and what
// comes through a pipe is found the same. A file whose bytes from one on cannot
// be read, or that is shorter than was said, gives that error and nothing else
// instead; one that is canceled says so.
func FuzzOpened(f *testing.F) {
	for _, s := range fileSeeds(f) {
		f.Add(s.name, s.data, uint32(0), uint32(0), uint16(0), uint8(0))
		f.Add(s.name, s.data, uint32(50), uint32(0), uint16(0), uint8(2))
		if n := len(s.data); n > 0 {
			f.Add(s.name, s.data, uint32(0), uint32(n), uint16(0), uint8(0))
			f.Add(s.name, s.data, uint32(0), uint32(1+n*2/3), uint16(0), uint8(0))
			f.Add(s.name, s.data, uint32(0), uint32(0), uint16(5000), uint8(1))
		}
	}
	large := strings.Repeat("x", 5000) + "\n\nFrom b\n"
	f.Add("a.mbox", []byte("From a\n"+mail+large), uint32(0), uint32(4500), uint16(0), uint8(0))
	f.Add("a.zip", zipOf(f, entry{name: "a.eml", content: mail + large, stored: true}), uint32(0), uint32(3000), uint16(0), uint8(0))
	f.Fuzz(func(t *testing.T, name string, data []byte, max, from uint32, more uint16, cancelAt uint8) {
		size := int64(len(data)) + int64(more)
		options := &mailbox.Options{MaxSize: int64(max)}
		reader := readerAt(func(p []byte, off int64) (int, error) {
			if from > 0 && off+int64(len(p)) >= int64(from) {
				return 0, errBroken
			}
			return bytes.NewReader(data).ReadAt(p, off)
		})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if cancelAt == 1 {
			cancel()
		}
		var all []found
		box := mailbox.NewOpened(name, reader, size, options)
		for it := range box.Items(ctx) {
			r, n, err := it.Open(ctx)
			one := found{File: it.File}
			if err == nil {
				text, readErr := io.ReadAll(io.NewSectionReader(r, 0, n))
				require.True(t, readErr == nil || errors.Is(readErr, errBroken), "%v", readErr)
				require.True(t, readErr != nil || more > 0 || int64(len(text)) == n)
				require.True(t, bytes.Contains(data, text) || strings.Contains(it.File, "!/"), "these bytes are not in the file")
				one.Text = string(text)
			} else {
				require.Nil(t, r)
				require.Zero(t, n)
				e := requireError(t, err)
				require.Equal(t, ctx.Err() != nil, e.Code == mailbox.CodeCanceled)
				require.True(t, e.Reason != mailbox.ReasonIO || from > 0 && errors.Is(err, errBroken) || more > 0, "%v", err)
				require.True(t, e.Reason != mailbox.ReasonFormat || e.Format <= mailbox.FormatXZ)
				one.Code, one.Reason = e.Code, e.Reason
			}
			require.NoError(t, it.Close())
			if all = append(all, one); len(all)+1 == int(cancelAt) {
				cancel()
			}
		}
		require.NotEmpty(t, all, "an argument never yields nothing")
		others := box.Others()
		formats := 0
		for format, n := range others.Formats {
			requireFormat(t, format, false)
			formats += n
		}
		require.LessOrEqual(t, formats, others.Count)
		if cancelAt == 1 {
			require.Len(t, all, 1)
			require.Equal(t, mailbox.CodeCanceled, all[0].Code)
		}
		head := data[:min(len(data), 4096)]
		requireFormat(t, mailbox.DetectFormat(head), mailbox.DetectFormat(head) == mailbox.FormatNone)
		if cancelAt == 0 && more == 0 {
			requirePiped(t, name, data, int(from), options, all)
		}
	})
}

// requireFormat: every format but none has words in both languages.
func requireFormat(t *testing.T, format mailbox.Format, none bool) {
	t.Helper()
	require.Equal(t, none, format == mailbox.FormatNone)
	for _, lang := range []string{"en", "it"} {
		require.Equal(t, none, format.Name(lang) == "")
		require.Equal(t, none, format.Hint(lang) == "")
	}
	require.Equal(t, none, format.Name("en") == format.Name("it"))
}

// requirePiped: through a pipe the same is found, or the pipe's own error comes
// out, or the limit of what is held in memory is passed.
func requirePiped(t *testing.T, name string, data []byte, from int, o *mailbox.Options, opened []found) {
	t.Helper()
	pipe := io.Reader(bytes.NewReader(data))
	if breaks := from > 0 && from <= len(data); breaks {
		pipe = io.MultiReader(bytes.NewReader(data[:from-1]), errReader{})
		from = -1
	}
	got, _ := walk(t, "-", &mailbox.Options{Stdin: pipe, MaxSize: o.MaxSize})
	switch {
	case o.MaxSize > 0 && int64(len(data)) > o.MaxSize:
		require.Len(t, got, 1)
		require.NotEmpty(t, got[0].Code)
	case from < 0:
		require.Equal(t, []found{bad("-", mailbox.CodeUnreadable, mailbox.ReasonIO)}, got)
	case from == 0 && name == "-":
		require.Equal(t, opened, got)
	}
}
