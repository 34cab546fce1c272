package inipec

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gopec/gopec/inipec/internal/jws"
	"github.com/gopec/gopec/inipec/internal/rest"
	"github.com/gopec/gopec/inipec/internal/voucher"
)

const (
	tokenLimit    = 1 << 20
	tokenTimeout  = time.Minute
	tokenEarly    = 2 * time.Minute // one client's code
	assertionLife = 6 * time.Minute // one client's code: now + 360 s
	addressScope  = "pec-pa"        // one client's code
)

// Config says who asks INI-PEC. BaseURL, ClientID and the certificate come with
// the agreement with InfoCamere.
type Config struct {
	BaseURL     string        // ends in /ic/ce/wspa/wspa/rest
	ClientID    string        //
	Key         crypto.Signer // RSA, 2048 bits or more
	Certificate []byte        // of that key, DER

	Wait     Backoff        // see [Client.Wait]
	Location *time.Location // of the times without a zone in requests; nil means Europe/Rome

	HTTP   *http.Client     // nil means one with a connection timeout of 4 s
	Logger *slog.Logger     // nil means none
	Now    func() time.Time // nil means time.Now
}

// Client is a client of InfoCamere's REST services, for the addresses in
// INI-PEC.
type Client struct {
	config Config
	base   *url.URL
	signer *jws.Signer
	tokens voucher.Cache[string]
}

// NewClient checks the configuration; it does not use the network. Errors:
// [ErrNoCredentials], [ErrConfig].
func NewClient(c Config) (*Client, error) {
	if c.ClientID == "" || c.Key == nil || len(c.Certificate) == 0 {
		return nil, fmt.Errorf("inipec: INI-PEC: %w", ErrNoCredentials)
	}
	base, err := rest.Base(c.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("inipec: %w: %w", ErrConfig, err)
	}
	// One client's code: the header of the assertion.
	signer, err := jws.New(c.Key, map[string]any{"x5c": []string{base64.StdEncoding.EncodeToString(c.Certificate)}, "use": "sig"})
	if err != nil {
		return nil, fmt.Errorf("inipec: %w: %w", ErrConfig, err)
	}
	certificate, err := x509.ParseCertificate(c.Certificate)
	if err != nil {
		return nil, fmt.Errorf("inipec: %w: certificate: %w", ErrConfig, err)
	}
	if public, ok := certificate.PublicKey.(*rsa.PublicKey); !ok || !public.Equal(c.Key.Public()) {
		return nil, fmt.Errorf("inipec: %w: the certificate is of another key", ErrConfig)
	}
	if c.Location == nil {
		if c.Location, err = time.LoadLocation("Europe/Rome"); err != nil {
			return nil, fmt.Errorf("inipec: %w: %w", ErrConfig, err)
		}
	}
	if c.HTTP == nil {
		c.HTTP = rest.NewClient()
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Client{config: c, base: base, signer: signer}, nil
}

// remark is how InfoCamere says that something is wrong, also inside a 200.
type remark struct {
	Code        text `json:"code"`
	AppName     text `json:"appName"`
	Description text `json:"description"`
	Message     text `json:"message"` // what the OpenAPI document has for 401 and 500
	Timestamp   text `json:"timestamp"`
}

func (r remark) isEmpty() bool { return r == remark{} }

// notReady: one client's code, in whose tests both stand together.
func (r remark) notReady() bool {
	return r.Code == "WSPA_ERR_05" || strings.Contains(string(r.Description), "List PEC in progress")
}

// text is a string, or a number that should have been one: the document's own
// examples of code are numbers.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	var n json.Number
	if json.Unmarshal(b, &n) == nil {
		*t = text(n)
		return nil
	}
	return json.Unmarshal(b, (*string)(t))
}

// remarkOf reads a remark, if the answer is one.
func remarkOf(r *rest.Response) remark {
	var m remark
	if json.Unmarshal(r.Body, &m) != nil {
		return remark{}
	}
	return m
}

// call sends a request with a token and reads the answer into reply. After a 401
// it asks once more, with a new token. once: the request must not be accepted
// twice.
func (c *Client) call(ctx context.Context, e Error, once bool, method, address string, body []byte, reply any) error {
	e.Service = INIPEC
	for again := false; ; again = true {
		token, err := c.token(ctx)
		if err != nil {
			return err
		}
		policy := rest.Policy{Tries: 2, Again: retryRead} // one client's code: one retry
		if once {
			policy.Again = rest.Unaccepted
		}
		r, err := rest.Do(ctx, c.config.HTTP, policy, func(ctx context.Context) (*http.Request, error) {
			request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
			if err != nil {
				return nil, ErrConfig // the error would hold the URL
			}
			request.Header.Set("Authorization", "Bearer "+token)
			request.Header.Set("scope", addressScope)
			request.Header.Set("Accept", "application/json")
			if body != nil {
				request.Header.Set("Content-Type", "application/json")
			}
			return request, nil
		})
		if err != nil {
			return c.failed(ctx, failure(e, nil, lost(ctx, err, once)))
		}
		if r.Status == http.StatusUnauthorized {
			c.tokens.Drop(addressScope, func(t string) bool { return t == token })
			if !again {
				continue
			}
		}
		return c.read(ctx, e, once, r, reply)
	}
}

