package inipectest

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/gopec/gopec/internal/fiscalcode"
)

// InfoCamere is a fake of the services for INI-PEC. Its operations are
// "authentication", "richiestaElencoPec" and "getElencoPec".
type InfoCamere struct {
	BaseURL     string // the aud of assertions; its path comes before the operations
	ClientID    string
	Key         crypto.PublicKey
	Certificate []byte           // DER, what x5c must hold
	Entries     map[string]Entry // by code in capitals
	InProgress  int              // polls of each request that are answered "in progress"
	TokenLife   time.Duration    // 0 means 1 h

	QuotedToken    bool // the token as a JSON string, as the OpenAPI document says, not as plain text
	LowerCase      bool // codes come back in small letters
	NotReadyStatus int  // 0 means 200
	// Nulls: codes without entry are named, and pecImpresa is null where there
	// is none. The OpenAPI document has no null: without it such codes are
	// missing from the answer, and pecImpresa is empty.
	Nulls  bool
	States bool // items have statoImpresa

	Fault func(operation string, n int) Fault
	Now   func() time.Time // nil means time.Now

	service
	tokens   map[string]time.Time
	requests map[string]*request
	asked    map[string]int
}

// Entry is what INI-PEC knows about a code.
type Entry struct {
	Company       string
	Professionals []string
	State         string // statoImpresa, if [InfoCamere.States]
}

type request struct {
	codes []string
	polls int
}

// Asked returns how many requests have held a code.
func (s *InfoCamere) Asked(code string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[code]
}

// ExpireTokens ends all tokens before their time.
func (s *InfoCamere) ExpireTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}

// ServeHTTP answers the three operations.
func (s *InfoCamere) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, path, _ := strings.Cut(strings.TrimRight(s.BaseURL, "/"), "://")
	_, prefix, _ := strings.Cut(path, "/")
	operation := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/"+prefix), "/")
	operation, id, _ := strings.Cut(operation, "/")
	answered, end := s.begin(w, operation, s.Fault)
	if answered {
		return
	}
	defer end()
	w.Header().Set("X-Tracking-trackingId", fmt.Sprintf("fake-%s-%d", operation, s.calls[operation]))
	switch {
	case r.URL.Query().Get("client_id") != s.ClientID:
		s.refuse(w, http.StatusUnauthorized, "client_id")
	case operation == "authentication" && r.Method == http.MethodPost && id == "":
		s.authenticate(w, r)
	case operation == "richiestaElencoPec" && r.Method == http.MethodPost && id == "":
		if s.entitled(w, r) {
			s.submit(w, r)
		}
	case operation == "getElencoPec" && r.Method == http.MethodGet && id != "":
		if s.entitled(w, r) {
			s.poll(w, id)
		}
	default:
		s.refuse(w, http.StatusNotFound, "no such operation")
	}
}

func (s *InfoCamere) refuse(w http.ResponseWriter, status int, why string) {
	writeJSON(w, status, "application/json", map[string]string{"code": fmt.Sprint(status), "message": s.problem("%s", why)})
}

func (s *InfoCamere) authenticate(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err := s.checkAssertion(r, string(body)); err != nil {
		s.refuse(w, http.StatusUnauthorized, err.Error())
		return
	}
	if s.tokens == nil {
		s.tokens = make(map[string]time.Time)
	}
	life := s.TokenLife
	if life == 0 {
		life = time.Hour
	}
	until := clock(s.Now).Add(life)
	encode := base64.RawURLEncoding.EncodeToString
	token := encode([]byte(`{"alg":"none"}`)) + "." + encode(fmt.Appendf(nil, `{"exp":%d,"n":%d}`, until.Unix(), s.calls["authentication"])) + "." + encode([]byte("fake"))
	s.tokens[token] = until
	w.Header().Set("Content-Type", "application/json")
	if s.QuotedToken {
		token = `"` + token + `"`
	}
	_, _ = io.WriteString(w, token)
}

