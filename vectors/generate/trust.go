package main

import (
	"crypto/x509"
	"encoding/asn1"
	"time"

	"github.com/gopec/gopec/internal/testsign"
)

// authorities are signers that no believed authority vouches for. Each message
// looks right in every respect but who signed it.
func authorities(s *set) {
	path := refused(delivery, noChain, "trust.path")
	add := func(id, reason string, by *testsign.Identity, options ...option) {
		s.add("forged-"+id, "UntrustedAuthority", reason, s.the(delivery, func(m *testsign.Message) { m.By = by }), path, options...)
	}
	selfMade := strangersAuthority()
	sameName := authority("PEC TEST CA", testsign.Certificate{Subject: s.root.Subject, Key: testsign.Key(testsign.RSA2048, "forger's authority")})
	likeTwo := testsign.Certificate{Subject: testsign.NewName(organizationTwo, noValue), Addresses: []string{serviceTwo}, Key: testsign.Key(testsign.RSA2048, "forger")}
	wrong := likeTwo
	wrong.WrongSignature = true
	unissued := long("unissued", testsign.Certificate{CA: true, Subject: testsign.NewName("PEC TEST", "CA INTERMEDIA MAI EMESSA - NO LEGAL VALUE"), Key: testsign.Key(testsign.RSA2048, "forger's authority"), WrongSignature: true}).IssuedBy(s.root)
	add("authority", "A self-made authority: what other tools accept.", leafTwo(selfMade, "forged"))
	add("authority-same-name", "An authority with the name of the true one: a name is not a key.", leafTwo(sameName, "forged-same-name"))
	add("leaf-self-signed", "The certificate vouches for itself.", long("self", likeTwo).SelfSigned())
	add("leaf-wrong-signature", "The certificate names the true authority, which did not sign it.", long("wrong", wrong).IssuedBy(s.root))
	add("intermediate", "Under an intermediate authority that the true one did not sign: every step of a path is checked.", leafTwo(unissued, "forged-intermediate"))
	add("under-a-provider", "Under a provider's own certificate: a provider is no authority.", leafTwo(s.two, "forged-under-two"))
	s.add("forged-with-true-certificates", "UntrustedAuthority SignerCertificate", "The true authority's and the true provider's certificate travel along, and did not sign.", s.the(delivery, func(m *testsign.Message) {
		m.By = leafTwo(sameName, "forged-same-name")
		m.CMS.Certificates, m.CMS.CertificatesLast = [][]byte{m.By.DER}, [][]byte{s.root.DER, s.two.DER}
	}), path)
	add("default-anchors", "Nothing but AgID's authorities is believed unless asked for: the test authority is not.", s.two, trust("agid"))

	agid := authority("AgID CA1", testsign.Certificate{Subject: testsign.Name{
		{OID: testsign.OIDCountry, Value: "IT"}, {OID: asn1.ObjectIdentifier{2, 5, 4, 7}, Value: "Roma"},
		{OID: testsign.OIDOrganization, Value: "Agenzia per l'Italia Digitale"},
		{OID: testsign.OIDOrganizationalUnit, Value: "Area Soluzioni per la Pubblica Amministrazione"},
		{OID: testsign.OIDCommonName, Value: "AgID CA1"},
	}, Key: testsign.Key(testsign.RSA2048, "forger's authority")})
	// Not the name of a provider, so that nobody can take the file for a forgery
	// of one; the authority's name is what this is about.
	byAgID := leafTwo(agid, "forged-agid")
	add("agid-name", "A self-made authority with the very name of AgID's, under the built-in anchors.", byAgID, trust("agid"))
	s.add("forged-agid-name-leaf-only", "UntrustedAuthority", "The same with the signer's certificate alone, which is all that providers have to send.", s.the(delivery, func(m *testsign.Message) {
		m.By, m.CMS.Certificates = byAgID, [][]byte{byAgID.DER}
	}), path, trust("agid"))
	add("agid-beside-own-anchor", "A caller's anchor beside AgID's changes nothing for it.", byAgID, trust("agid", testCA))

	other := s.anchor("other-ca", "An authority of another circuit, which issued none of the signers.", authority("OTHER TEST CA - NO LEGAL VALUE", testsign.Certificate{}))
	add("other-anchor", "An anchor vouches for its own leaves only.", s.two, other)
	s.add("anchors-two", "Normal", "With two anchors, the leaves of each are believed.", s.message(delivery), authentic(delivery), trust("trust/other-ca.pem", testCA))
	s.add("origin-another-provider", "WrongOrigin SenderSpoofing", "A provider of the circuit signs under the From of another: it answers for its own receipts only.", s.the(delivery, func(m *testsign.Message) {
		m.By, m.Set = s.one, []testsign.Field{{Name: "From", Value: serviceTwo}}
	}), refused(delivery, sigConstraints, "from.address"))
	s.add("origin-replayed-signature", "WrongOrigin ModifiedContent", "A provider's genuine signature over another receipt of its own.", s.the(delivery, func(m *testsign.Message) {
		genuine := s.message(deliveryError)
		m.Signature = testsign.SignedData{}.Sign(s.two, genuine.SignedPart())
	}), refused(delivery, hashFailure, "signature.digest"))
}

