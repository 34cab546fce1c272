package pdnd

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"strings"
	"time"

	"github.com/gopec/gopec/inipec/internal/jws"
)

// Headers that the steps set.
const (
	EvidenceHeader  = "Agid-JWT-TrackingEvidence"
	SignatureHeader = "Agid-JWT-Signature"
)

// What the steps' errors wrap.
var (
	ErrClaims = errors.New("a claim is missing")
	ErrBody   = errors.New("the request's body cannot be read twice: GetBody is not set")
)

// Step puts something into a request before it is sent.
type Step interface {
	Authorize(ctx context.Context, r *http.Request) error
}

// Authorizer is what a client of an e-service asks to authorize each of its
// requests. [*Bearer] is one, [Chain] makes one; one for DPoP would be another.
type Authorizer interface {
	Step
	// Refused is told that the e-service answered 401 to r.
	Refused(r *http.Request)
}

// Bearer puts a voucher into requests. If the request carries tracking evidence
// (see [Evidence]), the voucher is tied to it.
type Bearer struct {
	Source    Source
	PurposeID string
}

// Authorize sets the Authorization header. Errors are those of the source.
// spec: RFC 6750 §2.1
func (b *Bearer) Authorize(ctx context.Context, r *http.Request) error {
	if b.Source == nil {
		return fmt.Errorf("pdnd: %w", ErrNoCredentials)
	}
	v, err := b.Source.Voucher(ctx, b.request(r))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+v.Secret)
	return nil
}

// Refused drops the voucher that r carries.
func (b *Bearer) Refused(r *http.Request) {
	if secret, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && b.Source != nil {
		b.Source.Drop(b.request(r), secret)
	}
}

func (b *Bearer) request(r *http.Request) Request {
	return Request{PurposeID: b.PurposeID, Evidence: r.Header.Get(EvidenceHeader)}
}

// Chain returns an Authorizer that takes the steps in order and then a: first
// [Evidence], if any, then [Integrity], then the voucher.
func Chain(a Authorizer, before ...Step) Authorizer { return &chain{before, a} }

type chain struct {
	before []Step
	last   Authorizer
}

func (c *chain) Authorize(ctx context.Context, r *http.Request) error {
	for _, s := range c.before {
		if err := s.Authorize(ctx, r); err != nil {
			return err
		}
	}
	return c.last.Authorize(ctx, r)
}

func (c *chain) Refused(r *http.Request) { c.last.Refused(r) }

// Credentials sign what goes to an e-service.
type Credentials struct {
	ClientID string
	KeyID    string           // kid
	Key      crypto.Signer    // RSA, 2048 bits or more
	Audience string           // of the e-service, from PDND's catalogue
	Now      func() time.Time // nil means time.Now
}

func (c Credentials) signer() (*jws.Signer, error) {
	if c.ClientID == "" || c.KeyID == "" {
		return nil, fmt.Errorf("pdnd: %w", ErrNoCredentials)
	}
	if c.Audience == "" {
		return nil, fmt.Errorf("pdnd: audience: %w", ErrClaims)
	}
	s, err := jws.New(c.Key, map[string]any{"kid": c.KeyID})
	if errors.Is(err, jws.ErrNoKey) {
		err = ErrNoCredentials
	}
	if err != nil {
		return nil, fmt.Errorf("pdnd: %w", err)
	}
	return s, nil
}

// span returns iat and exp with the defaults of [Config].
func (c Credentials) span() (issued, expires int64) {
	now := time.Now()
	if c.Now != nil {
		now = c.Now()
	}
	return now.Add(-DefaultBackdate).Unix(), now.Add(DefaultLifetime).Unix()
}

// Actor is who in the consumer's organisation causes a request.
type Actor struct {
	UserID   string // userID
	Location string // userLocation: the station or address from which
	LoA      string // how surely the user is known: LoA2, LoA3
}

// Evidence sets the tracking evidence of AUDIT_REST_02: who asks.
type Evidence struct {
	credentials Credentials
	purposeID   string
	actor       func(context.Context) (Actor, error)
	signer      *jws.Signer
}

