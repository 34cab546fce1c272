package mailstore

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"

	"github.com/gopec/gopec/pectest"
)

// folder is one mailbox in the sense of IMAP.
type folder struct {
	store       *Store
	uidValidity uint32
	source      *pectest.Mailbox // of an INBOX
	special     []imap.MailboxAttr

	mu         sync.Mutex
	name       string
	subscribed bool
	items      []*item // by UID
	next       imap.UID
	seen       int    // Number of the last message that came from source
	changes    uint64 // counts every change
	watchers   map[chan struct{}]bool
	closed     bool
}

// item is one message in one folder.
type item struct {
	uid  imap.UID
	raw  []byte
	date time.Time
	cost int64 // what it takes of the store's room

	// Guarded by the folder's lock.
	flags  []imap.Flag
	change uint64 // of the folder, when flags changed
	gone   bool   // removed, though sessions may still show it
}

// overhead is what a message takes beside its bytes.
const overhead = 512

func newFolder(s *Store, name string, uidValidity uint32, special ...imap.MailboxAttr) *folder {
	return &folder{store: s, name: name, uidValidity: uidValidity, special: special, next: 1, watchers: make(map[chan struct{}]bool)}
}

// sync takes over what the circuit delivered since.
func (f *folder) sync() {
	if f.source == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for m := range f.source.Messages() {
		if m.Number > f.seen {
			f.seen = m.Number
			f.add(&item{raw: m.Raw, date: m.Time})
		}
	}
}

// add puts an item into the folder. The lock is held.
func (f *folder) add(i *item) {
	i.uid = f.next
	f.next++
	f.items = append(f.items, i)
	f.changed()
	i.change = f.changes
}

// changed wakes who waits. The lock is held.
func (f *folder) changed() {
	f.changes++
	for w := range f.watchers {
		select {
		case w <- struct{}{}:
		default: // it has been woken already
		}
	}
}

// watch returns a channel that hears of changes until stop is called.
func (f *folder) watch() (heard <-chan struct{}, stop func()) {
	w := make(chan struct{}, 1)
	f.mu.Lock()
	f.watchers[w] = true
	f.mu.Unlock()
	return w, func() {
		f.mu.Lock()
		delete(f.watchers, w)
		f.mu.Unlock()
	}
}

// put adds a message for which the caller has taken room.
func (f *folder) put(i *item) (imap.UID, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return 0, no(imap.ResponseCodeTryCreate, "No such mailbox")
	}
	f.add(i)
	return i.uid, nil
}

// close empties a folder that was deleted and keeps it empty, since sessions may
// still have it.
func (f *folder) close() {
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
	f.remove(func(*item) bool { return true })
}

// remove takes away the items that which tells.
func (f *folder) remove(which func(*item) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	before := len(f.items)
	f.items = slices.DeleteFunc(f.items, func(i *item) bool {
		if !which(i) {
			return false
		}
		i.gone = true
		f.store.giveBack(i.cost)
		return true
	})
	if len(f.items) < before {
		f.changed()
	}
}

// flagsOf returns an item's flags.
func (f *folder) flagsOf(i *item) []imap.Flag {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(i.flags)
}

// setFlags changes an item's flags. It returns the number of the change, 0 if there
// was nothing to change.
func (f *folder) setFlags(i *item, op imap.StoreFlagsOp, flags []imap.Flag) uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := slices.Clone(i.flags)
	if op == imap.StoreFlagsSet {
		now = nil
	}
	for _, flag := range flags {
		at := indexFlag(now, flag)
		switch {
		case op == imap.StoreFlagsDel && at >= 0:
			now = slices.Delete(now, at, at+1)
		case op != imap.StoreFlagsDel && at < 0 && len(now) < maxFlags:
			now = append(now, flag)
		}
	}
	if slices.Equal(now, i.flags) {
		return 0
	}
	i.flags = now
	f.changed()
	i.change = f.changes
	return i.change
}

func indexFlag(list []imap.Flag, flag imap.Flag) int {
	return slices.IndexFunc(list, func(f imap.Flag) bool { return strings.EqualFold(string(f), string(flag)) })
}

// status describes the folder.
func (f *folder) status() *imap.StatusData {
	f.sync()
	f.mu.Lock()
	defer f.mu.Unlock()
	count := func(flag imap.Flag, there bool) *uint32 {
		n := uint32(0)
		for _, i := range f.items {
			if (indexFlag(i.flags, flag) >= 0) == there {
				n++
			}
		}
		return &n
	}
	messages, recent, limit := uint32(len(f.items)), uint32(0), uint32(MaxAppend)
	d := &imap.StatusData{
		Mailbox: f.name, NumMessages: &messages, NumRecent: &recent, UIDNext: f.next, UIDValidity: f.uidValidity,
		NumUnseen: count(imap.FlagSeen, false), NumDeleted: count(imap.FlagDeleted, true), AppendLimit: &limit,
	}
	size, deleted := int64(0), int64(0)
	for _, i := range f.items {
		size += int64(len(i.raw))
		if indexFlag(i.flags, imap.FlagDeleted) >= 0 {
			deleted += int64(len(i.raw))
		}
	}
	d.Size, d.DeletedStorage = &size, &deleted
	return d
}
