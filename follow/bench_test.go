package follow_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/follow"
	"github.com/gopec/gopec/pec"
)

// receipts gives n facts, as they are read from as many receipts: of messages to
// four recipients, an acceptance and four deliveries each. No string is shared.
func receipts(n int, f func(follow.Fact)) {
	for i := range n {
		message, k := i/5, i%5
		at := start.Add(time.Duration(message) * time.Minute)
		about := &follow.About{MessageID: fmt.Sprintf("cliente-%d@example.it", message), Sender: sender, Subject: fmt.Sprintf("Verbale della seduta %d", message)}
		for r := range 4 {
			about.Recipients = append(about.Recipients, daticert.Recipient{Type: daticert.RecipientCertified, Address: fmt.Sprintf("ufficio%d@pec.example.com", r)})
		}
		x := follow.Fact{Kind: pec.KindAcceptance, ID: fmt.Sprintf("prova-%d@alfa.example.it", message), Time: at, Provider: "Gestore di prova", About: about}
		if k > 0 {
			x.Kind, x.Receipt, x.Recipients = pec.KindDelivery, daticert.ReceiptComplete, []string{fmt.Sprintf("ufficio%d@pec.example.com", k-1)}
			x.Time = at.Add(time.Duration(k) * time.Second)
		}
		f(x)
	}
}

func track(t testing.TB, n int) *follow.Tracker {
	tr := new(follow.Tracker)
	receipts(n, func(f follow.Fact) {
		if _, err := tr.Restore(f); err != nil {
			t.Fatal(err)
		}
	})
	return tr
}

// heap is what a tracker of n receipts holds.
func heap(t testing.TB, n int) int64 {
	used := func() int64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := used()
	tr := track(t, n)
	held := used() - before
	messages, facts := tr.Len()
	require.Equal(t, []int{n / 5, n}, []int{messages, facts})
	runtime.KeepAlive(tr)
	return held
}

// TestMemory: ten times the receipts take ten times the memory. It is not
// parallel, because it measures the heap of the process.
func TestMemory(t *testing.T) {
	few, many := heap(t, 10_000)/10_000, heap(t, 100_000)/100_000
	t.Logf("%d and %d bytes a receipt", few, many)
	require.Less(t, many, few*3/2)
	require.Less(t, many, int64(2048))
}

// BenchmarkTrack takes that many receipts into a tracker and asks it for every
// state.
func BenchmarkTrack(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				tr := track(b, n)
				for m := range tr.Messages() {
					if !m.Delivered() {
						b.Fatal(m.ID)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/receipt")
			b.ReportMetric(float64(heap(b, n))/float64(n), "B/receipt")
		})
	}
}

// BenchmarkThousand takes an acceptance and a delivery for each of a thousand
// recipients, whom every receipt names, and asks for the state.
func BenchmarkThousand(b *testing.B) {
	var recipients []daticert.Recipient
	for i := range 1000 {
		recipients = append(recipients, daticert.Recipient{Type: daticert.RecipientCertified, Address: fmt.Sprintf("u%d@pec.example.com", i)})
	}
	facts := []follow.Fact{fact(pec.KindAcceptance, func(f *follow.Fact) { f.About.Recipients = recipients })}
	for _, r := range recipients {
		facts = append(facts, fact(pec.KindDelivery, about(r.Address), func(f *follow.Fact) { f.About.Recipients = recipients }))
	}
	for b.Loop() {
		if m := tracker(b, facts...).Message(id); !m.Delivered() || len(m.Contradictions) > 0 {
			b.Fatal(m.Contradictions)
		}
	}
}

// BenchmarkAdd takes one verified report.
func BenchmarkAdd(b *testing.B) {
	c := circuit(b)
	_, err := c.Submit(sender, []string{one}, mail("cliente-1@example.it", "completa", one))
	require.NoError(b, err)
	r := verify(b, c.Mailbox(sender).Last(pec.KindDelivery).Raw, c.VerifyOptions())
	tr := new(follow.Tracker)
	for b.Loop() {
		tr.Add(r)
	}
}
