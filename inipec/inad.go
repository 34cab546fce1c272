package inipec

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gopec/gopec/inipec/internal/rest"
	"github.com/gopec/gopec/inipec/pdnd"
)

// INADURL is the production base URL of INAD's document; PDND's catalogue has
// the one that counts.
const INADURL = "https://api.inad.gov.it/rest/inad/v1/domiciliodigitale"

// ListKey is the name of the case in the body of a list request.
type ListKey string

// The names.
const (
	PraticalReference  ListKey = "praticalReference"  // the OpenAPI document; the default
	PracticalReference ListKey = "practicalReference" // one client's code
)

// INADConfig says how INAD is asked.
type INADConfig struct {
	Authorizer pdnd.Authorizer // INAD wants a voucher only: *pdnd.Bearer
	BaseURL    string          // "" means [INADURL]
	ListKey    ListKey         // "" means [PraticalReference]
	Budget     *Budget         // nil means that calls are not counted
	Wait       Backoff         // see [INADClient.WaitList]

	HTTP   *http.Client     // nil means one with a connection timeout of 4 s
	Logger *slog.Logger     // nil means none
	Now    func() time.Time // nil means time.Now
}

// INADClient is a client of INAD's extraction services.
type INADClient struct {
	config INADConfig
	base   *url.URL
}

