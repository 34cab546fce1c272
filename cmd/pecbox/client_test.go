package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/trust"
)

// TestPython uses the box as a mail program does, with Python's smtplib, imaplib and
// email; testdata/client.py asserts what comes of it. What it fetched is verified
// here, under the authority that the management port gives.
func TestPython(t *testing.T) {
	t.Parallel()
	python := counterpart.Look(t, "python")
	for _, c := range []struct {
		scenario, reason   string
		certified, anomaly int // messages that it fetches
		slow               bool
		args               []string
	}{
		{scenario: "circuit", reason: "one message to a certified, a nonexistent and an external recipient", certified: 6},
		{scenario: "starttls", reason: "STARTTLS, AUTH PLAIN and AUTH LOGIN"},
		{scenario: "refusals", reason: "wrong password, no TLS, another's address, a certificate not believed"},
		{scenario: "hangup", reason: "a client that hangs up leaves no half message", certified: 3},
		{scenario: "large", reason: "31 MB, more than SMTP takes, a header bomb", certified: 5, slow: true},
		{scenario: "recipients", reason: "1,000 recipients, and one more", slow: true},
		{scenario: "clock", reason: "notices at 12 h and 24 h, faults on request, mail from outside", certified: 14, anomaly: 1},
		{scenario: "folders", reason: "parts, flags, search, folders, two connections, IDLE"},
		{scenario: "adversary", reason: "providers that use every freedom", certified: 43, args: []string{"-adversary", "3"}},
	} {
		t.Run(c.scenario, func(t *testing.T) {
			t.Parallel()
			if c.slow && testing.Short() {
				t.Skip("takes up to a minute with the race detector")
			}
			r := run(t, c.args...)
			dir := t.TempDir()
			cmd := exec.CommandContext(t.Context(), python, filepath.Join("testdata", "client.py"), c.scenario, dir)
			cmd.Stdin = bytes.NewReader(r.line)
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, "%s\n%s\n%s", c.reason, out, r.stderr.String())
			certified, anomalies := r.certify(t, dir)
			require.Equal(t, c.certified, certified)
			require.Equal(t, c.anomaly, anomalies)
		})
	}
}

// certify verifies every message in a folder. Anomaly envelopes alone are not
// certified.
func (r *running) certify(t *testing.T, dir string) (certified, anomalies int) {
	t.Helper()
	store, err := trust.NewStore(false, r.authority(t, "/ca.pem"))
	require.NoError(t, err)
	var clock struct{ Time time.Time }
	require.NoError(t, json.Unmarshal(r.get(t, "/clock"), &clock))
	files, err := filepath.Glob(filepath.Join(dir, "*.eml"))
	require.NoError(t, err)
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		m, err := pec.Read(bytes.NewReader(raw), int64(len(raw)))
		require.NoError(t, err)
		report, err := pec.Verify(m, &pec.VerifyOptions{Trust: store, Clock: func() time.Time { return clock.Time }})
		if n, ok := errors.AsType[*pec.NotCertifiedError](err); ok {
			require.Equal(t, pec.KindAnomaly, n.Report.Kind, "%s: %v", file, err)
			require.Equal(t, pec.TotalPassed, n.Report.Verdict, file)
			anomalies++
			continue
		}
		require.NoError(t, err, file)
		require.True(t, report.Certified)
		certified++
	}
	return certified, anomalies
}

func (r *running) authority(t *testing.T, path string) *x509.Certificate {
	t.Helper()
	block, rest := pem.Decode(r.get(t, path))
	require.NotNil(t, block)
	require.Empty(t, rest)
	c, err := x509.ParseCertificate(block.Bytes)
	require.NoError(t, err)
	require.Contains(t, c.Subject.CommonName, "NO LEGAL VALUE")
	return c
}

