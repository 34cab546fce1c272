package cms_test

import (
	"crypto"
	"crypto/x509"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/cms"
	"github.com/gopec/gopec/internal/testsign"
)

var profiles = map[string]cms.Profile{"detached": cms.Detached, "opaque": cms.Opaque, "timestamp": cms.Timestamp}

// mixture is a SignedData in the shape of one profile.
type mixture struct {
	name, reason string
	data         testsign.SignedData
	content      []byte
	first        map[string]string // code of the first Problem; "" for the profile that takes it
}

func mixtures() []mixture {
	by := testsign.NewCircle().One
	reference := testsign.SigningCertificateV2(by, crypto.SHA256)
	info := testsign.TSTInfo(matrixContent, testsign.Instant)
	add := testsign.SignerInfo{Add: []testsign.CMSAttribute{reference}}
	return []mixture{
		{
			name: "time-stamp token", reason: "the profile of its own", content: info,
			data:  testsign.SignedData{ContentType: testsign.OIDTSTInfo, Opaque: true, Signer: add},
			first: map[string]string{"detached": cms.CodeContentPresent, "opaque": cms.CodeContentType, "timestamp": ""},
		},
		{
			name: "time-stamp token in BER", reason: "the encoding changes nothing", content: info,
			data:  testsign.SignedData{ContentType: testsign.OIDTSTInfo, Opaque: true, Signer: add, Encoding: testsign.BERAll},
			first: map[string]string{"detached": cms.CodeContentPresent, "opaque": cms.CodeContentType, "timestamp": ""},
		},
		{
			name: "token without its content", reason: "the time stands in the content", content: info,
			data:  testsign.SignedData{ContentType: testsign.OIDTSTInfo, Signer: add},
			first: map[string]string{"detached": cms.CodeContentType, "opaque": cms.CodeContentAbsent, "timestamp": cms.CodeContentAbsent},
		},
		{
			name: "detached mail signature", reason: "no time-stamp", content: matrixContent,
			data:  testsign.SignedData{Signer: add},
			first: map[string]string{"detached": "", "opaque": cms.CodeContentAbsent, "timestamp": cms.CodeContentAbsent},
		},
		{
			name: "opaque mail signature", reason: "no time-stamp", content: matrixContent,
			data:  testsign.SignedData{Opaque: true, Signer: add},
			first: map[string]string{"detached": cms.CodeContentPresent, "opaque": "", "timestamp": cms.CodeContentType},
		},
		{
			name: "a TSTInfo signed as data", reason: "what a provider signs as mail content is never a stamp", content: info,
			data:  testsign.SignedData{Opaque: true, Signer: add},
			first: map[string]string{"detached": cms.CodeContentPresent, "opaque": "", "timestamp": cms.CodeContentType},
		},
		{
			name: "a TSTInfo under the wrong outer type", reason: "the signed attribute says data", content: info,
			data:  testsign.SignedData{Opaque: true, EContentType: testsign.OIDTSTInfo, Signer: add},
			first: map[string]string{"detached": cms.CodeContentPresent, "opaque": cms.CodeContentType, "timestamp": cms.CodeAttributeContentType},
		},
		{
			name: "no signing-certificate", reason: "RFC 3161 §2.4.2 wants the authority's certificate named", content: info,
			data:  testsign.SignedData{ContentType: testsign.OIDTSTInfo, Opaque: true},
			first: map[string]string{"detached": cms.CodeContentPresent, "opaque": cms.CodeContentType, "timestamp": cms.CodeReferenceMissing},
		},
		{
			name: "two signers", reason: "RFC 3161 §2.4.2: only that of the authority", content: info,
			data:  testsign.SignedData{ContentType: testsign.OIDTSTInfo, Opaque: true, Signer: add, Others: []testsign.SignerInfo{{By: testsign.NewCircle().Two}}},
			first: map[string]string{"detached": cms.CodeContentPresent, "opaque": cms.CodeContentType, "timestamp": cms.CodeTwoSigners},
		},
		{
			name: "no attributes", reason: "C4 holds for stamps too", content: info,
			data:  testsign.SignedData{ContentType: testsign.OIDTSTInfo, Opaque: true, Signer: testsign.SignerInfo{NoAttributes: true}},
			first: map[string]string{"detached": cms.CodeContentPresent, "opaque": cms.CodeContentType, "timestamp": cms.CodeNoAttributes},
		},
	}
}

// Each profile takes its own shape and refuses what belongs to another: a
// time-stamp is no mail signature, whatever was stamped, and no mail signature
// is a time-stamp.
func TestProfilesDoNotMix(t *testing.T) {
	t.Parallel()
	by := testsign.NewCircle().One
	for _, c := range mixtures() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.Len(t, c.first, len(profiles))
			der := c.data.Sign(by, c.content)
			for name, p := range profiles {
				s, err := cms.Parse(der, p)
				require.NoError(t, err)
				want := c.first[name]
				if want == "" {
					require.Empty(t, s.Problems, "%s: %s", name, c.reason)
					require.Nil(t, s.CheckDigest(sum256(c.content)))
					signers, problem := s.Signers()
					require.Nil(t, problem)
					require.Len(t, signers, 1)
					continue
				}
				require.NotEmpty(t, s.Problems, "%s: %s", name, c.reason)
				require.Equal(t, want, s.Problems[0].Code, "%s: %s", name, c.reason)
				_, problem := s.Signers()
				require.NotNil(t, problem, "%s: %s", name, c.reason)
			}
		})
	}
}

