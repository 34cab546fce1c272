package pdnd_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/inipec/inipectest"
	"github.com/gopec/gopec/inipec/pdnd"
	"github.com/gopec/gopec/internal/counterpart"
)

const (
	tokenURL = "https://auth.test.example.it/token.oauth2"
	audience = "auth.test.example.it/client-assertion"
	purpose  = "3f2c7e6a-0000-4000-8000-000000000001"
	other    = "3f2c7e6a-0000-4000-8000-000000000002"
)

var key = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

func fake() *inipectest.PDND {
	return &inipectest.PDND{
		Keys: map[string]crypto.PublicKey{"kid-1": key().Public()}, ClientID: "client-1",
		Purposes: []string{purpose, other}, Audience: audience,
	}
}

// opaque hides the key's type, as a key service does.
type opaque struct{ crypto.Signer }

func client(t *testing.T, server *inipectest.PDND, change ...func(*pdnd.Config)) *pdnd.Client {
	t.Helper()
	c := pdnd.Config{
		ClientID: "client-1", KeyID: "kid-1", Key: opaque{key()}, TokenURL: tokenURL, Audience: audience,
		HTTP: &http.Client{Transport: inipectest.Transport{"auth.test.example.it": server}},
	}
	for _, f := range change {
		f(&c)
	}
	out, err := pdnd.NewClient(c)
	require.NoError(t, err)
	return out
}

// parts verifies a compact JWS with OpenSSL and returns its header and claims.
func parts(t *testing.T, jws string) (header, claims map[string]any) {
	t.Helper()
	openssl := counterpart.Look(t, "openssl")
	piece := strings.Split(jws, ".")
	require.Len(t, piece, 3)
	decode := func(s string) []byte {
		b, err := base64.RawURLEncoding.Strict().DecodeString(s)
		require.NoError(t, err)
		return b
	}
	der, err := x509.MarshalPKIXPublicKey(key().Public())
	require.NoError(t, err)
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, data, 0o600))
		return path
	}
	public := write("public.pem", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	signature := write("signature", decode(piece[2]))
	verify := func(data string) error {
		return exec.Command(openssl, "dgst", "-sha256", "-verify", public, "-signature", signature, write("data", []byte(data))).Run()
	}
	require.NoError(t, verify(piece[0]+"."+piece[1]), "OpenSSL verifies the signature")
	require.Error(t, verify(piece[0]+"."+piece[1]+"x"), "and would notice a change")
	require.NoError(t, json.Unmarshal(decode(piece[0]), &header))
	require.NoError(t, json.Unmarshal(decode(piece[1]), &claims))
	return header, claims
}

// TestAssertion: the claims that PDND documents, and no others.
func TestAssertion(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	c := client(t, fake(), func(c *pdnd.Config) { c.Now = func() time.Time { return now } })
	text, issued, err := c.Assertion(pdnd.Request{PurposeID: purpose, Evidence: "a.b.c"})
	require.NoError(t, err)
	header, claims := parts(t, text)
	require.Equal(t, map[string]any{"alg": "RS256", "typ": "JWT", "kid": "kid-1"}, header)
	require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, claims["jti"])
	delete(claims, "jti")
	sum := sha256.Sum256([]byte("a.b.c"))
	require.Equal(t, map[string]any{
		"iss": "client-1", "sub": "client-1", "aud": audience, "purposeId": purpose,
		"iat": float64(now.Unix() - 120), "exp": float64(now.Unix() + 180),
		"digest": map[string]any{"alg": "SHA256", "value": hex.EncodeToString(sum[:])},
	}, claims)
	require.Equal(t, now.Add(-2*time.Minute), issued)

	text, _, err = c.Assertion(pdnd.Request{PurposeID: purpose})
	require.NoError(t, err)
	_, claims = parts(t, text)
	require.NotContains(t, claims, "digest", "no evidence, no digest")
	_, _, err = c.Assertion(pdnd.Request{})
	require.ErrorIs(t, err, pdnd.ErrPurpose)
}

// TestVoucherCache: one voucher for each purpose, one flight, early renewal.
func TestVoucherCache(t *testing.T) {
	t.Parallel()
	key()
	synctest.Test(t, func(t *testing.T) {
		server := fake()
		c := client(t, server)
		var group sync.WaitGroup
		for i := range 40 {
			group.Go(func() {
				_, err := c.Voucher(t.Context(), pdnd.Request{PurposeID: []string{purpose, other}[i%2]})
				require.NoError(t, err)
			})
		}
		group.Wait()
		require.Equal(t, 2, server.Calls("token"), "one for each purpose")

		first, err := c.Voucher(t.Context(), pdnd.Request{PurposeID: purpose})
		require.NoError(t, err)
		// 600 s from an iat that lies 120 s back, renewed 120 s early.
		time.Sleep(360*time.Second - time.Millisecond)
		again, err := c.Voucher(t.Context(), pdnd.Request{PurposeID: purpose})
		require.NoError(t, err)
		require.Equal(t, first, again)
		time.Sleep(time.Millisecond)
		renewed, err := c.Voucher(t.Context(), pdnd.Request{PurposeID: purpose})
		require.NoError(t, err)
		require.NotEqual(t, first.Secret, renewed.Secret)
		require.Equal(t, 3, server.Calls("token"))

		c.Drop(pdnd.Request{PurposeID: purpose}, first.Secret)
		kept, err := c.Voucher(t.Context(), pdnd.Request{PurposeID: purpose})
		require.NoError(t, err)
		require.Equal(t, renewed, kept, "dropping an old one leaves the new one")
		c.Drop(pdnd.Request{PurposeID: purpose}, renewed.Secret)
		_, err = c.Voucher(t.Context(), pdnd.Request{PurposeID: purpose})
		require.NoError(t, err)
		require.Equal(t, 4, server.Calls("token"))
		require.Empty(t, server.Problems())
	})
}

