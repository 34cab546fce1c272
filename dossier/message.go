package dossier

import (
	"cmp"
	"slices"
	"time"

	"github.com/gopec/gopec/follow"
	"github.com/gopec/gopec/pec"
)

// evidence is one certified statement about a message, and where it stands.
type evidence struct {
	*statement
	file File
	ref  Ref
}

// messages makes the report of each message that was chosen.
func (b *Builder) messages(chosen []*candidate, now time.Time) []Message {
	about := make(map[string][]evidence, len(chosen))
	for _, c := range chosen {
		about[c.ID] = nil
	}
	for n, e := range b.entries {
		for i := range e.statements {
			s := &e.statements[i]
			if s.fact == nil {
				continue
			}
			if _, ok := about[s.fact.ID]; ok {
				about[s.fact.ID] = append(about[s.fact.ID], evidence{s, e.file, Ref{n + 1, s.Path}})
			}
		}
	}
	out := make([]Message, 0, len(chosen))
	for _, c := range chosen {
		out = append(out, b.message(c, about[c.ID], now))
	}
	return out
}

func (b *Builder) message(c *candidate, all []evidence, now time.Time) Message {
	m := Message{Message: *c.Message, NamedBy: c.by, SenderDiffers: !c.ours}
	index := make(map[string]int, len(c.Recipients))
	for i, r := range c.Recipients {
		index[foldAddress(r.Address)] = i
		m.Recipients = append(m.Recipients, Recipient{Recipient: r, Overdue: r.Missing.Overdue(now)})
	}
	for _, a := range b.sent.To {
		if i, ok := index[foldAddress(a)]; !ok || !m.Recipients[i].Listed {
			m.NotAddressed = append(m.NotAddressed, a)
		}
	}
	own := make([][]evidence, len(m.Recipients))
	var whole, envelopes []evidence
	for _, e := range all {
		switch e.fact.Kind {
		case pec.KindAcceptance, pec.KindNonAcceptance:
			whole = append(whole, e)
			continue
		case pec.KindTransport:
			whole, envelopes = append(whole, e), append(envelopes, e)
			continue
		}
		to := e.fact.Recipients
		if len(to) == 0 && len(m.Recipients) == 1 {
			to = []string{m.Recipients[0].Address}
		}
		if len(to) == 0 {
			whole = append(whole, e) // about one that it does not name
		}
		for _, a := range to {
			i := index[foldAddress(a)] // follow lists every address that a fact is about
			if n := len(own[i]); n == 0 || own[i][n-1].ref != e.ref {
				own[i] = append(own[i], e)
			}
		}
	}
	m.Steps = m.steps(whole)
	m.Envelope, _ = decisive(envelopes)
	for i := range m.Recipients {
		r := &m.Recipients[i]
		r.Steps = m.steps(slices.Concat(m.concerning(whole), own[i]))
		r.match(own[i])
	}
	return m
}

// concerning leaves of what is stated of the whole message that with which the way
// to each recipient begins.
func (m *Message) concerning(whole []evidence) []evidence {
	return slices.DeleteFunc(slices.Clone(whole), func(e evidence) bool {
		return e.fact.Kind != pec.KindAcceptance && e.fact.Kind != pec.KindNonAcceptance
	})
}

// match says whether what was delivered is the sent file.
func (r *Recipient) match(own []evidence) {
	delivered := slices.DeleteFunc(slices.Clone(own), func(e evidence) bool { return e.fact.Kind != pec.KindDelivery })
	if len(delivered) == 0 {
		return
	}
	r.Match = follow.MatchNone
	if r.Comparison, r.CompareFailed = decisive(delivered); r.Comparison != nil {
		r.Match = r.Comparison.Match
	}
}

// decisive returns the comparison that decides, and without one that says
// something whether one failed.
func decisive(list []evidence) (best *Comparison, failed bool) {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b evidence) int {
		return cmp.Or(-cmp.Compare(a.Comparison.weight(), b.Comparison.weight()), a.fact.Time.Compare(b.fact.Time), compareFiles(a.file, b.file))
	})
	if len(list) > 0 {
		best = list[0].Comparison
	}
	if best.weight() <= 1 {
		failed = slices.ContainsFunc(list, func(e evidence) bool { return e.CompareFailed })
	}
	return best, failed
}

// steps puts what is stated in order, each statement once with all files that
// make it.
func (m *Message) steps(list []evidence) []Step {
	type key struct {
		kind             pec.Kind
		status           follow.Status
		at               int64
		provider, signer string
		receipt          string
	}
	at := make(map[key]int)
	var out []Step
	for _, e := range list {
		s := m.step(e)
		k := key{s.Kind, s.Status, s.Time.Unix(), s.Provider, s.Signer, string(s.Receipt)}
		i, known := at[k]
		if !known {
			i = len(out)
			at[k] = i
			out = append(out, s)
		}
		out[i].Files = append(out[i].Files, e.ref)
	}
	slices.SortStableFunc(out, func(a, b Step) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(order[a.Kind], order[b.Kind]), cmp.Compare(a.Status, b.Status),
			cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Signer, b.Signer), cmp.Compare(a.Receipt, b.Receipt))
	})
	return out
}

// order is that in which kinds come when the certified second is the same.
var order = map[pec.Kind]int{
	pec.KindAcceptance: 1, pec.KindNonAcceptance: 1, pec.KindTransport: 2, pec.KindTakingInCharge: 3, pec.KindTimeout: 4,
	pec.KindVirusDetection: 5, pec.KindDeliveryError: 6, pec.KindDelivery: 7,
}

func (m *Message) step(e evidence) Step {
	s := Step{Kind: e.fact.Kind, Time: e.fact.Time, Receipt: e.fact.Receipt, Provider: e.fact.Provider, Signer: e.fact.Signer}
	switch e.fact.Kind {
	case pec.KindAcceptance:
		s.Status = follow.StatusAccepted
	case pec.KindNonAcceptance:
		s.Status = follow.StatusNotAccepted
	case pec.KindTransport:
		s.Status = follow.StatusSubmitted
	case pec.KindTakingInCharge:
		s.Status = follow.StatusTaken
	case pec.KindDelivery:
		s.Status = follow.StatusDelivered
	case pec.KindDeliveryError, pec.KindVirusDetection:
		s.Status = follow.StatusFailed
	case pec.KindTimeout:
		s.Status, s.Rule = m.Timeout(e.fact)
	}
	return s
}
