package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gopec/gopec/internal/printable"
	"github.com/gopec/gopec/ipa"
)

// config is what the command line asks for.
type config struct {
	command string
	args    []string
	lang    string // it or en

	file     string
	json     bool
	quiet    bool
	limit    int
	kinds    []ipa.Kind
	base     string
	date     time.Time
	officers bool

	version, help bool
}

// usageError says in both languages what is wrong with the command line.
type usageError struct{ en, it string }

func (e *usageError) text(lang string) string {
	if lang == "it" {
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

// flagSpec is one flag.
type flagSpec struct {
	name     string
	value    bool     // it takes one
	commands []string // that it belongs to; none means all
	set      func(c *config, value string) *usageError
}

var commands = []string{"update", "search", "show", "whose"}

var flagSpecs = []flagSpec{
	{name: "file", value: true, set: func(c *config, v string) *usageError { c.file = v; return nil }},
	{name: "json", commands: []string{"search", "show", "whose"}, set: func(c *config, _ string) *usageError { c.json = true; return nil }},
	{name: "lang", value: true, set: setLang},
	{name: "limit", value: true, commands: []string{"search"}, set: setLimit},
	{name: "kind", value: true, commands: []string{"search"}, set: setKinds},
	{name: "base", value: true, commands: []string{"update"}, set: func(c *config, v string) *usageError { c.base = v; return nil }},
	{name: "date", value: true, commands: []string{"update"}, set: setDate},
	{name: "officers", commands: []string{"update"}, set: func(c *config, _ string) *usageError { c.officers = true; return nil }},
	{name: "q", set: func(c *config, _ string) *usageError { c.quiet = true; return nil }},
	{name: "version", set: func(c *config, _ string) *usageError { c.version = true; return nil }},
	{name: "h", set: func(c *config, _ string) *usageError { c.help = true; return nil }},
	{name: "help", set: func(c *config, _ string) *usageError { c.help = true; return nil }},
}

// parse reads the command line: flags, the command, more flags, arguments. The
// config is given back with an error too, for the language to say it in.
func parse(args []string, lang string) (config, *usageError) {
	c := config{lang: langOf(args, lang)}
	given := make(map[string]bool)
	args, err := parseFlags(&c, args, given)
	if err != nil {
		return c, err
	}
	if len(args) > 0 && slices.Contains(commands, args[0]) {
		c.command, args = args[0], args[1:]
		if args, err = parseFlags(&c, args, given); err != nil {
			return c, err
		}
	}
	c.args = args
	if c.help || c.version {
		return c, nil
	}
	return c, c.check(given)
}

// langOf finds -lang wherever it stands: errors are said in it.
func langOf(args []string, lang string) string {
	for i, a := range args {
		name, value, inline := strings.Cut(strings.TrimLeft(a, "-"), "=")
		if !strings.HasPrefix(a, "-") || name != "lang" {
			continue
		}
		if !inline && i+1 < len(args) {
			value = args[i+1]
		}
		if value == "it" || value == "en" {
			return value
		}
	}
	return lang
}

func parseFlags(c *config, args []string, given map[string]bool) ([]string, *usageError) {
	for len(args) > 0 {
		arg := args[0]
		if arg == "-" || !strings.HasPrefix(arg, "-") {
			break
		}
		args = args[1:]
		if arg == "--" {
			break
		}
		name, value, inline := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(arg, "-"), "-"), "=")
		i := slices.IndexFunc(flagSpecs, func(f flagSpec) bool { return f.name == name })
		if i < 0 {
			return nil, usagef("no such flag: %s", "opzione inesistente: %s", arg)
		}
		f := flagSpecs[i]
		switch {
		case given[name]:
			return nil, usagef("-%s given twice", "-%s è indicata due volte", name)
		case !f.value && inline:
			return nil, usagef("-%s takes no value", "-%s non accetta un valore", name)
		case f.value && !inline && len(args) > 0:
			value, args = args[0], args[1:]
		}
		if f.value && value == "" {
			return nil, usagef("-%s needs a value", "-%s richiede un valore", name)
		}
		given[name] = true
		if err := f.set(c, value); err != nil {
			return nil, err
		}
	}
	return args, nil
}

// check refuses what makes no sense together.
func (c *config) check(given map[string]bool) *usageError {
	switch {
	case c.command == "" && len(c.args) > 0:
		return usagef("no such command: %s (there are %s)", "comando inesistente: %s (ci sono %s)", c.args[0], strings.Join(commands, ", "))
	case c.command == "":
		return usagef("no command given (ipa -h shows the usage)", "nessun comando indicato (ipa -h mostra l'uso)")
	case c.command != "update" && len(c.args) == 0:
		return usagef("ipa %s: nothing asked for", "ipa %s: non è chiesto nulla", c.command)
	case c.command == "update" && len(c.args) > 0 && c.base != "":
		return usagef("-base and FILE contradict each other", "-base e FILE si contraddicono")
	case c.command == "update" && len(c.args) == 0 && !c.date.IsZero():
		return usagef("-date means nothing without FILE", "-date non ha senso senza FILE")
	}
	for _, f := range flagSpecs {
		if given[f.name] && f.commands != nil && !slices.Contains(f.commands, c.command) {
			return usagef("-%s does not belong to ipa %s", "-%s non fa parte di ipa %s", f.name, c.command)
		}
	}
	for _, a := range c.args {
		if a != "-" && strings.HasPrefix(a, "-") {
			return usagef("flags come before the arguments: %s", "le opzioni vanno prima degli argomenti: %s", a)
		}
	}
	return nil
}

func setLang(c *config, v string) *usageError {
	if v != "en" && v != "it" {
		return usagef("-lang is it or en, not %s", "-lang è it o en, non %s", v)
	}
	c.lang = v
	return nil
}

func setLimit(c *config, v string) *usageError {
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > 1000 {
		return usagef("-limit is a number from 1 to 1000, not %s", "-limit è un numero da 1 a 1000, non %s", v)
	}
	c.limit = n
	return nil
}

func setKinds(c *config, v string) *usageError {
	for name := range strings.SplitSeq(v, ",") {
		var k ipa.Kind
		if err := k.UnmarshalText([]byte(name)); err != nil || k == 0 {
			return usagef("-kind is of body, area, office, not %s", "-kind è tra body, area, office, non %s", name)
		}
		c.kinds = append(c.kinds, k)
	}
	return nil
}

func setDate(c *config, v string) *usageError {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, v); err == nil && !t.IsZero() {
			c.date = t
			return nil
		}
	}
	return usagef("-date is a day such as 2026-08-16, not %s", "-date è un giorno come 2026-08-16, non %s", v)
}
