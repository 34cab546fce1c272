package pectest_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/pectest"
	"github.com/gopec/gopec/trust/timestamp"
)

// The time-stamp authority answers OpenSSL's queries, OpenSSL accepts the answers, and
// so does package timestamp.
func TestTimestampAuthorityAndOpenSSL(t *testing.T) {
	t.Parallel()
	openssl := counterpart.Look(t, "openssl")
	at := time.Date(2014, 5, 6, 7, 8, 9, 0, time.UTC)
	a, err := pectest.NewTimestampAuthority(at.AddDate(-1, 0, 0), at.AddDate(20, 0, 0))
	require.NoError(t, err)
	dir, message := t.TempDir(), []byte("Il messaggio di prova.\r\n")
	write := func(name string, b []byte) { require.NoError(t, os.WriteFile(filepath.Join(dir, name), b, 0o600)) }
	run := func(args ...string) (bool, string) {
		cmd := exec.CommandContext(t.Context(), openssl, append([]string{"ts"}, args...)...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		return err == nil, string(out)
	}
	must := func(args ...string) {
		t.Helper()
		ok, out := run(args...)
		require.True(t, ok, "%v: %s", args, out)
	}
	write("message", message)
	write("root.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.Root().Raw}))
	write("tsa.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.Certificate().Raw}))
	when := strconv.FormatInt(at.Unix(), 10)
	for _, c := range []struct {
		name   string
		query  []string
		refuse string
	}{
		{"plain", []string{"-sha256", "-cert"}, ""},
		{"no nonce", []string{"-sha256", "-cert", "-no_nonce"}, ""},
		{"SHA-384", []string{"-sha384", "-cert"}, ""},
		{"SHA-512 and the policy", []string{"-sha512", "-cert", "-tspolicy", pectest.TimestampPolicy}, ""},
		{"no certificate", []string{"-sha256"}, ""},
		{"SHA-1", []string{"-sha1", "-cert"}, "badAlg"},
		{"another policy", []string{"-sha256", "-cert", "-tspolicy", "1.2.3.4"}, "unacceptedPolicy"},
	} {
		must(append([]string{"-query", "-data", "message", "-out", "query"}, c.query...)...)
		query, err := os.ReadFile(filepath.Join(dir, "query"))
		require.NoError(t, err)
		answer, err := a.Answer(query, at)
		require.NoError(t, err)
		write("reply", answer)
		verified := []string{"-verify", "-in", "reply", "-queryfile", "query", "-CAfile", "root.pem", "-untrusted", "tsa.pem", "-attime", when}
		if c.refuse != "" {
			_, err := timestamp.Parse("reply", answer)
			var status *timestamp.StatusError
			require.ErrorAs(t, err, &status, c.name)
			require.Equal(t, []string{c.refuse}, status.Failures, c.name)
			ok, _ := run(verified...)
			require.False(t, ok, c.name)
			continue
		}
		must(verified...)
		must("-verify", "-in", "reply", "-data", "message", "-CAfile", "root.pem", "-untrusted", "tsa.pem", "-attime", when)
		r := judged(t, a, answer, message, at)
		require.True(t, r.Verified, "%s: %+v", c.name, r.Findings)
		require.Equal(t, at.Add(pectest.TimestampAccuracy), r.Latest)
		require.Empty(t, r.Warnings())
		require.Contains(t, r.Stamp.TSA, "NO LEGAL VALUE")
	}
	stamp, err := a.Stamp(bytes.NewReader(message), at)
	require.NoError(t, err)
	bare, err := pectest.Token(stamp)
	require.NoError(t, err)
	write("token", bare)
	must("-verify", "-in", "token", "-token_in", "-data", "message", "-CAfile", "root.pem", "-attime", when)
}

// judged holds an answer against a file.
func judged(t *testing.T, a *pectest.TimestampAuthority, answer, file []byte, now time.Time) *timestamp.Result {
	t.Helper()
	s, err := timestamp.Parse("prova.tsr", answer)
	require.NoError(t, err)
	d, err := timestamp.Hash(bytes.NewReader(file), s)
	require.NoError(t, err)
	return s.Verify(d, timestamp.Options{Anchors: a.Anchors(), Certificates: []*x509.Certificate{a.Certificate()}, Now: now})
}

// Whatever it is asked, the authority answers, and nobody can take its stamps for
// those of a real one.
func TestTimestampAuthority(t *testing.T) {
	t.Parallel()
	at := time.Date(2055, 5, 6, 7, 8, 9, 0, time.UTC) // a signing time that is no UTCTime
	a, err := pectest.NewTimestampAuthority(at.AddDate(-1, 0, 0), at.AddDate(1, 0, 0))
	require.NoError(t, err)
	stamp, err := a.Stamp(bytes.NewReader([]byte("uno")), at)
	require.NoError(t, err)
	for name, query := range map[string][]byte{"no query": []byte("una marca, per favore"), "empty": {}, "a stamp": stamp} {
		answer, err := a.Answer(query, at)
		require.NoError(t, err, name)
		_, err = timestamp.Parse("reply", answer)
		require.ErrorContains(t, err, "badDataFormat", name)
	}
	require.True(t, judged(t, a, stamp, []byte("uno"), at).Verified)
	require.False(t, judged(t, a, stamp, []byte("due"), at).Verified)
	again, err := a.Stamp(bytes.NewReader([]byte("uno")), at)
	require.NoError(t, err)
	require.NotEqual(t, stamp, again, "serial numbers differ")
	bare, err := pectest.Token(stamp)
	require.NoError(t, err)
	require.True(t, judged(t, a, bare, []byte("uno"), at).Verified)
	_, err = pectest.Token([]byte{0x30, 0})
	require.Error(t, err)
	for _, c := range []*x509.Certificate{a.Root(), a.Certificate()} {
		require.Contains(t, c.Subject.String(), pectest.NoLegalValue)
		require.Contains(t, c.Issuer.String(), pectest.NoLegalValue)
	}
	require.NotNil(t, a.Anchors())
	other, err := pectest.NewTimestampAuthority(at.AddDate(-1, 0, 0), at.AddDate(1, 0, 0))
	require.NoError(t, err)
	require.False(t, judged(t, other, stamp, []byte("uno"), at).Verified, "another authority of the same name")
}
