package verifypage

import (
	"fmt"
	"strings"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/pec"
)

// View is a report in the order in which a person reads it. All of it is text.
type View struct {
	File    string   `json:"file"`
	Tone    Tone     `json:"tone"`
	Outcome string   `json:"outcome"` // one line
	Verdict string   `json:"verdict"` // in the terms of EN 319 102-1, "" if it passed or there is none
	Meaning []string `json:"meaning"` // what it proves, what it does not, what to do

	Facts    *Section `json:"facts"` // certified, or stated and not certified; nil without certification data
	Failures []Note   `json:"failures"`
	Warnings []Note   `json:"warnings"`
	Outside  *Section `json:"outside"` // what the signature does not cover
	How      *Section `json:"how"`
	Checks   []Note   `json:"checks"` // every check, in order
	Counts   string   `json:"counts"`
	Saves    []Save   `json:"saves"` // what can be saved; nothing of a message that is not certified
	Layers   []*View  `json:"layers"`
}

// Tone is the colour of an outcome.
type Tone string

// The tones.
const (
	Good  Tone = "good"  // certified
	Bad   Tone = "bad"   // signed, and not certified
	Plain Tone = "plain" // nothing to be certified
	None  Tone = "none"  // no verdict
)

// Section is a list of facts under a heading.
type Section struct {
	Heading   string `json:"heading"`
	Lead      string `json:"lead"` // a sentence above the facts, or ""
	Certified bool   `json:"certified"`
	Rows      []Row  `json:"rows"`
}

// Row is one fact.
type Row struct {
	Label  string   `json:"label"`
	Values []string `json:"values"`
	Status string   `json:"status"` // of the check that compared it, or ""
	Note   string   `json:"note"`   // what that check says
}

// Note is one check.
type Note struct {
	ID     string `json:"id"`
	Status string `json:"status"` // pass, warn, fail, skip
	Word   string `json:"word"`   // the same for a person
	Title  string `json:"title"`
	Clause string `json:"clause"`
	Detail string `json:"detail"`
}

// Save is one file that a certified message holds.
type Save struct {
	Index int    `json:"index"` // for Request.File
	Name  string `json:"name"`  // that it gives itself
}

// failureView is the view of a file without verdict.
func (q *Request) failureView(file string, f *failure) *View {
	l := q.lang()
	v := empty(file)
	v.Tone, v.Outcome = None, phrase{"no verdict", "nessun esito"}.in(l)
	v.Meaning = append(v.Meaning, show(f.text(l)))
	if hint := (phrase{f.hints[0], f.hints[1]}).in(l); hint != "" {
		v.Meaning = append(v.Meaning, hint)
	}
	return v
}

// empty is a view with empty lists, so that its JSON has no null in their
// place.
func empty(file string) *View {
	return &View{File: show(file), Meaning: []string{}, Failures: []Note{}, Warnings: []Note{}, Checks: []Note{}, Saves: []Save{}, Layers: []*View{}}
}

// view puts a report in order.
func (q *Request) view(file string, r *pec.Report) *View {
	w := writer{r: r, lang: q.lang()}
	v := w.view(file)
	if r.Certified {
		for i, p := range parts(r) {
			v.Saves = append(v.Saves, Save{i, show(p.name)})
		}
	}
	return v
}

// writer writes the view of one layer.
type writer struct {
	r    *pec.Report
	lang pec.Lang
}

func (w writer) words(en, it string) string { return phrase{en, it}.in(w.lang) }

func (w writer) view(file string) *View {
	r := w.r
	v := empty(file)
	v.Tone, v.Outcome, v.Verdict = w.tone(), r.Outcome(w.lang), verdictText(r)
	v.Meaning = w.meaning()
	if r.Data != nil {
		v.Facts = w.facts()
	}
	v.Outside = w.outside()
	if r.Signer != nil || r.Verdict != "" {
		v.How = w.how()
	}
	for _, c := range r.Checks() {
		v.Checks = append(v.Checks, w.note(c))
	}
	for _, c := range r.Failures() {
		v.Failures = append(v.Failures, w.note(c))
	}
	for _, c := range r.Warnings() {
		v.Warnings = append(v.Warnings, w.note(c))
	}
	v.Counts = w.counts()
	for _, inner := range r.Layers {
		in := writer{inner, w.lang}
		v.Layers = append(v.Layers, in.view(w.words("inside, part ", "all'interno, parte ")+inner.Path))
	}
	return v
}

func (w writer) tone() Tone {
	switch {
	case w.r.Certified:
		return Good
	case w.r.Verdict == "", w.r.Verdict == pec.TotalPassed:
		return Plain
	}
	return Bad
}

// verdictText is the verdict for those who know its terms. Where it passed the
// outcome says all of it.
func verdictText(r *pec.Report) string {
	switch {
	case r.Verdict == "" || r.Verdict == pec.TotalPassed:
		return ""
	case r.SubIndication == "":
		return string(r.Verdict)
	}
	return fmt.Sprintf("%s / %s", r.Verdict, r.SubIndication)
}

