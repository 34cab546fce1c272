package smime

import (
	"crypto"
	_ "crypto/sha256" // registers the default digests of a Signer
	_ "crypto/sha512"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gopec/gopec/internal/cms"
)

// Signer signs mails in the form multipart/signed, and contents by themselves.
// Key and Certificate are needed; the zero value of every other field is what
// a provider of today writes.
//
// Any crypto.Signer will do, a hardware module's too: only Public and Sign are
// called. The algorithm follows from the key: RSA PKCS#1 v1.5, ECDSA, Ed25519.
// Every signature is read back and verified before it is handed out.
//
// With one key and one time the same mail is always signed with the same
// bytes by RSA PKCS#1 v1.5, by Ed25519, and by ECDSA if the key is an
// *ecdsa.PrivateKey (RFC 6979). RSA-PSS is randomised, and ECDSA of other keys
// is what their module makes of it.
//
// The methods do not change a Signer; several goroutines may use one if its Key
// allows that.
//
// spec: RFC 6109 §2.1, RFC 8551 §3.5
type Signer struct {
	Key         crypto.Signer
	Certificate *x509.Certificate // whose key Key is

	// Chain is what is put into the signature beside Certificate, as a rule
	// the issuing authority's certificate. Empty means the signer's alone, which
	// is what RFC 6109 §2.1 demands.
	Chain []*x509.Certificate

	// Hash is SHA-256, SHA-384 or SHA-512; 0 means SHA-256, and SHA-512 for
	// Ed25519, which goes with no other (RFC 8419 §3.1).
	Hash crypto.Hash
	// PSS signs with RSA-PSS instead of PKCS#1 v1.5. Few readers of PEC know it.
	PSS bool

	// What follows are habits of providers, for tests of those who read them.

	// SHA1ForTestsOfOldHabits signs with SHA-1, as most providers did until
	// 2024. Nobody should believe a SHA-1 signature made today.
	SHA1ForTestsOfOldHabits bool
	BER                     bool   // indefinite lengths in the signature
	SignatureType           string // of the second part; "": application/pkcs7-signature
	Protocol                string // parameter of multipart/signed; "": SignatureType
	Micalg                  string // parameter of multipart/signed; "": as RFC 8551 §3.5.3.2 spells Hash, "sha-256"
	NoPreamble              bool   // without the line for readers that know no MIME
}

// SignerError says which field of a Signer, or argument, cannot be used.
type SignerError struct {
	Field string // of Signer or Mail, such as "Key"; "Time" for the time given
	Err   error
}

// Error names the field and the reason.
func (e *SignerError) Error() string {
	return fmt.Sprintf("smime: cannot sign: %s: %v", e.Field, e.Err)
}

// Unwrap returns the reason.
func (e *SignerError) Unwrap() error { return e.Err }

// Sign returns the signature over content, without the content: the bytes of
// an smime.p7s, in DER unless BER is set. at is the signing time, to the
// second. What is signed are the bytes as they come; content that is mail has
// CRLF line ends (RFC 8551 §3.1.1).
//
// The error is a [*SignerError], the key's or the reader's own.
func (s *Signer) Sign(content io.Reader, at time.Time) ([]byte, error) {
	signing, hash, err := s.signing(at)
	if err != nil {
		return nil, err
	}
	h := hash.New()
	if _, err := io.Copy(h, content); err != nil {
		return nil, fmt.Errorf("smime: reading what is to be signed: %w", err)
	}
	return sign(signing, h.Sum(nil))
}

// Check returns the error that signing at that time would end in before the
// key is asked, a [*SignerError].
func (s *Signer) Check(at time.Time) error {
	_, _, err := s.signing(at)
	return err
}

func sign(signing *cms.Signing, digest []byte) ([]byte, error) {
	signature, err := signing.Sign(digest)
	if err != nil {
		return nil, signerError(err)
	}
	return signature, nil
}

// signing checks the fields and translates them.
func (s *Signer) signing(at time.Time) (*cms.Signing, crypto.Hash, error) {
	fail := func(field, reason string) (*cms.Signing, crypto.Hash, error) {
		return nil, 0, &SignerError{Field: field, Err: errors.New(reason)}
	}
	hash := s.Hash
	switch {
	case s.SHA1ForTestsOfOldHabits && hash != 0:
		return fail("Hash", "given together with SHA1ForTestsOfOldHabits")
	case s.SHA1ForTestsOfOldHabits:
		hash = crypto.SHA1
	case hash == crypto.SHA1:
		return fail("Hash", "SHA-1 is no longer safe: only SHA1ForTestsOfOldHabits has it")
	}
	for _, f := range []struct{ name, value string }{{"SignatureType", s.SignatureType}, {"Protocol", s.Protocol}} {
		if f.value != "" && !isSignatureType(strings.ToLower(f.value)) {
			return fail(f.name, fmt.Sprintf("%q is no signature's type", f.value))
		}
	}
	if strings.ContainsFunc(s.Micalg, notToken) {
		return fail("Micalg", fmt.Sprintf("%q is no token", s.Micalg))
	}
	signing := &cms.Signing{Key: s.Key, Certificate: s.Certificate, Include: s.Chain,
		Hash: hash, PSS: s.PSS, BER: s.BER, Time: at}
	hash, err := signing.Digest()
	if err != nil {
		return nil, 0, signerError(err)
	}
	return signing, hash, nil
}

// signerError gives errors of package cms this package's names.
func signerError(err error) error {
	e, ok := errors.AsType[*cms.SigningError](err)
	if !ok {
		return fmt.Errorf("smime: %w", err)
	}
	field := e.Field
	if field == "Include" {
		field = "Chain"
	}
	return &SignerError{Field: field, Err: e.Err}
}

// notToken reports a character that cannot stand in a parameter without
// quotes.
//
// spec: RFC 2045 §5.1
func notToken(r rune) bool {
	return r <= ' ' || r >= 0x7f || strings.ContainsRune(`()<>@,;:\"/[]?=`, r)
}
