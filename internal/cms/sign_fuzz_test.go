package cms_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/cms"
)

// What is asked of a signature, and what is wrong with the question.
const (
	withPSS = 1 << iota
	withBER
	enclosed
	included
	inModule
	lying
	unable
	otherKey
	noKey
	noCertificate
	emptyCertificate
	emptyIncluded
	shortDigest
	otherDigest
	tooManyIncluded
)

var fuzzHashes = []crypto.Hash{0, crypto.SHA1, crypto.SHA256, crypto.SHA384, crypto.SHA512, crypto.SHA224, crypto.MD5, crypto.Hash(99)}

// refusedField is the field that cannot be used, "" if all can.
func refusedField(s *cms.Signing, key, flags int) string {
	year := s.Time.UTC().Year()
	ed := key == 4 && flags&otherKey == 0
	switch {
	case flags&noKey != 0:
		return "Key"
	case flags&(noCertificate|emptyCertificate) != 0:
		return "Certificate"
	case flags&otherKey != 0 && key != 0:
		return "Key"
	case s.Time.IsZero() || year < 1950 || year > 9999:
		return "Time"
	case flags&emptyIncluded != 0:
		return "Include"
	case s.Hash == crypto.SHA224 || s.Hash == crypto.MD5 || s.Hash > crypto.SHA512:
		return "Hash"
	case ed && s.Hash != 0 && s.Hash != crypto.SHA512:
		return "Hash"
	case s.PSS && key > 1:
		return "PSS"
	}
	return ""
}

// FuzzSign: what is signed is read back as it was asked for, and the same a second
// time where that is promised; what cannot be used is an error that names the field,
// before the key is asked; and nothing comes with an error, least of all a signature
// that does not verify.
func FuzzSign(f *testing.F) {
	identities := []identity{rsaSigner(), smallSigner(), ecSigner(), p521Signer(), edSigner()}
	for key := range identities {
		for hash := range fuzzHashes {
			f.Add(uint8(key), uint8(hash), uint16(0), instant.Unix(), []byte("testo"))
			f.Add(uint8(key), uint8(hash), uint16(withPSS|withBER|inModule), instant.Unix(), []byte("testo"))
		}
		for flags := 1; flags <= tooManyIncluded; flags <<= 1 {
			f.Add(uint8(key), uint8(0), uint16(flags), instant.Unix(), []byte("testo"))
		}
		f.Add(uint8(key), uint8(0), uint16(enclosed|otherDigest), instant.Unix(), []byte("testo"))
	}
	for _, year := range []int{1, 1949, 1950, 2049, 2050, 9999, 10000} {
		f.Add(uint8(2), uint8(0), uint16(0), time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).Unix(), []byte{})
	}
	for _, size := range []int{127, 128, 70_000} {
		f.Add(uint8(2), uint8(0), uint16(enclosed), instant.Unix(), bytes.Repeat([]byte{'x'}, size))
		f.Add(uint8(2), uint8(0), uint16(enclosed|withBER), instant.Unix(), bytes.Repeat([]byte{'x'}, size))
	}
	var many []*x509.Certificate
	for i := range cms.MaxCertificates {
		many = append(many, newIdentity(ecSigner().key, strings.Repeat("x", i+1)).certificate)
	}
	f.Fuzz(func(t *testing.T, which, hash uint8, bits uint16, unix int64, text []byte) {
		key, flags := int(which)%len(identities), int(bits)
		has := func(flag int) bool { return flags&flag != 0 }
		by := identities[key]
		s := cms.Signing{Key: by.key, Certificate: by.certificate, Hash: fuzzHashes[int(hash)%len(fuzzHashes)],
			PSS: has(withPSS), BER: has(withBER), Time: time.Unix(unix, 0)}
		switch {
		case has(noKey):
			s.Key = nil
		case has(otherKey):
			s.Key = identities[0].key
		case has(unable):
			s.Key = failing{by.key}
		case has(lying):
			s.Key = liar{by.key}
		case has(inModule):
			s.Key = module{by.key}
		}
		switch {
		case has(noCertificate):
			s.Certificate = nil
		case has(emptyCertificate):
			s.Certificate = new(x509.Certificate)
		}
		switch {
		case has(emptyIncluded):
			s.Include = []*x509.Certificate{nil}
		case has(tooManyIncluded):
			s.Include = many
		case has(included):
			s.Include = []*x509.Certificate{ecSigner().certificate, by.certificate}
		}
		if has(enclosed) {
			s.Content = bytes.Clone(text)
		}

		used, err := s.Digest()
		if want := refusedField(&s, key, flags); want != "" {
			field, ok := errors.AsType[*cms.SigningError](err)
			require.True(t, ok, "%s: %v", want, err)
			require.Equal(t, want, field.Field)
			require.ErrorIs(t, err, field.Unwrap())
			require.True(t, strings.HasPrefix(err.Error(), "cms: cannot sign: "+want+": "))
			sig, second := s.Sign(make([]byte, 32))
			require.Nil(t, sig)
			require.EqualError(t, second, err.Error())
			return
		}
		require.NoError(t, err)
		h := used.New()
		h.Write(text)
		digest := h.Sum(nil)
		if has(shortDigest) {
			sig, err := s.Sign(digest[1:])
			require.Error(t, err)
			require.Nil(t, sig)
			return
		}
		if has(otherDigest) {
			digest[0] ^= 1
		}
		sig, err := s.Sign(digest)
		problem, _ := errors.AsType[*cms.Problem](err)
		tooSmall := key == 1 && s.PSS && used == crypto.SHA512 // RFC 8017 §9.1.1: two digests and two octets
		switch {
		case tooSmall:
			require.Error(t, err)
		case has(unable) && !has(otherKey):
			require.ErrorIs(t, err, errModule)
		case has(otherDigest) && has(enclosed):
			require.Equal(t, cms.CodeDigest, code(problem))
		case has(tooManyIncluded):
			require.Equal(t, cms.CodeTooManyCertificates, code(problem))
		case has(lying) && !has(otherKey):
			require.Equal(t, cms.CodeSignature, code(problem))
		default:
			require.NoError(t, err)
			signed(t, &s, sig, digest)
			again, err := s.Sign(digest)
			require.NoError(t, err)
			random := s.PSS || has(inModule) && !has(otherKey) && (key == 2 || key == 3)
			require.Equal(t, random, !bytes.Equal(sig, again))
			return
		}
		require.Nil(t, sig)
	})
}

// signed reads a signature back.
func signed(t *testing.T, s *cms.Signing, sig, digest []byte) {
	profile := cms.Detached
	if s.Content != nil {
		profile = cms.Opaque
		profile.Max = len(sig)
	}
	d, err := cms.Parse(sig, profile)
	require.NoError(t, err)
	require.Empty(t, d.Problems)
	require.Empty(t, d.Notes)
	require.Equal(t, s.BER, d.BER)
	require.True(t, bytes.Equal(s.Content, d.Content))
	require.Equal(t, s.Time.Unix(), d.SigningTime.Unix())
	require.Nil(t, d.CheckDigest(digest))
	signers, problem := d.Signers()
	require.Nil(t, problem)
	require.Contains(t, rawOf(signers), string(s.Certificate.Raw))
	want := map[string]bool{string(s.Certificate.Raw): true}
	for _, c := range s.Include {
		want[string(c.Raw)] = true
	}
	require.Len(t, d.Certificates(), len(want), "each is there once")
}
