package gopec_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/counterpart"
)

var update = flag.Bool("update", false, "write what commands print, and generated pages, into the documents")

var readmes = []string{"README.md", "README.it.md"}

// notRun are the lines of code blocks that are not run, and why.
var notRun = map[string]string{
	"go install github.com/gopec/gopec/cmd/pecverify@latest": "needs the network and a release",
	"go -C cmd/pecbox run .":                                 "runs until it is stopped, and needs modules of its own",
	"npm --prefix docs ci && npm --prefix docs run build":    "CI builds the site with it",
	"npm --prefix docs run dev":                              "runs until it is stopped",
	"go test ./...":                                          "is the run that this test is part of",
	"PEC_REQUIRE=openssl,xmllint,python,reference PEC_REFERENCE=/path/to/data go test ./...": "the same",
}

// block is one fenced block of a page.
type block struct {
	line     int    // of the page, from 1, where the text begins
	language string // sh: commands; text, right after sh: what they print; go: a program
	text     string
	start    int // of the text in the page
}

// blocks returns the fenced blocks of a page.
func blocks(t *testing.T, page string) []block {
	t.Helper()
	var found []block
	var open *block
	offset := 0
	for n, line := range strings.SplitAfter(page, "\n") {
		offset += len(line)
		switch fence := strings.HasPrefix(line, "```"); {
		case fence && open == nil:
			open = &block{line: n + 2, language: strings.TrimSpace(line[3:]), start: offset}
		case fence:
			require.Equal(t, "```\n", line, "line %d ends a block with something else", n+1)
			found = append(found, *open)
			open = nil
		case open != nil:
			open.text += line
		}
	}
	require.Nil(t, open, "a block is not closed")
	return found
}

// TestREADMECommands runs every command of both pages in a shell, as a reader
// would, and compares what they print with what the page says.
func TestREADMECommands(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh on this machine")
	}
	bin := build(t, "./cmd/pecverify")
	left := make(map[string]bool)
	for _, name := range readmes {
		page, err := os.ReadFile(name)
		require.NoError(t, err)
		ran, compared := 0, 0
		found := blocks(t, string(page))
		for i := len(found) - 1; i >= 0; i-- { // backwards, so that -update moves nothing that is still to come
			b := found[i]
			if b.language != "sh" {
				require.Contains(t, []string{"text", "go"}, b.language, "%s:%d", name, b.line)
				continue
			}
			script := runnable(b.text, left)
			if script == "" {
				continue
			}
			ran++
			require.Less(t, i+1, len(found), "%s:%d: no text block says what this prints", name, b.line)
			want := found[i+1]
			require.Equal(t, "text", want.language, "%s:%d: no text block says what this prints", name, b.line)
			got := shell(t, sh, bin, script)
			if *update {
				page = slices.Concat(page[:want.start], []byte(got), page[want.start+len(want.text):])
				continue
			}
			require.Equal(t, want.text, got, "%s:%d: %s\n(go test . -run README -update writes it anew)", name, b.line, script)
			compared++
		}
		require.Positive(t, ran, "%s: no commands found", name)
		if *update {
			require.NoError(t, os.WriteFile(name, page, 0o644))
			continue
		}
		require.Equal(t, ran, compared)
	}
	for line := range notRun {
		require.True(t, left[line], "no page has the line %q any more", line)
	}
}

// runnable takes out the lines that are not run, and notes them in left.
func runnable(script string, left map[string]bool) string {
	var run strings.Builder
	for line := range strings.Lines(script) {
		if text := strings.TrimSpace(line); notRun[text] != "" {
			left[text] = true
			continue
		}
		run.WriteString(line)
	}
	return strings.TrimSpace(run.String())
}

// shell runs commands at the root of the module and returns all that they
// print. They end well: a page that shows a failing command shows its status.
func shell(t *testing.T, sh, bin, script string) string {
	t.Helper()
	cmd := exec.Command(sh, "-c", script)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "NO_COLOR=1", "TMPDIR="+t.TempDir(),
		"PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s\n%s", script, out)
	return string(out)
}

