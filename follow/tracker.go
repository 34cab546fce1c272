package follow

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"sync"

	"github.com/gopec/gopec/pec"
)

// Tracker knows what certified messages state, and nothing else. The zero value
// is ready for use; it must not be copied.
type Tracker struct {
	mu       sync.RWMutex
	messages map[string]*record  // by identificativo
	named    map[string][]string // by the client's Message-ID: identificativi
	seen     map[digest]struct{} // facts
	abouts   map[digest]*About   // each once, whatever the number of facts
	ignored  map[digest]Ignored  // what does not count

	submissions map[digest]Submission // the caller's own word
}

// record is what is known of one message.
type record struct {
	facts []known
	names map[string]struct{} // the client's Message-ID, certified or claimed
}

// known is a fact with its digest, which a message with a thousand recipients
// would otherwise cost again for each of its facts.
type known struct {
	*Fact
	key digest
}

// Result says what became of a report.
type Result string

// The results.
const (
	Added     Result = "added"     // it states a fact that was not known
	Duplicate Result = "duplicate" // it states what is known
	NotUsed   Result = "ignored"   // it states nothing that counts; Reason says why
)

// Reason says why a report does not count.
type Reason string

// The reasons.
const (
	ReasonNone         Reason = ""
	ReasonNotVerified  Reason = "not-verified"  // pec.Verify did not make the report
	ReasonNotCertified Reason = "not-certified" // a PEC message, or what calls itself one, that is not certified
	ReasonAnomaly      Reason = "anomaly"       // an anomaly envelope certifies nothing
	ReasonOrdinary     Reason = "ordinary"      // ordinary mail
	ReasonUnreadable   Reason = "unreadable"    // certified, but of facts that make no sense
)

// Outcome says what became of a report.
type Outcome struct {
	Result Result
	Reason Reason // for NotUsed
	ID     string // identificativo of the message it is about; "" for NotUsed
}

// Ignored is a message that does not count. Nothing in it is certified.
type Ignored struct {
	Reason        Reason            `json:"reason"`
	Kind          pec.Kind          `json:"kind,omitempty"`
	Verdict       pec.Verdict       `json:"verdict,omitempty"`
	SubIndication pec.SubIndication `json:"subIndication,omitempty"`
	Check         pec.CheckID       `json:"check,omitempty"`     // the first that failed
	MessageID     string            `json:"messageId,omitempty"` // of the message itself
	// Refers are the identifiers by which it claims to be about a message:
	// identificativo, msgid, X-Riferimento-Message-ID and those of the enclosed
	// original, as FoldID gives them. [Tracker.Find] tells which are known.
	Refers []string `json:"refers,omitempty"`
}

