package main

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/gopec/gopec/internal/printable"
	"github.com/gopec/gopec/pec"
)

const (
	width      = 79 // columns that running text is wrapped at
	labelWidth = 16
	maxValue   = 300  // characters of an outside value
	maxDetail  = 2000 // characters of what a check says
)

func (t *textReport) line(format string, args ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintf(t.w, format+"\n", args...)
	}
}

// show makes outside text printable. It is the only way such text reaches the
// terminal.
func show(s string) string { return printable.String(s, maxValue) }

func (t *textReport) heading(s string) { t.line("%s", t.paint("1", s)) }

// field writes a label and a value, the value wrapped under itself.
func (t *textReport) field(label, value string) {
	if value = show(value); strings.TrimSpace(value) == "" {
		value = t.words("(empty)", "(vuoto)")
	}
	pad := strings.Repeat(" ", max(1, labelWidth-utf8.RuneCountInString(label)))
	t.hanging("  "+label+pad, len("  ")+labelWidth, value)
}

// items writes what checks say, one after the other.
func (t *textReport) items(colour, mark string, checks []pec.Check) {
	for _, c := range checks {
		t.hanging("  "+t.paint(colour, mark)+" ", len("  x "), printable.String(c.Detail(t.lang), maxDetail))
	}
}

// hanging writes a value behind a prefix that takes indent columns.
func (t *textReport) hanging(prefix string, indent int, value string) {
	for i, l := range wrap(value, width-indent) {
		if i > 0 {
			prefix = strings.Repeat(" ", indent)
		}
		t.line("%s%s", prefix, l)
	}
}

// wrap breaks text at blanks into lines of at most n characters; a longer
// word stands on a line of its own, whole, so that it can be copied.
func wrap(s string, n int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(s) {
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) <= n:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return append(lines, line)
}

func (t *textReport) paint(code, s string) string {
	if !t.colour {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}
