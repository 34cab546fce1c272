package pec_test

import (
	"bytes"
	"crypto"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/pectest"
	"github.com/gopec/gopec/trust/timestamp"
)

// stampAuthority stamps at any time between 2000 and 2060.
var stampAuthority = sync.OnceValue(func() *pectest.TimestampAuthority { return newStampAuthority(2000, 2060) })

// strangeStampAuthority is another one, that stamps nothing here.
var strangeStampAuthority = sync.OnceValue(func() *pectest.TimestampAuthority { return newStampAuthority(2020, 2040) })

func newStampAuthority(from, until int) *pectest.TimestampAuthority {
	a, err := pectest.NewTimestampAuthority(time.Date(from, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(until, 1, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		panic(err)
	}
	return a
}

// stampOf stamps a file at a time.
func stampOf(t testing.TB, a *pectest.TimestampAuthority, file []byte, at time.Time) *timestamp.Stamp {
	t.Helper()
	b, err := a.Stamp(bytes.NewReader(file), at)
	require.NoError(t, err)
	s, err := timestamp.Parse(at.UTC().Format("2006-01-02")+".tsr", b)
	require.NoError(t, err)
	return s
}

// stamped gives options a stamp over the file at each of the times.
func stamped(t testing.TB, o pec.VerifyOptions, file []byte, at ...time.Time) pec.VerifyOptions {
	t.Helper()
	o.Timestamps.Anchors = stampAuthority().Anchors()
	for _, one := range at {
		o.Timestamps.Stamps = append(o.Timestamps.Stamps, stampOf(t, stampAuthority(), file, one))
	}
	return o
}

// A genuine message under DigitPA CA1, whose keys and certificates are too old for
// anybody's word: a time-stamp of before 2018-01-15 shows that they were not too old
// when it was there, one of that day or later does not.
func TestGenuineOldMessageWithTimestamp(t *testing.T) {
	t.Parallel()
	dir := counterpart.Reference(t, "corpus", "genuine")
	end := time.Date(2018, 1, 15, 0, 0, 0, 0, time.UTC)
	count := 0
	for _, g := range genuine {
		if !g.old {
			continue
		}
		count++
		t.Run(g.file, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(dir, g.file+".eml")
			file, err := os.ReadFile(path)
			require.NoError(t, err)
			m := read(t, path)
			certified, err := time.Parse(time.RFC3339, g.time)
			require.NoError(t, err)
			verify := func(policy pec.Policy, at ...time.Time) *pec.Report {
				o := stamped(t, pec.VerifyOptions{Clock: clock, Policy: policy}, file, at...)
				r, err := pec.Verify(m, &o)
				verdictContract(t, r, err)
				return r
			}
			expiry := verify("").Signer.NotAfter

			for _, at := range []time.Time{certified.Add(time.Minute), expiry.Add(-pectest.TimestampAccuracy)} {
				r := verify("", at)
				require.True(t, r.Certified, "%s: %+v", at, r.Failures())
				require.Equal(t, g.proves, r.Proves)
				require.Equal(t, pec.POETimestamp, r.ProofOfExistence)
				require.Equal(t, pec.FromTimestamp, r.ReferenceTime.Source)
				require.True(t, r.ReferenceTime.Time.Equal(at.Truncate(time.Second).Add(pectest.TimestampAccuracy)), "its latest time")
				require.Equal(t, pec.Warn, r.Check(pec.CheckOldAlgorithms).Status)
				require.Equal(t, pec.Pass, r.Check(pec.CheckPOE).Status)
				require.Equal(t, pec.Pass, r.Check(pec.CheckTimestamp).Status)
			}
			// After the signer's expiry it says nothing of the signer, but the
			// algorithms were still what they were.
			for _, at := range []time.Time{expiry.Add(time.Second), end.Add(-time.Second - pectest.TimestampAccuracy)} {
				r := verify("", at)
				require.True(t, r.Certified, "%s: %+v", at, r.Failures())
				require.Equal(t, pec.POENone, r.ProofOfExistence)
				require.Equal(t, pec.FromDaticert, r.ReferenceTime.Source)
				require.Subset(t, verdictWarned(r), verdictIDs(pec.CheckOldAlgorithms, pec.CheckPOE, pec.CheckTimestamp))
			}
			for _, at := range []time.Time{end.Add(-pectest.TimestampAccuracy), end, end.AddDate(5, 0, 0)} {
				r := verify("", at)
				require.Equal(t, pec.CryptoConstraintsFailureNoPOE, r.SubIndication, "%s: %+v", at, r.Failures())
				require.Equal(t, verdictIDs(pec.CheckOldAlgorithms), verdictFailed(r))
			}
			r := verify("", end.AddDate(5, 0, 0), certified.Add(time.Hour), end)
			require.True(t, r.Certified, "the earliest helps, whatever the order: %+v", r.Failures())
			require.Equal(t, pec.POETimestamp, r.ProofOfExistence)

			r = verify(pec.PolicyStrict, certified.Add(time.Minute))
			require.Equal(t, pec.TryLater, r.SubIndication)
			require.Equal(t, verdictIDs(pec.CheckRevocation), verdictFailed(r), "what is left is revocation")
			r = verify(pec.PolicyLegacy, end)
			require.True(t, r.Certified)
			require.Contains(t, r.Check(pec.CheckOldAlgorithms).Detail(pec.English), "legacy")
		})
	}
	require.Equal(t, 4, count)
}

// timestampCase is one message with its stamps and all that they decide.
type timestampCase struct {
	name, reason string
	message      testsign.Message
	at           []time.Time // of the stamps
	over         []byte      // what they are over, instead of the message
	options      func(*pec.VerifyOptions)

	failed  []pec.CheckID
	sub     pec.SubIndication
	source  pec.TimeSource
	poe     pec.ProofOfExistence
	status  pec.Status // of time.timestamp
	says    string     // in its detail
	poeSays pec.Status // of time.poe
}

func timestampCases() []timestampCase {
	// A certificate that is about to expire when the message is signed.
	short := verdictValid(-verdictYear, 24*time.Hour, testsign.Certificate{})
	message := verdictAcceptance(short)
	expiry := testsign.Instant.Add(24 * time.Hour)
	later := func(o *pec.VerifyOptions) { o.Clock = verdictClock(expiry.AddDate(0, 6, 0)) }
	strict := func(o *pec.VerifyOptions) { later(o); o.Policy = pec.PolicyStrict }
	both := func(f ...func(*pec.VerifyOptions)) func(*pec.VerifyOptions) {
		return func(o *pec.VerifyOptions) {
			for _, one := range f {
				one(o)
			}
		}
	}
	sha1 := message
	sha1.CMS.Signer.Hash = crypto.SHA1
	inside, outside := testsign.Instant.Add(time.Hour), expiry.Add(time.Hour)
	return []timestampCase{
		{name: "inside the validity", reason: "a proof of existence", message: message, at: []time.Time{inside}, options: later, source: pec.FromTimestamp, poe: pec.POETimestamp, status: pec.Pass, says: "the file existed at", poeSays: pec.Pass},
		{name: "inside, not expired yet", reason: "it is one all the same", message: message, at: []time.Time{inside}, options: func(o *pec.VerifyOptions) { o.Clock = verdictClock(inside.Add(time.Hour)) }, source: pec.FromTimestamp, poe: pec.POETimestamp, status: pec.Pass, poeSays: pec.Pass},
		{name: "last moment", reason: "accuracy included it is the last second of the validity", message: message, at: []time.Time{expiry.Add(-pectest.TimestampAccuracy)}, options: later, source: pec.FromTimestamp, poe: pec.POETimestamp, status: pec.Pass, poeSays: pec.Pass},
		{name: "a second too late", reason: "it can have been made a second after the expiry", message: message, at: []time.Time{expiry.Add(-pectest.TimestampAccuracy + time.Second)}, options: later, source: pec.FromDaticert, poe: pec.POENone, status: pec.Warn, says: "was not valid then", poeSays: pec.Warn},
		{name: "after the expiry", reason: "judged as without it", message: message, at: []time.Time{outside}, options: later, source: pec.FromDaticert, poe: pec.POENone, status: pec.Warn, says: "was not valid then", poeSays: pec.Warn},
		{name: "several", reason: "the earliest counts", message: message, at: []time.Time{outside, inside.Add(time.Hour), inside}, options: later, source: pec.FromTimestamp, poe: pec.POETimestamp, status: pec.Warn, poeSays: pec.Pass},
		{name: "strict, inside", reason: "expired is no obstacle any more, revocation is", message: message, at: []time.Time{inside}, options: strict, failed: verdictIDs(pec.CheckRevocation), sub: pec.TryLater, source: pec.FromTimestamp, poe: pec.POETimestamp, status: pec.Pass, poeSays: pec.Pass},
		{name: "strict, after the expiry", reason: "row 14", message: message, at: []time.Time{outside}, options: strict, failed: verdictIDs(pec.CheckRevocation, pec.CheckPOE), sub: pec.OutOfBoundsNoPOE, source: pec.FromDaticert, poe: pec.POENone, status: pec.Warn, poeSays: pec.Fail},
		{name: "strict, SHA-1", reason: "a proof of existence lifts that too", message: sha1, at: []time.Time{inside}, options: strict, failed: verdictIDs(pec.CheckRevocation), sub: pec.TryLater, source: pec.FromTimestamp, poe: pec.POETimestamp, status: pec.Pass, poeSays: pec.Pass},
		{name: "strict, SHA-1, after the expiry", reason: "no proof of existence", message: sha1, at: []time.Time{outside}, options: strict, failed: verdictIDs(pec.CheckDigestAge, pec.CheckRevocation, pec.CheckPOE), sub: pec.OutOfBoundsNoPOE, source: pec.FromDaticert, poe: pec.POENone, status: pec.Warn, poeSays: pec.Fail},

		{name: "59 minutes before the certified time", reason: "clocks differ; judged at the certified time", message: message, at: []time.Time{testsign.Instant.Add(-59 * time.Minute)}, options: later, source: pec.FromTimestamp, poe: pec.POETimestamp, status: pec.Pass, poeSays: pec.Pass},
		{name: "an hour before the certified time", reason: "the bound itself is inside", message: message, at: []time.Time{testsign.Instant.Add(-time.Hour - pectest.TimestampAccuracy)}, options: later, source: pec.FromTimestamp, poe: pec.POETimestamp, status: pec.Pass, poeSays: pec.Pass},
		{name: "an hour and a second before", reason: "the message certifies a time after it was there", message: message, at: []time.Time{testsign.Instant.Add(-time.Hour - pectest.TimestampAccuracy - time.Second)}, options: later, failed: verdictIDs(pec.CheckTimestamp), sub: pec.SigConstraintsFailure, source: pec.FromDaticert, poe: pec.POENone, status: pec.Fail, says: "certifies a later time", poeSays: pec.Warn},
		{name: "contradicting, and another inside", reason: "a good stamp does not make the contradiction go away", message: message, at: []time.Time{inside, testsign.Instant.Add(-24 * time.Hour)}, options: later, failed: verdictIDs(pec.CheckTimestamp), sub: pec.SigConstraintsFailure, source: pec.FromDaticert, poe: pec.POENone, status: pec.Fail, poeSays: pec.Warn},

		{name: "over another file", reason: "never helps, is told, and fails nothing", message: message, over: []byte("altro"), at: []time.Time{inside}, options: later, source: pec.FromDaticert, poe: pec.POENone, status: pec.Warn, says: "proves nothing: it is a stamp of another file", poeSays: pec.Warn},
		{name: "strict, over another file", reason: "row 14 as without it", message: message, over: []byte("altro"), at: []time.Time{inside}, options: strict, failed: verdictIDs(pec.CheckRevocation, pec.CheckPOE), sub: pec.OutOfBoundsNoPOE, source: pec.FromDaticert, poe: pec.POENone, status: pec.Warn, poeSays: pec.Fail},
		{name: "long before, over another file", reason: "what does not verify contradicts nothing", message: message, over: []byte("altro"), at: []time.Time{testsign.Instant.AddDate(-1, 0, 0)}, options: later, source: pec.FromDaticert, poe: pec.POENone, status: pec.Warn, poeSays: pec.Warn},
		{name: "authority that nobody named", reason: "anybody makes one", message: message, at: []time.Time{inside}, options: both(later, func(o *pec.VerifyOptions) { o.Timestamps.Anchors = strangeStampAuthority().Anchors() }), source: pec.FromDaticert, poe: pec.POENone, status: pec.Warn, says: "proves nothing: the certificate names", poeSays: pec.Warn},
		{name: "another policy", reason: "only that one was asked for", message: message, at: []time.Time{inside}, options: both(later, func(o *pec.VerifyOptions) { o.Timestamps.Policies = []string{"1.2.3"} }), source: pec.FromDaticert, poe: pec.POENone, status: pec.Warn, says: pectest.TimestampPolicy, poeSays: pec.Warn},
		{name: "the policy asked for", reason: "the one it was made under", message: message, at: []time.Time{inside}, options: both(later, func(o *pec.VerifyOptions) { o.Timestamps.Policies = []string{"1.2.3", pectest.TimestampPolicy} }), source: pec.FromTimestamp, poe: pec.POETimestamp, status: pec.Pass, poeSays: pec.Pass},
		{name: "from the future", reason: "no stamp is made tomorrow", message: message, at: []time.Time{expiry.AddDate(0, 6, 0).Add(time.Hour + 3*time.Second)}, options: later, source: pec.FromDaticert, poe: pec.POENone, status: pec.Warn, says: "in the future", poeSays: pec.Warn},

		{name: "with a given time", reason: "the caller's word is asked first", message: message, at: []time.Time{inside}, options: both(later, verdictAt(testsign.Instant.Add(time.Minute))), source: pec.FromCaller, poe: pec.POEGiven, status: pec.Pass, poeSays: pec.Pass},
		{name: "at the present", reason: "the caller wants to know of today", message: message, at: []time.Time{inside}, options: both(later, func(o *pec.VerifyOptions) { o.AtNow = true }), failed: verdictIDs(pec.CheckValidity), sub: pec.OutOfBoundsNoPOE, source: pec.FromClock, poe: pec.POENone, status: pec.Pass, poeSays: pec.Skip},
		{name: "no certified time", reason: "the stamp certifies one", message: verdictUncertified(short), at: []time.Time{inside}, options: later, source: pec.FromTimestamp, poe: pec.POETimestamp, status: pec.Pass, poeSays: pec.Pass},
		{name: "no certified time, after the expiry", reason: "and this one is too late", message: verdictUncertified(short), at: []time.Time{outside}, options: later, failed: verdictIDs(pec.CheckValidity), sub: pec.OutOfBoundsNoPOE, source: pec.FromSigningTime, poe: pec.POENone, status: pec.Warn, poeSays: pec.Skip},
		{name: "certified after the expiry", reason: "a stamp does not make the time right", message: verdictAcceptance(verdictValid(-verdictYear, -time.Minute, testsign.Certificate{})), at: []time.Time{testsign.Instant.Add(-2 * time.Minute)}, options: later, failed: verdictIDs(pec.CheckValidity), sub: pec.Expired, source: pec.FromDaticert, poe: pec.POENone, status: pec.Warn, poeSays: pec.Skip},
		{name: "certified before the validity", reason: "a stamp does not make the time right", message: verdictAcceptance(verdictValid(time.Minute, verdictYear, testsign.Certificate{})), at: []time.Time{testsign.Instant.Add(time.Hour)}, options: func(o *pec.VerifyOptions) { o.Clock = verdictClock(testsign.Instant.Add(2 * time.Hour)) }, failed: verdictIDs(pec.CheckValidity), sub: pec.NotYetValid, source: pec.FromDaticert, poe: pec.POENone, status: pec.Warn, poeSays: pec.Pass},
		{name: "broken signature", reason: "existing is not being authentic", message: func() testsign.Message { m := message; m.CMS.Signer.WrongSignature = true; return m }(), at: []time.Time{inside}, options: later, failed: verdictIDs(pec.CheckValue), sub: pec.SigCryptoFailure, source: pec.FromDaticert, poe: pec.POENone, status: pec.Pass, poeSays: pec.Warn},
	}
}

func TestTimestamps(t *testing.T) {
	t.Parallel()
	for _, c := range timestampCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := verdictOptions()
			file := c.message.Bytes()
			over := file
			if c.over != nil {
				over = c.over
			}
			o = stamped(t, o, over, c.at...)
			c.options(&o)
			r := verdictOf(t, file, o)
			if c.failed == nil {
				c.failed = []pec.CheckID{}
			}
			check := r.Check(pec.CheckTimestamp)
			require.ElementsMatch(t, c.failed, verdictFailed(r), "%s: %s", c.reason, check.Detail(pec.English))
			require.Equal(t, c.sub, r.SubIndication, c.reason)
			require.Equal(t, c.source, r.ReferenceTime.Source, c.reason)
			require.Equal(t, c.poe, r.ProofOfExistence, c.reason)
			require.Equal(t, c.status, check.Status, check.Detail(pec.English))
			require.Contains(t, check.Detail(pec.English), c.says)
			require.NotEqual(t, check.Detail(pec.English), check.Detail(pec.Italian))
			require.Equal(t, c.poeSays, r.Check(pec.CheckPOE).Status, r.Check(pec.CheckPOE).Detail(pec.English))
			if c.source == pec.FromTimestamp && !r.ReferenceTime.Time.IsZero() && r.Data != nil {
				certified, err := r.Data.Time()
				require.NoError(t, err)
				require.False(t, r.ReferenceTime.Time.Before(certified), "never before the certified time")
				_, offset := r.ReferenceTime.Time.Zone()
				require.Equal(t, 3600, offset, "shown in the offset of daticert")
			}
		})
	}
}

