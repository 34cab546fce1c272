package ipa_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/ipa"
)

func client(t testing.TB, f *fake, o ipa.ClientOptions) *ipa.Client {
	t.Helper()
	o.BaseURL = f.URL + "/ws/"
	if o.Interval == 0 {
		o.Interval = -1
	}
	c, err := ipa.NewClient(authID, &o)
	require.NoError(t, err)
	return c
}

func TestTypedCalls(t *testing.T) {
	t.Parallel()
	domicile := ipa.Domicile{Address: "a@pec.example.it", Type: ipa.TypePEC, BodyCode: "c_z001", BodyName: "Comune di Fantasia", Published: "2015-01-02", Cancelled: "2019-05-06"}
	history := `[{"pec":"a@pec.example.it","tipo":"Pec","data_pubblicazione":"2015-01-02","data_cancellazione":"2019-05-06","cod_amm":"c_z001","denominazione":"Comune di Fantasia"}]`
	for _, c := range []struct {
		reason, data string
		parameter    string // sent
		call         func(*ipa.Client) (any, error)
		want         any
	}{
		{"WS05, one object", `{"cod_amm":"c_z001","acronimo":" ","des_amm":"Comune di Fantasia","cap":"00144","mail1":"a@pec.example.it","mail2":"da_indicare@x.it","mail3":null,"cf":"00144000015"}`, "COD_AMM=c_z001",
			func(c *ipa.Client) (any, error) { b, _, err := c.Body(t.Context(), "c_z001"); return b, err },
			ipa.RemoteBody{Code: "c_z001", Name: "Comune di Fantasia", PostalCode: "00144", FiscalCode: "00144000015", Addresses: []string{"a@pec.example.it"}}},
		{"WS05 as a list, with numbers and other keys", `[{"COD_AMM":"c_z001","Des_Amm":"Comune di Fantasia","cf":144000015}]`, "COD_AMM=c_z001",
			func(c *ipa.Client) (any, error) { b, _, err := c.Body(t.Context(), "c_z001"); return b, err },
			ipa.RemoteBody{Code: "c_z001", Name: "Comune di Fantasia", FiscalCode: "144000015"}},
		{"WS07", `[{"tipo_email":"CECPAC","tipo_entita":"UO","cod_amm":"c_z001","des_amm":"Comune di Fantasia","cod_entita":"UF0001"}]`, "EMAIL=a@pec.example.it",
			func(c *ipa.Client) (any, error) { return c.AddressOwners(t.Context(), "a@pec.example.it") },
			[]ipa.RemoteOwner{{Type: ipa.TypeCECPAC, Entity: "UO", BodyCode: "c_z001", BodyName: "Comune di Fantasia", Code: "UF0001"}}},
		{"WS13", `{"domicilio_digitale":"a@pec.example.it","tipo":"Pec","cod_amm":"c_z001","des_Amm":"Comune di Fantasia","data_pubblicazione":"2015-01-02","data_cancellazione":"2019-05-06"}`, "DOM_DIG=a@pec.example.it",
			func(c *ipa.Client) (any, error) { return c.DomicileHistory(t.Context(), "a@pec.example.it") }, []ipa.Domicile{domicile}},
		{"WS16, the apostrophe doubled", `[{"cod_amm":"c_z001","acronimo":null,"des_amm":"Comune di Fantasia"}]`, "DESCR=d''alba",
			func(c *ipa.Client) (any, error) { return c.SearchBodies(t.Context(), "d'alba") },
			[]ipa.RemoteBody{{Code: "c_z001", Name: "Comune di Fantasia"}}},
		{"WS20", `[{"pec":"a@pec.example.it","tipo":"Sercq","data_pubblicazione":"2015-01-02","cod_amm":"c_z001","denominazione":"Comune di Fantasia"}]`, "COD_AMM=c_z001",
			func(c *ipa.Client) (any, error) { return c.BodyPEC(t.Context(), "c_z001") },
			[]ipa.Domicile{{Address: "a@pec.example.it", Type: ipa.TypeSERCQ, BodyCode: "c_z001", BodyName: "Comune di Fantasia", Published: "2015-01-02"}}},
		{"WS21", history, "COD_AMM=c_z001",
			func(c *ipa.Client) (any, error) { return c.BodyPECHistory(t.Context(), "c_z001") }, []ipa.Domicile{domicile}},
		{"WS22", history, "PEC=a@pec.example.it",
			func(c *ipa.Client) (any, error) { return c.PECHistory(t.Context(), " a@pec.example.it ") }, []ipa.Domicile{domicile}},
		{"WS23", `[{"domicilio_digitale":"a@pec.example.it","tipo":"Pec","cod_amm":"c_z001","des_amm":"Comune di Fantasia"}]`, "CF=00144000015",
			func(c *ipa.Client) (any, error) { return c.DomicilesByFiscalCode(t.Context(), "00144000015") },
			[]ipa.Domicile{{Address: "a@pec.example.it", Type: ipa.TypePEC, BodyCode: "c_z001", BodyName: "Comune di Fantasia"}}},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, replies(c.data))
			got, err := c.call(client(t, f, ipa.ClientOptions{}))
			require.NoError(t, err)
			require.Equal(t, c.want, got)
			require.Equal(t, 1, f.requests())
			name, v, _ := strings.Cut(c.parameter, "=")
			require.Equal(t, v, f.forms[0].Get(name))
		})
	}
}

