package inipec_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/inipec"
	"github.com/gopec/gopec/inipec/inipectest"
)

// TestManyCodes takes 2,350 codes, 20 of them twice, through INI-PEC: answers
// in progress, an answer that gets lost, a restart from what was saved, and
// tokens that end in between.
func TestManyCodes(t *testing.T) {
	t.Parallel()
	identity()
	synctest.Test(t, func(t *testing.T) {
		wspa := newWSPA()
		wspa.InProgress = 2
		wspa.LowerCase = true
		wspa.Fault = lose("richiestaElencoPec", 7)
		var codes []string
		for i := range 2330 {
			codes = append(codes, bodyCode(i))
			if i%3 == 0 {
				wspa.Entries[bodyCode(i)] = inipectest.Entry{Company: fmt.Sprintf("firm%d@pec.example.it", i)}
			}
		}
		codes = append(codes, codes[100:120]...)

		job, err := inipec.Plan(codes, 0)
		require.NoError(t, err)
		require.Len(t, job.Batches, 24, "2,330 different codes")

		var saved []byte
		save := func(j *inipec.Job) (err error) { saved, err = json.Marshal(j); return err }
		restart := func() {
			job = new(inipec.Job)
			require.NoError(t, json.Unmarshal(saved, job))
		}

		require.ErrorIs(t, newClient(t, wspa).Run(t.Context(), job, save), inipec.ErrOutcomeUnknown, "the seventh answer is lost")
		restart()
		require.ErrorIs(t, newClient(t, wspa).Run(t.Context(), job, save), inipec.ErrOutcomeUnknown, "a restart does not send it again by itself")
		require.Equal(t, 7, wspa.Calls("richiestaElencoPec"))
		require.Equal(t, 1, job.Again(), "only the batch whose answer was lost")

		stopped := errors.New("stopped")
		answered := 0
		err = newClient(t, wspa).Run(t.Context(), job, func(j *inipec.Job) error {
			for _, b := range j.Batches {
				if b.State == inipec.Done {
					if answered++; answered == 3 {
						return stopped
					}
				}
			}
			return save(j)
		})
		require.ErrorIs(t, err, stopped)
		restart()
		client := newClient(t, wspa)
		polls := 0
		require.NoError(t, client.Run(t.Context(), job, func(j *inipec.Job) error {
			if polls++; polls%5 == 0 {
				wspa.ExpireTokens()
			}
			return save(j)
		}))

		answers := job.Answers()
		require.Len(t, answers, 2350)
		for i, a := range answers {
			require.Equal(t, codes[i], a.Code, "the caller's order")
			times := 1
			if i := indexOf(codes, a.Code); i >= 600 && i < 700 {
				times = 2 // the lost batch
			}
			require.Equal(t, times, wspa.Asked(a.Code), "code %d", i)
			entry, listed := wspa.Entries[a.Code]
			if listed {
				require.Equal(t, inipec.Found, a.Outcome)
				require.Equal(t, entry.Company, a.Address())
			} else {
				require.Equal(t, inipec.NotFound, a.Outcome)
			}
		}
		require.Equal(t, 25, wspa.Calls("richiestaElencoPec"), "24 batches and the one that was lost")
		require.Equal(t, 3+4, wspa.Calls("authentication"), "one for each start that makes a call, and for each end of the tokens")
		require.Empty(t, wspa.Problems(), "every request was as documented")
	})
}

func indexOf(codes []string, code string) int {
	for i, c := range codes {
		if c == code {
			return i
		}
	}
	return -1
}

// TestPlanRefuses: bad codes are named, masked, before any call.
func TestPlanRefuses(t *testing.T) {
	t.Parallel()
	_, err := inipec.Plan([]string{person, "RSSMRA85T10A562X", "x"}, 0)
	e, ok := errors.AsType[*inipec.CodeError](err)
	require.True(t, ok)
	require.Equal(t, 1, e.Index)
	require.Contains(t, err.Error(), "code 2", "every bad code is named")
	require.NotContains(t, err.Error(), "RSSMRA85T10A562X", "a code in an error is masked")

	_, err = inipec.Plan(nil, 0)
	require.ErrorIs(t, err, inipec.ErrNoCodes)
	_, err = inipec.Plan([]string{person}, 101)
	require.ErrorIs(t, err, inipec.ErrConfig, "just above the limit")
	_, err = inipec.Plan([]string{person}, 100)
	require.NoError(t, err, "just at the limit")
}

