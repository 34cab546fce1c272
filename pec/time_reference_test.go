package pec_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
)

// verdictUncertified is signed mail without certification data, so that no
// time is certified.
func verdictUncertified(by *testsign.Identity) testsign.Message {
	m := verdictAcceptance(by)
	m.NoXML, m.Remove = true, []string{"X-Ricevuta", "X-Riferimento-Message-ID"}
	return m
}

// Which time a signer is judged at, and on whose word.
func TestTimeSources(t *testing.T) {
	t.Parallel()
	with := func(m testsign.Message, change func(*testsign.Message)) testsign.Message {
		change(&m)
		return m
	}
	noSigningTime := func(m *testsign.Message) { m.CMS = verdictOmit(testsign.OIDSigningTime) }
	given := testsign.Instant.Add(30 * time.Minute)
	signing := testsign.Instant.Add(7 * time.Minute)
	for _, c := range []struct {
		name, reason string
		message      testsign.Message
		options      func(*pec.VerifyOptions)
		source       pec.TimeSource
		at           time.Time
		poe          pec.ProofOfExistence
		certified    bool
		untrusted    bool // the report warns of it
	}{
		{name: "daticert", reason: "the signed data state it", message: verdictAcceptance(nil), source: pec.FromDaticert, at: testsign.Instant, poe: pec.POENone, certified: true},
		{
			name: "daticert before signing time and Date", reason: "what the provider certifies, not what clocks said",
			message: with(verdictAcceptance(nil), func(m *testsign.Message) {
				m.CMS.Signer.Time = signing
				m.Set = []testsign.Field{{Name: "Date", Value: "Tue, 10 Mar 2026 23:59:00 +0100"}}
			}), source: pec.FromDaticert, at: testsign.Instant, poe: pec.POENone, certified: true,
		},
		{name: "given", reason: "the caller's time comes first", message: verdictAcceptance(nil), options: verdictAt(given), source: pec.FromCaller, at: given, poe: pec.POEGiven, certified: true},
		{name: "now", reason: "the caller asked for it", message: verdictAcceptance(nil), options: verdictAtNow(verdictNow), source: pec.FromClock, at: verdictNow, poe: pec.POENone, certified: true},
		{
			name: "signing time", reason: "the signer's word, when nothing is certified",
			message: with(verdictUncertified(nil), func(m *testsign.Message) { m.CMS.Signer.Time = signing }),
			source:  pec.FromSigningTime, at: signing, poe: pec.POENone, untrusted: true,
		},
		{name: "header", reason: "the sender's word, when there is no signing time", message: with(verdictUncertified(nil), noSigningTime), source: pec.FromHeader, at: testsign.Instant, poe: pec.POENone, untrusted: true},
		{
			name: "no time at all", reason: "then it is judged now",
			message: with(verdictUncertified(nil), func(m *testsign.Message) { noSigningTime(m); m.Remove = append(m.Remove, "Date") }),
			source:  pec.FromClock, at: verdictNow, poe: pec.POENone, untrusted: true,
		},
		{name: "given, nothing certified", reason: "the caller's time comes first", message: verdictUncertified(nil), options: verdictAt(given), source: pec.FromCaller, at: given, poe: pec.POEGiven},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := verdictOptions()
			if c.options != nil {
				c.options(&o)
			}
			r := verdictOf(t, c.message.Bytes(), o)
			require.Equal(t, c.source, r.ReferenceTime.Source, c.reason)
			require.True(t, c.at.Equal(r.ReferenceTime.Time), "%s: %s", c.reason, r.ReferenceTime.Time)
			require.Equal(t, c.poe, r.ProofOfExistence, c.reason)
			require.Equal(t, c.certified, r.Certified, "%s: %+v", c.reason, r.Failures())
			require.Equal(t, pec.TotalPassed, r.Verdict)
			want := pec.Pass
			if c.untrusted {
				want = pec.Warn
			}
			require.Equal(t, want, r.Check(pec.CheckReference).Status, c.reason)
			if r.Certified {
				_, offset := r.ReferenceTime.Time.Zone()
				require.Equal(t, 3600, offset, "shown in the offset of daticert")
			}
		})
	}
}

