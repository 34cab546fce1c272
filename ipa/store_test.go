package ipa_test

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/ipa"
)

var smallDownloads = []ipa.Download{
	{Dataset: ipa.Bodies, Resource: "id-enti", Package: "enti", MinRows: 4},
	{Dataset: ipa.PEC, Resource: "id-pec", Package: "pec-ente", MinRows: 1},
	{Dataset: ipa.Offices, Resource: "id-uo", Package: "unita-organizzative", MinRows: 5},
}

// dumps serves files by resource id.
func dumps(files map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		text, ok := files[strings.TrimPrefix(r.URL.Path, "/ipa-dati/datastore/dump/")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		io.WriteString(w, text)
	}
}

func smallDumps() map[string]string {
	return map[string]string{"id-enti": bodiesCSV, "id-pec": pecCSV, "id-uo": officesCSV}
}

// swappable lets a test change what a fake answers.
type swappable struct {
	mu     sync.Mutex
	answer http.HandlerFunc
}

func (s *swappable) set(answer http.HandlerFunc) { s.mu.Lock(); s.answer = answer; s.mu.Unlock() }

func (s *swappable) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	answer := s.answer
	s.mu.Unlock()
	answer(w, r)
}

func storeOptions(f *fake) ipa.StoreOptions {
	return ipa.StoreOptions{BaseURL: f.URL + "/ipa-dati", Downloads: smallDownloads, Interval: -1, Clock: func() time.Time { return snapshotDay }}
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	f := newFake(t, dumps(smallDumps()))
	o := storeOptions(f)
	var steps []string
	o.Progress = func(p ipa.Progress) {
		if step := p.Step + " " + string(p.Dataset); len(steps) == 0 || steps[len(steps)-1] != step {
			steps = append(steps, step)
		}
	}
	path := filepath.Join(t.TempDir(), "ipa.idx")
	store := ipa.OpenStore(path, &o)
	_, err := store.Snapshot()
	require.ErrorIs(t, err, ipa.ErrNoSnapshot)
	require.NoError(t, store.Refresh(t.Context()))

	s, err := store.Snapshot()
	require.NoError(t, err)
	require.Equal(t, ipa.ListedPEC, s.Address("tributi@pec.comune.fantasia.example").Listed)
	require.Equal(t, snapshotDay, s.Date())
	require.Equal(t, []string{"download enti", "read enti", "download pec-ente", "read pec-ente", "download unita-organizzative", "read unita-organizzative", "write "}, steps)

	source := s.Manifest().Sources[0]
	require.Equal(t, ipa.Source{
		Dataset: ipa.Bodies, Name: "enti.csv", Resource: "id-enti", URL: f.URL + "/ipa-dati/datastore/dump/id-enti?bom=True&format=csv",
		Fetched: snapshotDay, Rows: 4, Bytes: int64(len(bodiesCSV)), SHA256: source.SHA256,
	}, source)
	require.Len(t, source.SHA256, 64)

	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, entries, 1, "one file, and nothing temporary left")
	again, err := ipa.OpenStore(path, &o).Snapshot()
	require.NoError(t, err)
	require.Equal(t, s.SHA256(), again.SHA256())
}

