package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gopec/gopec/pec"
)

// flagHelp is one flag as the command's help describes it.
type flagHelp struct {
	name  string // without "-"
	value string // what it takes, such as FILE, "" if nothing
	text  string
}

// choices are the words that can be completed for what a flag takes.
func (f flagHelp) choices() []string {
	switch f.value {
	case "":
		return nil
	case "KIND[,KIND]":
		var kinds []string
		for _, k := range []pec.Kind{pec.KindTransport, pec.KindAcceptance, pec.KindNonAcceptance, pec.KindTakingInCharge,
			pec.KindDelivery, pec.KindDeliveryError, pec.KindTimeout, pec.KindVirusDetection} {
			kinds = append(kinds, string(k))
		}
		return kinds
	}
	var words []string
	for alternative := range strings.SplitSeq(f.value, "|") {
		if alternative == strings.ToLower(alternative) {
			words = append(words, alternative)
		}
	}
	return words
}

// takesFile reports whether what a flag takes names a file or folder.
func (f flagHelp) takesFile() bool {
	for alternative := range strings.SplitSeq(f.value, "|") {
		if alternative == "FILE" || alternative == "DIR" || alternative == "OUT" {
			return true
		}
	}
	return false
}

// manual is the command's help, taken apart.
type manual struct {
	usage, about string
	flags        []flagHelp
	after        []string // paragraphs
}

// readHelp takes the text of pecverify -h apart.
func readHelp(help string) (*manual, error) {
	m := &manual{}
	head, rest, ok := strings.Cut(help, "\n\n  -")
	flags, after, ok2 := strings.Cut("  -"+rest, "\n\n")
	usage, about, ok3 := strings.Cut(head, "\n\n")
	if !ok || !ok2 || !ok3 {
		return nil, fmt.Errorf("the help has another form:\n%s", help)
	}
	m.usage = strings.TrimPrefix(usage, "Usage: ")
	m.about = strings.Join(strings.Fields(about), " ")
	column := 0
	for line := range strings.Lines(flags) {
		line = strings.TrimRight(line, "\n")
		if text, continues := strings.CutPrefix(line, "      "); continues {
			if len(m.flags) == 0 {
				return nil, fmt.Errorf("the help begins with %q", line)
			}
			m.flags[len(m.flags)-1].text += " " + strings.TrimSpace(text)
			continue
		}
		if column == 0 { // where the words begin, which is the same in every line
			name, text, _ := strings.Cut(line[3:], "  ")
			column = 3 + len(name) + 2 + len(text) - len(strings.TrimLeft(text, " "))
		}
		if len(line) <= column || line[column-1] != ' ' {
			return nil, fmt.Errorf("a line of the help without words: %q", line)
		}
		name, value, _ := strings.Cut(strings.TrimSpace(line[3:column]), " ")
		m.flags = append(m.flags, flagHelp{name, value, line[column:]})
	}
	for paragraph := range strings.SplitSeq(strings.TrimSpace(after), "\n\n") {
		m.after = append(m.after, paragraph)
	}
	return m, nil
}

// writeCommand writes the man page and the completions into a folder.
func writeCommand(root, folder, version string) error {
	text, err := helpText(root, pec.English)
	if err != nil {
		return err
	}
	m, err := readHelp(text)
	if err != nil {
		return err
	}
	for name, content := range map[string]string{
		"man/pecverify.1": m.man(version), "completions/pecverify.bash": m.bash(), "completions/_pecverify": m.zsh(), "completions/pecverify.fish": m.fish(),
	} {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// roff makes text harmless to the formatter of manual pages.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}

func (m *manual) man(version string) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line(`.TH PECVERIFY 1 "" "gopec %s" "User Commands"`, roff(version))
	line(".ad l")
	line(".SH NAME\npecverify \\- say whether PEC messages are authentic and what they prove")
	line(".SH SYNOPSIS\n.B %s", roff(m.usage))
	line(".SH DESCRIPTION\n%s", roff(m.about))
	line(".SH OPTIONS")
	for _, f := range m.flags {
		line(".TP")
		if f.value == "" {
			line(`.B \-%s`, roff(f.name))
		} else {
			line(`.BI \-%s " %s"`, roff(f.name), roff(f.value))
		}
		line("%s", roff(f.text))
	}
	for _, p := range m.after {
		title, text, _ := strings.Cut(p, ":")
		line(".SH %s", strings.ToUpper(roff(title)))
		if title == "Example" {
			line(".nf\n%s\n.fi", roff(strings.TrimSpace(text)))
			continue
		}
		line("%s", roff(strings.Join(strings.Fields(text), " ")))
	}
	return b.String()
}

func (m *manual) bash() string {
	var names []string
	var values strings.Builder
	for _, f := range m.flags {
		names = append(names, "-"+f.name)
		words := f.choices()
		switch {
		case len(words) > 0 && f.takesFile():
			fmt.Fprintf(&values, "    -%s) COMPREPLY=($(compgen -f -W '%s' -- \"$cur\")); return ;;\n", f.name, strings.Join(words, " "))
		case len(words) > 0:
			fmt.Fprintf(&values, "    -%s) COMPREPLY=($(compgen -W '%s' -- \"$cur\")); return ;;\n", f.name, strings.Join(words, " "))
		case f.takesFile():
			fmt.Fprintf(&values, "    -%s) COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n", f.name)
		case f.value != "":
			fmt.Fprintf(&values, "    -%s) return ;;\n", f.name)
		}
	}
	return "# bash completion of pecverify\n_pecverify() {\n  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n  case $prev in\n" + values.String() +
		"  esac\n  case $cur in\n    -*) COMPREPLY=($(compgen -W '" + strings.Join(names, " ") + "' -- \"$cur\")) ;;\n    *) COMPREPLY=($(compgen -f -- \"$cur\")) ;;\n  esac\n}\ncomplete -o filenames -F _pecverify pecverify\n"
}

// quoted puts text into single quotes of a shell.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

func (m *manual) zsh() string {
	var b strings.Builder
	b.WriteString("#compdef pecverify\n_arguments \\\n")
	for _, f := range m.flags {
		spec := "*-" + f.name + "[" + strings.NewReplacer("[", "(", "]", ")", ":", "").Replace(f.text) + "]"
		words := f.choices()
		switch {
		case f.takesFile():
			spec += ":file:_files"
		case len(words) > 0:
			spec += ":value:(" + strings.Join(words, " ") + ")"
		case f.value != "":
			spec += ":value: "
		}
		fmt.Fprintf(&b, "  %s \\\n", quoted(spec))
	}
	b.WriteString("  '*:file:_files'\n")
	return b.String()
}

func (m *manual) fish() string {
	var b strings.Builder
	b.WriteString("# fish completion of pecverify\n")
	for _, f := range m.flags {
		fmt.Fprintf(&b, "complete -c pecverify -o %s -d %s", f.name, quoted(f.text))
		words := f.choices()
		switch {
		case len(words) > 0 && f.takesFile():
			fmt.Fprintf(&b, " -r -F -a %s", quoted(strings.Join(words, " ")))
		case len(words) > 0:
			fmt.Fprintf(&b, " -x -a %s", quoted(strings.Join(words, " ")))
		case f.takesFile():
			b.WriteString(" -r -F")
		case f.value != "":
			b.WriteString(" -x")
		}
		b.WriteString("\n")
	}
	return b.String()
}
