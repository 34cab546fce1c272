package dossier_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/dossier"
	"github.com/gopec/gopec/internal/testsign"
)

// TestWhichMessage: of several certified messages, which one is the file's?
func TestWhichMessage(t *testing.T) {
	t.Parallel()
	const first, second = "opec1@pec.example.it", "opec2@pec.example.it"
	x := exchange{letter{to: []string{one}}, first}
	again := exchange{letter{to: []string{two}}, second}                 // sent again under the same Message-ID, to another
	other := exchange{letter{to: []string{one}, act: "altro\n"}, second} // another text under the same Message-ID
	resent := exchange{letter{to: []string{one}, id: "cliente-2@example.it"}, second}
	thief := exchange{letter{to: []string{one}, from: "altri@pec.example.it"}, second}
	for name, c := range map[string]struct {
		files  []input
		ids    []string
		codes  []string
		notes  []dossier.NoteCode
		uses   []dossier.Use
		reason string
	}{
		"told apart by the content": {
			[]input{other.accepted(), x.accepted(), other.delivered(one), x.delivered(one)}, []string{first}, nil, []dossier.NoteCode{dossier.NoteSameMessageID},
			[]dossier.Use{dossier.UseOther, dossier.UseAbout, dossier.UseOther, dossier.UseAbout}, "the other enclosed something else"},
		"nothing tells": {
			[]input{x.accepted(), x.delivered(one), again.accepted()}, []string{first, second}, []string{"ambiguous", "not-addressed " + one, "no-delivery " + two}, nil,
			[]dossier.Use{dossier.UseAbout, dossier.UseAbout, dossier.UseAbout}, "the file may have been sent to the other, too"},
		"both delivered": {
			[]input{x.accepted(), x.delivered(one), again.accepted(), again.delivered(two)}, []string{first, second}, []string{"ambiguous", "not-addressed " + one}, []dossier.NoteCode{dossier.NoteHeaders}, nil,
			"the same file was sent twice"},
		"the other was refused": {
			[]input{again.message(daticert.TypeNonAcceptance, "rifiuto.eml", nil), x.accepted(), x.delivered(one)}, []string{first}, nil, []dossier.NoteCode{dossier.NoteSameMessageID}, nil,
			"what was refused went to nobody"},
		"the other was refused and accepted": {
			[]input{again.message(daticert.TypeNonAcceptance, "rifiuto.eml", nil), again.accepted(), x.accepted(), x.delivered(one)}, []string{first, second}, nil, nil, nil,
			"of that nothing is sure"},
		"sent again under another Message-ID": {
			[]input{resent.accepted(), resent.delivered(one), x.accepted()}, []string{first}, []string{"no-delivery " + one}, []dossier.NoteCode{dossier.NoteSameContent}, nil,
			"the delivery is that of another message"},
		"copied by another sender": {
			[]input{thief.accepted(), thief.delivered(one), x.accepted()}, []string{first}, []string{"no-delivery " + one}, []dossier.NoteCode{dossier.NoteSameMessageID}, nil,
			"whoever received it can send it again"},
		"by another sender only": {
			[]input{thief.accepted(), thief.delivered(one)}, []string{second}, []string{"sender"}, []dossier.NoteCode{dossier.NoteHeaders}, nil,
			"it is shown, and is not the sender's"},
		"another text only": {
			[]input{other.accepted(), other.delivered(one)}, []string{second}, []string{"differs " + one}, nil, nil, "the Message-ID is the file's, the text is not"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			to := x.letter
			if len(c.ids) == 2 {
				to.to = []string{one}
			}
			d := signed(t, to.bytes(), c.files...)
			var ids []string
			for _, m := range d.Messages {
				ids = append(ids, m.ID)
			}
			require.Equal(t, c.ids, ids, c.reason)
			if c.codes != nil {
				require.Subset(t, codes(d), c.codes, c.reason)
			}
			require.Equal(t, len(c.ids) == 1 && c.codes == nil, d.Complete(), c.reason)
			require.Equal(t, c.notes, notes(d), c.reason)
			if c.uses != nil {
				require.Equal(t, c.uses, usesOf(d), c.reason)
			}
		})
	}
}

// TestCopyOfTheProvider: a file whose Message-ID is the identificativo, as the
// provider sent it on.
func TestCopyOfTheProvider(t *testing.T) {
	t.Parallel()
	x := exchange{letter{to: []string{one}}, "opec1@pec.example.it"}
	d := signed(t, x.enclosed(), x.accepted(), x.delivered(one))
	require.True(t, d.Complete())
	require.Equal(t, dossier.ByIdentification, d.Messages[0].NamedBy)
	require.EqualValues(t, "identical", d.Messages[0].Recipients[0].Match)
}

// TestTheFileIsAReceipt: somebody gives a receipt as what was sent.
func TestTheFileIsAReceipt(t *testing.T) {
	t.Parallel()
	x := exchange{letter{to: []string{one}}, "opec1@pec.example.it"}
	envelope := x.message(daticert.TypeTransport, "busta.eml", nil)
	d := signed(t, envelope.mail, x.accepted(), x.delivered(one), envelope)
	require.False(t, d.Complete())
	require.Contains(t, notes(d), dossier.NoteSentIsPEC)
	require.True(t, d.Files[2].IsSent)
}

// TestRecipientInOtherCase: addresses are the same in any case of ASCII letters,
// and of no others.
func TestRecipientInOtherCase(t *testing.T) {
	t.Parallel()
	x := exchange{letter{to: []string{"Destinatario@PEC.example.com"}}, "opec1@pec.example.it"}
	d := signed(t, x.mail(), x.accepted(), x.delivered("destinatario@pec.EXAMPLE.com"))
	require.True(t, d.Complete())
	x.to = []string{"deſtinatario@pec.example.com"}
	d = signed(t, x.mail(), x.accepted(), x.delivered(one))
	require.False(t, d.Complete(), "the long s is no s")
}

// TestDeliveredTwiceInOneSecond: what two receipts state is held apart by what
// they enclose.
func TestDeliveredTwiceInOneSecond(t *testing.T) {
	t.Parallel()
	x := exchange{letter{to: []string{one}}, "opec1@pec.example.it"}
	changed := exchange{letter{to: []string{one}, act: "altro\n"}, x.id}
	d := signed(t, x.mail(), x.accepted(), x.delivered(one), changed.delivered(one))
	require.False(t, d.Complete(), "one of them encloses another text")
	require.Equal(t, []string{"differs " + one}, codes(d))
	concise := x.delivered(one, func(m *testsign.Message) { m.Data.Receipt = daticert.ReceiptConcise })
	d = signed(t, x.mail(), x.accepted(), concise, x.delivered(one))
	require.Equal(t, []string{"contradiction"}, codes(d), "one event that states two things")
}
