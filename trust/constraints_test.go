package trust_test

import (
	"crypto"
	"encoding/asn1"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/trust"
)

const (
	foldsExclusions = "OpenSSL compares the local part of an excluded mailbox with case"
	emptyMeansNone  = "OpenSSL takes an empty mail constraint for a host of no letters"
	readsOthers     = "OpenSSL evaluates DNS names and IP addresses"
	refusesRange    = "OpenSSL refuses a minimum or maximum also where the extension is not critical"
	checksSubject   = "OpenSSL compares addresses in the subject even when subjectAltName is there"
	exactText       = "OpenSSL does not compose or take apart letters"
)

// constraintCase is one set of constraints and one signer's names.
type constraintCase struct {
	name                string
	permitted, excluded []testsign.Subtree
	critical            bool
	subject             testsign.Name
	address             string // "" is signerAddress, "-" none
	directory           []byte // a directoryName for subjectAltName, beside the address
	code                string
	provider            string // "" is not looked at
	openssl             string // why OpenSSL says otherwise
	reason              string
	key                 crypto.Signer // of authority and signer; nil: one made for each
}

func mail(hosts ...string) []testsign.Subtree {
	var out []testsign.Subtree
	for _, h := range hosts {
		out = append(out, testsign.Subtree{Raw: der(0x81, []byte(h))})
	}
	return out
}

func directory(n ...testsign.Attribute) []testsign.Subtree {
	return []testsign.Subtree{{Directory: n}}
}

func attr(id asn1.ObjectIdentifier, value string) testsign.Attribute {
	return testsign.Attribute{OID: id, Value: value}
}

