package main

import (
	"bytes"
	"crypto"
	"encoding/asn1"
	"slices"

	"github.com/gopec/gopec/internal/testsign"
)

var null = []byte{5, 0}

// brokenSignatures are those that are no CMS signature, or not one signer's.
func brokenSignatures(s *set) {
	encoding := func(id, reason string, signature []byte) {
		s.add("cms-"+id, "SignatureEncoding Verdict", reason, s.the(acceptance, func(m *testsign.Message) { m.Signature = signature }), refused(acceptance, formatFailure, "signature.encoding"))
	}
	whole := testsign.SignedData{}.Sign(s.one, s.message(acceptance).SignedPart())
	encoding("cut-off", "Half a signature is none.", whole[:len(whole)/2])
	encoding("one-byte-short", "The last byte is missing.", whole[:len(whole)-1])
	encoding("empty", "No bytes are no signature.", []byte{})
	encoding("text", "A part of the right name is no signature.", []byte("firmato"))
	encoding("a-certificate", "A certificate is no signature.", s.one.DER)
	data := func(id, reason, failed string, d testsign.SignedData) {
		flag := map[string]string{"signature.encoding": "SignatureEncoding", "signature.signer": "SignerCount"}[failed]
		s.add("cms-"+id, flag, reason, s.signedAs(d), refused(acceptance, formatFailure, failed))
	}
	data("trailing-bytes", "Something travels behind the end that was not looked at.", "signature.encoding", testsign.SignedData{Trailing: []byte("altro")})
	data("field-after-signed-data", "RFC 5652 has no field behind signerInfos.", "signature.encoding", testsign.SignedData{TrailingInside: null})
	data("field-after-signer-info", "RFC 5652 has no field behind unsignedAttrs.", "signature.encoding", testsign.SignedData{Signer: testsign.SignerInfo{Trailing: null}})
	data("no-signer", "Nobody signed.", "signature.signer", testsign.SignedData{NoSigner: true, Certificates: s.one.Chain()})
	data("two-signers", "A PEC message has one signer; here both are good.", "signature.signer", testsign.SignedData{Others: []testsign.SignerInfo{{By: s.two}}})
	data("two-signers-second-wrong", "A PEC message has one signer; here the second is wrong.", "signature.signer", testsign.SignedData{Others: []testsign.SignerInfo{{By: s.two, WrongSignature: true}}})
	data("two-signers-first-a-stranger", "A PEC message has one signer; here the first is a stranger.", "signature.signer", testsign.SignedData{
		Signer: testsign.SignerInfo{By: leafOf(strangersAuthority(), "stranger", testsign.Certificate{})}, Others: []testsign.SignerInfo{{By: s.one}},
	})
	data("version-99", "There is no such version.", "signature.signer", testsign.SignedData{Version: 99})
	data("signer-version-3-with-serial", "The version says the other way to name the signer.", "signature.signer", testsign.SignedData{Signer: testsign.SignerInfo{Version: 3}})

	reference := func(id, reason string, a ...testsign.CMSAttribute) {
		s.add("cms-"+id, "SignerCertificate", reason, s.signer(testsign.SignerInfo{Add: a}), refused(acceptance, noCertificate, "signature.certificate"))
	}
	reference("signing-certificate-of-another", "The signer meant another certificate.", testsign.SigningCertificate(s.two))
	reference("signing-certificate-v2-of-another", "The signer meant another certificate, named by SHA-256.", testsign.SigningCertificateV2(s.two, crypto.SHA256))
	reference("signing-certificates-disagree", "One of the two attributes means another certificate.", testsign.SigningCertificateV2(s.one, crypto.SHA256), testsign.SigningCertificate(s.two))
}

