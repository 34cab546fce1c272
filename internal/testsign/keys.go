package testsign

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"sync"
)

// KeyType is a kind of key that [Key] makes.
type KeyType string

// The key types. RSA512 is made and used by this package's own arithmetic,
// because crypto/rsa refuses it.
const (
	RSA512  KeyType = "rsa-512"
	RSA1024 KeyType = "rsa-1024"
	RSA2048 KeyType = "rsa-2048"
	RSA3072 KeyType = "rsa-3072"
	RSA4096 KeyType = "rsa-4096"
	P256    KeyType = "p-256"
	P384    KeyType = "p-384"
	P521    KeyType = "p-521"
	Ed25519 KeyType = "ed25519"
)

// keys holds a function for each key, so that two goroutines that want
// different keys do not wait for each other.
var keys sync.Map // keyID to func() crypto.Signer

type keyID struct {
	kind KeyType
	name string
}

// Key returns the key of that type and name: the same one for the same
// arguments during the life of the process. An RSA-2048 key takes about 0.1 s
// the first time, RSA-4096 seconds.
func Key(t KeyType, name string) crypto.Signer {
	make := sync.OnceValue(func() crypto.Signer { return newKey(t) })
	once, _ := keys.LoadOrStore(keyID{t, name}, make)
	return once.(func() crypto.Signer)()
}

func newKey(t KeyType) crypto.Signer {
	switch t {
	case RSA512:
		return newSmallRSA(512)
	case RSA1024:
		return must(rsa.GenerateKey(rand.Reader, 1024))
	case RSA2048:
		return must(rsa.GenerateKey(rand.Reader, 2048))
	case RSA3072:
		return must(rsa.GenerateKey(rand.Reader, 3072))
	case RSA4096:
		return must(rsa.GenerateKey(rand.Reader, 4096))
	case P256:
		return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	case P384:
		return must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))
	case P521:
		return must(ecdsa.GenerateKey(elliptic.P521(), rand.Reader))
	case Ed25519:
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return must(key, err)
	}
	panic("testsign: unknown key type " + string(t))
}

// signBytes signs a message with a key. The hash is not used for Ed25519.
func signBytes(key crypto.Signer, hash crypto.Hash, pss bool, message []byte) []byte {
	if _, ok := key.Public().(ed25519.PublicKey); ok {
		return must(key.Sign(nil, message, crypto.Hash(0)))
	}
	h := hash.New()
	h.Write(message)
	digest := h.Sum(nil)
	switch {
	case pss:
		opts := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: hash}
		return must(key.Sign(zeros{}, digest, opts))
	default:
		// Without a source of random numbers crypto/ecdsa signs as RFC 6979
		// says: the same signature each time.
		return must(key.Sign(nil, digest, hash))
	}
}

// zeros gives the salt of RSASSA-PSS, which need not be random to be verified.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// smallRSA signs with RSA keys that crypto/rsa finds too short.
type smallRSA struct {
	public rsa.PublicKey
	d      *big.Int
}

func newSmallRSA(bits int) *smallRSA {
	e := big.NewInt(65537)
	one := big.NewInt(1)
	for {
		p, q := must(rand.Prime(rand.Reader, bits/2)), must(rand.Prime(rand.Reader, bits/2))
		n := new(big.Int).Mul(p, q)
		phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		d := new(big.Int).ModInverse(e, phi)
		if d != nil && n.BitLen() == bits && p.Cmp(q) != 0 {
			return &smallRSA{rsa.PublicKey{N: n, E: 65537}, d}
		}
	}
}

func (k *smallRSA) Public() crypto.PublicKey { return &k.public }

// Sign is RSASSA-PKCS1-v1_5. spec: RFC 8017 §8.2.1, §9.2
func (k *smallRSA) Sign(_ io.Reader, digest []byte, o crypto.SignerOpts) ([]byte, error) {
	info := sequence(sequence(oid(digestOID(o.HashFunc())), null()), octets(digest))
	size := (k.public.N.BitLen() + 7) / 8
	if len(info)+11 > size {
		return nil, fmt.Errorf("%v does not fit into RSA-%d", o.HashFunc(), k.public.N.BitLen())
	}
	block := make([]byte, size)
	for i := 1; i < size-len(info)-1; i++ {
		block[i] = 0xff
	}
	block[1] = 1
	copy(block[size-len(info):], info)
	s := new(big.Int).Exp(new(big.Int).SetBytes(block), k.d, k.public.N)
	return s.FillBytes(make([]byte, size)), nil
}

// spkiOf writes the subjectPublicKeyInfo of a key.
func spkiOf(public crypto.PublicKey) []byte {
	if k, ok := public.(*rsa.PublicKey); ok {
		return rsaSPKI(k.N, big.NewInt(int64(k.E)))
	}
	return must(x509.MarshalPKIXPublicKey(public))
}

func rsaSPKI(n, e *big.Int) []byte {
	return sequence(sequence(oid(OIDRSA), null()), bits(sequence(integer(n), integer(e))))
}

// DecoySPKI returns the subjectPublicKeyInfo of an RSA key of that size and
// exponent that belongs to nobody: an odd number which depends on the seed.
func DecoySPKI(size int, exponent int64, seed string) []byte {
	var b []byte
	for block := sha256.Sum256([]byte(seed)); len(b) < (size+7)/8; block = sha256.Sum256(block[:]) {
		b = append(b, block[:]...)
	}
	n := new(big.Int).SetBytes(b[:(size+7)/8])
	n.Rsh(n, uint((8-size%8)%8))
	n.SetBit(n, 0, 1).SetBit(n, size-1, 1)
	return rsaSPKI(n, big.NewInt(exponent))
}
