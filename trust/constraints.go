package trust

import (
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// maxSubtrees bounds one nameConstraints extension. AgID CA1's longest has 80.
const maxSubtrees = 1024

// constraints is one nameConstraints extension, read by us: crypto/x509
// ignores directory names and refuses the certificate if they are critical.
//
// spec: RFC 5280 §4.2.1.10
type constraints struct {
	critical bool

	permittedMail, excludedMail   []string // as written, ASCII folded
	permittedNames, excludedNames []name
	// Permitted subtrees of a type, even one that nothing can match, restrict
	// the names of that type.
	restrictsMail, restrictsNames bool

	others []string // other types of names, each once, sorted
	ranged bool     // a subtree with minimum or maximum, which RFC 5280 forbids
}

var (
	errConstraints = errors.New("trust: malformed nameConstraints")
	errSubtrees    = fmt.Errorf("trust: more than %d name constraints in one certificate", maxSubtrees)
)

// constraintsOf reads the extension of a certificate; nil if it has none.
func constraintsOf(c *x509.Certificate) (*constraints, error) {
	ext := extension(c, oidNameConstraints)
	if ext == nil {
		return nil, nil
	}
	return parseConstraints(ext, isCritical(c, oidNameConstraints))
}

// parseConstraints reads the value of a nameConstraints extension. The error
// is errConstraints, errSubtrees or errName.
func parseConstraints(der []byte, critical bool) (*constraints, error) {
	in := cryptobyte.String(der)
	var seq, permitted, excluded cryptobyte.String
	var hasPermitted, hasExcluded bool
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() ||
		!seq.ReadOptionalASN1(&permitted, &hasPermitted, cbasn1.Tag(0).ContextSpecific().Constructed()) ||
		!seq.ReadOptionalASN1(&excluded, &hasExcluded, cbasn1.Tag(1).ContextSpecific().Constructed()) ||
		!seq.Empty() || !hasPermitted && !hasExcluded {
		return nil, errConstraints
	}
	c := &constraints{critical: critical}
	count := 0
	for _, list := range []struct {
		in       cryptobyte.String
		there    bool
		excluded bool
	}{{permitted, hasPermitted, false}, {excluded, hasExcluded, true}} {
		if list.there && list.in.Empty() {
			return nil, errConstraints
		}
		for !list.in.Empty() {
			if count++; count > maxSubtrees {
				return nil, errSubtrees
			}
			if err := c.addSubtree(&list.in, list.excluded); err != nil {
				return nil, err
			}
		}
	}
	slices.Sort(c.others)
	return c, nil
}

// otherNames are the types of GeneralName that are not evaluated, by tag number.
var otherNames = map[cbasn1.Tag]string{
	0: "otherName", 2: "dNSName", 3: "x400Address", 5: "ediPartyName",
	6: "uniformResourceIdentifier", 7: "iPAddress", 8: "registeredID",
}

func (c *constraints) addSubtree(in *cryptobyte.String, excluded bool) error {
	var seq, base cryptobyte.String
	var tag cbasn1.Tag
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !seq.ReadAnyASN1(&base, &tag) {
		return errConstraints
	}
	ranged, err := hasRange(seq)
	if err != nil {
		return err
	}
	c.ranged = c.ranged || ranged
	// What a range means for these names nobody has said: a permitted subtree
	// with one permits nothing, an excluded one excludes as if it had none.
	ineffective := ranged && !excluded

	switch tag {
	case tagMail:
		c.restrictsMail = c.restrictsMail || !excluded
		for _, b := range base {
			if b >= 0x80 {
				return errConstraints
			}
		}
		pattern := foldLocal(string(base), excluded)
		switch {
		case excluded:
			c.excludedMail = append(c.excludedMail, pattern)
		case !ineffective:
			c.permittedMail = append(c.permittedMail, pattern)
		}
	case tagDirectory:
		c.restrictsNames = c.restrictsNames || !excluded
		dn, err := parseName(base)
		if err != nil {
			return err
		}
		switch {
		case excluded:
			c.excludedNames = append(c.excludedNames, dn)
		case !ineffective:
			c.permittedNames = append(c.permittedNames, dn)
		}
	default:
		other, ok := otherNames[tag&^0xE0]
		if !ok || tag&0xC0 != 0x80 {
			return errConstraints
		}
		if !slices.Contains(c.others, other) {
			c.others = append(c.others, other)
		}
	}
	return nil
}

// hasRange reads minimum [0] DEFAULT 0 and maximum [1] OPTIONAL.
func hasRange(seq cryptobyte.String) (bool, error) {
	ranged := false
	for _, tag := range []cbasn1.Tag{0, 1} {
		var value cryptobyte.String
		var there bool
		if !seq.ReadOptionalASN1(&value, &there, tag.ContextSpecific()) || there && len(value) == 0 {
			return false, errConstraints
		}
		if there && (tag == 1 || strings.Trim(string(value), "\x00") != "") {
			ranged = true
		}
	}
	if !seq.Empty() {
		return false, errConstraints
	}
	return ranged, nil
}

// foldLocal folds the host of a pattern, and the local part too if it
// excludes: RFC 5280 compares local parts exactly, but an authority that
// excludes a mailbox hardly means to allow it in capitals.
func foldLocal(pattern string, all bool) string {
	i := strings.LastIndexByte(pattern, '@')
	if all || i < 0 {
		return foldASCII(pattern)
	}
	return pattern[:i] + foldASCII(pattern[i:])
}

// mailWithin reports whether an address lies in the subtree of a permitted
// pattern: "user@host" is that mailbox, "host" every mailbox on exactly that
// host, ".domain" every host below it but not the domain itself. An empty
// pattern has no meaning in RFC 5280 and permits nothing.
func mailWithin(local, host, pattern string) bool {
	host = foldASCII(host)
	switch i := strings.LastIndexByte(pattern, '@'); {
	case i >= 0:
		return local == pattern[:i] && host == pattern[i+1:]
	case strings.HasPrefix(pattern, "."):
		return len(host) > len(pattern) && strings.HasSuffix(host, pattern)
	default:
		return pattern != "" && host == pattern
	}
}

// mailExcluded is mailWithin for excluded patterns: local parts are folded,
// and an empty pattern excludes every address.
func mailExcluded(local, host, pattern string) bool {
	return pattern == "" || mailWithin(foldASCII(local), host, pattern)
}

// permitsMail and permitsName report whether a permitted subtree names them.
func (c *constraints) permitsMail(local, host string) bool {
	return slices.ContainsFunc(c.permittedMail, func(p string) bool { return mailWithin(local, host, p) })
}

func (c *constraints) permitsName(n name) bool {
	return slices.ContainsFunc(c.permittedNames, n.within)
}

// listsNames reports permitted directory names that tell somebody from
// everybody: the empty name permits all.
func (c *constraints) listsNames() bool {
	return c.restrictsNames && !slices.ContainsFunc(c.permittedNames, func(n name) bool { return len(n) == 0 })
}

// understood returns the reason why a critical extension cannot be honoured.
func (c *constraints) understood() (f Finding, ok bool) {
	switch {
	case c.critical && len(c.others) > 0:
		return finding(Fail, CodeConstraintsCritical, strings.Join(c.others, ", ")), false
	case c.critical && c.ranged:
		return finding(Fail, CodeConstraintsRange), false
	}
	return Finding{}, true
}

// violation compares the names of a certificate below the one that carries c,
// which is called authority. ok is true if every name conforms. Excluded
// subtrees win.
func (c *constraints) violation(n subjectNames, authority string) (f Finding, ok bool) {
	addresses := n.constrained()
	if len(addresses)+len(n.directories) > maxNames {
		return finding(Fail, CodeConstraintsLimit, authority), false
	}
	mailRules := c.restrictsMail || len(c.excludedMail) > 0
	for _, address := range addresses {
		local, host, valid := splitAddress(address)
		switch {
		case !mailRules:
		case !valid:
			return finding(Fail, CodeConstraintsAddress, cut(address, maxShown), authority), false
		case slices.ContainsFunc(c.excludedMail, func(p string) bool { return mailExcluded(local, host, p) }):
			return finding(Fail, CodeConstraintsExcludedMail, address, authority), false
		case c.restrictsMail && !c.permitsMail(local, host):
			return finding(Fail, CodeConstraintsMail, address, authority), false
		}
	}
	directories := n.directories
	if len(n.subject) > 0 { // an empty subject names nobody
		directories = append([]name{n.subject}, directories...)
	}
	for _, dn := range directories {
		switch {
		case slices.ContainsFunc(c.excludedNames, dn.mayBeWithin):
			return finding(Fail, CodeConstraintsExcludedName, dn.String(), authority), false
		case c.restrictsNames && !c.permitsName(dn):
			return finding(Fail, CodeConstraintsName, dn.String(), authority), false
		}
	}
	return Finding{}, true
}
