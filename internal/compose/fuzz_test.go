package compose_test

import (
	"bytes"
	"errors"
	"html"
	"io"
	stdmime "mime"
	"net/mail"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/compose"
	"github.com/gopec/gopec/internal/mime"
)

// FuzzSubject: no text leaves the field or parameter that it stands in, and each
// is read as it was written; so is the date, in any offset.
func FuzzSubject(f *testing.F) {
	for _, list := range [][]string{subjects, displayNames, partNames} {
		for _, s := range list {
			f.Add(s, instant.Unix(), int16(60))
		}
	}
	for _, s := range []string{"a\u00e0", "=?", "  ", "x: y", strings.Repeat("é ", 100), "a=?utf-8?q?=0D=0AX-Ricevuta:_y?=", "\xff", "a\xc3",
		"Per conto di: =?utf-8?q?altro=40pec.example.it?=@pec.example.it"} {
		f.Add(s, int64(-1), int16(-719))
	}
	f.Fuzz(func(t *testing.T, s string, seconds int64, minutes int16) {
		at := time.Unix(seconds%(1<<36), 0).In(time.FixedZone("", int(minutes)%(24*60)*60))
		if at.Year() < 1900 || at.Year() > 9999 { // as a header can say it
			at = instant
		}
		checkMoment(t, at)
		if utf8.ValidString(s) {
			checkParameter(t, s)
		}
		control := strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
		if err := compose.CheckText(s); err != nil {
			require.True(t, control || !utf8.ValidString(s), "%v", err)
			return // refused before it comes to a header
		}
		require.True(t, !control && utf8.ValidString(s))
		d := draft("CONSEGNA: " + s)
		d.FromName, d.Date = s, at
		h := headerOf(t, d)
		require.Len(t, h, 5)
		// Blanks at the end are not kept by every fold; XML does not keep them.
		require.Equal(t, strings.TrimRight("CONSEGNA: "+s, " "), strings.TrimRight(mime.DecodeWords(h.Get("Subject")), " "))
		date, err := mail.ParseDate(h.Get("Date"))
		require.NoError(t, err)
		require.Equal(t, at.Unix(), date.Unix())
		list, err := mime.Addresses(h.Get("From"))
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, d.From, list[0].Addr)
		if !strings.Contains(s, "=?") { // which this reader decodes in quotes, too
			require.Equal(t, strings.TrimSpace(s), strings.TrimSpace(list[0].Name))
		}
		std, err := mail.ParseAddress(h.Get("From"))
		require.NoError(t, err)
		require.Equal(t, strings.TrimSpace(s), strings.TrimSpace(std.Name), "by the standard library")

		d.Subject, d.FromName = s, ""
		d.Reference, d.RawID, d.Tokens = "<c@d>", []byte("Message-ID: <own@id>\r\n"), []compose.Field{{Name: "X-Trasporto", Value: "errore"}}
		h = headerOf(t, d)
		require.Len(t, h, 7)
		require.Equal(t, "<own@id>", h.Get("Message-ID"))
		require.Equal(t, "errore", h.Get("X-Trasporto"))
		require.Equal(t, d.From, h.Get("From"))
		require.Equal(t, strings.TrimSpace(s), strings.TrimSpace(mime.DecodeWords(h.Get("Subject"))))
	})
}

// checkMoment: certification data and the readable text name the same instant.
func checkMoment(t *testing.T, at time.Time) {
	t.Helper()
	d := compose.Date(at)
	back, err := time.Parse("02/01/2006 15:04:05 -0700", d.Day+" "+d.Hour+" "+d.Zone)
	require.NoError(t, err)
	require.Equal(t, at.Unix(), back.Unix())
	back, err = time.Parse("Il giorno 02/01/2006 alle ore 15:04:05 (-0700)", compose.Moment(at))
	require.NoError(t, err)
	require.Equal(t, at.Unix(), back.Unix())
}

// checkParameter: a file name is read as it was written, by two readers.
func checkParameter(t *testing.T, name string) {
	t.Helper()
	value := "attachment" + compose.Parameter("filename", name)
	for line := range strings.SplitSeq(value, "\r\n") {
		require.LessOrEqual(t, len(line), 78, "%q", line)
	}
	e, err := mime.Scan(mime.NewBytes([]byte("Content-Disposition: "+value+"\r\n\r\n")), nil)
	require.NoError(t, err)
	require.Len(t, e.Header, 1)
	require.Equal(t, strings.ToValidUTF8(mime.DecodeWords(name), "\ufffd"), e.Filename(), "it decodes words even here")
	_, params, err := stdmime.ParseMediaType(strings.ReplaceAll(value, "\r\n", ""))
	require.NoError(t, err)
	require.Equal(t, map[string]string{"filename": name}, params)
}

// The bits of a layout in FuzzDraft.
const (
	textOnly = 1 << iota
	originalFirst
	plainXML
	noXML
	withOriginal
)

