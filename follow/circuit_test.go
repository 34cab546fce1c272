package follow_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/follow"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/pectest"
)

// circuit is one with fast keys.
func circuit(t testing.TB, opts ...pectest.Option) *pectest.Circuit {
	t.Helper()
	return pectest.Start(t, append([]pectest.Option{
		pectest.WithProvider("alfa.example.it", pectest.WithDomain("pec.example.it", "mittente", "ufficio"), pectest.WithKey(pectest.KeyECDSA)),
		pectest.WithProvider("beta.example.com", pectest.WithDomain("pec.example.com", "destinatario", "protocollo"), pectest.WithKey(pectest.KeyECDSA)),
	}, opts...)...)
}

func mail(msgid, receipt string, to ...string) []byte {
	return fmt.Appendf(nil, "From: %s\r\nTo: %s\r\nSubject: Verbale\r\nMessage-ID: <%s>\r\nX-TipoRicevuta: %s\r\n\r\nTesto.\r\n",
		sender, strings.Join(to, ", "), msgid, receipt)
}

// line is one recipient in the tables that are compared.
type line struct {
	external                                bool
	status                                  follow.Status
	at                                      time.Time
	taken, late, expired, failed, delivered time.Time
}

type table map[string]map[string]line // by message and recipient

// record is what the circuit's log says became of the messages: what was issued,
// to whom, and when.
func record(c *pectest.Circuit) table {
	out := make(table)
	first := func(t *time.Time, at time.Time) {
		if t.IsZero() {
			*t = at
		}
	}
	accepted := make(map[string]time.Time)
	for e := range c.Log() {
		if e.Event != pectest.EventEmission || e.ID == "" || e.Sender != sender {
			continue
		}
		if out[e.ID] == nil {
			out[e.ID] = make(map[string]line)
		}
		for _, to := range e.Recipients {
			l := out[e.ID][to]
			l.external = strings.HasPrefix(to, "external@") || strings.HasSuffix(to, "@example.net")
			status := follow.StatusUnknown
			switch e.Kind {
			case pec.KindAcceptance:
				accepted[e.ID] = e.Time
				status = follow.StatusAccepted
			case pec.KindNonAcceptance:
				status = follow.StatusNotAccepted
			case pec.KindTakingInCharge:
				first(&l.taken, e.Time)
				status = follow.StatusTaken
			case pec.KindTimeout:
				if e.Time.Sub(accepted[e.ID]) < 13*time.Hour {
					first(&l.late, e.Time)
					status = follow.StatusLate
				} else {
					first(&l.expired, e.Time)
					status = follow.StatusExpired
				}
			case pec.KindDeliveryError, pec.KindVirusDetection:
				first(&l.failed, e.Time)
				status = follow.StatusFailed
			case pec.KindDelivery:
				first(&l.delivered, e.Time)
				status = follow.StatusDelivered
			default:
				continue
			}
			if l.status == follow.StatusUnknown || strength(status) > strength(l.status) {
				l.status, l.at = status, e.Time
			}
			out[e.ID][to] = l
		}
	}
	return out
}

func strength(s follow.Status) int {
	return slices.Index([]follow.Status{follow.StatusAccepted, follow.StatusTaken, follow.StatusLate, follow.StatusExpired,
		follow.StatusFailed, follow.StatusDelivered, follow.StatusNotAccepted}, s)
}

// told is the table that a tracker gives.
func told(tr *follow.Tracker) table {
	out := make(table)
	for m := range tr.Messages() {
		out[m.ID] = make(map[string]line)
		for _, r := range m.Recipients {
			out[m.ID][r.Address] = line{r.External, r.Status, r.Time, r.Taken, r.Late, r.Expired, r.Failed, r.Delivered}
		}
	}
	return out
}

func (t table) text() string {
	var b strings.Builder
	show := func(at time.Time) string {
		if at.IsZero() {
			return "-"
		}
		return at.UTC().Format("02T15:04:05")
	}
	for _, id := range slices.Sorted(maps.Keys(t)) {
		for _, to := range slices.Sorted(maps.Keys(t[id])) {
			l := t[id][to]
			fmt.Fprintln(&b, id, to, l.external, l.status, show(l.at), show(l.taken), show(l.late), show(l.expired), show(l.failed), show(l.delivered))
		}
	}
	return b.String()
}

