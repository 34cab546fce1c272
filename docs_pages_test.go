package gopec_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// notRunInDocs are the lines of the documentation's commands that are not run,
// and why.
var notRunInDocs = map[string]string{
	"go install github.com/gopec/gopec/cmd/pecverify@latest": "needs the network and a release",
	"go -C cmd/pecbox run .":                                 "runs until it is stopped, and needs modules of its own",
	"npm --prefix docs ci && npm --prefix docs run build":    "CI builds the site with it",
	"npm --prefix docs run dev":                              "runs until it is stopped",
	"npm --prefix docs test":                                 "CI tests the site with it",
}

// docsPages are the pages of the site that are written by hand.
func docsPages(t *testing.T) []string {
	t.Helper()
	var pages []string
	for _, pattern := range []string{"docs/*.md", "docs/it/*.md", "docs/en/*.md", "docs/decisions/*.md"} {
		found, err := filepath.Glob(pattern)
		require.NoError(t, err)
		pages = append(pages, found...)
	}
	require.Greater(t, len(pages), 40)
	return pages
}

// TestDocsCommands runs the commands and Go programs of every page, as a reader
// would, and compares what they print with what the page says.
//
// A block of sh, and one of go that is a program, is followed by a block of
// text, maybe with words between. A program is run with the delivery of the
// examples as its standard input. A block of go that is a test is run as one.
func TestDocsCommands(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh on this machine")
	}
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("the pages have commands of python3, which is not on this machine")
	}
	bin := build(t, "./cmd/pecverify")
	left := make(map[string]bool)
	ran := 0
	for _, name := range docsPages(t) {
		page, err := os.ReadFile(name)
		require.NoError(t, err)
		found := blocks(t, string(page))
		for i := len(found) - 1; i >= 0; i-- { // backwards, so that -update moves nothing that is still to come
			b := found[i]
			got, prints := printed(t, name, b, sh, bin, left)
			if !prints {
				continue
			}
			ran++
			require.Less(t, i+1, len(found), "%s:%d: no text block says what this prints", name, b.line)
			want := found[i+1]
			require.Equal(t, "text", want.language, "%s:%d: no text block says what this prints", name, b.line)
			if *update {
				page = slices.Concat(page[:want.start], []byte(got), page[want.start+len(want.text):])
				continue
			}
			require.Equal(t, want.text, got, "%s:%d\n(go test . -run Docs -update writes it anew)", name, b.line)
		}
		if *update && !strings.HasPrefix(name, "docs/decisions") {
			require.NoError(t, os.WriteFile(name, page, 0o644))
		}
	}
	require.Greater(t, ran, 20, "no commands found")
	for line := range notRunInDocs {
		require.True(t, left[line], "no page has the line %q any more", line)
	}
}

// printed runs one block, and returns what it prints. prints is false for a
// block that is not to be run, or a test, which has failed if it prints.
func printed(t *testing.T, name string, b block, sh, bin string, left map[string]bool) (got string, prints bool) {
	t.Helper()
	switch b.language {
	case "sh":
		var run strings.Builder
		for line := range strings.Lines(b.text) {
			if text := strings.TrimSpace(line); notRunInDocs[text] != "" {
				left[text] = true
				continue
			}
			run.WriteString(line)
		}
		script := strings.TrimSpace(run.String())
		if script == "" {
			return "", false
		}
		return shell(t, sh, bin, script), true
	case "go":
		return goBlock(t, name, b)
	case "text":
		return "", false
	}
	require.Fail(t, "a block of an unknown language", "%s:%d: %s", name, b.line, b.language)
	return "", false
}

// goBlock runs a program, or a test.
func goBlock(t *testing.T, name string, b block) (got string, prints bool) {
	t.Helper()
	isTest := strings.Contains(b.text, "\"testing\"")
	source := filepath.Join(t.TempDir(), "main.go")
	if isTest {
		source = filepath.Join(t.TempDir(), "page_test.go")
	}
	require.NoError(t, os.WriteFile(source, []byte(b.text), 0o600))
	unformatted, err := exec.Command("gofmt", "-l", source).CombinedOutput()
	require.NoError(t, err, "%s:%d: %s", name, b.line, unformatted)
	require.Empty(t, string(unformatted), "%s:%d is not formatted", name, b.line)
	if isTest {
		out, err := exec.Command("go", "test", "-count=1", source).CombinedOutput()
		require.NoError(t, err, "%s:%d: %s", name, b.line, out)
		require.Contains(t, string(out), "ok")
		return "", false
	}
	program := filepath.Join(t.TempDir(), "program.exe")
	out, err := exec.Command("go", "build", "-o", program, source).CombinedOutput()
	require.NoError(t, err, "%s:%d: %s", name, b.line, out)
	got, status := runOn(t, program, "examples/messages/avvenuta-consegna.eml")
	require.Zero(t, status, "%s:%d: %s", name, b.line, got)
	return got, true
}

