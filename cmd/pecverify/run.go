package main

import (
	"context"
	"io"
	"iter"
	"maps"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/gopec/gopec/bundle"
	"github.com/gopec/gopec/internal/mailbox"
	"github.com/gopec/gopec/internal/printable"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/trust/online"
)

// task is one message to be verified.
type task struct {
	item   *mailbox.Item
	number int          // in this run, from 1
	kept   *keptMessage // of a bundle; nil elsewhere

	// Of a message in a bundle that cannot be had: item is nil.
	file   string
	broken error
}

// run verifies every message of the command line and prints the results in
// input order.
func run(ctx context.Context, c *config, stdin io.Reader, out *verdicts, diag *diagnostics) int {
	diag.quiet = c.quiet
	p, err := newProgram(ctx, c, out, diag)
	if err != nil {
		return refuse(c, err, out, diag)
	}
	defer p.close()
	p.doubts()

	boxes := p.openInputs(stdin)
	source := func(ctx context.Context) iter.Seq[task] { return p.tasks(ctx, boxes) }
	status := exitCertified
	for r := range inOrder(ctx, runtime.GOMAXPROCS(0), source, p.verify) {
		status = max(status, p.print(r))
		if p.dossier != nil {
			p.dossier.builder.Add(r.entry)
		}
		if p.keeping != nil {
			if err := p.keeping.put(&r); err != nil {
				p.diag.errorf("%s", outError("-bundle", c.bundle, err).text(c.lang))
				return exitNoVerdict
			}
		}
		if out.err != nil {
			return p.outputFailed()
		}
	}
	p.leftOut(boxes)
	switch {
	case ctx.Err() != nil && p.dossier != nil:
		return p.noDossier()
	case ctx.Err() != nil:
		return exitNoVerdict
	case p.keeping != nil:
		return max(status, p.writeBundle())
	case p.dossier != nil:
		return max(status, p.writeDossier(ctx, boxes))
	}
	return status
}

// input is one argument.
type input struct {
	*mailbox.Mailbox
	name   string
	bundle *bundle.Bundle // nil for anything else
	file   *os.File       // of the bundle
}

func (p *program) openInputs(stdin io.Reader) []*input {
	var all []*input
	for _, f := range p.c.files {
		in := &input{Mailbox: mailbox.New(f, &mailbox.Options{MaxSize: p.c.maxSize, Stdin: stdin}), name: f}
		if in.bundle, in.file = p.openIfBundle(f); in.bundle != nil && p.keeping != nil {
			p.takeOver(f, in.bundle)
		}
		all = append(all, in)
	}
	p.inputs = all
	return all
}

// tasks numbers the messages of all arguments.
func (p *program) tasks(ctx context.Context, boxes []*input) iter.Seq[task] {
	return func(yield func(task) bool) {
		n := 0
		for _, b := range boxes {
			if b.bundle != nil {
				for t := range p.bundleTasks(ctx, b.name, b.bundle, n+1) {
					n++
					if !yield(t) {
						return
					}
				}
				continue
			}
			for item := range b.Items(ctx) {
				n++
				if !yield(task{item: item, number: n}) {
					return
				}
			}
			if ctx.Err() != nil {
				return
			}
		}
	}
}

// program is what one run of the command holds.
type program struct {
	c       *config
	out     *verdicts
	diag    *diagnostics
	limits  pec.Limits
	options pec.VerifyOptions
	extract *extractor // nil without -extract
	sent    []*sentFile
	dossier *dossierRun // nil without -dossier
	inputs  []*input
	stamps  []givenFile    // of -timestamp
	online  *online.Client // nil without -online
	keeping *bundleRun     // nil without -bundle
	colour  bool
}

// newProgram prepares a run.
func newProgram(ctx context.Context, c *config, out *verdicts, diag *diagnostics) (*program, *usageError) {
	p := &program{c: c, out: out, diag: diag,
		limits:  pec.Limits{Message: c.maxSize, Stream: c.maxSize},
		options: pec.VerifyOptions{At: c.at, AtNow: c.atNow, Policy: c.policy(), SecondOpinion: c.secondOpinion, Clock: clock()},
		colour:  isTerminal(out.w) && wantsColour(os.Getenv),
	}
	var err *usageError
	if p.options.Trust, err = anchors(c.trust); err != nil {
		return nil, err
	}
	if err = p.openEvidence(); err != nil {
		return nil, err
	}
	p.openOnline()
	if p.sent, err = openSentFiles(ctx, c, p.limits); err != nil {
		return nil, err
	}
	if c.extract != "" {
		p.extract, err = openExtract(c)
	}
	if err == nil && c.dossier != "" {
		err = p.openDossier()
	}
	if err == nil {
		err = p.openBundle()
	}
	if err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// refuse reports a command line that cannot be obeyed. A program that reads
// JSON gets its line for each FILE, as always.
func refuse(c *config, err *usageError, out *verdicts, diag *diagnostics) int {
	diag.errorf("%s", err.text(c.lang))
	if !c.json {
		return exitNoVerdict
	}
	for _, f := range c.files {
		out.Write(errorLine(printable.FileName([]byte(f)), &failure{pec.ErrorUsage, err.en, err.it}, c.jsonLang()))
	}
	return exitNoVerdict
}

func (p *program) close() {
	if p.extract != nil {
		p.extract.close()
	}
	if p.dossier != nil {
		p.dossier.out.remove()
	}
	if p.keeping != nil {
		p.keeping.close()
	}
	for _, in := range p.inputs {
		if in.file != nil {
			in.file.Close()
		}
	}
	closeSentFiles(p.sent)
}

// clock gives one present time to the whole run, so that the same message gets
// the same report at its beginning and at its end.
func clock() func() time.Time {
	at := now()
	return func() time.Time { return at }
}

// now is the present time. Tests put another in its place.
var now = time.Now

// say chooses between the languages.
func (p *program) say(en, it string) string {
	if p.c.lang == pec.Italian {
		return it
	}
	return en
}

// outputFailed says that standard output cannot be written. Of a reader that
// has gone away nothing is said.
func (p *program) outputFailed() int {
	if !p.out.closedByReader() {
		p.diag.errorf(p.say("standard output cannot be written: %v", "scrittura sullo standard output non riuscita: %v"), cause(p.out.err))
	}
	return exitNoVerdict
}

// leftOut counts, once for the whole run, what was no message.
func (p *program) leftOut(boxes []*input) {
	count, formats := 0, map[mailbox.Format]int{}
	for _, b := range boxes {
		o := b.Others()
		count += o.Count
		for f, n := range o.Formats {
			formats[f] += n
		}
	}
	if count > 0 {
		p.diag.warningf(p.say("left out, because they are no messages: %d", "non esaminati, perché non sono messaggi: %d"), count)
	}
	for _, f := range slices.Sorted(maps.Keys(formats)) {
		p.diag.hintf("%s (%d): %s", f.Name(string(p.c.lang)), formats[f], f.Hint(string(p.c.lang)))
	}
}

// wantsColour follows NO_COLOR, and what TERM says of a terminal that has
// none. The console of older Windows sets neither TERM nor WT_SESSION, and
// would show the codes.
func wantsColour(getenv func(string) string) bool {
	if getenv("NO_COLOR") != "" {
		return false
	}
	term := getenv("TERM")
	return term != "" && term != "dumb" || getenv("WT_SESSION") != ""
}

// isTerminal reports whether output goes to a person's screen.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && info.Mode()&os.ModeDevice != 0
}
