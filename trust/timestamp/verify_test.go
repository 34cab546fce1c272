package timestamp_test

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/cms"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/trust"
	"github.com/gopec/gopec/trust/timestamp"
)

// judgedCase is a token with what is wrong with it, if anything.
type judgedCase struct {
	name, reason string
	in           []byte
	file         []byte // nil: message
	options      func(*timestamp.Options)
	failed       []string
	warned       []string
}

func judged(t testing.TB) []judgedCase {
	stamping := []asn1.ObjectIdentifier{testsign.OIDTimeStamping}
	with := func(i info) []byte { return token(tsa, i.der()) }
	by := func(id *testsign.Identity) []byte { return token(id, info{}.der()) }
	change := func(f func(*testsign.SignedData)) []byte { return token(tsa, info{}.der(), f) }
	add := func(list ...testsign.CMSAttribute) func(*testsign.SignedData) {
		return func(s *testsign.SignedData) { s.Signer.Add = list }
	}
	sum := sha256.Sum256(message)
	return []judgedCase{
		{name: "good", reason: "the usual stamp", in: with(info{})},
		{name: "SHA-384", reason: "allowed", in: with(info{hash: crypto.SHA384})},
		{name: "SHA-512", reason: "allowed", in: with(info{hash: crypto.SHA512})},
		{name: "SHA-224", reason: "allowed", in: with(info{hash: crypto.SHA224})},
		{name: "over the SHA-256 of the file", reason: "what a program makes that is given the digest as data", in: with(info{over: sum[:]})},
		{name: "over the SHA-256, with SHA-512", reason: "the same", in: with(info{over: sum[:], hash: crypto.SHA512})},
		{name: "over the SHA-256 in hexadecimal", reason: "a text with many forms, which no program stamps by itself", in: with(info{over: []byte(hex.EncodeToString(sum[:]))}), failed: []string{timestamp.CodeImprintDiffers}},
		{name: "another file", reason: "not this one", in: with(info{}), file: other, failed: []string{timestamp.CodeImprintDiffers}},
		{name: "one byte more", reason: "not this one", in: with(info{}), file: append(bytes.Clone(message), '\n'), failed: []string{timestamp.CodeImprintDiffers}},
		{name: "empty file", reason: "existed too", in: with(info{over: []byte{}}), file: []byte{}},
		{name: "SHA-1 imprint", reason: "two files with one SHA-1 can be made", in: with(info{hash: crypto.SHA1}), failed: []string{timestamp.CodeImprintSHA1}},
		{name: "SHA-1 imprint of another file", reason: "what differs is said first", in: with(info{hash: crypto.SHA1, over: other}), failed: []string{timestamp.CodeImprintDiffers}},
		{name: "MD5 imprint", reason: "never", in: with(info{hash: crypto.MD5}), failed: []string{timestamp.CodeImprintUnsupported}},
		{name: "unknown imprint", reason: "cannot be compared", in: with(info{imprint: seq(seq(oid(1, 2, 3)), tlv(4, []byte{1}))}), failed: []string{timestamp.CodeImprintUnsupported}},

		{name: "signed with SHA-1", reason: "a stamp with another time can be made", in: change(func(s *testsign.SignedData) { s.Signer.Hash = crypto.SHA1 }), failed: []string{timestamp.CodeSignatureSHA1}},
		{name: "signed with MD5", reason: "never", in: change(func(s *testsign.SignedData) { s.Signer.Hash, s.Signer.By = crypto.MD5, rsaSigner() }), failed: []string{cms.CodeDigestForbidden}},
		{name: "wrong value", reason: "nobody signed it", in: change(func(s *testsign.SignedData) { s.Signer.WrongSignature = true }), failed: []string{cms.CodeSignature}},
		{name: "other content", reason: "not what was signed", in: change(func(s *testsign.SignedData) { s.Content = info{time: instant.AddDate(-1, 0, 0)}.der() }), failed: []string{cms.CodeDigest}},
		{name: "two signers", reason: "one authority", in: change(func(s *testsign.SignedData) {
			s.Others = []testsign.SignerInfo{{By: signer(testsign.Certificate{KeyType: testsign.P384})}}
		}), failed: []string{cms.CodeTwoSigners}},
		{name: "no signer", reason: "nobody", in: change(func(s *testsign.SignedData) { s.NoSigner = true }), failed: []string{cms.CodeNoSigner}},
		{name: "no attributes", reason: "then nothing ties the type", in: change(func(s *testsign.SignedData) { s.Signer.NoAttributes = true }), failed: []string{cms.CodeNoAttributes}},
		{name: "attribute says data", reason: "a mail signature under another name", in: change(func(s *testsign.SignedData) { s.ContentType, s.EContentType = nil, testsign.OIDTSTInfo }), failed: []string{cms.CodeAttributeContentType}},
		{name: "no signing-certificate", reason: "RFC 3161 §2.4.2", in: change(add()), failed: []string{cms.CodeReferenceMissing}},
		{name: "signing-certificate of 1999", reason: "names it by SHA-1, and RFC 5816 keeps it", in: change(add(testsign.SigningCertificate(tsa)))},
		{name: "both", reason: "both name it", in: change(add(testsign.SigningCertificate(tsa), testsign.SigningCertificateV2(tsa, crypto.SHA512)))},
		{name: "signing-certificate of another", reason: "must be the signer's", in: change(add(testsign.SigningCertificateV2(root, crypto.SHA256))), failed: []string{cms.CodeReference}},
		{name: "both, one of another", reason: "each must be the signer's", in: change(add(testsign.SigningCertificate(root), testsign.SigningCertificateV2(tsa, crypto.SHA256))), failed: []string{cms.CodeReference}},
		{name: "no certificates", reason: "cannot be judged", in: change(func(s *testsign.SignedData) { s.NoCertificates = true }), failed: []string{cms.CodeNoCertificate}},
		{
			name: "no certificates, given beside it", reason: "an authority may leave its own out", in: change(func(s *testsign.SignedData) { s.NoCertificates = true }),
			options: func(o *timestamp.Options) { o.Certificates = []*x509.Certificate{nil, root.X509(), tsa.X509()} },
		},
		{
			name: "given beside it under no anchor", reason: "being given makes nothing believed", in: change(func(s *testsign.SignedData) { s.NoCertificates = true }),
			options: func(o *timestamp.Options) {
				o.Certificates, o.Anchors = []*x509.Certificate{root.X509(), tsa.X509()}, anchors(t, otherRoot)
			}, failed: []string{trust.CodePathNone},
		},

		{name: "usage not critical", reason: "RFC 3161 §2.3", in: by(signer(testsign.Certificate{ExtKeyUsage: stamping})), failed: []string{trust.CodeTimestampPurposeNotCritical}},
		{name: "two usages", reason: "RFC 3161 §2.3", in: by(signer(testsign.Certificate{ExtKeyUsage: append(stamping, testsign.OIDEmailProtection), ExtKeyUsageCritical: true})), failed: []string{trust.CodeTimestampPurposeSeveral}},
		{name: "a provider's certificate", reason: "is for mail", in: by(testsign.Certificate{KeyType: testsign.P256}.IssuedBy(root)), failed: []string{trust.CodeTimestampPurposeOther}},
		{name: "RSA-1024", reason: "a stamp made today can bear any date", in: by(signer(testsign.Certificate{KeyType: testsign.RSA1024})), failed: []string{trust.CodeAlgorithmsRSA}},
		{name: "certificate signed with SHA-1", reason: "the same", in: by(signer(testsign.Certificate{Hash: crypto.SHA1})), failed: []string{trust.CodeAlgorithmsSHA1}},
		{name: "RSA-2048", reason: "the usual key", in: by(rsaSigner())},
		{name: "before the certificate", reason: "judged at the time of the stamp", in: with(info{time: instant.AddDate(-1, 0, -1)}), failed: []string{trust.CodeNotYetValid}},
		{name: "after the certificate", reason: "judged at the time of the stamp", in: with(info{time: instant.AddDate(2, 0, 1)}), options: func(o *timestamp.Options) { o.Now = time.Time{} }, failed: []string{trust.CodeExpired}},
		{name: "another root", reason: "not one that the caller named", in: with(info{}), options: func(o *timestamp.Options) { o.Anchors = anchors(t, otherRoot) }, failed: []string{trust.CodePathNone}},
		{name: "no anchors", reason: "none is built in", in: with(info{}), options: func(o *timestamp.Options) { o.Anchors = nil }, failed: []string{timestamp.CodeNoAnchors}},

		{name: "policy asked for", reason: "it was made under it", in: with(info{}), options: func(o *timestamp.Options) { o.Policies = []string{"1.3.6.1.4.1.32473.1"} }},
		{name: "another policy asked for", reason: "it was not", in: with(info{}), options: func(o *timestamp.Options) { o.Policies = []string{"1.3.6.1.4.1.32473.2"} }, failed: []string{timestamp.CodePolicyOther}},
		{name: "an hour ahead", reason: "clocks differ", in: with(info{}), options: func(o *timestamp.Options) { o.Now = instant.Add(-time.Hour - time.Second) }},
		{name: "an hour and a second ahead", reason: "it does not exist yet", in: with(info{}), options: func(o *timestamp.Options) { o.Now = instant.Add(-time.Hour - 2*time.Second) }, failed: []string{timestamp.CodeFuture}},
		{name: "ahead, no present", reason: "then it is not judged", in: with(info{}), options: func(o *timestamp.Options) { o.Now = time.Time{} }},
		{name: "names another authority", reason: "told: the certificate says who signed", in: with(info{rest: tlv(0xa0, tlv(0xa4, root.X509().RawSubject))}), warned: []string{timestamp.CodeNameOther}},
		{name: "names its authority", reason: "the same name", in: with(info{rest: tlv(0xa0, tlv(0xa4, tsa.X509().RawSubject))})},
		{name: "expired since", reason: "counts, and is told", in: with(info{}), options: func(o *timestamp.Options) { o.Now = instant.AddDate(2, 0, 1) }, warned: []string{timestamp.CodeExpiredSince}},
	}
}

