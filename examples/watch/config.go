package main

import (
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/mail"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/gopec/gopec/trust"
)

// config is what the command line and the environment say.
type config struct {
	imap     server
	user     string
	password string
	address  string // the mailbox's address: messages that it sent are followed
	folder   string
	state    string // file
	lang     lang
	once     bool
	poll     time.Duration
	maxSize  int64
	trust    *trust.Store   // nil: AgID's authority
	roots    *x509.CertPool // for TLS; nil: the system's

	notify       *mail.Address // nil: no notices
	from         *mail.Address // of notices
	bounces      string        // envelope sender of notices; "": the empty one
	smtp         server
	smtpUser     string // "": no login
	smtpPassword string

	// Tests change these.
	now      func() time.Time
	backoff  time.Duration // the first pause after a failure
	patience time.Duration // with a server that does not answer
	grace    time.Duration // for go-imap, once a connection is closed
}

// server is where to connect.
type server struct {
	host, port string
	tls        bool // from the first byte
}

func (s server) address() string { return net.JoinHostPort(s.host, s.port) }

// parse reads the command line. Passwords are never on it: everyone on the machine
// can read it there.
func parse(args []string, getenv func(string) string, help io.Writer) (*config, error) {
	c := &config{now: time.Now, backoff: time.Second, patience: 5 * time.Minute, grace: 10 * time.Second, lang: locale(getenv)}
	var imap, smtp, passwordFile, smtpPasswordFile, caFile, tlsFile, notify, from string
	var megabytes int64
	f := flag.NewFlagSet("watch", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.StringVar(&imap, "imap", "", "`URL` of the server: imaps://HOST[:PORT], or imap:// without TLS on this machine")
	f.StringVar(&c.user, "user", "", "`NAME` to log in with")
	f.StringVar(&c.address, "address", "", "`ADDRESS` of the mailbox, if it is not the user's name")
	f.StringVar(&passwordFile, "password-file", "", "`FILE` with the password, instead of WATCH_PASSWORD")
	f.StringVar(&c.folder, "folder", "INBOX", "`FOLDER` to watch")
	f.StringVar(&c.state, "state", "", "`FILE` that keeps what is known between runs")
	f.BoolVar(&c.once, "once", false, "read what is new, and end")
	f.DurationVar(&c.poll, "poll", 5*time.Minute, "how often to look, besides being told by the server")
	f.Int64Var(&megabytes, "max-size", 64, "`MIB` of the largest message to read")
	f.StringVar(&caFile, "trust", "", "`FILE` with the authority (PEM) to believe instead of AgID's")
	f.StringVar(&tlsFile, "tls-ca", "", "`FILE` with authorities (PEM) for the servers' TLS certificates")
	f.Func("lang", "`LANGUAGE` of the lines and notices, it or en; default from the locale", c.lang.set)
	f.StringVar(&notify, "notify", "", "ordinary `ADDRESS` to tell when a PEC arrives")
	f.StringVar(&from, "notify-from", "", "`ADDRESS` that notices are from; default that of -notify")
	f.StringVar(&c.bounces, "bounces", "", "`ADDRESS` for failed notices, for servers that refuse the empty one")
	f.StringVar(&smtp, "smtp", "", "`URL` of the server for notices: smtps://HOST[:PORT], or smtp:// with STARTTLS")
	f.StringVar(&c.smtpUser, "smtp-user", "", "`NAME` to log in there with; none: no login")
	f.StringVar(&smtpPasswordFile, "smtp-password-file", "", "`FILE` with that password, instead of WATCH_SMTP_PASSWORD")
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			printUsage(f, help)
		}
		return nil, err
	}
	switch {
	case f.NArg() > 0:
		return nil, fmt.Errorf("nothing goes after the flags: %q", f.Arg(0))
	case c.user == "" || c.state == "":
		return nil, errors.New("-user and -state are needed")
	case c.poll < time.Second:
		return nil, errors.New("-poll needs a second at least")
	case megabytes < 1 || megabytes > 512:
		return nil, errors.New("-max-size is 1 to 512")
	}
	c.maxSize = megabytes << 20
	if c.address == "" {
		c.address = c.user
	}
	var err error
	if c.imap, err = parseServer("-imap", imap, "imaps", "993", "imap", "143"); err != nil {
		return nil, err
	}
	if c.password, err = secret(passwordFile, getenv("WATCH_PASSWORD")); err != nil {
		return nil, err
	}
	if c.password == "" {
		return nil, errors.New("no password: set WATCH_PASSWORD or -password-file")
	}
	if err := c.believe(caFile, tlsFile); err != nil {
		return nil, err
	}
	if notify == "" {
		if smtp != "" || from != "" || c.bounces != "" {
			return nil, errors.New("-smtp, -notify-from and -bounces go with -notify")
		}
		return c, nil
	}
	if c.smtp, err = parseServer("-smtp", smtp, "smtps", "465", "smtp", "587"); err != nil {
		return nil, err
	}
	if c.smtpPassword, err = secret(smtpPasswordFile, getenv("WATCH_SMTP_PASSWORD")); err != nil {
		return nil, err
	}
	return c, c.addresses(notify, from)
}

