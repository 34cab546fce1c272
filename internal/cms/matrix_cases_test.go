package cms_test

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"math/big"
	"slices"

	"github.com/gopec/gopec/internal/testsign"
)

// matrixLeaf is a signer whose certificate differs from the usual one.
func matrixLeaf(c testsign.Certificate) *testsign.Identity {
	if c.Subject == nil {
		c.Subject = testsign.NewName("Gestore Uno S.p.A.", "Firmatario di prova "+string(c.KeyType))
	}
	return c.IssuedBy(testsign.NewCircle().Root)
}

func oneSigner(s testsign.SignerInfo) testsign.SignedData { return testsign.SignedData{Signer: s} }

func identifiers(list ...asn1.ObjectIdentifier) []asn1.ObjectIdentifier { return list }

var derNull = []byte{5, 0}

func matrixAlgorithms() []matrixCase {
	algorithm := func(id asn1.ObjectIdentifier, parameters []byte) *testsign.AlgorithmIdentifier {
		return &testsign.AlgorithmIdentifier{OID: id, Parameters: parameters}
	}
	protection := func(signature asn1.ObjectIdentifier) testsign.SignedData {
		return oneSigner(testsign.SignerInfo{Add: []testsign.CMSAttribute{
			testsign.AlgorithmProtection(*algorithm(testsign.OIDSHA256, nil), *algorithm(signature, derNull)),
		}})
	}
	cases := []matrixCase{
		{name: "RSA sha1", reason: "what providers used until 2024", data: oneSigner(testsign.SignerInfo{Hash: crypto.SHA1})},
		{name: "RSA sha256", reason: "the usual signature"},
		{name: "RSA sha384", reason: "allowed", data: oneSigner(testsign.SignerInfo{Hash: crypto.SHA384})},
		{name: "RSA sha512", reason: "allowed", data: oneSigner(testsign.SignerInfo{Hash: crypto.SHA512})},
		{name: "RSA sha256WithRSA", reason: "the other name of PKCS#1 v1.5", data: oneSigner(testsign.SignerInfo{Scheme: testsign.SchemeHashRSA})},
		{name: "RSA parameters absent", reason: "absent and NULL mean the same", data: oneSigner(testsign.SignerInfo{SignatureAlgorithm: algorithm(testsign.OIDRSA, nil)})},
		{name: "digest parameters NULL", reason: "absent and NULL mean the same", data: oneSigner(testsign.SignerInfo{DigestAlgorithm: algorithm(testsign.OIDSHA256, derNull)})},
		{name: "ECDSA sha256", reason: "another type of key", by: matrixLeaf(testsign.Certificate{KeyType: testsign.P256})},
		{name: "ECDSA P-384 sha384", reason: "another curve", by: matrixLeaf(testsign.Certificate{KeyType: testsign.P384}), data: oneSigner(testsign.SignerInfo{Hash: crypto.SHA384})},
		{name: "RSA sha224", reason: "no weaker than SHA-1", data: oneSigner(testsign.SignerInfo{Hash: crypto.SHA224}), mozilla: refuses},
		{name: "RSA md5", reason: "collisions take seconds", data: oneSigner(testsign.SignerInfo{Hash: crypto.MD5}), want: "C6/digest-forbidden", mozilla: refuses},
		{name: "RSA md5WithRSA", reason: "MD5 under the other name", data: oneSigner(testsign.SignerInfo{Hash: crypto.MD5, Scheme: testsign.SchemeHashRSA}), want: "C6/digest-forbidden", mozilla: refuses},
		{name: "RSA-PSS", reason: "the modern form of RSA", data: oneSigner(testsign.SignerInfo{Scheme: testsign.SchemePSS}), mozilla: refuses},
		{name: "RSA-PSS sha512", reason: "parameters other than those of the usual digest", data: oneSigner(testsign.SignerInfo{Scheme: testsign.SchemePSS, Hash: crypto.SHA512}), mozilla: refuses},
		{name: "Ed25519", reason: "RFC 8419", by: matrixLeaf(testsign.Certificate{KeyType: testsign.Ed25519}), mozilla: refuses, openssl: varies /* 3.0 refuses */},
		{name: "ECDSA named id-ecPublicKey", reason: "writers do it and nothing is ambiguous", by: matrixLeaf(testsign.Certificate{KeyType: testsign.P256}), data: oneSigner(testsign.SignerInfo{Scheme: testsign.SchemeECKey}), mozilla: refuses},
		{name: "digestAlgorithms names another", reason: "RFC 5652 §5.1 lets a verifier refuse it, and one that hashes while it reads has to", data: testsign.SignedData{DigestAlgorithms: []testsign.AlgorithmIdentifier{{OID: testsign.OIDSHA512}}}, want: "C6/digest-not-announced", openssl: refuses},
		{name: "digestAlgorithms empty", reason: "the same", data: testsign.SignedData{DigestAlgorithms: []testsign.AlgorithmIdentifier{}}, want: "C6/digest-not-announced", openssl: refuses},
		{name: "sha512WithRSA beside sha256", reason: "the message names two digests", data: oneSigner(testsign.SignerInfo{SignatureAlgorithm: algorithm(testsign.OIDSHA512WithRSA, derNull)}), want: "C6/signature-algorithm-hash"},
		{name: "sha1WithRSA beside sha256", reason: "the message names two digests", data: oneSigner(testsign.SignerInfo{SignatureAlgorithm: algorithm(testsign.OIDSHA1WithRSA, derNull)}), want: "C6/signature-algorithm-hash"},
		{name: "algorithm protection", reason: "names the algorithms used", data: protection(testsign.OIDRSA)},
		{name: "algorithm protection, other algorithm", reason: "somebody exchanged the algorithm", data: protection(testsign.OIDPSS), want: "C6/algorithm-protection"},
		{name: "RSA-1024", reason: "providers' keys until 2017; trust judges the age", by: matrixLeaf(testsign.Certificate{KeyType: testsign.RSA1024})},
		{name: "RSA-512", reason: "factored in hours", by: matrixLeaf(testsign.Certificate{KeyType: testsign.RSA512}), want: "C8k/rsa-too-small", mozilla: refuses},
	}
	for _, id := range identifiers(testsign.OIDMD2, testsign.OIDMD4) {
		cases = append(cases, matrixCase{
			name: "digest " + id.String(), reason: "never accepted", data: oneSigner(testsign.SignerInfo{DigestAlgorithm: algorithm(id, derNull)}),
			want: "C6/digest-forbidden", mozilla: refuses, openssl: refuses,
		})
	}
	return cases
}

