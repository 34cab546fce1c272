package ipa

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"mime"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// What an [*UpstreamError] can wrap, beside errors of the network.
var (
	ErrStatus      = errors.New("HTTP status")
	ErrContentType = errors.New("not the type of content that was asked for")
	ErrRedirect    = errors.New("redirected to where requests are not sent")
	ErrTooLarge    = errors.New("reply too large")
	ErrStalled     = errors.New("nothing received for too long")
	ErrReply       = errors.New("not a reply as documented")
)

// UpstreamError is a technical failure of the registry or of the way to it. It
// says nothing on what was asked for: in particular not that it was not found.
type UpstreamError struct {
	Operation  string        // such as WS05, or the dataset
	Status     int           // of the last reply; 0 if none came
	Tries      int           // requests sent
	RetryAfter time.Duration // as the server wishes; 0 if it does not say
	Detail     string        // English; outside text in it is not made printable
	Err        error
}

// Error says what failed.
func (e *UpstreamError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "ipa: %s: %v", e.Operation, e.Err)
	if errors.Is(e.Err, ErrStatus) {
		fmt.Fprintf(&b, " %d", e.Status)
	}
	if e.Detail != "" {
		b.WriteString(": " + e.Detail)
	}
	if e.Tries > 1 {
		fmt.Fprintf(&b, " (%d tries)", e.Tries)
	}
	return b.String()
}

// Unwrap returns Err.
func (e *UpstreamError) Unwrap() error { return e.Err }

// temporary reports whether the same request may succeed later.
func (e *UpstreamError) temporary() bool {
	switch e.Status {
	case http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	if errors.Is(e.Err, io.ErrUnexpectedEOF) || errors.Is(e.Err, ErrStalled) || errors.Is(e.Err, context.DeadlineExceeded) {
		return true
	}
	_, network := errors.AsType[net.Error](e.Err)
	return network && !errors.Is(e.Err, ErrRedirect)
}

// The defaults of requests.
const (
	defaultUserAgent = "gopec-ipa (+https://github.com/gopec/gopec)"
	defaultTries     = 3
	firstPause       = 500 * time.Millisecond // doubled with each try, of which a random part is waited
	longestPause     = time.Minute            // a server that wishes more gets no further try
	defaultInterval  = 500 * time.Millisecond // between requests to one host
	connectTimeout   = 5 * time.Second
)

// requester sends requests: not too often, again where it helps, and never
// without an end.
type requester struct {
	client    *http.Client
	userAgent string
	tries     int
	pace      *pace
	log       *slog.Logger
}

func newRequester(client *http.Client, userAgent string, tries int, interval time.Duration, log *slog.Logger, redirect func(*http.Request, []*http.Request) error) *requester {
	if client == nil {
		client = &http.Client{Transport: defaultTransport()}
	}
	own := *client // the caller's stays as it is
	own.CheckRedirect = redirect
	r := &requester{client: &own, userAgent: userAgent, tries: tries, pace: &pace{interval: interval}, log: log}
	if r.userAgent == "" {
		r.userAgent = defaultUserAgent
	}
	if r.tries <= 0 {
		r.tries = defaultTries
	}
	if r.pace.interval == 0 {
		r.pace.interval = defaultInterval
	}
	if r.log == nil {
		r.log = slog.New(slog.DiscardHandler)
	}
	return r
}

func defaultTransport() http.RoundTripper {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	t = t.Clone()
	t.DialContext = (&net.Dialer{Timeout: connectTimeout}).DialContext
	t.TLSHandshakeTimeout = connectTimeout
	return t
}

// attempt is one request and what is to be done with its reply.
type attempt struct {
	operation string
	timeout   time.Duration // of one try, body included
	idle      time.Duration // without a byte of the body; 0 for no such limit
	request   func(context.Context) (*http.Request, error)
	// reply reads a reply of status 200. It may be called again for another try.
	reply func(*http.Response, int) error
}

// do makes the tries of a request.
func (r *requester) do(ctx context.Context, a attempt) error {
	for try := 1; ; try++ {
		started := time.Now()
		err := r.once(ctx, a, try)
		r.log.DebugContext(ctx, "ipa request", "operation", a.operation, "try", try, "duration", time.Since(started), "ok", err == nil)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("ipa: %s: %w", a.operation, context.Cause(ctx))
		}
		failure, ok := errors.AsType[*UpstreamError](err)
		if !ok {
			return err
		}
		failure.Tries = try
		if try == r.tries || !failure.temporary() || failure.RetryAfter > longestPause {
			return failure
		}
		pause := time.Duration(rand.Int64N(int64(firstPause<<(try-1)) + 1))
		if err := sleep(ctx, max(pause, failure.RetryAfter)); err != nil {
			return fmt.Errorf("ipa: %s: %w", a.operation, err)
		}
	}
}

