package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/smtp"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/pec"
)

// submit sends a mail through the box's SMTP server.
func (b *box) submit(t *testing.T, mail []byte, to ...string) {
	t.Helper()
	pem, err := os.ReadFile(b.tlsCA)
	require.NoError(t, err)
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(pem))
	conn, err := tls.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", b.Ports["smtps"]), &tls.Config{RootCAs: roots, ServerName: "127.0.0.1"})
	require.NoError(t, err)
	c, err := smtp.NewClient(conn, "127.0.0.1")
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.Auth(smtp.PlainAuth("", sender, b.Password, "127.0.0.1")))
	require.NoError(t, c.Mail(sender))
	for _, r := range to {
		require.NoError(t, c.Rcpt(r))
	}
	w, err := c.Data()
	require.NoError(t, err)
	_, err = w.Write(mail)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	require.NoError(t, c.Quit())
}

// lines counts the lines that hold all of the texts.
func lines(out string, texts ...string) (n int) {
	for line := range strings.Lines(out) {
		all := true
		for _, s := range texts {
			all = all && strings.Contains(line, s)
		}
		if all {
			n++
		}
	}
	return n
}

// TestBox watches a mailbox of the box while messages are sent from it: every
// change is printed once, over restarts, and nothing is marked as seen.
func TestBox(t *testing.T) {
	t.Parallel()
	b := startBox(t)
	file := filepath.Join(t.TempDir(), "state.json")
	clock := func(c *config) { now := b.now(t); c.now = func() time.Time { return now } }
	run := func() string {
		out, diag := once(t, b.Password, clock, b.args(t, sender, "-state", file)...)
		require.Empty(t, diag)
		return out
	}
	require.Empty(t, run(), "the mailbox is empty")

	to := []string{recipient, "full@pec.example.com", ordinary, "silent@pec.example.com"}
	b.submit(t, letter("Verbale", "Testo.", to...), to...)
	out := run()
	for _, r := range to {
		require.Equal(t, 1, lines(out, "accepted  ", r, `"Verbale"`), out)
	}
	require.Equal(t, 1, lines(out, "DELIVERED  ", recipient, "(was: accepted)"), out)
	require.Equal(t, 1, lines(out, "NOT DELIVERED  ", "full@pec.example.com", "5.2.2"), out)
	require.Equal(t, 1, lines(out, ordinary, "ordinary mailbox: a delivery is never certified"), out)
	require.Equal(t, 1, lines(out, "silent@pec.example.com", "outcome due by"), out)
	require.Equal(t, 6, strings.Count(out, "\n"), out)
	require.Empty(t, run(), "a restart prints nothing twice")

	b.call(t, http.MethodPost, "/clock", "advance=12h")
	out = run()
	require.Equal(t, 1, lines(out, "late (12 h)  ", "silent@pec.example.com", "(was: accepted)"), out)
	require.Equal(t, 1, strings.Count(out, "\n"), out)
	b.call(t, http.MethodPost, "/clock", "advance=12h")
	out = run()
	require.Equal(t, 1, lines(out, "NOT DELIVERED in 24 h  ", "silent@pec.example.com"), out)
	require.Equal(t, 1, strings.Count(out, "\n"), out)
	require.Empty(t, run())

	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "it holds addresses and subjects")
	left, err := filepath.Glob(file + "*")
	require.NoError(t, err)
	require.Equal(t, []string{file}, left, "nothing half written is left")
	for _, flags := range b.flags(t, sender) {
		require.NotContains(t, flags, imap.FlagSeen, "watching marks nothing")
	}
}

// flags returns those of every message of a mailbox.
func (b *box) flags(t *testing.T, user string) (all [][]imap.Flag) {
	t.Helper()
	c, err := parse(b.args(t, user, "-state", "unused"), env(b.Password), os.Stderr)
	require.NoError(t, err)
	m, err := open(t.Context(), c)
	require.NoError(t, err)
	defer m.close()
	_, err = m.examine("INBOX")
	require.NoError(t, err)
	var set imap.SeqSet
	set.AddRange(1, 0)
	list, err := m.client.Fetch(set, &imap.FetchOptions{Flags: true}).Collect()
	require.NoError(t, err)
	require.NotEmpty(t, list)
	for _, x := range list {
		all = append(all, x.Flags)
	}
	return all
}

