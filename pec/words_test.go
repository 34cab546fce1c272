package pec

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/cms"
	"github.com/gopec/gopec/smime"
	"github.com/gopec/gopec/trust"
	"github.com/gopec/gopec/trust/revocation"
	"github.com/gopec/gopec/trust/timestamp"
)

// A code without an Italian sentence would be shown in English to an Italian
// reader.
func TestEveryCodeHasItalianWords(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, c := range cms.Codes {
		known[c.Name] = true
		require.NotEmpty(t, italian[c.Name], c.Name)
		require.Equal(t, strings.Count(c.Text, "%s"), strings.Count(italian[c.Name], "%s"), c.Name)
	}
	for code, sentence := range smime.Sentences {
		known[code] = true
		require.NotEmpty(t, italian[code], code)
		require.Equal(t, strings.Count(sentence, "%s"), strings.Count(italian[code], "%s"), code)
	}
	for code := range italian {
		require.True(t, known[code], "%s is no code any more", code)
	}
}

// The two languages must name the same facts, or one of them tells less.
func TestEveryTrustCodeHasItalianWords(t *testing.T) {
	t.Parallel()
	for _, c := range trust.Codes {
		it := italianTrust[c.Code]
		require.NotEmpty(t, it, c.Code)
		for _, name := range c.Facts {
			require.Contains(t, it, "{"+name+"}", c.Code)
			require.Contains(t, c.Sentence, "{"+name+"}", c.Code)
		}
		_, args := numbered(it, c.Facts, nil)
		require.Len(t, showArgs(args, Italian), len(c.Facts), c.Code)
	}
	for code := range italianTrust {
		_, ok := trust.CodeOf(code)
		require.True(t, ok, "%s is no code any more", code)
	}
}

// Likewise for revocation. Codes must not be those of package trust: one sentence
// is looked up after the other.
func TestEveryRevocationCodeHasItalianWords(t *testing.T) {
	t.Parallel()
	for _, c := range revocation.Codes {
		_, taken := trust.CodeOf(c.Code)
		require.False(t, taken, c.Code)
		it := italianRevocation[c.Code]
		require.NotEmpty(t, it, c.Code)
		require.NotEmpty(t, c.Clause, c.Code)
		for _, name := range c.Facts {
			require.Contains(t, it, "{"+name+"}", c.Code)
			require.Contains(t, c.Sentence, "{"+name+"}", c.Code)
		}
	}
	for code := range italianRevocation {
		_, ok := revocation.CodeOf(code)
		require.True(t, ok, "%s is no code any more", code)
	}
	require.Len(t, italianRevocation, len(revocation.Codes), "a code twice")
}

// The same for what is said of time-stamps.
func TestEveryStampCodeHasItalianWords(t *testing.T) {
	t.Parallel()
	for _, c := range timestamp.Codes {
		it := italianStamps[c.Code]
		require.NotEmpty(t, it, c.Code)
		for _, name := range c.Facts {
			require.Contains(t, it, "{"+name+"}", c.Code)
			require.Contains(t, c.Sentence, "{"+name+"}", c.Code)
		}
		facts := make([]string, len(c.Facts))
		for i := range facts {
			facts[i] = "fact"
		}
		words, args := stampFinding(trust.Finding{Code: c.Code, Facts: facts})
		for _, l := range []Lang{English, Italian} {
			require.NotContains(t, sentence{words, args}.show(l), "%!", c.Code)
		}
		require.NotContains(t, italianTrust, c.Code, "one code, one meaning")
		require.NotContains(t, italian, c.Code)
	}
	for code := range italianStamps {
		_, ok := timestamp.CodeOf(code)
		require.True(t, ok, "%s is no code any more", code)
	}
}

// Report and list of checks are made by hand; a check that is in one and not
// in the other would be lost.
func TestChecksAreListedOnce(t *testing.T) {
	t.Parallel()
	seen := map[CheckID]bool{}
	for _, c := range Checks() {
		require.False(t, seen[c.ID], c.ID)
		seen[c.ID] = true
		require.NotEmpty(t, c.Clause, c.ID)
		require.NotEmpty(t, c.Title(English), c.ID)
		require.NotEmpty(t, c.Title(Italian), c.ID)
	}
}
