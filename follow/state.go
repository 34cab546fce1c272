package follow

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/pec"
)

// state works out a message from its facts.
type state struct {
	*Message
	facts []*Fact
	index map[string]int // of Recipients, by folded address
	heard []history      // beside Recipients
}

// history is what is stated of one recipient, by status.
type history map[Status][]*Fact

// newMessage works out the state. facts are sorted, so that the same set of them
// gives the same state.
func newMessage(id string, facts []*Fact) *Message {
	s := &state{Message: &Message{ID: id}, facts: facts, index: make(map[string]int)}
	for _, f := range facts {
		s.Facts = append(s.Facts, f.clone())
	}
	s.about()
	s.whole()
	s.each()
	for i := range s.Recipients {
		s.decide(i)
	}
	s.repeated()
	s.issuers()
	slices.SortStableFunc(s.Contradictions, func(a, b Contradiction) int {
		return cmp.Or(cmp.Compare(a.Recipient, b.Recipient), cmp.Compare(a.Conflict, b.Conflict),
			slices.CompareFunc(a.Times, b.Times, time.Time.Compare))
	})
	return s.Message
}

// speaker returns the fact that says best what the message is: the sender's
// provider's own word, given when it took the message.
func (s *state) speaker() *Fact {
	for _, kind := range []pec.Kind{pec.KindAcceptance, pec.KindNonAcceptance, pec.KindTransport} {
		if i := slices.IndexFunc(s.facts, func(f *Fact) bool { return f.Kind == kind }); i >= 0 {
			return s.facts[i]
		}
	}
	return s.facts[0]
}

// about reads what the facts say of the message itself.
func (s *state) about() {
	best := s.speaker().About
	s.Sender, s.Subject = best.Sender, best.Subject
	s.list(best.Recipients)
	senders, names := make(map[string]bool), make(map[string]bool)
	differ := false
	seen := make(map[*About]bool)
	for _, f := range s.facts {
		a := f.About
		if seen[a] {
			continue // facts share what they agree in
		}
		seen[a] = true
		senders[foldAddress(a.Sender)] = true
		if a.MessageID != "" {
			names[a.MessageID] = true
		}
		if a != best && !sameRecipients(a.Recipients, best.Recipients) {
			differ = true
			s.list(a.Recipients)
		}
	}
	s.MessageIDs = slices.Sorted(maps.Keys(names))
	s.contradict(len(senders) > 1, ConflictSender, "", s.facts)
	s.contradict(len(names) > 1, ConflictMessageID, "", s.facts)
	s.contradict(differ, ConflictRecipients, "", s.facts)
}

// list adds recipients. One that is certified in any fact is certified: to take it
// for an ordinary mailbox would be to wait for nothing.
func (s *state) list(recipients []daticert.Recipient) {
	for _, r := range recipients {
		external := r.Type == daticert.RecipientExternal
		if i, known := s.index[foldAddress(r.Address)]; known {
			s.Recipients[i].External = s.Recipients[i].External && external
			continue
		}
		s.add(Recipient{Address: r.Address, External: external, Listed: true})
	}
}

func (s *state) add(r Recipient) int {
	i := len(s.Recipients)
	s.index[foldAddress(r.Address)] = i
	s.Recipients = append(s.Recipients, r)
	s.heard = append(s.heard, nil)
	return i
}

func sameRecipients(a, b []daticert.Recipient) bool {
	set := func(list []daticert.Recipient) map[daticert.Recipient]bool {
		m := make(map[daticert.Recipient]bool, len(list))
		for _, r := range list {
			m[daticert.Recipient{Type: r.Type, Address: foldAddress(r.Address)}] = true
		}
		return m
	}
	return maps.Equal(set(a), set(b))
}

