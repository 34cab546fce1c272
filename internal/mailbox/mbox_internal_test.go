package mailbox

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// errBroken is what a file gives that cannot be read.
var errBroken = errors.New("broken")

// brokenFrom is a file whose bytes from one on cannot be read; 0 is none.
type brokenFrom struct {
	data []byte
	from uint32
}

func (b brokenFrom) ReadAt(p []byte, off int64) (int, error) {
	if b.from > 0 && off+int64(len(p)) >= int64(b.from) {
		return 0, errBroken
	}
	return bytes.NewReader(b.data).ReadAt(p, off)
}

// FuzzSplit checks that the messages of an mbox follow each other without a
// gap and make up the file, and that separators stand where the rule says. A
// file that cannot be read, is shorter than it was, or is canceled gives that
// error, and the messages before it are as they are without it.
func FuzzSplit(f *testing.F) {
	for _, s := range []string{
		"", "From a\n\nx\n\nFrom b\n\ny\n\n", "From a\r\n\r\nx\r\n\r\nFrom b\r\n", "no mbox\n\nFrom a\n", "\ufeffFrom a\nx",
		"\nFrom a\n", "\n\n\n", "From ", "From a\n\n\n\nFrom b", "From a\n>From b\n", "From " + strings.Repeat("a", 70000) + "\n\nFrom b\n",
	} {
		f.Add([]byte(s), uint32(0), uint16(0), false)
		f.Add([]byte(s), uint32(len(s)), uint16(0), false)
		f.Add([]byte(s), uint32(0), uint16(1), false)
	}
	many := []byte(strings.Repeat("From a\n\n", 1000)) // more lines than are read between two looks at the context
	f.Add(many, uint32(0), uint16(0), true)
	f.Add(many, uint32(5000), uint16(1), true)
	f.Fuzz(func(t *testing.T, data []byte, from uint32, more uint16, isCanceled bool) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if isCanceled {
			cancel()
		}
		var before []mboxMessage
		var failed error
		for m, err := range split(ctx, brokenFrom{data, from}, int64(len(data))+int64(more)) {
			require.NoError(t, failed, "an error ends the sequence")
			if failed = err; err == nil {
				before = append(before, m)
			} else {
				require.Zero(t, m)
			}
		}
		e, known := errors.AsType[*Error](failed)
		switch {
		case failed == nil:
			require.Zero(t, more)
			require.True(t, from == 0 || int(from) > len(data))
		case known && e.Reason == ReasonCanceled:
			require.True(t, isCanceled)
			require.ErrorIs(t, failed, context.Canceled)
		case known:
			require.Equal(t, ReasonChanged, e.Reason)
			require.NotZero(t, more)
		default:
			require.ErrorIs(t, failed, errBroken)
			require.NotZero(t, from)
		}
		var whole []byte
		cut := func(s section) []byte { return data[s.offset:s.end()] }
		n := 0
		for m, err := range split(t.Context(), bytes.NewReader(data), int64(len(data))) {
			require.NoError(t, err)
			require.Equal(t, int64(len(whole)), m.from.offset)
			require.Equal(t, m.from.end(), m.body.offset)
			require.Equal(t, m.body.end(), m.tail.offset)
			from, tail := cut(m.from), string(cut(m.tail))
			if n > 0 {
				require.True(t, bytes.HasPrefix(from, []byte("From ")))
				require.True(t, bytes.HasSuffix(whole, []byte("\n\n")) || bytes.HasSuffix(whole, []byte("\n\r\n")) || string(whole) == "\n" || string(whole) == "\r\n")
			}
			require.LessOrEqual(t, bytes.Count(from, []byte("\n")), 1)
			require.Contains(t, []string{"", "\n", "\r\n"}, tail)
			for _, sep := range []string{"\n\nFrom ", "\n\r\nFrom "} {
				require.NotContains(t, string(cut(m.body)), sep, "a separator inside a message")
			}
			whole = append(append(append(whole, from...), cut(m.body)...), tail...)
			if n < len(before) {
				require.Equal(t, m, before[n])
			}
			n++
		}
		require.Equal(t, data, append([]byte{}, whole...))
		require.LessOrEqual(t, len(before), n)
		require.True(t, failed != nil || len(before) == n)
	})
}
