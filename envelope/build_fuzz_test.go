package envelope_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/envelope"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/smime"
)

// fastProvider is the provider with a key that signs fast.
func fastProvider() *envelope.Provider {
	p, one := provider(), testsign.NewCircle().One
	id := testsign.Certificate{KeyType: testsign.Ed25519, Subject: one.Subject, Addresses: []string{one.Address}}.IssuedBy(testsign.NewCircle().Root)
	p.Signer = &smime.Signer{Key: id.Key, Certificate: id.X509()}
	return p
}

// FuzzBuild: whatever the facts and the message are, an envelope that is built
// is certified and says what went in, or the error names a field.
func FuzzBuild(f *testing.F) {
	for _, s := range []struct{ subject, sender, to, id, msgid, replyTo, mail string }{
		{"prova", sender, first, pecID, clientID, sender, plain},
		{"a\r\nX-Ricevuta: b", "a@b\r\nc", "<x>", "a@b", "<x>\r\n", "a@b, c@d", "To: a@b\rX: y\r\n\r\n"},
		{"]]>&<oggetto>", `"a"@b`, "a@b", "@", "", "", "From: a@b\nMessage-ID: <x\n y>\n\nbody"},
		{"=?utf-8?q?=0D=0A?=", "а@b", "a@b>", "<a@b>", "è", "\x00", "\r\n\r\n"},
		{" due  spazi ", "a@b", "c@d", "e@f", "<g@h>", "i@l\r\n", "From: a\r\nReply-To: a@b\r\n \r\nX-Trasporto: errore\r\n\r\n"},
		{strings.Repeat("漢", 300), "a@b", "c@d", "e@f", "", "", "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n--x--\r\n"},
	} {
		f.Add(s.subject, s.sender, s.to, s.id, s.msgid, s.replyTo, []byte(s.mail))
	}
	p := fastProvider()
	f.Fuzz(func(t *testing.T, subject, sender, to, id, msgid, replyTo string, mail []byte) {
		data := &daticert.Data{Sender: sender, Recipients: []daticert.Recipient{{Type: daticert.RecipientCertified, Address: to}},
			Subject: subject, ID: id, MessageID: msgid, ReplyTo: replyTo}
		out, err := p.Transport(data, section(string(mail)), instant)
		var field *envelope.FieldError
		if err != nil {
			require.ErrorAs(t, err, &field)
			require.Nil(t, out)
			return
		}
		b, err := out.Bytes()
		require.NoError(t, err)
		m, err := pec.ReadAll(bytes.NewReader(b))
		require.NoError(t, err)
		r, err := pec.Verify(m, options)
		var not *pec.NotCertifiedError
		if errors.As(err, &not) {
			for _, c := range r.Failures() {
				t.Errorf("%s: %s", c.ID, c.Detail(pec.English))
			}
		}
		require.NoError(t, err)
		require.Equal(t, strings.Trim(subject, " \t\r\n"), r.Data.Subject)
		require.Equal(t, sender, r.Data.Sender)
		require.Equal(t, to, r.Data.Recipients[0].Address)
		require.Equal(t, id, r.Data.ID)
		require.Equal(t, msgid, r.Data.MessageID)
		for _, name := range []string{"X-Trasporto", "From", "Subject", "Date", "Message-ID", "X-TipoRicevuta"} {
			require.Len(t, m.Header(name), 1, name)
		}
		require.Empty(t, m.Header("X-Ricevuta"))
		require.NotEmpty(t, enclosed(t, r))
	})
}

// FuzzAnomaly: every mail within the limits is wrapped and comes out unchanged.
func FuzzAnomaly(f *testing.F) {
	for _, s := range []string{plain, "", "\r\n", "To: a\rb\r\n\r\n", "Message-ID: <a@b>\n\nx", "X\x00: y\r\n\r\n", "Subject: =?utf-8?b?/w==?=\r\n\r\n"} {
		f.Add("a@example.org", "motivo", []byte(s))
	}
	p := fastProvider()
	f.Fuzz(func(t *testing.T, from, reason string, mail []byte) {
		a := &envelope.Arrival{Sender: from, Recipients: []string{first}, Reason: reason}
		out, err := p.Anomaly(a, section(string(mail)), instant)
		if err != nil {
			var field *envelope.FieldError
			require.ErrorAs(t, err, &field)
			return
		}
		b, err := out.Bytes()
		require.NoError(t, err)
		r := certified(t, b)
		require.Equal(t, pec.KindAnomaly, r.Kind)
		require.Empty(t, r.Message.Header("X-Ricevuta"))
		require.Len(t, r.Message.Header("From"), 1)
	})
}
