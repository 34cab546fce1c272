package revocation

import "github.com/gopec/gopec/trust"

// Codes of findings. They are stable: programs and translations lean on them.
const (
	CodeGoodAfter  = "revocation-good"
	CodeGoodWithin = "revocation-good-then"
	CodeGoodLifted = "revocation-good-lifted"
	CodeGoodWeak   = "revocation-good-weak"

	CodeRevoked        = "revocation-revoked"
	CodeRevokedInvalid = "revocation-revoked-invalid-since"
	CodeRevokedHeld    = "revocation-revoked-held"
	CodeNeverIssued    = "revocation-never-issued"
	CodeOnHold         = "revocation-on-hold"

	CodeLater           = "revocation-later"
	CodeLaterInvalid    = "revocation-later-invalid-since"
	CodeLaterCompromise = "revocation-later-compromise"
	CodeLaterDated      = "revocation-later-compromise-dated"
	CodeLaterHold       = "revocation-later-hold"

	CodeContradiction   = "revocation-contradiction"
	CodeSignerUnchecked = "revocation-signer-unchecked"

	CodeNone           = "revocation-none"
	CodeForeign        = "revocation-foreign"
	CodeStale          = "revocation-stale"
	CodeStaleNoNext    = "revocation-stale-no-next"
	CodeDropped        = "revocation-dropped"
	CodeFuture         = "revocation-future"
	CodeTimes          = "revocation-times"
	CodeSignature      = "revocation-signature"
	CodeAlgorithm      = "revocation-algorithm"
	CodeSignerIssuer   = "revocation-signer-issuer"
	CodeSignerUsage    = "revocation-signer-usage"
	CodeSignerValidity = "revocation-signer-validity"
	CodeSignerRevoked  = "revocation-signer-revoked"
	CodeCritical       = "revocation-critical"
	CodeCRLDelta       = "revocation-delta"
	CodeCRLIndirect    = "revocation-indirect"
	CodeCRLScope       = "revocation-scope"
	CodeCRLSomeReasons = "revocation-some-reasons"
	CodeCRLPoint       = "revocation-point"
	CodeOCSPUnknown    = "revocation-unknown"
)

const (
	clauseCRL   = "RFC 5280 §6.3.3"
	clauseOCSP  = "RFC 6960 §3.2"
	clauseState = "ETSI EN 319 102-1 §5.2.6"
	clauseFresh = "ETSI EN 319 102-1 §5.2.5"
	check       = "revocation"
)

