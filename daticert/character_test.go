package daticert_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
)

// foreignCharacters are texts by others with what XML forbids, and nearly so.
var foreignCharacters = []struct {
	name, reason, new, want string
	details                 []string
	at                      []string // what stands at the offset of each defect
}{
	{"raw control character", "Register.it writes such", "a\x16b", "a\uFFFDb",
		[]string{"character U+0016, which XML 1.0 forbids"}, []string{"\x16"}},
	{"reference", "Cedacri writes such", "a&#18;b", "a\uFFFDb",
		[]string{`reference "&#18;" to a character that XML 1.0 forbids`}, []string{"&#18;"}},
	{"NUL", "raw and as a reference", "\x00&#x0;", "\uFFFD\uFFFD",
		[]string{"character U+0000, which XML 1.0 forbids", `reference "&#x0;" to a character that XML 1.0 forbids`}, []string{"\x00", "&#x0;"}},
	{"byte of Latin-1", "each ill-formed byte is one defect", "citt\xe0", "citt\uFFFD",
		[]string{"byte 0xE0, which is not UTF-8"}, []string{"\xe0"}},
	{"cut character", "each of its bytes", "\xe2\x82", "\uFFFD\uFFFD",
		[]string{"byte 0xE2, which is not UTF-8", "byte 0x82, which is not UTF-8"}, []string{"\xe2", "\x82"}},
	{"surrogate in UTF-8", "three bytes that are no UTF-8", "\xed\xa0\x80", "\uFFFD\uFFFD\uFFFD",
		[]string{"byte 0xED, which is not UTF-8", "byte 0xA0, which is not UTF-8", "byte 0x80, which is not UTF-8"}, []string{"\xed", "\xa0", "\x80"}},
	{"noncharacters", "U+FFFE and U+FFFF", "\uFFFE\uFFFF&#xFFFE;", "\uFFFD\uFFFD\uFFFD",
		[]string{"character U+FFFE, which XML 1.0 forbids", "character U+FFFF, which XML 1.0 forbids", `reference "&#xFFFE;" to a character that XML 1.0 forbids`},
		[]string{"\uFFFE", "\uFFFF", "&#xFFFE;"}},
	{"reference to a surrogate", "half of an emoji in UTF-16", "&#xD83D;", "\uFFFD",
		[]string{`reference "&#xD83D;" to a character that XML 1.0 forbids`}, []string{"&#xD83D;"}},
	{"in CDATA", "CDATA is text", "<![CDATA[&\x07&#7;]]>", "&\uFFFD&#7;",
		[]string{"character U+0007, which XML 1.0 forbids"}, []string{"\x07"}},
	{"many zeros", "the value is quoted and cut", "&#" + strings.Repeat("0", 100) + "1;", "\uFFFD",
		[]string{`reference "&#` + strings.Repeat("0", 62) + `"… to a character that XML 1.0 forbids`}, []string{"&#0000"}},
	{"allowed controls", "TAB, line ends, DEL and C1 are XML", "a&#9;\tb&#10;c&#13;d\x7f\u0085e", "a\t\tb\nc\rd\x7f\u0085e", nil, nil},
	{"U+FFFD itself", "an allowed character", "a\uFFFDb&#xFFFD;", "a\uFFFDb\uFFFD", nil, nil},
	{"last character", "U+10FFFF is one", "&#x10FFFF;", "\U0010FFFF", nil, nil},
}

func TestParseReadsForbiddenCharactersOfOthers(t *testing.T) {
	t.Parallel()
	fields := []struct {
		old, path string
		read      func(*daticert.Data) string
	}{
		{"<oggetto>Prova", "/postacert/intestazione/oggetto", func(d *daticert.Data) string { return d.Subject }},
		{"<risposte>mittente@pec.example.it", "/postacert/intestazione/risposte", func(d *daticert.Data) string { return d.ReplyTo }},
		{"<msgid>&lt;prova@client.example.it&gt;", "/postacert/dati/msgid", func(d *daticert.Data) string { return d.MessageID }},
		{"<errore-esteso>5.1.1 - Esempio PEC S.p.A. - indirizzo non valido", "/postacert/dati/errore-esteso",
			func(d *daticert.Data) string { return d.ErrorExtended }},
	}
	for _, tt := range foreignCharacters {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, f := range fields {
				tag := f.old[:strings.Index(f.old, ">")+1]
				doc := edited(t, f.old, tag+tt.new)
				d, err := daticert.Parse(doc, nil)
				require.NoError(t, err, tt.reason)
				require.Equal(t, tt.want, f.read(d), tt.reason)
				require.Equal(t, "inesistente@pec.example.it", d.Delivery, "the rest is as it was")
				require.Equal(t, doc, d.Raw(), "the bytes are as they were given")
				require.Len(t, d.Defects, len(tt.details))
				for i, x := range d.Defects {
					require.Equal(t, daticert.DefectCharacter, x.ID)
					require.Equal(t, f.path, x.Path)
					require.Equal(t, tt.details[i], x.Detail)
					require.True(t, bytes.HasPrefix(doc[x.Offset:], []byte(tt.at[i])), "%q", doc[x.Offset:x.Offset+6])
					require.Equal(t, 1+bytes.Count(doc[:x.Offset], []byte("\n")), x.Line)
				}
			}
		})
	}
}

func TestParseBoundsCharacterDefects(t *testing.T) {
	t.Parallel()
	doc := edited(t, "<oggetto>Prova", "<oggetto>"+strings.Repeat("\x01", 200_000))
	d, err := daticert.Parse(doc, nil)
	require.NoError(t, err)
	require.Equal(t, strings.Repeat("\uFFFD", 200_000), d.Subject)
	require.Len(t, d.Defects, 101)
	require.Equal(t, "200000 in all, the first 100 are listed", d.Defects[100].Detail)
}

func TestParseListsDefectsInDocumentOrder(t *testing.T) {
	t.Parallel()
	doc := edited(t, "<errore-esteso>", "<nuovo/><errore-esteso>\x02")
	doc = bytes.Replace(doc, []byte("<oggetto>"), []byte("<nuovo/><oggetto>\x01"), 1)
	doc = bytes.Replace(doc, []byte("<postacert "), []byte("<!DOCTYPE postacert><postacert nuovo='' "), 1)
	d, err := daticert.Parse(doc, nil)
	require.NoError(t, err)
	require.Equal(t, []found{
		{daticert.DefectDoctype, ""},
		{daticert.DefectDTD, "/postacert/@nuovo"},
		{daticert.DefectDTD, "/postacert/intestazione/nuovo"},
		{daticert.DefectCharacter, "/postacert/intestazione/oggetto"},
		{daticert.DefectDTD, "/postacert/dati/nuovo"},
		{daticert.DefectCharacter, "/postacert/dati/errore-esteso"},
	}, defectsOf(d))
}