// An authority whose certificates have expired since: told under the default policy,
// not relied on under the strict one.
func TestTimestampOfExpiredAuthority(t *testing.T) {
	t.Parallel()
	short := verdictValid(-verdictYear, 24*time.Hour, testsign.Certificate{})
	file := verdictAcceptance(short).Bytes()
	a := newStampAuthority(2026, 2027)
	inside := testsign.Instant.Add(time.Hour)
	o := verdictOptions()
	o.Clock = verdictClock(time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC))
	o.Timestamps = pec.Timestamps{Stamps: []*timestamp.Stamp{stampOf(t, a, file, inside)}, Anchors: a.Anchors()}
	r := verdictOf(t, file, o)
	require.True(t, r.Certified, "%+v", r.Failures())
	require.Equal(t, pec.POETimestamp, r.ProofOfExistence)
	require.Equal(t, pec.Warn, r.Check(pec.CheckTimestamp).Status)
	require.Contains(t, r.Check(pec.CheckTimestamp).Detail(pec.English), "2027-01-01")
	o.Policy = pec.PolicyStrict
	r = verdictOf(t, file, o)
	require.Equal(t, pec.OutOfBoundsNoPOE, r.SubIndication)
	require.Contains(t, r.Check(pec.CheckTimestamp).Detail(pec.English), "strict policy does not rely on it")
}

