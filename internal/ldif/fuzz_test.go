package ldif_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/ldif"
)

// FuzzRecords: what was read can be written, and is read again as the same,
// without a defect; limits hold; how the input arrives makes no difference; a
// reader that fails (after fail bytes, unless negative) is heard.
func FuzzRecords(f *testing.F) {
	add := func(input string, l ldif.Limits, fail int) {
		f.Add(input, uint16(l.Size), uint16(l.Line), uint16(l.Records), uint16(l.Values), fail)
	}
	for _, c := range inputs {
		add(c.input, ldif.Limits{}, -1)
	}
	for _, c := range bounded {
		add(c.input, c.within, -1)
		add(c.input, c.below, -1)
	}
	few := ldif.Limits{Size: 1<<16 - 1, Line: 1 << 12, Records: 100, Values: 100}
	for _, s := range []string{
		"version: 1\ndn: o=a\no: a\n b\n\ndn:: bz1i\nc;binary:: AAAA\n", "dn: o=a\nchangetype: delete\n", "dn:< file:///x\n", " x\n#\n y\n",
		"\xef\xbb\xbfdn: \\\r\nü: è\r\n\r\no:\r\n", "dn: o=a\ndn: o=b\nx\n: y\n-\n", "version: 2\n",
		"dn: o=a\n" + strings.Repeat("x\n", 150), "dn: o=a\n" + strings.Repeat("b", 200) + "\n" + strings.Repeat("o", 1001) + ": a\n",
	} {
		add(s, few, -1)
	}
	add("dn: o=a\no: "+strings.Repeat("a", 70_000)+"\n", ldif.Limits{}, -1)           // more than the buffer
	add("dn: o=a\no: a\n\ndn: o=b\ndn: o=c\n", ldif.Limits{Records: 2}, -1)           // no blank line before the one too many
	for _, fail := range []int{0, 3, len("dn: o=a\n"), len(one), len(one) + 8, 100} { // in a line, between lines and at the end
		add(one+one, ldif.Limits{}, fail)
	}
	for _, v := range odd {
		add(string(ldif.Append(nil, &ldif.Record{DN: string(v), Attributes: []ldif.Attribute{{Name: "x", Value: v}}})), ldif.Limits{}, -1)
	}
	f.Fuzz(func(t *testing.T, input string, size, line, records, values uint16, fail int) {
		l := ldif.Limits{Size: int64(size), Line: int(line), Records: int(records), Values: int(values)}
		all, err := read(t, input, l)
		if err != nil {
			checkError(t, err, l)
		}
		require.True(t, records == 0 || len(all) <= l.Records)
		at := 0
		for _, r := range all {
			require.True(t, values == 0 || len(r.Attributes) <= l.Values)
			require.Greater(t, r.Line, at)
			at = r.Line
			checkRecord(t, r)
		}
		slow, again := readFrom(t, iotest.OneByteReader(strings.NewReader(input)), l)
		require.Equal(t, all, slow)
		require.Equal(t, err, again)
		for r, err := range ldif.Records(strings.NewReader(input), l) {
			require.True(t, (err != nil) == (len(all) == 0))
			require.True(t, err != nil || r.Line == all[0].Line)
			break // what comes after is not asked for
		}
		checkWritten(t, all)
		if fail >= 0 {
			checkBroken(t, input, l, fail, all, err)
		}
	})
}

// checkError: a reading ends early for a limit that was passed, or a version.
func checkError(t *testing.T, err error, l ldif.Limits) {
	t.Helper()
	require.True(t, utf8.ValidString(err.Error()) && len(err.Error()) < 200, "%q", err)
	if v, ok := errors.AsType[*ldif.VersionError](err); ok {
		require.NotEqual(t, "1", v.Version)
		return
	}
	limit, ok := errors.AsType[*ldif.LimitError](err)
	require.True(t, ok, "%v", err)
	require.Positive(t, limit.Line)
	set := map[string][2]int64{
		ldif.LimitSize: {l.Size, ldif.MaxSize}, ldif.LimitLine: {int64(l.Line), ldif.MaxLine},
		ldif.LimitRecords: {int64(l.Records), ldif.MaxRecords}, ldif.LimitValues: {int64(l.Values), ldif.MaxValues},
	}[limit.Limit]
	if set[0] == 0 {
		set[0] = set[1] // the default
	}
	require.Equal(t, set[0], limit.Max, limit.Limit)
}

