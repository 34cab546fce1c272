// Package jws makes the compact JWS that PDND and InfoCamere ask for: RS256,
// claims as JSON, by any [crypto.Signer], so that the key may stay in an HSM or
// a key service.
package jws

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/cryptosigner"
)

// MinBits is the smallest RSA key accepted (RFC 7518 §3.3).
const MinBits = 2048

// What [New] can answer.
var (
	ErrNoKey = errors.New("no key")
	ErrKey   = errors.New("no RSA key of 2048 bits or more")
)

// Signer signs claims. It may be used by several goroutines if its key may.
type Signer struct{ signer jose.Signer }

// New returns a Signer whose every JWS carries the header given, besides alg
// and typ.
// spec: RFC 7515 §3.1, RFC 7518 §3.3
func New(key crypto.Signer, header map[string]any) (*Signer, error) {
	// A nil *rsa.PrivateKey in the interface is no key either.
	if v := reflect.ValueOf(key); key == nil || v.Kind() == reflect.Pointer && v.IsNil() {
		return nil, ErrNoKey
	}
	public, ok := key.Public().(*rsa.PublicKey)
	if !ok || public.N == nil || public.N.BitLen() < MinBits {
		return nil, ErrKey
	}
	options := (&jose.SignerOptions{}).WithType("JWT")
	for name, value := range header {
		options = options.WithHeader(jose.HeaderKey(name), value)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: cryptosigner.Opaque(key)}, options)
	if err != nil {
		return nil, err
	}
	return &Signer{signer}, nil
}

// Sign returns the compact serialization of the claims' JSON, signed.
func (s *Signer) Sign(claims any) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	object, err := s.signer.Sign(payload)
	if err != nil {
		return "", err
	}
	return object.CompactSerialize()
}

// NewID returns a random UUID, version 4, for jti.
func NewID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
