package testsign

import (
	"crypto"
	"encoding/asn1"
	"slices"
	"time"
)

// AttributeOrder is the order of the signed attributes in the message and
// under the signature.
type AttributeOrder int

// The orders.
const (
	Sorted           AttributeOrder = iota // DER order in both
	UnsortedBoth                           // reversed in both: signed in the order of the wire
	UnsortedWireOnly                       // reversed in the message, signed in DER order
)

// SignerInfo says how to write one signer. The zero value is the good case:
// issuerAndSerialNumber, SHA-256 (SHA-512 for Ed25519), signed attributes
// contentType, signingTime, messageDigest.
type SignerInfo struct {
	By     *Identity     // nil: the identity given to Sign
	Key    crypto.Signer // nil: that of By
	Hash   crypto.Hash   // digest algorithm; 0: SHA-256, SHA-512 for Ed25519
	Scheme Scheme
	Time   time.Time // signingTime; zero: Instant

	Version            int                  // 0: 1, or 3 with SKI
	SKI                bool                 // sid is the subjectKeyIdentifier
	SID                []byte               // sid as DER, instead
	DigestAlgorithm    *AlgorithmIdentifier // what the message names; nil: that of Hash
	SignatureAlgorithm *AlgorithmIdentifier // what the message names; nil: that of Scheme
	Digest             []byte               // messageDigest; nil: that of the content
	Signature          []byte               // nil: the right one
	WrongSignature     bool                 // one bit is flipped

	NoAttributes    bool                    // no signedAttrs, the signature is over the content
	EmptyAttributes bool                    // signedAttrs present and empty, the signature is over the content
	Omit            []asn1.ObjectIdentifier // default attributes that are left out
	Replace         []CMSAttribute          // in place of the default attribute of that type
	Add             []CMSAttribute          // further signed attributes, also second ones of a type
	Order           AttributeOrder
	Unsigned        []CMSAttribute
	CounterSignedBy *Identity // an unsigned attribute counterSignature
	TimeStampedBy   *Identity // an unsigned attribute with an RFC 3161 token over the signature value
	Trailing        []byte    // further bytes at the end of the SEQUENCE
}

// Encoding is the form of the whole signature.
type Encoding int

// The encodings.
const (
	DER        Encoding = iota
	BEROuter            // indefinite lengths from ContentInfo down to the certificates field; signerInfos in DER
	BERAll              // indefinite lengths wherever something is constructed, certificates aside
	NonMinimal          // DER, but the outermost length has one octet more than it needs
)

// SignedData says how to write a signature. The zero value is the good
// case: detached, id-data, DER, one signer, the certificate and its authorities.
type SignedData struct {
	Signer   SignerInfo
	Others   []SignerInfo // further signers
	NoSigner bool         // signerInfos without Signer; Others are still written

	Opaque       bool                  // the content is inside
	Content      []byte                // eContent, whatever was signed; implies Opaque
	Chunks       int                   // eContent as a constructed OCTET STRING of so many pieces; implies Opaque
	Unsigned     []byte                // one more piece that was not signed; implies Chunks
	EmptyContent bool                  // eContent present with nothing in it: 24 80 00 00 in BER, 04 00 in DER
	ContentType  asn1.ObjectIdentifier // of eContentType and of the attribute; nil: id-data
	EContentType asn1.ObjectIdentifier // eContentType alone, instead

	Version           int                   // 0: as RFC 5652 §5.1 asks
	DigestAlgorithms  []AlgorithmIdentifier // nil: those of the signers; empty: none
	Certificates      [][]byte              // entries of the field; nil: the chains of the signers
	CertificatesFirst [][]byte              // entries before those
	CertificatesLast  [][]byte              // entries after those
	NoCertificates    bool                  // the field is absent
	CRLs              [][]byte              // entries of the crls field; see OCSPEntry and Identity.CRL
	Encoding          Encoding
	TrailingInside    []byte // further bytes at the end of the SignedData SEQUENCE
	Trailing          []byte // further bytes after the ContentInfo
}

