package dossier

import (
	"fmt"
	"io"
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

// Words is a sentence in both languages. Outside text in it is made printable
// when it is written.
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
	entries []*Entry
	leftOut int
}

// New begins a dossier about a mail of size bytes: the file that the sender
// kept. The mail may be less than the file, of which f is: a "From " line above it
// is no part of it. It must stay open until the last Examine. The error is the
// reader's, or a limit passed.
func New(f File, mail io.ReaderAt, size int64, o *Options) (*Builder, error) {
	b := &Builder{sent: Sent{File: f}}
	if o != nil {
		b.options = *o
	}
	var err error
	if b.mail, err = follow.NewSent(mail, size); err != nil {
		return nil, fmt.Errorf("dossier: %w", err)
	}
	return b, nil
}

// Entry is what a dossier keeps of one message that was examined.
type Entry struct {
	file File
}

// Examine takes from a report what the dossier needs, and holds what the message
// encloses against the sent mail. The message is read for the last time.
func (b *Builder) Examine(f File, r *pec.Report) *Entry { return &Entry{file: f} }

// Failed makes an entry of a file of which there is no verdict, and says why.
func Failed(f File, code pec.ErrorCode, why Words) *Entry { return &Entry{file: f} }

// Add adds an entry.
func (b *Builder) Add(e *Entry) { b.entries = append(b.entries, e) }

// LeftOut counts files that were not given because they are no messages.
func (b *Builder) LeftOut(n int) { b.leftOut += n }

// Dossier makes the report of all entries.
func (b *Builder) Dossier() *Dossier { return &Dossier{Sent: b.sent} }

// Sent is the file that the sender kept.
type Sent struct {
	File
}

// Dossier is the report.
type Dossier struct {
	Sent Sent
}

// Complete reports whether every recipient has a certified delivery that matches
// the sent file.
func (d *Dossier) Complete() bool { return false }

// WriteJSON writes the dossier as one JSON object, named [Schema].
func (d *Dossier) WriteJSON(w io.Writer, l pec.Lang) error { return nil }

// WriteText writes the dossier as text of at most 80 columns.
func (d *Dossier) WriteText(w io.Writer, l pec.Lang) error { return nil }

// WriteHTML writes the dossier as one self-contained page.
func (d *Dossier) WriteHTML(w io.Writer, l pec.Lang) error { return nil }

// Schema names the form of the JSON. Keys may be added under one name; none is
// removed or changes its meaning.
const Schema = "gopec-dossier/1"
