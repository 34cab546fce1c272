package pectest

import (
	"errors"
	"slices"
	"time"

	"github.com/gopec/gopec/internal/mime"
	"github.com/gopec/gopec/pec"
)

// lateness is after how long FaultLate lets the envelope arrive: after the notice
// at 12 hours and well before 22.
const lateness = 13 * time.Hour

// carry takes an envelope to the incoming point of one provider, or does to it
// what the fault says.
func (c *Circuit) carry(s *submission, m *Message, g group) {
	switch g.fault {
	case FaultSilent:
		c.lost(s.by, s.at, m, s.facts, g.to, g.fault)
	case FaultLate:
		size := m.size()
		c.underway += size // it is held, though in no mailbox
		c.after(s.at.Add(lateness), func() {
			c.underway -= size
			c.incoming(g.by, m, g.to)
		})
	case FaultDamaged:
		damaged, err := damage(m)
		if err != nil {
			c.failure(s.by, s.at, m.Kind, s.facts, g.to, err.Error())
			return
		}
		c.incoming(g.by, damaged, g.to)
	default:
		c.incoming(g.by, m, g.to)
	}
}

// damage changes the case of one letter of the readable text.
func damage(m *Message) (*Message, error) {
	raw := slices.Clone(m.Raw)
	mail, err := mime.Scan(mime.NewBytes(m.Raw), nil)
	if err != nil {
		return nil, err
	}
	for e := range mail.All {
		if e.MediaType != "text/plain" {
			continue
		}
		for i := e.Body.Offset; i < e.Body.End(); i++ {
			if letter := raw[i] | 0x20; letter >= 'g' && letter <= 'z' { // no digit of an escape
				raw[i] ^= 0x20
				damaged := *m
				damaged.Raw = raw
				return &damaged, nil
			}
		}
	}
	return nil, errors.New("the envelope has no text that could be damaged")
}

// depart lets an envelope leave for ordinary mailboxes.
func (c *Circuit) depart(s *submission, m *Message, to []string) {
	out := *m
	out.To = to
	c.keep(c.outside, s.at, &out)
	e := c.about(s.by, s.at, s.facts)
	e.Event, e.Kind, e.Recipients, e.Related = EventDeparture, m.Kind, to, []string{m.ID}
	c.note(e)
}

// Arrive hands a mail that comes from outside the circuit to the incoming points
// of the recipients' providers: ordinary mail, a forgery, a message that was
// issued here and is sent again. from is the reverse path, "" for a bounce.
//
// An error is a [*SMTPError] or [ErrClosed]; nothing was delivered then. msg is
// copied.
//
// spec: RFC 6109 §2.2.2
func (c *Circuit) Arrive(from string, to []string, msg []byte) error {
	return c.do(func() error { return c.arrive(from, to, slices.Clone(msg)) })
}

func (c *Circuit) arrive(from string, to []string, msg []byte) error {
	if err := c.admit(to, msg); err != nil {
		return err
	}
	report, err := c.verify(msg)
	if report == nil {
		if n, ok := errors.AsType[*pec.NotCertifiedError](err); !ok {
			return failed(err)
		} else {
			report = n.Report
		}
	}
	m := &Message{From: from, Kind: report.Kind, ID: report.Message.FirstHeader("Message-ID"), Raw: msg}
	isEnvelope := report.Certified && report.Kind == pec.KindTransport
	if !isEnvelope {
		if err := c.admitOrdinary(to, msg); err != nil {
			return err
		}
	}
	var groups []group
	for _, r := range to {
		p := c.providerFor(r)
		i := slices.IndexFunc(groups, func(g group) bool { return g.by == p })
		if i < 0 {
			groups = append(groups, group{by: p})
			i = len(groups) - 1
		}
		groups[i].to = append(groups[i].to, r)
	}
	for _, g := range groups {
		c.queue = append(c.queue, func() { c.incoming(g.by, m, g.to) })
	}
	return nil
}

// admit takes what providers of the circuit are responsible for.
func (c *Circuit) admit(to []string, msg []byte) error {
	switch {
	case len(to) == 0:
		return refuse(554, 5, 5, 1, "there is no recipient")
	case len(to) > maxRecipients:
		return refuse(452, 4, 5, 3, "%d recipients are over the limit of %d", len(to), maxRecipients)
	case len(msg) > maxSize:
		return refuse(552, 5, 3, 4, "%d bytes are over the limit of %d", len(msg), maxSize)
	case c.full() != nil:
		return c.full()
	}
	for _, r := range to {
		if c.providerFor(r) == nil || !isAddress(r) {
			return refuse(550, 5, 7, 1, "%.100q is no address of this circuit", r)
		}
	}
	return nil
}

// providerFor is the provider of an address, the service mailboxes' too.
func (c *Circuit) providerFor(address string) *Provider {
	if p := c.domains[domainOf(address)]; p != nil {
		return p
	}
	if p := c.hosts[domainOf(address)]; p != nil && fold(address) == p.service.address {
		return p
	}
	return nil
}

// admitOrdinary refuses mail that cannot be delivered, and mail with a virus, as
// mail servers do: about ordinary mail no notice is issued.
//
// spec: RFC 6109 §2.2.2, §2.2.3
func (c *Circuit) admitOrdinary(to []string, msg []byte) error {
	for _, r := range to {
		switch {
		case c.boxOf(r) == nil:
			return refuse(550, 5, 1, 1, "there is no mailbox %.100q", r)
		case c.faultOf(r) == FaultFull:
			return refuse(552, 5, 2, 2, "the mailbox %.100q is full", r)
		}
	}
	mail, err := mime.Scan(mime.NewBytes(msg), nil)
	if err != nil {
		return failed(err)
	}
	if virus := virusIn(mail); virus != "" {
		return refuse(554, 5, 7, 1, "the message has a virus: %s", virus)
	}
	return nil
}

// boxOf is the mailbox of a user or a service mailbox.
func (c *Circuit) boxOf(address string) *Mailbox {
	if b := c.users[fold(address)]; b != nil {
		return b
	}
	if p := c.hosts[domainOf(address)]; p != nil && fold(address) == p.service.address {
		return p.service
	}
	return nil
}
