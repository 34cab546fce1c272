package cms

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"time"
)

// Signing says how a SignedData of one signer is written: contentType
// id-data, the attributes contentType, messageDigest and signingTime, the
// signer named by issuer and serial number, version 1.
//
// With one key, one time and one digest the output is always the same for RSA
// PKCS#1 v1.5, for Ed25519, and for ECDSA if the key is an *ecdsa.PrivateKey
// (RFC 6979). RSA-PSS is randomised, and so is ECDSA of other keys.
type Signing struct {
	Key         crypto.Signer
	Certificate *x509.Certificate
	Include     []*x509.Certificate // further certificates for the field, such as the authority's
	Hash        crypto.Hash         // 0: SHA-256, and SHA-512 for Ed25519; SHA-1 is written if it is asked for
	PSS         bool                // RSA-PSS instead of PKCS#1 v1.5, with a salt as long as the digest
	BER         bool                // indefinite lengths around the contents, as some providers write
	Time        time.Time           // signingTime, to the second
	// Content is enclosed unless it is nil: the form of a .p7m file. The digest
	// given to Sign has to be that of it.
	Content []byte
}

// SigningError says which field of a Signing cannot be used.
type SigningError struct {
	Field string // "Key", "Certificate", "Hash", "PSS", "Time" or "Include"
	Err   error
}

// Error names the field and the reason.
func (e *SigningError) Error() string { return "cms: cannot sign: " + e.Field + ": " + e.Err.Error() }

// Unwrap returns the reason.
func (e *SigningError) Unwrap() error { return e.Err }

// Digest returns the hash that content is to be digested with. The error is a
// *SigningError: what Sign would say of the fields before it signs.
func (s *Signing) Digest() (crypto.Hash, error) {
	_, err := s.plan()
	if err != nil {
		return 0, err
	}
	return s.hash(), nil
}

// Sign returns the signature over content with that digest, made with the hash
// of Digest. What it returns has been read back and verified by Parse,
// CheckDigest and Signers. The error is a *SigningError, a *Problem if the
// signature does not verify, or the key's own.
func (s *Signing) Sign(digest []byte) ([]byte, error) {
	a, err := s.plan()
	if err != nil {
		return nil, err
	}
	if len(digest) != s.hash().Size() {
		return nil, fmt.Errorf("cms: a digest of %d octets is none of %v", len(digest), s.hash())
	}
	attributes, err := s.signedAttributes(digest)
	if err != nil {
		return nil, err
	}
	value, err := s.value(a, attributes)
	if err != nil {
		return nil, fmt.Errorf("cms: the key does not sign: %w", err)
	}
	out, err := s.signedData(a, attributes, value)
	if err != nil {
		return nil, err
	}
	if err := s.verify(out, digest); err != nil {
		return nil, err
	}
	return out, nil
}

// hash is Hash or its default.
func (s *Signing) hash() crypto.Hash {
	if s.Hash != 0 {
		return s.Hash
	}
	if _, ok := s.Certificate.PublicKey.(ed25519.PublicKey); ok {
		return crypto.SHA512
	}
	return crypto.SHA256
}

// signingAlgorithm is what is written in digestAlgorithm and
// signatureAlgorithm, and how the key is asked.
type signingAlgorithm struct {
	digest  string // OID
	value   string // OID
	scheme  scheme
	options crypto.SignerOpts
}

// signingDigests are the digests that are written. SHA-224 is read and never
// written.
var signingDigests = map[crypto.Hash]string{
	crypto.SHA1: oidSHA1, crypto.SHA256: oidSHA256, crypto.SHA384: oidSHA384, crypto.SHA512: oidSHA512,
}

var signingECDSA = map[crypto.Hash]string{
	crypto.SHA1: oidECDSAWithSHA1, crypto.SHA256: oidECDSAWithSHA256,
	crypto.SHA384: oidECDSAWithSHA384, crypto.SHA512: oidECDSAWithSHA512,
}

