package pec

import (
	"crypto/x509"
	"time"
)

const (
	maxAhead   = time.Hour        // of now, for the certified time
	maxSigning = 10 * time.Minute // between signing time and certified time
	maxDate    = 10 * time.Minute // between header Date and certified time
)

// checkTime compares the times that a message states with one another and
// with the present.
func (v *verifier) checkTime() {
	v.checkPOE()
	v.checkSigningTime()
	if v.at.IsZero() {
		none := phrase{"not checked: there is no certified time", "non verificato: manca un istante certificato"}
		v.skip(CheckFuture, none)
		v.skip(CheckGiven, none)
		return
	}
	if v.at.Sub(v.now) > maxAhead {
		v.fail(CheckFuture, row15, phrase{"the certified time %s is in the future", "l'istante certificato %s è nel futuro"}, v.at)
	} else {
		v.pass(CheckFuture, phrase{"the certified time is not in the future", "l'istante certificato non è nel futuro"})
	}
	v.checkGiven()
}

// checkGiven compares the time at which the signer was judged with the
// certified one, if they are not the same. Whoever judges at another time does
// not thereby believe a provider that certified a time at which its
// certificate was not valid.
func (v *verifier) checkGiven() {
	judgedElsewhere := v.ReferenceTime.Source != FromDaticert
	switch {
	case !v.o.At.IsZero() && v.o.At.Before(v.at):
		v.fail(CheckGiven, row15, phrase{"the given time %s is earlier than the certified one, %s: the message cannot have existed then",
			"l'istante indicato %s precede quello certificato, %s: il messaggio non poteva già esistere"}, v.o.At, v.at)
	case judgedElsewhere && v.trust != nil && outside(v.at, v.trust.Signer):
		v.fail(CheckGiven, row15, phrase{"the certified time %s is outside the validity of the signer's certificate (%s to %s)",
			"l'istante certificato %s è fuori dalla validità del certificato del firmatario (dal %s al %s)"}, v.at, v.trust.Signer.NotBefore, v.trust.Signer.NotAfter)
	case judgedElsewhere:
		v.pass(CheckGiven, phrase{"the time of judgement is not earlier than the certified one, which the certificate covers",
			"l'istante di giudizio non precede quello certificato, che il certificato copre"})
	default:
		v.skip(CheckGiven, phrase{"no time was given", "nessun istante indicato"})
	}
}

func outside(at time.Time, c *x509.Certificate) bool {
	return at.Before(c.NotBefore) || at.After(c.NotAfter)
}

// checkPOE says what the reference time rests on if the signer has expired
// since.
func (v *verifier) checkPOE() {
	if v.trust == nil {
		v.skip(CheckPOE, phrase{"not checked: no certificate for the signer", "non verificato: manca il certificato del firmatario"})
		return
	}
	end := v.trust.Signer.NotAfter
	expired := v.now.After(end)
	switch {
	case v.ProofOfExistence == POEGiven:
		v.pass(CheckPOE, phrase{"the caller vouches that the message existed at the reference time", "chi verifica risponde del fatto che il messaggio esistesse all'istante di riferimento"})
	case v.ProofOfExistence == POETimestamp:
		v.pass(CheckPOE, phrase{"a time-stamp shows that the message existed at %s, while the signer's certificate was valid",
			"una marca temporale prova che il messaggio esisteva il %s, mentre il certificato del firmatario era valido"}, v.local(v.stamp.Latest))
	case !expired:
		v.pass(CheckPOE, phrase{"the signer's certificate is still valid", "il certificato del firmatario è ancora valido"})
	case v.ReferenceTime.Source == FromClock:
		v.skip(CheckPOE, phrase{"judged at the present time", "giudicato al momento presente"})
	case v.o.Policy == PolicyStrict:
		v.fail(CheckPOE, row14Expired, phrase{"the signer's certificate expired on %s, and nothing shows that the message existed before",
			"il certificato del firmatario è scaduto il %s e nulla prova che il messaggio esistesse prima"}, end)
	case v.failed(CheckValidity) || v.failed(CheckPath):
		v.skip(CheckPOE, phrase{"not checked: the certificate was not found valid at the reference time", "non verificato: il certificato non risulta valido all'istante di riferimento"})
	default:
		v.warn(CheckPOE, phrase{
			"the signer's certificate expired on %s; it was valid at the certified time. That time is the provider's own word: nothing here excludes that someone holding the key after its expiry wrote it. A time-stamp or a time from other evidence would",
			"il certificato del firmatario è scaduto il %s; all'istante certificato era valido. Quell'istante è la parola del gestore: nulla qui esclude che lo abbia scritto chi possedeva la chiave dopo la scadenza. Una marca temporale o un istante tratto da altre prove lo escluderebbe"}, end)
	}
}

// checkSigningTime compares the signer's own clock with the certified time.
// The attribute is not evidence, but a large difference is strange.
func (v *verifier) checkSigningTime() {
	signing := v.signingTime()
	if signing.IsZero() || v.at.IsZero() {
		v.skip(CheckSigning, phrase{"not checked: signing time or certified time is missing", "non verificato: manca l'ora di firma o l'istante certificato"})
		return
	}
	if d := signing.Sub(v.at).Abs(); d > maxSigning {
		v.warn(CheckSigning, phrase{"the stated signing time %s is more than ten minutes away from the certified time %s",
			"l'ora di firma dichiarata %s dista più di dieci minuti dall'istante certificato %s"}, signing.In(v.at.Location()), v.at)
		return
	}
	v.pass(CheckSigning, phrase{"signing time and certified time agree", "ora di firma e istante certificato concordano"})
}
