package follow_test

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/follow"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/receipt"
)

// head is the first of a sequence, and that the sequence can be left there.
func head[T any](seq iter.Seq[T]) (list []T) {
	for v := range seq {
		return []T{v}
	}
	return nil
}

// FuzzLoad: what can be loaded is the same after it was saved, and its states can
// be worked out. A text in the place of another, and a time, make facts and
// submissions that are refused or taken, and nothing else. Limits and the errors of
// readers and writers come out as they are.
func FuzzLoad(f *testing.F) {
	add := func(tr *follow.Tracker) {
		text := saved(f, tr)
		f.Add([]byte(text), "altro@example.it", int64(0), int64(len(text)))
	}
	add(tracker(f, all...))
	for _, c := range statuses {
		add(tracker(f, c.facts...))
	}
	for _, c := range timeouts {
		add(tracker(f, c.facts...))
	}
	for _, c := range exchanges {
		add(expecting(f, tracker(f, c.facts...), c.sent...))
	}
	add(tracker(f, fact(pec.KindDelivery, about("altro@pec.example.com")), fact(pec.KindDelivery, about("Altro@pec.example.com"))))
	certified := fact(pec.KindTransport, func(f *follow.Fact) {
		a := *f.About
		a.Recipients = []daticert.Recipient{{Type: daticert.RecipientCertified, Address: external}}
		f.About = &a
	})
	add(tracker(f, accepted, certified))
	add(expecting(f, tracker(f, accepted), submission(0, one, "altro@pec.example.com")))
	good := saved(f, tracker(f, accepted, delivered))
	f.Add([]byte(strings.Replace(good, `"about":[`, `"names":["altro@example.it","`+id+`"],"about":[`, 1)), "", int64(0), int64(1)<<20)
	for _, text := range notStates(f, good) {
		f.Add([]byte(text), "", int64(-1), int64(0))
	}
	sent := expected(f)
	for _, c := range expectedNot {
		f.Add([]byte(strings.Replace(sent, c[0], c[1], 1)), "", int64(1)<<38, int64(1))
	}
	for _, spoil := range []string{"", " ", "\xff", "<>", "&amp;lt;<a\x16b>", string(pec.KindDelivery), string(pec.KindAnomaly), string(receipt.TimeoutLate), string(receipt.RuleText), strings.Repeat("a", 999)} {
		f.Add([]byte(sent), spoil, int64(-1)<<40, int64(len(sent)-1))
	}
	f.Add([]byte(`{"schema":"gopec-follow/1","messages":[],"ignored":[{"reason":"ordinary","refers":["a"]}]}`), "a", int64(12*3600+1), int64(50))
	f.Add([]byte(`{"schema":"gopec-follow/1","ignored":[{"reason":""}]}`), "a", int64(86401), int64(50))
	f.Add([]byte(`{"schema":"gopec-follow/1","ignored":[{"reason":"x"},{"reason":1}]}`), "a", int64(86401), int64(50))
	f.Fuzz(func(t *testing.T, b []byte, spoil string, at, most int64) {
		submitted(t, spoil, at)
		tr, err := follow.Load(bytes.NewReader(b))
		if err != nil {
			require.ErrorIs(t, err, follow.ErrState)
			require.Nil(t, tr)
			return
		}
		text := saved(t, tr)
		again, err := follow.Load(strings.NewReader(text))
		require.NoError(t, err)
		require.Equal(t, text, saved(t, again))
		require.Equal(t, told(tr).text(), told(again).text())
		require.Equal(t, answers(tr), answers(again))
		bounded(t, tr, text, most)
		restored(t, tr, spoil)
		for m := range tr.Messages() {
			message(t, tr, m, start.Add(time.Duration(at%(1<<32))*time.Second))
		}
		for _, i := range slices.Collect(tr.Ignored()) {
			require.NotEmpty(t, i.Reason)
		}
		require.Len(t, head(tr.Ignored()), min(1, len(slices.Collect(tr.Ignored()))))
		list := slices.Collect(tr.Submissions())
		require.Len(t, head(tr.Submissions()), min(1, len(list)))
		for _, s := range list {
			require.Equal(t, s.Message == nil, s.Missing != nil)
			require.Subset(t, s.Recipients, s.Unnamed)
			added, err := tr.Submitted(s.Submission)
			require.NoError(t, err)
			require.False(t, added, "it is known")
			require.True(t, tr.Withdraw(s.Submission))
			require.False(t, tr.Withdraw(s.Submission))
		}
		require.Empty(t, slices.Collect(tr.Submissions()))
	})
}

