// Package trust says which signers are believed, and when.
//
// It holds the authorities of the PEC circuit as facts ([AgID]), takes the
// caller's own ([NewStore]), and judges one signer's certificate at one time
// ([Store.Verify]): path, certificate profile, name constraints, provider,
// validity and the age of the algorithms. crypto/x509 parses certificates; the
// path, its signatures and its constraints are judged here, because crypto/x509
// ignores constraints that are not critical and refuses certificates that PEC
// has to read (docs/decisions).
//
// What is not checked: revocation (package trust/revocation, from the Links of a
// Result), the list of accredited providers on a day,
// and whether the address is the From of the message. A provider that is named
// in the authority's constraints is one whom the authority may certify, not one
// that was accredited that day.
//
// Nothing here touches the network, and nothing is believed because the
// system's certificate pool has it. A Store is safe for concurrent use. The
// bag of certificates may be hostile: one call of Verify computes at most 48
// signatures, none with an RSA key above 8192 bits, and looks at the first 64
// certificates of the bag and the first 32 candidates.
//
// spec: RFC 6109 §5.5, RFC 5280 §4.2.1.10, §6.1, §7.1, RFC 8550
package trust

import (
	"crypto/x509"
	"slices"
	"sync"
	"time"

	"github.com/gopec/gopec/internal/recent"
)

// Store is a set of anchors. It remembers signatures that verified, and of paths
// what follows from their certificates alone, up to 2,048 of each, and what is
// written in certificates that had a path, up to 512. It is safe for concurrent
// use.
type Store struct {
	anchors []*anchor
	// direct: no anchor allows intermediates, so none are looked for.
	direct bool
	// purpose of the paths: mail, or for a TimestampStore time-stamps.
	purpose x509.ExtKeyUsage

	links  cache[link, struct{}]
	read   recent.Cache[*facts]      // by the DER of certificates in paths
	limits cache[hash, *constraints] // of those that constrain a path
	stands cache[pathKey, *standing] // of paths
}

// AgID returns the built-in store: AgID CA1, the authority of the PEC circuit
// since 2017, and DigitPA CA1 before it (2011 to 2018). Every call returns the
// same store.
func AgID() *Store { return builtInStore() }

var builtInStore = sync.OnceValue(func() *Store { return newStore([]*authority{agid(), digitPA()}, nil) })

// NewStore returns a store that believes the given authorities, and AgID's
// only if withAgID is set. An intermediate authority is an anchor like any
// other: nothing above it is asked for. A signer's own certificate is not, since
// it is no authority, and neither is a certificate of version 1, which cannot
// say that it is one. A certificate that cannot be an anchor is an
// *AnchorError that names it; none at all is ErrNoAnchors.
func NewStore(withAgID bool, anchors ...*x509.Certificate) (*Store, error) {
	var authorities []*authority
	if withAgID {
		authorities = []*authority{agid(), digitPA()}
	}
	if len(authorities)+len(anchors) == 0 {
		return nil, ErrNoAnchors
	}
	own := make([]*anchor, len(anchors))
	for i, c := range anchors {
		a, err := newAnchor(c, x509.ExtKeyUsageEmailProtection)
		if err != nil {
			return nil, err
		}
		own[i] = a
	}
	return newStore(authorities, own), nil
}

func newStore(authorities []*authority, own []*anchor) *Store {
	s := &Store{direct: len(own) == 0, purpose: x509.ExtKeyUsageEmailProtection}
	for _, a := range authorities {
		s.anchors = append(s.anchors, builtIn(a))
	}
	s.anchors = append(s.anchors, own...)
	return s
}

// Status is the outcome of one check.
type Status string

const (
	Pass Status = "pass"
	Warn Status = "warn"
	Fail Status = "fail"
	Skip Status = "skip" // not checked, and Code says why
)

// Finding is the outcome of one check. Code is stable, one of those in
// [Codes]; Facts are what the sentence for it needs, in the order given
// there; Detail is that sentence in English. Facts and Detail hold text from
// certificates as it stands there: make it printable before showing it. Facts is
// shared with other results of the store and must not be changed.
type Finding struct {
	Status Status
	Code   string
	Facts  []string
	Detail string
}

