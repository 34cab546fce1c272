package testsign

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/gopec/gopec/daticert"
)

// The exchange of the example: a message from a customer of Gestore Uno to a
// customer of Gestore Due.
const (
	exampleSender    = "mittente@pec.example.it"
	exampleRecipient = "destinatario@pec.example.com"
	exampleSubject   = "Trasmissione del verbale: l'attività è conclusa"
	exampleID        = "opec21004.20260310101530.00042.217.1.57@pec.example.it"
	exampleMessageID = "<20260310101412.4F2A11C08E@client.example.it>"
	exampleFileName  = "verbale.pdf"
)

func (m *Message) setDefaults() {
	if m.By == nil {
		m.By = m.issuer()
	}
	if m.Time.IsZero() {
		m.Time = Instant
	}
	m.setData()
	if m.Original == nil && !m.NoOriginal && m.carriesOriginal() {
		m.Original = m.originalMail()
	}
	if m.NoOriginal {
		m.Original = nil
	}
	if m.XML == nil && m.Kind != Anomaly {
		m.XML = writeXML(&m.Data)
	}
	if m.NoXML {
		m.XML = nil
	}
	if m.EditXML != nil && m.XML != nil {
		m.XML = m.EditXML(bytes.Clone(m.XML))
	}
	m.EditXML = nil
	if m.CMS.Signer.Time.IsZero() {
		m.CMS.Signer.Time = m.Time
	}
}

// issuer is the provider of the circuit that issues such a message.
func (m *Message) issuer() *Identity {
	switch m.Kind {
	case daticert.TypeTakingInCharge, daticert.TypeDelivery, daticert.TypeDeliveryError, daticert.TypeVirusDetection, Anomaly:
		return NewCircle().Two
	default:
		return NewCircle().One
	}
}

// carriesOriginal tells whether the kind has the original message inside.
func (m *Message) carriesOriginal() bool {
	switch m.Kind {
	case daticert.TypeTransport, Anomaly:
		return true
	case daticert.TypeDelivery:
		return m.Data.Receipt != daticert.ReceiptConcise
	default:
		return false
	}
}

func (m *Message) setData() {
	d := &m.Data
	if d.Type == "" && m.Kind != Anomaly {
		d.Type = m.Kind
	}
	d.Sender = orElse(d.Sender, exampleSender)
	if d.Recipients == nil {
		d.Recipients = []daticert.Recipient{{Type: daticert.RecipientCertified, Address: exampleRecipient}}
	}
	d.ReplyTo = orElse(d.ReplyTo, d.Sender)
	d.Subject = orElse(d.Subject, exampleSubject)
	d.Provider = orElse(d.Provider, m.By.Organization)
	if d.Date == (daticert.Date{}) {
		d.Date = daticert.Date{Day: m.Time.Format("02/01/2006"), Hour: m.Time.Format("15:04:05"), Zone: m.Time.Format("-0700")}
	}
	d.ID = orElse(d.ID, exampleID)
	d.MessageID = orElse(d.MessageID, exampleMessageID)
	m.setKindData(d)
}

// setKindData fills in what only some kinds have.
func (m *Message) setKindData(d *daticert.Data) {
	recipient := exampleRecipient
	if len(d.Recipients) > 0 {
		recipient = d.Recipients[0].Address
	}
	errorCode, text := daticert.ErrorNone, ""
	switch m.Kind {
	case daticert.TypeTransport, daticert.TypeDelivery:
		if d.Receipt == "" {
			d.Receipt = daticert.ReceiptComplete
		}
	case daticert.TypeTakingInCharge:
		if d.Receptions == nil {
			d.Receptions = []string{recipient}
		}
	case daticert.TypeNonAcceptance:
		errorCode, text = daticert.ErrorOther, "l'indirizzo nel campo From non coincide con il mittente della busta SMTP"
	case daticert.TypeDeliveryError:
		errorCode, text = daticert.ErrorRecipient, "5.1.1 - "+d.Provider+" - indirizzo non valido"
	case daticert.TypeTimeout:
		errorCode, text = daticert.ErrorOther, "il messaggio non è stato consegnato nelle prime dodici ore dal suo invio"
		if m.Final {
			text = "5.4.1 - " + d.Provider + " - il messaggio non è stato consegnato nelle prime ventiquattro ore dal suo invio"
		}
	case daticert.TypeVirusDetection:
		errorCode = daticert.ErrorVirus
	case Anomaly:
		text = "firma non presente o non autentica"
	}
	if d.Error == "" {
		d.Error = errorCode
	}
	if d.Error == daticert.ErrorVirus {
		text = "EICAR-Test-File"
	}
	d.ErrorExtended = orElse(d.ErrorExtended, text)
	switch m.Kind {
	case daticert.TypeDelivery, daticert.TypeDeliveryError, daticert.TypeTimeout, daticert.TypeVirusDetection:
		d.Delivery = orElse(d.Delivery, recipient)
	}
}

