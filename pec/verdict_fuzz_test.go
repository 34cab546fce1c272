package pec_test

import (
	"bytes"
	"io"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
)

// verdictAuthentic is a certified message and what it certifies.
type verdictAuthentic struct {
	mail     []byte
	report   *pec.Report
	original []byte // the enclosed mail, decoded
}

// verdictAuthentics are the messages that are mutated. Keys are made anew in
// each process, and so are they; a fuzz input names one and says what to do to
// it.
var verdictAuthentics = sync.OnceValue(func() []verdictAuthentic {
	quoted := testsign.Message{Kind: daticert.TypeTransport, Data: daticert.Data{ID: "quotato@pec.example.it"}}
	quoted.Original = []byte("From: mittente@pec.example.it\r\nTo: destinatario@pec.example.com\r\nSubject: Da capo\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: text/plain\r\n\r\nFrom here on.\r\n>From there too.\r\n>>From X-Ricevuta: accettazione\r\n--\r\nfirma\r\n")
	plain := testsign.Message{Kind: daticert.TypeAcceptance, Data: daticert.Data{ID: "leggibile@pec.example.it", Subject: "From qui"}}
	plain.XMLPart.Encoding = "7bit"
	opaque := testsign.Message{Kind: daticert.TypeDeliveryError, Data: daticert.Data{ID: "opaca@pec.example.com"}, Opaque: true}
	ber := testsign.Message{Kind: daticert.TypeTakingInCharge, Data: daticert.Data{ID: "ber@pec.example.com"}, CMS: testsign.SignedData{Encoding: testsign.BERAll}}
	late := testsign.Message{Kind: daticert.TypeTimeout, Data: daticert.Data{ID: "tardi@pec.example.it"}}
	expired := testsign.Message{Kind: daticert.TypeTimeout, Data: daticert.Data{ID: "scaduto@pec.example.it"}, Final: true, LineEnds: testsign.LF}
	mixed := testsign.Message{Kind: daticert.TypeDelivery, Data: daticert.Data{ID: "mista@pec.example.com"}, LineEnds: testsign.LFAlternate}
	delivery := testsign.Message{Kind: daticert.TypeDelivery, BoundarySeed: "seconda"}
	var all []verdictAuthentic
	for _, m := range []testsign.Message{delivery, quoted, plain, opaque, ber, late, expired, mixed} {
		a := verdictAuthentic{mail: m.Bytes()}
		read, err := pec.Read(bytes.NewReader(a.mail), int64(len(a.mail)))
		if err != nil {
			panic(err)
		}
		o := verdictOptions()
		if a.report, err = pec.Verify(read, &o); err != nil {
			panic(err)
		}
		a.original = verdictEnclosed(a.report)
		all = append(all, a)
	}
	return all
})

func verdictEnclosed(r *pec.Report) []byte {
	o := r.Message.Original()
	if o == nil {
		return nil
	}
	b, err := io.ReadAll(o.Open())
	if err != nil {
		panic(err)
	}
	return b
}

// verdictTokens are what an attacker would like to see in the right place.
var verdictTokens = []string{
	"\r\n", "\n", "\r", "--", ">From ", "From ", ">", "\x00", "\r\n\r\n", "Content-Type: multipart/signed; boundary=", "Content-Type: message/rfc822\r\n\r\n",
	"Content-Type: application/pkcs7-mime\r\n", "Content-Transfer-Encoding: base64\r\n", "Content-Transfer-Encoding: quoted-printable\r\n", "; boundary=\"x\"",
	"; name=\"daticert.xml\"", "X-Ricevuta: avvenuta-consegna\r\n", "X-Trasporto: errore\r\n", "From: posta-certificata@pec.example.com\r\n", "\xef\xbb\xbf",
	"<postacert tipo=\"avvenuta-consegna\" errore=\"nessuno\">", "<consegna>altro@pec.example.com</consegna>", "<!--", "-->", "MIME-Version: 1.0\r\n",
}

// verdictScript reads operations from the fuzzer's bytes; what is missing at
// the end is zero.
type verdictScript struct{ ops []byte }

func (s *verdictScript) next() int {
	if len(s.ops) == 0 {
		return 0
	}
	b := s.ops[0]
	s.ops = s.ops[1:]
	return int(b)
}

