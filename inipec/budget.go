package inipec

import (
	"sync"
	"time"
)

// Budget bounds the calls of any 24 hours: a purpose on PDND is declared with a
// number of calls a day, and who goes over it is cut off. Where PDND's day
// begins is not documented, so that no span of 24 hours has more. Calls are
// counted by the hour, and an hour's calls are given back when all of
// it is 24 hours ago. It does not outlive the process: see [Budget.Spend].
//
// It may be used by several goroutines and shared by several clients.
type Budget struct {
	limit int
	mu    sync.Mutex
	hours map[int64]int // calls by hour since 1970
}

// NewBudget returns a budget of limit calls in 24 hours; under 1 it allows none.
func NewBudget(limit int) *Budget { return &Budget{limit: limit, hours: make(map[int64]int)} }

// Left returns how many calls may be made now.
func (b *Budget) Left(now time.Time) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.left(now)
}

func (b *Budget) left(now time.Time) int {
	used, hour := 0, now.Unix()/3600
	for h, n := range b.hours {
		if h < hour-24 {
			delete(b.hours, h)
			continue
		}
		used += n
	}
	return max(b.limit-used, 0)
}

// Spend counts n calls made at a time, such as those of an earlier process. It
// returns false, and counts none, if fewer are left.
func (b *Budget) Spend(now time.Time, n int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n > b.left(now) {
		return false
	}
	b.hours[now.Unix()/3600] += n
	return true
}
