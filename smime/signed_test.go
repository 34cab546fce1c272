package smime_test

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/mime"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/smime"
)

func signedOpen(t testing.TB, mail []byte) *smime.Signed {
	t.Helper()
	s, err := smime.Open(bytes.NewReader(mail), int64(len(mail)))
	require.NoError(t, err)
	return s
}

func signedVerify(t testing.TB, s *smime.Signed) *smime.Result {
	t.Helper()
	r, err := s.Verify()
	require.NoError(t, err)
	return r
}

func signedDelivery() testsign.Message { return testsign.Message{Kind: daticert.TypeDelivery} }

// The signed part is cut out of the file byte for byte, and read in the form
// that has the signed digest.
func TestSignedBytes(t *testing.T) {
	t.Parallel()
	with := func(change func(*testsign.Message)) testsign.Message {
		m := signedDelivery()
		change(&m)
		return m
	}
	const from = "From: mittente@pec.example.it\r\nSubject: Prova\r\n\r\n"
	quoting := func(original, stored string) testsign.Message {
		return with(func(m *testsign.Message) {
			m.Original = []byte(from + original)
			m.AfterSign = func(b []byte) []byte { return bytes.Replace(b, []byte(original), []byte(stored), 1) }
		})
	}
	for _, c := range []struct {
		name, reason    string
		message         testsign.Message
		form            mime.Form
		mixed, unquoted bool
	}{
		{name: "CRLF", reason: "as it stands", message: signedDelivery()},
		{name: "LF", reason: "hashed as CRLF", message: with(func(m *testsign.Message) { m.LineEnds = testsign.LF }), form: mime.Form{Canonical: true}},
		{name: "header in LF, body in CRLF", reason: "mixed: as it stands first", message: with(func(m *testsign.Message) { m.LineEnds = testsign.LFHeader }), mixed: true},
		{name: "every second line in LF", reason: "mixed: then as CRLF", message: with(func(m *testsign.Message) { m.LineEnds = testsign.LFAlternate }), form: mime.Form{Canonical: true}, mixed: true},
		{
			name: "signed with mixed line ends", reason: "a provider that does not canonicalise: as it stands",
			message: with(func(m *testsign.Message) { m.LineEnds, m.SignAsStored = testsign.LFAlternate, true }), mixed: true,
		},
		{name: "From quoted in the signed bytes", reason: "as it stands comes first", message: quoting("\r\n>From qui\r\n", "\r\n>From qui\r\n")},
		{name: "From quoted by an mbox", reason: "one > comes off", message: quoting("\r\nFrom qui\r\n", "\r\n>From qui\r\n"), form: mime.Form{Unquote: mime.UnquoteAll}, unquoted: true},
		{
			name: "mboxrd: one more of every", reason: "one > comes off every quoted line",
			message: quoting("\r\nFrom qui\r\n>From là\r\n", "\r\n>From qui\r\n>>From là\r\n"), form: mime.Form{Unquote: mime.UnquoteAll}, unquoted: true,
		},
		{
			name: "mboxo: only unquoted lines were quoted", reason: ">From is taken off, >>From stays",
			message: quoting("\r\nFrom qui\r\n>>From là\r\n", "\r\n>From qui\r\n>>From là\r\n"), form: mime.Form{Unquote: mime.UnquoteFrom}, unquoted: true,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := signedOpen(t, c.message.Bytes())
			require.False(t, s.Opaque)
			r := signedVerify(t, s)
			require.NoError(t, r.Err(), c.reason)
			require.Equal(t, c.form, r.Form, c.reason)
			require.Equal(t, c.mixed, r.Mixed, c.reason)
			require.Equal(t, c.unquoted, r.Unquoted, c.reason)
			got, err := io.ReadAll(s.Content().Reader(s.Content().Raw, r.Form))
			require.NoError(t, err)
			if !c.message.SignAsStored {
				require.Equal(t, string(c.message.SignedPart()), string(got), "read in that form, the bytes are those that were signed")
			}
			require.Len(t, r.Signers, 1)
			require.Equal(t, testsign.NewCircle().Two.DER, r.Signers[0].Raw)
			require.Equal(t, r.Signers, r.Named)
			require.Len(t, r.Certificates, 2)
		})
	}
}

