package dossier_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"mime/quotedprintable"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/dossier"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/pectest"
)

// Addresses of the tests.
const (
	sender   = "mittente@pec.example.it"
	one      = "destinatario@pec.example.com"
	two      = "protocollo@pec.example.com"
	broken   = "full@pec.example.com"
	external = "persona@example.net"
)

// circuit is one with fast keys.
func circuit(t testing.TB, opts ...pectest.Option) *pectest.Circuit {
	t.Helper()
	return pectest.Start(t, append([]pectest.Option{
		pectest.WithProvider("alfa.example.it", pectest.WithDomain("pec.example.it", "mittente", "ufficio"), pectest.WithKey(pectest.KeyECDSA)),
		pectest.WithProvider("beta.example.com", pectest.WithDomain("pec.example.com", "destinatario", "protocollo"), pectest.WithKey(pectest.KeyECDSA)),
	}, opts...)...)
}

// letter is a mail with a text and two attachments, as a client writes it.
type letter struct {
	from     string // sender
	to       []string
	bcc      string
	id       string // cliente-1@example.it; "-" without
	subject  string // Notifica
	receipt  string // X-TipoRicevuta
	boundary string // confine
	quoted   bool   // the text as quoted-printable instead of 8bit
	charset  string // utf-8; what the text says it is in
	act      string // content of atto.pdf
	actName  string // atto.pdf
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func (l letter) bytes() []byte {
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	boundary := or(l.boundary, "confine")
	line("From: Anna Prova <%s>", or(l.from, sender))
	line("To: %s", strings.Join(l.to, ",\r\n "))
	if l.bcc != "" {
		line("Bcc: %s", l.bcc)
	}
	line("Subject: %s", or(l.subject, "Notifica"))
	if l.id != "-" {
		line("Message-ID: <%s>", or(l.id, "cliente-1@example.it"))
	}
	if l.receipt != "" {
		line("X-TipoRicevuta: %s", l.receipt)
	}
	line("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"%s\"\r\n", boundary)
	const text = "L'atto è allegato.\r\n\r\nCordialità"
	if l.quoted {
		var q bytes.Buffer
		w := quotedprintable.NewWriter(&q)
		w.Write([]byte(text))
		w.Close()
		line("--%s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n%s", boundary, &q)
	} else {
		line("--%s\r\nContent-Type: text/plain; charset=%s\r\nContent-Transfer-Encoding: 8bit\r\n\r\n%s", boundary, or(l.charset, "utf-8"), text)
	}
	for _, file := range [][2]string{{or(l.actName, "atto.pdf"), or(l.act, "contenuto dell'atto\n")}, {"nota.pdf", "una nota\n"}} {
		line("--%s\r\nContent-Type: application/pdf; name=\"%s\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"%s\"\r\n\r\n%s",
			boundary, file[0], file[0], base64.StdEncoding.EncodeToString([]byte(file[1])))
	}
	line("--%s--", boundary)
	return b.Bytes()
}

// input is one file for a dossier.
type input struct {
	name string
	mail []byte
}

func fileOf(name string, mail []byte) dossier.File {
	sum := sha256.Sum256(mail)
	return dossier.File{Name: name, SHA256: hex.EncodeToString(sum[:]), Size: int64(len(mail))}
}

// builder is one about a mail, with a clock that stands.
func builder(t testing.TB, name string, sent []byte, now time.Time) *dossier.Builder {
	t.Helper()
	b, err := dossier.New(fileOf(name, sent), bytes.NewReader(sent), int64(len(sent)),
		&dossier.Options{Clock: func() time.Time { return now }, Program: "pecverify prova"})
	require.NoError(t, err)
	return b
}

// verify verifies a mail; one that is not certified gives its report too.
func verify(t testing.TB, mail []byte, o *pec.VerifyOptions) *pec.Report {
	t.Helper()
	m, err := pec.Read(bytes.NewReader(mail), int64(len(mail)))
	require.NoError(t, err)
	r, err := pec.Verify(m, o)
	if not, ok := errors.AsType[*pec.NotCertifiedError](err); ok {
		return not.Report
	}
	require.NoError(t, err)
	return r
}

// add verifies files and adds them.
func add(t testing.TB, b *dossier.Builder, o *pec.VerifyOptions, files ...input) {
	t.Helper()
	for _, f := range files {
		b.Add(b.Examine(fileOf(f.name, f.mail), verify(t, f.mail, o)))
	}
}

// mailbox returns what a user has received, in order.
func mailbox(c *pectest.Circuit, address string) []input {
	var out []input
	for m := range c.Mailbox(address).Messages() {
		out = append(out, input{fmt.Sprintf("%s-%02d.eml", m.Kind, len(out)+1), m.Raw})
	}
	return out
}

// of makes a dossier about a mail from what its sender has received.
func of(t testing.TB, c *pectest.Circuit, sent []byte, more ...input) *dossier.Dossier {
	t.Helper()
	b := builder(t, "atto.eml", sent, c.Clock().Now())
	add(t, b, c.VerifyOptions(), append(mailbox(c, sender), more...)...)
	return b.Dossier()
}

// submit sends a letter to its recipients.
func submit(t testing.TB, c *pectest.Circuit, l letter) []byte {
	t.Helper()
	mail := l.bytes()
	_, err := c.Submit(or(l.from, sender), l.to, mail)
	require.NoError(t, err)
	return mail
}

// codes are the reasons of a dossier, with their recipients.
func codes(d *dossier.Dossier) []string {
	var out []string
	for _, r := range d.Reasons {
		out = append(out, strings.TrimSpace(string(r.Code)+" "+r.Recipient))
	}
	return out
}

func notes(d *dossier.Dossier) []dossier.NoteCode {
	var out []dossier.NoteCode
	for _, n := range d.Notes {
		out = append(out, n.Code)
	}
	return out
}
