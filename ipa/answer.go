package ipa

import (
	"fmt"
	"time"
)

// Answer is what a snapshot says to an exact question.
type Answer struct {
	Asked    string    `json:"asked"`
	Snapshot time.Time `json:"snapshot"` // date of the snapshot
	// Entities are in order: bodies first. Empty means not in the snapshot of
	// that date, not that nothing of the kind exists.
	Entities []Entity `json:"entities"`
}

// First returns the first entity, or the zero Entity.
func (a Answer) First() Entity {
	if len(a.Entities) == 0 {
		return Entity{}
	}
	return a.Entities[0]
}

// String says the answer in English. Names in it come from outside.
func (a Answer) String() string {
	switch len(a.Entities) {
	case 0:
		return fmt.Sprintf("%s is not in the IPA snapshot of %s", a.Asked, day(a.Snapshot))
	case 1:
		return fmt.Sprintf("%s is %s in the IPA snapshot of %s", a.Asked, described(a.Entities[0]), day(a.Snapshot))
	}
	return fmt.Sprintf("%s is %s and %d more in the IPA snapshot of %s", a.Asked, described(a.Entities[0]), len(a.Entities)-1, day(a.Snapshot))
}

// described names an entity, with its body if it is a unit of one.
func described(e Entity) string {
	if e.Kind() == KindBody {
		return either(e.Name(), e.Code())
	}
	return either(e.Name(), e.Code()) + ", " + described(e.Body())
}

func day(t time.Time) string { return t.Format(time.DateOnly) }

// Listing says whether and as what a snapshot lists an address. The zero value
// means that it does not.
type Listing uint8

// The listings.
const (
	NotListed   Listing = 0 // not in the snapshot of its date
	ListedOther Listing = 1 // listed, but by nobody as PEC
	ListedPEC   Listing = 2 // at least one owner lists it as PEC
)

var listingNames = [...]string{"not-in-snapshot", "other", "pec"}

// String returns not-in-snapshot, other or pec.
func (l Listing) String() string {
	if int(l) < len(listingNames) {
		return listingNames[l]
	}
	return fmt.Sprintf("Listing(%d)", uint8(l))
}

// MarshalText returns [Listing.String].
func (l Listing) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads what [Listing.MarshalText] writes.
func (l *Listing) UnmarshalText(text []byte) error {
	for i, name := range listingNames {
		if name == string(text) {
			*l = Listing(i)
			return nil
		}
	}
	return fmt.Errorf("ipa: unknown listing %q", text)
}

// AddressAnswer says whether an address is PEC and whose it is.
type AddressAnswer struct {
	Asked    string    `json:"asked"`
	Snapshot time.Time `json:"snapshot"` // date of the snapshot
	Listed   Listing   `json:"listed"`
	// Owners are all entities that list the address, bodies first. One address
	// often serves a body and many of its offices, or several bodies.
	Owners []Owner `json:"owners"`
}

// Owner is an entity that lists an address, and how.
type Owner struct {
	Entity  Entity  `json:"entity"`
	Address Address `json:"as"`
}

// Bodies returns the bodies behind the owners, each once, in order.
func (a AddressAnswer) Bodies() []Entity {
	var out []Entity
	seen := make(map[Entity]bool, len(a.Owners))
	for _, o := range a.Owners {
		if b := o.Entity.Body(); !seen[b] {
			seen[b] = true
			out = append(out, b)
		}
	}
	return out
}

// String says the answer in English, without claiming more than the snapshot
// knows. Names in it come from outside.
func (a AddressAnswer) String() string {
	if len(a.Owners) == 0 {
		return fmt.Sprintf("%s is not in the IPA snapshot of %s", a.Asked, day(a.Snapshot))
	}
	what := "listed, not as PEC,"
	if a.Listed == ListedPEC {
		what = "listed as PEC"
	}
	more := ""
	if n := len(a.Owners) - 1; n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	return fmt.Sprintf("%s is %s by %s%s in the IPA snapshot of %s", a.Asked, what, described(a.Owners[0].Entity), more, day(a.Snapshot))
}

// SearchAnswer is the result of a text search.
type SearchAnswer struct {
	Asked    string    `json:"asked"`
	Snapshot time.Time `json:"snapshot"` // date of the snapshot
	Total    int       `json:"total"`    // entities that match, also those beyond the limit
	Hits     []Entity  `json:"hits"`     // best first
}
