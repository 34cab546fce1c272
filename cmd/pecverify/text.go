package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/pec"
)

const (
	maxListed = 6  // recipients, attachments
	maxLayers = 20 // inner layers
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

// write writes the report on one message, and what comparing it found, nil
// without -sent.
func (t *textReport) write(file string, r *pec.Report, found *comparison) error {
	t.outcome(r)
	t.field(t.words("file", "file"), file)
	if r.Data != nil {
		t.data(r)
	}
	if found != nil {
		t.sent(r, found)
	}
	t.attention(r)
	if r.Signer != nil || r.Verdict != "" {
		t.how(r)
	}
	t.layers(r.Layers)
	t.line("")
	return t.err
}

func (t *textReport) outcome(r *pec.Report) {
	text := r.Outcome(t.lang)
	colour := "31;1" // red
	if r.Certified {
		colour = "32;1" // green
	}
	t.line("%s", t.paint(colour, text+verdictText(r)))
}

// verdictText is the verdict for those who know its terms. Where it passed the
// outcome says all of it, and "PASSED" beside "nothing is certified" would
// mislead.
func verdictText(r *pec.Report) string {
	switch {
	case r.Verdict == "" || r.Verdict == pec.TotalPassed:
		return ""
	case r.SubIndication == "":
		return fmt.Sprintf(" (%s)", r.Verdict)
	}
	return fmt.Sprintf(" (%s / %s)", r.Verdict, r.SubIndication)
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
	t.field(t.words("issued by", "emesso da"), d.Provider)
	t.field(t.words("time", "data e ora"), t.when(d))
	t.parties(r)
	if d.ErrorExtended != "" {
		t.field(t.words("reason", "motivo"), d.ErrorExtended)
	}
	t.attachments(r)
	t.field(t.words("identifier", "identificativo"), d.ID)
}

// parties shows between whom the message went, and about what.
func (t *textReport) parties(r *pec.Report) {
	d := r.Data
	t.field(t.words("from", "mittente"), d.Sender)
	t.recipients(d)
	if d.Delivery != "" {
		t.field(t.deliveryLabel(r.Kind), d.Delivery)
	}
	t.field(t.words("subject", "oggetto"), d.Subject)
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

// deliveryLabel names the one recipient that a notice is about. Only a delivery
// says that it was delivered.
func (t *textReport) deliveryLabel(k pec.Kind) string {
	if k == pec.KindDelivery {
		return t.words("delivered to", "consegnato a")
	}
	return t.words("concerns", "riguarda")
}

func (t *textReport) recipients(d *daticert.Data) {
	values := make([]string, len(d.Recipients))
	for i, r := range d.Recipients {
		if r.Type == daticert.RecipientExternal {
			values[i] = t.words("[ordinary mail] ", "[posta ordinaria] ")
		}
		values[i] += r.Address
	}
	t.list(t.words("to", "destinatari"), values)
}

// attachments names what the enclosed original carries.
func (t *textReport) attachments(r *pec.Report) {
	o := r.Message.Original()
	if o == nil {
		return
	}
	var names []string
	for _, a := range o.Attachments() {
		name := a.Name()
		if name == "" {
			name = t.words("(without a name)", "(senza nome)")
		}
		names = append(names, name)
	}
	t.list(t.words("attachments", "allegati"), names)
}

// list shows the first values under one label, and says how many more there
// are.
func (t *textReport) list(label string, values []string) {
	for i, v := range values {
		if i == maxListed {
			t.field("", fmt.Sprintf(t.words("… and %d more", "… e altri %d"), len(values)-i))
			return
		}
		t.field(label, v)
		label = ""
	}
}

// attention lists failures and warnings, the failures first.
func (t *textReport) attention(r *pec.Report) {
	failures, warnings := r.Failures(), r.Warnings()
	if len(failures) > 0 {
		t.line("")
		t.heading(t.words("Why", "Perché"))
		t.items("31", "✗", failures)
	}
	if len(warnings) > 0 {
		t.line("")
		t.heading(t.words("Needs attention", "Avvertenze"))
		t.items("33", "!", replyToFirst(warnings))
	}
}

// replyToFirst puts an answer that would go elsewhere before other warnings.
func replyToFirst(warnings []pec.Check) []pec.Check {
	ordered := slices.Clone(warnings)
	slices.SortStableFunc(ordered, func(a, b pec.Check) int {
		return cmp.Compare(rank(a), rank(b))
	})
	return ordered
}

func rank(c pec.Check) int {
	if c.ID == pec.CheckReplyTo {
		return 0
	}
	return 1
}

func (t *textReport) how(r *pec.Report) {
	t.line("")
	t.heading(t.words("How it was checked", "Come è stato verificato"))
	if r.Signer != nil {
		t.field(t.words("signer", "firmatario"), signerText(r.Signer))
	}
	for _, id := range []pec.CheckID{pec.CheckPath, pec.CheckProvider, pec.CheckDirectory, pec.CheckRevocation, pec.CheckTimestamp} {
		c := r.Check(id)
		if c.Status == pec.Pass {
			t.field(t.label(id), c.Detail(t.lang))
		}
	}
	if at := t.reference(r.ReferenceTime); at != "" {
		t.field(t.words("judged at", "alla data"), at)
	}
	t.field(t.words("checks", "verifiche"), t.counts(r.Checks()))
}

func (t *textReport) label(id pec.CheckID) string {
	switch id {
	case pec.CheckPath:
		return t.words("authority", "autorità")
	case pec.CheckDirectory:
		return t.words("directory", "indice")
	case pec.CheckRevocation:
		return t.words("revocation", "revoca")
	case pec.CheckTimestamp:
		return t.words("time-stamp", "marca temp.")
	}
	return t.words("provider", "gestore")
}

// reference says at which time the signer was judged. A time that nothing
// certifies stands among the warnings, with the reason, and not here.
func (t *textReport) reference(at pec.ReferenceTime) string {
	source := map[pec.TimeSource]string{
		pec.FromDaticert:  t.words("from the signed certification data", "dai dati di certificazione firmati"),
		pec.FromTimestamp: t.words("by a time-stamp over the file", "da una marca temporale sul file"),
		pec.FromCaller:    t.words("given with -at", "indicata con -at"),
		pec.FromClock:     t.words("now", "adesso"),
	}[at.Source]
	if source == "" {
		return ""
	}
	return t.moment(at.Time) + ", " + source
}

func (t *textReport) counts(checks []pec.Check) string {
	count := map[pec.Status]int{}
	for _, c := range checks {
		count[c.Status]++
	}
	var parts []string
	add := func(s pec.Status, en, one, many string) {
		switch n := count[s]; {
		case n == 1:
			parts = append(parts, "1 "+t.words(en, one))
		case n > 1:
			parts = append(parts, fmt.Sprintf("%d %s", n, t.words(en, many)))
		}
	}
	add(pec.Pass, "passed", "superata", "superate")
	add(pec.Fail, "failed", "fallita", "fallite")
	add(pec.Warn, "with a warning", "con avvertenza", "con avvertenza")
	add(pec.Skip, "not made", "non eseguita", "non eseguite")
	return strings.Join(parts, ", ") + t.words(" (see -json)", " (vedi -json)")
}

func signerText(s *pec.Signer) string {
	name := s.Organization
	if name == "" {
		name = s.CommonName
	}
	if name == "" {
		return s.Email
	}
	return s.Email + ", " + show(name)
}

// layers shows the inner layers, and those inside them, in order.
func (t *textReport) layers(all []*pec.Report) {
	shown := 0
	left := t.someLayers(all, &shown)
	if left > 0 {
		t.line("")
		t.line("%s", fmt.Sprintf(t.words("… and %d more inside (see -json)", "… e altri %d all'interno (vedi -json)"), left))
	}
}

// someLayers shows layers until maxLayers are, and returns how many were not.
func (t *textReport) someLayers(all []*pec.Report, shown *int) (left int) {
	for _, r := range all {
		if *shown == maxLayers {
			left++
		} else {
			*shown++
			t.layer(r)
		}
		left += t.someLayers(r.Layers, shown)
	}
	return left
}

// layer shows what an inner layer is and its reasons.
func (t *textReport) layer(r *pec.Report) {
	t.line("")
	t.heading(t.words("Inside, part ", "All'interno, parte ") + show(r.Path) + ": " + r.Outcome(t.lang) + verdictText(r))
	if r.Data != nil {
		t.field(t.words("kind", "tipo"), r.Kind.Name(t.lang)+t.receiptType(r))
		t.field(t.words("time", "data e ora"), t.when(r.Data))
		t.parties(r)
	}
	t.items("31", "✗", r.Failures())
	t.items("33", "!", replyToFirst(r.Warnings()))
}

// when is the certified time, or what stands in its place.
func (t *textReport) when(d *daticert.Data) string {
	at, err := d.Time()
	if err != nil {
		return strings.TrimSpace(d.Date.Day + " " + d.Date.Hour + " " + d.Date.Zone)
	}
	return t.moment(at)
}

// moment writes a time as people of the language do. For English that is the
// form of ISO 8601: day and month in digits are read both ways round.
func (t *textReport) moment(at time.Time) string {
	return at.Format(t.words("2006-01-02 15:04:05 -0700", "02/01/2006 15:04:05 -0700"))
}
