package directory_test

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/trust/directory"
)

// large is a directory of thirty providers with 200,000 domains.
func large(b *testing.B) ([]byte, *directory.Directory) {
	b.Helper()
	var records []*directory.Record
	for i := range 30 {
		host := fmt.Sprintf("gestore-%d.example.it", i)
		r := &directory.Record{Provider: host, Certificates: []*x509.Certificate{provider(host, host)}, Receipt: "servizio@" + host}
		for j := range 200_000 / 30 {
			r.Domains = append(r.Domains, fmt.Sprintf("dominio-%d.%s", j, host))
		}
		records = append(records, r)
	}
	var out bytes.Buffer
	require.NoError(b, directory.Write(&out, "", records...))
	d, err := directory.Read("x", bytes.NewReader(out.Bytes()), nil)
	require.NoError(b, err)
	return out.Bytes(), d
}

func BenchmarkRead(b *testing.B) {
	text, _ := large(b)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		_, err := directory.Read("x", bytes.NewReader(text), nil)
		require.NoError(b, err)
	}
}

func BenchmarkCertified(b *testing.B) {
	_, d := large(b)
	b.ReportAllocs()
	for b.Loop() {
		if !d.Certified("qualcuno@dominio-4000.gestore-17.example.it") {
			b.Fatal("not found")
		}
	}
}

func BenchmarkByCertificate(b *testing.B) {
	_, d := large(b)
	c := d.Records[20].Certificates[0]
	b.ReportAllocs()
	for b.Loop() {
		if len(d.ByCertificate(c)) != 1 {
			b.Fatal("not found")
		}
	}
}