// What makes a stamp no proof, one departure each, and what does not.
func TestVerify(t *testing.T) {
	t.Parallel()
	for _, c := range judged(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := options(t)
			if c.options != nil {
				c.options(&o)
			}
			if c.file == nil {
				c.file = message
			}
			if c.failed == nil {
				c.failed = []string{}
			}
			if c.warned == nil {
				c.warned = []string{}
			}
			r := verify(t, c.in, c.file, o)
			require.Equal(t, c.failed, failures(r), c.reason)
			require.Equal(t, c.warned, codes(r, trust.Warn), c.reason)
			require.Equal(t, len(c.failed) == 0, r.Verified)
			if r.Verified {
				require.Equal(t, len(c.warned) > 0 && c.warned[0] == timestamp.CodeExpiredSince, r.ExpiredSince)
			}
			// The forms of a file change nothing.
			for _, form := range [][]byte{response(c.in), stampedData(nil, nil, c.in)} {
				require.Equal(t, failures(r), failures(verify(t, form, c.file, o)))
			}
		})
	}
}

var otherRoot = testsign.Certificate{CA: true, KeyType: testsign.P256, Subject: testsign.NewName("Prova, nessun valore legale", "TSA TEST OTHER - NO LEGAL VALUE")}.SelfSigned()