// bounded saves and loads with a limit, and with a writer and a reader that fail.
func bounded(t *testing.T, tr *follow.Tracker, text string, most int64) {
	most = max(0, most)
	var b bytes.Buffer
	err := follow.SaveBounded(tr, &b, most)
	require.Equal(t, int64(len(text)) > most, errors.Is(err, follow.ErrStateSize))
	require.Equal(t, err == nil, b.String() == text)
	loaded, err := follow.LoadBounded(strings.NewReader(text), most)
	require.Equal(t, int64(len(text)) > most, errors.Is(err, follow.ErrStateSize), "%v", err)
	require.Equal(t, err == nil, loaded != nil)
	cut := text[:min(most, int64(len(text)))]
	loaded, err = follow.Load(io.MultiReader(strings.NewReader(cut), iotest.ErrReader(iotest.ErrTimeout)))
	require.ErrorIs(t, err, iotest.ErrTimeout)
	require.Nil(t, loaded)
	require.ErrorIs(t, tr.Save(failing{}), iotest.ErrTimeout)
}

// restored takes the facts one by one: they give the same states, and a text that no
// certified message can hold makes a fact none.
func restored(t *testing.T, tr *follow.Tracker, spoil string) {
	own := new(follow.Tracker)
	facts := slices.Collect(tr.Facts())
	require.Len(t, head(tr.Facts()), min(1, len(facts)))
	for _, f := range facts {
		added, err := own.Restore(f)
		require.NoError(t, err)
		require.True(t, added)
		added, err = own.Restore(f)
		require.NoError(t, err)
		require.False(t, added, "it is known")
		require.Contains(t, tr.Find(f.ID), f.ID)
		if len(f.About.MessageID) < 900 {
			require.True(t, f.About.MessageID == "" || slices.Contains(tr.Find(f.About.MessageID), f.ID))
		}
	}
	require.Equal(t, told(tr).text(), told(own).text())
	messages, count := own.Len()
	require.Equal(t, len(slices.Collect(tr.Messages())), messages)
	require.Equal(t, len(facts), count)
	if len(facts) == 0 {
		return
	}
	text := utf8.ValidString(spoil)
	for what, c := range map[string]struct {
		change change
		ok     bool
	}{
		"provider": {func(f *follow.Fact) { f.Provider = spoil }, text},
		"kind":     {func(f *follow.Fact) { f.Kind, f.Recipients = pec.Kind(spoil), []string{one} }, pec.Kind(spoil).Certifies()},
		"nothing":  {func(f *follow.Fact) { f.About = nil }, false},
		"timeout":  {func(f *follow.Fact) { f.Timeout = receipt.Timeout(spoil) }, spoil == "" || spoil == string(receipt.TimeoutLate) || spoil == string(receipt.TimeoutExpired)},
		"rule":     {func(f *follow.Fact) { f.Rule = receipt.Rule(spoil) }, spoil == "" || spoil == string(receipt.RuleCode) || spoil == string(receipt.RuleText)},
		"recipient": {func(f *follow.Fact) {
			f.About = &follow.About{Sender: sender, Recipients: []daticert.Recipient{{Address: spoil}}}
		}, text},
	} {
		changed := facts[0]
		c.change(&changed)
		_, err := follow.Copy(own).Restore(changed)
		require.Equal(t, c.ok, err == nil, "%s: %v", what, err)
		require.Equal(t, c.ok, !errors.Is(err, follow.ErrFact), what)
	}
}

