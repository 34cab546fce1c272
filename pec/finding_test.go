package pec

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Findings in the same words are one, up to a bound, and what has arguments is kept
// by its own report.
func TestFindingsAreShared(t *testing.T) {
	t.Parallel()
	const at = 0
	var one, other foundSoFar
	words := phrase{"test: shared", "prova: condivisa"}
	require.Same(t, one.take(at, finding{words: words}), other.take(at, finding{words: words}))
	require.NotSame(t, one.take(at, finding{words: words}), one.take(at, finding{words: words, row: row3}), "another row is another finding")
	for i := range 2 * mostUsual {
		f := phrase{en: string(rune('a' + i))}
		require.Equal(t, f, one.take(at, finding{words: f}).words, "what there is no room for is right, too")
	}
	require.LessOrEqual(t, len(*usual[at].Load()), mostUsual)

	var all []*finding
	for i := range 3 * ownFindings {
		all = append(all, one.take(at, finding{words: phrase{"%d", "%d"}, args: []any{i}}))
	}
	for i, f := range all {
		require.Equal(t, []any{i}, f.args)
	}
	require.Empty(t, Check{}.Detail(English), "of a check that does not exist nothing was found")
}
