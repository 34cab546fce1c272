// Package recent remembers a bounded number of values by the bytes they were
// made from.
//
// It is for what is a function of the bytes alone and costs more to find again
// than to keep: whoever puts something in decides that nobody can fill it who
// should not. A Cache is safe for concurrent use; its zero value is empty and
// ready.
package recent

import "sync"

// Max is how many values one of a cache's two halves holds.
const Max = 256

// Cache keeps between Max and twice as many values. It has two halves, so that
// nothing has to be ordered: what is found in the old one moves to the new one,
// and when that is full the old one is dropped. What is in use stays.
type Cache[V any] struct {
	mu       sync.Mutex
	now, old map[string]V
}

// Get returns what was put under exactly these bytes.
func (c *Cache[V]) Get(key []byte) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if v, ok := c.now[string(key)]; ok {
		return v, true
	}
	v, ok := c.old[string(key)]
	if ok {
		c.put(key, v)
	}
	return v, ok
}

// Put keeps a value under a copy of the bytes.
func (c *Cache[V]) Put(key []byte, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put(key, v)
}

func (c *Cache[V]) put(key []byte, v V) {
	if c.now == nil || len(c.now) >= Max {
		c.old, c.now = c.now, make(map[string]V)
	}
	c.now[string(key)] = v
}

// Len returns how many values are kept; one in both halves counts twice.
func (c *Cache[V]) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.now) + len(c.old)
}
