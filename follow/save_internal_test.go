package follow

import (
	"bytes"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestStateSize: a state as large as is allowed is written and read, one that is
// a byte larger is neither.
func TestStateSize(t *testing.T) {
	t.Parallel()
	tr := new(Tracker)
	for _, name := range []string{"a@example.it", "b@example.it"} {
		tr.ignore(Ignored{Reason: ReasonOrdinary, MessageID: name})
	}
	var b bytes.Buffer
	require.NoError(t, tr.Save(&b))
	size := int64(b.Len())
	require.NoError(t, tr.save(new(bytes.Buffer), size))
	require.ErrorIs(t, tr.save(new(bytes.Buffer), size-1), ErrStateSize)
	_, err := load(bytes.NewReader(b.Bytes()), size)
	require.NoError(t, err)
	_, err = load(bytes.NewReader(b.Bytes()), size-1)
	require.ErrorIs(t, err, ErrStateSize)
}

// TestHostileState: a file of things that say nothing is refused before it takes
// many times its size. It is not parallel, because it measures the process.
func TestHostileState(t *testing.T) {
	const size = 1 << 20
	for name, c := range map[string][3]string{
		"facts":       {`"messages":[{"id":"a","about":[],"facts":[`, `{},`, `{}]}]`},
		"no facts":    {`"messages":[{"id":"a","about":[],"facts":[`, `null,`, `{}]}]`},
		"abouts":      {`"messages":[{"id":"a","about":[`, `{},`, `{}],"facts":[]}]`},
		"recipients":  {`"messages":[{"id":"a","about":[{"sender":"a","recipients":[`, `{},`, `{}]}],"facts":[]}]`},
		"messages":    {`"messages":[`, `{},`, `{}]`},
		"ignored":     {`"ignored":[`, `{},`, `{}]`},
		"submissions": {`"submissions":[`, `{},`, `{}]`},
		"depth":       {`"messages":[{"id":`, `[`, `]}]`},
	} {
		text := `{"schema":"` + Schema + `",` + c[0] + strings.Repeat(c[1], size/len(c[1])) + c[2] + `}`
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Load(strings.NewReader(text))
		runtime.ReadMemStats(&after)
		require.ErrorIs(t, err, ErrState, name)
		t.Logf("%s: %d times the size", name, (after.TotalAlloc-before.TotalAlloc)/size)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(80*size), name)
	}
}
