package pectest

import (
	"container/heap"
	"sync"
	"time"
)

// Clock is the time of a circuit, and what will happen in it. Several circuits
// may share one. It is safe for concurrent use.
type Clock struct {
	// running is held while what is due is done, so that Advance returns after
	// all of it. It is taken before mu, and before the lock of any circuit.
	running sync.Mutex

	mu     sync.Mutex
	real   bool          // follows time.Now
	still  time.Time     // the present time of a clock that does not
	ahead  time.Duration // of one that does
	queue  agenda
	number int         // of events so far
	timer  *time.Timer // of a clock that runs, for the first event
}

// NewClock returns a clock that stands still at start until Advance moves it.
func NewClock(start time.Time) *Clock { return &Clock{still: start} }

// NewRunningClock returns a clock that follows time.Now and is ahead of it by
// what Advance adds. What is due happens in goroutines of its own. Inside
// testing/synctest it follows the time of the bubble.
func NewRunningClock() *Clock { return &Clock{real: true} }

// Now returns the present time, in the legal time of Italy.
//
// spec: RFC 6109 §4.2
func (k *Clock) Now() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	return legalTime(k.now())
}

func (k *Clock) now() time.Time {
	if k.real {
		// The wall clock alone: an event is compared with what was certified.
		return time.Now().Round(0).Add(k.ahead)
	}
	return k.still
}

// Advance moves the clock forward and does what is due on the way, each thing at
// its time. When it returns all of it is done. It panics if d is negative, and
// must not be called from a delivery hook.
func (k *Clock) Advance(d time.Duration) {
	if d < 0 {
		panic("pectest: a clock goes forward only")
	}
	k.running.Lock()
	defer k.running.Unlock()
	k.mu.Lock()
	end, ahead := k.now().Add(d), k.ahead+d
	k.mu.Unlock()
	k.run(end)
	k.mu.Lock()
	k.still, k.ahead = end, ahead
	k.mu.Unlock()
	k.run(end)
}

// run does what is due until end, moving the clock to each event. running is
// held.
func (k *Clock) run(end time.Time) {
	for {
		k.mu.Lock()
		if len(k.queue) == 0 || k.queue[0].at.After(end) {
			k.arm()
			k.mu.Unlock()
			return
		}
		e := heap.Pop(&k.queue).(*event)
		if wait := e.at.Sub(k.now()); wait > 0 {
			k.still, k.ahead = e.at, k.ahead+wait
		}
		k.mu.Unlock()
		e.do()
	}
}

// arm sets the timer of a clock that runs to the first event. mu is held.
func (k *Clock) arm() {
	if k.timer != nil {
		k.timer.Stop()
		k.timer = nil
	}
	if !k.real || len(k.queue) == 0 {
		return
	}
	k.timer = time.AfterFunc(k.queue[0].at.Sub(k.now()), func() {
		k.running.Lock()
		defer k.running.Unlock()
		k.mu.Lock()
		now := k.now()
		k.mu.Unlock()
		k.run(now)
	})
}

// event is something that happens at a time, for one circuit.
type event struct {
	at     time.Time
	number int // the order among events of one instant
	owner  *Circuit
	do     func()
	index  int // in the agenda, -1 once it is out of it
}

// at lets something happen at a time, in a goroutine that holds no lock of the
// circuit.
func (k *Clock) at(when time.Time, owner *Circuit, do func()) *event {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.number++
	e := &event{at: when, number: k.number, owner: owner, do: do}
	heap.Push(&k.queue, e)
	if e.index == 0 {
		k.arm()
	}
	return e
}

// cancel takes events back. One that is being done already is not stopped.
func (k *Clock) cancel(events ...*event) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, e := range events {
		if e.index >= 0 {
			heap.Remove(&k.queue, e.index)
		}
	}
	k.arm()
}

// forget takes all events of a circuit back.
func (k *Clock) forget(owner *Circuit) {
	k.mu.Lock()
	var mine []*event
	for _, e := range k.queue {
		if e.owner == owner {
			mine = append(mine, e)
		}
	}
	k.mu.Unlock()
	k.cancel(mine...)
}

// agenda is a heap of events.
type agenda []*event

func (a agenda) Len() int { return len(a) }

func (a agenda) Less(i, j int) bool {
	if a[i].at.Equal(a[j].at) {
		return a[i].number < a[j].number
	}
	return a[i].at.Before(a[j].at)
}

func (a agenda) Swap(i, j int) {
	a[i], a[j] = a[j], a[i]
	a[i].index, a[j].index = i, j
}

// Push implements heap.Interface.
func (a *agenda) Push(x any) {
	e := x.(*event)
	e.index = len(*a)
	*a = append(*a, e)
}

// Pop implements heap.Interface.
func (a *agenda) Pop() any {
	last := len(*a) - 1
	e := (*a)[last]
	e.index = -1
	(*a)[last] = nil
	*a = (*a)[:last]
	return e
}
