package main

import (
	"bytes"
	"strings"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
)

// innerID is the identifier of the receipt inside others, which shares no fact
// with the message around it.
const innerID = "interno.1@pec.example.it"

func (s *set) inner() testsign.Message {
	return s.the(delivery, func(m *testsign.Message) {
		m.BoundarySeed = "inner"
		m.Data = daticert.Data{
			ID: innerID, MessageID: "<interno@client.example.it>", Subject: "Interno", Sender: "interno@pec.example.it",
			Recipients: []daticert.Recipient{{Type: daticert.RecipientCertified, Address: "altra@pec.example.com"}}, Receipt: daticert.ReceiptConcise,
		}
	})
}

// innerReceipt expects it, certified.
func innerReceipt(path string) expectation {
	return authentic(delivery).data("identificativo", innerID).path(path)
}

// layers are messages inside others, wherever a client or a server put them.
func layers(s *set) {
	inner := s.inner().Bytes()
	add := func(id, reason string, m mail, want expectation) { s.add("layer-"+id, "Layers", reason, m, want) }
	envelope := func(original []byte) testsign.Message {
		return s.the(transport, func(m *testsign.Message) { m.Data.Subject, m.Original = asciiSubject, original })
	}
	around := authentic(transport).data("identificativo", exampleID)
	// The enclosed message is a receipt, so that none of its fields is the
	// certified one.
	other := around.warns("original.message-id", "original.sender", "original.recipients", "original.subject")
	add("forwarded", "A receipt forwarded as a message inside a PEC message.", envelope(plain(asciiSubject, forwarded(inner))), around.layers(innerReceipt("1.3.1.2.1")))
	add("forwarded-base64", "Forwarded as an encoded message, which MIME forbids.", envelope(plain(asciiSubject, base64Part("message/rfc822", "x.eml", inner))), around.layers(innerReceipt("1.3.1.2.1")))
	add("forwarded-quoted-printable", "Forwarded in quoted-printable.", envelope(plain(asciiSubject, quotedPart("message/rfc822", "x.eml", inner))), around.layers(innerReceipt("1.3.1.2.1")))
	add("attached-file", "Attached as a file whose name ends in .eml.", envelope(plain(asciiSubject, base64Part("application/octet-stream", "Ricevuta.EML", inner))), around.layers(innerReceipt("1.3.1.2.1")))
	add("original-is-pec", "The original itself is a PEC message: a second envelope.", envelope(inner), other.layers(innerReceipt("1.3.1")))
	add("in-ordinary-mail", "Forwarded by ordinary mail: the mail is not certified, the receipt in it is.", raw(plain(asciiSubject, forwarded(inner))), unsigned().layers(innerReceipt("2.1")))
	add("two-in-ordinary-mail", "Two receipts in one mail, in order.", raw(plain(asciiSubject, forwarded(inner), forwarded(s.message(acceptance).Bytes()))),
		unsigned().layers(innerReceipt("2.1"), authentic(acceptance).data("identificativo", exampleID).path("3.1")))
	add("mail-is-a-message", "A mail that is nothing but a message: the message has a header, and it is checked.",
		raw("From: "+sender+"\r\nMIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\n"+string(inner)), unsigned().layers(innerReceipt("1")))
	add("digest", "A digest of messages.", raw("From: "+mailingList+"\r\nMIME-Version: 1.0\r\nContent-Type: multipart/digest; boundary=d\r\n\r\n--d\r\n\r\n"+string(inner)+"\r\n--d--\r\n"), unsigned().layers(innerReceipt("1.1")))
	add("mailing-list", "A mailing list wraps the signed part and takes the header: what is left is certified, without a header to compare.",
		raw(testsign.MailingList(s.message(transport).Bytes(), mailingList)), unsigned().layers(authentic(transport).data("identificativo", exampleID).bare("1")))
	add("anomaly-around-pec", "An anomaly envelope around a PEC message: the envelope certifies nothing, the message in it does.",
		s.the(anomaly, func(m *testsign.Message) { m.Original = inner }), uncertified(anomaly).layers(innerReceipt("1.2.1")))
	add("none-user-signed", "A message that the user signed is no layer.", envelope(s.the(acceptance, func(m *testsign.Message) {
		m.NoXML, m.Remove = true, []string{"X-Ricevuta", "X-Riferimento-Message-ID"}
	}).Bytes()), other)
	add("none-subject", "A subject that says PEC is no claim.", envelope(plain("POSTA CERTIFICATA: "+asciiSubject)), around.warns("original.subject"))
	add("only-claims", "A message inside that calls itself a receipt and is not signed is shown as what it is.",
		envelope(plainWith("From: "+sender+"\r\nTo: "+recipient+"\r\nSubject: "+asciiSubject+"\r\nMessage-ID: <"+exampleID+">\r\nX-Ricevuta: avvenuta-consegna\r\n")),
		around.layers(unsigned().path("1.3.1")))
	tooDeep := s.inner()
	tooDeep.EditXML = replace("<dati>", "<dati>"+strings.Repeat("<n>", 15)+strings.Repeat("</n>", 15))
	s.add("layer-above-a-limit", "Layers Limit", "An inner layer above a limit takes nothing away from the layer around it, and is not passed over in silence.",
		envelope(plain(asciiSubject, forwarded(tooDeep.Bytes()))), around.layers(aboveLimit("1.3.1.2.1")))
}

