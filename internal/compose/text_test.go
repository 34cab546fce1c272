package compose_test

import (
	"bytes"
	"html"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/compose"
	"github.com/gopec/gopec/internal/mime"
)

// content scans what a draft has to be signed.
func content(t testing.TB, d *compose.Draft) *mime.Entity {
	t.Helper()
	write, _ := d.Content()
	var b bytes.Buffer
	require.NoError(t, write(&b))
	e, err := mime.Scan(mime.NewBytes(b.Bytes()), nil)
	require.NoError(t, err)
	for x := range e.All {
		require.Empty(t, x.Defects, x.Path)
	}
	return e
}

func textOf(t testing.TB, e *mime.Entity) string {
	t.Helper()
	s, err := e.Text(mime.Form{}, 1<<20)
	require.NoError(t, err)
	return strings.ReplaceAll(s, "\r\n", "\n")
}

// texts are written with what ISO-8859-1 has; plain is "" if that is everything.
var texts = []struct{ text, plain string }{
	{"Attività è ½ ÿ ¡\u00a0\u00ad", ""},
	{"<b>&amp; \"x\" 'y'</b>", ""},
	{"‘a’ ‚b‛ “c” „d” e–f—g … • 5 €\u202f6\u20097 ‐‑", `'a' 'b' "c" "d" e-f-g ... * 5 EUR 6 7 --`},
	{"漢字 😀 e\u0301 \u2028 \ufeff \u202e", "{U+6F22}{U+5B57} {U+1F600} e{U+0301} {U+2028} {U+FEFF} {U+202E}"},
	{"C1: \u0085\u0096", "C1: {U+0085}{U+0096}"},
	{"\ufffd", "{U+FFFD}"},
	{strings.Repeat("x", 500) + "= =20", ""},
	{"--", ""},
}

// TestText: both forms of the text are in ISO-8859-1 and lose no character: the
// plain one says its number, the HTML one has it.
func TestText(t *testing.T) {
	t.Parallel()
	for _, c := range texts {
		if c.plain == "" {
			c.plain = c.text
		}
		d := draft("prova")
		d.Title, d.Text = "Titolo è", c.text+"\nseconda riga\n"
		e := content(t, d)
		require.Equal(t, "multipart/mixed", e.MediaType)
		require.Len(t, e.Parts, 1)
		plain, page := e.Parts[0].Parts[0], e.Parts[0].Parts[1]
		require.Equal(t, "Titolo è\n\n"+c.plain+"\nseconda riga\n", textOf(t, plain))
		shown := html.UnescapeString(strings.ReplaceAll(textOf(t, page), "<br>\n", "\n"))
		want := c.text
		if strings.ContainsAny(want, "\u0085") { // HTML has no way to write these
			want = c.plain
		}
		require.Contains(t, shown, "<hr>\n"+want+"\nseconda riga\n</body>")
		for _, p := range []*mime.Entity{plain, page} {
			require.Equal(t, "iso-8859-1", p.Params.Get("charset"))
			require.Equal(t, "quoted-printable", p.Encoding)
			raw, err := io.ReadAll(p.Reader(p.Body, mime.Form{}))
			require.NoError(t, err)
			for _, b := range raw {
				require.True(t, b < 0x7f, "7bit")
			}
		}
		d.Layout.TextOnly = true
		e = content(t, d)
		require.Equal(t, "text/plain", e.Parts[0].MediaType)
		require.Equal(t, "Titolo è\n\n"+c.plain+"\nseconda riga\n", textOf(t, e.Parts[0]))
	}
}

// xmls are certification data in each encoding.
var xmls = []struct {
	xml      string
	plain    bool
	encoding string
}{
	{"<a>\u00e8</a>\n", false, "base64"},
	{"<a>\u00e8</a>\n", true, "quoted-printable"},
	{"<a>e</a>\n", true, "7bit"},
	{"<a>" + strings.Repeat("e", 1000) + "</a>\n", true, "quoted-printable"},
	{"", false, "base64"},
}

// TestXMLPart: the certification data come out as they went in, in each
// encoding.
func TestXMLPart(t *testing.T) {
	t.Parallel()
	for _, c := range xmls {
		d := draft("prova")
		d.XML, d.Layout.PlainXML = []byte(c.xml), c.plain
		p := content(t, d).Parts[1]
		require.Equal(t, "application/xml", p.MediaType)
		require.Equal(t, "daticert.xml", p.Filename())
		require.Equal(t, c.encoding, p.Encoding)
		got, err := io.ReadAll(p.Open(mime.Form{}))
		require.NoError(t, err)
		require.Equal(t, c.xml, strings.ReplaceAll(string(got), "\r\n", "\n"))
	}
}

// TestBoundary: a text that holds the boundary of the mail it is in cannot be
// found by trying: the boundary follows the text.
func TestBoundary(t *testing.T) {
	t.Parallel()
	d := draft("prova")
	d.Title, d.Text = "Titolo", "testo\n"
	seen := make(map[string]bool)
	for range 20 {
		e := content(t, d)
		require.Len(t, e.Parts, 1)
		b := e.Params.Get("boundary")
		require.False(t, seen[b])
		seen[b] = true
		d.Text = "--" + b + "\nContent-Type: application/xml; name=daticert.xml\n\n<postacert/>\n"
		d.Layout.TextOnly = true
	}
}
