package daticert_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
)

// wide writes a document in UTF-16.
func wide(order binary.AppendByteOrder, mark bool, doc string) []byte {
	var b []byte
	if mark {
		b = order.AppendUint16(b, 0xfeff)
	}
	for _, u := range utf16.Encode([]rune(doc)) {
		b = order.AppendUint16(b, u)
	}
	return b
}

// encodedTest is a document in one encoding and what is read of it.
type encodedTest struct {
	name, reason string
	doc          []byte
	want         string
	defects      []daticert.DefectID
}

// encodings are documents in the encodings that are read.
func encodings(t testing.TB) []encodedTest {
	t.Helper()
	// declared returns the vector with an oggetto and an encoding of choice.
	declared := func(encoding, oggetto string) string {
		doc := string(edited(t, "<oggetto>Prova", "<oggetto>"+oggetto))
		if encoding == "" {
			return strings.Replace(doc, ` encoding="UTF-8"`, "", 1)
		}
		return strings.Replace(doc, `"UTF-8"`, `"`+encoding+`"`, 1)
	}
	return []encodedTest{
		{"UTF-8", "the norm", []byte(declared("utf-8", "città €")), "città €", nil},
		{"UTF-8 by default", "XML without a declared encoding", []byte(declared("", "città")), "città", nil},
		{"no declaration", "it is optional", []byte(strings.SplitN(declared("", "città"), "\n", 2)[1]), "città", nil},
		{"UTF-8 with a mark", "XML allows it", []byte("\xef\xbb\xbf" + declared("UTF-8", "città")), "città", nil},
		{"ISO-8859-1", "0x80 to 0x9f are controls there", []byte(declared("ISO-8859-1", "citt\xe0 \x80")), "città \u0080",
			[]daticert.DefectID{daticert.DefectEncoding}},
		{"windows-1252", "0x80 is the euro there", []byte(declared("Windows-1252", "citt\xe0 \x80")), "città €",
			[]daticert.DefectID{daticert.DefectEncoding}},
		{"hole in windows-1252", "a byte without character", []byte(declared("windows-1252", "\xe0\x81")), "à\uFFFD",
			[]daticert.DefectID{daticert.DefectEncoding, daticert.DefectCharacter}},
		{"US-ASCII", "not what the norm says, though the same bytes", []byte(declared("US-ASCII", "citta")), "citta",
			[]daticert.DefectID{daticert.DefectEncoding}},
		{"not US-ASCII", "a byte without character", []byte(declared("us-ascii", "citt\xe0")), "citt\uFFFD",
			[]daticert.DefectID{daticert.DefectEncoding, daticert.DefectCharacter}},
		{"UTF-16 big-endian", "known by its mark", wide(binary.BigEndian, true, declared("UTF-16", "città 😀")), "città 😀",
			[]daticert.DefectID{daticert.DefectEncoding}},
		{"UTF-16 little-endian", "known by its mark, nothing declared", wide(binary.LittleEndian, true, declared("", "città 😀")), "città 😀",
			[]daticert.DefectID{daticert.DefectEncoding}},
		{"UTF-16 without mark", "known by the first characters", wide(binary.LittleEndian, false, declared("UTF-16LE", "città")), "città",
			[]daticert.DefectID{daticert.DefectEncoding}},
		{"UTF-16BE without mark", "known by the first characters", wide(binary.BigEndian, false, declared("UTF-16", "città")), "città",
			[]daticert.DefectID{daticert.DefectEncoding}},
	}
}

func TestParseEncodings(t *testing.T) {
	t.Parallel()
	for _, tt := range encodings(t) {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d, err := daticert.Parse(tt.doc, nil)
			require.NoError(t, err, tt.reason)
			require.Equal(t, tt.want, d.Subject, tt.reason)
			require.Equal(t, "inesistente@pec.example.it", d.Delivery)
			require.Equal(t, tt.doc, d.Raw())
			var ids []daticert.DefectID
			for _, x := range d.Defects {
				ids = append(ids, x.ID)
			}
			require.Equal(t, tt.defects, ids)
		})
	}
}

func TestDefectOffsetsAreThoseOfTheBytesGiven(t *testing.T) {
	t.Parallel()
	doc := strings.Replace(string(edited(t, "<oggetto>Prova", "<oggetto>😀è\x01")), ` encoding="UTF-8"`, "", 1)
	b := wide(binary.LittleEndian, true, doc)
	d, err := daticert.Parse(b, nil)
	require.NoError(t, err)
	require.Equal(t, bytes.Index(b, []byte("\x01\x00")), d.Defects[1].Offset, "UTF-16 with a surrogate pair before")
	require.Equal(t, 7, d.Defects[1].Line)

	half := bytes.Replace(b, []byte("\x01\x00"), []byte("\x3d\xd8"), 1)
	d, err = daticert.Parse(half, nil)
	require.NoError(t, err)
	require.Equal(t, "😀è\uFFFD", d.Subject)
	require.Equal(t, "half of a UTF-16 surrogate pair", d.Defects[1].Detail)

	b = bytes.Replace(edited(t, "<oggetto>Prova", "<oggetto>\xe8\xe8\x81"), []byte("UTF-8"), []byte("cp1252"), 1)
	d, err = daticert.Parse(b, nil)
	require.NoError(t, err)
	require.Equal(t, bytes.IndexByte(b, 0x81), d.Defects[1].Offset, "two characters became longer before")
	require.Equal(t, "byte 0x81, which is not windows-1252", d.Defects[1].Detail)

	b = append([]byte("\xef\xbb\xbf"), edited(t, "<oggetto>Prova", "<oggetto>\x01")...)
	d, err = daticert.Parse(b, nil)
	require.NoError(t, err)
	require.Equal(t, bytes.IndexByte(b, 0x01), d.Defects[0].Offset, "the mark counts")
}

// contradictions are documents whose bytes are not in the encoding that they declare.
func contradictions(t testing.TB) map[string][]byte {
	t.Helper()
	doc := string(edited(t, "UTF-8", "windows-1252"))
	utf8 := string(vector(t, "errore-consegna"))
	return map[string][]byte{
		"mark of UTF-8":             []byte("\xef\xbb\xbf" + doc),
		"UTF-8 declared in UTF-16":  wide(binary.BigEndian, true, utf8),
		"1252 declared in UTF-16":   wide(binary.BigEndian, true, doc),
		"other byte order declared": wide(binary.BigEndian, true, strings.Replace(utf8, "UTF-8", "UTF-16LE", 1)),
		"nothing at all declared":   wide(binary.BigEndian, false, strings.Replace(utf8, ` encoding="UTF-8"`, "", 1)),
		"odd byte at the end":       append(wide(binary.BigEndian, true, strings.Replace(utf8, "UTF-8", "UTF-16", 1)), ' '),
		"0x81 in mittente":          []byte(strings.Replace(doc, "<mittente>", "<mittente>\x81", 1)),
	}
}

func TestParseRefusesContradictingEncodings(t *testing.T) {
	t.Parallel()
	for name, b := range contradictions(t) {
		_, err := daticert.Parse(b, nil)
		_, ok := errors.AsType[*daticert.SyntaxError](err)
		require.True(t, ok, "%s: %v", name, err)
	}
}
