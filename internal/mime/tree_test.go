package mime_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/mime"
)

// scan reads a message from memory, and as a pinned and an unpinned reader,
// which must all see the same tree.
func scan(t testing.TB, msg string) *mime.Entity {
	t.Helper()
	e, err := mime.Scan(mime.NewBytes([]byte(msg)), nil)
	require.NoError(t, err)
	for _, pin := range []bool{true, false} {
		other, err := mime.Scan(mime.NewSource(strings.NewReader(msg), int64(len(msg)), pin), nil)
		require.NoError(t, err)
		require.Equal(t, dump(t, e), dump(t, other), "from memory and from a reader")
	}
	return e
}

// dump writes down everything a tree says.
func dump(t testing.TB, e *mime.Entity) string {
	t.Helper()
	var b strings.Builder
	for p := range e.All {
		fmt.Fprintf(&b, "%q %s %v %s raw=%v body=%v pre=%v epi=%v closed=%v %+v %+v quoted=%v\n", p.Path, p.MediaType, p.Params,
			p.Encoding, p.Raw, p.Body, p.Preamble(), p.Epilogue(), p.Closed, p.HeaderLines, p.Lines, p.HasQuotedFrom())
		for _, f := range p.Header {
			fmt.Fprintf(&b, "\t%q %q\n", f.Name, f.Raw)
		}
		for _, d := range p.Defects {
			fmt.Fprintf(&b, "\t%+v\n", d)
		}
	}
	return b.String()
}

func read(t testing.TB, e *mime.Entity, s mime.Section) string {
	t.Helper()
	b, err := io.ReadAll(e.Reader(s, mime.Form{}))
	require.NoError(t, err)
	var viaWriter bytes.Buffer
	_, err = io.Copy(&viaWriter, e.Reader(s, mime.Form{}))
	require.NoError(t, err)
	require.Equal(t, string(b), viaWriter.String(), "Read and WriteTo")
	return string(b)
}

// parts lists what a scan found: path, type and the exact bytes.
func parts(t testing.TB, e *mime.Entity) []string {
	t.Helper()
	var out []string
	for p := range e.All {
		if p.Path != "" {
			out = append(out, fmt.Sprintf("%s %s %q", p.Path, p.MediaType, read(t, p, p.Raw)))
		}
	}
	return out
}

// defects lists the defects as "path id offset".
func defects(e *mime.Entity) []string {
	var out []string
	for p := range e.All {
		for _, d := range p.Defects {
			out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %d", d.Path, d.ID, d.Offset)))
		}
	}
	return out
}

// lineForms gives a message written with LF in both forms of line ends.
func lineForms(lf string) map[string]func(string) string {
	return map[string]func(string) string{
		"LF":   func(s string) string { return s },
		"CRLF": func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
	}
}

// quotedCRLF turns the \n of a quoted string into \r\n.
func quotedCRLF(want []string) []string {
	var out []string
	for _, w := range want {
		out = append(out, strings.ReplaceAll(w, `\n`, `\r\n`))
	}
	return out
}

const mixed = "Content-Type: multipart/mixed; boundary=b\n\n"

