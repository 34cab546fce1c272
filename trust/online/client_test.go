package online

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// serve starts a server on this machine and returns a client that may ask it.
func serve(t *testing.T, handler http.HandlerFunc) (*Client, string) {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return &Client{Hosts: []string{strings.TrimPrefix(s.URL, "http://")}, Timeout: 5 * time.Second}, s.URL
}

func TestGet(t *testing.T) {
	t.Parallel()
	c, at := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Path != "/CRL" || r.Header.Get("Cookie") != "" || r.Header.Get("Accept-Encoding") != "" {
			http.Error(w, "unexpected", http.StatusBadRequest)
			return
		}
		fmt.Fprint(w, "list")
	})
	b, err := c.get(t.Context(), false, at+"/CRL")
	require.NoError(t, err)
	require.Equal(t, "list", string(b))
}

func TestAsk(t *testing.T) {
	t.Parallel()
	c, at := serve(t, func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/ocsp-request" {
			http.Error(w, "unexpected", http.StatusBadRequest)
			return
		}
		fmt.Fprintf(w, "answer to %s", b)
	})
	b, err := c.ask(t.Context(), false, at, []byte("question"))
	require.NoError(t, err)
	require.Equal(t, "answer to question", string(b))
}

// Which URLs are asked at all, before any packet is sent.
func TestAllowed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		reason  string
		hosts   []string
		builtIn bool
		url     string
		err     error
		named   bool
	}{
		{"AgID's list under AgID's anchor", nil, true, "http://ca1.agid.gov.it/CRL", nil, false},
		{"the same in capitals, with the root's dot and its port", nil, true, "HTTP://CA1.AgID.gov.it.:80/CRL", nil, false},
		{"by https", nil, true, "https://ca1.agid.gov.it/OCSP", nil, false},
		{"AgID's host under another anchor was not allowed by anybody", nil, false, "http://ca1.agid.gov.it/CRL", ErrHost, false},
		{"another host of AgID's domain", nil, true, "http://altro.agid.gov.it/CRL", ErrHost, false},
		{"a host that ends alike", nil, true, "http://xca1.agid.gov.it/CRL", ErrHost, false},
		{"a host that begins alike", nil, true, "http://ca1.agid.gov.it.example.com/CRL", ErrHost, false},
		{"a user's name that looks like the host", nil, true, "http://ca1.agid.gov.it@example.com/CRL", ErrURL, false},
		{"a backslash, which some programs take for a slash", nil, true, `http://ca1.agid.gov.it\@example.com/`, ErrURL, false},
		{"another port", nil, true, "http://ca1.agid.gov.it:8080/CRL", ErrURL, false},
		{"ldap", nil, true, "ldap://ca1.agid.gov.it/cn=x?certificateRevocationList", ErrLDAP, false},
		{"a file", nil, true, "file:///etc/passwd", ErrURL, false},
		{"no scheme", nil, true, "//ca1.agid.gov.it/CRL", ErrURL, false},
		{"no host", nil, true, "http:///CRL", ErrURL, false},
		{"opaque", nil, true, "http:ca1.agid.gov.it", ErrURL, false},
		{"a line end in it", nil, true, "http://ca1.agid.gov.it/\r\nHost: x", ErrURL, false},
		{"too long", nil, true, "http://ca1.agid.gov.it/" + strings.Repeat("x", maxURL), ErrURL, false},
		{"a host that the caller named", []string{"crl.example.it"}, false, "http://crl.example.it/CRL", nil, true},
		{"its other ports are not named with it", []string{"crl.example.it"}, false, "http://crl.example.it:8080/CRL", ErrHost, false},
		{"a port that the caller named", []string{"crl.example.it:8080"}, false, "http://crl.example.it:8080/CRL", nil, true},
		{"the port that the scheme means", []string{"crl.example.it:443"}, false, "https://crl.example.it/CRL", nil, true},
		{"and no other", []string{"crl.example.it:443"}, false, "http://crl.example.it/CRL", ErrHost, false},
		{"an address that the caller named", []string{"[::1]"}, false, "http://[::1]/CRL", nil, true},
	} {
		u, named, err := (&Client{Hosts: c.hosts}).allowed(c.builtIn, c.url)
		require.ErrorIs(t, err, c.err, c.reason)
		require.Equal(t, c.named, named, c.reason)
		require.Equal(t, c.err == nil, u != nil, c.reason)
	}
}

// A name that is allowed and leads inside is refused when it has been
// resolved, before a byte is sent.
func TestPrivateAddress(t *testing.T) {
	t.Parallel()
	asked := false
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	t.Cleanup(s.Close)
	_, port, err := net.SplitHostPort(strings.TrimPrefix(s.URL, "http://"))
	require.NoError(t, err)
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]"} {
		client := &http.Client{Transport: (&Client{}).transport(false)}
		_, err := client.Get("http://" + host + ":" + port)
		require.ErrorIs(t, err, ErrAddress, host)
	}
	require.False(t, asked)
}

