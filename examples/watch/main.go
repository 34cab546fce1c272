// Command watch watches a PEC mailbox over IMAP. It verifies every message that
// comes, follows what was sent through its receipts, and prints one line for each
// change: accepted, delivered, failed, late, overdue. On request it tells the
// owner's ordinary address that a PEC has arrived.
//
//	WATCH_PASSWORD=... go run . -imap imaps://imap.example.it -user mittente@pec.example.it -state watch.json
//
// It only reads: nothing is marked as seen, moved or deleted. README.md says how
// it works, and `watch -h` lists the flags. Start reading at watch.go.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends it at once
	os.Exit(command(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// The exit statuses.
const (
	exitDone    = 0 // stopped as asked, or -once read everything
	exitSkipped = 1 // -once had to skip messages, or could not send notices
	exitFailed  = 2 // usage, login refused, or -once could not finish
)

// command is the program without what belongs to the process, so that tests can
// run it.
func command(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	diag := log.New(stderr, "watch: ", 0)
	c, err := parse(args, getenv, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return exitDone
	}
	if err != nil {
		diag.Print(err)
		return exitFailed
	}
	w, err := newWatcher(c, stdout, diag)
	if err != nil {
		diag.Print(err)
		return exitFailed
	}
	if err := w.run(ctx); err != nil {
		diag.Print(err)
		return exitFailed
	}
	return w.status()
}

// sleep waits, and reports whether it was not interrupted.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

const usage = `Usage: watch -imap URL -user NAME -state FILE [flags]

Watches a PEC mailbox and prints what becomes of the messages sent from it.
The password is in WATCH_PASSWORD, or in the file that -password-file names.
`

func printUsage(f *flag.FlagSet, w io.Writer) {
	fmt.Fprint(w, usage, "\n")
	f.SetOutput(w)
	f.PrintDefaults()
}