// profiles are certificates of the right authority that are no provider's.
func profiles(s *set) {
	add := func(id, reason string, c testsign.Certificate, also ...string) {
		s.add("profile-"+id, "CertificateProfile Verdict", reason, s.by(s.leaf("profile-"+id, c)), refused(acceptance, chainConstraints, append(also, "trust.profile")...))
	}
	extension := func(critical bool) []testsign.Extension {
		return []testsign.Extension{{OID: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 7}, Critical: critical, Value: null}}
	}
	add("user", "A user's own certificate, under the user's own From: the authority certifies other mail too, and a user signs no receipt.", testsign.Certificate{Addresses: []string{sender}})
	add("mailbox-begins-alike", "The name of the mailbox is compared whole.", testsign.Certificate{Addresses: []string{"posta-certificata2@pec.example.it"}})
	add("mailbox-tagged", "A tag makes another mailbox.", testsign.Certificate{Addresses: []string{"posta-certificata+gestore@pec.example.it"}})
	add("server-auth", "A certificate for web servers.", testsign.Certificate{ExtKeyUsage: serverAuth})
	add("any-usage", "E-mail is asked for by name; anyExtendedKeyUsage alone does not do.", testsign.Certificate{ExtKeyUsage: []asn1.ObjectIdentifier{testsign.OIDAnyExtKeyUsage}})
	add("key-encipherment", "The key is for decryption.", testsign.Certificate{KeyUsage: x509.KeyUsageKeyEncipherment})
	add("non-repudiation", "RFC 6109 asks for digitalSignature.", testsign.Certificate{KeyUsage: x509.KeyUsageContentCommitment})
	add("no-key-usage", "RFC 6109 asks for key usage.", testsign.Certificate{Omit: []asn1.ObjectIdentifier{testsign.OIDKeyUsage}})
	add("authority", "An authority's certificate signs certificates.", testsign.Certificate{
		BasicConstraints: &testsign.BasicConstraints{CA: true}, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	})
	add("two-addresses", "Which of the two signed?", testsign.Certificate{Addresses: []string{serviceOne, serviceTwo}}, "from.address")
	add("no-address", "Nothing ties the certificate to a From.", testsign.Certificate{Addresses: []string{}}, "from.address")
	add("unknown-critical-extension", "Nobody can say what it forbids.", testsign.Certificate{Extra: extension(true)})
	s.add("profile-the-authority-itself", "CertificateProfile", "The authority's own certificate is no provider's.", s.by(s.root),
		refused(acceptance, chainConstraints, "trust.profile", "trust.constraints", "trust.provider", "from.address"))

	ok := func(id, reason string, c testsign.Certificate, want expectation) {
		s.add("profile-"+id, "CertificateProfile ProviderHabit", reason, s.by(s.leaf("profile-"+id, c)), want)
	}
	good, warned := authentic(acceptance), authentic(acceptance).warns("trust.profile")
	ok("unknown-extension", "An unknown extension that is not critical changes nothing.", testsign.Certificate{Extra: extension(false)}, good)
	ok("mailbox-capitals", "Addresses are compared without case.", testsign.Certificate{Addresses: []string{"Posta-Certificata@PEC.example.it"}}, good)
	ok("no-extended-key-usage", "Without extended key usage a certificate is not limited to a purpose.", testsign.Certificate{Omit: []asn1.ObjectIdentifier{testsign.OIDExtKeyUsage}}, good)
	ok("no-policy", "No policy is asked for under a caller's anchor.", testsign.Certificate{Omit: []asn1.ObjectIdentifier{testsign.OIDPolicies}}, good)
	ok("basic-constraints", "cA=FALSE said in so many words: RFC 6109 does not want the extension, old leaves have it.", testsign.Certificate{BasicConstraints: &testsign.BasicConstraints{}}, warned)
	ok("key-usage-not-critical", "Old leaves have key usage that is not critical.", testsign.Certificate{KeyUsageNotCritical: true}, warned)
}

