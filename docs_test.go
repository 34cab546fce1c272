package gopec_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/trust"
)

const checksIntro = `# Checks

Every report lists these checks, in this order, each with one of four outcomes: ` + "`pass`, `warn`, `fail`, `skip`" + ` (not checked, and the detail says
why). Only ` + "`fail`" + ` takes the certification away; [verdicts](verdicts.md) says which verdict follows. Id, outcome and clause are for programs.
The words are for people and may change.

This page is generated from ` + "`pec.Checks()`: `go test . -run Checks -update`" + `.

| id | rests on | asks | chiede |
|---|---|---|---|
`

// TestChecksPage keeps docs/checks.md the list that the code has.
func TestChecksPage(t *testing.T) {
	t.Parallel()
	var page strings.Builder
	page.WriteString(checksIntro)
	for _, c := range pec.Checks() {
		fmt.Fprintf(&page, "| `%s` | %s | %s | %s |\n", c.ID, c.Clause, c.Title(pec.English), c.Title(pec.Italian))
	}
	if *update {
		require.NoError(t, os.WriteFile("docs/checks.md", []byte(page.String()), 0o644))
		return
	}
	got, err := os.ReadFile("docs/checks.md")
	require.NoError(t, err)
	require.Equal(t, page.String(), string(got), "go test . -run Checks -update writes it anew")
}

// TestVerdictsPage finds every verdict, sub-indication, proof and policy that a
// report can hold on the page that explains them.
func TestVerdictsPage(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("docs/verdicts.md")
	require.NoError(t, err)
	values := constants(t, "pec", "Verdict", "SubIndication", "Proof", "Policy")
	require.Greater(t, len(values), 25, "the constants of package pec were not found")
	for _, v := range values {
		require.Regexp(t, `[^A-Za-z_-]`+regexp.QuoteMeta(v)+`[^A-Za-z_-]`, string(text))
	}
	for _, k := range kinds {
		require.Contains(t, string(text), fmt.Sprintf("| `%s` | %s |", k, english(k)), "the table of kinds names each as the report does")
	}
}

var kinds = []pec.Kind{pec.KindTransport, pec.KindAcceptance, pec.KindNonAcceptance, pec.KindTakingInCharge, pec.KindDelivery,
	pec.KindDeliveryError, pec.KindTimeout, pec.KindVirusDetection, pec.KindAnomaly, pec.KindOrdinary, pec.KindUnknown}

// english is a kind's name on the page, which says more of two of them.
func english(k pec.Kind) string {
	switch k {
	case pec.KindOrdinary:
		return "no signature on this layer"
	case pec.KindUnknown:
		return "signed, and none of the above"
	}
	return k.Name(pec.English)
}

// constants returns the string constants of some types of a package.
func constants(t *testing.T, dir string, types ...string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	var values []string
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(parsed, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			of, ok := spec.Type.(*ast.Ident)
			value, isLiteral := spec.Values[0].(*ast.BasicLit)
			if ok && isLiteral && slices.Contains(types, of.Name) {
				v, err := strconv.Unquote(value.Value)
				require.NoError(t, err)
				values = append(values, v)
			}
			return true
		})
	}
	return values
}

// TestJSONPage compares the keys on the page with those of real output, both
// ways.
func TestJSONPage(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("docs/json.md")
	require.NoError(t, err)
	verdict, failure, ok := strings.Cut(string(text), "Where no verdict was reached")
	require.True(t, ok)
	verdict, sent, ok := strings.Cut(verdict, "With `-sent FILE`")
	require.True(t, ok)

	receipt, err := os.ReadFile("examples/messages/avvenuta-consegna.eml")
	require.NoError(t, err)
	outer := "From: mittente@pec.example.it\r\nContent-Type: message/rfc822\r\n\r\n" // so that there is a layer
	keys := map[string]bool{}
	for _, mail := range [][]byte{receipt, append([]byte(outer), receipt...)} {
		m, err := pec.ReadAll(bytes.NewReader(mail))
		require.NoError(t, err)
		r, _ := pec.Verify(m, &pec.VerifyOptions{Trust: exampleTrust(t)})
		require.NotNil(t, r)
		line, err := r.JSON("f", pec.English)
		require.NoError(t, err)
		collect(t, keys, line)
	}
	require.Contains(t, keys, "layers[].path")
	maps.DeleteFunc(keys, func(k string, _ bool) bool { // described once
		return strings.HasPrefix(k, "layers[].") && k != "layers[].path"
	})
	require.Equal(t, slices.Sorted(maps.Keys(keys)), pageKeys(verdict))

	run := exec.Command(filepath.Join(build(t, "./cmd/pecverify"), "pecverify"), "-json", "-trust", "examples/messages/test-ca.pem",
		"-sent", "examples/messages/inviata.eml", "examples/messages/avvenuta-consegna.eml")
	out, err := run.Output()
	require.NoError(t, err)
	added := map[string]bool{}
	collect(t, added, out)
	maps.DeleteFunc(added, func(k string, _ bool) bool { return keys[k] })
	require.Equal(t, slices.Sorted(maps.Keys(added)), pageKeys(sent))

	line, err := pec.ErrorJSON("f", pec.ErrorLimit, "m")
	require.NoError(t, err)
	keys = map[string]bool{}
	collect(t, keys, line)
	require.Equal(t, slices.Sorted(maps.Keys(keys)), pageKeys(failure))
	for _, code := range constants(t, "pec", "ErrorCode") {
		require.Contains(t, failure, "`"+code+"`")
	}
}

var pageKey = regexp.MustCompile("(?m)^\\| `([^`]+)` \\|")

func pageKeys(text string) []string {
	var keys []string
	for _, m := range pageKey.FindAllStringSubmatch(text, -1) {
		keys = append(keys, m[1])
	}
	slices.Sort(keys)
	return keys
}

// collect notes the keys of a JSON document as paths.
func collect(t *testing.T, keys map[string]bool, line []byte) {
	t.Helper()
	var document any
	require.NoError(t, json.Unmarshal(line, &document))
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, inner := range v {
				walk(strings.TrimPrefix(path+"."+k, "."), inner)
			}
		case []any:
			if len(v) == 0 || path == "layers" {
				keys[path] = true
			}
			for _, inner := range v {
				walk(path+"[]", inner)
			}
		default:
			if v != nil || !strings.Contains("referenceTime signer data", path) {
				keys[path] = true
			}
		}
	}
	walk("", document)
}

// exampleTrust believes the authority of the examples and no other.
func exampleTrust(t *testing.T) *trust.Store {
	t.Helper()
	text, err := os.ReadFile("examples/messages/test-ca.pem")
	require.NoError(t, err)
	anchors, err := trust.ParseAnchors(text)
	require.NoError(t, err)
	s, err := trust.NewStore(false, anchors...)
	require.NoError(t, err)
	return s
}
