package pectest

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/envelope"
	"github.com/gopec/gopec/internal/mime"
	"github.com/gopec/gopec/pec"
)

// Submission is what the access point did with a mail.
type Submission struct {
	// ID is the identifier that the mail got, identificativo, without angle
	// brackets. Whatever is issued about the mail carries it.
	ID string
	// Accepted tells an acceptance from a non-acceptance. One or the other is in
	// the sender's mailbox.
	Accepted bool
	// Reason says in the words of the notice why the mail was not accepted.
	Reason string
}

// SMTPError says that a mail was turned away in the SMTP dialogue: nothing of it
// was kept and no notice was issued.
//
// spec: RFC 6109 §3.1.2, RFC 5321 §4.2, RFC 3463
type SMTPError struct {
	Code     int    // reply code, such as 552
	Enhanced [3]int // enhanced status code, such as 5.3.4
	Message  string // in English; outside text in it is quoted
}

// Error gives the reply as SMTP would.
func (e *SMTPError) Error() string {
	return fmt.Sprintf("pectest: %d %d.%d.%d %s", e.Code, e.Enhanced[0], e.Enhanced[1], e.Enhanced[2], e.Message)
}

func refuse(code int, class, subject, detail int, format string, args ...any) error {
	return &SMTPError{code, [3]int{class, subject, detail}, fmt.Sprintf(format, args...)}
}

// Limits of a submission, beyond which it is left to SMTP.
const (
	maxSize       = 100 << 20 // bytes of one mail
	maxRecipients = 1000      // of one mail
)