// once sends a request one time.
func (r *requester) once(ctx context.Context, a attempt, try int) error {
	req, err := a.request(ctx)
	if err != nil {
		return fmt.Errorf("ipa: %s: %w", a.operation, err)
	}
	if err := r.pace.wait(ctx, req.URL.Host); err != nil {
		return fmt.Errorf("ipa: %s: %w", a.operation, err)
	}
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	req = req.WithContext(ctx)
	req.Header.Set("User-Agent", r.userAgent)
	failure := &UpstreamError{Operation: a.operation}
	resp, err := r.client.Do(req)
	if err != nil {
		failure.Err = err
		return failure
	}
	defer resp.Body.Close()
	failure.Status = resp.StatusCode
	if resp.StatusCode != http.StatusOK {
		failure.Err = ErrStatus
		failure.RetryAfter = retryAfter(resp.Header.Get("Retry-After"), time.Now())
		if resp.StatusCode >= 300 && resp.StatusCode < 400 {
			failure.Err = ErrRedirect
		}
		return failure
	}
	if a.idle > 0 {
		watched := &watchedBody{ReadCloser: resp.Body, idle: a.idle, timer: time.AfterFunc(a.idle, func() { stop(ErrStalled) })}
		defer watched.timer.Stop()
		resp.Body = watched
	}
	err = a.reply(resp, try)
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); cause != nil {
		err = cause // and not what reading says of it
	}
	if e, ok := errors.AsType[*UpstreamError](err); ok {
		e.Operation, e.Status = a.operation, resp.StatusCode
		return e
	}
	if f, ok := errors.AsType[*final](err); ok {
		return f.err
	}
	failure.Err = err
	return failure
}

// final is an error that is no technical failure of the other side: a refusal,
// or a failure on ours such as a full disk. It is returned as it is.
type final struct{ err error }

func (f *final) Error() string { return f.err.Error() }

// watchedBody puts the timer off with every byte that comes.
type watchedBody struct {
	io.ReadCloser
	idle  time.Duration
	timer *time.Timer
}

func (w *watchedBody) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	if n > 0 {
		w.timer.Reset(w.idle)
	}
	return n, err
}

// retryAfter reads the header: seconds or a date. What is neither counts as
// absent.
func retryAfter(header string, now time.Time) time.Duration {
	header = strings.TrimSpace(header)
	if n, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil && at.After(now) {
		return at.Sub(now)
	}
	return 0
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// pace spaces the requests to each host.
type pace struct {
	interval time.Duration // negative for no spacing
	mu       sync.Mutex
	next     map[string]time.Time
}

func (p *pace) wait(ctx context.Context, host string) error {
	if p.interval < 0 {
		return ctx.Err()
	}
	p.mu.Lock()
	now := time.Now()
	at := p.next[host]
	if at.Before(now) {
		at = now
	}
	if p.next == nil {
		p.next = make(map[string]time.Time)
	}
	p.next[host] = at.Add(p.interval)
	p.mu.Unlock()
	if at == now {
		return ctx.Err()
	}
	return sleep(ctx, at.Sub(now))
}

// mediaType returns the type of a reply without its parameters.
func mediaType(resp *http.Response) string {
	t, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil {
		return strings.ToLower(strings.TrimSpace(resp.Header.Get("Content-Type")))
	}
	return t
}

// boundedBody ends with ErrTooLarge when more than limit bytes come, counted
// after any decompression.
type boundedBody struct {
	r     io.Reader
	limit int64
	n     int64
}

func (b *boundedBody) Read(p []byte) (int, error) {
	if int64(len(p)) > b.limit-b.n+1 {
		p = p[:b.limit-b.n+1]
	}
	n, err := b.r.Read(p)
	b.n += int64(n)
	if b.n > b.limit {
		return n, fmt.Errorf("%w: over %d bytes", ErrTooLarge, b.limit)
	}
	return n, err
}
