package receipt_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/envelope"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/receipt"
	"github.com/gopec/gopec/smime"
)

// fastSigner is that of the recipient's provider with a key that signs fast.
func fastSigner() *smime.Signer {
	two := testsign.NewCircle().Two
	id := testsign.Certificate{KeyType: testsign.Ed25519, Subject: two.Subject, Addresses: []string{two.Address}}.IssuedBy(testsign.NewCircle().Root)
	return &smime.Signer{Key: id.Key, Certificate: id.X509()}
}

// requireRefused: an error names the field, is readable, and comes with nothing.
func requireRefused(t *testing.T, out *envelope.Outgoing, err error) *envelope.FieldError {
	t.Helper()
	require.Nil(t, out)
	var field *envelope.FieldError
	require.ErrorAs(t, err, &field)
	require.NotEmpty(t, field.Field)
	require.ErrorIs(t, err, field.Err)
	require.True(t, utf8.ValidString(err.Error()), "%q", err)
	return field
}

// failures are those that delivery knows.
var failures = []receipt.Failure{receipt.NoMailbox, receipt.NoDomain, receipt.MailboxDisabled, receipt.MailboxFull}

// notices are all kinds of notices without the message, in the order of the
// number that picks one.
var notices = []func(i *receipt.Issuer, reason, recipient, to string) (*envelope.Outgoing, error){
	func(i *receipt.Issuer, reason, _, _ string) (*envelope.Outgoing, error) {
		return i.NonAcceptance(reason)
	},
	func(i *receipt.Issuer, reason, recipient, to string) (*envelope.Outgoing, error) {
		return i.VirusDetection(to, recipient, reason)
	},
	func(i *receipt.Issuer, _, recipient, to string) (*envelope.Outgoing, error) {
		return i.TakingInCharge(to, recipient)
	},
	func(i *receipt.Issuer, _, recipient, _ string) (*envelope.Outgoing, error) { return i.Late(recipient) },
	func(i *receipt.Issuer, _, recipient, _ string) (*envelope.Outgoing, error) {
		return i.Expired(recipient)
	},
	func(i *receipt.Issuer, _, _, _ string) (*envelope.Outgoing, error) { return i.Acceptance() },
	func(i *receipt.Issuer, reason, _, _ string) (*envelope.Outgoing, error) {
		return i.VirusNonAcceptance(reason)
	},
	func(i *receipt.Issuer, reason, recipient, _ string) (*envelope.Outgoing, error) {
		return i.VirusDeliveryError(recipient, reason)
	},
	func(i *receipt.Issuer, reason, recipient, _ string) (*envelope.Outgoing, error) {
		return i.DeliveryError(recipient, receipt.Failure{Code: daticert.ErrorOther, Status: "4.2.1", Text: reason})
	},
	func(i *receipt.Issuer, reason, recipient, _ string) (*envelope.Outgoing, error) {
		return i.DeliveryError(recipient, failures[len(reason)%len(failures)])
	},
}

// FuzzNotice: whatever the reason and the names are, a notice that is built is
// certified and says what went in, or the error names a field. kind picks one of
// the notices, or behind them one of those that are to be refused.
func FuzzNotice(f *testing.F) {
	for kind := range notices {
		f.Add("prova", "motivo", first, service, uint8(kind), true)
		f.Add("a\r\nb", "5.4.1 - x - y", "x@y", "a@b\r\nc", uint8(kind), false)
		f.Add("\" proveniente da \"x@y", "entro 24 ore </errore-esteso>", first, "", uint8(kind), false)
		f.Add("è €", "\x00", "", "posta@x", uint8(kind), false)
	}
	for i := range refusals() {
		f.Add("prova", "motivo", first, service, uint8(len(notices)+i), false)
	}
	signer, refused := fastSigner(), refusals()
	f.Fuzz(func(t *testing.T, subject, reason, recipient, to string, kind uint8, generic bool) {
		i := issuer()
		i.By.Signer, i.About.Subject = signer, subject
		n := int(kind) % (len(notices) + len(refused))
		if n >= len(notices) {
			out, err := refused[n-len(notices)].build(i)
			field := requireRefused(t, out, err)
			require.True(t, subject != "prova" || field.Field == refused[n-len(notices)].field, "%v", err)
			return
		}
		i.By.Habits.GenericError = generic // which makes one of those above a notice that can be built
		out, err := notices[n](i, reason, recipient, to)
		if err != nil {
			requireRefused(t, out, err)
			return
		}
		notice := certified(t, out, nil)
		requireNotice(t, notice, i, out)
		require.Equal(t, trimmed(subject), notice.Data.Subject)
		if notice.Data.Delivery != "" {
			require.Equal(t, recipient, notice.Recipient())
		}
		code, detail := notice.Reason()
		if notice.Type == daticert.TypeDeliveryError && !notice.IsVirus() {
			require.Equal(t, i.By.Name, detail.Provider)
			require.True(t, !generic || code == daticert.ErrorOther, "the habit of some")
		}
		if notice.Type == daticert.TypeTimeout {
			got, _ := notice.Timeout()
			require.Equal(t, got == receipt.TimeoutExpired, detail.Code == "5.4.1")
			require.NotEqual(t, receipt.TimeoutUnknown, got)
		}
		if notice.Type == daticert.TypeNonAcceptance {
			require.Equal(t, trimmed(reason), notice.Data.ErrorExtended)
		}
	})
}