// Options that cannot be meant.
func TestTimestampOptions(t *testing.T) {
	t.Parallel()
	file := verdictAcceptance(nil).Bytes()
	m := verdictRead(t, file)
	s := stampOf(t, stampAuthority(), file, testsign.Instant)
	many := func(n int) (all []*timestamp.Stamp) {
		for range n {
			all = append(all, s)
		}
		return all
	}
	anchors := stampAuthority().Anchors()
	for _, c := range []struct {
		reason string
		in     pec.Timestamps
		bad    bool
	}{
		{"none", pec.Timestamps{}, false},
		{"anchors without stamps", pec.Timestamps{Anchors: anchors}, false},
		{"stamps without anchors", pec.Timestamps{Stamps: many(1)}, true},
		{"a nil stamp", pec.Timestamps{Stamps: []*timestamp.Stamp{nil}, Anchors: anchors}, true},
		{"as many as may be", pec.Timestamps{Stamps: many(pec.MaxStamps), Anchors: anchors}, false},
		{"one too many", pec.Timestamps{Stamps: many(pec.MaxStamps + 1), Anchors: anchors}, true},
	} {
		o := verdictOptions()
		o.Timestamps = c.in
		r, err := pec.Verify(m, &o)
		if c.bad {
			require.ErrorIs(t, err, pec.ErrOptions, c.reason)
			require.Nil(t, r)
			continue
		}
		require.NoError(t, err, c.reason)
	}
}

