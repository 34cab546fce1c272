package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/gopec/gopec/cmd/pecbox/internal/account"
	"github.com/gopec/gopec/cmd/pecbox/internal/listen"
	"github.com/gopec/gopec/cmd/pecbox/internal/mailstore"
	"github.com/gopec/gopec/cmd/pecbox/internal/manage"
	"github.com/gopec/gopec/cmd/pecbox/internal/submission"
	"github.com/gopec/gopec/cmd/pecbox/internal/testtls"
	"github.com/gopec/gopec/pectest"
)

// The servers.
const (
	smtps = iota
	smtpStartTLS
	imaps
	imapStartTLS
	management
	servers
)

// serverKinds gives each its name and its usual port: the registered one of its
// protocol and 20000, management apart.
var serverKinds = [servers]struct {
	name string
	port int
	tls  bool // from the first byte
}{
	smtps:        {"smtps", 20465, true},
	smtpStartTLS: {"smtp", 20587, false},
	imaps:        {"imaps", 20993, true},
	imapStartTLS: {"imap", 20143, false},
	management:   {"management", 20080, false},
}

// Limits of what clients hold open.
const (
	maxConnections = 100 // of each server
	firstWord      = 30 * time.Second
)

// box is a running circuit and its servers.
type box struct {
	config   *config
	host     string
	circuit  *pectest.Circuit
	accounts *account.Directory

	listeners [servers]net.Listener
	closers   []func() error
	failed    chan error // gets one error for each server that ends by itself
}

// start starts everything, or nothing.
func start(c *config, diag *diagnostics) (_ *box, err error) {
	b := &box{config: c, failed: make(chan error, servers)}
	defer func() {
		if err != nil {
			b.stop()
		}
	}()
	if err := b.bind(); err != nil { // first: a port that is taken is found at once
		return nil, err
	}
	identity, err := testtls.New(b.hosts())
	if err != nil {
		return nil, err
	}
	var store *mailstore.Store
	if b.circuit, err = newCircuit(c, func(m *pectest.Mailbox, _ *pectest.Message) { store.Arrived(m) }); err != nil {
		return nil, err
	}
	b.accounts = account.NewDirectory(b.circuit, c.password)
	store = mailstore.New(b.accounts, b.circuit.Clock())

	smtp := submission.NewServer(b.circuit, b.accounts, identity.Config, connections{"smtp", diag})
	imap := mailstore.NewServer(store, identity.Config, connections{"imap", diag})
	http := manage.NewServer(manage.Config{
		Circuit: b.circuit, Accounts: b.accounts, TLSAuthority: identity.Authority, Clear: store.Clear,
		Log: connections{"management", diag}.logger(),
	})
	b.closers = []func() error{smtp.Close, imap.Close, http.Close}
	serve := [servers]func(net.Listener) error{smtps: smtp.Serve, smtpStartTLS: smtp.Serve, imaps: imap.Serve, imapStartTLS: imap.Serve, management: http.Serve}
	for i, l := range b.listeners {
		l = listen.Limit(l, maxConnections, firstWord)
		if serverKinds[i].tls {
			l = tls.NewListener(l, identity.Config)
		}
		go func() { b.failed <- fmt.Errorf("%s: the server ended: %v", serverKinds[i].name, serve[i](l)) }()
	}
	return b, nil
}

// bind takes the ports. The management port is the machine's own business.
func (b *box) bind() error {
	for i, s := range serverKinds {
		address := b.config.listen
		if i == management {
			address = netip.MustParseAddr("127.0.0.1")
		}
		l, err := net.Listen("tcp", netip.AddrPortFrom(address, uint16(b.config.ports[i])).String())
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		b.listeners[i] = l
	}
	return nil
}

// hosts are the names and addresses for the certificate. The first is the one to
// point clients at.
func (b *box) hosts() []string {
	at := b.config.listen
	list := append([]string{}, b.config.names...)
	if at.IsUnspecified() {
		if name, err := os.Hostname(); err == nil {
			list = append(list, name)
		}
	} else {
		list = append(list, at.WithZone("").String())
	}
	list = append(list, "localhost", "127.0.0.1", "::1")
	b.host = list[0]
	return list
}

func addressInUse(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }

// port is that which a server listens on.
func (b *box) port(i int) int { return b.listeners[i].Addr().(*net.TCPAddr).Port }

// stop ends all connections and forgets everything.
func (b *box) stop() {
	for _, close := range b.closers {
		close() // what could go wrong is over
	}
	for _, l := range b.listeners {
		if l != nil {
			l.Close()
		}
	}
	if b.circuit != nil {
		b.circuit.Close()
	}
}

// newCircuit is the circuit of pectest with the mailboxes that were asked for, at
// the present time.
func newCircuit(c *config, hook func(*pectest.Mailbox, *pectest.Message)) (*pectest.Circuit, error) {
	alfa, beta := []string{"mittente", "ufficio"}, []string{"destinatario", "protocollo"}
	var more []pectest.ProviderOption
	for _, m := range c.mailboxes {
		local, domain, ok := strings.Cut(m, "@")
		switch {
		case !ok:
			return nil, fmt.Errorf("-mailbox: %q", m)
		case strings.EqualFold(domain, "pec.example.it"):
			alfa = append(alfa, local)
		case strings.EqualFold(domain, "pec.example.com"):
			beta = append(beta, local)
		default:
			more = append(more, pectest.WithDomain(domain, local))
		}
	}
	opts := []pectest.Option{
		pectest.WithClock(pectest.NewRunningClock()),
		pectest.WithDeliveryHook(hook),
		pectest.WithProvider("alfa.example.it", append(more, pectest.WithName("Alfa"), pectest.WithDomain("pec.example.it", alfa...))...),
		pectest.WithProvider("beta.example.com", pectest.WithName("Beta"), pectest.WithDomain("pec.example.com", beta...)),
	}
	if c.adversary != nil {
		opts = append(opts, pectest.WithAdversary(*c.adversary))
	}
	return pectest.NewCircuit(opts...)
}
