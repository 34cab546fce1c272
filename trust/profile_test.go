package trust_test

import (
	"crypto/x509"
	"encoding/asn1"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/trust"
)

var unknownExtension = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 1}

// profileCase is a signer that departs from the profile in one thing.
type profileCase struct {
	name   string
	edit   func(*testsign.Certificate)
	check  string
	code   string
	status trust.Status
	reason string
}

func profileCases() []profileCase {
	email := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}
	san := der(0x30, der(0x81, []byte(signerAddress)))
	return []profileCase{
		{"key usage", func(*testsign.Certificate) {}, "profile.key-usage", trust.CodeProfileKeyUsage, trust.Pass,
			"RFC 6109 asks for a critical key usage with digitalSignature"},
		{"key usage not critical", func(c *testsign.Certificate) { c.KeyUsageNotCritical = true }, "profile.key-usage",
			trust.CodeProfileKeyUsageNotCritical, trust.Warn, "every provider's certificate until 2017 is such"},
		{"no key usage", func(c *testsign.Certificate) { c.Omit = []asn1.ObjectIdentifier{testsign.OIDKeyUsage} }, "profile.key-usage",
			trust.CodeProfileKeyUsageAbsent, trust.Fail, "without it a key is for anything, and RFC 6109 says it must be there"},
		{"encryption key", func(c *testsign.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment }, "profile.key-usage",
			trust.CodeProfileKeyUsageNoBit, trust.Fail, "a key for encryption signs nothing"},
		{"non-repudiation alone", func(c *testsign.Certificate) { c.KeyUsage = x509.KeyUsageContentCommitment }, "profile.key-usage",
			trust.CodeProfileKeyUsageNoBit, trust.Fail, "a person's signing certificate is not a provider's"},
		{"further usages", func(c *testsign.Certificate) {
			c.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment
		}, "profile.key-usage", trust.CodeProfileKeyUsage, trust.Pass, "RFC 6109 allows other bits beside"},

		{"one address", func(*testsign.Certificate) {}, "profile.address", trust.CodeProfileAddress, trust.Pass, "the good case"},
		{"no alternative name", func(c *testsign.Certificate) { c.Addresses = []string{} }, "profile.address",
			trust.CodeProfileAddressNone, trust.Fail, "From could not be compared with anything"},
		{"only a host name", func(c *testsign.Certificate) {
			c.Extra = []testsign.Extension{{OID: testsign.OIDSubjectAltName, Value: der(0x30, der(0x82, []byte("pec.example.it")))}}
		}, "profile.address", trust.CodeProfileAddressNone, trust.Fail, "a web server's certificate has no mailbox"},
		{"two addresses", func(c *testsign.Certificate) {
			c.Addresses = []string{signerAddress, "posta-certificata@pec.example.com"}
		}, "profile.address", trust.CodeProfileAddressSeveral, trust.Fail, "one certificate for two hosts would speak for both"},
		{"the same address twice", func(c *testsign.Certificate) { c.Addresses = []string{signerAddress, signerAddress} },
			"profile.address", trust.CodeProfileAddressSeveral, trust.Fail, "the rule counts names, and no authority writes one twice"},
		{"critical alternative name", func(c *testsign.Certificate) {
			c.Extra = []testsign.Extension{{OID: testsign.OIDSubjectAltName, Critical: true, Value: san}}
		}, "profile.address", trust.CodeProfileAddressCritical, trust.Warn, "RFC 6109 says not critical, and it is understood all the same"},

		{"mailbox", func(*testsign.Certificate) {}, "profile.mailbox", trust.CodeProfileMailbox, trust.Pass, "RFC 6109 §3 gives this From to every message"},
		{"mailbox in capitals", func(c *testsign.Certificate) { c.Addresses = []string{"Posta-Certificata@pec.example.it"} },
			"profile.mailbox", trust.CodeProfileMailbox, trust.Pass, "mailboxes are compared without case"},
		{"a user's mailbox", func(c *testsign.Certificate) { c.Addresses = []string{"mittente@pec.example.it"} },
			"profile.mailbox", trust.CodeProfileMailboxOther, trust.Fail, "a user's own certificate of the same authority can sign no receipt"},
		{"a longer mailbox", func(c *testsign.Certificate) { c.Addresses = []string{"posta-certificata2@pec.example.it"} },
			"profile.mailbox", trust.CodeProfileMailboxOther, trust.Fail, "a prefix is not the mailbox"},
		{"mailbox before two hosts", func(c *testsign.Certificate) {
			c.Addresses = []string{"posta-certificata@evil.example@pec.example.it"}
		}, "profile.mailbox", trust.CodeProfileMailboxOther, trust.Fail, "the host is what follows the last @"},
		{"no host", func(c *testsign.Certificate) { c.Addresses = []string{"posta-certificata@"} },
			"profile.mailbox", trust.CodeProfileMailboxOther, trust.Fail, "an address without a host names nobody"},

		{"not an authority", func(*testsign.Certificate) {}, "profile.ca", trust.CodeProfileNotCA, trust.Pass, "RFC 6109 wants no basic constraints"},
		{"basic constraints", func(c *testsign.Certificate) { c.BasicConstraints = &testsign.BasicConstraints{} }, "profile.ca",
			trust.CodeProfileBasicConstraints, trust.Warn, "cA=FALSE stands in every certificate under DigitPA CA1"},
		{"an authority", func(c *testsign.Certificate) { c.BasicConstraints = pathLen(0) }, "profile.ca",
			trust.CodeProfileCA, trust.Fail, "an authority's key signs no messages"},

		{"known extensions", func(*testsign.Certificate) {}, "profile.extensions", trust.CodeProfileExtensions, trust.Pass, "the good case"},
		{"unknown extension", func(c *testsign.Certificate) {
			c.Extra = []testsign.Extension{{OID: unknownExtension, Value: []byte{5, 0}}}
		}, "profile.extensions", trust.CodeProfileExtensions, trust.Pass, "what is not critical may be ignored"},
		{"unknown critical extension", func(c *testsign.Certificate) {
			c.Extra = []testsign.Extension{{OID: unknownExtension, Critical: true, Value: []byte{5, 0}}}
		}, "profile.extensions", trust.CodeProfileCriticalUnknown, trust.Fail, "RFC 5280 §4.2: it must be understood or the certificate refused"},
		{"critical purpose", func(c *testsign.Certificate) { c.ExtKeyUsageCritical = true }, "profile.extensions",
			trust.CodeProfileCriticalKnown, trust.Warn, "understood, though RFC 6109 wants no other critical extension"},

		{"purpose", func(*testsign.Certificate) {}, "profile.purpose", trust.CodeProfilePurpose, trust.Pass, "emailProtection"},
		{"no purpose", func(c *testsign.Certificate) { c.ExtKeyUsage = []asn1.ObjectIdentifier{} }, "profile.purpose",
			trust.CodeProfilePurposeAbsent, trust.Pass, "the certificates under DigitPA CA1 have none"},
		{"purpose among others", func(c *testsign.Certificate) {
			c.ExtKeyUsage = []asn1.ObjectIdentifier{testsign.OIDClientAuth, testsign.OIDEmailProtection}
		}, "profile.purpose", trust.CodeProfilePurpose, trust.Pass, "emailProtection may have company"},
		{"a server's purpose", func(c *testsign.Certificate) { c.ExtKeyUsage = []asn1.ObjectIdentifier{testsign.OIDServerAuth} },
			"profile.purpose", trust.CodeProfilePurposeOther, trust.Fail, "a web server's key signs no mail"},
		{"any purpose", func(c *testsign.Certificate) { c.ExtKeyUsage = []asn1.ObjectIdentifier{testsign.OIDAnyExtKeyUsage} },
			"profile.purpose", trust.CodeProfilePurposeOther, trust.Fail, "emailProtection has to be named"},

		{"key identifiers", func(*testsign.Certificate) {}, "profile.key-identifiers", trust.CodeProfileKeyIDs, trust.Pass, "RFC 6109 asks for both"},
		{"no subject key identifier", func(c *testsign.Certificate) { c.Omit = []asn1.ObjectIdentifier{testsign.OIDSubjectKeyID} },
			"profile.key-identifiers", trust.CodeProfileKeyIDsMissing, trust.Warn, "it helps to find a certificate and proves nothing"},
		{"no authority key identifier", func(c *testsign.Certificate) { c.Omit = []asn1.ObjectIdentifier{testsign.OIDAuthorityKeyID} },
			"profile.key-identifiers", trust.CodeProfileKeyIDsMissing, trust.Warn, "it helps to find a certificate and proves nothing"},

		{"subject", func(*testsign.Certificate) {}, "profile.subject", trust.CodeProfileSubject, trust.Pass, "organization and common name"},
		{"subject without a provider", func(c *testsign.Certificate) { c.Subject = testsign.NewName("", "") },
			"profile.subject", trust.CodeProfileSubjectNameless, trust.Warn, "RFC 6109 wants the provider's name in O or CN"},
		{"address in the subject", func(c *testsign.Certificate) {
			c.Subject = append(testsign.NewName("Gestore Uno S.p.A.", "Posta"), testsign.Attribute{OID: email, Value: signerAddress})
		}, "profile.subject", trust.CodeProfileSubjectMail, trust.Warn, "RFC 6109 wants it in subjectAltName only"},
		{"ill-formed alternative name", func(c *testsign.Certificate) {
			c.Extra = []testsign.Extension{{OID: testsign.OIDSubjectAltName,
				Value: der(0x30, der(0x81, []byte(signerAddress)), der(0xA4, []byte{0x31, 0x00}))}}
		}, "profile.subject", trust.CodeProfileNamesUnreadable, trust.Fail, "crypto/x509 does not look into directory names; constraints have to"},
	}
}

