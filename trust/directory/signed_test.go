package directory_test

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/trust"
	"github.com/gopec/gopec/trust/directory"
)

// now is a day after the time of test signatures.
func now() *directory.Options {
	return &directory.Options{Clock: func() time.Time { return testsign.Instant.Add(24 * time.Hour) }}
}

// later is when every certificate has expired.
var later = &directory.Options{Clock: func() time.Time { return testsign.Instant.AddDate(40, 0, 0) }}

func sign(s testsign.SignedData, id *testsign.Identity, content string) []byte {
	s.Opaque = true
	return s.Sign(id, []byte(content))
}

func TestReadSigned(t *testing.T) {
	t.Parallel()
	content := base + record("Alfa", provider("Alfa", "alfa.example.it"), "modifyTimestamp: 20200101000000Z")
	for _, encoding := range []testsign.Encoding{testsign.DER, testsign.BEROuter, testsign.BERAll} {
		b := sign(testsign.SignedData{Encoding: encoding}, manager(testsign.Certificate{}), content)
		for _, parse := range []func(string, []byte, *trust.Store, *directory.Options) (*directory.Directory, error){directory.ReadSigned, directory.Parse} {
			d, err := parse("indice.ldif.p7m", b, anchors(t, root()), now())
			require.NoError(t, err)
			require.True(t, d.Authenticated())
			require.True(t, d.Complete())
			require.Equal(t, sha256.Sum256(b), d.SHA256)
			date, source := d.Date()
			require.Equal(t, directory.DateSigned, source, "the signed time counts before that of the records")
			require.True(t, date.Equal(testsign.Instant))
			require.Equal(t, "Gestore dell'indice di prova", d.Signature.Name)
			require.Equal(t, "PEC TEST DIRECTORY ROOT - NO LEGAL VALUE", d.Signature.Anchor)
			require.Equal(t, manager(testsign.Certificate{}).DER, d.Signature.Signer.Raw)
			require.False(t, d.Signature.Expired)
			require.False(t, d.Signature.SHA1)
			require.True(t, d.Manages("alfa.example.it"))
		}
	}
}

// signatureCase is a signed file with what is wrong with it, if anything.
type signatureCase struct {
	name, reason string
	bytes        []byte
	store        *trust.Store
	options      *directory.Options
	want         string // of the error
	code         string // of package trust
}

func signatures(t testing.TB) []signatureCase {
	content := base + record("Alfa", provider("Alfa", "alfa.example.it"))
	good := manager(testsign.Certificate{})
	stranger := testsign.Certificate{CA: true, KeyType: testsign.P256, Subject: testsign.NewName("Prova", "PEC TEST STRANGER - NO LEGAL VALUE")}.SelfSigned()
	return []signatureCase{
		{name: "good", bytes: sign(testsign.SignedData{}, good, content)},
		{name: "a provider", reason: "its own records are signed with the key of its messages", bytes: sign(testsign.SignedData{}, providerID("Alfa", "alfa.example.it"), content)},
		{name: "another content", bytes: testsign.SignedData{Content: []byte(content + "\n")}.Sign(good, []byte(content)), want: "digest"},
		{name: "another anchor", bytes: sign(testsign.SignedData{}, good, content), store: anchors(t, stranger), want: "no path", code: trust.CodePathNone},
		{name: "AgID", reason: "made-up providers are not AgID's", bytes: sign(testsign.SignedData{}, good, content), store: trust.AgID(), want: "no path", code: trust.CodePathNone},
		{name: "self-signed", bytes: sign(testsign.SignedData{}, stranger, content), want: "no path", code: trust.CodePathSelfSigned},
		{name: "the authority itself", bytes: sign(testsign.SignedData{}, root(), content), want: "not for signatures", code: trust.CodeSignerKeyUsageOther},
		{name: "for encryption", bytes: sign(testsign.SignedData{}, manager(testsign.Certificate{KeyUsage: x509.KeyUsageKeyEncipherment}), content), want: "not for signatures", code: trust.CodeSignerKeyUsageOther},
		{name: "expired when it signed", bytes: sign(testsign.SignedData{}, manager(testsign.Certificate{NotBefore: testsign.Instant.AddDate(-2, 0, 0), NotAfter: testsign.Instant.AddDate(-1, 0, 0)}), content),
			want: "valid until", code: trust.CodeExpired},
		{name: "a short key", bytes: sign(testsign.SignedData{}, manager(testsign.Certificate{KeyType: testsign.RSA1024}), content), want: "RSA keys below 2048", code: trust.CodeAlgorithmsRSA},
		{name: "in the future", bytes: sign(testsign.SignedData{}, good, content), options: &directory.Options{Clock: func() time.Time { return testsign.Instant.Add(-2 * time.Hour) }}, want: "in the future"},
		{name: "a little ahead", reason: "clocks differ", bytes: sign(testsign.SignedData{}, good, content), options: &directory.Options{Clock: func() time.Time { return testsign.Instant.Add(-time.Hour) }}},
		{name: "two signers", bytes: sign(testsign.SignedData{Others: []testsign.SignerInfo{{}}}, good, content), want: "signer"},
		{name: "no signer", bytes: sign(testsign.SignedData{NoSigner: true}, good, content), want: "nobody has signed"},
		{name: "detached", bytes: testsign.SignedData{}.Sign(good, []byte(content)), want: "content"},
		{name: "no certificate", bytes: sign(testsign.SignedData{NoCertificates: true}, good, content), want: "certificate"},
		{name: "cut off", bytes: sign(testsign.SignedData{}, good, content)[:500], want: "ends too early"},
		{name: "more after it", bytes: append(sign(testsign.SignedData{}, good, content), '\n'), want: "follow"},
		{name: "expired since", reason: "the time is the signer's word", bytes: sign(testsign.SignedData{}, good, content), options: later},
	}
}

