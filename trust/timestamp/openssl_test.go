package timestamp_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/cms"
	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/trust"
	"github.com/gopec/gopec/trust/timestamp"
)

// bench is a folder with files in which OpenSSL works.
type bench struct {
	testing.TB
	dir string
}

func newBench(t testing.TB) bench {
	b := bench{t, t.TempDir()}
	b.write("message", message)
	b.write("root.pem", root.PEM())
	return b
}

func (b bench) write(name string, content []byte) {
	b.Helper()
	require.NoError(b, os.WriteFile(filepath.Join(b.dir, name), content, 0o600))
}

func (b bench) read(name string) []byte {
	b.Helper()
	content, err := os.ReadFile(filepath.Join(b.dir, name))
	require.NoError(b, err)
	return content
}

// try runs OpenSSL and reports whether it agreed.
func (b bench) try(args ...string) (bool, string) {
	b.Helper()
	cmd := exec.Command(counterpart.Look(b, "openssl"), args...)
	cmd.Dir = b.dir
	out, err := cmd.CombinedOutput()
	return err == nil, string(out)
}

func (b bench) run(args ...string) {
	b.Helper()
	ok, out := b.try(args...)
	require.True(b, ok, "openssl %v\n%s", args, out)
}

const opensslConfig = `
[ tsa ]
serial = serial
default_policy = 1.3.6.1.4.1.32473.1
other_policies = 1.3.6.1.4.1.32473.2
digests = sha1, sha224, sha256, sha384, sha512
`

// OpenSSL makes stamps, ours verifies them: each option of its own that changes the
// form.
func TestOpenSSLStamps(t *testing.T) {
	t.Parallel()
	now := time.Now()
	valid := func(c testsign.Certificate) testsign.Certificate {
		c.NotBefore, c.NotAfter = now.Add(-24*time.Hour), now.Add(24*time.Hour)
		return c
	}
	for _, c := range []struct {
		name     string
		key      testsign.KeyType
		config   string
		query    []string
		reply    []string
		failed   []string
		stated   time.Duration
		response bool // false: a bare token
	}{
		{name: "RSA", key: testsign.RSA2048, query: []string{"-sha256", "-cert"}, response: true},
		{name: "P-256", key: testsign.P256, query: []string{"-sha256", "-cert"}, response: true},
		{name: "token", key: testsign.RSA2048, query: []string{"-sha256", "-cert"}, reply: []string{"-token_out"}},
		{name: "SHA-384", key: testsign.RSA2048, query: []string{"-sha384", "-cert"}, response: true},
		{name: "SHA-512", key: testsign.RSA2048, query: []string{"-sha512", "-cert"}, response: true},
		{name: "no nonce", key: testsign.RSA2048, query: []string{"-sha256", "-cert", "-no_nonce"}, response: true},
		{name: "another policy", key: testsign.RSA2048, query: []string{"-sha256", "-cert", "-tspolicy", "1.3.6.1.4.1.32473.2"}, response: true},
		{name: "accuracy", key: testsign.RSA2048, config: "accuracy = secs:2, millisecs:500, microsecs:100\n", query: []string{"-sha256", "-cert"}, response: true, stated: 2*time.Second + 500100*time.Microsecond},
		{name: "ordering, name, fraction", key: testsign.RSA2048, config: "ordering = yes\ntsa_name = yes\nclock_precision_digits = 3\n", query: []string{"-sha256", "-cert"}, response: true},
		{name: "chain and SHA-512 reference", key: testsign.RSA2048, config: "ess_cert_id_chain = yes\ness_cert_id_alg = sha512\n", query: []string{"-sha256", "-cert"}, reply: []string{"-chain", "root.pem"}, response: true},
		{name: "reference by SHA-1", key: testsign.RSA2048, config: "ess_cert_id_alg = sha1\n", query: []string{"-sha256", "-cert"}, response: true},
		{name: "signed with SHA-512", key: testsign.RSA2048, config: "signer_digest = sha512\n", query: []string{"-sha256", "-cert"}, response: true},
		{name: "signed with SHA-1", key: testsign.RSA2048, config: "signer_digest = sha1\n", query: []string{"-sha256", "-cert"}, response: true, failed: []string{timestamp.CodeSignatureSHA1}},
		{name: "SHA-1", key: testsign.RSA2048, query: []string{"-sha1", "-cert"}, response: true, failed: []string{timestamp.CodeImprintSHA1}},
		{name: "no certificate", key: testsign.RSA2048, query: []string{"-sha256"}, response: true, failed: []string{cms.CodeNoCertificate}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			by := signer(valid(testsign.Certificate{KeyType: c.key}))
			key, err := x509.MarshalPKCS8PrivateKey(by.Key)
			require.NoError(t, err)
			b.write("key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
			b.write("tsa.pem", by.PEM())
			b.write("serial", []byte("1F\n"))
			config := opensslConfig + c.config
			if !bytes.Contains([]byte(c.config), []byte("signer_digest")) {
				config += "signer_digest = sha256\n"
			}
			b.write("config", []byte(config))
			b.run(append([]string{"ts", "-query", "-data", "message", "-out", "query"}, c.query...)...)
			b.run(append([]string{"ts", "-reply", "-config", "config", "-section", "tsa", "-queryfile", "query", "-signer", "tsa.pem", "-inkey", "key.pem", "-out", "reply"}, c.reply...)...)

			o := timestamp.Options{Anchors: anchors(t, root), Now: time.Now()}
			in := b.read("reply")
			s := parse(t, in)
			require.Equal(t, c.response, s.Form == timestamp.Response)
			require.WithinDuration(t, now, s.Time, time.Minute)
			require.Equal(t, c.stated > 0, s.AccuracyStated)
			require.Equal(t, c.stated, s.Accuracy)
			r := verify(t, in, message, o)
			require.Equal(t, append([]string{}, c.failed...), failures(r), "%+v", r.Findings)
			require.Empty(t, codes(r, trust.Warn))
			require.Contains(t, failures(verify(t, in, other, o)), timestamp.CodeImprintDiffers)
			o.Certificates = []*x509.Certificate{by.X509()}
			if c.name == "no certificate" {
				require.True(t, verify(t, in, message, o).Verified, "its certificate came beside it")
			}
		})
	}
}