func rsaSigner() *testsign.Identity { return signer(testsign.Certificate{KeyType: testsign.RSA2048}) }

// metadataCase is a .tsd with metadata or a file of its own.
type metadataCase struct {
	name, reason string
	in           []byte
	verified     bool
}

func withMetadata() []metadataCase {
	metadata := func(protected byte, name string) []byte {
		return seq([]byte{1, 1, protected}, tlv(12, []byte(name)), tlv(22, []byte("message/rfc822")))
	}
	protected := metadata(0xff, "messaggio.eml")
	over := func(b ...[]byte) []byte { return token(tsa, info{over: bytes.Join(b, nil)}.der()) }
	sum := sha256.Sum256(message)
	return []metadataCase{
		{"protected", "stamped with the file", stampedData(protected, message, over(protected, message)), true},
		{"protected, content elsewhere", "stamped with the file", stampedData(protected, nil, over(protected, message)), true},
		{"protected, changed", "the name was stamped too", stampedData(metadata(0xff, "altro.eml"), message, over(protected, message)), false},
		{"protected, not stamped", "the stamp must be over them", stampedData(protected, message, over(message)), false},
		{"protected, over the digest", "RFC 5544 knows no such form", stampedData(protected, nil, over(sum[:])), false},
		{"not protected", "anybody's words", stampedData(metadata(0, "altro.eml"), message, over(message)), true},
		{"not protected, stamped", "the stamp is not over the file", stampedData(metadata(0, "messaggio.eml"), message, over(metadata(0, "messaggio.eml"), message)), false},
		{"another content inside", "what counts is the file that is judged", stampedData(nil, other, over(message)), true},
		{"stamp over what is inside", "and not what is inside", stampedData(nil, other, over(other)), false},
		{"protected, in BER", "metadata are hashed in DER", berStampedData(protected, message, over(protected, message)), true},
	}
}

