package daticert_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
)

// FuzzParse checks on any bytes and limits that an error comes without data and
// is one of those promised, that nothing is unbounded, and that what can be
// written reads the same again.
func FuzzParse(f *testing.F) {
	for _, b := range documents(f) {
		f.Add(b, 0, 0)
	}
	for _, name := range vectorNames { // all of the limits, and both sides of them
		b := vector(f, name)
		f.Add(b, len(b), 30)
		f.Add(b, len(b)-1, -1)
		f.Add(b, -1, 10)
	}
	f.Fuzz(func(t *testing.T, b []byte, size, markup int) {
		given := string(b)
		options := &daticert.Options{MaxSize: size, MaxMarkup: markup}
		d, err := daticert.Parse(b, options)
		require.Equal(t, given, string(b), "the input is not changed")
		if err != nil {
			require.Nil(t, d)
			promised(t, err, b, options)
			return
		}
		lent := []byte(given)
		kept, err := daticert.Parse(lent, options)
		require.NoError(t, err)
		clear(lent) // nothing refers to it
		require.Equal(t, d, kept)
		require.Equal(t, given, string(d.Raw()))
		require.LessOrEqual(t, len(d.Defects), 7*101)
		for _, x := range d.Defects {
			require.NotEmpty(t, x.ID)
			require.True(t, x.Offset >= -1 && x.Offset <= len(b))
			require.LessOrEqual(t, len(x.Path)+len(x.Detail), 1000)
			require.True(t, utf8.ValidString(x.String()))
		}
		at, err := d.Time()
		require.Equal(t, err != nil, hasDefect(d, daticert.DefectDate))
		if err != nil {
			refusedDate(t, at, err)
		}
		require.Equal(t, words(d.ErrorExtended), words(d.Detail().String()), "no word is lost")
		want := withoutTrace(d)
		for _, e := range []string{"mittente", "destinatari", "risposte", "oggetto", "gestore-emittente", "data", "giorno", "ora",
			"identificativo", "msgid", "ricevuta", "consegna", "ricezione", "errore-esteso"} {
			require.True(t, d.Has(e) || !want.Has(e), "%s has a value without being there", e)
		}
		require.True(t, d.Has("postacert"))
		require.False(t, d.Has("altro"))
		written, err := d.AppendXML(nil)
		if err != nil {
			require.Nil(t, written)
			unwrittenField(t, err)
			return
		}
		again, err := daticert.Parse(written, &daticert.Options{MaxSize: 64 << 20})
		require.NoError(t, err)
		require.Empty(t, again.Defects, "what is written follows the DTD")
		if want.Error == "" { // errore="" was read as it stands
			want.Error = daticert.ErrorNone
		}
		require.Equal(t, want, withoutTrace(again))
		for _, e := range []string{"oggetto", "msgid", "ricevuta", "consegna", "ricezione", "errore-esteso"} {
			require.Equal(t, d.Has(e), again.Has(e), e)
		}
	})
}

// documents are those of the tests that are read in whole.
func documents(t testing.TB) [][]byte {
	t.Helper()
	var list [][]byte
	add := func(old, new string) { list = append(list, edited(t, old, new)) }
	for _, name := range vectorNames {
		list = append(list, vector(t, name))
	}
	for _, tt := range departures {
		add(tt.old, tt.new)
	}
	for _, tt := range malformed {
		add(tt.old, tt.new)
	}
	for _, tt := range senders {
		add(senderLine, tt.new)
	}
	for _, tt := range foreignCharacters {
		add("<oggetto>Prova", "<oggetto>"+tt.new)
	}
	for _, tt := range encodings(t) {
		list = append(list, tt.doc)
	}
	contradicting := contradictions(t)
	for _, name := range slices.Sorted(maps.Keys(contradicting)) {
		list = append(list, contradicting[name])
	}
	for _, name := range slices.Sorted(maps.Keys(noDocuments)) {
		list = append(list, []byte(noDocuments[name]))
	}
	for _, name := range slices.Sorted(maps.Keys(doctypes)) {
		add("<postacert ", doctypes[name]+"\n<postacert ")
	}
	// In UTF-16 with half a character, with more defects than are listed, with a
	// tree too large to be kept, and nested too deep.
	half := wide(binary.LittleEndian, true, strings.Replace(string(edited(t, "<oggetto>Prova", "<oggetto>😀è\x01")), ` encoding="UTF-8"`, "", 1))
	list = append(list, bytes.Replace(half, []byte("\x01\x00"), []byte("\x3d\xd8"), 1))
	add("<oggetto>Prova", "<oggetto>"+strings.Repeat("\x01", 101))
	add("<msgid>", strings.Repeat("<"+strings.Repeat("è", 40)+"/>", 101)+"<msgid>")
	add("<msgid>", strings.Repeat("<a/>", 1001)+"<msgid>")
	add("<msgid>", strings.Repeat("<a>", 15)+strings.Repeat("</a>", 15)+"<msgid>")
	add("<ora>08:30:00</ora>", "<ora>23:59:60</ora>")
	add("+0200", "-0160")
	add("<msgid>", "<a a='' b='' c='' d='' e='' f='' g='' h='' i='' j='' k=''/><msgid>")
	return list
}

