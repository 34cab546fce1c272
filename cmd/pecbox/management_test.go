package main

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestManagementRefusals: what a web page in the tester's browser could try.
func TestManagementRefusals(t *testing.T) {
	t.Parallel()
	r := run(t)
	for _, c := range []struct {
		reason       string
		method, path string
		host         string
		header       map[string]string
		body         string
		want         int
	}{
		{reason: "a name that leads to the loopback address", method: "GET", path: "/log", host: "attacker.example.com", want: http.StatusForbidden},
		{reason: "another address", method: "GET", path: "/log", host: "192.0.2.1:80", want: http.StatusForbidden},
		{reason: "localhost", method: "GET", path: "/log", host: "localhost:1", want: http.StatusOK},
		{reason: "the address itself, version 6", method: "GET", path: "/log", host: "[::1]", want: http.StatusOK},
		{reason: "a form of another site's page", method: "POST", path: "/clock", body: "advance=1h",
			header: map[string]string{"Sec-Fetch-Site": "cross-site"}, want: http.StatusForbidden},
		{reason: "the same from an old browser", method: "POST", path: "/clock", body: "advance=1h",
			header: map[string]string{"Origin": "https://attacker.example.com"}, want: http.StatusForbidden},
		{reason: "a test", method: "POST", path: "/clock", body: "advance=1h", want: http.StatusOK},
		{reason: "the largest form", method: "POST", path: "/clock", body: "advance=1h&x=" + strings.Repeat("x", 64<<10-13), want: http.StatusOK},
		{reason: "a form beyond it", method: "POST", path: "/clock", body: "advance=1h&x=" + strings.Repeat("x", 64<<10-12), want: http.StatusBadRequest},
		{reason: "the longest way", method: "POST", path: "/clock", body: "advance=8784h", want: http.StatusOK},
		{reason: "further", method: "POST", path: "/clock", body: "advance=8784h1ns", want: http.StatusBadRequest},
		{reason: "an address of 254 bytes", method: "POST", path: "/faults", body: "fault=full&address=a@" + strings.Repeat("b", 252), want: http.StatusOK},
		{reason: "a longer one", method: "POST", path: "/faults", body: "fault=full&address=a@" + strings.Repeat("b", 253), want: http.StatusBadRequest},
		{reason: "no way to write there", method: "PUT", path: "/messages/1", want: http.StatusMethodNotAllowed},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			request, err := http.NewRequestWithContext(t.Context(), c.method, r.Management+c.path, strings.NewReader(c.body))
			require.NoError(t, err)
			request.Host = c.host
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			for name, value := range c.header {
				request.Header.Set(name, value)
			}
			answer, err := http.DefaultClient.Do(request)
			require.NoError(t, err)
			defer answer.Body.Close()
			text, err := io.ReadAll(answer.Body)
			require.NoError(t, err)
			require.Equal(t, c.want, answer.StatusCode, "%s", text)
		})
	}
}

// TestClockEnds: a clock beyond the authority's certificate would only give messages
// that nothing verifies.
func TestClockEnds(t *testing.T) {
	t.Parallel()
	r := run(t)
	for years := 0; ; years++ {
		require.Less(t, years, 30)
		answer, err := http.Post(r.Management+"/clock", "application/x-www-form-urlencoded", strings.NewReader("advance=8760h"))
		require.NoError(t, err)
		answer.Body.Close()
		if answer.StatusCode == http.StatusBadRequest {
			require.Equal(t, 20, years)
			return
		}
	}
}

// TestHelp finds every path of the port in what it says of itself.
func TestHelp(t *testing.T) {
	t.Parallel()
	r := run(t)
	help := string(r.get(t, "/"))
	for _, path := range []string{"/health", "/ca.pem", "/tls-ca.pem", "/mailboxes", "/messages/NUMBER", "/log", "/clock", "/faults", "/arrivals"} {
		require.Contains(t, help, path)
	}
	require.Contains(t, string(r.get(t, "/health")), `"status":"ok"`)
}
