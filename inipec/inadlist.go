package inipec

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/gopec/gopec/inipec/internal/rest"
)

// MaxList is how many codes one list of INAD may have.
const MaxList = 1000

// ListLife is how long INAD keeps a list.
const ListLife = 48 * time.Hour

// listID is the pattern of the OpenAPI document.
var listID = regexp.MustCompile(`^(\{[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\}|[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})$`)

// SubmitList asks for the domiciles of up to [MaxList] codes and returns the id
// of the list, good for 48 hours and for another process. Bad codes give
// [*CodeError], joined, before any call. Duplicates are sent once. Like
// [Client.Submit] it is not repeated when the answer is lost:
// [ErrOutcomeUnknown].
func (c *INADClient) SubmitList(ctx context.Context, codes []string, reference string) (string, error) {
	parsed, err := parseCodes(codes)
	if err != nil {
		return "", err
	}
	if strings.TrimSpace(reference) == "" {
		return "", fmt.Errorf("inipec: %w", ErrNoReference)
	}
	parsed = unique(parsed)
	if len(parsed) > MaxList {
		return "", fmt.Errorf("inipec: %d codes: %w", len(parsed), ErrTooMany)
	}
	body, err := json.Marshal(map[string]any{"codiciFiscali": parsed, string(c.config.ListKey): reference})
	if err != nil {
		return "", err
	}
	e := Error{Service: INAD, Operation: "listDigitalAddress", Asked: count(len(parsed))}
	r, err := c.call(ctx, e, true, http.MethodPost, endpoint(c.base, nil, "listDigitalAddress"), body, http.StatusAccepted)
	if err != nil {
		return "", err
	}
	var reply struct {
		ID string `json:"id"`
	}
	if err := unmarshal(r.Body, &reply); err != nil || !listID.MatchString(reply.ID) {
		return "", c.failed(ctx, failure(e, r, fmt.Errorf("%w: %w: no usable id", ErrOutcomeUnknown, ErrMalformed)))
	}
	return reply.ID, nil
}

// PollList asks whether a list is ready and returns what it says about codes,
// one answer for each, in their order. The codes are those that were submitted.
// The error wraps [ErrNotReady] until it is ready, and [ErrGone] if INAD does not
// know the id: a list is kept for 48 hours.
func (c *INADClient) PollList(ctx context.Context, id string, codes []string) ([]INADAnswer, error) {
	if !listID.MatchString(id) {
		return nil, fmt.Errorf("inipec: %w", ErrID)
	}
	parsed, err := parseCodes(codes)
	if err != nil {
		return nil, err
	}
	e := Error{Service: INAD, Operation: "listDigitalAddress/state", Asked: "list " + id}
	if err := c.listState(ctx, e, id); err != nil {
		return nil, err
	}
	e.Operation = "listDigitalAddress/response"
	r, err := c.call(ctx, e, false, http.MethodGet, endpoint(c.base, nil, "listDigitalAddress", "response", id), nil, http.StatusOK)
	if err != nil {
		return nil, c.gone(e, r, err)
	}
	answers, err := c.readList(r, parsed)
	if err != nil {
		return nil, c.failed(ctx, failure(e, r, err))
	}
	return answers, nil
}

// listState returns nil if the list is ready. The Location of a 303 is not
// followed: the voucher would go wherever it points, and the documented address
// is known.
func (c *INADClient) listState(ctx context.Context, e Error, id string) error {
	r, err := c.call(ctx, e, false, http.MethodGet, endpoint(c.base, nil, "listDigitalAddress", "state", id), nil, http.StatusOK, http.StatusSeeOther)
	if err != nil {
		return c.gone(e, r, err)
	}
	if r.Status == http.StatusSeeOther {
		return nil
	}
	var reply struct {
		State string `json:"state"`
	}
	if err := unmarshal(r.Body, &reply); err != nil {
		return c.failed(ctx, failure(e, r, err))
	}
	switch reply.State {
	case "DISPONIBILE":
		return nil
	case "PRESA_IN_CARICO", "IN_ELABORAZIONE":
		return failure(e, r, ErrNotReady)
	}
	return c.failed(ctx, failure(e, r, fmt.Errorf("%w: an unknown state", ErrMalformed)))
}

func (c *INADClient) gone(e Error, r *rest.Response, err error) error {
	if r != nil && isNotFound(r) {
		return failure(e, r, ErrGone)
	}
	return err
}

// WaitList polls until the list is ready, as [INADConfig.Wait] says. When it
// gives up, the error wraps [ErrNotReady] and the id is good for another try.
func (c *INADClient) WaitList(ctx context.Context, id string, codes []string) ([]INADAnswer, error) {
	var answers []INADAnswer
	err := c.config.Wait.poll(ctx, func() (err error) {
		answers, err = c.PollList(ctx, id, codes)
		return err
	})
	return answers, err
}

// readList gives each code its entry. Codes without a domicile are named by the
// list, without value; one that it does not name at all breaks the document, and
// there is no conclusion for it.
func (c *INADClient) readList(r *rest.Response, codes []string) ([]INADAnswer, error) {
	var reply struct {
		List []extraction `json:"list"`
	}
	if err := unmarshal(r.Body, &reply); err != nil {
		return nil, err
	}
	entries := make(map[string]extraction, len(reply.List))
	for _, x := range reply.List {
		code := strings.ToUpper(strings.TrimSpace(x.Code))
		if _, twice := entries[code]; twice {
			return nil, fmt.Errorf("%w: a code has two entries, %s", ErrMalformed, rest.MaskCode(code))
		}
		entries[code] = x
	}
	now := c.config.Now()
	answers := make([]INADAnswer, len(codes))
	for i, code := range codes {
		x, ok := entries[code]
		if !ok {
			return nil, fmt.Errorf("%w: a code has no entry, %s", ErrMalformed, rest.MaskCode(code))
		}
		a, err := x.answer(code, now)
		if err != nil {
			return nil, err
		}
		answers[i] = a
	}
	return answers, nil
}
