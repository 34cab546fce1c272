package revocation_test

import (
	"bytes"
	"crypto"
	"encoding/asn1"
	"fmt"
	"math/big"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ocsp"

	"github.com/gopec/gopec/internal/cms"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/trust"
	"github.com/gopec/gopec/trust/revocation"
)

func TestSources(t *testing.T) {
	t.Parallel()
	c := signer(testsign.DistributionPoint("http://ca.example.it/CRL", "ldap://ca.example.it/cn=CRL", "http://ca.example.it/CRL"), testsign.StatusServer("http://ca.example.it/OCSP"))
	lists, responders := revocation.Sources(linkOf(t, c))
	require.Equal(t, []string{"http://ca.example.it/CRL", "ldap://ca.example.it/cn=CRL"}, lists, "each once, whatever the scheme")
	require.Equal(t, []string{"http://ca.example.it/OCSP"}, responders)

	lists, responders = revocation.Sources(linkOf(t, signer()))
	require.Empty(t, lists)
	require.Empty(t, responders)

	var urls []string
	for i := range 9 {
		urls = append(urls, fmt.Sprintf("http://ca.example.it/%d", i))
	}
	lists, _ = revocation.Sources(linkOf(t, signer(testsign.DistributionPoint(urls...))))
	require.Len(t, lists, 8)
}

// The question is what x/crypto/ocsp asks of an issuer's certificate, here
// asked of the issuer's bare key.
func TestRequest(t *testing.T) {
	t.Parallel()
	l := linkOf(t, signer())
	for _, h := range []crypto.Hash{0, crypto.SHA1, crypto.SHA256} {
		der, err := revocation.Request(l, h)
		require.NoError(t, err)
		want, err := ocsp.CreateRequest(l.Certificate, root().X509(), &ocsp.RequestOptions{Hash: h})
		require.NoError(t, err)
		require.Equal(t, want, der)
	}
	_, err := revocation.Request(l, crypto.MD5)
	require.Error(t, err)
	l.IssuerSPKI = nil
	_, err = revocation.Request(l, 0)
	require.Error(t, err)
}

// Every way to name the issuer of a bare key.
func TestBareKey(t *testing.T) {
	t.Parallel()
	for _, h := range []crypto.Hash{crypto.SHA1, crypto.SHA256, crypto.SHA384, crypto.SHA512} {
		d := new(revocation.Data)
		require.NoError(t, d.AddOCSP("r", goodResponse(signer(), func(r *testsign.Response) { r.Statuses[0].Hash = h })))
		require.Equal(t, revocation.Good, check(t, d, signer()).State, h)
	}
	d := new(revocation.Data)
	require.NoError(t, d.AddOCSP("r", goodResponse(signer(), func(r *testsign.Response) { r.Statuses[0].Hash = crypto.SHA224 })))
	require.Equal(t, revocation.CodeForeign, check(t, d, signer()).Findings[0].Code, "a hash that is not computed names nobody")
}

// Old authorities wrote negative serial numbers, and numbers with needless
// octets; list and certificate need not agree on those.
func TestOddSerialNumbers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ certificate, list, other []byte }{
		{[]byte{0x80}, []byte{0xff, 0x80}, []byte{0, 0x80}},
		{[]byte{0, 0, 5}, []byte{5}, []byte{0xff, 5}},
		{[]byte{0x7f}, []byte{0, 0x7f}, []byte{0xff}},
	} {
		c := testsign.Certificate{KeyType: testsign.P256, SerialOctets: tt.certificate}.IssuedBy(root())
		for _, serial := range [][]byte{tt.certificate, tt.list, tt.other} {
			d := new(revocation.Data)
			require.NoError(t, d.AddCRL("l", goodList(testsign.Revoked{Serial: serial, Time: day.Add(-time.Hour)})))
			want := revocation.Revoked
			if &serial[0] == &tt.other[0] {
				want = revocation.Good
			}
			require.Equal(t, want, check(t, d, c).State, "%x in a list, %x in the certificate", serial, tt.certificate)
		}
	}
}

// Nothing to go by is never good.
func TestEmptyData(t *testing.T) {
	t.Parallel()
	for _, d := range []*revocation.Data{nil, {}} {
		require.Zero(t, d.Len())
		a := check(t, d, signer())
		require.Equal(t, revocation.NotChecked, a.State)
		require.Equal(t, revocation.CodeNone, a.Findings[0].Code)
		require.Equal(t, trust.Skip, a.Findings[0].Status)
	}
}

