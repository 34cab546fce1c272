package pectest_test

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ocsp"

	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/pectest"
	"github.com/gopec/gopec/trust/revocation"
	"github.com/gopec/gopec/trust/timestamp"
)

// What is odd about evidence, bit by bit.
const (
	evidenceKeeps = 1 << iota
	evidenceDelegated
	evidenceExpired
	evidenceUnmarked
	evidenceForged
	evidenceForeign
	evidenceUnknown
	evidenceSHA256
	evidenceNonce
	revokes      // the certificate
	revokesAgain // for good
	releases     //
	ownRequest   // the request is one about this circuit
	ownSHA256    // with the other hash
)

var reasons = []revocation.Reason{revocation.ReasonUnspecified, revocation.ReasonKeyCompromise, revocation.ReasonSuperseded, revocation.ReasonCertificateHold}

// FuzzRevocation: whatever was revoked and whatever is odd about the evidence, list
// and response say the same of a message, and every request that can be read gets an
// answer about the number it asks for.
func FuzzRevocation(f *testing.F) {
	c, err := pectest.NewCircuit(with(pectest.WithKey(pectest.KeyECDSA))...)
	require.NoError(f, err)
	f.Cleanup(c.Close)
	submit(f, c, letter{to: []string{one}})
	m, r, certificate := c.Mailbox(sender).Last(pec.KindAcceptance), c.Revocations(), c.Provider("alfa.example.it").Certificate()
	var own [2][]byte
	for i, h := range []crypto.Hash{crypto.SHA1, crypto.SHA256} {
		own[i], err = ocsp.CreateRequest(certificate, c.Anchor(), &ocsp.RequestOptions{Hash: h})
		require.NoError(f, err)
		f.Add(own[i], uint16(0), uint8(0), int16(0), int16(0), int16(0))
	}
	for _, s := range []struct {
		flags                   uint16
		reason                  uint8
		revoked, invalid, asked int16
	}{
		{0, 0, 0, 0, 0}, {evidenceDelegated | ownRequest, 0, 0, 0, 0}, {evidenceSHA256 | evidenceNonce, 0, 0, 0, 0}, {evidenceKeeps | ownRequest | ownSHA256, 0, 0, 0, 0},
		{revokes | ownRequest, 0, -1, 0, 0}, {revokes, 2, 1, 0, 0}, {revokes, 1, 1, -1, 0}, {revokes | evidenceKeeps, 1, 2, 1, 0}, {revokes, 3, -1, 0, 0},
		{revokes | releases, 3, -1, 0, 0}, {revokes | revokesAgain | releases, 3, -1, 0, 0}, {revokes | revokesAgain, 1, -1, 0, 0}, {revokes, 0, -1, 0, -48}, {revokes | evidenceForeign | ownRequest, 0, -1, 0, 0},
		{revokes | evidenceForged, 0, -1, 0, 0}, {evidenceDelegated | evidenceExpired, 0, 0, 0, 0}, {evidenceDelegated | evidenceUnmarked, 0, 0, 0, 0},
		{evidenceUnknown | ownRequest, 0, 0, 0, 0}, {revokes, 0, 0, 0, 10_000},
	} {
		f.Add([]byte("x"), s.flags, s.reason, s.revoked, s.invalid, s.asked)
	}
	stranger, err := ocsp.CreateRequest(c.Anchor(), c.Anchor(), nil)
	require.NoError(f, err)
	f.Add(stranger, uint16(0), uint8(0), int16(0), int16(0), int16(0))
	f.Fuzz(func(t *testing.T, request []byte, flags uint16, reason uint8, revoked, invalid, asked int16) {
		is := func(what uint16) bool { return flags&what != 0 }
		hours := func(h int16) time.Time { // 0: not said
			if h == 0 {
				return time.Time{}
			}
			return m.Time.Add(time.Duration(h) * time.Hour)
		}
		r.Forget()
		c.Clock().Rewind(m.Time.Add(30 * time.Hour))
		if is(revokes) {
			r.Revoke(certificate, pectest.Revocation{Time: hours(revoked), InvalidityDate: hours(invalid), Reason: reasons[int(reason)%len(reasons)]})
		}
		if is(revokesAgain) {
			r.Revoke(certificate, pectest.Revocation{Reason: revocation.ReasonKeyCompromise})
		}
		if is(releases) {
			r.Release(certificate)
			c.Clock().Advance(time.Hour)
		}
		o := pectest.EvidenceOptions{At: hours(asked), KeepsExpired: is(evidenceKeeps), Delegated: is(evidenceDelegated), Expired: is(evidenceExpired),
			Unmarked: is(evidenceUnmarked), Forged: is(evidenceForged), Foreign: is(evidenceForeign), Unknown: is(evidenceUnknown), SHA256: is(evidenceSHA256)}
		if is(evidenceNonce) {
			o.Nonce = []byte("12345678")
		}
		list, response := made(t)(r.CRL(o)), made(t)(r.OCSP(certificate, o))
		byList := judge(t, c, m, [][]byte{list}, nil).Revocation[0].State
		byResponse := judge(t, c, m, nil, [][]byte{response}).Revocation[0].State
		if !o.Unknown && !o.Unmarked {
			require.Equal(t, byList, byResponse)
		}
		switch {
		case o.Forged || o.Foreign:
			require.Equal(t, revocation.NotChecked, byList)
			require.Equal(t, revocation.NotChecked, byResponse)
		case !is(revokes | revokesAgain):
			require.Contains(t, []revocation.State{revocation.Good, revocation.NotChecked}, byList)
		}
		d, err := r.Data()
		require.NoError(t, err)
		require.Equal(t, 1, d.Len())

		if is(ownRequest) {
			request = own[0]
			if is(ownSHA256) {
				request = own[1]
			}
		}
		answer, err := r.Answer(request, o)
		q, unread := ocsp.ParseRequest(request)
		require.Equal(t, unread == nil, err == nil)
		if err != nil {
			require.Nil(t, answer)
			return
		}
		issuer := c.Anchor()
		if o.Forged || o.Foreign || o.Expired || asked != 0 {
			issuer = nil
		}
		parsed, err := ocsp.ParseResponse(answer, issuer)
		require.NoError(t, err)
		require.Zero(t, parsed.SerialNumber.Cmp(q.SerialNumber))
		switch known := q.SerialNumber.Cmp(certificate.SerialNumber) == 0; {
		case o.Unknown || !known && is(ownRequest):
			require.Equal(t, ocsp.Unknown, parsed.Status)
		case is(ownRequest) && !is(revokes|revokesAgain):
			require.Equal(t, ocsp.Good, parsed.Status)
		}
	})
}

