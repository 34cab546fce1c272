package follow

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// fieldsInside are the fields that Inside reads. A field that is added to one of
// these types and not here would be a part of the state that no test of orders
// looks at.
var fieldsInside = map[reflect.Type]string{
	reflect.TypeFor[Tracker](): "mu messages named seen abouts ignored submissions",
	reflect.TypeFor[record]():  "facts names",
	reflect.TypeFor[known]():   "Fact key",
	reflect.TypeFor[Fact]():    "Kind ID Time Recipients Receipt Error Reason Provider Signer Timeout Rule Original About",
	reflect.TypeFor[About]():   "MessageID Sender Subject Recipients",
}

// UnknownInside names a type with fields that Inside does not read, "" if there is
// none.
func UnknownInside() string {
	for typ, want := range fieldsInside {
		var names []string
		for i := range typ.NumField() {
			names = append(names, typ.Field(i).Name)
		}
		if got := strings.Join(names, " "); got != want {
			return fmt.Sprintf("%v has the fields %s, not %s", typ, got, want)
		}
	}
	return ""
}

// Inside writes out all that a tracker holds: every field of every part, but for
// the order of two lists, the facts of a message and the messages of a name. Both
// grow at their end, and nothing reads them but to sort them first and, of the
// facts, for the identifier, which is that of all. What a message says of itself is
// written once, and with each fact which one it shares. It is written for speed.
func Inside(t *Tracker) string {
	var b bytes.Buffer
	text := func(values ...string) {
		for _, s := range values {
			b.WriteString(s)
			b.WriteByte(0)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(t.messages)) {
		m := t.messages[id]
		text("\nmessage", id)
		facts := slices.Clone(m.facts)
		slices.SortFunc(facts, func(x, y known) int { return bytes.Compare(x.key[:], y.key[:]) })
		for _, f := range facts {
			b.Write(f.key[:])
			text(string(f.Kind), f.ID, string(f.Receipt), string(f.Error), f.Reason, f.Provider, f.Signer, string(f.Timeout), string(f.Rule), f.Original)
			b.Write(f.Time.AppendFormat(b.AvailableBuffer(), time.RFC3339Nano))
			text(f.Time.Location().String())
			text(f.Recipients...)
			about := t.keyOf(f.About)
			b.Write(about[:])
		}
		text("names")
		text(slices.Sorted(maps.Keys(m.names))...)
	}
	for _, name := range slices.Sorted(maps.Keys(t.named)) {
		text("\nname", name)
		text(slices.Sorted(slices.Values(t.named[name]))...)
	}
	writeKeys(&b, t.abouts, func(a *About) {
		text(a.MessageID, a.Sender, a.Subject)
		for _, r := range a.Recipients {
			text(string(r.Type), r.Address)
		}
	})
	writeKeys(&b, t.seen, func(struct{}) {})
	writeKeys(&b, t.ignored, func(i Ignored) { fmt.Fprint(&b, i) })
	writeKeys(&b, t.submissions, func(s Submission) { fmt.Fprint(&b, s) })
	return b.String()
}

// keyOf is the key of what a fact shares, zero if it is not shared.
func (t *Tracker) keyOf(a *About) digest {
	for key, shared := range t.abouts {
		if shared == a {
			return key
		}
	}
	return digest{}
}

func writeKeys[V any](b *bytes.Buffer, m map[digest]V, value func(V)) {
	keys := slices.SortedFunc(maps.Keys(m), func(x, y digest) int { return bytes.Compare(x[:], y[:]) })
	fmt.Fprintf(b, "\n%d ", len(keys))
	for _, k := range keys {
		b.Write(k[:])
		value(m[k])
	}
}

// Copy is a tracker that goes on from where another stands. Facts are shared, which
// nothing changes once they are in.
func Copy(t *Tracker) *Tracker {
	c := &Tracker{messages: make(map[string]*record), named: make(map[string][]string), seen: maps.Clone(t.seen), abouts: maps.Clone(t.abouts),
		ignored: maps.Clone(t.ignored), submissions: maps.Clone(t.submissions)}
	for id, m := range t.messages {
		c.messages[id] = &record{facts: slices.Clone(m.facts), names: maps.Clone(m.names)}
	}
	for name, ids := range t.named {
		c.named[name] = slices.Clone(ids)
	}
	if t.seen == nil { // nothing was added yet
		c.messages, c.named = nil, nil
	}
	return c
}

// SaveBounded and LoadBounded are Save and Load with a limit that is small enough to
// be passed.
var SaveBounded, LoadBounded = (*Tracker).save, load