// dialIMAP logs in and waits in IDLE.
func dialIMAP(t *testing.T, r *running, user string) net.Conn {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(r.authority(t, "/tls-ca.pem"))
	c, err := tls.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", r.Ports["imaps"]), &tls.Config{RootCAs: roots})
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	talk := func(line, until string) {
		_, err := c.Write([]byte(line))
		require.NoError(t, err)
		var got []byte
		for !bytes.Contains(got, []byte(until)) {
			b := make([]byte, 4096)
			n, err := c.Read(b)
			require.NoError(t, err, "%s", got)
			got = append(got, b[:n]...)
		}
	}
	talk("", "* OK")
	talk(fmt.Sprintf("a LOGIN %s %s\r\n", user, r.Password), "a OK")
	talk("b SELECT INBOX\r\n", "b OK")
	talk("c IDLE\r\n", "+ ")
	return c
}

// TestCurl submits and fetches with curl, over implicit TLS and STARTTLS.
func TestCurl(t *testing.T) {
	t.Parallel()
	curl := counterpart.Look(t, "curl")
	r := run(t)
	dir := t.TempDir()
	ca, mail := filepath.Join(dir, "tls-ca.pem"), filepath.Join(dir, "mail.txt")
	call := func(args ...string) ([]byte, int) {
		var stdout bytes.Buffer
		cmd := exec.CommandContext(t.Context(), curl, append([]string{"-sS", "--max-time", "60"}, args...)...)
		cmd.Stdout = &stdout
		err := cmd.Run()
		if e, ok := errors.AsType[*exec.ExitError](err); ok {
			return stdout.Bytes(), e.ExitCode()
		}
		require.NoError(t, err)
		return stdout.Bytes(), 0
	}
	_, status := call("-o", ca, r.Management+"/tls-ca.pem")
	require.Zero(t, status)
	require.NoError(t, os.WriteFile(mail, []byte("From: mittente@pec.example.it\r\nTo: destinatario@pec.example.com, nobody@pec.example.com,\r\n"+
		" persona@example.net\r\nSubject: Da curl\r\n\r\nCorpo.\r\n"), 0o600))
	smtps, smtp := fmt.Sprintf("smtps://127.0.0.1:%d", r.Ports["smtps"]), fmt.Sprintf("smtp://127.0.0.1:%d", r.Ports["smtp"])
	imaps, imap := fmt.Sprintf("imaps://127.0.0.1:%d", r.Ports["imaps"]), fmt.Sprintf("imap://127.0.0.1:%d", r.Ports["imap"])
	user := "mittente@pec.example.it:" + r.Password
	send := func(url string, more ...string) int {
		_, status := call(append([]string{
			"--mail-from", "mittente@pec.example.it", "--mail-rcpt", "destinatario@pec.example.com",
			"--mail-rcpt", "nobody@pec.example.com", "--mail-rcpt", "persona@example.net", "-T", mail, url,
		}, more...)...)
		return status
	}
	require.Zero(t, send(smtps, "--cacert", ca, "-u", user))
	require.Zero(t, send(smtp, "--ssl-reqd", "--cacert", ca, "-u", user))

	// curl's exit statuses: 60 certificate, 67 login, 55 sending.
	require.Equal(t, 60, send(smtps, "-u", user), "an authority it was not told of")
	require.Equal(t, 67, send(smtps, "--cacert", ca, "-u", "mittente@pec.example.it:sbagliata"), "a wrong password")
	require.NotZero(t, send(smtp, "-u", user), "no login without TLS")
	require.NotZero(t, send(smtps, "--cacert", ca), "no mail without a login")
	_, status = call(imap+"/INBOX", "-u", user)
	require.Equal(t, 67, status, "no login without TLS")

	for n, url := range []string{imaps, imap} {
		for uid := 1; uid <= 6; uid++ {
			raw, status := call(fmt.Sprintf("%s/INBOX;UID=%d", url, uid), "--ssl-reqd", "--cacert", ca, "-u", user)
			require.Zero(t, status)
			require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d-%d.eml", n, uid)), raw, 0o600))
		}
		_, status := call(url+"/INBOX;UID=7", "--ssl-reqd", "--cacert", ca, "-u", user)
		require.NotZero(t, status, "two mails came through, and three notices to each")
	}
	certified, _ := r.certify(t, dir)
	require.Equal(t, 12, certified)
}