var treeCases = []struct {
	name, reason string
	msg          string
	parts        []string // "path type raw"
	pre, epi     string   // of the message
	closed       bool
	defects      []string // "path id", without offset
}{
	{
		name: "plain", reason: "a message without parts is one entity",
		msg: "Subject: x\n\ntext\n",
	},
	{
		name: "two parts", reason: "a part ends before the line end that precedes the next delimiter (RFC 2046 §5.1.1)",
		msg:   mixed + "--b\nContent-Type: text/html\n\none\n--b\n\ntwo\n\n--b--\n",
		parts: []string{`1 text/html "Content-Type: text/html\n\none"`, `2 text/plain "\ntwo\n"`}, closed: true,
	},
	{
		name: "preamble and epilogue", reason: "what stands before the first and after the closing delimiter is no part",
		msg: mixed + "pre\namble\n--b\n\none\n--b--\nepi\nlogue\n", pre: "pre\namble", epi: "epi\nlogue\n",
		parts: []string{`1 text/plain "\none"`}, closed: true,
	},
	{
		name: "blanks after delimiters", reason: "transport padding belongs to the delimiter",
		msg:   mixed + "--b \t\n\none\n--b-- \t \n",
		parts: []string{`1 text/plain "\none"`}, closed: true,
	},
	{
		name: "closing delimiter ends the file", reason: "the last line needs no line end",
		msg:   mixed + "--b\n\none\n--b--",
		parts: []string{`1 text/plain "\none"`}, closed: true,
	},
	{
		name: "opening delimiter ends the file", reason: "the part it opens has no bytes",
		msg:   mixed + "--b\n\none\n--b",
		parts: []string{`1 text/plain "\none"`, `2 text/plain ""`}, defects: []string{"no-closing-delimiter"},
	},
	{
		name: "delimiter after delimiter", reason: "a part of no bytes is a part",
		msg:   mixed + "--b\n--b\n--b--\n",
		parts: []string{`1 text/plain ""`, `2 text/plain ""`}, closed: true,
	},
	{
		name: "zero-length body", reason: "the blank line's line end is the delimiter's, the header's is not",
		msg:   mixed + "--b\nContent-Type: text/html\n\n--b--\n",
		parts: []string{`1 text/html "Content-Type: text/html\n"`}, closed: true,
	},
	{
		name: "header without blank line", reason: "a delimiter ends a header too, and takes its last line end",
		msg:   mixed + "--b\nContent-Type: text/html\n--b--\n",
		parts: []string{`1 text/html "Content-Type: text/html"`}, closed: true,
	},
	{
		name: "body without blank line", reason: "a part that starts with no field has no header, as Python and mutt read it",
		msg:   mixed + "--b\none\n--b--\n",
		parts: []string{`1 text/plain "one"`}, closed: true, defects: []string{"1 no-header"},
	},
	{
		name: "no closing delimiter", reason: "a cut message shows the parts that are there",
		msg:   mixed + "--b\n\none\n--b\n\ntwo\n",
		parts: []string{`1 text/plain "\none"`, `2 text/plain "\ntwo\n"`}, defects: []string{"no-closing-delimiter"},
	},
	{
		name: "boundary never occurs", reason: "all is preamble",
		msg: mixed + "one\n--c\ntwo\n", pre: "one\n--c\ntwo\n", defects: []string{"no-delimiter"},
	},
	{
		name: "longer line", reason: "a line that only starts with the boundary is text; receivers differ on it (RFC 2046 §5.1.1)",
		msg:   mixed + "--b\n\none\n--bx\n--b-- x\n--b--x\n--b -\ntwo\n--b--\n",
		parts: []string{`1 text/plain "\none\n--bx\n--b-- x\n--b--x\n--b -\ntwo"`}, closed: true, defects: []string{"boundary-prefix"},
	},
	{
		name: "one hyphen", reason: "a delimiter has two",
		msg:   mixed + "--b\n\n-b\n -- b\n--\n--b--\n",
		parts: []string{`1 text/plain "\n-b\n -- b\n--"`}, closed: true,
	},
	{
		name: "delimiter inside a line", reason: "a delimiter starts its line",
		msg:   mixed + "--b\n\nx--b\n --b\n--b--\n",
		parts: []string{`1 text/plain "\nx--b\n --b"`}, closed: true,
	},
	{
		name: "after the close", reason: "a closed multipart has no more parts; some receivers go on",
		msg:   mixed + "--b\n\none\n--b--\n--b\n\ntwo\n",
		parts: []string{`1 text/plain "\none"`}, epi: "--b\n\ntwo\n", closed: true, defects: []string{"delimiter-after-close"},
	},
	{
		name: "nested", reason: "each level has its own boundary",
		msg: mixed + "--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\none\n--c\n\ntwo\n--c--\n\n--b\n\nthree\n--b--\n",
		parts: []string{
			`1 multipart/alternative "Content-Type: multipart/alternative; boundary=c\n\n--c\n\none\n--c\n\ntwo\n--c--\n"`,
			`1.1 text/plain "\none"`, `1.2 text/plain "\ntwo"`, `2 text/plain "\nthree"`,
		}, closed: true,
	},
	{
		name: "outer delimiter ends the inner multipart", reason: "RFC 2046 §5.1.2",
		msg: mixed + "--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\none\n--b\n\ntwo\n--b--\n",
		parts: []string{
			`1 multipart/alternative "Content-Type: multipart/alternative; boundary=c\n\n--c\n\none"`,
			`1.1 text/plain "\none"`, `2 text/plain "\ntwo"`,
		}, closed: true, defects: []string{"1 no-closing-delimiter"},
	},
	{
		name: "outer delimiter right after inner ones", reason: "its line end before is also the end of the inner delimiter's line",
		msg: mixed + "--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\none\n--c--\n--b\n" +
			"Content-Type: multipart/alternative; boundary=d\n\n--d\n--b--\n",
		parts: []string{
			`1 multipart/alternative "Content-Type: multipart/alternative; boundary=c\n\n--c\n\none\n--c--"`,
			`1.1 text/plain "\none"`,
			`2 multipart/alternative "Content-Type: multipart/alternative; boundary=d\n\n--d"`,
			`2.1 text/plain ""`,
		}, closed: true, defects: []string{"2 no-closing-delimiter"},
	},
	{
		name: "same boundary inside", reason: "the innermost open one is meant",
		msg: mixed + "--b\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\none\n--b--\n--b\n\ntwo\n--b--\n",
		parts: []string{
			`1 multipart/alternative "Content-Type: multipart/alternative; boundary=b\n\n--b\n\none\n--b--"`,
			`1.1 text/plain "\none"`, `2 text/plain "\ntwo"`,
		}, closed: true, defects: []string{"1 boundary-repeated", "1 delimiter-after-close"},
	},
	{
		name: "one boundary starts like the other", reason: "whole lines are compared; the inner one's receivers may differ",
		msg: "Content-Type: multipart/mixed; boundary=bb\n\n--bb\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\none\n--b--\n--bb--\n",
		parts: []string{
			`1 multipart/alternative "Content-Type: multipart/alternative; boundary=b\n\n--b\n\none\n--b--"`,
			`1.1 text/plain "\none"`,
		}, closed: true, defects: []string{"1 boundary-prefix"},
	},
	{
		name: "inner boundary longer", reason: "common with generated boundaries, and nothing to report",
		msg: mixed + "--b\nContent-Type: multipart/alternative; boundary=b1\n\n--b1\n\none\n--b1--\n--b--\n",
		parts: []string{
			`1 multipart/alternative "Content-Type: multipart/alternative; boundary=b1\n\n--b1\n\none\n--b1--"`,
			`1.1 text/plain "\none"`,
		}, closed: true,
	},
	{
		name: "message inside", reason: "an unencoded message is an entity below its part",
		msg: mixed + "--b\nContent-Type: message/rfc822\n\nSubject: in\n\ntext\n--b--\n",
		parts: []string{
			`1 message/rfc822 "Content-Type: message/rfc822\n\nSubject: in\n\ntext"`,
			`1.1 text/plain "Subject: in\n\ntext"`,
		}, closed: true,
	},
	{
		name: "multipart in the message inside", reason: "paths go on through it, so that each is used once",
		msg: mixed + "--b\n\none\n--b\nContent-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\ntwo\n--c--\n--b--\n",
		parts: []string{
			`1 text/plain "\none"`,
			`2 message/rfc822 "Content-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\ntwo\n--c--"`,
			`2.1 multipart/mixed "Content-Type: multipart/mixed; boundary=c\n\n--c\n\ntwo\n--c--"`,
			`2.1.1 text/plain "\ntwo"`,
		}, closed: true,
	},
	{
		name: "inner message of no bytes", reason: "the blank line's line end is the delimiter's",
		msg: mixed + "--b\nContent-Type: message/rfc822\n\n--b--\n",
		parts: []string{
			`1 message/rfc822 "Content-Type: message/rfc822\n"`, `1.1 text/plain ""`,
		}, closed: true,
	},
	{
		name: "inner message that is header only", reason: "a delimiter ends it and every level above",
		msg: mixed + "--b\nContent-Type: message/rfc822\n\nContent-Type: message/rfc822\n--b--\n",
		parts: []string{
			`1 message/rfc822 "Content-Type: message/rfc822\n\nContent-Type: message/rfc822"`,
			`1.1 message/rfc822 "Content-Type: message/rfc822"`, `1.1.1 text/plain ""`,
		}, closed: true,
	},
	{
		name: "boundary of the outer message in the inner", reason: "a delimiter of the outer ends the inner message",
		msg: mixed + "--b\nContent-Type: message/rfc822\n\n" + mixed + "--b\n\none\n--b--\n--b--\n",
		parts: []string{
			`1 message/rfc822 "Content-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--"`,
			`1.1 multipart/mixed "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--"`,
			`1.1.1 text/plain "\none"`,
		}, closed: true, defects: []string{"1.1 boundary-repeated", "1.1 delimiter-after-close"},
	},
	{
		name: "encoded message", reason: "what is transfer-encoded is no part of the tree",
		msg:   mixed + "--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeA0KDQo=\n--b--\n",
		parts: []string{`1 message/rfc822 "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeA0KDQo="`}, closed: true,
	},
	{
		name: "digest", reason: "in a digest a part without type is a message (RFC 2046 §5.1.5)",
		msg:   "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: in\n\none\n--b--\n",
		parts: []string{`1 message/rfc822 "\nSubject: in\n\none"`, `1.1 text/plain "Subject: in\n\none"`}, closed: true,
	},
	{
		name: "encoded multipart", reason: "forbidden, and every client reads it as it stands (RFC 2045 §6.4)",
		msg:   "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n--b\n\none\n--b--\n",
		parts: []string{`1 text/plain "\none"`}, closed: true, defects: []string{"encoding"},
	},
	{
		name: "no boundary", reason: "nobody can say where the parts are",
		msg: "Content-Type: multipart/mixed\n\n--b\n\none\n--b--\n", defects: []string{"no-boundary"},
	},
	{
		name: "empty boundary", reason: "a line of two hyphens would be a delimiter",
		msg: "Content-Type: multipart/mixed; boundary=\"\"\n\n--\n\none\n----\n", defects: []string{"no-boundary"},
	},
	{
		name: "long boundary", reason: "the norm allows 70 characters, senders use more",
		msg:   "Content-Type: multipart/mixed; boundary=" + strings.Repeat("x", 71) + "\n\n--" + strings.Repeat("x", 71) + "\n\none\n--" + strings.Repeat("x", 71) + "--\n",
		parts: []string{`1 text/plain "\none"`}, closed: true, defects: []string{"boundary"},
	},
	{
		name: "odd boundary", reason: "characters the norm forbids are compared all the same",
		msg:   "Content-Type: multipart/mixed; boundary=\"=_%&#é\"\n\n--=_%&#é\n\none\n--=_%&#é--\n",
		parts: []string{`1 text/plain "\none"`}, closed: true, defects: []string{"boundary"},
	},
	{
		name: "unquoted odd boundary", reason: "the grammar wants quotes around =, clients do not",
		msg:   "Content-Type: multipart/mixed; boundary=--=_Part/1;\n\n----=_Part/1\n\none\n----=_Part/1--\n",
		parts: []string{`1 text/plain "\none"`}, closed: true, defects: []string{"content-type"},
	},
	{
		name: "boundary that ends in a blank", reason: "a boundary cannot; Python takes the blank off",
		msg:   "Content-Type: multipart/mixed; boundary=\"b \"\n\n--b\n\none\n--b --\n--b--\n",
		parts: []string{`1 text/plain "\none\n--b --"`}, closed: true, defects: []string{"boundary", "boundary-prefix"},
	},
	{
		name: "boundary that ends in hyphens", reason: "the whole line decides: --b-- opens here and does not close",
		msg:   "Content-Type: multipart/mixed; boundary=b--\n\n--b--\n\none\n--b----\n",
		parts: []string{`1 text/plain "\none"`}, closed: true,
	},
	{
		name: "two boundaries", reason: "parsers choose differently, which hides parts",
		msg:   "Content-Type: multipart/mixed; boundary=b; boundary=c\n\n--b\n\none\n--c\n\ntwo\n--b--\n",
		parts: []string{`1 text/plain "\none\n--c\n\ntwo"`}, closed: true, defects: []string{"content-type", "content-type-duplicate"},
	},
	{
		name: "two boundaries of RFC 2231", reason: "the standard library prefers the second, others the first",
		msg:   "Content-Type: multipart/mixed; boundary=b; boundary*=us-ascii''c\n\n--b\n\none\n--c\n\ntwo\n--c--\n",
		parts: []string{`1 text/plain "\ntwo"`}, pre: "--b\n\none", closed: true, defects: []string{"content-type-duplicate"},
	},
	{
		name: "two Content-Type fields", reason: "parsers choose differently",
		msg:   mixed[:len(mixed)-1] + "Content-Type: text/plain\n\n--b\n\none\n--b--\n",
		parts: []string{`1 text/plain "\none"`}, closed: true, defects: []string{"content-type-duplicate"},
	},
	{
		name: "the same Content-Type twice", reason: "nothing to choose",
		msg:   mixed[:len(mixed)-1] + mixed + "--b\n\none\n--b--\n",
		parts: []string{`1 text/plain "\none"`}, closed: true,
	},
	{
		name: "two encodings", reason: "parsers choose differently",
		msg: "Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n\nQUJD\n", defects: []string{"encoding-duplicate"},
	},
	{
		name: "unknown encoding", reason: "cannot be decoded",
		msg: "Content-Transfer-Encoding: x-uuencode\n\nx\n", defects: []string{"encoding"},
	},
	{
		name: "mbox separator", reason: "it is not part of the message",
		msg: "From mittente@pec.example.it Thu Dec  5 00:02:10 2024\nSubject: x\n\ntext\n", defects: []string{"mbox-from"},
	},
	{
		name: "byte order mark", reason: "an editor put it there",
		msg: "\xef\xbb\xbfSubject: x\n\ntext\n", defects: []string{"bom"},
	},
	{
		name: "junk in the header", reason: "what follows it is still header, as JavaMail and Thunderbird read it",
		msg: "Subject: x\njunk\n more junk\n" + mixed + "--b\n\none\n--b--\n", parts: []string{`1 text/plain "\none"`}, closed: true,
		defects: []string{"header-line"},
	},
	{
		name: "blank before the colon", reason: "obsolete syntax, read as meant (RFC 5322 §4.5)",
		msg: "Content-Type \t: multipart/mixed; boundary=b\n\n--b\n\none\n--b--\n", parts: []string{`1 text/plain "\none"`}, closed: true,
		defects: []string{"header-space"},
	},
	{
		name: "line of blanks in the header", reason: "it is a continuation, not the blank line",
		msg: "Subject: x\n \n" + mixed + "--b\n\none\n--b--\n", parts: []string{`1 text/plain "\none"`}, closed: true,
	},
	{
		name: "header only", reason: "a message needs no body",
		msg: "Subject: x\n",
	},
	{
		name: "multipart that is header only", reason: "a cut message",
		msg: "Content-Type: multipart/mixed; boundary=b\n", defects: []string{"no-delimiter"},
	},
	{
		name: "empty", reason: "no bytes are a message without header and body", msg: "",
	},
	{
		name: "text", reason: "what does not start with a field is all body",
		msg: "hello\nSubject: x\n\nworld", defects: []string{"no-header"},
	},
	{
		name: "NUL", reason: "no text has one; noted where it is first",
		msg: mixed + "--b\n\no\x00n\x00e\n--b\nSubject: x\x00\n\n\n--b--\n", closed: true,
		parts:   []string{`1 text/plain "\no\x00n\x00e"`, `2 text/plain "Subject: x\x00\n\n"`},
		defects: []string{"1 nul", "2 nul"},
	},
	{
		name: "NUL in binary content", reason: "binary is any bytes; 8bit is so in all but text",
		msg: mixed + "--b\nContent-Transfer-Encoding: binary\n\n\x00\rx\n--b\nContent-Type: image/png\nContent-Transfer-Encoding: 8bit\n\n\x00\n" +
			"--b\nContent-Transfer-Encoding: 8bit\n\n\x00\n--b--\n", closed: true,
		parts: []string{
			`1 text/plain "Content-Transfer-Encoding: binary\n\n\x00\rx"`,
			`2 image/png "Content-Type: image/png\nContent-Transfer-Encoding: 8bit\n\n\x00"`,
			`3 text/plain "Content-Transfer-Encoding: 8bit\n\n\x00"`,
		},
		defects: []string{"3 nul"},
	},
}

