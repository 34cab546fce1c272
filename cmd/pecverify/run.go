package main

import (
	"context"
	"errors"
	"io"
	"iter"
	"os"
	"runtime"
	"time"

	"github.com/gopec/gopec/internal/mailbox"
	"github.com/gopec/gopec/pec"
)

// task is one message to be verified.
type task struct {
	item   *mailbox.Item
	number int // in this run, from 1
}

// run verifies every message of the command line and prints the results in
// input order.
func run(ctx context.Context, c *config, stdin io.Reader, out *verdicts, diag *diagnostics) int {
	diag.quiet = c.quiet
	p, err := newProgram(c, out, diag)
	if err != nil {
		return exitNoVerdict
	}
	defer p.close()

	var boxes []*mailbox.Mailbox
	for _, f := range c.files {
		boxes = append(boxes, mailbox.New(f, &mailbox.Options{MaxSize: c.maxSize, Stdin: stdin}))
	}
	source := func(ctx context.Context) iter.Seq[task] { return tasks(ctx, boxes) }
	status := exitCertified
	for r := range inOrder(ctx, runtime.GOMAXPROCS(0), source, p.verify) {
		status = max(status, p.print(r))
		if out.err != nil {
			return p.outputFailed()
		}
	}
	for _, b := range boxes {
		p.leftOut(b.Others())
	}
	if ctx.Err() != nil {
		return exitNoVerdict
	}
	return status
}

// tasks numbers the messages of all arguments.
func tasks(ctx context.Context, boxes []*mailbox.Mailbox) iter.Seq[task] {
	return func(yield func(task) bool) {
		n := 0
		for _, b := range boxes {
			for item := range b.Items(ctx) {
				n++
				if !yield(task{item, n}) {
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
	colour  bool
}

// newProgram prepares a run. The error has been reported.
func newProgram(c *config, out *verdicts, diag *diagnostics) (*program, error) {
	p := &program{c: c, out: out, diag: diag,
		limits:  pec.Limits{Message: c.maxSize, Stream: c.maxSize},
		options: pec.VerifyOptions{At: c.at, AtNow: c.atNow, Policy: c.policy(), SecondOpinion: c.secondOpinion, Clock: clock()},
		colour:  isTerminal(out.w) && os.Getenv("NO_COLOR") == "",
	}
	var err error
	if p.options.Trust, err = p.anchors(); err != nil {
		return nil, err
	}
	if c.extract == "" {
		return p, nil
	}
	p.extract, err = newExtractor(c.extract, c.force)
	switch {
	case errors.Is(err, errNotEmpty):
		diag.errorf(p.say("-extract: folder %s is not empty (see -force)", "-extract: la cartella %s non è vuota (vedi -force)"), c.extract)
	case err != nil:
		diag.errorf("-extract: %v", err)
	}
	return p, err
}

func (p *program) close() {
	if p.extract != nil {
		p.extract.close()
	}
}

// clock gives one present time to the whole run, so that the same message gets
// the same report at its beginning and at its end.
func clock() func() time.Time {
	now := time.Now()
	return func() time.Time { return now }
}

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
		p.diag.errorf(p.say("cannot write: %v", "scrittura non riuscita: %v"), p.out.err)
	}
	return exitNoVerdict
}

// leftOut counts, once for each argument, what was no message.
func (p *program) leftOut(o mailbox.Others) {
	if o.Count > 0 {
		p.diag.warningf(p.say("files that are no messages and were left out: %d", "file che non sono messaggi e non sono stati esaminati: %d"), o.Count)
	}
	for format, n := range o.Formats {
		p.diag.hintf("%s (%d): %s", format.Name(string(p.c.lang)), n, format.Hint(string(p.c.lang)))
	}
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