// What servers do wrong is an error of its own, and takes bounded time and
// memory.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		reason  string
		handler http.HandlerFunc
		err     error
	}{
		{"a redirect, which could lead anywhere", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://169.254.169.254/", http.StatusFound)
		}, ErrRedirect},
		{"not there", http.NotFound, ErrStatus},
		{"an error of the server", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }, ErrStatus},
		{"no content", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, ErrStatus},
		{"a size that is announced and too large", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(MaxOCSP+1))
		}, ErrTooLarge},
		{"an answer that goes on and on", func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < 256; i++ {
				if _, err := w.Write(make([]byte, 8<<10)); err != nil {
					return
				}
			}
		}, ErrTooLarge},
		{"an answer that breaks off", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("half"))
		}, io.ErrUnexpectedEOF},
		{"silence", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, context.DeadlineExceeded},
		{"a byte now and then", func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				_, _ = w.Write([]byte("x"))
				w.(http.Flusher).Flush()
				time.Sleep(20 * time.Millisecond)
			}
		}, context.DeadlineExceeded},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			client, at := serve(t, c.handler)
			client.Timeout = 2 * time.Second
			if errors.Is(c.err, context.DeadlineExceeded) {
				client.Timeout = 200 * time.Millisecond
			}
			b, err := client.ask(t.Context(), false, at, nil)
			require.ErrorIs(t, err, c.err)
			require.Nil(t, b)
			require.NotContains(t, err.Error(), at, "the Problem names the URL")
		})
	}
	t.Run("a header without end", func(t *testing.T) {
		t.Parallel()
		client, at := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Lungo", strings.Repeat("x", 2*maxHeader))
		})
		_, err := client.ask(t.Context(), false, at, nil)
		require.ErrorContains(t, err, "header")
	})
	t.Run("nobody listens", func(t *testing.T) {
		t.Parallel()
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		address := l.Addr().String()
		require.NoError(t, l.Close())
		_, err = (&Client{Hosts: []string{address}}).get(t.Context(), false, "http://"+address)
		_, refused := errors.AsType[*net.OpError](err)
		require.True(t, refused, "%v", err)
	})
	t.Run("compressed, which nobody asked for, stays as it is", func(t *testing.T) {
		t.Parallel()
		client, at := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write([]byte("\x1f\x8b"))
		})
		b, err := client.ask(t.Context(), false, at, nil)
		require.NoError(t, err)
		require.Equal(t, "\x1f\x8b", string(b))
	})
}

// Just as many bytes as are allowed are.
func TestLargestAnswer(t *testing.T) {
	t.Parallel()
	client, at := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, MaxOCSP)) })
	b, err := client.ask(t.Context(), false, at, nil)
	require.NoError(t, err)
	require.Len(t, b, MaxOCSP)
}

// A proxy is asked only if the caller gives one. Not parallel: it sets the
// environment.
func TestProxy(t *testing.T) {
	through := 0
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { through++; fmt.Fprint(w, "by proxy") }))
	t.Cleanup(proxy.Close)
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "ALL_PROXY"} {
		t.Setenv(name, proxy.URL)
	}
	t.Setenv("NO_PROXY", "")
	c, at := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "direct") })
	b, err := c.get(t.Context(), false, at)
	require.NoError(t, err)
	require.Equal(t, "direct", string(b))

	var perr error
	c.Proxy, perr = url.Parse(proxy.URL)
	require.NoError(t, perr)
	b, err = c.get(t.Context(), false, at)
	require.NoError(t, err)
	require.Equal(t, "by proxy", string(b))
	require.Equal(t, 1, through)
}

// What is kept is kept for this user alone, whole, and never more than it may be.
func TestCache(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "cache", "gopec")
	c := cache{folder}
	k := key("http://ca1.agid.gov.it/CRL", nil)
	require.NotEqual(t, k, key("http://ca1.agid.gov.it/CR", []byte("L")), "where one ends and the other begins counts")
	require.Nil(t, c.get(k, 100), "nothing is there")
	require.NoError(t, c.put(k, []byte("answer")))
	require.Equal(t, "answer", string(c.get(k, 100)))
	require.Nil(t, c.get(k, 5), "larger than an answer may be")
	require.NoError(t, c.put(k, []byte("newer")))
	require.Equal(t, "newer", string(c.get(k, 100)))

	info, err := os.Stat(folder)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, entries, 1, "no other file is left")
	info, err = entries[0].Info()
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	outside := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(outside, []byte("secret"), 0o600))
	link := key("http://ca1.agid.gov.it/link", nil)
	require.NoError(t, os.Symlink(outside, filepath.Join(folder, link)))
	require.Nil(t, c.get(link, 100), "a link out of the folder is not followed")

	require.NoError(t, cache{}.put(k, []byte("x")), "without a folder nothing is kept")
	require.Nil(t, cache{}.get(k, 100))
	blocked := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(blocked, nil, 0o600))
	require.Error(t, cache{blocked}.put(k, []byte("x")))
}
