package mailbox

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestListIsInOrder: more entries than are asked for at a time, files and
// folders, come in the order of whole paths.
func TestListIsInOrder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var want []string
	for i := range 3 * listBatch {
		name := fmt.Sprintf("%d.eml", i)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
		want = append(want, name)
	}
	for _, name := range []string{"0", "1.eml-b", "cur", "new"} {
		require.NoError(t, os.Mkdir(filepath.Join(dir, name), 0o700))
		want = append(want, name+"/")
	}
	slices.Sort(want)
	l, err := list(dir)
	require.NoError(t, err)
	require.True(t, l.maildir)
	var got []string
	for _, e := range l.entries {
		name := l.name(e)
		if e.kind == kindFolder {
			name += "/"
		}
		got = append(got, name)
	}
	require.Equal(t, want, got)
}

func TestListWhatIsNoFolder(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "a.eml")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for _, path := range []string{file, file + "-missing"} {
		l, err := list(path)
		require.Error(t, err)
		require.Empty(t, l.entries)
	}
}

// TestListIsSmall: the names of a large folder are all that is held of it.
func TestListIsSmall(t *testing.T) {
	const n = 5000
	dir := t.TempDir()
	for i := range n {
		require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("%06d%s.eml", i, strings.Repeat("x", 30))), nil, 0o600))
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	l, err := list(dir)
	require.NoError(t, err)
	runtime.GC()
	runtime.ReadMemStats(&after)
	require.Len(t, l.entries, n)
	held := int64(after.HeapAlloc) - int64(before.HeapAlloc)
	require.Less(t, held, int64(n*(40+24)*2), "a name of 40 bytes and its place, and room to grow")
	runtime.KeepAlive(l)
}
