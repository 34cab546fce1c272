package directory_test

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/ldif"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/trust"
	"github.com/gopec/gopec/trust/directory"
)

// errBroken is the error of a reader or writer that fails.
var errBroken = errors.New("disk on fire")

// full fails when more than room bytes are written to it.
type full struct{ room int }

func (w *full) Write(b []byte) (int, error) {
	if w.room -= len(b); w.room < 0 {
		return 0, errBroken
	}
	return len(b), nil
}

var defectLine = regexp.MustCompile(`^line \d+: [a-zA-Z](.|\n)*[^.]$`)

// manyTimes stands for one more than the domains of a directory, in two records: more
// than it can say. It is for a line of 17 bytes only, or they would be too many.
const manyTimes = 1<<16 - 1

// FuzzRead: what a directory holds is what its look-ups find, and nothing else is; what
// was read is written so that it is read as the same; what fails gives that very error.
//
// The text ends in a line that is repeated, to reach limits; ask is looked up; reader
// and writer fail at a place; date is the caller's, none for 0.
func FuzzRead(f *testing.F) {
	example, err := os.ReadFile("testdata/example.ldif")
	require.NoError(f, err)
	alfa, beta := provider("Alfa", "alfa.example.it"), provider("Beta", "beta.example.it")
	strangers := []*x509.Certificate{
		alfa, beta, provider("Gamma", "pec.beta.example.it"), provider("Delta", "delta.example.it"),
		testsign.Certificate{Subject: testsign.NewName("Altro", "Alfa"), KeyType: testsign.P256, Addresses: []string{}}.SelfSigned().X509(),
	}
	add := func(text, ask string) { f.Add(text, "", uint16(0), ask, uint16(700), int64(0)) }
	add(string(example), "Servizio@ALFA.example.it")
	add(base+record("Alfa", alfa)+"dn: providerUnit=U,providerName=Alfa,o=postacert\nmanagedDomains: città.it\n", "città.it")
	add("dn: providerName=\\,+ \"x\",o=postacert\nproviderName: é\nmailReceipt: a@b\n\nmanagedDomains: A.B.\n", "a@b")
	for _, c := range departures() {
		add(base+c.text, "alfa.example.it")
		add(c.text, "servizio@alfa.example.it")
	}
	for _, fragment := range fragments {
		add(base+fragmentHead+fragment, "beta.example.it")
	}
	add(base+"managedDomains: beta.example.it\n", "")
	add(base+strings.ReplaceAll(record("Beta", beta), "servizio@beta", "servizio@pec.beta")+record("Alfa", alfa, "providerCertificateHash: "+hashOf(beta)), "Alfa@PEC.Aruba.it")
	add(strings.Replace(record("Beta", beta), certificateLine(beta), "", 1), "@")
	add(base+record("Alfa", alfa, "modifyTimestamp: yesterday", "createTimestamp: 20260301000000.123Z"), "pec.aruba.it")
	add(fullText(), "COMUNE.example.it.")
	add("version: 2\n", "")
	add(string(sign(testsign.SignedData{}, manager(testsign.Certificate{}), base)), "")
	add("", "")
	f.Add(base, "", uint16(0), "", uint16(0), int64(1_700_000_000))
	const head = "dn: providerName=A,o=postacert\n"
	f.Add(head, "x\n", uint16(150), "", uint16(50), int64(0))
	f.Add(head, "managedDomains:*\n", uint16(1500), "*", uint16(0), int64(0))
	f.Add(head, "managedDomains:x\n", uint16(manyTimes), "", uint16(0), int64(0))
	f.Add("", "dn:\n\n", uint16(directory.MaxRecords+1), "", uint16(0), int64(0))
	f.Add(head, "providerCertificate:\n", uint16(directory.MaxCertificates+1), "", uint16(0), int64(0))
	f.Fuzz(func(t *testing.T, text, line string, times uint16, ask string, at uint16, date int64) {
		if times == manyTimes && len(line) == len("managedDomains:*\n") {
			text += strings.Repeat(line, directory.MaxDomains-1) + "\ndn: providerName=B,o=postacert\n" + line + line
		} else if len(line) <= 24 {
			text += strings.Repeat(line, int(times)%(directory.MaxRecords+2))
		}
		var options *directory.Options
		if date != 0 {
			options = &directory.Options{Date: time.Unix(date%(1<<40), 0)}
		}
		d, err := directory.Read("x", strings.NewReader(text), options)
		cut := min(int(at), len(text))
		none, failed := directory.Read("x", readers(text[:cut], errBroken), options)
		require.Nil(t, none)
		require.Error(t, failed)
		if err != nil {
			require.Nil(t, d)
			if limit, ok := errors.AsType[*directory.LimitError](err); ok {
				require.Positive(t, limit.Line)
				require.Contains(t, err.Error(), limit.Limit)
			}
			_, again := directory.Parse("x", []byte(text), nil, options)
			require.Equal(t, err, again)
			return
		}
		require.ErrorIs(t, failed, errBroken)
		parsed, err := directory.Parse("x", []byte(text), nil, options)
		require.NoError(t, err)
		require.Equal(t, d.Records, parsed.Records)
		require.Equal(t, d.Defects, parsed.Defects)
		requireRead(t, d, text, date)
		requireFound(t, d, ask, strangers)
		requireWritten(t, d, int(at))
	})
}

