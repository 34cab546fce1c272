package online_test

import (
	"context"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/trust"
	"github.com/gopec/gopec/trust/online"
	"github.com/gopec/gopec/trust/revocation"
)

// at is when the signer is judged, and now when it is asked about: within a
// month.
var (
	at  = testsign.Instant
	now = testsign.Instant.Add(24 * time.Hour)
)

// world is an authority with a server that answers for it, at /crl and /ocsp.
type world struct {
	root    *testsign.Identity
	leaf    *testsign.Identity
	links   []trust.Link
	host    string
	handler map[string]http.HandlerFunc
	asked   map[string]*atomic.Int32
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{root: testsign.NewCircle().Root, handler: map[string]http.HandlerFunc{}, asked: map[string]*atomic.Int32{"/crl": {}, "/ocsp": {}}}
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		w.asked[r.URL.Path].Add(1)
		w.handler[r.URL.Path](out, r)
	}))
	t.Cleanup(server.Close)
	w.host = strings.TrimPrefix(server.URL, "http://")
	w.issue(t, server.URL+"/crl", server.URL+"/ocsp")
	w.handler["/crl"], w.handler["/ocsp"] = http.NotFound, http.NotFound
	return w
}

// issue makes a signer whose certificate names a list and a responder.
func (w *world) issue(t *testing.T, list, responder string) {
	t.Helper()
	c := testsign.Certificate{Subject: testsign.NewName("Gestore Uno S.p.A.", "Firmatario in rete"), KeyType: testsign.P256}
	if list != "" {
		c.Extra = append(c.Extra, testsign.DistributionPoint(list))
	}
	if responder != "" {
		c.Extra = append(c.Extra, testsign.StatusServer(responder))
	}
	w.leaf = c.IssuedBy(w.root)
	store, err := trust.NewStore(false, w.root.X509())
	require.NoError(t, err)
	w.links = store.Verify([]*x509.Certificate{w.leaf.X509()}, nil, at).Links
	require.Len(t, w.links, 1)
}

func (w *world) client() *online.Client {
	return &online.Client{Hosts: []string{w.host}, Timeout: 5 * time.Second}
}

// collect asks, and says what is then known of the signer.
func (w *world) collect(ctx context.Context, c *online.Client) (revocation.State, []online.Problem) {
	var data revocation.Data
	problems := c.Collect(ctx, w.links, at, now, &data)
	return data.Check(w.links[0], at, now).State, problems
}

func send(b []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(b) }
}

func (w *world) list(thisUpdate, nextUpdate time.Time, revoked ...testsign.Revoked) []byte {
	return w.root.CRL(1, thisUpdate, nextUpdate, revoked...)
}

func (w *world) response(status testsign.CertStatus, by *testsign.Identity) []byte {
	return testsign.Response{ProducedAt: now, Statuses: []testsign.CertificateStatus{{
		Certificate: w.leaf, Status: status, Revoked: at.Add(-time.Hour), ThisUpdate: now.Add(-time.Hour), NextUpdate: now.Add(time.Hour)}}}.SignedBy(by)
}

