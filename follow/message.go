package follow

import (
	"time"

	"github.com/gopec/gopec/daticert"
)

// Status is how far a message has come on its way to one recipient. The zero
// value means that nothing is known.
type Status string

// The statuses, from the weakest to the strongest: of several facts the strongest
// is the status. NotAccepted stands apart: a message that was refused was sent to
// nobody, and whatever else is stated contradicts it.
const (
	StatusUnknown       Status = ""
	StatusSubmitted     Status = "submitted"       // it is under way: its envelope is there, or a receipt of another recipient
	StatusAccepted      Status = "accepted"        // the sender's provider took it
	StatusTaken         Status = "taken-in-charge" // the recipient's provider has it
	StatusLate          Status = "late"            // 12 h without a sign: delivery may still come
	StatusLateOrExpired Status = "late-or-expired" // a timeout notice of which nothing tells which it is
	StatusExpired       Status = "expired"         // 24 h: the attempt has ended
	StatusFailed        Status = "failed"          // the recipient's provider could not deliver it
	StatusDelivered     Status = "delivered"       // it is in the mailbox
	StatusNotAccepted   Status = "not-accepted"    // the sender's provider refused it
)

// rank orders the statuses.
var rank = map[Status]int{
	StatusSubmitted: 1, StatusAccepted: 2, StatusTaken: 3, StatusLate: 4, StatusLateOrExpired: 5,
	StatusExpired: 6, StatusFailed: 7, StatusDelivered: 8, StatusNotAccepted: 9,
}

// Final reports whether the norm has nothing more to come after it.
func (s Status) Final() bool { return rank[s] >= rank[StatusExpired] }

// Message is the state of one message: a function of the facts that are known of
// it.
type Message struct {
	ID         string   // identificativo
	MessageIDs []string // the client's own, as certified: one, unless facts contradict each other
	Sender     string
	Subject    string
	// Accepted and NotAccepted are the times of the acceptance and of the notice
	// that it was refused, zero without one. Submitted is the time of the
	// transport envelope.
	Submitted, Accepted, NotAccepted time.Time
	// Refusal says why it was not accepted, nil without that notice.
	Refusal *Failure
	// Recipients are those that the acceptance names (without one, the message's
	// other facts), in its order, then the others that facts are about.
	Recipients     []Recipient
	Contradictions []Contradiction
	Facts          []Fact // by time
}

// Recipient is the state of one recipient. Times are as certified, the first where
// there are several, and zero where there is none.
type Recipient struct {
	Address string
	// External says that the recipient has an ordinary mailbox: there is never a
	// receipt of delivery, and what is accepted is all that can be known.
	External bool
	// Listed is false for an address that a receipt is about and that is not among
	// the message's recipients.
	Listed bool
	Status Status
	Time   time.Time // since when; that of the fact which decides
	// Taken, Late, Expired, Failed and Delivered are the times of what is stated
	// of this recipient. Undetermined is that of a timeout notice that may be
	// either.
	Taken, Late, Undetermined, Expired, Failed, Delivered time.Time
	// Rule says by what the timeout notice that decides was told from the other.
	Rule TimeoutRule
	// Receipt is the kind of the delivery receipt.
	Receipt daticert.ReceiptType
	// Failure says why it failed or expired, nil otherwise.
	Failure *Failure
	// Missing says what must still come, nil if nothing.
	Missing *Missing
}

// Failure is why a message was refused or not delivered, in the provider's words.
type Failure struct {
	Error    daticert.ErrorCode // errore, ErrorNone if the provider gave none
	Code     string             // enhanced status code, such as "5.1.1"; "" if there is none
	Provider string             // that met the error, or else that issued the notice
	Text     string             // outside text
}

func (f *Fact) failure() *Failure {
	d := daticert.ParseErrorDetail(f.Reason)
	out := &Failure{Error: f.Error, Code: d.Code, Provider: d.Provider, Text: d.Text}
	if out.Error == "" {
		out.Error = daticert.ErrorNone
	}
	if out.Provider == "" {
		out.Provider = f.Provider
	}
	return out
}

// What says what is missing.
type What string

// What can be missing.
const (
	MissingAcceptance What = "acceptance" // or the notice that it was not accepted
	MissingOutcome    What = "outcome"    // delivery, delivery error, or the notice at 24 h
)

// Missing is what must still come by the norm.
//
// spec: RFC 6109 §3.1.6
type Missing struct {
	What What
	// Since is from when it is waited for: the acceptance; without one, the first
	// fact there is.
	Since time.Time
	// Notice is when, without a sign from the recipient's provider, the notice at
	// 12 h must come; zero if there was a sign or a notice.
	Notice time.Time
	// Due is when the outcome must be there: 24 hours after the acceptance. It is
	// zero if no acceptance is known, and for an acceptance, for which the norm
	// sets no time.
	Due time.Time
}

// Overdue reports whether something should have come by then.
func (m *Missing) Overdue(now time.Time) bool {
	if m == nil {
		return false
	}
	return !m.Due.IsZero() && now.After(m.Due) || !m.Notice.IsZero() && now.After(m.Notice)
}

// Complete reports whether no more is to come: every recipient has a final answer,
// or an ordinary mailbox and an acceptance.
func (m *Message) Complete() bool {
	for i := range m.Recipients {
		if m.Recipients[i].Missing != nil {
			return false
		}
	}
	return true
}

// Delivered reports whether every recipient has a certified delivery. Without
// contradictions, that is proof for all of them; it is false if one of them has an
// ordinary mailbox.
func (m *Message) Delivered() bool {
	for i := range m.Recipients {
		if m.Recipients[i].Status != StatusDelivered {
			return false
		}
	}
	return len(m.Recipients) > 0
}

// Recipient returns the state of one recipient, nil if it is none. Case does not
// matter.
func (m *Message) Recipient(address string) *Recipient {
	address = foldAddress(address)
	for i := range m.Recipients {
		if foldAddress(m.Recipients[i].Address) == address {
			return &m.Recipients[i]
		}
	}
	return nil
}