func TestEveryServiceThroughTheGenericCall(t *testing.T) {
	t.Parallel()
	f := newFake(t, replies(`[{"cod_amm":"c_z","OU":[{"cod_uni_ou":"UF0001"}]}]`))
	c := client(t, f, ipa.ClientOptions{})
	all := map[string]string{"CF": "1", "EMAIL": "a@b.it", "COD_AMM": "c", "COD_AOO": "a", "COD_UNI_OU": "u", "DESCR": "d", "DOM_DIG": "d@b.it", "COD_UNI_AOO": "x", "PEC": "p@b.it", "STORICO": "S"}
	for n := ipa.WS01; n <= ipa.WS23; n++ {
		if n == 17 {
			_, err := c.Call(t.Context(), n, nil)
			require.ErrorIs(t, err, ipa.ErrService)
			continue
		}
		_, err := c.Call(t.Context(), n, nil)
		require.ErrorIs(t, err, ipa.ErrParameter, "%v without its parameter is not sent", n)
		p := ipa.Parameters{}
		for path, s := range documented {
			if strings.Contains(path, "/"+n.String()+"_") {
				for _, name := range append(s.must, s.may...) {
					p[name] = all[name]
				}
			}
		}
		reply, err := c.Call(t.Context(), n, p)
		require.NoError(t, err, "%v", n)
		require.Equal(t, "c_z", reply.Items[0].Text("COD_AMM"))
		require.Equal(t, "UF0001", reply.Items[0].Items("ou")[0].Text("cod_uni_ou"))
		require.Equal(t, []string{"cod_amm", "ou"}, reply.Items[0].Keys())
	}
	require.Equal(t, 22, f.requests())
	_, err := c.Call(t.Context(), ipa.WS05, ipa.Parameters{"COD_AMM": "c", "CF": "1"})
	require.ErrorIs(t, err, ipa.ErrParameter, "one that the service does not take")
}

// TestPublishedShapes compares what the fake holds to be documented with the
// OpenAPI of another client of the same services.
func TestPublishedShapes(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(counterpart.Reference(t, "spec", "openapi", "ipa_extraction.yaml"))
	require.NoError(t, err)
	lines := strings.Split(string(raw), "\n")
	paths := 0
	for i, line := range lines {
		path := strings.TrimSuffix(strings.TrimSpace(line), ":")
		if !strings.HasPrefix(path, "/ws/") {
			continue
		}
		paths++
		service, ok := documented[path]
		require.True(t, ok, path)
		require.Equal(t, "post:", strings.TrimSpace(lines[i+1]))
		name := path[strings.LastIndexByte(path, '/')+1:][:4] // WS05
		require.Equal(t, append(service.must, "AUTH_ID"), requiredOf(lines, name+"RequestDto"))
	}
	require.Equal(t, 2, paths)
}

