package cms_test

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/cms"
	"github.com/gopec/gopec/internal/testsign"
)

// seeds are good signatures and every edit of the tables that hold the rules.
func seeds(t testing.TB) (all [][]byte) {
	edited := func(by identity, edit func(d *document), resign bool) {
		d := newDocument(t, by)
		edit(d)
		if resign {
			d.sort()
			d.resign()
		}
		all = append(all, d.root.der())
	}
	for _, rules := range [][]rule{contentRules, signerRules, attributeRules, trailingRules, algorithmRules, bagRules, references()} {
		for _, r := range rules {
			edited(rsaSigner(), r.edit, !r.keep)
		}
	}
	require.NotEmpty(t, all)
	for _, c := range structures {
		edited(rsaSigner(), c.edit, false)
	}
	for _, c := range signingTimes {
		edited(rsaSigner(), func(d *document) { d.attribute(signingTime).kids[0] = leaf(c.tag, []byte(c.text)...) }, true)
	}
	for _, edit := range spellings {
		edited(rsaSigner(), func(d *document) { edit(d.signer().kids[1].kids[0]) }, false)
	}
	for _, c := range rsaKeys {
		edited(rsaSigner(), func(d *document) { setRSA(d.certificate(), c.modulus, c.exponent) }, false)
	}
	for _, edit := range otherKeys {
		edited(rsaSigner(), func(d *document) { edit(certificateKey(d.certificate())) }, false)
	}
	for _, c := range serials {
		edited(rsaSigner(), func(d *document) {
			certificateSerial(d.certificate()).body, d.signer().kids[1].kids[1].body = c.serial, c.serial
		}, false)
	}
	for _, c := range pssCases {
		edited(rsaSigner(), func(d *document) {
			d.setAlgorithm(rsaPSS, c.params...)
			d.pss = &rsa.PSSOptions{SaltLength: c.salt, Hash: crypto.SHA256}
		}, true)
	}
	for _, c := range ecCases {
		edited(ecSigner(), func(d *document) { d.setAlgorithm(c.id, c.params...) }, true)
	}
	edited(rsaSigner(), func(d *document) { // one key twice
		renewed := d.certificate().clone()
		renewed.kids[0].kids[4].kids[1].body[1]++
		d.bag().insert(0, renewed, d.certificate().clone())
	}, false)
	edited(rsaSigner(), func(d *document) {
		for len(d.bag().kids) <= cms.MaxCertificates {
			d.bag().add(group(0xa2, null()))
		}
	}, false)
	edited(rsaSigner(), func(d *document) { d.signer().remove(3) }, false)
	for _, by := range []identity{smallSigner(), ecSigner(), p521Signer(), edSigner()} {
		s := cms.Signing{Key: by.key, Certificate: by.certificate, Time: instant}
		sig, err := s.Sign(digestOf(t, &s))
		require.NoError(t, err)
		all = append(all, sig)
	}
	broken := parseNode(rsaSigner().certificate.Raw)
	certificateSerial(broken).body = []byte{0x80}
	broken.kids[0].kids[4].kids[0].body = []byte("now")
	return append(all, broken.der(), ecSigner().sign(t), indefinite(newDocument(t, rsaSigner()).root), rsaSigner().certificate.Raw, rsaSigner().certificate.Raw[:100])
}

// indefinite writes a node with indefinite lengths wherever it can.
func indefinite(n *node) []byte {
	if n.tag&0x20 == 0 {
		return n.der()
	}
	out := []byte{n.tag, 0x80}
	for _, k := range n.kids {
		out = append(out, indefinite(k)...)
	}
	return append(out, 0, 0)
}

func TestBERGivesTheSame(t *testing.T) {
	t.Parallel()
	d := newDocument(t, rsaSigner())
	s, err := cms.Parse(indefinite(d.root), cms.Detached)
	require.NoError(t, err)
	require.True(t, s.BER)
	require.Equal(t, d.root.der(), s.DER)
	require.Empty(t, s.Problems)
	require.Nil(t, s.CheckDigest(sum256(content)))
	found, problem := s.Signers()
	require.Nil(t, problem)
	require.Equal(t, rsaSigner().certificate.Raw, found[0].Raw)

	d.root.add(null())
	s, err = cms.Parse(indefinite(d.root), cms.Detached)
	require.NoError(t, err)
	require.Equal(t, -1, s.Problems[0].Offset, "no place in the input is known after a conversion")
}