// requireNotice checks what is true of every notice that was built and read.
func requireNotice(t *testing.T, n *receipt.Notice, i *receipt.Issuer, out *envelope.Outgoing) {
	t.Helper()
	require.Equal(t, out.Data.Type, n.Type)
	require.Equal(t, out.Data.Error, n.Data.Error)
	require.Equal(t, i.By.Name, n.Data.Provider)
	require.Equal(t, i.About.ID, n.Data.ID)
	require.Contains(t, n.Text, i.About.ID)
	require.True(t, utf8.ValidString(n.Text))
	at, err := n.Data.Time()
	require.NoError(t, err)
	require.True(t, at.Equal(i.At), "one instant in all places")
	code, detail := n.Reason()
	require.Equal(t, code == daticert.ErrorNone, n.Data.ErrorExtended == "", "a failure has a reason")
	require.Equal(t, daticert.ParseErrorDetail(n.Data.ErrorExtended), detail)
	require.Equal(t, code == daticert.ErrorVirus, n.IsVirus())
	require.Equal(t, n.Data.Delivery, n.Recipient())
	if n.Type != daticert.TypeTimeout {
		got, rule := n.Timeout()
		require.Equal(t, receipt.TimeoutUnknown, got)
		require.Equal(t, receipt.RuleNone, rule)
	}
	if n.Type != daticert.TypeDelivery {
		b, err := n.Brief()
		require.NoError(t, err)
		require.Nil(t, b)
	}
}

// FuzzTimeout: whatever stands in a notice, one that does not speak of hours
// tells nothing, the code stands above all words, and what is told has its rule.
func FuzzTimeout(f *testing.F) {
	for _, c := range timeouts() {
		f.Add(c.extended, c.subject, c.text, c.to)
	}
	f.Fuzz(func(t *testing.T, extended, subject, text, to string) {
		n := receipt.Notice{Type: daticert.TypeTimeout, Text: text, Data: &daticert.Data{
			Type: daticert.TypeTimeout, ErrorExtended: extended, Subject: subject, Delivery: to}}
		got, rule := n.Timeout()
		again, sameRule := n.Timeout()
		require.Equal(t, got, again)
		require.Equal(t, rule, sameRule)
		require.Equal(t, got == receipt.TimeoutUnknown, rule == receipt.RuleNone)
		require.Equal(t, n.Data.Detail().Code == "5.4.1", rule == receipt.RuleCode)
		require.True(t, rule != receipt.RuleCode || got == receipt.TimeoutExpired)
		hours := strings.Contains(strings.ToLower(extended), "ore") || strings.Contains(strings.ToLower(text), "ore")
		require.True(t, hours || rule != receipt.RuleText)
		if subject == "" && to == "" {
			// Nothing tells the provider's words from those of others.
			n.Text = ""
			without, _ := n.Timeout()
			require.Equal(t, got, without)
		}
		n.Type = daticert.TypeDeliveryError
		_, rule = n.Timeout()
		require.Equal(t, receipt.RuleNone, rule, "only one type has two notices under it")
	})
}
