package main

import (
	"strings"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
)

// froms are forms of From on a receipt, where it is the provider's address and
// no more.
func froms(s *set) {
	good := authentic(acceptance)
	bad := refused(acceptance, sigConstraints, "from.address")
	add := func(id, flag, reason, value string, want expectation) {
		s.add("from-"+id, flag, reason, s.setField(acceptance, "From", value), want)
	}
	const spoof, harmless, resembling = "SenderSpoofing", "HarmlessChange", "SenderSpoofing ResemblingCharacters"
	add("capitals", harmless, "Mail programs change capitals; addresses are compared without case.", "Posta-Certificata@PEC.Example.IT", good)
	add("name", harmless, "A name beside the address changes nothing of it.", "Gestore Uno <"+serviceOne+">", good)
	add("comment", harmless, "A comment is no part of the address.", serviceOne+" (gestore)", good)
	s.add("from-missing", spoof, "Without From nothing ties the mail to the signer.", s.withoutField(acceptance, "From"), bad)
	add("empty", spoof, "An empty From names nobody.", "", bad)
	add("other-provider", "SenderSpoofing Verdict", "Another provider of the same authority signed nothing here.", serviceTwo, bad)
	add("user", spoof, "A user of the provider's domain is not the provider.", sender, bad)
	add("longer-domain", spoof, "One more label at the end is another domain.", serviceOne+".example.com", bad)
	add("two-addresses", spoof, "Programs choose differently which of two addresses they show.", serviceOne+", "+stranger, bad.warns("from.name"))
	add("two-addresses-stranger-first", spoof, "The same in the other order.", stranger+", "+serviceOne, bad.warns("from.name"))
	add("right-address-as-name", spoof, "The right address is the name of another.", `"`+serviceOne+`" <`+stranger+`>`, bad.warns("from.name"))
	add("right-address-as-comment", spoof, "The right address is a comment on another.", stranger+" ("+serviceOne+")", bad.warns("from.name"))
	add("cyrillic-letter", resembling, "A Cyrillic letter makes another domain.", "posta-certificata@рec.example.it", bad)
	add("long-s", resembling, "The long s folds to s in Unicode, and not in an address.", "poſta-certificata@pec.example.it", bad)
	add("zero-width-mark", resembling, "A mark that shows nothing makes another address.", "posta-certificata@pec.exam\u200bple.it", bad)
}

// names are forms of From's display name on an envelope, which mail programs
// show in large letters.
func names(s *set) {
	good := authentic(transport)
	bad := refused(transport, sigConstraints, "from.name")
	add := func(id, flag, reason, name string, want expectation) {
		s.add("name-"+id, flag, reason, s.setField(transport, "From", name+" <"+serviceOne+">"), want)
	}
	const spoof, resembling = "SenderSpoofing", "SenderSpoofing ResemblingCharacters"
	const other = "sindaco@pec.example.org"
	add("capitals", "HarmlessChange", "Capitals of an address do not count.", `"Per conto di: Mittente@PEC.example.it"`, good)
	s.add("name-none", "HeaderDifference", "No name at all is only strange.", s.setField(transport, "From", serviceOne), good.warns("from.name"))
	add("without-address", "HeaderDifference", "A name without an address is only strange.", `"Comune di Esempio"`, good.warns("from.name"))
	add("other-address", spoof, "Another address in the name makes people believe another sender.", `"Per conto di: `+other+`"`, bad)
	add("two-addresses", spoof, "Another address beside the right one, too.", `"Per conto di: `+sender+` `+other+`"`, bad)
	add("encoded-word", resembling, "Another address in an encoded word.", "=?utf-8?q?Per_conto_di=3A_sindaco=40pec=2Eexample=2Eorg?=", bad)
	add("encoded-word-cut", resembling, "An address cut in two encoded words is one address.", "=?utf-8?q?sindaco=40pec=2E?= =?utf-8?q?example=2Eorg?=", bad)
	add("encoded-word-in-quotes", resembling, "An encoded word inside quotes is read as programs read it.", `"=?utf-8?q?sindaco=40pec=2Eexample=2Eorg?="`, bad)
	add("cyrillic-letter", resembling, "A Cyrillic letter in the sender's own address.", "=?utf-8?q?mittente=40=D1=80ec=2Eexample=2Eit?=", bad)
	add("fullwidth-at", resembling, "A fullwidth sign for @ still shows an address.", "=?utf-8?q?sindaco=EF=BC=A0pec=2Eexample=2Eorg?=", bad)
	add("backslash", resembling, "A backslash before the sign hides nothing.", `"sindaco\@pec.example.org"`, bad)
	s.add("name-of-group", spoof, "The name of a group is shown, too.", s.setField(transport, "From", `"`+other+`": `+serviceOne+";"), bad)
	s.add("name-comment", spoof, "A comment is shown, too.", s.setField(transport, "From", `"Per conto di: `+sender+`" <`+serviceOne+`> (`+other+`)`), bad)
	s.add("name-on-receipt", "HeaderDifference", "A receipt has no sender's name; one in it warns and no more.", s.setField(delivery, "From", `"`+other+`" <`+serviceTwo+`>`), authentic(delivery).warns("from.name"))
}

