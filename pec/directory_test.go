package pec_test

import (
	"bytes"
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/pectest"
	"github.com/gopec/gopec/trust"
	"github.com/gopec/gopec/trust/directory"
)

// index is a directory of providers for a test. Its zero value is the good case:
// both providers of the test circle, signed, of the time of the messages.
type index struct {
	records []*directory.Record // nil: uno and due
	edit    func(string) string // of the LDIF
	plain   bool                // nobody vouches for it
	given   time.Time           // the date given with a plain one
	date    time.Time           // of the signature; zero: testsign.Instant
	undated bool                // the signature has no time
}

func uno() *directory.Record {
	return &directory.Record{Provider: "Gestore Uno S.p.A.", Certificates: []*x509.Certificate{testsign.NewCircle().One.X509()},
		Receipt: "servizio@pec.example.it", Domains: []string{"pec.example.it"}}
}

func due() *directory.Record {
	return &directory.Record{Provider: "Gestore Due S.p.A.", Certificates: []*x509.Certificate{testsign.NewCircle().Two.X509()},
		Receipt: "servizio@pec.example.com", Domains: []string{"pec.example.com"}}
}

// stranger is a provider that has nothing to do with the messages.
func stranger(domains ...string) *directory.Record {
	c := testsign.Certificate{Subject: testsign.NewName("Gestore Tre S.p.A.", "NO LEGAL VALUE"), KeyType: testsign.P256, Addresses: []string{"posta-certificata@tre.example.net"}}
	return &directory.Record{Provider: "Gestore Tre S.p.A.", Certificates: []*x509.Certificate{c.SelfSigned().X509()}, Receipt: "servizio@tre.example.net", Domains: append(domains, "tre.example.net")}
}

func with(r *directory.Record, edit func(*directory.Record)) *directory.Record {
	edit(r)
	return r
}

func (x index) read(t testing.TB) *directory.Directory {
	t.Helper()
	if x.records == nil {
		x.records = []*directory.Record{uno(), due()}
	}
	var b bytes.Buffer
	require.NoError(t, directory.Write(&b, "https://indice.example.it/indice.ldif.p7m", x.records...))
	text := b.String()
	if x.edit != nil {
		text = x.edit(text)
	}
	if x.plain {
		d, err := directory.Read("indice.ldif", strings.NewReader(text), &directory.Options{Date: x.given})
		require.NoError(t, err)
		return d
	}
	root := testsign.Certificate{CA: true, KeyType: testsign.P256, Subject: testsign.NewName("Prova", "PEC TEST INDEX - NO LEGAL VALUE")}.SelfSigned()
	manager := testsign.Certificate{KeyType: testsign.P256, Subject: testsign.NewName("Indice di prova", "NO LEGAL VALUE"), Addresses: []string{}}.IssuedBy(root)
	signature := testsign.SignedData{Opaque: true, Signer: testsign.SignerInfo{Time: x.date}}
	if x.undated {
		signature.Signer.Omit = append(signature.Signer.Omit, testsign.OIDSigningTime)
	}
	store, err := trust.NewStore(false, root.X509())
	require.NoError(t, err)
	d, err := directory.ReadSigned("indice.ldif.p7m", signature.Sign(manager, []byte(text)), store, &directory.Options{Clock: func() time.Time { return testsign.Instant.AddDate(1, 0, 0) }})
	require.NoError(t, err)
	return d
}

// directoryCase is a directory and what it says of the signer of an acceptance.
type directoryCase struct {
	name, reason     string
	index            index
	directory        pec.Status
	domain           pec.Status
	says, saysDomain string
}