func (w writer) note(c pec.Check) Note {
	return Note{ID: string(c.ID), Status: string(c.Status), Word: statusWords[c.Status].in(w.lang),
		Title: title(c.ID, w.lang), Clause: c.Clause, Detail: cut(c.Detail(w.lang))}
}

var titles = func() map[pec.CheckID]pec.CheckInfo {
	m := make(map[pec.CheckID]pec.CheckInfo)
	for _, c := range pec.Checks() {
		m[c.ID] = c
	}
	return m
}()

func title(id pec.CheckID, l pec.Lang) string { return titles[id].Title(l) }

func (w writer) counts() string {
	count := map[pec.Status]int{}
	for _, c := range w.r.Checks() {
		count[c.Status]++
	}
	var parts []string
	add := func(s pec.Status, en, one, many string) {
		switch n := count[s]; {
		case n == 1:
			parts = append(parts, "1 "+w.words(en, one))
		case n > 1:
			parts = append(parts, fmt.Sprintf("%d %s", n, w.words(en, many)))
		}
	}
	add(pec.Pass, "passed", "superata", "superate")
	add(pec.Fail, "failed", "fallita", "fallite")
	add(pec.Warn, "with a warning", "con avvertenza", "con avvertenza")
	add(pec.Skip, "not made", "non eseguita", "non eseguite")
	return strings.Join(parts, ", ")
}

// facts are the certification data: as certified, or as what the message states
// when it is not.
func (w writer) facts() *Section {
	d := w.r.Data
	s := &Section{Heading: w.words("Certified", "Certificato"), Certified: w.r.Certified,
		Lead: w.words("From the signed certification data (daticert.xml).", "Dai dati di certificazione firmati (daticert.xml).")}
	if !w.r.Certified {
		s.Heading = w.words("Stated by the message, NOT certified", "Dichiarato dal messaggio, NON certificato")
		s.Lead = w.words("Nobody vouches for what follows.", "Di quanto segue nessuno risponde.")
	}
	add := func(en, it string, values ...string) { s.Rows = append(s.Rows, w.row(w.words(en, it), values...)) }
	add("kind", "tipo", w.r.Kind.Name(w.lang)+w.receiptType())
	add("issued by", "emesso da", d.Provider)
	add("time", "data e ora", w.when())
	add("from", "mittente", d.Sender)
	add("to", "destinatari", w.recipients()...)
	if d.Delivery != "" {
		label := phrase{"concerns", "riguarda"}
		if w.r.Kind == pec.KindDelivery {
			label = phrase{"delivered to", "consegnato a"}
		}
		add(label.en, label.it, d.Delivery)
	}
	add("subject", "oggetto", d.Subject)
	if d.ErrorExtended != "" {
		add("reason", "motivo", d.ErrorExtended)
	}
	if names := w.attachments(); len(names) > 0 {
		add("attachments", "allegati", names...)
	}
	add("identifier", "identificativo", d.ID)
	return s
}

// row makes values from outside printable.
func (w writer) row(label string, values ...string) Row {
	r := Row{Label: label, Values: make([]string, 0, len(values))}
	for i, v := range values {
		const most = 100 // a notice can list thousands of recipients; the JSON has them all
		if i == most {
			r.Values = append(r.Values, fmt.Sprintf(w.words("… and %d more, see the JSON", "… e altri %d, vedi il JSON"), len(values)-i))
			break
		}
		if v = show(v); strings.TrimSpace(v) == "" {
			v = w.words("(empty)", "(vuoto)")
		}
		r.Values = append(r.Values, v)
	}
	return r
}

func (w writer) receiptType() string {
	if w.r.Kind != pec.KindDelivery {
		return ""
	}
	switch w.r.Data.Receipt {
	case daticert.ReceiptComplete:
		return w.words(", complete", ", completa")
	case daticert.ReceiptBrief:
		return w.words(", brief", ", breve")
	case daticert.ReceiptConcise:
		return w.words(", concise", ", sintetica")
	}
	return ""
}

func (w writer) recipients() []string {
	var values []string
	for _, r := range w.r.Data.Recipients {
		kind := ""
		if r.Type == daticert.RecipientExternal {
			kind = w.words("[ordinary mail] ", "[posta ordinaria] ")
		}
		values = append(values, kind+r.Address)
	}
	return values
}

// when is the certified time, or what stands in its place.
func (w writer) when() string {
	at, err := w.r.Data.Time()
	if err != nil {
		d := w.r.Data.Date
		return strings.TrimSpace(d.Day + " " + d.Hour + " " + d.Zone)
	}
	return moment(at, w.lang)
}

// attachments names what the enclosed original carries.
func (w writer) attachments() []string {
	o := w.r.Message.Original()
	if o == nil {
		return nil
	}
	var names []string
	for _, a := range o.Attachments() {
		name := a.Name()
		if name == "" {
			name = w.words("(without a name)", "(senza nome)")
		}
		names = append(names, name)
	}
	return names
}
