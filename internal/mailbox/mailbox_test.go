package mailbox_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/mailbox"
)

const mail = "From: mittente@pec.example.it\r\nDate: Mon, 1 Jan 2024 10:00:00 +0100\r\n\r\nciao\r\n"

// found is what one item turned out to be: its content, or its error.
type found struct {
	File   string
	Text   string
	Code   mailbox.Code
	Reason mailbox.Reason
}

func ok(file, text string) found { return found{File: file, Text: text} }

func bad(file string, code mailbox.Code, reason mailbox.Reason) found {
	return found{File: file, Code: code, Reason: reason}
}

// walk opens every item of an argument. Contents are read after the walk has
// ended, as workers do that come later.
func walk(t testing.TB, arg string, o *mailbox.Options) ([]found, mailbox.Others) {
	t.Helper()
	m := mailbox.New(arg, o)
	var items []*mailbox.Item
	for it := range m.Items(t.Context()) {
		items = append(items, it)
	}
	var all []found
	for _, it := range items {
		all = append(all, open(t, it))
	}
	return all, m.Others()
}

func open(t testing.TB, it *mailbox.Item) found {
	t.Helper()
	defer func() { require.NoError(t, it.Close()) }()
	r, size, err := it.Open(t.Context())
	if err != nil {
		e, is := errors.AsType[*mailbox.Error](err)
		require.True(t, is, "%T: %v", err, err)
		return bad(it.File, e.Code, e.Reason)
	}
	data, err := io.ReadAll(io.NewSectionReader(r, 0, size))
	require.NoError(t, err)
	require.Len(t, data, int(size))
	return ok(it.File, string(data))
}

func write(t testing.TB, path, content string) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func TestFileNamedIsAlwaysAnInput(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ reason, name, content string }{
		{"a mail", "a.eml", mail},
		{"junk named .eml reaches the verifier", "junk.eml", "\x00\x01 nothing of a mail"},
		{"junk of any name too", "notes.txt", "shopping list"},
		{"an empty file too", "empty.eml", ""},
		{"text that happens to start with From", "story.txt", "From the start he knew.\n\nFrom there on too.\n"},
		{"no extension", "mail", mail},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			file := write(t, filepath.Join(t.TempDir(), c.name), c.content)
			got, others := walk(t, file, nil)
			require.Equal(t, []found{ok(file, c.content)}, got)
			require.Zero(t, others.Count)
		})
	}
}

func TestFileThatCannotBeOpened(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	missing := filepath.Join(dir, "missing.eml")
	got, _ := walk(t, missing, nil)
	require.Equal(t, []found{bad(missing, mailbox.CodeNotFound, mailbox.ReasonNoSuchFile)}, got)

	got, _ = walk(t, "", nil)
	require.Equal(t, []found{bad("", mailbox.CodeNotFound, mailbox.ReasonNoSuchFile)}, got)

	got, _ = walk(t, dir+"/nul\x00.eml", nil)
	require.Equal(t, []found{bad(dir+"/nul\x00.eml", mailbox.CodeUnreadable, mailbox.ReasonIO)}, got)

	if os.Getuid() == 0 {
		t.Skip("root reads files without permission")
	}
	locked := write(t, filepath.Join(dir, "locked.eml"), mail)
	require.NoError(t, os.Chmod(locked, 0))
	got, _ = walk(t, locked, nil)
	require.Equal(t, []found{bad(locked, mailbox.CodeUnreadable, mailbox.ReasonIO)}, got)
}

func TestNamesAreThoseGiven(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"a\nb.eml", "a\x1b[2Jb.eml", "a\u202eb.eml", "città.eml", "a\\x41.eml", "..eml"} {
		file := write(t, dir+"/"+name, mail)
		got, _ := walk(t, file, nil)
		require.Equal(t, []found{ok(file, mail)}, got)
	}
	file := write(t, dir+"/citt\xe0.eml", mail)
	got, _ := walk(t, file, nil)
	require.Equal(t, []found{ok(dir+`/citt\xe0.eml`, mail)}, got)
}

func TestFromLineOnTopOfOneMessageIsLeftOut(t *testing.T) {
	t.Parallel()
	body := mail + "\r\nFrom here on it is still one message\r\n"
	file := write(t, filepath.Join(t.TempDir(), "a.eml"), "From mittente@pec.example.it Mon Jan  1 10:00:00 2024\n"+body)
	got, _ := walk(t, file, nil)
	require.Equal(t, []found{ok(file, body)}, got)

	junk := write(t, filepath.Join(t.TempDir(), "b.eml"), "From the start it is no mail\nat all\n")
	got, _ = walk(t, junk, nil)
	require.Equal(t, []found{ok(junk, "From the start it is no mail\nat all\n")}, got)
}

