package testsign

import (
	"slices"
	"strings"

	"github.com/gopec/gopec/daticert"
)

// header returns the header fields of the mail, the given MIME fields last.
func (m *Message) header(mimeFields ...Field) []Field {
	fields := m.envelopeFields()
	if m.Kind != daticert.TypeTransport && m.Kind != Anomaly {
		fields = m.noticeFields()
	}
	fields = append(fields, Field{"MIME-Version", "1.0"})
	fields = append(fields, mimeFields...)
	for _, name := range m.Remove {
		fields = slices.DeleteFunc(fields, func(f Field) bool { return strings.EqualFold(f.Name, name) })
	}
	for _, s := range m.Set {
		i := slices.IndexFunc(fields, func(f Field) bool { return strings.EqualFold(f.Name, s.Name) })
		if i < 0 {
			fields = append(fields, s)
		} else {
			fields[i] = s
		}
	}
	return slices.Concat(m.Before, fields, m.After)
}

const dateFormat = "Mon, 02 Jan 2006 15:04:05 -0700"

// envelopeFields are those of the transport and the anomaly envelope.
//
// spec: RFC 6109 §3.1.5, §3.2.2
func (m *Message) envelopeFields() []Field {
	d := &m.Data
	trace := "from smtp." + host(m.By) + " (smtp." + host(m.By) + " [192.0.2.25])\r\n" +
		"\tby mx.example.net (Postfix) with ESMTPS id 4F2A11C08E;\r\n\t" + m.Time.Format(dateFormat)
	fields := []Field{
		{"Return-Path", "<" + d.Sender + ">"},
		{"Received", trace},
		{"Date", m.Time.Format(dateFormat)},
		{"From", `"Per conto di: ` + d.Sender + `" <` + m.serviceAddress() + `>`},
		{"Reply-To", d.ReplyTo},
		{"To", strings.Join(addresses(d.Recipients), ",\r\n\t")},
	}
	if m.Kind == Anomaly {
		return append(fields,
			Field{"Subject", m.subject()},
			Field{"Message-ID", d.MessageID},
			Field{"X-Trasporto", "errore"})
	}
	return append(fields,
		Field{"Subject", m.subject()},
		Field{"Message-ID", "<" + d.ID + ">"},
		Field{"X-Riferimento-Message-ID", d.MessageID},
		Field{"X-Trasporto", "posta-certificata"},
		Field{"X-TipoRicevuta", string(d.Receipt)})
}

// noticeFields are those of receipts and notices.
//
// spec: RFC 6109 §3.1.2 to §3.1.4, §3.1.6, §3.2.1, §3.2.3, §3.2.4, §3.3.2, §3.3.3
func (m *Message) noticeFields() []Field {
	d := &m.Data
	to := d.Sender
	if m.Kind == daticert.TypeTakingInCharge || m.Kind == daticert.TypeVirusDetection {
		_, domain, _ := strings.Cut(d.Sender, "@")
		to = "posta-certificata@" + domain // the service mailbox of the sender's provider
	}
	fields := []Field{
		{"Date", m.Time.Format(dateFormat)},
		{"From", m.serviceAddress()},
		{"To", to},
		{"Subject", m.subject()},
		{"Message-ID", "<" + string(m.Kind) + "." + m.Time.Format("20060102150405") + ".1@" + host(m.By) + ">"},
		{"X-Riferimento-Message-ID", d.MessageID},
		{"X-Ricevuta", string(m.Kind)},
	}
	if m.forVirus() {
		fields = append(fields, Field{"X-VerificaSicurezza", "errore"})
	}
	if m.Kind == daticert.TypeVirusDetection {
		fields = append(fields, Field{"X-Mittente", d.Sender})
	}
	return fields
}

// forVirus: the non-acceptance and the delivery error because of a virus.
func (m *Message) forVirus() bool {
	return m.Data.Error == daticert.ErrorVirus &&
		(m.Kind == daticert.TypeNonAcceptance || m.Kind == daticert.TypeDeliveryError)
}

func (m *Message) subject() string {
	prefix := map[daticert.Type]string{
		daticert.TypeTransport:      "POSTA CERTIFICATA: ",
		daticert.TypeAcceptance:     "ACCETTAZIONE: ",
		daticert.TypeNonAcceptance:  "AVVISO DI NON ACCETTAZIONE: ",
		daticert.TypeTakingInCharge: "PRESA IN CARICO: ",
		daticert.TypeDelivery:       "CONSEGNA: ",
		daticert.TypeDeliveryError:  "AVVISO DI MANCATA CONSEGNA: ",
		daticert.TypeTimeout:        "AVVISO DI MANCATA CONSEGNA PER SUP. TEMPO MASSIMO: ",
		daticert.TypeVirusDetection: "PROBLEMA DI SICUREZZA: ",
		Anomaly:                     "ANOMALIA MESSAGGIO: ",
	}[m.Kind]
	if m.forVirus() {
		prefix = strings.Replace(prefix, ":", " PER VIRUS:", 1)
	}
	return encodedWord(prefix + m.Data.Subject)
}

// serviceAddress is the address of the issuing provider.
func (m *Message) serviceAddress() string {
	return orElse(m.By.Address, "posta-certificata@pec.example.it")
}

func host(id *Identity) string {
	_, domain, _ := strings.Cut(orElse(id.Address, "posta-certificata@pec.example.it"), "@")
	return domain
}

func addresses(list []daticert.Recipient) []string {
	var all []string
	for _, r := range list {
		all = append(all, r.Address)
	}
	return all
}
