package cms

import (
	"encoding/asn1"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCodes: every constant is listed once, and every sentence can be made.
func TestCodes(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "codes.go", nil, 0)
	require.NoError(t, err)
	declared := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if ok && (strings.HasPrefix(spec.Names[0].Name, "Code") || strings.HasPrefix(spec.Names[0].Name, "Note")) && len(spec.Values) == 1 {
			if lit, ok := spec.Values[0].(*ast.BasicLit); ok {
				code, err := strconv.Unquote(lit.Value)
				require.NoError(t, err)
				require.False(t, declared[code], "%s is declared twice", code)
				declared[code] = true
			}
		}
		return true
	})
	require.Greater(t, len(declared), 40)
	seen := map[string]bool{}
	for _, c := range Codes {
		require.True(t, declared[c.Name], "%s has no constant", c.Name)
		require.False(t, seen[c.Name], "%s is listed twice", c.Name)
		seen[c.Name] = true
		require.Regexp(t, `^[a-z0-9-]+$`, c.Name)
		require.NotEmpty(t, c.Text)
		facts := make([]string, strings.Count(c.Text, "%s"))
		p := newProblem(c.Name, 7, facts...)
		require.NotContains(t, p.Detail, "%!")
		require.Equal(t, c.Check, p.Check)
		require.Equal(t, "cms: "+p.Detail, p.Error())
		if c.Check == CheckNone {
			require.Zero(t, strings.Count(c.Text, "%"), "a note has no facts")
			require.Equal(t, c.Text, newNote(c.Name).Detail)
		}
	}
	require.Equal(t, len(declared), len(seen))
	require.Panics(t, func() { newProblem("no-such-code", 0) })
	require.Panics(t, func() { newProblem(CodeTooDeep, 0) }, "a fact is missing")
}

// TestOIDs compares the octets of every object identifier with the dots in the
// comment beside it.
func TestOIDs(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("oid.go")
	require.NoError(t, err)
	lines := regexp.MustCompile(`= ("\\x\S+")\s+// ([0-9.]+)`).FindAllStringSubmatch(string(source), -1)
	require.Greater(t, len(lines), 30)
	for _, l := range lines {
		octets, err := strconv.Unquote(l[1])
		require.NoError(t, err)
		require.True(t, validOID([]byte(octets)))
		require.Equal(t, l[2], dotted([]byte(octets)))
		var o asn1.ObjectIdentifier
		for _, arc := range strings.Split(l[2], ".") {
			n, err := strconv.Atoi(arc)
			require.NoError(t, err)
			o = append(o, n)
		}
		require.Equal(t, octets, contentsOf(o))
	}
	require.Equal(t, "", contentsOf(nil), "a profile without content type matches nothing")
}

func TestOIDLimit(t *testing.T) {
	t.Parallel()
	long := make([]byte, maxOID+1)
	for i := range long {
		long[i] = 1
	}
	require.True(t, validOID(long[:maxOID]))
	require.False(t, validOID(long))
	for _, bad := range []string{"", "\x2a\x80\x01", "\x2a\x86", "\x80\x01"} {
		require.False(t, validOID([]byte(bad)), fmt.Sprintf("%x", bad))
	}
}
