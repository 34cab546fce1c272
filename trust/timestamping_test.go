package trust_test

import (
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/trust"
)

// stampSigner is a time-stamp authority's certificate that differs from a good
// one in the given fields.
func stampSigner(issuer *testsign.Identity, c testsign.Certificate) *testsign.Identity {
	if c.Subject == nil {
		c.Subject = testsign.NewName("Prova, nessun valore legale", "TSA TEST - NO LEGAL VALUE")
	}
	if c.KeyType == "" {
		c.KeyType = testsign.P256
	}
	if c.ExtKeyUsage == nil {
		c.ExtKeyUsage, c.ExtKeyUsageCritical = []asn1.ObjectIdentifier{testsign.OIDTimeStamping}, true
	}
	c.Addresses, c.Policies = []string{}, []asn1.ObjectIdentifier{}
	return c.IssuedBy(issuer)
}

// stampCase is the certificate of a time-stamp authority.
type stampCase struct {
	name, reason string
	signer       *testsign.Identity
	bag          []*testsign.Identity
	at           time.Time
	failed       []string
	openssl      string // its word if it is not ours: "accepts"
}

func stampCases(root *testsign.Identity) []stampCase {
	stamping := []asn1.ObjectIdentifier{testsign.OIDTimeStamping}
	intermediate := func(c testsign.Certificate) *testsign.Identity {
		c.CA, c.KeyType = true, testsign.P256
		if c.Subject == nil {
			c.Subject = authorityName("tsa issuing")
		}
		return c.IssuedBy(root)
	}
	under := intermediate(testsign.Certificate{})
	return []stampCase{
		{name: "good", reason: "the profile of RFC 3161 §2.3", signer: stampSigner(root, testsign.Certificate{})},
		{name: "good, intermediate", reason: "a path of two", signer: stampSigner(under, testsign.Certificate{}), bag: []*testsign.Identity{under}},
		{name: "good, both uses of the key", reason: "both are signatures", signer: stampSigner(root, testsign.Certificate{KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment})},
		{name: "no key usage", reason: "not limited", signer: stampSigner(root, testsign.Certificate{Omit: []asn1.ObjectIdentifier{testsign.OIDKeyUsage}})},
		{name: "usage not critical", reason: "must be critical", signer: stampSigner(root, testsign.Certificate{ExtKeyUsage: stamping}), failed: []string{trust.CodeTimestampPurposeNotCritical}},
		{
			name: "two usages", reason: "must be alone", failed: []string{trust.CodeTimestampPurposeSeveral},
			signer: stampSigner(root, testsign.Certificate{ExtKeyUsage: append(stamping, testsign.OIDEmailProtection), ExtKeyUsageCritical: true}),
		},
		{
			name: "a usage that nobody knows beside it", reason: "must be alone", failed: []string{trust.CodeTimestampPurposeSeveral},
			signer: stampSigner(root, testsign.Certificate{ExtKeyUsage: append(stamping, asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 9}), ExtKeyUsageCritical: true}), openssl: "accepts",
		},
		{
			name: "any usage", reason: "must be named", failed: []string{trust.CodeTimestampPurposeOther},
			signer: stampSigner(root, testsign.Certificate{ExtKeyUsage: []asn1.ObjectIdentifier{testsign.OIDAnyExtKeyUsage}, ExtKeyUsageCritical: true}),
		},
		{
			name: "no usage", reason: "must be there", failed: []string{trust.CodeTimestampPurposeAbsent},
			signer: stampSigner(root, testsign.Certificate{Omit: []asn1.ObjectIdentifier{testsign.OIDExtKeyUsage}}),
		},
		{name: "a provider's certificate", reason: "is for mail", signer: signerUnder(root), failed: []string{trust.CodeTimestampPurposeOther}},
		{
			name: "key for encryption too", reason: "what decrypts signs what it does not see", failed: []string{trust.CodeTimestampKeyUsageOther},
			signer: stampSigner(root, testsign.Certificate{KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment}),
		},
		{name: "key for agreement", reason: "signs nothing", failed: []string{trust.CodeTimestampKeyUsageOther}, signer: stampSigner(root, testsign.Certificate{KeyUsage: x509.KeyUsageKeyAgreement})},
		{
			name: "unknown critical extension", reason: "what is critical has to be understood", failed: []string{trust.CodeProfileCriticalUnknown},
			signer: stampSigner(root, testsign.Certificate{Extra: []testsign.Extension{{OID: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 8}, Critical: true, Value: []byte{5, 0}}}}),
		},
		{name: "an authority", reason: "certifies, and stamps nothing", failed: []string{trust.CodeTimestampKeyUsageOther, trust.CodeProfileCA}, signer: stampSigner(root, testsign.Certificate{KeyUsage: x509.KeyUsageCertSign, BasicConstraints: &testsign.BasicConstraints{CA: true}})},
		{name: "another root", reason: "not one that the caller named", signer: stampSigner(authority("tsa other"), testsign.Certificate{}), failed: []string{trust.CodePathNone}},
		{name: "expired", reason: "at the time of the stamp", signer: stampSigner(root, testsign.Certificate{}), at: testsign.Instant.AddDate(3, 0, 0), failed: []string{trust.CodeExpired}},
		{name: "not yet valid", reason: "at the time of the stamp", signer: stampSigner(root, testsign.Certificate{}), at: testsign.Instant.AddDate(-2, 0, 0), failed: []string{trust.CodeNotYetValid}},
		{
			name: "RSA-1024", reason: "a stamp made with it today can bear any date", failed: []string{trust.CodeAlgorithmsRSA}, openssl: "accepts",
			signer: stampSigner(root, testsign.Certificate{KeyType: testsign.RSA1024}),
		},
		{
			name: "certificate signed with SHA-1", reason: "the same", failed: []string{trust.CodeAlgorithmsSHA1}, openssl: "accepts",
			signer: stampSigner(root, testsign.Certificate{Hash: crypto.SHA1}),
		},
		{
			name: "intermediate for mail", reason: "may not issue for time-stamps; OpenSSL asks that of signers only", openssl: "accepts", failed: []string{trust.CodePathPurposeTimestamp},
			signer: stampSigner(intermediate(testsign.Certificate{Subject: authorityName("mail"), ExtKeyUsage: []asn1.ObjectIdentifier{testsign.OIDEmailProtection}}), testsign.Certificate{}),
			bag:    []*testsign.Identity{intermediate(testsign.Certificate{Subject: authorityName("mail"), ExtKeyUsage: []asn1.ObjectIdentifier{testsign.OIDEmailProtection}})},
		},
		{
			name: "intermediate for time-stamps", reason: "may",
			signer: stampSigner(intermediate(testsign.Certificate{Subject: authorityName("stamps"), ExtKeyUsage: stamping}), testsign.Certificate{}),
			bag:    []*testsign.Identity{intermediate(testsign.Certificate{Subject: authorityName("stamps"), ExtKeyUsage: stamping})},
		},
	}
}

