package pec

import (
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/mime"
	"github.com/gopec/gopec/internal/printable"
)

// headerChecks are the checks of fields that no signature covers.
var headerChecks = []CheckID{CheckFrom, CheckDuplicates, CheckFromName, CheckKind, CheckReferenceI, CheckSecurity, CheckReceipt,
	CheckSubject, CheckReplyTo, CheckRecipients, CheckDate, CheckMessageID, CheckSender}

// checkHeader compares the layer's header, which is not signed, with what is.
//
// spec: RFC 6109 §2.1, §2.1.1, §3
func (v *verifier) checkHeader() {
	if !v.m.hasHeader {
		for _, id := range headerChecks {
			v.skip(id, phrase{"not checked: this layer has no header of its own", "non verificato: questo livello non ha un'intestazione propria"})
		}
		return
	}
	v.checkFrom()
	v.checkDuplicates()
	if v.Data == nil {
		none := phrase{"not checked: there are no certification data", "non verificato: mancano i dati di certificazione"}
		for _, id := range headerChecks[2:] {
			v.skip(id, none)
		}
		return
	}
	v.checkFromName()
	v.checkClaims()
	v.checkReference()
	v.checkSecurity()
	v.checkReceiptType()
	v.checkSubject()
	v.checkReplyTo()
	v.checkRecipients()
	v.checkDate()
	v.checkMessageID()
	v.checkSender()
}

// maxFrom is more than one address with any name takes. What is longer is not
// taken apart: it would cost hundreds of times its length.
const maxFrom = 16 << 10

// checkFrom ties the sender that mail programs show to the signer.
//
// spec: RFC 6109 §2.1, RFC 8550 §3
func (v *verifier) checkFrom() {
	from := v.m.Header("From")
	if v.Signer == nil {
		v.skip(CheckFrom, phrase{"not checked: no certificate for the signer", "non verificato: manca il certificato del firmatario"})
		return
	}
	if len(from) == 0 {
		v.fail(CheckFrom, row15, phrase{"there is no From; the signer is %s", "manca From; il firmatario è %s"}, v.Signer.Email)
		return
	}
	var addrs []mime.Address
	var err error
	if len(from[0]) <= maxFrom {
		addrs, err = mime.Addresses(from[0])
	}
	switch {
	case len(addrs) != 1 || err != nil:
		v.fail(CheckFrom, row15, phrase{"From does not hold exactly one address: %s", "From non contiene esattamente un indirizzo: %s"}, from[0])
	case v.Signer.Email == "" || !sameAddress(addrs[0].Addr, v.Signer.Email):
		v.fail(CheckFrom, row15, phrase{"From is %s, but the signer's certificate is for %s", "From è %s, ma il certificato del firmatario è per %s"}, addrs[0].Addr, v.Signer.Email)
	default:
		v.pass(CheckFrom, phrase{"From and certificate have the address %s", "From e certificato hanno l'indirizzo %s"}, v.Signer.Email)
	}
}

// checkDuplicates refuses fields that decide and stand there twice with
// different values: programs differ in which one they take.
func (v *verifier) checkDuplicates() {
	for _, name := range []string{"From", "X-Trasporto", "X-Ricevuta", "X-Riferimento-Message-ID"} {
		if _, _, differ := v.m.entity.Header.First(name); !differ {
			continue
		}
		values := v.m.Header(name)
		for i := 1; i < len(values); i++ {
			if foldSpace(values[i]) != foldSpace(values[0]) {
				v.fail(CheckDuplicates, row15, phrase{"%s stands there more than once with different values: %s and %s", "%s compare più volte con valori diversi: %s e %s"}, name, values[0], values[i])
				return
			}
		}
	}
	v.pass(CheckDuplicates, phrase{"none stands there twice with different values", "nessuno compare due volte con valori diversi"})
}

// beside is what a From shows beside its address: the name as it is read, and
// once more all that is written around the address, since programs also show
// the name of a group, a comment, or text that stands after the address.
func beside(from string) string {
	from = from[:min(len(from), maxFrom)]
	addrs, _ := mime.Addresses(from)
	shown := strings.ReplaceAll(mime.DecodeWords(from), `\`, "") // escapes of a quoted string
	if len(addrs) == 0 {
		return shown
	}
	if i := strings.LastIndex(shown, addrs[0].Addr); i >= 0 {
		shown = shown[:i] + " " + shown[i+len(addrs[0].Addr):]
	}
	return addrs[0].Name + " " + shown
}

// checkFromName compares the address in From's display name, which mail
// programs show in large letters, with the certified sender.
func (v *verifier) checkFromName() {
	found := addressesIn(beside(v.m.FirstHeader("From")))
	for i, a := range found {
		if !sameAddress(a, v.Data.Sender) { // which may begin or end with such a sign itself
			found[i] = strings.Trim(a, ".'`’‘“”")
		}
	}
	other := slices.IndexFunc(found, func(a string) bool { return !sameAddress(a, v.Data.Sender) })
	switch {
	case v.Kind != KindTransport && other < 0:
		v.skip(CheckFromName, phrase{"the norm has it in transport envelopes only", "la norma lo prevede solo nelle buste di trasporto"})
	case v.Kind != KindTransport:
		v.warn(CheckFromName, phrase{"the name in From mentions %s, the certified sender is %s", "il nome in From cita %s, il mittente certificato è %s"}, found[other], v.Data.Sender)
	case len(found) == 0:
		v.warn(CheckFromName, phrase{"the name in From does not mention the sender; the certified sender is %s", "il nome in From non cita il mittente; il mittente certificato è %s"}, v.Data.Sender)
	case other >= 0:
		if odd := printable.Lookalikes(found[other]); len(odd) > 0 {
			v.fail(CheckFromName, row15, phrase{"the name in From mentions %s, written with letters that look like others (%s); the certified sender is %s",
				"il nome in From cita %s, scritto con lettere che ne imitano altre (%s); il mittente certificato è %s"}, found[other], string(odd), v.Data.Sender)
			return
		}
		v.fail(CheckFromName, row15, phrase{"the name in From mentions %s, the certified sender is %s", "il nome in From cita %s, il mittente certificato è %s"}, found[other], v.Data.Sender)
	default:
		v.pass(CheckFromName, phrase{"the name in From mentions the certified sender", "il nome in From cita il mittente certificato"})
	}
}

