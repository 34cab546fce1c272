// Package pdnd gets vouchers from PDND (Piattaforma Digitale Nazionale Dati,
// interoperability of the public administrations) and signs what the e-services
// behind it ask for.
//
//	client, err := pdnd.NewClient(pdnd.Config{ClientID: id, KeyID: kid, Key: key})
//	auth := &pdnd.Bearer{Source: client, PurposeID: purpose}
//	err = auth.Authorize(ctx, request)
//
// Who may: only bodies that have joined PDND, with a client, a key uploaded to
// it and a purpose (finalità) that the provider of the e-service has approved.
// There are no credentials in this package.
//
// [Bearer] puts the voucher into a request. [Evidence] (AUDIT_REST_02) and
// [Integrity] (INTEGRITY_REST_02) are steps of their own, put before it by
// [Chain] where an e-service wants them; INAD wants neither. Whatever else
// gives tokens implements [Source] or, where each request needs its own proof
// (DPoP, RFC 9449, not implemented), [Authorizer].
//
// Vouchers are kept in memory, one for each purpose of a client, and are renewed
// early; one flight at a time. Vouchers tied to tracking evidence are not kept.
//
// It does not verify the voucher, which is the e-service's to do: it is taken
// from the token endpoint over TLS.
//
// Everything may be used by several goroutines. A reply of the token endpoint is
// at most 1 MiB.
package pdnd

import (
	"context"
	"crypto"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/gopec/gopec/inipec/internal/jws"
	"github.com/gopec/gopec/inipec/internal/rest"
	"github.com/gopec/gopec/inipec/internal/voucher"
)

// The production environment of PDND.
const (
	// TokenURL is the token endpoint. That of the test environment (UAT) is at
	// auth.uat.interop.pagopa.it.
	TokenURL = "https://auth.interop.pagopa.it/token.oauth2"
	// AssertionAudience is the aud of a client assertion. It has no scheme.
	AssertionAudience = "auth.interop.pagopa.it/client-assertion"
)

// Defaults of [Config].
const (
	DefaultBackdate = 2 * time.Minute
	DefaultLifetime = 3 * time.Minute
	DefaultEarly    = 2 * time.Minute
)

const tokenLimit = 1 << 20

// What errors of this package wrap, besides the context's.
var (
	ErrNoCredentials = errors.New("no credentials: PDND is open only to bodies that have joined it")
	ErrKey           = jws.ErrKey // the key is not RSA, or under 2048 bits
	ErrURL           = rest.ErrBase
	ErrConfig        = errors.New("a duration is negative")
	ErrPurpose       = errors.New("no purpose")
	ErrRefused       = errors.New("PDND refused the request") // 4xx: assertion, key, client or purpose
	ErrUnavailable   = errors.New("PDND does not answer")     // 5xx, 429, network
	ErrMalformed     = errors.New("PDND's answer is not as documented")
	ErrTokenType     = errors.New("PDND gave a token of another type than Bearer")
)

// Config says who asks. The times' zero values are the defaults.
type Config struct {
	ClientID string        // of the client on PDND
	KeyID    string        // kid of the key uploaded to PDND
	Key      crypto.Signer // RSA, 2048 bits or more

	TokenURL string // "" means [TokenURL]
	Audience string // of the assertion, "" means [AssertionAudience]

	// Backdate is how far before now iat lies: a clock that is ahead by less is
	// not refused. Lifetime is how long after now the assertion ends: a clock
	// that is late by less is not refused.
	Backdate, Lifetime time.Duration
	// Early is how long before its end a voucher is renewed.
	Early time.Duration

	HTTP   *http.Client     // nil means one with a connection timeout of 4 s
	Logger *slog.Logger     // nil means none
	Now    func() time.Time // nil means time.Now
}

// Request says what a voucher is for.
type Request struct {
	PurposeID string // purposeId on PDND
	// Evidence is the compact JWS of tracking evidence whose digest the voucher
	// is to carry, or "". A voucher with evidence is not kept.
	Evidence string
}

// Voucher is a token of PDND. It prints and logs without its secret.
type Voucher struct {
	Secret  string    // the access_token
	Expires time.Time // counted from the iat of the assertion, as strict e-services do
}

