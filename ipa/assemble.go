package ipa

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrNothingRead is returned for a snapshot of no bodies.
var ErrNothingRead = errors.New("ipa: no body has been read")

// Snapshot makes the snapshot of what has been read. The Builder must not be
// used afterwards.
func (b *Builder) Snapshot() (*Snapshot, error) {
	if b.broken != nil {
		return nil, fmt.Errorf("ipa: the builder was given a file that it could not read: %w", b.broken)
	}
	if len(b.bodies) == 0 {
		return nil, ErrNothingRead
	}
	b.broken = errors.New("it has made its snapshot")
	a := &assembly{b: b, parent: make([]int, len(b.drafts)), area: make([]int, len(b.drafts))}
	a.resolve()
	a.cutCycles()
	a.arrange()
	return a.encode()
}

// assembly turns drafts into the tables of a snapshot.
type assembly struct {
	b      *Builder
	parent []int // draft of the office above, -1 for none
	area   []int // draft of the AOO, -1 for none
	order  []int // drafts in the order of the snapshot
	number []int // place of each draft in order
	bodies int   // how many of order, at its beginning, are bodies
}

// resolve finds the units that rows name as area or office above. Those of
// another body, or not in the data, are defects.
func (a *assembly) resolve() {
	for i := range a.b.drafts {
		d := &a.b.drafts[i]
		a.parent[i] = a.find(&a.b.offices, d.body, d.parent, "office above")
		a.area[i] = a.find(&a.b.areas, d.body, d.area, "area")
	}
}

func (a *assembly) find(index *unitIndex, body int, l link, what string) int {
	if l == (link{}) {
		return -1
	}
	bodyCode := foldCode(a.b.strings.text(a.b.drafts[body].record[fieldCode]))
	i, ok := index.find(bodyCode, l.code, l.local)
	if !ok || a.b.drafts[i].body != body {
		a.b.defect(l.file, l.line, fmt.Sprintf("%s %s is not among the units of the body", what, l.code+l.local))
		return -1
	}
	return i
}

// cutCycles makes an office whose chain of offices above comes back to itself
// one without an office above.
func (a *assembly) cutCycles() {
	const unseen, open, done = 0, 1, 2
	state := make([]uint8, len(a.parent))
	for i := range a.parent {
		var chain []int
		at := i
		for at >= 0 && state[at] == unseen {
			state[at] = open
			chain = append(chain, at)
			at = a.parent[at]
		}
		if at >= 0 && state[at] == open {
			a.b.defect(a.b.drafts[at].parent.file, a.b.drafts[at].parent.line, "an office stands above itself")
			a.parent[at] = -1
		}
		for _, n := range chain {
			state[n] = done
		}
	}
}

// arrange decides the order: bodies by code; then for each body its areas by
// name and its offices as a tree, siblings by name.
func (a *assembly) arrange() {
	n := len(a.b.drafts)
	names := make([]string, n)
	codes := make([]string, n)
	areas, tops, below := make([][]int, n), make([][]int, n), make([][]int, n)
	for i := range a.b.drafts {
		d := &a.b.drafts[i]
		names[i] = strings.Join(words(a.b.strings.text(d.record[fieldName])), " ")
		codes[i] = foldCode(a.b.strings.text(d.record[fieldCode]))
		switch {
		case Kind(d.record[fieldKind]&kindMask) == KindBody:
			a.order = append(a.order, i)
		case Kind(d.record[fieldKind]&kindMask) == KindArea:
			areas[d.body] = append(areas[d.body], i)
		case a.parent[i] < 0:
			tops[d.body] = append(tops[d.body], i)
		default:
			below[a.parent[i]] = append(below[a.parent[i]], i)
		}
	}
	byName := func(x, y int) int {
		return cmp.Or(cmp.Compare(names[x], names[y]), cmp.Compare(codes[x], codes[y]), cmp.Compare(x, y))
	}
	slices.SortFunc(a.order, func(x, y int) int { return cmp.Compare(codes[x], codes[y]) })
	a.bodies = len(a.order)
	for _, body := range a.order[:a.bodies] {
		record := &a.b.drafts[body].record
		record[fieldFirst] = uint32(len(a.order))
		slices.SortFunc(areas[body], byName)
		a.order = append(a.order, areas[body]...)
		slices.SortFunc(tops[body], byName)
		waiting := slices.Clone(tops[body]) // those still to come, the next one last
		slices.Reverse(waiting)
		for len(waiting) > 0 {
			office := waiting[len(waiting)-1]
			waiting = waiting[:len(waiting)-1]
			a.order = append(a.order, office)
			slices.SortFunc(below[office], byName)
			for _, child := range slices.Backward(below[office]) {
				waiting = append(waiting, child)
			}
		}
		record[fieldEnd] = uint32(len(a.order))
	}
	a.number = make([]int, n)
	for place, i := range a.order {
		a.number[i] = place
	}
}
