package inipec_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/inipec"
	"github.com/gopec/gopec/inipec/inipectest"
	"github.com/gopec/gopec/ipa"
)

// FuzzLookup: the registries are asked in their order, each only after the one
// before has nothing; an address comes from the registry that is named for it,
// and a failure gives no address and names nobody.
func FuzzLookup(f *testing.F) {
	body := bodyCode(1)
	add := func(code string, subject inipec.Subject, flags uint8, public, firm, professional, state, citizen, profession string) {
		f.Add(code, uint8(subject), flags, file, public, firm, professional, state, citizen, profession, 0)
	}
	for s := range inipec.Subject(6) {
		for _, code := range []string{body, strings.ToLower(person), "RSSMRA85T10A562X"} {
			add(code, s, 0, "body@pec.example.it,Pec", "firm@pec.example.it", "lawyer@pec.example.it", "", "citizen@pec.example.it", "Trainer")
			add(code, s, withoutINIPEC, "body@example.it,Altro", "", "lawyer@pec.example.it", "", "citizen@pec.example.it", "")
			add(code, s, inINIPEC, "no address,Pec", "firm@pec.example.it", "", "", "", "")
			add(code, s, inINIPEC|withoutINAD|twoBodies, "body@pec.example.it,Pec", "", "", "ER", "", "")
			add(code, s, noINIPEC|twoDomiciles, "", "", "", "", "citizen@pec.example.it", "Trainer")
			add(code, s, failing|withoutINIPEC, "", "", "", "", "citizen@pec.example.it", "")
			f.Add(code, uint8(s), uint8(0), "", "", "", "", "", "", "", 30)
			f.Add(code, uint8(s), failing, file, "", "", "", "", "", "", 30)
			add(code, s, twoDomiciles, "", "", "", "XX", "citizen@pec.example.it", "")
			add(code, s, withoutINIPEC, "", "", "", "", "\n", "") // a domicile, but no address
		}
	}
	identity()
	f.Fuzz(func(t *testing.T, code string, subject, flags uint8, reference, public, firm, professional, state, citizen, profession string, hours int) {
		state = strings.Map(func(r rune) rune { // the fake writes it as it is
			if r < 'A' || r > 'Z' {
				return -1
			}
			return r
		}, state)
		synctest.Test(t, func(t *testing.T) {
			q := inipec.Question{Code: code, Subject: inipec.Subject(subject), Reference: reference, PersonInINIPEC: flags&inINIPEC != 0}
			if flags&withoutINIPEC != 0 {
				q.Without = append(q.Without, inipec.INIPEC)
			}
			if flags&withoutINAD != 0 {
				q.Without = append(q.Without, inipec.INAD)
			}
			bodies := []string{"c_1," + bodyCode(1) + "," + onePair(public) + ",x@pec.example.it,Sercq"}
			if flags&twoBodies != 0 {
				bodies = append(bodies, "c_2,"+bodyCode(1)+",y@pec.example.it,Pec,,")
			}
			r := newRegistries(t, bodies...)
			known := strings.ToUpper(strings.TrimSpace(code))
			if firm+professional+state != "" {
				r.wspa.States = state != ""
				r.wspa.Entries[known] = inipectest.Entry{Company: firm, Professionals: []string{professional}, State: state}
			}
			if citizen != "" {
				later := time.Now().AddDate(1, 0, 0)
				r.inad.Domiciles[known] = []inipectest.Domicile{{Address: citizen, Profession: profession, Ends: later}}
				if flags&twoDomiciles != 0 {
					r.inad.Domiciles[known] = append(r.inad.Domiciles[known], inipectest.Domicile{Address: "second@pec.example.it", Ends: later}, inipectest.Domicile{Address: "third@pec.example.it", Profession: "Trainer", Ends: later})
				}
			}
			if flags&failing != 0 {
				r.wspa.Fault, r.inad.Fault = reply("getElencoPec", 503, known), reply("extract", 404, known)
			}
			if flags&noINIPEC != 0 {
				r.lookup.INIPEC = nil
			}
			s := r.lookup.IPA.(inipec.IPASource)
			if hours%100 != 0 {
				s.MaxAge = time.Duration(hours%100) * time.Hour
			}
			if hours == 30 {
				s.Now = func() time.Time { return snapshotDay.Add(31 * time.Hour) }
				r.lookup.Now = time.Now
			}
			if hours == -1 {
				s.Snapshot = func() (*ipa.Snapshot, error) { return nil, ipa.ErrNoSnapshot }
			}
			r.lookup.IPA = s
			found, err := r.lookup.Find(t.Context(), q)
			if err != nil {
				require.Zero(t, found)
				checkLookupError(t, r, known, err)
				return
			}
			checkFinding(t, found, q, known)
		})
	})
}

