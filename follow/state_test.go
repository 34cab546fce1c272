package follow_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/follow"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/receipt"
)

// Facts about the first recipient.
var (
	sent      = fact(pec.KindTransport)
	accepted  = fact(pec.KindAcceptance)
	refused   = fact(pec.KindNonAcceptance, func(f *follow.Fact) { f.Reason = "5.7.1 - Gestore di prova - rifiutato" })
	taken     = fact(pec.KindTakingInCharge, about(one, two), after(time.Minute))
	late      = fact(pec.KindTimeout, about(one), after(12*time.Hour), says(receipt.TimeoutLate, receipt.RuleText))
	expired   = fact(pec.KindTimeout, about(one), after(24*time.Hour), says(receipt.TimeoutExpired, receipt.RuleCode))
	undecided = fact(pec.KindTimeout, about(one), after(23*time.Hour))
	failed    = fact(pec.KindDeliveryError, about(one), after(time.Hour), func(f *follow.Fact) {
		f.Error, f.Reason = daticert.ErrorRecipient, "5.1.1 - Beta - indirizzo non valido"
	})
	virus      = fact(pec.KindVirusDetection, about(one), after(time.Hour), func(f *follow.Fact) { f.Error = daticert.ErrorVirus })
	delivered  = fact(pec.KindDelivery, about(one), after(2*time.Hour), func(f *follow.Fact) { f.Receipt = daticert.ReceiptBrief })
	delivered2 = fact(pec.KindDelivery, about(one), after(3*time.Hour))
)

