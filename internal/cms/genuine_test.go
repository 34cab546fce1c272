package cms_test

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/cms"
	"github.com/gopec/gopec/internal/counterpart"
)

// signatureOf cuts the base64 body of the signature part out of a message.
func signatureOf(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	b = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
	part := regexp.MustCompile(`(?i)\nContent-Type: application/(x-)?pkcs7-signature`).FindIndex(b)
	require.NotNil(t, part, "no signature part")
	_, body, found := bytes.Cut(b[part[1]:], []byte("\n\n"))
	require.True(t, found)
	body, _, _ = bytes.Cut(body, []byte("\n--"))
	sig, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(string(body)), ""))
	require.NoError(t, err)
	return sig
}

// genuine returns the signatures of the reference corpus by file name.
func genuine(t testing.TB) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for _, folder := range []string{"genuine", "structure"} {
		files, err := filepath.Glob(filepath.Join(counterpart.Reference(t, "corpus", folder), "*.eml"))
		require.NoError(t, err)
		require.NotEmpty(t, files, "corpus/%s", folder)
		for _, f := range files {
			all[filepath.Base(f)] = signatureOf(t, f)
		}
	}
	return all
}

func TestGenuine(t *testing.T) {
	t.Parallel()
	for name, sig := range genuine(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := cms.Parse(sig, cms.Detached)
			require.NoError(t, err)
			require.Empty(t, s.Problems)
			require.Empty(t, s.Notes)
			require.Empty(t, s.Skipped())

			ber := strings.HasPrefix(name, "infocert-2015") || strings.HasPrefix(name, "aruba-2026")
			require.Equal(t, ber, s.BER)
			digest := "SHA-1"
			if strings.HasPrefix(name, "aruba-2026") {
				digest = "SHA-256"
			}
			require.Equal(t, digest, s.DigestName)
			require.Equal(t, "RSA PKCS#1 v1.5", s.SignatureName)
			require.Equal(t, name[strings.Index(name, "-")+1:][:7], s.SigningTime.Format("2006-01"), "the message is named after its month")

			signers, problem := s.Signers()
			require.Nil(t, problem)
			require.Len(t, signers, 1)
			require.True(t, len(signers[0].EmailAddresses) == 1, "a PEC signer has one address")
			require.Contains(t, rawOf(s.Certificates()), string(signers[0].Raw))
		})
	}
}
