package inipec_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/inipec"
	"github.com/gopec/gopec/inipec/inipectest"
)

func fakeINAD(auth *inipectest.PDND) *inipectest.INAD {
	return &inipectest.INAD{PDND: auth, Domiciles: map[string][]inipectest.Domicile{}}
}

// TestExtract reads domiciles in force and says why others are skipped.
func TestExtract(t *testing.T) {
	t.Parallel()
	identity()
	synctest.Test(t, func(t *testing.T) {
		auth := newPDND()
		inad := fakeINAD(auth)
		later := time.Now().AddDate(1, 0, 0)
		inad.Domiciles[person] = []inipectest.Domicile{
			{Address: "old@pec.example.it", Ends: time.Now()},
			{Address: "lawyer@pec.example.it", Profession: "Avvocato", Ends: later},
			{Address: "no address", Ends: later},
			{Address: "citizen@pec.example.it", Ends: time.Now().Add(time.Second)},
		}
		for _, inad.ShortOffset = range []bool{false, true} {
			a, err := newINAD(t, auth, inad).Extract(t.Context(), "rssmra85t10a562s", file)
			require.NoError(t, err)
			require.True(t, a.Known)
			require.Equal(t, []inipec.Skipped{{Address: "old@pec.example.it", Reason: inipec.SkipExpired}, {Address: "no address", Reason: inipec.SkipSyntax}}, a.Skipped)
			require.Len(t, a.Domiciles, 2, "one in force for a second more is in force")
			d, ok := a.Personal()
			require.True(t, ok)
			require.Equal(t, "citizen@pec.example.it", d.Address)
			require.True(t, a.At.Equal(time.Now()))
		}
		require.Empty(t, inad.Problems())
	})
}

// TestExtractUnknown: INAD's own 404 is an answer, any other 404 is an error.
func TestExtractUnknown(t *testing.T) {
	t.Parallel()
	auth := newPDND()
	inad := fakeINAD(auth)
	a, err := newINAD(t, auth, inad).Extract(t.Context(), person, file)
	require.NoError(t, err)
	require.False(t, a.Known)

	for _, body := range []string{``, `<h1>Not found</h1>`, `{}`, `{"status":"404"}`, `{"status":"404","type":"BAD_REQUEST"}`} {
		inad.Fault = reply("extract", 404, body)
		_, err = newINAD(t, auth, inad).Extract(t.Context(), person, file)
		require.ErrorIs(t, err, inipec.ErrRejected, "%q is not INAD's not found", body)
	}
}

// TestExtractOmocodia sends the code as written; the pattern of the OpenAPI
// document has no letters there.
func TestExtractOmocodia(t *testing.T) {
	t.Parallel()
	code := personCode(t, "RSSMRA85T10A56N")
	auth := newPDND()
	inad := fakeINAD(auth)
	inad.Domiciles[code] = []inipectest.Domicile{{Address: "citizen@pec.example.it", Ends: time.Now().AddDate(1, 0, 0)}}

	_, err := newINAD(t, auth, inad).Extract(t.Context(), code, file)
	require.ErrorIs(t, err, inipec.ErrRejected, "a server that follows its document")
	require.NotContains(t, err.Error(), code, "the server's detail quotes the code")

	inad.Omocodia = true
	a, err := newINAD(t, auth, inad).Extract(t.Context(), code, file)
	require.NoError(t, err, "a server that knows omocodia")
	require.Equal(t, code, a.Code)
	require.Len(t, a.Domiciles, 1)
}

const extracted = `{"codiceFiscale":"` + person + `","since":"2026-01-01T00:00:00Z","digitalAddress":`

var badExtractions = []struct {
	status int
	body   string
	want   error
	reason string
}{
	{200, ``, inipec.ErrMalformed, "nothing"},
	{200, extracted, inipec.ErrMalformed, "JSON that ends early"},
	{200, extracted + `null}`, inipec.ErrMalformed, "null"},
	{200, extracted + `{}}`, inipec.ErrMalformed, "another type"},
	{200, extracted + `[{"digitalAddress":"a@pec.example.it","usageInfo":{"dateEndValidity":"soon"}}]}`, inipec.ErrMalformed, "no time"},
	{200, `{"codiceFiscale":"` + person + `","digitalAddress":[]}`, inipec.ErrMalformed, "no since"},
	{200, `{"codiceFiscale":"12345678903","since":"2026-01-01T00:00:00Z","digitalAddress":[]}`, inipec.ErrMalformed, "another code"},
	{303, ``, inipec.ErrMalformed, "a redirect is not followed"},
	{401, ``, inipec.ErrAuth, "refused, also with a new voucher"},
	{403, ``, inipec.ErrAuth, "forbidden"},
	{429, ``, inipec.ErrQuota, "too many"},
	{500, ``, inipec.ErrUnavailable, "a failure"},
}

