package pec_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/trust"
)

// BenchmarkMessage puts reading and verifying a message of 23 KB, the average
// of a mailbox, beside the arithmetic that no verifier can do without: one hash
// of it and one RSA-2048 verification.
func BenchmarkMessage(b *testing.B) {
	circle := testsign.NewCircle()
	store, err := trust.NewStore(false, circle.Root.X509())
	require.NoError(b, err)
	original := append([]byte("From: mittente@pec.example.it\r\nTo: destinatario@pec.example.com\r\nSubject: Verbale\r\nMessage-ID: <1@pec.example.it>\r\n\r\n"),
		bytes.Repeat([]byte("QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5eg==\r\n"), 200)...)
	message := testsign.Message{Kind: daticert.TypeTransport, By: circle.One, Original: original}.Bytes()
	options := &pec.VerifyOptions{Trust: store, Clock: clock}

	b.Run("floor", func(b *testing.B) {
		key := circle.One.Key.Public().(*rsa.PublicKey)
		sum := sha256.Sum256(message)
		signature, err := circle.One.Key.Sign(rand.Reader, sum[:], crypto.SHA256)
		require.NoError(b, err)
		b.SetBytes(int64(len(message)))
		b.ReportAllocs()
		for b.Loop() {
			sum := sha256.Sum256(message)
			if rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) != nil {
				b.Fatal("wrong")
			}
		}
	})
	b.Run("read", func(b *testing.B) {
		b.SetBytes(int64(len(message)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := pec.Read(bytes.NewReader(message), int64(len(message))); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("read and verify", func(b *testing.B) {
		b.SetBytes(int64(len(message)))
		b.ReportAllocs()
		for b.Loop() {
			m, err := pec.Read(bytes.NewReader(message), int64(len(message)))
			if err != nil {
				b.Fatal(err)
			}
			if _, err := pec.Verify(m, options); err != nil {
				b.Fatal(err)
			}
		}
	})
}
