// Package mailbox finds the messages that a command-line argument holds.
//
// An argument is a file with one message, a folder, a Maildir, an mbox file, a
// zip archive, or "-" for standard input holding any of these but a folder.
// [New] takes one argument, [Mailbox.Items] yields its messages one by one, in
// an order and under names that users script against:
//
//	posta.eml                the argument as given
//	posta/2024/a.eml         a file in a folder
//	archivio.mbox#3          the third message of an mbox
//	archivio.zip!/posta/a.eml, archivio.zip!/inbox.mbox#3
//
// Bytes of a name that are not UTF-8 become \xNN. Names are labels: nothing is
// ever written under them, so ".." and the like mean nothing in an archive.
//
// # What is an input
//
// A file given as the argument itself always is, whatever is in it. In folders
// and archives only files named .eml or .mbox, files with Maildir names, and
// files that begin like mail are; the rest is counted, see [Mailbox.Others].
// Folders are read in byte order of the slash-separated path. Symbolic links,
// devices, pipes and names starting with a dot are not followed. In a Maildir
// (a folder with cur and new) tmp is left out and everything in cur and new is
// an input. Archives are read in the order of their directory; an archive in
// an archive, or in a folder, is not opened.
//
// A file is split as an mbox if it begins with a "From " line and looks like
// mail or is named .mbox, unless it is named .eml: that is one message, and
// the "From " line that some programs leave on top is left out.
//
// # Limits
//
// A message is at most 512 MiB if it is read in place (a file, a message of an
// mbox, an uncompressed archive entry) and 64 MiB if it is held in memory
// (standard input, a compressed entry); [Options.MaxSize] sets both. Folders
// are at most 100 deep. An archive has at most 100,000 entries, which expand
// at most 200 times. What passes a limit is an item with an error and does not
// stop the rest.
//
// # What it does not do
//
// It does not read a message: nothing here looks past the first 4 KiB of one,
// except for the "From " lines of an mbox, whose quoting is left as it is.
package mailbox

import (
	"context"
	"io"
	"iter"
	"os"

	"github.com/gopec/gopec/internal/printable"
)

// Default limits in bytes, for a message read in place and one held in memory.
const (
	DefaultMaxFile   = 512 << 20
	DefaultMaxMemory = 64 << 20
)

// Options are the knobs of [New]. The zero value is the default.
type Options struct {
	// MaxSize, if positive, replaces both limits of a message's size.
	MaxSize int64
	// Stdin is read for the argument "-"; nil means os.Stdin. A regular file
	// is read in place, from its present offset on.
	Stdin io.Reader
}

func (o *Options) maxFile() int64 {
	if o.MaxSize > 0 {
		return o.MaxSize
	}
	return DefaultMaxFile
}

func (o *Options) maxMemory() int64 {
	if o.MaxSize > 0 {
		return o.MaxSize
	}
	return DefaultMaxMemory
}

func (o *Options) stdin() io.Reader {
	if o.Stdin == nil {
		return os.Stdin
	}
	return o.Stdin
}

// Mailbox is one argument of the command line.
type Mailbox struct {
	arg    string
	given  *source // what was opened elsewhere; nil if arg names something
	opts   Options
	others Others
}

// Others counts what a mailbox holds and is no input.
type Others struct {
	Count   int            // files, entries, links; a folder not followed counts one
	Formats map[Format]int // those among them that hold mail in a format not read here
}

// New returns the mailbox that an argument names. Nothing is opened yet; nil
// options are the defaults.
func New(arg string, o *Options) *Mailbox {
	m := &Mailbox{arg: arg}
	if o != nil {
		m.opts = *o
	}
	return m
}

