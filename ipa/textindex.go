package ipa

import "slices"

// textTables collects the words of names, entity by entity.
type textTables struct {
	ids   map[string]uint32
	list  []string
	names [][]uint32 // per entity: numbers of words, with the flags
}

// nameWords are the words by which an entity is found.
type nameWords struct {
	name    []string // in order, without what stands in brackets
	joined  []string // the nth is the nth word of the name and the next as one
	acronym []string
	aside   []string // in brackets: mostly the province
}

func (x *textTables) add(n nameWords) {
	var out []uint32
	for _, part := range []struct {
		words []string
		flags uint32
	}{{n.name, 0}, {n.joined, extraToken}, {n.acronym, extraToken | acronymToken}, {n.aside, extraToken | asideToken}} {
		for _, w := range part.words {
			out = append(out, x.id(w)|part.flags)
		}
	}
	x.names = append(x.names, out)
}

func (x *textTables) id(word string) uint32 {
	if x.ids == nil {
		x.ids = make(map[string]uint32)
	}
	id, ok := x.ids[word]
	if !ok {
		id = uint32(len(x.list))
		x.ids[word] = id
		x.list = append(x.list, word)
	}
	return id
}

// write numbers the words in their order and makes the tables.
func (x *textTables) write(t *tables) {
	order := make([]uint32, len(x.list))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int {
		if x.list[a] < x.list[b] {
			return -1
		}
		return 1
	})
	rank := make([]uint32, len(order))
	for place, id := range order {
		rank[id] = uint32(place)
	}
	count := make([]uint32, len(order)+1) // first place of each word's postings
	for _, name := range x.names {
		t.nameStarts = append(t.nameStarts, uint32(len(t.names)))
		from := len(t.names)
		for _, id := range name {
			t.names = append(t.names, rank[id&tokenMask]|id&^tokenMask)
		}
		for place := range t.names[from:] {
			if w := t.names[from+place] & tokenMask; !seenBefore(t.names[from:from+place], w) {
				count[w+1]++
			}
		}
	}
	t.nameStarts = append(t.nameStarts, uint32(len(t.names)))
	for i := range order {
		count[i+1] += count[i]
	}
	for place, id := range order {
		t.tokens = append(t.tokens, t.strings.ref(x.list[id]), count[place])
	}
	t.tokens = append(t.tokens, 0, count[len(order)])
	t.postings = make([]uint32, count[len(order)])
	for entity := range x.names {
		name := t.names[t.nameStarts[entity]:t.nameStarts[entity+1]]
		for place := range name {
			if w := name[place] & tokenMask; !seenBefore(name[:place], w) {
				t.postings[count[w]] = uint32(entity)
				count[w]++
			}
		}
	}
}

// seenBefore reports whether a word is among the numbers. Names are short.
func seenBefore(name []uint32, word uint32) bool {
	return slices.ContainsFunc(name, func(id uint32) bool { return id&tokenMask == word })
}
