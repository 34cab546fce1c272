package envelope_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

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

// What a number that is fuzzed asks for, bit by bit.
const (
	asksFacts         = 1 << iota // facts come from the message
	asksExternal                  // recipients have ordinary mailboxes
	asksLongSubject               // the subject, not the recipient, is there many times
	asksTextOnly                  // habits
	asksOriginalFirst             //
	asksPlainXML                  //
	asksNoFacts                   // what is not there
	asksNoMail                    //
	asksNoRecipient               //
	asksUnknownType               // of recipient
	asksFailLater                 // the source fails after building instead of before
	asksChange                    // the source changes after building
	asksFullDisk                  // the writer fails
	asksReceipt                   // the lower bit of two that choose the kind of receipt
)

var receiptsAsked = []daticert.ReceiptType{"", daticert.ReceiptBrief, daticert.ReceiptConcise, "normale"}

// errBroken is what a source or a target gives that fails.
var errBroken = errors.New("broken")

// source is a message whose bytes from one on cannot be read; from 0 on, it is
// whole.
type source struct {
	b    []byte
	from int64
}

func (s *source) ReadAt(p []byte, off int64) (int, error) {
	if s.from > 0 && off+int64(len(p)) >= s.from {
		return 0, errBroken
	}
	return bytes.NewReader(s.b).ReadAt(p, off)
}

type fullDisk struct{ left int }

func (d *fullDisk) Write(p []byte) (int, error) {
	if d.left -= len(p); d.left < 0 {
		return 0, errBroken
	}
	return len(p), nil
}

// requireRefused: an error names the field, is readable, and comes with nothing.
func requireRefused(t *testing.T, err error, nothing bool) *envelope.FieldError {
	t.Helper()
	field, ok := errors.AsType[*envelope.FieldError](err)
	require.True(t, ok, "%v", err)
	require.True(t, nothing)
	require.NotEmpty(t, field.Field)
	require.ErrorIs(t, err, field.Err)
	require.Contains(t, err.Error(), field.Field+": "+field.Err.Error())
	require.True(t, utf8.ValidString(err.Error()), "%q", err)
	return field
}

