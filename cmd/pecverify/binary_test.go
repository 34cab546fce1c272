package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/testsign"
)

// What a whole process does (signals, pipes, memory) is tested on the command
// as it is built, and not on a function called in the test's own process.

// built is the command, built once for all tests that need it.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "pecverify-test-")
	if err != nil {
		return "", err
	}
	builtIn = dir
	path := filepath.Join(dir, "pecverify")
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	build := exec.Command("go", "build", "-o", path, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // static, as it is released
	build.Stderr = os.Stderr
	return path, build.Run()
})

// builtIn is the folder of the built command, if there is one.
var builtIn string

func binary(t testing.TB) string {
	t.Helper()
	path, err := built()
	require.NoError(t, err)
	return path
}

func TestMain(m *testing.M) { testMain(cleaning{m}) }

// testMain runs the tests; the scripts put a command of their own around it.
var testMain = func(m cleaning) { os.Exit(m.Run()) }

// cleaning removes the built command after the tests.
type cleaning struct{ m *testing.M }

func (c cleaning) Run() int {
	code := c.m.Run()
	if builtIn != "" {
		os.RemoveAll(builtIn)
	}
	return code
}

// testAuthority writes the authority of testsign's messages to a file for
// -trust.
func testAuthority(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test-ca.pem")
	require.NoError(t, os.WriteFile(path, testsign.NewCircle().Root.PEM(), 0o600))
	return path
}
