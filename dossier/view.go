package dossier

import (
	"fmt"
	"strings"

	"github.com/gopec/gopec/follow"
	"github.com/gopec/gopec/pec"
)

// view is the dossier as text and HTML show it: every string in it is ready to be
// shown.
type view struct {
	pen
	Complete    bool
	Headline    string
	Made        string
	Program     string
	Reasons     []string
	Notes       []string
	Sent        []field
	Messages    []viewMessage
	Unchecked   []string
	Warnings    []string
	Verified    []field
	Files       []viewFile
	LeftOut     int
	Disclaimers []string
}

// field is a value with its name.
type field struct {
	Label, Value string
	Mono         bool // hex
}

type viewMessage struct {
	Fields         []field
	Contradictions []string
	Steps          []viewStep
	Recipients     []viewRecipient
}

type viewRecipient struct {
	Number   int
	Address  string
	Status   string
	Since    string
	Class    string // "good", "bad" or "open"
	Steps    []viewStep
	Content  string
	Parts    []string
	Headers  []string
	Failure  string
	Missing  []string
	Problems []string
}

type viewStep struct {
	Event, Time, Files string
	Issuer             []string // provider and signer
}

type viewFile struct {
	Number       int
	Name         string
	SHA256, Size string
	Remarks      []string // is the sent file, the same as another
	Failure      string
	Verdicts     []viewVerdict
}

type viewVerdict struct {
	Inside   string // where in the file
	Kind     string
	Time     string
	Issuer   []string
	Outcome  string
	Use      string
	Content  string // how it compares with the sent file
	Class    string // "good", "bad" or "open"
	Problems []string
}

func (d *Dossier) view(l pec.Lang) *view {
	p := pen{l}
	v := &view{pen: p, Complete: d.Complete(), Headline: p.words(d.headline()), Made: p.time(d.Made), Program: "", LeftOut: d.LeftOut}
	if d.Program != "" {
		v.Program = p.text(d.Program)
	}
	for _, r := range d.Reasons {
		s := p.words(r.Detail)
		if r.Recipient != "" {
			s = p.text(r.Recipient) + ": " + s
		}
		v.Reasons = append(v.Reasons, s)
	}
	for _, n := range d.Notes {
		v.Notes = append(v.Notes, p.words(n.Detail))
	}
	v.Sent = p.sent(&d.Sent)
	for i := range d.Messages {
		v.Messages = append(v.Messages, p.message(&d.Messages[i]))
	}
	v.verified(d)
	for i := range d.Files {
		v.Files = append(v.Files, p.file(&d.Files[i]))
	}
	for _, w := range d.disclaimers() {
		v.Disclaimers = append(v.Disclaimers, w.In(l))
	}
	return v
}

// list adds fields that have a value.
type list []field

func (f *list) add(label, value string) {
	if value != "" {
		*f = append(*f, field{Label: label, Value: value})
	}
}

func (p pen) sent(s *Sent) []field {
	var f list
	f.add(p.say("File", "File"), p.text(s.Name))
	f = append(f, field{"SHA-256", p.sum(s.SHA256), true})
	f.add(p.say("Size", "Dimensione"), p.size(s.Size))
	id := p.text(s.MessageID)
	if id == "" {
		id = p.say("none", "assente")
	}
	f.add("Message-ID", id)
	f.add(p.say("From", "Mittente"), strings.Join(p.texts(s.From), ", "))
	f.add(p.say("To", "Destinatari"), strings.Join(p.texts(s.To), ", "))
	f.add(p.say("Subject", "Oggetto"), p.text(s.Subject))
	return f
}

func (p pen) message(m *Message) viewMessage {
	var f list
	f.add(p.say("Identifier", "Identificativo"), p.text(m.ID))
	f.add("Message-ID", strings.Join(p.texts(m.MessageIDs), ", "))
	f.add(p.say("Told", "Individuato"), namedByWords[m.NamedBy].In(p.Lang))
	f.add(p.say("Sender", "Mittente"), p.text(m.Sender))
	f.add(p.say("Subject", "Oggetto"), p.text(m.Subject))
	f.add(p.say("Accepted", "Accettato il"), p.time(m.Accepted))
	f.add(p.say("Refused", "Rifiutato il"), p.time(m.NotAccepted))
	f.add(p.say("Refusal", "Motivo"), p.failure(m.Refusal))
	f.add(p.say("Envelope", "Busta"), p.content(m.Envelope))
	out := viewMessage{Fields: f}
	about := make(map[string][]string)
	for _, c := range m.Contradictions {
		s := contradictionWords[c.Conflict].In(p.Lang)
		var at []string
		for i, t := range c.Times {
			if i == 10 {
				at = append(at, fmt.Sprintf("… (+%d)", len(c.Times)-i))
				break
			}
			at = append(at, p.time(t))
		}
		s = p.say("CONTRADICTION: ", "CONTRADDIZIONE: ") + s + " [" + strings.Join(at, "; ") + "]"
		if c.Recipient == "" || m.Recipient(c.Recipient) == nil {
			out.Contradictions = append(out.Contradictions, s)
			continue
		}
		about[foldAddress(c.Recipient)] = append(about[foldAddress(c.Recipient)], s)
	}
	for i := range m.Steps {
		out.Steps = append(out.Steps, p.step(&m.Steps[i]))
	}
	for i := range m.Recipients {
		r := p.recipient(&m.Recipients[i], about[foldAddress(m.Recipients[i].Address)])
		r.Number = i + 1
		out.Recipients = append(out.Recipients, r)
	}
	return out
}

