// Command pecverify says whether PEC messages are authentic and what they
// prove. `pecverify -h` prints its usage.
//
// Verdicts go to standard output and everything else to standard error. The
// exit status is 0 if every message is certified, 1 if at least one is not,
// and 2 if there is no verdict on at least one. It uses the
// network only if -online asks for it.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/gopec/gopec/pec"
)

func main() {
	os.Exit(command(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// The exit statuses. The highest of a run wins.
const (
	exitCertified    = 0
	exitNotCertified = 1
	exitNoVerdict    = 2 // also Go's status for a crash, so that one is never a verdict
)

// command runs the command line and returns the exit status.
func command(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	keepPipeErrors()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	diag := &diagnostics{w: stderr}
	c, usageErr := parse(args, locale(os.Getenv))
	out := &verdicts{w: stdout}
	if usageErr != nil {
		return refuse(&c, usageErr, out, diag)
	}
	switch {
	case c.help:
		fmt.Fprint(out, usage(c.lang))
	case c.version:
		fmt.Fprintf(out, "pecverify %s\n", version())
	default:
		return run(ctx, &c, stdin, out, diag)
	}
	if out.err != nil {
		return exitNoVerdict
	}
	return exitCertified
}

// version is that of the module, as the Go command stamped it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel) " + pec.Schema
	}
	return info.Main.Version + " " + pec.Schema
}
