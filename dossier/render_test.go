package dossier_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"maps"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/dossier"
	"github.com/gopec/gopec/internal/printable"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
)

// written is a dossier in every form.
func written(t testing.TB, d *dossier.Dossier, l pec.Lang) (text, page, object string) {
	t.Helper()
	var a, b, c strings.Builder
	require.NoError(t, d.WriteText(&a, l))
	require.NoError(t, d.WriteHTML(&b, l))
	require.NoError(t, d.WriteJSON(&c, l))
	return a.String(), b.String(), c.String()
}

// TestSameBytes: the same inputs and clock give the same bytes.
func TestSameBytes(t *testing.T) {
	t.Parallel()
	for _, l := range []pec.Lang{pec.English, pec.Italian} {
		text, page, object := written(t, exampleDossier(t, mixed...), l)
		for range 5 {
			again, page2, object2 := written(t, exampleDossier(t, mixed...), l)
			require.Equal(t, text, again)
			require.Equal(t, page, page2)
			require.Equal(t, object, object2)
		}
	}
}

// TestAnyOrder: files keep their order, and the answer does not depend on it.
func TestAnyOrder(t *testing.T) {
	t.Parallel()
	c := circuit(t)
	mail := submit(t, c, letter{to: []string{one, two, broken, external, "late12h@pec.example.com"}})
	submit(t, c, letter{to: []string{two}, id: "cliente-1@example.it", act: "altro\n"})
	c.Clock().Advance(30 * time.Hour)
	files := mailbox(c, sender)
	files = append(files, files[2], input{"atto.eml", mail})
	// answer is a dossier without the order of its files.
	answer := func(d *dossier.Dossier) string {
		_, _, object := written(t, d, pec.English)
		var doc map[string]any
		require.NoError(t, json.Unmarshal([]byte(object), &doc))
		names := make(map[float64]string)
		for _, f := range doc["files"].([]any) {
			f := f.(map[string]any)
			names[f["number"].(float64)] = f["file"].(string)
		}
		delete(doc, "files")
		var name func(v any)
		name = func(v any) {
			switch v := v.(type) {
			case map[string]any:
				if files, ok := v["files"].([]any); ok {
					for _, r := range files {
						r.(map[string]any)["number"] = names[r.(map[string]any)["number"].(float64)]
					}
					slices.SortFunc(files, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
				}
				for _, x := range v {
					name(x)
				}
			case []any:
				for _, x := range v {
					name(x)
				}
			}
		}
		name(doc)
		b, err := json.Marshal(doc)
		require.NoError(t, err)
		return string(b)
	}
	make := func(files []input) *dossier.Dossier {
		b := builder(t, "atto.eml", mail, c.Clock().Now())
		add(t, b, c.VerifyOptions(), files...)
		return b.Dossier()
	}
	want := answer(make(files))
	require.Contains(t, want, "late12h@pec.example.com")
	random := rand.New(rand.NewPCG(1, 2))
	for range 30 {
		shuffled := slices.Clone(files)
		random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		d := make(shuffled)
		require.Equal(t, want, answer(d))
		for i, f := range d.Files {
			require.Equal(t, shuffled[i].name, f.Name, "files are in the order given")
		}
	}
}

// TestJSONKeys: every key is always there, and docs/dossier.md names each.
func TestJSONKeys(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../docs/dossier.md")
	require.NoError(t, err)
	documented := make(map[string]bool)
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)`").FindAllSubmatch(doc, -1) {
		documented[string(m[1])] = true
	}
	shapes := make(map[string]map[string]bool) // keys of the objects at a place, which must be the same everywhere
	found := make(map[string]bool)
	var walk func(place string, v any)
	walk = func(place string, v any) {
		switch v := v.(type) {
		case map[string]any:
			keys := make(map[string]bool)
			for k, x := range v {
				keys[k] = true
				at := strings.TrimPrefix(place+"."+k, ".")
				found[at] = true
				walk(at, x)
			}
			if shapes[place] == nil {
				shapes[place] = keys
			}
			require.Equal(t, shapes[place], keys, place)
		case []any:
			for _, x := range v {
				walk(place+"[]", x)
			}
		}
	}
	c := circuit(t)
	mail := submit(t, c, letter{to: []string{one, broken, external, "silent@pec.example.com"}})
	x := exchange{letter{to: []string{one}}, "opec1@pec.example.it"}
	refused := x.message("non-accettazione", "rifiuto.eml", nil)
	for _, d := range []*dossier.Dossier{
		exampleDossier(t), exampleDossier(t, mixed...), of(t, c, mail), signed(t, x.mail(), refused),
		of(t, c, letter{to: []string{one}, act: "altro\n", subject: "Altro"}.bytes()),
	} {
		_, _, object := written(t, d, pec.English)
		var v any
		require.NoError(t, json.Unmarshal([]byte(object), &v))
		walk("", v)
		require.Equal(t, dossier.Schema, v.(map[string]any)["schema"])
	}
	// The parts of one value stand under one place in the document.
	known := make(map[string]bool)
	for place := range found {
		for _, r := range [][2]string{{"messages[].recipients[].steps[]", "messages[].steps[]"}, {"messages[].envelope", "comparison"},
			{"messages[].recipients[].comparison", "comparison"}, {"files[].verdicts[].comparison", "comparison"},
			{"messages[].recipients[].failure", "failure"}, {"messages[].refusal", "failure"}} {
			if rest, ok := strings.CutPrefix(place, r[0]+"."); ok {
				place = r[1] + "." + rest
			}
		}
		known[place] = true
	}
	require.Equal(t, slices.Sorted(maps.Keys(known)), slices.Sorted(maps.Keys(documented)), "docs/dossier.md")
}

// hostile is text that wants to be more than text.
const hostile = "</style><script>alert(1)</script><img src=x onerror=alert(2)> \x1b[2J\u202egpj.exe\u2066\u200b {{.}} ' \" ]]> <a href=\"https://example.com/\">qui</a>"

// hostileDossier has such text wherever outside text can be.
func hostileDossier(t testing.TB) *dossier.Dossier {
	t.Helper()
	x := exchange{letter{to: []string{one, two}, subject: "Oggetto </title><script>alert(3)</script>", id: "<b>id</b>@example.it", actName: "<script>alert(4)</script>.pdf"}, "<i>opec</i>@pec.example.it"}
	set := func(m *testsign.Message) {
		m.Data.Provider = "Gestore <script>alert(5)</script>"
		m.Data.Subject = hostile[:60]
	}
	failed := x.failed(two)
	failed = x.message("errore-consegna", failed.name, func(m *testsign.Message) {
		set(m)
		m.Data.Delivery, m.Data.ErrorExtended = two, "5.1.1 - <b>Gestore</b> - "+hostile[:60]
	})
	l := x.letter
	l.act, l.subject = "altro\n", hostile[:40]
	b, err := dossier.New(dossier.File{Name: hostile, SHA256: "\"; } body { display: none } " + hostile, Size: 1}, bytes.NewReader(l.bytes()), int64(len(l.bytes())),
		&dossier.Options{Program: hostile, Clock: func() time.Time { return signedNow }})
	require.NoError(t, err)
	add(t, b, signedOptions(), x.message("accettazione", hostile, set), x.delivered(one, set), failed)
	b.Add(dossier.Failed(dossier.File{Name: strings.Repeat("lungo", 300) + "\x00\xff.eml", SHA256: hostile, Size: -1}, pec.ErrorCode(hostile), dossier.Words{English: hostile, Italian: hostile}))
	return b.Dossier()
}

// TestHostileText stays text, in every form.
func TestHostileText(t *testing.T) {
	t.Parallel()
	d := hostileDossier(t)
	require.Len(t, d.Messages, 1, "it is about the message")
	for _, l := range []pec.Lang{pec.English, pec.Italian} {
		text, page, object := written(t, d, l)
		for line := range strings.Lines(text) {
			line = strings.TrimSuffix(line, "\n")
			require.True(t, printable.Is(line), "%q", line)
			require.LessOrEqual(t, utf8.RuneCountInString(line), 80, "%q", line)
		}
		for line := range strings.Lines(page) {
			require.True(t, printable.Is(strings.TrimSuffix(line, "\n")), "%q", line)
		}
		require.NoError(t, onlyOurs(page))
		require.Contains(t, page, "&lt;script&gt;alert(1)&lt;/script&gt;")
		require.True(t, utf8.ValidString(object))
		for line := range strings.Lines(object) {
			require.True(t, printable.Is(strings.TrimSuffix(line, "\n")), "%q", line)
		}
		var back map[string]any
		require.NoError(t, json.Unmarshal([]byte(object), &back))
		require.Equal(t, hostile, back["sent"].(map[string]any)["file"], "JSON keeps the exact value")
	}
}

// elements are all that a page may hold, and their attributes.
var elements = map[string]string{
	"html": `lang="(en|it)"`, "head": "", "meta": `.*`, "title": "", "style": "", "body": "", "h1": "", "h2": "", "h3": "", "p": `class="[a-z ]+"`,
	"ul": "", "li": "", "bdi": "", "code": "", "dl": "", "dt": "", "dd": "", "div": `class="[a-z]+"`,
	"section": `class="recipient"`, "table": `class="[a-z]+"`, "thead": "", "tbody": "", "tr": "", "th": `class="[a-z]+"`, "td": `class="[a-z]+"`,
}

// onlyOurs says what a page holds that the template does not write.
func onlyOurs(page string) error {
	head, rest, _ := strings.Cut(page, "<style>")
	style, body, ok := strings.Cut(rest, "</style>")
	if !ok {
		return errors.New("there is no style")
	}
	if strings.ContainsAny(style, "<\\") || strings.Contains(style, "url(") || strings.Contains(style, "@import") {
		return errors.New("the style refers to something")
	}
	sum := sha256.Sum256([]byte(style))
	want := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	policy := regexp.MustCompile(`<meta http-equiv="Content-Security-Policy" content="([^"]*)">`).FindStringSubmatch(head)
	if policy == nil || html.UnescapeString(policy[1]) != want {
		return fmt.Errorf("the policy is %q, not %q", policy, want)
	}
	for _, tag := range regexp.MustCompile(`<[^>]*>?`).FindAllString(head+body, -1) {
		m := regexp.MustCompile(`^</?([a-z0-9]+)( .*)?>$`).FindStringSubmatch(tag)
		if tag == "<!DOCTYPE html>" {
			continue
		}
		if m == nil {
			return fmt.Errorf("%q is no tag", tag)
		}
		attributes, known := elements[m[1]]
		if !known || m[2] != "" && !regexp.MustCompile("^ "+attributes+"$").MatchString(m[2]) {
			return fmt.Errorf("%q is not the template's", tag)
		}
	}
	return nil
}

