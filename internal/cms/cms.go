// Package cms reads one CMS SignedData (RFC 5652) under a profile and checks
// it strictly: the checks C1 to C8, C11 and C14 that a PEC signature has to
// pass. It knows nothing of mail, of certificate paths or of time.
//
// It is the only judge of a signature in this module, and every line of it is
// ours because no library makes these checks (docs/decisions). The arithmetic
// is the standard library's.
//
// Before any value is interpreted the whole input is walked once: at most
// [MaxSize] bytes, [MaxDepth] levels, one value and nothing after it. BER is
// converted to DER by our own bounded converter. Any input costs time and
// memory in proportion to its size.
package cms

import (
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"time"
)

const (
	MaxSize         = 256 << 10 // bytes of a signature
	MaxDepth        = 32        // levels of nesting
	MaxCertificates = 32        // entries of the certificates field
)

// Profile says which SignedData is expected.
type Profile struct {
	ContentType asn1.ObjectIdentifier // of eContentType and of the contentType attribute
	Detached    bool                  // eContent must be absent; otherwise present
}

// Detached is the profile of multipart/signed: id-data, no content inside.
// Opaque is that of application/pkcs7-mime: id-data, the content inside.
var (
	Detached = Profile{ /* id-data */ Detached: true}
	Opaque   = Profile{ /* id-data */ }
)

// Check names the rule that a Problem breaks.
type Check string

const (
	CheckEncoding    Check = "C1"  // size, depth, one value, BER that converts
	CheckContent     Check = "C2"  // content absent (detached) or present (opaque), its type
	CheckSigner      Check = "C3"  // exactly one SignerInfo, versions, sid form
	CheckAttributes  Check = "C4"  // signedAttrs there and not empty
	CheckValues      Check = "C5"  // contentType, messageDigest once; signingTime at most once; types equal
	CheckAlgorithms  Check = "C6"  // digest allowed and announced, signature algorithm fits it
	CheckStructure   Check = "C7"  // every SEQUENCE consumed
	CheckCertificate Check = "C8"  // a certificate for the signer
	CheckKey         Check = "C8k" // key type and size, exponent
	CheckDigest      Check = "digest"
	CheckSignature   Check = "signature"
	CheckReference   Check = "C11" // signing-certificate attribute names the signer's certificate
)

// Problem is one rule broken.
type Problem struct {
	Check  Check
	Code   string // stable, such as "two-signers"; every code is listed in codes.go
	Detail string // English, with the facts
	Offset int    // in the input as given, -1 if unknown
}

func (p *Problem) Error() string { panic("todo") }

// SignedData is one parsed signature.
type SignedData struct {
	BER           bool                // the input was not DER
	Content       []byte              // eContent of an opaque signature, chunks joined
	Certificates  []*x509.Certificate // those that could be read, in order
	Skipped       []string            // entries of the bag that could not be read, and why
	SigningTime   time.Time           // attribute signingTime; zero if absent
	Digest        crypto.Hash         // 0 if not one that is allowed
	DigestName    string              // "SHA-1", "SHA-256", or the OID in dots
	SignatureName string              // "RSA PKCS#1 v1.5", "RSA-PSS", "ECDSA", "Ed25519", or the OID
	AttributeOIDs []asn1.ObjectIdentifier
	Problems      []*Problem // C2 to C7, in order; empty for a good one
}

// Parse reads one SignedData. The error is a *Problem of C1, C3 or C7 when
// nothing further can be said of the input; a SignedData that can be
// understood but breaks a rule is returned with Problems.
func Parse(b []byte, p Profile) (*SignedData, error) { panic("todo") }

// CheckDigest compares the digest of the content, made with s.Digest, with
// the messageDigest attribute.
func (s *SignedData) CheckDigest(sum []byte) *Problem { panic("todo") }

// Signers checks the signature value over the signed attributes and returns
// every certificate of the bag that the signer's identifier names, that
// signing-certificate allows and under whose key the value verifies. More than
// one only if the bag holds several with one key: the caller takes the one
// that has a path. The problem is one of C6, C8, C8k, C11, signature.
func (s *SignedData) Signers() ([]*x509.Certificate, *Problem) { panic("todo") }

// SignedAttributes returns the attributes as they were hashed: DER of a SET.
func (s *SignedData) SignedAttributes() []byte { panic("todo") }

// ParseCertificate reads a certificate as crypto/x509 does, and also those
// that crypto/x509 refuses for their serial number (negative, or longer than
// 20 octets), which old authorities issued.
func ParseCertificate(der []byte) (*x509.Certificate, error) { panic("todo") }
