package gopec_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// notOurs are folders that hold what others wrote, or what a build wrote.
var notOurs = []string{".git", "docs/node_modules", "docs/.vitepress/cache", "docs/.vitepress/dist"}

// moduleFiles returns the files of the repository, Git's own and what test runs
// leave behind (.gitignore) left out.
func moduleFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	require.NoError(t, filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains(notOurs, filepath.ToSlash(path)):
			return fs.SkipDir
		case strings.HasSuffix(path, ".test"), strings.HasSuffix(path, ".prof"):
		case d.Type().IsRegular():
			files = append(files, path)
		}
		return nil
	}))
	return files
}

// keyShape finds private keys in PEM, and the beginning that RSA, EC and
// Ed25519 keys in PKCS#1, SEC 1 and PKCS#8 have in base64.
var keyShape = regexp.MustCompile(`-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=\s]{40}` +
	`|MII[A-Za-z0-9+/]{3}IBAAKCA|MIIC[A-Za-z0-9+/]{2}IBAAKBgQ` + // PKCS#1, 2048 bits and more; 1024
	`|MII[A-Za-z0-9+/]{3}IBADANBgkqhkiG9w0BAQEF|MC4CAQAwBQYD[K]2Vw` + // PKCS#8, RSA and Ed25519
	`|MHcCAQE[E]I|MI[A-Za-z0-9+/]{2}AgEAMB[MA]GByqGSM49AgEG`) // SEC 1 and PKCS#8, elliptic curves

// TestNoPrivateKey: whoever finds the key of an example's authority could sign
// messages that it certifies.
func TestNoPrivateKey(t *testing.T) {
	t.Parallel()
	files := moduleFiles(t)
	require.Contains(t, files, filepath.FromSlash("examples/messages/test-ca.pem"), "the search covers the examples")
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Empty(t, keyShape.FindString(string(text)), "%s holds a private key", file)
	}
}

// TestKeyShape shows that the search would find one.
func TestKeyShape(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"PEM":            "-----BEGIN EC " + "PRIVATE KEY-----\n" + strings.Repeat("AAAA", 20),
		"PKCS#1 2048":    "MIIEow" + "IBAAKCAQEAz",
		"PKCS#8 RSA":     "MIIEvQ" + "IBADANBgkqhkiG9w0BAQEFAASC",
		"SEC 1":          "MHcCAQ" + "EEIB",
		"PKCS#8 P-256":   "MIGHAgEAMBMGBy" + "qGSM49AgEG",
		"PKCS#8 Ed25519": "MC4CAQAw" + "BQYDK2VwBCIEIA",
	} {
		require.True(t, keyShape.MatchString(text), name)
	}
	require.False(t, keyShape.MatchString("-----BEGIN CERTIFICATE-----\nMIIEIDCCAwigAwIBAgIRAJ"), "a certificate is none")
}
