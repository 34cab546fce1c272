package ipa

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// encode writes the tables and opens them as a snapshot.
func (a *assembly) encode() (*Snapshot, error) {
	t := &tables{strings: &a.b.strings, entities: make([]uint32, 0, len(a.order)*int(fieldCount))}
	for place, i := range a.order {
		a.entity(t, place, i)
	}
	a.indexes(t)
	t.text.write(t)
	if a.b.strings.full {
		return nil, fmt.Errorf("ipa: %w: more text than a snapshot can hold", ErrTooLong)
	}
	manifest, err := json.Marshal(&a.b.manifest)
	if err != nil {
		return nil, fmt.Errorf("ipa: %w", err)
	}
	return openSnapshot(t.file(manifest))
}

// tables are the sections while they are being made.
type tables struct {
	strings                                           *interner
	entities                                          []uint32
	addresses                                         []uint32
	officers                                          []uint32
	byAddress, byBody, byUnit, byFiscalCode, byDomain keys
	text                                              textTables
	tokens, postings, nameStarts, names               []uint32
}

// entity writes the record of one draft, its addresses and its words.
func (a *assembly) entity(t *tables, place, i int) {
	d := &a.b.drafts[i]
	r := d.record
	number := uint32(place)
	r[fieldBody] = uint32(a.number[d.body])
	if p := a.parent[i]; p >= 0 {
		r[fieldParent] = uint32(a.number[p]) + 1
	}
	if p := a.area[i]; p >= 0 {
		r[fieldArea] = uint32(a.number[p]) + 1
	}
	r[fieldAddresses] = uint32(len(t.addresses) / addressWidth)
	slices.SortStableFunc(d.addresses, func(x, y draftAddress) int { return cmp.Compare(x.place, y.place) })
	for _, m := range d.addresses {
		t.byAddress.add(m.folded, uint32(len(t.addresses)/addressWidth))
		t.addresses = append(t.addresses, m.text, m.folded, number, uint32(m.kind)|uint32(m.role)<<8, m.label, m.published)
		if domain := domainOf(t.strings.text(m.folded)); domain != "" && m.role != RoleOfficer {
			t.byDomain.add(t.strings.ref(domain), r[fieldBody])
		}
	}
	r[fieldAddressesEnd] = uint32(len(t.addresses) / addressWidth)
	if o := d.officer; o != nil {
		t.officers = append(t.officers, number, o[0], o[1], o[2], o[3])
	}
	t.entities = append(t.entities, r[:]...)
	a.words(t, &r)
}

// indexes notes codes and fiscal codes.
func (a *assembly) indexes(t *tables) {
	for place := range a.order {
		r := t.entities[place*int(fieldCount):]
		code := t.strings.ref(foldCode(t.strings.text(r[fieldCode])))
		if place < a.bodies {
			t.byBody.add(code, uint32(place))
		} else if code != 0 {
			t.byUnit.add(code, uint32(place))
		}
		for _, f := range []field{fieldFiscalCode, fieldInvoiceCode} {
			if r[f] != 0 {
				t.byFiscalCode.add(t.strings.ref(foldCode(t.strings.text(r[f]))), uint32(place))
			}
		}
	}
}

// words notes the words of a name, and for bodies their acronym and every two
// neighbouring words as one: Porto Venere is also written Portovenere.
func (a *assembly) words(t *tables, r *[fieldCount]uint32) {
	main, aside := withoutBrackets(t.strings.text(r[fieldName]))
	n := nameWords{name: upTo(words(main)), aside: upTo(words(aside))}
	if Kind(r[fieldKind]&kindMask) == KindBody {
		n.acronym = upTo(words(t.strings.text(r[fieldAcronym])))
		for i := 1; i < len(n.name); i++ {
			n.joined = append(n.joined, n.name[i-1]+n.name[i])
		}
	}
	t.text.add(n)
}

