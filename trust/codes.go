package trust

import (
	"slices"
	"strconv"
	"strings"
)

// Codes of findings. They are stable: programs and translations lean on them.
const (
	CodeNoPath = "no-path-not-checked"

	CodePathFound            = "path-found"
	CodePathNoCandidate      = "path-no-candidate"
	CodePathUnreadable       = "path-unreadable"
	CodePathNone             = "path-none"
	CodePathSelfSigned       = "path-self-signed"
	CodePathForged           = "path-forged"
	CodePathOlder            = "path-older"
	CodePathAlgorithm        = "path-algorithm-unknown"
	CodePathNeverAlgorithm   = "path-algorithm-never"
	CodePathNotCA            = "path-not-ca"
	CodePathKeyUsage         = "path-key-usage"
	CodePathPurpose          = "path-purpose"
	CodePathPurposeTimestamp = "path-purpose-timestamp"
	CodePathCritical         = "path-critical-extension"
	CodePathLength           = "path-length"
	CodePathLimit            = "path-limit"

	CodeKeyAccepted    = "key-accepted"
	CodeKeyShort       = "key-short"
	CodeKeyLong        = "key-long"
	CodeKeyExponent    = "key-exponent"
	CodeKeyType        = "key-type"
	CodeKeyCertificate = "key-certificate-digest"

	CodeProfileKeyUsage            = "profile-key-usage"
	CodeProfileKeyUsageNotCritical = "profile-key-usage-not-critical"
	CodeProfileKeyUsageAbsent      = "profile-key-usage-absent"
	CodeProfileKeyUsageNoBit       = "profile-key-usage-no-signature"

	CodeProfileAddress         = "profile-address"
	CodeProfileAddressCritical = "profile-address-critical"
	CodeProfileAddressNone     = "profile-address-none"
	CodeProfileAddressSeveral  = "profile-address-several"

	CodeProfileMailbox      = "profile-mailbox"
	CodeProfileMailboxOther = "profile-mailbox-other"

	CodeProfileNotCA            = "profile-not-ca"
	CodeProfileCA               = "profile-ca"
	CodeProfileBasicConstraints = "profile-basic-constraints"

	CodeProfileExtensions      = "profile-extensions"
	CodeProfileCriticalKnown   = "profile-critical-known"
	CodeProfileCriticalUnknown = "profile-critical-unknown"
	CodeProfilePurpose         = "profile-purpose"
	CodeProfilePurposeAbsent   = "profile-purpose-absent"
	CodeProfilePurposeOther    = "profile-purpose-other"
	CodeProfileKeyIDs          = "profile-key-identifiers"
	CodeProfileKeyIDsMissing   = "profile-key-identifiers-missing"
	CodeProfileSubject         = "profile-subject"
	CodeProfileSubjectNameless = "profile-subject-nameless"
	CodeProfileSubjectMail     = "profile-subject-mail"
	CodeProfileNamesUnreadable = "profile-names-unreadable"

	CodeTimestampPurpose            = "timestamp-purpose"
	CodeTimestampPurposeAbsent      = "timestamp-purpose-absent"
	CodeTimestampPurposeOther       = "timestamp-purpose-other"
	CodeTimestampPurposeSeveral     = "timestamp-purpose-several"
	CodeTimestampPurposeNotCritical = "timestamp-purpose-not-critical"
	CodeTimestampKeyUsage           = "timestamp-key-usage"
	CodeTimestampKeyUsageAbsent     = "timestamp-key-usage-absent"
	CodeTimestampKeyUsageOther      = "timestamp-key-usage-other"

	CodeSignerAny            = "signer-any"
	CodeSignerKeyUsage       = "signer-key-usage"
	CodeSignerKeyUsageAbsent = "signer-key-usage-absent"
	CodeSignerKeyUsageOther  = "signer-key-usage-other"

	CodePolicyNamed       = "policy-named"
	CodePolicyMissing     = "policy-missing"
	CodePolicyNotRequired = "policy-not-required"

	CodeConstraintsMet          = "constraints-met"
	CodeConstraintsMetOthers    = "constraints-met-others"
	CodeConstraintsAbsent       = "constraints-absent"
	CodeConstraintsWithProvider = "constraints-with-provider"
	CodeConstraintsMail         = "constraints-mail"
	CodeConstraintsName         = "constraints-name"
	CodeConstraintsExcludedMail = "constraints-excluded-mail"
	CodeConstraintsExcludedName = "constraints-excluded-name"
	CodeConstraintsAddress      = "constraints-address"
	CodeConstraintsCritical     = "constraints-critical"
	CodeConstraintsRange        = "constraints-range"
	CodeConstraintsMalformed    = "constraints-malformed"
	CodeConstraintsLimit        = "constraints-limit"

	CodeProviderNamed          = "provider-named"
	CodeProviderNamedByAnchor  = "provider-named-by-anchor"
	CodeProviderNotNamed       = "provider-not-named"
	CodeProviderNoGeneration   = "provider-no-generation"
	CodeProviderConstraints    = "provider-constraints"
	CodeProviderOrganization   = "provider-organization"
	CodeProviderNoOrganization = "provider-no-organization"
	CodeProviderUnconstrained  = "provider-unconstrained"

	CodeValid               = "valid"
	CodeValidOtherAuthority = "valid-other-authority-certificate"
	CodeNotYetValid         = "not-yet-valid"
	CodeExpired             = "expired"
	CodeNoTime              = "no-time"

	CodeAlgorithmsCurrent = "algorithms-current"
	CodeAlgorithmsRSA     = "algorithms-rsa"
	CodeAlgorithmsSHA1    = "algorithms-sha1"
	CodeAlgorithmsRSASHA1 = "algorithms-rsa-sha1"
)

