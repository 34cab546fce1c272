package compose_test

import (
	"bytes"
	stdmime "mime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/compose"
	"github.com/gopec/gopec/internal/mime"
)

func headerOf(t testing.TB, d *compose.Draft) mime.Header {
	t.Helper()
	block := d.Header()
	e, err := mime.Scan(mime.NewBytes(append(block, "\r\n"...)), nil)
	require.NoError(t, err)
	require.Empty(t, e.Defects)
	for line := range strings.SplitSeq(strings.TrimSuffix(string(block), "\r\n"), "\r\n") {
		require.NotEmpty(t, strings.Trim(line, " \t"), "a line of blanks")
		require.False(t, strings.ContainsFunc(line, func(r rune) bool { return (r < ' ' || r > '~') && r != '\t' }), "%q", line)
	}
	return e.Header
}

func draft(subject string) *compose.Draft {
	return &compose.Draft{Subject: subject, Date: time.Date(2026, 3, 10, 10, 15, 30, 0, time.UTC),
		MessageID: "<a@b>", To: "a@example.it", From: "b@example.it"}
}

// subjects are texts of one line that a header field holds in different ways.
var subjects = []string{
	"", "prova", "Attività", "=?utf-8?q?finta?=", "=? a", "due  spazi", "tre   spazi qui", "a: b: c", ": ", ":",
	strings.Repeat("parola ", 200) + "fine", strings.Repeat("x", 75), strings.Repeat("x", 76), strings.Repeat("x", 2000),
	strings.Repeat("è", 2000), strings.Repeat("漢", 500), "😀" + strings.Repeat(" 😀", 100), "\u00a0a\u00a0", "a\u0085b", "tab?\u2003",
	strings.Repeat("a ", 40) + strings.Repeat("y", 75), "end=?", "?=", "\"virgolette\" (commento) <angoli>, a;b",
}

// TestSubject: a subject is read as it was written, in lines of 76 characters.
func TestSubject(t *testing.T) {
	t.Parallel()
	for _, s := range subjects {
		for _, prefix := range []string{"", "POSTA CERTIFICATA: ", "AVVISO DI MANCATA CONSEGNA PER SUP. TEMPO MASSIMO: "} {
			d := draft(prefix + s)
			h := headerOf(t, d)
			require.Equal(t, strings.TrimSpace(prefix+s), strings.TrimSpace(mime.DecodeWords(h.Get("Subject"))), "%q", prefix+s)
			decoded, err := new(stdmime.WordDecoder).DecodeHeader(h.Get("Subject"))
			require.NoError(t, err)
			require.Equal(t, strings.TrimSpace(prefix+s), strings.TrimSpace(decoded), "by the standard library")
			require.True(t, bytes.HasPrefix(d.Header(), []byte(strings.TrimSpace("Subject: "+strings.TrimSpace(prefix)))), "the prefix is legible")
			for line := range strings.SplitSeq(string(d.Header()), "\r\n") {
				require.LessOrEqual(t, len(line), 84, "%q", line)
			}
			require.Len(t, h, 5, "no field more than those of a draft")
		}
	}
}

// displayNames are names of any characters, some that look like more than a name.
var displayNames = []string{
	"", "Per conto di: a@pec.example.it", `con "virgolette" e \barre\`, "altro@example.org>, <x@example.org", "è", "漢字 <x@example.org>",
	strings.Repeat("lungo ", 100), "(commento", `"`, `\`, "a, b; c:",
}

// TestFrom: a name of any characters stays a name, beside the one address.
func TestFrom(t *testing.T) {
	t.Parallel()
	for _, name := range displayNames {
		d := draft("prova")
		d.FromName = name
		h := headerOf(t, d)
		list, err := mime.Addresses(h.Get("From"))
		require.NoError(t, err, "%q", name)
		require.Len(t, list, 1, "%q", name)
		require.Equal(t, "b@example.it", list[0].Addr)
		require.Equal(t, strings.TrimSpace(name), strings.TrimSpace(list[0].Name))
	}
}

// partNames are names of files, some that would leave their place.
var partNames = []string{
	"verbale.pdf", `con "virgolette".pdf`, `C:\percorso\x`, "attività.pdf", strings.Repeat("n", 60), strings.Repeat("n", 61),
	strings.Repeat("漢", 300), "a\r\nX-Ricevuta: y", "a\x00b", "a;b=c", "100%.txt", "'quoted'", "a*b", " ",
}

