package pec_test

import (
	"bytes"
	"encoding/base64"
	"strings"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
)

// deceptionsOfFrame play on what two programs read differently in the MIME
// structure around the signed part, none of which is signed.
func deceptionsOfFrame() []deception {
	bad := meaningBad().Bytes()
	boundary := meaningBoundary(bad)
	// fake is a multipart of the forger's own, with another boundary, in the
	// place where a program that takes the true boundary sees no part.
	fake := "--falso\r\n" + meaningText + "\r\n--falso\r\n" + meaningPart() + "\r\n--falso--\r\n"
	contentType := func(value string) func([]byte) []byte {
		return func(mail []byte) []byte {
			i := bytes.Index(mail, []byte("Content-Type: multipart/signed"))
			end := i + bytes.Index(mail[i:], []byte("\r\n"))
			for mail[end+2] == ' ' || mail[end+2] == '\t' {
				end += 2 + bytes.Index(mail[end+2:], []byte("\r\n"))
			}
			return append(append(bytes.Clone(mail[:i]), "Content-Type: "+value...), mail[end:]...)
		}
	}
	with := func(value string) []byte {
		m := meaningBad()
		m.Preamble, m.Finish = fake, contentType(value)
		return m.Bytes()
	}
	const start = "multipart/signed; protocol=\"application/pkcs7-signature\"; micalg=sha-256; "
	field := func(name, value string) []byte {
		m := meaningBad()
		m.After = []testsign.Field{{Name: name, Value: value}}
		return m.Bytes()
	}
	insert := func(line string) []byte {
		return bytes.Replace(bad, []byte("\r\nX-Ricevuta:"), []byte("\r\n"+line+"\r\nX-Ricevuta:"), 1)
	}
	return []deception{
		{"a preamble that is a multipart of its own", with(start + `boundary="` + boundary + `"`), true, ""},
		{"two boundaries, the forger's first", with(start + `boundary="falso"; boundary="` + boundary + `"`), false, pec.CheckStructure},
		{"two boundaries, the forger's last", with(start + `boundary="` + boundary + `"; boundary="falso"`), false, pec.CheckStructure},
		{"two boundaries, one of them in pieces", with(start + `boundary="` + boundary + `"; boundary*0="fal"; boundary*1="so"`), false, pec.CheckStructure},
		{"two boundaries, one of them with a character set", with(start + `boundary="` + boundary + `"; boundary*=utf-8''falso`), false, pec.CheckStructure},
		{"a boundary in the forger's words, the true one in a comment", with(start + `boundary=falso (; boundary="` + boundary + `")`), false, pec.CheckStructure},
		{"another boundary behind the semicolon of a quoted parameter", with(start + `x="; boundary=falso; y="; boundary="` + boundary + `"`), true, ""},
		{"the beginning of the boundary as boundary", with(start + `boundary="` + boundary[:len(boundary)-1] + `"`), false, pec.CheckStructure},
		{"the boundary with a space behind", with(start + `boundary="` + boundary + ` "`), true, ""},
		{"a second Content-Type in front", bytes.Replace(bad, []byte("\r\nContent-Type: multipart/signed"), []byte("\r\nContent-Type: multipart/mixed; boundary=falso\r\nContent-Type: multipart/signed"), 1), false, pec.CheckSignature},
		{"a second Content-Type behind", field("Content-Type", "text/plain"), false, pec.CheckStructure},
		{"a transfer encoding for the whole, which some programs undo", field("Content-Transfer-Encoding", "base64"), true, pec.CheckStructure},
		{"a line in the header that is no field, where some programs see the end of the header", insert("Il messaggio è stato consegnato."), true, pec.CheckStructure},
		{"a line of blanks in the header, where some programs see the end of the header", insert(" \t"), true, ""},
		{"a form feed and a vertical tab, where some programs end a line", field("X-Altro", "x\x0cX-Ricevuta: avvenuta-consegna\x0bX-Ricevuta: avvenuta-consegna"), true, ""},
		{"a Unicode line separator, where some programs end a line", field("X-Altro", "x\u2028X-Ricevuta: avvenuta-consegna\u0085X-Ricevuta: avvenuta-consegna"), true, ""},
		{"a byte order mark in front, which some programs take for the end of the header", append([]byte("\ufeff"), bad...), true, pec.CheckStructure},
	}
}

func meaningBoundary(mail []byte) string {
	_, rest, _ := bytes.Cut(mail, []byte(`boundary="`))
	boundary, _, _ := bytes.Cut(rest, []byte(`"`))
	return string(boundary)
}

