package cms_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mozilla.org/pkcs7"

	"github.com/gopec/gopec/internal/cms"
	"github.com/gopec/gopec/internal/counterpart"
)

var (
	edSigner = sync.OnceValue(func() identity {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			panic(err)
		}
		return newIdentity(key, "Ed25519")
	})
	p521Signer = sync.OnceValue(func() identity {
		key, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
		if err != nil {
			panic(err)
		}
		return newIdentity(key, "P-521")
	})
)

var instant = time.Date(2026, 3, 10, 10, 15, 30, 0, time.FixedZone("", 3600))

// module is a key of which only Public and Sign can be used, as of a hardware
// module.
type module struct{ key crypto.Signer }

func (m module) Public() crypto.PublicKey { return m.key.Public() }
func (m module) Sign(random io.Reader, digest []byte, o crypto.SignerOpts) ([]byte, error) {
	if random == nil {
		return nil, errors.New("a module needs a source of random numbers")
	}
	return m.key.Sign(random, digest, o)
}

// digestOf digests the content as the Signing wants it.
func digestOf(t testing.TB, s *cms.Signing) []byte {
	t.Helper()
	hash, err := s.Digest()
	require.NoError(t, err)
	h := hash.New()
	h.Write(content)
	return h.Sum(nil)
}

// signingCase is one way to sign, and what is expected of others.
type signingCase struct {
	name      string
	signing   cms.Signing
	digest    string // "": SHA-256
	signature string // "": RSA PKCS#1 v1.5
	mozilla   bool   // go.mozilla.org/pkcs7 verifies it
	openssl   string // oldest version that verifies it, "" any
	random    bool   // two signatures differ
}

func signingCases() []signingCase {
	with := func(id identity, s cms.Signing) cms.Signing {
		s.Key, s.Certificate, s.Time = id.key, id.certificate, instant
		return s
	}
	inModule := func(id identity) cms.Signing {
		return cms.Signing{Key: module{id.key}, Certificate: id.certificate, Time: instant}
	}
	return []signingCase{
		{name: "RSA", signing: with(rsaSigner(), cms.Signing{}), mozilla: true},
		{name: "RSA, SHA-1", signing: with(rsaSigner(), cms.Signing{Hash: crypto.SHA1}), digest: "SHA-1", mozilla: true},
		{name: "RSA, SHA-384", signing: with(rsaSigner(), cms.Signing{Hash: crypto.SHA384}), digest: "SHA-384", mozilla: true},
		{name: "RSA, SHA-512", signing: with(rsaSigner(), cms.Signing{Hash: crypto.SHA512}), digest: "SHA-512", mozilla: true},
		{name: "RSA, BER", signing: with(rsaSigner(), cms.Signing{BER: true}), mozilla: true},
		{name: "RSA, two certificates", signing: with(rsaSigner(), cms.Signing{Include: []*x509.Certificate{ecSigner().certificate}}), mozilla: true},
		{name: "RSA, in a module", signing: inModule(rsaSigner()), mozilla: true},
		{name: "RSA-1024", signing: with(smallSigner(), cms.Signing{}), mozilla: true},
		{name: "PSS", signing: with(rsaSigner(), cms.Signing{PSS: true}), signature: "RSA-PSS", random: true},
		{name: "PSS, SHA-1", signing: with(rsaSigner(), cms.Signing{PSS: true, Hash: crypto.SHA1}), digest: "SHA-1", signature: "RSA-PSS", random: true},
		{name: "PSS, SHA-512, in a module", signing: func() cms.Signing {
			s := inModule(rsaSigner())
			s.PSS, s.Hash = true, crypto.SHA512
			return s
		}(), digest: "SHA-512", signature: "RSA-PSS", random: true},
		{name: "ECDSA", signing: with(ecSigner(), cms.Signing{}), signature: "ECDSA", mozilla: true},
		{name: "ECDSA P-521, SHA-512", signing: with(p521Signer(), cms.Signing{Hash: crypto.SHA512}), digest: "SHA-512", signature: "ECDSA", mozilla: true},
		{name: "ECDSA, BER, SHA-384", signing: with(ecSigner(), cms.Signing{BER: true, Hash: crypto.SHA384}), digest: "SHA-384", signature: "ECDSA", mozilla: true},
		{name: "ECDSA, in a module", signing: inModule(ecSigner()), signature: "ECDSA", mozilla: true, random: true},
		{name: "Ed25519", signing: with(edSigner(), cms.Signing{}), digest: "SHA-512", signature: "Ed25519", openssl: "3.2"},
		{name: "Ed25519, in a module", signing: inModule(edSigner()), digest: "SHA-512", signature: "Ed25519", openssl: "3.2"},
	}
}