// TestClockSkew: a clock that is wrong by up to two minutes does no harm, also
// where the life of a voucher counts from the client's iat.
func TestClockSkew(t *testing.T) {
	t.Parallel()
	key()
	cases := []struct {
		ahead time.Duration // of our clock
		ok    bool
	}{
		{0, true},
		{2 * time.Minute, true},
		{-2 * time.Minute, true},
		{2*time.Minute + time.Second, false},
		{-3 * time.Minute, false},
	}
	for _, c := range cases {
		synctest.Test(t, func(t *testing.T) {
			server := fake()
			server.FromIssue = true
			wrong := client(t, server, func(p *pdnd.Config) { p.Now = func() time.Time { return time.Now().Add(c.ahead) } })
			auth := &pdnd.Bearer{Source: wrong, PurposeID: purpose}
			for range 20 {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://service.example.it", nil)
				require.NoError(t, err)
				err = auth.Authorize(t.Context(), r)
				if !c.ok {
					require.ErrorIs(t, err, pdnd.ErrRefused, "%v", c.ahead)
					e, ok := errors.AsType[*pdnd.Error](err)
					require.True(t, ok)
					require.Equal(t, -c.ahead, e.Skew, "the error says by how much")
					require.Equal(t, "015-0008", e.Code)
					return
				}
				require.NoError(t, err, "%v", c.ahead)
				_, accepted := server.Accepts(r)
				require.True(t, accepted, "%v", c.ahead)
				time.Sleep(47 * time.Second)
			}
		})
	}
}

// TestGivingUp: who gives up does not stop the flight that others wait for.
func TestGivingUp(t *testing.T) {
	t.Parallel()
	key()
	synctest.Test(t, func(t *testing.T) {
		server := fake()
		server.Fault = func(_ string, n int) inipectest.Fault { // the first try fails, the second comes later
			if n == 1 {
				return inipectest.Fault{Status: 503, Header: http.Header{"Retry-After": {"5"}}}
			}
			return inipectest.Fault{}
		}
		c := client(t, server)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		gaveUp := make(chan error)
		go func() {
			_, err := c.Voucher(ctx, pdnd.Request{PurposeID: purpose})
			gaveUp <- err
		}()
		synctest.Wait()
		go func() { require.ErrorIs(t, <-gaveUp, context.DeadlineExceeded) }()
		_, err := c.Voucher(t.Context(), pdnd.Request{PurposeID: purpose})
		require.NoError(t, err)
		require.Equal(t, 2, server.Calls("token"))
	})
}

// TestBadReplies: typed errors, none of which is kept.
func TestBadReplies(t *testing.T) {
	t.Parallel()
	key()
	cases := []struct {
		status int
		body   string
		want   error
		calls  int
	}{
		{200, ``, pdnd.ErrMalformed, 1},
		{200, `{"access_token":"x","token_type":"Bearer"}`, pdnd.ErrMalformed, 1},
		{200, `{"access_token":"x","token_type":"Bearer","expires_in":"600"}`, pdnd.ErrMalformed, 1},
		{200, `{"access_token":"x\r\ny","token_type":"Bearer","expires_in":600}`, pdnd.ErrMalformed, 1},
		{200, `{"access_token":"x","token_type":"DPoP","expires_in":600}`, pdnd.ErrTokenType, 1},
		{400, `{"errors":[{"code":"015-0008","detail":"no"}]}`, pdnd.ErrRefused, 1},
		{301, ``, pdnd.ErrRefused, 1},
		{429, ``, pdnd.ErrUnavailable, 3},
		{503, ``, pdnd.ErrUnavailable, 3},
		{200, strings.Repeat(" ", 1<<20+1), pdnd.ErrUnavailable, 1},
	}
	for _, c := range cases {
		synctest.Test(t, func(t *testing.T) {
			server := fake()
			server.Fault = func(string, int) inipectest.Fault { return inipectest.Fault{Status: c.status, Body: c.body} }
			p := client(t, server)
			_, err := p.Voucher(t.Context(), pdnd.Request{PurposeID: purpose})
			require.ErrorIs(t, err, c.want, c.body)
			require.Equal(t, c.calls, server.Calls("token"), c.body)
			server.Fault = nil
			_, err = p.Voucher(t.Context(), pdnd.Request{PurposeID: purpose})
			require.NoError(t, err, "a failure is not kept")
		})
	}
}

