package pec_test

import (
	"bytes"
	"crypto"
	"encoding/asn1"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
)

// verdictStranger is an authority that nobody believes.
func verdictStranger() *testsign.Identity {
	return testsign.Certificate{CA: true, KeyType: testsign.P256, Subject: testsign.NewName("Nessuno", "CA fatta in casa - NO LEGAL VALUE")}.SelfSigned()
}

// verdictChanged changes the signed part after it was signed.
var verdictChanged = verdictReplace("Content-Disposition: inline", "Content-Disposition: INLINE")

func verdictCutAfterSignedPart(mail []byte) []byte {
	i := bytes.Index(mail, []byte("Content-Type: application/pkcs7-signature"))
	return mail[:bytes.LastIndex(mail[:i], []byte("\r\n--"))]
}

func verdictOmit(ids ...asn1.ObjectIdentifier) testsign.SignedData {
	return testsign.SignedData{Signer: testsign.SignerInfo{Omit: ids}}
}

var verdictOtherFrom = []testsign.Field{{Name: "From", Value: "posta-certificata@pec.example.com"}}

// verdictValid gives a signer another validity, from and until an offset from
// the certified time.
func verdictValid(from, until time.Duration, c testsign.Certificate) *testsign.Identity {
	c.NotBefore, c.NotAfter = testsign.Instant.Add(from), testsign.Instant.Add(until)
	return verdictLeaf(c)
}

const verdictYear = 365 * 24 * time.Hour

// One message for each row of the verdict table, and one for each variant of a
// row that has several.
func TestVerdictRows(t *testing.T) {
	t.Parallel()
	verdictRun(t, verdictRowsCases())
}

