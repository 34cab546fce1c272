package dossier

import (
	"fmt"
	"slices"
	"time"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/follow"
	"github.com/gopec/gopec/pec"
)

// ReasonCode names what stands in the way of a complete dossier. Codes are stable.
type ReasonCode string

// The reasons.
const (
	// Of the whole.
	ReasonNoMessage     ReasonCode = "no-message"    // no certified message is the sent file's
	ReasonAmbiguous     ReasonCode = "ambiguous"     // several may be
	ReasonSender        ReasonCode = "sender"        // the certified sender is another
	ReasonNotAccepted   ReasonCode = "not-accepted"  // the sender's provider refused it
	ReasonContradiction ReasonCode = "contradiction" // of the message, or of a recipient
	ReasonEnvelope      ReasonCode = "envelope"      // the transport envelope encloses something else
	ReasonNotAddressed  ReasonCode = "not-addressed" // the file names an address that the message was not sent to
	ReasonNoRecipients  ReasonCode = "no-recipients" // nothing says to whom it was sent
	// Of a recipient.
	ReasonExternal    ReasonCode = "external"     // an ordinary mailbox never gives a receipt
	ReasonNoDelivery  ReasonCode = "no-delivery"  // there is no delivery receipt
	ReasonFailed      ReasonCode = "failed"       // it was not delivered
	ReasonExpired     ReasonCode = "expired"      // it was not delivered within 24 hours
	ReasonDiffers     ReasonCode = "differs"      // something else was delivered
	ReasonNoContent   ReasonCode = "no-content"   // the receipt does not say what was delivered
	ReasonNotCompared ReasonCode = "not-compared" // reading the receipt again failed
)

// Reason is one thing that stands in the way.
type Reason struct {
	Code      ReasonCode
	Recipient string // "" for one of the whole; outside text
	Detail    Words  // a sentence, without the recipient
}

// reasons lists what stands in the way, by message and recipient.
func (d *Dossier) reasons() []Reason {
	var out []Reason
	add := func(code ReasonCode, recipient string, w Words) { out = append(out, Reason{code, recipient, w}) }
	switch n := len(d.Messages); {
	case n == 0:
		add(ReasonNoMessage, "", Words{"no certified message among the files is that of the sent file",
			"nessun messaggio certificato tra i file esaminati riguarda il file inviato"})
	case n > 1:
		add(ReasonAmbiguous, "", Words{fmt.Sprintf("%d certified messages may be the sent file, and nothing tells which it is", n),
			fmt.Sprintf("%d messaggi certificati possono corrispondere al file inviato e nulla permette di distinguere quale sia", n)})
	}
	for i := range d.Messages {
		d.Messages[i].reasons(add)
	}
	return out
}

func (m *Message) reasons(add func(ReasonCode, string, Words)) {
	if m.SenderDiffers {
		add(ReasonSender, "", Words{"the certified sender is not the one that the sent file names",
			"il mittente certificato non è quello indicato nel file inviato"})
	}
	if !m.NotAccepted.IsZero() {
		add(ReasonNotAccepted, "", Words{"the sender's provider did not accept the message", "il gestore del mittente non ha accettato il messaggio"})
	}
	if m.Envelope.differs() {
		add(ReasonEnvelope, "", Words{"the transport envelope encloses a message other than the sent file",
			"la busta di trasporto contiene un messaggio diverso dal file inviato"})
	}
	if len(m.Recipients) == 0 {
		add(ReasonNoRecipients, "", Words{"nothing says to whom the message was sent", "nulla indica a chi il messaggio è stato inviato"})
	}
	for _, c := range m.Contradictions {
		add(ReasonContradiction, c.Recipient, contradictionWords[c.Conflict])
	}
	for _, a := range m.NotAddressed {
		add(ReasonNotAddressed, a, Words{"the sent file names this address, and the certified message was not sent to it",
			"il file inviato indica questo indirizzo, ma il messaggio certificato non gli è stato inviato"})
	}
	for i := range m.Recipients {
		if r := &m.Recipients[i]; !r.Complete() {
			if code, w := r.reason(); code != "" {
				add(code, r.Address, w)
			}
		}
	}
}

