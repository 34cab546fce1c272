package follow

import (
	"fmt"
	"time"

	"github.com/gopec/gopec/internal/printable"
)

// Conflict names a kind of contradiction. Names are stable.
type Conflict string

// The contradictions.
const (
	// Of a recipient.
	ConflictOutcomes Conflict = "outcomes" // two of delivered, failed and expired
	ConflictTimes    Conflict = "times"    // the same at two times
	ConflictUnlisted Conflict = "unlisted" // not among the message's recipients
	ConflictExternal Conflict = "external" // a receipt or notice of an ordinary mailbox
	ConflictError    Conflict = "error"    // a delivery with an error code
	ConflictOriginal Conflict = "original" // encloses a message with another identifier
	// Of the message.
	ConflictRefused    Conflict = "refused"    // not accepted, and something else too
	ConflictRepeated   Conflict = "repeated"   // two messages are one event and state different things
	ConflictSender     Conflict = "sender"     // facts name different senders
	ConflictMessageID  Conflict = "message-id" // facts name different client Message-IDs
	ConflictRecipients Conflict = "recipients" // facts name different recipients, or types of them
	ConflictNobody     Conflict = "nobody"     // a notice about one recipient that does not say which
	ConflictIssuer     Conflict = "issuer"     // what only the sender's provider issues is signed by two
)

var conflictText = map[Conflict]string{
	ConflictOutcomes:   "there are different final outcomes",
	ConflictTimes:      "the same is certified at different times",
	ConflictUnlisted:   "it is not among the message's recipients",
	ConflictExternal:   "it is an ordinary mailbox, and there is a receipt or notice as for a certified one",
	ConflictError:      "the delivery receipt carries an error code",
	ConflictOriginal:   "the enclosed message has another identifier",
	ConflictRefused:    "the message was not accepted, and there is something that follows an acceptance",
	ConflictRepeated:   "messages of one kind, recipient and time state different things",
	ConflictSender:     "different senders are named",
	ConflictMessageID:  "different Message-IDs of the client are named",
	ConflictRecipients: "different recipients, or types of recipients, are named",
	ConflictNobody:     "a notice does not say which recipient it is about",
	ConflictIssuer:     "what only the sender's provider issues is signed by different providers",
}

// Contradiction is something that facts cannot mean together, or that the norm
// does not know. Nothing is left out because of it.
type Contradiction struct {
	Conflict  Conflict
	Recipient string // "" for one of the message
	// Times are those of the facts that take part, sorted, each once.
	Times []time.Time
}

// String says it in a sentence. Outside text in it is made printable.
func (c Contradiction) String() string {
	text := conflictText[c.Conflict]
	if c.Recipient != "" {
		return fmt.Sprintf("%s: %s", printable.String(c.Recipient, 320), text)
	}
	return text
}
