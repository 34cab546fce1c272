package follow

import (
	"time"

	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/receipt"
)

// TimeoutRule says by what a notice at 12 h was told from one at 24 h.
type TimeoutRule string

// The rules, in the order in which they are asked.
const (
	RuleNone    TimeoutRule = ""        // nothing tells
	RuleCode    TimeoutRule = "code"    // status code 5.4.1 in errore-esteso
	RuleText    TimeoutRule = "text"    // the provider's words
	RuleElapsed TimeoutRule = "elapsed" // the time since the acceptance
)

// The norm's clock.
//
// spec: RFC 6109 §3.1.6
const (
	warnAfter   = 12 * time.Hour // without a sign from the recipient's provider
	expireAfter = 24 * time.Hour // without a delivery
	earliestEnd = 22 * time.Hour // no notice at 24 h may come before
)

// Timeout says which of the two notices a fact of this message is, late or expired,
// or late-or-expired if nothing tells, and by what it was told. It is StatusUnknown
// for a fact that is no timeout notice.
func (m *Message) Timeout(f *Fact) (Status, TimeoutRule) {
	if f.Kind != pec.KindTimeout {
		return StatusUnknown, RuleNone
	}
	return f.timeoutOf(m.Accepted)
}

// timeoutOf says which notice a fact is: by the code, by the words, or by the time
// since the acceptance, which is zero if none is known.
func (f *Fact) timeoutOf(accepted time.Time) (Status, TimeoutRule) {
	switch f.Timeout {
	case receipt.TimeoutLate:
		return StatusLate, TimeoutRule(f.Rule)
	case receipt.TimeoutExpired:
		return StatusExpired, TimeoutRule(f.Rule)
	}
	if accepted.IsZero() {
		return StatusLateOrExpired, RuleNone
	}
	switch elapsed := f.Time.Sub(accepted); {
	case elapsed >= earliestEnd:
		return StatusExpired, RuleElapsed
	case elapsed >= warnAfter:
		return StatusLate, RuleElapsed
	}
	return StatusLateOrExpired, RuleNone
}
