package directory_test

import (
	"crypto/x509"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/trust/directory"
)

func TestByCertificate(t *testing.T) {
	t.Parallel()
	alfa, beta, other := provider("Alfa", "alfa.example.it"), provider("Beta", "beta.example.it"), provider("Gamma", "gamma.example.it")
	hashOnly := strings.Replace(record("Beta", beta), certificateLine(beta), "", 1)
	certificateOnly := strings.Replace(record("Delta", other), "providerCertificateHash: "+hashOf(other)+"\n", "", 1)
	d := read(t, base+record("Alfa", alfa)+hashOnly+certificateOnly)

	found := d.ByCertificate(alfa)
	require.Len(t, found, 1)
	require.Equal(t, "Alfa", found[0].Provider)
	require.False(t, found[0].HashOnly)

	found = d.ByCertificate(beta)
	require.Len(t, found, 1)
	require.Equal(t, "Beta", found[0].Provider)
	require.True(t, found[0].HashOnly, "the certificate is not there to be compared")

	found = d.ByCertificate(other)
	require.Len(t, found, 1, "a certificate is found without its hash")
	require.False(t, found[0].HashOnly)

	require.Empty(t, d.ByCertificate(provider("Epsilon", "epsilon.example.it")))
}

// TestHashOfAnotherRecord: a record may list the hash of a certificate that
// another one holds; the one that holds it comes first.
func TestHashOfAnotherRecord(t *testing.T) {
	t.Parallel()
	alfa, beta := provider("Alfa", "alfa.example.it"), provider("Beta", "beta.example.it")
	d := read(t, base+record("Beta", beta, "providerCertificateHash: "+hashOf(alfa))+record("Alfa", alfa))
	found := d.ByCertificate(alfa)
	require.Len(t, found, 2)
	require.Equal(t, "Alfa", found[0].Provider)
	require.True(t, found[1].HashOnly)
}

func TestByDomain(t *testing.T) {
	t.Parallel()
	d := read(t, base+record("Alfa", provider("Alfa", "alfa.example.it"), "managedDomains: xn--citt-3na.example.it", "managedDomains: Comune.EXAMPLE.it", "managedDomains: *.wild.example.it")+
		record("Beta", provider("Beta", "beta.example.it"), "managedDomains: comune.example.it"))
	for domain, want := range map[string]int{
		"alfa.example.it": 1, "ALFA.example.IT": 1, "alfa.example.it.": 1, "città.example.it": 1, "CITTÀ.example.it": 1, "xn--citt-3na.example.it": 1,
		"comune.example.it":   2,
		"sub.alfa.example.it": 0, "example.it": 0, "it": 0, "": 0, ".": 0, "alfa.example.it..": 0, " alfa.example.it": 0,
		"a.wild.example.it": 0, "*.wild.example.it": 0, "alfa": 0, "alfa.example": 0, "\xff": 0,
	} {
		require.Len(t, d.ByDomain(domain), want, "%q", domain)
		require.Equal(t, want > 0, d.Manages(domain), "%q", domain)
	}
	for address, want := range map[string]bool{
		"a@alfa.example.it": true, "A@Alfa.Example.It": true, `"a@b"@alfa.example.it`: true, "a@altro.example.it": false,
		"alfa.example.it": false, "@alfa.example.it": false, "a@": false, "": false, "a@alfa.example.it@altro.example.it": false,
	} {
		require.Equal(t, want, d.Certified(address), "%q", address)
	}
}

func TestServiceAddresses(t *testing.T) {
	t.Parallel()
	alfa, beta := provider("Alfa", "alfa.example.it"), provider("Beta", "beta.example.it")
	d := read(t, base+record("Alfa", alfa)+strings.Replace(record("Beta", beta), "mailReceipt: servizio@beta.example.it\n", "", 1))
	require.Len(t, d.ByServiceAddress("SERVIZIO@alfa.example.it"), 1)
	require.Empty(t, d.ByServiceAddress("servizio@beta.example.it"))
	address, ok := d.ReceiptAddress(alfa)
	require.True(t, ok)
	require.Equal(t, "servizio@alfa.example.it", address)
	_, ok = d.ReceiptAddress(beta)
	require.False(t, ok, "the record has none")
	_, ok = d.ReceiptAddress(provider("Gamma", "gamma.example.it"))
	require.False(t, ok, "no record lists the certificate")
}

