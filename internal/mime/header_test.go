package mime_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/mime"
)

func TestHeaderFields(t *testing.T) {
	t.Parallel()
	msg := "Received: by mx.example.it;\r\n\tThu, 5 Dec 2024\r\nSUBJECT:  a \n b\r\n  c\t\r\nsubject: second\r\nEmpty:\r\nX-Trasporto :posta-certificata\r\n\r\nbody"
	e := scan(t, msg)
	h := e.Header
	require.Len(t, h, 5)
	require.Equal(t, "SUBJECT", h[1].Name, "as written")
	require.Equal(t, "SUBJECT:  a \n b\r\n  c\t\r\n", string(h[1].Raw), "with folding and line ends")
	require.Equal(t, "by mx.example.it;\tThu, 5 Dec 2024", h.Get("received"), "the white space of a fold stays")
	require.Equal(t, "a  b  c", h.Get("Subject"))
	require.Equal(t, []string{"a  b  c", "second"}, h.Values("sUBJECT"))
	require.True(t, h.Has("empty"))
	require.Equal(t, "", h.Get("Empty"))
	require.Equal(t, "posta-certificata", h.Get("X-Trasporto"), "the blank before the colon is not of the name")
	require.False(t, h.Has("Subj"))
	require.Nil(t, h.Values("Subj"))
	require.Equal(t, "body", read(t, e, e.Body))
}

var headerLineCases = []struct {
	name, reason, msg string
	names             []string
	body              string
}{
	{"junk line", "it is skipped with its continuation", "A: 1\njunk\n more: junk\nB: 2\n\nbody", []string{"A", "B"}, "body"},
	{"mbox quoted line", "a name has no blanks inside", "A: 1\n>From x at 10:00\nB: 2\n\nbody", []string{"A", "B"}, "body"},
	{"no name", "a colon alone is no field", "A: 1\n: x\n\nbody", []string{"A"}, "body"},
	{"8-bit name", "names are ASCII", "A: 1\nà: x\n\nbody", []string{"A"}, "body"},
	{"continuation first", "there is nothing it continues", " A: 1\nB: 2\n\nbody", nil, " A: 1\nB: 2\n\nbody"},
	{"blank line first", "the header is empty", "\nA: 1\n\nbody", nil, "A: 1\n\nbody"},
	{"CR alone", "is no line end", "A: 1\rB: 2\n\nbody", []string{"A"}, "body"},
	{"CR on the blank line", "a line of CR is not blank, and not a field", "A: 1\n\r\r\nB: 2\n\nbody", []string{"A", "B"}, "body"},
}

func TestHeaderLines(t *testing.T) {
	t.Parallel()
	for _, c := range headerLineCases {
		e := scan(t, c.msg)
		var names []string
		for _, f := range e.Header {
			names = append(names, f.Name)
		}
		require.Equal(t, c.names, names, "%s: %s", c.name, c.reason)
		require.Equal(t, c.body, read(t, e, e.Body), "%s: %s", c.name, c.reason)
	}
}

var contentTypeCases = []struct {
	value, reason string
	mediaType     string
	params        map[string]string
	defects       []string
}{
	{"Text/PLAIN; Charset=UTF-8", "type and names fold, values do not", "text/plain", map[string]string{"charset": "UTF-8"}, nil},
	{`text/plain; name="a;b\"c"`, "quoted string", "text/plain", map[string]string{"name": `a;b"c`}, nil},
	{"text/plain;", "a semicolon too many is common", "text/plain", map[string]string{}, nil},
	{"text/plain; charset=us-ascii (Plain text)", "RFC 2045's own example has a comment", "text/plain", map[string]string{"charset": "us-ascii"}, []string{"content-type 0"}},
	{"text/plain; name=my file.pdf", "unquoted blanks", "text/plain", map[string]string{"name": "my file.pdf"}, []string{"content-type 0"}},
	{`text/plain; name="open`, "a quote that never closes", "text/plain", map[string]string{"name": "open"}, []string{"content-type 0"}},
	{"text/plain; charset=a; charset=b", "the first counts", "text/plain", map[string]string{"charset": "a"}, []string{"content-type 0"}},
	{"text/plain; ; x; charset=a,", "empty parameters, a word, a comma", "text/plain", map[string]string{"charset": "a"}, []string{"content-type 0"}},
	{"text/plain; name*0=a; name*1*=%C3%A8; name*2=c", "continuations; the first has no character set", "text/plain", map[string]string{"name": "aèc"}, nil},
	{"text/plain; name*=utf-8''%C3%A8%zz", "the standard library drops what is not well-formed", "text/plain", map[string]string{"name": "è%zz"}, nil},
	{"text/plain; name*=iso-8859-1'it'perch%E8", "a character set the standard library leaves out", "text/plain", map[string]string{"name": "perchè"}, nil},
	{"text/plain; name*0*=windows-1252''%80; name*1=x", "the character set is that of the whole", "text/plain", map[string]string{"name": "€x"}, nil},
	{"text", "no subtype", "text/plain", nil, []string{"content-type 0"}},
	{"=?utf-8?q?x?=/y", "no type", "text/plain", nil, []string{"content-type 0"}},
	{"application/xml/x", "what comes after the subtype is left out", "application/xml", map[string]string{}, []string{"content-type 0"}},
}

