package directory_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/trust/directory"
)

func TestRead(t *testing.T) {
	t.Parallel()
	old := provider("Alfa S.p.A.", "alfa.example.it")
	text := fullText()
	d := read(t, text)
	require.Empty(t, d.Defects)
	require.True(t, d.Whole)
	require.True(t, d.Complete())
	require.False(t, d.Authenticated())
	require.Equal(t, "prova.ldif", d.Name)
	require.Equal(t, sha256.Sum256([]byte(text)), d.SHA256)
	require.Equal(t, "https://indice.example.it/indice.ldif.p7m", d.Location)
	date, source := d.Date()
	require.Equal(t, directory.DateRecords, source)
	require.Equal(t, "2026-03-01T00:00:00Z", date.Format(time.RFC3339))

	require.Len(t, d.Records, 3)
	alfa, unit, last := d.Records[0], d.Records[1], d.Records[2]
	require.Equal(t, "Alfa S.p.A.", alfa.Provider)
	require.Empty(t, alfa.Unit)
	require.Equal(t, 8, alfa.Line)
	require.Len(t, alfa.Certificates, 2)
	require.Len(t, alfa.Hashes, 2)
	require.Equal(t, strings.ToUpper(hashOf(old)), alfa.Hashes[0].String())
	require.Equal(t, "Servizio@alfa.example.it", alfa.Receipt)
	require.Equal(t, []string{"pec.alfa.example.it", "comune.example.it"}, alfa.Domains)
	require.Equal(t, []string{"Prova"}, alfa.Description)
	require.Equal(t, alfa, alfa.Main)
	require.Equal(t, "Interno", unit.Unit)
	require.Equal(t, alfa, unit.Main, "names compare without case and runs of spaces")
	require.Equal(t, alfa.Location, unit.Location, "a secondary environment has that of the main one")
	require.Equal(t, []string{"interno.alfa.example.it"}, unit.Domains, "and domains of its own")
	require.True(t, unit.SameProvider(alfa))
	require.False(t, last.SameProvider(alfa))
}

// fullText is a directory in which everything stands that a record can have.
func fullText() string {
	old, renewed := provider("Alfa S.p.A.", "alfa.example.it"), provider("Alfa S.p.A. bis", "alfa.example.it")
	beta := provider("Beta S.r.l.", "beta.example.com")
	return base +
		"dn: providerName=Alfa S.p.A.,o=postacert\nobjectClass: provider\nproviderName: Alfa S.p.A.\n" +
		"providerCertificateHash: " + strings.ToUpper(hashOf(old)) + "\n" + certificateLine(old) +
		"providerCertificateHash: " + hashOf(renewed) + "\n" + certificateLine(renewed) +
		"mailReceipt: Servizio@alfa.example.it\nmanagedDomains: pec.alfa.example.it\nmanagedDomains: Comune.Example.IT.\n" +
		"LDIFLocationURL: https://alfa.example.it/alfa.ldif.p7m\ndescription: Prova\nmodifyTimestamp: 20260102030405Z\n\n" +
		"dn: providerUnit=Interno, providerName=alfa  s.p.a. , o=PostaCert\nobjectClass: provider\nproviderName: Alfa S.p.A.\nproviderUnit: Interno\n" +
		"providerCertificateHash: " + hashOf(renewed) + "\n" + certificateLine(renewed) +
		"mailReceipt: interno@alfa.example.it\nmanagedDomains: interno.alfa.example.it\n\n" +
		record("Beta", beta, "createTimestamp: 20260301000000.123Z")
}

// departureCase is a record that departs from the norm in one thing.
type departureCase struct {
	reason, text string
	want         []string
	complete     bool
}

