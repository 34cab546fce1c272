package follow_test

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime/quotedprintable"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/follow"
	"github.com/gopec/gopec/pec"
)

// letter is a mail with a text in two forms and two attachments, as a client
// writes it; the fields are what the cases change.
type letter struct {
	boundary string // "confine"
	quoted   bool   // text as quoted-printable instead of 8bit
	bcc      bool
	subject  string
	text     string
	act      string // content of atto.pdf, "-" without it
	actName  string
	more     bool // a third attachment
	charset  string
}

func (l letter) bytes() []byte {
	or := func(s, otherwise string) string {
		if s == "" {
			return otherwise
		}
		return s
	}
	var b strings.Builder
	line := func(parts ...string) { b.WriteString(strings.Join(parts, "") + "\r\n") }
	boundary := or(l.boundary, "confine")
	line("From: Anna Prova <", sender, ">")
	line("To: ", one)
	if l.bcc {
		line("Bcc: ", two)
	}
	line("Subject: ", or(l.subject, "=?UTF-8?Q?Verbale_=E2=80=93_attivit=C3=A0?="))
	line("Message-ID: <cliente-1@example.it>")
	line("MIME-Version: 1.0")
	line("Content-Type: multipart/mixed; boundary=\"", boundary, "\"\r\n")
	line("--", boundary, "\r\nContent-Type: text/plain; charset=", or(l.charset, "utf-8"))
	text := or(l.text, "La comunicazione è allegata.\r\n\r\nCordialità")
	if l.quoted {
		var q strings.Builder
		w := quotedprintable.NewWriter(&q)
		w.Write([]byte(text))
		w.Close()
		line("Content-Transfer-Encoding: quoted-printable\r\n\r\n", q.String())
	} else {
		line("Content-Transfer-Encoding: 8bit\r\n\r\n", text)
	}
	file := func(name, content string) {
		line("--", boundary, "\r\nContent-Type: application/pdf; name=\"", name, "\"\r\nContent-Transfer-Encoding: base64")
		line("Content-Disposition: attachment; filename=\"", name, "\"\r\n")
		encoded := base64.StdEncoding.EncodeToString([]byte(content))
		for len(encoded) > 60 {
			line(encoded[:60])
			encoded = encoded[60:]
		}
		line(encoded)
	}
	if l.act != "-" {
		file(or(l.actName, "atto.pdf"), or(l.act, strings.Repeat("contenuto dell'atto\n", 40)))
	}
	file("nota.pdf", "una nota\n")
	if l.more {
		file("altro.pdf", "altro\n")
	}
	line("--", boundary, "--")
	return []byte(b.String())
}

func (l letter) lf() []byte { return bytes.ReplaceAll(l.bytes(), []byte("\r\n"), []byte("\n")) }

// wrong are the parts that are not the same.
func wrong(c *follow.Comparison) map[string]follow.PartStatus {
	out := make(map[string]follow.PartStatus)
	for _, p := range c.Parts {
		if p.Status != follow.PartSame {
			name := p.Name
			if name == "" {
				name = p.MediaType
			}
			out[name] = p.Status
		}
	}
	return out
}

func fieldsOf(c *follow.Comparison) []string {
	var out []string
	for _, h := range c.Headers {
		out = append(out, h.Field)
	}
	return out
}

type status = map[string]follow.PartStatus

// comparisonCase is a file that is held against a message of the circuit.
type comparisonCase struct {
	report string
	file   []byte
	want   follow.Match
	step   follow.Step
	wrong  status
	fields []string
	reason string
}

