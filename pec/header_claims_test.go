package pec_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
)

// X-Trasporto and X-Ricevuta are claims; the certified type decides.
func TestOutsideKindClaims(t *testing.T) {
	t.Parallel()
	outsideRun(t, outsideKindClaimsCases())
}

func outsideKindClaimsCases() []outsideCase {
	const (
		transport, accepted, refused = daticert.TypeTransport, daticert.TypeAcceptance, daticert.TypeNonAcceptance
		delivered, failed            = daticert.TypeDelivery, daticert.TypeDeliveryError
	)
	both := func(kind daticert.Type, name, value string) testsign.Message { return outsideAdd(kind, name, value) }
	return []outsideCase{
		{"the certified type, in the field of envelopes", testsign.Message{Kind: transport}, pec.CheckKind, pec.Pass, true, "X-Trasporto"},
		{"the certified type, in the field of receipts", testsign.Message{Kind: delivered}, pec.CheckKind, pec.Pass, true, "X-Ricevuta"},
		{"a token has no case", outsideSet(transport, "X-Trasporto", "Posta-Certificata"), pec.CheckKind, pec.Pass, true, ""},
		{"a token has no white space around it", outsideSet(delivered, "X-Ricevuta", " \r\n\t avvenuta-consegna  "), pec.CheckKind, pec.Pass, true, ""},
		{"a field's name has no case", testsign.Message{Kind: delivered, Remove: []string{"X-Ricevuta"},
			After: []testsign.Field{{Name: "x-RICEVUTA", Value: "avvenuta-consegna"}}}, pec.CheckKind, pec.Pass, true, ""},
		{"an envelope without X-Trasporto is only strange", outsideWithout(transport, "X-Trasporto"), pec.CheckKind, pec.Warn, true, "X-Trasporto"},
		{"a receipt without X-Ricevuta is only strange", outsideWithout(accepted, "X-Ricevuta"), pec.CheckKind, pec.Warn, true, "X-Ricevuta"},
		{"an empty field is as good as none", outsideSet(accepted, "X-Ricevuta", ""), pec.CheckKind, pec.Warn, true, ""},
		{"an envelope that calls itself an anomaly", outsideSet(transport, "X-Trasporto", "errore"), pec.CheckKind, pec.Fail, false, `"errore"`},
		{"non-acceptance that calls itself acceptance, a part of the word", outsideSet(refused, "X-Ricevuta", "accettazione"), pec.CheckKind, pec.Fail, false, `"accettazione"`},
		{"acceptance that calls itself non-acceptance", outsideSet(accepted, "X-Ricevuta", "non-accettazione"), pec.CheckKind, pec.Fail, false, `"non-accettazione"`},
		{"a failed delivery that calls itself delivery", outsideSet(failed, "X-Ricevuta", "avvenuta-consegna"), pec.CheckKind, pec.Fail, false, ""},
		{"a failed delivery that calls itself only late", outsideSet(failed, "X-Ricevuta", "preavviso-errore-consegna"), pec.CheckKind, pec.Fail, false, ""},
		{"a token with something behind it is another", outsideSet(delivered, "X-Ricevuta", "avvenuta-consegna; x"), pec.CheckKind, pec.Fail, false, ""},
		{"a token with white space inside is another", outsideSet(delivered, "X-Ricevuta", "avvenuta - consegna"), pec.CheckKind, pec.Fail, false, ""},
		{"an unknown token", outsideSet(delivered, "X-Ricevuta", "consegnato"), pec.CheckKind, pec.Fail, false, ""},
		{"an envelope that calls itself a receipt, too", both(transport, "X-Ricevuta", "avvenuta-consegna"), pec.CheckKind, pec.Fail, false, "avvenuta-consegna"},
		{"a receipt that calls itself an envelope, too", both(delivered, "X-Trasporto", "posta-certificata"), pec.CheckKind, pec.Fail, false, "posta-certificata"},
		{"a receipt that calls itself an anomaly, too", both(delivered, "X-Trasporto", "errore"), pec.CheckKind, pec.Fail, false, ""},
	}
}

// Only the certified type makes the kind.
func TestOutsideKindIsNeverTheHeaders(t *testing.T) {
	t.Parallel()
	mail := testsign.Message{Kind: daticert.TypeDeliveryError, Set: []testsign.Field{
		{Name: "X-Ricevuta", Value: "avvenuta-consegna"}, {Name: "Subject", Value: "CONSEGNA: tutto bene"}}}
	r := outsideVerify(t, mail.Bytes())
	require.Equal(t, pec.KindDeliveryError, r.Kind)
	require.Equal(t, []pec.CheckID{pec.CheckKind, pec.CheckSubject}, outsideFailed(r))
	require.Equal(t, "avvenuta-consegna", r.Message.Claims.Receipt, "the claim is kept beside the certified value")
}

