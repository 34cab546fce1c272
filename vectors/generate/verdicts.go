package main

import (
	"bytes"
	"crypto"
	"encoding/asn1"
	"slices"
	"strings"
	"time"

	"github.com/gopec/gopec/internal/testsign"
)

// noVerdict is row 1 of the table: above a limit nothing is said.
func noVerdict(s *set) {
	bag := func(n int) testsign.Message {
		var entries [][]byte
		other := s.leaf("other", testsign.Certificate{Subject: testsign.NewName(organizationOne, "Altro firmatario"), KeyType: testsign.P256}).DER
		for range n {
			entries = append(entries, other)
		}
		return s.signedAs(testsign.SignedData{Certificates: [][]byte{s.one.DER}, CertificatesLast: entries})
	}
	s.add("limit-certificates-below", "Limit", "32 certificates in a signature are allowed.", bag(31), authentic(acceptance))
	s.add("limit-certificates-above", "Limit", "33 are not looked into: the cost of building paths is the attacker's to choose.", bag(32), none("limit"))

	// A SEQUENCE in a SEQUENCE, with as many levels in all.
	deep := func(levels int) testsign.Message {
		var der []byte
		for range levels {
			switch n := len(der); {
			case n < 128:
				der = append([]byte{0x30, byte(n)}, der...)
			default:
				der = append([]byte{0x30, 0x81, byte(n)}, der...)
			}
		}
		return s.the(acceptance, func(m *testsign.Message) { m.Signature = der })
	}
	s.add("limit-signature-depth-below", "Limit SignatureEncoding", "32 levels of nesting are looked at; what is found is no signature.", deep(32), refused(acceptance, formatFailure, "signature.encoding"))
	s.add("limit-signature-depth-above", "Limit SignatureEncoding", "33 levels are not: parsers have been crashed and stalled that way.", deep(33), none("limit"))

	// Multipart in multipart; the mail itself is level 0.
	nested := func(levels int) raw {
		var b strings.Builder
		b.WriteString("From: " + sender + "\r\nSubject: " + asciiSubject + "\r\nMIME-Version: 1.0\r\n")
		for i := range levels {
			name := "b" + string(rune('a'+i))
			b.WriteString("Content-Type: multipart/mixed; boundary=" + name + "\r\n\r\n--" + name + "\r\n")
		}
		b.WriteString("Content-Type: text/plain\r\n\r\nIn fondo.\r\n")
		for i := levels - 1; i >= 0; i-- {
			b.WriteString("--b" + string(rune('a'+i)) + "--\r\n")
		}
		return raw(b.String())
	}
	s.add("limit-nesting-below", "Limit NotPEC", "Parts deep inside parts are read.", nested(19), unsigned())
	s.add("limit-nesting-above", "Limit NotPEC VerdictOrder", "A depth of 21 is not: a limit comes before the missing signature.", nested(21), none("limit"))
	s.add("limit-nesting-above-signed", "Limit VerdictOrder", "In a message whose signature is missing the limit comes first as well.",
		raw(bytes.Replace(nested(21), []byte("multipart/mixed"), []byte("multipart/signed"), 1)), none("limit"))

	depth := func(n int) testsign.Message {
		return s.xml(acceptance, "<dati>", "<dati>"+strings.Repeat("<n>", n)+strings.Repeat("</n>", n))
	}
	s.add("limit-daticert-depth-below", "Limit CertificationForm", "16 elements inside one another are read; those that the DTD does not have are named.", depth(14), authentic(acceptance).warns("daticert.norm"))
	s.add("limit-daticert-depth-above", "Limit CertificationForm", "17 are not.", depth(15), none("limit"))
}

