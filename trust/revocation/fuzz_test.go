package revocation_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ocsp"

	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/trust"
	"github.com/gopec/gopec/trust/revocation"
)

// responder and listSigner are whom the authority appoints; shortKeyed is one whose key
// nobody computes with.
func responder(extra ...testsign.Extension) *testsign.Identity {
	return testsign.Certificate{KeyType: testsign.P256, Subject: testsign.NewName("Prova", "PEC TEST risponditore"), ExtKeyUsage: []asn1.ObjectIdentifier{testsign.OIDOCSPSigning}, Extra: extra}.IssuedBy(root())
}

func listSigner(usage x509.KeyUsage) *testsign.Identity {
	return testsign.Certificate{KeyType: testsign.P256, Subject: root().Subject, KeyUsage: usage}.IssuedBy(root())
}

func shortKeyed() *testsign.Identity {
	return testsign.Certificate{KeyType: testsign.RSA512, Subject: testsign.NewName("Prova", "PEC TEST chiave corta"), ExtKeyUsage: []asn1.ObjectIdentifier{testsign.OIDOCSPSigning}}.IssuedBy(root())
}

// asked is a link with whoever can sign for its issuer.
type asked struct {
	trust.Link
	issuers []*x509.Certificate
}

// links are those of which the fuzz targets ask, one by one.
func links(t testing.TB) []asked {
	oldRoot := testsign.Certificate{CA: true, KeyType: testsign.RSA1024, Subject: testsign.NewName("Prova", "PEC TEST RSA-1024")}.SelfSigned()
	ca := testsign.Certificate{CA: true, KeyType: testsign.P256, Subject: testsign.NewName("Prova", "PEC TEST sotto la radice")}.IssuedBy(root())
	odd := testsign.Certificate{KeyType: testsign.P256, SerialOctets: []byte{0x80}}.IssuedBy(root())
	point := signer(testsign.DistributionPoint("http://ca.example.it/CRL", "http://ca.example.it"), testsign.StatusServer("http://ca.example.it/OCSP"))
	var all []asked
	for _, c := range []*testsign.Identity{signer(), ca, odd, point, testsign.Certificate{KeyType: testsign.P256}.IssuedBy(oldRoot)} {
		all = append(all, asked{linkOf(t, c), []*x509.Certificate{c.Issuer.X509()}})
	}
	// The same certificate with an issuer that has a certificate, and with another key.
	withIssuer, otherKey := all[0], all[0]
	withIssuer.IssuerCertificate = root().X509()
	other := testsign.Certificate{CA: true, KeyType: testsign.P256, Subject: root().Subject}.SelfSigned().X509()
	otherKey.IssuerKey, otherKey.IssuerSPKI, otherKey.issuers = other.PublicKey, other.RawSubjectPublicKeyInfo, []*x509.Certificate{other}
	return append(all, withIssuer, otherKey)
}

