package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/gopec/gopec/internal/testsign"
)

// dataParts are the ways in which daticert.xml is not there once, where the
// rules have it.
func dataParts(s *set) {
	const f = "CertificationData"
	good := s.message(delivery).DatiCert()
	other := bytes.Replace(good, []byte(sender), []byte("falsario@pec.example.it"), 1)
	missing := refused(unknown, sigConstraints, certificationThere).noData()
	twice := refused(delivery, sigConstraints, certificationThere)
	the := func(change func(*testsign.Message)) testsign.Message { return s.the(delivery, change) }
	nested := func(xml []byte) testsign.Part {
		return testsign.Part{Raw: []byte("Content-Type: multipart/mixed; boundary=in\r\n\r\n--in\r\nContent-Type: application/xml; name=daticert.xml\r\n\r\n" + strings.ReplaceAll(string(xml), "\n", "\r\n") + "\r\n--in--\r\n")}
	}
	s.add("data-missing", "CertificationData Verdict", "A receipt without certification data certifies nothing.", the(func(m *testsign.Message) { m.NoXML = true }), missing)
	s.add("data-other-name", f, "A file of another name is no certification.", the(func(m *testsign.Message) { m.XMLPart.Name = "dati.xml" }), missing)
	s.add("data-no-name", f, "A file without a name is none.", the(func(m *testsign.Message) { m.XMLPart.Name = "-" }), missing)
	s.add("data-nested", f, "The only one stands deeper than the rules have it.", the(func(m *testsign.Message) { m.NoXML, m.ExtraParts = true, []testsign.Part{nested(good)} }), missing)
	s.add("data-doubled", "CertificationData Verdict", "Two that say the same: which one counts cannot be told.", the(func(m *testsign.Message) { m.SecondXML = good }), twice)
	s.add("data-doubled-different", f, "Two that differ: which one counts cannot be told.", the(func(m *testsign.Message) { m.SecondXML = other }), twice)
	s.add("data-doubled-around-original", f, "One before and one after postacert.eml.", the(func(m *testsign.Message) {
		m.ExtraParts = []testsign.Part{{Type: "application/xml", Name: "daticert.xml", Encoding: "base64", Body: other}}
	}), twice)
	s.add("data-doubled-nested", f, "A second one stands deeper.", the(func(m *testsign.Message) { m.ExtraParts = []testsign.Part{nested(other)} }), twice)
	s.add("data-original-doubled", f, "Two postacert.eml: which one was delivered cannot be told.", the(func(m *testsign.Message) {
		m.ExtraParts = []testsign.Part{{Type: "message/rfc822", Name: "postacert.eml", Encoding: "7bit", Body: plain("Altro")}}
	}), twice)
}

// dataForms are documents that say the same in another form, or that two
// parsers could read differently.
func dataForms(s *set) {
	good := authentic(delivery)
	norm := good.warns("daticert.norm")
	const ok = "CertificationForm"
	same := func(id, reason, old, new string, want expectation) {
		s.add("xml-"+id, ok, reason, s.xml(delivery, old, new), want.data("mittente", sender))
	}
	same("comment-in-text", "Text split by a comment is one text.", "<mittente>mittente", "<mittente>mitt<!-- x -->ente", good)
	same("cdata-in-text", "Text split by CDATA is one text.", "<mittente>mittente", "<mittente>mitt<![CDATA[ente]]>", good)
	same("character-reference", "A character may be written as a reference.", "mittente@", "mittente&#64;", good)
	same("doctype", "A DOCTYPE is not followed: nothing is fetched.", "<postacert ", "<!DOCTYPE postacert SYSTEM \"http://192.0.2.1/x.dtd\">\n<postacert ", norm)
	same("unknown-element", "An unknown element is only strange.", "<dati>", "<dati><nota>x</nota>", norm)
	same("identifier-twice-equal", "identificativo twice with one value.", "</identificativo>", "</identificativo><identificativo>"+exampleID+"</identificativo>", norm)
	s.add("xml-latin-1", "CertificationForm ProviderHabit", "A document in ISO-8859-1 that says so.", s.the(delivery, func(m *testsign.Message) {
		m.EditXML = func(xml []byte) []byte {
			var out []byte
			for _, r := range strings.Replace(string(xml), `encoding="UTF-8"`, `encoding="ISO-8859-1"`, 1) {
				out = append(out, byte(r))
			}
			return out
		}
	}), norm.data("oggetto", "Trasmissione del verbale: l'attività è conclusa"))
	s.add("xml-byte-order-mark", "CertificationForm", "A byte order mark in front is none of the text.", s.the(delivery, func(m *testsign.Message) {
		m.EditXML = func(xml []byte) []byte { return append([]byte("\ufeff"), xml...) }
	}), good)

	bad := refused(delivery, sigConstraints, "daticert.syntax")
	different := func(id, reason, old, new string, want expectation) {
		s.add("xml-"+id, "CertificationForm CertificationData", reason, s.xml(delivery, old, new), want)
	}
	twice := bad.warns("daticert.norm")
	different("identifier-twice", "identificativo twice with two values.", "</identificativo>", "</identificativo><identificativo>altro</identificativo>", twice)
	different("sender-twice", "mittente twice with two values.", "</mittente>", "</mittente><mittente>"+stranger+"</mittente>", twice)
	different("recipient-twice", "consegna twice with two values.", "</consegna>", "</consegna><consegna>"+stranger+"</consegna>", twice)
	different("second-dati", "A second element dati.", "</dati>", "</dati><dati/>", twice)
	different("element-in-text", "An element inside text: some programs read its text along, others do not.", "<mittente>", "<mittente><b>altri</b>", twice)
}

