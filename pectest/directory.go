package pectest

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/gopec/gopec/internal/cms"
	"github.com/gopec/gopec/trust/directory"
)

// directoryLocation is where the circuit's directory says that it is published.
// Nothing is there.
const directoryLocation = "https://indice.example.it/indice.ldif.p7m"

// manager is who keeps and signs the circuit's directory of providers.
type manager struct {
	key         crypto.Signer
	certificate *x509.Certificate
}

// appoint makes the manager's key and certificate.
func (a *authority) appoint(start time.Time) (*manager, error) {
	key, err := KeyECDSA.generate() // the fastest to make
	if err != nil {
		return nil, err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return nil, err
	}
	id := sha256.Sum256(public)
	c, err := create(&x509.Certificate{
		SerialNumber: serial(),
		Subject:      pkix.Name{Country: []string{"IT"}, Organization: []string{NoLegalValue + " - Indice dei gestori"}, CommonName: NoLegalValue},
		NotBefore:    start.AddDate(-yearsBefore, 0, 0), NotAfter: start.AddDate(yearsAfter, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, SubjectKeyId: id[:20],
	}, a.certificate, key.Public(), a.key)
	if err != nil {
		return nil, err
	}
	return &manager{key, c}, nil
}

// records are the providers as the directory lists them.
func (c *Circuit) records() []*directory.Record {
	var out []*directory.Record
	for _, p := range c.providers {
		out = append(out, &directory.Record{
			// The name that the certificate gives, as RFC 6109 §5.5.1 has it.
			Provider:     p.Certificate().Subject.Organization[0],
			Certificates: []*x509.Certificate{p.Certificate()},
			Receipt:      p.service.address,
			Domains:      slices.Clone(p.domains),
			Description:  []string{NoLegalValue},
		})
	}
	return out
}

// WriteLDIF writes the circuit's directory of providers as plain LDIF. The error
// is w's.
//
// spec: RFC 6109 §4.5
func (c *Circuit) WriteLDIF(w io.Writer) error {
	return directory.Write(w, directoryLocation, c.records()...)
}

// SignedLDIF returns the circuit's directory of providers as a .p7m file, signed
// at the time of the circuit's clock under its authority: the anchor to read it
// with is that of [Circuit.Anchor].
//
// spec: RFC 6109 §4.5, §4.5.6
func (c *Circuit) SignedLDIF() ([]byte, error) {
	var b bytes.Buffer
	if err := c.WriteLDIF(&b); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(b.Bytes())
	s := cms.Signing{Key: c.manager.key, Certificate: c.manager.certificate, Time: c.clock.Now(), Content: b.Bytes()}
	out, err := s.Sign(sum[:])
	if err != nil {
		return nil, fmt.Errorf("pectest: signing the directory: %w", err)
	}
	return out, nil
}

// Directory returns the circuit's directory of providers, signed and read back,
// for pec.VerifyOptions.
func (c *Circuit) Directory() (*directory.Directory, error) {
	b, err := c.SignedLDIF()
	if err != nil {
		return nil, err
	}
	return directory.ReadSigned("indice.ldif.p7m", b, c.store, &directory.Options{Clock: c.clock.Now})
}
