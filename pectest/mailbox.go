package pectest

import (
	"iter"
	"time"

	"github.com/gopec/gopec/pec"
)

// Message is one message in a mailbox. It is not changed any more.
type Message struct {
	Number int       // from 1, in the order of arrival in the whole circuit
	Time   time.Time // of arrival
	From   string    // reverse path, "" for a bounce
	To     string    // the recipient whose copy this is
	Kind   pec.Kind  // what the circuit issued it as
	ID     string    // Message-ID, as it stands in the header
	Raw    []byte    // the mail; not to be changed
}

// Read opens the message.
func (m *Message) Read() (*pec.Message, error) { panic("todo") }

// Mailbox is a mailbox of a user, the service mailbox of a provider, or its virus
// store.
type Mailbox struct{}

// Address is the mailbox's address.
func (b *Mailbox) Address() string { panic("todo") }

// Messages yields the messages that are there when the iteration begins, in the
// order of their arrival.
func (b *Mailbox) Messages() iter.Seq[*Message] { panic("todo") }

// Len returns how many messages there are.
func (b *Mailbox) Len() int { panic("todo") }

// Last returns the last message of a kind, nil if there is none.
func (b *Mailbox) Last(kind pec.Kind) *Message { panic("todo") }

// Clear removes all messages.
func (b *Mailbox) Clear() { panic("todo") }
