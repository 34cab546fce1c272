package follow

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"
)

// ErrSubmission says that something cannot be a submission: see
// [Tracker.Submitted].
var ErrSubmission = errors.New("follow: not a submission")

// Submission is the caller's word that a message was handed to the sender's
// provider. It certifies nothing: it makes known what to wait for before the first
// receipt comes, and never changes what receipts say.
type Submission struct {
	MessageID  string    `json:"messageId"` // the client's own Message-ID
	Time       time.Time `json:"time"`
	Sender     string    `json:"sender"`
	Subject    string    `json:"subject,omitempty"`
	Recipients []string  `json:"recipients"`
}

// SubmissionState is what became of a submission.
type SubmissionState struct {
	Submission
	// Message is the certified message that answers it, nil while there is none:
	// then every recipient is StatusSubmitted, by the caller's word only.
	Message *Message
	// Missing is the acceptance, while nothing answers; the norm sets no time for
	// it. Afterwards the Message's recipients say what is missing.
	Missing *Missing
	// Unnamed are the recipients of the submission that the Message does not
	// name: nothing was certified of them.
	Unnamed []string
}

// clockSkew is how much the caller's clock may be ahead of the provider's.
const clockSkew = 10 * time.Minute

// Submitted takes the caller's word that a message was sent, and reports whether it
// was new. The time is kept in UTC, Message-ID as FoldID gives it. The same
// Message-ID can be submitted several times: what differs in time, sender, subject
// or recipients is a submission of its own. One without a Message-ID, time, sender or
// recipients, or of text that is not UTF-8, is refused with [ErrSubmission].
func (t *Tracker) Submitted(s Submission) (bool, error) {
	s = s.folded()
	if err := s.check(); err != nil {
		return false, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.expect(s), nil
}

// Withdraw forgets a submission, such as one that failed after all, and reports
// whether it was known.
func (t *Tracker) Withdraw(s Submission) bool {
	s = s.folded()
	t.mu.Lock()
	defer t.mu.Unlock()
	key := s.digest()
	_, known := t.submissions[key]
	delete(t.submissions, key)
	return known
}

func (t *Tracker) expect(s Submission) bool {
	if t.submissions == nil {
		t.submissions = make(map[digest]Submission)
	}
	key := s.digest()
	_, again := t.submissions[key]
	t.submissions[key] = s
	return !again
}

func (s Submission) folded() Submission {
	s.MessageID, s.Time = FoldID(s.MessageID), s.Time.UTC().Round(0)
	s.Recipients = slices.Clone(s.Recipients)
	return s
}

// check expects a submission that was folded.
func (s *Submission) check() error {
	switch {
	case s.MessageID == "" || len(s.MessageID) > longest:
		return fmt.Errorf("%w: it needs a Message-ID of at most %d bytes", ErrSubmission, longest)
	case FoldID(s.MessageID) != s.MessageID: // brackets in brackets, four times escaped: nobody's
		return fmt.Errorf("%w: its Message-ID has more brackets or escapes around it than can be taken off", ErrSubmission)
	case s.Time.Year() < 1970 || s.Time.Year() > 9999:
		return fmt.Errorf("%w: it needs a time", ErrSubmission)
	case foldAddress(s.Sender) == "" || len(s.Recipients) == 0:
		return fmt.Errorf("%w: it needs a sender and recipients", ErrSubmission)
	}
	for _, r := range s.Recipients {
		if foldAddress(r) == "" {
			return fmt.Errorf("%w: a recipient is empty", ErrSubmission)
		}
	}
	if areText(append([]string{s.MessageID, s.Sender, s.Subject}, s.Recipients...)...) != nil {
		return fmt.Errorf("%w: text that is not UTF-8", ErrSubmission)
	}
	return nil
}

func (s *Submission) digest() digest {
	h := newHasher()
	h.text(s.MessageID, s.Time.Format(time.RFC3339Nano), s.Sender, s.Subject)
	h.text(s.Recipients...)
	return h.digest()
}

// compare orders submissions.
func (s *Submission) compare(o *Submission) int {
	return cmp.Or(s.Time.Compare(o.Time), cmp.Compare(s.MessageID, o.MessageID), cmp.Compare(s.Sender, o.Sender),
		cmp.Compare(s.Subject, o.Subject), slices.Compare(s.Recipients, o.Recipients))
}

// Submissions yields all submissions and what became of them, by time. It is about
// those known when the iteration begins.
//
// A certified message answers a submission if its certified msgid is the
// Message-ID, its sender is the sender, it has at least one of the recipients, and it
// is not older. Of several submissions, one with the same recipients comes
// first, then the last before the message; each has a message of its own. Like all
// states this depends on what is known and not on its order. A provider that
// leaves msgid out answers nothing here: [Tracker.Find] knows more names, which are
// not certified.
func (t *Tracker) Submissions() iter.Seq[SubmissionState] {
	return func(yield func(SubmissionState) bool) {
		list := t.submitted()
		type exchange struct{ name, sender string }
		groups := make(map[exchange][]int)
		for i, s := range list {
			key := exchange{s.MessageID, foldAddress(s.Sender)}
			groups[key] = append(groups[key], i)
		}
		answers := make([]string, len(list))
		for key, group := range groups {
			assign(list, group, t.candidates(key.name, key.sender), answers)
		}
		for i, s := range list {
			if !yield(t.submissionState(s, answers[i])) {
				return
			}
		}
	}
}

// submitted returns the submissions, by time.
func (t *Tracker) submitted() []Submission {
	t.mu.RLock()
	list := slices.Collect(maps.Values(t.submissions))
	t.mu.RUnlock()
	slices.SortFunc(list, func(a, b Submission) int { return a.compare(&b) })
	return list
}

func (t *Tracker) submissionState(s Submission, id string) SubmissionState {
	s.Recipients = slices.Clone(s.Recipients)
	out := SubmissionState{Submission: s}
	if id == "" {
		out.Missing = &Missing{What: MissingAcceptance, Since: s.Time}
		return out
	}
	out.Message = t.Message(id)
	for _, r := range s.Recipients {
		if to := out.Message.Recipient(r); to == nil || !to.Listed {
			out.Unnamed = append(out.Unnamed, r)
		}
	}
	return out
}

// candidate is a certified message that may answer a submission.
type candidate struct {
	id         string
	time       time.Time // of its first fact
	recipients map[string]bool
}

// candidates returns the messages that are certified to have a Message-ID and a
// sender, by time.
func (t *Tracker) candidates(name, sender string) (list []candidate) {
	for _, id := range t.Find(name) {
		facts := t.facts(id)
		c := candidate{id: id, time: facts[0].Time, recipients: make(map[string]bool)}
		certified := false
		for _, f := range facts {
			if f.About.MessageID != name || foldAddress(f.About.Sender) != sender {
				continue
			}
			certified = true
			for _, r := range f.About.Recipients {
				c.recipients[foldAddress(r.Address)] = true
			}
		}
		if certified {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b candidate) int { return cmp.Or(a.time.Compare(b.time), cmp.Compare(a.id, b.id)) })
	return list
}

// assign gives each candidate the submission that it answers, if there is one: first
// to those with the same recipients, then to those with some of them. group are the
// places of the submissions in list, by time.
func assign(list []Submission, group []int, candidates []candidate, answers []string) {
	for _, same := range []bool{true, false} {
		for k := range candidates {
			c := &candidates[k]
			if c.id == "" {
				continue
			}
			best := -1
			for _, i := range group {
				s := &list[i]
				if answers[i] != "" || !c.shares(s.Recipients, same) {
					continue
				}
				if !s.Time.After(c.time) {
					best = i // the last before it
				} else if best < 0 && !s.Time.After(c.time.Add(clockSkew)) {
					best = i // or the first behind it, by a clock that is ahead
				}
			}
			if best >= 0 {
				answers[best], c.id = c.id, ""
			}
		}
	}
}

// shares reports whether the candidate has these recipients and no others, or at
// least one of them.
func (c *candidate) shares(recipients []string, all bool) bool {
	shared := make(map[string]bool, len(recipients))
	missing := false
	for _, r := range recipients {
		if r = foldAddress(r); c.recipients[r] {
			shared[r] = true
		} else {
			missing = true
		}
	}
	if all {
		return !missing && len(shared) == len(c.recipients)
	}
	return len(shared) > 0
}
