package trust

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	var c cache[int, int]
	_, ok := c.get(0)
	require.False(t, ok)
	for i := range 10 * maxCached {
		c.put(i, -i)
		v, ok := c.get(i)
		require.True(t, ok)
		require.Equal(t, -i, v)
		v, ok = c.get(7) // in use all the time
		require.Equal(t, i >= 7, ok, "after %d", i)
		require.Equal(t, i >= 7, v == -7)
		require.LessOrEqual(t, c.size(), 2*maxCached)
	}
	_, ok = c.get(8)
	require.False(t, ok, "what was not used is gone")
}