// Result is what a store says of one signer. Every finding has a status and a
// code. Without a path, policy, constraints, provider, validity and algorithms
// are skipped with CodeNoPath; profile and key are judged all the same.
type Result struct {
	Signer *x509.Certificate // nil if there was no candidate
	Anchor string            // name of the anchor, "" without a path
	// BuiltIn: the anchor is one of AgID's, not the caller's.
	BuiltIn bool
	// Chain goes from the signer up, as far as certificates were there; the
	// anchor may be a bare key.
	Chain []*x509.Certificate
	// Links are the certificates of the path, each with what issued it, from the
	// signer up; none without a path. The anchor is believed and has no link.
	Links []Link
	// Ignored names certificates of the bag that look like the authority's but
	// were not believed, and why.
	Ignored []string

	Path        Finding   // a path to an anchor (verdict row 8)
	Profile     []Finding // RFC 6109 §5.5, RFC 8550, mailbox name; one for each rule (row 9)
	Policy      Finding   // certificate policy of the built-in anchors (row 9)
	Constraints Finding   // name constraints of the path (row 9)
	Provider    Finding   // named in the authority's constraints (row 9)
	Validity    Finding   // signer and path valid at the time (rows 11 and 12): CodeNotYetValid or CodeExpired if not
	Key         Finding   // key sizes that are never accepted, certificates signed with MD2, MD4 or MD5 (row 4)
	Algorithms  Finding   // RSA 1024 to 2047, SHA-1 certificate signatures; the anchor's own signature does not count (row 13)
}

// findings lists all of them.
func (r *Result) findings() []Finding {
	return append([]Finding{r.Path, r.Policy, r.Constraints, r.Provider, r.Validity, r.Key, r.Algorithms}, r.Profile...)
}

// betterThan reports whether a result comes further than another: a path
// first, then fewer failures, then fewer warnings.
func (r *Result) betterThan(o *Result) bool {
	if o == nil {
		return true
	}
	if a, b := r.Path.Status == Pass, o.Path.Status == Pass; a != b {
		return a
	}
	for _, status := range []Status{Fail, Warn} {
		if a, b := count(r.findings(), status), count(o.findings(), status); a != b {
			return a < b
		}
	}
	return false
}

func count(findings []Finding, status Status) int {
	n := 0
	for _, f := range findings {
		if f.Status == status {
			n++
		}
	}
	return n
}

// maxCandidates bounds the certificates tried as the signer's. A signature
// names its signer, so there is nearly always one.
const maxCandidates = 32

// Verify judges candidates for the signer (certificates with one key under
// whose key the signature verified; usually one) at a time, with the
// other certificates of the bag as possible intermediates. It returns the
// result of the candidate that comes furthest, and never nil. The bag may
// hold the candidates too, and its order does not matter.
func (s *Store) Verify(candidates, bag []*x509.Certificate, at time.Time) *Result {
	v := &verification{Store: s, at: at, search: search{store: s}}
	v.search.bag = s.nodes(bag)
	v.acceptAuthorities()

	var best *Result
	for _, c := range candidates[:min(len(candidates), maxCandidates)] {
		if c == nil {
			continue
		}
		if r := v.candidate(c); r.betterThan(best) {
			best = r
		}
	}
	if best == nil {
		best = v.without(CodePathNoCandidate)
	}
	best.Ignored = v.ignored
	return best
}

// nodes prepares the certificates of the bag, each once.
func (s *Store) nodes(bag []*x509.Certificate) []*node {
	bag = bag[:min(len(bag), maxBag)]
	out := make([]*node, 0, len(bag))
	for _, c := range bag {
		n, ok := s.node(c)
		if ok && !slices.ContainsFunc(out, func(o *node) bool { return o.hash == n.hash }) {
			out = append(out, n)
		}
	}
	return out
}
