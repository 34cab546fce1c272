package revocation

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/gopec/gopec/internal/certsig"
)

// response is a status response as it was read; nothing of it is verified.
//
// spec: RFC 6960 §4.2.1
type response struct {
	document
	producedAt   time.Time
	responder    responderID
	certificates []*x509.Certificate // of possible signers
	singles      []single
	nonce        []byte
	extended     bool   // id-pkix-ocsp-extended-revoke
	critical     string // the first critical extension that is not known
}

// responderID says who signed: by name or by the SHA-1 of the key, not both.
type responderID struct {
	name []byte // Name, DER
	key  []byte
}

// single is the status of one certificate.
type single struct {
	hash              crypto.Hash // 0 if it is not known
	issuerName        []byte      // hashes of name and key bits
	issuerKey         []byte
	serial            []byte // shortest contents
	status            Status
	revoked           time.Time
	reason            Reason
	invalidity        time.Time
	thisUpdate, until time.Time
	cutoff            time.Time // archive cutoff
	critical          string
}

// Object identifiers of responses, as contents octets.
var (
	oidBasicResponse  = octets(1, 3, 6, 1, 5, 5, 7, 48, 1, 1)
	oidNonce          = octets(1, 3, 6, 1, 5, 5, 7, 48, 1, 2)
	oidCRLReference   = octets(1, 3, 6, 1, 5, 5, 7, 48, 1, 3)
	oidArchiveCutoff  = octets(1, 3, 6, 1, 5, 5, 7, 48, 1, 6)
	oidExtendedRevoke = octets(1, 3, 6, 1, 5, 5, 7, 48, 1, 9)
)

// certHashes are the hashes by which a response may name the issuer.
var certHashes = map[string]crypto.Hash{
	octets(1, 3, 14, 3, 2, 26):             crypto.SHA1,
	octets(2, 16, 840, 1, 101, 3, 4, 2, 1): crypto.SHA256,
	octets(2, 16, 840, 1, 101, 3, 4, 2, 2): crypto.SHA384,
	octets(2, 16, 840, 1, 101, 3, 4, 2, 3): crypto.SHA512,
}

func malformedOCSP(part string) error {
	return fmt.Errorf("%w status response: %s", ErrMalformed, part)
}

func parseResponse(der []byte) (*response, error) {
	in := cryptobyte.String(der)
	var outer, field, bytesField, oid, basic cryptobyte.String
	var status int
	if !in.ReadASN1(&outer, cbasn1.SEQUENCE) || !in.Empty() || !outer.ReadASN1Enum(&status) {
		return nil, malformedOCSP("not one DER value")
	}
	if status != 0 {
		return nil, &ResponderError{status}
	}
	if !outer.ReadASN1(&field, contextual(0)) || !outer.Empty() ||
		!field.ReadASN1(&bytesField, cbasn1.SEQUENCE) || !field.Empty() ||
		!bytesField.ReadASN1(&oid, cbasn1.OBJECT_IDENTIFIER) ||
		!bytesField.ReadASN1(&basic, cbasn1.OCTET_STRING) || !bytesField.Empty() {
		return nil, malformedOCSP("its frame")
	}
	if string(oid) != oidBasicResponse {
		return nil, malformedOCSP("not of the basic type, but " + oidText(oid))
	}
	r := &response{document: document{kind: OCSP, der: der, sum: sha256.Sum256(der)}}
	return r, r.readBasic(basic)
}

// readBasic reads BasicOCSPResponse.
func (r *response) readBasic(in cryptobyte.String) error {
	var seq, tbs, algorithm, field, all cryptobyte.String
	var there bool
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() ||
		!seq.ReadASN1Element(&tbs, cbasn1.SEQUENCE) || !seq.ReadASN1(&algorithm, cbasn1.SEQUENCE) ||
		!seq.ReadASN1BitStringAsBytes(&r.signed.Signature) ||
		!seq.ReadOptionalASN1(&field, &there, contextual(0)) || !seq.Empty() {
		return malformedOCSP("the basic response")
	}
	r.signed.TBS = tbs
	var err error
	if r.signed.Algorithm, err = certsig.ReadAlgorithm(algorithm); err != nil {
		return malformedOCSP("its signature algorithm")
	}
	if there && (!field.ReadASN1(&all, cbasn1.SEQUENCE) || !field.Empty()) {
		return malformedOCSP("its certificates")
	}
	for !all.Empty() {
		var one cryptobyte.String
		if len(r.certificates) == MaxCertificates {
			return ErrCertificates
		}
		if !all.ReadASN1Element(&one, cbasn1.SEQUENCE) {
			return malformedOCSP("its certificates")
		}
		c, err := parseCertificate(one)
		if err != nil {
			return malformedOCSP(fmt.Sprintf("certificate %d", len(r.certificates)+1))
		}
		r.certificates = append(r.certificates, c)
	}
	return r.readData(tbs)
}

