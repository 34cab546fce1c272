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

// MaxState is how many bytes of a saved state are read.
const MaxState = 1 << 30

// ErrState says that something is not a saved state, or one of another version.
var ErrState = errors.New("follow: not a saved state")

// ErrStateSize says that a saved state is larger than [MaxState].
var ErrStateSize = errors.New("follow: the saved state is too large")

// savedMessage is one message in a saved state. Lists of recipients are long and
// nearly always the same: each stands there once.
type savedMessage struct {
	ID    string      `json:"id"`
	Names []string    `json:"names,omitempty"`
	About []*About    `json:"about"`
	Facts []savedFact `json:"facts"`
}

// savedFact is a fact whose About stands in the message.
type savedFact struct {
	Fact
	About int `json:"about"` // hides Fact.About; from 0
}

// Save writes all that the tracker knows as JSON: an object with schema, messages
// and ignored, a line for each message. The same state gives the same bytes.
// What is added meanwhile may be missing. It holds addresses and subjects: keep it
// as the mail itself.
func (t *Tracker) Save(w io.Writer) error {
	b := bufio.NewWriter(w)
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
	b.WriteString("]}\n")
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
			m.About = append(m.About, f.About)
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
func Load(r io.Reader) (*Tracker, error) {
	limited := &io.LimitedReader{R: r, N: MaxState + 1}
	d := json.NewDecoder(limited)
	var doc struct {
		Schema   string         `json:"schema"`
		Messages []savedMessage `json:"messages"`
		Ignored  []Ignored      `json:"ignored"`
	}
	err := d.Decode(&doc)
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			err = errors.New("there is something behind it")
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
		t.ignore(i)
	}
	return t, nil
}

func (t *Tracker) load(m *savedMessage) error {
	if len(m.Facts) == 0 {
		return fmt.Errorf("%w: there is none", ErrFact)
	}
	for _, saved := range m.Facts {
		f := saved.Fact
		if f.ID != m.ID {
			return fmt.Errorf("%w: it is of message %q", ErrFact, f.ID)
		}
		if saved.About < 0 || saved.About >= len(m.About) || m.About[saved.About] == nil {
			return fmt.Errorf("%w: about %d is not there", ErrFact, saved.About)
		}
		f.About = m.About[saved.About]
		if err := f.check(); err != nil {
			return err
		}
		t.insert(&f)
	}
	for _, name := range m.Names {
		t.name(m.ID, name)
	}
	return nil
}
