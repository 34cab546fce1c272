package main

import (
	"context"
	"iter"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// numbers yields 0 to n-1 until its context is canceled, and counts them.
func numbers(n int, taken *atomic.Int64) func(context.Context) iter.Seq[int] {
	return func(ctx context.Context) iter.Seq[int] {
		return func(yield func(int) bool) {
			for i := range n {
				if ctx.Err() != nil {
					return
				}
				taken.Add(1)
				if !yield(i) {
					return
				}
			}
		}
	}
}

func TestInOrderKeepsTheOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var taken, busy, most atomic.Int64
		work := func(_ context.Context, i int) int {
			if b := busy.Add(1); b > most.Load() {
				most.Store(b)
			}
			time.Sleep(time.Duration(100-i) * time.Millisecond) // later ones are done sooner
			busy.Add(-1)
			return i * i
		}
		i := 0
		for got := range inOrder(t.Context(), 4, numbers(100, &taken), work) {
			require.Equal(t, i*i, got)
			i++
		}
		require.Equal(t, 100, i)
		require.EqualValues(t, 4, most.Load(), "all workers are used and no more")
	})
}

func TestInOrderTakesAheadOnlySoFar(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var taken atomic.Int64
		release := make(chan struct{})
		work := func(_ context.Context, i int) int {
			if i == 0 {
				<-release
			}
			return i
		}
		go func() {
			time.Sleep(time.Hour)
			require.LessOrEqual(t, taken.Load(), int64(ahead*3+2), "the first result is not there yet")
			require.GreaterOrEqual(t, taken.Load(), int64(3))
			close(release)
		}()
		n := 0
		for range inOrder(t.Context(), 3, numbers(1000, &taken), work) {
			n++
		}
		require.Equal(t, 1000, n)
	})
}

func TestInOrderConsumerStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var taken, canceled atomic.Int64
		work := func(ctx context.Context, i int) int {
			if i < 3 {
				return i
			}
			<-ctx.Done() // long work that heeds its context
			canceled.Add(1)
			return i
		}
		n := 0
		for range inOrder(t.Context(), 2, numbers(1000, &taken), work) {
			if n++; n == 2 {
				synctest.Wait() // until work is under way that waits for the end
				break
			}
		}
		require.Equal(t, 2, n)
		require.Less(t, taken.Load(), int64(2*ahead+10), "the source was not read to its end")
		require.Positive(t, canceled.Load(), "inOrder waited for the work it had begun")
	})
}

func TestInOrderCanceledGivesWhatIsFinished(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var taken atomic.Int64
		work := func(ctx context.Context, i int) int {
			if i < 5 {
				return i
			}
			cancel()
			<-ctx.Done()
			return -1
		}
		var got []int
		for r := range inOrder(ctx, 2, numbers(1000, &taken), work) {
			got = append(got, r)
		}
		require.Equal(t, []int{0, 1, 2, 3, 4}, got[:5])
		for _, r := range got[5:] {
			require.Equal(t, -1, r)
		}
		require.Less(t, taken.Load(), int64(2*ahead+10))
	})
}

func TestInOrderOfNothing(t *testing.T) {
	t.Parallel()
	var taken atomic.Int64
	for range inOrder(t.Context(), 4, numbers(0, &taken), func(context.Context, int) int { return 0 }) {
		t.Fatal("a result of nothing")
	}
}
