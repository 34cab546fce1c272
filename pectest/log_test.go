package pectest_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/pectest"
)

// TestLogTellsTheStory: who reads the log alone knows what is in every mailbox, in
// order, and everything that was issued was moved somewhere.
//
// spec: RFC 6109 §2.3
func TestLogTellsTheStory(t *testing.T) {
	t.Parallel()
	c := pectest.Start(t)
	everyKind(t, c)
	boxes := make(map[string][]string)   // Message-IDs by mailbox, from the log
	issued := make(map[string]string)    // provider by Message-ID, but for anomalies, which keep that of the mail inside
	moved := make(map[string]bool)       // Message-IDs that were delivered, left, were put aside or lost
	quarantined := make(map[string]bool) // identifiers
	var last pectest.LogEntry
	for e := range c.Log() {
		require.Equal(t, last.Number+1, e.Number)
		require.False(t, e.Time.Before(last.Time), "time goes forward")
		last = e
		require.NotNil(t, c.Provider(e.Provider))
		switch e.Event {
		case pectest.EventSubmission:
			require.NotEmpty(t, e.ID)
			require.Equal(t, sender, e.Sender)
			require.Contains(t, e.Subject, "attività")
		case pectest.EventEmission:
			require.Len(t, e.Related, 1)
			if e.Kind != pec.KindAnomaly {
				issued[e.Related[0]] = e.Provider
			}
		case pectest.EventDelivery:
			boxes[e.Mailbox] = append(boxes[e.Mailbox], e.Related[0])
			moved[e.Related[0]] = true
			require.Equal(t, e.Provider, c.Provider(e.Provider).Host())
		case pectest.EventDeparture, pectest.EventLoss:
			moved[e.Related[0]] = true
		case pectest.EventQuarantine:
			quarantined[e.ID] = true
		case pectest.EventReception:
		default:
			require.Fail(t, "nothing failed", "%+v", e)
		}
	}
	require.Len(t, quarantined, 2)
	inMailboxes := make(map[string][]string)
	for b, m := range everything(c) {
		if b != c.Outside() {
			inMailboxes[b.Address()] = append(inMailboxes[b.Address()], m.ID)
		}
		if m.Kind != pec.KindAnomaly {
			r := certified(t, c, m)
			require.Equal(t, r.Signer.Email, c.Provider(issued[m.ID]).Address(), "the log names who issued it")
		}
	}
	require.Equal(t, boxes, inMailboxes)
	for id := range issued {
		require.True(t, moved[id], "%s was issued and went nowhere", id)
	}
}

// TestLogEntries: the entries of one mail have the data of §2.3.
func TestLogEntries(t *testing.T) {
	t.Parallel()
	c := pectest.Start(t)
	s := submit(t, c, letter{to: []string{one}})
	entries := slices.Collect(c.Log())
	var events []string
	for _, e := range entries {
		require.Equal(t, s.ID, e.ID)
		require.Equal(t, "<prova-1@client.example.it>", e.MessageID)
		require.Equal(t, sender, e.Sender)
		require.Equal(t, "Verbale – attività", e.Subject)
		require.Equal(t, "alfa.example.it", e.Sending)
		require.True(t, e.Time.Equal(c.Clock().Now()))
		require.NotEmpty(t, e.Recipients)
		events = append(events, e.Provider+" "+string(e.Event)+" "+string(e.Kind))
	}
	require.Equal(t, []string{
		"alfa.example.it submission ordinaria",
		"alfa.example.it emission accettazione",
		"alfa.example.it emission posta-certificata",
		"alfa.example.it delivery accettazione",
		"beta.example.com reception posta-certificata",
		"beta.example.com emission presa-in-carico",
		"beta.example.com delivery posta-certificata",
		"beta.example.com emission avvenuta-consegna",
		"alfa.example.it reception presa-in-carico",
		"alfa.example.it delivery presa-in-carico",
		"alfa.example.it reception avvenuta-consegna",
		"alfa.example.it delivery avvenuta-consegna",
	}, events)
	own := 0
	for e := range c.Provider("beta.example.com").Log() {
		require.Equal(t, "beta.example.com", e.Provider)
		own++
	}
	require.Equal(t, 4, own)
	entries[0].Recipients[0] = "changed"
	for e := range c.Log() {
		require.Equal(t, one, e.Recipients[0], "an entry cannot be changed")
		break
	}
}
