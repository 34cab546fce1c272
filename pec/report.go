package pec

import (
	"fmt"
	"time"

	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/printable"
	"github.com/gopec/gopec/receipt"
	"github.com/gopec/gopec/trust"
	"github.com/gopec/gopec/trust/revocation"
	"github.com/gopec/gopec/trust/timestamp"
	"strings"
)

// Verdict is the outcome of a verification, in the words of ETSI EN 319 102-1.
// The zero value means that no verdict was reached: there is no signature.
type Verdict string

// The verdicts.
const (
	TotalPassed   Verdict = "TOTAL-PASSED"  // authentic
	TotalFailed   Verdict = "TOTAL-FAILED"  // not authentic
	Indeterminate Verdict = "INDETERMINATE" // could not be shown
)

// SubIndication says why a verdict is not TOTAL-PASSED.
type SubIndication string

// The sub-indications.
const (
	FormatFailure                 SubIndication = "FORMAT_FAILURE"
	CryptoConstraintsFailure      SubIndication = "CRYPTO_CONSTRAINTS_FAILURE"
	HashFailure                   SubIndication = "HASH_FAILURE"
	NoSigningCertificateFound     SubIndication = "NO_SIGNING_CERTIFICATE_FOUND"
	SigCryptoFailure              SubIndication = "SIG_CRYPTO_FAILURE"
	NoCertificateChainFound       SubIndication = "NO_CERTIFICATE_CHAIN_FOUND"
	ChainConstraintsFailure       SubIndication = "CHAIN_CONSTRAINTS_FAILURE"
	Revoked                       SubIndication = "REVOKED"
	NotYetValid                   SubIndication = "NOT_YET_VALID"
	Expired                       SubIndication = "EXPIRED"
	OutOfBoundsNoPOE              SubIndication = "OUT_OF_BOUNDS_NO_POE"
	CryptoConstraintsFailureNoPOE SubIndication = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
	TryLater                      SubIndication = "TRY_LATER"
	SigConstraintsFailure         SubIndication = "SIG_CONSTRAINTS_FAILURE"
)

// Proof is what an authentic message proves.
type Proof string

// What a message can prove. A message that is not certified proves nothing,
// and neither does an authentic one of a kind that certifies nothing.
const (
	ProvesNothing       Proof = "nothing"
	ProvesSent          Proof = "sent"            // posta-certificata
	ProvesAccepted      Proof = "accepted"        // accettazione
	ProvesRefused       Proof = "refused"         // non-accettazione
	ProvesTaken         Proof = "taken-in-charge" // presa-in-carico
	ProvesDelivered     Proof = "delivered"       // avvenuta-consegna
	ProvesNotDelivered  Proof = "not-delivered"   // errore-consegna
	ProvesLate          Proof = "late"            // preavviso-errore-consegna at 12 h
	ProvesExpired       Proof = "expired"         // preavviso-errore-consegna at 24 h
	ProvesLateOrExpired Proof = "late-or-expired" // preavviso-errore-consegna when nothing tells
	ProvesVirus         Proof = "virus"           // rilevazione-virus
)

// Status is the outcome of one check.
type Status = trust.Status

// The outcomes of a check. Only Fail takes Certified away.
const (
	Pass = trust.Pass
	Warn = trust.Warn
	Fail = trust.Fail
	Skip = trust.Skip // not checked, and the detail says why
)

// TimeSource says where the reference time comes from.
type TimeSource string

// The sources of a reference time.
const (
	FromDaticert    TimeSource = "daticert"
	FromCaller      TimeSource = "given"
	FromClock       TimeSource = "now"
	FromTimestamp   TimeSource = "timestamp"
	FromSigningTime TimeSource = "signingTime" // untrusted, and reported so
	FromHeader      TimeSource = "header"      // untrusted, and reported so
)

// ReferenceTime is the time at which the signer was judged. Its zone is that
// of daticert.xml.
type ReferenceTime struct {
	Time   time.Time
	Source TimeSource
}

// ProofOfExistence says by what a message is shown to have existed at the
// reference time.
type ProofOfExistence string

// The proofs of existence.
const (
	POENone      ProofOfExistence = "none"
	POEGiven     ProofOfExistence = "given"     // the caller vouches for the time
	POETimestamp ProofOfExistence = "timestamp" // a verified time-stamp
)

// Check is the outcome of one check. ID, Status and Clause are stable; the
// words are not.
type Check struct {
	ID     CheckID
	Status Status
	Clause string // the rule it rests on, such as "RFC 6109 §4.4"
	found  *finding
}

// Detail says what was found, in one sentence. Outside text in it is made
// printable.
func (c Check) Detail(l Lang) string {
	if c.found == nil {
		return ""
	}
	return c.found.detail(l)
}