func matrixEncodings() []matrixCase {
	return []matrixCase{
		{name: "BER, indefinite outside", reason: "as Bouncy Castle writes, half of all providers", data: testsign.SignedData{Encoding: testsign.BEROuter}},
		{name: "BER, indefinite everywhere", reason: "legal BER", data: testsign.SignedData{Encoding: testsign.BERAll}},
		{name: "BER, content present and empty", reason: "detached means absent", data: testsign.SignedData{Encoding: testsign.BEROuter, EmptyContent: true}, want: "C2/content-present", mozilla: refuses},
		{name: "DER, content present and empty", reason: "detached means absent", data: testsign.SignedData{EmptyContent: true}, want: "C2/content-present"},
		{name: "opaque", reason: "the bytes shown are the bytes verified", data: testsign.SignedData{Opaque: true}, opaque: true},
		{name: "opaque, BER", reason: "one piece", data: testsign.SignedData{Opaque: true, Encoding: testsign.BEROuter}, opaque: true},
		{name: "opaque, three pieces", reason: "legal BER: the pieces are joined", data: testsign.SignedData{Chunks: 3, Encoding: testsign.BEROuter}, opaque: true, mozilla: refuses},
		{name: "opaque, three pieces, definite lengths", reason: "legal BER: the pieces are joined", data: testsign.SignedData{Chunks: 3}, opaque: true, mozilla: refuses},
		{name: "opaque, unsigned second piece", reason: "it is content that nobody signed", data: testsign.SignedData{Unsigned: []byte("aggiunto")}, opaque: true, want: "digest/digest-mismatch", openssl: refuses},
		{name: "opaque without content", reason: "there is nothing to show", opaque: true, make: func() ([]byte, []byte) {
			return testsign.SignedData{}.Sign(testsign.NewCircle().One, matrixContent), nil
		}, want: "C2/content-absent", mozilla: refuses, openssl: refuses},
		{name: "length of more octets than needed", reason: "legal BER", data: testsign.SignedData{Encoding: testsign.NonMinimal}, mozilla: refuses},
		{name: "bytes after the end", reason: "something travels that was not looked at", data: testsign.SignedData{Trailing: []byte("in più")}, want: "C1/trailing-data"},
		{name: "zeros after the end", reason: "the same, however harmless it looks", data: testsign.SignedData{Trailing: make([]byte, 4)}, want: "C1/trailing-data"},
		{name: "field after SignedData's last", reason: "RFC 5652 has no such field", data: testsign.SignedData{TrailingInside: []byte{5, 0}}, want: "C7/trailing-fields", openssl: refuses},
		{name: "field after SignerInfo's last", reason: "RFC 5652 has no such field", data: oneSigner(testsign.SignerInfo{Trailing: []byte{5, 0}}), want: "C7/trailing-fields", openssl: refuses},
		{name: "other content inside, caller gives the part", reason: "two contents, one signature", data: testsign.SignedData{Opaque: true}, present: []byte("un altro"), want: "C2/content-present", mozilla: refuses, openssl: refuses},
		{name: "other content inside, caller forgets the part", reason: "the part shown was never looked at", data: testsign.SignedData{Opaque: true}, present: []byte("un altro"), forget: true, want: "C2/content-present"},
		{name: "stray content inside, the part is the signed one", reason: "two contents, one signature", data: testsign.SignedData{Content: []byte("un altro")}, want: "C2/content-present"},
	}
}

