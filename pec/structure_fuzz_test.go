package pec_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
)

// outsideSeeds are mails of all kinds and forms.
func outsideSeeds() [][]byte {
	var seeds [][]byte
	for _, kind := range append([]daticert.Type{testsign.Anomaly}, outsideKinds...) {
		seeds = append(seeds,
			testsign.Message{Kind: kind}.Bytes(),
			testsign.Message{Kind: kind, LineEnds: testsign.LF, TextOnly: true}.Bytes(),
			testsign.Message{Kind: kind, NoSignature: true}.Bytes())
	}
	inner := outsideInner().Bytes()
	return append(seeds,
		testsign.Message{Kind: daticert.TypeDelivery, Opaque: true}.Bytes(),
		testsign.Message{Kind: daticert.TypeDelivery, CMS: testsign.SignedData{Encoding: testsign.BERAll}}.Bytes(),
		testsign.Message{Kind: testsign.Anomaly, Original: inner}.Bytes(),
		testsign.MailingList(inner, "lista@example.org"),
		outsidePlain("", outsideForward(inner), outsideBase64("application/octet-stream", "x.eml", inner)),
		append([]byte("From a Tue Mar 10 10:15:30 2026\n"), inner...),
		[]byte("Content-Type: message/rfc822\r\n\r\nContent-Type: multipart/signed; protocol=\"application/pkcs7-signature\"\r\n\r\n"),
		nil,
	)
}

// FuzzRead: any bytes at all give a message and a report, or an error and
// neither; every report keeps to its contract and can be shown; and nothing is
// certified but the certification data of the seeds, since nobody else has the
// keys. A limit of the caller's own is the one that is named, and a reader that
// fails is never taken for a message.
func FuzzRead(f *testing.F) {
	certified := map[string]bool{}
	for _, kind := range outsideKinds {
		certified[string(testsign.Message{Kind: kind}.DatiCert())] = true
	}
	certified[string(outsideInner().DatiCert())] = true
	for _, mail := range outsideSeeds() {
		f.Add(mail, uint8(0), uint32(0), uint8(0))
	}
	for _, m := range []testsign.Message{
		{Kind: daticert.TypeDelivery}, {Kind: daticert.TypeAcceptance, Opaque: true},
		{Kind: daticert.TypeTransport, Original: outsideInner().Bytes(), OriginalPart: testsign.Part{Encoding: "base64"}},
	} {
		mail := m.Bytes()
		for limit := range fuzzLimits {
			for _, size := range []int{1, 3, len(mail) - 1, len(mail)} {
				f.Add(mail, uint8(limit+1), uint32(size), uint8(0))
			}
		}
		for fail := range 4 {
			f.Add(mail, uint8(0), uint32(fail/2), uint8(1+fail%2))
		}
	}
	apart := verdictApart().Bytes()
	for fail := range 12 {
		f.Add(apart, uint8(0), uint32(0), uint8(1+fail))
	}
	f.Add(append([]byte("Content-Type: multipart/mixed; boundary=b\r\n\r\n"), bytes.Repeat([]byte("--b\r\n\r\n\x00\r\n"), 101)...), uint8(0), uint32(0), uint8(2))
	f.Fuzz(func(t *testing.T, mail []byte, limit uint8, size uint32, fail uint8) {
		fuzzLimit(t, mail, int(limit)%(len(fuzzLimits)+1), int(size))
		fuzzFailing(t, mail, int(fail), size%2 == 1)
		m, err := pec.Read(bytes.NewReader(mail), int64(len(mail)))
		if err != nil {
			require.Nil(t, m)
			require.ErrorAs(t, err, new(*pec.LimitError))
			return
		}
		fuzzHeaders(t, m)
		r, err := pec.Verify(m, outsideOptions())
		if r == nil {
			require.ErrorAs(t, err, new(*pec.LimitError))
			return
		}
		outsideConsistent(t, r, err)
		outsideShown(t, r)
		outsideOnly(t, r, certified)
		again, err := pec.ReadAll(bytes.NewReader(mail))
		require.NoError(t, err)
		other, _ := pec.Verify(again, outsideOptions())
		one, err := json.Marshal(r)
		require.NoError(t, err)
		two, err := json.Marshal(other)
		require.NoError(t, err)
		require.Equal(t, string(one), string(two), "one message, one report")
	})
}