// Codes lists every code, each once, as trust.Codes does.
var Codes = []trust.Code{
	{Code: CodeGoodAfter, Check: check, Facts: []string{"certificate", "at", "evidence"}, Clause: clauseFresh,
		Sentence: "{certificate} was not revoked at {at}, by {evidence}, which was made at or after that time"},
	{Code: CodeGoodWithin, Check: check, Facts: []string{"certificate", "at", "evidence", "until"}, Clause: clauseFresh,
		Sentence: "{certificate} was not revoked at {at} as far as could be known then, by {evidence}, current until {until}; a revocation published since cannot be seen in it"},
	{Code: CodeGoodLifted, Check: check, Facts: []string{"certificate", "date", "hold", "evidence"}, Clause: clauseState,
		Sentence: "{certificate} was suspended on {date}, by {hold}, and released since, by {evidence}; a suspension that is lifted counts as if it had not been"},
	{Code: CodeGoodWeak, Check: check, Facts: []string{"certificate", "at", "evidence"}, Clause: "ETSI TS 119 312",
		Sentence: "{certificate} was not revoked at {at}, by {evidence}, which is signed with SHA-1 or a short key and could be forged today"},

	{Code: CodeRevoked, Check: check, Facts: []string{"certificate", "date", "reason", "at", "evidence"}, Clause: clauseState,
		Sentence: "{certificate} was revoked on {date} ({reason}), at or before {at}, by {evidence}"},
	{Code: CodeRevokedInvalid, Check: check, Facts: []string{"certificate", "date", "reason", "invalid", "at", "evidence"}, Clause: "RFC 5280 §5.3.2",
		Sentence: "{certificate} was revoked on {date} ({reason}), and its key was not to be trusted from {invalid} on, at or before {at}, by {evidence}"},
	{Code: CodeRevokedHeld, Check: check, Facts: []string{"certificate", "hold", "at", "date", "reason", "evidence"}, Clause: clauseState,
		Sentence: "{certificate} was suspended on {hold}, at or before {at}, never released, and revoked on {date} ({reason}), by {evidence}"},
	{Code: CodeNeverIssued, Check: check, Facts: []string{"certificate", "evidence"}, Clause: "RFC 6960 §2.2",
		Sentence: "the authority says that it never issued {certificate}, by {evidence}"},
	{Code: CodeOnHold, Check: check, Facts: []string{"certificate", "date", "at", "evidence"}, Clause: clauseState,
		Sentence: "{certificate} was suspended on {date}, at or before {at}, by {evidence}, and nothing that was given shows that it was released"},

	{Code: CodeLater, Check: check, Facts: []string{"certificate", "date", "reason", "at", "evidence"}, Clause: clauseState,
		Sentence: "{certificate} was revoked on {date} ({reason}), after {at}, by {evidence}"},
	{Code: CodeLaterInvalid, Check: check, Facts: []string{"certificate", "date", "reason", "at", "invalid", "evidence"}, Clause: "RFC 5280 §5.3.2",
		Sentence: "{certificate} was revoked on {date} ({reason}), after {at}, and called invalid from {invalid} on, before it, by {evidence}; the reason is no compromise of the key, and a revocation acts from its publication"},
	{Code: CodeLaterCompromise, Check: check, Facts: []string{"certificate", "date", "reason", "at", "evidence"}, Clause: clauseState,
		Sentence: "{certificate} was revoked on {date} for a compromise of the key ({reason}), after {at}, by {evidence}, which does not say since when; a time that only the signer states proves nothing against whoever has had the key"},
	{Code: CodeLaterDated, Check: check, Facts: []string{"certificate", "date", "reason", "at", "invalid", "evidence"}, Clause: "RFC 5280 §5.3.2",
		Sentence: "{certificate} was revoked on {date} for a compromise of the key ({reason}) on {invalid}, after {at}, by {evidence}; a time that only the signer states proves nothing against whoever has had the key since"},
	{Code: CodeLaterHold, Check: check, Facts: []string{"certificate", "date", "at", "evidence"}, Clause: clauseState,
		Sentence: "{certificate} was suspended on {date}, after {at}, by {evidence}"},

	{Code: CodeContradiction, Check: check, Facts: []string{"evidence", "other"}, Clause: clauseState,
		Sentence: "{evidence} contradicts {other} and knows of no revocation; the worse of the two counts"},
	{Code: CodeSignerUnchecked, Check: check, Facts: []string{"signer", "evidence"}, Clause: "RFC 6960 §4.2.2.2.1",
		Sentence: "whether {signer}, who signed {evidence}, was revoked is not known"},

	{Code: CodeNone, Check: check, Facts: []string{"certificate"}, Clause: clauseCRL,
		Sentence: "not checked, because no revocation data were given for {certificate}"},
	{Code: CodeForeign, Check: check, Facts: []string{"certificate", "count", "issuer"}, Clause: clauseCRL,
		Sentence: "not checked, because none of the revocation data given ({count}) is about {certificate}, issued by {issuer}"},
	{Code: CodeStale, Check: check, Facts: []string{"evidence", "until", "at"}, Clause: clauseFresh,
		Sentence: "not checked, because {evidence} was current until {until} only, before {at}"},
	{Code: CodeStaleNoNext, Check: check, Facts: []string{"evidence", "at"}, Clause: clauseFresh,
		Sentence: "not checked, because {evidence} was made before {at} and does not say until when it was current"},
	{Code: CodeDropped, Check: check, Facts: []string{"evidence", "certificate", "expiry"}, Clause: "RFC 5280 §3.3",
		Sentence: "not checked, because {evidence} was made after {certificate} expired on {expiry}, and does not say that it still lists expired certificates"},
	{Code: CodeFuture, Check: check, Facts: []string{"evidence", "date"}, Clause: clauseOCSP,
		Sentence: "not checked, because {evidence} is of a time in the future ({date})"},
	{Code: CodeTimes, Check: check, Facts: []string{"evidence", "date", "until"}, Clause: clauseCRL,
		Sentence: "not checked, because {evidence} ends ({until}) before it begins ({date})"},
	{Code: CodeSignature, Check: check, Facts: []string{"evidence", "issuer"}, Clause: clauseCRL,
		Sentence: "not checked, because {evidence} is signed neither by {issuer} nor by a signer that comes along"},
	{Code: CodeAlgorithm, Check: check, Facts: []string{"evidence", "algorithm"}, Clause: "ETSI TS 119 312",
		Sentence: "not checked, because {evidence} is signed with an algorithm that is not accepted ({algorithm})"},
	{Code: CodeSignerIssuer, Check: check, Facts: []string{"evidence", "issuer"}, Clause: "RFC 6960 §4.2.2.2",
		Sentence: "not checked, because the signer of {evidence} was not appointed by {issuer}"},
	{Code: CodeSignerUsage, Check: check, Facts: []string{"evidence", "signer"}, Clause: "RFC 6960 §4.2.2.2",
		Sentence: "not checked, because the certificate of {signer}, who signed {evidence}, is not for that"},
	{Code: CodeSignerValidity, Check: check, Facts: []string{"evidence", "signer", "from", "until", "at"}, Clause: "RFC 6960 §4.2.2.2",
		Sentence: "not checked, because the certificate of {signer}, who signed {evidence}, is valid from {from} to {until} and not at {at}"},
	{Code: CodeSignerRevoked, Check: check, Facts: []string{"evidence", "signer", "date", "reason"}, Clause: "RFC 6960 §4.2.2.2.1",
		Sentence: "not checked, because the certificate of {signer}, who signed {evidence}, was revoked on {date} ({reason})"},
	{Code: CodeCritical, Check: check, Facts: []string{"evidence", "extension"}, Clause: "RFC 5280 §5.2",
		Sentence: "not checked, because {evidence} has the critical extension {extension}, which is not understood"},
	{Code: CodeCRLDelta, Check: check, Facts: []string{"evidence"}, Clause: "RFC 5280 §5.2.4",
		Sentence: "not checked, because {evidence} is a delta list, which only says what changed; give a complete list"},
	{Code: CodeCRLIndirect, Check: check, Facts: []string{"evidence"}, Clause: "RFC 5280 §5.2.5",
		Sentence: "not checked, because {evidence} is an indirect list, with certificates of several issuers, which is not evaluated"},
	{Code: CodeCRLScope, Check: check, Facts: []string{"evidence", "certificate"}, Clause: "RFC 5280 §5.2.5",
		Sentence: "not checked, because {evidence} lists other kinds of certificates than {certificate}"},
	{Code: CodeCRLSomeReasons, Check: check, Facts: []string{"evidence", "certificate"}, Clause: "RFC 5280 §5.2.5",
		Sentence: "not checked, because {evidence} lists revocations for some reasons only, and {certificate} is not in it"},
	{Code: CodeCRLPoint, Check: check, Facts: []string{"evidence", "certificate"}, Clause: "RFC 5280 §6.3.3",
		Sentence: "not checked, because {evidence} is that of a distribution point which {certificate} does not name, and it is not in it"},
	{Code: CodeOCSPUnknown, Check: check, Facts: []string{"evidence", "certificate"}, Clause: "RFC 6960 §2.2",
		Sentence: "not checked, because the responder of {evidence} does not know {certificate}"},
}

var codeIndex = func() map[string]int {
	index := make(map[string]int, len(Codes))
	for i, c := range Codes {
		index[c.Code] = i
	}
	return index
}()

// CodeOf returns the entry of a code in Codes.
func CodeOf(code string) (trust.Code, bool) {
	i, ok := codeIndex[code]
	if !ok {
		return trust.Code{}, false
	}
	return Codes[i], true
}

// finding makes a Finding with its English sentence.
func finding(status trust.Status, code string, facts ...string) trust.Finding {
	c := Codes[codeIndex[code]]
	return trust.Finding{Status: status, Code: code, Facts: facts, Detail: c.Expand(c.Sentence, facts)}
}
