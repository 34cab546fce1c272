package testsign_test

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/internal/testsign"
)

func oids(list ...asn1.ObjectIdentifier) []asn1.ObjectIdentifier { return list }

func TestLeafProfile(t *testing.T) {
	t.Parallel()
	c := testsign.NewCircle()
	cert := c.One.X509()
	require.Equal(t, x509.KeyUsageDigitalSignature, cert.KeyUsage)
	require.Equal(t, []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}, cert.ExtKeyUsage)
	require.Equal(t, []string{"posta-certificata@pec.example.it"}, cert.EmailAddresses)
	require.Equal(t, oids(testsign.OIDPolicyPEC), cert.PolicyIdentifiers)
	require.False(t, cert.BasicConstraintsValid)
	require.Equal(t, []string{"Gestore Uno S.p.A."}, cert.Subject.Organization)
	require.Equal(t, 1, cert.SerialNumber.Sign())
	require.Equal(t, 2048, cert.PublicKey.(*rsa.PublicKey).N.BitLen())
	roots := x509.NewCertPool()
	roots.AddCert(c.Root.X509())
	_, err := cert.Verify(x509.VerifyOptions{
		Roots: roots, CurrentTime: testsign.Instant, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection},
	})
	require.NoError(t, err)
	require.Equal(t, [][]byte{c.One.DER, c.Root.DER}, c.One.Chain())
}