func TestNamed(t *testing.T) {
	t.Parallel()
	d := read(t, base+record("Alfa", provider("Alfa", "alfa.example.it"))+
		strings.ReplaceAll(record("Beta", provider("Beta", "beta.example.it")), "servizio@beta", "servizio@pec.beta"))
	for _, c := range []struct {
		reason      string
		certificate *x509.Certificate
		want        []string
	}{
		{"by its organisation", provider("ALFA ", "nuovo.example.it"), []string{"Alfa"}},
		{"by its common name", testsign.Certificate{Subject: testsign.NewName("Altro", "beta"), KeyType: testsign.P256}.SelfSigned().X509(), []string{"Beta"}},
		{"by its host, a managed domain", provider("Alfa Posta", "alfa.example.it"), []string{"Alfa"}},
		{"by its host, that of the service mailbox", provider("Beta Posta", "pec.beta.example.it"), []string{"Beta"}},
		{"by nothing", provider("Gamma", "gamma.example.it"), nil},
		{"it has no address", testsign.Certificate{Subject: testsign.NewName("Gamma", "Gamma"), KeyType: testsign.P256, Addresses: []string{}}.SelfSigned().X509(), nil},
	} {
		var got []string
		for _, r := range d.Named(c.certificate) {
			got = append(got, r.Provider)
		}
		require.Equal(t, c.want, got, c.reason)
	}
}

// international are domains in many scripts.
var international = []string{
	"pec.example.it", "PEC.Example.IT", "città.example.it", "CITTÀ.it", "bücher.example", "ñandú.example", "президент.рф", "ελλάδα.gr", "日本語.jp",
	"a-b.example.it", "èèèèèè.it", "aèbècèd.it", "x" + strings.Repeat("é", 20) + "y.it", "perché-così-è-più-là.it",
}

// TestFoldDomainAsPythonDoes: the same names in the form of DNS.
func TestFoldDomainAsPythonDoes(t *testing.T) {
	t.Parallel()
	python := counterpart.Look(t, "python")
	cmd := exec.Command(python, "-c", "import sys\nfor l in sys.stdin.buffer.read().decode().split('\\n'): print(l.encode('idna').decode().lower())")
	cmd.Stdin = strings.NewReader(strings.Join(international, "\n"))
	out, err := cmd.Output()
	require.NoError(t, err)
	want := strings.Split(strings.TrimSpace(string(out)), "\n")
	require.Len(t, want, len(international))
	for i, d := range international {
		got, ok := directory.FoldDomain(d)
		require.True(t, ok, d)
		require.Equal(t, want[i], got)
	}
}

// foldable says of names whether they are domains.
func foldable() map[string]bool {
	label := strings.Repeat("a", 63)
	long := strings.Join([]string{label, label, label, label[:61]}, ".")
	return map[string]bool{
		label: true, label + "a": false, long: true, long + "a": false,
		"a_b.it": true, "-a.it": false, "a-.it": false, "a..it": false, ".it": false, "a b.it": false, "a@b.it": false, "*.it": false, "a\u0300.it": false,
		"a\x00.it": false, "[192.0.2.1]": false, "192.0.2.1": true, "caff\u00e8\u200d.it": false, "\u202eit": false,
		"\u0130.it": false, strings.Repeat("\u00e8", 100) + ".it": false,
		"\u212a.it": true, // the Kelvin sign becomes k, as IDNA maps it
	}
}

func TestFoldDomainRefuses(t *testing.T) {
	t.Parallel()
	for domain, want := range foldable() {
		_, ok := directory.FoldDomain(domain)
		require.Equal(t, want, ok, "%q", domain)
	}
}
