package pec

import (
	"github.com/gopec/gopec/internal/cms"
	"github.com/gopec/gopec/internal/recent"
	"github.com/gopec/gopec/trust"
)

// signers has what a report shows of the signers whose path was verified, by
// the DER of their certificates. There are some dozens of them in all of PEC.
var signers recent.Cache[Signer]

// signer returns what a report shows of the certificate that trust has judged.
// Each report has a Signer of its own.
func (v *verifier) signer() *Signer {
	c := v.trust.Signer
	s, ok := signers.Get(c.Raw)
	if !ok {
		s = *newSigner(c)
		v.rememberPath(s)
	}
	s.Certificate = c
	return &s
}

// rememberPath keeps what was read from certificates that have a path; never
// that they have one.
func (v *verifier) rememberPath(s Signer) {
	if v.trust.Path.Status == trust.Pass {
		cms.Remember(v.trust.Chain)
		s.Certificate = nil // it refers to its message
		signers.Put(v.trust.Signer.Raw, s)
	}
}