// claims are what the header says the kind is.
func claims(s *set) {
	bad := func(kind daticert.Type, id string) expectation { return refused(kind, sigConstraints, id) }
	const spoof = "KindSpoofing"
	set := func(id, flag, reason string, kind daticert.Type, name, value string, want expectation) {
		s.add("claim-"+id, flag, reason, s.setField(kind, name, value), want)
	}
	s.add("claim-missing-transport", "HeaderDifference", "An envelope without X-Trasporto is only strange.", s.withoutField(transport, "X-Trasporto"), authentic(transport).warns("header.kind"))
	s.add("claim-missing-receipt", "HeaderDifference", "A receipt without X-Ricevuta is only strange.", s.withoutField(acceptance, "X-Ricevuta"), authentic(acceptance).warns("header.kind"))
	set("white-space", "HarmlessChange", "White space around a token does not count.", delivery, "X-Ricevuta", " \r\n\t avvenuta-consegna  ", authentic(delivery))
	set("transport-as-anomaly", spoof, "An envelope that calls itself an anomaly.", transport, "X-Trasporto", "errore", bad(transport, "header.kind"))
	set("refusal-as-acceptance", "KindSpoofing Verdict", "A refusal that calls itself acceptance; the token is part of the right one.", nonAcceptance, "X-Ricevuta", "accettazione", bad(nonAcceptance, "header.kind"))
	set("acceptance-as-refusal", spoof, "An acceptance that calls itself refusal.", acceptance, "X-Ricevuta", "non-accettazione", bad(acceptance, "header.kind"))
	set("error-as-delivery", spoof, "A failed delivery that calls itself delivery.", deliveryError, "X-Ricevuta", "avvenuta-consegna", bad(deliveryError, "header.kind"))
	set("error-as-late", spoof, "A failed delivery that calls itself only late.", deliveryError, "X-Ricevuta", "preavviso-errore-consegna", bad(deliveryError, "header.kind"))
	set("with-more-behind", spoof, "A token with something behind it is another.", delivery, "X-Ricevuta", "avvenuta-consegna; x", bad(delivery, "header.kind"))
	set("unknown-token", spoof, "An unknown token is another.", delivery, "X-Ricevuta", "consegnato", bad(delivery, "header.kind"))
	s.add("claim-transport-and-receipt", spoof, "An envelope that calls itself a receipt, too.", s.addField(transport, "X-Ricevuta", "avvenuta-consegna"), bad(transport, "header.kind"))
	s.add("claim-receipt-and-anomaly", spoof, "A receipt that calls itself an anomaly, too.", s.addField(delivery, "X-Trasporto", "errore"), bad(delivery, "header.kind"))
	s.add("claim-error-as-delivery-everywhere", "KindSpoofing", "A failed delivery whose whole header says delivery: the kind is that of the signed data.", s.the(deliveryError, func(m *testsign.Message) {
		m.Set = []testsign.Field{{Name: "X-Ricevuta", Value: "avvenuta-consegna"}, {Name: "Subject", Value: "CONSEGNA: tutto bene"}}
	}), refused(deliveryError, sigConstraints, "header.kind", "header.subject").data("tipo", "errore-consegna"))

	duplicate := func(id, reason string, kind daticert.Type, name, value string, want expectation) {
		s.add("duplicate-"+id, "DuplicateField", reason, s.addField(kind, name, value), want)
	}
	twice := bad(acceptance, "header.duplicates")
	duplicate("from-equal", "Two equal From say one thing.", acceptance, "From", serviceOne, authentic(acceptance))
	duplicate("from", "A second, different From is what some programs show.", acceptance, "From", stranger, twice)
	duplicate("from-capitals", "Field names have no case.", acceptance, "FROM", stranger, twice)
	duplicate("from-blank-before-colon", "White space before the colon hides no field.", acceptance, "From ", stranger, twice)
	s.add("duplicate-from-in-front", "DuplicateField SenderSpoofing", "A stranger's From in front of the provider's.", s.the(acceptance, func(m *testsign.Message) {
		m.Before = []testsign.Field{{Name: "From", Value: stranger}}
	}), refused(acceptance, sigConstraints, "header.duplicates", "from.address"))
	duplicate("receipt-folded", "Folding is no difference.", acceptance, "X-Ricevuta", "\r\n accettazione", authentic(acceptance))
	duplicate("receipt", "Two X-Ricevuta with different values.", acceptance, "X-Ricevuta", "avvenuta-consegna", twice)
	duplicate("reference", "Two X-Riferimento-Message-ID with different values.", acceptance, "X-Riferimento-Message-ID", "<altro@example.com>", twice)
	duplicate("transport", "Two X-Trasporto with different values.", transport, "X-Trasporto", "errore", bad(transport, "header.duplicates"))
}

