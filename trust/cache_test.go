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

// FuzzCache: what was put last is there, with the value it was last given, and there are
// never more than two generations. Each key is two bytes.
func FuzzCache(f *testing.F) {
	var many []byte
	for i := range maxCached + 2 {
		many = append(many, byte(i>>8), byte(i))
	}
	f.Add(many)
	f.Add(append(many, 0, 1, 0, 2))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, keys []byte) {
		var c cache[uint16, int]
		last := make(map[uint16]int)
		for i := 0; i+1 < len(keys); i += 2 {
			k := uint16(keys[i])<<8 | uint16(keys[i+1])
			v, ok := c.get(k)
			at, seen := last[k]
			require.True(t, !ok || seen && v == at, "nothing else comes out")
			require.True(t, ok || !seen || i-at >= 2*maxCached, "what was used lately is there")
			c.put(k, i)
			last[k] = i
			require.LessOrEqual(t, c.size(), 2*maxCached)
		}
	})
}
