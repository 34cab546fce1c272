package follow_test

import (
	"bytes"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/follow"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/pectest"
)

// TestNotUsed: what is not certified changes nothing, and is named with the reason.
func TestNotUsed(t *testing.T) {
	t.Parallel()
	c := circuit(t)
	s, err := c.Submit(sender, []string{one}, mail("cliente-1@example.it", "completa", one))
	require.NoError(t, err)
	require.NoError(t, c.Arrive("estraneo@example.net", []string{sender}, []byte("From: estraneo@example.net\r\nTo: "+sender+"\r\n\r\nCiao.\r\n")))
	delivery := c.Mailbox(sender).Last(pec.KindDelivery).Raw
	read := verify(t, delivery, c.VerifyOptions())
	stranger, err := pectest.NewCircuit()
	require.NoError(t, err)
	defer stranger.Close()
	_, err = stranger.Submit(sender, []string{one}, mail("cliente-2@example.it", "completa", one))
	require.NoError(t, err)
	believed := *read
	believed.Data = &daticert.Data{}
	for name, x := range map[string]struct {
		report *pec.Report
		want   follow.Reason
		reason string
	}{
		"forged":            {verify(t, bytes.Replace(delivery, []byte("consegnato"), []byte("Consegnato"), 1), c.VerifyOptions()), follow.ReasonNotCertified, "its digest differs"},
		"of strangers":      {verify(t, stranger.Mailbox(sender).Last(pec.KindDelivery).Raw, c.VerifyOptions()), follow.ReasonNotCertified, "nobody believes its authority"},
		"unsigned":          {verify(t, []byte("X-Ricevuta: avvenuta-consegna\r\nX-Riferimento-Message-ID: <cliente-1@example.it>\r\n\r\nConsegnato.\r\n"), c.VerifyOptions()), follow.ReasonNotCertified, "it only calls itself a receipt"},
		"ordinary":          {verify(t, []byte("Subject: CONSEGNA: Verbale\r\n\r\nConsegnato.\r\n"), c.VerifyOptions()), follow.ReasonOrdinary, "it is mail"},
		"empty":             {verify(t, nil, c.VerifyOptions()), follow.ReasonOrdinary, "there is nothing"},
		"anomaly":           {verify(t, c.Mailbox(sender).Last(pec.KindAnomaly).Raw, c.VerifyOptions()), follow.ReasonAnomaly, "it certifies nothing"},
		"written by hand":   {&pec.Report{Kind: pec.KindDelivery, Certified: true, Proves: pec.ProvesDelivered, Data: read.Data, Message: read.Message}, follow.ReasonNotVerified, "nobody verified it"},
		"changed":           {&believed, follow.ReasonNotVerified, "its data are not those that were verified"},
		"nil":               {nil, follow.ReasonNotVerified, "there is none"},
		"an empty report":   {&pec.Report{}, follow.ReasonNotVerified, "nobody verified it"},
		"a message in part": {verify(t, delivery[:len(delivery)*2/3], c.VerifyOptions()), follow.ReasonNotCertified, "it was cut"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tr := new(follow.Tracker)
			require.Equal(t, follow.Outcome{Result: follow.NotUsed, Reason: x.want}, tr.Add(x.report), x.reason)
			require.Empty(t, slices.Collect(tr.Messages()))
			require.Equal(t, follow.NotUsed, tr.Add(x.report).Result)
			listed := slices.Collect(tr.Ignored())
			require.Len(t, listed, 1)
			require.Equal(t, x.want, listed[0].Reason)
			if x.want == follow.ReasonNotVerified {
				return
			}
			require.Equal(t, x.report.Verdict, listed[0].Verdict)
			require.Equal(t, x.want == follow.ReasonAnomaly, listed[0].Check == "", "an anomaly envelope fails nothing, it certifies nothing")
			require.Equal(t, follow.Added, tr.Add(read).Result, "what was ignored stands in nobody's way")
			if name == "forged" || name == "unsigned" {
				var about []string
				for _, id := range listed[0].Refers {
					about = append(about, tr.Find(id)...)
				}
				require.Contains(t, about, s.ID, "it says which message it claims to be about")
			}
		})
	}
}