// dataFacts are documents that lack what a receipt certifies, or cannot be
// read.
func dataFacts(s *set) {
	const f = "CertificationData"
	bad := refused(delivery, sigConstraints, "daticert.syntax")
	add := func(id, reason, old, new string, want expectation) {
		s.add("xml-"+id, f, reason, s.xml(delivery, old, new), want)
	}
	add("no-sender", "No sender.", "<mittente>"+sender+"</mittente>", "", bad.warns("daticert.norm", "header.recipients", "original.sender"))
	add("no-identifier", "An empty identifier.", exampleID, "", bad.warns("original.message-id"))
	add("no-recipients", "No recipients.", `<destinatari tipo="certificato">`+recipient+`</destinatari>`, "", bad.warns("daticert.norm", "original.recipients"))
	add("empty-recipient", "A recipient without address.", `<destinatari `, `<destinatari tipo="certificato"/><destinatari `, bad)
	add("delivered-to-nobody", "A delivery that does not say to whom.", "<consegna>"+recipient+"</consegna>", "", bad)
	noTime := bad.warns("daticert.norm", timeReference).at(signed, signingTime)
	add("no-such-day", "A day that there is none; no other time takes its place.", "10/03/2026", "31/02/2026", noTime)
	add("zone-of-three-digits", "An hour more or less decides.", `zona="+0100"`, `zona="+100"`, noTime)

	unreadable := refused(unknown, sigConstraints, "daticert.syntax").noData()
	broken := func(id, flag, reason string, xml func([]byte) []byte) {
		s.add("xml-"+id, flag, reason, s.the(delivery, func(m *testsign.Message) { m.EditXML = xml }), unreadable)
	}
	broken("not-well-formed", "CertificationData Verdict", "What is not well-formed cannot be read.", replace("</dati>", ""))
	broken("cut-off", f, "Half a document certifies nothing.", func(xml []byte) []byte { return xml[:len(xml)/2] })
	broken("empty", f, "An empty document certifies nothing.", func([]byte) []byte { return []byte(" ") })
	broken("other-root", f, "Another root is another document.", func(xml []byte) []byte {
		return replace("</postacert>", "</altro>")(replace("<postacert ", "<altro ")(xml))
	})
	broken("second-root", f, "A second root.", replace("</postacert>", "</postacert><postacert/>"))
	broken("undefined-entity", f, "An entity that XML does not have.", replace("mittente@", "&agrave;@"))
	broken("entity-of-its-own", "CertificationData CertificationForm", "An entity that the document defines is not expanded.", func(xml []byte) []byte {
		return replace("<mittente>mittente", "<mittente>&a;")(replace("<postacert ", "<!DOCTYPE postacert [<!ENTITY a \"mittente\">]>\n<postacert ")(xml))
	})
	broken("entity-bomb", "CertificationData CertificationForm", "Entities of entities, which would grow to gigabytes, are not expanded.", func(xml []byte) []byte {
		var dtd strings.Builder
		dtd.WriteString("<!DOCTYPE postacert [<!ENTITY a0 \"aaaaaaaaaa\">")
		for i := range 9 {
			fmt.Fprintf(&dtd, "<!ENTITY a%d \"%s\">", i+1, strings.Repeat(fmt.Sprintf("&a%d;", i), 10))
		}
		return replace("<oggetto>", "<oggetto>&a9;")(replace("<postacert ", dtd.String()+"]>\n<postacert ")(xml))
	})
	broken("external-entity", "CertificationData CertificationForm", "An entity that names a file reads none.", func(xml []byte) []byte {
		return replace("<oggetto>", "<oggetto>&x;")(replace("<postacert ", "<!DOCTYPE postacert [<!ENTITY x SYSTEM \"file:///etc/hostname\">]>\n<postacert ")(xml))
	})
	s.add("xml-base64-goes-on", f, "base64 that goes on after its end: programs read different files.", s.the(delivery, func(m *testsign.Message) {
		m.NoXML, m.ExtraParts = true, []testsign.Part{{Raw: []byte("Content-Type: application/xml; name=daticert.xml\r\nContent-Transfer-Encoding: base64\r\n\r\nPHBvc3RhY2VydC8+PA==PA==")}}
	}), unreadable)
}