func matrixSigners() []matrixCase {
	c := testsign.NewCircle()
	stranger := testsign.Certificate{}.IssuedBy(testsign.Certificate{CA: true, Subject: testsign.NewName("Sconosciuto", "Altra CA di prova")}.SelfSigned())
	var fifty []testsign.SignerInfo
	for range 49 {
		fifty = append(fifty, testsign.SignerInfo{})
	}
	return []matrixCase{
		{name: "subjectKeyIdentifier", reason: "the other way to name the signer", data: oneSigner(testsign.SignerInfo{SKI: true}), mozilla: refuses},
		{name: "subjectKeyIdentifier of no octets", reason: "a certificate without the extension has no identifier, not an empty one", by: matrixLeaf(testsign.Certificate{Omit: identifiers(testsign.OIDSubjectKeyID)}),
			data: oneSigner(testsign.SignerInfo{SKI: true, SID: []byte{0x80, 0}}), want: "C8/no-certificate", mozilla: refuses, openssl: refuses},
		{name: "no signer", reason: "nobody signed", data: testsign.SignedData{NoSigner: true, Certificates: c.One.Chain()}, want: "C3/no-signer", mozilla: refuses, openssl: refuses},
		{name: "no signer, no certificates", reason: "nobody signed", data: testsign.SignedData{NoSigner: true}, want: "C3/no-signer", mozilla: refuses, openssl: refuses},
		{name: "two signers, both good", reason: "a PEC message has one signer", data: testsign.SignedData{Others: []testsign.SignerInfo{{By: c.Two}}}, want: "C3/two-signers"},
		{name: "two signers, the second wrong", reason: "a PEC message has one signer", data: testsign.SignedData{Others: []testsign.SignerInfo{{By: c.Two, WrongSignature: true}}}, want: "C3/two-signers", mozilla: refuses, openssl: refuses},
		{name: "two signers, the second unknown", reason: "a PEC message has one signer", data: testsign.SignedData{Others: []testsign.SignerInfo{{By: stranger}}}, want: "C3/two-signers", openssl: refuses},
		{name: "fifty signers", reason: "a PEC message has one signer, and fifty would cost fifty times", data: testsign.SignedData{Others: fifty}, want: "C3/two-signers"},
		{name: "SignedData version 99", reason: "no such version", data: testsign.SignedData{Version: 99}, want: "C3/signed-data-version"},
		{name: "SignerInfo version 3 with issuer and serial", reason: "the version says the other form", data: oneSigner(testsign.SignerInfo{Version: 3}), want: "C3/signer-version"},
		{name: "SignerInfo version 1 with key identifier", reason: "the version says the other form", data: oneSigner(testsign.SignerInfo{SKI: true, Version: 1}), want: "C3/signer-version", mozilla: refuses},
		{name: "wrong signature value", reason: "one bit differs", data: oneSigner(testsign.SignerInfo{WrongSignature: true}), want: "signature/signature-wrong", mozilla: refuses, openssl: refuses},
		{name: "signed with another key", reason: "the certificate is of another key", data: oneSigner(testsign.SignerInfo{Key: c.Two.Key}), want: "signature/signature-wrong", mozilla: refuses, openssl: refuses},
		{name: "other content", reason: "another part was signed", present: []byte("un altro"), want: "digest/digest-mismatch", mozilla: refuses, openssl: refuses},
	}
}

