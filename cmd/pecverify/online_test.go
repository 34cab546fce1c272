package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
)

// -online asks the places that the signer's certificate names, if their host is
// allowed. What goes wrong there is told, and changes no verdict. Not parallel:
// the clock and the cache folder are set.
func TestOnline(t *testing.T) {
	presentTime(t, testsign.Instant.Add(time.Hour))
	dir := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", filepath.Join(dir, "cache"))
	root := testsign.NewCircle().Root
	var asked atomic.Int32
	var answer []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		if answer == nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write(answer)
	}))
	t.Cleanup(server.Close)
	host := strings.TrimPrefix(server.URL, "http://")

	leaf := testsign.Certificate{Subject: testsign.NewName("Gestore Uno S.p.A.", "In rete"), KeyType: testsign.P256,
		Extra: []testsign.Extension{testsign.DistributionPoint(server.URL + "/CRL")}}.IssuedBy(root)
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, b, 0o600))
		return path
	}
	ca := write("ca.pem", root.PEM())
	mail := write("accettazione.eml", testsign.Message{Kind: daticert.TypeAcceptance, By: leaf}.Bytes())

	v := verifyJSON(t, "-trust", ca, mail)
	require.Equal(t, exitCertified, v.status, v.stderr)
	require.Zero(t, asked.Load(), "nothing is sent unless asked for")

	v = verifyJSON(t, "-trust", ca, "-online", mail)
	require.Equal(t, exitCertified, v.status)
	require.Zero(t, asked.Load(), "the host was not named")
	require.Contains(t, v.stderr, "not one of those allowed")
	require.Equal(t, "skip", v.check("trust.revocation"))

	v = verifyJSON(t, "-trust", ca, "-online", "-online-host", host, mail)
	require.Equal(t, exitCertified, v.status, "a server that is down makes nothing good and nothing bad")
	require.EqualValues(t, 1, asked.Load())
	require.Contains(t, v.stderr, "503")
	require.Equal(t, "skip", v.check("trust.revocation"))
	v = verifyJSON(t, "-strict", "-trust", ca, "-online", "-online-host", host, mail)
	require.Equal(t, "TRY_LATER", v.sub)

	answer = root.CRL(1, testsign.Instant.Add(time.Minute), testsign.Instant.AddDate(0, 1, 0))
	v = verifyJSON(t, "-strict", "-trust", ca, "-online", "-online-host", host, mail)
	require.Equal(t, exitCertified, v.status, "%v", v)
	require.Equal(t, "pass", v.check("trust.revocation"))
	require.Empty(t, v.stderr)

	before := asked.Load()
	status, stderr := silent("-strict", "-trust", ca, "-online", "-online-host", host, mail, mail, mail)
	require.Equal(t, exitCertified, status, stderr)
	require.Equal(t, before, asked.Load(), "the cache answers")
	info, err := os.Stat(filepath.Join(dir, "cache", "gopec", "revocation"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())

	// A bundle keeps what was fetched.
	bundle := filepath.Join(dir, "fascicolo.zip")
	status, stderr = silent("-strict", "-trust", ca, "-online", "-online-host", host, "-bundle", bundle, mail)
	require.Equal(t, exitCertified, status, stderr)
	server.Close()
	v = verifyJSON(t, "-strict", "-trust", ca, bundle)
	require.Equal(t, exitCertified, v.status, v.stderr)

	require.NoError(t, os.RemoveAll(filepath.Join(dir, "cache")))
	revoked := root.CRL(2, testsign.Instant.Add(time.Minute), testsign.Instant.AddDate(0, 1, 0), testsign.Revoked{Certificate: leaf, Time: testsign.Instant.Add(-time.Hour)})
	v = verifyJSON(t, "-trust", ca, "-crl", write("revoked.crl", revoked), "-online", mail)
	require.Equal(t, "REVOKED", v.sub, "what is given needs no network")
	require.Empty(t, v.stderr)
}
