package inipectest

import (
	"crypto"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// PDND is a fake of the token endpoint. Its operation is "token".
type PDND struct {
	Keys     map[string]crypto.PublicKey // by kid
	ClientID string
	Purposes []string
	Audience string        // of assertions
	Life     time.Duration // of vouchers; 0 means 10 min
	// FromIssue: the life of a voucher counts from the iat of the assertion, as
	// one provider was reported to do.
	FromIssue bool
	Fault     func(operation string, n int) Fault
	Now       func() time.Time // nil means time.Now

	service
	seen     map[string]bool
	vouchers map[string]issued
}

type issued struct {
	purpose, digest string
	until           time.Time
}

type assertionClaims struct {
	Issuer    string `json:"iss"`
	Subject   string `json:"sub"`
	Audience  string `json:"aud"`
	ID        string `json:"jti"`
	IssuedAt  int64  `json:"iat"`
	Expires   int64  `json:"exp"`
	PurposeID string `json:"purposeId"`
	Digest    *struct {
		Algorithm string `json:"alg"`
		Value     string `json:"value"`
	} `json:"digest"`
}

// ServeHTTP issues vouchers.
func (p *PDND) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := clock(p.Now)
	w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
	answered, end := p.begin(w, "token", p.Fault)
	if answered {
		return
	}
	defer end()
	claims, err := p.check(r, now)
	if err != nil {
		// Code and shape as in PDND's problem documents.
		writeJSON(w, http.StatusBadRequest, "application/problem+json", map[string]any{
			"type": "about:blank", "status": 400, "title": "The request contains bad syntax", "detail": p.problem("%v", err),
			"errors": []map[string]string{{"code": "015-0008", "detail": "Unable to generate a token for the given request"}},
		})
		return
	}
	life := p.Life
	if life == 0 {
		life = 10 * time.Minute
	}
	v := issued{purpose: claims.PurposeID, until: now.Add(life)}
	if p.FromIssue {
		v.until = time.Unix(claims.IssuedAt, 0).Add(life)
	}
	if claims.Digest != nil {
		v.digest = claims.Digest.Value
	}
	if p.vouchers == nil {
		p.vouchers = make(map[string]issued)
	}
	secret := fmt.Sprintf("fake-voucher-%d", len(p.vouchers)+1)
	p.vouchers[secret] = v
	writeJSON(w, http.StatusOK, "application/json", map[string]any{"access_token": secret, "token_type": "Bearer", "expires_in": int(life.Seconds())})
}

func (p *PDND) check(r *http.Request, now time.Time) (*assertionClaims, error) {
	if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		return nil, fmt.Errorf("not a form sent by POST")
	}
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	form := r.PostForm
	switch {
	case len(form) != 4, form.Get("client_id") != p.ClientID:
		return nil, fmt.Errorf("form: parameters or client_id")
	case form.Get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer":
		return nil, fmt.Errorf("form: client_assertion_type")
	case form.Get("grant_type") != "client_credentials":
		return nil, fmt.Errorf("form: grant_type")
	}
	signed, err := jose.ParseSignedCompact(form.Get("client_assertion"), []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return nil, err
	}
	header := signed.Signatures[0].Protected
	key := p.Keys[header.KeyID]
	if key == nil || header.ExtraHeaders[jose.HeaderType] != "JWT" {
		return nil, fmt.Errorf("assertion: kid or typ")
	}
	payload, err := signed.Verify(key)
	if err != nil {
		return nil, err
	}
	var c assertionClaims
	if err := strict(strings.NewReader(string(payload)), &c); err != nil {
		return nil, err
	}
	switch {
	case c.Issuer != p.ClientID, c.Subject != p.ClientID, c.Audience != p.Audience:
		return nil, fmt.Errorf("assertion: iss, sub or aud")
	case c.ID == "" || p.seen[c.ID]:
		return nil, fmt.Errorf("assertion: jti missing or used before")
	case c.IssuedAt > now.Unix():
		return nil, fmt.Errorf("assertion: issued in the future")
	case c.Expires <= now.Unix():
		return nil, fmt.Errorf("assertion: expired")
	case !slices.Contains(p.Purposes, c.PurposeID):
		return nil, fmt.Errorf("assertion: purposeId")
	case c.Digest != nil && (c.Digest.Algorithm != "SHA256" || len(c.Digest.Value) != 64):
		return nil, fmt.Errorf("assertion: digest")
	}
	if p.seen == nil {
		p.seen = make(map[string]bool)
	}
	p.seen[c.ID] = true
	return &c, nil
}

// Accepts reports whether a request carries a voucher that is in force now, and
// returns the digest of tracking evidence in it.
func (p *PDND) Accepts(r *http.Request) (digest string, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	secret, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	v, known := p.vouchers[secret]
	return v.digest, bearer && known && clock(p.Now).Before(v.until)
}

// Revoke ends all vouchers.
func (p *PDND) Revoke() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.vouchers)
}

// jsonString is a string and nothing else: null is refused.
type jsonString string

func (s *jsonString) UnmarshalJSON(b []byte) error {
	if len(b) == 0 || b[0] != '"' {
		return fmt.Errorf("not a string")
	}
	return json.Unmarshal(b, (*string)(s))
}
