package trust

import (
	"crypto/sha256"
	"sync"
)

// maxCached bounds a cache: entries of one of its two halves.
const maxCached = 1024

// hash is a SHA-256.
type hash = [sha256.Size]byte

// link says that the signature of one certificate (hash of its DER) was
// verified under one key (hash of its subjectPublicKeyInfo).
type link struct{ certificate, key hash }

// cache remembers what was true of bytes and stays true: signatures that
// verified, and constraints that were read. Validity is no part of it, and a
// failure is never remembered. It is safe for concurrent use.
//
// It has two halves. What is found in the old one moves to the new one, and
// when the new one is full the old one is dropped: so what is in use stays,
// and nothing has to be ordered.
type cache[K comparable, V any] struct {
	mu       sync.Mutex
	now, old map[K]V
}

func (c *cache[K, V]) get(k K) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if v, ok := c.now[k]; ok {
		return v, true
	}
	v, ok := c.old[k]
	if ok {
		c.add(k, v)
	}
	return v, ok
}

func (c *cache[K, V]) put(k K, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.add(k, v)
}

func (c *cache[K, V]) add(k K, v V) {
	if len(c.now) >= maxCached || c.now == nil {
		c.old, c.now = c.now, make(map[K]V)
	}
	c.now[k] = v
}

func (c *cache[K, V]) size() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.now) + len(c.old)
}
