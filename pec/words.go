package pec

import (
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
	args := make([]any, len(facts))
	for i, f := range facts {
		args[i] = f
	}
	words := phrase{en: smime.Sentences[code], it: italian[code]}
	for _, c := range cms.Codes {
		if c.Name == code {
			words.en = c.Text
		}
	}
	if words.en == "" || words.it == "" { // a code without words still says what happened
		return phrase{"%s", "%s"}, []any{detail}
	}
	return words, args
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
	if len(names) == 0 {
		return nil
	}
	args := make([]any, len(names))
	for i := range names {
		args[i] = ""
		if i < len(facts) {
			args[i] = facts[i]
		}
	}
	return args
}
