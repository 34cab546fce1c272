package compose_test

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/envelope"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/receipt"
	"github.com/gopec/gopec/smime"
	"github.com/gopec/gopec/trust"
)

// instant is the time of everything that is issued here, in Italian legal time.
var instant = testsign.Instant

const (
	sender   = "mittente@pec.example.it"
	external = "esterno@example.net"
	first    = "destinatario@pec.example.com"
	second   = "conoscenza@pec.example.com"
	pecID    = "opec21004.20260310101530.00042.217.1.57@pec.example.it"
	clientID = "<20260310101412.4F2A11C08E@client.example.it>"
	virus    = "Eicar-Test-Signature"
)

// subject has a letter of ISO-8859-1 and characters that it does not have.
const subject = `Verbale "definitivo": l'attività è conclusa – 50 € & 漢字`

// original is the message as its writer's program submitted it.
const original = "Return-Path: <mittente@pec.example.it>\r\n" +
	"Received: from client.example.it (client.example.it [192.0.2.7])\r\n" +
	"\tby smtp.pec.example.it with ESMTPSA id 4F2A11C08E;\r\n\tTue, 10 Mar 2026 10:15:12 +0100\r\n" +
	"From: =?UTF-8?Q?Ufficio_Attivit=C3=A0?= <mittente@pec.example.it>\r\n" +
	"To: \"Il Destinatario\" <destinatario@pec.example.com>,\r\n esterno@example.net\r\n" +
	"Cc: conoscenza@pec.example.com\r\n" +
	"Subject: =?UTF-8?B?VmVyYmFsZSAiZGVmaW5pdGl2byI6IGwnYXR0aXZpdMOgIMOo?=\r\n" +
	" =?UTF-8?B?IGNvbmNsdXNhIOKAkyA1MCDigqwgJiDmvKLlrZc=?=\r\n" +
	"Date: Tue, 10 Mar 2026 10:14:12 +0100\r\n" +
	"Message-ID: <20260310101412.4F2A11C08E@client.example.it>\r\n" +
	"X-Riferimento-Message-ID: <invented-by-the-client@example.org>\r\n" +
	"MIME-Version: 1.0\r\n" +
	"Content-Type: multipart/mixed; boundary=\"=_client\"\r\n\r\n" +
	"--=_client\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
	"In allegato il verbale: l'attivit=C3=A0 =C3=A8 conclusa.\r\n" +
	"--=_client\r\nContent-Type: application/pdf; name=\"verbale.pdf\"\r\nContent-Transfer-Encoding: base64\r\n" +
	"Content-Disposition: attachment; filename=\"verbale.pdf\"\r\n\r\nJVBERi0xLjQKJSVFT0YK\r\n" +
	"--=_client--\r\n"

// section gives access to a message in memory.
func section(mail string) *io.SectionReader {
	return io.NewSectionReader(strings.NewReader(mail), 0, int64(len(mail)))
}

// provider makes one of the circle's providers an issuer.
func provider(id *testsign.Identity) *envelope.Provider {
	return &envelope.Provider{Name: id.Organization, Address: id.Address,
		Signer: &smime.Signer{Key: id.Key, Certificate: id.X509()}}
}

func recipients() []daticert.Recipient {
	return []daticert.Recipient{
		{Type: daticert.RecipientCertified, Address: first},
		{Type: daticert.RecipientExternal, Address: external},
		{Type: daticert.RecipientCertified, Address: second},
	}
}

func facts(t testing.TB, mail string) *daticert.Data {
	t.Helper()
	f, err := envelope.Facts(section(mail), sender, recipients(), pecID)
	require.NoError(t, err)
	return f
}

// issued is one message that a provider issues.
type issued struct {
	name  string
	kind  pec.Kind
	by    *envelope.Provider
	build func(by *envelope.Provider, f *daticert.Data) (*envelope.Outgoing, error)
	want  daticert.Data // what the kind adds to the facts
}

