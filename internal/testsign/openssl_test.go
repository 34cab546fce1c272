package testsign_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/internal/testsign"
)

// atInstant makes OpenSSL judge certificates at the time of the messages.
var atInstant = strconv.FormatInt(testsign.Instant.Unix(), 10)

// opensslCMS runs openssl cms -verify over a DER or BER signature. content is
// nil for an opaque one. It returns the content that OpenSSL shows.
func opensslCMS(t *testing.T, root *testsign.Identity, signature, content []byte) ([]byte, error) {
	t.Helper()
	openssl := counterpart.Look(t, "openssl")
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, b, 0o600))
		return path
	}
	args := []string{
		"cms", "-verify", "-binary", "-inform", "DER", "-in", write("p7s", signature),
		"-CAfile", write("root.pem", root.PEM()), "-attime", atInstant, "-out", filepath.Join(dir, "out"),
	}
	if content != nil {
		args = append(args, "-content", write("content", content))
	}
	return run(t, filepath.Join(dir, "out"), exec.CommandContext(t.Context(), openssl, args...))
}

// opensslMail runs openssl cms -verify over a whole mail.
func opensslMail(t *testing.T, root *testsign.Identity, mail []byte) ([]byte, error) {
	t.Helper()
	openssl := counterpart.Look(t, "openssl")
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "mail"), mail, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "root.pem"), root.PEM(), 0o600))
	return run(t, filepath.Join(dir, "out"), exec.CommandContext(t.Context(), openssl,
		"cms", "-verify", "-inform", "SMIME", "-in", filepath.Join(dir, "mail"),
		"-CAfile", filepath.Join(dir, "root.pem"), "-attime", atInstant, "-out", filepath.Join(dir, "out")))
}

func run(t *testing.T, out string, cmd *exec.Cmd) ([]byte, error) {
	t.Helper()
	messages, err := cmd.CombinedOutput()
	if err != nil {
		t.Logf("openssl: %s", messages)
		return nil, err
	}
	b, err := os.ReadFile(out)
	require.NoError(t, err)
	return b, nil
}
