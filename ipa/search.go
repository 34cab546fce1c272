package ipa

import (
	"math/bits"
	"slices"
	"strings"
)

// SearchOptions bounds a search. The zero value finds the best twenty entities
// of all kinds.
type SearchOptions struct {
	Limit int    // of the hits; 0 is 20, at most 1000
	Kinds []Kind // only these; none means all
}

const (
	defaultHits = 20
	mostHits    = 1000
	mostWords   = 32 // of a question; what follows is not looked at

	mostRejoined = 8 // ways of writing words as one that are tried
)

// Search finds entities by name, best first.
//
// Every word of the question must be in the name, as a whole word or as the
// beginning of one if it has two letters or more; case, accents and apostrophes do not count, and articles
// and prepositions may be missing. A word may also be in the acronym of a body;
// for areas and offices all but one may be in the name of their body, so that
// "protocollo comune di forli" finds an office; and the two letters of a
// province may be given in addition. Two words may be written as one, or one as
// two.
//
// Names that consist of nothing but the question come first, where "Comune"
// need not be said; then those with fewer other words; bodies before areas
// before offices; municipalities, regions and ministries before others;
// bodies in liquidation last.
func (s *Snapshot) Search(text string, o *SearchOptions) SearchAnswer {
	a := SearchAnswer{Asked: text, Snapshot: s.manifest.Date, Hits: []Entity{}}
	if o == nil {
		o = &SearchOptions{}
	}
	asked := words(text)
	asked = asked[:min(len(asked), mostWords)]
	if len(asked) == 0 {
		return a
	}
	q := s.query(asked, o)
	q.run()
	for _, other := range s.rejoined(asked) {
		if q.total > 0 {
			break
		}
		q = s.query(other, o)
		q.run()
	}
	a.Total = q.total
	for _, h := range q.top {
		a.Hits = append(a.Hits, Entity{s, h.entity})
	}
	return a
}

// rejoined returns the question with neighbouring words written as one, where
// that is a word of some name; the longest first.
func (s *Snapshot) rejoined(asked []string) [][]string {
	var out [][]string
	for n := min(len(asked), 6); n >= 2; n-- {
		for i := 0; i+n <= len(asked) && len(out) < mostRejoined; i++ {
			word := strings.Join(asked[i:i+n], "")
			if from, to := s.tokenRange(word); from == to || s.token(from) != word {
				continue
			}
			out = append(out, slices.Concat(asked[:i], []string{word}, asked[i+n:]))
		}
	}
	return out
}

func (s *Snapshot) token(i uint32) string { return s.str(s.tokens.at(i * tokenWidth)) }

func (s *Snapshot) posting(i uint32) uint32 { return s.tokens.at(i*tokenWidth + 1) }

// tokenRange returns the words that begin with a prefix.
func (s *Snapshot) tokenRange(prefix string) (from, to uint32) {
	from = s.searchToken(func(w string) bool { return w >= prefix })
	to = s.searchToken(func(w string) bool { return w >= prefix && !strings.HasPrefix(w, prefix) })
	return from, max(from, to)
}

