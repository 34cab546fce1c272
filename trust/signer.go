package trust

import (
	"crypto/x509"
	"time"
)

// VerifySigner judges the signer of something that is no PEC message, such as
// the providers' directory, within the bounds of [Store.Verify]: Path,
// Constraints, Validity, Key and Algorithms as there. Profile asks only that the
// key is for signatures, that the signer is no authority, and that every critical
// extension is known. Policy and Provider are skipped: who under an anchor may
// sign such a thing is not asked, so name anchors that are right for it.
func (s *Store) VerifySigner(candidates, bag []*x509.Certificate, at time.Time) *Result {
	r := s.Verify(candidates, bag, at)
	r.Policy, r.Provider = finding(Skip, CodeSignerAny), finding(Skip, CodeSignerAny)
	if r.Signer == nil {
		return r
	}
	authority := finding(Pass, CodeProfileNotCA)
	if r.Signer.IsCA {
		authority = finding(Fail, CodeProfileCA)
	}
	r.Profile = []Finding{signerKeyUsage(r.Signer), authority, criticalExtensions(r.Signer)}
	return r
}

// signerKeyUsage wants a use of the key that is a signature, or none stated.
//
// spec: RFC 5280 §4.2.1.3, RFC 8550 §4.4.2
func signerKeyUsage(c *x509.Certificate) Finding {
	switch {
	case extension(c, oidKeyUsage) == nil:
		return finding(Pass, CodeSignerKeyUsageAbsent)
	case c.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0:
		return finding(Fail, CodeSignerKeyUsageOther)
	}
	return finding(Pass, CodeSignerKeyUsage)
}
