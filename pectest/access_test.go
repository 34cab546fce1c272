package pectest_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/pectest"
)

// program is a TB that is no test.
type program struct {
	closing []func()
	failed  string
}

func (p *program) Helper()          {}
func (p *program) Cleanup(f func()) { p.closing = append(p.closing, f) }
func (p *program) Fatalf(format string, args ...any) {
	p.failed = fmt.Sprintf(format, args...)
}

// TestStart: a program that is no test starts a circuit, is told of a scenario
// that cannot be played, and closes what it started.
func TestStart(t *testing.T) {
	t.Parallel()
	var p program
	require.Nil(t, pectest.Start(&p, pectest.WithProvider("x")))
	require.Contains(t, p.failed, "no host")
	require.Empty(t, p.closing)
	c := pectest.Start(&p)
	require.Len(t, p.closing, 1)
	p.closing[0]()
	_, err := c.Submit(sender, []string{one}, nil)
	require.ErrorIs(t, err, pectest.ErrClosed)
}

// TestAccess: what there is can be found by name and ranged over.
func TestAccess(t *testing.T) {
	t.Parallel()
	c := pectest.Start(t)
	var hosts, boxes, domains []string
	for p := range c.Providers() {
		hosts = append(hosts, p.Host())
		domains = slices.AppendSeq(domains, p.Domains())
		for b := range p.Mailboxes() {
			require.Equal(t, p, b.Provider())
		}
	}
	for b := range c.Mailboxes() {
		boxes = append(boxes, b.Address())
	}
	require.Equal(t, []string{"alfa.example.it", "beta.example.com"}, hosts)
	require.Equal(t, []string{"pec.example.it", "pec.example.com"}, domains)
	require.Equal(t, []string{sender, office, one, two}, boxes)
	require.Nil(t, c.Mailbox("nessuno@pec.example.it"))
	require.Nil(t, c.Provider("gamma.example.it"))
	require.NotNil(t, c.Mailbox("MITTENTE@PEC.EXAMPLE.IT"))
	require.Nil(t, c.Outside().Provider())
	require.Nil(t, c.Mailbox(one).Last(pec.KindTransport))
	submit(t, c, letter{to: []string{one}})
	r, err := pec.Verify(certified(t, c, c.Mailbox(one).Last(pec.KindTransport)).Message, &pec.VerifyOptions{Trust: c.TrustStore(), AtNow: true, Clock: c.Clock().Now})
	require.NoError(t, err)
	require.Equal(t, pec.ProvesSent, r.Proves)
	_, err = c.Submit("a@example.net", []string{one}, nil)
	require.EqualError(t, err, `pectest: 550 5.7.1 "a@example.net" is no mailbox of this circuit`)
}

// TestWithoutMsgidOfReceiver: a provider that leaves msgid out does so in its own
// messages, whatever the envelope says.
func TestWithoutMsgidOfReceiver(t *testing.T) {
	t.Parallel()
	c := pectest.Start(t,
		pectest.WithProvider("alfa.example.it", pectest.WithDomain("pec.example.it", "mittente")),
		pectest.WithProvider("beta.example.com", pectest.WithDomain("pec.example.com", "destinatario"), pectest.WithoutMsgid()))
	submit(t, c, letter{to: []string{one}})
	require.NotEmpty(t, certified(t, c, c.Mailbox(one).Last(pec.KindTransport)).Data.MessageID)
	for _, m := range []*pectest.Message{c.Mailbox(sender).Last(pec.KindDelivery), c.Provider("alfa.example.it").Service().Last(pec.KindTakingInCharge)} {
		r := certified(t, c, m)
		require.Empty(t, r.Data.MessageID)
		require.Empty(t, r.Message.Claims.Reference)
	}
}

// TestFailureIsLogged: a message for which there is no place and no notice is in
// the log, if nowhere else.
func TestFailureIsLogged(t *testing.T) {
	t.Parallel()
	c := pectest.Start(t)
	submit(t, c, letter{to: []string{one}})
	envelope := c.Mailbox(one).Last(pec.KindTransport)
	c.Clear()
	require.NoError(t, c.Arrive(sender, []string{"nessuno@pec.example.com"}, envelope.Raw))
	var failures []pectest.LogEntry
	for e := range c.Log() {
		if e.Event == pectest.EventFailure {
			failures = append(failures, e)
		}
	}
	require.Len(t, failures, 1)
	require.Equal(t, []string{"nessuno@pec.example.com"}, failures[0].Recipients)
	require.Contains(t, failures[0].Detail, "no mailbox")
}

// TestManyMissingRecipients: a notice names a few addresses and counts the others.
func TestManyMissingRecipients(t *testing.T) {
	t.Parallel()
	c := pectest.Start(t)
	var to []string
	for i := range 20 {
		to = append(to, fmt.Sprintf("u%d@pec.example.com", i))
	}
	s, err := c.Submit(sender, to, letter{to: []string{one}}.bytes())
	require.NoError(t, err)
	require.Contains(t, s.Reason, "u0@pec.example.com, u1@pec.example.com")
	require.Contains(t, s.Reason, "e altri 15")
	require.NotContains(t, s.Reason, "u5@")
}

// TestRecipientTwice: a recipient that is named twice, in whatever case, is one.
func TestRecipientTwice(t *testing.T) {
	t.Parallel()
	c := pectest.Start(t)
	s, err := c.Submit(sender, []string{"DESTINATARIO@pec.example.com", one, "Destinatario@pec.example.com"}, letter{to: []string{one}}.bytes())
	require.NoError(t, err)
	require.True(t, s.Accepted)
	require.Equal(t, []string{"accettazione", "avvenuta-consegna DESTINATARIO@pec.example.com"}, inBox(t, c, c.Mailbox(sender)), "as it was written first")
	require.Len(t, certified(t, c, firstOf(c.Mailbox(one))).Data.Recipients, 1)
}

// TestAnotherWay: an envelope that was thought lost and comes after all ends the
// wait.
func TestAnotherWay(t *testing.T) {
	t.Parallel()
	c := pectest.Start(t, pectest.WithFault(two, pectest.FaultSilent))
	submit(t, c, letter{to: []string{one, two}})
	c.Clock().Advance(11 * time.Hour)
	require.NoError(t, c.Arrive(sender, []string{two}, firstOf(c.Mailbox(one)).Raw))
	c.Clock().Advance(25 * time.Hour)
	require.Equal(t, []string{"accettazione", "avvenuta-consegna " + one, "avvenuta-consegna " + two}, inBox(t, c, c.Mailbox(sender)))
}
