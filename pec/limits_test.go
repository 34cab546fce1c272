package pec_test

import (
	"bytes"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
)

// outsideLimit reads and verifies, and returns the limit passed, "" for none.
// With a limit there is neither message nor report.
func outsideLimit(t *testing.T, l pec.Limits, mail []byte) (*pec.Report, string) {
	t.Helper()
	m, err := l.Read(bytes.NewReader(mail), int64(len(mail)))
	var r *pec.Report
	if err != nil {
		require.Nil(t, m)
	} else {
		r, err = pec.Verify(m, outsideOptions())
	}
	var le *pec.LimitError
	if !errors.As(err, &le) {
		require.NotNil(t, r, "%v", err)
		return r, ""
	}
	require.Nil(t, r)
	require.Positive(t, le.Max)
	require.Contains(t, err.Error(), le.Limit)
	require.Contains(t, err.Error(), fmt.Sprint(le.Max))
	return nil, le.Limit
}

// outsideDER writes one value in DER.
func outsideDER(tag byte, content []byte) []byte {
	b, err := asn1.Marshal(asn1.RawValue{Class: int(tag >> 6), Tag: int(tag & 0x1f), IsCompound: tag&0x20 != 0, Bytes: content})
	if err != nil {
		panic(err)
	}
	return b
}

// outsideUnsigned is a delivery whose signature has an unsigned attribute with
// one value.
func outsideUnsigned(value []byte) testsign.Message {
	return testsign.Message{Kind: daticert.TypeDelivery, CMS: testsign.SignedData{Signer: testsign.SignerInfo{
		Unsigned: []testsign.CMSAttribute{{OID: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 1}, Values: [][]byte{value}}}}}}
}

// Each limit just below and just above, on messages that are certified below.
func TestOutsideLimits(t *testing.T) {
	t.Parallel()
	good := testsign.Message{Kind: daticert.TypeDelivery}
	size := int64(len(good.Bytes()))
	header := func(n int) []byte { // a header block of n bytes
		m := good
		block, _, _ := bytes.Cut(m.Bytes(), []byte("\r\n\r\n"))
		const field = "X-Lungo: \r\n"
		m.After = []testsign.Field{{Name: "X-Lungo", Value: strings.Repeat("x", n-len(block)-len("\r\n")-len(field))}}
		mail := m.Bytes()
		block, _, _ = bytes.Cut(mail, []byte("\r\n\r\n"))
		require.Len(t, block, n-len("\r\n"))
		return mail
	}
	xml := func(n int) []byte {
		m := good
		m.EditXML = func(b []byte) []byte { return append(b, bytes.Repeat([]byte(" "), n-len(b))...) }
		require.Len(t, m.DatiCert(), n)
		return m.Bytes()
	}
	markup := func(n int) []byte { // and 20 of the document's own
		return outsideXML(daticert.TypeDelivery, "</postacert>", strings.Repeat("<!---->", n)+"</postacert>").Bytes()
	}
	elements := func(n int) []byte {
		return outsideXML(daticert.TypeDelivery, "</dati>", strings.Repeat("<x>", n)+strings.Repeat("</x>", n)+"</dati>").Bytes()
	}
	signature := func(n int) []byte {
		m := outsideUnsigned(nil)
		room := n - len(outsideSignature(m))
		for pad := room; ; pad-- { // lengths of lengths
			m = outsideUnsigned(outsideDER(asn1.TagOctetString, make([]byte, pad)))
			if got := len(outsideSignature(m)); got == n {
				return m.Bytes()
			} else if got < n {
				m.CMS.Signer.Unsigned[0].Values = append(m.CMS.Signer.Unsigned[0].Values, outsideDER(asn1.TagOctetString, make([]byte, n-got-2)))
				require.Len(t, outsideSignature(m), n)
				return m.Bytes()
			}
		}
	}
	depth := func(n int) []byte { // the attribute's value is at depth 9
		value := outsideDER(asn1.TagOctetString, nil)
		for range n - 9 {
			value = outsideDER(0x30, value)
		}
		return outsideUnsigned(value).Bytes()
	}
	certificates := func(n int) []byte {
		m := good
		for range n - 2 { // the signer's and its authority's are there
			m.CMS.CertificatesLast = append(m.CMS.CertificatesLast, testsign.NewCircle().Root.DER)
		}
		return m.Bytes()
	}
	parts := func(n int) []byte { // root, signed part, signature: the rest in the original
		text := make([]string, n-len([]string{"", "1", "1.1", "1.1.1", "1.1.2", "1.2", "1.3", "1.3.1", "1.3.1.1", "2"}))
		for i := range text {
			text[i] = "\r\n"
		}
		return testsign.Message{Kind: daticert.TypeDelivery, Original: outsidePlain("", text...)}.Bytes()
	}
	nesting := func(n int) []byte { // signed, mixed, message and n-3 multiparts
		original := "Subject: x\r\n"
		for i := range n - 3 {
			original += fmt.Sprintf("Content-Type: multipart/mixed; boundary=n%d\r\n\r\n--n%d\r\n", i, i)
		}
		return testsign.Message{Kind: daticert.TypeDelivery, Original: []byte(original + "\r\n")}.Bytes()
	}
	for _, c := range []struct {
		name         string
		limits       pec.Limits
		below, above []byte
	}{
		{"message", pec.Limits{Message: size}, good.Bytes(), append(good.Bytes(), '\n')},
		{"parts", pec.Limits{}, parts(10_000), parts(10_001)},
		{"parts", pec.Limits{Parts: 20}, parts(20), parts(21)},
		{"nesting", pec.Limits{}, nesting(20), nesting(21)},
		{"header", pec.Limits{}, header(1 << 20), header(1<<20 + 1)},
		{"header", pec.Limits{Header: 3000}, header(3000), header(3001)},
		{"daticert", pec.Limits{}, xml(1 << 20), xml(1<<20 + 1)},
		{"daticert", pec.Limits{Daticert: 2000}, xml(2000), xml(2001)},
		{"daticert-depth", pec.Limits{}, elements(14), elements(15)},
		{"daticert-markup", pec.Limits{}, markup(100_000 - 20), markup(100_001 - 20)},
		{"signature", pec.Limits{}, signature(pec.MaxSignature), signature(pec.MaxSignature + 1)},
		{"signature-depth", pec.Limits{}, depth(pec.MaxSignatureDepth), depth(pec.MaxSignatureDepth + 1)},
		{"certificates", pec.Limits{}, certificates(pec.MaxCertificates), certificates(pec.MaxCertificates + 1)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, limit := outsideLimit(t, c.limits, c.below)
			require.Empty(t, limit, "below")
			require.True(t, r.Certified, "below: %v", outsideFailed(r))
			_, limit = outsideLimit(t, c.limits, c.above)
			require.Equal(t, c.name, limit, "above")
		})
	}
}