// TestWaiting: a running watch prints a change when it comes, told by IDLE, or by
// asking where the server has none.
func TestWaiting(t *testing.T) {
	t.Parallel()
	t.Run("IDLE", func(t *testing.T) {
		t.Parallel()
		b := startBox(t)
		x := start(t, b.Password, nil, b.args(t, sender, "-poll", "1h", "-lang", "it", "-state", filepath.Join(t.TempDir(), "s"))...)
		require.Eventually(t, func() bool { _, err := os.Stat(x.w.config.state); return err == nil }, 20*time.Second, 5*time.Millisecond)
		b.submit(t, letter("Atto", "Testo.", recipient), recipient)
		x.prints(t, "CONSEGNATO")
		require.NoError(t, x.end(t))
		require.Equal(t, 1, lines(x.out.String(), "CONSEGNATO  ", recipient, "(prima: accettato)"), x.out.String())
	})
	t.Run("asking", func(t *testing.T) {
		t.Parallel()
		c, ca := circuit(t)
		m := startMemory(t)
		p := startProxy(t, m.port, nil)
		p.noIdle = true
		x := start(t, m.password, func(k *config) { k.poll, k.now = 20*time.Millisecond, c.Clock().Now },
			m.args(p.port, ca, filepath.Join(t.TempDir(), "s"))...)
		_, err := c.Submit(sender, []string{recipient}, letter("Atto", "Testo.", recipient))
		require.NoError(t, err)
		m.put(t, received(c, sender)...)
		x.prints(t, "DELIVERED")
		require.NoError(t, x.end(t))
	})
}

// TestUIDValidity: a folder that is numbered anew is read again, and what is known
// is not told again.
func TestUIDValidity(t *testing.T) {
	t.Parallel()
	c, ca := circuit(t)
	m := startMemory(t)
	file := filepath.Join(t.TempDir(), "state.json")
	clock := func(k *config) { k.now = c.Clock().Now }
	_, err := c.Submit(sender, []string{recipient}, letter("Primo", "Testo.", recipient))
	require.NoError(t, err)
	first := received(c, sender)
	m.put(t, first...)
	out, _ := once(t, m.password, clock, m.args(m.port, ca, file)...)
	require.Equal(t, 1, lines(out, "DELIVERED", "Primo"))
	before, _, err := loadState(file, sender+"@127.0.0.1/INBOX")
	require.NoError(t, err)

	_, err = c.Submit(sender, []string{recipient}, letter("Secondo", "Testo.", recipient))
	require.NoError(t, err)
	all := received(c, sender)
	require.NoError(t, m.user.Delete("INBOX"))
	require.NoError(t, m.user.Create("INBOX", nil))
	m.put(t, all[len(first):]...) // under UIDs that had been others'
	m.put(t, first...)
	out, diag := once(t, m.password, clock, m.args(m.port, ca, file)...)
	require.Contains(t, diag, "numbered anew")
	require.Equal(t, 1, lines(out, "DELIVERED", "Secondo"), out)
	require.Zero(t, lines(out, "Primo"), out)
	after, _, err := loadState(file, sender+"@127.0.0.1/INBOX")
	require.NoError(t, err)
	require.NotEqual(t, before.UIDValidity, after.UIDValidity)
	out, diag = once(t, m.password, clock, m.args(m.port, ca, file)...)
	require.Empty(t, out+diag)
}

// TestCut: a connection that breaks in the middle of a message is made again, and
// every change is told once.
func TestCut(t *testing.T) {
	t.Parallel()
	c, ca := circuit(t)
	m := startMemory(t)
	_, err := c.Submit(sender, []string{recipient}, letter("Grande", strings.Repeat("Testo.\r\n", 4000), recipient))
	require.NoError(t, err)
	mails := received(c, sender)
	m.put(t, mails...)
	total := 0
	for _, b := range mails {
		total += len(b)
	}
	cuts := []int{10, 500, len(mails[0]) / 2, len(mails[0]) + 900, total / 2, total - 100}
	p := startProxy(t, m.port, cuts)
	x := start(t, m.password, func(k *config) { k.now = c.Clock().Now }, m.args(p.port, ca, filepath.Join(t.TempDir(), "s"), "-poll", "1h")...)
	x.prints(t, "DELIVERED")
	require.NoError(t, x.end(t))
	require.GreaterOrEqual(t, p.broken(), len(cuts)-1, "it was cut")
	require.Equal(t, 2, strings.Count(x.out.String(), "\n"), x.out.String())
	require.Contains(t, x.diag.String(), "again in")
	require.NotContains(t, x.diag.String(), "skipped")
}

// TestSilent: a server that says nothing more is left, wherever it fell silent.
func TestSilent(t *testing.T) {
	t.Parallel()
	c, ca := circuit(t)
	m := startMemory(t)
	_, err := c.Submit(sender, []string{recipient}, letter("Atto", "Testo.", recipient))
	require.NoError(t, err)
	mails := received(c, sender)
	m.put(t, mails...)
	p := startProxy(t, m.port, []int{0, 30, 300, 700, len(mails[0]) / 2, len(mails[0]) + 1000})
	p.mute = true
	x := start(t, m.password, func(k *config) { k.now, k.patience = c.Clock().Now, 300*time.Millisecond },
		m.args(p.port, ca, filepath.Join(t.TempDir(), "s"), "-poll", "1h")...)
	x.prints(t, "DELIVERED")
	require.NoError(t, x.end(t))
	require.Equal(t, 6, p.broken())
	require.Equal(t, 2, strings.Count(x.out.String(), "\n"), x.out.String())
	require.NotContains(t, x.diag.String(), "skipped")
}

