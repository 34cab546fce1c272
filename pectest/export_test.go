package pectest

import "time"

// Pending returns how many things are still to happen.
func (k *Clock) Pending() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.queue)
}

// Rewind sets a clock that stands still, back too, so that a circuit serves many
// inputs before its certificates expire.
func (k *Clock) Rewind(at time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.still = at
}

// Forget takes back what was revoked, and who else signed.
func (r *Revocations) Forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.entries, r.others = nil, nil
}

// CheckOptions tells what NewCircuit says of options before it makes any key.
func CheckOptions(opts ...Option) error {
	config := &config{faults: make(map[string]Fault)}
	for _, o := range opts {
		if err := o(config); err != nil {
			return err
		}
	}
	return config.complete()
}
