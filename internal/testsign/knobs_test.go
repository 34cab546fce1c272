package testsign_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
)

// TestKnobs: each knob changes what it says. signed tells whether OpenSSL still
// finds the signature good.
func TestKnobs(t *testing.T) {
	t.Parallel()
	delivery := func(change func(*testsign.Message)) testsign.Message {
		m := testsign.Message{Kind: daticert.TypeDelivery}
		change(&m)
		return m
	}
	shape := func(want ...string) func(*testing.T, read, []byte) {
		return func(t *testing.T, r read, _ []byte) { require.Subset(t, r.shape(), want) }
	}
	contains := func(want string) func(*testing.T, read, []byte) {
		return func(t *testing.T, _ read, mail []byte) { require.Contains(t, string(mail), want) }
	}
	tests := []struct {
		name   string
		mail   testsign.Message
		signed bool
		check  func(*testing.T, read, []byte)
	}{
		{"set, remove, before, after", delivery(func(m *testsign.Message) {
			m.Set = []testsign.Field{{Name: "from", Value: "altri@example.com"}, {Name: "X-Nuovo", Value: "1"}}
			m.Remove = []string{"x-ricevuta"}
			m.Before = []testsign.Field{{Name: "X-Primo", Value: "1"}}
			m.After = []testsign.Field{{Name: "To", Value: "secondo@example.com"}}
		}), true, func(t *testing.T, r read, _ []byte) {
			require.Equal(t, "altri@example.com", r.field("From"))
			require.Equal(t, "1", r.field("X-Nuovo"))
			require.Empty(t, r.field("X-Ricevuta"))
			require.Equal(t, "X-Primo", r.Fields[0][0])
			require.Equal(t, "secondo@example.com", r.Fields[len(r.Fields)-1][1])
		}},
		{"raw daticert", delivery(func(m *testsign.Message) { m.XML = []byte("<postacert") }), true, func(t *testing.T, r read, _ []byte) {
			require.Equal(t, "<postacert", r.text("daticert.xml"))
		}},
		{"control character", delivery(func(m *testsign.Message) { m.Data.Subject = "a\x16b"; m.XMLPart.Encoding = "7bit" }), true, contains("<oggetto>a\x16b</oggetto>\r\n")},
		{"element dropped", delivery(func(m *testsign.Message) { m.EditXML = testsign.DropElement("data") }), true, func(t *testing.T, r read, _ []byte) {
			require.NotContains(t, r.text("daticert.xml"), "data zona")
			require.Contains(t, r.text("daticert.xml"), "<dati>")
		}},
		{"no daticert", delivery(func(m *testsign.Message) { m.NoXML = true }), true, shape("1.2 message/rfc822 postacert.eml")},
		{"second daticert", delivery(func(m *testsign.Message) { m.SecondXML = []byte("<x/>") }), true, shape("1.2 application/xml daticert.xml", "1.3 application/xml daticert.xml")},
		{"daticert named otherwise", delivery(func(m *testsign.Message) {
			m.XMLPart = testsign.Part{Type: "text/xml", Name: "certdata.xml", Encoding: "quoted-printable"}
		}), true, shape("1.2 text/xml certdata.xml")},
		{"original first", delivery(func(m *testsign.Message) { m.OriginalFirst = true }), true, shape("1.2 message/rfc822 postacert.eml", "1.3 application/xml daticert.xml")},
		{"own original in base64", delivery(func(m *testsign.Message) {
			m.Original = []byte("Subject: x\r\n\r\ny")
			m.OriginalPart.Encoding = "base64"
		}), true, contains("U3ViamVjdDogeA0KDQp5")},
		{"no original", delivery(func(m *testsign.Message) { m.NoOriginal = true }), true, func(t *testing.T, r read, _ []byte) {
			require.NotContains(t, strings.Join(r.shape(), "\n"), "postacert.eml")
		}},
		{"text alone", delivery(func(m *testsign.Message) { m.TextOnly = true; m.Text = "Solo testo €\n" }), true, func(t *testing.T, r read, _ []byte) {
			require.Contains(t, r.shape(), "1.1 text/plain")
			require.Equal(t, "Solo testo ?\n", strings.ReplaceAll(r.text("text/plain"), "\r", ""), "ISO-8859-1 has no euro sign")
		}},
		{"no text", delivery(func(m *testsign.Message) { m.NoText = true }), true, shape("1.1 application/xml daticert.xml")},
		{"protocol and micalg", delivery(func(m *testsign.Message) { m.Protocol, m.Micalg = "application/x-pkcs7-signature", `"SHA1"` }), true,
			contains(`protocol="application/x-pkcs7-signature"; micalg="SHA1"; boundary=`)},
		{"signature's type", delivery(func(m *testsign.Message) { m.SignaturePart.Type = "application/x-pkcs7-signature" }), true, shape("2 application/x-pkcs7-signature smime.p7s")},
		{"own signature", delivery(func(m *testsign.Message) { m.Signature = []byte("no p7s") }), false, func(t *testing.T, r read, _ []byte) {
			require.Equal(t, "no p7s", string(r.part("smime.p7s").Body))
		}},
		{"no preamble, epilogue", delivery(func(m *testsign.Message) { m.Preamble, m.Epilogue = "-", "fine\r\n" }), true, func(t *testing.T, r read, _ []byte) {
			require.Empty(t, r.Preamble)
			require.Contains(t, r.Epilogue, "fine")
		}},
		{"LF", delivery(func(m *testsign.Message) { m.LineEnds = testsign.LF }), true, func(t *testing.T, _ read, mail []byte) {
			require.NotContains(t, string(mail), "\r")
		}},
		{"LF in the header", delivery(func(m *testsign.Message) { m.LineEnds = testsign.LFHeader }), true, func(t *testing.T, _ read, mail []byte) {
			header, body, _ := bytes.Cut(mail, []byte("\n\n"))
			require.NotContains(t, string(header), "\r")
			require.Equal(t, bytes.Count(body, []byte("\n")), bytes.Count(body, []byte("\r\n")))
		}},
		{"LF in every second line", delivery(func(m *testsign.Message) { m.LineEnds = testsign.LFAlternate }), true, func(t *testing.T, _ read, mail []byte) {
			require.InDelta(t, 2, float64(bytes.Count(mail, []byte("\n")))/float64(bytes.Count(mail, []byte("\r\n"))), 0.02)
		}},
		{"signed with LF", delivery(func(m *testsign.Message) { m.LineEnds = testsign.LF; m.SignAsStored = true }), false, func(t *testing.T, r read, _ []byte) {
			stored := bytes.ReplaceAll(testsign.Message{Kind: daticert.TypeDelivery}.SignedPart(), []byte("\r\n"), []byte("\n"))
			require.Equal(t, testsign.SignedData{}.Sign(testsign.NewCircle().Two, stored), r.part("smime.p7s").Body)
		}},
		{"no closing delimiter", delivery(func(m *testsign.Message) { m.NoClosing = true }), false, func(t *testing.T, r read, mail []byte) {
			require.Contains(t, r.Parts[0].Defects, "CloseBoundaryNotFoundDefect")
		}},
		{"prefix boundaries", delivery(func(m *testsign.Message) { m.PrefixBoundaries = true }), false /* OpenSSL takes the longer boundary for the shorter; Python does not */, contains("------=_Part_1_2\r\n")},
		{"unsigned", delivery(func(m *testsign.Message) { m.NoSignature = true }), false, func(t *testing.T, r read, _ []byte) {
			require.Equal(t, "multipart/mixed", r.Parts[0].Type)
			require.Equal(t, "2 application/xml daticert.xml", r.shape()[4])
		}},
		{"opaque", delivery(func(m *testsign.Message) { m.Opaque = true }), true, func(t *testing.T, r read, _ []byte) {
			require.Equal(t, "application/pkcs7-mime", r.Parts[0].Type)
			require.Contains(t, string(r.part("smime.p7m").Body), "Ricevuta di avvenuta consegna")
		}},
		{"opaque, content changed", delivery(func(m *testsign.Message) { m.Opaque = true; m.AfterSign = bytes.ToUpper }), false, func(t *testing.T, r read, _ []byte) {
			require.Contains(t, string(r.part("smime.p7m").Body), "RICEVUTA DI AVVENUTA CONSEGNA")
		}},
		{"changed before signing", delivery(func(m *testsign.Message) { m.BeforeSign = bytes.ToUpper }), true, contains("RICEVUTA DI AVVENUTA")},
		{"changed after signing", delivery(func(m *testsign.Message) {
			m.AfterSign = func(b []byte) []byte { return bytes.Replace(b, []byte("casella"), []byte("cassetta"), 1) }
		}), false, contains("cassetta")},
		{"changed at the end", delivery(func(m *testsign.Message) { m.Finish = func(b []byte) []byte { return b[:100] } }), false, func(t *testing.T, _ read, mail []byte) {
			require.Len(t, mail, 100)
		}},
		{"signature knobs", delivery(func(m *testsign.Message) { m.CMS.Encoding = testsign.BEROuter; m.CMS.Signer.SKI = true }), true, shape("2 application/pkcs7-signature smime.p7s")},
		{"forwarded inside", delivery(func(m *testsign.Message) {
			m.ExtraParts = []testsign.Part{testsign.Forwarded(testsign.Message{Kind: daticert.TypeAcceptance}.Bytes(), "ricevuta.eml")}
		}), true, shape("1.4 message/rfc822 ricevuta.eml", "1.4.1 multipart/signed", "1.4.1.2 application/pkcs7-signature smime.p7s")},
		{"a signed part inside", delivery(func(m *testsign.Message) {
			m.ExtraParts = []testsign.Part{testsign.AsPart(testsign.Message{Kind: daticert.TypeAcceptance}.Bytes())}
		}), true, shape("1.4 multipart/signed", "1.4.1 multipart/mixed", "1.4.2 application/pkcs7-signature smime.p7s")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			mail := test.mail.Bytes()
			test.check(t, readMail(t, mail), mail)
			_, err := opensslMail(t, testsign.NewCircle().Root, mail)
			require.Equal(t, test.signed, err == nil)
		})
	}
}

func TestMailingList(t *testing.T) {
	t.Parallel()
	inner := testsign.Message{Kind: daticert.TypeTransport}
	r := readMail(t, testsign.MailingList(inner.Bytes(), "lista@example.com"))
	require.Equal(t, []string{"multipart/mixed", "1 multipart/signed", "1.1 multipart/mixed"}, r.shape()[:3])
	require.Equal(t, "2 text/plain", r.shape()[len(r.shape())-1])
	require.Contains(t, r.field("Subject"), "[lista] POSTA CERTIFICATA: ")
	require.Equal(t, "<lista.example.com>", r.field("List-Id"))
	require.Contains(t, string(testsign.MailingList(inner.Bytes(), "lista@example.com")), string(inner.SignedPart()), "the signed bytes are untouched")
}