// query is a TimeStampReq.
type query struct {
	Version int
	Imprint struct {
		Algorithm pkix.AlgorithmIdentifier
		Digest    []byte
	}
	Policy     asn1.ObjectIdentifier `asn1:"optional"`
	Nonce      *big.Int              `asn1:"optional"`
	CertReq    bool                  `asn1:"optional"`
	Extensions asn1.RawValue         `asn1:"optional"`
}

// FuzzTimestamp: the authority answers whatever it is asked, by a stamp over what was
// asked for or by a rejection.
func FuzzTimestamp(f *testing.F) {
	file := []byte("uno")
	from := time.Date(2013, 1, 1, 0, 0, 0, 0, time.UTC)
	const span = 60 * 365 * 24 * 3600
	a, err := pectest.NewTimestampAuthority(from, from.Add(span*time.Second))
	require.NoError(f, err)
	require.NoError(f, a.Certificate().CheckSignatureFrom(a.Root()))
	s256, s384, s512 := sha256.Sum256(file), sha512.Sum384(file), sha512.Sum512(file)
	arc := func(n int) asn1.ObjectIdentifier { return asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, n} }
	policy := asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 1, 2}
	for i, s := range []struct {
		hash   asn1.ObjectIdentifier
		digest []byte
		edit   func(*query)
	}{
		{arc(1), s256[:], func(q *query) { q.CertReq = true }},
		{arc(1), s256[:], func(q *query) { q.Nonce = big.NewInt(123456789) }},
		{arc(2), s384[:], func(q *query) { q.CertReq, q.Nonce = true, big.NewInt(-1) }},
		{arc(3), s512[:], func(q *query) { q.Policy = policy }},
		{arc(1), s256[:], func(q *query) { q.Policy = asn1.ObjectIdentifier{1, 2, 3, 4} }},
		{arc(1), s256[:20], func(*query) {}},
		{asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}, s256[:20], func(*query) {}},
		{arc(1), s256[:], func(q *query) { q.Version = 2 }},
		{arc(1), s256[:], func(q *query) {
			q.Extensions = asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true}
		}},
		{arc(1), s256[:], func(q *query) { q.Extensions = asn1.RawValue{Tag: asn1.TagBoolean, Bytes: []byte{7}} }},
		{arc(1), s256[:], func(q *query) { q.Extensions = asn1.RawValue{Tag: asn1.TagInteger, Bytes: nil} }},
		{arc(1), s256[:], func(q *query) { q.Extensions = asn1.RawValue{FullBytes: []byte{2, 5, 1}} }},
	} {
		q := query{Version: 1}
		q.Imprint.Algorithm, q.Imprint.Digest = pkix.AlgorithmIdentifier{Algorithm: s.hash, Parameters: asn1.NullRawValue}, s.digest
		s.edit(&q)
		request, err := asn1.Marshal(q)
		require.NoError(f, err)
		f.Add(request, file, int64(i)*span/12)
	}
	for _, s := range []string{"", "una marca, per favore", "0\x00", "0\x05\x02\x01\x010\x00"} {
		f.Add([]byte(s), file, int64(0))
	}
	broken := errors.New("broken")
	f.Fuzz(func(t *testing.T, request, file []byte, seconds int64) {
		at := from.Add(time.Duration(uint64(seconds)%(span-1)) * time.Second)
		answer, err := a.Answer(request, at)
		require.NoError(t, err)
		if _, err := timestamp.Parse("reply", answer); err != nil {
			status, ok := errors.AsType[*timestamp.StatusError](err)
			require.True(t, ok, "%v", err)
			require.Len(t, status.Failures, 1)
			require.Contains(t, []string{"badAlg", "badRequest", "badDataFormat", "unacceptedPolicy", "unacceptedExtension"}, status.Failures[0])
			token, err := pectest.Token(answer)
			require.Error(t, err)
			require.Nil(t, token)
		} else {
			digests := [][]byte{nil, nil, nil}
			s256, s384, s512 := sha256.Sum256(file), sha512.Sum384(file), sha512.Sum512(file)
			digests[0], digests[1], digests[2] = s256[:], s384[:], s512[:]
			asked := false
			for _, d := range digests {
				asked = asked || bytes.Contains(request, d)
			}
			require.Equal(t, asked, judged(t, a, answer, file, at).Verified, "a stamp is over what was asked for")
		}
		stamp, err := a.Stamp(bytes.NewReader(file), at)
		require.NoError(t, err)
		result := judged(t, a, stamp, file, at)
		require.True(t, result.Verified)
		require.Equal(t, at.Add(pectest.TimestampAccuracy), result.Latest)
		require.False(t, judged(t, a, stamp, append(bytes.Clone(file), 'x'), at).Verified)
		token, err := pectest.Token(stamp)
		require.NoError(t, err)
		require.True(t, judged(t, a, token, file, at).Verified)
		none, err := a.Stamp(iotest.ErrReader(broken), at)
		require.ErrorIs(t, err, broken)
		require.Nil(t, none)
	})
}