// references are the client's own message id, which ties a receipt to it.
func references(s *set) {
	const name = "X-Riferimento-Message-ID"
	good, bad := authentic(acceptance), refused(acceptance, sigConstraints, "header.reference")
	id := strings.Trim(exampleMessageID, "<>")
	add := func(slug, flag, reason, value string, want expectation) {
		s.add("reference-"+slug, flag, reason, s.setField(acceptance, name, value), want)
	}
	const spoof, habit = "ReferenceSpoofing", "ProviderHabit"
	add("no-brackets", habit, "Brackets do not count.", id, good)
	add("escaped", habit, "Some providers leave the escapes of XML in.", "&lt;"+id+"&gt;", good)
	s.add("reference-escaped-twice", habit, "Or escape twice inside daticert.xml.", s.the(acceptance, func(m *testsign.Message) {
		m.Data.MessageID, m.Set = "&lt;"+id+"&gt;", []testsign.Field{{Name: name, Value: exampleMessageID}}
	}), good.data("msgid", "&lt;"+id+"&gt;"))
	s.add("reference-missing", "HarmlessChange", "Without the field there is nothing to compare.", s.withoutField(acceptance, name), good)
	add("other", "ReferenceSpoofing Verdict", "Another id ties the receipt to another message.", "<altro@client.example.it>", bad)
	add("with-another-behind", spoof, "The certified id with another behind it is another.", exampleMessageID+" <altro@client.example.it>", bad)
	add("lower-case", spoof, "Ids have case.", strings.ToLower(exampleMessageID), bad)
	s.add("reference-other-on-envelope", spoof, "On an envelope a difference fails as well.", s.setField(transport, name, "<altro@client.example.it>"), refused(transport, sigConstraints, "header.reference"))
}