// Add takes what a report states. Reports may come in any order and any number
// of times; the report is not held.
func (t *Tracker) Add(r *pec.Report) Outcome {
	reason := whyNot(r)
	var f Fact
	if reason == ReasonNone {
		var err error
		if f, err = newFact(r); err != nil {
			reason = ReasonUnreadable
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if reason != ReasonNone {
		t.ignore(newIgnored(r, reason))
		return Outcome{Result: NotUsed, Reason: reason}
	}
	result := Duplicate
	if t.insert(&f) {
		result = Added
	}
	for _, name := range namesOf(r) {
		t.name(f.ID, name)
	}
	return Outcome{Result: result, ID: f.ID}
}

func whyNot(r *pec.Report) Reason {
	switch {
	case !r.Verified():
		return ReasonNotVerified
	case r.Certified && r.Data != nil:
		return ReasonNone
	case r.Kind == pec.KindAnomaly:
		return ReasonAnomaly
	case r.Kind == pec.KindOrdinary && !r.Message.Claims.IsPEC():
		return ReasonOrdinary
	}
	return ReasonNotCertified
}

// insert adds a fact that was checked and reports whether it is new.
func (t *Tracker) insert(f *Fact) bool {
	f.Time = inOffset(f.Time)
	key := f.digest()
	if _, again := t.seen[key]; again {
		t.respell(f, key)
		return false
	}
	if t.messages == nil {
		t.messages, t.named = make(map[string]*record), make(map[string][]string)
		t.seen, t.abouts = make(map[digest]struct{}), make(map[digest]*About)
	}
	t.seen[key] = struct{}{}
	about := f.About.digest()
	if a := t.abouts[about]; a != nil {
		f.About = a
	} else {
		t.abouts[about] = f.About
	}
	m := t.messages[f.ID]
	if m == nil {
		m = new(record)
		t.messages[f.ID] = m
	} else {
		f.ID = m.facts[0].ID // one string for all
	}
	m.facts = append(m.facts, known{f, key})
	t.name(f.ID, f.About.MessageID)
	return true
}

// respell keeps, of two facts that differ in nothing but the case of addresses, the
// one that sorts first, so that it does not matter which came first.
func (t *Tracker) respell(f *Fact, key digest) {
	m := t.messages[f.ID]
	i := slices.IndexFunc(m.facts, func(k known) bool { return k.key == key })
	if old := m.facts[i].Fact; slices.Compare(f.Recipients, old.Recipients) < 0 {
		replaced := *old
		replaced.Recipients = f.Recipients
		m.facts[i].Fact = &replaced
	}
}

// longest bounds an identifier that is a claim: a line of a mail.
//
// spec: RFC 5322 §2.1.1
const longest = 998

// name lets a message be found by the client's Message-ID.
func (t *Tracker) name(id, name string) {
	m := t.messages[id]
	if _, again := m.names[name]; again || name == "" || name == id || len(name) > longest {
		return
	}
	if m.names == nil {
		m.names = make(map[string]struct{}, 1)
	}
	m.names[name] = struct{}{}
	t.named[name] = append(t.named[name], id)
}

func (t *Tracker) ignore(i Ignored) {
	if t.ignored == nil {
		t.ignored = make(map[digest]Ignored)
	}
	t.ignored[i.digest()] = i
}

// namesOf returns the identifiers beside identificativo that a message gives the
// one it is about. The header's is not signed: it serves for finding only.
func namesOf(r *pec.Report) []string {
	names := []string{FoldID(r.Message.Claims.Reference)}
	if o := r.Message.Original(); o != nil {
		for _, field := range []string{"X-Riferimento-Message-ID", "Message-ID"} {
			for _, v := range first(o.Header(field)) {
				names = append(names, FoldID(v))
			}
		}
	}
	return names
}

// first bounds what is looked at of a repeated header field.
func first(values []string) []string { return values[:min(len(values), 4)] }

func newIgnored(r *pec.Report, reason Reason) Ignored {
	i := Ignored{Reason: reason}
	if reason == ReasonNotVerified {
		return i // nothing in it means anything
	}
	i.Kind, i.Verdict, i.SubIndication = r.Kind, r.Verdict, r.SubIndication
	if failed := r.Failures(); len(failed) > 0 {
		i.Check = failed[0].ID
	}
	for _, v := range first(r.Message.Header("Message-ID")) {
		if i.MessageID = FoldID(v); len(i.MessageID) > longest {
			i.MessageID = ""
		}
	}
	refers := namesOf(r)
	if r.Data != nil {
		refers = append(refers, FoldID(r.Data.ID), FoldID(r.Data.MessageID))
	}
	slices.Sort(refers)
	for _, v := range slices.Compact(refers) {
		if v != "" && len(v) <= longest {
			i.Refers = append(i.Refers, v)
		}
	}
	return i
}

func (i *Ignored) digest() digest {
	h := newHasher()
	h.text(string(i.Reason), string(i.Kind), string(i.Verdict), string(i.SubIndication), string(i.Check), i.MessageID)
	h.text(i.Refers...)
	return h.digest()
}

// Ignored yields the messages that do not count, those of which all is the same
// once, by reason and identifier. It is about the time when the iteration begins.
func (t *Tracker) Ignored() iter.Seq[Ignored] {
	return func(yield func(Ignored) bool) {
		t.mu.RLock()
		list := slices.Collect(maps.Values(t.ignored))
		t.mu.RUnlock()
		slices.SortFunc(list, func(a, b Ignored) int {
			x, y := a.digest(), b.digest()
			return cmp.Or(cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.MessageID, b.MessageID), slices.Compare(x[:], y[:]))
		})
		for _, i := range list {
			i.Refers = slices.Clone(i.Refers)
			if !yield(i) {
				return
			}
		}
	}
}

// Find returns the messages that have an identifier, sorted: as identificativo,
// as the client's own Message-ID, or as the one that headers of their receipts,
// which are not signed, refer to. The same client Message-ID can stand on several
// messages. Brackets and escapes do not matter.
func (t *Tracker) Find(id string) []string {
	t.mu.RLock()
	defer t.mu.RUnlock()
	var found []string
	for _, id := range []string{id, FoldID(id)} { // one read from here is folded already
		found = append(found, t.named[id]...)
		if t.messages[id] != nil {
			found = append(found, id)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// ids returns the identifiers of all messages, sorted.
func (t *Tracker) ids() []string {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return slices.Sorted(maps.Keys(t.messages))
}

// Len returns the numbers of messages and of facts.
func (t *Tracker) Len() (messages, facts int) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return len(t.messages), len(t.seen)
}

// facts returns what is known of one message, in an order that does not depend on
// that of arrival.
func (t *Tracker) facts(id string) []*Fact {
	t.mu.RLock()
	var all []known
	if m := t.messages[id]; m != nil {
		all = slices.Clone(m.facts)
	}
	t.mu.RUnlock()
	slices.SortFunc(all, func(a, b known) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Kind, b.Kind), slices.Compare(a.key[:], b.key[:]))
	})
	list := make([]*Fact, len(all))
	for i, f := range all {
		list[i] = f.Fact
	}
	return list
}

// Message returns the state of a message, nil if nothing is known of it. id is an
// identificativo, with or without brackets and escapes.
func (t *Tracker) Message(id string) *Message {
	for _, id := range []string{id, FoldID(id)} { // one read from here is folded already
		if facts := t.facts(id); len(facts) > 0 {
			return newMessage(id, facts)
		}
	}
	return nil
}

// Messages yields the states of all messages, by identificativo. One that comes
// up while the iteration goes on may be missing. Whoever adds a whole mailbox finds
// here the messages of others, too, whose envelopes are in it: Sender tells.
func (t *Tracker) Messages() iter.Seq[*Message] {
	return func(yield func(*Message) bool) {
		for _, id := range t.ids() {
			if !yield(t.Message(id)) {
				return
			}
		}
	}
}

// Facts yields all facts, by identificativo and time. They are copies but for
// About.
func (t *Tracker) Facts() iter.Seq[Fact] {
	return func(yield func(Fact) bool) {
		for _, id := range t.ids() {
			for _, f := range t.facts(id) {
				if !yield(f.clone()) {
					return
				}
			}
		}
	}
}

func (f *Fact) clone() Fact {
	c := *f
	c.Recipients = slices.Clone(f.Recipients)
	return c
}

// Restore takes back a fact that [Tracker.Facts] gave, and reports whether it was
// new. Facts are believed: who stores them answers for them. What cannot be a
// fact is refused with [ErrFact].
func (t *Tracker) Restore(f Fact) (bool, error) {
	if err := f.check(); err != nil {
		return false, err
	}
	f = f.clone()
	about := *f.About
	about.Recipients = slices.Clone(about.Recipients)
	f.About = &about
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.insert(&f), nil
}