// Code is one thing that a Finding can say.
type Code struct {
	Code string
	// Check is the rule it is about: key, path, policy, constraints, provider,
	// validity, algorithms, or profile and the name of a profile rule after a dot.
	Check string
	// Facts names what Finding.Facts holds, in order.
	Facts []string
	// Sentence says it in English; {name} stands for the fact of that name.
	// Translations use the same names.
	Sentence string
	// Clause is what the rule rests on.
	Clause string
}

const (
	clausePath        = "RFC 5280 §6.1"
	clauseProfile     = "RFC 6109 §5.5.2"
	clauseConstraints = "RFC 5280 §4.2.1.10"
	clauseTimestamp   = "RFC 3161 §2.3"
)

// Codes lists every code, each once.
var Codes = []Code{
	{CodeNoPath, "path", nil, "not checked, because there is no path to an authority", clausePath},

	{CodePathFound, "path", []string{"authority"}, "the signer's certificate leads to {authority}", clausePath},
	{CodePathNoCandidate, "path", nil, "there is no certificate to judge", clausePath},
	{CodePathUnreadable, "path", nil, "the signer's certificate cannot be read", clausePath},
	{CodePathNone, "path", []string{"issuer"}, "no path to a believed authority; the certificate names {issuer} as its issuer", clausePath},
	{CodePathSelfSigned, "path", []string{"subject"}, "no path to a believed authority: {subject} vouches for itself", clausePath},
	{CodePathForged, "path", []string{"authority"}, "the certificate names {authority} as its issuer, but was not signed with that authority's key", clausePath},
	{CodePathOlder, "path", []string{"issuer", "since"}, "no path: the message is older than the authorities known here, which begin on {since}. For one of 2005 to 2011, give the certificate of CNIPA's authority as an anchor. The certificate names {issuer} as its issuer", clausePath},
	{CodePathAlgorithm, "path", []string{"certificate", "algorithm"}, "no path: the certificate of {certificate} is signed with an algorithm that is not known ({algorithm})", clausePath},
	{CodePathNeverAlgorithm, "path", []string{"certificate", "algorithm"}, "no path: the certificate of {certificate} is signed with {algorithm}, which is never accepted", clausePath},
	{CodePathNotCA, "path", []string{"certificate"}, "no path: {certificate} is not an authority and may not issue certificates", clausePath},
	{CodePathKeyUsage, "path", []string{"certificate"}, "no path: the key of {certificate} is not for signing certificates", clausePath},
	{CodePathPurpose, "path", []string{"certificate"}, "no path: {certificate} may not issue certificates for e-mail", "RFC 8550 §4.4.4"},
	{CodePathPurposeTimestamp, "path", []string{"certificate"}, "no path: {certificate} may not issue certificates for time-stamps", clauseTimestamp},
	{CodePathCritical, "path", []string{"certificate", "extension"}, "no path: the certificate of {certificate} has the critical extension {extension}, which is not understood", "RFC 5280 §4.2"},
	{CodePathLength, "path", []string{"certificate", "limit"}, "no path: {certificate} allows {limit} authorities below it, and there are more", "RFC 5280 §4.2.1.9"},
	{CodePathLimit, "path", []string{"checks"}, "no path was found before the limit of {checks} signature checks; the certificates that come along lead astray", clausePath},

	{CodeKeyAccepted, "key", []string{"key"}, "the signer's key is {key}", "ETSI TS 119 312"},
	{CodeKeyShort, "key", []string{"bits"}, "the signer's RSA key has {bits} bits; below 1024 none is accepted", "ETSI TS 119 312"},
	{CodeKeyLong, "key", []string{"bits"}, "the signer's RSA key has {bits} bits; above 8192 none is accepted", "ETSI TS 119 312"},
	{CodeKeyExponent, "key", []string{"exponent"}, "the signer's RSA key has the exponent {exponent}, which makes no signature", "RFC 8017 §3.1"},
	{CodeKeyType, "key", nil, "the signer's key is of a kind that is not accepted", "RFC 8550 §4.3"},
	{CodeKeyCertificate, "key", []string{"certificate", "algorithm"}, "the certificate of {certificate} is signed with {algorithm}, which is never accepted", "RFC 8550 §4.3"},

	{CodeProfileKeyUsage, "profile.key-usage", nil, "key usage is critical and allows digital signatures", clauseProfile},
	{CodeProfileKeyUsageNotCritical, "profile.key-usage", nil, "key usage allows digital signatures, but is not critical", clauseProfile},
	{CodeProfileKeyUsageAbsent, "profile.key-usage", nil, "the certificate does not say what its key is for", clauseProfile},
	{CodeProfileKeyUsageNoBit, "profile.key-usage", nil, "the key is not for digital signatures", clauseProfile},

	{CodeProfileAddress, "profile.address", []string{"address"}, "the certificate is for {address}", clauseProfile},
	{CodeProfileAddressCritical, "profile.address", []string{"address"}, "the certificate is for {address}; the alternative name is critical and should not be", clauseProfile},
	{CodeProfileAddressNone, "profile.address", nil, "the certificate has no mail address in its alternative name", clauseProfile},
	{CodeProfileAddressSeveral, "profile.address", []string{"count"}, "the certificate has {count} mail addresses, and one is allowed", clauseProfile},

	{CodeProfileMailbox, "profile.mailbox", []string{"address"}, "the mailbox of {address} is that of a provider's messages", "RFC 6109 §3"},
	{CodeProfileMailboxOther, "profile.mailbox", []string{"address"}, "the mailbox {address} is not posta-certificata, from which every PEC message comes: this is not a provider's certificate", "RFC 6109 §3"},

	{CodeProfileNotCA, "profile.ca", nil, "the signer is not an authority", clauseProfile},
	{CodeProfileCA, "profile.ca", nil, "the signer's certificate is that of an authority", clauseProfile},
	{CodeProfileBasicConstraints, "profile.ca", nil, "the signer is not an authority; the certificate says so with basic constraints, which should not be there", clauseProfile},

	{CodeProfileExtensions, "profile.extensions", nil, "every critical extension is understood", "RFC 5280 §4.2"},
	{CodeProfileCriticalKnown, "profile.extensions", []string{"extensions"}, "extensions are critical that should not be: {extensions}", clauseProfile},
	{CodeProfileCriticalUnknown, "profile.extensions", []string{"extensions"}, "critical extensions are not understood: {extensions}", "RFC 5280 §4.2"},

	{CodeProfilePurpose, "profile.purpose", nil, "the certificate is for e-mail", "RFC 8550 §4.4.4"},
	{CodeProfilePurposeAbsent, "profile.purpose", nil, "the certificate is not limited to a purpose", "RFC 8550 §4.4.4"},
	{CodeProfilePurposeOther, "profile.purpose", nil, "the certificate is for other purposes than e-mail", "RFC 8550 §4.4.4"},

	{CodeProfileKeyIDs, "profile.key-identifiers", nil, "the key identifiers are there", clauseProfile},
	{CodeProfileKeyIDsMissing, "profile.key-identifiers", []string{"extensions"}, "key identifiers are missing: {extensions}", clauseProfile},

	{CodeProfileSubject, "profile.subject", []string{"subject"}, "the subject is {subject}", "RFC 6109 §5.5.1"},
	{CodeProfileSubjectNameless, "profile.subject", []string{"subject"}, "the subject has neither organization nor common name: {subject}", "RFC 6109 §5.5.1"},
	{CodeProfileSubjectMail, "profile.subject", []string{"subject"}, "the subject holds a mail address, which belongs in the alternative name: {subject}", "RFC 6109 §5.5.1"},
	{CodeProfileNamesUnreadable, "profile.subject", nil, "the names of the certificate cannot be read", "RFC 5280 §4.2.1.6"},

	{CodeTimestampPurpose, "profile.timestamp-purpose", nil, "the certificate is for time-stamps and nothing else", clauseTimestamp},
	{CodeTimestampPurposeAbsent, "profile.timestamp-purpose", nil, "the certificate does not say that it is for time-stamps", clauseTimestamp},
	{CodeTimestampPurposeOther, "profile.timestamp-purpose", nil, "the certificate is for other purposes than time-stamps", clauseTimestamp},
	{CodeTimestampPurposeSeveral, "profile.timestamp-purpose", nil, "the certificate is for other purposes beside time-stamps", clauseTimestamp},
	{CodeTimestampPurposeNotCritical, "profile.timestamp-purpose", nil, "the certificate is for time-stamps, but does not say so critically", clauseTimestamp},
	{CodeTimestampKeyUsage, "profile.timestamp-key-usage", nil, "the key is for signatures", clauseTimestamp},
	{CodeTimestampKeyUsageAbsent, "profile.timestamp-key-usage", nil, "the use of the key is not limited", clauseTimestamp},
	{CodeTimestampKeyUsageOther, "profile.timestamp-key-usage", nil, "the key is not for signatures, or not for them alone", clauseTimestamp},

	{CodeSignerAny, "provider", nil, "not checked: the signer of this need not be a PEC provider", "RFC 6109 §4.5"},
	{CodeSignerKeyUsage, "profile.signer-key-usage", nil, "the key may sign", "RFC 5280 §4.2.1.3"},
	{CodeSignerKeyUsageAbsent, "profile.signer-key-usage", nil, "the certificate does not limit the use of the key", "RFC 5280 §4.2.1.3"},
	{CodeSignerKeyUsageOther, "profile.signer-key-usage", nil, "the key is not for signatures", "RFC 5280 §4.2.1.3"},

	{CodePolicyNamed, "policy", []string{"policy"}, "the certificate was issued under the policy for PEC providers ({policy})", "RFC 5280 §4.2.1.4"},
	{CodePolicyMissing, "policy", []string{"policy"}, "the certificate was not issued under the policy for PEC providers ({policy})", "RFC 5280 §4.2.1.4"},
	{CodePolicyNotRequired, "policy", []string{"anchor"}, "no policy is asked for under {anchor}, which is not a built-in authority", "RFC 5280 §4.2.1.4"},

	{CodeConstraintsMet, "constraints", nil, "the names conform to the constraints of the path", clauseConstraints},
	{CodeConstraintsMetOthers, "constraints", []string{"types"}, "the names conform to the constraints of the path; those on other names ({types}) concern no mail and were not evaluated", clauseConstraints},
	{CodeConstraintsAbsent, "constraints", nil, "no certificate of the path constrains names", clauseConstraints},
	{CodeConstraintsWithProvider, "constraints", []string{"authority"}, "no certificate of {authority} comes along; its constraints are judged under the provider", clauseConstraints},
	{CodeConstraintsMail, "constraints", []string{"address", "authority"}, "{authority} may not issue certificates for {address}", clauseConstraints},
	{CodeConstraintsName, "constraints", []string{"name", "authority"}, "{authority} may not issue certificates for {name}", clauseConstraints},
	{CodeConstraintsExcludedMail, "constraints", []string{"address", "authority"}, "the constraints of {authority} exclude {address}", clauseConstraints},
	{CodeConstraintsExcludedName, "constraints", []string{"name", "authority"}, "the constraints of {authority} exclude {name}", clauseConstraints},
	{CodeConstraintsAddress, "constraints", []string{"address", "authority"}, "{address} is no mail address, so the constraints of {authority} cannot allow it", clauseConstraints},
	{CodeConstraintsCritical, "constraints", []string{"types"}, "critical constraints on names that are not evaluated: {types}", clauseConstraints},
	{CodeConstraintsRange, "constraints", nil, "critical constraints with a minimum or maximum distance, which have no meaning", clauseConstraints},
	{CodeConstraintsMalformed, "constraints", []string{"certificate"}, "the name constraints or the names of {certificate} cannot be read", clauseConstraints},
	{CodeConstraintsLimit, "constraints", []string{"certificate"}, "too many names or name constraints under {certificate}", clauseConstraints},

	{CodeProviderNamed, "provider", []string{"host", "organization", "authority", "generation"}, "{host} and {organization} are named in the constraints of {authority} of {generation}", "DM 2 November 2005"},
	{CodeProviderNamedByAnchor, "provider", []string{"host", "organization", "anchor"}, "{host} or {organization} is named in the constraints under {anchor}", "DM 2 November 2005"},
	{CodeProviderNotNamed, "provider", []string{"host", "organization", "authority"}, "{host} with {organization} is not named in the constraints of {authority}", "DM 2 November 2005"},
	{CodeProviderNoGeneration, "provider", []string{"authority", "at"}, "no certificate of {authority} comes along and none is known that was valid at {at}, so no provider is named", "DM 2 November 2005"},
	{CodeProviderConstraints, "provider", []string{"authority"}, "no provider is named, because the constraints of {authority} are not met (see there)", "DM 2 November 2005"},
	{CodeProviderOrganization, "provider", []string{"organization", "authority"}, "the provider is {organization}, by its certificate alone: {authority} has no constraints that name providers", "DM 2 November 2005"},
	{CodeProviderNoOrganization, "provider", []string{"authority"}, "the certificate names no organization, and {authority} has no constraints that name providers", "DM 2 November 2005"},
	{CodeProviderUnconstrained, "provider", []string{"anchor"}, "not checked, because nothing under {anchor} says who its providers are", "DM 2 November 2005"},

	{CodeValid, "validity", []string{"at"}, "the signer's certificate and the path were valid at {at}", "RFC 5280 §4.1.2.5"},
	{CodeValidOtherAuthority, "validity", []string{"at", "authority", "generation"}, "the signer's certificate was valid at {at}; the certificate of {authority} that comes along, of {generation}, was not, but others over the same key were", "RFC 5280 §4.1.2.5"},
	{CodeNotYetValid, "validity", []string{"certificate", "date", "at"}, "the certificate of {certificate} is valid from {date}, after {at}", "RFC 5280 §4.1.2.5"},
	{CodeExpired, "validity", []string{"certificate", "date", "at"}, "the certificate of {certificate} was valid until {date}, before {at}", "RFC 5280 §4.1.2.5"},
	{CodeNoTime, "validity", nil, "there is no time at which to judge", "RFC 5280 §4.1.2.5"},

	{CodeAlgorithmsCurrent, "algorithms", nil, "keys and certificate signatures are of a strength in use today", "ETSI TS 119 312"},
	{CodeAlgorithmsRSA, "algorithms", []string{"keys"}, "RSA keys below 2048 bits: {keys}", "ETSI TS 119 312"},
	{CodeAlgorithmsSHA1, "algorithms", []string{"certificates"}, "certificates signed with SHA-1: {certificates}", "ETSI TS 119 312"},
	{CodeAlgorithmsRSASHA1, "algorithms", []string{"keys", "certificates"}, "RSA keys below 2048 bits: {keys}; certificates signed with SHA-1: {certificates}", "ETSI TS 119 312"},
}

