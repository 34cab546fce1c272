package dossier

import (
	"fmt"
	"strings"
	"time"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/follow"
	"github.com/gopec/gopec/internal/printable"
	"github.com/gopec/gopec/pec"
)

// disclaimers say what a dossier is not.
func (d *Dossier) disclaimers() []Words {
	list := []Words{
		{"This dossier is a technical report. It is not legal advice, and it does not replace the messages themselves: keep every file as it was received.",
			"Questo dossier è un resoconto tecnico. Non è un parere legale e non sostituisce i messaggi: conservare ogni file così come è stato ricevuto."},
		{"Times, recipients and outcomes are those that the PEC providers certify in their signed receipts. They are the providers' word.",
			"Istanti, destinatari ed esiti sono quelli che i gestori PEC certificano nelle ricevute firmate: è il gestore a dichiararli."},
		{"It shows what was in the files examined on the date of the dossier. A file that was not among them can change the picture.",
			"Descrive i soli file esaminati, alla data del dossier. Un file non compreso tra questi può modificare il quadro."},
		{"The name and content of the sent file are what the person who made the dossier gave. That it is the file that was sent is shown only by the comparison with what the receipts enclose.",
			"Nome e contenuto del file inviato sono quelli forniti da chi ha prodotto il dossier. Che sia il file inviato risulta solo dal confronto con quanto contenuto nelle ricevute."},
	}
	for _, r := range d.Remarks {
		if r.Status == pec.Skip && r.ID == pec.CheckRevocation {
			list = append(list, Words{"Whether the providers' certificates had been revoked was not checked for all messages: see what was not checked.",
				"Non per tutti i messaggi è stato verificato se i certificati dei gestori fossero revocati: vedere le verifiche non effettuate."})
		}
	}
	return list
}

// headline is the answer in one sentence.
func (d *Dossier) headline() Words {
	n := d.Counts()
	switch {
	case d.Complete() && n.Recipients == 1:
		return Words{"COMPLETE: delivered to the recipient, and what was delivered is the sent file",
			"COMPLETO: consegnato al destinatario; quanto consegnato corrisponde al file inviato"}
	case d.Complete():
		return Words{fmt.Sprintf("COMPLETE: delivered to all %d recipients, and what was delivered is the sent file", n.Recipients),
			fmt.Sprintf("COMPLETO: consegnato a tutti i %d destinatari; quanto consegnato corrisponde al file inviato", n.Recipients)}
	case len(d.Messages) == 0:
		return Words{"NOT COMPLETE: none of the messages examined is about the sent file",
			"NON COMPLETO: nessuno dei messaggi esaminati riguarda il file inviato"}
	case len(d.Messages) > 1:
		return Words{"NOT COMPLETE: it cannot be told which of several messages is the sent file",
			"NON COMPLETO: non è possibile stabilire quale messaggio corrisponda al file inviato"}
	}
	if n.Complete == n.Recipients || n.Complete == 0 {
		return Words{"NOT COMPLETE: that the sent file was delivered is not shown", "NON COMPLETO: la consegna del file inviato non risulta dimostrata"}
	}
	return Words{fmt.Sprintf("NOT COMPLETE: that the sent file was delivered is shown for %d of the %d recipients", n.Complete, n.Recipients),
		fmt.Sprintf("NON COMPLETO: la consegna del file inviato risulta per %d dei %d destinatari", n.Complete, n.Recipients)}
}

var statusWords = map[follow.Status]Words{
	follow.StatusUnknown:       {"nothing is known", "nulla risulta"},
	follow.StatusSubmitted:     {"under way", "inviato"},
	follow.StatusAccepted:      {"accepted", "accettato"},
	follow.StatusTaken:         {"taken in charge", "preso in carico"},
	follow.StatusLate:          {"not yet delivered after 12 hours", "non ancora consegnato dopo 12 ore"},
	follow.StatusLateOrExpired: {"not delivered in time (12 or 24 hours)", "non consegnato nei tempi (12 o 24 ore)"},
	follow.StatusExpired:       {"NOT delivered within 24 hours", "NON consegnato entro 24 ore"},
	follow.StatusFailed:        {"NOT delivered", "NON consegnato"},
	follow.StatusDelivered:     {"DELIVERED", "CONSEGNATO"},
	follow.StatusNotAccepted:   {"NOT accepted", "NON accettato"},
}

