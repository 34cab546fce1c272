package pectest

import (
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/pec"
)

// Event is what a provider did.
type Event string

// The events.
const (
	EventSubmission Event = "submission" // the access point received a mail from its user
	EventEmission   Event = "emission"   // an envelope, a receipt or a notice was issued
	EventReception  Event = "reception"  // the incoming point received a message
	EventDelivery   Event = "delivery"   // a message was put into a mailbox
	EventDeparture  Event = "departure"  // a message left for ordinary mail
	EventQuarantine Event = "quarantine" // a message with a virus was put aside
	EventLoss       Event = "loss"       // a fault let a message get lost; Detail names the fault
	EventFailure    Event = "failure"    // something could not be done; Detail says why
)

// LogEntry is one operation. Sender, Subject and MessageID are those of the
// user's mail that it is about.
//
// spec: RFC 6109 §2.3
type LogEntry struct {
	Number     int       // from 1
	Provider   string    // host of the provider whose log it is in
	Time       time.Time // the instant of the operation, the same as in what it issued
	Event      Event
	Kind       pec.Kind // of the message that was issued or moved
	ID         string   // identificativo, "" for mail that has none
	MessageID  string   // the client's own Message-ID, msgid
	Sender     string
	Recipients []string // those the operation is about
	Subject    string
	Related    []string // Message-IDs of the messages that were issued or moved
	Sending    string   // host of the sender's provider, "" for ordinary mail
	Mailbox    string   // where the message was put
	Detail     string   // reason or fault, "" for none
}

// Log yields the log: every operation of every provider, in the order in which
// they happened, as it is when the iteration begins.
//
// spec: RFC 6109 §2.3
func (c *Circuit) Log() iter.Seq[LogEntry] {
	return func(yield func(LogEntry) bool) {
		c.mu.Lock()
		now := c.log // is appended to and replaced, never changed
		c.mu.Unlock()
		for _, e := range now {
			e.Recipients, e.Related = slices.Clone(e.Recipients), slices.Clone(e.Related)
			if !yield(e) {
				return
			}
		}
	}
}

// about begins an entry with what the log says of the user's mail.
func (c *Circuit) about(p *Provider, at time.Time, d *daticert.Data) LogEntry {
	e := LogEntry{Provider: p.config.host, Time: at}
	if d != nil {
		e.ID, e.MessageID, e.Sender, e.Subject = d.ID, d.MessageID, d.Sender, d.Subject
		if sending := c.domains[domainOf(d.Sender)]; sending != nil {
			e.Sending = sending.config.host
		}
	}
	return e
}

// note writes an entry. What it says is copied, because it may be a few letters
// of a message of megabytes, which would stay in memory with them.
func (c *Circuit) note(e LogEntry) {
	c.logged++
	e.Number = c.logged
	size := int64(256)
	for _, s := range []*string{&e.ID, &e.MessageID, &e.Sender, &e.Subject, &e.Detail} {
		*s = strings.Clone(*s)
		size += int64(len(*s))
	}
	for _, list := range []*[]string{&e.Recipients, &e.Related} {
		*list = slices.Clone(*list)
		for i, s := range *list {
			(*list)[i] = strings.Clone(s)
			size += int64(len(s)) + 32
		}
	}
	c.log = append(c.log, e)
	c.stored += size
}