func TestFailedRefreshKeepsTheOldSnapshot(t *testing.T) {
	t.Parallel()
	with := func(id, text string) http.HandlerFunc {
		files := smallDumps()
		files[id] = text
		return dumps(files)
	}
	only := func(id string, answer http.HandlerFunc) http.HandlerFunc {
		good := dumps(smallDumps())
		return func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, id) {
				answer(w, r)
				return
			}
			good(w, r)
		}
	}
	lastRow := func(text string) string {
		return text[:strings.LastIndexByte(strings.TrimSuffix(text, "\n"), '\n')+1]
	}
	for _, c := range []struct {
		reason string
		answer http.HandlerFunc
		is     error
		said   string
	}{
		{"500", fails(500), ipa.ErrStatus, "ipa: enti: HTTP status 500 (3 tries)"},
		{"503 that wishes an hour", fails(503, "Retry-After", "3600"), ipa.ErrStatus, "ipa: enti: HTTP status 503"},
		{"the last file fails", only("id-uo", fails(403)), ipa.ErrStatus, "ipa: unita-organizzative: HTTP status 403"},
		{"cut off by the network", only("id-pec", truncates("text/csv", pecCSV)), io.ErrUnexpectedEOF, "ipa: pec-ente: unexpected EOF (3 tries)"},
		{"cut off at the source", with("id-uo", officesCSV[:len(officesCSV)-12]), ipa.ErrFieldCount, "ipa: unita-organizzative.csv:6: wrong number of values in the row: 6 instead of 9"},
		{"a wrong content type", says("application/pdf", "%PDF"), ipa.ErrContentType, "ipa: enti: not the type of content that was asked for: application/pdf"},
		{"a web page", says("text/html", "<html>"), ipa.ErrContentType, "ipa: enti: not the type of content that was asked for: text/html"},
		{"a web page called CSV", says("text/csv", "<html>"), ipa.ErrContentType, "ipa: enti: not the type of content that was asked for: a web page"},
		{"an error as JSON", says("application/json", `{"success":false}`), ipa.ErrContentType, "ipa: enti: not the type of content that was asked for: application/json"},
		{"a redirect loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.String(), http.StatusFound) }, ipa.ErrRedirect, "redirected to where requests are not sent"},
		{"a redirect to another host", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://localhost:1/", http.StatusFound)
		}, ipa.ErrRedirect, "redirected to where requests are not sent"},
		{"slow bytes", drips("text/csv", "Codice_IPA,"), ipa.ErrStalled, "ipa: enti: nothing received for too long (3 tries)"},
		{"a gzip bomb", bomb("text/csv", 129), ipa.ErrTooLarge, "ipa: enti: reply too large: over 134217728 bytes"},
		{"empty", with("id-enti", ""), ipa.ErrEmpty, "ipa: enti.csv:1: empty file"},
		{"another dataset", with("id-enti", pecCSV), ipa.ErrMissingColumn, "ipa: enti.csv:1: required column missing: dataset enti without denominazione_ente"},
		{"a quote never closed", with("id-uo", officesCSV+`c_z001,"Comune`), ipa.ErrQuote, `ipa: unita-organizzative.csv:7: column 2 (Denominazione_ente): quote never closed`},
		{"a row too few", with("id-uo", lastRow(officesCSV)), ipa.ErrTooFewRows, "ipa: unita-organizzative: too few rows: 4, at least 5 are wanted"},
		{"shrunk by half", with("id-pec", lastRow(pecCSV)), ipa.ErrTooFewRows, "ipa: pec-ente: too few rows: 1, where the snapshot before has 2 and at least 2 are wanted"},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			answer := &swappable{answer: dumps(smallDumps())}
			f := newFake(t, answer.serve)
			o := storeOptions(f)
			o.Idle = 100 * time.Millisecond
			path := filepath.Join(t.TempDir(), "ipa.idx")
			store := ipa.OpenStore(path, &o)
			require.NoError(t, store.Refresh(t.Context()))
			before, err := store.Snapshot()
			require.NoError(t, err)

			answer.set(c.answer)
			err = store.Refresh(t.Context())
			require.ErrorIs(t, err, c.is)
			require.ErrorContains(t, err, c.said)
			after, err := store.Snapshot()
			require.NoError(t, err)
			require.Same(t, before, after)
			require.Equal(t, ipa.ListedPEC, after.Address("tributi@pec.comune.fantasia.example").Listed)
			onDisk, err := ipa.Load(path)
			require.NoError(t, err)
			require.Equal(t, before.SHA256(), onDisk.SHA256())
			entries, err := os.ReadDir(filepath.Dir(path))
			require.NoError(t, err)
			require.Len(t, entries, 1, "nothing temporary left")
		})
	}
}

func TestShrinkLimit(t *testing.T) {
	t.Parallel()
	list := func(n int) string {
		var b strings.Builder
		b.WriteString("Codice_IPA,pec\n")
		for i := range n {
			fmt.Fprintf(&b, "c_%d,a%d@pec.example.it\n", i, i)
		}
		return b.String()
	}
	files := map[string]string{"id-pec": list(100)}
	answer := &swappable{answer: dumps(files)}
	f := newFake(t, answer.serve)
	o := storeOptions(f)
	o.Downloads = smallDownloads[1:2]
	store := ipa.OpenStore(filepath.Join(t.TempDir(), "ipa.idx"), &o)
	require.NoError(t, store.Refresh(t.Context()))
	answer.set(dumps(map[string]string{"id-pec": list(89)}))
	require.ErrorIs(t, store.Refresh(t.Context()), ipa.ErrTooFewRows, "11 %")
	answer.set(dumps(map[string]string{"id-pec": list(90)}))
	require.NoError(t, store.Refresh(t.Context()), "10 %")
}

func TestFaultsThatPass(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		reason string
		answer http.HandlerFunc
	}{
		{"503 with a wish", inTurn(fails(503, "Retry-After", "1"), dumps(smallDumps()))},
		{"a body cut off", inTurn(truncates("text/csv", bodiesCSV[:100]), dumps(smallDumps()))},
		{"a redirect on the same host", inTurn(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.String(), http.StatusFound)
		}, dumps(smallDumps()))},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			o := storeOptions(newFake(t, c.answer))
			store := ipa.OpenStore(filepath.Join(t.TempDir(), "ipa.idx"), &o)
			require.NoError(t, store.Refresh(t.Context()))
			s, err := store.Snapshot()
			require.NoError(t, err)
			require.Equal(t, 4, s.Manifest().Rows(ipa.Bodies), "the cut-off try has left nothing")
		})
	}
}

func TestResourceWithANewID(t *testing.T) {
	t.Parallel()
	files := smallDumps()
	files["id-new"] = files["id-enti"]
	delete(files, "id-enti")
	good := dumps(files)
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/ipa-dati/api/3/action/package_show" {
			require.Equal(t, "enti", r.URL.Query().Get("id"))
			says("application/json", `{"success":true,"result":{"resources":[{"id":"xlsx","datastore_active":false},{"id":"id-new","datastore_active":true}]}}`)(w, r)
			return
		}
		good(w, r)
	})
	o := storeOptions(f)
	store := ipa.OpenStore(filepath.Join(t.TempDir(), "ipa.idx"), &o)
	require.NoError(t, store.Refresh(t.Context()))
	s, err := store.Snapshot()
	require.NoError(t, err)
	require.Equal(t, "id-new", s.Manifest().Sources[0].Resource)
}

