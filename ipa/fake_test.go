package ipa_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

const authID = "segreto-1234"

// documented are the web services as registered: path and the parameters that
// must and may be there, written from the published index.
var documented = map[string]struct{ must, may []string }{
	"/ws/WS01SFECFServices/api/WS01_SFE_CF":                   {must: []string{"CF"}},
	"/ws/WS02AOOServices/api/WS02_AOO":                        {must: []string{"COD_AMM"}, may: []string{"COD_AOO"}},
	"/ws/WS03OUServices/api/WS03_OU":                          {must: []string{"COD_AMM"}},
	"/ws/WS04SFEServices/api/WS04_SFE":                        {must: []string{"COD_AMM"}},
	"/ws/WS05AMMServices/api/WS05_AMM":                        {must: []string{"COD_AMM"}},
	"/ws/WS06OUCODUNIServices/api/WS06_OU_COD_UNI":            {must: []string{"COD_UNI_OU"}},
	"/ws/WS07EMAILServices/api/WS07_EMAIL":                    {must: []string{"EMAIL"}},
	"/ws/WS08AOOCServices/api/WS08_AOOC":                      {must: []string{"COD_AMM"}, may: []string{"COD_AOO"}},
	"/ws/WS09DOMDIGAOOServices/api/WS09_DOMDIGAOO":            {must: []string{"COD_AMM"}, may: []string{"COD_AOO"}},
	"/ws/WS10DOMDIGOUServices/api/WS10_DOM_DIG_OU":            {must: []string{"COD_UNI_OU"}},
	"/ws/WS11DOMDIGSTORAOOServices/api/WS11_DOM_DIG_STOR_AOO": {must: []string{"COD_AMM"}, may: []string{"COD_AOO"}},
	"/ws/WS12DOMDIGSTOROUServices/api/WS12_DOM_DIG_STOR_OU":   {must: []string{"COD_UNI_OU"}},
	"/ws/WS13DOMDIGServices/api/WS13_DOM_DIG":                 {must: []string{"DOM_DIG"}},
	"/ws/WS14NSOCFServices/api/WS14_NSO_CF":                   {must: []string{"CF"}},
	"/ws/WS15NSOServices/api/WS15_NSO":                        {must: []string{"COD_AMM"}},
	"/ws/WS16DESAMMServices/api/WS16_DES_AMM":                 {must: []string{"DESCR"}},
	"/ws/WS18AOOServices/api/WS18_AOO":                        {must: []string{"COD_UNI_AOO"}},
	"/ws/WS19AOOServices/api/WS19_AOO":                        {must: []string{"COD_AMM"}, may: []string{"COD_UNI_AOO", "STORICO"}},
	"/ws/WS20PECServices/api/WS20_PEC":                        {must: []string{"COD_AMM"}},
	"/ws/WS21PECENTESTORServices/api/WS21_PEC_ENTE_STOR":      {must: []string{"COD_AMM"}},
	"/ws/WS22PECSTORServices/api/WS22_PEC_STOR":               {must: []string{"PEC"}},
	"/ws/WS23DOMDIGCFServices/api/WS23_DOM_DIG_CF":            {must: []string{"CF"}},
}

// fake stands for IPA's servers. It checks every request against what is
// documented, and answers with what the test wants.
type fake struct {
	*httptest.Server
	t      testing.TB
	answer http.HandlerFunc
	mu     sync.Mutex
	forms  []url.Values
	paths  []string
}

func newFake(t testing.TB, answer http.HandlerFunc) *fake {
	f := &fake{t: t, answer: answer}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/ws/") {
		f.webService(r)
	} else {
		f.openData(r)
	}
	if r.UserAgent() == "" || strings.HasPrefix(r.UserAgent(), "Go-http-client") {
		f.t.Errorf("User-Agent %q", r.UserAgent())
	}
	f.mu.Lock()
	f.paths = append(f.paths, r.URL.Path)
	f.mu.Unlock()
	f.answer(w, r)
}

func (f *fake) webService(r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		f.t.Errorf("body: %v", err)
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		f.t.Errorf("form: %v", err)
	}
	service, ok := documented[r.URL.Path]
	if !ok {
		f.t.Errorf("no such path: %s", r.URL.Path)
	}
	if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		f.t.Errorf("%s %s", r.Method, r.Header.Get("Content-Type"))
	}
	if form.Get("AUTH_ID") != authID {
		f.t.Errorf("AUTH_ID in the form is %q", form.Get("AUTH_ID"))
	}
	if strings.Contains(r.URL.String(), authID) || strings.Contains(fmt.Sprint(r.Header), authID) {
		f.t.Error("the AUTH_ID is in the URL or in the header")
	}
	for _, name := range service.must {
		if form.Get(name) == "" {
			f.t.Errorf("%s without %s", r.URL.Path, name)
		}
	}
	for name, values := range form {
		if name != "AUTH_ID" && !slices.Contains(service.must, name) && !slices.Contains(service.may, name) || len(values) != 1 {
			f.t.Errorf("%s with %s %d times", r.URL.Path, name, len(values))
		}
	}
	f.mu.Lock()
	f.forms = append(f.forms, form)
	f.mu.Unlock()
}

func (f *fake) openData(r *http.Request) {
	if r.Method != http.MethodGet {
		f.t.Errorf("%s %s", r.Method, r.URL)
	}
	switch {
	case strings.HasPrefix(r.URL.Path, "/ipa-dati/datastore/dump/"):
		if q := r.URL.Query(); q.Get("bom") != "True" || q.Get("format") != "csv" {
			f.t.Errorf("query %s", r.URL.RawQuery)
		}
	case r.URL.Path == "/ipa-dati/api/3/action/package_show":
		if r.URL.Query().Get("id") == "" {
			f.t.Error("package_show without id")
		}
	default:
		f.t.Errorf("no such path: %s", r.URL.Path)
	}
}

// requests returns how many requests came.
func (f *fake) requests() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.paths)
}

// The answers.

func says(contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		io.WriteString(w, body)
	}
}

func replies(data string) http.HandlerFunc {
	return says("application/json", `{"result":{"cod_err":0,"desc_err":"","num_items":1},"data":`+data+`}`)
}

func refuses(code int, description string) http.HandlerFunc {
	return says("application/json", fmt.Sprintf(`{"result":{"cod_err":%d,"desc_err":%q,"num_items":0},"data":null}`, code, description))
}

func fails(status int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, "<html>"+authID)
	}
}

// truncates promises more bytes than come.
func truncates(contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Content-Length", fmt.Sprint(len(body)+100))
		io.WriteString(w, body)
	}
}

// drips sends the beginning and then waits until the client gives up.
func drips(contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", contentType)
		io.WriteString(w, body)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
}

// bomb sends megabytes of blanks in a few kilobytes of gzip.
func bomb(contentType string, megabytes int) http.HandlerFunc {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	for range megabytes {
		z.Write(bytes.Repeat([]byte(" "), 1<<20))
	}
	z.Close()
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(packed.Bytes())
	}
}

// inTurn gives each request the next answer; the last one stays.
func inTurn(answers ...http.HandlerFunc) http.HandlerFunc {
	var mu sync.Mutex
	n := 0
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		answer := answers[min(n, len(answers)-1)]
		n++
		mu.Unlock()
		answer(w, r)
	}
}
