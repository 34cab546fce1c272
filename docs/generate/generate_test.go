package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/pec"
)

func TestClauses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]clause{
		"RFC 6109 §3.1.6\n":                  {{"RFC 6109", "3.1.6"}},
		"RFC 6109 §2.2.1, §4.4; RFC 5652 §5": {{"RFC 6109", "2.2.1"}, {"RFC 6109", "4.4"}, {"RFC 5652", "5"}},
		"RFC 5652 §5.3, §11.1 to §11.3":      {{"RFC 5652", "5.3"}, {"RFC 5652", "11.1–11.3"}},
		"XML 1.0 appendix F":                 {{"XML 1.0", "appendix F"}},
		"RFC 6109 §3.1.1: 30 MB":             {{"RFC 6109", "3.1.1"}},
		"ETSI EN 319 102-1 §5.2":             {{"ETSI EN 319 102-1", "5.2"}},
		"RFC 8017 §3.1, §A.1.1":              {{"RFC 8017", "3.1"}, {"RFC 8017", "A.1.1"}},
		"RFC 6109 §4.5, RFC 2849":            {{"RFC 6109", "4.5"}, {"RFC 2849", ""}},
		"Registry of Things, version 2":      {{"Registry of Things", ""}},
	} {
		require.Equal(t, want, clauses(text), text)
	}
}

// Every comment of the code is understood: one that names a document the table
// does not know would silently be left out.
func TestEveryCommentIsRead(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	l, err := readLedger(root)
	require.NoError(t, err)
	require.Greater(t, len(l), 80)
	n := 0
	require.NoError(t, filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if d.IsDir() && d.Name() == "node_modules" {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.Contains(path, filepath.Join("docs", "generate")) {
			return err
		}
		text, err := os.ReadFile(path)
		for line := range strings.Lines(string(text)) {
			if _, after, ok := strings.Cut(line, "// spec: "); ok {
				require.NotEmpty(t, clauses(after), "%s: %s", path, line)
				n++
			}
		}
		return err
	}))
	require.Greater(t, n, 150)
}

// What the rules of PEC make a verifier and an issuer do is in the code, and is
// tested by something that names it.
func TestClausesOfTheRules(t *testing.T) {
	t.Parallel()
	l, err := readLedger(filepath.Join("..", ".."))
	require.NoError(t, err)
	for _, section := range []string{"2.1", "2.2.1", "2.2.2", "3.1.1", "3.1.5", "3.1.6", "3.3.2.2", "4.3.3", "4.4", "5.5"} {
		e := l[clause{"RFC 6109", section}]
		require.NotNil(t, e, section)
		require.NotEmpty(t, len(e.code)+len(e.checks), section)
		require.NotEmpty(t, len(e.tests)+len(e.vectors), "nothing names %s in a test", section)
	}
	for _, c := range pec.Checks() {
		require.NotEmpty(t, clauses(c.Clause), "%s rests on %s", c.ID, c.Clause)
	}
}

func TestGenerate(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, generate(filepath.Join("..", ".."), folder))
	for name, want := range map[string]string{
		"help.en.md": "Usage: pecverify", "help.it.md": "Uso: pecverify",
		"checks.en.md": "{#from-address}", "checks.it.md": "{#from-address}",
		"conformance.en.md": "| §3.1.6 | implemented, tested by name |", "conformance.it.md": "| §3.1.6 | realizzata, provata per nome |",
	} {
		text, err := os.ReadFile(filepath.Join(folder, name))
		require.NoError(t, err)
		require.Contains(t, string(text), want)
	}
	for _, c := range pec.Checks() {
		w := checkWords[c.ID]
		for _, l := range []pec.Lang{pec.English, pec.Italian} {
			require.NotEmpty(t, w.why.in(l), c.ID)
			require.NotEmpty(t, w.do.in(l), c.ID)
		}
	}
	require.Len(t, checkWords, len(pec.Checks()), "words of a check that is no more")
}
