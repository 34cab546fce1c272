package mailstore

import (
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"

	"github.com/gopec/gopec/internal/mime"
)

// maxSearched is how much of one part is searched for a text, in bytes.
const maxSearched = 1 << 20

// Search implements imapserver.Session.
func (s *session) Search(kind imapserver.NumKind, c *imap.SearchCriteria, o *imap.SearchOptions) (*imap.SearchData, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.view
	v.fix(c)
	var (
		data imap.SearchData
		seqs imap.SeqSet
		uids imap.UIDSet
	)
	for n, i := range v.items {
		t := &target{item: i, seq: uint32(n) + 1, flags: v.folder.flagsOf(i)}
		if !t.matches(c) {
			continue
		}
		uids.AddNum(i.uid)
		seqs.AddNum(t.seq)
		num := t.seq
		if kind == imapserver.NumKindUID {
			num = uint32(i.uid)
		}
		if data.Min == 0 {
			data.Min = num
		}
		data.Max = num
		data.Count++
	}
	data.All = seqs
	if kind == imapserver.NumKindUID {
		data.All = uids
	}
	if o.ReturnSave {
		v.saved = uids
	}
	return &data, nil
}

// fix puts numbers for "*" and "$" into criteria.
func (v *view) fix(c *imap.SearchCriteria) {
	for n, set := range c.SeqNum {
		c.SeqNum[n], _ = v.fixed(set).(imap.SeqSet)
	}
	for n, set := range c.UID {
		c.UID[n], _ = v.fixed(set).(imap.UIDSet)
	}
	for n := range c.Not {
		v.fix(&c.Not[n])
	}
	for n := range c.Or {
		v.fix(&c.Or[n][0])
		v.fix(&c.Or[n][1])
	}
}

// target is a message that is compared with criteria. It is opened once one asks.
type target struct {
	*item
	seq    uint32
	flags  []imap.Flag
	header mime.Header
	mail   *mime.Entity
}

// matches reports whether a message meets all criteria.
//
// spec: RFC 3501 §6.4.4
func (t *target) matches(c *imap.SearchCriteria) bool {
	has := func(f imap.Flag) bool { return indexFlag(t.flags, f) >= 0 }
	size := int64(len(t.raw))
	return !slices.ContainsFunc(c.SeqNum, func(s imap.SeqSet) bool { return !s.Contains(t.seq) }) &&
		!slices.ContainsFunc(c.UID, func(s imap.UIDSet) bool { return !s.Contains(t.uid) }) &&
		!slices.ContainsFunc(c.Flag, func(f imap.Flag) bool { return !has(f) }) &&
		!slices.ContainsFunc(c.NotFlag, has) &&
		within(t.date, c.Since, c.Before) &&
		(c.Larger == 0 || size > c.Larger) && (c.Smaller == 0 || size < c.Smaller) &&
		t.sent(c.SentSince, c.SentBefore) &&
		!slices.ContainsFunc(c.Header, func(f imap.SearchCriteriaHeaderField) bool { return !t.hasField(f) }) &&
		!slices.ContainsFunc(c.Text, func(s string) bool { return !t.says(s, true) }) &&
		!slices.ContainsFunc(c.Body, func(s string) bool { return !t.says(s, false) }) &&
		!slices.ContainsFunc(c.Not, func(n imap.SearchCriteria) bool { return t.matches(&n) }) &&
		!slices.ContainsFunc(c.Or, func(o [2]imap.SearchCriteria) bool { return !t.matches(&o[0]) && !t.matches(&o[1]) })
}

// within compares dates; time and zone do not count.
func within(t, since, before time.Time) bool {
	day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	return (since.IsZero() || !day.Before(since)) && (before.IsZero() || day.Before(before))
}

func (t *target) sent(since, before time.Time) bool {
	if since.IsZero() && before.IsZero() {
		return true
	}
	date, err := mail.ParseDate(t.top().Get("Date"))
	return err == nil && within(date, since, before)
}

func (t *target) hasField(f imap.SearchCriteriaHeaderField) bool {
	values := t.top().Values(f.Key)
	return slices.ContainsFunc(values, func(v string) bool { return holds(mime.DecodeWords(v), f.Value) })
}

// says searches the text parts, and with headers all headers, for a text.
func (t *target) says(s string, headers bool) bool {
	for e := range t.open().All {
		if headers && slices.ContainsFunc(e.Header, func(f mime.Field) bool { return holds(f.Name+": "+mime.DecodeWords(f.Value()), s) }) {
			return true
		}
		if len(e.Parts) == 0 && strings.HasPrefix(e.MediaType, "text/") {
			text, _ := e.Text(mime.Form{}, maxSearched) // what can be decoded of it
			if holds(text, s) {
				return true
			}
		}
	}
	return false
}

func holds(text, s string) bool { return strings.Contains(strings.ToLower(text), strings.ToLower(s)) }

func (t *target) top() mime.Header {
	if t.header == nil {
		if e, err := scan(head(t.raw)); err == nil {
			t.header = e.Header
		}
	}
	return t.header
}

func (t *target) open() *mime.Entity {
	if t.mail == nil {
		t.mail = &mime.Entity{}
		if e, err := scan(t.raw); err == nil {
			t.mail = e
		}
	}
	return t.mail
}
