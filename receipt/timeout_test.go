package receipt_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/receipt"
)

// timeoutCase is a notice and what it says of the time.
type timeoutCase struct {
	reason   string
	extended string // errore-esteso
	subject  string
	text     string
	to       string
	want     receipt.Timeout
	rule     receipt.Rule
}

// timeouts are notices of one type, by what can tell them apart.
func timeouts() []timeoutCase {
	const to = "destinatario@pec.example.com"
	const late, expired, unknown = receipt.TimeoutLate, receipt.TimeoutExpired, receipt.TimeoutUnknown
	// model is the text of RFC 6109 §3.1.6 in Italian.
	model := func(subject, words string) string {
		return "Avviso di mancata consegna\n\nIl giorno 10/03/2026 alle ore 22:15:30 (+0100) il messaggio\n\"" + subject +
			"\" proveniente da \"mittente@pec.example.it\"\ned indirizzato a \"" + to + "\"\n" + words + "\nIdentificativo messaggio: x@pec.example.it\n"
	}
	const words12 = "non è stato consegnato nelle prime dodici ore dal suo invio."
	const words24 = "non è stato consegnato nelle ventiquattro ore successive al suo invio."
	return []timeoutCase{
		{"the status code of the second notice", "5.4.1 - Gestore Uno S.p.A. - messaggio non consegnato", "x", "", to, expired, receipt.RuleCode},
		{"the code stands above the words", "5.4.1 - Gestore Uno S.p.A. - dodici ore", "x", model("x", words12), to, expired, receipt.RuleCode},
		{"another code tells nothing", "4.4.7 - Gestore Uno S.p.A. - ritardo", "x", "", to, unknown, receipt.RuleNone},
		{"a code that begins with it is another", "5.4.10 - Gestore Uno S.p.A. - ritardo", "x", "", to, unknown, receipt.RuleNone},
		{"a code inside the words is none", "errore 5.4.1", "x", "", to, unknown, receipt.RuleNone},
		{"the words of errore-esteso, 12 hours", "il messaggio " + words12, "x", "", to, late, receipt.RuleText},
		{"the words of errore-esteso, 24 hours", "il messaggio " + words24, "x", "", to, expired, receipt.RuleText},
		{"errore-esteso stands above the text", words24, "x", model("x", words12), to, expired, receipt.RuleText},
		{"in figures", "non consegnato entro 12 ore", "x", "", to, late, receipt.RuleText},
		{"in figures and capitals", "NON CONSEGNATO ENTRO 24 ORE", "x", "", to, expired, receipt.RuleText},
		{"in words, folded over lines", "entro\n ventiquattro\n  ore", "x", "", to, expired, receipt.RuleText},
		{"both numbers tell nothing", "dodici ore, poi ventiquattro ore", "x", "", to, unknown, receipt.RuleNone},
		{"a longer number is another", "entro 112 ore o 2400 ore", "x", "", to, unknown, receipt.RuleNone},
		{"a clock is no lapse of time", "il giorno 10/03 alle ore 24", "x", "", to, unknown, receipt.RuleNone},
		{"the text of the first notice", "", "x", model("x", words12), to, late, receipt.RuleText},
		{"the text of the second notice", "", "x", model("x", words24), to, expired, receipt.RuleText},
		{"the subject is no word of the provider's", "", "Risposta entro 24 ore", model("Risposta entro 24 ore", words12), to, late, receipt.RuleText},
		{"nor if the provider says nothing", "", "Risposta entro 24 ore", model("Risposta entro 24 ore", "non è stato consegnato."), to, unknown, receipt.RuleNone},
		{"nor if it stands behind the recipient", "", "entro 24 ore", "A " + to + " con oggetto \"entro 24 ore\": non consegnato.", to, unknown, receipt.RuleNone},
		{"nor if it holds the recipient's address", "", "Per " + to + " entro 24 ore", model("Per "+to+" entro 24 ore", "non è stato consegnato."), to, unknown, receipt.RuleNone},
		{"nor if it holds the address and stands last", "", to + " entro 24 ore", "A " + to + " oggetto: " + to + " entro 24 ore", to, unknown, receipt.RuleNone},
		{"the provider's words are found behind such a subject", "", "entro 24 ore", "A " + to + " con oggetto \"entro 24 ore\": " + words12, to, late, receipt.RuleText},
		{"a subject of one letter takes nothing of the provider's words", "", "e", model("e", words24), to, expired, receipt.RuleText},
		{"a subject without recipient is taken out", "", "entro 24 ore", "Messaggio \"entro 24 ore\" " + words12, to, late, receipt.RuleText},
		{"a subject that cannot be found cannot be taken out", "", "perché 24 ore?", "Messaggio \"perch? 24 ore?\" non consegnato", to, unknown, receipt.RuleNone},
		{"without subject and recipient there is no text to go by", "", "", words12, to, unknown, receipt.RuleNone},
		{"without recipient in the data, by the subject", "", "x", "Messaggio \"x\" " + words12, "", late, receipt.RuleText},
		{"nothing tells", "", "x", "", to, unknown, receipt.RuleNone},
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	for _, c := range timeouts() {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			n := receipt.Notice{Type: daticert.TypeTimeout, Text: c.text, Data: &daticert.Data{
				Type: daticert.TypeTimeout, ErrorExtended: c.extended, Subject: c.subject, Delivery: c.to}}
			got, rule := n.Timeout()
			require.Equal(t, c.want, got)
			require.Equal(t, c.rule, rule)
		})
	}
}

// Only one type has two notices under it.
func TestTimeoutOfOtherTypes(t *testing.T) {
	t.Parallel()
	for _, kind := range []daticert.Type{daticert.TypeDelivery, daticert.TypeDeliveryError, daticert.TypeAcceptance, daticert.TypeVirusDetection} {
		n := receipt.Notice{Type: kind, Data: &daticert.Data{Type: kind, ErrorExtended: "5.4.1 - x - ventiquattro ore"}}
		got, rule := n.Timeout()
		require.Equal(t, receipt.TimeoutUnknown, got, kind)
		require.Equal(t, receipt.RuleNone, rule, kind)
	}
}
