package timestamp_test

import (
	"bytes"
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/trust/timestamp"
)

// BenchmarkStamp reads and judges one stamp of an RSA-2048 authority: what a message
// with a stamp costs beside hashing it once more.
func BenchmarkStamp(b *testing.B) {
	in, o := token(rsaSigner(), info{}.der()), options(b)
	b.ReportAllocs()
	for b.Loop() {
		s, err := timestamp.Parse("prova", in)
		require.NoError(b, err)
		d, err := timestamp.Hash(bytes.NewReader(message), s)
		require.NoError(b, err)
		require.True(b, s.Verify(d, o).Verified)
	}
}

// BenchmarkHash hashes a large file for one stamp; BenchmarkHashFloor does so with
// crypto/sha256 alone.
func BenchmarkHash(b *testing.B) {
	file := make([]byte, 32<<20)
	s := parse(b, token(tsa, info{}.der()))
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		_, err := timestamp.Hash(bytes.NewReader(file), s)
		require.NoError(b, err)
	}
}

func BenchmarkHashFloor(b *testing.B) {
	file := make([]byte, 32<<20)
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		sha256.Sum256(file)
	}
}
