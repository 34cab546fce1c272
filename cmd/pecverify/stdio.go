package main

import (
	"fmt"
	"io"
	"sync"

	"github.com/gopec/gopec/internal/printable"
)

// diagnostics writes what is not a verdict, one line each, to standard error.
// Every line passes printable, so outside text may stand in it.
type diagnostics struct {
	mu    sync.Mutex
	w     io.Writer
	quiet bool // only errors
}

func (d *diagnostics) errorf(format string, args ...any)   { d.line("error", format, args) }
func (d *diagnostics) warningf(format string, args ...any) { d.line("warning", format, args) }
func (d *diagnostics) hintf(format string, args ...any)    { d.line("hint", format, args) }

func (d *diagnostics) line(kind, format string, args []any) {
	if d.quiet && kind != "error" {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	// Nobody is left to tell if standard error cannot be written.
	fmt.Fprintf(d.w, "pecverify: %s: %s\n", kind, printable.String(fmt.Sprintf(format, args...), 0))
}

// verdicts is standard output. The first error stays: what follows it is not
// written, so that the output never has a hole.
type verdicts struct {
	w   io.Writer
	err error
}

func (v *verdicts) Write(p []byte) (int, error) {
	if v.err != nil || len(p) == 0 { // -q asks for nothing of a disk that is full
		return 0, v.err
	}
	n, err := v.w.Write(p)
	v.err = err
	return n, err
}

// closedByReader reports whether the reader of standard output has gone, as in
// "pecverify -json folder | head -1". Nothing is said about that.
func (v *verdicts) closedByReader() bool { return v.err != nil && brokenPipe(v.err) }