// checkClaims compares X-Trasporto and X-Ricevuta with the certified type.
func (v *verifier) checkClaims() {
	transport, receipt := token(v.m.Claims.Transport), token(v.m.Claims.Receipt)
	want := string(v.Data.Type)
	claimed, other := receipt, transport
	field := "X-Ricevuta"
	if v.Data.Type == daticert.TypeTransport {
		claimed, other, field = transport, receipt, "X-Trasporto"
	}
	switch {
	case other != "":
		v.fail(CheckKind, row15, phrase{"the header claims %s, the certified type is %s", "l'intestazione dichiara %s, il tipo certificato è %s"}, quoted(other), quoted(want))
	case claimed == "":
		v.warn(CheckKind, phrase{"%s is missing; the certified type is %s", "manca %s; il tipo certificato è %s"}, field, quoted(want))
	case claimed != want:
		v.fail(CheckKind, row15, phrase{"the header claims %s, the certified type is %s", "l'intestazione dichiara %s, il tipo certificato è %s"}, quoted(claimed), quoted(want))
	default:
		v.pass(CheckKind, hasCertifiedType[field])
	}
}

// hasCertifiedType says so of the field that goes with a kind.
var hasCertifiedType = map[string]phrase{
	"X-Trasporto": {"X-Trasporto has the certified type", "X-Trasporto riporta il tipo certificato"},
	"X-Ricevuta":  {"X-Ricevuta has the certified type", "X-Ricevuta riporta il tipo certificato"},
}

// checkReference compares X-Riferimento-Message-ID with the certified msgid.
func (v *verifier) checkReference() {
	claimed, certified := v.m.Claims.Reference, v.Data.MessageID
	switch {
	case claimed == "" || certified == "":
		v.skip(CheckReferenceI, phrase{"not there on both sides", "non presente in entrambi"})
	case foldID(claimed) != foldID(certified):
		v.fail(CheckReferenceI, row15, phrase{"X-Riferimento-Message-ID is %s, the certified one is %s", "X-Riferimento-Message-ID è %s, quello certificato è %s"}, claimed, certified)
	default:
		v.pass(CheckReferenceI, phrase{"the same", "coincide"})
	}
}

func (v *verifier) checkSecurity() {
	claimed := token(v.m.Claims.Security)
	switch virus := v.Data.Error == daticert.ErrorVirus; {
	case claimed == "":
		v.skip(CheckSecurity, phrase{"the field is not there", "il campo non è presente"})
	case claimed == "errore" && !virus:
		v.warn(CheckSecurity, phrase{"the header reports a security problem, the certified error code is %s", "l'intestazione segnala un problema di sicurezza, il codice d'errore certificato è %s"}, quoted(string(v.Data.Error)))
	case claimed != "errore":
		v.warn(CheckSecurity, phrase{"the field has the unknown value %s", "il campo ha il valore sconosciuto %s"}, quoted(claimed))
	default:
		v.pass(CheckSecurity, phrase{"both say virus", "entrambi indicano un virus"})
	}
}

func (v *verifier) checkReceiptType() {
	claimed, certified := token(v.m.Claims.ReceiptType), string(v.Data.Receipt)
	switch {
	case claimed == "":
		v.skip(CheckReceipt, phrase{"the field is not there", "il campo non è presente"})
	case claimed != certified:
		v.warn(CheckReceipt, phrase{"X-TipoRicevuta is %s, the certified one is %s", "X-TipoRicevuta è %s, quello certificato è %s"}, quoted(claimed), quoted(certified))
	default:
		v.pass(CheckReceipt, phrase{"the same", "coincide"})
	}
}

