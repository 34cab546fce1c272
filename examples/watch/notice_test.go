package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"net/mail"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/pectest"
)

// words are made of letters that nothing else uses.
func words(n int) (list []string) {
	for range n {
		b := make([]byte, 9)
		for i := range b {
			b[i] = "qwxzkj"[rand.IntN(6)]
		}
		list = append(list, string(b))
	}
	return list
}

// TestNotice: the owner is told of a PEC that arrives, with sender, recipients and
// subject, and with no word of the content; of what was there before, and of what was
// told, no more.
func TestNotice(t *testing.T) {
	t.Parallel()
	b := startBox(t)
	s := startSink(t, false)
	args := b.args(t, recipient, s.args("-lang", "it", "-state", filepath.Join(t.TempDir(), "s"))...)
	b.submit(t, letter("Vecchio", "Testo.", recipient), recipient)
	out, diag := once(t, b.Password, nil, args...)
	require.Empty(t, diag)
	require.Equal(t, 1, lines(out, "ARRIVATO", sender, `"Vecchio"`), out)
	require.Empty(t, s.all(), "what lay there before the watch began is no news")

	body, file := words(50), words(50)
	content := "From: " + sender + "\r\nTo: " + recipient + ", protocollo@pec.example.com\r\nSubject: =?utf-8?Q?Citt=C3=A0?=\r\n" +
		"Message-ID: <1@client.example.it>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: text/plain\r\n\r\n" + strings.Join(body, " \r\n") + "\r\n" +
		"--b\r\nContent-Type: text/plain; name=" + file[0] + ".txt\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		base64.StdEncoding.EncodeToString([]byte(strings.Join(file[1:10], " "))) + "\r\n--b--\r\n"
	b.submit(t, []byte(content), recipient, "protocollo@pec.example.com")
	out, diag = once(t, b.Password, nil, args...)
	require.Empty(t, diag)
	require.Equal(t, 1, strings.Count(out, "\n"), out)
	got := s.all()
	require.Len(t, got, 1)
	require.Equal(t, "FROM:<>", strings.Fields(got[0].from)[0], "nothing comes back")
	require.Equal(t, []string{"TO:<" + owner + ">"}, got[0].to)
	h, text := got[0].read(t)
	require.Equal(t, "auto-generated", h.Get("Auto-Submitted"))
	require.Equal(t, "Avviso di arrivo di un messaggio PEC", h.Get("Subject"))
	for _, want := range []string{sender, recipient, "protocollo@pec.example.com", "Città", "Questo avviso non contiene il messaggio"} {
		require.Contains(t, text, want)
	}
	for _, w := range slices.Concat(body, file) {
		require.NotContains(t, text, w)
		require.NotContains(t, string(got[0].raw), w)
	}
	require.NotContains(t, string(got[0].raw), base64.StdEncoding.EncodeToString([]byte(file[1]))[:8])

	out, diag = once(t, b.Password, nil, args...)
	require.Empty(t, out+diag)
	require.Len(t, s.all(), 1, "a restart tells nothing twice")
	for _, flags := range b.flags(t, recipient) {
		require.Empty(t, flags)
	}
}

// notified runs a watch of one mailbox over what arrives in it, and returns the
// notices that came of it.
func notified(t *testing.T, c *pectest.Circuit, ca, address string, arrive func()) (list []delivered, out string) {
	t.Helper()
	m, s := startMemory(t), startSink(t, false)
	args := m.args(m.port, ca, filepath.Join(t.TempDir(), "s"), append(s.args(), "-address", address)...)
	clock := func(k *config) { k.now = c.Clock().Now }
	once(t, m.password, clock, args...)
	n := len(received(c, address))
	arrive()
	m.put(t, received(c, address)[n:]...)
	out, diag := once(t, m.password, clock, args...)
	require.Empty(t, diag)
	again, diag := once(t, m.password, clock, args...)
	require.Empty(t, again+diag)
	list = s.all()
	require.NoError(t, m.user.Delete("INBOX"))
	require.NoError(t, m.user.Create("INBOX", nil))
	m.put(t, received(c, address)[n:]...)
	again, diag = once(t, m.password, clock, args...)
	require.Empty(t, again, "numbered anew, they are the same messages")
	require.Contains(t, diag, "numbered anew")
	require.Len(t, s.all(), len(list))
	return list, out
}

// TestAnomaly: ordinary mail in an anomaly envelope is told of as what it is.
func TestAnomaly(t *testing.T) {
	t.Parallel()
	c, ca := circuit(t)
	list, out := notified(t, c, ca, sender, func() {
		require.NoError(t, c.Arrive("estraneo@example.net", []string{sender},
			[]byte("From: estraneo@example.net\r\nTo: "+sender+"\r\nSubject: Vincita\r\n\r\nqwxzkj.\r\n")))
	})
	require.Equal(t, 1, lines(out, "ARRIVED, NOT CERTIFIED (anomaly envelope)", "estraneo@example.net", "Vincita"), out)
	require.Len(t, list, 1)
	h, text := list[0].read(t)
	require.Contains(t, h.Get("Subject"), "NOT certified")
	require.Contains(t, text, "NOT certified")
	require.Contains(t, text, "Vincita")
	require.NotContains(t, text, "qwxzkj")
}

