package mailstore

import (
	"io"
	"sync"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"

	"github.com/gopec/gopec/internal/mime"
)

// session is one connection.
type session struct {
	store *Store
	user  *user // nil before the login

	// IDLE runs in a goroutine of its own, which may outlast the connection a little.
	mu   sync.Mutex
	view *view // nil while no folder is selected
}

var (
	_ imapserver.SessionNamespace   = (*session)(nil)
	_ imapserver.SessionMove        = (*session)(nil)
	_ imapserver.SessionAppendLimit = (*session)(nil)
)

// Close implements imapserver.Session.
func (s *session) Close() error { return s.Unselect() }

// Login implements imapserver.Session.
func (s *session) Login(name, password string) error {
	a := s.store.directory.Login(name, password)
	if a == nil {
		return imapserver.ErrAuthFailed
	}
	s.user = s.store.users[a]
	return nil
}

// Select implements imapserver.Session.
func (s *session) Select(name string, o *imap.SelectOptions) (*imap.SelectData, error) {
	f, err := s.user.folder(name, imap.ResponseCodeNonExistent)
	if err != nil {
		return nil, err
	}
	f.sync()
	v := newView(f, o.ReadOnly)
	s.mu.Lock()
	s.view = v
	s.mu.Unlock()
	f.mu.Lock()
	defer f.mu.Unlock()
	flags := []imap.Flag{imap.FlagSeen, imap.FlagAnswered, imap.FlagFlagged, imap.FlagDeleted, imap.FlagDraft}
	data := &imap.SelectData{Flags: flags, NumMessages: uint32(len(v.items)), UIDNext: v.next, UIDValidity: f.uidValidity}
	if !v.readOnly {
		data.PermanentFlags = append(flags, imap.FlagWildcard)
	}
	for n, i := range v.items {
		if indexFlag(i.flags, imap.FlagSeen) < 0 {
			data.FirstUnseenSeqNum = uint32(n) + 1
			break
		}
	}
	return data, nil
}

// Unselect implements imapserver.Session.
func (s *session) Unselect() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.view = nil
	return nil
}

// Create implements imapserver.Session.
func (s *session) Create(name string, _ *imap.CreateOptions) error { return s.user.create(name) }

// Delete implements imapserver.Session.
func (s *session) Delete(name string) error { return s.user.delete(name) }

// Rename implements imapserver.Session.
func (s *session) Rename(from, to string, _ *imap.RenameOptions) error {
	return s.user.rename(from, to)
}

// Subscribe implements imapserver.Session.
func (s *session) Subscribe(name string) error { return s.user.subscribe(name, true) }

// Unsubscribe implements imapserver.Session.
func (s *session) Unsubscribe(name string) error { return s.user.subscribe(name, false) }

// List implements imapserver.Session.
func (s *session) List(w *imapserver.ListWriter, ref string, patterns []string, o *imap.ListOptions) error {
	return s.user.list(w, ref, patterns, o)
}

// Status implements imapserver.Session.
func (s *session) Status(name string, o *imap.StatusOptions) (*imap.StatusData, error) {
	f, err := s.user.folder(name, imap.ResponseCodeNonExistent)
	if err != nil {
		return nil, err
	}
	return f.status(), nil
}

// Namespace implements imapserver.SessionNamespace.
func (s *session) Namespace() (*imap.NamespaceData, error) {
	return &imap.NamespaceData{Personal: []imap.NamespaceDescriptor{{Delim: delimiter}}}, nil
}

// AppendLimit implements imapserver.SessionAppendLimit.
func (s *session) AppendLimit() uint32 { return MaxAppend }

// Append implements imapserver.Session. INBOXes show what the circuit delivered and
// nothing else, so nothing is appended there.
func (s *session) Append(name string, r imap.LiteralReader, o *imap.AppendOptions) (*imap.AppendData, error) {
	if name == inbox {
		return nil, no(imap.ResponseCodeCannot, "INBOX has only what the circuit delivers")
	}
	f, err := s.user.folder(name, imap.ResponseCodeTryCreate)
	if err != nil {
		return nil, err
	}
	i := &item{date: o.Time, flags: storable(o.Flags), cost: r.Size() + overhead}
	if i.date.IsZero() {
		i.date = s.store.now()
	}
	if !s.store.take(i.cost) { // before the bytes are
		return nil, errNoRoom
	}
	uid, err := i.receive(r, f)
	if err != nil {
		s.store.giveBack(i.cost)
		return nil, err
	}
	return &imap.AppendData{UID: uid, UIDValidity: f.uidValidity}, nil
}

// receive reads an item's message and puts it into a folder.
func (i *item) receive(r imap.LiteralReader, f *folder) (imap.UID, error) {
	var err error
	if i.raw, err = readAll(make([]byte, 0, min(r.Size(), 1<<20)), r); err != nil {
		return 0, err
	}
	if _, err := mime.Scan(mime.NewBytes(i.raw), nil); err != nil {
		return 0, no(imap.ResponseCodeCannot, err.Error())
	}
	return f.put(i)
}

// readAll reads a literal; one that is cut off is an error.
func readAll(b []byte, r imap.LiteralReader) ([]byte, error) {
	size := r.Size()
	for {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		switch {
		case int64(len(b)) == size && (err == nil || err == io.EOF):
			return b, nil
		case err == io.EOF:
			return nil, io.ErrUnexpectedEOF
		case err != nil:
			return nil, err
		}
	}
}
