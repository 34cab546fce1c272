package pectest

import "time"

// Clock is the time of a circuit, and what will happen in it. Several circuits
// may share one. It is safe for concurrent use.
type Clock struct{}

// NewClock returns a clock that stands still at start until Advance moves it.
func NewClock(start time.Time) *Clock { panic("todo") }

// NewRunningClock returns a clock that follows time.Now and is ahead of it by
// what Advance adds. What is due happens in goroutines of its own. Inside
// testing/synctest it follows the time of the bubble that made it.
func NewRunningClock() *Clock { panic("todo") }

// Now returns the present time, in the legal time of Italy.
//
// spec: RFC 6109 §4.2
func (k *Clock) Now() time.Time { panic("todo") }

// Advance moves the clock forward and does what is due on the way, each thing at
// its time. When it returns all of it is done. It panics if d is negative.
func (k *Clock) Advance(d time.Duration) { panic("todo") }
