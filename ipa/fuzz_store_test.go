package ipa_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/ipa"
)

// FuzzStore: whatever a server sends for one of the datasets, or for the
// question where the first has gone, a refresh either succeeds, and then file
// and memory hold the same new snapshot, or leaves both as they were.
func FuzzStore(f *testing.F) {
	add := func(body string, status int, contentType, location string, fault uint8, at int, where, before uint8) {
		f.Add(body, status, contentType, location, fault, at, where, before, "", 24)
	}
	const csv = "text/csv; charset=utf-8"
	for i, body := range []string{bodiesCSV, pecCSV, officesCSV} {
		for before := uint8(i); before < 12; before += 3 {
			add(body, 200, csv, "", soundNetwork, 0, uint8(i), before)
		}
		for fault := uint8(i); fault < networkFaults; fault += 3 {
			add(body, 200, csv, "", fault, len(body)/2, uint8(i), 1)
			add(body, 200, "", "", fault|onlyFirst, len(body)/2, uint8(i), 0)
		}
		add(body[:strings.LastIndexByte(strings.TrimSuffix(body, "\n"), '\n')+1], 200, csv, "", soundNetwork, 0, uint8(i), 1) // a row too few
		add(strings.Split(body, "\n")[0], 200, csv, "", soundNetwork, 0, uint8(i), 1)
		add(body[:len(body)-12], 200, csv, "", soundNetwork, 0, uint8(i), 1)
	}
	for _, status := range []int{500, 503, 403, 404} {
		add("", status, "", "", soundNetwork, 0, 0, 1)
		add("", status, "", "", soundNetwork, 0, 3, 1)
	}
	for _, location := range []string{"/ipa-dati/datastore/dump/id-enti", "http://localhost:1/", "http://indicepa.gov.it/ipa-dati/datastore/dump/id-enti", ""} {
		add("", 302, "", location, soundNetwork, 0, 0, 1)
		add("", 302, "", location, onlyFirst, 0, 0, 1)
	}
	for _, contentType := range []string{"application/pdf", "text/html", "text/csv"} {
		add("<html>", 200, contentType, "", soundNetwork, 0, 0, 1)
	}
	for _, body := range []string{`{"success":true,"result":{"resources":[{"id":"xlsx","datastore_active":false},{"id":"id-new","datastore_active":true}]}}`,
		`{"success":true,"result":{"resources":[{"id":"id-enti","datastore_active":true}]}}`, `{}`, `{`} {
		for _, fault := range []uint8{soundNetwork, brokenBody, paddedBody} {
			add(body, 200, "application/json", "", fault, 1<<20, 3, 1)
		}
	}
	for _, base := range []string{"http://indicepa.gov.it/ipa-dati/", "https://example.it", "://", "http://localhost/x"} {
		f.Add(pecCSV, 200, csv, "", soundNetwork, 0, uint8(1), uint8(1), base, 100)
	}
	var good bytes.Buffer
	if _, err := build(f, map[ipa.Dataset][]byte{ipa.Bodies: []byte(bodiesCSV), ipa.PEC: []byte(pecCSV), ipa.Offices: []byte(officesCSV)}).WriteTo(&good); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body string, status int, contentType, location string, fault uint8, at int, where, before uint8, base string, hours int) {
		if status < 200 || status > 599 {
			status = 200
		}
		path := filepath.Join(t.TempDir(), "ipa.idx")
		r := remoteReply{status, contentType, "", location, body, fault &^ onlyFirst % networkFaults, at}
		c := storeCase{r, fault&onlyFirst != 0, int(where % 4), time.Duration(hours%1000) * time.Hour, path, base, nil}
		switch before % 4 {
		case 1:
			c.old = good.Bytes()
		case 2:
			c.old = []byte("damaged " + body)
		case 3:
			c.path = filepath.Join(path, "no", "such", "folder")
		}
		if c.old != nil {
			require.NoError(t, os.WriteFile(path, c.old, 0o600))
		}
		shrink := []float64{0, -1, 0.5}[before/4%3]
		synctest.Test(t, func(t *testing.T) { c.run(t, shrink, before%4 == 1) })
	})
}

type storeCase struct {
	reply     remoteReply
	onlyFirst bool
	where     int           // the dataset, or 3 for the question for the first one's id
	age       time.Duration // of the snapshot before
	path      string
	base      string
	old       []byte // the file before
}

