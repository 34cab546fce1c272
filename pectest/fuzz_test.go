package pectest_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/pectest"
)

// FuzzSubmit: whatever a user submits ends in an SMTP error that leaves no trace,
// in a non-acceptance, or in an acceptance after which the recipient has all of
// it. Every message about it is certified.
func FuzzSubmit(f *testing.F) {
	plain := letter{to: []string{one}, files: []file{{"a.txt", "ciao"}}}
	brief := plain
	brief.receipt = "breve"
	for _, seed := range []string{
		string(plain.bytes()), string(brief.bytes()),
		strings.ReplaceAll(string(plain.bytes()), "\r\n", "\n"),
		"From: mittente@pec.example.it\nTo: destinatario@pec.example.com\n\n.\r\nFrom x\r\n\x00\r\r\n--\r\n",
		"From: mittente@pec.example.it\r\nTo: destinatario@pec.example.com\r\nMessage-ID: <a@b>\r\nMessage-ID: <c@d>\r\nSubject: =?UTF-8?B?gICA?=\r\n\r\n",
		"From: mittente@pec.example.it\r\nTo: destinatario@pec.example.com\r\nX-Trasporto: posta-certificata\r\nX-Riferimento-Message-ID: x\r\n y\r\n\r\nX",
		"Content-Type: multipart/signed; boundary=b\r\nFrom: mittente@pec.example.it\r\nTo: destinatario@pec.example.com\r\n\r\n--b\r\n\r\n--b\r\n\r\n--b--",
		"", "\r\n", ":", "From: mittente@pec.example.it",
	} {
		f.Add([]byte(seed))
	}
	c, err := pectest.NewCircuit(with(pectest.WithKey(pectest.KeyECDSA))...)
	require.NoError(f, err)
	f.Cleanup(c.Close)
	f.Fuzz(func(t *testing.T, mail []byte) {
		c.Clear()
		s, err := c.Submit(sender, []string{one}, mail)
		if err != nil {
			_, ok := errors.AsType[*pectest.SMTPError](err)
			require.True(t, ok, "%v", err)
			require.Zero(t, c.Stored())
			return
		}
		for e := range c.Log() {
			require.NotEqual(t, pectest.EventFailure, e.Event, e.Detail)
		}
		for _, m := range everything(c) {
			require.Equal(t, s.ID, certified(t, c, m).Data.ID)
		}
		var kinds []pec.Kind
		for m := range c.Mailbox(sender).Messages() {
			kinds = append(kinds, m.Kind)
		}
		if !s.Accepted {
			require.Equal(t, []pec.Kind{pec.KindNonAcceptance}, kinds)
			require.Zero(t, c.Mailbox(one).Len())
			return
		}
		require.Equal(t, []pec.Kind{pec.KindAcceptance, pec.KindDelivery}, kinds)
		original, err := certified(t, c, firstOf(c.Mailbox(one))).Message.Original().Section()
		require.NoError(t, err)
		inside, err := io.ReadAll(original)
		require.NoError(t, err)
		require.Equal(t, body(canonical(mail)), body(inside), "the body is the one that was submitted")
	})
}

// canonical gives every bare LF its CR.
func canonical(mail []byte) []byte {
	return bytes.ReplaceAll(bytes.ReplaceAll(mail, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
}

// withoutMbox takes off what is no part of a mail: a byte order mark, and the
// "From " line of a mailbox file.
func withoutMbox(mail string) string {
	mail = strings.TrimPrefix(mail, "\ufeff")
	if line, rest, _ := strings.Cut(mail, "\r\n"); strings.HasPrefix(line, "From ") {
		return rest
	}
	return mail
}

// body is what follows the first blank line; the header before it is the circuit's
// to change.
func body(mail []byte) string {
	_, after, _ := bytes.Cut(mail, []byte("\r\n\r\n"))
	return string(slices.Clone(after))
}

// FuzzArrive: whatever arrives from outside is turned away without a trace, or is
// in the recipient's mailbox, in an anomaly envelope that holds all of it.
func FuzzArrive(f *testing.F) {
	c, err := pectest.NewCircuit(with(pectest.WithKey(pectest.KeyECDSA))...)
	require.NoError(f, err)
	f.Cleanup(c.Close)
	everyKind(f, c)
	seeds := 0
	for _, m := range everything(c) { // signed with keys that the fuzzing processes do not know
		f.Add(m.Raw)
		seeds++
	}
	require.Greater(f, seeds, 30)
	for _, seed := range []string{"", "\n", "\x00\r\r\n", "Subject: a\rb\r\nTo: x\x00y\r\n\r\n", "From x\nFrom: <a@b.it>\n\n>From \n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, mail []byte) {
		c.Clear()
		if err := c.Arrive("estraneo@example.net", []string{one}, mail); err != nil {
			_, ok := errors.AsType[*pectest.SMTPError](err)
			require.True(t, ok, "%v", err)
			require.Zero(t, c.Stored())
			return
		}
		for e := range c.Log() {
			require.NotEqual(t, pectest.EventFailure, e.Event, e.Detail)
		}
		m := firstOf(c.Mailbox(one))
		if m == nil { // a taking in charge or a virus detection of this very circuit
			require.Equal(t, 1, c.Provider("beta.example.com").Service().Len())
			return
		}
		r := certified(t, c, m)
		if m.Kind != pec.KindAnomaly {
			return
		}
		original, err := r.Message.Original().Section()
		require.NoError(t, err)
		inside, err := io.ReadAll(original)
		require.NoError(t, err)
		require.Equal(t, withoutMbox(string(canonical(mail))), string(inside))
	})
}
