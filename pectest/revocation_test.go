package pectest_test

import (
	"crypto"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ocsp"

	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/pectest"
	"github.com/gopec/gopec/trust/revocation"
)

// judge verifies a message with evidence. Lists and responses are told apart by
// which of the two is given.
func judge(t *testing.T, c *pectest.Circuit, m *pectest.Message, lists, responses [][]byte) *pec.Report {
	t.Helper()
	d := new(revocation.Data)
	for _, b := range lists {
		require.NoError(t, d.AddCRL("lista", b))
	}
	for _, b := range responses {
		require.NoError(t, d.AddOCSP("risposta", b))
	}
	o := c.VerifyOptions()
	o.Revocation = d
	read, err := m.Read()
	require.NoError(t, err)
	r, _ := pec.Verify(read, o)
	require.NotNil(t, r)
	return r
}

func made(t testing.TB) func(b []byte, err error) []byte {
	return func(b []byte, err error) []byte {
		t.Helper()
		require.NoError(t, err)
		return b
	}
}

// accepted is an acceptance of the first provider.
func accepted(t *testing.T, c *pectest.Circuit) *pectest.Message {
	submit(t, c, letter{to: []string{one}})
	return c.Mailbox(sender).Last(pec.KindAcceptance)
}

// TestRevocationScenarios: what happens to a provider's certificate after it
// signed, and what then is to be known, by list and by response alike.
func TestRevocationScenarios(t *testing.T) {
	t.Parallel()
	const hour = time.Hour
	for _, tt := range []struct {
		name, reason string
		revoke       *pectest.Revocation // Time and InvalidityDate from the message, as hours
		release      bool
		ask          pectest.EvidenceOptions
		state        revocation.State
		sub          pec.SubIndication
	}{
		{"good", "nothing happened", nil, false, pectest.EvidenceOptions{}, revocation.Good, ""},
		{"good, delegated", "an appointed signer, too", nil, false, pectest.EvidenceOptions{Delegated: true}, revocation.Good, ""},
		{"good, SHA-256", "another hash in a response", nil, false, pectest.EvidenceOptions{SHA256: true, Nonce: []byte("12345678")}, revocation.Good, ""},
		{"good, kept", "expired certificates are kept", nil, false, pectest.EvidenceOptions{KeepsExpired: true}, revocation.Good, ""},
		{"revoked before", "row 10", &pectest.Revocation{Time: at(-hour)}, false, pectest.EvidenceOptions{}, revocation.Revoked, pec.Revoked},
		{"revoked after", "a warning", &pectest.Revocation{Time: at(hour), Reason: revocation.ReasonSuperseded}, false, pectest.EvidenceOptions{}, revocation.RevokedLater, ""},
		{"compromised before", "known later", &pectest.Revocation{Time: at(hour), Reason: revocation.ReasonKeyCompromise, InvalidityDate: at(-hour)}, false, pectest.EvidenceOptions{}, revocation.Revoked, pec.Revoked},
		{"compromised after", "a warning", &pectest.Revocation{Time: at(2 * hour), Reason: revocation.ReasonKeyCompromise, InvalidityDate: at(hour)}, false, pectest.EvidenceOptions{}, revocation.RevokedLater, ""},
		{"on hold", "not released", &pectest.Revocation{Time: at(-hour), Reason: revocation.ReasonCertificateHold}, false, pectest.EvidenceOptions{}, revocation.OnHold, pec.TryLater},
		{"released", "nothing is left of it", &pectest.Revocation{Time: at(-hour), Reason: revocation.ReasonCertificateHold}, true, pectest.EvidenceOptions{}, revocation.Good, ""},
		{"stale", "of two days before", &pectest.Revocation{Time: at(-hour)}, false, pectest.EvidenceOptions{At: at(-48 * hour)}, revocation.NotChecked, ""},
		{"foreign", "of another authority", &pectest.Revocation{Time: at(-hour)}, false, pectest.EvidenceOptions{Foreign: true}, revocation.NotChecked, ""},
		{"forged", "in the authority's name", &pectest.Revocation{Time: at(-hour)}, false, pectest.EvidenceOptions{Forged: true}, revocation.NotChecked, ""},
		{"expired signer", "the appointed signer was out of date", nil, false, pectest.EvidenceOptions{Delegated: true, Expired: true}, revocation.NotChecked, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := pectest.Start(t)
			m := accepted(t, c)
			from := func(h time.Time) time.Time {
				if h.IsZero() {
					return h
				}
				return m.Time.Add(h.Sub(at(0)))
			}
			r, certificate := c.Revocations(), c.Provider("alfa.example.it").Certificate()
			if tt.revoke != nil {
				r.Revoke(certificate, pectest.Revocation{Time: from(tt.revoke.Time), Reason: tt.revoke.Reason, InvalidityDate: from(tt.revoke.InvalidityDate)})
			}
			c.Clock().Advance(30 * hour)
			if tt.release {
				r.Release(certificate)
				c.Clock().Advance(hour)
			}
			tt.ask.At = from(tt.ask.At)
			list, response := made(t)(r.CRL(tt.ask)), made(t)(r.OCSP(certificate, tt.ask))
			for _, report := range []*pec.Report{judge(t, c, m, [][]byte{list}, nil), judge(t, c, m, nil, [][]byte{response})} {
				require.Equal(t, tt.state, report.Revocation[0].State, "%s: %s", tt.reason, report.Check(pec.CheckRevocation).Detail(pec.English))
				require.Equal(t, tt.sub, report.SubIndication, tt.reason)
			}
		})
	}
}

// at marks hours from the message in a table.
func at(d time.Duration) time.Time { return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(d) }

