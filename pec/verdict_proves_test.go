package pec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
)

// What an authentic message of each kind proves, and the first line for a
// person, which must say the outcome and not only "authentic".
func TestVerdictProves(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, reason string
		message      testsign.Message
		kind         pec.Kind
		proves       pec.Proof
		italian      string
		warned       []pec.CheckID
	}{
		{name: "posta-certificata", reason: "the provider sent it", message: testsign.Message{Kind: daticert.TypeTransport}, kind: pec.KindTransport, proves: pec.ProvesSent, italian: "autentica: INVIATO"},
		{
			name: "posta-certificata to an ordinary mailbox", reason: "it is sent to recipients of type esterno too",
			message: testsign.Message{Kind: daticert.TypeTransport, Data: daticert.Data{Recipients: []daticert.Recipient{{Type: daticert.RecipientExternal, Address: "info@example.com"}}}},
			kind:    pec.KindTransport, proves: pec.ProvesSent, italian: "autentica: INVIATO",
		},
		{name: "accettazione", reason: "the sender's provider took it", message: testsign.Message{Kind: daticert.TypeAcceptance}, kind: pec.KindAcceptance, proves: pec.ProvesAccepted, italian: "autentica: ACCETTATO"},
		{name: "non-accettazione", reason: "the sender's provider refused it", message: testsign.Message{Kind: daticert.TypeNonAcceptance}, kind: pec.KindNonAcceptance, proves: pec.ProvesRefused, italian: "autentica: NON accettato"},
		{
			name: "non-accettazione for virus", reason: "it is refused, whatever the cause",
			message: testsign.Message{Kind: daticert.TypeNonAcceptance, Data: daticert.Data{Error: daticert.ErrorVirus}},
			kind:    pec.KindNonAcceptance, proves: pec.ProvesRefused, italian: "autentica: NON accettato",
		},
		{name: "presa-in-carico", reason: "the recipient's provider took it", message: testsign.Message{Kind: daticert.TypeTakingInCharge}, kind: pec.KindTakingInCharge, proves: pec.ProvesTaken, italian: "autentica: PRESO IN CARICO"},
		{name: "avvenuta-consegna", reason: "it is in the recipient's mailbox", message: testsign.Message{Kind: daticert.TypeDelivery}, kind: pec.KindDelivery, proves: pec.ProvesDelivered, italian: "autentica: CONSEGNATO"},
		{
			name: "avvenuta-consegna breve", reason: "the type of receipt does not change what happened",
			message: testsign.Message{Kind: daticert.TypeDelivery, Data: daticert.Data{Receipt: daticert.ReceiptBrief}},
			kind:    pec.KindDelivery, proves: pec.ProvesDelivered, italian: "autentica: CONSEGNATO",
		},
		{
			name: "avvenuta-consegna sintetica", reason: "the type of receipt does not change what happened",
			message: testsign.Message{Kind: daticert.TypeDelivery, Data: daticert.Data{Receipt: daticert.ReceiptConcise}},
			kind:    pec.KindDelivery, proves: pec.ProvesDelivered, italian: "autentica: CONSEGNATO",
		},
		{
			name: "avvenuta-consegna without postacert.eml", reason: "delivery is proved, what was delivered is not in it",
			message: testsign.Message{Kind: daticert.TypeDelivery, NoOriginal: true},
			kind:    pec.KindDelivery, proves: pec.ProvesDelivered, italian: "autentica: CONSEGNATO", warned: verdictIDs(pec.CheckOriginal),
		},
		{
			name: "avvenuta-consegna with errore=altro", reason: "the type says delivered, the code does not fit: somebody has to look",
			message: testsign.Message{Kind: daticert.TypeDelivery, Data: daticert.Data{Error: daticert.ErrorOther}},
			kind:    pec.KindDelivery, proves: pec.ProvesDelivered, italian: "autentica: CONSEGNATO", warned: verdictIDs(pec.CheckError),
		},
		{name: "errore-consegna", reason: "it is not in the mailbox", message: testsign.Message{Kind: daticert.TypeDeliveryError}, kind: pec.KindDeliveryError, proves: pec.ProvesNotDelivered, italian: "autentica: NON consegnato"},
		{name: "rilevazione-virus", reason: "it was stopped", message: testsign.Message{Kind: daticert.TypeVirusDetection}, kind: pec.KindVirusDetection, proves: pec.ProvesVirus, italian: "autentica: FERMATO"},
		{name: "anomalia", reason: "an envelope around mail that nobody certified", message: testsign.Message{Kind: testsign.Anomaly}, kind: pec.KindAnomaly},
		{
			name: "ordinaria", reason: "no signature",
			message: testsign.Message{Kind: daticert.TypeDelivery, NoSignature: true}, kind: pec.KindOrdinary,
		},
		{
			name: "sconosciuta", reason: "signed by a provider, but without certification data",
			message: testsign.Message{Kind: daticert.TypeAcceptance, NoXML: true, Remove: []string{"X-Ricevuta"}}, kind: pec.KindUnknown,
		},
		{
			name: "sconosciuta, a type that the norm does not have", reason: "what it would mean nobody has said",
			message: testsign.Message{Kind: daticert.TypeAcceptance, Data: daticert.Data{Type: "consegnato"}}, kind: pec.KindUnknown,
		},
		{
			name: "sconosciuta, a type in capitals", reason: "tokens of the signed data are exact",
			message: testsign.Message{Kind: daticert.TypeAcceptance, Data: daticert.Data{Type: "ACCETTAZIONE"}}, kind: pec.KindUnknown,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := verdictOf(t, c.message.Bytes(), verdictOptions())
			require.Equal(t, c.kind, r.Kind, c.reason)
			require.Subset(t, verdictWarned(r), c.warned, c.reason)
			if c.proves == "" {
				require.False(t, r.Certified, c.reason)
				require.Equal(t, pec.ProvesNothing, r.Proves, c.reason)
				require.NotContains(t, r.Outcome(pec.Italian), "autentica: ")
				require.NotContains(t, r.Outcome(pec.English), "authentic: ")
				return
			}
			require.True(t, r.Certified, "%s: %+v", c.reason, r.Failures())
			require.Equal(t, c.proves, r.Proves, c.reason)
			require.Contains(t, r.Outcome(pec.Italian), c.italian)
			if c.warned == nil {
				require.Equal(t, pec.Pass, r.Check(pec.CheckError).Status)
			}
		})
	}
}

