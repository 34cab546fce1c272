package directory_test

import (
	"crypto/sha1"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/trust"
	"github.com/gopec/gopec/trust/directory"
)

// provider is a certificate of a made-up provider.
func provider(organization, host string) *x509.Certificate {
	return providerID(organization, host).X509()
}

func providerID(organization, host string) *testsign.Identity {
	return testsign.Certificate{
		Subject: testsign.NewName(organization, "PEC TEST - NO LEGAL VALUE"), KeyType: testsign.P256,
		Addresses: []string{"posta-certificata@" + host},
	}.IssuedBy(root())
}

// root is the authority of the made-up providers.
func root() *testsign.Identity {
	return testsign.Certificate{CA: true, KeyType: testsign.P256, Subject: testsign.NewName("Prova", "PEC TEST DIRECTORY ROOT - NO LEGAL VALUE")}.SelfSigned()
}

// manager signs directories.
func manager(c testsign.Certificate) *testsign.Identity {
	if c.KeyType == "" {
		c.KeyType = testsign.P256
	}
	c.Subject = testsign.NewName("Gestore dell'indice di prova", "PEC TEST DIRECTORY - NO LEGAL VALUE")
	c.Addresses = []string{}
	return c.IssuedBy(root())
}

func anchors(t testing.TB, ids ...*testsign.Identity) *trust.Store {
	t.Helper()
	var all []*x509.Certificate
	for _, id := range ids {
		all = append(all, id.X509())
	}
	s, err := trust.NewStore(false, all...)
	require.NoError(t, err)
	return s
}

func read(t testing.TB, text string) *directory.Directory {
	t.Helper()
	d, err := directory.Read("prova.ldif", strings.NewReader(text), nil)
	require.NoError(t, err)
	return d
}

func hashOf(c *x509.Certificate) string {
	sum := sha1.Sum(c.Raw)
	return hex.EncodeToString(sum[:])
}

func certificateLine(c *x509.Certificate) string {
	return "providerCertificate;binary:: " + base64.StdEncoding.EncodeToString(c.Raw) + "\n"
}

// base is the record of the whole directory.
const base = "dn: o=postacert\nobjectClass: top\nobjectClass: organization\nobjectClass: LDIFLocationURLObject\no: postacert\n" +
	"LDIFLocationURL: https://indice.example.it/indice.ldif.p7m\n\n"

// record writes a good provider's record; lines come at its end.
func record(name string, c *x509.Certificate, lines ...string) string {
	return "dn: providerName=" + name + ",o=postacert\nobjectClass: top\nobjectClass: provider\nproviderName: " + name + "\n" +
		"providerCertificateHash: " + hashOf(c) + "\n" + certificateLine(c) + "mailReceipt: servizio@" + strings.ToLower(name) + ".example.it\n" +
		"managedDomains: " + strings.ToLower(name) + ".example.it\n" + strings.Join(append(lines, ""), "\n") + "\n"
}

// codes lists defects by code.
func codes(d *directory.Directory) []string {
	out := []string{}
	for _, defect := range d.Defects {
		out = append(out, string(defect.Code))
	}
	return out
}

// dns lists the names of records.
func dns(records []*directory.Record) []string {
	out := []string{}
	for _, r := range records {
		out = append(out, r.DN)
	}
	return out
}
