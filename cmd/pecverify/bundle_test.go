package main

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/pectest"
)

// bundleFlags are what a bundle of the delivery is made with, and what has to be
// said again when it is verified: whom to believe.
func bundleFlags(t *testing.T, e *evidenceOf) (evidence, believed []string) {
	t.Helper()
	mail, err := os.ReadFile(e.mail)
	require.NoError(t, err)
	at := e.circuit.Clock().Now()
	stamp, err := e.tsa.Stamp(bytes.NewReader(mail), at.Add(time.Minute))
	require.NoError(t, err)
	list, err := e.circuit.Revocations().CRL(pectest.EvidenceOptions{})
	require.NoError(t, err)
	return []string{"-crl", e.file(t, "list.crl", list), "-timestamp", e.file(t, "prova.tsr", stamp)},
		[]string{"-trust", e.ca, "-tsa-trust", e.file(t, "tsa.pem", certificatePEM(e.tsa.Root()))}
}

// presentTime puts another present time in place of the machine's. Tests that use it are
// not parallel.
func presentTime(t *testing.T, when time.Time) {
	t.Helper()
	machine := now
	now = func() time.Time { return when }
	t.Cleanup(func() { now = machine })
}

func silent(args ...string) (status int, stderr string) {
	var out, diag bytes.Buffer
	status = command(append([]string{"-q"}, args...), strings.NewReader(""), &out, &diag)
	return status, diag.String()
}

// A bundle that was made today is certified in ten years, strictly and with no
// other file than itself; and made twice it is the same.
func TestBundleTenYearsOn(t *testing.T) {
	e := newEvidence(t)
	evidence, believed := bundleFlags(t, e)
	made := e.circuit.Clock().Now().Add(time.Hour)
	presentTime(t, made)
	var copies [2][]byte
	for i, name := range []string{"uno.zip", "due.zip"} {
		out := filepath.Join(t.TempDir(), name)
		status, stderr := silent(append(append(append([]string{"-strict", "-bundle", out}, evidence...), believed...), e.mail)...)
		require.Equal(t, exitCertified, status, stderr)
		var err error
		copies[i], err = os.ReadFile(out)
		require.NoError(t, err)
		left, err := filepath.Glob(filepath.Join(filepath.Dir(out), ".*"))
		require.NoError(t, err)
		require.Empty(t, left, "no temporary file is left")
	}
	require.Equal(t, copies[0], copies[1])
	kept := e.file(t, "fascicolo.zip", copies[0])

	presentTime(t, made.AddDate(10, 0, 0))
	v := verifyJSON(t, append(append([]string{"-strict"}, believed...), kept)...)
	require.Equal(t, exitCertified, v.status, v.stderr)
	require.Equal(t, "timestamp", v.ProofOfExistence)
	require.NotContains(t, v.stderr, "not as when", "the report is the same: %s", v.stderr)

	// What is kept in one bundle is kept in the next that is made of it.
	next := filepath.Join(t.TempDir(), "seguente.zip")
	status, stderr := silent(append(append([]string{"-strict", "-bundle", next}, believed...), kept, kept)...)
	require.Equal(t, exitCertified, status, stderr)
	var out, diag bytes.Buffer
	status = command(append(append([]string{"-strict"}, believed...), next), strings.NewReader(""), &out, &diag)
	require.Equal(t, exitCertified, status, diag.String())
	require.Empty(t, diag.String(), "and the reports are the same")

	v = verifyJSON(t, append(append([]string{"-strict"}, believed...), e.mail)...)
	require.Equal(t, exitNotCertified, v.status, "the message alone is not enough any more")

	v = verifyJSON(t, "-strict", kept)
	require.Equal(t, exitNotCertified, v.status, "whom to believe never comes from the bundle")
	require.Equal(t, "NO_CERTIFICATE_CHAIN_FOUND", v.sub)
	require.Contains(t, v.stderr, "-tsa-trust")
	require.Contains(t, v.stderr, "not as when the bundle was made")
}

