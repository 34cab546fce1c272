package ldif_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/ldif"
)

func pair(name, value string) ldif.RDN { return ldif.RDN{{Name: name, Value: value}} }

// names are distinguished names and what they consist of.
var names = []struct {
	reason, in string
	want       []ldif.RDN
}{
	{"the root of the directory", "o=postacert", []ldif.RDN{pair("o", "postacert")}},
	{"a provider", "providerName=Alfa S.p.A.,o=postacert", []ldif.RDN{pair("providerName", "Alfa S.p.A."), pair("o", "postacert")}},
	{"spaces around separators", "a = b , o = postacert", []ldif.RDN{pair("a", "b"), pair("o", "postacert")}},
	{"escaped comma and hex", `a=b\, c\C3\A8,o=x`, []ldif.RDN{pair("a", "b, cè"), pair("o", "x")}},
	{"escaped space at the end", `a=b\ ,o=x`, []ldif.RDN{pair("a", "b "), pair("o", "x")}},
	{"quotation marks", `a="b, c" ,o=x`, []ldif.RDN{pair("a", "b, c"), pair("o", "x")}},
	{"semicolons", "a=b;o=x", []ldif.RDN{pair("a", "b"), pair("o", "x")}},
	{"two pairs on one level", "a=b+c=d,o=x", []ldif.RDN{{{"a", "b"}, {"c", "d"}}, pair("o", "x")}},
	{"an empty value", "a=,o=x", []ldif.RDN{pair("a", ""), pair("o", "x")}},
	{"the empty name", "", nil},
	{"equal signs in a value", "a=b=c", []ldif.RDN{pair("a", "b=c")}},
}

var notNames = []string{"a", "=b", "a=b,", "a=b,,o=x", `a=\`, `a=\zz`, `a="b`, `a="b"c`, `a=b"c`, "a=\x00", "ü=b"}

func TestParseDN(t *testing.T) {
	t.Parallel()
	for _, c := range names {
		dn, err := ldif.ParseDN(c.in)
		require.NoError(t, err, c.reason)
		require.Equal(t, c.want, dn, c.reason)
		again, err := ldif.ParseDN(ldif.String(dn))
		require.NoError(t, err, c.reason)
		require.Equal(t, dn, again, c.reason)
	}
	for _, in := range notNames {
		_, err := ldif.ParseDN(in)
		require.Error(t, err, "%q", in)
	}
}

func levels(n int) string { return strings.TrimSuffix(strings.Repeat("a=b,", n), ",") }
func pairs(n int) string  { return strings.TrimSuffix(strings.Repeat("a=b+", n), "+") }

func TestBoundsOfDN(t *testing.T) {
	t.Parallel()
	for _, within := range []string{levels(32), pairs(8)} {
		_, err := ldif.ParseDN(within)
		require.NoError(t, err)
	}
	for _, beyond := range []string{levels(33), pairs(9)} {
		_, err := ldif.ParseDN(beyond)
		require.Error(t, err)
	}
}

func TestPairIs(t *testing.T) {
	t.Parallel()
	require.True(t, ldif.Pair{Name: "O", Value: " PostaCert"}.Is("o", "postacert"))
	require.False(t, ldif.Pair{Name: "ou", Value: "postacert"}.Is("o", "postacert"))
	require.Equal(t, "alfa s.p.a.", ldif.Fold("  Alfa\t S.P.A. "))
}