// moreLists are the lists of the tests, and what breaks them.
func moreLists() [][]byte {
	var out [][]byte
	for _, c := range listForms() {
		out = append(out, c.b)
	}
	list := func(e ...testsign.Extension) []byte {
		return testsign.List{ThisUpdate: day.Add(time.Hour), Extra: e}.SignedBy(root())
	}
	for _, value := range []string{"", "\x05\x00", "\x30\x03\x81\x01", "\x30\x04\x81\x02\x01\x01", "\x30\x02\xa0\x00", "\x30\x05\xa0\x03\xa0\x01\x80"} {
		out = append(out, list(testsign.Extension{OID: testsign.OIDIssuingPoint, Critical: true, Value: []byte(value)}))
	}
	many := make([]testsign.Extension, 32)
	for i := range many {
		many[i] = testsign.Extension{OID: asn1.ObjectIdentifier{1, 2, 3, i}, Critical: i == 0, Value: []byte{5, 0}}
	}
	out = append(out, list(testsign.ExpiredOnList(day), testsign.ExpiredOnList(day)), list(many[1:]...), list(many...), list(many[0]),
		list(testsign.Extension{OID: asn1.ObjectIdentifier{1, 2, 1 << 60}, Critical: true, Value: bytes.Repeat([]byte{1}, 70)}))
	for _, point := range []testsign.IssuingPoint{{Users: true}, {Authorities: true}, {URL: "http://ca.example.it/CRL"}, {URL: "http://altrove.example.it"}, {SomeReasons: true}, {RelativeNamed: true}} {
		out = append(out, list(point.Extension()))
	}
	at := func(r testsign.Revoked, after time.Duration) []byte {
		r.Certificate, r.Time = signer(), day.Add(after)
		return goodList(r)
	}
	for _, r := range []testsign.Revoked{
		{}, {Reason: 1}, {Reason: 1, Invalidity: day.Add(-time.Hour)}, {Reason: 1, Invalidity: day.Add(time.Hour)}, {Reason: 3, Invalidity: day.Add(-time.Hour)},
		{Reason: 6}, {Reason: 8}, {Reason: 99}, {Extra: []testsign.Extension{{OID: testsign.OIDReasonCode, Value: []byte("x")}}},
		{Extra: []testsign.Extension{{OID: asn1.ObjectIdentifier{1, 2, 3}, Critical: true, Value: []byte{5, 0}}}},
	} {
		out = append(out, at(r, time.Hour), at(r, -time.Hour))
	}
	for _, serial := range [][]byte{{0x80}, {0xff, 0x80}, {0, 0x80}, {0, 0, 5}} {
		out = append(out, goodList(testsign.Revoked{Serial: serial, Time: day.Add(-time.Hour)}))
	}
	for _, l := range []testsign.List{
		{ThisUpdate: day.AddDate(0, 0, -9)}, {ThisUpdate: day.AddDate(0, 0, -9), NextUpdate: day.AddDate(0, 0, -8)}, {ThisUpdate: day, NextUpdate: day.Add(-time.Hour)},
		{ThisUpdate: day.AddDate(0, 0, -1), NextUpdate: day.AddDate(0, 1, 0)}, {ThisUpdate: day.AddDate(0, 0, 9)}, {ThisUpdate: day.AddDate(40, 0, 0)},
		{ThisUpdate: day, Hash: crypto.SHA1}, {ThisUpdate: day, PSS: true}, {ThisUpdate: day, Hash: crypto.MD5}, {ThisUpdate: day, WrongSignature: true},
	} {
		out = append(out, l.SignedBy(root()))
	}
	two := goodList()
	i := bytes.LastIndex(two, []byte{0x86, 0xf7, 0x0d, 1, 1, 0x0b})
	two[i+5] = 0x0c
	eight := slices.Repeat([]*testsign.Identity{signer()}, revocation.MaxCertificates)
	out = append(out, two, testsign.CRLPEM(goodList(), eight...), testsign.CRLPEM(goodList(), append(eight, signer())...))
	for _, usage := range []x509.KeyUsage{x509.KeyUsageCRLSign, x509.KeyUsageDigitalSignature} {
		by := listSigner(usage)
		out = append(out, testsign.CRLPEM(testsign.List{ThisUpdate: day.Add(time.Hour)}.SignedBy(by), signer(), by))
	}
	oldRoot := testsign.Certificate{CA: true, KeyType: testsign.RSA1024, Subject: testsign.NewName("Prova", "PEC TEST RSA-1024")}.SelfSigned()
	return append(out, testsign.List{ThisUpdate: day.Add(time.Hour)}.SignedBy(oldRoot))
}