func directoryCases() []directoryCase {
	const pass, warn, fail, skip = pec.Pass, pec.Warn, pec.Fail, pec.Skip
	renewed := func(r *directory.Record) { r.Certificates = stranger().Certificates }
	withoutBase := func(s string) string { return s[strings.Index(s, "\n\n")+2:] }
	withoutCertificates := func(s string) string {
		var out strings.Builder
		skipping := false
		for line := range strings.Lines(s) {
			if skipping = strings.HasPrefix(line, "providerCertificate;") || skipping && strings.HasPrefix(line, " "); !skipping {
				out.WriteString(line)
			}
		}
		return out.String()
	}
	broken := func(s string) string {
		return s + "dn: providerName=Quattro,o=postacert\nproviderCertificate;binary:: AAAA\n"
	}
	hours := func(n int) time.Time { return testsign.Instant.Add(time.Duration(n) * time.Hour) }
	return []directoryCase{
		{"listed", "certificate and domain are the provider's", index{}, pass, pass, "is listed for Gestore Uno S.p.A. (the providers' directory indice.ldif.p7m of ", "is managed by Gestore Uno"},
		{"listed, nobody vouches", "used, and called what it is", index{plain: true}, pass, pass, "indice.ldif of unknown date, not authenticated)", "not authenticated"},
		{"listed, nobody vouches, date given", "its date is shown", index{plain: true, given: hours(0)}, pass, pass, "the date given with it, not authenticated", "not authenticated"},
		{"listed, another time", "what is there is there", index{date: hours(-24 * 300)}, pass, pass, "signed by Indice di prova", "signed by Indice di prova"},
		{"listed, own file", "a provider's own file will do", index{records: []*directory.Record{uno()}, edit: withoutBase}, pass, pass, "is listed for", "is managed by"},
		{"by hash", "nothing to compare with", index{edit: withoutCertificates}, warn, pass, "could not be compared", "is managed by"},
		{"renewed", "the provider is there, with another certificate", index{records: []*directory.Record{with(uno(), renewed), due()}}, warn, pass, "certificates are renewed", "is managed by"},
		{"renewed, own file", "also there", index{records: []*directory.Record{with(uno(), renewed)}, edit: withoutBase}, warn, pass, "certificates are renewed", "is managed by"},
		{"two environments", "the domain of one, signed by the other", index{records: []*directory.Record{
			with(uno(), func(r *directory.Record) { r.Domains = []string{"altro.example.it"} }),
			with(uno(), func(r *directory.Record) { r.Unit = "Interno" }),
		}}, pass, pass, "Gestore Uno S.p.A. (Interno)", "is managed by"},

		{"known by its host", "whoever manages the host of the address is meant, however the name is spelled", index{records: []*directory.Record{due(), stranger("pec.example.it")}}, warn, pass, "Gestore Tre S.p.A. is in the directory, this certificate is not", "is managed by"},

		{"unknown", "no such provider at that time", index{records: []*directory.Record{due(), stranger()}}, fail, skip, "neither the certificate nor a provider", "is not in the directory"},
		{"unknown, 48 hours before", "a copy may be two days old", index{records: []*directory.Record{due(), stranger()}, date: hours(-48)}, fail, skip, "neither the certificate", "is not in the directory"},
		{"unknown, 48 hours after", "or of two days later", index{records: []*directory.Record{due(), stranger()}, date: hours(48)}, fail, skip, "neither the certificate", "is not in the directory"},
		{"unknown, more than 48 hours before", "it may have joined", index{records: []*directory.Record{due(), stranger()}, date: hours(-48).Add(-time.Second)}, warn, skip, "of another time than the message", "is not in the directory"},
		{"unknown, more than 48 hours after", "it may have left", index{records: []*directory.Record{due(), stranger()}, date: hours(48).Add(time.Second)}, warn, skip, "of another time than the message", "is not in the directory"},
		{"unknown, nobody vouches", "anybody could have written that", index{records: []*directory.Record{due(), stranger()}, plain: true, given: hours(0)}, warn, skip, "nobody vouches for the directory", "is not in the directory"},
		{"unknown, no date", "of whichever time", index{records: []*directory.Record{due(), stranger()}, undated: true}, warn, skip, "bears no signed date", "is not in the directory"},
		{"unknown, damaged", "it could be what was not read", index{records: []*directory.Record{due(), stranger()}, edit: broken}, warn, skip, "not all of the directory could be read", "is not in the directory"},
		{"unknown, own file", "of another provider", index{records: []*directory.Record{due()}, edit: withoutBase}, skip, skip, "does not list all providers", "is not in the directory"},

		{"domain of another", "only its provider issues that", index{records: []*directory.Record{with(uno(), func(r *directory.Record) { r.Domains = []string{"altro.example.it"} }), stranger("pec.example.it")}},
			pass, fail, "is listed for", "is managed by Gestore Tre S.p.A., the signer is Gestore Uno S.p.A."},
		{"domain of another, another time", "domains move", index{records: []*directory.Record{with(uno(), func(r *directory.Record) { r.Domains = []string{"altro.example.it"} }), stranger("pec.example.it")}, date: hours(-24 * 30)},
			pass, warn, "is listed for", "of another time than the message"},
		{"domain of another, nobody vouches", "anybody could have written that", index{records: []*directory.Record{with(uno(), func(r *directory.Record) { r.Domains = []string{"altro.example.it"} }), stranger("pec.example.it")}, plain: true, given: hours(0)},
			pass, warn, "is listed for", "nobody vouches"},
		{"domain of both", "the directory contradicts itself, and the signer is among them", index{records: []*directory.Record{uno(), stranger("pec.example.it")}}, pass, pass, "is listed for", "is managed by"},
		{"domain of nobody", "it may be new", index{records: []*directory.Record{with(uno(), func(r *directory.Record) { r.Domains = []string{"example.it"} }), due()}}, pass, warn, "is listed for", "nor of another provider"},
	}
}

