package timestamp_test

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/trust"
	"github.com/gopec/gopec/trust/timestamp"
)

// Every code is in the table once, with a sentence that has its facts, and is a code of
// this package alone.
func TestCodesAreComplete(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(gotoken.NewFileSet(), "codes.go", nil, 0)
	require.NoError(t, err)
	var declared, listed []string
	for _, d := range file.Decls {
		d, ok := d.(*ast.GenDecl)
		if !ok || d.Tok != gotoken.CONST {
			continue
		}
		for _, spec := range d.Specs {
			s, err := strconv.Unquote(spec.(*ast.ValueSpec).Values[0].(*ast.BasicLit).Value)
			require.NoError(t, err)
			declared = append(declared, s)
		}
	}
	require.Greater(t, len(declared), 15)
	for _, c := range timestamp.Codes {
		listed = append(listed, c.Code)
		require.True(t, strings.HasPrefix(c.Code, "stamp-"))
		require.NotEmpty(t, c.Clause)
		for _, m := range regexp.MustCompile(`\{([^}]*)\}`).FindAllStringSubmatch(c.Sentence, -1) {
			require.Contains(t, c.Facts, m[1], c.Code)
		}
		_, ok := trust.CodeOf(c.Code)
		require.False(t, ok, "%s: one code, one meaning", c.Code)
		found, ok := timestamp.CodeOf(c.Code)
		require.True(t, ok)
		require.Equal(t, c, found)
	}
	require.ElementsMatch(t, declared, listed)
	_, ok := timestamp.CodeOf("no-such-code")
	require.False(t, ok)
}
