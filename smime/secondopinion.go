package smime

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"fmt"

	"go.mozilla.org/pkcs7"

	"github.com/gopec/gopec/internal/cms"
)

// Dissent says why the second opinion is not an agreement.
type Dissent struct {
	// Unreadable tells that the other library does not read this shape of
	// signature, so that it has no opinion. False means that it read the same
	// bytes and disagrees.
	Unreadable bool
	// Err is the reader's error, or [ErrChanged], if the signature could not be read
	// once more: nobody was asked.
	Err    error
	Detail string
}

// SecondOpinion asks go.mozilla.org/pkcs7 about a signature that was found
// good: whether it takes the same digest and the same signer from it, and
// whether it finds the signature value good. It sees the signature in DER,
// after our bounds were checked, and never the content. The first result is
// true only if it agrees.
func (s *Signed) SecondOpinion(r *Result) (bool, *Dissent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.data == nil {
		return false, &Dissent{Unreadable: true, Detail: "not parsed"}
	}
	if shape := s.unreadShape(r); shape != "" {
		return false, &Dissent{Unreadable: true, Detail: shape}
	}
	b, err := s.DER()
	if err != nil {
		return false, &Dissent{Err: err, Detail: err.Error()}
	}
	der, problem := cms.ToDER(b, cms.MaxSize)
	if problem != nil {
		return false, &Dissent{Detail: problem.Detail}
	}
	p7, err := pkcs7.Parse(der)
	if err != nil {
		return false, &Dissent{Detail: err.Error()}
	}
	if len(p7.Signers) == 0 {
		// It drops the error of its ASN.1 decoder: revocation lists in
		// another form than X.509's are what this is known to happen for.
		return false, &Dissent{Unreadable: true, Detail: "it finds no signer"}
	}
	if err := s.compare(p7, r); err != nil {
		return false, &Dissent{Detail: err.Error()}
	}
	return true, nil
}

// unreadShape names the shape of a signature that the other library is known
// not to read, "" for the others.
func (s *Signed) unreadShape(r *Result) string {
	d := s.data
	if len(r.Signers) == 0 {
		return "no signer"
	}
	for _, n := range d.Notes {
		if n.Code == cms.NoteWireOrder || n.Code == cms.NoteIssuerName {
			return n.Code
		}
	}
	switch {
	case s.Opaque:
		return "opaque"
	case d.SignatureName != cms.NameRSA && d.SignatureName != cms.NameECDSA:
		return d.SignatureName
	case d.ByKeyID():
		return "subjectKeyIdentifier"
	case len(d.Named()) > 1:
		return "several certificates for the signer"
	case len(d.Skipped()) > 0:
		return "a certificate that crypto/x509 does not read"
	}
	if _, ok := algorithms[d.SignatureName][d.Digest]; !ok {
		return d.DigestName // SHA-224, which crypto/x509 has no name for
	}
	// It refuses the whole signature for any one certificate, and asks
	// crypto/x509, which refuses some that are read here.
	for _, c := range r.Certificates {
		if _, err := x509.ParseCertificate(c.Raw); err != nil {
			return "a certificate that crypto/x509 does not read"
		}
	}
	return ""
}

func (s *Signed) compare(p7 *pkcs7.PKCS7, r *Result) error {
	var digest []byte
	if err := p7.UnmarshalSignedAttribute(pkcs7.OIDAttributeMessageDigest, &digest); err != nil {
		return err
	}
	if s.data.CheckDigest(digest) != nil {
		return fmt.Errorf("it reads the digest %x", digest)
	}
	signer := p7.GetOnlySigner()
	if signer == nil || !bytes.Equal(signer.Raw, r.Signers[0].Raw) {
		return fmt.Errorf("it takes another certificate for the signer's")
	}
	attributes, err := setOf(p7.Signers[0].AuthenticatedAttributes)
	if err != nil {
		return err
	}
	return signer.CheckSignature(algorithms[s.data.SignatureName][s.data.Digest], attributes, p7.Signers[0].EncryptedDigest)
}

// setOf encodes the attributes as the other library decoded them.
func setOf[T any](attributes []T) ([]byte, error) {
	b, err := asn1.Marshal(struct {
		A []T `asn1:"set"`
	}{attributes})
	if err != nil {
		return nil, err
	}
	var set asn1.RawValue // the one field of the SEQUENCE
	if _, err := asn1.Unmarshal(b, &set); err != nil {
		return nil, err
	}
	return set.Bytes, nil
}

var algorithms = map[string]map[crypto.Hash]x509.SignatureAlgorithm{
	cms.NameRSA: {crypto.SHA1: x509.SHA1WithRSA, crypto.SHA256: x509.SHA256WithRSA,
		crypto.SHA384: x509.SHA384WithRSA, crypto.SHA512: x509.SHA512WithRSA},
	cms.NameECDSA: {crypto.SHA1: x509.ECDSAWithSHA1, crypto.SHA256: x509.ECDSAWithSHA256,
		crypto.SHA384: x509.ECDSAWithSHA384, crypto.SHA512: x509.ECDSAWithSHA512},
}
