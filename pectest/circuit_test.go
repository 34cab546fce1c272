package pectest_test

import (
	"crypto/x509"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/pectest"
)

// TestOrder: one mail to recipients at two providers leaves in every mailbox what
// the norm prescribes, in order.
//
// spec: RFC 6109 §3.5
func TestOrder(t *testing.T) {
	t.Parallel()
	c := pectest.Start(t)
	s := submit(t, c, letter{to: []string{one, office, "altri@example.net"}, cc: []string{two}})
	require.Equal(t, []string{
		"accettazione",
		"avvenuta-consegna " + one,
		"avvenuta-consegna " + two,
		"avvenuta-consegna " + office,
	}, inBox(t, c, c.Mailbox(sender)))
	require.Equal(t, []string{"presa-in-carico", "presa-in-carico"}, inBox(t, c, c.Provider("alfa.example.it").Service()))
	for _, address := range []string{one, two, office} {
		require.Equal(t, []string{"posta-certificata"}, inBox(t, c, c.Mailbox(address)), address)
	}
	require.Empty(t, inBox(t, c, c.Provider("beta.example.com").Service()))
	outside := c.Outside().Last(pec.KindTransport)
	require.Equal(t, []string{"altri@example.net"}, outside.To, "who has ordinary mail gets the envelope, and nobody answers for it")
	for _, m := range everything(c) {
		r := certified(t, c, m)
		require.Equal(t, s.ID, r.Data.ID, "every message carries the identifier that Submit returned")
		require.Equal(t, "<prova-1@client.example.it>", r.Data.MessageID)
		require.Equal(t, daticert.RecipientExternal, r.Data.Recipients[2].Type)
		require.Equal(t, c.Clock().Now(), m.Time)
	}
}

// TestReceiptKinds: who is asked for which kind of delivery receipt.
//
// spec: RFC 6109 §3.3.2
func TestReceiptKinds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		asked  string
		to, cc daticert.ReceiptType
		reason string
	}{
		{"", daticert.ReceiptComplete, daticert.ReceiptConcise, "complete is the default, and concise is for Cc"},
		{"completa", daticert.ReceiptComplete, daticert.ReceiptConcise, "the same when it is said"},
		{"Completa", daticert.ReceiptComplete, daticert.ReceiptConcise, "tokens have no case"},
		{"breve", daticert.ReceiptBrief, daticert.ReceiptConcise, "brief is for primary recipients"},
		{"sintetica", daticert.ReceiptConcise, daticert.ReceiptConcise, "concise is for all"},
	} {
		t.Run(test.asked, func(t *testing.T) {
			t.Parallel()
			c := pectest.Start(t)
			submit(t, c, letter{to: []string{one}, cc: []string{two}, receipt: test.asked})
			want := map[string]daticert.ReceiptType{one: test.to, two: test.cc}
			for m := range c.Mailbox(sender).Messages() {
				r := certified(t, c, m)
				if r.Kind != pec.KindDelivery {
					continue
				}
				require.Equal(t, want[r.Data.Delivery], r.Data.Receipt, test.reason)
				require.Equal(t, r.Data.Receipt != daticert.ReceiptConcise, r.Message.Original() != nil, test.reason)
				delete(want, r.Data.Delivery)
			}
			require.Empty(t, want)
		})
	}
}

// TestFaults: what each magic recipient leads to, at once and within 25 hours.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		to     string
		want   []string // in the sender's mailbox
		detail string   // the beginning of errore-esteso of the last
		box    []string // in the recipient's
	}{
		{"full", []string{"accettazione", "errore-consegna"}, "5.2.2 - ", nil},
		{"nobody", []string{"accettazione", "errore-consegna"}, "5.1.1 - ", nil},
		{"nodomain", []string{"accettazione", "errore-consegna"}, "5.1.2 - ", nil},
		{"virus", []string{"accettazione", "errore-consegna"}, "Eicar", nil},
		{"late12h", []string{"accettazione", "preavviso-errore-consegna late", "avvenuta-consegna"}, "", []string{"posta-certificata"}},
		{"silent", []string{"accettazione", "preavviso-errore-consegna late", "preavviso-errore-consegna expired"}, "5.4.1 - ", nil},
		{"stuck", []string{"accettazione", "preavviso-errore-consegna expired"}, "5.4.1 - ", nil},
		{"damaged", []string{"accettazione", "preavviso-errore-consegna late", "preavviso-errore-consegna expired"}, "5.4.1 - ", []string{"anomalia"}},
		{"external", []string{"accettazione"}, "", nil},
		{"chiunque", []string{"accettazione", "errore-consegna"}, "5.1.1 - ", nil},
	} {
		t.Run(test.to, func(t *testing.T) {
			t.Parallel()
			c := pectest.Start(t)
			address := test.to + "@pec.example.com"
			submit(t, c, letter{to: []string{address}})
			c.Clock().Advance(25 * time.Hour)
			var last *pec.Report
			var got []string
			for m := range c.Mailbox(sender).Messages() {
				last = certified(t, c, m)
				line := string(last.Kind)
				if last.Kind == pec.KindTimeout {
					line += " " + string(last.Proves)
				}
				got = append(got, line)
				if last.Kind != pec.KindAcceptance {
					require.Equal(t, address, last.Data.Delivery)
				}
			}
			require.Equal(t, test.want, got)
			require.Contains(t, last.Data.ErrorExtended, test.detail)
			if b := c.Mailbox(address); b != nil {
				require.Equal(t, test.box, inBox(t, c, b))
			}
			require.Len(t, slices.Collect(c.Outside().Messages()), map[bool]int{true: 1}[test.to == "external"])
		})
	}
}