func departures() []departureCase {
	alfa, beta := provider("Alfa", "alfa.example.it"), provider("Beta", "beta.example.it")
	good := record("Alfa", alfa)
	without := func(attribute string) string {
		return regexp.MustCompile(`(?m)^`+attribute+`.*\n`).ReplaceAllString(good, "")
	}
	unit := "dn: providerUnit=U,providerName=Alfa,o=postacert\nproviderName: Alfa\nproviderUnit: U\nproviderCertificateHash: " + hashOf(alfa) + "\n" +
		certificateLine(alfa) + "mailReceipt: u@alfa.example.it\nmanagedDomains: u.alfa.example.it\n"
	return []departureCase{
		{"nothing wrong", good, []string{}, true},
		{"a name that differs from the record's", strings.Replace(good, "providerName: Alfa", "providerName: Alfa S.p.A.", 1), []string{"name-differs"}, true},
		{"an empty name", strings.Replace(good, "providerName: Alfa", "providerName:", 1), []string{"name-differs"}, true},
		{"no name", without("providerName:"), []string{"name-missing"}, true},
		{"two names", good[:len(good)-1] + "providerName: Gamma\n\n", []string{"several-values"}, true},
		{"no certificate", without("providerCertificate;"), []string{"hash-without-certificate", "certificate-missing"}, true},
		{"no hash", without("providerCertificateHash"), []string{"hash-missing"}, true},
		{"a certificate that is none", strings.Replace(good, "providerCertificate;binary:: MII", "providerCertificate;binary:: AAA", 1),
			[]string{"hash-without-certificate", "certificate-missing", "certificate-unreadable"}, false},
		{"a certificate that is not base64", strings.Replace(good, "providerCertificate;binary:: MII", "providerCertificate;binary:: M", 1),
			[]string{"hash-without-certificate", "certificate-missing", "base64"}, false},
		{"a certificate by URL", strings.Replace(good, "providerCertificate;binary:: ", "providerCertificate;binary:< file:///etc/hostname#", 1),
			[]string{"hash-without-certificate", "certificate-missing", "url-value"}, false},
		{"a certificate without the option", strings.Replace(good, ";binary", "", 1), []string{}, true},
		{"a hash with signs between", strings.Replace(good, hashOf(alfa), strings.ToUpper(hashOf(alfa)[:2])+":"+hashOf(alfa)[2:20]+" "+hashOf(alfa)[20:], 1), []string{}, true},
		{"a hash too short", strings.Replace(good, hashOf(alfa), hashOf(alfa)[:38], 1), []string{"hash-missing", "hash-malformed"}, false},
		{"a hash too long", strings.Replace(good, hashOf(alfa), hashOf(alfa)+"00", 1), []string{"hash-missing", "hash-malformed"}, false},
		{"a hash of other letters", strings.Replace(good, hashOf(alfa), "g"+hashOf(alfa)[1:], 1), []string{"hash-missing", "hash-malformed"}, false},
		{"no service mailbox", without("mailReceipt"), []string{"receipt-missing"}, true},
		{"a service mailbox that is none", strings.Replace(good, "servizio@", "servizio", 1), []string{"receipt-missing", "receipt-malformed"}, true},
		{"a service mailbox in brackets", strings.Replace(good, "servizio@alfa.example.it", "<servizio@alfa.example.it>", 1), []string{"receipt-missing", "receipt-malformed"}, true},
		{"two service mailboxes", good[:len(good)-1] + "mailReceipt: altro@alfa.example.it\n\n", []string{"several-values"}, true},
		{"no domains", without("managedDomains"), []string{"domains-missing"}, true},
		{"no domain", good[:len(good)-1] + "managedDomains: a b\n\n", []string{"domain-malformed"}, false},
		{"a wildcard", good[:len(good)-1] + "managedDomains: *.example.it\n\n", []string{"domain-wildcard"}, true},
		{"an address that is not https", good[:len(good)-1] + "LDIFLocationURL: http://alfa.example.it/\n\n", []string{"location-not-https"}, true},
		{"two addresses", good[:len(good)-1] + "LDIFLocationURL: https://a.example.it/\nLDIFLocationURL: https://b.example.it/\n\n", []string{"several-values"}, true},
		{"the same record twice", good + good, []string{"duplicate-record"}, false},
		{"the domain of another", good + strings.Replace(record("Beta", beta), "managedDomains: beta", "managedDomains: ALFA", 1), []string{"domain-of-several"}, true},
		{"a secondary environment alone", unit + "\n", []string{"main-record-missing"}, true},
		{"a secondary environment as the text spells it", good + strings.Replace(unit, "providerUnit=", "providerUnits=", 1) + "\n", []string{}, true},
		{"a secondary environment with an address", good + unit + "LDIFLocationURL: https://u.example.it/\n\n", []string{"location-of-secondary"}, true},
		{"a secondary environment of another name", good + strings.Replace(unit, "providerUnit: U", "providerUnit: V", 1) + "\n", []string{"unit-differs"}, true},
		{"something else", "dn: cn=admin,o=postacert\nobjectClass: person\ncn: admin\n\n" + good, []string{"entry-unknown"}, true},
		{"a provider elsewhere", strings.ReplaceAll(good, "o=postacert", "o=altro"), []string{"entry-unknown"}, false},
		{"a name that cannot be read", strings.Replace(good, "dn: providerName=Alfa", `dn: providerName="Alfa`, 1), []string{"dn-malformed"}, false},
		{"a name that is not base64", strings.Replace(good, "dn: providerName=Alfa", `dn:: providerName=Alfa`, 1), []string{"base64", "no-dn"}, false},
		{"a name of spaces", strings.Replace(good, "dn: providerName=Alfa", `dn: providerName=\ `, 1), []string{"entry-unknown"}, false},
		{"a secondary environment of spaces", strings.Replace(unit, "providerUnit=U", `providerUnit=\ `, 1) + "\n" + good, []string{"entry-unknown"}, false},
		{"no name at all", strings.Replace(good, "dn: ", "dm: ", 1), []string{"no-dn"}, false},
		{"a change record", "dn: providerName=Alfa,o=postacert\nchangetype: delete\n\n", []string{"change-record"}, false},
		{"a blank line inside", strings.Replace(good, "providerCertificateHash", "\nproviderCertificateHash", 1), []string{"blank-line-inside"}, true},
		{"a blank line inside, too late", strings.Replace(good, "managedDomains", "\nmanagedDomains", 1), []string{"domains-missing", "no-dn"}, false},
		{"no blank line before", strings.TrimSuffix(good, "\n\n") + "\n" + record("Gamma", beta), []string{"no-blank-line"}, true},
	}
}