// subjects are what a person reads first.
func subjects(s *set) {
	shown := func(kind daticert.Type, certified, subject string) testsign.Message {
		return s.the(kind, func(m *testsign.Message) {
			m.Data.Subject, m.Set = certified, []testsign.Field{{Name: "Subject", Value: subject}}
		})
	}
	bad := func(id, flag, reason string, kind daticert.Type, subject string) {
		s.add("subject-"+id, flag, reason, shown(kind, asciiSubject, subject), refused(kind, sigConstraints, "header.subject"))
	}
	ok := func(id, flag, reason string, kind daticert.Type, certified, subject string, want expectation) {
		s.add("subject-"+id, flag, reason, shown(kind, certified, subject), want)
	}
	const spoof, resembling, harmless, difference = "KindSpoofing", "KindSpoofing ResemblingCharacters", "HarmlessChange", "HeaderDifference"
	const warn = "header.subject"
	bad("error-as-delivery", spoof, "A failed delivery that presents itself as delivery.", deliveryError, "CONSEGNA: "+asciiSubject)
	bad("refusal-as-acceptance", spoof, "A refusal that presents itself as acceptance.", nonAcceptance, "ACCETTAZIONE: "+asciiSubject)
	bad("acceptance-as-refusal", spoof, "An acceptance that presents itself as refusal.", acceptance, "AVVISO DI NON ACCETTAZIONE: "+asciiSubject)
	bad("delivery-as-error", spoof, "A delivery that presents itself as failed.", delivery, "AVVISO DI MANCATA CONSEGNA: "+asciiSubject)
	bad("transport-as-anomaly", spoof, "An envelope that presents itself as an anomaly.", transport, "ANOMALIA MESSAGGIO: "+asciiSubject)
	bad("timeout-as-error", spoof, "A notice of time that presents itself as a failed delivery.", timeout, "AVVISO DI MANCATA CONSEGNA: "+asciiSubject)
	bad("behind-another-word", spoof, "The other prefix stands behind a word.", deliveryError, "Re: CONSEGNA: "+asciiSubject)
	bad("lower-case", resembling, "The other prefix in lower case.", deliveryError, "Consegna: "+asciiSubject)
	bad("encoded-word", resembling, "The other prefix in an encoded word.", deliveryError, "=?utf-8?B?Q09OU0VHTkE6IFZlcmJhbGU=?=")
	bad("encoded-word-cut", resembling, "The other prefix cut in two encoded words.", deliveryError, "=?utf-8?q?CONSE?= =?utf-8?q?GNA=3A_Verbale?=")
	bad("cyrillic-letter", resembling, "The other prefix with a Cyrillic letter.", deliveryError, "=?utf-8?q?=D0=A1ONSEGNA=3A_Verbale?=")
	bad("fullwidth-colon", resembling, "The other prefix with a fullwidth colon.", deliveryError, "=?utf-8?q?CONSEGNA=EF=BC=9A_Verbale?=")
	bad("zero-width-mark", resembling, "The other prefix with a mark inside that shows nothing.", deliveryError, "=?utf-8?q?CONS=E2=80=8BEGNA=3A_Verbale?=")
	s.add("subject-second", spoof, "A second Subject, which some programs show, presents another kind.", s.addField(deliveryError, "Subject", "CONSEGNA: "+asciiSubject), refused(deliveryError, sigConstraints, warn))

	ok("no-prefix", harmless, "The certified subject without a prefix.", delivery, asciiSubject, asciiSubject, authentic(delivery))
	ok("other-text", difference, "Another text with the right prefix.", delivery, asciiSubject, "CONSEGNA: altro", authentic(delivery).warns(warn))
	ok("own-and-other-prefix", difference, "The prefix of its own kind and another's.", delivery, asciiSubject, "CONSEGNA: ACCETTAZIONE: "+asciiSubject, authentic(delivery).warns(warn))
	ok("prefix-that-the-user-wrote", "Normal", "A prefix in the subject that the user wrote.", transport, "CONSEGNA: pacco", "POSTA CERTIFICATA: CONSEGNA: pacco", authentic(transport))
	ok("word-that-ends-like-a-prefix", "Normal", "A word that ends like a prefix is none.", transport, "RICONSEGNA: pacco", "RICONSEGNA: pacco", authentic(transport))
	ok("list-tag", harmless, "A list's tag before the prefix.", transport, asciiSubject, "[lista] POSTA CERTIFICATA: "+asciiSubject, authentic(transport))
	ok("filter-tag", harmless, "A filter's tag behind the prefix.", transport, asciiSubject, "POSTA CERTIFICATA: [SPAM] "+asciiSubject, authentic(transport))
	ok("user-tag", "Normal", "A tag that the user wrote.", transport, "[URGENTE] Verbale", "POSTA CERTIFICATA: [URGENTE] Verbale", authentic(transport))
	ok("two-blanks", "ProviderHabit", "RFC 6109 prints the prefix of the notices of time with two blanks.", timeout, asciiSubject, "AVVISO DI MANCATA CONSEGNA PER SUP.  TEMPO MASSIMO: "+asciiSubject, authentic(timeout).proves("late"))
	ok("answer", difference, "An answer to the message.", transport, asciiSubject, "R: POSTA CERTIFICATA: "+asciiSubject, authentic(transport).warns(warn))
	s.add("subject-missing", difference, "No Subject.", s.withoutField(delivery, "Subject"), authentic(delivery).warns(warn))
}

