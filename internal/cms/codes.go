package cms

import (
	"fmt"
	"slices"
	"strings"
)

// Check names the rule that a Problem breaks.
type Check string

const (
	CheckEncoding    Check = "C1"  // size, depth, one value, BER that converts
	CheckContent     Check = "C2"  // content absent (detached) or present (opaque), its type
	CheckSigner      Check = "C3"  // exactly one SignerInfo, versions, sid form
	CheckAttributes  Check = "C4"  // signedAttrs there and not empty
	CheckValues      Check = "C5"  // contentType, messageDigest once; signingTime at most once; types equal
	CheckAlgorithms  Check = "C6"  // digest allowed and announced, signature algorithm fits it
	CheckStructure   Check = "C7"  // every SEQUENCE consumed
	CheckCertificate Check = "C8"  // a certificate for the signer
	CheckKey         Check = "C8k" // key type and size, exponent
	CheckDigest      Check = "digest"
	CheckSignature   Check = "signature"
	CheckReference   Check = "C11" // signing-certificate attribute names the signer's certificate

	// CheckNone marks a Note: something unusual that breaks no rule.
	CheckNone Check = ""
)

// The stable codes of a Problem. A code belongs to one check.
const (
	CodeTooLarge  = "too-large"
	CodeTooDeep   = "too-deep"
	CodeTruncated = "truncated"
	CodeTrailing  = "trailing-data"
	CodeBERTag    = "ber-tag"
	CodeBERLength = "ber-length"
	CodeBEREnd    = "ber-end-of-contents"
	CodeBERString = "ber-string"

	CodeContentPresent = "content-present"
	CodeContentAbsent  = "content-absent"
	CodeContentType    = "content-type"

	CodeVersion       = "signed-data-version"
	CodeNoSigner      = "no-signer"
	CodeTwoSigners    = "two-signers"
	CodeSignerVersion = "signer-version"

	CodeNoAttributes    = "no-signed-attributes"
	CodeEmptyAttributes = "empty-signed-attributes"

	CodeAttributeMissing     = "attribute-missing"
	CodeAttributeRepeated    = "attribute-repeated"
	CodeAttributeValues      = "attribute-values"
	CodeAttributeMalformed   = "attribute-malformed"
	CodeAttributeContentType = "attribute-content-type"
	CodeSigningTime          = "signing-time"

	CodeDigestForbidden      = "digest-forbidden"
	CodeDigestUnsupported    = "digest-unsupported"
	CodeDigestNotAnnounced   = "digest-not-announced"
	CodeAlgorithmForbidden   = "signature-algorithm-forbidden"
	CodeAlgorithmUnsupported = "signature-algorithm-unsupported"
	CodeAlgorithmHash        = "signature-algorithm-hash"
	CodeAlgorithmParameters  = "algorithm-parameters"
	CodeAlgorithmProtection  = "algorithm-protection"
	CodeFIPSAlgorithm        = "fips-algorithm"

	CodeNotSignedData  = "not-signed-data"
	CodeMalformed      = "malformed"
	CodeTrailingFields = "trailing-fields"

	CodeTooManyCertificates   = "too-many-certificates"
	CodeNoCertificate         = "no-certificate"
	CodeCertificateUnreadable = "certificate-unreadable"

	CodeRSATooSmall    = "rsa-too-small"
	CodeRSATooLarge    = "rsa-too-large"
	CodeRSAModulus     = "rsa-modulus"
	CodeRSAExponent    = "rsa-exponent"
	CodeRSAExponentBig = "rsa-exponent-large"
	CodeKeyUnsupported = "key-unsupported"
	CodeFIPSKey        = "fips-key"

	CodeReference          = "signing-certificate"
	CodeReferenceMissing   = "signing-certificate-missing"
	CodeReferenceMalformed = "signing-certificate-malformed"
	CodeReferenceHash      = "signing-certificate-hash"
	CodeFIPSReference      = "fips-signing-certificate"

	CodeDigest = "digest-mismatch"

	CodeSignature   = "signature-wrong"
	CodeKeyMismatch = "key-mismatch"
)