func constraintCases() []constraintCase {
	c, o, cn := testsign.OIDCountry, testsign.OIDOrganization, testsign.OIDCommonName
	it := attr(c, "IT")
	tagged := func(id asn1.ObjectIdentifier, tag int, value string) testsign.Attribute {
		return testsign.Attribute{OID: id, Tag: tag, Value: value}
	}
	const utf8, bmp, t61, printable = asn1.TagUTF8String, asn1.TagBMPString, asn1.TagT61String, asn1.TagPrintableString
	ranged := func(name []byte, extra ...[]byte) []testsign.Subtree {
		return []testsign.Subtree{{Raw: slices.Concat(append([][]byte{name}, extra...)...)}}
	}
	host := der(0x81, []byte("pec.example.it"))
	dnOf := func(value string) []byte {
		return der(0xA4, der(0x30, der(0x31, der(0x30, []byte{6, 3, 0x55, 4, 10}, der(0x0C, []byte(value))))))
	}
	met, otherMail, otherName := trust.CodeConstraintsMet, trust.CodeConstraintsMail, trust.CodeConstraintsName
	noMail, noName := trust.CodeConstraintsExcludedMail, trust.CodeConstraintsExcludedName
	named := trust.CodeProviderNamedByAnchor
	return []constraintCase{
		// rfc822Name, permitted.
		{name: "host", permitted: mail("pec.example.it"), code: met, provider: named, reason: "the form of all AgID's constraints"},
		{name: "another host", permitted: mail("pec.example.com"), code: otherMail, provider: trust.CodeProviderConstraints, reason: "not permitted"},
		{name: "one of several hosts", permitted: mail("pec.example.com", "pec.example.it"), code: met, provider: named, reason: "any one"},
		{name: "host in capitals", permitted: mail("PEC.Example.IT"), code: met, reason: "hosts have no case"},
		{name: "host of the address in capitals", permitted: mail("pec.example.it"), address: "posta-certificata@PEC.EXAMPLE.IT", code: met, reason: "hosts have no case"},
		{name: "host is not its subdomains", permitted: mail("example.it"), code: otherMail, reason: "without a dot in front: that host only"},
		{name: "end of a host", permitted: mail("c.example.it"), code: otherMail, reason: "a suffix of letters is nothing"},
		{name: "domain", permitted: mail(".example.it"), code: met, provider: named, reason: "with a dot: every host below"},
		{name: "domain, two labels below", permitted: mail(".example.it"), address: "posta-certificata@a.b.example.it", code: met, reason: "every host below"},
		{name: "domain is not itself", permitted: mail(".pec.example.it"), code: otherMail, reason: "with a dot: not the domain itself"},
		{name: "domain, empty label", permitted: mail(".example.it"), address: "posta-certificata@.example.it", code: otherMail, openssl: "OpenSSL compares the end of the host only", reason: "the host has to lie below, and an empty label is none"},
		{name: "domain, end of a label", permitted: mail(".ample.it"), code: otherMail, reason: "labels are whole"},
		{name: "mailbox", permitted: mail(signerAddress), code: met, provider: named, reason: "exactly that one"},
		{name: "mailbox on a host in capitals", permitted: mail("posta-certificata@PEC.example.it"), code: met, reason: "the host has no case"},
		{name: "mailbox in other case", permitted: mail("Posta-Certificata@pec.example.it"), code: otherMail, reason: "RFC 5280 §7.5: local parts are compared exactly"},
		{name: "another mailbox", permitted: mail("altro@pec.example.it"), code: otherMail, reason: "not that one"},
		{name: "empty permits nothing", permitted: mail(""), code: otherMail, reason: "RFC 5280 gives it no meaning"},
		{name: "no host in the address", permitted: mail("pec.example.it"), address: "posta-certificata", code: trust.CodeConstraintsAddress, reason: "no address, so none that is permitted"},
		{name: "two @", permitted: mail("pec.example.it"), address: "posta-certificata@pec.example.it@pec.example.com", code: otherMail, reason: "the host is what follows the last one"},
		{name: "no address at all", permitted: mail("pec.example.it"), address: "-", code: met, provider: trust.CodeProviderNotNamed, reason: "nothing to constrain, and nobody is named"},
		{name: "address in the subject alone", permitted: mail("pec.example.com"), address: "-", subject: testsign.Name{it, attr(testsign.OIDEmailAddress, signerAddress)},
			code: otherMail, reason: "without subjectAltName it counts (RFC 5280 §4.2.1.10)"},
		{name: "permitted address in the subject alone", permitted: mail("pec.example.it"), address: "-", subject: testsign.Name{it, attr(testsign.OIDEmailAddress, signerAddress)},
			code: met, provider: trust.CodeProviderNotNamed, reason: "the constraint is met, but a provider's address is in subjectAltName"},
		{name: "address in the subject beside", permitted: mail("pec.example.it"), subject: testsign.Name{it, attr(testsign.OIDEmailAddress, "altro@example.com")},
			code: met, openssl: checksSubject, reason: "with subjectAltName it does not count"},

		// rfc822Name, excluded.
		{name: "excluded host", excluded: mail("pec.example.it"), code: noMail, reason: "excluded"},
		{name: "excluded domain", excluded: mail(".example.it"), code: noMail, reason: "excluded"},
		{name: "excluded mailbox", excluded: mail(signerAddress), code: noMail, reason: "excluded"},
		{name: "excluded mailbox in other case", excluded: mail("Posta-Certificata@pec.example.it"), code: noMail, openssl: foldsExclusions, reason: "nobody who excludes a mailbox means to allow it in capitals"},
		{name: "excluded everything", excluded: mail(""), code: noMail, openssl: emptyMeansNone, reason: "the careful reading"},
		{name: "another host excluded", excluded: mail("pec.example.com"), code: met, provider: trust.CodeProviderUnconstrained, reason: "conforms; exclusions name nobody"},
		{name: "excluded wins", permitted: mail("pec.example.it"), excluded: mail(signerAddress), code: noMail, reason: "RFC 5280: whatever is permitted"},
		{name: "malformed address under exclusions", excluded: mail("pec.example.com"), address: "posta-certificata@", code: trust.CodeConstraintsAddress, openssl: "OpenSSL takes it for an address on a host without a name", reason: "it cannot be compared"},

		// directoryName, permitted.
		{name: "organization", permitted: directory(it, attr(o, uno)), code: met, provider: named, reason: "the beginning of the subject"},
		{name: "another organization", permitted: directory(it, attr(o, due)), code: otherName, reason: "not permitted"},
		{name: "one of two organizations", permitted: append(directory(it, attr(o, due)), directory(it, attr(o, uno))...), code: met, reason: "any one"},
		{name: "whole subject", permitted: directory(it, attr(o, uno), attr(cn, "Posta")), code: met, reason: "a subtree holds its own top"},
		{name: "longer than the subject", permitted: directory(it, attr(o, uno), attr(cn, "Posta"), attr(cn, "x")), code: otherName, reason: "the subject lies above it"},
		{name: "not the beginning", permitted: directory(attr(o, uno)), code: otherName, reason: "names are compared from the start, not by attributes found"},
		{name: "other order", permitted: directory(attr(o, uno), it), code: otherName, reason: "a sequence has an order"},
		{name: "empty name permits all", permitted: []testsign.Subtree{{Raw: der(0xA4, der(0x30))}}, code: met, provider: trust.CodeProviderUnconstrained, reason: "every name begins with nothing, and who permits all names nobody"},
		{name: "other case", permitted: directory(it, attr(o, "GESTORE UNO s.p.a.")), code: met, reason: "RFC 5280 §7.1"},
		{name: "other spaces", permitted: directory(it, attr(o, " Gestore  Uno\tS.p.A. ")), code: met, reason: "RFC 5280 §7.1"},
		{name: "spaces are not nothing", permitted: directory(it, attr(o, "GestoreUno S.p.A.")), code: otherName, reason: "one space is not none"},
		{name: "UTF8String against PrintableString", permitted: directory(it, tagged(o, utf8, uno)), code: met, reason: "one text in two encodings"},
		{name: "BMPString against PrintableString", permitted: directory(it, tagged(o, bmp, uno)), code: met, reason: "one text in two encodings"},
		{name: "TeletexString in Latin-1", permitted: directory(it, tagged(o, t61, "Societ\xE0")), subject: testsign.Name{it, tagged(o, utf8, "Società")}, code: met, reason: "one text in two encodings"},
		{name: "capital letters outside ASCII", permitted: directory(it, tagged(o, utf8, "SOCIETÀ")), subject: testsign.Name{it, tagged(o, utf8, "Società")}, code: met, openssl: "OpenSSL folds the case of ASCII only", reason: "case is folded in Unicode"},
		{name: "other accents", permitted: directory(it, tagged(o, utf8, "Societá")), subject: testsign.Name{it, tagged(o, utf8, "Società")}, code: otherName, reason: "two letters"},
		{name: "other attribute type", permitted: directory(it, attr(cn, uno)), code: otherName, reason: "O is not CN"},
		{name: "empty subject", permitted: directory(it, attr(o, uno)), subject: testsign.Name{}, code: met, provider: trust.CodeProviderNotNamed, reason: "it names nobody: nothing to constrain, and no provider"},
		{name: "country in other case", permitted: directory(tagged(c, printable, "it"), attr(o, uno)), code: met, reason: "RFC 5280 §7.1"},
		{name: "directory name beside, permitted", permitted: append(directory(it), testsign.Subtree{Raw: dnOf("Altro")}), directory: dnOf("Altro"), code: met, reason: "subjectAltName can hold such names too"},
		{name: "directory name beside, not permitted", permitted: directory(it), directory: dnOf("Altro"), code: otherName, reason: "each name has to conform"},

		// directoryName, excluded.
		{name: "excluded organization", excluded: directory(it, attr(o, uno)), code: noName, reason: "excluded"},
		{name: "excluded in other case", excluded: directory(it, attr(o, "gestore uno S.P.A.")), code: noName, reason: "the same name"},
		{name: "another organization excluded", excluded: directory(it, attr(o, due)), code: met, reason: "conforms"},
		{name: "excluded wins over permitted", permitted: directory(it), excluded: directory(it, attr(o, uno)), code: noName, reason: "whatever is permitted"},
		{name: "excluded, decomposed letter", excluded: directory(it, tagged(o, utf8, "Societa\u0300")), subject: testsign.Name{it, tagged(o, utf8, "Societ\u00e0")}, code: noName, openssl: exactText, reason: "it may be the same text, so it is not let through"},
		{name: "excluded, invisible letter", excluded: directory(it, attr(o, uno)), subject: testsign.Name{it, tagged(o, utf8, "Gestore\u200b Uno S.p.A.")}, code: noName, openssl: exactText, reason: "RFC 4518 §2.2 takes it out"},
		{name: "excluded, another word with an accent", excluded: directory(it, tagged(o, utf8, "Città")), subject: testsign.Name{it, tagged(o, utf8, "Società")}, code: met, reason: "plainly another text"},
		{name: "excluded directory name beside", excluded: []testsign.Subtree{{Raw: dnOf("Altro")}}, directory: dnOf("altro"), code: noName, reason: "each name has to conform"},

		// Both types, other types, critical ones.
		{name: "both types", permitted: append(mail("pec.example.it"), directory(it, attr(o, uno))...), code: met, provider: named, reason: "as in AgID's certificates"},
		{name: "host right, organization wrong", permitted: append(mail("pec.example.it"), directory(it, attr(o, due))...), code: otherName, reason: "each type constrains its own names"},
		{name: "organization right, host wrong", permitted: append(mail("pec.example.com"), directory(it, attr(o, uno))...), code: otherMail, reason: "each type constrains its own names"},
		{name: "critical", permitted: append(mail("pec.example.it"), directory(it, attr(o, uno))...), critical: true, code: met, reason: "crypto/x509 would refuse it for the directory name"},
		{name: "critical and violated", permitted: directory(it, attr(o, due)), critical: true, code: otherName, reason: "critical or not"},
		{name: "DNS names beside", permitted: append(mail("pec.example.it"), testsign.Subtree{DNS: "example.it"}), code: trust.CodeConstraintsMetOthers, provider: named, reason: "no names of mail, and not critical"},
		{name: "DNS names alone", permitted: []testsign.Subtree{{DNS: "example.it"}}, code: trust.CodeConstraintsMetOthers, provider: trust.CodeProviderUnconstrained, reason: "nothing about mail"},
		{name: "critical DNS names", permitted: append(mail("pec.example.it"), testsign.Subtree{DNS: "example.it"}), critical: true, code: trust.CodeConstraintsCritical, openssl: readsOthers, reason: "what is critical and not evaluated refuses"},
		{name: "critical excluded IP addresses", excluded: []testsign.Subtree{{Raw: der(0x87, make([]byte, 8))}}, critical: true, code: trust.CodeConstraintsCritical, openssl: readsOthers, reason: "what is critical and not evaluated refuses"},
		{name: "minimum 0 written", permitted: ranged(host, der(0x80, []byte{0})), code: met, reason: "the default, written against DER"},
		{name: "minimum, permitted", permitted: ranged(host, der(0x80, []byte{1})), code: otherMail, reason: "what has no meaning permits nothing"},
		{name: "maximum, permitted", permitted: ranged(host, der(0x81, []byte{9})), code: otherMail, reason: "what has no meaning permits nothing"},
		{name: "minimum, excluded", excluded: ranged(host, der(0x80, []byte{1})), code: noMail, reason: "what has no meaning still excludes"},
		{name: "minimum of another name, critical", excluded: ranged(der(0x81, []byte("pec.example.com")), der(0x80, []byte{1})), critical: true, code: trust.CodeConstraintsRange, reason: "critical and not understood"},
		{name: "minimum of another name", permitted: mail("pec.example.it"), excluded: ranged(der(0x81, []byte("pec.example.com")), der(0x80, []byte{1})), code: met, openssl: refusesRange, reason: "not critical, and the name is another"},
	}
}