// NewOpened returns the mailbox in size bytes that are open already, such as a
// file that a browser was given. name is what its messages are called by, and
// its ending counts as that of a file's name does; whatever it is, nothing is
// opened under it. r is read in place, and must stay as it is until the last
// item is closed; closing it is left to the caller.
func NewOpened(name string, r io.ReaderAt, size int64, o *Options) *Mailbox {
	m := New(name, o)
	m.given = newSource(r, size, nil)
	return m
}

// Items yields every message, and everything that should have been one, in
// order. What could not be opened is an item too, whose Open says why. An
// argument never yields nothing: one that holds no message yields an item that
// says so.
//
// When ctx is canceled the walk ends with an item whose error has
// [CodeCanceled]. Items may be iterated once, by one goroutine; the items
// themselves may be handed to others. Each must be closed.
func (m *Mailbox) Items(ctx context.Context) iter.Seq[*Item] {
	return func(yield func(*Item) bool) {
		w := &walk{ctx: ctx, opts: &m.opts, others: &m.others, yield: yield}
		w.argument(m.arg, m.given)
	}
}

// Others returns the count of what was left out. It is complete when Items has
// ended.
func (m *Mailbox) Others() Others { return m.others }

// Item is one message that has not been opened.
type Item struct {
	// File is the message's name for reports. It may hold control characters
	// that a file's name can have: see package printable before showing it.
	File string

	// open returns the source of the message, held once for the caller.
	open func(ctx context.Context) (*source, error)
	// held keeps the file behind the item open from the walk until Close.
	held, opened *source
}

// Open returns the message's bytes and their number. They can be read until
// Close. What is held in memory is a *bytes.Reader; everything else is a file
// that somebody may change. The error is always an [*Error].
func (it *Item) Open(ctx context.Context) (io.ReaderAt, int64, error) {
	if ctx.Err() != nil {
		return nil, 0, canceled(ctx)
	}
	src, err := it.open(ctx)
	if err != nil {
		return nil, 0, asError(ctx, err)
	}
	it.opened = src
	return src.ReaderAt, src.size, nil
}

// Close releases what the item holds. It is to be called once, opened or not.
func (it *Item) Close() error {
	err := it.opened.release()
	if e := it.held.release(); err == nil {
		err = e
	}
	return err
}

// walk is the state of one iteration.
type walk struct {
	ctx    context.Context
	opts   *Options
	others *Others
	yield  func(*Item) bool
	count  int // items so far
}

// emit yields one item and reports whether the walk goes on.
func (w *walk) emit(file string, held *source, open func(context.Context) (*source, error)) bool {
	w.count++
	return w.yield(&Item{File: file, held: held.retain(), open: open})
}

// fail yields an item that cannot be opened.
func (w *walk) fail(file string, err error) bool {
	e := asError(w.ctx, err)
	w.count++
	more := w.yield(&Item{File: file, open: func(context.Context) (*source, error) { return nil, e }})
	return more && e.Code != CodeCanceled
}

// argument walks what the command line named, or what was given open.
func (w *walk) argument(arg string, given *source) {
	file := printable.FileName([]byte(arg))
	if w.ctx.Err() != nil {
		w.fail(file, canceled(w.ctx))
		return
	}
	var more bool
	if given != nil {
		more = w.direct(input{file: file, name: arg, open: func(context.Context) (*source, error) { return given.retain(), nil }})
	} else {
		more = w.named(arg, file)
	}
	if more && w.count == 0 {
		w.fail(file, &Error{Code: CodeNotFound, Reason: ReasonNothingFound})
	}
}

// named walks the argument by what it is. Like every method that can yield, it
// reports whether the walk goes on.
func (w *walk) named(arg, file string) bool {
	if arg == "-" {
		return w.direct(input{file: file, open: w.openStdin})
	}
	info, err := os.Stat(arg)
	if err != nil {
		return w.fail(file, err)
	}
	if info.IsDir() {
		return w.folder(arg, file, 0, false)
	}
	return w.direct(input{file: file, name: arg, open: func(context.Context) (*source, error) { return openFile(arg, true) }})
}
