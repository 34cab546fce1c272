package pdnd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gopec/gopec/inipec/internal/rest"
)

// flightTimeout bounds one flight: three tries and the waits between them.
const flightTimeout = time.Minute

// Error is a failure of the token endpoint.
type Error struct {
	Status int           // of HTTP, 0 if there was no answer
	Code   string        // errors[].code of the problem document, such as 015-0008
	Detail string        // what PDND says, codes and addresses masked
	Skew   time.Duration // by how much PDND's clock is ahead of ours, by its Date header, to the second; 0 if unknown
	Err    error         // one of the errors above, or the context's
}

// Error says what failed, without a secret.
func (e *Error) Error() string {
	s := "pdnd: " + e.Err.Error()
	if e.Status != 0 {
		s += fmt.Sprintf(": status %d", e.Status)
	}
	if e.Code != "" {
		s += " " + e.Code
	}
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	if e.Skew.Abs() > 30*time.Second {
		s += fmt.Sprintf(" (its clock is %v ahead of ours)", e.Skew)
	}
	return s
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Voucher returns a voucher: the one at hand if it is good for a while yet,
// else a new one. The error is an [*Error], or the context's.
func (c *Client) Voucher(ctx context.Context, r Request) (Voucher, error) {
	if r.Evidence != "" {
		v, _, err := c.fetch(ctx, r)
		return v, err
	}
	return c.cache.Get(ctx, r.PurposeID, c.config.Now, flightTimeout, func(ctx context.Context) (Voucher, time.Time, error) {
		return c.fetch(ctx, r)
	})
}

// Drop forgets the voucher with this secret, if it is the one at hand.
func (c *Client) Drop(r Request, secret string) {
	if r.Evidence == "" {
		c.cache.Drop(r.PurposeID, func(v Voucher) bool { return v.Secret == secret })
	}
}

// fetch returns a voucher and until when it may be handed out.
func (c *Client) fetch(ctx context.Context, r Request) (Voucher, time.Time, error) {
	var issued time.Time
	build := func(ctx context.Context) (*http.Request, error) {
		var text string
		var err error
		if text, issued, err = c.Assertion(r); err != nil {
			return nil, err
		}
		form := url.Values{
			"client_id":             {c.config.ClientID},
			"client_assertion":      {text},
			"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
			"grant_type":            {"client_credentials"},
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.tokenURL.String(), strings.NewReader(form.Encode()))
		if err != nil {
			return nil, err
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Accept", "application/json")
		return request, nil
	}
	response, err := rest.Do(ctx, c.config.HTTP, rest.Policy{Limit: tokenLimit, Again: rest.Idempotent}, build)
	if err != nil {
		if _, lost := errors.AsType[*rest.TransportError](err); lost && ctx.Err() == nil {
			err = fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		return Voucher{}, time.Time{}, &Error{Err: err}
	}
	v, err := c.read(response, issued)
	if err != nil {
		c.config.Logger.WarnContext(ctx, "pdnd: no voucher", "error", err)
		return Voucher{}, time.Time{}, err
	}
	c.config.Logger.DebugContext(ctx, "pdnd: new voucher", "expires", v.Expires)
	return v, v.Expires.Add(-c.config.Early), nil
}

func (c *Client) read(response *rest.Response, issued time.Time) (Voucher, error) {
	failure := &Error{Status: response.Status, Skew: c.skew(response)}
	if response.Status != http.StatusOK {
		failure.Err = ErrRefused
		if response.Status >= 500 || response.Status == http.StatusTooManyRequests {
			failure.Err = ErrUnavailable
		}
		failure.Code, failure.Detail = problem(response.Body)
		return Voucher{}, failure
	}
	var reply struct {
		AccessToken string `json:"access_token"`
		TokenType   string `json:"token_type"`
		ExpiresIn   int64  `json:"expires_in"`
	}
	err := json.Unmarshal(response.Body, &reply)
	switch {
	case err != nil, !isToken(reply.AccessToken), reply.ExpiresIn <= 0, reply.ExpiresIn > 24*3600:
		failure.Err = ErrMalformed
		return Voucher{}, failure
	case !strings.EqualFold(reply.TokenType, "Bearer"):
		failure.Err = ErrTokenType
		return Voucher{}, failure
	}
	return Voucher{reply.AccessToken, issued.Add(time.Duration(reply.ExpiresIn) * time.Second)}, nil
}

func (c *Client) skew(response *rest.Response) time.Duration {
	date, err := http.ParseTime(response.Header.Get("Date"))
	if err != nil {
		return 0
	}
	return date.Sub(c.config.Now().Truncate(time.Second))
}

// problem reads a problem document (RFC 9457) with PDND's errors.
func problem(body []byte) (code, detail string) {
	var p struct {
		Title  string `json:"title"`
		Detail string `json:"detail"`
		Errors []struct {
			Code   string `json:"code"`
			Detail string `json:"detail"`
		} `json:"errors"`
	}
	if json.Unmarshal(body, &p) != nil {
		return "", ""
	}
	detail = p.Detail
	if len(p.Errors) > 0 {
		code = p.Errors[0].Code
		if p.Errors[0].Detail != "" {
			detail = p.Errors[0].Detail
		}
	}
	if detail == "" {
		detail = p.Title
	}
	return rest.Redact(code), rest.Redact(detail)
}

// isToken reports whether s can stand behind "Bearer ".
// spec: RFC 6750 §2.1
func isToken(s string) bool {
	for _, r := range s {
		if r <= ' ' || r > '~' || r == '"' || r == ',' {
			return false
		}
	}
	return s != ""
}