func TestStoreOfADamagedFile(t *testing.T) {
	t.Parallel()
	o := storeOptions(newFake(t, dumps(smallDumps())))
	path := filepath.Join(t.TempDir(), "ipa.idx")
	require.NoError(t, os.WriteFile(path, []byte("gopecIPA and then nothing of use"), 0o600))
	store := ipa.OpenStore(path, &o)
	_, err := store.Snapshot()
	require.ErrorIs(t, err, ipa.ErrVersion)
	require.NoError(t, store.Refresh(t.Context()), "a refresh mends it")
	before, err := store.Snapshot()
	require.NoError(t, err)

	require.NoError(t, os.WriteFile(path, []byte("damaged later"), 0o600))
	require.ErrorIs(t, store.Reload(), ipa.ErrNotSnapshot)
	after, err := store.Snapshot()
	require.NoError(t, err)
	require.Same(t, before, after, "what is loaded stays")
}

func TestMaxAge(t *testing.T) {
	t.Parallel()
	now := snapshotDay
	o := storeOptions(newFake(t, dumps(smallDumps())))
	o.Clock = func() time.Time { return now }
	o.MaxAge = 48 * time.Hour
	store := ipa.OpenStore(filepath.Join(t.TempDir(), "ipa.idx"), &o)
	require.NoError(t, store.Refresh(t.Context()))
	now = now.Add(48 * time.Hour)
	_, err := store.Snapshot()
	require.NoError(t, err)
	now = now.Add(time.Second)
	_, err = store.Snapshot()
	require.ErrorIs(t, err, ipa.ErrStale)
	require.EqualError(t, err, "ipa: the snapshot is too old: of 2026-08-16")
}

func TestRefreshErrors(t *testing.T) {
	t.Parallel()
	o := storeOptions(newFake(t, dumps(smallDumps())))
	require.ErrorIs(t, ipa.OpenStore(filepath.Join(t.TempDir(), "no", "such", "folder", "ipa.idx"), &o).Refresh(t.Context()), fs.ErrNotExist)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, ipa.OpenStore(filepath.Join(t.TempDir(), "ipa.idx"), &o).Refresh(ctx), context.Canceled)
	o.BaseURL = "http://indicepa.gov.it/ipa-dati/"
	require.ErrorContains(t, ipa.OpenStore(filepath.Join(t.TempDir(), "ipa.idx"), &o).Refresh(t.Context()), "must be https")
}

// TestSwapUnderReaders refreshes while others read: every answer is whole and
// of one snapshot, and nobody waits.
func TestSwapUnderReaders(t *testing.T) {
	t.Parallel()
	second := smallDumps()
	second["id-uo"] = strings.ReplaceAll(officesCSV, "Ufficio Tributi", "Ufficio Entrate")
	answer := &swappable{answer: dumps(smallDumps())}
	o := storeOptions(newFake(t, answer.serve))
	store := ipa.OpenStore(filepath.Join(t.TempDir(), "ipa.idx"), &o)
	require.NoError(t, store.Refresh(t.Context()))

	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				s, err := store.Snapshot()
				if err != nil {
					t.Error(err)
					return
				}
				e := s.Recipient("UF0002").First()
				if found := s.Search(e.Name()+" comune di fantasia", nil); found.Total != 1 || found.Hits[0] != e {
					t.Errorf("%q is not found in its own snapshot", e.Name())
					return
				}
			}
		})
	}
	for i := range 4 {
		answer.set(dumps([]map[string]string{second, smallDumps()}[i%2]))
		require.NoError(t, store.Refresh(t.Context()))
	}
	close(stop)
	readers.Wait()
}

func TestOneRefreshAtATime(t *testing.T) {
	t.Parallel()
	reached, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	good := dumps(smallDumps())
	o := storeOptions(newFake(t, func(w http.ResponseWriter, r *http.Request) {
		once.Do(func() { close(reached); <-release })
		good(w, r)
	}))
	store := ipa.OpenStore(filepath.Join(t.TempDir(), "ipa.idx"), &o)
	first := make(chan error)
	go func() { first <- store.Refresh(context.Background()) }()
	<-reached
	require.ErrorIs(t, store.Refresh(t.Context()), ipa.ErrRefreshing)
	close(release)
	require.NoError(t, <-first)
}

func TestDefaultDownloads(t *testing.T) {
	t.Parallel()
	var all []ipa.Dataset
	for _, d := range ipa.Downloads() {
		all = append(all, d.Dataset)
		require.Len(t, d.Resource, 36)
		require.Positive(t, d.MinRows)
	}
	require.Equal(t, []ipa.Dataset{ipa.Bodies, ipa.PEC, ipa.Areas, ipa.Offices, ipa.Invoicing, ipa.Categories}, all)
}