// TestNoLoop: no notice is about a notice, a machine's answer or a receipt.
func TestNoLoop(t *testing.T) {
	t.Parallel()
	c, ca := circuit(t)
	list, _ := notified(t, c, ca, recipient, func() {
		_, err := c.Submit(sender, []string{recipient}, letter("Atto", "Testo.", recipient))
		require.NoError(t, err)
	})
	require.Len(t, list, 1)
	notice := list[0].raw
	headed := func(field string) []byte {
		return []byte("From: a@example.net\r\nTo: " + recipient + "\r\n" + field + "\r\nSubject: Risposta\r\n\r\nTesto.\r\n")
	}
	for name, x := range map[string]struct {
		mail   []byte
		pec    bool
		want   int
		reason string
	}{
		"the notice, from outside": {notice, false, 0, "the ordinary address forwards to the mailbox"},
		"the notice, as a PEC":     {append([]byte("Reply-To: "+sender+"\r\n"), bytes.Replace(notice, []byte("From: <"+owner), []byte("From: <"+sender), 1)...), true, 0, "two watchers tell each other"},
		"a reply of a machine":     {headed("Auto-Submitted: auto-replied; x=y"), false, 0, "an absence, for example"},
		"a report":                 {headed("Content-Type: multipart/report; boundary=a"), false, 0, "of a notice that was not delivered"},
		"an empty Return-Path":     {headed("Return-Path: <>"), false, 0, "the same, of an old server"},
		"a person":                 {headed("Auto-Submitted: no"), false, 1, "it says that a person wrote it"},
		"a PEC of a machine":       {[]byte("From: " + sender + "\r\nTo: " + recipient + "\r\nAuto-Submitted: auto-generated\r\nSubject: Atto\r\n\r\nTesto.\r\n"), true, 1, "an office's system sends acts"},
	} {
		t.Run(name, func(t *testing.T) {
			c, ca := circuit(t)
			list, out := notified(t, c, ca, recipient, func() {
				if !x.pec {
					require.NoError(t, c.Arrive("a@example.net", []string{recipient}, x.mail))
					return
				}
				to := bytes.Replace(x.mail, []byte("To: <"+owner), []byte("To: <"+recipient), 1)
				s, err := c.Submit(sender, []string{recipient}, to)
				require.NoError(t, err)
				require.True(t, s.Accepted)
			})
			require.Len(t, list, x.want, x.reason)
			require.Equal(t, 1, lines(out, "ARRIVED"), "the line is printed all the same: %s", out)
		})
	}
	list, out := notified(t, c, ca, sender, func() {
		_, err := c.Submit(sender, []string{recipient, "full@pec.example.com"}, letter("Atto", "Testo.", recipient))
		require.NoError(t, err)
	})
	require.Empty(t, list, "receipts are no arrivals")
	require.NotEmpty(t, out)
}

// TestForged: nothing is sent about what no provider signed.
func TestForged(t *testing.T) {
	t.Parallel()
	c, ca := circuit(t)
	stranger, _ := circuit(t)
	_, err := stranger.Submit(sender, []string{recipient}, letter("Atto", "Testo.", recipient))
	require.NoError(t, err)
	require.NoError(t, stranger.Arrive("a@example.net", []string{recipient}, []byte("From: a@example.net\r\nTo: "+recipient+"\r\n\r\nCiao.\r\n")))
	m, s := startMemory(t), startSink(t, false)
	args := m.args(m.port, ca, filepath.Join(t.TempDir(), "s"), s.args()...)
	clock := func(k *config) { k.now = c.Clock().Now }
	once(t, m.password, clock, args...)
	m.put(t, received(stranger, recipient)...)
	out, _ := once(t, m.password, clock, args...)
	require.Equal(t, 1, lines(out, "NOT AUTHENTIC"), out)
	require.Zero(t, lines(out, "ARRIVED"), out)
	require.Empty(t, s.all())
}

