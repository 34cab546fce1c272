// Package cms writes one CMS SignedData (RFC 5652), and reads one under a
// profile and checks it strictly: the checks C1 to C8, C11 and C14 that a PEC signature has to
// pass. It knows nothing of mail, of certificate paths or of time.
//
// It is the only judge of a signature in this module, and every line of it is
// ours because no library makes these checks (docs/decisions). The arithmetic
// is the standard library's.
//
// Before any value is interpreted the whole input is walked once: at most
// [MaxSize] bytes, [MaxDepth] levels, one value and nothing after it. BER is
// converted to DER by our own bounded converter. Any input costs time and
// memory in proportion to its size; the number of signature verifications is
// bounded by [MaxCertificates] and the key sizes.
//
// Use: [Parse], hash the content with [SignedData.NewHash], then
// [SignedData.CheckDigest] and [SignedData.Signers]. A signature is good if
// Problems is empty and both return no Problem. What is good here is signed
// under a key that came with it: who holds that key is another package's
// question.
//
// C14: while FIPS 140-only mode is enforced (GODEBUG=fips140=only), what that
// mode forbids gives a Problem with a code of its own and never a panic.
package cms

import (
	"crypto"
	"encoding/asn1"
	"time"
)

// Limits. Each has a code of its own.
const (
	MaxSize         = 256 << 10 // bytes of a signature
	MaxDepth        = 32        // levels of nesting, the outermost element being the first
	MaxCertificates = 32        // entries of the certificates field
	MinRSABits      = 1024      // of a signer's RSA key
	MaxRSABits      = 8192      // of a signer's RSA key
)

// Profile says which SignedData is expected.
type Profile struct {
	ContentType asn1.ObjectIdentifier // of eContentType and of the contentType attribute
	Detached    bool                  // eContent must be absent; otherwise present
	// Reference: signing-certificate or signing-certificate-v2 must be among the
	// signed attributes. Where it is there it is judged under every profile.
	Reference bool
	// Max is the limit in bytes where content is enclosed that is larger than
	// any signature; 0 means MaxSize.
	Max int
}

func (p Profile) max() int {
	if p.Max == 0 {
		return MaxSize
	}
	return p.Max
}

// Detached is the profile of multipart/signed: id-data, no content inside.
// Opaque is that of application/pkcs7-mime: id-data, the content inside.
// Timestamp is that of a time-stamp token: a TSTInfo inside, and an attribute
// that names the signer's certificate (RFC 3161 §2.4.2, RFC 5816 §2.2.1). No
// profile takes what belongs to another.
var (
	Detached  = Profile{ContentType: idData, Detached: true}
	Opaque    = Profile{ContentType: idData}
	Timestamp = Profile{ContentType: idTSTInfo, Reference: true}
)

// SignedData is one parsed signature. Of the bytes given to Parse nothing but DER
// and Content refer to; everything else is kept apart. It is not safe for
// concurrent use: Certificates, Skipped and Signers remember the certificates that
// they have parsed.
type SignedData struct {
	BER           bool        // the input was not DER
	DER           []byte      // the input, or its DER form
	Content       []byte      // eContent of an opaque signature, chunks joined: a piece of DER
	SigningTime   time.Time   // attribute signingTime, the signer's word; zero if absent
	Digest        crypto.Hash // 0 if not one that is allowed
	DigestName    string      // "SHA-1", "SHA-256", or the OID in dots
	SignatureName string      // "RSA PKCS#1 v1.5", "RSA-PSS", "ECDSA", "Ed25519", or the OID
	Problems      []*Problem  // C2 to C8, in the order of Codes; empty for a good one
	Notes         []Note      // what is unusual and breaks no rule; Signers adds to them

	profile     Profile
	size        int // of DER
	bag         []bagEntry
	contentType string // OID
	signer      signerID
	scheme      scheme
	// saltLength is that of RSA-PSS.
	saltLength    int
	signature     []byte
	messageDigest []byte
	attributes    []byte // the element as it stands: tag [0], DER
	sorted        []byte // the same with its values in DER order; nil if they are in it
	signed        []byte // the one of the two that the value verified over
	references    []reference

	// The problems because of which a digest or a value cannot be judged.
	noDigest, noSigners *Problem
}

// SignedAttributes returns the attributes as they were hashed: DER of a SET.
// They are in the order that the signature value verified over, and in DER
// order before Signers was called or when it did not verify. nil if there are
// none.
func (s *SignedData) SignedAttributes() []byte {
	form := s.signed
	if form == nil {
		form = s.derOrder()
	}
	if form == nil {
		return nil
	}
	return append([]byte{setTag}, form[1:]...)
}

// add records a Problem found at the place of at, a part of the input.
func (s *SignedData) add(code string, at []byte, facts ...string) *Problem {
	p := newProblem(code, s.offset(at), facts...)
	s.Problems = append(s.Problems, p)
	return p
}

// offset returns where a part of DER, or of the copy of its end, starts in the
// input. Parts are cut with two-index slices only, so that their capacity tells it.
func (s *SignedData) offset(part []byte) int {
	if s.BER || part == nil {
		return -1
	}
	return s.size - cap(part)
}

// blockSigners and blockAll record the first Problem because of which Signers,
// or CheckDigest too, cannot judge.
func (s *SignedData) blockSigners(p *Problem) {
	if s.noSigners == nil {
		s.noSigners = p
	}
}

func (s *SignedData) blockDigest(p *Problem) {
	if s.noDigest == nil {
		s.noDigest = p
	}
}

func (s *SignedData) blockAll(p *Problem) {
	s.blockSigners(p)
	s.blockDigest(p)
}