// parseServer reads a URL. What is not TLS from the first byte is for loopback, or
// needs STARTTLS: dial looks after that.
func parseServer(flag, s, tls, tlsPort, plain, plainPort string) (server, error) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Hostname() == "" || u.Scheme != tls && u.Scheme != plain {
		return server{}, fmt.Errorf("%s needs %s://HOST or %s://HOST", flag, tls, plain)
	}
	if u.User != nil || u.Path != "" || u.RawQuery != "" {
		return server{}, fmt.Errorf("%s is host and port only; no password belongs there", flag)
	}
	out := server{host: u.Hostname(), port: u.Port(), tls: u.Scheme == tls}
	if out.port == "" {
		out.port = plainPort
		if out.tls {
			out.port = tlsPort
		}
	}
	return out, nil
}

// secret reads a password: a file's content up to its line end, or the value of the
// environment.
func secret(file, env string) (string, error) {
	if file == "" {
		return env, nil
	}
	b, err := os.ReadFile(file)
	return strings.TrimRight(string(b), "\r\n"), err
}

// believe reads the authorities: for messages, and for TLS. They have nothing to
// do with each other.
func (c *config) believe(caFile, tlsFile string) error {
	if caFile != "" {
		b, err := os.ReadFile(caFile)
		if err != nil {
			return err
		}
		anchors, err := trust.ParseAnchors(b)
		if err != nil {
			return err
		}
		if c.trust, err = trust.NewStore(false, anchors...); err != nil {
			return err
		}
	}
	if tlsFile != "" {
		b, err := os.ReadFile(tlsFile)
		if err != nil {
			return err
		}
		c.roots = x509.NewCertPool()
		if !c.roots.AppendCertsFromPEM(b) {
			return fmt.Errorf("%s: no certificates", tlsFile)
		}
	}
	return nil
}

// addresses reads those of notices. None may be the watched mailbox: each notice
// would be a message that a notice is sent about.
func (c *config) addresses(notify, from string) (err error) {
	if c.notify, err = mail.ParseAddress(notify); err != nil {
		return fmt.Errorf("-notify: %w", err)
	}
	c.from = c.notify
	if from != "" {
		if c.from, err = mail.ParseAddress(from); err != nil {
			return fmt.Errorf("-notify-from: %w", err)
		}
	}
	if c.bounces != "" {
		a, err := mail.ParseAddress(c.bounces)
		if err != nil {
			return fmt.Errorf("-bounces: %w", err)
		}
		c.bounces = a.Address
	}
	for _, a := range []string{c.notify.Address, c.from.Address, c.bounces} {
		if strings.EqualFold(a, c.address) || strings.EqualFold(a, c.user) {
			return errors.New("notices must have nothing to do with the watched mailbox: they would never end")
		}
	}
	return nil
}
