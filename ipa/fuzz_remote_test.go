package ipa_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/ipa"
)

// The ways in which the other side of a request fails, beside what it says.
const (
	soundNetwork  uint8 = iota
	cutOff              // io.ErrUnexpectedEOF after some bytes
	brokenBody          // another error after some bytes
	stalledBody         // nothing more comes, until the client gives up
	noConnection        // not even a reply
	endedContext        // the caller's context is over before
	endingContext       // or within three seconds, when nothing more comes
	paddedBody          // blanks after the body
	networkFaults
	onlyFirst = 1 << 7 // the fault is that of the first request only
)

// reply is one reply with its fault.
type remoteReply struct {
	status                            int
	contentType, retryAfter, location string
	body                              string
	fault                             uint8
	at                                int
}

func (r remoteReply) send(req *http.Request) (*http.Response, error) {
	at := max(0, min(r.at, len(r.body)))
	body := io.Reader(strings.NewReader(r.body[:at]))
	switch r.fault {
	case cutOff:
		body = io.MultiReader(body, iotest.ErrReader(io.ErrUnexpectedEOF))
	case brokenBody:
		body = io.MultiReader(body, iotest.ErrReader(errDisk))
	case stalledBody, endingContext:
		body = io.MultiReader(body, stalled{req.Context()})
	case noConnection:
		return nil, &net.OpError{Op: "dial", Err: errDisk}
	case paddedBody:
		body = io.MultiReader(strings.NewReader(r.body), strings.NewReader(r.padding()))
	default:
		body = strings.NewReader(r.body)
	}
	return &http.Response{StatusCode: r.status, Body: io.NopCloser(body), ContentLength: -1, Request: req,
		Header: http.Header{"Content-Type": {r.contentType}, "Retry-After": {r.retryAfter}, "Location": {r.location}}}, nil
}

func (r remoteReply) padding() string { return strings.Repeat(" ", max(0, r.at)%(3<<19)) }

// passes reports whether the same request may be sent again.
func (r remoteReply) passes() bool {
	switch r.status {
	case 429, 500, 502, 503, 504:
		return true
	}
	return r.fault == cutOff || r.fault == stalledBody || r.fault == noConnection
}

type stalled struct{ ctx context.Context }

func (s stalled) Read([]byte) (int, error) { <-s.ctx.Done(); return 0, s.ctx.Err() }

// contextFor is the context that a fault wants.
func contextFor(t *testing.T, fault uint8) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	switch fault {
	case endedContext:
		cancel()
	case endingContext:
		t.Cleanup(cancel)
	default:
		cancel()
		return t.Context()
	}
	return ctx
}

const goodReply = `{"result":{"cod_err":0},"data":[]}`