// TestSignatures: what is refused, and what is told.
func TestSignatures(t *testing.T) {
	t.Parallel()
	for _, c := range signatures(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			store, options := c.store, c.options
			if store == nil {
				store = anchors(t, root())
			}
			if options == nil {
				options = now()
			}
			d, err := directory.ReadSigned("x", c.bytes, store, options)
			if c.want == "" {
				require.NoError(t, err, c.reason)
				require.Equal(t, options == later, d.Signature.Expired)
				return
			}
			require.Nil(t, d)
			e, ok := errors.AsType[*directory.SignatureError](err)
			require.True(t, ok, "%v", err)
			require.ErrorContains(t, err, c.want, c.reason)
			require.Equal(t, c.code, e.Finding.Code)
		})
	}
}

func TestOldDigestIsTold(t *testing.T) {
	t.Parallel()
	b := sign(testsign.SignedData{Signer: testsign.SignerInfo{Hash: crypto.SHA1}}, manager(testsign.Certificate{}), base)
	d, err := directory.ReadSigned("x", b, anchors(t, root()), now())
	require.NoError(t, err)
	require.True(t, d.Signature.SHA1)
}

// TestWithoutSigningTime: the certificate is judged now, and the date is the
// caller's or unknown.
func TestWithoutSigningTime(t *testing.T) {
	t.Parallel()
	b := sign(testsign.SignedData{Signer: testsign.SignerInfo{Omit: []asn1.ObjectIdentifier{testsign.OIDSigningTime}}}, manager(testsign.Certificate{}), base)
	d, err := directory.ReadSigned("x", b, anchors(t, root()), now())
	require.NoError(t, err)
	_, source := d.Date()
	require.Equal(t, directory.DateUnknown, source)
	require.Equal(t, now().Clock(), d.Signature.At)
	options := now()
	options.Date = testsign.Instant
	d, err = directory.ReadSigned("x", b, anchors(t, root()), options)
	require.NoError(t, err)
	_, source = d.Date()
	require.Equal(t, directory.DateGiven, source)
	options.Clock = func() time.Time { return testsign.Instant.AddDate(40, 0, 0) }
	_, err = directory.ReadSigned("x", b, anchors(t, root()), options)
	require.ErrorContains(t, err, "valid until")
}

