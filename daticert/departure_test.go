package daticert_test

import (
	"bytes"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/counterpart"
)

const (
	dtd      = daticert.DefectDTD
	repeated = daticert.DefectRepeated
	mixed    = daticert.DefectMixed
	date     = daticert.DefectDate

	inHeader = "/postacert/intestazione"
	inData   = "/postacert/dati"
)

// departures are documents that do not follow the DTD, with what Parse says.
// Where read is given it must return want.
var departures = []struct {
	name, reason, old, new string
	defects                []found
	read                   func(*daticert.Data) string
	want                   string
}{
	{name: "none", reason: "the vector itself follows the DTD", old: "<dati>", new: "<dati>"},
	{name: "second identificativo differs", reason: "the first counts, and the defect says that there is another",
		old: "<msgid>", new: "<identificativo>altro@pec.example.it</identificativo><msgid>",
		defects: []found{{repeated, inData + "/identificativo"}},
		read:    func(d *daticert.Data) string { return d.ID }, want: "opec300.20260901083000.00004.1.1.1@pec.example.it"},
	{name: "second consegna equal", reason: "the same value twice leaves no doubt",
		old: "<errore-esteso>", new: "<consegna> inesistente@pec.example.it </consegna><errore-esteso>",
		defects: []found{{dtd, inData + "/consegna"}}},
	{name: "empty mittente first", reason: "empty is a value too: the first still counts",
		old: "<mittente>mittente", new: "<mittente/><mittente>mittente",
		defects: []found{{repeated, inHeader + "/mittente"}},
		read:    func(d *daticert.Data) string { return d.Sender }, want: ""},
	{name: "second dati", reason: "its content is not read, not even what the first lacks",
		old: "</postacert>", new: `<dati><ricevuta tipo="breve"/></dati></postacert>`,
		defects: []found{{repeated, inData}},
		read:    func(d *daticert.Data) string { return string(d.Receipt) }, want: ""},
	{name: "second intestazione before", reason: "the first counts even if it is the false one; the defect lets a verifier refuse",
		old: "<intestazione>", new: "<intestazione><mittente>a@pec.example.it</mittente><destinatari>b@pec.example.it</destinatari><risposte/></intestazione><intestazione>",
		defects: []found{{repeated, inHeader}},
		read:    func(d *daticert.Data) string { return d.Sender }, want: "a@pec.example.it"},
	{name: "second data differs", reason: "another zone is another instant",
		old: "<identificativo>", new: `<data zona="+0100"><giorno>01/09/2026</giorno><ora>08:30:00</ora></data><identificativo>`,
		defects: []found{{repeated, inData + "/data"}},
		read:    func(d *daticert.Data) string { return d.Date.Zone }, want: "+0200"},
	{name: "second data equal", reason: "the same instant twice leaves no doubt",
		old: "<identificativo>", new: `<data zona="+0200"><giorno>01/09/2026</giorno><ora>08:30:00</ora></data><identificativo>`,
		defects: []found{{dtd, inData + "/data"}}},
	{name: "ora only in the second data", reason: "what was not read is not there",
		old:     "            <ora>08:30:00</ora>\n        </data>",
		new:     `</data><data zona="+0200"><giorno>01/09/2026</giorno><ora>08:30:00</ora></data>`,
		defects: []found{{dtd, inData + "/data/ora"}, {date, inData + "/data"}, {repeated, inData + "/data"}},
		read:    func(d *daticert.Data) string { return fmt.Sprint(d.Has("ora"), d.Date.Hour) }, want: "false"},
	{name: "second giorno", reason: "inside data too the first counts",
		old: "<ora>", new: "<giorno>02/09/2026</giorno><ora>",
		defects: []found{{repeated, inData + "/data/giorno"}},
		read:    func(d *daticert.Data) string { return d.Date.Day }, want: "01/09/2026"},
	{name: "second ricevuta differs", reason: "its value is an attribute",
		old: "<consegna>", new: `<ricevuta tipo="breve"/><ricevuta tipo="completa"/><consegna>`,
		defects: []found{{repeated, inData + "/ricevuta"}},
		read:    func(d *daticert.Data) string { return string(d.Receipt) }, want: "breve"},
	{name: "identificativo beside dati", reason: "an element elsewhere in the tree is not picked",
		old: "<dati>", new: "<identificativo>altro@pec.example.it</identificativo><dati>",
		defects: []found{{dtd, "/postacert/identificativo"}},
		read:    func(d *daticert.Data) string { return d.ID }, want: "opec300.20260901083000.00004.1.1.1@pec.example.it"},
	{name: "dati inside intestazione", reason: "a whole dati elsewhere is not picked",
		old: "</intestazione>", new: "<dati><identificativo>altro@pec.example.it</identificativo></dati></intestazione>",
		defects: []found{{dtd, inHeader + "/dati"}},
		read:    func(d *daticert.Data) string { return d.ID }, want: "opec300.20260901083000.00004.1.1.1@pec.example.it"},
	{name: "postacert inside dati", reason: "a nested document is not picked",
		old: "</dati>", new: `<postacert tipo="accettazione"><dati><ricevuta tipo="breve"/></dati></postacert></dati>`,
		defects: []found{{dtd, inData + "/postacert"}},
		read:    func(d *daticert.Data) string { return string(d.Type) }, want: "errore-consegna"},
	{name: "element inside text", reason: "the outer text without it: another reader may see more",
		old: "<mittente>mittente@", new: "<mittente>mittente<b>x</b>@",
		defects: []found{{mixed, inHeader + "/mittente/b"}},
		read:    func(d *daticert.Data) string { return d.Sender }, want: "mittente@pec.example.it"},
	{name: "mittente inside oggetto", reason: "text written by others cannot bring a sender",
		old: "<oggetto>Prova", new: "<oggetto>Prova<mittente>x@pec.example.it</mittente>",
		defects: []found{{mixed, inHeader + "/oggetto/mittente"}},
		read:    func(d *daticert.Data) string { return d.Sender }, want: "mittente@pec.example.it"},
	{name: "prefix", reason: "a prefixed name is another name, whatever namespace it stands for",
		old: "<msgid>", new: `<p:msgid xmlns:p="">a</p:msgid><msgid>`,
		defects: []found{{dtd, inData + "/p:msgid"}},
		read:    func(d *daticert.Data) string { return d.MessageID }, want: "<prova@client.example.it>"},
	{name: "default namespace", reason: "the DTD declares no xmlns",
		old: "<postacert ", new: `<postacert xmlns="http://example.com/ns" `, defects: []found{{dtd, "/postacert/@xmlns"}}},
	{name: "out of order", reason: "the values are read all the same",
		old:     "<risposte>mittente@pec.example.it</risposte>\n        <oggetto>Prova</oggetto>",
		new:     "<oggetto>Prova</oggetto><risposte>mittente@pec.example.it</risposte>",
		defects: []found{{dtd, inHeader + "/risposte"}},
		read:    func(d *daticert.Data) string { return d.Subject + d.ReplyTo }, want: "Provamittente@pec.example.it"},
	{name: "dati first", reason: "the order of the two halves counts for the DTD",
		old: "<intestazione>", new: "<dati/><intestazione>",
		defects: []found{{dtd, inData + "/gestore-emittente"}, {dtd, inData + "/data"}, {dtd, inData + "/identificativo"},
			{date, inData + "/data"}, {dtd, inHeader}, {repeated, inData}}},
	{name: "no tipo", reason: "without it there is no kind", old: ` tipo="errore-consegna"`, new: "",
		defects: []found{{dtd, "/postacert/@tipo"}}, read: func(d *daticert.Data) string { return string(d.Type) }, want: ""},
	{name: "empty tipo", reason: "an empty token is none of the eight", old: `tipo="errore-consegna"`, new: `tipo=""`,
		defects: []found{{dtd, "/postacert/@tipo"}}},
	{name: "token with blanks", reason: "a reader with the DTD takes off blanks around a token, so do we",
		old: `tipo="errore-consegna"`, new: `tipo=" errore-consegna "`,
		read: func(d *daticert.Data) string { return string(d.Type) }, want: "errore-consegna"},
	{name: "prefixed tipo", reason: "x:tipo is not tipo", old: `tipo="errore-consegna"`, new: `x:tipo="errore-consegna"`,
		defects: []found{{dtd, "/postacert/@x:tipo"}, {dtd, "/postacert/@tipo"}}},
	{name: "no mittente", reason: "a required element that is missing does not stop the reading",
		old: "<mittente>mittente@pec.example.it</mittente>", new: "", defects: []found{{dtd, inHeader + "/mittente"}}},
	{name: "no destinatari", reason: "at least one", old: `<destinatari tipo="certificato">inesistente@pec.example.it</destinatari>`, new: "",
		defects: []found{{dtd, inHeader + "/destinatari"}}},
	{name: "no oggetto", reason: "oggetto is optional", old: "<oggetto>Prova</oggetto>", new: ""},
	{name: "no zona", reason: "without it there is no instant", old: ` zona="+0200"`, new: "",
		defects: []found{{dtd, inData + "/data/@zona"}, {date, inData + "/data"}}},
	{name: "no ora", reason: "without it there is no instant", old: "<ora>08:30:00</ora>", new: "",
		defects: []found{{dtd, inData + "/data/ora"}, {date, inData + "/data"}}},
	{name: "content in ricevuta", reason: "ricevuta is empty", old: "<consegna>", new: `<ricevuta tipo="breve">breve</ricevuta><consegna>`,
		defects: []found{{dtd, inData + "/ricevuta"}}},
	{name: "ricevuta without tipo", reason: "the attribute is required", old: "<consegna>", new: `<ricevuta/><consegna>`,
		defects: []found{{dtd, inData + "/ricevuta/@tipo"}}},
	{name: "text between elements", reason: "no text there", old: "<msgid>", new: "x<msgid>", defects: []found{{dtd, inData}}},
	{name: "unknown element", reason: "kept out and named", old: "<msgid>", new: "<novita>1</novita><msgid>", defects: []found{{dtd, inData + "/novita"}}},
	{name: "unknown attribute", reason: "kept out and named", old: "<msgid>", new: `<msgid xml:lang="it">`, defects: []found{{dtd, inData + "/msgid/@xml:lang"}}},
	{name: "capitals", reason: "XML names are exact", old: "<oggetto>Prova</oggetto>", new: "<Oggetto>Prova</Oggetto>",
		defects: []found{{dtd, inHeader + "/Oggetto"}}},
}

