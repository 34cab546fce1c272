package pec

import (
	"slices"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/mime"
	"github.com/gopec/gopec/smime"
)

// checkOriginal compares the enclosed original with the certification data.
// Both are signed; the data follow the SMTP envelope and the original its own
// header, so a difference warns and no more.
//
// spec: RFC 6109 §2.1, §2.2.1, §4.3.2
func (v *verifier) checkOriginal() {
	o := v.m.Original()
	v.checkEnclosed(o)
	ids := []CheckID{CheckOriginalID, CheckOriginalSender, CheckOriginalRecipients, CheckOriginalSubject}
	switch {
	case o == nil || v.Data == nil:
		for _, id := range ids {
			v.skip(id, phrase{"not checked: there is no original with certification data", "non verificato: manca un originale con dati di certificazione"})
		}
		return
	case o.Message() == nil:
		for _, id := range ids {
			v.skip(id, phrase{"not checked: the original cannot be opened: %s", "non verificato: l'originale non può essere aperto: %s"}, o.Err())
		}
		return
	}
	v.originalID(o)
	v.originalAddresses(o)
	v.originalSubject(o)
}

// checkEnclosed says whether the original is there where it belongs.
//
// QUIRK: Aruba leaves it out of complete delivery receipts for Cc recipients.
func (v *verifier) checkEnclosed(o *smime.Original) {
	wants := v.Kind == KindTransport || v.Kind == KindAnomaly ||
		v.Kind == KindDelivery && v.Data != nil && v.Data.Receipt != daticert.ReceiptConcise
	switch {
	case o != nil && v.Kind == KindDelivery && v.Data != nil && v.Data.Receipt == daticert.ReceiptBrief:
		v.pass(CheckOriginal, phrase{"the brief receipt encloses the text, and hashes in place of attachments", "la ricevuta breve allega il testo, con gli hash al posto degli allegati"})
	case o != nil:
		v.pass(CheckOriginal, phrase{"postacert.eml is in the signed part", "postacert.eml è nella parte firmata"})
	case v.Kind == KindDelivery && wants:
		v.warn(CheckOriginal, phrase{"the receipt proves delivery, but does not enclose what was delivered", "la ricevuta prova la consegna, ma non allega ciò che è stato consegnato"})
	case wants:
		v.warn(CheckOriginal, phrase{"the envelope does not enclose the original message", "la busta non contiene il messaggio originale"})
	default:
		v.skip(CheckOriginal, phrase{"this kind encloses none", "questo tipo non ne allega"})
	}
}

func (v *verifier) originalID(o *smime.Original) {
	values := o.Header("Message-ID")
	switch {
	case len(values) == 0:
		v.warn(CheckOriginalID, phrase{"the original has no Message-ID; the certified identifier is %s", "l'originale non ha Message-ID; l'identificativo certificato è %s"}, v.Data.ID)
	case foldID(values[0]) != foldID(v.Data.ID):
		v.warn(CheckOriginalID, phrase{"the original's Message-ID is %s, the certified identifier is %s", "il Message-ID dell'originale è %s, l'identificativo certificato è %s"}, values[0], v.Data.ID)
	default:
		v.pass(CheckOriginalID, phrase{"the certified identifier", "è l'identificativo certificato"})
	}
}

func (v *verifier) originalAddresses(o *smime.Original) {
	from := addressSet(o.Header("From")...)
	if want := addressSet(v.Data.Sender); slices.Equal(from, want) {
		v.pass(CheckOriginalSender, phrase{"the certified sender", "è il mittente certificato"})
	} else {
		v.warn(CheckOriginalSender, phrase{"the original is from %s, the certified sender is %s", "l'originale è di %s, il mittente certificato è %s"}, from, want)
	}
	to := addressSet(append(o.Header("To"), o.Header("Cc")...)...)
	var want []string
	for _, r := range v.Data.Recipients {
		want = append(want, r.Address)
	}
	want = addressSet(want...)
	if slices.Equal(to, want) {
		v.pass(CheckOriginalRecipients, phrase{"the certified recipients", "sono i destinatari certificati"})
	} else {
		v.warn(CheckOriginalRecipients, phrase{"the original is addressed to %s, the certified recipients are %s", "l'originale è indirizzato a %s, i destinatari certificati sono %s"}, to, want)
	}
}

func (v *verifier) originalSubject(o *smime.Original) {
	shown := ""
	if values := o.Header("Subject"); len(values) > 0 {
		shown = foldSpace(mime.DecodeWords(values[0]))
	}
	if want := foldSpace(v.Data.Subject); shown != want {
		v.warn(CheckOriginalSubject, phrase{"the original's subject is %s, the certified one is %s", "l'oggetto dell'originale è %s, quello certificato è %s"}, quoted(shown), quoted(want))
		return
	}
	v.pass(CheckOriginalSubject, phrase{"the certified subject", "è l'oggetto certificato"})
}
