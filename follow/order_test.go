package follow_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/follow"
	"github.com/gopec/gopec/pec"
)

// all are facts of every kind, with contradictions among them.
var all = []follow.Fact{
	sent, accepted, refused, taken, late, expired, undecided, failed, virus, delivered, delivered2,
	fact(pec.KindDelivery, about("altro@pec.example.com"), named("altro@example.it")),
	fact(pec.KindTimeout, after(23*time.Hour)),
	fact(pec.KindAcceptance, after(time.Minute)),
	fact(pec.KindDelivery, about(two), func(f *follow.Fact) { f.ID = "prova-2@alfa.example.it" }),
}

// state is all that a tracker that was given facts in this order says.
func state(t testing.TB, facts []follow.Fact) []*follow.Message {
	t.Helper()
	return slices.Collect(tracker(t, facts...).Messages())
}

// TestAllOrders: every order of a set of facts gives one state: for every set of
// up to three of them, and for every set of four to six of those about one
// recipient.
func TestAllOrders(t *testing.T) {
	t.Parallel()
	sets, orders := 0, 0
	var choose func(from, set []follow.Fact, size int)
	choose = func(from, set []follow.Fact, size int) {
		if len(set) == size {
			sets++
			want := state(t, set)
			permute(append([]follow.Fact(nil), set...), func(p []follow.Fact) {
				orders++
				if got := state(t, p); !reflect.DeepEqual(got, want) {
					require.Equal(t, want, got)
				}
			})
			return
		}
		for i := range from {
			choose(from[i+1:], append(set[:len(set):len(set)], from[i]), size)
		}
	}
	for size := 1; size <= 3; size++ {
		choose(all, nil, size)
	}
	few := []follow.Fact{accepted, late, expired, undecided, failed, delivered, delivered2, refused}
	choose(few[:7], nil, 4)
	choose(few[:6], nil, 5)
	choose(few[:7], nil, 6)
	t.Logf("%d sets, %d orders", sets, orders)
	require.Greater(t, orders, 5000)
}

// permute calls f with every order of facts.
func permute(facts []follow.Fact, f func([]follow.Fact)) {
	var walk func(n int)
	walk = func(n int) {
		if n == 1 {
			f(facts)
			return
		}
		for i := range n {
			walk(n - 1)
			if n%2 == 0 {
				facts[i], facts[n-1] = facts[n-1], facts[i]
			} else {
				facts[0], facts[n-1] = facts[n-1], facts[0]
			}
		}
	}
	walk(len(facts))
}

// TestRandomOrders: all facts, in 10,000 orders, a third of them repeated.
func TestRandomOrders(t *testing.T) {
	t.Parallel()
	runs := 10_000
	if testing.Short() {
		runs = 500
	}
	random := rand.New(rand.NewPCG(1, 2))
	want := state(t, all)
	for range runs {
		facts := append([]follow.Fact(nil), all...)
		for range len(all) / 3 {
			facts = append(facts, all[random.IntN(len(all))])
		}
		random.Shuffle(len(facts), func(i, j int) { facts[i], facts[j] = facts[j], facts[i] })
		if got := state(t, facts); !reflect.DeepEqual(got, want) {
			require.Equal(t, want, got)
		}
	}
}
