package envelope_test

import (
	"io"
	"strings"
	"testing"
)

// BenchmarkTransport builds, signs and writes an envelope. Nearly all of a small
// one is the RSA signature and its verification.
func BenchmarkTransport(b *testing.B) {
	for name, mail := range map[string]string{
		"1KB":  plain + strings.Repeat("Una riga di testo.\r\n", 50),
		"10MB": plain + strings.Repeat(strings.Repeat("QUJD", 19)+"\r\n", 134_000),
	} {
		b.Run(name, func(b *testing.B) {
			p, f := provider(), facts(b, mail)
			b.SetBytes(int64(len(mail)))
			b.ReportAllocs()
			for b.Loop() {
				out, err := p.Transport(f, section(mail), instant)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := out.WriteTo(io.Discard); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
