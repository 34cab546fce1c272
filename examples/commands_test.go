package examples_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// bin is where the examples are built, once.
var bin struct {
	sync.Once
	dir string
	err error
}

func TestMain(m *testing.M) {
	status := m.Run()
	if bin.dir != "" {
		os.RemoveAll(bin.dir)
	}
	os.Exit(status)
}

// programs builds the examples and returns their folder.
func programs(t *testing.T) string {
	t.Helper()
	// The go command remembers that a test passed, and the files it opened;
	// those that a build reads are opened here for it.
	sources, err := fs.Glob(os.DirFS(".."), "*/*.go")
	require.NoError(t, err)
	deeper, err := fs.Glob(os.DirFS(".."), "*/*/*.go")
	require.NoError(t, err)
	for _, s := range append(sources, deeper...) {
		_, err := os.Stat(filepath.Join("..", s))
		require.NoError(t, err)
	}
	bin.Do(func() {
		if bin.dir, bin.err = os.MkdirTemp("", "examples"); bin.err != nil {
			return
		}
		out, err := exec.Command("go", "build", "-o", bin.dir+string(filepath.Separator), "./...").CombinedOutput()
		if err != nil {
			bin.err = errors.New(string(out))
		}
	})
	require.NoError(t, bin.err)
	return bin.dir
}

// run runs an example from this folder.
func run(t *testing.T, name string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	var out, diag bytes.Buffer
	cmd := exec.Command(filepath.Join(programs(t), name), args...)
	cmd.Stdout, cmd.Stderr = &out, &diag
	err := cmd.Run()
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		status = e.ExitCode()
	} else {
		require.NoError(t, err)
	}
	return out.String(), diag.String(), status
}

const ca = "messages/test-ca.pem"

func TestVerify(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		args   []string
		stdout string
		stderr string
		status int
		reason string
	}{
		{name: "delivery", args: []string{"messages/avvenuta-consegna.eml", ca}, reason: "an authentic receipt",
			stdout: "authentic: DELIVERED\nmessage: opec21004.20260310101530.00042.217.1.57@pec.example.it\nfrom:    mittente@pec.example.it\n"},
		{name: "non-delivery", args: []string{"messages/errore-consegna.eml", ca}, reason: "as authentic, and the outcome says what it is",
			stdout: "authentic: NOT delivered\nmessage: opec21004.20260310101530.00042.217.1.57@pec.example.it\nfrom:    mittente@pec.example.it\n"},
		{name: "AgID", args: []string{"messages/avvenuta-consegna.eml"}, status: 1, reason: "without an authority given, AgID's counts, which did not issue the examples",
			stderr: "pec: not certified: avvenuta-consegna, INDETERMINATE/NO_CERTIFICATE_CHAIN_FOUND"},
		{name: "tampered", args: []string{"messages/alterata.eml", ca}, status: 1, reason: "nothing of it is printed as if it were so",
			stderr: "pec: not certified: avvenuta-consegna, TOTAL-FAILED/HASH_FAILURE"},
		{name: "forged", args: []string{"messages/contraffatta.eml", ca}, status: 1, reason: "an authority that made itself",
			stderr: "pec: not certified: avvenuta-consegna, INDETERMINATE/NO_CERTIFICATE_CHAIN_FOUND"},
		{name: "ordinary", args: []string{"messages/posta-ordinaria.eml", ca}, status: 1, reason: "ordinary mail certifies nothing",
			stderr: "pec: not certified: ordinaria"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			stdout, stderr, status := run(t, "verify", c.args...)
			require.Equal(t, c.stdout, stdout, c.reason)
			require.True(t, strings.HasPrefix(stderr, c.stderr), stderr)
			require.Equal(t, c.stderr == "", stderr == "", stderr)
			require.Equal(t, c.status, status)
		})
	}
}

func TestSort(t *testing.T) {
	t.Parallel()
	stdout, stderr, status := run(t, "sort", "messages", ca)
	require.Empty(t, stderr)
	require.Zero(t, status)
	require.Equal(t, `accettazione              "destinatario@pec.example.com" accettazione.eml
avvenuta-consegna         "destinatario@pec.example.com" avvenuta-consegna-breve.eml
avvenuta-consegna         "destinatario@pec.example.com" avvenuta-consegna-sintetica.eml
avvenuta-consegna         "destinatario@pec.example.com" avvenuta-consegna.eml
errore-consegna           "destinatario@pec.example.com" errore-consegna.eml
non-accettazione          "destinatario@pec.example.com" non-accettazione.eml
posta-certificata         "destinatario@pec.example.com" posta-certificata.eml
preavviso-errore-consegna "destinatario@pec.example.com" preavviso-errore-consegna-24-ore.eml
preavviso-errore-consegna "destinatario@pec.example.com" preavviso-errore-consegna.eml
presa-in-carico           "destinatario@pec.example.com" presa-in-carico.eml
rilevazione-virus         "destinatario@pec.example.com" rilevazione-virus.eml
~ not certified  anomalia                  anomalia.eml
~ not certified  avvenuta-consegna         alterata.eml
~ not certified  avvenuta-consegna         contraffatta.eml
~ not certified  ordinaria                 inviata.eml
~ not certified  ordinaria                 posta-ordinaria.eml
`, stdout)
}

// TestSortWithAgID: no example is certified by the authority of the real
// circuit.
func TestSortWithAgID(t *testing.T) {
	t.Parallel()
	stdout, stderr, status := run(t, "sort", "messages")
	require.Empty(t, stderr)
	require.Zero(t, status)
	require.Equal(t, len(expected), strings.Count(stdout, "\n"))
	require.Equal(t, len(expected), strings.Count(stdout, "~ not certified"))
}

func TestAttachments(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "out")
	files, err := filepath.Glob("messages/*.eml")
	require.NoError(t, err)
	require.Len(t, files, len(expected))
	stdout, stderr, status := run(t, "attachments", append([]string{dir, ca}, files...)...)

	require.Equal(t, 1, status, "some are not certified")
	require.Equal(t, 5, strings.Count(stderr, "\n"), stderr)
	for _, name := range []string{"alterata", "anomalia", "contraffatta", "inviata", "posta-ordinaria"} {
		require.Contains(t, stderr, filepath.Join("messages", name+".eml")+": pec: not certified: ")
	}
	require.Equal(t, strings.ReplaceAll(`DIR/0004/1.bin: "verbale.pdf.hash"
DIR/0006/1.bin: "verbale.pdf"
DIR/0011/1.bin: "verbale.pdf"
`, "DIR", dir), stdout, "the fourth is a brief receipt, the sixth a complete one, the eleventh the envelope")

	var written []string
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			written = append(written, path)
		}
		return err
	}))
	require.Len(t, written, 3, "nothing of the others is written")
	receipt, err := os.ReadFile(filepath.Join(dir, "0006", "1.bin"))
	require.NoError(t, err)
	envelope, err := os.ReadFile(filepath.Join(dir, "0011", "1.bin"))
	require.NoError(t, err)
	require.Equal(t, envelope, receipt, "both hold the message that was sent")
	require.True(t, bytes.HasPrefix(receipt, []byte("%PDF-")), "decoded: %.20q", receipt)
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"verify", "sort", "attachments", "messages"} {
		stdout, stderr, status := run(t, name)
		require.Equal(t, 1, status)
		require.Empty(t, stdout)
		require.True(t, strings.HasPrefix(stderr, "usage: "+name+" "), stderr)
	}
}
