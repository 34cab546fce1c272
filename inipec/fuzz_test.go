package inipec_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/inipec"
	"github.com/gopec/gopec/inipec/inipectest"
)

// answering answers every request with one status and body.
type answering struct {
	status int
	body   string
}

func (a answering) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(a.status)
	_, _ = w.Write([]byte(a.body))
}

// FuzzPoll: an error, which names no code, or one answer for each code, with an
// address exactly if it says so.
func FuzzPoll(f *testing.F) {
	const head = `{"identificativoRichiesta":"7","elencoPec":`
	for _, seed := range []string{
		head + `[]}`, head + `null}`,
		head + `[{"cf":"` + person + `","pecImpresa":"firm@pec.example.it","pecProfessionista":[{"pec":"lawyer@pec.example.it"}]}]}`,
		head + `[{"cf":"` + strings.ToLower(person) + `","pecImpresa":null,"statoImpresa":"ER"}]}`,
		`{"code":"WSPA_ERR_05","description":"List PEC in progress"}`, `{"code":400,"message":"` + person + `"}`, ``, `{`,
	} {
		f.Add(200, seed)
		f.Add(500, seed)
	}
	identity()
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status < 200 || status > 599 || status == 429 || status >= 500 && status != 501 { // retries wait
			status = 200
		}
		wspa := newWSPA()
		wspa.Fault = func(operation string, _ int) inipectest.Fault {
			if operation != "getElencoPec" {
				return inipectest.Fault{}
			}
			return inipectest.Fault{Status: status, Body: body}
		}
		answers, err := newClient(t, wspa).Poll(t.Context(), "7", []string{person, "12345678903"})
		if err != nil {
			require.Nil(t, answers)
			require.NotContains(t, err.Error(), person)
			return
		}
		require.Len(t, answers, 2)
		for _, a := range answers {
			require.NotEmpty(t, a.Outcome)
			switch a.Outcome {
			case inipec.Found:
				require.Contains(t, a.Address(), "@")
			case inipec.NotFound:
				require.Empty(t, a.Address())
			}
		}
	})
}

// FuzzExtract: an error, which names no code, or an answer about the code that
// was asked, in which every address is in force.
func FuzzExtract(f *testing.F) {
	const head = `{"codiceFiscale":"` + person + `","since":"2026-01-01T00:00:00Z","digitalAddress":`
	for _, seed := range []string{
		head + `[]}`, head + `null}`, ``, `{`,
		head + `[{"digitalAddress":"a@pec.example.it","practicedProfession":"x","usageInfo":{"motivation":"CESSAZIONE_UFFICIO","dateEndValidity":"2027-01-01T00:00:00+0200"}}]}`,
		`{"status":"404","type":"NOT_FOUND","detail":"CF non trovato"}`, `{"status":404,"type":"NOT_FOUND"}`,
	} {
		f.Add(200, seed)
		f.Add(404, seed)
	}
	identity()
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	auth := newPDND()
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status != 404 {
			status = 200
		}
		client := newINAD(t, auth, answering{status, body}, func(c *inipec.INADConfig) { c.Now = func() time.Time { return now } })
		a, err := client.Extract(t.Context(), person, file)
		if err != nil {
			require.Zero(t, a)
			require.NotContains(t, err.Error(), person)
			return
		}
		require.Equal(t, person, a.Code)
		require.False(t, status == 404 && a.Known, "not found is not known")
		for _, d := range a.Domiciles {
			require.Contains(t, d.Address, "@")
			require.True(t, d.Ends.IsZero() || now.Before(d.Ends))
		}
	})
}