func (s *Snapshot) searchToken(reached func(string) bool) uint32 {
	lo, hi := uint32(0), s.words
	for lo < hi {
		if mid := lo + (hi-lo)/2; reached(s.token(mid)) {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}

// term is a word of the question.
type term struct {
	from, to  uint32 // words of names that begin with it
	exact     uint32 // the one that is it, or noToken
	postings  uint32 // entities to look at for it
	province  string // the word in capitals, if it can also be a province
	municipal bool   // the word is "comune", and there are others
}

const noToken = ^uint32(0)

// query is one search while it runs.
type query struct {
	s        *Snapshot
	terms    []term   // all of these must be there
	fillers  []uint32 // words that only count for the order
	kinds    [4]bool
	allKinds bool
	limit    int
	total    int
	top      []hit     // best first
	rarest   int       // the term with the fewest postings
	body     bodyWords // last asked for
}

type bodyWords struct {
	first, end uint32 // units of the body
	found      []found
}

type hit struct {
	score  uint64
	entity uint32
}

func (s *Snapshot) query(asked []string, o *SearchOptions) *query {
	q := &query{s: s, limit: o.Limit, rarest: -1}
	if q.limit <= 0 {
		q.limit = defaultHits
	}
	q.limit = min(q.limit, mostHits)
	for _, k := range o.Kinds {
		if int(k) < len(q.kinds) {
			q.kinds[k] = true
		}
	}
	q.allKinds = len(o.Kinds) == 0
	onlyFillers := !slices.ContainsFunc(asked, func(w string) bool { return !fillers[w] })
	hasOther := slices.ContainsFunc(asked, func(w string) bool { return !fillers[w] && !isProvince(w) })
	for _, w := range asked {
		t := s.term(w)
		if fillers[w] && !onlyFillers {
			q.fillers = append(q.fillers, t.exact)
			continue
		}
		if hasOther && isProvince(w) {
			t.province = strings.ToUpper(w)
		}
		t.municipal = w == "comune"
		q.terms = append(q.terms, t)
		if t.province == "" && (q.rarest < 0 || t.postings < q.terms[q.rarest].postings) {
			q.rarest = len(q.terms) - 1
		}
	}
	return q
}

func (s *Snapshot) term(word string) term {
	t := term{exact: noToken}
	t.from, t.to = s.tokenRange(word)
	if len(word) == 1 { // the beginning of too much
		t.to = min(t.to, t.from+1)
		if t.from < t.to && s.token(t.from) != word {
			t.to = t.from
		}
	}
	if t.from < t.to && s.token(t.from) == word {
		t.exact = t.from
	}
	t.postings = s.posting(t.to) - s.posting(t.from)
	return t
}

// run looks at every entity that has the rarest word in its own name, and at
// every unit that has another of the words while its body has the rarest.
func (q *query) run() {
	s, rare := q.s, &q.terms[q.rarest]
	found := s.marked(rare)
	if len(q.terms) > 1 {
		under := make(bitSet, len(found))
		for i := s.posting(rare.from); i < s.posting(rare.to); i++ {
			e := Entity{s, s.postings.at(i)} // an area or office has no units
			under.addRange(e.number(fieldFirst), e.number(fieldEnd))
		}
		var others bitSet
		for i := range q.terms {
			if i != q.rarest {
				others = others.or(s.marked(&q.terms[i]))
			}
		}
		for i := range found {
			found[i] |= under[i] & others[i]
		}
	}
	for w, set := range found {
		for ; set != 0; set &= set - 1 {
			q.consider(uint32(w*64 + bits.TrailingZeros64(set)))
		}
	}
}

// bitSet has a bit for every entity.
type bitSet []uint64

// marked returns the entities that have a term in their own name.
func (s *Snapshot) marked(t *term) bitSet {
	set := make(bitSet, s.count/64+1)
	for i := s.posting(t.from); i < s.posting(t.to); i++ {
		entity := s.postings.at(i)
		set[entity/64] |= 1 << (entity % 64)
	}
	return set
}

func (b bitSet) addRange(from, to uint32) {
	for ; from < to; from++ {
		b[from/64] |= 1 << (from % 64)
	}
}

func (b bitSet) or(other bitSet) bitSet {
	if b == nil {
		return other
	}
	for i := range b {
		b[i] |= other[i]
	}
	return b
}

// consider judges one entity and keeps it if it is among the best. Most
// matches of a frequent word end at the first comparison, before the record of
// the entity is touched.
func (q *query) consider(entity uint32) {
	e := Entity{q.s, entity}
	var m match
	if !q.judge(e, &m) {
		return
	}
	q.total++
	worst := uint64(0) // to be passed
	if len(q.top) == q.limit {
		worst = q.top[len(q.top)-1].score
	}
	score := m.score()
	if score < worst>>entityBits {
		return
	}
	if score = score<<entityBits | entityScore(e); score <= worst {
		return
	}
	at, _ := slices.BinarySearchFunc(q.top, score, func(h hit, score uint64) int {
		if h.score >= score { // the first of equals stays first
			return -1
		}
		return 1
	})
	q.top = slices.Insert(q.top, at, hit{score, entity})
	if len(q.top) > q.limit {
		q.top = q.top[:q.limit]
	}
}

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
	from, to := q.s.nameStarts.at(e.i), q.s.nameStarts.at(e.i+1)
	last := -1
	for i := range q.terms {
		t := &q.terms[i]
		place, found := q.s.bestWord(t, from, to)
		if found < asideWord && t.province != "" && e.Province() == t.province {
			continue
		}
		if found == noWord && t.municipal && e.isMunicipal() {
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
	q.count(m, from, to)
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
	from, to := q.s.nameStarts.at(body.i), q.s.nameStarts.at(body.i+1)
	for i := range q.terms {
		_, q.body.found[i] = q.s.bestWord(&q.terms[i], from, to)
	}
	return q.body.found
}

// isMunicipal reports whether e is of the category of municipalities: not all
// of them say so in their name (Roma Capitale).
func (e Entity) isMunicipal() bool {
	return e.i < e.s.bodies && importance(e.Category()) == municipalImportance
}

// count looks at the words of the name that no term has found.
func (q *query) count(m *match, from, to uint32) {
	first := true
	for i := from; i < to; i++ {
		raw := q.s.names.at(i)
		if raw&extraToken != 0 {
			break
		}
		id := raw & tokenMask
		minor := q.s.minor[id/64]>>(id%64)&1 != 0
		covered := m.acronym || m.covered>>min(i-from, 63)&1 != 0
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

// bestWord returns the best match of a term among the words of a name, and its
// place.
func (s *Snapshot) bestWord(t *term, from, to uint32) (place int, best found) {
	joinedAt := 0
	for i := from; i < to; i++ {
		raw := s.names.at(i)
		id, extra := raw&tokenMask, raw&extraToken != 0
		isJoined := raw&^tokenMask == extraToken
		if id >= t.from && id < t.to {
			how := prefixWord
			switch {
			case id == t.exact && !extra:
				return int(i - from), wholeWord
			case id == t.exact && isJoined:
				how = joinedWord
			case id == t.exact && raw&acronymToken != 0:
				how = acronymWord
			case id == t.exact:
				how = asideWord
			case extra:
				how = prefixOfExtra
			}
			if how > best {
				best, place = how, int(i-from)
				if isJoined {
					place = joinedAt
				}
			}
		}
		if isJoined {
			joinedAt++ // the nth joined word begins at the nth word of the name
		}
	}
	return place, best
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

const entityBits = 1 + 2 + 2 + 1 + 7

// entityScore packs what the entity itself says about the order.
func entityScore(e Entity) uint64 {
	score := pack(0, 1, fewer(e.InLiquidation()))
	score = pack(score, 2, 3-int(e.Kind()))
	score = pack(score, 2, importance(e.Category()))
	score = pack(score, 1, fewer(e.Referenced()))
	return pack(score, 7, 127-int(e.s.nameStarts.at(e.i+1)-e.s.nameStarts.at(e.i)))
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
