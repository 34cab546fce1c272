package main

import (
	"strings"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
)

// frames are forms of multipart/signed that providers send.
func frames(s *set) {
	good := authentic(acceptance)
	the := func(change func(*testsign.Message)) testsign.Message { return s.the(acceptance, change) }
	const old = "application/x-pkcs7-signature"
	protocol := func(p string) testsign.Message { return the(func(m *testsign.Message) { m.Protocol = p }) }
	micalg := func(a string) testsign.Message { return the(func(m *testsign.Message) { m.Micalg = a }) }
	s.add("habit-x-pkcs7", "ProviderHabit", "The older name of the signature's type, in both places.", the(func(m *testsign.Message) { m.Protocol, m.SignaturePart.Type = old, old }), good)
	s.add("habit-x-pkcs7-protocol-only", "ProviderHabit", "The older name in protocol only.", protocol(old), good)
	s.add("habit-x-pkcs7-part-only", "ProviderHabit", "The older name in the part only.", the(func(m *testsign.Message) { m.SignaturePart.Type = old }), good)
	s.add("habit-no-protocol", "ProviderHabit", "Without protocol the part's own type tells what it is.", protocol("-"), good)
	s.add("habit-other-protocol", "ProviderHabit", "With another protocol the part's own type tells what it is.", protocol("application/x-altro"), good)
	s.add("habit-no-micalg", "ProviderHabit", "micalg is a hint; the signature names its digest.", micalg("-"), good)
	s.add("habit-micalg-wrong", "ProviderHabit", "A wrong hint changes nothing.", micalg("md5"), good)
	s.add("habit-micalg-sha256", "ProviderHabit", "The hint is spelled without the hyphen.", micalg("sha256"), good)
	s.add("habit-micalg-sha1-capitals", "ProviderHabit OldAlgorithm", "The hint is spelled SHA1.", with(micalg("SHA1"), func(m *testsign.Message) { m.CMS = sha1Signature }), good.warns(digestAge))
	s.add("habit-no-preamble", "ProviderHabit", "Some providers write no preamble.", the(func(m *testsign.Message) { m.Preamble = "-" }), good)
	s.add("habit-boundary-prefix", "ProviderHabit", "The outer boundary begins the inner one: delimiters are compared whole.", the(func(m *testsign.Message) { m.PrefixBoundaries, m.TextOnly = true, false }), good)
	s.add("habit-type-capitals", "ProviderHabit", "Names of fields and types have no case.", the(func(m *testsign.Message) {
		m.Finish = replace("Content-Type: multipart/signed", "CONTENT-TYPE: Multipart/SIGNED")
	}), good)
	s.add("habit-signature-binary", "ProviderHabit", "The signature may come without base64.", the(func(m *testsign.Message) { m.SignaturePart.Encoding = "binary" }), good)
	s.add("habit-blank-epilogue", "ProviderHabit", "Blank lines behind the end are no text.", the(func(m *testsign.Message) { m.Epilogue = "\r\n \r\n" }), good)
}

// contents are forms of the signed part.
func contents(s *set) {
	good := authentic(delivery)
	the := func(change func(*testsign.Message)) testsign.Message { return s.the(delivery, change) }
	part := func(p testsign.Part) testsign.Message {
		return the(func(m *testsign.Message) { m.XMLPart = p })
	}
	original := func(encoding string) testsign.Message {
		return the(func(m *testsign.Message) { m.OriginalPart.Encoding = encoding })
	}
	s.add("habit-daticert-quoted-printable", "ProviderHabit", "daticert.xml in quoted-printable.", part(testsign.Part{Encoding: "quoted-printable"}), good)
	s.add("habit-daticert-7bit", "ProviderHabit", "daticert.xml in 7bit.", the(func(m *testsign.Message) { m.Data.Subject, m.XMLPart.Encoding = asciiSubject, "7bit" }), good)
	s.add("habit-daticert-8bit", "ProviderHabit", "daticert.xml in 8bit.", part(testsign.Part{Encoding: "8bit"}), good)
	s.add("habit-daticert-after-original", "ProviderHabit", "daticert.xml stands behind postacert.eml.", the(func(m *testsign.Message) { m.OriginalFirst = true }), good)
	s.add("habit-daticert-text-xml", "ProviderHabit", "daticert.xml as text/xml.", part(testsign.Part{Type: "text/xml"}), good)
	s.add("habit-daticert-octet-stream", "ProviderHabit", "daticert.xml as a file without type.", part(testsign.Part{Type: "application/octet-stream"}), good)
	s.add("habit-daticert-attachment", "ProviderHabit", "daticert.xml as an attachment.", part(testsign.Part{Disposition: "attachment"}), good)
	s.add("habit-daticert-no-disposition", "ProviderHabit", "daticert.xml named in its type only.", part(testsign.Part{Disposition: "-"}), good)
	s.add("habit-daticert-name-capitals", "ProviderHabit", "The name has no case.", part(testsign.Part{Name: "DatiCert.XML"}), good)
	s.add("habit-daticert-rfc-name", "ProviderHabit", "RFC 6109 calls the file certdata.xml.", part(testsign.Part{Name: "certdata.xml"}), good)
	s.add("habit-no-text", "ProviderHabit", "Without a text for people the data still certify.", the(func(m *testsign.Message) { m.NoText = true }), good)
	s.add("habit-original-base64", "ProviderHabit", "postacert.eml in base64, which MIME forbids for enclosed messages.", original("base64"), good)
	s.add("habit-original-quoted-printable", "ProviderHabit", "postacert.eml in quoted-printable, likewise.", original("quoted-printable"), good)
	s.add("habit-no-msgid", "ProviderHabit", "A client that wrote no Message-ID leaves no msgid and no X-Riferimento-Message-ID.", the(func(m *testsign.Message) {
		m.EditXML, m.Remove = testsign.DropElement("msgid"), []string{"X-Riferimento-Message-ID"}
	}), good.data("msgid", nil))
	s.add("habit-no-errore", "ProviderHabit", "A missing attribute errore means none.", s.xml(delivery, ` errore="nessuno"`, ""), good.data("errore", "nessuno"))
	s.add("habit-risposte-empty", "ProviderHabit", "The address for answers may be empty.", s.xml(acceptance, "<risposte>"+sender+"</risposte>", "<risposte></risposte>"), authentic(acceptance).data("risposte", ""))
}

