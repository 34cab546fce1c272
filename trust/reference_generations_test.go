package trust

import (
	"crypto/sha256"
	"crypto/x509"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/counterpart"
)

// Every certificate of the reference data is one that this package has a word for: a
// generation of a built-in authority, what is above one, or a provider's. A file that
// is added and not understood fails.
func TestEveryReferenceCertificate(t *testing.T) {
	t.Parallel()
	root := counterpart.Reference(t, "trust")
	counts := map[string]int{}
	var leaves []*x509.Certificate
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".pem" {
			return err
		}
		relative, err := filepath.Rel(root, path)
		require.NoError(t, err)
		c := readPEM(t, append([]string{"trust"}, strings.Split(relative, string(filepath.Separator))...)...)
		certificate, key := sha256.Sum256(c.Raw), sha256.Sum256(c.RawSubjectPublicKeyInfo)
		_, ofAgID := agid().known(certificate)
		_, ofDigitPA := digitPA().known(certificate)
		switch {
		case ofAgID:
			require.Equal(t, agid().keyHash, key)
			counts["AgID CA1"]++
		case ofDigitPA:
			require.Equal(t, digitPA().keyHash, key)
			counts["DigitPA CA1"]++
		case key == agid().parentKeyHash, key == digitPA().parentKeyHash:
			counts["above"]++
		case !c.IsCA:
			counts["provider"]++
			leaves = append(leaves, c)
		default:
			require.Fail(t, "a certificate that nobody knows", relative)
		}
		return nil
	}))
	require.Equal(t, map[string]int{"AgID CA1": 10, "DigitPA CA1": 1, "above": 2, "provider": 2}, counts)
	for _, c := range leaves {
		at := c.NotBefore.Add(c.NotAfter.Sub(c.NotBefore) / 2)
		requireGenuine(t, AgID().Verify([]*x509.Certificate{c}, []*x509.Certificate{c}, at), "AgID CA1")
	}
}

// Which generation was valid when: by the certificates, and the same by the facts.
func TestGenerationsValidWhen(t *testing.T) {
	t.Parallel()
	all := generations(t)
	digitPACertificate := readPEM(t, "trust", "digitpa", "digitpa-ca1-20110114.pem")
	for _, tt := range []struct {
		at          string
		first, last int // of the ten; none if last is below first
		digitPA     bool
	}{
		{"2011-01-14T16:29:55Z", 0, -1, false},
		{"2011-01-14T16:29:56Z", 0, -1, true},
		{"2017-10-12T13:29:52Z", 0, -1, true},
		{"2017-10-12T13:29:53Z", 0, 0, true},
		{"2018-01-14T16:28:50Z", 0, 0, true},
		{"2018-01-14T16:28:51Z", 0, 0, false},
		{"2018-04-04T12:21:02Z", 0, 1, false},
		{"2018-11-13T15:39:26Z", 0, 2, false},
		{"2019-12-31T00:00:00Z", 0, 3, false},
		{"2020-02-10T00:00:00Z", 0, 4, false},
		{"2020-06-01T00:00:00Z", 0, 5, false},
		{"2021-01-01T00:00:00Z", 0, 6, false},
		{"2021-08-01T00:00:00Z", 0, 7, false},
		{"2024-12-04T23:02:10Z", 0, 8, false},
		{"2026-11-22T00:00:00Z", 0, 9, false},
		{"2027-10-12T13:29:54Z", 1, 9, false},
		{"2028-04-04T00:00:00Z", 2, 9, false},
		{"2028-07-11T00:00:00Z", 3, 9, false},
		{"2029-06-13T00:00:00Z", 4, 9, false},
		{"2030-01-30T00:00:00Z", 5, 9, false},
		{"2030-02-19T00:00:00Z", 6, 9, false},
		{"2030-09-22T11:22:02Z", 6, 9, false},
		{"2030-09-22T11:22:03Z", 0, -1, false},
	} {
		at, err := time.Parse(time.RFC3339, tt.at)
		require.NoError(t, err)
		for i, c := range all {
			want := tt.first <= i && i <= tt.last
			code, _ := outside(c.NotBefore, c.NotAfter, at)
			require.Equal(t, want, code == "", "%s at %s", c.NotBefore, tt.at)
			require.Equal(t, want, agid().generations[i].validAt(at), "%s at %s", c.NotBefore, tt.at)
		}
		code, _ := outside(digitPACertificate.NotBefore, digitPACertificate.NotAfter, at)
		require.Equal(t, tt.digitPA, code == "", tt.at)
		require.Equal(t, tt.digitPA, digitPA().generations[0].validAt(at), tt.at)
		code, _ = builtIn(agid()).validAt(at)
		require.Equal(t, tt.last >= tt.first, code == "", "the key's validity is that of all its certificates: %s", tt.at)
	}
}

