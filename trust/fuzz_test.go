package trust_test

import (
	"crypto/ed25519"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/trust"
)

// extensionOf returns the value of an extension of a certificate.
func extensionOf(c *x509.Certificate, id asn1.ObjectIdentifier) []byte {
	for _, e := range c.Extensions {
		if e.Id.Equal(id) {
			return e.Value
		}
	}
	return nil
}

// readByX509 parses the extension as crypto/x509 does, in a certificate made
// for it.
func readByX509(t *testing.T, value []byte) (*x509.Certificate, error) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: day, NotAfter: day.AddDate(1, 0, 0), IsCA: true, BasicConstraintsValid: true,
		ExtraExtensions: []pkix.Extension{{Id: testsign.OIDNameConstraints, Value: value}},
	}
	der, err := x509.CreateCertificate(nil, template, template, key.Public(), key)
	require.NoError(t, err)
	return x509.ParseCertificate(der)
}

// FuzzConstraints reads what a hostile authority could write. What both we and
// crypto/x509 can read has the same mail constraints, and whatever can be read
// can be evaluated.
func FuzzConstraints(f *testing.F) {
	root := authority("fuzz root")
	seeds := 0
	for _, tt := range constraintCases() {
		ca, _ := tt.issued(root)
		if value := extensionOf(ca.X509(), testsign.OIDNameConstraints); value != nil {
			f.Add(value, tt.critical)
			seeds++
		}
	}
	for _, value := range malformedConstraints() {
		f.Add(value, true)
	}
	for _, tail := range [][]byte{{0x80, 0}, {0x81, 1, 9}, {0x80, 1, 0, 5, 0}, {}} { // minimum and maximum
		f.Add(der(0x30, der(0xA0, der(0x30, der(0x81, []byte("x")), tail))), false)
	}
	f.Add(der(0x30, der(0xA0, []byte{5, 0})), true)
	require.Greater(f, seeds, 50, "seeds were found")
	signer := signerUnder(root).X509()
	f.Fuzz(func(t *testing.T, value []byte, critical bool) {
		permitted, excluded, ranged, err := trust.ParseConstraints(value, critical)
		finding, ok := trust.Violates(value, critical, signer)
		if err != nil {
			require.True(t, slices.ContainsFunc(trust.ErrParse, func(e error) bool { return errors.Is(err, e) }))
			require.False(t, ok, "what cannot be read permits nothing")
			return
		}
		require.Equal(t, ok, finding.Code == "")
		if len(value) > 1<<14 {
			return
		}
		c, err := readByX509(t, value)
		if err != nil || ranged {
			return // crypto/x509 looks closer at hosts, and passes over ranges
		}
		require.Equal(t, fold(c.PermittedEmailAddresses), fold(permitted))
		require.Equal(t, fold(c.ExcludedEmailAddresses), fold(excluded))
	})
}

func fold(patterns []string) []string {
	out := []string{}
	for _, p := range patterns {
		out = append(out, strings.ToLower(p))
	}
	slices.Sort(out)
	return out
}
