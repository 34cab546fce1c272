package trust

import (
	"crypto/x509"
	"slices"
	"strings"
	"time"
)

// TimestampStore is the set of anchors under which time-stamp authorities are
// believed: the caller's and no others. It is a type of its own, so that no
// authority of PEC is ever believed about time because it is believed about
// mail, nor the other way round. It is safe for concurrent use.
type TimestampStore struct{ store *Store }

// NewTimestampStore returns a store that believes the given authorities. The
// rules for an anchor are those of NewStore, but for its extended key usage:
// where there is one, it has to allow time-stamps.
func NewTimestampStore(anchors ...*x509.Certificate) (*TimestampStore, error) {
	if len(anchors) == 0 {
		return nil, ErrNoAnchors
	}
	s := &Store{purpose: x509.ExtKeyUsageTimeStamping}
	for _, c := range anchors {
		a, err := newAnchor(c, s.purpose)
		if err != nil {
			return nil, err
		}
		s.anchors = append(s.anchors, a)
	}
	return &TimestampStore{s}, nil
}

// Verify judges candidates for the signer of a time-stamp at the time of the
// stamp, within the bounds of [Store.Verify]. Path, Validity, Key, Algorithms and
// Constraints are judged as there; Profile is that of a time-stamp authority;
// Policy and Provider, which are matters of PEC, are skipped.
//
// spec: RFC 3161 §2.3, RFC 5280 §6.1
func (t *TimestampStore) Verify(candidates, bag []*x509.Certificate, at time.Time) *Result {
	v := &verification{Store: t.store, at: at, search: search{store: t.store, wrong: make(map[link]bool)}}
	v.search.bag = t.store.nodes(bag)
	var best *Result
	for _, c := range candidates[:min(len(candidates), maxCandidates)] {
		if c == nil {
			continue
		}
		if r := v.timestampCandidate(c); r.betterThan(best) {
			best = r
		}
	}
	if best == nil {
		best = v.without(CodePathNoCandidate)
	}
	return best
}

// timestampCandidate judges one certificate: the best of its paths.
func (v *verification) timestampCandidate(c *x509.Certificate) *Result {
	n, ok := v.node(c)
	if !ok {
		r := v.without(CodePathUnreadable)
		r.Signer, r.Chain = c, []*x509.Certificate{c}
		return r
	}
	var best *Result
	for _, p := range v.search.find(n) {
		if r := v.judgeTimestamp(p); r.betterThan(best) {
			best = r
		}
	}
	if best == nil {
		best = v.noPath(n)
		best.Profile = timestampProfile(c)
	}
	return best
}

// judgeTimestamp says everything about a time-stamp authority with a path.
func (v *verification) judgeTimestamp(p path) *Result {
	signer := p.nodes[0]
	r := &Result{
		Signer:     signer.Certificate,
		Anchor:     p.anchor.title,
		Path:       finding(Pass, CodePathFound, p.anchor.title),
		Links:      links(p, nil),
		Profile:    timestampProfile(signer.Certificate),
		Policy:     finding(Skip, CodePolicyNotRequired, p.anchor.title),
		Provider:   finding(Skip, CodeProviderUnconstrained, p.anchor.title),
		Validity:   v.validity(p, nil),
		Key:        keyFinding(signer),
		Algorithms: ages(p),
	}
	for _, n := range p.nodes {
		r.Chain = append(r.Chain, n.Certificate)
		v.keep(n)
	}
	if p.anchor.hash != signer.hash {
		r.Chain = append(r.Chain, p.anchor.certificate)
	}
	levels, f := v.levels(p, nil)
	if f == nil {
		f = conform(p, levels)
	}
	r.Constraints = *f
	return r
}

// timestampProfile judges the certificate of a time-stamp authority by itself.
func timestampProfile(c *x509.Certificate) []Finding {
	authority := finding(Pass, CodeProfileNotCA)
	if c.IsCA {
		authority = finding(Fail, CodeProfileCA)
	}
	return []Finding{timestampPurpose(c), timestampKeyUsage(c), authority, timestampExtensions(c)}
}

// timestampPurpose wants timeStamping present, critical and alone.
//
// spec: RFC 3161 §2.3
func timestampPurpose(c *x509.Certificate) Finding {
	count := len(c.ExtKeyUsage) + len(c.UnknownExtKeyUsage)
	switch {
	case extension(c, oidExtendedKeyUsage) == nil:
		return finding(Fail, CodeTimestampPurposeAbsent)
	case !slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageTimeStamping):
		return finding(Fail, CodeTimestampPurposeOther)
	case count > 1:
		return finding(Fail, CodeTimestampPurposeSeveral)
	case !isCritical(c, oidExtendedKeyUsage):
		return finding(Fail, CodeTimestampPurposeNotCritical)
	}
	return finding(Pass, CodeTimestampPurpose)
}

// timestampKeyUsage wants digitalSignature, contentCommitment or both, and
// nothing else, as OpenSSL does: a key that also does something else could be
// made to sign what looks like a stamp. RFC 3161 itself is silent.
func timestampKeyUsage(c *x509.Certificate) Finding {
	const signatures = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
	switch {
	case extension(c, oidKeyUsage) == nil:
		return finding(Pass, CodeTimestampKeyUsageAbsent)
	case c.KeyUsage&signatures == 0 || c.KeyUsage&^signatures != 0:
		return finding(Fail, CodeTimestampKeyUsageOther)
	}
	return finding(Pass, CodeTimestampKeyUsage)
}

func timestampExtensions(c *x509.Certificate) Finding {
	var unknown []string
	for _, e := range c.Extensions {
		if e.Critical && !slices.ContainsFunc(signerCritical, e.Id.Equal) && !slices.ContainsFunc(signerKnown, e.Id.Equal) {
			unknown = append(unknown, e.Id.String())
		}
	}
	if len(unknown) > 0 {
		return finding(Fail, CodeProfileCriticalUnknown, cut(strings.Join(unknown, ", "), maxShown))
	}
	return finding(Pass, CodeProfileExtensions)
}
