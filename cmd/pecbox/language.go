package main

import (
	"fmt"
	"strings"
)

// language is that of the text for people.
type language string

const (
	english language = "en"
	italian language = "it"
)

func (l *language) set(s string) error {
	if v := language(s); v == english || v == italian {
		*l = v
		return nil
	}
	return fmt.Errorf("it, en")
}

// choose returns the text in the language.
func (l language) choose(en, it string) string {
	if l == italian {
		return it
	}
	return en
}

// locale returns the language that the environment asks for: the first of LC_ALL,
// LC_MESSAGES and LANG that is set decides, as in POSIX. English unless it is
// Italian.
func locale(getenv func(string) string) language {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		v := strings.ToLower(getenv(name))
		if v == "" {
			continue
		}
		if v == "it" || strings.HasPrefix(v, "it_") || strings.HasPrefix(v, "it-") || strings.HasPrefix(v, "it.") {
			return italian
		}
		return english
	}
	return english
}