// TestExtractBadAnswers: no answer is made of what is not as documented.
func TestExtractBadAnswers(t *testing.T) {
	t.Parallel()
	identity()
	for _, c := range badExtractions {
		synctest.Test(t, func(t *testing.T) {
			auth := newPDND()
			inad := fakeINAD(auth)
			inad.Fault = reply("extract", c.status, c.body)
			_, err := newINAD(t, auth, inad).Extract(t.Context(), person, file)
			require.ErrorIs(t, err, c.want, c.reason)
			e, ok := errors.AsType[*inipec.Error](err)
			require.True(t, ok, c.reason)
			require.Equal(t, inipec.INAD, e.Service)
			require.Equal(t, "RSS**********62S", e.Asked, c.reason)
		})
	}
}

// TestVerify asks about a day.
func TestVerify(t *testing.T) {
	t.Parallel()
	auth := newPDND()
	inad := fakeINAD(auth)
	inad.Domiciles[person] = []inipectest.Domicile{{Address: "citizen@pec.example.it"}}
	client := newINAD(t, auth, inad)
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

	v, err := client.Verify(t.Context(), person, "citizen@pec.example.it", day, file)
	require.NoError(t, err)
	require.True(t, v.Known && v.Associated)
	v, err = client.Verify(t.Context(), person, "other@pec.example.it", day, file)
	require.NoError(t, err)
	require.True(t, v.Known)
	require.False(t, v.Associated)
	v, err = client.Verify(t.Context(), bodyCode(1), "other@pec.example.it", day, file)
	require.NoError(t, err)
	require.False(t, v.Known)

	_, err = client.Verify(t.Context(), person, "other", day, file)
	require.ErrorIs(t, err, inipec.ErrAddress)
	_, err = client.Verify(t.Context(), person, "other@pec.example.it", day, " ")
	require.ErrorIs(t, err, inipec.ErrNoReference)
	require.Equal(t, 3, inad.Calls("verify"), "nothing was asked for the last two")
	require.Empty(t, inad.Problems())

	inad.Fault = reply("verify", 200, `{"dateTimeCheck":"2026-01-01T00:00:00Z"}`)
	_, err = client.Verify(t.Context(), person, "other@pec.example.it", day, file)
	require.ErrorIs(t, err, inipec.ErrMalformed, "no outcome is not false")
}

// TestList goes through submission, state and answer.
func TestList(t *testing.T) {
	t.Parallel()
	identity()
	cases := []struct {
		change func(*inipectest.INAD)
		key    inipec.ListKey
		reason string
	}{
		{func(*inipectest.INAD) {}, "", "as documented: 303"},
		{func(s *inipectest.INAD) { s.ReadyAt = "elsewhere.example.com" }, "", "the voucher does not follow a Location"},
		{func(s *inipectest.INAD) { s.ReadyAs200 = true }, "", "ready as a 200"},
		{func(s *inipectest.INAD) { s.ListKey = "practicalReference" }, inipec.PracticalReference, "the other spelling"},
	}
	for _, c := range cases {
		synctest.Test(t, func(t *testing.T) {
			auth := newPDND()
			inad := fakeINAD(auth)
			inad.InProgress = 3
			c.change(inad)
			inad.Domiciles[person] = []inipectest.Domicile{{Address: "citizen@pec.example.it", Ends: time.Now().AddDate(1, 0, 0)}}
			client := newINAD(t, auth, inad, func(i *inipec.INADConfig) { i.ListKey = c.key })
			codes := []string{bodyCode(1), person, bodyCode(2), person}
			id, err := client.SubmitList(t.Context(), codes, file)
			require.NoError(t, err, c.reason)
			_, err = client.PollList(t.Context(), id, codes)
			require.ErrorIs(t, err, inipec.ErrNotReady, c.reason)
			answers, err := client.WaitList(t.Context(), id, codes)
			require.NoError(t, err, c.reason)
			require.Len(t, answers, 4)
			for i, a := range answers {
				require.Equal(t, codes[i], a.Code, "the caller's order")
				require.Equal(t, codes[i] == person, a.Known, c.reason)
			}

			time.Sleep(48*time.Hour - time.Since(start(t)) - time.Minute)
			_, err = newINAD(t, auth, inad, func(i *inipec.INADConfig) { i.ListKey = c.key }).PollList(t.Context(), id, codes)
			require.NoError(t, err, "just before 48 hours, by another process")
			time.Sleep(time.Minute)
			_, err = client.PollList(t.Context(), id, codes)
			require.ErrorIs(t, err, inipec.ErrGone, "after 48 hours")
			require.Empty(t, inad.Problems(), c.reason)
		})
	}
}

