package pec

import "github.com/gopec/gopec/daticert"

// seal is what Verify found, beside the fields that anybody can set.
type seal struct {
	kind      Kind
	path      string
	certified bool
	proves    Proof
	verdict   Verdict
	data      *daticert.Data
	message   *Message
}

func (r *Report) found() seal {
	return seal{r.Kind, r.Path, r.Certified, r.Proves, r.Verdict, r.Data, r.Message}
}

// close seals a report that is complete.
func (r *Report) close() {
	s := r.found()
	r.seal = &s
}

// Verified reports whether [Verify] made the report, and its kind, outcome,
// data and message are those that Verify put there. It does not say that the
// message is certified: Certified does. A program that acts on reports it is
// given asks this first, since anybody can write a Report with Certified set.
// What Data and Message point to is not to be changed, and is not compared.
func (r *Report) Verified() bool {
	return r != nil && r.seal != nil && *r.seal == r.found()
}