// requireRead holds what is true of every directory that was read from a text.
func requireRead(t *testing.T, d *directory.Directory, text string, given int64) {
	require.Equal(t, sha256.Sum256([]byte(text)), d.SHA256)
	require.False(t, d.Authenticated())
	require.True(t, d.Whole || !d.Complete())
	require.LessOrEqual(t, len(d.Defects), 1000)
	require.True(t, slices.IsSortedFunc(d.Defects, func(a, b directory.Defect) int { return a.Line - b.Line }))
	for _, defect := range d.Defects {
		require.Positive(t, defect.Line)
		require.LessOrEqual(t, len(defect.Fact), 100)
		require.Regexp(t, defectLine, defect.String())
		require.True(t, utf8.ValidString(defect.String()), "outside text is quoted")
	}
	date, source := d.Date()
	switch {
	case given != 0:
		require.Equal(t, directory.DateGiven, source)
		require.Equal(t, given%(1<<40), date.Unix())
	case source == directory.DateRecords:
		require.True(t, slices.ContainsFunc(d.Records, func(r *directory.Record) bool { return r.Changed.Equal(date) }))
	default:
		require.Equal(t, directory.DateUnknown, source)
		require.True(t, date.IsZero())
	}
	for _, r := range d.Records {
		require.NotEmpty(t, r.Provider)
		require.True(t, r.SameProvider(r))
		require.True(t, r.Main == nil || r.Main.SameProvider(r) && r.Main.Unit == "" && r.Location == r.Main.Location)
		for _, h := range r.Hashes {
			require.Regexp(t, `^[0-9A-F]{40}$`, h.String())
		}
	}
}

// requireFound compares the look-ups with the records gone through one by one.
func requireFound(t *testing.T, d *directory.Directory, ask string, strangers []*x509.Certificate) {
	certificates := slices.Clone(strangers)
	for _, r := range d.Records {
		for _, domain := range r.Domains {
			require.Contains(t, d.ByDomain(domain), r)
			require.True(t, d.Certified("a@"+domain))
		}
		for _, c := range r.Certificates {
			found := d.ByCertificate(c)
			require.NotEmpty(t, found)
			require.False(t, found[0].HashOnly)
		}
		certificates = append(certificates, r.Certificates[:min(len(r.Certificates), 3)]...)
		if r.Receipt != "" {
			require.Contains(t, d.ByServiceAddress(r.Receipt), r)
		}
	}
	which := func(is func(*directory.Record) bool) (out []*directory.Record) {
		for _, r := range d.Records {
			if is(r) {
				out = append(out, r)
			}
		}
		return out
	}
	folded, ok := directory.FoldDomain(ask)
	managed := which(func(r *directory.Record) bool { return ok && slices.Contains(r.Domains, folded) })
	require.ElementsMatch(t, managed, d.ByDomain(ask))
	require.Equal(t, len(managed) > 0, d.Manages(ask))
	if !strings.Contains(ask, "@") && strings.TrimSpace(ask) == ask {
		require.Equal(t, d.ByDomain(ask), d.ByAddress("a@"+ask))
	}
	require.Equal(t, len(d.ByAddress(ask)) > 0, d.Certified(ask))
	require.ElementsMatch(t, which(func(r *directory.Record) bool {
		return r.Receipt != "" && ldif.Fold(r.Receipt) == ldif.Fold(ask)
	}), d.ByServiceAddress(ask))
	for _, c := range certificates[:min(len(certificates), 20)] {
		requireFoundBy(t, d, c, which)
	}
}

