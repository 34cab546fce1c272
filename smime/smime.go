// Package smime opens the signed bytes of a mail: multipart/signed, and opaque
// application/pkcs7-mime.
//
// It implements the reading side of RFC 8551 §3.5 as PEC uses it (RFC 6109
// §2.1). [Open] finds the signature on a message, [Signed.Verify] checks it:
// which bytes were signed, whether their digest is the signed one, and under
// which certificates of the signature the signature value is good.
//
// It does not say whom to believe: a certificate that travels in a signature
// proves nothing by itself. Package trust judges it at a time, and package pec
// does all of that and more for a PEC message.
//
// The signed part is cut out of the message byte for byte and hashed as a
// stream; no decoder touches it and nothing is rebuilt. The bytes that an
// opaque signature is over are those inside it, and only those are shown.
//
// A Signed is safe for concurrent use once it is open, if its io.ReaderAt is.
//
// [Signer] is the other side: it signs a [Mail] as multipart/signed, or a
// content by itself, with any crypto.Signer.
package smime

import (
	"crypto"
	"sync"
	"time"

	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/gopec/gopec/internal/cms"
	"github.com/gopec/gopec/internal/mime"
)

// ErrNotSigned says that a mail carries no signature at its top.
var ErrNotSigned = errors.New("smime: the message is not signed")

// Problem says what is wrong with a signature. Rule is "S" for the mail
// structure around it and otherwise the rule of RFC 5652 that was checked;
// Code is stable.
type Problem struct {
	Rule   string // "S", or a cms.Check
	Code   string
	Facts  []string // what the sentence of the code needs; may hold outside text
	Detail string   // that sentence in English
	Limit  bool     // a limit was passed, so that nothing can be said
}

// Error gives code and detail.
func (p *Problem) Error() string { return "smime: " + p.Detail + " (" + p.Code + ")" }

// Codes of the problems in the mail structure (Rule "S").
const (
	CodeParts      = "signed-parts"      // not exactly two parts
	CodeSignature  = "signature-part"    // second part is no PKCS #7 signature
	CodeUnreadable = "signature-content" // transfer encoding cannot be taken off
	CodeInner      = "opaque-content"    // the mail inside an opaque signature cannot be read
	CodeNothing    = "nothing-to-verify" // too broken for anything to be checked
)

// Sentences has the English sentence of each code with Rule "S", with %s
// where a fact stands.
var Sentences = map[string]string{
	CodeParts:      "multipart/signed has %s parts instead of 2",
	CodeSignature:  "the second part of multipart/signed has type %s and is no signature",
	CodeUnreadable: "the signature cannot be decoded: %s",
	CodeInner:      "the message inside the signature cannot be read: %s",
	CodeNothing:    "there is nothing that could be checked",
}

// Signed is one signature on one entity of a mail.
type Signed struct {
	// Opaque tells application/pkcs7-mime from multipart/signed.
	Opaque bool
	// Problems are what is wrong with the signature before any digest is
	// made. A signature with problems is not good, whatever Verify says.
	Problems []*Problem

	limit   *mime.LimitError // passed by the content of an opaque signature
	entity  *mime.Entity     // that carries the signature
	content *mime.Entity     // that is signed; nil if it cannot be told
	place   *mime.Entity     // whose content is the signature; nil if it cannot be told
	mu      sync.Mutex       // guards data, which parses certificates as it is asked for them
	data    *cms.SignedData  // nil if it could not be parsed
}

// Open reads a mail of size bytes and returns the signature at its top, good
// or not. The error is [ErrNotSigned], a limit passed, or the reader's own. r
// must stay open until the last use; a change to it meanwhile is an error.
func Open(r io.ReaderAt, size int64) (*Signed, error) {
	e, err := mime.Scan(mime.NewSource(r, size, true), nil)
	if err != nil {
		return nil, err
	}
	s := Of(e)
	if s == nil {
		return nil, ErrNotSigned
	}
	return s, nil
}

// Of returns the signature on one entity, nil if there is none. It is the door
// for this module's own packages, which have scanned the message already.
func Of(e *mime.Entity) *Signed {
	switch {
	case isMultipartSigned(e):
		return detached(e)
	case isOpaque(e):
		return opaque(e)
	}
	return nil
}

// Content returns the entity that is signed, nil if it cannot be told.
func (s *Signed) Content() *mime.Entity { return s.content }

// Carrier returns the entity that carries the signature.
func (s *Signed) Carrier() *mime.Entity { return s.entity }

// Limit returns the limit that the content of an opaque signature passed, nil
// if none: the signature may be good, but its content is not looked into.
func (s *Signed) Limit() *mime.LimitError { return s.limit }

// DER reads the signature once more and returns it as it was found: in BER if that
// is how it was written, and at most 256 KiB and a byte of it. It is nil if it
// cannot be told where the signature is. The error is the reader's own,
// [ErrChanged], or that of a transfer encoding that cannot be taken off.
func (s *Signed) DER() ([]byte, error) {
	if s.place == nil {
		return nil, nil
	}
	b, err := s.place.Content(mime.Form{}, cms.MaxSize)
	if err != nil {
		return nil, fmt.Errorf("smime: reading the signature: %w", err)
	}
	return b, nil
}

