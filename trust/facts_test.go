package trust

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Lists of providers shrink and change: who is named in which generation.
func TestGenerationsNameProviders(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		host, province, locality, organization string
		first, last                            int // of the ten generations; -1: none
		reason                                 string
	}{
		{"pec.aruba.it", "Bergamo", "Ponte San Pietro", "Aruba PEC S.p.A.", 0, 9, "from the beginning"},
		{"pec-email.com", "Firenze", "Firenze", "Register.it S.p.A.", 0, 2, "the organization changed its name"},
		{"pec-email.com", "Firenze", "Firenze", "Register S.p.A.", 3, 9, "the name it has since"},
		{"pec.numera.it", "Sassari", "Sassari", "Numera Sistemi e Informatica S.p.A.", 0, 1, "a provider that left"},
		{"certmail.irideos.it", "Milano", "Milano", "IRIDEOS S.p.A.", 2, 9, "a provider that came"},
		{"ig-trustmail.com", "Milano", "Milano", "Intesi Group S.p.A.", 8, 9, "a provider that came later"},
		{"pec.reevo.eu", "Milano", "Milano", "ReeVo S.p.A.", 9, 9, "the newest"},
		{"pec.aruba.it", "Milano", "Milano", "Aruba PEC S.p.A.", -1, -1, "the place is part of the name"},
		{"aruba.it", "Bergamo", "Ponte San Pietro", "Aruba PEC S.p.A.", -1, -1, "a host is not the hosts above it"},
		{"a.pec.aruba.it", "Bergamo", "Ponte San Pietro", "Aruba PEC S.p.A.", -1, -1, "nor those below"},
	} {
		dn := organization{tt.province, tt.locality, tt.organization}.directoryName()
		subject := append(dn, newName(oidCommonName, "Posta Certificata")...)
		for i, g := range agid().generations {
			want := tt.first >= 0 && tt.first <= i && i <= tt.last
			require.Equal(t, want, g.names(mailbox, tt.host, subject), "%s %s in %s: %s", tt.host, tt.organization, g.day(), tt.reason)
		}
	}
}

func TestGenerationsAreInOrder(t *testing.T) {
	t.Parallel()
	seen := make(map[hash]bool)
	for _, a := range []*authority{agid(), digitPA()} {
		for i, g := range a.generations {
			require.True(t, g.notBefore.Before(g.notAfter))
			require.False(t, seen[g.certificate])
			seen[g.certificate] = true
			if i > 0 {
				before := a.generations[i-1]
				require.True(t, before.notBefore.Before(g.notBefore), "oldest first")
				require.True(t, g.notBefore.Before(before.notAfter), "no gap: the union of validity has two ends")
				require.False(t, g.notAfter.Before(before.notAfter))
			}
		}
	}
	require.Len(t, seen, 11)
}
