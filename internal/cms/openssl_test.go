package cms_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mozilla.org/pkcs7"

	"github.com/gopec/gopec/internal/cms"
	"github.com/gopec/gopec/internal/counterpart"
)

// openssl runs the program in a folder and returns its output.
func openssl(t testing.TB, dir string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(counterpart.Look(t, "openssl"), args...)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, "openssl %v\n%s", args, stderr.String())
	return out
}

// opensslSigner makes a key, a certificate and the content as files.
func opensslSigner(t testing.TB, key ...string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "content"), content, 0o600))
	openssl(t, dir, append([]string{"req", "-x509", "-nodes", "-keyout", "key.pem", "-out", "cert.pem",
		"-days", "30", "-subj", "/O=Gestore di prova/CN=OpenSSL", "-addext", "keyUsage=digitalSignature", "-newkey"}, key...)...)
	return dir
}

// TestOpenSSL reads what OpenSSL signs, in all its variants.
func TestOpenSSL(t *testing.T) {
	t.Parallel()
	rsaDir := opensslSigner(t, "rsa:2048")
	p256 := opensslSigner(t, "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
	p521 := opensslSigner(t, "ec", "-pkeyopt", "ec_paramgen_curve:P-521")
	for _, c := range []struct {
		name      string
		dir       string
		args      []string
		digest    string
		signature string
		ber       bool
		opaque    bool
		moz       bool // go.mozilla.org/pkcs7 reads it too
		problem   string
	}{
		{name: "SHA-1", dir: rsaDir, args: []string{"-md", "sha1"}, digest: "SHA-1", moz: true},
		{name: "SHA-224", dir: rsaDir, args: []string{"-md", "sha224"}, digest: "SHA-224"},
		{name: "SHA-256", dir: rsaDir, args: []string{"-md", "sha256"}, moz: true},
		{name: "SHA-384", dir: rsaDir, args: []string{"-md", "sha384"}, digest: "SHA-384", moz: true},
		{name: "SHA-512", dir: rsaDir, args: []string{"-md", "sha512"}, digest: "SHA-512", moz: true},
		{name: "MD5", dir: rsaDir, args: []string{"-md", "md5"}, digest: "MD5", problem: cms.CodeDigestForbidden},
		{name: "SHA3-256", dir: rsaDir, args: []string{"-md", "sha3-256"}, digest: "2.16.840.1.101.3.4.2.8", problem: cms.CodeDigestUnsupported},
		{name: "PSS", dir: rsaDir, args: []string{"-md", "sha256", "-keyopt", "rsa_padding_mode:pss"}, signature: "RSA-PSS"},
		{name: "PSS with a short salt", dir: rsaDir, args: []string{"-md", "sha256", "-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:8"}, signature: "RSA-PSS"},
		{name: "PSS without salt", dir: rsaDir, args: []string{"-md", "sha256", "-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:0"}, signature: "RSA-PSS"},
		{name: "PSS with another MGF1 hash", dir: rsaDir, args: []string{"-md", "sha256", "-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_mgf1_md:sha1"}, signature: "RSA-PSS", problem: cms.CodeAlgorithmParameters},
		{name: "P-256", dir: p256, args: []string{"-md", "sha256"}, signature: "ECDSA", moz: true},
		{name: "P-521 with SHA-1", dir: p521, args: []string{"-md", "sha1"}, digest: "SHA-1", signature: "ECDSA", moz: true},
		{name: "P-521 with SHA-512", dir: p521, args: []string{"-md", "sha512"}, digest: "SHA-512", signature: "ECDSA", moz: true},
		{name: "key identifier", dir: rsaDir, args: []string{"-md", "sha256", "-keyid"}},
		{name: "signing certificate v2", dir: rsaDir, args: []string{"-md", "sha256", "-cades"}, moz: true},
		{name: "signing certificate v1", dir: rsaDir, args: []string{"-md", "sha1", "-cades"}, digest: "SHA-1", moz: true},
		{name: "without S/MIME capabilities", dir: rsaDir, args: []string{"-md", "sha256", "-nosmimecap"}, moz: true},
		{name: "opaque", dir: rsaDir, args: []string{"-md", "sha256", "-nodetach"}, opaque: true, moz: true},
		{name: "opaque in chunks", dir: rsaDir, args: []string{"-md", "sha256", "-nodetach", "-stream"}, opaque: true, ber: true, moz: true},
		{name: "no attributes", dir: rsaDir, args: []string{"-md", "sha256", "-noattr"}, problem: cms.CodeNoAttributes},
		{name: "no certificates", dir: rsaDir, args: []string{"-md", "sha256", "-nocerts"}, problem: cms.CodeNoCertificate},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			sig := openssl(t, c.dir, append([]string{"cms", "-sign", "-binary", "-in", "content", "-signer", "cert.pem", "-inkey", "key.pem", "-outform", "DER"}, c.args...)...)
			profile := cms.Detached
			if c.opaque {
				profile = cms.Opaque
			}
			s, err := cms.Parse(sig, profile)
			require.NoError(t, err)
			require.Equal(t, c.ber, s.BER)
			require.Equal(t, either(c.digest, "SHA-256"), s.DigestName)
			require.Equal(t, either(c.signature, "RSA PKCS#1 v1.5"), s.SignatureName)
			if c.opaque {
				require.Equal(t, content, s.Content)
			}
			found, problem := s.Signers()
			require.Equal(t, c.problem, code(problem))
			if c.problem != "" {
				return
			}
			require.Empty(t, s.Problems)
			require.Empty(t, s.Notes)
			require.Len(t, found, 1)
			h, problem := s.NewHash()
			require.Nil(t, problem)
			h.Write(content)
			require.Nil(t, s.CheckDigest(h.Sum(nil)))

			p7, err := pkcs7.Parse(sig)
			if err == nil {
				p7.Content = content
				err = p7.Verify()
			}
			require.Equal(t, c.moz, err == nil, "go.mozilla.org/pkcs7: %v", err)
		})
	}
}

