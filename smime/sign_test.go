package smime_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mozilla.org/pkcs7"

	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/smime"
)

// signedEntity is what most tests sign. It has lines that look like delimiters
// and a blank line at its end.
const signedEntity = "Content-Type: text/plain; charset=\"iso-8859-1\"\r\n\r\n" +
	"Messaggio di prova\r\n--\r\n------\r\n--fine--\r\n\r\n"

const mailHeader = "Subject: prova\r\nFrom: \"Gestore\"\r\n\t<posta-certificata@pec.example.it>\r\n"

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

// identity makes a signer's certificate with a key of that kind.
func identity(kind testsign.KeyType) *testsign.Identity {
	return testsign.Certificate{KeyType: kind, Subject: testsign.NewName("Gestore Uno S.p.A.", string(kind))}.IssuedBy(testsign.NewCircle().Root)
}

func signer(kind testsign.KeyType) smime.Signer {
	id := identity(kind)
	return smime.Signer{Key: id.Key, Certificate: id.X509()}
}

func newMail(entity string) *smime.Mail {
	return &smime.Mail{Header: []byte(mailHeader), Content: text(entity), Time: testsign.Instant}
}

func write(t testing.TB, s *smime.Signer, m *smime.Mail) []byte {
	t.Helper()
	var b bytes.Buffer
	n, err := s.Write(&b, m)
	require.NoError(t, err)
	require.EqualValues(t, b.Len(), n)
	return b.Bytes()
}

// shapes are ways to sign, and what else reads them.
func shapes() map[string]struct {
	signer  smime.Signer
	openssl string // first version that verifies it
	mozilla bool
	random  bool
} {
	type shape = struct {
		signer  smime.Signer
		openssl string
		mozilla bool
		random  bool
	}
	with := func(s smime.Signer, edit func(s *smime.Signer)) smime.Signer {
		edit(&s)
		return s
	}
	authority := []*x509.Certificate{testsign.NewCircle().Root.X509()}
	return map[string]shape{
		"RSA":          {signer: signer(testsign.RSA2048), mozilla: true},
		"SHA-384":      {signer: with(signer(testsign.RSA2048), func(s *smime.Signer) { s.Hash = crypto.SHA384 }), mozilla: true},
		"SHA-512":      {signer: with(signer(testsign.RSA2048), func(s *smime.Signer) { s.Hash = crypto.SHA512 }), mozilla: true},
		"SHA-1":        {signer: with(signer(testsign.RSA2048), func(s *smime.Signer) { s.SHA1ForTestsOfOldHabits = true }), mozilla: true},
		"BER":          {signer: with(signer(testsign.RSA2048), func(s *smime.Signer) { s.BER = true }), mozilla: true},
		"authority":    {signer: with(signer(testsign.RSA2048), func(s *smime.Signer) { s.Chain = authority }), mozilla: true},
		"old names":    {signer: with(signer(testsign.RSA2048), func(s *smime.Signer) { s.SignatureType = "application/x-pkcs7-signature" }), mozilla: true},
		"names differ": {signer: with(signer(testsign.RSA2048), func(s *smime.Signer) { s.Protocol, s.Micalg = "application/x-pkcs7-signature", "SHA256" }), mozilla: true},
		"no preamble":  {signer: with(signer(testsign.RSA2048), func(s *smime.Signer) { s.NoPreamble = true }), mozilla: true},
		"PSS":          {signer: with(signer(testsign.RSA2048), func(s *smime.Signer) { s.PSS = true }), random: true},
		"ECDSA":        {signer: signer(testsign.P256), mozilla: true},
		"ECDSA P-384":  {signer: with(signer(testsign.P384), func(s *smime.Signer) { s.Hash = crypto.SHA384 }), mozilla: true},
		"Ed25519":      {signer: signer(testsign.Ed25519), openssl: "3.2"},
	}
}

