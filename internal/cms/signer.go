package cms

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/hex"
	"hash"
	"slices"
)

// NewHash returns a hash for the digest that the signer used; the content goes
// through it once, whatever the signature says further. The problem is the one
// of C3, C4 or C6 because of which there is none, such as a digest that is
// never accepted or that FIPS 140-only mode forbids.
func (s *SignedData) NewHash() (hash.Hash, *Problem) {
	if s.Digest == 0 {
		return nil, orNoSigner(s.noDigest)
	}
	return s.Digest.New(), nil
}

// CheckDigest compares the digest of the content, made with s.Digest, with
// the messageDigest attribute. It returns nil only if there is one and it is
// that one.
//
// spec: RFC 5652 §5.4, §11.2
func (s *SignedData) CheckDigest(sum []byte) *Problem {
	switch {
	case s.noDigest != nil || s.Digest == 0:
		return orNoSigner(s.noDigest)
	case len(sum) != s.Digest.Size(), !bytes.Equal(sum, s.messageDigest):
		return newProblem(CodeDigest, s.offset(s.messageDigest), hex.EncodeToString(sum), hex.EncodeToString(s.messageDigest))
	}
	return nil
}

// Signers checks the signature value over the signed attributes and returns
// every certificate of the bag that the signer's identifier names, that
// signing-certificate allows and under whose key the value verifies. More than
// one only if the bag holds several with one key: the caller takes the one
// that has a path.
//
// The problem is nil only if there is one and Problems is empty. It is one of
// C6, C8, C8k, C11 or signature, or else the first of Problems, and then
// the certificates found are returned beside it.
//
// spec: RFC 5652 §5.4, §5.6
func (s *SignedData) Signers() ([]*x509.Certificate, *Problem) {
	if s.noSigners != nil || s.attributes == nil {
		return nil, orNoSigner(s.noSigners)
	}
	found, problem := s.verifying()
	if problem == nil && len(s.Problems) > 0 {
		problem = s.Problems[0]
	}
	return found, problem
}

// verifying tries the named certificates in turn. If none verifies, the
// problem is the first in the order of Codes: a key that could not be tried
// leaves open what a wrong value would settle.
func (s *SignedData) verifying() (found []*x509.Certificate, _ *Problem) {
	named := s.named()
	if len(named) == 0 {
		return nil, newProblem(CodeNoCertificate, -1)
	}
	var problem *Problem
	for i, e := range named {
		if slices.ContainsFunc(named[:i], func(o *bagEntry) bool { return bytes.Equal(o.raw, e.raw) }) {
			continue
		}
		p := s.try(e, named[:i])
		switch {
		case p == nil:
			found = append(found, e.certificate)
		case problem == nil || codeIndex(p.Code) < codeIndex(problem.Code):
			problem = p
		}
	}
	if found != nil {
		return found, nil
	}
	return nil, problem
}

// try checks one certificate, the cheap rules first. Entries tried before with
// the same key spare the arithmetic.
func (s *SignedData) try(e *bagEntry, before []*bagEntry) *Problem {
	if p := checkKey(e.fields.key, e.offset(s, e.fields.key)); p != nil {
		return p
	}
	for _, r := range s.references {
		if !r.allows(e) {
			return newProblem(CodeReference, s.offset(r.at), r.name)
		}
	}
	c, err := e.parse()
	if err != nil {
		return newProblem(CodeCertificateUnreadable, e.offset(s, e.raw), err.Error())
	}
	if !s.scheme.fits(c.PublicKey) {
		return newProblem(CodeKeyMismatch, e.offset(s, e.raw), s.SignatureName)
	}
	for _, o := range before {
		if o.outcome != untried && bytes.Equal(o.fields.key, e.fields.key) {
			e.outcome = o.outcome
		}
	}
	if e.outcome == untried {
		e.outcome = wrong
		if s.verifyAttributes(c.PublicKey) {
			e.outcome = verified
		}
	}
	if e.outcome == wrong {
		return newProblem(CodeSignature, s.offset(s.signature))
	}
	return nil
}

// verifyAttributes checks the value over the attributes in DER order, and, if
// they stand in another order, over them as they stand.
//
// RFC 5652 §5.4 wants DER, which means sorted. Some writers sort for the value
// and not on the wire, some for neither. Both are accepted: the set of
// attributes is the same, so that nothing is signed that the signer did not
// sign. OpenSSL reads only the one kind and go.mozilla.org/pkcs7 the other.
func (s *SignedData) verifyAttributes(key crypto.PublicKey) bool {
	switch {
	case s.verify(key, s.derOrder()):
		s.signed = s.derOrder()
		if s.sorted != nil {
			s.note(NoteUnsorted)
		}
		return true
	case s.sorted != nil && s.verify(key, s.attributes):
		s.signed = s.attributes
		s.note(NoteWireOrder)
		return true
	}
	return false
}

// orNoSigner makes a SignedData that Parse has not filled fail too.
func orNoSigner(p *Problem) *Problem {
	if p == nil {
		return newProblem(CodeNoSigner, -1)
	}
	return p
}

// note records a Note once.
func (s *SignedData) note(code string) {
	if !slices.ContainsFunc(s.Notes, func(n Note) bool { return n.Code == code }) {
		s.Notes = append(s.Notes, newNote(code))
	}
}
