package main

import (
	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
)

// kinds are good messages of every kind that RFC 6109 has, and the mail that is
// none of them.
func kinds(s *set) {
	recipients := func(list ...daticert.Recipient) func(*testsign.Message) {
		return func(m *testsign.Message) { m.Data.Recipients = list }
	}
	external := daticert.Recipient{Type: daticert.RecipientExternal, Address: "info@example.com"}
	certifiedOne := daticert.Recipient{Type: daticert.RecipientCertified, Address: recipient}
	receipt := func(t daticert.ReceiptType) func(*testsign.Message) {
		return func(m *testsign.Message) { m.Data.Receipt = t }
	}
	virusFound := func(m *testsign.Message) { m.Data.Error = daticert.ErrorVirus }

	s.add("kind-transport", "Normal", "A transport envelope proves that the sender's provider sent the message that is in it.", s.message(transport), authentic(transport).
		data("tipo", "posta-certificata").data("mittente", sender).data("identificativo", exampleID).data("msgid", exampleMessageID).data("ricevuta", "completa"))
	s.add("kind-transport-external", "Normal", "An envelope is sent to recipients of type esterno, too.", s.the(transport, recipients(external)), authentic(transport))
	s.add("kind-transport-several", "Normal", "Several recipients, certified and external, in the order of the certification data.",
		s.the(transport, recipients(certifiedOne, daticert.Recipient{Type: daticert.RecipientCertified, Address: "protocollo@pec.example.com"}, external)), authentic(transport).
			data("destinatari", []any{
				map[string]any{"tipo": "certificato", "indirizzo": recipient},
				map[string]any{"tipo": "certificato", "indirizzo": "protocollo@pec.example.com"},
				map[string]any{"tipo": "esterno", "indirizzo": "info@example.com"}}))
	s.add("kind-acceptance", "Normal", "An acceptance proves that the sender's provider took the message.", s.message(acceptance), authentic(acceptance))
	s.add("kind-acceptance-html", "Normal", "The text of a receipt comes as multipart/alternative from most providers.", s.the(acceptance, func(m *testsign.Message) { m.TextOnly = false }), authentic(acceptance))
	s.add("kind-non-acceptance", "Normal", "A notice of non-acceptance is authentic and proves that the message was refused.", s.message(nonAcceptance), authentic(nonAcceptance))
	s.add("kind-non-acceptance-virus", "Normal", "Refused because of a virus: another subject and X-VerificaSicurezza, the same outcome.", s.the(nonAcceptance, virusFound), authentic(nonAcceptance).data("errore", "virus"))
	s.add("kind-taking-in-charge", "Normal", "The recipient's provider took the message; this notice goes to the other provider's service mailbox.", s.message(takenInCharge), authentic(takenInCharge).data("ricezione", []any{recipient}))
	s.add("kind-delivery-complete", "Normal", "A complete delivery receipt proves delivery and encloses what was delivered.", s.message(delivery), authentic(delivery).data("consegna", recipient).data("ricevuta", "completa"))
	s.add("kind-delivery-brief", "Normal", "A brief delivery receipt has hashes in place of the attachments.", s.the(delivery, receipt(daticert.ReceiptBrief)), authentic(delivery).data("ricevuta", "breve"))
	s.add("kind-delivery-concise", "Normal", "A concise delivery receipt encloses nothing.", s.the(delivery, receipt(daticert.ReceiptConcise)), authentic(delivery).data("ricevuta", "sintetica"))
	s.add("kind-delivery-error", "Normal", "A delivery error is authentic and proves that the message was not delivered.", s.message(deliveryError), authentic(deliveryError).data("errore", "no-dest").data("consegna", recipient))
	s.add("kind-delivery-error-domain", "Normal", "The same for a domain that does not exist.", s.the(deliveryError, func(m *testsign.Message) {
		m.Data.Error, m.Data.ErrorExtended = daticert.ErrorDomain, "5.1.2 - Gestore Due di prova S.p.A. - dominio inesistente"
	}), authentic(deliveryError).data("errore", "no-dominio"))
	s.add("kind-delivery-error-virus", "Normal", "Not delivered because of a virus.", s.the(deliveryError, virusFound), authentic(deliveryError).data("errore", "virus"))
	s.add("kind-virus-detection", "Normal", "The recipient's provider tells the sender's that it stopped the message.", s.message(virus), authentic(virus))
	s.add("kind-anomaly", "NotPEC", "An anomaly envelope is authentic and certifies nothing: the mail in it came from outside.", s.message(anomaly), uncertified(anomaly))
	s.add("kind-ordinary", "NotPEC", "Ordinary mail has no signature, so there is nothing to judge.", raw(plain(asciiSubject)), unsigned())
	s.add("kind-unknown-signed-mail", "NotPEC", "A provider may sign other mail; without certification data it is no PEC message.", s.the(acceptance, func(m *testsign.Message) {
		m.NoXML, m.Remove = true, []string{"X-Ricevuta", "X-Riferimento-Message-ID"}
	}), uncertified(unknown).warns(certificationThere))
	unknownType := func(t daticert.Type) testsign.Message {
		return s.the(acceptance, func(m *testsign.Message) { m.Data.Type = t })
	}
	s.add("kind-unknown-type", "NotPEC CertificationData", "What a type means that the norm does not have, nobody has said.", unknownType("consegnato"),
		refused(unknown, sigConstraints, "daticert.syntax", "header.kind", "header.subject").warns("daticert.norm").data("tipo", "consegnato"))
	s.add("kind-unknown-type-capitals", "NotPEC CertificationData", "Tokens of the signed data are exact: a type in capitals is unknown.", unknownType("ACCETTAZIONE"),
		refused(unknown, sigConstraints, "daticert.syntax", "header.kind", "header.subject").warns("daticert.norm").data("tipo", "ACCETTAZIONE"))
	s.add("kind-delivery-without-original", "ProviderHabit", "Some providers leave postacert.eml out for recipients in Cc: delivery is proved, what was delivered is not in it.", s.the(delivery, func(m *testsign.Message) { m.NoOriginal = true }),
		authentic(delivery).warns("original.present"))
	s.add("kind-transport-without-original", "ProviderHabit", "An envelope that lost its message still proves that it was sent, and the report says so.", s.the(transport, func(m *testsign.Message) { m.NoOriginal = true }),
		authentic(transport).warns("original.present"))
	s.add("kind-delivery-with-error-code", "ProviderHabit", "The type says delivered and the error code does not fit: somebody has to look.", s.the(delivery, func(m *testsign.Message) { m.Data.Error = daticert.ErrorOther }),
		authentic(delivery).warns("daticert.error").data("errore", "altro"))
	s.add("kind-delivery-error-other", "ProviderHabit", "One provider writes errore=\"altro\" with the reason in errore-esteso only.", s.the(deliveryError, func(m *testsign.Message) { m.Data.Error = daticert.ErrorOther }),
		authentic(deliveryError).data("errore", "altro").data("erroreEsteso", "5.1.1 - Gestore Due di prova S.p.A. - indirizzo non valido"))
}

