package main

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/pectest"
	"github.com/gopec/gopec/trust/revocation"
)

// evidenceOf is a circuit with one acceptance and one delivery, its files, and
// all that can be given beside them.
type evidenceOf struct {
	circuit *pectest.Circuit
	dir     string
	mail    string // the delivery
	ca      string
	tsa     *pectest.TimestampAuthority
}

func newEvidence(t *testing.T) *evidenceOf {
	t.Helper()
	c := pectest.Start(t)
	_, err := c.Submit("mittente@pec.example.it", []string{"destinatario@pec.example.com"}, act("atto@client.example.it", "x", "destinatario@pec.example.com"))
	require.NoError(t, err)
	e := &evidenceOf{circuit: c, dir: t.TempDir()}
	for m := range c.Mailbox("mittente@pec.example.it").Messages() {
		e.mail = e.file(t, "consegna.eml", m.Raw) // the last one is the delivery
	}
	e.ca = e.file(t, "ca.pem", certificatePEM(c.Anchor()))
	now := c.Clock().Now()
	e.tsa, err = pectest.NewTimestampAuthority(now.AddDate(-1, 0, 0), now.AddDate(20, 0, 0))
	require.NoError(t, err)
	return e
}

func certificatePEM(c *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}

func (e *evidenceOf) file(t *testing.T, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(e.dir, name)
	require.NoError(t, os.WriteFile(path, b, 0o600))
	return path
}

// signer is the certificate of the provider that issued the delivery.
func (e *evidenceOf) signer(t *testing.T) *x509.Certificate {
	t.Helper()
	for p := range e.circuit.Providers() {
		if slices.Contains(slices.Collect(p.Domains()), "pec.example.com") {
			return p.Certificate()
		}
	}
	t.Fatal("no provider manages the recipient's domain")
	return nil
}

// judged is what one message came to.
type judged struct {
	Certified        bool
	Verdict          string
	SubIndication    *string
	ProofOfExistence string
	ReferenceTime    struct{ Source string }
	Checks           []struct{ ID, Status, Detail string }
	Error            *struct{ Code string }
	status           int
	stderr, sub      string
}

func (v *judged) check(id string) string {
	for _, c := range v.Checks {
		if c.ID == id {
			return c.Status
		}
	}
	return ""
}

func (v *judged) detail(id string) string {
	for _, c := range v.Checks {
		if c.ID == id {
			return c.Detail
		}
	}
	return ""
}

// pecverify runs the command on the delivery.
func (e *evidenceOf) pecverify(t *testing.T, args ...string) *judged {
	t.Helper()
	return verifyJSON(t, append([]string{"-trust", e.ca}, append(args, e.mail)...)...)
}

func verifyJSON(t *testing.T, args ...string) *judged {
	t.Helper()
	var stdout, stderr bytes.Buffer
	v := &judged{}
	v.status = command(append([]string{"-json"}, args...), strings.NewReader(""), &stdout, &stderr)
	v.stderr = stderr.String()
	if stdout.Len() > 0 {
		require.NoError(t, json.Unmarshal(stdout.Bytes(), v), stdout.String())
	}
	if v.SubIndication != nil {
		v.sub = *v.SubIndication
	}
	return v
}

// Revocation data make the difference that they must.
func TestRevocationFlags(t *testing.T) {
	t.Parallel()
	e := newEvidence(t)
	list := func(name string, o pectest.EvidenceOptions) string {
		b, err := e.circuit.Revocations().CRL(o)
		require.NoError(t, err)
		return e.file(t, name, b)
	}
	good := list("good.crl", pectest.EvidenceOptions{})
	response, err := e.circuit.Revocations().OCSP(e.signer(t), pectest.EvidenceOptions{})
	require.NoError(t, err)
	ocsp := e.file(t, "good.ors", response)

	require.Equal(t, "skip", e.pecverify(t).check("trust.revocation"))
	for _, args := range [][]string{{"-crl", good}, {"-ocsp", ocsp}, {"-crl", good, "-ocsp", ocsp}} {
		v := e.pecverify(t, args...)
		require.Equal(t, exitCertified, v.status, "%v: %s", args, v.stderr)
		require.Equal(t, "pass", v.check("trust.revocation"))
		v = e.pecverify(t, append(args, "-strict")...)
		require.Equal(t, exitCertified, v.status, "what strict wanted is there: %v", v)
	}
	v := e.pecverify(t, "-strict")
	require.Equal(t, "TRY_LATER", v.sub)

	e.circuit.Revocations().Revoke(e.signer(t), pectest.Revocation{Time: e.circuit.Clock().Now().Add(-time.Hour), Reason: revocation.ReasonKeyCompromise})
	v = e.pecverify(t, "-crl", list("revoked.crl", pectest.EvidenceOptions{}))
	require.Equal(t, exitNotCertified, v.status)
	require.Equal(t, "TOTAL-FAILED REVOKED", v.Verdict+" "+v.sub)
}