func verdictRowsCases() []verdictCase {
	with := func(change func(*testsign.Message)) testsign.Message {
		m := verdictAcceptance(nil)
		change(&m)
		return m
	}
	md5 := with(func(m *testsign.Message) { m.CMS.Signer.Hash = crypto.MD5 })
	rsa1024 := verdictLeaf(testsign.Certificate{KeyType: testsign.RSA1024})
	rsa2047 := testsign.DecoySPKI(2047, 65537, "2047")
	sha1Certificate := verdictLeaf(testsign.Certificate{Hash: crypto.SHA1})
	decoy := func(bits int, exponent int64) *testsign.Identity {
		return verdictLeaf(testsign.Certificate{SPKI: testsign.DecoySPKI(bits, exponent, "decoy"), Key: testsign.Key(testsign.RSA2048, "decoy")})
	}
	lapsed := verdictNow.Add(3 * verdictYear)
	return []verdictCase{
		{
			name: "2 ordinary mail", reason: "no signature, so there is nothing to judge",
			message: with(func(m *testsign.Message) { m.NoSignature, m.NoXML, m.Remove = true, true, []string{"X-Ricevuta"} }),
			failed:  verdictIDs(pec.CheckSignature), skipped: verdictIDs(pec.CheckDigest, pec.CheckPath, pec.CheckFrom),
		},
		{
			name: "2 claims to be PEC", reason: "what a header says does not make a signature",
			message: with(func(m *testsign.Message) { m.NoSignature = true }), failed: verdictIDs(pec.CheckSignature),
		},
		{
			name: "3 signature part missing", reason: "multipart/signed without its second part was cut off",
			message: with(func(m *testsign.Message) { m.Finish = verdictCutAfterSignedPart }),
			verdict: pec.TotalFailed, sub: pec.FormatFailure, failed: verdictIDs(pec.CheckStructure),
			skipped: verdictIDs(pec.CheckDigest, pec.CheckValue, pec.CheckPath),
		},
		{
			name: "3 signature cut off", reason: "half a signature is none",
			message: with(func(m *testsign.Message) {
				whole := testsign.SignedData{}.Sign(testsign.NewCircle().One, m.SignedPart())
				m.Signature = whole[:len(whole)/2]
			}),
			verdict: pec.TotalFailed, sub: pec.FormatFailure, failed: verdictIDs(pec.CheckEncoding),
			skipped: verdictIDs(pec.CheckDigest, pec.CheckAttributes, pec.CheckAlgorithms, pec.CheckValue, pec.CheckPath),
		},
		{
			name: "3 signature empty", reason: "no bytes are no signature",
			message: with(func(m *testsign.Message) { m.Signature = []byte{} }),
			verdict: pec.TotalFailed, sub: pec.FormatFailure, failed: verdictIDs(pec.CheckEncoding),
		},
		{
			name: "3 signature is text", reason: "a part of the right name is no signature",
			message: with(func(m *testsign.Message) { m.Signature = []byte("firmato") }),
			verdict: pec.TotalFailed, sub: pec.FormatFailure, failed: verdictIDs(pec.CheckEncoding),
		},
		{
			name: "3 third part", reason: "mail programs would show it beside the signed one",
			message: with(func(m *testsign.Message) {
				m.Finish = func(mail []byte) []byte {
					end := bytes.LastIndex(mail, []byte("\r\n--"))
					closing := mail[end : len(mail)-len("--\r\n")]
					return slices.Concat(mail[:end], closing, []byte("\r\nContent-Type: text/plain\r\n\r\nAggiunto."), mail[end:])
				}
			}),
			verdict: pec.TotalFailed, sub: pec.FormatFailure, failed: verdictIDs(pec.CheckStructure),
		},
		{
			name: "4 MD5 digest", reason: "collisions take seconds; nothing is computed with it",
			message: md5, verdict: pec.Indeterminate, sub: pec.CryptoConstraintsFailure, failed: verdictIDs(pec.CheckAlgorithms),
			skipped: verdictIDs(pec.CheckDigest, pec.CheckLines, pec.CheckDigestAge, pec.CheckValue),
		},
		{
			name: "4 RSA-512", reason: "factored in hours",
			message: verdictAcceptance(verdictLeaf(testsign.Certificate{KeyType: testsign.RSA512})),
			verdict: pec.Indeterminate, sub: pec.CryptoConstraintsFailure, failed: verdictIDs(pec.CheckAlgorithms, pec.CheckOldAlgorithms),
			skipped: verdictIDs(pec.CheckValue),
		},
		{
			name: "4 RSA above 8192", reason: "the arithmetic costs the reader seconds",
			message: verdictAcceptance(decoy(8193, 65537)),
			verdict: pec.Indeterminate, sub: pec.CryptoConstraintsFailure, failed: verdictIDs(pec.CheckAlgorithms), skipped: verdictIDs(pec.CheckValue),
		},
		{
			name: "4 exponent even", reason: "such a key signs nothing",
			message: verdictAcceptance(decoy(2048, 4)),
			verdict: pec.Indeterminate, sub: pec.CryptoConstraintsFailure, failed: verdictIDs(pec.CheckAlgorithms), skipped: verdictIDs(pec.CheckValue),
		},
		{
			name: "4 exponent 1", reason: "with it everything is its own signature",
			message: verdictAcceptance(decoy(2048, 1)),
			verdict: pec.Indeterminate, sub: pec.CryptoConstraintsFailure, failed: verdictIDs(pec.CheckAlgorithms), skipped: verdictIDs(pec.CheckValue),
		},
		{
			name: "4 certificate signed with MD5", reason: "a forged authority was made that way in 2008",
			message: verdictAcceptance(verdictLeaf(testsign.Certificate{Hash: crypto.MD5})),
			verdict: pec.Indeterminate, sub: pec.CryptoConstraintsFailure, failed: verdictIDs(pec.CheckAlgorithms, pec.CheckPath),
		},
		{
			name: "5 signed part changed", reason: "the digest is another",
			message: with(func(m *testsign.Message) { m.AfterSign = verdictChanged }),
			verdict: pec.TotalFailed, sub: pec.HashFailure, failed: verdictIDs(pec.CheckDigest),
		},
		{
			name: "6 no certificates", reason: "nobody can tell the key",
			message: with(func(m *testsign.Message) { m.CMS.NoCertificates = true }),
			verdict: pec.Indeterminate, sub: pec.NoSigningCertificateFound, failed: verdictIDs(pec.CheckCertificate),
			skipped: verdictIDs(pec.CheckValue, pec.CheckPath, pec.CheckProfile, pec.CheckValidity, pec.CheckFrom),
		},
		{
			name: "6 the certificate of another", reason: "a certificate that the signer does not name is not the signer's",
			message: with(func(m *testsign.Message) { m.CMS.Certificates = testsign.NewCircle().Two.Chain() }),
			verdict: pec.Indeterminate, sub: pec.NoSigningCertificateFound, failed: verdictIDs(pec.CheckCertificate),
		},
		{
			name: "7 signature value wrong", reason: "one bit of it differs",
			message: with(func(m *testsign.Message) { m.CMS.Signer.WrongSignature = true }),
			verdict: pec.TotalFailed, sub: pec.SigCryptoFailure, failed: verdictIDs(pec.CheckValue),
		},
		{
			name: "8 self-made authority", reason: "whoever made it can have written anything",
			message: verdictAcceptance(verdictLeafOf(verdictStranger(), testsign.Certificate{})),
			verdict: pec.Indeterminate, sub: pec.NoCertificateChainFound, failed: verdictIDs(pec.CheckPath),
			skipped: verdictIDs(pec.CheckConstraints, pec.CheckProvider, pec.CheckValidity),
		},
		{
			name: "9 profile", reason: "a certificate for web servers signs no mail",
			message: verdictAcceptance(verdictLeaf(testsign.Certificate{ExtKeyUsage: []asn1.ObjectIdentifier{testsign.OIDServerAuth}})),
			verdict: pec.Indeterminate, sub: pec.ChainConstraintsFailure, failed: verdictIDs(pec.CheckProfile),
		},
		{
			name: "9 name constraints", reason: "the authority may not certify that organisation",
			message: verdictAcceptance(verdictLeaf(testsign.Certificate{Subject: testsign.NewName("Gestore Tre S.p.A.", "Estraneo")})),
			verdict: pec.Indeterminate, sub: pec.ChainConstraintsFailure, failed: verdictIDs(pec.CheckConstraints, pec.CheckProvider),
		},
		{
			name: "11 not yet valid", reason: "the provider's own time is before its certificate",
			message: verdictAcceptance(verdictValid(time.Second, verdictYear, testsign.Certificate{})),
			verdict: pec.TotalFailed, sub: pec.NotYetValid, failed: verdictIDs(pec.CheckValidity),
		},
		{
			name: "10 revoked", reason: "the authority revoked the certificate a day before the certified time",
			message: verdictAcceptance(verdictLeaf(testsign.Certificate{})), options: verdictRevoked(-1, testsign.Certificate{}),
			verdict: pec.TotalFailed, sub: pec.Revoked, failed: verdictIDs(pec.CheckRevocation),
		},
		{
			name: "11 expired", reason: "the provider's own time is after its certificate",
			message: verdictAcceptance(verdictValid(-verdictYear, -time.Second, testsign.Certificate{})),
			verdict: pec.TotalFailed, sub: pec.Expired, failed: verdictIDs(pec.CheckValidity), skipped: verdictIDs(pec.CheckPOE),
		},
		{
			name: "12 given time after the validity", reason: "at the time that the caller vouches for the certificate had expired",
			message: verdictAcceptance(nil), options: verdictAt(lapsed),
			verdict: pec.Indeterminate, sub: pec.OutOfBoundsNoPOE, failed: verdictIDs(pec.CheckValidity),
		},
		{
			name: "12 given time before the validity", reason: "the certificate did not exist yet, whatever the message says",
			message: verdictAcceptance(verdictValid(time.Hour, verdictYear, testsign.Certificate{})), options: verdictAt(testsign.Instant.Add(time.Minute)),
			verdict: pec.Indeterminate, sub: pec.OutOfBoundsNoPOE, failed: verdictIDs(pec.CheckValidity, pec.CheckGiven),
		},
		{
			name: "12 expired now", reason: "the caller asked for now",
			message: verdictAcceptance(nil), options: verdictAtNow(lapsed),
			verdict: pec.Indeterminate, sub: pec.OutOfBoundsNoPOE, failed: verdictIDs(pec.CheckValidity),
		},
		{
			name: "13 RSA-1024", reason: "such a key may have been computed since",
			message: verdictAcceptance(rsa1024),
			verdict: pec.Indeterminate, sub: pec.CryptoConstraintsFailureNoPOE, failed: verdictIDs(pec.CheckOldAlgorithms),
		},
		{
			name: "13 certificate signed with SHA-1", reason: "such a certificate may have been forged since",
			message: verdictAcceptance(sha1Certificate),
			verdict: pec.Indeterminate, sub: pec.CryptoConstraintsFailureNoPOE, failed: verdictIDs(pec.CheckOldAlgorithms),
		},
		{
			name: "13 RSA-2047, not even signed", reason: "the value is wrong, and the size is listed too",
			message: verdictAcceptance(verdictLeaf(testsign.Certificate{SPKI: rsa2047, Key: testsign.Key(testsign.RSA2048, "decoy")})),
			verdict: pec.TotalFailed, sub: pec.SigCryptoFailure, failed: verdictIDs(pec.CheckValue, pec.CheckOldAlgorithms),
		},
		{
			name: "13 lifted by the legacy policy", reason: "the caller believes that nobody forged such keys",
			message: verdictAcceptance(rsa1024), options: verdictPolicy(pec.PolicyLegacy),
			verdict: pec.TotalPassed, proves: pec.ProvesAccepted, warned: verdictIDs(pec.CheckOldAlgorithms),
		},
		{
			name: "14 expired since", reason: "strict: nothing shows that the message is older than the expiry",
			message: verdictAcceptance(nil),
			options: func(o *pec.VerifyOptions) { o.Policy, o.Clock = pec.PolicyStrict, verdictClock(lapsed) },
			verdict: pec.Indeterminate, sub: pec.OutOfBoundsNoPOE, failed: verdictIDs(pec.CheckRevocation, pec.CheckPOE),
		},
		{
			name: "14 SHA-1 digest", reason: "strict: nothing shows that the message is older than SHA-1's age",
			message: with(func(m *testsign.Message) { m.CMS.Signer.Hash = crypto.SHA1 }), options: verdictPolicy(pec.PolicyStrict),
			verdict: pec.Indeterminate, sub: pec.CryptoConstraintsFailureNoPOE, failed: verdictIDs(pec.CheckDigestAge, pec.CheckRevocation),
		},
		{
			name: "14 no revocation data", reason: "strict: it cannot be told now",
			message: verdictAcceptance(nil), options: verdictPolicy(pec.PolicyStrict),
			verdict: pec.Indeterminate, sub: pec.TryLater, failed: verdictIDs(pec.CheckRevocation),
		},
		{
			name: "15 From is another's", reason: "mail programs show a sender who did not sign",
			message: with(func(m *testsign.Message) { m.Set = verdictOtherFrom }),
			verdict: pec.Indeterminate, sub: pec.SigConstraintsFailure, failed: verdictIDs(pec.CheckFrom),
		},
		{
			name: "15 other kind", reason: "the header claims another receipt than the one certified",
			message: with(func(m *testsign.Message) { m.Set = []testsign.Field{{Name: "X-Ricevuta", Value: "avvenuta-consegna"}} }),
			verdict: pec.Indeterminate, sub: pec.SigConstraintsFailure, failed: verdictIDs(pec.CheckKind),
		},
		{
			name: "15 other reference id", reason: "the receipt is about another message than the header says",
			message: with(func(m *testsign.Message) {
				m.Set = []testsign.Field{{Name: "X-Riferimento-Message-ID", Value: "<altro@client.example.it>"}}
			}),
			verdict: pec.Indeterminate, sub: pec.SigConstraintsFailure, failed: verdictIDs(pec.CheckReferenceI),
		},
		{
			name: "15 daticert missing", reason: "a receipt without certification data certifies nothing",
			message: with(func(m *testsign.Message) { m.NoXML = true }),
			verdict: pec.Indeterminate, sub: pec.SigConstraintsFailure, failed: verdictIDs(pec.CheckDaticert), skipped: verdictIDs(pec.CheckSyntax),
		},
		{
			name: "15 daticert doubled", reason: "which one counts cannot be told",
			message: with(func(m *testsign.Message) { m.SecondXML = m.DatiCert() }),
			verdict: pec.Indeterminate, sub: pec.SigConstraintsFailure, failed: verdictIDs(pec.CheckDaticert),
		},
		{
			name: "15 daticert broken", reason: "what cannot be read certifies nothing",
			message: with(func(m *testsign.Message) { m.EditXML = func(b []byte) []byte { return b[:len(b)/2] } }),
			verdict: pec.Indeterminate, sub: pec.SigConstraintsFailure, failed: verdictIDs(pec.CheckSyntax),
		},
		{
			name: "15 certified time in the future", reason: "nobody certifies what has not happened",
			message: verdictAcceptance(nil), options: func(o *pec.VerifyOptions) { o.Clock = verdictClock(testsign.Instant.Add(-2 * time.Hour)) },
			verdict: pec.Indeterminate, sub: pec.SigConstraintsFailure, failed: verdictIDs(pec.CheckFuture),
		},
		{
			name: "16 acceptance", reason: "nothing is wrong with it",
			message: verdictAcceptance(nil), verdict: pec.TotalPassed, proves: pec.ProvesAccepted,
		},
		{
			name: "16 anomaly envelope", reason: "authentic, and of a kind that certifies nothing",
			message: testsign.Message{Kind: testsign.Anomaly}, verdict: pec.TotalPassed,
		},
		{
			name: "16 unknown", reason: "a provider may sign other mail; that is no PEC message",
			message: with(func(m *testsign.Message) {
				m.NoXML, m.Remove = true, []string{"X-Ricevuta", "X-Riferimento-Message-ID"}
			}),
			verdict: pec.TotalPassed, warned: verdictIDs(pec.CheckDaticert),
		},
	}
}

