package follow

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/receipt"
)

// Fact is what one certified message states of the message it is about. Two
// messages that state the same are one fact, whatever their bytes.
type Fact struct {
	Kind pec.Kind  `json:"kind"`
	ID   string    `json:"id"`   // identificativo, as FoldID gives it
	Time time.Time `json:"time"` // certified, in whole seconds, in the offset of daticert.xml
	// Recipients are those the fact is about, as written: consegna, or the
	// addresses of ricezione. Without any it is about the message.
	Recipients []string             `json:"recipients,omitempty"`
	Receipt    daticert.ReceiptType `json:"receipt,omitempty"` // ricevuta
	Error      daticert.ErrorCode   `json:"error,omitempty"`   // errore, "" for nessuno
	Reason     string               `json:"reason,omitempty"`  // errore-esteso
	Provider   string               `json:"provider,omitempty"`
	Signer     string               `json:"signer,omitempty"` // address of the certificate
	// Timeout and Rule are what a timeout notice says of itself. What it
	// means beside the acceptance is said by the Recipient.
	Timeout receipt.Timeout `json:"timeout,omitempty"`
	Rule    receipt.Rule    `json:"rule,omitempty"`
	// Original is the Message-ID of the enclosed message if it is another than
	// ID, which the norm puts there.
	Original string `json:"original,omitempty"`
	// About is what the fact says of the message. It is shared, and not to be
	// changed.
	About *About `json:"about,omitempty"`
}

// About is what a fact says of the message it is about.
type About struct {
	MessageID  string               `json:"messageId,omitempty"` // the client's own, msgid, as FoldID gives it
	Sender     string               `json:"sender"`
	Subject    string               `json:"subject,omitempty"`
	Recipients []daticert.Recipient `json:"recipients"`
}

// newFact reads a certified report. Every string is copied: it may be a few
// letters of a document of a megabyte.
func newFact(r *pec.Report) (Fact, error) {
	d := r.Data
	at, err := d.Time()
	if err != nil {
		return Fact{}, err
	}
	f := Fact{
		Kind: r.Kind, ID: FoldID(d.ID), Time: at, Reason: strings.Clone(d.ErrorExtended),
		Provider: strings.Clone(d.Provider), Recipients: recipientsOf(r.Kind, d),
		About: &About{MessageID: FoldID(d.MessageID), Sender: strings.Clone(d.Sender), Subject: strings.Clone(d.Subject)},
	}
	for _, to := range d.Recipients {
		f.About.Recipients = append(f.About.Recipients, daticert.Recipient{
			Type: daticert.RecipientType(strings.Clone(string(to.Type))), Address: strings.Clone(to.Address)})
	}
	if d.Error != daticert.ErrorNone {
		f.Error = daticert.ErrorCode(strings.Clone(string(d.Error)))
	}
	if r.Signer != nil {
		f.Signer = strings.Clone(r.Signer.Email)
	}
	if r.Kind == pec.KindDelivery || r.Kind == pec.KindTransport {
		f.Receipt = daticert.ReceiptType(strings.Clone(string(d.Receipt)))
		f.Original = enclosedID(r)
	}
	if n := r.Message.Notice; n != nil && r.Kind == pec.KindTimeout {
		f.Timeout, f.Rule = n.Timeout()
	}
	return f, f.check()
}

// recipientsOf returns the recipients that a message of this kind is about.
func recipientsOf(k pec.Kind, d *daticert.Data) []string {
	var list []string
	switch k {
	case pec.KindTakingInCharge:
		list = slices.Clone(d.Receptions)
	case pec.KindDelivery, pec.KindDeliveryError, pec.KindTimeout, pec.KindVirusDetection:
		if d.Delivery != "" {
			list = []string{d.Delivery}
		}
	}
	for i := range list {
		list[i] = strings.Clone(list[i])
	}
	return list
}

// enclosedID returns the Message-ID of the enclosed message if it has one and
// it is not the identificativo.
//
// spec: RFC 6109 §3.1.5
func enclosedID(r *pec.Report) string {
	o := r.Message.Original()
	if o == nil {
		return ""
	}
	for _, id := range o.Header("Message-ID") {
		if id = FoldID(id); id != "" && id != FoldID(r.Data.ID) {
			return id
		}
	}
	return ""
}