// Revocation between the certified time and the stamp: under the default policy the
// message is what it was without the stamp, under the strict one only what was shown
// to exist before the revocation counts.
func TestTimestampAndRevocation(t *testing.T) {
	t.Parallel()
	root := testsign.NewCircle().Root
	by := verdictValid(-verdictYear, 24*time.Hour, testsign.Certificate{})
	file := verdictAcceptance(by).Bytes()
	in := func(hours int) time.Time { return testsign.Instant.Add(time.Duration(hours) * time.Hour) }
	const superseded = 4
	list := root.CRL(1, in(20), in(48), testsign.Revoked{Certificate: by, Time: in(10), Reason: superseded})
	for _, c := range []struct {
		name   string
		policy pec.Policy
		stamps []time.Time
		sub    pec.SubIndication
		status pec.Status
	}{
		{"no stamp", "", nil, "", pec.Warn},
		{"stamp before the revocation", "", []time.Time{in(5)}, "", pec.Warn},
		{"stamp after the revocation", "", []time.Time{in(15)}, "", pec.Warn},
		{"strict, stamp before the revocation", pec.PolicyStrict, []time.Time{in(5)}, "", pec.Warn},
		{"strict, stamp after the revocation", pec.PolicyStrict, []time.Time{in(15)}, pec.Revoked, pec.Fail},
		{"strict, stamps on both sides", pec.PolicyStrict, []time.Time{in(15), in(5)}, "", pec.Warn},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := stamped(t, verdictOptions(), file, c.stamps...)
			o.Policy, o.Clock = c.policy, verdictClock(in(24*30))
			o.Revocation = revocationData(t, [][]byte{list}, nil)
			r := verdictOf(t, file, o)
			require.Equal(t, c.sub, r.SubIndication, "%+v", r.Failures())
			require.Equal(t, c.status, r.Check(pec.CheckRevocation).Status, r.Check(pec.CheckRevocation).Detail(pec.English))
			require.Len(t, r.Timestamps, len(c.stamps))
			if len(c.stamps) > 0 {
				require.Equal(t, pec.FromTimestamp, r.ReferenceTime.Source)
			}
		})
	}
}
