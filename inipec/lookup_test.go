package inipec_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/inipec"
	"github.com/gopec/gopec/inipec/inipectest"
	"github.com/gopec/gopec/ipa"
)

// registries are the three of them, as fakes.
type registries struct {
	lookup inipec.Lookup
	wspa   *inipectest.InfoCamere
	inad   *inipectest.INAD
}

func newRegistries(t *testing.T, bodies ...string) *registries {
	auth, wspa := newPDND(), newWSPA()
	inad := fakeINAD(auth)
	s := snapshot(t, bodies...)
	return &registries{inipec.Lookup{
		IPA:    inipec.IPASource{Snapshot: func() (*ipa.Snapshot, error) { return s, nil }},
		INIPEC: inipec.INIPECSource{Client: newClient(t, wspa)},
		INAD:   inipec.INADSource{Client: newINAD(t, auth, inad)},
	}, wspa, inad}
}

var snapshotDay = time.Date(1999, 12, 31, 2, 0, 0, 0, time.UTC)

// snapshot makes one of rows "code,fiscal code,address,type,address,type".
func snapshot(t *testing.T, rows ...string) *ipa.Snapshot {
	t.Helper()
	var text strings.Builder
	text.WriteString("Codice_IPA,Denominazione_ente,Codice_fiscale_ente,Tipologia,Codice_Categoria,Ente_in_liquidazione,Codice_comune_ISTAT,CAP,Indirizzo,Sito_istituzionale,Data_aggiornamento,Mail1,Tipo_Mail1,Mail2,Tipo_Mail2\n")
	for _, row := range append(rows, "c_9,"+bodyCode(9)+",another@pec.example.it,Pec,,") { // an empty snapshot is refused
		cell := strings.Split(row, ",")
		require.Len(t, cell, 6)
		fmt.Fprintf(&text, "%s,Comune,%s,Pubbliche Amministrazioni,L6,N,058091,00100,Via Roma,,2026-08-10,%s\n", cell[0], cell[1], strings.Join(cell[2:], ","))
	}
	b := ipa.NewBuilder(ipa.BuildOptions{Date: snapshotDay})
	_, err := b.Add(strings.NewReader(text.String()), ipa.Input{Name: "enti.csv", Dataset: ipa.Bodies})
	require.NoError(t, err)
	s, err := b.Snapshot()
	require.NoError(t, err)
	return s
}

