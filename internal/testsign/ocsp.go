package testsign

import (
	"crypto"
	"time"
)

// CertStatus is what a response says of a certificate.
type CertStatus string

// The statuses.
const (
	CertGood    CertStatus = "good"
	CertRevoked CertStatus = "revoked"
	CertUnknown CertStatus = "unknown"
)

// CertificateStatus is one status in a response.
type CertificateStatus struct {
	Certificate *Identity // with its issuer
	Issuer      *Identity // instead of the certificate's
	Hash        crypto.Hash
	Status      CertStatus // "": CertGood
	Revoked     time.Time
	Reason      int // CRLReason; 0: absent
	ThisUpdate  time.Time
	NextUpdate  time.Time // zero: absent
	Extra       []Extension
}

// Response is a response of a status responder. spec: RFC 6960 §4.2.1
type Response struct {
	Refusal      int // responseStatus; anything but 0 is the whole response
	ProducedAt   time.Time
	Statuses     []CertificateStatus
	Certificates []*Identity // that come along
	ByName       bool        // the responder is named by its subject instead of its key
	As           *Identity   // whom the responder is named as, if not as who signs
	Extra        []Extension

	Hash           crypto.Hash // of the signature; 0: SHA-256
	PSS            bool
	WrongSignature bool
}

// SignedBy writes the response in DER.
func (r Response) SignedBy(i *Identity) []byte {
	if r.Refusal != 0 {
		return sequence(tlv(tagEnumerated, []byte{byte(r.Refusal)}))
	}
	if r.Hash == 0 {
		r.Hash = crypto.SHA256
	}
	as := i
	if r.As != nil {
		as = r.As
	}
	id := explicit(2, octets(digestOf(crypto.SHA1, as.keyBits())))
	if r.ByName {
		id = explicit(1, as.Subject.der())
	}
	var statuses [][]byte
	for _, s := range r.Statuses {
		statuses = append(statuses, s.der())
	}
	var extensions, certificates []byte
	if len(r.Extra) > 0 {
		extensions = explicit(1, extensionList(r.Extra))
	}
	if len(r.Certificates) > 0 {
		var all [][]byte
		for _, c := range r.Certificates {
			all = append(all, c.DER)
		}
		certificates = explicit(0, sequence(all...))
	}
	algorithm := signatureAlgorithm(i.Key, r.Hash, pssOr(r.PSS, SchemeHashRSA)).der()
	data := sequence(id, generalizedTime(r.ProducedAt), sequence(statuses...), extensions)
	basic := signedStructure(i, r.Hash, r.PSS, r.WrongSignature, data, algorithm, certificates)
	return sequence(tlv(tagEnumerated, []byte{0}), explicit(0, sequence(oid(OIDOCSPBasic), octets(basic))))
}

func (s CertificateStatus) der() []byte {
	issuer := s.Issuer
	if issuer == nil {
		issuer = s.Certificate.Issuer
	}
	if s.Hash == 0 {
		s.Hash = crypto.SHA1
	}
	id := sequence(
		sequence(oid(digestOID(s.Hash)), null()),
		octets(digestOf(s.Hash, issuer.Subject.der())),
		octets(digestOf(s.Hash, issuer.keyBits())),
		s.Certificate.serial,
	)
	status := implicit(0)
	switch s.Status {
	case CertUnknown:
		status = implicit(2)
	case CertRevoked:
		var reason []byte
		if s.Reason != 0 {
			reason = explicit(0, tlv(tagEnumerated, []byte{byte(s.Reason)}))
		}
		status = explicit(1, generalizedTime(s.Revoked), reason)
	}
	var next, extensions []byte
	if !s.NextUpdate.IsZero() {
		next = explicit(0, generalizedTime(s.NextUpdate))
	}
	if len(s.Extra) > 0 {
		extensions = explicit(1, extensionList(s.Extra))
	}
	return sequence(id, status, generalizedTime(s.ThisUpdate), next, extensions)
}

// keyBits are the bits of the identity's public key.
func (i *Identity) keyBits() []byte {
	v, _ := element(spkiOf(i.Key.Public()))
	return elements(v.Bytes)[1].Bytes[1:]
}

func digestOf(h crypto.Hash, b []byte) []byte {
	w := h.New()
	w.Write(b)
	return w.Sum(nil)
}

// Nonce is the extension that repeats the nonce of a request.
func Nonce(b []byte) Extension { return Extension{OID: OIDOCSPNonce, Value: octets(b)} }

// ArchiveCutoff says since when a responder keeps expired certificates.
func ArchiveCutoff(t time.Time) Extension {
	return Extension{OID: OIDArchiveCutoff, Value: generalizedTime(t)}
}

// ExtendedRevoke says that the responder calls revoked what was never issued.
func ExtendedRevoke() Extension { return Extension{OID: OIDExtendedRevoke, Value: null()} }

// InvalidityDate is the entry extension, which responses may have, too.
func InvalidityDate(t time.Time) Extension {
	return Extension{OID: OIDInvalidityDate, Value: generalizedTime(t)}
}

// NoCheck is the extension of a responder's certificate that says that it need
// not be asked about itself.
func NoCheck() Extension { return Extension{OID: OIDOCSPNoCheck, Value: null()} }