// What a server answers, and what is known then. What is not good evidence
// changes nothing and is told.
func TestCollect(t *testing.T) {
	t.Parallel()
	other := testsign.Certificate{CA: true, KeyType: testsign.P256, Subject: testsign.NewName("Prova", "Altra CA")}.SelfSigned()
	month := now.AddDate(0, 1, 0)
	for _, c := range []struct {
		reason   string
		answer   func(*world)
		state    revocation.State
		problems []error // in order
		lists    int32   // how often the list was asked for
	}{
		{"the responder says good: the list is not needed", func(w *world) { w.handler["/ocsp"] = send(w.response(testsign.CertGood, w.root)) }, revocation.Good, nil, 0},
		{"the responder says revoked", func(w *world) { w.handler["/ocsp"] = send(w.response(testsign.CertRevoked, w.root)) }, revocation.Revoked, nil, 0},
		{"no responder: the list decides", func(w *world) { w.handler["/crl"] = send(w.list(now, month)) }, revocation.Good, []error{online.ErrStatus}, 1},
		{"the list has the certificate", func(w *world) {
			w.handler["/crl"] = send(w.list(now, month, testsign.Revoked{Certificate: w.leaf, Time: at.Add(-time.Hour)}))
		}, revocation.Revoked, []error{online.ErrStatus}, 1},
		{"neither is there: nothing is known", func(*world) {}, revocation.NotChecked, []error{online.ErrStatus, online.ErrStatus}, 1},
		{"a page of HTML, as hotels send it", func(w *world) { w.handler["/ocsp"], w.handler["/crl"] = send([]byte("<html>")), send([]byte("<html>")) },
			revocation.NotChecked, []error{revocation.ErrMalformed, revocation.ErrMalformed}, 1},
		{"answers that somebody else signed", func(w *world) {
			w.handler["/ocsp"] = send(w.response(testsign.CertRevoked, other))
			w.handler["/crl"] = send(other.CRL(1, now, month, testsign.Revoked{Certificate: w.leaf, Time: at.Add(-time.Hour)}))
		}, revocation.NotChecked, []error{online.ErrNotUsable, online.ErrNotUsable}, 1},
		{"a list that had ended before the reference time", func(w *world) { w.handler["/crl"] = send(w.list(at.AddDate(0, -2, 0), at.AddDate(0, -1, 0))) },
			revocation.NotChecked, []error{online.ErrStatus, online.ErrNotUsable}, 1},
		{"a redirect", func(w *world) { w.handler["/ocsp"] = http.RedirectHandler("/crl", http.StatusFound).ServeHTTP },
			revocation.NotChecked, []error{online.ErrRedirect, online.ErrStatus}, 1},
		{"the responder does not know the certificate: the list is asked", func(w *world) {
			w.handler["/ocsp"] = send(w.response(testsign.CertUnknown, w.root))
			w.handler["/crl"] = send(w.list(now, month))
		}, revocation.Good, []error{online.ErrNotUsable}, 1},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c.answer(w)
			state, problems := w.collect(t.Context(), w.client())
			require.Equal(t, c.state, state)
			require.Len(t, problems, len(c.problems), "%v", problems)
			for i, p := range problems {
				require.ErrorIs(t, &p, c.problems[i])
				require.NotEmpty(t, p.Certificate)
				require.Contains(t, p.Error(), w.host)
			}
			require.Equal(t, c.lists, w.asked["/crl"].Load())
		})
	}
}

// URLs that are not asked are told.
func TestCollectNotAllowed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	state, problems := w.collect(t.Context(), &online.Client{})
	require.Equal(t, revocation.NotChecked, state)
	require.Len(t, problems, 2)
	for _, p := range problems {
		require.ErrorIs(t, &p, online.ErrHost)
	}
	require.Zero(t, w.asked["/ocsp"].Load()+w.asked["/crl"].Load())

	w.issue(t, "ldap://"+w.host+"/cn=x?certificateRevocationList", "")
	_, problems = w.collect(t.Context(), w.client())
	require.Len(t, problems, 1)
	require.ErrorIs(t, &problems[0], online.ErrLDAP)

	w.issue(t, "", "")
	_, problems = w.collect(t.Context(), w.client())
	require.Empty(t, problems, "a certificate without addresses asks nobody")
}

// A thousand messages of one provider cost one question, from all cores.
func TestCollectOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.handler["/crl"] = send(w.list(now, now.AddDate(0, 1, 0)))
	c := w.client()
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			state, _ := w.collect(t.Context(), c)
			if state != revocation.Good {
				t.Error(state)
			}
		})
	}
	all.Wait()
	require.EqualValues(t, 1, w.asked["/ocsp"].Load(), "a failure is remembered, too")
	require.EqualValues(t, 1, w.asked["/crl"].Load())
}

