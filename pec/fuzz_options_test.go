package pec_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/pectest"
	"github.com/gopec/gopec/trust/directory"
	"github.com/gopec/gopec/trust/revocation"
	"github.com/gopec/gopec/trust/timestamp"
)

// fuzzFlags is what a fuzz input says of the options, a few bits for each.
type fuzzFlags uint32

func (f fuzzFlags) bits(from, n int) int { return int(f>>from) & (1<<n - 1) }

// What the bits stand for. Zero leaves everything as it is.
const (
	flagPolicy     = 0  // 2 bits
	flagTime       = 2  // 3 bits
	flagOpinion    = 5  // 1 bit
	flagDirectory  = 6  // 5 bits
	flagRevocation = 11 // 2 bits
	flagStamps     = 13 // 4 bits
	flagBare       = 17 // 1 bit: no trust and no clock of the caller's own
)

// fuzzEvidence is made once in a process, when it is first used.
type fuzzEvidence struct {
	cases       []directoryCase
	directories map[int]*directory.Directory
	revocations map[int]*revocation.Data
	authority   *pectest.TimestampAuthority
}

// expired is an authority of time-stamps whose certificates end in 2027.
func (e *fuzzEvidence) expired() *pectest.TimestampAuthority {
	if e.authority == nil {
		e.authority = newStampAuthority(2026, 2027)
	}
	return e.authority
}

// directory makes the index of one of the test cases.
func (e *fuzzEvidence) directory(t testing.TB, n int) *directory.Directory {
	if e.cases == nil {
		e.cases, e.directories = directoryCases(), map[int]*directory.Directory{}
	}
	n %= len(e.cases)
	if e.directories[n] == nil {
		e.directories[n] = e.cases[n].index.read(t)
	}
	return e.directories[n]
}

// revocation gives lists of the authority on which nobody is, both signers are
// since before the certified time, or since after it.
func (e *fuzzEvidence) revocation(t testing.TB, n int) *revocation.Data {
	if e.revocations == nil {
		e.revocations = map[int]*revocation.Data{}
	}
	if e.revocations[n] == nil {
		c := testsign.NewCircle()
		list := revList(9)
		if n > 1 {
			for _, by := range []*testsign.Identity{c.One, c.Two} {
				list.Revoked = append(list.Revoked, testsign.Revoked{Certificate: by, Time: in([]float64{-1, 8}[n-2]), Reason: superseded})
			}
		}
		e.revocations[n] = revocationData(t, [][]byte{list.SignedBy(c.Root)}, nil)
	}
	return e.revocations[n]
}

// apply changes options as the flags say, and reports whether they contradict
// themselves then.
func (f fuzzFlags) apply(t testing.TB, e *fuzzEvidence, o *pec.VerifyOptions, mail []byte) (contradiction bool) {
	if n := f.bits(flagPolicy, 2); n > 0 {
		o.Policy = []pec.Policy{pec.PolicyStrict, pec.PolicyLegacy, "gopec/strict"}[n-1]
	}
	lapsed := verdictNow.Add(3 * verdictYear)
	switch f.bits(flagTime, 3) {
	case 1:
		o.At = testsign.Instant.Add(time.Minute)
	case 2:
		o.At = testsign.Instant.Add(-time.Second)
	case 3:
		o.At = lapsed
	case 4:
		o.AtNow = true
	case 5:
		o.AtNow, o.At = true, verdictNow
	case 6:
		o.Clock = verdictClock(testsign.Instant.Add(-2 * time.Hour))
	case 7:
		o.Clock = verdictClock(lapsed)
	}
	o.SecondOpinion = f.bits(flagOpinion, 1) == 1
	if n := f.bits(flagDirectory, 5); n > 0 {
		o.Directory = e.directory(t, n-1)
	}
	if n := f.bits(flagRevocation, 2); n > 0 {
		o.Revocation = e.revocation(t, n)
	}
	switch f.bits(flagStamps, 4) {
	case 1:
		*o = stamped(t, *o, mail, testsign.Instant.Add(time.Minute))
	case 2:
		*o = stamped(t, *o, mail, testsign.Instant.AddDate(-1, 0, 0))
	case 3:
		*o = stamped(t, *o, append(mail[:len(mail):len(mail)], 'x'), testsign.Instant.Add(time.Minute))
	case 4:
		*o = stamped(t, *o, mail, testsign.Instant.AddDate(2, 0, 0), testsign.Instant.AddDate(3, 0, 0))
	case 5:
		*o = stamped(t, *o, mail, testsign.Instant)
		o.Timestamps.Anchors = nil
	case 6:
		o.Timestamps = pec.Timestamps{Stamps: make([]*timestamp.Stamp, 1), Anchors: stampAuthority().Anchors()}
	case 7:
		o.Timestamps = pec.Timestamps{Stamps: make([]*timestamp.Stamp, pec.MaxStamps+1), Anchors: stampAuthority().Anchors()}
	case 8: // of an authority that has expired since
		a := e.expired()
		o.Clock = verdictClock(time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC))
		o.Timestamps = pec.Timestamps{Stamps: []*timestamp.Stamp{stampOf(t, a, mail, testsign.Instant.Add(time.Hour))}, Anchors: a.Anchors()}
	}
	if f.bits(flagBare, 1) == 1 {
		o.Trust, o.Clock = nil, nil
	}
	return f.bits(flagPolicy, 2) == 3 || o.AtNow && !o.At.IsZero() || f.bits(flagStamps, 4) > 4 && f.bits(flagStamps, 4) < 8
}