// TestParameter: a file name of any characters is read as it was written and
// leaves its parameter nowhere.
func TestParameter(t *testing.T) {
	t.Parallel()
	for _, name := range partNames {
		value := "attachment" + compose.Parameter("filename", name)
		for line := range strings.SplitSeq(value, "\r\n") {
			require.LessOrEqual(t, len(line), 78, "%q", line)
		}
		e, err := mime.Scan(mime.NewBytes([]byte("Content-Disposition: "+value+"\r\n\r\n")), nil)
		require.NoError(t, err)
		require.Len(t, e.Header, 1)
		require.Equal(t, name, e.Filename())
		kind, params, err := stdmime.ParseMediaType(strings.ReplaceAll(value, "\r\n", ""))
		require.NoError(t, err)
		require.Equal(t, "attachment", kind)
		require.Equal(t, map[string]string{"filename": name}, params, "by the standard library")
	}
}

const own = "Message-ID: <id@pec.example.it>\r\n"

// identified are header blocks before and after the identifier is put in.
var identified = []struct{ reason, reference, in, want string }{
	{"in the place of the client's", "<c@d>", "A: b\r\nMessage-ID: <c@d>\r\nE: f\r\n\r\n",
		"A: b\r\n" + own + "X-Riferimento-Message-ID: <c@d>\r\nE: f\r\n\r\n"},
	{"a folded one, in other capitals, with a blank before the colon", "<c@d>", "MESSAGE-id :\r\n <c@d>\r\n\t(comment)\r\nE: f\r\n g\r\n\r\n",
		own + "X-Riferimento-Message-ID: <c@d>\r\nE: f\r\n g\r\n\r\n"},
	{"a client that wrote none", "", "A: b\r\n\r\n", "A: b\r\n" + own + "\r\n"},
	{"a reference that the client made up", "", "X-Riferimento-Message-ID: <x@y>\r\n z\r\nA: b\r\n\r\n", "A: b\r\n" + own + "\r\n"},
	{"two of them", "<c@d>", "Message-ID: <c@d>\r\nMessage-ID: <e@f>\r\nX-Riferimento-Message-ID: <c@d>\r\n\r\n",
		own + "X-Riferimento-Message-ID: <c@d>\r\n\r\n"},
	{"said already", "<c@d>", "X-riferimento-Message-Id: <c@d>\r\nMessage-Id:  <id@pec.example.it>\r\n\r\n",
		"X-riferimento-Message-Id: <c@d>\r\nMessage-Id:  <id@pec.example.it>\r\n\r\n"},
	{"said already, without reference", "", "Message-Id: <id@pec.example.it>\r\n\r\n", "Message-Id: <id@pec.example.it>\r\n\r\n"},
	{"a header that does not end", "", "A: b\r\n", "A: b\r\n" + own},
	{"lines that are no fields stay", "", "A: b\r\nnonsense\r\nC: d\r\n\r\n", "A: b\r\nnonsense\r\nC: d\r\n" + own + "\r\n"},
	{"a letter that passes for an s", "", "Me\u017fsage-ID: <x@y>\r\n\r\n", "Me\u017fsage-ID: <x@y>\r\n" + own + "\r\n"},
}

// TestIdentify: the identifier takes the place of the client's, and the client's
// own reference goes.
func TestIdentify(t *testing.T) {
	t.Parallel()
	for _, c := range identified {
		got := compose.Identify([]byte(c.in), "id@pec.example.it", c.reference)
		require.Equal(t, c.want, string(got), c.reason)
		require.Equal(t, c.want, string(compose.Identify(got, "id@pec.example.it", c.reference)), "a second time: %s", c.reason)
	}
}

const inherited = "Received: one\r\n\tfolded;\r\n  date\r\nto : \"A\" <a@b>,\r\n c@d\r\nX: y\r\nreceived:two\r\n" +
	"Cc: e@f,\r\n \t\r\n g@h\r\nBcc: h@i\r\n\r\n"

// notInherited hold what some programs take for the end of a field.
var notInherited = []string{"To: a@b\rX-Ricevuta: avvenuta-consegna\r\n\r\n", "To: a\x00@b\r\n\r\n", "To: a@b,\r\n c@d\r\r\n\r\n"}

// TestInherit: fields come as they stand, but for what could be read in two ways.
func TestInherit(t *testing.T) {
	t.Parallel()
	got, err := compose.Inherit([]byte(inherited), false, "Received", "To", "Cc")
	require.NoError(t, err)
	require.Equal(t, "Received: one\r\n\tfolded;\r\n  date\r\nto: \"A\" <a@b>,\r\n c@d\r\nreceived:two\r\nCc: e@f,\r\n g@h\r\n", string(got))
	for _, bad := range notInherited {
		_, err := compose.Inherit([]byte(bad), false, "To")
		require.Error(t, err, "%q", bad)
		got, err := compose.Inherit([]byte(bad), true, "To")
		require.NoError(t, err)
		require.NotContains(t, strings.ReplaceAll(string(got), "\r\n", ""), "\r")
		require.NotContains(t, string(got), "\x00")
	}
}
