package ipa

import (
	"encoding/hex"
	"iter"
	"sort"
	"strings"
	"time"
)

// Snapshot is the registry as it was on one day. It never changes and may be
// used by any number of goroutines.
type Snapshot struct {
	data     string // the whole file
	sum      string
	manifest Manifest
	count    uint32   // entities
	bodies   uint32   // the first of them
	standing []uint8  // see standingOf
	words    uint32   // different ones in names
	minor    []uint64 // one bit for each: a question may leave it out

	strings                                           string
	entities, addresses, officers                     numbers
	byAddress, byBody, byUnit, byFiscalCode, byDomain index
	tokens, postings, nameStarts, names               numbers
}

func (s *Snapshot) str(ref uint32) string { return stringAt(s.strings, ref) }

// Date returns the day of the data, UTC.
func (s *Snapshot) Date() time.Time { return s.manifest.Date }

// Manifest says what the snapshot was made of. It must not be changed.
func (s *Snapshot) Manifest() *Manifest { return &s.manifest }

// Size returns the bytes that the snapshot takes, in memory as in its file.
func (s *Snapshot) Size() int64 { return int64(len(s.data)) }

// SHA256 returns the sum, in lower-case hex, of the file without its last 32
// bytes, which hold the same sum. Two snapshots of the same files and date
// have the same sum.
func (s *Snapshot) SHA256() string { return hex.EncodeToString([]byte(s.sum)) }

// Len returns the number of entities of a kind. Those that are only referred
// to count too.
func (s *Snapshot) Len(k Kind) int {
	n := 0
	for i := range s.count {
		if (Entity{s, i}).Kind() == k {
			n++
		}
	}
	return n
}

// AddressCount returns the number of addresses, each counted once for every
// entity that lists it.
func (s *Snapshot) AddressCount() int { return int(s.addresses.len() / addressWidth) }

// Bodies yields all bodies, by code.
func (s *Snapshot) Bodies() iter.Seq[Entity] {
	return func(yield func(Entity) bool) {
		for i := range s.bodies {
			if !yield(Entity{s, i}) {
				return
			}
		}
	}
}

// Entities yields all entities, the bodies first.
func (s *Snapshot) Entities() iter.Seq[Entity] {
	return func(yield func(Entity) bool) {
		for i := range s.count {
			if !yield(Entity{s, i}) {
				return
			}
		}
	}
}

// Address says whether an address is PEC, and whose it is: of the sender or a
// recipient in certification data, for instance. Case does not count. An
// address that is not found is not in this snapshot, and nothing more is known
// of it: firms, professionals and citizens are in other registries.
func (s *Snapshot) Address(address string) AddressAnswer {
	a := AddressAnswer{Asked: address, Snapshot: s.manifest.Date, Owners: []Owner{}}
	from, to := s.byAddress.find(s.strings, FoldAddress(address))
	if from == to {
		return a
	}
	a.Listed = ListedOther
	a.Owners = make([]Owner, 0, to-from)
	for ; from < to; from++ {
		i := s.byAddress.number(from)
		o := Owner{Entity{s, s.addresses.at(i*addressWidth + 2)}, s.addressAt(i)}
		if o.Address.Type == TypePEC {
			a.Listed = ListedPEC
		}
		a.Owners = append(a.Owners, o)
	}
	return a
}

func (s *Snapshot) addressAt(i uint32) Address {
	i *= addressWidth
	kind := s.addresses.at(i + 3)
	return Address{
		Text: s.str(s.addresses.at(i)), Type: AddressType(kind), Role: Role(kind >> 8),
		Label: s.str(s.addresses.at(i + 4)), Published: s.str(s.addresses.at(i + 5)),
	}
}

// Body finds a body by its Codice_IPA, in any case.
func (s *Snapshot) Body(code string) Answer { return s.answer(s.byBody, code, foldCode(code)) }

// Unit finds an area or office by its code (Codice_uni_aoo, Codice_uni_uo), in
// any case.
func (s *Snapshot) Unit(code string) Answer { return s.answer(s.byUnit, code, foldCode(code)) }

// Recipient finds the office that receives electronic invoices under a
// recipient code (codice destinatario, Codice_uni_uo), in any case.
func (s *Snapshot) Recipient(code string) Answer {
	a := s.Unit(code)
	offices := a.Entities[:0]
	for _, e := range a.Entities {
		if e.Kind() == KindOffice {
			offices = append(offices, e)
		}
	}
	a.Entities = offices
	return a
}

// FiscalCode finds by fiscal code the bodies that have it, and after them the
// offices that receive invoices under it; [Entity.Body] of these may be
// another body. Blanks and case do not count. Whether a code can be one at all
// is not checked.
func (s *Snapshot) FiscalCode(code string) Answer {
	return s.answer(s.byFiscalCode, code, foldCode(code))
}

// Domain finds the bodies that list, themselves or through their units, an
// address in a mail domain, by code. Domains of large providers are shared by
// thousands.
func (s *Snapshot) Domain(domain string) Answer {
	return s.answer(s.byDomain, domain, strings.TrimSuffix(strings.ToLower(strings.TrimSpace(domain)), "."))
}

func (s *Snapshot) answer(x index, asked, key string) Answer {
	a := Answer{Asked: asked, Snapshot: s.manifest.Date, Entities: []Entity{}}
	if key == "" {
		return a
	}
	from, to := x.find(s.strings, key)
	if from == to {
		return a
	}
	a.Entities = make([]Entity, 0, to-from)
	for ; from < to; from++ {
		a.Entities = append(a.Entities, Entity{s, x.number(from)})
	}
	return a
}

// officerOf returns the person in charge of an entity, nil if not kept.
func (s *Snapshot) officerOf(entity uint32) *Officer {
	n := int(s.officers.len() / officerWidth)
	at := func(i int, f uint32) uint32 { return s.officers.at(uint32(i)*officerWidth + f) }
	i := sort.Search(n, func(i int) bool { return at(i, 0) >= entity })
	if i == n || at(i, 0) != entity {
		return nil
	}
	return &Officer{Title: s.str(at(i, 1)), FirstName: s.str(at(i, 2)), LastName: s.str(at(i, 3)), Phone: s.str(at(i, 4))}
}
