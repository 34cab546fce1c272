// Package mailstore is the mailboxes of the box over IMAP: an INBOX for each account
// that shows what the circuit put there, and folders of the user's own.
//
// It is a backend of its own for go-imap's server, beside the one that go-imap has,
// for three reasons. What a client fetches is the bytes that the circuit stored, also
// of a single part, where a header that is parsed and written anew could break a
// signature. A message is in memory once, not once for the circuit and once for
// IMAP. And what a client can make it do is bounded.
//
// Folders and flags belong to IMAP alone: a message deleted here is still in the
// circuit, and so on the management port.
//
// spec: RFC 3501; RFC 2177 (IDLE), RFC 2342 (NAMESPACE), RFC 4315 (UIDPLUS), RFC 4731
// (ESEARCH), RFC 6154 (SPECIAL-USE), RFC 6851 (MOVE), RFC 7889 (APPENDLIMIT), RFC 8438
// (STATUS=SIZE)
package mailstore

import (
	"sync/atomic"
	"time"

	"github.com/gopec/gopec/cmd/pecbox/internal/account"
	"github.com/gopec/gopec/pectest"
)

// The limits of what clients can store.
const (
	MaxAppend  = 100 << 20 // bytes of one message
	MaxStored  = 512 << 20 // bytes of all messages outside INBOXes
	maxFolders = 100       // of one account
	maxName    = 255       // bytes of a folder's name
	maxFlags   = 32        // of one message
	maxFlag    = 64        // bytes of one flag
)

// Store is the mailboxes of all accounts. It is safe for concurrent use.
type Store struct {
	directory *account.Directory
	users     map[*account.Account]*user
	byMailbox map[*pectest.Mailbox]*folder
	now       func() time.Time
	stored    atomic.Int64
}

// New opens the mailboxes of a circuit's accounts.
func New(d *account.Directory, clock *pectest.Clock) *Store {
	s := &Store{directory: d, users: make(map[*account.Account]*user), byMailbox: make(map[*pectest.Mailbox]*folder), now: clock.Now}
	for _, a := range d.All() {
		u := newUser(s, a.Mailbox)
		s.users[a] = u
		s.byMailbox[a.Mailbox] = u.folders[inbox]
	}
	return s
}

// Arrived says that the circuit put something into a mailbox, so that clients that
// wait hear of it.
func (s *Store) Arrived(b *pectest.Mailbox) {
	if f := s.byMailbox[b]; f != nil {
		f.sync()
	}
}

// Clear removes every message from every folder.
func (s *Store) Clear() {
	for _, u := range s.users {
		for _, f := range u.all() {
			f.remove(func(*item) bool { return true })
		}
	}
}

// take asks for room for something outside the INBOXes.
func (s *Store) take(size int64) bool {
	if s.stored.Add(size) > MaxStored {
		s.stored.Add(-size)
		return false
	}
	return true
}

func (s *Store) giveBack(size int64) { s.stored.Add(-size) }
