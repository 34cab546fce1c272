package cms_test

import (
	"bytes"
	"crypto/sha256"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/cms"
	"github.com/gopec/gopec/internal/counterpart"
)

// opaqueOf signs with the content enclosed.
func opaqueOf(t testing.TB, content []byte, ber bool) []byte {
	t.Helper()
	s := cms.Signing{Key: rsaSigner().key, Certificate: rsaSigner().certificate, Time: instant, BER: ber, Content: content}
	sum := sha256.Sum256(content)
	sig, err := s.Sign(sum[:])
	require.NoError(t, err)
	return sig
}

func TestSignWithContent(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 127, 128, 70_000, 17 << 20} {
		for _, ber := range []bool{false, true} {
			t.Run(strconv.Itoa(size)+strconv.FormatBool(ber), func(t *testing.T) {
				t.Parallel()
				content := bytes.Repeat([]byte{'x'}, size)
				sig := opaqueOf(t, content, ber)
				d, err := cms.Parse(sig, cms.Profile{ContentType: cms.Opaque.ContentType, Max: 18 << 20})
				require.NoError(t, err)
				require.Equal(t, ber, d.BER)
				require.True(t, bytes.Equal(content, d.Content))
				sum := sha256.Sum256(d.Content)
				require.Nil(t, d.CheckDigest(sum[:]))
				signers, problem := d.Signers()
				require.Nil(t, problem)
				require.Len(t, signers, 1)
			})
		}
	}
}

func TestSignWithContentOfAnotherDigest(t *testing.T) {
	t.Parallel()
	s := cms.Signing{Key: rsaSigner().key, Certificate: rsaSigner().certificate, Time: instant, Content: []byte("a")}
	sum := sha256.Sum256([]byte("b"))
	_, err := s.Sign(sum[:])
	require.ErrorContains(t, err, "the signature made is not good")
}

// TestMaxOfProfile: the limit of a profile is exact, and without one it is that
// of a signature.
func TestMaxOfProfile(t *testing.T) {
	t.Parallel()
	sig := opaqueOf(t, bytes.Repeat([]byte{'x'}, cms.MaxSize), false)
	_, err := cms.Parse(sig, cms.Opaque)
	require.ErrorContains(t, err, "more than the 262144 that are read")
	profile := cms.Opaque
	profile.Max = len(sig)
	_, err = cms.Parse(sig, profile)
	require.NoError(t, err)
	profile.Max--
	_, err = cms.Parse(sig, profile)
	require.ErrorContains(t, err, "more than the "+strconv.Itoa(profile.Max)+" that are read")
}

func TestOpenSSLReadsSignedContent(t *testing.T) {
	t.Parallel()
	path := counterpart.Look(t, "openssl")
	for _, ber := range []bool{false, true} {
		content := bytes.Repeat([]byte("dn: o=postacert\n"), 5000)
		file := filepath.Join(t.TempDir(), "content.p7m")
		require.NoError(t, os.WriteFile(file, opaqueOf(t, content, ber), 0o600))
		out, err := exec.Command(path, "cms", "-verify", "-noverify", "-binary", "-inform", "DER", "-in", file).Output()
		require.NoError(t, err)
		require.True(t, bytes.Equal(content, out))
	}
}