// issued returns an authority with the constraints of a case, and its signer.
// The authority is an anchor, or an intermediate under a root without any.
func (tt constraintCase) issued(root *testsign.Identity) (ca, signer *testsign.Identity) {
	c := testsign.Certificate{CA: true, KeyType: testsign.P256, Subject: authorityName("constraints")}
	if len(tt.permitted)+len(tt.excluded) > 0 {
		c.NameConstraints = &testsign.NameConstraints{Permitted: tt.permitted, Excluded: tt.excluded, Critical: tt.critical}
	}
	leaf := testsign.Certificate{KeyType: testsign.P256, Subject: tt.subject}
	if leaf.Subject == nil {
		leaf.Subject = testsign.NewName(uno, "Posta")
	}
	switch {
	case tt.address == "-":
		leaf.Addresses = []string{}
	case tt.address != "":
		leaf.Addresses = []string{tt.address}
	}
	if tt.directory != nil {
		leaf.Extra = []testsign.Extension{{OID: testsign.OIDSubjectAltName, Value: der(0x30, der(0x81, []byte(signerAddress)), tt.directory)}}
	}
	c.Key, leaf.Key = tt.key, tt.key
	ca = c.IssuedBy(root)
	return ca, leaf.IssuedBy(ca)
}

func TestConstraints(t *testing.T) {
	t.Parallel()
	root := authority("constraints root")
	for _, tt := range constraintCases() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ca, signer := tt.issued(root)
			r := verify(t, believe(t, root), signer, ca)
			require.Equal(t, trust.CodePathFound, r.Path.Code, r.Path.Detail)
			require.Equal(t, tt.code, r.Constraints.Code, tt.reason)
			if tt.provider != "" {
				require.Equal(t, tt.provider, r.Provider.Code, tt.reason)
			}
			require.Equal(t, r.Constraints.Status == trust.Fail, r.Provider.Code == trust.CodeProviderConstraints)

			// The same constraints on the anchor itself.
			anchor, signer := tt.issued(nil)
			store, err := trust.NewStore(false, parse(t, anchor)...)
			if tt.code == trust.CodeConstraintsCritical || tt.code == trust.CodeConstraintsRange {
				require.Error(t, err, "an anchor that is not understood is refused at once")
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.code, verify(t, store, signer).Constraints.Code, "on the anchor: %s", tt.reason)
		})
	}
}

