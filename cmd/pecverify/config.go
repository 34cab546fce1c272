package main

import (
	"fmt"
	"time"

	"github.com/gopec/gopec/internal/printable"
	"github.com/gopec/gopec/pec"
)

// config is what the command line asks for.
type config struct {
	json      bool
	lang      pec.Lang
	langGiven bool // -lang stands on the command line, so details in JSON follow it

	trust         []string // files, or "agid"
	at            time.Time
	atNow         bool
	strict        bool
	legacy        bool
	secondOpinion bool

	kinds []pec.Kind
	to    string
	sent  []string // files

	extract            string
	force              bool
	extractUncertified bool

	maxSize int64 // bytes; 0 is the default
	quiet   bool

	version bool
	help    bool

	files []string
}

// policy is the name of the rules that the flags choose.
func (c *config) policy() pec.Policy {
	switch {
	case c.strict:
		return pec.PolicyStrict
	case c.legacy:
		return pec.PolicyLegacy
	}
	return pec.PolicyDefault
}

// jsonLang is the language of details in JSON: English for programs, unless
// the command line says otherwise.
func (c *config) jsonLang() pec.Lang {
	if c.langGiven {
		return c.lang
	}
	return pec.English
}

// usageError says in both languages what is wrong with the command line.
type usageError struct{ en, it string }

func (e *usageError) Error() string { return e.en }

func (e *usageError) text(l pec.Lang) string {
	if l == pec.Italian {
		return e.it
	}
	return e.en
}

// usagef makes a usage error. Every argument may be outside text, and is made
// printable.
func usagef(en, it string, args ...string) *usageError {
	shown := make([]any, len(args))
	for i, a := range args {
		shown[i] = printable.String(a, 200)
	}
	return &usageError{fmt.Sprintf(en, shown...), fmt.Sprintf(it, shown...)}
}

// check refuses flags that contradict each other, or mean nothing alone.
func (c *config) check() *usageError {
	both := func(a, b string) *usageError {
		return usagef("%s and %s contradict each other", "%s e %s si contraddicono", a, b)
	}
	needs := func(a, b string) *usageError {
		return usagef("%s means nothing without %s", "%s non ha senso senza %s", a, b)
	}
	switch {
	case c.strict && c.legacy:
		return both("-strict", "-legacy")
	case c.json && c.quiet:
		return both("-json", "-q")
	case c.force && c.extract == "":
		return needs("-force", "-extract")
	case c.extractUncertified && c.extract == "":
		return needs("-extract-uncertified", "-extract")
	case len(c.files) == 0:
		return usagef("no FILE given (pecverify -h shows the usage)", "nessun FILE indicato (pecverify -h mostra l'uso)")
	}
	stdin := 0
	for _, f := range c.files {
		if f == "-" {
			stdin++
		}
	}
	if stdin > 1 {
		return usagef("standard input (-) given twice", "lo standard input (-) è indicato due volte")
	}
	return nil
}
