package pectest

import (
	"bytes"
	"iter"
	"time"

	"github.com/gopec/gopec/pec"
)

// Message is one message in a mailbox. It is not changed any more.
type Message struct {
	Number int       // from 1, in the order of arrival in the whole circuit
	Time   time.Time // of arrival
	From   string    // reverse path, "" for a bounce
	To     []string  // the recipients whose copy this is; one in a mailbox of a user
	Kind   pec.Kind  // what the circuit knows it as
	ID     string    // Message-ID, as it stands in the header
	Raw    []byte    // the mail; not to be changed
}

// Read opens the message.
func (m *Message) Read() (*pec.Message, error) {
	return pec.Read(bytes.NewReader(m.Raw), int64(len(m.Raw)))
}

// Mailbox is a mailbox of a user, the service mailbox of a provider, its virus
// store, or what left the circuit. It is safe for concurrent use.
type Mailbox struct {
	circuit  *Circuit
	provider *Provider // nil for what left the circuit
	address  string
	messages []*Message // guarded by the circuit's lock
}

// Address is the mailbox's address, "" for what left the circuit.
func (b *Mailbox) Address() string { return b.address }

// Provider is the mailbox's provider, nil for what left the circuit.
func (b *Mailbox) Provider() *Provider { return b.provider }

// Messages yields the messages that are there when the iteration begins, in the
// order of their arrival.
func (b *Mailbox) Messages() iter.Seq[*Message] {
	return func(yield func(*Message) bool) {
		b.circuit.mu.Lock()
		now := b.messages // is appended to and replaced, never changed
		b.circuit.mu.Unlock()
		for _, m := range now {
			if !yield(m) {
				return
			}
		}
	}
}

// Len returns how many messages there are.
func (b *Mailbox) Len() int {
	b.circuit.mu.Lock()
	defer b.circuit.mu.Unlock()
	return len(b.messages)
}

// Last returns the last message of a kind, nil if there is none.
func (b *Mailbox) Last(kind pec.Kind) *Message {
	var last *Message
	for m := range b.Messages() {
		if m.Kind == kind {
			last = m
		}
	}
	return last
}

// Clear removes all messages.
func (b *Mailbox) Clear() {
	b.circuit.mu.Lock()
	defer b.circuit.mu.Unlock()
	b.clear()
}

func (b *Mailbox) clear() {
	for _, m := range b.messages {
		b.circuit.stored -= m.size()
	}
	b.messages = nil
}

// size is what a message takes, with something for what is around its bytes.
func (m *Message) size() int64 { return int64(len(m.Raw)) + 512 }
