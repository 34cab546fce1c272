package follow_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/follow"
	"github.com/gopec/gopec/pec"
)

// forwarded is an ordinary mail that encloses others.
func forwarded(mails ...[]byte) []byte {
	b := []byte("From: " + sender + "\r\nTo: " + one + "\r\nSubject: Inoltro\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=inoltro\r\n\r\n")
	for _, m := range mails {
		b = fmt.Appendf(b, "--inoltro\r\nContent-Type: message/rfc822\r\n\r\n%s\r\n", m)
	}
	return append(b, "--inoltro--\r\n"...)
}

// TestAddAll: layers count each by itself.
func TestAddAll(t *testing.T) {
	t.Parallel()
	c := circuit(t)
	s, err := c.Submit(sender, []string{one}, mail("cliente-1@example.it", "completa", one))
	require.NoError(t, err)
	acceptance, delivery := c.Mailbox(sender).Last(pec.KindAcceptance).Raw, c.Mailbox(sender).Last(pec.KindDelivery).Raw
	forged := bytes.Replace(delivery, []byte("consegnato"), []byte("Consegnato"), 1)
	added, duplicate := follow.Outcome{Result: follow.Added, ID: s.ID}, follow.Outcome{Result: follow.Duplicate, ID: s.ID}
	ignored := func(r follow.Reason) follow.Outcome { return follow.Outcome{Result: follow.NotUsed, Reason: r} }

	// A PEC that encloses the two receipts of another.
	second, err := c.Submit(sender, []string{one}, append([]byte("Message-ID: <cliente-2@example.it>\r\n"), forwarded(acceptance, delivery)...))
	require.NoError(t, err)
	require.True(t, second.Accepted)
	envelope := c.Mailbox(one).Last(pec.KindTransport).Raw
	require.NoError(t, c.Arrive("a@example.net", []string{sender}, bytes.Replace(forwarded(acceptance), []byte("From: "+sender), []byte("From: a@example.net"), 1)))
	anomaly := c.Mailbox(sender).Last(pec.KindAnomaly).Raw

	for name, x := range map[string]struct {
		mail   []byte
		want   []follow.Outcome
		status follow.Status // of the first message's recipient
		reason string
	}{
		"one layer":             {delivery, []follow.Outcome{added}, follow.StatusDelivered, "as Add"},
		"forwarded":             {forwarded(acceptance, delivery), []follow.Outcome{ignored(follow.ReasonOrdinary), added, added}, follow.StatusDelivered, "the mail around it is ordinary"},
		"forwarded twice":       {forwarded(acceptance, acceptance), []follow.Outcome{ignored(follow.ReasonOrdinary), added, duplicate}, follow.StatusAccepted, "one fact"},
		"forwarded in forwards": {forwarded(forwarded(delivery)), []follow.Outcome{ignored(follow.ReasonOrdinary), added}, follow.StatusDelivered, "however deep"},
		"a forged one":          {forwarded(acceptance, forged), []follow.Outcome{ignored(follow.ReasonOrdinary), added, ignored(follow.ReasonNotCertified)}, follow.StatusAccepted, "its neighbour certifies nothing for it"},
		"in an anomaly":         {anomaly, []follow.Outcome{ignored(follow.ReasonAnomaly), added}, follow.StatusAccepted, "the receipt is authentic, the envelope certifies nothing"},
		"in a PEC": {envelope, []follow.Outcome{{Result: follow.Added, ID: second.ID}, added, added}, follow.StatusDelivered,
			"facts of two messages"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tr := new(follow.Tracker)
			report := verify(t, x.mail, c.VerifyOptions())
			require.Equal(t, x.want, tr.AddAll(report), x.reason)
			require.Equal(t, x.status, tr.Message(s.ID).Recipient(one).Status)
			alone := new(follow.Tracker)
			require.Equal(t, x.want[0], alone.Add(report), "Add looks at one layer")
			if m := tr.Message(second.ID); m != nil {
				require.Equal(t, follow.StatusSubmitted, m.Recipient(one).Status, "a delivery inside is none of the envelope's")
				require.Len(t, m.Facts, 1)
			}
		})
	}
	report := verify(t, forwarded(delivery), c.VerifyOptions())
	changed := *report
	changed.Certified = true
	tr := new(follow.Tracker)
	require.Equal(t, []follow.Outcome{ignored(follow.ReasonNotVerified)}, tr.AddAll(&changed))
	require.Equal(t, []follow.Outcome{ignored(follow.ReasonNotVerified)}, tr.AddAll(nil))
	report.Layers = append(report.Layers, &pec.Report{Kind: pec.KindDelivery, Certified: true})
	require.Equal(t, []follow.Outcome{ignored(follow.ReasonOrdinary), added, ignored(follow.ReasonNotVerified)}, tr.AddAll(report), "somebody put a layer there")
}
