package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// mailbox is a connection to the folder that is watched. Nothing it does changes
// the folder: it is opened with EXAMINE and read with BODY.PEEK.
type mailbox struct {
	client   *imapclient.Client
	conn     net.Conn
	closing  sync.Once
	closed   chan struct{} // is closed with the connection
	news     chan struct{} // holds a value when the server has told of something new
	patience time.Duration // with one command
	grace    time.Duration // for go-imap, once the connection is closed
}

// permanent is an error that trying again does not mend: a password that is tried
// again and again locks the account.
type permanent struct{ error }

// Unwrap gives the error itself.
func (p permanent) Unwrap() error { return p.error }

const dialTimeout = 30 * time.Second

// dial connects with TLS, or without to this machine. Without TLS anyone on the way
// could read the password and invent messages.
func dial(ctx context.Context, s server, c *config) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	if s.tls {
		d := tls.Dialer{Config: tlsConfig(s, c)}
		conn, err := d.DialContext(ctx, "tcp", s.address())
		if _, bad := errors.AsType[*tls.CertificateVerificationError](err); bad {
			return nil, permanent{err}
		}
		return conn, err
	}
	return new(net.Dialer).DialContext(ctx, "tcp", s.address())
}

func tlsConfig(s server, c *config) *tls.Config {
	return &tls.Config{ServerName: s.host, RootCAs: c.roots, MinVersion: tls.VersionTLS12}
}

func isLoopback(conn net.Conn) bool {
	a, ok := conn.RemoteAddr().(*net.TCPAddr)
	return ok && a.IP.IsLoopback()
}

// open connects and logs in.
func open(ctx context.Context, c *config) (*mailbox, error) {
	conn, err := dial(ctx, c.imap, c)
	if err != nil {
		return nil, err
	}
	if !c.imap.tls && !isLoopback(conn) {
		conn.Close()
		return nil, permanent{fmt.Errorf("%s is not this machine: use imaps://", c.imap.host)}
	}
	m := &mailbox{conn: conn, closed: make(chan struct{}), news: make(chan struct{}, 1), patience: c.patience, grace: c.grace}
	m.client = imapclient.New(conn, &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(d *imapclient.UnilateralDataMailbox) {
			if d.NumMessages != nil {
				select {
				case m.news <- struct{}{}:
				default: // it is known already
				}
			}
		},
	}})
	stop := context.AfterFunc(ctx, m.close)
	defer stop()
	if err := m.do(func() error { return m.client.Login(c.user, c.password).Wait() }); err != nil {
		m.close()
		return nil, loginError(err)
	}
	return m, nil
}

// loginError tells a login that was refused from one that did not work this time.
func loginError(err error) error {
	e, ok := errors.AsType[*imap.Error](err)
	if !ok {
		return err
	}
	switch e.Code {
	case imap.ResponseCodeUnavailable, imap.ResponseCodeInUse, imap.ResponseCodeLimit, imap.ResponseCodeServerBug:
		return err
	}
	return permanent{fmt.Errorf("the login was refused: %w", err)}
}

// close closes the connection, which ends every command.
func (m *mailbox) close() {
	m.closing.Do(func() {
		close(m.closed)
		m.conn.Close()
	})
}

// errStuck is permanent: each new connection would keep one more processor busy.
var errStuck = permanent{errors.New("the server said something that go-imap does not come back from")}

// do waits for a command, until the connection is closed at the latest, which it is
// when the command takes too long: a server that fell silent would be waited for
// without end. There are things that a server can say which go-imap reads for ever,
// connection or not; these end the program.
func (m *mailbox) do(command func() error) error {
	done := make(chan error, 1)
	go func() { done <- command() }()
	timer := time.NewTimer(m.patience)
	defer timer.Stop()
	select {
	case err := <-done:
		return err
	case <-timer.C:
		m.close()
	case <-m.closed:
	}
	select {
	case err := <-done:
		return err
	case <-time.After(m.grace):
		return errStuck
	}
}

