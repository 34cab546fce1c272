package pec_test

import (
	"crypto"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
)

// What go.mozilla.org/pkcs7 reads it agrees on; what it is known not to read is
// skipped, by name. A shape that moves from one list to the other fails here.
func TestVerdictSecondOpinion(t *testing.T) {
	t.Parallel()
	c := testsign.NewCircle()
	serial := big.NewInt(4712)
	signer := verdictLeaf(testsign.Certificate{Serial: serial})
	decoy := verdictLeaf(testsign.Certificate{Serial: serial, Subject: testsign.NewName("Gestore Uno S.p.A.", "Esca")})
	negative := verdictLeaf(testsign.Certificate{Serial: big.NewInt(-6)})
	rsa := func(bits testsign.KeyType) testsign.Message {
		return verdictAcceptance(verdictLeaf(testsign.Certificate{KeyType: bits}))
	}
	by := func(id *testsign.Identity, data testsign.SignedData) testsign.Message {
		m := verdictAcceptance(id)
		m.CMS = data
		return m
	}
	opaque := verdictAcceptance(nil)
	opaque.Opaque = true
	for _, v := range []struct {
		name    string
		message testsign.Message
		skip    string // "": it agrees; else the shape that the report names
	}{
		{"RSA SHA-256", verdictAcceptance(nil), ""},
		{"RSA SHA-1", verdictSigner(testsign.SignerInfo{Hash: crypto.SHA1}), ""},
		{"RSA SHA-384", verdictSigner(testsign.SignerInfo{Hash: crypto.SHA384}), ""},
		{"RSA SHA-512", verdictSigner(testsign.SignerInfo{Hash: crypto.SHA512}), ""},
		{"RSA-3072", rsa(testsign.RSA3072), ""},
		{"sha256WithRSA", verdictSigner(testsign.SignerInfo{Scheme: testsign.SchemeHashRSA}), ""},
		{"ECDSA P-256", rsa(testsign.P256), ""},
		{"ECDSA P-384", by(verdictLeaf(testsign.Certificate{KeyType: testsign.P384}), testsign.SignedData{Signer: testsign.SignerInfo{Hash: crypto.SHA384}}), ""},
		{"ECDSA named id-ecPublicKey", by(verdictLeaf(testsign.Certificate{}), testsign.SignedData{Signer: testsign.SignerInfo{Scheme: testsign.SchemeECKey}}), ""},
		{"BER", verdictSigned(testsign.SignedData{Encoding: testsign.BERAll}), ""},
		{"length longer than needed", verdictSigned(testsign.SignedData{Encoding: testsign.NonMinimal}), ""},
		{"unsorted, signed sorted", verdictSigner(testsign.SignerInfo{Order: testsign.UnsortedWireOnly}), ""},
		{"time-stamp token", verdictSigner(testsign.SignerInfo{TimeStampedBy: c.Two}), ""},
		{"the leaf alone", verdictSigned(testsign.SignedData{Certificates: [][]byte{c.One.DER}}), ""},
		{"LF file", testsign.Message{Kind: daticert.TypeDelivery, LineEnds: testsign.LF}, ""},

		{"RSA SHA-224", verdictSigner(testsign.SignerInfo{Hash: crypto.SHA224}), "SHA-224"},
		{"RSA-PSS", verdictSigner(testsign.SignerInfo{Scheme: testsign.SchemePSS}), "RSA-PSS"},
		{"Ed25519", rsa(testsign.Ed25519), "Ed25519"},
		{"subjectKeyIdentifier", verdictSigner(testsign.SignerInfo{SKI: true}), "subjectKeyIdentifier"},
		{"opaque", opaque, "opaque"},
		{"unsorted, signed in wire order", verdictSigner(testsign.SignerInfo{Order: testsign.UnsortedBoth}), "attributes-wire-order"},
		{"decoy", by(signer, testsign.SignedData{CertificatesFirst: [][]byte{decoy.DER}}), "several certificates"},
		{"attribute certificate", verdictSigned(testsign.SignedData{CertificatesLast: [][]byte{testsign.AttributeCertificateEntry(c.Root)}}), "crypto/x509 does not read"},
		{"negative serial number in the bag", verdictSigned(testsign.SignedData{CertificatesLast: [][]byte{negative.DER}}), "crypto/x509 does not read"},
		{"signer with negative serial number", verdictAcceptance(negative), "crypto/x509 does not read"},
		{"OCSP response in the field of CRLs", verdictSigned(testsign.SignedData{CRLs: [][]byte{testsign.OCSPEntry()}}), "no signer"},
	} {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			o := verdictOptions()
			mail := v.message.Bytes()
			without := verdictOf(t, mail, o)
			require.Equal(t, pec.Skip, without.Check(pec.CheckSecondOpinion).Status, "not asked for")
			o.SecondOpinion = true
			r := verdictOf(t, mail, o)
			require.True(t, r.Certified, "%+v", r.Failures())
			require.Equal(t, without.Verdict, r.Verdict)
			check := r.Check(pec.CheckSecondOpinion)
			if v.skip == "" {
				require.Equal(t, pec.Pass, check.Status, check.Detail(pec.English))
				return
			}
			require.Equal(t, pec.Skip, check.Status, check.Detail(pec.English))
			require.Contains(t, check.Detail(pec.English), v.skip, "the shape is named")
		})
	}
}

// It can only lower a verdict: a signature that is not good already is not put
// to it, and what it would say of the signer's authority does not count.
func TestVerdictSecondOpinionNeverRaises(t *testing.T) {
	t.Parallel()
	changed := verdictAcceptance(nil)
	changed.AfterSign = verdictChanged
	cut := verdictAcceptance(nil)
	cut.Finish = verdictCutAfterSignedPart
	stripped := verdictSigner(testsign.SignerInfo{NoAttributes: true})
	for name, m := range map[string]testsign.Message{
		"changed": changed, "cut off": cut, "no attributes, which it accepts": stripped,
		"two contentType, which it accepts": verdictAdded(testsign.ContentTypeAttribute(testsign.OIDData)),
		"bytes after, which it accepts":     verdictSigned(testsign.SignedData{Trailing: []byte{0}}),
		"a stranger, whom it accepts":       verdictAcceptance(verdictLeafOf(verdictStranger(), testsign.Certificate{})),
		"a server, whom it accepts":         verdictAcceptance(verdictLeaf(testsign.Certificate{Addresses: []string{"mittente@pec.example.it"}})),
		"wrong value":                       verdictSigner(testsign.SignerInfo{WrongSignature: true}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mail := m.Bytes()
			o := verdictOptions()
			without := verdictOf(t, mail, o)
			o.SecondOpinion = true
			with := verdictOf(t, mail, o)
			require.False(t, with.Certified)
			require.Equal(t, without.Verdict, with.Verdict)
			require.Equal(t, without.SubIndication, with.SubIndication)
			require.Equal(t, verdictFailed(without), verdictFailed(with))
		})
	}
}
