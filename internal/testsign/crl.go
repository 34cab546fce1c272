package testsign

import (
	"crypto"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"time"
)

// Revoked is one entry of a revocation list.
type Revoked struct {
	Certificate *Identity
	Serial      []byte // contents octets, instead of the certificate's
	Time        time.Time
	Reason      int       // CRLReason; 0: the extension is absent
	Invalidity  time.Time // invalidityDate; zero: the extension is absent
	Extra       []Extension
}

// List is a revocation list. spec: RFC 5280 §5.1
type List struct {
	Number     int64 // 0: the extension is absent
	ThisUpdate time.Time
	NextUpdate time.Time // zero: absent
	Revoked    []Revoked
	RawEntries []byte // DER of entries, before those of Revoked; for lists of many
	Extra      []Extension
	Issuer     Name // nil: the subject of who signs

	Hash           crypto.Hash // of the signature; 0: SHA-256
	PSS            bool
	WrongSignature bool // one bit of the signature is flipped
}

// CRL writes a version 2 revocation list of the authority i, signed with
// SHA-256.
func (i *Identity) CRL(number int64, thisUpdate, nextUpdate time.Time, revoked ...Revoked) []byte {
	return List{Number: number, ThisUpdate: thisUpdate, NextUpdate: nextUpdate, Revoked: revoked}.SignedBy(i)
}

// SignedBy writes the list, version 2, in DER.
func (l List) SignedBy(i *Identity) []byte {
	if l.Hash == 0 {
		l.Hash = crypto.SHA256
	}
	if l.Issuer == nil {
		l.Issuer = i.Subject
	}
	var entries [][]byte
	for _, r := range l.Revoked {
		entries = append(entries, r.der())
	}
	var list, next []byte
	if len(entries)+len(l.RawEntries) > 0 {
		list = sequence(append([][]byte{l.RawEntries}, entries...)...)
	}
	if !l.NextUpdate.IsZero() {
		next = timeValue(l.NextUpdate)
	}
	extensions := []Extension{{OID: OIDAuthorityKeyID, Value: sequence(implicit(0, i.keyID))}}
	if l.Number != 0 {
		extensions = append(extensions, Extension{OID: OIDCRLNumber, Value: integer(big.NewInt(l.Number))})
	}
	algorithm := signatureAlgorithm(i.Key, l.Hash, pssOr(l.PSS, SchemeHashRSA)).der()
	tbs := sequence(
		smallInteger(1), algorithm, l.Issuer.der(), timeValue(l.ThisUpdate), next,
		list, explicit(0, extensionList(append(extensions, l.Extra...))),
	)
	return signedStructure(i, l.Hash, l.PSS, l.WrongSignature, tbs, algorithm)
}

// signedStructure puts what is signed, the algorithm and the signature together.
func signedStructure(i *Identity, h crypto.Hash, pss, wrong bool, tbs, algorithm []byte, more ...[]byte) []byte {
	signature := signBytes(i.Key, h, pss, tbs)
	if wrong {
		signature[len(signature)-1] ^= 1
	}
	return sequence(append([][]byte{tbs, algorithm, bits(signature)}, more...)...)
}

func extensionList(list []Extension) []byte {
	var all [][]byte
	for _, e := range list {
		all = append(all, e.der())
	}
	return sequence(all...)
}

func (r Revoked) der() []byte {
	var list []Extension
	if r.Reason != 0 {
		list = append(list, Extension{OID: OIDReasonCode, Value: tlv(tagEnumerated, []byte{byte(r.Reason)})})
	}
	if !r.Invalidity.IsZero() {
		list = append(list, Extension{OID: OIDInvalidityDate, Value: generalizedTime(r.Invalidity)})
	}
	list = append(list, r.Extra...)
	var extensions []byte
	if len(list) > 0 {
		extensions = extensionList(list)
	}
	serial := tlv(tagInteger, r.Serial)
	if r.Serial == nil {
		serial = r.Certificate.serial
	}
	return sequence(serial, timeValue(r.Time), extensions)
}