func TestTree(t *testing.T) {
	t.Parallel()
	for _, c := range treeCases {
		for name, form := range lineForms(c.msg) {
			t.Run(c.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				e := scan(t, form(c.msg))
				want := c.parts
				if name == "CRLF" {
					want = quotedCRLF(want)
				}
				require.Equal(t, want, parts(t, e), c.reason)
				require.Equal(t, form(c.pre), read(t, e, e.Preamble()), "preamble")
				require.Equal(t, form(c.epi), read(t, e, e.Epilogue()), "epilogue")
				require.Equal(t, c.closed, e.Closed, "closed")
				var ids []string
				for _, d := range defects(e) {
					ids = append(ids, d[:strings.LastIndexByte(d, ' ')])
				}
				require.Equal(t, c.defects, ids, "defects")
				checkTree(t, form(c.msg), e)
			})
		}
	}
}

func TestDefectOffset(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, msg, want string }{
		{"bare CR", "A: b\r\n\r\none\r\ntw\ro\r\n", "bare-cr 15"},
		{"bare CR before CRLF", "A: b\r\n\r\none\r\r\n", "bare-cr 11"},
		{"bare CR at the end", "A: b\r\n\r\none\r", "bare-cr 11"},
		{"bare CR in the header", "A: b\rc\r\n\r\n", "bare-cr 4"},
		{"NUL", "A: b\n\n\x00", "nul 6"},
		{"junk line", "A: b\n c\njunk\nD: e\n\n", "header-line 8"},
		{"delimiter prefix", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n--bx\n--b--\n", "boundary-prefix 48"},
		{"cut off", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none", "no-closing-delimiter 51"},
	}
	for _, c := range cases {
		require.Equal(t, []string{c.want}, defects(scan(t, c.msg)), c.name)
	}
}

// Defects are listed in the order of their places, wherever the blocks of a file end.
func TestDefectsInOrder(t *testing.T) {
	t.Parallel()
	filling := strings.Repeat("riga di riempimento\r\n", 4000) // more than a block
	for msg, want := range map[string][]string{
		"A: b\r\n\r\na\rb\r\n" + filling + "\x00":                            {"bare-cr", "nul"},
		"A: b\r\n\r\n\x00" + filling + "a\rb":                                {"nul", "bare-cr"},
		"a\rb\r\n" + filling + "\x00":                                        {"no-header", "bare-cr", "nul"},
		boundaryHeader + "--b\r\n\r\n--bx\x00\r\n" + filling + "\r\r\n--b--": {"boundary-prefix", "nul", "bare-cr"},
	} {
		var got []string
		for e := range scan(t, msg).All { // compares what is read in blocks
			for _, d := range e.Defects {
				got = append(got, d.ID)
			}
		}
		require.Equal(t, want, got)
	}
}

const boundaryHeader = "Content-Type: multipart/mixed; boundary=b\r\n\r\n"

func TestLineEnds(t *testing.T) {
	t.Parallel()
	e := scan(t, "Content-Type: multipart/mixed; boundary=b\r\nA: b\n\r\n--b\r\nC: d\n\none\r\ntwo\rthree\n\x00--b\n--b--\r\n")
	require.Equal(t, mime.LineEnds{CRLF: 2, LF: 1}, e.HeaderLines, "the blank line counts")
	require.Equal(t, mime.LineEnds{CRLF: 5, LF: 5}, e.Lines)
	p := e.Parts[0]
	require.Equal(t, mime.LineEnds{LF: 2}, p.HeaderLines)
	require.Equal(t, mime.LineEnds{CRLF: 1, LF: 3}, p.Lines, "the line end of the delimiter does not count")
}

func TestPaths(t *testing.T) {
	t.Parallel()
	e := scan(t, "Content-Type: message/rfc822\n\nContent-Type: message/global\n\nSubject: x\n\n")
	var paths []string
	for p := range e.All {
		paths = append(paths, p.Path)
	}
	require.Equal(t, []string{"", "1", "1.1"}, paths)
	n := 0
	for range e.All {
		n++
		break
	}
	require.Equal(t, 1, n, "All stops when told")
}

// Every rule must hold wherever the scan's buffer ends.
func TestBlockBorders(t *testing.T) {
	t.Parallel()
	for _, block := range []int{64 << 10, 128 << 10} {
		blockBorders(t, block)
	}
}

func blockBorders(t *testing.T, block int) {
	t.Helper()
	tail := "--b\r\nContent-Type: text/html\r\nSubject:\r\n x\r\n\r\n>>From here\r\n\rone\r\n--bx\r\n\r\r\n--b--\r\nepilogue\x00\r\n"
	head := "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
	for at := -len(tail) - 2; at <= 2; at++ {
		fill := block + at - len(head)
		msg := head + strings.Repeat("x", fill-2) + "\r\n" + tail
		e := scan(t, msg)
		require.Len(t, e.Parts, 1)
		checkTree(t, msg, e)
		lines := strings.Repeat("0123456789\n", fill/11) + strings.Repeat("y", fill%11)
		msg = head + lines[:len(lines)-1] + "\n" + tail
		e = scan(t, msg)
		require.Len(t, e.Parts, 1)
		require.Equal(t, "Content-Type: text/html\r\nSubject:\r\n x\r\n\r\n>>From here\r\n\rone\r\n--bx\r\n\r", read(t, e, e.Parts[0].Raw))
	}
}

func TestLongLines(t *testing.T) {
	t.Parallel()
	for _, n := range []int{4000, 4095, 4096, 4097, 4098, 65534, 65535, 65536, 65537, 200_000} {
		long := strings.Repeat("x", n)
		msg := "Subject: " + long + "\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
			long + "\r\r\n--b" + strings.Repeat(" ", n) + "\r\n--b\r\nSubject: " + long + "\r\n\r\n" + long + "--b\r\n--b" + long + "\r\n--b--\r\n" + long
		e := scan(t, msg)
		require.Len(t, e.Header.Get("Subject"), n)
		checkTree(t, msg, e)
		if n > 4096 {
			require.Len(t, e.Parts, 1, "a delimiter with %d blanks after it is none", n)
			require.Equal(t, "Subject: "+long+"\r\n\r\n"+long+"--b\r\n--b"+long, read(t, e, e.Parts[0].Raw))
			require.Equal(t, long, read(t, e, e.Epilogue()))
		}
	}
}

// TestLinesOfOneLength: the short way over lines of one length finds the same
// delimiters, line ends and quoting as the long way, wherever they stand.
func TestLinesOfOneLength(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"\r\n", "\n"} {
		linesOfOneLength(t, strings.Repeat("QUJD", 4)+end)
	}
}