// String hides the secret.
func (v Voucher) String() string { return "voucher until " + v.Expires.UTC().Format(time.RFC3339) }

// GoString hides the secret.
func (v Voucher) GoString() string { return v.String() }

// LogValue hides the secret.
func (v Voucher) LogValue() slog.Value { return slog.StringValue(v.String()) }

// Source gives vouchers. [*Client] is one.
type Source interface {
	// Voucher returns one that may be used now.
	Voucher(ctx context.Context, r Request) (Voucher, error)
	// Drop is told that an e-service refused a voucher with this secret.
	Drop(r Request, secret string)
}

// Client is the client of PDND's token endpoint.
type Client struct {
	config   Config
	tokenURL *url.URL
	signer   *jws.Signer
	cache    voucher.Cache[Voucher]
}

// NewClient checks the configuration; it does not use the network. Errors:
// [ErrNoCredentials], [ErrKey], [ErrURL], [ErrConfig].
func NewClient(c Config) (*Client, error) {
	if c.ClientID == "" || c.KeyID == "" {
		return nil, fmt.Errorf("pdnd: %w", ErrNoCredentials)
	}
	if c.Backdate < 0 || c.Lifetime < 0 || c.Early < 0 {
		return nil, fmt.Errorf("pdnd: %w", ErrConfig)
	}
	signer, err := jws.New(c.Key, map[string]any{"kid": c.KeyID})
	if errors.Is(err, jws.ErrNoKey) {
		err = ErrNoCredentials
	}
	if err != nil {
		return nil, fmt.Errorf("pdnd: %w", err)
	}
	set(&c.TokenURL, TokenURL)
	set(&c.Audience, AssertionAudience)
	set(&c.Backdate, DefaultBackdate)
	set(&c.Lifetime, DefaultLifetime)
	set(&c.Early, DefaultEarly)
	set(&c.Logger, slog.New(slog.DiscardHandler))
	if c.HTTP == nil {
		c.HTTP = rest.NewClient()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	tokenURL, err := rest.Base(c.TokenURL)
	if err != nil {
		return nil, fmt.Errorf("pdnd: token URL: %w", err)
	}
	return &Client{config: c, tokenURL: tokenURL, signer: signer}, nil
}

func set[T comparable](p *T, value T) {
	var zero T
	if *p == zero {
		*p = value
	}
}

// digest is the hash of tracking evidence in a client assertion. PDND was seen
// to take upper and lower case hexadecimal.
type digest struct {
	Algorithm string `json:"alg"`
	Value     string `json:"value"`
}

type assertion struct {
	Issuer    string  `json:"iss"`
	Subject   string  `json:"sub"`
	Audience  string  `json:"aud"`
	ID        string  `json:"jti"`
	IssuedAt  int64   `json:"iat"`
	Expires   int64   `json:"exp"`
	PurposeID string  `json:"purposeId"`
	Digest    *digest `json:"digest,omitempty"`
}

// Assertion returns a client assertion for r, signed, and its iat.
// spec: RFC 7523 §2.2, §3
func (c *Client) Assertion(r Request) (string, time.Time, error) {
	if r.PurposeID == "" {
		return "", time.Time{}, fmt.Errorf("pdnd: %w", ErrPurpose)
	}
	now := c.config.Now()
	issued := now.Add(-c.config.Backdate).Truncate(time.Second)
	claims := assertion{
		Issuer: c.config.ClientID, Subject: c.config.ClientID, Audience: c.config.Audience,
		ID: jws.NewID(), IssuedAt: issued.Unix(), Expires: now.Add(c.config.Lifetime).Unix(), PurposeID: r.PurposeID,
	}
	if r.Evidence != "" {
		sum := sha256.Sum256([]byte(r.Evidence))
		claims.Digest = &digest{"SHA256", hex.EncodeToString(sum[:])}
	}
	text, err := c.signer.Sign(claims)
	if err != nil {
		return "", time.Time{}, fmt.Errorf("pdnd: client assertion: %w", err)
	}
	return text, issued, nil
}