var stepWords = map[pec.Kind]Words{
	pec.KindTransport:      {"transport envelope", "busta di trasporto"},
	pec.KindAcceptance:     {"acceptance", "accettazione"},
	pec.KindNonAcceptance:  {"non-acceptance", "non accettazione"},
	pec.KindTakingInCharge: {"taking in charge", "presa in carico"},
	pec.KindDelivery:       {"delivery", "avvenuta consegna"},
	pec.KindDeliveryError:  {"non-delivery", "mancata consegna"},
	pec.KindVirusDetection: {"virus detected", "rilevazione virus"},
}

var timeoutWords = map[follow.Status]Words{
	follow.StatusLate:          {"notice at 12 hours", "avviso delle 12 ore"},
	follow.StatusExpired:       {"notice at 24 hours", "avviso delle 24 ore"},
	follow.StatusLateOrExpired: {"notice at 12 or 24 hours", "avviso delle 12 o delle 24 ore"},
}

var receiptWords = map[daticert.ReceiptType]Words{
	daticert.ReceiptComplete: {"complete", "completa"},
	daticert.ReceiptBrief:    {"brief", "breve"},
	daticert.ReceiptConcise:  {"concise", "sintetica"},
}

var ruleWords = map[follow.TimeoutRule]Words{
	follow.RuleNone:    {"nothing tells which", "nulla indica quale dei due"},
	follow.RuleCode:    {"told by the code", "individuato dal codice"},
	follow.RuleText:    {"told by the text", "individuato dal testo"},
	follow.RuleElapsed: {"told by the time since the acceptance", "individuato dal tempo trascorso dall'accettazione"},
}

var useWords = map[Use]Words{
	UseAbout:        {"about the sent message", "relativo al messaggio inviato"},
	UseOther:        {"about another message", "relativo a un altro messaggio"},
	UseNotCertified: {"not certified: does not count", "non certificato: non considerato"},
	UseAnomaly:      {"certifies nothing: does not count", "non certifica nulla: non considerato"},
	UseOrdinary:     {"ordinary mail: does not count", "posta ordinaria: non considerata"},
	UseUnusable:     {"certified, but its data cannot be used", "certificato, ma con dati non utilizzabili"},
	UseNotVerified:  {"was not verified: does not count", "non verificato: non considerato"},
}

var namedByWords = map[NamedBy]Words{
	ByMessageID:      {"by the certified Message-ID (msgid)", "dal Message-ID certificato (msgid)"},
	ByIdentification: {"by the provider's identifier, which is the file's Message-ID", "dall'identificativo del gestore, che è il Message-ID del file"},
	ByReference:      {"by references that are not signed", "da riferimenti non firmati"},
	ByContent:        {"by its content only", "dal solo contenuto"},
}

var partWords = map[follow.PartStatus]Words{
	follow.PartDiffers: {"differs", "diversa"},
	follow.PartMissing: {"in the sent file only", "solo nel file inviato"},
	follow.PartExtra:   {"in what was delivered only", "solo in quanto consegnato"},
}

// shown is the longest outside text that is written, in characters: more than an
// address can have.
const shown = 500

// pen writes words in one language. All outside text goes through text.
type pen struct{ pec.Lang }

func (p pen) say(en, it string) string { return Words{en, it}.In(p.Lang) }

func (p pen) text(s string) string { return printable.String(s, shown) }

func (p pen) words(w Words) string { return p.text(w.In(p.Lang)) }

func (p pen) time(t time.Time) string { return zone(t, p.Lang) }

func (p pen) texts(list []string) []string {
	const most = 100
	out := make([]string, 0, min(len(list), most+1))
	for i, s := range list {
		if i == most {
			return append(out, fmt.Sprintf("… (+%d)", len(list)-most))
		}
		out = append(out, p.text(s))
	}
	return out
}