// requireFoundBy does so for one certificate.
func requireFoundBy(t *testing.T, d *directory.Directory, c *x509.Certificate, which func(func(*directory.Record) bool) []*directory.Record) {
	var listed []*directory.Record
	for _, m := range d.ByCertificate(c) {
		require.Equal(t, !slices.ContainsFunc(m.Certificates, c.Equal), m.HashOnly)
		require.True(t, !m.HashOnly || slices.Contains(m.Hashes, directory.Hash(sha1.Sum(c.Raw))))
		listed = append(listed, m.Record)
	}
	address, ok := d.ReceiptAddress(c)
	require.Equal(t, ok, slices.ContainsFunc(listed, func(r *directory.Record) bool { return r.Receipt != "" }))
	require.True(t, !ok || slices.ContainsFunc(d.ByServiceAddress(address), func(r *directory.Record) bool { return slices.Contains(listed, r) }))

	names := []string{}
	for _, name := range append(slices.Clone(c.Subject.Organization), c.Subject.CommonName) {
		if name != "" {
			names = append(names, ldif.Fold(name))
		}
	}
	want := which(func(r *directory.Record) bool { return slices.Contains(names, ldif.Fold(r.Provider)) })
	if want == nil {
		want = d.ByAddress(trust.Address(c))
	}
	if want == nil {
		host := func(address string) string {
			s, _ := directory.FoldDomain(address[strings.LastIndexByte(address, '@')+1:])
			return s
		}
		at := host(trust.Address(c))
		want = which(func(r *directory.Record) bool { return at != "" && r.Receipt != "" && host(r.Receipt) == at })
	}
	require.ElementsMatch(t, want, d.Named(c))
}

// requireWritten writes the records and reads them again; a writer that is full after
// some bytes gives its error.
func requireWritten(t *testing.T, d *directory.Directory, room int) {
	var b bytes.Buffer
	require.NoError(t, directory.Write(&b, d.Location, d.Records...))
	room %= b.Len() + 1
	err := directory.Write(&full{room}, d.Location, d.Records...)
	if room < b.Len() {
		require.ErrorIs(t, err, errBroken)
	} else {
		require.NoError(t, err)
	}
	again, err := directory.Read("x", &b, nil)
	require.NoError(t, err)
	require.LessOrEqual(t, len(again.Records), len(d.Records)) // names that were told apart by what is not written
	for i, r := range again.Records {
		if len(again.Records) == len(d.Records) {
			require.Equal(t, d.Records[i].Domains, r.Domains)
			require.Equal(t, d.Records[i].Receipt, r.Receipt)
			require.Len(t, r.Certificates, len(d.Records[i].Certificates))
		}
	}
}

// FuzzFoldDomain: folding twice is folding once, the result is ASCII and no longer than
// a domain may be; and the table of known providers knows the same host in every form.
func FuzzFoldDomain(f *testing.F) {
	for _, s := range append([]string{"pec.example.it", "CITTÀ.it.", "xn--a.b", "日本語.jp", "a\u0300", "*.x", "", "\xff", "Pec.ARUBA.it.", "sub.pec.aruba.it"}, international...) {
		f.Add(s)
	}
	for s, want := range foldable() {
		_, ok := directory.FoldDomain(s)
		require.Equal(f, want, ok, "%q", s)
		f.Add(s)
	}
	known := directory.KnownProviders()
	require.NotEmpty(f, known)
	f.Fuzz(func(t *testing.T, s string) {
		p, isKnown := directory.KnownByHost(s)
		folded, ok := directory.FoldDomain(s)
		if !ok {
			require.False(t, isKnown)
			require.Empty(t, p)
			return
		}
		again, ok := directory.FoldDomain(folded)
		require.True(t, ok)
		require.Equal(t, folded, again)
		require.LessOrEqual(t, len(folded), 253)
		for i := range len(folded) {
			require.Less(t, folded[i], byte(0x80))
		}
		i := slices.IndexFunc(known, func(p directory.KnownProvider) bool {
			return slices.ContainsFunc(p.Hosts, func(h directory.KnownHost) bool { return h.Host == folded })
		})
		require.Equal(t, i >= 0, isKnown)
		if isKnown {
			require.Equal(t, known[i], p)
			require.Equal(t, known, directory.KnownProviders())
		}
	})
}
