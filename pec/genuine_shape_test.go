package pec_test

import (
	"bytes"
	"encoding/asn1"
	"encoding/base64"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/pec"
)

const namirial = "namirial-2024-12-transport"

// What a person sees today of a message whose signer has expired since: it is
// certified at its own time, and only there.
func TestGenuineMessageAtOtherTimes(t *testing.T) {
	t.Parallel()
	m := read(t, filepath.Join(counterpart.Reference(t, "corpus", "genuine"), namirial+".eml"))

	r, err := pec.Verify(m, &pec.VerifyOptions{Clock: clock})
	require.NoError(t, err)
	require.Equal(t, "posta-certificata@sicurezzapostale.it", r.Signer.Email)
	require.Equal(t, "Namirial S.p.A.", r.Signer.Organization)
	require.Equal(t, "2024-12-05T00:02:10+01:00", r.ReferenceTime.Time.Format(time.RFC3339))
	require.Equal(t, pec.Warn, r.Check(pec.CheckDigestAge).Status)
	require.Equal(t, pec.Warn, r.Check(pec.CheckPOE).Status)
	require.Contains(t, r.Check(pec.CheckPOE).Detail(pec.English), "2026-09-27")

	for name, o := range map[string]struct {
		options pec.VerifyOptions
		want    pec.SubIndication
		poe     pec.ProofOfExistence
	}{
		"now":             {pec.VerifyOptions{Clock: clock, AtNow: true}, pec.OutOfBoundsNoPOE, pec.POENone},
		"strict":          {pec.VerifyOptions{Clock: clock, Policy: pec.PolicyStrict}, pec.OutOfBoundsNoPOE, pec.POENone},
		"given, too late": {pec.VerifyOptions{Clock: clock, At: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)}, pec.OutOfBoundsNoPOE, pec.POEGiven},
		"given":           {pec.VerifyOptions{Clock: clock, At: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}, "", pec.POEGiven},
	} {
		r, err := pec.Verify(m, &o.options)
		require.Equal(t, o.want, r.SubIndication, name)
		require.Equal(t, o.want == "", err == nil, name)
		require.Equal(t, o.poe, r.ProofOfExistence, name)
	}
}

// A mailing list wraps the envelope: nothing of the outer message is
// certified, and the layer inside still is, without a header to compare.
func TestGenuineMessageThroughAMailingList(t *testing.T) {
	t.Parallel()
	m := read(t, filepath.Join(counterpart.Reference(t, "corpus", "genuine"), namirial+"-via-mailing-list.eml"))
	r, err := pec.Verify(m, &pec.VerifyOptions{Clock: clock})
	require.Error(t, err)
	require.Equal(t, pec.KindOrdinary, r.Kind)
	require.Empty(t, r.Verdict)
	require.Len(t, r.Layers, 1)
	require.True(t, r.Layers[0].Certified)
	require.Equal(t, "1", r.Layers[0].Path)
	require.Equal(t, pec.Skip, r.Layers[0].Check(pec.CheckFrom).Status)
	require.Len(t, r.Layers[0].Data.Recipients, 7)
}

// RFC 6109 §2.1 obliges providers to include only the signer's certificate.
func TestGenuineMessageWithTheLeafOnly(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(filepath.Join(counterpart.Reference(t, "corpus", "genuine"), namirial+".eml"))
	require.NoError(t, err)
	part := regexp.MustCompile(`(?s)Content-Type: application/x-pkcs7-signature.*?\r\n\r\n(.*?)\r\n\r\n?--`).FindSubmatchIndex(b)
	require.NotNil(t, part)
	der, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(string(b[part[2]:part[3]]), "\r\n", ""))
	require.NoError(t, err)
	changed := bytes.Clone(b[:part[2]])
	changed = append(changed, base64.StdEncoding.EncodeToString(withLeafOnly(t, der))...)
	changed = append(changed, b[part[3]:]...)

	m, err := pec.ReadAll(bytes.NewReader(changed))
	require.NoError(t, err)
	r, err := pec.Verify(m, &pec.VerifyOptions{Clock: clock})
	require.NoError(t, err)
	require.Len(t, r.Chain, 1)
	require.Equal(t, pec.Pass, r.Check(pec.CheckProvider).Status)
	require.Contains(t, r.Check(pec.CheckProvider).Detail(pec.English), "Namirial")
}

// withLeafOnly takes all certificates but the first out of a SignedData. The
// bag is not signed.
func withLeafOnly(t *testing.T, der []byte) []byte {
	t.Helper()
	var info struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue `asn1:"explicit,tag:0"`
	}
	_, err := asn1.Unmarshal(der, &info)
	require.NoError(t, err)
	var fields asn1.RawValue
	_, err = asn1.Unmarshal(info.Content.Bytes, &fields)
	require.NoError(t, err)
	var out []byte
	for rest := fields.Bytes; len(rest) > 0; {
		var f asn1.RawValue
		rest, err = asn1.Unmarshal(rest, &f)
		require.NoError(t, err)
		if f.Class == asn1.ClassContextSpecific && f.Tag == 0 {
			var leaf asn1.RawValue
			_, err = asn1.Unmarshal(f.Bytes, &leaf)
			require.NoError(t, err)
			f.FullBytes, err = asn1.Marshal(asn1.RawValue{Class: f.Class, Tag: 0, IsCompound: true, Bytes: leaf.FullBytes})
			require.NoError(t, err)
		}
		out = append(out, f.FullBytes...)
	}
	data, err := asn1.Marshal(asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: out})
	require.NoError(t, err)
	content, err := asn1.Marshal(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: data})
	require.NoError(t, err)
	oid, err := asn1.Marshal(info.Type)
	require.NoError(t, err)
	whole, err := asn1.Marshal(asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: append(oid, content...)})
	require.NoError(t, err)
	return whole
}

// Two genuine messages whose content others changed: only the digest stands
// against them, and the report shows that the signer is a provider.
func TestGenuineMessagesChangedUnderTheirSignature(t *testing.T) {
	t.Parallel()
	dir := counterpart.Reference(t, "corpus", "structure")
	for file, kind := range map[string]pec.Kind{
		"aruba-2026-09-errore-consegna":       pec.KindDeliveryError,
		"sogei-2018-11-transport-reformatted": pec.KindTransport,
	} {
		m := read(t, filepath.Join(dir, file+".eml"))
		r, err := pec.Verify(m, &pec.VerifyOptions{Clock: clock})
		require.Error(t, err, file)
		require.Equal(t, kind, r.Kind, file)
		require.Equal(t, pec.TotalFailed, r.Verdict, file)
		require.Equal(t, pec.HashFailure, r.SubIndication, file)
		require.Len(t, r.Failures(), 1, file)
		for _, id := range []pec.CheckID{pec.CheckValue, pec.CheckPath, pec.CheckProfile, pec.CheckProvider, pec.CheckValidity} {
			require.Equal(t, pec.Pass, r.Check(id).Status, "%s: %s", file, id)
		}
	}
}
