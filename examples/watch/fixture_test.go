package main

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/pectest"
)

// Addresses of the tests.
const (
	sender    = "mittente@pec.example.it"
	recipient = "destinatario@pec.example.com"
	ordinary  = "persona@example.net"
	owner     = "titolare@example.org"
)

// writer takes what a watcher prints, and can be asked meanwhile.
type writer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (w *writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(p)
}

func (w *writer) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.String()
}

// env is an environment with a password.
func env(password string) func(string) string {
	return func(name string) string {
		return map[string]string{"WATCH_PASSWORD": password, "LANG": "C"}[name]
	}
}

// watching is one run of the program.
type watching struct {
	out, diag writer
	stop      context.CancelFunc
	ended     chan error
	w         *watcher
}

// start runs the program until the test stops it.
func start(t *testing.T, password string, adjust func(*config), args ...string) *watching {
	t.Helper()
	c, err := parse(args, env(password), io.Discard)
	require.NoError(t, err)
	c.backoff = 5 * time.Millisecond
	if adjust != nil {
		adjust(c)
	}
	x := &watching{ended: make(chan error, 1)}
	x.w, err = newWatcher(c, &x.out, log.New(&x.diag, "", 0))
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	x.stop = stop
	go func() { x.ended <- x.w.run(ctx) }()
	t.Cleanup(stop)
	return x
}

// end stops it and returns its error.
func (x *watching) end(t *testing.T) error {
	t.Helper()
	x.stop()
	return x.wait(t)
}

func (x *watching) wait(t *testing.T) error {
	t.Helper()
	select {
	case err := <-x.ended:
		return err
	case <-time.After(30 * time.Second):
		require.Fail(t, "it does not end", "%s\n%s", x.out.String(), x.diag.String())
		return nil
	}
}

// once runs it once and returns what it printed.
func once(t *testing.T, password string, adjust func(*config), args ...string) (lines, diag string) {
	t.Helper()
	x := start(t, password, adjust, append([]string{"-once"}, args...)...)
	require.NoError(t, x.wait(t), x.diag.String())
	return x.out.String(), x.diag.String()
}

// prints waits until the watcher has printed a text.
func (x *watching) prints(t *testing.T, text string) {
	t.Helper()
	require.Eventually(t, func() bool { return strings.Contains(x.out.String(), text) }, 20*time.Second, 5*time.Millisecond,
		"%q was never printed", text)
}

// boxDir is where pecbox was built, "" if no test asked for it.
var boxDir string

// pecbox builds the box, once.
var pecbox = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "pecbox")
	if err != nil {
		return "", err
	}
	boxDir = dir
	program := filepath.Join(dir, "pecbox")
	out, err := exec.Command("go", "build", "-C", filepath.Join("..", "..", "cmd", "pecbox"), "-o", program, ".").CombinedOutput()
	if err != nil {
		err = errors.New(string(out))
	}
	return program, err
})

func TestMain(m *testing.M) {
	status := m.Run()
	if boxDir != "" {
		os.RemoveAll(boxDir)
	}
	os.Exit(status)
}

// box is a PEC circuit behind mail servers, as pecbox announces it.
type box struct {
	Ports      map[string]int
	Management string
	Password   string
	ca, tlsCA  string // files
}

// startBox starts pecbox, and stops it at the end of the test.
func startBox(t *testing.T) *box {
	t.Helper()
	program, err := pecbox()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), program, "-json", "-any-port")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { cmd.Wait() }) // its context has ended by then
	b := new(box)
	require.NoError(t, json.NewDecoder(out).Decode(b))
	dir := t.TempDir()
	b.ca, b.tlsCA = filepath.Join(dir, "ca.pem"), filepath.Join(dir, "tls-ca.pem")
	require.NoError(t, os.WriteFile(b.ca, b.call(t, http.MethodGet, "/ca.pem", ""), 0o600))
	require.NoError(t, os.WriteFile(b.tlsCA, b.call(t, http.MethodGet, "/tls-ca.pem", ""), 0o600))
	return b
}

// call asks the management port.
func (b *box) call(t *testing.T, method, path, body string) []byte {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, b.Management+path, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Less(t, answer.StatusCode, 300, "%s: %s", path, text)
	return text
}

// now is the circuit's time.
func (b *box) now(t *testing.T) time.Time {
	t.Helper()
	var clock struct{ Time time.Time }
	require.NoError(t, json.Unmarshal(b.call(t, http.MethodGet, "/clock", ""), &clock))
	return clock.Time
}

// args are the flags to watch a mailbox of the box.
func (b *box) args(t *testing.T, user string, more ...string) []string {
	return append([]string{"-imap", fmt.Sprintf("imaps://127.0.0.1:%d", b.Ports["imaps"]), "-user", user, "-trust", b.ca, "-tls-ca", b.tlsCA}, more...)
}

// memory is an IMAP server of go-imap, for what the box never does.
type memory struct {
	port     int
	user     *imapmemserver.User
	password string
	server   *imapserver.Server
}

func startMemory(t testing.TB) *memory {
	t.Helper()
	m := &memory{user: imapmemserver.NewUser(sender, "segreta"), password: "segreta"}
	require.NoError(t, m.user.Create("INBOX", nil))
	all := imapmemserver.New()
	all.AddUser(m.user)
	m.server = imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return all.NewSession(), nil, nil
		},
		Caps: imap.CapSet{imap.CapIMAP4rev1: {}}, InsecureAuth: true, Logger: log.New(io.Discard, "", 0),
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	m.port = l.Addr().(*net.TCPAddr).Port
	go m.server.Serve(l)
	t.Cleanup(func() { m.server.Close() })
	return m
}

func (m *memory) put(t testing.TB, mails ...[]byte) {
	t.Helper()
	for _, raw := range mails {
		_, err := m.user.Append("INBOX", literal{bytes.NewReader(raw)}, &imap.AppendOptions{})
		require.NoError(t, err)
	}
}

type literal struct{ *bytes.Reader }

// Size implements imap.LiteralReader.
func (l literal) Size() int64 { return l.Reader.Size() }

func (m *memory) args(port int, ca, state string, more ...string) []string {
	return append([]string{"-imap", fmt.Sprintf("imap://127.0.0.1:%d", port), "-user", sender, "-trust", ca, "-state", state}, more...)
}

// circuit makes messages in memory; ca is the file of its authority.
func circuit(t *testing.T) (c *pectest.Circuit, ca string) {
	t.Helper()
	c = pectest.Start(t)
	ca = filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Anchor().Raw}), 0o600))
	return c, ca
}

// received are the messages in a mailbox of a circuit.
func received(c *pectest.Circuit, address string, kinds ...pec.Kind) (mails [][]byte) {
	for m := range c.Mailbox(address).Messages() {
		if len(kinds) == 0 || strings.Contains(fmt.Sprint(kinds), string(m.Kind)) {
			mails = append(mails, m.Raw)
		}
	}
	return mails
}

// numbers make Message-IDs.
var numbers atomic.Int64

func letter(subject, body string, to ...string) []byte {
	return fmt.Appendf(nil, "From: %s\r\nTo: %s\r\nSubject: %s\r\nMessage-ID: <%d@client.example.it>\r\n\r\n%s\r\n",
		sender, strings.Join(to, ", "), subject, numbers.Add(1), body)
}

func newLog(w io.Writer) *log.Logger { return log.New(w, "", 0) }

func writeFile(name, text string) error { return os.WriteFile(name, []byte(text), 0o600) }