// checkRecord: what a record says of itself agrees, and its defects can be
// shown.
func checkRecord(t *testing.T, r *ldif.Record) {
	t.Helper()
	require.False(t, r.Change && len(r.Attributes) > 0)
	require.LessOrEqual(t, len(r.Defects), 100)
	require.True(t, r.More == 0 || len(r.Defects) == 100)
	for _, d := range r.Defects {
		require.LessOrEqual(t, len(d.Fact), 100)
		s := d.String()
		require.True(t, utf8.ValidString(s) && !strings.ContainsAny(s, "\r\n\x00\x1b"), "%q", s)
		require.False(t, strings.Contains(s, ": (") || strings.HasSuffix(s, ": "), "%q has no sentence", s)
	}
	at := r.Line
	for _, a := range r.Attributes {
		require.GreaterOrEqual(t, a.Line, at)
		at = a.Line
		require.True(t, a.Is(strings.ToUpper(a.Name)) && a.Is(strings.ToLower(a.Name)))
		require.False(t, a.Is(a.Name+"x") || a.Is("_"+a.Name[1:]))
		for _, o := range a.Options {
			require.True(t, a.HasOption(strings.ToUpper(o)), o)
		}
		require.False(t, a.HasOption("") || a.HasOption("_"), "no option is called that")
	}
}

// checkWritten: records are written in lines of a bounded length, and read as
// the same.
func checkWritten(t *testing.T, all []*ldif.Record) {
	t.Helper()
	var out []byte
	for _, r := range all {
		out = ldif.Append(out, r)
	}
	for line := range strings.Lines(string(out)) {
		require.LessOrEqual(t, len(line), 77)
	}
	again, err := read(t, string(out), ldif.Limits{Size: 4 * ldif.MaxSize, Line: 4 * ldif.MaxLine}) // base64 is longer
	require.NoError(t, err)
	require.Len(t, again, len(all))
	for i, r := range all {
		require.Equal(t, r.DN, again[i].DN)
		require.Empty(t, again[i].Defects)
		require.Len(t, again[i].Attributes, len(r.Attributes))
		for j, a := range r.Attributes {
			b := again[i].Attributes[j]
			require.Equal(t, a.Name, b.Name)
			require.Equal(t, a.Options, b.Options)
			require.Equal(t, a.Value, b.Value)
		}
	}
}

// checkBroken: of an input that cannot be read to its end come the records
// before that place, and the very error.
func checkBroken(t *testing.T, input string, l ldif.Limits, fail int, all []*ldif.Record, ended error) {
	t.Helper()
	broken := errors.New("disk on fire")
	part, err := readFrom(t, io.MultiReader(strings.NewReader(input[:min(fail, len(input))]), iotest.ErrReader(broken)), l)
	require.LessOrEqual(t, len(part), len(all))
	for i, r := range part {
		require.Equal(t, all[i], r)
	}
	if errors.Is(err, broken) {
		return
	}
	require.Error(t, err)
	require.Error(t, ended, "it ended before the place")
	got, early := errors.AsType[*ldif.LimitError](err)
	if !early {
		require.Equal(t, ended, err)
		return
	}
	// Of a line that passes two limits the longer part may pass the other one.
	want, ok := errors.AsType[*ldif.LimitError](ended)
	require.True(t, ok, "%v", ended)
	require.Equal(t, want.Line, got.Line)
}

// FuzzParseDN: what was read is written so that it is read as the same.
func FuzzParseDN(f *testing.F) {
	for _, c := range names {
		f.Add(c.in)
	}
	for _, s := range notNames {
		f.Add(s)
	}
	for _, s := range []string{
		"providerUnit=a,providerName=b\\, c,o=postacert", `a="b;c" + d=\C3\A8 ,o=`, "a=#04", `a=\#\ b\00\c3\zz`, `a="b\`, "a= PostaCert \t X",
		`a="b" `, `a="b";c=d`, `a=\4`, levels(32), levels(33), pairs(8), pairs(9),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		fold := ldif.Fold(s)
		require.Equal(t, fold, ldif.Fold(fold))
		require.Equal(t, fold, ldif.Fold("  "+s+"\t "))
		dn, err := ldif.ParseDN(s)
		if err != nil {
			require.Nil(t, dn)
			return
		}
		written := ldif.String(dn)
		require.NotContains(t, written, "\x00")
		again, err := ldif.ParseDN(written)
		require.NoError(t, err)
		require.Equal(t, dn, again)
		require.LessOrEqual(t, len(dn), min(32, strings.Count(s, "=")+1))
		for _, rdn := range dn {
			require.True(t, len(rdn) > 0 && len(rdn) <= 8)
			for _, p := range rdn {
				require.True(t, p.Is(strings.ToUpper(p.Name), " "+p.Value+"  "), "%q", p)
				require.False(t, p.Is(p.Name+"x", p.Value) || p.Is(p.Name, p.Value+"x"), "%q", p)
			}
		}
	})
}