func matrixAttributes() []matrixCase {
	digest := sha256.Sum256(matrixContent)
	other := slices.Repeat([]byte{0xff}, 32) // sorts after the right one, which pkcs7 then finds first
	add := func(a ...testsign.CMSAttribute) testsign.SignedData {
		return oneSigner(testsign.SignerInfo{Add: a})
	}
	replace := func(a testsign.CMSAttribute) testsign.SignedData {
		return oneSigner(testsign.SignerInfo{Replace: []testsign.CMSAttribute{a}})
	}
	omit := func(id asn1.ObjectIdentifier) testsign.SignedData {
		return oneSigner(testsign.SignerInfo{Omit: identifiers(id)})
	}
	time := testsign.SigningTimeAttribute(testsign.Instant)
	later := testsign.SigningTimeAttribute(testsign.Instant.AddDate(0, 1, 0))
	text := []byte{0x16, 4, 'i', 'e', 'r', 'i'} // IA5String
	return []matrixCase{
		{name: "no signed attributes", reason: "opens the way to stripping", data: oneSigner(testsign.SignerInfo{NoAttributes: true}), want: "C4/no-signed-attributes"},
		{name: "stripped attributes", reason: "the signer never signed this as a message", make: func() ([]byte, []byte) {
			return testsign.StripAttributes(testsign.SignedData{}.Sign(testsign.NewCircle().One, matrixContent))
		}, want: "C4/no-signed-attributes"},
		{name: "empty signed attributes", reason: "the same in another form", data: oneSigner(testsign.SignerInfo{EmptyAttributes: true}), want: "C4/empty-signed-attributes", openssl: refuses},
		{name: "messageDigest missing", reason: "nothing binds the content", data: omit(testsign.OIDMessageDigest), want: "C5/attribute-missing", mozilla: refuses, openssl: refuses},
		{name: "contentType missing", reason: "RFC 5652 §11.1 requires it", data: omit(testsign.OIDContentType), want: "C5/attribute-missing", openssl: refuses},
		{name: "signingTime missing", reason: "RFC 5652 does not require it", data: omit(testsign.OIDSigningTime)},
		{name: "contentType attribute TSTInfo", reason: "the attribute and the content disagree", data: replace(testsign.ContentTypeAttribute(testsign.OIDTSTInfo)), want: "C5/attribute-content-type"},
		{name: "content and attribute TSTInfo", reason: "a time-stamp is no mail signature", data: testsign.SignedData{ContentType: testsign.OIDTSTInfo}, want: "C2/content-type"},
		{name: "two messageDigest", reason: "which one is meant?", data: add(testsign.MessageDigestAttribute(other)), want: "C5/attribute-repeated", openssl: refuses},
		{name: "two contentType", reason: "which one is meant?", data: add(testsign.ContentTypeAttribute(testsign.OIDTSTInfo)), want: "C5/attribute-repeated", openssl: refuses},
		{name: "two contentType alike", reason: "once means once", data: add(testsign.ContentTypeAttribute(testsign.OIDData)), want: "C5/attribute-repeated", openssl: refuses},
		{name: "two signingTime", reason: "which one is meant?", data: add(later), want: "C5/attribute-repeated", openssl: refuses},
		{name: "messageDigest with two values", reason: "which one is meant?", data: replace(testsign.MessageDigestAttribute(digest[:], other)), want: "C5/attribute-values", openssl: refuses},
		{name: "signingTime with two values", reason: "which one is meant?", data: replace(testsign.CMSAttribute{OID: testsign.OIDSigningTime, Values: append(time.Values, later.Values...)}), want: "C5/attribute-values", openssl: refuses},
		{name: "signingTime not a time", reason: "a reader may take it for any time", data: replace(testsign.CMSAttribute{OID: testsign.OIDSigningTime, Values: [][]byte{text}}), want: "C5/signing-time"},
		{name: "unsorted, signed in the order of the wire", reason: "the same set was signed", data: oneSigner(testsign.SignerInfo{Order: testsign.UnsortedBoth}), mozilla: refuses, wantNote: "attributes-wire-order"},
		{name: "unsorted, signed sorted", reason: "the same set was signed", data: oneSigner(testsign.SignerInfo{Order: testsign.UnsortedWireOnly}), openssl: refuses, wantNote: "attributes-unsorted"},
		{name: "S/MIME capabilities", reason: "most providers add them", data: add(testsign.SMIMECapabilities())},
		{name: "counter-signature", reason: "unsigned attributes change nothing", data: oneSigner(testsign.SignerInfo{CounterSignedBy: testsign.NewCircle().Two})},
		{name: "time-stamp token", reason: "unsigned attributes change nothing", data: oneSigner(testsign.SignerInfo{TimeStampedBy: testsign.NewCircle().Two})},
		{name: "signing certificate v1", reason: "names the signer's", data: add(testsign.SigningCertificate(testsign.NewCircle().One))},
		{name: "signing certificate v2", reason: "names the signer's", data: add(testsign.SigningCertificateV2(testsign.NewCircle().One, crypto.SHA256))},
		{name: "signing certificate v2 with SHA-512", reason: "names the signer's", data: add(testsign.SigningCertificateV2(testsign.NewCircle().One, crypto.SHA512))},
		{name: "signing certificate v1 of another", reason: "the signer meant another certificate", data: add(testsign.SigningCertificate(testsign.NewCircle().Two)), want: "C11/signing-certificate"},
		{name: "signing certificate v2 of another", reason: "the signer meant another certificate", data: add(testsign.SigningCertificateV2(testsign.NewCircle().Two, crypto.SHA256)), want: "C11/signing-certificate"},
	}
}

