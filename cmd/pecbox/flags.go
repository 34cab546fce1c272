package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"strings"
)

// config is what the command line says.
type config struct {
	lang      language
	help      bool
	json      bool
	listen    netip.Addr
	names     []string
	ports     [servers]int
	password  string
	mailboxes []string
	adversary *uint64
}

// parse reads the command line. The language is good with an error, too.
func parse(args []string, getenv func(string) string) (*config, error) {
	c := &config{lang: locale(getenv)}
	if l := asked(args); l != "" {
		c.lang = l
	}
	f := flag.NewFlagSet("pecbox", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	var anyPort bool
	f.BoolVar(&c.json, "json", false, "")
	f.BoolVar(&anyPort, "any-port", false, "")
	f.StringVar(&c.password, "password", "pectest", "")
	f.Func("lang", "", func(s string) error { return c.lang.set(s) })
	c.listen = netip.MustParseAddr("127.0.0.1")
	f.Func("listen", "", func(s string) (err error) { c.listen, err = netip.ParseAddr(s); return })
	f.Func("name", "", func(s string) error { c.names = append(c.names, s); return nil })
	f.Func("mailbox", "", func(s string) error { c.mailboxes = append(c.mailboxes, s); return nil })
	f.Func("adversary", "", func(s string) error {
		c.adversary = new(uint64)
		_, err := fmt.Sscan(s, c.adversary)
		return err
	})
	for i, s := range serverKinds {
		f.IntVar(&c.ports[i], s.name+"-port", -1, "")
	}
	if err := f.Parse(args); errors.Is(err, flag.ErrHelp) {
		c.help = true
		return c, nil
	} else if err != nil {
		return c, err
	}
	if f.NArg() > 0 {
		return c, fmt.Errorf(c.lang.choose("nothing goes after the flags: %s", "dopo le opzioni non va nulla: %s"), f.Arg(0))
	}
	if c.password == "" || len(c.password) > 100 {
		return c, errors.New(c.lang.choose("-password needs 1 to 100 bytes", "-password richiede da 1 a 100 byte"))
	}
	for i, s := range serverKinds {
		switch p := &c.ports[i]; {
		case *p == -1 && anyPort:
			*p = 0
		case *p == -1:
			*p = s.port
		case *p < 0 || *p > 65535:
			return c, fmt.Errorf(c.lang.choose("-%s-port %d is no port", "-%s-port %d non è una porta"), s.name, *p)
		}
	}
	return c, nil
}

// asked finds the language on the command line, wherever it stands: errors are said
// in it.
func asked(args []string) language {
	for i, a := range args {
		name, value, inline := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(a, "-"), "-"), "=")
		if name != "lang" || a == name {
			continue
		}
		if !inline && i+1 < len(args) {
			value = args[i+1]
		}
		if l := language(value); l == english || l == italian {
			return l
		}
	}
	return ""
}
