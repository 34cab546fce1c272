package main

import (
	"crypto/sha1"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/pec"
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

// maxComparing is what the process may take when it holds a message against the
// file that was sent, however large both are: 20 MB.
const maxComparing = 20 << 10 // KiB

// TestMemoryOfALargeSentFile: neither -sent nor -dossier holds the mail that was
// sent, and a file in the folder that no limit lets in costs nothing.
func TestMemoryOfALargeSentFile(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 300 MB")
	}
	timer := counterpart.Look(t, "time")
	ca := testAuthority(t)
	for _, size := range []int64{34_000_000, 100_000_000} {
		envelope, length := largeEnvelope(t, size)
		sent := filepath.Join(t.TempDir(), "sent.eml")
		extractOriginal(t, envelope, sent)
		huge := filepath.Join(filepath.Dir(envelope), "huge.eml")
		require.NoError(t, os.WriteFile(huge, nil, 0o600))
		require.NoError(t, os.Truncate(huge, 2<<30)) // sparse: no disk is used
		for _, c := range []struct {
			reason string
			args   []string
			status string
		}{
			{"-sent", []string{"-q", "-sent", sent, envelope}, "0"},
			{"-dossier", []string{"-q", "-sent", sent, "-dossier", filepath.Join(t.TempDir(), "d.html"), filepath.Dir(envelope)}, "2"},
		} {
			cmd := exec.Command(timer, append([]string{"-q", "-f", "%M %e %x", binary(t), "-trust", ca}, c.args...)...)
			out, _ := cmd.CombinedOutput()
			lines := strings.Split(strings.TrimSpace(string(out)), "\n")
			fields := strings.Fields(lines[len(lines)-1])
			require.Len(t, fields, 3, "%s", out)
			require.Equal(t, c.status, fields[2], "%s", out)
			resident, err := strconv.Atoi(fields[0])
			require.NoError(t, err)
			t.Logf("%s, %d bytes: %d KiB resident, %s s", c.reason, length, resident, fields[1])
			require.Less(t, resident, maxComparing)
		}
	}
}

// extractOriginal writes what an envelope encloses to a file.
func extractOriginal(t *testing.T, envelope, to string) {
	t.Helper()
	f, err := os.Open(envelope)
	require.NoError(t, err)
	defer f.Close()
	info, err := f.Stat()
	require.NoError(t, err)
	m, err := pec.Read(f, info.Size())
	require.NoError(t, err)
	section, err := m.Original().Section()
	require.NoError(t, err)
	out, err := os.Create(to)
	require.NoError(t, err)
	defer out.Close()
	_, err = io.Copy(out, section)
	require.NoError(t, err)
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
