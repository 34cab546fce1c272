package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/mailbox"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
)

// testProgram is a run that believes the test authority and prints JSON.
func testProgram(t *testing.T) *program {
	t.Helper()
	c := &config{json: true, lang: pec.English, trust: []string{testAuthority(t)}}
	p, err := newProgram(t.Context(), c, &verdicts{w: io.Discard}, &diagnostics{w: io.Discard})
	require.Nil(t, err)
	return p
}

func certifiedMail() []byte { return testsign.Message{Kind: daticert.TypeDelivery}.Bytes() }

// A file that changes between being found and being read has no verdict, and
// never that of half its bytes.
func TestFileChangesWhileItIsRead(t *testing.T) {
	t.Parallel()
	mail := certifiedMail()
	for _, c := range []struct {
		reason string
		change func(path string) error
		code   pec.ErrorCode // "": it is certified all the same
	}{
		{"nothing happens", func(string) error { return nil }, ""},
		{"cut short", func(path string) error { return os.Truncate(path, 3000) }, pec.ErrorUnreadable},
		{"emptied", func(path string) error { return os.Truncate(path, 0) }, pec.ErrorUnreadable},
	} {
		path := filepath.Join(t.TempDir(), "a.eml")
		require.NoError(t, os.WriteFile(path, mail, 0o600))
		p := testProgram(t)
		for item := range mailbox.New(path, nil).Items(t.Context()) {
			require.NoError(t, c.change(path))
			r := p.verify(t.Context(), task{item: item, number: 1})
			if c.code == "" {
				require.Nil(t, r.err, c.reason)
				require.Equal(t, exitCertified, r.status, c.reason)
				continue
			}
			require.NotNil(t, r.err, c.reason)
			require.Equal(t, c.code, r.err.code, c.reason)
			require.Equal(t, exitNoVerdict, r.status)
			require.Contains(t, string(r.text), "changed while it was read")
		}
	}
}

// A file of a folder that is gone when its turn comes is not found; the others
// are verified.
func TestFileOfAFolderIsRemoved(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"a.eml", "b.eml", "c.eml"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), certifiedMail(), 0o600))
	}
	p := testProgram(t)
	var codes []pec.ErrorCode
	for item := range mailbox.New(dir, nil).Items(t.Context()) {
		os.Remove(filepath.Join(dir, "b.eml"))
		r := p.verify(t.Context(), task{item: item, number: 1})
		if r.err != nil {
			codes = append(codes, r.err.code)
		} else {
			codes = append(codes, "")
		}
	}
	require.Equal(t, []pec.ErrorCode{"", pec.ErrorNotFound, ""}, codes)
}

// failingOnce reads well but for one time, as a disk or network at its end.
type failingOnce struct {
	r    io.ReaderAt
	left int // reads before that
}

func (f *failingOnce) ReadAt(p []byte, off int64) (int, error) {
	if f.left--; f.left == -1 {
		return 0, errDisk
	}
	return f.r.ReadAt(p, off)
}

var errDisk = errors.New("the disk does not answer")

// A disk that fails at any read, and be it only that one, gives no verdict:
// what could not be read must not pass for what is missing or broken in the
// message. The messages are large enough to be read more than once, one in its
// original and one in the text that tells 12 hours from 24.
func TestReadErrorIsNeverAVerdict(t *testing.T) {
	t.Parallel()
	timeout := testsign.Message{Kind: daticert.TypeTimeout, TextOnly: true, Text: longText}
	for _, mail := range [][]byte{largeDelivery(), timeout.Bytes()} {
		everyReadFails(t, mail)
	}
}

var longText = strings.Repeat("una riga che allunga il messaggio oltre quanto si tiene in memoria\n", 5000)

func largeDelivery() []byte {
	delivery := testsign.Message{Kind: daticert.TypeDelivery}
	delivery.Original = bytes.Replace(delivery.OriginalMail(), []byte("Gentile dottoressa,"),
		[]byte("Gentile dottoressa,\r\n"+strings.ReplaceAll(longText, "\n", "\r\n")), 1)
	return delivery.Bytes()
}

func everyReadFails(t *testing.T, mail []byte) {
	t.Helper()
	p := testProgram(t)
	reads := 0
	for ; ; reads++ {
		src := &failingOnce{r: bytes.NewReader(mail), left: reads}
		report, failed := p.report(t.Context(), new(result), src, int64(len(mail)), nil)
		if src.left >= 0 { // it needed no more than that
			require.Nil(t, failed)
			require.True(t, report.Certified)
			break
		}
		require.Nil(t, report, "read %d", reads)
		require.Equal(t, pec.ErrorUnreadable, failed.code, "read %d", reads)
		require.Contains(t, failed.en, errDisk.Error())
	}
	require.Greater(t, reads, 10)
}

// Canceled at any read, a message has no verdict or, if nothing had to be read
// any more, its own: never that of a part of it.
func TestCanceledReadIsNeverAVerdict(t *testing.T) {
	t.Parallel()
	mail := largeDelivery() // a small one is read once
	p := testProgram(t)
	for reads := 0; ; reads++ {
		ctx, cancel := context.WithCancel(t.Context())
		src := &cancelingAfter{r: bytes.NewReader(mail), left: reads, cancel: cancel}
		report, failed := p.report(ctx, new(result), src, int64(len(mail)), nil)
		cancel()
		if failed != nil {
			require.Equal(t, pec.ErrorCanceled, failed.code, "read %d", reads)
			continue
		}
		require.True(t, report.Certified, "read %d", reads)
		if src.left >= 0 {
			require.GreaterOrEqual(t, reads, 2, "some reads were canceled")
			return
		}
	}
}

type cancelingAfter struct {
	r      io.ReaderAt
	left   int
	cancel func()
}

func (c *cancelingAfter) ReadAt(p []byte, off int64) (int, error) {
	if c.left--; c.left < 0 {
		c.cancel()
	}
	return c.r.ReadAt(p, off)
}

// A crash in one message is that message's error and stops no other.
func TestCrashIsAnError(t *testing.T) {
	t.Parallel()
	p := testProgram(t)
	r := p.verify(t.Context(), task{item: new(mailbox.Item), number: 1}) // an item of no mailbox cannot be opened
	require.NotNil(t, r.err)
	require.Equal(t, pec.ErrorInternal, r.err.code)
	require.Equal(t, exitNoVerdict, r.status)
	require.Len(t, r.hints, 1, "the place is named, for whoever reports it")
	require.Contains(t, string(r.text), `"code":"internal"`)
}

func TestFailuresSpeakBothLanguages(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		&pec.LimitError{Limit: "parts", Max: 10_000}, &pec.LimitError{Limit: "daticert", Max: 1, Path: "1.2"},
		io.ErrUnexpectedEOF, pec.ErrChanged, context.Canceled, errors.New("disk"), &os.PathError{Op: "read", Path: "x", Err: syscall.EIO},
	} {
		f := notRead(err)
		require.NotEqual(t, f.text(pec.English), f.text(pec.Italian), "%v", err)
		require.NotContains(t, f.en+f.it, "%!")
	}
}
