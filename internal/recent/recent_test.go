package recent_test

import (
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/recent"
)

func key(i int) []byte { return []byte("key " + strconv.Itoa(i)) }

func TestCacheKeepsWhatIsInUse(t *testing.T) {
	t.Parallel()
	var c recent.Cache[int]
	_, ok := c.Get(key(0))
	require.False(t, ok, "the zero value is empty")
	for i := range 10 * recent.Max {
		c.Put(key(i), i)
		v, ok := c.Get(key(0))
		require.True(t, ok, "what is in use stays, after %d others", i)
		require.Zero(t, v)
		require.LessOrEqual(t, c.Len(), 2*recent.Max)
	}
	_, ok = c.Get(key(1))
	require.False(t, ok, "what is not goes")
}

func TestCacheHasKeysOfItsOwn(t *testing.T) {
	t.Parallel()
	var c recent.Cache[int]
	k := key(1)
	c.Put(k, 1)
	k[0] ^= 1
	_, ok := c.Get(k)
	require.False(t, ok, "the bytes given may change")
	v, ok := c.Get(key(1))
	require.True(t, ok)
	require.Equal(t, 1, v)
}

func TestCacheUsedByMany(t *testing.T) {
	t.Parallel()
	var c recent.Cache[int]
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for i := range 2000 {
				c.Put(key(i%300), i%300)
				if v, ok := c.Get(key(i % 300)); ok && v != i%300 {
					t.Error("the value of another key")
				}
			}
		})
	}
	group.Wait()
}