// Providers leave the list and join it: as the certificates themselves have it, each
// against the one before.
func TestGenerationsProvidersComeAndGo(t *testing.T) {
	t.Parallel()
	want := [][2][]string{ // joined, left
		{{"cert.intesa.it", "certmail.kpnqwest.it", "O=KPNQWEST ITALIA S.r.l."}, nil},
		{{"certmail.irideos.it", "O=IRIDEOS S.p.A."}, {"pec.numera.it", "O=KPNQwest Italia S.p.A.", "O=Numera Sistemi e Informatica S.p.A."}},
		{{"pec.bill4me.it", "pec.notartel.it", "pro.sicurezzapostale.it", "pupec.informatica.aci.it", "O=Notartel S.p.A.", "O=Register S.p.A."}, {"O=Register.it S.p.A."}},
		{{"miapec.it"}, nil},
		{nil, nil},
		{{"O=Telsy S.p.A."}, nil},
		{nil, nil},
		{{"ig-trustmail.com", "O=Intesi Group S.p.A."}, nil},
		{{"pec.reevo.eu", "postecertifica.it", "O=Postel S.p.A.", "O=ReeVo S.p.A."}, nil},
	}
	var before []string
	for i, c := range generations(t) {
		limits, err := constraintsOf(c)
		require.NoError(t, err)
		now := slices.Clone(limits.permittedMail)
		for _, n := range limits.permittedNames {
			for _, o := range n.values(oidOrganization) {
				now = append(now, "O="+o)
			}
		}
		if i > 0 {
			day := c.NotBefore.Format(time.DateOnly)
			require.ElementsMatch(t, want[i-1][0], missing(before, now), "joined on %s", day)
			require.ElementsMatch(t, want[i-1][1], missing(now, before), "left on %s", day)
		}
		before = now
	}
}

// missing lists what is in b and not in a.
func missing(a, b []string) (out []string) {
	for _, s := range b {
		if !slices.Contains(a, s) {
			out = append(out, s)
		}
	}
	return out
}

// Every message of the corpus is in the table of genuine ones, so that every leaf from
// 2011 to 2026 in it is judged.
func TestEveryCorpusMessageIsJudged(t *testing.T) {
	t.Parallel()
	root := counterpart.Reference(t, "corpus")
	var files, known []string
	for _, folder := range []string{"genuine", "structure"} {
		entries, err := os.ReadDir(filepath.Join(root, folder))
		require.NoError(t, err)
		for _, e := range entries {
			if name, ok := strings.CutSuffix(e.Name(), ".eml"); ok {
				files = append(files, folder+"/"+name)
			}
		}
	}
	first, last := time.Time{}, time.Time{}
	for _, g := range genuine {
		known = append(known, g.file)
		c := carriedIn(t, filepath.Join(root, filepath.FromSlash(g.file)+".eml"))[0]
		if first.IsZero() || c.NotBefore.Before(first) {
			first = c.NotBefore
		}
		if c.NotAfter.After(last) {
			last = c.NotAfter
		}
	}
	require.ElementsMatch(t, files, known)
	require.Equal(t, 2011, first.Year())
	require.GreaterOrEqual(t, last.Year(), 2026)
}
