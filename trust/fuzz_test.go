package trust_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/cms"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/trust"
)

// extensionOf returns the value of an extension of a certificate.
func extensionOf(c *x509.Certificate, id asn1.ObjectIdentifier) []byte {
	for _, e := range c.Extensions {
		if e.Id.Equal(id) {
			return e.Value
		}
	}
	return nil
}

// readByX509 parses the extension as crypto/x509 does, in a certificate made
// for it.
func readByX509(t *testing.T, value []byte) (*x509.Certificate, error) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: day, NotAfter: day.AddDate(1, 0, 0), IsCA: true, BasicConstraintsValid: true,
		ExtraExtensions: []pkix.Extension{{Id: testsign.OIDNameConstraints, Value: value}},
	}
	der, err := x509.CreateCertificate(nil, template, template, key.Public(), key)
	require.NoError(t, err)
	return x509.ParseCertificate(der)
}

// FuzzConstraints reads what a hostile authority could write. What both we and
// crypto/x509 can read has the same mail constraints, and whatever can be read
// can be evaluated.
func FuzzConstraints(f *testing.F) {
	root := authority("fuzz root")
	seeds := 0
	for _, tt := range constraintCases() {
		ca, _ := tt.issued(root)
		if value := extensionOf(ca.X509(), testsign.OIDNameConstraints); value != nil {
			f.Add(value, tt.critical)
			seeds++
		}
	}
	require.Greater(f, seeds, 50, "seeds were found")
	signer := signerUnder(root).X509()
	f.Fuzz(func(t *testing.T, value []byte, critical bool) {
		permitted, excluded, ranged, err := trust.ParseConstraints(value, critical)
		finding, ok := trust.Violates(value, critical, signer)
		if err != nil {
			require.True(t, slices.ContainsFunc(trust.ErrParse, func(e error) bool { return errors.Is(err, e) }))
			require.False(t, ok, "what cannot be read permits nothing")
			return
		}
		require.Equal(t, ok, finding.Code == "")
		if len(value) > 1<<14 {
			return
		}
		c, err := readByX509(t, value)
		if err != nil || ranged {
			return // crypto/x509 looks closer at hosts, and passes over ranges
		}
		require.Equal(t, fold(c.PermittedEmailAddresses), fold(permitted))
		require.Equal(t, fold(c.ExcludedEmailAddresses), fold(excluded))
	})
}

func fold(patterns []string) []string {
	out := []string{}
	for _, p := range patterns {
		out = append(out, strings.ToLower(p))
	}
	slices.Sort(out)
	return out
}

// fixedKey is the same key in every process.
func fixedKey(owner string) crypto.Signer {
	seed := sha256.Sum256([]byte(owner))
	return ed25519.NewKeyFromSeed(seed[:])
}

// FuzzVerify judges any two certificates. Every result is complete, does not
// depend on the order of the bag, and every link of a path is one that
// crypto/x509 finds signed too.
//
// The keys are fixed: a fuzzer's workers are processes of their own, and have
// to believe the authorities of the seeds.
func FuzzVerify(f *testing.F) {
	w := newWorldOf(fixedKey)
	root := testsign.Certificate{CA: true, Subject: authorityName("fuzz verify"), Key: fixedKey("fuzz root")}.SelfSigned()
	middle := intermediate("fuzz middle", func(c *testsign.Certificate) {
		c.Key = fixedKey("fuzz middle")
		c.NameConstraints = &testsign.NameConstraints{Permitted: append(mail("pec.example.it"), directory()...)}
	}, root)
	worldCA := parse(f, w.root, w.first, w.second)
	stores := []*trust.Store{believe(f, root, w.first), trust.StoreOf("World CA", worldCA[0], true, worldCA[1:]...), trust.AgID()}

	signer := testsign.Certificate{Key: fixedKey("fuzz signer")}
	f.Add(signer.IssuedBy(root).DER, middle.DER, int64(0))
	f.Add(signer.IssuedBy(middle).DER, middle.DER, int64(1<<30))
	f.Add(w.signer("pec.example.it", uno).DER, w.first.DER, int64(-1<<30))
	f.Add(w.signer("pec.example.org", tre).DER, w.third.DER, int64(0))
	for _, tt := range constraintCases() {
		tt.key = fixedKey("fuzz case")
		ca, signer := tt.issued(root)
		f.Add(signer.DER, ca.DER, int64(0))
	}
	r := stores[1].Verify(parse(f, w.signer("pec.example.it", uno)), nil, day)
	require.Empty(f, failures(r), "seeds have paths")
	f.Fuzz(func(t *testing.T, signer, other []byte, seconds int64) {
		c, err := cms.ParseCertificate(signer)
		if err != nil {
			return
		}
		bag := []*x509.Certificate{c}
		if o, err := cms.ParseCertificate(other); err == nil {
			bag = append(bag, o)
		}
		at := day.Add(time.Duration(seconds%(1<<32)) * time.Second)
		for _, store := range stores {
			r := store.Verify(bag[:1], bag, at)
			requireComplete(t, r)
			turned := slices.Clone(bag)
			slices.Reverse(turned)
			require.Equal(t, r.Path, store.Verify(bag[:1], turned, at).Path)
			require.Equal(t, failures(r), failures(store.Verify(bag[:1], turned, at)))
			if r.Path.Status != trust.Pass {
				continue
			}
			for i, child := range r.Chain[:len(r.Chain)-1] {
				if child.SignatureAlgorithm != x509.UnknownSignatureAlgorithm {
					require.NoError(t, r.Chain[i+1].CheckSignature(child.SignatureAlgorithm, child.RawTBSCertificate, child.Signature))
				}
			}
		}
	})
}
