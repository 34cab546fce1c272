package pec_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
)

// Characters that XML forbids: a warning in text that others wrote, and a
// failure in what the provider certifies.
func TestOutsideForbiddenCharacters(t *testing.T) {
	t.Parallel()
	elements := []struct {
		name string
		user bool // text that others wrote
	}{
		{"oggetto", true}, {"msgid", true}, {"risposte", true}, {"errore-esteso", true},
		{"mittente", false}, {"identificativo", false}, {"destinatari", false}, {"consegna", false}, {"gestore-emittente", false},
	}
	for _, e := range elements {
		for forbidden, raw := range map[string]string{"\x16": "\x16", "&#18;": "\x12", "&#x0;": "\x00", "\xff": "\xff", "\xc3": "\xc3",
			"\xed\xa0\x80": "\xed\xa0\x80", "\uffff": "\uffff"} {
			t.Run(fmt.Sprintf("%s %q", e.name, forbidden), func(t *testing.T) {
				t.Parallel()
				mail := outsideXML(daticert.TypeDeliveryError, "</"+e.name+">", forbidden+"</"+e.name+">")
				if e.name == "msgid" { // a provider that lets it through writes it into the header, too
					mail.Set = []testsign.Field{{Name: "X-Riferimento-Message-ID", Value: "<20260310101412.4F2A11C08E@client.example.it>" + raw}}
				}
				r := outsideVerify(t, mail.Bytes())
				require.Equal(t, e.user, r.Certified, "%v", outsideFailed(r))
				if e.user {
					require.Equal(t, pec.Warn, r.Check(pec.CheckCharacters).Status)
					require.Contains(t, r.Check(pec.CheckCharacters).Detail(pec.English), e.name)
					require.Equal(t, daticert.DefectCharacter, r.Data.Defects[0].ID)
					require.Contains(t, string(r.Data.Raw()), forbidden, "the bytes are kept as they were")
					return
				}
				require.Equal(t, []pec.CheckID{pec.CheckSyntax}, outsideFailed(r))
				require.Equal(t, pec.SigConstraintsFailure, r.SubIndication)
				require.Nil(t, r.Data, "what cannot be read states nothing")
				require.Equal(t, pec.KindUnknown, r.Kind)
			})
		}
	}
	t.Run("a reference past the last character is no character anywhere", func(t *testing.T) {
		t.Parallel()
		r := outsideVerify(t, outsideXML(daticert.TypeDelivery, "</oggetto>", "&#x110000;</oggetto>").Bytes())
		require.Equal(t, []pec.CheckID{pec.CheckSyntax}, outsideFailed(r))
	})
}

// daticert.xml in every form that means the same, and in those that do not.
func TestOutsideDaticertForms(t *testing.T) {
	t.Parallel()
	outsideRun(t, outsideDaticertFormsCases())
}

