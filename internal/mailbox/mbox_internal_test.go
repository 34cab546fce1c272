package mailbox

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzSplit checks that the messages of an mbox follow each other without a
// gap and make up the file, and that separators stand where the rule says.
func FuzzSplit(f *testing.F) {
	for _, s := range []string{
		"", "From a\n\nx\n\nFrom b\n\ny\n\n", "From a\r\n\r\nx\r\n\r\nFrom b\r\n", "no mbox\n\nFrom a\n", "\ufeffFrom a\nx",
		"\nFrom a\n", "\n\n\n", "From ", "From a\n\n\n\nFrom b", "From a\n>From b\n", "From " + strings.Repeat("a", 70000) + "\n\nFrom b\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
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
			n++
		}
		require.Equal(t, data, append([]byte{}, whole...))
	})
}
