// Package voucher keeps access tokens in memory until shortly before they end,
// and asks for each once, however many goroutines want it.
package voucher

import (
	"context"
	"sync"
	"time"
)

// Cache holds one token for each key. Its zero value is ready; it may be used
// by several goroutines. Tokens leave memory only by being handed out.
type Cache[T any] struct {
	mu    sync.Mutex
	slots map[string]*slot[T]
}

type slot[T any] struct {
	done  chan struct{} // closed when token or err is there
	token T
	until time.Time
	err   error
}

// Get returns the token of key, asking for it with fetch if there is none that
// is good at the time of now. fetch says until when its token may be handed
// out; one whose time is over already goes only to those who waited for it.
//
// A call of fetch goes on if the caller that began it gives up, since others may
// wait for it; its context has the values of ctx and ends after timeout.
func (c *Cache[T]) Get(ctx context.Context, key string, now func() time.Time, timeout time.Duration, fetch func(context.Context) (T, time.Time, error)) (T, error) {
	c.mu.Lock()
	s := c.slots[key]
	if s == nil || s.ended(now()) {
		s = &slot[T]{done: make(chan struct{})}
		if c.slots == nil {
			c.slots = make(map[string]*slot[T])
		}
		c.slots[key] = s
		go func() {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
			defer cancel()
			token, until, err := fetch(ctx)
			c.mu.Lock()
			s.token, s.until, s.err = token, until, err
			close(s.done)
			c.mu.Unlock()
		}()
	}
	c.mu.Unlock()
	select {
	case <-s.done:
		return s.token, s.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// ended reports whether a slot is of no more use: it failed, or its time is
// over. One whose call is on its way is.
func (s *slot[T]) ended(now time.Time) bool {
	select {
	case <-s.done:
		return s.err != nil || !now.Before(s.until)
	default:
		return false
	}
}

// Drop forgets the token of key if it is the one meant: a newer one, which
// another goroutine fetched meanwhile, stays.
func (c *Cache[T]) Drop(key string, meant func(T) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.slots[key]
	if s == nil {
		return
	}
	select {
	case <-s.done:
		if s.err == nil && meant(s.token) {
			delete(c.slots, key)
		}
	default:
	}
}