// Sign writes the signature of id over content.
//
// spec: RFC 5652 §3, §5
func (s SignedData) Sign(id *Identity, content []byte) []byte {
	signers := s.signers(id)
	wrap, inner := tlv, func(der []byte) []byte { return der }
	switch s.Encoding {
	case BEROuter:
		wrap = indefinite
	case BERAll:
		wrap, inner = indefinite, allIndefinite
	}
	var infos [][]byte
	for _, signer := range signers {
		infos = append(infos, signer.write(s.contentType(), content))
	}
	fields := [][]byte{
		smallInteger(s.version(signers)),
		inner(s.digestAlgorithms(signers)),
		s.encapsulated(wrap, content),
	}
	if certs := s.certificates(signers); len(certs) > 0 {
		fields = append(fields, wrap(tagExplicit, certs...))
	}
	if len(s.CRLs) > 0 {
		fields = append(fields, wrap(tagExplicit|1, s.CRLs...))
	}
	fields = append(fields, inner(set(infos...)), s.TrailingInside)
	out := wrap(tagSequence, oid(OIDSignedData), wrap(tagExplicit, wrap(tagSequence, fields...)))
	if s.Encoding == NonMinimal {
		out = nonMinimal(out)
	}
	return append(out, s.Trailing...)
}

// signers returns the signers to write, each with its identity.
func (s *SignedData) signers(id *Identity) []SignerInfo {
	all := slices.Clone(s.Others)
	if !s.NoSigner {
		all = append([]SignerInfo{s.Signer}, all...)
	}
	for i := range all {
		if all[i].By == nil {
			all[i].By = id
		}
		all[i].setDefaults()
	}
	return all
}

func (s *SignedData) contentType() asn1.ObjectIdentifier {
	if s.ContentType != nil {
		return s.ContentType
	}
	return OIDData
}

// version follows RFC 5652 §5.1.
func (s *SignedData) version(signers []SignerInfo) int {
	if s.Version != 0 {
		return s.Version
	}
	v := 1
	if !s.contentType().Equal(OIDData) {
		v = 3
	}
	for _, signer := range signers {
		if signer.SKI {
			v = 3
		}
	}
	for _, c := range s.certificates(signers) {
		switch c[0] {
		case tagExplicit | 2: // v2AttrCert
			v = max(v, 4)
		case tagExplicit | 3: // other
			v = 5
		}
	}
	for _, c := range s.CRLs {
		if c[0] == tagExplicit|1 { // other
			v = 5
		}
	}
	return v
}

func (s *SignedData) digestAlgorithms(signers []SignerInfo) []byte {
	var all [][]byte
	if s.DigestAlgorithms != nil {
		for _, a := range s.DigestAlgorithms {
			all = append(all, a.der())
		}
		return set(all...)
	}
	for _, signer := range signers {
		all = append(all, signer.DigestAlgorithm.der())
	}
	slices.SortFunc(all, slices.Compare)
	return set(slices.CompactFunc(all, slices.Equal)...)
}

func (s *SignedData) certificates(signers []SignerInfo) [][]byte {
	if s.NoCertificates {
		return nil
	}
	entries := s.Certificates
	if entries == nil {
		for _, signer := range signers {
			for _, c := range signer.By.Chain() {
				if !slices.ContainsFunc(entries, func(e []byte) bool { return slices.Equal(e, c) }) {
					entries = append(entries, c)
				}
			}
		}
	}
	return slices.Concat(s.CertificatesFirst, entries, s.CertificatesLast)
}

// encapsulated writes EncapsulatedContentInfo.
func (s *SignedData) encapsulated(wrap func(byte, ...[]byte) []byte, content []byte) []byte {
	kind := oid(s.contentType())
	if s.EContentType != nil {
		kind = oid(s.EContentType)
	}
	if s.Content != nil {
		content = s.Content
	}
	ber := s.Encoding == BEROuter || s.Encoding == BERAll
	constructed := byte(tagOctetString | tagConstructed)
	var value []byte
	switch {
	case s.EmptyContent && ber:
		value = indefinite(constructed)
	case s.EmptyContent:
		value = octets(nil)
	case s.Chunks > 0 || s.Unsigned != nil || ber && (s.Opaque || s.Content != nil):
		pieces := split(content, max(s.Chunks, 1))
		if s.Unsigned != nil {
			pieces = append(pieces, octets(s.Unsigned))
		}
		value = wrap(constructed, pieces...)
	case s.Opaque || s.Content != nil:
		value = octets(content)
	default:
		return wrap(tagSequence, kind)
	}
	return wrap(tagSequence, kind, wrap(tagExplicit, value))
}

// split writes content as n OCTET STRINGs of about equal length.
func split(content []byte, n int) [][]byte {
	var pieces [][]byte
	for i := range n {
		pieces = append(pieces, octets(content[len(content)*i/n:len(content)*(i+1)/n]))
	}
	return pieces
}