// Row 1: no verdict at all, so no report that could be taken for one.
func TestVerdictNone(t *testing.T) {
	t.Parallel()
	mail := verdictAcceptance(nil).Bytes()
	bag := slices.Repeat([][]byte{testsign.NewCircle().Two.DER}, pec.MaxCertificates+1)
	large := verdictAcceptance(nil)
	large.CMS.CertificatesLast = bag
	unsigned := large
	unsigned.NoSignature = true
	// 10,000 parts of five bytes each, inside the signature.
	opaque := verdictAcceptance(nil)
	opaque.Opaque = true
	opaque.BeforeSign = func([]byte) []byte {
		return []byte("Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\n\r\n", 10_000) + "--b--\r\n")
	}
	for _, c := range []struct {
		name, reason string
		mail         []byte
		limits       pec.Limits
		limit        string
	}{
		{"message", "one byte over", mail, pec.Limits{Message: int64(len(mail)) - 1}, "message"},
		{"parts", "no verdict on half of a message", mail, pec.Limits{Parts: 3}, "parts"},
		{"1 and 2", "a limit comes before the missing signature", unsigned.Bytes(), pec.Limits{Parts: 2}, "parts"},
		{"1 and 3", "a limit comes before the malformed signature", verdictCutAfterSignedPart(mail), pec.Limits{Parts: 3}, "parts"},
		{"parts inside an opaque signature", "the limit holds wherever parts are", opaque.Bytes(), pec.Limits{}, "parts"},
		{"certificates", "a signature with more is not looked into", large.Bytes(), pec.Limits{}, "certificates"},
		{"daticert", "one byte over", mail, pec.Limits{Daticert: len(verdictAcceptance(nil).DatiCert()) - 1}, "daticert"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m, err := c.limits.Read(bytes.NewReader(c.mail), int64(len(c.mail)))
			var le *pec.LimitError
			require.ErrorAs(t, err, &le, c.reason)
			require.Equal(t, c.limit, le.Limit)
			require.Nil(t, m)
		})
	}
}

