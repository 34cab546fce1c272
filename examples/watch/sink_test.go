package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"mime/quotedprintable"
	"net"
	"net/http/httptest"
	"net/mail"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// sink is an SMTP server that keeps what it gets.
type sink struct {
	mu     sync.Mutex
	mails  []delivered
	answer func(command string) string // "": as usual
	port   int
	ca     string // file, with TLS
	logins []string
}

// delivered is one mail with its envelope.
type delivered struct {
	from string
	to   []string
	raw  []byte
}

func startSink(t testing.TB, withTLS bool) *sink {
	t.Helper()
	s := new(sink)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s.port = l.Addr().(*net.TCPAddr).Port
	if withTLS {
		h := httptest.NewTLSServer(nil) // for its certificate
		t.Cleanup(h.Close)
		s.ca = filepath.Join(t.TempDir(), "tls.pem")
		require.NoError(t, os.WriteFile(s.ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: h.Certificate().Raw}), 0o600))
		l = tls.NewListener(l, &tls.Config{Certificates: h.TLS.Certificates})
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(c)
		}
	}()
	return s
}

func (s *sink) serve(conn net.Conn) {
	defer conn.Close()
	c := textproto.NewReader(bufio.NewReader(conn))
	say := func(line string) { fmt.Fprint(conn, line+"\r\n") }
	say("220 sink")
	var m delivered
	for {
		line, err := c.ReadLine()
		if err != nil {
			return
		}
		verb, rest, _ := strings.Cut(line, " ")
		s.mu.Lock()
		answer := ""
		if s.answer != nil {
			answer = s.answer(line)
		}
		s.mu.Unlock()
		switch verb = strings.ToUpper(verb); {
		case answer == hangUp:
			return
		case answer != "":
			say(answer)
		case verb == "EHLO":
			say("250-sink\r\n250 AUTH PLAIN")
		case verb == "AUTH":
			b, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(rest, "PLAIN "))
			s.mu.Lock()
			s.logins = append(s.logins, string(b))
			s.mu.Unlock()
			say("235 welcome")
		case verb == "MAIL":
			m = delivered{from: rest}
			say("250 ok")
		case verb == "RCPT":
			m.to = append(m.to, rest)
			say("250 ok")
		case verb == "DATA":
			say("354 go on")
			if m.raw, err = c.ReadDotBytes(); err != nil {
				return
			}
			s.mu.Lock()
			s.mails = append(s.mails, m)
			s.mu.Unlock()
			say("250 kept")
		case verb == "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

// hangUp is the answer of a server that is gone.
const hangUp = "gone"

// refuse makes the sink answer a command.
func (s *sink) refuse(f func(command string) string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = f
}

func (s *sink) all() []delivered {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]delivered(nil), s.mails...)
}

// args are the flags for notices.
func (s *sink) args(more ...string) []string {
	return append([]string{"-notify", owner, "-smtp", fmt.Sprintf("smtp://127.0.0.1:%d", s.port)}, more...)
}

// read returns the header and the decoded body of a notice.
func (r delivered) read(t *testing.T) (mail.Header, string) {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(r.raw))
	require.NoError(t, err)
	require.Equal(t, "quoted-printable", m.Header.Get("Content-Transfer-Encoding"))
	text, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	require.NoError(t, err)
	return m.Header, string(text)
}
