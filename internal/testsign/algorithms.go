package testsign

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	_ "crypto/md5" // the hashes that messages name
	"crypto/rsa"
	_ "crypto/sha1"
	_ "crypto/sha256"
	_ "crypto/sha512"
	"encoding/asn1"
	"fmt"
)

// AlgorithmIdentifier is an algorithm with its parameters as DER; nil
// parameters are absent.
type AlgorithmIdentifier struct {
	OID        asn1.ObjectIdentifier
	Parameters []byte
}

func (a AlgorithmIdentifier) der() []byte { return sequence(oid(a.OID), a.Parameters) }

// Scheme is the way an RSA or ECDSA key signs, and how the message names it.
type Scheme string

// The schemes. The default is PKCS#1 v1.5 under the name rsaEncryption for
// RSA, ecdsa-with-SHA… for ECDSA, and Ed25519 for that.
const (
	SchemeDefault Scheme = ""
	SchemeHashRSA Scheme = "sha-with-rsa"   // PKCS#1 v1.5 under the name sha…WithRSAEncryption
	SchemePSS     Scheme = "pss"            // RSASSA-PSS, salt as long as the digest
	SchemeECKey   Scheme = "id-ecPublicKey" // ECDSA under the name of the key type
)

func pssOr(pss bool, otherwise Scheme) Scheme {
	if pss {
		return SchemePSS
	}
	return otherwise
}

type hashOIDs struct{ digest, rsa, ecdsa asn1.ObjectIdentifier }

var byHash = map[crypto.Hash]hashOIDs{
	crypto.MD5:    {OIDMD5, OIDMD5WithRSA, nil},
	crypto.SHA1:   {OIDSHA1, OIDSHA1WithRSA, OIDECDSASHA1},
	crypto.SHA224: {OIDSHA224, OIDSHA224WithRSA, OIDECDSASHA224},
	crypto.SHA256: {OIDSHA256, OIDSHA256WithRSA, OIDECDSASHA256},
	crypto.SHA384: {OIDSHA384, OIDSHA384WithRSA, OIDECDSASHA384},
	crypto.SHA512: {OIDSHA512, OIDSHA512WithRSA, OIDECDSASHA512},
}

func digestOID(h crypto.Hash) asn1.ObjectIdentifier {
	ids, ok := byHash[h]
	if !ok {
		panic(fmt.Sprintf("testsign: no identifier for hash %v", h))
	}
	return ids.digest
}

// digestAlgorithm has parameters NULL for the old hashes and none for SHA-2,
// as RFC 3370 §2.1 and RFC 5754 §2 ask.
func digestAlgorithm(h crypto.Hash) AlgorithmIdentifier {
	a := AlgorithmIdentifier{OID: digestOID(h)}
	if h == crypto.MD5 || h == crypto.SHA1 {
		a.Parameters = null()
	}
	return a
}

func signatureAlgorithm(key crypto.Signer, h crypto.Hash, s Scheme) AlgorithmIdentifier {
	switch key.Public().(type) {
	case *rsa.PublicKey:
		switch s {
		case SchemePSS:
			return AlgorithmIdentifier{OIDPSS, pssParameters(h)}
		case SchemeHashRSA:
			return AlgorithmIdentifier{byHash[h].rsa, null()}
		}
		return AlgorithmIdentifier{OIDRSA, null()}
	case *ecdsa.PublicKey:
		if s == SchemeECKey {
			return AlgorithmIdentifier{OID: OIDECPublicKey}
		}
		return AlgorithmIdentifier{OID: byHash[h].ecdsa}
	case ed25519.PublicKey:
		return AlgorithmIdentifier{OID: OIDEd25519}
	}
	panic(fmt.Sprintf("testsign: key of type %T", key.Public()))
}

// pssParameters writes RSASSA-PSS-params. spec: RFC 4055 §3.1
func pssParameters(h crypto.Hash) []byte {
	hash := sequence(oid(digestOID(h)), null())
	return sequence(
		explicit(0, hash),
		explicit(1, sequence(oid(OIDMGF1), hash)),
		explicit(2, smallInteger(h.Size())),
	)
}