// An empty file, and files that are no mail, are row 2 and not an error.
func TestVerdictJunk(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"empty": "", "a line": "ciao", "nul bytes": strings.Repeat("\x00", 1000), "only a header": "Subject: CONSEGNA: contratto\r\n",
		"multipart/signed of OpenPGP": "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=b\r\n\r\n--b\r\n\r\nciao\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--b--\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := verdictOf(t, []byte(content), verdictOptions())
			require.Empty(t, r.Verdict)
			require.Empty(t, r.SubIndication)
			require.Equal(t, pec.KindOrdinary, r.Kind)
		})
	}
}

// The options that contradict themselves give no verdict.
func TestVerdictOptions(t *testing.T) {
	t.Parallel()
	m := verdictRead(t, verdictAcceptance(nil).Bytes())
	for _, c := range []struct {
		name, reason string
		options      pec.VerifyOptions
	}{
		{"At and AtNow", "one reference time", pec.VerifyOptions{Trust: verdictStore(), At: verdictNow, AtNow: true}},
		{"unknown policy", "a misspelled policy must not become the default one", pec.VerifyOptions{Trust: verdictStore(), Policy: "gopec/strict"}},
		{"policy in capitals", "names are exact", pec.VerifyOptions{Trust: verdictStore(), Policy: pec.Policy(strings.ToUpper(string(pec.PolicyStrict)))}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := pec.Verify(m, &c.options)
			require.ErrorIs(t, err, pec.ErrOptions, c.reason)
			require.Nil(t, r)
		})
	}
	for _, p := range []pec.Policy{pec.PolicyDefault, pec.PolicyLegacy, ""} {
		r, err := pec.Verify(m, &pec.VerifyOptions{Trust: verdictStore(), Policy: p, Clock: verdictClock(verdictNow)})
		require.NoError(t, err)
		require.Equal(t, map[pec.Policy]pec.Policy{"": pec.PolicyDefault}[p]+p, r.Policy)
	}
}