// FuzzReply: whatever a service answers, the AUTH_ID goes nowhere but into the
// form and comes out nowhere; an error gives no result and is of a kind that is
// told; only what may pass is tried again, and not for long; and the typed
// calls agree with the generic one.
func FuzzReply(f *testing.F) {
	add := func(n int, status int, contentType, retryAfter, body string, fault uint8, at int) {
		f.Add(n, "d'alba", status, contentType, retryAfter, body, fault, at)
	}
	bodies := []string{
		`{"result":{"cod_err":0,"desc_err":"","num_items":1},"data":[{"cod_amm":"c","mail1":"a@b","n":1.0,"tipo":"Sercq","data_pubblicazione":"02/01/2015","data_cancellazione":"2019-05-06 10:00:00"}]}`,
		`{"Result":{"cod_err":"902","desc_err":"` + authID + `"}}`, `{"result":{"cod_err":"` + authID + `"}}`,
		`{"result":{"cod_err":0},"data":{"OU":[{"a":null}],"COD_AMM":"x","cod_amm":"c_z"}}`,
		`{"result":{"cod_err":0},"data":[{"a":"\u00`, `{"result":{"cod_err":0},"data":[{"a":tru}]}`, `{"result":{"cod_err":0},"data":[1`,
		goodReply, goodReply[:20], `{"error":"x"}`, `{"result":{"cod_err":"x"}}`, `{"result":{},"data":[]}`, `{"result":{"cod_err":0},"data":["x"]}`,
		"<html>", " \n", "\ufeff\n" + `{"RESULT":{"COD_ERR":"0","NUM_ITEMS":0.0}}`,
		`{"result":{"cod_err":23}}`, `{"result":{"cod_err":12,"desc_err":"codice"}}`, `{"result":{"cod_err":555}}`,
	}
	for _, data := range []string{"null", "{}", `""`, "[null]", `{"cod_amm":null,"des_amm":"","mail1":" "}`, `[{"cod_amm":true,"ou":[{"x":"da_indicare@x.it"}],"y":{"z":1}}]`} {
		bodies = append(bodies, `{"result":{"cod_err":0},"data":`+data+`}`)
	}
	for i, body := range bodies {
		add(i%24, 200, "application/json", "", body, soundNetwork, 0)
		add(5, 200, "text/html; charset=UTF-8", "", body, soundNetwork, 0)
	}
	for n := range 25 {
		add(n, 200, "", "", bodies[0], soundNetwork, 0)
		f.Add(n, " ", 200, "", "", goodReply, soundNetwork, 0)
	}
	for fault := range networkFaults {
		add(20, 200, "application/json", "", goodReply, fault, 20)
		add(20, 200, "application/json", "", goodReply, fault|onlyFirst, 1<<20)
		add(20, 503, "", "7", "", fault, 3)
	}
	for _, status := range []int{500, 429, 401, 404, 307, 204} {
		add(21, status, "", "", "<html>"+authID, soundNetwork, 0)
		add(22, status, "", "", "", onlyFirst, 0)
	}
	add(20, 200, "application/pdf", "", "%PDF-1.7", soundNetwork, 0)
	add(20, 200, "x;=", "", goodReply, soundNetwork, 0)
	for _, wish := range []string{"3600", "Sat, 01 Jan 2000 00:00:30 GMT", "soon"} {
		add(20, 503, "", wish, "", soundNetwork, 0)
	}
	f.Fuzz(func(t *testing.T, n int, value string, status int, contentType, retryAfter, body string, fault uint8, at int) {
		if status < 200 || status > 599 {
			status = 200
		}
		r := remoteReply{status, contentType, retryAfter, "/ws/elsewhere", body, fault &^ onlyFirst % networkFaults, at}
		synctest.Test(t, func(t *testing.T) { callService(t, ipa.Service(n), value, r, fault&onlyFirst != 0) })
	})
}