// NewINAD checks the configuration; it does not use the network. Errors:
// [ErrNoCredentials], [ErrConfig].
func NewINAD(c INADConfig) (*INADClient, error) {
	if c.Authorizer == nil {
		return nil, fmt.Errorf("inipec: INAD: %w", ErrNoCredentials)
	}
	if c.BaseURL == "" {
		c.BaseURL = INADURL
	}
	if c.ListKey == "" {
		c.ListKey = PraticalReference
	}
	base, err := rest.Base(c.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("inipec: %w: %w", ErrConfig, err)
	}
	if c.ListKey != PraticalReference && c.ListKey != PracticalReference {
		return nil, fmt.Errorf("inipec: %w: list key", ErrConfig)
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
	return &INADClient{c, base}, nil
}

// problem is INAD's error document. The OpenAPI document has status as a
// string; numbers are read too.
type problem struct {
	Status text   `json:"status"`
	Type   string `json:"type"`
	Detail string `json:"detail"`
}

// isNotFound tells INAD's own "not found" from a page of something in between,
// which has the status alone.
func isNotFound(r *rest.Response) bool {
	var p problem
	return r.Status == http.StatusNotFound && json.Unmarshal(r.Body, &p) == nil && p.Status == "404" && p.Type == "NOT_FOUND"
}

// call sends a request and returns the answer if its status is among those
// wanted, else an *Error. A 401 drops the voucher and is tried once more.
func (c *INADClient) call(ctx context.Context, e Error, once bool, method, address string, body []byte, wanted ...int) (*rest.Response, error) {
	e.Service = INAD
	for again := false; ; again = true {
		var sent *http.Request
		policy := rest.Policy{Again: rest.Idempotent}
		if once {
			policy.Again = rest.Unaccepted
		}
		r, err := rest.Do(ctx, c.config.HTTP, policy, func(ctx context.Context) (*http.Request, error) {
			request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
			if err != nil {
				return nil, ErrConfig // the error would hold the URL
			}
			request.Header.Set("Accept", "application/json, application/problem+json")
			if body != nil {
				request.Header.Set("Content-Type", "application/json")
			}
			if err := c.config.Authorizer.Authorize(ctx, request); err != nil {
				return nil, err
			}
			if c.config.Budget != nil && !c.config.Budget.Spend(c.config.Now(), 1) {
				return nil, ErrBudget
			}
			sent = request
			return request, nil
		})
		if err != nil {
			return nil, c.failed(ctx, failure(e, nil, lost(ctx, err, once)))
		}
		for _, status := range wanted {
			if r.Status == status {
				return r, nil
			}
		}
		if r.Status == http.StatusUnauthorized {
			c.config.Authorizer.Refused(sent)
			if !again {
				continue
			}
		}
		return r, c.refused(ctx, e, once, r)
	}
}

func (c *INADClient) refused(ctx context.Context, e Error, once bool, r *rest.Response) error {
	var p problem
	if json.Unmarshal(r.Body, &p) == nil {
		e.Code, e.Detail = rest.Redact(p.Type), rest.Redact(p.Detail)
	}
	if isNotFound(r) { // an answer, to most questions
		return failure(e, r, ErrRejected)
	}
	kind := kindOf(r.Status)
	if once && (r.Status < 400 || r.Status >= 500 && r.Status != http.StatusServiceUnavailable) {
		kind = fmt.Errorf("%w: %w", ErrOutcomeUnknown, kind)
	}
	return c.failed(ctx, failure(e, r, kind))
}

func (c *INADClient) failed(ctx context.Context, e *Error) error {
	c.config.Logger.WarnContext(ctx, "inipec: call failed", "error", e)
	return e
}

// Domicile is one digital domicile in INAD.
type Domicile struct {
	Address    string    `json:"address"`
	Profession string    `json:"profession,omitzero"` // practicedProfession; "" for a person's own or a body's
	Motivation string    `json:"motivation,omitzero"` // why it ends
	Ends       time.Time `json:"ends,omitzero"`       // dateEndValidity, zero if none was given
}

// INADAnswer is what INAD says about one code.
type INADAnswer struct {
	Code string `json:"code"`
	// Known is false if INAD does not know the code (404), or if a list names it
	// without an address.
	Known     bool       `json:"known"`
	Domiciles []Domicile `json:"domiciles,omitzero"` // those in force, in INAD's order
	Skipped   []Skipped  `json:"skipped,omitzero"`
	At        time.Time  `json:"at"` // INAD's time of extraction (since); ours if not Known
}

// Personal returns the domicile without a profession: a person's own, or a
// body's. It is false if there is none in force, or more than one.
func (a INADAnswer) Personal() (Domicile, bool) {
	var found []Domicile
	for _, d := range a.Domiciles {
		if d.Profession == "" {
			found = append(found, d)
		}
	}
	if len(found) != 1 {
		return Domicile{}, false
	}
	return found[0], true
}

// Extract asks for the domiciles of a code now. reference is the administrative
// case. A code that INAD does not know is an answer, not an error. Errors:
// [*CodeError] and [ErrNoReference] before any call, else an [*Error].
//
// The code is sent as it is written, also with letters of omocodia, which the
// pattern in INAD's OpenAPI document does not provide for: INAD may
// reject them, [ErrRejected].
func (c *INADClient) Extract(ctx context.Context, code, reference string) (INADAnswer, error) {
	parsed, err := c.check(code, reference)
	if err != nil {
		return INADAnswer{}, err
	}
	e := Error{Operation: "extract", Asked: rest.Mask(parsed)}
	r, err := c.call(ctx, e, false, http.MethodGet, endpoint(c.base, url.Values{"practicalReference": {reference}}, "extract", parsed), nil, http.StatusOK)
	if err != nil {
		if r != nil && isNotFound(r) {
			return INADAnswer{Code: parsed, At: c.config.Now()}, nil
		}
		return INADAnswer{}, err
	}
	e.Service = INAD
	var reply extraction
	if err := unmarshal(r.Body, &reply); err != nil {
		return INADAnswer{}, c.failed(ctx, failure(e, r, err))
	}
	if !strings.EqualFold(reply.Code, parsed) {
		return INADAnswer{}, c.failed(ctx, failure(e, r, fmt.Errorf("%w: it is about another code", ErrMalformed)))
	}
	if reply.Domiciles == nil || reply.At == "" {
		return INADAnswer{}, c.failed(ctx, failure(e, r, fmt.Errorf("%w: digitalAddress or since is missing", ErrMalformed)))
	}
	a, err := reply.answer(parsed, c.config.Now())
	if err != nil {
		return INADAnswer{}, c.failed(ctx, failure(e, r, err))
	}
	return a, nil
}

func (c *INADClient) check(code, reference string) (string, error) {
	parsed, err := parseCode(0, code)
	if err != nil {
		return "", err
	}
	if strings.TrimSpace(reference) == "" {
		return "", fmt.Errorf("inipec: %w", ErrNoReference)
	}
	return parsed.String(), nil
}

type extraction struct {
	Code      string `json:"codiceFiscale"`
	At        string `json:"since"`
	Domiciles []struct {
		Address    string `json:"digitalAddress"`
		Profession string `json:"practicedProfession"`
		Usage      struct {
			Motivation string `json:"motivation"`
			Ends       string `json:"dateEndValidity"`
		} `json:"usageInfo"`
	} `json:"digitalAddress"`
}

// answer drops what is expired or no address. The OpenAPI document requires
// usageInfo of every domicile; one without is in force.
func (x extraction) answer(code string, now time.Time) (INADAnswer, error) {
	a := INADAnswer{Code: code, Known: len(x.Domiciles) > 0, At: now}
	var err error
	if x.At != "" {
		if a.At, err = parseTime(x.At); err != nil {
			return INADAnswer{}, fmt.Errorf("%w: since", err)
		}
	}
	for _, given := range x.Domiciles {
		d := Domicile{Address: strings.TrimSpace(given.Address), Profession: strings.TrimSpace(given.Profession), Motivation: given.Usage.Motivation}
		if given.Usage.Ends != "" {
			if d.Ends, err = parseTime(given.Usage.Ends); err != nil {
				return INADAnswer{}, fmt.Errorf("%w: dateEndValidity", err)
			}
		}
		switch {
		case !isAddress(d.Address):
			a.Skipped = append(a.Skipped, Skipped{d.Address, SkipSyntax})
		case !d.Ends.IsZero() && !now.Before(d.Ends):
			a.Skipped = append(a.Skipped, Skipped{d.Address, SkipExpired})
		default:
			a.Domiciles = append(a.Domiciles, d)
		}
	}
	return a, nil
}

// parseTime reads the times of INAD: ISO 8601 with Z, +02:00 or, as the pattern
// in its document says, +0200.
func parseTime(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%w: a time that is none", ErrMalformed)
}

// Verification is INAD's answer about an address on a day.
type Verification struct {
	Known      bool      `json:"known"`      // false: INAD does not know the code (404)
	Associated bool      `json:"associated"` // outcome
	At         time.Time `json:"at"`         // dateTimeCheck; ours if not Known
}

// Verify asks whether an address was the domicile of a code on a day, of which
// year, month and day count. Errors as for [INADClient.Extract], and
// [ErrAddress] before any call.
func (c *INADClient) Verify(ctx context.Context, code, address string, day time.Time, reference string) (Verification, error) {
	parsed, err := c.check(code, reference)
	if err != nil {
		return Verification{}, err
	}
	if !isAddress(address) {
		return Verification{}, fmt.Errorf("inipec: %s: %w", rest.Mask(address), ErrAddress)
	}
	e := Error{Operation: "verify", Asked: rest.Mask(parsed) + ", " + rest.Mask(address)}
	query := url.Values{"digital_address": {address}, "since": {day.Format(time.DateOnly)}, "practicalReference": {reference}}
	r, err := c.call(ctx, e, false, http.MethodGet, endpoint(c.base, query, "verify", parsed), nil, http.StatusOK)
	if err != nil {
		if r != nil && isNotFound(r) {
			return Verification{At: c.config.Now()}, nil
		}
		return Verification{}, err
	}
	e.Service = INAD
	var reply struct {
		Outcome *bool  `json:"outcome"`
		At      string `json:"dateTimeCheck"`
	}
	if err := unmarshal(r.Body, &reply); err != nil {
		return Verification{}, c.failed(ctx, failure(e, r, err))
	}
	at, err := parseTime(reply.At)
	if err != nil || reply.Outcome == nil {
		return Verification{}, c.failed(ctx, failure(e, r, fmt.Errorf("%w: outcome or dateTimeCheck", ErrMalformed)))
	}
	return Verification{Known: true, Associated: *reply.Outcome, At: at}, nil
}
