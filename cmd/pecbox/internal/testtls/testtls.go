// Package testtls makes the certificate with which the box speaks TLS, and the
// authority that clients are told to believe for it.
//
// The authority is not the one that signs PEC messages, as in the real circuit. Its
// key is dropped once the certificate is made, and its certificate can vouch only
// for servers, and only for the names of this one: whoever forgets it in a mail
// program's settings has lost nothing.
package testtls

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"time"

	"github.com/gopec/gopec/pectest"
)

// Identity is what a server needs, and what its clients are given.
type Identity struct {
	Config    *tls.Config
	Authority *x509.Certificate
}

// valid is how long the certificates last: nobody runs the box longer, and some
// clients refuse more than 398 days.
const valid = 397 * 24 * time.Hour

// New makes an identity for a server under the given host names and IP addresses.
func New(hosts []string) (*Identity, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	from := time.Now().Add(-time.Hour) // for clients whose clock is slow
	ca := &x509.Certificate{
		SerialNumber: serial(),
		Subject:      pkix.Name{Organization: []string{pectest.NoLegalValue}, CommonName: pectest.NoLegalValue + " - TLS"},
		NotBefore:    from, NotAfter: from.Add(valid),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage:                    x509.KeyUsageCertSign,
		ExtKeyUsage:                 []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		PermittedDNSDomainsCritical: true,
	}
	leaf := &x509.Certificate{
		SerialNumber: serial(),
		Subject:      pkix.Name{Organization: []string{pectest.NoLegalValue}, CommonName: hosts[0]},
		NotBefore:    from, NotAfter: from.Add(valid),
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			leaf.IPAddresses = append(leaf.IPAddresses, ip)
			ca.PermittedIPRanges = append(ca.PermittedIPRanges, single(ip))
		} else {
			leaf.DNSNames = append(leaf.DNSNames, h)
			ca.PermittedDNSDomains = append(ca.PermittedDNSDomains, h)
		}
	}
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	ca, err = create(ca, ca, caKey.Public(), caKey)
	if err != nil {
		return nil, err
	}
	leaf, err = create(leaf, ca, key.Public(), caKey)
	if err != nil {
		return nil, err
	}
	return &Identity{
		Authority: ca,
		Config: &tls.Config{
			Certificates: []tls.Certificate{{Certificate: [][]byte{leaf.Raw, ca.Raw}, PrivateKey: key, Leaf: leaf}},
			MinVersion:   tls.VersionTLS12,
		},
	}, nil
}

// single is the range of one address.
func single(ip net.IP) *net.IPNet {
	if v4 := ip.To4(); v4 != nil {
		return &net.IPNet{IP: v4, Mask: net.CIDRMask(32, 32)}
	}
	return &net.IPNet{IP: ip, Mask: net.CIDRMask(128, 128)}
}

func create(template, parent *x509.Certificate, public any, key *ecdsa.PrivateKey) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, key)
	if err != nil {
		return nil, fmt.Errorf("making a certificate for TLS: %w", err)
	}
	return x509.ParseCertificate(der)
}

func serial() *big.Int {
	b := make([]byte, 16)
	rand.Read(b) // never fails
	b[0] = b[0]&0x3f | 0x40
	return new(big.Int).SetBytes(b)
}
