package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/gopec/gopec/internal/printable"
)

// diagnostics writes what is no answer, one line each, to standard error.
// Every line passes printable, so outside text may stand in it.
type diagnostics struct {
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
	// Errors of package ipa begin with the name that stands here already.
	text := strings.TrimPrefix(fmt.Sprintf(format, args...), "ipa: ")
	// Nobody is left to tell if standard error cannot be written.
	fmt.Fprintf(d.w, "ipa: %s: %s\n", kind, printable.String(text, 0))
}

// output is standard output. The first error stays: what follows it is not
// written, so that the output never has a hole.
type output struct {
	w   io.Writer
	err error
}

// print writes our own text; outside text in it has passed show.
func (o *output) print(text string) {
	if o.err == nil {
		_, o.err = io.WriteString(o.w, text)
	}
}

func (o *output) line(format string, args ...any) { o.print(fmt.Sprintf(format, args...) + "\n") }

// maxValue is how much of an outside value is shown.
const maxValue = 300

func show(s string) string { return printable.String(s, maxValue) }

// locale returns the language that the environment asks for: the first of
// LC_ALL, LC_MESSAGES and LANG that is set decides, as in POSIX. English
// unless it is Italian.
func locale(getenv func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		v := getenv(name)
		if v == "" {
			continue
		}
		lang, _, _ := strings.Cut(v, ".")
		lang, _, _ = strings.Cut(lang, "@")
		lang, _, _ = strings.Cut(lang, "_")
		lang, _, _ = strings.Cut(lang, "-")
		if strings.EqualFold(lang, "it") {
			return "it"
		}
		return "en"
	}
	return "en"
}