// TestLookup: who is asked, in which order, and what the answer says of it.
func TestLookup(t *testing.T) {
	t.Parallel()
	identity()
	body := bodyCode(1)
	later := time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	const (
		found, missing, unasked, left = inipec.StepFound, inipec.StepNotFound, inipec.StepNotAsked, inipec.StepLeftOut
	)
	cases := []struct {
		reason  string
		bodies  []string
		entry   *inipectest.Entry
		inad    []inipectest.Domicile
		subject inipec.Subject
		code    string
		change  func(*inipec.Question)
		address string
		steps   []inipec.StepOutcome
	}{
		{reason: "a body in IPA", bodies: []string{"c_1," + body + ",info@example.it,Altro,body@pec.example.it,Pec"},
			subject: inipec.PublicBody, code: body, address: "body@pec.example.it", steps: []inipec.StepOutcome{found, unasked, unasked}},
		{reason: "a body without PEC in IPA", bodies: []string{"c_1," + body + ",info@example.it,Altro,,"}, entry: &inipectest.Entry{Company: "firm@pec.example.it"},
			subject: inipec.PublicBody, code: body, address: "firm@pec.example.it", steps: []inipec.StepOutcome{missing, found, unasked}},
		{reason: "a body in INAD only", inad: []inipectest.Domicile{{Address: "club@pec.example.it", Ends: later}},
			subject: inipec.PublicBody, code: body, address: "club@pec.example.it", steps: []inipec.StepOutcome{missing, missing, found}},
		{reason: "a body that nobody knows", subject: inipec.PublicBody, code: body, steps: []inipec.StepOutcome{missing, missing, missing}},
		{reason: "a firm is not looked for in IPA", bodies: []string{"c_1," + body + ",body@pec.example.it,Pec,,"}, entry: &inipectest.Entry{Company: "firm@pec.example.it"},
			subject: inipec.Firm, code: body, address: "firm@pec.example.it", steps: []inipec.StepOutcome{found, unasked}},
		{reason: "the address as a professional is not the firm's", entry: &inipectest.Entry{Professionals: []string{"lawyer@pec.example.it"}},
			subject: inipec.Firm, code: person, steps: []inipec.StepOutcome{missing, missing}},
		{reason: "a professional", entry: &inipectest.Entry{Company: "firm@pec.example.it", Professionals: []string{"lawyer@pec.example.it"}},
			subject: inipec.Professional, code: person, address: "lawyer@pec.example.it", steps: []inipec.StepOutcome{found, unasked}},
		{reason: "a professional in INAD", inad: []inipectest.Domicile{{Address: "citizen@pec.example.it", Ends: later}, {Address: "trainer@pec.example.it", Profession: "Trainer", Ends: later}},
			subject: inipec.Professional, code: person, address: "trainer@pec.example.it", steps: []inipec.StepOutcome{missing, found}},
		{reason: "a person", inad: []inipectest.Domicile{{Address: "trainer@pec.example.it", Profession: "Trainer", Ends: later}, {Address: "citizen@pec.example.it", Ends: later}},
			subject: inipec.Person, code: person, address: "citizen@pec.example.it", steps: []inipec.StepOutcome{found}},
		{reason: "a person is not looked for in INI-PEC", entry: &inipectest.Entry{Professionals: []string{"lawyer@pec.example.it"}},
			subject: inipec.Person, code: person, steps: []inipec.StepOutcome{missing}},
		{reason: "unless the caller says so", entry: &inipectest.Entry{Professionals: []string{"lawyer@pec.example.it"}}, change: func(q *inipec.Question) { q.PersonInINIPEC = true },
			subject: inipec.Person, code: person, address: "lawyer@pec.example.it", steps: []inipec.StepOutcome{missing, found}},
		{reason: "a domicile that ended", inad: []inipectest.Domicile{{Address: "old@pec.example.it", Ends: snapshotDay}},
			subject: inipec.Person, code: person, steps: []inipec.StepOutcome{missing}},
		{reason: "a registry left out", inad: []inipectest.Domicile{{Address: "club@pec.example.it", Ends: later}}, change: func(q *inipec.Question) { q.Without = []inipec.Registry{inipec.INIPEC} },
			subject: inipec.Firm, code: body, address: "club@pec.example.it", steps: []inipec.StepOutcome{left, found}},
	}
	for _, c := range cases {
		synctest.Test(t, func(t *testing.T) {
			r := newRegistries(t, c.bodies...)
			if c.entry != nil {
				r.wspa.Entries[c.code] = *c.entry
			}
			if c.inad != nil {
				r.inad.Domiciles[c.code] = c.inad
			}
			q := inipec.Question{Code: strings.ToLower(c.code), Subject: c.subject, Reference: file}
			if c.change != nil {
				c.change(&q)
			}
			f, err := r.lookup.Find(t.Context(), q)
			require.NoError(t, err, c.reason)
			require.Equal(t, c.address, f.Address, c.reason)
			var steps []inipec.StepOutcome
			for _, s := range f.Steps {
				steps = append(steps, s.Outcome)
				if s.Outcome == found {
					require.Equal(t, s.Registry, f.Registry, c.reason)
				}
				answered := s.Outcome == found || s.Outcome == missing
				require.Equal(t, answered, !s.At.IsZero() && !s.Asked.IsZero(), "%s: when it was asked and of what date the answer is", c.reason)
				if answered && s.Registry == inipec.IPA {
					require.Equal(t, snapshotDay, s.At, c.reason)
				}
			}
			require.Equal(t, c.steps, steps, c.reason)
			require.Empty(t, r.wspa.Problems(), c.reason)
			require.Empty(t, r.inad.Problems(), c.reason)
		})
	}
}