// TestDirectory: what the directory says of the signer of an acceptance, and
// what follows.
func TestDirectory(t *testing.T) {
	t.Parallel()
	const fail = pec.Fail
	for _, c := range directoryCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := verdictOptions()
			o.Directory = c.index.read(t)
			m := verdictAcceptance(nil)
			r := verdictOf(t, m.Bytes(), o)
			provider, domain := r.Check(pec.CheckDirectory), r.Check(pec.CheckDomain)
			require.Equal(t, c.directory, provider.Status, "%s: %s", c.reason, provider.Detail(pec.English))
			require.Equal(t, c.domain, domain.Status, "%s: %s", c.reason, domain.Detail(pec.English))
			require.Contains(t, provider.Detail(pec.English), c.says)
			require.Contains(t, domain.Detail(pec.English), c.saysDomain)
			for _, check := range []pec.Check{provider, domain} {
				require.NotContains(t, check.Detail(pec.English)+check.Detail(pec.Italian), "%!")
				require.Contains(t, check.Detail(pec.Italian), "indice")
			}
			failed := provider.Status == fail || domain.Status == fail
			require.Equal(t, !failed, r.Certified, c.reason)
			if failed {
				require.Equal(t, pec.Indeterminate, r.Verdict)
				require.Equal(t, pec.ChainConstraintsFailure, r.SubIndication)
			}
		})
	}
}

// TestDomainOfEachKind: for whose domain only the signer's provider answers. The
// circle's first provider manages the sender's domain, the second the
// recipient's; every kind is judged as issued by either.
func TestDomainOfEachKind(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind           daticert.Type
		bySender, byTo pec.Status
	}{
		{daticert.TypeTransport, pec.Pass, pec.Fail},
		{daticert.TypeAcceptance, pec.Pass, pec.Fail},
		{daticert.TypeNonAcceptance, pec.Pass, pec.Fail},
		{daticert.TypeTimeout, pec.Pass, pec.Fail},
		{daticert.TypeDelivery, pec.Fail, pec.Pass},
		{daticert.TypeTakingInCharge, pec.Fail, pec.Pass},
		{daticert.TypeDeliveryError, pec.Pass, pec.Pass},
		{daticert.TypeVirusDetection, pec.Pass, pec.Pass},
		{testsign.Anomaly, pec.Skip, pec.Skip},
	} {
		o := verdictOptions()
		o.Directory = index{}.read(t)
		circle := testsign.NewCircle()
		for by, want := range map[*testsign.Identity]pec.Status{circle.One: c.bySender, circle.Two: c.byTo} {
			m := testsign.Message{Kind: c.kind, By: by}
			r := verdictOf(t, m.Bytes(), o)
			require.Equal(t, want, r.Check(pec.CheckDomain).Status, "%s by %s: %s", c.kind, by.Organization, r.Check(pec.CheckDomain).Detail(pec.English))
			require.Equal(t, pec.Pass, r.Check(pec.CheckDirectory).Status, c.kind)
		}
	}
}

