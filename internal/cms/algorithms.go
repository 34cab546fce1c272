package cms

import (
	"bytes"
	"crypto"
	"crypto/fips140"
	_ "crypto/sha1" // registers what SignedData.NewHash makes
	_ "crypto/sha256"
	_ "crypto/sha512"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// digestAlgorithm is one row of what is known of digests. A digest without
// hash is known and never accepted.
type digestAlgorithm struct {
	name string
	hash crypto.Hash
}

// SHA-1 is accepted here because it is what providers used until 2024; the
// policy above judges its age. SHA-224 is not weaker than SHA-1.
var digestAlgorithms = map[string]digestAlgorithm{
	oidMD2:    {"MD2", 0},
	oidMD4:    {"MD4", 0},
	oidMD5:    {"MD5", 0},
	oidSHA1:   {"SHA-1", crypto.SHA1},
	oidSHA224: {"SHA-224", crypto.SHA224},
	oidSHA256: {"SHA-256", crypto.SHA256},
	oidSHA384: {"SHA-384", crypto.SHA384},
	oidSHA512: {"SHA-512", crypto.SHA512},
}

// scheme is a way to make signatures.
type scheme string

const (
	schemePKCS1   scheme = "RSA PKCS#1 v1.5"
	schemePSS     scheme = "RSA-PSS"
	schemeECDSA   scheme = "ECDSA"
	schemeEd25519 scheme = "Ed25519"
)

// signatureAlgorithm is one row of what is known of signature algorithms.
// Without digest the algorithm does not name one; forbidden ones have no
// scheme.
type signatureAlgorithm struct {
	name   string
	scheme scheme
	digest string // OID of the digest it names
}

var signatureAlgorithms = map[string]signatureAlgorithm{
	oidRSA:             {string(schemePKCS1), schemePKCS1, ""},
	oidMD2WithRSA:      {"MD2 with RSA", "", ""},
	oidMD4WithRSA:      {"MD4 with RSA", "", ""},
	oidMD5WithRSA:      {"MD5 with RSA", "", ""},
	oidSHA1WithRSA:     {string(schemePKCS1), schemePKCS1, oidSHA1},
	oidSHA224WithRSA:   {string(schemePKCS1), schemePKCS1, oidSHA224},
	oidSHA256WithRSA:   {string(schemePKCS1), schemePKCS1, oidSHA256},
	oidSHA384WithRSA:   {string(schemePKCS1), schemePKCS1, oidSHA384},
	oidSHA512WithRSA:   {string(schemePKCS1), schemePKCS1, oidSHA512},
	oidPSS:             {string(schemePSS), schemePSS, ""},
	oidECPublicKey:     {string(schemeECDSA), schemeECDSA, ""}, // QUIRK: the key's algorithm, where RFC 5754 §3.3 wants ecdsa-with-*
	oidECDSAWithSHA1:   {string(schemeECDSA), schemeECDSA, oidSHA1},
	oidECDSAWithSHA224: {string(schemeECDSA), schemeECDSA, oidSHA224},
	oidECDSAWithSHA256: {string(schemeECDSA), schemeECDSA, oidSHA256},
	oidECDSAWithSHA384: {string(schemeECDSA), schemeECDSA, oidSHA384},
	oidECDSAWithSHA512: {string(schemeECDSA), schemeECDSA, oidSHA512},
	// RFC 8419 §3.1 wants SHA-512 beside Ed25519; the digest does not enter
	// the signature, so any that is accepted will do.
	oidEd25519: {string(schemeEd25519), schemeEd25519, ""},
}

// algorithm is an AlgorithmIdentifier.
type algorithm struct {
	oid    []byte
	params []byte // with its header; nil if absent
}

func readAlgorithm(s *cryptobyte.String) (algorithm, bool) {
	return readAlgorithmTagged(s, asn1.SEQUENCE)
}

func readAlgorithmTagged(s *cryptobyte.String, tag asn1.Tag) (a algorithm, ok bool) {
	var seq, oid, params cryptobyte.String
	if !s.ReadASN1(&seq, tag) || !seq.ReadASN1(&oid, asn1.OBJECT_IDENTIFIER) || !validOID(oid) {
		return a, false
	}
	a.oid = oid
	if seq.Empty() {
		return a, true
	}
	if !seq.ReadAnyASN1Element(&params, nil) || !seq.Empty() {
		return a, false
	}
	a.params = params
	return a, true
}

// plain reports parameters that are absent or NULL, which mean the same in
// every algorithm that is read here (RFC 5754 §2, §3.2).
func (a algorithm) plain() bool {
	return a.params == nil || bytes.Equal(a.params, []byte{5, 0})
}

// same reports whether two identifiers name the same algorithm.
func (a algorithm) same(b algorithm) bool {
	return bytes.Equal(a.oid, b.oid) && (a.plain() && b.plain() || bytes.Equal(a.params, b.params))
}

// digestName returns the usual name of a digest algorithm, or its OID in dots.
func (a algorithm) digestName() string {
	if d, ok := digestAlgorithms[string(a.oid)]; ok {
		return d.name
	}
	return dotted(a.oid)
}

// fipsForbids reports whether FIPS 140-only mode is enforced and h must not be
// used: the standard library panics when it is.
func fipsForbids(h crypto.Hash) bool {
	return h == crypto.SHA1 && fips140.Enforced()
}

// checkDigestAlgorithm sets Digest and DigestName. C6, first half.
func (s *SignedData) checkDigestAlgorithm(a algorithm) {
	s.DigestName = a.digestName()
	d, known := digestAlgorithms[string(a.oid)]
	switch {
	case !known:
		s.blockAll(s.add(CodeDigestUnsupported, a.oid, s.DigestName))
	case d.hash == 0:
		s.blockAll(s.add(CodeDigestForbidden, a.oid, s.DigestName))
	case !a.plain():
		s.blockAll(s.add(CodeAlgorithmParameters, a.params, s.DigestName))
	case fipsForbids(d.hash):
		s.blockAll(s.add(CodeFIPSAlgorithm, a.oid, s.DigestName))
	default:
		s.Digest = d.hash
	}
}

// checkSignatureAlgorithm sets the scheme and SignatureName. C6, second half.
func (s *SignedData) checkSignatureAlgorithm(a, digest algorithm) {
	g, known := signatureAlgorithms[string(a.oid)]
	s.SignatureName = g.name
	switch {
	case !known:
		s.SignatureName = dotted(a.oid)
		s.blockSigners(s.add(CodeAlgorithmUnsupported, a.oid, s.SignatureName))
	case g.scheme == "":
		s.blockSigners(s.add(CodeAlgorithmForbidden, a.oid, s.SignatureName))
	case g.digest != "" && g.digest != string(digest.oid):
		s.blockSigners(s.add(CodeAlgorithmHash, a.oid, digestAlgorithms[g.digest].name, s.DigestName))
	case g.scheme == schemePSS:
		s.checkPSS(a, digest)
	case !s.parametersFit(a, g.scheme):
		s.blockSigners(s.add(CodeAlgorithmParameters, a.params, s.SignatureName))
	}
	s.scheme = g.scheme
}

// parametersFit reports whether the parameters are those of the scheme: absent
// for Ed25519 (RFC 8410 §3); absent or NULL otherwise; and a curve's name where
// the algorithm is that of the key.
func (s *SignedData) parametersFit(a algorithm, g scheme) bool {
	switch {
	case g == schemeEd25519:
		return a.params == nil
	case string(a.oid) == oidECPublicKey && a.params != nil && a.params[0] == byte(asn1.OBJECT_IDENTIFIER):
		return true
	}
	return a.plain()
}

// checkPSS reads RSASSA-PSS-params and sets saltLength. crypto/rsa has one hash
// for the digest and for MGF1, so that parameters with two are not supported.
//
// spec: RFC 4055 §3.1, RFC 4056 §3
func (s *SignedData) checkPSS(a, digest algorithm) {
	hash := algorithm{oid: []byte(oidSHA1)}
	mgfHash := hash
	salt, trailer := int64(20), int64(1)
	if !readPSS(a.params, &hash, &mgfHash, &salt, &trailer) || trailer != 1 || salt < 0 || salt > MaxRSABits/8 || !hash.plain() {
		s.blockSigners(s.add(CodeAlgorithmParameters, a.oid, s.SignatureName))
		return
	}
	switch {
	case !bytes.Equal(hash.oid, digest.oid):
		s.blockSigners(s.add(CodeAlgorithmHash, a.oid, hash.digestName(), s.DigestName))
	case !mgfHash.same(hash):
		s.blockSigners(s.add(CodeAlgorithmParameters, a.oid, s.SignatureName))
	case s.Digest != 0 && int(salt) > s.Digest.Size() && fips140.Enforced():
		s.blockSigners(s.add(CodeFIPSAlgorithm, a.oid, "RSA-PSS with a salt longer than the digest"))
	}
	s.saltLength = int(salt)
}

func readPSS(params []byte, hash, mgfHash *algorithm, salt, trailer *int64) (ok bool) {
	in := cryptobyte.String(params)
	var seq, field cryptobyte.String
	var present bool
	if !in.ReadASN1(&seq, asn1.SEQUENCE) || !in.Empty() {
		return false
	}
	if !seq.ReadOptionalASN1(&field, &present, explicit(0)) {
		return false
	}
	if present {
		if *hash, ok = readAlgorithm(&field); !ok || !field.Empty() {
			return false
		}
	}
	if !seq.ReadOptionalASN1(&field, &present, explicit(1)) {
		return false
	}
	if present {
		mgf, ok := readAlgorithm(&field)
		if !ok || !field.Empty() || string(mgf.oid) != oidMGF1 {
			return false
		}
		inner := cryptobyte.String(mgf.params)
		if *mgfHash, ok = readAlgorithm(&inner); !ok || !inner.Empty() {
			return false
		}
	}
	return seq.ReadOptionalASN1Integer(salt, explicit(2), int64(20)) &&
		seq.ReadOptionalASN1Integer(trailer, explicit(3), int64(1)) && seq.Empty()
}

// explicit is the tag of a constructed context-specific element, which is also
// that of an implicitly tagged SET or SEQUENCE.
func explicit(n uint8) asn1.Tag {
	return asn1.Tag(n).ContextSpecific().Constructed()
}
