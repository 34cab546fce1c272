package pectest

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/trust"
)

// ErrClosed says that a circuit was used after Close.
var ErrClosed = errors.New("pectest: the circuit is closed")

// Circuit is a PEC circuit. It is made by [NewCircuit] or [Start], and is safe
// for concurrent use.
type Circuit struct {
	clock       *Clock
	authority   *x509.Certificate
	manager     *manager
	revocations *Revocations
	store       *trust.Store
	providers   []*Provider
	domains     map[string]*Provider // by domain of users, the providers directory
	hosts       map[string]*Provider
	users       map[string]*Mailbox // by address, folded
	outside     *Mailbox

	maxWeight, maxStorage int64
	hook                  func(*Mailbox, *Message)

	mu        sync.Mutex
	closed    bool
	faults    map[string]Fault
	queue     []func() // what happens next
	held      []func() // what happens when nothing else does
	waiting   map[string]*dispatch
	log       []LogEntry
	logged    int
	number    int   // of the last message stored
	stored    int64 // bytes in mailboxes and log
	underway  int64 // bytes of envelopes that arrive later
	free      *rand.Rand
	news      []news // what the hook has not been told
	reporting bool
}

// Defaults of the options.
const (
	maxWeight  = 30_000_000 // spec: RFC 6109 §3.1.1: 30 MB
	maxStorage = 1 << 30
)

// NewCircuit starts a circuit. Without [WithProvider] it has two providers:
//
//	alfa.example.it   pec.example.it    mittente@ ufficio@
//	beta.example.com  pec.example.com   destinatario@ protocollo@
//
// The error says which options contradict each other or cannot be used.
func NewCircuit(opts ...Option) (*Circuit, error) {
	config := &config{faults: make(map[string]Fault), maxWeight: maxWeight, maxStorage: maxStorage}
	for _, o := range opts {
		if err := o(config); err != nil {
			return nil, err
		}
	}
	if err := config.complete(); err != nil {
		return nil, err
	}
	c := &Circuit{
		clock: config.clock, faults: config.faults, hook: config.hook,
		maxWeight: config.maxWeight, maxStorage: config.maxStorage,
		domains: make(map[string]*Provider), hosts: make(map[string]*Provider),
		users: make(map[string]*Mailbox), waiting: make(map[string]*dispatch),
	}
	c.outside = &Mailbox{circuit: c}
	if config.adversary != nil {
		c.free = rand.New(rand.NewPCG(*config.adversary, 0))
	}
	if err := c.found(config.providers); err != nil {
		return nil, err
	}
	return c, nil
}

// found makes authority and providers.
func (c *Circuit) found(configs []*providerConfig) error {
	start := c.clock.Now()
	hosts := make([]string, len(configs))
	for i, p := range configs {
		hosts[i] = p.host
	}
	a, err := newAuthority(start, hosts)
	if err != nil {
		return err
	}
	c.authority = a.certificate
	c.revocations = &Revocations{authority: a, clock: c.clock}
	if c.store, err = trust.NewStore(false, a.certificate); err != nil {
		return fmt.Errorf("pectest: %w", err)
	}
	if c.manager, err = a.appoint(start); err != nil {
		return err
	}
	c.providers = make([]*Provider, len(configs))
	failed := make([]error, len(configs))
	var wait sync.WaitGroup
	for i, config := range configs { // keys take their time
		wait.Go(func() { c.providers[i], failed[i] = newProvider(c, config, a, start) })
	}
	wait.Wait()
	if err := errors.Join(failed...); err != nil {
		return err
	}
	for _, p := range c.providers {
		c.revocations.issued = append(c.revocations.issued, p.Certificate())
		c.hosts[p.config.host] = p
		for _, d := range p.domains {
			c.domains[d] = p
		}
		for _, b := range p.boxes {
			c.users[fold(b.address)] = b
		}
		c.obliging(p)
	}
	return nil
}

// obliging gives a provider the mailboxes of magic recipients that get something,
// so that every magic address works in every domain.
func (c *Circuit) obliging(p *Provider) {
	for _, d := range p.domains {
		for _, f := range []Fault{FaultLate, FaultDamaged} {
			address := string(f) + "@" + d
			if c.users[address] == nil {
				c.users[address] = &Mailbox{circuit: c, provider: p, address: address}
			}
		}
	}
}