// noSignature is row 2.
func noSignature(s *set) {
	unsignedPEC := func(change func(*testsign.Message)) testsign.Message {
		return s.the(delivery, func(m *testsign.Message) {
			m.NoSignature = true
			change(m)
		})
	}
	s.add("unsigned-claims", "NotPEC Verdict", "What a header says does not make a signature: certification data that nobody signed are none.", unsignedPEC(func(*testsign.Message) {}), unsigned())
	s.add("unsigned-with-signature-attached", "NotPEC VerdictOrder", "Without multipart/signed a part named smime.p7s is an attachment, however broken.", unsignedPEC(func(m *testsign.Message) {
		m.ExtraParts = []testsign.Part{{Type: "application/pkcs7-signature", Name: "smime.p7s", Encoding: "base64", Body: []byte("rotta")}}
	}), unsigned())
	s.add("unsigned-openpgp", "NotPEC", "A signature of OpenPGP is none of the circuit.",
		raw(bytes.ReplaceAll(s.message(delivery).Bytes(), []byte("application/pkcs7-signature"), []byte("application/pgp-signature"))), unsigned())
	s.add("unsigned-body-looks-signed", "NotPEC", "A body that reads like a signed message is text.", raw("Subject: "+asciiSubject+"\r\n\r\n"+string(s.message(acceptance).Bytes())), unsigned())
	s.add("unsigned-encrypted", "NotPEC", "An encrypted message is no signed one.",
		raw("From: "+serviceOne+"\r\nX-Trasporto: posta-certificata\r\nMIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data\r\nContent-Transfer-Encoding: base64\r\n\r\nMIIB\r\n"), unsigned())
	s.add("unsigned-subject-only", "NotPEC KindSpoofing", "A subject that says delivery is words.", raw(plain("CONSEGNA: "+asciiSubject)), unsigned())
	s.add("unsigned-headers-only", "NotPEC CutOff", "A header block without a body is mail, and not signed.", raw("From: "+serviceOne+"\r\nX-Ricevuta: avvenuta-consegna\r\nSubject: CONSEGNA: contratto\r\n"), unsigned())
}

var serverAuth = []asn1.ObjectIdentifier{testsign.OIDServerAuth}

// until and since give a signer another validity.
func (s *set) until(label string, t time.Time, c testsign.Certificate) *testsign.Identity {
	c.NotAfter = t
	return s.leaf(label, c)
}

func (s *set) since(label string, t time.Time, c testsign.Certificate) *testsign.Identity {
	c.NotBefore = t
	return s.leaf(label, c)
}

// inApril is the end of a certificate that was valid at the certified time and
// has expired since, whenever somebody runs the vectors.
var inApril = time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)

func (s *set) rsa1024() *testsign.Identity {
	return s.leaf("rsa-1024", testsign.Certificate{KeyType: testsign.RSA1024})
}

func (s *set) rsa512() *testsign.Identity {
	return s.leaf("rsa-512", testsign.Certificate{KeyType: testsign.RSA512})
}

