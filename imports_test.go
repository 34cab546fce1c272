package gopec_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/gopec/gopec"

// mayImport says which packages of this module a package may import. One that
// is not listed stands above all of these, and none of these may import it.
var mayImport = map[string][]string{
	"": nil, // the map of the module holds no code

	"internal/printable":   nil,
	"internal/mime":        nil,
	"internal/recent":      nil,
	"internal/cms":         {"internal/recent"},
	"internal/certsig":     nil,
	"internal/counterpart": nil,
	"internal/ldif":        nil,
	"internal/safename":    nil,
	"daticert":             nil,

	"trust":            {"internal/certsig", "internal/cms", "internal/recent"},
	"trust/revocation": {"internal/certsig", "internal/cms", "trust"},
	"trust/timestamp":  {"internal/cms", "trust"},
	"trust/directory":  {"internal/cms", "internal/ldif", "trust"},
	"trust/online":     {"trust", "trust/revocation"},
	"smime":            {"internal/cms", "internal/mime"},
	"internal/compose": {"daticert", "internal/mime"},
	"internal/mailbox": {"internal/mime", "internal/printable"},
	// What makes broken messages imports nothing that verifies them.
	"internal/testsign": {"daticert"},

	"envelope": {"daticert", "internal/compose", "internal/mime", "smime"},
	"receipt":  {"daticert", "envelope", "internal/compose", "internal/mime", "smime"},
	"pec":      {"daticert", "envelope", "internal/cms", "internal/mime", "internal/printable", "internal/recent", "receipt", "smime", "trust", "trust/directory", "trust/revocation", "trust/timestamp"},

	"follow":  {"daticert", "internal/mime", "internal/printable", "pec", "receipt", "smime"},
	"bundle":  {"pec", "trust/revocation", "trust/timestamp"},
	"dossier": {"daticert", "follow", "internal/printable", "pec", "receipt"},
	"pectest": {"daticert", "envelope", "internal/cms", "internal/mime", "pec", "receipt", "smime", "trust", "trust/revocation", "trust/directory"},

	"cmd/pecverify": {"bundle", "daticert", "dossier", "follow", "internal/mailbox", "internal/printable", "internal/safename", "pec", "trust", "trust/directory", "trust/online", "trust/revocation", "trust/timestamp"},

	// No trust decision depends on a registry, nor a registry on one.
	"internal/fiscalcode": nil,
	"ipa":                 nil,
	"vectors":             nil,
}

// TestImportsRunDownwards keeps the packages importable alone.
func TestImportsRunDownwards(t *testing.T) {
	t.Parallel()
	checked := 0
	for _, line := range goList(t, "-f", "{{.ImportPath}} {{join .Imports \" \"}}", "./...") {
		name, imports, _ := strings.Cut(line, " ")
		allowed, known := mayImport[inModule(name)]
		if !known {
			continue
		}
		checked++
		for path := range strings.FieldsSeq(imports) {
			if strings.HasPrefix(path, module) {
				require.Contains(t, allowed, inModule(path), "%s imports it", name)
			}
		}
	}
	require.Greater(t, checked, 12, "the packages were not found")
}

// TestNoNetwork: whoever verifies links no code that could send something, but
// for the command, which has -online.
func TestNoNetwork(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"./pec", "./follow", "./dossier", "./bundle", "./trust/revocation", "./trust/timestamp", "./trust/directory", "./docs/wasm/verifypage"} {
		deps := goList(t, "-deps", name)
		require.Contains(t, deps, module+"/trust", "the list is that of %s", name)
		for _, path := range []string{"net/http", "crypto/tls", "net/smtp", "net/rpc"} {
			require.NotContains(t, deps, path, name)
		}
	}
}

// TestTestCodeStaysOut: neither the writer of broken messages nor the tests'
// libraries reach a user's program.
func TestTestCodeStaysOut(t *testing.T) {
	t.Parallel()
	for _, path := range goList(t, "-deps", "./cmd/pecverify") {
		require.NotEqual(t, module+"/internal/testsign", path)
		require.False(t, strings.HasPrefix(path, "github.com/stretchr/"), path)
		require.False(t, strings.HasPrefix(path, "github.com/rogpeppe/"), path)
	}
}

func inModule(path string) string { return strings.TrimPrefix(strings.TrimPrefix(path, module), "/") }

// goList runs go list and returns its lines.
func goList(t *testing.T, args ...string) []string {
	t.Helper()
	readSources(t)
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	out, err := cmd.Output()
	require.NoError(t, err)
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}