// TestWrite: what is written is a mail whose signature is good and whose
// signed bytes are those given.
func TestWrite(t *testing.T) {
	t.Parallel()
	for name, c := range shapes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mail := write(t, &c.signer, newMail(signedEntity))
			require.True(t, bytes.HasPrefix(mail, []byte(mailHeader+"MIME-Version: 1.0\r\n")))
			s, err := smime.Open(bytes.NewReader(mail), int64(len(mail)))
			require.NoError(t, err)
			require.Empty(t, s.Problems)
			r, err := s.Verify()
			require.NoError(t, err)
			require.NoError(t, r.Err())
			require.Len(t, r.Signers, 1)
			require.Equal(t, c.signer.Certificate.Raw, r.Signers[0].Raw)
			require.Len(t, r.Certificates, 1+len(c.signer.Chain))
			require.True(t, s.Facts().SigningTime.Equal(testsign.Instant))
			require.Equal(t, c.signer.BER, s.Facts().BER)
			e := s.Content()
			got, err := io.ReadAll(e.Reader(e.Raw, r.Form))
			require.NoError(t, err)
			require.Equal(t, signedEntity, string(got))

			again := write(t, &c.signer, newMail(signedEntity))
			require.Equal(t, c.random, !bytes.Equal(mail, again), "the same mail a second time")

			der, err := s.DER()
			require.NoError(t, err)
			p7, err := pkcs7.Parse(der)
			if err == nil {
				p7.Content = []byte(signedEntity)
				err = p7.Verify()
			}
			require.Equal(t, c.mozilla, err == nil, "go.mozilla.org/pkcs7: %v", err)
			agrees, dissent := s.SecondOpinion(r)
			require.True(t, agrees || dissent.Unreadable)
		})
	}
}

// TestWriteForOpenSSL: OpenSSL verifies the mails that it can read, as S/MIME.
func TestWriteForOpenSSL(t *testing.T) {
	t.Parallel()
	openssl := counterpart.Look(t, "openssl")
	out, err := exec.Command(openssl, "version").Output()
	require.NoError(t, err)
	var version [2]int
	_, err = fmt.Sscanf(string(out), "OpenSSL %d.%d", &version[0], &version[1])
	require.NoError(t, err)
	for name, c := range shapes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "mail.eml")
			require.NoError(t, os.WriteFile(file, write(t, &c.signer, newMail(signedEntity)), 0o600))
			content := file + ".content"
			out, err := exec.Command(openssl, "cms", "-verify", "-noverify", "-in", file, "-out", content).CombinedOutput()
			var needs [2]int
			if c.openssl != "" {
				fmt.Sscanf(c.openssl, "%d.%d", &needs[0], &needs[1])
			}
			if version[0] < needs[0] || version[0] == needs[0] && version[1] < needs[1] {
				require.Error(t, err, "this version was thought to be too old for it")
				t.Skipf("OpenSSL before %s does not verify it", c.openssl)
			}
			require.NoError(t, err, "%s", out)
			got, err := os.ReadFile(content)
			require.NoError(t, err)
			require.Equal(t, signedEntity, string(got))
		})
	}
}

// TestHabits: the parameters and the preamble are those asked for.
func TestHabits(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"RSA":          {`protocol="application/pkcs7-signature"; micalg="sha-256";`, "\r\n\r\nThis is an S/MIME signed message\r\n\r\n--", "Content-Type: application/pkcs7-signature; name="},
		"SHA-1":        {`micalg="sha-1";`},
		"Ed25519":      {`micalg="sha-512";`},
		"old names":    {`protocol="application/x-pkcs7-signature";`, "Content-Type: application/x-pkcs7-signature; name="},
		"names differ": {`protocol="application/x-pkcs7-signature"; micalg="SHA256";`, "Content-Type: application/pkcs7-signature; name="},
		"no preamble":  {"\"\r\n\r\n------"},
	} {
		s := shapes()[name].signer
		mail := string(write(t, &s, newMail(signedEntity)))
		for _, w := range want {
			require.Contains(t, mail, w, name)
		}
	}
	s := signer(testsign.P256)
	m := newMail(signedEntity)
	m.Encoding = "8bit"
	require.Contains(t, string(write(t, &s, m)), "\r\nContent-Transfer-Encoding: 8bit\r\n\r\nThis is")
}

