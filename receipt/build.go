package receipt

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/envelope"
	"github.com/gopec/gopec/internal/compose"
)

// Issuer builds the receipts and notices about one message. Each method builds
// one kind; nothing is signed before it is written.
//
//	facts := transport.Facts()
//	i := receipt.Issuer{By: provider, About: facts, At: now}
//	out, err := i.Delivery("destinatario@pec.example.it", original)
//	…
//	out.WriteTo(w)
//
// The methods return a [*envelope.FieldError] for what could not be valid, and
// change nothing: several goroutines may use one Issuer if the provider's key
// allows that.
type Issuer struct {
	// By is the provider that issues the notice.
	By *envelope.Provider
	// About is what the notice says of the message: from [envelope.Facts] at the
	// access point, from Facts of the [envelope.Transport] at the receiver's.
	// Type, error, provider, date and delivery in it are not used.
	About *daticert.Data
	// At is the instant of the event, which the notice certifies in the offset of
	// its location: that of the legal time. §4.1 wants one instant for data, text
	// and header.
	At time.Time
}

// Failure is why a message could not be delivered.
type Failure struct {
	Code   daticert.ErrorCode // attribute errore
	Status string             // enhanced status code of RFC 3463, such as "5.1.1"
	Text   string             // description in Italian
}

// The failures that delivery knows. Code 5.1.1 is that of AgID's note 12 in
// genuine notices; for the others no genuine notice is known, and the codes are
// those whose meaning in RFC 3463 is the event's.
//
// spec: AgID, Note integrative, nota 12 of 2015
var (
	NoMailbox       = Failure{daticert.ErrorRecipient, "5.1.1", "indirizzo non valido"}
	NoDomain        = Failure{daticert.ErrorDomain, "5.1.2", "dominio inesistente"}
	MailboxDisabled = Failure{daticert.ErrorOther, "5.2.1", "casella disattivata"}
	MailboxFull     = Failure{daticert.ErrorOther, "5.2.2", "casella piena"}
)

// textExpired and textLate stand in errore-esteso and are what tells the two
// timeout notices apart, beside the code.
const (
	textExpired = "il messaggio non è stato consegnato nelle ventiquattro ore successive al suo invio"
	textLate    = "il messaggio non è stato consegnato nelle prime dodici ore successive al suo invio"
)

// Acceptance builds the acceptance receipt (ricevuta di accettazione).
//
// spec: RFC 6109 §3.1.4
func (i *Issuer) Acceptance() (*envelope.Outgoing, error) {
	return i.notice(daticert.TypeAcceptance, "", func(*daticert.Data) error { return nil })
}

// NonAcceptance builds the notice that a message was refused for a formal reason
// (avviso di non accettazione), given in Italian.
//
// spec: RFC 6109 §3.1.2
func (i *Issuer) NonAcceptance(reason string) (*envelope.Outgoing, error) {
	return i.notice(daticert.TypeNonAcceptance, "", func(d *daticert.Data) error {
		d.Error, d.ErrorExtended = daticert.ErrorOther, reason
		return nil
	})
}

// VirusNonAcceptance builds the notice that a message was refused because of a
// virus, by the name that the scanner gives it.
//
// spec: RFC 6109 §3.1.3
func (i *Issuer) VirusNonAcceptance(virus string) (*envelope.Outgoing, error) {
	return i.notice(daticert.TypeNonAcceptance, "", withVirus("", virus))
}

// TakingInCharge builds the receipt with which a receiving provider tells the
// sender's that it has taken over recipients of its own (ricevuta di presa in
// carico). to is the service mailbox of the sender's provider.
//
// spec: RFC 6109 §3.2.1
func (i *Issuer) TakingInCharge(to string, recipients ...string) (*envelope.Outgoing, error) {
	return i.notice(daticert.TypeTakingInCharge, to, func(d *daticert.Data) error {
		d.Receptions = recipients
		return compose.At("to", compose.CheckAddress(to))
	})
}

// DeliveryError builds the notice that a message could not be delivered (avviso
// di mancata consegna). errore-esteso gets the form of note 12, such as
// "5.1.1 - Gestore Uno S.p.A. - indirizzo non valido".
//
// spec: RFC 6109 §3.3.3; AgID, Note integrative, nota 12 of 2015
func (i *Issuer) DeliveryError(recipient string, f Failure) (*envelope.Outgoing, error) {
	return i.notice(daticert.TypeDeliveryError, "", func(d *daticert.Data) error {
		detail := daticert.ErrorDetail{Code: f.Status, Provider: i.By.Name, Text: f.Text}
		switch {
		case f.Code == "", f.Code == daticert.ErrorNone, f.Code == daticert.ErrorVirus:
			return compose.At("postacert/@errore", errors.New("it has to say what failed; for a virus there is VirusDeliveryError"))
		case f.Status == "", f.Text == "", daticert.ParseErrorDetail(detail.String()) != detail:
			return compose.At("errore-esteso", fmt.Errorf("status, provider and description cannot be told apart again in %q", detail))
		}
		d.Delivery, d.Error, d.ErrorExtended = recipient, f.Code, detail.String()
		return nil
	})
}

// VirusDeliveryError builds the notice with which the sender's provider passes on
// that the receiver's found a virus. The facts may be those of that notice.
//
// spec: RFC 6109 §3.2.4
func (i *Issuer) VirusDeliveryError(recipient, virus string) (*envelope.Outgoing, error) {
	return i.notice(daticert.TypeDeliveryError, "", withVirus(recipient, virus))
}