// TestCertificateKnobs reads each odd certificate with crypto/x509.
func TestCertificateKnobs(t *testing.T) {
	t.Parallel()
	root := testsign.NewCircle().Root
	zero := 0
	tests := []struct {
		name  string
		cert  testsign.Certificate
		check func(t *testing.T, c *x509.Certificate)
	}{
		{"two addresses", testsign.Certificate{Addresses: []string{"a@pec.example.it", "b@pec.example.it"}}, func(t *testing.T, c *x509.Certificate) {
			require.Equal(t, []string{"a@pec.example.it", "b@pec.example.it"}, c.EmailAddresses)
		}},
		{"no address", testsign.Certificate{Addresses: []string{}}, func(t *testing.T, c *x509.Certificate) {
			require.Empty(t, c.EmailAddresses)
		}},
		{"organizationIdentifier", testsign.Certificate{Subject: append(testsign.NewName("Società di Prova", "x"),
			testsign.Attribute{OID: testsign.OIDOrganizationIdentifier, Value: "VATIT-00000000000"})}, func(t *testing.T, c *x509.Certificate) {
			require.Equal(t, "Società di Prova", c.Subject.Organization[0])
			require.Equal(t, "VATIT-00000000000", c.Subject.Names[3].Value)
		}},
		{"BMPString", testsign.Certificate{Subject: testsign.Name{{OID: testsign.OIDCommonName, Value: "è", Tag: asn1.TagBMPString}}}, func(t *testing.T, c *x509.Certificate) {
			require.Equal(t, "è", c.Subject.CommonName)
		}},
		{"key usage not critical", testsign.Certificate{KeyUsage: x509.KeyUsageContentCommitment | x509.KeyUsageDecipherOnly, KeyUsageNotCritical: true}, func(t *testing.T, c *x509.Certificate) {
			require.Equal(t, x509.KeyUsageContentCommitment|x509.KeyUsageDecipherOnly, c.KeyUsage)
			require.False(t, extension(t, c, testsign.OIDKeyUsage).Critical)
		}},
		{"no key usage, no EKU, no policy", testsign.Certificate{Omit: oids(testsign.OIDKeyUsage, testsign.OIDExtKeyUsage, testsign.OIDPolicies)}, func(t *testing.T, c *x509.Certificate) {
			require.Zero(t, c.KeyUsage)
			require.Empty(t, c.ExtKeyUsage)
			require.Empty(t, c.PolicyIdentifiers)
		}},
		{"serverAuth", testsign.Certificate{ExtKeyUsage: oids(testsign.OIDServerAuth), ExtKeyUsageCritical: true}, func(t *testing.T, c *x509.Certificate) {
			require.Equal(t, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, c.ExtKeyUsage)
			require.True(t, extension(t, c, testsign.OIDExtKeyUsage).Critical)
		}},
		{"cA=FALSE", testsign.Certificate{BasicConstraints: &testsign.BasicConstraints{}}, func(t *testing.T, c *x509.Certificate) {
			require.True(t, c.BasicConstraintsValid)
			require.False(t, c.IsCA)
		}},
		{"cA=TRUE with path length", testsign.Certificate{BasicConstraints: &testsign.BasicConstraints{CA: true, PathLen: &zero}}, func(t *testing.T, c *x509.Certificate) {
			require.True(t, c.IsCA && c.MaxPathLenZero)
		}},
		{"unknown critical extension", testsign.Certificate{Extra: []testsign.Extension{{OID: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 9}, Critical: true, Value: []byte{5, 0}}}}, func(t *testing.T, c *x509.Certificate) {
			require.Len(t, c.UnhandledCriticalExtensions, 1)
		}},
		{"zero serial", testsign.Certificate{Serial: new(big.Int)}, func(t *testing.T, c *x509.Certificate) {
			require.Zero(t, c.SerialNumber.Sign())
		}},
		{"chosen serial and validity", testsign.Certificate{Serial: big.NewInt(4711), NotBefore: testsign.Instant, NotAfter: time.Date(2060, 1, 1, 0, 0, 0, 0, time.UTC)}, func(t *testing.T, c *x509.Certificate) {
			require.Equal(t, int64(4711), c.SerialNumber.Int64())
			require.True(t, c.NotBefore.Equal(testsign.Instant))
			require.Equal(t, 2060, c.NotAfter.Year())
		}},
		{"SHA-1 signature", testsign.Certificate{Hash: crypto.SHA1}, func(t *testing.T, c *x509.Certificate) {
			require.Equal(t, x509.SHA1WithRSA, c.SignatureAlgorithm)
			require.NoError(t, root.X509().CheckSignature(x509.SHA1WithRSA, c.RawTBSCertificate, c.Signature))
		}},
		{"PSS signature", testsign.Certificate{PSS: true}, func(t *testing.T, c *x509.Certificate) {
			require.Equal(t, x509.SHA256WithRSAPSS, c.SignatureAlgorithm)
			require.NoError(t, c.CheckSignatureFrom(root.X509()))
		}},
		{"wrong signature", testsign.Certificate{WrongSignature: true}, func(t *testing.T, c *x509.Certificate) {
			require.Error(t, c.CheckSignatureFrom(root.X509()))
		}},
		{"decoy of 16384 bits", testsign.Certificate{SPKI: testsign.DecoySPKI(16384, 65537, "decoy")}, func(t *testing.T, c *x509.Certificate) {
			require.Equal(t, 16384, c.PublicKey.(*rsa.PublicKey).N.BitLen())
			require.NoError(t, c.CheckSignatureFrom(root.X509()))
		}},
		{"decoy with even exponent", testsign.Certificate{SPKI: testsign.DecoySPKI(1023, 2, "decoy")}, func(t *testing.T, c *x509.Certificate) {
			require.Equal(t, 1023, c.PublicKey.(*rsa.PublicKey).N.BitLen())
			require.Equal(t, 2, c.PublicKey.(*rsa.PublicKey).E)
		}},
		{"version 1", testsign.Certificate{Version: 1}, func(t *testing.T, c *x509.Certificate) {
			require.Equal(t, 1, c.Version)
			require.Empty(t, c.Extensions)
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.check(t, test.cert.IssuedBy(root).X509())
		})
	}
}

// TestSerialNumbers: no x509.CreateCertificate writes these, so another program
// says what was written.
func TestSerialNumbers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, want string
		cert       testsign.Certificate
	}{
		{"negative", "-05", testsign.Certificate{Serial: big.NewInt(-5)}},
		{"21 octets", "40" + strings.Repeat("00", 20), testsign.Certificate{SerialOctets: append([]byte{0x40}, make([]byte, 20)...)}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			openssl := exec.CommandContext(t.Context(), counterpart.Look(t, "openssl"), "x509", "-inform", "DER", "-noout", "-serial")
			openssl.Stdin = bytes.NewReader(test.cert.IssuedBy(testsign.NewCircle().Root).DER)
			out, err := openssl.Output()
			require.NoError(t, err)
			require.Equal(t, "serial="+test.want+"\n", string(out))
		})
	}
}

