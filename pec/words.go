package pec

import (
	"slices"
	"strings"
	"sync"

	"github.com/gopec/gopec/internal/cms"
	"github.com/gopec/gopec/smime"
	"github.com/gopec/gopec/trust"
	"github.com/gopec/gopec/trust/revocation"
)

// problemWords gives the sentence of a signature problem in both languages,
// with its facts as arguments.
func problemWords(p *smime.Problem) (phrase, []any) { return codeWords(p.Code, p.Facts, p.Detail) }

// codeWords does so for a code of packages smime and cms.
func codeWords(code string, facts []string, detail string) (phrase, []any) {
	words := phrase{en: smime.Sentences[code], it: italian[code]}
	for _, c := range cms.Codes {
		if c.Name == code {
			words.en = c.Text
		}
	}
	if words.en == "" || words.it == "" { // a code without words still says what happened
		return phrase{"%s", "%s"}, []any{detail}
	}
	return words, argsOf(facts)
}

// trustWords gives the sentence of a finding in both languages. The facts are
// put in when the sentence is shown, made printable one by one.
func trustWords(f trust.Finding) (phrase, []any) {
	if known, ok := formats.Load(f.Code); ok {
		known := known.(*format)
		return known.words, factsOf(known.names, f.Facts)
	}
	c, ok := trust.CodeOf(f.Code)
	it := italianTrust[f.Code]
	if !ok {
		c, ok = revocation.CodeOf(f.Code)
		it = italianRevocation[f.Code]
	}
	if !ok || it == "" {
		return phrase{"%s", "%s"}, []any{f.Detail}
	}
	en, args := numbered(c.Sentence, c.Facts, f.Facts)
	it, _ = numbered(it, c.Facts, f.Facts)
	words := phrase{en, it}
	formats.Store(f.Code, &format{words, c.Facts})
	return words, args
}

// format is a sentence that was made into a format, with the names of its facts.
type format struct {
	words phrase
	names []string
}

// formats has them by code: the same few for every message.
var formats sync.Map

// numbered turns a sentence with {names} into a format of package fmt with
// numbered arguments, so that the languages may put them in any order.
func numbered(sentence string, names, facts []string) (string, []any) {
	for i, name := range names {
		sentence = strings.ReplaceAll(sentence, "{"+name+"}", "%["+string(rune('1'+i))+"]s")
	}
	return sentence, factsOf(names, facts)
}

// factsOf returns as many facts as there are names.
func factsOf(names, facts []string) []any {
	if missing := len(names) - len(facts); missing > 0 {
		facts = append(slices.Clone(facts), make([]string, missing)...)
	}
	return argsOf(facts[:len(names)])
}

// factList is all the arguments of a sentence, in the slice that they came in: one
// argument for as many as there are.
type factList []string

func argsOf(facts []string) []any {
	if len(facts) == 0 {
		return nil
	}
	return []any{factList(facts)}
}

// showArgs makes the arguments of a sentence fit for showing.
func showArgs(args []any, l Lang) []any {
	if len(args) == 1 {
		if facts, ok := args[0].(factList); ok {
			args = make([]any, len(facts))
			for i, f := range facts {
				args[i] = f
			}
		}
	}
	shown := make([]any, len(args))
	for i, a := range args {
		shown[i] = showArg(a, l)
	}
	return shown
}