// headers are forms of a header in which the same is said.
func headers(s *set) {
	good, envelope := authentic(acceptance), authentic(transport)
	field := func(name, value string) testsign.Field { return testsign.Field{Name: name, Value: value} }
	the := func(change func(*testsign.Message)) testsign.Message { return s.the(transport, change) }
	reversed := func(mail []byte) []byte {
		header, body, _ := strings.Cut(string(mail), "\r\n\r\n")
		var fields []string
		for line := range strings.SplitSeq(header, "\r\n") {
			if strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t") {
				fields[0] += "\r\n" + line
			} else {
				fields = append([]string{line}, fields...)
			}
		}
		return []byte(strings.Join(fields, "\r\n") + "\r\n\r\n" + body)
	}
	s.add("header-odd-capitals", "ProviderHabit", "Field names and tokens have no case.", the(func(m *testsign.Message) {
		m.Remove = []string{"X-TipoRicevuta", "X-Trasporto"}
		m.After = []testsign.Field{field("X-Tiporicevuta", "Completa"), field("x-TRASPORTO", "Posta-Certificata")}
	}), envelope)
	s.add("header-folded-again", "HarmlessChange", "Fields are folded at other places.", the(func(m *testsign.Message) {
		m.Set = []testsign.Field{
			field("From", "\"Per conto\r\n di:\r\n "+sender+"\"\r\n <"+serviceOne+">"), field("X-Trasporto", "\r\n posta-certificata"),
			field("X-Riferimento-Message-ID", "\r\n\t"+exampleMessageID),
		}
	}), envelope)
	s.add("header-other-order", "HarmlessChange", "Some archives sort the fields.", the(func(m *testsign.Message) { m.Finish = reversed }), envelope)
	s.add("header-trace-added", "HarmlessChange", "Servers put Received and Return-Path in front.", the(func(m *testsign.Message) {
		m.Before = []testsign.Field{field("Return-Path", "<"+stranger+">"), field("Received", "from a.example.org by b.example.org; Tue, 10 Mar 2026 10:16:00 +0100")}
	}), envelope)
	s.add("header-list-fields-added", "HarmlessChange", "Lists and filters add fields of their own.", the(func(m *testsign.Message) {
		m.After = []testsign.Field{field("List-Id", "<lista.example.org>"), field("X-Spam-Status", "No, score=-1"), field("DKIM-Signature", "v=1; d=example.org; b=AAAA")}
	}), envelope)
	s.add("header-alike-fields", "HarmlessChange", "Fields that begin like those that decide are others.", the(func(m *testsign.Message) {
		m.After = []testsign.Field{field("X-Ricevuta-Altro", "avvenuta-consegna"), field("From-Old", stranger)}
	}), envelope)
	s.add("header-rem-subject", "ProviderHabit", "One provider adds the subject of a REM evidence, which is not looked at.", s.addField(acceptance, "X-REM-Subject", "REM ContentConsignment: altro"), good)
	s.add("header-date-utc", "ProviderHabit", "Date in UTC and the certified time in +0100 are one instant.", s.setField(transport, "Date", "Tue, 10 Mar 2026 09:15:30 +0000"), envelope)
	s.add("header-no-quotes", "ProviderHabit", "Providers forget the quotes that the colon in From's name needs.", s.setField(transport, "From", "Per conto di: "+sender+" <"+serviceOne+">"), envelope)
	s.add("header-name-base64", "ProviderHabit", "From's name as an encoded word is what it decodes to.", s.setField(transport, "From", "=?utf-8?B?UGVyIGNvbnRvIGRpOiBtaXR0ZW50ZUBwZWMuZXhhbXBsZS5pdA==?= <"+serviceOne+">"), envelope)
	s.add("header-subject-latin-1", "ProviderHabit", "Letters outside Latin-1 are shown as question marks: a difference, and no more.", s.the(acceptance, func(m *testsign.Message) {
		m.Data.Subject, m.Set = "Verbale “finale”", []testsign.Field{field("Subject", "ACCETTAZIONE: Verbale ?finale?")}
	}), good.warns("header.subject").data("oggetto", "Verbale “finale”"))
	s.add("header-subject-blank-lost", "ProviderHabit", "A trailing blank of the subject is lost in the header.", s.the(acceptance, func(m *testsign.Message) {
		m.Data.Subject, m.Set = asciiSubject+" ", []testsign.Field{field("Subject", "ACCETTAZIONE: "+asciiSubject)}
	}), good)
}

