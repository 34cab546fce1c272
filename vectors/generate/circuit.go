package main

import (
	"crypto"
	"crypto/sha256"
	"math/big"
	"time"

	"github.com/gopec/gopec/internal/testsign"
)

// circuit is the authority with a sender's and a recipient's provider.
type circuit struct{ root, one, two *testsign.Identity }

const (
	organizationOne = "Gestore Uno di prova S.p.A."
	organizationTwo = "Gestore Due di prova S.p.A."
	noValue         = "Posta certificata di prova - NO LEGAL VALUE"
)

var (
	longFrom  = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	longUntil = time.Date(2055, 12, 31, 0, 0, 0, 0, time.UTC)
)

func newCircuit() *circuit {
	c := &circuit{}
	c.root = authority("PEC TEST CA - NO LEGAL VALUE", testsign.Certificate{
		NameConstraints: &testsign.NameConstraints{Permitted: []testsign.Subtree{
			{Email: "pec.example.it"}, {Email: "pec.example.com"},
			{Directory: testsign.NewName(organizationOne, "")}, {Directory: testsign.NewName(organizationTwo, "")},
		}},
	})
	c.one = c.leaf("one", testsign.Certificate{Key: keyOne()})
	c.two = c.leaf("two", testsign.Certificate{
		Subject: testsign.NewName(organizationTwo, noValue), Addresses: []string{serviceTwo}, Key: testsign.Key(testsign.RSA2048, "two"),
	})
	return c
}

func keyOne() crypto.Signer { return testsign.Key(testsign.RSA2048, "one") }

// authority makes an authority of that name.
func authority(name string, c testsign.Certificate) *testsign.Identity {
	c.CA = true
	if c.Subject == nil {
		c.Subject = testsign.NewName("PEC TEST", name)
	}
	return long(name, c).SelfSigned()
}

// long fills in the validity and a serial number that depends on the label.
func long(label string, c testsign.Certificate) testsign.Certificate {
	if c.NotBefore.IsZero() {
		c.NotBefore = longFrom
	}
	if c.NotAfter.IsZero() {
		c.NotAfter = longUntil
	}
	if c.Serial == nil && c.SerialOctets == nil {
		sum := sha256.Sum256([]byte(label))
		sum[0] = 0x40 | sum[0]&0x3f
		c.Serial = new(big.Int).SetBytes(sum[:16])
	}
	return c
}

// leaf is a certificate of the sender's provider under the authority of the
// circuit, different from the usual one in the given fields. It has the usual
// key unless the fields say otherwise.
func (c *circuit) leaf(label string, changes testsign.Certificate) *testsign.Identity {
	return leafOf(c.root, label, changes)
}

func leafOf(issuer *testsign.Identity, label string, c testsign.Certificate) *testsign.Identity {
	if c.Subject == nil {
		c.Subject = testsign.NewName(organizationOne, noValue)
	}
	if c.Key == nil && c.KeyType == "" {
		c.Key = keyOne()
	}
	return long(label, c).IssuedBy(issuer)
}

// leafTwo is a certificate that says of itself to be the recipient's provider's.
func leafTwo(issuer *testsign.Identity, label string) *testsign.Identity {
	return leafOf(issuer, label, testsign.Certificate{
		Subject: testsign.NewName(organizationTwo, noValue), Addresses: []string{serviceTwo}, Key: testsign.Key(testsign.RSA2048, "forger"),
	})
}
