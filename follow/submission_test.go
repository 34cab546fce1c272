package follow_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/follow"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/pectest"
)

const msgid = "cliente-1@example.it"

// submission is the word that the message of the tests was sent, so long before its
// acceptance.
func submission(before time.Duration, to ...string) follow.Submission {
	if len(to) == 0 {
		to = []string{one, two, external}
	}
	return follow.Submission{MessageID: msgid, Time: start.Add(-before), Sender: sender, Subject: "Verbale", Recipients: to}
}

// of makes a fact one of another message with the same Message-ID.
func of(id string, to ...string) change {
	return func(f *follow.Fact) {
		f.ID = id
		if len(to) == 0 {
			return
		}
		a := *f.About
		a.Recipients = nil
		for _, r := range to {
			a.Recipients = append(a.Recipients, daticert.Recipient{Type: daticert.RecipientCertified, Address: r})
		}
		f.About = &a
	}
}

// expecting adds submissions to a tracker.
func expecting(t testing.TB, tr *follow.Tracker, list ...follow.Submission) *follow.Tracker {
	t.Helper()
	for _, s := range list {
		_, err := tr.Submitted(s)
		require.NoError(t, err)
	}
	return tr
}

// answers are the identifiers of the messages that answer the submissions, "" for
// none, by time.
func answers(tr *follow.Tracker) (list []string) {
	for s := range tr.Submissions() {
		if s.Message == nil {
			list = append(list, "")
		} else {
			list = append(list, s.Message.ID)
		}
	}
	return list
}

// TestSubmitted: what was sent is waited for until its acceptance comes, and what is
// certified is the same with and without it.
func TestSubmitted(t *testing.T) {
	t.Parallel()
	s := submission(time.Second)
	s.MessageID = "&lt;" + msgid + "&gt;"
	tr := new(follow.Tracker)
	added, err := tr.Submitted(s)
	require.NoError(t, err)
	require.True(t, added)
	added, err = tr.Submitted(s)
	require.NoError(t, err)
	require.False(t, added, "it is known")

	list := slices.Collect(tr.Submissions())
	require.Len(t, list, 1)
	require.Equal(t, msgid, list[0].MessageID)
	require.Equal(t, &follow.Missing{What: follow.MissingAcceptance, Since: s.Time.UTC()}, list[0].Missing)
	require.False(t, list[0].Missing.Overdue(start.Add(1000*time.Hour)), "the norm sets no time for an acceptance")
	require.Nil(t, list[0].Message)
	require.Empty(t, slices.Collect(tr.Messages()), "nothing is certified")
	require.Empty(t, tr.Find(msgid))
	messages, facts := tr.Len()
	require.Zero(t, messages+facts)

	for _, f := range []follow.Fact{accepted, delivered} {
		_, err := tr.Restore(f)
		require.NoError(t, err)
	}
	list = slices.Collect(tr.Submissions())
	require.Len(t, list, 1)
	require.Equal(t, id, list[0].Message.ID)
	require.Nil(t, list[0].Missing)
	require.Empty(t, list[0].Unnamed)
	require.Equal(t, state(t, []follow.Fact{accepted, delivered}), slices.Collect(tr.Messages()))

	require.True(t, tr.Withdraw(s))
	require.False(t, tr.Withdraw(s))
	require.Empty(t, slices.Collect(tr.Submissions()))
	require.Equal(t, saved(t, tracker(t, accepted, delivered)), saved(t, tr), "nothing of it is left")
}

// again is the acceptance of a second message.
func again(d time.Duration, to ...string) follow.Fact {
	return fact(pec.KindAcceptance, of("seconda", to...), after(d))
}

const minute = time.Minute