// What carries a signature and what does not.
func TestSignedOpen(t *testing.T) {
	t.Parallel()
	mail := func(contentType, body string) []byte {
		return []byte("From: mittente@example.it\r\nMIME-Version: 1.0\r\nContent-Type: " + contentType + "\r\n\r\n" + body)
	}
	two := func(second string) string {
		return "--b\r\nContent-Type: text/plain\r\n\r\nciao\r\n--b\r\nContent-Type: " + second + "\r\n\r\nx\r\n--b--\r\n"
	}
	for _, c := range []struct {
		name, reason string
		mail         []byte
		signed       bool
		problem      string // code of the first
	}{
		{"good", "multipart/signed with PKCS #7", signedDelivery().Bytes(), true, ""},
		{"empty", "nothing", nil, false, ""},
		{"ordinary", "no signature", mail("text/plain", "ciao"), false, ""},
		{"multipart/mixed", "an attachment named smime.p7s signs nothing", mail("multipart/mixed; boundary=b", two("application/pkcs7-signature")), false, ""},
		{"OpenPGP", "another system", mail(`multipart/signed; protocol="application/pgp-signature"; boundary=b`, two("application/pgp-signature")), false, ""},
		{"protocol OpenPGP, part PKCS #7", "the part tells", mail(`multipart/signed; protocol="application/pgp-signature"; boundary=b`, two("application/pkcs7-signature")), true, "truncated"},
		{"no protocol", "RFC 1847 wants it, some leave it out", mail("multipart/signed; boundary=b", two("application/x-pkcs7-signature")), true, "truncated"},
		{"second part is text", "no signature where one has to be", mail(`multipart/signed; protocol="application/pkcs7-signature"; boundary=b`, two("text/plain")), true, smime.CodeSignature},
		{"one part", "cut off", mail(`multipart/signed; protocol="application/pkcs7-signature"; boundary=b`, "--b\r\n\r\nciao\r\n--b--\r\n"), true, smime.CodeParts},
		{"no part", "cut off", mail(`multipart/signed; protocol="application/pkcs7-signature"; boundary=b`, ""), true, smime.CodeParts},
		{"no boundary", "nobody can tell the parts", mail(`multipart/signed; protocol="application/pkcs7-signature"`, two("application/pkcs7-signature")), true, smime.CodeParts},
		{"enveloped", "encrypted is not signed", mail("application/pkcs7-mime; smime-type=enveloped-data", "x"), false, ""},
		{"opaque, not base64", "cannot be decoded", []byte("Content-Type: application/pkcs7-mime; smime-type=signed-data\r\nContent-Transfer-Encoding: base64\r\n\r\nA===A"), true, smime.CodeUnreadable},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, err := smime.Open(bytes.NewReader(c.mail), int64(len(c.mail)))
			if !c.signed {
				require.ErrorIs(t, err, smime.ErrNotSigned, c.reason)
				require.Nil(t, s)
				return
			}
			require.NoError(t, err)
			r := signedVerify(t, s)
			if c.problem == "" {
				require.NoError(t, r.Err(), c.reason)
				return
			}
			require.Error(t, r.Err(), c.reason)
			require.NotEmpty(t, s.Problems)
			require.Equal(t, c.problem, s.Problems[0].Code, c.reason)
			require.Empty(t, r.Signers)
		})
	}
}