// verdictRows are the rows from 3 on that no other group has.
func verdictRows(s *set) {
	s.add("row-7-signature-value-wrong", "Verdict", "One bit of the signature value differs.", s.signer(testsign.SignerInfo{WrongSignature: true}), refused(acceptance, sigCryptoFailure, "signature.value"))
	s.add("row-7-other-key", "Verdict", "Signed with another key than the certificate's.", s.signer(testsign.SignerInfo{Key: s.two.Key}), refused(acceptance, sigCryptoFailure, "signature.value"))
	s.add("row-6-no-certificate", "Verdict SignerCertificate", "Without a certificate nobody can tell the key.", s.signedAs(testsign.SignedData{NoCertificates: true}), refused(acceptance, noCertificate, "signature.certificate"))
	s.add("row-6-authority-only", "Verdict SignerCertificate", "The authority's certificate is not the signer's.", s.signedAs(testsign.SignedData{Certificates: [][]byte{s.root.DER}}), refused(acceptance, noCertificate, "signature.certificate"))
	s.add("row-6-certificate-of-another", "Verdict SignerCertificate", "A certificate that the signer does not name is not the signer's.", s.signedAs(testsign.SignedData{Certificates: s.two.Chain()}), refused(acceptance, noCertificate, "signature.certificate"))

	weak := s.by(s.rsa1024())
	s.add("row-13-rsa-1024", "Verdict OldAlgorithm", "Such a key may have been computed since.", weak, refused(acceptance, cryptoNoPOE, "trust.algorithms"))
	s.add("row-13-rsa-1024-legacy", "OldAlgorithm", "Under the legacy policy the caller believes that nobody did, and the report says what is believed.", weak, authentic(acceptance).warns("trust.algorithms"), legacy)
	sha1 := s.by(s.leaf("sha1", testsign.Certificate{Hash: crypto.SHA1}))
	s.add("row-13-certificate-sha1", "Verdict OldAlgorithm", "A certificate signed with SHA-1 may have been forged since.", sha1, refused(acceptance, cryptoNoPOE, "trust.algorithms"))
	s.add("row-13-certificate-sha1-legacy", "OldAlgorithm", "The legacy policy believes such certificates, too.", sha1, authentic(acceptance).warns("trust.algorithms"), legacy)
	s.add("row-13-legacy-is-no-licence", "OldAlgorithm UntrustedAuthority", "The legacy policy believes old algorithms, not strangers.", s.by(leafOf(strangersAuthority(), "stranger", testsign.Certificate{})), refused(acceptance, noChain, "trust.path"), legacy)

	short := s.by(s.until("short", inApril, testsign.Certificate{}))
	sha1Digest := s.signedAs(sha1Signature)
	s.add("row-14-strict-revocation", "Verdict ReferenceTime", "Strict: without revocation data it cannot be told now.", s.message(acceptance), refused(acceptance, tryLater, "trust.revocation"), strict)
	s.add("row-14-strict-sha1", "Verdict ReferenceTime OldAlgorithm", "Strict: nothing shows that the message existed before SHA-1 aged.", sha1Digest, refused(acceptance, cryptoNoPOE, digestAge, "trust.revocation"), strict)
	s.add("row-14-strict-sha1-given-time", "ReferenceTime OldAlgorithm", "A time that the caller vouches for is a proof of existence; revocation data are still missing.", sha1Digest,
		refused(acceptance, tryLater, "trust.revocation").warns(digestAge).given(certified), strict, at(certified))
	s.add("row-14-strict-expired-since", "Verdict ReferenceTime", "Strict: nothing shows that the message is older than the expiry.", short, refused(acceptance, outOfBounds, "trust.revocation", "time.poe"), strict)
	s.add("row-14-strict-expired-since-given-time", "ReferenceTime", "Strict with a time that the caller vouches for: what is left is revocation.", short,
		refused(acceptance, tryLater, "trust.revocation").given(certified), strict, at(certified))
}