func TestParseDepartures(t *testing.T) {
	t.Parallel()
	for _, tt := range departures {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d, err := daticert.Parse(edited(t, tt.old, tt.new), nil)
			require.NoError(t, err)
			require.Equal(t, tt.defects, defectsOf(d), tt.reason)
			if tt.read != nil {
				require.Equal(t, tt.want, tt.read(d), tt.reason)
			}
		})
	}
}

// TestDeparturesAgreeWithXmllint asks a validating parser whether the
// documents follow the DTD: exactly those without a defect of it must.
func TestDeparturesAgreeWithXmllint(t *testing.T) {
	t.Parallel()
	xmllint := counterpart.Look(t, "xmllint")
	for _, tt := range departures {
		departs := slices.ContainsFunc(tt.defects, func(f found) bool { return f.ID != date })
		if out := validate(t, xmllint, edited(t, tt.old, tt.new)); departs {
			require.NotEmpty(t, out, tt.name)
		} else {
			require.Empty(t, out, tt.name)
		}
	}
}

// validate returns what xmllint has to say against a document under the DTD. It
// is named in a DOCTYPE, so that xmllint reads attributes by it too.
func validate(t testing.TB, xmllint string, doc []byte) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("testdata", "postacert.dtd"))
	require.NoError(t, err)
	doctype := `<!DOCTYPE postacert SYSTEM "` + (&url.URL{Scheme: "file", Path: path}).String() + `"><postacert `
	doc = bytes.Replace(doc, []byte("<postacert "), []byte(doctype), 1)
	file := filepath.Join(t.TempDir(), "daticert.xml")
	require.NoError(t, os.WriteFile(file, doc, 0o600))
	out, err := exec.Command(xmllint, "--noout", "--nonet", "--valid", file).CombinedOutput()
	if err != nil {
		return fmt.Sprintf("%v: %s", err, out)
	}
	return ""
}

