package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/printable"
	"github.com/gopec/gopec/pec"
)

const (
	width         = 79 // columns that running text is wrapped at
	labelWidth    = 16
	maxRecipients = 6
	maxValue      = 300 // characters of an outside value
)

// textReport writes the report for a person: the outcome first, then what is
// certified, then what needs attention, then how it was checked. Outside text
// always ends its line, so that letters written from right to left cannot pull
// our own words around.
type textReport struct {
	w      io.Writer
	lang   pec.Lang
	colour bool
	err    error
}

// words chooses between the languages.
func (t *textReport) words(en, it string) string {
	if t.lang == pec.Italian {
		return it
	}
	return en
}

func (t *textReport) line(format string, args ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintf(t.w, format+"\n", args...)
	}
}

// write writes the report on one message. file is already printable.
func (t *textReport) write(file string, r *pec.Report) error {
	t.line("%s", file)
	t.outcome(r)
	if r.Data != nil {
		t.data(r)
	}
	t.attention(r)
	if r.Signer != nil || r.Verdict != "" {
		t.how(r)
	}
	for _, inner := range r.Layers {
		t.layer(inner)
	}
	t.line("")
	return t.err
}

func (t *textReport) outcome(r *pec.Report) {
	text := r.Outcome(t.lang)
	colour := "31;1" // red
	if r.Certified {
		colour = "32;1" // green
	}
	if !r.Certified && r.Verdict != "" {
		text += " (" + verdictText(r) + ")"
	}
	t.line("%s", t.paint(colour, text))
}

func verdictText(r *pec.Report) string {
	if r.SubIndication == "" {
		return string(r.Verdict)
	}
	return string(r.Verdict) + " / " + string(r.SubIndication)
}

// data shows the certification data: as certified, or as what the message
// states when it is not.
func (t *textReport) data(r *pec.Report) {
	d := r.Data
	t.line("")
	if r.Certified {
		t.heading(t.words("Certified", "Certificato"))
	} else {
		t.heading(t.words("Stated by the message, NOT certified", "Dichiarato dal messaggio, NON certificato"))
	}
	t.field(t.words("kind", "tipo"), r.Kind.Name(t.lang)+t.receiptType(r))
	t.field(t.words("issued by", "emesso da"), show(d.Provider))
	t.field(t.words("time", "quando"), when(d))
	t.field(t.words("from", "da"), show(d.Sender))
	t.recipients(d)
	if d.Delivery != "" {
		t.field(t.deliveryLabel(r.Kind), show(d.Delivery))
	}
	t.field(t.words("subject", "oggetto"), show(d.Subject))
	if d.ErrorExtended != "" {
		t.field(t.words("reason", "motivo"), show(d.ErrorExtended))
	}
	t.field(t.words("identifier", "identificativo"), show(d.ID))
}

func (t *textReport) receiptType(r *pec.Report) string {
	if r.Kind != pec.KindDelivery || r.Data.Receipt == "" {
		return ""
	}
	switch r.Data.Receipt {
	case daticert.ReceiptComplete:
		return t.words(", complete", ", completa")
	case daticert.ReceiptBrief:
		return t.words(", brief", ", breve")
	case daticert.ReceiptConcise:
		return t.words(", concise", ", sintetica")
	}
	return ""
}

func (t *textReport) deliveryLabel(k pec.Kind) string {
	if k == pec.KindDelivery {
		return t.words("delivered to", "consegnato a")
	}
	return t.words("not delivered to", "non consegnato a")
}

func (t *textReport) recipients(d *daticert.Data) {
	label := t.words("to", "a")
	for i, r := range d.Recipients {
		if i == maxRecipients {
			t.field("", fmt.Sprintf(t.words("… and %d more", "… e altri %d"), len(d.Recipients)-i))
			return
		}
		prefix := ""
		if r.Type == daticert.RecipientExternal {
			prefix = t.words("[ordinary mail] ", "[posta ordinaria] ")
		}
		t.field(label, prefix+show(r.Address))
		label = ""
	}
}

// attention lists failures and warnings, the failures first.
func (t *textReport) attention(r *pec.Report) {
	failures, warnings := r.Failures(), r.Warnings()
	if len(failures) > 0 {
		t.line("")
		t.heading(t.words("Why", "Perché"))
		for _, c := range failures {
			t.item(t.paint("31", "✗"), c.Detail(t.lang))
		}
	}
	if len(warnings) > 0 {
		t.line("")
		t.heading(t.words("Needs attention", "Da tenere presente"))
		for _, c := range replyToFirst(warnings) {
			t.item(t.paint("33", "!"), c.Detail(t.lang))
		}
	}
}