// malformedConstraints are extensions that cannot be read.
func malformedConstraints() map[string][]byte {
	dn := der(0xA4, []byte{0x31, 0x00})
	value := func(fields ...[]byte) []byte { return der(0x30, fields...) }
	return map[string][]byte{
		"directory name that is no name": value(der(0xA0, der(0x30, dn))),
		"set without attribute":          value(der(0xA1, der(0x30, der(0xA4, der(0x30, der(0x31)))))),
		"range behind garbage":           value(der(0xA0, der(0x30, der(0xA4, der(0x30)), []byte{5, 0}))),
	}
}

func TestMalformedConstraints(t *testing.T) {
	t.Parallel()
	root := authority("malformed root")
	for name, raw := range malformedConstraints() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ca := testsign.Certificate{CA: true, KeyType: testsign.P256, Subject: authorityName("malformed"),
				Extra: []testsign.Extension{{OID: testsign.OIDNameConstraints, Value: raw}}}.IssuedBy(root)
			r := verify(t, believe(t, root), signerUnder(ca), ca)
			require.Equal(t, trust.CodePathFound, r.Path.Code)
			require.Equal(t, trust.CodeConstraintsMalformed, r.Constraints.Code, "what cannot be read cannot be kept")
			require.Equal(t, trust.Fail, r.Constraints.Status)
		})
	}
}

