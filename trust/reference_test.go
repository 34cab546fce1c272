package trust

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mozilla.org/pkcs7"

	"github.com/gopec/gopec/internal/counterpart"
)

// readPEM reads one certificate of the reference data.
func readPEM(t testing.TB, elem ...string) *x509.Certificate {
	t.Helper()
	b, err := os.ReadFile(counterpart.Reference(t, elem...))
	require.NoError(t, err)
	block, _ := pem.Decode(b)
	require.NotNil(t, block, "no PEM in %v", elem)
	c, err := x509.ParseCertificate(block.Bytes)
	require.NoError(t, err)
	return c
}

// generations reads every certificate of AgID CA1, oldest first.
func generations(t testing.TB) []*x509.Certificate {
	t.Helper()
	files, err := filepath.Glob(counterpart.Reference(t, "trust", "agid") + "/agid-ca1-*.pem")
	require.NoError(t, err)
	require.Len(t, files, 10)
	slices.Sort(files)
	var out []*x509.Certificate
	for _, f := range files {
		out = append(out, readPEM(t, "trust", "agid", filepath.Base(f)))
	}
	return out
}

// carriedIn returns the certificates in the first signature of a mail.
func carriedIn(t testing.TB, file string) []*x509.Certificate {
	t.Helper()
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	m, err := mail.ReadMessage(bytes.NewReader(b))
	require.NoError(t, err)
	p7s := signaturePart(t, m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body)
	require.NotNil(t, p7s, "no signature in %s", file)
	p, err := pkcs7.Parse(p7s)
	require.NoError(t, err)
	return p.Certificates
}

func signaturePart(t testing.TB, contentType, encoding string, body io.Reader) []byte {
	t.Helper()
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return nil
	}
	switch {
	case strings.HasSuffix(kind, "pkcs7-signature"):
		require.Equal(t, "base64", strings.ToLower(encoding))
		b, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, body))
		require.NoError(t, err)
		return b
	case strings.HasPrefix(kind, "multipart/"):
		r := multipart.NewReader(body, params["boundary"])
		for {
			part, err := r.NextRawPart()
			if err != nil {
				return nil
			}
			if b := signaturePart(t, part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part); b != nil {
				return b
			}
		}
	}
	return nil
}

func TestFactsAreThoseOfTheCertificates(t *testing.T) {
	t.Parallel()
	a := agid()
	root := readPEM(t, "trust", "agid", "actalis-authentication-root-ca.pem")
	require.Equal(t, sha256.Sum256(root.RawSubjectPublicKeyInfo), a.parentKeyHash)
	requireName(t, root.RawSubject, a.parent)

	certificates := generations(t)
	require.Len(t, a.generations, len(certificates))
	for i, c := range certificates {
		g := a.generations[i]
		require.Equal(t, hex.EncodeToString(g.certificate[:]), sum(c.Raw), "generation %s", g.day())
		require.Equal(t, c.NotBefore, g.notBefore, g.day())
		require.Equal(t, c.NotAfter, g.notAfter, g.day())
		requireName(t, c.RawSubject, a.subject)
		requireName(t, c.RawIssuer, a.parent)
		require.Equal(t, sha256.Sum256(c.RawSubjectPublicKeyInfo), a.keyHash)
		require.True(t, c.MaxPathLenZero, "a built-in authority has no intermediates")

		read, err := constraintsOf(c)
		require.NoError(t, err)
		require.Equal(t, read.critical, g.constraints.critical)
		require.ElementsMatch(t, read.permittedMail, g.constraints.permittedMail, g.day())
		require.ElementsMatch(t, texts(read.permittedNames), texts(g.constraints.permittedNames), g.day())
		require.Equal(t, read.others, g.constraints.others, g.day())
		require.Empty(t, read.excludedMail)
		require.Empty(t, read.excludedNames)
		require.True(t, read.restrictsMail && read.restrictsNames && !read.ranged)
		for _, n := range g.constraints.permittedNames {
			require.True(t, slices.ContainsFunc(read.permittedNames, n.equal), "%s in %s", n, g.day())
		}
		require.NoError(t, c.CheckSignatureFrom(root))
	}

	d := digitPA()
	c := readPEM(t, "trust", "digitpa", "digitpa-ca1-20110114.pem")
	baltimore := readPEM(t, "trust", "digitpa", "baltimore-cybertrust-root.pem")
	require.Equal(t, sum(c.Raw), hex.EncodeToString(d.generations[0].certificate[:]))
	require.Equal(t, c.NotBefore, d.generations[0].notBefore)
	require.Equal(t, c.NotAfter, d.generations[0].notAfter)
	requireName(t, c.RawSubject, d.subject)
	requireName(t, c.RawIssuer, d.parent)
	require.Equal(t, sha256.Sum256(c.RawSubjectPublicKeyInfo), d.keyHash)
	require.Equal(t, sha256.Sum256(baltimore.RawSubjectPublicKeyInfo), d.parentKeyHash)
	require.True(t, c.MaxPathLenZero)
	limits, err := constraintsOf(c)
	require.NoError(t, err)
	require.Nil(t, limits)
}

