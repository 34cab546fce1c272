package trust

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
)

// MaxChecks and the other bounds are shown to tests.
const (
	MaxChecks        = maxChecks
	MaxIntermediates = maxIntermediates
	MaxSubtrees      = maxSubtrees
	MaxNames         = maxNames
)

// StoreOf is a store whose built-in authority is that of a test: AgID CA1 and
// Actalis' root with other keys. Known certificates are its generations.
func StoreOf(title string, parent *x509.Certificate, parentKeyKnown bool, known ...*x509.Certificate) *Store {
	a := &authority{title: title, policy: oidPECSignerPolicy, parentKeyHash: sha256.Sum256(parent.RawSubjectPublicKeyInfo)}
	if parentKeyKnown {
		a.parentKey = parent.PublicKey
	}
	a.parent, _ = parseName(parent.RawSubject)
	for _, c := range known {
		limits, err := constraintsOf(c)
		if err != nil {
			panic(err)
		}
		a.listsProviders = limits != nil
		a.subject, _ = parseName(c.RawSubject)
		a.key, a.keyHash = c.PublicKey, sha256.Sum256(c.RawSubjectPublicKeyInfo)
		a.generations = append(a.generations, generation{
			certificate: sha256.Sum256(c.Raw), notBefore: c.NotBefore, notAfter: c.NotAfter, constraints: limits,
		})
	}
	return newStore([]*authority{a}, nil)
}

// Checks returns how many signatures one call of Verify computes.
func (s *Store) Checks(candidate *x509.Certificate, bag []*x509.Certificate) int {
	v := &verification{Store: s, search: search{store: s, wrong: make(map[link]bool)}}
	v.search.bag = s.nodes(bag)
	v.acceptAuthorities()
	v.candidate(candidate)
	return v.search.checks
}

// Remembered returns how many signatures a store remembers.
func (s *Store) Remembered() int { return s.links.size() }

// KeyHashes gives the subjectPublicKeyInfo hashes of the built-in authorities
// and of the roots above them.
func KeyHashes() map[string]string {
	out := make(map[string]string)
	for _, a := range []*authority{agid(), digitPA()} {
		out[a.title] = hex.EncodeToString(a.keyHash[:])
		out[a.parent.commonName()] = hex.EncodeToString(a.parentKeyHash[:])
	}
	return out
}

// ParseConstraints reads a nameConstraints extension and returns its mail
// constraints; ranged says that one has a minimum or maximum.
func ParseConstraints(der []byte, critical bool) (permitted, excluded []string, ranged bool, err error) {
	c, err := parseConstraints(der, critical)
	if err != nil {
		return nil, nil, false, err
	}
	return c.permittedMail, c.excludedMail, c.ranged, nil
}

// ErrParse are the errors of ParseConstraints.
var ErrParse = []error{errConstraints, errSubtrees, errName}

// Violates evaluates a nameConstraints extension over the names of a
// certificate.
func Violates(der []byte, critical bool, c *x509.Certificate) (f Finding, ok bool) {
	limits, err := parseConstraints(der, critical)
	if err != nil {
		return finding(Fail, CodeConstraintsMalformed, ""), false
	}
	if f, ok := limits.understood(); !ok {
		return f, false
	}
	subject, err := parseName(c.RawSubject)
	if err != nil {
		return finding(Fail, CodeConstraintsMalformed, ""), false
	}
	names, err := namesOf(c, subject)
	if err != nil {
		return finding(Fail, CodeConstraintsMalformed, ""), false
	}
	return limits.violation(names, "authority")
}

// Mixed is a store with the built-in authorities of another and a caller's anchor.
func Mixed(s *Store, own *x509.Certificate) (*Store, error) {
	a, err := newAnchor(own, x509.ExtKeyUsageEmailProtection)
	if err != nil {
		return nil, err
	}
	var authorities []*authority
	for _, b := range s.anchors {
		authorities = append(authorities, b.authority)
	}
	return newStore(authorities, []*anchor{a}), nil
}