// TestDefects: each defect by itself, and that the record after it is not lost.
func TestDefects(t *testing.T) {
	t.Parallel()
	for _, c := range departures() {
		d := read(t, base+c.text+record("Zeta", provider("Zeta", "zeta.example.it")))
		require.ElementsMatch(t, c.want, codes(d), c.reason)
		require.Equal(t, c.complete, d.Complete(), c.reason)
		require.True(t, d.Manages("zeta.example.it"), c.reason)
		for _, defect := range d.Defects {
			require.Positive(t, defect.Line, c.reason)
			require.Regexp(t, `^line \d+: [a-zA-Z].*[^.]$`, defect.String(), c.reason)
		}
	}
}

// fragmentHead is the record before fragments, which have no name, by why they are
// not its own.
const fragmentHead = "dn: providerName=Alfa,o=postacert\nproviderName: Alfa\n\n"

var fragments = map[string]string{
	"it has a name of its own":       "providerName: Beta\nmanagedDomains: beta.example.it\n",
	"it begins like a record":        "objectClass: provider\nmanagedDomains: beta.example.it\n",
	"its name cannot be read":        "dn:: ###\nmanagedDomains: beta.example.it\n",
	"its name is given by URL":       "dn:< file:///dev/null\nmanagedDomains: beta.example.it\n",
	"it changes something":           "changetype: add\nmanagedDomains: beta.example.it\n",
	"the record before it has names": "managedDomains: alfa.example.it\n\nmanagedDomains: beta.example.it\n",
}

// TestFragmentsThatCouldBeAnybodys: what has no name is given to the record
// before it only if that one lacks it and nothing says otherwise.
func TestFragmentsThatCouldBeAnybodys(t *testing.T) {
	t.Parallel()
	for reason, fragment := range fragments {
		d := read(t, base+fragmentHead+fragment)
		require.False(t, d.Manages("beta.example.it"), reason)
		require.False(t, d.Complete(), reason)
	}
	d := read(t, base+"managedDomains: beta.example.it\n")
	require.False(t, d.Manages("beta.example.it"), "the base record has no domains")
}

func TestDefectsAreCounted(t *testing.T) {
	t.Parallel()
	d := read(t, base+record("Alfa", provider("Alfa", "alfa.example.it"), strings.Repeat("managedDomains: *\n", 1500)))
	require.Len(t, d.Defects, 1000)
	require.Equal(t, 500, d.More)
	d = read(t, base+"dn: providerName=Alfa,o=postacert\n"+strings.Repeat("x\n", 150))
	require.Equal(t, 50, d.More)
	require.False(t, d.Complete())
}

// TestPartial: a provider's own file is not the directory.
func TestPartial(t *testing.T) {
	t.Parallel()
	d := read(t, record("Alfa", provider("Alfa", "alfa.example.it")))
	require.False(t, d.Whole)
	require.False(t, d.Complete())
	require.Empty(t, d.Defects)
	d = read(t, "")
	require.False(t, d.Complete())
	require.Empty(t, d.Records)
}

