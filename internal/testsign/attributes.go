package testsign

import (
	"crypto"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/asn1"
	"time"
)

// CMSAttribute is a signed or unsigned attribute. Each value is one DER value.
type CMSAttribute struct {
	OID    asn1.ObjectIdentifier
	Values [][]byte
}

func (a CMSAttribute) der() []byte { return sequence(oid(a.OID), setOf(a.Values...)) }

// ContentTypeAttribute is the attribute of that name.
func ContentTypeAttribute(contentType asn1.ObjectIdentifier) CMSAttribute {
	return CMSAttribute{OIDContentType, [][]byte{oid(contentType)}}
}

// MessageDigestAttribute is the attribute of that name, with one value or more.
func MessageDigestAttribute(digests ...[]byte) CMSAttribute {
	a := CMSAttribute{OID: OIDMessageDigest}
	for _, d := range digests {
		a.Values = append(a.Values, octets(d))
	}
	return a
}

// SigningTimeAttribute is the attribute of that name.
func SigningTimeAttribute(t time.Time) CMSAttribute {
	return CMSAttribute{OIDSigningTime, [][]byte{timeValue(t)}}
}

// SigningCertificate is the attribute signing-certificate (with SHA-1) that
// names the certificate of id. spec: RFC 2634 §5.4
func SigningCertificate(id *Identity) CMSAttribute {
	sum := sha1.Sum(id.DER)
	return CMSAttribute{OIDSigningCertificate, [][]byte{sequence(sequence(essCertID(octets(sum[:]), id)))}}
}

// SigningCertificateV2 is the attribute signing-certificate-v2 that names the
// certificate of id by a digest made with hash. spec: RFC 5035 §3
func SigningCertificateV2(id *Identity, hash crypto.Hash) CMSAttribute {
	h := hash.New()
	h.Write(id.DER)
	fields := octets(h.Sum(nil))
	if hash != crypto.SHA256 { // the DEFAULT
		fields = append(AlgorithmIdentifier{OID: digestOID(hash)}.der(), fields...)
	}
	return CMSAttribute{OIDSigningCertificateV2, [][]byte{sequence(sequence(essCertID(fields, id)))}}
}

// essCertID writes ESSCertID and ESSCertIDv2 with the issuer and serial number.
func essCertID(hash []byte, id *Identity) []byte {
	return sequence(hash, sequence(sequence(explicit(4, id.issuerName)), id.serial))
}

// AlgorithmProtection is the attribute CMSAlgorithmProtection: the algorithms
// that the signer meant. spec: RFC 6211 §2
func AlgorithmProtection(digest, signature AlgorithmIdentifier) CMSAttribute {
	return CMSAttribute{OIDAlgorithmProtection, [][]byte{sequence(
		digest.der(), tlv(tagExplicit|1, oid(signature.OID), signature.Parameters),
	)}}
}

// SMIMECapabilities is the attribute of that name, with AES-256 and SHA-256.
func SMIMECapabilities() CMSAttribute {
	aes := asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}
	return CMSAttribute{OIDSMIMECapabilities, [][]byte{sequence(sequence(oid(aes)), sequence(oid(OIDSHA256)))}}
}

// TimeStampToken writes an RFC 3161 token over message: a SignedData whose
// content is a TSTInfo.
func TimeStampToken(tsa *Identity, message []byte, at time.Time) []byte {
	info := TSTInfo(message, at)
	attribute := SigningCertificateV2(tsa, crypto.SHA256)
	return SignedData{
		ContentType: OIDTSTInfo, Opaque: true,
		Signer: SignerInfo{Time: at, Add: []CMSAttribute{attribute}},
	}.Sign(tsa, info)
}

// TSTInfo writes the content of a time-stamp token, with the SHA-256 digest of
// message. spec: RFC 3161 §2.4.2
func TSTInfo(message []byte, at time.Time) []byte {
	imprint := sha256.Sum256(message)
	policy := asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 1} // of the arc for examples, RFC 5612
	return sequence(
		smallInteger(1), oid(policy),
		sequence(sequence(oid(OIDSHA256), null()), octets(imprint[:])),
		tlv(tagInteger, []byte{0x40, imprint[0]}), generalizedTime(at),
	)
}

// AttributeCertificateEntry is an entry of the certificates field that is no
// certificate of a key but a version 2 attribute certificate, [2]. It has the
// form of one and an empty signature. spec: RFC 5755 §4.1
func AttributeCertificateEntry(issuer *Identity) []byte {
	algorithm := AlgorithmIdentifier{OIDSHA256WithRSA, null()}.der()
	name := explicit(4, issuer.Subject.der())
	role := CMSAttribute{asn1.ObjectIdentifier{2, 5, 4, 72}, [][]byte{sequence(explicit(1, implicit(6, []byte("urn:example:role"))))}}
	info := sequence(
		smallInteger(1),
		sequence(explicit(1, name)), // holder: entityName
		explicit(0, sequence(name)), // issuer: v2Form
		algorithm, smallInteger(7),
		sequence(generalizedTime(Instant), generalizedTime(Instant.AddDate(1, 0, 0))),
		sequence(role.der()),
	)
	return explicit(2, info, algorithm, bits(make([]byte, 256)))
}

// OtherCertificateEntry is an entry of the certificates field of a format that
// nobody knows, [3]. spec: RFC 5652 §10.2.2
func OtherCertificateEntry() []byte {
	return explicit(3, oid(asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 2}), octets([]byte("other format")))
}

// OCSPEntry is an entry of the crls field that holds an OCSP response (one
// without an answer). spec: RFC 5940 §2
func OCSPEntry() []byte {
	response := sequence(tlv(tagEnumerated, []byte{6})) // unauthorized
	return explicit(1, oid(asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 16, 2}), response)
}
