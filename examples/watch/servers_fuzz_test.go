package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/pectest"
)

// serving is one meeting of the watch with servers that a fuzz input describes.
type serving struct {
	edits   []edit   // of what the IMAP server says
	answers []string // of the SMTP server, "" for the usual one
	flags   servingFlags
	state   string
}

type servingFlags uint8

const (
	flagOnce     servingFlags = 1 << iota // read what is there, and end
	flagSecure                            // TLS
	flagStranger                          // the server's certificate is nobody's
	flagLogin                             // notices are sent with a password
	flagProgram                           // the program as it is, with its own clock and patience
	flagPassword                          // a wrong one
	flagDeadSMTP                          // nobody listens where notices go
)

// mailServers have the mails of one mailbox, as what each input begins with.
type mailServers struct {
	mails  [][]byte
	begin  time.Time
	ca     string // of the circuit
	tlsCA  string // of the servers
	secure *tls.Config
}

func newMailServers(f *testing.F) *mailServers {
	c, err := pectest.NewCircuit()
	require.NoError(f, err)
	f.Cleanup(c.Close)
	s := &mailServers{begin: c.Clock().Now()}
	to := []string{recipient, "full@pec.example.com", sender}
	_, err = c.Submit(sender, to, letter("Atto", "Testo.", to...))
	require.NoError(f, err)
	require.NoError(f, c.Arrive("a@example.net", []string{sender}, []byte("From: a@example.net\r\nSubject: Saluti\r\n\r\nCiao.\r\n")))
	s.mails = received(c, sender)
	dir := f.TempDir()
	s.ca, s.tlsCA = filepath.Join(dir, "ca.pem"), filepath.Join(dir, "tls.pem")
	require.NoError(f, writeFile(s.ca, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Anchor().Raw}))))
	h := httptest.NewTLSServer(nil) // for its certificate
	f.Cleanup(h.Close)
	require.NoError(f, writeFile(s.tlsCA, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: h.Certificate().Raw}))))
	s.secure = &tls.Config{Certificates: h.TLS.Certificates}
	return s
}

// servingResult is what came of it.
type servingResult struct {
	out, diag string
	err       error
	said      []byte // by the IMAP server at first
	sent      []delivered
}

// run lets the watch meet the servers until it ends or, if something is in its way,
// until it has said all that there is to say or has tried for long enough.
func (s *mailServers) run(t testing.TB, x serving, all []string) (r servingResult) {
	server := startMemory(t)
	server.put(t, s.mails...)
	var secure *tls.Config
	if x.flags&flagSecure != 0 {
		secure = s.secure
	}
	between := meddle(t, server.port, x.edits, secure)
	sink := startSink(t, false)
	turn := 0
	sink.refuse(func(string) string {
		turn++
		if turn > len(x.answers) {
			return ""
		}
		return x.answers[turn-1]
	})
	password := server.password
	if x.flags&flagPassword != 0 {
		password = "sbagliata"
	}
	getenv := func(name string) string {
		return map[string]string{"WATCH_PASSWORD": password, "WATCH_SMTP_PASSWORD": "p", "LANG": "C"}[name]
	}
	var out, diag writer
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		args := s.args(x, between.port, sink.port)
		if x.flags&flagProgram != 0 {
			command(ctx, args, getenv, &out, &diag)
			return
		}
		r.err = s.watch(ctx, x, args, getenv, &out, &diag)
	}()
	enough := time.Now().Add(150 * time.Millisecond)
	for over := false; !over; {
		select {
		case <-ended:
			over = true
		case <-time.After(2 * time.Millisecond):
			if len(all) > 0 && (has(out.String(), all) || between.turns() > 8 || time.Now().After(enough)) {
				stop() // with -once, too
			}
		}
		if time.Since(enough) > 30*time.Second {
			require.Fail(t, "it does not end", "%+v %s\n%s", x, out.String(), diag.String())
		}
	}
	r.out, r.diag, r.said, r.sent = out.String(), diag.String(), between.heard(), sink.all()
	return r
}