// The two notices for lapse of time have one type, one header and one subject.
// Only what the provider itself wrote may tell them apart.
func TestVerdictTimeout(t *testing.T) {
	t.Parallel()
	const recipient = "destinatario@pec.example.com"
	words := func(s string) string {
		return "Avviso di mancata consegna\n\nIl messaggio \"Oggetto\" proveniente da \"mittente@pec.example.it\"\ned indirizzato a \"" + recipient + "\"\n" + s + "\n"
	}
	const nothing = "non è stato consegnato per superamento del tempo massimo"
	detail := func(s string) daticert.Data { return daticert.Data{ErrorExtended: s} }
	for _, c := range []struct {
		name, reason string
		message      testsign.Message
		proves       pec.Proof
	}{
		{"code 5.4.1", "AgID's note: 24 hours", testsign.Message{Data: detail("5.4.1 - Gestore Uno - tempo massimo"), Text: words(nothing)}, pec.ProvesExpired},
		{"code 5.4.1, text of 12 hours", "the code decides before the words", testsign.Message{Data: detail("5.4.1 - Gestore Uno - tempo massimo"), Text: words("non è stato consegnato nelle prime dodici ore dal suo invio.")}, pec.ProvesExpired},
		{"words of 24 hours", "the provider's own words", testsign.Message{Data: detail("tempo massimo"), Text: words("non è stato consegnato nelle ventiquattro ore successive al suo invio.")}, pec.ProvesExpired},
		{"words of 24 hours in figures", "the provider's own words", testsign.Message{Data: detail("tempo massimo"), Text: words("non è stato consegnato nelle 24 ore successive al suo invio.")}, pec.ProvesExpired},
		{"words of 12 hours", "the provider's own words", testsign.Message{Data: detail("tempo massimo"), Text: words("non è stato consegnato nelle prime 12 ore dal suo invio.")}, pec.ProvesLate},
		{"words of 12 hours over a line end", "the text is folded", testsign.Message{Data: detail("tempo massimo"), Text: words("non è stato consegnato nelle prime dodici\nore dal suo invio.")}, pec.ProvesLate},
		{"detail of 12 hours", "errore-esteso is the provider's too", testsign.Message{Data: detail("non consegnato nelle prime dodici ore"), Text: words(nothing)}, pec.ProvesLate},
		{"detail of 24 hours", "errore-esteso is the provider's too", testsign.Message{Data: detail("non consegnato nelle ventiquattro ore"), Text: words(nothing)}, pec.ProvesExpired},
		{"the model at 12 hours", "RFC 6109 §3.1.6", testsign.Message{}, pec.ProvesLate},
		{"the model at 24 hours", "RFC 6109 §3.1.6", testsign.Message{Final: true}, pec.ProvesExpired},
		{"nothing tells", "late or expired: the difference is whether delivery may still come", testsign.Message{Data: detail("tempo massimo"), Text: words(nothing)}, pec.ProvesLateOrExpired},
		{"both numbers", "words that say both tell nothing", testsign.Message{Data: detail("tempo massimo"), Text: words("non è stato consegnato in 12 ore; il limite è di 24 ore")}, pec.ProvesLateOrExpired},
		{"no text", "nothing to go by", testsign.Message{Data: detail("tempo massimo"), NoText: true}, pec.ProvesLateOrExpired},
		{"another code", "5.4.12 is not 5.4.1", testsign.Message{Data: detail("5.4.12 - Gestore Uno - tempo massimo"), Text: words(nothing)}, pec.ProvesLateOrExpired},
		{
			"24 ore in the subject", "the sender wrote that, not the provider",
			testsign.Message{Data: daticert.Data{Subject: "Risposta entro 24 ore", ErrorExtended: "tempo massimo"}}, pec.ProvesLate,
		},
		{
			"24 ore in the subject, nothing else", "the sender wrote that, not the provider",
			testsign.Message{
				Data: daticert.Data{Subject: "Risposta entro 24 ore", ErrorExtended: "tempo massimo"},
				Text: "Il messaggio \"Risposta entro 24 ore\" indirizzato a \"" + recipient + "\"\n" + nothing + "\n",
			}, pec.ProvesLateOrExpired,
		},
		{
			"24 ore in the subject, recipient not in the text", "the subject is taken out of the text",
			testsign.Message{
				Data: daticert.Data{Subject: "Risposta entro 24 ore", ErrorExtended: "tempo massimo"},
				Text: "Il messaggio \"Risposta entro 24 ore\"\n" + nothing + "\n",
			}, pec.ProvesLateOrExpired,
		},
		{
			"24 ore in the subject, cut in the text", "a subject that cannot be found cannot be taken out, so that the text tells nothing",
			testsign.Message{
				Data: daticert.Data{Subject: "Risposta entro 24 ore dalla notifica", ErrorExtended: "tempo massimo"},
				Text: "Il messaggio \"Risposta entro 24 ore dal...\"\n" + nothing + "\n",
			}, pec.ProvesLateOrExpired,
		},
		{
			"24 ore in the sender's address", "anybody can have such a mailbox",
			testsign.Message{
				Data: daticert.Data{Sender: "servizio.24ore@pec.example.it", ErrorExtended: "tempo massimo"},
				Text: words(nothing),
			}, pec.ProvesLateOrExpired,
		},
		{
			"24 ore in the recipient's address", "anybody can have such a mailbox",
			testsign.Message{Data: daticert.Data{
				Recipients: []daticert.Recipient{{Type: daticert.RecipientCertified, Address: "assistenza-24 ore@pec.example.com"}}, ErrorExtended: "tempo massimo",
			}}, pec.ProvesLate,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.message.Kind = daticert.TypeTimeout
			r := verdictOf(t, c.message.Bytes(), verdictOptions())
			require.True(t, r.Certified, "%s: %+v", c.reason, r.Failures())
			require.Equal(t, c.proves, r.Proves, "%s: %s", c.reason, r.Check(pec.CheckTimeout).Detail(pec.English))
			want := pec.Pass
			if c.proves == pec.ProvesLateOrExpired {
				want = pec.Warn
			}
			require.Equal(t, want, r.Check(pec.CheckTimeout).Status, "the report says by which rule")
		})
	}
}
