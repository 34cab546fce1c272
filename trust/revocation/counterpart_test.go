package revocation_test

import (
	"crypto/x509"
	"slices"
	"strings"
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

func seed(f *testing.F, all, more [][]byte) {
	f.Helper()
	if len(all) < 7 {
		f.Fatal("the seeds were not made")
	}
	for which := range uint8(12) {
		f.Add(all[0], "cartella/documento", which, int16(which)-2)
	}
	for _, b := range slices.Concat(all, more) {
		for _, which := range []uint8{0, 1, 2, 3, 4} {
			if which == 0 || len(b) < 2000 {
				f.Add(b, "documento", which, int16(0))
			}
		}
		f.Add(b, strings.Repeat("cartella-più-lunga/", 10)+"{evidence}", uint8(128), int16(0))
	}
}

// large makes room for an input beyond a limit; its pages are not touched beyond it.
func large(size int) func(b []byte) (padded []byte, done func()) {
	room := make([]byte, size)
	return func(b []byte) ([]byte, func()) {
		n := copy(room, b)
		return room, func() { clear(room[:n]) }
	}
}

// FuzzList: what we read, crypto/x509 reads in the same way where it reads it
// at all: issuer, times, entries. And a list is believed only if its authority, or
// whom it appointed, signed it: never one that fuzzing has changed.
//
// It is asked about one of several certificates, beside other lists if which has its
// last bit, some days after.
func FuzzList(f *testing.F) {
	seed(f, seedLists(), moreLists())
	all := links(f)
	full := heavy(f, 700)
	others := dataOf(f, "altra", listSigner(x509.KeyUsageCRLSign))
	pad := large(revocation.MaxCRLSize/2*3 + 1)
	f.Fuzz(func(t *testing.T, b []byte, name string, which uint8, days int16) {
		l := all[int(which&127)%len(all)]
		at := day.AddDate(0, 0, int(days))
		now := at.AddDate(0, 0, 1)
		d := new(revocation.Data)
		tooLarge, done := pad(b)
		require.ErrorIs(t, d.AddCRL(name, tooLarge), revocation.ErrCRLSize)
		done()
		if err := d.AddCRL(name, b); err != nil {
			require.Zero(t, d.Len())
			requireRefused(t, err, name)
			return
		}
		ours := revocation.ReadList(d)
		require.Error(t, new(revocation.Data).AddCRL(name, ours.DER[:len(ours.DER)-1]), "cut")
		requireAnswer(t, d, l, name, at, now)
		requireJoined(t, d, full, len(ours.DER), spare(full), l, at, now, func(d *revocation.Data) error { return d.AddCRL(name, b) })
		if which >= 128 {
			beside, err := d.Join(others)
			require.NoError(t, err)
			requireAnswer(t, beside, l, name, at, now)
		}
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
	seed(f, seedResponses(), moreResponses())
	all := links(f)
	full := heavy(f, 700)
	others := dataOf(f, "altra", responder())
	pad := large(revocation.MaxOCSPSize + 1)
	f.Fuzz(func(t *testing.T, b []byte, name string, which uint8, days int16) {
		l := all[int(which&127)%len(all)]
		at := day.AddDate(0, 0, int(days))
		now := at.AddDate(0, 0, 1)
		d := new(revocation.Data)
		tooLarge, done := pad(b)
		require.ErrorIs(t, d.AddOCSP(name, tooLarge), revocation.ErrOCSPSize)
		done()
		if err := d.AddOCSP(name, b); err != nil {
			require.Zero(t, d.Len())
			requireRefused(t, err, name)
			return
		}
		require.Error(t, new(revocation.Data).AddOCSP(name, b[:len(b)-1]), "cut")
		requireAnswer(t, d, l, name, at, now)
		requireJoined(t, d, full, len(b), spare(full), l, at, now, func(d *revocation.Data) error { return d.AddOCSP(name, b) })
		if which >= 128 {
			beside, err := d.Join(others)
			require.NoError(t, err)
			requireAnswer(t, beside, l, name, at, now)
		}
		ours := revocation.ReadResponse(d)
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
