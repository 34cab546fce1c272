package main

import (
	"bytes"
	"strings"

	"github.com/gopec/gopec/internal/testsign"
)

// structures are frames around the signed part that are not the norm's.
func structures(s *set) {
	broken := refused(delivery, formatFailure, "signature.structure")
	warned := authentic(delivery).warns("signature.structure")
	the := func(change func(*testsign.Message)) testsign.Message { return s.the(delivery, change) }
	finish := func(f func([]byte) []byte) testsign.Message { return the(func(m *testsign.Message) { m.Finish = f }) }
	add := func(id, reason string, m mail, want expectation) {
		s.add("structure-"+id, "Structure", reason, m, want)
	}
	const text = "Content-Type: text/plain\r\n\r\nIl messaggio non fu consegnato."
	add("third-part", "A third part would be shown beside the signed one.", finish(func(b []byte) []byte { return insertPart(b, text, -1) }), broken)
	add("part-in-front", "A part in front would be taken for the signed one.", finish(func(b []byte) []byte { return insertPart(b, text, 0) }),
		refused(unknown, formatFailure, "signature.structure", certificationThere).noData().at(certified, "header"))
	nothing := refused(unknown, formatFailure, "signature.structure", certificationThere).noData().at(certified, "header")
	add("no-boundary", "Without a boundary there are no parts.", finish(replace(`boundary="`, `altro="`)), nothing)
	add("boundary-that-never-occurs", "With a boundary that never occurs there are none, either.", finish(replace(`boundary="`, `boundary="x`)), nothing)
	add("signature-of-other-type", "The second part is no signature.", the(func(m *testsign.Message) { m.SignaturePart.Type = "application/octet-stream" }), broken)
	add("signature-not-base64", "The signature cannot be decoded.", finish(replace("smime.p7s\"\r\n\r\n", "smime.p7s\"\r\n\r\nAA=A")), broken)
	add("signature-first", "The signature stands before what it signs.", finish(signatureFirst), nothing)
	add("text-behind", "Text behind the end is under no signature.", the(func(m *testsign.Message) { m.Epilogue = "Il messaggio non fu consegnato.\r\n" }), warned)
	add("second-content-type", "Programs that take the second, different Content-Type show other parts than the signed one.", s.addField(delivery, "Content-Type", "text/plain"), broken)
	add("nul-in-text", "A NUL in the signed text: programs may stop there.", the(func(m *testsign.Message) { m.BeforeSign = replace("Identificativo", "Identi\x00ficativo") }), warned)
	add("bare-cr-in-text", "A bare CR in the signed text: programs may take it for the end of a line.", the(func(m *testsign.Message) { m.BeforeSign = replace("Identificativo", "Identi\rficativo") }), warned)
}

// signatureFirst exchanges the two parts of multipart/signed.
func signatureFirst(mail []byte) []byte {
	_, rest, _ := bytes.Cut(mail, []byte(`boundary="`))
	boundary, _, _ := bytes.Cut(rest, []byte(`"`))
	parts := bytes.Split(mail, []byte("--"+string(boundary)))
	parts[1], parts[2] = parts[2], parts[1]
	return bytes.Join(parts, []byte("--"+string(boundary)))
}

