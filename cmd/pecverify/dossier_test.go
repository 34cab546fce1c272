package main

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/pectest"
)

// act is a mail with an attachment, as a client writes it. Without msgid it has
// no Message-ID.
func act(msgid, attachment string, to ...string) []byte {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	line("From: mittente@pec.example.it")
	line("To: %s", strings.Join(to, ", "))
	line("Subject: Notificazione")
	if msgid != "" {
		line("Message-ID: <%s>", msgid)
	}
	line("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"confine\"\r\n")
	line("--confine\r\nContent-Type: text/plain\r\n\r\nSi notifica l'atto allegato.")
	line("--confine\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"atto.pdf\"\r\n\r\n%s", attachment)
	line("--confine--")
	return []byte(b.String())
}

// notification sends an act through a circuit and returns a folder with all that
// the sender got back, and the circuit's authority.
func notification(t *testing.T, mail []byte, to ...string) (folder, anchor string) {
	t.Helper()
	c := pectest.Start(t)
	_, err := c.Submit("mittente@pec.example.it", to, mail)
	require.NoError(t, err)
	folder = t.TempDir()
	n := 0
	for m := range c.Mailbox("mittente@pec.example.it").Messages() {
		n++
		require.NoError(t, os.WriteFile(filepath.Join(folder, fmt.Sprintf("%02d.eml", n)), m.Raw, 0o600))
	}
	require.NotZero(t, n)
	anchor = filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(anchor, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Anchor().Raw}), 0o600))
	return folder, anchor
}

// told is what the tests read of a dossier.
type told struct {
	Complete bool
	Reasons  []struct{ Code, Recipient string }
	Messages []struct {
		Recipients []struct {
			Address, Status, Match string
			External               bool
			Comparison             *struct {
				Unlike []struct{ Name, Status string }
			}
		}
	}
	Files []struct {
		File, SHA256 string
		Size         *int64
		IsSent       bool
		Error        *struct{ Code string }
	}
}

// runDossier runs the command with a dossier in JSON and returns what it says.
func runDossier(t *testing.T, sent []byte, args ...string) (told, int) {
	t.Helper()
	dir := t.TempDir()
	file, out := filepath.Join(dir, "sent.eml"), filepath.Join(dir, "dossier.json")
	require.NoError(t, os.WriteFile(file, sent, 0o600))
	var stdout, stderr bytes.Buffer
	status := command(append([]string{"-sent", file, "-dossier", out}, args...), strings.NewReader(""), &stdout, &stderr)
	text, err := os.ReadFile(out)
	require.NoError(t, err, stderr.String())
	var d told
	require.NoError(t, json.Unmarshal(text, &d))
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	require.NoError(t, err)
	require.Empty(t, left, "the temporary file is gone")
	return d, status
}

// One act to three recipients: delivered, refused by its provider, and with an
// ordinary mailbox. Then the same with another attachment.
func TestDossierOfThreeRecipients(t *testing.T) {
	t.Parallel()
	to := []string{"destinatario@pec.example.com", "full@pec.example.com", "persona@example.net"}
	mail := act("atto-1@client.example.it", "il contenuto", to...)
	folder, anchor := notification(t, mail, to...)

	d, status := runDossier(t, mail, "-trust", anchor, folder)
	require.Equal(t, exitNotCertified, status)
	require.False(t, d.Complete)
	require.Len(t, d.Messages, 1)
	got := map[string]string{}
	for _, r := range d.Messages[0].Recipients {
		got[r.Address] = fmt.Sprint(r.Status, " ", r.Match, " ", r.External)
	}
	require.Equal(t, map[string]string{to[0]: "delivered equivalent false", to[1]: "failed  false", to[2]: "accepted  true"}, got)

	d, status = runDossier(t, act("atto-1@client.example.it", "un altro contenuto", to...), "-trust", anchor, folder)
	require.Equal(t, exitNotCertified, status)
	r := d.Messages[0].Recipients[0]
	require.Equal(t, "differs", r.Match)
	require.Len(t, r.Comparison.Unlike, 1)
	require.Equal(t, "atto.pdf", r.Comparison.Unlike[0].Name)
	require.Equal(t, "differs", r.Comparison.Unlike[0].Status)
}

// Delivered to everyone: exit 0, whatever else lies in the folder. Every file is
// named, with its size and digest.
func TestDossierComplete(t *testing.T) {
	t.Parallel()
	to := []string{"destinatario@pec.example.com", "protocollo@pec.example.com"}
	for _, msgid := range []string{"atto-2@client.example.it", ""} { // without one the content tells
		mail := act(msgid, "il contenuto", to...)
		folder, anchor := notification(t, mail, to...)
		d, status := runDossier(t, mail, "-trust", anchor, folder)
		require.Equal(t, exitCertified, status, "%q: %v", msgid, d.Reasons)
		require.True(t, d.Complete)

		other, _ := notification(t, act("altro@client.example.it", "altro", to[0]), to[0]) // by another authority: a forgery
		require.NoError(t, os.WriteFile(filepath.Join(other, "nota.eml"), []byte("From: a@example.net\r\n\r\nCiao.\r\n"), 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(other, "inviata.eml"), mail, 0o600))
		d, status = runDossier(t, mail, "-trust", anchor, other, folder)
		require.Equal(t, exitCertified, status, "%v", d.Reasons)
		require.Len(t, d.Files, 2+2+3)
		sent := 0
		for _, f := range d.Files {
			require.Len(t, f.SHA256, 64, f.File)
			info, err := os.Stat(f.File)
			require.NoError(t, err)
			require.Equal(t, info.Size(), *f.Size)
			if f.IsSent {
				sent++
			}
		}
		require.Equal(t, 1, sent)
	}
}