func TestProfile(t *testing.T) {
	t.Parallel()
	ca := authority("profile ca")
	store := believe(t, ca)
	for _, tt := range profileCases() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := testsign.Certificate{KeyType: testsign.P256}
			tt.edit(&c)
			r := verify(t, store, c.IssuedBy(ca))
			require.Equal(t, trust.CodePathFound, r.Path.Code, r.Path.Detail)
			f := rule(t, r, tt.check)
			require.Equal(t, tt.code, f.Code, tt.reason)
			require.Equal(t, tt.status, f.Status, tt.reason)
			if tt.status != trust.Fail {
				require.Empty(t, failures(r), "one rule, one finding")
			}
		})
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	ca := authority("address ca")
	for _, tt := range []struct {
		addresses []string
		want      string
		reason    string
	}{
		{[]string{signerAddress}, signerAddress, "the one rfc822Name, as written"},
		{[]string{"Posta-Certificata@PEC.example.it"}, "Posta-Certificata@PEC.example.it", "folding is for whoever compares"},
		{[]string{}, "", "no alternative name"},
		{[]string{signerAddress, "altro@pec.example.it"}, "", "two addresses are none"},
	} {
		c := testsign.Certificate{KeyType: testsign.P256, Addresses: tt.addresses}.IssuedBy(ca)
		require.Equal(t, tt.want, trust.Address(parse(t, c)[0]), tt.reason)
	}
	require.Empty(t, trust.Address(nil))
}