// NewEvidence returns the step. actor is asked on each request. Errors:
// [ErrNoCredentials], [ErrKey], [ErrClaims].
func NewEvidence(c Credentials, purposeID string, actor func(context.Context) (Actor, error)) (*Evidence, error) {
	s, err := c.signer()
	if err != nil {
		return nil, err
	}
	if purposeID == "" || actor == nil {
		return nil, fmt.Errorf("pdnd: evidence: %w", ErrClaims)
	}
	return &Evidence{c, purposeID, actor, s}, nil
}

type evidence struct {
	Issuer    string `json:"iss"`
	Audience  string `json:"aud"`
	PurposeID string `json:"purposeId"`
	Nonce     int64  `json:"dnonce"` // 13 digits
	UserID    string `json:"userID"`
	Location  string `json:"userLocation"`
	LoA       string `json:"LoA"`
	ID        string `json:"jti"`
	IssuedAt  int64  `json:"iat"`
	NotBefore int64  `json:"nbf"`
	Expires   int64  `json:"exp"`
}

// Authorize sets the header Agid-JWT-TrackingEvidence.
func (e *Evidence) Authorize(ctx context.Context, r *http.Request) error {
	who, err := e.actor(ctx)
	if err != nil {
		return err
	}
	if who.UserID == "" || who.Location == "" || who.LoA == "" {
		return fmt.Errorf("pdnd: evidence: %w", ErrClaims)
	}
	nonce, err := rand.Int(rand.Reader, big.NewInt(9e12))
	if err != nil {
		return err
	}
	issued, expires := e.credentials.span()
	text, err := e.signer.Sign(evidence{
		Issuer: e.credentials.ClientID, Audience: e.credentials.Audience, PurposeID: e.purposeID, Nonce: 1e12 + nonce.Int64(),
		UserID: who.UserID, Location: who.Location, LoA: who.LoA, ID: jws.NewID(), IssuedAt: issued, NotBefore: issued, Expires: expires,
	})
	if err != nil {
		return fmt.Errorf("pdnd: evidence: %w", err)
	}
	r.Header.Set(EvidenceHeader, text)
	return nil
}

// Integrity sets the digest of the body and its signature, INTEGRITY_REST_02.
type Integrity struct {
	credentials Credentials
	signer      *jws.Signer
}

// NewIntegrity returns the step. Errors: [ErrNoCredentials], [ErrKey],
// [ErrClaims].
func NewIntegrity(c Credentials) (*Integrity, error) {
	s, err := c.signer()
	if err != nil {
		return nil, err
	}
	return &Integrity{c, s}, nil
}

type signature struct {
	Issuer   string              `json:"iss"`
	Subject  string              `json:"sub"`
	Audience string              `json:"aud"`
	ID       string              `json:"jti"`
	IssuedAt int64               `json:"iat"`
	Expires  int64               `json:"exp"`
	Signed   []map[string]string `json:"signed_headers"`
}

// Authorize sets the headers Digest and Agid-JWT-Signature. The signature covers
// Digest, Content-Type and Content-Encoding, the latter two if the request has
// them. A request without body has the digest of no bytes. Errors: [ErrBody].
func (s *Integrity) Authorize(_ context.Context, r *http.Request) error {
	sum := sha256.New()
	if r.Body != nil && r.Body != http.NoBody {
		if r.GetBody == nil {
			return fmt.Errorf("pdnd: integrity: %w", ErrBody)
		}
		body, err := r.GetBody()
		if err != nil {
			return fmt.Errorf("pdnd: integrity: %w", err)
		}
		defer body.Close()
		if _, err := io.Copy(sum, body); err != nil {
			return fmt.Errorf("pdnd: integrity: %w", err)
		}
	}
	value := "SHA-256=" + base64.StdEncoding.EncodeToString(sum.Sum(nil))
	signed := []map[string]string{{"digest": value}}
	for _, name := range []string{"Content-Type", "Content-Encoding"} {
		if v := r.Header.Get(name); v != "" {
			signed = append(signed, map[string]string{strings.ToLower(name): v})
		}
	}
	issued, expires := s.credentials.span()
	text, err := s.signer.Sign(signature{
		Issuer: s.credentials.ClientID, Subject: s.credentials.ClientID, Audience: s.credentials.Audience,
		ID: jws.NewID(), IssuedAt: issued, Expires: expires, Signed: signed,
	})
	if err != nil {
		return fmt.Errorf("pdnd: integrity: %w", err)
	}
	r.Header.Set("Digest", value)
	r.Header.Set(SignatureHeader, text)
	return nil
}
