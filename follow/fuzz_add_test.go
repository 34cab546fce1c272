package follow_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/follow"
	"github.com/gopec/gopec/pec"
)

// failsAt is a file that cannot be read at one place; below 0 it is sound.
type failsAt struct {
	io.ReaderAt
	place int64
}

// ReadAt implements io.ReaderAt.
func (f failsAt) ReadAt(p []byte, at int64) (int, error) {
	if f.place >= at && f.place < at+int64(len(p)) {
		return 0, iotest.ErrTimeout
	}
	return f.ReaderAt.ReadAt(p, at)
}

// corpus are mails of a circuit: first, for each kind of receipt, a delivery and the
// envelope; then an acceptance, then one of every outcome, and mails around them.
func corpus(f *testing.F) (mails [][]byte, enclosed []byte, o *pec.VerifyOptions) {
	f.Helper()
	c := circuit(f)
	for _, kind := range []string{"completa", "breve", "sintetica"} {
		_, err := c.Submit(sender, []string{one}, append([]byte("X-TipoRicevuta: "+kind+"\r\n"), letter{}.bytes()...))
		require.NoError(f, err)
		mails = append(mails, c.Mailbox(sender).Last(pec.KindDelivery).Raw, c.Mailbox(one).Last(pec.KindTransport).Raw)
	}
	section, err := verify(f, mails[0], c.VerifyOptions()).Message.Original().Section()
	require.NoError(f, err)
	enclosed, err = io.ReadAll(section)
	require.NoError(f, err)
	acceptance, delivery := c.Mailbox(sender).Last(pec.KindAcceptance).Raw, mails[0]
	mails = append(mails, acceptance)
	_, err = c.Submit(sender, everyone, mail("cliente-1@example.it", "sintetica", everyone...))
	require.NoError(f, err)
	_, err = c.Submit(sender, []string{one}, bytes.Replace(mail("cliente-2@example.it", "breve", one), []byte("From: "+sender), []byte("From: ufficio@pec.example.it"), 1))
	require.NoError(f, err)
	require.NoError(f, c.Arrive("a@example.net", []string{sender}, bytes.Replace(forwarded(acceptance), []byte("From: "+sender), []byte("From: a@example.net"), 1)))
	c.Clock().Advance(25 * time.Hour)
	seen := make(map[pec.Kind]int)
	for _, b := range []string{sender, one} {
		for m := range c.Mailbox(b).Messages() {
			if seen[m.Kind]++; seen[m.Kind] <= 3 || m.Kind == pec.KindTimeout {
				mails = append(mails, m.Raw)
			}
		}
	}
	return append(mails, c.Provider("alfa.example.it").Service().Last(pec.KindTakingInCharge).Raw,
		forwarded(acceptance, delivery), forwarded(acceptance, acceptance), forwarded(forwarded(delivery)), nil,
		bytes.Replace(delivery, []byte("consegnato"), []byte("Consegnato"), 1),
		bytes.Replace(delivery, []byte("X-Ricevuta:"), []byte("Message-ID: <"+strings.Repeat("a", 999)+">\r\nX-Falsa:"), 1),
		bytes.Replace(delivery, []byte("Message-ID: <cliente-1@"), []byte("Message-ID: <cliente-9@"), -1),
		[]byte("X-Ricevuta: avvenuta-consegna\r\nMessage-ID: <"+strings.Repeat("a", 999)+">\r\nX-Riferimento-Message-ID: <cliente-1@example.it>\r\n\r\nConsegnato.\r\n"),
		[]byte("Subject: CONSEGNA: Verbale\r\n\r\nConsegnato.\r\n")), enclosed, c.VerifyOptions()
}

// FuzzAdd: only what is certified counts, each layer by itself and once, and what does
// not count is named with its reason. A file that is held against the message is the
// same mail by one answer from both ways of asking; the error of a file that cannot be
// read comes out as it is, and bytes that change between two uses are never taken for
// those that were read first. n is one of the circuit's mails, of which the byte at a
// place is changed: keys are new in each process, so that a mail in the corpus
// would be a stranger's.
func FuzzAdd(f *testing.F) {
	mails, enclosed, o := corpus(f)
	for n := range mails {
		f.Add(uint8(n), uint32(0), byte(0), letter{}.bytes(), int64(-1))
	}
	places := map[string]int{"completa": 0, "envelope completa": 1, "breve": 2, "envelope breve": 3, "sintetica": 4, "acceptance": 6}
	for _, c := range comparisons(enclosed) {
		f.Add(uint8(places[c.report]), uint32(0), byte(0), c.file, int64(-1))
	}
	file := letter{}.bytes()
	act := bytes.Index(file, []byte("base64\r\nContent-Disposition"))
	for _, n := range []int{0, 2, 4} {
		for _, place := range []int{0, act, act + 150, len(file) - 1} {
			f.Add(uint8(n), uint32(0), byte(0), file, int64(place))
		}
	}
	f.Add(uint8(0), uint32(len(mails[0])/2), byte(1), bytes.Replace(file, []byte("To: "), []byte("Cc: "+one+", <"+one+">, x@example.it\r\nTo: "), 1), int64(-1))
	f.Add(uint8(0), uint32(0), byte(0), []byte(strings.Repeat("Content-Type: message/rfc822\r\n\r\n", 30)), int64(-1))
	f.Fuzz(func(t *testing.T, n uint8, at uint32, with byte, file []byte, place int64) {
		raw := bytes.Clone(mails[int(n)%len(mails)])
		if len(raw) > 0 {
			raw[int(at)%len(raw)] ^= with
		}
		r := verify(t, raw, o)
		addedAll(t, r)
		compared(t, r, file, place)
	})
}