// examine opens the folder for reading and returns its UIDVALIDITY: as long as it
// is the same, an UID means the same message.
func (m *mailbox) examine(folder string) (uint32, error) {
	select { // what is told from here on is new
	case <-m.news:
	default:
	}
	var d *imap.SelectData
	err := m.do(func() (err error) {
		d, err = m.client.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait()
		return err
	})
	if err != nil {
		return 0, err
	}
	return d.UIDValidity, nil
}

// entry is a message in the folder that was not read yet.
type entry struct {
	uid  imap.UID
	size int64
}

// maxEntries bounds what a server can make us hold.
const maxEntries = 1_000_000

// newer lists the messages whose UID is larger than last, in order.
func (m *mailbox) newer(last imap.UID) ([]entry, error) {
	if last == 1<<32-1 {
		return nil, nil // there is none
	}
	var list []entry
	err := m.do(func() (err error) {
		list, err = m.list(last)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(a, b entry) int { return cmp.Compare(a.uid, b.uid) })
	return slices.CompactFunc(list, func(a, b entry) bool { return a.uid == b.uid }), nil
}

func (m *mailbox) list(last imap.UID) ([]entry, error) {
	var from imap.UIDSet
	from.AddRange(last+1, 0) // 0 is *, the last message there is: it comes even if it is older
	cmd := m.client.Fetch(from, &imap.FetchOptions{UID: true, RFC822Size: true})
	defer cmd.Close()
	var list []entry
	for d := cmd.Next(); d != nil; d = cmd.Next() {
		if e := listed(d); e.uid > last {
			list = append(list, e)
		}
		if len(list) > maxEntries {
			m.close()
			return nil, fmt.Errorf("more than %d new messages", maxEntries)
		}
	}
	return list, cmd.Close()
}

// listed reads an entry, and nothing else that a server may say of it: go-imap would
// hold all of that.
func listed(d *imapclient.FetchMessageData) (e entry) {
	for item := d.Next(); item != nil; item = d.Next() {
		switch item := item.(type) {
		case imapclient.FetchItemDataUID:
			e.uid = item.UID
		case imapclient.FetchItemDataRFC822Size:
			e.size = item.Size
		}
	}
	return e
}

var errTooLarge = errors.New("too large")

// fetch reads a message of at most limit bytes, exactly as it is: a signature holds
// for those bytes and no others. It is nil if the message is gone.
func (m *mailbox) fetch(uid imap.UID, limit int64) ([]byte, error) {
	var raw []byte
	err := m.do(func() (err error) {
		raw, err = m.read(uid, limit)
		return err
	})
	if err != nil {
		return nil, err
	}
	return raw, nil
}

func (m *mailbox) read(uid imap.UID, limit int64) ([]byte, error) {
	all := &imap.FetchItemBodySection{Peek: true}
	cmd := m.client.Fetch(imap.UIDSetNum(uid), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{all}})
	var raw []byte
	for d := cmd.Next(); d != nil; d = cmd.Next() {
		for item := d.Next(); item != nil; item = d.Next() {
			body, ok := item.(imapclient.FetchItemDataBodySection)
			if !ok || body.Literal == nil {
				continue
			}
			if body.Literal.Size() > limit { // another size than it was listed with
				m.close()
				io.Copy(io.Discard, body.Literal) // until it fails: go-imap's reader waits for that
				return nil, errTooLarge
			}
			var err error
			if raw, err = io.ReadAll(body.Literal); err == nil && int64(len(raw)) < body.Literal.Size() {
				err = io.ErrUnexpectedEOF
			}
			if err != nil {
				// The connection broke. The command is left as it is: to close it
				// would read on, beside go-imap's own reader.
				m.close()
				return nil, err
			}
		}
	}
	return raw, cmd.Close()
}

// wait returns when the server tells of something new, after d at the latest. A
// server without IDLE is asked again after d.
func (m *mailbox) wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	var idle *imapclient.IdleCommand // nil for a server that does not know it
	err := m.do(func() (err error) {
		if m.client.Caps().Has(imap.CapIdle) {
			idle, err = m.client.Idle()
		}
		return err
	})
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-m.news:
	case <-m.client.Closed():
		return errors.New("the server closed the connection")
	}
	return m.do(func() error {
		if idle == nil {
			return m.client.Noop().Wait()
		}
		if err := idle.Close(); err != nil {
			return err
		}
		return idle.Wait()
	})
}
