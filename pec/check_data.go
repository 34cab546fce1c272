package pec

import (
	"errors"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/receipt"
)

// checkData reports the certification data: there, once, readable, and by the
// norm.
//
// spec: RFC 6109 §4.3.3, §4.4
func (v *verifier) checkData() {
	v.checkPresent()
	v.checkSyntax()
	v.checkCharacters()
	v.checkNorm()
	v.checkErrorCode()
	v.checkTimeout()
}

func (v *verifier) checkPresent() {
	p := v.m.parts
	switch {
	case p.daticerts > 1:
		v.fail(CheckDaticert, row15, phrase{"the signed part holds %d parts named daticert.xml: which one counts cannot be told",
			"la parte firmata contiene %d parti di nome daticert.xml: non si può stabilire quale valga"}, p.daticerts)
	case p.originals > 1:
		v.fail(CheckDaticert, row15, phrase{"the signed part holds %d parts named postacert.eml: which one counts cannot be told",
			"la parte firmata contiene %d parti di nome postacert.eml: non si può stabilire quale valga"}, p.originals)
	case p.misplaced:
		v.fail(CheckDaticert, row15, phrase{"daticert.xml is not where the norm has it, as a part of the signed multipart/mixed",
			"daticert.xml non è dove la norma lo vuole, fra le parti del multipart/mixed firmato"})
	case p.daticert != nil && v.Kind == KindAnomaly:
		v.pass(CheckDaticert, phrase{"there", "presenti"})
	case p.daticert != nil:
		v.pass(CheckDaticert, phrase{"daticert.xml is in the signed part, once", "daticert.xml è nella parte firmata, una sola volta"})
	case v.Kind == KindAnomaly:
		v.skip(CheckDaticert, phrase{"an anomaly envelope has no certification data", "la busta di anomalia non contiene dati di certificazione"})
	case v.m.Claims.IsPEC():
		v.fail(CheckDaticert, row15, phrase{"the message calls itself PEC, but the signed part has no daticert.xml",
			"il messaggio si presenta come PEC, ma la parte firmata non contiene daticert.xml"})
	default:
		v.warn(CheckDaticert, phrase{"the signed part has no daticert.xml: this is no PEC message", "la parte firmata non contiene daticert.xml: non è un messaggio PEC"})
	}
}

func (v *verifier) checkSyntax() {
	switch {
	case v.m.DataErr != nil:
		v.fail(CheckSyntax, row15, phrase{"daticert.xml cannot be read: %s", "daticert.xml non è leggibile: %s"}, v.syntaxReason())
	case v.Data == nil:
		v.skip(CheckSyntax, phrase{"not checked: there are no certification data", "non verificato: mancano i dati di certificazione"})
	case !v.Data.Type.Known():
		v.fail(CheckSyntax, row15, phrase{"type %s is not one of the norm's eight", "il tipo %s non è uno degli otto previsti dalla norma"}, quoted(string(v.Data.Type)))
	case v.hasDefect(daticert.DefectRepeated) != nil:
		v.fail(CheckSyntax, row15, phrase{"an element that must be unique is there more than once with different values: %s",
			"un elemento che deve essere unico compare più volte con valori diversi: %s"}, v.hasDefect(daticert.DefectRepeated).Path)
	case v.hasDefect(daticert.DefectMixed) != nil:
		v.fail(CheckSyntax, row15, phrase{"an element that must hold text only has others inside, so that programs may read different values: %s",
			"un elemento che deve contenere solo testo ne contiene altri, perciò programmi diversi possono leggervi valori diversi: %s"}, v.hasDefect(daticert.DefectMixed).Path)
	case v.missing() != "":
		v.fail(CheckSyntax, row15, phrase{"%s is missing or empty", "manca o è vuoto: %s"}, v.missing())
	default:
		if _, err := v.Data.Time(); err != nil {
			v.fail(CheckSyntax, row15, phrase{"the certified time cannot be read: %s", "l'istante certificato non è leggibile: %s"}, err)
			return
		}
		v.pass(CheckSyntax, phrase{"type, sender, recipients, time and identifier can be read", "tipo, mittente, destinatari, istante e identificativo sono leggibili"})
	}
}

// missing names the first element without which the data certify nothing:
// those that say who, to whom and which message, and for the kinds that are
// about one recipient, that recipient.
func (v *verifier) missing() string {
	d := v.Data
	switch {
	case d.Sender == "":
		return "mittente"
	case len(d.Recipients) == 0:
		return "destinatari"
	case d.ID == "":
		return "identificativo"
	case d.Delivery == "" && (v.Kind == KindDelivery || v.Kind == KindDeliveryError):
		return "consegna"
	}
	for _, r := range d.Recipients {
		if r.Address == "" {
			return "destinatari"
		}
	}
	return ""
}

