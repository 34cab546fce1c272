package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/smtp"
	"net/textproto"
	"time"
)

// smtpTimeout bounds all that is sent in one go.
const smtpTimeout = 2 * time.Minute

// sendNotices sends those that wait. What does not work is tried again after the
// next pass; the watch goes on in the meantime.
//
// net/smtp is enough for that: it submits a mail with TLS and a password. The
// example needs no further module.
func (w *watcher) sendNotices(ctx context.Context) {
	if w.notify == nil || len(w.state.Pending) == 0 {
		return
	}
	left, err := w.submit(ctx, w.state.Pending)
	if err != nil {
		w.diag.Printf("notices: %v", err)
	}
	if len(left) < len(w.state.Pending) {
		w.state.Pending, w.changed = left, true
		if err := w.save(); err != nil {
			w.diag.Print(err)
		}
	}
}

// submit sends notices over one connection and returns those that are left.
func (w *watcher) submit(ctx context.Context, list []notice) ([]notice, error) {
	conn, err := dial(ctx, w.smtp, w.config)
	if err != nil {
		return list, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() }) // net/smtp knows no context
	defer stop()
	c, err := w.smtpClient(conn)
	if err != nil {
		return list, err
	}
	for i, n := range list {
		err := w.submitOne(c, n)
		if e, ok := errors.AsType[*textproto.Error](err); ok && e.Code >= 500 {
			w.diag.Printf("the notice about %s was refused: %q", quote(n.ID), e.Msg)
			err = c.Reset() // asking again would get the same answer
		}
		if err != nil {
			return list[i:], err
		}
	}
	c.Quit() // they are sent, whatever is said now
	return nil, nil
}

// submitOne sends one mail. The envelope's sender is empty, so that nothing ever
// comes back: what a failed notice gives rise to must not become a message that a
// notice is about.
func (w *watcher) submitOne(c *smtp.Client, n notice) error {
	if err := c.Mail(w.bounces); err != nil {
		return err
	}
	if err := c.Rcpt(w.notify.Address); err != nil {
		return err
	}
	d, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := d.Write(n.mail(w.config)); err != nil {
		return err
	}
	return d.Close()
}

// smtpClient greets and logs in, with TLS unless the server is on this machine.
func (w *watcher) smtpClient(conn net.Conn) (*smtp.Client, error) {
	if err := conn.SetDeadline(time.Now().Add(smtpTimeout)); err != nil {
		return nil, err
	}
	c, err := smtp.NewClient(conn, w.smtp.host)
	if err != nil {
		return nil, err
	}
	if !w.smtp.tls {
		if offered, _ := c.Extension("STARTTLS"); offered {
			if err := c.StartTLS(tlsConfig(w.smtp, w.config)); err != nil {
				return nil, err
			}
		} else if !isLoopback(conn) {
			return nil, fmt.Errorf("%s offers no TLS", w.smtp.host)
		}
	}
	if w.smtpUser != "" {
		if err := c.Auth(smtp.PlainAuth("", w.smtpUser, w.smtpPassword, w.smtp.host)); err != nil {
			return nil, fmt.Errorf("login: %w", err)
		}
	}
	return c, nil
}
