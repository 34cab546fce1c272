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
	"runtime"
	"runtime/debug"
	"syscall"

	"github.com/gopec/gopec/pec"
)

// ballast is memory that nobody touches, so that it takes no room. The collector
// counts it as in use and waits until as much again is garbage, instead of the
// 4 MB that it would wait for: messages leave little behind, and stopping for it
// every hundred of them kept processors idle. Unlike a larger GOGC it costs the
// same whatever else is in use.
const ballast = 12 << 20

func main() {
	untouched := make([]byte, ballast)
	status := command(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	runtime.KeepAlive(untouched)
	os.Exit(status)
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
