package receipt_test

import (
	"bytes"
	"crypto"
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

const (
	sender   = "mittente@pec.example.it"
	first    = "destinatario@pec.example.com"
	second   = "conoscenza@pec.example.com"
	external = "esterno@example.net"
	service  = "posta-certificata@pec.example.it"
	pecID    = "opec21004.20260310101530.00042.217.1.57@pec.example.it"
	clientID = "<20260310101412.4F2A11C08E@client.example.it>"
)

func section(mail string) *io.SectionReader {
	return io.NewSectionReader(strings.NewReader(mail), 0, int64(len(mail)))
}

// issuer is the recipient's provider of the circle, with the facts of one
// message.
func issuer() *receipt.Issuer {
	id := testsign.NewCircle().Two
	return &receipt.Issuer{
		By: &envelope.Provider{Name: id.Organization, Address: id.Address, Signer: &smime.Signer{Key: id.Key, Certificate: id.X509()}},
		About: &daticert.Data{Sender: sender, ReplyTo: sender, Subject: "prova", ID: pecID, MessageID: clientID,
			Receipt: daticert.ReceiptComplete,
			Recipients: []daticert.Recipient{{Type: daticert.RecipientCertified, Address: first},
				{Type: daticert.RecipientCertified, Address: second}, {Type: daticert.RecipientExternal, Address: external}}},
		At: testsign.Instant,
	}
}

var store = sync.OnceValue(func() *trust.Store {
	s, err := trust.NewStore(false, testsign.NewCircle().Root.X509())
	if err != nil {
		panic(err)
	}
	return s
})

// certified writes, reads and verifies a notice.
func certified(t testing.TB, out *envelope.Outgoing, err error) *receipt.Notice {
	t.Helper()
	require.NoError(t, err)
	var b bytes.Buffer
	_, err = out.WriteTo(&b)
	require.NoError(t, err)
	m, err := pec.ReadAll(&b)
	require.NoError(t, err)
	_, err = pec.Verify(m, &pec.VerifyOptions{Trust: store(), Clock: func() time.Time { return testsign.Instant.Add(time.Hour) }})
	require.NoError(t, err)
	require.Equal(t, []string{out.MessageID}, m.Header("Message-ID"))
	return m.Notice
}

// TestTimeoutNotices: the two notices of one type are told apart by the code,
// and where that is missing by the words of either place.
func TestTimeoutNotices(t *testing.T) {
	t.Parallel()
	i := issuer()
	i.About.Subject = "entro 24 ore, anzi entro 12 ore"
	out, err := i.Late(first)
	n := certified(t, out, err)
	got, rule := n.Timeout()
	require.Equal(t, receipt.TimeoutLate, got)
	require.Equal(t, receipt.RuleText, rule)
	n.Data.ErrorExtended = ""
	got, _ = n.Timeout()
	require.Equal(t, receipt.TimeoutLate, got, "by the readable text")

	out, err = i.Expired(first)
	n = certified(t, out, err)
	got, rule = n.Timeout()
	require.Equal(t, receipt.TimeoutExpired, got)
	require.Equal(t, receipt.RuleCode, rule)
	require.Equal(t, "5.4.1", n.Data.Detail().Code)
	n.Data.ErrorExtended = ""
	got, _ = n.Timeout()
	require.Equal(t, receipt.TimeoutExpired, got, "by the readable text")
}

// TestDeliveryErrors: status, provider and description can be told apart again.
func TestDeliveryErrors(t *testing.T) {
	t.Parallel()
	for _, f := range []receipt.Failure{receipt.NoMailbox, receipt.NoDomain, receipt.MailboxDisabled, receipt.MailboxFull} {
		out, err := issuer().DeliveryError(first, f)
		code, detail := certified(t, out, err).Reason()
		require.Equal(t, f.Code, code)
		require.Equal(t, daticert.ErrorDetail{Code: f.Status, Provider: "Gestore Due S.p.A.", Text: f.Text}, detail)
	}
	i := issuer()
	i.By.Habits.GenericError = true
	out, err := i.DeliveryError(first, receipt.NoMailbox)
	code, detail := certified(t, out, err).Reason()
	require.Equal(t, daticert.ErrorOther, code, "the habit of some")
	require.Equal(t, "5.1.1", detail.Code)
	out, err = i.VirusDeliveryError(first, "Eicar")
	require.True(t, certified(t, out, err).IsVirus(), "but for a virus")
	out, err = i.Acceptance()
	require.Equal(t, daticert.ErrorNone, certified(t, out, err).Data.Error)
}

// TestMessageIDs: the Message-ID of a notice follows what it says, so that two
// notices never share one and the same notice has the same.
func TestMessageIDs(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	add := func(out *envelope.Outgoing, err error) {
		require.NoError(t, err)
		require.False(t, seen[out.MessageID])
		seen[out.MessageID] = true
		require.Regexp(t, `^<[0-9a-f]{32}@pec\.example\.com>$`, out.MessageID)
	}
	i := issuer()
	add(i.Acceptance())
	add(i.Late(first))
	add(i.Late(second))
	add(i.Expired(first))
	add(i.TakingInCharge(service, first))
	add(i.TakingInCharge("posta-certificata@pec.example.org", first))
	later := *i
	later.At = later.At.Add(time.Second)
	add(later.Late(first))
	out, err := i.Acceptance()
	require.NoError(t, err)
	require.True(t, seen[out.MessageID])
}

// TestReceiptTypes: element ricevuta is that of delivery receipts only.
func TestReceiptTypes(t *testing.T) {
	t.Parallel()
	out, err := issuer().Acceptance()
	require.False(t, certified(t, out, err).Data.Has("ricevuta"))
	out, err = issuer().Delivery(first, section("To: destinatario@pec.example.com\r\n\r\n"))
	require.Equal(t, daticert.ReceiptComplete, certified(t, out, err).Data.Receipt)
}

// placeCase is one of places.
type placeCase struct {
	reason, header string
	asked, want    daticert.ReceiptType
}

// places are headers that name a recipient, and the kinds of receipt that follow.
func places() []placeCase {
	return []placeCase{
		{"in To", "To: " + first + "\r\n", daticert.ReceiptComplete, daticert.ReceiptComplete},
		{"in To, nothing asked for", "To: " + first + "\r\n", "", daticert.ReceiptComplete},
		{"in To, in other capitals", "To: Destinatario@PEC.example.com\r\nCc: x@example.it\r\n", daticert.ReceiptBrief, daticert.ReceiptBrief},
		{"in Cc", "To: x@example.it\r\nCc: \"D\" <DESTINATARIO@pec.example.com>\r\n", daticert.ReceiptComplete, daticert.ReceiptConcise},
		{"in the second of two Cc", "Cc: x@example.it\r\nCc: " + first + "\r\n", daticert.ReceiptBrief, daticert.ReceiptConcise},
		{"in both", "To: " + first + "\r\nCc: " + first + "\r\n", daticert.ReceiptComplete, daticert.ReceiptComplete},
		{"in neither", "To: x@example.it\r\n", daticert.ReceiptBrief, daticert.ReceiptBrief},
		{"in no header at all", "", daticert.ReceiptComplete, daticert.ReceiptComplete},
		{"concise was asked for", "To: " + first + "\r\n", daticert.ReceiptConcise, daticert.ReceiptConcise},
	}
}

// TestPrimaryOrCopy: recipients in Cc only get a concise receipt; where To and Cc
// do not tell, they get the one that was asked for.
func TestPrimaryOrCopy(t *testing.T) {
	t.Parallel()
	for _, c := range places() {
		i := issuer()
		i.About.Receipt = c.asked
		out, err := i.Delivery(first, section(c.header+"\r\nTesto\r\n"))
		n := certified(t, out, err)
		require.Equal(t, c.want, n.Data.Receipt, c.reason)
		require.Equal(t, c.want == daticert.ReceiptConcise, n.Original == nil, c.reason)
		require.Equal(t, c.want, out.Data.Receipt)
	}
	i := issuer()
	i.About.Receipt = daticert.ReceiptConcise
	out, err := i.Delivery(first, nil)
	require.Nil(t, certified(t, out, err).Original, "there is no need of the original")
}

// TestDeliveryEncloses: what the receipt encloses is the message of the envelope,
// byte for byte.
func TestDeliveryEncloses(t *testing.T) {
	t.Parallel()
	const in = "To: " + first + "\r\nMessage-Id:\t<" + pecID + ">\r\nX-Riferimento-Message-Id: " + clientID + "\r\nSubject: prova\r\n\r\nTesto \r\n\r\n"
	out, err := issuer().Delivery(first, section(in))
	n := certified(t, out, err)
	s, err := n.Original.Section()
	require.NoError(t, err)
	got, err := io.ReadAll(s)
	require.NoError(t, err)
	require.Equal(t, in, string(got))
}

// TestFromEnvelope: a receiving provider gets from an envelope all that its
// receipts need.
func TestFromEnvelope(t *testing.T) {
	t.Parallel()
	one := testsign.NewCircle().One
	sending := &envelope.Provider{Name: one.Organization, Address: one.Address, Signer: &smime.Signer{Key: one.Key, Certificate: one.X509()}}
	const mail = "From: " + sender + "\r\nTo: " + first + "\r\nSubject: prova\r\nX-TipoRicevuta: breve\r\nMessage-ID: " + clientID +
		"\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\nx\r\n"
	facts, err := envelope.Facts(section(mail), sender, issuer().About.Recipients, pecID)
	require.NoError(t, err)
	out, err := sending.Transport(facts, section(mail), testsign.Instant)
	require.NoError(t, err)
	b, err := out.Bytes()
	require.NoError(t, err)

	m, err := pec.ReadAll(bytes.NewReader(b))
	require.NoError(t, err)
	i := issuer()
	i.About = m.Transport.Facts()
	original, err := m.Transport.Original.Section()
	require.NoError(t, err)
	delivery, err := i.Delivery(first, original)
	n := certified(t, delivery, err)
	require.Equal(t, daticert.ReceiptBrief, n.Data.Receipt)
	hashes, err := n.Brief()
	require.NoError(t, err)
	require.Len(t, hashes.Hashes, 1)
	c, err := hashes.CompareEnclosed(m.Transport.Original)
	require.NoError(t, err)
	require.True(t, c.Same())
	require.Len(t, c.Matches, 1)
	_, err = hashes.CompareEnclosed(nil)
	require.Error(t, err)
}

// refusalCase is one of refusals.
type refusalCase struct {
	reason, field string
	build         func(i *receipt.Issuer) (*envelope.Outgoing, error)
}

// refusals are notices that cannot be built, with the field that is at fault.
func refusals() []refusalCase {
	const mail = "To: " + first + "\r\n\r\n"
	return []refusalCase{
		{"no provider", "provider", func(i *receipt.Issuer) (*envelope.Outgoing, error) { i.By = nil; return i.Acceptance() }},
		{"no provider for an error", "provider", func(i *receipt.Issuer) (*envelope.Outgoing, error) {
			i.By = nil
			return i.DeliveryError(first, receipt.NoMailbox)
		}},
		{"no provider for a timeout", "provider", func(i *receipt.Issuer) (*envelope.Outgoing, error) { i.By = nil; return i.Expired(first) }},
		{"no provider for a delivery", "provider", func(i *receipt.Issuer) (*envelope.Outgoing, error) {
			i.By = nil
			return i.Delivery(first, section(mail))
		}},
		{"no facts", "mittente", func(i *receipt.Issuer) (*envelope.Outgoing, error) { i.About = nil; return i.Acceptance() }},
		{"no facts for a delivery", "mittente", func(i *receipt.Issuer) (*envelope.Outgoing, error) {
			i.About = nil
			return i.Delivery(first, section(mail))
		}},
		{"no time", "time", func(i *receipt.Issuer) (*envelope.Outgoing, error) { i.At = time.Time{}; return i.Acceptance() }},
		{"no recipients", "destinatari", func(i *receipt.Issuer) (*envelope.Outgoing, error) { i.About.Recipients = nil; return i.Acceptance() }},
		{"an identifier without @", "identificativo", func(i *receipt.Issuer) (*envelope.Outgoing, error) { i.About.ID = "x"; return i.Acceptance() }},
		{"a subject with a line end inside", "oggetto", func(i *receipt.Issuer) (*envelope.Outgoing, error) { i.About.Subject = "a\r\nb"; return i.Acceptance() }},
		{"a refusal without reason", "errore-esteso", func(i *receipt.Issuer) (*envelope.Outgoing, error) { return i.NonAcceptance(" ") }},
		{"a reason with a line end", "errore-esteso", func(i *receipt.Issuer) (*envelope.Outgoing, error) { return i.NonAcceptance("a\nb") }},
		{"a virus without name", "errore-esteso", func(i *receipt.Issuer) (*envelope.Outgoing, error) { return i.VirusNonAcceptance("") }},
		{"a taking in charge of nobody", "ricezione", func(i *receipt.Issuer) (*envelope.Outgoing, error) { return i.TakingInCharge(service) }},
		{"a taking in charge of another", "ricezione[2]", func(i *receipt.Issuer) (*envelope.Outgoing, error) {
			return i.TakingInCharge(service, first, "altro@pec.example.com")
		}},
		{"a taking in charge to nobody", "to", func(i *receipt.Issuer) (*envelope.Outgoing, error) { return i.TakingInCharge("", first) }},
		{"a service mailbox with a line end", "to", func(i *receipt.Issuer) (*envelope.Outgoing, error) {
			return i.VirusDetection(service+"\r\nX: y", first, "Eicar")
		}},
		{"a virus detection for nobody", "consegna", func(i *receipt.Issuer) (*envelope.Outgoing, error) {
			return i.VirusDetection(service, "", "Eicar")
		}},
		{"a delivery to nobody", "consegna", func(i *receipt.Issuer) (*envelope.Outgoing, error) { return i.Delivery("", section(mail)) }},
		{"a delivery to another", "consegna", func(i *receipt.Issuer) (*envelope.Outgoing, error) {
			return i.Delivery("altro@pec.example.com", section(mail))
		}},
		{"a delivery to a mailbox of ordinary mail", "consegna", func(i *receipt.Issuer) (*envelope.Outgoing, error) {
			return i.Delivery(external, section(mail))
		}},
		{"an unknown kind of receipt", "ricevuta/@tipo", func(i *receipt.Issuer) (*envelope.Outgoing, error) {
			i.About.Receipt = "normale"
			return i.Delivery(first, section(mail))
		}},
		{"a complete delivery without the original", "original", func(i *receipt.Issuer) (*envelope.Outgoing, error) { return i.Delivery(first, nil) }},
		{"a late notice for nobody", "consegna", func(i *receipt.Issuer) (*envelope.Outgoing, error) { return i.Late("") }},
		{"a late notice for another", "consegna", func(i *receipt.Issuer) (*envelope.Outgoing, error) { return i.Expired(sender) }},
		{"a failure that is none", "postacert/@errore", func(i *receipt.Issuer) (*envelope.Outgoing, error) {
			return i.DeliveryError(first, receipt.Failure{Code: daticert.ErrorNone, Status: "5.1.1", Text: "x"})
		}},
		{"a failure for a virus", "postacert/@errore", func(i *receipt.Issuer) (*envelope.Outgoing, error) {
			return i.DeliveryError(first, receipt.Failure{Code: daticert.ErrorVirus, Status: "5.1.1", Text: "x"})
		}},
		{"a failure of no known code", "postacert/@errore", func(i *receipt.Issuer) (*envelope.Outgoing, error) {
			return i.DeliveryError(first, receipt.Failure{Code: "boh", Status: "5.1.1", Text: "x"})
		}},
		{"a failure without status", "errore-esteso", func(i *receipt.Issuer) (*envelope.Outgoing, error) {
			return i.DeliveryError(first, receipt.Failure{Code: daticert.ErrorOther, Text: "x"})
		}},
		{"a status that is none", "errore-esteso", func(i *receipt.Issuer) (*envelope.Outgoing, error) {
			return i.DeliveryError(first, receipt.Failure{Code: daticert.ErrorOther, Status: "6.1", Text: "x"})
		}},
		{"a provider's name that hides where it ends", "errore-esteso", func(i *receipt.Issuer) (*envelope.Outgoing, error) {
			i.By.Name = "Gestore - Due"
			return i.DeliveryError(first, receipt.NoMailbox)
		}},
		{"SHA-3 for brief receipts", "provider.habits", func(i *receipt.Issuer) (*envelope.Outgoing, error) {
			i.By.Habits.BriefHash = crypto.SHA3_256
			return i.Delivery(first, section(mail))
		}},
	}
}

// TestRefuses: what cannot be valid is an error that names the field, whatever
// the kind.
func TestRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range refusals() {
		i := issuer()
		out, err := c.build(i)
		var field *envelope.FieldError
		require.ErrorAs(t, err, &field, c.reason)
		require.Equal(t, c.field, field.Field, "%s: %v", c.reason, err)
		require.Nil(t, out, c.reason)
	}
}

// trimmed is how daticert reads a text: without the white space of XML around it.
func trimmed(s string) string { return strings.Trim(s, " \t\r\n") }
