package dossier_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/dossier"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/pectest"
)

// TestEveryFileIsNamed: whatever is among the files, each has its reason, and the
// rest is complete all the same.
func TestEveryFileIsNamed(t *testing.T) {
	t.Parallel()
	c := circuit(t)
	mail := submit(t, c, letter{to: []string{one}})
	good := mailbox(c, sender)
	require.Len(t, good, 2)
	submit(t, c, letter{to: []string{two}, id: "altro@example.it", act: "altro\n"})
	foreign := mailbox(c, sender)[2:]
	forger := circuit(t)
	submit(t, forger, letter{to: []string{one}})
	forged := mailbox(forger, sender)[1]
	altered := input{"alterata.eml", bytes.Replace(good[1].mail, []byte("CONSEGNA: Notifica"), []byte("CONSEGNA: Notifico"), 1)}
	altered.mail = bytes.Replace(altered.mail, []byte("<html"), []byte("<HTML"), 1)
	cut := input{"troncata.eml", good[1].mail[:len(good[1].mail)/2]}
	ordinary := input{"posta.eml", []byte("From: a@example.it\r\nSubject: ciao\r\n\r\nciao\r\n")}
	pretends := input{"finta.eml", []byte("From: posta-certificata@alfa.example.it\r\nX-Ricevuta: avvenuta-consegna\r\nX-Riferimento-Message-ID: <cliente-1@example.it>\r\n\r\nfatto\r\n")}

	b := builder(t, "atto.eml", mail, c.Clock().Now())
	o := c.VerifyOptions()
	add(t, b, o, forged, good[0], altered, cut, ordinary, pretends)
	b.Add(dossier.Failed(dossier.File{Name: "rotto.eml", Size: -1}, pec.ErrorUnreadable, dossier.Words{English: "cannot be read", Italian: "illeggibile"}))
	b.Add(dossier.Failed(dossier.File{Name: "enorme.eml", Size: 2 << 30}, pec.ErrorLimit, dossier.Words{English: "too large", Italian: "troppo grande"}))
	add(t, b, o, foreign...)
	add(t, b, o, good[1], good[1], input{"copia.eml", mail})
	b.Add(b.Examine(fileOf("inventata.eml", nil), &pec.Report{Certified: true, Kind: pec.KindDelivery}))
	b.Add(b.Examine(fileOf("niente.eml", nil), nil))
	b.LeftOut(3)
	d := b.Dossier()

	require.True(t, d.Complete(), "nothing of it takes away what is shown: %v", codes(d))
	require.Len(t, d.Files, 15)
	for i, want := range []struct {
		name   string
		use    dossier.Use
		refers bool
		reason string
	}{
		{forged.name, dossier.UseNotCertified, true, "signed by an authority of the forger's"},
		{good[0].name, dossier.UseAbout, false, "the acceptance"},
		{"alterata.eml", dossier.UseNotCertified, true, "altered after it was signed"},
		{"troncata.eml", dossier.UseNotCertified, true, "cut off"},
		{"posta.eml", dossier.UseOrdinary, false, "ordinary mail"},
		{"finta.eml", dossier.UseNotCertified, true, "calls itself a receipt"},
		{"rotto.eml", "", false, "cannot be read"},
		{"enorme.eml", "", false, "too large"},
		{foreign[0].name, dossier.UseOther, false, "an acceptance of another message"},
		{foreign[1].name, dossier.UseOther, false, "a delivery of another message"},
		{good[1].name, dossier.UseAbout, false, "the delivery"},
		{good[1].name, dossier.UseAbout, false, "again"},
		{"copia.eml", dossier.UseOrdinary, false, "the sent file itself"},
		{"inventata.eml", dossier.UseNotVerified, false, "a report that Verify did not make"},
		{"niente.eml", dossier.UseNotVerified, false, "no report"},
	} {
		f := d.Files[i]
		require.Equal(t, i+1, f.Number)
		require.Equal(t, want.name, f.Name)
		if want.use == "" {
			require.NotNil(t, f.Failure, want.reason)
			require.Empty(t, f.Verdicts)
			continue
		}
		require.Nil(t, f.Failure)
		require.NotEmpty(t, f.Verdicts, want.reason)
		require.Equal(t, want.use, f.Verdicts[0].Use, want.reason)
		require.Equal(t, want.refers, f.Verdicts[0].Refers, want.reason)
	}
	require.Equal(t, 11, d.Files[11].SameAs)
	require.True(t, d.Files[12].IsSent)
	require.Equal(t, []dossier.Ref{{File: 11}, {File: 12}}, d.Messages[0].Recipients[0].Steps[1].Files, "both copies are named")
	require.Equal(t, []dossier.NoteCode{dossier.NoteUnreadable, dossier.NoteClaims}, notes(d))
	require.Equal(t, 3, d.LeftOut)

	for _, l := range []pec.Lang{pec.English, pec.Italian} {
		var text, page strings.Builder
		require.NoError(t, d.WriteText(&text, l))
		require.NoError(t, d.WriteHTML(&page, l))
		for _, f := range d.Files {
			require.Contains(t, text.String(), f.Name)
			require.Contains(t, page.String(), f.Name)
			require.Contains(t, text.String(), f.SHA256)
		}
	}
}