// wrapped are genuine layers around forged ones, and the other way round.
func wrapped(s *set) {
	inner := s.inner().Bytes()
	original := plain(asciiSubject, forwarded(inner))
	the := func(change func(*testsign.Message)) testsign.Message {
		return s.the(transport, func(m *testsign.Message) {
			m.Data.Subject, m.Original = asciiSubject, original
			change(m)
		})
	}
	add := func(id, flag, reason string, m mail, want expectation) {
		s.add("wrapped-"+id, "Layers "+flag, reason, m, want)
	}
	genuine := innerReceipt("1.3.1.2.1")
	outer := func(sub string, failed ...string) expectation {
		return refused(transport, sub, failed...).data("identificativo", exampleID).layers(genuine)
	}
	add("genuine-in-forged", "UntrustedAuthority", "A forged envelope around a genuine receipt borrows nothing from it.", the(func(m *testsign.Message) {
		m.By = leafOf(strangersAuthority(), "stranger", testsign.Certificate{})
	}), outer(noChain, "trust.path"))
	add("genuine-in-changed", "ModifiedContent", "A changed envelope around a genuine receipt.", the(func(m *testsign.Message) { m.AfterSign = replace("Buongiorno", "Buonasera") }), outer(hashFailure, "signature.digest"))
	add("genuine-in-lying", "KindSpoofing", "An envelope whose header lies, around a genuine receipt.", the(func(m *testsign.Message) {
		m.Set = []testsign.Field{{Name: "X-Trasporto", Value: "errore"}}
	}), outer(sigConstraints, "header.kind"))
	add("genuine-without-data-around", "CertificationData", "An envelope without certification data around a genuine receipt does not take the receipt's.", the(func(m *testsign.Message) { m.NoXML = true }),
		refused(unknown, sigConstraints, certificationThere).noData().layers(innerReceipt("1.2.1.2.1")))
	certifiedOuter := authentic(transport).data("identificativo", exampleID)
	forged := with(s.inner(), func(m *testsign.Message) { m.By = leafTwo(strangersAuthority(), "forged") })
	add("forged-in-genuine", "UntrustedAuthority", "A genuine envelope certifies that it carried a forged receipt, and nothing of the receipt.", the(func(m *testsign.Message) {
		m.Original = plain(asciiSubject, forwarded(forged.Bytes()))
	}), certifiedOuter.layers(refused(delivery, noChain, "trust.path").data("identificativo", innerID).path("1.3.1.2.1")))
	lying := with(s.inner(), func(m *testsign.Message) {
		m.Set = []testsign.Field{{Name: "From", Value: stranger}, {Name: "Subject", Value: "ACCETTAZIONE: Interno"}}
	})
	add("lying-in-genuine", "SenderSpoofing", "A genuine receipt with a forged header, forwarded in a genuine envelope.", the(func(m *testsign.Message) {
		m.Original = plain(asciiSubject, forwarded(lying.Bytes()))
	}), certifiedOuter.layers(refused(delivery, sigConstraints, "from.address", "header.subject").path("1.3.1.2.1")))
	add("lying-is-all-of-a-mail", "SenderSpoofing", "A receipt with a forged header that is all of a mail: its header is checked.",
		raw("From: "+sender+"\r\nMIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\n"+string(lying.Bytes())),
		unsigned().layers(refused(delivery, sigConstraints, "from.address", "header.subject").path("1")))
	add("list-with-forged-header", "SenderSpoofing", "A list's mail whose header claims another kind around a bare signed part: the header is ordinary mail's.",
		raw(bytes.Replace(testsign.MailingList(s.message(deliveryError).Bytes(), mailingList), []byte("X-Ricevuta: errore-consegna"), []byte("X-Ricevuta: avvenuta-consegna"), 1)),
		unsigned().layers(authentic(deliveryError).data("identificativo", exampleID).bare("1")))
}
