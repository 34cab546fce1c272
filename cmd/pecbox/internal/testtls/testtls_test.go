package testtls_test

import (
	"crypto/x509"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/cmd/pecbox/internal/testtls"
)

func TestNames(t *testing.T) {
	t.Parallel()
	id, err := testtls.New([]string{"box.example.it", "localhost", "127.0.0.1", "::1"})
	require.NoError(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(id.Authority)
	leaf := id.Config.Certificates[0].Leaf
	for name, good := range map[string]bool{
		"box.example.it": true, "localhost": true, "127.0.0.1": true, "::1": true,
		"example.it": false, "127.0.0.2": false, "pec.example.it": false,
	} {
		_, err := leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: roots})
		require.Equal(t, good, err == nil, "%s: %v", name, err)
	}
	_, err = leaf.Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}})
	require.Error(t, err, "the authority is for servers only")
	require.Contains(t, id.Authority.Subject.CommonName, "NO LEGAL VALUE")
	require.True(t, id.Authority.PermittedDNSDomainsCritical)
}

// TestAuthorityIsBound: whoever still believes the authority later is in no danger
// from it, even if its key had been kept.
func TestAuthorityIsBound(t *testing.T) {
	t.Parallel()
	id, err := testtls.New([]string{"localhost", "127.0.0.1"})
	require.NoError(t, err)
	require.Equal(t, []string{"localhost"}, id.Authority.PermittedDNSDomains)
	require.Len(t, id.Authority.PermittedIPRanges, 1)
	ones, _ := id.Authority.PermittedIPRanges[0].Mask.Size()
	require.Equal(t, 32, ones)
}
