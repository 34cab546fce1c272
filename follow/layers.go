package follow

import "github.com/gopec/gopec/pec"

// AddAll takes what the layers of a mail state: the mail itself, and the PEC messages
// found inside it, such as a receipt that was forwarded or that an anomaly envelope
// encloses. The outcomes are in that order, each layer before those inside it.
//
// Each layer counts by its own report and by nothing else: what surrounds a certified
// receipt adds nothing to it, and a certified envelope does not make certified what
// it encloses. A message that is found in two mails is one fact. It is not
// what Add does, because it finds messages of others, too: whoever forwards
// receipts brings the state of the messages that they are about.
func (t *Tracker) AddAll(r *pec.Report) []Outcome {
	list := []Outcome{t.Add(r)}
	if !r.Verified() {
		return list // its layers are nobody's
	}
	for _, inner := range r.Layers {
		list = append(list, t.AddAll(inner)...)
	}
	return list
}