func either(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// TestOpenSSLAgrees: what is accepted after an edit OpenSSL accepts too, with
// the exceptions listed.
func TestOpenSSLAgrees(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	program := counterpart.Look(t, "openssl")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "content"), content, 0o600))
	differs := map[string]string{
		"unsorted, signed sorted":                     "OpenSSL hashes the attributes as they stand",
		"unsigned attributes":                         "OpenSSL reads what nobody has signed",
		"what is no certificate":                      "OpenSSL reads every entry",
		"revocation data of another format":           "OpenSSL reads every entry",
		"decoy with the same issuer and serial first": "OpenSSL tries the first that is named",
		"decoy with a key of another type":            "OpenSSL tries the first that is named",
	}
	var tried int
	for _, rules := range [][]rule{contentRules, signerRules, attributeRules, trailingRules, algorithmRules, bagRules} {
		for _, r := range rules {
			if len(r.problems) > 0 || r.digest != "" || r.signers != "" || r.profile != "" {
				continue
			}
			d := newDocument(t, rsaSigner())
			r.edit(d)
			if !r.keep {
				d.sort()
				d.resign()
			}
			file := filepath.Join(dir, "sig.der")
			require.NoError(t, os.WriteFile(file, d.root.der(), 0o600))
			cmd := exec.Command(program, "cms", "-verify", "-noverify", "-binary", "-inform", "DER", "-in", file, "-content", "content")
			cmd.Dir = dir
			out, err := cmd.CombinedOutput()
			require.Equal(t, differs[r.name] != "", err != nil, "%s: %s", r.name, bytes.TrimPrefix(out, content))
			delete(differs, r.name)
			tried++
		}
	}
	require.Greater(t, tried, 10)
	require.Empty(t, differs, "listed and not tried")
}

// TestMozillaAgrees: every genuine DER or BER signature that is accepted is
// accepted by go.mozilla.org/pkcs7 too, over the same attributes.
func TestMozillaAgrees(t *testing.T) {
	t.Parallel()
	algorithms := map[crypto.Hash]x509.SignatureAlgorithm{crypto.SHA1: x509.SHA1WithRSA, crypto.SHA256: x509.SHA256WithRSA}
	for name, sig := range genuine(t) {
		s, err := cms.Parse(sig, cms.Detached)
		require.NoError(t, err)
		found, problem := s.Signers()
		require.Nil(t, problem)
		p7, err := pkcs7.Parse(sig)
		require.NoError(t, err, name)
		require.Len(t, p7.Signers, 1)
		var digest []byte
		require.NoError(t, p7.UnmarshalSignedAttribute(pkcs7.OIDAttributeMessageDigest, &digest))
		require.Nil(t, s.CheckDigest(digest), "%s: the digest that the other library reads", name)
		require.NoError(t, p7.GetOnlySigner().CheckSignature(algorithms[s.Digest], s.SignedAttributes(), p7.Signers[0].EncryptedDigest))
		require.Equal(t, p7.GetOnlySigner().Raw, found[0].Raw)
	}
}
