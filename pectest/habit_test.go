package pectest_test

import (
	"bytes"
	"crypto"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/pectest"
	"github.com/gopec/gopec/smime"
)

// with is the circuit without options, both providers with the same habits.
func with(habits ...pectest.ProviderOption) []pectest.Option {
	return []pectest.Option{
		pectest.WithProvider("alfa.example.it", append([]pectest.ProviderOption{pectest.WithName("Alfa"),
			pectest.WithDomain("pec.example.it", "mittente", "ufficio")}, habits...)...),
		pectest.WithProvider("beta.example.com", append([]pectest.ProviderOption{pectest.WithName("Beta"),
			pectest.WithDomain("pec.example.com", "destinatario", "protocollo")}, habits...)...),
	}
}

// usual is what every circuit's messages are warned about: notices have no
// Reply-To. SHA-1 has aged.
var (
	usual = []pec.CheckID{pec.CheckReplyTo}
	aged  = []pec.CheckID{pec.CheckReplyTo, pec.CheckDigestAge}
)

// shapes are the circuits whose every message is verified, by us and by others.
var shapes = []struct {
	name     string
	options  []pectest.Option
	warnings []pec.CheckID // of all messages but anomalies
}{
	{"plain", with(), usual},
	{"sha-1, x-pkcs7, DER", with(pectest.WithSHA1(), pectest.WithXPKCS7(), pectest.WithoutPreamble()), aged},
	{"BER with the authority", with(pectest.WithBER(), pectest.WithChain()), usual},
	{"text only, original first, plain XML", with(pectest.WithTextOnly(), pectest.WithOriginalFirst(), pectest.WithPlainXML()), usual},
	{"LF files", with(pectest.WithLF()), usual},
	{"LF files, BER, SHA-1", with(pectest.WithLF(), pectest.WithBER(), pectest.WithSHA1()), aged},
	{"no msgid, generic errors", with(pectest.WithoutMsgid(), pectest.WithGenericError(), pectest.WithBriefSHA256(), pectest.WithBriefDecoded()), usual},
	{"duplicates and reordering", with(pectest.WithDuplicates(), pectest.WithReordering()), usual},
	{"ECDSA", with(pectest.WithKey(pectest.KeyECDSA)), usual},
	{"Ed25519", with(pectest.WithKey(pectest.KeyEd25519)), usual},
	{"adversary", append(with(), pectest.WithAdversary(1)), usual},
	{"adversary with ECDSA", append(with(pectest.WithKey(pectest.KeyECDSA)), pectest.WithAdversary(2)), usual},
}

// TestEveryMessageIsCertified: pec.Verify, with a second opinion, certifies every
// message of every shape; only anomalies certify nothing.
func TestEveryMessageIsCertified(t *testing.T) {
	t.Parallel()
	for _, shape := range shapes {
		t.Run(shape.name, func(t *testing.T) {
			t.Parallel()
			c := pectest.Start(t, shape.options...)
			everyKind(t, c)
			kinds, warnings := make(map[pec.Kind]int), make(map[pec.CheckID]string)
			for _, m := range everything(c) {
				r := certified(t, c, m)
				require.Equal(t, m.Kind, r.Kind)
				kinds[m.Kind]++
				o := c.VerifyOptions()
				o.SecondOpinion = true
				again, err := pec.Verify(r.Message, o)
				if m.Kind != pec.KindAnomaly {
					require.NoError(t, err)
					require.NotEqual(t, pec.Fail, again.Check(pec.CheckSecondOpinion).Status)
				}
				if m.Kind == pec.KindAnomaly {
					continue
				}
				for _, w := range r.Warnings() {
					warnings[w.ID] = w.Detail(pec.English)
				}
			}
			require.Equal(t, shape.warnings, slices.Sorted(maps.Keys(warnings)), "%v", warnings)
			for _, k := range []pec.Kind{pec.KindTransport, pec.KindAcceptance, pec.KindNonAcceptance, pec.KindTakingInCharge,
				pec.KindDelivery, pec.KindDeliveryError, pec.KindTimeout, pec.KindVirusDetection, pec.KindAnomaly} {
				require.NotZero(t, kinds[k], k)
			}
		})
	}
}

