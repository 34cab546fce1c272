// Package certsig verifies the signatures of X.509 structures: certificates,
// revocation lists, OCSP responses. crypto/x509 refuses some of those that PEC
// has to read (SHA-1 in chains), and does not say which hash an RSA-PSS
// signature has.
//
// What is verified here is arithmetic: whether a key may sign, and whose it is,
// is judged by the caller. No key below 1024 or above 8192 bits may be given to
// [Signed.Verify]; [CheckKey] says so. Everything is safe for concurrent use.
//
// spec: RFC 5280 §4.1.1, RFC 4055, RFC 5758, RFC 8410
package certsig

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/fips140"
	"crypto/rsa"
	_ "crypto/sha1" // certificates of DigitPA CA1
	_ "crypto/sha256"
	_ "crypto/sha512"
	"encoding/asn1"
	"errors"
	"strconv"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Sizes of RSA keys, in bits. Below MinRSA and above MaxRSA no arithmetic is
// done; below CurrentRSA a key is of its time and has to be allowed.
const (
	MinRSA     = 1024
	CurrentRSA = 2048
	MaxRSA     = 8192
)

// Scheme is the kind of signature arithmetic.
type Scheme uint8

// The schemes. Signatures with MD2, MD4 and MD5 are never verified.
const (
	Unknown Scheme = iota
	Never
	PKCS1
	PSS
	ECDSA
	Ed25519
)

// Algorithm is a signature algorithm.
type Algorithm struct {
	Scheme Scheme
	Hash   crypto.Hash // 0 for Ed25519, and for schemes that are not verified
	Name   string      // for people; the object identifier if it is not known
}

// IsSHA1 reports signature algorithms with SHA-1.
func (a Algorithm) IsSHA1() bool { return a.Hash == crypto.SHA1 }

