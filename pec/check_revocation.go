package pec

// checkRevocation says that revocation was not judged: no data can be given
// yet.
func (v *verifier) checkRevocation() {
	if v.o.Policy == PolicyStrict {
		v.fail(CheckRevocation, row14Revocation, phrase{"there are no revocation data for the signer's certificate", "mancano i dati di revoca per il certificato del firmatario"})
		return
	}
	v.skip(CheckRevocation, phrase{"not checked: no revocation data were given", "non verificato: non sono stati forniti dati di revoca"})
}