func TestOutsideReference(t *testing.T) {
	t.Parallel()
	outsideRun(t, outsideReferenceCases())
}

func outsideReferenceCases() []outsideCase {
	const name, accepted = "X-Riferimento-Message-ID", daticert.TypeAcceptance
	const id = "20260310101412.4F2A11C08E@client.example.it"
	withID := func(certified, claimed string) testsign.Message {
		m := outsideSet(accepted, name, claimed)
		m.Data.MessageID = certified
		return m
	}
	noID := testsign.Message{Kind: accepted, EditXML: testsign.DropElement("msgid")}
	return []outsideCase{
		{"the certified id", outsideSet(accepted, name, "<"+id+">"), pec.CheckReferenceI, pec.Pass, true, ""},
		{"brackets do not count", outsideSet(accepted, name, id), pec.CheckReferenceI, pec.Pass, true, ""},
		{"nor brackets missing in daticert", withID(id, "<"+id+">"), pec.CheckReferenceI, pec.Pass, true, ""},
		{"some providers leave the XML escapes in", outsideSet(accepted, name, "&lt;"+id+"&gt;"), pec.CheckReferenceI, pec.Pass, true, ""},
		{"or escape twice inside daticert", withID("&lt;"+id+"&gt;", "<"+id+">"), pec.CheckReferenceI, pec.Pass, true, ""},
		{"a long id is folded", outsideSet(accepted, name, "\r\n\t<"+id+">"), pec.CheckReferenceI, pec.Pass, true, ""},
		{"without the field there is nothing to compare", outsideWithout(accepted, name), pec.CheckReferenceI, pec.Skip, true, ""},
		{"without a certified id there is nothing to compare", noID, pec.CheckReferenceI, pec.Skip, true, ""},
		{"another id ties the receipt to another message", outsideSet(accepted, name, "<altro@client.example.it>"), pec.CheckReferenceI, pec.Fail, false, "altro@client.example.it"},
		{"the certified id with more behind it is another", outsideSet(accepted, name, "<"+id+"> <altro@client.example.it>"), pec.CheckReferenceI, pec.Fail, false, ""},
		{"ids have case", outsideSet(accepted, name, "<"+strings.ToLower(id)+">"), pec.CheckReferenceI, pec.Fail, false, ""},
		{"on an envelope a difference fails too", outsideSet(daticert.TypeTransport, name, "<altro@client.example.it>"), pec.CheckReferenceI, pec.Fail, false, ""},
	}
}

func TestOutsideSecurityAndReceiptType(t *testing.T) {
	t.Parallel()
	outsideRun(t, outsideSecurityAndReceiptTypeCases())
}

func outsideSecurityAndReceiptTypeCases() []outsideCase {
	const transport, delivered = daticert.TypeTransport, daticert.TypeDelivery
	virus := func(kind daticert.Type, remove ...string) testsign.Message {
		return testsign.Message{Kind: kind, Data: daticert.Data{Error: daticert.ErrorVirus}, Remove: remove}
	}
	return []outsideCase{
		{"most messages say nothing of security", testsign.Message{Kind: delivered}, pec.CheckSecurity, pec.Skip, true, ""},
		{"header and certified code both say virus", virus(daticert.TypeDeliveryError), pec.CheckSecurity, pec.Pass, true, ""},
		{"a virus without the field is not held against the message", virus(daticert.TypeNonAcceptance, "X-VerificaSicurezza"), pec.CheckSecurity, pec.Skip, true, ""},
		{"the header reports what the data do not", outsideAdd(delivered, "X-VerificaSicurezza", "errore"), pec.CheckSecurity, pec.Warn, true, ""},
		{"case and white space fold", outsideSet(daticert.TypeVirusDetection, "X-VerificaSicurezza", " ERRORE "), pec.CheckSecurity, pec.Pass, true, ""},
		{"an unknown value", outsideAdd(delivered, "X-VerificaSicurezza", "tutto bene"), pec.CheckSecurity, pec.Warn, true, "tutto bene"},

		{"the certified receipt type", testsign.Message{Kind: transport}, pec.CheckReceipt, pec.Pass, true, ""},
		{"without the field nothing is compared", outsideWithout(transport, "X-TipoRicevuta"), pec.CheckReceipt, pec.Skip, true, ""},
		{"another type than the certified one", outsideSet(transport, "X-TipoRicevuta", "breve"), pec.CheckReceipt, pec.Warn, true, `"breve"`},
		{"capitals of token and name do not count", testsign.Message{Kind: transport, Remove: []string{"X-TipoRicevuta"},
			After: []testsign.Field{{Name: "X-Tiporicevuta", Value: "Completa"}}}, pec.CheckReceipt, pec.Pass, true, ""},
		{"a type that the data do not have", outsideAdd(daticert.TypeAcceptance, "X-TipoRicevuta", "breve"), pec.CheckReceipt, pec.Warn, true, ""},
	}
}

