// Package trust says which signers are believed, and when.
//
// It holds the authorities of the PEC circuit as facts ([AgID]), takes the
// caller's own ([NewStore]), and judges one signer's certificate at one time:
// path, certificate profile, name constraints, provider, validity and the age
// of the algorithms. crypto/x509 parses certificates and checks single
// signatures; the path and its constraints are judged here, because
// crypto/x509 ignores constraints that are not critical and refuses
// certificates that PEC has to read (docs/decisions).
//
// Nothing here touches the network, and nothing is believed because the
// system's certificate pool has it. A Store is safe for concurrent use.
//
// spec: RFC 6109 §5.5, RFC 5280 §4.2.1.10, §6.1, §7.1, RFC 8550
package trust

import (
	"crypto/x509"
	"errors"
	"time"
)

// ErrNoAnchors is returned for a Store that would believe nobody.
var ErrNoAnchors = errors.New("trust: no anchors")

// Store is a set of anchors.
type Store struct {
	// TODO
}

// AgID returns the built-in store: AgID CA1, the authority of the PEC circuit
// since 2017, and DigitPA CA1 before it (2011 to 2018).
func AgID() *Store { panic("todo") }

// NewStore returns a store that believes the given authorities, and AgID's
// only if withAgID is set. A certificate that is no CA, or that cannot be
// used, is an error that names it; none at all is ErrNoAnchors.
func NewStore(withAgID bool, anchors ...*x509.Certificate) (*Store, error) { panic("todo") }

// Status is the outcome of one check.
type Status string

const (
	Pass Status = "pass"
	Warn Status = "warn"
	Fail Status = "fail"
	Skip Status = "skip" // not checked, and Code says why
)

// Finding is the outcome of one check. Code is stable, one of those in
// codes.go; Facts are what the sentence for it needs, in the order given
// there; Detail is that sentence in English.
type Finding struct {
	Status Status
	Code   string
	Facts  []string
	Detail string
}

// Result is what a store says of one signer.
type Result struct {
	Signer *x509.Certificate
	Anchor string              // name of the anchor, "" without a path
	Chain  []*x509.Certificate // from the signer up, as far as certificates were there; the anchor may be a bare key
	// Ignored names certificates of the bag that look like the authority's but
	// were not believed, and why.
	Ignored []string

	Path        Finding   // a path to an anchor (verdict row 8)
	Profile     []Finding // RFC 6109 §5.5, RFC 8550, mailbox name; one or more (row 9)
	Policy      Finding   // certificate policy of the built-in anchors (row 9)
	Constraints Finding   // name constraints of the path (row 9)
	Provider    Finding   // named in the authority's constraints (row 9)
	Validity    Finding   // signer and path valid at the time (rows 11 and 12); code tells not-yet-valid from expired
	Key         Finding   // key sizes that are never accepted (row 4)
	Algorithms  Finding   // RSA 1024 to 2047, SHA-1 certificate signatures (row 13)
}

// Verify judges candidates for the signer (certificates with one key under
// whose key the signature verified; usually one) at a time, with the
// other certificates of the bag as possible intermediates. It returns the
// result of the candidate that comes furthest.
func (s *Store) Verify(candidates, bag []*x509.Certificate, at time.Time) *Result { panic("todo") }

// Address returns the one rfc822Name of a certificate's subjectAltName, ""
// if there is not exactly one.
func Address(c *x509.Certificate) string { panic("todo") }
