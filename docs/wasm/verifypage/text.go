package verifypage

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/gopec/gopec/pec"
)

// Text returns a view as plain text: for a note, a mail, a file.
func (v *View) Text(l pec.Lang) string {
	var t textWriter
	t.words = func(en, it string) string { return phrase{en, it}.in(l) }
	t.view(v, "")
	return t.out.String()
}

type textWriter struct {
	out   strings.Builder
	words func(en, it string) string
}

func (t *textWriter) line(format string, args ...any) { fmt.Fprintf(&t.out, format+"\n", args...) }

func (t *textWriter) view(v *View, indent string) {
	outcome := v.Outcome
	if v.Verdict != "" {
		outcome += " (" + v.Verdict + ")"
	}
	t.line("%s%s", indent, outcome)
	t.line("%s  %s", indent, v.File)
	for _, m := range v.Meaning {
		t.line("%s  %s", indent, m)
	}
	t.section(v.Facts, indent)
	t.notes(t.words("Why", "Perché"), v.Failures, indent)
	t.notes(t.words("Needs attention", "Avvertenze"), v.Warnings, indent)
	t.section(v.Outside, indent)
	t.section(v.How, indent)
	if len(v.Checks) > 0 {
		t.line("\n%s%s", indent, t.words("Checks: ", "Verifiche: ")+v.Counts)
		for _, c := range v.Checks {
			t.line("%s  [%s] %s (%s, %s): %s", indent, c.Word, c.Title, c.ID, c.Clause, c.Detail)
		}
	}
	for _, in := range v.Layers {
		t.line("")
		t.view(in, indent+"  ")
	}
}

func (t *textWriter) section(s *Section, indent string) {
	if s == nil {
		return
	}
	t.line("\n%s%s", indent, s.Heading)
	for _, r := range s.Rows {
		label := r.Label
		for _, value := range r.Values {
			t.line("%s  %s%s%s", indent, label, strings.Repeat(" ", max(1, 26-utf8.RuneCountInString(label))), value)
			label = ""
		}
		if r.Note != "" {
			t.line("%s  %s%s", indent, strings.Repeat(" ", 26), "! "+r.Note)
		}
	}
}

func (t *textWriter) notes(heading string, notes []Note, indent string) {
	if len(notes) == 0 {
		return
	}
	t.line("\n%s%s", indent, heading)
	for _, n := range notes {
		t.line("%s  - %s", indent, n.Detail)
	}
}
