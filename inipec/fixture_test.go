package inipec_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/inipec"
	"github.com/gopec/gopec/inipec/inipectest"
	"github.com/gopec/gopec/inipec/pdnd"
	"github.com/gopec/gopec/internal/fiscalcode"
)

const (
	base     = "https://wspa.test.example.it/ic/ce/wspa/wspa/rest/"
	inadBase = "https://inad.test.example.it/rest/inad/v1/domiciliodigitale"
	tokenURL = "https://auth.test.example.it/token.oauth2"
	audience = "auth.test.example.it/client-assertion"
	purpose  = "3f2c7e6a-0000-4000-8000-000000000001"
	person   = "RSSMRA85T10A562S"
	file     = "case 12/2026"
)

type credentials struct {
	key         *rsa.PrivateKey
	certificate []byte
}

// identity is one key and its certificate for all tests.
var identity = sync.OnceValue(func() credentials {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test client"}, NotBefore: time.Unix(0, 0), NotAfter: time.Unix(4e9, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	return credentials{key, der}
})

// bodyCode returns the n-th of many valid codes of 11 digits.
func bodyCode(n int) string {
	for check := range 10 {
		if c, err := fiscalcode.Parse(fmt.Sprintf("%010d%d", 1_000_000_000+n, check)); err == nil {
			return c.String()
		}
	}
	panic("no check digit fits")
}

// personCode completes 15 characters of a person's code.
func personCode(t *testing.T, first15 string) string {
	for check := 'A'; check <= 'Z'; check++ {
		if c, err := fiscalcode.Parse(first15 + string(check)); err == nil {
			return c.String()
		}
	}
	require.Fail(t, "no check letter fits")
	return ""
}

var otherKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func newWSPA() *inipectest.InfoCamere {
	id := identity()
	return &inipectest.InfoCamere{
		BaseURL: base, ClientID: "test-client", Key: id.key.Public(), Certificate: id.certificate,
		Entries: map[string]inipectest.Entry{},
	}
}

func newClient(t *testing.T, wspa http.Handler, change ...func(*inipec.Config)) *inipec.Client {
	t.Helper()
	id := identity()
	c := inipec.Config{
		BaseURL: base, ClientID: "test-client", Key: id.key, Certificate: id.certificate, Location: time.UTC,
		HTTP: &http.Client{Transport: inipectest.Transport{"wspa.test.example.it": wspa}},
	}
	for _, f := range change {
		f(&c)
	}
	client, err := inipec.NewClient(c)
	require.NoError(t, err)
	return client
}

func newPDND() *inipectest.PDND {
	return &inipectest.PDND{
		Keys: map[string]crypto.PublicKey{"kid-1": identity().key.Public()}, ClientID: "test-client",
		Purposes: []string{purpose}, Audience: audience,
	}
}

func newINAD(t *testing.T, auth *inipectest.PDND, inad http.Handler, change ...func(*inipec.INADConfig)) *inipec.INADClient {
	t.Helper()
	transport := &http.Client{Transport: inipectest.Transport{"auth.test.example.it": auth, "inad.test.example.it": inad}}
	source, err := pdnd.NewClient(pdnd.Config{
		ClientID: "test-client", KeyID: "kid-1", Key: identity().key, TokenURL: tokenURL, Audience: audience, HTTP: transport,
	})
	require.NoError(t, err)
	c := inipec.INADConfig{Authorizer: &pdnd.Bearer{Source: source, PurposeID: purpose}, BaseURL: inadBase, HTTP: transport}
	for _, f := range change {
		f(&c)
	}
	client, err := inipec.NewINAD(c)
	require.NoError(t, err)
	return client
}

// lose loses the answer to the n-th calls of an operation.
func lose(operation string, n ...int) func(string, int) inipectest.Fault {
	return func(o string, i int) inipectest.Fault {
		return inipectest.Fault{Lose: o == operation && slices.Contains(n, i)}
	}
}

// reply answers each call of an operation with a status and a body.
func reply(operation string, status int, body string) func(string, int) inipectest.Fault {
	return func(o string, _ int) inipectest.Fault {
		if o != operation {
			return inipectest.Fault{}
		}
		return inipectest.Fault{Status: status, Body: body}
	}
}