// retryRead does not repeat what is merely not ready, whatever its status.
func retryRead(r *rest.Response, err error) bool {
	return rest.Idempotent(r, err) && (err != nil || !remarkOf(r).notReady())
}

func (c *Client) read(ctx context.Context, e Error, once bool, r *rest.Response, reply any) error {
	m := remarkOf(r)
	e.Code, e.Detail = rest.Redact(string(m.Code)), rest.Redact(string(m.Description+m.Message))
	switch {
	case m.notReady() && !once:
		return failure(e, r, ErrNotReady)
	case r.Status != http.StatusOK:
		kind := kindOf(r.Status)
		if once && (r.Status < 400 || r.Status >= 500 && r.Status != http.StatusServiceUnavailable) {
			kind = fmt.Errorf("%w: %w", ErrOutcomeUnknown, kind)
		}
		return c.failed(ctx, failure(e, r, kind))
	case !m.isEmpty():
		return c.failed(ctx, failure(e, r, ErrRejected))
	}
	if err := unmarshal(r.Body, reply); err != nil {
		if once {
			err = fmt.Errorf("%w: %w", ErrOutcomeUnknown, err)
		}
		return c.failed(ctx, failure(e, r, err))
	}
	c.config.Logger.DebugContext(ctx, "inipec: answer", "operation", e.Operation, "asked", e.Asked, "tracking", rest.Redact(r.Header.Get("X-Tracking-trackingId")))
	return nil
}

func (c *Client) failed(ctx context.Context, e *Error) error {
	c.config.Logger.WarnContext(ctx, "inipec: call failed", "error", e)
	return e
}

type assertion struct {
	Audience string `json:"aud"`
	Issuer   string `json:"iss"`
	Subject  string `json:"sub"`
	ID       string `json:"jti"`
	Expires  int64  `json:"exp"`
	Scope    string `json:"scope"`
}

// token returns the access token for the addresses' scope.
func (c *Client) token(ctx context.Context) (string, error) {
	return c.tokens.Get(ctx, addressScope, c.config.Now, tokenTimeout, c.fetchToken)
}

func (c *Client) fetchToken(ctx context.Context) (string, time.Time, error) {
	e := Error{Service: INIPEC, Operation: "authentication"}
	r, err := rest.Do(ctx, c.config.HTTP, rest.Policy{Limit: tokenLimit, Tries: 2, Again: rest.Idempotent}, func(ctx context.Context) (*http.Request, error) {
		// One client's code: all claims; aud is the base URL as in the agreement.
		jwt, err := c.signer.Sign(assertion{
			Audience: c.config.BaseURL, Issuer: c.config.ClientID, Subject: c.config.ClientID,
			ID: jws.NewID(), Expires: c.config.Now().Add(assertionLife).Unix(), Scope: addressScope,
		})
		if err != nil {
			return nil, fmt.Errorf("assertion: %w", err)
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint(c.base, c.query(), "authentication"), strings.NewReader(jwt))
		if err != nil {
			return nil, ErrConfig
		}
		// One client's code: the text itself, not a JSON string of it.
		request.Header.Set("Content-Type", "application/json")
		return request, nil
	})
	if err != nil {
		return "", time.Time{}, c.failed(ctx, failure(e, nil, lost(ctx, err, false)))
	}
	m := remarkOf(r)
	e.Code, e.Detail = rest.Redact(string(m.Code)), rest.Redact(string(m.Description+m.Message))
	if r.Status != http.StatusOK {
		return "", time.Time{}, c.failed(ctx, failure(e, r, kindOf(r.Status)))
	}
	if !m.isEmpty() {
		return "", time.Time{}, c.failed(ctx, failure(e, r, ErrRejected))
	}
	token, expires, err := readToken(r.Body)
	if err != nil {
		return "", time.Time{}, c.failed(ctx, failure(e, r, err))
	}
	return token, expires.Add(-tokenEarly), nil
}

// readToken takes the token as plain text (one client's code) or as a JSON
// string (the OpenAPI document), and its exp. Its signature is for the service
// to check.
func readToken(body []byte) (string, time.Time, error) {
	token := strings.TrimSpace(string(body))
	if strings.HasPrefix(token, `"`) {
		if err := unmarshal(body, &token); err != nil {
			return "", time.Time{}, err
		}
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "", time.Time{}, fmt.Errorf("%w: the token is no JWT", ErrMalformed)
	}
	for _, p := range parts {
		if _, err := base64.RawURLEncoding.Strict().DecodeString(p); err != nil || strings.ContainsAny(p, "\r\n") {
			return "", time.Time{}, fmt.Errorf("%w: the token is no JWT", ErrMalformed)
		}
	}
	payload, _ := base64.RawURLEncoding.DecodeString(parts[1])
	var claims struct {
		Expires float64 `json:"exp"`
	}
	if json.Unmarshal(payload, &claims) != nil || claims.Expires <= 0 || claims.Expires > 1e11 {
		return "", time.Time{}, fmt.Errorf("%w: the token has no exp", ErrMalformed)
	}
	return token, time.Unix(int64(claims.Expires), 0), nil
}

func (c *Client) query() url.Values { return url.Values{"client_id": {c.config.ClientID}} }