// place is an offset into n bytes, as a fraction with 16 bits.
func (s *verdictScript) place(n int) int {
	high, low := s.next(), s.next()
	return (high<<8 | low) * (n + 1) >> 16
}

// mutate does what the script says, at most 16 operations.
func (s *verdictScript) mutate(mail []byte) []byte {
	mail = bytes.Clone(mail)
	for range 16 {
		if len(s.ops) == 0 {
			break
		}
		op := s.next() % 9
		at := s.place(len(mail))
		switch op {
		case 0: // flip
			if at < len(mail) {
				mail[at] ^= byte(s.next())
			}
		case 1: // insert a token
			mail = slices.Insert(mail, at, []byte(verdictTokens[s.next()%len(verdictTokens)])...)
		case 2: // delete
			mail = slices.Delete(mail, at, min(len(mail), at+s.next()))
		case 3: // copy a range elsewhere
			from := s.place(len(mail))
			mail = slices.Insert(mail, at, bytes.Clone(mail[from:min(len(mail), from+16*s.next())])...)
		case 4: // a range of another message
			all := verdictAuthentics()
			other := all[s.next()%len(all)].mail
			from := s.place(len(other))
			mail = slices.Insert(mail, at, other[from:min(len(other), from+64*s.next())]...)
		case 5: // the same, in place
			all := verdictAuthentics()
			other := all[s.next()%len(all)].mail
			from := s.place(len(other))
			part := other[from:min(len(other), from+64*s.next())]
			mail = slices.Concat(mail[:at], part, mail[min(len(mail), at+len(part)):])
		case 6: // cut off
			mail = mail[:at]
		case 7: // other line ends, from here on
			if tail := verdictCanonical(mail[at:]); s.next()%2 == 0 {
				mail = append(mail[:at:at], tail...)
			} else {
				mail = append(mail[:at:at], bytes.ReplaceAll(tail, []byte("\r\n"), []byte("\n"))...)
			}
		case 8: // quote as an mbox does, from here on
			mail = append(mail[:at:at], bytes.ReplaceAll(mail[at:], []byte("\nFrom "), []byte("\n>From "))...)
		}
	}
	return mail
}

// No mutation of an authentic message is certified with other facts than those
// that were signed: whatever the report of any layer certifies is, field by
// field, what one of the authentic messages certifies.
func FuzzVerifyMutation(f *testing.F) {
	const rich = 1<<flagOpinion | 1<<flagDirectory | 1<<flagRevocation
	for i, m := range fuzzMessages() {
		if m.noSeed {
			continue
		}
		flags := uint32(rich)
		if m.options != nil {
			flags = uint32(i%2) << flagPolicy // its own, and its own under the strict policy
		}
		f.Add(uint16(i), []byte(nil), flags)
	}
	for i := range verdictAuthentics() {
		for _, ops := range [][]byte{
			{0, 128, 0, 1}, {0, 250, 0, 1}, {1, 0, 0, 0}, {1, 0, 0, 16}, {1, 0, 0, 4}, {2, 40, 0, 9}, {3, 0, 0, 128, 0, 20}, {4, 0, 0, 1, 0, 0, 255},
			{5, 100, 0, 2, 100, 0, 4}, {6, 255, 0}, {7, 0, 0, 0}, {7, 0, 0, 1}, {7, 90, 0, 1}, {8, 0, 0}, {8, 0, 0, 7, 0, 0, 1}, {1, 20, 0, 9, 1, 30, 0, 13},
		} {
			f.Add(uint16(i), ops, uint32(0))
		}
		f.Add(uint16(i), []byte{1, 0, 0, 4}, uint32(1<<flagOpinion|1<<flagDirectory))
	}
	for _, flags := range fuzzFlagSeeds() {
		f.Add(uint16(2), []byte(nil), flags) // an acceptance, of which the directories speak
	}
	var evidence fuzzEvidence
	f.Fuzz(func(t *testing.T, which uint16, ops []byte, flags uint32) {
		all := fuzzMessages()
		from := all[int(which)%len(all)]
		script := verdictScript{ops}
		mail := script.mutate(from.mail())
		m, err := pec.Read(bytes.NewReader(mail), int64(len(mail)))
		if err != nil {
			var le *pec.LimitError
			require.ErrorAs(t, err, &le)
			require.Nil(t, m)
			return
		}
		facts := from.facts()
		own := verdictOptions()
		if from.options != nil {
			from.options(t, &own, mail)
		}
		for _, o := range []pec.VerifyOptions{verdictOptions(), {Trust: verdictStore(), Policy: pec.PolicyLegacy, AtNow: true, Clock: verdictClock(verdictNow)}} {
			r, err := pec.Verify(m, &o)
			if r == nil {
				require.Error(t, err)
				continue
			}
			verdictContract(t, r, err)
			verdictNothingNew(t, r, facts)
		}
		fuzzVerify(t, &evidence, m, mail, own, fuzzFlags(flags), facts)
	})
}

