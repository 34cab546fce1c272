package pectest

import (
	"fmt"
	"strings"
	"time"
)

// complete fills what the options left open and checks that they go together.
func (c *config) complete() error {
	if c.clock == nil {
		c.clock = NewClock(time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC))
	}
	if len(c.providers) == 0 {
		for _, o := range []Option{
			WithProvider("alfa.example.it", WithName("Alfa"), WithDomain("pec.example.it", "mittente", "ufficio")),
			WithProvider("beta.example.com", WithName("Beta"), WithDomain("pec.example.com", "destinatario", "protocollo")),
		} {
			if err := o(c); err != nil {
				return err
			}
		}
	}
	names := make(map[string]string) // every host, domain and address, and whose it is
	claim := func(name string, p *providerConfig) error {
		if other, taken := names[fold(name)]; taken {
			return fmt.Errorf("pectest: %s is there twice: under provider %s and under provider %s", name, other, p.host)
		}
		names[fold(name)] = p.host
		return nil
	}
	for _, p := range c.providers {
		if err := p.check(); err != nil {
			return err
		}
		if err := claim(p.host, p); err != nil {
			return err
		}
		for _, d := range p.domains {
			for _, name := range append([]string{d.name}, d.mailboxes...) {
				if err := claim(name, p); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (p *providerConfig) check() error {
	if !isHost(p.host) || len(serviceAddress(p.host)) > maxAddress {
		return fmt.Errorf("pectest: %q is no host of a provider", p.host)
	}
	for _, d := range p.domains {
		if !isHost(d.name) {
			return fmt.Errorf("pectest: WithDomain: %q is no domain", d.name)
		}
	}
	if strings.Contains(p.name, " - ") {
		// errore-esteso has the name between two of them.
		return fmt.Errorf("pectest: WithName: %q holds \" - \"", p.name)
	}
	return nil
}
