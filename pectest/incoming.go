package pectest

import (
	"errors"
	"slices"
	"time"

	"github.com/gopec/gopec/envelope"
	"github.com/gopec/gopec/pec"
)

// arrival is a message at the incoming point of one provider.
type arrival struct {
	*Message
	by     *Provider
	at     time.Time
	report *pec.Report
	to     []string // recipients of this provider

	send []func() // what follows from it, in order
}

// incoming is the incoming point: it judges a message and sends it on its way
// inside the provider.
//
// spec: RFC 6109 §2.2.2, §3.2
func (c *Circuit) incoming(p *Provider, m *Message, to []string) {
	a := &arrival{Message: m, by: p, at: c.now(), to: to}
	report, err := c.verify(m.Raw)
	if n, ok := errors.AsType[*pec.NotCertifiedError](err); ok {
		report, err = n.Report, nil
	}
	if err != nil {
		c.failure(p, a.at, m.Kind, nil, to, err.Error())
		return
	}
	a.report = report
	e := c.about(p, a.at, report.Data)
	if !report.Certified {
		e = c.about(p, a.at, nil)
		e.Sender, e.Subject, e.Detail = m.From, report.Message.FirstHeader("Subject"), reasonOf(report)
	}
	e.Event, e.Kind, e.Recipients, e.Related = EventReception, report.Kind, to, []string{m.ID}
	c.note(e)
	switch {
	case !report.Certified:
		c.anomaly(a, to, reasonOf(report))
	case report.Kind == pec.KindTransport:
		c.transport(a)
	default:
		c.notice(a)
	}
	if p.config.reordering {
		slices.Reverse(a.send)
	}
	c.queue = append(c.queue, a.send...)
}

// Why an anomaly envelope is one. The first is what readers look for.
const (
	reasonUnsigned = "firma non presente o non autentica"
	reasonForm     = "il messaggio non è conforme alle regole tecniche"
	reasonStranger = "destinatario non presente nei dati di certificazione"
)

// reasonOf tells a message that comes from no provider from one that does and is
// not correct.
func reasonOf(r *pec.Report) string {
	if r.Verdict == pec.TotalPassed || r.SubIndication == pec.SigConstraintsFailure {
		return reasonForm
	}
	return reasonUnsigned
}

// anomaly delivers a message that is not correct in an anomaly envelope.
//
// spec: RFC 6109 §3.2.2
func (c *Circuit) anomaly(a *arrival, to []string, reason string) {
	out, err := c.identity(a.by).Anomaly(&envelope.Arrival{Sender: a.From, Recipients: to, Reason: reason}, section(a.Raw), a.at)
	raw, err := sign(out, err)
	if err != nil {
		c.failure(a.by, a.at, pec.KindAnomaly, nil, to, err.Error())
		return
	}
	e := c.about(a.by, a.at, nil)
	e.Event, e.Kind, e.Sender, e.Recipients, e.Related, e.Detail = EventEmission, pec.KindAnomaly, a.From, to, []string{out.MessageID}, reason
	c.note(e)
	for _, r := range to {
		if f := c.faultOf(r); c.users[fold(r)] == nil || failures[f].Status != "" {
			c.failure(a.by, a.at, pec.KindAnomaly, nil, []string{r}, "there is no mailbox, or it is full")
			continue
		}
		c.put(c.users[fold(r)], a.at, &Message{From: a.From, To: []string{r}, Kind: pec.KindAnomaly, ID: out.MessageID, Raw: raw}, nil)
	}
}

