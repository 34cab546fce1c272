package mailbox_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/mailbox"
)

// mboxFileCase is one of mboxFiles.
type mboxFileCase struct {
	reason, content string
	want            []string
}

// mboxFiles are files, and the messages that they are split into.
func mboxFiles() []mboxFileCase {
	return []mboxFileCase{
		{"one message", "From a\n" + mail, []string{mail}},
		{"two, the empty line between belongs to neither", "From a\n" + mail + "\nFrom b\n" + mail, []string{mail, mail}},
		{"an empty line at the end is not the message's", "From a\n" + mail + "\n", []string{mail}},
		{"a message that ends in an empty line keeps it", "From a\n" + mail + "\n\nFrom b\n" + mail + "\n\n", []string{mail + "\n", mail + "\n"}},
		{"CRLF", "From a\r\n" + mail + "\r\nFrom b\r\n" + mail + "\r\n", []string{mail, mail}},
		{"no line end at the end", "From a\n" + mail + "x", []string{mail + "x"}},
		{"From in a text is no separator", "From a\n" + mail + "From now on\n\nfrom b\n\n>From c\n\nFromage\n", []string{mail + "From now on\n\nfrom b\n\n>From c\n\nFromage\n"}},
		{"quoting is left alone", "From a\n" + mail + "\n>From b\n>>From c\n", []string{mail + "\n>From b\n>>From c\n"}},
		{"a separator right after another", "From a\n\nFrom b\n" + mail, []string{"", mail}},
		{"a byte order mark on top", "\ufeffFrom a\n" + mail, []string{mail}},
		{"an empty line made of a space is not empty", "From a\n" + mail + " \nFrom b\n", []string{mail + " \nFrom b\n"}},
		{"a separator cut off", "From a\n" + mail + "\nFrom ", []string{mail, ""}},
		{"a long separator", "From " + strings.Repeat("a", 200_000) + "\n" + mail + "\nFrom " + strings.Repeat("b", 200_000) + "\n" + mail, []string{mail, mail}},
	}
}

func TestMbox(t *testing.T) {
	t.Parallel()
	for _, c := range mboxFiles() {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			file := write(t, filepath.Join(t.TempDir(), "a.mbox"), c.content)
			var want []found
			for i, text := range c.want {
				want = append(want, ok(fmt.Sprintf("%s#%d", file, i+1), text))
			}
			got, _ := walk(t, file, nil)
			require.Equal(t, want, got)
		})
	}
}

func TestMboxOfAnyName(t *testing.T) {
	t.Parallel()
	file := write(t, filepath.Join(t.TempDir(), "Inbox"), "From a\n"+mail+"\nFrom b\n"+mail)
	got, _ := walk(t, file, nil)
	require.Equal(t, []found{ok(file+"#1", mail), ok(file+"#2", mail)}, got)
}

func TestMboxShortenedWhileWalking(t *testing.T) {
	t.Parallel()
	file := write(t, filepath.Join(t.TempDir(), "a.mbox"), "From a\n"+mail+strings.Repeat("\nFrom b\n"+mail, 5000))
	n := 0
	var last *mailbox.Item
	for it := range mailbox.New(file, nil).Items(t.Context()) {
		if n == 0 {
			require.NoError(t, os.Truncate(file, 1000))
		}
		n, last = n+1, it
	}
	require.Less(t, n, 5000)
	require.Equal(t, bad(file, mailbox.CodeUnreadable, mailbox.ReasonChanged), open(t, last))
}

// TestMboxIsNotHeld is not parallel: it looks at the memory in use.
func TestMboxIsNotHeld(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.mbox")
	f, err := os.Create(file)
	require.NoError(t, err)
	out := bufio.NewWriter(f)
	const messages, size = 50, 1 << 20
	for i := range messages {
		fmt.Fprintf(out, "From a%d\n%s", i, mail)
		for range size / 64 {
			out.WriteString(strings.Repeat("x", 63) + "\n")
		}
		out.WriteString("\n")
	}
	require.NoError(t, out.Flush())
	require.NoError(t, f.Close())

	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	n := 0
	for it := range mailbox.New(file, nil).Items(t.Context()) {
		_, length, err := it.Open(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, len(mail)+size, length)
		require.NoError(t, it.Close())
		n++
	}
	runtime.ReadMemStats(&after)
	require.Equal(t, messages, n)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20), "bytes allocated for 50 MiB of mbox, freed ones included")
}
