package daticert_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/counterpart"
)

const (
	subject    = "<oggetto>Prova</oggetto>"
	subjectAt  = "/postacert/intestazione/oggetto"
	senderLine = "<mittente>mittente@pec.example.it</mittente>"
	senderAt   = "/postacert/intestazione/mittente"
	rootTag    = `<postacert tipo="errore-consegna" errore="altro">`
)

// malformed are documents that Parse refuses. Where tolerated is set, xmllint
// reads the document: another root is no business of its, it takes a wrong
// encoding name for a warning, and so on.
var malformed = []struct {
	name, reason, old, new string
	line                   int
	path                   string
	tolerated              bool
}{
	{"unknown entity", "nothing but the five is expanded", subject, "<oggetto>&nbsp;</oggetto>", 7, subjectAt, false},
	{"declared entity", "a declaration does not make it known", rootTag, `<!DOCTYPE postacert [<!ENTITY a "b">]><postacert tipo="&a;">`, 2, "/postacert", true},
	{"declared entity in text", "not even in text written by others", rootTag + "\n    <intestazione>\n        <mittente>", `<!DOCTYPE postacert [<!ENTITY a "b">]><postacert><intestazione><mittente>&a;`, 2, senderAt, true},
	{"external entity", "nothing external is read", rootTag + "\n    <intestazione>\n        <mittente>", `<!DOCTYPE postacert [<!ENTITY a SYSTEM "file:///dev/null">]><postacert><intestazione><mittente>&a;`, 2, senderAt, true},
	{"entity in capitals", "names are exact", subject, "<oggetto>&LT;</oggetto>", 7, subjectAt, false},
	{"entity without semicolon", "it must end", subject, "<oggetto>&lt</oggetto>", 7, subjectAt, false},
	{"bare ampersand", "it must be escaped", subject, "<oggetto>a & b</oggetto>", 7, subjectAt, false},
	{"reference past the end of Unicode", "no character, not even where others wrote", subject, "<oggetto>&#x110000;</oggetto>", 7, subjectAt, false},
	{"reference of many digits", "no overflow brings it back", subject, "<oggetto>&#18446744073709551681;</oggetto>", 7, subjectAt, false},
	{"empty reference", "digits are needed", subject, "<oggetto>&#;</oggetto>", 7, subjectAt, false},
	{"empty hexadecimal reference", "digits are needed", subject, "<oggetto>&#x;</oggetto>", 7, subjectAt, false},
	{"capital X", "only &#x", subject, "<oggetto>&#X41;</oggetto>", 7, subjectAt, false},
	{"reference without semicolon", "it must end", subject, "<oggetto>&#65</oggetto>", 7, subjectAt, false},
	{"control character in mittente", "the provider's own fields must be clean", senderLine, "<mittente>a\x16@a.it</mittente>", 4, senderAt, false},
	{"NUL in mittente", "NUL least of all", senderLine, "<mittente>a\x00@a.it</mittente>", 4, senderAt, false},
	{"reference to a control character in mittente", "as a reference neither", senderLine, "<mittente>a&#18;@a.it</mittente>", 4, senderAt, false},
	{"reference to a surrogate in mittente", "encoding/xml alone would read U+FFFD", senderLine, "<mittente>a&#xD800;@a.it</mittente>", 4, senderAt, false},
	{"ill-formed UTF-8 in mittente", "a byte of Latin-1", senderLine, "<mittente>\xe8@a.it</mittente>", 4, senderAt, false},
	{"noncharacter in consegna", "U+FFFF is not in XML", "<consegna>", "<consegna>\uffff", 17, "/postacert/dati/consegna", false},
	{"control character in an attribute of oggetto", "only its text was written by others", subject, "<oggetto a=\"\x01\">x</oggetto>", 7, "/postacert/intestazione/oggetto", false},
	{"control character in a comment in oggetto", "a comment is not its text", subject, "<oggetto>a<!-- \x01 --></oggetto>", 7, subjectAt, false},
	{"control character in an instruction in oggetto", "nor is an instruction", subject, "<oggetto>a<?x \x01?></oggetto>", 7, subjectAt, false},
	{"control character in an element in oggetto", "nor is an element's", subject, "<oggetto>a<b>\x01</b></oggetto>", 7, subjectAt + "/b", false},
	{"control character in oggetto elsewhere", "only at its place", "<msgid>", "<oggetto>\x01</oggetto><msgid>", 16, "/postacert/dati/oggetto", false},
	{"control character in oggetto further down", "only at its place, at its depth", subject, "<x><oggetto>\x01</oggetto></x>", 7, "/postacert/intestazione/x/oggetto", false},
	{"control character in a tag", "markup has none", subject, "<oggetto \x01>x</oggetto>", 7, "/postacert/intestazione/oggetto", false},
	{"duplicate attribute", "encoding/xml would accept it", `errore="altro"`, `errore="altro" tipo="accettazione"`, 2, "/postacert", false},
	{"duplicate among many attributes", "found whatever their number", `errore="altro"`, `a="" b="" c="" d="" e="" f="" g="" h="" i="" j="" k="" c=""`, 2, "/postacert", false},
	{"duplicate behind many attributes", "the ninth and later count too", `errore="altro"`, `a="" b="" c="" d="" e="" f="" g="" h="" i="" j="" i=""`, 2, "/postacert", false},
	{"attribute without quotes", "quotes are needed", `errore="altro"`, `errore=altro`, 2, "/postacert", false},
	{"attribute without value", "a value is needed", `errore="altro"`, `errore`, 2, "/postacert", false},
	{"attributes without space", "encoding/xml would accept it", `" errore=`, `"errore=`, 2, "/postacert", false},
	{"less-than in an attribute", "it must be escaped", `errore="altro"`, `errore="<"`, 2, "/postacert", false},
	{"slash in a tag", "only before >", `errore="altro"`, `/ errore="altro"`, 2, "/postacert", false},
	{"end of CDATA in text", "it must be escaped", subject, "<oggetto>]]></oggetto>", 7, subjectAt, false},
	{"CDATA without end", "the document ends first", subject, "<oggetto><![CDATA[</oggetto>", 7, subjectAt, false},
	{"hyphens in a comment", "-- ends a comment", subject, "<oggetto><!-- -- --></oggetto>", 7, subjectAt, false},
	{"comment of three hyphens", "--- neither", subject, "<oggetto><!-----></oggetto>", 7, subjectAt, false},
	{"comment without end", "the document ends first", subject, "<oggetto><!-- </oggetto>", 7, subjectAt, false},
	{"instruction without space", "encoding/xml would accept it", subject, "<oggetto><?x>?></oggetto>", 7, subjectAt, false},
	{"instruction without end", "the document ends first", subject, "<oggetto><?x </oggetto>", 7, subjectAt, false},
	{"second declaration", "it could name another encoding", subject, `<?xml version="1.0" encoding="UTF-16"?>` + subject, 7, "/postacert/intestazione", false},
	{"declaration in capitals", "the name is reserved", subject, `<?XML x?>` + subject, 7, "/postacert/intestazione", false},
	{"wrong end tag", "tags must match", "</oggetto>", "</Oggetto>", 7, subjectAt, false},
	{"end tag without start", "tags must match", "</postacert>", "</postacert></postacert>", 20, "", false},
	{"crossed tags", "tags must match", subject, "<oggetto><b></oggetto></b>", 7, subjectAt + "/b", false},
	{"end tag with attribute", "nothing but space", "</oggetto>", `</oggetto a="b">`, 7, subjectAt, false},
	{"cut inside an element", "the end is missing", "</postacert>\n", "", 23, "/postacert", false},
	{"cut inside a tag", "the end is missing", "</postacert>\n", "</posta", 23, "/postacert", false},
	{"cut inside a name", "the end is missing", "</dati>\n</postacert>\n", "<x", 22, "/postacert/dati", false},
	{"cut behind an attribute", "the end is missing", "</dati>\n</postacert>\n", "<x a='b'", 22, "/postacert/dati/x", false},
	{"cut inside a value", "the end is missing", "</dati>\n</postacert>\n", "<x a='b", 22, "/postacert/dati/x", false},
	{"second root", "a document has one", "</postacert>", "</postacert><postacert/>", 20, "", false},
	{"text behind the root", "only white space, comments and instructions", "</postacert>", "</postacert>x", 20, "", false},
	{"reference behind the root", "not even a space", "</postacert>", "</postacert>&#32;", 20, "", false},
	{"CDATA behind the root", "is text", "</postacert>", "</postacert><![CDATA[]]>", 20, "", false},
	{"text before the root", "only white space, comments and instructions", rootTag, "x" + rootTag, 2, "", false},
	{"another root", "not a daticert", rootTag, "<daticert/><!--", 2, "", false},
	{"prefixed root", "another name", rootTag, `<p:postacert xmlns:p=""/><!--`, 2, "", false},
	{"name with a digit", "no name", subject, "<1oggetto/>", 7, "/postacert/intestazione", false},
	{"name with two colons", "no name with namespaces", subject, "<a:b:c/>", 7, "/postacert/intestazione", true},
	{"name with a sign", "no name", subject, "<ogg×tto/>", 7, "/postacert/intestazione", false},
	{"space before a name", "no name", subject, "< oggetto/>", 7, "/postacert/intestazione", false},
	{"DOCTYPE behind the root tag", "only before", subject, "<!DOCTYPE postacert>", 7, "/postacert/intestazione", false},
	{"second DOCTYPE", "one at most", rootTag, "<!DOCTYPE postacert><!DOCTYPE postacert>" + rootTag, 2, "", false},
	{"DOCTYPE without end", "the document ends first", rootTag, "<!DOCTYPE postacert [" + rootTag, 2, "", false},
	{"DOCTYPE with a control character", "as everywhere", rootTag, "<!DOCTYPE postacert [<!ENTITY a \"\x01\">]>" + rootTag, 2, "", false},
	{"doctype in small letters", "names are exact", rootTag, "<!doctype postacert>" + rootTag, 2, "", false},
	{"ELEMENT declaration outside a DOCTYPE", "not there", rootTag, "<!ELEMENT a (b)>" + rootTag, 2, "", false},
	{"XML 1.1", "has other characters", `version="1.0"`, `version="1.1"`, 1, "", true},
	{"no version", "required", `version="1.0" `, ``, 1, "", false},
	{"version last", "the order is fixed", `version="1.0" encoding="UTF-8"`, `encoding="UTF-8" version="1.0"`, 1, "", false},
	{"unknown standalone", "yes or no", `encoding="UTF-8"`, `encoding="UTF-8" standalone="maybe"`, 1, "", false},
	{"space before the declaration", "it is at the beginning or nowhere", `<?xml version`, ` <?xml version`, 1, "", false},
	{"unknown encoding", "better refused than guessed", `UTF-8`, `ISO-8859-15`, 1, "", true},
	{"UTF-16 declared, bytes are not", "contradiction", `UTF-8`, `UTF-16`, 1, "", false},
}

