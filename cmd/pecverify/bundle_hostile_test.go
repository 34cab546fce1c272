package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash/crc32"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/bundle"
	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
)

// part is one file of a bundle that somebody made by hand.
type part struct {
	path    string
	role    bundle.Role
	content []byte
	damaged bool // it is not the file that the manifest lists
}

// forge makes a bundle by hand, with any manifest.
func forge(t *testing.T, messages []bundle.Entry, parts ...part) []byte {
	t.Helper()
	m := bundle.Manifest{Schema: bundle.Schema, Messages: messages, Timestamps: []string{}, Files: []bundle.File{}}
	for _, p := range parts {
		sum := sha256.Sum256(p.content)
		m.Files = append(m.Files, bundle.File{Path: p.path, Role: p.role, Size: int64(len(p.content)), SHA256: hex.EncodeToString(sum[:])})
	}
	manifest, err := json.Marshal(m)
	require.NoError(t, err)
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, p := range append([]part{{path: bundle.ManifestName, content: manifest}}, parts...) {
		content := bytes.Clone(p.content)
		if p.damaged {
			content[len(content)/2] ^= 1
		}
		size := uint64(len(content))
		o, err := w.CreateRaw(&zip.FileHeader{Name: p.path, CRC32: crc32.ChecksumIEEE(content), CompressedSize64: size, UncompressedSize64: size})
		require.NoError(t, err)
		_, err = o.Write(content)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

// signedMail is an acceptance of a provider of the example authority, with what a
// command line needs to verify it.
type signedMail struct {
	evidenceOf
	root, leaf *testsign.Identity
	mail       []byte
}

func newSignedMail(t *testing.T, extra ...testsign.Extension) *signedMail {
	t.Helper()
	s := &signedMail{root: testsign.NewCircle().Root}
	s.leaf = testsign.Certificate{Subject: testsign.NewName("Gestore Uno S.p.A.", "Firmatario"), KeyType: testsign.P256, Extra: extra}.IssuedBy(s.root)
	s.mail = testsign.Message{Kind: daticert.TypeAcceptance, By: s.leaf}.Bytes()
	s.dir = t.TempDir()
	s.ca = s.file(t, "ca.pem", s.root.PEM())
	return s
}

// A message of a bundle that is an archive or an mbox itself is no message: the
// first of several must not stand for all of them.
func TestBundleMessageOfSeveral(t *testing.T) {
	t.Parallel()
	s := newSignedMail(t)
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	for name, content := range map[string][]byte{"1.eml": s.mail, "2.eml": bytes.Replace(s.mail, []byte("X-Ricevuta"), []byte("X-Altro"), 1)} {
		o, err := w.Create(name)
		require.NoError(t, err)
		_, err = o.Write(content)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	from := []byte("From mittente@pec.example.it Mon Jan  1 00:00:00 2024\r\n")
	mbox := bytes.Join([][]byte{from, s.mail, []byte("\r\n"), from, []byte("Subject: altro\r\n\r\naltro\r\n")}, nil)
	for _, c := range []struct {
		reason, path string
		content      []byte
		status       int
	}{
		{"one message", "messages/0001.eml", s.mail, exitCertified},
		{"an archive of two", "messages/0001.eml", archive.Bytes(), exitNoVerdict},
		{"an mbox of two", "messages/0001", mbox, exitNoVerdict},
		{"the bundle of one message", "messages/0001.eml", forge(t, []bundle.Entry{{Path: "messages/0001.eml"}}, part{"messages/0001.eml", bundle.RoleMessage, s.mail, false}), exitNoVerdict},
	} {
		b := s.file(t, "fascicolo.zip", forge(t, []bundle.Entry{{Path: c.path}}, part{c.path, bundle.RoleMessage, c.content, false}))
		var stdout, stderr bytes.Buffer
		status := command([]string{"-json", "-trust", s.ca, b}, strings.NewReader(""), &stdout, &stderr)
		require.Equal(t, c.status, status, "%s: %s", c.reason, stderr.String())
		require.Equal(t, 1, strings.Count(stdout.String(), "\n"), c.reason)
		require.Equal(t, c.status != exitCertified, strings.Contains(stderr.String(), "not one message"), c.reason)
	}
}

// What is verified today is printed, and nothing of what the bundle says was found.
func TestBundleLyingReport(t *testing.T) {
	t.Parallel()
	s := newSignedMail(t)
	var stdout, stderr bytes.Buffer
	require.Equal(t, exitCertified, command([]string{"-json", "-trust", s.ca, s.file(t, "a.eml", s.mail)}, strings.NewReader(""), &stdout, &stderr))
	forged := bytes.Replace(s.mail, []byte("accettazione"), []byte("accettazionf"), -1)
	entry := bundle.Entry{Path: "messages/0001.eml", Report: "reports/0001.json", ReportText: "reports/0001.txt"}
	b := s.file(t, "fascicolo.zip", forge(t, []bundle.Entry{entry}, part{entry.Path, bundle.RoleMessage, forged, false},
		part{entry.Report, bundle.RoleReport, stdout.Bytes(), false}, part{entry.ReportText, bundle.RoleReport, []byte("autentica\n"), false}))
	v := verifyJSON(t, "-trust", s.ca, b)
	require.Equal(t, exitNotCertified, v.status)
	require.False(t, v.Certified)
	require.Contains(t, v.stderr, "not as when the bundle was made: certified")
}

// Evidence that is damaged is told, and does not take away what the rest shows.
func TestBundleDamagedEvidence(t *testing.T) {
	t.Parallel()
	s := newSignedMail(t)
	from, until := testsign.Instant.Add(time.Minute), testsign.Instant.AddDate(0, 1, 0)
	old := s.root.CRL(1, from, until)
	revoked := s.root.CRL(2, from, until, testsign.Revoked{Certificate: s.leaf, Time: testsign.Instant.Add(-time.Hour)})
	run := func(crl ...part) *judged {
		e := bundle.Entry{Path: "messages/0001.eml"}
		for _, p := range crl {
			e.CRL = append(e.CRL, p.path)
		}
		parts := append([]part{{e.Path, bundle.RoleMessage, s.mail, false}}, crl...)
		return verifyJSON(t, "-trust", s.ca, s.file(t, "fascicolo.zip", forge(t, []bundle.Entry{e}, parts...)))
	}
	v := run(part{"crl/1.crl", bundle.RoleCRL, old, true}, part{"crl/2.crl", bundle.RoleCRL, revoked, false})
	require.Equal(t, "REVOKED", v.sub, "a damaged list does not hide another one")
	require.Contains(t, v.stderr, "warning: "+filepath.Join(s.dir, "fascicolo.zip")+"!/messages/0001.eml: revocation data that the bundle keeps are not used")
	require.Contains(t, v.stderr, "crl/1.crl: not the file that the manifest lists")

	v = run(part{"crl/2.crl", bundle.RoleCRL, revoked, true})
	require.Equal(t, "skip", v.check("trust.revocation"), "nothing is known, as without it")
	require.Contains(t, v.stderr, "warning: ")
}

// A list that was chosen by whoever made the bundle, from before the revocation,
// does not keep -online from asking. Not parallel: clock and cache folder are set.
func TestBundleOldListOnline(t *testing.T) {
	presentTime(t, testsign.Instant.Add(48*time.Hour))
	t.Setenv("XDG_CACHE_HOME", filepath.Join(t.TempDir(), "cache"))
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
	s := newSignedMail(t, testsign.DistributionPoint(server.URL+"/CRL"))
	before := testsign.Instant.Add(-24 * time.Hour)
	old := s.root.CRL(1, before, testsign.Instant.AddDate(0, 1, 0)) // it covers the certified time
	e := bundle.Entry{Path: "messages/0001.eml", CRL: []string{"crl/1.crl"}}
	b := s.file(t, "fascicolo.zip", forge(t, []bundle.Entry{e}, part{e.Path, bundle.RoleMessage, s.mail, false}, part{"crl/1.crl", bundle.RoleCRL, old, false}))
	online := []string{"-trust", s.ca, "-online", "-online-host", strings.TrimPrefix(server.URL, "http://"), b}

	v := verifyJSON(t, online...)
	require.EqualValues(t, 1, asked.Load())
	require.Equal(t, "pass", v.check("trust.revocation"), "where nobody answers, what is kept counts")
	require.Contains(t, v.stderr, "503")

	answer = s.root.CRL(2, testsign.Instant.Add(24*time.Hour), testsign.Instant.AddDate(0, 1, 0),
		testsign.Revoked{Certificate: s.leaf, Time: testsign.Instant.Add(-time.Hour)})
	v = verifyJSON(t, online...)
	require.EqualValues(t, 2, asked.Load())
	require.Equal(t, "REVOKED", v.sub)
}