// TestBadMessages: whatever lies in the mailbox, the next message is read.
func TestBadMessages(t *testing.T) {
	t.Parallel()
	c, ca := circuit(t)
	m := startMemory(t)
	_, err := c.Submit(sender, []string{recipient}, letter("Atto\u202e\x1b[31m", "Testo.", recipient))
	require.NoError(t, err)
	good := received(c, sender, pec.KindDelivery)[0]
	m.put(t,
		[]byte{}, []byte("\r\n"), []byte("posta?"), good[:len(good)/2],
		bytes.Replace(good, []byte("consegnato"), []byte("Consegnato"), 1),
		[]byte("From: a@example.net\r\nSubject: CONSEGNA: falso\r\n\r\nCiao.\r\n"),
		bytes.Repeat([]byte("A: b\r\n"), 300_000), // a header past its limit
		append([]byte("Subject: grande\r\n\r\n"), make([]byte, 1<<20)...),
		bytes.Repeat([]byte("Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n"), 2000),
		good,
	)
	file := filepath.Join(t.TempDir(), "s")
	out, diag := once(t, m.password, func(k *config) { k.now = c.Clock().Now }, m.args(m.port, ca, file, "-max-size", "1")...)
	require.Equal(t, 1, lines(out, "DELIVERED  ", recipient), out)
	require.Equal(t, 2, lines(out, "NOT AUTHENTIC, ignored"), out)
	require.Equal(t, 1, lines(diag, "message 8 was skipped: larger than 1048576 bytes"), diag)
	require.GreaterOrEqual(t, lines(diag, "was skipped"), 2, diag)
	for _, bad := range []string{"\u202e", "\x1b"} {
		require.NotContains(t, out, bad)
	}
	state, _, err := loadState(file, sender+"@127.0.0.1/INBOX")
	require.NoError(t, err)
	require.EqualValues(t, 10, state.LastUID)
}

// TestUnfetchable: a message at which the connection always breaks is skipped after
// a few tries, and the next ones are read.
func TestUnfetchable(t *testing.T) {
	t.Parallel()
	c, ca := circuit(t)
	m := startMemory(t)
	_, err := c.Submit(sender, []string{recipient}, letter("Atto", "Testo.", recipient))
	require.NoError(t, err)
	m.put(t, []byte("Subject: veleno\r\n\r\nX.\r\n"))
	m.put(t, received(c, sender)...)
	p := startProxy(t, m.port, nil)
	p.poison = []byte("Subject: veleno")
	x := start(t, m.password, func(k *config) { k.now = c.Clock().Now }, m.args(p.port, ca, filepath.Join(t.TempDir(), "s"))...)
	x.prints(t, "DELIVERED")
	require.NoError(t, x.end(t))
	require.Equal(t, 1, lines(x.diag.String(), "message 1 was skipped: 5 tries"), x.diag.String())
	require.Equal(t, mostTries, p.broken())
}

// TestOverdue: what should have come is told once for each hour of the norm.
func TestOverdue(t *testing.T) {
	t.Parallel()
	c, ca := circuit(t)
	m := startMemory(t)
	_, err := c.Submit(sender, []string{"silent@pec.example.com"}, letter("Atto", "Testo.", "silent@pec.example.com"))
	require.NoError(t, err)
	m.put(t, received(c, sender, pec.KindAcceptance)...)
	file := filepath.Join(t.TempDir(), "s")
	at := func(d time.Duration) string {
		out, _ := once(t, m.password, func(k *config) { now := c.Clock().Now().Add(d); k.now = func() time.Time { return now } }, m.args(m.port, ca, file)...)
		return out
	}
	require.Equal(t, 1, lines(at(time.Hour), "accepted  "))
	require.Equal(t, 1, lines(at(13*time.Hour), "OVERDUE", "(is: accepted)"))
	require.Empty(t, at(14*time.Hour))
	require.Equal(t, 1, lines(at(25*time.Hour), "OVERDUE"))
	require.Empty(t, at(48*time.Hour))
}

