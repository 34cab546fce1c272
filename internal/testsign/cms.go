package testsign

import (
	"crypto"
	"encoding/asn1"
	"time"
)

// AlgorithmIdentifier is an algorithm with its parameters as DER; nil
// parameters are absent.
type AlgorithmIdentifier struct {
	OID        asn1.ObjectIdentifier
	Parameters []byte
}

// CMSAttribute is a signed or unsigned attribute. Each value is one DER value.
type CMSAttribute struct {
	OID    asn1.ObjectIdentifier
	Values [][]byte
}

// Scheme is the way an RSA or ECDSA key signs.
type Scheme string

const (
	SchemeDefault Scheme = ""               // RSA: rsaEncryption with PKCS#1 v1.5; ECDSA: ecdsa-with-SHAx; Ed25519
	SchemeHashRSA Scheme = "sha-with-rsa"   // PKCS#1 v1.5 under the name shaXWithRSAEncryption
	SchemePSS     Scheme = "pss"            // RSASSA-PSS, salt as long as the digest
	SchemeECKey   Scheme = "id-ecPublicKey" // ECDSA under the name of the key type
)

// AttributeOrder is the order of the signed attributes in the message and
// under the signature.
type AttributeOrder int

const (
	Sorted           AttributeOrder = iota // DER order in both
	UnsortedBoth                           // reversed in both: signed in the order of the wire
	UnsortedWireOnly                       // reversed in the message, signed in DER order
)

// SignerInfo says how to write one signer. The zero value is the good case:
// issuerAndSerialNumber, SHA-256 (SHA-512 for Ed25519), signed attributes
// contentType, signingTime, messageDigest.
type SignerInfo struct {
	By     *Identity     // nil: the identity given to Sign
	Key    crypto.Signer // nil: that of By
	Hash   crypto.Hash   // digest algorithm; 0: SHA-256, SHA-512 for Ed25519
	Scheme Scheme
	Time   time.Time // signingTime; zero: Instant

	Version            int                  // 0: 1, or 3 with SKI
	SKI                bool                 // sid is the subjectKeyIdentifier
	SIDRaw             []byte               // sid as DER
	DigestAlgorithm    *AlgorithmIdentifier // what the message names; nil: that of Hash, parameters NULL for MD5 and SHA-1, absent otherwise
	SignatureAlgorithm *AlgorithmIdentifier // what the message names; nil: that of Scheme
	Digest             []byte               // messageDigest; nil: that of the content
	Signature          []byte               // nil: the right one
	WrongSignature     bool                 // one bit flipped

	NoAttributes    bool                    // no signedAttrs, the signature is over the content
	EmptyAttributes bool                    // signedAttrs present and empty, the signature is over the content
	Omit            []asn1.ObjectIdentifier // default attributes that are left out
	Replace         []CMSAttribute          // in place of the default attribute of that type
	Add             []CMSAttribute          // further signed attributes, also second ones of a type
	Order           AttributeOrder
	Unsigned        []CMSAttribute
	Trailing        []byte // further bytes at the end of the SEQUENCE
}

// Encoding is the form of the whole.
type Encoding int

const (
	DER        Encoding = iota
	BEROuter            // indefinite lengths from ContentInfo down to the certificates field, signerInfos in DER
	BERAll              // indefinite lengths wherever something is constructed, certificates aside
	NonMinimal          // the outermost length has one octet more than it needs
)

// SignedData says how to write a signature. The zero value is the good
// case: detached, id-data, DER, one signer, the certificate and its authorities.
type SignedData struct {
	Signer   SignerInfo
	Others   []SignerInfo // further signers
	NoSigner bool         // signerInfos without Signer; Others are still written

	Opaque       bool                  // the content is inside
	Content      []byte                // eContent, whatever was signed; implies Opaque
	Chunks       int                   // the content as a constructed OCTET STRING in so many pieces; implies Opaque
	Unsigned     []byte                // one more piece, which was not signed; implies Chunks
	EmptyContent bool                  // eContent present with nothing in it: 24 80 00 00 in BER, 04 00 in DER
	ContentType  asn1.ObjectIdentifier // of eContentType and of the attribute; nil: id-data
	EContentType asn1.ObjectIdentifier // eContentType alone

	Version                             int                   // 0: 1, or 3 as RFC 5652 §5.1 asks
	DigestAlgorithms                    []AlgorithmIdentifier // nil: those of the signers
	Certificates                        [][]byte              // entries of the field; nil: the chains of the signers
	CertificatesFirst, CertificatesLast [][]byte              // entries before and after those
	NoCertificates                      bool
	CRLs                                [][]byte // entries of the crls field
	Encoding                            Encoding
	TrailingInside                      []byte // further bytes at the end of the SignedData SEQUENCE
	Trailing                            []byte // further bytes after the ContentInfo
}

// Sign writes the signature of id over content.
func (s SignedData) Sign(id *Identity, content []byte) []byte { panic("todo") }

// StripAttributes takes the signed attributes out of a signature made by this
// package in DER and returns it with the content that it is now a signature
// of: the attributes. The signature value is untouched.
func StripAttributes(signature []byte) (stripped, content []byte) { panic("todo") }