// neighbours break two rows at once: the first decides, both are listed. Rows
// 2 and 3, 11 and 12 exclude each other; of 6 and 7 the second cannot be
// checked, because there is no key.
func neighbours(s *set) {
	const f = "VerdictOrder"
	add := func(id, reason string, m testsign.Message, want expectation, options ...option) {
		s.add("rows-"+id, f, reason, m, want, options...)
	}
	changed := replace("Identificativo", "identificativo")
	omitContentType := testsign.SignedData{Signer: testsign.SignerInfo{Omit: []asn1.ObjectIdentifier{testsign.OIDContentType}}}
	otherFrom := []testsign.Field{{Name: "From", Value: serviceTwo}}
	serverUntil := s.until("server-until", inApril, testsign.Certificate{ExtKeyUsage: serverAuth})
	march := func(day int) time.Time { return time.Date(2026, 3, day, 0, 0, 0, 0, time.UTC) }
	stranger := leafOf(strangersAuthority(), "stranger", testsign.Certificate{})

	add("3-and-4", "A signed attribute is missing, and the key is too short.", with(s.by(s.rsa512()), func(m *testsign.Message) { m.CMS = omitContentType }),
		refused(acceptance, formatFailure, "signature.attributes", "signature.algorithms", "trust.algorithms"))
	add("4-and-5", "The key is too short, and the signed part was changed.", with(s.by(s.rsa512()), func(m *testsign.Message) { m.AfterSign = changed }),
		refused(acceptance, cryptoConstraints, "signature.algorithms", "signature.digest", "trust.algorithms"))
	add("5-and-6", "The signed part was changed, and there is no certificate.", s.the(acceptance, func(m *testsign.Message) { m.AfterSign, m.CMS.NoCertificates = changed, true }),
		refused(acceptance, hashFailure, "signature.digest", "signature.certificate"))
	add("5-and-7", "The signed part was changed, and the signature value is wrong.", s.the(acceptance, func(m *testsign.Message) { m.AfterSign, m.CMS.Signer.WrongSignature = changed, true }),
		refused(acceptance, hashFailure, "signature.digest", "signature.value"))
	add("6-and-7", "There is no certificate, so that the wrong value cannot be told from a right one.", s.the(acceptance, func(m *testsign.Message) { m.CMS.NoCertificates, m.CMS.Signer.WrongSignature = true, true }),
		refused(acceptance, noCertificate, "signature.certificate"))
	add("6-and-15", "There is no certificate, and there are two daticert.xml.", s.the(acceptance, func(m *testsign.Message) { m.CMS.NoCertificates, m.SecondXML = true, m.DatiCert() }),
		refused(acceptance, noCertificate, "signature.certificate", certificationThere))
	add("7-and-8", "The signature value is wrong, and the named signer has no path.", with(s.by(stranger), func(m *testsign.Message) { m.CMS.Signer.WrongSignature = true }),
		refused(acceptance, sigCryptoFailure, "signature.value", "trust.path"))
	add("8-and-9", "There is no path, and the certificate is for web servers.", s.by(leafOf(strangersAuthority(), "stranger-server", testsign.Certificate{ExtKeyUsage: serverAuth})),
		refused(acceptance, noChain, "trust.path", "trust.profile"))
	add("9-and-11", "The certificate is for web servers, and had expired at the certified time.", s.by(s.until("server-march", march(1), testsign.Certificate{ExtKeyUsage: serverAuth})),
		refused(acceptance, chainConstraints, "trust.profile", "time.validity"))
	add("9-and-12", "The certificate is for web servers, and has expired now.", s.by(serverUntil),
		refused(acceptance, chainConstraints, "trust.profile", "time.validity").at("", "now"), now)
	add("11-and-13-not-yet", "The certified time is before the certificate, and the key is short.", s.by(s.since("rsa-1024-later", march(11), testsign.Certificate{KeyType: testsign.RSA1024})),
		refused(acceptance, notYetValid, "time.validity", "trust.algorithms"))
	add("11-and-13-expired", "The certified time is after the certificate, and the key is short.", s.by(s.until("rsa-1024-march", march(1), testsign.Certificate{KeyType: testsign.RSA1024})),
		refused(acceptance, expired, "time.validity", "trust.algorithms"))
	add("12-and-13", "The certificate has expired now, and the key is short.", s.by(s.until("rsa-1024-april", inApril, testsign.Certificate{KeyType: testsign.RSA1024})),
		refused(acceptance, outOfBounds, "time.validity", "trust.algorithms").at("", "now"), now)
	add("13-and-14", "The key is short, and strict wants more.", with(s.by(s.until("rsa-1024-april", inApril, testsign.Certificate{KeyType: testsign.RSA1024})), func(m *testsign.Message) { m.CMS = sha1Signature }),
		refused(acceptance, cryptoNoPOE, "trust.algorithms", digestAge, "trust.revocation", "time.poe"), strict)
	add("14-all-three", "Inside row 14 expiry comes before the digest, and that before revocation.", with(s.by(s.until("short", inApril, testsign.Certificate{})), func(m *testsign.Message) { m.CMS = sha1Signature }),
		refused(acceptance, outOfBounds, digestAge, "trust.revocation", "time.poe"), strict)
	add("14-and-15", "There are no revocation data, and From is another's.", s.the(acceptance, func(m *testsign.Message) { m.Set = otherFrom }),
		refused(acceptance, tryLater, "trust.revocation", "from.address"), strict)
	add("15-and-16", "A failure is not outweighed by all that is right, and a warning stands beside it.", s.the(acceptance, func(m *testsign.Message) { m.Set, m.Remove = otherFrom, []string{"X-Ricevuta"} }),
		refused(acceptance, sigConstraints, "from.address").warns("header.kind"))
	add("3-and-15", "A third part stands beside the signature, and From is another's.", s.the(acceptance, func(m *testsign.Message) {
		m.Set = otherFrom
		m.Finish = func(mail []byte) []byte { return insertPart(mail, "Content-Type: text/plain\r\n\r\nAggiunto.", -1) }
	}), refused(acceptance, formatFailure, "signature.structure", "from.address"))
	add("8-and-15", "A self-made authority, and the header claims another kind.", with(s.by(stranger), func(m *testsign.Message) {
		m.Set = slices.Clone([]testsign.Field{{Name: "X-Ricevuta", Value: "avvenuta-consegna"}})
	}), refused(acceptance, noChain, "trust.path", "header.kind"))
}
