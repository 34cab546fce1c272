package online

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gopec/gopec/trust"
	"github.com/gopec/gopec/trust/revocation"
)

// Problem says what could not be learnt, and why. The URL, and the error's text,
// are outside text: make them printable before showing them.
type Problem struct {
	Certificate string // SHA-256 of the certificate that was asked about, in hex
	URL         string
	Err         error
}

func (p *Problem) Error() string { return p.URL + ": " + p.Err.Error() }
func (p *Problem) Unwrap() error { return p.Err }

// ErrNotUsable says that an answer came, was read, and cannot be used for the
// certificate: signed by somebody else, for another time, about another one.
var ErrNotUsable = errors.New("online: the answer cannot be used")

// Collect asks about the certificates of a verified path (pec.Report.Links), and
// adds to data what answers for the reference time. Of each certificate the
// responder (OCSP) is asked first, then the list, and neither if what is in
// data already shows a revocation, or is good and newer is not to be expected yet:
// an older list says nothing of what was revoked after it. An answer is added only if its signature verifies and it
// speaks of the certificate; it is kept in the cache, and taken from there as
// long as it says that nothing newer is to be expected.
//
// What is asked once is not asked again by the same Client, so that many
// messages of one provider cost one question. Collect may be called from several
// goroutines, each with a data of its own; they wait for each other's questions.
//
// The problems are of the network and of what came back. They change no verdict.
func (c *Client) Collect(ctx context.Context, links []trust.Link, at, now time.Time, data *revocation.Data) []Problem {
	var problems []Problem
	for _, l := range links {
		q := &question{Client: c, link: l, at: at, now: now, data: data}
		q.ask(ctx)
		problems = append(problems, q.problems...)
	}
	return problems
}

// question is what one call wants to know of one certificate.
type question struct {
	*Client
	link     trust.Link
	at, now  time.Time
	data     *revocation.Data
	problems []Problem
}

func (q *question) ask(ctx context.Context) {
	if a := q.data.Check(q.link, q.at, q.now); a.State == revocation.Revoked || q.current(a) {
		return
	}
	lists, responders := revocation.Sources(q.link)
	request, err := revocation.Request(q.link, 0)
	if err != nil {
		q.problem("", err)
		responders = nil
	}
	for _, u := range responders {
		if q.source(ctx, source{url: u, request: request}) {
			return
		}
	}
	for _, u := range lists {
		if q.source(ctx, source{url: u}) {
			return
		}
	}
}

// source is one place where an answer may be.
type source struct {
	url     string
	request []byte // nil for a list
}

func (s source) limit() int64 {
	if s.request == nil {
		return revocation.MaxCRLSize
	}
	return revocation.MaxOCSPSize
}

func (s source) add(d *revocation.Data, b []byte) error {
	if s.request == nil {
		return d.AddCRL(s.url, b)
	}
	return d.AddOCSP(s.url, b)
}

// source asks one place, and reports whether that decides.
func (q *question) source(ctx context.Context, s source) bool {
	kept := cache{q.Cache}.get(key(s.url, s.request), s.limit())
	old, _ := q.judge(s, kept)
	if old != nil && q.current(old) {
		return q.use(s, kept, old)
	}
	b, err := q.once(ctx, q.link.BuiltIn, s)
	if err != nil {
		q.problem(s.url, err)
		return old != nil && q.use(s, kept, old) // older than it should be, and better than nothing
	}
	answer, err := q.judge(s, b)
	if err != nil {
		q.problem(s.url, err)
		return old != nil && q.use(s, kept, old)
	}
	if err := (cache{q.Cache}).put(key(s.url, s.request), b); err != nil {
		q.problem(s.url, err)
	}
	return q.use(s, b, answer)
}

// judge says what an answer alone is worth. Without a verified signature, or
// about something else, it is an error.
func (q *question) judge(s source, b []byte) (*revocation.Answer, error) {
	if b == nil {
		return nil, nil
	}
	var alone revocation.Data
	if err := s.add(&alone, b); err != nil {
		return nil, err
	}
	a := alone.Check(q.link, q.at, q.now)
	if len(a.Used) == 0 {
		return nil, notUsable(a)
	}
	return a, nil
}

func notUsable(a *revocation.Answer) error {
	var why []string
	for _, f := range a.Findings {
		why = append(why, f.Detail)
	}
	return fmt.Errorf("%w: %s", ErrNotUsable, strings.Join(why, "; "))
}

// use adds an answer that was found worth it.
func (q *question) use(s source, b []byte, a *revocation.Answer) bool {
	if err := s.add(q.data, b); err != nil {
		q.problem(s.url, err)
		return false
	}
	return decided(a)
}

// decided reports whether an answer settles the question, so that no other
// place needs to be asked.
func decided(a *revocation.Answer) bool {
	return a.State != revocation.NotChecked && !a.Weak
}

// current reports whether nothing newer than an answer is to be expected yet.
func (q *question) current(a *revocation.Answer) bool {
	for _, e := range a.Used {
		if e.NextUpdate.IsZero() || !q.now.Before(e.NextUpdate) {
			return false
		}
	}
	return decided(a)
}

func (q *question) problem(url string, err error) {
	q.problems = append(q.problems, Problem{Certificate: fingerprint(q.link.Certificate.Raw), URL: url, Err: err})
}
