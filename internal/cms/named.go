package cms

import "crypto/x509"

// Named returns the certificates that the signer's identifier names, whether
// or not the signature value verifies under them: enough to show who is
// claimed to have signed, never who did.
func (s *SignedData) Named() []*x509.Certificate {
	var all []*x509.Certificate
	for _, e := range s.named() {
		if c, err := e.parse(); err == nil {
			all = append(all, c)
		}
	}
	return all
}

// ByKeyID reports whether the signer is identified by subjectKeyIdentifier
// instead of issuer and serial number.
func (s *SignedData) ByKeyID() bool { return s.signer.key != nil }

// Values of SignedData.SignatureName for which other libraries are asked.
const (
	NameRSA   = string(schemePKCS1)
	NameECDSA = string(schemeECDSA)
)
