package gopec_test

import (
	"encoding/json"
	"os/exec"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// direct are the modules that docs/decisions/0001-dependencies.md gives a
// reason for.
var direct = []string{
	"github.com/beevik/etree",
	"github.com/emersion/go-message",
	"github.com/rogpeppe/go-internal",
	"github.com/stretchr/testify",
	"go.mozilla.org/pkcs7",
	"golang.org/x/crypto",
}

// TestDirectDependencies keeps the list short.
func TestDirectDependencies(t *testing.T) {
	t.Parallel()
	require.Contains(t, moduleFiles(t), "go.mod")
	out, err := exec.Command("go", "mod", "edit", "-json").Output()
	require.NoError(t, err)
	var mod struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	require.NoError(t, json.Unmarshal(out, &mod))
	var required []string
	for _, r := range mod.Require {
		if !r.Indirect {
			required = append(required, r.Path)
		}
	}
	slices.Sort(required)
	require.Equal(t, direct, required)
}