func requireName(t *testing.T, raw []byte, want name) {
	t.Helper()
	n, err := parseName(raw)
	require.NoError(t, err)
	require.True(t, n.equal(want), "%s\n%s", n, want)
	require.Equal(t, n.String(), want.String())
}

func texts(names []name) []string {
	var out []string
	for _, n := range names {
		out = append(out, n.String())
	}
	return out
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// genuine are the messages of the reference corpus: the time each certifies
// and what its signer's certificate is worth at that time.
var genuine = []struct {
	file, at, anchor, generation string
}{
	{"genuine/aruba-2013-12-transport", "2013-12-23T19:14:50+01:00", "DigitPA CA1", ""},
	{"genuine/aruba-2014-11-transport-lf", "2014-11-07T16:52:00+01:00", "DigitPA CA1", ""},
	{"genuine/aruba-2015-05-accettazione", "2015-05-20T17:08:10+02:00", "DigitPA CA1", ""},
	{"genuine/infocert-2015-05-avvenuta-consegna", "2015-05-20T17:08:21+02:00", "DigitPA CA1", ""},
	{"genuine/aruba-2018-11-accettazione-lf", "2018-11-13T16:39:26+01:00", "AgID CA1", "2018-04-04"},
	{"genuine/aruba-2018-11-avvenuta-consegna-lf", "2018-11-13T16:39:27+01:00", "AgID CA1", "2018-04-04"},
	{"genuine/sogei-2018-11-transport-lf", "2018-11-13T16:47:32+01:00", "AgID CA1", "2018-04-04"},
	{"genuine/aruba-2021-12-accettazione", "2021-12-14T14:36:08+01:00", "AgID CA1", "2021-06-22"},
	{"genuine/aruba-2021-12-avvenuta-consegna", "2021-12-14T14:36:08+01:00", "AgID CA1", "2021-06-22"},
	{"genuine/aruba-2021-12-errore-consegna", "2021-12-14T14:54:32+01:00", "AgID CA1", "2021-06-22"},
	{"genuine/aruba-2023-08-transport-lf", "2023-08-18T17:37:14+02:00", "AgID CA1", "2021-06-22"},
	{"genuine/namirial-2024-12-transport", "2024-12-05T00:02:10+01:00", "AgID CA1", "2021-09-21"},
	{"genuine/namirial-2024-12-transport-via-mailing-list", "2024-12-05T00:02:10+01:00", "AgID CA1", "2021-09-21"},
	{"structure/sogei-2018-11-transport-reformatted", "2018-11-13T16:47:32+01:00", "AgID CA1", "2018-04-04"},
	{"structure/aruba-2026-09-errore-consegna", "2026-09-19T15:41:20+02:00", "AgID CA1", "2025-02-20"},
}

func TestGenuineSigners(t *testing.T) {
	t.Parallel()
	store := AgID()
	for _, g := range genuine {
		t.Run(filepath.Base(g.file), func(t *testing.T) {
			t.Parallel()
			bag := carriedIn(t, counterpart.Reference(t, "corpus", filepath.FromSlash(g.file)+".eml"))
			at, err := time.Parse(time.RFC3339, g.at)
			require.NoError(t, err)
			signer := bag[0]

			with := store.Verify(bag[:1], bag, at)
			requireGenuine(t, with, g.anchor)
			require.Len(t, with.Chain, 2, "the authority's certificate is part of the chain")
			without := store.Verify(bag[:1], bag[:1], at)
			requireGenuine(t, without, g.anchor)
			require.Len(t, without.Chain, 1)

			if g.anchor == "AgID CA1" {
				require.Equal(t, CodeConstraintsMetOthers, with.Constraints.Code)
				require.Equal(t, CodeConstraintsWithProvider, without.Constraints.Code)
				require.Equal(t, g.generation, with.Provider.Facts[3])
				require.Equal(t, CodeProviderNamed, without.Provider.Code)
			}

			late := store.Verify(bag[:1], bag, signer.NotAfter.Add(time.Second))
			require.Equal(t, CodeExpired, late.Validity.Code)
			early := store.Verify(bag[:1], bag, signer.NotBefore.Add(-time.Second))
			require.Equal(t, CodeNotYetValid, early.Validity.Code)
			require.Equal(t, Pass, early.Path.Status, "time is not a matter of the path")
		})
	}
}

// requireGenuine asserts what is true of every genuine signer at its time.
func requireGenuine(t *testing.T, r *Result, anchor string) {
	t.Helper()
	require.Equal(t, CodePathFound, r.Path.Code, r.Path.Detail)
	require.Equal(t, anchor, r.Anchor)
	require.True(t, r.BuiltIn)
	require.Empty(t, r.Ignored)
	require.Equal(t, CodeValid, r.Validity.Code, r.Validity.Detail)
	require.Equal(t, Pass, r.Policy.Status)
	require.Equal(t, Pass, r.Key.Status)
	wantWarnings := 0
	if anchor == "DigitPA CA1" {
		wantWarnings = 2 // key usage not critical, basic constraints
		require.Equal(t, CodeAlgorithmsRSASHA1, r.Algorithms.Code)
		require.Equal(t, Warn, r.Provider.Status)
		require.Equal(t, CodeConstraintsAbsent, r.Constraints.Code)
	} else {
		require.Equal(t, CodeAlgorithmsCurrent, r.Algorithms.Code)
		require.Equal(t, Pass, r.Provider.Status, r.Provider.Detail)
	}
	require.Zero(t, count(r.Profile, Fail))
	require.Equal(t, wantWarnings, count(r.Profile, Warn))
}

// Every genuine signer under AgID CA1 beside every generation, as the
// authority's certificate in the bag and as the caller's anchor, with
// OpenSSL's word on the second.
func TestGenuineSignersAndGenerations(t *testing.T) {
	t.Parallel()
	signers := []*x509.Certificate{
		readPEM(t, "trust", "agid", "leaf-aruba-pec-2023.pem"),
		readPEM(t, "trust", "agid", "leaf-namirial-2023.pem"),
	}
	for _, g := range genuine {
		c := carriedIn(t, counterpart.Reference(t, "corpus", filepath.FromSlash(g.file)+".eml"))[0]
		if g.anchor == "AgID CA1" && !slices.ContainsFunc(signers, c.Equal) {
			signers = append(signers, c)
		}
	}
	require.Len(t, signers, 6)
	all := generations(t)
	for _, c := range signers {
		t.Run(c.Subject.CommonName+" "+c.NotBefore.Format(time.DateOnly), func(t *testing.T) {
			t.Parallel()
			at := c.NotBefore.Add(c.NotAfter.Sub(c.NotBefore) / 2)
			for i, g := range all {
				day := g.NotBefore.Format(time.DateOnly)
				r := AgID().Verify([]*x509.Certificate{c}, []*x509.Certificate{c, g}, at)
				require.Equal(t, Pass, r.Path.Status)
				require.Equal(t, Pass, r.Constraints.Status, "%s: each of these is in every list", day)
				require.Equal(t, CodeProviderNamed, r.Provider.Code)
				require.Equal(t, day, r.Provider.Facts[3], "the certificate that came along is the one asked")
				require.NotEqual(t, Fail, r.Validity.Status, "one key, whichever certificate came along")
				require.Equal(t, agid().generations[i].validAt(at), r.Validity.Status == Pass)

				own, err := NewStore(false, g)
				require.NoError(t, err)
				r = own.Verify([]*x509.Certificate{c}, nil, at)
				require.Equal(t, Pass, r.Path.Status)
				require.Equal(t, agid().generations[i].validAt(at), r.Validity.Status == Pass, "a caller's anchor has its own dates")
				ours := r.Constraints.Status == Pass && r.Validity.Status == Pass
				require.Equal(t, opensslSays(t, g, c, at), ours, "%s", day)
			}
			root := readPEM(t, "trust", "agid", "actalis-authentication-root-ca.pem")
			store, err := NewStore(false, root)
			require.NoError(t, err)
			r := store.Verify([]*x509.Certificate{c}, append([]*x509.Certificate{c}, all...), at)
			require.Equal(t, Pass, r.Path.Status)
			require.Equal(t, Pass, r.Validity.Status, "of ten paths one that was valid is taken")
			require.Equal(t, CodeProviderNamedByAnchor, r.Provider.Code)
			require.Len(t, r.Chain, 3)
		})
	}
}

// opensslSays asks OpenSSL about one certificate under one anchor.
func opensslSays(t *testing.T, anchor, c *x509.Certificate, at time.Time) bool {
	t.Helper()
	openssl := counterpart.Look(t, "openssl")
	dir := t.TempDir()
	write := func(name string, c *x509.Certificate) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}), 0o600))
		return path
	}
	cmd := exec.CommandContext(t.Context(), openssl, "verify", "-partial_chain", "-purpose", "smimesign", "-no-CApath", "-no-CAstore",
		"-attime", strconv.FormatInt(at.Unix(), 10), "-CAfile", write("anchor.pem", anchor), write("signer.pem", c))
	return cmd.Run() == nil
}

// Under GODEBUG=fips140=only SHA-1 panics and RSA-1024 is refused; a verdict
// on an old message must come all the same.
func TestOldSignersUnderFIPS(t *testing.T) {
	t.Parallel()
	counterpart.Reference(t)
	if strings.Contains(os.Getenv("GODEBUG"), "fips140=only") {
		return // this is the process below
	}
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self, "-test.run", "^TestGenuineSigners$/aruba-201[345]", "-test.v")
	cmd.Env = append(os.Environ(), "GODEBUG=fips140=only")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Equal(t, 3, strings.Count(string(out), "--- PASS: TestGenuineSigners/"), "%s", out)
}