func TestParseRefusesMalformed(t *testing.T) {
	t.Parallel()
	for _, tt := range malformed {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d, err := daticert.Parse(edited(t, tt.old, tt.new), nil)
			require.Nil(t, d)
			e, ok := errors.AsType[*daticert.SyntaxError](err)
			require.True(t, ok, "%s: %v", tt.reason, err)
			require.Equal(t, tt.path, e.Path, "%v", err)
			if !strings.Contains(err.Error(), "document ends") {
				require.Equal(t, tt.line, e.Line, "%v", err)
			}
			require.NotErrorIs(t, err, daticert.ErrLimit)
			require.NotEmpty(t, e.Err.Error())
		})
	}
}

// TestMalformedAgreesWithXmllint asks another parser whether the documents
// above are really no XML.
func TestMalformedAgreesWithXmllint(t *testing.T) {
	t.Parallel()
	xmllint := counterpart.Look(t, "xmllint")
	for _, tt := range malformed {
		file := filepath.Join(t.TempDir(), "daticert.xml")
		require.NoError(t, os.WriteFile(file, edited(t, tt.old, tt.new), 0o600))
		out, err := exec.Command(xmllint, "--noout", "--nonet", file).CombinedOutput()
		require.Equal(t, tt.tolerated, err == nil, "%s: %v %s", tt.name, err, out)
	}
}