// TestOnlyOurs shows that the test above would find something.
func TestOnlyOurs(t *testing.T) {
	t.Parallel()
	_, page, _ := written(t, exampleDossier(t, "accettazione.eml"), pec.English)
	require.NoError(t, onlyOurs(page))
	for _, bad := range []string{"<script>", `<a href="x">`, `<p onclick="x">`, `<img src=x>`, `<p style="color:red">`} {
		require.Error(t, onlyOurs(strings.Replace(page, "</body>", bad+"</body>", 1)), bad)
	}
	require.ErrorContains(t, onlyOurs(strings.Replace(page, "A4", "A5", 1)), "policy")
}

// TestSaysWhatItIsNot, in both languages and every form.
func TestSaysWhatItIsNot(t *testing.T) {
	t.Parallel()
	d := exampleDossier(t, "accettazione.eml", "avvenuta-consegna.eml")
	for l, words := range map[pec.Lang][]string{
		pec.English: {"not legal advice", "providers' word", "revoked", "COMPLETE", "2026-03-12 09:30:00 (+01:00)", "pecverify prova"},
		pec.Italian: {"Non è un parere legale", "gestore a dichiararli", "revocati", "COMPLETO", "12/03/2026 09:30:00 (+01:00)", "pecverify prova"},
	} {
		text, page, object := written(t, d, l)
		for _, w := range words {
			require.Contains(t, strings.Join(strings.Fields(text), " "), w)
			require.Contains(t, html.UnescapeString(page), w)
		}
		require.Contains(t, object, words[0])
	}
}
