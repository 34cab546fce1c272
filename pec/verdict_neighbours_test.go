package pec_test

import (
	"crypto"
	"encoding/asn1"
	"testing"
	"time"

	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/trust/revocation"
)

// A message that breaks two neighbouring rows: the first decides, and both
// failures are listed. Rows 2 and 3 exclude each other, as do 11 and 12; of 6
// and 7 the second cannot be checked, since there is no key.
func TestVerdictNeighbours(t *testing.T) {
	t.Parallel()
	verdictRun(t, verdictNeighboursCases())
}

func verdictNeighboursCases() []verdictCase {
	with := func(by *testsign.Identity, change func(*testsign.Message)) testsign.Message {
		m := verdictAcceptance(by)
		change(&m)
		return m
	}
	serverAuth := []asn1.ObjectIdentifier{testsign.OIDServerAuth}
	rsa512 := verdictLeaf(testsign.Certificate{KeyType: testsign.RSA512})
	lapsed := verdictNow.Add(3 * verdictYear)
	return []verdictCase{
		{
			name: "2 and 3", reason: "without multipart/signed a part named smime.p7s is an attachment, however broken",
			message: with(nil, func(m *testsign.Message) {
				m.NoSignature = true
				m.ExtraParts = []testsign.Part{{Type: "application/pkcs7-signature", Name: "smime.p7s", Encoding: "base64", Body: []byte("rotta")}}
			}),
			failed: verdictIDs(pec.CheckSignature),
		},
		{
			name: "3 and 4", reason: "a signed attribute is missing, and the key is too short",
			message: with(rsa512, func(m *testsign.Message) { m.CMS = verdictOmit(testsign.OIDContentType) }),
			verdict: pec.TotalFailed, sub: pec.FormatFailure, failed: verdictIDs(pec.CheckAttributes, pec.CheckAlgorithms, pec.CheckOldAlgorithms),
		},
		{
			name: "4 and 5", reason: "the key is too short, and the part was changed",
			message: with(rsa512, func(m *testsign.Message) { m.AfterSign = verdictChanged }),
			verdict: pec.Indeterminate, sub: pec.CryptoConstraintsFailure, failed: verdictIDs(pec.CheckAlgorithms, pec.CheckDigest, pec.CheckOldAlgorithms),
		},
		{
			name: "5 and 6", reason: "the part was changed, and there is no certificate",
			message: with(nil, func(m *testsign.Message) { m.AfterSign, m.CMS.NoCertificates = verdictChanged, true }),
			verdict: pec.TotalFailed, sub: pec.HashFailure, failed: verdictIDs(pec.CheckDigest, pec.CheckCertificate),
		},
		{
			name: "5 and 7", reason: "the part was changed, and the value is wrong",
			message: with(nil, func(m *testsign.Message) { m.AfterSign, m.CMS.Signer.WrongSignature = verdictChanged, true }),
			verdict: pec.TotalFailed, sub: pec.HashFailure, failed: verdictIDs(pec.CheckDigest, pec.CheckValue),
		},
		{
			name: "6 and 7", reason: "no certificate, so that the wrong value cannot be told from a right one",
			message: with(nil, func(m *testsign.Message) { m.CMS.NoCertificates, m.CMS.Signer.WrongSignature = true, true }),
			verdict: pec.Indeterminate, sub: pec.NoSigningCertificateFound, failed: verdictIDs(pec.CheckCertificate), skipped: verdictIDs(pec.CheckValue),
		},
		{
			name: "6 and 15", reason: "no certificate, and two daticert.xml",
			message: with(nil, func(m *testsign.Message) { m.CMS.NoCertificates, m.SecondXML = true, m.DatiCert() }),
			verdict: pec.Indeterminate, sub: pec.NoSigningCertificateFound, failed: verdictIDs(pec.CheckCertificate, pec.CheckDaticert),
		},
		{
			name: "7 and 8", reason: "the value is wrong, and the named signer has no path",
			message: with(verdictLeafOf(verdictStranger(), testsign.Certificate{}), func(m *testsign.Message) { m.CMS.Signer.WrongSignature = true }),
			verdict: pec.TotalFailed, sub: pec.SigCryptoFailure, failed: verdictIDs(pec.CheckValue, pec.CheckPath),
		},
		{
			name: "8 and 9", reason: "no path, and the certificate is for servers",
			message: verdictAcceptance(verdictLeafOf(verdictStranger(), testsign.Certificate{ExtKeyUsage: serverAuth})),
			verdict: pec.Indeterminate, sub: pec.NoCertificateChainFound, failed: verdictIDs(pec.CheckPath, pec.CheckProfile),
		},
		{
			name: "9 and 10", reason: "the certificate is for servers, and was revoked",
			message: verdictAcceptance(verdictLeaf(testsign.Certificate{ExtKeyUsage: serverAuth})), options: verdictRevoked(-1, testsign.Certificate{ExtKeyUsage: serverAuth}),
			verdict: pec.Indeterminate, sub: pec.ChainConstraintsFailure, failed: verdictIDs(pec.CheckProfile, pec.CheckRevocation),
		},
		{
			name: "10 and 11, expired", reason: "revoked, and then expired before the provider's own time",
			message: verdictAcceptance(verdictValid(-verdictYear, -time.Hour, testsign.Certificate{})), options: verdictRevoked(-1, verdictLapsed),
			verdict: pec.TotalFailed, sub: pec.Revoked, failed: verdictIDs(pec.CheckRevocation, pec.CheckValidity),
		},
		{
			name: "10 and 12", reason: "revoked, and expired now",
			message: verdictAcceptance(verdictLeaf(testsign.Certificate{})), options: func(o *pec.VerifyOptions) {
				verdictRevoked(20, testsign.Certificate{})(o)
				verdictAtNow(lapsed)(o)
			},
			verdict: pec.TotalFailed, sub: pec.Revoked, failed: verdictIDs(pec.CheckRevocation, pec.CheckValidity),
		},
		{
			name: "10 and 13", reason: "revoked, and the key is short",
			message: verdictAcceptance(verdictLeaf(testsign.Certificate{KeyType: testsign.RSA1024})), options: verdictRevoked(-1, testsign.Certificate{KeyType: testsign.RSA1024}),
			verdict: pec.TotalFailed, sub: pec.Revoked, failed: verdictIDs(pec.CheckRevocation, pec.CheckOldAlgorithms),
		},
		{
			name: "9 and 14, suspended", reason: "the certificate is for servers, and is suspended, which fails without the strict policy, too",
			message: verdictAcceptance(verdictLeaf(testsign.Certificate{ExtKeyUsage: serverAuth})), options: verdictHeld(testsign.Certificate{ExtKeyUsage: serverAuth}),
			verdict: pec.Indeterminate, sub: pec.ChainConstraintsFailure, failed: verdictIDs(pec.CheckProfile, pec.CheckRevocation),
		},
		{
			name: "13 and 14, suspended", reason: "the key is short, and the certificate is suspended",
			message: verdictAcceptance(verdictLeaf(testsign.Certificate{KeyType: testsign.RSA1024})), options: verdictHeld(testsign.Certificate{KeyType: testsign.RSA1024}),
			verdict: pec.Indeterminate, sub: pec.CryptoConstraintsFailureNoPOE, failed: verdictIDs(pec.CheckRevocation, pec.CheckOldAlgorithms),
		},
		{
			name: "14 and 15, suspended", reason: "the certificate is suspended, and From is another's",
			message: with(verdictLeaf(testsign.Certificate{}), func(m *testsign.Message) { m.Set = verdictOtherFrom }), options: verdictHeld(testsign.Certificate{}),
			verdict: pec.Indeterminate, sub: pec.TryLater, failed: verdictIDs(pec.CheckRevocation, pec.CheckFrom),
		},
		{
			name: "9 and 11", reason: "the certificate is for servers, and had expired",
			message: verdictAcceptance(verdictValid(-verdictYear, -time.Hour, testsign.Certificate{ExtKeyUsage: serverAuth})),
			verdict: pec.Indeterminate, sub: pec.ChainConstraintsFailure, failed: verdictIDs(pec.CheckProfile, pec.CheckValidity),
		},
		{
			name: "9 and 12", reason: "the certificate is for servers, and has expired now",
			message: verdictAcceptance(verdictLeaf(testsign.Certificate{ExtKeyUsage: serverAuth})), options: verdictAtNow(lapsed),
			verdict: pec.Indeterminate, sub: pec.ChainConstraintsFailure, failed: verdictIDs(pec.CheckProfile, pec.CheckValidity),
		},
		{
			name: "11 and 13, not yet valid", reason: "the provider's own time is before its certificate, and the key is short",
			message: verdictAcceptance(verdictValid(time.Hour, verdictYear, testsign.Certificate{KeyType: testsign.RSA1024})),
			verdict: pec.TotalFailed, sub: pec.NotYetValid, failed: verdictIDs(pec.CheckOldAlgorithms, pec.CheckValidity),
		},
		{
			name: "11 and 13, expired", reason: "the provider's own time is after its certificate, and the key is short",
			message: verdictAcceptance(verdictValid(-verdictYear, -time.Hour, testsign.Certificate{KeyType: testsign.RSA1024})),
			verdict: pec.TotalFailed, sub: pec.Expired, failed: verdictIDs(pec.CheckOldAlgorithms, pec.CheckValidity),
		},
		{
			name: "12 and 13", reason: "expired now, and the key is short",
			message: verdictAcceptance(verdictLeaf(testsign.Certificate{KeyType: testsign.RSA1024})), options: verdictAtNow(lapsed),
			verdict: pec.Indeterminate, sub: pec.OutOfBoundsNoPOE, failed: verdictIDs(pec.CheckOldAlgorithms, pec.CheckValidity),
		},
		{
			name: "13 and 14", reason: "the key is short, and strict wants more",
			message: with(verdictLeaf(testsign.Certificate{KeyType: testsign.RSA1024}), func(m *testsign.Message) { m.CMS.Signer.Hash = crypto.SHA1 }),
			options: func(o *pec.VerifyOptions) { o.Policy, o.Clock = pec.PolicyStrict, verdictClock(lapsed) },
			verdict: pec.Indeterminate, sub: pec.CryptoConstraintsFailureNoPOE,
			failed: verdictIDs(pec.CheckDigestAge, pec.CheckRevocation, pec.CheckOldAlgorithms, pec.CheckPOE),
		},
		{
			name: "14, all three", reason: "the order inside the row: expired since, SHA-1, revocation",
			message: with(nil, func(m *testsign.Message) { m.CMS.Signer.Hash = crypto.SHA1 }),
			options: func(o *pec.VerifyOptions) { o.Policy, o.Clock = pec.PolicyStrict, verdictClock(lapsed) },
			verdict: pec.Indeterminate, sub: pec.OutOfBoundsNoPOE, failed: verdictIDs(pec.CheckDigestAge, pec.CheckRevocation, pec.CheckPOE),
		},
		{
			name: "14 and 15", reason: "no revocation data, and From is another's",
			message: with(nil, func(m *testsign.Message) { m.Set = verdictOtherFrom }), options: verdictPolicy(pec.PolicyStrict),
			verdict: pec.Indeterminate, sub: pec.TryLater, failed: verdictIDs(pec.CheckRevocation, pec.CheckFrom),
		},
		{
			name: "15 and 16", reason: "a failure is not outweighed by a warning",
			message: with(nil, func(m *testsign.Message) { m.Set, m.Remove = verdictOtherFrom, []string{"X-Ricevuta"} }),
			verdict: pec.Indeterminate, sub: pec.SigConstraintsFailure, failed: verdictIDs(pec.CheckFrom), warned: verdictIDs(pec.CheckKind),
		},
	}
}

// verdictLapsed is the signer of "10 and 11".
var verdictLapsed = testsign.Certificate{NotBefore: testsign.Instant.Add(-verdictYear), NotAfter: testsign.Instant.Add(-time.Hour)}

// verdictRevoked gives a list that revokes a signer made by verdictLeaf some
// days from the certified time.
func verdictRevoked(day float64, c testsign.Certificate) func(*pec.VerifyOptions) {
	return verdictListed(testsign.Revoked{Certificate: verdictLeaf(c), Time: in(day)})
}

func verdictHeld(c testsign.Certificate) func(*pec.VerifyOptions) {
	return verdictListed(testsign.Revoked{Certificate: verdictLeaf(c), Time: in(-1), Reason: hold})
}

func verdictListed(r testsign.Revoked) func(*pec.VerifyOptions) {
	return func(o *pec.VerifyOptions) {
		o.Clock, o.Revocation = verdictClock(in(30)), new(revocation.Data)
		if err := o.Revocation.AddCRL("lista.crl", revList(25, r).SignedBy(testsign.NewCircle().Root)); err != nil {
			panic(err)
		}
	}
}