func matrixCertificates() []matrixCase {
	c := testsign.NewCircle()
	serial := big.NewInt(4711)
	signer := matrixLeaf(testsign.Certificate{Serial: serial})
	decoy := matrixLeaf(testsign.Certificate{Serial: serial, Subject: testsign.NewName("Gestore Uno S.p.A.", "Esca")})
	sameKey := matrixLeaf(testsign.Certificate{Serial: serial, Subject: testsign.NewName("Gestore Uno S.p.A.", "Stessa chiave"), Key: signer.Key})
	negative := matrixLeaf(testsign.Certificate{Serial: big.NewInt(-5)})
	last := func(entry []byte) testsign.SignedData {
		return testsign.SignedData{CertificatesLast: [][]byte{entry}}
	}
	crl := c.Root.CRL(1, testsign.Instant, testsign.Instant.AddDate(0, 1, 0), testsign.Revoked{Certificate: c.Two, Time: testsign.Instant})
	return []matrixCase{
		{name: "no certificates", reason: "nobody can tell the key", data: testsign.SignedData{NoCertificates: true}, want: "C8/no-certificate", mozilla: refuses, openssl: refuses},
		{name: "the leaf alone", reason: "RFC 6109 asks for no more", data: testsign.SignedData{Certificates: [][]byte{c.One.DER}}},
		{name: "the certificate of another", reason: "nobody can tell the key", data: testsign.SignedData{Certificates: c.Two.Chain()}, want: "C8/no-certificate", mozilla: refuses, openssl: refuses},
		{name: "decoy with the signer's name first", reason: "every match is tried", by: signer, data: testsign.SignedData{CertificatesFirst: [][]byte{decoy.DER}}, mozilla: refuses, openssl: refuses},
		{name: "decoy with the signer's name last", reason: "every match is tried", by: signer, data: testsign.SignedData{CertificatesLast: [][]byte{decoy.DER}}},
		{name: "two certificates with the signer's name and key", reason: "both verify; who has a path is another question", by: signer, data: testsign.SignedData{CertificatesFirst: [][]byte{sameKey.DER}}},
		{name: "attribute certificate in the bag", reason: "not looked for, skipped", data: last(testsign.AttributeCertificateEntry(c.Root)), mozilla: refuses},
		{name: "other certificate format in the bag", reason: "not looked for, skipped", data: last(testsign.OtherCertificateEntry()), mozilla: refuses},
		{name: "negative serial number in the bag", reason: "the certificate of somebody else", data: last(negative.DER), mozilla: refuses},
		{name: "nonsense in the bag", reason: "not looked for, skipped", data: last([]byte{0x30, 3, 2, 1, 0}), mozilla: refuses, openssl: refuses},
		{name: "signer with negative serial number", reason: "old authorities issued such", by: negative, mozilla: refuses},
		{name: "signer with serial number of 21 octets", reason: "old authorities issued such", by: matrixLeaf(testsign.Certificate{SerialOctets: append([]byte{0x40}, make([]byte, 20)...)})},
		{name: "CRL", reason: "revocation data is not looked at here", data: testsign.SignedData{CRLs: [][]byte{crl}}},
		{name: "OCSP response in the field of CRLs", reason: "RFC 5940", data: testsign.SignedData{CRLs: [][]byte{testsign.OCSPEntry()}}, mozilla: refuses},
		{name: "32 certificates", reason: "just within the limit", data: testsign.SignedData{CertificatesLast: slices.Repeat([][]byte{c.Two.DER}, 30)}},
		{name: "33 certificates", reason: "just over the limit", data: testsign.SignedData{CertificatesLast: slices.Repeat([][]byte{c.Two.DER}, 31)}, want: "C8/too-many-certificates"},
	}
}

