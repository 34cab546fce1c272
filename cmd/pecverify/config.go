package main

import (
	"fmt"
	"slices"
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

	dossier string // file

	crl, ocsp      []string // files
	online         bool
	onlineHosts    []string
	providers      string   // file
	providersTrust []string // files
	timestamps     []string // files
	tsaTrust       []string // files
	bundle         string   // file

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

// read lists the names of everything that is read: what is to be verified, what it
// is held against, and what is believed.
func (c *config) read() []string {
	return slices.Concat(c.files, c.sent, c.crl, c.ocsp, []string{c.providers}, c.providersTrust, c.timestamps, c.tsaTrust, c.trust)
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
	case c.force && c.extract == "" && c.dossier == "" && c.bundle == "":
		return usagef("-force means nothing without -extract, -dossier or -bundle", "-force non ha senso senza -extract, -dossier o -bundle")
	case len(c.onlineHosts) > 0 && !c.online:
		return needs("-online-host", "-online")
	case len(c.providersTrust) > 0 && c.providers == "":
		return needs("-providers-trust", "-providers")
	case len(c.timestamps) > 0 && len(c.tsaTrust) == 0:
		return needs("-timestamp", "-tsa-trust")
	case c.bundle != "" && c.dossier != "":
		return both("-bundle", "-dossier")
	case c.extractUncertified && c.extract == "":
		return needs("-extract-uncertified", "-extract")
	case c.dossier != "":
		if err := c.checkDossier(both, needs); err != nil {
			return err
		}
	}
	if len(c.files) == 0 {
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

// checkDossier refuses what means nothing with -dossier: it answers one question,
// about one mail and all of its recipients, and not one about each message.
func (c *config) checkDossier(both, needs func(a, b string) *usageError) *usageError {
	switch {
	case formatOf(c.dossier) == "":
		return usagef("-dossier writes a file named .html, .json or .txt, not %s", "-dossier scrive un file di nome .html, .json o .txt, non %s", c.dossier)
	case len(c.sent) == 0:
		return needs("-dossier", "-sent")
	case len(c.sent) > 1:
		return usagef("-dossier is about one mail: give -sent once", "-dossier riguarda un solo messaggio: indicare -sent una volta")
	case c.extract != "":
		return both("-dossier", "-extract")
	case len(c.kinds) > 0:
		return both("-dossier", "-kind")
	case c.to != "":
		return both("-dossier", "-to")
	}
	return nil
}
