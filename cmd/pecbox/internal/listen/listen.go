// Package listen bounds what strangers can hold open: connections at once, and the
// time until one says something.
package listen

import (
	"net"
	"sync"
	"time"
)

// Limit wraps a listener. At most max connections are open at once; one more is
// closed as soon as it arrives, because a client that waits for a greeting for
// minutes learns less than one that is turned away. A connection on which nothing
// else sets a deadline is closed after first.
//
// The deadline matters to servers that write before they read: over TLS that waits
// for the client's handshake without a limit of its own.
func Limit(l net.Listener, max int, first time.Duration) net.Listener {
	return &limited{Listener: l, free: make(chan struct{}, max), first: first}
}

type limited struct {
	net.Listener
	free  chan struct{}
	first time.Duration
}

// Accept implements net.Listener.
func (l *limited) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		select {
		case l.free <- struct{}{}:
		default:
			c.Close()
			continue
		}
		if err := c.SetDeadline(time.Now().Add(l.first)); err != nil {
			c.Close()
			<-l.free
			continue
		}
		return &conn{Conn: c, release: func() { <-l.free }}, nil
	}
}

type conn struct {
	net.Conn
	once    sync.Once
	release func()
}

// Close implements net.Conn.
func (c *conn) Close() error {
	err := c.Conn.Close()
	c.once.Do(c.release)
	return err
}