// TestLookupStops: a failure never leads to the next registry.
func TestLookupStops(t *testing.T) {
	t.Parallel()
	identity()
	later := time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	body := bodyCode(1)
	cases := []struct {
		reason  string
		spoil   func(*registries)
		subject inipec.Subject
		at      inipec.Registry
		want    error
	}{
		{"INI-PEC does not answer", func(r *registries) { r.wspa.Fault = reply("getElencoPec", 503, "") }, inipec.Firm, inipec.INIPEC, inipec.ErrUnavailable},
		{"INI-PEC's submission is lost", func(r *registries) { r.wspa.Fault = lose("richiestaElencoPec", 1) }, inipec.Firm, inipec.INIPEC, inipec.ErrOutcomeUnknown},
		{"INI-PEC is never ready", func(r *registries) { r.wspa.InProgress = 1e6 }, inipec.Firm, inipec.INIPEC, inipec.ErrNotReady},
		{"INI-PEC says try later", func(r *registries) {
			r.wspa.States = true
			r.wspa.Entries[body] = inipectest.Entry{State: "ER"}
		}, inipec.Firm, inipec.INIPEC, inipec.ErrNoAnswer},
		{"IPA's snapshot is too old", func(r *registries) {
			s := r.lookup.IPA.(inipec.IPASource)
			s.MaxAge = 21 * time.Hour // the clock of the test is 22 hours after
			r.lookup.IPA = s
		}, inipec.PublicBody, inipec.IPA, inipec.ErrStale},
		{"two bodies with one code", func(r *registries) {
			r.lookup.IPA = newRegistries(t, "c_1,"+body+",a@pec.example.it,Pec,,", "c_2,"+body+",b@pec.example.it,Pec,,").lookup.IPA
		}, inipec.PublicBody, inipec.IPA, inipec.ErrAmbiguous},
		{"INAD does not know what it is asked", func(r *registries) { r.inad.Fault = reply("extract", 404, "<html>") }, inipec.Person, inipec.INAD, inipec.ErrRejected},
		{"two personal domiciles", func(r *registries) {
			r.inad.Domiciles[body] = []inipectest.Domicile{{Address: "a@pec.example.it", Ends: later}, {Address: "b@pec.example.it", Ends: later}}
		}, inipec.Person, inipec.INAD, inipec.ErrAmbiguous},
	}
	for _, c := range cases {
		synctest.Test(t, func(t *testing.T) {
			r := newRegistries(t)
			c.spoil(r)
			f, err := r.lookup.Find(t.Context(), inipec.Question{Code: body, Subject: c.subject, Reference: file, PersonInINIPEC: true})
			require.ErrorIs(t, err, c.want, c.reason)
			require.Zero(t, f, c.reason)
			e, ok := errors.AsType[*inipec.LookupError](err)
			require.True(t, ok, c.reason)
			require.Equal(t, c.at, e.Registry, c.reason)
			require.NotContains(t, err.Error(), body, c.reason)
			require.Equal(t, inipec.StepFailed, e.Steps[0].Outcome, c.reason)
			for _, s := range e.Steps[1:] {
				require.Equal(t, inipec.StepNotAsked, s.Outcome, c.reason)
			}
			if c.at != inipec.INAD {
				require.Zero(t, r.inad.Calls("extract"), c.reason)
			}
		})
	}
}

// TestLookupRefuses: what cannot be asked costs no call.
func TestLookupRefuses(t *testing.T) {
	t.Parallel()
	r := newRegistries(t)
	body := bodyCode(1)
	cases := []struct {
		q      inipec.Question
		lookup inipec.Lookup
		want   error
		reason string
	}{
		{inipec.Question{Code: body, Reference: file}, r.lookup, inipec.ErrSubject, "no subject"},
		{inipec.Question{Code: person, Subject: inipec.PublicBody, Reference: file}, r.lookup, inipec.ErrSubject, "a person is no body"},
		{inipec.Question{Code: body, Subject: inipec.Firm}, r.lookup, inipec.ErrNoReference, "INAD may be asked and wants the case"},
		{inipec.Question{Code: body, Subject: inipec.Firm, Reference: file}, inipec.Lookup{INAD: r.lookup.INAD}, inipec.ErrNoRegistry, "INI-PEC is not set"},
	}
	for _, c := range cases {
		_, err := c.lookup.Find(t.Context(), c.q)
		require.ErrorIs(t, err, c.want, c.reason)
	}
	_, err := r.lookup.Find(t.Context(), inipec.Question{Code: "RSSMRA85T10A562X", Subject: inipec.Person, Reference: file})
	e, ok := errors.AsType[*inipec.CodeError](err)
	require.True(t, ok)
	require.Equal(t, "RSS**********62X", e.Masked)
	require.Zero(t, r.wspa.Calls("richiestaElencoPec")+r.inad.Calls("extract"))
}

// TestSubjectText: names go both ways.
func TestSubjectText(t *testing.T) {
	t.Parallel()
	for _, s := range []inipec.Subject{0, inipec.PublicBody, inipec.Firm, inipec.Professional, inipec.Person} {
		text, err := s.MarshalText()
		require.NoError(t, err)
		var back inipec.Subject
		require.NoError(t, back.UnmarshalText(text))
		require.Equal(t, s, back)
	}
	require.Error(t, new(inipec.Subject).UnmarshalText([]byte("other")))
}