// reason says why a recipient has no delivery that matches; "" for an address
// that is not one of the message's, of which a contradiction tells.
func (r *Recipient) reason() (ReasonCode, Words) {
	switch {
	case r.Status == follow.StatusNotAccepted:
		return ReasonNoDelivery, Words{"the message was not accepted, and so not sent", "il messaggio non è stato accettato, quindi non è stato inviato"}
	case r.Match == follow.MatchDiffers:
		return ReasonDiffers, Words{"what was delivered is not the sent file", "quanto consegnato non corrisponde al file inviato"}
	case r.External:
		return ReasonExternal, Words{"an ordinary mailbox, which gives no delivery receipt: delivery cannot be certified",
			"casella di posta ordinaria, per la quale non esiste ricevuta di avvenuta consegna: la consegna non può essere certificata"}
	case r.Status == follow.StatusFailed:
		return ReasonFailed, Words{"not delivered", "messaggio non consegnato"}
	case r.Status == follow.StatusExpired:
		return ReasonExpired, Words{"not delivered within 24 hours", "messaggio non consegnato entro 24 ore"}
	case r.Status != follow.StatusDelivered:
		return ReasonNoDelivery, Words{"there is no delivery receipt", "manca la ricevuta di avvenuta consegna"}
	case r.CompareFailed:
		return ReasonNotCompared, Words{"what was delivered could not be compared: the receipt could not be read again",
			"quanto consegnato non è stato confrontato: la ricevuta non è più leggibile"}
	case r.Match != follow.MatchNone:
		return "", Words{}
	case r.Receipt == daticert.ReceiptConcise:
		return ReasonNoContent, Words{"delivered, but the receipt is of the concise kind, which encloses nothing: it does not show what was delivered",
			"consegnato, ma con ricevuta sintetica, che non contiene nulla: non attesta che cosa sia stato consegnato"}
	}
	return ReasonNoContent, Words{"delivered, but the receipt encloses nothing: it does not show what was delivered",
		"consegnato, ma la ricevuta non contiene il messaggio: non attesta che cosa sia stato consegnato"}
}

var contradictionWords = map[follow.Conflict]Words{
	follow.ConflictOutcomes:   {"there are different final outcomes", "risultano esiti finali diversi"},
	follow.ConflictTimes:      {"the same is certified at different times", "lo stesso evento è certificato in istanti diversi"},
	follow.ConflictUnlisted:   {"the address is not among the message's recipients", "l'indirizzo non è tra i destinatari del messaggio"},
	follow.ConflictExternal:   {"it is an ordinary mailbox, and there is a receipt or notice as for a certified one", "è una casella di posta ordinaria, ma c'è una ricevuta o un avviso come per una certificata"},
	follow.ConflictError:      {"the delivery receipt carries an error code", "la ricevuta di avvenuta consegna riporta un codice d'errore"},
	follow.ConflictOriginal:   {"the enclosed message has another identifier", "il messaggio allegato ha un altro identificativo"},
	follow.ConflictRefused:    {"the message was not accepted, and there is something that follows an acceptance", "il messaggio non è stato accettato, ma risulta qualcosa che segue l'accettazione"},
	follow.ConflictRepeated:   {"messages of one kind, recipient and time state different things", "messaggi dello stesso tipo, destinatario e istante attestano cose diverse"},
	follow.ConflictSender:     {"different senders are named", "sono indicati mittenti diversi"},
	follow.ConflictMessageID:  {"different Message-IDs of the client are named", "sono indicati Message-ID diversi"},
	follow.ConflictRecipients: {"different recipients, or types of recipients, are named", "sono indicati destinatari, o tipi di destinatari, diversi"},
	follow.ConflictNobody:     {"a notice does not say which recipient it is about", "un avviso non indica il destinatario a cui si riferisce"},
	follow.ConflictIssuer:     {"what only the sender's provider issues is signed by different providers", "ciò che solo il gestore del mittente emette è firmato da gestori diversi"},
}

// NoteCode names what a reader must know whatever the answer. Codes are stable.
type NoteCode string