func TestDefectTellsPlaceAndValue(t *testing.T) {
	t.Parallel()
	doc := edited(t, "<msgid>", "<identificativo>due\u202e</identificativo>\n<msgid>")
	d, err := daticert.Parse(doc, nil)
	require.NoError(t, err)
	require.Len(t, d.Defects, 1)
	x := d.Defects[0]
	require.Equal(t, bytes.LastIndex(doc, []byte("<identificativo>")), x.Offset)
	require.Equal(t, 16, x.Line)
	require.Equal(t, `a second identificativo, "due\u202e", after "opec300.20260901083000.00004.1.1.1@pec.example.it"`, x.Detail,
		"outside text is quoted")
	require.Equal(t, "line 16: /postacert/dati/identificativo: repeated-element: "+x.Detail, x.String())
}

func TestDefectsAreBounded(t *testing.T) {
	t.Parallel()
	long := "<" + strings.Repeat("lungo", 1000) + "/>"
	d, err := daticert.Parse(edited(t, "<msgid>", strings.Repeat(long, 101)+"<identificativo/><msgid>"), nil)
	require.NoError(t, err)
	require.Len(t, d.Defects, 102, "100 of one kind, one of another, and the count")
	require.Equal(t, repeated, d.Defects[100].ID, "many of one kind do not hide another")
	require.Equal(t, daticert.Defect{ID: dtd, Offset: -1, Detail: "101 in all, the first 100 are listed"}, d.Defects[101])
	require.Less(t, len(d.Defects[0].Path), 100, "long names are cut")

	d, err = daticert.Parse(edited(t, "<msgid>", strings.Repeat(long, 100)+"<msgid>"), nil)
	require.NoError(t, err)
	require.Len(t, d.Defects, 100)
}

