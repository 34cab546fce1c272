package vectors_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/vectors"
)

// pecverify builds the command.
func pecverify(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "pecverify")
	out, err := exec.Command("go", "build", "-o", program, "github.com/gopec/gopec/cmd/pecverify").CombinedOutput()
	require.NoError(t, err, "%s", out)
	return program
}

// Every vector through the command, which is what a program in another language
// can do as well. It reads the clock of the machine, so that vectors that need
// another present time are left to the library.
func TestCommand(t *testing.T) {
	t.Parallel()
	program := pecverify(t)
	now := time.Now()
	c := vectors.Set().Clock
	require.True(t, now.After(c.From) && now.Before(c.Until), "the clock of this machine says %s", now)

	groups := make(map[string][]vectors.Vector)
	n := 0
	for v := range vectors.All() {
		if v.Options.Clock == "any" {
			key := strings.Join(arguments(v), " ")
			groups[key] = append(groups[key], v)
			n++
		}
	}
	require.Greater(t, n, 100)
	for _, group := range groups {
		t.Run(strings.Join(arguments(group[0]), " "), func(t *testing.T) {
			t.Parallel()
			runCommand(t, program, group)
		})
	}
}

// arguments are the flags that a vector's options ask for.
func arguments(v vectors.Vector) []string {
	args := []string{"-json"}
	for _, a := range v.Options.Trust {
		args = append(args, "-trust", a)
	}
	if v.Options.At != "certified" {
		args = append(args, "-at", v.Options.At)
	}
	switch pec.Policy(v.Options.Policy) {
	case pec.PolicyStrict:
		args = append(args, "-strict")
	case pec.PolicyLegacy:
		args = append(args, "-legacy")
	}
	return args
}

// runCommand verifies vectors of the same options at once: one line each, in
// order, and the highest status of all.
func runCommand(t *testing.T, program string, group []vectors.Vector) {
	t.Helper()
	args := arguments(group[0])
	exit := 0
	for _, v := range group {
		args = append(args, v.File)
		exit = max(exit, v.Expected.Exit)
	}
	cmd := exec.Command(program, args...)
	out, err := cmd.Output()
	if exit == 0 {
		require.NoError(t, err)
	} else {
		e, ok := errors.AsType[*exec.ExitError](err)
		require.True(t, ok, "%v", err)
		require.Equal(t, exit, e.ExitCode(), "%s", e.Stderr)
	}
	lines := strings.Split(strings.TrimRight(string(out), "\n"), "\n")
	require.Len(t, lines, len(group))
	for i, v := range group {
		var line struct {
			Schema string
			File   string
			Error  *struct{ Code string }
		}
		require.NoError(t, json.Unmarshal([]byte(lines[i]), &line))
		require.Equal(t, pec.Schema, line.Schema)
		require.True(t, line.File == v.File || line.File == v.File+"#1", "%s after %s", line.File, v.File)
		t.Run(v.ID, func(t *testing.T) {
			if line.Error != nil {
				requireExpected(t, v, nil, line.Error.Code, "pecverify")
				return
			}
			requireExpected(t, v, []byte(lines[i]), "", "pecverify")
		})
	}
}

// The example of a program in another language agrees, and does not agree with
// a command that says yes to everything.
func TestPython(t *testing.T) {
	t.Parallel()
	python := counterpart.Look(t, "python")
	out, err := exec.Command(python, "run.py", pecverify(t)).CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), " vectors, 0 with differences")

	const yes = `{"kind":"accettazione","certified":true,"proves":"accepted","verdict":"TOTAL-PASSED","subIndication":null,` +
		`"proofOfExistence":"none","checks":[],"referenceTime":null,"data":null,"layers":[]}`
	out, err = exec.Command(python, "run.py", "sh", "-c", `printf %s "$0"`, yes).CombinedOutput()
	require.Error(t, err)
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	var n, differ int
	_, err = fmt.Sscanf(lines[len(lines)-1], "%d vectors, %d with differences", &n, &differ)
	require.NoError(t, err)
	require.Equal(t, n, differ)
}
