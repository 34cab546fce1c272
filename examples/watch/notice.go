package main

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"strings"
	"time"

	"github.com/gopec/gopec/follow"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/smime"
)

// notice says that a PEC arrived. It has no place for content: what is not here
// cannot get out.
type notice struct {
	Anomaly    bool      `json:"anomaly,omitempty"` // the mail is not certified
	Sender     string    `json:"sender"`
	Recipients []string  `json:"recipients"`
	More       int       `json:"more,omitempty"` // recipients that are not listed
	Subject    string    `json:"subject"`
	Time       time.Time `json:"time"`
	ID         string    `json:"id"`
}

const (
	maxPending    = 1000 // notices that wait for a server
	maxRecipients = 20   // listed in a notice
)

// noticeField marks our notices, so that none is sent about another.
const noticeField = "X-Gopec-Watch"

// envelopeNotice is about a certified message: every value is from the signed
// certification data.
func envelopeNotice(r *pec.Report) notice {
	n := notice{Sender: r.Data.Sender, Subject: r.Data.Subject, ID: follow.FoldID(r.Data.ID), Time: r.ReferenceTime.Time}
	for _, to := range r.Data.Recipients {
		n.Recipients = append(n.Recipients, to.Address)
	}
	return n.bounded()
}

// anomalyNotice is about ordinary mail in an envelope that says so. Its values are
// what the mail's header claims.
func anomalyNotice(r *pec.Report, now time.Time) notice {
	n := notice{Anomaly: true, Time: now.Truncate(time.Second), ID: follow.FoldID(r.Message.FirstHeader("Message-ID"))}
	if o := r.Message.Original(); o != nil {
		n.Sender, n.Subject = decoded(o, "From"), decoded(o, "Subject")
		n.Recipients = []string{decoded(o, "To")}
	}
	return n.bounded()
}

func (n notice) bounded() notice {
	n.Sender, n.Subject, n.ID = cut(n.Sender), cut(n.Subject), cut(n.ID)
	if over := len(n.Recipients) - maxRecipients; over > 0 {
		n.Recipients, n.More = n.Recipients[:maxRecipients], over
	}
	for i, r := range n.Recipients {
		n.Recipients[i] = cut(r)
	}
	return n
}

// decoded is the first value of a field, with its encoded words read.
func decoded(o *smime.Original, field string) string {
	values := o.Header(field)
	if len(values) == 0 {
		return ""
	}
	if s, err := new(mime.WordDecoder).DecodeHeader(values[0]); err == nil {
		return s
	}
	return values[0] // as it stands: in a character set that we do not read
}

// isNotice reports whether a mail is a notice of this program: between two
// mailboxes that are watched they would go back and forth for ever. A sender who
// writes the field himself is told of in the lines, and in no notice.
func isNotice(o *smime.Original) bool { return o != nil && len(o.Header(noticeField)) > 0 }

// isAutomatic reports whether no person wrote a mail: replies of machines, and
// messages that something could not be delivered.
//
// spec: RFC 3834 §5, RFC 3464 §2, RFC 5321 §4.5.5
func isAutomatic(o *smime.Original) bool {
	if o == nil {
		return false
	}
	for _, v := range o.Header("Auto-Submitted") {
		if word, _, _ := strings.Cut(v, ";"); !strings.EqualFold(strings.TrimSpace(word), "no") {
			return true
		}
	}
	for _, v := range o.Header("Return-Path") {
		if strings.TrimSpace(v) == "<>" {
			return true
		}
	}
	for _, v := range o.Header("Content-Type") {
		if strings.HasPrefix(strings.ToLower(strings.TrimSpace(v)), "multipart/report") {
			return true
		}
	}
	return false
}

// mail writes the notice as a mail. Its header holds nothing from outside, so
// nothing can be added to it; outside text stands in the body, quoted, a line each.
func (n notice) mail(c *config) []byte {
	l := c.lang
	subject := l.say("A PEC message has arrived", "Avviso di arrivo di un messaggio PEC")
	opening := l.say("A PEC message has arrived in the mailbox %s.", "È arrivato un messaggio PEC nella casella %s.")
	if n.Anomaly {
		subject = l.say("Mail that is NOT certified has arrived (anomaly)", "Avviso di arrivo di posta NON certificata (anomalia)")
		opening = l.say("An anomaly envelope has arrived in the mailbox %s: mail that is NOT certified.\nNobody vouches for what it says of itself.",
			"È arrivata una busta di anomalia nella casella %s: posta NON certificata.\nNessuno garantisce ciò che dichiara di sé.")
	}
	var text bytes.Buffer
	fmt.Fprintf(&text, opening+"\n\n", quote(c.address))
	fmt.Fprintf(&text, l.say("From:       %s\n", "Mittente:       %s\n"), quote(n.Sender))
	for _, r := range n.Recipients {
		fmt.Fprintf(&text, l.say("To:         %s\n", "Destinatario:   %s\n"), quote(r))
	}
	if n.More > 0 {
		fmt.Fprintf(&text, l.say("            and %d more\n", "                e altri %d\n"), n.More)
	}
	fmt.Fprintf(&text, l.say("Subject:    %s\n", "Oggetto:        %s\n"), quote(n.Subject))
	fmt.Fprintf(&text, l.say("Time:       %s\n", "Data:           %s\n"), instant(n.Time))
	fmt.Fprintf(&text, l.say("Identifier: %s\n\n", "Identificativo: %s\n\n"), quote(n.ID))
	text.WriteString(l.say("This notice holds nothing of the message: open the mailbox to read it.\nIt was sent by a program; do not reply.\n",
		"Questo avviso non contiene il messaggio: per leggerlo, aprire la casella.\nÈ inviato da un programma: non rispondere.\n"))

	_, host, _ := strings.Cut(c.from.Address, "@")
	var b bytes.Buffer
	for _, f := range [][2]string{
		{"From", c.from.String()}, {"To", c.notify.String()}, {"Subject", subject},
		{"Date", c.now().Format(time.RFC1123Z)}, {"Message-ID", "<" + rand.Text() + "@" + host + ">"},
		{"Auto-Submitted", "auto-generated"}, {noticeField, "notice"}, {"MIME-Version", "1.0"},
		{"Content-Type", "text/plain; charset=utf-8"}, {"Content-Transfer-Encoding", "quoted-printable"},
	} {
		fmt.Fprintf(&b, "%s: %s\r\n", f[0], f[1])
	}
	b.WriteString("\r\n")
	w := quotedprintable.NewWriter(&b)
	w.Write(bytes.ReplaceAll(text.Bytes(), []byte("\n"), []byte("\r\n"))) // a bytes.Buffer takes all
	w.Close()
	return b.Bytes()
}