// deceptionsOfSignature play with the signature's own encoding.
func deceptionsOfSignature() []deception {
	bad := meaningBad()
	der := outsideSignatureOf(bad)
	good := outsideSignature(meaningGood())
	signed := func(b []byte) []byte { m := meaningBad(); m.Signature = b; return m.Bytes() }
	length := func(bytes ...byte) []byte { return signed(append(append([]byte{0x30}, bytes...), der...)) }
	text := func(change func(string) string) []byte {
		m := meaningBad()
		m.SignaturePart = testsign.Part{Raw: []byte("Content-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
			change(base64.StdEncoding.EncodeToString(der)) + "\r\n")}
		return m.Bytes()
	}
	return []deception{
		{"the signature of a delivery over a refusal", signed(good), false, ""},
		{"two signatures one after the other", signed(append(bytes.Clone(der), good...)), false, pec.CheckEncoding},
		{"a length of four gigabytes", length(0x84, 0xff, 0xff, 0xff, 0xff), false, pec.CheckEncoding},
		{"a length that is negative in 32 bits", length(0x84, 0x80, 0, 0, 1), false, pec.CheckEncoding},
		{"a length that is negative in 64 bits", length(0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), false, pec.CheckEncoding},
		{"a length of 127 octets", length(append([]byte{0xff}, bytes.Repeat([]byte{0xff}, 127)...)...), false, pec.CheckEncoding},
		{"an indefinite length without end", length(0x80), false, pec.CheckEncoding},
		{"base64 that ends and begins again", text(func(s string) string { return s[:4] + "AA==" + s[4:] }), false, ""},
		{"letters in base64 that are none", text(func(s string) string { return s[:40] + "\u00e8" + s[40:] }), false, ""},
		{"the alphabet of URLs", text(func(s string) string { return strings.NewReplacer("+", "-", "/", "_").Replace(s) }), false, ""},
	}
}

// outsideSignatureOf is the signature of the provider whose task a message is:
// for a refusal, the sender's.
func outsideSignatureOf(m testsign.Message) []byte {
	return m.CMS.Sign(testsign.NewCircle().One, m.SignedPart())
}

// deceptionsByProvider are in signed bytes: a provider, or what a user made it
// sign, has two meanings.
func deceptionsByProvider() []deception {
	doubled, beside := meaningBad(), meaningBad()
	doubled.SecondXML = meaningForged()
	beside.ExtraParts = []testsign.Part{{Type: "text/html", Name: "daticert.html", Body: []byte("<p>Il messaggio è stato consegnato.</p>")}}
	inOriginal := testsign.Message{Kind: daticert.TypeTransport, Original: outsidePlain("X-Ricevuta: avvenuta-consegna\r\nSubject: CONSEGNA\r\n", meaningPart())}
	genuine := testsign.Message{Kind: daticert.TypeTransport, Original: meaningGood().Bytes()}
	goesOn := meaningBad()
	goesOn.XMLPart = testsign.Part{Raw: []byte(meaningXML + base64.StdEncoding.EncodeToString(meaningForged()) + "\r\n" + base64.StdEncoding.EncodeToString(goesOn.DatiCert()) + "\r\n")}
	charset := meaningBad()
	charset.XMLPart = testsign.Part{Raw: []byte(strings.Replace(meaningXML, "application/xml;", "application/xml; charset=utf-16;", 1) + base64.StdEncoding.EncodeToString(charset.DatiCert()) + "\r\n")}
	renamed := meaningBad()
	renamed.XMLPart = testsign.Part{Raw: []byte("Content-Type: application/xml; name=\"daticert.xml\"\r\nContent-Disposition: attachment; filename=\"altro.xml\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		base64.StdEncoding.EncodeToString(renamed.DatiCert()) + "\r\n")}
	return []deception{
		{"two daticert.xml", doubled.Bytes(), false, pec.CheckDaticert},
		{"a page beside daticert.xml that says something else", beside.Bytes(), true, ""},
		{"daticert.xml of the user inside the original", inOriginal.Bytes(), true, ""},
		{"a genuine delivery as the user's original", genuine.Bytes(), true, ""},
		{"a daticert.xml in base64 that ends and begins again", goesOn.Bytes(), false, ""},
		{"a character set of the part that is not the XML's", charset.Bytes(), true, ""},
		{"two names for daticert.xml", renamed.Bytes(), false, pec.CheckDaticert},
	}
}
