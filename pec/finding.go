package pec

import (
	"fmt"
	"sync/atomic"
)

// finding is what one check found.
type finding struct {
	words phrase
	args  []any
	row   row // of the verdict table, for a failed check
}

func (f *finding) detail(l Lang) string {
	format := f.words.in(l)
	if len(f.args) == 0 {
		return format
	}
	args := make([]any, len(f.args))
	for i, a := range f.args {
		args[i] = showArg(a, l)
	}
	return fmt.Sprintf(format, args...)
}

// foundSoFar is where the findings of one layer are kept. Most checks find the same
// in message after message, in words without arguments: all reports share that
// finding, and the checks of a report take a third less room.
type foundSoFar struct {
	own []finding // those with arguments
}

// ownFindings is how many findings with arguments a good message has room for.
const ownFindings = 14

// usual is what each check found last, of what can be shared.
var usual = make([]atomic.Pointer[finding], len(checks))

// take returns where the finding of the check at place i is kept.
func (f *foundSoFar) take(i int, found finding) *finding {
	if len(found.args) == 0 {
		last := usual[i].Load()
		if last == nil || last.words != found.words || last.row != found.row {
			last = &finding{words: found.words, row: found.row}
			usual[i].Store(last)
		}
		return last
	}
	if len(f.own) == cap(f.own) {
		f.own = make([]finding, 0, ownFindings) // a full one is left to its reports
	}
	f.own = append(f.own, found)
	return &f.own[len(f.own)-1]
}
