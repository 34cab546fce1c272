package trust

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/gopec/gopec/internal/cms"
)

// ParseAnchors reads the certificates in a file: PEM blocks, with whatever
// text stands around them, or one certificate in DER. A PEM block of another
// type, such as a key, is an error, and so is a file without a certificate.
func ParseAnchors(b []byte) ([]*x509.Certificate, error) {
	if !bytes.Contains(b, []byte("-----BEGIN")) {
		c, err := cms.ParseCertificate(b)
		if err != nil {
			return nil, fmt.Errorf("trust: no certificate in PEM or DER: %w", err)
		}
		return []*x509.Certificate{c}, nil
	}
	var all []*x509.Certificate
	for {
		var block *pem.Block
		if block, b = pem.Decode(b); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("trust: a PEM block of type %q where certificates belong", block.Type)
		}
		c, err := cms.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("trust: certificate %d: %w", len(all)+1, err)
		}
		all = append(all, c)
	}
	if len(all) == 0 {
		return nil, errors.New("trust: a PEM file without a certificate")
	}
	return all, nil
}