// The directory is asked, and a signed one must be signed by whom the command
// line names.
func TestProvidersFlags(t *testing.T) {
	t.Parallel()
	e := newEvidence(t)
	var plain bytes.Buffer
	require.NoError(t, e.circuit.WriteLDIF(&plain))
	ldif := e.file(t, "gestori.ldif", plain.Bytes())
	b, err := e.circuit.SignedLDIF()
	require.NoError(t, err)
	signed := e.file(t, "gestori.p7m", b)

	require.Equal(t, "skip", e.pecverify(t).check("provider.directory"))
	v := e.pecverify(t, "-providers", ldif)
	require.Equal(t, exitCertified, v.status, v.stderr)
	require.Equal(t, "pass", v.check("provider.directory"))
	require.Contains(t, v.detail("provider.directory"), "authenticated", "nobody vouches for a plain file")
	v = e.pecverify(t, "-providers", signed, "-providers-trust", e.ca)
	require.Equal(t, exitCertified, v.status, v.stderr)
	require.Equal(t, "pass pass", v.check("provider.directory")+" "+v.check("provider.domain"))

	for want, args := range map[string][]string{
		"the file is signed":            {"-providers", signed},
		"the file is not signed":        {"-providers", ldif, "-providers-trust", e.ca},
		"means nothing without":         {"-providers-trust", e.ca},
		"no such file":                  {"-providers", filepath.Join(e.dir, "nessuno")},
		"no authority":                  {"-providers", signed, "-providers-trust", e.mail},
		"-providers-trust nessuno: no ": {"-providers", signed, "-providers-trust", "nessuno"},
	} {
		v := e.pecverify(t, args...)
		require.Equal(t, exitNoVerdict, v.status, "%v", args)
		require.NotNil(t, v.Error)
		if want != "no authority" {
			require.Contains(t, v.stderr, want)
		}
	}
}

// A time-stamp is a proof of existence, if the command line says whom to believe
// about time.
func TestTimestampFlags(t *testing.T) {
	t.Parallel()
	e := newEvidence(t)
	mail, err := os.ReadFile(e.mail)
	require.NoError(t, err)
	b, err := e.tsa.Stamp(bytes.NewReader(mail), e.circuit.Clock().Now().Add(time.Minute))
	require.NoError(t, err)
	stamp, tsa := e.file(t, "prova.tsr", b), e.file(t, "tsa.pem", certificatePEM(e.tsa.Root()))

	v := e.pecverify(t, "-timestamp", stamp, "-tsa-trust", tsa)
	require.Equal(t, exitCertified, v.status, v.stderr)
	require.Equal(t, "timestamp timestamp pass", v.ProofOfExistence+" "+v.ReferenceTime.Source+" "+v.check("time.timestamp"))

	other, err := e.tsa.Stamp(strings.NewReader("altro"), e.circuit.Clock().Now())
	require.NoError(t, err)
	v = e.pecverify(t, "-timestamp", e.file(t, "altro.tsr", other), "-tsa-trust", tsa)
	require.Equal(t, exitCertified, v.status)
	require.Equal(t, "none daticert warn", v.ProofOfExistence+" "+v.ReferenceTime.Source+" "+v.check("time.timestamp"))

	for want, args := range map[string][]string{
		"means nothing without": {"-timestamp", stamp},
		"no such file":          {"-timestamp", "nessuno", "-tsa-trust", tsa},
		"cannot be used":        {"-timestamp", e.ca, "-tsa-trust", tsa},
		"-tsa-trust":            {"-tsa-trust", stamp},
	} {
		v := e.pecverify(t, args...)
		require.Equal(t, exitNoVerdict, v.status, "%v", args)
		require.Contains(t, v.stderr, want)
	}
}

// What cannot be used ends the run before anything is verified, and the error
// names flag, file and reason.
func TestRevocationFilesThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	e := newEvidence(t)
	junk := e.file(t, "junk", []byte("junk"))
	huge := e.file(t, "huge", nil)
	require.NoError(t, os.Truncate(huge, 1<<31))
	for _, c := range [][3]string{
		{"-crl", junk, "malformed"}, {"-ocsp", junk, "malformed"}, {"-crl", huge, "larger than"}, {"-ocsp", huge, "larger than"},
		{"-crl", "nessuno", "no such file"}, {"-ocsp", e.dir, "directory"},
	} {
		v := e.pecverify(t, c[0], c[1])
		require.Equal(t, exitNoVerdict, v.status, c[0]+" "+c[1])
		require.Contains(t, v.stderr, "pecverify: error: "+c[0]+" ")
		require.Contains(t, v.stderr, c[2])
		require.Equal(t, "usage", v.Error.Code)
	}
	v := e.pecverify(t, "-online-host", "crl.example.it")
	require.Contains(t, v.stderr, "-online-host means nothing without -online")
}

// A person reads what was judged besides the signature, and by what time.
func TestEvidenceInText(t *testing.T) {
	t.Parallel()
	e := newEvidence(t)
	evidence, believed := bundleFlags(t, e)
	b, err := e.circuit.SignedLDIF()
	require.NoError(t, err)
	args := append(append([]string{"-lang", "it", "-providers", e.file(t, "gestori.p7m", b), "-providers-trust", e.ca}, evidence...), believed...)
	var stdout, stderr bytes.Buffer
	require.Equal(t, exitCertified, command(append(args, e.mail), strings.NewReader(""), &stdout, &stderr), stderr.String())
	text := strings.Join(strings.Fields(stdout.String()), " ")
	for _, want := range []string{"indice ", "revoca ", "non era revocato", "marca temp. ", "da una marca temporale sul file"} {
		require.Contains(t, text, want)
	}
}
