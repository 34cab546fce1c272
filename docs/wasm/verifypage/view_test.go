package verifypage_test

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/docs/wasm/verifypage"
	"github.com/gopec/gopec/internal/printable"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/vectors"
)

// everyString hands every string in a value to f.
func everyString(v reflect.Value, f func(string)) {
	switch v.Kind() {
	case reflect.String:
		f(v.String())
	case reflect.Pointer:
		if !v.IsNil() {
			everyString(v.Elem(), f)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			everyString(v.Field(i), f)
		}
	case reflect.Slice:
		for i := range v.Len() {
			everyString(v.Index(i), f)
		}
	}
}

// The view of every vector, in both languages: words for all of it, its tone
// that of the report, nothing in it that could act on a screen, no null where
// the page expects a list.
func TestViewOfEveryVector(t *testing.T) {
	t.Parallel()
	for v := range vectors.All() {
		for _, l := range []pec.Lang{pec.English, pec.Italian} {
			q := requestFor(t, v)
			q.Lang = l
			r := one(t, q, v.Mail())
			require.Equal(t, r.Status == 0, r.View.Tone == verifypage.Good, v.ID)
			require.Equal(t, r.Status == 2, r.View.Tone == verifypage.None, v.ID)
			require.Equal(t, r.Certified, len(r.View.Saves) > 0, "%s: files are given of certified messages, and of no others", v.ID)
			if r.View.Facts != nil {
				require.Equal(t, r.Certified, r.View.Facts.Certified, v.ID)
			}
			require.NotEmpty(t, r.View.Outcome, v.ID)
			require.NotEmpty(t, r.View.Meaning, v.ID)
			for _, m := range r.View.Meaning {
				require.NotEmpty(t, m, v.ID)
			}
			strings := 0
			everyString(reflect.ValueOf(r.View), func(s string) {
				strings++
				require.Equal(t, printable.String(s, 4000), s, v.ID)
			})
			require.Greater(t, strings, 3)
			encoded, err := json.Marshal(r.View)
			require.NoError(t, err)
			for _, list := range []string{"meaning", "failures", "warnings", "checks", "saves", "layers", "rows", "values"} {
				require.NotContains(t, string(encoded), `"`+list+`":null`, v.ID)
			}
		}
	}
}

// A proof or a sub-indication that gets no words of its own would leave the
// page silent just where it matters.
func TestMeaningForEveryOutcome(t *testing.T) {
	t.Parallel()
	words, err := filepath.Glob("*.go")
	require.NoError(t, err)
	named := map[string]bool{}
	for _, file := range words {
		for _, name := range selectors(t, file) {
			named[name] = true
		}
	}
	n := 0
	for name, value := range constants(t, "Proof", "SubIndication") {
		if value == string(pec.ProvesNothing) {
			continue
		}
		require.True(t, named[name], "meaning.go has no words for pec.%s", name)
		n++
	}
	require.Greater(t, n, 20)
}

// selectors returns the names of package pec that a file uses as keys of a map.
func selectors(t *testing.T, file string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	var names []string
	ast.Inspect(parsed, func(n ast.Node) bool {
		if kv, ok := n.(*ast.KeyValueExpr); ok {
			if s, ok := kv.Key.(*ast.SelectorExpr); ok {
				names = append(names, s.Sel.Name)
			}
		}
		return true
	})
	return names
}

// constants returns the constants of some string types of package pec.
func constants(t *testing.T, types ...string) map[string]string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "..", "..", "pec", "report.go"), nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	values := map[string]string{}
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		of, ok := spec.Type.(*ast.Ident)
		literal, isLiteral := spec.Values[0].(*ast.BasicLit)
		if ok && isLiteral {
			for _, name := range types {
				if of.Name == name {
					value, err := strconv.Unquote(literal.Value)
					require.NoError(t, err)
					values[spec.Names[0].Name] = value
				}
			}
		}
		return true
	})
	return values
}

