package main

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gopec/gopec/pec"
)

// Flags are read here and not by package flag, for three reasons: its errors
// are English only and hold outside text as it came; it takes what follows the
// first FILE for files without a word; and a file whose name starts with "-"
// must never be taken for a flag silently, since the names that a shell puts in
// for * can be an attacker's.

// flagSpec is one flag.
type flagSpec struct {
	name   string
	value  bool // it takes one
	repeat bool // it may be given more than once
	set    func(c *config, value string) *usageError
}

var flagSpecs = []flagSpec{
	{name: "json", set: on(func(c *config) *bool { return &c.json })},
	{name: "lang", value: true, set: setLang},
	{name: "trust", value: true, repeat: true, set: list(func(c *config) *[]string { return &c.trust })},
	{name: "at", value: true, set: setAt},
	{name: "strict", set: on(func(c *config) *bool { return &c.strict })},
	{name: "legacy", set: on(func(c *config) *bool { return &c.legacy })},
	{name: "kind", value: true, set: setKinds},
	{name: "to", value: true, set: setTo},
	{name: "sent", value: true, repeat: true, set: list(func(c *config) *[]string { return &c.sent })},
	{name: "dossier", value: true, set: func(c *config, v string) *usageError { c.dossier = v; return nil }},
	{name: "crl", value: true, repeat: true, set: list(func(c *config) *[]string { return &c.crl })},
	{name: "ocsp", value: true, repeat: true, set: list(func(c *config) *[]string { return &c.ocsp })},
	{name: "online", set: on(func(c *config) *bool { return &c.online })},
	{name: "online-host", value: true, repeat: true, set: list(func(c *config) *[]string { return &c.onlineHosts })},
	{name: "providers", value: true, set: func(c *config, v string) *usageError { c.providers = v; return nil }},
	{name: "providers-trust", value: true, repeat: true, set: list(func(c *config) *[]string { return &c.providersTrust })},
	{name: "timestamp", value: true, repeat: true, set: list(func(c *config) *[]string { return &c.timestamps })},
	{name: "tsa-trust", value: true, repeat: true, set: list(func(c *config) *[]string { return &c.tsaTrust })},
	{name: "bundle", value: true, set: func(c *config, v string) *usageError { c.bundle = v; return nil }},
	{name: "second-opinion", set: on(func(c *config) *bool { return &c.secondOpinion })},
	{name: "extract", value: true, set: func(c *config, v string) *usageError { c.extract = v; return nil }},
	{name: "force", set: on(func(c *config) *bool { return &c.force })},
	{name: "extract-uncertified", set: on(func(c *config) *bool { return &c.extractUncertified })},
	{name: "max-size", value: true, set: setMaxSize},
	{name: "q", set: on(func(c *config) *bool { return &c.quiet })},
	{name: "version", set: on(func(c *config) *bool { return &c.version })},
	{name: "h", set: on(func(c *config) *bool { return &c.help })},
	{name: "help", set: on(func(c *config) *bool { return &c.help })},
}

func on(field func(*config) *bool) func(*config, string) *usageError {
	return func(c *config, _ string) *usageError { *field(c) = true; return nil }
}

func list(field func(*config) *[]string) func(*config, string) *usageError {
	return func(c *config, v string) *usageError { f := field(c); *f = append(*f, v); return nil }
}

// parse reads the command line. lang is the language of the locale. The config
// is given back with an error too, for the language to say it in.
func parse(args []string, lang pec.Lang) (config, *usageError) {
	c := config{lang: lang}
	// The language first, wherever it stands: errors are said in it.
	for i, a := range args {
		name, value, inline := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(a, "-"), "-"), "=")
		if !strings.HasPrefix(a, "-") || a == "--" {
			break
		}
		if name == "lang" && !inline && i+1 < len(args) {
			value = args[i+1]
		}
		if name == "lang" && (value == "it" || value == "en") {
			c.lang = pec.Lang(value)
		}
	}
	given := make(map[string]bool)
	var err *usageError
	if c.files, err = parseFlags(&c, args, given); err != nil {
		return c, err
	}
	if c.help || c.version {
		// Alone, so that a file of that name among others never gives exit 0.
		delete(given, "lang")
		if len(given) > 1 || len(c.files) > 0 {
			return c, usagef("-h and -version stand alone", "-h e -version vanno da soli")
		}
		return c, nil
	}
	return c, c.check()
}