// What is given already is not asked for.
func TestCollectGiven(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var data revocation.Data
	require.NoError(t, data.AddCRL("given", w.list(now, now.AddDate(0, 1, 0))))
	require.Empty(t, w.client().Collect(t.Context(), w.links, at, now, &data))
	require.Equal(t, 1, data.Len())
	require.Zero(t, w.asked["/ocsp"].Load())

	data = revocation.Data{}
	revoked := testsign.Revoked{Certificate: w.leaf, Time: at.Add(-time.Hour)}
	require.NoError(t, data.AddCRL("given", w.list(at, at.Add(time.Hour), revoked)))
	require.Empty(t, w.client().Collect(t.Context(), w.links, at, now, &data), "a revocation is not undone")
	require.Zero(t, w.asked["/ocsp"].Load())
}

// What was given from before a revocation, and covers the time all the same, does not
// keep the newer list from being asked for.
func TestCollectGivenOld(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.handler["/crl"] = send(w.list(now, now.AddDate(0, 1, 0), testsign.Revoked{Certificate: w.leaf, Time: at.Add(-time.Hour)}))
	var data revocation.Data
	require.NoError(t, data.AddCRL("given", w.list(at.Add(-2*time.Hour), at.Add(time.Hour))))
	require.Equal(t, revocation.Good, data.Check(w.links[0], at, now).State, "the case is sound")
	w.client().Collect(t.Context(), w.links, at, now, &data)
	require.Equal(t, revocation.Revoked, data.Check(w.links[0], at, now).State)
}

// The cache spares questions as long as an answer is current, and is judged
// like the network.
func TestCollectCache(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	folder := filepath.Join(t.TempDir(), "cache")
	client := func() *online.Client { c := w.client(); c.Cache = folder; return c }
	w.handler["/ocsp"] = send(w.response(testsign.CertGood, w.root))

	state, problems := w.collect(t.Context(), client())
	require.Equal(t, revocation.Good, state)
	require.Empty(t, problems)
	state, problems = w.collect(t.Context(), client())
	require.Equal(t, revocation.Good, state)
	require.Empty(t, problems)
	require.EqualValues(t, 1, w.asked["/ocsp"].Load(), "the answer is current")

	w.handler["/ocsp"] = http.NotFound
	var data revocation.Data
	problems = client().Collect(t.Context(), w.links, at, now.Add(48*time.Hour), &data)
	require.EqualValues(t, 2, w.asked["/ocsp"].Load(), "the answer is not current any more")
	require.Len(t, problems, 1)
	require.ErrorIs(t, &problems[0], online.ErrStatus)
	require.Equal(t, revocation.Good, data.Check(w.links[0], at, now.Add(48*time.Hour)).State, "for the time it speaks of it still counts")

	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, entries, 1, "only what could be used is kept")
	file := filepath.Join(folder, entries[0].Name())
	kept, err := os.ReadFile(file)
	require.NoError(t, err)
	for _, changed := range [][]byte{nil, []byte("junk"), append(kept[:len(kept)-1:len(kept)-1], kept[len(kept)-1]^1), w.response(testsign.CertGood, testsign.NewCircle().Two)} {
		require.NoError(t, os.WriteFile(file, changed, 0o600))
		state, _ = w.collect(t.Context(), client())
		require.Equal(t, revocation.NotChecked, state, "whoever writes into the cache makes nothing good")
	}
}

// Ctrl-C ends a question, and says nothing of the server.
func TestCollectCanceled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client()
	ctx, cancel := context.WithCancel(t.Context())
	w.handler["/ocsp"] = func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // before that the server does not notice that the client is gone
		cancel()
		<-r.Context().Done()
	}
	_, problems := w.collect(ctx, c)
	require.ErrorIs(t, &problems[0], context.Canceled)
	w.handler["/ocsp"] = send(w.response(testsign.CertGood, w.root))
	state, problems := w.collect(t.Context(), c)
	require.Equal(t, revocation.Good, state)
	require.Empty(t, problems)
}
