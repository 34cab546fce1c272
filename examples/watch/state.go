package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/emersion/go-imap/v2"

	"github.com/gopec/gopec/follow"
)

// stateSchema names the form of the state file.
const stateSchema = "gopec-watch/1"

// state is what is kept between runs: where in the folder we are, and what the
// messages read so far have told. Both are in one file, because one without the
// other would lose messages or tell of them twice.
type state struct {
	Schema  string `json:"schema"`
	Mailbox string `json:"mailbox"` // whose state it is
	// UIDValidity and LastUID say which messages were read. They are zero at the
	// very first.
	UIDValidity uint32   `json:"uidValidity"`
	LastUID     imap.UID `json:"lastUID"`
	// Settled is set when all that lay in the mailbox at the first run was read.
	// Notices are about what comes afterwards.
	Settled bool     `json:"settled"`
	Trouble *trouble `json:"trouble,omitempty"`
	// Overdue are the recipients of which it was said that something is overdue, and
	// since when.
	Overdue map[string]time.Time `json:"overdue,omitempty"`
	// Anomalies are hashes of the anomaly envelopes that a notice was about. The
	// tracker knows about the others.
	Anomalies map[string]bool `json:"anomalies,omitempty"`
	Pending   []notice        `json:"pending,omitempty"` // notices that were not sent yet
	Follow    json.RawMessage `json:"follow"`            // the tracker's own form
}

// trouble is a message that cannot be fetched.
type trouble struct {
	UID   imap.UID `json:"uid"`
	Times int      `json:"times"`
}

// loadState reads the state of a mailbox, or begins one if there is no file. What
// is damaged, or of another mailbox, is an error: to begin anew would tell of
// everything twice.
func loadState(file, mailbox string) (*state, *follow.Tracker, error) {
	b, err := readState(file)
	if errors.Is(err, fs.ErrNotExist) {
		return &state{Schema: stateSchema, Mailbox: mailbox, Overdue: map[string]time.Time{}, Anomalies: map[string]bool{}}, new(follow.Tracker), nil
	}
	if err != nil {
		return nil, nil, err
	}
	s := new(state)
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(s); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", file, err)
	}
	if s.Schema != stateSchema {
		return nil, nil, fmt.Errorf("%s: the schema is %q, not %q", file, s.Schema, stateSchema)
	}
	if s.Mailbox != mailbox {
		return nil, nil, fmt.Errorf("%s: it is the state of %q, not of %q", file, s.Mailbox, mailbox)
	}
	t, err := follow.Load(bytes.NewReader(s.Follow))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", file, err)
	}
	s.Follow = nil
	if s.Overdue == nil {
		s.Overdue = map[string]time.Time{}
	}
	if s.Anomalies == nil {
		s.Anomalies = map[string]bool{}
	}
	return s, t, nil
}

func readState(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, follow.MaxState+1))
	if err == nil && len(b) > follow.MaxState {
		err = follow.ErrStateSize
	}
	return b, err
}

// save writes the state so that there is always a whole one, the old or the new:
// into a new file, which then takes the name. Only the owner can read it.
func (s *state) save(file string, t *follow.Tracker) (err error) {
	var b bytes.Buffer
	if err := t.Save(&b); err != nil {
		return err
	}
	whole := *s
	whole.Follow = b.Bytes()
	text, err := json.Marshal(whole)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*.new")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(append(text, '\n')); err != nil {
		return err
	}
	if err = f.Sync(); err != nil { // the name must not be there before the bytes are
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}