// FuzzDraft: text and data come out of the parts of a mail as they went into it,
// whatever they are; a writer that fails after some bytes ends the writing with
// its own error.
func FuzzDraft(f *testing.F) {
	for i, c := range texts {
		f.Add("Titolo è", c.text+"\nseconda riga\n", []byte("<a/>\n"), uint8(i), 100*i)
	}
	for i, c := range xmls {
		f.Add("Titolo", "testo\n", []byte(c.xml), uint8(withOriginal), 3000*i)
		f.Add("Titolo", "testo\n", []byte(c.xml), uint8(plainXML|originalFirst|withOriginal), 0)
		f.Add("", "", []byte(c.xml), uint8(plainXML|textOnly), 1<<20)
	}
	f.Add("{U+41}", "\xff\x00\r\n--=_x\n", []byte{0}, uint8(noXML|textOnly), 1)
	f.Fuzz(func(t *testing.T, title, text string, xml []byte, layout uint8, fail int) {
		title = strings.ReplaceAll(title, "\n", " ") // of one line
		xml = bytes.ReplaceAll(xml, []byte("\r"), nil)
		d := draft("prova")
		d.Title, d.Text, d.XML = title, text, append([]byte{}, xml...)
		d.Layout = compose.Layout{TextOnly: layout&textOnly != 0, OriginalFirst: layout&originalFirst != 0, PlainXML: layout&plainXML != 0}
		if layout&noXML != 0 {
			d.XML = nil
		}
		if layout&withOriginal != 0 {
			c, err := compose.NewCopy(section(original))
			require.NoError(t, err)
			require.NoError(t, c.Finish())
			d.Original = c
		}
		write, encoding := d.Content()
		raw := writtenTwice(t, write, fail)
		checkEncoding(t, raw, encoding)
		e := content(t, d)
		parts := e.Parts
		checkTexts(t, parts[0], d)
		parts = parts[1:]
		if d.Original != nil && d.XML != nil && d.Layout.OriginalFirst {
			parts[0], parts[1] = parts[1], parts[0]
		}
		if d.XML != nil {
			require.Equal(t, "daticert.xml", parts[0].Filename())
			got, err := io.ReadAll(parts[0].Open(mime.Form{}))
			require.NoError(t, err)
			require.Equal(t, string(xml), strings.ReplaceAll(string(got), "\r\n", "\n"))
			parts = parts[1:]
		}
		if d.Original != nil {
			require.Equal(t, "postacert.eml", parts[0].Filename())
			got, err := io.ReadAll(parts[0].Reader(parts[0].Body, mime.Form{}))
			require.NoError(t, err)
			require.Equal(t, original, string(got))
			parts = parts[1:]
		}
		require.Empty(t, parts)
	})
}

// writtenTwice writes twice, with the same result, and a third time to a writer that
// takes no more than some bytes.
func writtenTwice(t *testing.T, write func(io.Writer) error, fail int) []byte {
	t.Helper()
	var one, two bytes.Buffer
	require.NoError(t, write(&one))
	require.NoError(t, write(&two))
	require.Equal(t, one.String(), two.String())
	if fail < 0 {
		return one.Bytes()
	}
	full := &full{room: fail}
	if err := write(full); fail >= one.Len() {
		require.NoError(t, err)
	} else {
		require.ErrorIs(t, err, errFull)
	}
	require.Equal(t, one.String()[:min(fail, one.Len())], full.got.String())
	return one.Bytes()
}

var errFull = errors.New("no room left")

// full takes some bytes and then no more.
type full struct {
	got  bytes.Buffer
	room int
}

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.room-f.got.Len() {
		n, _ := f.got.Write(p[:f.room-f.got.Len()])
		return n, errFull
	}
	return f.got.Write(p)
}

// checkEncoding: bytes are what their transfer encoding says.
func checkEncoding(t *testing.T, raw []byte, encoding string) {
	t.Helper()
	eight := bytes.ContainsFunc(raw, func(r rune) bool { return r >= 0x80 })
	bare := strings.ReplaceAll(string(raw), "\r\n", "\n")
	binary := strings.ContainsAny(bare, "\r\x00")
	for line := range strings.SplitSeq(bare, "\n") {
		binary = binary || len(line) > 998
	}
	switch encoding {
	case "", "7bit":
		require.False(t, eight || binary)
	case "8bit":
		require.True(t, eight && !binary)
	default:
		require.Equal(t, "binary", encoding)
		require.True(t, binary)
	}
}

// typed are the characters that the plain text has as people type them.
var typed = strings.NewReplacer("‘", "'", "’", "'", "‚", "'", "‛", "'", "“", `"`, "”", `"`, "„", `"`, "‐", "-", "‑", "-", "–", "-", "—", "-",
	"…", "...", "•", "*", "€", "EUR", "\u202f", " ", "\u2009", " ")

var marked = regexp.MustCompile(`\{U\+([0-9A-F]{4,6})\}`)

// unmarked puts back the characters of which the number is said.
func unmarked(s string) string {
	return marked.ReplaceAllStringFunc(s, func(m string) string {
		n, err := strconv.ParseInt(m[3:len(m)-1], 16, 32)
		if err != nil || n > utf8.MaxRune {
			return m
		}
		return string(rune(n))
	})
}

// checkTexts: the text for people loses no character in either form.
func checkTexts(t *testing.T, e *mime.Entity, d *compose.Draft) {
	t.Helper()
	valid := func(s string) string { return strings.Map(func(r rune) rune { return r }, s) }
	title, text := valid(d.Title), valid(d.Text)
	plain := e
	if !d.Layout.TextOnly {
		require.Len(t, e.Parts, 2)
		plain = e.Parts[0]
		page := unmarked(html.UnescapeString(strings.ReplaceAll(textOf(t, e.Parts[1]), "<br>\n", "\n")))
		require.Contains(t, page, unmarked("<h3>"+title+"</h3>"))
		require.Contains(t, page, unmarked("<hr>\n"+strings.TrimSuffix(text, "\n")+"\n</body>"))
	}
	require.Equal(t, "text/plain", plain.MediaType)
	require.Equal(t, unmarked(typed.Replace(title+"\n\n"+text)), unmarked(textOf(t, plain)))
}
