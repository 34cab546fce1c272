package main

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// figure is what one message costs, on average over a set.
type figure struct {
	wall, cpu time.Duration
	bytes     int64 // allocated
	allocs    int64
}

// best keeps the least of each. What disturbs a measurement only ever adds.
func (f figure) best(o figure) figure {
	if f == (figure{}) {
		return o
	}
	return figure{min(f.wall, o.wall), min(f.cpu, o.cpu), min(f.bytes, o.bytes), min(f.allocs, o.allocs)}
}

// compare measures contenders on one set, with one goroutine and with n, all in
// turns, so that what else the machine does meets all of them. All is nil if n is
// 1.
func compare(c *circuit, s *set, n, rounds int, contenders ...contender) (one, all []figure, err error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	untouched := make([]byte, s.ballast)
	defer runtime.KeepAlive(untouched)
	for _, each := range contenders { // warm, and to see that all is well
		if err := s.every(each.worker(c)); err != nil {
			return nil, nil, err
		}
	}
	one = make([]figure, len(contenders))
	if n > 1 {
		all = make([]figure, len(contenders))
	}
	for range rounds {
		for i, each := range contenders {
			one[i] = one[i].best(once(c, s, 1, each))
			if n > 1 {
				all[i] = all[i].best(once(c, s, n, each))
			}
		}
	}
	return one, all, nil
}

// once goes through the set, long enough for the clock.
func once(c *circuit, s *set, goroutines int, one contender) figure {
	runtime.GOMAXPROCS(goroutines)
	passes := max(1, int(40_000_000/max(s.bytes, 1)))
	total := int64(passes * len(s.files))
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, start := processorTime(), time.Now()
	var next atomic.Int64
	var group sync.WaitGroup
	for range goroutines {
		group.Go(func() {
			verify := one.worker(c)
			for {
				i := next.Add(1) - 1
				if i >= total {
					return
				}
				verify(s.files[i%int64(len(s.files))]) // they were good before
			}
		})
	}
	group.Wait()
	f := figure{wall: time.Since(start), cpu: processorTime() - cpu}
	runtime.ReadMemStats(&after)
	return figure{
		wall:   f.wall / time.Duration(total),
		cpu:    f.cpu / time.Duration(total),
		bytes:  int64(after.TotalAlloc-before.TotalAlloc) / total,
		allocs: int64(after.Mallocs-before.Mallocs) / total,
	}
}