// TestSign: what is signed is read back, with what it should say.
func TestSign(t *testing.T) {
	t.Parallel()
	for _, c := range signingCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			digest := digestOf(t, &c.signing)
			sig, err := c.signing.Sign(digest)
			require.NoError(t, err)
			d, err := cms.Parse(sig, cms.Detached)
			require.NoError(t, err)
			require.Empty(t, d.Problems)
			require.Empty(t, d.Notes)
			require.Equal(t, c.signing.BER, d.BER)
			require.Equal(t, either(c.digest, "SHA-256"), d.DigestName)
			require.Equal(t, either(c.signature, "RSA PKCS#1 v1.5"), d.SignatureName)
			require.True(t, d.SigningTime.Equal(instant))
			require.Nil(t, d.CheckDigest(digest))
			signers, problem := d.Signers()
			require.Nil(t, problem)
			require.Len(t, signers, 1)
			require.Equal(t, c.signing.Certificate.Raw, signers[0].Raw)
			require.Len(t, d.Certificates(), 1+len(c.signing.Include))

			again, err := c.signing.Sign(digest)
			require.NoError(t, err)
			require.Equal(t, c.random, !bytes.Equal(sig, again), "the same input a second time")

			p7, err := pkcs7.Parse(sig)
			if err == nil {
				p7.Content = content
				err = p7.Verify()
			}
			require.Equal(t, c.mozilla, err == nil, "go.mozilla.org/pkcs7: %v", err)
		})
	}
}

// TestSignForOpenSSL: OpenSSL verifies every shape that its version knows.
func TestSignForOpenSSL(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "content"), content, 0o600))
	version := strings.Fields(string(openssl(t, dir, "version")))[1]
	for _, c := range signingCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			sig, err := c.signing.Sign(digestOf(t, &c.signing))
			require.NoError(t, err)
			file := filepath.Join(t.TempDir(), "signature")
			require.NoError(t, os.WriteFile(file, sig, 0o600))
			cmd := exec.Command(counterpart.Look(t, "openssl"), "cms", "-verify", "-noverify", "-binary",
				"-inform", "DER", "-in", file, "-content", "content")
			cmd.Dir = dir
			out, err := cmd.CombinedOutput()
			if olderThan(t, version, c.openssl) {
				require.Error(t, err, "OpenSSL %s verifies it: it was thought that %s is the first", version, c.openssl)
				t.Skipf("OpenSSL %s does not verify it", version)
			}
			require.NoError(t, err, "%s", out)
		})
	}
}

// olderThan compares versions such as "3.0.19" and "3.2".
func olderThan(t testing.TB, version, wanted string) bool {
	if wanted == "" {
		return false
	}
	var have, want [2]int
	_, err := fmt.Sscanf(version, "%d.%d", &have[0], &have[1])
	require.NoError(t, err)
	_, err = fmt.Sscanf(wanted, "%d.%d", &want[0], &want[1])
	require.NoError(t, err)
	return have[0] < want[0] || have[0] == want[0] && have[1] < want[1]
}

// TestSignLate: from 2050 on a time is written in the other form.
func TestSignLate(t *testing.T) {
	t.Parallel()
	for _, year := range []int{1950, 2049, 2050, 9999} {
		at := time.Date(year, 6, 30, 23, 59, 59, 0, time.UTC)
		s := cms.Signing{Key: rsaSigner().key, Certificate: rsaSigner().certificate, Time: at}
		sig, err := s.Sign(digestOf(t, &s))
		require.NoError(t, err)
		d, err := cms.Parse(sig, cms.Detached)
		require.NoError(t, err)
		require.True(t, d.SigningTime.Equal(at), "%v", d.SigningTime)
	}
}

// TestSignRefuses: what cannot give a good signature is an error that names
// the field, before the key is asked.
func TestSignRefuses(t *testing.T) {
	t.Parallel()
	good := cms.Signing{Key: rsaSigner().key, Certificate: rsaSigner().certificate, Time: instant}
	for _, c := range []struct {
		reason, field string
		edit          func(s *cms.Signing)
	}{
		{"no key", "Key", func(s *cms.Signing) { s.Key = nil }},
		{"another key of the same size", "Key", func(s *cms.Signing) { s.Key = otherSigner().key }},
		{"a key of another kind", "Key", func(s *cms.Signing) { s.Key = ecSigner().key }},
		{"no certificate", "Certificate", func(s *cms.Signing) { s.Certificate = nil }},
		{"a certificate that was never read", "Certificate", func(s *cms.Signing) { s.Certificate = new(x509.Certificate) }},
		{"no time: the clock is not looked at", "Time", func(s *cms.Signing) { s.Time = time.Time{} }},
		{"a time that cannot be written", "Time", func(s *cms.Signing) { s.Time = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }},
		{"MD5", "Hash", func(s *cms.Signing) { s.Hash = crypto.MD5 }},
		{"SHA-224", "Hash", func(s *cms.Signing) { s.Hash = crypto.SHA224 }},
		{"an empty certificate to include", "Include", func(s *cms.Signing) { s.Include = []*x509.Certificate{nil} }},
		{"PSS with a key on a curve", "PSS", func(s *cms.Signing) { s.Key, s.Certificate, s.PSS = ecSigner().key, ecSigner().certificate, true }},
		{"PSS with Ed25519", "PSS", func(s *cms.Signing) { s.Key, s.Certificate, s.PSS = edSigner().key, edSigner().certificate, true }},
		{"Ed25519 with SHA-256", "Hash", func(s *cms.Signing) {
			s.Key, s.Certificate, s.Hash = edSigner().key, edSigner().certificate, crypto.SHA256
		}},
	} {
		s := good
		c.edit(&s)
		_, err := s.Digest()
		var field *cms.SigningError
		require.ErrorAs(t, err, &field, c.reason)
		require.Equal(t, c.field, field.Field, c.reason)
		sig, err := s.Sign(make([]byte, 32))
		require.ErrorAs(t, err, &field, c.reason)
		require.Nil(t, sig)
	}
	_, err := good.Sign(make([]byte, 20))
	require.Error(t, err, "a digest of another length")
}

