package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"

	"github.com/gopec/gopec/follow"
	"github.com/gopec/gopec/pec"
)

// watcher follows one mailbox.
type watcher struct {
	*config
	out     io.Writer   // the lines for which one runs it
	diag    *log.Logger // everything else
	state   *state
	tracker *follow.Tracker
	skipped int       // messages that could not be read
	saved   time.Time // when the state was saved last
	changed bool      // since then
	looked  time.Time // when it was looked for what is overdue
}

const (
	longestBackoff = 5 * time.Minute
	saveEvery      = 30 * time.Second
	lookEvery      = 10 * time.Minute
	mostTries      = 5 // to fetch one message
)

func newWatcher(c *config, out io.Writer, diag *log.Logger) (*watcher, error) {
	s, t, err := loadState(c.state, fmt.Sprintf("%s@%s/%s", c.user, c.imap.host, c.folder))
	if err != nil {
		return nil, err
	}
	return &watcher{config: c, out: out, diag: diag, state: s, tracker: t, saved: c.now()}, nil
}

// status is the exit status after a run without an error.
func (w *watcher) status() int {
	if w.once && (w.skipped > 0 || w.notify != nil && len(w.state.Pending) > 0) {
		return exitSkipped
	}
	return exitDone
}

// run watches until ctx ends, or once. A connection that breaks is made again,
// after a pause that grows, so that a server in trouble is left alone.
func (w *watcher) run(ctx context.Context) error {
	pause := w.backoff
	for {
		passes, err := w.connected(ctx)
		if saveErr := w.save(); saveErr != nil {
			return saveErr // what is done now would be done again at the next start
		}
		_, final := errors.AsType[permanent](err)
		switch {
		case ctx.Err() != nil:
			return nil
		case final || w.once:
			return err
		}
		if passes > 0 {
			pause = w.backoff
		}
		wait := pause/2 + rand.N(pause/2+1) // not all clients at once after an outage
		w.diag.Printf("%v; again in %v", err, wait.Round(time.Millisecond))
		if !sleep(ctx, wait) {
			return nil
		}
		pause = min(2*pause, longestBackoff)
	}
}

// connected watches over one connection, and returns how often it read all there
// was.
func (w *watcher) connected(ctx context.Context) (passes int, err error) {
	m, err := open(ctx, w.config)
	if err != nil {
		return 0, err
	}
	defer m.close()
	stop := context.AfterFunc(ctx, m.close) // commands have no context of their own
	defer stop()
	for {
		if err := w.pass(ctx, m); err != nil {
			return passes, err
		}
		passes++
		if w.once {
			return passes, nil
		}
		if err := m.wait(ctx, w.poll); err != nil {
			return passes, err
		}
	}
}