// exchanges are submissions, facts, and which message answers which.
var exchanges = map[string]struct {
	sent   []follow.Submission
	facts  []follow.Fact
	want   []string
	reason string
}{
	"accepted":           {[]follow.Submission{submission(minute)}, []follow.Fact{accepted}, []string{id}, "msgid, sender and recipients are its"},
	"refused":            {[]follow.Submission{submission(minute)}, []follow.Fact{refused}, []string{id}, "that is an answer too"},
	"delivery alone":     {[]follow.Submission{submission(minute)}, []follow.Fact{delivered}, []string{id}, "it says that it was accepted"},
	"the same second":    {[]follow.Submission{submission(-300 * time.Millisecond)}, []follow.Fact{accepted}, []string{id}, "certified times are whole seconds"},
	"a clock ahead":      {[]follow.Submission{submission(-10 * minute)}, []follow.Fact{accepted}, []string{id}, "clocks differ"},
	"older":              {[]follow.Submission{submission(-10*minute - time.Second)}, []follow.Fact{accepted}, []string{""}, "it was answered before it was sent"},
	"another Message-ID": {[]follow.Submission{submission(minute)}, []follow.Fact{fact(pec.KindAcceptance, named("altro@example.it"))}, []string{""}, "it is another message"},
	"no msgid":           {[]follow.Submission{submission(minute)}, []follow.Fact{fact(pec.KindAcceptance, named(""))}, []string{""}, "nothing certified ties them"},
	"another sender": {[]follow.Submission{submission(minute)}, []follow.Fact{fact(pec.KindAcceptance, func(f *follow.Fact) {
		a := *f.About
		a.Sender = "ufficio@pec.example.it"
		f.About = &a
	})}, []string{""}, "anybody can use a Message-ID"},
	"case of addresses": {[]follow.Submission{{MessageID: msgid, Time: start, Sender: strings.ToUpper(sender), Recipients: []string{strings.ToUpper(one), two, external}}},
		[]follow.Fact{accepted}, []string{id}, "it does not matter"},
	"others' recipients": {[]follow.Submission{submission(minute, "altro@pec.example.com")}, []follow.Fact{accepted}, []string{""}, "it reaches nobody of them"},
	"twice, one answer":  {[]follow.Submission{submission(30 * minute), submission(minute)}, []follow.Fact{accepted}, []string{"", id}, "the last before it"},
	"twice, the first's": {[]follow.Submission{submission(minute), submission(-30 * minute)}, []follow.Fact{accepted}, []string{id, ""}, "the second was sent later"},
	"twice, two answers": {[]follow.Submission{submission(minute), submission(-minute)}, []follow.Fact{accepted, again(2 * minute)}, []string{id, "seconda"}, "each has its own"},
	"twice, clock ahead": {[]follow.Submission{submission(-minute), submission(-3 * minute)}, []follow.Fact{accepted, again(2 * minute)}, []string{id, "seconda"}, "in their order"},
	"twice, to others": {[]follow.Submission{submission(minute, one), submission(time.Second, two)},
		[]follow.Fact{fact(pec.KindAcceptance, of("prima", one)), again(0, two)}, []string{"prima", "seconda"}, "recipients tell them apart"},
	"twice, to others, one": {[]follow.Submission{submission(minute, one), submission(time.Second, two)}, []follow.Fact{again(0, one)}, []string{"seconda", ""},
		"the later one went to another"},
	"whole before part": {[]follow.Submission{submission(minute, one, two), submission(time.Second, one)}, []follow.Fact{again(0, one, two)}, []string{"seconda", ""},
		"all recipients are the same"},
	"three for two": {[]follow.Submission{submission(3 * minute), submission(2 * minute), submission(minute)}, []follow.Fact{accepted, again(time.Second)}, []string{"", "seconda", id},
		"one is missing, whichever it is"},
}

// TestAnswers: which certified message answers which submission.
func TestAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range exchanges {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, answers(expecting(t, tracker(t, c.facts...), c.sent...)), c.reason)
			require.Equal(t, state(t, c.facts), slices.Collect(expecting(t, tracker(t, c.facts...), c.sent...).Messages()))
		})
	}
}

// TestUnnamed: a recipient of which nothing is certified is told.
func TestUnnamed(t *testing.T) {
	t.Parallel()
	tr := expecting(t, tracker(t, accepted), submission(0, one, "altro@pec.example.com"))
	list := slices.Collect(tr.Submissions())
	require.Equal(t, id, list[0].Message.ID)
	require.Equal(t, []string{"altro@pec.example.com"}, list[0].Unnamed)
	_, err := tr.Restore(fact(pec.KindDelivery, about("altro@pec.example.com")))
	require.NoError(t, err)
	require.Equal(t, []string{"altro@pec.example.com"}, slices.Collect(tr.Submissions())[0].Unnamed, "a delivery to somebody who is no recipient does not make him one")
}

// TestSubmissionRefused: what nothing could ever answer.
func TestSubmissionRefused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*follow.Submission){
		"no Message-ID":        func(s *follow.Submission) { s.MessageID = " <> " },
		"a long Message-ID":    func(s *follow.Submission) { s.MessageID = strings.Repeat("a", 999) },
		"no time":              func(s *follow.Submission) { s.Time = time.Time{} },
		"a time of no year":    func(s *follow.Submission) { s.Time = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
		"no sender":            func(s *follow.Submission) { s.Sender = " " },
		"no recipients":        func(s *follow.Submission) { s.Recipients = nil },
		"an empty recipient":   func(s *follow.Submission) { s.Recipients = []string{one, ""} },
		"bytes for an address": func(s *follow.Submission) { s.Recipients = []string{"\xff"} },
		"bytes for a subject":  func(s *follow.Submission) { s.Subject = "\xff" },
	} {
		s := submission(0)
		change(&s)
		_, err := new(follow.Tracker).Submitted(s)
		require.ErrorIs(t, err, follow.ErrSubmission, name)
	}
	s := submission(0)
	s.MessageID = strings.Repeat("a", 998)
	_, err := new(follow.Tracker).Submitted(s)
	require.NoError(t, err)
}

