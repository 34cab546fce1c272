package dossier

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/gopec/gopec/follow"
	"github.com/gopec/gopec/internal/printable"
	"github.com/gopec/gopec/pec"
)

// Schema names the form of the JSON. Keys may be added under one name; none is
// removed or changes its meaning.
const Schema = "gopec-dossier/1"

// WriteJSON writes the dossier as one JSON object with a line end. Its keys are in
// docs/dossier.md; every key is always there, null where there is no value and []
// for an empty list. The language is that of the words for people. The error is
// the writer's.
func (d *Dossier) WriteJSON(w io.Writer, l pec.Lang) error {
	b, err := json.MarshalIndent(d.json(l), "", "  ")
	if err != nil {
		return fmt.Errorf("dossier: %w", err)
	}
	_, err = w.Write(append(printable.JSON(b), '\n'))
	return err
}

// The JSON, in the order of its keys.
type (
	jsonDossier struct {
		Schema   string        `json:"schema"`
		Complete bool          `json:"complete"`
		Made     string        `json:"made"`
		Program  *string       `json:"program"`
		Counts   jsonCounts    `json:"counts"`
		Reasons  []jsonReason  `json:"reasons"`
		Notes    []jsonNote    `json:"notes"`
		Sent     jsonSent      `json:"sent"`
		Messages []jsonMessage `json:"messages"`
		Remarks  []jsonRemark  `json:"remarks"`
		Files    []jsonFile    `json:"files"`
		LeftOut  int           `json:"leftOut"`
		About    []string      `json:"about"`
	}
	jsonCounts struct {
		Recipients int `json:"recipients"`
		Complete   int `json:"complete"`
		Delivered  int `json:"delivered"`
		Failed     int `json:"failed"`
		External   int `json:"external"`
		Waiting    int `json:"waiting"`
		Overdue    int `json:"overdue"`
	}
	jsonReason struct {
		Code      ReasonCode `json:"code"`
		Recipient *string    `json:"recipient"`
		Detail    string     `json:"detail"`
	}
	jsonNote struct {
		Code   NoteCode `json:"code"`
		Detail string   `json:"detail"`
	}
	jsonSent struct {
		File      string   `json:"file"`
		SHA256    *string  `json:"sha256"`
		Size      *int64   `json:"size"`
		MessageID *string  `json:"messageId"`
		From      []string `json:"from"`
		To        []string `json:"to"`
		Subject   string   `json:"subject"`
		Kind      pec.Kind `json:"kind"`
	}
	jsonMessage struct {
		ID             string              `json:"identificativo"`
		NamedBy        NamedBy             `json:"namedBy"`
		MessageIDs     []string            `json:"messageIds"`
		Sender         string              `json:"sender"`
		Subject        string              `json:"subject"`
		Submitted      *string             `json:"submitted"`
		Accepted       *string             `json:"accepted"`
		NotAccepted    *string             `json:"notAccepted"`
		Refusal        *jsonFailure        `json:"refusal"`
		Envelope       *jsonComparison     `json:"envelope"`
		NotAddressed   []string            `json:"notAddressed"`
		Contradictions []jsonContradiction `json:"contradictions"`
		Steps          []jsonStep          `json:"steps"`
		Recipients     []jsonRecipient     `json:"recipients"`
	}
	jsonContradiction struct {
		Conflict  follow.Conflict `json:"conflict"`
		Recipient *string         `json:"recipient"`
		Times     []string        `json:"times"`
		Detail    string          `json:"detail"`
	}
	jsonFailure struct {
		Error    string  `json:"error"`
		Code     *string `json:"code"`
		Provider *string `json:"provider"`
		Text     *string `json:"text"`
	}
	jsonRecipient struct {
		Address    string          `json:"address"`
		External   bool            `json:"external"`
		Listed     bool            `json:"listed"`
		Complete   bool            `json:"complete"`
		Status     follow.Status   `json:"status"`
		Time       *string         `json:"time"`
		Receipt    *string         `json:"receipt"`
		Match      *follow.Match   `json:"match"`
		Comparison *jsonComparison `json:"comparison"`
		Failure    *jsonFailure    `json:"failure"`
		Missing    *jsonMissing    `json:"missing"`
		Steps      []jsonStep      `json:"steps"`
	}
	jsonMissing struct {
		What    follow.What `json:"what"`
		Since   *string     `json:"since"`
		Notice  *string     `json:"notice"`
		Due     *string     `json:"due"`
		Overdue bool        `json:"overdue"`
	}
	jsonStep struct {
		Kind     pec.Kind       `json:"kind"`
		Status   *follow.Status `json:"status"`
		Rule     *string        `json:"rule"`
		Time     *string        `json:"time"`
		Receipt  *string        `json:"receipt"`
		Provider *string        `json:"provider"`
		Signer   *string        `json:"signer"`
		Files    []jsonRef      `json:"files"`
	}
	jsonRef struct {
		Number int    `json:"number"`
		Path   string `json:"path"`
	}
	jsonComparison struct {
		Match      follow.Match `json:"match"`
		Step       *follow.Step `json:"step"`
		Parts      int          `json:"parts"`
		Unlike     []jsonPart   `json:"unlike"`
		Others     int          `json:"others"`
		Headers    []jsonHeader `json:"headers"`
		WeakHashes bool         `json:"weakHashes"`
	}
	jsonPart struct {
		Path      *string           `json:"path"`
		Enclosed  *string           `json:"enclosed"`
		Name      *string           `json:"name"`
		MediaType *string           `json:"mediaType"`
		Status    follow.PartStatus `json:"status"`
		Hashed    bool              `json:"hashed"`
	}
	jsonHeader struct {
		Path     string   `json:"path"`
		Field    string   `json:"field"`
		Sent     []string `json:"sent"`
		Enclosed []string `json:"enclosed"`
	}
	jsonRemark struct {
		ID       pec.CheckID `json:"id"`
		Status   pec.Status  `json:"status"`
		Messages int         `json:"messages"`
		Detail   string      `json:"detail"`
	}
	jsonFile struct {
		Number   int           `json:"number"`
		File     string        `json:"file"`
		SHA256   *string       `json:"sha256"`
		Size     *int64        `json:"size"`
		SameAs   *int          `json:"sameAs"`
		IsSent   bool          `json:"isSent"`
		Error    *jsonError    `json:"error"`
		Verdicts []jsonVerdict `json:"verdicts"`
	}
	jsonError struct {
		Code    pec.ErrorCode `json:"code"`
		Message string        `json:"message"`
	}
	jsonVerdict struct {
		Path             string               `json:"path"`
		Use              Use                  `json:"use"`
		Refers           bool                 `json:"refers"`
		Kind             pec.Kind             `json:"kind"`
		Certified        bool                 `json:"certified"`
		Proves           pec.Proof            `json:"proves"`
		Verdict          *pec.Verdict         `json:"verdict"`
		SubIndication    *pec.SubIndication   `json:"subIndication"`
		Policy           pec.Policy           `json:"policy"`
		ProofOfExistence pec.ProofOfExistence `json:"proofOfExistence"`
		ReferenceTime    *jsonTime            `json:"referenceTime"`
		Authority        *string              `json:"authority"`
		Signer           *jsonSigner          `json:"signer"`
		Data             *jsonData            `json:"data"`
		Comparison       *jsonComparison      `json:"comparison"`
		CompareFailed    bool                 `json:"compareFailed"`
		Failures         []jsonFinding        `json:"failures"`
		Warnings         []jsonFinding        `json:"warnings"`
		Skipped          []jsonFinding        `json:"skipped"`
	}
	jsonTime struct {
		Time   string         `json:"time"`
		Source pec.TimeSource `json:"source"`
	}
	jsonSigner struct {
		Email        *string `json:"email"`
		Organization *string `json:"organization"`
		SHA256       string  `json:"sha256"`
	}
	jsonData struct {
		ID        *string `json:"identificativo"`
		MessageID *string `json:"msgid"`
		Sender    *string `json:"mittente"`
		Subject   *string `json:"oggetto"`
		Provider  *string `json:"gestoreEmittente"`
		Time      *string `json:"data"`
		Receipt   *string `json:"ricevuta"`
		Delivery  *string `json:"consegna"`
	}
	jsonFinding struct {
		ID     pec.CheckID `json:"id"`
		Detail string      `json:"detail"`
	}
)