// Keys below 1024 bits and above 8192 are not computed with, whoever says that
// they are the issuer's.
func TestKeysThatAreNotComputedWith(t *testing.T) {
	t.Parallel()
	short := testsign.Certificate{KeyType: testsign.RSA512, Subject: testsign.NewName("Prova", "PEC TEST chiave corta"), ExtKeyUsage: []asn1.ObjectIdentifier{testsign.OIDOCSPSigning}}.IssuedBy(root())
	d := new(revocation.Data)
	r := testsign.Response{ProducedAt: day.Add(time.Hour), Certificates: []*testsign.Identity{short}, Statuses: []testsign.CertificateStatus{{Certificate: signer(), ThisUpdate: day.Add(time.Hour)}}}
	require.NoError(t, d.AddOCSP("r", r.SignedBy(short)))
	require.Equal(t, revocation.CodeSignature, check(t, d, signer()).Findings[0].Code)
}

// One Data serves many verifications at once.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	d := new(revocation.Data)
	require.NoError(t, d.AddCRL("l", goodList(testsign.Revoked{Certificate: signer(), Time: day.Add(-time.Hour)})))
	require.NoError(t, d.AddOCSP("r", goodResponse(signer(), nil)))
	l := linkOf(t, signer())
	var wait sync.WaitGroup
	for range 16 {
		wait.Go(func() {
			if a := d.Check(l, day, day.AddDate(0, 0, 1)); a.State != revocation.Revoked {
				t.Errorf("%s", a.State)
			}
		})
	}
	wait.Wait()
}

// A document remembers under which keys it verifies, and forgets some; a key that
// it forgot is computed with again.
func TestManyKeysAreRemembered(t *testing.T) {
	t.Parallel()
	d := new(revocation.Data)
	require.NoError(t, d.AddCRL("l", goodList()))
	good := linkOf(t, signer())
	for i := range 200 { // more than a document remembers
		other := testsign.Certificate{CA: true, Key: testsign.Key(testsign.Ed25519, fmt.Sprint("remembered ", i)), Subject: root().Subject, Serial: big.NewInt(int64(i + 1))}.SelfSigned()
		c, err := cms.ParseCertificate(other.DER)
		require.NoError(t, err)
		l := good
		l.IssuerKey, l.IssuerSPKI = c.PublicKey, c.RawSubjectPublicKeyInfo
		require.Equal(t, revocation.CodeSignature, d.Check(l, day, day.AddDate(0, 0, 1)).Findings[0].Code)
	}
	require.Equal(t, revocation.Good, d.Check(good, day, day.AddDate(0, 0, 1)).State)
}

// A status names its issuer by name and by key: both have to be the issuer's.
func TestStatusOfAnotherIssuer(t *testing.T) {
	t.Parallel()
	for _, other := range []testsign.Certificate{
		{CA: true, Key: root().Key, Subject: testsign.NewName("Prova", "PEC TEST altro nome, stessa chiave")},
		{CA: true, KeyType: testsign.P256, Subject: root().Subject},
	} {
		d := new(revocation.Data)
		issuer := other.SelfSigned()
		require.NoError(t, d.AddOCSP("r", goodResponse(signer(), func(r *testsign.Response) { r.Statuses[0].Issuer = issuer })))
		require.Equal(t, revocation.CodeForeign, check(t, d, signer()).Findings[0].Code)
	}
}

// RSA-1024 was the size of its time; what it signed could be forged today.
func TestShortKeyIsWeak(t *testing.T) {
	t.Parallel()
	ca := testsign.Certificate{CA: true, KeyType: testsign.RSA1024, Subject: testsign.NewName("Prova", "PEC TEST RSA-1024")}.SelfSigned()
	c := testsign.Certificate{KeyType: testsign.P256}.IssuedBy(ca)
	d := new(revocation.Data)
	require.NoError(t, d.AddCRL("l", testsign.List{ThisUpdate: day.Add(time.Hour)}.SignedBy(ca)))
	a := check(t, d, c)
	require.True(t, a.Weak)
	require.Equal(t, revocation.CodeGoodWeak, a.Findings[0].Code)
}

// A list of users' certificates says nothing about an authority's.
func TestAuthorityOnListOfUsers(t *testing.T) {
	t.Parallel()
	ca := testsign.Certificate{CA: true, KeyType: testsign.P256, Subject: testsign.NewName("Prova", "PEC TEST sotto la radice")}.IssuedBy(root())
	for point, code := range map[testsign.IssuingPoint]string{{Users: true}: revocation.CodeCRLScope, {Authorities: true}: revocation.CodeGoodAfter} {
		d := new(revocation.Data)
		require.NoError(t, d.AddCRL("l", testsign.List{ThisUpdate: day.Add(time.Hour), Extra: []testsign.Extension{point.Extension()}}.SignedBy(root())))
		require.Equal(t, code, check(t, d, ca).Findings[0].Code)
	}
}

// The algorithm beside the signature is not under it; the one inside has to be
// the same.
func TestTwoAlgorithms(t *testing.T) {
	t.Parallel()
	der := goodList()
	i := bytes.LastIndex(der, []byte{0x86, 0xf7, 0x0d, 1, 1, 0x0b})
	require.Positive(t, i)
	der[i+5] = 0x0c
	require.ErrorIs(t, new(revocation.Data).AddCRL("l", der), revocation.ErrMalformed)
}