// TestSign: a signature by itself is the one that Write would make.
func TestSign(t *testing.T) {
	t.Parallel()
	s := signer(testsign.RSA2048)
	sig, err := s.Sign(strings.NewReader(signedEntity), testsign.Instant)
	require.NoError(t, err)
	mail := write(t, &s, newMail(signedEntity))
	opened, err := smime.Open(bytes.NewReader(mail), int64(len(mail)))
	require.NoError(t, err)
	der, err := opened.DER()
	require.NoError(t, err)
	require.Equal(t, der, sig)
	_, err = s.Sign(io.MultiReader(strings.NewReader("a"), broken{}), testsign.Instant)
	require.ErrorIs(t, err, errBroken)
}

var errBroken = errors.New("broken")

type broken struct{}

func (broken) Read([]byte) (int, error)  { return 0, errBroken }
func (broken) Write([]byte) (int, error) { return 0, errBroken }

// TestSignerRefuses: a signer that cannot sign says which field is wrong and
// writes nothing.
func TestSignerRefuses(t *testing.T) {
	t.Parallel()
	rsa := identity(testsign.RSA2048)
	for _, c := range []struct {
		reason, field string
		edit          func(s *smime.Signer, m *smime.Mail)
	}{
		{"no key", "Key", func(s *smime.Signer, _ *smime.Mail) { s.Key = nil }},
		{"a key that is not the certificate's", "Key", func(s *smime.Signer, _ *smime.Mail) { s.Key = testsign.Key(testsign.RSA2048, "another") }},
		{"no certificate", "Certificate", func(s *smime.Signer, _ *smime.Mail) { s.Certificate = nil }},
		{"SHA-1 without the option that says what for", "Hash", func(s *smime.Signer, _ *smime.Mail) { s.Hash = crypto.SHA1 }},
		{"SHA-1 and another hash", "Hash", func(s *smime.Signer, _ *smime.Mail) { s.Hash, s.SHA1ForTestsOfOldHabits = crypto.SHA512, true }},
		{"MD5", "Hash", func(s *smime.Signer, _ *smime.Mail) { s.Hash = crypto.MD5 }},
		{"PSS with a key that is not RSA's", "PSS", func(s *smime.Signer, _ *smime.Mail) { *s = signer(testsign.P256); s.PSS = true }},
		{"an empty certificate", "Chain", func(s *smime.Signer, _ *smime.Mail) { s.Chain = []*x509.Certificate{nil} }},
		{"a type that readers would not find", "SignatureType", func(s *smime.Signer, _ *smime.Mail) { s.SignatureType = "application/pgp-signature" }},
		{"a protocol with a line end", "Protocol", func(s *smime.Signer, _ *smime.Mail) { s.Protocol = "application/pkcs7-signature\r\nX: y" }},
		{"a micalg with a line end", "Micalg", func(s *smime.Signer, _ *smime.Mail) { s.Micalg = "sha-256\r\n" }},
		{"no time", "Time", func(_ *smime.Signer, m *smime.Mail) { m.Time = time.Time{} }},
		{"no content", "Content", func(_ *smime.Signer, m *smime.Mail) { m.Content = nil }},
		{"a bare LF, which verifiers hash in two ways", "Content", func(_ *smime.Signer, m *smime.Mail) { m.Content = text("a\r\n\r\nb\nc\r\n") }},
		{"an LF at the start", "Content", func(_ *smime.Signer, m *smime.Mail) { m.Content = text("\n") }},
		{"an encoding of its own", "Encoding", func(_ *smime.Signer, m *smime.Mail) { m.Encoding = "base64" }},
		{"a header with LF", "Header", func(_ *smime.Signer, m *smime.Mail) { m.Header = []byte("Subject: a\n") }},
		{"a header without line end", "Header", func(_ *smime.Signer, m *smime.Mail) { m.Header = []byte("Subject: a") }},
		{"a bare CR in the header", "Header", func(_ *smime.Signer, m *smime.Mail) { m.Header = []byte("Subject: a\rFrom: b\r\n") }},
		{"a NUL in the header", "Header", func(_ *smime.Signer, m *smime.Mail) { m.Header = []byte("Subject: a\x00\r\n") }},
		{"a blank line in the header", "Header", func(_ *smime.Signer, m *smime.Mail) { m.Header = []byte("Subject: a\r\n\r\nbody\r\n") }},
		{"a continuation of blanks", "Header", func(_ *smime.Signer, m *smime.Mail) { m.Header = []byte("Subject: a\r\n \t\r\n b\r\n") }},
		{"a continuation of nothing", "Header", func(_ *smime.Signer, m *smime.Mail) { m.Header = []byte(" a\r\n") }},
		{"a line that is no field", "Header", func(_ *smime.Signer, m *smime.Mail) { m.Header = []byte("Subject: a\r\nword\r\n") }},
		{"a field of MIME", "Header", func(_ *smime.Signer, m *smime.Mail) { m.Header = []byte("Content-type: text/plain\r\n") }},
		{"a field of MIME, old spelling", "Header", func(_ *smime.Signer, m *smime.Mail) { m.Header = []byte("MIME-Version : 1.0\r\n") }},
	} {
		s, m := smime.Signer{Key: rsa.Key, Certificate: rsa.X509()}, newMail(signedEntity)
		c.edit(&s, m)
		var b bytes.Buffer
		n, err := s.Write(&b, m)
		var field *smime.SignerError
		require.ErrorAs(t, err, &field, c.reason)
		require.Equal(t, c.field, field.Field, c.reason)
		require.Zero(t, n)
		require.Zero(t, b.Len(), c.reason)
	}
	s, m := signer(testsign.P256), newMail(signedEntity)
	m.Header = nil
	require.True(t, bytes.HasPrefix(write(t, &s, m), []byte("MIME-Version: 1.0\r\n")), "a mail without fields of its own")
}