const hostile = "From: \"<img src=x onerror=alert(1)>\" <a@example.it>\r\n" +
	"Subject: <script>alert(1)</script> \u202e\x1b[31m \"'& end\r\n" +
	"X-Ricevuta: <base href=//evil.example>\r\nContent-Type: text/html\r\n\r\n<meta http-equiv=refresh content=0>\r\n"

var tag = regexp.MustCompile(`<[^>]*>`)

// What a message says stays text in the page that is saved.
func TestPageIsText(t *testing.T) {
	t.Parallel()
	allowed := regexp.MustCompile(`^</?(!doctype html|html( lang="(it|en)")?|head|body|meta [^<]*|title|style|h1|h2|p|ul|li|table( class=c)?|tr|th( scope=row)?|td|br|bdi|em|section|footer)>$`)
	check := func(name string, data []byte, q *verifypage.Request) string {
		v, err := q.View(t.Context(), bytes.NewReader(data), int64(len(data)), 1)
		require.NoError(t, err)
		page := v.Page(q.Lang, time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC))
		for _, m := range tag.FindAllString(page, -1) {
			require.Regexp(t, allowed, m, name)
		}
		require.Contains(t, page, "default-src 'none'", name)
		require.NotContains(t, page, "\u202e", name)
		return page
	}
	for _, l := range []pec.Lang{pec.English, pec.Italian} {
		q := &verifypage.Request{Name: "<b>.eml", Lang: l}
		page := check("hostile", []byte(hostile), q)
		require.Contains(t, page, "&lt;script&gt;alert(1)&lt;/script&gt;", "it is shown")
	}
	n := 0
	for v := range vectors.All() {
		if n++; n%10 == 0 {
			check(v.ID, v.Mail(), requestFor(t, v))
		}
	}
	require.Greater(t, n, 500)
}

func TestText(t *testing.T) {
	t.Parallel()
	v := vector(t, "forged-authority")
	q := requestFor(t, v)
	for l, want := range map[pec.Lang]string{pec.English: "authenticity could NOT be shown (INDETERMINATE / NO_CERTIFICATE_CHAIN_FOUND)", pec.Italian: "autenticità NON dimostrata (INDETERMINATE / NO_CERTIFICATE_CHAIN_FOUND)"} {
		q.Lang = l
		view := one(t, q, v.Mail()).View
		text := view.Text(l)
		require.True(t, strings.HasPrefix(text, want+"\n"), text)
		for _, c := range view.Checks {
			require.Contains(t, text, c.ID)
		}
	}
}

// A good verdict says what it does not rest on.
func TestNotCheckedIsSaid(t *testing.T) {
	t.Parallel()
	v := vector(t, "kind-delivery-complete")
	rows := one(t, requestFor(t, v), v.Mail()).View.How.Rows
	last := rows[len(rows)-1]
	require.Equal(t, "not checked", last.Label)
	require.Contains(t, last.Values, "revocation")
}

// What is saved is what pecverify -extract writes, under the same names.
func TestFile(t *testing.T) {
	t.Parallel()
	v := vector(t, "kind-delivery-complete")
	q, mail := requestFor(t, v), v.Mail()
	r := one(t, q, mail)
	saved := map[string]string{}
	for _, s := range r.View.Saves {
		var out bytes.Buffer
		name, err := q.File(t.Context(), bytes.NewReader(mail), int64(len(mail)), 1, s.Index, &out)
		require.NoError(t, err)
		saved[name] = out.String()
	}
	require.Contains(t, saved, "postacert.eml")
	require.Contains(t, saved["daticert.xml"], "<postacert")
	require.Contains(t, saved["certificati.pem"], "BEGIN CERTIFICATE")
	require.Greater(t, len(saved), 3, "and the attachment")
	_, err := q.File(t.Context(), bytes.NewReader(mail), int64(len(mail)), 1, 99, io.Discard)
	require.Error(t, err)

	forged := vector(t, "forged-authority")
	var out bytes.Buffer
	_, err = requestFor(t, forged).File(t.Context(), bytes.NewReader(forged.Mail()), int64(len(forged.Mail())), 1, 0, &out)
	require.ErrorIs(t, err, verifypage.ErrNotCertified)
	require.Zero(t, out.Len())
}