func TestOutsideReplyTo(t *testing.T) {
	t.Parallel()
	outsideRun(t, outsideReplyToCases())
}

func outsideReplyToCases() []outsideCase {
	const transport = daticert.TypeTransport
	noReply := testsign.Message{Kind: transport, EditXML: testsign.DropElement("risposte")}
	return []outsideCase{
		{"the certified address for answers", testsign.Message{Kind: transport}, pec.CheckReplyTo, pec.Pass, true, ""},
		{"capitals and a name do not count", outsideSet(transport, "Reply-To", "Mittente <MITTENTE@pec.example.it>"), pec.CheckReplyTo, pec.Pass, true, ""},
		{"without the field an answer goes to the provider", outsideWithout(transport, "Reply-To"), pec.CheckReplyTo, pec.Warn, true, outsideSender},
		{"an answer would go to a stranger", outsideSet(transport, "Reply-To", "altri@example.com"), pec.CheckReplyTo, pec.Warn, true, "altri@example.com"},
		{"an answer would go to a stranger, too", outsideSet(transport, "Reply-To", outsideSender+", altri@example.com"), pec.CheckReplyTo, pec.Warn, true, "altri@example.com"},
		{"a second field counts as well as the first", outsideAdd(transport, "Reply-To", "altri@example.com"), pec.CheckReplyTo, pec.Warn, true, "altri@example.com"},
		{"an address for answers that nobody certified", noReply, pec.CheckReplyTo, pec.Warn, true, outsideSender},
		{"on a receipt, too", outsideAdd(daticert.TypeDelivery, "Reply-To", "altri@example.com"), pec.CheckReplyTo, pec.Warn, true, "altri@example.com"},
		{"the certified address on a receipt", outsideAdd(daticert.TypeDelivery, "Reply-To", outsideSender), pec.CheckReplyTo, pec.Pass, true, ""},
	}
}

func TestOutsideRecipients(t *testing.T) {
	t.Parallel()
	outsideRun(t, outsideRecipientsCases())
}

func outsideRecipientsCases() []outsideCase {
	const transport, delivered = daticert.TypeTransport, daticert.TypeDelivery
	three := []daticert.Recipient{{Type: "certificato", Address: "uno@pec.example.com"}, {Type: "certificato", Address: "due@pec.example.com"}, {Type: "esterno", Address: "tre@example.net"}}
	addressed := func(to string, cc ...string) testsign.Message {
		m := outsideSet(transport, "To", to)
		m.Data.Recipients = three
		for _, c := range cc {
			m.After = append(m.After, testsign.Field{Name: "Cc", Value: c})
		}
		return m
	}
	return []outsideCase{
		{"the certified recipients", addressed("uno@pec.example.com, due@pec.example.com, tre@example.net"), pec.CheckRecipients, pec.Pass, true, ""},
		{"order, capitals, names and the field they stand in do not count", addressed("Tre <TRE@example.net>", `"Due" <due@pec.example.com>`, "uno@pec.example.com"), pec.CheckRecipients, pec.Pass, true, ""},
		{"one twice is one", addressed("uno@pec.example.com, due@pec.example.com, tre@example.net, uno@pec.example.com"), pec.CheckRecipients, pec.Pass, true, ""},
		{"one less", addressed("uno@pec.example.com, due@pec.example.com"), pec.CheckRecipients, pec.Warn, true, "tre@example.net"},
		{"one more", addressed("uno@pec.example.com, due@pec.example.com, tre@example.net, altri@example.com"), pec.CheckRecipients, pec.Warn, true, "altri@example.com"},
		{"another one", outsideSet(transport, "To", "altri@example.com"), pec.CheckRecipients, pec.Warn, true, "altri@example.com"},
		{"no To and no Cc", outsideWithout(transport, "To"), pec.CheckRecipients, pec.Skip, true, ""},
		{"a receipt goes to the sender", testsign.Message{Kind: delivered}, pec.CheckRecipients, pec.Pass, true, ""},
		{"a receipt that goes to somebody else", outsideSet(delivered, "To", "altri@example.com"), pec.CheckRecipients, pec.Warn, true, "altri@example.com"},
		{"taking in charge goes to a service mailbox", testsign.Message{Kind: daticert.TypeTakingInCharge}, pec.CheckRecipients, pec.Skip, true, ""},
		{"so does virus detection", testsign.Message{Kind: daticert.TypeVirusDetection}, pec.CheckRecipients, pec.Skip, true, ""},
	}
}

