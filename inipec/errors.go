package inipec

import (
	"errors"
	"fmt"
	"time"

	"github.com/gopec/gopec/inipec/internal/rest"
)

// What the errors of this package wrap, besides the context's.
var (
	ErrNoCredentials = errors.New("no credentials: the service is open only to entitled bodies")
	ErrConfig        = errors.New("configuration is not usable")
	ErrNoReference   = errors.New("INAD wants the administrative case, a practicalReference")
	ErrNoCodes       = errors.New("no codes")
	ErrTooMany       = errors.New("more codes than one list may have")
	ErrID            = errors.New("not an id of a request")
	ErrAddress       = errors.New("not a mail address")

	ErrAuth           = errors.New("the service refused the credentials")         // 401, 403
	ErrQuota          = errors.New("the service wants fewer calls")               // 429
	ErrBudget         = errors.New("the budget of calls is used up")              // ours, see [Budget]
	ErrRejected       = errors.New("the service rejected the request")            // other 4xx, or an error inside a 200
	ErrUnavailable    = errors.New("the service does not answer")                 // 5xx, network
	ErrMalformed      = errors.New("the answer is not as documented")             //
	ErrTooLarge       = rest.ErrTooLarge                                          // an answer over the limit
	ErrNotReady       = errors.New("the answer is not ready")                     // ask again later
	ErrGone           = errors.New("the list is not there, or no more: 48 h")     // INAD
	ErrOutcomeUnknown = errors.New("whether the request was accepted is unknown") // the answer to a submission was lost
)

// Error is a failed call. It holds no code, address or token in full.
type Error struct {
	Service    Registry
	Operation  string // such as getElencoPec
	Asked      string // what was asked, masked: a code, a number of codes, an id
	Status     int    // of HTTP, 0 if there was no answer
	Code       string // the service's own code, such as WSPA_ERR_05 or BAD_REQUEST
	Detail     string // what the service says, codes and addresses masked
	TrackingID string // X-Tracking-trackingId: what InfoCamere's support asks for
	RetryAfter time.Duration
	Err        error // wraps at least one of the errors above, or the context's
}

// Error says what failed and what was asked.
func (e *Error) Error() string {
	s := fmt.Sprintf("inipec: %s %s", e.Service, e.Operation)
	if e.Asked != "" {
		s += " (" + e.Asked + ")"
	}
	s += ": " + e.Err.Error()
	if e.Status != 0 {
		s += fmt.Sprintf(": status %d", e.Status)
	}
	if e.Code != "" {
		s += " " + e.Code
	}
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	if e.TrackingID != "" {
		s += ", tracking id " + e.TrackingID
	}
	return s
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// CodeError names a code that is no fiscal code. Nothing was asked.
type CodeError struct {
	Index  int    // in what the caller gave
	Masked string // the code, its middle hidden
	Err    error  // what is wrong with it
}

// Error says which code and what is wrong with it.
func (e *CodeError) Error() string {
	return fmt.Sprintf("inipec: code %d (%s): %v", e.Index, e.Masked, e.Err)
}

// Unwrap returns Err.
func (e *CodeError) Unwrap() error { return e.Err }