// FuzzParse: no input makes a panic or costs memory out of proportion; what is
// good has a signer, a digest and signed attributes with that digest inside; an
// error is a Problem of C1 or C7. The profiles are numbered: detached, opaque,
// time-stamp, and one that asks for no type of content, which nothing has.
//
// Run it with -fuzzminimizetime 50x: the arithmetic takes ways that differ from
// run to run, so that minimizing by coverage does not end.
func FuzzParse(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s, uint8(0))
	}
	f.Add(indefinite(newDocument(f, rsaSigner()).root), uint8(1))
	f.Add(opaqueOf(f, content, false), uint8(1))
	f.Add(opaqueOf(f, content, true), uint8(1))
	f.Add(bytes.Repeat([]byte{0x30, 0x80}, cms.MaxDepth+1), uint8(0))
	by := testsign.NewCircle().One
	for _, c := range mixtures() {
		for n := range uint8(4) {
			f.Add(c.data.Sign(by, c.content), n)
		}
	}
	for _, cases := range [][]matrixCase{matrixAlgorithms(), matrixEncodings(), matrixSigners(), matrixAttributes(), matrixCertificates(), matrixOtherLayers()} {
		for _, c := range cases {
			if sig, shown := c.input(); len(sig) < 16<<10 {
				var n uint8
				if shown == nil {
					n = 1
				}
				f.Add(sig, n)
			}
		}
	}
	f.Fuzz(func(t *testing.T, b []byte, n uint8) {
		p := []cms.Profile{cms.Detached, cms.Opaque, cms.Timestamp, {}}[n%4]
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		s, err := cms.Parse(b, p)
		var found []*x509.Certificate
		var problem, digest *cms.Problem
		if err == nil {
			found, problem = s.Signers()
			digest = s.CheckDigest(sum256(content))
			s.Certificates()
			s.Skipped()
		}
		runtime.ReadMemStats(&after)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(100*len(b)+4<<20))

		converted(t, b, s, err)
		parsedCertificate(t, b)
		require.Equal(t, cms.SameName(rsaSigner().certificate.RawIssuer, b), cms.SameName(b, rsaSigner().certificate.RawIssuer))
		if err != nil {
			require.Nil(t, s)
			p, ok := errors.AsType[*cms.Problem](err)
			require.True(t, ok)
			require.Contains(t, []cms.Check{cms.CheckEncoding, cms.CheckStructure}, p.Check)
			sound(t, p, len(b))
			return
		}
		require.Equal(t, s.BER, !bytes.Equal(b, s.DER))
		for _, p := range append(s.Problems, digest, problem) {
			sound(t, p, len(b))
		}
		if problem == nil {
			require.NotEmpty(t, found)
			require.Empty(t, s.Problems)
			require.NotZero(t, s.Digest)
			require.NotEqual(t, crypto.MD5, s.Digest)
			require.NotEmpty(t, s.SignedAttributes())
			if digest == nil {
				require.Contains(t, string(s.SignedAttributes()), string(sum256(content)))
			}
		}
		require.True(t, p.ContentType != nil || slices.Contains(codes(s.Problems), cms.CodeContentType))
		if none := s.SignedAttributes() == nil; none {
			require.NotEmpty(t, s.Problems)
			require.NotNil(t, problem)
		}
		hashed(t, s, p)
		raw := s.RawCertificates()
		bag(t, s, found)
		repeated := codes(s.Problems)
		lent := bytes.Clone(b)
		again, err := cms.Parse(lent, p)
		require.NoError(t, err)
		clear(lent) // only DER and Content refer to it
		require.Equal(t, repeated, codes(again.Problems))
		once, second := again.Signers()
		require.Equal(t, rawOf(found), rawOf(once), "certificates that are known change nothing")
		require.Equal(t, problem, second)
		require.Equal(t, digest, again.CheckDigest(sum256(content)))
		require.Equal(t, s.SignedAttributes(), again.SignedAttributes())
		require.Equal(t, raw, again.RawCertificates())
	})
}

// sound holds a Problem against its code.
func sound(t *testing.T, p *cms.Problem, size int) {
	if p == nil {
		return
	}
	require.True(t, p.Offset >= -1 && p.Offset <= size)
	i := slices.IndexFunc(cms.Codes, func(c cms.Code) bool { return c.Name == p.Code })
	require.GreaterOrEqual(t, i, 0, "%s is listed", p.Code)
	require.Equal(t, cms.Codes[i].Check, p.Check)
	require.Len(t, p.Facts, strings.Count(cms.Codes[i].Text, "%s"))
	require.Equal(t, "cms: "+p.Detail, p.Error())
}