func TestOutsideDateIDAndSender(t *testing.T) {
	t.Parallel()
	outsideRun(t, outsideDateIDAndSenderCases())
}

func outsideDateIDAndSenderCases() []outsideCase {
	const transport, delivered = daticert.TypeTransport, daticert.TypeDelivery
	return []outsideCase{
		{"the certified time in another zone", outsideSet(transport, "Date", "Tue, 10 Mar 2026 09:15:30 +0000"), pec.CheckDate, pec.Pass, true, ""},
		{"ten minutes are no difference", outsideSet(transport, "Date", "Tue, 10 Mar 2026 10:25:30 +0100"), pec.CheckDate, pec.Pass, true, ""},
		{"ten minutes and a second are", outsideSet(transport, "Date", "Tue, 10 Mar 2026 10:25:31 +0100"), pec.CheckDate, pec.Warn, true, "10:25:31"},
		{"to both sides", outsideSet(delivered, "Date", "Tue, 10 Mar 2026 10:05:29 +0100"), pec.CheckDate, pec.Warn, true, "10:05:29"},
		{"no Date", outsideWithout(transport, "Date"), pec.CheckDate, pec.Skip, true, ""},
		{"a Date that says nothing", outsideSet(transport, "Date", "ieri"), pec.CheckDate, pec.Skip, true, ""},

		{"the certified identifier", testsign.Message{Kind: transport}, pec.CheckMessageID, pec.Pass, true, ""},
		{"another Message-ID", outsideSet(transport, "Message-ID", "<altro@example.com>"), pec.CheckMessageID, pec.Warn, true, "altro@example.com"},
		{"no Message-ID", outsideWithout(transport, "Message-ID"), pec.CheckMessageID, pec.Skip, true, ""},
		{"receipts have one of their own", outsideSet(delivered, "Message-ID", "<altro@example.com>"), pec.CheckMessageID, pec.Skip, true, ""},

		{"most mails have no Sender", testsign.Message{Kind: transport}, pec.CheckSender, pec.Skip, true, ""},
		{"the signer as Sender", outsideAdd(transport, "Sender", outsideService), pec.CheckSender, pec.Pass, true, ""},
		{"a mailing list as Sender", outsideAdd(transport, "Sender", "lista-bounces@example.org"), pec.CheckSender, pec.Warn, true, "lista-bounces@example.org"},
	}
}

// What may change on the way and must not cost anything.
func TestOutsideHarmlessChanges(t *testing.T) {
	t.Parallel()
	field := func(name, value string) testsign.Field { return testsign.Field{Name: name, Value: value} }
	const transport = daticert.TypeTransport
	reversed := testsign.Message{Kind: transport, Finish: func(mail []byte) []byte {
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
	}}
	refolded := testsign.Message{Kind: transport, Set: []testsign.Field{
		field("From", "\"Per conto\r\n di:\r\n mittente@pec.example.it\"\r\n <"+outsideService+">"),
		field("X-Trasporto", "\r\n posta-certificata"),
		field("X-Riferimento-Message-ID", "\r\n\t<20260310101412.4F2A11C08E@client.example.it>"),
	}}
	for _, c := range []struct {
		reason string
		mail   testsign.Message
	}{
		{"mail servers put Received and Return-Path in front", testsign.Message{Kind: transport, Before: []testsign.Field{
			field("Return-Path", "<altri@example.com>"), field("Received", "from a.example.org by b.example.org; Tue, 10 Mar 2026 10:16:00 +0100")}}},
		{"lists and filters add fields", testsign.Message{Kind: transport, After: []testsign.Field{
			field("List-Id", "<lista.example.org>"), field("List-Post", "<mailto:lista@example.org>"), field("X-Spam-Status", "No, score=-1"),
			field("DKIM-Signature", "v=1; d=example.org; b=AAAA"), field("ARC-Seal", "i=1"), field("X-Qualsiasi", "sì")}}},
		{"headers are sorted by some archives", reversed},
		{"headers are folded again", refolded},
		{"a field that only looks like one that decides", testsign.Message{Kind: transport, After: []testsign.Field{
			field("X-Ricevuta-Altro", "avvenuta-consegna"), field("From-Old", "altri@example.com")}}},
		{"another text form of the same time", outsideSet(transport, "Date", "10 Mar 2026 09:15:30 GMT")},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			r := outsideVerify(t, c.mail.Bytes())
			require.True(t, r.Certified, "%v", outsideFailed(r))
			require.Empty(t, outsideWarned(r), "%v", r.Warnings())
		})
	}
}
