package online

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gopec/gopec/trust/revocation"
)

// Limits of one answer.
const (
	MaxCRL         = revocation.MaxCRLSize  // bytes
	MaxOCSP        = revocation.MaxOCSPSize // bytes
	DefaultTimeout = 15 * time.Second       // from the look-up of the name to the last byte
	maxHeader      = 64 << 10               // bytes of the answer's header
	maxURL         = 2048                   // bytes
)

// Reasons why nothing was learnt. errors.Is finds them in a Problem.
var (
	ErrHost     = errors.New("online: the host is not one of those allowed")
	ErrAddress  = errors.New("online: the host is at an address that is not public")
	ErrURL      = errors.New("online: not a URL that is fetched")
	ErrLDAP     = errors.New("online: ldap URLs are not fetched")
	ErrRedirect = errors.New("online: the server redirects, which is not followed")
	ErrStatus   = errors.New("online: the server answers with an error")
	ErrTooLarge = errors.New("online: the answer is larger than allowed")
)

// AgIDHost serves the lists and answers of AgID's authority, the built-in
// anchor.
const AgIDHost = "ca1.agid.gov.it"

// Client fetches. The zero value asks AgID's host only and caches nothing. Its
// exported fields must not be changed once it is in use; it is then safe for
// concurrent use.
type Client struct {
	// Hosts are allowed besides AgID's: "host", which means ports 80 and 443, or
	// "host:port". A host named here may be at a private address.
	Hosts []string
	// Cache is a folder that keeps answers, made with mode 0700 if it is not
	// there; "" for none.
	Cache string
	// Timeout is for one URL; 0 is DefaultTimeout.
	Timeout time.Duration
	// Proxy is asked for everything if it is given. Nothing in the environment
	// names one. What the proxy resolves is not looked at, since only it knows.
	Proxy *url.URL
	// TLS is for https; nil for the system's anchors. Lists and answers are
	// signed themselves, so nothing but privacy rests on it.
	TLS *tls.Config

	mu    sync.Mutex
	asked map[string]outcome
	size  int // bytes of the answers in asked
}

// get fetches a list.
func (c *Client) get(ctx context.Context, builtIn bool, raw string) ([]byte, error) {
	return c.fetch(ctx, builtIn, raw, http.MethodGet, "", nil, MaxCRL)
}

// ask sends an OCSP request.
func (c *Client) ask(ctx context.Context, builtIn bool, raw string, request []byte) ([]byte, error) {
	return c.fetch(ctx, builtIn, raw, http.MethodPost, "application/ocsp-request", request, MaxOCSP)
}

func (c *Client) fetch(ctx context.Context, builtIn bool, raw, method, mediaType string, body []byte, limit int64) ([]byte, error) {
	u, named, err := c.allowed(builtIn, raw)
	if err != nil {
		return nil, err
	}
	timeout := c.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrURL, err)
	}
	request.Header.Set("User-Agent", "gopec")
	if mediaType != "" {
		request.Header.Set("Content-Type", mediaType)
	}
	transport := c.transport(named)
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(request)
	if err != nil {
		return nil, unwrapURL(err)
	}
	defer answer.Body.Close()
	return read(answer, limit)
}

// read takes the body of an answer within its limit.
func read(answer *http.Response, limit int64) ([]byte, error) {
	switch {
	case answer.StatusCode >= 300 && answer.StatusCode < 400:
		return nil, fmt.Errorf("%w: %s", ErrRedirect, answer.Status)
	case answer.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%w: %s", ErrStatus, answer.Status)
	case answer.ContentLength > limit:
		return nil, fmt.Errorf("%w: %d bytes of %d", ErrTooLarge, answer.ContentLength, limit)
	}
	b, err := io.ReadAll(io.LimitReader(answer.Body, limit+1))
	if err != nil {
		return nil, unwrapURL(err)
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, limit)
	}
	return b, nil
}

// transport makes connections for one request. The environment's proxy
// settings are not read.
func (c *Client) transport(named bool) *http.Transport {
	dialer := &net.Dialer{Timeout: DefaultTimeout}
	if !named && c.Proxy == nil {
		dialer.Control = refusePrivate
	}
	t := &http.Transport{
		DialContext:            dialer.DialContext,
		DisableKeepAlives:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxHeader,
		TLSClientConfig:        c.TLS.Clone(), // of nil: nil
		TLSHandshakeTimeout:    DefaultTimeout,
	}
	if c.Proxy != nil {
		t.Proxy = http.ProxyURL(c.Proxy)
	}
	return t
}

// allowed parses a URL from a certificate and says whether it may be asked,
// and whether the caller named its host.
func (c *Client) allowed(builtIn bool, raw string) (u *url.URL, named bool, err error) {
	if len(raw) > maxURL {
		return nil, false, fmt.Errorf("%w: %d bytes long", ErrURL, len(raw))
	}
	u, err = url.Parse(raw)
	if err != nil {
		return nil, false, fmt.Errorf("%w: %w", ErrURL, unwrapURL(err))
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
	case "ldap", "ldaps":
		return nil, false, ErrLDAP
	default:
		return nil, false, fmt.Errorf("%w: scheme %q", ErrURL, u.Scheme)
	}
	if u.User != nil || u.Opaque != "" || u.Hostname() == "" {
		return nil, false, fmt.Errorf("%w: it has no plain host", ErrURL)
	}
	host, port := canonical(u.Hostname()), u.Port()
	standard := port == "" || port == "80" || port == "443"
	for _, h := range c.Hosts {
		if name, p, err := net.SplitHostPort(h); err == nil {
			if canonical(name) == host && p == portOf(u) {
				return u, true, nil
			}
			continue
		}
		if standard && canonical(strings.Trim(h, "[]")) == host {
			return u, true, nil
		}
	}
	switch {
	case !builtIn || host != AgIDHost:
		return nil, false, fmt.Errorf("%w: %s", ErrHost, u.Host)
	case !standard:
		return nil, false, fmt.Errorf("%w: port %s", ErrURL, port)
	}
	return u, false, nil
}

func canonical(host string) string { return strings.TrimSuffix(strings.ToLower(host), ".") }

func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case strings.EqualFold(u.Scheme, "https"):
		return "443"
	}
	return "80"
}

// unwrapURL leaves out the URL, which a Problem names itself.
func unwrapURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}
