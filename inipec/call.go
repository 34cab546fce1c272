package inipec

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/gopec/gopec/inipec/internal/rest"
)

// Defaults of [Backoff].
const (
	DefaultFirstWait = 5 * time.Second
	DefaultMaxWait   = time.Minute
	DefaultTotalWait = 10 * time.Minute
)

// Backoff says how to wait for an answer that is not ready. Each wait is half as
// long again as the one before. The zero value is the defaults.
type Backoff struct {
	First time.Duration // 0 means 5 s
	Max   time.Duration // 0 means 1 min
	Total time.Duration // 0 means 10 min; then ErrNotReady, and the id stays good
}

// poll calls ready until it says something else than ErrNotReady.
func (b Backoff) poll(ctx context.Context, ready func() error) error {
	wait, longest, left := b.First, b.Max, b.Total
	if wait <= 0 {
		wait = DefaultFirstWait
	}
	if longest <= 0 {
		longest = DefaultMaxWait
	}
	if left <= 0 {
		left = DefaultTotalWait
	}
	for {
		err := ready()
		if !errors.Is(err, ErrNotReady) || left <= 0 {
			return err
		}
		wait = min(wait, longest, left)
		if cause := rest.Sleep(ctx, wait); cause != nil {
			return fmt.Errorf("%w: %w", cause, err)
		}
		left -= wait
		wait += wait / 2
	}
}

// failure fills in what every call knows.
func failure(e Error, r *rest.Response, err error) *Error {
	e.Err = err
	if r != nil {
		e.Status = r.Status
		e.TrackingID = rest.Redact(r.Header.Get("X-Tracking-trackingId"))
		e.RetryAfter = rest.RetryAfter(r)
	}
	return &e
}

// kindOf is the error that a status stands for.
func kindOf(status int) error {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return ErrAuth
	case status == http.StatusTooManyRequests:
		return ErrQuota
	case status >= 500:
		return ErrUnavailable
	case status >= 400:
		return ErrRejected
	}
	return ErrMalformed
}

// lost is the error of a call without an answer.
func lost(ctx context.Context, err error, once bool) error {
	e, ok := errors.AsType[*rest.TransportError](err)
	switch {
	case !ok: // made before anything was sent
		return err
	case once && !e.Unsent:
		return fmt.Errorf("%w: %w", ErrOutcomeUnknown, err)
	case ctx.Err() != nil, errors.Is(err, ErrTooLarge):
		return err
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// unmarshal reads JSON. What encoding/json says about it can quote the answer,
// so that it is told only in part.
func unmarshal(body []byte, into any) error {
	err := json.Unmarshal(body, into)
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("%w: %s is of another type", ErrMalformed, e.Field)
	}
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("%w: JSON ends or breaks at byte %d", ErrMalformed, e.Offset)
	}
	if err != nil {
		return ErrMalformed
	}
	return nil
}

// endpoint joins a base URL and path segments, each escaped.
func endpoint(base *url.URL, query url.Values, segments ...string) string {
	u := *base
	path := base.EscapedPath()
	for _, s := range segments {
		path += "/" + url.PathEscape(s)
	}
	u.Path, _ = url.PathUnescape(path) // cannot fail: made by EscapedPath and PathEscape
	u.RawPath = path
	u.RawQuery = query.Encode()
	return u.String()
}
