package account_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/cmd/pecbox/internal/account"
	"github.com/gopec/gopec/pectest"
)

func TestLogin(t *testing.T) {
	t.Parallel()
	d := account.NewDirectory(pectest.Start(t), "pectest")
	for _, c := range []struct {
		name, password string
		role           account.Role
	}{
		{"mittente@pec.example.it", "pectest", account.RoleUser},
		{"MITTENTE@PEC.EXAMPLE.IT", "pectest", account.RoleUser},
		{"late12h@pec.example.com", "pectest", account.RoleUser},
		{"servizio@beta.example.com", "pectest", account.RoleService},
		{"quarantena@beta.example.com", "pectest", account.RoleQuarantine},
		{"outside", "pectest", account.RoleOutside},
		{"mittente@pec.example.it", "pectest ", ""},
		{"mittente@pec.example.it", "", ""},
		{"nobody@pec.example.it", "pectest", ""},
		{"", "pectest", ""},
	} {
		a := d.Login(c.name, c.password)
		if c.role == "" {
			require.Nil(t, a, "%q %q", c.name, c.password)
			continue
		}
		require.NotNil(t, a, c.name)
		require.Equal(t, c.role, a.Role)
	}
	require.Len(t, d.All(), 4+4+4+1)
}

// TestDeclaredMagic: a user may be called like a fault, and is one account.
func TestDeclaredMagic(t *testing.T) {
	t.Parallel()
	c := pectest.Start(t, pectest.WithProvider("alfa.example.it", pectest.WithDomain("pec.example.it", "late12h")))
	d := account.NewDirectory(c, "x")
	seen := make(map[string]int)
	for _, a := range d.All() {
		seen[a.Name]++
	}
	require.Equal(t, 1, seen["late12h@pec.example.it"])
}
