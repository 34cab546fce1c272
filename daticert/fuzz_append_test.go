package daticert_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
)

// FuzzAppendXML: whatever the values are, what is written reads as it was, with
// no departure from the DTD, and what no document can hold is an error that
// names a field. variant picks one of the data of the tests, broken one of the
// changes that make it impossible, 0 none.
func FuzzAppendXML(f *testing.F) {
	variants := writable()
	names := slices.Sorted(maps.Keys(variants))
	for i := range names {
		f.Add("prova", "14/07/2026", "09:05:07", "+0200", uint8(i), uint8(0), i%2 == 0)
	}
	for i := range unwritable {
		f.Add("prova", "14/07/2026", "09:05:07", "+0200", uint8(0), uint8(i+1), i%2 == 0)
	}
	for _, tt := range times {
		f.Add(tt.reason, tt.day, tt.hour, tt.zone, uint8(0), uint8(0), false)
	}
	for _, s := range []string{"", " \n", "a\rb\r\n&<>]]>", "citt\xe0", "\uFFFD\uFFFE", "\x00"} {
		f.Add(s, "14/07/2026", "09:05:07 ", "+0200", uint8(1), uint8(0), true)
	}
	f.Fuzz(func(t *testing.T, text, day, hour, zone string, variant, broken uint8, defaults bool) {
		d := variants[names[int(variant)%len(names)]]
		d.Recipients, d.Receptions = slices.Clone(d.Recipients), slices.Clone(d.Receptions)
		d.Subject, d.Date = text, daticert.Date{Day: trimmed(day), Hour: trimmed(hour), Zone: trimmed(zone)}
		want := d
		want.Recipients, want.Subject = slices.Clone(d.Recipients), trimmed(text)
		if defaults { // the DTD's, written where nothing is given
			d.Error, d.Recipients[0].Type = "", ""
			want.Error, want.Recipients[0].Type = daticert.ErrorNone, daticert.RecipientCertified
		}
		impossible := false
		if n := int(broken) % (len(unwritable) + 1); n > 0 && len(d.Receptions) > 1 {
			unwritable[n-1].change(&d)
			impossible = true
		}
		at, dateErr := d.Time()
		if dateErr != nil {
			refusedDate(t, at, dateErr)
		} else if !strings.HasSuffix(d.Date.Hour, ":60") { // a leap second, which Go does not read
			other, err := time.Parse("02/01/2006 15:04:05 -0700", d.Date.String())
			require.NoError(t, err)
			require.True(t, at.Equal(other), "%s, not %s", at, other)
		}
		b, err := d.AppendXML([]byte("before"))
		if err != nil {
			require.Nil(t, b)
			unwrittenField(t, err)
			return
		}
		require.False(t, impossible)
		require.NoError(t, dateErr)
		rest, ok := strings.CutPrefix(string(b), "before")
		require.True(t, ok, "appended")
		got, err := daticert.Parse([]byte(rest), &daticert.Options{MaxSize: 64 << 20})
		require.NoError(t, err)
		require.Empty(t, got.Defects)
		require.Equal(t, want, withoutTrace(got))
		for _, e := range []string{"mittente", "destinatari", "oggetto", "data", "giorno", "msgid", "ricevuta", "consegna", "ricezione",
			"errore-esteso", "altro"} {
			require.Equal(t, d.Has(e), got.Has(e), e)
		}
	})
}

// trimmed is a text without the white space of XML around it.
func trimmed(s string) string { return strings.Trim(s, " \t\r\n") }
