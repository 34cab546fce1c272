package directory

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"github.com/gopec/gopec/internal/cms"
	"github.com/gopec/gopec/trust"
)

// MaxSigned is the limit in bytes of a signed directory: what the LDIF may have,
// and what a signature may have beside it. No other signature of this module may
// be as large.
const MaxSigned = MaxSize + cms.MaxSize

var (
	// ErrPlain says that a file given as signed is none: plain LDIF, PEM, or
	// anything else that is no SignedData in DER or BER.
	ErrPlain = errors.New("directory: the file is not a signed one (.p7m, DER)")
	// ErrNoAnchors says that a signed directory was given without anchors.
	ErrNoAnchors = errors.New("directory: no anchors to verify the signature under")
)

// SignatureError says why the signature of a directory is not good. Nothing of
// the file is used.
type SignatureError struct {
	// Finding has the code of package trust for the certificate, if the
	// signature itself is good.
	Finding trust.Finding
	Reason  string // in English; may hold outside text
}

func (e *SignatureError) Error() string { return "directory: the signature is not good: " + e.Reason }

// Signature says who vouches for a directory.
type Signature struct {
	Signer *x509.Certificate
	Name   string // the signer's organisation, or common name; outside text
	Anchor string // under which the signer has a path
	// Time is signingTime, the signer's word; zero if there is none. At is when
	// the certificate was judged: then, or now without it.
	Time, At time.Time
	// Expired: the certificate has expired since. That the directory was not
	// made later with an old key is the signer's word.
	Expired bool
	// SHA1: the digest is SHA-1, for which whoever prepares a file can make two.
	SHA1 bool
}

// futureTolerance is how far a signing time may lie ahead of the clock.
const futureTolerance = time.Hour

// ReadSigned reads a signed directory: a SignedData with the LDIF inside, one
// signer, in DER (BER is read, too). Nothing is returned unless the signature
// verifies and its certificate has a path to one of the anchors, is valid at the
// signing time, and has a key and a use for signatures; RSA below 2048 bits and
// certificates signed with SHA-1 are refused.
//
// Whoever has a certificate under the anchors can sign a directory: name those
// under which only the one who keeps it has one. Under AgID's authority every
// provider can.
//
// The error is ErrNoAnchors, ErrPlain, a [*SignatureError], or a [*LimitError].
//
// spec: RFC 6109 §4.5, §4.5.6; RFC 5652 §5
func ReadSigned(name string, b []byte, anchors *trust.Store, o *Options) (*Directory, error) {
	switch {
	case anchors == nil:
		return nil, ErrNoAnchors
	case len(b) == 0 || b[0] != derSequence:
		return nil, ErrPlain
	case len(b) > MaxSigned:
		return nil, &LimitError{Limit: "size", Max: MaxSigned}
	}
	profile := cms.Opaque
	profile.Max = MaxSigned
	s, err := cms.Parse(b, profile)
	if err != nil {
		return nil, &SignatureError{Reason: err.Error()}
	}
	signers, err := verified(s)
	if err != nil {
		return nil, err
	}
	now := o.now()
	signature, err := judge(s, signers, anchors, now)
	if err != nil {
		return nil, err
	}
	d, err := read(name, bytes.NewReader(s.Content))
	if err != nil {
		return nil, err
	}
	d.Signature, d.SHA256 = signature, sha256.Sum256(b)
	switch {
	case !signature.Time.IsZero():
		d.date, d.dateSource = signature.Time, DateSigned
	case !o.date().IsZero():
		d.date, d.dateSource = o.date(), DateGiven
	}
	return d, nil
}

// verified checks digest and signature value.
func verified(s *cms.SignedData) ([]*x509.Certificate, error) {
	h, problem := s.NewHash()
	if problem != nil {
		return nil, &SignatureError{Reason: problem.Error()}
	}
	h.Write(s.Content)
	if problem := s.CheckDigest(h.Sum(nil)); problem != nil {
		return nil, &SignatureError{Reason: problem.Error()}
	}
	signers, problem := s.Signers()
	if problem != nil {
		return nil, &SignatureError{Reason: problem.Error()}
	}
	return signers, nil
}

// judge judges the signer's certificate at the signing time.
func judge(s *cms.SignedData, signers []*x509.Certificate, anchors *trust.Store, now time.Time) (*Signature, error) {
	out := &Signature{Time: s.SigningTime, At: s.SigningTime, SHA1: s.Digest == crypto.SHA1}
	if out.At.IsZero() {
		out.At = now
	}
	if out.At.After(now.Add(futureTolerance)) {
		return nil, &SignatureError{Reason: fmt.Sprintf("it is of %s, in the future", out.At.UTC().Format(time.RFC3339))}
	}
	r := anchors.VerifySigner(signers, s.Certificates(), out.At)
	for _, f := range append([]trust.Finding{r.Path, r.Validity, r.Key, r.Constraints, r.Algorithms}, r.Profile...) {
		if f.Status == trust.Fail {
			return nil, &SignatureError{Finding: f, Reason: f.Detail}
		}
	}
	out.Signer, out.Anchor = r.Signer, r.Anchor
	out.Name = r.Signer.Subject.CommonName
	if o := r.Signer.Subject.Organization; len(o) > 0 {
		out.Name = o[0]
	}
	out.Expired = now.After(r.Signer.NotAfter)
	return out, nil
}
