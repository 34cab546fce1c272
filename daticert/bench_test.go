package daticert_test

import (
	"bytes"
	"encoding/xml"
	"io"
	"testing"

	"github.com/beevik/etree"
	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
)

// BenchmarkParse reads a typical document, beside what it is built on: the
// tokens of encoding/xml alone, and those as a tree by etree.
func BenchmarkParse(b *testing.B) {
	doc := vector(b, "posta-certificata")
	measure := func(name string, doc []byte, read func([]byte) error) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			for b.Loop() {
				if err := read(doc); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	parse := func(doc []byte) error {
		_, err := daticert.Parse(doc, nil)
		return err
	}
	measure("encoding-xml", doc, func(doc []byte) error {
		d := xml.NewDecoder(bytes.NewReader(doc))
		for {
			if _, err := d.Token(); err == io.EOF {
				return nil
			} else if err != nil {
				return err
			}
		}
	})
	measure("etree", doc, func(doc []byte) error { return etree.NewDocument().ReadFromBytes(doc) })
	measure("clean", doc, parse)
	measure("repaired", bytes.Replace(doc, []byte("societ"), []byte("\x16&#18;"), 1), parse)
}

func BenchmarkAppendXML(b *testing.B) {
	d, err := daticert.Parse(vector(b, "posta-certificata"), nil)
	require.NoError(b, err)
	b.ReportAllocs()
	var room []byte
	for b.Loop() {
		if room, err = d.AppendXML(room[:0]); err != nil {
			b.Fatal(err)
		}
	}
}
