package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/vectors"
)

var built = sync.OnceValue(build)

// The set in the repository is the one that the tables here describe: ids,
// reasons, flags, options and expectations are the same, and only the bytes of
// the messages differ, because the keys do.
func TestCommittedSetIsThisOne(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, write(dir, built()))
	b, err := os.ReadFile(filepath.Join(dir, "index.json"))
	require.NoError(t, err)
	var made vectors.Index
	require.NoError(t, json.Unmarshal(b, &made))
	committed := *vectors.Set()
	require.Equal(t, committed.Clock, made.Clock)
	require.Equal(t, committed.Anchors, made.Anchors)
	require.Equal(t, committed.Flags, made.Flags)
	require.Len(t, made.Vectors, len(committed.Vectors))
	for i, v := range made.Vectors {
		want := committed.Vectors[i]
		require.NotEqual(t, want.SHA256 == v.SHA256, hasKeys(want), "%s: signed messages have other keys, others the same bytes", v.ID)
		v.SHA256 = want.SHA256
		require.Equal(t, want, v, "go generate ./vectors, and commit what it writes")
	}
	for _, a := range []string{"eml", "trust"} {
		files, err := os.ReadDir(filepath.Join(dir, a))
		require.NoError(t, err)
		require.NotEmpty(t, files)
	}
}

// hasKeys tells whether a vector holds a signature or a certificate, so that its
// bytes are new each time.
func hasKeys(v vectors.Vector) bool {
	unsigned := map[string]bool{
		"kind-ordinary": true, "unsigned-claims": true, "unsigned-with-signature-attached": true, "unsigned-encrypted": true,
		"unsigned-subject-only": true, "unsigned-headers-only": true, "limit-nesting-below": true, "limit-nesting-above": true,
		"limit-nesting-above-signed": true, "limit-signature-depth-below": true, "limit-signature-depth-above": true,
		"cms-empty": true, "cms-text": true, "cut-before-signature": true, "cut-in-signature-header": true, "cut-in-signed-part": true, "cut-in-header": true,
	}
	return !unsigned[v.ID]
}

// Within one process the keys stay, and then the bytes do, too: nothing of a
// clock or of chance is in them.
func TestSameKeysSameBytes(t *testing.T) {
	t.Parallel()
	one, two := built(), build()
	require.Len(t, two.vectors, len(one.vectors))
	for i := range one.vectors {
		require.Equal(t, string(one.vectors[i].mail), string(two.vectors[i].mail), one.vectors[i].ID)
	}
}

// The private keys are nowhere in what is written.
func TestNoPrivateKeys(t *testing.T) {
	t.Parallel()
	for _, a := range built().anchors {
		require.NotContains(t, string(a.id.PEM()), "PRIVATE")
		require.Contains(t, a.id.X509().Subject.CommonName, "NO LEGAL VALUE")
	}
}