// converted asks for the DER alone: it is what Parse reads.
func converted(t *testing.T, b []byte, s *cms.SignedData, failed error) {
	out, problem := cms.ToDER(b, cms.MaxSize)
	if problem != nil {
		require.Equal(t, code(problem), code(failed.(*cms.Problem)))
		return
	}
	if s != nil {
		require.True(t, bytes.Equal(s.DER, out))
	}
	again, problem := cms.ToDER(out, len(out))
	require.Nil(t, problem)
	require.True(t, bytes.Equal(out, again))
	_, problem = cms.ToDER(out, len(out)-1)
	require.Equal(t, cms.CodeTooLarge, code(problem))
}

// parsedCertificate reads what may be a certificate, and what crypto/x509 reads in
// the same way.
func parsedCertificate(t *testing.T, der []byte) {
	before := bytes.Clone(der)
	c, err := cms.ParseCertificate(der)
	plain, failed := x509.ParseCertificate(before)
	require.Equal(t, before, der, "the input is left alone")
	if err != nil {
		require.Nil(t, c)
		require.Error(t, failed)
		return
	}
	require.True(t, bytes.Equal(der, c.Raw) && bytes.Contains(der, c.RawTBSCertificate))
	if failed == nil {
		require.Equal(t, plain.SerialNumber, c.SerialNumber)
		return
	}
	require.True(t, c.SerialNumber.Sign() < 0 || len(c.SerialNumber.Bytes()) > 20 || bytes.Contains(der, append([]byte{0}, c.SerialNumber.Bytes()...)))
}

// hashed digests a content with the hash of the signature.
func hashed(t *testing.T, s *cms.SignedData, p cms.Profile) {
	h, problem := s.NewHash()
	require.Equal(t, s.Digest == 0, problem != nil)
	if problem != nil {
		require.Equal(t, code(problem), code(s.CheckDigest(nil)))
		return
	}
	require.Equal(t, s.Digest.Size(), h.Size())
	if p.Detached {
		h.Write(content)
	} else {
		h.Write(s.Content)
	}
	sum := h.Sum(nil)
	problem = s.CheckDigest(sum)
	require.Equal(t, code(problem), code(s.CheckDigest(bytes.Clone(sum))))
	for _, other := range [][]byte{nil, sum[1:], append(bytes.Clone(sum), 0)} {
		require.NotNil(t, s.CheckDigest(other), "of another length")
	}
	sum[0] ^= 1
	require.False(t, problem == nil && s.CheckDigest(sum) == nil)
}

// bag asks for the certificates that travel with a signature.
func bag(t *testing.T, s *cms.SignedData, found []*x509.Certificate) {
	all, raw, named := rawOf(s.Certificates()), s.RawCertificates(), rawOf(s.Named())
	require.LessOrEqual(t, len(raw), cms.MaxCertificates)
	require.LessOrEqual(t, len(all)+len(s.Skipped()), cms.MaxCertificates)
	require.Subset(t, all, named)
	require.Subset(t, append(named, ""), rawOf(found))
	for _, der := range raw {
		parsedCertificate(t, der)
	}
	for _, c := range s.Named() {
		require.True(t, !s.ByKeyID() || len(c.SubjectKeyId) > 0)
		require.True(t, cms.SameName(c.RawIssuer, c.RawIssuer))
		require.Equal(t, cms.SameName(c.RawIssuer, c.RawSubject), cms.SameName(c.RawSubject, c.RawIssuer))
	}
	for _, text := range s.Skipped() {
		require.True(t, strings.HasPrefix(text, "certificate "))
	}
	s.AddCertificates(rsaSigner().certificate, nil)
	require.Equal(t, append(all, string(rsaSigner().certificate.Raw)), rawOf(s.Certificates()))
	more, _ := s.Signers()
	// A certificate whose name is the very one comes before those whose name is
	// only spelled alike.
	alike := slices.ContainsFunc(s.Notes, func(n cms.Note) bool { return n.Code == cms.NoteIssuerName })
	require.True(t, alike || len(more) >= len(found))
	cms.Remember(found)
}