// moreResponses are the responses of the tests, and what breaks them.
func moreResponses() [][]byte {
	var out [][]byte
	for _, c := range responseForms() {
		out = append(out, c.b)
	}
	for _, status := range []int{1, 2, 5, 6, 9} {
		out = append(out, testsign.Response{Refusal: status}.SignedBy(root()))
	}
	with := func(change func(*testsign.Response)) { out = append(out, goodResponse(signer(), change)) }
	twice := []testsign.Extension{testsign.ExpiredOnList(day), testsign.ExpiredOnList(day)}
	critical := []testsign.Extension{{OID: asn1.ObjectIdentifier{1, 2, 3}, Critical: true, Value: []byte{5, 0}}}
	with(func(r *testsign.Response) { r.Extra = twice })
	with(func(r *testsign.Response) { r.Statuses[0].Extra = twice })
	with(func(r *testsign.Response) { r.Extra = critical })
	with(func(r *testsign.Response) { r.Statuses[0].Extra = critical })
	with(func(r *testsign.Response) {
		r.Extra = []testsign.Extension{{OID: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 2}, Value: []byte("nudo")}}
	})
	with(func(r *testsign.Response) { r.WrongSignature = true })
	with(func(r *testsign.Response) { r.Hash = crypto.SHA1 })
	with(func(r *testsign.Response) { r.ProducedAt = day.AddDate(9, 0, 0) })
	for _, n := range []int{revocation.MaxOCSPStatuses, revocation.MaxOCSPStatuses + 1} {
		with(func(r *testsign.Response) { r.Statuses = slices.Repeat(r.Statuses, n) })
	}
	for _, n := range []int{revocation.MaxCertificates, revocation.MaxCertificates + 1} {
		with(func(r *testsign.Response) { r.Certificates = slices.Repeat([]*testsign.Identity{signer()}, n) })
	}
	for _, h := range []crypto.Hash{crypto.SHA1, crypto.SHA224, crypto.SHA256, crypto.SHA384, crypto.SHA512} {
		with(func(r *testsign.Response) { r.Statuses[0].Hash = h })
	}
	for _, reason := range []int{1, 3, 6, 8, 99} {
		for _, after := range []time.Duration{-time.Hour, time.Hour} {
			with(func(r *testsign.Response) {
				s := &r.Statuses[0]
				s.Status, s.Revoked, s.Reason = testsign.CertRevoked, day.Add(after), reason
			})
		}
	}
	with(func(r *testsign.Response) { // a certificate that was never issued
		s := &r.Statuses[0]
		s.Status, s.Revoked, s.Reason = testsign.CertRevoked, time.Unix(0, 0), 6
		r.Extra = []testsign.Extension{testsign.ExtendedRevoke()}
	})
	for _, issuer := range []testsign.Certificate{
		{CA: true, Key: root().Key, Subject: testsign.NewName("Prova", "PEC TEST altro nome, stessa chiave")},
		{CA: true, KeyType: testsign.P256, Subject: root().Subject},
	} {
		with(func(r *testsign.Response) { r.Statuses[0].Issuer = issuer.SelfSigned() })
	}
	stranger := testsign.Certificate{KeyType: testsign.P256, ExtKeyUsage: []asn1.ObjectIdentifier{testsign.OIDOCSPSigning}}.SelfSigned()
	early := testsign.Certificate{KeyType: testsign.P256, NotBefore: day.AddDate(-2, 0, 0), NotAfter: day.AddDate(-1, 0, 0), ExtKeyUsage: []asn1.ObjectIdentifier{testsign.OIDOCSPSigning}}.IssuedBy(root())
	for _, by := range []*testsign.Identity{responder(), responder(testsign.NoCheck()), responder(critical...), signer(), stranger, early, shortKeyed(), root()} {
		r := testsign.Response{ProducedAt: day.Add(time.Hour), Certificates: []*testsign.Identity{signer(), by}, Statuses: []testsign.CertificateStatus{{Certificate: signer(), ThisUpdate: day.Add(time.Hour)}}}
		out = append(out, r.SignedBy(by))
	}
	return out
}

// heavy is a Data with room for so many bytes, far from the limit of items.
func heavy(t testing.TB, room int) *revocation.Data {
	pad := testsign.Extension{OID: asn1.ObjectIdentifier{1, 2, 3}, Value: make([]byte, 1<<20)}
	size := func() int {
		return len(testsign.List{ThisUpdate: day, Extra: []testsign.Extension{pad}}.SignedBy(root()))
	}
	const items = 128
	over := size() - (revocation.MaxTotal-room)/items
	pad.Value = pad.Value[:len(pad.Value)-over]
	require.LessOrEqual(t, size()*items, revocation.MaxTotal-room)
	d := new(revocation.Data)
	require.NoError(t, d.AddCRL("grande", testsign.List{ThisUpdate: day, Extra: []testsign.Extension{pad}}.SignedBy(root())))
	for d.Len() < items {
		var err error
		d, err = d.Join(d)
		require.NoError(t, err)
	}
	return d
}