// The genuine pairs: the original taken out of the delivery is what was sent. No
// name or address of them is in this repository.
func TestGenuineDossier(t *testing.T) {
	t.Parallel()
	dir := counterpart.Reference(t, "corpus", "genuine")
	for name, c := range map[string]struct {
		files  []string
		flags  []string
		status int
		match  string
		reason string
	}{
		"2015": {[]string{"aruba-2015-05-accettazione", "infocert-2015-05-avvenuta-consegna"}, []string{"-legacy"}, exitCertified, "identical", "its only recipient"},
		"2018": {[]string{"aruba-2018-11-accettazione-lf", "aruba-2018-11-avvenuta-consegna-lf"}, nil, exitCertified, "identical", "its only recipient"},
		"2021": {[]string{"aruba-2021-12-accettazione", "aruba-2021-12-avvenuta-consegna"}, nil, exitNotCertified, "none",
			"its provider encloses nothing for a recipient in Cc, and of the other recipient there is no receipt"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var args []string
			for _, f := range c.files {
				args = append(args, filepath.Join(dir, f+".eml"))
			}
			mail := enclosed(t, args[1])
			d, status := runDossier(t, mail, append(c.flags, args...)...)
			require.Equal(t, c.status, status, "%s: %v", c.reason, d.Reasons)
			require.Len(t, d.Messages, 1)
			delivered := 0
			for _, r := range d.Messages[0].Recipients {
				if r.Status == "delivered" {
					delivered++
					require.Equal(t, c.match, r.Match)
				}
			}
			require.Equal(t, 1, delivered)

			file := filepath.Join(t.TempDir(), "sent.eml")
			require.NoError(t, os.WriteFile(file, mail, 0o600))
			require.Equal(t, c.status, command(append(c.flags, "-q", "-sent", file, args[1]), nil, io.Discard, io.Discard))
		})
	}
}

// enclosed is the original in a delivery receipt; of one that encloses none, a
// mail with the same Message-ID.
func enclosed(t *testing.T, file string) []byte {
	t.Helper()
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	m, err := pec.ReadAll(f)
	require.NoError(t, err)
	if m.Original() == nil {
		return fmt.Appendf(nil, "Message-ID: %s\r\nSubject: prova\r\n\r\nTesto.\r\n", m.Data.MessageID)
	}
	section, err := m.Original().Section()
	require.NoError(t, err)
	mail, err := io.ReadAll(section)
	require.NoError(t, err)
	return mail
}

// A receipt that changes between being hashed and being read is in the dossier
// without a verdict: the digest beside a verdict is that of its bytes.
func TestDossierOfAFileThatChanges(t *testing.T) {
	t.Parallel()
	p := testProgram(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "sent.eml")
	require.NoError(t, os.WriteFile(file, act("a@client.example.it", "x", "destinatario@pec.example.com"), 0o600))
	p.c.sent, p.c.dossier = []string{file}, filepath.Join(dir, "d.json")
	var failed *usageError
	p.sent, failed = openSentFiles(t.Context(), p.c, p.limits)
	require.Nil(t, failed)
	require.Nil(t, p.openDossier())
	defer p.close()

	mail := certifiedMail()
	report, why := p.report(t.Context(), new(result), bytes.NewReader(mail), int64(len(mail)), nil)
	require.Nil(t, why)
	r := result{file: "a.eml"}
	digest, err := digestOf(t.Context(), bytes.NewReader(mail), int64(len(mail)))
	require.NoError(t, err)
	p.examined(t.Context(), &r, bytes.NewReader(mail), int64(len(mail)), digest, report)
	require.NotNil(t, r.entry)
	require.Nil(t, r.err)

	r = result{file: "a.eml"}
	changed := bytes.Replace(mail, []byte("X-Ricevuta"), []byte("X-ricevuta"), 1)
	p.examined(t.Context(), &r, bytes.NewReader(changed), int64(len(mail)), digest, report)
	require.Nil(t, r.entry)
	require.Equal(t, pec.ErrorUnreadable, r.err.code)
	require.Contains(t, r.err.en, "changed")

	r = result{file: "a.eml"}
	p.examined(t.Context(), &r, bytes.NewReader(mail[:len(mail)-1]), int64(len(mail)), digest, report)
	require.Nil(t, r.entry, "cut off")
	require.NotNil(t, r.err)
}

// One clock for the whole run: the dossier's time is that at which the messages
// were judged.
func TestClockStandsStill(t *testing.T) {
	t.Parallel()
	c := clock()
	first := c()
	time.Sleep(time.Millisecond)
	require.Equal(t, first, c())
}
