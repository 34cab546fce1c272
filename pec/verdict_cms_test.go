package pec_test

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"encoding/asn1"
	"io"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/mime"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/smime"
)

// The shapes of signatures that divide verifiers, each as a whole message. The
// matrix in internal/cms judges the signature alone; here it is the verdict on
// the message that counts, and that no layer above lets through what a lower
// one refused.

// verdictSigned is the acceptance with a signature written otherwise.
func verdictSigned(data testsign.SignedData) testsign.Message {
	m := verdictAcceptance(nil)
	m.CMS = data
	return m
}

func verdictSigner(s testsign.SignerInfo) testsign.Message {
	return verdictSigned(testsign.SignedData{Signer: s})
}

func verdictAdded(a ...testsign.CMSAttribute) testsign.Message {
	return verdictSigner(testsign.SignerInfo{Add: a})
}

func TestVerdictHostileSignatures(t *testing.T) {
	t.Parallel()
	verdictRun(t, verdictHostileSignaturesCases())
}

func verdictHostileSignaturesCases() []verdictCase {
	c := testsign.NewCircle()
	digest := sha256.Sum256(verdictAcceptance(nil).SignedPart())
	other := slices.Repeat([]byte{0xff}, 32) // sorts after the right one
	null := []byte{5, 0}
	later := testsign.SigningTimeAttribute(testsign.Instant.AddDate(0, 1, 0))
	replace := func(a testsign.CMSAttribute) testsign.Message {
		return verdictSigner(testsign.SignerInfo{Replace: []testsign.CMSAttribute{a}})
	}
	algorithm := func(id asn1.ObjectIdentifier, parameters []byte) *testsign.AlgorithmIdentifier {
		return &testsign.AlgorithmIdentifier{OID: id, Parameters: parameters}
	}
	opaque := func(data testsign.SignedData) testsign.Message {
		m := verdictSigned(data)
		m.Opaque = true
		return m
	}
	var fifty []testsign.SignerInfo
	for range 49 {
		fifty = append(fifty, testsign.SignerInfo{})
	}
	stripped := verdictAcceptance(nil)
	signature, attributes := testsign.StripAttributes(testsign.SignedData{}.Sign(c.One, stripped.SignedPart()))
	stripped.Signature = signature
	stripped.AfterSign = func([]byte) []byte { return attributes }

	strippedInPlace := verdictAcceptance(nil)
	strippedInPlace.Signature = signature

	opaqueStripped := verdictAcceptance(nil)
	opaqueStripped.Opaque, opaqueStripped.CMS.Content = true, attributes
	opaqueStripped.CMS.Signer.NoAttributes = true

	row3 := func(name, reason string, m testsign.Message, failed ...pec.CheckID) verdictCase {
		return verdictCase{name: name, reason: reason, message: m, verdict: pec.TotalFailed, sub: pec.FormatFailure, failed: failed}
	}
	row4 := func(name, reason string, m testsign.Message) verdictCase {
		return verdictCase{
			name: name, reason: reason, message: m, verdict: pec.Indeterminate, sub: pec.CryptoConstraintsFailure, failed: verdictIDs(pec.CheckAlgorithms),
		}
	}
	row6 := func(name, reason string, m testsign.Message) verdictCase {
		return verdictCase{
			name: name, reason: reason, message: m, verdict: pec.Indeterminate, sub: pec.NoSigningCertificateFound, failed: verdictIDs(pec.CheckCertificate),
			skipped: verdictIDs(pec.CheckValue),
		}
	}
	row5 := func(name, reason string, m testsign.Message) verdictCase {
		return verdictCase{name: name, reason: reason, message: m, verdict: pec.TotalFailed, sub: pec.HashFailure, failed: verdictIDs(pec.CheckDigest)}
	}
	noSigner := row3("no signer", "nobody signed", verdictSigned(testsign.SignedData{NoSigner: true, Certificates: c.One.Chain()}), pec.CheckOneSigner)
	noSigner.skipped = verdictIDs(pec.CheckDigest, pec.CheckLines, pec.CheckAttributes, pec.CheckAlgorithms, pec.CheckCertificate, pec.CheckValue, pec.CheckPath, pec.CheckFrom)
	twoSigners := row3("two signers, both good", "a PEC message has one", verdictSigned(testsign.SignedData{Others: []testsign.SignerInfo{{By: c.Two}}}), pec.CheckOneSigner)
	twoSigners.skipped = noSigner.skipped
	noAttributes := row3("no signed attributes", "opens the way to stripping", verdictSigner(testsign.SignerInfo{NoAttributes: true}), pec.CheckAttributes)
	noAttributes.skipped = verdictIDs(pec.CheckDigest, pec.CheckLines, pec.CheckValue)

	return []verdictCase{
		noSigner, twoSigners, noAttributes,
		row4("3 MD5", "collisions take seconds", verdictSigner(testsign.SignerInfo{Hash: crypto.MD5})),
		row4("3 MD5 named in the signature algorithm", "the same under the other name", verdictSigner(testsign.SignerInfo{Hash: crypto.MD5, Scheme: testsign.SchemeHashRSA})),
		row4("3 MD2", "never accepted", verdictSigner(testsign.SignerInfo{DigestAlgorithm: algorithm(testsign.OIDMD2, null)})),
		row4("3 MD4", "never accepted", verdictSigner(testsign.SignerInfo{DigestAlgorithm: algorithm(testsign.OIDMD4, null)})),
		row3("9 BER, content present and empty", "detached means absent", verdictSigned(testsign.SignedData{Encoding: testsign.BEROuter, EmptyContent: true}), pec.CheckContent),
		row3("9 DER, content present and empty", "detached means absent", verdictSigned(testsign.SignedData{EmptyContent: true}), pec.CheckContent),
		row5("11 opaque, unsigned second piece", "it would be shown and nobody signed it", opaque(testsign.SignedData{Unsigned: []byte("Aggiunto.\r\n")})),
		row5("11 opaque, unsigned second piece, BER", "it would be shown and nobody signed it", opaque(testsign.SignedData{Unsigned: []byte("Aggiunto.\r\n"), Encoding: testsign.BEROuter})),
		row5("11 opaque, an unsigned piece of one byte", "one byte is enough", opaque(testsign.SignedData{Unsigned: []byte("\n"), Chunks: 2})),
		row3("13 no signer, no certificates", "nobody signed", verdictSigned(testsign.SignedData{NoSigner: true}), pec.CheckOneSigner),
		{
			name: "15 stripped attributes", reason: "the signer never signed these bytes as a message", message: stripped,
			verdict: pec.TotalFailed, sub: pec.FormatFailure, failed: verdictIDs(pec.CheckAttributes, pec.CheckDaticert),
		},
		row3("15 attributes taken away, content left", "nothing binds the content", strippedInPlace, pec.CheckAttributes),
		{
			name: "15 stripped attributes, opaque", reason: "the signer never signed these bytes as a message", message: opaqueStripped,
			verdict: pec.TotalFailed, sub: pec.FormatFailure, failed: verdictIDs(pec.CheckAttributes, pec.CheckDaticert),
		},
		row3("16 signed attributes empty", "the same in another form", verdictSigner(testsign.SignerInfo{EmptyAttributes: true}), pec.CheckAttributes),
		row3("17 messageDigest missing", "nothing binds the content", verdictSigned(verdictOmit(testsign.OIDMessageDigest)), pec.CheckAttributes),
		row3("18 contentType missing", "RFC 5652 §11.1 requires it", verdictSigned(verdictOmit(testsign.OIDContentType)), pec.CheckAttributes),
		row3("19 contentType attribute TSTInfo", "attribute and content disagree", replace(testsign.ContentTypeAttribute(testsign.OIDTSTInfo)), pec.CheckAttributes),
		row3("19 eContentType TSTInfo, attribute data", "attribute and content disagree", verdictSigned(testsign.SignedData{EContentType: testsign.OIDTSTInfo}), pec.CheckContent, pec.CheckAttributes),
		row3("20 content and attribute TSTInfo", "a time-stamp is no mail signature", verdictSigned(testsign.SignedData{ContentType: testsign.OIDTSTInfo}), pec.CheckContent),
		row3("20 the same, opaque", "a time-stamp is no mail signature", opaque(testsign.SignedData{ContentType: testsign.OIDTSTInfo}), pec.CheckContent),
		row3("21 two messageDigest", "which one is meant?", verdictAdded(testsign.MessageDigestAttribute(other)), pec.CheckAttributes),
		row3("21 two contentType", "which one is meant?", verdictAdded(testsign.ContentTypeAttribute(testsign.OIDData)), pec.CheckAttributes),
		row3("21 two signingTime", "which one is meant?", verdictAdded(later), pec.CheckAttributes),
		row3("21 messageDigest with two values", "which one is meant?", replace(testsign.MessageDigestAttribute(digest[:], other)), pec.CheckAttributes),
		row3("22 signingTime not a time", "a reader may take it for any time", replace(testsign.CMSAttribute{OID: testsign.OIDSigningTime, Values: [][]byte{{0x16, 4, 'i', 'e', 'r', 'i'}}}), pec.CheckAttributes),
		row3("25 two signers, the second wrong", "a PEC message has one", verdictSigned(testsign.SignedData{Others: []testsign.SignerInfo{{By: c.Two, WrongSignature: true}}}), pec.CheckOneSigner),
		row3("25 two signers, the first a stranger", "a PEC message has one", verdictSigned(testsign.SignedData{
			Signer: testsign.SignerInfo{By: verdictLeafOf(verdictStranger(), testsign.Certificate{})}, Others: []testsign.SignerInfo{{By: c.One}},
		}), pec.CheckOneSigner),
		row3("25 fifty signers", "fifty would cost fifty times", verdictSigned(testsign.SignedData{Others: fifty}), pec.CheckOneSigner),
		row5("26 another part", "the part is not the signed one", func() testsign.Message {
			m := verdictAcceptance(nil)
			m.Signature = testsign.SignedData{}.Sign(c.One, []byte("Content-Type: text/plain\r\n\r\nAltro.\r\n"))
			return m
		}()),
		row3("27 the signed content inside, another part outside", "the part shown was never looked at", func() testsign.Message {
			m := verdictAcceptance(nil)
			m.Signature = testsign.SignedData{Opaque: true}.Sign(c.One, []byte("Content-Type: text/plain\r\n\r\nAltro.\r\n"))
			return m
		}(), pec.CheckContent, pec.CheckDigest),
		row3("28 stray content inside, the part is the signed one", "two contents, one signature", verdictSigned(testsign.SignedData{Content: []byte("Altro.")}), pec.CheckContent),
		row6("33 signing-certificate of another", "the signer meant another certificate", verdictAdded(testsign.SigningCertificate(c.Two))),
		row6("33 signing-certificate-v2 of another", "the signer meant another certificate", verdictAdded(testsign.SigningCertificateV2(c.Two, crypto.SHA256))),
		row6("33 one of the two of another", "both have to agree", verdictAdded(testsign.SigningCertificateV2(c.One, crypto.SHA256), testsign.SigningCertificate(c.Two))),
		row3("34 bytes after the end", "something travels that was not looked at", verdictSigned(testsign.SignedData{Trailing: []byte("altro")}), pec.CheckEncoding),
		row3("35 field after SignedData's last", "RFC 5652 has none", verdictSigned(testsign.SignedData{TrailingInside: null}), pec.CheckEncoding),
		row3("35 field after SignerInfo's last", "RFC 5652 has none", verdictSigner(testsign.SignerInfo{Trailing: null}), pec.CheckEncoding),
		row3("36 SignedData version 99", "no such version", verdictSigned(testsign.SignedData{Version: 99}), pec.CheckOneSigner),
		row3("36 SignerInfo version 3 with issuer and serial", "the version says the other form", verdictSigner(testsign.SignerInfo{Version: 3}), pec.CheckOneSigner),
		row4("37 digestAlgorithms names another", "the digest used is not announced", verdictSigned(testsign.SignedData{DigestAlgorithms: []testsign.AlgorithmIdentifier{{OID: testsign.OIDSHA512}}})),
		row4("38 sha512WithRSA beside SHA-256", "two digests named", verdictSigner(testsign.SignerInfo{SignatureAlgorithm: algorithm(testsign.OIDSHA512WithRSA, null)})),
		row4("38 sha1WithRSA beside SHA-256", "two digests named", verdictSigner(testsign.SignerInfo{SignatureAlgorithm: algorithm(testsign.OIDSHA1WithRSA, null)})),
		row4("algorithm protection names another", "somebody exchanged the algorithm", verdictAdded(testsign.AlgorithmProtection(
			testsign.AlgorithmIdentifier{OID: testsign.OIDSHA256}, testsign.AlgorithmIdentifier{OID: testsign.OIDPSS}))),
		row3("opaque without content", "there is nothing to show", func() testsign.Message {
			m := verdictAcceptance(nil)
			m.Opaque = true
			m.Signature = testsign.SignedData{}.Sign(c.One, m.SignedPart())
			return m
		}(), pec.CheckContent, pec.CheckDaticert),
		{
			name: "signed with another key", reason: "the certificate is of another key", message: verdictSigner(testsign.SignerInfo{Key: c.Two.Key}),
			verdict: pec.TotalFailed, sub: pec.SigCryptoFailure, failed: verdictIDs(pec.CheckValue),
		},
	}
}