// parseFlags sets what the flags say, notes which are given, and returns the
// files.
func parseFlags(c *config, args []string, given map[string]bool) (files []string, err *usageError) {
	for len(args) > 0 {
		arg := args[0]
		if arg == "-" || !strings.HasPrefix(arg, "-") {
			break
		}
		args = args[1:]
		if arg == "--" {
			return args, nil
		}
		name, value, inline := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(arg, "-"), "-"), "=")
		i := slices.IndexFunc(flagSpecs, func(f flagSpec) bool { return f.name == name })
		if i < 0 {
			return nil, usagef("no such flag: %s (a file of that name is ./%s)", "opzione inesistente: %s (un file con quel nome è ./%s)", arg, arg)
		}
		f := flagSpecs[i]
		switch {
		case given[name] && !f.repeat:
			return nil, usagef("-%s given twice", "-%s è indicata due volte", name)
		case !f.value && inline:
			return nil, usagef("-%s takes no value", "-%s non accetta un valore", name)
		case f.value && !inline && len(args) > 0 && !strings.HasPrefix(args[0], "-"):
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
	for _, a := range args {
		if a != "-" && strings.HasPrefix(a, "-") {
			return nil, usagef("flags come before FILE: %s (a file of that name is ./%s)", "le opzioni vanno prima di FILE: %s (un file con quel nome è ./%s)", a, a)
		}
	}
	return args, nil
}

func setLang(c *config, v string) *usageError {
	if v != string(pec.English) && v != string(pec.Italian) {
		return usagef("-lang is it or en, not %s", "-lang è it o en, non %s", v)
	}
	c.lang, c.langGiven = pec.Lang(v), true
	return nil
}

func setAt(c *config, v string) *usageError {
	if v == "now" {
		c.atNow = true
		return nil
	}
	at, err := time.Parse(time.RFC3339, v)
	if err != nil || at.IsZero() {
		return usagef("-at is now or a time such as 2024-03-15T10:30:00+01:00, not %s", "-at è now o un istante come 2024-03-15T10:30:00+01:00, non %s", v)
	}
	c.at = at
	return nil
}

func setKinds(c *config, v string) *usageError {
	for name := range strings.SplitSeq(v, ",") {
		kind := pec.Kind(name)
		if !kind.Certifies() {
			return usagef("-kind knows %s, not %s", "-kind conosce %s, non %s", kindNames(), name)
		}
		c.kinds = append(c.kinds, kind)
	}
	return nil
}

// certifying are the kinds that -kind can ask for. One that is never certified
// could only ever give exit 1.
var certifying = []pec.Kind{
	pec.KindTransport, pec.KindAcceptance, pec.KindNonAcceptance, pec.KindTakingInCharge,
	pec.KindDelivery, pec.KindDeliveryError, pec.KindTimeout, pec.KindVirusDetection,
}

func kindNames() string {
	names := make([]string, len(certifying))
	for i, k := range certifying {
		names[i] = string(k)
	}
	return strings.Join(names, ", ")
}

func setTo(c *config, v string) *usageError {
	local, domain, ok := strings.Cut(v, "@")
	if !ok || local == "" || domain == "" || strings.ContainsAny(v, " \t\r\n<>,") {
		return usagef("-to is one address such as destinatario@pec.example.it, not %s", "-to è un indirizzo come destinatario@pec.example.it, non %s", v)
	}
	c.to = v
	return nil
}

// setMaxSize reads a number of bytes, or of K, M or G (powers of 1024).
func setMaxSize(c *config, v string) *usageError {
	bad := usagef("-max-size is a number of bytes such as 600M or 2G, not %s", "-max-size è un numero di byte come 600M o 2G, non %s", v)
	digits, unit := v, int64(1)
	if i := strings.IndexByte("KMG", v[len(v)-1]&^0x20); i >= 0 {
		digits, unit = v[:len(v)-1], 1<<(10*(i+1))
	}
	n, err := strconv.ParseUint(digits, 10, 63)
	if err != nil || n == 0 || int64(n) > math.MaxInt64/unit {
		return bad
	}
	c.maxSize = int64(n) * unit
	return nil
}
