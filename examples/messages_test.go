package examples_test

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/trust"
)

// expectation is what is to be said of one example.
type expectation struct {
	kind      pec.Kind
	verdict   pec.Verdict
	sub       pec.SubIndication
	proves    pec.Proof // of a message that is certified; "" for others
	receipt   daticert.ReceiptType
	enclosed  bool   // the original is in it
	violation string // the checks that fail
}

// expected are the examples. The table was written from RFC 6109 and
// docs/verdicts.md, not from what the code says.
var expected = map[string]expectation{
	"accettazione":                     {kind: pec.KindAcceptance, verdict: pec.TotalPassed, proves: pec.ProvesAccepted},
	"non-accettazione":                 {kind: pec.KindNonAcceptance, verdict: pec.TotalPassed, proves: pec.ProvesRefused},
	"posta-certificata":                {kind: pec.KindTransport, verdict: pec.TotalPassed, proves: pec.ProvesSent, receipt: daticert.ReceiptComplete, enclosed: true},
	"presa-in-carico":                  {kind: pec.KindTakingInCharge, verdict: pec.TotalPassed, proves: pec.ProvesTaken},
	"avvenuta-consegna":                {kind: pec.KindDelivery, verdict: pec.TotalPassed, proves: pec.ProvesDelivered, receipt: daticert.ReceiptComplete, enclosed: true},
	"avvenuta-consegna-breve":          {kind: pec.KindDelivery, verdict: pec.TotalPassed, proves: pec.ProvesDelivered, receipt: daticert.ReceiptBrief, enclosed: true},
	"avvenuta-consegna-sintetica":      {kind: pec.KindDelivery, verdict: pec.TotalPassed, proves: pec.ProvesDelivered, receipt: daticert.ReceiptConcise},
	"errore-consegna":                  {kind: pec.KindDeliveryError, verdict: pec.TotalPassed, proves: pec.ProvesNotDelivered},
	"preavviso-errore-consegna":        {kind: pec.KindTimeout, verdict: pec.TotalPassed, proves: pec.ProvesLate},
	"preavviso-errore-consegna-24-ore": {kind: pec.KindTimeout, verdict: pec.TotalPassed, proves: pec.ProvesExpired},
	"rilevazione-virus":                {kind: pec.KindVirusDetection, verdict: pec.TotalPassed, proves: pec.ProvesVirus},
	"anomalia":                         {kind: pec.KindAnomaly, verdict: pec.TotalPassed, enclosed: true},
	"posta-ordinaria":                  {kind: pec.KindOrdinary, violation: "signature.present"},
	"inviata":                          {kind: pec.KindOrdinary, violation: "signature.present"},
	"alterata": {kind: pec.KindDelivery, verdict: pec.TotalFailed, sub: pec.HashFailure,
		receipt: daticert.ReceiptComplete, enclosed: true, violation: "signature.digest"},
	"contraffatta": {kind: pec.KindDelivery, verdict: pec.Indeterminate, sub: pec.NoCertificateChainFound,
		receipt: daticert.ReceiptComplete, enclosed: true, violation: "trust.path"},
}

// TestMessages verifies the examples of the repository.
func TestMessages(t *testing.T) {
	t.Parallel()
	checkMessages(t, "messages")
}

// TestGenerator makes another set: other keys, and so other bytes, of which the
// same is to be said.
func TestGenerator(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	out, err := exec.Command(filepath.Join(programs(t), "messages"), dir).CombinedOutput()
	require.NoError(t, err, "%s", out)
	checkMessages(t, dir)

	for name := range expected {
		committed, err := os.ReadFile(filepath.Join("messages", name+".eml"))
		require.NoError(t, err)
		made, err := os.ReadFile(filepath.Join(dir, name+".eml"))
		require.NoError(t, err)
		if expected[name].kind == pec.KindOrdinary {
			require.Equal(t, string(committed), string(made), "%s: nothing in it depends on a key", name)
		} else {
			require.NotEqual(t, committed, made, "%s: the keys of the committed set are gone", name)
		}
	}
	store := authority(t, dir)
	m := read(t, filepath.Join("messages", "avvenuta-consegna.eml"))
	r, err := pec.Verify(m, &pec.VerifyOptions{Trust: store})
	require.Error(t, err, "an authority of the same name and another key certifies nothing")
	require.Equal(t, pec.NoCertificateChainFound, r.SubIndication)
}

// checkMessages finds all examples in a folder, nothing else beside them, and
// the expected report on each.
func checkMessages(t *testing.T, dir string) {
	t.Helper()
	entries, err := fs.Glob(os.DirFS(dir), "*")
	require.NoError(t, err)
	entries = slices.DeleteFunc(entries, func(n string) bool { return strings.HasSuffix(n, ".go") })
	want := []string{"test-ca.pem"}
	for name := range maps.Keys(expected) {
		want = append(want, name+".eml")
	}
	require.ElementsMatch(t, want, entries)
	store := authority(t, dir)
	for name, want := range expected {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := read(t, filepath.Join(dir, name+".eml"))
			r, err := pec.Verify(m, &pec.VerifyOptions{Trust: store})
			require.NotNil(t, r, err)
			if want.proves == "" {
				_, notCertified := errors.AsType[*pec.NotCertifiedError](err)
				require.True(t, notCertified, err)
				want.proves = pec.ProvesNothing
			} else {
				require.NoError(t, err)
			}
			require.Equal(t, want.proves != pec.ProvesNothing, r.Certified)
			got := expectation{kind: r.Kind, verdict: r.Verdict, sub: r.SubIndication, proves: r.Proves, enclosed: m.Original() != nil, violation: failed(r)}
			if r.Data != nil {
				got.receipt = r.Data.Receipt
			}
			require.Equal(t, want, got)
		})
	}
}

// failed names the checks that failed.
func failed(r *pec.Report) string {
	var ids []string
	for _, c := range r.Failures() {
		ids = append(ids, string(c.ID))
	}
	return strings.Join(ids, " ")
}

func read(t *testing.T, file string) *pec.Message {
	t.Helper()
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	m, err := pec.ReadAll(f)
	require.NoError(t, err)
	return m
}

func authority(t *testing.T, dir string) *trust.Store {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "test-ca.pem"))
	require.NoError(t, err)
	anchors, err := trust.ParseAnchors(text)
	require.NoError(t, err)
	s, err := trust.NewStore(false, anchors...)
	require.NoError(t, err)
	return s
}
