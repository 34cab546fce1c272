package testsign

import (
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"math/big"
	"time"
)

// KeyType is a kind of key that [Key] makes.
type KeyType string

// The key types. RSA512 is made and used by this package's own arithmetic,
// because crypto/rsa refuses it.
const (
	RSA512  KeyType = "rsa-512"
	RSA1024 KeyType = "rsa-1024"
	RSA2048 KeyType = "rsa-2048"
	RSA3072 KeyType = "rsa-3072"
	RSA4096 KeyType = "rsa-4096"
	P256    KeyType = "p-256"
	P384    KeyType = "p-384"
	P521    KeyType = "p-521"
	Ed25519 KeyType = "ed25519"
)

// Key returns the key of that type and name: the same one for the same
// arguments during the life of the process.
func Key(t KeyType, name string) crypto.Signer { panic("todo") }

// Attribute is one attribute of a distinguished name.
type Attribute struct {
	OID   asn1.ObjectIdentifier
	Value string
	Tag   int // ASN.1 string type; 0 means PrintableString if it can hold the value, else UTF8String
}

// Name is a distinguished name, one attribute to an RDN.
type Name []Attribute

// NewName returns C=IT, O=organization, CN=commonName; an empty argument
// leaves its attribute out.
func NewName(organization, commonName string) Name { panic("todo") }

// Extension is one extension of a certificate; Value is the DER inside the
// OCTET STRING.
type Extension struct {
	OID      asn1.ObjectIdentifier
	Critical bool
	Value    []byte
}

// BasicConstraints is the extension of that name.
type BasicConstraints struct {
	CA          bool
	PathLen     *int // nil: absent
	NotCritical bool
}

// Subtree is one GeneralSubtree of a name constraint: exactly one field is set.
type Subtree struct {
	Email     string // rfc822Name: mailbox, host, or .domain
	Directory Name   // directoryName
	DNS       string
	Raw       []byte // any GeneralName, as DER
}

// NameConstraints is the extension of that name.
type NameConstraints struct {
	Permitted, Excluded []Subtree
	Critical            bool
}

// Certificate says what certificate to write. Its zero value, issued by an
// authority, has the profile of RFC 6109 §5.5: RSA-2048, SHA-256, key usage
// digitalSignature critical, extended key usage emailProtection, one
// rfc822Name, AgID's policy for PEC signers, key identifiers. With CA set it is
// an authority: basicConstraints cA=TRUE critical, keyCertSign and cRLSign
// critical, no address, no extended key usage, no policy.
type Certificate struct {
	CA bool

	Subject      Name     // nil: "Gestore di prova …" for a leaf, "PEC TEST CA - NO LEGAL VALUE" for an authority
	Issuer       Name     // nil: the subject of the issuer
	Addresses    []string // rfc822Names of subjectAltName; nil: "posta-certificata@pec.example.it" for a leaf
	Serial       *big.Int // nil: made from subject and key
	SerialOctets []byte   // contents octets of the serial number, instead of Serial
	NotBefore    time.Time
	NotAfter     time.Time

	KeyType KeyType       // of the key made for it; "": RSA2048
	Key     crypto.Signer // instead of a key made for it
	SPKI    []byte        // subjectPublicKeyInfo as it shall be written, instead of that of the key

	KeyUsage            x509.KeyUsage // 0: see above; Omit takes the extension away
	KeyUsageNotCritical bool
	ExtKeyUsage         []asn1.ObjectIdentifier // nil: see above
	ExtKeyUsageCritical bool
	Policies            []asn1.ObjectIdentifier // nil: see above
	BasicConstraints    *BasicConstraints       // nil: absent from a leaf
	NameConstraints     *NameConstraints
	Omit                []asn1.ObjectIdentifier // extensions that are left out
	Extra               []Extension             // further extensions; one with the OID of another replaces it

	Hash           crypto.Hash // of the signature; 0: SHA-256
	PSS            bool        // sign with RSA-PSS
	WrongSignature bool        // one bit of the signature is flipped
	Version        int         // 0: 3
}

// Identity is a certificate with the key it certifies and what issued it.
type Identity struct {
	DER    []byte
	Key    crypto.Signer
	Issuer *Identity // nil if self-signed

	Subject      Name
	Organization string // O of the subject
	Address      string // first rfc822Name, "" without one
}

// SelfSigned writes the certificate signed with its own key.
func (c Certificate) SelfSigned() *Identity { panic("todo") }

// IssuedBy writes the certificate signed with the key of the issuer.
func (c Certificate) IssuedBy(issuer *Identity) *Identity { panic("todo") }

// Chain returns the certificate and those above it, as DER, the self-signed
// one last.
func (i *Identity) Chain() [][]byte { panic("todo") }

// X509 returns the certificate as crypto/x509 reads it. It panics if
// crypto/x509 refuses it.
func (i *Identity) X509() *x509.Certificate { panic("todo") }

// PEM returns the certificate in PEM.
func (i *Identity) PEM() []byte { panic("todo") }

// DecoySPKI returns the subjectPublicKeyInfo of an RSA key of that size and
// exponent that belongs to nobody: an odd number which depends on the seed.
func DecoySPKI(bits int, exponent int64, seed string) []byte { panic("todo") }

// NewCircle returns the circuit. Its parts are made once per process.
func NewCircle() *Circle { panic("todo") }
