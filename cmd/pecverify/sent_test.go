package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/follow"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
)

// brief is a delivery receipt that holds hashes in place of attachments.
func brief() testsign.Message {
	return testsign.Message{Kind: daticert.TypeDelivery, Data: daticert.Data{Receipt: daticert.ReceiptBrief}}
}

// sentProgram is a run with the files of -sent open.
func sentProgram(t *testing.T, files ...string) *program {
	t.Helper()
	p := testProgram(t)
	p.c.sent = files
	var err *usageError
	p.sent, err = openSentFiles(t.Context(), p.c, p.limits)
	require.Nil(t, err)
	t.Cleanup(func() { closeSentFiles(p.sent) })
	return p
}

func verified(t *testing.T, p *program, mail []byte) *pec.Report {
	t.Helper()
	m, err := pec.ReadAll(bytes.NewReader(mail))
	require.NoError(t, err)
	report, _ := pec.Verify(m, &p.options)
	require.NotNil(t, report)
	return report
}

// A file of -sent that changes while messages are held against it leaves the
// verdicts as they are and the question open: exit 2. A match with another file
// answers it.
func TestSentFileChanges(t *testing.T) {
	t.Parallel()
	mail := testsign.Message{Kind: daticert.TypeTransport}.OriginalMail()
	dir := t.TempDir()
	one, two := filepath.Join(dir, "one.eml"), filepath.Join(dir, "two.eml")
	for _, f := range []string{one, two} {
		require.NoError(t, os.WriteFile(f, mail, 0o600))
	}
	p := sentProgram(t, one, two)
	report := verified(t, p, brief().Bytes())
	require.True(t, report.Certified)
	found := p.compare(report)
	require.Equal(t, follow.MatchEquivalent, found.Match)
	require.Equal(t, one, found.with.file, "of equal matches the first given")

	require.NoError(t, os.Truncate(one, 100))
	found = p.compare(report)
	require.Equal(t, follow.MatchEquivalent, found.Match)
	require.Equal(t, two, found.with.file)
	require.Nil(t, found.failed)

	require.NoError(t, os.Truncate(two, 100))
	found = p.compare(report)
	require.Equal(t, follow.MatchNone, found.Match)
	require.Equal(t, pec.ErrorUnreadable, found.failed.code)

	r := result{file: "breve.eml"}
	p.finish(&r, report, found)
	require.Equal(t, exitNoVerdict, r.status)
	require.Nil(t, r.err)
	require.Equal(t, []string{"comparison with -sent failed: changed while it was read"}, r.refused)
	var line struct {
		Certified bool
		Sent      struct{ Match, File string }
	}
	require.NoError(t, json.Unmarshal(r.text, &line))
	require.True(t, line.Certified)
	require.Equal(t, "none", line.Sent.Match)

	p.c.json, p.c.lang = false, pec.Italian
	r = result{file: "breve.eml"}
	p.finish(&r, report, found)
	require.Contains(t, string(r.text), "✗ confronto non riuscito: modificato durante la lettura")
	require.Contains(t, string(r.text), "autentica: CONSEGNATO")
}

// A message that is not certified keeps its status, and a failed comparison adds
// to it; a match takes nothing back.
func TestSentAndVerdict(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "sent.eml")
	require.NoError(t, os.WriteFile(file, testsign.Message{Kind: daticert.TypeTransport}.OriginalMail(), 0o600))
	p := sentProgram(t, file)
	tampered := testsign.Message{Kind: daticert.TypeDelivery, AfterSign: func(part []byte) []byte {
		return bytes.Replace(part, []byte("daticert.xml"), []byte("DATICERT.xml"), 1)
	}}
	report := verified(t, p, tampered.Bytes())
	require.False(t, report.Certified)
	found := p.compare(report)
	require.True(t, found.matches(), "the enclosed mail is untouched")
	r := result{}
	p.finish(&r, report, found)
	require.Equal(t, exitNotCertified, r.status)
	require.Empty(t, r.warning)
}

// A receipt without msgid says of itself which message it is about by its
// identificativo only. If it encloses the mail that decides; if not, nothing does.
func TestSentWithoutMsgid(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "sent.eml")
	mail := bytes.Replace(testsign.Message{Kind: daticert.TypeTransport}.OriginalMail(), []byte("Message-ID: <"), []byte("Message-ID: <cliente-"), 1)
	require.NoError(t, os.WriteFile(file, mail, 0o600))
	p := sentProgram(t, file)
	p.c.json = false
	without := func(kind daticert.Type) testsign.Message {
		return testsign.Message{Kind: kind, EditXML: testsign.DropElement("msgid"), Remove: []string{"X-Riferimento-Message-ID"}}
	}
	for _, c := range []struct {
		reason string
		kind   daticert.Type
		status int
		match  follow.Match
		says   string
	}{
		{"the delivery encloses it", daticert.TypeDelivery, exitCertified, follow.MatchEquivalent, "✓ it is about this file"},
		{"the acceptance encloses nothing", daticert.TypeAcceptance, exitNotCertified, follow.MatchNone, "Message-ID      the message names none, so nothing ties it to the file"},
	} {
		report := verified(t, p, without(c.kind).Bytes())
		require.True(t, report.Certified, c.reason)
		require.Empty(t, report.Data.MessageID)
		found := p.compare(report)
		require.Equal(t, c.match, found.Match, c.reason)
		r := result{}
		p.finish(&r, report, found)
		require.Equal(t, c.status, r.status, c.reason)
		require.Contains(t, string(r.text), c.says)
	}
}

// What JSON gets when -sent is given is the library's line and one key more, and
// outside text in it stays harmless.
func TestWithSent(t *testing.T) {
	t.Parallel()
	c := &comparison{Comparison: &follow.Comparison{Match: follow.MatchDiffers, Parts: []follow.Part{
		{Path: "1", Name: "\x1b[2J\u202e\"}", MediaType: "text/plain", Status: follow.PartDiffers},
		{Enclosed: "1.2", Status: follow.PartExtra},
	}}, with: &sentFile{file: "a\u202e.eml", sha256: "00"}}
	line := withSent([]byte(`{"schema":"pecverify/1","layers":[]}`), c)
	require.Empty(t, harmful(string(line)))
	require.JSONEq(t, `{"schema":"pecverify/1","layers":[],"sent":{"file":"a\u202e.eml","sha256":"00","match":"differs","parts":[
		{"path":"1","name":"\u001b[2J\u202e\"}","mediaType":"text/plain","status":"differs"},
		{"path":"1.2","name":null,"mediaType":null,"status":"extra"}]}}`, string(line))
}

// An empty file is no mail that somebody sent, although its content is that of every
// mail without a text: the run ends before anything is verified.
func TestSentFileEmpty(t *testing.T) {
	t.Parallel()
	s := newSignedMail(t)
	delivery := testsign.Message{Kind: daticert.TypeDelivery, Original: []byte("From: mittente@pec.example.it\r\nSubject: senza testo\r\n\r\n")}
	mail := s.file(t, "consegna.eml", delivery.Bytes())
	status, stderr := silent("-trust", s.ca, "-sent", s.file(t, "vuoto.eml", nil), mail)
	require.Equal(t, exitNoVerdict, status)
	require.Contains(t, stderr, "vuoto.eml: the file is empty")
	status, stderr = silent("-trust", s.ca, "-sent", s.file(t, "inviato.eml", delivery.Original), mail)
	require.Equal(t, exitCertified, status, stderr)
}
