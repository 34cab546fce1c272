package trust

import (
	"crypto"
	"crypto/rsa"

	"github.com/gopec/gopec/internal/certsig"
)

// keyProblem returns why a key is never accepted, as a code with its facts;
// code is "" for a good key.
func keyProblem(key crypto.PublicKey) (code string, facts []string) {
	switch certsig.CheckKey(key) {
	case certsig.KeyGood:
		return "", nil
	case certsig.KeyShort:
		return CodeKeyShort, []string{itoa(key.(*rsa.PublicKey).N.BitLen())}
	case certsig.KeyLong:
		return CodeKeyLong, []string{itoa(key.(*rsa.PublicKey).N.BitLen())}
	case certsig.KeyExponent:
		return CodeKeyExponent, []string{itoa(key.(*rsa.PublicKey).E)}
	}
	return CodeKeyType, nil
}