func TestSizeLimit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, c := range []struct {
		reason string
		size   int64
		opts   *mailbox.Options
		want   mailbox.Code
	}{
		{"the default, just reached", 512 << 20, nil, ""},
		{"the default, passed by one", 512<<20 + 1, nil, mailbox.CodeLimit},
		{"a larger one, just reached", 600 << 20, &mailbox.Options{MaxSize: 600 << 20}, ""},
		{"a larger one, passed", 600<<20 + 1, &mailbox.Options{MaxSize: 600 << 20}, mailbox.CodeLimit},
		{"a smaller one, just reached", 100, &mailbox.Options{MaxSize: 100}, ""},
		{"a smaller one, passed", 101, &mailbox.Options{MaxSize: 100}, mailbox.CodeLimit},
	} {
		file := write(t, filepath.Join(dir, "sparse.eml"), mail)
		require.NoError(t, os.Truncate(file, c.size))
		for it := range mailbox.New(file, c.opts).Items(t.Context()) {
			_, size, err := it.Open(t.Context())
			require.NoError(t, it.Close())
			if c.want == "" {
				require.NoError(t, err, c.reason)
				require.Equal(t, c.size, size, c.reason)
				continue
			}
			e, _ := errors.AsType[*mailbox.Error](err)
			require.Equal(t, c.want, e.Code, c.reason)
			require.Equal(t, mailbox.ReasonSize, e.Reason, c.reason)
			require.Contains(t, e.Text("it"), "-max-size", c.reason)
		}
	}
}

func TestCanceled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, n := range []string{"a", "b", "c"} {
		write(t, filepath.Join(dir, n+".eml"), mail)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var files []string
	var last *mailbox.Item
	for it := range mailbox.New(dir, nil).Items(ctx) {
		files, last = append(files, it.File), it
		cancel()
	}
	require.Equal(t, []string{dir + "/a.eml", dir + "/b.eml"}, files, "one, then the place where it stopped")
	_, _, err := last.Open(t.Context())
	e, _ := errors.AsType[*mailbox.Error](err)
	require.Equal(t, mailbox.CodeCanceled, e.Code)
	require.ErrorIs(t, err, context.Canceled)

	for it := range mailbox.New(dir, nil).Items(t.Context()) {
		_, _, err := it.Open(ctx)
		e, _ := errors.AsType[*mailbox.Error](err)
		require.Equal(t, mailbox.CodeCanceled, e.Code, "an item found before, opened after")
	}
	n := 0
	for it := range mailbox.New(dir, nil).Items(ctx) {
		require.Equal(t, dir, it.File)
		n++
	}
	require.Equal(t, 1, n, "canceled before the start")
}

func TestStdin(t *testing.T) {
	t.Parallel()
	pipe := func(s string) *mailbox.Options { return &mailbox.Options{Stdin: strings.NewReader(s)} }
	got, _ := walk(t, "-", pipe(mail))
	require.Equal(t, []found{ok("-", mail)}, got)

	got, _ = walk(t, "-", pipe(""))
	require.Equal(t, []found{ok("-", "")}, got, "empty input is a message without anything")

	got, _ = walk(t, "-", pipe("From a\n"+mail+"\nFrom b\n"+mail))
	require.Equal(t, []found{ok("-#1", mail), ok("-#2", mail)}, got)

	got, _ = walk(t, "-", pipe(string(zipOf(t, entry{name: "a.eml", content: mail}))))
	require.Equal(t, []found{ok("-!/a.eml", mail)}, got)

	got, _ = walk(t, "-", &mailbox.Options{Stdin: io.MultiReader(strings.NewReader(mail), errReader{})})
	require.Equal(t, []found{bad("-", mailbox.CodeUnreadable, mailbox.ReasonIO)}, got)
}

func TestWhatIsHeldInMemoryIsKnownToBe(t *testing.T) {
	t.Parallel()
	two := "From a\n" + mail + "\nFrom b\n" + mail
	file := write(t, filepath.Join(t.TempDir(), "a.zip"), string(zipOf(t,
		entry{name: "a.eml", content: mail}, entry{name: "a.mbox", content: two}, entry{name: "b.eml", content: mail, stored: true})))
	for _, c := range []struct {
		reason, arg string
		stdin       string
		want        []bool
	}{
		{"a pipe", "-", mail, []bool{true}},
		{"an mbox from a pipe", "-", two, []bool{true, true}},
		{"compressed entries; a stored one is read in the archive", file, "", []bool{true, true, true, false}},
	} {
		var got []bool
		for it := range mailbox.New(c.arg, &mailbox.Options{Stdin: strings.NewReader(c.stdin)}).Items(t.Context()) {
			r, _, err := it.Open(t.Context())
			require.NoError(t, err)
			_, is := r.(*bytes.Reader)
			got = append(got, is)
			require.NoError(t, it.Close())
		}
		require.Equal(t, c.want, got, c.reason)
	}
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, errors.New("broken") }

