package verifypage

import (
	"github.com/gopec/gopec/internal/mime"
	"github.com/gopec/gopec/internal/printable"
	"github.com/gopec/gopec/pec"
)

// outsideFields are the fields of the header that repeat a certified fact, and
// the checks that compare them.
var outsideFields = []struct {
	name   string
	checks []pec.CheckID
}{
	{"From", []pec.CheckID{pec.CheckFrom, pec.CheckFromName}},
	{"To", []pec.CheckID{pec.CheckRecipients}},
	{"Cc", []pec.CheckID{pec.CheckRecipients}},
	{"Subject", []pec.CheckID{pec.CheckSubject}},
	{"Date", []pec.CheckID{pec.CheckDate}},
	{"Reply-To", []pec.CheckID{pec.CheckReplyTo}},
	{"Message-ID", []pec.CheckID{pec.CheckMessageID}},
	{"X-Trasporto", []pec.CheckID{pec.CheckKind}},
	{"X-Ricevuta", []pec.CheckID{pec.CheckKind}},
	{"X-Riferimento-Message-ID", []pec.CheckID{pec.CheckReferenceI}},
}

// outside shows the header, which no signature covers. nil if there is none.
func (w writer) outside() *Section {
	s := &Section{Heading: w.words("Outside the signature", "Fuori dalla firma"),
		Lead: w.words("The signature does not cover the header: these fields are what a mail program shows, and anybody can have written them. Each is compared with the certified fact.",
			"La firma non copre l'intestazione: questi campi sono ciò che mostra un programma di posta, e può averli scritti chiunque. Ciascuno è confrontato con il dato certificato.")}
	if !w.r.Certified {
		s.Lead = w.words("The signature does not cover the header: anybody can have written these fields. What they repeat of the message is not certified either.",
			"La firma non copre l'intestazione: questi campi può averli scritti chiunque. Neppure ciò che ripetono del messaggio è certificato.")
	}
	if w.r.Verdict == "" {
		s.Lead = w.words("Nothing of this message is signed: anybody can have written what it says.", "Nulla di questo messaggio è firmato: ciò che dice può averlo scritto chiunque.")
	}
	for _, f := range outsideFields {
		for i, value := range w.r.Message.Header(f.name) {
			if i == 3 {
				break // one that stands twice is a finding of its own
			}
			row := w.row(f.name, mime.DecodeWords(value))
			if status, note := w.worst(f.checks); w.r.Certified || note != "" {
				row.Status, row.Note = status, note // to match what nobody certified is no merit
			}
			s.Rows = append(s.Rows, row)
		}
	}
	if len(s.Rows) == 0 {
		return nil
	}
	return s
}

// worst returns the status of the check that weighs most, and what it says if
// that needs attention.
func (w writer) worst(ids []pec.CheckID) (status, note string) {
	weight := map[pec.Status]int{pec.Skip: 0, pec.Pass: 1, pec.Warn: 2, pec.Fail: 3}
	var worst pec.Check
	for i, id := range ids {
		if c := w.r.Check(id); i == 0 || weight[c.Status] > weight[worst.Status] {
			worst = c
		}
	}
	if weight[worst.Status] > 1 {
		note = cut(worst.Detail(w.lang))
	}
	return string(worst.Status), note
}

// how says by what and at which time the message was judged.
func (w writer) how() *Section {
	s := &Section{Heading: w.words("How it was checked", "Come è stato verificato")}
	add := func(en, it, value string) { s.Rows = append(s.Rows, w.row(w.words(en, it), value)) }
	if signer := w.r.Signer; signer != nil {
		name := signer.Organization
		if name == "" {
			name = signer.CommonName
		}
		if name != "" {
			name = ", " + name
		}
		add("signer", "firmatario", signer.Email+name)
		add("its certificate", "il suo certificato", w.words("from ", "dal ")+moment(signer.NotBefore, w.lang)+w.words(" to ", " al ")+moment(signer.NotAfter, w.lang))
	}
	for _, about := range []struct {
		id    pec.CheckID
		label phrase
	}{{pec.CheckPath, phrase{"authority", "autorità"}}, {pec.CheckProvider, phrase{"provider", "gestore"}}} {
		if c := w.r.Check(about.id); c.Status == pec.Pass {
			add(about.label.en, about.label.it, c.Detail(w.lang))
		}
	}
	if source, known := timeSources[w.r.ReferenceTime.Source]; known {
		add("judged at", "alla data", moment(w.r.ReferenceTime.Time, w.lang)+", "+source.in(w.lang))
	}
	add("rules", "regole", string(w.r.Policy))
	if missing := w.notMade(); len(missing) > 0 {
		s.Rows = append(s.Rows, w.row(w.words("not checked", "non verificato"), missing...))
	}
	return s
}

// notMade names the checks that need data which a browser has not: whoever
// reads a verdict has to know what it does not rest on.
func (w writer) notMade() []string {
	var titles []string
	for _, id := range []pec.CheckID{pec.CheckRevocation, pec.CheckDirectory, pec.CheckDomain, pec.CheckTimestamp} {
		if w.r.Check(id).Status == pec.Skip {
			titles = append(titles, title(id, w.lang))
		}
	}
	return titles
}

// timeSources are those of a reference time that something vouches for. Another
// time stands among the warnings, with the reason.
var timeSources = map[pec.TimeSource]phrase{
	pec.FromDaticert:  {"from the signed certification data", "dai dati di certificazione firmati"},
	pec.FromCaller:    {"as given", "come indicato"},
	pec.FromClock:     {"now", "adesso"},
	pec.FromTimestamp: {"from a time-stamp", "da una marca temporale"},
}

// cut bounds what a check says. Its outside text is printable already.
func cut(s string) string { return printable.String(s, maxDetail) }
