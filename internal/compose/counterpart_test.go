package compose_test

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/internal/testsign"
)

// written writes every message into a folder, NAME.eml, with its daticert.xml as
// NAME.xml.
func written(t testing.TB) (dir string, list []issued) {
	t.Helper()
	dir = t.TempDir()
	list = every()
	for _, c := range list {
		mail, out := c.mail(t)
		require.NoError(t, os.WriteFile(filepath.Join(dir, c.name+".eml"), mail, 0o600))
		if out.Data != nil {
			require.NoError(t, os.WriteFile(filepath.Join(dir, c.name+".xml"), out.Data.Raw(), 0o600))
		}
	}
	return dir, list
}

// TestPython: Python's email package and XML parser find every header field,
// part, character set and encoding where the rules and providers' practice have
// them.
func TestPython(t *testing.T) {
	t.Parallel()
	python := counterpart.Look(t, "python")
	dir, list := written(t)
	facts, err := json.Marshal(map[string]any{
		"one":    map[string]string{"name": "Gestore Uno S.p.A.", "address": "posta-certificata@pec.example.it"},
		"two":    map[string]string{"name": "Gestore Due S.p.A.", "address": "posta-certificata@pec.example.com"},
		"sender": sender, "recipients": []string{first, external, second}, "subject": subject,
		"subjectLatin1": `Verbale "definitivo": l'attività è conclusa - 50 EUR & {U+6F22}{U+5B57}`,
		"id":            pecID, "clientID": clientID, "time": instant.Format(time.RFC3339),
		"moment": "Il giorno 10/03/2026 alle ore 10:15:30 (+0100)", "original": original,
	})
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "facts.json")
	require.NoError(t, os.WriteFile(file, facts, 0o600))
	out, err := exec.CommandContext(t.Context(), python, "testdata/issued.py", dir, file).CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Equal(t, strconv.Itoa(len(list)), string(bytes.TrimSpace(out)))
}

// TestXMLLint: every daticert.xml is valid under the DTD of RFC 6109 §4.4.
func TestXMLLint(t *testing.T) {
	t.Parallel()
	xmllint := counterpart.Look(t, "xmllint")
	dir, list := written(t)
	args := []string{"--noout", "--nonet", "--dtdvalid", "../../daticert/testdata/postacert.dtd"}
	for _, c := range list {
		if c.name != "anomalia" {
			args = append(args, filepath.Join(dir, c.name+".xml"))
		}
	}
	require.Greater(t, len(args), 10)
	out, err := exec.CommandContext(t.Context(), xmllint, args...).CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// TestOpenSSL: OpenSSL verifies every message with its chain up to the
// authority, at the time of the message.
func TestOpenSSL(t *testing.T) {
	t.Parallel()
	openssl := counterpart.Look(t, "openssl")
	dir, list := written(t)
	ca := filepath.Join(dir, "ca.pem")
	root := testsign.NewCircle().Root
	require.NoError(t, os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.DER}), 0o600))
	for _, c := range list {
		args := []string{"cms", "-verify", "-CAfile", ca, "-purpose", "smimesign",
			"-attime", strconv.FormatInt(instant.Unix(), 10), "-in", filepath.Join(dir, c.name+".eml"), "-out", os.DevNull}
		out, err := exec.CommandContext(t.Context(), openssl, args...).CombinedOutput()
		require.NoError(t, err, "%s: %s", c.name, out)
	}
}
