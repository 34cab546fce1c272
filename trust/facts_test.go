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

// RSASSA-PSS parameters, of which crypto/x509 knows three forms only.
func TestPSSParameters(t *testing.T) {
	t.Parallel()
	sha256ID := tlv(0x30, tlv(6, octets(2, 16, 840, 1, 101, 3, 4, 2, 1)), tlv(5))
	sha1ID := tlv(0x30, tlv(6, octets(1, 3, 14, 3, 2, 26)), tlv(5))
	mgf := func(id string) string { return tlv(0xA1, tlv(0x30, tlv(6, oidMGF1), id)) }
	for _, tt := range []struct {
		name, der string
		known     bool
		reason    string
	}{
		{"SHA-256", tlv(0x30, tlv(0xA0, sha256ID), mgf(sha256ID), tlv(0xA2, tlv(2, " "))), true, "the usual"},
		{"defaults", tlv(0x30), true, "all of them SHA-1"},
		{"SHA-1 written", tlv(0x30, tlv(0xA0, sha1ID), mgf(sha1ID)), true, "the same as the defaults"},
		{"mixed", tlv(0x30, tlv(0xA0, sha256ID), mgf(sha1ID)), false, "two hashes"},
		{"mask left out", tlv(0x30, tlv(0xA0, sha256ID)), false, "then it is SHA-1"},
		{"unknown hash", tlv(0x30, tlv(0xA0, tlv(0x30, tlv(6, octets(1, 2, 3)))), mgf(sha256ID)), false, "not one of ours"},
		{"unknown mask", tlv(0x30, tlv(0xA0, sha256ID), tlv(0xA1, tlv(0x30, tlv(6, octets(1, 2, 3)), sha256ID))), false, "not MGF1"},
		{"absent", "", false, "RFC 4055 §3.1: they must be there"},
		{"garbage", tlv(0x30, tlv(0xA0, tlv(5))), false, "no algorithm"},
	} {
		require.Equal(t, tt.known, pssHash([]byte(tt.der)) != 0, "%s: %s", tt.name, tt.reason)
	}
}