// TestSetFault: any address can be given a fault, and a magic one freed of it.
func TestSetFault(t *testing.T) {
	t.Parallel()
	c := pectest.Start(t, pectest.WithFault("DESTINATARIO@pec.example.com", pectest.FaultFull))
	require.Equal(t, daticert.ErrorOther, reportFor(t, c, one).Data.Error)
	c.SetFault(one, pectest.FaultNobody)
	require.Equal(t, daticert.ErrorRecipient, reportFor(t, c, one).Data.Error)
	c.SetFault(one, pectest.FaultNone)
	require.Equal(t, pec.KindDelivery, reportFor(t, c, one).Kind)
	c.SetFault("late12h@pec.example.com", pectest.FaultNone)
	require.Equal(t, pec.KindDelivery, reportFor(t, c, "late12h@pec.example.com").Kind)
	require.Panics(t, func() { c.SetFault(one, "stanco") }, "a fault that does not exist would be no fault")
}

// reportFor submits a mail to one recipient and returns what the sender got last.
func reportFor(t *testing.T, c *pectest.Circuit, to string) *pec.Report {
	t.Helper()
	submit(t, c, letter{to: []string{to}})
	messages := slices.Collect(c.Mailbox(sender).Messages())
	return certified(t, c, messages[len(messages)-1])
}

// TestVirus: the sender's provider refuses what it finds, and keeps it; what it
// does not look at, the recipient's finds.
//
// spec: RFC 6109 §3.1.3, §3.2.3, §3.2.4, §2.2.4
func TestVirus(t *testing.T) {
	t.Parallel()
	infected := map[string]letter{
		"text":       {to: []string{one, two}, text: "prima " + eicar + " dopo"},
		"attachment": {to: []string{one, two}, files: []file{{"a.com", "....." + eicar}}},
	}
	for name, l := range infected {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := pectest.Start(t)
			mail := l.bytes()
			s, err := c.Submit(sender, l.to, mail)
			require.NoError(t, err)
			clear(mail) // the caller's again
			require.False(t, s.Accepted)
			require.Equal(t, []string{"non-accettazione"}, inBox(t, c, c.Mailbox(sender)))
			r := certified(t, c, c.Mailbox(sender).Last(pec.KindNonAcceptance))
			require.Equal(t, daticert.ErrorVirus, r.Data.Error)
			require.Equal(t, "errore", r.Message.Claims.Security)
			require.Equal(t, l.bytes(), firstOf(c.Provider("alfa.example.it").Quarantine()).Raw)
			require.Zero(t, c.Mailbox(one).Len())

			blind := pectest.Start(t,
				pectest.WithProvider("alfa.example.it", pectest.WithDomain("pec.example.it", "mittente"), pectest.WithoutVirusCheck()),
				pectest.WithProvider("beta.example.com", pectest.WithDomain("pec.example.com", "destinatario", "protocollo")))
			submit(t, blind, l)
			require.Equal(t, []string{"accettazione", "errore-consegna " + one, "errore-consegna " + two}, inBox(t, blind, blind.Mailbox(sender)))
			require.Equal(t, []string{"presa-in-carico", "rilevazione-virus " + one, "rilevazione-virus " + two},
				inBox(t, blind, blind.Provider("alfa.example.it").Service()), "one for every recipient")
			require.Equal(t, pec.KindTransport, firstOf(blind.Provider("beta.example.com").Quarantine()).Kind)
			require.Zero(t, blind.Mailbox(one).Len())
			r = certified(t, blind, blind.Mailbox(sender).Last(pec.KindDeliveryError))
			require.Equal(t, "posta-certificata@alfa.example.it", r.Signer.Email, "the sender's provider tells its user")
		})
	}
}

// TestVirusAnywhere: the string is found wherever it stands, across the scanner's
// buffers too.
func TestVirusAnywhere(t *testing.T) {
	t.Parallel()
	c := pectest.Start(t, with(pectest.WithKey(pectest.KeyECDSA))...)
	for before := 32<<10 - 700; before < 32<<10; before += 30 {
		mail := "From: " + sender + "\r\nTo: " + one + "\r\n\r\n" + strings.Repeat("a", before) + eicar
		s, err := c.Submit(sender, []string{one}, []byte(mail))
		require.NoError(t, err)
		require.False(t, s.Accepted, "%d characters before it", before)
	}
}

func firstOf(b *pectest.Mailbox) *pectest.Message {
	for m := range b.Messages() {
		return m
	}
	return nil
}