// TestFind: one client Message-ID on two messages keeps them apart, and every
// spelling of an identifier finds what it names.
func TestFind(t *testing.T) {
	t.Parallel()
	c := circuit(t)
	var ids []string
	for range 2 {
		s, err := c.Submit(sender, []string{one}, mail("cliente-1@example.it", "completa", one))
		require.NoError(t, err)
		ids = append(ids, s.ID)
	}
	slices.Sort(ids)
	tr := new(follow.Tracker)
	for m := range c.Mailbox(sender).Messages() {
		if m.Kind == pec.KindDelivery { // of each only the delivery
			tr.Add(verify(t, m.Raw, c.VerifyOptions()))
		}
	}
	for _, spelling := range []string{"cliente-1@example.it", "<cliente-1@example.it>", " < cliente-1@example.it >\r\n", "&lt;cliente-1@example.it&gt;", "&amp;lt;cliente-1@example.it&amp;gt;"} {
		require.Equal(t, ids, tr.Find(spelling), spelling)
	}
	for _, id := range ids {
		require.Equal(t, []string{id}, tr.Find("<"+id+">"))
		m := tr.Message("&lt;" + id + "&gt;")
		require.Equal(t, id, m.ID)
		require.Equal(t, []string{"cliente-1@example.it"}, m.MessageIDs)
		require.Empty(t, m.Contradictions)
		require.Len(t, m.Facts, 1)
	}
	require.Empty(t, tr.Find("Cliente-1@example.it"), "case matters")
	require.Empty(t, tr.Find(""))
	require.Nil(t, tr.Message("altro"))
	require.Nil(t, new(follow.Tracker).Message(""))
}

// TestFoldID: folding is that of the rest of the module.
func TestFoldID(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", "<>": "", "<": "", "a@b": "a@b", "<<a@b>>": "a@b", "<A@b>": "A@b", "a\x16b": "a\ufffdb", "a\xffb": "a\ufffdb", "<a\r\n @b>": "a@b",
	} {
		require.Equal(t, want, follow.FoldID(in), "%q", in)
	}
}

// TestWithoutMsgid: a receipt without the client's Message-ID belongs to its
// message all the same.
func TestWithoutMsgid(t *testing.T) {
	t.Parallel()
	c := pectest.Start(t,
		pectest.WithProvider("alfa.example.it", pectest.WithDomain("pec.example.it", "mittente"), pectest.WithoutMsgid()),
		pectest.WithProvider("beta.example.com", pectest.WithDomain("pec.example.com", "destinatario"), pectest.WithoutMsgid()))
	s, err := c.Submit(sender, []string{one}, mail("cliente-1@example.it", "completa", one))
	require.NoError(t, err)
	tr := new(follow.Tracker)
	for m := range c.Mailbox(sender).Messages() {
		require.Equal(t, follow.Outcome{Result: follow.Added, ID: s.ID}, tr.Add(verify(t, m.Raw, c.VerifyOptions())))
	}
	require.Equal(t, follow.StatusDelivered, tr.Message(s.ID).Recipient(one).Status)
	require.True(t, tr.Message(s.ID).Delivered())
}

// TestConcurrent: many goroutines add, ask and save at once.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	c := circuit(t)
	_, err := c.Submit(sender, everyone, mail("cliente-1@example.it", "sintetica", everyone...))
	require.NoError(t, err)
	var reports []*pec.Report
	for m := range c.Mailbox(sender).Messages() {
		reports = append(reports, verify(t, m.Raw, c.VerifyOptions()))
	}
	tr, want := new(follow.Tracker), new(follow.Tracker)
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for _, r := range reports {
				tr.Add(r)
				tr.Add(nil)
				for m := range tr.Messages() {
					tr.Find(m.ID)
				}
				if err := tr.Save(new(bytes.Buffer)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	want.Add(nil)
	for _, r := range reports {
		want.Add(r)
	}
	require.Equal(t, saved(t, want), saved(t, tr))
}
