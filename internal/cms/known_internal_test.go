package cms

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/recent"
)

// certificates makes n that differ in their serial number.
func certificates(t *testing.T, n int, extra []byte) []*x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	var all []*x509.Certificate
	for i := range n {
		template := &x509.Certificate{SerialNumber: big.NewInt(int64(i + 1)), NotAfter: time.Now().Add(time.Hour)}
		if extra != nil {
			template.ExtraExtensions = []pkix.Extension{{Id: []int{1, 3, 6, 1, 4, 1, 99999}, Value: extra}}
		}
		der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
		require.NoError(t, err)
		c, err := x509.ParseCertificate(der)
		require.NoError(t, err)
		all = append(all, c)
	}
	return all
}

func TestRemember(t *testing.T) {
	t.Parallel()
	var k recent.Cache[*x509.Certificate]
	c := certificates(t, 1, nil)[0]
	remember(&k, c)
	got, ok := k.Get(bytes.Clone(c.Raw))
	require.True(t, ok, "the same bytes elsewhere are the same certificate")
	require.True(t, c.Equal(got))
	remember(&k, c)
	again, _ := k.Get(c.Raw)
	require.Same(t, got, again, "it is parsed once")
	other := bytes.Clone(c.Raw)
	other[len(other)-1] ^= 1
	_, ok = k.Get(other)
	require.False(t, ok, "one bit makes another certificate")

	raw := bytes.Clone(c.Raw)
	c.Raw[40] ^= 1
	require.Equal(t, raw, got.Raw, "what is kept has bytes of its own")
}

// What is kept under some bytes is what parsing them gives, whatever the
// fields of the value given say.
func TestRememberParsesAgain(t *testing.T) {
	t.Parallel()
	var k recent.Cache[*x509.Certificate]
	pair := certificates(t, 2, nil)
	lying := *pair[0]
	lying.Raw = pair[1].Raw
	remember(&k, &lying)
	got, ok := k.Get(pair[1].Raw)
	require.True(t, ok)
	require.Equal(t, pair[1].SerialNumber, got.SerialNumber)
	lying.Raw = []byte("no certificate")
	remember(&k, &lying)
	_, ok = k.Get(lying.Raw)
	require.False(t, ok, "a failure is not remembered")
}

func TestRememberNothingLarge(t *testing.T) {
	t.Parallel()
	var k recent.Cache[*x509.Certificate]
	large := certificates(t, 1, make([]byte, maxKnownSize))[0]
	remember(&k, large)
	require.Zero(t, k.Len(), "a certificate of %d bytes is not kept", len(large.Raw))
}

// TestParseTakesKnownCertificates: a signature whose certificate is known is
// read as before.
func TestParseTakesKnownCertificates(t *testing.T) {
	c := certificates(t, 1, nil)[0]
	Remember([]*x509.Certificate{c})
	h, code := readHeader(c.Raw)
	require.Empty(t, code)
	e := newEntry(h, bytes.Clone(c.Raw))
	got, err := e.parse()
	require.NoError(t, err)
	want, ok := known.Get(c.Raw)
	require.True(t, ok)
	require.Same(t, want, got)
}