// storage is what happens to files.
func storage(s *set) {
	good := authentic(acceptance)
	ends := func(l testsign.LineEnds) testsign.Message {
		return s.the(acceptance, func(m *testsign.Message) { m.LineEnds = l })
	}
	const lines = "signature.lines"
	s.add("storage-lf", "Storage", "Stored with LF: hashed with CRLF as it was signed.", ends(testsign.LF), good)
	s.add("storage-lf-header", "Storage", "LF in the header and CRLF below.", ends(testsign.LFHeader), good)
	s.add("storage-lf-body", "Storage", "CRLF in the header and LF below: the digest matches with all of them as CRLF.", s.the(acceptance, func(m *testsign.Message) {
		m.Finish = func(mail []byte) []byte {
			header, body, _ := strings.Cut(string(mail), "\r\n\r\n")
			return []byte(header + "\r\n\r\n" + strings.ReplaceAll(body, "\r\n", "\n"))
		}
	}), good.warns(lines))
	s.add("storage-mixed", "Storage", "LF in every second line, signed with CRLF.", ends(testsign.LFAlternate), good.warns(lines))
	s.add("storage-mixed-signed-so", "Storage", "LF in every second line, and signed so: the digest matches as it stands.", with(ends(testsign.LFAlternate), func(m *testsign.Message) { m.SignAsStored = true }), good)
	s.add("storage-lf-signed-so", "Storage ModifiedContent", "Signed over bare LF, against the norm: bare LF is hashed as CRLF.", with(ends(testsign.LF), func(m *testsign.Message) { m.SignAsStored = true }), refused(acceptance, hashFailure, "signature.digest"))
	s.add("storage-closing-lost", "Storage", "The closing delimiter was lost; all that was signed is there.", s.the(acceptance, func(m *testsign.Message) { m.NoClosing = true }), good.warns("signature.structure"))

	quoted := func(signed, stored string) testsign.Message {
		crlf := func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }
		return s.the(acceptance, func(m *testsign.Message) {
			m.Text = "Ricevuta\n\n" + signed + "\nfine\n"
			if signed != stored {
				m.AfterSign = replace(crlf(signed), crlf(stored))
			}
		})
	}
	changed := refused(acceptance, hashFailure, "signature.digest")
	s.add("mbox-from-line-signed", "Storage", "A line that begins with From, as it was signed.", quoted("From qui in poi", "From qui in poi"), good)
	s.add("mbox-quoted-line-signed", "Storage", "A line that begins with >From, as it was signed.", quoted(">From qui in poi", ">From qui in poi"), good)
	s.add("mbox-quoted", "Storage", "An mbox put > before From: the file was changed in storage, not in content.", quoted("From qui in poi", ">From qui in poi"), good.warns(lines))
	s.add("mbox-quoted-every-line", "Storage", "An mbox of the form mboxrd puts one > before every quoted line.", quoted("From uno\n>From due\n>>From tre", ">From uno\n>>From due\n>>>From tre"), good.warns(lines))
	s.add("mbox-quoted-bare-lines", "Storage", "An mbox of the form mboxo puts > before From alone.", quoted("From uno\n>>From due", ">From uno\n>>From due"), good.warns(lines))
	s.add("mbox-quoted-twice", "Storage ModifiedContent", "Two > at once are no mbox's, and a change.", quoted("From qui", ">>From qui"), changed)
	s.add("mbox-other-word", "Storage ModifiedContent", "A > before another word is a change.", quoted("Da qui", ">Da qui"), changed)
	s.add("mbox-unquoted", "Storage ModifiedContent", "A > that was signed and is gone is a change.", quoted(">From qui", "From qui"), changed)
	s.add("mbox-quoted-daticert", "Storage", "What is certified is read without the quoting, too.", s.the(acceptance, func(m *testsign.Message) {
		m.Data = daticert.Data{Subject: "riga\nFrom qui"}
		m.NoText, m.XMLPart.Encoding = true, "7bit"
		m.Set = []testsign.Field{{Name: "Subject", Value: "ACCETTAZIONE: riga From qui"}}
		m.AfterSign = replace("\nFrom qui", "\n>From qui")
	}), good.warns(lines).data("oggetto", "riga\nFrom qui"))
	s.add("mbox-separator", "Storage", "The From line of an mbox in front is no part of the message.", s.the(acceptance, func(m *testsign.Message) {
		m.Finish = func(mail []byte) []byte {
			return append([]byte("From "+sender+" Tue Mar 10 10:15:30 2026\r\n"), mail...)
		}
	}), good)
}