// transport takes a transport envelope in charge and delivers it.
//
// spec: RFC 6109 §2.2.2, §3.2.1, §3.2.3
func (c *Circuit) transport(a *arrival) {
	certified, _ := a.report.Message.Transport.Recipients()
	known := make(map[string]bool)
	for _, r := range certified {
		known[fold(r)] = true
	}
	var to, strangers []string
	for _, r := range a.to {
		if known[fold(r)] {
			to = append(to, r)
		} else {
			strangers = append(strangers, r)
		}
	}
	if len(strangers) > 0 {
		c.anomaly(a, strangers, reasonStranger)
	}
	if len(to) == 0 {
		return
	}
	data := a.report.Data
	sending := c.sending(a)
	out, err := c.issuer(a.by, data, a.at).TakingInCharge(sending.service.address, to...)
	c.reply(a, sending, sending.service.address, to, out, err)
	original := a.report.Message.Original()
	virus := ""
	if original != nil && original.Message() != nil {
		virus = virusIn(original.Message())
	}
	var infected []string
	for _, r := range to {
		if virus == "" && c.faultOf(r) != FaultVirus {
			c.deliver(a, r)
			continue
		}
		infected = append(infected, r)
		out, err := c.issuer(a.by, data, a.at).VirusDetection(sending.service.address, r, virusName)
		c.reply(a, sending, sending.service.address, []string{r}, out, err)
	}
	if len(infected) > 0 {
		aside := *a.Message
		aside.To = infected
		c.quarantine(a.by, a.at, &aside, data)
	}
}

// sending is the provider that signed a certified message.
func (c *Circuit) sending(a *arrival) *Provider {
	return c.hosts[domainOf(a.report.Signer.Email)]
}

// reply issues a receipt or notice to another provider, for its user or itself.
func (c *Circuit) reply(a *arrival, p *Provider, address string, recipients []string, o *envelope.Outgoing, err error) {
	raw, err := sign(o, err)
	if err != nil {
		c.failure(a.by, a.at, a.Kind, a.report.Data, recipients, err.Error())
		return
	}
	c.emitted(a.by, a.at, o, recipients, o.Data.ErrorExtended)
	m := &Message{From: a.by.Address(), Kind: pec.Kind(o.Data.Type), ID: o.MessageID, Raw: raw}
	times := 1
	if a.by.config.duplicates || c.free != nil && c.free.IntN(8) == 0 {
		times = 2
	}
	for range times {
		a.send = append(a.send, func() { c.incoming(p, m, []string{address}) })
	}
}

// deliver is the delivery point for one recipient of an envelope.
//
// spec: RFC 6109 §2.2.3, §3.3
func (c *Circuit) deliver(a *arrival, recipient string) {
	data := a.report.Data
	home := c.domains[domainOf(data.Sender)]
	if home == nil {
		home = c.sending(a)
	}
	issuer := c.issuer(a.by, data, a.at)
	fault, box := c.faultOf(recipient), c.users[fold(recipient)]
	failure, fails := failures[fault]
	if !fails && fault != FaultStuck && box == nil {
		failure, fails = failures[FaultNobody], true
	}
	switch {
	case fails:
		out, err := issuer.DeliveryError(recipient, failure)
		c.reply(a, home, data.Sender, []string{recipient}, out, err)
		return
	case fault == FaultStuck:
		c.lost(a.by, a.at, a.Message, data, []string{recipient}, fault)
		return
	}
	own := *a.Message
	own.To = []string{recipient}
	c.put(box, a.at, &own, data)
	original, err := a.report.Message.Original().Section()
	if err != nil {
		c.failure(a.by, a.at, pec.KindDelivery, data, []string{recipient}, err.Error())
		return
	}
	out, err := issuer.Delivery(recipient, original)
	c.reply(a, home, data.Sender, []string{recipient}, out, err)
}

// notice takes a receipt or notice from another provider: those for users go to
// their mailbox, those between providers to the service mailbox.
//
// spec: RFC 6109 §2.2.2, §2.2.5, §3.2.4
func (c *Circuit) notice(a *arrival) {
	data := a.report.Data
	between := a.report.Kind == pec.KindTakingInCharge || a.report.Kind == pec.KindVirusDetection
	for _, r := range a.to {
		box := c.users[fold(r)]
		if between {
			box = a.by.service
		}
		if box == nil {
			c.failure(a.by, a.at, a.report.Kind, data, []string{r}, "there is no mailbox")
			continue
		}
		own := *a.Message
		own.To = []string{r}
		c.put(box, a.at, &own, data)
	}
	c.heard(a)
	if a.report.Kind == pec.KindVirusDetection && c.users[fold(data.Sender)] != nil {
		out, err := c.issuer(a.by, data, a.at).VirusDeliveryError(data.Delivery, data.ErrorExtended)
		c.notify(a.by, a.at, data.Delivery, out, err)
	}
}
