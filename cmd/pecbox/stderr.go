package main

import (
	"fmt"
	"io"
	"log"
	"strings"
	"sync"

	"github.com/gopec/gopec/internal/printable"
)

// diagnostics writes everything but the announcement, one line each, to standard
// error. Every line passes printable, so outside text may stand in it.
type diagnostics struct {
	mu     sync.Mutex
	w      io.Writer
	silent bool
}

func (d *diagnostics) errorf(format string, args ...any)   { d.line("error", format, args) }
func (d *diagnostics) warningf(format string, args ...any) { d.line("warning", format, args) }
func (d *diagnostics) hintf(format string, args ...any)    { d.line("hint", format, args) }

func (d *diagnostics) line(kind, format string, args []any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.silent {
		// Nobody is left to tell if standard error cannot be written.
		fmt.Fprintf(d.w, "pecbox: %s: %s\n", kind, printable.String(strings.TrimSpace(fmt.Sprintf(format, args...)), 0))
	}
}

func (d *diagnostics) silence() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.silent = true
}

// connections takes what servers say of their connections. It is worth a line:
// most often it is a client that does not believe the certificate.
type connections struct {
	server string
	diag   *diagnostics
}

// Printf implements the loggers of go-smtp and go-imap.
func (c connections) Printf(format string, args ...any) {
	c.diag.warningf("%s: %s", c.server, fmt.Sprintf(format, args...))
}

// Println implements the logger of go-smtp.
func (c connections) Println(args ...any) { c.diag.warningf("%s: %s", c.server, fmt.Sprint(args...)) }

// Write lets a log.Logger write here.
func (c connections) Write(b []byte) (int, error) {
	c.diag.warningf("%s: %s", c.server, b)
	return len(b), nil
}

// logger is for net/http.
func (c connections) logger() *log.Logger { return log.New(c, "", 0) }
