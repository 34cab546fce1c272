package ipa_test

import (
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/ipa"
)

func BenchmarkBuild(b *testing.B) {
	files := fullSize.files()
	total := 0
	for d, f := range files {
		b.Logf("%s: %d bytes", d, len(f))
		total += len(f)
	}
	b.SetBytes(int64(total))
	for b.Loop() {
		build(b, files)
	}
}

func BenchmarkLoad(b *testing.B) {
	path := filepath.Join(b.TempDir(), "ipa.idx")
	s := full(b)
	require.NoError(b, s.Save(path))
	b.Logf("%d bodies, %d areas, %d offices, %d addresses", s.Len(ipa.KindBody), s.Len(ipa.KindArea), s.Len(ipa.KindOffice), s.AddressCount())
	b.SetBytes(s.Size())
	for b.Loop() {
		loaded, err := ipa.Load(path)
		require.NoError(b, err)
		runtime.KeepAlive(loaded)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	loaded, err := ipa.Load(path)
	require.NoError(b, err)
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB-held")
	runtime.KeepAlive(loaded)
}

func BenchmarkAddress(b *testing.B) {
	s := full(b)
	var all []string
	for e := range s.Entities() {
		for _, a := range e.Addresses() {
			all = append(all, a.Text)
		}
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if s.Address(all[i*7919%len(all)]).Listed == ipa.NotListed {
			b.Fatal("an address is not found")
		}
	}
}

func BenchmarkAddressAbsent(b *testing.B) {
	s := full(b)
	b.ReportAllocs()
	for b.Loop() {
		if s.Address("nessuno@pec.example.it").Listed != ipa.NotListed {
			b.Fatal("found")
		}
	}
}

func BenchmarkBody(b *testing.B) {
	s := full(b)
	var codes []string
	for e := range s.Bodies() {
		codes = append(codes, e.Code())
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if s.Body(codes[i*7919%len(codes)]).First().IsZero() {
			b.Fatal("a body is not found")
		}
	}
}

func BenchmarkSearch(b *testing.B) {
	s := full(b)
	place := ""
	for e := range s.Bodies() {
		if e.Category() == "L6" {
			place = e.Name()
		}
	}
	for _, q := range []string{place, "comune di", "comu", "c", "u", "ufficio", "ufficio comune", "comune ufficio protocollo", "ufficio tributi " + place, "istituto comprensivo", "prot gen com", "nessuno"} {
		b.Run(q, func(b *testing.B) {
			b.ReportAllocs()
			total := 0
			for b.Loop() {
				total = s.Search(q, nil).Total
			}
			b.ReportMetric(float64(total), "matches")
		})
	}
}
