package pec_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"sync"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
)

// meaningFacts is what one signer signed.
type meaningFacts struct {
	kind    pec.Kind
	proves  pec.Proof
	id      string
	outcome string // in the Italian first line
}

// meaningBad says that a message was not delivered; the deceptions make it, or
// something around it, say that it was. meaningGood is a genuine delivery of
// something else.
func meaningBad() testsign.Message  { return testsign.Message{Kind: daticert.TypeDeliveryError} }
func meaningGood() testsign.Message { return outsideInner() }

// meaningSigned has, by the hash of daticert.xml, all that was ever signed here.
var meaningSigned = sync.OnceValue(func() map[string]meaningFacts {
	facts := map[string]meaningFacts{}
	add := func(m testsign.Message, kind pec.Kind, proves pec.Proof, outcome string) {
		facts[hex.EncodeToString(meaningHash(m.DatiCert()))] = meaningFacts{kind, proves, m.Certified().ID, outcome}
	}
	add(meaningBad(), pec.KindDeliveryError, pec.ProvesNotDelivered, "NON consegnato")
	add(meaningGood(), pec.KindDelivery, pec.ProvesDelivered, "CONSEGNATO")
	add(testsign.Message{Kind: daticert.TypeTransport}, pec.KindTransport, pec.ProvesSent, "INVIATO")
	return facts
})

const (
	meaningText = "Content-Type: text/plain; charset=utf-8\r\n\r\nIl messaggio è stato consegnato nella casella di destinazione.\r\n"
	meaningXML  = "Content-Type: application/xml; name=\"daticert.xml\"\r\nContent-Disposition: attachment; filename=\"daticert.xml\"\r\n" +
		"Content-Transfer-Encoding: base64\r\n\r\n"
)

// meaningForged is daticert.xml as the forger wants it.
func meaningForged() []byte {
	m := testsign.Message{Kind: daticert.TypeDelivery}
	return m.DatiCert()
}

// meaningPart is a MIME part with the forger's daticert.xml.
func meaningPart() string {
	return meaningXML + base64.StdEncoding.EncodeToString(meaningForged()) + "\r\n"
}

func deceptions() []deception {
	all := deceptionsInHeader()
	all = append(all, deceptionsAround()...)
	all = append(all, deceptionsOfFrame()...)
	all = append(all, deceptionsOfSignature()...)
	return append(all, deceptionsByProvider()...)
}

