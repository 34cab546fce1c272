package pectest_test

import (
	"encoding/base64"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/pectest"
)

// Addresses of the circuit that has no options.
const (
	sender = "mittente@pec.example.it"
	office = "ufficio@pec.example.it"
	one    = "destinatario@pec.example.com"
	two    = "protocollo@pec.example.com"
)

// letter is a mail as a user's client writes it.
type letter struct {
	from    string // sender if ""
	to, cc  []string
	receipt string // X-TipoRicevuta
	noID    bool
	text    string
	files   []file
}

type file struct{ name, content string }

func (l letter) bytes() []byte {
	var b strings.Builder
	line := func(parts ...string) { b.WriteString(strings.Join(parts, "") + "\r\n") }
	line("From: Anna Prova <", orElse(l.from, sender), ">")
	if len(l.to) > 0 {
		line("To: ", strings.Join(l.to, ",\r\n "))
	}
	if len(l.cc) > 0 {
		line("Cc: ", strings.Join(l.cc, ",\r\n "))
	}
	line("Subject: =?UTF-8?Q?Verbale_=E2=80=93_attivit=C3=A0?=")
	if !l.noID {
		line("Message-ID: <prova-1@client.example.it>")
	}
	if l.receipt != "" {
		line("X-TipoRicevuta: ", l.receipt)
	}
	line("MIME-Version: 1.0")
	line("Content-Type: multipart/mixed; boundary=\"confine\"")
	line()
	line("--confine\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n")
	line(orElse(l.text, "La comunicazione è allegata."))
	for _, f := range l.files {
		line("--confine\r\nContent-Type: application/octet-stream; name=\"", f.name, "\"")
		line("Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"", f.name, "\"\r\n")
		for chunk := range slices.Chunk([]byte(base64.StdEncoding.EncodeToString([]byte(f.content))), 76) {
			line(string(chunk))
		}
	}
	line("--confine--")
	return []byte(b.String())
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// submit sends a letter to those it is addressed to, and fails if it is not
// accepted.
func submit(t testing.TB, c *pectest.Circuit, l letter) *pectest.Submission {
	t.Helper()
	s, err := c.Submit(orElse(l.from, sender), slices.Concat(l.to, l.cc), l.bytes())
	require.NoError(t, err)
	require.True(t, s.Accepted, s.Reason)
	return s
}

// inBox says what is in a mailbox: kind and, for what concerns one recipient,
// its address.
func inBox(t testing.TB, c *pectest.Circuit, b *pectest.Mailbox) []string {
	t.Helper()
	var out []string
	for m := range b.Messages() {
		read, err := m.Read()
		require.NoError(t, err)
		line := string(read.Kind)
		if read.Notice != nil && read.Notice.Recipient() != "" {
			line += " " + read.Notice.Recipient()
		}
		if read.Notice != nil {
			if timeout, _ := read.Notice.Timeout(); timeout != "" {
				line += " " + string(timeout)
			}
		}
		out = append(out, line)
	}
	return out
}

// everything yields all messages of a circuit.
func everything(c *pectest.Circuit) iter.Seq2[*pectest.Mailbox, *pectest.Message] {
	var boxes []*pectest.Mailbox
	boxes = slices.AppendSeq(boxes, c.Mailboxes())
	for p := range c.Providers() {
		boxes = append(boxes, p.Service())
		for d := range p.Domains() {
			for _, magic := range []string{"late12h@", "damaged@"} {
				boxes = append(boxes, c.Mailbox(magic+d))
			}
		}
	}
	boxes = append(boxes, c.Outside())
	return func(yield func(*pectest.Mailbox, *pectest.Message) bool) {
		for _, b := range boxes {
			for m := range b.Messages() {
				if !yield(b, m) {
					return
				}
			}
		}
	}
}

// everyKind lets a circuit with the default addresses issue each kind of message
// at least once.
func everyKind(t testing.TB, c *pectest.Circuit) {
	t.Helper()
	attached := []file{{"atto.pdf", strings.Repeat("contenuto dell'atto\n", 40)}, {"nota.txt", "una nota\n"}}
	submit(t, c, letter{to: []string{one, office, "altri@example.net"}, cc: []string{two}, files: attached})
	submit(t, c, letter{to: []string{one}, receipt: "breve", files: attached})
	submit(t, c, letter{to: []string{one}, receipt: "sintetica", noID: true})
	submit(t, c, letter{to: []string{"full@pec.example.com", "nobody@pec.example.com", "nodomain@pec.example.com", "virus@pec.example.com",
		"late12h@pec.example.com", "silent@pec.example.com", "stuck@pec.example.com", "damaged@pec.example.com", "external@pec.example.com"}})
	for _, l := range []letter{{to: []string{one}, text: eicar}, {to: []string{one}, cc: []string{two}}} {
		s, err := c.Submit(sender, []string{one}, l.bytes()) // a virus; a recipient in Cc only
		require.NoError(t, err)
		require.False(t, s.Accepted)
	}
	require.NoError(t, c.Arrive("estraneo@example.net", []string{one}, letter{from: "estraneo@example.net", to: []string{one}}.bytes()))
	c.Clock().Advance(25 * time.Hour)
}

// eicar is cut in two, as in the package.
const eicar = `X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-` + `STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`

// certified verifies a message and fails unless it is certified, or an anomaly
// envelope with a good signature.
func certified(t testing.TB, c *pectest.Circuit, m *pectest.Message) *pec.Report {
	t.Helper()
	r, err := c.Verify(m)
	if n, ok := errors.AsType[*pec.NotCertifiedError](err); ok && m.Kind == pec.KindAnomaly {
		require.Equal(t, pec.TotalPassed, n.Report.Verdict, "message %d", m.Number)
		return n.Report
	}
	require.NoError(t, err, "message %d, %s", m.Number, m.Kind)
	return r
}
