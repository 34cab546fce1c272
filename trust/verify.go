package trust

import (
	"crypto/x509"
	"encoding/hex"
	"strings"
	"time"

	"github.com/gopec/gopec/internal/certsig"
)

// verification is one call of Verify.
type verification struct {
	*Store
	at      time.Time
	search  search
	carried map[*authority][]*carried
	ignored []string
}

// carried is a certificate of a built-in authority that came along and is
// believed to be one.
type carried struct {
	*node
	constraints *constraints
	err         error // its constraints cannot be read
}

func (c *carried) generation() generation {
	return generation{notBefore: c.NotBefore.UTC(), notAfter: c.NotAfter.UTC(), constraints: c.constraints}
}

// acceptAuthorities looks for certificates of the built-in authorities in the
// bag. Their key is believed anyway; what such a certificate adds is
// constraints, so one is believed only if it is known, or if the authority
// above signed it. Anybody can make a certificate with that name and that key.
func (v *verification) acceptAuthorities() {
	for _, anchor := range v.anchors {
		a := anchor.authority
		if a == nil {
			continue
		}
		for _, n := range v.search.bag {
			sameKey, sameName := n.keyHash == a.keyHash, n.subject.equal(a.subject)
			if !sameKey && !sameName {
				continue
			}
			switch g, known := a.known(n.hash); {
			case known:
				v.carry(a, &carried{node: n, constraints: g.constraints})
			case !sameKey:
				v.ignore(n, "it bears the name of "+a.title+" and has another key")
			case !sameName:
				v.ignore(n, "it has the key of "+a.title+" under another name")
			case n.problem != "":
				v.ignore(n, Sentence(n.problem, append([]string{n.subject.commonName()}, n.problemFacts...)))
			case !v.signedByParent(n, a):
				v.ignore(n, "it is no known certificate of "+a.title+", and "+a.parent.commonName()+" did not sign it")
			default:
				limits, err := v.limitsOf(n)
				v.carry(a, &carried{node: n, constraints: limits, err: err})
			}
		}
	}
}

func (v *verification) carry(a *authority, c *carried) {
	if v.carried == nil {
		v.carried = make(map[*authority][]*carried)
	}
	v.carried[a] = append(v.carried[a], c)
}

func (v *verification) ignore(n *node, why string) {
	v.ignored = append(v.ignored, n.subject.commonName()+" (SHA-256 "+hex.EncodeToString(n.hash[:])+"): "+why)
}

// signedByParent reports whether the authority above signed a certificate. Its
// key is built in, or comes along and has the hash that is built in.
func (v *verification) signedByParent(n *node, a *authority) bool {
	if !n.issuer.equal(a.parent) {
		return false
	}
	if a.parentKey != nil {
		return v.search.verifies(n, a.parentKey, a.parentKeyHash)
	}
	for _, parent := range v.search.bag {
		if parent.keyHash == a.parentKeyHash {
			return v.search.verifies(n, parent.PublicKey, parent.keyHash)
		}
	}
	return false
}

// limitsOf reads the constraints of a certificate, once.
func (v *verification) limitsOf(n *node) (*constraints, error) {
	if c, ok := v.limits.get(n.hash); ok {
		return c, nil
	}
	c, err := constraintsOf(n.Certificate)
	if err == nil {
		v.limits.put(n.hash, c)
	}
	return c, err
}

// candidate judges one certificate: every path it has, and the best of them.
func (v *verification) candidate(c *x509.Certificate) *Result {
	n, ok := v.prepared(c)
	if !ok {
		r := v.without(CodePathUnreadable)
		r.Signer, r.Chain = c, []*x509.Certificate{c}
		r.Profile = []Finding{finding(Fail, CodeProfileNamesUnreadable)}
		return r
	}
	var best *Result
	for _, p := range v.search.find(n) {
		// Which certificate of a built-in authority came along is chance; if
		// there are several, one that the signer fits is enough.
		variants := v.carried[p.anchor.authority]
		if p.anchor.authority == nil || len(variants) == 0 {
			variants = []*carried{nil}
		}
		for _, along := range variants {
			if r := v.judge(p, along); r.betterThan(best) {
				best = r
			}
		}
	}
	if best == nil {
		best = v.noPath(n)
	}
	return best
}

// prepared returns the node of a candidate, which mostly is one of the bag.
func (v *verification) prepared(c *x509.Certificate) (*node, bool) {
	for _, n := range v.search.bag {
		if n.Certificate == c {
			return n, true
		}
	}
	return v.node(c)
}

// judge says everything about a signer with a path.
func (v *verification) judge(p path, along *carried) *Result {
	signer := p.nodes[0]
	s := v.standing(p, along)
	r := &Result{
		Signer:  signer.Certificate,
		Anchor:  p.anchor.title,
		BuiltIn: p.anchor.authority != nil,
		Profile: profile(signer),

		Path: s.path, Policy: s.policy, Constraints: s.constraints,
		Key: s.key, Algorithms: s.algorithms,
		Validity: v.validity(p, along),
	}
	r.Chain = make([]*x509.Certificate, 0, len(p.nodes)+1)
	for _, n := range p.nodes {
		r.Chain = append(r.Chain, n.Certificate)
		v.keep(n)
	}
	r.Links = links(p, along)
	switch {
	case along != nil:
		r.Chain = append(r.Chain, along.Certificate)
		v.keep(along.node)
	case p.anchor.certificate != nil && p.anchor.hash != signer.hash:
		r.Chain = append(r.Chain, p.anchor.certificate)
		v.keepAnchor(p.anchor)
	}
	if r.Provider = s.provider; !s.timeless {
		r.Provider = v.providerThen(p.anchor, signer.names)
	}
	return r
}

