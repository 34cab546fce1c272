package dossier_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/dossier"
	"github.com/gopec/gopec/follow"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/pectest"
)

// TestThreeRecipients: delivered, failed, and an ordinary mailbox; then the same
// with one attachment of the file changed.
func TestThreeRecipients(t *testing.T) {
	t.Parallel()
	c := circuit(t)
	l := letter{to: []string{one, broken, external}}
	d := of(t, c, submit(t, c, l))
	require.False(t, d.Complete())
	require.Equal(t, []string{"failed " + broken, "external " + external}, codes(d))
	require.Len(t, d.Messages, 1)
	m := d.Messages[0]
	require.Equal(t, dossier.ByMessageID, m.NamedBy)
	require.Len(t, m.Recipients, 3)
	require.True(t, m.Recipients[0].Complete())
	require.Equal(t, follow.MatchEquivalent, m.Recipients[0].Match)
	require.Equal(t, []pec.Kind{pec.KindAcceptance, pec.KindDelivery}, kindsOf(m.Recipients[0].Steps), "the chain of the first")
	require.Equal(t, []pec.Kind{pec.KindAcceptance, pec.KindDeliveryError}, kindsOf(m.Recipients[1].Steps), "and of the second")
	require.Equal(t, "5.2.2", m.Recipients[1].Failure.Code)
	require.Equal(t, follow.Match(""), m.Recipients[1].Match, "nothing was delivered")
	require.Equal(t, dossier.Counts{Recipients: 3, Complete: 1, Delivered: 1, Failed: 1, External: 1}, d.Counts())

	l.act = "un altro atto\n"
	d = of(t, c, l.bytes())
	require.Equal(t, []string{"differs " + one, "failed " + broken, "external " + external}, codes(d))
	x := d.Messages[0].Recipients[0].Comparison
	require.Equal(t, follow.MatchDiffers, x.Match)
	require.Len(t, x.Unlike, 1, "the part that differs, and no other")
	require.Equal(t, "atto.pdf", x.Unlike[0].Name)
	require.Equal(t, follow.PartDiffers, x.Unlike[0].Status)
}

func kindsOf(steps []dossier.Step) []pec.Kind {
	var out []pec.Kind
	for _, s := range steps {
		out = append(out, s.Kind)
	}
	return out
}

