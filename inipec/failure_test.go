package inipec_test

import (
	"bytes"
	"context"
	"errors"
	"io"
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

const ready = `{"dataOraDownload":"x","identificativoRichiesta":"000100000","elencoPec":`

var badAnswers = []struct {
	status int
	body   string
	want   error
	calls  int
	reason string
}{
	{200, `{"identificativoRichiesta":"000100000"`, inipec.ErrMalformed, 1, "JSON that ends early"},
	{200, ``, inipec.ErrMalformed, 1, "nothing"},
	{200, `<html>`, inipec.ErrMalformed, 1, "a page"},
	{200, `null`, inipec.ErrMalformed, 1, "null"},
	{200, `[]`, inipec.ErrMalformed, 1, "a list"},
	{200, ready + `null}`, inipec.ErrMalformed, 1, "no list"},
	{200, ready + `{}}`, inipec.ErrMalformed, 1, "an object for a list"},
	{200, ready + `[{"cf":1}]}`, inipec.ErrMalformed, 1, "a number for a code"},
	{200, ready + `[{}]}`, inipec.ErrMalformed, 1, "an item without code"},
	{200, ready + `[{"cf":"` + person + `","pecImpresa":"a@pec.example.it"},{"cf":"` + person + `","pecImpresa":"b@pec.example.it"}]}`, inipec.ErrMalformed, 1, "two firms"},
	{200, `{"identificativoRichiesta":"other","elencoPec":[]}`, inipec.ErrMalformed, 1, "another request's answer"},
	{200, `{"code":"WSPA_ERR_04","description":"bad"}`, inipec.ErrRejected, 1, "an error inside a 200"},
	{200, strings.Repeat(" ", 16<<20+1), inipec.ErrTooLarge, 1, "a huge answer"},
	{302, ``, inipec.ErrMalformed, 1, "a redirect"},
	{400, `{"code":400}`, inipec.ErrRejected, 1, "a code that is a number"},
	{403, ``, inipec.ErrAuth, 1, "forbidden"},
	{401, ``, inipec.ErrAuth, 2, "a new token does not help either"},
	{429, ``, inipec.ErrQuota, 2, "too many"},
	{503, ``, inipec.ErrUnavailable, 2, "one retry"},
}

// TestBadAnswers: whatever comes back is a typed error that says what was asked,
// and never "not listed".
func TestBadAnswers(t *testing.T) {
	t.Parallel()
	identity()
	for _, c := range badAnswers {
		synctest.Test(t, func(t *testing.T) {
			wspa := newWSPA()
			wspa.Fault = reply("getElencoPec", c.status, c.body)
			client := newClient(t, wspa)
			id, err := client.Submit(t.Context(), []string{person})
			require.NoError(t, err)
			answers, err := client.Poll(t.Context(), id, []string{person})
			require.ErrorIs(t, err, c.want, c.reason)
			require.Nil(t, answers, c.reason)
			e, ok := errors.AsType[*inipec.Error](err)
			require.True(t, ok, c.reason)
			require.Equal(t, inipec.INIPEC, e.Service, c.reason)
			require.Contains(t, e.Asked, id, c.reason)
			require.Equal(t, c.calls, wspa.Calls("getElencoPec"), c.reason)
		})
	}
}

// TestLargestAnswer: an answer of just the limit is read.
func TestLargestAnswer(t *testing.T) {
	t.Parallel()
	identity()
	wspa := newWSPA()
	body := `{"identificativoRichiesta":"100000","elencoPec":[]}`
	wspa.Fault = reply("getElencoPec", 200, body+strings.Repeat(" ", 16<<20-len(body)))
	answers, err := newClient(t, wspa).Poll(t.Context(), "100000", []string{person})
	require.NoError(t, err)
	require.Equal(t, inipec.NotFound, answers[0].Outcome)
}

// TestSubmitOnce: a submission is repeated only where it was not accepted.
func TestSubmitOnce(t *testing.T) {
	t.Parallel()
	identity()
	once := func(f inipectest.Fault) func(string, int) inipectest.Fault {
		return func(o string, n int) inipectest.Fault {
			if o == "richiestaElencoPec" && n == 1 {
				return f
			}
			return inipectest.Fault{}
		}
	}
	cases := []struct {
		fault  inipectest.Fault
		want   error
		calls  int
		reason string
	}{
		{inipectest.Fault{Lose: true}, inipec.ErrOutcomeUnknown, 1, "a read timeout"},
		{inipectest.Fault{Status: 500}, inipec.ErrOutcomeUnknown, 1, "a failure in the middle"},
		{inipectest.Fault{Status: 504}, inipec.ErrOutcomeUnknown, 1, "a timeout behind the gateway"},
		{inipectest.Fault{Status: 200, Body: "{}"}, inipec.ErrOutcomeUnknown, 1, "accepted, but no id"},
		{inipectest.Fault{Status: 200, Body: `{"identificativoRichiesta":".."}`}, inipec.ErrOutcomeUnknown, 1, "an id that would change the path"},
		{inipectest.Fault{Status: 400}, inipec.ErrRejected, 1, "rejected"},
		{inipectest.Fault{Status: 429}, nil, 2, "not accepted: again"},
		{inipectest.Fault{Status: 503}, nil, 2, "not accepted: again"},
		{inipectest.Fault{Status: 401}, nil, 2, "a new token"},
		{inipectest.Fault{Status: 503, Header: http.Header{"Retry-After": {"61"}}}, inipec.ErrUnavailable, 1, "a wait that is the caller's to decide"},
		{inipectest.Fault{Status: 503, Header: http.Header{"Retry-After": {"60"}}}, nil, 2, "a wait that is short enough"},
	}
	for _, c := range cases {
		synctest.Test(t, func(t *testing.T) {
			wspa := newWSPA()
			wspa.Fault = once(c.fault)
			_, err := newClient(t, wspa).Submit(t.Context(), []string{person})
			require.ErrorIs(t, err, c.want, c.reason)
			if c.want != nil {
				require.Error(t, err, c.reason)
			}
			require.Equal(t, c.calls, wspa.Calls("richiestaElencoPec"), c.reason)
		})
	}
}

// TestOneToken: many goroutines ask for one token, and it is renewed two minutes
// before its end.
func TestOneToken(t *testing.T) {
	t.Parallel()
	identity()
	synctest.Test(t, func(t *testing.T) {
		wspa := newWSPA()
		client := newClient(t, wspa)
		done := make(chan error)
		for range 20 {
			go func() {
				_, err := client.Submit(t.Context(), []string{person})
				done <- err
			}()
		}
		for range 20 {
			require.NoError(t, <-done)
		}
		require.Equal(t, 1, wspa.Calls("authentication"))
		time.Sleep(58*time.Minute - time.Second)
		_, err := client.Submit(t.Context(), []string{person})
		require.NoError(t, err)
		require.Equal(t, 1, wspa.Calls("authentication"), "a second before")
		time.Sleep(time.Second)
		_, err = client.Submit(t.Context(), []string{person})
		require.NoError(t, err)
		require.Equal(t, 2, wspa.Calls("authentication"), "two minutes before the end")
	})
}

var badTokens = map[string]error{
	``:                             inipec.ErrMalformed,
	`a.b`:                          inipec.ErrMalformed,
	`e30.e30.e30`:                  inipec.ErrMalformed, // no exp
	"e30.eyJleHAiOjE\nwMDB9.e30":   inipec.ErrMalformed,
	`"e30.eyJleHAiOjEwMDB9.e30`:    inipec.ErrMalformed,
	`{"code":"401","message":"x"}`: inipec.ErrRejected,
	strings.Repeat("a", 1<<20+1):   inipec.ErrTooLarge,
}

// TestBadTokens: what is no token is not used.
func TestBadTokens(t *testing.T) {
	t.Parallel()
	identity()
	for body, want := range badTokens {
		wspa := newWSPA()
		wspa.Fault = reply("authentication", 200, body)
		_, err := newClient(t, wspa).Submit(t.Context(), []string{person})
		require.ErrorIs(t, err, want)
		require.Zero(t, wspa.Calls("richiestaElencoPec"))
	}
}

// TestNothingLeaks: neither errors nor log lines hold codes, addresses, tokens
// or URLs, whatever the service says.
func TestNothingLeaks(t *testing.T) {
	t.Parallel()
	identity()
	var log bytes.Buffer
	wspa := newWSPA()
	wspa.Fault = reply("richiestaElencoPec", 400, `{"code":"X\u001b[2J","description":"`+person+` and firm@pec.example.it, eyJhbGciOiJub25lIn0.e30.x"}`)
	client := newClient(t, wspa, func(c *inipec.Config) {
		c.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	_, err := client.Submit(t.Context(), []string{person})
	require.ErrorIs(t, err, inipec.ErrRejected)
	for _, text := range []string{err.Error(), log.String()} {
		require.Contains(t, text, "RSS**********62S and ***@pec.example.it", "masked, and said")
		for _, secret := range []string{person, "firm@", "eyJ", "https:", "\x1b"} {
			require.NotContains(t, text, secret)
		}
	}

	failing := &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF })}
	client = newClient(t, wspa, func(c *inipec.Config) { c.HTTP = failing })
	_, err = client.Submit(t.Context(), []string{person})
	require.ErrorIs(t, err, inipec.ErrUnavailable)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.NotContains(t, err.Error(), "test-client", "net/http's errors hold the URL")
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestConfig: what cannot work is said before the first call.
func TestConfig(t *testing.T) {
	t.Parallel()
	id := identity()
	good := inipec.Config{BaseURL: base, ClientID: "c", Key: id.key, Certificate: id.certificate, Location: time.UTC}
	cases := []struct {
		change func(*inipec.Config)
		want   error
		reason string
	}{
		{func(*inipec.Config) {}, nil, "complete"},
		{func(c *inipec.Config) { *c = inipec.Config{} }, inipec.ErrNoCredentials, "the zero value"},
		{func(c *inipec.Config) { c.BaseURL = "http://wspa.example.it/" }, inipec.ErrConfig, "no TLS"},
		{func(c *inipec.Config) { c.BaseURL = "https://u:p@wspa.example.it/" }, inipec.ErrConfig, "a password"},
		{func(c *inipec.Config) { c.Certificate = []byte("x") }, inipec.ErrConfig, "no certificate"},
		{func(c *inipec.Config) { c.Key = otherKey() }, inipec.ErrConfig, "the certificate of another key"},
	}
	for _, c := range cases {
		config := good
		c.change(&config)
		_, err := inipec.NewClient(config)
		require.ErrorIs(t, err, c.want, c.reason)
	}
	_, err := inipec.NewINAD(inipec.INADConfig{})
	require.ErrorIs(t, err, inipec.ErrNoCredentials)
}

// TestEndedContext: nothing is sent, and the outcome is known.
func TestEndedContext(t *testing.T) {
	t.Parallel()
	wspa := newWSPA()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := newClient(t, wspa).Submit(ctx, []string{person})
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, inipec.ErrOutcomeUnknown)
	require.Zero(t, wspa.Calls("richiestaElencoPec"))
}