// everyone are recipients with every outcome there is.
var everyone = []string{one, two, "ufficio@pec.example.it", "persona@example.net", "full@pec.example.com", "nobody@pec.example.com",
	"nodomain@pec.example.com", "virus@pec.example.com", "late12h@pec.example.com", "silent@pec.example.com", "stuck@pec.example.com",
	"damaged@pec.example.com", "external@pec.example.com"}

// heard is what the sender and its provider got.
func heard(c *pectest.Circuit) (mails [][]byte) {
	for _, b := range []*pectest.Mailbox{c.Mailbox(sender), c.Provider("alfa.example.it").Service()} {
		for m := range b.Messages() {
			mails = append(mails, m.Raw)
		}
	}
	return mails
}

// TestCircuit: messages with every outcome, their receipts shuffled, a fifth of
// them twice, with unknown mail between: the tracker's table is the circuit's.
func TestCircuit(t *testing.T) {
	t.Parallel()
	messages := 200
	if testing.Short() {
		messages = 26
	}
	c := circuit(t)
	random := rand.New(rand.NewPCG(3, 4))
	refused := 0
	for i := range messages {
		var to []string
		for k := range 5 {
			to = append(to, everyone[(i*5+k*(1+i%2*4))%len(everyone)])
		}
		slices.Sort(to)
		to = slices.Compact(to)
		letter := mail(fmt.Sprintf("cliente-%d@example.it", i/2), []string{"completa", "breve", "sintetica"}[i%3], to...)
		if i%20 == 7 { // the header names another recipient than the envelope: refused
			letter = bytes.Replace(letter, []byte("To: "), []byte("To: altro@example.net, "), 1)
			letter = bytes.Replace(letter, []byte("From: "+sender), []byte("From: ufficio@pec.example.it"), 1)
		}
		s, err := c.Submit(sender, to, letter)
		require.NoError(t, err)
		if !s.Accepted {
			refused++
		}
		c.Clock().Advance(7 * time.Minute)
	}
	require.NotZero(t, refused)
	require.NoError(t, c.Arrive("estraneo@example.net", []string{sender}, []byte("From: estraneo@example.net\r\nTo: "+sender+"\r\n\r\nCiao.\r\n")))
	// Midway much is under way: taken in charge, or late.
	midway := new(follow.Tracker)
	for _, m := range heard(c) {
		midway.Add(verify(t, m, c.VerifyOptions()))
	}
	require.Equal(t, record(c).text(), told(midway).text())
	for m := range midway.Messages() {
		for _, r := range m.Recipients {
			require.Equal(t, !r.External && !r.Status.Final(), r.Missing != nil)
			require.False(t, r.Missing.Overdue(c.Clock().Now()), "the circuit keeps to the norm's clock")
		}
	}
	if !testing.Short() {
		require.Contains(t, record(c).text(), " late ")
		require.Contains(t, record(c).text(), " taken-in-charge ")
	}
	c.Clock().Advance(25 * time.Hour)

	mails := heard(c)
	genuine := len(mails)
	for i := range genuine / 5 {
		mails = append(mails, mails[random.IntN(genuine)])
		mails = append(mails, fmt.Appendf(nil, "From: a@example.net\r\nSubject: %d\r\n\r\nCiao.\r\n", i))
		mails = append(mails, bytes.Replace(mails[random.IntN(genuine)], []byte("X-Ricevuta:"), []byte("X-Ricevuta: avvenuta-consegna\r\nX-Falsa:"), 1))
		mails = append(mails, mails[random.IntN(genuine)][:500], []byte("posta?"))
	}
	random.Shuffle(len(mails), func(i, j int) { mails[i], mails[j] = mails[j], mails[i] })
	tr := new(follow.Tracker)
	results := make(map[follow.Result]int)
	for _, m := range mails {
		results[tr.Add(verify(t, m, c.VerifyOptions())).Result]++
	}
	require.GreaterOrEqual(t, results[follow.Duplicate], genuine/5)
	want := record(c)
	require.Len(t, want, messages)
	require.Equal(t, want.text(), told(tr).text())
	for m := range tr.Messages() {
		require.Empty(t, m.Contradictions)
		require.True(t, m.Complete(), m.ID)
	}
	seen := make(map[follow.Status]int)
	for _, m := range want {
		for _, l := range m {
			seen[l.status]++
		}
	}
	for _, s := range []follow.Status{follow.StatusAccepted, follow.StatusExpired, follow.StatusFailed, follow.StatusDelivered, follow.StatusNotAccepted} {
		require.NotZero(t, seen[s], s)
	}
	t.Logf("%d messages, %d mails: %v; %v", messages, len(mails), results, seen)
}