// statuses are facts about the first recipient and what they make of it.
var statuses = map[string]struct {
	facts     []follow.Fact
	want      follow.Status
	at        time.Duration // after the acceptance
	conflicts []follow.Conflict
	reason    string
}{
	"submitted":                  {[]follow.Fact{sent}, follow.StatusSubmitted, 0, nil, "the envelope is there"},
	"submitted by another":       {[]follow.Fact{fact(pec.KindDelivery, about(two), after(time.Hour))}, follow.StatusSubmitted, time.Hour, nil, "another recipient has it"},
	"accepted":                   {[]follow.Fact{sent, accepted}, follow.StatusAccepted, 0, nil, "the sender's provider took it"},
	"taken in charge":            {[]follow.Fact{accepted, taken}, follow.StatusTaken, time.Minute, nil, "the recipient's provider has it"},
	"late":                       {[]follow.Fact{accepted, late}, follow.StatusLate, 12 * time.Hour, nil, "a warning is no failure"},
	"late, taken":                {[]follow.Fact{accepted, taken, late}, follow.StatusLate, 12 * time.Hour, nil, "late is more than taken in charge"},
	"expired alone":              {[]follow.Fact{accepted, expired}, follow.StatusExpired, 24 * time.Hour, nil, "the notice at 24 h can come alone"},
	"expired without acceptance": {[]follow.Fact{expired}, follow.StatusExpired, 24 * time.Hour, nil, "it says so by its code"},
	"late and expired":           {[]follow.Fact{accepted, late, expired}, follow.StatusExpired, 24 * time.Hour, nil, "one follows the other"},
	"undetermined":               {[]follow.Fact{undecided}, follow.StatusLateOrExpired, 23 * time.Hour, nil, "nothing tells which notice it is"},
	"late and undetermined":      {[]follow.Fact{late, undecided}, follow.StatusLateOrExpired, 23 * time.Hour, nil, "it may be the end"},
	"failed":                     {[]follow.Fact{accepted, taken, failed}, follow.StatusFailed, time.Hour, nil, "the recipient's provider says so"},
	"virus":                      {[]follow.Fact{accepted, virus}, follow.StatusFailed, time.Hour, nil, "it was put aside"},
	"virus and its notice": {[]follow.Fact{virus, fact(pec.KindDeliveryError, about(one), after(2*time.Hour))}, follow.StatusFailed, time.Hour, nil,
		"two messages about one failure have their own times"},
	"delivered":            {[]follow.Fact{accepted, delivered}, follow.StatusDelivered, 2 * time.Hour, nil, "it is in the mailbox"},
	"delivered, late":      {[]follow.Fact{accepted, late, delivered}, follow.StatusDelivered, 2 * time.Hour, nil, "late means it may still come"},
	"delivered alone":      {[]follow.Fact{delivered}, follow.StatusDelivered, 2 * time.Hour, nil, "it needs nothing else"},
	"delivered and failed": {[]follow.Fact{accepted, delivered, failed}, follow.StatusDelivered, 2 * time.Hour, []follow.Conflict{follow.ConflictOutcomes}, "both are kept"},
	"failed and expired":   {[]follow.Fact{accepted, failed, expired}, follow.StatusFailed, time.Hour, []follow.Conflict{follow.ConflictOutcomes}, "both are kept"},
	"delivered and expired": {[]follow.Fact{accepted, delivered, expired}, follow.StatusDelivered, 2 * time.Hour,
		[]follow.Conflict{follow.ConflictOutcomes}, "both are kept"},
	"delivered twice": {[]follow.Fact{accepted, delivered2, delivered}, follow.StatusDelivered, 2 * time.Hour, []follow.Conflict{follow.ConflictTimes}, "the first, and it is told"},
	"accepted twice":  {[]follow.Fact{fact(pec.KindAcceptance, after(time.Second)), accepted}, follow.StatusAccepted, 0, []follow.Conflict{follow.ConflictTimes}, "the first, and it is told"},
	"refused":         {[]follow.Fact{refused}, follow.StatusNotAccepted, 0, nil, "it was sent to nobody"},
	"refused and delivered": {[]follow.Fact{refused, delivered}, follow.StatusNotAccepted, 0,
		[]follow.Conflict{follow.ConflictRefused}, "what was not accepted cannot be delivered"},
	"to a stranger": {[]follow.Fact{accepted, fact(pec.KindDelivery, about("altro@pec.example.com"))}, follow.StatusAccepted, 0,
		[]follow.Conflict{follow.ConflictUnlisted}, "consegna is no recipient"},
	"to an ordinary mailbox": {[]follow.Fact{accepted, fact(pec.KindDelivery, about(external))}, follow.StatusAccepted, 0,
		[]follow.Conflict{follow.ConflictExternal}, "there is never a receipt"},
	"delivered with an error": {[]follow.Fact{fact(pec.KindDelivery, about(one), func(f *follow.Fact) { f.Error = daticert.ErrorOther })}, follow.StatusDelivered, 0,
		[]follow.Conflict{follow.ConflictError}, "the code means nothing there"},
	"another content": {[]follow.Fact{fact(pec.KindDelivery, about(one), func(f *follow.Fact) { f.Original = "altra@alfa.example.it" })}, follow.StatusDelivered, 0,
		[]follow.Conflict{follow.ConflictOriginal}, "the receipt encloses another message"},
	"one event, two contents": {[]follow.Fact{delivered, fact(pec.KindDelivery, about(one), after(2*time.Hour))}, follow.StatusDelivered, 2 * time.Hour,
		[]follow.Conflict{follow.ConflictRepeated}, "the kinds of receipt differ"},
	"two Message-IDs": {[]follow.Fact{accepted, fact(pec.KindDelivery, about(one), named("altro@example.it"))}, follow.StatusDelivered, 0,
		[]follow.Conflict{follow.ConflictMessageID}, "they are of one identifier"},
	"two issuers": {[]follow.Fact{accepted, fact(pec.KindTimeout, about(one), after(24*time.Hour), func(f *follow.Fact) { f.Signer = "posta-certificata@gamma.example.it" })},
		follow.StatusExpired, 24 * time.Hour, []follow.Conflict{follow.ConflictIssuer}, "only the sender's provider waits for the sender"},
	"another issuer delivers": {[]follow.Fact{accepted, fact(pec.KindDelivery, about(one), func(f *follow.Fact) { f.Signer = "posta-certificata@beta.example.com" })},
		follow.StatusDelivered, 0, nil, "that is the recipient's provider"},
	"nobody": {[]follow.Fact{accepted, fact(pec.KindTimeout, after(time.Hour))}, follow.StatusAccepted, 0, []follow.Conflict{follow.ConflictNobody}, "it does not say whom it is about"},
	"case":   {[]follow.Fact{accepted, fact(pec.KindDelivery, about("Destinatario@PEC.example.com"))}, follow.StatusDelivered, 0, nil, "addresses fold"},
}