// TestDomainOfSeveral: a taking in charge answers for every recipient it names,
// an error for one of those.
func TestDomainOfSeveral(t *testing.T) {
	t.Parallel()
	o := verdictOptions()
	o.Directory = index{records: []*directory.Record{uno(), due(), stranger()}}.read(t)
	const ours, other, nobody = "destinatario@pec.example.com", "x@tre.example.net", "x@nessuno.example.net"
	for _, c := range []struct {
		receptions []string
		want       pec.Status
	}{
		{[]string{ours, ours}, pec.Pass},
		{[]string{ours, nobody}, pec.Warn},
		{[]string{nobody, other, ours}, pec.Fail},
		{[]string{""}, pec.Skip},
	} {
		m := testsign.Message{Kind: daticert.TypeTakingInCharge, Data: daticert.Data{Receptions: c.receptions}}
		r := verdictOf(t, m.Bytes(), o)
		require.Equal(t, c.want, r.Check(pec.CheckDomain).Status, "%v: %s", c.receptions, r.Check(pec.CheckDomain).Detail(pec.English))
	}
	for delivery, want := range map[string]pec.Status{ours: pec.Pass, other: pec.Fail, nobody: pec.Warn} {
		m := testsign.Message{Kind: daticert.TypeDeliveryError, Data: daticert.Data{Sender: "x@tre.example.net", Delivery: delivery}}
		r := verdictOf(t, m.Bytes(), o)
		require.Equal(t, want, r.Check(pec.CheckDomain).Status, "%s: %s", delivery, r.Check(pec.CheckDomain).Detail(pec.English))
	}
}

// TestDirectoryIsNoAnchor: a forger who is listed is still a forger, and what is
// no PEC message stays so.
func TestDirectoryIsNoAnchor(t *testing.T) {
	t.Parallel()
	other := testsign.Certificate{CA: true, KeyType: testsign.P256, Subject: testsign.NewName("Altra", "PEC TEST OTHER - NO LEGAL VALUE")}.SelfSigned()
	forger := verdictLeafOf(other, testsign.Certificate{})
	o := verdictOptions()
	o.Directory = index{records: []*directory.Record{with(uno(), func(r *directory.Record) { r.Certificates = []*x509.Certificate{forger.X509()} })}}.read(t)
	m := verdictAcceptance(forger)
	r := verdictOf(t, m.Bytes(), o)
	require.Equal(t, pec.Pass, r.Check(pec.CheckDirectory).Status)
	require.Equal(t, pec.NoCertificateChainFound, r.SubIndication)
	require.False(t, r.Certified)

	user := verdictLeaf(testsign.Certificate{Addresses: []string{"persona@pec.example.it"}})
	o.Directory = index{records: []*directory.Record{with(uno(), func(r *directory.Record) { r.Certificates = []*x509.Certificate{user.X509()} })}}.read(t)
	m = verdictAcceptance(user)
	r = verdictOf(t, m.Bytes(), o)
	require.Equal(t, pec.Pass, r.Check(pec.CheckDirectory).Status)
	require.Contains(t, verdictFailed(r), pec.CheckProfile)
}

