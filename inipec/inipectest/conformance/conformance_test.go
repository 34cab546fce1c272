package conformance_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net/http"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/inipec"
	"github.com/gopec/gopec/inipec/inipectest"
	"github.com/gopec/gopec/inipec/pdnd"
	"github.com/gopec/gopec/internal/counterpart"
)

const (
	wspaBase = "https://wspa.test.example.it/rest"
	inadBase = "https://inad.test.example.it/domiciliodigitale"
	person   = "RSSMRA85T10A562S"
	unknown  = "12345678903"
	purpose  = "purpose-1"
)

// checked compares what goes through it with a document.
type checked struct {
	t       *testing.T
	router  routers.Router
	options openapi3filter.Options
	next    http.RoundTripper
	seen    map[string]int // by operationId and status
}

func newChecked(t *testing.T, name, base string, next http.RoundTripper) *checked {
	t.Helper()
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromFile(counterpart.Reference(t, "spec", "openapi", name))
	require.NoError(t, err)
	doc.Servers = openapi3.Servers{{URL: base}}
	router, err := gorillamux.NewRouter(doc)
	require.NoError(t, err)
	return &checked{t: t, router: router, next: next, seen: map[string]int{}, options: openapi3filter.Options{
		AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true,
	}}
}

// RoundTrip checks the request, sends it, and checks the answer.
func (c *checked) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		body, err = io.ReadAll(r.Body)
		require.NoError(c.t, err)
	}
	copied := r.Clone(r.Context())
	copied.Body = io.NopCloser(bytes.NewReader(body))
	route, params, err := c.router.FindRoute(copied)
	require.NoError(c.t, err)
	in := &openapi3filter.RequestValidationInput{Request: copied, PathParams: params, Route: route, Options: &c.options}
	require.NoError(c.t, openapi3filter.ValidateRequest(context.Background(), in), route.Operation.OperationID)

	r.Body = io.NopCloser(bytes.NewReader(body))
	response, err := c.next.RoundTrip(r)
	require.NoError(c.t, err)
	text, err := io.ReadAll(response.Body)
	require.NoError(c.t, err)
	response.Body = io.NopCloser(bytes.NewReader(text))
	require.NoError(c.t, openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: response.StatusCode, Header: response.Header,
		Body: io.NopCloser(bytes.NewReader(text)), Options: &c.options,
	}), "%s %d", route.Operation.OperationID, response.StatusCode)
	c.seen[route.Operation.OperationID]++
	return response, nil
}

func newKey(t *testing.T) (*rsa.PrivateKey, []byte) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test client"}, NotAfter: time.Unix(4e9, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	return key, der
}

// TestINAD: every operation, found and not found, in progress and ready.
func TestINAD(t *testing.T) {
	t.Parallel()
	key, _ := newKey(t)
	auth := &inipectest.PDND{Keys: map[string]crypto.PublicKey{"k": key.Public()}, ClientID: "c", Purposes: []string{purpose}, Audience: pdnd.AssertionAudience}
	inad := &inipectest.INAD{PDND: auth, InProgress: 1, Domiciles: map[string][]inipectest.Domicile{
		person: {{Address: "citizen@pec.example.it", Ends: time.Now().AddDate(1, 0, 0)}, {Address: "lawyer@pec.example.it", Profession: "Avvocato", Ends: time.Now()}},
	}}
	transport := inipectest.Transport{"auth.interop.pagopa.it": auth, "inad.test.example.it": inad}
	through := newChecked(t, "inad_extraction.yaml", inadBase, transport)
	source, err := pdnd.NewClient(pdnd.Config{ClientID: "c", KeyID: "k", Key: key, HTTP: &http.Client{Transport: transport}})
	require.NoError(t, err)
	client, err := inipec.NewINAD(inipec.INADConfig{
		Authorizer: &pdnd.Bearer{Source: source, PurposeID: purpose}, BaseURL: inadBase,
		HTTP: &http.Client{Transport: through}, Wait: inipec.Backoff{First: time.Millisecond},
	})
	require.NoError(t, err)

	for _, code := range []string{person, unknown} {
		a, err := client.Extract(t.Context(), code, "case 12/2026")
		require.NoError(t, err)
		require.Equal(t, code == person, a.Known)
		v, err := client.Verify(t.Context(), code, "citizen@pec.example.it", time.Now(), "case 12/2026")
		require.NoError(t, err)
		require.Equal(t, code == person, v.Associated)
	}
	id, err := client.SubmitList(t.Context(), []string{person, unknown}, "case 12/2026")
	require.NoError(t, err)
	answers, err := client.WaitList(t.Context(), id, []string{person, unknown})
	require.NoError(t, err)
	require.Len(t, answers, 2)
	require.Equal(t, map[string]int{
		"recuperoDomicilioDigitale": 2, "verificaDomicilioDigitale": 2, "richiestaElencoDomiciliDigitali": 1,
		"verificaStatoRichiestaElencoDomiciliDigitali": 2, "recuperoElencoDomiciliDigitali": 1,
	}, through.seen, "every operation of the document")
}

// TestINIPEC: the three operations. The document has the bodies of requests as a
// string, which no JSON object is: they are left to the fake's own checks.
func TestINIPEC(t *testing.T) {
	t.Parallel()
	key, certificate := newKey(t)
	wspa := &inipectest.InfoCamere{
		BaseURL: wspaBase, ClientID: "c", Key: key.Public(), Certificate: certificate, QuotedToken: true,
		Entries: map[string]inipectest.Entry{person: {Professionals: []string{"lawyer@pec.example.it"}}},
	}
	through := newChecked(t, "infocamere.yaml", wspaBase, inipectest.Transport{"wspa.test.example.it": wspa})
	through.options.ExcludeRequestBody = true
	client, err := inipec.NewClient(inipec.Config{
		BaseURL: wspaBase, ClientID: "c", Key: key, Certificate: certificate, Location: time.UTC, HTTP: &http.Client{Transport: through},
	})
	require.NoError(t, err)
	id, err := client.Submit(t.Context(), []string{person, unknown})
	require.NoError(t, err)
	wspa.ExpireTokens() // a 401
	answers, err := client.Poll(t.Context(), id, []string{person, unknown})
	require.NoError(t, err)
	require.Equal(t, inipec.Found, answers[0].Outcome)
	require.Equal(t, inipec.NotFound, answers[1].Outcome)
	require.Equal(t, map[string]int{"getToken": 2, "callRichiestaElencoPec": 1, "callGetElencoPec": 2}, through.seen)
}