// checkReplyTo warns first of all of an answer that would go elsewhere.
func (v *verifier) checkReplyTo() {
	values := v.m.Header("Reply-To")
	if len(values) == 0 {
		v.warn(CheckReplyTo, phrase{"Reply-To is missing; the certified one is %s", "manca Reply-To; quello certificato è %s"}, v.Data.ReplyTo)
		return
	}
	claimed, certified := addressSet(values...), addressSet(v.Data.ReplyTo)
	if !slices.Equal(claimed, certified) {
		v.warn(CheckReplyTo, phrase{"an answer would go to %s, the certified address for answers is %s", "la risposta andrebbe a %s, l'indirizzo certificato per le risposte è %s"}, claimed, certified)
		return
	}
	v.pass(CheckReplyTo, phrase{"an answer goes to the certified address", "la risposta va all'indirizzo certificato"})
}

// checkRecipients compares To and Cc of an envelope with the certified
// recipients. A notice goes to the sender instead, and those that providers
// send one another to a service mailbox.
func (v *verifier) checkRecipients() {
	claimed := addressSet(append(v.m.Header("To"), v.m.Header("Cc")...)...)
	var certified []string
	switch v.Kind {
	case KindTransport:
		for _, r := range v.Data.Recipients {
			certified = append(certified, r.Address)
		}
		certified = addressSet(certified...)
	case KindTakingInCharge, KindVirusDetection:
		v.skip(CheckRecipients, phrase{"the notice goes to a provider's service mailbox", "l'avviso è diretto alla casella di servizio di un gestore"})
		return
	default:
		certified = addressSet(v.Data.Sender)
	}
	switch {
	case len(claimed) == 0:
		v.skip(CheckRecipients, phrase{"the header names none", "l'intestazione non ne indica"})
	case !slices.Equal(claimed, certified):
		v.warn(CheckRecipients, phrase{"the header has %s, certified are %s", "l'intestazione riporta %s, sono certificati %s"}, claimed, certified)
	default:
		v.pass(CheckRecipients, phrase{"the same", "coincidono"})
	}
}

func (v *verifier) checkDate() {
	date := v.m.headerDate()
	switch {
	case date.IsZero() || v.at.IsZero():
		v.skip(CheckDate, phrase{"not there on both sides", "non presente in entrambi"})
	case date.Sub(v.at).Abs() > maxDate:
		v.warn(CheckDate, phrase{"Date is %s, the certified time is %s", "Date è %s, l'istante certificato è %s"}, date, v.at)
	default:
		v.pass(CheckDate, phrase{"Date agrees with the certified time", "Date concorda con l'istante certificato"})
	}
}

// checkMessageID compares the Message-ID of a transport envelope with the
// certified identifier. Notices have a Message-ID of their own.
func (v *verifier) checkMessageID() {
	claimed := v.m.FirstHeader("Message-ID")
	switch {
	case v.Kind != KindTransport:
		v.skip(CheckMessageID, phrase{"notices have one of their own", "le ricevute ne hanno uno proprio"})
	case claimed == "":
		v.skip(CheckMessageID, phrase{"the field is not there", "il campo non è presente"})
	case foldID(claimed) != foldID(v.Data.ID):
		v.warn(CheckMessageID, phrase{"Message-ID is %s, the certified identifier is %s", "Message-ID è %s, l'identificativo certificato è %s"}, claimed, v.Data.ID)
	default:
		v.pass(CheckMessageID, phrase{"the same", "coincide"})
	}
}

func (v *verifier) checkSender() {
	sender := v.m.FirstHeader("Sender")
	switch {
	case sender == "":
		v.skip(CheckSender, phrase{"the field is not there", "il campo non è presente"})
	case v.Signer == nil || !slices.Equal(addressSet(sender), addressSet(v.Signer.Email)):
		v.warn(CheckSender, phrase{"Sender is %s, not the signer's address", "Sender è %s, non l'indirizzo del firmatario"}, sender)
	default:
		v.pass(CheckSender, phrase{"the signer's address", "è l'indirizzo del firmatario"})
	}
}

// FirstHeader returns the first value of a field, "" if there is none.
func (m *Message) FirstHeader(name string) string {
	if !m.hasHeader {
		return ""
	}
	return m.entity.Header.Get(name)
}

// maxDateLength is more than any date with its comments takes; net/mail spends
// a hundred times the length of what is none.
const maxDateLength = 200

// headerDate returns field Date, zero if missing or unreadable.
func (m *Message) headerDate() time.Time {
	date := m.FirstHeader("Date")
	if len(date) > maxDateLength {
		return time.Time{}
	}
	// net/mail tries this layout, which nearly all mail has, as its 17th.
	if t, err := time.Parse(usualDate, date); err == nil {
		return t
	}
	t, err := mail.ParseDate(date)
	if err != nil {
		return time.Time{}
	}
	return t
}

const usualDate = "Mon, 2 Jan 2006 15:04:05 -0700"

// addressSet returns the addresses of address fields, folded, sorted, once
// each.
func addressSet(values ...string) []string {
	if len(values) == 0 {
		return nil
	}
	set := make([]string, 0, len(values))
	var room [4]mime.Address
	for _, value := range values {
		addrs, _ := mime.AppendAddresses(room[:0], value)
		for _, a := range addrs {
			set = append(set, foldCase(strings.TrimSpace(a.Addr)))
		}
	}
	slices.Sort(set)
	return slices.Compact(set)
}
