package dossier

import (
	"time"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/follow"
	"github.com/gopec/gopec/pec"
)

// Dossier is the report of one sent message. It is complete as it stands; nothing
// in it is to be changed. Text in it may be outside text.
type Dossier struct {
	Made    time.Time // whole seconds, in the zone of the clock
	Program string
	Sent    Sent
	// Messages are the certified messages that the sent file is: one, none, or
	// several if nothing tells which it is.
	Messages []Message
	// Reasons say why the dossier is not complete.
	Reasons []Reason
	// Notes are what a reader must know whatever the answer.
	Notes []Note
	// Remarks are what the checks of the messages in it were not made for, and
	// what they warn of.
	Remarks []Remark
	Files   []FileReport // in the order in which they were added
	LeftOut int          // files that were not examined because they are no messages
}

// Sent is the file that the sender kept. All but File is what it says of itself,
// and not certified.
type Sent struct {
	File
	MessageID string // as follow.FoldID gives it, "" if it has none
	From      []string
	To        []string // To, Cc and Bcc
	Subject   string
	Kind      pec.Kind // KindOrdinary, unless the file is no mail as it was submitted
}

// NamedBy says by what a message is the sent file's.
type NamedBy string

// What ties a message to the file, from the strongest.
const (
	ByMessageID      NamedBy = "message-id"     // its certified msgid is the file's Message-ID
	ByIdentification NamedBy = "identificativo" // the file's Message-ID is the provider's: a copy as the provider sent it on
	ByReference      NamedBy = "reference"      // a header of its receipts, not signed, or the enclosed mail names it
	ByContent        NamedBy = "content"        // what it encloses is the same
)

// Message is a certified message that the sent file is, or may be.
type Message struct {
	follow.Message
	NamedBy NamedBy
	// Recipients hides those of follow.Message: the same, with what belongs to
	// each.
	Recipients []Recipient
	// Steps are what is stated of the message as a whole.
	Steps []Step
	// Envelope is how its transport envelope compares with the sent file, nil
	// without one.
	Envelope *Comparison
	// SenderDiffers says that the certified sender is none of the file's From.
	SenderDiffers bool
	// NotAddressed are addresses in the file that the message was not sent to.
	NotAddressed []string
}

// Recipient is one recipient and what is known of it.
type Recipient struct {
	follow.Recipient
	Steps []Step // by time: those of the message that concern it, and its own
	// Match is how what was delivered compares with the sent file; "" without a
	// delivery receipt. One that differs outweighs one that is the same.
	Match follow.Match
	// Comparison is the one that Match is of, nil if there is none, or if it
	// failed.
	Comparison    *Comparison
	CompareFailed bool // reading the receipt again failed, so that nothing could be compared
	Overdue       bool // what is missing should have come when the dossier was made
}

// Complete reports whether there is a certified delivery to a certified mailbox
// that matches the sent file.
func (r *Recipient) Complete() bool {
	return r.Listed && !r.External && r.Status == follow.StatusDelivered &&
		(r.Match == follow.MatchIdentical || r.Match == follow.MatchEquivalent)
}

// Step is one thing that certified messages state. Several messages can state it.
type Step struct {
	Kind     pec.Kind
	Status   follow.Status      // what it makes of the recipient, StatusUnknown for an envelope
	Rule     follow.TimeoutRule // by which a timeout notice was told
	Time     time.Time          // as certified, in the offset of the certification data
	Receipt  daticert.ReceiptType
	Provider string // gestore-emittente
	Signer   string // address of the certificate
	Files    []Ref
}

// Ref points to a verdict in Files.
type Ref struct {
	File int    // number, from 1
	Path string // MIME position of a message inside the file, "" for the file itself
}

// FileReport is one file as given, with the verdicts of all PEC messages in it.
type FileReport struct {
	Number int // from 1
	File
	SameAs   int       // number of the first file with the same bytes, 0 if there is none before
	IsSent   bool      // it is the sent file itself
	Failure  *Failure  // why there is no verdict, nil if there is one
	Verdicts []Verdict // of the message, then of those inside it
}

// Use says what part a message plays in the dossier.
type Use string

// The parts.
const (
	UseAbout        Use = "about"         // certified, about the sent message
	UseOther        Use = "other"         // certified, about another message
	UseNotCertified Use = "not-certified" // PEC, or calls itself so, and not certified
	UseAnomaly      Use = "anomaly"       // an anomaly envelope certifies nothing
	UseOrdinary     Use = "ordinary"      // ordinary mail
	UseUnusable     Use = "unusable"      // certified, but of facts that make no sense
	UseNotVerified  Use = "not-verified"  // pec.Verify did not make the report
)

// Verdict is what pec.Verify found of one message.
type Verdict struct {
	Path             string
	Use              Use
	Kind             pec.Kind
	Certified        bool
	Proves           pec.Proof
	Verdict          pec.Verdict
	SubIndication    pec.SubIndication
	Policy           pec.Policy
	ProofOfExistence pec.ProofOfExistence
	ReferenceTime    pec.ReferenceTime
	Outcome          Words
	Authority        Words   // to which the signer's certificate leads, for a certified message
	Signer           *Signer // nil if there is none
	Data             *Data   // nil if there are none; certified if Certified is set
	Failures         []Finding
	Warnings         []Finding
	Skipped          []Finding // checks not made that a reader must know of
	// Comparison is with the sent file, nil if there was nothing to compare.
	Comparison    *Comparison
	CompareFailed bool // reading the message again failed
	// Refers says of a message that does not count that it claims to be about
	// this one.
	Refers bool
}

// Signer is the certificate that signed a message, or is named as having done so.
type Signer struct {
	Email        string
	Organization string
	SHA256       string // of the certificate
}

// Data are the certification data of one message, as far as the dossier needs them.
type Data struct {
	ID        string // identificativo
	MessageID string // msgid
	Sender    string
	Subject   string
	Provider  string
	Delivery  string // consegna
	Receipt   daticert.ReceiptType
	Time      time.Time // zero if it cannot be read
}

// Finding is the outcome of one check.
type Finding struct {
	ID     pec.CheckID
	Detail Words
}

// Complete reports whether every recipient has a certified delivery that matches
// the sent file.
func (d *Dossier) Complete() bool {
	return len(d.Messages) == 1 && len(d.Reasons) == 0 && d.Messages[0].Complete()
}

// Complete reports whether every recipient of this message has a certified
// delivery that matches the sent file, and nothing speaks against that. It hides
// the method of follow.Message, which only says that nothing more is to come.
func (m *Message) Complete() bool {
	if len(m.Recipients) == 0 || len(m.Contradictions) > 0 || !m.NotAccepted.IsZero() || m.SenderDiffers || len(m.NotAddressed) > 0 || m.Envelope.differs() {
		return false
	}
	for i := range m.Recipients {
		if !m.Recipients[i].Complete() {
			return false
		}
	}
	return true
}
