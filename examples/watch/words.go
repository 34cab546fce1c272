package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"

	"github.com/gopec/gopec/follow"
	"github.com/gopec/gopec/pec"
)

// lang is the language of lines and notices.
type lang pec.Lang

func (l *lang) set(s string) error {
	if s != string(pec.English) && s != string(pec.Italian) {
		return errors.New("it or en")
	}
	*l = lang(s)
	return nil
}

// locale is the language that the environment asks for.
func locale(getenv func(string) string) lang {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := getenv(name); v != "" {
			if strings.HasPrefix(strings.ToLower(v), "it") {
				return lang(pec.Italian)
			}
			break
		}
	}
	return lang(pec.English)
}

func (l lang) say(en, it string) string {
	if l == lang(pec.Italian) {
		return it
	}
	return en
}

// statusWords are English and Italian.
var statusWords = map[follow.Status][2]string{
	follow.StatusSubmitted:     {"submitted", "inviato"},
	follow.StatusAccepted:      {"accepted", "accettato"},
	follow.StatusTaken:         {"taken in charge", "preso in carico"},
	follow.StatusLate:          {"late (12 h)", "in ritardo (12 ore)"},
	follow.StatusLateOrExpired: {"late or expired", "in ritardo o scaduto"},
	follow.StatusExpired:       {"NOT DELIVERED in 24 h", "NON CONSEGNATO entro 24 ore"},
	follow.StatusFailed:        {"NOT DELIVERED", "NON CONSEGNATO"},
	follow.StatusDelivered:     {"DELIVERED", "CONSEGNATO"},
	follow.StatusNotAccepted:   {"NOT ACCEPTED", "NON ACCETTATO"},
}

func (l lang) status(s follow.Status) string {
	w := statusWords[s]
	return l.say(w[0], w[1])
}

// change is the line for one recipient whose state is another now.
func (l lang) change(m *follow.Message, r *follow.Recipient, was follow.Status) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s  %s", instant(r.Time), l.status(r.Status), quote(r.Address))
	if was != follow.StatusUnknown {
		fmt.Fprintf(&b, l.say(" (was: %s)", " (prima: %s)"), l.status(was))
	}
	failure := r.Failure
	if r.Status == follow.StatusNotAccepted {
		failure = m.Refusal
	}
	if failure != nil {
		fmt.Fprintf(&b, l.say(", because %s", ", perché %s"), quote(strings.TrimSpace(failure.Code+" "+failure.Text)))
	}
	if r.External {
		b.WriteString(l.say(", ordinary mailbox: a delivery is never certified", ", casella ordinaria: la consegna non è mai certificata"))
	}
	if r.Missing != nil && !r.Missing.Due.IsZero() {
		fmt.Fprintf(&b, l.say(", outcome due by %s", ", esito atteso entro %s"), instant(r.Missing.Due))
	}
	return b.String() + l.about(m)
}

// overdue is the line for one recipient of which something should have come.
func (l lang) overdue(m *follow.Message, r *follow.Recipient, since time.Time) string {
	return fmt.Sprintf("%s  %s  %s", instant(since), l.say("OVERDUE", "ATTESO E NON ARRIVATO"), quote(r.Address)) +
		fmt.Sprintf(l.say(" (is: %s)", " (ora: %s)"), l.status(r.Status)) + l.about(m)
}

func (l lang) contradiction(m *follow.Message, what string) string {
	return l.say("CONTRADICTION  ", "CONTRADDIZIONE  ") + what + l.about(m)
}

// about ends a line: which message it is.
func (l lang) about(m *follow.Message) string {
	return fmt.Sprintf("  %s <%s>", quote(m.Subject), strings.Trim(quote(m.ID), `"`))
}

// arrived is the line for a message to this mailbox.
func (l lang) arrived(n notice) string {
	what := l.say("ARRIVED", "ARRIVATO")
	if n.Anomaly {
		what = l.say("ARRIVED, NOT CERTIFIED (anomaly envelope)", "ARRIVATA POSTA NON CERTIFICATA (busta di anomalia)")
	}
	return fmt.Sprintf("%s  %s  %s %s  %s <%s>", instant(n.Time), what, l.say("from", "da"), quote(n.Sender), quote(n.Subject), strings.Trim(quote(n.ID), `"`))
}

// notCertified is the line for what looks like PEC and is not to be believed.
func (l lang) notCertified(r *pec.Report, uid imap.UID) string {
	return fmt.Sprintf("%s  %s (%d): %s", l.say("NOT AUTHENTIC, ignored", "NON AUTENTICO, ignorato"), r.Kind, uid, r.Outcome(pec.Lang(l)))
}

// instant shows a time in its own offset: that in which the provider certified it.
func instant(t time.Time) string { return t.Format("2006-01-02 15:04:05 -0700") }

// longestText bounds outside text in a line.
const longestText = 200

// quote makes outside text safe to show: one line, with control characters, marks
// that turn the direction of text, and broken bytes as escapes, and not too long.
func quote(s string) string { return strconv.QuoteToGraphic(cut(s)) }

func cut(s string) string {
	n := 0
	for i := range s {
		if n++; n > longestText {
			return s[:i] + "…"
		}
	}
	return s
}
