package mime_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/mime"
)

// nested is a message of so many levels, alternating multipart and
// message/rfc822, or multiparts only.
func nested(depth int, messages bool) string {
	var b strings.Builder
	for i := range depth {
		if messages && i%2 == 1 {
			b.WriteString("Content-Type: message/rfc822\r\n\r\n")
		} else {
			fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
		}
	}
	b.WriteString("\r\ntext")
	return b.String()
}

func manyParts(n int) string {
	return "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\n\r\n", n) + "--b--\r\n"
}

func TestLimits(t *testing.T) {
	t.Parallel()
	header := func(n int) string { return "A: " + strings.Repeat("x", n-5) + "\r\n" }
	cases := []struct {
		limit       string
		max         int64
		lim         mime.Limits
		below, over string
		path        string
	}{
		{"message", 100, mime.Limits{Message: 100}, strings.Repeat("x", 100), strings.Repeat("x", 101), ""},
		{"parts", 10, mime.Limits{Parts: 10}, manyParts(9), manyParts(10), "10"},
		{"parts", 10_000, mime.Limits{}, manyParts(9999), manyParts(10_000), "10000"},
		{"nesting", 3, mime.Limits{Nesting: 3}, nested(3, false), nested(4, false), "1.1.1"},
		{"nesting", 20, mime.Limits{}, nested(20, true), nested(21, true), strings.TrimSuffix(strings.Repeat("1.", 20), ".")},
		{"header", 1000, mime.Limits{Header: 1000}, header(1000) + "\r\n", header(1001) + "\r\n", ""},
		{"header", 1 << 20, mime.Limits{}, header(1<<20) + "\r\n", header(1<<20+1) + "\r\n", ""},
		{
			"header", 1000, mime.Limits{Header: 1000},
			"Content-Type: multipart/mixed; boundary=b\r\n" + "\r\n" + strings.Repeat("--b\r\n"+header(1000)+"\r\n\r\n", 3) + "--b\r\n" + header(4000-3000-43) + "\r\n\r\n",
			"Content-Type: multipart/mixed; boundary=b\r\n" + "\r\n" + strings.Repeat("--b\r\n"+header(1000)+"\r\n\r\n", 3) + "--b\r\n" + header(4001-3000-43) + "\r\n\r\n",
			"4",
		},
		{"header", 5000, mime.Limits{Header: 5000}, "A: 1\r\n" + header(4994), "A: 1\r\n" + header(4995), ""},
	}
	for i, c := range cases {
		t.Run(fmt.Sprintf("%d %s %d", i, c.limit, c.max), func(t *testing.T) {
			t.Parallel()
			for _, src := range []func(string) *mime.Source{
				func(s string) *mime.Source { return mime.NewBytes([]byte(s)) },
				func(s string) *mime.Source { return mime.NewSource(strings.NewReader(s), int64(len(s)), true) },
			} {
				_, err := mime.Scan(src(c.below), &c.lim)
				require.NoError(t, err, "just below")
				_, err = mime.Scan(src(c.over), &c.lim)
				limit, ok := errors.AsType[*mime.LimitError](err)
				require.True(t, ok, "just above: %v", err)
				require.Equal(t, &mime.LimitError{Limit: c.limit, Max: c.max, Path: c.path}, limit)
				require.ErrorContains(t, err, c.limit)
			}
		})
	}
}

func TestMessageLimitByDefault(t *testing.T) {
	t.Parallel()
	_, err := mime.Scan(mime.NewSource(zeros{}, 512<<20+1, false), nil)
	limit, ok := errors.AsType[*mime.LimitError](err)
	require.True(t, ok)
	require.Equal(t, int64(512<<20), limit.Max)
}

type zeros struct{}

func (zeros) ReadAt(p []byte, _ int64) (int, error) { clear(p); return len(p), nil }

