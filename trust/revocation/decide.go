package revocation

import (
	"slices"

	"github.com/gopec/gopec/trust"
)

// answer puts the statements together: the worst one counts.
func (q *inquiry) answer() *Answer {
	a := &Answer{Link: q.link, State: NotChecked}
	revoked, held, lifted, clear := q.sort()

	type ruling struct {
		by    *statement
		state State
		f     trust.Finding
	}
	var worst *ruling
	rule := func(s *statement, state State, f trust.Finding) {
		if worst == nil || severity(state) > severity(worst.state) ||
			state == worst.state && s.RevokedAt.Before(worst.by.RevokedAt) {
			worst = &ruling{s, state, f}
		}
	}
	for _, s := range revoked {
		state, f := q.fate(s, held)
		rule(s, state, f)
	}
	for _, s := range held {
		state, f := q.suspension(s)
		rule(s, state, f)
	}
	if worst == nil && len(clear) > 0 {
		s := clear[0]
		rule(s, Good, q.goodFinding(s, lifted))
	}
	if worst == nil {
		a.Findings = q.reasons()
		return a
	}
	a.State = worst.state
	a.Weak = worst.by.weak && (a.State == Good || a.State == RevokedLater)
	a.Findings = append([]trust.Finding{worst.f}, q.notes(worst.by, clear)...)
	a.Used = []*Evidence{worst.by.Evidence}
	for _, s := range slices.Concat(revoked, held, lifted, clear) {
		if s.Evidence != worst.by.Evidence {
			a.Used = append(a.Used, s.Evidence)
		}
	}
	return a
}

func severity(s State) int {
	return slices.Index([]State{NotChecked, Good, RevokedLater, OnHold, Revoked}, s)
}

// sort groups the statements: revocations, holds that last as far as is known,
// holds that were lifted, and good statuses that cover the reference time, the
// strongest first.
func (q *inquiry) sort() (revoked, held, lifted, clear []*statement) {
	for _, s := range q.statements {
		switch {
		case s.Status == StatusGood:
			if s.cover >= coversWithin {
				clear = append(clear, s)
			}
		case s.Reason != ReasonCertificateHold || s.neverIssued:
			revoked = append(revoked, s)
		case q.released(s):
			lifted = append(lifted, s)
		default:
			held = append(held, s)
		}
	}
	slices.SortStableFunc(clear, func(a, b *statement) int {
		if a.weak != b.weak {
			if b.weak {
				return -1
			}
			return 1
		}
		return int(b.cover) - int(a.cover)
	})
	return revoked, held, lifted, clear
}

// released reports whether later evidence no longer has a hold. Evidence that
// may have dropped entries shows nothing, and what is weakly signed does not
// take a suspension away.
func (q *inquiry) released(hold *statement) bool {
	return slices.ContainsFunc(q.statements, func(s *statement) bool {
		return s.Status == StatusGood && s.cover != coversNothing && !s.weak && s.ThisUpdate.After(hold.ThisUpdate)
	})
}

// fate says what a revocation means at the reference time.
func (q *inquiry) fate(s *statement, held []*statement) (State, trust.Finding) {
	who, date, at, reason := q.who, stamp(s.RevokedAt), stamp(q.at), s.Reason.String()
	invalid := !s.InvalidityDate.IsZero() && !s.InvalidityDate.After(q.at)
	switch {
	case s.neverIssued:
		return Revoked, finding(trust.Fail, CodeNeverIssued, who, s.label())
	case !s.RevokedAt.After(q.at):
		return Revoked, finding(trust.Fail, CodeRevoked, who, date, reason, at, s.label())
	case invalid && s.Reason.compromise():
		return Revoked, finding(trust.Fail, CodeRevokedInvalid, who, date, reason, stamp(s.InvalidityDate), at, s.label())
	}
	for _, h := range held {
		if !h.RevokedAt.After(q.at) {
			return Revoked, finding(trust.Fail, CodeRevokedHeld, who, stamp(h.RevokedAt), at, date, reason, s.label())
		}
	}
	switch {
	case invalid:
		return RevokedLater, finding(trust.Warn, CodeLaterInvalid, who, date, reason, at, stamp(s.InvalidityDate), s.label())
	case s.Reason.saysCompromise() && !s.InvalidityDate.IsZero():
		return RevokedLater, finding(trust.Warn, CodeLaterDated, who, date, reason, at, stamp(s.InvalidityDate), s.label())
	case s.Reason.saysCompromise():
		return RevokedLater, finding(trust.Warn, CodeLaterCompromise, who, date, reason, at, s.label())
	}
	return RevokedLater, finding(trust.Warn, CodeLater, who, date, reason, at, s.label())
}

// suspension says what a hold that lasts means at the reference time.
func (q *inquiry) suspension(s *statement) (State, trust.Finding) {
	code, state, status := CodeOnHold, OnHold, trust.Fail
	if s.RevokedAt.After(q.at) {
		code, state, status = CodeLaterHold, RevokedLater, trust.Warn
	}
	return state, finding(status, code, q.who, stamp(s.RevokedAt), stamp(q.at), s.label())
}

func (q *inquiry) goodFinding(s *statement, lifted []*statement) trust.Finding {
	who, at := q.who, stamp(q.at)
	for _, h := range lifted {
		if !h.RevokedAt.After(q.at) {
			return finding(trust.Warn, CodeGoodLifted, who, stamp(h.RevokedAt), h.label(), s.label())
		}
	}
	switch {
	case s.weak:
		return finding(trust.Warn, CodeGoodWeak, who, at, s.label())
	case s.cover == coversAfter:
		return finding(trust.Pass, CodeGoodAfter, who, at, s.label())
	}
	return finding(trust.Pass, CodeGoodWithin, who, at, s.label(), stamp(s.NextUpdate))
}

// notes are what else is to be known: evidence that contradicts what decided, a
// signer of it whose own revocation is not known, and evidence not used.
func (q *inquiry) notes(by *statement, clear []*statement) []trust.Finding {
	var out []trust.Finding
	if by.Status == StatusRevoked && (by.Reason != ReasonCertificateHold || by.neverIssued) {
		for _, s := range clear {
			if !s.ThisUpdate.Before(by.RevokedAt) {
				out = append(out, finding(trust.Warn, CodeContradiction, s.label(), by.label()))
				break
			}
		}
	}
	if c := by.unchecked; c != nil {
		out = append(out, finding(trust.Warn, CodeSignerUnchecked, trust.NameText(c.RawSubject), by.Name))
	}
	return append(out, q.unused...)
}

// maxReasons bounds the reasons that are listed.
const maxReasons = 8

// reasons say why nothing is known.
func (q *inquiry) reasons() []trust.Finding {
	if len(q.unused) == 0 {
		return []trust.Finding{finding(trust.Skip, CodeForeign, q.who, itoa(q.foreign), q.link.Issuer)}
	}
	return q.unused[:min(len(q.unused), maxReasons)]
}