// What is wrong with a bundle is told, and nothing else of it is lost.
func TestBundleDamaged(t *testing.T) {
	t.Parallel()
	e := newEvidence(t)
	evidence, believed := bundleFlags(t, e)
	out := filepath.Join(e.dir, "fascicolo.zip")
	mail, err := os.ReadFile(e.mail)
	require.NoError(t, err)
	second := e.file(t, "seconda.eml", append([]byte("X-Altro: x\r\n"), mail...))
	status, stderr := silent(append(append(append([]string{"-bundle", out}, evidence...), believed...), e.mail, second)...)
	require.Equal(t, exitCertified, status, stderr)
	b, err := os.ReadFile(out)
	require.NoError(t, err)

	changed := bytes.Clone(b)
	changed[bytes.Index(changed, mail)+len(mail)/2] ^= 1
	var stdout, diag bytes.Buffer
	status = command(append(append([]string{"-json"}, believed...), e.file(t, "guasto.zip", changed)), strings.NewReader(""), &stdout, &diag)
	require.Equal(t, exitNoVerdict, status)
	require.Equal(t, 2, strings.Count(stdout.String(), "\n"))
	require.Contains(t, diag.String(), "messages/0001.eml: not the file that the manifest lists")
	require.Contains(t, stdout.String(), `"certified":true`, "the other message")

	cut := e.file(t, "tagliato.zip", b[:len(b)/2])
	_, stderr = silent(append(append([]string{}, believed...), cut)...)
	require.Contains(t, stderr, "tagliato.zip")

	// Packed again by another program it is an archive like any other: its
	// messages are verified without what is kept beside them.
	var packed bytes.Buffer
	w := zip.NewWriter(&packed)
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	require.NoError(t, err)
	for _, f := range z.File {
		o, err := w.Create(f.Name)
		require.NoError(t, err)
		r, err := f.Open()
		require.NoError(t, err)
		_, err = io.Copy(o, r)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	stdout.Reset()
	diag.Reset()
	status = command(append(append([]string{"-json"}, believed...), e.file(t, "altro.zip", packed.Bytes())), strings.NewReader(""), &stdout, &diag)
	require.Equal(t, exitCertified, status, diag.String())
	require.Contains(t, diag.String(), "altro.zip: not used as a bundle, but as an archive of messages", "the lists in it are not used, which is told")
}

// OUT is there whole or not at all, and nothing is replaced without being asked.
func TestBundleOut(t *testing.T) {
	t.Parallel()
	e := newEvidence(t)
	out := filepath.Join(e.dir, "a", "fascicolo.zip")
	require.NoError(t, os.Mkdir(filepath.Dir(out), 0o700))
	run := func(args ...string) (int, string) {
		return silent(append([]string{"-trust", e.ca, "-bundle", out}, args...)...)
	}
	status, stderr := run(e.mail)
	require.Equal(t, exitCertified, status, stderr)
	status, stderr = run(e.mail)
	require.Equal(t, exitNoVerdict, status)
	require.Contains(t, stderr, "-bundle "+out+": the file exists already")
	status, stderr = run("-force", e.mail)
	require.Equal(t, exitCertified, status, stderr)
	status, stderr = run("-force", filepath.Dir(out))
	require.Equal(t, exitNoVerdict, status, stderr)
	require.Contains(t, stderr, "which is read")

	// Evidence and authorities would be lost as well as messages.
	list, err := e.circuit.Revocations().CRL(pectest.EvidenceOptions{})
	require.NoError(t, err)
	given := e.file(t, "list.crl", list)
	for _, of := range []struct{ flag, file string }{{"-crl", given}, {"-trust", e.ca}, {"-tsa-trust", e.ca}} {
		before, err := os.ReadFile(of.file)
		require.NoError(t, err)
		status, stderr = silent("-force", "-bundle", of.file, of.flag, of.file, e.mail)
		require.Equal(t, exitNoVerdict, status, of.flag)
		require.Contains(t, stderr, "is read, and cannot be written", of.flag)
		after, err := os.ReadFile(of.file)
		require.NoError(t, err)
		require.Equal(t, before, after, of.flag)
	}

	status, _ = run("-force", e.mail, filepath.Join(e.dir, "nessuno.eml"))
	require.Equal(t, exitNoVerdict, status, "one has no verdict")
	_, stderr = silent("-trust", e.ca, out)
	require.Empty(t, stderr, "the other is kept")
	_, stderr = silent("-bundle", filepath.Join(e.dir, "b", "x.zip"), e.mail)
	require.Contains(t, stderr, "cannot be written")
	_, stderr = silent("-bundle", out, "-dossier", "x.html", "-sent", e.mail, e.mail)
	require.Contains(t, stderr, "contradict")
}