// TestAnswer: what is sent is what the case says, and so is the file that is held
// against it.
func TestAnswer(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		sent   letter
		file   func(*letter) // what differs in the file that the sender kept
		later  time.Duration
		codes  []string
		notes  []dossier.NoteCode
		reason string
	}{
		"two delivered":      {letter{to: []string{one, two}}, nil, 0, nil, nil, "this is what complete means"},
		"a client's copy":    {letter{to: []string{one, two}}, func(l *letter) { l.boundary, l.quoted = "altro", true }, 0, nil, nil, "the same content in another encoding"},
		"a copy with Bcc":    {letter{to: []string{one, two}}, func(l *letter) { l.to, l.bcc = []string{one}, two }, 0, nil, []dossier.NoteCode{dossier.NoteHeaders}, "the header does not decide; Bcc was sent to"},
		"brief":              {letter{to: []string{one}, receipt: "breve"}, nil, 0, nil, []dossier.NoteCode{dossier.NoteWeakHashes}, "attachments match by their hashes"},
		"brief, other act":   {letter{to: []string{one}, receipt: "breve"}, func(l *letter) { l.act = "altro\n" }, 0, []string{"differs " + one}, nil, "the hash is another"},
		"concise":            {letter{to: []string{one}, receipt: "sintetica"}, nil, 0, []string{"no-content " + one}, nil, "nothing says what was delivered"},
		"other subject":      {letter{to: []string{one}}, func(l *letter) { l.subject = "Altro" }, 0, nil, []dossier.NoteCode{dossier.NoteHeaders}, "a header does not decide, and is told"},
		"another name":       {letter{to: []string{one}}, func(l *letter) { l.actName = "altro.pdf" }, 0, nil, []dossier.NoteCode{dossier.NoteHeaders}, "the content is the same"},
		"another charset":    {letter{to: []string{one}}, func(l *letter) { l.charset = "iso-8859-1" }, 0, nil, []dossier.NoteCode{dossier.NoteHeaders}, "the same bytes, to be read as other letters: a reader must know"},
		"another sender":     {letter{to: []string{one}}, func(l *letter) { l.from = "altri@pec.example.it" }, 0, []string{"sender"}, []dossier.NoteCode{dossier.NoteHeaders}, "whoever knows the text is not its sender"},
		"one more addressee": {letter{to: []string{one}}, func(l *letter) { l.to = []string{one, two} }, 0, []string{"not-addressed " + two}, []dossier.NoteCode{dossier.NoteHeaders}, "the file names somebody to whom nothing was sent"},
		"one more in Bcc":    {letter{to: []string{one}}, func(l *letter) { l.bcc = two }, 0, []string{"not-addressed " + two}, []dossier.NoteCode{dossier.NoteHeaders}, "the same in Bcc"},
		"ordinary mailbox":   {letter{to: []string{one, external}}, nil, 0, []string{"external " + external}, nil, "such a message is never complete"},
		"silence":            {letter{to: []string{one, "silent@pec.example.com"}}, nil, time.Hour, []string{"no-delivery silent@pec.example.com"}, nil, "it may still come"},
		"silence for 13 h":   {letter{to: []string{one, "silent@pec.example.com"}}, nil, 13 * time.Hour, []string{"no-delivery silent@pec.example.com"}, nil, "12 h is no failure"},
		"silence for 25 h":   {letter{to: []string{one, "silent@pec.example.com"}}, nil, 25 * time.Hour, []string{"expired silent@pec.example.com"}, nil, "24 h is one"},
		"late":               {letter{to: []string{"late12h@pec.example.com"}}, nil, 14 * time.Hour, nil, nil, "delivered after a warning is delivered"},
		"virus":              {letter{to: []string{"virus@pec.example.com"}}, nil, 0, []string{"failed virus@pec.example.com"}, nil, "stopped by the receiver's provider"},
		"refused": {letter{to: []string{one}, act: `X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`}, nil, 0,
			[]string{"not-accepted", "no-delivery " + one}, nil, "the sender's provider refused it"},
		"without Message-ID":   {letter{to: []string{one}}, func(l *letter) { l.id = "-" }, 0, nil, []dossier.NoteCode{dossier.NoteByContent}, "the content ties them"},
		"other Message-ID":     {letter{to: []string{one}}, func(l *letter) { l.id = "altro@example.it" }, 0, nil, []dossier.NoteCode{dossier.NoteByContent}, "so does it here, and that is said"},
		"quite another letter": {letter{to: []string{one}}, func(l *letter) { l.id, l.act = "altro@example.it", "altro\n" }, 0, []string{"no-message"}, nil, "nothing ties them"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := circuit(t)
			mail := submit(t, c, x.sent)
			c.Clock().Advance(x.later)
			if x.file != nil {
				x.file(&x.sent)
				mail = x.sent.bytes()
			}
			d := of(t, c, mail)
			require.Equal(t, x.codes, codes(d), x.reason)
			require.Equal(t, x.notes, notes(d), x.reason)
			require.Equal(t, len(x.codes) == 0, d.Complete(), "complete exactly without a reason against it")
			for i := range d.Messages {
				require.Empty(t, d.Messages[i].Contradictions)
			}
		})
	}
}