// brokenAttributes are signed attributes that leave open what was signed.
func brokenAttributes(s *set) {
	add := func(id, reason string, i testsign.SignerInfo) {
		s.add("cms-"+id, "SignedAttributes", reason, s.signer(i), refused(acceptance, formatFailure, "signature.attributes"))
	}
	attributes := func(a ...testsign.CMSAttribute) testsign.SignerInfo { return testsign.SignerInfo{Add: a} }
	instead := func(a testsign.CMSAttribute) testsign.SignerInfo {
		return testsign.SignerInfo{Replace: []testsign.CMSAttribute{a}}
	}
	omit := func(id asn1.ObjectIdentifier) testsign.SignerInfo {
		return testsign.SignerInfo{Omit: []asn1.ObjectIdentifier{id}}
	}
	part := s.message(acceptance).SignedPart()
	h := crypto.SHA256.New()
	h.Write(part)
	other := bytes.Repeat([]byte{0xff}, 32)
	add("no-signed-attributes", "The signature is over the content: this opens the way to stripping.", testsign.SignerInfo{NoAttributes: true})
	add("signed-attributes-empty", "The same in another form.", testsign.SignerInfo{EmptyAttributes: true})
	add("no-message-digest", "Nothing binds the content.", omit(testsign.OIDMessageDigest))
	add("no-content-type", "RFC 5652 requires the attribute.", omit(testsign.OIDContentType))
	add("two-message-digests", "Which one is meant?", attributes(testsign.MessageDigestAttribute(other)))
	add("two-content-types", "Which one is meant?", attributes(testsign.ContentTypeAttribute(testsign.OIDData)))
	add("two-signing-times", "Which one is meant?", attributes(testsign.SigningTimeAttribute(testsign.Instant.AddDate(0, 1, 0))))
	add("message-digest-two-values", "Which value is meant?", instead(testsign.MessageDigestAttribute(h.Sum(nil), other)))
	add("signing-time-not-a-time", "A reader may take it for any time.", instead(testsign.CMSAttribute{OID: testsign.OIDSigningTime, Values: [][]byte{{0x16, 4, 'i', 'e', 'r', 'i'}}}))
	add("content-type-attribute-other", "Attribute and content disagree.", instead(testsign.ContentTypeAttribute(testsign.OIDTSTInfo)))

	// The value over the attributes becomes one over a message that consists of
	// them. It has no daticert.xml, no signing time and a genuine signature.
	signature, content := testsign.StripAttributes(testsign.SignedData{}.Sign(s.one, part))
	stripped := refused(unknown, formatFailure, "signature.attributes", certificationThere).noData().at(certified, "header")
	s.add("cms-stripped-attributes", "SignedAttributes", "The attributes, signed once, are shown as a message: the signer never signed these bytes as one.", s.the(acceptance, func(m *testsign.Message) {
		m.Signature, m.AfterSign = signature, func([]byte) []byte { return content }
	}), stripped.warns("signature.structure")) // DER holds CR and NUL
	s.add("cms-stripped-attributes-opaque", "SignedAttributes", "The same with the content inside.", s.the(acceptance, func(m *testsign.Message) {
		m.Opaque, m.CMS.Content, m.CMS.Signer.NoAttributes = true, content, true
	}), stripped)
	s.add("cms-attributes-taken-away", "SignedAttributes", "The attributes are taken away and the content is left: nothing binds it.", s.the(acceptance, func(m *testsign.Message) { m.Signature = signature }),
		refused(acceptance, formatFailure, "signature.attributes"))
}

// brokenContents have content where none belongs, or other content than was
// signed.
func brokenContents(s *set) {
	add := func(id, reason string, m testsign.Message, want expectation) {
		s.add("cms-"+id, "SignedContent", reason, m, want)
	}
	format := func(failed ...string) expectation { return refused(acceptance, formatFailure, failed...) }
	digest := refused(acceptance, hashFailure, "signature.digest")
	opaque := func(d testsign.SignedData) testsign.Message {
		return with(s.signedAs(d), func(m *testsign.Message) { m.Opaque = true })
	}
	signature := func(b []byte) testsign.Message {
		return s.the(acceptance, func(m *testsign.Message) { m.Signature = b })
	}
	other := []byte("Content-Type: text/plain\r\n\r\nAltro.\r\n")
	add("content-empty-ber", "Detached means that the content is absent, not that it is empty.", s.signedAs(testsign.SignedData{Encoding: testsign.BEROuter, EmptyContent: true}), format("signature.content"))
	add("content-empty-der", "The same in DER.", s.signedAs(testsign.SignedData{EmptyContent: true}), format("signature.content"))
	add("content-type-other", "The content is no time-stamp, whatever eContentType says.", s.signedAs(testsign.SignedData{EContentType: testsign.OIDTSTInfo}), format("signature.content", "signature.attributes"))
	add("time-stamp-as-signature", "A time-stamp token is no mail signature.", s.signedAs(testsign.SignedData{ContentType: testsign.OIDTSTInfo}), format("signature.content"))
	add("time-stamp-as-signature-opaque", "The same with the content inside.", opaque(testsign.SignedData{ContentType: testsign.OIDTSTInfo}), format("signature.content"))
	add("content-inside-and-outside", "The signed content is inside; the part that is shown was never looked at.", signature(testsign.SignedData{Opaque: true}.Sign(s.one, other)), format("signature.content", "signature.digest"))
	add("content-stray", "The part is the signed one, and other content is inside: two contents, one signature.", s.signedAs(testsign.SignedData{Content: []byte("Altro.")}), format("signature.content"))
	add("signature-of-another-part", "A genuine signature over another part.", signature(testsign.SignedData{}.Sign(s.one, other)), digest)
	add("opaque-unsigned-piece", "The second piece would be shown, and nobody signed it.", opaque(testsign.SignedData{Unsigned: []byte("Aggiunto.\r\n")}), digest)
	add("opaque-unsigned-piece-ber", "The same with indefinite lengths.", opaque(testsign.SignedData{Unsigned: []byte("Aggiunto.\r\n"), Encoding: testsign.BEROuter}), digest)
	add("opaque-unsigned-byte", "One byte is enough.", opaque(testsign.SignedData{Unsigned: []byte("\n"), Chunks: 2}), digest)
	add("opaque-other-content", "What is inside is not what was signed; what is reported is what was hashed.", s.the(acceptance, func(m *testsign.Message) {
		forged := s.the(acceptance, func(m *testsign.Message) { m.Data.Subject = "Altro oggetto" })
		m.Opaque, m.CMS.Content = true, forged.SignedPart()
	}), digest.warns("header.subject").data("oggetto", "Altro oggetto"))
	add("opaque-without-content", "There is nothing to show: a detached signature as application/pkcs7-mime.", s.the(acceptance, func(m *testsign.Message) {
		m.Opaque, m.Signature = true, testsign.SignedData{}.Sign(s.one, m.SignedPart())
	}), refused(unknown, formatFailure, "signature.content", certificationThere).noData())
}