func TestStatus(t *testing.T) {
	t.Parallel()
	for name, c := range statuses {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := tracker(t, c.facts...).Message(id)
			r := m.Recipient(one)
			require.Equal(t, c.want, r.Status, c.reason)
			require.Equal(t, start.Add(c.at), r.Time, c.reason)
			require.Equal(t, c.conflicts, conflicts(m), c.reason)
			require.Len(t, m.Facts, len(c.facts), "nothing is left out")
			for _, x := range m.Contradictions {
				require.NotEmpty(t, x.String())
				require.NotEmpty(t, x.Times)
			}
		})
	}
}

func notice(d time.Duration, changes ...change) follow.Fact {
	return fact(pec.KindTimeout, append([]change{about(one), after(d)}, changes...)...)
}

// timeouts are notices and which of the two each is.
var timeouts = map[string]struct {
	facts []follow.Fact
	want  follow.Status
	rule  follow.TimeoutRule
}{
	"code, early":               {[]follow.Fact{accepted, notice(13*time.Hour, says(receipt.TimeoutExpired, receipt.RuleCode))}, follow.StatusExpired, follow.RuleCode},
	"text, early":               {[]follow.Fact{accepted, notice(13*time.Hour, says(receipt.TimeoutExpired, receipt.RuleText))}, follow.StatusExpired, follow.RuleText},
	"text, after the end":       {[]follow.Fact{accepted, notice(24*time.Hour, says(receipt.TimeoutLate, receipt.RuleText))}, follow.StatusLate, follow.RuleText},
	"a second under 12 h":       {[]follow.Fact{accepted, notice(12*time.Hour - time.Second)}, follow.StatusLateOrExpired, follow.RuleNone},
	"12 h":                      {[]follow.Fact{accepted, notice(12 * time.Hour)}, follow.StatusLate, follow.RuleElapsed},
	"a second under 22 h":       {[]follow.Fact{accepted, notice(22*time.Hour - time.Second)}, follow.StatusLate, follow.RuleElapsed},
	"22 h":                      {[]follow.Fact{accepted, notice(22 * time.Hour)}, follow.StatusExpired, follow.RuleElapsed},
	"no acceptance":             {[]follow.Fact{notice(24 * time.Hour)}, follow.StatusLateOrExpired, follow.RuleNone},
	"the envelope is not asked": {[]follow.Fact{sent, notice(24 * time.Hour)}, follow.StatusLateOrExpired, follow.RuleNone},
}

// TestTimeoutRule: code, then text, then time, at the bounds of each.
func TestTimeoutRule(t *testing.T) {
	t.Parallel()
	for name, c := range timeouts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := tracker(t, c.facts...).Message(id).Recipient(one)
			require.Equal(t, c.want, r.Status)
			require.Equal(t, c.rule, r.Rule)
			require.Equal(t, c.want == follow.StatusExpired, r.Failure != nil)
		})
	}
}

