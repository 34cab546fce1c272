package inipec

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gopec/gopec/inipec/internal/rest"
	"github.com/gopec/gopec/internal/fiscalcode"
)

// What errors of [Lookup.Find] wrap, besides those of the registries.
var (
	ErrSubject    = errors.New("not a subject, or one that has no such code")
	ErrNoRegistry = errors.New("a registry that comes in the order is not set, and the question does not leave it out")
	ErrAmbiguous  = errors.New("several domiciles, and nothing says which one counts")
	ErrNoAnswer   = errors.New("the registry gave no conclusion")
	ErrStale      = errors.New("the snapshot of IPA is older than allowed")
)

// Subject is whose domicile is looked for. The zero value is none.
type Subject uint8

// The subjects, and the order in which the registries are asked for them.
const (
	PublicBody   Subject = 1 // IPA, INI-PEC, INAD
	Firm         Subject = 2 // INI-PEC, INAD
	Professional Subject = 3 // INI-PEC, INAD
	Person       Subject = 4 // INAD; with Question.PersonInINIPEC then INI-PEC
)

var subjectNames = [...]string{"", "public-body", "firm", "professional", "person"}

// String returns public-body, firm, professional, person, or "" for none.
func (s Subject) String() string {
	if int(s) < len(subjectNames) {
		return subjectNames[s]
	}
	return fmt.Sprintf("Subject(%d)", uint8(s))
}

// MarshalText returns [Subject.String].
func (s Subject) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what [Subject.MarshalText] writes.
func (s *Subject) UnmarshalText(text []byte) error {
	for i, name := range subjectNames {
		if name == string(text) {
			*s = Subject(i)
			return nil
		}
	}
	return fmt.Errorf("inipec: unknown subject %q", rest.Redact(string(text)))
}

// Question is what [Lookup.Find] is asked.
type Question struct {
	Code      string  // fiscal code
	Subject   Subject // whose
	Reference string  // the administrative case, which INAD wants
	// Without are registries not to be asked. A registry that is not set in
	// the Lookup must be named here: its silence is not an answer.
	Without []Registry
	// PersonInINIPEC: a person without domicile in INAD is looked for among
	// the professionals and firms.
	PersonInINIPEC bool
}

// Source asks one registry for one code, already checked and in capitals. No
// address and no error means that the registry has none that can be used. An
// error stops the look-up.
type Source interface {
	Look(ctx context.Context, q Question) (Result, error)
}

// Result is what a registry answered.
type Result struct {
	Addresses []string  // the first is the one to use
	Skipped   []Skipped // what it has besides, and why that is not used
	At        time.Time // of what date the answer is; that of the snapshot for IPA
}

// Lookup asks the registries in the order that law and practice give: bodies are
// in IPA (CAD art. 6-ter), firms and listed professionals in INI-PEC (art.
// 6-bis), everyone else in INAD (art. 6-quater). The order for bodies is the one
// that SEND (pagopa/pn-national-registries) follows: one client's code.
//
// A registry comes next only after the one before answered that it has no
// usable address. It may be used by several goroutines if the sources may.
type Lookup struct {
	IPA    Source           // see [IPASource]
	INIPEC Source           // see [INIPECSource]
	INAD   Source           // see [INADSource]
	Now    func() time.Time // nil means time.Now
}

// StepOutcome is what came of one registry.
type StepOutcome string

// The outcomes.
const (
	StepFound    StepOutcome = "found"
	StepNotFound StepOutcome = "not-found" // it has no usable address
	StepFailed   StepOutcome = "failed"    // it could not answer
	StepLeftOut  StepOutcome = "left-out"  // the question said so
	StepNotAsked StepOutcome = "not-asked" // the look-up ended before
)

// Step is one registry of the order.
type Step struct {
	Registry Registry    `json:"registry"`
	Outcome  StepOutcome `json:"outcome"`
	Asked    time.Time   `json:"asked,omitzero"` // when, by our clock
	At       time.Time   `json:"at,omitzero"`    // of what date its answer is
	Skipped  []Skipped   `json:"skipped,omitzero"`
}