func TestDate(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	d, err := directory.Read("x", strings.NewReader(base), &directory.Options{Date: day})
	require.NoError(t, err)
	date, source := d.Date()
	require.Equal(t, day, date)
	require.Equal(t, directory.DateGiven, source)
	date, source = read(t, base).Date()
	require.True(t, date.IsZero())
	require.Equal(t, directory.DateUnknown, source)
	_, source = read(t, base+record("Alfa", provider("Alfa", "alfa.example.it"), "modifyTimestamp: yesterday")).Date()
	require.Equal(t, directory.DateUnknown, source)
}

func TestReaderErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk on fire")
	for _, before := range []string{"", base} {
		_, err := directory.Read("x", readers(before, broken), nil)
		require.ErrorIs(t, err, broken)
	}
	_, err := directory.Read("x", strings.NewReader("version: 2\n"), nil)
	require.ErrorContains(t, err, `version "2" is not known`)
}

func TestLimits(t *testing.T) {
	t.Parallel()
	limit := func(t *testing.T, text string) *directory.LimitError {
		_, err := directory.Read("x", strings.NewReader(text), nil)
		if err == nil {
			return nil
		}
		e, ok := errors.AsType[*directory.LimitError](err)
		require.True(t, ok, "%v", err)
		require.Positive(t, e.Line)
		return e
	}
	const head = "dn: providerName=A,o=postacert\n"
	// The shortest certificate does: what counts is their number.
	for _, c := range []struct {
		name           string
		within, beyond string
	}{
		{"line", head + "x:" + strings.Repeat("y", directory.MaxLine-2), head + "x:" + strings.Repeat("y", directory.MaxLine-1)},
		{"values", head + strings.Repeat("x:\n", directory.MaxValues), head + strings.Repeat("x:\n", directory.MaxValues+1)},
		{"records", strings.Repeat("dn: o=x\n\n", directory.MaxRecords), strings.Repeat("dn: o=x\n\n", directory.MaxRecords+1)},
		{"certificates", head + strings.Repeat("providerCertificate:\n", directory.MaxCertificates), head + strings.Repeat("providerCertificate:\n", directory.MaxCertificates+1)},
		{"domains", head + strings.Repeat("managedDomains:x\n", directory.MaxDomains-1) + "\n" + strings.Replace(head, "A", "B", 1) + "managedDomains:x\n",
			head + strings.Repeat("managedDomains:x\n", directory.MaxDomains-1) + "\n" + strings.Replace(head, "A", "B", 1) + "managedDomains:x\nmanagedDomains:x\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.Nil(t, limit(t, c.within))
			e := limit(t, c.beyond)
			require.NotNil(t, e)
			require.Equal(t, c.name, e.Limit)
			require.ErrorContains(t, e, fmt.Sprint(e.Max))
		})
	}
	t.Run("size", func(t *testing.T) {
		t.Parallel()
		line := "#" + strings.Repeat("x", 1022) + "\n"
		text := []byte(strings.Repeat(line, directory.MaxSize/len(line)))
		require.Len(t, text, directory.MaxSize)
		_, err := directory.Read("x", bytes.NewReader(text), nil)
		require.NoError(t, err)
		e, ok := errors.AsType[*directory.LimitError](func() error { _, err := directory.Read("x", bytes.NewReader(append(text, '\n')), nil); return err }())
		require.True(t, ok)
		require.Equal(t, "size", e.Limit)
	})
}

// TestExample reads a file with the shape, and the oddities, of the examples of
// RFC 6109 §4.5.10.
func TestExample(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("testdata/example.ldif")
	require.NoError(t, err)
	d := read(t, string(b))
	require.Equal(t, []string{
		"no-blank-line",            // the base record and the next
		"blank-line-inside",        // the first provider's
		"no-blank-line",            // before the secondary environment
		"main-record-missing",      // folding took the space out of its name
		"name-differs",             // its providerName
		"hash-without-certificate", // the second provider's
		"certificate-missing",      //
		"base64",                   // two characters are missing in it
		"location-not-https",       //
	}, codes(d))
	require.Len(t, d.Records, 3)
	require.True(t, d.Whole)
	require.False(t, d.Complete(), "one certificate could not be read")
	require.Len(t, d.Records[0].Certificates, 1)
	require.Equal(t, strings.ToLower(d.Records[0].Hashes[0].String()), hashOf(d.Records[0].Certificates[0]), "the hash is in capitals")
	require.Equal(t, []string{"mail.alfa.example.it", "cert.example.com", "costmec.example.com"}, d.Records[0].Domains)
	require.Equal(t, "presaincarico@beta.example.com", d.Records[2].Receipt)
}