func (c *storeCase) run(t *testing.T, shrink float64, loads bool) {
	var store *ipa.Store
	ctx, cancel := context.WithCancel(contextFor(t, c.reply.fault))
	defer cancel()
	requests, faulty := 0, 0
	transport := roundTrips(func(req *http.Request) (*http.Response, error) {
		if requests++; !errors.Is(store.Refresh(ctx), ipa.ErrRefreshing) {
			t.Error("two refreshes at a time")
		}
		if local := req.URL.Hostname() == "localhost" || req.URL.Hostname() == "127.0.0.1" || req.URL.Hostname() == "::1"; req.URL.Scheme != "https" && !local {
			t.Errorf("asked %s", req.URL)
		}
		id := req.URL.Path[strings.LastIndexByte(req.URL.Path, '/')+1:]
		set := slices.IndexFunc(smallDownloads, func(d ipa.Download) bool { return d.Resource == id })
		lookUp := id == "package_show"
		if lookUp && c.where == 3 || !lookUp && c.where == set {
			if faulty++; faulty == 1 || !c.onlyFirst {
				return c.reply.send(req)
			}
		}
		switch {
		case lookUp:
			return response(200, "", `{"result":{"resources":[{"id":"id-new","datastore_active":true}]}}`), nil
		case c.where == 3 && set == 0:
			return response(404, "", ""), nil
		case set > 0:
			return response(200, "", []string{pecCSV, officesCSV}[set-1]), nil
		}
		return response(200, "", bodiesCSV), nil
	})
	now := snapshotDay.Add(c.age)
	o := ipa.StoreOptions{HTTP: &http.Client{Transport: transport}, BaseURL: c.base, Downloads: smallDownloads, MaxShrink: shrink, MaxAge: 48 * time.Hour, Clock: func() time.Time { return now }}
	o.Progress = func(p ipa.Progress) {
		if p.Step == "write" && c.reply.fault == endedContext && c.onlyFirst {
			cancel() // at the last moment
		}
	}
	store = ipa.OpenStore(c.path, &o)
	before, err := store.Snapshot()
	if stale := loads && c.age > 48*time.Hour; stale != errors.Is(err, ipa.ErrStale) || loads != (err == nil || stale) || !loads && c.old == nil && !errors.Is(err, ipa.ErrNoSnapshot) {
		t.Fatalf("%v", err)
	}
	err = store.Refresh(ctx)
	after, afterErr := store.Snapshot()
	file, fileErr := os.ReadFile(c.path)
	if err != nil {
		if before != after || !bytes.Equal(file, c.old) {
			t.Fatalf("after a refresh that failed (%v) nothing is as before: %v", err, afterErr)
		}
		c.checkError(t, ctx, err, requests)
	} else {
		onDisk, err := ipa.ReadSnapshot(bytes.NewReader(file), 0)
		if err != nil || afterErr != nil || onDisk.SHA256() != after.SHA256() || after.Date() != now || len(after.Manifest().Sources) != 3 {
			t.Fatalf("%v, %v, %v", fileErr, err, afterErr)
		}
		checkSnapshot(t, after)
		for _, d := range smallDownloads {
			if after.Manifest().Rows(d.Dataset) < d.MinRows {
				t.Fatalf("%d rows of %s", after.Manifest().Rows(d.Dataset), d.Dataset)
			}
		}
	}
	if entries, err := os.ReadDir(filepath.Dir(c.path)); err == nil && len(entries) > 1 {
		t.Fatalf("left behind: %v", entries)
	}
	if fileErr == nil { // a file that is damaged later leaves what is loaded
		require.NoError(t, os.WriteFile(c.path, []byte("damaged later"), 0o600))
		again := store.Reload()
		if s, _ := store.Snapshot(); !errors.Is(again, ipa.ErrNotSnapshot) || s != after {
			t.Fatalf("%v", again)
		}
	}
}

// checkError: a failure is of a kind that is told, and not asked for again and
// again.
func (c *storeCase) checkError(t *testing.T, ctx context.Context, err error, requests int) {
	upstream, isUpstream := errors.AsType[*ipa.UpstreamError](err)
	_, isSyntax := errors.AsType[*ipa.SyntaxError](err)
	rows, isRows := errors.AsType[*ipa.RowsError](err)
	switch {
	case !strings.HasPrefix(err.Error(), "ipa: "), requests > 30:
		t.Fatalf("%d requests: %v", requests, err)
	case isUpstream:
		if !errors.Is(err, upstream.Err) || c.reply.fault == brokenBody && upstream.Status == 200 && upstream.Err != errDisk && !errors.Is(err, ipa.ErrContentType) && !errors.Is(err, ipa.ErrReply) {
			t.Fatalf("%#v", upstream)
		}
	case isRows:
		if !errors.Is(err, ipa.ErrTooFewRows) || rows.Rows >= rows.Least {
			t.Fatalf("%#v", rows)
		}
	case isSyntax, errors.Is(err, ipa.ErrNothingRead):
	case requests == 0 && (c.base != "" || errors.Is(err, fs.ErrNotExist)): // before any request
	case ctx.Err() != nil:
		if !errors.Is(err, context.Cause(ctx)) {
			t.Fatalf("%v, and not that the context is over", err)
		}
	default:
		t.Fatalf("an error of no kind: %v", err)
	}
}