// A .tsd whose metadata are protected is a stamp over metadata and file; one whose
// metadata are not is a stamp over the file, whatever they say.
func TestStampedDataMetadata(t *testing.T) {
	t.Parallel()
	for _, c := range withMetadata() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := verify(t, c.in, message, options(t))
			require.Equal(t, c.verified, r.Verified, "%s: %+v", c.reason, r.Findings)
		})
	}
}

// renewedCase is a .tsd with stamps over the stamps before them.
type renewedCase struct {
	name, reason string
	tokens       [][]byte
	now          time.Time
	expired      bool
	until        time.Time
	warned       []string
	passed       string
}

func renewed() []renewedCase {
	year := func(n int) time.Time { return instant.AddDate(n, 0, 0) }
	authority := func(from, until int, name string) *testsign.Identity {
		return signer(testsign.Certificate{Subject: testsign.NewName("Prova, nessun valore legale", name+" - NO LEGAL VALUE"), NotBefore: year(from), NotAfter: year(until)})
	}
	a, b, c := authority(0, 2, "TSA A"), authority(1, 4, "TSA B"), authority(3, 9, "TSA C")
	first := token(a, info{}.der())
	over := func(by *testsign.Identity, before []byte, at time.Time) []byte {
		return token(by, info{over: seq(before), time: at}.der())
	}
	second := over(b, first, year(1).AddDate(0, 6, 0))
	third := over(c, second, year(3).AddDate(0, 6, 0))
	return []renewedCase{
		{name: "none needed", reason: "still valid", tokens: [][]byte{first, second, third}, now: year(1), until: year(2), passed: timestamp.CodeCurrent},
		{name: "none there", reason: "expired since", tokens: [][]byte{first}, now: year(3), expired: true, until: year(2), warned: []string{timestamp.CodeExpiredSince}},
		{name: "one", reason: "carries it on", tokens: [][]byte{first, second}, now: year(3), until: year(4), passed: timestamp.CodeRenewed},
		{name: "one, expired too", reason: "as far as it goes", tokens: [][]byte{first, second}, now: year(5), expired: true, until: year(4), warned: []string{timestamp.CodeExpiredSince}},
		{name: "two", reason: "carry it on", tokens: [][]byte{first, second, third}, now: year(8), until: year(9), passed: timestamp.CodeRenewed},
		{name: "over another stamp", reason: "not a renewal of this one", tokens: [][]byte{first, over(b, second, year(1))}, now: year(3), expired: true, until: year(2), warned: []string{timestamp.CodeRenewal, timestamp.CodeImprintDiffers, timestamp.CodeExpiredSince}},
		{name: "too late", reason: "what it renews had expired", tokens: [][]byte{first, over(b, first, year(2))}, now: year(3), expired: true, until: year(2), warned: []string{timestamp.CodeRenewal, timestamp.CodeRenewalLate, timestamp.CodeExpiredSince}},
		{name: "in time to the second", reason: "accuracy included", tokens: [][]byte{first, over(b, first, year(2).Add(-time.Second))}, now: year(3), until: year(4), passed: timestamp.CodeRenewed},
		{name: "third skips the second", reason: "must be over the one before", tokens: [][]byte{first, second, over(c, first, year(3).AddDate(0, 6, 0))}, now: year(5), expired: true, until: year(4), warned: []string{timestamp.CodeRenewal, timestamp.CodeImprintDiffers, timestamp.CodeExpiredSince}},
		{name: "renewed with SHA-1", reason: "proves nothing", tokens: [][]byte{first, token(b, info{over: seq(first), hash: crypto.SHA1, time: year(1)}.der())}, now: year(3), expired: true, until: year(2), warned: []string{timestamp.CodeRenewal, timestamp.CodeImprintDiffers, timestamp.CodeExpiredSince}},
	}
}

