package main

import (
	"crypto/sha1"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/counterpart"
)

// maxResident is what the whole process may take for a message read from a
// file, however large the message is: 12 MB.
const maxResident = 12 << 10 // KiB

// TestMemoryOfALargeMessage measures with time(1): what the system tells of a
// child of this process begins at the memory of this process.
func TestMemoryOfALargeMessage(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 134 MB")
	}
	timer := counterpart.Look(t, "time")
	ca := testAuthority(t)
	for _, size := range []int64{34_000_000, 100_000_000} {
		path, length := largeEnvelope(t, size)
		cmd := exec.Command(timer, "-f", "%M %e %U %S", binary(t), "-q", "-trust", ca, path)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		fields := strings.Fields(string(out))
		require.Len(t, fields, 4, "%s", out)
		resident, err := strconv.Atoi(fields[0])
		require.NoError(t, err)
		t.Logf("%d bytes: %d KiB resident, %s s (user %s, system %s); reading and SHA-1 alone: %v", length, resident, fields[1], fields[2], fields[3], hashAlone(t, path))
		require.Less(t, resident, maxResident)
	}
}

// hashAlone is the floor: the time to read a file and hash it with SHA-1.
func hashAlone(t *testing.T, path string) time.Duration {
	start := time.Now()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	_, err = io.CopyBuffer(struct{ io.Writer }{sha1.New()}, f, make([]byte, 64<<10))
	require.NoError(t, err)
	return time.Since(start)
}
