package main

import (
	"crypto"
	"encoding/asn1"
	"math/big"

	"github.com/gopec/gopec/internal/testsign"
)

const digestAge = "signature.digest-algorithm"

var sha1Signature = testsign.SignedData{Signer: testsign.SignerInfo{Hash: crypto.SHA1}}

// algorithms are those that a verifier has to know.
func algorithms(s *set) {
	good := authentic(acceptance)
	hash := func(h crypto.Hash) testsign.Message { return s.signer(testsign.SignerInfo{Hash: h}) }
	key := func(label string, c testsign.Certificate) *testsign.Identity { return s.leaf(label, c) }
	s.add("habit-sha1", "ProviderHabit OldAlgorithm", "All providers signed with SHA-1 once, some until 2024: verified at any date, with a warning.", hash(crypto.SHA1), good.warns(digestAge))
	s.add("habit-sha224", "ProviderHabit", "SHA-224 is no weaker than SHA-1.", hash(crypto.SHA224), good)
	s.add("habit-sha384", "ProviderHabit", "SHA-384 is allowed.", hash(crypto.SHA384), good)
	s.add("habit-sha512", "ProviderHabit", "SHA-512 is allowed.", hash(crypto.SHA512), good)
	s.add("habit-rsa-named-with-digest", "ProviderHabit", "The signature algorithm may be named sha256WithRSAEncryption instead of rsaEncryption.", s.signer(testsign.SignerInfo{Scheme: testsign.SchemeHashRSA}), good)
	s.add("habit-rsa-parameters-absent", "ProviderHabit", "Absent parameters and NULL mean the same.", s.signer(testsign.SignerInfo{SignatureAlgorithm: &testsign.AlgorithmIdentifier{OID: testsign.OIDRSA}}), good)
	s.add("habit-rsa-3072", "ProviderHabit", "A longer RSA key.", s.by(key("rsa-3072", testsign.Certificate{KeyType: testsign.RSA3072})), good)
	s.add("habit-rsa-pss", "ProviderHabit", "RSASSA-PSS is the modern form of RSA.", s.signer(testsign.SignerInfo{Scheme: testsign.SchemePSS}), good)
	s.add("habit-ecdsa-p256", "ProviderHabit", "An ECDSA key on P-256.", s.by(key("p256", testsign.Certificate{KeyType: testsign.P256})), good)
	s.add("habit-ecdsa-p384", "ProviderHabit", "An ECDSA key on P-384, with SHA-384.", with(s.by(key("p384", testsign.Certificate{KeyType: testsign.P384})), func(m *testsign.Message) {
		m.CMS.Signer.Hash = crypto.SHA384
	}), good)
	s.add("habit-ecdsa-named-by-key", "ProviderHabit", "ECDSA under the name of the key type, id-ecPublicKey: the digest algorithm stands beside it, so that nothing is ambiguous.",
		with(s.by(key("p256-named", testsign.Certificate{KeyType: testsign.P256})), func(m *testsign.Message) { m.CMS.Signer.Scheme = testsign.SchemeECKey }), good)
	s.add("habit-ed25519", "ProviderHabit", "Ed25519 with SHA-512, as RFC 8419 has it.", s.by(key("ed25519", testsign.Certificate{KeyType: testsign.Ed25519})), good)
	s.add("habit-certificate-sha512-pss", "ProviderHabit", "The authority may sign certificates with RSASSA-PSS.", s.by(key("pss", testsign.Certificate{Hash: crypto.SHA512, PSS: true})), good)
}

// signatures are forms of CMS that are valid and divide verifiers.
func signatures(s *set) {
	good := authentic(acceptance)
	added := func(a ...testsign.CMSAttribute) testsign.Message { return s.signer(testsign.SignerInfo{Add: a}) }
	opaque := func(data testsign.SignedData) testsign.Message {
		return with(s.signedAs(data), func(m *testsign.Message) { m.Opaque = true })
	}
	s.add("habit-ber-outer", "ProviderHabit", "Half of all providers send BER with indefinite lengths.", s.signedAs(testsign.SignedData{Encoding: testsign.BEROuter}), good)
	s.add("habit-ber-everywhere", "ProviderHabit", "Indefinite lengths are legal in signed attributes as well; what is hashed is their DER.", s.signedAs(testsign.SignedData{Encoding: testsign.BERAll}), good)
	s.add("habit-ber-long-length", "ProviderHabit", "A length with more octets than it needs is legal BER.", s.signedAs(testsign.SignedData{Encoding: testsign.NonMinimal}), good)
	s.add("habit-signer-by-key-identifier", "ProviderHabit", "The signer may be named by subjectKeyIdentifier.", s.signer(testsign.SignerInfo{SKI: true}), good)
	s.add("habit-no-signing-time", "ProviderHabit", "RFC 5652 does not require signingTime.", s.signer(testsign.SignerInfo{Omit: []asn1.ObjectIdentifier{testsign.OIDSigningTime}}), good)
	s.add("habit-smime-capabilities", "ProviderHabit", "Most providers sign their S/MIME capabilities along.", added(testsign.SMIMECapabilities()), good)
	s.add("habit-signing-certificate", "ProviderHabit", "The attribute names the signer's certificate by SHA-1.", added(testsign.SigningCertificate(s.one)), good)
	s.add("habit-signing-certificate-v2", "ProviderHabit", "The attribute names the signer's certificate by SHA-256.", added(testsign.SigningCertificateV2(s.one, crypto.SHA256)), good)
	s.add("habit-algorithm-protection", "ProviderHabit", "One provider signs the names of the algorithms along.", added(testsign.AlgorithmProtection(
		testsign.AlgorithmIdentifier{OID: testsign.OIDSHA256}, testsign.AlgorithmIdentifier{OID: testsign.OIDRSA, Parameters: []byte{5, 0}})), good)
	s.add("habit-attributes-unsorted", "ProviderHabit", "Attributes out of order in the message, and signed in that order: the same set was signed.", s.signer(testsign.SignerInfo{Order: testsign.UnsortedBoth}), good)
	s.add("habit-attributes-unsorted-wire", "ProviderHabit", "Attributes out of order in the message, and signed in DER order: the same set was signed.", s.signer(testsign.SignerInfo{Order: testsign.UnsortedWireOnly}), good)
	s.add("habit-counter-signature", "ProviderHabit", "Unsigned attributes change nothing: a counter-signature.", s.signer(testsign.SignerInfo{CounterSignedBy: s.two}), good)
	s.add("habit-time-stamp-attribute", "ProviderHabit", "Unsigned attributes change nothing: a time-stamp token.", s.signer(testsign.SignerInfo{TimeStampedBy: s.two}), good)
	s.add("habit-ocsp-in-crls", "ProviderHabit", "The field of revocation lists may hold an OCSP response.", s.signedAs(testsign.SignedData{CRLs: [][]byte{testsign.OCSPEntry()}}), good)
	crl := s.root.CRL(1, testsign.Instant, testsign.Instant.AddDate(0, 1, 0), testsign.Revoked{Certificate: s.two, Time: testsign.Instant})
	s.add("habit-crl", "ProviderHabit", "The field of revocation lists may hold one; it is not about the signer.", s.signedAs(testsign.SignedData{CRLs: [][]byte{crl}}), good)
	s.add("habit-opaque", "ProviderHabit", "The message may be inside its signature, as application/pkcs7-mime.", opaque(testsign.SignedData{}), good)
	s.add("habit-opaque-pieces", "ProviderHabit", "The content inside may come in pieces, which are joined.", opaque(testsign.SignedData{Chunks: 3}), good)
	s.add("habit-opaque-pieces-ber", "ProviderHabit", "The same with indefinite lengths.", opaque(testsign.SignedData{Chunks: 3, Encoding: testsign.BEROuter}), good)
}