// fuzzFlagSeeds turn each option on, alone and beside some others.
func fuzzFlagSeeds() []uint32 {
	var all []uint32
	for _, field := range []struct{ at, n int }{{flagPolicy, 2}, {flagTime, 3}, {flagDirectory, 5}, {flagRevocation, 2}, {flagStamps, 4}, {flagOpinion, 1}, {flagBare, 1}} {
		for value := uint32(1); value < 1<<field.n; value++ {
			all = append(all, value<<field.at)
		}
	}
	for _, time := range []uint32{3, 4, 7} {
		for _, stamps := range []uint32{0, 1, 2, 8} {
			all = append(all, 1<<flagPolicy|time<<flagTime|stamps<<flagStamps|3<<flagRevocation)
		}
	}
	return append(all, 1<<flagStamps|3<<flagRevocation|7<<flagTime, 8<<flagStamps|1<<flagPolicy)
}

// verdictNothingNew requires of whatever is certified that it is one of the facts
// of the message that was changed, or of another authentic one.
func verdictNothingNew(t *testing.T, r *pec.Report, facts []verdictAuthentic) {
	t.Helper()
	for _, inner := range r.Layers {
		verdictNothingNew(t, inner, facts)
	}
	if !r.Certified {
		return
	}
	all := slices.Concat(facts, verdictAuthentics(), innerFacts())
	same := func(a verdictAuthentic) bool {
		return a.report.Data.ID == r.Data.ID && a.report.Kind == r.Kind && string(a.report.Data.Raw()) == string(r.Data.Raw())
	}
	i := slices.IndexFunc(all, same)
	require.GreaterOrEqual(t, i, 0, "certifies %s %s, which nobody signed", r.Kind, r.Data.ID)
	original := verdictEnclosed(r)
	// Of several messages with the same data, the one with the same enclosed mail.
	if j := slices.IndexFunc(all, func(a verdictAuthentic) bool {
		return same(a) && bytes.Equal(a.original, original) && a.report.Signer.SHA256 == r.Signer.SHA256
	}); j >= 0 {
		i = j
	}
	want := all[i].report
	require.Equal(t, want.Data, r.Data)
	require.Equal(t, string(want.Data.Raw()), string(r.Data.Raw()))
	require.Equal(t, want.Proves, r.Proves)
	require.Equal(t, want.Signer, r.Signer)
	require.Equal(t, string(all[i].original), string(original), "the enclosed mail is signed too")
	if r.ReferenceTime.Source == pec.FromDaticert {
		require.Equal(t, want.ReferenceTime, r.ReferenceTime)
	}
}

// The seeds do what they are for: some mutations leave the message certified,
// most do not, and a message that was damaged and repaired is whole again.
func TestVerdictMutationSeeds(t *testing.T) {
	t.Parallel()
	for i, a := range verdictAuthentics() {
		require.True(t, a.report.Certified, i)
		same := verdictScript{nil}
		require.Equal(t, string(a.mail), string(same.mutate(a.mail)))
		twice := verdictScript{[]byte{0, 128, 0, 1, 0, 128, 0, 1}}
		require.Equal(t, string(a.mail), string(twice.mutate(a.mail)))
		once := verdictScript{[]byte{0, 128, 0, 1}}
		require.False(t, verdictOf(t, once.mutate(a.mail), verdictOptions()).Certified, "a byte in the middle is signed, or part of the signature")
	}
}