// The stable codes of a Note.
const (
	NoteWireOrder  = "attributes-wire-order"
	NoteUnsorted   = "attributes-unsorted"
	NoteIssuerName = "issuer-spelling"
)

// Code describes one code: the check it belongs to and the English sentence,
// with %s where a fact of the Problem stands.
type Code struct {
	Name  string
	Check Check
	Text  string
}

// Codes lists every code of this package, in the order in which Problems are
// listed. A translation holds one sentence for each, with as many %s.
var Codes = []Code{
	{CodeTooLarge, CheckEncoding, "the signature has %s bytes, more than the %s that are read"},
	{CodeTooDeep, CheckEncoding, "the signature is nested deeper than %s levels"},
	{CodeTruncated, CheckEncoding, "the signature ends too early: an element reaches past the end of what holds it"},
	{CodeTrailing, CheckEncoding, "%s bytes follow the end of the signature"},
	{CodeBERTag, CheckEncoding, "a tag is not well formed"},
	{CodeBERLength, CheckEncoding, "a length is not well formed"},
	{CodeBEREnd, CheckEncoding, "an end-of-contents marker stands where none belongs"},
	{CodeBERString, CheckEncoding, "the segments of a string are not of its type"},

	{CodeContentPresent, CheckContent, "the signature has content inside, but it signs content that is outside"},
	{CodeContentAbsent, CheckContent, "the signature has no content inside"},
	{CodeContentType, CheckContent, "the signed content has type %s, not %s"},

	{CodeVersion, CheckSigner, "SignedData has version %s, which is not defined"},
	{CodeNoSigner, CheckSigner, "nobody has signed: there is no SignerInfo"},
	{CodeTwoSigners, CheckSigner, "there are %s signers where one is allowed"},
	{CodeSignerVersion, CheckSigner, "SignerInfo has version %s, which does not go with %s"},

	{CodeNoAttributes, CheckAttributes, "there are no signed attributes"},
	{CodeEmptyAttributes, CheckAttributes, "the set of signed attributes is empty"},

	{CodeAttributeMissing, CheckValues, "the signed attribute %s is missing"},
	{CodeAttributeRepeated, CheckValues, "the signed attribute %s is there more than once"},
	{CodeAttributeValues, CheckValues, "the signed attribute %s does not have exactly one value"},
	{CodeAttributeMalformed, CheckValues, "the value of the signed attribute %s is malformed"},
	{CodeAttributeContentType, CheckValues, "the signed attribute contentType says %s, but the content has type %s"},
	{CodeSigningTime, CheckValues, "the value of the signed attribute signingTime is not a time in the prescribed form"},

	{CodeDigestForbidden, CheckAlgorithms, "the digest algorithm %s is broken and never accepted"},
	{CodeDigestUnsupported, CheckAlgorithms, "the digest algorithm %s is not supported"},
	{CodeDigestNotAnnounced, CheckAlgorithms, "digestAlgorithms does not list %s, which the signer uses"},
	{CodeAlgorithmForbidden, CheckAlgorithms, "the signature algorithm %s is broken and never accepted"},
	{CodeAlgorithmUnsupported, CheckAlgorithms, "the signature algorithm %s is not supported"},
	{CodeAlgorithmHash, CheckAlgorithms, "the signature algorithm uses %s, but the digest is %s"},
	{CodeAlgorithmParameters, CheckAlgorithms, "the parameters of the algorithm %s are malformed or not supported"},
	{CodeAlgorithmProtection, CheckAlgorithms, "the signed attribute CMSAlgorithmProtection names other algorithms than those used"},
	{CodeFIPSAlgorithm, CheckAlgorithms, "%s cannot be used while FIPS 140-only mode is enforced"},

	{CodeNotSignedData, CheckStructure, "the content type is %s, not SignedData"},
	{CodeMalformed, CheckStructure, "%s is malformed"},
	{CodeTrailingFields, CheckStructure, "%s has further fields after its last"},

	{CodeTooManyCertificates, CheckCertificate, "the signature carries %s certificates, more than the %s that are read"},
	{CodeNoCertificate, CheckCertificate, "the signature carries no certificate for its signer"},
	{CodeCertificateUnreadable, CheckCertificate, "the signer's certificate cannot be read: %s"},

	{CodeRSATooSmall, CheckKey, "the signer's RSA key has %s bits, fewer than %s"},
	{CodeRSATooLarge, CheckKey, "the signer's RSA key has %s bits, more than %s"},
	{CodeRSAModulus, CheckKey, "the modulus of the signer's RSA key is not a positive odd number"},
	{CodeRSAExponent, CheckKey, "the exponent of the signer's RSA key is not an odd number above 1"},
	{CodeRSAExponentBig, CheckKey, "the exponent of the signer's RSA key has %s bits, more than %s"},
	{CodeKeyUnsupported, CheckKey, "the signer's key is of a type that is not supported (%s)"},
	{CodeFIPSKey, CheckKey, "the signer's key cannot be used while FIPS 140-only mode is enforced (%s)"},

	{CodeReference, CheckReference, "the signed attribute %s names another certificate than the signer's"},
	{CodeReferenceMissing, CheckReference, "no signed attribute names the signer's certificate"},
	{CodeReferenceMalformed, CheckReference, "the signed attribute %s is malformed"},
	{CodeReferenceHash, CheckReference, "the signed attribute %s names a certificate by a digest that is not accepted (%s)"},
	{CodeFIPSReference, CheckReference, "the signed attribute %s needs SHA-1, which cannot be used while FIPS 140-only mode is enforced"},

	{CodeDigest, CheckDigest, "the content is not the one that was signed: its digest is %s, signed was %s"},

	{CodeSignature, CheckSignature, "the signature value does not verify under the signer's key"},
	{CodeKeyMismatch, CheckSignature, "the signature algorithm %s does not go with the signer's key"},

	{NoteWireOrder, CheckNone, "the signed attributes are not in DER order and were signed in the order in which they stand"},
	{NoteUnsorted, CheckNone, "the signed attributes are not in DER order; they were signed sorted, as they should be"},
	{NoteIssuerName, CheckNone, "the signer's issuer is spelled differently in the signature and in the certificate"},
}

