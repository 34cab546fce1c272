package dossier

import (
	"strings"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/follow"
	"github.com/gopec/gopec/pec"
)

// Entry is what a dossier keeps of one file that was examined.
type Entry struct {
	file       File
	failure    *Failure
	statements []statement // the message, then the PEC messages inside it
}

// Failure says why there is no verdict.
type Failure struct {
	Code pec.ErrorCode
	Why  Words
}

// Failed makes an entry of a file of which there is no verdict, and says why.
func Failed(f File, code pec.ErrorCode, why Words) *Entry {
	return &Entry{file: f, failure: &Failure{code, why}}
}

// statement is one verdict with what is needed to place it.
type statement struct {
	Verdict
	use    Use
	fact   *follow.Fact // nil if it states nothing that counts
	named  string       // the client's Message-ID, as certified
	sender string       // as certified
	refers []string     // identifiers that it claims to be about
}

// Examine takes from a report what the dossier needs, and holds what the message
// encloses against the sent mail. The message is read for the last time; what
// goes wrong then is part of the entry. A report that pec.Verify did not make
// counts for nothing, and is named as such.
//
// PEC messages inside the message are examined too: receipts that were
// forwarded. Each stands for itself.
func (b *Builder) Examine(f File, r *pec.Report) *Entry {
	e := &Entry{file: f}
	var walk func(r *pec.Report)
	walk = func(r *pec.Report) {
		e.statements = append(e.statements, b.examine(r))
		if r.Verified() {
			for _, inner := range r.Layers {
				walk(inner)
			}
		}
	}
	walk(r)
	return e
}

func (b *Builder) examine(r *pec.Report) statement {
	var one follow.Tracker
	outcome := one.Add(r)
	if outcome.Reason == follow.ReasonNotVerified {
		return statement{use: UseNotVerified}
	}
	s := statement{Verdict: newVerdict(r), use: useOf(outcome.Reason)}
	for i := range one.Ignored() {
		s.refers = i.Refers
	}
	for f := range one.Facts() {
		s.fact, s.named, s.sender = &f, f.About.MessageID, f.About.Sender
		s.refers = references(r)
	}
	if s.fact != nil && b.concerns(&s) {
		s.Comparison, s.CompareFailed = b.compare(r)
	}
	return s
}

func useOf(r follow.Reason) Use {
	switch r {
	case follow.ReasonNone:
		return UseOther // until it is known which message the file is
	case follow.ReasonAnomaly:
		return UseAnomaly
	case follow.ReasonOrdinary:
		return UseOrdinary
	case follow.ReasonUnreadable:
		return UseUnusable
	}
	return UseNotCertified
}

// references are the identifiers beside those in the certification data by which
// a message says what it is about. The header's are not signed.
func references(r *pec.Report) []string {
	list := []string{follow.FoldID(r.Message.Claims.Reference)}
	if o := r.Message.Original(); o != nil {
		for _, field := range []string{"X-Riferimento-Message-ID", "Message-ID"} {
			values := o.Header(field)
			for _, v := range values[:min(len(values), 4)] {
				list = append(list, follow.FoldID(v))
			}
		}
	}
	kept := list[:0]
	for _, id := range list {
		const longest = 998 // a line of a mail
		if id != "" && len(id) <= longest {
			kept = append(kept, id)
		}
	}
	return kept
}

// concerns reports whether a certified message can be about the sent file, so that
// comparing is worth reading both: the sender is the same, or an identifier.
func (b *Builder) concerns(s *statement) bool {
	if len(b.from) == 0 || b.from[foldAddress(s.sender)] {
		return true
	}
	id := b.sent.MessageID
	return id != "" && (s.named == id || s.fact.ID == id)
}

// compare holds what a message encloses against the sent mail.
func (b *Builder) compare(r *pec.Report) (*Comparison, bool) {
	if r.Kind != pec.KindDelivery && r.Kind != pec.KindTransport {
		return nil, false
	}
	found, err := b.mail.Compare(r)
	if err != nil {
		return nil, true
	}
	c := newComparison(found)
	if n := r.Message.Notice; n != nil && c.Step == follow.StepHashes {
		c.WeakHashes = hasSHA1(n.Brief())
	}
	return c, false
}

// newVerdict takes from a report what the dossier says of it. Every string is
// copied: it may be a few letters of a document of a megabyte.
func newVerdict(r *pec.Report) Verdict {
	v := Verdict{
		Path: r.Path, Kind: r.Kind, Certified: r.Certified, Proves: r.Proves, Verdict: r.Verdict, SubIndication: r.SubIndication,
		Policy: r.Policy, ProofOfExistence: r.ProofOfExistence, ReferenceTime: r.ReferenceTime,
		Outcome: Words{r.Outcome(pec.English), r.Outcome(pec.Italian)},
	}
	if s := r.Signer; s != nil {
		v.Signer = &Signer{Email: strings.Clone(s.Email), Organization: strings.Clone(s.Organization), SHA256: s.SHA256}
	}
	if d := r.Data; d != nil {
		v.Data = newData(r.Kind, d)
	}
	for _, c := range r.Checks() {
		switch {
		case c.Status == pec.Fail:
			v.Failures = append(v.Failures, newFinding(c))
		case c.Status == pec.Warn:
			v.Warnings = append(v.Warnings, newFinding(c))
		case c.Status == pec.Skip && worthTelling[c.ID]:
			v.Skipped = append(v.Skipped, newFinding(c))
		}
	}
	if r.Certified {
		v.Authority = newFinding(r.Check(pec.CheckPath)).Detail
	}
	return v
}

// worthTelling are the checks of which a reader must know that they were not made.
// Others are skipped because there is nothing to check.
var worthTelling = map[pec.CheckID]bool{
	pec.CheckProvider: true, pec.CheckDirectory: true, pec.CheckDomain: true, pec.CheckRevocation: true,
}

func newFinding(c pec.Check) Finding {
	return Finding{ID: c.ID, Detail: Words{strings.Clone(c.Detail(pec.English)), strings.Clone(c.Detail(pec.Italian))}}
}

func newData(k pec.Kind, d *daticert.Data) *Data {
	out := &Data{
		ID: follow.FoldID(d.ID), MessageID: follow.FoldID(d.MessageID), Sender: strings.Clone(d.Sender), Subject: strings.Clone(d.Subject),
		Provider: strings.Clone(d.Provider), Receipt: daticert.ReceiptType(strings.Clone(string(d.Receipt))),
		Delivery: strings.Clone(d.Delivery),
	}
	if at, err := d.Time(); err == nil {
		out.Time = at
	}
	return out
}
