package trust

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/fips140"
	"crypto/rsa"
	_ "crypto/sha1" // certificates of DigitPA CA1
	_ "crypto/sha256"
	_ "crypto/sha512"
	"errors"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Sizes of RSA keys, in bits. Below minRSA and above maxRSA no arithmetic is
// done; below currentRSA a key is of its time and has to be allowed (row 13).
const (
	minRSA     = 1024
	currentRSA = 2048
	maxRSA     = 8192
)

// scheme is the kind of signature arithmetic.
type scheme uint8

const (
	schemeUnknown scheme = iota
	schemeNever          // MD2, MD4, MD5: never verified
	schemePKCS1
	schemePSS
	schemeECDSA
	schemeEd25519
)

// algorithm is a signature algorithm of a certificate.
type algorithm struct {
	scheme scheme
	hash   crypto.Hash
	name   string
}

// algorithms by the contents octets of their identifier. SHA-1 is here
// because crypto/x509 refuses it in chains and every provider's certificate
// until 2017 is signed with it.
var algorithms = map[string]algorithm{
	octets(1, 2, 840, 113549, 1, 1, 2):  {schemeNever, 0, "MD2 with RSA"},
	octets(1, 2, 840, 113549, 1, 1, 3):  {schemeNever, 0, "MD4 with RSA"},
	octets(1, 2, 840, 113549, 1, 1, 4):  {schemeNever, 0, "MD5 with RSA"},
	octets(1, 3, 14, 3, 2, 3):           {schemeNever, 0, "MD5 with RSA"},
	octets(1, 2, 840, 113549, 1, 1, 5):  {schemePKCS1, crypto.SHA1, "SHA-1 with RSA"},
	octets(1, 3, 14, 3, 2, 29):          {schemePKCS1, crypto.SHA1, "SHA-1 with RSA"},
	octets(1, 2, 840, 113549, 1, 1, 14): {schemePKCS1, crypto.SHA224, "SHA-224 with RSA"},
	octets(1, 2, 840, 113549, 1, 1, 11): {schemePKCS1, crypto.SHA256, "SHA-256 with RSA"},
	octets(1, 2, 840, 113549, 1, 1, 12): {schemePKCS1, crypto.SHA384, "SHA-384 with RSA"},
	octets(1, 2, 840, 113549, 1, 1, 13): {schemePKCS1, crypto.SHA512, "SHA-512 with RSA"},
	octets(1, 2, 840, 113549, 1, 1, 10): {schemePSS, 0, "RSA-PSS"},
	octets(1, 2, 840, 10045, 4, 1):      {schemeECDSA, crypto.SHA1, "SHA-1 with ECDSA"},
	octets(1, 2, 840, 10045, 4, 3, 1):   {schemeECDSA, crypto.SHA224, "SHA-224 with ECDSA"},
	octets(1, 2, 840, 10045, 4, 3, 2):   {schemeECDSA, crypto.SHA256, "SHA-256 with ECDSA"},
	octets(1, 2, 840, 10045, 4, 3, 3):   {schemeECDSA, crypto.SHA384, "SHA-384 with ECDSA"},
	octets(1, 2, 840, 10045, 4, 3, 4):   {schemeECDSA, crypto.SHA512, "SHA-512 with ECDSA"},
	octets(1, 3, 101, 112):              {schemeEd25519, 0, "Ed25519"},
}

// hashes of RSA-PSS parameters.
var hashes = map[string]crypto.Hash{
	octets(1, 3, 14, 3, 2, 26):             crypto.SHA1,
	octets(2, 16, 840, 1, 101, 3, 4, 2, 4): crypto.SHA224,
	octets(2, 16, 840, 1, 101, 3, 4, 2, 1): crypto.SHA256,
	octets(2, 16, 840, 1, 101, 3, 4, 2, 2): crypto.SHA384,
	octets(2, 16, 840, 1, 101, 3, 4, 2, 3): crypto.SHA512,
}

var oidMGF1 = octets(1, 2, 840, 113549, 1, 1, 8)

// signed is the outer structure of a certificate: what is signed, how, and the
// signature.
type signed struct {
	tbs       []byte
	algorithm algorithm
	signature []byte
}

var errOuter = errors.New("trust: malformed certificate")

// readSigned splits a certificate. It reads the DER again instead of trusting the
// fields of x509.Certificate, so that what a cache remembers under the hash of
// the DER is about that DER.
func readSigned(der []byte) (s signed, err error) {
	in := cryptobyte.String(der)
	var seq, tbs, id cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() ||
		!seq.ReadASN1Element(&tbs, cbasn1.SEQUENCE) ||
		!seq.ReadASN1(&id, cbasn1.SEQUENCE) ||
		!seq.ReadASN1BitStringAsBytes(&s.signature) || !seq.Empty() {
		return s, errOuter
	}
	s.tbs = tbs
	var oid cryptobyte.String
	if !id.ReadASN1(&oid, cbasn1.OBJECT_IDENTIFIER) {
		return s, errOuter
	}
	s.algorithm = algorithms[string(oid)]
	if s.algorithm.scheme == schemePSS {
		if s.algorithm.hash = pssHash(id); s.algorithm.hash == 0 {
			s.algorithm.scheme = schemeUnknown
		}
	}
	if s.algorithm.scheme == schemeUnknown {
		s.algorithm.name = shortName(string(oid))
	}
	return s, nil
}

