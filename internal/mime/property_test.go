package mime_test

import (
	"bytes"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/mime"
)

// checkTree holds a tree against the bytes it is said to be the tree of.
func checkTree(t testing.TB, msg string, root *mime.Entity) {
	t.Helper()
	require.Equal(t, int64(len(msg)), root.Raw.End())
	seen := map[string]bool{}
	for e := range root.All {
		require.False(t, seen[e.Path], "path %q twice", e.Path)
		seen[e.Path] = true
		inside(t, root.Raw, e.Raw)
		inside(t, e.Raw, e.Body)
		require.Equal(t, e.Raw.End(), e.Body.End())
		require.Equal(t, countLines(cut(msg, e.Raw)), e.Lines, "line ends of %q", e.Path)
		require.Equal(t, countLines(msg[e.Raw.Offset:e.Body.Offset]), e.HeaderLines, "header line ends of %q", e.Path)
		pos := e.Raw.Offset
		for _, f := range e.Header {
			require.Contains(t, msg[pos:e.Body.Offset], string(f.Raw), "field %s of %q", f.Name, e.Path)
		}
		at := e.Body.Offset
		for _, p := range e.Parts {
			require.GreaterOrEqual(t, p.Raw.Offset, at, "parts in order")
			inside(t, e.Body, p.Raw)
			at = p.Raw.End()
		}
		if boundary := e.Params.Get("boundary"); strings.HasPrefix(e.MediaType, "multipart/") && (len(e.Parts) > 0 || e.Closed) {
			checkMultipart(t, msg, e, strings.TrimRight(boundary, " \t"))
		}
	}
	checkForms(t, msg, root)
}

// checkMultipart reads the body from front to back: preamble, then delimiters
// and parts by turns, then the epilogue, and not a byte besides.
func checkMultipart(t testing.TB, msg string, e *mime.Entity, boundary string) {
	t.Helper()
	delimiter := regexp.MustCompile(`^(\r?\n)?--` + bytesPattern(boundary) + `[ \t]*(\r?\n)?$`)
	closing := regexp.MustCompile(`^(\r?\n)?--` + bytesPattern(boundary) + `--[ \t]*(\r?\n)?$`)
	at := e.Preamble().End()
	for _, p := range e.Parts {
		require.True(t, delimiter.MatchString(latin1(msg[at:p.Raw.Offset])), "%q before part %s", msg[at:p.Raw.Offset], p.Path)
		at = p.Raw.End()
	}
	if e.Closed {
		epilogue := e.Epilogue()
		require.True(t, closing.MatchString(latin1(msg[at:epilogue.Offset])), "%q closes %q", msg[at:epilogue.Offset], e.Path)
		at = epilogue.End()
	}
	require.Equal(t, e.Body.End(), at, "end of %q", e.Path)
}

// latin1 makes any bytes valid for regexp.
func latin1(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		b.WriteRune(rune(c))
	}
	return b.String()
}

func bytesPattern(s string) string { return regexp.QuoteMeta(latin1(s)) }

func inside(t testing.TB, outer, inner mime.Section) {
	t.Helper()
	require.GreaterOrEqual(t, inner.Length, int64(0))
	require.GreaterOrEqual(t, inner.Offset, outer.Offset)
	require.LessOrEqual(t, inner.End(), outer.End())
}

func cut(msg string, s mime.Section) string { return msg[s.Offset:s.End()] }

func countLines(s string) mime.LineEnds {
	crlf := strings.Count(s, "\r\n")
	return mime.LineEnds{CRLF: crlf, LF: strings.Count(s, "\n") - crlf}
}

// allForms are all forms with what they mean, the slow way.
var allForms = func() []mime.Form {
	var out []mime.Form
	for _, canonical := range []bool{false, true} {
		for u := mime.AsQuoted; u <= mime.UnquoteFrom; u++ {
			out = append(out, mime.Form{Canonical: canonical, Unquote: u})
		}
	}
	return out
}()

func slowForm(s string, f mime.Form) string {
	if f.Unquote != mime.AsQuoted {
		lines := strings.SplitAfter(s, "\n")
		for i, line := range lines {
			text := strings.TrimLeft(line, ">")
			n := len(line) - len(text)
			if strings.HasPrefix(text, "From ") && (n == 1 || n > 1 && f.Unquote == mime.UnquoteAll) {
				lines[i] = line[1:]
			}
		}
		s = strings.Join(lines, "")
	}
	if f.Canonical {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\n", "\r\n")
	}
	return s
}

// checkForms compares every form of the whole message, read in two ways.
func checkForms(t testing.TB, msg string, e *mime.Entity) {
	t.Helper()
	raw := cut(msg, e.Raw)
	for _, f := range allForms {
		want := slowForm(raw, f)
		var b bytes.Buffer
		n, err := io.Copy(&b, e.Reader(e.Raw, f))
		require.NoError(t, err)
		require.Equal(t, int64(b.Len()), n)
		require.True(t, want == b.String(), "form %+v by WriteTo", f)
		got, err := io.ReadAll(&smallReads{e.Reader(e.Raw, f)})
		require.NoError(t, err)
		require.True(t, want == string(got), "form %+v by Read", f)
	}
	if longestQuote(raw) < 4000 {
		require.Equal(t, slowForm(raw, mime.Form{Unquote: mime.UnquoteAll}) != raw, e.HasQuotedFrom())
	}
}

func longestQuote(s string) int {
	n, longest := 0, 0
	for i := range len(s) {
		if n++; s[i] != '>' {
			n = 0
		}
		longest = max(longest, n)
	}
	return longest
}

// smallReads reads in uneven small pieces.
type smallReads struct{ r io.Reader }

func (s *smallReads) Read(p []byte) (int, error) { return s.r.Read(p[:min(len(p), 1021)]) }