func outsideDaticertFormsCases() []outsideCase {
	const kind = daticert.TypeDelivery
	part := func(p testsign.Part) testsign.Message { return testsign.Message{Kind: kind, XMLPart: p} }
	good := testsign.Message{Kind: kind}
	other := bytes.Replace(good.DatiCert(), []byte("avvenuta-consegna"), []byte("errore-consegna"), 1)
	edit := func(old, new string) testsign.Message { return outsideXML(kind, old, new) }
	nested := func(xml []byte) testsign.Part {
		return testsign.Part{Raw: []byte("Content-Type: multipart/mixed; boundary=in\r\n\r\n--in\r\nContent-Type: application/xml; name=daticert.xml\r\n\r\n" + string(xml) + "\r\n--in--\r\n")}
	}
	extra := func(p testsign.Part) testsign.Message {
		return testsign.Message{Kind: kind, ExtraParts: []testsign.Part{p}}
	}
	return []outsideCase{
		{"in base64", part(testsign.Part{Encoding: "base64"}), pec.CheckDaticert, pec.Pass, true, ""},
		{"in quoted-printable", part(testsign.Part{Encoding: "quoted-printable"}), pec.CheckDaticert, pec.Pass, true, ""},
		{"in 7bit", testsign.Message{Kind: kind, Data: daticert.Data{Subject: "Verbale"}, XMLPart: testsign.Part{Encoding: "7bit"}}, pec.CheckDaticert, pec.Pass, true, ""},
		{"in 8bit", part(testsign.Part{Encoding: "8bit"}), pec.CheckDaticert, pec.Pass, true, ""},
		{"behind postacert.eml", testsign.Message{Kind: kind, OriginalFirst: true}, pec.CheckDaticert, pec.Pass, true, ""},
		{"as text/xml", part(testsign.Part{Type: "text/xml"}), pec.CheckDaticert, pec.Pass, true, ""},
		{"as a file without type", part(testsign.Part{Type: "application/octet-stream"}), pec.CheckDaticert, pec.Pass, true, ""},
		{"as an attachment", part(testsign.Part{Disposition: "attachment"}), pec.CheckDaticert, pec.Pass, true, ""},
		{"without disposition, by the name in its type", part(testsign.Part{Disposition: "-"}), pec.CheckDaticert, pec.Pass, true, ""},
		{"a name in capitals", part(testsign.Part{Name: "DatiCert.XML"}), pec.CheckDaticert, pec.Pass, true, ""},
		{"the name that RFC 6109 gives it", part(testsign.Part{Name: "certdata.xml"}), pec.CheckDaticert, pec.Pass, true, ""},
		{"without text part before it", testsign.Message{Kind: kind, NoText: true}, pec.CheckDaticert, pec.Pass, true, ""},
		{"with text alone before it", testsign.Message{Kind: kind, TextOnly: true}, pec.CheckDaticert, pec.Pass, true, ""},

		{"another name is no certification", part(testsign.Part{Name: "dati.xml"}), pec.CheckDaticert, pec.Fail, false, "no daticert.xml"},
		{"no name is no certification", part(testsign.Part{Name: "-"}), pec.CheckDaticert, pec.Fail, false, ""},
		{"none at all", testsign.Message{Kind: kind, NoXML: true}, pec.CheckDaticert, pec.Fail, false, ""},
		{"two that say the same", testsign.Message{Kind: kind, SecondXML: good.DatiCert()}, pec.CheckDaticert, pec.Fail, false, "2 parts"},
		{"two that differ", testsign.Message{Kind: kind, SecondXML: other}, pec.CheckDaticert, pec.Fail, false, "2 parts"},
		{"one before and one after postacert.eml", extra(testsign.Part{Type: "application/xml", Name: "daticert.xml", Encoding: "base64", Body: other}), pec.CheckDaticert, pec.Fail, false, ""},
		{"a second one deeper", extra(nested(other)), pec.CheckDaticert, pec.Fail, false, "2 parts"},
		{"the only one deeper", testsign.Message{Kind: kind, NoXML: true, ExtraParts: []testsign.Part{nested(good.DatiCert())}}, pec.CheckDaticert, pec.Fail, false, "not where the norm has it"},
		{"two postacert.eml", testsign.Message{Kind: kind, ExtraParts: []testsign.Part{{Type: "message/rfc822", Name: "postacert.eml", Encoding: "7bit", Body: outsidePlain("")}}}, pec.CheckDaticert, pec.Fail, false, "postacert.eml"},

		{"text split by a comment is one text", edit("mittente@", "mitt<!-- x -->ente@"), pec.CheckSyntax, pec.Pass, true, ""},
		{"text split by CDATA is one text", edit("mittente@", "mitt<![CDATA[ente]]>@"), pec.CheckSyntax, pec.Pass, true, ""},
		{"characters as references", edit("mittente@", "mittente&#64;"), pec.CheckSyntax, pec.Pass, true, ""},
		{"a DOCTYPE is not followed", edit("<postacert ", "<!DOCTYPE postacert SYSTEM \"http://192.0.2.1/x.dtd\"><postacert "), pec.CheckNorm, pec.Warn, true, ""},
		{"an entity of the document's own is not expanded", edit("<postacert ", "<!DOCTYPE postacert [<!ENTITY a \"avvenuta-consegna\">]><postacert "), pec.CheckNorm, pec.Warn, true, ""},
		{"no attribute errore means none", edit(` errore="nessuno"`, ""), pec.CheckError, pec.Pass, true, "nessuno"},
		{"an error on a delivery is only strange", edit(`errore="nessuno"`, `errore="altro"`), pec.CheckError, pec.Warn, true, "altro"},
		{"an unknown element is only strange", edit("<dati>", "<dati><nota>x</nota>"), pec.CheckNorm, pec.Warn, true, ""},
		{"identificativo twice with one value", edit("</identificativo>", "</identificativo><identificativo>opec21004.20260310101530.00042.217.1.57@pec.example.it</identificativo>"), pec.CheckNorm, pec.Warn, true, ""},
		{"identificativo twice with two values", edit("</identificativo>", "</identificativo><identificativo>altro</identificativo>"), pec.CheckSyntax, pec.Fail, false, "identificativo"},
		{"mittente twice", edit("</mittente>", "</mittente><mittente>altri@example.com</mittente>"), pec.CheckSyntax, pec.Fail, false, "mittente"},
		{"consegna twice", edit("</consegna>", "</consegna><consegna>altri@example.com</consegna>"), pec.CheckSyntax, pec.Fail, false, "consegna"},
		{"a second dati", edit("</dati>", "</dati><dati/>"), pec.CheckSyntax, pec.Fail, false, "dati"},
		{"an element inside text", edit("mittente@", "<b>altri</b>mittente@"), pec.CheckSyntax, pec.Fail, false, ""},
		{"no sender", edit("<mittente>mittente@pec.example.it</mittente>", ""), pec.CheckSyntax, pec.Fail, false, "mittente"},
		{"an empty identifier", edit("opec21004.20260310101530.00042.217.1.57@pec.example.it", ""), pec.CheckSyntax, pec.Fail, false, "identificativo"},
		{"no recipients", edit(`<destinatari tipo="certificato">destinatario@pec.example.com</destinatari>`, ""), pec.CheckSyntax, pec.Fail, false, "destinatari"},
		{"a recipient without address", edit(`<destinatari `, `<destinatari tipo="certificato"/><destinatari `), pec.CheckSyntax, pec.Fail, false, "destinatari"},
		{"a delivery to nobody", edit("<consegna>destinatario@pec.example.com</consegna>", ""), pec.CheckSyntax, pec.Fail, false, "consegna"},
		{"a day that there is none", edit("10/03/2026", "31/02/2026"), pec.CheckSyntax, pec.Fail, false, ""},
	}
}