// orNull returns nil for the zero value.
func orNull[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

func timeJSON(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := t.Format(time.RFC3339)
	return &s
}

// each makes a list that is never null.
func each[T, U any](list []T, f func(*T) U) []U {
	out := make([]U, 0, len(list))
	for i := range list {
		out = append(out, f(&list[i]))
	}
	return out
}

func same[T any](v *T) T { return *v }

// writer of JSON in one language.
type inJSON struct{ pec.Lang }

func (d *Dossier) json(l pec.Lang) jsonDossier {
	j := inJSON{l}
	out := jsonDossier{
		Schema: Schema, Complete: d.Complete(), Made: d.Made.Format(time.RFC3339), Program: orNull(d.Program),
		Counts: jsonCounts(d.Counts()), LeftOut: d.LeftOut,
		Reasons: each(d.Reasons, func(r *Reason) jsonReason {
			return jsonReason{r.Code, orNull(r.Recipient), r.Detail.In(l)}
		}),
		Notes: each(d.Notes, func(n *Note) jsonNote { return jsonNote{n.Code, n.Detail.In(l)} }),
		Sent: jsonSent{d.Sent.Name, orNull(d.Sent.SHA256), sizeJSON(d.Sent.Size), orNull(d.Sent.MessageID),
			each(d.Sent.From, same), each(d.Sent.To, same), d.Sent.Subject, d.Sent.Kind},
		Messages: each(d.Messages, j.message),
		Remarks: each(d.Remarks, func(r *Remark) jsonRemark {
			return jsonRemark{r.ID, r.Status, r.Messages, r.Detail.In(l)}
		}),
		Files: each(d.Files, j.file),
		About: each(d.disclaimers(), func(w *Words) string { return w.In(l) }),
	}
	return out
}

func sizeJSON(n int64) *int64 {
	if n < 0 {
		return nil
	}
	return &n
}

func (j inJSON) message(m *Message) jsonMessage {
	return jsonMessage{
		ID: m.ID, NamedBy: m.NamedBy, MessageIDs: each(m.MessageIDs, same), Sender: m.Sender, Subject: m.Subject,
		Submitted: timeJSON(m.Submitted), Accepted: timeJSON(m.Accepted), NotAccepted: timeJSON(m.NotAccepted),
		Refusal: failureJSON(m.Refusal), Envelope: comparisonJSON(m.Envelope), NotAddressed: each(m.NotAddressed, same),
		Contradictions: each(m.Contradictions, func(c *follow.Contradiction) jsonContradiction {
			return jsonContradiction{c.Conflict, orNull(c.Recipient),
				each(c.Times, func(t *time.Time) string { return t.Format(time.RFC3339) }), contradictionWords[c.Conflict].In(j.Lang)}
		}),
		Steps: each(m.Steps, stepJSON), Recipients: each(m.Recipients, recipientJSON),
	}
}

func failureJSON(f *follow.Failure) *jsonFailure {
	if f == nil {
		return nil
	}
	return &jsonFailure{string(f.Error), orNull(f.Code), orNull(f.Provider), orNull(f.Text)}
}

func recipientJSON(r *Recipient) jsonRecipient {
	out := jsonRecipient{
		Address: r.Address, External: r.External, Listed: r.Listed, Complete: r.Complete(), Status: r.Status, Time: timeJSON(r.Time),
		Receipt: orNull(string(r.Receipt)), Match: orNull(r.Match), Comparison: comparisonJSON(r.Comparison),
		Failure: failureJSON(r.Failure), Steps: each(r.Steps, stepJSON),
	}
	if m := r.Missing; m != nil {
		out.Missing = &jsonMissing{m.What, timeJSON(m.Since), timeJSON(m.Notice), timeJSON(m.Due), r.Overdue}
	}
	return out
}

func stepJSON(s *Step) jsonStep {
	return jsonStep{
		Kind: s.Kind, Status: orNull(s.Status), Rule: orNull(string(s.Rule)), Time: timeJSON(s.Time), Receipt: orNull(string(s.Receipt)),
		Provider: orNull(s.Provider), Signer: orNull(s.Signer), Files: each(s.Files, func(r *Ref) jsonRef { return jsonRef{r.File, r.Path} }),
	}
}

func comparisonJSON(c *Comparison) *jsonComparison {
	if c == nil {
		return nil
	}
	return &jsonComparison{
		Match: c.Match, Step: orNull(c.Step), Parts: c.Parts, Others: c.Others, WeakHashes: c.WeakHashes,
		Unlike: each(c.Unlike, func(p *follow.Part) jsonPart {
			return jsonPart{orNull(p.Path), orNull(p.Enclosed), orNull(p.Name), orNull(p.MediaType), p.Status, p.Hashed}
		}),
		Headers: each(c.Headers, func(h *follow.HeaderDifference) jsonHeader {
			return jsonHeader{h.Path, h.Field, each(h.Sent, same), each(h.Enclosed, same)}
		}),
	}
}

func (j inJSON) file(f *FileReport) jsonFile {
	out := jsonFile{Number: f.Number, File: f.Name, SHA256: orNull(f.SHA256), Size: sizeJSON(f.Size), SameAs: orNull(f.SameAs),
		IsSent: f.IsSent, Verdicts: each(f.Verdicts, j.verdict)}
	if f.Failure != nil {
		out.Error = &jsonError{f.Failure.Code, f.Failure.Why.In(j.Lang)}
	}
	return out
}

func (j inJSON) verdict(v *Verdict) jsonVerdict {
	finding := func(f *Finding) jsonFinding { return jsonFinding{f.ID, f.Detail.In(j.Lang)} }
	out := jsonVerdict{
		Path: v.Path, Use: v.Use, Refers: v.Refers, Kind: v.Kind, Certified: v.Certified, Proves: v.Proves, Verdict: orNull(v.Verdict),
		SubIndication: orNull(v.SubIndication), Policy: v.Policy, ProofOfExistence: v.ProofOfExistence, Authority: orNull(v.Authority.In(j.Lang)),
		Comparison: comparisonJSON(v.Comparison), CompareFailed: v.CompareFailed,
		Failures: each(v.Failures, finding), Warnings: each(v.Warnings, finding), Skipped: each(v.Skipped, finding),
	}
	if t := timeJSON(v.ReferenceTime.Time); t != nil {
		out.ReferenceTime = &jsonTime{*t, v.ReferenceTime.Source}
	}
	if s := v.Signer; s != nil {
		out.Signer = &jsonSigner{orNull(s.Email), orNull(s.Organization), s.SHA256}
	}
	if d := v.Data; d != nil {
		out.Data = &jsonData{orNull(d.ID), orNull(d.MessageID), orNull(d.Sender), orNull(d.Subject), orNull(d.Provider), timeJSON(d.Time),
			orNull(string(d.Receipt)), orNull(d.Delivery)}
	}
	return out
}