// The attribute that names the certificate binds: another certificate over the
// same key, which may have another purpose, is not the signer's.
func TestTimestampReferenceBinds(t *testing.T) {
	t.Parallel()
	one := matrixLeaf(testsign.Certificate{KeyType: testsign.P256})
	twin := matrixLeaf(testsign.Certificate{KeyType: testsign.P256, ExtKeyUsage: identifiers(testsign.OIDTimeStamping)})
	require.Equal(t, one.X509().PublicKey, twin.X509().PublicKey)
	sign := func(reference testsign.CMSAttribute, certificates ...[]byte) *cms.SignedData {
		s, err := cms.Parse(testsign.SignedData{
			ContentType: testsign.OIDTSTInfo, Opaque: true, Certificates: certificates,
			Signer: testsign.SignerInfo{Add: []testsign.CMSAttribute{reference}},
		}.Sign(one, testsign.TSTInfo(matrixContent, testsign.Instant)), cms.Timestamp)
		require.NoError(t, err)
		return s
	}
	for name, reference := range map[string]func(*testsign.Identity) testsign.CMSAttribute{
		"v1": testsign.SigningCertificate,
		"v2": func(id *testsign.Identity) testsign.CMSAttribute {
			return testsign.SigningCertificateV2(id, crypto.SHA256)
		},
		"v2 SHA-512": func(id *testsign.Identity) testsign.CMSAttribute {
			return testsign.SigningCertificateV2(id, crypto.SHA512)
		},
	} {
		signers, problem := sign(reference(one), twin.DER, one.DER).Signers()
		require.Nil(t, problem, name)
		require.Len(t, signers, 1)
		require.Equal(t, one.DER, signers[0].Raw, name)
		_, problem = sign(reference(twin), one.DER).Signers()
		require.NotNil(t, problem, name)
		require.Equal(t, cms.CodeReference, problem.Code, "%s: names a certificate that is not the signer's", name)
	}
}

// A token may travel without its certificate, which then comes from elsewhere
// and is judged like any other.
func TestAddCertificates(t *testing.T) {
	t.Parallel()
	by, other := testsign.NewCircle().One, testsign.NewCircle().Two
	parse := func() *cms.SignedData {
		s, err := cms.Parse(testsign.SignedData{
			ContentType: testsign.OIDTSTInfo, Opaque: true, NoCertificates: true,
			Signer: testsign.SignerInfo{Add: []testsign.CMSAttribute{testsign.SigningCertificateV2(by, crypto.SHA256)}},
		}.Sign(by, testsign.TSTInfo(matrixContent, testsign.Instant)), cms.Timestamp)
		require.NoError(t, err)
		return s
	}
	s := parse()
	_, problem := s.Signers()
	require.Equal(t, cms.CodeNoCertificate, problem.Code)
	s = parse()
	s.AddCertificates(other.X509())
	_, problem = s.Signers()
	require.Equal(t, cms.CodeNoCertificate, problem.Code, "another's certificate is none")
	s.AddCertificates(by.X509())
	signers, problem := s.Signers()
	require.Nil(t, problem)
	require.Equal(t, by.DER, signers[0].Raw)
	s = parse()
	s.AddCertificates(append(make([]*x509.Certificate, 0, 40), repeated(other.X509(), cms.MaxCertificates)...)...)
	s.AddCertificates()
	require.Len(t, s.Certificates(), cms.MaxCertificates)
	s = parse()
	s.AddCertificates(repeated(other.X509(), cms.MaxCertificates+1)...)
	require.Len(t, s.Certificates(), cms.MaxCertificates, "no more are looked at")
}

func repeated(c *x509.Certificate, n int) []*x509.Certificate {
	var all []*x509.Certificate
	for range n {
		all = append(all, c)
	}
	return all
}

// ToDER is bounded by the limit that it is given and by the depth of Parse.
func TestToDER(t *testing.T) {
	t.Parallel()
	ber := []byte{0x30, 0x80, 0x24, 0x80, 4, 1, 'a', 4, 1, 'b', 0, 0, 0, 0}
	out, problem := cms.ToDER(ber, len(ber))
	require.Nil(t, problem)
	require.Equal(t, []byte{0x30, 4, 4, 2, 'a', 'b'}, out)
	again, problem := cms.ToDER(out, len(out))
	require.Nil(t, problem)
	require.Equal(t, out, again)
	_, problem = cms.ToDER(ber, len(ber)-1)
	require.Equal(t, cms.CodeTooLarge, problem.Code)
	_, problem = cms.ToDER(append(ber, 0), 100)
	require.Equal(t, cms.CodeTrailing, problem.Code)
	large := append([]byte{0x24, 0x83, 1, 0x86, 0xa5, 4, 0x83, 1, 0x86, 0xa0}, make([]byte, 100000)...) // longer than a signature may be
	out, problem = cms.ToDER(append([]byte{0x30, 0x83, 1, 0x86, 0xaa}, large...), 1<<20)
	require.Nil(t, problem)
	require.Equal(t, 100000+5+5, len(out))
	_, problem = cms.ToDER(nested(cms.MaxDepth+1, []byte{0x30, 0x80}), 1<<20)
	require.Equal(t, cms.CodeTooDeep, problem.Code)
}
