package timestamp

import "github.com/gopec/gopec/trust"

// Codes of findings. They are stable. A finding can also have a code of
// [trust.Codes], or that of a signature problem, whose Detail is its sentence.
const (
	CodeImprint            = "stamp-imprint"
	CodeImprintDigest      = "stamp-imprint-digest"
	CodeImprintDiffers     = "stamp-imprint-differs"
	CodeImprintUnsupported = "stamp-imprint-unsupported"
	CodeImprintSHA1        = "stamp-imprint-sha1"

	CodeSignature     = "stamp-signature"
	CodeSignatureSHA1 = "stamp-signature-sha1"
	CodeExtension     = "stamp-extension"
	CodeFuture        = "stamp-future"
	CodePolicy        = "stamp-policy"
	CodePolicyOther   = "stamp-policy-other"

	CodeNoAnchors = "stamp-no-anchors"
	CodeName      = "stamp-name"
	CodeNameOther = "stamp-name-other"

	CodeCurrent      = "stamp-current"
	CodeRenewed      = "stamp-renewed"
	CodeExpiredSince = "stamp-expired-since"
	CodeRenewal      = "stamp-renewal"
	CodeRenewalLate  = "stamp-renewal-late"
	CodeRenewalEarly = "stamp-renewal-early"
)

// Code is one thing that a finding of this package can say, as in [trust.Code].
type Code struct {
	Code string
	// Facts names what Finding.Facts holds, in order.
	Facts []string
	// Sentence says it in English; {name} stands for the fact of that name.
	Sentence string
	// Clause is what the rule rests on.
	Clause string
}

// Codes lists every code of this package, each once.
var Codes = []Code{
	{CodeImprint, nil, "the imprint is that of the file", "RFC 3161 §2.4.2"},
	{CodeImprintDigest, nil, "the imprint is that of the file's SHA-256", "RFC 3161 §2.4.2"},
	{CodeImprintDiffers, nil, "it is a stamp of another file: the imprint is not this file's", "RFC 3161 §2.4.2"},
	{CodeImprintUnsupported, []string{"algorithm"}, "the algorithm of its imprint is not supported ({algorithm})", "RFC 3161 §2.4.2"},
	{CodeImprintSHA1, nil, "its imprint is a SHA-1: two files with the same one can be made", "ETSI TS 119 312 §5"},

	{CodeSignature, []string{"signature", "digest"}, "the token is signed, {signature} with {digest}", "RFC 5652 §5.6"},
	{CodeSignatureSHA1, nil, "the token is signed with SHA-1, under which a stamp with another time can be made", "ETSI TS 119 312 §5"},
	{CodeExtension, []string{"extension"}, "it has the critical extension {extension}, which is not understood", "RFC 3161 §2.4.2"},
	{CodeFuture, []string{"time"}, "its time {time} is in the future", "RFC 3161 §2.4.2"},
	{CodePolicy, []string{"policy"}, "it was made under policy {policy}", "RFC 3161 §2.4.2"},
	{CodePolicyOther, []string{"policy"}, "it was made under policy {policy}, which is not one that was asked for", "RFC 3161 §2.4.2"},

	{CodeNoAnchors, nil, "no authority is named that is believed about time", "RFC 5280 §6.1"},
	{CodeName, nil, "the authority named is the one that signed, or none is named", "RFC 3161 §2.4.2"},
	{CodeNameOther, []string{"name"}, "it names {name} as its authority, which is not the name in the certificate", "RFC 3161 §2.4.2"},

	{CodeCurrent, []string{"date"}, "the authority's certificates are valid until {date}", "RFC 3161 §4"},
	{CodeRenewed, []string{"date"}, "the authority's certificates have expired; renewals of the stamp are valid until {date}", "RFC 5544 §2.1"},
	{CodeExpiredSince, []string{"date"}, "the authority's certificates expired on {date}: nothing here excludes that the stamp was made with its key after that", "RFC 3161 §4"},
	{CodeRenewal, []string{"number"}, "renewal {number} of the stamp does not count", "RFC 5544 §2.1"},
	{CodeRenewalLate, []string{"time", "date"}, "it was made on {time}, when the certificates before it had expired on {date}", "RFC 5544 §2.1"},
	{CodeRenewalEarly, []string{"time"}, "it was made on {time}, before what it renews", "RFC 5544 §2.1"},
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

// finding makes a Finding with its English sentence.
func finding(status trust.Status, code string, facts ...string) trust.Finding {
	c := codeIndex[code]
	return trust.Finding{Status: status, Code: code, Facts: facts, Detail: trust.Code{Facts: c.Facts}.Expand(c.Sentence, facts)}
}
