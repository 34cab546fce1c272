package inipectest_test

import (
	"crypto"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/inipec/inipectest"
)

// TestFakesRefuse: a request that the documents do not allow gets no answer that
// a client could take for one.
func TestFakesRefuse(t *testing.T) {
	t.Parallel()
	pdnd := &inipectest.PDND{Keys: map[string]crypto.PublicKey{}, ClientID: "c", Audience: "a"}
	wspa := &inipectest.InfoCamere{BaseURL: "https://wspa.test.example.it/rest/", ClientID: "c"}
	inad := &inipectest.INAD{PDND: pdnd}
	transport := inipectest.Transport{"auth.test.example.it": pdnd, "wspa.test.example.it": wspa, "inad.test.example.it": inad}
	cases := []struct {
		method, url, body string
		status            int
		reason            string
	}{
		{"GET", "https://auth.test.example.it/token.oauth2", "", 400, "a voucher is asked for by POST"},
		{"POST", "https://auth.test.example.it/token.oauth2", "client_id=c", 400, "no assertion"},
		{"POST", "https://wspa.test.example.it/rest/authentication", "x", 401, "no client_id"},
		{"POST", "https://wspa.test.example.it/rest/authentication?client_id=c", "x", 401, "no JWS"},
		{"POST", "https://wspa.test.example.it/rest/richiestaElencoPec?client_id=c", "{}", 401, "no token, no scope"},
		{"GET", "https://wspa.test.example.it/rest/getElencoPec/1?client_id=c", "", 401, "no token, no scope"},
		{"GET", "https://wspa.test.example.it/rest/else?client_id=c", "", 404, "no such operation"},
		{"GET", "https://inad.test.example.it/extract/RSSMRA85T10A562S?practicalReference=x", "", 401, "no voucher"},
		{"POST", "https://inad.test.example.it/listDigitalAddress", "{}", 401, "no voucher"},
	}
	for _, c := range cases {
		r, err := http.NewRequestWithContext(t.Context(), c.method, c.url, strings.NewReader(c.body))
		require.NoError(t, err)
		response, err := transport.RoundTrip(r)
		require.NoError(t, err, c.reason)
		require.Equal(t, c.status, response.StatusCode, c.reason)
		_ = response.Body.Close()
	}
	require.Len(t, pdnd.Problems(), 2)
	require.Len(t, wspa.Problems(), 5)

	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://elsewhere.example.it/", nil)
	require.NoError(t, err)
	_, err = transport.RoundTrip(r)
	require.Error(t, err, "nothing is sent anywhere")
}

// TestOnASocket: the fakes are handlers, and a lost answer breaks a real
// connection too.
func TestOnASocket(t *testing.T) {
	t.Parallel()
	pdnd := &inipectest.PDND{Fault: func(_ string, n int) inipectest.Fault { return inipectest.Fault{Lose: n == 2} }}
	server := httptest.NewTLSServer(pdnd)
	defer server.Close()
	response, err := server.Client().Get(server.URL)
	require.NoError(t, err)
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Contains(t, string(text), "015-0008")
	require.Positive(t, pdnd.Calls("token"))

	response, err = server.Client().Post(server.URL, "application/x-www-form-urlencoded", nil)
	if err == nil {
		_ = response.Body.Close()
	}
	require.Error(t, err)
}