// whole reads the facts that are about the message as a whole.
func (s *state) whole() {
	at := make(map[pec.Kind][]*Fact)
	for _, f := range s.facts {
		at[f.Kind] = append(at[f.Kind], f)
	}
	earliest := func(k pec.Kind) time.Time {
		s.contradict(len(times(at[k])) > 1, ConflictTimes, "", at[k])
		if len(at[k]) == 0 {
			return time.Time{}
		}
		return at[k][0].Time
	}
	s.Submitted, s.Accepted = earliest(pec.KindTransport), earliest(pec.KindAcceptance)
	s.NotAccepted = earliest(pec.KindNonAcceptance)
	refusals := at[pec.KindNonAcceptance]
	if len(refusals) == 0 {
		return
	}
	s.Refusal = refusals[0].failure()
	s.contradict(len(refusals) < len(s.facts), ConflictRefused, "", s.facts)
}

// each gives every recipient the facts that are about it.
func (s *state) each() {
	for _, f := range s.facts {
		status, ok := s.statusOf(f)
		if !ok {
			continue
		}
		about := f.Recipients
		if len(about) == 0 {
			if s.contradict(len(s.Recipients) != 1, ConflictNobody, "", []*Fact{f}) {
				continue
			}
			about = []string{s.Recipients[0].Address}
		}
		for _, address := range about {
			i, known := s.index[foldAddress(address)]
			if !known {
				i = s.add(Recipient{Address: address})
			}
			if s.heard[i] == nil {
				s.heard[i] = make(history)
			}
			if h := s.heard[i][status]; len(h) == 0 || h[len(h)-1] != f { // named twice
				s.heard[i][status] = append(h, f)
			}
		}
	}
}

// statusOf says what a fact makes of a recipient. The second result is false for
// facts about the message as a whole.
func (s *state) statusOf(f *Fact) (Status, bool) {
	switch f.Kind {
	case pec.KindTakingInCharge:
		return StatusTaken, true
	case pec.KindDelivery:
		return StatusDelivered, true
	case pec.KindDeliveryError, pec.KindVirusDetection:
		return StatusFailed, true
	case pec.KindTimeout:
		status, _ := f.timeoutOf(s.Accepted)
		return status, true
	}
	return "", false
}

// decide works out one recipient.
func (s *state) decide(i int) {
	r, heard := &s.Recipients[i], s.heard[i]
	first := func(status Status) time.Time {
		if len(heard[status]) == 0 {
			return time.Time{}
		}
		return heard[status][0].Time
	}
	r.Taken, r.Late, r.Undetermined = first(StatusTaken), first(StatusLate), first(StatusLateOrExpired)
	r.Expired, r.Failed, r.Delivered = first(StatusExpired), first(StatusFailed), first(StatusDelivered)
	s.status(r, heard)
	s.missing(r)
	s.conflicts(r, heard)
}

func (s *state) status(r *Recipient, heard history) {
	switch {
	case !s.NotAccepted.IsZero():
		r.Status, r.Time = StatusNotAccepted, s.NotAccepted
		return
	case !s.Accepted.IsZero():
		r.Status, r.Time = StatusAccepted, s.Accepted
	default:
		r.Status, r.Time = StatusSubmitted, s.Submitted
		if r.Time.IsZero() {
			r.Time = s.facts[0].Time
		}
	}
	for status, facts := range heard {
		if rank[status] > rank[r.Status] {
			r.Status, r.Time = status, facts[0].Time
		}
	}
	if len(heard[r.Status]) == 0 {
		return
	}
	switch f := heard[r.Status][0]; r.Status {
	case StatusLate, StatusLateOrExpired:
		_, r.Rule = f.timeoutOf(s.Accepted)
	case StatusExpired:
		_, r.Rule = f.timeoutOf(s.Accepted)
		r.Failure = f.failure()
	case StatusFailed:
		r.Failure = f.failure()
	case StatusDelivered:
		r.Receipt = f.Receipt
	}
}