func TestStdinLimit(t *testing.T) {
	t.Parallel()
	zeros := func(n int64) *mailbox.Options { return &mailbox.Options{Stdin: io.LimitReader(zeroReader{}, n)} }
	got, _ := walk(t, "-", zeros(64<<20))
	require.Len(t, got[0].Text, 64<<20)
	got, _ = walk(t, "-", zeros(64<<20+1))
	require.Equal(t, []found{bad("-", mailbox.CodeLimit, mailbox.ReasonSize)}, got)

	small := zeros(101)
	small.MaxSize = 100
	got, _ = walk(t, "-", small)
	require.Equal(t, []found{bad("-", mailbox.CodeLimit, mailbox.ReasonSize)}, got)
}

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestStdinRegularFileIsReadInPlace(t *testing.T) {
	t.Parallel()
	f, err := os.Open(write(t, filepath.Join(t.TempDir(), "a"), "first line read by the shell\n"+mail))
	require.NoError(t, err)
	defer f.Close()
	_, err = f.Seek(29, io.SeekStart)
	require.NoError(t, err)
	got, _ := walk(t, "-", &mailbox.Options{Stdin: f})
	require.Equal(t, []found{ok("-", mail)}, got)

	require.NoError(t, os.Truncate(f.Name(), 70<<20))
	_, err = f.Seek(0, io.SeekStart)
	require.NoError(t, err)
	for it := range mailbox.New("-", &mailbox.Options{Stdin: f}).Items(t.Context()) {
		_, size, err := it.Open(t.Context())
		require.NoError(t, err, "the limit of what is held in memory does not apply")
		require.EqualValues(t, 70<<20, size)
		require.NoError(t, it.Close())
	}
}

func TestStdinThatNeverEndsCanBeCanceled(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	defer w.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	time.AfterFunc(10*time.Millisecond, cancel)
	var got []found
	for it := range mailbox.New("-", &mailbox.Options{Stdin: r}).Items(ctx) {
		got = append(got, open(t, it))
	}
	require.Equal(t, []found{bad("-", mailbox.CodeCanceled, mailbox.ReasonCanceled)}, got)
}

func TestErrorsSpeakBothLanguages(t *testing.T) {
	t.Parallel()
	for r := mailbox.ReasonIO; r <= mailbox.ReasonCanceled; r++ {
		e := &mailbox.Error{Reason: r, Format: mailbox.FormatPDF, Max: 7, Err: io.ErrUnexpectedEOF}
		require.NotEmpty(t, e.Text("en"))
		require.NotEqual(t, e.Text("en"), e.Text("it"), "reason %d", r)
		require.NotContains(t, e.Text("en")+e.Text("it"), "%!", "reason %d", r)
		require.Equal(t, e.Text("en"), e.Error())
	}
}

func TestErrorLeavesOutTheSystemsPath(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "a\x1b", "b")
	write(t, filepath.Dir(file), "a file where a folder should be")
	for it := range mailbox.New(file, nil).Items(t.Context()) {
		_, _, err := it.Open(t.Context())
		require.Error(t, err)
		require.NotContains(t, err.Error(), "\x1b")
	}
}

func TestFileOpenedLaterIsHeldUntilClose(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := write(t, filepath.Join(dir, "a.mbox"), "From a\n"+mail+"\nFrom b\n"+mail)
	var items []*mailbox.Item
	for it := range mailbox.New(file, nil).Items(t.Context()) {
		items = append(items, it)
	}
	require.Len(t, items, 2)
	require.NoError(t, items[0].Close())
	r, size, err := items[1].Open(t.Context())
	require.NoError(t, err)
	buf := make([]byte, size)
	_, err = r.ReadAt(buf, 0)
	require.NoError(t, err)
	require.True(t, bytes.Equal(buf, []byte(mail)))
	require.NoError(t, items[1].Close())
	_, err = r.ReadAt(buf, 0)
	require.ErrorIs(t, err, os.ErrClosed, "the last one closed the file")
}
