package inipectest

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/gopec/gopec/inipec/internal/jws"
)

// INAD is a fake of INAD's extraction services. Its operations are "extract",
// "verify", "list", "state" and "response".
type INAD struct {
	PDND       *PDND // whose vouchers it takes
	Domiciles  map[string][]Domicile
	InProgress int    // questions for the state of each list that are answered "in progress"
	ListKey    string // "" means praticalReference
	// Omocodia: codes with letters of omocodia are taken, against the pattern of
	// the OpenAPI document.
	Omocodia    bool
	ReadyAs200  bool   // a ready list has status 200 and DISPONIBILE, not 303
	ReadyAt     string // the host in the Location of a 303; "" means that of the request
	ShortOffset bool   // times end in +0000, as in the document's words, not in Z as in its examples

	Fault func(operation string, n int) Fault
	Now   func() time.Time // nil means time.Now

	service
	lists map[string]*list
}

// Domicile is one domicile of a code.
type Domicile struct {
	Address    string
	Profession string
	Ends       time.Time
}

type list struct {
	codes []string
	made  time.Time
	polls int
}

// codePattern is that of the OpenAPI document with its groups anchored.
var codePattern = regexp.MustCompile(`^([0-9]{11}|[A-Za-z]{6}[0-9]{2}[A-Za-z][0-9]{2}[A-Za-z][0-9]{3}[A-Za-z])$`)

var omocodic = regexp.MustCompile(`^[A-Z]{6}[0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]$`)

var addressPattern = regexp.MustCompile(`^[a-zA-Z0-9_.+-]+@[a-zA-Z0-9-]+\.[a-zA-Z0-9-.]+$`)

// ServeHTTP answers the five operations, under any base path.
func (s *INAD) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	segments := strings.Split(r.URL.Path, "/")
	last, before := segments[len(segments)-1], ""
	if len(segments) > 1 {
		before = segments[len(segments)-2]
	}
	operation := before
	if last == "listDigitalAddress" {
		operation = "list"
	}
	answered, end := s.begin(w, operation, s.Fault)
	if answered {
		return
	}
	defer end()
	if _, ok := s.PDND.Accepts(r); !ok {
		s.refuse(w, http.StatusUnauthorized, "UNAUTHORIZED", "voucher")
		return
	}
	switch {
	case operation == "extract" && r.Method == http.MethodGet:
		s.extract(w, last, r.URL.Query())
	case operation == "verify" && r.Method == http.MethodGet:
		s.verify(w, last, r.URL.Query())
	case operation == "list" && r.Method == http.MethodPost:
		s.submit(w, r)
	case operation == "state" && r.Method == http.MethodGet:
		s.state(w, r, last)
	case operation == "response" && r.Method == http.MethodGet:
		s.response(w, last)
	default:
		s.bad(w, "no such operation")
	}
}

func (s *INAD) refuse(w http.ResponseWriter, status int, kind, detail string) {
	writeJSON(w, status, "application/problem+json", map[string]string{"status": fmt.Sprint(status), "type": kind, "detail": detail})
}

func (s *INAD) bad(w http.ResponseWriter, why string) {
	s.refuse(w, http.StatusBadRequest, "BAD_REQUEST", s.problem("%s", why))
}

func (s *INAD) time(t time.Time) string {
	if s.ShortOffset {
		return t.UTC().Format("2006-01-02T15:04:05-0700")
	}
	return t.UTC().Format(time.RFC3339)
}

func (s *INAD) isCode(code string) bool {
	return codePattern.MatchString(code) || s.Omocodia && omocodic.MatchString(code)
}

func (s *INAD) extract(w http.ResponseWriter, code string, query url.Values) {
	switch {
	case !s.isCode(code):
		s.bad(w, "codice_fiscale "+code) // quotes the code, as a service may
	case len(query) != 1 || query.Get("practicalReference") == "":
		s.bad(w, "query")
	case s.Domiciles[code] == nil:
		s.refuse(w, http.StatusNotFound, "NOT_FOUND", "CF non trovato")
	default:
		writeJSON(w, http.StatusOK, "application/json", s.entry(code))
	}
}