// TestFormsAreNotExchanged: neither form passes for the other.
func TestFormsAreNotExchanged(t *testing.T) {
	t.Parallel()
	signed := sign(testsign.SignedData{}, manager(testsign.Certificate{}), base)
	_, err := directory.Read("x", bytes.NewReader(signed), nil)
	require.ErrorIs(t, err, directory.ErrSigned)
	_, err = directory.Parse("x", signed, nil, nil)
	require.ErrorIs(t, err, directory.ErrSigned)
	_, err = directory.ReadSigned("x", signed, nil, nil)
	require.ErrorIs(t, err, directory.ErrNoAnchors)
	for _, plain := range []string{base, "", string(pem.EncodeToMemory(&pem.Block{Type: "PKCS7", Bytes: signed}))} {
		_, err = directory.Parse("x", []byte(plain), anchors(t, root()), nil)
		require.ErrorIs(t, err, directory.ErrPlain)
	}
	d, err := directory.Parse("x", []byte(base), nil, nil)
	require.NoError(t, err)
	require.False(t, d.Authenticated())
}

// TestWhatIsSignedMayBeBroken: the content is read as any other.
func TestWhatIsSignedMayBeBroken(t *testing.T) {
	t.Parallel()
	b := sign(testsign.SignedData{}, manager(testsign.Certificate{}), "version: 3\n")
	_, err := directory.ReadSigned("x", b, anchors(t, root()), now())
	require.ErrorContains(t, err, `version "3" is not known`)
	b = sign(testsign.SignedData{}, manager(testsign.Certificate{}), "x\n")
	d, err := directory.ReadSigned("x", b, anchors(t, root()), now())
	require.NoError(t, err)
	require.False(t, d.Complete())
}

// TestMaxSigned: the limit of a signed file is exact; a large one is read.
func TestMaxSigned(t *testing.T) {
	t.Parallel()
	comment := "#" + strings.Repeat("x", 1022) + "\n"
	content := base + strings.Repeat(comment, (directory.MaxSize-len(base))/len(comment))
	b := sign(testsign.SignedData{}, manager(testsign.Certificate{}), content)
	require.Greater(t, len(b), directory.MaxSize-1024)
	d, err := directory.ReadSigned("x", b, anchors(t, root()), now())
	require.NoError(t, err)
	require.True(t, d.Complete())

	b = sign(testsign.SignedData{}, manager(testsign.Certificate{}), content+comment)
	_, err = directory.ReadSigned("x", b, anchors(t, root()), now())
	e, ok := errors.AsType[*directory.LimitError](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, int64(directory.MaxSize), e.Max)

	padded := append(b, make([]byte, directory.MaxSigned-len(b))...)
	_, err = directory.ReadSigned("x", padded, anchors(t, root()), now())
	require.ErrorContains(t, err, "follow", "of the size that is still read")
	_, err = directory.ReadSigned("x", append(padded, 0), anchors(t, root()), now())
	e, ok = errors.AsType[*directory.LimitError](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, int64(directory.MaxSigned), e.Max)
}

// TestOpenSSLSigns reads what openssl cms -sign -nodetach writes.
func TestOpenSSLSigns(t *testing.T) {
	t.Parallel()
	openssl := counterpart.Look(t, "openssl")
	dir := t.TempDir()
	content := base + record("Alfa", provider("Alfa", "alfa.example.it"))
	id := manager(testsign.Certificate{NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)})
	key, err := x509.MarshalPKCS8PrivateKey(id.Key)
	require.NoError(t, err)
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, b, 0o600))
		return path
	}
	in := write("in.ldif", []byte(content))
	signer, private := write("signer.pem", id.PEM()), write("key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
	for _, extra := range [][]string{nil, {"-stream"}} {
		out := filepath.Join(dir, "out.p7m")
		args := append([]string{"cms", "-sign", "-nodetach", "-binary", "-outform", "DER", "-md", "sha256", "-in", in, "-signer", signer, "-inkey", private, "-out", out}, extra...)
		report, err := exec.Command(openssl, args...).CombinedOutput()
		require.NoError(t, err, "%s", report)
		b, err := os.ReadFile(out)
		require.NoError(t, err)
		d, err := directory.ReadSigned("x", b, anchors(t, root()), nil)
		require.NoError(t, err)
		require.True(t, d.Manages("alfa.example.it"))
		_, source := d.Date()
		require.Equal(t, directory.DateSigned, source)
	}
}