// A chain of stamps: each over the one before, made while the certificates under that
// one were valid. Then the first outlives them.
func TestRenewals(t *testing.T) {
	t.Parallel()
	for _, tt := range renewed() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := options(t)
			o.Now = tt.now
			in := stampedData(nil, nil, tt.tokens...)
			require.Len(t, parse(t, in).Renewals, len(tt.tokens)-1)
			r := verify(t, in, message, o)
			require.True(t, r.Verified, "the stamp itself stands: %+v", r.Findings)
			require.Equal(t, instant.Add(time.Second), r.Latest, "a renewal does not change the time")
			require.Equal(t, tt.expired, r.ExpiredSince, "%s: %+v", tt.reason, r.Findings)
			require.Equal(t, tt.until, r.Until, tt.reason)
			require.Equal(t, tt.warned, append([]string(nil), codes(r, trust.Warn)...))
			if tt.passed != "" {
				require.Contains(t, codes(r, trust.Pass), tt.passed)
			}
		})
	}
}

// A revocation list beside a token is not read, and belongs to what is renewed.
func TestRenewalOverRevocationList(t *testing.T) {
	t.Parallel()
	list := root.CRL(1, instant, instant.AddDate(0, 1, 0))
	later := signer(testsign.Certificate{Subject: testsign.NewName("Prova, nessun valore legale", "TSA LATER - NO LEGAL VALUE"), NotAfter: instant.AddDate(9, 0, 0)})
	first := token(tsa, info{}.der())
	file := func(over []byte) []byte {
		second := token(later, info{over: over, time: instant.AddDate(1, 0, 0)}.der())
		evidence := append(seq(first, list), seq(second)...)
		return timestampedData(seq([]byte{2, 1, 1}, tlv(0xa0, evidence)))
	}
	o := options(t)
	o.Now = instant.AddDate(5, 0, 0)
	r := verify(t, file(seq(first, list)), message, o)
	require.True(t, r.Verified)
	require.False(t, r.ExpiredSince, "%+v", r.Findings)
	r = verify(t, file(seq(first)), message, o)
	require.True(t, r.ExpiredSince, "RFC 5544 §2.1: over the whole TimeStampAndCRL")
}

// Hash reads the file once for any number of stamps, and passes on what the reader
// says.
func TestHash(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256(message)
	var stamps []*timestamp.Stamp
	for _, h := range []crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512, crypto.SHA1} {
		stamps = append(stamps, parse(t, token(tsa, info{hash: h}.der())), parse(t, token(tsa, info{hash: h, over: sum[:]}.der())))
	}
	d, err := timestamp.Hash(iotest.OneByteReader(bytes.NewReader(message)), stamps...)
	require.NoError(t, err)
	for _, s := range stamps {
		r := s.Verify(d, options(t))
		require.Equal(t, s.Imprint.Algorithm != crypto.SHA1, r.Verified, "%+v", r.Findings)
	}
	r := parse(t, token(tsa, info{hash: crypto.SHA512}.der())).Verify(nil, options(t))
	require.Equal(t, []string{timestamp.CodeImprintDiffers}, failures(r), "no digests")
	only, err := timestamp.Hash(bytes.NewReader(message), stamps[0])
	require.NoError(t, err)
	require.Equal(t, []string{timestamp.CodeImprintDiffers}, failures(stamps[2].Verify(only, options(t))), "digests made for another stamp")
	broken := errors.New("broken")
	_, err = timestamp.Hash(iotest.ErrReader(broken), stamps...)
	require.ErrorIs(t, err, broken)
	_, err = timestamp.Hash(bytes.NewReader(message))
	require.NoError(t, err)
}
