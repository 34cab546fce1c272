package trust

import (
	"crypto/x509"
	"encoding/asn1"
	"slices"
	"strings"
)

// mailbox is the local part of the address from which every PEC message comes.
//
// spec: RFC 6109 §3
const mailbox = "posta-certificata"

// profile judges a signer's certificate by itself: one finding for each rule,
// in a fixed order, whatever the anchor.
//
// spec: RFC 6109 §5.5, RFC 8550 §4.4
func profile(n *node) []Finding {
	if n.profile != nil {
		return slices.Clone(n.profile)
	}
	c := n.Certificate
	out := make([]Finding, 0, 8)
	out = append(out, keyUsage(c), notAuthority(c), criticalExtensions(c), purpose(c), keyIdentifiers(c))
	if n.namesErr != nil {
		return append(out, finding(Fail, CodeProfileNamesUnreadable))
	}
	return append(out, address(c, n.names), mailboxName(n.names), subject(n.subject))
}

func keyUsage(c *x509.Certificate) Finding {
	switch {
	case extension(c, oidKeyUsage) == nil:
		return finding(Fail, CodeProfileKeyUsageAbsent)
	case c.KeyUsage&x509.KeyUsageDigitalSignature == 0:
		return finding(Fail, CodeProfileKeyUsageNoBit)
	case !isCritical(c, oidKeyUsage):
		// QUIRK: the certificates under DigitPA CA1 are such.
		return finding(Warn, CodeProfileKeyUsageNotCritical)
	}
	return finding(Pass, CodeProfileKeyUsage)
}

func notAuthority(c *x509.Certificate) Finding {
	switch {
	case c.IsCA:
		return finding(Fail, CodeProfileCA)
	case extension(c, oidBasicConstraints) != nil:
		// QUIRK: RFC 6109 says that the extension must not be there; the
		// certificates under DigitPA CA1 have it, with cA FALSE.
		return finding(Warn, CodeProfileBasicConstraints)
	}
	return finding(Pass, CodeProfileNotCA)
}

// Critical extensions of a signer's certificate: those that have to be or are
// judged by another rule, and those that should not be critical but are
// understood. Any other refuses.
var (
	signerCritical = []asn1.ObjectIdentifier{oidKeyUsage, oidSubjectAltName, oidBasicConstraints}
	signerKnown    = []asn1.ObjectIdentifier{oidExtendedKeyUsage, oidCertificatePolicy, oidSubjectKeyID, oidAuthorityKeyID}
)

func criticalExtensions(c *x509.Certificate) Finding {
	var known, unknown []string
	for _, e := range c.Extensions {
		switch {
		case !e.Critical || slices.ContainsFunc(signerCritical, e.Id.Equal):
		case slices.ContainsFunc(signerKnown, e.Id.Equal):
			known = append(known, e.Id.String())
		default:
			unknown = append(unknown, e.Id.String())
		}
	}
	switch {
	case len(unknown) > 0:
		return finding(Fail, CodeProfileCriticalUnknown, cut(strings.Join(unknown, ", "), maxShown))
	case len(known) > 0:
		return finding(Warn, CodeProfileCriticalKnown, strings.Join(known, ", "))
	}
	return finding(Pass, CodeProfileExtensions)
}

// purpose asks for emailProtection by name: anyExtendedKeyUsage alone does not
// do, as in OpenSSL's S/MIME purpose.
func purpose(c *x509.Certificate) Finding {
	switch {
	case extension(c, oidExtendedKeyUsage) == nil:
		return finding(Pass, CodeProfilePurposeAbsent)
	case !slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageEmailProtection):
		return finding(Fail, CodeProfilePurposeOther)
	}
	return finding(Pass, CodeProfilePurpose)
}

func keyIdentifiers(c *x509.Certificate) Finding {
	var missing []string
	if len(c.AuthorityKeyId) == 0 {
		missing = append(missing, "authorityKeyIdentifier")
	}
	if len(c.SubjectKeyId) == 0 {
		missing = append(missing, "subjectKeyIdentifier")
	}
	if len(missing) > 0 {
		return finding(Warn, CodeProfileKeyIDsMissing, strings.Join(missing, ", "))
	}
	return finding(Pass, CodeProfileKeyIDs)
}

func address(c *x509.Certificate, n subjectNames) Finding {
	switch {
	case len(n.addresses) == 0:
		return finding(Fail, CodeProfileAddressNone)
	case len(n.addresses) > 1:
		return finding(Fail, CodeProfileAddressSeveral, itoa(len(n.addresses)))
	case isCritical(c, oidSubjectAltName):
		return finding(Warn, CodeProfileAddressCritical, cut(n.addresses[0], maxShown))
	}
	return finding(Pass, CodeProfileAddress, cut(n.addresses[0], maxShown))
}

// mailboxName asks for the local part under every anchor: a user's own
// certificate of the same authority can sign no receipt.
func mailboxName(n subjectNames) Finding {
	if len(n.addresses) != 1 {
		return finding(Fail, CodeProfileMailboxOther, cut(strings.Join(n.addresses, ", "), maxShown))
	}
	local, _, ok := splitAddress(n.addresses[0])
	if !ok || foldASCII(local) != mailbox {
		return finding(Fail, CodeProfileMailboxOther, cut(n.addresses[0], maxShown))
	}
	return finding(Pass, CodeProfileMailbox, n.addresses[0])
}

func subject(n name) Finding {
	switch {
	case len(n.values(oidOrganization)) == 0 && len(n.values(oidCommonName)) == 0:
		return finding(Warn, CodeProfileSubjectNameless, n.String())
	case len(n.values(oidEmailAddress)) > 0:
		return finding(Warn, CodeProfileSubjectMail, n.String())
	}
	return finding(Pass, CodeProfileSubject, n.String())
}

// policy asks for the policy that a built-in authority issues PEC signers'
// certificates under.
func policy(c *x509.Certificate, a *anchor) Finding {
	if a.authority == nil {
		return finding(Skip, CodePolicyNotRequired, a.title)
	}
	want := a.authority.policy
	if slices.ContainsFunc(c.PolicyIdentifiers, func(id asn1.ObjectIdentifier) bool { return id.Equal(want) }) {
		return finding(Pass, CodePolicyNamed, want.String())
	}
	return finding(Fail, CodePolicyMissing, want.String())
}