// TB is what [Start] needs of a testing.TB. It is an interface of its own so
// that programs that are no tests can use this package, too.
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// Start starts a circuit for a test and closes it at the test's end.
func Start(tb TB, opts ...Option) *Circuit {
	tb.Helper()
	c, err := NewCircuit(opts...)
	if err != nil {
		tb.Fatalf("%v", err)
		return nil
	}
	tb.Cleanup(c.Close)
	return c
}

// Close stops the circuit: what was to happen later does not happen any more.
// Mailboxes and log can still be read.
func (c *Circuit) Close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.clock.forget(c)
}

// do runs one operation and all that follows from it at once.
func (c *Circuit) do(f func() error) error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return ErrClosed
	}
	err := f()
	c.drain()
	c.mu.Unlock()
	c.report()
	return err
}

// drain does what is in the queue, and what that puts there.
func (c *Circuit) drain() {
	for {
		list := &c.queue
		if len(*list) == 0 {
			list = &c.held
		}
		if len(*list) == 0 {
			c.queue, c.held = nil, nil
			return
		}
		i := 0
		if c.free != nil {
			i = c.free.IntN(len(*list))
		}
		next := (*list)[i]
		*list = slices.Delete(*list, i, i+1)
		next()
	}
}

// after lets something happen later.
func (c *Circuit) after(at time.Time, f func()) *event {
	return c.clock.at(at, c, func() {
		c.do(func() error { f(); return nil }) // a circuit that was closed does nothing
	})
}

// SetFault gives an address a fault from now on, or takes it away with FaultNone,
// a magic address's too. It panics for a fault that does not exist.
func (c *Circuit) SetFault(address string, f Fault) {
	if err := f.check(); err != nil {
		panic(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults[fold(address)] = f
}

// Clock returns the circuit's clock.
func (c *Circuit) Clock() *Clock { return c.clock }

// Mailbox returns the mailbox of a user, nil if there is none. Case does not
// matter.
func (c *Circuit) Mailbox(address string) *Mailbox { return c.users[fold(address)] }

// Mailboxes yields the mailboxes of all users, provider by provider, as they
// were declared.
func (c *Circuit) Mailboxes() iter.Seq[*Mailbox] {
	return func(yield func(*Mailbox) bool) {
		for _, p := range c.providers {
			for _, b := range p.boxes {
				if !yield(b) {
					return
				}
			}
		}
	}
}

// Outside returns what left the circuit: the mails to recipients with ordinary
// mailboxes. Message.To says for whom each is.
func (c *Circuit) Outside() *Mailbox { return c.outside }

// Provider returns a provider by its host, nil if there is none.
func (c *Circuit) Provider(host string) *Provider { return c.hosts[fold(host)] }

// Providers yields the providers as they were declared.
func (c *Circuit) Providers() iter.Seq[*Provider] { return slices.Values(c.providers) }

// Anchor returns the certificate of the circuit's authority.
func (c *Circuit) Anchor() *x509.Certificate { return c.authority }

// TrustStore returns a store that believes the circuit's authority and no other.
func (c *Circuit) TrustStore() *trust.Store { return c.store }

// VerifyOptions returns the options under which pec.Verify judges messages of
// this circuit: its authority and its clock.
func (c *Circuit) VerifyOptions() *pec.VerifyOptions {
	return &pec.VerifyOptions{Trust: c.store, Clock: c.clock.Now}
}

// Verify reads and verifies a message of this circuit. See pec.Verify for the
// errors.
func (c *Circuit) Verify(m *Message) (*pec.Report, error) { return c.verify(m.Raw) }

func (c *Circuit) verify(raw []byte) (*pec.Report, error) {
	m, err := pec.Read(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, err
	}
	return pec.Verify(m, c.VerifyOptions())
}

// Stored returns how many bytes the circuit holds: in mailboxes, virus stores and
// log, and of envelopes that arrive later.
func (c *Circuit) Stored() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stored + c.underway
}

// full refuses mail that the circuit has no room for.
func (c *Circuit) full() error {
	if held := c.stored + c.underway; held >= c.maxStorage {
		return refuse(452, 4, 3, 1, "the circuit holds %d bytes and takes no more from %d on", held, c.maxStorage)
	}
	return nil
}

// Clear empties all mailboxes and virus stores and the log. What is under way
// goes on.
func (c *Circuit) Clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, b := range c.users {
		b.clear()
	}
	for _, p := range c.providers {
		p.service.clear()
		p.quarantine.clear()
	}
	c.outside.clear()
	c.log, c.stored = nil, 0
}
