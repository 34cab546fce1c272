package pec

import (
	"github.com/gopec/gopec/trust"
	"github.com/gopec/gopec/trust/revocation"
)

// checkRevocation asks the given revocation data about every certificate of the
// path. A revocation that covers the reference time fails under every policy,
// and so does a suspension, as INDETERMINATE / TRY_LATER: it may yet be lifted
// (ETSI EN 319 102-1 §5.2.6). What is not known fails under the strict policy
// only.
//
// spec: RFC 6109 §2.2.2
func (v *verifier) checkRevocation() {
	strict := v.o.Policy == PolicyStrict
	noData := v.o.Revocation.Len() == 0
	switch {
	case noData && strict:
		v.fail(CheckRevocation, row14Revocation, phrase{"there are no revocation data for the signer's certificate", "mancano i dati di revoca per il certificato del firmatario"})
		return
	case noData:
		v.skip(CheckRevocation, phrase{"not checked: no revocation data were given", "non verificato: non sono stati forniti dati di revoca"})
		return
	case v.trust == nil || len(v.trust.Links) == 0:
		words := phrase{"not checked: there is no path to an authority that could have revoked the certificate",
			"non verificato: manca un percorso fino a un'autorità che possa aver revocato il certificato"}
		if strict {
			v.fail(CheckRevocation, row14Revocation, words)
			return
		}
		v.skip(CheckRevocation, words)
		return
	}
	for _, l := range v.trust.Links {
		v.Revocation = append(v.Revocation, v.o.Revocation.Check(l, v.revocationTime(), v.now))
	}
	v.reportRevocation(strict)
}

// reportRevocation makes one outcome of the answers about the certificates of a
// path: the worst.
func (v *verifier) reportRevocation(strict bool) {
	status, r := Pass, rowNone
	var list sentences
	for _, a := range v.Revocation {
		s, row := revocationOutcome(a, strict)
		if s == Fail && (status != Fail || row < r) {
			r = row
		}
		if weight(s) > weight(status) {
			status = s
		}
		for i, f := range a.Findings {
			if i > 0 && f.Status != trust.Warn && a.State != revocation.NotChecked {
				continue // evidence that was not needed
			}
			words, args := trustWords(f)
			list = append(list, sentence{words, args})
		}
	}
	v.set(CheckRevocation, status, r, phrase{"%s", "%s"}, []any{list})
}

// revocationOutcome is what the answer about one certificate means for the
// report.
func revocationOutcome(a *revocation.Answer, strict bool) (Status, row) {
	switch a.State {
	case revocation.Revoked:
		return Fail, row10
	case revocation.OnHold:
		return Fail, row14Revocation
	case revocation.NotChecked:
		if strict {
			return Fail, row14Revocation
		}
		return Skip, rowNone
	}
	if a.Weak && strict {
		return Fail, row14Revocation
	}
	for _, f := range a.Findings {
		if f.Status == trust.Warn {
			return Warn, rowNone
		}
	}
	return Pass, rowNone
}
