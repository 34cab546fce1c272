package pectest_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

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
		f.Add([]byte(seed), sender, one, uint8(0))
	}
	everyone := "full@ nobody@ nodomain@ virus@ late12h@ silent@ stuck@ damaged@ external@ chiunque@"
	magic := strings.Fields(strings.ReplaceAll(everyone, "@", "@pec.example.com"))
	mixed := letter{to: []string{one, office, "altri@example.net"}, cc: []string{two}, files: plain.files}
	for shape := range uint8(5) {
		for _, l := range []letter{plain, brief, mixed, {to: magic}, {to: []string{one}, receipt: "sintetica", noID: true}, {to: []string{one, two}, text: eicar},
			{to: []string{one}, files: []file{{"a.com", eicar}}}, {to: []string{sender}}, {to: []string{"altri@example.net", "external@pec.example.com"}}} {
			f.Add(l.bytes(), sender, strings.Join(slices.Concat(l.to, l.cc), " "), shape)
		}
	}
	const from, to = "From: mittente@pec.example.it\r\n", "To: destinatario@pec.example.com\r\n"
	for _, header := range []string{
		to, from + from + to, "From: mittente\r\n" + to, "From: ufficio@pec.example.it\r\n" + to, "From: Mittente <MITTENTE@PEC.example.it>\r\n" + to, from, from + "To: \r\n",
		from + "To: destinatario\r\n", from + to + to, from + to + "Cc: <>\r\n", from + to + "Cc: \r\n", from + to + "Cc: " + two + "\r\n", from + to + "Bcc: " + two + "\r\n",
		from + to + "X-TipoRicevuta: lunga\r\n", from + "To: \"a\x01\"@b.it\r\n", from + to + "Message-ID: <" + strings.Repeat("a", 1000) + "@b>\r\n",
		from + to + strings.Repeat("Content-Type: message/rfc822\r\n\r\n", 30), from + to + strings.Repeat("X-Riga: a\r\n", 100_000), from + "To: destinatario@pec.example.com\rX: y\r\n",
	} {
		f.Add([]byte(header+"\r\nciao\r\n"), sender, one, uint8(0))
	}
	f.Add([]byte(from+to+"\r\n"+strings.Repeat("a", 10_000)), sender, one, uint8(4))
	f.Add(letter{to: []string{one, sender}, text: strings.Repeat("riga\r\n", 900)}.bytes(), sender, one+" "+sender, uint8(4))
	f.Add([]byte(from+to+"\r\n"+strings.Repeat("a", 32<<10-300)+eicar), sender, one, uint8(0))
	for _, to := range []string{"", "destinatario", "perch\u00e9@pec.example.com", one + " DESTINATARIO@PEC.example.com", strings.Repeat("u@pec.example.com ", 1001), "-a@b-.it", "a@b..it", "@b.it", "u1@x.it u2@x.it u3@x.it u4@x.it u5@x.it u6@x.it"} {
		f.Add(plain.bytes(), sender, to, uint8(0))
		f.Add(plain.bytes(), strings.ToUpper(to), sender, uint8(0))
	}
	told := 0
	circuits := make([]*pectest.Circuit, 5)
	for i, options := range [][]pectest.Option{
		with(pectest.WithKey(pectest.KeyECDSA)),
		with(pectest.WithKey(pectest.KeyECDSA), pectest.WithBER(), pectest.WithChain(), pectest.WithXPKCS7(), pectest.WithoutPreamble(), pectest.WithTextOnly(),
			pectest.WithOriginalFirst(), pectest.WithPlainXML(), pectest.WithLF()),
		append(with(pectest.WithKey(pectest.KeyECDSA), pectest.WithoutMsgid(), pectest.WithGenericError(), pectest.WithBriefSHA256(), pectest.WithBriefDecoded(),
			pectest.WithDuplicates(), pectest.WithReordering(), pectest.WithoutVirusCheck(), pectest.WithExpiryAfter(22*time.Hour)),
			pectest.WithDeliveryHook(func(*pectest.Mailbox, *pectest.Message) {
				told++
				_, _ = circuits[2].Submit("nobody@pec.example.it", nil, nil) // it may use the circuit
			})),
		{pectest.WithAdversary(1), pectest.WithProvider("alfa.example.it", pectest.WithDomain("pec.example.it", "mittente", "ufficio")),
			pectest.WithProvider("beta.example.com", pectest.WithDomain("pec.example.com", "destinatario", "protocollo"), pectest.WithSHA1(), pectest.WithoutMsgid())},
		append(with(pectest.WithKey(pectest.KeyEd25519), pectest.WithExpiredCertificate()), pectest.WithMaxWeight(10_000), pectest.WithMaxStorage(100_000),
			pectest.WithFault(two, pectest.FaultFull)),
	} {
		var err error
		circuits[i], err = pectest.NewCircuit(options...)
		require.NoError(f, err)
		f.Cleanup(circuits[i].Close)
	}
	begin := circuits[0].Clock().Now()
	f.Fuzz(func(t *testing.T, mail []byte, from, to string, shape uint8) {
		expired := shape%5 == 4
		c := circuits[shape%5]
		c.Clear()
		c.Clock().Rewind(begin)
		told = 0
		recipients := strings.Fields(to)
		s, err := c.Submit(from, recipients, mail)
		if err != nil {
			requireRefused(t, c, err)
			return
		}
		from = strings.ToLower(from)
		if from != sender { // a user whom the properties below do not know
			require.NotNil(t, c.Mailbox(from))
			c.Clock().Advance(25 * time.Hour)
			return
		}
		unheard := c.Clock().Pending()
		c.Clock().Advance(25 * time.Hour)
		require.Zero(t, c.Clock().Pending(), "nothing is left to happen")
		require.True(t, s.Accepted || unheard == 0)
		requireLog(t, c, !expired)
		if shape%5 == 2 {
			stored := 0
			for range everything(c) {
				stored++
			}
			for p := range c.Providers() {
				stored += p.Quarantine().Len()
			}
			require.Equal(t, stored, told, "the hook is told of all that is put somewhere")
		}
		if expired && c.Stored() >= 100_000 {
			_, err := c.Submit(from, recipients, mail)
			smtp, ok := errors.AsType[*pectest.SMTPError](err)
			require.True(t, ok && smtp.Code == 452, "a full circuit takes nothing: %v", err)
		}
		if expired { // nothing of it is certified, but it went its way
			require.Positive(t, c.Mailbox(sender).Len())
			for _, m := range everything(c) {
				_, err := c.Verify(m)
				require.Error(t, err)
			}
			return
		}
		final := make(map[string]bool)
		for _, m := range everything(c) {
			if shape%5 == 1 && lossy(mail) && damaged(c, m) {
				return
			}
			r := certified(t, c, m)
			if m.Kind == pec.KindAnomaly {
				continue // of an envelope that was damaged
			}
			require.Equal(t, s.ID, r.Data.ID)
			switch m.Kind {
			case pec.KindDelivery, pec.KindDeliveryError, pec.KindTimeout:
				final[strings.ToLower(r.Data.Delivery)] = true
			}
		}
		var kinds []pec.Kind
		for m := range c.Mailbox(sender).Messages() {
			kinds = append(kinds, m.Kind)
		}
		require.Equal(t, !s.Accepted, c.Mailbox(sender).Last(pec.KindNonAcceptance) != nil)
		require.Equal(t, s.Accepted, c.Mailbox(sender).Last(pec.KindAcceptance) != nil)
		if !s.Accepted {
			require.NotEmpty(t, s.Reason)
			require.Equal(t, []pec.Kind{pec.KindNonAcceptance}, kinds)
			require.Zero(t, c.Mailbox(one).Len())
			return
		}
		for _, r := range recipients {
			local, domain, _ := strings.Cut(strings.ToLower(r), "@")
			if local != "external" && (domain == "pec.example.com" || domain == "pec.example.it") {
				require.True(t, final[strings.ToLower(r)], "the sender is told what became of %s", r)
			}
		}
		if to != one || shape%5 != 0 {
			return
		}
		require.Equal(t, []pec.Kind{pec.KindAcceptance, pec.KindDelivery}, kinds)
		original, err := certified(t, c, firstOf(c.Mailbox(one))).Message.Original().Section()
		require.NoError(t, err)
		inside, err := io.ReadAll(original)
		require.NoError(t, err)
		require.Equal(t, body(canonical(mail)), body(inside), "the body is the one that was submitted")
		held := c.Stored()
		c.Mailbox(one).Clear()
		require.Less(t, c.Stored(), held, "what is taken away makes room")
	})
}

