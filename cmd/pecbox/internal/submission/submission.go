// Package submission is the access point of the box: SMTP, over which users submit
// mail to the circuit.
//
// It takes AUTH PLAIN and AUTH LOGIN under TLS only, from users of the circuit, with
// the user's own address as the reverse path. A mail is handed to the circuit once
// all of it is there, and the reply is the circuit's: 250 for what it answers by a
// receipt or notice, its SMTP error for what it turns away. Of a mail that is cut
// off nothing is kept.
//
// spec: RFC 6109 §2.2.1, RFC 5321, RFC 6409, RFC 4954
package submission

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/gopec/gopec/cmd/pecbox/internal/account"
	"github.com/gopec/gopec/pectest"
)

// The limits of a dialogue.
const (
	MaxMessage    = 100 << 20       // bytes of one mail; the circuit's own limit
	MaxRecipients = 1000            // of one mail; the circuit's own limit
	MaxIntake     = 512 << 20       // bytes of all mails that are arriving
	timeout       = 5 * time.Minute // for a command, and for all of a mail
	maxLine       = 64 << 10        // bytes; real clients write base64 and headers beyond 998
)

// Logger takes what goes wrong with a connection.
type Logger = smtp.Logger

// NewServer returns a server for one circuit. It serves connections with implicit
// TLS, and others on which it offers STARTTLS.
func NewServer(c *pectest.Circuit, d *account.Directory, config *tls.Config, log Logger) *smtp.Server {
	b := &backend{circuit: c, directory: d, intake: &budget{left: MaxIntake}}
	s := smtp.NewServer(b)
	s.Domain = "localhost"
	s.TLSConfig = config
	s.ReadTimeout, s.WriteTimeout = timeout, timeout
	// go-smtp says "too large" of a message that fills the limit to the last byte.
	s.MaxMessageBytes = MaxMessage + 1
	s.MaxRecipients = MaxRecipients
	s.MaxLineLength = maxLine
	s.ErrorLog = log
	return s
}

type backend struct {
	circuit   *pectest.Circuit
	directory *account.Directory
	intake    *budget
}

// NewSession implements smtp.Backend.
func (b *backend) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{backend: b}, nil }

// session is one connection. A mail in chunks (BDAT) is read in a goroutine of its
// own, hence the lock.
type session struct {
	*backend
	mu   sync.Mutex
	user *account.Account
	from string
	to   []string

	chunks, broken bool // a mail is arriving in chunks; one was taken back
}

// AuthMechanisms implements smtp.AuthSession. The server offers them under TLS only.
func (s *session) AuthMechanisms() []string { return []string{sasl.Plain, sasl.Login} }

// Auth implements smtp.AuthSession.
func (s *session) Auth(mechanism string) (sasl.Server, error) {
	switch mechanism {
	case sasl.Plain:
		return sasl.NewPlainServer(func(identity, name, password string) error {
			if identity != "" && !strings.EqualFold(identity, name) {
				return smtp.ErrAuthFailed
			}
			return s.login(name, password)
		}), nil
	case sasl.Login:
		return &loginServer{check: s.login}, nil
	}
	return nil, smtp.ErrAuthUnknownMechanism
}

func (s *session) login(name, password string) error {
	a := s.directory.Login(name, password)
	if a == nil || a.Role != account.RoleUser {
		return smtp.ErrAuthFailed
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.user = a
	return nil
}

// Mail implements smtp.Session.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken {
		// QUIRK: go-smtp 0.25.1 may give the outcome of chunks that were taken back as
		// that of the next mail in chunks. There is none on this connection.
		return &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "Chunks were taken back; connect again"}
	}
	if s.user == nil {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	}
	if !strings.EqualFold(from, s.user.Name) {
		return &smtp.SMTPError{Code: 553, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "The reverse path is not the address that logged in"}
	}
	s.from = from
	return nil
}

// Rcpt implements smtp.Session.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.to = append(s.to, to)
	return nil
}

// Data implements smtp.Session, and is where BDAT leads, too.
func (s *session) Data(r io.Reader) error {
	_, chunks := r.(*io.PipeReader)
	s.mu.Lock()
	from, to := s.from, s.to
	s.chunks = chunks
	s.mu.Unlock()
	mail, err := s.intake.readAll(r)
	s.mu.Lock()
	s.chunks, s.broken = false, s.broken || errors.Is(err, smtp.ErrDataReset)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	defer s.intake.giveBack(int64(len(mail)))
	_, err = s.circuit.Submit(from, to, mail)
	if refused, ok := errors.AsType[*pectest.SMTPError](err); ok {
		return &smtp.SMTPError{Code: refused.Code, EnhancedCode: refused.Enhanced, Message: refused.Message}
	}
	if errors.Is(err, pectest.ErrClosed) {
		return &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 3, 2}, Message: "The box is stopping"}
	}
	return err
}

// Reset implements smtp.Session.
func (s *session) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.from, s.to = "", nil
	s.broken = s.broken || s.chunks
}

// Logout implements smtp.Session.
func (s *session) Logout() error { return nil }

// budget is the memory for mails that are arriving.
type budget struct {
	mu   sync.Mutex
	left int64
}

var errFull = &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 3, 1}, Message: "Too much mail is arriving at once"}

// step is how much is asked for at a time, so that a client that announces a mail
// and sends none takes next to nothing.
const step = 1 << 20

// readAll reads a mail to its end. What it returns counts against the budget until
// it is given back; after an error nothing does.
func (b *budget) readAll(r io.Reader) ([]byte, error) {
	var mail bytes.Buffer
	taken := int64(0)
	for {
		if !b.take(step) {
			b.giveBack(taken)
			return nil, errFull
		}
		taken += step
		n, err := io.CopyN(&mail, r, step)
		if err == io.EOF {
			b.giveBack(step - n)
			return mail.Bytes(), nil
		}
		if err != nil { // cut off, too large, too slow
			b.giveBack(taken)
			return nil, err
		}
	}
}

func (b *budget) take(n int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left < n {
		return false
	}
	b.left -= n
	return true
}

func (b *budget) giveBack(n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left += n
}