// brokenAlgorithms are row 4.
func brokenAlgorithms(s *set) {
	add := func(id, reason string, m testsign.Message, failed ...string) {
		s.add("alg-"+id, "Algorithms", reason, m, refused(acceptance, cryptoConstraints, append(failed, "signature.algorithms")...))
	}
	named := func(id asn1.ObjectIdentifier) *testsign.AlgorithmIdentifier {
		return &testsign.AlgorithmIdentifier{OID: id, Parameters: null}
	}
	key := func(bits int, exponent int64) testsign.Message {
		return s.by(s.leaf("decoy", testsign.Certificate{SPKI: testsign.DecoySPKI(bits, exponent, "decoy"), Key: testsign.Key(testsign.RSA2048, "decoy")}))
	}
	add("md5", "Collisions take seconds; nothing is computed with it.", s.signer(testsign.SignerInfo{Hash: crypto.MD5}))
	add("md5-with-rsa", "The same under the other name.", s.signer(testsign.SignerInfo{Hash: crypto.MD5, Scheme: testsign.SchemeHashRSA}))
	add("md4", "Never accepted.", s.signer(testsign.SignerInfo{DigestAlgorithm: named(testsign.OIDMD4)}))
	add("md2", "Never accepted.", s.signer(testsign.SignerInfo{DigestAlgorithm: named(testsign.OIDMD2)}))
	add("digest-not-announced", "digestAlgorithms names another digest than the signer uses.", s.signedAs(testsign.SignedData{DigestAlgorithms: []testsign.AlgorithmIdentifier{{OID: testsign.OIDSHA512}}}))
	add("signature-names-sha512", "The signature algorithm names another digest than the signer.", s.signer(testsign.SignerInfo{SignatureAlgorithm: named(testsign.OIDSHA512WithRSA)}))
	add("signature-names-sha1", "The same with SHA-1.", s.signer(testsign.SignerInfo{SignatureAlgorithm: named(testsign.OIDSHA1WithRSA)}))
	add("protection-names-another", "Somebody exchanged the algorithm that the signer protected.", s.signer(testsign.SignerInfo{Add: slices.Clone([]testsign.CMSAttribute{
		testsign.AlgorithmProtection(testsign.AlgorithmIdentifier{OID: testsign.OIDSHA256}, testsign.AlgorithmIdentifier{OID: testsign.OIDPSS}),
	})}))
	add("rsa-512", "Factored in hours.", s.by(s.rsa512()), "trust.algorithms")
	add("rsa-8193", "The arithmetic costs the reader seconds.", key(8193, 65537))
	add("rsa-exponent-even", "Such a key signs nothing.", key(2048, 4))
	add("rsa-exponent-1", "With it everything is its own signature.", key(2048, 1))
	add("certificate-md5", "A forged authority was made that way in 2008.", s.by(s.leaf("md5", testsign.Certificate{Hash: crypto.MD5})), "trust.path")
}
