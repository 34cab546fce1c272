package main

import (
	"strings"

	"github.com/gopec/gopec/pec"
)

// locale returns the language that the environment asks for: the first of
// LC_ALL, LC_MESSAGES and LANG that is set decides, as in POSIX. English
// unless it is Italian.
func locale(getenv func(string) string) pec.Lang {
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
			return pec.Italian
		}
		return pec.English
	}
	return pec.English
}
