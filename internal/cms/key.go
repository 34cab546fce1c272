package cms

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/fips140"
	"crypto/rsa"
	"crypto/sha256"
	"math/bits"
	"strconv"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// maxExponentBits bounds an RSA exponent: crypto/rsa reads 31 bits.
const maxExponentBits = 31

// checkKey is check C8k, on the SubjectPublicKeyInfo as it stands: before the
// certificate is parsed and before a number is computed with. It returns nil
// for a key that verify can use. at is where the key stands in the input.
func checkKey(key []byte, at int) *Problem {
	in := cryptobyte.String(key)
	var info cryptobyte.String
	var bitString []byte
	ok := in.ReadASN1(&info, asn1.SEQUENCE)
	a, okAlgorithm := readAlgorithm(&info)
	if !ok || !okAlgorithm || !info.ReadASN1BitStringAsBytes(&bitString) || !info.Empty() {
		return newProblem(CodeKeyUnsupported, at, "malformed")
	}
	switch string(a.oid) {
	case oidRSA:
		return checkRSA(bitString, at)
	case oidECPublicKey, oidEd25519:
		return nil // crypto/x509 refuses what it does not support, and the sizes are fixed
	}
	return newProblem(CodeKeyUnsupported, at, dotted(a.oid))
}

// checkRSA checks RSAPublicKey.
//
// spec: RFC 8017 §3.1, §A.1.1
func checkRSA(bitString []byte, at int) *Problem {
	fail := func(code string, facts ...string) *Problem { return newProblem(code, at, facts...) }
	in := cryptobyte.String(bitString)
	var seq, modulus, exponent cryptobyte.String
	if !in.ReadASN1(&seq, asn1.SEQUENCE) || !in.Empty() ||
		!seq.ReadASN1(&modulus, asn1.INTEGER) || !seq.ReadASN1(&exponent, asn1.INTEGER) || !seq.Empty() {
		return fail(CodeKeyUnsupported, "malformed")
	}
	n, e := bitLength(modulus), bitLength(exponent)
	switch {
	case n < 0, n == 0, modulus[len(modulus)-1]&1 == 0:
		return fail(CodeRSAModulus)
	case n < MinRSABits:
		return fail(CodeRSATooSmall, strconv.Itoa(n), strconv.Itoa(MinRSABits))
	case n > MaxRSABits:
		return fail(CodeRSATooLarge, strconv.Itoa(n), strconv.Itoa(MaxRSABits))
	case e < 2, exponent[len(exponent)-1]&1 == 0:
		return fail(CodeRSAExponent)
	case e > maxExponentBits:
		return fail(CodeRSAExponentBig, strconv.Itoa(e), strconv.Itoa(maxExponentBits))
	case fips140.Enforced() && (n < 2048 || n%2 == 1 || e < 17):
		return fail(CodeFIPSKey, "RSA "+strconv.Itoa(n))
	}
	return nil
}

// bitLength returns the bits of an INTEGER's contents; -1 if it is negative.
func bitLength(contents []byte) int {
	if len(contents) > 0 && contents[0] >= 0x80 {
		return -1
	}
	for i, o := range contents {
		if o != 0 {
			return bits.Len8(o) + 8*(len(contents)-i-1)
		}
	}
	return 0
}

// fits reports whether a key is one of the scheme.
func (g scheme) fits(key crypto.PublicKey) bool {
	switch key.(type) {
	case *rsa.PublicKey:
		return g == schemePKCS1 || g == schemePSS
	case *ecdsa.PublicKey:
		return g == schemeECDSA
	case ed25519.PublicKey:
		return g == schemeEd25519
	}
	return false
}

// verify checks the signature value over signed under a key that fits the
// scheme. The functions called are those for one algorithm each, because
// x509.Certificate.CheckSignature takes the hash from its own table.
func (s *SignedData) verify(key crypto.PublicKey, signed []byte) bool {
	if s.scheme == schemeEd25519 {
		k, ok := key.(ed25519.PublicKey)
		return ok && ed25519.Verify(k, append([]byte{setTag}, signed[1:]...), s.signature)
	}
	sum := s.attributesDigest(signed)
	switch k := key.(type) {
	case *rsa.PublicKey:
		if s.scheme == schemePKCS1 {
			return rsa.VerifyPKCS1v15(k, s.Digest, sum, s.signature) == nil
		}
		// A salt length of 0 means "find it out" to crypto/rsa, which is not less
		// strict in any way that matters.
		return rsa.VerifyPSS(k, s.Digest, sum, s.signature, &rsa.PSSOptions{SaltLength: s.saltLength}) == nil
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(k, sum, s.signature)
	}
	return false
}

// attributesDigest hashes the signed attributes.
//
// spec: RFC 5652 §5.4: with the tag of a SET in the place of [0]
func (s *SignedData) attributesDigest(signed []byte) []byte {
	if s.Digest == crypto.SHA256 {
		sum := attributesSHA256(signed)
		return sum[:]
	}
	h := s.Digest.New()
	h.Write([]byte{setTag})
	h.Write(signed[1:])
	return h.Sum(nil)
}

// attributesSHA256 is attributesDigest for the digest that nearly all use, which
// needs no memory.
func attributesSHA256(signed []byte) [sha256.Size]byte {
	var room [512]byte
	return sha256.Sum256(append(append(room[:0], setTag), signed[1:]...))
}
