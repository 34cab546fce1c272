package revocation_test

import (
	"crypto/x509"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ocsp"

	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/trust/revocation"
)

// seedLists and seedResponses are real ones of every form, for fuzzing.
func seedLists() [][]byte {
	c := signer()
	full := testsign.Revoked{Certificate: c, Time: day.Add(-time.Hour), Reason: 1, Invalidity: day}
	out := [][]byte{
		goodList(), goodList(full), goodList(full, testsign.Revoked{Serial: []byte{0x81}, Time: day}),
		testsign.List{ThisUpdate: day, Revoked: []testsign.Revoked{{Certificate: c, Time: day, Extra: []testsign.Extension{testsign.CertificateIssuer(root())}}}}.SignedBy(root()),
		testsign.CRLPEM(goodList(full), c),
	}
	for _, e := range []testsign.Extension{
		testsign.DeltaList(3), testsign.ExpiredOnList(day),
		testsign.IssuingPoint{URL: "http://ca.example.it", Users: true, SomeReasons: true, Indirect: true}.Extension(),
		testsign.IssuingPoint{RelativeNamed: true, Authorities: true, Attributes: true}.Extension(),
	} {
		out = append(out, testsign.List{ThisUpdate: day, NextUpdate: day.AddDate(30, 0, 0), Extra: []testsign.Extension{e}}.SignedBy(root()))
	}
	return out
}

func seedResponses() [][]byte {
	c := signer()
	var out [][]byte
	for _, s := range []testsign.CertificateStatus{
		{ThisUpdate: day}, {ThisUpdate: day, NextUpdate: day, Status: testsign.CertUnknown},
		{ThisUpdate: day, Status: testsign.CertRevoked, Revoked: day, Reason: 6, Extra: []testsign.Extension{testsign.InvalidityDate(day), testsign.ArchiveCutoff(day)}},
	} {
		s.Certificate = c
		out = append(out, goodResponse(c, func(r *testsign.Response) {
			r.Statuses = []testsign.CertificateStatus{s, {Certificate: c, ThisUpdate: day}}
			r.ByName = s.Status == ""
			r.Certificates = []*testsign.Identity{root()}
			r.Extra = []testsign.Extension{testsign.Nonce([]byte("12345678")), testsign.ExtendedRevoke()}
		}), testsign.Response{ProducedAt: day, Statuses: []testsign.CertificateStatus{s}}.SignedBy(root()))
	}
	return append(out, testsign.Response{Refusal: 3}.SignedBy(root()))
}

func seed(f *testing.F, all [][]byte) {
	f.Helper()
	if len(all) < 7 {
		f.Fatal("the seeds were not made")
	}
	for _, b := range all {
		f.Add(b)
	}
}

// FuzzList: what we read, crypto/x509 reads in the same way where it reads it
// at all: issuer, times, entries. And a list is believed only if its authority
// signed it: never one that fuzzing has changed.
func FuzzList(f *testing.F) {
	seeds := seedLists()
	seed(f, seeds)
	c := signer()
	l := linkOf(f, c)
	f.Fuzz(func(t *testing.T, b []byte) {
		d := new(revocation.Data)
		if err := d.AddCRL("l", b); err != nil {
			require.Zero(t, d.Len())
			e, ok := errors.AsType[*revocation.Error](err)
			require.True(t, ok)
			require.NotEmpty(t, e.Err.Error())
			return
		}
		a := d.Check(l, day, day.AddDate(0, 0, 1))
		require.NotEmpty(t, a.Findings)
		for _, e := range a.Used {
			require.True(t, root().X509().CheckSignature(x509.SHA256WithRSA, signedBytes(t, e.DER), signatureOf(t, e.DER)) == nil, "believed without a signature")
		}
		ours := revocation.ReadList(d)
		theirs, err := x509.ParseRevocationList(ours.DER)
		if err != nil {
			return // it refuses version 1, negative numbers, some extensions
		}
		require.Equal(t, theirs.RawIssuer, ours.Issuer)
		require.True(t, theirs.ThisUpdate.Equal(ours.ThisUpdate))
		require.True(t, theirs.NextUpdate.Equal(ours.NextUpdate))
		require.Len(t, theirs.RevokedCertificateEntries, ours.Entries)
		for _, e := range theirs.RevokedCertificateEntries {
			require.Contains(t, revocation.Find(d, e.SerialNumber), e.RevocationTime.UTC())
		}
	})
}

// FuzzResponse: likewise with x/crypto/ocsp, for the first status.
func FuzzResponse(f *testing.F) {
	seed(f, seedResponses())
	l := linkOf(f, signer())
	f.Fuzz(func(t *testing.T, b []byte) {
		d := new(revocation.Data)
		if err := d.AddOCSP("r", b); err != nil {
			require.Zero(t, d.Len())
			return
		}
		a := d.Check(l, day, day.AddDate(0, 0, 1))
		require.NotEmpty(t, a.Findings)
		ours := revocation.ReadResponse(d)
		for _, e := range a.Used {
			require.Nil(t, e.Signer, "nobody was appointed")
			require.NoError(t, root().X509().CheckSignature(x509.SHA256WithRSA, ours.TBS, ours.Signature), "believed without a signature")
		}
		theirs, err := ocsp.ParseResponseForCert(b, &x509.Certificate{SerialNumber: ours.Serial}, nil)
		if err != nil {
			return // it wants the first certificate to have signed, and SHA
		}
		require.True(t, theirs.ProducedAt.Equal(ours.ProducedAt))
		require.True(t, theirs.ThisUpdate.Equal(ours.ThisUpdate))
		require.True(t, theirs.NextUpdate.Equal(ours.NextUpdate))
		require.True(t, theirs.RevokedAt.Equal(ours.Revoked))
		require.Equal(t, []revocation.Status{revocation.StatusGood, revocation.StatusRevoked, revocation.StatusUnknown}[theirs.Status], ours.Status)
		require.True(t, slices.Equal(theirs.RawResponderName, ours.ResponderName) && slices.Equal(theirs.ResponderKeyHash, ours.ResponderKey))
	})
}
