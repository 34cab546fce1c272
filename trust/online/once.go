package online

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
)

// maxRemembered bounds the questions whose outcome is remembered, and
// maxRememberedSize the bytes of their answers. Past either, what was remembered
// is forgotten and asked again.
const (
	maxRemembered     = 1024
	maxRememberedSize = 64 << 20
)

// outcome is what came of one question.
type outcome struct {
	answer []byte
	err    error
}

// once asks what was not asked before. One question goes out at a time: a
// server that does not answer stalls a run once, not once for each message.
func (c *Client) once(ctx context.Context, builtIn bool, s source) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := key(s.url, s.request)
	if builtIn {
		k += " built in" // what may be asked depends on it
	}
	if o, ok := c.asked[k]; ok {
		return o.answer, o.err
	}
	var o outcome
	if s.request == nil {
		o.answer, o.err = c.get(ctx, builtIn, s.url)
	} else {
		o.answer, o.err = c.ask(ctx, builtIn, s.url, s.request)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err() // the caller gave up; that says nothing of the server
	}
	if c.asked == nil || len(c.asked) >= maxRemembered || c.size+len(o.answer) > maxRememberedSize {
		c.asked, c.size = make(map[string]outcome), 0
	}
	c.asked[k] = o
	c.size += len(o.answer)
	return o.answer, o.err
}

func fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}