// TestExamplesOfTheRFC reads the two examples of RFC 6109 §4.5.10.
func TestExamplesOfTheRFC(t *testing.T) {
	t.Parallel()
	examples := rfcExamples(t)
	require.Len(t, examples, 2)

	first := read(t, examples[0])
	require.Equal(t, []string{
		"no-blank-line",            // between the base record and the first provider's
		"hash-without-certificate", // the second provider's certificate
		"certificate-missing",      //
		"base64",                   // is damaged: its characters are no multiple of four
	}, codes(first))
	require.Equal(t, []string{"providerName=Anonymous Certified Mail S.p.A.,o=postacert", "providerName=Postal Services S.p.A,o=postacert"}, dns(first.Records))
	require.Equal(t, "7E7AEF1059AE0F454F2643A95F69EC3556009239", first.Records[0].Hashes[0].String())
	require.Equal(t, "7e7aef1059ae0f454f2643a95f69ec3556009239", hashOf(first.Records[0].Certificates[0]), "hash and certificate fit")
	require.Equal(t, "E00FDD9D88BE0E2CC766B893315CAF93D5701A6A", first.Records[1].Hashes[0].String(), "a hash in small letters")
	require.Equal(t, "takecharge@postalser.example.com", first.Records[1].Receipt)
	require.False(t, first.Complete())

	second := read(t, examples[1])
	require.Equal(t, []string{
		"blank-line-inside",   // the first provider's record
		"location-not-https",  //
		"no-blank-line",       // before the secondary environment
		"main-record-missing", // folding took the space out of the provider's name
		"name-differs",        // its providerName lacks a word
		"no-blank-line",       // before the second provider
		"location-not-https",  //
	}, codes(second))
	require.Len(t, second.Records, 3)
	unit := second.Records[1]
	require.Equal(t, "Secondary Environment", unit.Unit)
	require.Equal(t, "providerUnit=Secondary Environment, providerName=AnonymousCertified Mail S.p.A.,o=postacert", unit.DN)
	require.Nil(t, unit.Main)
	require.Equal(t, "e00fdd9d88be0e2cc766b893315caf93d5701a6a", hashOf(second.Records[2].Certificates[0]), "in this example the certificate is whole")
	require.True(t, second.Complete())

	shared := second.Records[0].Certificates[0]
	require.Len(t, second.ByCertificate(shared), 2, "main and secondary environment sign with one certificate")
	require.True(t, second.Certified("somebody@personnel.anpocert.example.com"))
}

// rfcExamples cuts the examples out of the RFC's text: the pages' headers and
// footers with the blank lines around them, and the indentation.
func rfcExamples(t *testing.T) []string {
	t.Helper()
	b, err := os.ReadFile(counterpart.Reference(t, "spec", "rfc6109.txt"))
	require.NoError(t, err)
	text := strings.ReplaceAll(string(b), "\r", "")
	text = regexp.MustCompile(`\n*\n[^\n]*\[Page \d+\]\n\f?\n*RFC 6109[^\n]*\n+`).ReplaceAllString(text, "\n")
	_, text, ok := strings.Cut(text, "\n4.5.10.  LDIF File Example\n")
	require.True(t, ok)
	text, _, ok = strings.Cut(text, "\n5.  Security-Related Aspects\n")
	require.True(t, ok)
	var examples []string
	inside := false
	for line := range strings.Lines(text) {
		rest, indented := strings.CutPrefix(line, "       ")
		switch {
		case indented && strings.HasPrefix(rest, "dn: o=postacert"):
			examples, inside = append(examples, ""), true
		case !indented && strings.TrimSpace(line) != "":
			inside = false
		}
		if inside {
			examples[len(examples)-1] += rest
			if !indented {
				examples[len(examples)-1] += "\n"
			}
		}
	}
	return examples
}

func readers(text string, err error) *failing {
	return &failing{strings.NewReader(text), iotest.ErrReader(err)}
}

// failing reads a text and then fails.
type failing struct {
	text *strings.Reader
	err  interface{ Read([]byte) (int, error) }
}

func (f *failing) Read(b []byte) (int, error) {
	if f.text.Len() > 0 {
		return f.text.Read(b)
	}
	return f.err.Read(b)
}
