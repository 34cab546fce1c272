package pec

// checkDirectory says that the providers' directory was not asked: none can be
// given yet.
func (v *verifier) checkDirectory() {
	none := phrase{"not checked: no providers' directory was given", "non verificato: non è stato fornito l'indice dei gestori"}
	v.skip(CheckDirectory, none)
	v.skip(CheckDomain, none)
}
