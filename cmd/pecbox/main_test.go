package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// runAsCommand in the environment makes the test program the command itself.
const runAsCommand = "PECBOX_TEST_RUN"

func TestMain(m *testing.M) {
	if os.Getenv(runAsCommand) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func noEnv(string) string { return "" }

// running is a box that a test started.
type running struct {
	announcement
	line   []byte // the announcement as it was printed
	stderr *lockedBuffer
}

// run starts a box on free ports in this process, so that the race detector sees it,
// and stops it at the end of the test.
func run(t *testing.T, args ...string) *running {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	out, in := io.Pipe()
	r := &running{stderr: &lockedBuffer{}}
	ended := make(chan int, 1)
	go func() {
		ended <- command(ctx, append([]string{"-json", "-any-port"}, args...), noEnv, in, r.stderr)
		in.Close()
	}()
	t.Cleanup(func() {
		stop()
		select {
		case status := <-ended:
			require.Equal(t, exitStopped, status, r.stderr.String())
		case <-time.After(10 * time.Second):
			require.Fail(t, "the box does not stop")
		}
		require.NotContains(t, r.stderr.String(), "panic")
	})
	line := make([]byte, 16<<10)
	n, err := out.Read(line)
	require.NoError(t, err, r.stderr.String())
	r.line = line[:n]
	require.NoError(t, json.Unmarshal(r.line, &r.announcement))
	return r
}

// get asks the management port.
func (r *running) get(t *testing.T, path string) []byte {
	t.Helper()
	answer, err := http.Get(r.Management + path)
	require.NoError(t, err)
	defer answer.Body.Close()
	require.Equal(t, http.StatusOK, answer.StatusCode, path)
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return text
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestAnnouncement(t *testing.T) {
	t.Parallel()
	r := run(t, "-mailbox", "archivio@pec.example.it", "-mailbox", "uno@altra.example.it", "-password", "segreta", "-name", "box.example.it")
	require.Equal(t, "pecbox/1", r.Schema)
	require.Equal(t, "box.example.it", r.Host)
	require.Equal(t, "segreta", r.Password)
	require.Len(t, r.Ports, int(servers))
	var names []string
	for _, m := range r.Mailboxes {
		names = append(names, m.Name)
	}
	for _, want := range []string{
		"mittente@pec.example.it", "archivio@pec.example.it", "uno@altra.example.it", "destinatario@pec.example.com",
		"servizio@alfa.example.it", "quarantena@beta.example.com", "outside",
	} {
		require.Contains(t, names, want)
	}
}

// TestAnnouncementText holds the two languages together.
func TestAnnouncementText(t *testing.T) {
	t.Parallel()
	for lang, want := range map[string]string{"en": "Point a mail program at it", "it": "Come collegare un programma di posta"} {
		c, err := parse([]string{"-any-port", "-lang", lang}, noEnv)
		require.NoError(t, err)
		b, err := start(c, &diagnostics{w: io.Discard})
		require.NoError(t, err)
		var text strings.Builder
		require.NoError(t, b.announce(&text))
		b.stop()
		require.Contains(t, text.String(), want)
		require.NotContains(t, text.String(), "{", "something was not filled in")
		for _, fact := range []string{"pectest", "mittente@pec.example.it", "servizio@beta.example.com", b.managementURL() + "/tls-ca.pem"} {
			require.Contains(t, text.String(), fact)
		}
	}
}

func TestDoesNotStart(t *testing.T) {
	t.Parallel()
	taken := run(t)
	port := taken.Management[strings.LastIndexByte(taken.Management, ':')+1:]
	for _, c := range []struct {
		reason string
		args   []string
		says   string
	}{
		{"an unknown flag", []string{"-nope"}, "pecbox: error: flag provided but not defined: -nope\npecbox: hint: pecbox -h prints the usage\n"},
		{"something after the flags", []string{"-json", "x\x1b[2J"}, `pecbox: error: nothing goes after the flags: x\x1b[2J`},
		{"the language is known before the error", []string{"-nope", "-lang", "it"}, "pecbox: hint: pecbox -h stampa l'uso"},
		{"no language", []string{"-lang", "fr"}, "it, en"},
		{"no port", []string{"-imap-port", "70000"}, "-imap-port 70000 is no port"},
		{"a negative port", []string{"-imap-port", "-2"}, "-imap-port -2 is no port"},
		{"no address", []string{"-listen", "localhost"}, "-listen"},
		{"no password", []string{"-password", ""}, "-password needs 1 to 100 bytes"},
		{"no seed", []string{"-adversary", "x"}, "-adversary"},
		{"a mailbox without a domain", []string{"-any-port", "-mailbox", "x"}, "-mailbox"},
		{"a mailbox that is there", []string{"-any-port", "-mailbox", "mittente@pec.example.it"}, "mittente@pec.example.it is there twice"},
		{"a domain that is a provider's host", []string{"-any-port", "-mailbox", "x@beta.example.com"}, "beta.example.com is there twice"},
		{"a port that is taken", []string{"-any-port", "-management-port", port}, "pecbox: hint: -any-port takes ports that are free"},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			require.Equal(t, exitRefused, command(t.Context(), c.args, noEnv, &stdout, &stderr))
			require.Empty(t, stdout.String())
			require.Contains(t, stderr.String(), c.says)
		})
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for lang, want := range map[string]string{"C": "Usage: pecbox", "it_IT.UTF-8": "Uso: pecbox", "en_GB": "Usage: pecbox", "italic": "Usage: pecbox"} {
		var stdout, stderr bytes.Buffer
		getenv := func(name string) string { return map[string]string{"LANG": lang}[name] }
		require.Equal(t, exitStopped, command(t.Context(), []string{"-h"}, getenv, &stdout, &stderr))
		require.True(t, strings.HasPrefix(stdout.String(), want), lang)
		for _, s := range serverKinds {
			require.Contains(t, stdout.String(), "-"+s.name+"-port")
		}
	}
}

// TestBinding: nobody else reaches the box unless it is told so, and the management
// port never.
func TestBinding(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args     []string
		loopback bool
	}{{nil, true}, {[]string{"-listen", "0.0.0.0"}, false}} {
		c, err := parse(append(test.args, "-any-port"), noEnv)
		require.NoError(t, err)
		b, err := start(c, &diagnostics{w: io.Discard})
		require.NoError(t, err)
		for i, l := range b.listeners {
			loopback := strings.HasPrefix(l.Addr().String(), "127.0.0.1:")
			require.Equal(t, test.loopback || i == management, loopback, "%s: %s", serverKinds[i].name, l.Addr())
		}
		b.stop()
	}
	open := run(t, "-listen", "0.0.0.0")
	require.Contains(t, open.stderr.String(), "pecbox: warning: everyone who reaches this machine")
	require.NotContains(t, run(t).stderr.String(), "warning")
}

// TestInterrupt runs the command as a process of its own.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(os.Args[0], "-any-port", "-json")
	cmd.Env = append(os.Environ(), runAsCommand+"=1")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	require.NoError(t, cmd.Start())
	defer cmd.Process.Kill()
	var a announcement
	require.NoError(t, json.NewDecoder(out).Decode(&a))
	idle := dialIMAP(t, &running{announcement: a}, "mittente@pec.example.it") // a client that stays must not hold it up
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Skipf("no interrupts here: %v", err)
	}
	require.NoError(t, cmd.Wait(), "exit status 0")
	require.Empty(t, stderr.String())
	_, err = idle.Read(make([]byte, 1))
	require.Error(t, err, "the connection is closed")
}
