package ipa_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/ipa"
)

// TestSearchAgainstAScan compares how many entities a search finds with a plain
// reading of the rules, entity by entity, for words and beginnings of words
// taken from the names.
func TestSearchAgainstAScan(t *testing.T) {
	t.Parallel()
	s := build(t, invented{bodies: 300, areas: 400, offices: 1500, addresses: 3000}.files())
	random := rand.New(rand.NewPCG(1, 2))
	var names []string
	own := make(map[ipa.Entity][]string)
	for e := range s.Entities() {
		own[e] = plainWords(e.Name())
		names = append(names, e.Name()+" "+e.Body().Name())
	}
	for range 300 {
		pool := plainWords(names[random.IntN(len(names))])
		var asked []string
		for range 1 + random.IntN(4) {
			w := pool[random.IntN(len(pool))]
			if len(w) > 3 && random.IntN(2) == 0 {
				w = w[:3+random.IntN(len(w)-3)]
			}
			if len(w) > 3 && w != "degli" && w != "dell" && w != "sull" { // no fillers, no provinces
				asked = append(asked, w)
			}
		}
		if len(asked) == 0 {
			continue
		}
		want := 0
		for e, words := range own {
			if scanFinds(e, words, own[e.Body()], asked) {
				want++
			}
		}
		require.Equal(t, want, s.Search(strings.Join(asked, " "), nil).Total, "%q", asked)
	}
}

// scanFinds reports whether an entity has all words, one of them in its own
// name.
func scanFinds(e ipa.Entity, own, body, asked []string) bool {
	isBody := e.Kind() == ipa.KindBody
	found := false
	for _, w := range asked {
		switch {
		case begins(own, w, isBody):
			found = true
		case isBody && w == "comune" && len(asked) > 1 && e.Category() == "L6":
		case !isBody && begins(body, w, true):
		default:
			return false
		}
	}
	return found
}

// begins reports whether a word of a name, or two joined, begin with w.
func begins(name []string, w string, joined bool) bool {
	for i := range name {
		if strings.HasPrefix(name[i], w) || joined && i > 0 && strings.HasPrefix(name[i-1]+name[i], w) {
			return true
		}
	}
	return false
}

// plainWords is enough for the names of the invented registry.
func plainWords(name string) []string {
	name = strings.NewReplacer("ì", "i", "à", "a", "j", "i").Replace(strings.ToLower(name))
	return strings.FieldsFunc(name, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
}
