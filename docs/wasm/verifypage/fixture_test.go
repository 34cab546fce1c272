package verifypage_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/docs/wasm/verifypage"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/vectors"
)

// requestFor asks what a vector asks.
func requestFor(t *testing.T, v vectors.Vector) *verifypage.Request {
	t.Helper()
	q := &verifypage.Request{Name: v.File, Policy: pec.Policy(v.Options.Policy)}
	for _, anchor := range v.Options.Trust {
		if anchor != "agid" {
			text, err := fs.ReadFile(vectors.Files(), anchor)
			require.NoError(t, err)
			anchor = string(text)
		}
		q.Trust = append(q.Trust, anchor)
	}
	if v.Options.At != "certified" {
		q.At = v.Options.At
	}
	if v.Options.Clock != "any" {
		q.Clock = v.Options.Clock
	}
	return q
}

// results verifies bytes under a request.
func results(t *testing.T, q *verifypage.Request, data []byte) []*verifypage.Result {
	t.Helper()
	var all []*verifypage.Result
	summary, err := q.Verify(t.Context(), bytes.NewReader(data), int64(len(data)), func(r *verifypage.Result) bool {
		all = append(all, r)
		return true
	})
	require.NoError(t, err)
	require.Equal(t, len(all), summary.Messages)
	return all
}

// one verifies a file that holds one message.
func one(t *testing.T, q *verifypage.Request, data []byte) *verifypage.Result {
	t.Helper()
	all := results(t, q, data)
	require.Len(t, all, 1)
	return all[0]
}

// vector returns a vector by its id.
func vector(t *testing.T, id string) vectors.Vector {
	t.Helper()
	for v := range vectors.All() {
		if v.ID == id {
			return v
		}
	}
	require.Fail(t, "no such vector", id)
	return vectors.Vector{}
}

// command builds pecverify.
func command(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "pecverify.exe")
	out, err := exec.Command("go", "build", "-o", program, "github.com/gopec/gopec/cmd/pecverify").CombinedOutput()
	require.NoError(t, err, "%s", out)
	return program
}

// decoded is JSON as values.
func decoded(t *testing.T, line string) map[string]any {
	t.Helper()
	var m map[string]any
	require.NoError(t, json.Unmarshal([]byte(line), &m))
	return m
}