// deceptionsInHeader leave every signed byte as it is and change the fields
// above.
func deceptionsInHeader() []deception {
	set := func(name, value string) []byte {
		m := meaningBad()
		m.Set = []testsign.Field{{Name: name, Value: value}}
		return m.Bytes()
	}
	add := func(name, value string) []byte {
		m := meaningBad()
		m.After = []testsign.Field{{Name: name, Value: value}}
		return m.Bytes()
	}
	first := func(name, value string) []byte {
		m := meaningBad()
		m.Before = []testsign.Field{{Name: name, Value: value}}
		return m.Bytes()
	}
	envelope := func(from string) []byte {
		return testsign.Message{Kind: daticert.TypeTransport, Set: []testsign.Field{{Name: "From", Value: from}}}.Bytes()
	}
	const service = "posta-certificata@pec.example.it"
	good := meaningGood().Bytes()
	header, _, _ := bytes.Cut(good, []byte("\r\n\r\n"))
	_, body, _ := bytes.Cut(meaningBad().Bytes(), []byte("\r\n\r\n"))
	return []deception{
		{"the signature of a refusal under the whole header of a delivery", append(append(bytes.Clone(header), "\r\n\r\n"...), body...), false, ""},
		{"X-Ricevuta of a delivery", set("X-Ricevuta", "avvenuta-consegna"), false, pec.CheckKind},
		{"X-Ricevuta with the right token behind the wrong one", set("X-Ricevuta", "avvenuta-consegna errore-consegna"), false, pec.CheckKind},
		{"a second X-Ricevuta in front, which some programs take", first("X-Ricevuta", "avvenuta-consegna"), false, pec.CheckDuplicates},
		{"a second X-Ricevuta behind, which others take", add("X-Ricevuta", "avvenuta-consegna"), false, pec.CheckDuplicates},
		{"a second X-Ricevuta after a bare LF", add("X-Altro", "x\nX-Ricevuta: avvenuta-consegna"), false, pec.CheckDuplicates},
		{"a second X-Ricevuta after a bare CR, where few programs end a line", add("X-Altro", "x\rX-Ricevuta: avvenuta-consegna"), true, pec.CheckStructure},
		{"a second X-Ricevuta with a space before its colon", add("X-Ricevuta ", "avvenuta-consegna"), false, pec.CheckDuplicates},
		{"a second X-Ricevuta in capitals and folded", add("X-RICEVUTA", "\r\n\tavvenuta-consegna"), false, pec.CheckDuplicates},
		{"another message's X-Riferimento-Message-ID", set("X-Riferimento-Message-ID", "<altro@client.example.it>"), false, pec.CheckReferenceI},
		{"Subject of a delivery", set("Subject", "CONSEGNA: Trasmissione"), false, pec.CheckSubject},
		{"Subject of a delivery in an encoded word", set("Subject", "=?utf-8?b?"+base64.StdEncoding.EncodeToString([]byte("CONSEGNA: Trasmissione"))+"?="), false, pec.CheckSubject},
		{"Subject of a delivery cut into encoded words", set("Subject", "=?utf-8?q?CONSE?=\r\n =?utf-8?q?GNA=3A_Trasmissione?="), false, pec.CheckSubject},
		{"Subject of a delivery in an encoded word of ISO-8859-1", set("Subject", "=?iso-8859-1?q?CONSEGNA=3A_Trasmissione?="), false, pec.CheckSubject},
		{"Subject turned round by a bidi mark", set("Subject", "\u202eANGESNOC\u202c: Trasmissione"), true, pec.CheckSubject},
		{"From of another provider", set("From", "posta-certificata@pec.example.com.example.it"), false, pec.CheckFrom},
		{"From with the right address as its name", set("From", `"`+service+`" <forger@example.com>`), false, pec.CheckFrom},
		{"From in a group, whose name some programs show", set("From", "Gestore: forger@example.com, "+service+";"), false, pec.CheckFrom},
		{"From with a route", set("From", "<@example.com:forger@example.com>"), false, pec.CheckFrom},
		{"a second From", add("From", "forger@example.com"), false, pec.CheckDuplicates},
		{"a second From in front of the first", first("From", "forger@example.com"), false, pec.CheckDuplicates},
		{"the name of From says another sender", envelope(`"Per conto di: presidente@pec.example.it" <` + service + `>`), false, pec.CheckFromName},
		{"the name of From says another sender in an encoded word", envelope("=?utf-8?q?Per_conto_di=3A_presidente=40pec=2Eexample=2Eit?= <" + service + ">"), false, pec.CheckFromName},
		{"the name of From has a Cyrillic letter", envelope(`"Per conto di: mittent` + "е" + `@pec.example.it" <` + service + `>`), false, pec.CheckFromName},
		{"the name of From has a zero-width mark", envelope(`"Per conto di: mitten` + "\u200b" + `te@pec.example.it" <` + service + `>`), false, pec.CheckFromName},
		{"Reply-To leads to somebody else", set("Reply-To", "forger@example.com"), true, pec.CheckReplyTo},
		{"To is somebody else", set("To", "altri@example.com"), true, pec.CheckRecipients},
		{"Date is another year", set("Date", "Tue, 10 Mar 2020 10:15:30 +0100"), true, pec.CheckDate},
		{"a NUL, where some programs stop reading", add("X-Altro", "x\x00"), true, pec.CheckStructure},
	}
}

