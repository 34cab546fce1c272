package pectest_test

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/pectest"
)

// heap returns the bytes in use after a collection.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestTenThousand: 10,000 submissions (as many as PEC_LOAD asks for) take what
// mailboxes and log hold, and nothing is left of them when these are emptied. It is
// not parallel, because it measures the heap of the process.
func TestTenThousand(t *testing.T) {
	submissions := 1_000 // PEC_LOAD=full asks for the ten thousand, which take a minute or two
	switch {
	case testing.Short() || raceDetector:
		submissions = 300
	case os.Getenv("PEC_LOAD") == "full":
		submissions = 10_000
	}
	c := pectest.Start(t, with(pectest.WithKey(pectest.KeyECDSA))...)
	mail := letter{to: []string{one}, receipt: "sintetica"}.bytes()
	submitted := func(n int) {
		for range n {
			s, err := c.Submit(sender, []string{one}, mail)
			require.NoError(t, err)
			require.True(t, s.Accepted)
		}
	}
	submitted(100) // what is set up once
	c.Clear()
	before := heap()
	begin := time.Now()
	submitted(submissions)
	took := time.Since(begin)
	grown, stored := heap()-before, c.Stored()
	require.Equal(t, 2*submissions, c.Mailbox(sender).Len())
	require.Equal(t, submissions, c.Mailbox(one).Len())
	t.Logf("%d submissions, 4 messages each: %v each; %d MB stored, heap grew by %d MB",
		submissions, took/time.Duration(submissions), stored>>20, grown>>20)
	require.Less(t, grown, stored+stored/16+1<<20, "what is kept is what is stored")
	c.Clear()
	left := heap() - before
	t.Logf("%d KB left", left>>10)
	require.Less(t, left, int64(8<<20), "nothing is left of what is cleared")
	require.Zero(t, c.Stored())
	runtime.KeepAlive(c)
}

// TestUndecided: what nobody ever answers takes memory for a day of the circuit's
// time and no longer.
func TestUndecided(t *testing.T) {
	c := pectest.Start(t, with(pectest.WithKey(pectest.KeyECDSA))...)
	mail := letter{to: []string{"silent@pec.example.com"}, text: strings.Repeat("lungo ", 20_000)}
	submit(t, c, mail)
	c.Clear()
	late := letter{to: []string{"late12h@pec.example.com"}, text: mail.text}
	submit(t, c, late)
	c.Clear()
	require.Greater(t, c.Stored(), int64(len(late.bytes())), "an envelope that arrives later is held, and counted")
	c.Clock().Advance(25 * time.Hour)
	c.Clear()
	require.Zero(t, c.Stored())
	submit(t, c, mail)
	c.Clear()
	before := heap()
	for range 100 {
		submit(t, c, mail)
	}
	c.Clear()
	require.Less(t, heap()-before, int64(2<<20), "100 mails of 120 KB are waited for without being held")
	c.Clock().Advance(25 * time.Hour)
	c.Clear()
	require.Less(t, heap()-before, int64(2<<20))
	require.Zero(t, c.Clock().Pending())
	runtime.KeepAlive(c)
}

// TestConcurrent: goroutines submit, read, move the clock and set faults at once,
// and nothing gets lost.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	var told atomic.Int64
	options := append(with(pectest.WithKey(pectest.KeyECDSA)), pectest.WithDeliveryHook(func(*pectest.Mailbox, *pectest.Message) { told.Add(1) }))
	c := pectest.Start(t, options...)
	const goroutines, each = 8, 20
	var wait sync.WaitGroup
	for i := range goroutines {
		to := []string{one, two, office, "late12h@pec.example.com"}[i%4]
		wait.Go(func() {
			for range each {
				s, err := c.Submit(sender, []string{to}, letter{to: []string{to}}.bytes())
				if err != nil || !s.Accepted {
					t.Errorf("%v %+v", err, s)
				}
				for m := range c.Mailbox(sender).Messages() {
					_ = m.ID
				}
				c.Stored()
			}
		})
		wait.Go(func() {
			for range each {
				c.Clock().Advance(10 * time.Minute)
				c.SetFault(two, pectest.FaultNone)
				for e := range c.Log() {
					_ = e.ID
				}
			}
		})
	}
	wait.Wait()
	c.Clock().Advance(25 * time.Hour)
	want := map[string]int{one: 2 * each, two: 2 * each, office: 2 * each, "late12h@pec.example.com": 2 * each}
	stored := 0
	numbers := make(map[int]bool)
	for b, m := range everything(c) {
		stored++
		require.False(t, numbers[m.Number])
		numbers[m.Number] = true
		if m.Kind == pec.KindTransport {
			want[b.Address()]--
		}
	}
	for address, n := range want {
		require.Zero(t, n, address)
	}
	receipts := make(map[pec.Kind]int)
	for m := range c.Mailbox(sender).Messages() {
		receipts[m.Kind]++
	}
	require.Equal(t, goroutines*each, receipts[pec.KindAcceptance])
	require.Equal(t, goroutines*each, receipts[pec.KindDelivery])
	require.LessOrEqual(t, receipts[pec.KindTimeout], 2*each)
	require.EqualValues(t, stored, told.Load(), "the hook is told of every message")
}