func (p pen) size(n int64) string {
	if n < 0 {
		return p.say("unknown", "non nota")
	}
	unit := p.say("bytes", "byte")
	if n == 1 {
		unit = "byte"
	}
	return grouped(n, p.say(",", ".")) + " " + unit
}

// grouped writes a number in groups of three digits.
func grouped(n int64, separator string) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + separator + s[i:]
	}
	return s
}

func (p pen) sum(s string) string {
	if s == "" {
		return p.say("unknown", "non nota")
	}
	return p.text(s)
}

// event names a step.
func (p pen) event(s *Step) string {
	w, ok := stepWords[s.Kind]
	if s.Kind == pec.KindTimeout {
		w, ok = timeoutWords[s.Status], true
	}
	name := w.In(p.Lang)
	if !ok {
		name = p.text(string(s.Kind))
	}
	if s.Kind == pec.KindTimeout {
		return name + ", " + ruleWords[s.Rule].In(p.Lang)
	}
	if r, ok := receiptWords[s.Receipt]; ok && s.Kind == pec.KindDelivery {
		return name + " (" + r.In(p.Lang) + ")"
	}
	return name
}

// issuer says who issued and who signed.
func (p pen) issuer(provider, signer string) []string {
	var out []string
	for _, s := range []string{provider, signer} {
		if s != "" {
			out = append(out, p.text(s))
		}
	}
	return out
}