// The notes.
const (
	NoteNoAcceptance  NoteCode = "no-acceptance"   // the acceptance is not among the files
	NoteByContent     NoteCode = "by-content"      // nothing but the content ties the message to the file
	NoteByReference   NoteCode = "by-reference"    // nothing certified but the content does
	NoteSameMessageID NoteCode = "same-message-id" // another certified message has the file's Message-ID
	NoteSameContent   NoteCode = "same-content"    // another certified message has the same content
	NoteSentIsPEC     NoteCode = "sent-is-pec"     // the sent file is itself a PEC message
	NoteWeakHashes    NoteCode = "weak-hashes"     // attachments were compared by SHA-1
	NoteHeaders       NoteCode = "headers"         // addresses, subject, date, names, types or character sets differ, which does not decide
	NoteUnreadable    NoteCode = "unreadable"      // files without a verdict
	NoteClaims        NoteCode = "claims"          // messages that claim to be about this one, and do not count
)

// Note is something that a reader must know.
type Note struct {
	Code   NoteCode
	Detail Words
}

// notes lists them.
func (d *Dossier) notes(c choice) []Note {
	var out []Note
	add := func(found bool, code NoteCode, en, it string) {
		if found {
			out = append(out, Note{code, Words{en, it}})
		}
	}
	count := func(n int, code NoteCode, en, it string) {
		add(n > 0, code, fmt.Sprintf(en, n), fmt.Sprintf(it, n))
	}
	k := d.Sent.Kind
	add(k.Certifies() || k == pec.KindAnomaly, NoteSentIsPEC, "the file given as sent is itself a PEC message; what is asked for is the message as it was submitted",
		"il file indicato come inviato è esso stesso un messaggio PEC; occorre il messaggio così come è stato inviato")
	var accepted, byContent, byReference, weak, fields bool
	accepted = len(d.Messages) == 0
	for i := range d.Messages {
		m := &d.Messages[i]
		accepted = accepted || !m.Accepted.IsZero() || !m.NotAccepted.IsZero()
		byContent = byContent || m.NamedBy == ByContent
		byReference = byReference || m.NamedBy == ByReference
		for j := range m.Recipients {
			if x := m.Recipients[j].Comparison; x != nil {
				weak, fields = weak || x.WeakHashes, fields || slices.ContainsFunc(x.Headers, isTelling)
			}
		}
	}
	add(!accepted, NoteNoAcceptance, "the acceptance receipt is not among the files; the recipients are those that the other receipts name",
		"tra i file manca la ricevuta di accettazione; i destinatari sono quelli indicati dalle altre ricevute")
	add(byContent, NoteByContent, "no certified Message-ID is that of the sent file; only the content ties the message to it",
		"nessun Message-ID certificato è quello del file inviato; solo il contenuto lega il messaggio al file")
	add(byReference, NoteByReference, "the receipts certify no Message-ID (msgid); only what is not signed, and the content, ties them to the sent file",
		"le ricevute non certificano alcun Message-ID (msgid); solo dati non firmati e il contenuto le legano al file inviato")
	count(len(c.named), NoteSameMessageID, "other certified messages with the Message-ID of the sent file, told apart by sender or content: %d",
		"altri messaggi certificati con il Message-ID del file inviato, distinti per mittente o contenuto: %d")
	count(len(c.like), NoteSameContent, "other certified messages with the content of the sent file: %d", "altri messaggi certificati con il contenuto del file inviato: %d")
	add(weak, NoteWeakHashes, "attachments were compared by the SHA-1 hashes of a brief receipt, which are as weak as SHA-1",
		"gli allegati sono stati confrontati con le impronte SHA-1 di una ricevuta breve, deboli quanto lo è SHA-1")
	add(fields, NoteHeaders, "addresses, subject, date, file names, types or character sets of the sent file differ from those delivered; this does not decide, and they are listed with each recipient",
		"indirizzi, oggetto, data, nomi, tipi o codifiche dei caratteri del file inviato differiscono da quelli consegnati; ciò non incide sull'esito, e sono elencati per ogni destinatario")
	failed, claims := 0, 0
	for i := range d.Files {
		if d.Files[i].Failure != nil {
			failed++
		}
		for _, v := range d.Files[i].Verdicts {
			if v.Refers && !d.Files[i].IsSent {
				claims++
			}
		}
	}
	count(failed, NoteUnreadable, "files of which there is no verdict: %d; what they hold is not in this dossier",
		"file senza esito di verifica: %d; il loro contenuto non è considerato in questo dossier")
	count(claims, NoteClaims, "messages that refer to this one and do not count, because nothing in them is certified: %d",
		"messaggi che fanno riferimento a questo ma non contano, perché nulla in essi è certificato: %d")
	return out
}