// OpenSSL's rejections are read as such.
func TestOpenSSLRejects(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	now := time.Now()
	by := signer(testsign.Certificate{KeyType: testsign.RSA2048, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour)})
	key, err := x509.MarshalPKCS8PrivateKey(by.Key)
	require.NoError(t, err)
	b.write("key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
	b.write("tsa.pem", by.PEM())
	b.write("serial", []byte("1F\n"))
	b.write("config", []byte(opensslConfig+"signer_digest = sha256\n"))
	b.run("ts", "-query", "-data", "message", "-sha256", "-tspolicy", "1.2.3.4", "-out", "query")
	b.try("ts", "-reply", "-config", "config", "-section", "tsa", "-queryfile", "query", "-signer", "tsa.pem", "-inkey", "key.pem", "-out", "reply")
	_, err = timestamp.Parse("reply", b.read("reply"))
	var status *timestamp.StatusError
	require.ErrorAs(t, err, &status)
	require.Equal(t, "rejection", status.Status)
	require.Equal(t, []string{"unacceptedPolicy"}, status.Failures)
	require.NotEmpty(t, status.Text)
}

// Stamps of every shape, with ours and OpenSSL's word on each. Where they differ it is
// in the table, and a change on either side fails.
func TestOpenSSLVerifies(t *testing.T) {
	t.Parallel()
	stamping := []asn1.ObjectIdentifier{testsign.OIDTimeStamping}
	change := func(f func(*testsign.SignedData)) []byte { return token(tsa, info{}.der(), f) }
	for _, c := range []struct {
		name         string
		in           []byte
		ours, theirs bool
	}{
		{"good", token(tsa, info{}.der()), true, true},
		{"SHA-512", token(tsa, info{hash: crypto.SHA512}.der()), true, true},
		{"no accuracy", token(tsa, info{accuracy: []byte{}}.der()), true, true},
		{"fraction", token(tsa, info{genTime: "20260310091530.25Z"}.der()), true, true},
		{"reference of 1999", change(func(s *testsign.SignedData) {
			s.Signer.Add = []testsign.CMSAttribute{testsign.SigningCertificate(tsa)}
		}), true, true},
		{"another file", token(tsa, info{over: other}.der()), false, false},
		{"usage not critical", token(signer(testsign.Certificate{ExtKeyUsage: stamping}), info{}.der()), false, false},
		{"two usages", token(signer(testsign.Certificate{ExtKeyUsage: append(stamping, testsign.OIDEmailProtection), ExtKeyUsageCritical: true}), info{}.der()), false, false},
		{"key usage of more", token(signer(testsign.Certificate{KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment}), info{}.der()), false, false},
		{"for mail", token(testsign.Certificate{KeyType: testsign.P256}.IssuedBy(root), info{}.der()), false, false},
		{"two signers", change(func(s *testsign.SignedData) {
			s.Others = []testsign.SignerInfo{{By: signer(testsign.Certificate{KeyType: testsign.P384})}}
		}), false, false},
		{"no reference", change(func(s *testsign.SignedData) { s.Signer.Add = nil }), false, false},
		{"reference to another", change(func(s *testsign.SignedData) {
			s.Signer.Add = []testsign.CMSAttribute{testsign.SigningCertificateV2(root, crypto.SHA256)}
		}), false, false},
		{"wrong value", change(func(s *testsign.SignedData) { s.Signer.WrongSignature = true }), false, false},
		{"other content", change(func(s *testsign.SignedData) { s.Content = info{serial: []byte{2, 1, 8}}.der() }), false, false},
		{"expired", token(signer(testsign.Certificate{NotAfter: instant.Add(-time.Second)}), info{}.der()), false, false},
		{"another root", token(testsign.Certificate{KeyType: testsign.P256, ExtKeyUsage: stamping, ExtKeyUsageCritical: true, Addresses: []string{}, Policies: []asn1.ObjectIdentifier{}}.IssuedBy(otherRoot), info{}.der()), false, false},

		// Where we ask for more.
		{"SHA-1 imprint", token(tsa, info{hash: crypto.SHA1}.der()), false, true},
		{"signed with SHA-1", change(func(s *testsign.SignedData) { s.Signer.Hash = crypto.SHA1 }), false, true},
		{"RSA-1024", token(signer(testsign.Certificate{KeyType: testsign.RSA1024}), info{}.der()), false, true},
		{"certificate signed with SHA-1", token(signer(testsign.Certificate{Hash: crypto.SHA1}), info{}.der()), false, true},
		{"unknown critical extension", token(tsa, info{rest: tlv(0xa1, seq(oid(1, 3, 6, 1, 4, 1, 32473, 5), []byte{1, 1, 0xff}, tlv(4, []byte{5, 0})))}.der()), false, true},

		// And where we take more: OpenSSL's code for stamps is older than its code for CMS.
		{"over the digest", token(tsa, info{over: digest(crypto.SHA256, message)}.der()), true, false},
		{"in BER", change(func(s *testsign.SignedData) { s.Encoding = testsign.BERAll }), true, false},
		{"RSA-PSS", token(rsaSigner(), info{}.der(), func(s *testsign.SignedData) { s.Signer.Scheme = testsign.SchemePSS }), true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.ours, verify(t, c.in, message, options(t)).Verified)
			b := newBench(t)
			b.write("stamp", c.in)
			ok, out := b.try("ts", "-verify", "-in", "stamp", "-token_in", "-data", "message", "-CAfile", "root.pem", "-attime", strconv.FormatInt(instant.Unix(), 10))
			require.Equal(t, c.theirs, ok, "%s", out)
		})
	}
}

// OpenSSL can ask for a policy by its query only; ours can by name, and each refuses
// the stamp that was made under another.
func TestOpenSSLPolicy(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.write("stamp", response(token(tsa, info{}.der())))
	when := strconv.FormatInt(instant.Unix(), 10)
	for policy, want := range map[string]bool{"1.3.6.1.4.1.32473.1": true, "1.3.6.1.4.1.32473.2": false} {
		b.run("ts", "-query", "-data", "message", "-sha256", "-no_nonce", "-tspolicy", policy, "-out", "query")
		ok, out := b.try("ts", "-verify", "-in", "stamp", "-queryfile", "query", "-CAfile", "root.pem", "-attime", when)
		require.Equal(t, want, ok, "%s", out)
		o := options(t)
		o.Policies = []string{policy}
		require.Equal(t, want, verify(t, b.read("stamp"), message, o).Verified)
	}
}