const (
	withoutINIPEC uint8 = 1 << iota
	withoutINAD
	noINIPEC // and the question does not leave it out
	inINIPEC
	twoBodies
	twoDomiciles
	failing
)

// onePair makes two cells of a file of any text.
func onePair(text string) string {
	address, kind, _ := strings.Cut(strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' {
			return -1
		}
		return r
	}, text), ",")
	return address + "," + strings.ReplaceAll(kind, ",", "")
}

func checkLookupError(t *testing.T, r *registries, code string, err error) {
	if len(code) >= 11 {
		require.NotContains(t, strings.ToUpper(err.Error()), code)
	}
	stopped, asked := errors.AsType[*inipec.LookupError](err)
	if !asked {
		_, bad := errors.AsType[*inipec.CodeError](err)
		require.True(t, bad || errors.Is(err, inipec.ErrSubject) || errors.Is(err, inipec.ErrNoRegistry) || errors.Is(err, inipec.ErrNoReference), "%v", err)
		require.Zero(t, r.wspa.Calls("richiestaElencoPec")+r.inad.Calls("extract"), "asked all the same")
		return
	}
	require.ErrorIs(t, err, stopped.Err)
	failed := slices.IndexFunc(stopped.Steps, func(s inipec.Step) bool { return s.Outcome == inipec.StepFailed })
	require.Equal(t, stopped.Registry, stopped.Steps[failed].Registry)
	for i, s := range stopped.Steps {
		require.NotEqual(t, inipec.StepFound, s.Outcome)
		if i > failed {
			require.Contains(t, []inipec.StepOutcome{inipec.StepNotAsked, inipec.StepLeftOut}, s.Outcome)
		}
	}
}

func checkFinding(t *testing.T, f inipec.Finding, q inipec.Question, code string) {
	require.Equal(t, code, f.Code)
	used := slices.Clone(f.Others)
	if f.Address != "" {
		used = append(used, f.Address)
	}
	ended := false
	for _, s := range f.Steps {
		require.Equal(t, slices.Contains(q.Without, s.Registry), s.Outcome == inipec.StepLeftOut)
		switch s.Outcome {
		case inipec.StepFound:
			require.Equal(t, s.Registry, f.Registry)
			require.False(t, ended)
			ended = true
		case inipec.StepNotFound:
			require.False(t, ended || s.At.IsZero())
		case inipec.StepNotAsked:
			require.True(t, ended && s.At.IsZero())
		}
		for _, skipped := range s.Skipped {
			require.NotContains(t, used, skipped.Address, "%s", skipped.Reason)
			require.NotEmpty(t, skipped.Reason)
		}
	}
	require.Equal(t, ended, f.Address != "")
	require.True(t, f.Address == "" || strings.Contains(f.Address, "@") && !slices.Contains(f.Others, f.Address))
	raw, err := json.Marshal(f)
	require.NoError(t, err)
	var back inipec.Finding
	require.NoError(t, json.Unmarshal(raw, &back))
	require.Equal(t, f.Subject, back.Subject)
}