// Data of which nothing can be read make the message a kind unknown.
func TestOutsideDaticertUnreadable(t *testing.T) {
	t.Parallel()
	const kind = daticert.TypeDelivery
	edit := func(old, new string) testsign.Message { return outsideXML(kind, old, new) }
	broken := testsign.Message{Kind: kind, NoXML: true, ExtraParts: []testsign.Part{{Raw: []byte(
		"Content-Type: application/xml; name=daticert.xml\r\nContent-Transfer-Encoding: base64\r\n\r\nPHBvc3RhY2VydC8+PA==PA==")}}}
	for _, c := range []struct {
		reason string
		mail   testsign.Message
		says   string
	}{
		{"not well-formed", edit("</dati>", ""), "cannot be read"},
		{"an undefined entity", edit("mittente@", "&agrave;@"), "entities"},
		{"an entity that the document defines is not expanded", edit("<mittente>mittente", "<!DOCTYPE x [<!ENTITY a \"b\">]><mittente>&a;"), "cannot be read"},
		{"another root", edit("<postacert ", "<altro "), "cannot be read"},
		{"an empty document", testsign.Message{Kind: kind, XML: []byte(" ")}, "cannot be read"},
		{"a second root", edit("</postacert>", "</postacert><postacert/>"), "cannot be read"},
		{"base64 that goes on after its end", broken, "base64"},
		{"an unknown type", edit(`tipo="avvenuta-consegna"`, `tipo="consegna-avvenuta"`), "consegna-avvenuta"},
		{"a type in capitals is unknown", edit(`tipo="avvenuta-consegna"`, `tipo="AVVENUTA-CONSEGNA"`), "AVVENUTA-CONSEGNA"},
		{"no type", edit(`tipo="avvenuta-consegna" `, ``), "type"},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			r := outsideVerify(t, c.mail.Bytes())
			require.False(t, r.Certified)
			require.Equal(t, pec.KindUnknown, r.Kind)
			require.Contains(t, outsideFailed(r), pec.CheckSyntax)
			require.Contains(t, r.Check(pec.CheckSyntax).Detail(pec.English), c.says)
			require.Equal(t, pec.SigConstraintsFailure, r.SubIndication)
		})
	}
}

