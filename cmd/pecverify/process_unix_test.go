//go:build unix

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
)

// manyCopies writes a folder with so many copies of one good message.
func manyCopies(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	mail := testsign.Message{Kind: daticert.TypeAcceptance}.Bytes()
	for i := range n {
		require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("%06d.eml", i)), mail, 0o600))
	}
	return dir
}

// A run that is interrupted prints what is finished, every line of it whole and
// in order, and ends with 2: the rest has no verdict.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	const copies = 6000 // a second of work
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		dir := manyCopies(t, copies)
		cmd := exec.Command(binary(t), "-json", "-trust", testAuthority(t), dir)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		stdout, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())

		in := bufio.NewScanner(stdout)
		in.Buffer(nil, 1<<20)
		var certified, canceled int
		last := ""
		for in.Scan() {
			var line struct {
				File      string
				Certified bool
				Error     *struct{ Code string }
			}
			require.NoError(t, json.Unmarshal(in.Bytes(), &line), "%s: every line is whole", sig)
			require.Greater(t, line.File, last, "%s: in order, none twice", sig)
			last = line.File
			if line.Error == nil {
				require.True(t, line.Certified)
				certified++
			} else {
				require.Equal(t, "canceled", line.Error.Code)
				canceled++
			}
			if certified == 10 && canceled == 0 {
				require.NoError(t, cmd.Process.Signal(sig))
			}
		}
		require.NoError(t, in.Err())
		err = cmd.Wait()
		require.Equal(t, exitNoVerdict, cmd.ProcessState.ExitCode(), "%s: %v", sig, err)
		require.GreaterOrEqual(t, certified, 10)
		require.Less(t, certified, copies)
		require.Positive(t, canceled)
		require.Equal(t, canceled, strings.Count(stderr.String(), "\n"), "%s", stderr.String())
	}
}

// A run that is interrupted leaves no dossier, and nothing else beside it.
func TestInterruptLeavesNoDossier(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	sent := filepath.Join(dir, "sent.eml")
	require.NoError(t, os.WriteFile(sent, testsign.Message{Kind: daticert.TypeDelivery}.OriginalMail(), 0o600))
	cmd := exec.Command(binary(t), "-json", "-trust", testAuthority(t), "-sent", sent, "-dossier", filepath.Join(dir, "d.html"), manyCopies(t, 6000))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	in := bufio.NewReader(stdout)
	_, err = in.ReadString('\n')
	require.NoError(t, err)
	require.Len(t, entries(t, dir), 2, "the sent file and the temporary one")
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	_, err = io.Copy(io.Discard, in)
	require.NoError(t, err)
	cmd.Wait()
	require.Equal(t, exitNoVerdict, cmd.ProcessState.ExitCode())
	require.Contains(t, stderr.String(), "pecverify: error: interrupted: no dossier was written\n")
	require.Equal(t, []string{"sent.eml"}, entries(t, dir))
}

// Standard input that never ends can be interrupted too.
func TestInterruptWhileWaitingForInput(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer w.Close()
	cmd := exec.Command(binary(t), "-json", "-")
	cmd.Stdin = r
	var stdout bytes.Buffer
	cmd.Stdout = &stdout
	require.NoError(t, cmd.Start())
	_, err = w.WriteString("From: mittente@pec.example.it\r\n")
	require.NoError(t, err)
	time.Sleep(200 * time.Millisecond) // it has caught signals by then, and reads
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	cmd.Wait()
	require.Equal(t, exitNoVerdict, cmd.ProcessState.ExitCode())
	require.JSONEq(t, `{"schema":"pecverify/1","file":"-","error":{"code":"canceled","message":"canceled"}}`, stdout.String())
}

// A pipe that nobody reads ends the run with 2 and not a word, however much
// there was still to say.
func TestBrokenPipe(t *testing.T) {
	t.Parallel()
	sent := filepath.Join(t.TempDir(), "sent.eml")
	require.NoError(t, os.WriteFile(sent, testsign.Message{Kind: daticert.TypeDelivery}.OriginalMail(), 0o600))
	dossier := filepath.Join(t.TempDir(), "d.html")
	defer func() { require.Empty(t, entries(t, filepath.Dir(dossier)), "no dossier of a run that has failed") }()
	for _, args := range [][]string{{"-json"}, {}, {"-extract", filepath.Join(t.TempDir(), "fuori")}, {"-json", "-sent", sent, "-dossier", dossier}} {
		r, w, err := os.Pipe()
		require.NoError(t, err)
		cmd := exec.Command(binary(t), append(args, "-trust", testAuthority(t), manyCopies(t, 500))...)
		var stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = w, &stderr
		require.NoError(t, cmd.Start())
		require.NoError(t, w.Close())
		_, err = bufio.NewReader(r).ReadString('\n')
		require.NoError(t, err)
		require.NoError(t, r.Close())
		cmd.Wait()
		require.Equal(t, exitNoVerdict, cmd.ProcessState.ExitCode(), "not killed by a signal")
		require.Empty(t, stderr.String())
	}
}