// otherFields are those whose difference warns and no more.
func otherFields(s *set) {
	const f = "HeaderDifference"
	set := func(id, reason string, kind daticert.Type, name, value string, want expectation) {
		s.add("field-"+id, f, reason, s.setField(kind, name, value), want)
	}
	extra := func(id, reason string, kind daticert.Type, name, value string, want expectation) {
		s.add("field-"+id, f, reason, s.addField(kind, name, value), want)
	}
	envelope := authentic(transport)
	warned := func(id string) expectation { return envelope.warns(id) }
	s.add("field-reply-to-missing", f, "Without Reply-To an answer to an envelope goes to the provider.", s.withoutField(transport, "Reply-To"), warned(replyTo))
	set("reply-to-other", "An answer would go to a stranger.", transport, "Reply-To", stranger, warned(replyTo))
	extra("reply-to-second", "A second Reply-To counts as well as the first.", transport, "Reply-To", stranger, warned(replyTo))
	extra("reply-to-on-receipt", "The certified address for answers on a receipt.", delivery, "Reply-To", sender, authentic(delivery).without(replyTo))
	set("to-other", "Other recipients than the certified ones.", transport, "To", stranger, warned("header.recipients"))
	extra("cc-one-more", "One recipient more than the certified ones.", transport, "Cc", stranger, warned("header.recipients"))
	set("to-other-on-receipt", "A receipt that goes to somebody else than the certified sender.", delivery, "To", stranger, authentic(delivery).warns("header.recipients"))
	s.add("field-to-missing", "HarmlessChange", "Without To and Cc there is nothing to compare.", s.withoutField(transport, "To"), envelope)
	set("date-ten-minutes", "Ten minutes between Date and the certified time are no difference.", transport, "Date", "Tue, 10 Mar 2026 10:25:30 +0100", envelope)
	set("date-ten-minutes-and-a-second", "Ten minutes and a second are.", transport, "Date", "Tue, 10 Mar 2026 10:25:31 +0100", warned("header.date"))
	set("message-id-other", "Another Message-ID than the certified identifier.", transport, "Message-ID", "<altro@example.com>", warned("header.message-id"))
	set("message-id-of-receipt", "A receipt has a Message-ID of its own.", delivery, "Message-ID", "<altro@example.com>", authentic(delivery))
	extra("sender-list", "A mailing list as Sender.", transport, "Sender", "lista-bounces@example.org", warned("header.sender"))
	extra("sender-signer", "The signer as Sender.", transport, "Sender", serviceOne, envelope)
	extra("security-without-virus", "The header reports a security problem that the data do not.", delivery, "X-VerificaSicurezza", "errore", authentic(delivery).warns("header.security"))
	extra("security-unknown", "X-VerificaSicurezza has one value, errore.", delivery, "X-VerificaSicurezza", "tutto bene", authentic(delivery).warns("header.security"))
	set("receipt-type-other", "X-TipoRicevuta differs from the certified type.", transport, "X-TipoRicevuta", "breve", warned("header.receipt-type"))
	s.add("field-original-differs", f, "The enclosed message has another sender, recipient, subject and id: both are signed, and the data follow the SMTP envelope.", s.the(transport, func(m *testsign.Message) {
		m.Original = plainWith("From: " + stranger + "\r\nTo: " + stranger + "\r\nSubject: Altro\r\nMessage-ID: <altro@example.com>\r\n")
	}), envelope.warns("original.message-id", "original.sender", "original.recipients", "original.subject"))
}
