package envelope

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/compose"
)

// Transport builds the transport envelope (busta di trasporto) of a message that
// was accepted. The facts are those of [Facts]; what they say of type, error,
// provider, time and delivery is not used. at is the instant of acceptance,
// which the certification data states in the offset of its location: that of
// the legal time.
//
// Inside, the message has the PEC identifier as its Message-ID and the client's
// own in X-Riferimento-Message-ID; no other byte is changed, but that bare LF
// becomes CRLF. The envelope takes Received, Return-Path, To, Cc and Reply-To
// over unchanged, and gets a Reply-To from the facts if the message has none
// with an address. It has no Sender, as no provider's has: From stands for both.
//
// The message must not change until the envelope is written. The error is a
// [*FieldError].
//
// spec: RFC 6109 §2.1, §2.1.1.2, §2.2.1, §3.1.5
func (p *Provider) Transport(facts *daticert.Data, original *io.SectionReader, at time.Time) (*Outgoing, error) {
	return Issue(p, at, func() (*compose.Draft, *daticert.Data, error) {
		data := compose.About(facts)
		data.Type, data.Receipt = daticert.TypeTransport, daticert.ReceiptComplete
		if facts != nil && facts.Receipt != "" {
			data.Receipt = facts.Receipt
		}
		if data.ReplyTo == "" {
			data.ReplyTo = data.Sender
		}
		if err := compose.Check(data); err != nil {
			return nil, nil, err
		}
		d, err := transportDraft(data, original)
		if err != nil {
			return nil, nil, err
		}
		d.Title, d.Text = transportText(data, at)
		return d, data, nil
	})
}

func transportDraft(data *daticert.Data, original *io.SectionReader) (*compose.Draft, error) {
	c, err := compose.NewCopy(original)
	if err != nil {
		return nil, compose.At("original", err)
	}
	d, err := transportHeader(c, data)
	if err != nil {
		return nil, err
	}
	return d, d.Enclose(c, data)
}

// transportHeader takes over what the envelope inherits.
func transportHeader(c *compose.Copy, data *daticert.Data) (*compose.Draft, error) {
	block, err := c.Header()
	if err != nil {
		return nil, compose.At("original", err)
	}
	if len(c.Root.Header) == 0 {
		return nil, compose.At("original", errors.New("it has no header"))
	}
	trace, err1 := compose.Inherit(block, false, "Return-Path", "Received")
	to, err2 := compose.Inherit(block, false, "To", "Cc")
	replyTo, err3 := compose.Inherit(block, false, "Reply-To")
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, compose.At("original", err)
	}
	if len(addressesOf(c.Root.Header, "Reply-To")) == 0 {
		if replyTo, err = replyToField(data.ReplyTo); err != nil {
			return nil, err
		}
	}
	return &compose.Draft{
		Trace: trace, Addressees: to, ReplyTo: replyTo,
		Subject:   "POSTA CERTIFICATA: " + data.Subject,
		MessageID: "<" + data.ID + ">",
		FromName:  "Per conto di: " + data.Sender,
		Tokens: []compose.Field{
			{Name: "X-Trasporto", Value: string(data.Type)},
			{Name: "X-TipoRicevuta", Value: string(data.Receipt)},
		},
	}, nil
}

// replyToField writes addresses separated by commas, one to a line.
func replyToField(list string) ([]byte, error) {
	addresses := strings.Split(list, ",")
	for i, a := range addresses {
		addresses[i] = strings.TrimSpace(a)
		if err := compose.CheckAddress(addresses[i]); err != nil {
			return nil, compose.At("risposte", err)
		}
	}
	return []byte("Reply-To: " + strings.Join(addresses, ",\r\n\t") + "\r\n"), nil
}

// transportText is the model of the norm in the words that providers use.
//
// spec: RFC 6109 §3.1.5
func transportText(d *daticert.Data, at time.Time) (title, text string) {
	var list strings.Builder
	for _, r := range d.Recipients {
		fmt.Fprintf(&list, "%s\n", r.Address)
	}
	return "Messaggio di posta certificata", fmt.Sprintf("%s il messaggio\n"+
		"\"%s\" è stato inviato da \"%s\"\n"+
		"ed indirizzato a:\n%s"+
		"Il messaggio originale è incluso in allegato.\n"+
		"Identificativo messaggio: %s\n",
		compose.Moment(at), d.Subject, d.Sender, list.String(), d.ID)
}