// args are the command line.
func (s *mailServers) args(x serving, imap, smtp int) []string {
	scheme, notices, tlsCA := "imap", "smtp", s.tlsCA
	if x.flags&flagSecure != 0 {
		scheme = "imaps"
	}
	if x.flags&flagStranger != 0 {
		tlsCA = s.ca
	}
	if x.flags&flagDeadSMTP != 0 {
		notices, smtp = "smtps", 1
	}
	args := []string{"-imap", fmt.Sprintf("%s://127.0.0.1:%d", scheme, imap), "-user", sender, "-trust", s.ca, "-tls-ca", tlsCA, "-state", x.state,
		"-notify", owner, "-smtp", fmt.Sprintf("%s://127.0.0.1:%d", notices, smtp)}
	if x.flags&flagOnce != 0 {
		args = append(args, "-once")
	}
	if x.flags&flagLogin != 0 {
		args = append(args, "-smtp-user", "u")
	}
	return args
}

// watch runs the watch with the circuit's time and little patience.
func (s *mailServers) watch(ctx context.Context, x serving, args []string, getenv func(string) string, out, diag *writer) error {
	c, err := parse(args, getenv, diag)
	if err != nil {
		return err
	}
	c.now = func() time.Time { return s.begin.Add(time.Hour) }
	c.backoff, c.patience, c.poll = time.Millisecond, time.Minute, 5*time.Millisecond
	if len(x.edits) > 0 {
		c.patience, c.grace = 100*time.Millisecond, 5*time.Second
	}
	w, err := newWatcher(c, out, newLog(diag))
	if err != nil {
		return err
	}
	w.state.Settled = true // whatever comes is news
	return w.run(ctx)
}

// has reports that a text has all of some lines.
func has(text string, lines []string) bool {
	for _, line := range lines {
		if !strings.Contains(text, line) {
			return false
		}
	}
	return true
}

// FuzzServers: whatever servers say, break off or keep to themselves, the watch ends
// when it is asked to; it says nothing that was not signed, and each of it once; and
// when the servers are well again, it says what is still to be said.
func FuzzServers(f *testing.F) {
	s := newMailServers(f)
	whole := s.run(f, serving{flags: flagOnce, state: filepath.Join(f.TempDir(), "s")}, nil)
	require.NoError(f, whole.err)
	require.Empty(f, whole.diag)
	all := slices.Collect(strings.Lines(whole.out))
	require.Len(f, whole.sent, 2, "of the envelope and the anomaly")
	s.seeds(f, whole.said)
	f.Fuzz(func(t *testing.T, script []byte, answers string, flags uint8) {
		x := serving{edits: editsOf(script), flags: servingFlags(flags), state: filepath.Join(t.TempDir(), "s")}
		if answers != "" {
			for answer := range strings.SplitSeq(answers, "\n") {
				x.answers = append(x.answers, strings.ReplaceAll(answer, "|", "\r\n")) // lines of one answer
			}
		}
		silent := slices.ContainsFunc(x.edits, func(e edit) bool { return e.kind == mute })
		lying := slices.ContainsFunc(x.edits, func(e edit) bool { return e.kind == insert || e.kind == overwrite })
		if x.flags&flagProgram != 0 && (silent || lying) {
			x.flags &^= flagProgram // its patience is longer than ours
		}
		first := s.run(t, x, all)
		orderly(t, first)
		require.NotContains(t, first.diag, "a defect of this program")
		require.NotContains(t, first.diag, "does not come back")
		if x.flags&flagPassword != 0 && !lying && !silent && len(x.edits) == 0 {
			require.Empty(t, first.out)
		}
		told := slices.Collect(strings.Lines(first.out))
		for _, line := range told {
			switch {
			case x.flags&flagProgram != 0: // by another clock
			case !lying:
				require.Contains(t, all, line)
			case !ignored(line):
				require.True(t, slices.ContainsFunc(all, func(a string) bool { return became(line) == became(a) }), "nobody signed %s", line)
			}
		}
		if lying || x.flags&(flagProgram|flagPassword|flagStranger) != 0 {
			return
		}
		second := s.run(t, serving{flags: flagOnce | x.flags&flagSecure, state: x.state}, nil)
		require.NoError(t, second.err, "%s\n%s\n%s", first.diag, second.diag, second.out)
		orderly(t, second)
		slices.Sort(told)
		both := append(told, slices.Collect(strings.Lines(second.out))...)
		slices.Sort(both)
		want := slices.Sorted(slices.Values(all))
		if strings.Contains(first.diag, "tries") { // a message was given up
			require.Subset(t, want, both)
			return
		}
		require.Equal(t, want, both, "all of it, each once")
	})
}