// pssHash reads RSASSA-PSS-params and returns the hash if it is one we know
// and MGF1 uses the same; 0 otherwise. The length of the salt is found by the
// verification itself.
//
// spec: RFC 4055 §3.1
func pssHash(in cryptobyte.String) crypto.Hash {
	var params cryptobyte.String
	if !in.ReadASN1(&params, cbasn1.SEQUENCE) || !in.Empty() {
		return 0
	}
	hash, mask := crypto.SHA1, crypto.SHA1
	var field, id, oid, mgf cryptobyte.String
	var there bool
	explicit := func(n uint8) cbasn1.Tag { return cbasn1.Tag(n).ContextSpecific().Constructed() }
	if !params.ReadOptionalASN1(&field, &there, explicit(0)) {
		return 0
	}
	if there {
		if !field.ReadASN1(&id, cbasn1.SEQUENCE) || !id.ReadASN1(&oid, cbasn1.OBJECT_IDENTIFIER) {
			return 0
		}
		hash = hashes[string(oid)]
	}
	if !params.ReadOptionalASN1(&field, &there, explicit(1)) {
		return 0
	}
	if there {
		if !field.ReadASN1(&mgf, cbasn1.SEQUENCE) || !mgf.ReadASN1(&oid, cbasn1.OBJECT_IDENTIFIER) ||
			string(oid) != oidMGF1 ||
			!mgf.ReadASN1(&id, cbasn1.SEQUENCE) || !id.ReadASN1(&oid, cbasn1.OBJECT_IDENTIFIER) {
			return 0
		}
		mask = hashes[string(oid)]
	}
	if hash != mask {
		return 0
	}
	return hash
}

// verify checks the signature under a key, whose size has been looked at.
func (s signed) verify(key crypto.PublicKey) bool {
	ok := false
	// Old signatures are only read here, never made: under GODEBUG
	// fips140=only SHA-1 would panic and RSA-1024 be refused.
	if fips140.Enforced() {
		fips140.WithoutEnforcement(func() { ok = s.check(key) })
		return ok
	}
	return s.check(key)
}

func (s signed) check(key crypto.PublicKey) bool {
	digest := s.tbs
	if s.algorithm.hash != 0 {
		h := s.algorithm.hash.New()
		h.Write(s.tbs)
		digest = h.Sum(nil)
	}
	switch k := key.(type) {
	case *rsa.PublicKey:
		switch s.algorithm.scheme {
		case schemePKCS1:
			return rsa.VerifyPKCS1v15(k, s.algorithm.hash, digest, s.signature) == nil
		case schemePSS:
			return rsa.VerifyPSS(k, s.algorithm.hash, digest, s.signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthAuto}) == nil
		}
	case *ecdsa.PublicKey:
		return s.algorithm.scheme == schemeECDSA && ecdsa.VerifyASN1(k, digest, s.signature)
	case ed25519.PublicKey:
		return s.algorithm.scheme == schemeEd25519 && len(k) == ed25519.PublicKeySize && ed25519.Verify(k, digest, s.signature)
	}
	return false
}

// keyProblem returns why a key is never accepted, as a code with its facts;
// code is "" for a good key.
func keyProblem(key crypto.PublicKey) (code string, facts []string) {
	switch k := key.(type) {
	case *rsa.PublicKey:
		bits := k.N.BitLen()
		switch {
		case bits < minRSA:
			return CodeKeyShort, []string{itoa(bits)}
		case bits > maxRSA:
			return CodeKeyLong, []string{itoa(bits)}
		case k.E < 3 || k.E%2 == 0:
			return CodeKeyExponent, []string{itoa(k.E)}
		}
		return "", nil
	case *ecdsa.PublicKey, ed25519.PublicKey:
		return "", nil
	}
	return CodeKeyType, nil
}

// keyName says type and size of a key.
func keyName(key crypto.PublicKey) string {
	switch k := key.(type) {
	case *rsa.PublicKey:
		return "RSA-" + itoa(k.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA " + k.Curve.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return "unknown"
}

// isOldRSA reports RSA keys of 1024 to 2047 bits.
func isOldRSA(key crypto.PublicKey) bool {
	k, ok := key.(*rsa.PublicKey)
	return ok && k.N.BitLen() < currentRSA
}

// isSHA1 reports signature algorithms with SHA-1.
func (a algorithm) isSHA1() bool { return a.hash == crypto.SHA1 }