// fuzzVerify verifies a message under the options that the flags make of its own,
// and holds the outcome against what is true of every report.
func fuzzVerify(t *testing.T, e *fuzzEvidence, m *pec.Message, mail []byte, o pec.VerifyOptions, flags fuzzFlags, facts []verdictAuthentic) {
	contradiction := flags.apply(t, e, &o, mail)
	r, err := pec.Verify(m, &o)
	require.Equal(t, contradiction, errors.Is(err, pec.ErrOptions), "%v", err)
	if r == nil {
		require.Error(t, err)
		require.NotErrorAs(t, err, new(*pec.NotCertifiedError))
		return
	}
	verdictContract(t, r, err)
	verdictNothingNew(t, r, facts)
	fuzzReport(t, r)
	if o.Trust == nil {
		require.False(t, r.Certified, "no authority of ours is AgID's")
	}
	// Asking for less never certifies less: evidence and second opinions only take
	// away, unless a stamp lifts what is held against old algorithms.
	if r.Certified && len(o.Timestamps.Stamps) == 0 {
		less := o
		less.SecondOpinion, less.Directory, less.Revocation = false, nil, nil
		if o.Policy == pec.PolicyStrict {
			less.Policy = ""
		}
		other, err := pec.Verify(m, &less)
		require.NoError(t, err)
		require.Equal(t, r.Proves, other.Proves)
	}
}

// fuzzReport requires that what a report says in several ways is the same, that
// it can be shown to people and programs, and that nobody can change it unseen.
func fuzzReport(t *testing.T, r *pec.Report) {
	outsideShown(t, r)
	outsideJSON(t, r)
	plain, err := json.Marshal(r)
	require.NoError(t, err)
	named, err := r.JSON("f", pec.English)
	require.NoError(t, err)
	require.Equal(t, string(named), strings.Replace(string(plain), `"schema":"pecverify/1",`, `"schema":"pecverify/1","file":"f",`, 1))
	require.Len(t, r.Checks(), len(r.Failures())+len(r.Warnings())+countOf(r, pec.Pass)+countOf(r, pec.Skip))
	for i, info := range pec.Checks() {
		require.Equal(t, r.Checks()[i], r.Check(info.ID))
		require.NotEqual(t, info.Title(pec.English), info.Title(pec.Italian), "%s", info.ID)
	}
	require.Zero(t, r.Check("no such check"))
	require.Empty(t, r.Check("no such check").Detail(pec.English))
	require.True(t, r.Verified())
	changed := *r
	changed.Certified = !changed.Certified
	require.False(t, changed.Verified())
	require.NotEqual(t, r.Outcome(pec.English), "")
	if r.Certified {
		require.True(t, strings.HasPrefix(r.Outcome(pec.English), "authentic"), r.Outcome(pec.English))
	} else {
		require.False(t, strings.HasPrefix(r.Outcome(pec.English), "authentic: "), r.Outcome(pec.English))
	}
	for _, a := range r.Revocation {
		require.Equal(t, a.State == revocation.NotChecked, len(a.Used) == 0)
	}
	for _, in := range r.Layers {
		require.True(t, in.Verified())
	}
}

func countOf(r *pec.Report, s pec.Status) (n int) {
	for _, c := range r.Checks() {
		if c.Status == s {
			n++
		}
	}
	return n
}
