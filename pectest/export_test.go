package pectest

// Pending returns how many things are still to happen.
func (k *Clock) Pending() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.queue)
}
