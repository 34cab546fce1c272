package testsign

import (
	"crypto/sha1"
	"encoding/hex"
	"strings"

	"github.com/gopec/gopec/daticert"
)

// originalMail writes the message that the exchange is about: a text and one
// attachment. In a brief delivery the attachment is a hash; in an anomaly
// envelope the message is ordinary mail.
func (m *Message) originalMail() []byte {
	d := &m.Data
	fields := []Field{
		{"From", d.Sender},
		{"To", strings.Join(addresses(d.Recipients), ",\r\n\t")},
		{"Subject", encodedWord(d.Subject)},
		{"Date", m.Time.Format(dateFormat)},
	}
	if m.Kind == Anomaly {
		fields = append(fields, Field{"Message-ID", d.MessageID})
	} else {
		fields = append(fields,
			Field{"Message-ID", "<" + d.ID + ">"}, // the PEC msgid takes the place of the client's
			Field{"X-Riferimento-Message-ID", d.MessageID},
			Field{"X-TipoRicevuta", string(d.Receipt)})
	}
	fields = append(fields, Field{"MIME-Version", "1.0"})
	text := Part{
		Type: "text/plain; charset=utf-8", Encoding: "quoted-printable",
		Body: []byte("Gentile dottoressa,\r\n\r\nin allegato il verbale della seduta: l'attività è conclusa.\r\n\r\nCordiali saluti\r\n"),
	}
	body := multipart("mixed", "=_client_"+m.BoundarySeed, text.bytes(), m.attachment().bytes())
	mimeFields, body := splitPart(body)
	return append(headerBlock(append(fields, mimeFields...)), body...)
}

func (m *Message) attachment() Part {
	p := Part{
		Type: "application/pdf", Name: exampleFileName, Encoding: "base64", Disposition: "attachment",
		Body: []byte("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"),
	}
	if m.Kind == daticert.TypeDelivery && m.Data.Receipt == daticert.ReceiptBrief {
		// spec: RFC 6109 §3.3.2.2: SHA-1 of the part as it is encoded
		sum := sha1.Sum(base64Lines(p.Body))
		return Part{
			Type: "text/plain", Name: exampleFileName + ".hash", Encoding: "7bit", Disposition: "attachment",
			Body: []byte(hex.EncodeToString(sum[:])),
		}
	}
	return p
}

// AsPart returns a mail written with CRLF as a MIME part of another: its
// Content-* fields and its body, nothing of the rest of its header.
func AsPart(mail []byte) Part {
	header, body := splitMail(mail)
	var raw strings.Builder
	for _, field := range header {
		if strings.HasPrefix(strings.ToLower(field), "content-") {
			raw.WriteString(field)
		}
	}
	return Part{Raw: append([]byte(raw.String()+"\r\n"), body...)}
}

// Forwarded returns a mail as a message/rfc822 part of another.
func Forwarded(mail []byte, name string) Part {
	return Part{Type: "message/rfc822", Name: name, Encoding: "7bit", Disposition: "attachment", Body: mail}
}

// MailingList wraps a mail written with CRLF as a mailing list does that adds
// a footer: multipart/mixed with the Content-* fields and the body of the
// mail as its first part, byte for byte, and a text part after it.
func MailingList(mail []byte, list string) []byte {
	header, _ := splitMail(mail)
	name, domain, _ := strings.Cut(list, "@")
	var out strings.Builder
	for _, field := range header {
		switch lower := strings.ToLower(field); {
		case strings.HasPrefix(lower, "content-"):
		case strings.HasPrefix(lower, "subject: "):
			out.WriteString("Subject: [" + name + "] " + field[len("Subject: "):])
		default:
			out.WriteString(field)
		}
	}
	out.WriteString("List-Id: <" + name + "." + domain + ">\r\n")
	out.WriteString("List-Post: <mailto:" + list + ">\r\n")
	out.WriteString("Sender: " + name + "-bounces@" + domain + "\r\n")
	footer := Part{Type: `text/plain; charset="utf-8"`, Encoding: "7bit", Disposition: "inline", Body: []byte("_____\r\n" + list + "\r\n")}
	out.Write(multipart("mixed", "===============5716442200==", AsPart(mail).Raw, footer.bytes()))
	return []byte(out.String())
}

// splitMail returns the header fields, each with its folding and line end, and
// the body after the blank line.
func splitMail(mail []byte) (fields []string, body []byte) {
	header, rest, _ := strings.Cut(string(mail), "\r\n\r\n")
	for line := range strings.SplitAfterSeq(header+"\r\n", "\r\n") {
		switch {
		case line == "":
		case (line[0] == ' ' || line[0] == '\t') && len(fields) > 0:
			fields[len(fields)-1] += line
		default:
			fields = append(fields, line)
		}
	}
	return fields, []byte(rest)
}
