package envelope_test

import (
	"strings"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
)

// factsCases are headers and what is certified of them.
var factsCases = []struct {
	reason, header string
	want           daticert.Data
}{
	{"a header without any of them", "", daticert.Data{ReplyTo: sender}},
	{"From, where nothing else is said", "From: \"Ufficio\" <ufficio@pec.example.it>\r\n", daticert.Data{ReplyTo: "ufficio@pec.example.it"}},
	{"Reply-To of several addresses", "From: x@example.it\r\nReply-To: \"A, B\" <a@example.it>,\r\n c@example.it\r\n", daticert.Data{ReplyTo: "a@example.it, c@example.it"}},
	{"Reply-To without an address that can be certified", "From: x@example.it\r\nReply-To: \"a b\"@example.it, nobody\r\n", daticert.Data{ReplyTo: "x@example.it"}},
	{"a subject in encoded words", "Subject: =?ISO-8859-1?Q?attivit=E0?=\r\n =?UTF-8?B?IOKCrA==?=\r\n", daticert.Data{Subject: "attività €", ReplyTo: sender}},
	{"a subject with a line end inside an encoded word", "Subject: =?UTF-8?Q?a=0D=0AX-Ricevuta:_b=09c?=\r\n", daticert.Data{Subject: "a  X-Ricevuta: b c", ReplyTo: sender}},
	{"a subject with what XML forbids", "Subject: =?UTF-8?Q?a=16b=00c=7F=EF=BF=BF?=\r\n", daticert.Data{Subject: "a\ufffdb\ufffdc\ufffd\ufffd", ReplyTo: sender}},
	{"a subject that is not UTF-8", "Subject: attivit\xe0\r\n", daticert.Data{Subject: "attivit\ufffd", ReplyTo: sender}},
	{"a Message-ID without brackets", "Message-ID:  a@b \r\n", daticert.Data{MessageID: "a@b", ReplyTo: sender}},
	{"a Message-ID with blanks and letters outside ASCII", "Message-ID: <a\t b\xe0\r\n c@d>\r\n", daticert.Data{MessageID: "<a b? c@d>", ReplyTo: sender}},
	{"a kind of receipt in capitals", "X-TipoRicevuta: Breve\r\n", daticert.Data{Receipt: daticert.ReceiptBrief, ReplyTo: sender}},
	{"a concise receipt", "x-tiporicevuta: sintetica\r\n", daticert.Data{Receipt: daticert.ReceiptConcise, ReplyTo: sender}},
	{"fields of LF", "Subject: a\n b\nX-TipoRicevuta: completa\n", daticert.Data{Subject: "a b", ReplyTo: sender}},
}

const (
	startFields = "From: mittente@pec.example.it\r\nTo: destinatario@pec.example.com\r\n"
	ownID       = "Message-ID: <" + pecID + ">\r\n"
)

