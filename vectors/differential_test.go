package vectors_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mozilla.org/pkcs7"

	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/smime"
	"github.com/gopec/gopec/vectors"
)

// Two other programs are asked about the same messages: OpenSSL about the whole
// mail, as people do on the command line, and go.mozilla.org/pkcs7 about the
// signature over the part that we cut out. Both judge signature, path and
// validity at the reference time, and nothing of PEC; so what they say is
// compared with those checks alone. Where they differ is listed in
// differences_test.go by name, and a change in either direction fails.

// signerGood: by the expectation, signature, path and validity are good.
func signerGood(v vectors.Vector) bool {
	for _, id := range v.Expected.Report.Failed {
		aboutSigner := strings.HasPrefix(id, "signature.") || strings.HasPrefix(id, "trust.") || id == "time.validity"
		if aboutSigner && id != "trust.revocation" {
			return false
		}
	}
	return true
}

// signedVectors are those with a signature on the mail itself.
func signedVectors() []vectors.Vector {
	var out []vectors.Vector
	for v := range vectors.All() {
		if v.Expected.Report != nil && v.Expected.Report.Verdict != "" {
			out = append(out, v)
		}
	}
	return out
}

// judgedAt is the reference time of a vector.
func judgedAt(t *testing.T, v vectors.Vector) time.Time {
	t.Helper()
	at := v.Expected.Report.ReferenceTime
	if at.Source == "now" {
		return vectors.Set().Clock.From
	}
	return instant(t, string(at.Time))
}

// requireDifferences compares what a program said with what is listed.
func requireDifferences(t *testing.T, listed []difference, accepts map[string]bool) {
	t.Helper()
	want := map[string]bool{}
	for _, d := range listed {
		for _, id := range strings.Fields(d.ids) {
			require.NotContains(t, want, id, "listed twice")
			want[id] = d.accepts
		}
	}
	got := map[string]bool{}
	for _, v := range signedVectors() {
		if accepts[v.ID] != signerGood(v) {
			got[v.ID] = accepts[v.ID]
		}
	}
	for _, id := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[id]; !ok {
			t.Errorf("%s: accepts=%v, and we say otherwise; that is not listed", id, got[id])
		}
	}
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if said, ok := got[id]; !ok || said != want[id] {
			t.Errorf("%s: listed with accepts=%v, and that is no longer so", id, want[id])
		}
	}
}

func TestOpenSSL(t *testing.T) {
	t.Parallel()
	openssl := counterpart.Look(t, "openssl")
	dir := t.TempDir()
	accepts := map[string]bool{}
	var mu sync.Mutex
	var all sync.WaitGroup
	next := make(chan vectors.Vector)
	for range 2 {
		all.Go(func() {
			for v := range next {
				ok, err := opensslAccepts(t, openssl, dir, v)
				mu.Lock()
				accepts[v.ID] = ok
				if err != nil {
					t.Errorf("%s: %v", v.ID, err)
				}
				mu.Unlock()
			}
		})
	}
	for _, v := range signedVectors() {
		next <- v
	}
	close(next)
	all.Wait()
	listed := slices.Clone(opensslDifferences)
	if atLeast(t, openssl, 3, 2) {
		listed = slices.DeleteFunc(listed, func(d difference) bool { return d.before32 })
	}
	requireDifferences(t, listed, accepts)
}

// opensslAccepts runs openssl cms -verify on the mail as it is.
func opensslAccepts(t *testing.T, openssl, dir string, v vectors.Vector) (bool, error) {
	args := []string{"cms", "-verify", "-inform", "SMIME", "-in", v.File, "-out", os.DevNull,
		"-attime", strconv.FormatInt(judgedAt(t, v).Unix(), 10), "-no-CApath", "-no-CAstore"}
	if anchors := anchorPEM(t, v); len(anchors) > 0 {
		file := filepath.Join(dir, v.ID+".pem")
		if err := os.WriteFile(file, anchors, 0o600); err != nil {
			return false, err
		}
		args = append(args, "-CAfile", file)
	} else {
		args = append(args, "-no-CAfile")
	}
	out, err := exec.Command(openssl, args...).CombinedOutput()
	if err == nil {
		return true, nil
	}
	if _, ok := errors.AsType[*exec.ExitError](err); !ok || strings.Contains(string(out), "Use -help") {
		return false, fmt.Errorf("%w: %s", err, out)
	}
	return false, nil
}

// anchorPEM are the authorities of a vector; AgID's issued none of its signers.
func anchorPEM(t *testing.T, v vectors.Vector) []byte {
	t.Helper()
	var out []byte
	for _, a := range v.Options.Trust {
		if a != "agid" {
			out = append(out, anchorFile(t, a)...)
		}
	}
	return out
}

// atLeast asks an OpenSSL for its version.
func atLeast(t *testing.T, openssl string, major, minor int) bool {
	t.Helper()
	out, err := exec.Command(openssl, "version").Output()
	require.NoError(t, err)
	var gotMajor, gotMinor int
	_, err = fmt.Sscanf(string(out), "OpenSSL %d.%d", &gotMajor, &gotMinor)
	require.NoError(t, err, "%s", out)
	return gotMajor > major || gotMajor == major && gotMinor >= minor
}

func TestMozilla(t *testing.T) {
	t.Parallel()
	accepts := map[string]bool{}
	for _, v := range signedVectors() {
		accepts[v.ID] = mozillaAccepts(t, v)
	}
	requireDifferences(t, mozillaDifferences, accepts)
}

// mozillaAccepts gives the other library the signature and the signed bytes in
// the form that we found, and asks for signature and path at the reference time.
func mozillaAccepts(t *testing.T, v vectors.Vector) bool {
	t.Helper()
	mail := v.Mail()
	s, err := smime.Open(bytes.NewReader(mail), int64(len(mail)))
	require.NoError(t, err, v.ID)
	result, err := s.Verify()
	require.NoError(t, err, v.ID)
	der, err := s.DER()
	if err != nil {
		return false
	}
	p, err := pkcs7.Parse(der)
	if err != nil {
		return false
	}
	if content := s.Content(); content != nil && !s.Opaque {
		p.Content, err = io.ReadAll(content.Reader(content.Raw, result.Form))
		require.NoError(t, err, v.ID)
	}
	pool := x509.NewCertPool() // a nil pool would check no path
	for rest := anchorPEM(t, v); len(rest) > 0; {
		var block *pem.Block
		block, rest = pem.Decode(rest)
		c, err := x509.ParseCertificate(block.Bytes)
		require.NoError(t, err)
		pool.AddCert(c)
	}
	return p.VerifyWithChainAtTime(pool, judgedAt(t, v)) == nil
}