var codeIndex = func() map[string]*Code {
	index := make(map[string]*Code, len(Codes))
	for i := range Codes {
		index[Codes[i].Code] = &Codes[i]
	}
	return index
}()

// CodeOf returns the entry of a code in Codes.
func CodeOf(code string) (Code, bool) {
	c, ok := codeIndex[code]
	if !ok {
		return Code{}, false
	}
	return *c, true
}

// Sentence says a code with its facts in English; the code itself if it is
// not one of Codes.
func Sentence(code string, facts []string) string {
	c, ok := codeIndex[code]
	if !ok {
		return code
	}
	return c.Expand(c.Sentence, facts)
}

// Expand puts facts into a sentence for this code, in any language: {name}
// becomes the fact of that name. A fact is never read for names again, and a
// name without a fact stays as it is.
func (c Code) Expand(sentence string, facts []string) string {
	if len(facts) == 0 {
		return sentence
	}
	size := len(sentence)
	for _, f := range facts {
		size += len(f)
	}
	var out strings.Builder
	out.Grow(size)
	for {
		open := strings.IndexByte(sentence, '{')
		length := strings.IndexByte(sentence[max(open, 0):], '}')
		if open < 0 || length < 0 {
			out.WriteString(sentence)
			return out.String()
		}
		end := open + length + 1
		i := slices.Index(c.Facts, sentence[open+1:end-1])
		out.WriteString(sentence[:open])
		if i >= 0 && i < len(facts) {
			out.WriteString(facts[i])
		} else {
			out.WriteString(sentence[open:end])
		}
		sentence = sentence[end:]
	}
}

// finding makes a Finding with its English sentence.
func finding(status Status, code string, facts ...string) Finding {
	return Finding{Status: status, Code: code, Facts: facts, Detail: Sentence(code, facts)}
}

func itoa(n int) string { return strconv.Itoa(n) }