// build builds commands of this module into a new folder.
func build(t *testing.T, packages ...string) string {
	t.Helper()
	readSources(t)
	dir := t.TempDir()
	out, err := exec.Command("go", append([]string{"build", "-o", dir + string(filepath.Separator)}, packages...)...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return dir
}

// readSources opens every folder of the module. The go command remembers that a
// test has passed, and what it has opened; of sources that only a child process
// reads it knows nothing.
func readSources(t *testing.T) {
	t.Helper()
	require.NotEmpty(t, moduleFiles(t))
}

// TestREADMELines holds two lines that others copy.
func TestREADMELines(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("README.md")
	require.NoError(t, err)
	lines := strings.Split(string(page), "\n")
	require.Contains(t, lines, "go run ./cmd/pecverify -trust examples/messages/test-ca.pem examples/messages/avvenuta-consegna.eml")
	require.Contains(t, lines, "go test ./...")
	ci, err := os.ReadFile(".ci/run")
	require.NoError(t, err)
	require.Contains(t, strings.Split(string(ci), "\n"), "go test ./...", "CI runs the page's test command")
}

// TestREADMELinks looks for what the pages link to inside the repository.
func TestREADMELinks(t *testing.T) {
	t.Parallel()
	for _, name := range readmes {
		page, err := os.ReadFile(name)
		require.NoError(t, err)
		links := 0
		for rest := string(page); ; links++ {
			_, after, ok := strings.Cut(rest, "](")
			if !ok {
				break
			}
			target, tail, _ := strings.Cut(after, ")")
			require.FileExistsf(t, existing(target), "%s links to %s", name, target)
			rest = tail
		}
		require.Greater(t, links, 10, "%s: links not found", name)
	}
}

// existing is the file that a link leads to: of a folder, any one in it.
func existing(target string) string {
	entries, err := os.ReadDir(target)
	if err != nil || len(entries) == 0 {
		return target
	}
	return filepath.Join(target, entries[0].Name())
}

// TestREADMEProgram compiles and runs the program of both pages.
func TestREADMEProgram(t *testing.T) {
	for _, name := range readmes {
		t.Run(name, func(t *testing.T) {
			page, err := os.ReadFile(name)
			require.NoError(t, err)
			found := slices.DeleteFunc(blocks(t, string(page)), func(b block) bool { return b.language != "go" })
			require.Len(t, found, 1, "one program")
			source := filepath.Join(t.TempDir(), "main.go")
			require.NoError(t, os.WriteFile(source, []byte(found[0].text), 0o600))
			formatted, err := exec.Command("gofmt", "-l", source).CombinedOutput()
			require.NoError(t, err, "%s", formatted)
			require.Empty(t, string(formatted), "not formatted")
			program := filepath.Join(t.TempDir(), "program.exe")
			out, err := exec.Command("go", "build", "-o", program, source).CombinedOutput()
			require.NoError(t, err, "%s", out)

			t.Run("not AgID's", func(t *testing.T) {
				out, status := runOn(t, program, "examples/messages/avvenuta-consegna.eml")
				require.Equal(t, 1, status, "an authority of its own is believed by nobody else")
				require.Contains(t, out, "NO_CERTIFICATE_CHAIN_FOUND")
			})
			t.Run("genuine", func(t *testing.T) {
				out, status := runOn(t, program, counterpart.Reference(t, "corpus", "genuine", "namirial-2024-12-transport.eml"))
				require.Zero(t, status, out)
				require.Contains(t, out, "sent opec21192.20241205000210.24820.46.1.184@sicurezzapostale.it")
			})
		})
	}
}

// runOn runs a program with a file as its standard input.
func runOn(t *testing.T, program, file string) (output string, status int) {
	t.Helper()
	in, err := os.Open(file)
	require.NoError(t, err)
	defer in.Close()
	var out bytes.Buffer
	cmd := exec.Command(program)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, &out, &out
	err = cmd.Run()
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		return out.String(), e.ExitCode()
	}
	require.NoError(t, err)
	return out.String(), 0
}

// TestBlocks shows that the reader of pages sees commands at all.
func TestBlocks(t *testing.T) {
	t.Parallel()
	page := "text\n```sh\nls\ncd x\n```\n\n```text\nout\n```\n"
	found := blocks(t, page)
	require.Equal(t, []block{{line: 3, language: "sh", text: "ls\ncd x\n", start: 11}, {line: 8, language: "text", text: "out\n", start: 32}}, found)
	for _, b := range found {
		require.Equal(t, b.text, page[b.start:b.start+len(b.text)], fmt.Sprint(b.line))
	}
}