func (p pen) refs(list []Ref) string {
	const most = 20
	var out []string
	for i, r := range list {
		if i == most {
			out = append(out, fmt.Sprintf("… (+%d)", len(list)-most))
			break
		}
		s := fmt.Sprintf("%d", r.File)
		if r.Path != "" {
			s += fmt.Sprintf(p.say(" (part %s)", " (parte %s)"), p.text(r.Path))
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

// content says how what was delivered compares with the sent file.
func (p pen) content(c *Comparison) string {
	if c == nil {
		return ""
	}
	switch c.Match {
	case follow.MatchIdentical:
		return p.say("IDENTICAL to the sent file, byte for byte", "IDENTICO al file inviato, byte per byte")
	case follow.MatchDiffers:
		return fmt.Sprintf(p.say("DIFFERS from the sent file: parts that are not the same: %d of %d", "DIVERSO dal file inviato: parti che non coincidono: %d su %d"), len(c.Unlike)+c.Others, c.Parts)
	case follow.MatchEquivalent:
		switch c.Step {
		case follow.StepNorm:
			return p.say("EQUIVALENT to the sent file: the same but for line ends and what providers change in the header",
				"EQUIVALENTE al file inviato: uguale, salvo i fine riga e ciò che il gestore modifica nell'intestazione")
		case follow.StepHashes:
			return p.say("EQUIVALENT to the sent file: attachments by the hashes of the brief receipt, the other parts by content",
				"EQUIVALENTE al file inviato: allegati confrontati con le impronte della ricevuta breve, le altre parti per contenuto")
		}
		return p.say("EQUIVALENT to the sent file: every part has the same content, encoded in another way",
			"EQUIVALENTE al file inviato: ogni parte ha lo stesso contenuto, codificato in altro modo")
	}
	return p.say("nothing to compare with the sent file", "nulla da confrontare con il file inviato")
}

// parts names each part that is not the same.
func (p pen) parts(c *Comparison) []string {
	if c == nil {
		return nil
	}
	var out []string
	for _, x := range c.Unlike {
		s := partWords[x.Status].In(p.Lang)
		if x.Hashed {
			s += p.say(" (by its hash)", " (in base all'impronta)")
		}
		var what []string
		at := x.Path
		if at == "" {
			at = x.Enclosed
		}
		if at != "" {
			what = append(what, p.say("part ", "parte ")+p.text(at))
		}
		if x.MediaType != "" {
			what = append(what, p.text(x.MediaType))
		}
		if x.Name != "" {
			what = append(what, p.text(x.Name))
		}
		if len(what) == 0 {
			what = append(what, p.say("the whole text", "l'intero testo"))
		}
		out = append(out, s+": "+strings.Join(what, ", "))
	}
	if c.Others > 0 {
		out = append(out, fmt.Sprintf(p.say("and %d more", "e altre %d"), c.Others))
	}
	return out
}

// headers names each field that differs, with its values.
func (p pen) headers(c *Comparison) []string {
	if c == nil {
		return nil
	}
	values := func(list []string) string {
		if len(list) == 0 {
			return p.say("absent", "assente")
		}
		return "«" + strings.Join(p.texts(list), "», «") + "»"
	}
	var out []string
	for _, h := range c.Headers {
		name := p.text(h.Field)
		if h.Path != "" {
			name += fmt.Sprintf(p.say(" of part %s", " della parte %s"), p.text(h.Path))
		}
		out = append(out, fmt.Sprintf(p.say("%s: sent %s, delivered %s", "%s: inviato %s, consegnato %s"), name, values(h.Sent), values(h.Enclosed)))
	}
	return out
}

// failure says why something failed, in the provider's words.
func (p pen) failure(f *follow.Failure) string {
	if f == nil {
		return ""
	}
	var out []string
	if f.Code != "" {
		out = append(out, p.say("code ", "codice ")+p.text(f.Code))
	}
	if f.Error != daticert.ErrorNone && f.Error != "" {
		out = append(out, "errore="+p.text(string(f.Error)))
	}
	if f.Provider != "" {
		out = append(out, p.text(f.Provider))
	}
	if f.Text != "" {
		out = append(out, p.text(f.Text))
	}
	return strings.Join(out, ", ")
}

// missing says what must still come, since when, and by when.
func (p pen) missing(r *Recipient) []string {
	m := r.Missing
	if m == nil {
		return nil
	}
	what := p.say("acceptance, or the notice of non-acceptance: waited for since %s", "ricevuta di accettazione o avviso di non accettazione: in attesa dal %s")
	if m.What == follow.MissingOutcome {
		what = p.say("delivery, or the notice of non-delivery: waited for since %s", "avvenuta o mancata consegna: in attesa dal %s")
	}
	out := []string{fmt.Sprintf(what, p.time(m.Since))}
	if !m.Notice.IsZero() {
		out = append(out, p.say("without a sign of the recipient's provider, notice at 12 hours due by ", "senza riscontri del gestore del destinatario, avviso delle 12 ore atteso entro il ")+p.time(m.Notice))
	}
	switch {
	case !m.Due.IsZero():
		out = append(out, p.say("outcome due by ", "esito atteso entro il ")+p.time(m.Due))
	case m.What == follow.MissingOutcome:
		out = append(out, p.say("no time can be given: the acceptance is not known", "nessun termine calcolabile: l'accettazione non è nota"))
	default:
		out = append(out, p.say("the rules set no time for it", "le regole non fissano un termine"))
	}
	if r.Overdue {
		out = append(out, p.say("OVERDUE when the dossier was made", "TERMINE SUPERATO alla data del dossier"))
	}
	return out
}

// verdict is the outcome of one message in a few words.
func (p pen) verdict(v *Verdict) string {
	if v.Use == UseNotVerified {
		return useWords[v.Use].In(p.Lang)
	}
	s := p.words(v.Outcome)
	if v.Verdict != "" {
		s += " [" + string(v.Verdict)
		if v.SubIndication != "" {
			s += " / " + string(v.SubIndication)
		}
		s += "]"
	}
	return s
}

// use says what part a message plays.
func (p pen) use(v *Verdict) string {
	s := useWords[v.Use].In(p.Lang)
	switch {
	case v.Use == UseOther && v.Data != nil:
		s += p.say(", identifier ", ", identificativo ") + p.text(v.Data.ID)
	case v.Refers && v.Use != UseNotVerified:
		s += p.say("; it refers to the sent message", "; fa riferimento al messaggio inviato")
	}
	return s
}
