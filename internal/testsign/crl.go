package testsign

import (
	"crypto"
	"math/big"
	"time"
)

// Revoked is one entry of a revocation list.
type Revoked struct {
	Certificate *Identity
	Time        time.Time
	Reason      int // CRLReason; 0: the extension is absent
}

// CRL writes a version 2 revocation list of the authority i, signed with
// SHA-256. spec: RFC 5280 §5.1
func (i *Identity) CRL(number int64, thisUpdate, nextUpdate time.Time, revoked ...Revoked) []byte {
	var entries [][]byte
	for _, r := range revoked {
		var extensions []byte
		if r.Reason != 0 {
			reason := Extension{OID: OIDReasonCode, Value: tlv(tagEnumerated, []byte{byte(r.Reason)})}
			extensions = sequence(reason.der())
		}
		entries = append(entries, sequence(r.Certificate.serial, timeValue(r.Time), extensions))
	}
	var list []byte
	if len(entries) > 0 {
		list = sequence(entries...)
	}
	algorithm := signatureAlgorithm(i.Key, crypto.SHA256, SchemeHashRSA).der()
	keyID := Extension{OID: OIDAuthorityKeyID, Value: sequence(implicit(0, i.keyID))}
	crlNumber := Extension{OID: OIDCRLNumber, Value: integer(big.NewInt(number))}
	tbs := sequence(
		smallInteger(1), algorithm, i.Subject.der(), timeValue(thisUpdate), timeValue(nextUpdate),
		list, explicit(0, sequence(keyID.der(), crlNumber.der())),
	)
	return sequence(tbs, algorithm, bits(signBytes(i.Key, crypto.SHA256, false, tbs)))
}
