package trust

import (
	"strings"
)

// level is the constraints of one certificate, and the certificates of the
// path below it to which they apply.
type level struct {
	*constraints
	authority string
	below     []*node
}

// levels collects the constraints of a path, those of its anchor first. The
// finding is nil unless one of them cannot be read or cannot be honoured.
func (v *verification) levels(p path, along *carried) (out []level, f *Finding) {
	refuse := func(n *node, err error) *Finding {
		code := CodeConstraintsMalformed
		if err == errSubtrees {
			code = CodeConstraintsLimit
		}
		f := finding(Fail, code, n.subject.commonName())
		return &f
	}
	if p.anchor.constraints != nil {
		out = append(out, level{p.anchor.constraints, p.anchor.title, p.nodes})
	}
	if along != nil {
		if along.err != nil {
			return nil, refuse(along.node, along.err)
		}
		if along.constraints != nil {
			out = append(out, level{along.constraints, p.anchor.title, p.nodes})
		}
	}
	for i := len(p.nodes) - 1; i > 0; i-- {
		limits, err := v.limitsOf(p.nodes[i])
		if err != nil {
			return nil, refuse(p.nodes[i], err)
		}
		if limits != nil {
			out = append(out, level{limits, p.nodes[i].subject.commonName(), p.nodes[:i]})
		}
	}
	return out, nil
}

// conform compares every name of the path with the constraints above it.
//
// spec: RFC 5280 §6.1.3 (b) and (c), §6.1.4 (g)
func conform(p path, levels []level) *Finding {
	for _, l := range levels {
		if f, ok := l.understood(); !ok {
			return &f
		}
		for i, n := range l.below {
			if i > 0 && n.selfIssued() {
				continue
			}
			if n.namesErr != nil {
				f := finding(Fail, CodeConstraintsMalformed, n.subject.commonName())
				return &f
			}
			if f, ok := l.violation(n.names, l.authority); !ok {
				return &f
			}
		}
	}
	var f Finding
	others := make(map[string]bool)
	var list []string
	for _, l := range levels {
		for _, o := range l.others {
			if !others[o] {
				others[o] = true
				list = append(list, o)
			}
		}
	}
	switch {
	case len(levels) == 0 && p.anchor.authority != nil && p.anchor.authority.listsProviders:
		f = finding(Skip, CodeConstraintsWithProvider, p.anchor.title)
	case len(levels) == 0:
		f = finding(Skip, CodeConstraintsAbsent)
	case len(list) > 0:
		f = finding(Pass, CodeConstraintsMetOthers, strings.Join(list, ", "))
	default:
		f = finding(Pass, CodeConstraintsMet)
	}
	return &f
}

// provider asks whether the authority's constraints name the signer: its host
// and its organization. To conform is not enough, since constraints that say
// nothing are conformed to by everybody. It is timeless unless the constraints
// are those of a built-in authority that were in force at the time
// ([verification.providerThen]).
//
// Where the constraints of the path are violated there is no second reason to
// give: the finding fails and points there.
func provider(p path, along *carried, levels []level, violated bool) (f Finding, timeless bool) {
	n, a := p.nodes[0].names, p.anchor.authority
	who := organizationOf(n.subject)
	switch {
	case violated:
		return finding(Fail, CodeProviderConstraints, p.anchor.title), true
	case a == nil:
		return anchorProvider(p.anchor, levels, n), true
	case !a.listsProviders && len(n.subject.values(oidOrganization)) == 0:
		return finding(Fail, CodeProviderNoOrganization, p.anchor.title), true
	case !a.listsProviders:
		return finding(Warn, CodeProviderOrganization, who, p.anchor.title), true
	case along == nil:
		return Finding{}, false
	}
	local, host, _ := oneAddress(n)
	g := along.generation()
	if g.names(local, host, n.subject) {
		return finding(Pass, CodeProviderNamed, host, who, p.anchor.title, g.day()), true
	}
	return finding(Fail, CodeProviderNotNamed, host, who, p.anchor.title), true
}

// providerThen asks whether the certificates of a built-in authority that were
// valid at the time name the signer, the latest first.
func (v *verification) providerThen(anchor *anchor, n subjectNames) Finding {
	a := anchor.authority
	who := organizationOf(n.subject)
	local, host, _ := oneAddress(n)
	any := false
	for i := len(a.generations) - 1; i >= 0; i-- {
		g := a.generations[i]
		if !g.validAt(v.at) {
			continue
		}
		any = true
		if g.names(local, host, n.subject) {
			return finding(Pass, CodeProviderNamed, host, who, anchor.title, g.day())
		}
	}
	if !any {
		return finding(Fail, CodeProviderNoGeneration, anchor.title, stamp(v.at))
	}
	return finding(Fail, CodeProviderNotNamed, host, who, anchor.title)
}

// names reports whether a generation names the host, and the organization
// unless it lists none.
func (g generation) names(local, host string, subject name) bool {
	c := g.constraints
	return c != nil && host != "" && c.permitsMail(local, host) &&
		(!c.restrictsNames || c.permitsName(subject))
}

// anchorProvider is the check under a caller's anchor: some constraints of
// the path have to name the host or the organization, and if none restrict
// either the question cannot be asked.
func anchorProvider(a *anchor, levels []level, n subjectNames) Finding {
	local, host, _ := oneAddress(n)
	restricted := false
	for _, l := range levels {
		restricted = restricted || l.restrictsMail || l.listsNames()
		if host != "" && l.permitsMail(local, host) || l.listsNames() && l.permitsName(n.subject) {
			return finding(Pass, CodeProviderNamedByAnchor, host, organizationOf(n.subject), a.title)
		}
	}
	if restricted {
		return finding(Fail, CodeProviderNotNamed, host, organizationOf(n.subject), a.title)
	}
	return finding(Skip, CodeProviderUnconstrained, a.title)
}

// oneAddress splits the one address of a signer.
func oneAddress(n subjectNames) (local, host string, ok bool) {
	if len(n.addresses) != 1 {
		return "", "", false
	}
	return splitAddress(n.addresses[0])
}

// organizationOf is what to call a signer.
func organizationOf(n name) string {
	if v := n.values(oidOrganization); len(v) > 0 {
		return cut(v[0], maxShown)
	}
	return n.commonName()
}
