package mailstore

import (
	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

// view is a folder as one client knows it: its sequence numbers are indexes of
// items, from 1. The client is told of changes when the protocol allows it, and what
// it has not been told yet is found by comparing; nothing queues up for a client
// that does not ask.
type view struct {
	folder   *folder
	readOnly bool
	items    []*item
	next     imap.UID // what is older is in items, or gone
	changes  uint64   // of the folder, up to which the client knows the flags
	saved    imap.UIDSet
}

func newView(f *folder, readOnly bool) *view {
	f.mu.Lock()
	defer f.mu.Unlock()
	return &view{folder: f, readOnly: readOnly, items: append([]*item(nil), f.items...), next: f.next, changes: f.changes}
}

// update brings the view up to date and returns what the client is to be told, in
// this order: sequence numbers that go away, each counted after the one before; how
// many messages there are, if there are new ones; items whose flags changed.
func (v *view) update(expunge bool) (gone []uint32, exists uint32, flagged []uint32) {
	f := v.folder
	f.sync()
	f.mu.Lock()
	defer f.mu.Unlock()
	if v.changes == f.changes && !expunge {
		return nil, 0, nil
	}
	if expunge {
		kept := v.items[:0:0]
		for n := len(v.items); n > 0; n-- { // from the last, so that the others keep their numbers
			if v.items[n-1].gone {
				gone = append(gone, uint32(n))
			}
		}
		if len(gone) > 0 {
			for _, i := range v.items {
				if !i.gone {
					kept = append(kept, i)
				}
			}
			v.items = kept
		}
	}
	for n, i := range v.items {
		if i.change > v.changes {
			flagged = append(flagged, uint32(n)+1)
		}
	}
	for _, i := range f.items {
		if i.uid >= v.next {
			v.items = append(v.items, i)
			exists = uint32(len(v.items))
		}
	}
	v.next, v.changes = f.next, f.changes
	return gone, exists, flagged
}

// Poll implements imapserver.Session.
func (s *session) Poll(w *imapserver.UpdateWriter, expunge bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.view
	if v == nil {
		return nil
	}
	gone, exists, flagged := v.update(expunge)
	for _, n := range gone {
		if err := w.WriteExpunge(n); err != nil {
			return err
		}
	}
	if exists > 0 {
		if err := w.WriteNumMessages(exists); err != nil {
			return err
		}
	}
	for _, n := range flagged {
		i := v.items[n-1]
		if err := w.WriteMessageFlags(n, i.uid, v.folder.flagsOf(i)); err != nil {
			return err
		}
	}
	return nil
}

// Idle implements imapserver.Session.
//
// spec: RFC 2177
func (s *session) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	s.mu.Lock()
	v := s.view
	s.mu.Unlock()
	if v == nil {
		<-stop
		return nil
	}
	heard, forget := v.folder.watch()
	defer forget()
	for {
		if err := s.Poll(w, true); err != nil {
			return err
		}
		select {
		case <-heard:
		case <-stop:
			return nil
		}
	}
}

// chosen returns the sequence numbers that a set names, in order.
func (v *view) chosen(set imap.NumSet) []uint32 {
	var out []uint32
	switch set := v.fixed(set).(type) {
	case imap.SeqSet:
		for n := range v.items {
			if set.Contains(uint32(n) + 1) {
				out = append(out, uint32(n)+1)
			}
		}
	case imap.UIDSet:
		for n, i := range v.items {
			if set.Contains(i.uid) {
				out = append(out, uint32(n)+1)
			}
		}
	}
	return out
}

// fixed puts numbers for "*", which is the last message, and for "$".
//
// spec: RFC 3501 §9 seq-range, RFC 5182
func (v *view) fixed(set imap.NumSet) imap.NumSet {
	switch set := set.(type) {
	case imap.SeqSet:
		if imap.IsSearchRes(set) {
			return v.saved
		}
		var out imap.SeqSet
		for _, r := range set {
			out.AddRange(between(r.Start, r.Stop, uint32(len(v.items))))
		}
		return out
	case imap.UIDSet:
		if imap.IsSearchRes(set) {
			return v.saved
		}
		last := imap.UID(0)
		if len(v.items) > 0 {
			last = v.items[len(v.items)-1].uid
		}
		var out imap.UIDSet
		for _, r := range set {
			out.AddRange(between(r.Start, r.Stop, last))
		}
		return out
	}
	return set
}

func between[N imap.UID | uint32](start, stop, last N) (N, N) {
	last = max(last, 1) // of an empty folder nothing is chosen whatever the range
	if start == 0 {
		start = last
	}
	if stop == 0 {
		stop = last
	}
	return min(start, stop), max(start, stop)
}