// TestSameMailbox: a mail to oneself goes the whole way, too.
//
// spec: RFC 6109 §3.4
func TestSameMailbox(t *testing.T) {
	t.Parallel()
	c := pectest.Start(t)
	submit(t, c, letter{to: []string{sender}})
	require.Equal(t, []string{"accettazione", "posta-certificata", "avvenuta-consegna " + sender}, inBox(t, c, c.Mailbox(sender)))
	require.Equal(t, []string{"presa-in-carico"}, inBox(t, c, c.Provider("alfa.example.it").Service()))
}

// TestClose: nothing is taken and nothing happens any more, but what is there can
// be read.
func TestClose(t *testing.T) {
	t.Parallel()
	clock := pectest.NewClock(time.Date(2026, 7, 1, 8, 0, 0, 0, time.UTC))
	c := pectest.Start(t, pectest.WithClock(clock))
	submit(t, c, letter{to: []string{one}})
	require.Zero(t, clock.Pending(), "who has heard of every recipient waits for nothing")
	c.Clear()
	submit(t, c, letter{to: []string{"silent@pec.example.com"}})
	require.NotZero(t, clock.Pending())
	c.Close()
	require.Zero(t, clock.Pending())
	c.Close()
	clock.Advance(25 * time.Hour)
	require.Equal(t, []string{"accettazione"}, inBox(t, c, c.Mailbox(sender)))
	_, err := c.Submit(sender, []string{one}, letter{to: []string{one}}.bytes())
	require.ErrorIs(t, err, pectest.ErrClosed)
	require.ErrorIs(t, c.Arrive("", []string{one}, letter{to: []string{one}}.bytes()), pectest.ErrClosed)
}

// TestStrangers: circuits do not believe each other.
func TestStrangers(t *testing.T) {
	t.Parallel()
	a, b := pectest.Start(t), pectest.Start(t)
	submit(t, a, letter{to: []string{one}})
	m := a.Mailbox(one).Last(pec.KindTransport)
	_, err := b.Verify(m)
	require.Error(t, err)
	require.NoError(t, b.Arrive(sender, []string{one}, m.Raw))
	require.Equal(t, []string{"anomalia"}, inBox(t, b, b.Mailbox(one)))
}

// TestCertificates: authority and providers have the certificates that the norm and
// AgID's authority prescribe.
//
// spec: RFC 6109 §5.5
func TestCertificates(t *testing.T) {
	t.Parallel()
	c := pectest.Start(t)
	require.Equal(t, []string{"alfa.example.it", "beta.example.com"}, c.Anchor().PermittedEmailAddresses)
	require.True(t, c.Anchor().IsCA && c.Anchor().MaxPathLenZero)
	leaf := c.Provider("beta.example.com").Certificate()
	require.Equal(t, []string{"posta-certificata@beta.example.com"}, leaf.EmailAddresses)
	require.Equal(t, x509.KeyUsageDigitalSignature, leaf.KeyUsage)
	require.Equal(t, []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}, leaf.ExtKeyUsage)
	require.Len(t, leaf.Policies, 1)
	require.Equal(t, "1.3.76.16.3.1.1", leaf.Policies[0].String())
	require.False(t, leaf.BasicConstraintsValid)
	require.NotEmpty(t, leaf.SubjectKeyId)
	require.NotEmpty(t, leaf.AuthorityKeyId)
	require.NoError(t, leaf.CheckSignatureFrom(c.Anchor()))
	for _, e := range leaf.Extensions {
		if e.Critical {
			require.Equal(t, "2.5.29.15", e.Id.String(), "key usage, and nothing else, is critical")
		}
	}
	result := c.TrustStore().Verify([]*x509.Certificate{leaf}, nil, c.Clock().Now())
	for _, f := range append(result.Profile, result.Path, result.Constraints, result.Provider, result.Validity, result.Key, result.Algorithms) {
		require.Equal(t, pec.Pass, f.Status, f.Detail)
	}
}

// TestNames: nobody takes a certificate or a message for a real one.
func TestNames(t *testing.T) {
	t.Parallel()
	c := pectest.Start(t, pectest.WithProvider("gestore.example.it", pectest.WithName("Namirial S.p.A."), pectest.WithDomain("pec.example.it", "mittente")))
	require.Contains(t, c.Anchor().Subject.String(), "PEC TEST — NO LEGAL VALUE")
	p := c.Provider("GESTORE.example.it")
	require.Contains(t, p.Certificate().Subject.Organization[0], "PEC TEST — NO LEGAL VALUE")
	require.Contains(t, p.Certificate().Subject.CommonName, "PEC TEST — NO LEGAL VALUE")
	require.Contains(t, p.Name(), "NO LEGAL VALUE")
	r := reportFor(t, c, sender)
	require.Contains(t, r.Data.Provider, "NO LEGAL VALUE")
	require.Equal(t, pec.Pass, r.Check(pec.CheckProvider).Status, "the authority names its providers")
	_, err := pec.Verify(r.Message, nil)
	require.Error(t, err, "AgID's authority has nothing to do with it")
}
