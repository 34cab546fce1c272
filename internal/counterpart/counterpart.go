// Package counterpart finds the programs and reference data that tests
// compare against, and decides whether a test may be skipped without them.
//
// PEC_REQUIRE is a comma-separated list of counterparts (openssl, xmllint,
// python, curl, slapd, chromium, reference, or all) whose absence is a
// failure instead of a skip. PEC_REFERENCE names the folder with the reference
// data, which is never part of the repository.
package counterpart

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// programs gives the names under which a counterpart is looked for.
var programs = map[string][]string{
	"python":   {"python3"},
	"chromium": {"chromium", "chromium-browser"},
	"slapd":    {"slapd", "/usr/sbin/slapd"},
}

// Look returns the path of a program. Without it the test is skipped, or
// fails if PEC_REQUIRE names it.
func Look(t testing.TB, name string) string {
	t.Helper()
	names := programs[name]
	if names == nil {
		names = []string{name}
	}
	for _, n := range names {
		if path, err := exec.LookPath(n); err == nil {
			count(t, name)
			return path
		}
	}
	Missing(t, name, "program not found")
	return ""
}

// Reference returns a path inside the folder of reference data. Without
// PEC_REFERENCE the test is skipped, or fails if PEC_REQUIRE names
// "reference". A folder that lacks the file is always a failure.
func Reference(t testing.TB, elem ...string) string {
	t.Helper()
	dir := os.Getenv("PEC_REFERENCE")
	if dir == "" {
		Missing(t, "reference", "PEC_REFERENCE is not set")
	}
	path := filepath.Join(append([]string{dir}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("reference data: %v", err)
	}
	count(t, "reference")
	return path
}

// count notes that a test used a counterpart.
func count(t testing.TB, name string) {
	t.Helper()
	file := os.Getenv("PEC_COUNT")
	if file == "" {
		return
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatalf("PEC_COUNT: %v", err)
	}
	defer f.Close()
	if _, err := f.WriteString(name + "\t" + t.Name() + "\n"); err != nil {
		t.Fatalf("PEC_COUNT: %v", err)
	}
}

// Missing skips the test because a counterpart cannot be used, or fails it if
// PEC_REQUIRE names the counterpart.
func Missing(t testing.TB, name, reason string) {
	t.Helper()
	if required(name) {
		t.Fatalf("counterpart %s is required by PEC_REQUIRE: %s", name, reason)
	}
	t.Skipf("counterpart %s: %s", name, reason)
}

func required(name string) bool {
	list := strings.FieldsFunc(os.Getenv("PEC_REQUIRE"), func(r rune) bool { return r == ',' || r == ' ' })
	return slices.Contains(list, name) || slices.Contains(list, "all")
}