// requiredOf reads the list "required" of a schema.
func requiredOf(lines []string, schema string) (names []string) {
	inside := false
	for _, line := range lines {
		switch {
		case strings.HasPrefix(line, "    ") && strings.TrimSpace(line) == schema+":":
			inside = true
		case inside && strings.HasPrefix(strings.TrimSpace(line), "- "):
			names = append(names, strings.TrimSpace(line)[2:])
		case inside && strings.TrimSpace(line) == "type: object":
			return names
		}
	}
	return names
}

func TestNothingFoundIsNoError(t *testing.T) {
	t.Parallel()
	for _, answer := range []http.HandlerFunc{
		replies("null"), replies("[]"), replies("{}"), replies(`""`), replies("[null]"), replies(`{"cod_amm":null,"des_amm":"","mail1":" "}`),
		says("text/html; charset=UTF-8", "\ufeff\n"+`{"RESULT":{"COD_ERR":"0","NUM_ITEMS":0.0}}`), refuses(23, "COD_AMM inesistente"),
	} {
		c := client(t, newFake(t, answer), ipa.ClientOptions{})
		_, found, err := c.Body(t.Context(), "c_nessuno")
		require.NoError(t, err)
		require.False(t, found)
		list, err := c.BodyPECHistory(t.Context(), "c_nessuno")
		require.NoError(t, err)
		require.Empty(t, list)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		code int
		is   error
		said string
	}{
		{902, ipa.ErrAuth, "ipa: WS07: error 902: AUTH_ID wrong: codice [AUTH_ID] errato"},
		{12, ipa.ErrParameter, "ipa: WS07: error 12: EMAIL malformed: codice [AUTH_ID] errato"},
		{555, nil, "ipa: WS07: error 555: undocumented code: codice [AUTH_ID] errato"},
	} {
		f := newFake(t, refuses(c.code, "codice "+authID+" errato"))
		_, err := client(t, f, ipa.ClientOptions{}).AddressOwners(t.Context(), "a@pec.example.it")
		require.EqualError(t, err, c.said, "the AUTH_ID is not repeated even where the server does")
		require.ErrorAs(t, err, new(*ipa.ServiceError))
		if c.is != nil {
			require.ErrorIs(t, err, c.is)
		}
		require.Equal(t, 1, f.requests(), "a refusal is not tried again")
	}
}