func (s *InfoCamere) checkAssertion(r *http.Request, text string) error {
	if r.Header.Get("Content-Type") != "application/json" {
		return fmt.Errorf("assertion: content type")
	}
	signed, err := jose.ParseSignedCompact(text, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return err
	}
	payload, err := signed.Verify(s.Key)
	if err != nil {
		return err
	}
	head, _, _ := strings.Cut(text, ".")
	raw, _ := base64.RawURLEncoding.DecodeString(head)
	var header struct {
		Type        jsonString `json:"typ"`
		Algorithm   jsonString `json:"alg"`
		Certificate [][]byte   `json:"x5c"`
		Use         jsonString `json:"use"`
	}
	if err := strict(bytes.NewReader(raw), &header); err != nil {
		return err
	}
	if header.Type != "JWT" || header.Use != "sig" || len(header.Certificate) != 1 || !bytes.Equal(header.Certificate[0], s.Certificate) {
		return fmt.Errorf("assertion: header")
	}
	var c struct {
		Audience jsonString `json:"aud"`
		Issuer   jsonString `json:"iss"`
		Subject  jsonString `json:"sub"`
		ID       jsonString `json:"jti"`
		Expires  int64      `json:"exp"`
		Scope    jsonString `json:"scope"`
	}
	if err := strict(bytes.NewReader(payload), &c); err != nil {
		return err
	}
	now := clock(s.Now)
	switch {
	case string(c.Audience) != s.BaseURL, string(c.Issuer) != s.ClientID, c.Subject != c.Issuer, c.ID == "", c.Scope != "pec-pa":
		return fmt.Errorf("assertion: aud, iss, sub, jti or scope")
	case c.Expires <= now.Unix(), c.Expires > now.Add(10*time.Minute).Unix():
		return fmt.Errorf("assertion: exp")
	}
	return nil
}

func (s *InfoCamere) entitled(w http.ResponseWriter, r *http.Request) bool {
	if r.Header.Get("scope") != "pec-pa" {
		s.refuse(w, http.StatusUnauthorized, "scope")
		return false
	}
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if until, known := s.tokens[token]; !ok || !known || !clock(s.Now).Before(until) {
		// Not a problem of the request: tokens end.
		writeJSON(w, http.StatusUnauthorized, "application/json", map[string]string{"code": "401", "message": "Unauthorized"})
		return false
	}
	return true
}

func (s *InfoCamere) submit(w http.ResponseWriter, r *http.Request) {
	var question struct {
		At    jsonString `json:"dataOraRichiesta"`
		Codes []struct {
			Code jsonString `json:"cf"`
		} `json:"elencoCf"`
	}
	err := strict(r.Body, &question)
	if err == nil {
		_, err = time.Parse("2006-01-02T15:04:05.000", string(question.At))
	}
	if err == nil && (len(question.Codes) == 0 || len(question.Codes) > 100 || r.Header.Get("Content-Type") != "application/json") {
		err = fmt.Errorf("%d codes, or content type", len(question.Codes))
	}
	one := &request{}
	seen := make(map[string]bool)
	for _, c := range question.Codes {
		code, wrong := fiscalcode.Parse(string(c.Code))
		if wrong != nil || code.String() != string(c.Code) || seen[code.String()] {
			err = fmt.Errorf("a code is wrong, not in capitals, or there twice")
		}
		seen[code.String()] = true
		one.codes = append(one.codes, code.String())
	}
	if err != nil {
		s.refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	if s.requests == nil {
		s.requests, s.asked = make(map[string]*request), make(map[string]int)
	}
	id := fmt.Sprintf("%09d", 100000+len(s.requests))
	s.requests[id] = one
	for _, c := range one.codes {
		s.asked[c]++
	}
	writeJSON(w, http.StatusOK, "application/json", map[string]string{"dataOraRichiesta": string(question.At), "identificativoRichiesta": id})
}

func (s *InfoCamere) poll(w http.ResponseWriter, id string) {
	one := s.requests[id]
	if one == nil {
		// Errors inside a 200: one client's code.
		writeJSON(w, http.StatusOK, "application/json", map[string]string{"code": "WSPA_ERR_04", "appName": "wspa", "description": s.problem("no such request"), "timestamp": "now"})
		return
	}
	if one.polls++; one.polls <= s.InProgress {
		status := s.NotReadyStatus
		if status == 0 {
			status = http.StatusOK
		}
		writeJSON(w, status, "application/json", map[string]string{"code": "WSPA_ERR_05", "appName": "wspa-pec", "description": "List PEC in progress", "timestamp": "2024-05-21T12:30:00.123"})
		return
	}
	list := []map[string]any{}
	for _, code := range one.codes {
		e, listed := s.Entries[code]
		if !listed && !s.Nulls {
			continue
		}
		list = append(list, s.item(code, e))
	}
	writeJSON(w, http.StatusOK, "application/json", map[string]any{"dataOraDownload": "2024-05-21T12:31:00.123", "identificativoRichiesta": id, "elencoPec": list})
}

func (s *InfoCamere) item(code string, e Entry) map[string]any {
	if s.LowerCase {
		code = strings.ToLower(code)
	}
	item := map[string]any{"cf": code, "pecImpresa": e.Company}
	if e.Company == "" && s.Nulls {
		item["pecImpresa"] = nil
	}
	if e.Professionals != nil {
		var list []map[string]string
		for _, a := range e.Professionals {
			list = append(list, map[string]string{"pec": a})
		}
		item["pecProfessionista"] = list
	}
	if s.States {
		item["statoImpresa"] = nil
		if e.State != "" {
			item["statoImpresa"] = json.RawMessage(`"` + e.State + `"`)
		}
	}
	return item
}
