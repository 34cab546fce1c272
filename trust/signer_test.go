package trust_test

import (
	"crypto/x509"
	"encoding/asn1"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/trust"
)

// signerCase is the signer of something else than mail.
type signerCase struct {
	name, reason string
	signer       *testsign.Identity
	store        *trust.Store
	at           time.Time
	failed       []string
}

func signerCases(t testing.TB, root *testsign.Identity) []signerCase {
	other := authority("signer other root")
	manager := func(c testsign.Certificate) *testsign.Identity {
		c.Subject = testsign.NewName("Prova, nessun valore legale", "PEC TEST DIRECTORY - NO LEGAL VALUE")
		c.KeyType, c.Addresses, c.Policies = testsign.P256, []string{}, []asn1.ObjectIdentifier{}
		if c.ExtKeyUsage == nil {
			c.Omit = append(c.Omit, testsign.OIDExtKeyUsage)
		}
		return c.IssuedBy(root)
	}
	return []signerCase{
		{name: "good", reason: "no address and no policy are needed", signer: manager(testsign.Certificate{})},
		{name: "a provider", reason: "may sign its own records", signer: signerUnder(root)},
		{name: "another purpose", reason: "nothing says which one this is", signer: manager(testsign.Certificate{ExtKeyUsage: []asn1.ObjectIdentifier{testsign.OIDTimeStamping}})},
		{name: "no key usage", reason: "not limited", signer: manager(testsign.Certificate{Omit: []asn1.ObjectIdentifier{testsign.OIDKeyUsage}})},
		{name: "for encryption", reason: "the key does not sign", signer: manager(testsign.Certificate{KeyUsage: x509.KeyUsageKeyEncipherment}),
			failed: []string{trust.CodeSignerKeyUsageOther}},
		{name: "the authority", reason: "signs certificates", signer: root, failed: []string{trust.CodeSignerKeyUsageOther, trust.CodeProfileCA}},
		{name: "expired", reason: "was valid earlier", signer: manager(testsign.Certificate{}), at: testsign.Instant.AddDate(50, 0, 0),
			failed: []string{trust.CodeExpired}},
		{name: "no path", reason: "another authority", signer: manager(testsign.Certificate{}), store: believe(t, other), failed: []string{trust.CodePathNone}},
	}
}

// The signer of something else than mail: what is asked of a provider is not,
// and what makes a signature a signature is.
func TestVerifySigner(t *testing.T) {
	t.Parallel()
	root := authority("signer root")
	for _, c := range signerCases(t, root) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			store, at := c.store, c.at
			if store == nil {
				store = believe(t, root)
			}
			if at.IsZero() {
				at = testsign.Instant
			}
			r := store.VerifySigner(parse(t, c.signer), nil, at)
			requireComplete(t, r)
			require.ElementsMatch(t, append([]string{}, c.failed...), failures(r), c.reason)
			require.Equal(t, trust.CodeSignerAny, r.Provider.Code)
		})
	}
	none := believe(t, root).VerifySigner(nil, nil, testsign.Instant)
	require.Equal(t, trust.CodePathNoCandidate, none.Path.Code)
}