// message asks the state of a message for all that it says.
func message(t *testing.T, tr *follow.Tracker, m *follow.Message, now time.Time) {
	require.Equal(t, m, tr.Message(m.ID))
	complete, delivered := true, len(m.Recipients) > 0
	for i := range m.Recipients {
		r := &m.Recipients[i]
		require.NotEmpty(t, r.Status)
		require.False(t, r.Time.IsZero())
		require.Equal(t, r, m.Recipient(" "+r.Address))
		complete = complete && r.Missing == nil
		delivered = delivered && r.Status == follow.StatusDelivered
		require.False(t, r.Missing != nil && r.Status.Final())
		if r.Missing.Overdue(now) {
			require.True(t, r.Missing.Overdue(now.Add(time.Hour)), "it stays so")
			require.Equal(t, follow.MissingOutcome, r.Missing.What)
		}
	}
	require.Equal(t, complete, m.Complete())
	require.Equal(t, delivered, m.Delivered())
	for _, c := range m.Contradictions {
		require.True(t, utf8.ValidString(c.String()) && len(c.String()) > 20 && len(c.String()) < 3000)
		require.NotEmpty(t, c.Times)
		require.True(t, slices.IsSortedFunc(c.Times, time.Time.Compare))
	}
	for i := range m.Facts {
		status, rule := m.Timeout(&m.Facts[i])
		require.Equal(t, m.Facts[i].Kind == pec.KindTimeout, status != follow.StatusUnknown)
		require.False(t, rule != follow.RuleNone && status == follow.StatusLateOrExpired)
	}
}

// submitted gives a submission a text or a time for one of its fields: what nothing
// could answer is refused, and the rest waits for its acceptance.
func submitted(t *testing.T, spoil string, at int64) {
	folded := follow.FoldID(spoil)
	require.True(t, utf8.ValidString(folded) && len(folded) <= 3*len(spoil))
	require.Empty(t, strings.Join(strings.Fields(folded), "")[len(folded):])
	text, filled := utf8.ValidString(spoil), strings.TrimSpace(spoil) != ""
	when := time.Unix(at, 0).UTC()
	for what, c := range map[string]struct {
		change func(*follow.Submission)
		ok     bool
	}{
		"Message-ID":   {func(s *follow.Submission) { s.MessageID = spoil }, folded != "" && len(folded) <= 998 && follow.FoldID(folded) == folded},
		"time":         {func(s *follow.Submission) { s.Time = when }, when.Year() >= 1970 && when.Year() <= 9999},
		"sender":       {func(s *follow.Submission) { s.Sender = spoil }, text && filled},
		"subject":      {func(s *follow.Submission) { s.Subject = spoil }, text},
		"no recipient": {func(s *follow.Submission) { s.Recipients = nil }, false},
		"recipient":    {func(s *follow.Submission) { s.Recipients = append(s.Recipients, spoil) }, text && filled},
	} {
		s := submission(0, one, two)
		c.change(&s)
		tr := new(follow.Tracker)
		added, err := tr.Submitted(s)
		require.Equal(t, c.ok, added, "%s: %v", what, err)
		require.Equal(t, c.ok, err == nil)
		list := slices.Collect(tr.Submissions())
		if err != nil {
			require.ErrorIs(t, err, follow.ErrSubmission)
			require.Empty(t, list)
			continue
		}
		require.Equal(t, &follow.Missing{What: follow.MissingAcceptance, Since: s.Time.UTC()}, list[0].Missing)
		require.False(t, list[0].Missing.Overdue(when), "the norm sets no time")
		loaded, err := follow.Load(strings.NewReader(saved(t, tr)))
		require.NoError(t, err)
		require.True(t, loaded.Withdraw(s))
	}
}