// TestRevocationHistory: a list of before does not know what happened since, and
// only the later one shows that a suspension ended.
func TestRevocationHistory(t *testing.T) {
	t.Parallel()
	c := pectest.Start(t)
	r, certificate := c.Revocations(), c.Provider("alfa.example.it").Certificate()
	r.Revoke(certificate, pectest.Revocation{Reason: revocation.ReasonCertificateHold})
	c.Clock().Advance(time.Hour)
	m := accepted(t, c)
	c.Clock().Advance(time.Hour)
	held := made(t)(r.CRL(pectest.EvidenceOptions{}))
	c.Clock().Advance(time.Hour)
	r.Release(certificate)
	free := made(t)(r.CRL(pectest.EvidenceOptions{}))
	again := made(t)(r.CRL(pectest.EvidenceOptions{At: c.Clock().Now().Add(-time.Hour)}))

	require.Equal(t, revocation.OnHold, judge(t, c, m, [][]byte{held}, nil).Revocation[0].State)
	require.Equal(t, revocation.OnHold, judge(t, c, m, [][]byte{again}, nil).Revocation[0].State, "as it was then")
	require.Equal(t, revocation.CodeGoodLifted, judge(t, c, m, [][]byte{held, free}, nil).Revocation[0].Findings[0].Code)

	r.Revoke(certificate, pectest.Revocation{Reason: revocation.ReasonCertificateHold})
	r.Revoke(certificate, pectest.Revocation{Reason: revocation.ReasonKeyCompromise})
	r.Release(certificate)
	c.Clock().Advance(time.Hour)
	last := judge(t, c, m, [][]byte{made(t)(r.CRL(pectest.EvidenceOptions{}))}, nil)
	require.Equal(t, revocation.CodeLaterCompromise, last.Revocation[0].Findings[0].Code, "a revocation is not released")

	d, err := r.Data()
	require.NoError(t, err)
	require.Equal(t, 1, d.Len())
}

// TestRevocationAnswersRequests: the questions that package revocation asks are
// answered.
func TestRevocationAnswersRequests(t *testing.T) {
	t.Parallel()
	c := pectest.Start(t)
	m := accepted(t, c)
	r := c.Revocations()
	report := judge(t, c, m, [][]byte{made(t)(r.CRL(pectest.EvidenceOptions{}))}, nil)
	link := report.Revocation[0].Link
	for _, h := range []crypto.Hash{crypto.SHA1, crypto.SHA256} {
		request, err := revocation.Request(link, h)
		require.NoError(t, err)
		answer := made(t)(r.Answer(request, pectest.EvidenceOptions{Delegated: true}))
		require.Equal(t, revocation.Good, judge(t, c, m, nil, [][]byte{answer}).Revocation[0].State, h)
		_, err = ocsp.ParseResponse(answer, c.Anchor())
		require.NoError(t, err, "x/crypto/ocsp reads and verifies it")
	}
	unknown := made(t)(r.OCSP(link.Certificate, pectest.EvidenceOptions{Unknown: true}))
	require.Equal(t, revocation.CodeOCSPUnknown, judge(t, c, m, nil, [][]byte{unknown}).Revocation[0].Findings[0].Code)

	request, err := ocsp.CreateRequest(c.Anchor(), c.Anchor(), nil)
	require.NoError(t, err)
	parsed, err := ocsp.ParseResponse(made(t)(r.Answer(request, pectest.EvidenceOptions{})), c.Anchor())
	require.NoError(t, err)
	require.Equal(t, ocsp.Unknown, parsed.Status, "no provider's")
	_, err = r.Answer([]byte("x"), pectest.EvidenceOptions{})
	require.Error(t, err)
}

// TestOpenSSLReadsEvidence of a circuit.
func TestOpenSSLReadsEvidence(t *testing.T) {
	t.Parallel()
	openssl := counterpart.Look(t, "openssl")
	c := pectest.Start(t, pectest.WithClock(pectest.NewClock(time.Now())))
	r, certificate := c.Revocations(), c.Provider("alfa.example.it").Certificate()
	r.Revoke(certificate, pectest.Revocation{Reason: revocation.ReasonKeyCompromise, InvalidityDate: c.Clock().Now().Add(-time.Hour)})
	dir := t.TempDir()
	write := func(name, kind string, b []byte) string {
		if kind != "" {
			b = pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b})
		}
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, b, 0o600))
		return path
	}
	root, leaf := write("root.pem", "CERTIFICATE", c.Anchor().Raw), write("leaf.pem", "CERTIFICATE", certificate.Raw)
	list := write("list.pem", "X509 CRL", made(t)(r.CRL(pectest.EvidenceOptions{KeepsExpired: true})))
	out, err := exec.CommandContext(t.Context(), openssl, "crl", "-in", list, "-CAfile", root, "-noout", "-text").CombinedOutput()
	require.NoError(t, err, "%s", out)
	for _, want := range []string{"verify OK", "Key Compromise", "Invalidity Date"} {
		require.Contains(t, string(out), want)
	}
	for _, o := range []pectest.EvidenceOptions{{}, {Delegated: true}, {KeepsExpired: true, Nonce: []byte("12345678")}} {
		response := write("response.der", "", made(t)(r.OCSP(certificate, o)))
		out, err := exec.CommandContext(t.Context(), openssl, "ocsp", "-respin", response, "-CAfile", root, "-issuer", root, "-cert", leaf, "-no_nonce").CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Contains(t, string(out), "Response verify OK")
		require.Contains(t, strings.ReplaceAll(string(out), "\n", " "), "leaf.pem: revoked")
	}
}