// writeXML writes daticert.xml from a template: whatever stands in the fields
// goes in, allowed or not. Only the characters of markup are escaped.
//
// spec: RFC 6109 §4.4
func writeXML(d *daticert.Data) []byte {
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace
	var b strings.Builder
	line := func(format string, values ...string) {
		args := make([]any, len(values))
		for i, v := range values {
			args[i] = escape(v)
		}
		fmt.Fprintf(&b, format+"\n", args...)
	}
	optional := func(format, value string) {
		if value != "" {
			line(format, value)
		}
	}
	line(`<?xml version="1.0" encoding="UTF-8"?>`)
	line(`<postacert tipo="%s" errore="%s">`, string(d.Type), string(d.Error))
	line(`  <intestazione>`)
	line(`    <mittente>%s</mittente>`, d.Sender)
	for _, r := range d.Recipients {
		line(`    <destinatari tipo="%s">%s</destinatari>`, string(r.Type), r.Address)
	}
	line(`    <risposte>%s</risposte>`, d.ReplyTo)
	line(`    <oggetto>%s</oggetto>`, d.Subject)
	line(`  </intestazione>`)
	line(`  <dati>`)
	line(`    <gestore-emittente>%s</gestore-emittente>`, d.Provider)
	line(`    <data zona="%s">`, d.Date.Zone)
	line(`      <giorno>%s</giorno>`, d.Date.Day)
	line(`      <ora>%s</ora>`, d.Date.Hour)
	line(`    </data>`)
	line(`    <identificativo>%s</identificativo>`, d.ID)
	optional(`    <msgid>%s</msgid>`, d.MessageID)
	optional(`    <ricevuta tipo="%s"/>`, string(d.Receipt))
	optional(`    <consegna>%s</consegna>`, d.Delivery)
	for _, r := range d.Receptions {
		line(`    <ricezione>%s</ricezione>`, r)
	}
	optional(`    <errore-esteso>%s</errore-esteso>`, d.ErrorExtended)
	line(`  </dati>`)
	line(`</postacert>`)
	return []byte(b.String())
}

// DropElement returns a function for [Message.EditXML] that takes every
// element of that name out of a document written by this package.
func DropElement(name string) func([]byte) []byte {
	q := regexp.QuoteMeta(name)
	pattern := regexp.MustCompile(`(?s)[ \t]*<` + q + `(\s[^>]*)?(/>|>.*?</` + q + `>)\n?`)
	return func(xml []byte) []byte { return pattern.ReplaceAll(xml, nil) }
}

// signedPart writes multipart/mixed: text, certification data, original.
//
// spec: RFC 6109 §4.3
func (m *Message) signedPart() []byte {
	var parts, certification [][]byte
	if !m.NoText {
		text := m.Text
		if text == "" {
			text = m.model()
		}
		parts = append(parts, textPart(text, m.boundary("alternative"), !m.TextOnly))
	}
	datiCert := m.XMLPart.or(Part{Type: "application/xml", Name: "daticert.xml", Encoding: "base64", Disposition: "inline"})
	for _, xml := range [][]byte{m.XML, m.SecondXML} {
		if xml != nil {
			datiCert.Body = xml
			certification = append(certification, datiCert.bytes())
		}
	}
	var original [][]byte
	if m.Original != nil {
		p := m.OriginalPart.or(Part{
			Type: "message/rfc822", Name: "postacert.eml", Encoding: "7bit", Disposition: "inline", Body: m.Original,
		})
		original = append(original, p.bytes())
	}
	if m.OriginalFirst {
		certification, original = original, certification
	}
	parts = append(append(parts, certification...), original...)
	for _, p := range m.ExtraParts {
		parts = append(parts, p.bytes())
	}
	out := multipart("mixed", m.boundary("mixed"), parts...)
	if m.BeforeSign != nil {
		out = m.BeforeSign(out)
	}
	return out
}
