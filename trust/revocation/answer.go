package revocation

import (
	"crypto/sha256"
	"crypto/x509"
	"strconv"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/cryptobyte"

	"github.com/gopec/gopec/trust"
)

// State is what is known of one certificate at the reference time. Unknown is
// a value: without evidence that covers the time it is NotChecked, never Good.
type State string

// The states, the worst last.
const (
	NotChecked   State = "not-checked"
	Good         State = "good"
	RevokedLater State = "revoked-later" // revoked or suspended after the reference time
	OnHold       State = "on-hold"       // suspended at the reference time
	Revoked      State = "revoked"       // at the reference time, or as from before it
)

// Answer is what the evidence says of one certificate. It must not be changed.
type Answer struct {
	Link  trust.Link
	State State
	// Weak: Good or RevokedLater, but only by evidence signed with SHA-1 or RSA
	// below 2048 bits.
	Weak bool
	// Findings begin with the one that decides; those after it tell what else is
	// to be known: evidence that contradicts, and evidence that could not be used.
	// For NotChecked there is one for each reason.
	Findings []trust.Finding
	// Used is the verified evidence about the certificate, what decides first.
	// Evidence that was not used is not in it.
	Used []*Evidence
}

// Kind tells a list from a response.
type Kind string

// The kinds of evidence.
const (
	CRL  Kind = "crl"
	OCSP Kind = "ocsp"
)

// Status is what one piece of evidence says of a certificate.
type Status string

// The statuses. A certificate that is not on a list is good by it.
const (
	StatusGood    Status = "good"
	StatusRevoked Status = "revoked" // also a suspension: see Reason
	StatusUnknown Status = "unknown" // the responder does not know the certificate
)

// Evidence is one list or response whose signature was verified, and what it
// says of the certificate at hand. Strings and certificates in it are outside
// text.
type Evidence struct {
	Name   string // as given
	Kind   Kind
	SHA256 [sha256.Size]byte // of DER
	DER    []byte            // not to be changed
	Issuer string            // name of whoever signed
	// Signer is the certificate of an appointed signer; nil if the issuer's own
	// key signed.
	Signer     *x509.Certificate
	ThisUpdate time.Time
	NextUpdate time.Time // zero if it does not say
	ProducedAt time.Time // of a response; zero for a list
	// Nonce is a response's, nil without one. It proves nothing here: the
	// question that had it is not known.
	Nonce []byte

	Status         Status
	RevokedAt      time.Time
	Reason         Reason
	InvalidityDate time.Time // zero if it does not say

	weak bool
}

// label names evidence in a sentence, short enough for its time to be seen there.
func (e *Evidence) label() string {
	return ending(e.Name, maxLabel) + " (" + ending(e.Issuer, maxLabel) + ", " + stamp(e.ThisUpdate) + ")"
}

// maxLabel bounds the names of a file and of a signer in a label, in bytes.
const maxLabel = 70

// ending returns the end of a name that is too long: of a path that is the file.
func ending(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	i := len(s) - limit
	for i < len(s) && !utf8.RuneStart(s[i]) {
		i++
	}
	return "…" + s[i:]
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Reason is why a certificate was revoked.
//
// spec: RFC 5280 §5.3.1
type Reason int

// The reasons. Number 7 does not exist.
const (
	ReasonUnspecified          Reason = 0 // also: none is given
	ReasonKeyCompromise        Reason = 1
	ReasonCACompromise         Reason = 2
	ReasonAffiliationChanged   Reason = 3
	ReasonSuperseded           Reason = 4
	ReasonCessationOfOperation Reason = 5
	ReasonCertificateHold      Reason = 6
	ReasonRemoveFromCRL        Reason = 8
	ReasonPrivilegeWithdrawn   Reason = 9
	ReasonAACompromise         Reason = 10
)

var reasonNames = map[Reason]string{
	ReasonUnspecified: "unspecified", ReasonKeyCompromise: "keyCompromise", ReasonCACompromise: "cACompromise",
	ReasonAffiliationChanged: "affiliationChanged", ReasonSuperseded: "superseded",
	ReasonCessationOfOperation: "cessationOfOperation", ReasonCertificateHold: "certificateHold",
	ReasonRemoveFromCRL: "removeFromCRL", ReasonPrivilegeWithdrawn: "privilegeWithdrawn", ReasonAACompromise: "aACompromise",
}

// String is the name that RFC 5280 gives the reason.
func (r Reason) String() string {
	if n, ok := reasonNames[r]; ok {
		return n
	}
	return "reason " + strconv.Itoa(int(r))
}

// read reads CRLReason. A number that RFC 5280 does not have is kept: the
// certificate is revoked whatever the reason.
func (r *Reason) read(in cryptobyte.String) bool {
	var n int
	if !in.ReadASN1Enum(&n) || !in.Empty() || n < 0 || n > 127 {
		return false
	}
	*r = Reason(n)
	return true
}

// compromise reports whether a reason says that somebody else had a key, or
// does not rule it out.
func (r Reason) compromise() bool {
	switch r {
	case ReasonAffiliationChanged, ReasonSuperseded, ReasonCessationOfOperation, ReasonPrivilegeWithdrawn:
		return false
	}
	return true
}

// saysCompromise reports reasons that name a compromise.
func (r Reason) saysCompromise() bool {
	return r == ReasonKeyCompromise || r == ReasonCACompromise || r == ReasonAACompromise
}
