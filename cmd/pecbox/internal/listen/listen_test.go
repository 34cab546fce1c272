package listen_test

import (
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/cmd/pecbox/internal/listen"
)

// pipes is a listener whose connections are net.Pipes, which know synctest's time.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	c, ok := <-p
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}

func (p pipes) Close() error   { close(p); return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p pipes) dial() net.Conn {
	server, client := net.Pipe()
	p <- server
	return client
}

// closed reports whether the other side has closed a connection.
func closed(c net.Conn) bool {
	c.SetReadDeadline(time.Now().Add(time.Millisecond))
	_, err := c.Read(make([]byte, 1))
	e, ok := err.(net.Error)
	return !ok || !e.Timeout()
}

func TestConnectionsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := make(pipes, 10)
		l := listen.Limit(p, 2, time.Hour)
		var served []net.Conn
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				served = append(served, c)
			}
		}()
		first, second, third := p.dial(), p.dial(), p.dial()
		synctest.Wait()
		require.False(t, closed(first))
		require.False(t, closed(second))
		require.True(t, closed(third), "one more than the limit")
		require.NoError(t, served[0].Close())
		served[0].Close() // closing twice makes room once
		fourth, fifth := p.dial(), p.dial()
		synctest.Wait()
		require.False(t, closed(fourth))
		require.True(t, closed(fifth))
		require.NoError(t, l.Close())
		synctest.Wait()
	})
}

func TestFirstWord(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := make(pipes, 10)
		l := listen.Limit(p, 2, 30*time.Second)
		p.dial()
		c, err := l.Accept()
		require.NoError(t, err)
		begun := time.Now()
		_, err = c.Read(make([]byte, 1))
		require.ErrorContains(t, err, "timeout")
		require.Equal(t, 30*time.Second, time.Since(begun), "a client that says nothing is not waited for")
	})
}
