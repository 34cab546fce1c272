package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// proxy stands between the watch and a server and breaks connections.
type proxy struct {
	port   int
	to     int
	poison []byte // breaks the connection that carries it
	noIdle bool   // hides that the server knows IDLE
	mute   bool   // falls silent instead of breaking the connection

	mu   sync.Mutex
	cuts []int // after so many bytes from the server: one for each connection
	n    int   // that broke
}

func startProxy(t *testing.T, to int, cuts []int) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	p := &proxy{port: l.Addr().(*net.TCPAddr).Port, to: to, cuts: cuts}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(c)
		}
	}()
	return p
}

func (p *proxy) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", p.to))
	if err != nil {
		return
	}
	defer server.Close()
	go io.Copy(server, client)
	limit := -1
	p.mu.Lock()
	if len(p.cuts) > 0 {
		limit, p.cuts = p.cuts[0], p.cuts[1:]
	}
	p.mu.Unlock()
	var sent []byte
	b := make([]byte, 1000)
	for {
		n, err := server.Read(b)
		if limit >= 0 && len(sent)+n > limit {
			client.Write(b[:limit-len(sent)])
			p.broke()
			if p.mute {
				io.Copy(io.Discard, server) // until the client has had enough
			}
			return
		}
		if p.noIdle {
			copy(b, bytes.ReplaceAll(b[:n], []byte(" IDLE"), []byte(" XXXX")))
		}
		sent = append(sent, b[:n]...)
		if p.poison != nil && bytes.Contains(sent, p.poison) {
			p.broke()
			return
		}
		if _, writeErr := client.Write(b[:n]); err != nil || writeErr != nil {
			return
		}
	}
}

func (p *proxy) broke() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
}

// broken is how many connections it broke.
func (p *proxy) broken() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.n
}

// elsewhere is a connection to some address.
type elsewhere struct {
	net.Conn
	at net.Addr
}

// RemoteAddr implements net.Conn.
func (e elsewhere) RemoteAddr() net.Addr { return e.at }

func remote(ip string) net.Conn {
	return elsewhere{at: &net.TCPAddr{IP: net.ParseIP(ip)}}
}