// algorithms by the contents octets of their identifier. SHA-1 is here
// because crypto/x509 refuses it in chains and every provider's certificate
// until 2017 is signed with it.
var algorithms = map[string]Algorithm{
	octets(1, 2, 840, 113549, 1, 1, 2):  {Never, 0, "MD2 with RSA"},
	octets(1, 2, 840, 113549, 1, 1, 3):  {Never, 0, "MD4 with RSA"},
	octets(1, 2, 840, 113549, 1, 1, 4):  {Never, 0, "MD5 with RSA"},
	octets(1, 3, 14, 3, 2, 3):           {Never, 0, "MD5 with RSA"},
	octets(1, 2, 840, 113549, 1, 1, 5):  {PKCS1, crypto.SHA1, "SHA-1 with RSA"},
	octets(1, 3, 14, 3, 2, 29):          {PKCS1, crypto.SHA1, "SHA-1 with RSA"},
	octets(1, 2, 840, 113549, 1, 1, 14): {PKCS1, crypto.SHA224, "SHA-224 with RSA"},
	octets(1, 2, 840, 113549, 1, 1, 11): {PKCS1, crypto.SHA256, "SHA-256 with RSA"},
	octets(1, 2, 840, 113549, 1, 1, 12): {PKCS1, crypto.SHA384, "SHA-384 with RSA"},
	octets(1, 2, 840, 113549, 1, 1, 13): {PKCS1, crypto.SHA512, "SHA-512 with RSA"},
	octets(1, 2, 840, 113549, 1, 1, 10): {PSS, 0, "RSA-PSS"},
	octets(1, 2, 840, 10045, 4, 1):      {ECDSA, crypto.SHA1, "SHA-1 with ECDSA"},
	octets(1, 2, 840, 10045, 4, 3, 1):   {ECDSA, crypto.SHA224, "SHA-224 with ECDSA"},
	octets(1, 2, 840, 10045, 4, 3, 2):   {ECDSA, crypto.SHA256, "SHA-256 with ECDSA"},
	octets(1, 2, 840, 10045, 4, 3, 3):   {ECDSA, crypto.SHA384, "SHA-384 with ECDSA"},
	octets(1, 2, 840, 10045, 4, 3, 4):   {ECDSA, crypto.SHA512, "SHA-512 with ECDSA"},
	octets(1, 3, 101, 112):              {Ed25519, 0, "Ed25519"},
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

// Signed is the outer structure of a certificate or a list: what is signed,
// how, and the signature.
type Signed struct {
	TBS       []byte // with tag and length
	Algorithm Algorithm
	Signature []byte
}

// ErrMalformed says that bytes are no signed X.509 structure.
var ErrMalformed = errors.New("certsig: malformed signed structure")

// Read splits a certificate or a revocation list: one SEQUENCE without trailing
// bytes. It reads the DER again instead of trusting the fields of a parsed
// value, so that what a cache remembers under the hash of the DER is about that
// DER. The slices of the result are parts of the input.
func Read(der []byte) (s Signed, err error) {
	in := cryptobyte.String(der)
	var seq, tbs, id cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() ||
		!seq.ReadASN1Element(&tbs, cbasn1.SEQUENCE) ||
		!seq.ReadASN1(&id, cbasn1.SEQUENCE) ||
		!seq.ReadASN1BitStringAsBytes(&s.Signature) || !seq.Empty() {
		return Signed{}, ErrMalformed
	}
	s.TBS = tbs
	if s.Algorithm, err = ReadAlgorithm(id); err != nil {
		return Signed{}, err
	}
	return s, nil
}

// ReadAlgorithm reads the contents of an AlgorithmIdentifier. One that is not
// known is no error: its Scheme is Unknown.
func ReadAlgorithm(id []byte) (Algorithm, error) {
	in := cryptobyte.String(id)
	var oid cryptobyte.String
	if !in.ReadASN1(&oid, cbasn1.OBJECT_IDENTIFIER) {
		return Algorithm{}, ErrMalformed
	}
	a := algorithms[string(oid)]
	if a.Scheme == PSS {
		if a.Hash = pssHash(in); a.Hash == 0 {
			a.Scheme = Unknown
		}
	}
	if a.Scheme == Unknown {
		a.Name = oidText(oid)
	}
	return a, nil
}

// oidText writes an object identifier with dots.
func oidText(oid []byte) string {
	if len(oid) > 64 {
		return "OID"
	}
	var id asn1.ObjectIdentifier
	if _, err := asn1.Unmarshal(append([]byte{0x06, byte(len(oid))}, oid...), &id); err != nil {
		return "OID"
	}
	return id.String()
}

// octets returns the contents octets of an object identifier.
func octets(arcs ...int) string {
	der, err := asn1.Marshal(asn1.ObjectIdentifier(arcs))
	if err != nil {
		panic(err) // only ever called with constants
	}
	return string(der[2:])
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

// Verify checks the signature under a key, whose size has been looked at.
func (s Signed) Verify(key crypto.PublicKey) bool {
	ok := false
	// Old signatures are only read here, never made: under GODEBUG
	// fips140=only SHA-1 would panic and RSA-1024 be refused.
	if fips140.Enforced() {
		fips140.WithoutEnforcement(func() { ok = s.check(key) })
		return ok
	}
	return s.check(key)
}

func (s Signed) check(key crypto.PublicKey) bool {
	digest := s.TBS
	if s.Algorithm.Hash != 0 {
		h := s.Algorithm.Hash.New()
		h.Write(s.TBS)
		digest = h.Sum(nil)
	}
	switch k := key.(type) {
	case *rsa.PublicKey:
		switch s.Algorithm.Scheme {
		case PKCS1:
			return rsa.VerifyPKCS1v15(k, s.Algorithm.Hash, digest, s.Signature) == nil
		case PSS:
			return rsa.VerifyPSS(k, s.Algorithm.Hash, digest, s.Signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthAuto}) == nil
		}
	case *ecdsa.PublicKey:
		return s.Algorithm.Scheme == ECDSA && ecdsa.VerifyASN1(k, digest, s.Signature)
	case ed25519.PublicKey:
		return s.Algorithm.Scheme == Ed25519 && len(k) == ed25519.PublicKeySize && ed25519.Verify(k, digest, s.Signature)
	}
	return false
}

// KeyProblem is a reason why a key is never accepted.
type KeyProblem uint8

// The problems of keys.
const (
	KeyGood     KeyProblem = iota
	KeyShort               // RSA below MinRSA
	KeyLong                // RSA above MaxRSA
	KeyExponent            // RSA with an exponent that makes no signature
	KeyType                // neither RSA, ECDSA nor Ed25519
)

// CheckKey says whether signatures may be computed with a key.
func CheckKey(key crypto.PublicKey) KeyProblem {
	switch k := key.(type) {
	case *rsa.PublicKey:
		bits := k.N.BitLen()
		switch {
		case bits < MinRSA:
			return KeyShort
		case bits > MaxRSA:
			return KeyLong
		case k.E < 3 || k.E%2 == 0:
			return KeyExponent
		}
		return KeyGood
	case *ecdsa.PublicKey, ed25519.PublicKey:
		return KeyGood
	}
	return KeyType
}

// KeyName says type and size of a key.
func KeyName(key crypto.PublicKey) string {
	switch k := key.(type) {
	case *rsa.PublicKey:
		return "RSA-" + strconv.Itoa(k.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA " + k.Curve.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return "unknown"
}

// IsOldRSA reports RSA keys below CurrentRSA.
func IsOldRSA(key crypto.PublicKey) bool {
	k, ok := key.(*rsa.PublicKey)
	return ok && k.N.BitLen() < CurrentRSA
}
