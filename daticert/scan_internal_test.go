package daticert

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/beevik/etree"
	"github.com/stretchr/testify/require"
)

// FuzzScan checks what Parse rests on: what the scanner accepts, encoding/xml
// accepts too, with the same elements beginning at the same places and none
// open at the end.
func FuzzScan(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.xml"))
	require.NoError(f, err)
	require.NotEmpty(f, files, "no seeds")
	for _, file := range files {
		b, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(b)
	}
	for _, s := range []string{
		"<postacert/>", "<postacert><![CDATA[]]>]]&gt;</postacert>", "<postacert a='>' b=\"/>\"><a:b/></postacert >\n<!-- x --><?y z?>",
		"<!DOCTYPE postacert [<!ENTITY a \"]>'\"><!-- ' --><?x ' ?>]><postacert/>", "<postacert><è/><?è è?><!--è--></postacert>",
		"<postacert><intestazione><oggetto>\x01&#2;\xff<![CDATA[\x03]]></oggetto></intestazione></postacert>",
		"<?xml version='1.0' encoding='ISO-8859-1' standalone='yes' ?><postacert>\xe8</postacert>",
		"\xff\xfe<\x00p\x00o\x00s\x00t\x00a\x00c\x00e\x00r\x00t\x00/\x00>\x00",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var doc document
		doc.open(b)
		s := scanner{doc: &doc, maxMarkup: 1000}
		if s.scan() != nil {
			return
		}
		clean := s.repaired == nil
		readable := s.readable()
		var want []string
		for _, at := range s.starts {
			end := at + 1
			for c := doc.text[end]; c >= 0x80 || isNameByte(c); c = doc.text[end] {
				end++
			}
			want = append(want, string(doc.text[at+1:end]))
		}
		names, offsets, err := elements(readable)
		require.NoError(t, err)
		require.Equal(t, want, names)
		if clean {
			for i := range offsets {
				require.Equal(t, s.starts[i], offsets[i]+s.body)
			}
		}
		tree := etree.NewDocument()
		tree.ReadSettings = etree.ReadSettings{MaxDepth: maxDepth}
		require.NoError(t, tree.ReadFromBytes(readable))
	})
}

// elements returns the names of all elements by encoding/xml, and where they
// begin.
func elements(b []byte) (names []string, offsets []int, err error) {
	d := xml.NewDecoder(bytes.NewReader(b))
	depth := 0
	for {
		at := d.InputOffset()
		t, err := d.RawToken()
		if err == io.EOF && depth == 0 {
			return names, offsets, nil
		}
		if err != nil {
			return nil, nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			name := t.Name.Local
			if t.Name.Space != "" {
				name = t.Name.Space + ":" + name
			}
			names, offsets = append(names, name), append(offsets, int(at))
			depth++
		case xml.EndElement:
			if depth--; depth < 0 {
				return nil, nil, errors.New("end tag without start")
			}
		case xml.Directive:
			return nil, nil, errors.New("a DOCTYPE is still there")
		}
	}
}

// TestReaderRefusesADifferingTree: should the two readings ever differ, no
// data comes out of it.
func TestReaderRefusesADifferingTree(t *testing.T) {
	t.Parallel()
	text := []byte("<postacert><dati/></postacert>")
	for name, tt := range map[string]struct {
		starts []int
		agree  bool
	}{
		"the same":        {[]int{0, 11}, true},
		"one less":        {[]int{0}, false},
		"one more":        {[]int{0, 11, 11}, false},
		"another element": {[]int{0, 0}, false},
	} {
		tree := etree.NewDocument()
		require.NoError(t, tree.ReadFromBytes(text))
		r := reader{doc: &document{raw: text, text: text, line: 1}, starts: tt.starts, data: &Data{raw: text}}
		r.postacert(tree.Root())
		require.Equal(t, tt.agree, r.agrees(), name)
	}
}
