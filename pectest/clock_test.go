package pectest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/pectest"
)

// scenarios are those of the norm.
//
// spec: RFC 6109 §3.1.6
var scenarios = []struct {
	to     string
	at     []time.Duration // at which a notice is there that was not a second before
	want   []string
	reason string
}{
	{"stuck@pec.example.com", []time.Duration{24 * time.Hour},
		[]string{"accettazione", "preavviso-errore-consegna stuck@pec.example.com expired"},
		"taken in charge and never delivered: a 24-hour notice"},
	{"late12h@pec.example.com", []time.Duration{12 * time.Hour, 13 * time.Hour},
		[]string{"accettazione", "preavviso-errore-consegna late12h@pec.example.com late", "avvenuta-consegna late12h@pec.example.com"},
		"not taken in charge, delivered after 12 hours: a 12-hour notice"},
	{"silent@pec.example.com", []time.Duration{12 * time.Hour, 24 * time.Hour},
		[]string{"accettazione", "preavviso-errore-consegna silent@pec.example.com late", "preavviso-errore-consegna silent@pec.example.com expired"},
		"neither: both notices"},
}

// TestTimeouts: the three scenarios with a clock that is moved, to the second.
func TestTimeouts(t *testing.T) {
	t.Parallel()
	for _, s := range scenarios {
		t.Run(s.to, func(t *testing.T) {
			t.Parallel()
			c := pectest.Start(t)
			begin := c.Clock().Now()
			submit(t, c, letter{to: []string{s.to}})
			box := c.Mailbox(sender)
			for i, at := range s.at {
				c.Clock().Advance(begin.Add(at - time.Second).Sub(c.Clock().Now()))
				require.Equal(t, 1+i, box.Len(), "a second before %v: %s", at, s.reason)
				c.Clock().Advance(time.Second)
				require.Equal(t, 2+i, box.Len(), "%v: %s", at, s.reason)
			}
			c.Clock().Advance(1000 * time.Hour)
			require.Equal(t, s.want, inBox(t, c, box), s.reason)
			var times []time.Duration
			for m := range box.Messages() {
				r := certified(t, c, m)
				certifiedAt, err := r.Data.Time()
				require.NoError(t, err)
				require.True(t, certifiedAt.Equal(m.Time))
				times = append(times, m.Time.Sub(begin))
			}
			require.Equal(t, append([]time.Duration{0}, s.at...), times)
			require.Zero(t, c.Clock().Pending(), "nothing is left to happen")
		})
	}
}

// TestTimeoutsSynctest: the same with a clock that runs, in a bubble where 25 hours
// take milliseconds.
func TestTimeoutsSynctest(t *testing.T) {
	t.Parallel()
	for _, s := range scenarios {
		t.Run(s.to, func(t *testing.T) {
			begin := time.Now()
			synctest.Test(t, func(t *testing.T) {
				c := pectest.Start(t, pectest.WithClock(pectest.NewRunningClock()))
				submit(t, c, letter{to: []string{s.to}})
				box := c.Mailbox(sender)
				for i, at := range s.at {
					time.Sleep(time.Until(firstOf(box).Time.Add(at - time.Second)))
					synctest.Wait()
					require.Equal(t, 1+i, box.Len(), s.reason)
					time.Sleep(time.Second)
					synctest.Wait()
					require.Equal(t, 2+i, box.Len(), s.reason)
				}
				time.Sleep(25 * time.Hour)
				require.Equal(t, s.want, inBox(t, c, box), s.reason)
				for m := range box.Messages() {
					certified(t, c, m)
				}
			})
			require.Less(t, time.Since(begin), time.Minute, "hours are not waited for")
		})
	}
}

// TestRunningClockAdvance: a clock that runs can be moved, too.
func TestRunningClockAdvance(t *testing.T) {
	t.Parallel()
	c := pectest.Start(t, pectest.WithClock(pectest.NewRunningClock()))
	require.WithinDuration(t, time.Now(), c.Clock().Now(), time.Second)
	submit(t, c, letter{to: []string{"silent@pec.example.com"}})
	c.Clock().Advance(24 * time.Hour)
	require.WithinDuration(t, time.Now().Add(24*time.Hour), c.Clock().Now(), 10*time.Second)
	require.Len(t, inBox(t, c, c.Mailbox(sender)), 3)
}

// TestExpiryAfter: a provider may give up from the 22nd hour on, and one that
// would do so earlier or later does not start.
func TestExpiryAfter(t *testing.T) {
	t.Parallel()
	start := func(d time.Duration) (*pectest.Circuit, error) {
		return pectest.NewCircuit(pectest.WithProvider("alfa.example.it", pectest.WithKey(pectest.KeyECDSA),
			pectest.WithDomain("pec.example.it", "mittente"), pectest.WithExpiryAfter(d)))
	}
	c, err := start(22 * time.Hour)
	require.NoError(t, err)
	defer c.Close()
	submit(t, c, letter{to: []string{"stuck@pec.example.it"}})
	c.Clock().Advance(22*time.Hour - time.Second)
	require.Nil(t, c.Mailbox(sender).Last(pec.KindTimeout))
	c.Clock().Advance(time.Second)
	require.NotNil(t, c.Mailbox(sender).Last(pec.KindTimeout))
	for _, d := range []time.Duration{22*time.Hour - 1, 24*time.Hour + 1} {
		_, err := start(d)
		require.ErrorContains(t, err, "WithExpiryAfter")
	}
}

// TestSharedClock: one clock moves two circuits, and each stops for itself.
func TestSharedClock(t *testing.T) {
	t.Parallel()
	clock := pectest.NewClock(time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC))
	a := pectest.Start(t, pectest.WithClock(clock))
	b := pectest.Start(t, pectest.WithClock(clock))
	for _, c := range []*pectest.Circuit{a, b} {
		submit(t, c, letter{to: []string{"silent@pec.example.com"}})
	}
	a.Close()
	clock.Advance(24 * time.Hour)
	require.Equal(t, 1, a.Mailbox(sender).Len())
	require.Equal(t, 3, b.Mailbox(sender).Len())
	require.Panics(t, func() { clock.Advance(-1) })
}

// TestLegalTime: instants are certified in the legal time of Italy, and the two
// notices of a day on which it changes differ in their offsets.
//
// spec: RFC 6109 §4.2
func TestLegalTime(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		at   time.Time
		want string
	}{
		{time.Date(2026, 3, 29, 0, 59, 59, 0, time.UTC), "2026-03-29T01:59:59+01:00"},
		{time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC), "2026-03-29T03:00:00+02:00"},
		{time.Date(2026, 10, 25, 0, 59, 59, 0, time.UTC), "2026-10-25T02:59:59+02:00"},
		{time.Date(2026, 10, 25, 1, 0, 0, 0, time.UTC), "2026-10-25T02:00:00+01:00"},
		{time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), "2027-01-01T01:00:00+01:00"},
		{time.Date(2024, 3, 31, 1, 0, 0, 0, time.UTC), "2024-03-31T03:00:00+02:00"},
	} {
		require.Equal(t, test.want, pectest.NewClock(test.at).Now().Format(time.RFC3339))
		if rome, err := time.LoadLocation("Europe/Rome"); err == nil {
			require.Equal(t, test.want, test.at.In(rome).Format(time.RFC3339), "the time zone database agrees")
		}
	}
}