// Problem is one rule broken.
type Problem struct {
	Check  Check
	Code   string   // stable, such as "two-signers"; one of Codes
	Facts  []string // what the sentence of the code needs, in its order; may hold text from outside
	Detail string   // that sentence in English
	Offset int      // in the input as given, in bytes; -1 if unknown, as after a conversion from BER
}

func (p *Problem) Error() string {
	return "cms: " + p.Detail
}

// Note is something unusual that breaks no rule.
type Note struct {
	Code   string // one of Codes, with CheckNone
	Detail string // its sentence in English
}

func newProblem(code string, offset int, facts ...string) *Problem {
	c := Codes[codeIndex(code)]
	return &Problem{Check: c.Check, Code: code, Facts: facts, Detail: sentence(c.Text, facts), Offset: offset}
}

func newNote(code string) Note {
	return Note{Code: code, Detail: Codes[codeIndex(code)].Text}
}

// codeIndex panics for a code that is not in Codes: a test makes each one.
func codeIndex(code string) int {
	i := slices.IndexFunc(Codes, func(c Code) bool { return c.Name == code })
	if i < 0 {
		panic("cms: code not listed: " + code)
	}
	return i
}

func sentence(text string, facts []string) string {
	if n := strings.Count(text, "%s"); n != len(facts) {
		panic(fmt.Sprintf("cms: %q needs %d facts, has %d", text, n, len(facts)))
	}
	args := make([]any, len(facts))
	for i, f := range facts {
		args[i] = f
	}
	return fmt.Sprintf(text, args...)
}