// FuzzBuild: whatever the facts and the message are, an envelope that is built
// is certified and says what went in, or the error names a field. A source that
// fails gives its own error.
func FuzzBuild(f *testing.F) {
	for _, s := range []struct{ subject, sender, to, id, msgid, replyTo, mail string }{
		{"prova", sender, first, pecID, clientID, sender, plain},
		{"a\r\nX-Ricevuta: b", "a@b\r\nc", "<x>", "a@b", "<x>\r\n", "a@b, c@d", "To: a@b\rX: y\r\n\r\n"},
		{"]]>&<oggetto>", `"a"@b`, "a@b", "@", "", "", "From: a@b\nMessage-ID: <x\n y>\n\nbody"},
		{"=?utf-8?q?=0D=0A?=", "а@b", "a@b>", "<a@b>", "è", "\x00", "\r\n\r\n"},
		{" due  spazi ", "a@b", "c@d", "e@f", "<g@h>", "i@l\r\n", "From: a\r\nReply-To: a@b\r\n \r\nX-Trasporto: errore\r\n\r\n"},
		{strings.Repeat("漢", 300), "a@b", "c@d", "e@f", "", "", "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n--x--\r\n"},
		{"a\x00b", sender, first, pecID, "<a\x00@b>", "nessuno", "To: destinatario@pec.example.com\rX-Ricevuta: a\r\n\r\n"},
		{"prova", sender, first, pecID, "", "nessuno", "To: a@b\r\n\r\n"},
		{"prova", sender, first, pecID, "", "", "To: destinatario@pec.example.com\rX-Ricevuta: a\r\n\r\n"},
		{"prova", strings.Repeat("a", 250) + "@b.it", first, pecID, "", "", plain},
		{"prova", sender, first, strings.Repeat("a", 249) + "@b", "", "", plain},
		{"prova", sender, first, pecID, "", "", strings.Repeat("A: b\r\n", 200_000)},
	} {
		f.Add(s.subject, s.sender, s.to, s.id, s.msgid, s.replyTo, []byte(s.mail), uint16(0), uint16(0), uint16(0))
	}
	for _, c := range factsCases {
		f.Add("", sender, first, pecID, "", "", []byte(c.header+"\r\nTesto\r\n"), uint16(asksFacts), uint16(0), uint16(0))
	}
	for _, c := range enclosedCases {
		f.Add("prova", sender, first, pecID, clientID, "", []byte(c.in), uint16(asksOriginalFirst), uint16(0), uint16(0))
	}
	large := plain + strings.Repeat("Una riga di testo.\r\n", 8_000) // more than is cached
	nested := "From: a@b\r\n" + strings.Repeat("Content-Type: message/rfc822\r\n\r\n", 18) + "Subject: dentro\r\n\r\nTesto\r\n"
	for _, s := range []struct {
		mail               string
		flags, times, stop uint16
	}{
		{plain, asksExternal, 3, 0}, {plain, asksUnknownType, 0, 0}, {plain, asksNoFacts, 0, 0}, {plain, asksNoMail, 0, 0},
		{plain, asksNoMail | asksFacts, 0, 0}, {plain, asksNoRecipient, 0, 0}, {plain, asksNoRecipient | asksFacts, 0, 0},
		{plain, 25_000, 25_000, 0}, {plain, asksTextOnly | asksPlainXML, 25_000, 0}, {plain, asksLongSubject, 65_000, 0}, {plain, asksLongSubject, 1_000, 0},
		{plain, 1 * asksReceipt, 0, 0}, {plain, 2 * asksReceipt, 0, 0}, {plain, 3 * asksReceipt, 0, 0},
		{plain, 0, 0, 1}, {plain, asksFacts, 0, 60}, {large, 0, 0, 50_000}, {nested, 0, 0, 0}, {nested, asksFacts, 0, 0},
		{large, asksFailLater, 0, 50_000}, {large, asksChange, 0, 0}, {plain, asksFullDisk, 0, 0}, {plain, asksFullDisk, 0, 900},
		{"X-TipoRicevuta: normale\r\n\r\n", asksFacts, 0, 0}, {"Message-ID: <" + strings.Repeat("a", 900) + "@b>\r\n\r\n", asksFacts, 0, 0},
		{"\r\nTesto\r\n", asksFacts, 0, 0}, {"", 0, 0, 0}, {strings.Repeat("A: b\r\n", 200_000), asksFacts, 0, 0},
	} {
		f.Add("漢 漢 prova", sender, first, pecID, clientID, sender, []byte(s.mail), s.flags, s.times, s.stop)
	}
	p := fastProvider()
	f.Fuzz(func(t *testing.T, subject, sender, to, id, msgid, replyTo string, mail []byte, flags, times, stop uint16) {
		asked := func(what uint16) bool { return flags&what != 0 }
		own := *p
		own.Habits = envelope.Habits{TextOnly: asked(asksTextOnly), OriginalFirst: asked(asksOriginalFirst), PlainXML: asked(asksPlainXML)}
		recipient, n := daticert.Recipient{Type: daticert.RecipientCertified, Address: to}, 1
		if asked(asksExternal) {
			recipient.Type = daticert.RecipientExternal
		}
		if asked(asksUnknownType) {
			recipient.Type = "interno"
		}
		if asked(asksLongSubject) {
			subject = strings.Repeat(subject, min(1+int(times), 1+700<<10/max(len(subject), 1)))
		} else {
			n = min(1+int(times), 1+2<<20/max(len(to), 70))
		}
		if asked(asksNoRecipient) {
			n = 0
		}
		from := &source{b: bytes.Clone(mail)}
		breaks := stop > 0 && int(stop) <= len(mail) && !asked(asksFailLater|asksFullDisk|asksNoMail)
		if breaks {
			from.from = int64(stop)
		}
		original := io.NewSectionReader(from, 0, int64(len(mail)))
		if asked(asksNoMail) {
			original = nil
		}
		data := &daticert.Data{Sender: sender, Recipients: slices.Repeat([]daticert.Recipient{recipient}, n), Subject: subject, ID: id,
			MessageID: msgid, ReplyTo: replyTo, Receipt: receiptsAsked[flags/asksReceipt%4]}
		if asked(asksFacts) {
			facts, err := envelope.Facts(original, sender, data.Recipients, id)
			if err != nil {
				field := requireRefused(t, err, facts == nil)
				require.True(t, !breaks || field.Field != "original" || errors.Is(err, errBroken), "%v", err)
				return
			}
			require.False(t, strings.ContainsFunc(facts.Subject+facts.MessageID, func(r rune) bool { return r < ' ' || r == 0x7f }))
			data = facts
		}
		if asked(asksNoFacts) {
			data = nil
		}
		out, err := own.Transport(data, original, instant)
		if err != nil {
			requireRefused(t, err, out == nil)
			return
		}
		require.False(t, breaks || asked(asksNoMail|asksNoFacts|asksNoRecipient|asksUnknownType), "there is nothing to build it from")
		if asked(asksFullDisk) {
			_, err := out.WriteTo(&fullDisk{int(stop)})
			require.ErrorIs(t, err, errBroken)
		}
		if asked(asksFailLater) {
			from.from = int64(stop)
		}
		if asked(asksChange) && len(mail) > 0 {
			from.b[len(mail)/2] ^= 1
		}
		b, err := out.Bytes()
		if err != nil && asked(asksFailLater|asksChange) {
			require.Nil(t, b)
			require.True(t, errors.Is(err, errBroken) || errors.Is(err, smime.ErrChanged), "%v", err)
			return
		}
		require.NoError(t, err)
		requireEnvelope(t, b, data, out)
	})
}