// changes are changes of the signed part after it was signed: in text, in MIME
// headers, in the certification data, in the enclosed message, in line ends.
func changes(s *set) {
	digest := refused(delivery, hashFailure, "signature.digest")
	the := func(id, reason string, change func([]byte) []byte, want expectation) {
		s.add("changed-"+id, "ModifiedContent", reason, s.the(delivery, func(m *testsign.Message) {
			m.Data.Subject, m.XMLPart.Encoding, m.AfterSign = asciiSubject, "7bit", change
		}), want)
	}
	the("text", "One letter of the text for people.", replace("Identificativo", "identificativo"), digest)
	the("text-line-added", "A line more.", replace("Identificativo", "Nota.\r\nIdentificativo"), digest)
	the("blank-at-line-end", "A blank at the end of a line.", replace("Identificativo messaggio", "Identificativo messaggio "), digest)
	the("cr-added", "A CR more at the end of a line.", replace("\r\n", "\r\r\n"), digest.warns("signature.structure"))
	the("mime-header", "The header of an inner part is signed, too.", replace("Content-Disposition: inline", "Content-Disposition: INLINE"), digest)
	the("signed-part-header", "So is the header of the signed part itself.", replace("multipart/mixed", "multipart/Mixed"), digest)
	the("file-name", "The name of an attachment of the original.", replace("verbale.pdf", "verbali.pdf"), digest)
	the("original", "The subject of the enclosed message.", replace("Subject: "+asciiSubject, "Subject: "+asciiSubject+"!"), digest.warns("original.subject"))
	the("sender", "Another sender in the certification data.", replace("<mittente>"+sender, "<mittente>falsario@pec.example.it"), digest.warns("header.recipients", "original.sender").data("mittente", "falsario@pec.example.it"))
	the("recipient", "A delivery to somebody else.", replace("<consegna>"+recipient, "<consegna>"+stranger), digest.data("consegna", stranger))
	the("time", "Another certified time.", replace("<giorno>10/03/2026", "<giorno>09/03/2026"), digest.at("2026-03-09T10:15:30+01:00", "daticert").warns("header.date", "time.signing"))
	the("inner-boundary", "An inner delimiter is broken, so that the data are hidden inside the text.", func(part []byte) []byte {
		i := bytes.Index(part, []byte("\r\nContent-Type: application/xml"))
		j := bytes.LastIndex(part[:i], []byte("\r\n--"))
		return append(append(bytes.Clone(part[:j]), "\r\n-"...), part[j+4:]...)
	}, refused(unknown, hashFailure, "signature.digest", certificationThere).noData())
	s.add("changed-outcome", "ModifiedContent KindSpoofing", "A failed delivery made into a delivery, header and all.", s.the(deliveryError, func(m *testsign.Message) {
		m.Data.Subject, m.XMLPart.Encoding = asciiSubject, "7bit"
		m.Set = []testsign.Field{{Name: "X-Ricevuta", Value: "avvenuta-consegna"}, {Name: "Subject", Value: "CONSEGNA: " + asciiSubject}}
		m.AfterSign = replace(`tipo="errore-consegna" errore="no-dest"`, `tipo="avvenuta-consegna" errore="nessuno"`)
	}), digest.warns("original.present").data("tipo", "avvenuta-consegna"))
	s.add("changed-attachment-removed", "ModifiedContent", "The attachment of the enclosed message is taken out, as filters do.", s.the(delivery, func(m *testsign.Message) {
		m.AfterSign = func(part []byte) []byte {
			i := bytes.Index(part, []byte("Content-Type: application/pdf"))
			j := i + bytes.Index(part[i:], []byte("\r\n\r\n")) + 4
			k := j + bytes.Index(part[j:], []byte("\r\n--"))
			return append(append(bytes.Clone(part[:j]), "[rimosso]"...), part[k:]...)
		}
	}), digest)
}

// cuts are files that end too early.
func cuts(s *set) {
	whole := s.message(delivery).Bytes()
	at := func(mark string, before int) raw {
		i := strings.LastIndex(string(whole), mark)
		if i < 0 {
			panic("nothing there: " + mark)
		}
		return raw(whole[:i-before])
	}
	add := func(id, reason string, m raw, want expectation) { s.add("cut-"+id, "CutOff", reason, m, want) }
	signature := bytes.Index(whole, []byte("Content-Type: application/pkcs7-signature"))
	value := signature + bytes.Index(whole[signature:], []byte("\r\n\r\n")) + 4
	missing := refused(delivery, formatFailure, "signature.structure")
	half := refused(delivery, formatFailure, "signature.encoding").warns("signature.structure")
	add("before-signature", "The signature part is missing.", raw(whole[:bytes.LastIndex(whole[:signature], []byte("\r\n--"))]), missing)
	add("in-signature-header", "The signature part has no body.", raw(whole[:value-10]), half)
	add("in-signed-part", "The signed part is not whole, and there is no signature.", at("Cordiali saluti", 0), missing)
	add("in-header", "The header breaks off.", raw(whole[:bytes.Index(whole, []byte("MIME-Version"))]), unsigned())
	add("in-signature", "The signature breaks off at the end of a line.", raw(whole[:value+10*66]), half)
	add("end-of-signature", "The last four characters of the signature are missing.", at("\r\n--", 4), half)
	add("after-signature", "All that is lost stands behind the signature.", at("\r\n--", 0), authentic(delivery).warns("signature.structure"))
}
