package trust_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/trust"
)

// declared returns the value of every constant of codes.go that begins with Code.
func declared(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "codes.go", nil, 0)
	require.NoError(t, err)
	var out []string
	for _, decl := range file.Decls {
		d, ok := decl.(*ast.GenDecl)
		if !ok || d.Tok != token.CONST {
			continue
		}
		for _, spec := range d.Specs {
			v := spec.(*ast.ValueSpec)
			if strings.HasPrefix(v.Names[0].Name, "Code") {
				s, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
				require.NoError(t, err)
				out = append(out, s)
			}
		}
	}
	require.Greater(t, len(out), 60, "constants were found")
	return out
}

func TestCodesAreComplete(t *testing.T) {
	t.Parallel()
	var listed []string
	for _, c := range trust.Codes {
		listed = append(listed, c.Code)
	}
	require.ElementsMatch(t, declared(t), listed, "each constant once in the table, and nothing else there")

	placeholder := regexp.MustCompile(`\{([^}]*)\}`)
	checks := []string{"path", "key", "policy", "constraints", "provider", "validity", "algorithms"}
	for _, c := range trust.Codes {
		for _, m := range placeholder.FindAllStringSubmatch(c.Sentence, -1) {
			require.Contains(t, c.Facts, m[1], "sentence of %s", c.Code)
		}
		require.NotEmpty(t, c.Clause, c.Code)
		require.False(t, strings.HasSuffix(c.Sentence, "."), "a report puts sentences into others: %s", c.Code)
		require.True(t, slices.Contains(checks, c.Check) || strings.HasPrefix(c.Check, "profile."), c.Code)
		require.Len(t, slices.Compact(slices.Sorted(slices.Values(c.Facts))), len(c.Facts), "facts of %s have one name each", c.Code)
	}
}

func TestExpand(t *testing.T) {
	t.Parallel()
	c, ok := trust.CodeOf(trust.CodeExpired)
	require.True(t, ok)
	facts := []string{"{date} of {at}", "2020-01-01T00:00:00Z", "{certificate}"}
	require.Equal(t, "{certificate}: {date} of {at}, 2020-01-01T00:00:00Z", c.Expand("{at}: {certificate}, {date}", facts),
		"facts come from certificates and are not read again")
	require.Equal(t, "{at} {other}", c.Expand("{at} {other}", nil), "what is missing stays visible")
	require.Equal(t, "no-such-code", trust.Sentence("no-such-code", nil))
	_, ok = trust.CodeOf("no-such-code")
	require.False(t, ok)
}