// constraints are leaves inside and outside what an authority may certify.
func constraints(s *set) {
	outside := refused(acceptance, chainConstraints, "trust.constraints", "trust.provider")
	leafOutside := func(id, reason string, c testsign.Certificate) {
		s.add("constraint-"+id, "NameConstraints Verdict", reason, s.by(s.leaf("constraint-"+id, c)), outside)
	}
	leafOutside("mail-violated", "A host that the authority may not certify.", testsign.Certificate{Addresses: []string{"posta-certificata@pec.example.org"}})
	leafOutside("subdomain", "A constraint on a host is on that host alone.", testsign.Certificate{Addresses: []string{"posta-certificata@falso.pec.example.it"}})
	leafOutside("host-ends-alike", "Hosts are compared label by label.", testsign.Certificate{Addresses: []string{"posta-certificata@falsopec.example.it"}})
	leafOutside("name-violated", "An organisation that the authority may not certify; the constraint is not critical, and some libraries do not look.", testsign.Certificate{Subject: testsign.NewName("Gestore Tre di prova S.p.A.", noValue)})

	mail, name := testsign.Subtree{Email: "pec.example.it"}, testsign.Subtree{Directory: testsign.NewName(organizationOne, "")}
	permitted := func(list ...testsign.Subtree) *testsign.NameConstraints {
		return &testsign.NameConstraints{Permitted: list}
	}
	critical := func(n *testsign.NameConstraints) *testsign.NameConstraints {
		n.Critical = true
		return n
	}
	under := func(id, what string, n *testsign.NameConstraints) (*testsign.Identity, option) {
		ca := authority("TEST CA "+id+" - NO LEGAL VALUE", testsign.Certificate{NameConstraints: n, Key: testsign.Key(testsign.RSA2048, "other authorities")})
		return ca, s.anchor(id, what, ca)
	}
	add := func(id, reason string, ca *testsign.Identity, o option, want expectation) {
		s.add("constraint-"+id, "NameConstraints", reason, s.by(leafOf(ca, "constraint-"+id, testsign.Certificate{})), want, o)
	}
	good := authentic(acceptance)
	ca, o := under("critical", "Critical constraints that the sender's provider meets.", critical(permitted(mail, name)))
	add("critical-met", "Critical constraints on hosts and organisations are honoured, not refused.", ca, o, good)
	s.add("constraint-critical-name-violated", "NameConstraints", "The same for another organisation.", s.by(leafOf(ca, "critical-violated", testsign.Certificate{Subject: testsign.NewName(organizationTwo, noValue)})), outside, o)
	ca, o = under("excluded-mail", "The host is permitted and excluded.", &testsign.NameConstraints{Permitted: []testsign.Subtree{mail}, Excluded: []testsign.Subtree{mail}})
	add("mail-excluded", "Excluded wins.", ca, o, outside)
	ca, o = under("excluded-name", "The organisation is excluded.", &testsign.NameConstraints{Excluded: []testsign.Subtree{name}})
	add("name-excluded", "Excluded wins, without any that is permitted.", ca, o, outside)
	ca, o = under("web", "Constraints on web servers too, which are not critical.", permitted(mail, name, testsign.Subtree{DNS: "example.it"}))
	add("other-types", "Constraints on other names than mail's concern no mail.", ca, o, good)
	ca, o = under("unconstrained", "An authority without constraints.", nil)
	add("absent", "Nothing says who its providers are; that is skipped, and the report says so.", ca, o, good)
	below := func(id string, n *testsign.NameConstraints) *testsign.Identity {
		return long(id, testsign.Certificate{
			CA: true, Subject: testsign.NewName("PEC TEST", "INTERMEDIATE TEST CA - NO LEGAL VALUE"), NameConstraints: n, Key: testsign.Key(testsign.RSA2048, "intermediate"),
		}).IssuedBy(ca)
	}
	add("intermediate-met", "An intermediate authority's constraints count, and are met.", below("below", permitted(mail, name)), o, good)
	add("intermediate-violated", "An intermediate authority's constraints count, and are not met.", below("below-other", permitted(testsign.Subtree{Email: "pec.example.com"})), o, outside)
	add("other-types-critical", "Critical constraints that are not evaluated refuse.", below("below-web", critical(permitted(mail, name, testsign.Subtree{DNS: "example.it"}))), o, outside)
}

