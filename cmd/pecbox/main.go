// Command pecbox runs a PEC circuit as mail servers: any mail program, and any
// program that sends or reads PEC, can be tried against it without a provider.
// `pecbox -h` prints its usage.
//
// PEC TEST — NO LEGAL VALUE. It is package pectest behind SMTP and IMAP: two
// providers with their domains and mailboxes, whose messages are issued, signed and
// verified as in production, under an authority that is made at the start. All of
// it is in memory and gone when it stops. Failures happen on request, and the clock
// can be moved, so that a notice after 12 hours takes none.
//
// It listens on the loopback address: submission with implicit TLS (RFC 8314) and
// with STARTTLS, IMAP with both, and HTTP for tests (the authorities' certificates,
// messages, log, clock, faults). Nobody logs in without TLS. Every account has the
// same password, which it prints.
//
// # Place
//
// It is a module of its own, inside the repository, because its servers need
// go-smtp, go-imap and go-sasl, which no user of the library should inherit. It lies
// beside cmd/pecverify because that is where one looks for commands, and so that its
// program is called pecbox. It takes the library from the clone that it is in, so
// `go -C cmd/pecbox run .` works on a fresh clone; for the same reason it cannot be
// installed with `go install …@latest`. docs/decisions/0008-the-box.md has the
// reasons in full.
//
// # Limits
//
// 100 connections to each server, 100 MiB and 1,000 recipients a mail, 512 MiB of
// mails that are arriving, 1 GiB in the circuit, 512 MiB in folders that users keep
// over IMAP; five minutes for a mail.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends it at once
	os.Exit(command(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// The exit statuses.
const (
	exitStopped = 0 // as it was asked to
	exitFailed  = 1 // a server ended by itself
	exitRefused = 2 // it did not start
)

// command runs the box until ctx ends, and returns the exit status.
func command(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	diag := &diagnostics{w: stderr}
	c, err := parse(args, getenv)
	if err != nil {
		diag.errorf("%v", err)
		diag.hintf("%s", c.lang.choose("pecbox -h prints the usage", "pecbox -h stampa l'uso"))
		return exitRefused
	}
	if c.help {
		fmt.Fprint(stdout, usage(c.lang))
		return exitStopped
	}
	b, err := start(c, diag)
	if err != nil {
		diag.errorf("%v", err)
		if addressInUse(err) {
			diag.hintf("%s", c.lang.choose("-any-port takes ports that are free", "-any-port prende porte libere"))
		}
		return exitRefused
	}
	defer func() {
		diag.silence() // every connection breaks now
		b.stop()
	}()
	if !c.listen.IsLoopback() {
		diag.warningf("%s", c.lang.choose(
			"everyone who reaches this machine can read and submit mail with the password shown",
			"chiunque raggiunga questa macchina può leggere e inviare posta con la password mostrata"))
	}
	if err := b.announce(stdout); err != nil { // nobody knows where it listens
		diag.errorf("%v", err)
		return exitRefused
	}
	select {
	case <-ctx.Done():
		return exitStopped
	case err := <-b.failed:
		diag.errorf("%v", err)
		return exitFailed
	}
}