// showArg makes one argument of a detail fit for showing: every string may be
// outside text.
func showArg(a any, l Lang) any {
	switch v := a.(type) {
	case string:
		return printable.String(v, 200)
	case []string:
		const most = 20 // a header can list a hundred thousand
		var shown []string
		for _, s := range v[:min(len(v), most)] {
			shown = append(shown, printable.String(s, 100))
		}
		if len(v) > most {
			shown = append(shown, fmt.Sprintf("… (+%d)", len(v)-most))
		}
		return strings.Join(shown, ", ")
	case time.Time:
		return v.Format("2006-01-02 15:04:05 -0700")
	case phrase:
		return v.in(l)
	case sentence:
		return v.show(l)
	case sentences:
		return v.show(l)
	case error:
		return printable.String(v.Error(), 300)
	case Kind:
		return string(v)
	}
	return a
}

// Signer is the certificate that signed a message, or is named as having
// done so.
type Signer struct {
	Email        string // the one address of subjectAltName
	CommonName   string
	Organization string
	Issuer       string // distinguished name
	Serial       string // lower-case hex
	SHA256       string // of the certificate, lower-case hex
	NotBefore    time.Time
	NotAfter     time.Time
	Certificate  *x509.Certificate
}

func newSigner(c *x509.Certificate) *Signer {
	sum := sha256.Sum256(c.Raw)
	first := func(s []string) string {
		if len(s) == 0 {
			return ""
		}
		return s[0]
	}
	return &Signer{
		Email: trust.Address(c), CommonName: c.Subject.CommonName, Organization: first(c.Subject.Organization),
		Issuer: c.Issuer.String(), Serial: c.SerialNumber.Text(16), SHA256: hex.EncodeToString(sum[:]),
		NotBefore: c.NotBefore.UTC(), NotAfter: c.NotAfter.UTC(), Certificate: c,
	}
}

// Report is all that a verification found about one layer. [Report.Checks] lists
// every check, whatever its outcome.
type Report struct {
	Kind          Kind
	Path          string // MIME position of an inner layer, "" for the message
	Certified     bool   // TotalPassed, and of a kind that certifies
	Proves        Proof  // ProvesNothing unless Certified
	Verdict       Verdict
	SubIndication SubIndication // "" for TotalPassed, and without a verdict

	Policy           Policy
	ProofOfExistence ProofOfExistence
	ReferenceTime    ReferenceTime // zero without a signature
	Signer           *Signer       // nil if the signature has no certificate for its signer
	// Chain is the path that was verified, from the signer up. Its certificates are
	// shared between reports, like all that crypto/x509 hands out: they must not
	// be changed.
	Chain []*x509.Certificate
	// Links are the certificates of the verified path, each with its issuer, from
	// the signer up: what revocation data are asked about. None without a path.
	Links []trust.Link
	// Revocation has an answer for each certificate of the path, from the signer
	// up, with the evidence it rests on; none if no data were given or there is no
	// path.
	Revocation []*revocation.Answer
	// Timestamps has a result for each time-stamp given, in that order. They are over
	// the message file, so that every layer has the same. Nil if nothing is signed.
	Timestamps []*timestamp.Result

	// Data is the certification data, read from the form of the bytes that has
	// the signed digest. It is certified if Certified is set.
	Data *daticert.Data
	// Layers are the reports of the inner layers, in order. What one layer
	// certifies says nothing of another.
	Layers []*Report

	// Message is the layer that was verified.
	Message *Message

	findings []*finding // one for each of checks; nil where none was made yet
	timeout  receipt.Timeout
	seal     *seal
}

// Checks returns every check that was made, in the order of the function Checks:
// all of them in a report that [Verify] made.
func (r *Report) Checks() []Check {
	out := make([]Check, 0, len(r.findings))
	for i, f := range r.findings {
		if f != nil {
			out = append(out, f.check(i))
		}
	}
	return out
}

// Check returns the outcome of one check, the zero Check if it was not made.
func (r *Report) Check(id CheckID) Check {
	if i, ok := position[id]; ok && i < len(r.findings) && r.findings[i] != nil {
		return r.findings[i].check(i)
	}
	return Check{}
}

// Failures returns the failed checks; Warnings those that need attention.
func (r *Report) Failures() []Check { return r.with(Fail) }

// Warnings returns the checks whose outcome needs attention.
func (r *Report) Warnings() []Check { return r.with(Warn) }

func (r *Report) with(s Status) []Check {
	var out []Check
	for i, f := range r.findings {
		if f != nil && f.status == s {
			out = append(out, f.check(i))
		}
	}
	return out
}

// NotCertifiedError says that a message is not certified. The report is
// complete.
type NotCertifiedError struct{ Report *Report }

// Error gives kind and verdict, and the first failed check.
func (e *NotCertifiedError) Error() string {
	r := e.Report
	var b strings.Builder
	fmt.Fprintf(&b, "pec: not certified: %s", r.Kind)
	if r.Verdict != "" {
		fmt.Fprintf(&b, ", %s", r.Verdict)
	}
	if r.SubIndication != "" {
		fmt.Fprintf(&b, "/%s", r.SubIndication)
	}
	for _, c := range r.Failures() {
		fmt.Fprintf(&b, ": %s", c.Detail(English))
		break
	}
	return b.String()
}