func (v *verifier) syntaxReason() any {
	if e, ok := errors.AsType[*daticert.SyntaxError](v.m.DataErr); ok {
		return sentence{phrase{"line %d, %s: %s", "riga %d, %s: %s"}, []any{e.Line, e.Path, e.Err}}
	}
	return v.m.DataErr
}

func (v *verifier) hasDefect(id daticert.DefectID) *daticert.Defect {
	if v.Data == nil {
		return nil
	}
	for i, d := range v.Data.Defects {
		if d.ID == id {
			return &v.Data.Defects[i]
		}
	}
	return nil
}

// checkCharacters reports characters that XML forbids in text that the user
// wrote. The provider certified the rest, so the certification holds.
//
// QUIRK: Register.it let a raw 0x16 through into oggetto, Cedacri &#18;.
func (v *verifier) checkCharacters() {
	switch d := v.hasDefect(daticert.DefectCharacter); {
	case v.Data == nil:
		v.skip(CheckCharacters, phrase{"not checked: there are no certification data", "non verificato: mancano i dati di certificazione"})
	case d != nil:
		v.warn(CheckCharacters, phrase{"%s holds a character that XML forbids, shown as \uFFFD (line %d: %s)",
			"%s contiene un carattere vietato da XML, mostrato come \uFFFD (riga %d: %s)"}, d.Path, d.Line, d.Detail)
	default:
		v.pass(CheckCharacters, phrase{"no forbidden character", "nessun carattere vietato"})
	}
}

// checkNorm reports departures from the DTD that leave the meaning clear.
func (v *verifier) checkNorm() {
	if v.Data == nil {
		v.skip(CheckNorm, phrase{"not checked: there are no certification data", "non verificato: mancano i dati di certificazione"})
		return
	}
	for _, d := range v.Data.Defects {
		if d.ID == daticert.DefectCharacter {
			continue
		}
		v.warn(CheckNorm, phrase{"%s: %s", "%s: %s"}, d.Path, d.Detail)
		return
	}
	v.pass(CheckNorm, phrase{"they follow the DTD", "seguono il DTD"})
}

// checkErrorCode compares attribute errore with the type.
func (v *verifier) checkErrorCode() {
	switch {
	case v.Data == nil:
		v.skip(CheckError, phrase{"not checked: there are no certification data", "non verificato: mancano i dati di certificazione"})
	case v.Data.Error != daticert.ErrorNone && (v.Kind == KindDelivery || v.Kind == KindAcceptance || v.Kind == KindTakingInCharge || v.Kind == KindTransport):
		v.warn(CheckError, phrase{"the type is %s, but the error code is %s", "il tipo è %s, ma il codice d'errore è %s"}, string(v.Kind), quoted(string(v.Data.Error)))
	case v.Data.Error == daticert.ErrorNone:
		v.pass(CheckError, phrase{`error code "nessuno" fits the type`, `il codice d'errore "nessuno" è coerente con il tipo`})
	default:
		v.pass(CheckError, phrase{"error code %s fits the type", "il codice d'errore %s è coerente con il tipo"}, quoted(string(v.Data.Error)))
	}
}

// checkTimeout says by what a notice at 12 h was told from one at 24 h.
func (v *verifier) checkTimeout() {
	if v.Kind != KindTimeout || v.m.Notice == nil {
		v.skip(CheckTimeout, phrase{"not a notice of that type", "non è un avviso di questo tipo"})
		return
	}
	t, rule := v.m.Notice.Timeout()
	v.timeout = t
	by := map[receipt.Rule]phrase{
		receipt.RuleCode: {"by the status code in errore-esteso", "dal codice di stato in errore-esteso"},
		receipt.RuleText: {"by the provider's words", "dalle parole del gestore"},
	}[rule]
	switch t {
	case receipt.TimeoutLate:
		v.pass(CheckTimeout, phrase{"first notice, at 12 h: delivery may still come (%s)", "primo avviso, alle 12 ore: la consegna può ancora avvenire (%s)"}, by)
	case receipt.TimeoutExpired:
		v.pass(CheckTimeout, phrase{"second notice, at 24 h: not delivered (%s)", "secondo avviso, alle 24 ore: messaggio non consegnato (%s)"}, by)
	default:
		v.warn(CheckTimeout, phrase{"nothing tells whether this is the notice at 12 h or the one at 24 h", "nulla dice se questo è l'avviso alle 12 ore o quello alle 24 ore"})
	}
}

// quoted marks a wire token inside a sentence.
func quoted(s string) string { return `"` + s + `"` }