// start is when a synctest bubble's clock begins.
func start(*testing.T) time.Time { return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) }

// TestListRefuses: what cannot be asked is not sent.
func TestListRefuses(t *testing.T) {
	t.Parallel()
	auth := newPDND()
	inad := fakeINAD(auth)
	client := newINAD(t, auth, inad)
	var codes []string
	for i := range 1001 {
		codes = append(codes, bodyCode(i))
	}
	_, err := client.SubmitList(t.Context(), codes, file)
	require.ErrorIs(t, err, inipec.ErrTooMany)
	_, err = client.SubmitList(t.Context(), codes, "")
	require.ErrorIs(t, err, inipec.ErrNoReference)
	for _, id := range []string{"", "..", "../extract/x", "f8c3de3d-1fea-4d7c-a8b0-29f63c4c345", "{f8c3de3d-1fea-4d7c-a8b0-29f63c4c3454"} {
		_, err = client.PollList(t.Context(), id, codes)
		require.ErrorIs(t, err, inipec.ErrID, "%q", id)
	}
	require.Zero(t, inad.Calls("list")+inad.Calls("state"))
	_, err = client.SubmitList(t.Context(), codes[:1000], file)
	require.NoError(t, err, "just at the limit")

	inad.Fault = lose("list", 2)
	_, err = client.SubmitList(t.Context(), codes[:1], file)
	require.ErrorIs(t, err, inipec.ErrOutcomeUnknown)
	require.Equal(t, 2, inad.Calls("list"), "a lost answer is not asked for again")
}

// TestListIncomplete: a code that the list does not name has no answer.
func TestListIncomplete(t *testing.T) {
	t.Parallel()
	auth := newPDND()
	inad := fakeINAD(auth)
	client := newINAD(t, auth, inad)
	id, err := client.SubmitList(t.Context(), []string{person}, file)
	require.NoError(t, err)
	for _, body := range []string{`{}`, `{"list":[]}`, `{"list":[{"codiceFiscale":"` + person + `"},{"codiceFiscale":"` + person + `"}]}`} {
		inad.Fault = reply("response", 200, body)
		_, err = client.PollList(t.Context(), id, []string{person})
		require.ErrorIs(t, err, inipec.ErrMalformed, body)
		require.NotContains(t, err.Error(), person)
	}
}

// TestBudget: calls stop before the limit of any 24 hours, retries included.
func TestBudget(t *testing.T) {
	t.Parallel()
	identity()
	synctest.Test(t, func(t *testing.T) {
		auth := newPDND()
		inad := fakeINAD(auth)
		budget := inipec.NewBudget(3)
		client := newINAD(t, auth, inad, func(c *inipec.INADConfig) { c.Budget = budget })
		inad.Fault = func(o string, n int) inipectest.Fault {
			if n == 1 && o == "extract" {
				return inipectest.Fault{Status: 429, Header: map[string][]string{"Retry-After": {"7"}}}
			}
			return inipectest.Fault{}
		}
		begin := time.Now()
		_, err := client.Extract(t.Context(), person, file)
		require.NoError(t, err)
		require.Equal(t, 7*time.Second, time.Since(begin), "as Retry-After says")
		_, err = client.Extract(t.Context(), person, file)
		require.NoError(t, err)
		require.Zero(t, budget.Left(time.Now()))
		_, err = client.Extract(t.Context(), person, file)
		require.ErrorIs(t, err, inipec.ErrBudget)
		require.Equal(t, 3, inad.Calls("extract"), "the fourth was not made")

		time.Sleep(24 * time.Hour)
		_, err = client.Extract(t.Context(), person, file)
		require.ErrorIs(t, err, inipec.ErrBudget, "the hour is not over by 24 hours")
		time.Sleep(time.Hour)
		_, err = client.Extract(t.Context(), person, file)
		require.NoError(t, err)
		require.True(t, budget.Spend(time.Now(), 2))
		require.False(t, budget.Spend(time.Now(), 1))
	})
}

// TestRevokedVoucher: a refused voucher is replaced once.
func TestRevokedVoucher(t *testing.T) {
	t.Parallel()
	auth := newPDND()
	inad := fakeINAD(auth)
	client := newINAD(t, auth, inad)
	_, err := client.Extract(t.Context(), person, file)
	require.NoError(t, err)
	auth.Revoke()
	_, err = client.Extract(t.Context(), person, file)
	require.NoError(t, err)
	require.Equal(t, 2, auth.Calls("token"))
	require.Equal(t, 3, inad.Calls("extract"))
}
