package revocation_test

import (
	"crypto/x509"
	"encoding/asn1"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/trust/revocation"
)

// signedBytes and signatureOf take a signed structure apart by encoding/asn1,
// not by the code under test.
func signedBytes(t testing.TB, der []byte) []byte { return taken(t, der).TBS.FullBytes }

func signatureOf(t testing.TB, der []byte) []byte { return taken(t, der).Signature.Bytes }

type signedStructure struct {
	TBS, Algorithm asn1.RawValue
	Signature      asn1.BitString
}

func taken(t testing.TB, der []byte) (s signedStructure) {
	rest, err := asn1.Unmarshal(der, &s)
	require.NoError(t, err)
	require.Empty(t, rest)
	return s
}

// A list of 100,000 entries, as large as that of a public authority: reading it,
// and asking it. crypto/x509 is the floor for reading.
func BenchmarkList100000(b *testing.B) {
	der := entries(100_000, testsign.Revoked{Certificate: signer(), Time: day.Add(-time.Hour), Reason: 4})
	b.Run("read", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(der)))
		for b.Loop() {
			require.NoError(b, new(revocation.Data).AddCRL("l", der))
		}
	})
	b.Run("read by crypto/x509", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(der)))
		for b.Loop() {
			_, err := x509.ParseRevocationList(der)
			require.NoError(b, err)
		}
	})
	d := new(revocation.Data)
	require.NoError(b, d.AddCRL("l", der))
	l := linkOf(b, signer())
	b.Run("check", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if d.Check(l, day, day.AddDate(0, 0, 1)).State != revocation.Revoked {
				b.Fatal("not found")
			}
		}
	})
}

// A list costs its bytes and 16 for each entry, and a question about it the same
// whatever its length: the signature is computed once.
func TestMemoryOfLists(t *testing.T) { // not parallel: it measures
	const count = 100_000
	der := entries(count)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	d := new(revocation.Data)
	require.NoError(t, d.AddCRL("l", der))
	runtime.GC()
	runtime.ReadMemStats(&after)
	require.Less(t, int64(after.HeapAlloc)-int64(before.HeapAlloc), int64(16*count+1<<20))
	require.Equal(t, revocation.Good, check(t, d, signer()).State)
	l := linkOf(t, signer())
	small := new(revocation.Data)
	require.NoError(t, small.AddCRL("l", goodList()))
	cost := func(d *revocation.Data) float64 {
		return testing.AllocsPerRun(20, func() { d.Check(l, day, day.AddDate(0, 0, 1)) })
	}
	require.InDelta(t, cost(small), cost(d), 3)
}
