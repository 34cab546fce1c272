package pec

import (
	"fmt"
	"strings"
)

// Lang is a language of the words in a report.
type Lang string

// The languages. The zero value means English.
const (
	English Lang = "en"
	Italian Lang = "it"
)

// phrase is one sentence in both languages; args are the same in both, in the
// same order or numbered as package fmt allows.
type phrase struct{ en, it string }

func (p phrase) in(l Lang) string {
	if l == Italian {
		return p.it
	}
	return p.en
}

// sentence is a phrase with its arguments, for use inside another.
type sentence struct {
	phrase
	args []any
}

func (s sentence) show(l Lang) string {
	return fmt.Sprintf(s.in(l), showArgs(s.args, l)...)
}

// sentences are several in a row.
type sentences []sentence

func (s sentences) show(l Lang) string {
	shown := make([]string, len(s))
	for i, one := range s {
		shown[i] = one.show(l)
	}
	return strings.Join(shown, "; ")
}
