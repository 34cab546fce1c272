package cms_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha1"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/cms"
)

// fipsCases are signatures by file name, with the code of the Problem that
// FIPS 140-only mode gives. Without it each of them is good.
func fipsCases(t testing.TB) (files map[string][]byte, want map[string]string) {
	files, want = map[string][]byte{}, map[string]string{}
	add := func(name, code string, d *document, edit func(d *document)) {
		edit(d)
		d.sort()
		d.resign()
		files[name], want[name] = d.root.der(), code
	}
	add("sha256", "", newDocument(t, rsaSigner()), func(d *document) {})
	add("ec", "", newDocument(t, ecSigner()), func(d *document) {})
	add("sha1", cms.CodeFIPSAlgorithm, newDocument(t, rsaSigner()), func(d *document) {
		d.hash = crypto.SHA1
		d.setDigest(sha1OID, null())
		d.setAlgorithm(rsaEncryption, null())
		sum := sha1.Sum(content)
		d.attribute(messageDigest).kids[0].body = sum[:]
	})
	add("rsa1024", cms.CodeFIPSKey, newDocument(t, smallSigner()), func(d *document) {})
	add("pss-long-salt", cms.CodeFIPSAlgorithm, newDocument(t, rsaSigner()), func(d *document) {
		d.setAlgorithm(rsaPSS, pssParams(sha256OID, sha256OID, 40))
		d.pss = &rsa.PSSOptions{SaltLength: 40, Hash: crypto.SHA256}
	})
	add("signing-certificate-v1", cms.CodeFIPSReference, newDocument(t, rsaSigner()), func(d *document) {
		sum := sha1.Sum(rsaSigner().certificate.Raw)
		referenceTo(signingCert, essCertID(sum[:], nil, nil))(d)
	})
	return files, want
}

// TestFIPS runs this test binary again with FIPS 140-only mode enforced: a
// result for every signature, and no panic (C14).
func TestFIPS(t *testing.T) {
	t.Parallel()
	files, want := fipsCases(t)
	dir := t.TempDir()
	for name, b := range files {
		s, err := cms.Parse(b, cms.Detached)
		require.NoError(t, err)
		found, problem := s.Signers()
		require.Nil(t, problem, "%s without that mode", name)
		require.Len(t, found, 1)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), b, 0o600))
	}
	program, err := os.Executable()
	require.NoError(t, err)
	for name, code := range want {
		cmd := exec.Command(program, "-test.run=^TestFIPSChild$", "-test.v")
		cmd.Env = append(os.Environ(), "GODEBUG=fips140=only", "CMS_FIPS_FILE="+filepath.Join(dir, name))
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s\n%s", name, out)
		require.Contains(t, string(out), "result=["+code+"]", name)
	}
}

// TestFIPSChild is what TestFIPS runs.
func TestFIPSChild(t *testing.T) {
	file := os.Getenv("CMS_FIPS_FILE")
	if file == "" {
		t.Skip("run by TestFIPS")
	}
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	s, err := cms.Parse(b, cms.Detached)
	require.NoError(t, err)
	if h, problem := s.NewHash(); problem == nil {
		h.Write(content)
		require.Nil(t, s.CheckDigest(h.Sum(nil)))
	} else {
		require.NotNil(t, s.CheckDigest(make([]byte, 20)))
	}
	found, problem := s.Signers()
	require.Equal(t, problem == nil, len(found) == 1)
	t.Logf("result=[%s]", code(problem))
}
