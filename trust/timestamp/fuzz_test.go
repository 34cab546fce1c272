package timestamp_test

import (
	"bytes"

	"crypto/x509"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/trust"
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

// What a fuzzer may set of the options, bit by bit.
const (
	noAnchors    = 1 << iota
	otherAnchors // of somebody else
	certificates // beside the token
	policyAsked
	otherPolicyAsked
	noPresent
	hashFails // the reader of the file
)

// errBroken is the error of a reader that fails.
var errBroken = errors.New("broken")

// optionsOf makes options of a fuzzer's choice; the present is days after the stamp.
func optionsOf(how uint8, days int16, usual, others *trust.TimestampStore) timestamp.Options {
	o := timestamp.Options{Anchors: usual, Now: instant.AddDate(0, 0, int(days)).Add(time.Hour)}
	switch {
	case how&noAnchors != 0:
		o.Anchors = nil
	case how&otherAnchors != 0:
		o.Anchors = others
	}
	if how&certificates != 0 {
		o.Certificates = []*x509.Certificate{nil, root.X509(), tsa.X509()}
	}
	if how&policyAsked != 0 {
		o.Policies = append(o.Policies, "1.3.6.1.4.1.32473.1")
	}
	if how&otherPolicyAsked != 0 {
		o.Policies = append(o.Policies, "1.3.6.1.4.1.32473.2")
	}
	if how&noPresent != 0 {
		o.Now = time.Time{}
	}
	return o
}

// said is all that a stamp proves, of a file.
func said(s *timestamp.Stamp, file []byte) string {
	return fmt.Sprintf("%s %s %s %s %s %x: %q", s.Time, s.Latest(), s.Policy, s.Serial, s.Imprint.Name, s.Imprint.Digest, file)
}

// sayable holds what is true of the words of any result.
func sayable(t *testing.T, r *timestamp.Result) {
	warned := r.Warnings()
	require.Len(t, warned, len(codes(r, trust.Warn)))
	for _, f := range r.Findings {
		require.True(t, utf8.ValidString(f.Detail), f.Code)
		c, ours := timestamp.CodeOf(f.Code)
		if theirs, ok := trust.CodeOf(f.Code); ok {
			require.False(t, ours, "%s: one code, one meaning", f.Code)
			require.Len(t, f.Facts, len(theirs.Facts), f.Code)
		}
		if ours {
			require.Len(t, f.Facts, len(c.Facts), f.Code)
			require.Equal(t, trust.Code{Facts: c.Facts}.Expand(c.Sentence, f.Facts), f.Detail)
		}
	}
}

// FuzzParse: no input makes a panic or costs memory out of proportion; an error is one
// of the three, names the file and can be shown; and no change to a stamp makes it one
// over another file, or one of another time: whatever verifies, under any options, says
// what one of the originals said.
func FuzzParse(f *testing.F) {
	usual, others := anchors(f, root), anchors(f, otherRoot)
	proven := map[string]bool{}
	add := func(b []byte, how uint8, days int16) {
		f.Add(b, how, days)
		s, err := timestamp.Parse("prova", b)
		if err != nil {
			return
		}
		for _, file := range [][]byte{message, other} {
			d, err := timestamp.Hash(bytes.NewReader(file), s)
			require.NoError(f, err)
			if s.Verify(d, timestamp.Options{Anchors: usual, Certificates: []*x509.Certificate{root.X509(), tsa.X509()}}).Verified {
				proven[said(s, file)] = true
			}
		}
	}
	for _, s := range seeds() {
		add(s, 0, 0)
	}
	good := token(tsa, info{}.der())
	for how := range uint8(hashFails << 1) {
		add(good, how, 0)
	}
	for _, days := range []int16{-1, 730, 732, 1 << 14} {
		add(good, 0, days)
	}
	for _, c := range unreadable() {
		add(c.in, 0, 0)
	}
	for _, c := range refused() {
		add(c.in, 0, 0)
	}
	for _, c := range tolerated() {
		add(token(tsa, c.in.der()), 0, 0)
	}
	for _, c := range withMetadata() {
		add(c.in, 0, 0)
	}
	add(token(tsa, info{rest: extension([]byte{1, 1, 0xff})}.der()), 0, 0)
	add(token(tsa, info{rest: tlv(0xa0, tlv(0x82, []byte("tsa.\xff")))}.der()), 0, 0)
	add(seq(seq([]byte{2, 1, 2}, seq(tlv(12, []byte("\xff")), []byte{5, 0}))), 0, 0)
	for _, c := range judged(f) {
		add(c.in, 0, 0)
		add(c.in, certificates|noPresent, 0)
		add(response(c.in), otherAnchors, 0)
	}
	for _, c := range renewed() {
		add(stampedData(nil, nil, c.tokens...), 0, int16(c.now.Sub(instant)/(24*time.Hour)))
	}
	early := token(tsa, info{over: seq(good), time: instant.Add(-time.Minute)}.der())
	add(stampedData(nil, nil, good, early), 0, 732)
	add(stampedData(nil, nil, slices.Repeat([][]byte{good}, timestamp.MaxEvidence+1)...), 0, 0)
	add(bytes.Repeat([]byte{0x30, 0x80}, 40), 0, 0)
	require.NotEmpty(f, proven)
	f.Fuzz(func(t *testing.T, b []byte, how uint8, days int16) {
		o := optionsOf(how, days, usual, others)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		s, err := timestamp.Parse("prova", b)
		runtime.ReadMemStats(&after)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(200*len(b)+4<<20))
		if err != nil {
			require.Nil(t, s)
			_, syntax := errors.AsType[*timestamp.SyntaxError](err)
			limit, isLimit := errors.AsType[*timestamp.LimitError](err)
			status, isStatus := errors.AsType[*timestamp.StatusError](err)
			require.True(t, syntax || isLimit || isStatus, "%T", err)
			require.True(t, strings.HasPrefix(err.Error(), "timestamp: prova: "), "%v", err)
			require.True(t, utf8.ValidString(err.Error()), "%q", err)
			require.Less(t, len(err.Error()), 10_000)
			if isLimit {
				require.Contains(t, err.Error(), fmt.Sprintf("%s, %d", limit.Limit, limit.Max))
			}
			if isStatus {
				require.NotContains(t, []string{"", "granted", "grantedWithMods"}, status.Status)
				for _, name := range status.Failures {
					require.Contains(t, err.Error(), name)
				}
			}
			return
		}
		require.False(t, s.Latest().Before(s.Time))
		require.True(t, utf8.ValidString(s.TSA))
		require.LessOrEqual(t, len(s.Renewals), timestamp.MaxEvidence-1)
		_, isCode := timestamp.CodeOf(s.Policy)
		require.False(t, isCode, "a code is no policy")
		if how&hashFails != 0 {
			d, err := timestamp.Hash(iotest.ErrReader(errBroken), s)
			require.ErrorIs(t, err, errBroken)
			require.Nil(t, d)
			require.False(t, s.Verify(d, o).Verified, "no digests")
			return
		}
		for _, file := range [][]byte{message, other} {
			d, err := timestamp.Hash(bytes.NewReader(file), s)
			require.NoError(t, err)
			r := s.Verify(d, o)
			consistent(t, r)
			sayable(t, r)
			if r.Verified {
				require.True(t, proven[said(s, file)], "nobody else can sign: %s", said(s, file))
				require.Equal(t, s.Latest(), r.Latest)
			}
			many, err := timestamp.Hash(bytes.NewReader(file), slices.Concat(s.Renewals, []*timestamp.Stamp{s, s})...)
			require.NoError(t, err)
			require.Equal(t, r, s.Verify(many, o), "digests for other stamps change nothing")
		}
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