// doctypes are declarations that are read over.
var doctypes = map[string]string{
	"system":         `<!DOCTYPE postacert SYSTEM "file:///etc/hostname">`,
	"public":         `<!DOCTYPE postacert PUBLIC "-//x//y" 'http://example.com/postacert.dtd' >`,
	"entities":       `<!DOCTYPE postacert [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/hostname">]>`,
	"defaults":       `<!DOCTYPE postacert [<!ATTLIST postacert tipo CDATA "avvenuta-consegna">]>`,
	"brackets":       `<!DOCTYPE postacert [<!ENTITY a "]><postacert/>"> <!-- ]> ' --> <?x ]> ' ?> %p; ]>`,
	"redefined":      `<!DOCTYPE postacert [<!ENTITY lt "x"><!ENTITY amp "y">]>`,
	"quote in a PI":  `<!DOCTYPE postacert [<?x " ?>]>`,
	"quote in a PI2": `<!DOCTYPE postacert [<?x ' ?>]><!-- ' -->`,
}

func TestParseDoctype(t *testing.T) {
	t.Parallel()
	for name, doctype := range doctypes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := daticert.Parse(edited(t, "<postacert ", doctype+"\n<postacert "), nil)
			require.NoError(t, err)
			require.Equal(t, []found{{daticert.DefectDoctype, ""}}, defectsOf(d))
			require.Equal(t, daticert.TypeDeliveryError, d.Type)
			require.Equal(t, "<prova@client.example.it>", d.MessageID)
		})
	}
}