func TestConstraintsOfEveryLevel(t *testing.T) {
	t.Parallel()
	limited := func(name, host string, issuer *testsign.Identity) *testsign.Identity {
		return intermediate(name, func(c *testsign.Certificate) {
			c.NameConstraints = &testsign.NameConstraints{Permitted: mail(host)}
		}, issuer)
	}
	root := authority("levels root")
	wide := limited("levels wide", ".example.it", root)
	narrow := limited("levels narrow", "pec.example.it", wide)
	otherNarrow := limited("levels other", "pec.example.com", wide)
	withMail := intermediate("levels mail", func(c *testsign.Certificate) { c.Addresses = []string{"ca@example.com"} }, wide)
	rolled := testsign.Certificate{CA: true, KeyType: testsign.P384, Subject: authorityName("levels wide"), Addresses: []string{"ca@example.com"}}.IssuedBy(wide)
	for _, tt := range []struct {
		name    string
		address string
		issuer  *testsign.Identity
		bag     []*testsign.Identity
		code    string
		reason  string
	}{
		{"both met", "posta-certificata@pec.example.it", narrow, []*testsign.Identity{wide, narrow}, trust.CodeConstraintsMet, "the lower one is narrower"},
		{"lower violated", "posta-certificata@a.example.it", narrow, []*testsign.Identity{wide, narrow}, trust.CodeConstraintsMail, "each level counts"},
		{"upper violated", "posta-certificata@pec.example.com", otherNarrow, []*testsign.Identity{wide, otherNarrow}, trust.CodeConstraintsMail, "an authority cannot permit more than it may itself"},
		{"intermediate violates", "posta-certificata@pec.example.it", withMail, []*testsign.Identity{wide, withMail}, trust.CodeConstraintsMail, "constraints apply to authorities below too"},
		{"self-issued intermediate", "posta-certificata@pec.example.it", rolled, []*testsign.Identity{wide, rolled}, trust.CodeConstraintsMet, "RFC 5280 §6.1.3 (b): not to self-issued ones below the end"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			signer := testsign.Certificate{KeyType: testsign.P256, Addresses: []string{tt.address}}.IssuedBy(tt.issuer)
			r := verify(t, believe(t, root), signer, tt.bag...)
			require.Equal(t, trust.CodePathFound, r.Path.Code)
			require.Equal(t, tt.code, r.Constraints.Code, tt.reason)
		})
	}
}

func TestConstraintLimits(t *testing.T) {
	t.Parallel()
	root := authority("limits root")
	for _, tt := range []struct {
		subtrees, names int
		code            string
	}{
		{trust.MaxSubtrees, 1, trust.CodeConstraintsMet},
		{trust.MaxSubtrees + 1, 1, trust.CodeConstraintsLimit},
		{1, trust.MaxNames, trust.CodeConstraintsMet},
		{1, trust.MaxNames + 1, trust.CodeConstraintsLimit},
	} {
		t.Run(fmt.Sprint(tt.subtrees, tt.names), func(t *testing.T) {
			t.Parallel()
			ca := intermediate("limits", func(c *testsign.Certificate) {
				c.NameConstraints = &testsign.NameConstraints{Permitted: slices.Repeat(mail("pec.example.it"), tt.subtrees)}
			}, root)
			signer := testsign.Certificate{KeyType: testsign.P256, Addresses: slices.Repeat([]string{signerAddress}, tt.names)}.IssuedBy(ca)
			require.Equal(t, tt.code, verify(t, believe(t, root), signer, ca).Constraints.Code)
		})
	}
}
