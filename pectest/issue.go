package pectest

import (
	"bytes"
	"slices"
	"time"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/envelope"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/receipt"
)

// identity is a provider as the issuer of its next message.
func (c *Circuit) identity(p *Provider) *envelope.Provider {
	if c.free == nil {
		return &p.issuer
	}
	return c.vary(p)
}

// issuer issues the receipts and notices about a message.
func (c *Circuit) issuer(p *Provider, facts *daticert.Data, at time.Time) *receipt.Issuer {
	if p.config.noMsgid && facts.MessageID != "" {
		without := *facts
		without.MessageID = ""
		facts = &without
	}
	return &receipt.Issuer{By: c.identity(p), About: facts, At: at}
}

// sign signs what was built. The error is that of the building, if there was one.
func sign(o *envelope.Outgoing, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if _, err := o.WriteTo(&b); err != nil {
		return nil, err
	}
	return bytes.Clone(b.Bytes()), nil // without what the buffer has to spare
}

// emitted logs that a message was issued.
func (c *Circuit) emitted(p *Provider, at time.Time, o *envelope.Outgoing, recipients []string, detail string) {
	e := c.about(p, at, o.Data)
	e.Event, e.Kind, e.Recipients, e.Related, e.Detail = EventEmission, pec.Kind(o.Data.Type), recipients, []string{o.MessageID}, detail
	c.note(e)
}

// failure logs what could not be done.
func (c *Circuit) failure(p *Provider, at time.Time, kind pec.Kind, d *daticert.Data, recipients []string, detail string) {
	e := c.about(p, at, d)
	e.Event, e.Kind, e.Recipients, e.Detail = EventFailure, kind, recipients, detail
	c.note(e)
}

// lost logs what a fault took away.
func (c *Circuit) lost(p *Provider, at time.Time, m *Message, d *daticert.Data, recipients []string, f Fault) {
	e := c.about(p, at, d)
	e.Event, e.Kind, e.Recipients, e.Related, e.Detail = EventLoss, m.Kind, recipients, []string{m.ID}, string(f)
	c.note(e)
}

// toUser puts a notice that a provider issued to its own user into the mailbox.
func (c *Circuit) toUser(p *Provider, at time.Time, o *envelope.Outgoing, raw []byte) {
	box := c.users[fold(o.Data.Sender)]
	m := &Message{From: p.Address(), To: []string{box.address}, Kind: pec.Kind(o.Data.Type), ID: o.MessageID, Raw: raw}
	deliver := func() { c.put(box, at, m, o.Data) }
	if p.config.reordering {
		c.held = append(c.held, deliver)
		return
	}
	c.queue = append(c.queue, deliver)
}

// notify issues a notice to a provider's own user.
func (c *Circuit) notify(p *Provider, at time.Time, recipient string, o *envelope.Outgoing, err error) {
	raw, err := sign(o, err)
	if err != nil {
		c.failure(p, at, "", nil, []string{recipient}, err.Error())
		return
	}
	c.emitted(p, at, o, []string{recipient}, o.Data.ErrorExtended)
	c.toUser(p, at, o, raw)
}

// put puts a message into a mailbox, as its provider stores it.
func (c *Circuit) put(b *Mailbox, at time.Time, m *Message, d *daticert.Data) {
	c.keep(b, at, m)
	e := c.about(b.provider, at, d)
	e.Event, e.Kind, e.Recipients, e.Related, e.Mailbox = EventDelivery, m.Kind, m.To, []string{m.ID}, b.address
	c.note(e)
}

// quarantine puts a message with a virus aside.
//
// spec: RFC 6109 §2.2.4
func (c *Circuit) quarantine(p *Provider, at time.Time, m *Message, d *daticert.Data) {
	c.keep(p.quarantine, at, m)
	e := c.about(p, at, d)
	e.Event, e.Kind, e.Recipients, e.Mailbox, e.Detail = EventQuarantine, m.Kind, m.To, p.quarantine.address, virusName
	if m.ID != "" {
		e.Related = []string{m.ID}
	}
	c.note(e)
}

func (c *Circuit) keep(b *Mailbox, at time.Time, m *Message) {
	c.number++
	stored := *m
	stored.Number, stored.Time = c.number, at
	if b.provider != nil && b.provider.config.lf {
		stored.Raw = bytes.ReplaceAll(m.Raw, []byte("\r\n"), []byte("\n"))
	}
	stored.To = slices.Clone(m.To)
	b.messages = append(b.messages, &stored)
	c.stored += stored.size()
	if c.hook != nil {
		c.news = append(c.news, news{b, &stored})
	}
}