func TestPolicy(t *testing.T) {
	t.Parallel()
	w := newWorld()
	other := asn1.ObjectIdentifier{2, 23, 140, 1, 5, 2, 2}
	anyPolicy := asn1.ObjectIdentifier{2, 5, 29, 32, 0}
	for _, tt := range []struct {
		name     string
		policies []asn1.ObjectIdentifier
		want     string
		reason   string
	}{
		{"alone", nil, trust.CodePolicyNamed, "1.3.76.16.3.1.1"},
		{"with another", []asn1.ObjectIdentifier{testsign.OIDPolicyPEC, other}, trust.CodePolicyNamed, "certificates of 2026 have two"},
		{"another", []asn1.ObjectIdentifier{other}, trust.CodePolicyMissing, "chaining to the authority is not being a PEC signer"},
		{"none", []asn1.ObjectIdentifier{}, trust.CodePolicyMissing, "chaining to the authority is not being a PEC signer"},
		{"any", []asn1.ObjectIdentifier{anyPolicy}, trust.CodePolicyMissing, "a signer is issued under a policy, not under any"},
		{"the authority's own", []asn1.ObjectIdentifier{{1, 3, 76, 16, 3, 1}}, trust.CodePolicyMissing, "its own policy is not that of signers"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			signer := testsign.Certificate{Policies: tt.policies}.IssuedBy(w.first)
			require.Equal(t, tt.want, verify(t, w.store(t), signer).Policy.Code, tt.reason)
			own := verify(t, believe(t, w.first), signer)
			require.Equal(t, trust.CodePolicyNotRequired, own.Policy.Code, "the caller's anchors have policies of their own")
		})
	}
}
