package envelope

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/compose"
)

// Arrival is a mail that reached the incoming point and that PEC cannot vouch
// for: ordinary mail, or a PEC message that is not correct.
type Arrival struct {
	// Sender and Recipients are those of the SMTP envelope. Sender "" is the null
	// reverse path of a bounce; the envelope then shows the address in From.
	Sender     string
	Recipients []string
	// Reason says in a few Italian words why nothing is certified, such as
	// "firma non presente o non autentica".
	Reason string
}

// Anomaly builds the anomaly envelope (busta di anomalia) around a mail: the
// mail itself, unchanged, and a text; no certification data. at is the time of
// arrival.
//
// The mail can be anything: what it holds is made harmless where it is shown,
// so that mail is refused only for its limits. The mail must not change until
// the envelope is written. The error is a [*FieldError].
//
// QUIRK: RFC 6109 §3.2.2 spells the field X-Trasplorto and half of From in
// English; every provider writes X-Trasporto and "Per conto di".
//
// spec: RFC 6109 §3.2.2
func (p *Provider) Anomaly(a *Arrival, original *io.SectionReader, at time.Time) (*Outgoing, error) {
	return Issue(p, at, func() (*compose.Draft, *daticert.Data, error) {
		d, err := anomalyDraft(a, original, at)
		return d, nil, err
	})
}

func anomalyDraft(a *Arrival, original *io.SectionReader, at time.Time) (*compose.Draft, error) {
	switch {
	case a == nil || len(a.Recipients) == 0:
		return nil, compose.At("destinatari", compose.ErrNone)
	case clean(a.Reason) == "":
		return nil, compose.At("errore-esteso", compose.ErrNone)
	}
	c, err := compose.NewCopy(original)
	if err == nil {
		err = c.Finish()
	}
	var block []byte
	if err == nil {
		block, err = c.Header()
	}
	if err != nil {
		return nil, compose.At("original", err)
	}
	inherit := func(names ...string) []byte {
		b, _ := compose.Inherit(block, true, names...) // tolerant: no error
		return b
	}
	sender := clean(a.Sender)
	if from := addressesOf(c.Root.Header, "From"); sender == "" && len(from) > 0 {
		sender = from[0]
	}
	subject := subjectOf(c.Root.Header)
	// As it will stand there: a NUL is written as a blank.
	id := cleanID(strings.ReplaceAll(c.Root.Header.Get("Message-ID"), "\x00", " "))
	d := &compose.Draft{
		Trace: inherit("Return-Path", "Received"), Addressees: inherit("To", "Cc"),
		RawID: inherit("Message-ID"), MessageID: id, ReplyTo: inherit("Reply-To"),
		Subject:  "ANOMALIA MESSAGGIO: " + subject,
		FromName: strings.TrimSpace("Per conto di: " + cut(sender)),
		Tokens:   []compose.Field{{Name: "X-Trasporto", Value: "errore"}},
		Original: c,
	}
	if d.MessageID == "" {
		d.RawID = nil // a field without a value would stand in the place of ours
	}
	if len(d.ReplyTo) == 0 && compose.CheckAddress(sender) == nil {
		d.ReplyTo = []byte("Reply-To: " + sender + "\r\n")
	}
	d.Title, d.Text = anomalyText(a, sender, subject, at)
	return d, nil
}

// maxShown is how much of a sender stands in From, in bytes: as much as an
// address can have (RFC 5321 §4.5.3.1.3). A mail from outside may name anything,
// and who reads a From of many thousands finds no address in it.
const maxShown = 254

func cut(sender string) string {
	if len(sender) <= maxShown {
		return sender
	}
	return strings.ToValidUTF8(sender[:maxShown], "") + "…"
}

// anomalyText follows the model of the norm; the sentence before the reason is
// the one that readers look for.
//
// spec: RFC 6109 §3.2.2
func anomalyText(a *Arrival, sender, subject string, at time.Time) (title, text string) {
	var list strings.Builder
	for _, r := range a.Recipients {
		fmt.Fprintf(&list, "%s\n", clean(r))
	}
	return "Anomalia nel messaggio", fmt.Sprintf("%s è stato ricevuto il messaggio\n"+
		"\"%s\" proveniente da \"%s\"\n"+
		"ed indirizzato a:\n%s"+
		"Tali dati non sono stati certificati per il seguente errore:\n"+
		"%s\n"+
		"Il messaggio originale è incluso in allegato.\n",
		compose.Moment(at), subject, sender, list.String(), clean(a.Reason))
}