// TestCanonicalAcrossWrites: a CRLF that comes in two writes is one.
func TestCanonicalAcrossWrites(t *testing.T) {
	t.Parallel()
	s := signer(testsign.P256)
	m := newMail("")
	m.Content = func(w io.Writer) error {
		for _, piece := range []string{"A: b\r", "\n", "", "\r", "", "\nbody\r\n"} {
			if _, err := io.WriteString(w, piece); err != nil {
				return err
			}
		}
		return nil
	}
	write(t, &s, m)
	m.Content = func(w io.Writer) error {
		for _, piece := range []string{"A: b\r\n\r\nx", "\n"} {
			if _, err := io.WriteString(w, piece); err != nil {
				return err
			}
		}
		return nil
	}
	_, err := s.Write(io.Discard, m)
	require.Error(t, err)
}

// TestWriteFails: errors of content, key and writer come back, and before the
// signature is there nothing is written.
func TestWriteFails(t *testing.T) {
	t.Parallel()
	s := signer(testsign.P256)

	m := newMail(signedEntity)
	m.Content = func(io.Writer) error { return errBroken }
	var b bytes.Buffer
	_, err := s.Write(&b, m)
	require.ErrorIs(t, err, errBroken)
	require.Zero(t, b.Len())

	calls := 0
	m.Content = func(w io.Writer) error {
		calls++
		_, err := fmt.Fprintf(w, "A: b\r\n\r\n%d\r\n", calls)
		return err
	}
	_, err = s.Write(&b, m)
	require.ErrorIs(t, err, smime.ErrChanged)

	calls = 0
	m.Content = func(w io.Writer) error {
		if calls++; calls == 2 {
			return errBroken
		}
		return text(signedEntity)(w)
	}
	_, err = s.Write(io.Discard, m)
	require.ErrorIs(t, err, errBroken)

	n, err := s.Write(broken{}, newMail(signedEntity))
	require.ErrorIs(t, err, errBroken)
	require.Zero(t, n)
	_, err = s.Write(broken{}, newMail(signedEntity+strings.Repeat("a line\r\n", 100_000)))
	require.ErrorIs(t, err, errBroken)
}

// TestWriteLarge: a mail of 34 MB is hashed and written as a stream.
func TestWriteLarge(t *testing.T) {
	line := []byte(strings.Repeat("x", 998) + "\r\n")
	m := newMail("")
	m.Content = func(w io.Writer) error {
		if _, err := io.WriteString(w, "Content-Type: text/plain\r\n\r\n"); err != nil {
			return err
		}
		for range 34_000 {
			if _, err := w.Write(line); err != nil {
				return err
			}
		}
		return nil
	}
	s := signer(testsign.RSA2048)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	n, err := s.Write(io.Discard, m)
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	require.Greater(t, n, int64(34_000_000))
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20), "bytes allocated")
}
