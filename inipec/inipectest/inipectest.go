// Package inipectest has fakes of the token endpoint of PDND, of InfoCamere's
// services for INI-PEC and of INAD, for tests of programs that use package
// inipec.
//
//	pdnd := &inipectest.PDND{Keys: map[string]crypto.PublicKey{"kid": key.Public()}, …}
//	inad := &inipectest.INAD{PDND: pdnd, Domiciles: …}
//	client := &http.Client{Transport: inipectest.Transport{"auth.test.example.it": pdnd, "inad.test.example.it": inad}}
//
// They are [http.Handler] values: [Transport] serves them in memory, also under
// testing/synctest, and net/http/httptest on a socket.
//
// Each request is checked by hand-written code against the shapes of the OpenAPI
// documents of the services, more strictly where the client can know: a request
// that they do not allow gets an error and is noted in Problems. Where the
// documents are silent, fields of the fakes choose. The module in conformance
// compares both with the documents themselves, by kin-openapi; errors inside a
// 200 body and [InfoCamere.Nulls], which one client's code knows, are against the
// document of InfoCamere.
//
// Addresses, codes and tokens are what the test puts in; nothing is sent
// anywhere. The fields are set before first use. The fakes may be used by several
// goroutines.
package inipectest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"time"
)

// Transport answers requests in memory, by host.
type Transport map[string]http.Handler

// errLost is what a client sees of an answer that got lost.
type errLost struct{}

func (errLost) Error() string   { return "inipectest: the answer is lost" }
func (errLost) Timeout() bool   { return true }
func (errLost) Temporary() bool { return true }

// RoundTrip serves the request.
func (t Transport) RoundTrip(r *http.Request) (response *http.Response, err error) {
	handler, ok := t[r.URL.Host]
	if !ok {
		return nil, fmt.Errorf("inipectest: no service at %s", r.URL.Host)
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	var body []byte
	if r.Body != nil {
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		_ = r.Body.Close()
	}
	served := r.Clone(context.WithoutCancel(r.Context()))
	served.Body = io.NopCloser(bytes.NewReader(body))
	served.RequestURI = r.URL.RequestURI()
	recorder := httptest.NewRecorder()
	defer func() {
		if p := recover(); p != nil {
			if e, ok := p.(error); !ok || !errors.Is(e, http.ErrAbortHandler) {
				panic(p)
			}
			response, err = nil, errLost{}
		}
	}()
	handler.ServeHTTP(recorder, served)
	response = recorder.Result()
	response.Request = r
	return response, nil
}

// Fault is what goes wrong with one request. The zero value is nothing.
type Fault struct {
	// Status and Body, if Status is not 0, are the answer, and the request is
	// not looked at.
	Status int
	Body   string
	Header http.Header
	// Lose: the request is served, and its answer never arrives.
	Lose bool
}

// service is what the fakes have in common.
type service struct {
	mu       sync.Mutex
	calls    map[string]int
	problems []string
}

// Calls returns how often an operation was called, also in vain.
func (s *service) Calls(operation string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[operation]
}

// Problems returns what was wrong with requests, in order.
func (s *service) Problems() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.problems)
}

// begin counts a call and applies its fault. It is called with the lock held,
// and returns whether the request has its answer already, and what to do after
// it has one.
func (s *service) begin(w http.ResponseWriter, operation string, fault func(string, int) Fault) (answered bool, end func()) {
	if s.calls == nil {
		s.calls = make(map[string]int)
	}
	s.calls[operation]++
	var f Fault
	if fault != nil {
		f = fault(operation, s.calls[operation])
	}
	if f.Lose {
		return false, func() { panic(http.ErrAbortHandler) }
	}
	if f.Status == 0 {
		return false, func() {}
	}
	for name, values := range f.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(f.Status)
	_, _ = io.WriteString(w, f.Body)
	return true, func() {}
}

func (s *service) problem(format string, args ...any) string {
	p := fmt.Sprintf(format, args...)
	s.problems = append(s.problems, p)
	return p
}

func writeJSON(w http.ResponseWriter, status int, contentType string, v any) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func clock(now func() time.Time) time.Time {
	if now == nil {
		return time.Now()
	}
	return now()
}

// strict reads one JSON value, all of whose keys are known.
func strict(r io.Reader, into any) error {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if d.More() {
		return errors.New("more than one JSON value")
	}
	return nil
}