// spare is what a Data can still take in bytes.
func spare(d *revocation.Data) int {
	return revocation.MaxTotal - d.Len()*len(revocation.ReadList(d).DER)
}

// requireRefused says what is true of every refusal.
func requireRefused(t *testing.T, err error, name string) {
	e, ok := errors.AsType[*revocation.Error](err)
	require.True(t, ok)
	require.Equal(t, name, e.Name)
	require.Equal(t, e.Err, errors.Unwrap(err))
	require.Equal(t, "revocation: "+name+": "+e.Err.Error(), err.Error())
	r, refused := errors.AsType[*revocation.ResponderError](err)
	require.True(t, refused || slices.ContainsFunc([]error{
		revocation.ErrItems, revocation.ErrCRLSize, revocation.ErrCRLEntries, revocation.ErrTotal, revocation.ErrOCSPSize, revocation.ErrOCSPStatuses,
		revocation.ErrCertificates, revocation.ErrMalformed, revocation.ErrPEM,
	}, func(known error) bool { return errors.Is(err, known) }), "%v", err)
	if refused {
		require.NotZero(t, r.Status)
		_, named := map[int]bool{1: true, 2: true, 3: true, 5: true, 6: true}[r.Status]
		require.Equal(t, !named, strings.Contains(err.Error(), fmt.Sprintf("unknown status %d", r.Status)))
	}
}

// requireAnswer says what is true of every answer: its words are those of the codes, it
// is the same twice, and only what somebody signed who may is believed.
func requireAnswer(t *testing.T, d *revocation.Data, l asked, name string, at, now time.Time) {
	a := d.Check(l.Link, at, now)
	require.NotEmpty(t, a.Findings)
	again := d.Check(l.Link, at, now)
	require.Equal(t, a.State, again.State)
	require.Equal(t, a.Findings, again.Findings)
	for _, f := range a.Findings {
		c, ok := revocation.CodeOf(f.Code)
		require.True(t, ok, f.Code)
		require.Len(t, f.Facts, len(c.Facts), f.Code)
		require.Equal(t, c.Expand(c.Sentence, f.Facts), f.Detail)
		_, ok = revocation.CodeOf(f.Detail)
		require.False(t, ok, "a sentence is no code")
		require.True(t, utf8.ValidString(f.Detail) || !utf8.ValidString(name), "%q", f.Detail)
	}
	require.Equal(t, a.State == revocation.NotChecked, len(a.Used) == 0)
	for _, e := range a.Used {
		var tbs, signature []byte
		if e.Kind == revocation.CRL {
			tbs, signature = signedBytes(t, e.DER), signatureOf(t, e.DER)
		} else {
			one := new(revocation.Data)
			require.NoError(t, one.AddOCSP("r", e.DER))
			facts := revocation.ReadResponse(one)
			tbs, signature = facts.TBS, facts.Signature
		}
		by := l.issuers
		if e.Signer != nil {
			require.True(t, signedBy(l.issuers, e.Signer.RawTBSCertificate, e.Signer.Signature), "appointed by somebody else")
			by = []*x509.Certificate{e.Signer}
		}
		require.True(t, signedBy(by, tbs, signature), "believed without a signature")
		require.Equal(t, e.Status == revocation.StatusRevoked, !e.RevokedAt.IsZero() && e.Status != revocation.StatusGood)
		text := e.Reason.String()
		require.Equal(t, strings.HasPrefix(text, "reason "), e.Reason < 0 || e.Reason > 10 || e.Reason == 7, text)
	}
}

// signedBy asks crypto/x509 whether one of some certificates has signed.
func signedBy(all []*x509.Certificate, tbs, signature []byte) bool {
	for _, c := range all {
		for a := x509.MD2WithRSA; a <= x509.PureEd25519; a++ {
			if c.CheckSignature(a, tbs, signature) == nil {
				return true
			}
		}
	}
	return false
}

