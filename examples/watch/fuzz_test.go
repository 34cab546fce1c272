package main

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-imap/v2"
	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/follow"
	"github.com/gopec/gopec/pectest"
)

// FuzzConfig: a command line is refused with one line that says why, or gives a
// watcher that has all it needs; no notice is ever about another.
func FuzzConfig(f *testing.F) {
	for _, s := range []string{
		"", "-h", "-x", "x", "-poll 1ms", "-max-size 0", "-max-size 600", "-imap http://x", "-imap imaps://u:p@x", "-imap imaps://x/y", "-imap imap://x:1", "-imap %",
		"-smtp smtp://x", "-notify a@b.it -smtp smtp://x", "-notify a@b.it -smtp smtps://x -notify-from c@d.it -bounces e@f.it -address g@h.it", "-notify a@b.it",
		"-notify x -smtp smtp://x", "-notify a@b.it -smtp smtp://x -bounces x", "-notify a@b.it -smtp smtp://x -notify-from x", "-notify user@pec.it -smtp smtp://x",
		"-lang it", "-lang en", "-lang de", "-trust missing", "-tls-ca missing", "-password-file missing", "-once", "-notify a@b.it -smtp smtp://x -smtp-password-file missing",
	} {
		f.Add(s, "segreta", "it_IT.UTF-8")
		f.Add("-imap imaps://x -user user@pec.it -state s "+s, "segreta", "C")
	}
	f.Add("-imap imaps://x -user user@pec.it -state s", "", "")
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, line, password, locale string) {
		args := strings.Fields(line)
		for i, a := range args { // no file but those that are not there
			if i > 0 && strings.HasSuffix(args[i-1], "file") || i > 0 && (strings.HasSuffix(args[i-1], "trust") || strings.HasSuffix(args[i-1], "tls-ca")) || strings.Contains(a, "=") {
				args[i] = filepath.Join(dir, "missing")
			}
		}
		getenv := func(name string) string {
			return map[string]string{"WATCH_PASSWORD": password, "WATCH_SMTP_PASSWORD": password, "LANG": locale}[name]
		}
		var help, out, diag bytes.Buffer
		c, err := parse(args, getenv, &help)
		if err != nil {
			require.Equal(t, help.Len() > 0, strings.Contains(help.String(), "Usage: watch"))
			status := command(t.Context(), args, getenv, &out, &diag)
			require.Empty(t, out.String())
			require.NotEmpty(t, diag.String())
			require.True(t, status == exitFailed || help.Len() > 0 && status == exitDone)
			return
		}
		require.NotEmpty(t, c.password)
		require.NotEmpty(t, c.imap.host)
		require.True(t, strings.HasSuffix(c.imap.address(), ":"+c.imap.port))
		require.True(t, c.poll >= time.Second && c.maxSize >= 1<<20 && c.maxSize <= 512<<20)
		require.Contains(t, []lang{"it", "en"}, c.lang)
		if c.notify != nil {
			for _, a := range []string{c.notify.Address, c.from.Address, c.bounces} {
				require.False(t, strings.EqualFold(a, c.address))
			}
			require.NotEmpty(t, c.smtp.host)
		}
	})
}

// FuzzState: a state that can be read is written so that it says the same, and what
// is damaged is refused with nothing.
func FuzzState(f *testing.F) {
	dir := f.TempDir()
	name := filepath.Join(dir, "state")
	s, tracker, err := loadState(name, "m")
	require.NoError(f, err)
	require.NoError(f, s.save(name, tracker))
	whole, err := os.ReadFile(name)
	require.NoError(f, err)
	for _, b := range []string{string(whole), "", "{}", "null", `{"x":1}`, strings.Replace(string(whole), `"m"`, `"n"`, 1), strings.Replace(string(whole), stateSchema, "y", 1),
		strings.Replace(string(whole), `"follow":{`, `"follow":[{`, 1), strings.Replace(string(whole), `"follow":{`, `"follow":{"x":1,`, 1),
		strings.Replace(string(whole), `"settled":false`, `"settled":true,"trouble":{"uid":3,"times":2},"pending":[{"sender":"a","recipients":null}]`, 1)} {
		f.Add([]byte(b))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		require.NoError(t, os.WriteFile(name, b, 0o600))
		s, tracker, err := loadState(name, "m")
		if err != nil {
			require.Nil(t, s)
			require.Nil(t, tracker)
			return
		}
		require.NotNil(t, s.Overdue)
		require.NotNil(t, s.Anomalies)
		require.NoError(t, s.save(name, tracker))
		again, _, err := loadState(name, "m")
		require.NoError(t, err)
		require.Equal(t, asJSON(t, s), asJSON(t, again))
		require.Error(t, s.save(filepath.Join(dir, "missing", "state"), tracker))
		left, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Len(t, left, 1, "nothing is left beside it")
	})
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

