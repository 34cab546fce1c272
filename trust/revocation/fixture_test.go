package revocation_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/cms"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/trust"
	"github.com/gopec/gopec/trust/revocation"
)

// What the tests here share: an authority, a signer under it, and a day. What
// evidence means for a verdict is tested in package pec, through pec.Verify.

var day = testsign.Instant

func root() *testsign.Identity { return testsign.NewCircle().Root }

func signer(extra ...testsign.Extension) *testsign.Identity {
	return testsign.Certificate{KeyType: testsign.P256, Subject: testsign.NewName("Gestore Uno S.p.A.", "Firmatario - NO LEGAL VALUE"), Extra: extra}.IssuedBy(root())
}

// linkOf is the link of a certificate as a bare key of the authority gives it.
func linkOf(t testing.TB, c *testsign.Identity) trust.Link {
	t.Helper()
	parsed, err := cms.ParseCertificate(c.DER)
	require.NoError(t, err)
	issuer := c.Issuer.X509()
	return trust.Link{Certificate: parsed, Issuer: "CA di prova", IssuerName: parsed.RawIssuer, IssuerKey: issuer.PublicKey, IssuerSPKI: issuer.RawSubjectPublicKeyInfo}
}

func goodList(revoked ...testsign.Revoked) []byte {
	return testsign.List{Number: 1, ThisUpdate: day.Add(time.Hour), NextUpdate: day.AddDate(0, 1, 0), Revoked: revoked}.SignedBy(root())
}

func goodResponse(c *testsign.Identity, change func(*testsign.Response)) []byte {
	r := testsign.Response{ProducedAt: day.Add(time.Hour), Statuses: []testsign.CertificateStatus{{Certificate: c, ThisUpdate: day.Add(time.Hour)}}}
	if change != nil {
		change(&r)
	}
	return r.SignedBy(root())
}

// check is what one piece of evidence says of a certificate a day later.
func check(t testing.TB, d *revocation.Data, c *testsign.Identity) *revocation.Answer {
	t.Helper()
	return d.Check(linkOf(t, c), day, day.AddDate(0, 0, 1))
}