// TestMissing: what must still come, since when and by when.
func TestMissing(t *testing.T) {
	t.Parallel()
	c := circuit(t)
	start := c.Clock().Now().Truncate(time.Second)
	mail := submit(t, c, letter{to: []string{"silent@pec.example.com"}})
	c.Clock().Advance(time.Hour)
	r := of(t, c, mail).Messages[0].Recipients[0]
	require.Equal(t, follow.StatusAccepted, r.Status)
	require.True(t, r.Missing.Since.Equal(start), "since the acceptance")
	require.True(t, r.Missing.Notice.Equal(start.Add(12*time.Hour)))
	require.True(t, r.Missing.Due.Equal(start.Add(24*time.Hour)))
	require.False(t, r.Overdue)

	c.Clock().Advance(12 * time.Hour)
	r = of(t, c, mail).Messages[0].Recipients[0]
	require.Equal(t, follow.StatusLate, r.Status)
	require.Equal(t, []pec.Kind{pec.KindAcceptance, pec.KindTimeout}, kindsOf(r.Steps))
	require.Equal(t, follow.StatusLate, r.Steps[1].Status)
	require.Zero(t, r.Missing.Notice, "it has come")
	require.False(t, r.Overdue)

	b := builder(t, "atto.eml", mail, start.Add(25*time.Hour))
	add(t, b, c.VerifyOptions(), mailbox(c, sender)...)
	r = b.Dossier().Messages[0].Recipients[0]
	require.True(t, r.Overdue, "24 hours have passed, and the notice of it is not among the files")
}

// TestWithoutAcceptance: the recipients are those that the deliveries name.
func TestWithoutAcceptance(t *testing.T) {
	t.Parallel()
	x := exchange{letter{to: []string{one, two}}, "opec1@pec.example.it"}
	d := signed(t, x.mail(), x.delivered(one), x.delivered(two))
	require.True(t, d.Complete(), "both named recipients have a delivery")
	require.Equal(t, []dossier.NoteCode{dossier.NoteNoAcceptance}, notes(d))
	d = signed(t, x.mail(), x.delivered(one))
	require.Equal(t, []string{"no-delivery " + two}, codes(d), "one delivery names the other recipient")
	d = signed(t, x.mail(), x.accepted())
	require.Equal(t, []string{"no-delivery " + one, "no-delivery " + two}, codes(d), "an acceptance is no delivery")
	d = signed(t, x.mail(), x.message(daticert.TypeTransport, "busta.eml", nil))
	require.Equal(t, []string{"no-delivery " + one, "no-delivery " + two}, codes(d), "an envelope is none either, whatever it encloses")
	require.Equal(t, follow.MatchEquivalent, d.Messages[0].Envelope.Match)
}

// TestNeverComplete: two certified messages that together show nothing.
func TestNeverComplete(t *testing.T) {
	t.Parallel()
	x := exchange{letter{to: []string{one}}, "opec1@pec.example.it"}
	changed := exchange{letter{to: []string{one}, act: "altro\n"}, x.id}
	later := func(m *testsign.Message) { m.Time = testsign.Instant.Add(time.Minute) }
	for name, c := range map[string]struct {
		files  []input
		codes  []string
		reason string
	}{
		"delivered and failed": {[]input{x.accepted(), x.delivered(one), x.failed(one)}, []string{"contradiction " + one}, "nobody can say which is true"},
		"delivered twice":      {[]input{x.accepted(), x.delivered(one), x.delivered(one, later)}, []string{"contradiction " + one}, "at two times"},
		"delivered with an error": {[]input{x.accepted(), x.delivered(one, func(m *testsign.Message) { m.Data.Error = daticert.ErrorOther })},
			[]string{"contradiction " + one}, "a delivery with an error code"},
		"delivered, and something else too": {[]input{x.accepted(), x.delivered(one), changed.delivered(one, later)},
			[]string{"contradiction " + one, "differs " + one}, "what differs outweighs what is the same"},
		"the envelope is of another text": {[]input{x.accepted(), x.delivered(one), changed.message(daticert.TypeTransport, "busta.eml", nil)},
			[]string{"envelope"}, "the envelope left with something else"},
		"refused and delivered": {[]input{x.message(daticert.TypeNonAcceptance, "rifiuto.eml", nil), x.delivered(one)},
			[]string{"not-accepted", "contradiction", "no-delivery " + one}, "what was refused was not sent"},
		"delivered to somebody else": {[]input{x.accepted(), x.delivered(two)},
			[]string{"contradiction " + two, "no-delivery " + one}, "and not to the recipient"},
		"other recipients in the delivery": {[]input{x.accepted(), x.delivered(one, func(m *testsign.Message) {
			m.Data.Recipients = append(m.Data.Recipients, daticert.Recipient{Type: daticert.RecipientCertified, Address: two})
		})}, []string{"contradiction", "no-delivery " + two}, "there may be one more recipient"},
		"an ordinary mailbox that answers": {[]input{x.accepted(), x.delivered(one, func(m *testsign.Message) { m.Data.Recipients[0].Type = daticert.RecipientExternal })},
			[]string{"contradiction"}, "the receipts name it differently"},
		"a delivery that encloses nothing": {[]input{x.accepted(), x.delivered(one, func(m *testsign.Message) { m.NoOriginal = true })},
			[]string{"no-content " + one}, "complete in name only, as some providers send them"},
		"nothing": {nil, []string{"no-message"}, "no file at all"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := signed(t, x.mail(), c.files...)
			require.False(t, d.Complete(), c.reason)
			require.Equal(t, c.codes, codes(d), c.reason)
		})
	}
}