// Valid shapes that other libraries refuse.
func TestVerdictValidSignatures(t *testing.T) {
	t.Parallel()
	c := testsign.NewCircle()
	serial := big.NewInt(4711)
	signer := verdictLeaf(testsign.Certificate{Serial: serial})
	decoy := verdictLeaf(testsign.Certificate{Serial: serial, Subject: testsign.NewName("Gestore Uno S.p.A.", "Esca")})
	strangeDecoy := verdictLeafOf(verdictStranger(), testsign.Certificate{Serial: serial, Issuer: c.Root.Subject})
	sameKey := verdictLeaf(testsign.Certificate{Serial: serial, Key: signer.Key, ExtKeyUsage: []asn1.ObjectIdentifier{testsign.OIDServerAuth}})
	negative := testsign.Certificate{Serial: big.NewInt(-5)}
	crl := c.Root.CRL(1, testsign.Instant, testsign.Instant.AddDate(0, 1, 0), testsign.Revoked{Certificate: c.Two, Time: testsign.Instant})
	by := func(id *testsign.Identity, data testsign.SignedData) testsign.Message {
		m := verdictAcceptance(id)
		m.CMS = data
		return m
	}
	opaque := func(data testsign.SignedData) testsign.Message {
		m := verdictSigned(data)
		m.Opaque = true
		return m
	}
	last := func(entry []byte) testsign.Message {
		return verdictSigned(testsign.SignedData{CertificatesLast: [][]byte{entry}})
	}
	bare := testsign.AlgorithmIdentifier{OID: testsign.OIDRSA}
	for _, v := range []struct {
		name, reason string
		message      testsign.Message
		warned       []pec.CheckID
	}{
		{"1 SHA-1", "all providers until 2024", verdictSigner(testsign.SignerInfo{Hash: crypto.SHA1}), verdictIDs(pec.CheckDigestAge)},
		{"1 SHA-384", "allowed", verdictSigner(testsign.SignerInfo{Hash: crypto.SHA384}), nil},
		{"1 SHA-512", "allowed", verdictSigner(testsign.SignerInfo{Hash: crypto.SHA512}), nil},
		{"1 sha256WithRSA", "the other name", verdictSigner(testsign.SignerInfo{Scheme: testsign.SchemeHashRSA}), nil},
		{"1 parameters absent", "absent and NULL mean the same", verdictSigner(testsign.SignerInfo{SignatureAlgorithm: &bare}), nil},
		{"1 ECDSA", "another type of key", verdictAcceptance(verdictLeaf(testsign.Certificate{})), nil},
		{"2 SHA-224", "no weaker than SHA-1", verdictSigner(testsign.SignerInfo{Hash: crypto.SHA224}), nil},
		{"4 RSA-PSS", "the modern form of RSA", verdictSigner(testsign.SignerInfo{Scheme: testsign.SchemePSS}), nil},
		{"5 Ed25519", "RFC 8419", verdictAcceptance(verdictLeaf(testsign.Certificate{KeyType: testsign.Ed25519})), nil},
		{"6 ECDSA named id-ecPublicKey", "nothing is ambiguous", by(verdictLeaf(testsign.Certificate{}), testsign.SignedData{Signer: testsign.SignerInfo{Scheme: testsign.SchemeECKey}}), nil},
		{"7 subjectKeyIdentifier", "the other way to name the signer", verdictSigner(testsign.SignerInfo{SKI: true}), nil},
		{"8 BER outside", "half of all providers", verdictSigned(testsign.SignedData{Encoding: testsign.BEROuter}), nil},
		{"8 BER everywhere", "legal", verdictSigned(testsign.SignedData{Encoding: testsign.BERAll}), nil},
		{"10 opaque", "its own path", opaque(testsign.SignedData{}), nil},
		{"10 opaque, three pieces", "the pieces are joined", opaque(testsign.SignedData{Chunks: 3}), nil},
		{"10 opaque, three pieces, BER", "the pieces are joined", opaque(testsign.SignedData{Chunks: 3, Encoding: testsign.BEROuter}), nil},
		{"12 length longer than needed", "legal BER", verdictSigned(testsign.SignedData{Encoding: testsign.NonMinimal}), nil},
		{"signingTime missing", "RFC 5652 does not require it", verdictSigned(verdictOmit(testsign.OIDSigningTime)), nil},
		{"29 decoy with the signer's name first", "every match is tried", by(signer, testsign.SignedData{CertificatesFirst: [][]byte{decoy.DER}}), nil},
		{"29 a stranger's decoy first", "every match is tried", by(signer, testsign.SignedData{CertificatesFirst: [][]byte{strangeDecoy.DER}}), nil},
		{"29 another certificate over the signer's key first", "one of the two is a provider's", by(signer, testsign.SignedData{CertificatesFirst: [][]byte{sameKey.DER}}), nil},
		{"30 attribute certificate", "skipped", last(testsign.AttributeCertificateEntry(c.Root)), nil},
		{"30 other certificate format", "skipped", last(testsign.OtherCertificateEntry()), nil},
		{"30 negative serial number in the bag", "somebody else's", last(verdictLeaf(negative).DER), nil},
		{"30 nonsense in the bag", "skipped", last([]byte{0x30, 3, 2, 1, 0}), nil},
		{"30 signer with negative serial number", "old authorities issued such", verdictAcceptance(verdictLeaf(negative)), nil},
		{"31 OCSP response in the field of CRLs", "RFC 5940", verdictSigned(testsign.SignedData{CRLs: [][]byte{testsign.OCSPEntry()}}), nil},
		{"32 CRL", "not looked at", verdictSigned(testsign.SignedData{CRLs: [][]byte{crl}}), nil},
		{"32 counter-signature", "unsigned attributes change nothing", verdictSigner(testsign.SignerInfo{CounterSignedBy: c.Two}), nil},
		{"32 time-stamp token", "unsigned attributes change nothing", verdictSigner(testsign.SignerInfo{TimeStampedBy: c.Two}), nil},
		{"32 signing-certificate", "names the signer's", verdictAdded(testsign.SigningCertificate(c.One)), nil},
		{"32 signing-certificate-v2", "names the signer's", verdictAdded(testsign.SigningCertificateV2(c.One, crypto.SHA256)), nil},
		{"44 unsorted, signed in wire order", "the same set was signed", verdictSigner(testsign.SignerInfo{Order: testsign.UnsortedBoth}), nil},
		{"45 unsorted, signed sorted", "the same set was signed", verdictSigner(testsign.SignerInfo{Order: testsign.UnsortedWireOnly}), nil},
		{"the leaf alone", "RFC 6109 asks for no more", verdictSigned(testsign.SignedData{Certificates: [][]byte{c.One.DER}}), nil},
		{"S/MIME capabilities", "most providers add them", verdictAdded(testsign.SMIMECapabilities()), nil},
	} {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			mail := v.message.Bytes()
			o := verdictOptions()
			r := verdictOf(t, mail, o)
			require.True(t, r.Certified, "%s: %+v", v.reason, r.Failures())
			require.Equal(t, pec.ProvesAccepted, r.Proves)
			require.Subset(t, verdictWarned(r), v.warned)
			o.SecondOpinion = true
			require.True(t, verdictOf(t, mail, o).Certified, "the second opinion knows this shape or leaves it alone")
		})
	}
}

