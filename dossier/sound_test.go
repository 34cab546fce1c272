package dossier_test

import (
	"bytes"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/dossier"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
)

// TestNoFalseComplete tries every subset of messages that are about one file, or
// nearly: what is called complete has, for every recipient of one message of the
// file's sender, a delivery of the file, and nothing that speaks against it.
func TestNoFalseComplete(t *testing.T) {
	t.Parallel()
	x := exchange{letter{to: []string{one, two}}, "opec1@pec.example.it"}
	changed := exchange{letter{to: []string{one, two}, act: "altro\n"}, x.id}
	again := exchange{letter{to: []string{one, two}}, "opec2@pec.example.it"}
	thief := exchange{letter{to: []string{one, two}, from: "altri@pec.example.it"}, "opec3@pec.example.it"}
	later := func(m *testsign.Message) { m.Time = testsign.Instant.Add(time.Minute) }
	concise := func(m *testsign.Message) { m.Data.Receipt = daticert.ReceiptConcise }
	type bits uint16
	const (
		accepted bits = 1 << iota
		toOne
		toTwo
		failedTwo
		otherText
		conciseTwo
		againAccepted
		againOne
		againTwo
		thiefOne
		thiefTwo
		forged
		end
	)
	forger := testsign.Certificate{CA: true, Key: testsign.Key(testsign.RSA2048, "dossier")}.SelfSigned()
	files := []input{
		x.accepted(), x.delivered(one), x.delivered(two), x.failed(two), changed.delivered(one, later), x.delivered(two, concise),
		again.accepted(), again.delivered(one), again.delivered(two), thief.delivered(one), thief.delivered(two),
		x.delivered(two, func(m *testsign.Message) { m.By = testsign.Certificate{}.IssuedBy(forger) }),
	}
	require.Equal(t, end, bits(1)<<len(files))
	var entries []*dossier.Entry
	b := builder(t, "atto.eml", x.mail(), signedNow)
	for _, f := range files {
		entries = append(entries, b.Examine(fileOf(f.name, f.mail), verify(t, f.mail, signedOptions())))
	}
	complete := 0
	for set := range end {
		b := builder(t, "atto.eml", x.mail(), signedNow)
		for i, e := range entries {
			if set&(1<<i) != 0 {
				b.Add(e)
			}
		}
		d := b.Dossier()
		has := func(all bits) bool { return set&all == all }
		none := func(any bits) bool { return set&any == 0 }
		first := has(toOne|toTwo) && none(failedTwo|otherText|conciseTwo)
		second := has(againOne | againTwo)
		sound := first && none(againAccepted|againOne|againTwo) || second && none(accepted|toOne|toTwo|failedTwo|otherText|conciseTwo)
		// Of what only encloses another text it is known that it is another message.
		apart := second && has(otherText) && none(toOne|toTwo)
		if d.Complete() {
			complete++
			require.True(t, sound || apart, "%012b: %v", set, codes(d))
		} else {
			require.False(t, sound, "%012b: %v", set, codes(d))
			require.NotEmpty(t, d.Reasons, "%012b", set)
		}
	}
	require.Greater(t, complete, 16)
}

// TestMemory: thousands of messages take what they state, and not what they hold.
func TestMemory(t *testing.T) {
	x := exchange{letter{to: []string{one}, act: strings.Repeat("un atto lungo ", 50_000)}, "opec1@pec.example.it"}
	f := x.delivered(one)
	require.Greater(t, len(f.mail), 900_000)
	b := builder(t, "atto.eml", x.mail(), signedNow)
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	examine := func() {
		m, err := pec.Read(bytes.NewReader(f.mail), int64(len(f.mail)))
		require.NoError(t, err)
		r, err := pec.Verify(m, signedOptions())
		require.NoError(t, err)
		b.Add(b.Examine(fileOf(f.name, f.mail), r))
	}
	examine()
	before := heap()
	const n = 100
	for range n {
		examine()
	}
	each := (heap() - before) / n
	t.Logf("%d bytes for each message of %d", each, len(f.mail))
	require.Less(t, each, int64(16<<10))
	require.Len(t, b.Dossier().Files, n+1)
}

// TestExamineAtOnce: entries can be made in several goroutines, and added in order.
func TestExamineAtOnce(t *testing.T) {
	t.Parallel()
	x := exchange{letter{to: []string{one, two}, receipt: "breve"}, "opec1@pec.example.it"}
	files := []input{x.accepted(), x.delivered(one), x.delivered(two), x.message(daticert.TypeTransport, "busta.eml", nil)}
	b := builder(t, "atto.eml", x.mail(), signedNow)
	entries := make([]*dossier.Entry, 40)
	var group sync.WaitGroup
	for i := range entries {
		f := files[i%len(files)]
		r := verify(t, f.mail, signedOptions())
		group.Go(func() { entries[i] = b.Examine(fileOf(f.name, f.mail), r) })
	}
	group.Wait()
	for _, e := range entries {
		b.Add(e)
	}
	d := b.Dossier()
	require.True(t, d.Complete(), "%v", codes(d))
	require.Len(t, d.Files, len(entries))
	require.Len(t, d.Messages[0].Recipients[0].Steps, 2, "each statement once")
	require.Len(t, d.Messages[0].Recipients[0].Steps[1].Files, 10)
}