// requireEnvelope: an envelope is certified and says what it was built from.
func requireEnvelope(t *testing.T, b []byte, data *daticert.Data, out *envelope.Outgoing) {
	t.Helper()
	m, err := pec.ReadAll(bytes.NewReader(b))
	require.NoError(t, err)
	r, err := pec.Verify(m, options)
	if not, ok := errors.AsType[*pec.NotCertifiedError](err); ok {
		for _, c := range not.Report.Failures() {
			t.Errorf("%s: %s", c.ID, c.Detail(pec.English))
		}
	}
	require.NoError(t, err)
	require.Equal(t, out.MessageID, m.FirstHeader("Message-ID"))
	require.Equal(t, strings.Trim(data.Subject, " \t\r\n"), r.Data.Subject)
	require.Equal(t, data.Sender, r.Data.Sender)
	require.Equal(t, data.Recipients, r.Data.Recipients)
	require.Equal(t, data.ID, r.Data.ID)
	require.Equal(t, data.MessageID, r.Data.MessageID)
	facts := m.Transport.Facts()
	require.Equal(t, r.Data.Recipients, facts.Recipients)
	require.Equal(t, m.Transport.Receipt(), facts.Receipt)
	require.Equal(t, (&envelope.Transport{Data: data}).Receipt(), facts.Receipt, "none asked for means a complete one")
	certified, external := m.Transport.Recipients()
	require.Len(t, r.Data.Recipients, len(certified)+len(external))
	if data.Recipients[0].Type == daticert.RecipientExternal {
		require.Empty(t, certified)
	} else {
		require.Empty(t, external)
	}
	for _, name := range []string{"X-Trasporto", "From", "Subject", "Date", "Message-ID", "X-TipoRicevuta"} {
		require.Len(t, m.Header(name), 1, name)
	}
	require.Empty(t, m.Header("X-Ricevuta"))
	require.NotEmpty(t, enclosed(t, r))
}
