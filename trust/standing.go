package trust

// standing is what can be said of a path whatever the time is: it follows from
// the bytes of its certificates, from its anchor, and from the authority's
// certificate that came along. A store remembers it; a mailbox has the same few
// paths again and again.
type standing struct {
	path, policy, key, constraints, algorithms Finding

	provider Finding
	timeless bool // provider is set
}

// pathKey names a path with at most one certificate between signer and anchor,
// which is all of PEC.
type pathKey struct {
	anchor        *anchor
	signer, above hash
	along         hash
}

func keyOf(p path, along *carried) (key pathKey, ok bool) {
	if len(p.nodes) > 2 {
		return key, false
	}
	key = pathKey{anchor: p.anchor, signer: p.nodes[0].hash}
	if len(p.nodes) == 2 {
		key.above = p.nodes[1].hash
	}
	if along != nil {
		key.along = along.hash
	}
	return key, true
}

// standing returns that of a path, remembered or worked out.
func (v *verification) standing(p path, along *carried) *standing {
	key, keep := keyOf(p, along)
	if keep {
		if s, ok := v.stands.get(key); ok {
			return s
		}
	}
	signer := p.nodes[0]
	s := &standing{
		path:       finding(Pass, CodePathFound, p.anchor.title),
		policy:     policy(signer.Certificate, p.anchor),
		key:        keyFinding(signer),
		algorithms: ages(p),
	}
	levels, f := v.levels(p, along)
	if f == nil {
		f = conform(p, levels)
	}
	s.constraints = *f
	s.provider, s.timeless = provider(p, along, levels, f.Status == Fail)
	if keep {
		v.stands.put(key, s)
	}
	return s
}