func TestTechnicalFaults(t *testing.T) {
	t.Parallel()
	ok := `{"result":{"cod_err":0},"data":[]}`
	for _, c := range []struct {
		reason   string
		answer   http.HandlerFunc
		timeout  time.Duration
		is       error
		said     string
		requests int
	}{
		{"500 each time", fails(500), 0, ipa.ErrStatus, "ipa: WS20: HTTP status 500 (3 tries)", 3},
		{"500 once", inTurn(fails(500), says("application/json", ok)), 0, nil, "", 2},
		{"429 once", inTurn(fails(429), says("application/json", ok)), 0, nil, "", 2},
		{"503 that wishes an hour", fails(503, "Retry-After", "3600"), 0, ipa.ErrStatus, "ipa: WS20: HTTP status 503", 1},
		{"404", fails(404), 0, ipa.ErrStatus, "ipa: WS20: HTTP status 404", 1},
		{"401", fails(401), 0, ipa.ErrStatus, "ipa: WS20: HTTP status 401", 1},
		{"a body cut off, then whole", inTurn(truncates("application/json", ok[:20]), says("application/json", ok)), 0, nil, "", 2},
		{"a body cut off each time", truncates("application/json", ok), 0, io.ErrUnexpectedEOF, "ipa: WS20: unexpected EOF (3 tries)", 3},
		{"JSON cut off", says("application/json", ok[:20]), 0, ipa.ErrReply, "ipa: WS20: not a reply as documented: no JSON object", 1},
		{"JSON of something else", says("application/json", `{"error":"x"}`), 0, ipa.ErrReply, `ipa: WS20: not a reply as documented: no "result"`, 1},
		{"cod_err that is no number", says("application/json", `{"result":{"cod_err":"x"}}`), 0, ipa.ErrReply, `ipa: WS20: not a reply as documented: cod_err is "x"`, 1},
		{"cod_err missing", says("application/json", `{"result":{},"data":[]}`), 0, ipa.ErrReply, `ipa: WS20: not a reply as documented: cod_err is ""`, 1},
		{"data of texts", says("application/json", `{"result":{"cod_err":0},"data":["x"]}`), 0, ipa.ErrReply, "ipa: WS20: not a reply as documented: data holds something else than objects", 1},
		{"a wrong content type", says("application/pdf", "%PDF-1.7"), 0, ipa.ErrContentType, "ipa: WS20: not the type of content that was asked for: application/pdf", 1},
		{"a web page", says("text/html", "\n<!DOCTYPE html><html>"), 0, ipa.ErrContentType, "ipa: WS20: not the type of content that was asked for: a web page", 1},
		{"a web page called JSON", says("application/json", "<html>"), 0, ipa.ErrContentType, "ipa: WS20: not the type of content that was asked for: a web page", 1},
		{"nothing", says("application/json", " \n"), 0, ipa.ErrParameter, "ipa: a parameter is not accepted: WS20: an empty reply, as for a forbidden character", 1},
		{"a redirect to itself", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path, http.StatusTemporaryRedirect)
		}, 0, ipa.ErrRedirect, "ipa: WS20: redirected to where requests are not sent", 1},
		{"slow bytes", drips("application/json", ok[:5]), 50 * time.Millisecond, context.DeadlineExceeded, "ipa: WS20: context deadline exceeded (3 tries)", 3},
		{"a gzip bomb", bomb("application/json", 50), 0, ipa.ErrTooLarge, "ipa: WS20: reply too large: over 1048576 bytes", 1},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, c.answer)
			_, err := client(t, f, ipa.ClientOptions{Timeout: c.timeout}).BodyPEC(t.Context(), "c_z001")
			if c.is == nil {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, c.is)
				require.EqualError(t, err, c.said)
				require.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, err), authID)
			}
			require.Equal(t, c.requests, f.requests())
		})
	}
}

func TestReplyLimit(t *testing.T) {
	t.Parallel()
	padded := func(n int) string {
		ok := `{"result":{"cod_err":0},"data":[]}`
		return ok + strings.Repeat(" ", n-len(ok))
	}
	_, err := client(t, newFake(t, says("application/json", padded(1<<20))), ipa.ClientOptions{}).BodyPEC(t.Context(), "c")
	require.NoError(t, err)
	_, err = client(t, newFake(t, says("application/json", padded(1<<20+1))), ipa.ClientOptions{}).BodyPEC(t.Context(), "c")
	require.ErrorIs(t, err, ipa.ErrTooLarge)
}

func TestRedirectElsewhereDoesNotCarryTheSecret(t *testing.T) {
	t.Parallel()
	asked := false
	other := newFake(t, func(http.ResponseWriter, *http.Request) { asked = true })
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+"/ws/", http.StatusPermanentRedirect)
	})
	follows := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}
	_, err := client(t, f, ipa.ClientOptions{HTTP: follows}).BodyPEC(t.Context(), "c_z001")
	require.ErrorIs(t, err, ipa.ErrRedirect)
	require.False(t, asked)
}

func TestSecretIsNotPrinted(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	f := newFake(t, fails(500))
	c := client(t, f, ipa.ClientOptions{Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})), Tries: 1})
	_, err := c.AddressOwners(t.Context(), "mario.rossi@pec.example.it")
	require.Error(t, err)
	holder := struct{ c *ipa.Client }{c}
	printed := fmt.Sprintf("%v %+v %#v %s %v %+v %#v", c, c, c, c, *c, holder, holder)
	require.NotContains(t, printed, authID)
	require.Contains(t, log.String(), "operation=WS07")
	require.NotContains(t, log.String(), authID)
	require.NotContains(t, log.String(), "mario.rossi", "parameters are not logged")
}

