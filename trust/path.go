package trust

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"slices"

	"github.com/gopec/gopec/internal/certsig"
)

// Bounds of the search for paths in one call of Verify. The bag is written by
// whoever sends the message; the search must stay short whatever is in it.
const (
	maxIntermediates = 4   // between the signer and the anchor; PEC uses none or one
	maxBag           = 64  // certificates of the bag that are looked at
	maxChecks        = 48  // signatures that are computed
	maxVisits        = 256 // certificates that are considered as issuers
	maxPaths         = 8   // paths that are judged, of one candidate
)

// node is one certificate with what the search needs of it.
type node struct {
	*x509.Certificate
	*facts
}

// facts are what is read from a certificate's DER; equal DER has equal facts,
// so a store keeps those of certificates that were part of a path.
type facts struct {
	hash         hash
	kept         bool // by the store
	keyHash      hash
	subject      name
	issuer       name
	algorithm    certsig.Algorithm // of the signature
	names        subjectNames
	namesErr     error
	profile      []Finding // as a signer's; nil until it was part of a path
	problem      string    // why it may not issue others, as a code; "" if it may
	problemFacts []string
}

// node prepares a certificate; ok is false if its DER cannot be read.
func (s *Store) node(c *x509.Certificate) (*node, bool) {
	if c == nil {
		return nil, false
	}
	f, ok := s.read.Get(c.Raw)
	if !ok {
		f, ok = readFacts(c, s.purpose)
	}
	return &node{Certificate: c, facts: f}, ok
}

func readFacts(c *x509.Certificate, purpose x509.ExtKeyUsage) (*facts, bool) {
	outer, err := certsig.Read(c.Raw)
	if err != nil {
		return nil, false
	}
	f := &facts{hash: sha256.Sum256(c.Raw), keyHash: sha256.Sum256(c.RawSubjectPublicKeyInfo), algorithm: outer.Algorithm}
	if f.issuer, err = parseName(c.RawIssuer); err != nil {
		return nil, false
	}
	if f.subject, err = parseName(c.RawSubject); err != nil {
		return nil, false
	}
	f.names, f.namesErr = namesOf(c, f.subject)
	f.problem, f.problemFacts = issuerProblem(c, purpose)
	return f, true
}

// selfIssued certificates do not count for path lengths, and constraints do
// not apply to them below the end of a path.
func (n *node) selfIssued() bool { return n.subject.equal(n.issuer) }

// path is a signer, the certificates above it, and an anchor above those.
type path struct {
	nodes  []*node
	anchor *anchor
}

// search finds paths. It belongs to one call of Verify.
type search struct {
	store  *Store
	bag    []*node
	checks int // signatures computed so far
	visits int
	wrong  map[link]bool // signatures found wrong in this search
	full   bool          // a bound was reached

	// Of the candidate at hand.
	paths   []path
	refusal Finding // why the path that came furthest went no further
	rank    int
}

// find returns the paths of a candidate.
func (s *search) find(signer *node) []path {
	s.paths, s.refusal, s.rank = nil, Finding{}, 0
	s.extend([]*node{signer})
	return s.paths
}

// extend looks for what issued the last certificate of a chain.
func (s *search) extend(chain []*node) {
	top := chain[len(chain)-1]
	switch top.algorithm.Scheme {
	case certsig.Never:
		s.refuse(5, finding(Fail, CodePathNeverAlgorithm, top.subject.commonName(), top.algorithm.Name))
		return
	case certsig.Unknown:
		s.refuse(4, finding(Fail, CodePathAlgorithm, top.subject.commonName(), top.algorithm.Name))
		return
	}
	for _, a := range s.store.anchors {
		if len(s.paths) >= maxPaths {
			return
		}
		if !a.subject.equal(top.issuer) || a.authority != nil && len(chain) > 1 {
			continue
		}
		switch {
		case !s.verifies(top, a.key, a.keyHash):
			s.refuse(1, finding(Fail, CodePathForged, a.title))
		case a.pathLen >= 0 && counted(chain[1:]) > a.pathLen:
			s.refuse(3, finding(Fail, CodePathLength, a.title, itoa(a.pathLen)))
		default:
			s.paths = append(s.paths, path{nodes: slices.Clone(chain), anchor: a})
		}
	}
	if s.store.direct || len(chain) > maxIntermediates {
		return
	}
	var issuer *node // the first that led to an anchor
	for _, n := range s.issuers(top) {
		// Nobody else has a key under which the same signature verifies;
		// there may be several certificates over the one key.
		if issuer != nil && n.keyHash != issuer.keyHash {
			continue
		}
		if s.visits++; s.visits > maxVisits {
			s.full = true
			return
		}
		if len(s.paths) >= maxPaths {
			return
		}
		found := len(s.paths)
		s.step(chain, n)
		if issuer == nil && len(s.paths) > found {
			issuer = n
		}
	}
}

// step puts one certificate of the bag on top of a chain, if it belongs there.
func (s *search) step(chain []*node, n *node) {
	again := slices.ContainsFunc(chain, func(c *node) bool { return c.keyHash == n.keyHash && c.subject.equal(n.subject) })
	isAnchor := slices.ContainsFunc(s.store.anchors, func(a *anchor) bool { return a.certificate != nil && a.hash == n.hash })
	if again || isAnchor {
		return
	}
	if code, _ := keyProblem(n.PublicKey); code != "" {
		return // no arithmetic with such a key
	}
	if !s.verifies(chain[len(chain)-1], n.PublicKey, n.keyHash) {
		return
	}
	if n.problem != "" {
		s.refuse(3, finding(Fail, n.problem, append([]string{n.subject.commonName()}, n.problemFacts...)...))
		return
	}
	if limit := pathLenOf(n.Certificate); limit >= 0 && counted(chain[1:]) > limit {
		s.refuse(3, finding(Fail, CodePathLength, n.subject.commonName(), itoa(limit)))
		return
	}
	s.extend(append(slices.Clone(chain), n))
}

// issuers returns the certificates of the bag that have the name of what
// issued n, those first whose key identifier it names.
func (s *search) issuers(n *node) []*node {
	var out []*node
	for _, c := range s.bag {
		if c.hash != n.hash && len(n.issuer) > 0 && c.subject.equal(n.issuer) {
			out = append(out, c)
		}
	}
	named := func(c *node) int {
		if len(n.AuthorityKeyId) > 0 && bytes.Equal(n.AuthorityKeyId, c.SubjectKeyId) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(out, func(a, b *node) int { return named(a) - named(b) })
	return out
}

// verifies checks a certificate's signature under a key, remembering both
// outcomes for this search and the good one for all later ones.
func (s *search) verifies(n *node, key crypto.PublicKey, keyHash hash) bool {
	l := link{n.hash, keyHash}
	if _, ok := s.store.links.get(l); ok {
		return true
	}
	if s.wrong[l] {
		return false
	}
	if s.checks >= maxChecks {
		s.full = true
		return false
	}
	s.checks++
	if outer, err := certsig.Read(n.Raw); err == nil && outer.Verify(key) {
		s.store.links.put(l, struct{}{})
		return true
	}
	if s.wrong == nil {
		s.wrong = make(map[link]bool)
	}
	s.wrong[l] = true
	return false
}

// refuse notes why a path ends; the reason that came furthest stays.
func (s *search) refuse(rank int, f Finding) {
	if rank > s.rank {
		s.rank, s.refusal = rank, f
	}
}

// counted is the number of intermediates that count for pathLenConstraint.
func counted(above []*node) int {
	count := 0
	for _, n := range above {
		if !n.selfIssued() {
			count++
		}
	}
	return count
}