func TestInnerLimit(t *testing.T) {
	t.Parallel()
	encoded := func(msg string) *mime.Entity {
		return scan(t, "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"+base64.StdEncoding.EncodeToString([]byte(msg)))
	}
	lim := &mime.Limits{Inner: 100}
	_, err := encoded("A: b\r\n\r\n"+strings.Repeat("x", 92)).Message(mime.Form{}, lim)
	require.NoError(t, err)
	_, err = encoded("A: b\r\n\r\n"+strings.Repeat("x", 93)).Message(mime.Form{}, lim)
	limit, ok := errors.AsType[*mime.LimitError](err)
	require.True(t, ok)
	require.Equal(t, &mime.LimitError{Limit: "inner", Max: 100}, limit)

	lim = &mime.Limits{Nesting: 2, Parts: 3}
	inner := "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n"
	_, err = encoded(inner).Message(mime.Form{}, lim)
	require.NoError(t, err, "an encoded message is one level, its multipart the second")
	_, err = encoded(inner+"Content-Type: multipart/mixed; boundary=c\r\n").Message(mime.Form{}, lim)
	require.NoError(t, err)
	_, err = encoded(strings.TrimSuffix(inner, "\r\n")+"Content-Type: multipart/mixed; boundary=c\r\n").Message(mime.Form{}, lim)
	limit, ok = errors.AsType[*mime.LimitError](err)
	require.True(t, ok, "levels are counted through encoded messages")
	require.Equal(t, "nesting", limit.Limit)
	require.Equal(t, "1.1", limit.Path)
}

// Shapes that make a careless parser quadratic. At 2 MiB each takes
// milliseconds; quadratic ones would take minutes.
func TestHostileShapesTakeLinearTime(t *testing.T) {
	t.Parallel()
	const size = 2 << 20
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	half := func(s string) string { return strings.Repeat(s, 1<<19/len(s)) }
	deep := nested(20, false)
	big := &mime.Limits{Header: 1 << 30, Parts: 1 << 30}
	for name, msg := range map[string]string{
		"continuations":            "A: b\r\n" + fill(" c\r\n"),
		"fields":                   fill("A:\n"),
		"Content-Type fields":      fill("Content-Type: a/b\n"),
		"junk lines":               "A: b\n" + fill("x\n"),
		"one field":                "Content-Type: " + fill("x"),
		"parameters":               "Content-Type: text/plain" + fill(";a=b"),
		"continued parameter":      "Content-Type: text/plain" + fill(";a*0=b;a*1*=c"),
		"parameters without value": "Content-Type: text/plain; " + fill("a;"),
		"quotes":                   "Content-Type: text/plain" + fill(`;a="`),
		"hyphens":                  deep + "\n" + fill("--\n"),
		"near delimiters":          deep + "\n" + fill("--b1x\n"),
		"delimiters":               deep + "\n" + fill("--b19\n"),
		"half headers":             deep + "\n" + fill("--b19\nA:"),
		"quoted From":              deep + "\n" + fill(">From \n"),
		"greater-than":             fill(">"),
		"CR":                       "A: b\n\n" + fill("\r"),
		"NUL":                      "A: b\n\n" + fill("\x00\n"),
		"long lines":               "A: b\n\n" + fill(strings.Repeat("x", 5000)+"\n"),
	} {
		elapsed := timed(func() {
			e, err := mime.Scan(mime.NewBytes([]byte(msg)), big)
			require.NoError(t, err)
			_ = e.Filename()
			_, err = io.Copy(io.Discard, e.Reader(e.Raw, mime.Form{Canonical: true, Unquote: mime.UnquoteAll}))
			require.NoError(t, err)
		})
		require.Less(t, elapsed, 10*time.Second, name)
	}
	for name, value := range map[string]string{
		"words": half("=?utf-8?q?a?= "), "starts": half("=?"), "starts with charset": half("=?utf-8?q?"), "blanks": "=?utf-8?q?" + half("a "),
		"commas": half(","), "addresses": half("a@b,"), "open angles": half("<a,"), "open comments": half("(a,"), "open quotes": half(`"a,`),
		"angles": half("<>"), "comments": half("(") + half(")"), "groups": half("a:"), "ats": half("@"), "invalid": half("\xff,"),
		"names": half("a ") + "<a@b>", "dots": half("a.") + "@b", "brackets": "a@[" + half("x"), "colons": half(": <a@b>"),
	} {
		require.Less(t, timed(func() { mime.DecodeWords(value); mime.Addresses(value) }), 10*time.Second, name)
	}
}

func timed(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}