// fuzzLimits set one limit each.
var fuzzLimits = []struct {
	name string
	of   func(n int) pec.Limits
}{
	{"message", func(n int) pec.Limits { return pec.Limits{Message: int64(n)} }},
	{"stream", func(n int) pec.Limits { return pec.Limits{Stream: int64(n)} }},
	{"parts", func(n int) pec.Limits { return pec.Limits{Parts: n} }},
	{"nesting", func(n int) pec.Limits { return pec.Limits{Nesting: n} }},
	{"header", func(n int) pec.Limits { return pec.Limits{Header: n} }},
	{"daticert", func(n int) pec.Limits { return pec.Limits{Daticert: n} }},
	{"inner", func(n int) pec.Limits { return pec.Limits{Inner: int64(n)} }},
}

// fuzzLimit reads and verifies under a limit, 0 for none, of a size.
func fuzzLimit(t *testing.T, mail []byte, limit, size int) {
	if limit == 0 || size == 0 {
		return
	}
	of := fuzzLimits[limit-1]
	read := func() (*pec.Message, error) { return of.of(size).Read(bytes.NewReader(mail), int64(len(mail))) }
	if of.name == "stream" {
		read = func() (*pec.Message, error) { return of.of(size).ReadAll(bytes.NewReader(mail)) }
	}
	m, err := read()
	if of.name == "message" || of.name == "stream" {
		require.Equal(t, len(mail) > size, limitNamed(err, of.name))
	}
	if err != nil {
		require.Nil(t, m)
		var le *pec.LimitError
		require.ErrorAs(t, err, &le)
		if le.Limit == of.name {
			require.EqualValues(t, size, le.Max)
		}
		require.Contains(t, err.Error(), fmt.Sprintf("%s, %d", le.Limit, le.Max))
		return
	}
	r, err := pec.Verify(m, outsideOptions())
	if r == nil {
		require.ErrorAs(t, err, new(*pec.LimitError))
		return
	}
	outsideConsistent(t, r, err)
	outsideShown(t, r)
}

func limitNamed(err error, name string) bool {
	var le *pec.LimitError
	return errors.As(err, &le) && le.Limit == name
}

// fuzzFailing reads from a disk that fails from one of its reads on, 0 for never:
// whoever asks gets that very error, and nothing else.
func fuzzFailing(t *testing.T, mail []byte, fail int, stamp bool) {
	if fail == 0 {
		return
	}
	d := &verdictDisk{Reader: bytes.NewReader(mail), fails: func(call int64) bool { return call >= int64(fail) }}
	m, err := pec.Read(d, int64(len(mail)))
	if d.calls.Load() >= int64(fail) {
		require.ErrorIs(t, err, errVerdictDisk)
		require.Nil(t, m)
	} else if err == nil {
		m.Release() // or else it would not be read again
		o := outsideOptions()
		o.SecondOpinion = true
		if stamp { // which is over the file, so that it is read once more
			*o = stamped(t, *o, mail, testsign.Instant)
		}
		r, err := pec.Verify(m, o)
		if d.calls.Load() >= int64(fail) {
			require.ErrorIs(t, err, errVerdictDisk)
			require.Nil(t, r)
		}
	}
	m, err = pec.ReadAll(io.MultiReader(bytes.NewReader(mail), outsideBroken{errVerdictDisk}))
	require.ErrorIs(t, err, errVerdictDisk)
	require.Nil(t, m)
	line, err := pec.ErrorJSON(string(mail), pec.ErrorUnreadable, errVerdictDisk.Error())
	require.NoError(t, err)
	outsideHarmless(t, string(line))
	var v struct{ File string }
	require.NoError(t, json.Unmarshal(line, &v))
	require.Equal(t, strings.ToValidUTF8(v.File, ""), v.File)
	if utf8.Valid(mail) {
		require.Equal(t, string(mail), v.File)
	}
}