// noDocuments are no documents at all.
var noDocuments = map[string]string{
	"nothing": "", "space": " \n", "text": "ciao", "declaration": `<?xml version="1.0"?>`, "comment": "<!-- -->",
	"NUL": "\x00\x00\x00\x00", "half mark": "\xef\xbb", "mark": "\xef\xbb\xbf", "wide mark": "\xff\xfe", "less-than": "<",
	"UTF-32 mark": "\xff\xfe\x00\x00<\x00\x00\x00", "html": "<!DOCTYPE html><html></html>", "two marks": "\xef\xbb\xbf\xef\xbb\xbf<postacert/>",
}

func TestParseRefusesWhatIsNoDocument(t *testing.T) {
	t.Parallel()
	for name, doc := range noDocuments {
		d, err := daticert.Parse([]byte(doc), nil)
		require.Nil(t, d, name)
		_, ok := errors.AsType[*daticert.SyntaxError](err)
		require.True(t, ok, "%s: %v", name, err)
	}
	_, err := daticert.Parse(nil, nil)
	require.EqualError(t, err, "daticert: line 1: document without a root element")
}

func TestSyntaxErrorQuotesAndCutsOutsideText(t *testing.T) {
	t.Parallel()
	_, err := daticert.Parse(edited(t, subject, "<"+strings.Repeat("é", 1000)+">&\x1b[31m;"), nil)
	require.ErrorContains(t, err, `line 7: /postacert/intestazione/`+strings.Repeat("é", 32)+`…: "&\x1b[31m;" is neither`)
}
