package vectors_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/vectors"
)

// document is what is compared of one layer in the JSON of a report.
type document struct {
	Path             string
	Kind             string
	Certified        *bool
	Proves           string
	Verdict          *string
	SubIndication    *string
	ProofOfExistence string
	Policy           string
	ReferenceTime    *struct{ Time, Source string }
	Data             map[string]any
	Checks           []struct{ ID, Status string }
	Layers           []document
}

// requireExpected compares a report, or the code of an error, with what the
// vector expects.
func requireExpected(t *testing.T, v vectors.Vector, report []byte, code, by string) {
	t.Helper()
	say := by + ": " + v.ID + ": " + v.Reason
	require.Equal(t, string(v.Expected.Error), code, say)
	if v.Expected.Report == nil {
		require.Nil(t, report, say)
		return
	}
	var d document
	require.NoError(t, json.Unmarshal(report, &d))
	require.Equal(t, v.Options.Policy, d.Policy, say)
	requireLayer(t, *v.Expected.Report, d, say)
}

func requireLayer(t *testing.T, want vectors.Report, got document, say string) {
	t.Helper()
	if want.Path != "" {
		say += " (layer " + want.Path + ")"
	}
	require.NotNil(t, got.Certified, say)
	requireData(t, want.Data, got.Data, say)
	require.Equal(t, want, flat(want, got), say)
	require.Len(t, got.Layers, len(want.Layers), say)
	for i, layer := range want.Layers {
		requireLayer(t, layer, got.Layers[i], say)
	}
}

// flat brings a report into the form of an expectation: checks by status, and
// of the time and the data only what the expectation has. The layers are
// compared one by one.
func flat(want vectors.Report, got document) vectors.Report {
	r := vectors.Report{
		Path: got.Path, Kind: got.Kind, Certified: *got.Certified, Proves: got.Proves, Verdict: nullable(got.Verdict),
		SubIndication: nullable(got.SubIndication), ProofOfExistence: got.ProofOfExistence,
		Failed: []string{}, Warned: []string{}, Data: want.Data, Layers: want.Layers,
	}
	for _, c := range got.Checks {
		switch c.Status {
		case "fail":
			r.Failed = append(r.Failed, c.ID)
		case "warn":
			r.Warned = append(r.Warned, c.ID)
		}
	}
	slices.Sort(r.Failed)
	slices.Sort(r.Warned)
	if at := got.ReferenceTime; at != nil {
		r.ReferenceTime = &vectors.ReferenceTime{Time: vectors.Nullable(at.Time), Source: at.Source}
		if at.Source == "now" {
			r.ReferenceTime.Time = "" // whatever it is
		}
	}
	return r
}

// requireData: there are data or none, and what the expectation lists is in
// them.
func requireData(t *testing.T, want, got map[string]any, say string) {
	t.Helper()
	require.Equal(t, want == nil, got == nil, "%s: data: %v", say, got)
	for key, value := range want {
		reported, ok := got[key]
		require.True(t, ok, "%s: data.%s is not there", say, key)
		require.Equal(t, value, reported, "%s: data.%s", say, key)
	}
}

func nullable(s *string) vectors.Nullable {
	if s == nil {
		return ""
	}
	return vectors.Nullable(*s)
}