// FuzzPlan: bad codes are named, and masked; good ones come once, in order, in
// batches that are not too large. Names of subjects go both ways.
func FuzzPlan(f *testing.F) {
	for _, codes := range []string{person, "", person + " RSSMRA85T10A562X x", strings.ToLower(person) + " " + person + " " + bodyCode(1) + " " + bodyCode(2), strings.Repeat("x ", 30)} {
		for _, size := range []int{0, 1, 100, 101, -1} {
			f.Add(codes, size)
		}
	}
	for s := range inipec.Subject(6) {
		f.Add(s.String(), int(s))
	}
	var many []string
	for n := range inipec.MaxBatch + 1 {
		many = append(many, bodyCode(n))
	}
	f.Add(strings.Join(many, " "), 7)
	f.Add(strings.Join(many[1:], " "), 0)
	identity()
	client := newClientFor(f)
	f.Fuzz(func(t *testing.T, text string, size int) {
		codes := strings.Fields(text)
		job, err := inipec.Plan(codes, size)
		if err != nil {
			require.Nil(t, job)
			for _, c := range codes {
				require.False(t, len(c) == 16 && strings.Contains(err.Error(), c), "%v", err)
			}
			e, bad := errors.AsType[*inipec.CodeError](err)
			require.True(t, bad || errors.Is(err, inipec.ErrNoCodes) || errors.Is(err, inipec.ErrConfig), "%v", err)
			require.True(t, !bad || errors.Is(err, e.Err) && e.Index < len(codes) && strings.Count(err.Error(), "inipec: code ") <= 20)
		} else {
			var sent []string
			for _, b := range job.Batches {
				require.LessOrEqual(t, len(b.Codes), inipec.MaxBatch)
				sent = append(sent, b.Codes...)
			}
			require.Equal(t, strings.Fields(strings.ToUpper(text)), job.Codes)
			for i, a := range job.Answers() {
				require.Equal(t, inipec.Answer{Code: job.Codes[i]}, a)
				require.Contains(t, sent, a.Code)
			}
			slices.Sort(sent)
			require.Equal(t, sent, slices.Compact(slices.Clone(sent)), "a code is sent twice")
			if _, err := client.Submit(t.Context(), codes); len(sent) > inipec.MaxBatch {
				require.ErrorIs(t, err, inipec.ErrTooMany)
			} else {
				require.NoError(t, err)
			}
		}
		var s inipec.Subject
		if s.UnmarshalText([]byte(text)) == nil {
			require.Equal(t, text, s.String())
		}
		if name := inipec.Subject(size).String(); s.UnmarshalText([]byte(name)) == nil {
			require.Equal(t, inipec.Subject(size), s)
		} else {
			require.Contains(t, name, "Subject(")
		}
	})
}

func newClientFor(f *testing.F) *inipec.Client {
	client, err := inipec.NewClient(configFor(newWSPA()))
	require.NoError(f, err)
	return client
}

// FuzzConfig: a client is made only with an https address, all credentials and
// a certificate of its key.
func FuzzConfig(f *testing.F) {
	id := identity()
	for _, address := range []string{base, "", "http://wspa.example.it/", "https://u:p@wspa.example.it/", "https://x.it/?a", "://", inadBase} {
		f.Add(address, "c", id.certificate, "", false)
		f.Add(address, "", id.certificate, "practicalReference", true)
	}
	f.Add(base, "c", []byte("x"), "praticalReference", false)
	f.Add(base, "c", []byte{}, "other", false)
	f.Add(base, "c", id.certificate, "", true)
	f.Fuzz(func(t *testing.T, address, clientID string, certificate []byte, key string, other bool) {
		c := inipec.Config{BaseURL: address, ClientID: clientID, Key: id.key, Certificate: certificate}
		if other {
			c.Key = otherKey()
		}
		u, wrong := url.Parse(address)
		secure := wrong == nil && u.Scheme == "https" && u.Host != "" && u.User == nil
		client, err := inipec.NewClient(c)
		require.Equal(t, err == nil, client != nil)
		if err == nil {
			require.True(t, secure && clientID != "" && !other && len(certificate) > 0)
		} else {
			require.True(t, errors.Is(err, inipec.ErrConfig) || errors.Is(err, inipec.ErrNoCredentials), "%v", err)
		}
		inad, err := inipec.NewINAD(inipec.INADConfig{BaseURL: address, ListKey: inipec.ListKey(key)})
		require.Nil(t, inad)
		require.ErrorIs(t, err, inipec.ErrNoCredentials)
		inad, err = inipec.NewINAD(inipec.INADConfig{BaseURL: address, ListKey: inipec.ListKey(key), Authorizer: refusing{}})
		require.Equal(t, err == nil, inad != nil)
		if err == nil {
			require.True(t, (secure || address == "") && (key == "" || key == string(inipec.PraticalReference) || key == string(inipec.PracticalReference)))
			_, err = inad.Extract(t.Context(), person, file)
			require.ErrorIs(t, err, errRefused, "sent without a voucher")
			return
		}
		require.ErrorIs(t, err, inipec.ErrConfig)
	})
}

// refusing gives no voucher.
type refusing struct{}

func (refusing) Authorize(context.Context, *http.Request) error { return errRefused }

func (refusing) Refused(*http.Request) {}

func configFor(wspa *inipectest.InfoCamere) inipec.Config {
	id := identity()
	return inipec.Config{BaseURL: base, ClientID: "test-client", Key: id.key, Certificate: id.certificate,
		HTTP: &http.Client{Transport: inipectest.Transport{"wspa.test.example.it": wspa}}}
}
