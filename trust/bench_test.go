package trust_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/trust"
)

// BenchmarkVerify judges a signer under an authority in the shape of AgID CA1,
// with the authority's certificate in the bag. The floor is one RSA-2048
// verification of the signer's certificate: what a store without a memory
// computes at least for each message, and one with a memory does not.
func BenchmarkVerify(b *testing.B) {
	w := newWorld()
	id := w.signer("pec.example.it", uno)
	signer, bag := parse(b, id), parse(b, id, w.first)
	unknown := parse(b, w.signer("pec.example.org", "Gestore Quattro S.p.A."), w.third)

	b.Run("floor", func(b *testing.B) {
		key := bag[1].PublicKey.(*rsa.PublicKey)
		for b.Loop() {
			digest := sha256.Sum256(signer[0].RawTBSCertificate)
			require.NoError(b, rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signer[0].Signature))
		}
	})
	b.Run("warm", func(b *testing.B) {
		store := w.store(b)
		for b.Loop() {
			store.Verify(signer, bag, day)
		}
	})
	b.Run("warm, unknown generation", func(b *testing.B) {
		store := w.store(b)
		for b.Loop() {
			store.Verify(unknown[:1], unknown, day)
		}
	})
	b.Run("cold", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			store := w.store(b)
			b.StartTimer()
			store.Verify(signer, bag, day)
		}
	})
	b.Run("warm, signer alone", func(b *testing.B) {
		store := w.store(b)
		for b.Loop() {
			store.Verify(signer, nil, day)
		}
	})
	b.Run("warm, no path", func(b *testing.B) {
		store := trust.AgID()
		for b.Loop() {
			store.Verify(signer, bag, day)
		}
	})
}
