package pec

import (
	"slices"
	"time"

	"github.com/gopec/gopec/trust"
)

// readCertifiedTime reads the time in the signed data.
func (v *verifier) readCertifiedTime() {
	if v.Data == nil {
		return
	}
	if t, err := v.Data.Time(); err == nil {
		v.at = t
	}
}

// checkReferenceTime settles the time at which the signer is judged: the
// caller's, or that of a time-stamp, or the one in the signed data, or, for a
// message without, the untrusted ones there are.
func (v *verifier) checkReferenceTime() {
	zone := time.UTC
	if !v.at.IsZero() {
		zone = v.at.Location()
	}
	signing := v.signingTime()
	switch {
	case !v.o.At.IsZero():
		v.ReferenceTime = ReferenceTime{v.o.At.In(zone), FromCaller}
		v.ProofOfExistence = POEGiven
		v.pass(CheckReference, phrase{"%s, given by the caller, who vouches for it", "%s, indicato da chi verifica, che ne risponde"}, v.ReferenceTime.Time)
	case v.o.AtNow:
		v.ReferenceTime = ReferenceTime{v.now.In(zone), FromClock}
		v.pass(CheckReference, phrase{"%s, now", "%s, adesso"}, v.ReferenceTime.Time)
	case v.stamp != nil:
		v.ReferenceTime = ReferenceTime{v.stampTime(v.stamp).In(zone), FromTimestamp}
		v.ProofOfExistence = POETimestamp
		v.pass(CheckReference, phrase{"%s, by when a time-stamp shows that the message existed", "%s, entro cui una marca temporale prova che il messaggio esisteva"}, v.ReferenceTime.Time)
	case !v.at.IsZero():
		v.ReferenceTime = ReferenceTime{v.at, FromDaticert}
		v.pass(CheckReference, phrase{"%s, from the signed certification data", "%s, dai dati di certificazione firmati"}, v.at)
	case !signing.IsZero():
		v.ReferenceTime = ReferenceTime{signing, FromSigningTime}
		v.warn(CheckReference, phrase{"%s, the signing time that the signer states; nothing certifies it", "%s, l'ora di firma dichiarata dal firmatario; nulla la certifica"}, signing)
	case !v.m.headerDate().IsZero():
		v.ReferenceTime = ReferenceTime{v.m.headerDate(), FromHeader}
		v.warn(CheckReference, phrase{"%s, from the header, which is not signed", "%s, dall'intestazione, che non è firmata"}, v.ReferenceTime.Time)
	default:
		v.ReferenceTime = ReferenceTime{v.now.UTC(), FromClock}
		v.warn(CheckReference, phrase{"%s, now: the message states no time", "%s, adesso: il messaggio non indica alcun istante"}, v.ReferenceTime.Time)
	}
}

func (v *verifier) signingTime() time.Time {
	if d := v.m.signed.Facts(); d != nil {
		return d.SigningTime
	}
	return time.Time{}
}

// checkTrust judges the signer. It runs for a signature that is not good, too,
// on the certificate that the signature names, so that the report shows
// whether only the bytes or also the signer is wrong.
func (v *verifier) checkTrust() {
	candidates := v.result.Signers
	if len(candidates) == 0 {
		candidates = v.result.Named
	}
	if len(candidates) == 0 {
		none := phrase{"not checked: no certificate for the signer", "non verificato: manca il certificato del firmatario"}
		for _, id := range []CheckID{CheckPath, CheckProfile, CheckPolicy, CheckConstraints, CheckProvider, CheckOldAlgorithms, CheckValidity} {
			v.skip(id, none)
		}
	} else {
		v.trust = v.o.Trust.Verify(candidates, v.result.Certificates, v.ReferenceTime.Time)
		v.Signer = v.signer()
		v.Chain = v.trust.Chain
		v.Links = v.trust.Links
		v.reportTrust()
	}
	v.checkDirectory()
	v.checkRevocation()
}