// matrixOtherLayers: what this package does not judge. It accepts, and the tests
// of trust (extended key usage, key usage, authority, anchors, validity) and of
// pec (signing time, the address in From) have the same cases with a refusal.
func matrixOtherLayers() []matrixCase {
	cases := []matrixCase{
		{name: "signing time a year ahead", reason: "pec compares times", data: oneSigner(testsign.SignerInfo{Time: testsign.Instant.AddDate(1, 0, 0)})},
		{name: "unknown authority", reason: "trust knows authorities", by: testsign.Certificate{}.IssuedBy(testsign.Certificate{CA: true, Subject: testsign.NewName("Sconosciuto", "CA ignota di prova")}.SelfSigned()), openssl: refuses},
		{name: "expired signer, back-dated signing time", reason: "trust knows times", by: matrixLeaf(testsign.Certificate{
			NotBefore: testsign.Instant.AddDate(-2, 0, 0), NotAfter: testsign.Instant.AddDate(0, -1, 0),
		}), data: oneSigner(testsign.SignerInfo{Time: testsign.Instant.AddDate(0, -2, 0)}), openssl: refuses},
		{name: "extended key usage serverAuth", reason: "trust knows the profile", by: matrixLeaf(testsign.Certificate{ExtKeyUsage: identifiers(testsign.OIDServerAuth)}), openssl: refuses},
		{name: "key usage keyEncipherment", reason: "trust knows the profile", by: matrixLeaf(testsign.Certificate{KeyUsage: x509.KeyUsageKeyEncipherment}), openssl: refuses},
		{name: "an authority signs", reason: "trust knows the profile", by: testsign.NewCircle().Root, openssl: refuses /* for its key usage */},
		{name: "an authority that may sign mail signs", reason: "trust knows the profile", by: matrixLeaf(testsign.Certificate{
			CA: true, Subject: testsign.NewName("Gestore Uno S.p.A.", "CA di prova"), KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		})},
	}
	for i := range cases {
		cases[i].name = fmt.Sprintf("other layer: %s", cases[i].name)
	}
	return cases
}
