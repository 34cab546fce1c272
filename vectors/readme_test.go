package vectors_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/vectors"
)

// README says what is there: the number of vectors, the example as it stands in
// the index, and every group of ids.
func TestReadme(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("README.md")
	require.NoError(t, err)
	text := string(b)
	require.Contains(t, text, "\n"+strconv.Itoa(len(vectors.Set().Vectors))+" messages of")

	_, rest, ok := strings.Cut(text, "```json\n")
	require.True(t, ok)
	example, _, ok := strings.Cut(rest, "```")
	require.True(t, ok)
	var shown vectors.Vector
	require.NoError(t, json.Unmarshal([]byte(example), &shown))
	found := false
	groups := map[string]bool{}
	for v := range vectors.All() {
		group, _, _ := strings.Cut(v.ID, "-")
		groups[group] = true
		if v.ID == shown.ID {
			found = true
			v.SHA256 = shown.SHA256
			require.Equal(t, v, shown)
		}
	}
	require.True(t, found)

	_, table, _ := strings.Cut(text, "## What is in it")
	listed := map[string]bool{}
	for _, m := range regexp.MustCompile("`([a-z]+)-`").FindAllStringSubmatch(table, -1) {
		listed[m[1]] = true
	}
	require.Equal(t, groups, listed)
}