// FuzzJudge: whatever arrives, each line is one and can be shown, and a message that
// comes twice is told of once.
func FuzzJudge(f *testing.F) {
	c, err := pectest.NewCircuit()
	require.NoError(f, err)
	f.Cleanup(c.Close)
	begin := c.Clock().Now()
	to := []string{recipient, "full@pec.example.com", "silent@pec.example.com", "stuck@pec.example.com", "virus@pec.example.com", "external@pec.example.com", "late12h@pec.example.com", sender}
	_, err = c.Submit(sender, to, letter("Atto", "Testo.", to...))
	require.NoError(f, err)
	_, err = c.Submit(sender, []string{recipient}, letter("Atto", "Testo."))
	require.NoError(f, err)
	for _, header := range []string{"Subject: Vincita", "Auto-Submitted: auto-replied; x=y", "Auto-Submitted: no", "Return-Path: <>", "Content-Type: multipart/report; boundary=a", noticeField + ": notice", "Subject: =?x-unknown?Q?a?="} {
		require.NoError(f, c.Arrive("a@example.net", []string{sender}, []byte("From: a@example.net\r\n"+header+"\r\n\r\nCiao.\r\n")))
	}
	c.Clock().Advance(25 * time.Hour)
	own := received(c, sender)
	for i := range own {
		f.Add([]byte(nil), uint8(i+1), uint16(0), uint8(48), i%2 == 0)
		f.Add([]byte(nil), uint8(i+1), uint16(0), uint8(30), i%2 == 1)
	}
	f.Add([]byte(nil), uint8(1), uint16(700), uint8(0), true)
	for _, s := range []string{"", "ciao", "X-Trasporto: errore\r\n\r\n", strings.Repeat("X: y\r\n", 200_000)} {
		f.Add([]byte(s), uint8(0), uint16(0), uint8(0), true)
	}
	store := filepath.Join(f.TempDir(), "ca.pem")
	require.NoError(f, writeFile(store, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Anchor().Raw}))))
	base, err := parse([]string{"-imap", "imaps://x", "-user", sender, "-state", filepath.Join(f.TempDir(), "s"), "-trust", store, "-once", "-notify", owner, "-smtp", "smtps://x", "-tls-ca", store}, env("x"), nil)
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, raw []byte, first uint8, flip uint16, hours uint8, italian bool) {
		var out, diag writer
		k := *base
		now := begin.Add(time.Duration(hours) * time.Hour)
		k.now = func() time.Time { return now }
		if italian {
			k.lang = "it"
		}
		w := &watcher{config: &k, out: &out, diag: newLog(&diag), tracker: new(follow.Tracker),
			state: &state{Settled: true, Overdue: map[string]time.Time{}, Anomalies: map[string]bool{}}}
		list := [][]byte{raw}
		if first > 0 { // from this circuit: all from one on, the first of them whole or not
			list = append([][]byte(nil), own[int(first-1)%len(own):]...)
			list[0] = bytes.Clone(list[0])
			list[0][int(flip)%len(list[0])] ^= byte(min(flip, 1))
		}
		for i, mail := range list {
			w.judge(imap.UID(i+1), mail)
		}
		w.overdue()
		told, pending, skipped := out.String(), len(w.state.Pending), w.skipped
		for line := range strings.Lines(told) {
			require.True(t, strings.HasSuffix(line, "\n"))
			require.True(t, utf8.ValidString(line))
			require.Less(t, len(line), 20_000)
		}
		require.NotContains(t, diag.String(), "a defect of this program")
		require.LessOrEqual(t, pending, strings.Count(told, "ARRIV"))
		require.Equal(t, skipped > 0 || pending > 0, w.status() == exitSkipped)
		for i, mail := range list {
			if first > 0 && (i > 0 || flip == 0) {
				w.judge(imap.UID(i+1), mail)
			}
		}
		w.overdue()
		news := func(s string) (list []string) { // but for what is not to be believed
			for line := range strings.Lines(s) {
				if !strings.HasPrefix(line, "NO") {
					list = append(list, line)
				}
			}
			return list
		}
		require.Equal(t, news(told), news(out.String()), "nothing is told twice")
		require.Len(t, w.state.Pending, pending)
		ended, stop := context.WithCancel(t.Context())
		stop()
		require.False(t, sleep(ended, time.Hour))
		w.sendNotices(ended) // nobody is there to take them
		require.Len(t, w.state.Pending, pending, "they wait")
	})
}
