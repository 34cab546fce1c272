package follow

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// Schema names the form of a saved state. Keys may be added under one name; none
// is removed or changes its meaning.
const Schema = "gopec-follow/1"

// MaxState is how many bytes a saved state may have, some millions of facts.
const MaxState = 1 << 30

// ErrState says that something is not a saved state, or one of another version.
var ErrState = errors.New("follow: not a saved state")

// ErrStateSize says that a saved state is larger than [MaxState].
var ErrStateSize = errors.New("follow: the saved state is too large")

// savedMessage is one message in a saved state. Lists of recipients are long and
// nearly always the same: each stands there once.
type savedMessage struct {
	ID    string        `json:"id"`
	Names []string      `json:"names,omitempty"`
	About []*savedAbout `json:"about"`
	Facts []savedFact   `json:"facts"`
}

// What is read is checked piece by piece: a file of empty objects would take a
// hundred times its size before it was seen that it says nothing.
type (
	savedAbout      About
	savedIgnored    Ignored
	savedSubmission Submission
)

// UnmarshalJSON implements json.Unmarshaler.
func (m *savedMessage) UnmarshalJSON(b []byte) error {
	type plain savedMessage // without this method
	if err := json.Unmarshal(b, (*plain)(m)); err != nil {
		return err
	}
	if m.ID == "" || len(m.Facts) == 0 {
		return fmt.Errorf("%w: there is none", ErrFact)
	}
	return nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (a *savedAbout) UnmarshalJSON(b []byte) error {
	if err := json.Unmarshal(b, (*About)(a)); err != nil {
		return err
	}
	return (*About)(a).check()
}

// UnmarshalJSON implements json.Unmarshaler.
func (i *savedIgnored) UnmarshalJSON(b []byte) error {
	if err := json.Unmarshal(b, (*Ignored)(i)); err != nil {
		return err
	}
	if i.Reason == "" {
		return errors.New("a message is ignored for no reason")
	}
	return nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (s *savedSubmission) UnmarshalJSON(b []byte) error {
	if err := json.Unmarshal(b, (*Submission)(s)); err != nil {
		return err
	}
	*s = savedSubmission((Submission)(*s).folded())
	return (*Submission)(s).check()
}

// savedFact is a fact whose About stands in the message.
type savedFact struct {
	Fact
	About int `json:"about"` // hides Fact.About; from 0
}

// UnmarshalJSON implements json.Unmarshaler.
func (f *savedFact) UnmarshalJSON(b []byte) error {
	type plain savedFact // without this method
	if err := json.Unmarshal(b, (*plain)(f)); err != nil {
		return err
	}
	return f.checkOwn()
}

// Save writes all that the tracker knows as JSON: an object with schema, messages,
// ignored, and submissions if there are any, a line for each message. The same state gives the same bytes.
// What is added meanwhile may be missing. More than [MaxState] could not be loaded
// again, and is [ErrStateSize]; other errors are the writer's. It holds addresses and subjects: keep it
// as the mail itself.
func (t *Tracker) Save(w io.Writer) error { return t.save(w, MaxState) }

// bounded writes at most so many bytes.
type bounded struct {
	w    io.Writer
	left int64
}

// Write implements io.Writer.
func (b *bounded) Write(p []byte) (int, error) {
	if b.left -= int64(len(p)); b.left < 0 {
		return 0, ErrStateSize
	}
	return b.w.Write(p)
}

func (t *Tracker) save(w io.Writer, most int64) error {
	b := bufio.NewWriter(&bounded{w, most})
	fmt.Fprintf(b, "{\"schema\":%q,\n\"messages\":[", Schema)
	between := "\n"
	item := func(v any) error {
		line, err := json.Marshal(v)
		if err != nil {
			return err
		}
		b.WriteString(between)
		between = ",\n"
		_, err = b.Write(line)
		return err
	}
	for _, id := range t.ids() {
		if err := item(t.savedMessage(id)); err != nil {
			return fmt.Errorf("follow: saving %q: %w", id, err)
		}
	}
	b.WriteString("],\n\"ignored\":[")
	between = "\n"
	for i := range t.Ignored() {
		if err := item(i); err != nil {
			return fmt.Errorf("follow: saving: %w", err)
		}
	}
	b.WriteString("]")
	if submitted := t.submitted(); len(submitted) > 0 {
		between = ",\n\"submissions\":[\n"
		for _, s := range submitted {
			if err := item(s); err != nil {
				return fmt.Errorf("follow: saving: %w", err)
			}
		}
		b.WriteString("]")
	}
	b.WriteString("}\n")
	return b.Flush()
}

func (t *Tracker) savedMessage(id string) savedMessage {
	m := savedMessage{ID: id}
	index := make(map[*About]int)
	for _, f := range t.facts(id) {
		i, known := index[f.About]
		if !known {
			i = len(m.About)
			index[f.About] = i
			m.About = append(m.About, (*savedAbout)(f.About))
		}
		m.Facts = append(m.Facts, savedFact{Fact: *f, About: i})
	}
	t.mu.RLock()
	m.Names = slices.Sorted(maps.Keys(t.messages[id].names))
	t.mu.RUnlock()
	return m
}

// Load reads what [Tracker.Save] wrote. Its facts are believed: who stores them
// answers for them. The error is [ErrStateSize] or [ErrState]
// with what is wrong, [ErrFact] or the reader's own error among others; then there
// is no tracker. It takes memory in proportion
// to what it reads.
func Load(r io.Reader) (*Tracker, error) { return load(r, MaxState) }

func load(r io.Reader, most int64) (*Tracker, error) {
	limited := &io.LimitedReader{R: r, N: most + 1}
	d := json.NewDecoder(limited)
	var doc struct {
		Schema   string         `json:"schema"`
		Messages []savedMessage `json:"messages"`
		Ignored  []savedIgnored `json:"ignored"`

		Submissions []savedSubmission `json:"submissions"`
	}
	err := d.Decode(&doc)
	if err == nil {
		if _, err = d.Token(); err == nil {
			err = errors.New("there is something behind it")
		} else if err == io.EOF {
			err = nil
		}
	}
	switch {
	case limited.N == 0:
		return nil, ErrStateSize
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrState, err)
	case doc.Schema != Schema:
		return nil, fmt.Errorf("%w: the schema is %q, not %q", ErrState, doc.Schema, Schema)
	}
	t := new(Tracker)
	for _, m := range doc.Messages {
		if err := t.load(&m); err != nil {
			return nil, fmt.Errorf("%w: message %q: %w", ErrState, m.ID, err)
		}
	}
	for _, i := range doc.Ignored {
		t.ignore(Ignored(i))
	}
	for _, s := range doc.Submissions {
		t.expect(Submission(s))
	}
	return t, nil
}

func (t *Tracker) load(m *savedMessage) error {
	for _, saved := range m.Facts {
		f := saved.Fact
		if f.ID != m.ID {
			return fmt.Errorf("%w: it is of message %q", ErrFact, f.ID)
		}
		if saved.About < 0 || saved.About >= len(m.About) || m.About[saved.About] == nil {
			return fmt.Errorf("%w: about %d is not there", ErrFact, saved.About)
		}
		f.About = (*About)(m.About[saved.About])
		t.insert(&f)
	}
	for _, name := range m.Names {
		t.name(m.ID, name)
	}
	return nil
}