// withoutBrackets takes what stands in round brackets out of a name, unless
// nothing else is there.
func withoutBrackets(name string) (main, aside string) {
	open, end := strings.IndexByte(name, '('), strings.LastIndexByte(name, ')')
	if open < 0 || end < open || strings.TrimSpace(name[:open]+name[end+1:]) == "" {
		return name, ""
	}
	return name[:open] + " " + name[end+1:], name[open+1 : end]
}

func upTo(words []string) []string { return words[:min(len(words), maxNameWords)] }

// maxNameWords is how many words of a name can be searched for. A value can
// hold thousands; the longest name of the registry has about forty.
const maxNameWords = 100

// keys are the entries of an index while it is being made.
type keys [][entryWidth]uint32

func (k *keys) add(key, number uint32) { *k = append(*k, [entryWidth]uint32{key, number}) }

// layOut sorts the entries into buckets, each entry once.
func (k keys) layOut(n *interner) (starts, entries []uint32) {
	buckets := uint32(1)
	for int(buckets) < len(k) {
		buckets *= 2
	}
	type entry struct {
		bucket uint32
		key    string
		pair   [entryWidth]uint32
	}
	sorted := make([]entry, len(k))
	for i, pair := range k {
		key := n.text(pair[0])
		sorted[i] = entry{hashKey(key) & (buckets - 1), key, pair}
	}
	slices.SortFunc(sorted, func(x, y entry) int {
		return cmp.Or(cmp.Compare(x.bucket, y.bucket), cmp.Compare(x.key, y.key), cmp.Compare(x.pair[1], y.pair[1]))
	})
	sorted = slices.CompactFunc(sorted, func(x, y entry) bool { return x.pair == y.pair })
	starts = make([]uint32, buckets+1)
	for _, e := range sorted {
		starts[e.bucket+1]++
		entries = append(entries, e.pair[:]...)
	}
	for i := range buckets {
		starts[i+1] += starts[i]
	}
	return starts, entries
}

// file puts the sections together.
func (t *tables) file(manifest []byte) string {
	sections := make([]any, sectionCount)
	set := func(s section, starts, entries []uint32) { sections[s], sections[s+1] = starts, entries }
	sections[sectionManifest] = manifest
	sections[sectionEntities], sections[sectionAddresses], sections[sectionOfficers] = t.entities, t.addresses, t.officers
	sections[sectionTokens], sections[sectionPostings] = t.tokens, t.postings
	sections[sectionNameStarts], sections[sectionNames] = t.nameStarts, t.names
	for s, k := range map[section]keys{sectionByAddress: t.byAddress, sectionByBody: t.byBody, sectionByUnit: t.byUnit,
		sectionByFiscalCode: t.byFiscalCode, sectionByDomain: t.byDomain} {
		starts, entries := k.layOut(t.strings)
		set(s, starts, entries)
	}
	sections[sectionStrings] = t.strings.block

	size := func(s any) int {
		if b, ok := s.([]byte); ok {
			return len(b)
		}
		return 4 * len(s.([]uint32))
	}
	total := headerLen
	header := binary.LittleEndian.AppendUint32([]byte(magic), formatVersion)
	header = binary.LittleEndian.AppendUint32(header, uint32(sectionCount))
	for _, s := range sections {
		header = binary.LittleEndian.AppendUint32(header, uint32(total))
		header = binary.LittleEndian.AppendUint32(header, uint32(size(s)))
		total += size(s)
	}
	var out strings.Builder
	out.Grow(total + sha256.Size)
	out.Write(header)
	var scratch []byte
	for _, s := range sections {
		if b, ok := s.([]byte); ok {
			out.Write(b)
			continue
		}
		scratch = scratch[:0]
		for _, n := range s.([]uint32) {
			scratch = binary.LittleEndian.AppendUint32(scratch, n)
		}
		out.Write(scratch)
	}
	out.WriteString(sumOf(out.String()))
	return out.String()
}