// promised checks that an error is one of those that Parse documents, with
// facts that are true of the document.
func promised(t *testing.T, err error, b []byte, o *daticert.Options) {
	t.Helper()
	limit := func(own, standard int) int {
		if own > 0 {
			return own
		}
		return standard
	}
	maxSize := limit(o.MaxSize, 1<<20)
	line := 1
	size, ok := errors.AsType[*daticert.SizeError](err)
	require.Equal(t, len(b) > maxSize, ok)
	if ok {
		require.Equal(t, daticert.SizeError{Size: len(b), Max: maxSize}, *size)
	} else if e, ok := errors.AsType[*daticert.MarkupError](err); ok {
		require.Equal(t, limit(o.MaxMarkup, 100_000), e.Max)
		line = e.Line
	} else if e, ok := errors.AsType[*daticert.DepthError](err); ok {
		require.Equal(t, 16, e.Max)
		line = e.Line
	} else {
		e, ok := errors.AsType[*daticert.SyntaxError](err)
		require.True(t, ok)
		require.NotErrorIs(t, err, daticert.ErrLimit)
		require.Contains(t, err.Error(), e.Path)
		line = e.Line
	}
	require.True(t, line >= 0 && line <= 1+bytes.Count(b, []byte("\n")))
	reason := errors.Unwrap(err)
	require.Error(t, reason)
	require.True(t, errors.Is(reason, daticert.ErrLimit) || strings.HasSuffix(err.Error(), reason.Error()))
	require.True(t, utf8.ValidString(err.Error()))
	require.LessOrEqual(t, len(err.Error()), 3000)
}

// refusedDate checks the error of a date that gives no instant.
func refusedDate(t *testing.T, at time.Time, err error) {
	t.Helper()
	require.True(t, at.IsZero())
	e, ok := errors.AsType[*daticert.DateError](err)
	require.True(t, ok)
	require.Contains(t, []string{"giorno", "ora", "zona"}, e.Field)
	require.Equal(t, e.Value == "", strings.Contains(err.Error(), "is missing"))
	require.True(t, utf8.ValidString(err.Error()))
}

// unwrittenField checks the error of data that no document can hold.
func unwrittenField(t *testing.T, err error) {
	t.Helper()
	e, ok := errors.AsType[*daticert.FieldError](err)
	require.True(t, ok)
	require.NotEmpty(t, e.Field)
	require.ErrorIs(t, err, e.Err)
	require.True(t, utf8.ValidString(err.Error()))
}

func hasDefect(d *daticert.Data, id daticert.DefectID) bool {
	for _, x := range d.Defects {
		if x.ID == id {
			return true
		}
	}
	return false
}

// words are the words of a text, whatever hyphens and white space are in it.
func words(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(s, "-", "")), " ")
}

// FuzzErrorDetail checks that no word is lost or invented, and that the parts
// written out are the same parts when they are read.
func FuzzErrorDetail(f *testing.F) {
	for _, s := range []string{"5.1.1 - ARUBA PEC S.p.A. - indirizzo non valido", "5.1.1", "5.1.1 -", "- - -", "4.4.7 -  - a - b", "testo", "\xff - \u00a0"} {
		f.Add(s)
	}
	for _, tt := range errorDetails {
		f.Add(tt.in)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := daticert.ParseErrorDetail(s)
		require.Equal(t, words(s), words(d.Code+" "+d.Provider+" "+d.Text))
		if d.Code == "" {
			require.Empty(t, d.Provider)
		}
		if d.Code == "" || d.Provider != "" && d.Text != "" {
			require.Equal(t, d, daticert.ParseErrorDetail(d.String()))
		}
	})
}
