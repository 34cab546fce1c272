package inipec

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gopec/gopec/inipec/internal/rest"
)

// MaxBatch is how many codes one request to INI-PEC may hold: what one client
// runs with. InfoCamere's own ceiling is not known.
const MaxBatch = 100

// Outcome is what INI-PEC says about a code. The zero value means that it was
// not asked yet.
type Outcome string

// The outcomes.
const (
	Found    Outcome = "found"     // at least one address that can be used
	NotFound Outcome = "not-found" // not listed, or no usable address: see Skipped
	TryLater Outcome = "try-later" // INI-PEC could not tell now (statoImpresa ER): ask again
	Unclear  Outcome = "unclear"   // statoImpresa has a value that is not known: no conclusion
)

// Answer is what INI-PEC says about one code.
type Answer struct {
	Code          string    `json:"code"`
	Outcome       Outcome   `json:"outcome"`
	Company       string    `json:"company,omitzero"`       // pecImpresa
	Professionals []string  `json:"professionals,omitzero"` // pecProfessionista
	Skipped       []Skipped `json:"skipped,omitzero"`
	State         string    `json:"state,omitzero"` // statoImpresa, as given
	Request       string    `json:"request"`        // identificativoRichiesta
	At            time.Time `json:"at"`             // when the answer was read, by our clock
}

// Address returns the address of the firm, else the first as a professional, else
// "". [Answer.Outcome] says whether "" is an answer.
func (a Answer) Address() string {
	if a.Company != "" || len(a.Professionals) == 0 {
		return a.Company
	}
	return a.Professionals[0]
}

// Submit asks for up to [MaxBatch] codes and returns the id under which the
// answer can be polled, also by another process. Codes are checked before the
// call: bad ones give [*CodeError], joined. Duplicates are sent once.
//
// The request is repeated only where it was certainly not accepted. If the
// answer was lost, the error wraps [ErrOutcomeUnknown]: there is no way to learn
// the id, and asking again may ask twice. Other errors are an [*Error].
func (c *Client) Submit(ctx context.Context, codes []string) (string, error) {
	parsed, err := parseCodes(codes)
	if err != nil {
		return "", err
	}
	parsed = unique(parsed)
	if len(parsed) > MaxBatch {
		return "", fmt.Errorf("inipec: %d codes: %w", len(parsed), ErrTooMany)
	}
	return c.submit(ctx, parsed)
}

func (c *Client) submit(ctx context.Context, codes []string) (string, error) {
	type item struct {
		Code string `json:"cf"`
	}
	// One client's code: names and form of the body, local time without zone.
	question := struct {
		At    string `json:"dataOraRichiesta"`
		Codes []item `json:"elencoCf"`
	}{At: c.config.Now().In(c.config.Location).Format("2006-01-02T15:04:05.000")}
	for _, code := range codes {
		question.Codes = append(question.Codes, item{code})
	}
	body, err := json.Marshal(question)
	if err != nil {
		return "", err
	}
	e := Error{Operation: "richiestaElencoPec", Asked: count(len(codes))}
	var reply struct {
		ID text `json:"identificativoRichiesta"`
	}
	if err := c.call(ctx, e, true, http.MethodPost, endpoint(c.base, c.query(), "richiestaElencoPec"), body, &reply); err != nil {
		return "", err
	}
	if !isRequestID(string(reply.ID)) {
		e.Service = INIPEC
		return "", c.failed(ctx, failure(e, nil, fmt.Errorf("%w: %w: no usable identificativoRichiesta", ErrOutcomeUnknown, ErrMalformed)))
	}
	return string(reply.ID), nil
}

func count(n int) string {
	if n == 1 {
		return "1 code"
	}
	return fmt.Sprintf("%d codes", n)
}

// isRequestID reports whether an id can stand in a path and in a log.
func isRequestID(id string) bool {
	if id == "" || len(id) > 128 || strings.Trim(id, ".") == "" {
		return false
	}
	return rest.Printable(id) == id && !strings.ContainsAny(id, " /\\?#%")
}

// unique drops duplicates, in order.
func unique(codes []string) []string {
	seen := make(map[string]bool, len(codes))
	var out []string
	for _, c := range codes {
		if !seen[c] {
			seen[c] = true
			out = append(out, c)
		}
	}
	return out
}

type item struct {
	Code          string  `json:"cf"`
	Company       *string `json:"pecImpresa"`
	Professionals []struct {
		Address string `json:"pec"`
	} `json:"pecProfessionista"`
	State *string `json:"statoImpresa"` // in newer documentation only
}

