package pec

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/printable"
	"github.com/gopec/gopec/trust"
	"github.com/gopec/gopec/trust/revocation"
)

// FuzzWords: the sentence of a finding shows every fact that it has a place for, in
// both languages, made printable; a fact that is missing leaves its place empty, one
// too many is left out, and what a fact says is never taken for a format.
func FuzzWords(f *testing.F) {
	for i := range len(trust.Codes) + len(revocation.Codes) {
		for n := range uint8(6) {
			f.Add(uint16(i), n, "posta-certificata@pec.example.it", "%s %[9]d %!x", "a\x1b[2Jb\xff")
		}
	}
	f.Fuzz(func(t *testing.T, at uint16, n uint8, a, b, c string) {
		code, names := codeAt(int(at))
		facts := []string{a, b, c, a + b, b + c}[:n%6]
		words, args := trustWords(trust.Finding{Code: code, Facts: facts})
		for _, l := range []Lang{English, Italian} {
			shown := (&finding{words: words, args: args}).detail(l)
			require.Equal(t, shown, sentence{words, args}.show(l))
			require.True(t, utf8.ValidString(shown))
			require.Negative(t, strings.IndexFunc(shown, unicode.IsControl), "%q", shown)
			for _, fact := range facts[:min(len(facts), len(names))] {
				require.Contains(t, shown, printable.String(fact, 200))
			}
			for _, name := range names {
				require.True(t, !strings.Contains(shown, "{"+name+"}") || strings.Contains(a+b+c, "{"+name+"}"), "a place without a fact: %q", shown)
			}
			require.True(t, !strings.Contains(shown, "%") || strings.Contains(a+b+c, "%"), "a place without an argument: %q", shown)
		}
	})
}

// codeAt numbers the codes of packages trust and revocation.
func codeAt(i int) (code string, names []string) {
	if i %= len(trust.Codes) + len(revocation.Codes); i < len(trust.Codes) {
		return trust.Codes[i].Code, trust.Codes[i].Facts
	}
	c := revocation.Codes[i-len(trust.Codes)]
	return c.Code, c.Facts
}
