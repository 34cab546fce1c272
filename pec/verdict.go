package pec

import "github.com/gopec/gopec/receipt"

// row is a row of the verdict table of docs/verdicts.md. The lowest row among the
// failed checks decides. Rows 11 and 14 have several outcomes each.
type row uint8

const (
	rowNone         row = iota // 16: nothing failed
	row2                       // no signature
	row3                       // signature missing, cut off or malformed
	row4                       // algorithm never accepted
	row5                       // digest differs
	row6                       // no certificate for the signer
	row7                       // signature value wrong
	row8                       // no path to an anchor
	row9                       // profile, policy, constraints, provider
	row10                      // revoked
	row11NotYet                // certified time before the certificate's validity
	row11Expired               // certified time after it
	row12                      // given time or now outside the validity
	row13                      // algorithms too old for a time nobody else vouches for
	row14Expired               // strict: expired since
	row14Digest                // strict: SHA-1 digest
	row14Revocation            // strict: no revocation data
	row15                      // a PEC check failed
)

// outcome gives verdict and sub-indication of a row.
//
// spec: ETSI EN 319 102-1 §5.1.3, table 5 and 6
func (r row) outcome() (Verdict, SubIndication) {
	switch r {
	case row2:
		return "", ""
	case row3:
		return TotalFailed, FormatFailure
	case row4:
		return Indeterminate, CryptoConstraintsFailure
	case row5:
		return TotalFailed, HashFailure
	case row6:
		return Indeterminate, NoSigningCertificateFound
	case row7:
		return TotalFailed, SigCryptoFailure
	case row8:
		return Indeterminate, NoCertificateChainFound
	case row9:
		return Indeterminate, ChainConstraintsFailure
	case row10:
		return TotalFailed, Revoked
	case row11NotYet:
		return TotalFailed, NotYetValid
	case row11Expired:
		return TotalFailed, Expired
	case row12, row14Expired:
		return Indeterminate, OutOfBoundsNoPOE
	case row13, row14Digest:
		return Indeterminate, CryptoConstraintsFailureNoPOE
	case row14Revocation:
		return Indeterminate, TryLater
	case row15:
		return Indeterminate, SigConstraintsFailure
	}
	return TotalPassed, ""
}

// decide sets the verdict from the failed checks, and what the message proves.
func (r *Report) decide() {
	first := rowNone
	for _, f := range r.findings {
		if f.status == Fail && (first == rowNone || f.row < first) {
			first = f.row
		}
	}
	r.Verdict, r.SubIndication = first.outcome()
	r.Certified = r.Verdict == TotalPassed && r.Kind.Certifies()
	r.Proves = ProvesNothing
	if r.Certified {
		r.Proves = r.proof()
	}
}

// proof says what a certified message of this kind proves.
func (r *Report) proof() Proof {
	switch r.Kind {
	case KindTransport:
		return ProvesSent
	case KindAcceptance:
		return ProvesAccepted
	case KindNonAcceptance:
		return ProvesRefused
	case KindTakingInCharge:
		return ProvesTaken
	case KindDelivery:
		return ProvesDelivered
	case KindDeliveryError:
		return ProvesNotDelivered
	case KindVirusDetection:
		return ProvesVirus
	case KindTimeout:
		return r.timeoutProof()
	}
	return ProvesNothing
}

func (r *Report) timeoutProof() Proof {
	switch r.timeout {
	case receipt.TimeoutLate:
		return ProvesLate
	case receipt.TimeoutExpired:
		return ProvesExpired
	}
	return ProvesLateOrExpired
}
