package manage

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gopec/gopec/cmd/pecbox/internal/account"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/pectest"
)

type mailbox struct {
	Name     string       `json:"name"`
	Role     account.Role `json:"role"`
	Provider string       `json:"provider"` // host, "" for what left
	Messages int          `json:"messages"`
}

func (p *port) mailboxes(w http.ResponseWriter, _ *http.Request) {
	var out []mailbox
	for _, a := range p.Accounts.All() {
		m := mailbox{Name: a.Name, Role: a.Role, Messages: a.Mailbox.Len()}
		if by := a.Mailbox.Provider(); by != nil {
			m.Provider = by.Host()
		}
		out = append(out, m)
	}
	list(w, out)
}

type message struct {
	Number int       `json:"number"`
	Time   time.Time `json:"time"`
	From   string    `json:"from"`
	To     []string  `json:"to"`
	Kind   pec.Kind  `json:"kind"`
	ID     string    `json:"messageId"`
	Size   int       `json:"size"`
}

func (p *port) mailbox(w http.ResponseWriter, r *http.Request) {
	a := p.Accounts.Named(r.PathValue("name"))
	if a == nil {
		fail(w, http.StatusNotFound, "there is no mailbox %.100q", r.PathValue("name"))
		return
	}
	out := []message{}
	for m := range a.Mailbox.Messages() {
		out = append(out, message{m.Number, m.Time, m.From, m.To, m.Kind, m.ID, len(m.Raw)})
	}
	list(w, out)
}

func (p *port) message(w http.ResponseWriter, r *http.Request) {
	number, err := strconv.Atoi(r.PathValue("number"))
	if err != nil {
		fail(w, http.StatusBadRequest, "%.100q is no number", r.PathValue("number"))
		return
	}
	m := p.find(number)
	if m == nil {
		fail(w, http.StatusNotFound, "there is no message %d", number)
		return
	}
	w.Header().Set("Content-Type", "message/rfc822")
	w.Header().Set("Content-Length", strconv.Itoa(len(m.Raw)))
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Write(m.Raw)
}

func (p *port) find(number int) *pectest.Message {
	for _, a := range p.Accounts.All() {
		for m := range a.Mailbox.Messages() {
			if m.Number == number {
				return m
			}
		}
	}
	return nil
}

// entry is an operation in the log. Every key is always there.
type entry struct {
	Number     int           `json:"number"`
	Time       time.Time     `json:"time"`
	Provider   string        `json:"provider"`
	Event      pectest.Event `json:"event"`
	Kind       pec.Kind      `json:"kind"`
	ID         string        `json:"identificativo"`
	MessageID  string        `json:"msgid"`
	Sender     string        `json:"sender"`
	Recipients []string      `json:"recipients"`
	Subject    string        `json:"subject"`
	Related    []string      `json:"related"`
	Sending    string        `json:"sending"`
	Mailbox    string        `json:"mailbox"`
	Detail     string        `json:"detail"`
}

func (p *port) log(w http.ResponseWriter, r *http.Request) {
	after := 0
	if s := r.URL.Query().Get("after"); s != "" {
		var err error
		if after, err = strconv.Atoi(s); err != nil {
			fail(w, http.StatusBadRequest, "after: %.100q is no number", s)
			return
		}
	}
	out := []entry{}
	for e := range p.Circuit.Log() {
		if e.Number <= after {
			continue
		}
		out = append(out, entry{
			e.Number, e.Time, e.Provider, e.Event, e.Kind, e.ID, e.MessageID, e.Sender,
			present(e.Recipients), e.Subject, present(e.Related), e.Sending, e.Mailbox, e.Detail,
		})
	}
	list(w, out)
}

// present writes an empty list as [].
func present(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
