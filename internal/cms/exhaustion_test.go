package cms_test

import (
	"bytes"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/cms"
)

// hostile is an input made to cost much.
type hostile struct {
	name string
	in   []byte
	code string // of the Problem
}

func nested(levels int, open []byte) []byte { return bytes.Repeat(open, levels) }

func hostileInputs(t testing.TB) []hostile {
	closed := func(levels int) []byte {
		return append(bytes.Repeat([]byte{0x30, 0x80}, levels), make([]byte, 2*levels)...)
	}
	definite := func(size int) []byte {
		b := []byte{5, 0}
		head := [][]byte{b}
		n := 2
		for n < size {
			h := []byte{0x30}
			switch {
			case n < 0x80:
				h = append(h, byte(n))
			case n < 0x100:
				h = append(h, 0x81, byte(n))
			case n < 0x10000:
				h = append(h, 0x82, byte(n>>8), byte(n))
			default:
				h = append(h, 0x83, byte(n>>16), byte(n>>8), byte(n))
			}
			head = append(head, h)
			n += len(h)
		}
		var out []byte
		for i := len(head) - 1; i >= 0; i-- {
			out = append(out, head[i]...)
		}
		return out
	}
	flat := append([]byte{0x30, 0x80}, bytes.Repeat([]byte{5, 0}, 127<<10)...)
	signers := newDocument(t, rsaSigner())
	for range 49 {
		signers.signers().add(signers.signer())
	}
	decoys := func(count, bits int) []byte {
		d := newDocument(t, rsaSigner())
		decoy := d.certificate()
		d.bag().kids = nil
		for i := range count {
			c := decoy.clone()
			m := modulus(bits)
			m[len(m)-2] = byte(i) // a key of its own
			setRSA(c, m, []byte{0x7f, 0xff, 0xff, 0xff})
			d.bag().add(c)
		}
		return d.root.der()
	}
	attributes := newDocument(t, rsaSigner())
	for range 6000 {
		attributes.attributes().insert(0, attribute(unknownOID), attribute(signingTime))
	}
	return []hostile{
		{"open nest, 1 MiB", nested(512<<10, []byte{0x30, 0x80}), cms.CodeTooLarge},
		{"open nest, 4 MB", nested(2<<20, []byte{0x30, 0x80}), cms.CodeTooLarge},
		{"open nest, 256 KiB", nested(128<<10, []byte{0x30, 0x80}), cms.CodeTooDeep},
		{"closed nest, 64 KiB", closed(16 << 10), cms.CodeTooDeep},
		{"closed nest, 256 KiB", closed(64 << 10), cms.CodeTooDeep},
		{"definite nest, 43 KB", definite(43000), cms.CodeTooDeep},
		{"definite nest, 202 KB", definite(202000), cms.CodeTooDeep},
		{"definite nest, 857 KB", definite(857000), cms.CodeTooLarge},
		{"flat, no end marker", flat, cms.CodeTruncated},
		{"flat, closed", append(bytes.Clone(flat), 0, 0), cms.CodeMalformed},
		{"flat, 4 MB of NULLs", tlv(0x30, bytes.Repeat([]byte{5, 0}, 2<<20)), cms.CodeTooLarge},
		{"one string in 60,000 segments", append(append([]byte{0x24, 0x80}, bytes.Repeat([]byte{4, 1, 0x41}, 60000)...), 0, 0), cms.CodeMalformed},
		{"50 signers", signers.root.der(), cms.CodeTwoSigners},
		{"100 decoys, RSA-8192", decoys(100, 8192), cms.CodeTooManyCertificates},
		{"100 decoys, RSA-16384", decoys(100, 16384), cms.CodeTooManyCertificates},
		{"32 decoys, RSA-16384", decoys(32, 16384), cms.CodeRSATooLarge},
		{"32 decoys, RSA-32768", decoys(32, 32768), cms.CodeRSATooLarge},
		{"32 decoys, RSA-8192", decoys(32, 8192), cms.CodeSignature},
		{"12,000 attributes", attributes.root.der(), cms.CodeSignature},
	}
}

// judge does all that can be done with an input and returns the first Problem.
func judge(b []byte) *cms.Problem {
	s, err := cms.Parse(b, cms.Detached)
	if err != nil {
		return err.(*cms.Problem)
	}
	s.CheckDigest(make([]byte, 32))
	_, problem := s.Signers()
	s.Certificates()
	return problem
}

// TestExhaustion bounds what hostile input costs: 32 MB each, and a time that
// leaves room for a slow machine; the benchmark measures it.
func TestExhaustion(t *testing.T) { // not parallel: it counts the allocations of the process
	for _, h := range hostileInputs(t) {
		t.Run(h.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			problem := judge(h.in)
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			require.Equal(t, h.code, code(problem))
			require.Less(t, took, time.Second)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(32<<20))
		})
	}
}

func BenchmarkExhaustion(b *testing.B) {
	for _, h := range hostileInputs(b) {
		b.Run(fmt.Sprintf("%s, %d bytes", h.name, len(h.in)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				judge(h.in)
			}
		})
	}
}