// requireJoined holds copies and what is joined against the Data with the one document
// of which they are made: the limits are exact, and it stays as it was.
func requireJoined(t *testing.T, d, full *revocation.Data, size, room int, l asked, at, now time.Time, add func(*revocation.Data) error) {
	before := d.Check(l.Link, at, now)
	all := d.Clone()
	for all.Len() < revocation.MaxItems {
		twice, err := all.Join(all)
		if err != nil {
			require.ErrorIs(t, err, revocation.ErrTotal)
			require.Greater(t, 2*all.Len()*size, revocation.MaxTotal)
			break
		}
		require.Equal(t, 2*all.Len(), twice.Len())
		all = twice
	}
	if all.Len() == revocation.MaxItems {
		require.ErrorIs(t, add(all), revocation.ErrItems)
		_, err := all.Join(d)
		require.ErrorIs(t, err, revocation.ErrItems)
	}
	copied := full.Clone()
	joined, err := full.Join(d)
	if size > room {
		require.ErrorIs(t, err, revocation.ErrTotal)
		require.ErrorIs(t, add(copied), revocation.ErrTotal)
		require.Equal(t, full.Len(), copied.Len())
	} else {
		require.NoError(t, err)
		require.NoError(t, add(copied))
		require.Equal(t, joined.Len(), copied.Len())
	}
	var none *revocation.Data
	alone, err := none.Join(d)
	require.NoError(t, err)
	same, err := alone.Join(none)
	require.NoError(t, err)
	require.NoError(t, add(same))
	require.Equal(t, []int{0, 1, 1, 2}, []int{none.Len(), d.Len(), alone.Len(), same.Len()})
	require.Equal(t, before.State, same.Check(l.Link, at, now).State, "the same twice is not more")
	require.Equal(t, before.Findings, d.Check(l.Link, at, now).Findings)
	require.Equal(t, revocation.CodeNone, none.Check(l.Link, at, now).Findings[0].Code)
}

// FuzzRequest: the question about any certificate is the one that x/crypto/ocsp asks,
// and the addresses that it gives are its own, each once.
func FuzzRequest(f *testing.F) {
	var urls []string
	for i := range 9 {
		urls = append(urls, fmt.Sprintf("http://ca.example.it/%d", i), "http://ca.example.it/1")
	}
	for _, c := range []*testsign.Identity{signer(), root(), signer(testsign.DistributionPoint(urls...), testsign.StatusServer("http://ca.example.it/OCSP"))} {
		for _, h := range []uint8{0, uint8(crypto.SHA1), uint8(crypto.SHA256), uint8(crypto.MD5)} {
			f.Add(c.DER, h, root().X509().RawSubjectPublicKeyInfo)
		}
	}
	f.Add(signer().DER, uint8(0), []byte(nil))
	f.Fuzz(func(t *testing.T, der []byte, h uint8, spki []byte) {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return
		}
		l := trust.Link{Certificate: c, IssuerName: c.RawIssuer, IssuerSPKI: spki}
		lists, responders := revocation.Sources(l)
		for i, all := range [][]string{lists, responders} {
			given := [][]string{c.CRLDistributionPoints, c.OCSPServer}[i]
			require.LessOrEqual(t, len(all), 8)
			require.Len(t, slices.Compact(slices.Sorted(slices.Values(all))), len(all))
			require.Subset(t, given, all)
			require.Equal(t, len(given) == 0, len(all) == 0)
		}
		q, err := revocation.Request(l, crypto.Hash(h))
		if err != nil {
			require.Nil(t, q)
			return
		}
		want, err := ocsp.CreateRequest(c, &x509.Certificate{RawSubject: c.RawIssuer, RawSubjectPublicKeyInfo: spki}, &ocsp.RequestOptions{Hash: crypto.Hash(h)})
		if err == nil { // it wants a key that encoding/asn1 can read
			require.Equal(t, want, q)
		}
		read, err := ocsp.ParseRequest(q)
		require.NoError(t, err)
		require.Zero(t, read.SerialNumber.Cmp(c.SerialNumber))
	})
}
