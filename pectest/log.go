package pectest

import (
	"time"

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
	EventFailure    Event = "failure"    // something could not be done; Detail says why
)

// LogEntry is one operation. Sender, Recipients, Subject and MessageID are those
// of the user's mail that it is about.
//
// spec: RFC 6109 §2.3
type LogEntry struct {
	Number     int       // from 1
	Provider   string    // host of the provider whose log it is in
	Time       time.Time // the instant of the operation, the same as in what it issued
	Event      Event
	Kind       pec.Kind // of the message that was issued, received or delivered
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