// TestHook: the hook is told in order, and may use the circuit: this one answers.
func TestHook(t *testing.T) {
	t.Parallel()
	var c *pectest.Circuit
	var order []int
	var failed error
	answered := false
	c = pectest.Start(t, pectest.WithDeliveryHook(func(b *pectest.Mailbox, m *pectest.Message) {
		order = append(order, m.Number)
		if b.Address() == one && m.Kind == pec.KindTransport && !answered {
			answered = true
			answer := letter{from: one, to: []string{sender}}
			_, failed = c.Submit(one, answer.to, answer.bytes())
		}
	}))
	submit(t, c, letter{to: []string{one}})
	require.NoError(t, failed)
	require.Equal(t, []string{"accettazione", "avvenuta-consegna " + one, "posta-certificata"}, inBox(t, c, c.Mailbox(sender)))
	require.True(t, slices.IsSorted(order))
	require.Len(t, order, 8)
}

// TestHeavy: a mail over the limit of the law is answered by the norm's notice, and
// the heaviest one that is allowed arrives whole.
//
// spec: RFC 6109 §3.1.1, §3.1.2
func TestHeavy(t *testing.T) {
	t.Parallel()
	c := pectest.Start(t)
	mail := func(size int) []byte {
		head := letter{to: []string{one}}.bytes()
		filler := bytes.Repeat([]byte(strings.Repeat("x", 74)+"\r\n"), size/76+1)
		return append(head, filler[len(filler)-size+len(head):]...)
	}
	over := mail(31_000_000)
	require.Len(t, over, 31_000_000)
	s, err := c.Submit(sender, []string{one}, over)
	require.NoError(t, err)
	require.False(t, s.Accepted)
	require.Contains(t, s.Reason, "31000000 byte")
	require.Equal(t, []string{"non-accettazione"}, inBox(t, c, c.Mailbox(sender)))
	require.Zero(t, c.Mailbox(one).Len())
	require.Less(t, c.Stored(), int64(100_000), "the notice does not hold the mail")
	c.Clear()

	s, err = c.Submit(sender, []string{one}, mail(30_000_000))
	require.NoError(t, err)
	require.True(t, s.Accepted, s.Reason)
	require.Equal(t, []string{"accettazione", "avvenuta-consegna " + one}, inBox(t, c, c.Mailbox(sender)))
	for _, m := range everything(c) {
		certified(t, c, m)
	}
	require.Greater(t, len(c.Mailbox(sender).Last(pec.KindDelivery).Raw), 30_000_000, "a complete receipt is complete")
}

// TestThousandRecipients: 1,000 recipients get what they should, and the sender one
// receipt for each.
func TestThousandRecipients(t *testing.T) {
	t.Parallel()
	// Each of the receipts lists every recipient, so the work grows with the
	// square: a thousand (PEC_LOAD=full) take a minute.
	recipients := 200
	switch {
	case testing.Short() || raceDetector:
		recipients = 100
	case os.Getenv("PEC_LOAD") == "full":
		recipients = 1000
	}
	there := recipients * 9 / 10 // the others do not exist
	var locals, to []string
	for i := range recipients {
		local := fmt.Sprintf("u%d", i)
		to = append(to, local+"@pec.example.com")
		if i < there {
			locals = append(locals, local)
		}
	}
	c := pectest.Start(t,
		pectest.WithProvider("alfa.example.it", pectest.WithDomain("pec.example.it", "mittente"), pectest.WithKey(pectest.KeyECDSA)),
		pectest.WithProvider("beta.example.com", pectest.WithDomain("pec.example.com", locals...), pectest.WithKey(pectest.KeyECDSA)))
	submit(t, c, letter{to: to, receipt: "sintetica"})
	answers := make(map[pec.Kind]int)
	heard := make(map[string]bool)
	for m := range c.Mailbox(sender).Messages() {
		r := certified(t, c, m)
		answers[m.Kind]++
		if d := r.Data.Delivery; d != "" {
			require.False(t, heard[d], "one answer for each")
			heard[d] = true
		}
	}
	require.Equal(t, map[pec.Kind]int{pec.KindAcceptance: 1, pec.KindDelivery: there, pec.KindDeliveryError: recipients - there}, answers)
	taken := certified(t, c, c.Provider("alfa.example.it").Service().Last(pec.KindTakingInCharge))
	require.Equal(t, to, taken.Data.Receptions)
	require.Equal(t, 1, c.Provider("alfa.example.it").Service().Len(), "a single one for all recipients of a provider")
	require.Equal(t, 1, c.Mailbox(to[there-1]).Len())
}

// BenchmarkStart is what a test pays for a circuit, nearly all of it for keys.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		pectest.Start(b)
	}
}

// BenchmarkSubmit is one mail to one recipient: four messages, built, signed and
// verified.
func BenchmarkSubmit(b *testing.B) {
	for _, key := range []pectest.Key{pectest.KeyRSA, pectest.KeyECDSA} {
		b.Run(string(key), func(b *testing.B) {
			c := pectest.Start(b, with(pectest.WithKey(key))...)
			mail := letter{to: []string{one}}.bytes()
			for b.Loop() {
				if _, err := c.Submit(sender, []string{one}, mail); err != nil {
					b.Fatal(err)
				}
				c.Clear()
			}
		})
	}
}
