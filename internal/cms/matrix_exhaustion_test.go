package cms_test

import (
	"bytes"
	"fmt"
	"math/big"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/cms"
	"github.com/gopec/gopec/internal/testsign"
)

// What one signature may cost, whatever it is. The time is a bound that a busy
// machine keeps; the figures of a run are printed with -v.
const (
	maxAllocation = 32 << 20
	maxTime       = 5 * time.Second
)

// matrixElement writes one element with a definite length.
func matrixElement(tag byte, body []byte) []byte {
	n := len(body)
	return append([]byte{tag, 0x84, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}, body...)
}

// nestDefinite nests SEQUENCEs of definite length until they have that size.
func nestDefinite(size int) []byte {
	lengths := make([]int, 0, size/6)
	for n := 6; n <= size; n += 6 {
		lengths = append(lengths, n-6)
	}
	var b bytes.Buffer
	for _, n := range slices.Backward(lengths) {
		b.Write([]byte{0x30, 0x84, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
	}
	return b.Bytes()
}

// largest repeats a piece inside one element up to the size that is read.
func largest(tag byte, piece []byte) []byte {
	return matrixElement(tag, bytes.Repeat(piece, (cms.MaxSize-6)/len(piece)))
}

// withDecoys is a signature with n more certificates that have the name and the
// serial number of the signer's and a key of that size.
func withDecoys(n, bits int, exponent int64) []byte {
	serial := big.NewInt(4712)
	signer := matrixLeaf(testsign.Certificate{Serial: serial})
	var decoys [][]byte
	for i := range n {
		decoys = append(decoys, matrixLeaf(testsign.Certificate{
			Serial: serial, Key: signer.Key, SPKI: testsign.DecoySPKI(bits, exponent, fmt.Sprint(i)),
		}).DER)
	}
	return testsign.SignedData{CertificatesFirst: decoys, Certificates: [][]byte{signer.DER}}.Sign(signer, matrixContent)
}

// withSigners repeats one signer.
func withSigners(n int) []byte {
	return testsign.SignedData{Others: slices.Repeat([]testsign.SignerInfo{{}}, n-1)}.Sign(testsign.NewCircle().One, matrixContent)
}

// TestMatrixExhaustion: inputs that stall or kill other readers get an answer of the
// documented kind, quickly and in little memory. It is not parallel, because
// it measures the memory of the process.
func TestMatrixExhaustion(t *testing.T) {
	mib := 1 << 20
	tests := []struct {
		name   string
		reason string
		input  []byte
		want   string
	}{
		{"tag of many octets cut off", "an index out of range in pkcs7 0.9.0", []byte{0x1f, 0x80}, "C1/ber-tag"},
		{"long tag cut off", "an index out of range in pkcs7 0.9.0", []byte{0x1f, 0x05}, "C1/ber-tag"},
		{"long length cut off", "a slice out of range in pkcs7 0.9.0", []byte{0x30, 0x81}, "C1/truncated"},
		{"length of four octets cut off", "a slice out of range in pkcs7 0.9.0", []byte{0x30, 0x84, 0x01}, "C1/truncated"},
		{"nothing", "an empty attachment", []byte{}, "C1/truncated"},
		{"open indefinite nest, 128 KiB", "half a gigabyte of stack in pkcs7", bytes.Repeat([]byte{0x30, 0x80}, 64<<10), "C1/too-deep"},
		{"open indefinite nest, 1 MiB", "half a gigabyte of stack in pkcs7", bytes.Repeat([]byte{0x30, 0x80}, mib/2), "C1/too-large"},
		{"open indefinite nest, 4 MiB", "kills the process of a recursive reader", bytes.Repeat([]byte{0x30, 0x80}, 2*mib), "C1/too-large"},
		{"closed indefinite nest, 64 KiB", "0.5 GB in pkcs7", slices.Concat(bytes.Repeat([]byte{0x30, 0x80}, 16<<10), make([]byte, 32<<10)), "C1/too-deep"},
		{"closed indefinite nest, 256 KiB", "9.6 GB in pkcs7", slices.Concat(bytes.Repeat([]byte{0x30, 0x80}, 64<<10), make([]byte, 128<<10)), "C1/too-deep"},
		{"closed indefinite nest, 1 MiB", "minutes in pkcs7", slices.Concat(bytes.Repeat([]byte{0x30, 0x80}, mib/4), make([]byte, mib/2)), "C1/too-large"},
		{"definite nest, 43 KB", "0.3 s in pkcs7", nestDefinite(43 << 10), "C1/too-deep"},
		{"definite nest, 202 KB", "4.1 GB in pkcs7", nestDefinite(202 << 10), "C1/too-deep"},
		{"definite nest, 857 KB", "minutes in pkcs7", nestDefinite(857 << 10), "C1/too-large"},
		{"flat, indefinite, never ended, 250 KB", "quadratic search for the end in pkcs7", append([]byte{0x30, 0x80}, bytes.Repeat([]byte{4, 1, 'a'}, 83<<10)...), "C1/truncated"},
		{"flat, indefinite, never ended, 1 MiB", "quadratic search for the end in pkcs7", append([]byte{0x30, 0x80}, bytes.Repeat([]byte{4, 1, 'a'}, mib/3)...), "C1/too-large"},
		{"flat NULLs, 4 MiB", "304 MB in pkcs7", matrixElement(0x30, bytes.Repeat([]byte{5, 0}, 2*mib)), "C1/too-large"},
		{"flat NULLs, as many as are read", "the smallest elements, the largest number", largest(0x30, []byte{5, 0}), "C7/malformed"},
		{"flat strings in pieces, as many as are read", "the joining of pieces must not be quadratic", largest(0x24, []byte{4, 0}), "C7/malformed"},
		{"fifty signers", "the content hashed fifty times in pkcs7", withSigners(50), "C3/two-signers"},
		{"as many signers as are read", "the same to the limit", withSigners(500), "C3/two-signers"},
		{"100 decoys of 16384 bits", "1.1 s of chain building in crypto/x509", withDecoys(100, 16384, 65537), "C1/too-large"},
		{"100 decoys of 8192 bits", "over the number that is read", withDecoys(100, 8192, 65537), "C8/too-many-certificates"},
		{"31 decoys of 16384 bits", "a key that large is never computed with", withDecoys(31, 16384, 65537), ""},
		{"31 decoys of 8192 bits, largest exponent", "the dearest signature that is computed to the end", withDecoys(31, 8192, 1<<31-1), ""},
	}
	testsign.NewCircle() // its keys are not part of the measure
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			start := time.Now()
			got, _ := ourVerdict(test.input, matrixContent)
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			allocated := after.TotalAlloc - before.TotalAlloc
			t.Logf("%d bytes: %v, %d KiB allocated", len(test.input), took, allocated>>10)
			require.Equal(t, test.want, got, test.reason)
			require.Less(t, allocated, uint64(maxAllocation), test.reason)
			require.Less(t, took, maxTime, test.reason)
		})
	}
}
