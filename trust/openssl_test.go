package trust_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/trust"
)

// opensslAccepts asks "openssl verify" about a signer: anchors are believed as
// they are, also without anything above them.
func opensslAccepts(t *testing.T, anchors [][]byte, signer []byte, bag [][]byte, at time.Time) (bool, string) {
	t.Helper()
	openssl := counterpart.Look(t, "openssl")
	dir := t.TempDir()
	write := func(name string, pems ...[]byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, bytes.Join(pems, nil), 0o600))
		return path
	}
	args := []string{"verify", "-partial_chain", "-purpose", "smimesign", "-attime", strconv.FormatInt(at.Unix(), 10),
		"-no-CApath", "-no-CAstore", "-CAfile", write("anchors.pem", anchors...)}
	if len(bag) > 0 {
		args = append(args, "-untrusted", write("bag.pem", bag...))
	}
	cmd := exec.CommandContext(t.Context(), openssl, append(args, write("signer.pem", signer))...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		require.Equal(t, 2, cmd.ProcessState.ExitCode(), "%s", out)
	}
	return err == nil, string(out)
}

func pems(ids []*testsign.Identity) [][]byte {
	var out [][]byte
	for _, id := range ids {
		out = append(out, id.PEM())
	}
	return out
}

// accepted is our word on what "openssl verify" judges.
func accepted(r *trust.Result) bool {
	for _, f := range []trust.Finding{r.Path, r.Constraints, r.Validity} {
		if f.Status == trust.Fail {
			return false
		}
	}
	return true
}

// Every case of the tables, with what OpenSSL says of it. Where it is known to
// differ the case says why, and agreement there is a failure as well.
func TestOpenSSLAgreesOnPaths(t *testing.T) {
	t.Parallel()
	for _, tt := range pathCases() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ok, out := opensslAccepts(t, pems(tt.anchors), tt.signer.PEM(), pems(tt.bag), day)
			ours := accepted(verify(t, believe(t, tt.anchors...), tt.signer, tt.bag...))
			require.Equal(t, tt.openssl == "", ok == ours, "OpenSSL says %v, we say %v (%s)\n%s", ok, ours, tt.openssl, out)
		})
	}
}

func TestOpenSSLAgreesOnConstraints(t *testing.T) {
	t.Parallel()
	root := authority("openssl root")
	for _, tt := range constraintCases() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ca, signer := tt.issued(root)
			ok, out := opensslAccepts(t, pems([]*testsign.Identity{root}), signer.PEM(), pems([]*testsign.Identity{ca}), day)
			ours := accepted(verify(t, believe(t, root), signer, ca))
			require.Equal(t, tt.openssl == "", ok == ours, "OpenSSL says %v, we say %v (%s)\n%s", ok, ours, tt.openssl, out)
		})
	}
}
