package mailstore

import (
	"slices"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

var (
	errNoRoom   = no(imap.ResponseCodeOverQuota, "The box holds no more messages outside its INBOXes")
	errReadOnly = no(imap.ResponseCodeNoPerm, "The mailbox was opened with EXAMINE")
)

// storable leaves out flags that cannot be stored.
func storable(flags []imap.Flag) []imap.Flag {
	var out []imap.Flag
	for _, f := range flags {
		if len(f) <= maxFlag && f != imap.FlagWildcard && indexFlag(out, f) < 0 && len(out) < maxFlags {
			out = append(out, f)
		}
	}
	return out
}

// Store implements imapserver.Session.
func (s *session) Store(w *imapserver.FetchWriter, set imap.NumSet, flags *imap.StoreFlags, _ *imap.StoreOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.view
	if v.readOnly {
		return errReadOnly
	}
	wanted := storable(flags.Flags)
	for _, n := range v.chosen(set) {
		i := v.items[n-1]
		v.setFlags(i, flags.Op, wanted)
		if flags.Silent {
			continue
		}
		r := w.CreateMessage(n)
		r.WriteUID(i.uid)
		r.WriteFlags(v.folder.flagsOf(i))
		if err := r.Close(); err != nil {
			return err
		}
	}
	return nil
}

// setFlags changes flags for this client, who need not be told of it again.
func (v *view) setFlags(i *item, op imap.StoreFlagsOp, flags []imap.Flag) {
	if change := v.folder.setFlags(i, op, flags); change == v.changes+1 {
		v.changes = change
	}
}

// Expunge implements imapserver.Session; the client hears of it by Poll. With
// EXAMINE there is nothing that this client could have marked, and CLOSE must not
// fail.
func (s *session) Expunge(_ *imapserver.ExpungeWriter, uids *imap.UIDSet) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.view
	if v.readOnly {
		return nil
	}
	marked := func(*item) bool { return true }
	if uids != nil {
		chosen := make(map[*item]bool)
		for _, n := range v.chosen(*uids) {
			chosen[v.items[n-1]] = true
		}
		marked = func(i *item) bool { return chosen[i] }
	}
	v.folder.remove(func(i *item) bool { return indexFlag(i.flags, imap.FlagDeleted) >= 0 && marked(i) })
	return nil
}

// Copy implements imapserver.Session.
func (s *session) Copy(set imap.NumSet, name string) (*imap.CopyData, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	data, _, err := s.copyItems(set, name)
	return data, err
}

// Move implements imapserver.SessionMove.
func (s *session) Move(w *imapserver.MoveWriter, set imap.NumSet, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.view
	if v.readOnly {
		return errReadOnly
	}
	data, moved, err := s.copyItems(set, name)
	if err != nil {
		return err
	}
	if data != nil {
		if err := w.WriteCopyData(data); err != nil {
			return err
		}
	}
	v.folder.remove(func(i *item) bool { return moved[i] })
	for n := len(v.items); n > 0; n-- {
		if moved[v.items[n-1]] {
			v.items = slices.Delete(v.items, n-1, n)
			if err := w.WriteExpunge(uint32(n)); err != nil {
				return err
			}
		}
	}
	return nil
}

// copyItems puts what a set names into another folder: all of it or nothing. data is
// nil if the set names nothing.
//
// spec: RFC 3501 §6.4.7
func (s *session) copyItems(set imap.NumSet, name string) (data *imap.CopyData, copied map[*item]bool, err error) {
	v := s.view
	if name == inbox {
		return nil, nil, no(imap.ResponseCodeCannot, "INBOX has only what the circuit delivers")
	}
	to, err := s.user.folder(name, imap.ResponseCodeTryCreate)
	if err != nil {
		return nil, nil, err
	}
	if to == v.folder {
		return nil, nil, no(imap.ResponseCodeCannot, "The mailbox is the same")
	}
	var list []*item
	room := int64(0)
	for _, n := range v.chosen(set) {
		i := v.items[n-1]
		list = append(list, i)
		room += int64(len(i.raw)) + overhead
	}
	if len(list) == 0 {
		return nil, nil, nil
	}
	if !s.store.take(room) {
		return nil, nil, errNoRoom
	}
	data, copied = &imap.CopyData{UIDValidity: to.uidValidity}, make(map[*item]bool)
	for _, i := range list {
		cost := int64(len(i.raw)) + overhead
		uid, err := to.put(&item{raw: i.raw, date: i.date, flags: v.folder.flagsOf(i), cost: cost})
		if err != nil { // deleted just now; what was put there went with it
			s.store.giveBack(room)
			return nil, nil, err
		}
		room -= cost
		copied[i] = true
		data.SourceUIDs.AddNum(i.uid)
		data.DestUIDs.AddNum(uid)
	}
	return data, copied, nil
}