// deceptionsAround put something beside, before, behind or around a good
// signature.
func deceptionsAround() []deception {
	bad, good := meaningBad().Bytes(), meaningGood().Bytes()
	preamble, epilogue := meaningBad(), meaningBad()
	preamble.Preamble, epilogue.Epilogue = meaningText, meaningText
	xmlBehind := meaningBad()
	xmlBehind.Epilogue = "--x\r\n" + meaningPart() + "--x--\r\n"
	stranger := testsign.Certificate{Subject: testsign.NewName("Gestore Due S.p.A.", "Fatto in casa"), KeyType: testsign.P256,
		Addresses: []string{"posta-certificata@pec.example.com"}}.SelfSigned()
	forged := testsign.Message{Kind: daticert.TypeDelivery, By: stranger, Original: good}
	resigned := testsign.Message{Kind: daticert.TypeDelivery, By: stranger, BeforeSign: func(part []byte) []byte {
		return outsideForwardIn(part, good)
	}}
	alternative := func(parts ...string) []byte {
		var b strings.Builder
		b.WriteString("From: posta-certificata@pec.example.it\r\nX-Ricevuta: avvenuta-consegna\r\nMIME-Version: 1.0\r\n" +
			"Content-Type: multipart/alternative; boundary=alt\r\n\r\n")
		for _, p := range parts {
			b.WriteString("--alt\r\n" + p + "\r\n")
		}
		b.WriteString("--alt--\r\n")
		return []byte(b.String())
	}
	signed := string(meaningContent(bad))
	return []deception{
		{"text before the signed part, in the preamble", preamble.Bytes(), true, ""},
		{"text behind the end", epilogue.Bytes(), true, pec.CheckStructure},
		{"daticert.xml behind the end", xmlBehind.Bytes(), true, pec.CheckStructure},
		{"a text part in front of the signed one", outsideInsertPart(bad, meaningText, 0), false, pec.CheckStructure},
		{"a text part behind the signature", outsideInsertPart(bad, meaningText, -1), false, pec.CheckStructure},
		{"daticert.xml in front of the signed part", outsideInsertPart(bad, meaningPart(), 0), false, pec.CheckStructure},
		{"daticert.xml as a third part", outsideInsertPart(bad, meaningPart(), -1), false, pec.CheckStructure},
		{"a good signature inside an ordinary mail that says something else", outsidePlain("X-Ricevuta: avvenuta-consegna\r\n", meaningText, signed), false, pec.CheckSignature},
		{"daticert.xml beside a good signature inside an ordinary mail", outsidePlain("X-Ricevuta: avvenuta-consegna\r\n", meaningPart(), signed), false, pec.CheckSignature},
		{"a text as the alternative to the signed message", alternative(meaningText, signed), false, pec.CheckSignature},
		{"the signed message as the alternative that nobody sees", alternative(signed, meaningText), false, pec.CheckSignature},
		{"a genuine delivery attached to a forged one", outsidePlain("X-Trasporto: posta-certificata\r\n", meaningPart(), outsideForward(good)), false, pec.CheckSignature},
		{"a genuine delivery as the original in one that a stranger signed", forged.Bytes(), false, pec.CheckPath},
		{"a genuine delivery beside the data that a stranger signed", resigned.Bytes(), false, pec.CheckPath},
		{"the fields of a delivery above a refusal, as one part of a digest",
			[]byte("MIME-Version: 1.0\r\nX-Ricevuta: avvenuta-consegna\r\nContent-Type: multipart/digest; boundary=d\r\n\r\n--d\r\n\r\n" + string(bad) + "\r\n--d--\r\n"), false, pec.CheckSignature},
		{"a part of a message in pieces", append([]byte("MIME-Version: 1.0\r\nX-Ricevuta: avvenuta-consegna\r\nContent-Type: message/partial; id=a; number=1; total=1\r\n\r\n"), bad...), false, pec.CheckSignature},
	}
}

// meaningContent is a mail without the fields that are not about its content:
// what stands in a multipart as a part.
func meaningContent(mail []byte) []byte {
	header, body, _ := bytes.Cut(mail, []byte("\r\n\r\n"))
	i := bytes.Index(header, []byte("Content-Type:"))
	return append(append(bytes.Clone(header[i:]), "\r\n\r\n"...), body...)
}

// outsideForwardIn puts a message as a last part into the signed multipart.
func outsideForwardIn(part, mail []byte) []byte {
	_, rest, _ := bytes.Cut(part, []byte(`boundary="`))
	boundary, _, _ := bytes.Cut(rest, []byte(`"`))
	end := append(append([]byte("--"), boundary...), "--"...)
	i := bytes.LastIndex(part, end)
	added := append(append(append([]byte("--"), boundary...), "\r\n"...), outsideForward(mail)...)
	return append(append(bytes.Clone(part[:i]), append(added, "\r\n"...)...), part[i:]...)
}