var (
	markdownLink = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	htmlLink     = regexp.MustCompile(`href="([^"]+)"`)
)

// TestDocsLinks looks for what the pages of the repository link to: files where
// a reader of the repository follows them, pages where a reader of the site
// does. The build of the site looks at its own links once more.
func TestDocsLinks(t *testing.T) {
	t.Parallel()
	routes := siteRoutes(t)
	links := 0
	for _, name := range append(docsPages(t), "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md", "vectors/README.md") {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, b := range slices.Backward(blocks(t, string(text))) { // programs have brackets, too
			text = slices.Delete(text, b.start, b.start+len(b.text))
		}
		for _, m := range append(markdownLink.FindAllStringSubmatch(string(text), -1), htmlLink.FindAllStringSubmatch(string(text), -1)...) {
			target, _, _ := strings.Cut(m[1], "#")
			if target == "" || strings.HasPrefix(target, "https://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			links++
			if page, ok := routeOf(name); ok {
				require.True(t, routes[resolve(page, target)], "%s links to %s, and the site has no page %s", name, m[1], resolve(page, target))
				continue
			}
			require.FileExistsf(t, existing(filepath.Join(filepath.Dir(name), target)), "%s links to %s", name, m[1])
		}
	}
	require.Greater(t, links, 60)
}

// routeOf is the address on the site of a page that exists there only.
func routeOf(name string) (string, bool) {
	name = filepath.ToSlash(strings.TrimSuffix(name, ".md"))
	if page, ok := strings.CutPrefix(name, "docs/it/"); ok {
		return "/" + page, true
	}
	if page, ok := strings.CutPrefix(name, "docs/en/"); ok {
		return "/en/" + page, true
	}
	return "", false
}

// siteRoutes are the addresses of the site.
func siteRoutes(t *testing.T) map[string]bool {
	t.Helper()
	routes := map[string]bool{"/": true, "/en/": true, "/verifica/": true, "/en/verify/": true, "/en/decisions/": true}
	for _, name := range docsPages(t) {
		if page, ok := routeOf(name); ok {
			routes[page] = true
		} else if page, ok := strings.CutPrefix(filepath.ToSlash(strings.TrimSuffix(name, ".md")), "docs/"); ok {
			routes["/en/"+page] = true
		}
	}
	return routes
}

// resolve follows a relative link from a page.
func resolve(page, target string) string {
	folder := strings.HasSuffix(target, "/")
	if !strings.HasPrefix(target, "/") {
		target = filepath.ToSlash(filepath.Join(filepath.Dir(page), target))
	}
	if folder && !strings.HasSuffix(target, "/") {
		target += "/"
	}
	return target
}

// TestDocsPairs: what is there in one language is there in the other, with the
// same commands and programs.
func TestDocsPairs(t *testing.T) {
	t.Parallel()
	pairs := map[string]string{
		"index": "index", "messaggio": "message", "primi-passi": "first-steps", "un-messaggio": "one-message", "caselle": "mailbox", "circuito": "circuit",
		"ricevute": "receipts", "registri": "registries", "fiducia": "trust", "verifiche": "checks", "gestori": "providers", "comando": "command", "vettori": "vectors",
		"limiti": "limits", "conformita": "conformance", "sicurezza": "security", "contribuire": "contributing", "esiti": "../verdicts", "prove-che-durano": "../evidence", "formato-json": "../json",
	}
	it, err := filepath.Glob("docs/it/*.md")
	require.NoError(t, err)
	require.Len(t, it, len(pairs))
	for italian, english := range pairs {
		a, err := os.ReadFile(filepath.Join("docs/it", italian+".md"))
		require.NoError(t, err)
		b, err := os.ReadFile(filepath.Join("docs/en", english+".md"))
		require.NoError(t, err)
		if !strings.HasPrefix(english, "..") {
			require.Equal(t, languages(blocks(t, string(b))), languages(blocks(t, string(a))), "%s and %s", italian, english)
		}
	}
}

func languages(found []block) []string {
	var all []string
	for _, b := range found {
		all = append(all, b.language)
	}
	return all
}

// TestNoMarkupFromText: the site's own components show text and nothing else.
func TestNoMarkupFromText(t *testing.T) {
	t.Parallel()
	n := 0
	for _, name := range moduleFiles(t) {
		if name := filepath.ToSlash(name); strings.HasPrefix(name, "docs/") && (strings.HasSuffix(name, ".vue") || strings.HasSuffix(name, ".md")) {
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			require.NotContains(t, string(text), "v-html", name)
			n++
		}
	}
	require.Greater(t, n, 40)
}