// certificates are bags of certificates that providers send, or that somebody
// put others into. The bag is not signed.
func certificates(s *set) {
	good := authentic(acceptance)
	bag := func(d testsign.SignedData) testsign.Message { return s.signedAs(d) }
	last := func(entry []byte) testsign.Message {
		return bag(testsign.SignedData{CertificatesLast: [][]byte{entry}})
	}
	s.add("habit-leaf-only", "ProviderHabit", "RFC 6109 obliges providers to include the signer's certificate only.", bag(testsign.SignedData{Certificates: [][]byte{s.one.DER}}), good)
	s.add("habit-certificates-reversed", "ProviderHabit", "The bag is a set; the signer need not come first.", bag(testsign.SignedData{Certificates: [][]byte{s.root.DER, s.one.DER}}), good)
	s.add("habit-certificate-of-another", "ProviderHabit", "Certificates of others in the bag are nobody's signature.", last(s.two.DER), good)
	s.add("habit-attribute-certificate", "ProviderHabit SignerCertificate", "An attribute certificate in the bag is skipped.", last(testsign.AttributeCertificateEntry(s.root)), good)
	s.add("habit-other-certificate-format", "ProviderHabit SignerCertificate", "A certificate of an unknown format in the bag is skipped.", last(testsign.OtherCertificateEntry()), good)
	s.add("habit-nonsense-in-bag", "SignerCertificate", "What is no certificate is skipped.", last([]byte{0x30, 3, 2, 1, 0}), good)
	negative := s.leaf("negative", testsign.Certificate{Serial: big.NewInt(-5), Subject: testsign.NewName(organizationOne, "Altro firmatario")})
	s.add("habit-negative-serial-in-bag", "ProviderHabit SignerCertificate", "Old authorities issued negative serial numbers; somebody else's in the bag changes nothing.", last(negative.DER), good)
	s.add("habit-negative-serial", "ProviderHabit SignerCertificate", "The signer's own serial number may be negative, too.", s.by(s.leaf("negative", testsign.Certificate{Serial: big.NewInt(-5)})), good)

	serial := big.NewInt(4711)
	signer := s.leaf("", testsign.Certificate{Serial: serial})
	first := func(der []byte) testsign.Message {
		return with(s.by(signer), func(m *testsign.Message) { m.CMS.CertificatesFirst = [][]byte{der} })
	}
	decoy := s.leaf("", testsign.Certificate{Serial: serial, Subject: testsign.NewName(organizationOne, "Esca"), Key: testsign.Key(testsign.RSA2048, "decoy")})
	foreign := leafOf(strangersAuthority(), "", testsign.Certificate{Serial: serial, Issuer: s.root.Subject, Key: testsign.Key(testsign.RSA2048, "decoy")})
	sameKey := s.leaf("", testsign.Certificate{Serial: serial, ExtKeyUsage: []asn1.ObjectIdentifier{testsign.OIDServerAuth}})
	s.add("decoy-same-issuer-and-serial", "SignerCertificate", "A certificate with the signer's issuer and serial number and another key comes first: every match is tried.", first(decoy.DER), good)
	s.add("decoy-of-a-stranger", "SignerCertificate", "The same, written by somebody who is not the authority.", first(foreign.DER), good)
	s.add("decoy-same-key", "SignerCertificate", "Another certificate over the signer's own key, for web servers: one of the two is a provider's.", first(sameKey.DER), good)
}

// strangersAuthority is an authority that nobody believes.
func strangersAuthority() *testsign.Identity {
	return authority("CA FATTA IN CASA - NO LEGAL VALUE", testsign.Certificate{})
}