func (p pen) step(s *Step) viewStep {
	return viewStep{p.event(s), p.time(s.Time), p.refs(s.Files), p.issuer(s.Provider, s.Signer)}
}

func (p pen) recipient(r *Recipient, contradictions []string) viewRecipient {
	out := viewRecipient{
		Address: p.text(r.Address), Status: statusWords[r.Status].In(p.Lang), Class: "open", Failure: p.failure(r.Failure),
		Content: p.content(r.Comparison), Parts: p.parts(r.Comparison), Headers: p.headers(r.Comparison), Missing: p.missing(r),
		Problems: contradictions, Since: p.time(r.Time),
	}
	if r.External && r.Status != follow.StatusNotAccepted {
		out.Status += p.say(", ordinary mailbox", ", casella di posta ordinaria")
	}
	if r.Match == follow.MatchDiffers {
		out.Status += p.say(", but NOT the sent file", ", ma NON il file inviato")
	}
	if len(contradictions) > 0 {
		out.Status += p.say(", with CONTRADICTIONS", ", con CONTRADDIZIONI")
	}
	if code, w := r.reason(); code == ReasonExternal || code == ReasonNoContent || code == ReasonNotCompared {
		out.Problems = append([]string{p.words(w)}, out.Problems...)
		out.Content = ""
	}
	for i := range r.Steps {
		out.Steps = append(out.Steps, p.step(&r.Steps[i]))
	}
	switch {
	case r.Complete() && len(contradictions) == 0:
		out.Class = "good"
	case r.Status.Final(), r.Match == follow.MatchDiffers, len(contradictions) > 0:
		out.Class = "bad"
	}
	return out
}

// verified says under what rules the messages were verified, and what was not.
func (v *view) verified(d *Dossier) {
	titles := make(map[pec.CheckID]string)
	for _, info := range pec.Checks() {
		titles[info.ID] = info.Title(v.Lang)
	}
	for _, r := range d.Remarks {
		s := fmt.Sprintf(v.say("%s (messages: %d): %s", "%s (messaggi: %d): %s"), titles[r.ID], r.Messages, v.words(r.Detail))
		if r.Status == pec.Skip {
			v.Unchecked = append(v.Unchecked, s)
		} else {
			v.Warnings = append(v.Warnings, s)
		}
	}
	var f list
	for _, a := range d.Authorities() {
		f.add(v.say("Authority", "Autorità"), v.words(a))
	}
	for _, a := range d.Policies() {
		f.add(v.say("Policy", "Criterio"), v.text(string(a)))
	}
	v.Verified = f
}

func (p pen) file(f *FileReport) viewFile {
	out := viewFile{Number: f.Number, Name: p.text(f.Name), SHA256: p.sum(f.SHA256), Size: p.size(f.Size)}
	if f.IsSent {
		out.Remarks = append(out.Remarks, p.say("it is the sent file itself", "è il file inviato stesso"))
	}
	if f.SameAs > 0 {
		out.Remarks = append(out.Remarks, fmt.Sprintf(p.say("the same bytes as file %d", "identico al file %d"), f.SameAs))
	}
	if f.Failure != nil {
		out.Failure = p.say("NO VERDICT", "NESSUN ESITO") + " [" + p.text(string(f.Failure.Code)) + "]: " + p.words(f.Failure.Why)
	}
	for i := range f.Verdicts {
		out.Verdicts = append(out.Verdicts, p.oneVerdict(&f.Verdicts[i]))
	}
	return out
}

func (p pen) oneVerdict(x *Verdict) viewVerdict {
	out := viewVerdict{Outcome: p.verdict(x), Use: p.use(x), Class: "open", Kind: p.text(x.Kind.Name(p.Lang))}
	if x.Path != "" {
		out.Inside = fmt.Sprintf(p.say("inside, part %s", "all'interno, parte %s"), p.text(x.Path))
	}
	signer := ""
	if x.Signer != nil {
		signer = x.Signer.Email
	}
	if x.Data != nil && x.Certified {
		out.Time = p.time(x.Data.Time)
		out.Issuer = p.issuer(x.Data.Provider, signer)
	} else if x.Verdict == pec.TotalPassed {
		out.Issuer = p.issuer("", signer)
	} else if signer != "" {
		out.Issuer = []string{p.say("states to be signed by ", "dichiara la firma di ") + p.text(signer)}
	}
	if x.Use == UseAbout {
		out.Class = "good"
		if x.Comparison != nil && x.Comparison.Match != follow.MatchNone {
			out.Content = p.content(x.Comparison)
		}
	} else if x.Use == UseNotCertified || x.Use == UseNotVerified {
		out.Class = "bad"
	}
	if x.Use == UseOrdinary {
		return out // it is not signed, and that is all
	}
	for i, f := range x.Failures {
		if i == 3 {
			out.Problems = append(out.Problems, fmt.Sprintf(p.say("and %d more failed checks", "e altre %d verifiche non superate"), len(x.Failures)-i))
			break
		}
		out.Problems = append(out.Problems, string(f.ID)+": "+p.words(f.Detail))
	}
	return out
}

// Say chooses between the languages; the template's own words go through it.
func (v *view) Say(en, it string) string { return v.say(en, it) }

// withSteps is what the template's table of steps needs.
type withSteps struct {
	pen
	Steps []viewStep
}

// Say is described at view.
func (w withSteps) Say(en, it string) string { return w.say(en, it) }

// With hands steps to the template's table.
func (v *view) With(steps []viewStep) withSteps { return withSteps{v.pen, steps} }
