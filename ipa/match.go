package ipa

import "slices"

// match is how well a name answers a question.
type match struct {
	prefixes int    // words found only as the beginning of one, or as two joined
	fromBody int    // words found in the name of the body only
	covered  uint64 // places in the name that the question names
	acronym  bool
	disorder bool // the words stand in another order
	own      bool // at least one word is in the entity's own name
	others   int  // words of the name that the question does not have
	fillers  int  // fillers of the question that are in the name
	leads    bool // the first word that counts is one of the question's
}

// judge reports whether all words are there, and how.
func (q *query) judge(e Entity, m *match) bool {
	if !q.allKinds && !q.kinds[e.Kind()&3] {
		return false
	}
	q.name = q.s.name(q.name[:0], e.i)
	last := -1
	for i := range q.terms {
		t := &q.terms[i]
		place, found := bestWord(t, q.name)
		if found < asideWord && t.province != "" && e.Province() == t.province {
			continue
		}
		if found == noWord && t.municipal && len(q.terms) > 1 && e.isMunicipal() {
			continue
		}
		if found == noWord && e.i >= q.s.bodies {
			if found = q.inBody(e)[i]; found != noWord {
				m.fromBody++
				m.prefixes += prefixCount(found)
				continue
			}
		}
		if found == noWord {
			return false
		}
		m.own = true
		m.prefixes += prefixCount(found)
		switch found {
		case acronymWord:
			m.acronym = true
		case asideWord:
		case joinedWord:
			m.covered |= 3 << min(place, 62)
		default:
			m.covered |= 1 << min(place, 63)
			m.disorder = m.disorder || place < last
			last = place
		}
	}
	if !m.own {
		return false
	}
	q.count(m)
	return true
}

// inBody says for each term how it is in the name of a unit's body. Units are
// looked at body by body, so the last answer mostly serves again.
func (q *query) inBody(unit Entity) []found {
	if q.body.found != nil && unit.i >= q.body.first && unit.i < q.body.end {
		return q.body.found
	}
	body := unit.Body()
	q.body.first, q.body.end = body.number(fieldFirst), body.number(fieldEnd)
	if q.body.found == nil {
		q.body.found = make([]found, len(q.terms))
	}
	q.body.name = q.s.name(q.body.name[:0], body.i)
	for i := range q.terms {
		_, q.body.found[i] = bestWord(&q.terms[i], q.body.name)
	}
	return q.body.found
}

// isMunicipal reports whether e is of the category of municipalities: not all
// of them say so in their name (Roma Capitale).
func (e Entity) isMunicipal() bool {
	return e.i < e.s.bodies && importance(e.Category()) == municipalImportance
}

// count looks at the words of the name that no term has found.
func (q *query) count(m *match) {
	first := true
	for i, raw := range q.name {
		if raw&extraToken != 0 {
			break
		}
		id := raw & tokenMask
		minor := q.s.minor[id/64]>>(id%64)&1 != 0
		covered := m.acronym || m.covered>>min(i, 63)&1 != 0
		if first && !minor {
			m.leads, first = covered, false
		}
		switch {
		case covered:
		case !minor:
			m.others++
		case slices.Contains(q.fillers, id):
			m.fillers++
		}
	}
}

// found says how a word is in a name; the higher the better.
type found uint8

const (
	noWord found = iota
	prefixOfExtra
	prefixWord
	acronymWord
	joinedWord
	asideWord
	wholeWord
)

func prefixCount(f found) int {
	if f <= prefixWord || f == joinedWord {
		return 1
	}
	return 0
}

// name appends the numbers of an entity's words to buf.
func (s *Snapshot) name(buf []uint32, entity uint32) []uint32 {
	raw := s.names[4*s.nameStarts.at(entity) : 4*s.nameStarts.at(entity+1)] // in bounds: see soundText
	for ; len(raw) >= 4; raw = raw[4:] {
		buf = append(buf, raw.at(0))
	}
	return buf
}

// bestWord returns the best match of a term among the words of a name, and its
// place.
func bestWord(t *term, name []uint32) (place int, best found) {
	width := t.to - t.from
	for i, raw := range name {
		id := raw & tokenMask
		if id-t.from >= width { // also below: the numbers wrap
			continue
		}
		how := prefixWord
		switch {
		case id == t.exact && raw&extraToken == 0:
			return i, wholeWord
		case id == t.exact && raw&^tokenMask == extraToken:
			how = joinedWord
		case id == t.exact && raw&acronymToken != 0:
			how = acronymWord
		case id == t.exact:
			how = asideWord
		case raw&extraToken != 0:
			how = prefixOfExtra
		}
		if how > best {
			best, place = how, i
			if raw&^tokenMask == extraToken { // the nth joined word begins at the nth word
				place -= ownWords(name)
			}
		}
	}
	return place, best
}

// ownWords returns how many words of a name are in the name itself, and not
// beside it.
func ownWords(name []uint32) int {
	n := slices.IndexFunc(name, func(raw uint32) bool { return raw&extraToken != 0 })
	if n < 0 {
		return len(name)
	}
	return n
}

// score packs what the name says about the order into one number, the
// weightiest on top.
func (m *match) score() uint64 {
	score := pack(0, 4, 15-m.prefixes)
	score = pack(score, 4, 15-m.fromBody)
	score = pack(score, 5, 31-m.others)
	score = pack(score, 1, fewer(!m.leads))
	score = pack(score, 4, m.fillers)
	score = pack(score, 1, fewer(m.disorder))
	return score
}

const entityBits = standingBits + 7

// entityScore packs what the entity itself says about the order.
func entityScore(e Entity) uint64 {
	return pack(uint64(e.s.standing[e.i]), 7, 127-int(e.s.nameStarts.at(e.i+1)-e.s.nameStarts.at(e.i)))
}

const (
	standingBits    = 1 + 2 + 2 + 1
	importanceShift = 1
)

// standingOf packs what the record of an entity says about the order into one
// byte. It is worked out once for all: the records of the many entities that a
// frequent word finds are far apart in memory.
func standingOf(e Entity) uint8 {
	standing := pack(0, 1, fewer(e.InLiquidation()))
	standing = pack(standing, 2, 3-int(e.Kind()))
	standing = pack(standing, 2, importance(e.Category()))
	return uint8(pack(standing, 1, fewer(e.Referenced())))
}

// pack appends a number to a score, cut to the bits it has.
func pack(score uint64, width int, n int) uint64 {
	return score<<width | uint64(max(0, min(n, 1<<width-1)))
}

// noteMinor marks the words that need not be in a question. The table has room
// for every number that a name can hold.
func (s *Snapshot) noteMinor() {
	s.minor = make([]uint64, s.words/64+1)
	mark := func(word string) {
		if t := s.term(word); t.exact != noToken {
			s.minor[t.exact/64] |= 1 << (t.exact % 64)
		}
	}
	for w := range fillers {
		mark(w)
	}
	mark("comune")
}

func fewer(bad bool) int {
	if bad {
		return 0
	}
	return 1
}

const municipalImportance = 3

// importance ranks bodies of equal names by what people mostly mean.
func importance(category string) int {
	switch category {
	case "L6", "Comuni e loro Consorzi e Associazioni":
		return municipalImportance
	case "L4", "L5", "L45", "C1":
		return 2
	case "L7", "L17", "C2", "C3", "C5":
		return 1
	}
	return 0
}
