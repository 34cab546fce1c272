package daticert

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

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
	for _, text := range slices.Sorted(maps.Keys(scanned)) {
		f.Add([]byte(text))
	}
	f.Add([]byte("<postacert>" + strings.Repeat("<a/>", maxPooled) + "</postacert>"))
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
		byEtree, err := readTree(readable, doc.text, s.starts)
		require.NoError(t, err, "etree reads it and sees the same elements")
		// Should the two readings differ, in number or in place, nothing comes out.
		others := [][]int{s.starts[1:], append(slices.Clone(s.starts), s.starts[0])}
		if n := len(want); want[0] != want[n-1] {
			others = append(others, append(slices.Clone(s.starts[:n-1]), s.starts[0]))
		}
		for _, starts := range others {
			differing, err := readTree(readable, doc.text, starts)
			require.ErrorIs(t, err, errDisagree)
			require.Nil(t, differing)
		}
		if s.tree != nil {
			require.True(t, clean)
			require.Equal(t, shown(byEtree), shown(s.tree), "what the scanner made of it is what etree makes of it")
		}
	})
}

// shown is a tree in a form that can be compared.
func shown(t *tree) []string {
	var out []string
	for _, n := range t.nodes {
		out = append(out, fmt.Sprintf("%q %q at %d, %q, %d %d", n.name, n.text, n.at, n.attributes, n.first, n.next))
	}
	return out
}

// scanned are documents, and whether the scanner alone makes their tree.
var scanned = map[string]bool{
	"<?xml version='1.0'?>\n<postacert tipo='a&amp;&#x41;\r\nb' b:c=\"'\">\r\n <a/>\rx&lt;y<b>&#13;</b> </postacert>\n": true,
	"<postacert><!-- a --></postacert>":                       false,
	"<postacert><![CDATA[a]]></postacert>":                    false,
	"<postacert/><?a?>":                                       false,
	"<!DOCTYPE postacert><postacert/>":                        false,
	"<postacert><dati><msgid>\x01</msgid></dati></postacert>": false,
}

// TestScannerMakesTheTree: what providers write needs no second reading, and
// anything else gets one.
func TestScannerMakesTheTree(t *testing.T) {
	t.Parallel()
	for text, byScanner := range scanned {
		var doc document
		doc.open([]byte(text))
		s := scanner{doc: &doc, maxMarkup: 1000}
		require.NoError(t, s.scan())
		require.Equal(t, byScanner, s.tree != nil, "%q", text)
		want, err := readTree(s.readable(), doc.text, s.starts)
		require.NoError(t, err)
		got, err := s.result()
		require.NoError(t, err)
		require.Equal(t, shown(want), shown(got))
	}
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
		tree, err := readTree(text, text, tt.starts)
		require.Equal(t, tt.agree, err == nil, name)
		require.Equal(t, tt.agree, tree != nil, name)
	}
}