// liar is a key that signs something else.
type liar struct{ crypto.Signer }

func (l liar) Sign(random io.Reader, digest []byte, o crypto.SignerOpts) ([]byte, error) {
	other := bytes.Clone(digest)
	other[0] ^= 1
	return l.Signer.Sign(random, other, o)
}

// failing is a key that cannot sign.
type failing struct{ crypto.Signer }

var errModule = errors.New("the module is not there")

func (failing) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return nil, errModule }

// TestSignVerifies: a signature that does not verify is not handed out.
func TestSignVerifies(t *testing.T) {
	t.Parallel()
	for _, id := range []identity{rsaSigner(), ecSigner(), edSigner()} {
		s := cms.Signing{Key: liar{id.key}, Certificate: id.certificate, Time: instant}
		sig, err := s.Sign(digestOf(t, &s))
		var problem *cms.Problem
		require.ErrorAs(t, err, &problem)
		require.Equal(t, cms.CodeSignature, problem.Code)
		require.Nil(t, sig)

		s.Key = failing{id.key}
		_, err = s.Sign(digestOf(t, &s))
		require.ErrorIs(t, err, errModule)
	}
	large := make([]*x509.Certificate, cms.MaxCertificates)
	for i := range large {
		large[i] = newIdentity(ecSigner().key, strings.Repeat("x", i+1)).certificate
	}
	s := cms.Signing{Key: rsaSigner().key, Certificate: rsaSigner().certificate, Time: instant, Include: large[1:]}
	_, err := s.Sign(digestOf(t, &s))
	require.NoError(t, err, "as many certificates as are read")
	s.Include = large
	_, err = s.Sign(digestOf(t, &s))
	require.Error(t, err, "one more than is read")
}

// TestSignFIPS runs this test binary again with FIPS 140-only mode enforced:
// SHA-1 is an error there and no panic, the rest is signed as ever.
func TestSignFIPS(t *testing.T) {
	t.Parallel()
	program, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(program, "-test.run=^TestSignFIPSChild$", "-test.v")
	cmd.Env = append(os.Environ(), "GODEBUG=fips140=only", "CMS_SIGN_FIPS=1")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "result=[good]")
}

// TestSignFIPSChild is what TestSignFIPS runs.
func TestSignFIPSChild(t *testing.T) {
	if os.Getenv("CMS_SIGN_FIPS") == "" {
		t.Skip("run by TestSignFIPS")
	}
	for _, id := range []identity{rsaSigner(), ecSigner(), edSigner()} {
		s := cms.Signing{Key: id.key, Certificate: id.certificate, Time: instant}
		_, err := s.Sign(digestOf(t, &s))
		require.NoError(t, err)
	}
	s := cms.Signing{Key: rsaSigner().key, Certificate: rsaSigner().certificate, Time: instant, Hash: crypto.SHA1}
	_, err := s.Digest()
	var field *cms.SigningError
	require.ErrorAs(t, err, &field)
	require.Equal(t, "Hash", field.Field)
	t.Log("result=[good]")
}

// TestSignDER: what is not asked for as BER is DER down to the order of its
// sets, by the standard library's strict decoder.
func TestSignDER(t *testing.T) {
	t.Parallel()
	s := cms.Signing{Key: rsaSigner().key, Certificate: rsaSigner().certificate, Time: instant,
		Include: []*x509.Certificate{ecSigner().certificate, smallSigner().certificate, rsaSigner().certificate}}
	sig, err := s.Sign(digestOf(t, &s))
	require.NoError(t, err)
	require.Equal(t, sig, parseNode(sig).der())
	bag := parseNode(sig).kids[1].kids[0].kids[3]
	require.Len(t, bag.kids, 3, "the signer's own is there once")
	for i := range bag.kids[1:] {
		require.Negative(t, bytes.Compare(bag.kids[i].der(), bag.kids[i+1].der()))
	}
}
