package ldif_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/ldif"
)

// FuzzRecords: what was read can be written, and is read again as the same,
// without a defect; limits hold.
func FuzzRecords(f *testing.F) {
	for _, s := range []string{
		"version: 1\ndn: o=a\no: a\n b\n\ndn:: bz1i\nc;binary:: AAAA\n", "dn: o=a\nchangetype: delete\n", "dn:< file:///x\n", " x\n#\n y\n",
		"\xef\xbb\xbfdn: \\\r\nü: è\r\n\r\no:\r\n", "dn: o=a\ndn: o=b\nx\n: y\n-\n", "version: 2\n",
	} {
		f.Add(s)
	}
	limits := ldif.Limits{Size: 1 << 16, Line: 1 << 12, Records: 100, Values: 100}
	f.Fuzz(func(t *testing.T, input string) {
		all, _ := read(t, input, limits)
		require.LessOrEqual(t, len(all), limits.Records)
		var out []byte
		for _, r := range all {
			require.LessOrEqual(t, len(r.Attributes), limits.Values)
			require.False(t, r.Change && len(r.Attributes) > 0)
			out = ldif.Append(out, r)
		}
		again, err := read(t, string(out), ldif.Limits{})
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
	})
}

// FuzzParseDN: what was read is written so that it is read as the same.
func FuzzParseDN(f *testing.F) {
	for _, s := range []string{"providerUnit=a,providerName=b\\, c,o=postacert", `a="b;c" + d=\C3\A8 ,o=`, "a=#04", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		dn, err := ldif.ParseDN(s)
		if err != nil {
			return
		}
		again, err := ldif.ParseDN(ldif.String(dn))
		require.NoError(t, err)
		require.Equal(t, dn, again)
		require.LessOrEqual(t, len(dn), strings.Count(s, "=")+1)
	})
}
