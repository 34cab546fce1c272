package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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

// The man page and the completions name every flag that the command has, and no
// other; shells read the completions.
func TestCommandFiles(t *testing.T) {
	t.Parallel()
	root, folder := filepath.Join("..", ".."), t.TempDir()
	require.NoError(t, writeCommand(root, folder, "1.2.3"))
	source, err := os.ReadFile(filepath.Join(root, "cmd", "pecverify", "flags.go"))
	require.NoError(t, err)
	specs := regexp.MustCompile(`\{name: "([a-z-]+)"`).FindAllStringSubmatch(string(source), -1)
	require.Greater(t, len(specs), 15)
	for file, flag := range map[string]string{
		"man/pecverify.1": `(?m)^\.BI? \\-((?:[a-z]|\\-)+)`, "completions/pecverify.fish": `-o ([a-z-]+) -d`, "completions/_pecverify": `(?m)^  '\*-([a-z-]+)\[`,
	} {
		text, err := os.ReadFile(filepath.Join(folder, file))
		require.NoError(t, err)
		var named []string
		for _, m := range regexp.MustCompile(flag).FindAllStringSubmatch(string(text), -1) {
			named = append(named, strings.ReplaceAll(m[1], `\-`, "-"))
		}
		for _, s := range specs {
			if s[1] != "help" { // the same as -h
				require.Contains(t, named, s[1], file)
			}
		}
		require.Len(t, named, len(specs)-1, file)
	}
	man, err := os.ReadFile(filepath.Join(folder, "man", "pecverify.1"))
	require.NoError(t, err)
	require.Contains(t, string(man), ".SH EXIT STATUS")
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash on this machine")
	}
	out, err := exec.Command(bash, "-c", `source "$1"; COMP_WORDS=(pecverify -kind avv); COMP_CWORD=2; _pecverify; echo "${COMPREPLY[@]}"
		COMP_WORDS=(pecverify -extract-); COMP_CWORD=1; _pecverify; echo "${COMPREPLY[@]}"`, "bash", filepath.Join(folder, "completions", "pecverify.bash")).CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Equal(t, "avvenuta-consegna\n-extract-uncertified\n", string(out))
}

func TestReadHelp(t *testing.T) {
	t.Parallel()
	m, err := readHelp("Usage: x [flags] FILE...\n\nSays\nthings.\n\n  -a            first\n  -b FILE|agid  second\n                of two lines\n\nExit status: 0.\n\nExample:\n  x -a\n")
	require.NoError(t, err)
	require.Equal(t, &manual{usage: "x [flags] FILE...", about: "Says things.", after: []string{"Exit status: 0.", "Example:\n  x -a"},
		flags: []flagHelp{{"a", "", "first"}, {"b", "FILE|agid", "second of two lines"}}}, m)
	require.Equal(t, []string{"agid"}, m.flags[1].choices())
	require.True(t, m.flags[1].takesFile())
	_, err = readHelp("something else")
	require.Error(t, err)
}

func TestStubs(t *testing.T) {
	t.Parallel()
	docs := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(docs, "decisions"), 0o755))
	for _, name := range []string{"verdicts.md", "checks.md", "decisions/README.md", "decisions/0001-x.md"} {
		require.NoError(t, os.WriteFile(filepath.Join(docs, filepath.FromSlash(name)), []byte("# x\n"), 0o644))
	}
	folder := filepath.Join(docs, "en", "from")
	require.NoError(t, os.MkdirAll(folder, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "gone.md"), nil, 0o644))
	require.NoError(t, stubs(docs, folder))
	got := map[string]string{}
	require.NoError(t, filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		rel, _ := filepath.Rel(folder, path)
		got[filepath.ToSlash(rel)] = string(text)
		return err
	}))
	require.Equal(t, map[string]string{
		"verdicts.md":         "<!--@include: ../../verdicts.md-->\n",
		"decisions/index.md":  "<!--@include: ../../../decisions/README.md-->\n",
		"decisions/0001-x.md": "<!--@include: ../../../decisions/0001-x.md-->\n",
	}, got)
}