// Opaque: the bytes that are shown are the bytes that were verified, whatever
// pieces they came in, and the report's data come from them.
func TestVerdictOpaqueShowsWhatIsVerified(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]testsign.SignedData{
		"one piece": {}, "pieces": {Chunks: 5}, "pieces in BER": {Chunks: 5, Encoding: testsign.BERAll},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := verdictSigned(data)
			m.Opaque = true
			mail := m.Bytes()
			s, err := smime.Open(bytes.NewReader(mail), int64(len(mail)))
			require.NoError(t, err)
			shown, err := io.ReadAll(s.Content().Reader(s.Content().Raw, mime.Form{}))
			require.NoError(t, err)
			require.Equal(t, string(m.SignedPart()), string(shown))
			result, err := s.Verify()
			require.NoError(t, err)
			require.NoError(t, result.Err())
			require.Equal(t, string(m.DatiCert()), string(verdictOf(t, mail, verdictOptions()).Data.Raw()))
		})
	}
	// Content that was not signed is what a naive reader would show. It is what
	// Content is, and the digest is over all of it.
	m := verdictAcceptance(nil)
	forged := testsign.Message{Kind: m.Kind}
	forged.Data.Subject = "Altro oggetto"
	m.Opaque, m.CMS.Content = true, forged.SignedPart()
	r := verdictOf(t, m.Bytes(), verdictOptions())
	require.Equal(t, pec.HashFailure, r.SubIndication)
	require.Equal(t, "Altro oggetto", r.Data.Subject, "what is reported is what was hashed")
}
