package main

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// edit is one thing that a meddler does to what a server says.
type edit struct {
	kind       editKind
	connection int // the first is 0
	at         int // after so many bytes from the server
	text       []byte
}

type editKind uint8

const (
	breakOff editKind = iota // breaks the connection
	mute                     // lets nothing more through
	insert                   // says the text in between
	overwrite
	editKinds
)

// bytes is an edit as editsOf reads it.
func (e edit) bytes() []byte {
	return append([]byte{byte(e.kind), byte(e.connection), byte(e.at >> 8), byte(e.at), byte(len(e.text))}, e.text...)
}

// editsOf reads as many edits as there are, 20 at most.
func editsOf(script []byte) (list []edit) {
	for len(script) >= 5 && len(list) < 20 {
		n := min(int(script[4]), len(script)-5)
		list = append(list, edit{editKind(script[0]) % editKinds, int(script[1]) % 4, int(script[2])<<8 | int(script[3]), script[5 : 5+n]})
		script = script[5+n:]
	}
	return list
}

// meddler stands between the watch and a server and says other things than the
// server said.
type meddler struct {
	port  int
	to    int
	edits []edit

	mu          sync.Mutex
	connections int
	said        []byte // by the server, over the first connection
}

// meddle begins to listen, with TLS if there is a configuration for it.
func meddle(t testing.TB, to int, edits []edit, secure *tls.Config) *meddler {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	m := &meddler{port: l.Addr().(*net.TCPAddr).Port, to: to, edits: edits}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			m.mu.Lock()
			number := m.connections
			m.connections++
			m.mu.Unlock()
			if secure != nil {
				c = tls.Server(c, secure)
			}
			go m.serve(c, number)
		}
	}()
	return m
}

func (m *meddler) serve(client net.Conn, number int) {
	defer client.Close()
	server, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", m.to))
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		io.Copy(server, client)
		server.Close()
	}()
	var edits []edit
	for _, e := range m.edits {
		if e.connection == number {
			edits = append(edits, e)
		}
	}
	slices.SortStableFunc(edits, func(a, b edit) int { return a.at - b.at })
	at, buf, line := 0, make([]byte, 4096), []byte(nil)
	for {
		n, err := server.Read(buf)
		if number == 0 {
			m.mu.Lock()
			m.said = append(m.said, buf[:n]...)
			m.mu.Unlock()
		}
		out, stop, silent := applied(edits, at, buf[:n])
		at += n
		if line = append(line, out...); stuck.Match(line) {
			return
		}
		line = line[bytes.LastIndexByte(line, '\n')+1:]
		if _, writeErr := client.Write(out); err != nil || writeErr != nil || stop {
			if silent {
				io.Copy(io.Discard, server) // until the client has had enough
			}
			return
		}
	}
}

// stuck is something that go-imap reads for ever, with a processor of its own: a
// parenthesis among the capabilities. The watch ends then, as TestStuck shows; here
// the processor is needed.
var stuck = regexp.MustCompile(`CAPABILITY [^\r\n]*\(`)

// applied is what becomes of a piece that starts at an offset.
func applied(edits []edit, at int, piece []byte) (out []byte, stop, silent bool) {
	done := 0 // of piece
	for _, e := range edits {
		if e.at < at+done || e.at >= at+len(piece) {
			continue
		}
		out = append(out, piece[done:e.at-at]...)
		done = e.at - at
		switch e.kind {
		case breakOff, mute:
			return out, true, e.kind == mute
		case overwrite:
			done = min(len(piece), done+len(e.text))
			fallthrough
		case insert:
			out = append(out, e.text...)
		}
	}
	return append(out, piece[done:]...), false, false
}

// turns is how many connections there were.
func (m *meddler) turns() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.connections
}

// heard is what the server said over the first connection.
func (m *meddler) heard() []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	return bytes.Clone(m.said)
}

// TestStuck: a command that does not end with its connection ends the program, since
// the next connection would bring the same.
func TestStuck(t *testing.T) {
	t.Parallel()
	ours, theirs := net.Pipe()
	defer theirs.Close()
	m := &mailbox{conn: ours, closed: make(chan struct{}), patience: time.Millisecond, grace: time.Millisecond}
	err := m.do(func() error { <-t.Context().Done(); return nil })
	require.ErrorAs(t, err, new(permanent))
	require.ErrorContains(t, err, "go-imap does not come back")
	_, err = ours.Write(nil)
	require.Error(t, err, "the connection is closed")
}

// TestLargerThanListed: a server that lists a message as small and then announces more
// than is read cannot hold the watch: the message is skipped, and the next ones are
// read.
func TestLargerThanListed(t *testing.T) {
	t.Parallel()
	c, ca := circuit(t)
	m := startMemory(t)
	_, err := c.Submit(sender, []string{recipient}, letter("Atto", "Testo.", recipient))
	require.NoError(t, err)
	m.put(t, received(c, sender)...)
	clock := func(k *config) { k.now = c.Clock().Now }
	honest := meddle(t, m.port, nil, nil)
	once(t, m.password, clock, m.args(honest.port, ca, filepath.Join(t.TempDir(), "s"))...)
	at := bytes.Index(honest.heard(), []byte("BODY[] {"))
	require.Positive(t, at)
	lying := meddle(t, m.port, []edit{{overwrite, 0, at, []byte("BODY[] {99999999}\r\n")}}, nil)
	x := start(t, m.password, clock, m.args(lying.port, ca, filepath.Join(t.TempDir(), "s"))...)
	x.prints(t, "DELIVERED")
	require.NoError(t, x.end(t))
	require.Equal(t, 1, lines(x.diag.String(), "message 1 was skipped: larger than"), x.diag.String())
}