// Late builds the first timeout notice, 12 hours after dispatch: delivery may
// still come.
//
// spec: RFC 6109 §3.1.6
func (i *Issuer) Late(recipient string) (*envelope.Outgoing, error) {
	return i.notice(daticert.TypeTimeout, "", func(d *daticert.Data) error {
		d.Delivery, d.Error, d.ErrorExtended = recipient, daticert.ErrorOther, textLate
		return nil
	})
}

// Expired builds the second timeout notice, 24 hours after dispatch (not before
// 22): delivery has failed. errore-esteso has the code 5.4.1 of note 12.
//
// spec: RFC 6109 §3.1.6; AgID, Note integrative, nota 12 of 2015
func (i *Issuer) Expired(recipient string) (*envelope.Outgoing, error) {
	return i.notice(daticert.TypeTimeout, "", func(d *daticert.Data) error {
		detail := daticert.ErrorDetail{Code: codeExpired, Provider: i.By.Name, Text: textExpired}
		d.Delivery, d.Error, d.ErrorExtended = recipient, daticert.ErrorOther, detail.String()
		return nil
	})
}

// VirusDetection builds the notice with which the receiving provider tells the
// sender's that a message to one recipient holds a virus (avviso di rilevazione
// virus). to is the service mailbox of the sender's provider.
//
// spec: RFC 6109 §3.2.3
func (i *Issuer) VirusDetection(to, recipient, virus string) (*envelope.Outgoing, error) {
	return i.notice(daticert.TypeVirusDetection, to, func(d *daticert.Data) error {
		if err := compose.CheckAddress(to); err != nil {
			return compose.At("to", err)
		}
		return withVirus(recipient, virus)(d)
	})
}

func withVirus(recipient, name string) func(d *daticert.Data) error {
	return func(d *daticert.Data) error {
		d.Delivery, d.Error, d.ErrorExtended = recipient, daticert.ErrorVirus, name
		return nil
	}
}

// notice builds a notice without the original. to is "" for the sender, whom
// all of them go to but those that providers send one another.
//
// QUIRK: RFC 6109 §3.1.6 has "To: [original recipient]" in timeout notices, a
// slip of its translation: they go to the sender.
func (i *Issuer) notice(t daticert.Type, to string, set func(d *daticert.Data) error) (*envelope.Outgoing, error) {
	return envelope.Issue(i.By, i.At, func() (*compose.Draft, *daticert.Data, error) {
		data, err := i.data(t, set)
		if err != nil {
			return nil, nil, err
		}
		return i.draft(data, to), data, nil
	})
}

// data makes the certification data of a notice. A notice of failure has to say
// why.
func (i *Issuer) data(t daticert.Type, set func(d *daticert.Data) error) (*daticert.Data, error) {
	data := compose.About(i.About)
	data.Type, data.Error = t, daticert.ErrorNone
	if err := set(data); err != nil {
		return nil, err
	}
	if data.Error != daticert.ErrorNone && strings.TrimSpace(data.ErrorExtended) == "" {
		return nil, compose.At("errore-esteso", compose.ErrNone)
	}
	return data, compose.Check(data)
}

// draft writes header and text of a notice.
//
// spec: RFC 6109 §2.1.1.1, §3.1.2 to §3.1.4, §3.1.6, §3.2.1, §3.2.3, §3.2.4, §3.3.2, §3.3.3
func (i *Issuer) draft(data *daticert.Data, to string) *compose.Draft {
	if to == "" {
		to = data.Sender
	}
	d := &compose.Draft{
		Subject: prefix(data) + data.Subject,
		To:      to,
		Tokens:  []compose.Field{{Name: "X-Ricevuta", Value: string(data.Type)}},
	}
	switch {
	case data.Type == daticert.TypeVirusDetection:
		d.Tokens = append(d.Tokens, compose.Field{Name: "X-Mittente", Value: data.Sender})
	case data.Error == daticert.ErrorVirus:
		d.Tokens = append(d.Tokens, compose.Field{Name: "X-VerificaSicurezza", Value: "errore"})
	}
	d.Title, d.Text = text(data, i.At)
	return d
}

// Delivery builds the delivery receipt (ricevuta di avvenuta consegna) of one
// recipient. Its kind is the one that was asked for, but concise for a recipient
// in Cc only (Kind). Complete and brief receipts enclose the original, which is
// the message inside the envelope; a concise one does not look at it further
// than its To and Cc, and it may be nil if concise is what was asked for.
//
// The original must not change until the receipt is written.
//
// spec: RFC 6109 §3.3.2
func (i *Issuer) Delivery(recipient string, original *io.SectionReader) (*envelope.Outgoing, error) {
	return envelope.Issue(i.By, i.At, func() (*compose.Draft, *daticert.Data, error) {
		kind, c, err := i.kind(recipient, original)
		if err != nil {
			return nil, nil, compose.At("original", err)
		}
		data, err := i.data(daticert.TypeDelivery, func(d *daticert.Data) error {
			d.Delivery, d.Receipt = recipient, kind
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
		d := i.draft(data, "")
		if kind == daticert.ReceiptConcise {
			return d, data, nil
		}
		if kind == daticert.ReceiptBrief {
			if err := i.replaceAttachments(c); err != nil {
				return nil, nil, compose.At("original", err)
			}
		}
		return d, data, d.Enclose(c, data)
	})
}