func callService(t *testing.T, service ipa.Service, value string, r remoteReply, onlyFirst bool) {
	started, requests := time.Now(), 0
	var log strings.Builder
	transport := roundTrips(func(req *http.Request) (*http.Response, error) {
		requests++
		form, _ := io.ReadAll(req.Body)
		values, err := url.ParseQuery(string(form))
		if err != nil || values.Get("AUTH_ID") != authID || strings.Contains(req.URL.String()+fmt.Sprint(req.Header), authID) {
			t.Errorf("%s %v with %q", req.URL, req.Header, form)
		}
		if onlyFirst && requests > 1 {
			return response(200, "", goodReply), nil
		}
		return r.send(req)
	})
	c, err := ipa.NewClient(authID, &ipa.ClientOptions{HTTP: &http.Client{Transport: transport}, Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	require.NoError(t, err)
	p, known := parametersOf(service, value)
	ctx := contextFor(t, r.fault)
	reply, err := c.Call(ctx, service, p)
	checkFailure(t, r, reply == nil, err)
	if known == errors.Is(err, ipa.ErrService) || !known && requests > 0 || strings.TrimSpace(value) == "" && requests > 0 {
		t.Fatalf("%d requests: %v", requests, err)
	}
	if requests > 3 || requests > 1 && !r.passes() || time.Since(started) > 4*time.Minute {
		t.Fatalf("%d requests in %v: %v", requests, time.Since(started), err)
	}
	if strings.Contains(log.String(), authID) {
		t.Fatal(log.String())
	}
	if err == nil {
		checkItems(t, reply.Items, 3)
	}
	p["UNKNOWN"] = "x"
	sent := requests
	if _, err := c.Call(ctx, service, p); err == nil || requests != sent {
		t.Fatalf("a parameter that the service does not take was sent: %v", err)
	}

	typed, again := typedCall(ctx, c, service, value)
	if typed < 0 || onlyFirst || r.fault == endingContext {
		return
	}
	switch e, ok := errors.AsType[*ipa.ServiceError](err); {
	case ok && e.Code == 23:
		if again != nil || typed != 0 {
			t.Fatalf("an unknown body is an error: %v", again)
		}
	case (err == nil) != (again == nil), err != nil && err.Error() != again.Error(), err == nil && typed != len(reply.Items) && service != ipa.WS05:
		t.Fatalf("%v and %v, %d items", err, again, typed)
	}
}

// parametersOf gives the parameters that a service must have.
func parametersOf(service ipa.Service, value string) (ipa.Parameters, bool) {
	for path, s := range documented {
		if strings.Contains(path, "/"+service.String()+"_") {
			p := ipa.Parameters{}
			for _, name := range s.must {
				p[name] = value
				if name == "DESCR" { // as the typed call sends it
					p[name] = strings.ReplaceAll(value, "'", "''")
				}
			}
			return p, true
		}
	}
	return ipa.Parameters{}, false
}

// checkFailure: an error gives no result, does not tell the secret, and is one
// of those that are documented: in particular the reader's own.
func checkFailure(t *testing.T, r remoteReply, empty bool, err error) {
	if empty != (err != nil) {
		t.Fatalf("a result and an error: %v", err)
	}
	if err == nil {
		return
	}
	if text := fmt.Sprintf("%v %#v", err, err); strings.Contains(text, authID) || !strings.HasPrefix(text, "ipa: ") {
		t.Fatalf("%v", err)
	}
	upstream, isUpstream := errors.AsType[*ipa.UpstreamError](err)
	service, isService := errors.AsType[*ipa.ServiceError](err)
	early := errors.Is(err, ipa.ErrService) || errors.Is(err, ipa.ErrParameter) // mostly before any request
	switch {
	case isUpstream:
		if !errors.Is(err, upstream.Err) || upstream.Tries < 1 {
			t.Fatalf("%#v", upstream)
		}
		if r.fault == brokenBody && upstream.Status == 200 && !errors.Is(err, errDisk) || r.fault == noConnection && !errors.Is(err, errDisk) {
			t.Fatalf("the reader's error became %v", err)
		}
	case isService:
		if errors.Is(err, ipa.ErrAuth) && errors.Is(err, ipa.ErrParameter) || service.Code == 0 {
			t.Fatalf("%#v", service)
		}
	case !early && r.fault != endedContext && r.fault != endingContext:
		t.Fatalf("an error of no kind: %v", err)
	}
}

// checkItems: keys are sorted and in small letters, and every value is read.
func checkItems(t *testing.T, items []ipa.Item, depth int) {
	for _, i := range items {
		keys := i.Keys()
		if !slices.IsSorted(keys) || len(slices.Compact(slices.Clone(keys))) != len(keys) {
			t.Fatalf("keys %q", keys)
		}
		for _, k := range keys {
			if strings.ToLower(k) == k && (i.Text(k) != i.Text(strings.ToUpper(k)) && isASCII(k) || i.Address(k) != "" && i.Address(k) != i.Text(k)) {
				t.Fatalf("%q: %q and %q", k, i.Text(k), i.Address(k))
			}
			if depth > 0 {
				checkItems(t, i.Items(k), depth-1)
			}
		}
	}
}

// typedCall makes the typed call of a service: how many results, or -1 if there
// is no such call.
func typedCall(ctx context.Context, c *ipa.Client, service ipa.Service, value string) (int, error) {
	switch service {
	case ipa.WS05:
		body, found, err := c.Body(ctx, value)
		if !found && (body.Code != "" || body.Addresses != nil) || found && err != nil {
			return 0, fmt.Errorf("a body that is not found: %+v", body)
		}
		return 0, err
	case ipa.WS16:
		list, err := c.SearchBodies(ctx, value)
		return len(list), err
	case ipa.WS07:
		list, err := c.AddressOwners(ctx, value)
		return len(list), err
	}
	call, ok := map[ipa.Service]func(context.Context, string) ([]ipa.Domicile, error){
		ipa.WS13: c.DomicileHistory, ipa.WS20: c.BodyPEC, ipa.WS21: c.BodyPECHistory, ipa.WS22: c.PECHistory, ipa.WS23: c.DomicilesByFiscalCode,
	}[service]
	if !ok {
		return -1, nil
	}
	list, err := call(ctx, value)
	return len(list), err
}

// FuzzDomicileOn: an address that was never cancelled stays a domicile, and a
// cancellation only takes days away.
func FuzzDomicileOn(f *testing.F) {
	for _, c := range [][2]string{{"02/01/2015", "2019-05-06 10:00:00"}, {"2015-01-02", ""}, {"", ""}, {"ieri", ""}, {"2015-01-02", "boh"}, {"20150102", "2014-01-01T00:00:00Z"}, {strings.Repeat("0", 50), ""}} {
		for _, days := range []int{5478, 5479, 5480, 7064, 7065, 0, 9000} { // around both dates
			f.Add(c[0], c[1], days)
		}
	}
	f.Fuzz(func(t *testing.T, published, cancelled string, days int) {
		day := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, days%20000)
		ask := func(cancelled string, day time.Time) (bool, bool) {
			on, err := ipa.Domicile{Published: published, Cancelled: cancelled}.On(day)
			if err != nil && (on || !errors.Is(err, ipa.ErrDate) || len(err.Error()) > 300) {
				t.Fatal(on, err)
			}
			return on, err == nil
		}
		ever, read := ask("", day)
		if later, _ := ask("", day.AddDate(0, 0, 1)); ever && !later {
			t.Fatalf("published %q, and no more a day after %v", published, day)
		}
		on, bothRead := ask(cancelled, day)
		if bothRead && !read || on && !ever {
			t.Fatalf("published %q, cancelled %q: a domicile on %v", published, cancelled, day)
		}
		if later, _ := ask(cancelled, day.AddDate(0, 0, 1)); later && ever && !on {
			t.Fatalf("published %q, cancelled %q: again a domicile after %v", published, cancelled, day)
		}
	})
}

// FuzzNewClient: a client is made only with a secret and for an address where
// the secret is safe, and neither it nor an error shows the secret.
func FuzzNewClient(f *testing.F) {
	for _, base := range []string{"", "https://example.it/ws", "http://www.indicepa.gov.it/ws/", "www.indicepa.gov.it", "://", "ftp://localhost/", "http://localhost:8080/ws/", "http://[::1]/"} {
		f.Add(authID, base)
	}
	f.Add("  ", "")
	f.Fuzz(func(t *testing.T, secret, base string) {
		c, err := ipa.NewClient(secret, &ipa.ClientOptions{BaseURL: base})
		if strings.TrimSpace(secret) == "" && !errors.Is(err, ipa.ErrNoAuthID) || (c == nil) != (err != nil) {
			t.Fatal(c, err)
		}
		if err == nil && base != "" {
			u, err := url.Parse(base)
			if err != nil || u.Scheme != "https" && !slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, u.Hostname()) {
				t.Fatalf("the secret would go to %q", base)
			}
		}
		if again, err2 := ipa.NewClient(secret, nil); base == "" && (c == nil) != (again == nil) {
			t.Fatal(err2)
		}
		printed := fmt.Sprintf("%v %+v %s %v", c, c, c, err)
		if secret = strings.TrimSpace(secret); len(secret) > 8 && isASCII(secret) && !strings.Contains(base+"ipa.Client(https://www.indicepa.gov.it/ws/)", secret) && strings.Contains(printed, secret) {
			t.Fatal(printed)
		}
	})
}