// Facts are what the signature says of itself. They are not verified.
type Facts struct {
	BER           bool
	Digest        crypto.Hash // 0 if not one that is accepted
	DigestName    string
	SignatureName string
	SigningTime   time.Time // zero if absent
}

// Facts returns what the signature says of itself, nil if it could not be
// parsed.
func (s *Signed) Facts() *Facts {
	if s.data == nil {
		return nil
	}
	return &Facts{s.data.BER, s.data.Digest, s.data.DigestName, s.data.SignatureName, s.data.SigningTime}
}

// isMultipartSigned reports whether an entity is signed in the form of RFC
// 1847 with a PKCS #7 signature: by its protocol, or by the type of its last
// part when the protocol is absent or another. OpenPGP's is not ours.
func isMultipartSigned(e *mime.Entity) bool {
	if e.MediaType != "multipart/signed" {
		return false
	}
	p := strings.ToLower(strings.TrimSpace(e.Params.Get("protocol")))
	if isSignatureType(p) || p == "" {
		return true
	}
	return len(e.Parts) > 1 && isSignatureType(e.Parts[len(e.Parts)-1].MediaType)
}

// isSignatureType knows the signature's type in both spellings.
//
// QUIRK: RFC 8551 §3.5.3.1 has application/pkcs7-signature; most providers
// write the older x- form, and some write one form in protocol and the other
// in the part.
func isSignatureType(t string) bool {
	return t == "application/pkcs7-signature" || t == "application/x-pkcs7-signature"
}

// isOpaque reports whether an entity is a signed CMS object with its content
// inside. An encrypted one is no signature.
func isOpaque(e *mime.Entity) bool {
	if e.MediaType != "application/pkcs7-mime" && e.MediaType != "application/x-pkcs7-mime" {
		return false
	}
	t := strings.ToLower(e.Params.Get("smime-type"))
	return t == "" || t == "signed-data" || t == "signed-receipt"
}

func detached(e *mime.Entity) *Signed {
	s := &Signed{entity: e}
	if len(e.Parts) > 0 {
		s.content = e.Parts[0]
	}
	// A third part would be shown by mail clients beside the signed one and
	// is under no signature: RFC 1847 §2.1 has exactly two.
	if len(e.Parts) != 2 {
		s.problem(CodeParts, strconv.Itoa(len(e.Parts)))
		if len(e.Parts) < 2 {
			return s
		}
	}
	sig := e.Parts[1]
	if !isSignatureType(sig.MediaType) {
		s.problem(CodeSignature, sig.MediaType)
		return s
	}
	s.place = sig
	sig.Lend(mime.Form{}, cms.MaxSize, func(b []byte, err error) { s.parse(b, err, cms.Detached) })
	if s.data != nil {
		s.data.DER = nil // it was lent
	}
	return s
}

func opaque(e *mime.Entity) *Signed {
	s := &Signed{Opaque: true, entity: e, place: e}
	b, err := e.Content(mime.Form{}, cms.MaxSize)
	s.parse(b, err, cms.Opaque)
	if s.data == nil || s.data.Content == nil {
		return s
	}
	content := s.data.Content
	inner, err := mime.Scan(mime.NewBytes(content), nil)
	if err != nil {
		s.limit, _ = errors.AsType[*mime.LimitError](err)
		s.problem(CodeInner, err.Error())
		return s
	}
	s.content = inner
	return s
}

// parse reads the signature's bytes, at most one more than the limit, which came
// with the error given.
func (s *Signed) parse(b []byte, err error, p cms.Profile) {
	if err != nil && len(b) <= cms.MaxSize {
		s.problem(CodeUnreadable, err.Error())
		return
	}
	// One byte over the limit is enough for the parser to say so.
	data, err := cms.Parse(b, p)
	if err != nil {
		s.Problems = append(s.Problems, fromError(err))
		return
	}
	s.data = data
	for _, p := range data.Problems {
		s.Problems = append(s.Problems, fromCMS(p))
	}
}

func (s *Signed) problem(code string, facts ...string) {
	s.Problems = append(s.Problems, newProblem(code, facts...))
}

func newProblem(code string, facts ...string) *Problem {
	args := make([]any, len(facts))
	for i, f := range facts {
		args[i] = f
	}
	return &Problem{Rule: "S", Code: code, Facts: facts, Detail: fmt.Sprintf(Sentences[code], args...)}
}

func fromError(err error) *Problem {
	if p, ok := errors.AsType[*cms.Problem](err); ok {
		return fromCMS(p)
	}
	return newProblem(CodeUnreadable, err.Error())
}

func fromCMS(p *cms.Problem) *Problem {
	return &Problem{Rule: string(p.Check), Code: p.Code, Facts: p.Facts, Detail: p.Detail, Limit: isLimit(p.Code)}
}

// isLimit knows the codes that stand for a limit: the signature may be good,
// but it is not looked into.
func isLimit(code string) bool {
	switch code {
	case cms.CodeTooLarge, cms.CodeTooDeep, cms.CodeTooManyCertificates:
		return true
	}
	return false
}
