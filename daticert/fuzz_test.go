package daticert_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
)

// FuzzParse checks on any bytes that an error comes without data and is one of
// those promised, that nothing is unbounded, and that what can be written
// reads the same again.
func FuzzParse(f *testing.F) {
	for _, name := range vectorNames {
		f.Add(vector(f, name))
	}
	for _, tt := range departures {
		f.Add(edited(f, tt.old, tt.new))
	}
	for _, tt := range malformed {
		f.Add(edited(f, tt.old, tt.new))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		given := string(b)
		d, err := daticert.Parse(b, nil)
		require.Equal(t, given, string(b), "the input is not changed")
		if err != nil {
			require.Nil(t, d)
			_, ok := errors.AsType[*daticert.SyntaxError](err)
			require.True(t, ok || errors.Is(err, daticert.ErrLimit))
			require.True(t, utf8.ValidString(err.Error()))
			return
		}
		require.Equal(t, given, string(d.Raw()))
		require.LessOrEqual(t, len(d.Defects), 7*101)
		for _, x := range d.Defects {
			require.NotEmpty(t, x.ID)
			require.True(t, x.Offset >= -1 && x.Offset <= len(b))
			require.LessOrEqual(t, len(x.Path)+len(x.Detail), 1000)
			require.True(t, utf8.ValidString(x.String()))
		}
		_, err = d.Time()
		require.Equal(t, err != nil, hasDefect(d, daticert.DefectDate))
		written, err := d.AppendXML(nil)
		if err != nil {
			require.Nil(t, written)
			return
		}
		again, err := daticert.Parse(written, &daticert.Options{MaxSize: 64 << 20})
		require.NoError(t, err)
		require.Empty(t, again.Defects, "what is written follows the DTD")
		want := withoutTrace(d)
		if want.Error == "" { // errore="" was read as it stands
			want.Error = daticert.ErrorNone
		}
		require.Equal(t, want, withoutTrace(again))
		for _, e := range []string{"oggetto", "msgid", "ricevuta", "consegna", "ricezione", "errore-esteso"} {
			require.Equal(t, d.Has(e), again.Has(e), e)
		}
	})
}

func hasDefect(d *daticert.Data, id daticert.DefectID) bool {
	for _, x := range d.Defects {
		if x.ID == id {
			return true
		}
	}
	return false
}

// FuzzErrorDetail checks that no word is lost or invented, and that the parts
// written out are the same parts when they are read.
func FuzzErrorDetail(f *testing.F) {
	for _, s := range []string{"5.1.1 - ARUBA PEC S.p.A. - indirizzo non valido", "5.1.1", "5.1.1 -", "- - -", "4.4.7 -  - a - b", "testo", "\xff - \u00a0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := daticert.ParseErrorDetail(s)
		words := func(s string) string { return strings.Join(strings.Fields(strings.ReplaceAll(s, "-", "")), " ") }
		require.Equal(t, words(s), words(d.Code+" "+d.Provider+" "+d.Text))
		if d.Code == "" {
			require.Empty(t, d.Provider)
		}
		if d.Code == "" || d.Provider != "" && d.Text != "" {
			require.Equal(t, d, daticert.ParseErrorDetail(d.String()))
		}
	})
}