// every lists every message of RFC 6109 §3.
func every() []issued {
	one, two := provider(testsign.NewCircle().One), provider(testsign.NewCircle().Two)
	notice := func(build func(i *receipt.Issuer) (*envelope.Outgoing, error)) func(*envelope.Provider, *daticert.Data) (*envelope.Outgoing, error) {
		return func(by *envelope.Provider, f *daticert.Data) (*envelope.Outgoing, error) {
			return build(&receipt.Issuer{By: by, About: f, At: instant})
		}
	}
	delivery := func(to string, kind daticert.ReceiptType) func(*envelope.Provider, *daticert.Data) (*envelope.Outgoing, error) {
		return func(by *envelope.Provider, f *daticert.Data) (*envelope.Outgoing, error) {
			asked := *f
			asked.Receipt = kind
			return (&receipt.Issuer{By: by, About: &asked, At: instant}).Delivery(to, section(original))
		}
	}
	failure := func(code daticert.ErrorCode, text, to string) daticert.Data {
		return daticert.Data{Error: code, ErrorExtended: text, Delivery: to}
	}
	list := []issued{
		{"posta-certificata", pec.KindTransport, one, func(by *envelope.Provider, f *daticert.Data) (*envelope.Outgoing, error) {
			return by.Transport(f, section(original), instant)
		}, daticert.Data{Receipt: daticert.ReceiptComplete}},
		{"anomalia", pec.KindAnomaly, two, func(by *envelope.Provider, f *daticert.Data) (*envelope.Outgoing, error) {
			return by.Anomaly(&envelope.Arrival{Sender: sender, Recipients: []string{first}, Reason: "firma non presente o non autentica"}, section(original), instant)
		}, daticert.Data{}},
		{"accettazione", pec.KindAcceptance, one, notice(func(i *receipt.Issuer) (*envelope.Outgoing, error) { return i.Acceptance() }), daticert.Data{}},
		{"non-accettazione", pec.KindNonAcceptance, one, notice(func(i *receipt.Issuer) (*envelope.Outgoing, error) {
			return i.NonAcceptance("il campo Bcc non è ammesso")
		}), failure(daticert.ErrorOther, "il campo Bcc non è ammesso", "")},
		{"non-accettazione-virus", pec.KindNonAcceptance, one, notice(func(i *receipt.Issuer) (*envelope.Outgoing, error) {
			return i.VirusNonAcceptance(virus)
		}), failure(daticert.ErrorVirus, virus, "")},
		{"presa-in-carico", pec.KindTakingInCharge, two, notice(func(i *receipt.Issuer) (*envelope.Outgoing, error) {
			return i.TakingInCharge("posta-certificata@pec.example.it", first, second)
		}), daticert.Data{Receptions: []string{first, second}}},
		{"avvenuta-consegna", pec.KindDelivery, two, delivery(first, ""), daticert.Data{Receipt: daticert.ReceiptComplete, Delivery: first}},
		{"avvenuta-consegna-breve", pec.KindDelivery, two, delivery(first, daticert.ReceiptBrief), daticert.Data{Receipt: daticert.ReceiptBrief, Delivery: first}},
		{"avvenuta-consegna-sintetica", pec.KindDelivery, two, delivery(first, daticert.ReceiptConcise), daticert.Data{Receipt: daticert.ReceiptConcise, Delivery: first}},
		{"avvenuta-consegna-cc", pec.KindDelivery, two, delivery(second, daticert.ReceiptComplete), daticert.Data{Receipt: daticert.ReceiptConcise, Delivery: second}},
		{"errore-consegna-virus", pec.KindDeliveryError, one, notice(func(i *receipt.Issuer) (*envelope.Outgoing, error) {
			return i.VirusDeliveryError(first, virus)
		}), failure(daticert.ErrorVirus, virus, first)},
		{"preavviso-12-ore", pec.KindTimeout, one, notice(func(i *receipt.Issuer) (*envelope.Outgoing, error) { return i.Late(first) }),
			failure(daticert.ErrorOther, "il messaggio non è stato consegnato nelle prime dodici ore successive al suo invio", first)},
		{"preavviso-24-ore", pec.KindTimeout, one, notice(func(i *receipt.Issuer) (*envelope.Outgoing, error) { return i.Expired(first) }),
			failure(daticert.ErrorOther, "5.4.1 - Gestore Uno S.p.A. - il messaggio non è stato consegnato nelle ventiquattro ore successive al suo invio", first)},
		{"rilevazione-virus", pec.KindVirusDetection, two, notice(func(i *receipt.Issuer) (*envelope.Outgoing, error) {
			return i.VirusDetection("posta-certificata@pec.example.it", first, virus)
		}), failure(daticert.ErrorVirus, virus, first)},
	}
	for name, f := range map[string]receipt.Failure{
		"errore-consegna-casella": receipt.NoMailbox, "errore-consegna-dominio": receipt.NoDomain,
		"errore-consegna-piena": receipt.MailboxFull, "errore-consegna-disattivata": receipt.MailboxDisabled,
	} {
		list = append(list, issued{name, pec.KindDeliveryError, two, notice(func(i *receipt.Issuer) (*envelope.Outgoing, error) {
			return i.DeliveryError(first, f)
		}), failure(f.Code, f.Status+" - Gestore Due S.p.A. - "+f.Text, first)})
	}
	return list
}

