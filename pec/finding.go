package pec

import (
	"fmt"
	"slices"
	"sync/atomic"
)

// finding is what one check found.
type finding struct {
	words  phrase
	args   []any
	status Status
	row    row // of the verdict table, for a failed check
}

// check is the finding as one of the check at place i.
func (f *finding) check(i int) Check {
	return Check{ID: checks[i].ID, Status: f.status, Clause: checks[i].Clause, found: f}
}

func (f *finding) detail(l Lang) string {
	format := f.words.in(l)
	if len(f.args) == 0 {
		return format
	}
	return fmt.Sprintf(format, showArgs(f.args, l)...)
}

// foundSoFar is where the findings of one layer are kept. Most checks find the same
// in message after message, in words without arguments: all reports share that
// finding.
type foundSoFar struct {
	own []finding // those with arguments
}

// ownFindings is how many findings with arguments a good message has room for.
const ownFindings = 10

// usual has, for each check, findings that came first of those that can be shared.
var usual = make([]atomic.Pointer[[]*finding], len(checks))

// mostUsual is how many are shared of one check: as many as good messages of all
// kinds have, and more.
const mostUsual = 8

// take returns where the finding of the check at place i is kept.
func (f *foundSoFar) take(i int, found finding) *finding {
	if len(found.args) == 0 {
		return shared(i, found)
	}
	if len(f.own) == cap(f.own) {
		f.own = make([]finding, 0, ownFindings) // a full one is left to its reports
	}
	f.own = append(f.own, found)
	return &f.own[len(f.own)-1]
}

func shared(i int, found finding) *finding {
	var list []*finding
	known := usual[i].Load()
	if known != nil {
		list = *known
	}
	for _, f := range list {
		if f.words == found.words && f.status == found.status && f.row == found.row {
			return f
		}
	}
	f := new(finding) // not &found, which would take room for one that is known, too
	*f = found
	if len(list) < mostUsual {
		longer := append(slices.Clone(list), f)
		usual[i].CompareAndSwap(known, &longer)
	}
	return f
}
