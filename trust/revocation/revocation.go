// Package revocation judges what certificates' issuers say of them afterwards:
// revocation lists (CRL) and status responses (OCSP) that the caller gives. It
// touches no network; whoever fetches gives the bytes to [Data.AddCRL] and
// [Data.AddOCSP], and what is in them is believed only if the issuer of the
// certificate at hand, or a signer that it appointed, signed it.
//
// Start with a [Data], add to it, and call [Data.Check] for each of the Links
// of a trust.Result; pec.Verify does the latter with VerifyOptions.Revocation.
// [Sources] says where to fetch, and [Request] writes the question for a
// responder.
//
// # What counts at a reference time
//
// Evidence has a time from which it speaks (thisUpdate). A certificate is
// [Good] at the reference time only if evidence covers that time:
//
//   - thisUpdate is at or after it, so that a revocation before it would show;
//     but not if evidence that was made after the certificate's expiry may have
//     dropped it: lists have to keep an entry only until the first list after
//     the expiry (RFC 5280 §3.3), so such a list counts only with
//     ExpiredCertsOnCRL, and such a response only with an archive cutoff, that
//     reaches back to the expiry; or
//   - it lies between thisUpdate and nextUpdate: the evidence was the current one
//     then (RFC 5280 §6.3.3, RFC 6960 §3.2; ETSI EN 319 102-1 §5.2.5 calls
//     evidence fresh whose thisUpdate is no older than the interval it was issued
//     for). No later revocation can be seen in it, and the finding says so.
//
// Otherwise nothing is known: [NotChecked], with a finding for each piece of
// evidence that could not be used. Nothing is ever good for lack of evidence.
//
// A revocation counts however old the evidence is, since it is not undone:
//
//   - revoked at or before the reference time is [Revoked];
//   - revoked after it is [RevokedLater], with two exceptions that are Revoked:
//     the invalidityDate is at or before the reference time and the reason is a
//     compromise of the key, or no reason is given, which may be one; and the
//     certificate was on hold at the reference time and never released. An
//     invalidityDate with a reason that rules a compromise out (superseded,
//     cessation, change of affiliation, withdrawn privilege) is told and does not
//     decide, since the norm lets a revocation act from its publication;
//   - a compromise without invalidityDate that was revoked after the reference
//     time is RevokedLater, too: the authority did not say that the key was lost
//     before. The finding says what is at stake: a time that only the signer
//     states proves nothing against whoever has had the key since;
//   - certificateHold is a suspension. One that began at or before the reference
//     time is [OnHold] until evidence of a later thisUpdate no longer has it: a
//     suspension that is lifted counts as if it had not been.
//
// Of several answers the worst one counts, and that they contradict is told.
//
// # What is refused
//
// Delta lists, indirect lists, lists or responses with critical extensions that
// are not known, signatures that cannot be verified, RSA below 1024 bits or
// above 8192, MD2, MD4, MD5. What is signed with SHA-1 or RSA below 2048 bits can
// revoke, but what it calls good is only [Answer.Weak].
//
// crypto/x509 and golang.org/x/crypto/ocsp are counterparts in tests: the former
// needs a hundred bytes and several allocations for each entry of a list, the
// latter reads no response extensions (not even critical ones), one responder
// certificate, and no RSA-PSS (docs/decisions).
//
// # Limits
//
// See the constants; each has an error of its own. Reading is one pass, without
// recursion, over one DER value without trailing bytes; a list is kept as its
// DER with 16 bytes for each entry, and a look-up is a binary search.
//
// Data may be used by several goroutines once nothing is added any more.
//
// spec: RFC 5280 §5, §6.3; RFC 6960; ETSI EN 319 102-1 §5.2.5, §5.2.6
package revocation

import (
	"errors"
	"fmt"
	"slices"
)

// Limits of a Data.
const (
	MaxItems        = 256       // lists and responses together
	MaxCRLSize      = 32 << 20  // bytes of one list; in PEM half as much again
	MaxCRLEntries   = 1_000_000 // of one list
	MaxTotal        = 128 << 20 // bytes of all lists and responses together
	MaxOCSPSize     = 256 << 10 // bytes of one response
	MaxOCSPStatuses = 64        // certificates that one response speaks of
	MaxCertificates = 8         // that come along with one list or response
)