func linesOfOneLength(t *testing.T, line string) {
	t.Helper()
	even := strings.Repeat(line, 40)
	for _, odd := range []string{
		"", "QUJDQUJD\nQUJDQUJ\r\n", "QUJDQUJDQUJDQU\r\r\n", "\rQUJDQUJDQUJDQU\n\n", "QUJDQUJDQUJDQUJD\n\n", "QUJDQUJDQUJDQUJ\x00\r\n",
		"--b\r\nA: b\r\n\r\nQ\r\n", "QUJ\n--b\n\nQUJDQU\r\n", ">From QUJDQUJDQ\r\n", "QUJD\r\n>From QUJ\r\n", "-QUJDQUJDQUJDQUJ\r\n",
	} {
		for _, n := range []int{0, 1, 2, 3, 20} {
			msg := "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n" + strings.Repeat(line, n) + odd + even + odd + "tail\r\n--b--\r\n"
			e := scan(t, msg) // compares with the ways of the other readers
			checkTree(t, msg, e)
			lf := strings.Count(msg, "\n") - strings.Count(msg, "\r\n")
			require.Equal(t, mime.LineEnds{CRLF: strings.Count(msg, "\r\n"), LF: lf}, e.Lines, "%q", odd)
			require.Equal(t, strings.Contains(msg, "\n>From "), e.HasQuotedFrom())
			require.Len(t, e.Parts, 1+strings.Count(msg, "\n--b\r\n")+strings.Count(msg, "\n--b\n")-1, "%q", odd)
		}
	}
}
