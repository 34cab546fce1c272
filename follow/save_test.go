package follow_test

import (
	"bytes"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/follow"
	"github.com/gopec/gopec/pec"
)

// TestSave: a tracker that was saved and loaded knows the same, says the same, and
// takes what comes again for what it is.
func TestSave(t *testing.T) {
	t.Parallel()
	c := circuit(t)
	_, err := c.Submit(sender, everyone, mail("cliente-1@example.it", "completa", everyone...))
	require.NoError(t, err)
	c.Clock().Advance(25 * time.Hour)
	var reports []*pec.Report
	for m := range c.Mailbox(sender).Messages() {
		reports = append(reports, verify(t, m.Raw, c.VerifyOptions()))
	}
	reports = append(reports, verify(t, []byte("Message-ID: <a@example.net>\r\n\r\nCiao.\r\n"), c.VerifyOptions()))
	require.Greater(t, len(reports), 10)
	var whole, first follow.Tracker
	for _, r := range reports {
		whole.Add(r)
	}
	half := &first
	for i, r := range reports { // a restart after each
		half.Add(r)
		half, err = follow.Load(strings.NewReader(saved(t, half)))
		require.NoError(t, err, i)
	}
	require.Equal(t, saved(t, &whole), saved(t, half))
	require.Equal(t, told(&whole).text(), told(half).text())
	for _, r := range reports[:len(reports)-1] {
		require.Equal(t, follow.Duplicate, half.Add(r).Result)
	}
	require.NotEmpty(t, half.Find("<cliente-1@example.it>"))

	var own follow.Tracker // a database of one's own
	for f := range whole.Facts() {
		added, err := own.Restore(f)
		require.NoError(t, err)
		require.True(t, added)
	}
	require.Equal(t, told(&whole).text(), told(&own).text())
	messages, facts := own.Len()
	require.Equal(t, 1, messages)
	require.Equal(t, len(reports)-1, facts)
}

// notStates are texts like a saved state that are none.
func notStates(t testing.TB, good string) map[string]string {
	t.Helper()
	change := func(old, new string) string {
		require.Contains(t, good, old)
		return strings.Replace(good, old, new, 1)
	}
	return map[string]string{
		"nothing":               "",
		"no JSON":               "posta",
		"cut":                   good[:len(good)/2],
		"something behind it":   good + "{}",
		"no schema":             change(follow.Schema, ""),
		"another version":       change(follow.Schema, "gopec-follow/2"),
		"a kind that is none":   change(`"kind":"accettazione"`, `"kind":"anomalia"`),
		"no identifier":         strings.ReplaceAll(good, id, ""),
		"of another message":    change(`"id":"`+id+`","time"`, `"id":"altro","time"`),
		"no time":               change(`"time":"2026-03-02T10:00:00+01:00",`, ""),
		"parts of a second":     change(`10:00:00+01:00`, `10:00:00.5+01:00`),
		"an offset of no place": change(`10:00:00+01:00`, `10:00:00+20:00`),
		"about nothing":         change(`"about":0`, `"about":7`),
		"about less":            change(`"about":0`, `"about":-1`),
		"about null":            change(`"about":[{`, `"about":[null,{`),
		"a delivery to nobody":  change(`"recipients":["`+one+`"],`, ""),
		"no facts":              `{"schema":"` + follow.Schema + `","messages":[{"id":"a"}]}`,
		"numbers for text":      change(`"sender":"`+sender+`"`, `"sender":1`),
	}
}

// TestLoadRefuses: what is no saved state gives an error and no tracker.
func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	good := saved(t, tracker(t, accepted, delivered))
	loaded, err := follow.Load(strings.NewReader(good))
	require.NoError(t, err)
	require.Equal(t, good, saved(t, loaded))
	for name, text := range notStates(t, good) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tr, err := follow.Load(strings.NewReader(text))
			require.ErrorIs(t, err, follow.ErrState)
			require.Nil(t, tr)
		})
	}
	_, err = follow.Load(iotest.ErrReader(bytes.ErrTooLarge))
	require.ErrorIs(t, err, bytes.ErrTooLarge)
	for name, f := range map[string]follow.Fact{
		"nothing":        {},
		"bytes":          fact(pec.KindDelivery, about("\xff")),
		"two delivered":  fact(pec.KindDelivery, about(one, two)),
		"a strange rule": fact(pec.KindTimeout, says("late", "moon")),
	} {
		_, err := new(follow.Tracker).Restore(f)
		require.ErrorIs(t, err, follow.ErrFact, name)
	}
}