// Errors of AddCRL and AddOCSP, wrapped in an *Error. The first are limits.
var (
	ErrItems        = fmt.Errorf("more than %d lists and responses", MaxItems)
	ErrCRLSize      = fmt.Errorf("a revocation list above %d MiB", MaxCRLSize>>20)
	ErrCRLEntries   = fmt.Errorf("a revocation list of more than %d entries", MaxCRLEntries)
	ErrTotal        = fmt.Errorf("more than %d MiB of lists and responses", MaxTotal>>20)
	ErrOCSPSize     = fmt.Errorf("a status response above %d KiB", MaxOCSPSize>>10)
	ErrOCSPStatuses = fmt.Errorf("a status response about more than %d certificates", MaxOCSPStatuses)
	ErrCertificates = fmt.Errorf("more than %d certificates along with a list or response", MaxCertificates)

	ErrMalformed = errors.New("malformed")
	ErrPEM       = errors.New("no PEM file with exactly one X509 CRL, and certificates at most beside it")
)

// Error says which file could not be used, and why.
type Error struct {
	Name string // as given to AddCRL or AddOCSP
	Err  error
}

func (e *Error) Error() string { return "revocation: " + e.Name + ": " + e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// Data is a bounded set of revocation lists and status responses. The zero
// value is empty and ready for use.
type Data struct {
	lists     []*list
	responses []*response
	size      int
}

// Len returns how many lists and responses there are.
func (d *Data) Len() int {
	if d == nil {
		return 0
	}
	return len(d.lists) + len(d.responses)
}

// Clone returns a copy to which more can be added. What was added before is
// shared; of nil it is an empty one.
func (d *Data) Clone() *Data {
	if d == nil {
		return &Data{}
	}
	return &Data{slices.Clone(d.lists), slices.Clone(d.responses), d.size}
}

// Join returns what is in both. Nil is empty. The error is ErrItems or ErrTotal.
func (d *Data) Join(o *Data) (*Data, error) {
	all := d.Clone()
	if o == nil {
		return all, nil
	}
	switch {
	case all.Len()+o.Len() > MaxItems:
		return nil, ErrItems
	case all.size > MaxTotal-o.size:
		return nil, ErrTotal
	}
	all.lists, all.responses = append(all.lists, o.lists...), append(all.responses, o.responses...)
	all.size += o.size
	return all, nil
}

// AddCRL adds a revocation list: DER, or a PEM file with one X509 CRL and, if
// another than the issuer's own key signed the list, the certificates of whoever
// did. The name is for people. Reading does not verify: that is done for each
// certificate that is checked. The bytes must not be changed afterwards.
//
// The error is an *Error around one of the errors above; the Data is then as it
// was.
func (d *Data) AddCRL(name string, b []byte) error {
	l, err := d.readList(name, b)
	if err != nil {
		return &Error{name, err}
	}
	d.lists = append(d.lists, l)
	d.size += len(l.der)
	return nil
}

func (d *Data) readList(name string, b []byte) (*list, error) {
	if d.Len() >= MaxItems {
		return nil, ErrItems
	}
	der, certificates, err := unwrapCRL(b)
	if err != nil {
		return nil, err
	}
	if len(der) > MaxTotal-d.size {
		return nil, ErrTotal
	}
	l, err := parseList(der)
	if err != nil {
		return nil, err
	}
	l.name, l.certificates = name, certificates
	return l, nil
}

// AddOCSP adds the response of a status responder: DER. A response by which the
// responder refuses to answer is an error, a *ResponderError in the *Error.
func (d *Data) AddOCSP(name string, der []byte) error {
	r, err := d.readResponse(name, der)
	if err != nil {
		return &Error{name, err}
	}
	d.responses = append(d.responses, r)
	d.size += len(r.der)
	return nil
}

func (d *Data) readResponse(name string, der []byte) (*response, error) {
	switch {
	case d.Len() >= MaxItems:
		return nil, ErrItems
	case len(der) > MaxOCSPSize:
		return nil, ErrOCSPSize
	case len(der) > MaxTotal-d.size:
		return nil, ErrTotal
	}
	r, err := parseResponse(der)
	if err != nil {
		return nil, err
	}
	r.name = name
	return r, nil
}

// ResponderError is the answer of a responder that did not answer.
//
// spec: RFC 6960 §4.2.1
type ResponderError struct{ Status int }

func (e *ResponderError) Error() string {
	names := map[int]string{1: "malformedRequest", 2: "internalError", 3: "tryLater", 5: "sigRequired", 6: "unauthorized"}
	if n, ok := names[e.Status]; ok {
		return "the responder answered " + n
	}
	return fmt.Sprintf("the responder answered with the unknown status %d", e.Status)
}
