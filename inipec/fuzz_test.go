package inipec_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/inipec"
	"github.com/gopec/gopec/inipec/inipectest"
)

// What goes wrong with the calls of one operation.
const (
	replied   uint8    = iota // status and body of the input are the answer
	lost                      // served, and the answer never arrives
	unsent                    // no connection
	healthy                   // nothing
	onlyFirst = 1 << 7        // with the first call only
	hasty     = 1 << 6        // the caller gives up after 20 seconds
)

var errRefused = &net.OpError{Op: "dial", Err: errors.New("connection refused")}

// fault says what a fake does, for calls of one operation.
func fault(operation string, status int, body string, how uint8) func(string, int) inipectest.Fault {
	if status < 200 || status > 599 {
		status = 200
	}
	return func(o string, n int) inipectest.Fault {
		if o != operation || how&onlyFirst != 0 && n > 1 {
			return inipectest.Fault{}
		}
		switch how & 3 {
		case replied:
			return inipectest.Fault{Status: status, Body: body, Header: http.Header{"Retry-After": {"7"}}}
		case lost:
			return inipectest.Fault{Lose: true}
		}
		return inipectest.Fault{}
	}
}

// dialling fails before the calls of an operation are sent, as often as it is told.
func dialling(next http.RoundTripper, operation string, how uint8) http.RoundTripper {
	failed := 0
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		if how&3 == unsent && strings.Contains(r.URL.Path, operation) && (how&onlyFirst == 0 || failed == 0) {
			failed++
			return nil, errRefused
		}
		return next.RoundTrip(r)
	})
}