// TestSubmissionOrder: what answers what does not depend on the order in which
// anything came, and stays when it was saved.
func TestSubmissionOrder(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	facts := []follow.Fact{accepted, late, delivered, fact(pec.KindAcceptance, of("seconda"), after(time.Minute)), fact(pec.KindDelivery, of("seconda"), about(one)),
		fact(pec.KindNonAcceptance, of("terza", one), after(time.Hour))}
	sent := []follow.Submission{submission(0), submission(time.Minute), submission(-time.Minute), submission(0, one), submission(-2*time.Hour, one)}
	tr := expecting(t, tracker(t, facts...), sent...)
	want, text := answers(tr), saved(t, tr)
	require.Equal(t, 3, len(want)-len(slices.DeleteFunc(slices.Clone(want), func(s string) bool { return s != "" })))
	for range 500 {
		random.Shuffle(len(facts), func(i, j int) { facts[i], facts[j] = facts[j], facts[i] })
		random.Shuffle(len(sent), func(i, j int) { sent[i], sent[j] = sent[j], sent[i] })
		tr := expecting(t, new(follow.Tracker), sent[:2]...)
		for _, f := range facts {
			_, err := tr.Restore(f)
			require.NoError(t, err)
		}
		expecting(t, tr, sent...)
		require.Equal(t, want, answers(tr))
		require.Equal(t, text, saved(t, tr))
		loaded, err := follow.Load(strings.NewReader(text))
		require.NoError(t, err)
		require.Equal(t, want, answers(loaded))
	}
}

// expected is the saved state of a tracker with two submissions.
func expected(t testing.TB) string {
	t.Helper()
	return saved(t, expecting(t, tracker(t, accepted), submission(300*time.Millisecond), submission(time.Minute, one)))
}

// expectedNot are changes of it that make it none.
var expectedNot = map[string][2]string{
	"no Message-ID":  {`{"messageId":"` + msgid + `","time"`, `{"messageId":"","time"`},
	"no time":        {`"time":"2026-03-02T08:59:59.7Z",`, ``},
	"no sender":      {`T08:59:59.7Z","sender":"` + sender + `"`, `T08:59:59.7Z","sender":""`},
	"no recipients":  {`"recipients":["` + one + `"]}`, `"recipients":[]}`},
	"null":           {`"submissions":[`, `"submissions":[null,`},
	"number":         {`"submissions":[`, `"submissions":[1,`},
	"not a list":     {`"submissions":[`, `"submissions":{"a":[`},
	"text as a time": {`2026-03-02T08:59:59.7Z`, `ieri`},
}

// TestSubmissionSaved: loading refuses what could not be submitted.
func TestSubmissionSaved(t *testing.T) {
	t.Parallel()
	good := expected(t)
	loaded, err := follow.Load(strings.NewReader(good))
	require.NoError(t, err)
	require.Equal(t, good, saved(t, loaded))
	require.Len(t, answers(loaded), 2)
	for name, c := range expectedNot {
		require.Contains(t, good, c[0], name)
		tr, err := follow.Load(strings.NewReader(strings.Replace(good, c[0], c[1], 1)))
		require.ErrorIs(t, err, follow.ErrState, name)
		require.Nil(t, tr, name)
	}
}

// TestSubmittedCircuit: what is sent through a circuit is answered when its
// acceptance is in the mailbox.
func TestSubmittedCircuit(t *testing.T) {
	t.Parallel()
	c := circuit(t)
	tr := new(follow.Tracker)
	var want []string
	for range 3 {
		expecting(t, tr, follow.Submission{MessageID: "<" + msgid + ">", Time: c.Clock().Now(), Sender: sender, Recipients: []string{one, external}})
		s, err := c.Submit(sender, []string{one, external}, mail(msgid, "breve", one, external))
		require.NoError(t, err)
		want = append(want, s.ID)
		c.Clock().Advance(time.Minute)
	}
	require.Equal(t, []string{"", "", ""}, answers(tr))
	for m := range c.Mailbox(sender).Messages() {
		tr.Add(verify(t, m.Raw, c.VerifyOptions()))
	}
	require.Equal(t, want, answers(tr), "one Message-ID, three messages")
}

// TestSubmissionUnsigned: a Message-ID that only headers outside the signature give
// answers nothing: an old acceptance can be given any.
func TestSubmissionUnsigned(t *testing.T) {
	t.Parallel()
	c := pectest.Start(t, pectest.WithProvider("alfa.example.it", pectest.WithDomain("pec.example.it", "mittente", "destinatario"), pectest.WithoutMsgid()))
	to := "destinatario@pec.example.it"
	tr := expecting(t, new(follow.Tracker), follow.Submission{MessageID: msgid, Time: c.Clock().Now(), Sender: sender, Recipients: []string{to}})
	s, err := c.Submit(sender, []string{to}, mail("altro@example.it", "completa", to))
	require.NoError(t, err)
	acceptance := c.Mailbox(sender).Last(pec.KindAcceptance).Raw
	changed := append([]byte("X-Riferimento-Message-ID: <"+msgid+">\r\n"), acceptance...)
	require.Equal(t, follow.Outcome{Result: follow.Added, ID: s.ID}, tr.Add(verify(t, changed, c.VerifyOptions())), "the header is not signed")
	require.Equal(t, []string{s.ID}, tr.Find(msgid), "it is found")
	require.Equal(t, []string{""}, answers(tr), "and answers nothing")
}
