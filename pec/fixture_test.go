package pec_test

import (
	"bytes"
	"crypto/x509"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/cms"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/trust"
)

// What the tests on verdicts, trust and time share. Every message is one of
// testsign's, and what each case expects was written from the verdict table.

// verdictNow is an hour after the messages: every default certificate is valid.
var verdictNow = testsign.Instant.Add(time.Hour)

func verdictClock(t time.Time) func() time.Time { return func() time.Time { return t } }

// verdictStore believes the test authority, and remembers what it verified.
var verdictStore = sync.OnceValue(func() *trust.Store {
	s, err := trust.NewStore(false, testsign.NewCircle().Root.X509())
	if err != nil {
		panic(err)
	}
	return s
})

func verdictOptions() pec.VerifyOptions {
	return pec.VerifyOptions{Trust: verdictStore(), Clock: verdictClock(verdictNow)}
}

// verdictBelieve is a store with other anchors.
func verdictBelieve(t testing.TB, anchors ...*testsign.Identity) *trust.Store {
	t.Helper()
	var certificates []*x509.Certificate
	for _, a := range anchors {
		c, err := cms.ParseCertificate(a.DER)
		require.NoError(t, err)
		certificates = append(certificates, c)
	}
	s, err := trust.NewStore(false, certificates...)
	require.NoError(t, err)
	return s
}

// verdictLeaf is a signer of the sender's provider under the test authority,
// different from the usual one in the given fields.
func verdictLeaf(c testsign.Certificate) *testsign.Identity {
	return verdictLeafOf(testsign.NewCircle().Root, c)
}

func verdictLeafOf(authority *testsign.Identity, c testsign.Certificate) *testsign.Identity {
	if c.Subject == nil {
		c.Subject = testsign.NewName("Gestore Uno S.p.A.", "Firmatario di prova - NO LEGAL VALUE")
	}
	if c.KeyType == "" && c.Key == nil {
		c.KeyType = testsign.P256 // made in no time
	}
	return c.IssuedBy(authority)
}

// verdictAcceptance is the message that most cases break in one way: an
// acceptance of the sender's provider, the given one if not nil.
func verdictAcceptance(by *testsign.Identity) testsign.Message {
	return testsign.Message{Kind: daticert.TypeAcceptance, By: by}
}

// verdictRead opens a mail as a caller does who has it in memory.
func verdictRead(t testing.TB, mail []byte) *pec.Message {
	t.Helper()
	m, err := pec.Read(bytes.NewReader(mail), int64(len(mail)))
	require.NoError(t, err)
	return m
}

// verdictOf verifies a mail and asserts what is true of every verification.
func verdictOf(t testing.TB, mail []byte, o pec.VerifyOptions) *pec.Report {
	t.Helper()
	r, err := pec.Verify(verdictRead(t, mail), &o)
	verdictContract(t, r, err)
	return r
}

// verdictContract: the error is nil if and only if the message is certified,
// and every check has an outcome that fits the verdict.
func verdictContract(t testing.TB, r *pec.Report, err error) {
	t.Helper()
	require.NotNil(t, r)
	require.Equal(t, r.Certified, err == nil)
	if err != nil {
		not, ok := errors.AsType[*pec.NotCertifiedError](err)
		require.True(t, ok, "%T", err)
		require.Same(t, r, not.Report)
		require.NotEmpty(t, err.Error())
		require.Equal(t, pec.ProvesNothing, r.Proves)
	}
	require.Len(t, r.Checks(), len(pec.Checks()))
	for i, info := range pec.Checks() {
		c := r.Checks()[i]
		require.Equal(t, info.ID, c.ID)
		require.Equal(t, info.Clause, c.Clause)
		require.Contains(t, []pec.Status{pec.Pass, pec.Warn, pec.Fail, pec.Skip}, c.Status, c.ID)
		require.NotEmpty(t, c.Detail(pec.English), c.ID)
		require.NotEmpty(t, c.Detail(pec.Italian), c.ID)
	}
	if r.Verdict == pec.TotalPassed {
		require.Empty(t, r.Failures())
		require.Empty(t, r.SubIndication)
	} else {
		require.NotEmpty(t, r.Failures())
		require.False(t, r.Certified)
	}
	if r.Certified {
		require.Equal(t, pec.TotalPassed, r.Verdict)
		require.True(t, r.Kind.Certifies())
		require.NotEqual(t, pec.ProvesNothing, r.Proves)
	}
}

// verdictFailed lists the ids of the failed checks, in the order of a report.
func verdictFailed(r *pec.Report) []pec.CheckID {
	ids := []pec.CheckID{}
	for _, c := range r.Failures() {
		ids = append(ids, c.ID)
	}
	return ids
}

func verdictWarned(r *pec.Report) []pec.CheckID {
	ids := []pec.CheckID{}
	for _, c := range r.Warnings() {
		ids = append(ids, c.ID)
	}
	return ids
}

// verdictCase is one message and all that decides about it.
type verdictCase struct {
	name, reason string
	message      testsign.Message
	options      func(*pec.VerifyOptions)

	verdict pec.Verdict
	sub     pec.SubIndication
	failed  []pec.CheckID // all of them
	skipped []pec.CheckID // some that must not look as if they had been made
	warned  []pec.CheckID // some
	proves  pec.Proof     // "" if not certified
}

func (c verdictCase) run(t *testing.T) *pec.Report {
	t.Helper()
	o := verdictOptions()
	if c.options != nil {
		c.options(&o)
	}
	r := verdictOf(t, c.message.Bytes(), o)
	require.Equal(t, c.verdict, r.Verdict, "%s: %+v", c.reason, r.Failures())
	require.Equal(t, c.sub, r.SubIndication, "%s: %+v", c.reason, r.Failures())
	if c.failed == nil {
		c.failed = []pec.CheckID{}
	}
	require.Equal(t, c.failed, verdictFailed(r), c.reason)
	for _, id := range c.skipped {
		require.Equal(t, pec.Skip, r.Check(id).Status, "%s: %s: %s", c.reason, id, r.Check(id).Detail(pec.English))
	}
	require.Subset(t, verdictWarned(r), c.warned, c.reason)
	require.Equal(t, c.proves != "", r.Certified, c.reason)
	if c.proves != "" {
		require.Equal(t, c.proves, r.Proves, c.reason)
	}
	return r
}

func verdictRun(t *testing.T, cases []verdictCase) {
	t.Helper()
	names := map[string]bool{}
	for _, c := range cases {
		require.False(t, names[c.name], "two cases named %q", c.name)
		names[c.name] = true
		require.NotEmpty(t, c.reason, c.name)
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t)
		})
	}
}

func verdictPolicy(p pec.Policy) func(*pec.VerifyOptions) {
	return func(o *pec.VerifyOptions) { o.Policy = p }
}

func verdictAt(at time.Time) func(*pec.VerifyOptions) {
	return func(o *pec.VerifyOptions) { o.At = at }
}

func verdictAtNow(now time.Time) func(*pec.VerifyOptions) {
	return func(o *pec.VerifyOptions) { o.AtNow, o.Clock = true, verdictClock(now) }
}

func verdictIDs(ids ...pec.CheckID) []pec.CheckID { return ids }

// verdictReplace exchanges bytes that must be there.
func verdictReplace(old, new string) func([]byte) []byte {
	return func(b []byte) []byte {
		if !bytes.Contains(b, []byte(old)) {
			panic("the message does not hold " + old)
		}
		return bytes.Replace(b, []byte(old), []byte(new), 1)
	}
}
