package mailstore

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"

	"github.com/gopec/gopec/pectest"
)

// user is the folders of one account.
type user struct {
	store *Store

	mu      sync.Mutex
	folders map[string]*folder
	last    uint32 // UIDVALIDITY of the youngest folder
}

const (
	inbox     = "INBOX"
	delimiter = '/'
)

func newUser(s *Store, source *pectest.Mailbox) *user {
	// A client that knows the box from an earlier run must see other folders.
	u := &user{store: s, folders: make(map[string]*folder), last: uint32(time.Now().Unix())}
	u.make(inbox)
	u.folders[inbox].source = source
	u.make("Drafts", imap.MailboxAttrDrafts)
	u.make("Junk", imap.MailboxAttrJunk)
	u.make("Sent", imap.MailboxAttrSent)
	u.make("Trash", imap.MailboxAttrTrash)
	for _, f := range u.folders {
		f.subscribed = true
	}
	return u
}

// make makes a folder. The lock is held.
func (u *user) make(name string, special ...imap.MailboxAttr) {
	u.last++
	u.folders[name] = newFolder(u.store, name, u.last, special...)
}

// all returns the folders by name.
func (u *user) all() []*folder {
	u.mu.Lock()
	defer u.mu.Unlock()
	names := make([]string, 0, len(u.folders))
	for name := range u.folders {
		names = append(names, name)
	}
	slices.Sort(names)
	list := make([]*folder, len(names))
	for i, name := range names {
		list[i] = u.folders[name]
	}
	return list
}

// folder finds a folder; code goes into the error if there is none.
func (u *user) folder(name string, code imap.ResponseCode) (*folder, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if f := u.folders[name]; f != nil {
		return f, nil
	}
	return nil, no(code, "No such mailbox")
}

// check says whether a folder can be made under a name. The lock is held.
func (u *user) check(name string) error {
	switch {
	case name == "" || len(name) > maxName || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return no(imap.ResponseCodeCannot, "Not a name for a mailbox")
	case u.folders[name] != nil:
		return no(imap.ResponseCodeAlreadyExists, "Mailbox already exists")
	case len(u.folders) >= maxFolders:
		return no(imap.ResponseCodeLimit, "Too many mailboxes")
	}
	return nil
}

func (u *user) create(name string) error {
	name = strings.TrimRight(name, string(delimiter))
	u.mu.Lock()
	defer u.mu.Unlock()
	if err := u.check(name); err != nil {
		return err
	}
	u.make(name)
	return nil
}

func (u *user) delete(name string) error {
	if name == inbox {
		return no(imap.ResponseCodeCannot, "INBOX cannot be deleted")
	}
	f, err := u.folder(name, imap.ResponseCodeNonExistent)
	if err != nil {
		return err
	}
	u.mu.Lock()
	delete(u.folders, name)
	u.mu.Unlock()
	f.close()
	return nil
}

// rename gives a folder, and those below it, another name.
func (u *user) rename(from, to string) error {
	to = strings.TrimRight(to, string(delimiter))
	u.mu.Lock()
	defer u.mu.Unlock()
	if from == inbox {
		return no(imap.ResponseCodeCannot, "INBOX cannot be renamed")
	}
	if u.folders[from] == nil {
		return no(imap.ResponseCodeNonExistent, "No such mailbox")
	}
	renamed := make(map[string]string)
	for name := range u.folders {
		if below, ok := strings.CutPrefix(name, from+string(delimiter)); ok || name == from {
			renamed[name] = to
			if ok {
				renamed[name] += string(delimiter) + below
			}
			if err := u.check(renamed[name]); err != nil {
				return err
			}
		}
	}
	moved := make(map[string]*folder)
	for name, other := range renamed {
		moved[other] = u.folders[name]
		delete(u.folders, name)
	}
	for name, f := range moved {
		u.folders[name] = f
		f.mu.Lock()
		f.name = name
		f.mu.Unlock()
	}
	return nil
}

func (u *user) subscribe(name string, on bool) error {
	f, err := u.folder(name, imap.ResponseCodeNonExistent)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.subscribed = on
	return nil
}

// list writes the folders that match.
func (u *user) list(w *imapserver.ListWriter, ref string, patterns []string, o *imap.ListOptions) error {
	if len(patterns) == 0 { // asks for the delimiter
		return w.WriteList(&imap.ListData{Attrs: []imap.MailboxAttr{imap.MailboxAttrNoSelect}, Delim: delimiter})
	}
	for i, p := range patterns {
		if strings.HasPrefix(p, string(delimiter)) {
			patterns[i] = p[1:]
		} else {
			patterns[i] = ref + p
		}
	}
	all := u.all()
	for _, f := range all {
		f.mu.Lock()
		name, subscribed := f.name, f.subscribed
		f.mu.Unlock()
		if !slices.ContainsFunc(patterns, func(p string) bool { return matches(name, p) }) ||
			o.SelectSubscribed && !subscribed || o.SelectSpecialUse && len(f.special) == 0 {
			continue
		}
		data := &imap.ListData{Mailbox: name, Delim: delimiter, Attrs: slices.Clone(f.special)}
		below := slices.ContainsFunc(all, func(g *folder) bool {
			g.mu.Lock()
			defer g.mu.Unlock()
			return strings.HasPrefix(g.name, name+string(delimiter))
		})
		if below {
			data.Attrs = append(data.Attrs, imap.MailboxAttrHasChildren)
		} else {
			data.Attrs = append(data.Attrs, imap.MailboxAttrHasNoChildren)
		}
		if subscribed && (o.ReturnSubscribed || o.SelectSubscribed) {
			data.Attrs = append(data.Attrs, imap.MailboxAttrSubscribed)
		}
		if o.ReturnStatus != nil {
			data.Status = f.status()
		}
		if err := w.WriteList(data); err != nil {
			return err
		}
	}
	return nil
}

// matches compares a name with a pattern of LIST, in time in proportion to both:
// go-imap's own needs exponential time for "*a*a*a…".
func matches(name, pattern string) bool {
	// here[i] says that the pattern so far takes the first i bytes of the name.
	here := make([]bool, len(name)+1)
	here[0] = true
	for p := range len(pattern) {
		if c := pattern[p]; c == '*' || c == '%' {
			for i := range len(name) {
				if here[i] && (c == '*' || name[i] != delimiter) {
					here[i+1] = true
				}
			}
			continue
		}
		for i := len(name); i > 0; i-- {
			here[i] = here[i-1] && name[i-1] == pattern[p]
		}
		here[0] = false
	}
	return here[len(name)]
}

// no is a refusal.
func no(code imap.ResponseCode, text string) error {
	return &imap.Error{Type: imap.StatusResponseTypeNo, Code: code, Text: text}
}
