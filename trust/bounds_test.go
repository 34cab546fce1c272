package trust_test

import (
	"crypto/x509"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/trust"
)

// decoys are n authorities with one name and keys that belong to nobody.
func decoys(name string, n, bits int) []*testsign.Identity {
	var out []*testsign.Identity
	for i := range n {
		out = append(out, testsign.Certificate{
			CA: true, Subject: authorityName(name), Key: testsign.Key(testsign.P256, "decoys"),
			SPKI: testsign.DecoySPKI(bits, 65537, fmt.Sprint(name, i)),
		}.SelfSigned())
	}
	return out
}

func TestHostileBags(t *testing.T) {
	t.Parallel()
	root := authority("bags root")
	middle := intermediate("bags middle", nil, root)
	signer := signerUnder(middle)
	genuine := parse(t, signer)[0]
	// Authorities that all certify each other: every order of them is a chain.
	var web []*testsign.Identity
	for i := range 8 {
		for j := range 8 {
			if i != j {
				issuer := authority(fmt.Sprint("web ", j))
				web = append(web, testsign.Certificate{CA: true, Subject: authorityName(fmt.Sprint("web ", i)),
					Key: authority(fmt.Sprint("web ", i)).Key}.IssuedBy(issuer))
			}
		}
	}
	lost := signerUnder(authority("web 0"))
	tests := []struct {
		name   string
		signer *testsign.Identity
		bag    []*testsign.Identity
		checks int // at most
		code   string
		reason string
	}{
		{"huge decoys", signer, append(decoys("bags middle", 30, 16384), middle), 3, trust.CodePathFound, "keys above 8192 bits cost nothing"},
		{"short decoys", signer, append(decoys("bags middle", 30, 1023), middle), 3, trust.CodePathFound, "keys below 1024 bits cost nothing"},
		{"decoys with plausible keys", signer, append(decoys("bags middle", 60, 2048), middle), 3, trust.CodePathFound, "the key identifier finds the right one first"},
		{"nothing but huge decoys", signer, decoys("bags middle", 63, 8193), 0, trust.CodePathNone, "keys above 8192 bits cost nothing"},
		{"nothing but short decoys", signer, decoys("bags middle", 63, 1023), 0, trust.CodePathNone, "keys below 1024 bits cost nothing"},
		{"nothing but decoys", signer, decoys("bags middle", 63, 1024), trust.MaxChecks, trust.CodePathLimit, "the limit is said to be the reason"},
		{"as many decoys as checks", signer, decoys("bags middle", trust.MaxChecks, 1024), trust.MaxChecks, trust.CodePathNone, "just at the limit"},
		{"a web of authorities", lost, web, trust.MaxChecks, trust.CodePathLimit, "every order of them is a chain"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store := believe(t, root)
			bag := parse(t, tt.bag...)
			start := time.Now()
			require.LessOrEqual(t, store.Checks(parse(t, tt.signer)[0], bag), tt.checks, tt.reason)
			require.Less(t, time.Since(start), 5*time.Second)
			require.Equal(t, tt.code, verify(t, believe(t, root), tt.signer, tt.bag...).Path.Code, tt.reason)
		})
	}

	t.Run("warm web", func(t *testing.T) {
		t.Parallel()
		store := believe(t, root)
		for range 50 { // each round remembers some more links of the web
			verify(t, store, lost, web...)
		}
		require.Equal(t, trust.CodePathLimit, verify(t, store, lost, web...).Path.Code,
			"what is remembered costs no check, but the walk is bounded too")
	})

	t.Run("built-in authorities come first", func(t *testing.T) {
		t.Parallel()
		w := newWorld()
		signer := w.signer("pec.example.it", uno)
		bag := append(decoys("world ca", 60, 2048), w.first)
		r := verify(t, w.store(t), signer, bag...)
		require.Empty(t, failures(r), "decoys in the bag take nothing away from a signer whose authority is built in")
		require.Len(t, r.Ignored, 60)
	})

	t.Run("a wrong signature is computed once", func(t *testing.T) {
		t.Parallel()
		twin := testsign.Certificate{CA: true, Subject: authorityName("bags root"), KeyType: testsign.P384}.SelfSigned()
		forged := testsign.Certificate{KeyType: testsign.P256, WrongSignature: true}.IssuedBy(root)
		candidates := append(slices.Repeat(parse(t, forged), 31), parse(t, signerUnder(root))...)
		r := believe(t, twin, root).Verify(candidates, nil, day)
		require.Equal(t, trust.CodePathFound, r.Path.Code, "31 copies of a forgery under two anchors of one name leave checks for the good one")
	})

	t.Run("many candidates", func(t *testing.T) {
		t.Parallel()
		var many []*x509.Certificate
		for range 1000 {
			many = append(many, genuine)
		}
		requireComplete(t, believe(t, root).Verify(many, many, day))
	})
}

func TestStoreRemembersSignaturesOnly(t *testing.T) {
	t.Parallel()
	root := authority("memory root")
	middle := intermediate("memory middle", nil, root)
	signer := signerUnder(middle)
	store := believe(t, root)
	require.Equal(t, 2, store.Checks(parse(t, signer)[0], parse(t, middle)))
	require.Equal(t, 0, store.Checks(parse(t, signer)[0], parse(t, middle)), "both signatures are remembered")
	require.Equal(t, 2, store.Remembered())

	late := verifyAt(t, store, day.AddDate(30, 0, 0), signer, middle)
	require.Equal(t, trust.CodeExpired, late.Validity.Code, "time is judged each time")
	require.Equal(t, trust.CodeNotYetValid, verifyAt(t, store, day.AddDate(-30, 0, 0), signer, middle).Validity.Code)

	forged := testsign.Certificate{KeyType: testsign.P256, WrongSignature: true}.IssuedBy(middle)
	for range 2 {
		require.Equal(t, 1, store.Checks(parse(t, forged)[0], parse(t, middle)), "failures are not remembered")
		require.Equal(t, trust.CodePathNone, verify(t, store, forged, middle).Path.Code)
	}
	require.Equal(t, 2, store.Remembered())
}

func TestStoreIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	w := newWorld()
	store := w.store(t)
	signer := parse(t, w.signer("pec.example.it", uno))
	bags := [][]*x509.Certificate{nil, parse(t, w.first), parse(t, w.third, w.second)}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 20 {
				r := store.Verify(signer, bags[(i+j)%len(bags)], day)
				if r.Path.Status != trust.Pass || r.Provider.Status != trust.Pass {
					t.Errorf("%s %s", r.Path.Detail, r.Provider.Detail)
				}
			}
		})
	}
	wg.Wait()
}