func (v *verifier) reportTrust() {
	t := v.trust
	v.finding(CheckPath, row8, t.Path)
	v.worst(CheckProfile, row9, t.Profile)
	v.finding(CheckPolicy, row9, t.Policy)
	v.finding(CheckConstraints, row9, t.Constraints)
	v.finding(CheckProvider, row9, t.Provider)
	if t.Key.Status == Fail && !v.failed(CheckAlgorithms) {
		v.finding(CheckAlgorithms, row4, t.Key)
	}
	v.oldAlgorithms(t.Algorithms)
	v.validity(t.Validity)
	if len(t.Ignored) > 0 && v.has(CheckPath, Pass) {
		v.warn(CheckPath, phrase{"there is a path to %s; certificates in the signature were not believed: %s",
			"c'è un percorso fino a %s; alcuni certificati nella firma non sono stati creduti: %s"}, t.Anchor, t.Ignored)
	}
}

// finding reports one finding of package trust in both languages.
func (v *verifier) finding(id CheckID, r row, f trust.Finding) {
	words, args := trustWords(f)
	v.set(id, f.Status, failedRow(r, f), words, args)
}

// worst reports several findings as one check: all of the worst kind.
func (v *verifier) worst(id CheckID, r row, all []trust.Finding) {
	if len(all) == 0 {
		v.fail(id, r, phrase{"the check was not made", "la verifica non è stata eseguita"})
		return
	}
	most := slices.MaxFunc(all, func(a, b trust.Finding) int { return weight(a.Status) - weight(b.Status) })
	if most.Status == Pass {
		v.pass(id, phrase{"the signer's certificate is one of a PEC provider: use of the key, purpose, mailbox, extensions",
			"il certificato del firmatario è quello di un gestore PEC: uso della chiave, scopo, casella, estensioni"})
		return
	}
	var list sentences
	for _, f := range all {
		if f.Status == most.Status {
			words, args := trustWords(f)
			list = append(list, sentence{words, args})
		}
	}
	v.set(id, most.Status, failedRow(r, most), phrase{"%s", "%s"}, []any{list})
}

func weight(s Status) int {
	switch s {
	case Fail:
		return 3
	case Warn:
		return 2
	case Skip:
		return 1
	}
	return 0
}

func failedRow(r row, f trust.Finding) row {
	if f.Status == Fail {
		return r
	}
	return rowNone
}

// oldAlgorithms turns what the time needs but nobody vouches for into row 13,
// or under the legacy policy into a warning that says what is believed.
func (v *verifier) oldAlgorithms(f trust.Finding) {
	if f.Status == Fail && v.oldStamp != nil {
		words, args := trustWords(f)
		v.warn(CheckOldAlgorithms, phrase{
			"%s; a time-stamp shows that the message existed at %s, when providers used them and nobody is known to have forged any",
			"%s; una marca temporale prova che il messaggio esisteva il %s, quando i gestori li usavano e non è noto che qualcuno ne abbia falsificati"},
			sentence{words, args}, v.local(v.oldStamp.Latest))
		return
	}
	if f.Status == Fail && v.o.Policy == PolicyLegacy {
		words, args := trustWords(f)
		v.warn(CheckOldAlgorithms, phrase{
			"%s; the legacy policy believes that nobody forged keys or certificates of that size and age before or since",
			"%s; la policy legacy confida che nessuno abbia falsificato, allora o in seguito, chiavi o certificati di questo tipo"}, sentence{words, args})
		return
	}
	v.finding(CheckOldAlgorithms, row13, f)
}

// validity sorts a certificate outside its validity by whose word the time is.
func (v *verifier) validity(f trust.Finding) {
	r := row12
	if v.ReferenceTime.Source == FromDaticert {
		r = row11Expired
		if f.Code == trust.CodeNotYetValid {
			r = row11NotYet
		}
	}
	v.finding(CheckValidity, r, f)
	untrusted := v.ReferenceTime.Source == FromSigningTime || v.ReferenceTime.Source == FromHeader
	c := v.trust.Signer
	if untrusted && f.Status == Pass && (v.now.Before(c.NotBefore) || v.now.After(c.NotAfter)) {
		v.fail(CheckValidity, row12, phrase{"the certificate is not valid now (until %s), and nothing certifies the time that the message states",
			"il certificato oggi non è valido (fino al %s), e nulla certifica l'istante indicato dal messaggio"}, c.NotAfter)
	}
}