// TestMissing: what must still come, since when, and when by the norm's clock.
func TestMissing(t *testing.T) {
	t.Parallel()
	due := start.Add(24 * time.Hour)
	for name, c := range map[string]struct {
		facts []follow.Fact
		want  *follow.Missing
	}{
		"the acceptance":              {[]follow.Fact{sent}, &follow.Missing{What: follow.MissingAcceptance, Since: start}},
		"the outcome":                 {[]follow.Fact{accepted}, &follow.Missing{What: follow.MissingOutcome, Since: start, Notice: start.Add(12 * time.Hour), Due: due}},
		"the outcome, taken":          {[]follow.Fact{accepted, taken}, &follow.Missing{What: follow.MissingOutcome, Since: start, Due: due}},
		"the outcome, late":           {[]follow.Fact{accepted, late}, &follow.Missing{What: follow.MissingOutcome, Since: start, Due: due}},
		"the outcome, nobody knows":   {[]follow.Fact{late}, &follow.Missing{What: follow.MissingOutcome, Since: start.Add(12 * time.Hour)}},
		"nothing after the delivery":  {[]follow.Fact{accepted, delivered}, nil},
		"nothing after the failure":   {[]follow.Fact{accepted, failed}, nil},
		"nothing after the end":       {[]follow.Fact{accepted, expired}, nil},
		"nothing if it was refused":   {[]follow.Fact{refused}, nil},
		"nothing without acceptances": {[]follow.Fact{delivered}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, tracker(t, c.facts...).Message(id).Recipient(one).Missing)
		})
	}
	m := tracker(t, accepted).Message(id).Recipient(one).Missing
	require.False(t, m.Overdue(start.Add(12*time.Hour)))
	require.True(t, m.Overdue(start.Add(12*time.Hour+time.Second)), "no sign, and no notice of it")
	m = tracker(t, accepted, late).Message(id).Recipient(one).Missing
	require.False(t, m.Overdue(due))
	require.True(t, m.Overdue(due.Add(time.Second)))
	require.False(t, (*follow.Missing)(nil).Overdue(due))
}

// TestExternal: an ordinary mailbox never gets a delivery, and nothing is waited for.
func TestExternal(t *testing.T) {
	t.Parallel()
	m := tracker(t, accepted, delivered, fact(pec.KindDelivery, about(two), after(time.Hour))).Message(id)
	r := m.Recipient(external)
	require.True(t, r.External)
	require.Equal(t, follow.StatusAccepted, r.Status)
	require.Nil(t, r.Missing)
	require.True(t, m.Complete())
	require.False(t, m.Delivered(), "of one nothing can be known")
	require.Empty(t, m.Contradictions)
	require.NotNil(t, tracker(t, sent).Message(id).Recipient(external).Missing, "without acceptance that is missing")
}

// TestWords: why it failed, in the provider's words.
func TestWords(t *testing.T) {
	t.Parallel()
	r := tracker(t, failed).Message(id).Recipient(one)
	require.Equal(t, &follow.Failure{Error: daticert.ErrorRecipient, Code: "5.1.1", Provider: "Beta", Text: "indirizzo non valido"}, r.Failure)
	require.Equal(t, &follow.Failure{Error: daticert.ErrorNone, Code: "5.7.1", Provider: "Gestore di prova", Text: "rifiutato"}, tracker(t, refused).Message(id).Refusal)
	require.Equal(t, daticert.ReceiptBrief, tracker(t, delivered).Message(id).Recipient(one).Receipt)
}

// TestTypes: a recipient that is certified in one fact and ordinary in another is
// waited for.
func TestTypes(t *testing.T) {
	t.Parallel()
	other := fact(pec.KindTransport, func(f *follow.Fact) {
		a := *f.About
		a.Recipients = []daticert.Recipient{{Type: daticert.RecipientCertified, Address: external}, {Type: daticert.RecipientCertified, Address: "nuovo@pec.example.com"}}
		f.About = &a
	})
	m := tracker(t, accepted, other).Message(id)
	require.False(t, m.Recipient(external).External)
	require.Len(t, m.Recipients, 4)
	require.Equal(t, []follow.Conflict{follow.ConflictRecipients}, conflicts(m))
}