// TestServerTrouble: notices wait for a server that does not take them now, and are
// given up if it never will; the watch goes on.
func TestServerTrouble(t *testing.T) {
	t.Parallel()
	c, ca := circuit(t)
	m, s := startMemory(t), startSink(t, true)
	secret := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, writeFile(secret, "posta\n"))
	args := m.args(m.port, ca, filepath.Join(t.TempDir(), "s"), "-notify", owner, "-smtp", fmt.Sprintf("smtps://127.0.0.1:%d", s.port),
		"-tls-ca", s.ca, "-smtp-user", "titolare", "-smtp-password-file", secret, "-bounces", "errori@example.org", "-address", recipient)
	clock := func(k *config) { k.now = c.Clock().Now }
	once(t, m.password, clock, args...)
	send := func(subject string) {
		n := len(received(c, recipient))
		_, err := c.Submit(sender, []string{recipient}, letter(subject, "Testo.", recipient))
		require.NoError(t, err)
		m.put(t, received(c, recipient)[n:]...)
	}
	answers := func(verb, answer string) {
		s.refuse(func(line string) string {
			if strings.HasPrefix(line, verb) {
				return answer
			}
			return ""
		})
	}
	send("Uno")
	answers("AUTH", "535 no")
	out, diag := once(t, m.password, clock, args...)
	require.Equal(t, 1, lines(out, "ARRIVED"))
	require.Contains(t, diag, "535")
	answers("RCPT", "451 later")
	send("Due")
	out, diag = once(t, m.password, clock, args...)
	require.Equal(t, 1, lines(out, "ARRIVED"))
	require.Contains(t, diag, "451")
	require.Empty(t, s.all())
	s.refuse(nil)
	out, diag = once(t, m.password, clock, args...)
	require.Empty(t, out+diag)
	require.Len(t, s.all(), 2, "they waited")
	require.True(t, strings.HasPrefix(s.all()[0].from, "FROM:<errori@example.org>"))
	require.Contains(t, s.logins, "\x00titolare\x00posta")

	answers("RCPT", "550 never")
	send("Tre")
	_, diag = once(t, m.password, clock, args...)
	require.Contains(t, diag, "was refused")
	s.refuse(nil)
	_, diag = once(t, m.password, clock, args...)
	require.Empty(t, diag)
	require.Len(t, s.all(), 2)
}

// TestPendingBound: notices that nobody takes do not grow without end.
func TestPendingBound(t *testing.T) {
	t.Parallel()
	var diag writer
	w := &watcher{config: &config{notify: new(mail.Address)}, state: &state{Settled: true}, diag: newLog(&diag)}
	for i := range maxPending {
		w.tell(notice{ID: fmt.Sprint(i)})
	}
	require.Empty(t, diag.String())
	w.tell(notice{ID: "last"})
	require.Len(t, w.state.Pending, maxPending)
	require.Equal(t, "1", w.state.Pending[0].ID)
	require.Equal(t, "last", w.state.Pending[maxPending-1].ID)
	require.Contains(t, diag.String(), "given up")
	require.Equal(t, exitDone, w.status())
	w.once = true
	require.Equal(t, exitSkipped, w.status(), "they wait")
}

// FuzzNotice: whatever a message says of itself, the notice's header is ours, and
// each value is one line of the body.
func FuzzNotice(f *testing.F) {
	for _, s := range []string{
		"", "Verbale", "a\r\nBcc: b@example.org\r\n\r\nx", "a\nb", "=?utf-8?Q?a=0D=0ABcc:_b@example.org?=", "\u202e\u2028\u0085\x00\x1b[31m", "\xff\xfe",
		strings.Repeat("è", 5000), ".\r\n.", "--b", "From: x", "\r", "=0D=0A", "a\" b",
	} {
		f.Add(s, s, s, false)
		f.Add(s, "a@example.it", "b@example.it", true)
	}
	to, err := mail.ParseAddress("Titolare <" + owner + ">")
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, subject, from, recipient string, anomaly bool) {
		n := notice{Anomaly: anomaly, Sender: from, Subject: subject, ID: subject, Recipients: slices.Repeat([]string{recipient}, 30),
			Time: time.Unix(0, 0).UTC()}.bounded()
		raw := n.mail(&config{address: sender, notify: to, from: to, now: time.Now, lang: "it"})
		for line := range bytes.Lines(raw) {
			require.True(t, bytes.HasSuffix(line, []byte("\r\n")))
			require.LessOrEqual(t, len(line), 998)
			require.Negative(t, bytes.IndexFunc(line[:len(line)-2], func(c rune) bool { return c < ' ' || c > '~' }), "%q", line)
		}
		h, text := delivered{raw: raw}.read(t)
		require.Len(t, h, 10)
		require.Equal(t, to.String(), h.Get("To"))
		require.Equal(t, "notice", h.Get(noticeField))
		require.Equal(t, 1, strings.Count(text, "\nOggetto: "))
		lines := 30 // 20 recipients and what else there is
		if anomaly {
			lines++
		}
		require.Equal(t, lines, strings.Count(text, "\n"), text)
		require.Negative(t, strings.IndexFunc(text, func(c rune) bool { return c != '\n' && c != '\r' && !unicode.IsGraphic(c) }), "%q", text)
	})
}