// maxKept bounds a certificate that is remembered, in bytes; providers' have
// 2,000.
const maxKept = 16 << 10

// keep remembers what was read from a certificate of a path. Only there: what
// merely comes along is as large and as varied as whoever sends it likes.
func (v *verification) keep(n *node) {
	if !n.kept && len(n.Raw) <= maxKept {
		kept := *n.facts
		kept.kept, kept.profile = true, profile(n)
		v.read.Put(n.Raw, &kept)
	}
}

// keepAnchor remembers what was read from an anchor's certificate that came
// along, as it does with every message of a provider that puts it there.
func (v *verification) keepAnchor(a *anchor) {
	for _, n := range v.search.bag {
		if n.hash == a.hash {
			v.keep(n)
		}
	}
}

// noPath says what can be said of a signer without a path.
func (v *verification) noPath(n *node) *Result {
	r := v.without("")
	r.Signer, r.Chain = n.Certificate, []*x509.Certificate{n.Certificate}
	r.Path = v.whyNot(n)
	r.Profile = profile(n)
	r.Key = keyFinding(n)
	if r.Path.Code == CodePathNeverAlgorithm && r.Key.Status == Pass {
		r.Key = finding(Fail, CodeKeyCertificate, r.Path.Facts...)
	}
	return r
}

// whyNot says why there is no path, in the words that help most.
func (v *verification) whyNot(n *node) Finding {
	s := &v.search
	switch {
	case s.rank > 0:
		return s.refusal
	case s.full:
		return finding(Fail, CodePathLimit, itoa(maxChecks))
	case n.selfIssued():
		return finding(Fail, CodePathSelfSigned, n.subject.String())
	case v.hasAuthorities() && !v.at.IsZero() && v.at.Before(begins()):
		return finding(Fail, CodePathOlder, n.issuer.String(), begins().Format(time.DateOnly))
	}
	return finding(Fail, CodePathNone, n.issuer.String())
}

func (v *verification) hasAuthorities() bool {
	for _, a := range v.anchors {
		if a.authority != nil {
			return true
		}
	}
	return false
}

// without is the result for no path at all, whose path has the given code.
func (v *verification) without(code string) *Result {
	none := finding(Skip, CodeNoPath)
	r := &Result{Policy: none, Constraints: none, Provider: none, Validity: none, Algorithms: none, Key: none}
	if code != "" {
		r.Path = finding(Fail, code)
		r.Profile = []Finding{none}
	}
	return r
}

func keyFinding(n *node) Finding {
	if code, facts := keyProblem(n.PublicKey); code != "" {
		return finding(Fail, code, facts...)
	}
	return finding(Pass, CodeKeyAccepted, certsig.KeyName(n.PublicKey))
}

// validity compares the time with the signer, the authorities between, and
// the anchor, in this order; the first that was not valid is named.
//
// A built-in authority's validity is that of its key: of all certificates over
// it that are known or came along. A certificate of the authority that came
// along but was not valid at the time does not decide, since it is not under
// the message's signature and anybody could have exchanged it; it is a warning.
func (v *verification) validity(p path, along *carried) Finding {
	if v.at.IsZero() {
		return finding(Fail, CodeNoTime)
	}
	at := stamp(v.at)
	for _, n := range p.nodes {
		if code, date := outside(n.NotBefore, n.NotAfter, v.at); code != "" {
			return finding(Fail, code, n.subject.commonName(), stamp(date), at)
		}
	}
	code, date := p.anchor.validAt(v.at)
	alongValid := along != nil && along.generation().validAt(v.at)
	switch {
	case code != "" && !alongValid:
		return finding(Fail, code, p.anchor.title, stamp(date), at)
	case along != nil && !alongValid:
		return finding(Warn, CodeValidOtherAuthority, at, p.anchor.title, along.generation().day())
	}
	return finding(Pass, CodeValid, at)
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// ages looks for keys and certificate signatures that are no longer current:
// of the signer, of the authorities between, and the anchor's key. How the
// anchor's own certificate is signed says nothing.
func ages(p path) Finding {
	var keys, certificates []string
	for _, n := range p.nodes {
		if certsig.IsOldRSA(n.PublicKey) {
			keys = append(keys, n.subject.commonName()+" ("+certsig.KeyName(n.PublicKey)+")")
		}
		if n.algorithm.IsSHA1() {
			certificates = append(certificates, n.subject.commonName())
		}
	}
	if certsig.IsOldRSA(p.anchor.key) {
		keys = append(keys, p.anchor.title+" ("+certsig.KeyName(p.anchor.key)+")")
	}
	k, c := strings.Join(keys, ", "), strings.Join(certificates, ", ")
	switch {
	case k != "" && c != "":
		return finding(Fail, CodeAlgorithmsRSASHA1, k, c)
	case k != "":
		return finding(Fail, CodeAlgorithmsRSA, k)
	case c != "":
		return finding(Fail, CodeAlgorithmsSHA1, c)
	}
	return finding(Pass, CodeAlgorithmsCurrent)
}
