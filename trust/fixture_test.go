package trust_test

import (
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/cms"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/trust"
)

// signerAddress is the address of a signer that testsign writes by default.
const signerAddress = "posta-certificata@pec.example.it"

// parse reads certificates as the reader of signatures does.
func parse(t testing.TB, ids ...*testsign.Identity) []*x509.Certificate {
	t.Helper()
	var out []*x509.Certificate
	for _, id := range ids {
		c, err := cms.ParseCertificate(id.DER)
		require.NoError(t, err)
		out = append(out, c)
	}
	return out
}

// believe is a store with the caller's anchors.
func believe(t testing.TB, anchors ...*testsign.Identity) *trust.Store {
	t.Helper()
	s, err := trust.NewStore(false, parse(t, anchors...)...)
	require.NoError(t, err)
	return s
}

// verify judges one signer at the time for which testsign makes certificates.
func verify(t testing.TB, s *trust.Store, signer *testsign.Identity, bag ...*testsign.Identity) *trust.Result {
	t.Helper()
	return verifyAt(t, s, testsign.Instant, signer, bag...)
}

func verifyAt(t testing.TB, s *trust.Store, at time.Time, signer *testsign.Identity, bag ...*testsign.Identity) *trust.Result {
	t.Helper()
	r := s.Verify(parse(t, signer), parse(t, bag...), at)
	requireComplete(t, r)
	return r
}

// requireComplete asserts what is true of every result: each finding has a
// status, a code of the table with its facts, and a finished sentence.
func requireComplete(t testing.TB, r *trust.Result) {
	t.Helper()
	require.NotEmpty(t, r.Profile)
	for _, f := range findings(r) {
		code, ok := trust.CodeOf(f.Code)
		require.True(t, ok, "code %q is not in the table", f.Code)
		require.Len(t, f.Facts, len(code.Facts), "facts of %s", f.Code)
		require.Contains(t, []trust.Status{trust.Pass, trust.Warn, trust.Fail, trust.Skip}, f.Status)
		require.Equal(t, trust.Sentence(f.Code, f.Facts), f.Detail)
		require.NotEmpty(t, f.Detail)
	}
	require.Equal(t, r.Path.Status == trust.Pass, r.Anchor != "")
	require.NotEqual(t, trust.Skip, r.Path.Status)
}

func findings(r *trust.Result) []trust.Finding {
	return append([]trust.Finding{r.Path, r.Key, r.Policy, r.Constraints, r.Provider, r.Validity, r.Algorithms}, r.Profile...)
}

// failures lists the codes of what failed, in the order of findings.
func failures(r *trust.Result) []string { return codes(r, trust.Fail) }

func codes(r *trust.Result, status trust.Status) []string {
	out := []string{}
	for _, f := range findings(r) {
		if f.Status == status {
			out = append(out, f.Code)
		}
	}
	return out
}

// rule returns the finding of one profile rule.
func rule(t testing.TB, r *trust.Result, check string) trust.Finding {
	t.Helper()
	for _, f := range r.Profile {
		if c, _ := trust.CodeOf(f.Code); c.Check == check {
			return f
		}
	}
	require.Fail(t, "no finding", "for %s in %v", check, r.Profile)
	return trust.Finding{}
}

// authority is a plain test authority, with a fast key.
func authority(name string) *testsign.Identity {
	return testsign.Certificate{CA: true, KeyType: testsign.P256, Subject: authorityName(name)}.SelfSigned()
}

func authorityName(name string) testsign.Name {
	return testsign.NewName("Prova, nessun valore legale", "PEC TEST "+strings.ToUpper(name)+" - NO LEGAL VALUE")
}

func pathLen(n int) *testsign.BasicConstraints {
	return &testsign.BasicConstraints{CA: true, PathLen: &n}
}

// der writes one DER value with a short or long length.
func der(tag byte, contents ...[]byte) []byte {
	var body []byte
	for _, c := range contents {
		body = append(body, c...)
	}
	switch n := len(body); {
	case n < 0x80:
		return append([]byte{tag, byte(n)}, body...)
	case n < 0x100:
		return append([]byte{tag, 0x81, byte(n)}, body...)
	default:
		return append([]byte{tag, 0x82, byte(n >> 8), byte(n)}, body...)
	}
}
