package directory_test

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/trust/directory"
)

// server is a directory of OpenLDAP on disk, with the schema of RFC 6109.
type server struct {
	path, dir, config string
}

func newServer(t *testing.T) server {
	t.Helper()
	s := server{path: counterpart.Look(t, "slapd"), dir: t.TempDir()}
	schema, err := filepath.Abs("testdata/pec.schema")
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(filepath.Join(s.dir, "db"), 0o700))
	modules := ""
	for _, m := range []string{"/usr/lib/ldap", "/usr/lib/openldap", "/usr/libexec/openldap"} {
		if _, err := os.Stat(filepath.Join(m, "back_mdb.la")); err == nil {
			modules = "modulepath " + m + "\nmoduleload back_mdb\n"
		}
	}
	core := ""
	for _, f := range []string{"/etc/ldap/schema/core.schema", "/etc/openldap/schema/core.schema"} {
		if _, err := os.Stat(f); err == nil {
			core = f
		}
	}
	require.NotEmpty(t, core, "slapd is there without its schemas")
	s.config = filepath.Join(s.dir, "slapd.conf")
	text := fmt.Sprintf("include %s\ninclude %s\npidfile %[3]s/pid\n%[4]sdatabase mdb\nsuffix \"o=postacert\"\nrootdn \"cn=admin,o=postacert\"\ndirectory %[3]s/db\nmaxsize 67108864\nindex objectClass eq\n",
		core, schema, s.dir, modules)
	require.NoError(t, os.WriteFile(s.config, []byte(text), 0o600))
	return s
}

// tool runs slapd as one of its tools.
func (s server) tool(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(s.path, append([]string{"-T" + name, "-f", s.config}, args...)...)
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	require.NoError(t, err, "%s", problems.String())
	return out
}

// served is what the servers are loaded with: several certificates, a secondary
// environment, values that LDIF writes in base64, many domains.
func served() []*directory.Record {
	old, renewed := provider("Alfa, Società per azioni", "alfa.example.it"), provider("Alfa rinnovata", "alfa.example.it")
	alfa := &directory.Record{
		Provider: "Alfa, Società per azioni", Certificates: []*x509.Certificate{old, renewed}, Receipt: "servizio@alfa.example.it",
		Location: "https://alfa.example.it/" + strings.Repeat("cartella/", 20) + "alfa.ldif.p7m", Description: []string{" comincia con uno spazio", "perché no"},
	}
	for i := range 300 {
		alfa.Domains = append(alfa.Domains, fmt.Sprintf("comune-%d.example.it", i))
	}
	return []*directory.Record{
		alfa,
		{Provider: alfa.Provider, Unit: "Ambiente interno", Certificates: []*x509.Certificate{renewed}, Receipt: "interno@alfa.example.it", Domains: []string{"interno.alfa.example.it"}},
		{Provider: `Beta + "Gamma" S.r.l.`, Certificates: []*x509.Certificate{provider("Beta", "beta.example.com")}, Receipt: "servizio@beta.example.com", Domains: []string{"beta.example.com"}},
	}
}

// TestSlapd: what we write is loaded by slapd under the schema of the RFC, and
// what slapcat exports is read as the same.
func TestSlapd(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.load(t)
	out := s.tool(t, "cat")
	d, err := directory.Read("slapcat.ldif", bytes.NewReader(out), nil)
	require.NoError(t, err)
	requireServed(t, d)
	date, source := d.Date()
	require.Equal(t, directory.DateRecords, source, "the server notes changes")
	require.WithinDuration(t, time.Now(), date, time.Hour)
	require.Contains(t, string(out), "\n ", "slapcat folds lines")
	require.Contains(t, string(out), "providerCertificate;binary:: ")
}

// load fills the server with our own file.
func (s server) load(t *testing.T) {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, directory.Write(&b, "https://indice.example.it/indice.ldif.p7m", served()...))
	in := filepath.Join(s.dir, "in.ldif")
	require.NoError(t, os.WriteFile(in, b.Bytes(), 0o600))
	s.tool(t, "add", "-l", in)
}

func requireServed(t *testing.T, d *directory.Directory) {
	t.Helper()
	require.Empty(t, d.Defects)
	require.True(t, d.Complete())
	require.Equal(t, "https://indice.example.it/indice.ldif.p7m", d.Location)
	require.Len(t, d.Records, len(served()))
	for _, want := range served() {
		i := slices.IndexFunc(d.Records, func(r *directory.Record) bool { return r.Provider == want.Provider && r.Unit == want.Unit })
		require.GreaterOrEqual(t, i, 0, want.Provider)
		got := d.Records[i]
		require.Equal(t, want.Receipt, got.Receipt)
		require.ElementsMatch(t, want.Domains, got.Domains)
		require.ElementsMatch(t, want.Description, got.Description)
		require.Len(t, got.Certificates, len(want.Certificates))
		for _, c := range want.Certificates {
			found := d.ByCertificate(c)
			require.True(t, slices.ContainsFunc(found, func(m directory.Match) bool { return m.Record == got && !m.HashOnly }))
		}
		if want.Unit != "" {
			require.Equal(t, want.Provider, got.Main.Provider)
		}
	}
}

// TestSlapdRefusesWhatTheSchemaForbids: the schema is in force, so that what
// TestSlapd loads has passed it.
func TestSlapdRefusesWhatTheSchemaForbids(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no domains":            strings.Replace(record("Alfa", provider("Alfa", "alfa.example.it")), "managedDomains: alfa.example.it\n", "", 1),
		"two service mailboxes": record("Alfa", provider("Alfa", "alfa.example.it"), "mailReceipt: b@example.it"),
		"another attribute":     record("Alfa", provider("Alfa", "alfa.example.it"), "managedDomain: a.example.it"),
	} {
		s := newServer(t)
		in := filepath.Join(s.dir, "in.ldif")
		require.NoError(t, os.WriteFile(in, []byte(base+text), 0o600))
		out, err := exec.Command(s.path, "-Tadd", "-f", s.config, "-l", in).CombinedOutput()
		require.Error(t, err, "%s: %s", name, out)
	}
}

// TestLdapsearch reads what a running server answers to ldapsearch, asked
// through a socket in the test's folder.
func TestLdapsearch(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ldapsearch, err := exec.LookPath("ldapsearch")
	if err != nil {
		counterpart.Missing(t, "slapd", "ldapsearch not found")
	}
	s.load(t)
	// A short path: a socket's name has at most 107 bytes.
	short, err := os.MkdirTemp("", "ldap")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(short) })
	address := "ldapi://" + url.QueryEscape(filepath.Join(short, "s"))
	daemon := exec.Command(s.path, "-d", "0", "-f", s.config, "-h", address)
	var problems bytes.Buffer
	daemon.Stderr = &problems
	require.NoError(t, daemon.Start())
	t.Cleanup(func() {
		daemon.Process.Kill()
		daemon.Wait()
	})
	for _, width := range []string{"76", "no", "20"} {
		var out []byte
		require.Eventually(t, func() bool {
			out, err = exec.Command(ldapsearch, "-x", "-LLL", "-o", "ldif-wrap="+width, "-H", address, "-b", "o=postacert").Output()
			return err == nil
		}, 20*time.Second, 50*time.Millisecond)
		d, err := directory.Read("ldapsearch.ldif", bytes.NewReader(out), nil)
		require.NoError(t, err)
		requireServed(t, d)
	}
}