func comparisons(enclosed []byte) map[string]comparisonCase {
	return map[string]comparisonCase{
		"the enclosed mail itself": {"completa", enclosed, follow.MatchIdentical, follow.StepBytes, status{}, nil, "the same bytes"},
		"as it was submitted":      {"completa", letter{}.bytes(), follow.MatchEquivalent, follow.StepNorm, status{}, nil, "only what the norm changes"},
		"its envelope":             {"envelope completa", letter{}.bytes(), follow.MatchEquivalent, follow.StepNorm, status{}, nil, "an envelope encloses it, too"},
		"envelope, brief asked":    {"envelope breve", letter{}.bytes(), follow.MatchEquivalent, follow.StepNorm, status{}, nil, "the envelope is always whole"},
		"stored with LF":           {"completa", letter{}.lf(), follow.MatchEquivalent, follow.StepNorm, status{}, nil, "line ends of a file are no content"},
		"a client's copy": {"completa", letter{boundary: "altro", quoted: true, bcc: true}.bytes(), follow.MatchEquivalent, follow.StepParts, status{}, []string{"bcc"},
			"encoded otherwise, with Bcc"},
		"another subject": {"completa", letter{subject: "Altro"}.bytes(), follow.MatchEquivalent, follow.StepParts, status{}, []string{"subject"}, "a header is told and does not decide"},
		"encoded subject": {"completa", letter{subject: "=?UTF-8?B?VmVyYmFsZSDigJMgYXR0aXZpdMOg?="}.bytes(), follow.MatchEquivalent, follow.StepParts, status{}, nil, "another encoding of the same"},
		"another act":     {"completa", letter{act: "falso"}.bytes(), follow.MatchDiffers, "", status{"atto.pdf": follow.PartDiffers}, nil, "the attachment that differs is named"},
		"one byte of it":  {"completa", letter{act: strings.Repeat("contenuto dell'atto\n", 39) + "contenuto dell'atto\r"}.bytes(), follow.MatchDiffers, "", status{"atto.pdf": follow.PartDiffers}, nil, "line ends inside a file are content"},
		"without the act": {"completa", letter{act: "-"}.bytes(), follow.MatchDiffers, "", status{"atto.pdf": follow.PartExtra}, nil, "the receipt has more"},
		"more":            {"completa", letter{more: true}.bytes(), follow.MatchDiffers, "", status{"altro.pdf": follow.PartMissing}, nil, "the receipt has less"},
		"another name":    {"completa", letter{actName: "ricorso.pdf"}.bytes(), follow.MatchEquivalent, follow.StepParts, status{}, []string{"filename"}, "the content is the same, the name is told"},
		"name and content": {"completa", letter{actName: "ricorso.pdf", act: "falso"}.bytes(), follow.MatchDiffers, "",
			status{"ricorso.pdf": follow.PartMissing, "atto.pdf": follow.PartExtra}, nil, "nothing says that they belong together"},
		"another text":    {"completa", letter{text: "Altro"}.bytes(), follow.MatchDiffers, "", status{"text/plain": follow.PartDiffers}, nil, "the text is content"},
		"another charset": {"completa", letter{charset: "iso-8859-1"}.bytes(), follow.MatchEquivalent, follow.StepParts, status{}, []string{"charset"}, "the bytes are the same, and it is told"},
		"something else":  {"completa", []byte("Subject: altro\r\n\r\nAltro\r\n"), follow.MatchDiffers, "", status{"text/plain": follow.PartDiffers, "atto.pdf": follow.PartExtra, "nota.pdf": follow.PartExtra}, []string{"charset", "from", "subject", "to"}, "another mail"},
		"an empty file":   {"completa", nil, follow.MatchDiffers, "", status{"text/plain": follow.PartDiffers, "atto.pdf": follow.PartExtra, "nota.pdf": follow.PartExtra}, []string{"charset", "from", "subject", "to"}, "nothing is no mail"},

		"brief":                  {"breve", letter{}.bytes(), follow.MatchEquivalent, follow.StepHashes, status{}, nil, "the hashes are those of the attachments"},
		"brief, stored with LF":  {"breve", letter{}.lf(), follow.MatchEquivalent, follow.StepHashes, status{}, nil, "line ends of a file are no content"},
		"brief, another act":     {"breve", letter{act: "falso"}.bytes(), follow.MatchDiffers, "", status{"atto.pdf": follow.PartDiffers}, nil, "the hash is another"},
		"brief, another text":    {"breve", letter{text: "Altro"}.bytes(), follow.MatchDiffers, "", status{"text/plain": follow.PartDiffers}, nil, "a brief receipt has the text in full"},
		"brief, without the act": {"breve", letter{act: "-"}.bytes(), follow.MatchDiffers, "", status{"atto.pdf": follow.PartExtra}, nil, "there is a hash more"},
		"brief, more":            {"breve", letter{more: true}.bytes(), follow.MatchDiffers, "", status{"altro.pdf": follow.PartMissing}, nil, "there is no hash of it"},

		"concise":    {"sintetica", letter{}.bytes(), follow.MatchNone, "", status{}, nil, "it encloses nothing"},
		"acceptance": {"acceptance", letter{}.bytes(), follow.MatchNone, "", status{}, nil, "it encloses nothing"},
	}
}

