// Package manage is the management port of the box: HTTP for tests, which look at
// what happened, move the clock and ask for failures. GET / lists what there is.
//
// It has no login and is meant for the loopback address. So that a web page that a
// browser on the same machine shows cannot use it, a request whose Host is no
// loopback name is refused (DNS rebinding), and one that changes something and comes
// from another site's page.
package manage

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"crypto/x509"

	"github.com/gopec/gopec/cmd/pecbox/internal/account"
	"github.com/gopec/gopec/internal/printable"
	"github.com/gopec/gopec/pectest"
)

// The limits of a request.
const (
	maxForm    = 64 << 10  // bytes
	maxArrival = 100 << 20 // bytes; the circuit's own limit
	maxFaults  = 10_000    // addresses that were given one
	maxAddress = 254       // bytes
	maxAdvance = 366 * 24 * time.Hour
	timeout    = 5 * time.Minute
)

// Config is what the port gives access to.
type Config struct {
	Circuit      *pectest.Circuit
	Accounts     *account.Directory
	TLSAuthority *x509.Certificate
	Clear        func()      // forgets what IMAP clients see
	Log          *log.Logger // takes what goes wrong with a connection
}

// NewServer returns a server of the port.
func NewServer(c Config) *http.Server {
	p := &port{Config: c, faults: make(map[string]pectest.Fault)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.help)
	mux.HandleFunc("GET /health", p.health)
	mux.HandleFunc("GET /ca.pem", certificate(c.Circuit.Anchor()))
	mux.HandleFunc("GET /tls-ca.pem", certificate(c.TLSAuthority))
	mux.HandleFunc("GET /mailboxes", p.mailboxes)
	mux.HandleFunc("GET /mailboxes/{name}", p.mailbox)
	mux.HandleFunc("GET /messages/{number}", p.message)
	mux.HandleFunc("DELETE /messages", p.clear)
	mux.HandleFunc("GET /log", p.log)
	mux.HandleFunc("GET /clock", p.clock)
	mux.HandleFunc("POST /clock", p.advance)
	mux.HandleFunc("GET /faults", p.listFaults)
	mux.HandleFunc("POST /faults", p.setFault)
	mux.HandleFunc("POST /arrivals", p.arrive)
	return &http.Server{
		Handler:           loopbackOnly(http.NewCrossOriginProtection().Handler(mux)),
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: timeout, WriteTimeout: timeout, IdleTimeout: timeout,
		MaxHeaderBytes: maxForm, ErrorLog: c.Log,
	}
}

type port struct {
	Config
	mu     sync.Mutex
	faults map[string]pectest.Fault
}

// loopbackOnly refuses requests that name another host.
func loopbackOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		ip := net.ParseIP(strings.Trim(host, "[]"))
		if !strings.EqualFold(host, "localhost") && (ip == nil || !ip.IsLoopback()) {
			fail(w, http.StatusForbidden, "the management port answers to localhost only")
			return
		}
		next.ServeHTTP(w, r)
	})
}

//go:embed help.txt
var help []byte

func (p *port) help(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Write(help)
}

func (p *port) health(w http.ResponseWriter, _ *http.Request) {
	messages := 0
	for _, a := range p.Accounts.All() {
		messages += a.Mailbox.Len()
	}
	answer(w, health{Status: "ok", Time: p.Circuit.Clock().Now(), Messages: messages, Stored: p.Circuit.Stored()})
}

type health struct {
	Status   string    `json:"status"`
	Time     time.Time `json:"time"`
	Messages int       `json:"messages"`
	Stored   int64     `json:"storedBytes"`
}

func certificate(c *x509.Certificate) http.HandlerFunc {
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-pem-file")
		w.Write(text)
	}
}

// answer writes JSON. Outside text in it is harmless on a terminal.
func answer(w http.ResponseWriter, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		fail(w, http.StatusInternalServerError, "%v", err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(append(printable.JSON(text), '\n'))
}

// list writes a JSON array with an element a line.
func list[T any](w http.ResponseWriter, elements []T) {
	var out bytes.Buffer
	out.WriteString("[")
	for i, e := range elements {
		text, err := json.Marshal(e)
		if err != nil {
			fail(w, http.StatusInternalServerError, "%v", err)
			return
		}
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteByte('\n')
		out.Write(printable.JSON(text))
	}
	out.WriteString("\n]\n")
	w.Header().Set("Content-Type", "application/json")
	w.Write(out.Bytes())
}

func fail(w http.ResponseWriter, status int, format string, args ...any) {
	text, err := json.Marshal(map[string]string{"error": fmt.Sprintf(format, args...)})
	if err != nil {
		text = []byte(`{"error":"internal error"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(append(printable.JSON(text), '\n'))
}
