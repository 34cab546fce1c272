package ldif_test

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/internal/ldif"
)

// odd are values that plain text cannot hold, or only just.
var odd = [][]byte{
	{}, []byte("a"), []byte(" a"), []byte("a "), []byte(":a"), []byte("<a"), []byte("a\nb"), []byte("a\r"), {0}, []byte("è"),
	[]byte("a  b"), []byte("#a"), []byte("-"), bytes.Repeat([]byte("ab "), 100), bytes.Repeat([]byte{0xff}, 500), []byte("dn: x"),
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	want := &ldif.Record{DN: "providerName=" + strings.Repeat("a b, ", 40) + ",o=postacert", Line: 1}
	for _, v := range odd {
		want.Attributes = append(want.Attributes, ldif.Attribute{Name: "x", Options: []string{"binary"}, Value: v})
	}
	all, err := read(t, string(ldif.Append(nil, want)), ldif.Limits{})
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.Empty(t, all[0].Defects)
	require.Equal(t, want.DN, all[0].DN)
	require.Len(t, all[0].Attributes, len(odd))
	for i, a := range all[0].Attributes {
		require.Equal(t, odd[i], a.Value)
		require.Equal(t, []string{"binary"}, a.Options)
	}
	for line := range strings.Lines(string(ldif.Append(nil, want))) {
		require.LessOrEqual(t, len(line), 77)
	}
}

// pythonReader reads LDIF as a few lines of Python do that were written from
// the RFC: unfold, split at the first colon, decode.
const pythonReader = `
import base64, re, sys
text = sys.stdin.buffer.read().replace(b"\r\n", b"\n").replace(b"\n ", b"")
for line in text.split(b"\n"):
    if not line or line.startswith(b"#"): continue
    name, colon, value = line.partition(b":")
    value = base64.b64decode(value[1:].strip(), validate=True) if value.startswith(b":") else value.lstrip(b" ")
    sys.stdout.write(name.decode() + " " + value.hex() + "\n")
`

// TestPythonReadsWhatIsWritten has another reader read the writer's lines.
func TestPythonReadsWhatIsWritten(t *testing.T) {
	t.Parallel()
	python := counterpart.Look(t, "python")
	r := &ldif.Record{DN: strings.Repeat("o=è,", 50) + "o=postacert"}
	for _, v := range odd {
		r.Attributes = append(r.Attributes, ldif.Attribute{Name: "x", Value: v})
	}
	cmd := exec.Command(python, "-c", pythonReader)
	cmd.Stdin = bytes.NewReader(ldif.Append(nil, r))
	out, err := cmd.Output()
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	require.Len(t, lines, 1+len(odd))
	require.Equal(t, "dn "+hexOf([]byte(r.DN)), lines[0])
	for i, v := range odd {
		require.Equal(t, "x "+hexOf(v), lines[i+1])
	}
}

func hexOf(b []byte) string {
	const digits = "0123456789abcdef"
	var s strings.Builder
	for _, c := range b {
		s.WriteByte(digits[c>>4])
		s.WriteByte(digits[c&15])
	}
	return s.String()
}
