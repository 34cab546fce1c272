package pectest_test

import (
	"bytes"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/pectest"
	"github.com/gopec/gopec/trust/directory"
)

// TestDirectory: the directory says of the circuit what is so.
func TestDirectory(t *testing.T) {
	t.Parallel()
	c := pectest.Start(t)
	d, err := c.Directory()
	require.NoError(t, err)
	require.Empty(t, d.Defects)
	require.True(t, d.Authenticated())
	require.True(t, d.Complete())
	date, source := d.Date()
	require.Equal(t, directory.DateSigned, source)
	require.WithinDuration(t, c.Clock().Now(), date, time.Second)
	require.Contains(t, d.Signature.Name, pectest.NoLegalValue)
	count := 0
	for p := range c.Providers() {
		count++
		found := d.ByCertificate(p.Certificate())
		require.Len(t, found, 1)
		require.Equal(t, slices.Collect(p.Domains()), found[0].Domains)
		receipt, ok := d.ReceiptAddress(p.Certificate())
		require.True(t, ok)
		require.Equal(t, p.Service().Address(), receipt, "where the taking in charge goes")
	}
	require.Len(t, d.Records, count)
	for b := range c.Mailboxes() {
		require.True(t, d.Certified(b.Address()))
	}
	require.False(t, d.Certified("qualcuno@example.net"), "an ordinary mailbox")
}

func TestWriteLDIF(t *testing.T) {
	t.Parallel()
	c := pectest.Start(t)
	var b bytes.Buffer
	require.NoError(t, c.WriteLDIF(&b))
	d, err := directory.Read("indice.ldif", &b, nil)
	require.NoError(t, err)
	require.True(t, d.Complete())
	require.False(t, d.Authenticated())
}

// TestOpenSSLVerifiesTheDirectory: the .p7m is one for others, too.
func TestOpenSSLVerifiesTheDirectory(t *testing.T) {
	t.Parallel()
	openssl := counterpart.Look(t, "openssl")
	c := pectest.Start(t)
	b, err := c.SignedLDIF()
	require.NoError(t, err)
	var plain bytes.Buffer
	require.NoError(t, c.WriteLDIF(&plain))
	dir := t.TempDir()
	in, anchor := filepath.Join(dir, "in.p7m"), filepath.Join(dir, "anchor.pem")
	require.NoError(t, os.WriteFile(in, b, 0o600))
	require.NoError(t, os.WriteFile(anchor, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Anchor().Raw}), 0o600))
	cmd := exec.Command(openssl, "cms", "-verify", "-binary", "-inform", "DER", "-in", in, "-CAfile", anchor, "-purpose", "any", "-no_check_time")
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	require.NoError(t, err, "%s", problems.String())
	require.Equal(t, plain.String(), string(out))
}