// TestWait follows the times of the back-off.
func TestWait(t *testing.T) {
	t.Parallel()
	identity()
	cases := []struct {
		polls  int
		took   time.Duration
		err    error
		reason string
	}{
		{0, 0, nil, "ready at once"},
		{1, 5 * time.Second, nil, "the first wait"},
		{3, (5000 + 7500 + 11250) * time.Millisecond, nil, "each is half as long again"},
		{1000, 10 * time.Minute, inipec.ErrNotReady, "no longer than 10 minutes"},
	}
	for _, c := range cases {
		synctest.Test(t, func(t *testing.T) {
			wspa := newWSPA()
			wspa.InProgress = c.polls
			client := newClient(t, wspa)
			id, err := client.Submit(t.Context(), []string{person})
			require.NoError(t, err)
			begin := time.Now()
			answers, err := client.Wait(t.Context(), id, []string{person})
			require.ErrorIs(t, err, c.err, c.reason)
			require.Equal(t, c.took, time.Since(begin), c.reason)
			require.Equal(t, c.err == nil, len(answers) == 1, c.reason)
		})
	}
}

// TestWaitEndsWithContext: the context's error and the id's state are both told.
func TestWaitEndsWithContext(t *testing.T) {
	t.Parallel()
	identity()
	synctest.Test(t, func(t *testing.T) {
		wspa := newWSPA()
		wspa.InProgress = 1000
		client := newClient(t, wspa)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		id, err := client.Submit(ctx, []string{person})
		require.NoError(t, err)
		_, err = client.Wait(ctx, id, []string{person})
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

// TestPollVaries reads what the documents leave open.
func TestPollVaries(t *testing.T) {
	t.Parallel()
	identity()
	firm := inipectest.Entry{Company: "firm@pec.example.it"}
	cases := []struct {
		change  func(*inipectest.InfoCamere)
		outcome inipec.Outcome
		address string
		reason  string
	}{
		{func(s *inipectest.InfoCamere) { s.Entries[person] = firm }, inipec.Found, "firm@pec.example.it", "plain"},
		{func(s *inipectest.InfoCamere) { s.QuotedToken = true; s.Entries[person] = firm }, inipec.Found, "firm@pec.example.it", "the token as a JSON string"},
		{func(*inipectest.InfoCamere) {}, inipec.NotFound, "", "left out of the list"},
		{func(s *inipectest.InfoCamere) { s.Nulls = true }, inipec.NotFound, "", "null in the list"},
		{func(s *inipectest.InfoCamere) { s.InProgress, s.NotReadyStatus = 1, 400 }, inipec.NotFound, "", "not ready as a 400"},
		{func(s *inipectest.InfoCamere) { s.InProgress, s.NotReadyStatus = 1, 500 }, inipec.NotFound, "", "not ready as a 500"},
		{func(s *inipectest.InfoCamere) {
			s.Entries[person] = inipectest.Entry{Professionals: []string{"a@pec.example.it", "b@pec.example.it", "a@pec.example.it"}}
		}, inipec.Found, "a@pec.example.it", "a professional"},
		{func(s *inipectest.InfoCamere) { s.Entries[person] = inipectest.Entry{Company: "no address"} }, inipec.NotFound, "", "an address that is none"},
		{func(s *inipectest.InfoCamere) {
			s.States = true
			s.Entries[person] = inipectest.Entry{State: "ER"}
		}, inipec.TryLater, "", "state ER is no answer"},
		{func(s *inipectest.InfoCamere) {
			s.States = true
			s.Entries[person] = inipectest.Entry{State: "NF"}
		}, inipec.NotFound, "", "state NF"},
		{func(s *inipectest.InfoCamere) {
			s.States = true
			s.Entries[person] = inipectest.Entry{State: "XX"}
		}, inipec.Unclear, "", "an unknown state is no answer"},
		{func(s *inipectest.InfoCamere) {
			s.States = true
			s.Entries[person] = inipectest.Entry{State: "NF", Company: "firm@pec.example.it"}
		}, inipec.Unclear, "firm@pec.example.it", "a state that contradicts the address"},
	}
	for _, c := range cases {
		synctest.Test(t, func(t *testing.T) {
			wspa := newWSPA()
			c.change(wspa)
			client := newClient(t, wspa)
			id, err := client.Submit(t.Context(), []string{strings.ToLower(person), person})
			require.NoError(t, err, c.reason)
			answers, err := client.Wait(t.Context(), id, []string{person})
			require.NoError(t, err, c.reason)
			require.Equal(t, c.outcome, answers[0].Outcome, c.reason)
			require.Equal(t, c.address, answers[0].Address(), c.reason)
			require.Empty(t, wspa.Problems(), c.reason)
		})
	}
}
