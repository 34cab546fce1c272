package pec_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
)

// outsideSubject is a message with a certified subject and another in its
// header.
func outsideSubject(kind daticert.Type, certified, shown string) testsign.Message {
	m := outsideSet(kind, "Subject", shown)
	m.Data.Subject = certified
	return m
}

// Subject is what a person reads first: one that presents the message as
// another kind takes certified away, and nothing else in it does.
func TestOutsideSubject(t *testing.T) {
	t.Parallel()
	outsideRun(t, outsideSubjectCases())
}

func outsideSubjectCases() []outsideCase {
	const (
		transport, accepted, refused = daticert.TypeTransport, daticert.TypeAcceptance, daticert.TypeNonAcceptance
		delivered, failed, timeout   = daticert.TypeDelivery, daticert.TypeDeliveryError, daticert.TypeTimeout
		certified                    = "Verbale della seduta"
	)
	subject := func(kind daticert.Type, shown string) testsign.Message { return outsideSubject(kind, certified, shown) }
	virus := func(kind daticert.Type, shown string) testsign.Message {
		m := subject(kind, shown)
		m.Data.Error = daticert.ErrorVirus
		return m
	}
	return []outsideCase{
		{"the prefix of its kind and the certified subject", subject(failed, "AVVISO DI MANCATA CONSEGNA: "+certified), pec.CheckSubject, pec.Pass, true, ""},
		{"no Subject", outsideWithout(delivered, "Subject"), pec.CheckSubject, pec.Warn, true, ""},
		{"an empty Subject", subject(delivered, ""), pec.CheckSubject, pec.Warn, true, ""},
		{"no prefix at all is the certified subject all the same", subject(delivered, certified), pec.CheckSubject, pec.Pass, true, ""},
		{"another text with the right prefix", subject(delivered, "CONSEGNA: altro"), pec.CheckSubject, pec.Warn, true, "altro"},
		{"another text without prefix", subject(delivered, "altro"), pec.CheckSubject, pec.Warn, true, ""},
		{"a failed delivery that presents itself as delivery", subject(failed, "CONSEGNA: "+certified), pec.CheckSubject, pec.Fail, false, "CONSEGNA"},
		{"in lower case, too", subject(failed, "Consegna: "+certified), pec.CheckSubject, pec.Fail, false, "Consegna"},
		{"in lower case beside a letter whose capital is shorter", subject(failed, "consegna: "+certified+" ı"), pec.CheckSubject, pec.Fail, false, ""},
		{"hidden in an encoded word, too", subject(failed, "=?utf-8?B?Q09OU0VHTkE6IFZlcmJhbGU=?="), pec.CheckSubject, pec.Fail, false, ""},
		{"cut in two encoded words, too", subject(failed, "=?utf-8?q?CONSE?= =?utf-8?q?GNA=3A_Verbale?="), pec.CheckSubject, pec.Fail, false, ""},
		{"behind another word, too", subject(failed, "Re: CONSEGNA: "+certified), pec.CheckSubject, pec.Fail, false, ""},
		{"behind a sign, too", subject(failed, "*CONSEGNA: "+certified), pec.CheckSubject, pec.Fail, false, ""},
		{"with a blank before the colon, too", subject(failed, "CONSEGNA : "+certified), pec.CheckSubject, pec.Fail, false, ""},
		{"with a Cyrillic letter, too", subject(failed, "=?utf-8?q?=D0=A1ONSEGNA=3A_Verbale?="), pec.CheckSubject, pec.Fail, false, ""},
		{"with a fullwidth colon, too", subject(failed, "=?utf-8?q?CONSEGNA=EF=BC=9A_Verbale?="), pec.CheckSubject, pec.Fail, false, ""},
		{"with a zero-width mark inside, too", subject(failed, "=?utf-8?q?CONS=E2=80=8BEGNA=3A_Verbale?="), pec.CheckSubject, pec.Fail, false, ""},
		{"in a second Subject, which some programs show, too", outsideAdd(failed, "Subject", "CONSEGNA: "+certified), pec.CheckSubject, pec.Fail, false, ""},
		{"a second Subject of other words", outsideAdd(failed, "Subject", "AVVISO DI MANCATA CONSEGNA: altro"), pec.CheckSubject, pec.Warn, true, "altro"},
		{"an envelope that presents itself as acceptance", subject(transport, "ACCETTAZIONE: "+certified), pec.CheckSubject, pec.Fail, false, ""},
		{"an envelope that presents itself as an anomaly", subject(transport, "ANOMALIA MESSAGGIO: "+certified), pec.CheckSubject, pec.Fail, false, ""},
		{"refusal that presents itself as acceptance", subject(refused, "ACCETTAZIONE: "+certified), pec.CheckSubject, pec.Fail, false, ""},
		{"the prefix of refusal holds that of acceptance and is not it", subject(refused, "AVVISO DI NON ACCETTAZIONE: "+certified), pec.CheckSubject, pec.Pass, true, ""},
		{"acceptance that presents itself as refusal", subject(accepted, "AVVISO DI NON ACCETTAZIONE: "+certified), pec.CheckSubject, pec.Fail, false, "NON ACCETTAZIONE"},
		{"the prefix of a failed delivery holds that of delivery and is not it", subject(delivered, "AVVISO DI MANCATA CONSEGNA: "+certified), pec.CheckSubject, pec.Fail, false, "MANCATA CONSEGNA"},
		{"a notice of time that presents itself as a failed delivery", subject(timeout, "AVVISO DI MANCATA CONSEGNA: "+certified), pec.CheckSubject, pec.Fail, false, ""},
		{"a notice of time with its own prefix", subject(timeout, "AVVISO DI MANCATA CONSEGNA PER SUP. TEMPO MASSIMO: "+certified), pec.CheckSubject, pec.Pass, true, ""},
		{"RFC 6109 prints it with two blanks", subject(timeout, "AVVISO DI MANCATA CONSEGNA PER SUP.  TEMPO MASSIMO: "+certified), pec.CheckSubject, pec.Pass, true, ""},
		{"the virus variant of a failed delivery", virus(failed, "AVVISO DI MANCATA CONSEGNA PER VIRUS: "+certified), pec.CheckSubject, pec.Pass, true, ""},
		{"the virus variant of refusal", virus(refused, "AVVISO DI NON ACCETTAZIONE PER VIRUS: "+certified), pec.CheckSubject, pec.Pass, true, ""},
		{"own and another's prefix, own first", subject(delivered, "CONSEGNA: ACCETTAZIONE: "+certified), pec.CheckSubject, pec.Warn, true, ""},
		{"own and another's prefix, own last", subject(delivered, "ACCETTAZIONE: CONSEGNA: "+certified), pec.CheckSubject, pec.Warn, true, ""},
		{"a prefix in the subject that the user wrote", outsideSubject(transport, "CONSEGNA: pacco", "POSTA CERTIFICATA: CONSEGNA: pacco"), pec.CheckSubject, pec.Pass, true, ""},
		{"a forwarded envelope", outsideSubject(transport, "POSTA CERTIFICATA: "+certified, "POSTA CERTIFICATA: POSTA CERTIFICATA: "+certified), pec.CheckSubject, pec.Pass, true, ""},
		{"a word that ends like a prefix", outsideSubject(transport, "RICONSEGNA: pacco", "RICONSEGNA: pacco"), pec.CheckSubject, pec.Pass, true, ""},
		{"a word that begins like a prefix", outsideSubject(transport, "CONSEGNA del pacco", "CONSEGNA del pacco"), pec.CheckSubject, pec.Pass, true, ""},
		{"a list's tag before the prefix", subject(transport, "[lista] POSTA CERTIFICATA: "+certified), pec.CheckSubject, pec.Pass, true, ""},
		{"a filter's tag behind the prefix", subject(transport, "POSTA CERTIFICATA: [SPAM] "+certified), pec.CheckSubject, pec.Pass, true, ""},
		{"two tags", subject(transport, "[SPAM] [lista] POSTA CERTIFICATA: "+certified), pec.CheckSubject, pec.Pass, true, ""},
		{"a tag that the user wrote", outsideSubject(transport, "[URGENTE] Verbale", "POSTA CERTIFICATA: [URGENTE] Verbale"), pec.CheckSubject, pec.Pass, true, ""},
		{"white space is folded", subject(transport, "POSTA CERTIFICATA:  Verbale\r\n   della\tseduta "), pec.CheckSubject, pec.Pass, true, ""},
		{"an answer to the message", subject(transport, "R: POSTA CERTIFICATA: "+certified), pec.CheckSubject, pec.Warn, true, ""},
	}
}