// isTelling reports whether a reader should look at a field that differs: it names
// people, subject, date or files, or says as what the same bytes are to be read.
// Programs leave other fields in their copies, and
// out of what they send.
func isTelling(h follow.HeaderDifference) bool {
	switch h.Field {
	case "from", "sender", "to", "cc", "bcc", "reply-to", "subject", "date", "filename", "media-type", "charset":
		return true
	}
	return false
}

// Remark is a check that was not made for messages of the dossier, or that warns
// of something in them.
type Remark struct {
	ID       pec.CheckID
	Status   pec.Status // Skip or Warn
	Messages int        // how many
	Detail   Words      // of the first
}

// remarks counts them over the messages that are part of the dossier, in the order
// in which reports list checks.
func (d *Dossier) remarks() []Remark {
	type key struct {
		id     pec.CheckID
		status pec.Status
	}
	found := make(map[key]*Remark)
	for i := range d.Files {
		for _, v := range d.Files[i].Verdicts {
			if v.Use != UseAbout {
				continue
			}
			for status, list := range map[pec.Status][]Finding{pec.Skip: v.Skipped, pec.Warn: v.Warnings} {
				for _, f := range list {
					k := key{f.ID, status}
					if found[k] == nil {
						found[k] = &Remark{ID: f.ID, Status: status, Detail: f.Detail}
					}
					found[k].Messages++
				}
			}
		}
	}
	var out []Remark
	for _, info := range pec.Checks() {
		for _, status := range []pec.Status{pec.Skip, pec.Warn} {
			if r := found[key{info.ID, status}]; r != nil {
				out = append(out, *r)
			}
		}
	}
	return out
}

// Authorities returns what the signatures of the messages in the dossier lead to,
// each once, in the order of the files.
func (d *Dossier) Authorities() []Words {
	var out []Words
	for i := range d.Files {
		for _, v := range d.Files[i].Verdicts {
			if v.Use == UseAbout && !slices.Contains(out, v.Authority) {
				out = append(out, v.Authority)
			}
		}
	}
	return out
}

// Policies returns the policies under which they were verified, each once.
func (d *Dossier) Policies() []pec.Policy {
	var out []pec.Policy
	for i := range d.Files {
		for _, v := range d.Files[i].Verdicts {
			if v.Use == UseAbout && !slices.Contains(out, v.Policy) {
				out = append(out, v.Policy)
			}
		}
	}
	return out
}

// Counts are how the recipients of all messages stand.
type Counts struct {
	Recipients int
	Complete   int // a certified delivery that matches
	Delivered  int // a certified delivery, whether it matches or not
	Failed     int // failed, expired, refused
	External   int
	Waiting    int // an outcome is missing
	Overdue    int // of those, should have come when the dossier was made
}

// Counts counts them.
func (d *Dossier) Counts() (n Counts) {
	for i := range d.Messages {
		for j := range d.Messages[i].Recipients {
			r := &d.Messages[i].Recipients[j]
			n.Recipients++
			if r.Complete() {
				n.Complete++
			}
			switch {
			case r.Status == follow.StatusDelivered:
				n.Delivered++
			case r.Status.Final():
				n.Failed++
			case r.External:
				n.External++
			default:
				n.Waiting++
				if r.Overdue {
					n.Overdue++
				}
			}
		}
	}
	return n
}

// zone gives a time with its offset, as the dossier writes it in both languages.
func zone(t time.Time, l pec.Lang) string {
	if t.IsZero() {
		return ""
	}
	if l == pec.Italian {
		return t.Format("02/01/2006 15:04:05 (-07:00)")
	}
	return t.Format("2006-01-02 15:04:05 (-07:00)")
}
