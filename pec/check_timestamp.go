package pec

// checkTimestamp says that no time-stamp was judged: none can be given yet.
func (v *verifier) checkTimestamp() {
	v.skip(CheckTimestamp, phrase{"not checked: no time-stamp was given", "non verificato: non è stata fornita una marca temporale"})
}
