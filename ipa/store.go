package ipa

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// StoreOptions says how a Store refreshes itself. The zero value is what most
// want.
type StoreOptions struct {
	// HTTP sends the requests; nil is a client with a timeout of 5 s for
	// connections. Redirects are followed on the same host only, five times.
	HTTP *http.Client
	// BaseURL is where the open data is; "" is https://indicepa.gov.it/ipa-dati/.
	// Anything but https is refused, except on this machine.
	BaseURL string
	// Downloads are the datasets; nil is [Downloads].
	Downloads []Download
	// Timeout is that of one try for one dataset; 0 is 5 minutes.
	Timeout time.Duration
	// Idle is how long a download may go without a byte; 0 is 30 s.
	Idle time.Duration
	// Tries and Interval are as in [ClientOptions].
	Tries    int
	Interval time.Duration
	// UserAgent names the program and whom to write to.
	UserAgent string
	// MaxShrink is the part of the rows of a dataset that may be missing beside
	// the snapshot before; 0 is 0.10, negative none.
	MaxShrink float64
	// MaxAge is the age from which [Store.Snapshot] refuses; 0 never refuses.
	MaxAge time.Duration
	// Officers is as in [BuildOptions].
	Officers bool
	// Progress is called often, from the goroutine of Refresh; nil for nobody.
	Progress func(Progress)
	// Clock gives the present time; nil is time.Now.
	Clock func() time.Time
	// Logger gets requests at level debug; nil logs nothing.
	Logger *slog.Logger
}

// Errors of a Store.
var (
	ErrNoSnapshot = errors.New("ipa: there is no snapshot yet")
	ErrStale      = errors.New("ipa: the snapshot is too old")
	ErrRefreshing = errors.New("ipa: a refresh is under way")
	ErrTooFewRows = errors.New("too few rows")
)

// RowsError says that a download is not whole. The snapshot before stays.
type RowsError struct {
	Dataset Dataset
	Rows    int
	Least   int
	Before  int // rows in the snapshot before; 0 if the fixed minimum was missed
}

// Error gives the numbers.
func (e *RowsError) Error() string {
	if e.Before > 0 {
		return fmt.Sprintf("ipa: %s: %v: %d, where the snapshot before has %d and at least %d are wanted", e.Dataset, ErrTooFewRows, e.Rows, e.Before, e.Least)
	}
	return fmt.Sprintf("ipa: %s: %v: %d, at least %d are wanted", e.Dataset, ErrTooFewRows, e.Rows, e.Least)
}

// Unwrap returns [ErrTooFewRows].
func (e *RowsError) Unwrap() error { return ErrTooFewRows }

// Store keeps a snapshot in one file and in memory, and refreshes both. All
// methods may be called by several goroutines; whoever holds a snapshot goes
// on with it while another takes its place.
type Store struct {
	path    string
	o       StoreOptions
	current atomic.Pointer[loaded]
	refresh sync.Mutex
}

// loaded is a snapshot, or why there is none.
type loaded struct {
	snapshot *Snapshot
	err      error
}

// OpenStore returns the store of a file, which is loaded if it exists. What is
// wrong with it [Store.Snapshot] says; [Store.Refresh] replaces it.
func OpenStore(path string, o *StoreOptions) *Store {
	s := &Store{path: path}
	if o != nil {
		s.o = *o
	}
	s.o.defaults()
	s.Reload()
	return s
}