// dataStrangers are files named daticert.xml that the provider did not sign as
// its own.
func dataStrangers(s *set) {
	const f = "CertificationData"
	forged := bytes.Replace(s.message(transport).DatiCert(), []byte(sender), []byte("falsario@pec.example.it"), 1)
	file := base64Part("application/xml", "daticert.xml", forged)
	the := func(change func(*testsign.Message)) testsign.Message {
		return s.the(transport, func(m *testsign.Message) {
			m.Data.Subject = asciiSubject
			change(m)
		})
	}
	missing := refused(unknown, sigConstraints, certificationThere).noData()
	s.add("stranger-in-original", f, "A daticert.xml in the user's message, beside the provider's, is an attachment.", the(func(m *testsign.Message) { m.Original = plain(asciiSubject, file) }),
		authentic(transport).data("mittente", sender))
	s.add("stranger-in-original-only", f, "Without the provider's it still is one.", the(func(m *testsign.Message) { m.NoXML, m.Original = true, plain(asciiSubject, file) }), missing)
	s.add("stranger-in-renamed-original", f, "In an enclosed message of another name, likewise.", the(func(m *testsign.Message) {
		m.NoXML, m.Original, m.OriginalPart.Name = true, plain(asciiSubject, file), "altro.eml"
	}), missing)
	s.add("stranger-in-anomaly", "CertificationData NotPEC", "In an anomaly envelope it certifies nothing.", s.the(anomaly, func(m *testsign.Message) { m.Original = plain(asciiSubject, file) }), uncertified(anomaly))
	s.add("stranger-in-preamble", "CertificationData Structure", "Text before the first delimiter is no part.", the(func(m *testsign.Message) { m.Preamble = file }), authentic(transport).data("mittente", sender))
	s.add("stranger-in-epilogue", "CertificationData Structure", "Text after the last delimiter is no part; the report says that it is there.", the(func(m *testsign.Message) { m.Epilogue = file + "\r\n" }),
		authentic(transport).warns("signature.structure").data("mittente", sender))
	s.add("stranger-as-third-part", "CertificationData Structure", "Behind the signature, under the same frame.", the(func(m *testsign.Message) {
		m.Finish = func(mail []byte) []byte { return insertPart(mail, file, -1) }
	}), refused(transport, formatFailure, "signature.structure").data("mittente", sender))
}

// characters are those that XML forbids: a warning in text that others wrote, a
// failure in what the provider certifies.
func characters(s *set) {
	add := func(id, reason, element, forbidden string, want expectation) {
		s.add("character-"+id, "ForbiddenCharacter", reason, s.xml(deliveryError, "</"+element+">", forbidden+"</"+element+">"), want)
	}
	const subject = "Trasmissione del verbale: l'attività è conclusa"
	held := authentic(deliveryError).warns("daticert.characters")
	inSubject := held.warns("header.subject").data("oggetto", subject+"\ufffd")
	add("raw-in-subject", "A control character of the user's as it is, as one provider let it through.", "oggetto", "\x16", inSubject)
	add("reference-in-subject", "The same as a reference, as another provider writes it.", "oggetto", "&#18;", inSubject)
	add("nul-reference-in-subject", "A reference to NUL, which no version of XML has.", "oggetto", "&#x0;", inSubject)
	add("ill-formed-byte-in-subject", "A byte that is not UTF-8.", "oggetto", "\xff", inSubject)
	add("in-reply-address", "risposte is text that others wrote.", "risposte", "\x16", held.data("risposte", sender+"\ufffd"))
	add("in-detail", "errore-esteso may quote others.", "errore-esteso", "\x16", held)
	s.add("character-in-message-id", "ForbiddenCharacter", "msgid is the client's; a provider that lets it through writes it into the header, too.", with(s.xml(deliveryError, "</msgid>", "\x16</msgid>"), func(m *testsign.Message) {
		m.Set = []testsign.Field{{Name: "X-Riferimento-Message-ID", Value: exampleMessageID + "\x16"}}
	}), held.data("msgid", exampleMessageID+"\ufffd"))
	unreadable := refused(unknown, sigConstraints, "daticert.syntax").noData()
	for _, e := range []struct{ id, element string }{
		{"in-sender", "mittente"}, {"in-identifier", "identificativo"}, {"in-recipient", "destinatari"}, {"in-delivered-to", "consegna"},
	} {
		add(e.id, "In what the provider itself certifies such a character cannot be read.", e.element, "\x16", unreadable)
	}
	add("past-unicode", "A reference past the last character is no character anywhere.", "oggetto", "&#x110000;", unreadable)
}