// Poll asks whether the answer for id is ready and returns what it says about
// codes, one [Answer] for each, in their order. The codes are those that were
// submitted; one that the answer does not name is [NotFound], or [Unclear] if
// the answer names codes that are not among them. The error wraps
// [ErrNotReady] until it is ready.
func (c *Client) Poll(ctx context.Context, id string, codes []string) ([]Answer, error) {
	if !isRequestID(id) {
		return nil, fmt.Errorf("inipec: %w", ErrID)
	}
	parsed, err := parseCodes(codes)
	if err != nil {
		return nil, err
	}
	e := Error{Operation: "getElencoPec", Asked: "request " + rest.Redact(id)}
	var reply struct {
		ID   text   `json:"identificativoRichiesta"`
		List []item `json:"elencoPec"`
	}
	if err := c.call(ctx, e, false, http.MethodGet, endpoint(c.base, c.query(), "getElencoPec", id), nil, &reply); err != nil {
		return nil, err
	}
	e.Service = INIPEC
	// A body without the list is no answer: without this, every code would count
	// as not listed.
	if reply.List == nil {
		return nil, c.failed(ctx, failure(e, nil, fmt.Errorf("%w: no elencoPec", ErrMalformed)))
	}
	if string(reply.ID) != id {
		return nil, c.failed(ctx, failure(e, nil, fmt.Errorf("%w: answer to another request", ErrMalformed)))
	}
	answers, err := match(parsed, reply.List)
	if err != nil {
		return nil, c.failed(ctx, failure(e, nil, err))
	}
	for i := range answers {
		answers[i].Request, answers[i].At = id, c.config.Now()
	}
	return answers, nil
}

// Wait polls until the answer is ready, as [Config.Wait] says. When it gives
// up, the error wraps [ErrNotReady] and the id is good for another try.
func (c *Client) Wait(ctx context.Context, id string, codes []string) ([]Answer, error) {
	var answers []Answer
	err := c.config.Wait.poll(ctx, func() (err error) {
		answers, err = c.Poll(ctx, id, codes)
		return err
	})
	return answers, err
}

// match gives each code its items, whatever their case and order.
func match(codes []string, list []item) ([]Answer, error) {
	items := make(map[string][]item, len(list))
	for _, i := range list {
		code := strings.ToUpper(strings.TrimSpace(i.Code))
		if code == "" {
			return nil, fmt.Errorf("%w: an item without cf", ErrMalformed)
		}
		items[code] = append(items[code], i)
	}
	answers := make([]Answer, len(codes))
	asked := make(map[string]bool, len(codes))
	for n, code := range codes {
		asked[code] = true
		a, err := answerOf(code, items[code])
		if err != nil {
			return nil, err
		}
		answers[n] = a
	}
	// An item for a code that was not asked may be meant for one that was, as
	// with omocodia: then no silence is an answer.
	for code := range items {
		if asked[code] {
			continue
		}
		for n := range answers {
			if items[answers[n].Code] == nil {
				answers[n].Outcome = Unclear
			}
		}
		break
	}
	return answers, nil
}

var errTwoFirms = errors.New("two firm addresses for one code")

func answerOf(code string, items []item) (Answer, error) {
	a := Answer{Code: code}
	for _, i := range items {
		if i.State != nil {
			a.State = rest.Redact(*i.State)
		}
		if i.Company != nil {
			address := strings.TrimSpace(*i.Company)
			if a.Company != "" && address != "" && !strings.EqualFold(a.Company, address) {
				return Answer{}, fmt.Errorf("%w: %w", ErrMalformed, errTwoFirms)
			}
			if a.take(address) {
				a.Company = address
			}
		}
		for _, p := range i.Professionals {
			if address := strings.TrimSpace(p.Address); a.take(address) {
				a.Professionals = append(a.Professionals, address)
			}
		}
	}
	a.Professionals = unique(a.Professionals)
	a.conclude()
	return a, nil
}

// take reports whether an address can be used, and notes one that cannot.
func (a *Answer) take(address string) bool {
	if address == "" {
		return false
	}
	if !isAddress(address) {
		a.Skipped = append(a.Skipped, Skipped{address, SkipSyntax})
		return false
	}
	return true
}

// conclude sets the outcome. ER, ND and NF are of newer documentation that one
// client was written to. An unknown state gives no conclusion, and so does a
// state that contradicts an address.
func (a *Answer) conclude() {
	listed := a.Address() != ""
	switch {
	case a.State == "ER":
		a.Outcome = TryLater
	case a.State == "" && listed:
		a.Outcome = Found
	case a.State == "", (a.State == "ND" || a.State == "NF") && !listed:
		a.Outcome = NotFound
	case (a.State == "ND" || a.State == "NF") && a.Company == "":
		a.Outcome = Found // the state is the firm's; the professional's address stands
	default:
		a.Outcome = Unclear
	}
}
