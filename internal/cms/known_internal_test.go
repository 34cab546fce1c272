package cms

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
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

func TestKnownCertificates(t *testing.T) {
	t.Parallel()
	var k knownCertificates
	c := certificates(t, 1, nil)[0]
	require.Nil(t, k.get(c.Raw), "nothing is known before it was remembered")
	k.add(c)
	got := k.get(bytes.Clone(c.Raw))
	require.NotNil(t, got, "the same bytes elsewhere are the same certificate")
	require.True(t, c.Equal(got))
	require.Same(t, got, k.get(c.Raw), "it is parsed once")
	other := bytes.Clone(c.Raw)
	other[len(other)-1] ^= 1
	require.Nil(t, k.get(other), "one bit makes another certificate")

	changed := *c
	changed.Raw = bytes.Clone(c.Raw)
	k.add(&changed)
	changed.Raw[40] ^= 1
	require.Equal(t, 1, k.size())
	require.Equal(t, c.Raw, k.get(c.Raw).Raw, "what is kept has bytes of its own")
}

// What is kept under some bytes is what parsing them gives, whatever the
// fields of the value given say.
func TestKnownCertificatesAreParsedAgain(t *testing.T) {
	t.Parallel()
	var k knownCertificates
	pair := certificates(t, 2, nil)
	lying := *pair[0]
	lying.Raw = pair[1].Raw
	k.add(&lying)
	require.Equal(t, pair[1].SerialNumber, k.get(pair[1].Raw).SerialNumber)
	lying.Raw = []byte("no certificate")
	k.add(&lying)
	require.Nil(t, k.get(lying.Raw), "a failure is not remembered")
}

func TestKnownCertificatesAreBounded(t *testing.T) {
	t.Parallel()
	var k knownCertificates
	all := certificates(t, 3*maxKnown, nil)
	for i, c := range all {
		k.add(c)
		require.NotNil(t, k.get(all[0].Raw), "what is in use stays, after %d others", i)
		require.LessOrEqual(t, k.size(), 2*maxKnown)
	}
	require.Nil(t, k.get(all[1].Raw), "what is not goes")
}

func TestKnownCertificateTooLarge(t *testing.T) {
	t.Parallel()
	var k knownCertificates
	large := certificates(t, 1, make([]byte, maxKnownSize))[0]
	k.add(large)
	require.Zero(t, k.size(), "a certificate of %d bytes is not kept", len(large.Raw))
}

func TestKnownCertificatesUsedByMany(t *testing.T) {
	t.Parallel()
	var k knownCertificates
	all := certificates(t, 8, nil)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for i := range 400 {
				c := all[i%len(all)]
				k.add(c)
				if got := k.get(c.Raw); got == nil || !got.Equal(c) {
					t.Error("another certificate")
				}
			}
		})
	}
	group.Wait()
	require.Equal(t, len(all), k.size())
}

// TestParseTakesKnownCertificates: a signature whose certificate is known is
// read as before.
func TestParseTakesKnownCertificates(t *testing.T) {
	c := certificates(t, 1, nil)[0]
	Remember([]*x509.Certificate{c})
	f, ok := readCertificateFields(c.Raw)
	require.True(t, ok)
	e := bagEntry{raw: c.Raw, fields: f}
	got, err := e.parse()
	require.NoError(t, err)
	require.Same(t, known.get(c.Raw), got)
}