// The certified time against the present, the time that the caller gives, and
// the signer's clock: each bound just inside and just outside.
func TestTimeBounds(t *testing.T) {
	t.Parallel()
	clock := func(d time.Duration) func(*pec.VerifyOptions) {
		return func(o *pec.VerifyOptions) { o.Clock = verdictClock(testsign.Instant.Add(d)) }
	}
	given := func(d time.Duration) func(*pec.VerifyOptions) { return verdictAt(testsign.Instant.Add(d)) }
	signed := func(d time.Duration) testsign.Message {
		m := verdictAcceptance(nil)
		m.CMS.Signer.Time = testsign.Instant.Add(d)
		return m
	}
	good := verdictAcceptance(nil)
	failed := func(name, reason string, m testsign.Message, o func(*pec.VerifyOptions), id pec.CheckID) verdictCase {
		return verdictCase{name: name, reason: reason, message: m, options: o, verdict: pec.Indeterminate, sub: pec.SigConstraintsFailure, failed: verdictIDs(id)}
	}
	passed := func(name, reason string, m testsign.Message, o func(*pec.VerifyOptions), warned ...pec.CheckID) verdictCase {
		return verdictCase{name: name, reason: reason, message: m, options: o, verdict: pec.TotalPassed, proves: pec.ProvesAccepted, warned: warned}
	}
	verdictRun(t, []verdictCase{
		passed("59 minutes ahead", "clocks differ", good, clock(-59*time.Minute)),
		passed("an hour ahead", "the bound itself is inside", good, clock(-time.Hour)),
		failed("an hour and a second ahead", "no clock is that wrong", good, clock(-time.Hour-time.Second), pec.CheckFuture),
		failed("a year ahead, given time too", "a given time does not make the future happen", good, func(o *pec.VerifyOptions) {
			o.At, o.Clock = testsign.Instant, verdictClock(testsign.Instant.Add(-300*24*time.Hour))
		}, pec.CheckFuture),
		passed("given the certified time itself", "not earlier", good, given(0)),
		failed("given a second earlier", "the message cannot have existed then", good, given(-time.Second), pec.CheckGiven),
		failed("given a month earlier", "the message cannot have existed then", good, given(-30*24*time.Hour), pec.CheckGiven),
		passed("given in another zone", "instants are compared, not their digits", good, func(o *pec.VerifyOptions) { o.At = testsign.Instant.UTC() }),
		passed("signed 9 minutes after", "within ten minutes", signed(9*time.Minute), nil),
		passed("signed 9 minutes before", "within ten minutes", signed(-9*time.Minute), nil),
		passed("signed 11 minutes after", "strange, and no more: the attribute is not evidence", signed(11*time.Minute), nil, pec.CheckSigning),
		passed("signed 11 minutes before", "strange, and no more: the attribute is not evidence", signed(-11*time.Minute), nil, pec.CheckSigning),
		passed("signed a year ahead", "the certified time is the one that counts", signed(verdictYear), nil, pec.CheckSigning),
	})
	for _, d := range []time.Duration{9 * time.Minute, -9 * time.Minute, 10 * time.Minute} {
		r := verdictOf(t, signed(d).Bytes(), verdictOptions())
		require.Equal(t, pec.Pass, r.Check(pec.CheckSigning).Status, "within ten minutes")
	}
}

// A certificate that has expired since: a warning that says what the time
// rests on, and nothing if the caller vouches for a time.
func TestTimeExpiredSince(t *testing.T) {
	t.Parallel()
	later := verdictNow.Add(3 * verdictYear)
	by := func(o *pec.VerifyOptions) { o.Clock = verdictClock(later) }
	r := verdictCase{
		name: "expired since", reason: "valid at the time it certifies", message: verdictAcceptance(nil), options: by,
		verdict: pec.TotalPassed, proves: pec.ProvesAccepted, warned: verdictIDs(pec.CheckPOE),
	}.run(t)
	require.Equal(t, pec.POENone, r.ProofOfExistence)

	r = verdictCase{
		name: "given", reason: "the caller vouches for it", message: verdictAcceptance(nil),
		options: func(o *pec.VerifyOptions) { by(o); o.At = testsign.Instant.Add(time.Minute) },
		verdict: pec.TotalPassed, proves: pec.ProvesAccepted,
	}.run(t)
	require.Equal(t, pec.Pass, r.Check(pec.CheckPOE).Status)

	verdictCase{
		name: "strict", reason: "wants a proof of existence", message: verdictAcceptance(nil),
		options: func(o *pec.VerifyOptions) { by(o); o.Policy = pec.PolicyStrict },
		verdict: pec.Indeterminate, sub: pec.OutOfBoundsNoPOE, failed: verdictIDs(pec.CheckRevocation, pec.CheckPOE),
	}.run(t)

	verdictCase{
		name: "strict, given", reason: "the proof is given, revocation data are not", message: verdictAcceptance(nil),
		options: func(o *pec.VerifyOptions) {
			by(o)
			o.Policy, o.At = pec.PolicyStrict, testsign.Instant.Add(time.Minute)
		},
		verdict: pec.Indeterminate, sub: pec.TryLater, failed: verdictIDs(pec.CheckRevocation),
	}.run(t)

	verdictCase{
		name: "last second", reason: "both dates belong to the validity", message: verdictAcceptance(verdictValid(-verdictYear, 0, testsign.Certificate{})),
		verdict: pec.TotalPassed, proves: pec.ProvesAccepted, warned: verdictIDs(pec.CheckPOE),
	}.run(t)
	verdictCase{
		name: "first second", reason: "both dates belong to the validity", message: verdictAcceptance(verdictValid(0, verdictYear, testsign.Certificate{})),
		verdict: pec.TotalPassed, proves: pec.ProvesAccepted,
	}.run(t)
}

