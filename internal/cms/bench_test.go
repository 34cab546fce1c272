package cms_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mozilla.org/pkcs7"

	"github.com/gopec/gopec/internal/cms"
)

// benchmarkSignature has the shape that providers write: RSA-2048, SHA-256,
// two certificates.
func benchmarkSignature(b *testing.B) []byte {
	d := newDocument(b, rsaSigner())
	authority := parseNode(ecSigner().certificate.Raw)
	d.bag().add(authority)
	return d.root.der()
}

// stop is require.NoError without its cost.
func stop(b *testing.B, err error) {
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkSignature is what one message costs, beside what it cannot cost
// less than and beside go.mozilla.org/pkcs7.
func BenchmarkSignature(b *testing.B) {
	sig := benchmarkSignature(b)
	check := func(b *testing.B, sig []byte) {
		b.ReportAllocs()
		for b.Loop() {
			s, err := cms.Parse(sig, cms.Detached)
			stop(b, err)
			h, problem := s.NewHash()
			if problem != nil {
				b.Fatal(problem)
			}
			h.Write(content)
			if problem := s.CheckDigest(h.Sum(nil)); problem != nil {
				b.Fatal(problem)
			}
			if _, problem = s.Signers(); problem != nil {
				b.Fatal(problem)
			}
		}
	}
	b.Run("floor, bare rsa.VerifyPKCS1v15", func(b *testing.B) {
		s, err := cms.Parse(sig, cms.Detached)
		require.NoError(b, err)
		sum := sha256.Sum256(s.SignedAttributes())
		value := newDocument(b, rsaSigner())
		value.root = parseNode(sig)
		key := rsaSigner().certificate.PublicKey.(*rsa.PublicKey)
		b.ReportAllocs()
		for b.Loop() {
			stop(b, rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], value.value().body))
		}
	})
	b.Run("cms, Parse", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err := cms.Parse(sig, cms.Detached)
			stop(b, err)
		}
	})
	b.Run("cms, Parse CheckDigest Signers", func(b *testing.B) { check(b, sig) })
	b.Run("cms, the same in BER", func(b *testing.B) { check(b, indefinite(parseNode(sig))) })
	b.Run("cms, ParseCertificate", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err := cms.ParseCertificate(rsaSigner().certificate.Raw)
			stop(b, err)
		}
	})
	b.Run("pkcs7, Parse Verify", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p7, err := pkcs7.Parse(sig)
			stop(b, err)
			p7.Content = content
			stop(b, p7.Verify())
		}
	})
}

// BenchmarkGenuine is the same on a signature of the reference corpus.
func BenchmarkGenuine(b *testing.B) {
	sig := genuine(b)["namirial-2024-12-transport.eml"]
	require.NotEmpty(b, sig)
	b.Run("cms", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s, err := cms.Parse(sig, cms.Detached)
			stop(b, err)
			if _, problem := s.Signers(); problem != nil {
				b.Fatal(problem)
			}
		}
	})
	b.Run("pkcs7, Parse", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err := pkcs7.Parse(sig)
			stop(b, err)
		}
	})
}
