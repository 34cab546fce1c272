package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDiagnosticsAreOnePrintableLine(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	d := &diagnostics{w: &out}
	d.errorf("%s: %v", "a\n\x1b[2J\u202e\xff.eml", errors.New("no\rgood"))
	d.warningf("w")
	d.hintf("%d%%", 5)
	require.Equal(t, `pecverify: error: a\x0a\x1b[2J\u{202e}\xff.eml: no\x0dgood
pecverify: warning: w
pecverify: hint: 5%
`, out.String())

	out.Reset()
	d.errorf("%s", strings.Repeat("a", 5000))
	require.Equal(t, 1, strings.Count(out.String(), "\n"))
	require.Less(t, out.Len(), 1100, "length is bounded")
}

func TestQuietDiagnosticsAreErrorsOnly(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	d := &diagnostics{w: &out, quiet: true}
	d.warningf("w")
	d.hintf("h")
	d.errorf("e")
	require.Equal(t, "pecverify: error: e\n", out.String())
}

func TestVerdictsStopAtTheFirstError(t *testing.T) {
	t.Parallel()
	keepPipeErrors()
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer w.Close()
	v := &verdicts{w: w}
	_, err = fmt.Fprintln(v, "first")
	require.NoError(t, err)
	require.False(t, v.closedByReader())
	require.NoError(t, r.Close())
	_, err = fmt.Fprintln(v, "second")
	require.Error(t, err)
	require.True(t, v.closedByReader(), "%v", err)
	_, again := fmt.Fprintln(v, "third")
	require.Equal(t, err, again)
}

func TestFullDiskIsNotAClosedPipe(t *testing.T) {
	t.Parallel()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full here: ", err)
	}
	defer full.Close()
	v := &verdicts{w: full}
	_, err = v.Write([]byte("x"))
	require.Error(t, err)
	require.False(t, v.closedByReader())
}
