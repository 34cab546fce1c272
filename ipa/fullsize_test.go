package ipa_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/ipa"
)

func TestFullSize(t *testing.T) {
	t.Parallel()
	s := full(t)
	require.Equal(t, 24_000, s.Len(ipa.KindBody))
	require.Equal(t, 45_000, s.Len(ipa.KindArea))
	require.Equal(t, 125_000, s.Len(ipa.KindOffice))
	require.Equal(t, 300_000, s.AddressCount())
	require.Zero(t, s.Manifest().DefectCount, "%v", s.Manifest().Defects)

	path := filepath.Join(t.TempDir(), "ipa.idx")
	require.NoError(t, s.Save(path))
	loaded, err := ipa.Load(path)
	require.NoError(t, err)
	units, addresses := 0, 0
	for body := range loaded.Bodies() {
		if loaded.Body(strings.ToUpper(body.Code())).First() != body {
			t.Fatalf("%s is not found", body.Code())
		}
		for unit := range body.Units() {
			units++
			if unit.Body() != body || loaded.Unit(unit.Code()).First() != unit {
				t.Fatalf("%s is not found", unit.Code())
			}
		}
	}
	require.Equal(t, 45_000+125_000, units)
	for e := range loaded.Entities() {
		for _, a := range e.Addresses() {
			addresses++
			found := false
			for _, o := range loaded.Address(strings.ToUpper(a.Text)).Owners {
				found = found || o.Entity == e
			}
			if !found {
				t.Fatalf("%s is not found", a.Text)
			}
		}
	}
	require.Equal(t, 300_000, addresses)
}

// TestImports keeps the registry, and with it the network, out of everything
// that verifies messages.
func TestImports(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-deps", "../pec", "../cmd/pecverify").CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "github.com/gopec/gopec/pec\n")
	require.NotContains(t, string(out), "github.com/gopec/gopec/ipa\n")
}
