package pectest

import (
	"crypto"
	"crypto/x509"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/gopec/gopec/envelope"
	"github.com/gopec/gopec/smime"
)

// Provider is a provider (gestore) of the circuit.
type Provider struct {
	circuit *Circuit
	config  *providerConfig
	issuer  envelope.Provider
	domains []string
	boxes   []*Mailbox // of users, as they were declared

	service, quarantine *Mailbox
}

// expiry is when a provider that was not told otherwise gives up on a delivery.
//
// spec: RFC 6109 §3.1.6
const expiry = 24 * time.Hour

// newProvider makes key and certificate of a provider.
func newProvider(c *Circuit, config *providerConfig, a *authority, start time.Time) (*Provider, error) {
	if config.name == "" {
		config.name = config.host
	}
	if config.expiry == 0 {
		config.expiry = expiry
	}
	key, err := config.key.generate()
	if err != nil {
		return nil, err
	}
	until := start.AddDate(yearsAfter, 0, 0)
	if config.expired {
		until = start.Add(-time.Hour)
	}
	certificate, err := a.certify(key.Public(), config.host, config.name, start.AddDate(-yearsBefore, 0, 0), until)
	if err != nil {
		return nil, err
	}
	p := &Provider{circuit: c, config: config, issuer: envelope.Provider{
		Name:    config.name + " (PEC TEST, NO LEGAL VALUE)",
		Address: serviceAddress(config.host),
		Signer:  config.form.signer(key, certificate, a.certificate),
		Habits:  config.habits,
	}}
	p.service = &Mailbox{circuit: c, provider: p, address: "servizio@" + config.host}
	p.quarantine = &Mailbox{circuit: c, provider: p, address: "quarantena@" + config.host}
	for _, d := range config.domains {
		p.domains = append(p.domains, d.name)
		for _, address := range d.mailboxes {
			p.boxes = append(p.boxes, &Mailbox{circuit: c, provider: p, address: address})
		}
	}
	if err := p.issuer.Signer.Check(start); err != nil {
		return nil, fmt.Errorf("pectest: provider %s: %w", config.host, err)
	}
	return p, nil
}

// signer puts the habits of a signature together.
func (f form) signer(key crypto.Signer, certificate, authority *x509.Certificate) *smime.Signer {
	s := &smime.Signer{Key: key, Certificate: certificate, SHA1ForTestsOfOldHabits: f.sha1, BER: f.ber, NoPreamble: f.noPreamble}
	if f.chain {
		s.Chain = []*x509.Certificate{authority}
	}
	if f.xpkcs7 {
		s.SignatureType = "application/x-pkcs7-signature"
	}
	return s
}

// Host is the provider's mail host, by which [Circuit.Provider] finds it.
func (p *Provider) Host() string { return p.config.host }

// Name is the provider's name as its messages give it, element gestore-emittente.
func (p *Provider) Name() string { return p.issuer.Name }

// Address is the From of all it issues: posta-certificata@host.
func (p *Provider) Address() string { return p.issuer.Address }

// Certificate is that of the key the provider signs with.
func (p *Provider) Certificate() *x509.Certificate { return p.issuer.Signer.Certificate }

// Domains yields the domains it manages.
func (p *Provider) Domains() iter.Seq[string] { return slices.Values(p.domains) }

// Mailboxes yields the mailboxes of its users, as they were declared.
func (p *Provider) Mailboxes() iter.Seq[*Mailbox] { return slices.Values(p.boxes) }

// Service returns its service mailbox, where takings in charge and virus
// detections arrive.
//
// spec: RFC 6109 §2.2.5
func (p *Provider) Service() *Mailbox { return p.service }

// Quarantine returns its store of messages with a virus.
//
// spec: RFC 6109 §2.2.4
func (p *Provider) Quarantine() *Mailbox { return p.quarantine }

// Log yields the provider's own part of the circuit's log.
func (p *Provider) Log() iter.Seq[LogEntry] {
	return func(yield func(LogEntry) bool) {
		for e := range p.circuit.Log() {
			if e.Provider == p.config.host && !yield(e) {
				return
			}
		}
	}
}