// outsideSignature is the signature that a message of testsign carries.
func outsideSignature(m testsign.Message) []byte {
	return m.CMS.Sign(testsign.NewCircle().Two, m.SignedPart())
}

// A stream is held in memory, so its limit is another. Not parallel: it counts
// what is allocated.
func TestOutsideLimitStream(t *testing.T) {
	mail := testsign.Message{Kind: daticert.TypeDelivery}.Bytes()
	m, err := pec.Limits{Stream: int64(len(mail))}.ReadAll(bytes.NewReader(mail))
	require.NoError(t, err)
	_, err = pec.Verify(m, outsideOptions())
	require.NoError(t, err)

	m, err = pec.Limits{Stream: int64(len(mail)) - 1}.ReadAll(bytes.NewReader(mail))
	require.Nil(t, m)
	var le *pec.LimitError
	require.ErrorAs(t, err, &le)
	require.Equal(t, pec.LimitError{Limit: "stream", Max: int64(len(mail)) - 1}, *le)

	// A stream without end costs what the limit allows.
	const most = 1 << 20
	before := outsideAllocated()
	_, err = pec.Limits{Stream: most}.ReadAll(outsideEndless{})
	require.ErrorAs(t, err, &le)
	require.Less(t, outsideAllocated()-before, uint64(16*most))

	// The reader's own error is its own.
	broken := errors.New("broken")
	_, err = pec.ReadAll(io.MultiReader(strings.NewReader("From: x"), outsideBroken{broken}))
	require.ErrorIs(t, err, broken)
	require.NotErrorAs(t, err, &le)
}

type outsideEndless struct{}

func (outsideEndless) Read(p []byte) (int, error) { return len(p), nil }

type outsideBroken struct{ err error }

func (b outsideBroken) Read([]byte) (int, error) { return 0, b.err }

// Enclosed messages in encoded parts are held in memory, too.
func TestOutsideLimitInner(t *testing.T) {
	t.Parallel()
	original := outsidePlain("")
	mail := testsign.Message{Kind: daticert.TypeTransport, Original: original, OriginalPart: testsign.Part{Encoding: "base64"}}.Bytes()
	at := func(limit int) *pec.Report {
		r, name := outsideLimit(t, pec.Limits{Inner: int64(limit)}, mail)
		require.Empty(t, name, "an enclosed message takes no verdict away")
		require.True(t, r.Certified)
		return r
	}
	r := at(len(original))
	require.Empty(t, r.Layers)
	require.NoError(t, r.Message.Original().Err())
	require.Equal(t, pec.Warn, r.Check(pec.CheckOriginalSubject).Status, "it was opened and compared")

	r = at(len(original) - 1)
	require.Len(t, r.Layers, 1)
	require.Contains(t, r.Layers[0].Check(pec.CheckSignature).Detail(pec.English), "inner")
	require.Error(t, r.Message.Original().Err())
	require.Equal(t, pec.Skip, r.Check(pec.CheckOriginalSubject).Status)
	b, err := io.ReadAll(r.Message.Original().Open())
	require.NoError(t, err)
	require.Equal(t, original, b, "its bytes can be had all the same")
}

// outsideAllocated counts the bytes allocated so far.
func outsideAllocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}