// TestHabits: each habit shows in what the provider issues, and only there.
func TestHabits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		habit pectest.ProviderOption
		shows func(t *testing.T, c *pectest.Circuit, m *pectest.Message) bool
	}{
		{"SHA1", pectest.WithSHA1(), func(t *testing.T, _ *pectest.Circuit, m *pectest.Message) bool {
			return signature(t, m).Facts().Digest == crypto.SHA1
		}},
		{"BER", pectest.WithBER(), func(t *testing.T, _ *pectest.Circuit, m *pectest.Message) bool { return signature(t, m).Facts().BER }},
		{"Chain", pectest.WithChain(), func(t *testing.T, _ *pectest.Circuit, m *pectest.Message) bool {
			r, err := signature(t, m).Verify()
			require.NoError(t, err)
			return len(r.Certificates) == 2
		}},
		{"XPKCS7", pectest.WithXPKCS7(), contains("application/x-pkcs7-signature")},
		{"WithoutPreamble", pectest.WithoutPreamble(), lacks("This is an S/MIME signed message")},
		{"TextOnly", pectest.WithTextOnly(), lacks("multipart/alternative")},
		{"PlainXML", pectest.WithPlainXML(), contains("<postacert ")},
		{"OriginalFirst", pectest.WithOriginalFirst(), func(t *testing.T, _ *pectest.Circuit, m *pectest.Message) bool {
			i := bytes.Index(m.Raw, []byte("name=\"postacert.eml\""))
			return i >= 0 && i < bytes.Index(m.Raw, []byte("name=\"daticert.xml\""))
		}},
		{"WithoutMsgid", pectest.WithoutMsgid(), func(t *testing.T, c *pectest.Circuit, m *pectest.Message) bool {
			r := certified(t, c, m)
			return r.Data.MessageID == "" && r.Message.FirstHeader("X-Riferimento-Message-ID") == ""
		}},
		{"ECDSA", pectest.WithKey(pectest.KeyECDSA), func(t *testing.T, _ *pectest.Circuit, m *pectest.Message) bool {
			return signature(t, m).Facts().SignatureName == "ECDSA"
		}},
		{"Ed25519", pectest.WithKey(pectest.KeyEd25519), func(t *testing.T, _ *pectest.Circuit, m *pectest.Message) bool {
			return signature(t, m).Facts().SignatureName == "Ed25519"
		}},
		{"Name", pectest.WithName("Gamma"), func(t *testing.T, c *pectest.Circuit, m *pectest.Message) bool {
			return strings.HasPrefix(certified(t, c, m).Data.Provider, "Gamma (")
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			// Alfa has the habit, Beta has not.
			c := pectest.Start(t,
				pectest.WithProvider("alfa.example.it", pectest.WithDomain("pec.example.it", "mittente"), test.habit),
				pectest.WithProvider("beta.example.com", pectest.WithDomain("pec.example.com", "destinatario")))
			submit(t, c, letter{to: []string{one}})
			require.True(t, test.shows(t, c, c.Mailbox(one).Last(pec.KindTransport)))
			if test.name != "WithoutMsgid" { // then nobody knows it
				require.False(t, test.shows(t, c, c.Mailbox(sender).Last(pec.KindDelivery)))
			}
		})
	}
}

func contains(s string) func(*testing.T, *pectest.Circuit, *pectest.Message) bool {
	return func(_ *testing.T, _ *pectest.Circuit, m *pectest.Message) bool {
		return bytes.Contains(m.Raw, []byte(s))
	}
}

func lacks(s string) func(*testing.T, *pectest.Circuit, *pectest.Message) bool {
	return func(_ *testing.T, _ *pectest.Circuit, m *pectest.Message) bool {
		return !bytes.Contains(m.Raw, []byte(s))
	}
}

func signature(t *testing.T, m *pectest.Message) *smime.Signed {
	t.Helper()
	s, err := smime.Open(bytes.NewReader(m.Raw), int64(len(m.Raw)))
	require.NoError(t, err)
	return s
}

// TestLF: a provider with LF files stores mail so, and what it sends is as it
// always was.
func TestLF(t *testing.T) {
	t.Parallel()
	c := pectest.Start(t,
		pectest.WithProvider("alfa.example.it", pectest.WithDomain("pec.example.it", "mittente"), pectest.WithLF()),
		pectest.WithProvider("beta.example.com", pectest.WithDomain("pec.example.com", "destinatario")))
	submit(t, c, letter{to: []string{one}})
	for m := range c.Mailbox(sender).Messages() {
		require.NotContains(t, string(m.Raw), "\r")
		certified(t, c, m)
	}
	envelope := c.Mailbox(one).Last(pec.KindTransport)
	require.Equal(t, bytes.Count(envelope.Raw, []byte("\n")), bytes.Count(envelope.Raw, []byte("\r\n")))
}

// TestGenericError: the attribute says nothing, the detail everything.
func TestGenericError(t *testing.T) {
	t.Parallel()
	c := pectest.Start(t, with(pectest.WithGenericError())...)
	d := reportFor(t, c, "nobody@pec.example.com").Data
	require.Equal(t, daticert.ErrorOther, d.Error)
	require.Equal(t, "5.1.1", d.Detail().Code)
	require.Equal(t, daticert.ErrorVirus, reportFor(t, c, "virus@pec.example.com").Data.Error, "a virus stays a virus")
}