func TestNewClientRefuses(t *testing.T) {
	t.Parallel()
	_, err := ipa.NewClient("  ", nil)
	require.ErrorIs(t, err, ipa.ErrNoAuthID)
	for _, base := range []string{"http://www.indicepa.gov.it/ws/", "www.indicepa.gov.it", "://", "ftp://localhost/"} {
		_, err := ipa.NewClient(authID, &ipa.ClientOptions{BaseURL: base})
		require.Error(t, err, "%s", base)
		require.NotContains(t, err.Error(), authID)
	}
	_, err = ipa.NewClient(authID, nil)
	require.NoError(t, err)
}

func TestCancel(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	f := newFake(t, func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() })
	_, err := client(t, f, ipa.ClientOptions{}).BodyPEC(ctx, "c_z001")
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 1, f.requests())
}

// roundTrips is a transport without a network, for tests under a clock that
// stands still.
type roundTrips func(*http.Request) (*http.Response, error)

func (r roundTrips) RoundTrip(req *http.Request) (*http.Response, error) { return r(req) }

func response(status int, retryAfter, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{"Retry-After": {retryAfter}}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1}
}

func TestPauses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		reason     string
		retryAfter string
		least      time.Duration // between the first and the third request
		most       time.Duration
	}{
		{"without a wish, at most half a second and a second", "", 0, 1500 * time.Millisecond},
		{"in seconds", "7", 14 * time.Second, 14 * time.Second},
		{"as a date", "Sat, 01 Jan 2000 00:00:30 GMT", 30 * time.Second, 30*time.Second + 1500*time.Millisecond},
		{"nonsense", "soon", 0, 1500 * time.Millisecond},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // the clock starts at 2000-01-01
				var at []time.Time
				transport := roundTrips(func(*http.Request) (*http.Response, error) {
					at = append(at, time.Now())
					if len(at) < 3 {
						return response(503, c.retryAfter, ""), nil
					}
					return response(200, "", `{"result":{"cod_err":0},"data":[]}`), nil
				})
				client, err := ipa.NewClient(authID, &ipa.ClientOptions{HTTP: &http.Client{Transport: transport}, Interval: -1})
				require.NoError(t, err)
				_, err = client.BodyPEC(t.Context(), "c_z001")
				require.NoError(t, err)
				require.Len(t, at, 3)
				require.GreaterOrEqual(t, at[2].Sub(at[0]), c.least)
				require.LessOrEqual(t, at[2].Sub(at[0]), c.most)
			})
		})
	}
}

func TestInterval(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		started := time.Now()
		var n atomic.Int32
		transport := roundTrips(func(*http.Request) (*http.Response, error) {
			n.Add(1)
			return response(200, "", `{"result":{"cod_err":0},"data":[]}`), nil
		})
		client, err := ipa.NewClient(authID, &ipa.ClientOptions{HTTP: &http.Client{Transport: transport}})
		require.NoError(t, err)
		done := make(chan error)
		for range 9 {
			go func() { _, err := client.BodyPEC(t.Context(), "c_z001"); done <- err }()
		}
		for range 9 {
			require.NoError(t, <-done)
		}
		require.EqualValues(t, 9, n.Load())
		require.Equal(t, 4*time.Second, time.Since(started), "two requests a second, the first at once")

		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		_, err = client.BodyPEC(ctx, "c_z001")
		require.ErrorIs(t, err, context.DeadlineExceeded, "the wait ends with the context")
	})
}

func TestDomicileOn(t *testing.T) {
	t.Parallel()
	day := func(s string) time.Time { d, err := time.Parse(time.DateOnly, s); require.NoError(t, err); return d }
	d := ipa.Domicile{Published: "02/01/2015", Cancelled: "2019-05-06 10:00:00"}
	for when, want := range map[string]bool{"2015-01-01": false, "2015-01-02": true, "2019-05-05": true, "2019-05-06": false, "2024-01-01": false} {
		got, err := d.On(day(when))
		require.NoError(t, err)
		require.Equal(t, want, got, when)
	}
	d.Cancelled = ""
	got, err := d.On(day("2024-01-01"))
	require.NoError(t, err)
	require.True(t, got)
	for _, d := range []ipa.Domicile{{}, {Published: "ieri"}, {Published: "2015-01-02", Cancelled: "boh"}} {
		_, err := d.On(day("2024-01-01"))
		require.ErrorIs(t, err, ipa.ErrDate)
	}
}