// A prefix of each kind, on each other kind.
func TestOutsideSubjectOfEveryOtherKind(t *testing.T) {
	t.Parallel()
	prefixes := map[daticert.Type]string{
		daticert.TypeTransport: "POSTA CERTIFICATA: ", daticert.TypeAcceptance: "ACCETTAZIONE: ",
		daticert.TypeNonAcceptance: "AVVISO DI NON ACCETTAZIONE: ", daticert.TypeTakingInCharge: "PRESA IN CARICO: ",
		daticert.TypeDelivery: "CONSEGNA: ", daticert.TypeDeliveryError: "AVVISO DI MANCATA CONSEGNA: ",
		daticert.TypeTimeout:        "AVVISO DI MANCATA CONSEGNA PER SUP. TEMPO MASSIMO: ",
		daticert.TypeVirusDetection: "PROBLEMA DI SICUREZZA: ", testsign.Anomaly: "ANOMALIA MESSAGGIO: ",
	}
	for _, kind := range outsideKinds {
		for other, prefix := range prefixes {
			t.Run(string(kind)+" as "+string(other), func(t *testing.T) {
				t.Parallel()
				r := outsideVerify(t, outsideSubject(kind, "Verbale", prefix+"Verbale").Bytes())
				require.Equal(t, kind == other, r.Certified, prefix)
				if kind != other {
					require.Equal(t, []pec.CheckID{pec.CheckSubject}, outsideFailed(r))
				}
			})
		}
	}
}

// A subject of a megabyte is compared in one pass and shown in a sentence.
func TestOutsideSubjectHuge(t *testing.T) {
	t.Parallel()
	for _, filler := range []string{"x", " ", "[", "[]", "CONSEGNA ", ": ", "=?utf-8?q?a?= ", "=?", "\u200b", "AVVISO DI "} {
		long := strings.Repeat(filler, 900_000/len(filler))
		r := outsideVerify(t, outsideSet(daticert.TypeDeliveryError, "Subject", long+" CONSEGNA: x").Bytes())
		require.False(t, r.Certified, filler)
		require.Less(t, len(r.Check(pec.CheckSubject).Detail(pec.Italian)), 4000)
	}
}