// Every part of a result is there even if another failed, and Err is nil only
// if all are good.
func TestSignedResultIsWhole(t *testing.T) {
	t.Parallel()
	m := signedDelivery()
	m.AfterSign = func(b []byte) []byte { return bytes.Replace(b, []byte("daticert.xml"), []byte("DATICERT.XML"), 1) }
	r := signedVerify(t, signedOpen(t, m.Bytes()))
	require.Error(t, r.Err())
	require.Equal(t, "digest-mismatch", r.Digest.Code)
	require.Nil(t, r.Signature, "the value over the attributes is good, and says so")
	require.Len(t, r.Signers, 1)

	m.CMS.Signer.WrongSignature = true
	r = signedVerify(t, signedOpen(t, m.Bytes()))
	require.Equal(t, "digest-mismatch", r.Digest.Code)
	require.Equal(t, "signature-wrong", r.Signature.Code)
	require.Empty(t, r.Signers)
	require.Len(t, r.Named, 1, "who is named is known all the same")

	m = signedDelivery()
	m.CMS.Signer.Omit = append(m.CMS.Signer.Omit, testsign.OIDContentType)
	r = signedVerify(t, signedOpen(t, m.Bytes()))
	require.Error(t, r.Err())
	require.Nil(t, r.Digest)
	require.Nil(t, r.Signature)
	require.Len(t, r.Signers, 1, "a good value does not make up for a problem: only Err tells")
}

// A second opinion that read the same bytes and disagrees is a failure and not
// a shape that it does not read.
func TestSecondOpinionDisagrees(t *testing.T) {
	t.Parallel()
	s := signedOpen(t, signedDelivery().Bytes())
	r := signedVerify(t, s)
	agreed, dissent := s.SecondOpinion(r)
	require.True(t, agreed)
	require.Nil(t, dissent)

	other := signedVerify(t, signedOpen(t, testsign.Message{Kind: daticert.TypeAcceptance}.Bytes()))
	agreed, dissent = s.SecondOpinion(other)
	require.False(t, agreed, "it finds another signer than the one it is asked about")
	require.False(t, dissent.Unreadable)
	require.Contains(t, dissent.Detail, "another certificate")

	m := signedDelivery()
	m.CMS.Signer.WrongSignature = true
	bad := signedOpen(t, m.Bytes())
	agreed, dissent = bad.SecondOpinion(r)
	require.False(t, agreed, "it checks the value itself")
	require.False(t, dissent.Unreadable)

	agreed, dissent = bad.SecondOpinion(signedVerify(t, bad))
	require.False(t, agreed, "nobody to ask about")
	require.True(t, dissent.Unreadable)
}

// A message that changes after it was opened can be neither good nor bad.
func TestSignedChanged(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(t *testing.T, f *os.File, size int64)
	}{
		{"a byte", func(t *testing.T, f *os.File, size int64) {
			_, err := f.WriteAt([]byte{0}, size/2)
			require.NoError(t, err)
		}},
		{"cut", func(t *testing.T, f *os.File, size int64) { require.NoError(t, f.Truncate(size/2)) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			mail := signedDelivery().Bytes()
			f, err := os.OpenFile(filepath.Join(t.TempDir(), "m.eml"), os.O_RDWR|os.O_CREATE, 0o600)
			require.NoError(t, err)
			t.Cleanup(func() { f.Close() })
			_, err = f.Write(mail)
			require.NoError(t, err)
			s, err := smime.Open(f, int64(len(mail)))
			require.NoError(t, err)
			require.NoError(t, signedVerify(t, s).Err())
			s.Content().Source().Release() // else what was read last is at hand
			c.change(t, f, int64(len(mail)))
			r, err := s.Verify()
			require.ErrorIs(t, err, smime.ErrChanged)
			require.Nil(t, r)
		})
	}
}

// The digest is over the whole part: content that is large, and parts that end
// without a line end of their own.
func TestSignedLargePart(t *testing.T) {
	t.Parallel()
	m := signedDelivery()
	m.ExtraParts = []testsign.Part{{
		Type: "application/octet-stream", Name: "grande.bin", Encoding: "binary", Disposition: "attachment",
		Body: []byte(strings.Repeat("senza fine riga ", 40_000)),
	}}
	s := signedOpen(t, m.Bytes())
	require.NoError(t, signedVerify(t, s).Err())
	h := sha256.New()
	_, err := io.Copy(h, s.Content().Reader(s.Content().Raw, mime.Form{}))
	require.NoError(t, err)
	want := sha256.Sum256(m.SignedPart())
	require.Equal(t, want[:], h.Sum(nil))
	require.Equal(t, crypto.SHA256, s.Facts().Digest)
}