// TestUnaskedCodes: where the answer names a code that was not asked, silence
// about another is no answer, and what is said stands.
func TestUnaskedCodes(t *testing.T) {
	t.Parallel()
	wspa := newWSPA()
	wspa.Fault = reply("getElencoPec", 200, `{"identificativoRichiesta":"7","elencoPec":[
		{"cf":"`+bodyCode(1)+`","pecImpresa":"firm@pec.example.it"},{"cf":"`+bodyCode(2)+`","pecImpresa":"other@pec.example.it"}]}`)
	answers, err := newClient(t, wspa).Poll(t.Context(), "7", []string{person, bodyCode(1)})
	require.NoError(t, err)
	require.Equal(t, inipec.Unclear, answers[0].Outcome)
	require.Equal(t, inipec.Found, answers[1].Outcome)
}

// TestSubmitAfterFailedDial: without a connection the service has seen nothing,
// so the submission is repeated, and if that fails too the outcome is known.
func TestSubmitAfterFailedDial(t *testing.T) {
	t.Parallel()
	identity()
	for failures, want := range []error{nil, nil, inipec.ErrUnavailable} {
		synctest.Test(t, func(t *testing.T) {
			wspa := newWSPA()
			left := failures
			client := newClient(t, wspa, func(c *inipec.Config) {
				next := c.HTTP.Transport
				c.HTTP = &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
					if left > 0 && strings.HasSuffix(r.URL.Path, "richiestaElencoPec") {
						left--
						return nil, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
					}
					return next.RoundTrip(r)
				})}
			})
			_, err := client.Submit(t.Context(), []string{person})
			require.ErrorIs(t, err, want)
			require.NotErrorIs(t, err, inipec.ErrOutcomeUnknown)
			require.Equal(t, want == nil, wspa.Calls("richiestaElencoPec") == 1)
		})
	}
}