// mail builds and writes a message.
func (c *issued) mail(t testing.TB) ([]byte, *envelope.Outgoing) {
	t.Helper()
	out, err := c.build(c.by, facts(t, original))
	require.NoError(t, err)
	b, err := out.Bytes()
	require.NoError(t, err)
	return b, out
}

var store = sync.OnceValue(func() *trust.Store {
	s, err := trust.NewStore(false, testsign.NewCircle().Root.X509())
	if err != nil {
		panic(err)
	}
	return s
})

func verify(t testing.TB, mail []byte) (*pec.Report, error) {
	t.Helper()
	m, err := pec.ReadAll(bytes.NewReader(mail))
	require.NoError(t, err)
	return pec.Verify(m, &pec.VerifyOptions{Trust: store(), Clock: func() time.Time { return instant.Add(time.Hour) }})
}

// known are the warnings that messages of a kind are known for. Notices have no
// Reply-To, as no provider's have; an anomaly envelope certifies no time.
var known = map[pec.Kind]pec.CheckID{
	pec.KindAcceptance: pec.CheckReplyTo, pec.KindNonAcceptance: pec.CheckReplyTo, pec.KindTakingInCharge: pec.CheckReplyTo,
	pec.KindDelivery: pec.CheckReplyTo, pec.KindDeliveryError: pec.CheckReplyTo, pec.KindTimeout: pec.CheckReplyTo,
	pec.KindVirusDetection: pec.CheckReplyTo, pec.KindAnomaly: pec.CheckReference,
}

// TestIssued: every message is certified and says what went in, without a
// failed check and without a warning but the known ones.
func TestIssued(t *testing.T) {
	t.Parallel()
	for _, c := range every() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			mail, out := c.mail(t)
			r, err := verify(t, mail)
			require.Equal(t, c.kind, r.Kind)
			require.Equal(t, pec.TotalPassed, r.Verdict, "%v", err)
			require.Empty(t, r.Failures())
			require.Empty(t, r.Message.Defects)
			require.Equal(t, c.kind.Certifies(), r.Certified)
			for _, w := range r.Warnings() {
				require.Equal(t, known[c.kind], w.ID, "%s", w.Detail(pec.English))
			}
			if c.kind == pec.KindAnomaly {
				require.Nil(t, r.Data)
				return
			}
			require.Equal(t, expected(t, c), facade(r.Data))
			require.Equal(t, facade(out.Data), facade(r.Data))
		})
	}
}

// facade is what data say, without what it was read from.
func facade(d *daticert.Data) daticert.Data {
	return daticert.Data{Type: d.Type, Error: d.Error, Sender: d.Sender, Recipients: d.Recipients, ReplyTo: d.ReplyTo,
		Subject: d.Subject, Provider: d.Provider, Date: d.Date, ID: d.ID, MessageID: d.MessageID, Receipt: d.Receipt,
		Delivery: d.Delivery, Receptions: d.Receptions, ErrorExtended: d.ErrorExtended}
}

func expected(t testing.TB, c issued) daticert.Data {
	t.Helper()
	d := c.want
	d.Type, d.Provider = daticert.Type(c.kind), c.by.Name
	if d.Error == "" {
		d.Error = daticert.ErrorNone
	}
	d.Sender, d.Recipients, d.ReplyTo, d.Subject, d.ID, d.MessageID = sender, recipients(), sender, subject, pecID, clientID
	d.Date = daticert.Date{Day: "10/03/2026", Hour: "10:15:30", Zone: "+0100"}
	return d
}
