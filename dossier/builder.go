package dossier

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/gopec/gopec/follow"
	"github.com/gopec/gopec/pec"
)

// File is a file as it was given.
type File struct {
	Name   string // outside text
	SHA256 string // lower-case hex, "" if it could not be read
	Size   int64  // bytes, -1 if it is not known
}

// Words is a sentence in both languages. It may hold outside text, and is made
// printable when it is written.
type Words struct{ English, Italian string }

// In returns the sentence in a language.
func (w Words) In(l pec.Lang) string {
	if l == pec.Italian {
		return w.Italian
	}
	return w.English
}

// Options are what a dossier takes from outside. The zero value is the present
// time and no name of a program.
type Options struct {
	Clock   func() time.Time // time.Now if nil; asked once, by Dossier
	Program string           // name and version of the program, "" to say nothing
}

// Builder collects what a dossier is made of.
type Builder struct {
	options Options
	sent    Sent
	mail    *follow.Sent
	from    map[string]bool // addresses of From, folded
	tracker follow.Tracker
	names   map[string][]string // identifiers that receipts claim, by identificativo
	entries []*Entry
	leftOut int
}

// New begins a dossier about a mail of size bytes: the file that the sender
// kept. The mail may be less than the file, of which f is: a "From " line above it
// is no part of it. It must stay open until the last Examine. The error is the
// reader's, or a limit passed.
func New(f File, mail io.ReaderAt, size int64, o *Options) (*Builder, error) {
	b := &Builder{names: make(map[string][]string), from: make(map[string]bool)}
	if o != nil {
		b.options = *o
	}
	var err error
	if b.mail, err = follow.NewSent(mail, size); err != nil {
		return nil, fmt.Errorf("dossier: %w", err)
	}
	m, err := pec.Read(mail, size)
	if err != nil {
		return nil, fmt.Errorf("dossier: %w", err)
	}
	b.sent = Sent{File: f, MessageID: b.mail.MessageID(), From: b.mail.From(), To: b.mail.To(), Subject: b.mail.Subject(), Kind: m.Kind}
	for _, a := range b.sent.From {
		b.from[foldAddress(a)] = true
	}
	return b, nil
}

// Add adds an entry. Each stands in [Dossier.Files] in the order in which they
// are added; the same file may come again.
func (b *Builder) Add(e *Entry) {
	kept := *e
	kept.statements = slices.Clone(e.statements)
	for i := range kept.statements {
		s := &kept.statements[i]
		if s.fact == nil {
			continue
		}
		if _, err := b.tracker.Restore(*s.fact); err != nil {
			s.use, s.fact = UseUnusable, nil // what gave the fact has checked it: not reached
			continue
		}
		b.names[s.fact.ID] = append(b.names[s.fact.ID], s.refers...)
		fact := *s.fact
		fact.About = nil // a long list of recipients, of which the tracker holds one for all
		s.fact = &fact
	}
	b.entries = append(b.entries, &kept)
}

// LeftOut counts files that were not given because they are no messages.
func (b *Builder) LeftOut(n int) { b.leftOut += n }

// Dossier makes the report of all entries. More can be added afterwards, for
// another.
func (b *Builder) Dossier() *Dossier {
	clock := b.options.Clock
	if clock == nil {
		clock = time.Now
	}
	d := &Dossier{Made: clock().Truncate(time.Second), Program: b.options.Program, Sent: b.sent, LeftOut: b.leftOut}
	c := b.choose()
	d.Messages = b.messages(c.chosen, d.Made)
	d.Files = b.files(c)
	d.Reasons = d.reasons()
	d.Notes = d.notes(c)
	d.Remarks = d.remarks()
	return d
}

// foldAddress lowers the letters A to Z and no others, as the rest of the module
// does: the long s is no s.
func foldAddress(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, strings.TrimSpace(s))
}

// compareFiles orders what is the same otherwise, whatever the order in which it
// was added.
func compareFiles(a, b File) int {
	return cmp.Or(cmp.Compare(a.SHA256, b.SHA256), cmp.Compare(a.Name, b.Name))
}
