package follow_test

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/follow"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/receipt"
)

// Addresses of the tests.
const (
	sender   = "mittente@pec.example.it"
	one      = "destinatario@pec.example.com"
	two      = "protocollo@pec.example.com"
	external = "persona@example.net"
	id       = "prova-1@alfa.example.it"
)

// start is when the message of the tests is accepted.
var start = time.Date(2026, 3, 2, 10, 0, 0, 0, time.FixedZone("", 3600))

// change makes a fact another.
type change func(*follow.Fact)

func about(recipients ...string) change {
	return func(f *follow.Fact) { f.Recipients = recipients }
}

func after(d time.Duration) change { return func(f *follow.Fact) { f.Time = f.Time.Add(d) } }

func says(t receipt.Timeout, r receipt.Rule) change {
	return func(f *follow.Fact) { f.Timeout, f.Rule = t, r }
}

func named(msgid string) change {
	return func(f *follow.Fact) {
		a := *f.About
		a.MessageID = msgid
		f.About = &a
	}
}

// fact is one of a message to one, two and an ordinary mailbox.
func fact(k pec.Kind, changes ...change) follow.Fact {
	f := follow.Fact{Kind: k, ID: id, Time: start, Provider: "Gestore di prova", Signer: "posta-certificata@alfa.example.it",
		About: &follow.About{MessageID: "cliente-1@example.it", Sender: sender, Subject: "Verbale", Recipients: []daticert.Recipient{
			{Type: daticert.RecipientCertified, Address: one}, {Type: daticert.RecipientCertified, Address: two},
			{Type: daticert.RecipientExternal, Address: external}}}}
	for _, c := range changes {
		c(&f)
	}
	return f
}

// tracker knows the facts given, in their order.
func tracker(t testing.TB, facts ...follow.Fact) *follow.Tracker {
	t.Helper()
	tr := new(follow.Tracker)
	for _, f := range facts {
		_, err := tr.Restore(f)
		require.NoError(t, err)
	}
	return tr
}

// saved is all that a tracker knows.
func saved(t testing.TB, tr *follow.Tracker) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, tr.Save(&b))
	return b.String()
}

// verify verifies a mail; one that is not certified gives its report too.
func verify(t testing.TB, mail []byte, o *pec.VerifyOptions) *pec.Report {
	t.Helper()
	m, err := pec.Read(bytes.NewReader(mail), int64(len(mail)))
	require.NoError(t, err)
	r, err := pec.Verify(m, o)
	if not, ok := errors.AsType[*pec.NotCertifiedError](err); ok {
		return not.Report
	}
	require.NoError(t, err)
	return r
}

// conflicts are the contradictions of a message.
func conflicts(m *follow.Message) []follow.Conflict {
	set := make(map[follow.Conflict]bool)
	for _, c := range m.Contradictions {
		set[c.Conflict] = true
	}
	return slices.Sorted(maps.Keys(set))
}
