package pectest_test

import (
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/pectest"
)

// TestCounterparts shows every message that a circuit of each shape issued to
// programs that share nothing with this module.
func TestCounterparts(t *testing.T) {
	t.Parallel()
	for _, shape := range shapes {
		t.Run(shape.name, func(t *testing.T) {
			t.Parallel()
			c := pectest.Start(t, shape.options...)
			everyKind(t, c)
			dir := t.TempDir() // NUMBER-KIND.eml, and NUMBER-KIND.xml with the certification data
			var messages []*pectest.Message
			for _, m := range everything(c) {
				messages = append(messages, m)
				require.NoError(t, os.WriteFile(path(dir, m, "eml"), m.Raw, 0o600))
				if m.Kind != pec.KindAnomaly {
					require.NoError(t, os.WriteFile(path(dir, m, "xml"), certified(t, c, m).Data.Raw(), 0o600))
				}
			}
			require.Greater(t, len(messages), 30)
			t.Run("openssl", func(t *testing.T) { openssl(t, shape.name, dir, c, messages) })
			t.Run("xmllint", func(t *testing.T) { xmllint(t, dir, messages) })
			t.Run("python", func(t *testing.T) { python(t, shape.name, dir, messages) })
		})
	}
}

func path(dir string, m *pectest.Message, ending string) string {
	return filepath.Join(dir, fmt.Sprintf("%03d-%s.%s", m.Number, m.Kind, ending))
}

// opensslDiffers lists the shapes that OpenSSL refuses and we do not, with the
// versions that do so. A difference that goes away fails too.
var opensslDiffers = map[string]func(version string) bool{
	"Ed25519": before3_2, // CMS with Ed25519 came with 3.2
}

// openssl: OpenSSL verifies the signature of every message, with the path to the
// circuit's authority at the time of the message.
func openssl(t *testing.T, shape, dir string, c *pectest.Circuit, messages []*pectest.Message) {
	program := counterpart.Look(t, "openssl")
	version, err := exec.CommandContext(t.Context(), program, "version").Output()
	require.NoError(t, err)
	ca := filepath.Join(dir, "ca.pem")
	require.NoError(t, os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Anchor().Raw}), 0o600))
	differs := opensslDiffers[shape]
	refused := differs != nil && differs(string(version))
	for _, m := range messages {
		out, err := exec.CommandContext(t.Context(), program, "cms", "-verify", "-CAfile", ca, "-purpose", "smimesign",
			"-attime", strconv.FormatInt(m.Time.Unix(), 10), "-in", path(dir, m, "eml"), "-out", os.DevNull).CombinedOutput()
		require.Equal(t, refused, err != nil, "%s: %s", path("", m, "eml"), out)
	}
}

func before3_2(version string) bool {
	var major, minor int
	_, err := fmt.Sscanf(version, "OpenSSL %d.%d", &major, &minor)
	return err != nil || major < 3 || major == 3 && minor < 2
}

// xmllint: every daticert.xml is valid under the DTD of RFC 6109 §4.4.
func xmllint(t *testing.T, dir string, messages []*pectest.Message) {
	program := counterpart.Look(t, "xmllint")
	args := []string{"--noout", "--nonet", "--dtdvalid", "../daticert/testdata/postacert.dtd"}
	for _, m := range messages {
		if m.Kind != pec.KindAnomaly {
			args = append(args, path(dir, m, "xml"))
		}
	}
	require.Greater(t, len(args), 30)
	out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// habitsOf says to the Python script what it has to expect of a shape.
var habitsOf = map[string][]string{
	"plain":                                nil,
	"sha-1, x-pkcs7, DER":                  {"x-pkcs7", "no-preamble"},
	"BER with the authority":               nil,
	"text only, original first, plain XML": {"text-only", "original-first", "plain-xml"},
	"LF files":                             nil,
	"LF files, BER, SHA-1":                 nil,
	"no msgid, generic errors":             {"no-msgid"},
	"duplicates and reordering":            nil,
	"ECDSA":                                nil,
	"Ed25519":                              nil,
	"adversary":                            {"any"},
	"adversary with ECDSA":                 {"any"},
}

// python: a script that was written from what providers send finds headers and
// parts of every kind as they are there.
func python(t *testing.T, shape, dir string, messages []*pectest.Message) {
	program := counterpart.Look(t, "python")
	habits, known := habitsOf[shape]
	require.True(t, known, "say what the script has to expect")
	out, err := exec.CommandContext(t.Context(), program, append([]string{"testdata/kinds.py", dir}, habits...)...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	count := make(map[pec.Kind]int)
	for _, m := range messages {
		count[m.Kind]++
	}
	fields := strings.Fields(string(out))
	require.Len(t, fields, 9)
	for _, f := range fields {
		kind, n, _ := strings.Cut(f, "=")
		require.Equal(t, strconv.Itoa(count[pec.Kind(kind)]), n, kind)
		require.NotEqual(t, "0", n, kind)
	}
	if len(habits) > 0 && habits[0] != "any" {
		_, err := exec.CommandContext(t.Context(), program, "testdata/kinds.py", dir).CombinedOutput()
		require.Error(t, err, "the script can fail")
	}
}
