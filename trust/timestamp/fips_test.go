package timestamp_test

import (
	"bytes"
	"crypto"
	"crypto/fips140"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/cms"
	"github.com/gopec/gopec/trust/timestamp"
)

// fipsFile names the folder with the stamps that were made where SHA-1 may be used.
const fipsFile = "GOPEC_TEST_STAMPS"

// Under GODEBUG=fips140=only SHA-1 panics: stamps with it are judged all the same, and
// prove nothing, as elsewhere.
func TestFIPS(t *testing.T) {
	if fips140.Enforced() {
		return // the process below runs TestFIPSStamps only
	}
	t.Parallel()
	dir := t.TempDir()
	write := func(name string, b []byte) { require.NoError(t, os.WriteFile(dir+"/"+name, b, 0o600)) }
	by := rsaSigner()
	write("root", root.DER)
	write("good", token(by, info{}.der()))
	write("imprint", token(by, info{hash: crypto.SHA1}.der()))
	write("signature", token(by, info{}.der(), func(s *signedData) { s.Signer.Hash = crypto.SHA1 }))
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self, "-test.run", "^TestFIPSStamps$", "-test.v")
	cmd.Env = append(os.Environ(), "GODEBUG=fips140=only", fipsFile+"="+dir)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Equal(t, 3, strings.Count(string(out), "judged "), "%s", out)
}

// TestFIPSStamps judges the stamps of TestFIPS in a process of its own.
func TestFIPSStamps(t *testing.T) {
	dir := os.Getenv(fipsFile)
	if dir == "" {
		return // run by TestFIPS
	}
	require.True(t, fips140.Enforced())
	read := func(name string) []byte {
		b, err := os.ReadFile(dir + "/" + name)
		require.NoError(t, err)
		return b
	}
	o := timestamp.Options{Anchors: anchorsOf(t, read("root"))}
	for name, want := range map[string][]string{
		"good": {}, "imprint": {timestamp.CodeImprintSHA1}, "signature": {cms.CodeFIPSAlgorithm},
	} {
		s := parse(t, read(name))
		d, err := timestamp.Hash(bytes.NewReader(message), s)
		require.NoError(t, err)
		r := s.Verify(d, o)
		consistent(t, r)
		require.Equal(t, want, failures(r))
		t.Log("judged", name)
	}
}
