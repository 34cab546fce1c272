// Command ipa looks up the addresses of Italian public administrations in a
// snapshot of IPA's open data. `ipa -h` prints its usage.
//
// Answers go to standard output and everything else to standard error. The
// exit status is 0 if everything asked for was found, 1 if something is not in
// the snapshot, and 2 if there is no answer. Only `ipa update` uses the network.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/gopec/gopec/ipa"
)

func main() {
	os.Exit(command(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// The exit statuses.
const (
	exitFound    = 0
	exitNotFound = 1
	exitNoAnswer = 2 // also Go's status for a crash
)

// schema names the form of the JSON.
const schema = "ipa/1"

// program is what one run holds.
type program struct {
	c     *config
	stdin io.Reader
	out   *output
	diag  *diagnostics
	now   func() time.Time

	loading  ipa.Dataset // of the progress last told
	received int64       // bytes
}

// command runs the command line and returns the exit status.
func command(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	keepPipeErrors()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	diag := &diagnostics{w: stderr}
	c, usageErr := parse(args, locale(os.Getenv))
	if usageErr != nil {
		diag.errorf("%s", usageErr.text(c.lang))
		return exitNoAnswer
	}
	diag.quiet = c.quiet
	p := &program{c: &c, stdin: stdin, out: &output{w: stdout}, diag: diag, now: time.Now}
	status := p.run(ctx)
	if p.out.err != nil {
		if !brokenPipe(p.out.err) {
			diag.errorf(p.say("cannot write: %v", "scrittura non riuscita: %v"), p.out.err)
		}
		return exitNoAnswer
	}
	return status
}

func (p *program) run(ctx context.Context) int {
	switch {
	case p.c.help:
		p.out.print(usage(p.c.lang))
		return exitFound
	case p.c.version:
		p.out.print("ipa " + version() + "\n")
		return exitFound
	case p.c.command == "update":
		return p.update(ctx)
	}
	s, ok := p.open()
	if !ok {
		return exitNoAnswer
	}
	switch p.c.command {
	case "search":
		return p.search(s)
	case "show":
		return p.show(s)
	default:
		return p.whose(ctx, s)
	}
}

// say chooses between the languages.
func (p *program) say(en, it string) string {
	if p.c.lang == "it" {
		return it
	}
	return en
}

// version is that of the module, as the Go command stamped it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel) " + schema
	}
	return info.Main.Version + " " + schema
}