// Submit hands a mail to the access point of the sender's provider, as the user
// does whose mailbox from is. from and to are those of the SMTP envelope. What
// follows at once has happened when Submit returns: see [Submission] for the
// outcome and the mailboxes for the messages.
//
// A mail that fails the formal checks or has a virus is answered by a
// non-acceptance, which is no error. An error is a [*SMTPError] or [ErrClosed].
// msg is copied. A recipient that is named twice counts once.
//
// spec: RFC 6109 §2.2.1, §3.1
func (c *Circuit) Submit(from string, to []string, msg []byte) (*Submission, error) {
	var s *submission
	err := c.do(func() error {
		var err error
		s, err = c.accept(from, to, msg)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &Submission{ID: s.facts.ID, Accepted: s.reason == "", Reason: s.reason}, nil
}

// submission is a mail at the access point.
type submission struct {
	by    *Provider
	at    time.Time
	from  *Mailbox
	to    []string
	raw   []byte
	mail  *mime.Entity
	facts *daticert.Data

	reason string // why it is not accepted
}

// accept is the access point.
//
// spec: RFC 6109 §3.1
func (c *Circuit) accept(from string, to []string, msg []byte) (*submission, error) {
	s, err := c.receive(from, to, msg)
	if err != nil {
		return nil, err
	}
	e := c.about(s.by, s.at, s.facts)
	e.Event, e.Kind, e.Recipients = EventSubmission, pec.KindOrdinary, s.to
	c.note(e)
	virus := ""
	if s.reason = s.formal(c.maxWeight); s.reason == "" && !s.by.config.noVirusCheck {
		virus = virusIn(s.mail)
	}
	if s.reason == "" && virus == "" {
		err = c.forward(s)
		if f, ok := errors.AsType[*envelope.FieldError](err); ok {
			s.reason, err = "il messaggio non può essere trasportato: "+f.Field+": "+f.Err.Error(), nil
		}
		if err != nil || s.reason == "" {
			return s, failed(err)
		}
	}
	if virus != "" {
		s.reason = virus
		c.quarantine(s.by, s.at, &Message{From: s.from.address, To: s.to, Kind: pec.KindOrdinary, Raw: s.raw}, s.facts)
	}
	issuer := c.issuer(s.by, s.facts, s.at)
	notice, err := issuer.NonAcceptance(s.reason)
	if virus != "" {
		notice, err = issuer.VirusNonAcceptance(virus)
	}
	raw, err := sign(notice, err)
	if err != nil {
		return s, failed(err)
	}
	c.emitted(s.by, s.at, notice, s.to, s.reason)
	c.toUser(s.by, s.at, notice, raw)
	return s, nil
}

// failed says in SMTP that a mail could not be worked on. Nothing was issued.
func failed(err error) error {
	if err == nil {
		return nil
	}
	return refuse(554, 5, 6, 0, "%v", err)
}

// receive takes a mail from its user, as far as it can be worked on at all.
func (c *Circuit) receive(from string, to []string, msg []byte) (*submission, error) {
	box := c.users[fold(from)]
	switch {
	case box == nil:
		return nil, refuse(550, 5, 7, 1, "%.100q is no mailbox of this circuit", from)
	case len(to) == 0:
		return nil, refuse(554, 5, 5, 1, "there is no recipient")
	case len(to) > maxRecipients:
		return nil, refuse(452, 4, 5, 3, "%d recipients are over the limit of %d", len(to), maxRecipients)
	case len(msg) > maxSize:
		return nil, refuse(552, 5, 3, 4, "%d bytes are over the limit of %d", len(msg), maxSize)
	case c.full() != nil:
		return nil, c.full()
	}
	s := &submission{by: box.provider, from: box, at: c.now(), raw: bytes.Clone(msg)}
	seen := make(map[string]bool)
	var recipients []daticert.Recipient
	for _, r := range to {
		if !isAddress(r) {
			return nil, refuse(553, 5, 1, 3, "%.100q is no address that PEC can carry", r)
		}
		if seen[fold(r)] {
			continue
		}
		seen[fold(r)] = true
		kind := daticert.RecipientCertified
		if c.external(r) {
			kind = daticert.RecipientExternal
		}
		s.to = append(s.to, r)
		recipients = append(recipients, daticert.Recipient{Type: kind, Address: r})
	}
	var err error
	if s.mail, err = mime.Scan(mime.NewBytes(s.raw), nil); err != nil {
		return nil, failed(err)
	}
	s.facts, err = s.read(recipients, newID(s.by.config.host))
	if err == nil && s.by.config.noMsgid {
		s.facts.MessageID = ""
	}
	return s, failed(err)
}

// fieldReceipt is where the sender asks for a kind of delivery receipt.
const fieldReceipt = "X-TipoRicevuta"

// read reads the facts that will be certified. An unknown kind of receipt does
// not stop it: the formal checks name it, in a notice that has these facts.
func (s *submission) read(recipients []daticert.Recipient, id string) (*daticert.Data, error) {
	facts, err := envelope.Facts(section(s.raw), s.from.address, recipients, id)
	if f, ok := errors.AsType[*envelope.FieldError](err); !ok || f.Field != fieldReceipt {
		return facts, err
	}
	var header []byte
	for _, f := range s.mail.Header {
		if !strings.EqualFold(f.Name, fieldReceipt) {
			header = append(header, f.Raw...)
		}
	}
	return envelope.Facts(section(append(header, "\r\n"...)), s.from.address, recipients, id)
}

func section(b []byte) *io.SectionReader {
	return io.NewSectionReader(bytes.NewReader(b), 0, int64(len(b)))
}

// external reports a recipient whose mailbox is ordinary mail.
//
// spec: RFC 6109 §2.2.1
func (c *Circuit) external(address string) bool {
	return c.domains[domainOf(address)] == nil || c.faultOf(address) == FaultExternal
}

// now is the one instant of an operation, to the second as it is certified.
//
// spec: RFC 6109 §4.1
func (c *Circuit) now() time.Time { return c.clock.Now().Truncate(time.Second) }

// newID makes an identifier.
//
// spec: RFC 6109 §2.2.1
func newID(host string) string {
	b := make([]byte, 12)
	rand.Read(b) // never fails
	return "pectest." + strings.ToUpper(hex.EncodeToString(b)) + "@" + host
}

// forward issues acceptance and envelope and sends the envelope on its way. An
// error means that nothing was issued.
//
// spec: RFC 6109 §3.1.4, §3.1.5
func (c *Circuit) forward(s *submission) error {
	envelope, err := c.identity(s.by).Transport(s.facts, section(s.raw), s.at)
	raw, err := sign(envelope, err)
	if err != nil {
		return err
	}
	acceptance, err := c.issuer(s.by, s.facts, s.at).Acceptance()
	rawAcceptance, err := sign(acceptance, err)
	if err != nil {
		return err
	}
	c.emitted(s.by, s.at, acceptance, s.to, "")
	c.toUser(s.by, s.at, acceptance, rawAcceptance)
	c.emitted(s.by, s.at, envelope, s.to, "")
	c.watch(s)
	m := &Message{From: s.from.address, Kind: pec.KindTransport, ID: envelope.MessageID, Raw: raw}
	var outside []string
	for _, r := range s.to {
		if c.external(r) {
			outside = append(outside, r)
		}
	}
	if len(outside) > 0 {
		c.queue = append(c.queue, func() { c.depart(s, m, outside) })
	}
	for _, g := range c.groups(s.to) {
		c.queue = append(c.queue, func() { c.carry(s, m, g) })
	}
	return nil
}

// group is the recipients that get an envelope in one SMTP transaction.
type group struct {
	by    *Provider
	fault Fault // on the way
	to    []string
}

// groups puts the recipients with PEC mailboxes together by provider and by what
// happens to the envelope on its way there, in the order of their first.
func (c *Circuit) groups(to []string) []group {
	var out []group
	for _, r := range to {
		if c.external(r) {
			continue
		}
		p, fault := c.domains[domainOf(r)], c.faultOf(r).transport()
		i := slices.IndexFunc(out, func(g group) bool { return g.by == p && g.fault == fault })
		if i < 0 {
			out = append(out, group{by: p, fault: fault})
			i = len(out) - 1
		}
		out[i].to = append(out[i].to, r)
	}
	return out
}
