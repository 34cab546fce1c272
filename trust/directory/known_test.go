package directory_test

import (
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/cms"
	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/trust"
	"github.com/gopec/gopec/trust/directory"
)

func TestKnownProviders(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	all := directory.KnownProviders()
	require.True(t, slices.IsSortedFunc(all, func(a, b directory.KnownProvider) int {
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	}))
	for _, p := range all {
		require.NotEmpty(t, p.Hosts, p.Name)
		for _, h := range p.Hosts {
			require.False(t, seen[h.Host], "%s belongs to one", h.Host)
			seen[h.Host] = true
			from, err := time.Parse(time.DateOnly, h.From)
			require.NoError(t, err)
			if h.Until != "" {
				until, err := time.Parse(time.DateOnly, h.Until)
				require.NoError(t, err)
				require.True(t, until.After(from))
			}
			found, ok := directory.KnownByHost(strings.ToUpper(h.Host))
			require.True(t, ok)
			require.Equal(t, p.Name, found.Name)
		}
		if p.Successor != "" {
			require.True(t, slices.ContainsFunc(all, func(o directory.KnownProvider) bool { return o.Name == p.Successor }))
		}
	}
	_, ok := directory.KnownByHost("sub.pec.aruba.it")
	require.False(t, ok, "exact hosts")
	_, ok = directory.KnownByHost("")
	require.False(t, ok)
	all[0].Hosts[0].Host = "changed.example.it"
	_, ok = directory.KnownByHost("changed.example.it")
	require.False(t, ok, "what is handed out is a copy")
}

// TestKnownProvidersAreThoseOfTheConstraints holds hosts and dates against the
// certificates they come from.
func TestKnownProvidersAreThoseOfTheConstraints(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(counterpart.Reference(t, "trust", "agid"), "agid-ca1-*.pem"))
	require.NoError(t, err)
	require.Len(t, files, 10)
	slices.Sort(files)
	named := map[string][2]string{} // first and last day, by host
	var days []string
	for _, file := range files {
		b, err := os.ReadFile(file)
		require.NoError(t, err)
		block, _ := pem.Decode(b)
		c, err := cms.ParseCertificate(block.Bytes)
		require.NoError(t, err)
		day := c.NotBefore.Format(time.DateOnly)
		days = append(days, day)
		for _, h := range c.PermittedEmailAddresses {
			from := day
			if n, ok := named[h]; ok {
				from = n[0]
			}
			named[h] = [2]string{from, day}
		}
	}
	for _, p := range directory.KnownProviders() {
		for _, h := range p.Hosts {
			dates, ok := named[h.Host]
			require.True(t, ok, h.Host)
			require.Equal(t, h.From, dates[0], h.Host)
			until := ""
			if i := slices.Index(days, dates[1]); i < len(days)-1 {
				until = days[i+1]
			}
			require.Equal(t, h.Until, until, h.Host)
			delete(named, h.Host)
		}
	}
	require.Len(t, named, 2, "those whose organisation is not known: %v", named)
}

// TestKnownProvidersOfGenuineMessages: name and host stand in one certificate.
func TestKnownProvidersOfGenuineMessages(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"leaf-aruba-pec-2023.pem", "leaf-namirial-2023.pem"} {
		b, err := os.ReadFile(counterpart.Reference(t, "trust", "agid", name))
		require.NoError(t, err)
		certificates, err := trust.ParseAnchors(b)
		require.NoError(t, err)
		_, host, _ := strings.Cut(trust.Address(certificates[0]), "@")
		p, ok := directory.KnownByHost(host)
		require.True(t, ok, host)
		require.Equal(t, certificates[0].Subject.Organization[0], p.Name)
		require.True(t, p.Certificate)
	}
}
