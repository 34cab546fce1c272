// Command generate writes the tables of the documentation that come from the
// code: every check of a report, the command's help, and which clause is
// implemented and tested where. The pages of the site include them.
//
//	go run ./docs/generate
//	go run ./docs/generate -command DIR -version 1.2.3
//
// The second form writes the man page of pecverify and its completions for bash,
// zsh and fish into DIR instead, out of the command's help. Both are run at the
// root of the module, by the build of the site and by a release.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/gopec/gopec/pec"
)

func main() {
	folder := flag.String("command", "", "write man page and completions into this folder")
	version := flag.String("version", "", "that the man page names")
	flag.Parse()
	var err error
	if *folder != "" {
		err = writeCommand(".", *folder, *version)
	} else {
		err = errors.Join(generate(".", filepath.Join("docs", "generated")), stubs("docs", filepath.Join("docs", "en", "from")))
	}
	if err != nil {
		log.Fatal(err)
	}
}

// generate writes every table about the module at root into a folder.
func generate(root, folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	ledger, err := readLedger(root)
	if err != nil {
		return err
	}
	for _, l := range []pec.Lang{pec.English, pec.Italian} {
		help, err := help(root, l)
		if err != nil {
			return err
		}
		checks, err := checksTable(l)
		if err != nil {
			return err
		}
		for name, text := range map[string]string{"help": help, "checks": checks, "conformance": ledger.table(l)} {
			if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("%s.%s.md", name, l)), []byte(text), 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

// stubs writes, for each English page that lies outside the folder of English
// pages because others name it there, a page that includes it: the site's
// search tells languages by folders. checks.md is the short form of a page that
// the site has in full.
func stubs(docs, folder string) error {
	if err := os.RemoveAll(folder); err != nil { // a page may have gone
		return err
	}
	for _, pattern := range []string{"*.md", "decisions/*.md"} {
		pages, err := filepath.Glob(filepath.Join(docs, filepath.FromSlash(pattern)))
		if err != nil {
			return err
		}
		for _, page := range pages {
			rel, err := filepath.Rel(docs, page)
			if err != nil || rel == "checks.md" {
				continue
			}
			stub := filepath.Join(folder, rel)
			if filepath.Base(rel) == "README.md" {
				stub = filepath.Join(filepath.Dir(stub), "index.md")
			}
			if err := os.MkdirAll(filepath.Dir(stub), 0o755); err != nil {
				return err
			}
			up, err := filepath.Rel(filepath.Dir(stub), page)
			if err != nil {
				return err
			}
			if err := os.WriteFile(stub, []byte("<!--@include: "+filepath.ToSlash(up)+"-->\n"), 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

// help is what pecverify -h prints, as a block of text.
func help(root string, l pec.Lang) (string, error) {
	text, err := helpText(root, l)
	return "```text\n" + text + "```\n", err
}

// helpText is what pecverify -h prints.
func helpText(root string, l pec.Lang) (string, error) {
	cmd := exec.Command("go", "run", "./cmd/pecverify", "-lang", string(l), "-h")
	cmd.Dir = root
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("pecverify -h: %w\n%s", err, errs.String())
	}
	return out.String(), nil
}

// checksTable describes every check. One without words is an error: the page
// would be silent about it.
func checksTable(l pec.Lang) (string, error) {
	sections := make(map[string]*strings.Builder)
	var order []string
	for _, c := range pec.Checks() {
		w, ok := checkWords[c.ID]
		if !ok {
			return "", fmt.Errorf("check %s has no words in checkwords.go", c.ID)
		}
		first, _, _ := strings.Cut(string(c.ID), ".")
		heading, ok := groups[first]
		if !ok {
			return "", fmt.Errorf("checks %s.* have no heading in main.go", first)
		}
		b := sections[heading.en]
		if b == nil {
			b = &strings.Builder{}
			fmt.Fprintf(b, "\n## %s\n", heading.in(l))
			sections[heading.en] = b
			order = append(order, heading.en)
		}
		title := []rune(c.Title(l))
		fmt.Fprintf(b, "\n### %s%s {#%s}\n\n", strings.ToUpper(string(title[0])), string(title[1:]), strings.ReplaceAll(string(c.ID), ".", "-"))
		fmt.Fprintf(b, "`%s` · %s\n\n%s\n\n*%s* %s\n", c.ID, c.Clause, w.why.in(l), words{"If it fails or warns:", "Se fallisce o avverte:"}.in(l), w.do.in(l))
	}
	var all strings.Builder
	for _, heading := range order {
		all.WriteString(sections[heading].String())
	}
	return all.String(), nil
}

// groups are the headings of the first words of ids.
var groups = map[string]words{
	"signature": {"The signature", "La firma"},
	"trust":     {"Who signed", "Chi ha firmato"},
	"provider":  {"Who signed", "Chi ha firmato"},
	"time":      {"The time", "Il tempo"},
	"daticert":  {"The certification data", "I dati di certificazione"},
	"from":      {"The header", "L'intestazione"},
	"header":    {"The header", "L'intestazione"},
	"original":  {"The enclosed message", "Il messaggio allegato"},
}
