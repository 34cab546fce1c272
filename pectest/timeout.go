package pectest

import (
	"strings"
	"time"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/envelope"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/receipt"
)

// dispatch is a message whose sender's provider waits for what becomes of it.
type dispatch struct {
	by      *Provider
	facts   *daticert.Data
	waiting []*fate // of the recipients of which nothing final is known, in order
	events  []*event
}

// fate is what the sender's provider knows of one recipient.
type fate struct {
	address string
	taken   bool // taken in charge
}

// patience is after how long without a sign the sender is told.
//
// spec: RFC 6109 §3.1.6
const patience = 12 * time.Hour

// watch begins to wait for the recipients that have PEC mailboxes.
func (c *Circuit) watch(s *submission) {
	d := &dispatch{by: s.by, facts: detach(s.facts)}
	for _, r := range d.facts.Recipients {
		if r.Type == daticert.RecipientCertified {
			d.waiting = append(d.waiting, &fate{address: r.Address})
		}
	}
	if len(d.waiting) == 0 {
		return
	}
	c.waiting[d.facts.ID] = d
	d.events = []*event{
		c.after(s.at.Add(patience), func() { c.late(d) }),
		c.after(s.at.Add(s.by.config.expiry), func() { c.expire(d) }),
	}
}

// detach copies facts, which may be a few letters of a message of megabytes.
func detach(d *daticert.Data) *daticert.Data {
	out := &daticert.Data{
		Sender: strings.Clone(d.Sender), ReplyTo: strings.Clone(d.ReplyTo), Subject: strings.Clone(d.Subject),
		ID: strings.Clone(d.ID), MessageID: strings.Clone(d.MessageID), Receipt: d.Receipt,
	}
	for _, r := range d.Recipients {
		out.Recipients = append(out.Recipients, daticert.Recipient{Type: r.Type, Address: strings.Clone(r.Address)})
	}
	return out
}

// heard notes what a receipt or notice says of recipients.
func (c *Circuit) heard(a *arrival) {
	data := a.report.Data
	d := c.waiting[data.ID]
	if d == nil {
		return
	}
	switch a.report.Kind {
	case pec.KindTakingInCharge:
		for _, r := range data.Receptions {
			for _, f := range d.waiting {
				if fold(f.address) == fold(r) {
					f.taken = true
				}
			}
		}
	case pec.KindDelivery, pec.KindDeliveryError, pec.KindVirusDetection:
		c.settle(d, data.Delivery)
	}
}

// settle ends the wait for one recipient, and for the message if it was the last.
func (c *Circuit) settle(d *dispatch, recipient string) {
	for i, f := range d.waiting {
		if fold(f.address) == fold(recipient) {
			d.waiting = append(d.waiting[:i], d.waiting[i+1:]...)
			break
		}
	}
	if len(d.waiting) == 0 {
		delete(c.waiting, d.facts.ID)
		c.clock.cancel(d.events...)
	}
}

// late is 12 hours after dispatch: the sender is told of every recipient whose
// provider has given no sign.
//
// spec: RFC 6109 §3.1.6, scenarios 2 and 3
func (c *Circuit) late(d *dispatch) {
	for _, f := range d.waiting {
		if !f.taken {
			c.timeout(d, f, (*receipt.Issuer).Late)
		}
	}
}

// expire is 24 hours after dispatch, or when the provider gives up: the sender is
// told of every recipient to whom nothing was delivered, and nobody waits any
// more.
//
// spec: RFC 6109 §2.1.1.1.2, §3.1.6, scenarios 1 and 3
func (c *Circuit) expire(d *dispatch) {
	delete(c.waiting, d.facts.ID)
	for _, f := range d.waiting {
		c.timeout(d, f, (*receipt.Issuer).Expired)
	}
}

func (c *Circuit) timeout(d *dispatch, f *fate, build func(*receipt.Issuer, string) (*envelope.Outgoing, error)) {
	at := c.now()
	out, err := build(c.issuer(d.by, d.facts, at), f.address)
	c.notify(d.by, at, f.address, out, err)
}
