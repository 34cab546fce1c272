package vectors_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/vectors"
)

// Every file is in the index and every entry of the index has its file, with
// the very bytes that the generator wrote: a tool that touched line ends would
// make vectors of other behaviour.
func TestIndexAndFiles(t *testing.T) {
	t.Parallel()
	listed := map[string]bool{}
	for v := range vectors.All() {
		require.Equal(t, "eml/"+v.ID+".eml", v.File)
		require.False(t, listed[v.File], "%s is listed twice", v.ID)
		listed[v.File] = true
		sum := sha256.Sum256(v.Mail())
		require.Equal(t, v.SHA256, hex.EncodeToString(sum[:]), "%s was changed", v.File)
	}
	for file := range vectors.Set().Anchors {
		listed[file] = true
	}
	require.Greater(t, len(listed), 100, "the set is not there")
	for name, files := range map[string]fs.FS{"embedded": vectors.Files(), "in the repository": os.DirFS(".")} {
		found := map[string]bool{}
		for _, dir := range []string{"eml", "trust"} {
			require.NoError(t, fs.WalkDir(files, dir, func(path string, d fs.DirEntry, err error) error {
				require.NoError(t, err)
				if !d.IsDir() {
					found[path] = true
				}
				return nil
			}))
		}
		require.Equal(t, listed, found, name)
	}
}

// What holds of every entry and a schema cannot say.
func TestIndexSays(t *testing.T) {
	t.Parallel()
	index := vectors.Set()
	require.Equal(t, vectors.Schema, index.Schema)
	known := map[string]bool{}
	for _, c := range pec.Checks() {
		known[string(c.ID)] = true
	}
	used := map[string]int{}
	reasons := map[string]string{}
	for v := range vectors.All() {
		for _, f := range v.Flags {
			require.Contains(t, index.Flags, f, "%s: a flag that is not explained", v.ID)
			used[f]++
		}
		for _, a := range v.Options.Trust {
			if a != "agid" {
				require.Contains(t, index.Anchors, a, v.ID)
				used[a]++
			}
		}
		require.Len(t, regexp.MustCompile(`[.?](\s|$)`).FindAllString(v.Reason, -1), 1, "%s: one sentence: %s", v.ID, v.Reason)
		reasons[v.Reason] = v.ID
		if v.Expected.Report != nil {
			requireSound(t, v.ID, *v.Expected.Report, known)
		}
	}
	for name := range index.Flags {
		require.NotZero(t, used[name], "flag %s is on no vector", name)
	}
	for name := range index.Anchors {
		require.NotZero(t, used[name], "%s is believed by no vector", name)
	}
}

// requireSound: an expectation that contradicts itself is a slip of the hand
// that wrote it.
func requireSound(t *testing.T, id string, r vectors.Report, known map[string]bool) {
	t.Helper()
	for _, check := range slices.Concat(r.Failed, r.Warned) {
		require.True(t, known[check], "%s: there is no check %s", id, check)
	}
	require.True(t, slices.IsSorted(r.Failed) && slices.IsSorted(r.Warned), id)
	require.Equal(t, r.Certified, r.Proves != "nothing", id)
	require.Equal(t, r.Certified, r.Verdict == "TOTAL-PASSED" && pec.Kind(r.Kind).Certifies(), id)
	require.Equal(t, r.Verdict == "TOTAL-PASSED" || r.Verdict == "", r.SubIndication == "", id)
	if r.Verdict == "TOTAL-PASSED" {
		require.Empty(t, r.Failed, id)
	} else if r.ReferenceTime != nil {
		require.NotEmpty(t, r.Failed, id)
	}
	for _, inner := range r.Layers {
		requireSound(t, id, inner, known)
	}
}