// TestExternalOnly says of each text why a message to an ordinary mailbox is not
// complete.
func TestExternalOnly(t *testing.T) {
	t.Parallel()
	c := circuit(t)
	d := of(t, c, submit(t, c, letter{to: []string{external}}))
	require.False(t, d.Complete())
	require.Equal(t, []string{"external " + external}, codes(d))
	require.Nil(t, d.Messages[0].Recipients[0].Missing, "nothing is waited for")
	for l, word := range map[pec.Lang]string{pec.English: "ordinary mailbox", pec.Italian: "posta ordinaria"} {
		var b strings.Builder
		require.NoError(t, d.WriteText(&b, l))
		require.Contains(t, b.String(), word)
	}
}

// TestReceiptsWithoutMsgid: a provider may leave it out.
func TestReceiptsWithoutMsgid(t *testing.T) {
	t.Parallel()
	c := circuit(t,
		pectest.WithProvider("gamma.example.org", pectest.WithDomain("pec.example.org", "mittente"), pectest.WithKey(pectest.KeyECDSA), pectest.WithoutMsgid()))
	l := letter{from: "mittente@pec.example.org", to: []string{one}}
	mail := submit(t, c, l)
	b := builder(t, "atto.eml", mail, c.Clock().Now())
	add(t, b, c.VerifyOptions(), mailbox(c, l.from)...)
	d := b.Dossier()
	require.Empty(t, codes(d))
	require.Empty(t, d.Messages[0].MessageIDs, "nothing certified names it")
	require.Equal(t, dossier.ByContent, d.Messages[0].NamedBy)
	require.Equal(t, []dossier.NoteCode{dossier.NoteByContent}, notes(d))

	x := exchange{letter{to: []string{one}}, "opec1@pec.example.it"}
	without := func(m *testsign.Message) {
		m.EditXML = func(b []byte) []byte { return regexp.MustCompile(`<msgid>.*</msgid>`).ReplaceAll(b, nil) }
	}
	concise := func(m *testsign.Message) { m.Data.Receipt = daticert.ReceiptConcise; without(m) }
	d = signed(t, x.mail(), x.message(daticert.TypeAcceptance, "accettazione.eml", without), x.delivered(one, concise))
	require.Equal(t, []string{"no-content " + one}, codes(d), "a header that is not signed leads to it, and proves nothing")
	require.Equal(t, dossier.ByReference, d.Messages[0].NamedBy)
	require.Equal(t, []dossier.NoteCode{dossier.NoteByReference}, notes(d))
	d = signed(t, x.mail(), x.message(daticert.TypeAcceptance, "accettazione.eml", without), x.delivered(one, without))
	require.Empty(t, codes(d), "here the content does")
	d = signed(t, x.mail(), x.accepted(), x.delivered(one, without))
	require.Equal(t, dossier.ByMessageID, d.Messages[0].NamedBy, "another receipt of the same identificativo names it")
	require.True(t, d.Complete())
}
