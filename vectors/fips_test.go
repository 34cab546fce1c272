package vectors_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/pec"
)

// Where Go's FIPS 140-3 module is enforced, arithmetic that it forbids (SHA-1,
// short keys, some curves) ends in a verdict that says so: there is a result
// for every message, no panic, and nothing is certified that is not otherwise.
func TestFIPSOnly(t *testing.T) {
	t.Parallel()
	program := pecverify(t)
	plain, forced := everyVector(t, program, ""), everyVector(t, program, "fips140=only")
	require.Greater(t, len(plain), 500)
	require.Len(t, forced, len(plain))
	lost := 0
	for i, f := range forced {
		p := plain[i]
		require.Equal(t, p.File, f.File)
		require.Equal(t, p.Error, f.Error, f.File)
		if f.Certified {
			require.True(t, p.Certified, "%s is certified under FIPS only", f.File)
		}
		if p.Certified && !f.Certified {
			lost++
			require.Equal(t, pec.Indeterminate, f.Verdict, "%s: what cannot be computed is not known to be false", f.File)
		}
	}
	require.NotZero(t, lost, "GODEBUG had no effect")
	require.Less(t, lost, 20, "SHA-256 with RSA-2048 is allowed")
}

type verdictLine struct {
	File      string
	Certified bool
	Verdict   pec.Verdict
	Error     *struct{ Code string }
}

// everyVector verifies all vectors in one process.
func everyVector(t *testing.T, program, debug string) []verdictLine {
	t.Helper()
	cmd := exec.Command(program, "-json", "-trust", "trust/test-ca.pem", "eml")
	cmd.Env = append(os.Environ(), "GODEBUG="+debug)
	out, err := cmd.Output()
	e, ok := errors.AsType[*exec.ExitError](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, 2, e.ExitCode(), "limits are passed on purpose")
	var lines []verdictLine
	for line := range strings.Lines(string(out)) {
		var v verdictLine
		require.NoError(t, json.Unmarshal([]byte(line), &v))
		if v.Error != nil {
			require.NotEqual(t, "internal", v.Error.Code, line)
		}
		lines = append(lines, v)
	}
	return lines
}
