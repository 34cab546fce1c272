package pectest

import (
	"crypto/x509"
	"iter"
)

// Provider is a provider (gestore) of the circuit.
type Provider struct{}

// Host is the provider's mail host, by which [Circuit.Provider] finds it.
func (p *Provider) Host() string { panic("todo") }

// Name is the provider's name as its messages give it, element gestore-emittente.
func (p *Provider) Name() string { panic("todo") }

// Address is the From of all it issues: posta-certificata@host.
func (p *Provider) Address() string { panic("todo") }

// Certificate is that of the key the provider signs with.
func (p *Provider) Certificate() *x509.Certificate { panic("todo") }

// Domains yields the domains it manages.
func (p *Provider) Domains() iter.Seq[string] { panic("todo") }

// Service returns its service mailbox, where takings in charge and virus
// detections arrive.
//
// spec: RFC 6109 §2.2.5
func (p *Provider) Service() *Mailbox { panic("todo") }

// Quarantine returns its store of messages with a virus.
//
// spec: RFC 6109 §2.2.4
func (p *Provider) Quarantine() *Mailbox { panic("todo") }

// Log yields the provider's own part of the circuit's log.
func (p *Provider) Log() iter.Seq[LogEntry] { panic("todo") }