// DeltaList marks a list as a delta of the list with that number.
func DeltaList(base int64) Extension {
	return Extension{OID: OIDDeltaCRL, Critical: true, Value: integer(big.NewInt(base))}
}

// ExpiredOnList says that a list keeps certificates that expired after a time.
func ExpiredOnList(since time.Time) Extension {
	return Extension{OID: OIDExpiredOnList, Value: generalizedTime(since)}
}

// IssuingPoint is IssuingDistributionPoint. spec: RFC 5280 §5.2.5
type IssuingPoint struct {
	URL                                  string
	Users, Authorities, Attributes       bool
	SomeReasons, Indirect, RelativeNamed bool
}

// Extension writes it, critical.
func (p IssuingPoint) Extension() Extension {
	var fields [][]byte
	if p.URL != "" {
		fields = append(fields, explicit(0, explicit(0, implicit(6, []byte(p.URL)))))
	}
	if p.RelativeNamed {
		fields = append(fields, explicit(0, explicit(1, sequence(oid(OIDCommonName), tlv(tagUTF8, []byte("punto"))))))
	}
	flag := func(n byte, set bool) {
		if set {
			fields = append(fields, implicit(n, []byte{0xff}))
		}
	}
	flag(1, p.Users)
	flag(2, p.Authorities)
	if p.SomeReasons {
		fields = append(fields, implicit(3, []byte{6, 0x40}))
	}
	flag(4, p.Indirect)
	flag(5, p.Attributes)
	return Extension{OID: OIDIssuingPoint, Critical: true, Value: sequence(fields...)}
}

// DistributionPoint is the extension of a certificate that says where its lists
// are. spec: RFC 5280 §4.2.1.13
func DistributionPoint(urls ...string) Extension {
	var points [][]byte
	for _, u := range urls {
		points = append(points, sequence(explicit(0, explicit(0, implicit(6, []byte(u))))))
	}
	return Extension{OID: OIDDistributionPoint, Value: sequence(points...)}
}

// StatusServer is the extension of a certificate that says where its responder
// is. spec: RFC 5280 §4.2.2.1
func StatusServer(url string) Extension {
	return Extension{OID: OIDAuthorityInfo, Value: sequence(sequence(oid(OIDOCSP), implicit(6, []byte(url))))}
}

// CertificateIssuer is the entry extension of indirect lists.
func CertificateIssuer(i *Identity) Extension {
	return Extension{OID: OIDCertificateIssuer, Critical: true, Value: sequence(explicit(4, i.Subject.der()))}
}

// CRLPEM writes a list in PEM, with certificates beside it.
func CRLPEM(der []byte, certificates ...*Identity) []byte {
	out := pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der})
	for _, c := range certificates {
		out = append(out, c.PEM()...)
	}
	return out
}

// Object identifiers of revocation.
var (
	OIDInvalidityDate    = asn1.ObjectIdentifier{2, 5, 29, 24}
	OIDDeltaCRL          = asn1.ObjectIdentifier{2, 5, 29, 27}
	OIDIssuingPoint      = asn1.ObjectIdentifier{2, 5, 29, 28}
	OIDCertificateIssuer = asn1.ObjectIdentifier{2, 5, 29, 29}
	OIDDistributionPoint = asn1.ObjectIdentifier{2, 5, 29, 31}
	OIDExpiredOnList     = asn1.ObjectIdentifier{2, 5, 29, 60}
	OIDAuthorityInfo     = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 1}
	OIDOCSPSigning       = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 9}
	OIDOCSP              = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1}
	OIDOCSPBasic         = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 1}
	OIDOCSPNonce         = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 2}
	OIDOCSPNoCheck       = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}
	OIDArchiveCutoff     = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 6}
	OIDExtendedRevoke    = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 9}
)
