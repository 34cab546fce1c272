package timestamp_test

import (
	"bytes"
	"errors"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/trust/timestamp"
)

// seeds are files of every form.
func seeds() [][]byte {
	plain := token(tsa, info{rest: append([]byte{1, 1, 0xff, 2, 2, 0x12, 0x34}, tlv(0xa0, tlv(0xa4, tsa.X509().RawSubject))...)}.der())
	ber := token(tsa, info{}.der(), func(s *testsign.SignedData) { s.Encoding = testsign.BERAll })
	metadata := seq([]byte{1, 1, 0xff}, tlv(12, []byte("messaggio.eml")))
	renewal := token(tsa, info{over: seq(plain)}.der())
	return [][]byte{
		plain, ber, response(plain), stampedData(metadata, message, plain, renewal), berStampedData(metadata, message, plain),
		seq(seq([]byte{2, 1, 2}, seq(tlv(12, []byte("no"))), []byte{3, 2, 5, 0x24})),
	}
}

// FuzzParse: no input makes a panic or costs memory out of proportion; an error is one
// of the three; and no change to a stamp over one file makes it one over another, or
// one of another time: whatever verifies says what the original said.
func FuzzParse(f *testing.F) {
	all := seeds()
	require.NotEmpty(f, all)
	for _, s := range all {
		f.Add(s)
	}
	o := options(f)
	original := parse(f, token(tsa, info{}.der()))
	f.Fuzz(func(t *testing.T, b []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		s, err := timestamp.Parse("prova", b)
		runtime.ReadMemStats(&after)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(200*len(b)+4<<20))
		if err != nil {
			require.Nil(t, s)
			_, syntax := errors.AsType[*timestamp.SyntaxError](err)
			_, limit := errors.AsType[*timestamp.LimitError](err)
			_, status := errors.AsType[*timestamp.StatusError](err)
			require.True(t, syntax || limit || status, "%T", err)
			return
		}
		require.False(t, s.Latest().Before(s.Time))
		d, err := timestamp.Hash(bytes.NewReader(message), s)
		require.NoError(t, err)
		r := s.Verify(d, o)
		consistent(t, r)
		if r.Verified {
			require.Equal(t, original.Time, s.Time, "nobody else can sign")
			require.Equal(t, original.Latest(), r.Latest)
			require.Equal(t, original.Policy, s.Policy)
			require.Equal(t, original.Serial, s.Serial)
		}
		d, err = timestamp.Hash(bytes.NewReader(other), s)
		require.NoError(t, err)
		require.False(t, s.Verify(d, o).Verified, "no stamp was ever made over this file")
	})
}

// FuzzMutation changes one run of bytes of a good stamp: it still says the same, or it
// does not verify.
func FuzzMutation(f *testing.F) {
	all := seeds()[:5]
	for i := range all {
		f.Add(uint8(i), uint32(100), []byte{0x31})
	}
	o := options(f)
	f.Fuzz(func(t *testing.T, which uint8, at uint32, with []byte) {
		good := all[int(which)%len(all)]
		b := bytes.Clone(good)
		i := int(at) % len(b)
		copy(b[i:], with)
		s, err := timestamp.Parse("prova", b)
		if err != nil {
			return
		}
		first := parse(t, good)
		for _, file := range [][]byte{message, other} {
			d, err := timestamp.Hash(bytes.NewReader(file), s)
			require.NoError(t, err)
			r := s.Verify(d, o)
			if !r.Verified {
				continue
			}
			require.Equal(t, message, file)
			require.Equal(t, first.Time, s.Time)
			require.Equal(t, first.Imprint, s.Imprint)
			require.Equal(t, first.Accuracy, s.Accuracy)
		}
	})
}
