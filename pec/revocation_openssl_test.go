package pec_test

import (
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/cms"
	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/trust"
	"github.com/gopec/gopec/trust/revocation"
)

// revocationFolder holds a case's files for OpenSSL.
type revocationFolder struct {
	t   *testing.T
	dir string
}

func (f revocationFolder) write(name string, content []byte) string {
	f.t.Helper()
	path := filepath.Join(f.dir, name)
	require.NoError(f.t, os.WriteFile(path, content, 0o600))
	return path
}

func (f revocationFolder) openssl(args ...string) (ok bool, out string) {
	f.t.Helper()
	cmd := exec.CommandContext(f.t.Context(), counterpart.Look(f.t, "openssl"), args...)
	b, err := cmd.CombinedOutput()
	return err == nil, string(b)
}

// listDER takes a list out of PEM.
func listDER(b []byte) []byte {
	if block, _ := pem.Decode(b); block != nil {
		return block.Bytes
	}
	return b
}

// listPEM gives a list as PEM, alone.
func listPEM(b []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: listDER(b)})
}

// OpenSSL is asked at the time of the latest list whether the certificate stands
// revoked by it: it knows no time of judgement apart from that of the list. It
// must be content if, and only if, we call the certificate good. Where a case
// says why it is not of our opinion, agreement would be a failure as well.
func TestOpenSSLAgreesOnLists(t *testing.T) {
	t.Parallel()
	for _, c := range revocationListCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := revocationWorldOf(c.signer)
			lists, _ := c.evidence(w)
			f := revocationFolder{t, t.TempDir()}
			var at int64
			args := []string{"verify", "-crl_check", "-partial_chain", "-no-CApath", "-no-CAstore", "-CAfile", f.write("root.pem", w.root.PEM())}
			for i, l := range lists {
				args = append(args, "-CRLfile", f.write(strconv.Itoa(i)+".crl", listPEM(l)))
				parsed, err := x509.ParseRevocationList(listDER(l))
				require.NoError(t, err)
				at = max(at, parsed.ThisUpdate.Unix()+1)
			}
			args = append(args, "-attime", strconv.FormatInt(at, 10), f.write("signer.pem", w.signer.PEM()))
			ok, out := f.openssl(args...)
			require.Equal(t, c.openssl == "", ok == (c.state == revocation.Good), "OpenSSL says %v, we say %s (%s)\n%s", ok, c.state, c.openssl, out)
		})
	}
}

// "openssl crl -verify" computes the signature alone.
func TestOpenSSLAgreesOnListSignatures(t *testing.T) {
	t.Parallel()
	wrong := map[string]bool{revocation.CodeSignature: true, revocation.CodeForeign: true, revocation.CodeSignerIssuer: true,
		revocation.CodeSignerUsage: true, revocation.CodeSignerValidity: true}
	for _, c := range revocationListCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := revocationWorldOf(c.signer)
			lists, _ := c.evidence(w)
			f := revocationFolder{t, t.TempDir()}
			for _, l := range lists {
				ok, out := f.openssl("crl", "-verify", "-noout", "-in", f.write("list.crl", listPEM(l)), "-CAfile", f.write("root.pem", w.root.PEM()))
				verified := ok && strings.Contains(out, "verify OK")
				direct := !wrong[c.codes[0]] && c.name != "delegated list"
				require.Equal(t, direct, verified, out)
			}
		})
	}
}

// "openssl ocsp" is asked about the response: whether it verifies, and the status
// in it. It judges times by the clock of the machine and not at a time, so
// its word on those does not count.
func TestOpenSSLAgreesOnResponses(t *testing.T) {
	t.Parallel()
	for _, c := range revocationResponseCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := revocationWorldOf(c.signer)
			_, responses := c.evidence(w)
			f := revocationFolder{t, t.TempDir()}
			root, md := f.write("root.pem", w.root.PEM()), "-sha1"
			if c.name == "good, SHA-256" {
				md = "-sha256"
			}
			ok, out := f.openssl("ocsp", "-respin", f.write("response.der", responses[0]), "-CAfile", root, "-no_nonce",
				"-attime", strconv.FormatInt(in(1).Unix(), 10), "-issuer", root, md, "-cert", f.write("signer.pem", w.signer.PEM()))
			theirs := ""
			for _, s := range []string{"good", "revoked", "unknown"} {
				if ok && strings.Contains(out, "Response verify OK") && strings.Contains(strings.ReplaceAll(out, "signer.pem: ", "\n"), "\n"+s+"\n") {
					theirs = s
				}
			}
			require.Equal(t, c.openssl == "", theirs == oursOfResponse(t, w, responses[0]), "OpenSSL says %q (%s)\n%s", theirs, c.openssl, out)
		})
	}
}

// oursOfResponse is the status in a response that we find verified, "" without.
// Whether it covers a time is not asked.
func oursOfResponse(t *testing.T, w revocationWorld, response []byte) string {
	root := w.root.X509()
	c, err := cms.ParseCertificate(w.signer.DER)
	require.NoError(t, err)
	l := trust.Link{Certificate: c, IssuerName: c.RawIssuer, IssuerKey: root.PublicKey, IssuerSPKI: root.RawSubjectPublicKeyInfo, IssuerCertificate: root}
	a := revocationData(t, nil, [][]byte{response}).Check(l, in(-300), in(60))
	switch f := a.Findings[0]; {
	case f.Code == revocation.CodeOCSPUnknown:
		return "unknown"
	case a.State == revocation.Good || f.Code == revocation.CodeDropped || f.Code == revocation.CodeFuture:
		return "good"
	case a.State != revocation.NotChecked:
		return "revoked"
	}
	return ""
}
