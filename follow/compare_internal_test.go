package follow

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/mime"
	"github.com/gopec/gopec/vectors"
)

func sum(t *testing.T, s string, one bool) digest {
	t.Helper()
	var l leaf
	var r io.Reader = strings.NewReader(s)
	if one {
		r = &slow{r}
	}
	require.NoError(t, l.read(r))
	return l.lines
}

// slow gives a byte at a time.
type slow struct{ r io.Reader }

// Read implements io.Reader.
func (s *slow) Read(p []byte) (int, error) { return s.r.Read(p[:min(len(p), 1)]) }

// TestFolded: which texts are the same but for their line ends.
func TestFolded(t *testing.T) {
	t.Parallel()
	for _, group := range [][]string{
		{"", "\n", "\r\n", "\n\n\r\n"},
		{"a", "a\n", "a\r\n\r\n"},
		{"a\nb", "a\r\nb", "a\r\nb\n"},
		{"a\n\nb", "a\r\n\nb"},
		{"a\rb"}, {"a\r\rb"}, {"a\r\r\nb", "a\r\r\nb\r\n"}, {"a\n\rb", "a\r\n\rb"}, {"ab"}, {" a"}, {"a "}, {"\na", "\r\na"},
	} {
		for _, s := range group {
			require.Equal(t, sum(t, group[0], false), sum(t, s, false), "%q", s)
			require.Equal(t, sum(t, group[0], false), sum(t, s, true), "%q", s)
		}
	}
	require.NotEqual(t, sum(t, "a\rb", false), sum(t, "a\nb", false))
	require.NotEqual(t, sum(t, "a\nb", false), sum(t, "a\n\nb", false))
	require.NotEqual(t, sum(t, "a\r\rb", false), sum(t, "a\rb", false))
	require.NotEqual(t, sum(t, "a ", false), sum(t, "a", false))
}

// FuzzCompare: any mail is identical with itself, and comparing two is the same
// from both sides.
func FuzzCompare(f *testing.F) {
	seeds := 0
	for v := range vectors.All() {
		if m := v.Mail(); len(m) < 16<<10 && seeds < 40 {
			f.Add(m, bytes.ReplaceAll(m, []byte("\r\n"), []byte("\n")))
			seeds++
		}
	}
	require.Positive(f, seeds)
	f.Fuzz(func(t *testing.T, a, b []byte) {
		compare := func(x, y []byte) *Comparison {
			var p pair
			var err error
			p.comparison = new(Comparison)
			if p.sent, err = NewSent(bytes.NewReader(x), int64(len(x))); err != nil {
				require.False(t, errors.Is(err, mime.ErrChanged))
				return nil
			}
			if p.enclosed, err = mime.Scan(mime.NewBytes(y), nil); err != nil {
				return nil
			}
			err = p.compare()
			require.False(t, errors.Is(err, mime.ErrChanged))
			require.NoError(t, err)
			return p.comparison
		}
		if c := compare(a, a); c != nil {
			require.Equal(t, MatchIdentical, c.Match)
			require.Empty(t, c.Headers)
		}
		there, back := compare(a, b), compare(b, a)
		require.Equal(t, there == nil, back == nil)
		if there != nil {
			require.Equal(t, there.Match, back.Match)
			require.Equal(t, there.Step, back.Step)
			require.Equal(t, len(there.Headers), len(back.Headers))
		}
	})
}