// ErrFact says that a fact cannot be one: see [Tracker.Restore].
var ErrFact = errors.New("follow: not a fact")

// check refuses what no certified report states.
func (f *Fact) check() error {
	if err := f.checkOwn(); err != nil {
		return err
	}
	return f.About.check()
}

// checkOwn leaves out what the fact says of the message.
func (f *Fact) checkOwn() error {
	switch {
	case !f.Kind.Certifies():
		return fmt.Errorf("%w: kind %q certifies nothing", ErrFact, f.Kind)
	case f.ID == "":
		return fmt.Errorf("%w: the identifier is missing", ErrFact)
	case f.Time.Year() < 1970 || f.Time.Year() > 9999 || f.Time.Nanosecond() != 0 || !isOffset(f.Time):
		return fmt.Errorf("%w: the time is not one of certification data", ErrFact)
	case (f.Kind == pec.KindDelivery || f.Kind == pec.KindDeliveryError) && len(f.Recipients) != 1:
		return fmt.Errorf("%w: %s is about one recipient", ErrFact, f.Kind)
	case f.Rule != receipt.RuleNone && f.Rule != receipt.RuleCode && f.Rule != receipt.RuleText:
		return fmt.Errorf("%w: %q is no rule", ErrFact, f.Rule)
	case f.Timeout != "" && f.Timeout != receipt.TimeoutLate && f.Timeout != receipt.TimeoutExpired:
		return fmt.Errorf("%w: %q is no timeout", ErrFact, f.Timeout)
	}
	return areText(append([]string{string(f.Kind), f.ID, string(f.Receipt), string(f.Error), f.Reason, f.Provider, f.Signer, f.Original}, f.Recipients...)...)
}

func (a *About) check() error {
	if a == nil || a.Sender == "" || len(a.Recipients) == 0 {
		return fmt.Errorf("%w: sender or recipients are missing", ErrFact)
	}
	for _, r := range a.Recipients {
		if err := areText(string(r.Type), r.Address); err != nil {
			return err
		}
	}
	return areText(a.MessageID, a.Sender, a.Subject)
}

// areText refuses what is not UTF-8, as all certification data are: other bytes
// would not be the same after they were saved.
func areText(values ...string) error {
	for _, s := range values {
		if !utf8.ValidString(s) {
			return fmt.Errorf("%w: text that is not UTF-8", ErrFact)
		}
	}
	return nil
}

// isOffset reports whether a time has an offset that certification data can have.
func isOffset(t time.Time) bool {
	_, offset := t.Zone()
	return offset%60 == 0 && offset >= -14*3600 && offset <= 14*3600
}

// inOffset gives a time a zone that is an offset and nothing else, so that it is
// the same before and after it was saved.
func inOffset(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.In(time.FixedZone("", offset))
}

// digest is the identity of a fact: a hash of all that it states.
type digest [sha256.Size]byte

// hasher hashes values so that no two lists of them are one sequence of bytes.
type hasher struct{ hash.Hash }

func newHasher() hasher { return hasher{sha256.New()} }

func (h hasher) text(values ...string) {
	for _, s := range values {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(s)))
		h.Write(n[:])
		h.Write([]byte(s))
	}
}

func (h hasher) digest() (d digest) {
	h.Sum(d[:0])
	return d
}

func (a *About) digest() digest {
	h := newHasher()
	h.text(a.MessageID, a.Sender, a.Subject)
	for _, r := range a.Recipients {
		h.text(string(r.Type), r.Address)
	}
	return h.digest()
}

func (f *Fact) digest() digest {
	h := newHasher()
	h.text(f.identity())
	h.text(string(f.Receipt), string(f.Error), f.Reason, f.Provider, f.Signer, string(f.Timeout), string(f.Rule), f.Original)
	about := f.About.digest()
	h.Write(about[:])
	return h.digest()
}

// identity is by what two facts are one event: of one message, of one kind, about
// the same recipients, at one time.
func (f *Fact) identity() string {
	h := newHasher()
	h.text(f.ID, string(f.Kind), f.Time.Format(time.RFC3339))
	for _, r := range f.Recipients {
		h.text(foldAddress(r))
	}
	return string(h.Sum(nil))
}
