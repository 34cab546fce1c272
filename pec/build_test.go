package pec_test

import (
	"bytes"
	"crypto/x509"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/trust"
)

// outsideStore trusts the authority of testsign's circle and nothing else.
var outsideStore = sync.OnceValue(func() *trust.Store {
	root, err := x509.ParseCertificate(testsign.NewCircle().Root.DER)
	if err != nil {
		panic(err)
	}
	store, err := trust.NewStore(false, root)
	if err != nil {
		panic(err)
	}
	return store
})

// outsideOptions are those under which a message of testsign is certified: its
// authority, one hour after it was written.
func outsideOptions() *pec.VerifyOptions {
	return &pec.VerifyOptions{
		Trust: outsideStore(),
		Clock: func() time.Time { return testsign.Instant.Add(time.Hour) },
	}
}

// outsideRead reads a mail that must be readable.
func outsideRead(t testing.TB, mail []byte) *pec.Message {
	t.Helper()
	m, err := pec.Read(bytes.NewReader(mail), int64(len(mail)))
	require.NoError(t, err)
	return m
}

// outsideVerify verifies a mail for which there must be a report, and holds
// the report against the error that came with it.
func outsideVerify(t testing.TB, mail []byte) *pec.Report {
	t.Helper()
	r, err := pec.Verify(outsideRead(t, mail), outsideOptions())
	require.NotNil(t, r, "%v", err)
	outsideConsistent(t, r, err)
	return r
}

// outsideConsistent holds what must be true of every report: the error is nil
// if, and only if, the message is certified; each check is there once, in
// order; certified means that nothing failed; what is not certified proves
// nothing.
func outsideConsistent(t testing.TB, r *pec.Report, err error) {
	t.Helper()
	if r.Certified {
		require.NoError(t, err)
	} else {
		var not *pec.NotCertifiedError
		require.ErrorAs(t, err, &not)
		require.Same(t, r, not.Report)
	}
	outsideLayerConsistent(t, r)
}

func outsideLayerConsistent(t testing.TB, r *pec.Report) {
	t.Helper()
	require.Len(t, r.Checks(), len(pec.Checks()))
	for i, c := range pec.Checks() {
		require.Equal(t, c.ID, r.Checks()[i].ID)
		require.Equal(t, c.Clause, r.Checks()[i].Clause)
		require.NotEmpty(t, r.Checks()[i].Detail(pec.English), c.ID)
		require.NotEmpty(t, r.Checks()[i].Detail(pec.Italian), c.ID)
	}
	switch {
	case r.Certified:
		require.Equal(t, pec.TotalPassed, r.Verdict)
		require.Empty(t, r.Failures())
		require.NotNil(t, r.Data)
		require.True(t, r.Kind.Certifies())
		require.NotEqual(t, pec.ProvesNothing, r.Proves)
	case r.Verdict == pec.TotalPassed:
		require.Empty(t, r.Failures())
		require.False(t, r.Kind.Certifies())
		fallthrough
	default:
		require.Equal(t, pec.ProvesNothing, r.Proves)
	}
	for _, inner := range r.Layers {
		outsideLayerConsistent(t, inner)
	}
}

// outsideCase is one departure of a good message and what it costs.
type outsideCase struct {
	reason    string
	mail      testsign.Message
	id        pec.CheckID // "" if only certified is of interest
	status    pec.Status
	certified bool
	says      string // in the English detail
}

// outsideRun runs cases. A case that is not certified must be so for the check
// it names and for no other, or it would not show what it says.
func outsideRun(t *testing.T, cases []outsideCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			r := outsideVerify(t, c.mail.Bytes())
			if c.id != "" {
				got := r.Check(c.id)
				require.Equal(t, c.status, got.Status, "%s: %s", c.id, got.Detail(pec.English))
				require.Contains(t, got.Detail(pec.English), c.says)
			}
			require.Equal(t, c.certified, r.Certified, "%v", outsideFailed(r))
			if c.certified {
				return
			}
			require.Equal(t, []pec.CheckID{c.id}, outsideFailed(r))
			require.Equal(t, pec.Indeterminate, r.Verdict)
			require.Equal(t, pec.SigConstraintsFailure, r.SubIndication)
		})
	}
}

// outsideFailed lists the failed checks.
func outsideFailed(r *pec.Report) []pec.CheckID {
	var ids []pec.CheckID
	for _, c := range r.Failures() {
		ids = append(ids, c.ID)
	}
	return ids
}

// outsideWarned lists the checks that warn.
func outsideWarned(r *pec.Report) []pec.CheckID {
	var ids []pec.CheckID
	for _, c := range r.Warnings() {
		ids = append(ids, c.ID)
	}
	return ids
}

// outsideSet is a message with one header field replaced.
func outsideSet(kind daticert.Type, name, value string) testsign.Message {
	return testsign.Message{Kind: kind, Set: []testsign.Field{{Name: name, Value: value}}}
}

// outsideWithout is a message without the fields of a name.
func outsideWithout(kind daticert.Type, name string) testsign.Message {
	return testsign.Message{Kind: kind, Remove: []string{name}}
}

// outsideAdd is a message with one more header field at the end.
func outsideAdd(kind daticert.Type, name, value string) testsign.Message {
	return testsign.Message{Kind: kind, After: []testsign.Field{{Name: name, Value: value}}}
}

// outsideXML is a message whose signed daticert.xml has one string in place of
// another.
func outsideXML(kind daticert.Type, old, new string) testsign.Message {
	return testsign.Message{Kind: kind, EditXML: func(xml []byte) []byte {
		if !bytes.Contains(xml, []byte(old)) {
			panic("not in daticert.xml: " + old)
		}
		return bytes.Replace(xml, []byte(old), []byte(new), 1)
	}}
}

// outsideKinds are the eight kinds that certify.
var outsideKinds = []daticert.Type{
	daticert.TypeTransport, daticert.TypeAcceptance, daticert.TypeNonAcceptance, daticert.TypeTakingInCharge,
	daticert.TypeDelivery, daticert.TypeDeliveryError, daticert.TypeTimeout, daticert.TypeVirusDetection,
}

// The good message of each kind is certified, or no case below shows anything.
func TestOutsideGoodMessages(t *testing.T) {
	t.Parallel()
	for _, kind := range outsideKinds {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			r := outsideVerify(t, testsign.Message{Kind: kind}.Bytes())
			require.True(t, r.Certified, "%v", outsideFailed(r))
			require.Equal(t, pec.Kind(kind), r.Kind)
			for _, c := range r.Warnings() {
				// A notice has no Reply-To of its own; the table of what lies
				// outside the signature asks for it all the same.
				require.Equal(t, pec.CheckReplyTo, c.ID, c.Detail(pec.English))
				require.NotEqual(t, daticert.TypeTransport, kind)
			}
		})
	}
	r := outsideVerify(t, testsign.Message{Kind: testsign.Anomaly}.Bytes())
	require.Equal(t, pec.KindAnomaly, r.Kind)
	require.Equal(t, pec.TotalPassed, r.Verdict)
	require.False(t, r.Certified, "an anomaly envelope certifies nothing")
	require.False(t, strings.Contains(r.Outcome(pec.English), "authentic:"))
}
