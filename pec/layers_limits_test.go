package pec_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
)

// An inner layer over a limit takes nothing away from the layer around it, and
// is not passed over in silence.
func TestOutsideLayerOverALimit(t *testing.T) {
	t.Parallel()
	heavy := outsideInner()
	heavy.Signature = bytes.Repeat([]byte{0x30}, 300<<10)
	long := outsideInner()
	long.EditXML = func(xml []byte) []byte {
		return bytes.Replace(xml, []byte("Interno"), bytes.Repeat([]byte("x"), 1<<20), 1)
	}
	for _, c := range []struct {
		reason string
		inner  []byte
		limit  string
	}{
		{"a signature of 300 KiB", heavy.Bytes(), "signature"},
		{"a daticert.xml of more than 1 MiB", long.Bytes(), "daticert"},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			r := outsideVerify(t, testsign.Message{Kind: daticert.TypeTransport, Original: c.inner}.Bytes())
			require.True(t, r.Certified, "%v", outsideFailed(r))
			require.Len(t, r.Layers, 1)
			in := r.Layers[0]
			require.False(t, in.Certified)
			require.Empty(t, in.Verdict)
			require.Equal(t, pec.KindUnknown, in.Kind)
			require.Equal(t, "1.3.1", in.Path)
			for _, check := range in.Checks() {
				require.Equal(t, pec.Skip, check.Status)
				require.Contains(t, check.Detail(pec.English), "limit passed in part 1.3.1")
				require.Contains(t, check.Detail(pec.English), c.limit)
			}
			require.Contains(t, in.Outcome(pec.English), "no verdict")
		})
	}
}

// outsideNest puts a mail into an encoded attachment of another, n times.
func outsideNest(mail []byte, n int) []byte {
	for range n {
		mail = outsidePlain("X-Trasporto: posta-certificata\r\n", outsideBase64("application/octet-stream", "x.eml", mail))
	}
	return mail
}

// Messages in encoded parts of messages in encoded parts end somewhere.
func TestOutsideLayersNestedInEncodedParts(t *testing.T) {
	t.Parallel()
	count := func(n int) (layers int, last *pec.Report) {
		r := outsideVerify(t, outsideNest(outsidePlain(""), n))
		for last = r; len(last.Layers) > 0; last = last.Layers[0] {
			layers++
		}
		return layers, last
	}
	n, last := count(5)
	require.Equal(t, 4, n, "five mails call themselves PEC, the mail itself among them")
	require.Equal(t, pec.Fail, last.Check(pec.CheckSignature).Status)

	n, last = count(25)
	require.Less(t, n, 25)
	require.Contains(t, last.Check(pec.CheckSignature).Detail(pec.English), "nesting, 20", "what is not read is named")
	require.False(t, last.Certified)
}

// An encoded original is opened once: what it takes of the bytes allowed for
// enclosed messages, it takes once.
func TestOutsideEncodedOriginalBelowTheInnerLimit(t *testing.T) {
	t.Parallel()
	original := func(size int) []byte {
		head := outsidePlain("")
		return append(head, bytes.Repeat([]byte("0123456789abcde\n"), (size-len(head))/16)...)
	}
	for _, c := range []struct {
		reason string
		size   int
		layers int
	}{
		{"a user's original of 10 MiB is below the limit of 16 and no layer", 10 << 20, 0},
		{"one of 17 MiB is not looked into, and the report says so", 17 << 20, 1},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			r := outsideVerify(t, testsign.Message{Kind: daticert.TypeTransport, Original: original(c.size),
				OriginalPart: testsign.Part{Encoding: "base64"}}.Bytes())
			require.True(t, r.Certified, "%v", outsideFailed(r))
			require.Len(t, r.Layers, c.layers)
			for _, in := range r.Layers {
				require.Contains(t, in.Check(pec.CheckSignature).Detail(pec.English), "inner")
			}
		})
	}
}

// A mail can hold thousands of small messages that call themselves PEC. What
// the report of them takes stays in proportion.
func TestOutsideManyLayers(t *testing.T) {
	t.Parallel()
	claim := outsideForward([]byte("X-Ricevuta: avvenuta-consegna\r\n\r\nx"))
	unread := outsideBase64("message/rfc822", "x.eml", []byte("Subject: x\r\n\r\nx"))
	many := func(part string, n int) *pec.Report {
		parts := make([]string, n)
		for i := range parts {
			parts[i] = part
		}
		mail := outsidePlain("", parts...)
		m, err := pec.Limits{Inner: 1}.Read(bytes.NewReader(mail), int64(len(mail)))
		require.NoError(t, err)
		r, err := pec.Verify(m, outsideOptions())
		require.Error(t, err)
		outsideConsistent(t, r, err)
		return r
	}
	for _, part := range []string{claim, unread} {
		r := many(part, pec.MaxLayers)
		require.Len(t, r.Layers, pec.MaxLayers)
		require.NotContains(t, r.Layers[pec.MaxLayers-1].Check(pec.CheckSignature).Detail(pec.English), "layers")
		r = many(part, 3*pec.MaxLayers)
		require.Len(t, r.Layers, pec.MaxLayers+1)
		last := r.Layers[pec.MaxLayers]
		require.Contains(t, last.Check(pec.CheckSignature).Detail(pec.English), "layers, 1000", "what is left out is said")
		require.Empty(t, last.Verdict)
	}
}