// times are the certificate's validity against the certified time.
func times(s *set) {
	instant := testsign.Instant
	by := func(from, until time.Time) testsign.Message {
		return s.by(s.leaf("times-"+from.String()+until.String(), testsign.Certificate{NotBefore: from, NotAfter: until}))
	}
	add := func(id, reason string, m mail, want expectation, options ...option) {
		s.add("time-"+id, "CertificateTime", reason, m, want, options...)
	}
	good := authentic(acceptance)
	short := by(longFrom, inApril)
	add("expired-since", "Valid at the certified time and expired since: certified, and the report says what that rests on.", short, good.warns("time.poe"))
	add("expired-since-given-time", "A time that the caller vouches for.", short, good.given(certified), at(certified))
	add("expired-since-given-late", "The caller vouches for a time after the expiry only.", short, refused(acceptance, outOfBounds, "time.validity").given("2026-05-01T11:00:00+01:00"), at("2026-05-01T12:00:00+02:00"))
	add("expired-since-now", "Judged now it has expired.", short, refused(acceptance, outOfBounds, "time.validity").at("", "now"), now)
	add("judged-now", "Judged now, with a certificate that lasts.", s.message(acceptance), good.at("", "now"), now)
	add("expired-before", "The provider's own time is after its certificate.", by(longFrom, instant.Add(-time.Second)), refused(acceptance, expired, "time.validity"))
	add("not-yet-valid", "The provider's own time is before its certificate.", by(instant.Add(time.Second), longUntil), refused(acceptance, notYetValid, "time.validity"))
	add("last-second", "The last second belongs to the validity.", by(longFrom, instant), good.warns("time.poe"))
	add("first-second", "The first second belongs to the validity.", by(instant, longUntil), good)
	add("given-before-certificate", "The certificate did not exist at the given time, whatever the message says.", by(instant.Add(time.Hour), longUntil),
		refused(acceptance, outOfBounds, "time.validity", "time.given").given("2026-03-10T10:16:30+01:00"), at("2026-03-10T10:16:30+01:00"))
	add("judged-now-certificate-younger", "A certificate that is valid now does not cover the certified time, and judging at another time does not heal that.", by(instant.Add(time.Second), longUntil),
		refused(acceptance, sigConstraints, "time.given").at("", "now"), now)
	old := authority("EXPIRED TEST CA - NO LEGAL VALUE", testsign.Certificate{NotAfter: instant.Add(-time.Hour), Key: testsign.Key(testsign.RSA2048, "other authorities")})
	add("authority-expired", "The whole path has to be valid at the certified time.", s.by(leafOf(old, "under-expired", testsign.Certificate{})),
		refused(acceptance, expired, "time.validity"), s.anchor("expired", "An authority that had expired at the certified time.", old))

	ref := func(id, reason string, m mail, want expectation, options ...option) {
		s.add("time-"+id, "ReferenceTime", reason, m, want, options...)
	}
	signedAt := func(d time.Duration) testsign.Message { return s.signer(testsign.SignerInfo{Time: instant.Add(d)}) }
	ref("signing-time-near", "Within ten minutes signing time and certified time agree.", signedAt(10*time.Minute), good)
	ref("signing-time-far", "More than ten minutes are strange, and no more: the attribute is not evidence.", signedAt(-11*time.Minute), good.warns("time.signing"))
	ref("given-earlier", "The message cannot have existed at the given time.", s.message(acceptance), refused(acceptance, sigConstraints, "time.given").given("2026-03-10T10:15:29+01:00"), at("2026-03-10T10:15:29+01:00"))
	ref("given-other-zone", "Instants are compared, not their digits.", s.message(acceptance), good.given(certified), at("2026-03-10T09:15:30Z"))
	ref("future", "Nobody certifies what has not happened.", s.the(acceptance, func(m *testsign.Message) { m.Time = time.Date(2055, 1, 1, 12, 0, 0, 0, time.UTC) }),
		refused(acceptance, sigConstraints, "time.future").at("2055-01-01T12:00:00Z", "daticert"))
	ref("future-an-hour", "Clocks differ; an hour is inside the bound.", s.message(acceptance), good, clock(instant.Add(-time.Hour)))
	ref("future-an-hour-and-a-second", "No clock is that wrong.", s.message(acceptance), refused(acceptance, sigConstraints, "time.future"), clock(instant.Add(-time.Hour-time.Second)))
	ref("future-given", "A given time does not make the future happen.", s.message(acceptance), refused(acceptance, sigConstraints, "time.future").given(certified), at(certified), clock(instant.Add(-48*time.Hour)))

	// Without a certified time none that the message states is believed for a
	// certificate that is not valid now.
	nothing := func(change func(*testsign.Message)) testsign.Message {
		return with(short, func(m *testsign.Message) {
			m.NoXML, m.Remove = true, []string{"X-Ricevuta", "X-Riferimento-Message-ID"}
			change(m)
		})
	}
	lost := refused(unknown, outOfBounds, "time.validity").noData().warns(certificationThere)
	noSigningTime := []asn1.ObjectIdentifier{testsign.OIDSigningTime}
	ref("nothing-certified-signing-time", "The holder of an expired key sets any signing time.", nothing(func(*testsign.Message) {}), lost)
	ref("nothing-certified-header", "Anybody writes Date.", nothing(func(m *testsign.Message) { m.CMS.Signer.Omit = noSigningTime }), lost.at(certified, "header"))
	ref("nothing-certified-no-time", "Without any time it is judged now.", nothing(func(m *testsign.Message) {
		m.CMS.Signer.Omit, m.Remove = noSigningTime, append(m.Remove, "Date")
	}), lost.at("", "now"))
	ref("nothing-certified-anomaly", "An anomaly envelope certifies no time, either.", s.the(anomaly, func(m *testsign.Message) {
		m.By = s.leaf("two-short", testsign.Certificate{Subject: s.two.Subject, Addresses: []string{serviceTwo}, Key: s.two.Key, NotAfter: inApril})
	}), refused(anomaly, outOfBounds, "time.validity").noData())
}