// enclosedCases are messages, what is inside of their envelopes, and how that is
// labelled.
var enclosedCases = []struct {
	reason, in, want, encoding string
}{
	{"ordinary mail", plain, strings.Replace(plain, "Message-ID: "+clientID+"\r\n", ownID+"X-Riferimento-Message-ID: "+clientID+"\r\n", 1), "7bit"},
	{"no Message-ID", startFields + "\r\nTesto", startFields + ownID + "\r\nTesto", "7bit"},
	{"no body", startFields, startFields + ownID, "7bit"},
	{"no line end after the header", "To: destinatario@pec.example.com\r\nFrom: mittente@pec.example.it", "To: destinatario@pec.example.com\r\nFrom: mittente@pec.example.it\r\n" + ownID, "7bit"},
	{"an empty body", startFields + "\r\n", startFields + ownID + "\r\n", "7bit"},
	{"blank lines at the end", startFields + "\r\nTesto\r\n\r\n\r\n", startFields + ownID + "\r\nTesto\r\n\r\n\r\n", "7bit"},
	{"LF line ends", strings.ReplaceAll(startFields+"\r\na\r\nb", "\r\n", "\n"), startFields + ownID + "\r\na\r\nb", "7bit"},
	{"some LF line ends", startFields + "\r\na\nb\r\nc\n", startFields + ownID + "\r\na\r\nb\r\nc\r\n", "7bit"},
	{"8-bit text", startFields + "\r\nattivit\xe0\r\n", startFields + ownID + "\r\nattivit\xe0\r\n", "8bit"},
	{"8-bit header", startFields + "X: \xc3\xa0\r\n\r\nb\r\n", startFields + "X: \xc3\xa0\r\n" + ownID + "\r\nb\r\n", "8bit"},
	{"a line of 998", startFields + "\r\n" + strings.Repeat("x", 998) + "\r\n", startFields + ownID + "\r\n" + strings.Repeat("x", 998) + "\r\n", "7bit"},
	{"a line of 999", startFields + "\r\n" + strings.Repeat("x", 999) + "\r\n", startFields + ownID + "\r\n" + strings.Repeat("x", 999) + "\r\n", "binary"},
	{"a NUL", startFields + "\r\na\x00b\r\n", startFields + ownID + "\r\na\x00b\r\n", "binary"},
	{"a bare CR", startFields + "\r\na\rb\r\n", startFields + ownID + "\r\na\rb\r\n", "binary"},
	{"a bare CR at the end", startFields + "\r\na\r", startFields + ownID + "\r\na\r", "binary"},
	{"a line of mbox before it", "From mittente Tue Mar 10 10:15:30 2026\r\n" + startFields + "\r\nb\r\n", startFields + ownID + "\r\nb\r\n", "7bit"},
	{"delimiters of others", startFields + "\r\n------=_mixed_00\r\nContent-Type: application/xml; name=daticert.xml\r\n\r\n<postacert/>\r\n", startFields + ownID + "\r\n------=_mixed_00\r\nContent-Type: application/xml; name=daticert.xml\r\n\r\n<postacert/>\r\n", "7bit"},
	{"quoted From", startFields + "\r\n>From a\r\nFrom b\r\n", startFields + ownID + "\r\n>From a\r\nFrom b\r\n", "7bit"},
}

// anomalyCases are mails from outside and what the header around them says.
var anomalyCases = []struct {
	reason, from, mail string
	name, replyTo      string // what the header has to say
	id                 string
}{
	{"ordinary mail", "a@example.org", "From: b@example.org\r\nTo: c@example.org\r\nMessage-ID: <x@y>\r\nSubject: prova\r\n\r\nTesto\r\n",
		"Per conto di: a@example.org", "a@example.org", "<x@y>"},
	{"mail that says where answers go", "a@example.org", "Reply-To: d@example.org\r\n\r\nTesto\r\n", "Per conto di: a@example.org", "d@example.org", ""},
	{"a bounce, which has no sender", "", "From: \"MAILER-DAEMON\" <postmaster@example.org>\r\n\r\nTesto\r\n", "Per conto di: postmaster@example.org", "postmaster@example.org", ""},
	{"nobody at all", "", "\r\nTesto\r\n", "Per conto di:", "", ""},
	{"a sender in quotes", `"a b"@example.org`, "X: y\r\n\r\n", `Per conto di: "a b"@example.org`, "", ""},
	{"a sender with a line end", "a@example.org\r\nX-Ricevuta: b", "X: y\r\n\r\n", "Per conto di: a@example.org  X-Ricevuta: b", "", ""},
	{"a sender that would end the name", `x" <y@example.org>, "z`, "X: y\r\n\r\n", `Per conto di: x" <y@example.org>, "z`, "", ""},
	{"a sender outside ASCII", "è@example.org", "X: y\r\n\r\n", "Per conto di: è@example.org", "", ""},
	{"an empty mail", "a@example.org", "", "Per conto di: a@example.org", "a@example.org", ""},
	{"what is no mail", "a@example.org", "%PDF-1.4\n\x00\x01\x02\r\r\n", "Per conto di: a@example.org", "a@example.org", ""},
	{"fields with a bare CR", "a@example.org", "To: c@example.org\rX-Ricevuta: avvenuta-consegna\r\nCc: d\x00@example.org\r\n\r\nTesto\r\n", "Per conto di: a@example.org", "a@example.org", ""},
	{"a continuation of blanks", "a@example.org", "To: c@example.org,\r\n \t\r\n d@example.org\r\n\r\nTesto\r\n", "Per conto di: a@example.org", "a@example.org", ""},
	{"a PEC message", "posta-certificata@pec.example.com", string(testsign.Message{Kind: daticert.TypeDelivery}.Bytes()), "Per conto di: posta-certificata@pec.example.com", "posta-certificata@pec.example.com", "?"},
	{"a message with LF", "a@example.org", "Subject: a\n b\n\nTesto\n", "Per conto di: a@example.org", "a@example.org", ""},
}