// TestForgedOnly: what is not certified shows nothing.
func TestForgedOnly(t *testing.T) {
	t.Parallel()
	c, forger := circuit(t), circuit(t)
	mail := submit(t, forger, letter{to: []string{one}})
	b := builder(t, "atto.eml", mail, c.Clock().Now())
	add(t, b, c.VerifyOptions(), mailbox(forger, sender)...)
	d := b.Dossier()
	require.Equal(t, []string{"no-message"}, codes(d))
	require.Equal(t, []dossier.NoteCode{dossier.NoteClaims}, notes(d))
}

// TestAdversary: habits that the rules allow change nothing.
func TestAdversary(t *testing.T) {
	t.Parallel()
	for seed := range uint64(5) {
		c := circuit(t, pectest.WithAdversary(seed))
		d := of(t, c, submit(t, c, letter{to: []string{one, two}, receipt: []string{"", "breve"}[seed%2]}))
		require.Empty(t, codes(d), "seed %d", seed)
		require.True(t, d.Complete())
	}
}

// TestForwardedReceipts: receipts inside another mail count for themselves, and
// what is around them does not.
func TestForwardedReceipts(t *testing.T) {
	t.Parallel()
	c := circuit(t)
	mail := submit(t, c, letter{to: []string{one}})
	var around bytes.Buffer
	around.WriteString("From: ufficio@example.it\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n")
	for _, f := range mailbox(c, sender) {
		around.WriteString("--b\r\nContent-Type: message/rfc822\r\n\r\n")
		around.Write(f.mail)
		around.WriteString("\r\n")
	}
	around.WriteString("--b--\r\n")
	b := builder(t, "atto.eml", mail, c.Clock().Now())
	add(t, b, c.VerifyOptions(), input{"inoltro.eml", around.Bytes()})
	d := b.Dossier()
	require.True(t, d.Complete(), "%v", codes(d))
	require.Equal(t, []dossier.Use{dossier.UseOrdinary, dossier.UseAbout, dossier.UseAbout}, usesOf(d))
	require.Equal(t, []dossier.Ref{{File: 1, Path: "2.1"}}, d.Messages[0].Recipients[0].Steps[1].Files)
}

// failing reads like a file until it is told to fail.
type failing struct {
	*bytes.Reader
	now bool
}

func (f *failing) ReadAt(p []byte, off int64) (int, error) {
	if f.now {
		return 0, errors.New("gone")
	}
	return f.Reader.ReadAt(p, off)
}

// TestReceiptThatGoesAway: it was verified, and cannot be read for comparing. It
// is delivered, and not complete.
func TestReceiptThatGoesAway(t *testing.T) {
	t.Parallel()
	x := exchange{letter{to: []string{one}, act: strings.Repeat("atto ", 100_000)}, "opec1@pec.example.it"}
	f := x.delivered(one)
	src := &failing{Reader: bytes.NewReader(f.mail)}
	m, err := pec.Read(src, int64(len(f.mail)))
	require.NoError(t, err)
	r, err := pec.Verify(m, signedOptions())
	require.NoError(t, err)
	src.now = true
	b := builder(t, "atto.eml", x.mail(), signedNow)
	add(t, b, signedOptions(), x.accepted())
	b.Add(b.Examine(fileOf(f.name, f.mail), r))
	d := b.Dossier()
	require.Equal(t, []string{"not-compared " + one}, codes(d))
	require.True(t, d.Files[1].Verdicts[0].CompareFailed)
	require.False(t, d.Complete())
}

// TestSentFileThatCannotBeRead is an error of New.
func TestSentFileThatCannotBeRead(t *testing.T) {
	t.Parallel()
	_, err := dossier.New(dossier.File{Name: "x"}, &failing{Reader: bytes.NewReader(nil), now: true}, 10, nil)
	require.ErrorContains(t, err, "gone")
	_, err = dossier.New(dossier.File{Name: "x"}, bytes.NewReader([]byte("corto")), 10, nil)
	require.Error(t, err, "shorter than it is said to be")
}

// TestManyDifferences: a receipt with thousands of parts is listed in part, and
// counted in full.
func TestManyDifferences(t *testing.T) {
	t.Parallel()
	x := exchange{letter{to: []string{one}}, "opec1@pec.example.it"}
	many := func(m *testsign.Message) {
		var b bytes.Buffer
		b.WriteString("From: " + sender + "\r\nMessage-ID: <" + x.id + ">\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n")
		for range 2000 {
			b.WriteString("--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString([]byte("x")) + "\r\n")
		}
		b.WriteString("--b--\r\n")
		m.Original = b.Bytes()
	}
	d := signed(t, x.mail(), x.accepted(), x.message(daticert.TypeDelivery, "molte.eml", func(m *testsign.Message) { m.Data.Delivery = one; many(m) }))
	c := d.Messages[0].Recipients[0].Comparison
	require.Len(t, c.Unlike, dossier.MaxUnlike)
	require.Equal(t, 2003, c.Parts, "2000 that nobody sent, and 3 that are missing")
	require.Equal(t, c.Parts, len(c.Unlike)+c.Others)
}