// A message without a certified time never passes if the certificate is not
// valid now: whoever has an expired key can write any time into the rest.
func TestTimeNothingCertified(t *testing.T) {
	t.Parallel()
	noSigningTime := func(m *testsign.Message) { m.CMS = verdictOmit(testsign.OIDSigningTime) }
	lapsed, coming := verdictNow.Add(3*verdictYear), testsign.Instant.AddDate(-1, 0, -1)
	expired := verdictValid(-verdictYear, -time.Hour, testsign.Certificate{})
	for _, c := range []struct {
		name, reason string
		by           *testsign.Identity
		change       func(*testsign.Message)
		now          time.Time
	}{
		{"signing time inside, expired now", "the holder of an expired key sets any signing time", nil, func(*testsign.Message) {}, lapsed},
		{"signing time inside, not valid yet", "the clock says that the certificate does not exist", nil, func(*testsign.Message) {}, coming},
		{"Date inside, expired now", "anybody writes Date", nil, noSigningTime, lapsed},
		{"Date inside, not valid yet", "anybody writes Date", nil, noSigningTime, coming},
		{"no time, expired now", "judged now", nil, func(m *testsign.Message) { noSigningTime(m); m.Remove = append(m.Remove, "Date") }, lapsed},
		{"signing time back-dated", "johnny's old trick", expired, func(m *testsign.Message) { m.CMS.Signer.Time = testsign.Instant.Add(-24 * time.Hour) }, verdictNow},
		{"signing time outside", "not even the stated time is inside", expired, func(*testsign.Message) {}, verdictNow},
		{"Date back-dated", "anybody writes Date", expired, func(m *testsign.Message) {
			noSigningTime(m)
			m.Set = []testsign.Field{{Name: "Date", Value: "Mon, 09 Mar 2026 10:00:00 +0100"}}
		}, verdictNow},
	} {
		for kind, base := range map[string]testsign.Message{
			"signed mail": verdictUncertified(c.by), "anomaly envelope": {Kind: testsign.Anomaly, By: c.by},
			"daticert that cannot be read": func() testsign.Message {
				m := verdictAcceptance(c.by)
				m.XML = []byte("<postacert")
				return m
			}(),
		} {
			t.Run(c.name+", "+kind, func(t *testing.T) {
				t.Parallel()
				c.change(&base)
				o := verdictOptions()
				o.Clock = verdictClock(c.now)
				r := verdictOf(t, base.Bytes(), o)
				require.NotEqual(t, pec.TotalPassed, r.Verdict, c.reason)
				require.Equal(t, pec.OutOfBoundsNoPOE, r.SubIndication, "%s: %+v", c.reason, r.Failures())
				require.Equal(t, pec.Fail, r.Check(pec.CheckValidity).Status, c.reason)
				require.NotEqual(t, pec.FromDaticert, r.ReferenceTime.Source)
			})
		}
	}
}

// A certified time that cannot be read is no time: it fails, and the untrusted
// ones do not take its place.
func TestTimeUnreadable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, reason string
		date         daticert.Date
	}{
		{"31 February", "no such day", daticert.Date{Day: "31/02/2026", Hour: "10:15:30", Zone: "+0100"}},
		{"25 o'clock", "no such hour", daticert.Date{Day: "10/03/2026", Hour: "25:15:30", Zone: "+0100"}},
		{"words", "no time", daticert.Date{Day: "ieri", Hour: "presto", Zone: "+0100"}},
		{"zone of three digits", "an hour more or less decides", daticert.Date{Day: "10/03/2026", Hour: "10:15:30", Zone: "+100"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := verdictAcceptance(nil)
			m.Data.Date = c.date
			r := verdictOf(t, m.Bytes(), verdictOptions())
			require.Equal(t, pec.SigConstraintsFailure, r.SubIndication, "%s: %+v", c.reason, r.Failures())
			require.Equal(t, pec.Fail, r.Check(pec.CheckSyntax).Status)
			require.NotEqual(t, pec.FromDaticert, r.ReferenceTime.Source)
		})
	}
}
