package pectest

// news is a message of which the delivery hook is to be told.
type news struct {
	box     *Mailbox
	message *Message
}

// report tells the hook what it has not been told, without holding the lock, so
// that the hook can use the circuit. If another goroutine is at it, or the hook
// itself is what led here, that one goes on with it.
func (c *Circuit) report() {
	if c.hook == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reporting {
		return
	}
	c.reporting = true
	for len(c.news) > 0 {
		list := c.news
		c.news = nil
		c.mu.Unlock()
		for _, n := range list {
			c.hook(n.box, n.message)
		}
		c.mu.Lock()
	}
	c.reporting = false
}