// became says what became of whom: the line up to the address. What was known
// before depends on what was damaged.
func became(line string) string {
	parts := strings.SplitN(strings.Replace(line, "  submitted  ", "  accepted  ", 1), `"`, 3)
	return strings.Join(parts[:min(len(parts), 2)], `"`)
}

// ignored is a line about a message that is not believed, or about ordinary mail,
// which nobody signed.
func ignored(line string) bool {
	return strings.HasPrefix(line, "NOT AUTHENTIC") || strings.Contains(line, "ARRIVED")
}

// orderly requires of what was printed and sent that it can be shown, and that no
// notice went to anyone but the owner, or can come back.
func orderly(t *testing.T, r servingResult) {
	t.Helper()
	for _, text := range []string{r.out, r.diag} {
		require.NotContains(t, text, "\x1b")
		require.True(t, text == "" || strings.HasSuffix(text, "\n"))
	}
	for _, m := range r.sent {
		require.True(t, m.from == "" || strings.Fields(m.from)[0] == "FROM:<>", m.from)
		for _, to := range m.to {
			require.Equal(t, "TO:<"+owner+">", to)
		}
		require.True(t, bytes.Contains(m.raw, []byte(noticeField)))
	}
}

// answer is the beginning of what an IMAP server says.
var answer = regexp.MustCompile(`(?m)^(\* |T\d+ )`)

// seeds disturb every step of a conversation, in all the ways there are.
func (s *mailServers) seeds(f *testing.F, said []byte) {
	for flags := range 7 {
		f.Add([]byte(nil), "", uint8(1<<flags))
		f.Add([]byte(nil), "", uint8(1<<flags)|uint8(flagOnce))
	}
	f.Add([]byte(nil), "", uint8(flagSecure|flagStranger))
	f.Add([]byte(nil), "", uint8(flagProgram|flagPassword))
	f.Add([]byte(nil), "", uint8(flagProgram|flagOnce|flagDeadSMTP))
	kind := editKind(0)
	for n, step := range answer.FindAllIndex(said, 40) {
		texts := []string{"* BYE\r\n", "* 3 EXISTS\r\n", "* 9 FETCH (UID 9 RFC822.SIZE 99 BODY[] {3}\r\nabc)\r\n", "{99999999999}\r\n", "T3 NO [UNAVAILABLE] x\r\n", "* OK [UIDVALIDITY 7] x\r\n"}
		f.Add(edit{kind, 0, step[0], []byte(texts[n%len(texts)])}.bytes(), "", uint8(n%2))
		kind = (kind + 1) % editKinds
	}
	for _, change := range [][2]string{ // written over the first place that begins so
		{"RFC822.SIZE ", "RFC822.SIZE 99999999) "}, {"BODY[] {", "BODY[] {99999999}\r\n"}, {" IDLE", " XXXX"}, {"T1 OK", "T1 NO"}, {"T1 OK", "T1 NO [INUSE]"}, {"T2 OK", "T2 NO"}, {"T3 OK", "T3 BAD"},
		{"UIDVALIDITY ", "UIDVALIDITY 0"}, {"UID 1 ", "UID 4294967295 "}, {"UID 1 ", "UID 5 "}, {"BODY[] ", "BODY[] NIL"}, {"consegnato", "Consegnato"},
	} {
		if at := bytes.Index(said, []byte(change[0])); at >= 0 {
			f.Add(edit{overwrite, 0, at, []byte(change[1])}.bytes(), "", uint8(flagOnce))
			f.Add(edit{overwrite, 0, at, []byte(change[1])}.bytes(), "", uint8(0))
		}
	}
	var often []byte // a message that is never given
	if at := bytes.Index(said, []byte("BODY[] {")); at >= 0 {
		for n := range 4 {
			often = append(often, edit{breakOff, n, at + 40, nil}.bytes()...)
		}
		f.Add(often, "", uint8(0))
	}
	for turn := range 8 { // greeting is not asked for: EHLO, MAIL, RCPT, DATA, QUIT
		for _, answer := range []string{"421 later", "550 no", hangUp, "250-x|250 STARTTLS", "x", "250 " + strings.Repeat("a", 5000)} {
			f.Add([]byte(nil), strings.Repeat("\n", turn)+answer, uint8(turn%2))
			f.Add([]byte(nil), strings.Repeat("\n", turn)+answer, uint8(flagLogin))
		}
	}
}