func TestDirectoryIsNotAsked(t *testing.T) {
	t.Parallel()
	m := verdictAcceptance(nil)
	r := verdictOf(t, m.Bytes(), verdictOptions())
	require.Equal(t, pec.Skip, r.Check(pec.CheckDirectory).Status)
	require.Contains(t, r.Check(pec.CheckDirectory).Detail(pec.English), "rests on the authority's constraints (trust.provider)")
	require.Contains(t, r.Check(pec.CheckDirectory).Detail(pec.Italian), "vincoli dell'autorità (trust.provider)")

	for host, says := range map[string]string{
		"pec.aruba.it": "is known as a host of Aruba PEC S.p.A.", "certmail.irideos.it": "which ended its service on 2024-06-20",
	} {
		root := testsign.Certificate{CA: true, KeyType: testsign.P256, Subject: testsign.NewName("Prova", "PEC TEST KNOWN - NO LEGAL VALUE")}.SelfSigned()
		signer := verdictLeafOf(root, testsign.Certificate{Addresses: []string{"posta-certificata@" + host}})
		o := verdictOptions()
		m := verdictAcceptance(signer)
		r := verdictOf(t, m.Bytes(), o)
		require.NotContains(t, r.Check(pec.CheckDirectory).Detail(pec.English), "is known as", "a forger is not given the name")
		o.Trust = verdictBelieve(t, root)
		r = verdictOf(t, m.Bytes(), o)
		require.Contains(t, r.Check(pec.CheckDirectory).Detail(pec.English), says)
		require.Contains(t, r.Check(pec.CheckDirectory).Detail(pec.Italian), "noto come host di")
	}

	o := verdictOptions()
	o.Directory = index{}.read(t)
	m = verdictAcceptance(nil)
	m.CMS.NoCertificates = true
	r = verdictOf(t, m.Bytes(), o)
	require.Equal(t, pec.Skip, r.Check(pec.CheckDirectory).Status)
	require.Contains(t, r.Check(pec.CheckDirectory).Detail(pec.English), "no certificate for the signer")

	m = verdictAcceptance(nil)
	m.NoXML = true
	r = verdictOf(t, m.Bytes(), o)
	require.Equal(t, pec.Pass, r.Check(pec.CheckDirectory).Status)
	require.Equal(t, pec.Skip, r.Check(pec.CheckDomain).Status)
}

// TestDirectoryOfACircuit: every message of a circuit agrees with its directory.
func TestDirectoryOfACircuit(t *testing.T) {
	t.Parallel()
	c := pectest.Start(t)
	d, err := c.Directory()
	require.NoError(t, err)
	const mail = "From: mittente@pec.example.it\r\nTo: destinatario@pec.example.com, nobody@pec.example.com, virus@pec.example.com, silent@pec.example.com\r\nSubject: Prova\r\n\r\nTesto\r\n"
	_, err = c.Submit("mittente@pec.example.it", []string{"destinatario@pec.example.com", "nobody@pec.example.com", "virus@pec.example.com", "silent@pec.example.com"}, []byte(mail))
	require.NoError(t, err)
	c.Clock().Advance(30 * time.Hour)
	boxes := []*pectest.Mailbox{}
	for b := range c.Mailboxes() {
		boxes = append(boxes, b)
	}
	for p := range c.Providers() {
		boxes = append(boxes, p.Service())
	}
	kinds := map[pec.Kind]bool{}
	for _, b := range boxes {
		for m := range b.Messages() {
			o := c.VerifyOptions()
			o.Directory = d
			r := verdictOf(t, m.Raw, *o)
			require.True(t, r.Certified)
			kinds[r.Kind] = true
			for _, id := range []pec.CheckID{pec.CheckDirectory, pec.CheckDomain} {
				require.Equal(t, pec.Pass, r.Check(id).Status, "%s: %s: %s", r.Kind, id, r.Check(id).Detail(pec.English))
			}
		}
	}
	for _, k := range []pec.Kind{pec.KindTransport, pec.KindAcceptance, pec.KindTakingInCharge, pec.KindDelivery, pec.KindDeliveryError, pec.KindTimeout, pec.KindVirusDetection} {
		require.True(t, kinds[k], k)
	}
}