// fuzzHeaders requires that the fields of a header are what its claims say, and
// that a bare part has none.
func fuzzHeaders(t *testing.T, m *pec.Message) {
	for name, claim := range map[string]string{"X-Trasporto": m.Claims.Transport, "X-Ricevuta": m.Claims.Receipt} {
		values := m.Header(name)
		require.Equal(t, claim != "", len(values) > 0 && strings.TrimSpace(values[0]) != "", "%s: %q, %q", name, claim, values)
	}
	require.LessOrEqual(t, len(m.Defects), 100, "a list of them is bounded")
	for _, d := range m.Defects {
		require.NotEmpty(t, d.ID)
	}
	for _, in := range m.Layers {
		fuzzHeaders(t, in)
	}
}

// outsideOnly requires that what is certified is certification data that
// somebody with the keys has written.
func outsideOnly(t testing.TB, r *pec.Report, certified map[string]bool) {
	t.Helper()
	if r.Certified {
		require.True(t, certified[string(r.Data.Raw())], "%s", r.Data.Raw())
	}
	for _, in := range r.Layers {
		outsideOnly(t, in, certified)
	}
}

// FuzzOutside: whatever stands outside the signature of a good message, the
// certified data are those that were signed, and certified means that a reader
// of the header is not told otherwise by the fields that decide.
func FuzzOutside(f *testing.F) {
	const kind = daticert.TypeDelivery
	good := testsign.Message{Kind: kind}
	header, body, _ := bytes.Cut(good.Bytes(), []byte("\r\n\r\n"))
	for _, c := range []struct{ before, after, epilogue string }{
		{"", "", ""},
		{"From: altri@example.com\r\n", "", ""},
		{"", "\r\nSubject: ACCETTAZIONE: x", "x"},
		{"X-Trasporto: errore\r\n", "\r\nX-Ricevuta: accettazione", "\r\n"},
		{"Content-Type: text/plain\r\n", "\r\nContent-Type: multipart/mixed; boundary=b", "--b\r\n\r\nx\r\n--b--\r\n"},
		{"\r\n", "", ""},
		{"junk\r\n", "\r\n junk", "\x00"},
	} {
		f.Add([]byte(c.before), []byte(c.after), []byte(c.epilogue))
	}
	f.Fuzz(func(t *testing.T, before, after, epilogue []byte) {
		mail := bytes.Join([][]byte{before, header, after, []byte("\r\n\r\n"), body, epilogue}, nil)
		m, err := pec.Read(bytes.NewReader(mail), int64(len(mail)))
		if err != nil {
			require.ErrorAs(t, err, new(*pec.LimitError))
			return
		}
		r, err := pec.Verify(m, outsideOptions())
		if r == nil {
			require.ErrorAs(t, err, new(*pec.LimitError))
			return
		}
		outsideConsistent(t, r, err)
		if !r.Certified {
			var not *pec.NotCertifiedError
			require.True(t, errors.As(err, &not))
			return
		}
		require.Equal(t, good.DatiCert(), r.Data.Raw())
		require.Equal(t, pec.KindDelivery, r.Kind)
		for _, value := range m.Header("X-Ricevuta") {
			require.Regexp(t, `^\s*(?i:avvenuta-consegna)?\s*$`, value)
		}
		for _, value := range m.Header("X-Trasporto") {
			require.Regexp(t, `^\s*$`, value)
		}
		for _, value := range m.Header("From") {
			require.Contains(t, string(bytes.ToLower([]byte(value))), "posta-certificata@pec.example.com")
		}
	})
}
