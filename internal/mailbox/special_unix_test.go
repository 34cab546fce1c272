//go:build unix

package mailbox_test

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/mailbox"
)

func TestPipesAndDevicesAreNotWaitedFor(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fifo := filepath.Join(dir, "pipe.eml")
	require.NoError(t, syscall.Mkfifo(fifo, 0o600))
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, arg := range []string{fifo, "/dev/null", "/dev/zero"} {
			got, _ := walk(t, arg, nil)
			require.Equal(t, []found{bad(arg, mailbox.CodeUnreadable, mailbox.ReasonNotRegular)}, got)
		}
		got, others := walk(t, dir, nil)
		require.Equal(t, []found{bad(dir, mailbox.CodeNotFound, mailbox.ReasonNothingFound)}, got)
		require.Equal(t, 1, others.Count)
	}()
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		t.Fatal("hangs")
	}
}
