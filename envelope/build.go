package envelope

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/compose"
	"github.com/gopec/gopec/smime"
)

// Provider is a PEC provider (gestore) as the issuer of messages. Its methods
// build the two envelopes; package receipt builds receipts and notices. The
// methods do not change it; several goroutines may use one if the Signer's key
// allows that.
type Provider struct {
	// Name describes the provider: element gestore-emittente, such as
	// "Gestore Uno S.p.A.".
	Name string
	// Address is the service address, posta-certificata@host: the From of all
	// it issues, and the one address of the signer's certificate.
	Address string
	Signer  *smime.Signer
	Habits  Habits
}

// Habits are what providers do differently from one another within the norm or
// beside it. The zero value is what most of them do. Habits of the signature
// are fields of [smime.Signer].
type Habits struct {
	TextOnly      bool // the text without an HTML alternative
	OriginalFirst bool // postacert.eml before daticert.xml
	PlainXML      bool // daticert.xml in 7bit or quoted-printable instead of base64
	GenericError  bool // errore="altro" for every failure but a virus; the reason only in errore-esteso

	// BriefHash is the hash of brief receipts: 0 for SHA-1, as RFC 6109
	// §3.3.2.2 has it, or SHA-256. BriefDecoded hashes the decoded content of an
	// attachment instead of its encoded body; the norm can be read both ways.
	BriefHash    crypto.Hash
	BriefDecoded bool

	// OutsideValidity signs even when the certificate is not valid at the time
	// of the message, as happened to providers that forgot to renew it.
	OutsideValidity bool
}

// FieldError says what a message cannot be built with. Nothing is written then.
type FieldError struct {
	// Field is the wire name of an element or attribute of the certification
	// data, such as "mittente", "destinatari[2]" or "ricevuta/@tipo"; or one of
	// "original", "header", "to", "provider", "provider.name", "provider.address", "provider.signer",
	// "provider.habits", "time", and "daticert.xml" for the data as a whole.
	Field string
	Err   error
}

// Error names the field and the reason. Outside text in it is quoted.
func (e *FieldError) Error() string {
	return fmt.Sprintf("envelope: cannot build the message: %s: %v", e.Field, e.Err)
}

// Unwrap returns the reason.
func (e *FieldError) Unwrap() error { return e.Err }

// Outgoing is a message that a provider issues, complete but for its
// signature, which is made when it is written.
type Outgoing struct {
	// Data is the certification data as a reader will find it; nil for an
	// anomaly envelope.
	Data *daticert.Data
	// MessageID is that of the mail, with angle brackets: the identifier itself
	// on transport envelopes, the mail's own on anomaly envelopes, and one of
	// their own on receipts and notices, which depends on what they say and
	// nothing else.
	MessageID string
	// Mail is the mail before it is signed.
	Mail *smime.Mail

	signer *smime.Signer
}

// WriteTo signs the mail and writes it. It may be called again; what it writes
// is the same each time if the signature is deterministic (see [smime.Signer]).
// The original is read from its source meanwhile and never held. Nothing is
// written before the signature is made; after a later error what was written is
// to be thrown away. See [smime.Signer.Write] for the errors.
func (o *Outgoing) WriteTo(w io.Writer) (int64, error) { return o.signer.Write(w, o.Mail) }

// Bytes signs the mail and returns it.
func (o *Outgoing) Bytes() ([]byte, error) {
	var b bytes.Buffer
	if _, err := o.WriteTo(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Issue builds a message from its draft and the facts it certifies, nil for
// none, which draft returns. It adds what every message has: provider and time
// in the data, Date, From and Message-ID in the header. It is the door for
// package receipt.
func Issue(p *Provider, at time.Time, draft func() (*compose.Draft, *daticert.Data, error)) (*Outgoing, error) {
	if p == nil {
		return nil, &FieldError{Field: "provider", Err: compose.ErrNone}
	}
	out, err := p.issue(at, draft)
	if err != nil {
		return nil, public(err)
	}
	return out, nil
}

// public gives an error of package compose the exported type.
func public(err error) error {
	if e, ok := errors.AsType[*compose.FieldError](err); ok {
		return &FieldError{Field: e.Field, Err: e.Err}
	}
	return err
}

// maxHeader is the largest header that is written, 1 KiB below what readers take
// by default, for what is added on its way. A subject or a list of
// recipients has to be about as long to pass it.
const maxHeader = 1<<20 - 1<<10

func (p *Provider) issue(at time.Time, draft func() (*compose.Draft, *daticert.Data, error)) (*Outgoing, error) {
	if err := p.check(at); err != nil {
		return nil, err
	}
	d, data, err := draft()
	if err != nil {
		return nil, err
	}
	at = at.Truncate(time.Second)
	out := &Outgoing{signer: p.Signer}
	if data != nil {
		if err := p.certify(data, at); err != nil {
			return nil, err
		}
		d.Reference = data.MessageID
		if out.Data, d.XML, err = writeData(data); err != nil {
			return nil, err
		}
	}
	if d.MessageID == "" {
		d.MessageID = p.messageID(d, at)
	}
	d.Date, d.From = at, p.Address
	d.Layout = compose.Layout{TextOnly: p.Habits.TextOnly, OriginalFirst: p.Habits.OriginalFirst, PlainXML: p.Habits.PlainXML}
	header := d.Header()
	if len(header) > maxHeader {
		return nil, compose.At("header", fmt.Errorf("%d bytes are over the limit of %d", len(header), maxHeader))
	}
	content, encoding := d.Content()
	out.MessageID = d.MessageID
	out.Mail = &smime.Mail{Header: header, Content: content, Encoding: encoding, Time: at}
	return out, nil
}

// certify completes the facts with what the provider says of itself.
func (p *Provider) certify(data *daticert.Data, at time.Time) error {
	data.Provider, data.Date = p.Name, compose.Date(at)
	failure := data.Error != daticert.ErrorNone && data.Error != "" && data.Error != daticert.ErrorVirus
	if p.Habits.GenericError && failure {
		data.Error = daticert.ErrorOther
	}
	return compose.Check(data)
}

// writeData writes daticert.xml and reads it back: what cannot be read as it was
// meant is not sent. The first result is what a reader will find.
func writeData(data *daticert.Data) (*daticert.Data, []byte, error) {
	xml, err := data.AppendXML(nil)
	if err != nil {
		if e, ok := errors.AsType[*daticert.FieldError](err); ok {
			return nil, nil, compose.At(e.Field, e.Err)
		}
		return nil, nil, compose.At("daticert.xml", err)
	}
	read, err := daticert.Parse(xml, nil)
	if err != nil {
		return nil, nil, compose.At("daticert.xml", err)
	}
	again, err := read.AppendXML(nil)
	if err != nil || len(read.Defects) > 0 || !bytes.Equal(xml, again) {
		return nil, nil, compose.At("daticert.xml", errors.New("it would be read otherwise than it is meant"))
	}
	return read, xml, nil
}

// messageID makes the identifier of a mail that is no transport envelope: a hash
// of what it says, so that the same notice has the same one.
func (p *Provider) messageID(d *compose.Draft, at time.Time) string {
	h := sha256.New()
	for _, s := range []string{string(d.XML), d.Title, d.Text, d.To, at.Format(time.RFC3339)} {
		sum := sha256.Sum256([]byte(s))
		h.Write(sum[:])
	}
	return "<" + hex.EncodeToString(h.Sum(nil)[:16]) + "@" + hostOf(p.Address) + ">"
}

func hostOf(address string) string {
	return address[strings.LastIndexByte(address, '@')+1:]
}