// Finding is the answer of a look-up.
type Finding struct {
	Code      string   `json:"code"`
	Subject   Subject  `json:"subject"`
	Address   string   `json:"address,omitzero"`  // "" if no registry that was asked has one
	Others    []string `json:"others,omitzero"`   // more addresses in the same registry
	Registry  Registry `json:"registry,omitzero"` // whose the address is
	Steps     []Step   `json:"steps"`             // every registry of the order, also those not asked
	Reference string   `json:"reference,omitzero"`
}

// LookupError is a look-up that a registry's failure ended.
type LookupError struct {
	Registry Registry
	Masked   string // the code, its middle hidden
	Steps    []Step // what had been answered, what failed and what was not asked
	Err      error
}

// Error says which registry failed.
func (e *LookupError) Error() string {
	return fmt.Sprintf("inipec: look-up of %s stopped at %s: %v", e.Masked, e.Registry, e.Err)
}

// Unwrap returns Err.
func (e *LookupError) Unwrap() error { return e.Err }

// Find looks for the domicile of a code. No address is an answer, not an error.
// Errors before any call: [*CodeError], [ErrSubject], [ErrNoRegistry],
// [ErrNoReference]; a registry's failure is a [*LookupError].
func (l *Lookup) Find(ctx context.Context, q Question) (Finding, error) {
	code, err := parseCode(0, q.Code)
	if err != nil {
		return Finding{}, err
	}
	q.Code = code.String()
	order, err := l.order(q, code.Kind())
	if err != nil {
		return Finding{}, fmt.Errorf("inipec: look-up: %w", err)
	}
	f := Finding{Code: q.Code, Subject: q.Subject, Reference: q.Reference}
	for _, r := range order {
		f.Steps = append(f.Steps, Step{Registry: r, Outcome: StepNotAsked})
		if slices.Contains(q.Without, r) {
			f.Steps[len(f.Steps)-1].Outcome = StepLeftOut
		}
	}
	for i := range f.Steps {
		s := &f.Steps[i]
		if s.Outcome == StepLeftOut {
			continue
		}
		s.Asked = l.now()
		result, err := l.source(s.Registry).Look(ctx, q)
		if err != nil {
			s.Outcome = StepFailed
			return Finding{}, &LookupError{s.Registry, code.Masked(), f.Steps, err}
		}
		s.At, s.Skipped, s.Outcome = result.At, result.Skipped, StepNotFound
		if len(result.Addresses) > 0 {
			s.Outcome = StepFound
			f.Address, f.Others, f.Registry = result.Addresses[0], result.Addresses[1:], s.Registry
			break
		}
	}
	return f, nil
}

// order returns the registries for a question, all of them usable or left out.
func (l *Lookup) order(q Question, kind fiscalcode.Kind) ([]Registry, error) {
	var order []Registry
	switch {
	case q.Subject == PublicBody && kind == fiscalcode.Body:
		order = []Registry{IPA, INIPEC, INAD}
	case q.Subject == Firm, q.Subject == Professional:
		order = []Registry{INIPEC, INAD}
	case q.Subject == Person && q.PersonInINIPEC:
		order = []Registry{INAD, INIPEC}
	case q.Subject == Person:
		order = []Registry{INAD}
	default:
		return nil, ErrSubject
	}
	for _, r := range order {
		left := slices.Contains(q.Without, r)
		if !left && l.source(r) == nil {
			return nil, fmt.Errorf("%s: %w", r, ErrNoRegistry)
		}
		if !left && r == INAD && q.Reference == "" {
			return nil, ErrNoReference
		}
	}
	return order, nil
}

func (l *Lookup) source(r Registry) Source {
	switch r {
	case IPA:
		return l.IPA
	case INIPEC:
		return l.INIPEC
	case INAD:
		return l.INAD
	}
	return nil
}

func (l *Lookup) now() time.Time {
	if l.Now == nil {
		return time.Now()
	}
	return l.Now()
}