func extension(t *testing.T, c *x509.Certificate, id asn1.ObjectIdentifier) (found struct{ Critical bool }) {
	t.Helper()
	for _, e := range c.Extensions {
		if e.Id.Equal(id) {
			found.Critical = e.Critical
			return found
		}
	}
	t.Fatalf("no extension %v", id)
	return found
}

// TestNameConstraints: OpenSSL enforces what the writer constrains.
func TestNameConstraints(t *testing.T) {
	t.Parallel()
	openssl := counterpart.Look(t, "openssl")
	email := testsign.Subtree{Email: "pec.example.it"}
	directory := testsign.Subtree{Directory: testsign.NewName("Gestore di prova S.p.A.", "")}
	raw := testsign.Subtree{Raw: []byte{0x86, 0x0b, 'e', 'x', 'a', 'm', 'p', 'l', 'e', '.', 'c', 'o', 'm'}} // URI
	tests := []struct {
		name        string
		constraints testsign.NameConstraints
		ok          bool
	}{
		{"permitted address", testsign.NameConstraints{Permitted: []testsign.Subtree{email}}, true},
		{"excluded address", testsign.NameConstraints{Excluded: []testsign.Subtree{email}}, false},
		{"permitted name", testsign.NameConstraints{Permitted: []testsign.Subtree{directory}, Critical: true}, true},
		{"other name only", testsign.NameConstraints{Permitted: []testsign.Subtree{{Directory: testsign.NewName("Altro", "")}}}, false},
		{"DNS says nothing about mail", testsign.NameConstraints{Permitted: []testsign.Subtree{{DNS: "example.net"}}}, true},
		{"another type as DER", testsign.NameConstraints{Permitted: []testsign.Subtree{raw}}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			root := testsign.Certificate{CA: true, NameConstraints: &test.constraints}.SelfSigned()
			c := testsign.Certificate{}.IssuedBy(root)
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(dir, "root"), root.PEM(), 0o600))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "leaf"), c.PEM(), 0o600))
			out, err := exec.CommandContext(t.Context(), openssl, "verify", "-attime", atInstant, "-purpose", "smimesign",
				"-CAfile", filepath.Join(dir, "root"), filepath.Join(dir, "leaf")).CombinedOutput()
			require.Equal(t, test.ok, err == nil, string(out))
		})
	}
}

func TestCRL(t *testing.T) {
	t.Parallel()
	c := testsign.NewCircle()
	der := c.Root.CRL(7, testsign.Instant, testsign.Instant.AddDate(0, 1, 0),
		testsign.Revoked{Certificate: c.One, Time: testsign.Instant, Reason: 1}, testsign.Revoked{Certificate: c.Two, Time: testsign.Instant})
	list, err := x509.ParseRevocationList(der)
	require.NoError(t, err)
	require.NoError(t, list.CheckSignatureFrom(c.Root.X509()))
	require.Equal(t, int64(7), list.Number.Int64())
	require.Len(t, list.RevokedCertificateEntries, 2)
	require.Equal(t, 1, list.RevokedCertificateEntries[0].ReasonCode)
	require.Equal(t, c.One.X509().SerialNumber, list.RevokedCertificateEntries[0].SerialNumber)
}

func TestKeysAreCached(t *testing.T) {
	t.Parallel()
	require.Same(t, testsign.Key(testsign.P256, "x"), testsign.Key(testsign.P256, "x"))
	require.NotSame(t, testsign.Key(testsign.P256, "x"), testsign.Key(testsign.P256, "y"))
	a, b := testsign.NewCircle(), testsign.NewCircle()
	require.Same(t, a.One, b.One)
	block, _ := pem.Decode(a.Root.PEM())
	require.Equal(t, a.Root.DER, block.Bytes)
}
