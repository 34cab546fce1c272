package pectest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"time"
)

// NoLegalValue stands in every name of a circuit's certificates.
const NoLegalValue = "PEC TEST — NO LEGAL VALUE"

// policy is the certificate policy of PEC providers' certificates.
var policy = mustOID(1, 3, 76, 16, 3, 1, 1)

func mustOID(arcs ...uint64) x509.OID {
	oid, err := x509.OIDFromInts(arcs)
	if err != nil {
		panic(err)
	}
	return oid
}

// Key is a kind of signing key.
type Key string

// The kinds of key. RSA with 2048 bits is what all providers use.
const (
	KeyRSA     Key = "rsa-2048"
	KeyECDSA   Key = "ecdsa-p256"
	KeyEd25519 Key = "ed25519"
)

// generate makes a key, which never leaves the memory of the process.
func (k Key) generate() (crypto.Signer, error) {
	switch k {
	case KeyRSA, "":
		return rsa.GenerateKey(rand.Reader, 2048)
	case KeyECDSA:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case KeyEd25519:
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	}
	return nil, fmt.Errorf("pectest: %q is no kind of key", k)
}

// authority is the circuit's certification authority. Its certificate names
// the providers as AgID's does: the mail hosts that it may certify.
type authority struct {
	key         crypto.Signer
	certificate *x509.Certificate
}

// Validity of certificates around the start of a circuit. Long, because a test
// that moves the clock by years means something else than expired certificates.
const (
	yearsBefore = 1
	yearsAfter  = 10
)

func newAuthority(start time.Time, hosts []string) (*authority, error) {
	key, err := KeyRSA.generate()
	if err != nil {
		return nil, err
	}
	subject := pkix.Name{Country: []string{"IT"}, Organization: []string{NoLegalValue}, CommonName: NoLegalValue + " - CA"}
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: subject,
		NotBefore: start.AddDate(-yearsBefore, 0, 0), NotAfter: start.AddDate(2*yearsAfter, 0, 0),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage:                x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		PermittedEmailAddresses: hosts,
	}
	c, err := create(template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	return &authority{key, c}, nil
}

// certify makes a provider's certificate.
//
// spec: RFC 6109 §5.5
func (a *authority) certify(key crypto.PublicKey, host, name string, from, until time.Time) (*x509.Certificate, error) {
	public, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return nil, err
	}
	id := sha256.Sum256(public)
	return create(&x509.Certificate{
		SerialNumber: serial(),
		Subject:      pkix.Name{Country: []string{"IT"}, Organization: []string{NoLegalValue + " - " + name}, CommonName: NoLegalValue + " - " + host},
		NotBefore:    from, NotAfter: until,
		KeyUsage:       x509.KeyUsageDigitalSignature,
		ExtKeyUsage:    []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection},
		EmailAddresses: []string{serviceAddress(host)},
		SubjectKeyId:   id[:20],
		Policies:       []x509.OID{policy},
	}, a.certificate, key, a.key)
}

func create(template, parent *x509.Certificate, public crypto.PublicKey, key crypto.Signer) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, key)
	if err != nil {
		return nil, fmt.Errorf("pectest: making a certificate: %w", err)
	}
	return x509.ParseCertificate(der)
}

// serial is positive and unique.
func serial() *big.Int {
	b := make([]byte, 16)
	rand.Read(b) // never fails
	b[0] = b[0]&0x3f | 0x40
	return new(big.Int).SetBytes(b)
}
