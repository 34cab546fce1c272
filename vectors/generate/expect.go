package main

import (
	"maps"
	"slices"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/vectors"
)

// The kinds of messages, and what those that are authentic prove.
const (
	transport     = daticert.TypeTransport
	acceptance    = daticert.TypeAcceptance
	nonAcceptance = daticert.TypeNonAcceptance
	takenInCharge = daticert.TypeTakingInCharge
	delivery      = daticert.TypeDelivery
	deliveryError = daticert.TypeDeliveryError
	timeout       = daticert.TypeTimeout
	virus         = daticert.TypeVirusDetection

	anomaly  daticert.Type = "anomalia"
	ordinary daticert.Type = "ordinaria"
	unknown  daticert.Type = "sconosciuta"
)

var proofs = map[daticert.Type]string{
	transport: "sent", acceptance: "accepted", nonAcceptance: "refused", takenInCharge: "taken-in-charge",
	delivery: "delivered", deliveryError: "not-delivered", virus: "virus",
}

// The reasons of a verdict.
const (
	formatFailure      = "FORMAT_FAILURE"
	cryptoConstraints  = "CRYPTO_CONSTRAINTS_FAILURE"
	hashFailure        = "HASH_FAILURE"
	noCertificate      = "NO_SIGNING_CERTIFICATE_FOUND"
	sigCryptoFailure   = "SIG_CRYPTO_FAILURE"
	noChain            = "NO_CERTIFICATE_CHAIN_FOUND"
	chainConstraints   = "CHAIN_CONSTRAINTS_FAILURE"
	notYetValid        = "NOT_YET_VALID"
	expired            = "EXPIRED"
	outOfBounds        = "OUT_OF_BOUNDS_NO_POE"
	cryptoNoPOE        = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
	tryLater           = "TRY_LATER"
	sigConstraints     = "SIG_CONSTRAINTS_FAILURE"
	certified          = "2026-03-10T10:15:30+01:00" // the time that every message certifies
	signed             = "2026-03-10T09:15:30Z"      // its signing time
	signingTime        = "signingTime"
	exampleID          = "opec21004.20260310101530.00042.217.1.57@pec.example.it"
	exampleMessageID   = "<20260310101412.4F2A11C08E@client.example.it>"
	sender             = "mittente@pec.example.it"
	recipient          = "destinatario@pec.example.com"
	serviceOne         = "posta-certificata@pec.example.it"  // of the sender's provider
	serviceTwo         = "posta-certificata@pec.example.com" // of the recipient's provider
	asciiSubject       = "Verbale della seduta"
	mailingList        = "lista@example.org"
	stranger           = "altri@example.com"
	replyTo            = "header.reply-to"
	timeReference      = "time.reference"
	certificationThere = "daticert.present"
)

// totalFailed are the reasons that show a message not to be authentic; with the
// others it could not be shown.
var totalFailed = []string{formatFailure, hashFailure, sigCryptoFailure, notYetValid, expired}

// expectation is what a row expects of its message.
type expectation struct {
	r   vectors.Report
	err vectors.Nullable
}

// authentic expects a message of a kind that certifies, with nothing wrong. A
// notice has no Reply-To, which RFC 6109 gives to envelopes only, so that one
// check warns.
func authentic(kind daticert.Type) expectation {
	e := expectation{r: vectors.Report{
		Kind: string(kind), Certified: true, Proves: proofs[kind], Verdict: "TOTAL-PASSED", ProofOfExistence: "none",
		ReferenceTime: &vectors.ReferenceTime{Time: certified, Source: "daticert"}, Data: map[string]any{},
	}}
	if kind != transport {
		e = e.warns(replyTo)
	}
	return e
}

// refused expects a message that is not certified for that reason, with all the
// checks that fail.
func refused(kind daticert.Type, sub string, failed ...string) expectation {
	e := authentic(kind)
	e.r.Certified, e.r.Proves, e.r.SubIndication, e.r.Failed = false, "nothing", vectors.Nullable(sub), failed
	e.r.Verdict = "INDETERMINATE"
	if slices.Contains(totalFailed, sub) {
		e.r.Verdict = "TOTAL-FAILED"
	}
	return e
}

// noData is a signed message whose signed part holds no certification data that
// can be read: the time is the signer's word, and nothing is compared with the
// header but From.
func (e expectation) noData() expectation {
	e.r.Data = nil
	e = e.at(signed, signingTime).warns(timeReference)
	return e.without(replyTo)
}

// uncertified expects a signed message that is authentic, but of a kind that
// certifies nothing.
func uncertified(kind daticert.Type) expectation {
	e := authentic(kind).noData()
	e.r.Certified, e.r.Proves = false, "nothing"
	return e
}

// unsigned expects a layer without signature: no verdict.
func unsigned() expectation {
	return expectation{r: vectors.Report{Kind: string(ordinary), Proves: "nothing", ProofOfExistence: "none", Failed: []string{"signature.present"}}}
}

// none expects no verdict at all.
func none(code string) expectation { return expectation{err: vectors.Nullable(code)} }

func (e expectation) warns(ids ...string) expectation {
	e.r.Warned = slices.Concat(e.r.Warned, ids)
	return e
}

// without takes warnings away.
func (e expectation) without(ids ...string) expectation {
	e.r.Warned = slices.DeleteFunc(slices.Clone(e.r.Warned), func(id string) bool { return slices.Contains(ids, id) })
	return e
}

func (e expectation) proves(p string) expectation {
	e.r.Proves = p
	return e
}

func (e expectation) at(t, source string) expectation {
	e.r.ReferenceTime = &vectors.ReferenceTime{Time: vectors.Nullable(t), Source: source}
	return e
}

// given is a reference time that the caller vouches for.
func (e expectation) given(t string) expectation {
	e.r.ProofOfExistence = "given"
	return e.at(t, "given")
}

// data are certification data that the vector is about.
func (e expectation) data(key string, value any) expectation {
	d := maps.Clone(e.r.Data)
	d[key] = value
	e.r.Data = d
	return e
}

// path makes it an expectation of an inner layer.
func (e expectation) path(p string) expectation {
	e.r.Path = p
	return e
}

// bare is a layer that has no header of its own.
func (e expectation) bare(p string) expectation { return e.without(replyTo).path(p) }

func (e expectation) layers(inner ...expectation) expectation {
	e.r.Layers = nil
	for _, i := range inner {
		e.r.Layers = append(e.r.Layers, *i.expected().Report)
	}
	return e
}

// expected returns the form of the index: lists sorted and never null.
func (e expectation) expected() vectors.Expected {
	if e.err != "" {
		return vectors.Expected{Exit: 2, Error: e.err}
	}
	r := e.r
	r.Failed, r.Warned = sorted(r.Failed), sorted(r.Warned)
	if r.Layers == nil {
		r.Layers = []vectors.Report{}
	}
	out := vectors.Expected{Report: &r}
	if !r.Certified {
		out.Exit = 1
	}
	return out
}

func sorted(ids []string) []string {
	ids = append([]string{}, ids...)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// aboveLimit is an inner layer that passed a limit: no verdict, no check made,
// and no reason to withhold the verdict on the layer around it.
func aboveLimit(path string) expectation {
	return expectation{r: vectors.Report{Path: path, Kind: string(unknown), Proves: "nothing", ProofOfExistence: "none"}}
}
