package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/vectors"
)

// ledger says, clause by clause, where the code implements it and what tests
// it. Nothing of it is written by hand: the code's comments "spec: CLAUSE" say
// where, the clauses of checks and the vectors that trip these checks say how
// it is tested, and so do the same comments in tests.
type ledger map[clause]*entry

// clause is one section of one document.
type clause struct {
	document string // such as "RFC 6109"
	section  string // such as "3.1.6", or "appendix F"
}

type entry struct {
	code    []string // package and file
	tests   []string // files of tests with the clause in a comment
	checks  []pec.CheckID
	vectors []string // that must make one of the checks fail or warn
}

// readLedger reads the module at root.
func readLedger(root string) (ledger, error) {
	l := ledger{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata" || path != root && strings.HasPrefix(d.Name(), ".")):
			return fs.SkipDir
		case !strings.HasSuffix(path, ".go"):
			return nil
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if name := filepath.ToSlash(rel); !strings.HasPrefix(name, "docs/") && !strings.HasPrefix(name, "internal/testsign/") {
			return l.readFile(path, name) // those two write about the rules, or write what tests read
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	l.addChecks()
	for _, e := range l {
		for _, list := range []*[]string{&e.code, &e.tests, &e.vectors} {
			slices.Sort(*list)
			*list = slices.Compact(*list)
		}
	}
	return l, nil
}

// readFile notes the clauses in a file's comments.
func (l ledger) readFile(path, name string) error {
	parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	for _, group := range parsed.Comments {
		for _, c := range clausesIn(group) {
			e := l.entry(c)
			if strings.HasSuffix(name, "_test.go") {
				e.tests = append(e.tests, name)
			} else {
				e.code = append(e.code, name)
			}
		}
	}
	return nil
}

// clausesIn returns the clauses that the comments of a group name.
func clausesIn(group *ast.CommentGroup) []clause {
	var all []clause
	for line := range strings.Lines(group.Text()) {
		if _, after, ok := strings.Cut(line, "spec: "); ok {
			all = append(all, clauses(after)...)
		}
	}
	return all
}

var (
	documentName = regexp.MustCompile(`RFC \d+|X\.\d+|XML 1\.0|ETSI (?:EN|TS) [\d ]+(?:-\d)?|AgID, Note integrative, nota \d+|APPNOTE\.TXT [\d.]+|DM [^,;]+|draft-[a-z0-9-]+|Directive [0-9/A-Z]+`)
	sectionName  = regexp.MustCompile(`§([A-Z]?\.?\d+(?:\.\d+)*)( to §?[A-Z]?\.?\d+(?:\.\d+)*)?|appendix ([A-Z])`)
)

// clauses reads the rest of a comment after "spec: ", such as "RFC 6109 §2.2.1,
// §4.4; RFC 5652 §5".
func clauses(text string) []clause {
	var all []clause
	documents := documentName.FindAllStringIndex(text, -1)
	if len(documents) == 0 { // a document that is named once, by its title
		title, _, _ := strings.Cut(strings.TrimSpace(text), "§")
		title, _, _ = strings.Cut(title, ", version")
		return []clause{{strings.TrimRight(title, " ,;:"), ""}}
	}
	for i, at := range documents {
		name := strings.TrimSpace(text[at[0]:at[1]])
		end := len(text)
		if i+1 < len(documents) {
			end = documents[i+1][0]
		}
		sections := sectionName.FindAllStringSubmatch(text[at[1]:end], -1)
		if len(sections) == 0 {
			all = append(all, clause{name, ""})
		}
		for _, s := range sections {
			switch {
			case s[3] != "":
				all = append(all, clause{name, "appendix " + s[3]})
			case s[2] != "":
				all = append(all, clause{name, s[1] + strings.ReplaceAll(strings.Replace(s[2], " to ", "–", 1), "§", "")})
			default:
				all = append(all, clause{name, s[1]})
			}
		}
	}
	return all
}

func (l ledger) entry(c clause) *entry {
	e := l[c]
	if e == nil {
		e = &entry{}
		l[c] = e
	}
	return e
}

// addChecks notes the checks of a report under their clauses, and the vectors
// that expect them to fail or warn.
func (l ledger) addChecks() {
	trips := make(map[pec.CheckID][]string)
	for v := range vectors.All() {
		if r := v.Expected.Report; r != nil {
			for _, id := range slices.Concat(r.Failed, r.Warned) {
				trips[pec.CheckID(id)] = append(trips[pec.CheckID(id)], v.ID)
			}
		}
	}
	for _, c := range pec.Checks() {
		for _, at := range clauses(c.Clause) {
			e := l.entry(at)
			e.checks = append(e.checks, c.ID)
			e.vectors = append(e.vectors, trips[c.ID]...)
		}
	}
}

// status says what there is to show for a clause.
func (e *entry) status(l pec.Lang) string {
	tested := len(e.tests) > 0 || len(e.vectors) > 0
	built := len(e.code) > 0 || len(e.checks) > 0
	switch {
	case built && tested:
		return words{"implemented, tested by name", "realizzata, provata per nome"}.in(l)
	case built:
		return words{"implemented", "realizzata"}.in(l)
	}
	return words{"tested", "provata"}.in(l)
}

// table writes the ledger, a table for each document.
func (l ledger) table(lang pec.Lang) string {
	var b strings.Builder
	last := ""
	for _, c := range l.sorted() {
		e := l[c]
		if c.document != last {
			last = c.document
			fmt.Fprintf(&b, "\n## %s\n\n", c.document)
			b.WriteString(words{"| clause | status | in the code | checks | vectors | tests that name it |\n",
				"| punto | stato | nel codice | verifiche | vettori | test che lo nominano |\n"}.in(lang) + "|---|---|---|---|---|---|\n")
		}
		section := "–"
		if c.section != "" {
			section = "§" + c.section
			if strings.HasPrefix(c.section, "appendix") {
				section = c.section
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", section, e.status(lang), code(e.code), checkLinks(e.checks, lang), some(e.vectors, lang), code(e.tests))
	}
	return b.String()
}

func code(files []string) string {
	quoted := make([]string, len(files))
	for i, f := range files {
		quoted[i] = "`" + f + "`"
	}
	return strings.Join(quoted, "<br>")
}

func checkLinks(ids []pec.CheckID, l pec.Lang) string {
	page := words{"checks", "verifiche"}.in(l)
	links := make([]string, len(ids))
	for i, id := range ids {
		links[i] = fmt.Sprintf("[`%s`](./%s#%s)", id, page, strings.ReplaceAll(string(id), ".", "-"))
	}
	return strings.Join(links, "<br>")
}

// some names the first vectors, and how many there are.
func some(ids []string, l pec.Lang) string {
	const most = 3
	if len(ids) == 0 {
		return ""
	}
	text := "`" + strings.Join(ids[:min(len(ids), most)], "`<br>`") + "`"
	if n := len(ids) - most; n > 0 {
		text += fmt.Sprintf(words{"<br>and %d more", "<br>e altri %d"}.in(l), n)
	}
	return text
}

// sorted orders the clauses: RFC 6109 first, then by document, then by the
// numbers of the section.
func (l ledger) sorted() []clause {
	var all []clause
	for c := range l {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b clause) int {
		if a.document != b.document {
			if a.document == "RFC 6109" {
				return -1
			}
			if b.document == "RFC 6109" {
				return 1
			}
			return strings.Compare(a.document, b.document)
		}
		if c := slices.Compare(numbers(a.section), numbers(b.section)); c != 0 {
			return c
		}
		return strings.Compare(a.section, b.section)
	})
	return all
}

var number = regexp.MustCompile(`\d+`)

func numbers(section string) []int {
	var all []int
	for _, s := range number.FindAllString(section, -1) {
		n, err := strconv.Atoi(s)
		if err != nil {
			break // longer than a number of a section can be
		}
		all = append(all, n)
	}
	return all
}
