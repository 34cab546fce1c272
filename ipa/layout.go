package ipa

// The file of a snapshot, version 1. Numbers are little-endian, 32 bits.
//
//	magic "gopecIPA", version, number of sections
//	for each section: its place in the file and its length, in bytes
//	the sections
//	SHA-256 of all that stands before it
//
// A string is referred to by its place in the block of strings, where its
// length stands before it; place 0 is the empty string. A snapshot in memory
// is these same bytes, and is read where it lies.
const (
	magic         = "gopecIPA"
	formatVersion = 1
	headerLen     = len(magic) + 4 + 4 + 8*int(sectionCount)
	maxFile       = 1 << 30 // bytes
)

type section int

// The sections, in their order in the file.
const (
	sectionManifest            section = iota // JSON of Manifest
	sectionStrings                            // the block of strings
	sectionEntities                           // fieldCount numbers each: bodies by code, then units grouped by body
	sectionAddresses                          // addressWidth numbers each, grouped by entity
	sectionOfficers                           // officerWidth numbers each, by entity
	sectionByAddress                          // an index: see index; its numbers are addresses
	sectionByAddressEntries                   //
	sectionByBody                             // an index of bodies by folded code
	sectionByBodyEntries                      //
	sectionByUnit                             // an index of areas and offices by folded code
	sectionByUnitEntries                      //
	sectionByFiscalCode                       // an index of bodies, and of offices that receive invoices
	sectionByFiscalCodeEntries                //
	sectionByDomain                           // an index of bodies by the domains of their own and their units' addresses
	sectionByDomainEntries                    //
	sectionTokens                             // tokenWidth numbers each, sorted by word, and one more for the end
	sectionPostings                           // entities that have the word
	sectionNameStarts                         // for each entity, and one more: its first place in sectionNames
	sectionNames                              // numbers of tokens: the name in order, then extraToken ones: joined words in order first
	sectionCount
)

const (
	addressWidth = 6 // text, folded, entity, type and role, label, published
	officerWidth = 5 // entity, title, first name, last name, phone
	entryWidth   = 2 // key, number
	tokenWidth   = 2 // word, first place in sectionPostings

	extraToken   = 1 << 31 // a word beside the name: two of its words joined, or
	acronymToken = 1 << 30 // with extraToken: a word of the acronym
	asideToken   = 1 << 29 // with extraToken: a word of the name in brackets
	tokenMask    = asideToken - 1
)

// numbers is a table of 32-bit numbers inside the file.
type numbers string

func (n numbers) len() uint32 { return uint32(len(n) / 4) }

// at returns a number, 0 beyond the table.
func (n numbers) at(i uint32) uint32 {
	j := 4 * int(i)
	if j < 0 || j+4 > len(n) {
		return 0
	}
	b := n[j : j+4]
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
}

// index finds entries by a folded key. Keys are spread over a power of two of
// buckets by their hash; bucket i holds the entries from starts[i] up to
// starts[i+1], sorted by key and number. Whatever the keys are, and whoever
// chose them, a look-up is a binary search at worst.
type index struct {
	starts  numbers
	entries numbers
}

// find returns the range of entries with a key.
func (x index) find(block, key string) (from, to uint32) {
	buckets := x.starts.len() - 1
	bucket := hashKey(key) & (buckets - 1)
	lo, hi := x.starts.at(bucket), x.starts.at(bucket+1)
	end := hi
	for lo < hi {
		mid := lo + (hi-lo)/2
		if stringAt(block, x.entries.at(mid*entryWidth)) < key {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	for hi < end && stringAt(block, x.entries.at(hi*entryWidth)) == key {
		hi++
	}
	return lo, hi
}

func (x index) number(entry uint32) uint32 { return x.entries.at(entry*entryWidth + 1) }

// hashKey is FNV-1a, folded to 32 bits.
func hashKey(key string) uint32 {
	h := uint64(14695981039346656037)
	for i := range len(key) {
		h = (h ^ uint64(key[i])) * 1099511628211
	}
	return uint32(h>>32) ^ uint32(h)
}
