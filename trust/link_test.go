package trust_test

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/trust"
)

// Links are what revocation is judged on: each certificate with the key that
// its signature was verified under.
func TestLinks(t *testing.T) {
	t.Parallel()
	root := authority("link root")
	middle := testsign.Certificate{CA: true, Subject: testsign.NewName("Prova", "PEC TEST link middle")}.IssuedBy(root)
	signer := testsign.Certificate{}.IssuedBy(middle)

	r := verify(t, believe(t, root), signer, middle)
	require.Len(t, r.Links, 2)
	leaf, above := r.Links[0], r.Links[1]
	require.Equal(t, signer.DER, leaf.Certificate.Raw)
	require.Equal(t, middle.DER, leaf.IssuerCertificate.Raw)
	require.Equal(t, middle.DER, above.Certificate.Raw)
	require.Equal(t, root.DER, above.IssuerCertificate.Raw)
	for _, l := range r.Links {
		require.Equal(t, l.IssuerCertificate.RawSubjectPublicKeyInfo, l.IssuerSPKI)
		require.True(t, trust.EqualNames(l.IssuerName, l.IssuerCertificate.RawSubject))
		require.NotEmpty(t, l.Issuer)
	}

	require.Empty(t, verify(t, believe(t, authority("another root")), signer, middle).Links, "no path, no links")
	require.False(t, trust.EqualNames(nil, nil), "what cannot be read equals nothing")
	require.Empty(t, trust.NameText([]byte("x")))
}

// The built-in authorities are keys without certificates; the key is written
// as its certificates have it.
func TestLinkOfABareKey(t *testing.T) {
	t.Parallel()
	root := authority("bare root")
	ca := testsign.Certificate{CA: true, Subject: testsign.NewName("Prova", "PEC TEST bare CA")}.IssuedBy(root)
	signer := testsign.Certificate{}.IssuedBy(ca)
	store := trust.StoreOf("bare CA", root.X509(), true, ca.X509())

	r := verify(t, store, signer)
	require.Len(t, r.Links, 1)
	require.Nil(t, r.Links[0].IssuerCertificate)
	require.Equal(t, "bare CA", r.Links[0].Issuer)
	require.Equal(t, sha256.Sum256(ca.X509().RawSubjectPublicKeyInfo), sha256.Sum256(r.Links[0].IssuerSPKI), hex.EncodeToString(r.Links[0].IssuerSPKI))
	key, err := x509.ParsePKIXPublicKey(r.Links[0].IssuerSPKI)
	require.NoError(t, err)
	require.Equal(t, r.Links[0].IssuerKey, key)

	r = verify(t, store, signer, ca)
	require.Equal(t, ca.DER, r.Links[0].IssuerCertificate.Raw, "it came along")
}
