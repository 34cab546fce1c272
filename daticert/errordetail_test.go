package daticert_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
)

// errorDetails are texts of errore-esteso and their parts.
var errorDetails = []struct {
	reason, in string
	want       daticert.ErrorDetail
}{
	{"the form of note 12", "5.1.1 - ARUBA PEC S.p.A. - indirizzo non valido",
		daticert.ErrorDetail{Code: "5.1.1", Provider: "ARUBA PEC S.p.A.", Text: "indirizzo non valido"}},
	{"a hyphen in the provider's name", "5.1.1 - Tele-Com S.p.A. - casella non valida",
		daticert.ErrorDetail{Code: "5.1.1", Provider: "Tele-Com S.p.A.", Text: "casella non valida"}},
	{"hyphens in the text", "4.4.1 - Namirial S.p.A. - scaduto - 24 ore - ritento",
		daticert.ErrorDetail{Code: "4.4.1", Provider: "Namirial S.p.A.", Text: "scaduto - 24 ore - ritento"}},
	{"code and text", "5.4.1 - il messaggio non e' stato consegnato nelle prime ventiquattro ore dal suo invio",
		daticert.ErrorDetail{Code: "5.4.1", Text: "il messaggio non e' stato consegnato nelle prime ventiquattro ore dal suo invio"}},
	{"code alone", "5.2.2", daticert.ErrorDetail{Code: "5.2.2"}},
	{"code and a hyphen", "5.2.2 -", daticert.ErrorDetail{Code: "5.2.2"}},
	{"empty provider", "5.2.2 -  - piena", daticert.ErrorDetail{Code: "5.2.2", Text: "piena"}},
	{"empty text", "5.2.2 - Gestore - ", daticert.ErrorDetail{Code: "5.2.2", Provider: "Gestore"}},
	{"white space is folded", "\n 5.1.1\t-\r\n ARUBA  PEC\u00a0S.p.A. - indirizzo\n   non valido ",
		daticert.ErrorDetail{Code: "5.1.1", Provider: "ARUBA PEC S.p.A.", Text: "indirizzo non valido"}},
	{"no code", "utente - sconosciuto  al sistema", daticert.ErrorDetail{Text: "utente - sconosciuto al sistema"}},
	{"code without hyphen", "5.1.1 indirizzo non valido", daticert.ErrorDetail{Text: "5.1.1 indirizzo non valido"}},
	{"hyphen without space", "5.1.1-ARUBA - x", daticert.ErrorDetail{Text: "5.1.1-ARUBA - x"}},
	{"code not at the beginning", "errore 5.1.1 - x - y", daticert.ErrorDetail{Text: "errore 5.1.1 - x - y"}},
	{"no class 3", "3.1.1 - x - y", daticert.ErrorDetail{Text: "3.1.1 - x - y"}},
	{"two numbers", "5.1 - x - y", daticert.ErrorDetail{Text: "5.1 - x - y"}},
	{"four numbers", "5.1.1.1 - x - y", daticert.ErrorDetail{Text: "5.1.1.1 - x - y"}},
	{"numbers of three digits", "5.100.999 - x - y", daticert.ErrorDetail{Code: "5.100.999", Provider: "x", Text: "y"}},
	{"a number of four digits", "5.1000.1 - x - y", daticert.ErrorDetail{Text: "5.1000.1 - x - y"}},
	{"nothing", " \n", daticert.ErrorDetail{}},
}

func TestParseErrorDetail(t *testing.T) {
	t.Parallel()
	for _, tt := range errorDetails {
		t.Run(tt.reason, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, daticert.ParseErrorDetail(tt.in))
		})
	}
}

func TestErrorDetailString(t *testing.T) {
	t.Parallel()
	d := daticert.ErrorDetail{Code: "5.1.1", Provider: "Esempio PEC S.p.A.", Text: "indirizzo non valido"}
	require.Equal(t, "5.1.1 - Esempio PEC S.p.A. - indirizzo non valido", d.String())
	require.Equal(t, "5.1.1 - piena", daticert.ErrorDetail{Code: "5.1.1", Text: "piena"}.String())
	require.Equal(t, "", daticert.ErrorDetail{}.String())
}
