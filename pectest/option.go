package pectest

import (
	"errors"
	"fmt"
)

// Option is one line of a scenario, for [NewCircuit] and [Start].
type Option func(*config) error

// config is what the options say.
type config struct {
	providers  []*providerConfig
	clock      *Clock
	faults     map[string]Fault
	maxWeight  int64
	maxStorage int64
	adversary  *uint64
	hook       func(*Mailbox, *Message)
}

// WithProvider adds a provider. host is its mail host, such as alfa.example.it:
// what it issues comes from posta-certificata@host. It must not be a domain of
// users. A provider without [WithDomain] can only send notices.
func WithProvider(host string, opts ...ProviderOption) Option {
	return func(c *config) error {
		p := &providerConfig{host: fold(host)}
		for _, o := range opts {
			if err := o(p); err != nil {
				return fmt.Errorf("%w (provider %s)", err, host)
			}
		}
		c.providers = append(c.providers, p)
		return nil
	}
}

// WithClock gives the circuit a clock. Without it the circuit has one that
// stands still on 2026-03-02 at 10:00 in Italy.
func WithClock(k *Clock) Option {
	return func(c *config) error {
		if k == nil {
			return errors.New("pectest: WithClock: there is none")
		}
		c.clock = k
		return nil
	}
}

// WithFault gives an address a fault, as [Circuit.SetFault] does.
func WithFault(address string, f Fault) Option {
	return func(c *config) error {
		if err := f.check(); err != nil {
			return err
		}
		c.faults[fold(address)] = f
		return nil
	}
}

// WithMaxWeight sets the limit for the size of a mail times the number of its
// recipients, in bytes. Without it the limit is the law's, 30 MB (30,000,000).
//
// spec: RFC 6109 §3.1.1
func WithMaxWeight(bytes int64) Option {
	return func(c *config) error {
		if bytes <= 0 {
			return fmt.Errorf("pectest: WithMaxWeight: %d is no limit", bytes)
		}
		c.maxWeight = bytes
		return nil
	}
}

// WithMaxStorage sets how many bytes the circuit holds before it takes no
// further mail. Without it that is 1 GiB.
func WithMaxStorage(bytes int64) Option {
	return func(c *config) error {
		if bytes <= 0 {
			return fmt.Errorf("pectest: WithMaxStorage: %d is no limit", bytes)
		}
		c.maxStorage = bytes
		return nil
	}
}

// WithAdversary makes every provider use the freedom that norm and practice leave
// it, anew for each message: form of the signature, layout of the parts, order of
// arrival, receipts that come twice. The same seed gives the same choices to the
// same sequence of submissions. It finds programs that were written after the
// mail of one provider.
func WithAdversary(seed uint64) Option {
	return func(c *config) error {
		c.adversary = &seed
		return nil
	}
}

// WithDeliveryHook calls f for each message that is put into a mailbox, in order
// and one at a time, after the circuit is done with what caused it. f may use the
// circuit.
func WithDeliveryHook(f func(*Mailbox, *Message)) Option {
	return func(c *config) error {
		c.hook = f
		return nil
	}
}
