// Package rest sends one request to one of the services: bounded in time and
// size, no redirect followed, tried again only where that is safe, and without
// a URL, a code or a token in any error.
package rest

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// What an error of [Do] can wrap, besides the context's.
var (
	ErrTooLarge = errors.New("answer is larger than the limit")
	ErrBase     = errors.New("base URL must be https, with a host, without user, query and fragment")
)

// Defaults of [Policy].
const (
	DefaultTries   = 3
	DefaultTimeout = 15 * time.Second
	DefaultLimit   = 16 << 20
	firstWait      = 500 * time.Millisecond
	maxRetryAfter  = time.Minute // a longer wait is the caller's to decide
)

// Policy says how often, how long and how much.
type Policy struct {
	Tries   int           // 0 means 3
	Timeout time.Duration // of one try, 0 means 15 s
	Limit   int64         // bytes of an answer, 0 means 16 MiB
	// Again decides whether a try may be repeated. err is nil, or a
	// *TransportError, and then r is nil.
	Again func(r *Response, err error) bool
}

// Response is an answer, read to its end.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// TransportError is the failure of a request without an answer.
type TransportError struct {
	// Unsent: no connection was made, so the service has not seen the request.
	Unsent bool
	Err    error // never holds the URL
}

// Error says what failed.
func (e *TransportError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *TransportError) Unwrap() error { return e.Err }

// Idempotent repeats reads: on 429, 500, 502, 503, 504 and failures of the
// network, but not an answer over the limit.
func Idempotent(r *Response, err error) bool {
	if err != nil {
		return !errors.Is(err, ErrTooLarge)
	}
	switch r.Status {
	case http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// Unaccepted repeats what must not be done twice: only what the service has
// certainly not begun.
func Unaccepted(r *Response, err error) bool {
	if e, ok := errors.AsType[*TransportError](err); ok {
		return e.Unsent
	}
	return err == nil && (r.Status == http.StatusTooManyRequests || r.Status == http.StatusServiceUnavailable)
}

// Base checks and cuts a base URL: no slash at the end.
func Base(base string) (*url.URL, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, ErrBase
	}
	u.Path = strings.TrimRight(u.Path, "/")
	return u, nil
}

// NewClient returns the HTTP client that is used if none is given: 4 s for a
// connection.
func NewClient() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DialContext = (&net.Dialer{Timeout: 4 * time.Second}).DialContext
	t.TLSHandshakeTimeout = 4 * time.Second
	return &http.Client{Transport: t}
}

// Do sends the request that build makes, anew for each try. Redirects are
// answers, not followed. The error is what build returned, a [*TransportError],
// or the context's.
func Do(ctx context.Context, client *http.Client, p Policy, build func(context.Context) (*http.Request, error)) (*Response, error) {
	unfollowed := *client
	unfollowed.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	tries := p.Tries
	if tries <= 0 {
		tries = DefaultTries
	}
	for try := 1; ; try++ {
		response, err := once(ctx, &unfollowed, p, build)
		if _, lost := errors.AsType[*TransportError](err); err != nil && !lost {
			return nil, err
		}
		if try >= tries || ctx.Err() != nil || p.Again == nil || !p.Again(response, err) {
			return response, err
		}
		wait, ok := waitBefore(try, response)
		if !ok {
			return response, err
		}
		if Sleep(ctx, wait) != nil {
			return response, err
		}
	}
}

func once(ctx context.Context, client *http.Client, p Policy, build func(context.Context) (*http.Request, error)) (*Response, error) {
	timeout, limit := p.Timeout, p.Limit
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	if limit <= 0 {
		limit = DefaultLimit
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	request, err := build(ctx)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, transportError(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	if err != nil {
		return nil, transportError(err)
	}
	if int64(len(body)) > limit {
		return nil, &TransportError{Err: ErrTooLarge}
	}
	return &Response{response.StatusCode, response.Header, body}, nil
}

// transportError takes the URL off: it can hold a code or an address.
func transportError(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	op, ok := errors.AsType[*net.OpError](err)
	return &TransportError{Unsent: ok && op.Op == "dial", Err: err}
}

// waitBefore returns how long to wait before the next try: what Retry-After
// says in seconds, else exponential with full jitter. It is false if the
// service asks for more than a minute.
func waitBefore(try int, r *Response) (time.Duration, bool) {
	if d := RetryAfter(r); d > 0 {
		return d, d <= maxRetryAfter
	}
	return rand.N(firstWait << min(try-1, 6)), true
}

// RetryAfter returns the seconds of a Retry-After header, 0 if there are none.
// spec: RFC 9110 §10.2.3
func RetryAfter(r *Response) time.Duration {
	if r == nil {
		return 0
	}
	seconds, err := strconv.Atoi(r.Header.Get("Retry-After"))
	if err != nil || seconds < 0 || seconds > 7*24*3600 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// Sleep waits, or returns the context's error.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