// replyToFirst puts an answer that would go elsewhere before other warnings.
func replyToFirst(warnings []pec.Check) []pec.Check {
	ordered := make([]pec.Check, 0, len(warnings))
	for _, c := range warnings {
		if c.ID == pec.CheckReplyTo {
			ordered = append(ordered, c)
		}
	}
	for _, c := range warnings {
		if c.ID != pec.CheckReplyTo {
			ordered = append(ordered, c)
		}
	}
	return ordered
}

func (t *textReport) how(r *pec.Report) {
	t.line("")
	t.heading(t.words("How it was checked", "Come è stato verificato"))
	if r.Signer != nil {
		t.field(t.words("signer", "firmatario"), signerText(r.Signer))
	}
	for _, id := range []pec.CheckID{pec.CheckPath, pec.CheckProvider} {
		c := r.Check(id)
		if c.Status == pec.Pass {
			t.field(t.label(id), c.Detail(t.lang))
		}
	}
	if r.ReferenceTime.Source != "" {
		t.field(t.words("at", "istante"), r.Check(pec.CheckReference).Detail(t.lang))
	}
	count := map[pec.Status]int{}
	for _, c := range r.Checks {
		count[c.Status]++
	}
	t.field(t.words("checks", "verifiche"), fmt.Sprintf(
		t.words("%d passed, %d failed, %d to note, %d not made (-json lists them)", "%d superate, %d fallite, %d da tenere presenti, %d non eseguite (-json le elenca)"),
		count[pec.Pass], count[pec.Fail], count[pec.Warn], count[pec.Skip]))
}

func (t *textReport) label(id pec.CheckID) string {
	if id == pec.CheckPath {
		return t.words("authority", "autorità")
	}
	return t.words("provider", "gestore")
}

func signerText(s *pec.Signer) string {
	name := s.Organization
	if name == "" {
		name = s.CommonName
	}
	if name == "" {
		return show(s.Email)
	}
	return show(s.Email) + ", " + show(name)
}

// layer shows what an inner layer is, in one line and its reasons.
func (t *textReport) layer(r *pec.Report) {
	t.line("")
	t.line("%s %s: %s", t.words("Inside, part", "All'interno, parte"), r.Path, r.Outcome(t.lang))
	if r.Verdict != "" && !r.Certified {
		t.item(" ", verdictText(r))
	}
	if r.Data != nil {
		t.field(t.words("kind", "tipo"), r.Kind.Name(t.lang)+t.receiptType(r))
		t.field(t.words("time", "quando"), when(r.Data))
		t.field(t.words("from", "da"), show(r.Data.Sender))
		t.recipients(r.Data)
		t.field(t.words("subject", "oggetto"), show(r.Data.Subject))
	}
	for _, c := range r.Failures() {
		t.item(t.paint("31", "✗"), c.Detail(t.lang))
	}
	for _, c := range r.Warnings() {
		t.item(t.paint("33", "!"), c.Detail(t.lang))
	}
	for _, inner := range r.Layers {
		t.layer(inner)
	}
}

func when(d *daticert.Data) string {
	at, err := d.Time()
	if err != nil {
		return show(strings.TrimSpace(d.Date.Day + " " + d.Date.Hour + " " + d.Date.Zone))
	}
	return at.Format("02/01/2006 15:04:05 -0700")
}

// show makes outside text printable. It is the only way such text reaches the
// terminal.
func show(s string) string { return printable.String(s, maxValue) }

func (t *textReport) heading(s string) { t.line("%s", t.paint("1", s)) }

// field writes a label and a value, the value wrapped under itself.
func (t *textReport) field(label, value string) {
	pad := strings.Repeat(" ", max(1, labelWidth-utf8.RuneCountInString(label)))
	t.wrapped("  "+label+pad, value)
}

func (t *textReport) item(mark, text string) {
	if t.err != nil {
		return
	}
	lines := wrap(text, width-4)
	t.line("  %s %s", mark, lines[0])
	for _, l := range lines[1:] {
		t.line("    %s", l)
	}
}

func (t *textReport) wrapped(prefix, value string) {
	indent := utf8.RuneCountInString(prefix)
	lines := wrap(value, width-indent)
	t.line("%s%s", prefix, lines[0])
	for _, l := range lines[1:] {
		t.line("%s%s", strings.Repeat(" ", indent), l)
	}
}

// wrap breaks text at blanks into lines of at most n characters; a longer
// word stands on a line of its own, whole, so that it can be copied.
func wrap(s string, n int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(s) {
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) <= n:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return append(lines, line)
}

func (t *textReport) paint(code, s string) string {
	if !t.colour {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}