func TestContentType(t *testing.T) {
	t.Parallel()
	for _, c := range contentTypeCases {
		e := scan(t, "Content-Type: "+c.value+"\n\n")
		require.Equal(t, c.mediaType, e.MediaType, "%s: %s", c.value, c.reason)
		if c.params == nil {
			c.params = map[string]string{}
		}
		require.Equal(t, c.params, e.Params.Map(), "%s: %s", c.value, c.reason)
		require.Equal(t, c.defects, defects(e), "%s: %s", c.value, c.reason)
	}
}

func TestEncodingNames(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"":                "7bit",
		"BASE64":          "base64",
		" 8Bit (comment)": "8bit",
		"base64;":         "base64",
		"x-unknown":       "x-unknown",
	}
	for value, want := range cases {
		e := scan(t, "Content-Transfer-Encoding: "+value+"\n\n")
		require.Equal(t, want, e.Encoding, value)
	}
	require.Equal(t, "7bit", scan(t, "").Encoding)
}

var filenameCases = []struct{ header, want, reason string }{
	{"Content-Disposition: inline; filename=\"daticert.xml\"\n", "daticert.xml", "plain"},
	{"Content-Type: application/xml; name=daticert.xml\n", "daticert.xml", "name of Content-Type"},
	{"Content-Type: application/xml; name=a\nContent-Disposition: attachment; filename=b\n", "b", "Content-Disposition counts first"},
	{"Content-Disposition: attachment\n", "", "none"},
	{"Content-Disposition: attachment; filename==?iso-8859-1?Q?citt=E0.pdf?=\n", "città.pdf", "RFC 2047 where it does not belong"},
	{"Content-Disposition: attachment; filename=\"=?utf-8?B?Y2l0dMOg?=\n =?utf-8?B?LnBkZg==?=\"\n", "città.pdf", "the same, folded"},
	{"Content-Disposition: attachment; filename=x; filename*=UTF-8''citt%C3%A0.pdf\n", "città.pdf", "RFC 2231 counts before plain"},
	{"Content-Disposition: attachment; filename*0=\"relazione \"; filename*1=\"finale.pdf\"\n", "relazione finale.pdf", "continuations"},
	{"Content-Disposition: attachment; filename=\"citt\xe0.pdf\"\n", "citt\ufffd.pdf", "bytes of no known character set"},
	{"Content-Disposition: attachment; filename=\"C:\\dati\\x.pdf\"\n", `C:\dati\x.pdf`, "a Windows path is no escape"},
}

func TestFilename(t *testing.T) {
	t.Parallel()
	for _, c := range filenameCases {
		require.Equal(t, c.want, scan(t, c.header+"\n").Filename(), c.reason)
	}
}

var looksLikeMailCases = []struct {
	head string
	want bool
}{
	{"Received: by x\r\n", true},
	{"X-Spam: no\n more\nfrom: a@example.it\n", true},
	{"\xef\xbb\xbfFrom mittente@pec.example.it Thu Dec  5 2024\nDate: x\n", true},
	{"Message-ID : <x>\n\n", true},
	{"", false},
	{"Subject: notes\nTo: me\n\nDate: x\n", false}, // the header ends before
	{"Subject: notes\njunk\nFrom: x\n", false},
	{" Date: x\n", false},
	{"From: ", true},
	{"Dat", false},
	{"%PDF-1.7\nDate: x\n", false},
	{"<?xml version=\"1.0\"?>\nDate: x\n", false},
	{"PK\x03\x04From: x", false},
	{"key: value\nother: value\n", false},
}

func TestLooksLikeMail(t *testing.T) {
	t.Parallel()
	for _, c := range looksLikeMailCases {
		require.Equal(t, c.want, mime.LooksLikeMail([]byte(c.head)), "%q", c.head)
	}
	require.False(t, mime.LooksLikeMail([]byte(strings.Repeat("\n", 100)+"Date: x\n")))
}
