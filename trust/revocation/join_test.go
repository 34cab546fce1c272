package revocation_test

import (
	"encoding/asn1"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/trust/revocation"
)

// dataOf is a Data with a list that revokes some certificates.
func dataOf(t testing.TB, name string, revoked ...*testsign.Identity) *revocation.Data {
	t.Helper()
	var entries []testsign.Revoked
	for _, c := range revoked {
		entries = append(entries, testsign.Revoked{Certificate: c, Time: day.Add(-time.Hour)})
	}
	var d revocation.Data
	require.NoError(t, d.AddCRL(name, goodList(entries...)))
	return &d
}

// What is added to a copy is not in what it was copied from, nor in another copy;
// what was there before is in all.
func TestClone(t *testing.T) {
	t.Parallel()
	one := signer()
	two := testsign.Certificate{KeyType: testsign.P256, Subject: testsign.NewName("Gestore Due S.p.A.", "Firmatario")}.IssuedBy(root())
	original := dataOf(t, "prima")
	require.NoError(t, original.AddOCSP("stato", goodResponse(one, nil)))
	// Several copies of several lengths: an append that finds room in a shared array
	// would show in another one.
	for range 3 {
		a, b := original.Clone(), original.Clone()
		require.NoError(t, a.AddCRL("a", goodList(testsign.Revoked{Certificate: one, Time: day.Add(-time.Hour)})))
		require.NoError(t, b.AddCRL("b", goodList(testsign.Revoked{Certificate: two, Time: day.Add(-time.Hour)})))
		require.NoError(t, b.AddOCSP("b", goodResponse(two, nil)))
		require.Equal(t, []int{original.Len() + 1, original.Len() + 2}, []int{a.Len(), b.Len()})
		require.Equal(t, revocation.Revoked, check(t, a, one).State)
		require.Equal(t, revocation.Good, check(t, a, two).State)
		require.Equal(t, revocation.Good, check(t, b, one).State)
		require.Equal(t, revocation.Revoked, check(t, b, two).State)
		require.Equal(t, revocation.Good, check(t, original, one).State)
		require.Equal(t, revocation.Good, check(t, original, two).State)
		require.NoError(t, original.AddCRL("ancora", goodList()))
		require.Len(t, check(t, a, two).Used, a.Len()-1, "the response is about another")
	}
	var none *revocation.Data
	empty := none.Clone()
	require.Zero(t, empty.Len())
	require.NoError(t, empty.AddCRL("dopo", goodList()))
	require.Equal(t, 1, empty.Len())
}

// Joined data know what both know, the worst first, and change neither.
func TestJoin(t *testing.T) {
	t.Parallel()
	c := signer()
	good, revoked := dataOf(t, "buono"), dataOf(t, "revocato", c)
	var none *revocation.Data
	for _, d := range []struct {
		reason string
		a, b   *revocation.Data
		len    int
		state  revocation.State
	}{
		{"good first", good, revoked, 2, revocation.Revoked},
		{"good last", revoked, good, 2, revocation.Revoked},
		{"with itself", revoked, revoked, 2, revocation.Revoked},
		{"nil first", none, good, 1, revocation.Good},
		{"nil last", good, none, 1, revocation.Good},
		{"empty last", good, &revocation.Data{}, 1, revocation.Good},
		{"both nil", none, none, 0, revocation.NotChecked},
	} {
		all, err := d.a.Join(d.b)
		require.NoError(t, err, d.reason)
		require.Equal(t, d.len, all.Len(), d.reason)
		require.Equal(t, d.state, check(t, all, c).State, d.reason)
		require.NoError(t, all.AddCRL("dopo", goodList(testsign.Revoked{Certificate: c, Time: day.Add(-2 * time.Hour)})), d.reason)
		require.Equal(t, revocation.Good, check(t, good, c).State, "%s: what was joined is as it was", d.reason)
		require.Equal(t, 1, revoked.Len(), d.reason)
	}
}

// Both limits hold for what is joined, just below and just above.
func TestJoinLimits(t *testing.T) {
	t.Parallel()
	lists := func(n int, b []byte) *revocation.Data {
		var d revocation.Data
		for i := range n {
			require.NoError(t, d.AddCRL(fmt.Sprint(i), b))
		}
		return &d
	}
	small := goodList()
	half := lists(revocation.MaxItems/2, small)
	all, err := half.Join(half)
	require.NoError(t, err)
	require.Equal(t, revocation.MaxItems, all.Len())
	require.ErrorIs(t, all.AddCRL("uno di troppo", small), revocation.ErrItems)
	_, err = all.Join(lists(1, small))
	require.ErrorIs(t, err, revocation.ErrItems)
	_, err = (&revocation.Data{}).Join(all)
	require.NoError(t, err)

	entry := testsign.List{ThisUpdate: day, NextUpdate: day.Add(time.Hour)}
	large := entry
	large.Extra = []testsign.Extension{{OID: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 1}, Value: make([]byte, revocation.MaxCRLSize-4096)}}
	// Four lists of nearly the largest size fit, and what is left does not hold a fifth.
	b := large.SignedBy(root())
	require.LessOrEqual(t, len(b), revocation.MaxCRLSize)
	two := lists(2, b)
	four, err := two.Join(two)
	require.NoError(t, err)
	left := revocation.MaxTotal - 4*len(b)
	fits := func(size int) *revocation.Data {
		l := entry
		l.Extra = []testsign.Extension{{OID: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 1}, Value: make([]byte, 32768)}}
		over := len(l.SignedBy(root())) - size
		l.Extra[0].Value = l.Extra[0].Value[:32768-over]
		der := l.SignedBy(root())
		require.Len(t, der, size)
		return lists(1, der)
	}
	_, err = four.Join(fits(left))
	require.NoError(t, err, "to the last byte")
	_, err = four.Join(fits(left + 1))
	require.ErrorIs(t, err, revocation.ErrTotal)
}

// Copies and what is joined are used at once with what they share.
func TestJoinConcurrently(t *testing.T) {
	t.Parallel()
	c := signer()
	base := dataOf(t, "comune", c)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 20 {
				copied := base.Clone()
				if err := copied.AddCRL("proprio", goodList()); err != nil {
					t.Error(err)
				}
				joined, err := base.Join(copied)
				if err != nil {
					t.Error(err)
					return
				}
				if s := check(t, joined, c).State; s != revocation.Revoked {
					t.Error(s)
				}
			}
		})
	}
	all.Wait()
}