// A daticert.xml that nobody signed, or that belongs to another message, is
// never picked.
func TestOutsideDaticertOfOthers(t *testing.T) {
	t.Parallel()
	const kind = daticert.TypeTransport
	forged := bytes.Replace(testsign.Message{Kind: kind}.DatiCert(), []byte("mittente@"), []byte("falsario@"), 1)
	file := outsideBase64("application/xml", "daticert.xml", forged)
	noXML := testsign.Message{Kind: kind, NoXML: true, Original: outsidePlain("", file)}

	t.Run("in the user's original, beside the provider's", func(t *testing.T) {
		t.Parallel()
		r := outsideVerify(t, testsign.Message{Kind: kind, Original: outsidePlain("", file)}.Bytes())
		require.True(t, r.Certified, "%v", outsideFailed(r))
		require.Equal(t, outsideSender, r.Data.Sender)
	})
	t.Run("in the user's original, instead of the provider's", func(t *testing.T) {
		t.Parallel()
		r := outsideVerify(t, noXML.Bytes())
		require.Equal(t, []pec.CheckID{pec.CheckDaticert}, outsideFailed(r))
		require.Nil(t, r.Data)
	})
	t.Run("in an original that is not named postacert.eml", func(t *testing.T) {
		t.Parallel()
		m := noXML
		m.OriginalPart.Name = "altro.eml"
		r := outsideVerify(t, m.Bytes())
		require.False(t, r.Certified)
		require.Nil(t, r.Data)
	})
	t.Run("an original that is the file itself", func(t *testing.T) {
		t.Parallel()
		m := noXML
		m.Original = []byte(strings.Replace(file, "Content-Type", "Subject: x\r\nContent-Type", 1))
		r := outsideVerify(t, m.Bytes())
		require.False(t, r.Certified)
		require.Nil(t, r.Data)
	})
	t.Run("in an anomaly envelope around a signed message that is no PEC", func(t *testing.T) {
		t.Parallel()
		r := outsideVerify(t, testsign.Message{Kind: testsign.Anomaly, Original: outsidePlain("", file)}.Bytes())
		require.Equal(t, pec.KindAnomaly, r.Kind)
		require.Nil(t, r.Data)
		require.False(t, r.Certified)
		require.Empty(t, r.Layers)
	})
	for _, c := range []struct{ reason, at string }{
		{"before the signed part, in the preamble", "preamble"},
		{"behind the signature, in the epilogue", "epilogue"},
		{"as a third part of multipart/signed", "third"},
		{"as the first part of multipart/signed", "first"},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			for _, without := range []bool{false, true} {
				m := testsign.Message{Kind: kind, NoXML: without}
				switch c.at {
				case "preamble":
					m.Preamble = file
				case "epilogue":
					m.Epilogue = file
				case "third":
					m.Finish = func(mail []byte) []byte { return outsideInsertPart(mail, file, -1) }
				case "first":
					m.Finish = func(mail []byte) []byte { return outsideInsertPart(mail, file, 0) }
				}
				r := outsideVerify(t, m.Bytes())
				if r.Data != nil {
					require.NotEqual(t, "falsario@pec.example.it", r.Data.Sender)
				}
				certified := !without && (c.at == "preamble" || c.at == "epilogue")
				require.Equal(t, certified, r.Certified, "%v", outsideFailed(r))
				if c.at == "third" || c.at == "first" {
					require.Equal(t, pec.FormatFailure, r.SubIndication)
				}
			}
		})
	}
}

// outsideInsertPart puts a part into multipart/signed: before the first, or
// behind the last.
func outsideInsertPart(mail []byte, part string, at int) []byte {
	_, rest, _ := bytes.Cut(mail, []byte(`boundary="`))
	boundary, _, _ := bytes.Cut(rest, []byte(`"`))
	delimiter := append([]byte("--"), boundary...)
	i := bytes.Index(mail, delimiter)
	if at < 0 {
		i = bytes.LastIndex(mail, append(bytes.Clone(delimiter), "--"...))
	}
	var out bytes.Buffer
	out.Write(mail[:i])
	fmt.Fprintf(&out, "%s\r\n%s\r\n", delimiter, part)
	out.Write(mail[i:])
	return out.Bytes()
}