func (o *StoreOptions) defaults() {
	if o.BaseURL == "" {
		o.BaseURL = "https://indicepa.gov.it/ipa-dati/"
	}
	o.BaseURL = strings.TrimSuffix(o.BaseURL, "/") + "/"
	if o.Downloads == nil {
		o.Downloads = Downloads()
	}
	if o.Timeout <= 0 {
		o.Timeout = 5 * time.Minute
	}
	if o.Idle <= 0 {
		o.Idle = 30 * time.Second
	}
	switch {
	case o.MaxShrink == 0:
		o.MaxShrink = 0.10
	case o.MaxShrink < 0:
		o.MaxShrink = 0
	}
	if o.Progress == nil {
		o.Progress = func(Progress) {}
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
}

// Reload reads the file anew, as after another program has refreshed it. If it
// cannot be read, what was loaded stays.
func (s *Store) Reload() error {
	snapshot, err := Load(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w: %s", ErrNoSnapshot, s.path)
	}
	if err == nil {
		s.current.Store(&loaded{snapshot, nil})
		return nil
	}
	if before := s.current.Load(); before == nil || before.snapshot == nil {
		s.current.Store(&loaded{nil, err})
	}
	return err
}

// Snapshot returns the snapshot in memory. Errors: [ErrNoSnapshot], those of
// [Load] for the file, and [ErrStale] if StoreOptions.MaxAge is passed.
func (s *Store) Snapshot() (*Snapshot, error) {
	l := s.current.Load()
	if l.err != nil {
		return nil, l.err
	}
	if age := s.o.Clock().Sub(l.snapshot.Date()); s.o.MaxAge > 0 && age > s.o.MaxAge {
		return nil, fmt.Errorf("%w: of %s", ErrStale, day(l.snapshot.Date()))
	}
	return l.snapshot, nil
}

// Refresh downloads the datasets, checks them, writes the snapshot to the file
// and lets it take the place of the one before. After an error the one before
// stays, in the file and in memory. Errors: [*UpstreamError], [*SyntaxError],
// [*RowsError], [ErrRefreshing], those of the context and the file system.
func (s *Store) Refresh(ctx context.Context) error {
	if !s.refresh.TryLock() {
		return ErrRefreshing
	}
	defer s.refresh.Unlock()
	if err := checkBase(s.o.BaseURL); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(filepath.Dir(s.path), ".ipa-download-*")
	if err != nil {
		return fmt.Errorf("ipa: %w", err)
	}
	defer os.RemoveAll(dir)

	f := &fetcher{base: s.o.BaseURL, timeout: s.o.Timeout, idle: s.o.Idle, progress: s.o.Progress,
		r: newRequester(s.o.HTTP, s.o.UserAgent, s.o.Tries, s.o.Interval, s.o.Logger, sameHost)}
	now := s.o.Clock()
	b := NewBuilder(BuildOptions{Date: now, Officers: s.o.Officers})
	for _, d := range s.o.Downloads {
		if err := s.fetch(ctx, f, b, d, filepath.Join(dir, "dump.csv")); err != nil {
			return err
		}
	}
	s.o.Progress(Progress{Step: "write", Total: -1})
	snapshot, err := b.Snapshot()
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("ipa: %w", context.Cause(ctx))
	}
	return s.Replace(snapshot)
}

// fetch downloads one dataset and reads it.
func (s *Store) fetch(ctx context.Context, f *fetcher, b *Builder, d Download, path string) error {
	resource, from, err := f.dump(ctx, d, path)
	if err != nil {
		return err
	}
	s.o.Progress(Progress{Step: "read", Dataset: d.Dataset, Total: -1})
	source, err := b.AddFile(path, Input{Name: string(d.Dataset) + ".csv", Dataset: d.Dataset, Resource: resource, URL: from, Fetched: s.o.Clock().UTC().Truncate(time.Second)})
	if err != nil {
		return err
	}
	if source.Rows < d.MinRows {
		return &RowsError{Dataset: d.Dataset, Rows: source.Rows, Least: d.MinRows}
	}
	if l := s.current.Load(); l.snapshot != nil {
		before := l.snapshot.Manifest().Rows(d.Dataset)
		least := int(float64(before)*(1-s.o.MaxShrink) + 0.5)
		if source.Rows < least {
			return &RowsError{Dataset: d.Dataset, Rows: source.Rows, Least: least, Before: before}
		}
	}
	return nil
}

// Replace writes a snapshot to the file and lets it take the place of the one
// before: what Refresh does in the end, for snapshots made of other sources.
func (s *Store) Replace(snapshot *Snapshot) error {
	if err := snapshot.Save(s.path); err != nil {
		return err
	}
	s.current.Store(&loaded{snapshot, nil})
	return nil
}
