package smime

import (
	"crypto/x509"
	"fmt"
	"io"

	"github.com/gopec/gopec/internal/cms"
	"github.com/gopec/gopec/internal/mime"
)

// Result is what the bytes themselves say of a signature. Each part of it is
// there even if another one failed, so that a report can name all that is
// wrong; only [Result.Err] tells whether the signature is good.
type Result struct {
	// Form is the form of the signed bytes that has the signed digest, or the
	// first one tried if none has. Contents are to be read in it.
	Form mime.Form
	// Mixed tells that the file mixes line ends, Unquoted that mbox quoting
	// had to be taken off before the digest matched.
	Mixed, Unquoted bool
	// Problems are those of the Signed.
	Problems []*Problem
	// Digest is nil if the digest of the content is the signed one.
	Digest *Problem
	// Signature is nil if the signature value is good under Signers.
	Signature *Problem
	// Signers are the certificates under whose one key the value is good;
	// more than one only if several certificates hold that key.
	Signers []*x509.Certificate
	// Named are the certificates that the signature names as its signer's,
	// good or not; Certificates all that travel with it and can be read.
	Named, Certificates []*x509.Certificate
}

// Err returns nil if the signature is good, else the first problem.
func (r *Result) Err() error {
	for _, p := range r.Problems {
		return p
	}
	if r.Digest != nil {
		return r.Digest
	}
	if r.Signature != nil {
		return r.Signature
	}
	return nil
}

// Verify hashes the signed bytes and checks the signature value. The error
// means that the bytes could not be read (again), not that the signature is
// bad.
func (s *Signed) Verify() (*Result, error) {
	r := &Result{Problems: s.Problems, Form: s.ReadingForm()}
	if s.data == nil || s.content == nil {
		// Bytes that cannot be read, or are others now, are not malformed.
		if _, err := io.Copy(io.Discard, s.entity.Reader(s.entity.Raw, mime.Form{})); err != nil {
			return nil, fmt.Errorf("smime: reading the signature: %w", err)
		}
		r.Digest, r.Signature = newProblem(CodeNothing), newProblem(CodeNothing)
		return r, nil
	}
	if err := s.digest(r); err != nil {
		return nil, err
	}
	s.value(r)
	return r, nil
}

// value checks the signature value and takes the certificates out. With a
// signer, a problem returned beside it is one of Problems again.
func (s *Signed) value(r *Result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	signers, problem := s.data.Signers()
	r.Signers, r.Named, r.Certificates = signers, s.data.Named(), s.data.Certificates()
	if len(signers) == 0 {
		r.Signature = fromCMS(problem)
	}
}

// digest finds the form that has the signed digest.
func (s *Signed) digest(r *Result) error {
	forms := s.forms()
	r.Mixed = len(s.lineForms()) > 1 && !s.Opaque
	for i, f := range forms {
		problem, err := s.digestIn(f)
		if err != nil {
			return err
		}
		if problem == nil {
			r.Form, r.Digest, r.Unquoted = f, nil, f.Unquote != mime.AsQuoted
			return nil
		}
		if i == 0 {
			r.Digest = fromCMS(problem)
		}
		if problem.Code != cms.CodeDigest {
			return nil // no other form will help
		}
	}
	return nil
}

func (s *Signed) digestIn(f mime.Form) (*cms.Problem, error) {
	h, problem := s.data.NewHash()
	if problem != nil {
		return problem, nil
	}
	if _, err := io.Copy(h, s.content.Reader(s.content.Raw, f)); err != nil {
		return nil, fmt.Errorf("smime: reading the signed part: %w", err)
	}
	return s.data.CheckDigest(h.Sum(nil)), nil
}

// ErrChanged says that the message changed between opening and verifying it.
var ErrChanged = mime.ErrChanged