func (s *INAD) entry(code string) map[string]any {
	domiciles := []map[string]any{}
	for _, d := range s.Domiciles[code] {
		one := map[string]any{"digitalAddress": d.Address, "usageInfo": map[string]string{"motivation": "CESSAZIONE_VOLONTARIA", "dateEndValidity": s.time(d.Ends)}}
		if d.Profession != "" {
			one["practicedProfession"] = d.Profession
		}
		domiciles = append(domiciles, one)
	}
	return map[string]any{"codiceFiscale": code, "since": s.time(clock(s.Now)), "digitalAddress": domiciles}
}

func (s *INAD) verify(w http.ResponseWriter, code string, query url.Values) {
	_, err := time.Parse(time.DateOnly, query.Get("since"))
	switch {
	case !s.isCode(code):
		s.bad(w, "codice_fiscale "+code)
	case err != nil, len(query) != 3, query.Get("practicalReference") == "", !addressPattern.MatchString(query.Get("digital_address")):
		s.bad(w, "query")
	case s.Domiciles[code] == nil:
		s.refuse(w, http.StatusNotFound, "NOT_FOUND", "CF non trovato")
	default:
		outcome := false
		for _, d := range s.Domiciles[code] {
			outcome = outcome || strings.EqualFold(d.Address, query.Get("digital_address"))
		}
		writeJSON(w, http.StatusOK, "application/json", map[string]any{"outcome": outcome, "dateTimeCheck": s.time(clock(s.Now))})
	}
}

func (s *INAD) submit(w http.ResponseWriter, r *http.Request) {
	var body map[string]any
	key := s.ListKey
	if key == "" {
		key = "praticalReference"
	}
	err := strict(r.Body, &body)
	reference, _ := body[key].(string)
	codes, _ := body["codiciFiscali"].([]any)
	if err != nil || len(body) != 2 || reference == "" || len(codes) == 0 || len(codes) > 1000 || r.Header.Get("Content-Type") != "application/json" {
		s.bad(w, "body of the list")
		return
	}
	one := &list{made: clock(s.Now)}
	for _, c := range codes {
		code, _ := c.(string)
		if !s.isCode(code) {
			s.bad(w, "codiciFiscali")
			return
		}
		one.codes = append(one.codes, code)
	}
	if s.lists == nil {
		s.lists = make(map[string]*list)
	}
	id := jws.NewID()
	s.lists[id] = one
	w.Header().Set("Location", "https://"+r.Host+r.URL.Path+"/state/"+id)
	writeJSON(w, http.StatusAccepted, "application/json", map[string]string{"state": "PRESA_IN_CARICO", "message": "Richiesta elenco presa in carico", "id": id, "dateTimeRequest": s.time(one.made)})
}

// find returns a list that is not older than 48 hours.
func (s *INAD) find(w http.ResponseWriter, id string) *list {
	one := s.lists[id]
	if one == nil || clock(s.Now).Sub(one.made) >= 48*time.Hour {
		s.refuse(w, http.StatusNotFound, "NOT_FOUND", "Elenco non trovato")
		return nil
	}
	return one
}

func (s *INAD) state(w http.ResponseWriter, r *http.Request, id string) {
	one := s.find(w, id)
	if one == nil {
		return
	}
	one.polls++
	answer := map[string]string{"state": "DISPONIBILE", "message": "Richiesta elenco disponibile"}
	switch {
	case one.polls <= s.InProgress:
		answer = map[string]string{"state": "IN_ELABORAZIONE", "message": "Richiesta elenco in elaborazione"}
		writeJSON(w, http.StatusOK, "application/json", answer)
	case s.ReadyAs200:
		writeJSON(w, http.StatusOK, "application/json", answer)
	default:
		host := s.ReadyAt
		if host == "" {
			host = r.Host
		}
		w.Header().Set("Location", "https://"+host+strings.Replace(r.URL.Path, "/state/", "/response/", 1))
		writeJSON(w, http.StatusSeeOther, "application/json", answer)
	}
}

func (s *INAD) response(w http.ResponseWriter, id string) {
	one := s.find(w, id)
	if one == nil {
		return
	}
	entries := []map[string]any{}
	for _, code := range one.codes {
		entries = append(entries, s.entry(code))
	}
	writeJSON(w, http.StatusOK, "application/json", map[string]any{"list": entries})
}