// The certificate of a time-stamp authority: which are believed, and OpenSSL's
// word on each where it has one.
func TestTimestampAuthorities(t *testing.T) {
	t.Parallel()
	root := authority("tsa root")
	for _, tt := range stampCases(root) {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.at.IsZero() {
				tt.at = testsign.Instant
			}
			store, err := trust.NewTimestampStore(root.X509())
			require.NoError(t, err)
			bag := []*x509.Certificate{tt.signer.X509()}
			for _, id := range tt.bag {
				bag = append(bag, id.X509())
			}
			r := store.Verify(bag[:1], bag, tt.at)
			got := failures(r)
			if tt.failed == nil {
				tt.failed = []string{}
			}
			require.Equal(t, tt.failed, got, tt.reason)
			require.False(t, r.BuiltIn)
			again := store.Verify(bag[:1], bag, tt.at)
			require.Equal(t, failures(r), failures(again), "what is remembered changes nothing")

			want := len(tt.failed) == 0 || tt.openssl == "accepts"
			require.Equal(t, want, opensslStamps(t, root, tt.signer, tt.bag, tt.at), "OpenSSL: %s", tt.reason)
		})
	}
}

// opensslStamps asks OpenSSL whether a certificate may stamp.
func opensslStamps(t *testing.T, root, signer *testsign.Identity, bag []*testsign.Identity, at time.Time) bool {
	t.Helper()
	openssl := counterpart.Look(t, "openssl")
	dir := t.TempDir()
	write := func(name string, pem []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, pem, 0o600))
		return path
	}
	args := []string{"verify", "-purpose", "timestampsign", "-no-CApath", "-no-CAstore", "-attime", strconv.FormatInt(at.Unix(), 10), "-CAfile", write("root.pem", root.PEM())}
	for i, id := range bag {
		args = append(args, "-untrusted", write("bag"+strconv.Itoa(i), id.PEM()))
	}
	return exec.CommandContext(t.Context(), openssl, append(args, write("signer.pem", signer.PEM()))...).Run() == nil
}

// Stamps are believed under the anchors that the caller names and no others:
// there is no default, and the two kinds of store do not share anchors.
func TestTimestampStoreAnchors(t *testing.T) {
	t.Parallel()
	_, err := trust.NewTimestampStore()
	require.ErrorIs(t, err, trust.ErrNoAnchors)
	root := authority("tsa anchors")
	_, err = trust.NewTimestampStore(stampSigner(root, testsign.Certificate{}).X509())
	var refused *trust.AnchorError
	require.ErrorAs(t, err, &refused, "a signer's own certificate is no authority")

	of := func(usage asn1.ObjectIdentifier) *x509.Certificate {
		return testsign.Certificate{CA: true, KeyType: testsign.P256, Subject: authorityName("tsa " + usage.String()), ExtKeyUsage: []asn1.ObjectIdentifier{usage}}.SelfSigned().X509()
	}
	_, err = trust.NewTimestampStore(of(testsign.OIDTimeStamping))
	require.NoError(t, err)
	_, err = trust.NewTimestampStore(of(testsign.OIDEmailProtection))
	require.ErrorContains(t, err, "time-stamps")
	_, err = trust.NewStore(false, of(testsign.OIDEmailProtection))
	require.NoError(t, err)
	_, err = trust.NewStore(false, of(testsign.OIDTimeStamping))
	require.ErrorContains(t, err, "e-mail")

	store, err := trust.NewTimestampStore(root.X509())
	require.NoError(t, err)
	r := store.Verify(nil, nil, testsign.Instant)
	require.Equal(t, trust.CodePathNoCandidate, r.Path.Code)
	r = store.Verify([]*x509.Certificate{nil}, nil, testsign.Instant)
	require.Equal(t, trust.CodePathNoCandidate, r.Path.Code)
	r = store.Verify([]*x509.Certificate{stampSigner(root, testsign.Certificate{}).X509()}, nil, time.Time{})
	require.Equal(t, trust.CodeNoTime, r.Validity.Code)
}
