package follow_test

import (
	"iter"
	"math/bits"
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

// set is a set of the facts above, one bit for each.
type set uint16

func (s set) indexes() (list []int) {
	for i := range all {
		if s&(1<<i) != 0 {
			list = append(list, i)
		}
	}
	return list
}

func (s set) facts() (list []follow.Fact) {
	for _, i := range s.indexes() {
		list = append(list, all[i])
	}
	return list
}

// setsOf yields every set of so many of the facts.
func setsOf(size int) iter.Seq[set] {
	return func(yield func(set) bool) {
		for s := range set(1 << len(all)) {
			if bits.OnesCount16(uint16(s)) == size && !yield(s) {
				return
			}
		}
	}
}

// TestAllOrders: every order of every set of up to six of these facts gives one
// state, with any of them repeated anywhere.
//
// A set of six has 720 orders, and all together there are four million. They are
// not tried one by one but by induction over the size of the set. Say that every
// order of a set gives the same inside; that holds for none. An order of a larger
// set S is an order of S without f, and then f. By the assumption the inside before
// f is the same whichever order that was, so it is enough to show, for every S and
// every f in it, that adding f to the inside of S without f gives that of S: 52,095
// additions to make 9,948 sets.
//
// That is an argument about the inside, and would prove nothing about what can be
// seen from outside alone: trackers that look alike could take the next fact
// differently. So what is compared is every field ([follow.Inside]; a field
// that it does not know fails the test), and what is seen follows from it. Two lists
// inside keep the order of arrival and are compared as sets: that nothing depends
// on their order is read off the code, and tried here by taking each step twice,
// from trackers whose lists stand the opposite way round, and by TestOrders, which
// tries orders as they are.
func TestAllOrders(t *testing.T) {
	t.Parallel()
	require.Empty(t, follow.UnknownInside())
	// of are trackers of each set: to the first its facts came in their order,
	// to the second in the opposite one.
	of := [2]map[set]*follow.Tracker{{0: new(follow.Tracker)}, {0: new(follow.Tracker)}}
	add := func(to *follow.Tracker, i int) (*follow.Tracker, bool) {
		tr := follow.Copy(to)
		added, err := tr.Restore(all[i])
		require.NoError(t, err)
		return tr, added
	}
	sets, additions := 0, 0
	const most = 6
	for size := 1; size <= most; size++ {
		for s := range setsOf(size) {
			sets++
			want := ""
			for way, trackers := range of {
				for n, i := range s.indexes() {
					tr, added := add(trackers[s&^(1<<i)], i)
					got := follow.Inside(tr)
					if want == "" {
						want = got
					}
					if !added || got != want {
						require.Equal(t, want, got, "%v, and then %d", s.indexes(), i)
					}
					if last := way == 0 && n == size-1 || way == 1 && n == 0; last {
						trackers[s] = tr
					}
					additions++
				}
			}
			for _, i := range s.indexes() {
				if tr, added := add(of[0][s], i); added || follow.Inside(tr) != want {
					require.Equal(t, want, follow.Inside(tr), "%v: %d is known and changes nothing", s.indexes(), i)
				}
			}
			if size == most {
				delete(of[0], s)
				delete(of[1], s)
			}
		}
	}
	t.Logf("%d sets, %d additions, each made twice", sets, additions/2)
	require.Equal(t, 9_948, sets)
	require.Equal(t, 2*52_095, additions)
}

// TestOrders: what is seen from outside, and what is saved, is the same in all
// orders of sets of up to three facts, and in the 720 of each of some of six.
func TestOrders(t *testing.T) {
	t.Parallel()
	sets, orders := 0, 0
	for _, size := range []int{1, 2, 3, 6} {
		n := 0
		for s := range setsOf(size) {
			if n++; size == 6 && n%500 != 0 {
				continue
			}
			sets++
			facts := s.facts()
			reference := tracker(t, facts...)
			want, inside, file := state(t, facts), follow.Inside(reference), saved(t, reference)
			permute(facts, func(p []follow.Fact) {
				orders++
				tr := tracker(t, p...)
				require.True(t, follow.Inside(tr) == inside && saved(t, tr) == file)
				if got := slices.Collect(tr.Messages()); !reflect.DeepEqual(got, want) {
					require.Equal(t, want, got)
				}
			})
		}
	}
	t.Logf("%d sets, %d orders", sets, orders)
	require.Equal(t, 15+2*105+6*455+10*720, orders)
}

// TestInsideSees: what is compared tells trackers apart that differ in anything.
func TestInsideSees(t *testing.T) {
	t.Parallel()
	seen := make(map[string]set)
	for size := range 4 {
		for s := range setsOf(size) {
			seen[follow.Inside(tracker(t, s.facts()...))] = s
		}
	}
	require.Len(t, seen, 1+15+105+455, "every set has an inside of its own")
}

// TestSpelling: an address in other letters is the same, and which spelling is
// shown does not depend on which came first.
func TestSpelling(t *testing.T) {
	t.Parallel()
	spelled := []follow.Fact{accepted, fact(pec.KindDelivery, about("altro@pec.example.com")), fact(pec.KindDelivery, about("Altro@pec.example.com")),
		fact(pec.KindDelivery, about("altro@PEC.example.com"))}
	want := tracker(t, spelled...)
	_, facts := want.Len()
	require.Equal(t, 2, facts)
	permute(spelled, func(p []follow.Fact) {
		tr := tracker(t, p...)
		require.Equal(t, saved(t, want), saved(t, tr))
		require.True(t, follow.Inside(want) == follow.Inside(tr))
	})
	for m := range want.Messages() {
		require.Equal(t, "Altro@pec.example.com", m.Recipient("ALTRO@pec.example.com").Address)
	}
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