// missing says what must still come for one recipient.
//
// spec: RFC 6109 §3.1.6
func (s *state) missing(r *Recipient) {
	switch {
	case r.Status.Final():
	case s.Accepted.IsZero() && r.External, s.Accepted.IsZero() && r.Status == StatusSubmitted:
		r.Missing = &Missing{What: MissingAcceptance, Since: s.facts[0].Time}
	case r.External:
	case s.Accepted.IsZero():
		r.Missing = &Missing{What: MissingOutcome, Since: s.facts[0].Time}
	default:
		r.Missing = &Missing{What: MissingOutcome, Since: s.Accepted, Due: s.Accepted.Add(expireAfter)}
		if r.Status == StatusAccepted {
			r.Missing.Notice = s.Accepted.Add(warnAfter)
		}
	}
}

// conflicts tells what contradicts itself about one recipient.
func (s *state) conflicts(r *Recipient, heard history) {
	var all, final []*Fact
	outcomes := 0
	for _, status := range slices.Sorted(maps.Keys(heard)) {
		facts := heard[status]
		all = append(all, facts...)
		if rank[status] >= rank[StatusExpired] {
			outcomes++
			final = append(final, facts...)
		}
		if status == StatusLateOrExpired {
			continue // two of them can be the two notices
		}
		for _, one := range kinds(facts) {
			s.contradict(len(times(one)) > 1, ConflictTimes, r.Address, one)
		}
	}
	s.contradict(outcomes > 1, ConflictOutcomes, r.Address, final)
	s.contradict(!r.Listed, ConflictUnlisted, r.Address, all)
	s.contradict(r.External && len(all) > 0, ConflictExternal, r.Address, all)
	delivered := heard[StatusDelivered]
	s.contradict(slices.ContainsFunc(delivered, func(f *Fact) bool { return f.Error != "" }), ConflictError, r.Address, delivered)
	s.contradict(slices.ContainsFunc(delivered, func(f *Fact) bool { return f.Original != "" }), ConflictOriginal, r.Address, delivered)
}

// kinds splits facts by kind: a virus detection and the notice about it to the
// sender have times of their own.
func kinds(facts []*Fact) map[pec.Kind][]*Fact {
	m := make(map[pec.Kind][]*Fact)
	for _, f := range facts {
		m[f.Kind] = append(m[f.Kind], f)
	}
	return m
}

// repeated tells of messages that are one event and state different things.
func (s *state) repeated() {
	one := make(map[string][]*Fact, len(s.facts))
	for _, f := range s.facts {
		id := f.identity()
		one[id] = append(one[id], f)
	}
	var all []*Fact
	for _, f := range s.facts {
		if len(one[f.identity()]) > 1 {
			all = append(all, f)
		}
	}
	s.contradict(len(all) > 0, ConflictRepeated, "", all)
}

// issuers tells of two providers that both act as the sender's.
//
// spec: RFC 6109 §2.2.1, §3.1
func (s *state) issuers() {
	var own []*Fact
	signers := make(map[string]bool)
	for _, f := range s.facts {
		switch f.Kind {
		case pec.KindTransport, pec.KindAcceptance, pec.KindNonAcceptance, pec.KindTimeout:
			own = append(own, f)
			signers[foldAddress(f.Signer)] = true
		}
	}
	s.contradict(len(signers) > 1, ConflictIssuer, "", own)
}

// contradict tells of a contradiction if there is one.
func (s *state) contradict(found bool, c Conflict, recipient string, facts []*Fact) bool {
	if found {
		s.Contradictions = append(s.Contradictions, Contradiction{Conflict: c, Recipient: recipient, Times: times(facts)})
	}
	return found
}

// times returns the times of facts, sorted, each once.
func times(facts []*Fact) []time.Time {
	var list []time.Time
	for _, f := range facts {
		list = append(list, f.Time)
	}
	slices.SortFunc(list, time.Time.Compare)
	return slices.CompactFunc(list, time.Time.Equal)
}