// addedAll adds a report to a tracker.
func addedAll(t *testing.T, r *pec.Report) {
	tr := new(follow.Tracker)
	outcomes := tr.AddAll(r)
	var layers []*pec.Report
	var walk func(r *pec.Report)
	walk = func(r *pec.Report) {
		layers = append(layers, r)
		for _, inner := range r.Layers {
			walk(inner)
		}
	}
	walk(r)
	require.Len(t, outcomes, len(layers))
	for i, o := range outcomes {
		used := layers[i].Certified && o.Reason != follow.ReasonUnreadable
		require.Equal(t, used, o.Result != follow.NotUsed)
		require.Equal(t, used, o.Reason == follow.ReasonNone)
		require.Equal(t, used, o.ID != "")
		if used {
			require.Equal(t, []string{o.ID}, tr.Find(layers[i].Data.ID))
			require.NotNil(t, tr.Message(o.ID))
		}
	}
	state := saved(t, tr)
	for _, o := range tr.AddAll(r) {
		require.NotEqual(t, follow.Added, o.Result, "it is known")
	}
	require.Equal(t, state, saved(t, tr))
	loaded, err := follow.Load(strings.NewReader(state))
	require.NoError(t, err)
	require.Equal(t, state, saved(t, loaded))

	ignored := slices.Collect(tr.Ignored())
	for _, i := range ignored {
		require.NotEmpty(t, i.Reason)
		require.LessOrEqual(t, len(i.MessageID), 998)
		require.True(t, slices.IsSorted(i.Refers) && !slices.Contains(i.Refers, ""))
	}
	require.Equal(t, ignored[:min(1, len(ignored))], append(ignored[:0:0], head(tr.Ignored())...))

	// What nobody verified counts for nothing, whatever it says.
	strange := *r
	strange.Certified = !r.Certified
	nobody := follow.Outcome{Result: follow.NotUsed, Reason: follow.ReasonNotVerified}
	for _, unverified := range []*pec.Report{&strange, nil, {Kind: r.Kind, Certified: true, Data: r.Data, Message: r.Message}} {
		require.Equal(t, []follow.Outcome{nobody}, new(follow.Tracker).AddAll(unverified))
	}
}

// compared holds a message against a file.
func compared(t *testing.T, r *pec.Report, file []byte, place int64) {
	size := int64(len(file))
	found, err := follow.Compare(bytes.NewReader(file), size, r)
	broken, failed := follow.Compare(failsAt{bytes.NewReader(file), place}, size, r)
	if failed != nil {
		require.Nil(t, broken)
		require.True(t, errors.Is(failed, iotest.ErrTimeout) || err != nil, "%v", failed)
	} else {
		require.Equal(t, found, broken)
	}
	nothing, failed := follow.Compare(bytes.NewReader(file), size, nil)
	require.NoError(t, failed)
	require.Equal(t, &follow.Comparison{Match: follow.MatchNone}, nothing)
	changing := append(bytes.Clone(file), 0)
	s, failed := follow.NewSent(bytes.NewReader(changing), size)
	if failed != nil {
		require.Nil(t, s)
		require.True(t, err != nil || found.Match == follow.MatchNone)
		return
	}
	if err != nil {
		require.Nil(t, found)
		return
	}
	told := func() [][]string { return [][]string{{s.MessageID(), s.Subject()}, s.From(), s.To()} }
	before := told()
	require.False(t, strings.ContainsAny(s.MessageID(), " \t\r\n"))
	require.Equal(t, strings.Join(strings.Fields(s.Subject()), " "), s.Subject())
	for _, list := range before[1:] {
		require.False(t, slices.ContainsFunc(list, func(a string) bool { return a == "" || a != strings.TrimSpace(a) }))
		require.Len(t, slices.Compact(slices.Sorted(slices.Values(list))), len(list), "each is there once")
	}
	again, failed := s.Compare(r)
	require.NoError(t, failed)
	require.Equal(t, found, again)
	same := !slices.ContainsFunc(found.Parts, func(p follow.Part) bool { return p.Status != follow.PartSame })
	like := found.Match == follow.MatchIdentical || found.Match == follow.MatchEquivalent
	require.Equal(t, like, found.Step != follow.StepNone)
	require.Equal(t, like, same && found.Match != follow.MatchNone)
	require.Equal(t, found.Match == follow.MatchIdentical, found.Step == follow.StepBytes)

	changing[uint64(place)%uint64(len(changing))] ^= 1
	again, failed = s.Compare(r)
	if failed != nil {
		require.ErrorIs(t, failed, pec.ErrChanged)
		require.Nil(t, again)
	} else {
		require.Equal(t, found, again, "as it was read")
	}
	require.Equal(t, before, told())
}