// TestSteps: evidence, integrity and voucher together, and each alone.
func TestSteps(t *testing.T) {
	t.Parallel()
	server := fake()
	now := time.Now().Truncate(time.Second)
	fixed := func() time.Time { return now }
	c := client(t, server, func(c *pdnd.Config) { c.Now = fixed })
	server.Now = fixed
	who := pdnd.Credentials{ClientID: "client-1", KeyID: "kid-1", Key: key(), Audience: "https://service.example.it/v1", Now: fixed}
	evidence, err := pdnd.NewEvidence(who, purpose, func(context.Context) (pdnd.Actor, error) {
		return pdnd.Actor{UserID: "user-1", Location: "station-1", LoA: "LoA3"}, nil
	})
	require.NoError(t, err)
	integrity, err := pdnd.NewIntegrity(who)
	require.NoError(t, err)
	auth := pdnd.Chain(&pdnd.Bearer{Source: c, PurposeID: purpose}, evidence, integrity)

	body := `{"a":1}`
	for range 2 {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://service.example.it/v1/x", strings.NewReader(body))
		require.NoError(t, err)
		r.Header.Set("Content-Type", "application/json")
		require.NoError(t, auth.Authorize(t.Context(), r))

		_, claims := parts(t, r.Header.Get(pdnd.EvidenceHeader))
		require.Regexp(t, `^[1-9][0-9]{12}$`, fmt.Sprintf("%.0f", claims["dnonce"]))
		delete(claims, "dnonce")
		delete(claims, "jti")
		require.Equal(t, map[string]any{
			"iss": "client-1", "aud": "https://service.example.it/v1", "purposeId": purpose, "userID": "user-1", "userLocation": "station-1",
			"LoA": "LoA3", "iat": float64(now.Unix() - 120), "nbf": float64(now.Unix() - 120), "exp": float64(now.Unix() + 180),
		}, claims)

		sum := sha256.Sum256([]byte(body))
		digest := "SHA-256=" + base64.StdEncoding.EncodeToString(sum[:])
		require.Equal(t, digest, r.Header.Get("Digest"))
		_, claims = parts(t, r.Header.Get(pdnd.SignatureHeader))
		require.Equal(t, []any{map[string]any{"digest": digest}, map[string]any{"content-type": "application/json"}}, claims["signed_headers"])
		require.Equal(t, "https://service.example.it/v1", claims["aud"])
		require.Equal(t, "client-1", claims["sub"])

		tied, ok := server.Accepts(r)
		require.True(t, ok)
		sum = sha256.Sum256([]byte(r.Header.Get(pdnd.EvidenceHeader)))
		require.Equal(t, hex.EncodeToString(sum[:]), tied, "the voucher is tied to the evidence")
	}
	require.Equal(t, 2, server.Calls("token"), "vouchers with evidence are not kept")

	alone, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://service.example.it/v1/x", nil)
	require.NoError(t, err)
	require.NoError(t, integrity.Authorize(t.Context(), alone))
	require.Equal(t, "SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", alone.Header.Get("Digest"), "no body: the digest of no bytes")
	require.Empty(t, alone.Header.Get("Authorization"))

	stream, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://service.example.it", struct{ *bytes.Buffer }{bytes.NewBufferString("x")})
	require.NoError(t, err)
	require.ErrorIs(t, integrity.Authorize(t.Context(), stream), pdnd.ErrBody)
}

// TestConfig: what cannot work is said before the first call.
func TestConfig(t *testing.T) {
	t.Parallel()
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	good := pdnd.Config{ClientID: "c", KeyID: "k", Key: key()}
	cases := []struct {
		change func(*pdnd.Config)
		want   error
		reason string
	}{
		{func(*pdnd.Config) {}, nil, "complete"},
		{func(c *pdnd.Config) { *c = pdnd.Config{} }, pdnd.ErrNoCredentials, "the zero value"},
		{func(c *pdnd.Config) { c.Key = nil }, pdnd.ErrNoCredentials, "no key"},
		{func(c *pdnd.Config) { c.Key = (*rsa.PrivateKey)(nil) }, pdnd.ErrNoCredentials, "a nil key"},
		{func(c *pdnd.Config) { c.Key = curve }, pdnd.ErrKey, "an elliptic curve cannot make RS256"},
		{func(c *pdnd.Config) { c.TokenURL = "http://auth.example.it" }, pdnd.ErrURL, "no TLS"},
		{func(c *pdnd.Config) { c.Backdate = -1 }, pdnd.ErrConfig, "a negative time"},
	}
	for _, c := range cases {
		config := good
		c.change(&config)
		_, err := pdnd.NewClient(config)
		require.ErrorIs(t, err, c.want, c.reason)
	}
}

// TestVoucherHidesItsSecret in every form in which it could be printed.
func TestVoucherHidesItsSecret(t *testing.T) {
	t.Parallel()
	v := pdnd.Voucher{Secret: "the-secret", Expires: time.Unix(0, 0)}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		require.NotContains(t, fmt.Sprintf(format, v), "the-secret", format)
		require.NotContains(t, fmt.Sprintf(format, &v), "the-secret", format)
	}
}