// TestDuplicatesAndReordering: everything arrives, some of it twice, and in the
// order that nobody expects.
func TestDuplicatesAndReordering(t *testing.T) {
	t.Parallel()
	l := letter{to: []string{one, two}}
	c := pectest.Start(t, with(pectest.WithDuplicates())...)
	submit(t, c, l)
	require.Equal(t, []string{"accettazione", "avvenuta-consegna " + one, "avvenuta-consegna " + one, "avvenuta-consegna " + two, "avvenuta-consegna " + two},
		inBox(t, c, c.Mailbox(sender)))
	var last *pectest.Message
	for m := range c.Mailbox(sender).Messages() {
		if last != nil && last.Number%2 == 0 && m.ID == last.ID {
			require.Equal(t, last.Raw, m.Raw, "the same mail, byte for byte")
		}
		last = m
	}

	c = pectest.Start(t, with(pectest.WithReordering())...)
	submit(t, c, l)
	require.Equal(t, []string{"avvenuta-consegna " + two, "avvenuta-consegna " + one, "accettazione"}, inBox(t, c, c.Mailbox(sender)))
	taken := c.Provider("alfa.example.it").Service().Last(pec.KindTakingInCharge)
	require.Greater(t, taken.Number, c.Mailbox(sender).Last(pec.KindDelivery).Number)
}

// TestExpiredCertificate: a provider that forgot to renew certifies nothing, and
// its messages arrive as anomalies.
func TestExpiredCertificate(t *testing.T) {
	t.Parallel()
	c := pectest.Start(t,
		pectest.WithProvider("alfa.example.it", pectest.WithDomain("pec.example.it", "mittente"), pectest.WithExpiredCertificate()),
		pectest.WithProvider("beta.example.com", pectest.WithDomain("pec.example.com", "destinatario")))
	submit(t, c, letter{to: []string{one}})
	_, err := c.Verify(c.Mailbox(sender).Last(pec.KindAcceptance))
	require.ErrorContains(t, err, "EXPIRED")
	require.Equal(t, []string{"anomalia"}, inBox(t, c, c.Mailbox(one)))
}

// TestAdversary: a seed gives the same story again, another seed another one, and
// no two messages need look alike.
func TestAdversary(t *testing.T) {
	t.Parallel()
	story := func(seed uint64) string {
		c := pectest.Start(t, append(with(), pectest.WithAdversary(seed))...)
		var b strings.Builder
		for range 5 {
			submit(t, c, letter{to: []string{one, office}, cc: []string{two}})
		}
		for _, m := range everything(c) {
			f := signature(t, m).Facts()
			b.WriteString(string(m.Kind) + " " + f.DigestName)
			if f.BER {
				b.WriteString(" BER")
			}
			b.WriteString("\n")
		}
		return b.String()
	}
	first := story(7)
	require.Equal(t, first, story(7))
	require.NotEqual(t, first, story(8))
	require.Contains(t, first, "BER")
	require.Contains(t, first, "SHA-512")
	require.NotContains(t, first, "SHA-1\n")
}

// TestOptionErrors: scenarios that cannot be played do not start.
func TestOptionErrors(t *testing.T) {
	t.Parallel()
	p := func(host string, o ...pectest.ProviderOption) []pectest.Option {
		return []pectest.Option{pectest.WithProvider(host, o...)}
	}
	domain := pectest.WithDomain("pec.example.it", "mittente")
	for _, test := range []struct {
		name    string
		options []pectest.Option
		want    string
	}{
		{"no host", p(""), "no host"},
		{"a host of one label", p("gestore"), "no host"},
		{"a host with a blank", p("a b.example.it"), "no host"},
		{"no domain", p("alfa.example.it", pectest.WithDomain("x")), "no domain"},
		{"no mailbox", p("alfa.example.it", pectest.WithDomain("pec.example.it", "a b")), "no address"},
		{"a mailbox with a domain", p("alfa.example.it", pectest.WithDomain("pec.example.it", "a@b")), "no address"},
		{"a domain twice", p("alfa.example.it", domain, domain), "there twice"},
		{"a mailbox twice", p("alfa.example.it", pectest.WithDomain("pec.example.it", "a", "A")), "there twice"},
		{"a host twice", append(p("alfa.example.it"), p("ALFA.example.it")...), "there twice"},
		{"a domain of two providers", append(p("alfa.example.it", domain), p("beta.example.it", domain)...), "there twice"},
		{"a domain that is a host", p("alfa.example.it", pectest.WithDomain("alfa.example.it")), "there twice"},
		{"a name that would break errore-esteso", p("alfa.example.it", pectest.WithName("Alfa - Roma")), `" - "`},
		{"no kind of key", p("alfa.example.it", pectest.WithKey("dsa")), "no kind of key"},
		{"SHA-1 with Ed25519", p("alfa.example.it", pectest.WithSHA1(), pectest.WithKey(pectest.KeyEd25519)), "alfa.example.it"},
		{"no clock", []pectest.Option{pectest.WithClock(nil)}, "WithClock"},
		{"no fault", []pectest.Option{pectest.WithFault(one, "guasto")}, "no fault"},
		{"no weight", []pectest.Option{pectest.WithMaxWeight(0)}, "WithMaxWeight"},
		{"no storage", []pectest.Option{pectest.WithMaxStorage(-1)}, "WithMaxStorage"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, err := pectest.NewCircuit(test.options...)
			require.ErrorContains(t, err, test.want)
			require.Nil(t, c)
		})
	}
}
