package daticert_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
)

func TestParseSizeLimit(t *testing.T) {
	t.Parallel()
	pad := func(size int) []byte {
		b := vector(t, "accettazione")
		return append(b, strings.Repeat(" ", size-len(b))...)
	}
	tests := []struct {
		name    string
		options *daticert.Options
		size    int
		over    int // the limit that is passed, 0 for none
	}{
		{"default, at the limit", nil, 1 << 20, 0},
		{"default, above", nil, 1<<20 + 1, 1 << 20},
		{"zero options, above", &daticert.Options{}, 1<<20 + 1, 1 << 20},
		{"negative means the default", &daticert.Options{MaxSize: -1}, 1<<20 + 1, 1 << 20},
		{"own, at the limit", &daticert.Options{MaxSize: 5000}, 5000, 0},
		{"own, above", &daticert.Options{MaxSize: 5000}, 5001, 5000},
		{"raised", &daticert.Options{MaxSize: 1 << 21}, 1<<20 + 1, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d, err := daticert.Parse(pad(tt.size), tt.options)
			if tt.over == 0 {
				require.NoError(t, err)
				return
			}
			require.Nil(t, d)
			e, ok := errors.AsType[*daticert.SizeError](err)
			require.True(t, ok)
			require.Equal(t, daticert.SizeError{Size: tt.size, Max: tt.over}, *e)
			require.ErrorIs(t, err, daticert.ErrLimit)
			require.ErrorContains(t, err, "over the limit of")
		})
	}
}

func TestParseDepthLimit(t *testing.T) {
	t.Parallel()
	nested := func(n int) []byte { // n elements, dati being the second
		return edited(t, "<msgid>", "\n"+strings.Repeat("<a>", n-2)+strings.Repeat("</a>", n-2)+"<msgid>")
	}
	d, err := daticert.Parse(nested(16), nil)
	require.NoError(t, err)
	require.Equal(t, []found{{daticert.DefectDTD, "/postacert/dati/a"}}, defectsOf(d))
	d, err = daticert.Parse(nested(17), nil)
	require.Nil(t, d)
	e, ok := errors.AsType[*daticert.DepthError](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, daticert.DepthError{Line: 17, Max: 16}, *e)
	require.ErrorIs(t, err, daticert.ErrLimit)
	require.ErrorContains(t, err, "line 17: elements nested deeper than the limit of 16")
}

func TestParseMarkupLimit(t *testing.T) {
	t.Parallel()
	// The vector has 15 elements and 4 attributes.
	const elements, attributes = 15, 4
	b := vector(t, "errore-consegna")
	_, err := daticert.Parse(b, &daticert.Options{MaxMarkup: elements + attributes})
	require.NoError(t, err)
	_, err = daticert.Parse(b, &daticert.Options{MaxMarkup: elements + attributes - 1})
	e, ok := errors.AsType[*daticert.MarkupError](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, daticert.MarkupError{Line: 18, Max: 18}, *e)
	require.ErrorIs(t, err, daticert.ErrLimit)
	require.ErrorContains(t, err, "line 18: more elements")

	for kind, markup := range map[string]string{"comment": "<!---->", "instruction": "<?a?>", "CDATA": "<![CDATA[]]>", "attribute": "", "element": "<a/>"} {
		doc := edited(t, "<msgid>", "<x>"+strings.Repeat(markup, 1000)+"</x><msgid>")
		n := 1000
		if kind == "attribute" {
			doc, n = edited(t, "<msgid>", `<x a="" b=""/><msgid>`), 2
		}
		_, err = daticert.Parse(doc, &daticert.Options{MaxMarkup: elements + attributes + 1 + n})
		require.NoError(t, err, kind)
		_, err = daticert.Parse(doc, &daticert.Options{MaxMarkup: elements + attributes + n})
		require.ErrorIs(t, err, daticert.ErrLimit, kind)
	}
	fields := strings.Repeat("<?a?>", 100_000-elements-attributes)
	_, err = daticert.Parse(edited(t, "<msgid>", fields+"<msgid>"), nil)
	require.NoError(t, err, "at the default limit")
	_, err = daticert.Parse(edited(t, "<msgid>", fields+"<?a?><msgid>"), nil)
	require.ErrorIs(t, err, daticert.ErrLimit, "above the default limit")
}

func TestParseReadsAMegabyteOfRecipients(t *testing.T) {
	t.Parallel()
	b := vector(t, "errore-consegna")
	const one = "<destinatari/>" // the shortest there is
	n := (1<<20 - len(b)) / len(one)
	d, err := daticert.Parse(edited(t, "<risposte>", strings.Repeat(one, n)+"<risposte>"), nil)
	require.NoError(t, err, "the limit of markup is above what the limit of size leaves to real documents")
	require.Len(t, d.Recipients, n+1)
}

// TestParseCostIsInProportion feeds what is quadratic in a careless parser;
// it ends at once or not within the time that a test has.
func TestParseCostIsInProportion(t *testing.T) {
	t.Parallel()
	var attributes strings.Builder
	for i := range 60_000 {
		attributes.WriteString(" a" + strings.Repeat("b", i%7) + string(rune('a'+i%26)) + strings.Repeat("c", i%11) + "-")
		for n := i; n > 0; n /= 10 {
			attributes.WriteByte(byte('0' + n%10))
		}
		attributes.WriteString(`=""`)
	}
	for name, content := range map[string]string{
		"attributes":          "<x" + attributes.String() + "/>",
		"long names":          strings.Repeat("<"+strings.Repeat("n", 2000)+"/>", 500),
		"ampersands":          strings.Repeat("&amp;", 200_000),
		"unfinished CDATA":    strings.Repeat("<![CDATA[", 100_000),
		"unfinished comments": strings.Repeat("<!-", 300_000),
		"bad starts":          strings.Repeat("<", 1_000_000),
		"comments in text":    strings.Repeat("<!---->", 90_000),
		"defects all over":    strings.Repeat("<a/>\n", 90_000),
		"bad characters":      "</dati><intestazione><oggetto>" + strings.Repeat("\x01", 900_000) + "</oggetto></intestazione><dati>",
	} {
		_, err := daticert.Parse(edited(t, "<msgid>", content+"<msgid>"), &daticert.Options{MaxSize: 4 << 20})
		if err != nil {
			_, ok := errors.AsType[*daticert.SyntaxError](err)
			require.True(t, ok || errors.Is(err, daticert.ErrLimit), "%s: %v", name, err)
		}
	}
}