// timeouts are the notices at 12 and at 24 hours.
func timeouts(s *set) {
	words := func(text string) string {
		return "Avviso di mancata consegna\n\nIl messaggio \"Oggetto\" proveniente da \"" + sender + "\"\ned indirizzato a \"" + recipient + "\"\n" + text + "\n"
	}
	const nothing = "non è stato consegnato per superamento del tempo massimo"
	const vague = "tempo massimo"
	notice := func(detail, text string) testsign.Message {
		return s.the(timeout, func(m *testsign.Message) { m.Data.ErrorExtended, m.Text = detail, text })
	}
	late, over := authentic(timeout).proves("late"), authentic(timeout).proves("expired")
	undetermined := authentic(timeout).proves("late-or-expired").warns("daticert.timeout")
	s.add("timeout-12h", "Normal Timeout", "The notice at 12 hours, in the words of the norm: the message may still arrive.", s.message(timeout), late)
	s.add("timeout-24h", "Normal Timeout", "The notice at 24 hours: it will not.", s.the(timeout, func(m *testsign.Message) { m.Final = true }), over)
	s.add("timeout-24h-by-code", "Timeout", "Code 5.4.1 of AgID's note is the notice at 24 hours.", notice("5.4.1 - Gestore Uno di prova S.p.A. - tempo massimo", words(nothing)), over)
	s.add("timeout-24h-code-before-text", "Timeout", "The code decides before the words.", notice("5.4.1 - Gestore Uno di prova S.p.A. - tempo massimo", words("non è stato consegnato nelle prime dodici ore dal suo invio.")), over)
	s.add("timeout-24h-by-text", "Timeout", "Without a code the provider's words tell.", notice(vague, words("non è stato consegnato nelle ventiquattro ore successive al suo invio.")), over)
	s.add("timeout-24h-by-text-figures", "Timeout", "The number may be written in figures.", notice(vague, words("non è stato consegnato nelle 24 ore successive al suo invio.")), over)
	s.add("timeout-12h-by-text", "Timeout", "Without a code the provider's words tell, over a line end too.", notice(vague, words("non è stato consegnato nelle prime dodici\nore dal suo invio.")), late)
	s.add("timeout-12h-by-detail", "Timeout", "errore-esteso is the provider's own words, too.", notice("non consegnato nelle prime dodici ore", words(nothing)), late)
	s.add("timeout-undetermined", "Timeout", "Nothing tells: the report says late or expired, and not one of them.", notice(vague, words(nothing)), undetermined)
	s.add("timeout-other-code", "Timeout", "Code 5.4.12 is not 5.4.1.", notice("5.4.12 - Gestore Uno di prova S.p.A. - tempo massimo", words(nothing)), undetermined)
	s.add("timeout-both-numbers", "Timeout", "Words with both numbers tell nothing.", notice(vague, words("non è stato consegnato in 12 ore; il limite è di 24 ore")), undetermined)
	s.add("timeout-no-text", "Timeout", "Without text and without a code nothing tells.", s.the(timeout, func(m *testsign.Message) { m.Data.ErrorExtended, m.NoText = vague, true }), undetermined)
	s.add("timeout-number-in-subject", "Timeout", "A number of hours in the subject is the sender's, not the provider's.", s.the(timeout, func(m *testsign.Message) {
		m.Data.Subject, m.Data.ErrorExtended = "Risposta entro 24 ore", vague
		m.Text = "Il messaggio \"Risposta entro 24 ore\" indirizzato a \"" + recipient + "\"\n" + nothing + "\n"
	}), undetermined)
	s.add("timeout-number-in-address", "Timeout", "A number of hours in an address is not the provider's, either.", s.the(timeout, func(m *testsign.Message) {
		m.Data.Sender, m.Data.ErrorExtended, m.Text = "servizio.24ore@pec.example.it", vague, words(nothing)
	}), undetermined)
}
