package cms_test

import (
	"bytes"
	"crypto"
	"errors"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/cms"
)

// seeds are good signatures and every edit of the tables that hold the rules.
func seeds(t testing.TB) (all [][]byte) {
	for _, rules := range [][]rule{contentRules, signerRules, attributeRules, trailingRules, algorithmRules, bagRules} {
		for _, r := range rules {
			d := newDocument(t, rsaSigner())
			r.edit(d)
			if !r.keep {
				d.resign()
			}
			all = append(all, d.root.der())
		}
	}
	require.NotEmpty(t, all)
	return append(all, ecSigner().sign(t), indefinite(newDocument(t, rsaSigner()).root))
}

// indefinite writes a node with indefinite lengths wherever it can.
func indefinite(n *node) []byte {
	if n.tag&0x20 == 0 {
		return n.der()
	}
	out := []byte{n.tag, 0x80}
	for _, k := range n.kids {
		out = append(out, indefinite(k)...)
	}
	return append(out, 0, 0)
}

func TestBERGivesTheSame(t *testing.T) {
	t.Parallel()
	d := newDocument(t, rsaSigner())
	s, err := cms.Parse(indefinite(d.root), cms.Detached)
	require.NoError(t, err)
	require.True(t, s.BER)
	require.Equal(t, d.root.der(), s.DER)
	require.Empty(t, s.Problems)
	require.Nil(t, s.CheckDigest(sum256(content)))
	found, problem := s.Signers()
	require.Nil(t, problem)
	require.Equal(t, rsaSigner().certificate.Raw, found[0].Raw)

	d.root.add(null())
	s, err = cms.Parse(indefinite(d.root), cms.Detached)
	require.NoError(t, err)
	require.Equal(t, -1, s.Problems[0].Offset, "no place in the input is known after a conversion")
}

// FuzzParse: no input makes a panic or costs memory out of proportion; what is
// good has a signer, a digest and signed attributes with that digest inside; an
// error is a Problem of C1 or C7.
//
// Run it with -fuzzminimizetime 50x: the arithmetic takes ways that differ from
// run to run, so that minimizing by coverage does not end.
func FuzzParse(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s, false)
	}
	f.Add(indefinite(newDocument(f, rsaSigner()).root), true)
	f.Fuzz(func(t *testing.T, b []byte, opaque bool) {
		p := cms.Detached
		if opaque {
			p = cms.Opaque
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		s, err := cms.Parse(b, p)
		var found int
		var problem, digest *cms.Problem
		if err == nil {
			signers, p := s.Signers()
			found, problem = len(signers), p
			digest = s.CheckDigest(sum256(content))
			s.Certificates()
			s.Skipped()
		}
		runtime.ReadMemStats(&after)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(100*len(b)+4<<20))

		if err != nil {
			p, ok := errors.AsType[*cms.Problem](err)
			require.True(t, ok)
			require.Contains(t, []cms.Check{cms.CheckEncoding, cms.CheckStructure}, p.Check)
			require.LessOrEqual(t, p.Offset, len(b))
			return
		}
		require.Equal(t, s.BER, !bytes.Equal(b, s.DER))
		for _, p := range s.Problems {
			require.LessOrEqual(t, p.Offset, len(b))
		}
		if problem == nil {
			require.NotZero(t, found)
			require.Empty(t, s.Problems)
			require.NotZero(t, s.Digest)
			require.NotEqual(t, crypto.MD5, s.Digest)
			require.NotEmpty(t, s.SignedAttributes())
			if digest == nil {
				require.Contains(t, string(s.SignedAttributes()), string(sum256(content)))
			}
		}
	})
}