// requireRefused: what is turned away leaves no trace, and the reply is one line.
func requireRefused(t *testing.T, c *pectest.Circuit, err error) {
	t.Helper()
	smtp, ok := errors.AsType[*pectest.SMTPError](err)
	require.True(t, ok, "%v", err)
	require.Zero(t, c.Stored())
	require.Equal(t, smtp.Code/100, smtp.Enhanced[0])
	require.True(t, strings.HasPrefix(err.Error(), fmt.Sprintf("pectest: %d %d.", smtp.Code, smtp.Enhanced[0])))
	require.NotContains(t, err.Error(), "\n")
}

// requireLog: the log is in order, and the providers' parts are all of it.
func requireLog(t *testing.T, c *pectest.Circuit, whole bool) {
	t.Helper()
	entries, parts, last := 0, 0, pectest.LogEntry{}
	for e := range c.Log() {
		require.True(t, last.Number == 0 || e.Number == last.Number+1)
		require.False(t, e.Time.Before(last.Time))
		// A brief receipt cannot be made of a mail whose attachment nobody can decode.
		undecodable := strings.HasPrefix(e.Detail, "envelope: cannot build the message: original: ") || strings.HasPrefix(e.Detail, "receipt: cannot build the message: original: ")
		require.True(t, !whole || e.Event != pectest.EventFailure || undecodable, e.Detail)
		entries, last = entries+1, e
	}
	for p := range c.Providers() {
		for range p.Log() {
			parts++
		}
		for e := range p.Log() { // as far as one wants to read
			require.Equal(t, p.Host(), e.Provider)
			break
		}
	}
	require.Equal(t, entries, parts)
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
		f.Add(m.Raw, "estraneo@example.net", one, uint8(0), uint16(0))
		seeds++
	}
	own := make([][]byte, 0, seeds)
	for _, m := range everything(c) {
		own = append(own, m.Raw)
	}
	for i := range own {
		for _, to := range []string{one, sender, two + " " + office, "servizio@alfa.example.it", "nessuno@pec.example.com"} {
			f.Add([]byte(nil), sender, to, uint8(i+1), uint16(0))
		}
		f.Add([]byte(nil), "", one, uint8(i+1), uint16(700))
	}
	stranger := letter{from: "estraneo@example.net", to: []string{one}, text: eicar}.bytes()
	plain := letter{from: "estraneo@example.net", to: []string{one}}.bytes()
	for _, to := range []string{"", one + " altri@example.net", one + " nobody@pec.example.com", "full@pec.example.com", strings.Repeat(one+" ", 1001), "posta-certificata@beta.example.com", sender + " " + one} {
		f.Add(plain, "", to, uint8(0), uint16(0))
	}
	f.Add(stranger, "", one, uint8(0), uint16(0))
	f.Add(bytes.Repeat([]byte("X: y\r\n"), 200_000), "", one, uint8(0), uint16(0))
	require.Greater(f, seeds, 30)
	for _, seed := range []string{"", "\n", "\x00\r\r\n", "Subject: a\rb\r\nTo: x\x00y\r\n\r\n", "From x\nFrom: <a@b.it>\n\n>From \n"} {
		f.Add([]byte(seed), "estraneo@example.net", one, uint8(0), uint16(0))
	}
	f.Fuzz(func(t *testing.T, mail []byte, from, to string, issued uint8, flip uint16) {
		if issued > 0 { // by this very circuit: whole, or with one bit that is another
			mail = bytes.Clone(own[int(issued)%len(own)])
			mail[int(flip)%len(mail)] ^= byte(min(flip, 1))
		}
		c.Clear()
		recipients := strings.Fields(to)
		if err := c.Arrive(from, recipients, mail); err != nil {
			requireRefused(t, c, err)
			return
		}
		requireLog(t, c, false)
		about := make(map[string]bool)
		failed := false
		for e := range c.Log() {
			failed = failed || e.Event == pectest.EventFailure
			if e.Event != pectest.EventReception {
				for _, r := range e.Recipients {
					about[r] = true
				}
			}
		}
		for _, r := range recipients {
			require.True(t, about[r], "the log says what became of it for %s", r)
		}
		for _, m := range everything(c) {
			certified(t, c, m)
		}
		if to != one {
			return
		}
		require.True(t, !failed || issued > 0)
		m := firstOf(c.Mailbox(one))
		if m == nil { // of this very circuit: one for providers, or one that cannot be delivered
			services := c.Provider("alfa.example.it").Service().Len() + c.Provider("beta.example.com").Service().Len()
			require.True(t, failed || services > 0)
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

// lossy reports a mail with a CR right before a line end, or before one that is put
// behind it. Where lines are stored with LF alone, CR CR LF looks like CRLF and is
// read as that.
func lossy(mail []byte) bool {
	return bytes.Contains(append(canonical(mail), "\r\n"...), []byte("\r\r\n"))
}

// damaged reports that the bytes of a message are not those that were signed.
func damaged(c *pectest.Circuit, m *pectest.Message) bool {
	_, err := c.Verify(m)
	n, ok := errors.AsType[*pec.NotCertifiedError](err)
	return ok && n.Report.SubIndication == pec.HashFailure
}
