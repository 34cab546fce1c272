package inipec

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// BatchState is how far a batch has come.
type BatchState string

// The states, in order.
const (
	Planned    BatchState = ""           // not sent
	Submitting BatchState = "submitting" // being sent; after a restart or a lost answer, whether it was accepted is unknown
	Submitted  BatchState = "submitted"  // accepted, has an ID
	Done       BatchState = "done"       // has its answers
)

// Job is a list of codes on its way through INI-PEC. It can be saved as JSON
// at any step and gone on with by another process. It holds personal data.
type Job struct {
	Codes   []string `json:"codes"` // as the caller gave them, in capitals
	Batches []Batch  `json:"batches"`
}

// Batch is one request of a Job.
type Batch struct {
	Codes     []string   `json:"codes"`
	State     BatchState `json:"state,omitzero"`
	ID        string     `json:"id,omitzero"`
	Submitted time.Time  `json:"submitted,omitzero"`
	Answers   []Answer   `json:"answers,omitzero"`
}

// Plan checks the codes, drops duplicates and splits them into batches of size,
// 0 meaning [MaxBatch]. It does not use the network. Bad codes give [*CodeError],
// joined, the first 20. Other errors: [ErrNoCodes], [ErrConfig].
func Plan(codes []string, size int) (*Job, error) {
	if size == 0 {
		size = MaxBatch
	}
	if size < 0 || size > MaxBatch {
		return nil, fmt.Errorf("inipec: %w: batches of %d codes", ErrConfig, size)
	}
	parsed, err := parseCodes(codes)
	if err != nil {
		return nil, err
	}
	j := &Job{Codes: parsed}
	for left := unique(parsed); len(left) > 0; {
		n := min(size, len(left))
		j.Batches = append(j.Batches, Batch{Codes: left[:n:n]})
		left = left[n:]
	}
	return j, nil
}

// Run does what is left of the job: submits batch by batch, then waits for each.
// save, if not nil, is called whenever the job has changed, also before each
// submission, so that a restart never asks twice unknowingly; its error stops
// the run.
//
// A batch whose submission may or may not have been accepted stops the run with
// an error that wraps [ErrOutcomeUnknown], at once or when the job is taken up
// again: see [Job.Again]. The other errors are those of [Client.Submit] and
// [Client.Wait]; after each of them the job can be run again.
func (c *Client) Run(ctx context.Context, j *Job, save func(*Job) error) error {
	if save == nil {
		save = func(*Job) error { return nil }
	}
	for i := range j.Batches {
		if err := c.start(ctx, j, &j.Batches[i], save); err != nil {
			return err
		}
	}
	for i := range j.Batches {
		b := &j.Batches[i]
		if b.State != Submitted {
			continue
		}
		answers, err := c.Wait(ctx, b.ID, b.Codes)
		if err != nil {
			return err
		}
		b.Answers, b.State = answers, Done
		if err := save(j); err != nil {
			return err
		}
	}
	return nil
}

func (c *Client) start(ctx context.Context, j *Job, b *Batch, save func(*Job) error) error {
	switch b.State {
	case Planned:
	case Submitting:
		return &Error{Service: INIPEC, Operation: "richiestaElencoPec", Asked: count(len(b.Codes)), Err: ErrOutcomeUnknown}
	default:
		return nil
	}
	b.State = Submitting
	if err := save(j); err != nil {
		b.State = Planned
		return err
	}
	id, err := c.Submit(ctx, b.Codes)
	switch {
	case errors.Is(err, ErrOutcomeUnknown):
		return err
	case err != nil:
		b.State = Planned
		return errors.Join(err, save(j))
	}
	b.ID, b.State, b.Submitted = id, Submitted, c.config.Now()
	return save(j)
}

// Again makes batches whose submission may have been accepted ready to be sent
// anew, and returns how many: the caller accepts that their codes may be
// asked twice.
func (j *Job) Again() int {
	n := 0
	for i := range j.Batches {
		if j.Batches[i].State == Submitting {
			j.Batches[i].State = Planned
			n++
		}
	}
	return n
}

// Answers returns one answer for each code in the caller's order, duplicates
// included. Those of batches that are not done have no Outcome.
func (j *Job) Answers() []Answer {
	byCode := make(map[string]Answer, len(j.Codes))
	for _, b := range j.Batches {
		for _, a := range b.Answers {
			byCode[a.Code] = a
		}
	}
	out := make([]Answer, len(j.Codes))
	for i, code := range j.Codes {
		if a, ok := byCode[code]; ok {
			out[i] = a
		} else {
			out[i] = Answer{Code: code}
		}
	}
	return out
}