// pass reads what is new, says what changed, keeps it, and sends the notices.
func (w *watcher) pass(ctx context.Context, m *mailbox) error {
	validity, err := m.examine(w.folder)
	if err != nil {
		return err
	}
	s := w.state
	if s.UIDValidity != validity {
		if s.UIDValidity != 0 {
			// The server numbers its messages anew. All are read again; what the
			// tracker knows already changes nothing.
			w.diag.Print("the folder was numbered anew: reading it from the beginning")
		}
		s.UIDValidity, s.LastUID, s.Trouble = validity, 0, nil
		w.changed = true
	}
	list, err := m.newer(s.LastUID)
	if err != nil {
		return err
	}
	for _, e := range list {
		if err := w.one(m, e); err != nil {
			return err
		}
		if w.now().Sub(w.saved) > saveEvery {
			if err := w.save(); err != nil {
				return permanent{err}
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if !s.Settled {
		s.Settled, w.changed = true, true
	}
	if len(list) > 0 || w.now().Sub(w.looked) > lookEvery {
		w.overdue()
	}
	if err := w.save(); err != nil { // before notices are sent, so that none is lost
		return permanent{err}
	}
	w.sendNotices(ctx)
	return nil
}

// save keeps the state if it changed.
func (w *watcher) save() error {
	if !w.changed {
		return nil
	}
	if err := w.state.save(w.config.state, w.tracker); err != nil {
		return fmt.Errorf("the state could not be saved: %w", err)
	}
	w.saved, w.changed = w.now(), false
	return nil
}

// one reads one message. An error means that the connection is of no more use, or
// that the server did not want to give the message: the pass ends, and the next one
// tries it again, a few times.
func (w *watcher) one(m *mailbox, e entry) error {
	s := w.state
	raw, err := []byte(nil), errTooLarge
	if e.size <= w.maxSize {
		raw, err = m.fetch(e.uid, w.maxSize)
	}
	switch {
	case errors.Is(err, errTooLarge):
		w.skip(e.uid, fmt.Errorf("larger than %d bytes", w.maxSize))
	case err != nil:
		if s.Trouble == nil || s.Trouble.UID != e.uid {
			s.Trouble = &trouble{UID: e.uid}
		}
		s.Trouble.Times++
		w.changed = true
		if s.Trouble.Times < mostTries {
			return fmt.Errorf("message %d: %w", e.uid, err)
		}
		w.skip(e.uid, fmt.Errorf("%d tries: %w", mostTries, err))
		s.LastUID, s.Trouble = e.uid, nil
		return err // of this connection nothing more is known
	case raw != nil: // nil: somebody deleted it meanwhile
		w.judge(e.uid, raw)
	}
	s.LastUID, s.Trouble, w.changed = e.uid, nil, true
	return nil
}

func (w *watcher) skip(uid imap.UID, why error) {
	w.skipped++
	w.diag.Printf("message %d was skipped: %v", uid, why)
}

// judge verifies a message, gives it to the tracker, and says what it changed.
// Whatever is wrong with one message, the next ones are read.
func (w *watcher) judge(uid imap.UID, raw []byte) {
	defer func() {
		if p := recover(); p != nil {
			w.skip(uid, fmt.Errorf("a defect of this program: %v", p))
		}
	}()
	message, err := pec.Read(bytes.NewReader(raw), int64(len(raw)))
	if err != nil { // a limit was passed
		w.skip(uid, err)
		return
	}
	report, err := pec.Verify(message, &pec.VerifyOptions{Trust: w.trust, Clock: w.now})
	if not, ok := errors.AsType[*pec.NotCertifiedError](err); ok {
		report = not.Report
	} else if err != nil {
		w.skip(uid, err)
		return
	}
	var before *follow.Message
	if report.Data != nil {
		before = w.tracker.Message(report.Data.ID)
	}
	outcome := w.tracker.Add(report) // which believes certified reports only
	switch {
	case outcome.Result == follow.Added:
		after := w.tracker.Message(outcome.ID)
		w.changes(before, after)
		if report.Kind == pec.KindTransport {
			w.arrived(report)
		}
	case outcome.Reason == follow.ReasonAnomaly:
		w.anomaly(report, raw)
	case outcome.Reason == follow.ReasonNotCertified:
		w.print(w.lang.notCertified(report, uid))
	}
}

// changes prints what is new about a message that was sent from this mailbox.
func (w *watcher) changes(before, after *follow.Message) {
	if !strings.EqualFold(after.Sender, w.address) {
		return // somebody else's, whose envelope arrived here
	}
	for _, r := range after.Recipients {
		was := follow.StatusUnknown
		if before != nil {
			if b := before.Recipient(r.Address); b != nil {
				was = b.Status
			}
		}
		if r.Status != was {
			w.print(w.lang.change(after, &r, was))
		}
	}
	told := make(map[string]bool)
	if before != nil {
		for _, c := range before.Contradictions {
			told[c.String()] = true
		}
	}
	for _, c := range after.Contradictions {
		if s := c.String(); !told[s] {
			w.print(w.lang.contradiction(after, s))
		}
	}
}

// overdue prints, each once, what should have come by now.
func (w *watcher) overdue() {
	w.looked = w.now()
	for m := range w.tracker.Messages() {
		if !strings.EqualFold(m.Sender, w.address) {
			continue
		}
		for _, r := range m.Recipients {
			key := m.ID + " " + strings.ToLower(r.Address)
			told, known := w.state.Overdue[key]
			switch since := overdueSince(r.Missing, w.now()); {
			case !since.IsZero() && !since.Equal(told):
				w.print(w.lang.overdue(m, &r, since))
				w.state.Overdue[key], w.changed = since, true
			case r.Missing == nil && known:
				delete(w.state.Overdue, key)
				w.changed = true
			}
		}
	}
}

// overdueSince is the last hour of the norm that passed with nothing coming: the
// 24th after the acceptance, or the 12th, by which there is at least a sign from the
// recipient's provider or the notice that there is none.
func overdueSince(m *follow.Missing, now time.Time) time.Time {
	switch {
	case !m.Overdue(now):
		return time.Time{}
	case !m.Due.IsZero() && now.After(m.Due):
		return m.Due
	}
	return m.Notice
}

// arrived tells of a certified message to this mailbox.
func (w *watcher) arrived(r *pec.Report) {
	n := envelopeNotice(r)
	w.print(w.lang.arrived(n))
	if isNotice(r.Message.Original()) {
		return // another watcher's, which reached this mailbox
	}
	w.tell(n)
}

// anomaly tells of an anomaly envelope: ordinary mail, which the provider wrapped
// and does not certify. An envelope that no provider signed is nothing.
func (w *watcher) anomaly(r *pec.Report, raw []byte) {
	sum := sha256.Sum256(raw)
	key := hex.EncodeToString(sum[:16])
	if r.Verdict != pec.TotalPassed || w.state.Anomalies[key] {
		return
	}
	w.state.Anomalies[key] = true
	n := anomalyNotice(r, w.now())
	w.print(w.lang.arrived(n))
	if isNotice(r.Message.Original()) || isAutomatic(r.Message.Original()) {
		return // a reply to a notice would be answered by a notice
	}
	w.tell(n)
}

// tell keeps a notice until it is sent.
func (w *watcher) tell(n notice) {
	if w.notify == nil || !w.state.Settled {
		return
	}
	w.state.Pending = append(w.state.Pending, n)
	if over := len(w.state.Pending) - maxPending; over > 0 {
		w.diag.Printf("%d notices were given up: they could not be sent for too long", over)
		w.state.Pending = w.state.Pending[over:]
	}
}

func (w *watcher) print(line string) { fmt.Fprintln(w.out, line) }