// readData reads ResponseData.
func (r *response) readData(tbs cryptobyte.String) error {
	var seq, id, all, field, extensions cryptobyte.String
	var version int
	var there bool
	if !tbs.ReadASN1(&seq, cbasn1.SEQUENCE) || !seq.ReadOptionalASN1Integer(&version, contextual(0), 0) || version != 0 {
		return malformedOCSP("its version")
	}
	switch {
	case seq.PeekASN1Tag(contextual(1)):
		var name cryptobyte.String
		if !seq.ReadASN1(&id, contextual(1)) || !id.ReadASN1Element(&name, cbasn1.SEQUENCE) || !id.Empty() {
			return malformedOCSP("the responder's name")
		}
		r.responder.name = name
	default:
		var key cryptobyte.String
		if !seq.ReadASN1(&id, contextual(2)) || !id.ReadASN1(&key, cbasn1.OCTET_STRING) || !id.Empty() {
			return malformedOCSP("the responder's key")
		}
		r.responder.key = key
	}
	if !seq.ReadASN1GeneralizedTime(&r.producedAt) || !seq.ReadASN1(&all, cbasn1.SEQUENCE) || all.Empty() {
		return malformedOCSP("its statuses")
	}
	for !all.Empty() {
		if len(r.singles) == MaxOCSPStatuses {
			return ErrOCSPStatuses
		}
		s, err := readSingle(&all)
		if err != nil {
			return malformedOCSP(fmt.Sprintf("status %d", len(r.singles)+1))
		}
		r.singles = append(r.singles, s)
	}
	if !seq.ReadOptionalASN1(&field, &there, contextual(1)) || !seq.Empty() {
		return malformedOCSP("its extensions")
	}
	if there && (!field.ReadASN1(&extensions, cbasn1.SEQUENCE) || !field.Empty() || !eachExtension(extensions, r.readExtension)) {
		return malformedOCSP("its extensions")
	}
	return nil
}

func (r *response) readExtension(oid []byte, critical bool, value []byte) bool {
	switch string(oid) {
	case oidNonce:
		// QUIRK: RFC 2560 did not say that the nonce is an OCTET STRING inside the
		// extension's value, and some responders write it bare.
		in := cryptobyte.String(value)
		var nonce cryptobyte.String
		if r.nonce = value; in.ReadASN1(&nonce, cbasn1.OCTET_STRING) && in.Empty() {
			r.nonce = nonce
		}
	case oidExtendedRevoke:
		r.extended = true
	default:
		if critical && r.critical == "" {
			r.critical = oidText(oid)
		}
	}
	return true
}

var errSingle = errors.New("malformed")

// readSingle reads SingleResponse.
func readSingle(in *cryptobyte.String) (s single, err error) {
	var one, id, algorithm, oid, name, key, serial, field, extensions cryptobyte.String
	var there bool
	if !in.ReadASN1(&one, cbasn1.SEQUENCE) || !one.ReadASN1(&id, cbasn1.SEQUENCE) ||
		!id.ReadASN1(&algorithm, cbasn1.SEQUENCE) || !algorithm.ReadASN1(&oid, cbasn1.OBJECT_IDENTIFIER) ||
		!id.ReadASN1(&name, cbasn1.OCTET_STRING) || !id.ReadASN1(&key, cbasn1.OCTET_STRING) ||
		!id.ReadASN1(&serial, cbasn1.INTEGER) || len(serial) == 0 || !id.Empty() {
		return s, errSingle
	}
	s.hash, s.issuerName, s.issuerKey, s.serial = certHashes[string(oid)], name, key, shortest(serial)
	if !s.readStatus(&one) || !one.ReadASN1GeneralizedTime(&s.thisUpdate) ||
		!one.ReadOptionalASN1(&field, &there, contextual(0)) ||
		there && (!field.ReadASN1GeneralizedTime(&s.until) || !field.Empty()) ||
		!one.ReadOptionalASN1(&field, &there, contextual(1)) || !one.Empty() {
		return s, errSingle
	}
	if there && (!field.ReadASN1(&extensions, cbasn1.SEQUENCE) || !field.Empty() || !eachExtension(extensions, s.readExtension)) {
		return s, errSingle
	}
	return s, nil
}

// readStatus reads CertStatus.
func (s *single) readStatus(in *cryptobyte.String) bool {
	var field, reason cryptobyte.String
	var tag cbasn1.Tag
	var there bool
	if !in.ReadAnyASN1(&field, &tag) {
		return false
	}
	switch tag {
	case cbasn1.Tag(0).ContextSpecific():
		s.status = StatusGood
		return field.Empty()
	case cbasn1.Tag(2).ContextSpecific():
		s.status = StatusUnknown
		return field.Empty()
	case contextual(1):
		s.status = StatusRevoked
		return field.ReadASN1GeneralizedTime(&s.revoked) && field.ReadOptionalASN1(&reason, &there, contextual(0)) && field.Empty() &&
			(!there || s.reason.read(reason))
	}
	return false
}

// readExtension takes those of list entries, too: RFC 6960 §4.4.5 allows them.
func (s *single) readExtension(oid []byte, critical bool, value []byte) bool {
	in := cryptobyte.String(value)
	switch string(oid) {
	case oidArchiveCutoff:
		return in.ReadASN1GeneralizedTime(&s.cutoff) && in.Empty()
	case oidInvalidityDate:
		return readInvalidityDate(in, &s.invalidity)
	case oidReasonCode:
		if s.reason != ReasonUnspecified {
			return true // the status says it itself
		}
		return s.reason.read(in)
	case oidCRLReference:
	default:
		if critical && s.critical == "" {
			s.critical = oidText(oid)
		}
	}
	return true
}

// names reports whether a status is about a certificate of an issuer, whose name
// may be written in several ways.
//
// spec: RFC 6960 §4.1.1
func (s *single) names(serial, spkiBits []byte, issuerNames ...[]byte) bool {
	if s.hash == 0 || !bytes.Equal(s.serial, serial) || !bytes.Equal(s.issuerKey, digest(s.hash, spkiBits)) {
		return false
	}
	for _, n := range issuerNames {
		if n != nil && bytes.Equal(s.issuerName, digest(s.hash, n)) {
			return true
		}
	}
	return false
}

func digest(h crypto.Hash, b []byte) []byte {
	w := h.New()
	w.Write(b)
	return w.Sum(nil)
}
