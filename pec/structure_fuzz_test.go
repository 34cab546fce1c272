package pec_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

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
// keys.
func FuzzRead(f *testing.F) {
	certified := map[string]bool{}
	for _, kind := range outsideKinds {
		certified[string(testsign.Message{Kind: kind}.DatiCert())] = true
	}
	certified[string(outsideInner().DatiCert())] = true
	for _, mail := range outsideSeeds() {
		f.Add(mail)
	}
	f.Fuzz(func(t *testing.T, mail []byte) {
		m, err := pec.Read(bytes.NewReader(mail), int64(len(mail)))
		if err != nil {
			require.Nil(t, m)
			require.ErrorAs(t, err, new(*pec.LimitError))
			return
		}
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
