package trust

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"math/big"
	"slices"
	"time"
)

// authority is an authority of the PEC circuit, held as facts: its key and its
// name, and not a certificate. It has no intermediate authorities: its
// certificates have pathLenConstraint 0.
type authority struct {
	title   string // what people call it
	subject name
	key     crypto.PublicKey
	keyHash hash

	// Who issued the authority's own certificates. Its key is known either
	// itself, or by hash if it comes along in the bag.
	parent        name
	parentKey     crypto.PublicKey
	parentKeyHash hash

	generations []generation // oldest first
	// policy that a signer's certificate has to name.
	policy asn1.ObjectIdentifier
	// listsProviders: every generation carries constraints that name the
	// providers. Without them the provider is whoever the subject names.
	listsProviders bool
}

// generation is one certificate of an authority; all of them hold one key.
type generation struct {
	certificate         hash
	notBefore, notAfter time.Time
	constraints         *constraints // nil if it has none
}

// name of a generation: the day it begins.
func (g generation) day() string { return g.notBefore.Format(time.DateOnly) }

func (g generation) validAt(at time.Time) bool {
	return !at.Before(g.notBefore) && !at.After(g.notAfter)
}

// known returns the generation with that certificate.
func (a *authority) known(certificate hash) (generation, bool) {
	i := slices.IndexFunc(a.generations, func(g generation) bool { return g.certificate == certificate })
	if i < 0 {
		return generation{}, false
	}
	return a.generations[i], true
}

// begins returns the beginning of the oldest authority that is built in.
// Messages before it were signed under an authority that nobody could find.
func begins() time.Time { return digitPA().generations[0].notBefore }

// rsaKey makes a public key of a modulus in hex, exponent 65537.
func rsaKey(modulus string) (*rsa.PublicKey, hash) {
	n, ok := new(big.Int).SetString(modulus, 16)
	if !ok {
		panic("trust: malformed constant")
	}
	key := &rsa.PublicKey{N: n, E: 65537}
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		panic(err) // an RSA key always has a form
	}
	return key, sha256.Sum256(der)
}

// fromHex reads a SHA-256 in hex.
func fromHex(s string) (h hash) {
	if n, err := hex.Decode(h[:], []byte(s)); err != nil || n != len(h) {
		panic("trust: malformed constant")
	}
	return h
}

// utc reads a time as constants write it.
func utc(s string) time.Time {
	t, err := time.Parse(time.DateTime, s)
	if err != nil {
		panic(err) // only ever called with constants
	}
	return t
}
