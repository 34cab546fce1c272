// Command generate writes the tables of the documentation that come from the
// code: every check of a report, the command's help, and which clause is
// implemented and tested where. The pages of the site include them.
//
//	go run ./docs/generate
//
// It is run at the root of the module, by the build of the site.
package main

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/gopec/gopec/pec"
)

func main() {
	if err := generate(".", filepath.Join("docs", "generated")); err != nil {
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

// help is what pecverify -h prints, as a block of text.
func help(root string, l pec.Lang) (string, error) {
	cmd := exec.Command("go", "run", "./cmd/pecverify", "-lang", string(l), "-h")
	cmd.Dir = root
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("pecverify -h: %w\n%s", err, errs.String())
	}
	return "```text\n" + out.String() + "```\n", nil
}

// checksTable describes every check. One without words is an error: the page
// would be silent about it.
func checksTable(l pec.Lang) (string, error) {
	var b strings.Builder
	group := ""
	for _, c := range pec.Checks() {
		w, ok := checkWords[c.ID]
		if !ok {
			return "", fmt.Errorf("check %s has no words in checkwords.go", c.ID)
		}
		if g, _, _ := strings.Cut(string(c.ID), "."); g != group {
			group = g
			title, ok := groups[g]
			if !ok {
				return "", fmt.Errorf("checks %s.* have no heading in main.go", g)
			}
			fmt.Fprintf(&b, "\n## %s\n", title.in(l))
		}
		title := []rune(c.Title(l))
		fmt.Fprintf(&b, "\n### %s%s {#%s}\n\n", strings.ToUpper(string(title[0])), string(title[1:]), strings.ReplaceAll(string(c.ID), ".", "-"))
		fmt.Fprintf(&b, "`%s` · %s\n\n%s\n\n*%s* %s\n", c.ID, c.Clause, w.why.in(l), words{"If it fails or warns:", "Se fallisce o avverte:"}.in(l), w.do.in(l))
	}
	return b.String(), nil
}

// groups are the headings of the first words of ids.
var groups = map[string]words{
	"signature": {"The signature", "La firma"},
	"trust":     {"Who signed", "Chi ha firmato"},
	"provider":  {"The provider", "Il gestore"},
	"time":      {"The time", "Il tempo"},
	"daticert":  {"The certification data", "I dati di certificazione"},
	"from":      {"The sender in the header", "Il mittente nell'intestazione"},
	"header":    {"The rest of the header", "Il resto dell'intestazione"},
	"original":  {"The enclosed message", "Il messaggio allegato"},
}
