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
	name     []uint32  // of the entity that is looked at
	body     bodyWords // last asked for
}

type bodyWords struct {
	first, end uint32 // units of the body
	name       []uint32
	found      []found
}

type hit struct {
	score  uint64
	entity uint32
}

func (s *Snapshot) query(asked []string, o *SearchOptions) *query {
	q := &query{s: s, limit: o.Limit}
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
	return t
}

// run finds the entities that have every word in their own name or, for units,
// in that of their body, but at least one in their own; and judges them. Words
// that a province can satisfy are left to the judgement.
func (q *query) run() {
	var all, own bitSet
	for i := range q.terms {
		t := &q.terms[i]
		has := q.s.marked(t)
		own = own.or(has)
		if t.province != "" {
			continue
		}
		if len(q.terms) > 1 {
			has = q.s.withUnits(has)
			if t.municipal {
				q.s.addMunicipal(has)
			}
		}
		all = all.and(has)
	}
	for i := range own {
		set := own[i]
		if all != nil {
			set &= all[i]
		}
		for ; set != 0; set &= set - 1 {
			q.consider(uint32(i*64 + bits.TrailingZeros64(set)))
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

// withUnits returns the set and the units of the bodies in it.
func (s *Snapshot) withUnits(set bitSet) bitSet {
	out := slices.Clone(set)
	for i := range s.bodies/64 + 1 {
		for rest := set[i]; rest != 0; rest &= rest - 1 {
			e := Entity{s, i*64 + uint32(bits.TrailingZeros64(rest))} // an area or office has no units
			out.addRange(e.number(fieldFirst), e.number(fieldEnd))
		}
	}
	return out
}

func (s *Snapshot) addMunicipal(set bitSet) {
	for i, standing := range s.standing[:s.bodies] {
		if standing>>importanceShift&3 == municipalImportance {
			set[i/64] |= 1 << (i % 64)
		}
	}
}

func (b bitSet) addRange(from, to uint32) {
	for ; from < to && from%64 != 0; from++ {
		b[from/64] |= 1 << (from % 64)
	}
	for ; from+64 <= to; from += 64 {
		b[from/64] = ^uint64(0)
	}
	for ; from < to; from++ {
		b[from/64] |= 1 << (from % 64)
	}
}

// or and and change b; nil is a set that says nothing.
func (b bitSet) or(other bitSet) bitSet {
	if b == nil {
		return slices.Clone(other)
	}
	for i := range b {
		b[i] |= other[i]
	}
	return b
}

func (b bitSet) and(other bitSet) bitSet {
	if b == nil {
		return slices.Clone(other)
	}
	for i := range b {
		b[i] &= other[i]
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