// TestCompare: what is sent is letter{}; what is held against the receipt is said
// by the case.
func TestCompare(t *testing.T) {
	t.Parallel()
	c := circuit(t)
	reports := make(map[string]*pec.Report)
	for _, kind := range []string{"completa", "breve", "sintetica"} {
		mail := append([]byte("X-TipoRicevuta: "+kind+"\r\n"), letter{}.bytes()...)
		_, err := c.Submit(sender, []string{one}, mail)
		require.NoError(t, err)
		reports[kind] = verify(t, c.Mailbox(sender).Last(pec.KindDelivery).Raw, c.VerifyOptions())
		require.True(t, reports[kind].Certified)
		reports["envelope "+kind] = verify(t, c.Mailbox(one).Last(pec.KindTransport).Raw, c.VerifyOptions())
	}
	reports["acceptance"] = verify(t, c.Mailbox(sender).Last(pec.KindAcceptance).Raw, c.VerifyOptions())
	section, err := reports["completa"].Message.Original().Section()
	require.NoError(t, err)
	enclosed, err := io.ReadAll(section)
	require.NoError(t, err)

	for name, x := range comparisons(enclosed) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, err := follow.Compare(bytes.NewReader(x.file), int64(len(x.file)), reports[x.report])
			require.NoError(t, err)
			require.Equal(t, x.want, found.Match, "%s: %+v", x.reason, found)
			require.Equal(t, x.step, found.Step, x.reason)
			require.Equal(t, x.wrong, wrong(found), x.reason)
			require.Equal(t, x.fields, fieldsOf(found), x.reason)
			if x.want == follow.MatchEquivalent {
				require.Len(t, found.Parts, 3, "every part is listed")
			}
		})
	}
	found, err := follow.Compare(bytes.NewReader(nil), 0, nil)
	require.NoError(t, err)
	require.Equal(t, follow.MatchNone, found.Match)
	_, err = follow.Compare(failing{}, 10, reports["completa"])
	require.ErrorIs(t, err, iotest.ErrTimeout)
	deep := strings.Repeat("Content-Type: message/rfc822\r\n\r\n", 30)
	_, err = follow.Compare(strings.NewReader(deep), int64(len(deep)), reports["completa"])
	require.ErrorContains(t, err, "nesting", "a limit is no difference")
}

// failing is a file that cannot be read.
type failing struct{}

// ReadAt implements io.ReaderAt.
func (failing) ReadAt([]byte, int64) (int, error) { return 0, iotest.ErrTimeout }

// TestSentFileChanges: what was read of a sent mail counts as long as nothing has
// to be read again, and other bytes are never taken for it.
func TestSentFileChanges(t *testing.T) {
	t.Parallel()
	c := circuit(t)
	reports := make(map[string]*pec.Report)
	for _, kind := range []string{"completa", "breve"} {
		_, err := c.Submit(sender, []string{one}, append([]byte("X-TipoRicevuta: "+kind+"\r\n"), letter{}.bytes()...))
		require.NoError(t, err)
		reports[kind] = verify(t, c.Mailbox(sender).Last(pec.KindDelivery).Raw, c.VerifyOptions())
	}
	file := letter{act: "un altro atto"}.bytes()
	s, err := follow.NewSent(bytes.NewReader(file), int64(len(file)))
	require.NoError(t, err)
	for _, r := range reports {
		found, err := s.Compare(r)
		require.NoError(t, err)
		require.Equal(t, follow.MatchDiffers, found.Match)
	}
	// The attachment becomes that of the receipts, in place.
	right := letter{}.bytes()
	file = append([]byte(nil), right...)
	s, err = follow.NewSent(bytes.NewReader(file), int64(len(file)))
	require.NoError(t, err)
	at := bytes.Index(file, []byte("base64\r\nContent-Disposition"))
	at += bytes.Index(file[at:], []byte("\r\n\r\n")) + 4
	file[at] ^= 1
	found, err := s.Compare(reports["completa"])
	require.NoError(t, err)
	require.Equal(t, follow.MatchEquivalent, found.Match, "as it was read")
	_, err = s.Compare(reports["breve"])
	require.ErrorIs(t, err, pec.ErrChanged)
}

// Write implements io.Writer.
func (failing) Write([]byte) (int, error) { return 0, iotest.ErrTimeout }