// TestRefused: what trying again does not mend ends the program at once.
func TestRefused(t *testing.T) {
	t.Parallel()
	b := startBox(t)
	m := startMemory(t)
	file := func() string { return filepath.Join(t.TempDir(), "s") }
	other := file()
	once(t, m.password, nil, m.args(m.port, b.ca, other)...)
	damaged := file()
	require.NoError(t, os.WriteFile(damaged, []byte(`{"schema":"gopec-watch/1","mailbox":"`), 0o600))
	for name, c := range map[string]struct {
		password, says string
		args           []string
	}{
		"wrong password":          {"sbagliata", "the login was refused", b.args(t, sender, "-state", file())},
		"certificate of a nobody": {b.Password, "x509", append(b.args(t, sender, "-state", file()), "-tls-ca", b.ca)},
		"no password":             {"", "no password", b.args(t, sender, "-state", file())},
		"password in the URL":     {"x", "no password belongs there", []string{"-imap", "imaps://a:b@example.it", "-user", "a", "-state", file()}},
		"another's state":         {b.Password, "it is the state of", b.args(t, recipient, "-state", other)},
		"damaged state":           {b.Password, "unexpected EOF", b.args(t, sender, "-state", damaged)},
		"notices to itself":       {b.Password, "never end", b.args(t, sender, "-state", file(), "-notify", "Mittente@pec.example.it", "-smtp", "smtps://example.it")},
		"notices from itself":     {b.Password, "never end", b.args(t, sender, "-state", file(), "-notify", owner, "-notify-from", sender, "-smtp", "smtps://example.it")},
		"notices nowhere":         {b.Password, "-smtp needs", b.args(t, sender, "-state", file(), "-notify", owner)},
		"two lines of address":    {b.Password, "-notify:", b.args(t, sender, "-state", file(), "-notify", "a@example.org\r\nBcc: b@example.org", "-smtp", "smtps://example.it")},
		"nothing":                 {"x", "-user and -state", nil},
	} {
		t.Run(name, func(t *testing.T) {
			var out, diag writer
			require.Equal(t, exitFailed, command(t.Context(), c.args, env(c.password), &out, &diag))
			require.Contains(t, diag.String(), c.says)
			require.Empty(t, out.String())
		})
	}
	text, err := os.ReadFile(damaged)
	require.NoError(t, err)
	require.Equal(t, `{"schema":"gopec-watch/1","mailbox":"`, string(text), "it is left for a person to look at")
}

// TestStateTrouble: what cannot be kept ends the program, and the old state stays.
func TestStateTrouble(t *testing.T) {
	t.Parallel()
	m := startMemory(t)
	_, ca := circuit(t)
	var out, diag writer
	missing := filepath.Join(t.TempDir(), "missing", "state.json")
	require.Equal(t, exitFailed, command(t.Context(), m.args(m.port, ca, missing, "-once"), env(m.password), &out, &diag))
	require.Contains(t, diag.String(), "could not be saved")

	dir := t.TempDir()
	file := filepath.Join(dir, "state.json")
	once(t, m.password, nil, m.args(m.port, ca, file)...)
	before, err := os.ReadFile(file)
	require.NoError(t, err)
	s, tracker, err := loadState(file, sender+"@127.0.0.1/INBOX")
	require.NoError(t, err)
	require.NoError(t, s.save(file, tracker))
	after, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, before, after, "what was loaded is what was saved")
	require.NoError(t, os.Remove(file))
	require.NoError(t, os.Mkdir(file, 0o700)) // nothing can take its name
	require.Error(t, s.save(file, tracker))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 1, "nothing half written is left")
}

// TestPlain: without TLS only this machine is spoken to.
func TestPlain(t *testing.T) {
	t.Parallel()
	require.True(t, isLoopback(remote("127.0.0.1")))
	require.True(t, isLoopback(remote("::1")))
	require.False(t, isLoopback(remote("192.0.2.1")))
	require.False(t, isLoopback(remote("::ffff:192.0.2.1")))
}

// TestCommand: the exit statuses, and passwords from a file.
func TestCommand(t *testing.T) {
	t.Parallel()
	m := startMemory(t)
	_, ca := circuit(t)
	password := filepath.Join(t.TempDir(), "password")
	require.NoError(t, os.WriteFile(password, []byte(m.password+"\n"), 0o600))
	args := m.args(m.port, ca, filepath.Join(t.TempDir(), "s"), "-once", "-password-file", password, "-max-size", "1")
	var out, diag writer
	require.Equal(t, exitDone, command(t.Context(), args, env(""), &out, &diag), diag.String())
	m.put(t, make([]byte, 1<<20+1))
	require.Equal(t, exitSkipped, command(t.Context(), args, env(""), &out, &diag), diag.String())
	require.Equal(t, exitDone, command(t.Context(), args, env(""), &out, &diag), diag.String())
	require.Equal(t, exitDone, command(t.Context(), []string{"-h"}, env(""), &out, &diag))
	require.Contains(t, diag.String(), "-password-file")
	require.Empty(t, out.String())
}