// plan checks the fields and chooses the algorithms.
func (s *Signing) plan() (a signingAlgorithm, err error) {
	fail := func(field, format string, args ...any) (signingAlgorithm, error) {
		return signingAlgorithm{}, &SigningError{Field: field, Err: fmt.Errorf(format, args...)}
	}
	switch {
	case s.Key == nil:
		return fail("Key", "no key")
	case s.Certificate == nil || len(s.Certificate.Raw) == 0:
		return fail("Certificate", "no certificate")
	case !sameKey(s.Key.Public(), s.Certificate.PublicKey):
		return fail("Key", "not the key of the certificate")
	case s.Time.IsZero():
		return fail("Time", "no time")
	case s.Time.UTC().Year() < 1950 || s.Time.UTC().Year() > 9999:
		return fail("Time", "year %d cannot be written", s.Time.UTC().Year())
	}
	for i, c := range s.Include {
		if c == nil || len(c.Raw) == 0 {
			return fail("Include", "certificate %d is empty", i+1)
		}
	}
	h := s.hash()
	digest, ok := signingDigests[h]
	switch {
	case !ok:
		return fail("Hash", "%v is not written", h)
	case fipsForbids(h):
		return fail("Hash", "%v is forbidden in FIPS 140-only mode", h)
	}
	a = signingAlgorithm{digest: digest, options: h}
	switch s.Certificate.PublicKey.(type) {
	case *rsa.PublicKey:
		a.value, a.scheme = oidRSA, schemePKCS1
		if s.PSS {
			a.value, a.scheme = oidPSS, schemePSS
			a.options = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: h}
		}
		return a, nil
	case *ecdsa.PublicKey:
		a.value, a.scheme = signingECDSA[h], schemeECDSA
	case ed25519.PublicKey:
		// spec: RFC 8419 §3.1
		if h != crypto.SHA512 {
			return fail("Hash", "Ed25519 goes with SHA-512, not with %v", h)
		}
		a.value, a.scheme, a.options = oidEd25519, schemeEd25519, crypto.Hash(0)
	default:
		return fail("Certificate", "a key of type %T cannot be used", s.Certificate.PublicKey)
	}
	if s.PSS {
		return fail("PSS", "the key is none of RSA")
	}
	return a, nil
}

// sameKey compares public keys, of which every type in use has Equal.
func sameKey(a, b crypto.PublicKey) bool {
	k, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && k.Equal(b)
}

// value asks the key for the signature over the attributes as a SET.
//
// spec: RFC 5652 §5.4
func (s *Signing) value(a signingAlgorithm, attributes []byte) ([]byte, error) {
	if a.scheme == schemeEd25519 {
		return s.Key.Sign(rand.Reader, attributes, a.options)
	}
	h := s.hash().New()
	h.Write(attributes)
	random := io.Reader(rand.Reader)
	if k, ok := s.Key.(*ecdsa.PrivateKey); ok && deterministic(k) {
		random = nil // RFC 6979, and no random number to fail
	}
	return s.Key.Sign(random, h.Sum(nil), a.options)
}

// deterministic reports whether the standard library can make the signature
// of RFC 6979, which it can for its own curves.
func deterministic(k *ecdsa.PrivateKey) bool {
	_, err := k.PublicKey.ECDH() // only those curves have one
	return err == nil
}

var errNotSigner = errors.New("the signature verifies under another certificate")

// verify reads a signature back as the verifier does.
func (s *Signing) verify(signature, digest []byte) error {
	profile := Detached
	if s.Content != nil {
		profile = Profile{ContentType: idData, Max: len(s.Content) + MaxSize}
	}
	d, err := Parse(signature, profile)
	if err != nil {
		return fmt.Errorf("cms: the signature made is not good: %w", err)
	}
	if s.Content != nil {
		h := s.hash().New()
		h.Write(d.Content)
		digest = h.Sum(nil)
	}
	if p := d.CheckDigest(digest); p != nil {
		return fmt.Errorf("cms: the signature made is not good: %w", p)
	}
	signers, p := d.Signers()
	if p != nil {
		return fmt.Errorf("cms: the signature made is not good: %w", p)
	}
	for _, c := range signers {
		if bytes.Equal(c.Raw, s.Certificate.Raw) {
			return nil
		}
	}
	return fmt.Errorf("cms: the signature made is not good: %w", errNotSigner)
}