func patience(t *testing.T, how uint8) context.Context {
	if how&hasty == 0 {
		return t.Context()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// checkCall: a failed call says whose it was, wraps what it says it wraps and
// names nobody, in the error and in the log.
func checkCall(t *testing.T, err error, log *bytes.Buffer) {
	if err == nil {
		return
	}
	for _, text := range []string{err.Error(), log.String()} {
		require.NotContains(t, strings.ToUpper(text), person)
		require.NotContains(t, text, bodyCode(1))
		require.NotContains(t, text, "https:")
		require.NotContains(t, text, "\x1b")
	}
	if e, ok := errors.AsType[*inipec.Error](err); ok {
		require.ErrorIs(t, err, e.Err)
		require.NotEmpty(t, e.Service)
		require.Contains(t, err.Error(), string(e.Service)+" "+e.Operation)
		return
	}
	for _, kind := range []error{inipec.ErrID, inipec.ErrNoReference, inipec.ErrAddress, context.Canceled, context.DeadlineExceeded, inipec.ErrNotReady} {
		if errors.Is(err, kind) {
			return
		}
	}
	require.Fail(t, "an error of no kind", err.Error())
}

func logTo(b *bytes.Buffer) *slog.Logger {
	return slog.New(slog.NewTextHandler(b, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

var wspaOperations = []string{"getElencoPec", "richiestaElencoPec", "authentication"}

// FuzzPoll: an error, which names no code, or one answer for each code, with an
// address exactly if it says so. A job asks for no code twice unless it is told
// to, and goes on from where it was saved.
func FuzzPoll(f *testing.F) {
	const head = `{"identificativoRichiesta":"7","elencoPec":`
	for _, seed := range []string{
		head + `[]}`, head + `null}`,
		head + `[{"cf":"` + person + `","pecImpresa":"firm@pec.example.it","pecProfessionista":[{"pec":"lawyer@pec.example.it"}]}]}`,
		head + `[{"cf":"` + person + `","pecImpresa":"no address"},{"cf":"` + bodyCode(1) + `","statoImpresa":"NF","pecProfessionista":[{"pec":"a@b.it"},{"pec":""}]}]}`,
		head + `[{"cf":"` + strings.ToLower(person) + `","pecImpresa":null,"statoImpresa":"ER"}]}`,
		head + `[{"cf":"` + bodyCode(2) + `","pecImpresa":"other@pec.example.it"}]}`,
		head + `[{"cf":"` + person + `","pecImpresa":"a@pec.example.it","statoImpresa":"XX"}]}`,
		`{"code":"WSPA_ERR_05","description":"List PEC in progress"}`, `{"code":400,"message":"` + person + `"}`, ``, `{`,
		`{"identificativoRichiesta":".."}`, `{"identificativoRichiesta":7}`,
		`{"code":"X\u001b[2J","description":"` + person + ` and firm@pec.example.it, eyJhbGciOiJub25lIn0.e30.x"}`,
	} {
		f.Add(200, seed, uint8(0), replied, uint8(0))
		f.Add(500, seed, uint8(0), replied, uint8(1))
		f.Add(200, seed, uint8(1), replied|onlyFirst, uint8(0))
	}
	for _, c := range badAnswers {
		if len(c.body) < 1<<10 {
			f.Add(c.status, c.body, uint8(0), replied, uint8(0))
			f.Add(c.status, c.body, uint8(1), replied|onlyFirst, uint8(2))
		}
	}
	for body := range badTokens {
		if len(body) < 1<<10 {
			f.Add(200, body, uint8(2), replied, uint8(0))
		}
	}
	f.Add(200, "e30.eyJleHAiOjQwMDAwMDAwMDB9.e30", uint8(2), replied|onlyFirst, uint8(0)) // a token that the service does not know
	for operation := range uint8(3) {
		for _, how := range []uint8{lost, unsent, healthy} {
			f.Add(200, "", operation, how, uint8(3))
			f.Add(400, "", operation, how|onlyFirst, operation)
			f.Add(503, "", operation, how|hasty, uint8(200))
		}
		f.Add(401, "", operation, replied, uint8(0))
		f.Add(503, "", operation, replied|onlyFirst, uint8(0))
	}
	f.Add(200, "", uint8(0), healthy, uint8(255))
	identity()
	f.Fuzz(func(t *testing.T, status int, body string, operation, how, polls uint8) {
		synctest.Test(t, func(t *testing.T) { pollCase(t, status, body, wspaOperations[operation%3], how, polls) })
	})
}

func pollCase(t *testing.T, status int, body, operation string, how, polls uint8) {
	var log bytes.Buffer
	wspa := newWSPA()
	wspa.QuotedToken, wspa.LowerCase, wspa.Nulls, wspa.States = polls&1 != 0, polls&2 != 0, polls&4 != 0, polls&8 != 0
	wspa.Entries[person] = inipectest.Entry{Professionals: []string{"lawyer@pec.example.it"}, State: "NF"}
	wspa.InProgress = int(polls)
	wspa.Fault = fault(operation, status, body, how)
	client := newClient(t, wspa, func(c *inipec.Config) {
		c.Logger, c.HTTP = logTo(&log), &http.Client{Transport: dialling(c.HTTP.Transport, operation, how)}
	})
	ctx := patience(t, how)
	answers, err := client.Poll(ctx, "7", []string{person, "12345678903"})
	checkCall(t, err, &log)
	checkAnswers(t, answers, err, person, "12345678903")

	calls := wspa.Calls("getElencoPec")
	if _, err = client.Poll(ctx, body, []string{person}); errors.Is(err, inipec.ErrID) {
		require.Equal(t, calls, wspa.Calls("getElencoPec"), "not an id, and asked for")
	}

	codes := []string{person, bodyCode(1), person}
	job, err := inipec.Plan([]string{strings.ToLower(person), bodyCode(1), person}, 1)
	require.NoError(t, err)
	var saved []byte
	err = client.Run(ctx, job, func(j *inipec.Job) (err error) { saved, err = json.Marshal(j); return err })
	checkCall(t, err, &log)
	require.LessOrEqual(t, wspa.Asked(person), 1, "asked twice")
	if err == nil {
		checkAnswers(t, job.Answers(), nil, codes...)
		return
	}
	again := new(inipec.Job)
	if saved == nil { // no step was reached
		require.Equal(t, inipec.Planned, job.Batches[0].State)
		return
	}
	require.NoError(t, json.Unmarshal(saved, again))
	unknown := again.Batches[0].State == inipec.Submitting || again.Batches[1].State == inipec.Submitting
	require.Equal(t, unknown, errors.Is(err, inipec.ErrOutcomeUnknown), "%v", err)
	if unknown {
		submissions := wspa.Calls("richiestaElencoPec")
		require.ErrorIs(t, client.Run(t.Context(), again, nil), inipec.ErrOutcomeUnknown)
		require.Equal(t, submissions, wspa.Calls("richiestaElencoPec"), "sent again by itself")
		require.Equal(t, 1, again.Again())
	}
	if operation == "richiestaElencoPec" && how&3 == replied { // an id that was made up leads nowhere
		return
	}
	wspa.Fault, wspa.InProgress = nil, 1
	fresh := newClient(t, wspa)
	stopped := errors.New("stopped")
	require.ErrorIs(t, fresh.Run(t.Context(), again, func(*inipec.Job) error { return stopped }), stopped)
	again.Again()
	require.NoError(t, fresh.Run(t.Context(), again, nil))
	checkAnswers(t, again.Answers(), nil, codes...)
}

// checkAnswers: one for each code, in order, or none and an error.
func checkAnswers(t *testing.T, answers []inipec.Answer, err error, codes ...string) {
	if err != nil {
		require.Nil(t, answers)
		return
	}
	require.Len(t, answers, len(codes))
	for i, a := range answers {
		require.Equal(t, codes[i], a.Code)
		require.NotEmpty(t, a.Outcome)
		switch a.Outcome {
		case inipec.Found:
			require.Contains(t, a.Address(), "@")
		case inipec.NotFound:
			require.Empty(t, a.Address())
		}
	}
}

var inadOperations = []string{"extract", "verify", "list", "state", "response"}

// FuzzExtract: an error, which names no code, or an answer about the code that
// was asked, in which every address is in force; and no more calls than the
// budget has.
func FuzzExtract(f *testing.F) {
	const head = `{"codiceFiscale":"` + person + `","since":"2026-01-01T00:00:00Z","digitalAddress":`
	for _, seed := range []string{
		head + `[]}`, head + `null}`, ``, `{`,
		head + `[{"digitalAddress":"a@pec.example.it","practicedProfession":"x","usageInfo":{"motivation":"CESSAZIONE_UFFICIO","dateEndValidity":"2027-01-01T00:00:00+0200"}}]}`,
		head + `[{"digitalAddress":"a@pec.example.it"},{"digitalAddress":"b@pec.example.it"},{"digitalAddress":"c d"},{"digitalAddress":"e@pec.example.it","usageInfo":{"dateEndValidity":"1999-01-01T00:00:00Z"}}]}`,
		`{"status":"404","type":"NOT_FOUND","detail":"CF non trovato"}`, `{"status":404,"type":"NOT_FOUND"}`,
		`{"status":"404"}`, `{"codiceFiscale":"` + person + `","since":"soon","digitalAddress":[]}`,
		`{"outcome":true,"dateTimeCheck":"2026-01-01T00:00:00Z"}`, `{"dateTimeCheck":"2026-01-01T00:00:00Z"}`, `{"outcome":1}`,
		`{"id":"x"}`, `{"state":"PRESA_IN_CARICO"}`, `{"state":"DISPONIBILE"}`, `{"state":"?"}`,
		`{"list":[]}`, `{"list":[{"codiceFiscale":"` + person + `"},{"codiceFiscale":"` + person + `"}]}`,
		`{"list":[{"codiceFiscale":"` + person + `"},{"codiceFiscale":"` + bodyCode(1) + `","since":"soon"}]}`,
		`{"list":[{"codiceFiscale":"` + person + `"},{"codiceFiscale":"` + bodyCode(1) + `"}]}`,
	} {
		for i := range inadOperations {
			f.Add(200, seed, uint8(i), replied, uint8(0))
			f.Add(404, seed, uint8(i), replied, uint8(0))
		}
	}
	for _, c := range badExtractions {
		f.Add(c.status, c.body, uint8(0), replied, uint8(0))
		f.Add(c.status, c.body, uint8(2), replied|onlyFirst, uint8(0))
	}
	for i := range inadOperations {
		for _, how := range []uint8{lost, unsent, healthy} {
			f.Add(200, "", uint8(i), how, uint8(1))
			f.Add(200, "", uint8(i), how|onlyFirst, uint8(i))
			f.Add(200, "", uint8(i), how|hasty, uint8(i+10))
		}
	}
	identity()
	f.Fuzz(func(t *testing.T, status int, body string, operation, how, budget uint8) {
		synctest.Test(t, func(t *testing.T) { inadCase(t, status, body, inadOperations[operation%5], how, budget) })
	})
}

func inadCase(t *testing.T, status int, body, operation string, how, calls uint8) {
	var log bytes.Buffer
	auth := newPDND()
	inad := fakeINAD(auth)
	now := time.Now()
	inad.InProgress, inad.ReadyAs200, inad.ShortOffset = int(calls), calls&1 != 0, calls&2 != 0
	inad.Domiciles[person] = []inipectest.Domicile{{Address: "citizen@pec.example.it", Ends: now.AddDate(1, 0, 0)}}
	inad.Domiciles[bodyCode(1)] = []inipectest.Domicile{{Address: "old@pec.example.it", Ends: now}}
	inad.Fault = fault(operation, status, body, how)
	budget := inipec.NewBudget(8 + int(calls))
	client := newINAD(t, auth, inad, func(c *inipec.INADConfig) {
		c.Logger, c.Budget = logTo(&log), budget
		c.HTTP = &http.Client{Transport: dialling(c.HTTP.Transport, map[string]string{"list": "listDigitalAddress"}[operation]+"/"+operation, how)}
	})
	ctx := patience(t, how)
	a, err := client.Extract(ctx, strings.ToLower(person), file)
	checkCall(t, err, &log)
	if err != nil {
		require.Zero(t, a)
	} else {
		checkDomiciles(t, a, person)
		require.False(t, operation == "extract" && how == replied && status == 404 && a.Known, "not found is not known")
	}
	v, err := client.Verify(ctx, person, "citizen@pec.example.it", now, file)
	checkCall(t, err, &log)
	require.False(t, v.Associated && !v.Known || err != nil && v != (inipec.Verification{}), "%+v", v)
	v, err = client.Verify(ctx, person, body, now, body)
	checkCall(t, err, &log)
	require.False(t, errors.Is(err, inipec.ErrNoReference) != (strings.TrimSpace(body) == ""), "%v", err)
	require.False(t, v.Associated && operation != "verify", "%+v", v)

	codes := []string{person, bodyCode(1), person}
	id, err := client.SubmitList(ctx, codes, file)
	checkCall(t, err, &log)
	require.Equal(t, err != nil, id == "")
	for range 2 { // each failure but a lost call may pass, and the id stays good
		list, err := client.WaitList(ctx, id, codes)
		checkCall(t, err, &log)
		require.Equal(t, id == "", errors.Is(err, inipec.ErrID), "%v", err)
		if err != nil {
			require.Nil(t, list)
			continue
		}
		require.Len(t, list, len(codes))
		for i, a := range list {
			checkDomiciles(t, a, codes[i])
		}
	}
	made := inad.Calls("extract") + inad.Calls("verify") + inad.Calls("list") + inad.Calls("state") + inad.Calls("response")
	left := budget.Left(time.Now())
	require.LessOrEqual(t, made+left, 8+int(calls), "more calls than the budget has")
	require.True(t, !budget.Spend(time.Now(), left+1) && budget.Spend(time.Now(), left) && budget.Left(time.Now()) == 0)
	require.Equal(t, 8+int(calls), budget.Left(time.Now().Add(26*time.Hour)), "given back after a day")
}

// checkDomiciles: every one is an address in force, and the personal one is the
// only one without a profession.
func checkDomiciles(t *testing.T, a inipec.INADAnswer, code string) {
	require.Equal(t, code, a.Code)
	personal := 0
	for _, d := range a.Domiciles {
		require.Contains(t, d.Address, "@")
		require.True(t, d.Ends.IsZero() || time.Now().Before(d.Ends))
		if d.Profession == "" {
			personal++
		}
	}
	d, ok := a.Personal()
	require.Equal(t, personal == 1, ok)
	require.Equal(t, ok, d.Address != "")
}