// Every row of the table of verdicts has a vector. Row 10 has none: no
// revocation data can be given yet.
func TestEveryRow(t *testing.T) {
	t.Parallel()
	have := map[string]bool{}
	for v := range vectors.All() {
		if r := v.Expected.Report; r != nil {
			have[strings.TrimSpace(string(r.Verdict)+" "+string(r.SubIndication))] = true
			have["kind "+r.Kind], have["proves "+r.Proves] = true, true
			for _, id := range slices.Concat(r.Failed, r.Warned) {
				have["check "+id] = true
			}
		} else {
			have[string(v.Expected.Error)] = true
		}
	}
	for _, want := range []string{
		"limit", "", "TOTAL-FAILED FORMAT_FAILURE", "INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE", "TOTAL-FAILED HASH_FAILURE",
		"INDETERMINATE NO_SIGNING_CERTIFICATE_FOUND", "TOTAL-FAILED SIG_CRYPTO_FAILURE", "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND",
		"INDETERMINATE CHAIN_CONSTRAINTS_FAILURE", "TOTAL-FAILED NOT_YET_VALID", "TOTAL-FAILED EXPIRED", "INDETERMINATE OUT_OF_BOUNDS_NO_POE",
		"INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE_NO_POE", "INDETERMINATE TRY_LATER", "INDETERMINATE SIG_CONSTRAINTS_FAILURE", "TOTAL-PASSED",
	} {
		require.True(t, have[want], "no vector for %q", want)
	}
	for _, kind := range []pec.Kind{pec.KindTransport, pec.KindAcceptance, pec.KindNonAcceptance, pec.KindTakingInCharge, pec.KindDelivery,
		pec.KindDeliveryError, pec.KindTimeout, pec.KindVirusDetection, pec.KindAnomaly, pec.KindOrdinary, pec.KindUnknown} {
		require.True(t, have["kind "+string(kind)], kind)
	}
	for _, p := range []pec.Proof{pec.ProvesNothing, pec.ProvesSent, pec.ProvesAccepted, pec.ProvesRefused, pec.ProvesTaken, pec.ProvesDelivered,
		pec.ProvesNotDelivered, pec.ProvesLate, pec.ProvesExpired, pec.ProvesLateOrExpired, pec.ProvesVirus} {
		require.True(t, have["proves "+string(p)], p)
	}
	// Checks whose data cannot be given yet, that inform and no more, or that
	// no message can fail: see docs/verdicts.md.
	never := []pec.CheckID{pec.CheckSecondOpinion, pec.CheckPolicy, pec.CheckDirectory, pec.CheckDomain, pec.CheckTimestamp}
	for _, c := range pec.Checks() {
		require.Equal(t, !slices.Contains(never, c.ID), have["check "+string(c.ID)], "check %s: does any vector fail it or warn?", c.ID)
	}
}

// The index has the form that its schema gives it, by two hands: strictly
// decoded here, and by Python's jsonschema.
func TestSchema(t *testing.T) {
	t.Parallel()
	b, err := fs.ReadFile(vectors.Files(), "index.json")
	require.NoError(t, err)
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	var index vectors.Index
	require.NoError(t, d.Decode(&index))
	again, err := json.Marshal(index)
	require.NoError(t, err)
	require.JSONEq(t, string(b), string(again), "every key is there, and null where there is no value")

	t.Run("python", func(t *testing.T) {
		t.Parallel()
		python := counterpart.Look(t, "python")
		if err := exec.Command(python, "-c", "import jsonschema").Run(); err != nil {
			counterpart.Missing(t, "python", "its module jsonschema is not installed")
		}
		const script = `
import json, sys, jsonschema
schema, index = json.load(open("schema.json")), json.load(open("index.json"))
v = jsonschema.Draft202012Validator(schema)
jsonschema.Draft202012Validator.check_schema(schema)
for e in v.iter_errors(index): sys.exit(str(e)[:2000])
# A schema that accepts anything would prove nothing.
def refused(change):
    other = json.loads(json.dumps(index)); change(other)
    if v.is_valid(other): sys.exit("accepted after a change")
refused(lambda i: i["vectors"][0].pop("reason"))
refused(lambda i: i["vectors"][0]["expected"]["report"].update(kind="consegna"))
refused(lambda i: i["vectors"][0]["expected"].update(exit=1))
refused(lambda i: i["vectors"][0]["options"].update(at="yesterday"))
refused(lambda i: i.update(vectors=[]))
`
		out, err := exec.Command(python, "-c", script).CombinedOutput()
		require.NoError(t, err, "%s", out)
	})
}
